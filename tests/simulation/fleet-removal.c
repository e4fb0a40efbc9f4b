/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked of a removal in the large world: N1, N2, N3, N8, N13, and the table of 4.5. */
#include "base/array.h"
#include "fleet-controller.h"
#include "fleet-facts.h"
#include "fleet-tally.h"
#include "fleet-write.h"

/* A Registered certificate of the authority that ends after now; `without` is left out. */
bool write_covered(const struct write *write, int ca, const struct model_certificate *without)
{
	const struct world *world = write->world;

	for (size_t i = 0; i < write->target->model.count; i++) {
		const struct model_certificate *entry = &write->target->model.certificates[i];
		int paper = paper_of(world, entry->certificate);

		if (entry != without && registered(entry) && write_left(write, paper) >= 0 &&
			world->papers[paper].ca == ca &&
			(listed_in(world, write->file, paper) ||
				has_twin(world, write->file, paper)))
			return true;
	}
	return false;
}

/* From a certificate along its signers to a self-signed one; `hops` ends a circle. */
static bool rooted(
	const struct write *write, int paper, const struct model_certificate *without, int hops)
{
	const struct certificate *certificate = certificate_of(write->world, paper);

	if (certificate->self_signed)
		return true;
	for (size_t i = 0; hops > 0 && i < write->target->model.count; i++) {
		const struct model_certificate *entry = &write->target->model.certificates[i];

		if (entry != without && registered(entry) &&
			key_equal(&entry->certificate->key, &certificate->signer) &&
			rooted(write, paper_of(write->world, entry->certificate), without,
				hops - 1))
			return true;
	}
	return false;
}

/* LDAPS was off for so long that nobody uses what is registered. */
static bool settled_off(const struct write *write)
{
	return write->target->model.ldaps == LDAPS_STATUS_DISABLED &&
	       write->past->said_disabled != 0 &&
	       write->looking->at - write->past->said_disabled >= write->seat->directory.overlap;
}

static const char *check_paths(const struct write *write)
{
	const struct world *world = write->world;

	for (int ca = 0; ca < world->cas_count; ca++)
		if (trusts(write->file, ca) && !write_covered(write, ca, write->entry))
			return "N1b: a trusted authority stays without a Registered, unexpired one";
	for (size_t i = 0; i < write->target->model.count; i++) {
		const struct model_certificate *entry = &write->target->model.certificates[i];
		int paper = paper_of(world, entry->certificate);

		if (entry != write->entry && registered(entry) &&
			((entry->mark & MARK_OURS) || listed_in(world, write->file, paper)) &&
			rooted(write, paper, NULL, 3) && !rooted(write, paper, write->entry, 3))
			return "N1c: a Registered certificate loses its path to a root";
	}
	return NULL;
}

static const char *check_left(const struct write *write)
{
	const struct target *target = write->target;
	bool lives = false;

	if (settled_off(write))
		return NULL;
	for (size_t i = 0; i < target->model.count; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];

		lives |=
			entry != write->entry && registered(entry) &&
			write_left(write, paper_of(write->world, entry->certificate)) > DAYS(7) - 2;
	}
	if (!lives)
		return "N1a: no Registered certificate with more than 7 days stays";
	if (write_left(write, write->paper) < 0 ||
		approved(write->world, write->seat, write->paper))
		return NULL;
	return check_paths(write);
}

static bool shown_full(const struct write *write)
{
	const struct observed *shown = write->looking->shown;
	unsigned filled = 0;

	for (size_t i = 0; i < shown->listed_count; i++)
		filled += shown->listed[i].type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			  shown->listed[i].state != CERTIFICATE_STATE_DEREGISTERED &&
			  shown->listed[i].state != CERTIFICATE_STATE_REGISTER_FAILED;
	return filled >= write->seat->directory.certificate_limit;
}

/* A wanted certificate is missing from a listing that may be full, or of which the API said so. */
static bool room_needed(const struct write *write)
{
	const struct observed *shown = write->looking->shown;

	for (int i = 0; i < write->world->papers_count; i++)
		if (listed_in(write->world, write->file, i) && write_left(write, i) > DAYS(91) &&
			entries_like(write->world, shown, i) == 0)
			return shown->listed_count >= write->seat->directory.certificate_limit ||
			       write->target->memory.full_mark != 0;
	return false;
}

/* Since which look a later generation is Registered; 0: none is. */
static int64_t superseded_since(const struct write *write)
{
	int64_t since = 0;

	for (int i = 0; i < write->world->papers_count; i++) {
		int64_t registered = write->past->registered[i];

		if (later_generation(write->world, write->paper, i) && registered != 0 &&
			(since == 0 || registered < since))
			since = registered;
	}
	return since;
}

/* Whether the table of 4.5 lets a superseded one go. */
static bool retires(const struct write *write, int64_t since)
{
	const struct rotation *rotation =
		&write->world->authorities[write->world->papers[write->paper].ca].rotation;
	int64_t waited = write->world->now - since, rest = write_left(write, write->paper);
	bool expired = rest <= -DAYS(1);

	if (waited < rotation->overlap)
		return false;
	switch (rotation->retire) {
	case RETIRE_WHEN_PROVEN:
		return expired ||
		       probed_without(write->world, write->target, write->taken_for) == VERDICT_OK;
	case RETIRE_AFTER:
		return expired || (waited >= rotation->retire_after && rest > DAYS(91));
	case RETIRE_AT_EXPIRY:
		return expired;
	default:
		return false;
	}
}

static const char *check_dropped(const struct write *write)
{
	int64_t since = write->past->dropped[write->world->papers[write->paper].ca];

	return write_left(write, write->paper) > -300 &&
			       write->world->now - since < write->seat->directory.grace
		       ? "4.5: a dropped certificate goes before grace is over"
		       : NULL;
}

static const char *check_why(const struct write *write)
{
	const struct paper *paper = &write->world->papers[write->paper];
	int64_t since = superseded_since(write), rest = write_left(write, write->paper);
	bool by_hand = paper->ca >= 0 && write->world->cas[paper->ca].retire == RETIRE_MANUAL;
	bool dropped = paper->ca >= 0 && write->past->dropped[paper->ca] != 0;
	bool agreed = approved(write->world, write->seat, write->paper);

	if (dropped)
		return agreed ? NULL : check_dropped(write);
	if (rest <= -300 && room_needed(write) && (!by_hand || agreed))
		return NULL;
	if (since == 0)
		return "N10: a removal of what is neither dropped, superseded nor expired";
	return agreed || retires(write, since)
		       ? NULL
		       : "4.5: a superseded certificate goes before `retire:` allows it";
}

static const char *check_reason(const struct write *write)
{
	int64_t rest = write_left(write, write->paper);
	enum verdict verdict = probed_without(write->world, write->target, write->taken_for);
	bool expired = rest <= (shown_full(write) ? -300 : -DAYS(1));
	bool agreed = approved(write->world, write->seat, write->paper);

	if (rest <= DAYS(91) && !expired && !agreed && verdict != VERDICT_OK)
		return "N3: an irreversible removal without proof, expiry or approval";
	if (verdict == VERDICT_FAIL && !agreed)
		return "4.5: a certificate goes though a controller needs it (StillNeeded)";
	return check_why(write);
}

/* N13: those that verify now verify without it, or the administrator wanted it so. */
static const char *check_controllers(const struct write *write)
{
	struct world *world = write->world;
	const struct paper *paper = &world->papers[write->paper];
	struct set before, after;
	enum exception exception = EXCEPTIONS;

	set_of(world, write->target, "", &before);
	set_of(world, write->target, write->entry->id, &after);
	if (settled_off(write))
		exception = EXCEPTION_OFF;
	else if (approved(world, write->seat, write->paper))
		exception = EXCEPTION_APPROVED;
	else if (!trusts(write->file, paper->ca))
		exception = EXCEPTION_DROPPED;
	else if (world->cas[paper->ca].retire == RETIRE_AFTER)
		exception = EXCEPTION_AFTER;
	else if (write->taken_for != write->paper)
		exception = EXCEPTION_TWIN;
	for (size_t i = 0; i < write->seat->controllers_count; i++) {
		const struct controller *controller = &write->seat->controllers[i];

		if (!controller->there || !controller_verifies(world, controller, &before) ||
			controller_verifies(world, controller, &after))
			continue;
		if (exception == EXCEPTIONS)
			return "N13: a domain controller verified before this write, and does not "
			       "after it";
		world->tally->exceptions[exception]++;
	}
	return NULL;
}

const char *write_check_removal(const struct write *write)
{
	static const char *(*const checks[])(const struct write *) = {
		check_left, check_reason, check_controllers};

	if (!shown_entry(write->looking->shown, write->step->id))
		return "N8: a removal of what the look did not show";
	if (!write->entry) /* it expired and went between the look and the call */
		return NULL;
	if (!ldaps_type(write->entry))
		return "N2: an entry of type ClientCertAuth is deregistered";
	if (!(write->entry->mark & (MARK_OURS | MARK_CLAIM)))
		return "N2: a foreign entry is deregistered";
	for (size_t i = 0; write->trusted && i < ARRAY_LENGTH(checks); i++) {
		const char *broken = checks[i](write);

		if (broken)
			return broken;
	}
	return NULL;
}
