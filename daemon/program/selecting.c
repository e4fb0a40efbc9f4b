/* SPDX-License-Identifier: Apache-2.0 */
#include "program/selecting.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "base/array.h"
#include "base/wrap.h"
#include "core/selection.h"
#include "program/scheduler.h"

/* ---- asking ---- */

bool selecting_needed(const struct options *options, const struct fleet *file)
{
	bool needed = options->directories_count == 0;

	for (size_t i = 0; i < options->directories_count; i++)
		needed = needed || !fleet_directory(file, options->directories[i]);
	return needed && file->selectors_count > 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	(void)source;
	(void)info;
	scheduler_stop(context);
	return 0;
}

int selecting_discover(struct scheduler *scheduler, const struct fleet *file, struct error *error)
{
	sd_event_source *ends[2] = {NULL};
	int r;

	/* where signals are not blocked they end the program by themselves; where they are taken
	 * already these are refused */
	(void)sd_event_add_signal(scheduler->event, &ends[0], SIGTERM, on_stop, scheduler);
	(void)sd_event_add_signal(scheduler->event, &ends[1], SIGINT, on_stop, scheduler);
	r = scheduler_discover(scheduler, file, error);
	for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
		(void)sd_event_source_disable_unref(ends[i]);
	if (r == 0 && scheduler->stopping)
		r = error_set(error, ERROR_STOPPED, "stopped");
	return r;
}

/* ---- making ---- */

static struct fleet *make(
	const struct fleet *file, const struct knowledge *knowledge, struct error *error)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	int r = fleet ? selection_make(file, knowledge, fleet) : -ERROR_MEMORY;

	if (r == 0)
		return fleet;
	free(fleet);
	if (r == -ERROR_LIMIT)
		error_set(error, ERROR_LIMIT,
			"selectors match more directories than the %d that are looked after",
			FLEET_DIRECTORIES_MAX);
	else
		error_set(error, ERROR_MEMORY, "out of memory");
	return NULL;
}

struct fleet *selecting_make(
	struct fleet *file, const struct knowledge *knowledge, struct error *error)
{
	return file->selectors_count > 0 ? make(file, knowledge, error) : file;
}

struct fleet *selecting_again(
	const struct fleet *fleet, const struct knowledge *knowledge, struct error *error)
{
	struct fleet *again;

	error->code = 0;
	if (!fleet->base)
		return NULL;
	again = make(fleet->base, knowledge, error);
	if (again && selection_equal(fleet, again)) {
		selecting_drop(again);
		again = NULL;
	}
	return again;
}

void selecting_drop(struct fleet *fleet)
{
	fleet_done(fleet);
	free(fleet);
}

void selecting_drop_file(struct fleet *fleet)
{
	struct fleet *base = fleet ? (struct fleet *)(uintptr_t)fleet->base : NULL;

	selecting_drop(fleet);
	if (base)
		selecting_drop(base);
}

/* ---- telling ---- */

static bool looked_in(const struct fleet *fleet, const struct home *home)
{
	for (size_t i = 0; i < fleet->selectors_count; i++)
		if (selector_looks_in(&fleet->selectors[i], home->account, home->region))
			return true;
	return false;
}

size_t selecting_failures(const struct fleet *fleet, const struct knowledge *knowledge, bool tell)
{
	size_t count = 0;

	for (size_t i = 0; i < knowledge->homes_count; i++) {
		const struct home *home = &knowledge->homes[i];

		if (!home->failure || !looked_in(fleet, home))
			continue;
		count++;
		if (tell)
			fprintf(stderr,
				"ldapsward: selectors in %s: %s; what they matched before stays "
				"selected\n",
				home->region, home->failure);
	}
	return count;
}

static json_t *homes_json(const struct selector *selector)
{
	json_t *list = json_array();

	for (size_t i = 0; i < selector->homes_count; i++)
		(void)json_array_append_new(list, json_string(selector->homes[i]));
	return list;
}

static bool sees(const struct selector *selector, const struct home *home)
{
	return selector_looks_in(selector, home->account, home->region);
}

static json_t *failures_json(const struct selector *selector, const struct knowledge *knowledge)
{
	json_t *list = json_array();

	for (size_t i = 0; i < knowledge->homes_count; i++)
		if (sees(selector, &knowledge->homes[i]) && knowledge->homes[i].failure)
			(void)json_array_append_new(list, json_text(knowledge->homes[i].failure));
	return list;
}

/* Why the selector has not got a directory; "" if it has. */
static void why_not(const struct fleet *fleet, const struct selector *selector,
	const struct sighting *seen, struct buffer *why)
{
	const struct directory *directory = fleet_directory(fleet, seen->id);

	if (selector_judge(selector, seen, NULL) != SELECTOR_MATCHES)
		selector_explain(selector, seen, why);
	else if (directory && directory->contested)
		buffer_printf(why, "is matched by several selectors: %s", directory->contested);
	else if (directory && directory->selector != selector)
		buffer_append_text(why, "has an entry of its own");
}

static json_t *directory_json(const struct fleet *fleet, const struct known *known, const char *why)
{
	const struct directory *directory = fleet_directory(fleet, known->seen.id);
	json_t *regions = json_array(), *value;

	for (size_t i = 0; !why && directory && i < directory->regions_count; i++)
		(void)json_array_append_new(regions, json_string(directory->regions[i]));
	value = json_pack(
		"{s:s, s:o}", "directory", known->seen.id, "name", json_text(known->seen.name));
	(void)json_object_set_new(
		value, why ? "why" : "regions", why ? json_text(why) : json_incref(regions));
	json_decref(regions);
	return value;
}

/* Those that it has and those that it has not, each once though it is seen in several homes. */
static void directories_json(const struct fleet *fleet, const struct selector *selector,
	const struct knowledge *knowledge, json_t *matched, json_t *others)
{
	const char *last = "";

	for (size_t i = 0; i < knowledge->count; i++) {
		const struct known *known = &knowledge->knowns[i];
		struct buffer why;

		if (!sees(selector, &knowledge->homes[known->home]) ||
			strcmp(last, known->seen.id) == 0)
			continue;
		last = known->seen.id;
		buffer_init(&why, REPORT_TEXT_MAX);
		why_not(fleet, selector, &known->seen, &why);
		(void)json_array_append_new(why.length > 0 ? others : matched,
			directory_json(fleet, known, why.length > 0 ? buffer_text(&why) : NULL));
		buffer_done(&why);
	}
}

json_t *selecting_report(const struct fleet *fleet, const struct knowledge *knowledge)
{
	json_t *list = json_array();

	for (size_t i = 0; i < fleet->selectors_count; i++) {
		const struct selector *selector = &fleet->selectors[i];
		json_t *matched = json_array(), *others = json_array();

		if (selector->id[0] == '\0')
			directories_json(fleet, selector, knowledge, matched, others);
		if (selector->id[0] == '\0')
			(void)json_array_append_new(
				list, json_pack("{s:o, s:s, s:s, s:o, s:o, s:O, s:O}", "select",
					      json_text(selector->text), "place", selector->place,
					      "account", selector->wish.account->name, "regions",
					      homes_json(selector), "failures",
					      failures_json(selector, knowledge), "matched",
					      matched, "others", others));
		json_decref(matched);
		json_decref(others);
	}
	return list;
}

/* Words apart by commas. */
static void put_list(const json_t *list, struct buffer *buffer)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		buffer_printf(buffer, "%s%s", i > 0 ? ", " : "", json_string_value(item));
	}
}

static void put_directory(
	const json_t *directory, const struct report_style *style, struct buffer *buffer)
{
	const char *name = json_member_text(directory, "name");
	const char *why = json_member_text(directory, "why");
	struct buffer words;

	buffer_init(&words, REPORT_TEXT_MAX);
	buffer_append_text(&words, json_member_text(directory, "directory"));
	if (name && *name)
		buffer_printf(&words, " (%s)", name);
	if (why) {
		buffer_printf(&words, ": %s", why);
	} else {
		buffer_append_text(&words, " in ");
		put_list(json_member_array(directory, "regions"), &words);
	}
	buffer_printf(buffer, "  %c ", why ? '-' : '=');
	wrap_words(buffer, 4, REPORT_INDENT, style->width, buffer_text(&words));
	buffer_done(&words);
}

static void put_selector(
	const json_t *selector, const struct report_style *style, struct buffer *buffer)
{
	const char *account = json_member_text(selector, "account");
	const json_t *lists[] = {
		json_member_array(selector, "matched"), json_member_array(selector, "others")};
	struct buffer words;
	size_t i;
	json_t *item;

	buffer_init(&words, REPORT_TEXT_MAX);
	buffer_printf(&words, "%s: select %s in ", json_member_text(selector, "place"),
		json_member_text(selector, "select"));
	if (account && *account)
		buffer_printf(&words, "%s, ", account);
	put_list(json_member_array(selector, "regions"), &words);
	buffer_printf(&words, " matches %zu of %zu directories", json_array_size(lists[0]),
		json_array_size(lists[0]) + json_array_size(lists[1]));
	wrap_words(buffer, 0, REPORT_INDENT, style->width, buffer_text(&words));
	buffer_done(&words);
	json_array_foreach(json_member_array(selector, "failures"), i, item)
	{
		buffer_append_text(buffer, "  ! ");
		wrap_words(buffer, 4, REPORT_INDENT, style->width, json_string_value(item));
	}
	for (size_t list = 0; list < 2; list++)
		json_array_foreach(lists[list], i, item)
		{
			put_directory(item, style, buffer);
		}
}

int selecting_report_text(
	const json_t *selectors, const struct report_style *style, struct buffer *buffer)
{
	size_t i;
	json_t *selector;

	json_array_foreach(selectors, i, selector)
	{
		put_selector(selector, style, buffer);
	}
	return buffer_status(buffer);
}
