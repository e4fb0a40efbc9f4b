/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is served beside the Directory Service: the ways to credentials, each with the word that
 * faults, counts and the log name it by, and the errors that they answer with.
 */

/* clang-format off */
/* GetRoleCredentials is the SSO portal's, Metadata* the instance's. */
#define SERVED_TABLE(X) \
	X(ASSUME_ROLE, "AssumeRole") X(ASSUME_ROLE_WITH_WEB_IDENTITY, "AssumeRoleWithWebIdentity") \
	X(GET_CALLER_IDENTITY, "GetCallerIdentity") X(UNKNOWN_ACTION, "UnknownAction") \
	X(GET_ROLE_CREDENTIALS, "GetRoleCredentials") X(METADATA_TOKEN, "MetadataToken") \
	X(METADATA_ROLE, "MetadataRole") X(METADATA_CREDENTIALS, "MetadataCredentials") \
	X(CONTAINER_CREDENTIALS, "ContainerCredentials")
enum served { SERVED_NONE,
#define X(name, text) SERVED_##name,
	SERVED_TABLE(X)
#undef X
	SERVED_KINDS };

/* code, HTTP status: the STS model's and API reference's, the portal's, and what the others say. */
#define TROUBLE_TABLE(X) \
	X(AccessDenied, 403) X(BadRequest, 400) X(Forbidden, 403) X(MethodNotAllowed, 405) X(ExpiredToken, 403) X(ExpiredTokenException, 400) \
	X(ForbiddenException, 403) X(IDPCommunicationError, 400) X(IDPRejectedClaim, 403) \
	X(IncompleteSignature, 400) X(InternalFailure, 500) X(InvalidAction, 400) \
	X(InvalidClientTokenId, 403) X(InvalidIdInRequest, 400) X(InvalidIdentityToken, 400) \
	X(InvalidRequestException, 400) X(MalformedPolicyDocument, 400) \
	X(MissingAuthenticationToken, 403) X(MissingAction, 400) X(NotFound, 404) \
	X(PackedPolicyTooLarge, 400) X(RegionDisabledException, 403) X(RequestTimeout, 408) \
	X(ResourceNotFoundException, 404) X(ServiceUnavailable, 503) X(SignatureDoesNotMatch, 403) \
	X(Throttling, 400) X(TooManyRequestsException, 429) X(Unauthorized, 401) \
	X(UnauthorizedException, 401) X(ValidationError, 400)
enum trouble { TROUBLE_NONE,
#define X(code, status) TROUBLE_##code,
	TROUBLE_TABLE(X)
#undef X
	TROUBLES };
/* clang-format on */

/* Its word; "Unknown" for SERVED_NONE. Static. */
const char *served_str(enum served served);
/* The one of that word; SERVED_NONE if there is none. */
enum served served_parse(const char *word);
/* Its code; "OK" for TROUBLE_NONE. Static. */
const char *trouble_str(enum trouble trouble);
/* The one of that code; TROUBLE_NONE if there is none. */
enum trouble trouble_parse(const char *code);
/* Its HTTP status; 200 for TROUBLE_NONE. */
unsigned trouble_status(enum trouble trouble);
