/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-profile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/credentials-container.h"
#include "edge/credentials-environment.h"
#include "edge/credentials-instance.h"
#include "edge/credentials-process.h"
#include "edge/credentials-sso.h"
#include "edge/credentials-web-identity.h"
#include "edge/environment.h"
#include "edge/profile.h"

/* One load: the profiles that led here, so that none leads to itself. */
struct resolving {
	const struct credentials_setting *setting;
	const struct profiles *profiles;
	const char *visited[CREDENTIALS_PROFILES_MAX];
	size_t count;
	bool told; /* where it failed */
	struct error *error;
};

static int resolve(struct resolving *resolving, const char *name, bool as_source,
	struct credentials *ret_credentials);
static int resolve_way(struct resolving *resolving, const char *name, bool as_source,
	struct credentials *ret_credentials);

static const char *text(const struct resolving *resolving, const char *name, const char *key)
{
	return profiles_text(resolving->profiles, PROFILE_PROFILE, name, key);
}

/* ---- keys written down ---- */

/* The file whose keys count: those of one file are never completed from the other. */
static enum profile_file static_file(const struct resolving *resolving, const char *name)
{
	static const char *const keys[] = {"aws_access_key_id", "aws_secret_access_key"};

	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (profiles_text_in(resolving->profiles, PROFILE_CREDENTIALS, PROFILE_PROFILE,
			    name, keys[i]))
			return PROFILE_CREDENTIALS;
	return PROFILE_CONFIG;
}

static const char *static_text(const struct resolving *resolving, const char *name, const char *key)
{
	return profiles_text_in(
		resolving->profiles, static_file(resolving, name), PROFILE_PROFILE, name, key);
}

static bool static_is(const struct resolving *resolving, const char *name)
{
	return static_text(resolving, name, "aws_access_key_id") ||
	       static_text(resolving, name, "aws_secret_access_key");
}

/* Keys of the credentials file come before a program that prints some, those of the other after. */
static bool static_own_is(const struct resolving *resolving, const char *name)
{
	return static_is(resolving, name) && static_file(resolving, name) == PROFILE_CREDENTIALS;
}

static int static_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	const char *id = static_text(resolving, name, "aws_access_key_id");
	const char *secret = static_text(resolving, name, "aws_secret_access_key");
	const char *token = static_text(resolving, name, "aws_session_token");
	struct credentials credentials = {0};
	int r;

	if (!token)
		token = static_text(resolving, name, "aws_security_token");
	if (!id || !*id || !secret || !*secret)
		return error_set(resolving->error, ERROR_INVALID,
			"%s is missing: aws_access_key_id and aws_secret_access_key are both "
			"needed",
			id && *id ? "aws_secret_access_key" : "aws_access_key_id");
	r = credentials_set_key_id(&credentials, id, "aws_access_key_id", resolving->error);
	if (r == 0)
		r = credentials_set_secret(
			&credentials.secret, secret, "aws_secret_access_key", resolving->error);
	if (r == 0 && token && *token)
		r = credentials_set_secret(
			&credentials.token, token, "aws_session_token", resolving->error);
	if (r < 0)
		credentials_done(&credentials);
	else
		*ret_credentials = credentials;
	return r;
}

/* ---- roles ---- */

static int take_role(struct resolving *resolving, const char *name, struct sts_role *ret_role)
{
	const char *duration = text(resolving, name, "duration_seconds");
	char *end = NULL;
	struct sts_role role = {.arn = text(resolving, name, "role_arn"),
		.session_name = text(resolving, name, "role_session_name"),
		.external_id = text(resolving, name, "external_id"),
		.duration = duration ? strtol(duration, &end, 10) : 0};

	if (duration &&
		(*end || role.duration < STS_DURATION_MIN || role.duration > STS_DURATION_MAX))
		return error_set(resolving->error, ERROR_INVALID,
			"duration_seconds is not a number from %d to %d", (int)STS_DURATION_MIN,
			(int)STS_DURATION_MAX);
	*ret_role = role;
	return 0;
}

/* The keys that `credential_source` names. */
static int source_load(
	struct resolving *resolving, const char *source, struct credentials *ret_credentials)
{
	static const struct {
		const char *name;
		int (*load)(void *, struct credentials *, struct error *);
	} sources[] = {{"Environment", credentials_environment_load},
		{"EcsContainer", credentials_container_load},
		{"Ec2InstanceMetadata", credentials_instance_load}};

	for (size_t i = 0; i < ARRAY_LENGTH(sources); i++)
		if (strcmp(sources[i].name, source) == 0) {
			struct credentials_setting setting = *resolving->setting;
			int r = sources[i].load(&setting, ret_credentials, resolving->error);

			if (r < 0)
				error_prefix(resolving->error, "credential_source %s", source);
			return r == -ERROR_MISSING ? -ERROR_INVALID : r;
		}
	return error_set(resolving->error, ERROR_INVALID,
		"credential_source is \"%s\"; Environment, EcsContainer and Ec2InstanceMetadata "
		"are "
		"allowed",
		source);
}

/* Keys with which the role of a profile is asked for. */
static int base_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	const char *profile = text(resolving, name, "source_profile");
	const char *source = text(resolving, name, "credential_source");
	int r;

	if (!profile == !source)
		return error_set(resolving->error, ERROR_INVALID,
			"role_arn needs exactly one of source_profile and credential_source; found "
			"%s",
			profile ? "both" : "none");
	if (source)
		return source_load(resolving, source, ret_credentials);
	if (strcmp(profile, name) == 0 && static_is(resolving, name))
		return resolve_way(resolving, name, true, ret_credentials);
	if (!profiles_have(resolving->profiles, PROFILE_PROFILE, profile))
		return error_set(resolving->error, ERROR_INVALID,
			"source_profile names %s, but there is no such profile", profile);
	r = resolve(resolving, profile, true, ret_credentials);
	if (r == -ERROR_MISSING)
		return error_set(resolving->error, ERROR_INVALID,
			"source_profile names %s, which holds no way to keys", profile);
	return r;
}

static bool role_is(const struct resolving *resolving, const char *name)
{
	return text(resolving, name, "role_arn") != NULL;
}

static int role_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	const char *file = text(resolving, name, "web_identity_token_file");
	struct credentials base = {0};
	struct sts_role role;
	char path[PATH_MAX];
	int r = take_role(resolving, name, &role);

	if (r < 0)
		return r;
	if (text(resolving, name, "mfa_serial"))
		return error_set(resolving->error, ERROR_INVALID,
			"mfa_serial asks for a code, which a daemon cannot: use a role without it");
	if (file && !profile_path(file, path, sizeof(path)))
		return error_set(resolving->error, ERROR_INVALID,
			"web_identity_token_file is too long, or HOME is not set");
	if (file)
		return credentials_web_identity(
			resolving->setting, &role, path, ret_credentials, resolving->error);
	r = base_load(resolving, name, &base);
	if (r == 0)
		r = sts_assume_role(
			resolving->setting, &base, &role, ret_credentials, resolving->error);
	credentials_done(&base);
	return r;
}

/* ---- the other ways ---- */

static bool sso_is(const struct resolving *resolving, const char *name)
{
	return credentials_sso_is(resolving->profiles, name);
}

static int sso_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	return credentials_sso(
		resolving->profiles, name, resolving->setting, ret_credentials, resolving->error);
}

static bool process_is(const struct resolving *resolving, const char *name)
{
	return text(resolving, name, "credential_process") != NULL;
}

static int process_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	return credentials_process(text(resolving, name, "credential_process"), 0,
		resolving->setting->stop, ret_credentials, resolving->error);
}

static bool login_is(const struct resolving *resolving, const char *name)
{
	return text(resolving, name, "login_session") != NULL;
}

static int login_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	(void)name;
	(void)ret_credentials;
	return error_set(resolving->error, ERROR_UNSUPPORTED,
		"login_session is not supported: use role_arn, sso_session, keys or "
		"credential_process");
}

/* ---- what leads nowhere ---- */

static bool web_is(const struct resolving *resolving, const char *name)
{
	return text(resolving, name, "web_identity_token_file") != NULL;
}

/* Keys that are of no use without others. */
static const struct {
	const char *key, *needs;
} halves[] = {
	{"web_identity_token_file", "role_arn"},
	{"source_profile", "role_arn"},
	{"credential_source", "role_arn"},
	{"sso_session", "sso_account_id and sso_role_name"},
	{"sso_start_url", "sso_account_id and sso_role_name"},
	{"aws_session_token", "aws_access_key_id and aws_secret_access_key"},
};

static const char *half_of(const struct resolving *resolving, const char *name, const char **needs)
{
	for (size_t i = 0; i < ARRAY_LENGTH(halves); i++)
		if (text(resolving, name, halves[i].key)) {
			*needs = halves[i].needs;
			return halves[i].key;
		}
	return NULL;
}

static bool half_is(const struct resolving *resolving, const char *name)
{
	const char *needs;

	return half_of(resolving, name, &needs) != NULL;
}

static int half_load(
	struct resolving *resolving, const char *name, struct credentials *ret_credentials)
{
	const char *needs = "", *half = half_of(resolving, name, &needs);

	(void)ret_credentials;
	return error_set(resolving->error, ERROR_INVALID, "%s needs %s, which is missing",
		half ? half : "", needs);
}

/* ---- one profile ---- */

/* The order is the AWS CLI's. */
static const struct {
	bool (*is)(const struct resolving *, const char *);
	int (*load)(struct resolving *, const char *, struct credentials *);
} ways[] = {{role_is, role_load}, {web_is, half_load}, {sso_is, sso_load},
	{static_own_is, static_load}, {login_is, login_load}, {process_is, process_load},
	{static_is, static_load}, {half_is, half_load}};

static int resolve_way(struct resolving *resolving, const char *name, bool as_source,
	struct credentials *ret_credentials)
{
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		int r;

		if (!ways[i].is(resolving, name))
			continue;
		/* the AWS CLI's way out of a loop: keys before the role */
		if (as_source && ways[i].is == role_is && static_is(resolving, name))
			continue;
		r = ways[i].load(resolving, name, ret_credentials);
		/* whatever is missing there, a way is configured: nobody else is asked */
		return r == -ERROR_MISSING ? -ERROR_INVALID : r;
	}
	return error_set(resolving->error, ERROR_MISSING, "it holds no way to keys");
}

static int resolve(struct resolving *resolving, const char *name, bool as_source,
	struct credentials *ret_credentials)
{
	char place[PROFILE_PLACE_SIZE];
	size_t depth = resolving->count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < resolving->count; i++)
		if (strcmp(resolving->visited[i], name) == 0)
			r = error_set(resolving->error, ERROR_INVALID,
				"source_profile leads back here: this is a loop");
	if (r == 0 && resolving->count == CREDENTIALS_PROFILES_MAX)
		r = error_set(resolving->error, ERROR_LIMIT,
			"more than %d profiles name one another as their source",
			CREDENTIALS_PROFILES_MAX);
	if (r == 0) {
		resolving->visited[resolving->count++] = name;
		r = resolve_way(resolving, name, as_source, ret_credentials);
	}
	/* of a long way the beginning and the end are told */
	if (r < 0 && (!resolving->told || depth == 0)) {
		profiles_place(resolving->profiles, PROFILE_PROFILE, name, place);
		error_prefix(resolving->error, "profile %s (%s)", name, place);
		resolving->told = true;
	}
	return r;
}

int credentials_profile_load(
	void *context, struct credentials *ret_credentials, struct error *error)
{
	const struct credentials_setting *setting = context;
	CLEANUP(profiles_free_ptr) struct profiles *profiles = NULL;
	const char *name = setting->profile ? setting->profile : profile_chosen();
	const char *chooser = setting->profile				? "the configuration"
			      : !name					? ""
			      : environment_text("AWS_DEFAULT_PROFILE") ? "AWS_DEFAULT_PROFILE"
									: "AWS_PROFILE";
	int r = profiles_load(&profiles, error);
	struct resolving resolving = {.setting = setting, .profiles = profiles, .error = error};

	if (r < 0)
		return r;
	if (!profiles_have(profiles, PROFILE_PROFILE, name ? name : "default"))
		return error_set(error, name ? ERROR_INVALID : ERROR_MISSING,
			"there is no profile %s in the shared configuration files%s%s",
			name ? name : "default", name ? "; it is named by " : "", chooser);
	return resolve(&resolving, name ? name : "default", false, ret_credentials);
}
