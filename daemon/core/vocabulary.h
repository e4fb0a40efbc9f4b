/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of the AWS Directory Service API (service model ds/2015-04-16): its enumerations, its
 * operations and its errors, each in one table that the client, the emulator, the model and the
 * ledger share. Every enumeration has UNKNOWN as its value 0: the API's enumerations grow, and a
 * word we do not know must never fail a reply.
 */

#include <stdbool.h>

#include "base/error.h"

/* "d-0123456789" or "c-0123456789" and the NUL. */
#define SERVICE_ID_SIZE 13
/* CertificateData, CertificatesInfo: at most 8192 characters of PEM. */
#define SERVICE_PEM_MAX 8192
/* PageLimit of ListCertificates and DescribeLDAPSSettings. */
#define SERVICE_PAGE_MAX 50
/* Quotas of a directory by default: CA certificates for client-side LDAPS, and for smart cards. */
#define SERVICE_LDAPS_LIMIT 5
#define SERVICE_AUTH_LIMIT  100

/* clang-format off */
#define CERTIFICATE_TYPE_TABLE(X) X(CLIENT_LDAPS, "ClientLDAPS") X(CLIENT_CERT_AUTH, "ClientCertAuth")
#define CERTIFICATE_STATE_TABLE(X) \
	X(REGISTERING, "Registering") X(REGISTERED, "Registered") \
	X(REGISTER_FAILED, "RegisterFailed") X(DEREGISTERING, "Deregistering") \
	X(DEREGISTERED, "Deregistered") X(DEREGISTER_FAILED, "DeregisterFailed")
#define LDAPS_STATUS_TABLE(X) \
	X(ENABLING, "Enabling") X(ENABLED, "Enabled") X(ENABLE_FAILED, "EnableFailed") \
	X(DISABLED, "Disabled")
#define DIRECTORY_TYPE_TABLE(X) \
	X(SIMPLE_AD, "SimpleAD") X(AD_CONNECTOR, "ADConnector") X(MICROSOFT_AD, "MicrosoftAD") \
	X(SHARED_MICROSOFT_AD, "SharedMicrosoftAD")
#define DIRECTORY_STAGE_TABLE(X) \
	X(REQUESTED, "Requested") X(CREATING, "Creating") X(CREATED, "Created") X(ACTIVE, "Active") \
	X(INOPERABLE, "Inoperable") X(IMPAIRED, "Impaired") X(RESTORING, "Restoring") \
	X(RESTORE_FAILED, "RestoreFailed") X(DELETING, "Deleting") X(DELETED, "Deleted") \
	X(FAILED, "Failed") X(UPDATING, "Updating")
#define OPERATION_TABLE(X) \
	X(LIST_CERTIFICATES, "ListCertificates") X(DESCRIBE_CERTIFICATE, "DescribeCertificate") \
	X(REGISTER_CERTIFICATE, "RegisterCertificate") \
	X(DEREGISTER_CERTIFICATE, "DeregisterCertificate") \
	X(ENABLE_LDAPS, "EnableLDAPS") X(DISABLE_LDAPS, "DisableLDAPS") \
	X(DESCRIBE_LDAPS_SETTINGS, "DescribeLDAPSSettings") \
	X(DESCRIBE_DIRECTORIES, "DescribeDirectories") X(DESCRIBE_TRUSTS, "DescribeTrusts") \
	X(CREATE_MICROSOFT_AD, "CreateMicrosoftAD") X(CONNECT_DIRECTORY, "ConnectDirectory") \
	X(DELETE_DIRECTORY, "DeleteDirectory") \
	X(LIST_TAGS_FOR_RESOURCE, "ListTagsForResource") X(DESCRIBE_REGIONS, "DescribeRegions")
/* clang-format on */

/* clang-format off */
enum certificate_type { CERTIFICATE_TYPE_UNKNOWN,
#define X(name, text) CERTIFICATE_TYPE_##name,
	CERTIFICATE_TYPE_TABLE(X)
#undef X
	CERTIFICATE_TYPES };
enum certificate_state { CERTIFICATE_STATE_UNKNOWN,
#define X(name, text) CERTIFICATE_STATE_##name,
	CERTIFICATE_STATE_TABLE(X)
#undef X
	CERTIFICATE_STATES };
/* LDAPS_STATUS_UNKNOWN is a word we do not know; "never enabled" (an empty list) is apart from it,
 * see struct observed. There is no Disabling and no DisableFailed. */
enum ldaps_status { LDAPS_STATUS_UNKNOWN,
#define X(name, text) LDAPS_STATUS_##name,
	LDAPS_STATUS_TABLE(X)
#undef X
	LDAPS_STATUSES };
enum directory_type { DIRECTORY_TYPE_UNKNOWN,
#define X(name, text) DIRECTORY_TYPE_##name,
	DIRECTORY_TYPE_TABLE(X)
#undef X
	DIRECTORY_TYPES };
enum directory_stage { DIRECTORY_STAGE_UNKNOWN,
#define X(name, text) DIRECTORY_STAGE_##name,
	DIRECTORY_STAGE_TABLE(X)
#undef X
	DIRECTORY_STAGES };
enum operation { OPERATION_UNKNOWN,
#define X(name, text) OPERATION_##name,
	OPERATION_TABLE(X)
#undef X
	OPERATIONS };
/* clang-format on */

/* What an error of the API means for the caller (directory-service errors, their classes). */
enum refusal_class {
	REFUSAL_TRANSIENT,   /* the directory or the service cannot now: back off */
	REFUSAL_THROTTLE,    /* too many requests; provably not executed */
	REFUSAL_PERMANENT,   /* until configuration, credentials or the directory change */
	REFUSAL_STALE_VIEW,  /* our picture is old: read and decide again */
	REFUSAL_CREDENTIALS, /* keys wrong or ended: refresh once, then permanent; not executed */
	REFUSAL_CLOCK,	     /* our clock is off by too much; not executed */
	REFUSAL_BUG,	     /* our encoding is wrong */
};

/* code, class. The order is that of nothing; the service compares whole words. WrongAccount
 * and WrongSettings are our own, and nothing was asked: the keys are not those of the account that
 * the file names (N9); a variable of the environment or an AWS profile says what cannot be used. */
/* clang-format off */
#define REFUSAL_TABLE(X) \
	X(DirectoryUnavailableException, TRANSIENT) \
	X(ServiceException, TRANSIENT) \
	X(InternalFailure, TRANSIENT) \
	X(InternalServerError, TRANSIENT) \
	X(ServiceUnavailable, TRANSIENT) \
	X(RequestAbortedException, TRANSIENT) \
	X(RequestTimeout, TRANSIENT) \
	X(RequestTimeoutException, TRANSIENT) \
	X(Throttling, THROTTLE) \
	X(ThrottlingException, THROTTLE) \
	X(ThrottledException, THROTTLE) \
	X(RequestThrottledException, THROTTLE) \
	X(TooManyRequestsException, THROTTLE) \
	X(ProvisionedThroughputExceededException, THROTTLE) \
	X(TransactionInProgressException, THROTTLE) \
	X(RequestLimitExceeded, THROTTLE) \
	X(BandwidthLimitExceeded, THROTTLE) \
	X(LimitExceededException, THROTTLE) \
	X(RequestThrottled, THROTTLE) \
	X(SlowDown, THROTTLE) \
	X(PriorRequestNotComplete, THROTTLE) \
	X(EC2ThrottledException, THROTTLE) \
	X(ClientException, PERMANENT) \
	X(InvalidCertificateException, PERMANENT) \
	X(InvalidParameterException, PERMANENT) \
	X(ValidationError, PERMANENT) \
	X(ValidationException, PERMANENT) \
	X(UnsupportedOperationException, PERMANENT) \
	X(DirectoryDoesNotExistException, PERMANENT) \
	X(EntityDoesNotExistException, PERMANENT) \
	X(AccessDenied, PERMANENT) \
	X(AccessDeniedException, PERMANENT) \
	X(NotAuthorized, PERMANENT) \
	X(OptInRequired, PERMANENT) \
	X(CertificateLimitExceededException, PERMANENT) \
	X(DirectoryLimitExceededException, PERMANENT) \
	X(CertificateInUseException, STALE_VIEW) \
	X(CertificateAlreadyExistsException, STALE_VIEW) \
	X(CertificateDoesNotExistException, STALE_VIEW) \
	X(NoAvailableCertificateException, STALE_VIEW) \
	X(InvalidLDAPSStatusException, STALE_VIEW) \
	X(InvalidNextTokenException, STALE_VIEW) \
	X(ExpiredToken, CREDENTIALS) \
	X(ExpiredTokenException, CREDENTIALS) \
	X(UnrecognizedClientException, CREDENTIALS) \
	X(InvalidClientTokenId, CREDENTIALS) \
	X(SignatureDoesNotMatch, CREDENTIALS) \
	X(IncompleteSignature, CREDENTIALS) \
	X(MissingAuthenticationTokenException, CREDENTIALS) \
	X(WrongAccount, CREDENTIALS) \
	X(WrongSettings, PERMANENT) \
	X(RequestExpired, CLOCK) \
	X(InvalidSignatureException, CLOCK) \
	X(RequestTimeTooSkewed, CLOCK) \
	X(RequestInTheFuture, CLOCK) \
	X(UnknownOperationException, BUG) \
	X(MalformedHttpRequestException, BUG) \
	X(RequestEntityTooLargeException, BUG) \
	X(SerializationException, BUG)

/* A refusal by the API's own code. NONE is success, OTHER a code we do not know. */
enum refusal { REFUSAL_NONE,
#define X(code, class) REFUSAL_##code,
	REFUSAL_TABLE(X)
#undef X
	REFUSAL_OTHER, REFUSALS };
/* clang-format on */

/* The API's word for a value; "Unknown" for UNKNOWN. Never NULL, static. */
const char *certificate_type_str(enum certificate_type type);
const char *certificate_state_str(enum certificate_state state);
const char *ldaps_status_str(enum ldaps_status status);
const char *directory_type_str(enum directory_type type);
const char *directory_stage_str(enum directory_stage stage);
const char *operation_str(enum operation operation);

/* The value of a word; UNKNOWN for a word we do not know or NULL. */
enum certificate_type certificate_type_parse(const char *text);
enum certificate_state certificate_state_parse(const char *text);
enum ldaps_status ldaps_status_parse(const char *text);
enum directory_type directory_type_parse(const char *text);
enum directory_stage directory_stage_parse(const char *text);
enum operation operation_parse(const char *text);

/* The API's code ("None", "Other" for the two that are no code). */
const char *refusal_str(enum refusal refusal);
/* The refusal of a bare code (no namespace, no colon); REFUSAL_OTHER if not in the table. */
enum refusal refusal_parse(const char *code);
/* Class; REFUSAL_OTHER is PERMANENT (HTTP 5xx without a code is classed by the client, not here).
 */
enum refusal_class refusal_class(enum refusal refusal);

/* Whether `operation` changes anything: sent once (design 5, N7). */
bool operation_writes(enum operation operation);

/* Whether `id` is one letter `kind` ('d' or 'c'), a hyphen and ten lower-case hexadecimal digits.
 */
bool service_id_valid(const char *id, char kind);
