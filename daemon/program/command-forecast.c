/* SPDX-License-Identifier: Apache-2.0 */
/* `forecast`: what will happen to every directory until a date; writes nothing anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "core/forecast.h"
#include "core/presumption.h"
#include "edge/clock.h"
#include "edge/terminal.h"
#include "program/commands.h"
#include "program/outlook.h"
#include "program/report.h"
#include "program/selecting.h"
#include "program/setup.h"
#include "program/survey.h"

/* The lines before the blocks. Bytes. */
#define INTRODUCTION_MAX 4096

struct foretelling {
	const struct options *options;
	struct timeline_style style;
	int64_t begin, until;
	size_t directories; /* forecast */
	size_t affected;    /* with an outage ahead */
	size_t outages, unread;
	bool apart; /* a directory in several Regions is among them, and counts in each */
	int64_t first_outage;
	struct outlook outlook; /* for people */
	char **texts; /* owned: as JSON, of each target, while those before it are not printed */
	size_t targets, printed;
	bool failed; /* no memory */
};

/* ---- what was forecast ---- */

static void count(struct foretelling *foretelling, const struct forecast *forecast)
{
	int64_t first = forecast->first_outage;

	foretelling->directories++;
	foretelling->unread += !forecast->readable;
	foretelling->outages += forecast->outages;
	foretelling->affected += forecast->outages > 0;
	if (first != 0 && (foretelling->first_outage == 0 || first < foretelling->first_outage))
		foretelling->first_outage = first;
}

/* Prints what is next in the order of account, Region and id. */
static void print_ready(struct foretelling *foretelling)
{
	while (foretelling->printed < foretelling->targets &&
		foretelling->texts[foretelling->printed]) {
		if (foretelling->printed > 0)
			fputs(",\n", stdout);
		fputs(foretelling->texts[foretelling->printed], stdout);
		free(foretelling->texts[foretelling->printed]);
		foretelling->texts[foretelling->printed++] = NULL;
	}
}

static void keep_json(struct foretelling *foretelling, size_t index,
	const struct outlook_place *place, const struct forecast *forecast)
{
	json_t *value = outlook_json(place, forecast, !foretelling->options->offline);
	struct buffer text;

	buffer_init(&text, OUTLOOK_TEXT_MAX);
	json_append(&text, value);
	json_decref(value);
	foretelling->texts[index] = buffer_steal(&text);
	foretelling->failed |= !foretelling->texts[index];
	print_ready(foretelling);
}

static void foretell(struct foretelling *foretelling, size_t index,
	const struct outlook_place *place, const struct situation *situation)
{
	struct forecast forecast;

	foretelling->apart |= situation->wanted && situation->wanted->regions_count > 1;
	if (forecast_make(situation, foretelling->until, &forecast) < 0) {
		foretelling->failed = true;
		return;
	}
	count(foretelling, &forecast);
	if (foretelling->options->json) {
		keep_json(foretelling, index, place, &forecast);
		forecast_done(&forecast);
	} else if (outlook_add(&foretelling->outlook, place, situation->wanted, &forecast) < 0) {
		foretelling->failed = true;
	}
}

static int begun(void *context, size_t targets)
{
	struct foretelling *foretelling = context;
	char begin[INSTANT_SIZE], until[INSTANT_SIZE];

	foretelling->targets = targets;
	if (!foretelling->options->json)
		return 0;
	foretelling->texts = calloc(targets + 1, sizeof(foretelling->texts[0]));
	if (!foretelling->texts)
		return -ERROR_MEMORY;
	printf("{\"version\":%d,\"offline\":%s,\"begin\":\"%s\",\"until\":\"%s\","
	       "\"directories\":[",
		REPORT_VERSION, foretelling->options->offline ? "true" : "false",
		instant_format(foretelling->begin, begin),
		instant_format(foretelling->until, until));
	return 0;
}

static void seen(void *context, const struct target *target, const struct situation *situation,
	const struct decision *decided, struct rollouts *rollouts)
{
	struct outlook_place place = {.account = target->account,
		.region = target->region,
		.directory = target->id,
		.name = report_name(target, situation->observed)};

	(void)decided;
	(void)rollouts;
	foretell(context, target->index, &place, situation);
}

static void selected(void *context, const struct fleet *fleet, const struct knowledge *knowledge)
{
	struct foretelling *foretelling = context;

	if (selecting_failures(fleet, knowledge, true) > 0)
		foretelling->failed = true;
}

/* ---- from the file alone ---- */

struct offline_target {
	struct outlook_place place;
	const struct directory *wanted;
};

static int offline_cmp(const void *a, const void *b)
{
	const struct outlook_place *one = &((const struct offline_target *)a)->place;
	const struct outlook_place *other = &((const struct offline_target *)b)->place;
	int r = strcmp(one->account, other->account);

	if (r == 0)
		r = strcmp(one->region, other->region);
	return r != 0 ? r : strcmp(one->directory, other->directory);
}

static bool is_asked_for(const struct options *options, const char *directory)
{
	for (size_t i = 0; i < options->directories_count; i++)
		if (strcmp(options->directories[i], directory) == 0)
			return true;
	return options->directories_count == 0;
}

/* The targets of the file, in order; NULL without memory. The caller's. */
static struct offline_target *offline_targets(
	const struct options *options, const struct fleet *fleet, size_t *ret_count)
{
	struct offline_target *targets;
	size_t total = 0, taken = 0;

	for (size_t i = 0; i < fleet->directories_count; i++)
		total += fleet->directories[i].regions_count;
	targets = calloc(total + 1, sizeof(targets[0]));
	if (!targets)
		return NULL;
	for (size_t i = 0; i < fleet->directories_count; i++) {
		const struct directory *wanted = &fleet->directories[i];

		for (size_t j = 0; j < wanted->regions_count; j++)
			if (is_asked_for(options, wanted->id))
				targets[taken++] = (struct offline_target){.wanted = wanted,
					.place = {.account = wanted->account->name,
						.region = wanted->regions[j],
						.directory = wanted->id,
						.name = wanted->name ? wanted->name : ""}};
	}
	qsort(targets, taken, sizeof(targets[0]), offline_cmp);
	*ret_count = taken;
	return targets;
}

static int foretell_offline(
	struct foretelling *foretelling, const struct fleet *fleet, struct error *error)
{
	size_t targets_count;
	struct offline_target *targets =
		offline_targets(foretelling->options, fleet, &targets_count);

	if (selecting_needed(foretelling->options, fleet))
		fputs("ldapsward: what `select` matches, and the Regions of `regions: all`, the "
		      "API "
		      "alone knows: without --offline these directories are foretold too\n",
			stderr);

	if (!targets || begun(foretelling, targets_count) < 0) {
		free(targets);
		return error_set(error, ERROR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < targets_count; i++) {
		struct presumption presumption;

		if (presumption_make(targets[i].wanted, fleet->interval, foretelling->begin,
			    &presumption) < 0) {
			foretelling->failed = true;
			break;
		}
		foretell(foretelling, i, &targets[i].place, &presumption.situation);
		presumption_done(&presumption);
	}
	free(targets);
	return 0;
}

/* ---- printing ---- */

static void print_introduction(const struct foretelling *foretelling)
{
	char begin[INSTANT_SIZE], until[INSTANT_SIZE];
	struct buffer words, text;

	buffer_init(&words, INTRODUCTION_MAX);
	buffer_init(&text, INTRODUCTION_MAX);
	buffer_printf(&words, "From %s until %s, if nobody does anything",
		instant_format_date(foretelling->begin, begin),
		instant_format_date(foretelling->until, until));
	if (foretelling->options->offline)
		buffer_append_text(&words,
			", from the file alone: every trusted certificate that is valid now is "
			"taken to be Registered for long, as far as `certificate_limit` goes, and "
			"LDAPS to be as the file wants it");
	buffer_append_text(&words, ".");
	wrap_words(&text, 0, 0, foretelling->style.width, buffer_text(&words));
	timeline_legend(&foretelling->style, &text);
	fputs(buffer_text(&text), stdout);
	buffer_done(&words);
	buffer_done(&text);
}

static void print_blocks(struct foretelling *foretelling)
{
	struct buffer text;

	buffer_init(&text, OUTLOOK_TEXT_MAX);
	outlook_sort(&foretelling->outlook);
	for (size_t i = 0; i < foretelling->outlook.count; i++) {
		buffer_clear(&text);
		outlook_text(&foretelling->outlook.blocks[i], &foretelling->style,
			!foretelling->options->offline, &text);
		putchar('\n');
		fputs(buffer_text(&text), stdout);
	}
	buffer_done(&text);
}

static void print_summary(const struct foretelling *foretelling)
{
	char date[INSTANT_SIZE];
	size_t read = foretelling->directories - foretelling->unread;
	const char *apart = foretelling->apart ? TARGET_APART : "";
	struct buffer words, text;

	buffer_init(&words, INTRODUCTION_MAX);
	buffer_init(&text, INTRODUCTION_MAX);
	if (foretelling->outages > 0)
		buffer_printf(&words,
			"Forecast: %zu outage%s ahead, the first on %s, in %zu of %zu "
			"directories%s",
			foretelling->outages, foretelling->outages == 1 ? "" : "s",
			instant_format_date(foretelling->first_outage, date), foretelling->affected,
			foretelling->directories, apart);
	else
		buffer_printf(&words, "Forecast: no outage until %s in %zu director%s%s",
			instant_format_date(foretelling->until, date), read,
			read == 1 ? "y" : "ies", apart);
	if (foretelling->unread > 0)
		buffer_printf(&words, "; %zu not read", foretelling->unread);
	buffer_append_text(&words, ".");
	wrap_words(&text, 0, 0, foretelling->style.width, buffer_text(&words));
	printf("\n%s", buffer_text(&text));
	buffer_done(&words);
	buffer_done(&text);
}

static void print_summary_json(const struct foretelling *foretelling)
{
	char first[INSTANT_SIZE];
	bool none = foretelling->first_outage == 0;

	printf("],\"summary\":{\"directories\":%zu,\"affected\":%zu,\"outages\":%zu,"
	       "\"first_outage\":%s%s%s,\"unread\":%zu}}\n",
		foretelling->directories, foretelling->affected, foretelling->outages,
		none ? "" : "\"", none ? "null" : instant_format(foretelling->first_outage, first),
		none ? "" : "\"", foretelling->unread);
}

static void print_all(struct foretelling *foretelling)
{
	if (foretelling->options->json) {
		print_summary_json(foretelling);
		return;
	}
	print_introduction(foretelling);
	print_blocks(foretelling);
	print_summary(foretelling);
}

static int exit_status(const struct foretelling *foretelling)
{
	if (foretelling->failed || foretelling->unread > 0 ||
		foretelling->directories < foretelling->targets)
		return EXIT_FAILURE;
	return foretelling->outages > 0 ? 2 : EXIT_SUCCESS;
}

int command_forecast(const struct options *options)
{
	struct foretelling foretelling = {.options = options,
		.style = {.colour = terminal_colour(1),
			.unicode = terminal_unicode(1),
			.width = (size_t)terminal_width(1)},
		.begin = clock_now()};
	struct survey_listener listener = {
		.context = &foretelling, .selected = selected, .begun = begun, .seen = seen};
	struct store store = {0};
	struct fleet fleet = {0};
	struct error error = {0};
	int r;

	foretelling.until =
		options->until != 0 ? options->until : foretelling.begin + OPTIONS_UNTIL_S;
	if (!setup_command(options, &store, &fleet))
		return EXIT_FAILURE;
	r = options->offline ? foretell_offline(&foretelling, &fleet, &error)
			     : survey_fleet(options, &fleet, &store, &listener, &error);
	if (r < 0) {
		fprintf(stderr, "ldapsward: %s\n", error.message);
		return EXIT_FAILURE;
	}
	print_all(&foretelling);
	outlook_done(&foretelling.outlook);
	return exit_status(&foretelling);
}
