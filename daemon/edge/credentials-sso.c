/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-sso.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/calendar.h"
#include "edge/clock.h"
#include "edge/credentials-json.h"
#include "edge/digest.h"
#include "edge/endpoint.h"
#include "edge/fetch.h"
#include "edge/file.h"
#include "edge/profile.h"

/* A token's file. Bytes. */
#define CACHE_MAX ((size_t)64 * 1024)

static const struct credentials_members members = {
	"accessKeyId", "secretAccessKey", "sessionToken", "expiration", true};

/* What the profile says; borrowed from the profiles. */
struct wish {
	const char *profile, *account, *role, *region;
	const char *key; /* whose digest names the token's file */
};

bool credentials_sso_is(const struct profiles *profiles, const char *profile)
{
	return profiles_text(profiles, PROFILE_PROFILE, profile, "sso_account_id") ||
	       profiles_text(profiles, PROFILE_PROFILE, profile, "sso_role_name");
}

static int take_wish(const struct profiles *profiles, const char *profile, struct wish *ret_wish,
	struct error *error)
{
	const char *session = profiles_text(profiles, PROFILE_PROFILE, profile, "sso_session");
	enum profile_kind kind = session ? PROFILE_SSO_SESSION : PROFILE_PROFILE;
	const char *where = session ? session : profile;
	struct wish wish = {.profile = profile,
		.account = profiles_text(profiles, PROFILE_PROFILE, profile, "sso_account_id"),
		.role = profiles_text(profiles, PROFILE_PROFILE, profile, "sso_role_name"),
		.region = profiles_text(profiles, kind, where, "sso_region")};

	if (session && !profiles_have(profiles, PROFILE_SSO_SESSION, session))
		return error_set(error, ERROR_INVALID,
			"sso_session names %s, but there is no section [sso-session %s]", session,
			session);
	wish.key = session ? session
			   : profiles_text(profiles, PROFILE_PROFILE, profile, "sso_start_url");
	if (!wish.key)
		return error_set(error, ERROR_INVALID,
			"sso_session is missing, which sso_account_id and sso_role_name need");
	if (!wish.account || !wish.role)
		return error_set(error, ERROR_INVALID, "%s is missing, which sso_%s needs",
			wish.account ? "sso_role_name" : "sso_account_id",
			session ? "session" : "start_url");
	if (!wish.region)
		return error_set(error, ERROR_INVALID, "sso_region is missing in [%s %s]",
			session ? "sso-session" : "profile", where);
	*ret_wish = wish;
	return 0;
}

static int log_in(const struct wish *wish, const char *why, struct error *error)
{
	return error_set(
		error, ERROR_DENIED, "%s: run `aws sso login --profile %s`", why, wish->profile);
}

static int take_token(
	const json_t *value, const struct wish *wish, struct secret *ret_token, struct error *error)
{
	const char *token = json_member_text(value, "accessToken");
	const char *text = json_member_text(value, "expiresAt");
	char why[80], at[INSTANT_SIZE];
	int64_t expires;

	if (!token || !text || instant_parse_zone(text, &expires) < 0)
		return log_in(
			wish, "the cached SSO token has no accessToken or no expiresAt", error);
	if (expires <= clock_now()) {
		snprintf(why, sizeof(why), "the SSO token ended %s", instant_format(expires, at));
		return log_in(wish, why, error);
	}
	return credentials_set_secret(ret_token, token, "the cached SSO token", error);
}

static int read_token(const struct wish *wish, struct secret *ret_token, struct error *error)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	char name[DIGEST_NAME_SIZE], relative[PATH_MAX], path[PATH_MAX];
	struct buffer text;
	int r = digest_name(wish->key, name);

	if (r < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	snprintf(relative, sizeof(relative), "~/.aws/sso/cache/%s.json", name);
	if (!profile_path(relative, path, sizeof(path)))
		return error_set(error, ERROR_INVALID,
			"HOME is not set: ~/.aws/sso/cache with the SSO token cannot be found");
	buffer_init(&text, CACHE_MAX);
	r = file_read(path, &text, error);
	if (r == -ERROR_MISSING)
		r = log_in(wish, "there is no SSO token", error);
	else if (r == 0)
		r = json_parse(buffer_text(&text), text.length, &value, error);
	if (r == 0)
		r = take_token(value, wish, ret_token, error);
	buffer_wipe(&text);
	return r;
}

static void query_add(struct buffer *url, const char *name, const char *value)
{
	buffer_printf(url, "%s=", name);
	for (; *value; value++)
		buffer_printf(url, isalnum((unsigned char)*value) ? "%c" : "%%%02X",
			(unsigned char)*value);
}

static int ask_portal(const struct wish *wish, const struct profiles *profiles,
	const struct credentials_setting *setting, const struct secret *token,
	struct http_reply *ret_reply, struct error *error)
{
	const struct http_header header = {"x-amz-sso_bearer_token", secret_text(token)};
	struct endpoint endpoint;
	struct buffer url;
	int r = endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_SSO,
					 .region = wish->region,
					 .profile = setting->profile,
					 .profiles = profiles},
		&endpoint, error);

	if (r < 0)
		return r;
	buffer_init(&url, FETCH_URL_MAX - 1);
	buffer_printf(&url, "%sfederation/credentials?", endpoint.url);
	query_add(&url, "role_name", wish->role);
	query_add(&url, "&account_id", wish->account);
	if (buffer_status(&url) < 0)
		r = error_set(error, ERROR_LIMIT, "sso_role_name or sso_account_id is too long");
	else
		r = fetch(&(struct fetch){.method = HTTP_GET,
				  .url = buffer_text(&url),
				  .loopback = endpoint.loopback,
				  .headers = &header,
				  .headers_count = 1,
				  .timeout_ms = CREDENTIALS_SSO_MS,
				  .attempts = CREDENTIALS_SSO_ATTEMPTS,
				  .pause_ms = CREDENTIALS_SSO_PAUSE_MS,
				  .bundle = endpoint.bundle,
				  .stop = setting->stop},
			ret_reply, error);
	buffer_done(&url);
	return r;
}

static int take_reply(const struct wish *wish, const struct http_reply *reply,
	struct credentials *ret_credentials, struct error *error)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	int r;

	if (reply->status == 401)
		return log_in(wish, "the SSO token is not taken any more", error);
	if (reply->status != 200) {
		r = fetch_refused(reply, error);
		error_prefix(
			error, "the SSO portal (role %s, account %s)", wish->role, wish->account);
		return r;
	}
	r = json_parse(buffer_text(&reply->body), reply->body.length, &value, error);
	if (r < 0)
		return r;
	return credentials_from_json(json_member_object(value, "roleCredentials"), &members,
		"the reply of the SSO portal", ret_credentials, error);
}

int credentials_sso(const struct profiles *profiles, const char *profile,
	const struct credentials_setting *setting, struct credentials *ret_credentials,
	struct error *error)
{
	struct http_reply reply = {0};
	struct secret token = {0};
	struct wish wish = {0};
	int r = take_wish(profiles, profile, &wish, error);

	if (r == 0)
		r = read_token(&wish, &token, error);
	if (r == 0)
		r = ask_portal(&wish, profiles, setting, &token, &reply, error);
	if (r == 0)
		r = take_reply(&wish, &reply, ret_credentials, error);
	http_reply_done(&reply);
	secret_done(&token);
	return r;
}
