/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/issue.h"

#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "emulator/state.h"

/* As AWS makes them: 16 letters behind ASIA, 40 of the secret, some hundreds of the token. */
#define KEY_LENGTH    16
#define SECRET_LENGTH 40
#define TOKEN_LENGTH  356

/* Appends `length` characters of an alphabet of `base` letters. */
static int append_random(char *text, size_t length, const char *alphabet, unsigned base)
{
	uint8_t bytes[TOKEN_LENGTH];
	size_t at = strlen(text);

	if (getrandom(bytes, length, 0) != (ssize_t)length)
		return -ERROR_IO;
	for (size_t i = 0; i < length; i++)
		text[at + i] = alphabet[bytes[i] % base];
	text[at + length] = '\0';
	return 0;
}

static int make_keys(struct credential *credential)
{
	static const char
		plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	snprintf(credential->access_key, sizeof(credential->access_key), "ASIA");
	snprintf(credential->token, sizeof(credential->token), "IQoJb3JpZ2luX2Vj");
	if (append_random(credential->access_key, KEY_LENGTH, plain, 32) < 0 ||
		append_random(credential->secret, SECRET_LENGTH, all, 64) < 0 ||
		append_random(credential->token, TOKEN_LENGTH, all, 64) < 0)
		return -ERROR_IO;
	return 0;
}

/* Drops what ended long ago, and what ended at all where the list is full. */
static void forget_ended(struct world *world, int64_t now)
{
	int64_t remembered =
		world->credentials_count < WORLD_CREDENTIALS_MAX ? ISSUE_REMEMBERED : 0;
	size_t kept = 0;

	for (size_t i = 0; i < world->credentials_count; i++) {
		const struct credential *one = &world->credentials[i];

		if (one->until != 0 && one->until <= now - remembered)
			continue;
		if (kept != i)
			world->credentials[kept] = *one;
		kept++;
	}
	world->credentials_count = kept;
}

static int64_t lasting(int64_t setting, int64_t otherwise)
{
	int64_t life = setting == SETTINGS_AS_ASKED ? otherwise : setting;

	return life < ISSUE_LIFE_MAX ? life : ISSUE_LIFE_MAX;
}

int issue_make(struct world *world, const struct issue *issue, int64_t now,
	struct credential *ret_credential, int64_t *ret_expiration)
{
	struct credential credential = {.kept = true};
	int64_t life = lasting(world->settings.credential_life, issue->life);
	int r = make_keys(&credential);

	if (r < 0)
		return r;
	snprintf(credential.account, sizeof(credential.account), "%s", issue->account);
	snprintf(credential.role, sizeof(credential.role), "%s", issue->role);
	snprintf(credential.session, sizeof(credential.session), "%s", issue->session);
	credential.until = now + life;
	forget_ended(world, now);
	r = world_put_credential(world, &credential);
	if (r < 0)
		return r;
	state_save_credential(world, &credential);
	*ret_expiration = now + lasting(world->settings.shown_life, life);
	*ret_credential = credential;
	return 0;
}

bool issue_whose(const struct world *world, const char *text, char ret_role[static WORLD_NAME_SIZE],
	char ret_account[static ACCOUNT_SIZE])
{
	const char *at = strchr(text, '@');

	snprintf(ret_role, WORLD_NAME_SIZE, "%.*s", (int)strcspn(text, "@"), text);
	snprintf(ret_account, ACCOUNT_SIZE, "%s", at ? at + 1 : world_account(world));
	return ret_role[0] && (!at || strlen(at + 1) == ACCOUNT_SIZE - 1);
}

json_t *issue_describe(const struct credential *credential)
{
	return json_pack("{s:s s:s s:s s:s s:s s:s s:s s:I s:b}", "access_key",
		credential->access_key, "secret", credential->secret, "token", credential->token,
		"account", credential->account, "user", credential->user, "role", credential->role,
		"session", credential->session, "until", (json_int_t)credential->until, "expired",
		credential->expired);
}

int issue_restore(struct world *world, const json_t *object)
{
	struct credential credential = {.kept = true};

	json_member_copy(
		object, "access_key", credential.access_key, sizeof(credential.access_key));
	json_member_copy(object, "secret", credential.secret, sizeof(credential.secret));
	json_member_copy(object, "token", credential.token, sizeof(credential.token));
	json_member_copy(object, "account", credential.account, sizeof(credential.account));
	json_member_copy(object, "user", credential.user, sizeof(credential.user));
	json_member_copy(object, "role", credential.role, sizeof(credential.role));
	json_member_copy(object, "session", credential.session, sizeof(credential.session));
	credential.until = json_integer_value(json_object_get(object, "until"));
	credential.expired = json_is_true(json_object_get(object, "expired"));
	if (!credential.access_key[0] || !credential.secret[0] || !credential.account[0])
		return -ERROR_INVALID;
	forget_ended(world, world_now(world));
	return world_put_credential(world, &credential);
}
