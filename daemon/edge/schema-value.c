/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/schema-value.h"

#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "core/certificate.h"
#include "core/vocabulary.h"

#define DIGITS_MAX 9 /* of a number: no range goes beyond */

static bool chars_in(const char *text, const char *allowed)
{
	return *text != '\0' && text[strspn(text, allowed)] == '\0';
}

#define LOWER	"abcdefghijklmnopqrstuvwxyz"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

static bool read_number(const struct yaml_node *node, int64_t *ret_number)
{
	int64_t number = 0;

	/* a leading zero is octal to some readers of YAML, and quotes make a text */
	if (!node->plain || !chars_in(node->text, DIGITS) || node->length > DIGITS_MAX ||
		(node->text[0] == '0' && node->length > 1))
		return false;
	for (const char *digit = node->text; *digit; digit++)
		number = number * 10 + (*digit - '0');
	*ret_number = number;
	return true;
}

static bool read_duration(const struct yaml_node *node, int64_t *ret_number)
{
	return duration_parse(node->text, ret_number) == 0;
}

static bool read_date(const struct yaml_node *node, int64_t *ret_number)
{
	/* 0 means "never" to everybody else */
	return instant_parse(node->text, ret_number) == 0 && *ret_number > 0;
}

static bool read_name(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return chars_in(node->text, LETTERS DIGITS "._-") && node->length <= SCHEMA_NAME_MAX;
}

static bool read_directory_id(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return service_id_valid(node->text, 'd');
}

static bool read_domain(const struct yaml_node *node, int64_t *ret_number)
{
	const char *text = node->text;

	(void)ret_number;
	return chars_in(text, LETTERS DIGITS "._-") && node->length <= 253 && text[0] != '.' &&
	       text[node->length - 1] != '.' && !strstr(text, "..");
}

/* Two or more groups of lower-case letters, then digits, joined by hyphens: "us-gov-west-1". */
bool schema_region_valid(const char *text)
{
	const char *at = text;
	size_t groups = 0, length;

	while ((length = strspn(at, LOWER)) > 0 && at[length] == '-') {
		at += length + 1;
		groups++;
	}
	return groups >= 2 && chars_in(at, DIGITS) && strlen(text) <= SCHEMA_REGION_MAX;
}

static bool read_region(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return schema_region_valid(node->text);
}

/* As a DNS name, but for what stands for characters. */
static bool read_pattern(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return chars_in(node->text, LETTERS DIGITS "._-*?") && node->length <= 253;
}

static bool read_digest(const struct yaml_node *node, int64_t *ret_number)
{
	struct digest digest;

	(void)ret_number;
	return digest_parse(node->text, &digest) == 0 && !digest_is_zero(&digest);
}

static bool read_text(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	for (const char *at = node->text; *at; at++)
		if (text_is_control(at))
			return false;
	if (strstr(node->text, YAML_PEM_MARK)) /* folded into one line: never to be repeated */
		return false;
	return node->length > 0 && node->length <= SCHEMA_TEXT_MAX;
}

bool value_is_line(const char *text, size_t most)
{
	size_t count = 0;

	for (; *text; text++) {
		if (text_is_control(text))
			return false;
		count += ((unsigned char)*text & 0xC0) != 0x80;
	}
	return count <= most;
}

static bool read_tag(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return value_is_line(node->text, SCHEMA_TAG_VALUE_MAX);
}

static bool read_account_id(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return node->length == 12 && chars_in(node->text, DIGITS);
}

/* "arn:aws:iam::111122223333:role/path/name" */
static bool read_role(const struct yaml_node *node, int64_t *ret_number)
{
	const char *at = node->text;
	size_t partition;

	(void)ret_number;
	if (strncmp(at, "arn:aws", 7) != 0 || node->length > SCHEMA_ROLE_MAX)
		return false;
	at += 7;
	partition = strspn(at, LOWER "-");
	at += partition;
	if (strncmp(at, ":iam::", 6) != 0 || strspn(at + 6, DIGITS) != 12 ||
		strncmp(at + 18, ":role/", 6) != 0)
		return false;
	return chars_in(at + 24, LETTERS DIGITS "_+=,.@/-");
}

static bool read_session(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return node->length >= 2 && node->length <= SCHEMA_SESSION_MAX &&
	       chars_in(node->text, LETTERS DIGITS "_+=,.@-");
}

static bool read_external_id(const struct yaml_node *node, int64_t *ret_number)
{
	(void)ret_number;
	return node->length >= 2 && node->length <= SCHEMA_EXTERNAL_ID_MAX &&
	       chars_in(node->text, LETTERS DIGITS "_+=,.@:/-");
}

typedef bool read_fn(const struct yaml_node *node, int64_t *ret_number);

static read_fn *const readers[VALUE_TYPES] = {
	[VALUE_NUMBER] = read_number,
	[VALUE_DURATION] = read_duration,
	[VALUE_DATE] = read_date,
	[VALUE_NAME] = read_name,
	[VALUE_DIRECTORY_ID] = read_directory_id,
	[VALUE_DOMAIN] = read_domain,
	[VALUE_REGION] = read_region,
	[VALUE_DIGEST] = read_digest,
	[VALUE_PATH] = read_text,
	[VALUE_TEXT] = read_text,
	[VALUE_ACCOUNT_ID] = read_account_id,
	[VALUE_ROLE] = read_role,
	[VALUE_SESSION] = read_session,
	[VALUE_EXTERNAL_ID] = read_external_id,
	[VALUE_URL] = read_text,
	[VALUE_PATTERN] = read_pattern,
	[VALUE_TAG] = read_tag,
};

bool value_read(enum value_type type, const struct yaml_node *node, int64_t *ret_number)
{
	return readers[type](node, ret_number);
}
