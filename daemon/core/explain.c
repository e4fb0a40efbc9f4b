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

/* What the placeholders of one sentence are filled from. */
struct filling {
	const struct condition *condition;
	const char *directory, *region; /* NULL where no command is shown */
	struct buffer *buffer;
	bool it; /* the certificate was named before: it is "it" */
};

static int put_certificate(const struct filling *filling)
{
	const struct condition *condition = filling->condition;

	if (filling->it)
		return buffer_append_text(filling->buffer, "it");
	if (!condition->certificate && condition->id[0] != '\0')
		return buffer_append_text(filling->buffer, condition->id);
	return explain_certificate(condition->certificate, filling->buffer);
}

static int put_id(const struct filling *filling)
{
	const char *id = filling->condition->id;

	return buffer_append_text(filling->buffer, id[0] != '\0' ? id : "an entry");
}

static int put_at(const struct filling *filling)
{
	char text[INSTANT_SIZE];
	int64_t at = filling->condition->at;

	return buffer_append_text(
		filling->buffer, at != 0 ? instant_format(at, text) : "a time not known");
}

static int put_on(const struct filling *filling)
{
	char text[INSTANT_SIZE];
	int64_t at = filling->condition->at;

	return buffer_append_text(
		filling->buffer, at != 0 ? instant_format_date(at, text) : "a day not known");
}

static int put_door(const struct filling *filling)
{
	char text[INSTANT_SIZE];
	const struct certificate *certificate = filling->condition->certificate;

	return buffer_append_text(filling->buffer,
		certificate ? instant_format_date(certificate_reversible_until(certificate), text)
			    : "90 days before");
}

static int put_number(const struct filling *filling)
{
	return buffer_printf(filling->buffer, "%" PRId64, filling->condition->number);
}

static int put_times(const struct filling *filling)
{
	if (filling->condition->number == 1)
		return buffer_append_text(filling->buffer, "once");
	return buffer_printf(filling->buffer, "%" PRId64 " times", filling->condition->number);
}

static int put_stage(const struct filling *filling)
{
	return buffer_append_text(filling->buffer,
		directory_stage_str((enum directory_stage)filling->condition->number));
}

static int put_skew(const struct filling *filling)
{
	int64_t skew = filling->condition->number;
	char text[DURATION_SIZE];

	if (skew == INT64_MAX)
		return buffer_append_text(filling->buffer, "AWS's replies carry no date that this "
							   "machine's clock could be held against");
	return buffer_printf(filling->buffer, "this machine's clock is %s %s AWS's",
		duration_format(skew < 0 ? -skew : skew, text), skew < 0 ? "behind" : "ahead of");
}

static int put_left(const struct filling *filling)
{
	int64_t days = filling->condition->days;

	if (days < 1)
		return buffer_append_text(
			filling->buffer, days < 0 ? "no time" : "less than a day");
	return buffer_printf(filling->buffer, "%" PRId64 " day%s", days, days == 1 ? "" : "s");
}

static int put_refusal(const struct filling *filling)
{
	enum refusal refusal = filling->condition->refusal;

	return buffer_append_text(filling->buffer,
		refusal != REFUSAL_NONE ? refusal_str(refusal) : "without an error code");
}

static int put_refused(const struct filling *filling)
{
	enum refusal refusal = filling->condition->refusal;

	if (refusal == REFUSAL_NONE)
		return buffer_status(filling->buffer);
	return buffer_printf(filling->buffer, " (%s)", refusal_str(refusal));
}

static int put_detail(const struct filling *filling)
{
	const struct condition *condition = filling->condition;
	bool name = condition->reason == REASON_FOREIGN || condition->reason == REASON_FOREIGN_SLOT;

	if (condition->detail && condition->detail[0] != '\0')
		return buffer_append_text(filling->buffer, condition->detail);
	return buffer_append_text(
		filling->buffer, name ? "(no common name)" : "no reason is known");
}

static int put_expected(const struct filling *filling)
{
	const char *expected = filling->condition->expected;

	return buffer_append_text(filling->buffer, expected ? expected : "otherwise");
}

static int put_approval(const struct filling *filling)
{
	const struct certificate *certificate = filling->condition->certificate;
	char digest[DIGEST_TEXT_SIZE];

	if (filling->condition->holds == STEP_DISABLE || !certificate)
		return buffer_append_text(filling->buffer, "`approve: [disable]`");
	return buffer_printf(filling->buffer, "`approve: [{certificate: %s}]`",
		digest_format(&certificate->sha256, digest));
}

static int put_command(const struct filling *filling)
{
	return buffer_printf(filling->buffer,
		"`aws ds deregister-certificate --directory-id %s --certificate-id %s --region %s`",
		filling->directory, filling->condition->id, filling->region);
}

/* What is ldapsward's own goes with an approval, what is foreign only by hand. */
static int put_removal(const struct filling *filling)
{
	if (!filling->condition->detail) {
		buffer_append_text(filling->buffer, "if no domain controller needs it: ");
		return put_command(filling);
	}
	buffer_append_text(filling->buffer, "to have it removed now, say ");
	put_approval(filling);
	return buffer_append_text(filling->buffer,
		"; by itself it goes as `retire` of its authority says, by default a day after it "
		"has expired");
}

static const struct {
	const char *word;
	int (*put)(const struct filling *filling);
} placeholders[] = {
	{"{certificate}", put_certificate},
	{"{id}", put_id},
	{"{at}", put_at},
	{"{on}", put_on},
	{"{door}", put_door},
	{"{number}", put_number},
	{"{times}", put_times},
	{"{stage}", put_stage},
	{"{skew}", put_skew},
	{"{left}", put_left},
	{"{refusal}", put_refusal},
	{"{refused}", put_refused},
	{"{detail}", put_detail},
	{"{expected}", put_expected},
	{"{approval}", put_approval},
	{"{command}", put_command},
	{"{removal}", put_removal},
};

/* Appends the placeholder that `text` begins with; returns its length, 0 if it begins with none. */
static size_t fill_one(const char *text, const struct filling *filling)
{
	for (size_t i = 0; i < ARRAY_LENGTH(placeholders); i++) {
		size_t length = strlen(placeholders[i].word);

		if (strncmp(text, placeholders[i].word, length) != 0)
			continue;
		placeholders[i].put(filling);
		return length;
	}
	return 0;
}

static int fill(const char *text, const struct filling *filling)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "{"), filled;

		buffer_append(filling->buffer, text, plain);
		text += plain;
		filled = *text == '{' ? fill_one(text, filling) : 0;
		if (filled == 0 && *text == '{')
			buffer_append(filling->buffer, text, filled = 1);
		text += filled;
	}
	return buffer_status(filling->buffer);
}

/* "held back: deregister ..., irreversible: " */
static void explain_held(const struct condition *condition, struct buffer *buffer)
{
	struct step step = {.kind = condition->holds,
		.certificate = condition->certificate,
		.reversible_until = condition->reversible_until};

	memcpy(step.id, condition->id, sizeof(step.id));
	buffer_append_text(buffer, "held back: ");
	explain_act(&step, buffer);
	buffer_append_text(buffer, ": ");
}

int explain_condition(const struct condition *condition, struct buffer *buffer)
{
	struct filling filling = {.condition = condition,
		.buffer = buffer,
		.it = condition->holds == STEP_REGISTER || condition->holds == STEP_DEREGISTER};

	if (condition->holds != STEP_OBSERVE)
		explain_held(condition, buffer);
	return fill(reason_text(condition->reason), &filling);
}

int explain_advice(const struct condition *condition, const char *directory, const char *region,
	struct buffer *buffer)
{
	return fill(reason_advice(condition->reason), &(struct filling){.condition = condition,
							      .directory = directory,
							      .region = region,
							      .buffer = buffer});
}

int explain_why(const struct step *step, struct buffer *buffer)
{
	struct condition why = {.reason = step->reason, .certificate = step->certificate};

	if (!step_writes(step))
		return buffer_status(buffer);
	memcpy(why.id, step->id, sizeof(why.id));
	return fill(reason_text(step->reason),
		&(struct filling){.condition = &why, .buffer = buffer, .it = true});
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
		buffer_append_text(buffer, "deregister ");
		if (step->id[0] != '\0')
			buffer_printf(buffer, "%s, ", step->id);
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

int explain_act(const struct step *step, struct buffer *buffer)
{
	int r = explain_step(step, buffer);

	if (step->kind != STEP_DEREGISTER)
		return r;
	buffer_append_text(buffer, ", ");
	return explain_reversibility(step, buffer);
}
