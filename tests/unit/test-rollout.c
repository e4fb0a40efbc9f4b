/* SPDX-License-Identifier: Apache-2.0 */
/* Roll-outs: who may take trust away when (N12), a sentence a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "core/fleet.h"
#include "core/rollout.h"

#define NOW	 INT64_C(1800000000)
#define DAY	 INT64_C(86400)
#define HOUR	 INT64_C(3600)
#define INTERVAL INT64_C(900)
#define OVERLAP	 DAY
#define ACTS_MAX 16

/* What is rolled out: two certificates of one authority, one of another, disabling in two accounts.
 */
enum what {
	OLD,
	OLDER,
	OTHER,
	DISABLE,
	DISABLE_LAB,
	NAMESAKE, /* a certificate of an authority that is called as an account is */
};

enum deed {
	END,
	TAKE,	/* a turn that is allowed */
	BACK,	/* the turn of this very instant: its step was never sent */
	READY,	/* a look at the place finds it Ready, and so do looks every hour until `until` */
	BROKEN, /* a look finds it not Ready */
	LEAVE,	/* the place leaves the file */
	AWAIT,	/* the place waits for its turn, every day until `until` */
};

struct act {
	enum deed deed;
	int place; /* from 1 */
	enum what what;
	int64_t at, until; /* after NOW */
};

static const char *const places[] = {"d-0000000000", "d-0000000001", "d-0000000002", "d-0000000003",
	"d-0000000004", "d-0000000005", "d-0000000001"};
/* The directory of place 1 in another Region. */
#define ABROAD 6

static struct rollout_turn turn_of(int place, enum what what, int64_t at)
{
	static const char *const scopes[] = {
		"corp-root", "corp-root", "corp-other", "prod", "lab", "prod"};
	struct rollout_turn turn = {.scope = scopes[what],
		.place = {what == DISABLE_LAB ? "lab" : "prod", "eu-west-1", places[place]},
		.overlap = OVERLAP,
		.interval = INTERVAL,
		.now = NOW + at};

	if (place == ABROAD)
		turn.place.region = "eu-central-1";
	if (what != DISABLE && what != DISABLE_LAB)
		memset(turn.certificate.bytes, 1 + (int)what, sizeof(turn.certificate));
	return turn;
}

static void see(struct rollouts *rollouts, const struct act *act)
{
	const struct rollout_turn turn = turn_of(act->place, act->what, 0);

	for (int64_t at = act->at; at <= act->at || at <= act->until; at += HOUR)
		for (size_t i = 0; i < rollouts->count; i++)
			if (rollout_led_by(&rollouts->rollouts[i], &turn.place))
				rollouts_see(rollouts, &rollouts->rollouts[i], act->deed == READY,
					NOW + at);
}

/* A fleet of all places but one (-1: of all): by the file, which may have selectors, or from `now`
 * on by these. */
static void leave(struct rollouts *rollouts, int gone, size_t selectors, int64_t now)
{
	char region[] = "eu-west-1", name[] = "prod", *regions[] = {region};
	struct account account = {.name = name};
	struct directory directories[ARRAY_LENGTH(places)] = {0};
	const struct fleet *before = rollouts->fleet;
	struct fleet fleet = {
		.directories = directories, .parallel = 1, .selectors_count = selectors};

	for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
		struct directory *directory = &directories[fleet.directories_count];

		if ((int)i == gone || i == ABROAD)
			continue;
		memcpy(directory->id, places[i], sizeof(directory->id));
		directory->account = &account;
		directory->regions = regions;
		directory->regions_count = 1;
		fleet.directories_count++;
	}
	if (now == 0)
		rollouts_adopt_fleet(rollouts, &fleet);
	else
		rollouts_adopt_selection(rollouts, &fleet, now, 2 * INTERVAL);
	rollouts->fleet = before;
}

static void play(struct rollouts *rollouts, const struct act *act, const char *sentence)
{
	struct rollout_turn turn = turn_of(act->place, act->what, act->at);
	struct rollout_wait wait;

	switch (act->deed) {
	case TAKE:
		if (!rollouts_allow(rollouts, &turn, &wait))
			fail_msg("%s: place %d may not", sentence, act->place);
		assert_int_equal(rollouts_take(rollouts, &turn), 0);
		break;
	case BACK:
		rollouts_give_back(rollouts, &turn);
		break;
	case READY:
	case BROKEN:
		see(rollouts, act);
		break;
	case LEAVE:
		leave(rollouts, act->place, 0, 0);
		break;
	case AWAIT:
		for (; turn.now <= NOW + act->until; turn.now += DAY)
			rollouts_await(rollouts, &turn);
		break;
	default:
		break;
	}
}

/* The first place removes OLD, and is Ready an hour later for a day. */
#define PROVEN                                                                                     \
	{TAKE, 1, OLD, 0, 0},                                                                      \
	{                                                                                          \
		READY, 1, OLD, HOUR, HOUR + DAY                                                    \
	}
#define AFTER (HOUR + DAY)

static const struct {
	const char *sentence;
	unsigned parallel; /* 0: one */
	struct act acts[ACTS_MAX];
	int place; /* that asks */
	enum what what;
	int64_t at;
	bool may;
	int first;     /* who goes first; 0: not told */
	int64_t until; /* after NOW; 0: not known */
} rows[] = {
	/* clang-format off */
	{"who asks first goes first", 0, {{.deed = END}}, 1, OLD, 0, true, 0, 0},
	{"the next one waits for it, as long as it is not Ready", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OLD, 1, false, 1, 0},
	{"in the same moment too", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OLD, 0, false, 1, 0},
	{"then until it has been Ready for overlap", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, 0}}, 2, OLD, 2 * HOUR, false, 1, HOUR + DAY},
	{"a second before that it waits", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, DAY}, {READY, 1, OLD, AFTER - 1, 0}}, 2, OLD, AFTER - 1, false, 1, AFTER},
	{"at that second it may go", 0, {PROVEN}, 2, OLD, AFTER, true, 0, 0},
	{"time alone proves nothing: a look must have seen it", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, DAY}}, 2, OLD, AFTER, false, 1, AFTER + INTERVAL},
	{"a break begins it anew", 0, {PROVEN, {BROKEN, 1, OLD, AFTER, 0}, {READY, 1, OLD, AFTER + HOUR, 0}}, 2, OLD, AFTER + HOUR, false, 1, AFTER + HOUR + DAY},
	{"a break that lasts", 0, {PROVEN, {BROKEN, 1, OLD, AFTER, 0}}, 2, OLD, AFTER, false, 1, 0},
	{"two days without a look break it", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, 0}, {READY, 1, OLD, HOUR + 2 * DAY + 1, 0}}, 2, OLD, 3 * DAY, false, 1, HOUR + 3 * DAY + 1},
	{"two days between two looks do not", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, 0}, {READY, 1, OLD, HOUR + 2 * DAY, 0}}, 2, OLD, 3 * DAY, true, 0, 0},
	{"time that goes back breaks it", 0, {{TAKE, 1, OLD, 0, 0}, {READY, 1, OLD, HOUR, 0}, {READY, 1, OLD, 0, 0}}, 2, OLD, DAY, false, 1, DAY + INTERVAL},
	{"the first may try again", 0, {{TAKE, 1, OLD, 0, 0}}, 1, OLD, HOUR, true, 0, 0},
	{"and again when it was proven", 0, {PROVEN}, 1, OLD, AFTER, true, 0, 0},
	{"even while the interval is another's", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}}, 1, OLD, AFTER + 1, true, 0, 0},
	{"and while another certificate has its first elsewhere", 0, {PROVEN, {TAKE, 2, OLDER, AFTER, 0}}, 1, OLD, AFTER + 1, true, 0, 0},
	{"which takes the proof away", 0, {PROVEN, {TAKE, 1, OLD, AFTER, 0}}, 2, OLD, AFTER + 1, false, 1, 0},
	{"one in an interval", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}}, 3, OLD, AFTER + INTERVAL - 1, false, 1, AFTER + INTERVAL},
	{"the next one in the next interval", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}}, 3, OLD, AFTER + INTERVAL, true, 0, 0},
	{"three at a time", 3, {PROVEN, {TAKE, 2, OLD, AFTER, 0}, {TAKE, 3, OLD, AFTER + 1, 0}}, 4, OLD, AFTER + 2, true, 0, 0},
	{"and no fourth", 3, {PROVEN, {TAKE, 2, OLD, AFTER, 0}, {TAKE, 3, OLD, AFTER + 1, 0}, {TAKE, 4, OLD, AFTER + 2, 0}}, 5, OLD, AFTER + 3, false, 1, AFTER + INTERVAL},
	{"many at a time change nothing about the first", 3, {{TAKE, 1, OLD, 0, 0}}, 2, OLD, 1, false, 1, 0},
	/* given back */
	{"a turn that was given back is another's", 0, {{TAKE, 1, OLD, 0, 0}, {BACK, 1, OLD, 0, 0}}, 2, OLD, 1, true, 0, 0},
	{"so is one in a later window", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}, {BACK, 2, OLD, AFTER, 0}}, 3, OLD, AFTER + 1, true, 0, 0},
	{"one that is given back late takes nothing of the next window", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}, {TAKE, 3, OLD, AFTER + INTERVAL, 0}, {BACK, 2, OLD, AFTER, 0}}, 4, OLD, AFTER + INTERVAL + 1, false, 1, AFTER + 2 * INTERVAL},
	{"the first stays the first when its second try was not sent", 0, {PROVEN, {TAKE, 1, OLD, AFTER, 0}, {BACK, 1, OLD, AFTER, 0}}, 2, OLD, AFTER + 1, false, 1, 0},
	{"a turn that nobody took is no turn", 0, {{BACK, 1, OLD, 0, 0}}, 2, OLD, 0, true, 0, 0},
	{"a crash between the turn and the write: nobody gives it back, so the others wait", 0, {{TAKE, 1, OLD, 0, 0}, {BROKEN, 1, OLD, HOUR, 0}}, 2, OLD, 2 * HOUR, false, 1, 0},
	{"and the first goes on", 0, {{TAKE, 1, OLD, 0, 0}, {BROKEN, 1, OLD, HOUR, 0}}, 1, OLD, 2 * HOUR, true, 0, 0},
	/* the first leaves */
	{"when the first leaves the file another one goes first", 0, {{TAKE, 1, OLD, 0, 0}, {LEAVE, 1, OLD, HOUR, 0}}, 2, OLD, HOUR, true, 0, 0},
	{"but not in the same interval", 0, {{TAKE, 1, OLD, 0, 0}, {LEAVE, 1, OLD, 1, 0}}, 2, OLD, 1, false, 0, INTERVAL},
	{"nor in one that is full with both", 2, {{TAKE, 1, OLD, 0, 0}, {LEAVE, 1, OLD, 1, 0}, {TAKE, 2, OLD, 2, 0}, {LEAVE, 2, OLD, 3, 0}}, 3, OLD, 4, false, 0, INTERVAL},
	{"and the others wait for that one", 0, {PROVEN, {LEAVE, 1, OLD, AFTER, 0}, {TAKE, 2, OLD, AFTER, 0}}, 3, OLD, AFTER + INTERVAL, false, 2, 0},
	{"who comes back is one of the others", 0, {PROVEN, {LEAVE, 1, OLD, AFTER, 0}, {TAKE, 2, OLD, AFTER, 0}}, 1, OLD, AFTER + INTERVAL, false, 2, 0},
	{"that another one leaves changes nothing", 0, {{TAKE, 1, OLD, 0, 0}, {LEAVE, 3, OLD, 0, 0}}, 2, OLD, HOUR, false, 1, 0},
	/* two certificates of an authority, two authorities, accounts */
	{"another certificate of the authority has no first elsewhere", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OLDER, 1, false, 1, 0},
	{"the place that goes first may take both", 0, {{TAKE, 1, OLD, 0, 0}}, 1, OLDER, 1, true, 0, 0},
	{"then both must be proven", 0, {PROVEN, {TAKE, 1, OLDER, AFTER, 0}}, 2, OLD, AFTER + INTERVAL, false, 1, 0},
	{"when one is proven the other may begin elsewhere", 0, {PROVEN}, 2, OLDER, AFTER, true, 0, 0},
	{"then the first one's followers wait again", 0, {PROVEN, {TAKE, 2, OLDER, AFTER, 0}}, 3, OLD, AFTER + INTERVAL, false, 2, 0},
	{"both share the interval", 0, {PROVEN, {TAKE, 2, OLD, AFTER, 0}}, 3, OLDER, AFTER + 1, false, 1, AFTER + INTERVAL},
	{"another authority rolls out by itself", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OTHER, 0, true, 0, 0},
	{"disabling rolls out by itself", 0, {{TAKE, 1, OLD, 0, 0}}, 2, DISABLE, 0, true, 0, 0},
	{"per account one goes first", 0, {{TAKE, 1, DISABLE, 0, 0}}, 2, DISABLE, 1, false, 1, 0},
	{"an authority of the account's name is something else", 0, {{TAKE, 1, DISABLE, 0, 0}}, 2, NAMESAKE, 0, true, 0, 0},
	{"the same directory in another Region is another place", 0, {{TAKE, 1, OLD, 0, 0}}, ABROAD, OLD, 1, false, 1, 0},
	{"in another account another one", 0, {{TAKE, 1, DISABLE, 0, 0}}, 2, DISABLE_LAB, 0, true, 0, 0},
	/* forgetting */
	{"a roll-out is remembered for 30 days", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OLD, 30 * DAY, false, 1, 0},
	{"and forgotten a second later", 0, {{TAKE, 1, OLD, 0, 0}}, 2, OLD, 30 * DAY + 1, true, 0, 0},
	{"but not while somebody waits", 0, {{TAKE, 1, OLD, 0, 0}, {AWAIT, 2, OLD, DAY, 29 * DAY}}, 2, OLD, 40 * DAY, false, 1, 0},
	{"not even for years", 0, {{TAKE, 1, OLD, 0, 0}, {AWAIT, 2, OLD, DAY, 999 * DAY}}, 2, OLD, 1000 * DAY, false, 1, 0},
	/* clang-format on */
};

static void check_row(size_t number)
{
	struct fleet fleet = {.parallel = rows[number].parallel ? rows[number].parallel : 1};
	struct rollouts rollouts = {.fleet = rows[number].parallel ? &fleet : NULL};
	const char *sentence = rows[number].sentence;
	struct rollout_wait wait = {0};
	struct rollout_turn turn = turn_of(rows[number].place, rows[number].what, rows[number].at);
	int64_t until = rows[number].until != 0 ? NOW + rows[number].until : 0;

	print_message("%s\n", sentence);
	for (size_t i = 0; rows[number].acts[i].deed != END; i++)
		play(&rollouts, &rows[number].acts[i], sentence);
	if (rollouts_allow(&rollouts, &turn, &wait) != rows[number].may)
		fail_msg("%s: %s", sentence, rows[number].may ? "it may not" : "it may");
	if (wait.until != until)
		fail_msg("%s: until %lld", sentence, (long long)(wait.until - NOW));
	if (rows[number].first != 0)
		assert_memory_equal(wait.first, places[rows[number].first], SERVICE_ID_SIZE - 1);
	rollouts_done(&rollouts);
}

static void test_turns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		check_row(i);
}

/* A record has a limit, and so has the list: beyond it none begins before one is forgotten. */
static void test_limits(void **state)
{
	struct rollouts rollouts = {0};
	struct rollout_turn turn = turn_of(1, OLD, 0);
	struct rollout_wait wait;
	char scope[16], longest[ROLLOUT_SCOPE_SIZE + 1] = {0};

	(void)state;
	memset(longest, 'x', ROLLOUT_SCOPE_SIZE);
	turn.scope = longest;
	assert_int_equal(rollouts_take(&rollouts, &turn), -ERROR_LIMIT);
	assert_int_equal(rollouts.count, 0);
	turn.scope = scope;
	for (unsigned i = 0; i < ROLLOUTS_MAX; i++) {
		snprintf(scope, sizeof(scope), "%u", i);
		assert_true(rollouts_allow(&rollouts, &turn, &wait));
		assert_int_equal(rollouts_take(&rollouts, &turn), 0);
	}
	snprintf(scope, sizeof(scope), "more");
	assert_false(rollouts_allow(&rollouts, &turn, &wait));
	assert_null(wait.first);
	assert_int_equal(rollouts_take(&rollouts, &turn), -ERROR_LIMIT);
	turn.now += ROLLOUT_FORGET_AFTER + 1;
	assert_true(rollouts_allow(&rollouts, &turn, &wait));
	assert_int_equal(rollouts_take(&rollouts, &turn), 0);
	assert_int_equal(rollouts.count, 1);
	rollouts_done(&rollouts);
}

/* What is worth a commit: every turn, each begin and end of being Ready, and now and then the rest.
 */
static void test_revision(void **state)
{
	struct rollouts rollouts = {0}, copy;
	struct rollout_turn turn = turn_of(1, OLD, 0);
	uint64_t revision;

	(void)state;
	assert_int_equal(rollouts_take(&rollouts, &turn), 0);
	assert_true(rollouts.revision > 0);
	revision = rollouts.revision;
	rollouts_see(&rollouts, rollouts.rollouts, false, NOW);
	assert_int_equal(rollouts.revision, revision);
	rollouts_see(&rollouts, rollouts.rollouts, true, NOW);
	assert_int_equal(rollouts.revision, revision + 1);
	for (int64_t at = 0; at < 4 * ROLLOUT_SAVE_EVERY; at += INTERVAL)
		rollouts_see(&rollouts, rollouts.rollouts, true, NOW + at);
	assert_in_range(rollouts.revision, revision + 4, revision + 5);
	assert_int_equal(rollouts_copy(&rollouts, &copy), 0);
	assert_int_equal(copy.revision, rollouts.revision);
	assert_memory_equal(copy.rollouts, rollouts.rollouts, sizeof(struct rollout));
	rollouts_done(&copy);
	revision = rollouts.revision;
	rollouts_see(&rollouts, rollouts.rollouts, false, NOW + DAY);
	assert_int_equal(rollouts.revision, revision + 1);
	rollouts_done(&rollouts);
}

/* What one sweep says of the first is not enough to send another one. */
static void test_selection(void **state)
{
	struct rollouts rollouts = {.revision = 1};
	struct rollout_turn first = turn_of(1, OLD, 0), second = turn_of(2, OLD, HOUR);
	struct rollout_wait wait;

	(void)state;
	assert_int_equal(rollouts_take(&rollouts, &first), 0);
	leave(&rollouts, 1, 1, 5000);
	leave(&rollouts, 1, 1, 5000 + 2 * INTERVAL - 1);
	assert_false(rollouts_allow(&rollouts, &second, &wait));
	leave(&rollouts, -1, 1, 5000 + 2 * INTERVAL); /* it is back */
	leave(&rollouts, 1, 1, 5000 + 3 * INTERVAL);
	leave(&rollouts, 1, 1, 5000); /* the clock was set back: the count begins anew */
	leave(&rollouts, 1, 1, 5000 + 2 * INTERVAL - 1);
	assert_false(rollouts_allow(&rollouts, &second, &wait));
	assert_true(rollout_led_by(rollouts.rollouts, &first.place));
	leave(&rollouts, 1, 1, 5000 + 2 * INTERVAL);
	assert_true(rollouts_allow(&rollouts, &second, &wait));
	rollouts_done(&rollouts);
}

/* Nor does a restart, or a reload, send another one before the time is over; each change of that is
 * worth a commit. */
static void test_selection_outlasts_a_restart(void **state)
{
	struct rollouts rollouts = {.revision = 1};
	struct rollout_turn first = turn_of(1, OLD, 0), second = turn_of(2, OLD, HOUR);
	struct rollout_wait wait;
	uint64_t revision;

	(void)state;
	assert_int_equal(rollouts_take(&rollouts, &first), 0);
	revision = rollouts.revision;
	leave(&rollouts, 1, 1, 5000);
	assert_int_equal(rollouts.revision, revision + 1);
	leave(&rollouts, 1, 1, 0);
	leave(&rollouts, 1, 1, 5000 + INTERVAL);
	assert_int_equal(rollouts.revision, revision + 1);
	assert_false(rollouts_allow(&rollouts, &second, &wait));
	leave(&rollouts, -1, 1, 0); /* a start finds it there: its absence is over */
	assert_int_equal(rollouts.revision, revision + 2);
	leave(&rollouts, 1, 1, 5000 + INTERVAL);
	leave(&rollouts, 1, 1, 5000 + 2 * INTERVAL);
	assert_false(rollouts_allow(&rollouts, &second, &wait));
	leave(&rollouts, 1, 0, 0); /* nothing selects any more */
	assert_true(rollouts_allow(&rollouts, &second, &wait));
	rollouts_done(&rollouts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_selection_outlasts_a_restart),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
