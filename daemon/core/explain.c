/* SPDX-License-Identifier: Apache-2.0 */
#include "core/explain.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"

/* Bytes of the digest that tell certificates apart for a person. */
#define DIGEST_SHOWN 8

int explain_certificate(const struct certificate *certificate, struct buffer *buffer)
{
	char date[INSTANT_SIZE], digest[DIGEST_TEXT_SIZE];
	const char *name;

	if (!certificate)
		return buffer_append_text(buffer, "a certificate");
	name = certificate->common_name[0] != '\0' ? certificate->common_name : "(no common name)";
	digest_format(&certificate->sha256, digest);
	return buffer_printf(buffer, "%s (expires %s, %.*s)", name,
		instant_format_date(certificate->not_after, date), DIGEST_SHOWN, digest);
}

/* What the placeholders of one text stand for. */
struct filling {
	const struct condition *condition;
	const char *it;			/* for the certificate; NULL: its name */
	const char *directory, *region; /* NULL: not known */
};

static int put_certificate(const struct filling *filling, struct buffer *buffer)
{
	if (filling->it)
		return buffer_append_text(buffer, filling->it);
	return explain_certificate(filling->condition->certificate, buffer);
}

static int put_id(const struct filling *filling, struct buffer *buffer)
{
	const char *id = filling->condition->id;

	return buffer_append_text(buffer, id[0] != '\0' ? id : "ID");
}

static int put_at(const struct filling *filling, struct buffer *buffer)
{
	int64_t at = filling->condition->at;
	char text[INSTANT_SIZE];

	return buffer_append_text(buffer, at != 0 ? instant_format(at, text) : "the file changes");
}

static int put_number(const struct filling *filling, struct buffer *buffer)
{
	return buffer_printf(buffer, "%" PRId64, filling->condition->number);
}

static int put_refusal(const struct filling *filling, struct buffer *buffer)
{
	enum refusal refusal = filling->condition->refusal;

	return buffer_append_text(
		buffer, refusal != REFUSAL_NONE ? refusal_str(refusal) : "without an error code");
}

static int put_detail(const struct filling *filling, struct buffer *buffer)
{
	const char *detail = filling->condition->detail;
	bool empty = !detail || detail[0] == '\0';

	return buffer_append_text(buffer, empty ? "no reason given" : detail);
}

static int put_directory(const struct filling *filling, struct buffer *buffer)
{
	return buffer_append_text(buffer, filling->directory ? filling->directory : "ID");
}

static int put_region(const struct filling *filling, struct buffer *buffer)
{
	return buffer_append_text(buffer, filling->region ? filling->region : "REGION");
}

static const struct {
	const char *word;
	int (*put)(const struct filling *filling, struct buffer *buffer);
} placeholders[] = {
	{"{certificate}", put_certificate},
	{"{id}", put_id},
	{"{at}", put_at},
	{"{number}", put_number},
	{"{refusal}", put_refusal},
	{"{detail}", put_detail},
	{"{directory}", put_directory},
	{"{region}", put_region},
};

/* Appends the placeholder that `text` begins with; returns its length, 0 if it begins with none. */
static size_t fill_one(const char *text, const struct filling *filling, struct buffer *buffer)
{
	for (size_t i = 0; i < ARRAY_LENGTH(placeholders); i++) {
		size_t length = strlen(placeholders[i].word);

		if (strncmp(text, placeholders[i].word, length) != 0)
			continue;
		placeholders[i].put(filling, buffer);
		return length;
	}
	return 0;
}

static int fill(const char *text, const struct filling *filling, struct buffer *buffer)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "{"), filled;

		buffer_append(buffer, text, plain);
		text += plain;
		filled = *text == '{' ? fill_one(text, filling, buffer) : 0;
		if (filled == 0 && *text == '{')
			buffer_append(buffer, text, filled = 1);
		text += filled;
	}
	return buffer_status(buffer);
}

int explain_condition(const struct condition *condition, struct buffer *buffer)
{
	return fill(
		reason_text(condition->reason), &(struct filling){.condition = condition}, buffer);
}

int explain_advice(const struct condition *condition, const char *directory, const char *region,
	struct buffer *buffer)
{
	const struct filling filling = {
		.condition = condition, .directory = directory, .region = region};

	return fill(reason_advice(condition->reason), &filling, buffer);
}

int explain_why(const struct step *step, struct buffer *buffer)
{
	struct condition why = {.reason = step->reason};

	if (!step_writes(step))
		return buffer_status(buffer);
	memcpy(why.id, step->id, sizeof(why.id));
	return fill(reason_text(step->reason), &(struct filling){.condition = &why, .it = "it"},
		buffer);
}

static int explain_pause(const struct step *step, struct buffer *buffer)
{
	char text[INSTANT_SIZE];

	return buffer_printf(buffer, "%s until %s: %s", step_kind_str(step->kind),
		instant_format(step->until, text), reason_str(step->reason));
}

int explain_step(const struct step *step, struct buffer *buffer)
{
	switch (step->kind) {
	case STEP_REGISTER:
		buffer_append_text(buffer, "register ");
		return explain_certificate(step->certificate, buffer);
	case STEP_DEREGISTER:
		buffer_printf(buffer, "deregister %s, ", step->id);
		return explain_certificate(step->certificate, buffer);
	case STEP_ENABLE:
		return buffer_append_text(buffer, "enable client-side LDAPS");
	case STEP_DISABLE:
		return buffer_append_text(buffer, "disable client-side LDAPS");
	case STEP_OBSERVE:
		return buffer_append_text(buffer, "look at the directory");
	default:
		return explain_pause(step, buffer);
	}
}

int explain_reversibility(const struct step *step, struct buffer *buffer)
{
	char text[INSTANT_SIZE];

	if (!step_writes(step))
		return buffer_status(buffer);
	if (step->kind != STEP_DEREGISTER)
		return buffer_append_text(buffer, "reversible");
	if (step->reversible_until == 0)
		return buffer_append_text(buffer, "irreversible");
	return buffer_printf(
		buffer, "reversible until %s", instant_format_date(step->reversible_until, text));
}
