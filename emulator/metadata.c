/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/metadata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "emulator/issue.h"
#include "emulator/writer.h"

#define TOKEN_PATH	 "/latest/api/token"
#define CREDENTIALS_PATH "/latest/meta-data/iam/security-credentials/"
#define TTL_HEADER	 "x-aws-ec2-metadata-token-ttl-seconds"
#define TOKEN_HEADER	 "x-aws-ec2-metadata-token"
/* The session of an instance is named by its id. */
#define INSTANCE "i-0a1b2c3d4e5f67890"
/* An instance's keys hold this long. Seconds. */
#define INSTANCE_LIFE 21600

/* ---------------------------------------------------------------- the token */

/* Marks a token as ours, so that none can be made up. */
static uint64_t token_mark(int64_t until)
{
	return hash_number(hash_text(HASH_START, INSTANCE), until);
}

static void give_token(struct visit *visit)
{
	const char *text = sigv4_header(visit->request, TTL_HEADER);
	char *end = NULL;
	long ttl = text ? strtol(text, &end, 10) : 0;

	if (strcmp(visit->request->method, "PUT") != 0)
		visit_refuse(visit, TROUBLE_MethodNotAllowed, "Method Not Allowed");
	else if (sigv4_header(visit->request, "x-forwarded-for"))
		visit_refuse(visit, TROUBLE_Forbidden, "Forbidden");
	else if (!text || end == text || *end || ttl < 1 || ttl > METADATA_TTL_MAX)
		visit_refuse(visit, TROUBLE_BadRequest, "Bad Request");
	if (visit->trouble != TROUBLE_NONE)
		return;
	visit->reply->token_ttl = ttl;
	buffer_printf(&visit->reply->body, "%" PRId64 ".%016" PRIx64 "==", visit->now + ttl,
		token_mark(visit->now + ttl));
}

static bool token_holds(const struct visit *visit)
{
	const char *token = sigv4_header(visit->request, TOKEN_HEADER);
	char *end;
	int64_t until = token ? strtoll(token, &end, 10) : 0;

	return token && *end == '.' && until > visit->now &&
	       strtoull(end + 1, &end, 16) == token_mark(until) && strcmp(end, "==") == 0;
}

/* ---------------------------------------------------------------- the keys */

/* What stands in the place of keys when the role cannot be taken. */
static void write_failure(struct visit *visit, struct writer *writer, const char *role)
{
	char message[256];

	snprintf(message, sizeof(message), "EC2 cannot assume the role %.128s.", role);
	writer_text(writer, "Code", visit->world->settings.metadata_code);
	writer_text(writer, "Message", message);
}

static void write_keys(
	struct visit *visit, struct writer *writer, const char *account, const char *role)
{
	struct issue issue = {account, role, INSTANCE, INSTANCE_LIFE};
	struct credential credential;
	int64_t expiration;
	char instant[INSTANT_SIZE];

	if (issue_make(visit->world, &issue, visit->now, &credential, &expiration) < 0) {
		visit_refuse(visit, TROUBLE_InternalFailure, "Internal Server Error");
		return;
	}
	identity_of(&credential, "", &visit->identity);
	writer_text(writer, "Code", "Success");
	writer_text(writer, "Type", "AWS-HMAC");
	writer_text(writer, "AccessKeyId", credential.access_key);
	writer_text(writer, "SecretAccessKey", credential.secret);
	writer_text(writer, "Token", credential.token);
	writer_text(writer, "Expiration", instant_format(expiration, instant));
	explicit_bzero(&credential, sizeof(credential));
}

static void give_keys(struct visit *visit, const char *account, const char *role)
{
	struct writer writer = {.buffer = &visit->reply->body};
	char instant[INSTANT_SIZE];

	writer_open(&writer, NULL, '{');
	writer_text(&writer, "LastUpdated", instant_format(visit->now, instant));
	if (strcmp(visit->world->settings.metadata_code, "Success") == 0)
		write_keys(visit, &writer, account, role);
	else
		write_failure(visit, &writer, role);
	writer_close(&writer, '}');
}

/* ---------------------------------------------------------------- the host */

static bool metadata_takes(const struct world *world, const struct sigv4_request *request)
{
	(void)world;
	return strncmp(request->path, "/latest/", 8) == 0;
}

static enum served metadata_name(const struct visit *visit)
{
	const char *path = visit->request->path;

	if (strcmp(path, TOKEN_PATH) == 0)
		return SERVED_METADATA_TOKEN;
	if (strncmp(path, CREDENTIALS_PATH, strlen(CREDENTIALS_PATH)) == 0 &&
		path[strlen(CREDENTIALS_PATH)])
		return SERVED_METADATA_CREDENTIALS;
	return SERVED_METADATA_ROLE;
}

static void metadata_run(struct visit *visit)
{
	const char *path = visit->request->path;
	char role[WORLD_NAME_SIZE], account[ACCOUNT_SIZE];
	bool known = issue_whose(visit->world, visit->world->settings.metadata_role, role, account);

	visit->reply->content_type = "text/plain";
	if (visit->served == SERVED_METADATA_TOKEN)
		give_token(visit);
	else if (!token_holds(visit))
		visit_refuse(visit, TROUBLE_Unauthorized, "Unauthorized");
	else if (strcmp(visit->request->method, "GET") != 0)
		visit_refuse(visit, TROUBLE_MethodNotAllowed, "Method Not Allowed");
	else if (known && strncmp(path, CREDENTIALS_PATH, strlen(CREDENTIALS_PATH) - 1) == 0 &&
		 visit->served == SERVED_METADATA_ROLE)
		buffer_append_text(&visit->reply->body, role);
	else if (known && visit->served == SERVED_METADATA_CREDENTIALS &&
		 strcmp(path + strlen(CREDENTIALS_PATH), role) == 0)
		give_keys(visit, account, role);
	else
		visit_refuse(visit, TROUBLE_NotFound, "Not Found");
}

static void metadata_refuse(struct visit *visit)
{
	unsigned status = trouble_status(visit->trouble);

	visit->reply->content_type = "text/html";
	visit->reply->token_ttl = 0;
	buffer_printf(&visit->reply->body,
		"<html>\n <head>\n  <title>%u - %s</title>\n </head>\n <body>\n  <h1>%u - "
		"%s</h1>\n "
		"</body>\n</html>\n",
		status, visit->message, status, visit->message);
}

const struct visit_host metadata_host = {
	metadata_takes, metadata_name, metadata_run, metadata_refuse};
