/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-story.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "fleet-authority.h"
#include "fleet-controller.h"

/* The last sentences of a seed that are kept: years of the largest fleet. */
#define KEPT	      (1U << 16)
#define SENTENCE_SIZE 168

/* Whom a sentence concerns beside a target's number: everybody, or a seat. */
#define EVERYBODY  (-1)
#define SEAT(seat) (-2 - (long)(seat))

struct sentence {
	int64_t at;
	long whom;
	char text[SENTENCE_SIZE];
};

struct story {
	size_t count; /* ever noted */
	struct sentence sentences[KEPT];
};

struct story *story_new(void)
{
	return calloc(1, sizeof(struct story));
}

__attribute__((format(printf, 3, 0))) static void note(
	struct world *world, long whom, const char *format, va_list arguments)
{
	struct sentence *sentence = &world->story->sentences[world->story->count++ % KEPT];

	sentence->at = world->now;
	sentence->whom = whom;
	vsnprintf(sentence->text, sizeof(sentence->text), format, arguments);
}

void story_target(struct world *world, const struct target *target, const char *format, ...)
{
	va_list arguments;

	if (!world->story)
		return;
	va_start(arguments, format);
	note(world, target - world->targets, format, arguments);
	va_end(arguments);
}

void story_seat(struct world *world, const struct seat *seat, const char *format, ...)
{
	va_list arguments;

	if (!world->story)
		return;
	va_start(arguments, format);
	note(world, SEAT(seat - world->seats), format, arguments);
	va_end(arguments);
}

void story_all(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (!world->story)
		return;
	va_start(arguments, format);
	note(world, EVERYBODY, format, arguments);
	va_end(arguments);
}

char *target_name(const struct world *world, const struct target *target,
	char ret_name[static TARGET_NAME_SIZE])
{
	static const char *const regions[REGIONS_MAX] = {"eu-west-1", "eu-central-1", "us-east-1"};

	snprintf(ret_name, TARGET_NAME_SIZE, "%s in %s", world->seats[target->seat].directory.id,
		regions[target->region]);
	return ret_name;
}

char *paper_name(const struct world *world, int paper, char ret_name[static TARGET_NAME_SIZE])
{
	char date[INSTANT_SIZE];

	instant_format_date(certificate_of(world, paper)->not_after, date);
	snprintf(ret_name, TARGET_NAME_SIZE, "%.20s #%d (until %s)",
		certificate_of(world, paper)->common_name, paper, date);
	return ret_name;
}

static bool concerns(const struct world *world, const struct sentence *sentence, long target)
{
	return target < 0 || sentence->whom == EVERYBODY || sentence->whom == target ||
	       sentence->whom == SEAT(world->targets[target].seat);
}

static void print_sentence(const struct world *world, FILE *out, const struct sentence *sentence)
{
	char when[INSTANT_SIZE], whom[TARGET_NAME_SIZE] = "";

	if (sentence->whom >= 0)
		target_name(world, &world->targets[sentence->whom], whom);
	else if (sentence->whom != EVERYBODY)
		snprintf(whom, sizeof(whom), "%s", world->seats[-2 - sentence->whom].directory.id);
	fprintf(out, "  %s  %s%s%s\n", instant_format(sentence->at, when), whom,
		whom[0] ? ": " : "", sentence->text);
}

void story_print(const struct world *world, FILE *out, long target, size_t most)
{
	const struct story *story = world->story;
	size_t begin = story->count > KEPT ? story->count - KEPT : 0, told = 0, from = story->count;

	while (from > begin && told < most)
		told += concerns(world, &story->sentences[--from % KEPT], target);
	for (; from < story->count; from++)
		if (concerns(world, &story->sentences[from % KEPT], target))
			print_sentence(world, out, &story->sentences[from % KEPT]);
}

/* ---- facts ---- */

static void print_file(const struct world *world, FILE *out, const struct seat *seat)
{
	char name[TARGET_NAME_SIZE];

	fprintf(out, "  file: policy %s, client_ldaps %s, adopt %s%s%s, trust",
		policy_str(seat->set.policy), client_ldaps_str(seat->set.client_ldaps),
		seat->set.adopt == ADOPT_NEVER ? "never" : "matching",
		seat->set.wrong_name ? ", a wrong name" : "", seat->set.absent ? ", absent" : "");
	for (int ca = 0; ca < world->cas_count; ca++)
		if (seat->set.trusts >> ca & 1)
			fprintf(out, " %s (retire: %s, overlap %lld h)", world->cas[ca].name,
				retire_str(world->cas[ca].retire),
				(long long)world->authorities[ca].rotation.overlap / 3600);
	fprintf(out, "\n  files:");
	for (int i = 0; i < world->papers_count; i++)
		if (world->papers[i].in_file && (seat->set.trusts >> world->papers[i].ca & 1))
			fprintf(out, " %s", paper_name(world, i, name));
	fprintf(out, "\n");
}

static void print_entries(const struct world *world, FILE *out, const struct target *target)
{
	char name[TARGET_NAME_SIZE], when[INSTANT_SIZE];

	fprintf(out, "  LDAPS %s\n", ldaps_status_str(target->model.ldaps));
	for (size_t i = 0; i < target->model.count; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];
		const struct memory_certificate *owned = memory_find(&target->memory, entry->id);

		fprintf(out, "  entry %s: %s, %s, %s%s", entry->id,
			paper_name(world, paper_of(world, entry->certificate), name),
			certificate_type_str(entry->type), certificate_state_str(entry->state),
			owned ? ", owned" : "");
		if (owned && owned->removable_since != 0)
			fprintf(out, ", removable since %s",
				instant_format(owned->removable_since, when));
		fprintf(out, "\n");
	}
}

static void print_controllers(const struct world *world, FILE *out, const struct target *target)
{
	static const char *const reaches[] = {"", ", cannot be probed", ", broken"};
	const struct seat *seat = &world->seats[target->seat];
	char name[TARGET_NAME_SIZE], when[INSTANT_SIZE];
	struct set set;

	set_of(world, target, "", &set);
	for (size_t i = 0; i < seat->controllers_count; i++) {
		const struct controller *controller = &seat->controllers[i];

		if (controller->there)
			fprintf(out, "  controller %zu: until %s, of %s%s%s%s: %s\n", i,
				instant_format_date(controller->not_after, when),
				paper_name(world, controller->issuer, name),
				controller->exact ? ", by serial" : "",
				controller->sends_issuer ? ", sends its issuer" : "",
				reaches[controller->reach],
				controller_verifies(world, controller, &set) ? "verifies"
									     : "does not verify");
	}
}

void story_facts(struct world *world, FILE *out, struct target *target)
{
	const struct seat *seat = seat_of(world, target);
	char name[TARGET_NAME_SIZE], when[INSTANT_SIZE];

	fprintf(out, "  facts of %s on %s:\n", target_name(world, target, name),
		instant_format(world->now, when));
	fprintf(out, "  interval %lld s, clock off by %lld s, %s, partial chains %s\n",
		(long long)world->interval, (long long)world->skew,
		seat->probed ? "probed" : "not probed",
		world->partial ? "accepted" : "not accepted");
	fprintf(out, "  service:");
	for (int i = 0; i < MODEL_POINTS; i++)
		if (world->options.points[i] != 0)
			fprintf(out, " %s=%s", model_point_str((enum model_point)i),
				model_answer_str((enum model_point)i, world->options.points[i]));
	for (int i = 0; i < MODEL_GUARDS; i++)
		if (!(world->options.guards >> i & 1))
			fprintf(out, " without-%s", model_guard_str((enum model_guard)i));
	fprintf(out, "\n");
	print_file(world, out, seat);
	print_entries(world, out, target);
	print_controllers(world, out, target);
	fprintf(out, "  decided last: %s (%s)\n", step_kind_str(target->last.kind),
		reason_str(target->last.reason));
}
