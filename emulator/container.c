/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/container.h"

#include <string.h>

#include "base/calendar.h"
#include "emulator/issue.h"
#include "emulator/role.h"
#include "emulator/writer.h"

/* Where the agent of ECS serves. */
#define AGENT_PATH "/v2/credentials/"
/* A task's keys hold this long. Seconds. */
#define TASK_LIFE 21600
/* The session of a task is named by its id. */
#define TASK "0123456789abcdef0123456789abcdef"

static bool container_takes(const struct world *world, const struct sigv4_request *request)
{
	return strcmp(request->path, world->settings.container_path) == 0 ||
	       strncmp(request->path, AGENT_PATH, strlen(AGENT_PATH)) == 0;
}

static enum served container_name(const struct visit *visit)
{
	(void)visit;
	return SERVED_CONTAINER_CREDENTIALS;
}

static void write_keys(struct visit *visit, const char *account, const char *name)
{
	struct writer writer = {.buffer = &visit->reply->body};
	struct role plain = {.name = name, .path = ""};
	const struct role *role;
	struct issue issue = {account, name, TASK, TASK_LIFE};
	struct credential credential;
	int64_t expiration;
	char instant[INSTANT_SIZE], arn[ROLE_ARN_SIZE];

	if (issue_make(visit->world, &issue, visit->now, &credential, &expiration) < 0) {
		visit_refuse(visit, TROUBLE_InternalFailure, "Internal failure");
		return;
	}
	identity_of(&credential, "", &visit->identity);
	role = role_find(visit->world, account, name);
	memcpy(plain.account, account, strlen(account) + 1);
	role_arn(role ? role : &plain, "aws", arn);
	visit->reply->content_type = "application/json";
	writer_open(&writer, NULL, '{');
	writer_text(&writer, "RoleArn", arn);
	writer_text(&writer, "AccessKeyId", credential.access_key);
	writer_text(&writer, "SecretAccessKey", credential.secret);
	writer_text(&writer, "Token", credential.token);
	writer_text(&writer, "Expiration", instant_format(expiration, instant));
	writer_close(&writer, '}');
	explicit_bzero(&credential, sizeof(credential));
}

static void container_run(struct visit *visit)
{
	const struct settings *settings = &visit->world->settings;
	const char *token = sigv4_header(visit->request, "authorization");
	char role[WORLD_NAME_SIZE], account[ACCOUNT_SIZE];

	if (strcmp(visit->request->method, "GET") != 0)
		visit_refuse(visit, TROUBLE_MethodNotAllowed, "Method not allowed");
	else if (settings->container_token[0] &&
		 strcmp(token ? token : "", settings->container_token) != 0)
		visit_refuse(visit, TROUBLE_Unauthorized, "Authorization token is not valid");
	else if (strcmp(visit->request->path, settings->container_path) != 0 ||
		 !issue_whose(visit->world, settings->container_role, role, account))
		visit_refuse(visit, TROUBLE_InvalidIdInRequest,
			"CredentialsV2Request: Credentials not found");
	else
		write_keys(visit, account, role);
}

static void container_refuse(struct visit *visit)
{
	struct writer writer = {.buffer = &visit->reply->body};

	visit->reply->content_type = "application/json";
	writer_open(&writer, NULL, '{');
	writer_text(&writer, "code", trouble_str(visit->trouble));
	writer_text(&writer, "message", visit->message);
	writer_number(&writer, "HTTPErrorCode", trouble_status(visit->trouble));
	writer_close(&writer, '}');
}

const struct visit_host container_host = {
	container_takes, container_name, container_run, container_refuse};
