/* SPDX-License-Identifier: Apache-2.0 */
#include "program/adoption-report.h"

#include <string.h>

#include "base/text.h"
#include "base/wrap.h"
#include "core/adoption.h"
#include "core/decide.h"
#include "core/explain.h"

/* What an entry is called that this very look has adopted. */
#define ADOPTED "adopted"

/* ---- values ---- */

/* Takes the text out of the buffer. */
static json_t *text_taken(struct buffer *text)
{
	json_t *value;

	if (text->data)
		text_clean(text->data);
	value = json_text(buffer_text(text));
	buffer_done(text);
	return value;
}

static bool takes_slot(const struct listed *listed)
{
	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
	       listed->state != CERTIFICATE_STATE_DEREGISTERED &&
	       listed->state != CERTIFICATE_STATE_REGISTER_FAILED;
}

static void count(enum adoption adoption, bool news, const struct listed *listed,
	struct adoption_totals *totals)
{
	if (adoption == ADOPTION_OWNED && news)
		totals->adopted++;
	else if (adoption == ADOPTION_OWNED)
		totals->owned++;
	else if (takes_slot(listed))
		totals->foreign++;
}

static const char *authority_of(const struct situation *situation,
	const struct memory_certificate *owned, const struct certificate *certificate)
{
	const struct authority *authority =
		certificate ? directory_authority_of(situation->wanted, &certificate->sha256)
			    : NULL;

	if (authority)
		return authority->name;
	return owned ? owned->authority : "";
}

static json_t *entry_json(const struct situation *situation, const struct fleet *fleet,
	const struct memory *before, const struct listed *listed, struct adoption_totals *totals)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);
	const struct certificate *certificate;
	enum adoption adoption = adoption_judge(situation, listed, &certificate);
	bool news = owned && owned->origin == ORIGIN_ADOPTED && !memory_find(before, listed->id);
	struct buffer text;

	count(adoption, news, listed, totals);
	buffer_init(&text, EXPLAIN_SIZE);
	adoption_explain(situation, fleet, listed, adoption, &text);
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:s, s:o}", "id", listed->id,
		"common_name", json_text(listed->common_name), "sha256", report_digest(certificate),
		"authority", authority_of(situation, owned, certificate), "type",
		certificate_type_str(listed->type), "state", certificate_state_str(listed->state),
		"expires", report_instant(listed->expiry), "adoption",
		news ? ADOPTED : adoption_str(adoption), "text", text_taken(&text));
}

/* What is wanted here and not there: the other half of what does not match. */
static json_t *missing_json(const struct situation *situation)
{
	const struct directory *wanted = situation->wanted;
	json_t *array = json_array();

	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			const struct certificate *certificate = wanted->trust[i]->certificates[j];
			struct buffer text;

			if (!situation_wanted(situation, certificate) ||
				situation_entry(situation, certificate))
				continue;
			buffer_init(&text, EXPLAIN_SIZE);
			explain_certificate(certificate, &text);
			buffer_printf(
				&text, " of %s is not registered here", wanted->trust[i]->name);
			(void)json_array_append_new(
				array, json_pack("{s:o, s:o, s:s, s:o, s:o}", "common_name",
					       json_text(certificate->common_name), "sha256",
					       report_digest(certificate), "authority",
					       wanted->trust[i]->name, "expires",
					       report_instant(certificate->not_after), "text",
					       text_taken(&text)));
		}
	return array;
}

/* Nothing is learnt of a directory that is not the file's, not Active or not read. */
static void held_json(json_t *report, const struct target *target,
	const struct situation *situation, struct adoption_totals *totals)
{
	struct decision decision;

	decide(situation, &decision);
	report_decision(report, target, NULL, &decision);
	if (report_unread(decision.step.reason, situation->observed->complete))
		totals->unread++;
	else
		totals->held++;
}

json_t *adoption_report(const struct target *target, const struct situation *situation,
	const struct fleet *fleet, const struct memory *before, struct adoption_totals *totals)
{
	json_t *report = report_begin(target, situation), *entries = json_array();
	bool manageable = situation_manageable(situation);

	for (size_t i = 0; manageable && i < situation->observed->listed_count; i++)
		(void)json_array_append_new(
			entries, entry_json(situation, fleet, before,
					 &situation->observed->listed[i], totals));
	(void)json_object_set_new(report, "certificates", entries);
	(void)json_object_set_new(
		report, "missing", manageable ? missing_json(situation) : json_array());
	if (!manageable)
		held_json(report, target, situation, totals);
	return report;
}

/* ---- texts ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

/* A line of its own, and what does not fit below it. */
static void put_line(char sign, enum terminal_style colour, const char *words,
	const struct report_style *style, struct buffer *buffer)
{
	buffer_printf(buffer, "  %s%c%s ", terminal_style(colour, style->colour), sign,
		terminal_style(TERMINAL_RESET, style->colour));
	wrap_words(buffer, strlen("  + "), REPORT_INDENT, style->width, words);
}

static void put_entry(const json_t *entry, const struct report_style *style, struct buffer *buffer)
{
	const char *adoption = text_of(entry, "adoption"), *text = text_of(entry, "text");
	char name[CERTIFICATE_NAME_SIZE];
	struct buffer words;

	buffer_init(&words, EXPLAIN_SIZE * 2);
	if (strcmp(adoption, ADOPTED) == 0) {
		buffer_printf(&words, "adopt %s: %s", text_of(entry, "id"), text);
		put_line('+', TERMINAL_GREEN, buffer_text(&words), style, buffer);
	} else if (strcmp(adoption, adoption_str(ADOPTION_OWNED)) == 0) {
		buffer_printf(&words, "%s is ldapsward's already: %s", text_of(entry, "id"), text);
		put_line('=', TERMINAL_RESET, buffer_text(&words), style, buffer);
	} else {
		text_copy(text_of(entry, "common_name"), name, sizeof(name));
		text_clean(name);
		buffer_printf(&words, "leave %s, %s (expires %.10s): %s", text_of(entry, "id"),
			name[0] != '\0' ? name : "(no common name)", text_of(entry, "expires"),
			text);
		put_line('.', TERMINAL_YELLOW, buffer_text(&words), style, buffer);
	}
	buffer_done(&words);
}

static bool is_smart_card(const json_t *entry)
{
	return strcmp(text_of(entry, "type"),
		       certificate_type_str(CERTIFICATE_TYPE_CLIENT_CERT_AUTH)) == 0;
}

/* Those for smart cards may be a hundred: one line for all. */
static void put_entries(
	const json_t *entries, const struct report_style *style, struct buffer *buffer)
{
	size_t i, cards = 0;
	json_t *entry;

	json_array_foreach(entries, i, entry)
	{
		if (is_smart_card(entry))
			cards++;
		else
			put_entry(entry, style, buffer);
	}
	if (cards > 0)
		buffer_printf(buffer, "  . leave %zu for smart cards (%s): never ldapsward's\n",
			cards, certificate_type_str(CERTIFICATE_TYPE_CLIENT_CERT_AUTH));
}

int adoption_report_text(
	const json_t *report, const struct report_style *style, struct buffer *buffer)
{
	const json_t *entries = json_member_array(report, "certificates"),
		     *missing = json_member_array(report, "missing");
	size_t i;
	json_t *one;

	report_heading(text_of(report, "name"), text_of(report, "account"),
		text_of(report, "directory"), text_of(report, "region"), buffer);
	if (text_of(report, "reason")[0] != '\0')
		buffer_printf(buffer, ": nothing can be adopted (%s)\n", text_of(report, "reason"));
	else if (json_array_size(entries) + json_array_size(missing) == 0)
		buffer_append_text(buffer, ": nothing is registered\n");
	else
		buffer_append_text(buffer, ":\n");
	put_entries(entries, style, buffer);
	json_array_foreach(missing, i, one)
	{
		put_line('.', TERMINAL_RESET, text_of(one, "text"), style, buffer);
	}
	report_conditions_text(json_member_array(report, "conditions"), style, buffer);
	return buffer_status(buffer);
}
