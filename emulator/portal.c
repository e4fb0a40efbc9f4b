/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/portal.h"

#include <string.h>

#include "emulator/form.h"
#include "emulator/issue.h"
#include "emulator/role.h"
#include "emulator/writer.h"

#define PORTAL_PATH "/federation/credentials"
/* What IAM Identity Center adds to the name of a permission set's role. */
#define RESERVED_FORM "AWSReservedSSO_%s_0123456789abcdef"

static bool portal_takes(const struct world *world, const struct sigv4_request *request)
{
	(void)world;
	return strcmp(request->path, PORTAL_PATH) == 0;
}

static enum served portal_name(const struct visit *visit)
{
	(void)visit;
	return SERVED_GET_ROLE_CREDENTIALS;
}

static void write_credentials(
	struct visit *visit, const struct credential *credential, int64_t expiration)
{
	struct writer writer = {.buffer = &visit->reply->body};

	visit->reply->content_type = "application/json";
	writer_open(&writer, NULL, '{');
	writer_open(&writer, "roleCredentials", '{');
	writer_text(&writer, "accessKeyId", credential->access_key);
	writer_text(&writer, "secretAccessKey", credential->secret);
	writer_text(&writer, "sessionToken", credential->token);
	writer_number(&writer, "expiration", expiration * 1000);
	writer_close(&writer, '}');
	writer_close(&writer, '}');
}

/* The keys of a role that the account has. */
static void give(struct visit *visit, const char *account, const char *name)
{
	char reserved[WORLD_NAME_SIZE];
	const struct role *role = role_find(visit->world, account, name);
	struct issue issue = {account, reserved, WORLD_USER, role ? role->session_max : 0};
	struct credential credential;
	int64_t expiration;

	if (!role || (size_t)snprintf(reserved, sizeof(reserved), RESERVED_FORM, name) >=
			     sizeof(reserved)) {
		visit_refuse(visit, TROUBLE_ForbiddenException, "No access");
		return;
	}
	if (issue_make(visit->world, &issue, visit->now, &credential, &expiration) < 0) {
		visit_refuse(visit, TROUBLE_InternalFailure, "Internal failure");
		return;
	}
	identity_of(&credential, "", &visit->identity);
	write_credentials(visit, &credential, expiration);
	explicit_bzero(&credential, sizeof(credential));
}

static void portal_run(struct visit *visit)
{
	const char *token = sigv4_header(visit->request, "x-amz-sso_bearer_token"),
		   *known = visit->world->settings.sso_token;
	struct form query;
	const char *account, *name;

	if (strcmp(visit->request->method, "GET") != 0) {
		visit_refuse(visit, TROUBLE_InvalidRequestException, "Method not allowed");
		return;
	}
	if (!token || !known[0] || strcmp(token, known) != 0) {
		visit_refuse(
			visit, TROUBLE_UnauthorizedException, "Session token not found or invalid");
		return;
	}
	if (form_parse(visit->request->query, strlen(visit->request->query), &query) == 0) {
		account = form_get(&query, "account_id");
		name = form_get(&query, "role_name");
		if (account && name)
			give(visit, account, name);
		else
			visit_refuse(visit, TROUBLE_InvalidRequestException,
				"Missing parameter: %s", account ? "role_name" : "account_id");
	} else {
		visit_refuse(visit, TROUBLE_InternalFailure, "Internal failure");
	}
	form_done(&query);
}

static void portal_refuse(struct visit *visit)
{
	struct writer writer = {.buffer = &visit->reply->body};
	char type[96];

	snprintf(type, sizeof(type), "com.amazonaws.switchboard.portal#%s",
		trouble_str(visit->trouble));
	visit->reply->content_type = "application/json";
	visit->reply->error_type = trouble_str(visit->trouble);
	writer_open(&writer, NULL, '{');
	writer_text(&writer, "message", visit->message);
	writer_text(&writer, "__type", type);
	writer_close(&writer, '}');
}

const struct visit_host portal_host = {portal_takes, portal_name, portal_run, portal_refuse};
