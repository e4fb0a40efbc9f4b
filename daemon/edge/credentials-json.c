/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-json.h"

#include <stdio.h>

#include "base/calendar.h"

/* "the reply: SecretAccessKey" in messages. Bytes. */
#define WHERE_SIZE 256

static int take_expiry(const json_t *object, const struct credentials_members *members,
	const char *where, struct credentials *credentials, struct error *error)
{
	const json_t *member = json_object_get(object, members->expires);
	const char *text = json_string_value(member);

	if (!member || json_is_null(member))
		return 0;
	if (members->milliseconds && json_is_integer(member)) {
		credentials->expires = json_integer_value(member) / 1000;
		return 0;
	}
	if (!members->milliseconds && text && instant_parse_zone(text, &credentials->expires) == 0)
		return 0;
	return error_set(error, ERROR_INVALID, "%s: %s is not %s", where, members->expires,
		members->milliseconds ? "a number of milliseconds"
				      : "an instant as 2027-05-01T06:30:00Z");
}

static int take_text(const json_t *object, const char *member, const char *where,
	struct secret *secret, struct error *error)
{
	const char *text = json_member_text(object, member);
	char what[WHERE_SIZE];

	if (!text)
		return 0;
	snprintf(what, sizeof(what), "%s: %s", where, member);
	return credentials_set_secret(secret, text, what, error);
}

int credentials_from_json(const json_t *object, const struct credentials_members *members,
	const char *where, struct credentials *ret_credentials, struct error *error)
{
	const char *id = json_member_text(object, members->id);
	const char *secret = json_member_text(object, members->secret);
	struct credentials credentials = {0};
	char what[WHERE_SIZE];
	int r;

	if (!json_is_object(object) || !id || !*id || !secret || !*secret)
		return error_set(error, ERROR_INVALID,
			"%s: a JSON object with %s and %s is needed; %s", where, members->id,
			members->secret,
			!json_is_object(object) ? "found no object"
			: !id || !*id		? "the first is missing"
						: "the second is missing");
	snprintf(what, sizeof(what), "%s: %s", where, members->id);
	r = credentials_set_key_id(&credentials, id, what, error);
	if (r == 0)
		r = take_text(object, members->secret, where, &credentials.secret, error);
	if (r == 0)
		r = take_text(object, members->token, where, &credentials.token, error);
	if (r == 0)
		r = take_expiry(object, members, where, &credentials, error);
	if (r < 0)
		credentials_done(&credentials);
	else
		*ret_credentials = credentials;
	return r;
}
