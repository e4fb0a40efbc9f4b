/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-authority.h"

#include <stdio.h>
#include <string.h>

#include "fleet-happening.h"
#include "fleet-plan.h"
#include "fleet-story.h"

/* ---- certificates ---- */

static void name_paper(const struct world *world, struct paper *paper)
{
	struct certificate *certificate = &paper->certificate;

	if (paper->ca < 0)
		snprintf(certificate->common_name, sizeof(certificate->common_name), "Foreign %d",
			paper->number);
	else
		snprintf(certificate->common_name, sizeof(certificate->common_name), "%s%s",
			world->cas[paper->ca].name,
			paper->kind == PAPER_OTHER_SUBJECT ? " G2" : "");
}

static void sign(struct world *world, struct paper *paper, const struct ca *ca, bool new_key)
{
	struct certificate *certificate = &paper->certificate;
	const struct certificate *old =
		ca && ca->current >= 0 ? certificate_of(world, ca->current) : NULL;

	certificate->key.bytes[0] = new_key || !old ? ++world->keys : old->key.bytes[0];
	certificate->signer = certificate->key;
	if (!new_key && old)
		certificate->not_before = old->not_before;
	certificate->self_signed = certificate->self_issued = !ca || ca->parent < 0;
	if (paper->kind == PAPER_CROSS && old) {
		certificate->signer = old->key;
		certificate->self_issued = true;
		certificate->self_signed = false;
	} else if (ca && ca->parent >= 0) {
		certificate->signer = certificate_of(world, world->cas[ca->parent].current)->key;
	}
	if (!ca || !ca->versions || paper->kind == PAPER_OTHER_SUBJECT)
		return;
	certificate->version_certificate = ca->generations;
	certificate->version_key = new_key || !old ? ca->generations : old->version_key;
}

int authority_issue(
	struct world *world, int ca, enum paper_kind kind, bool new_key, int64_t not_after)
{
	int number = world->papers_count;
	struct paper *paper = &world->papers[number];
	struct certificate *certificate = &paper->certificate;

	if (number == PAPERS_MAX)
		return -1;
	world->papers_count++;
	*paper = (struct paper){.kind = kind, .ca = ca, .number = number};
	*certificate = (struct certificate){.not_before = world->now - DAYS(1),
		.not_after = not_after,
		.version_certificate = -1,
		.version_key = -1,
		.pem_length = 1000,
		.ca = true,
		.cert_sign = true};
	certificate->sha256.bytes[0] = (uint8_t)(number + 1);
	certificate->sha256.bytes[1] = 1;
	certificate->subject.bytes[0] = (uint8_t)(ca + 2);
	certificate->subject.bytes[1] = kind == PAPER_OTHER_SUBJECT;
	if (ca < 0) /* each of another CA */
		certificate->subject.bytes[2] = (uint8_t)number;
	name_paper(world, paper);
	sign(world, paper, ca >= 0 ? &world->cas[ca] : NULL, new_key);
	if (ca >= 0 && kind == PAPER_GENERATION)
		world->cas[ca].generations++;
	return number;
}

/* ---- the file ---- */

static void refresh(struct world *world, int ca)
{
	struct authority *authority = &world->authorities[ca];

	authority->count = 0;
	for (int i = 0; i < world->papers_count; i++)
		if (world->papers[i].ca == ca && world->papers[i].in_file &&
			authority->count < AUTHORITY_CERTIFICATES_MAX)
			world->lists[ca][authority->count++] = certificate_of(world, i);
	authority_sort(authority);
	authority->rotation.retire = world->cas[ca].retire;
	for (size_t i = 0; i < world->seats_count; i++)
		if (world->seats[i].set.trusts >> ca & 1) {
			seat_write(world, &world->seats[i]);
			seat_wake(world, &world->seats[i]);
		}
}

bool authority_has_twin(const struct world *world, int paper)
{
	const struct paper *one = &world->papers[paper];

	for (int i = 0; i < world->papers_count; i++)
		if (i != paper && world->papers[i].ca == one->ca && world->papers[i].in_file &&
			(one->kind == PAPER_TWIN || world->papers[i].kind == PAPER_TWIN) &&
			one->certificate.not_after == certificate_of(world, i)->not_after)
			return true;
	return false;
}

bool authority_file(struct world *world, int paper, bool in_file)
{
	int ca = world->papers[paper].ca, others = 0;

	for (int i = 0; i < world->papers_count; i++)
		others += i != paper && world->papers[i].ca == ca && world->papers[i].in_file;
	if (!in_file && others == 0)
		return false;
	world->papers[paper].in_file = in_file;
	refresh(world, ca);
	return true;
}

/* ---- renewals ---- */

/* The end that a certificate gets now: no later than its signer's. */
static int64_t end_of(const struct world *world, int ca)
{
	int64_t end = world->now + world->cas[ca].validity;
	int parent = world->cas[ca].parent;

	if (parent >= 0 && end > certificate_of(world, world->cas[parent].current)->not_after)
		end = certificate_of(world, world->cas[parent].current)->not_after;
	return end;
}

void authority_begin(struct world *world, int ca, int64_t age)
{
	int64_t end = end_of(world, ca) - age;
	int paper;

	world->cas[ca].current = -1;
	paper = authority_issue(world, ca, PAPER_GENERATION, true,
		end < world->now + DAYS(30) ? world->now + DAYS(30) : end);
	world->papers[paper].certificate.not_before -= age;
	world->cas[ca].current = paper;
	world->papers[paper].in_file = true;
	refresh(world, ca);
}

void authority_plan(struct world *world, int ca)
{
	int64_t end = certificate_of(world, world->cas[ca].current)->not_after;
	int64_t timely = world->cas[ca].validity / 2;
	int throw = dice_below(&world->dice, 100);
	int64_t lead =
		dice_between(&world->dice, DAYS(150), timely > DAYS(500) ? DAYS(500) : timely);

	if (throw >= 70)
		lead = throw < 87 ? dice_between(&world->dice, DAYS(10), DAYS(118))
				  : -dice_between(&world->dice, DAYS(1), DAYS(150));
	plan_add(world, end - lead > world->now + DAYS(20) ? end - lead : world->now + DAYS(20),
		HAPPENING_CA_RENEW, ca, -1);
}

static const struct {
	enum paper_kind kind;
	enum happening happening;
	bool new_key;
	int64_t low, high; /* what is left of it, in days; 0: the life of its predecessor */
} wrongs[] = {
	{PAPER_OTHER_SUBJECT, HAPPENING_CA_OTHER_SUBJECT, true, 400, 2000},
	{PAPER_SHORTER, HAPPENING_CA_SHORTER, true, 95, 140},
	{PAPER_UNDER_DOOR, HAPPENING_CA_UNDER_DOOR, false, 10, 90},
	{PAPER_CROSS, HAPPENING_CA_CROSS, true, 400, 2000},
};

/* A wrong successor lies in the file for a while; when the right one may come. */
static int64_t publish_wrong(struct world *world, int ca, int64_t at)
{
	int i = dice_below(&world->dice, 4);
	int64_t gone = at + dice_between(&world->dice, DAYS(2), DAYS(60));
	int paper = authority_issue(world, ca, wrongs[i].kind, wrongs[i].new_key,
		world->now + DAYS(dice_between(&world->dice, wrongs[i].low, wrongs[i].high)));

	if (paper < 0)
		return at;
	happening_count(world, wrongs[i].happening);
	plan_add(world, at, HAPPENING_CA_PUBLISH, paper, -1);
	plan_add(world, gone, HAPPENING_CA_WITHDRAW, paper, -1);
	return gone;
}

static int renew(struct world *world, int ca, bool new_key)
{
	const struct certificate *old = certificate_of(world, world->cas[ca].current);
	int64_t left = old->not_after - world->now;
	int paper =
		end_of(world, ca) > old->not_after + DAYS(20)
			? authority_issue(world, ca, PAPER_GENERATION, new_key, end_of(world, ca))
			: -1;

	if (paper < 0)
		return -1;
	happening_count(world, new_key ? HAPPENING_CA_NEW_KEY : HAPPENING_CA_SAME_KEY);
	if (left < DAYS(120))
		happening_count(world, left < 0 ? HAPPENING_CA_MISSING : HAPPENING_CA_LATE);
	story_all(world, "%s is renewed with %s key", world->cas[ca].name,
		new_key ? "a new" : "the same");
	return paper;
}

bool happen_CA_RENEW(struct world *world, int ca, int b)
{
	int paper = renew(world, ca, dice_percent(&world->dice, 50));
	int64_t at = world->now + dice_between(&world->dice, 1, DAYS(30));
	int64_t live = world->now + dice_between(&world->dice, 1, DAYS(60));

	(void)b;
	if (paper < 0) { /* it must wait for its root */
		if (world->papers_count < PAPERS_MAX)
			plan_add(world, world->now + DAYS(30), HAPPENING_CA_RENEW, ca, -1);
		return false;
	}
	if (dice_percent(&world->dice, 12))
		at += DAYS(dice_below(&world->dice, 200));
	if (dice_percent(&world->dice, 25))
		at = publish_wrong(world, ca, at);
	if (paper_left(world, world->cas[ca].current) < 0)
		live = world->now;
	plan_add(world, at, HAPPENING_CA_PUBLISH, paper, -1);
	plan_add(world, live, HAPPENING_CA_LIVE, ca, paper);
	return true;
}

/* What comes of CA_RENEW. */
HAPPENING_NEVER(CA_NEW_KEY)
HAPPENING_NEVER(CA_SAME_KEY)
HAPPENING_NEVER(CA_LATE)
HAPPENING_NEVER(CA_MISSING)
HAPPENING_NEVER(CA_OTHER_SUBJECT)
HAPPENING_NEVER(CA_SHORTER)
HAPPENING_NEVER(CA_UNDER_DOOR)
HAPPENING_NEVER(CA_CROSS)

bool happen_CA_LIVE(struct world *world, int ca, int paper)
{
	char name[TARGET_NAME_SIZE];

	world->cas[ca].current = paper;
	story_all(
		world, "%s signs with %s now", world->cas[ca].name, paper_name(world, paper, name));
	authority_plan(world, ca);
	return true;
}

bool happen_CA_PUBLISH(struct world *world, int paper, int b)
{
	char name[TARGET_NAME_SIZE];

	(void)b;
	story_all(world, "%s is put into the file", paper_name(world, paper, name));
	return authority_file(world, paper, true);
}

bool happen_CA_WITHDRAW(struct world *world, int paper, int b)
{
	char name[TARGET_NAME_SIZE];

	(void)b;
	story_all(world, "%s is taken out of the file", paper_name(world, paper, name));
	return authority_file(world, paper, false);
}

void authority_renew_now(struct world *world, int ca, int64_t left)
{
	int paper;

	for (int i = 0; i < world->papers_count; i++) /* one that waits for its day */
		if (world->papers[i].ca == ca && world->papers[i].kind == PAPER_GENERATION)
			world->cas[ca].current = i;
	if (paper_left(world, world->cas[ca].current) < left) {
		paper = renew(world, ca, dice_percent(&world->dice, 50));
		if (paper < 0)
			return;
		world->cas[ca].current = paper;
	}
	if (!world->papers[world->cas[ca].current].in_file)
		authority_file(world, world->cas[ca].current, true);
}
