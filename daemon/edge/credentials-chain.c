/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-chain.h"

#include <string.h>

#include "base/array.h"
#include "edge/credentials-container.h"
#include "edge/credentials-environment.h"
#include "edge/credentials-instance.h"
#include "edge/credentials-profile.h"
#include "edge/credentials-web-identity.h"
#include "edge/profile.h"

static const struct {
	const char *name;
	bool skipped; /* where our own file chooses a profile */
	int (*load)(void *context, struct credentials *ret_credentials, struct error *error);
} sources[] = {
	{"the environment", true, credentials_environment_load},
	{"web identity", true, credentials_web_identity_load},
	{"the profile", false, credentials_profile_load},
	{"the container", false, credentials_container_load},
	{"the instance metadata service", false, credentials_instance_load},
};

static int base_load(const struct credentials_setting *setting, struct credentials *ret_credentials,
	struct error *error)
{
	struct credentials_setting own = *setting;
	int r;

	for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
		if (setting->profile && sources[i].skipped)
			continue;
		r = sources[i].load(&own, ret_credentials, error);
		if (r < 0 && r != -ERROR_MISSING) {
			error_prefix(error, "keys of %s", sources[i].name);
			return r;
		}
		if (r == 0) {
			ret_credentials->source = sources[i].name;
			return 0;
		}
	}
	return error_set(error, ERROR_MISSING,
		"no AWS credentials: %s, no container and no instance role gives any; set "
		"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary "
		"keys), or name a profile",
		setting->profile ? "the profile holds none"
				 : "the environment holds none, no profile has any");
}

static int role_load(const struct credentials_setting *setting, struct credentials *ret_credentials,
	struct error *error)
{
	const struct sts_role role = {.arn = setting->role_arn,
		.session_name = setting->session_name,
		.external_id = setting->external_id,
		.duration = setting->duration};
	struct credentials base = {0};
	int r = base_load(setting, &base, error);

	if (r == 0)
		r = sts_assume_role(setting, &base, &role, ret_credentials, error);
	if (r == 0)
		ret_credentials->source = base.source;
	credentials_done(&base);
	return r;
}

/* N9: keys of another account are never handed out. */
static int account_check(const struct credentials_setting *setting,
	const struct credentials *credentials, struct error *error)
{
	char account[STS_ACCOUNT_SIZE];
	int r = sts_account(setting, credentials, account, error);

	if (r == 0 && strcmp(account, setting->account_id) != 0)
		r = error_set(error, ERROR_ACCOUNT,
			"the keys are those of account %s, the file says %s: nothing is read or "
			"changed with them",
			account, setting->account_id);
	return r;
}

int credentials_chain_load(void *context, struct credentials *ret_credentials, struct error *error)
{
	const struct credentials_setting *setting = context;
	struct credentials credentials = {0};
	struct error reason = {0};
	int r = setting->role_arn ? role_load(setting, &credentials, &reason)
				  : base_load(setting, &credentials, &reason);

	if (r == 0 && setting->account_id)
		r = account_check(setting, &credentials, &reason);
	if (r < 0) {
		credentials_done(&credentials);
		if (error)
			*error = reason;
		return r;
	}
	*ret_credentials = credentials;
	return 0;
}

uint64_t credentials_chain_stamp(void *context)
{
	(void)context;
	return profiles_stamp();
}
