/* SPDX-License-Identifier: Apache-2.0 */
/* Codes into words: every reason has them, every placeholder is filled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "core/explain.h"
#include "tests/unit/scene.h"

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_init(&scene);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scene_done(&scene);
	return 0;
}

static void every_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = REASON_NONE + 1; i < REASONS; i++) {
		const char *name = reason_str((enum reason)i);

		assert_true(isupper((unsigned char)name[0]));
		assert_int_equal(
			strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
			strlen(name));
		assert_true(reason_text((enum reason)i)[0] != '\0');
		assert_true((unsigned)reason_severity((enum reason)i) < SEVERITIES);
		for (unsigned j = i + 1; j < REASONS; j++)
			assert_string_not_equal(name, reason_str((enum reason)j));
	}
	assert_string_equal(reason_str(REASON_NONE), "None");
	assert_string_equal(reason_str((enum reason)REASONS), "None");
}

/* What somebody must see to says what to do; sentences end without a full stop. */
static void errors_and_warnings_have_advice(void **state)
{
	(void)state;
	for (unsigned i = REASON_NONE + 1; i < REASONS; i++) {
		const char *text = reason_text((enum reason)i),
			   *advice = reason_advice((enum reason)i);

		if (reason_severity((enum reason)i) != SEVERITY_NOTE && advice[0] == '\0')
			fail_msg("%s says nothing of what to do", reason_str((enum reason)i));
		assert_int_not_equal(text[strlen(text) - 1], '.');
		if (advice[0] != '\0')
			assert_int_not_equal(advice[strlen(advice) - 1], '.');
	}
}

/* Explains the condition and its advice; fails if a placeholder is left. */
static void check_filled(const struct condition *condition)
{
	struct buffer text;
	const char *brace;

	buffer_init(&text, 2 * EXPLAIN_SIZE);
	assert_int_equal(explain_condition(condition, &text), 0);
	assert_true(text.length > 0);
	buffer_append_text(&text, "\n");
	assert_int_equal(explain_advice(condition, "d-0000000000", "eu-west-1", &text), 0);
	assert_null(strstr(buffer_text(&text), "(null)"));
	/* `approve: [{certificate: SHA256}]` is the one brace that a person is to read */
	for (brace = buffer_text(&text); (brace = strchr(brace, '{')) != NULL; brace++)
		if (strncmp(brace, "{certificate: ", 14) != 0)
			fail_msg("%s: '%s' is left", reason_str(condition->reason), brace);
	buffer_done(&text);
}

static void every_placeholder_is_filled(void **state)
{
	(void)state;
	for (unsigned i = REASON_NONE + 1; i < REASONS; i++) {
		struct condition full = {.reason = (enum reason)i,
			.certificate = &scene.certificates[SCENE_ROOT],
			.id = "c-0000000000",
			.at = SCENE_NOW,
			.number = 3,
			.refusal = REFUSAL_ThrottlingException,
			.detail = "detail"};
		struct condition empty = {.reason = (enum reason)i};

		check_filled(&full);
		check_filled(&empty);
		for (unsigned kind = STEP_REGISTER; kind <= STEP_DISABLE; kind++) {
			full.holds = empty.holds = (enum step_kind)kind;
			check_filled(&full);
			check_filled(&empty);
		}
	}
}

static void the_longest_names_fit(void **state)
{
	struct certificate *certificate = &scene.certificates[SCENE_ROOT];

	(void)state;
	memset(certificate->common_name, 'x', sizeof(certificate->common_name) - 1);
	every_placeholder_is_filled(state);
}

struct sentence {
	const char *what;
	struct condition condition;
	const char *text, *advice; /* NULL: not looked at */
};

static void check_sentence(const struct sentence *sentence)
{
	struct buffer text;

	buffer_init(&text, EXPLAIN_SIZE);
	explain_condition(&sentence->condition, &text);
	if (strcmp(buffer_text(&text), sentence->text) != 0)
		fail_msg("%s:\n%s", sentence->what, buffer_text(&text));
	buffer_clear(&text);
	explain_advice(&sentence->condition, "d-0000000000", "eu-west-1", &text);
	if (sentence->advice && strcmp(buffer_text(&text), sentence->advice) != 0)
		fail_msg("%s:\n%s", sentence->what, buffer_text(&text));
	buffer_done(&text);
}

static void what_is_held_back(void **state)
{
	const struct certificate *root = &scene.certificates[SCENE_ROOT];
	const struct certificate *brief = &scene.certificates[SCENE_SHORT];
	const struct sentence cases[] = {
		{"a certificate is named with its end and the beginning of its digest",
			{.reason = REASON_MISSING, .certificate = root},
			"Corp Root CA (expires 2036-12-29, 01010101) is wanted and not registered",
			""},
		{"what is held back comes first, and its certificate is then \"it\"",
			{.reason = REASON_IRREVERSIBLE,
				.certificate = brief,
				.id = "c-0000000004",
				.at = SCENE_NOW,
				.holds = STEP_DEREGISTER},
			"held back: deregister c-0000000004, Short CA (expires 2027-03-02, "
			"05050505), "
			"irreversible: it stays: since 2027-01-01 its removal cannot be undone",
			NULL},
		{"a removal that is held back says until when it could be undone",
			{.reason = REASON_GRACE,
				.certificate = root,
				.id = "c-0000000000",
				.at = SCENE_NOW,
				.holds = STEP_DEREGISTER,
				.reversible_until = SCENE_NOW},
			"held back: deregister c-0000000000, Corp Root CA (expires 2036-12-29, "
			"01010101), reversible until 2027-01-01: it waits for `grace`, until "
			"2027-01-01T00:00:00Z",
			"revert the edit to keep things as they are, or say `approve: "
			"[{certificate: "
			"0101010101010101010101010101010101010101010101010101010101010101}]` to go "
			"on "
			"at once"},
		{"a disable is approved by its own word",
			{.reason = REASON_GRACE, .at = SCENE_NOW, .holds = STEP_DISABLE},
			"held back: disable client-side LDAPS: it waits for `grace`, until "
			"2027-01-01T00:00:00Z",
			"revert the edit to keep things as they are, or say `approve: [disable]` "
			"to go "
			"on at once"},
		{"enabling comes by itself after the certificate that comes next",
			{.reason = REASON_FOLLOWS_CERTIFICATES,
				.certificate = root,
				.holds = STEP_ENABLE},
			"held back: enable client-side LDAPS: it follows once Corp Root CA "
			"(expires 2036-12-29, 01010101) is Registered",
			NULL},
		{"another name is told with the one that was expected",
			{.reason = REASON_WRONG_NAME,
				.detail = "lab.example.com",
				.expected = "wrong.example.com"},
			"is named lab.example.com by AWS, but wrong.example.com in the file", NULL},
		{"a failure without an error code says no more than that",
			{.reason = REASON_DISABLE_FAILED, .detail = "Busy."},
			"DisableLDAPS failed: Busy.", NULL},
		{"enabling names the certificate that it waits for",
			{.reason = REASON_WAITS_FOR_CERTIFICATES,
				.certificate = root,
				.holds = STEP_ENABLE},
			"held back: enable client-side LDAPS: Corp Root CA (expires 2036-12-29, "
			"01010101) is not Registered",
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_sentence(&cases[i]);
}

static void sentences(void **state)
{
	const struct certificate *root = &scene.certificates[SCENE_ROOT];
	const struct sentence cases[] = {
		{"a foreign slot comes with the command that frees it",
			{.reason = REASON_FOREIGN_SLOT,
				.id = "c-0123456789",
				.at = SCENE_NOW,
				.detail = "Old CA"},
			"a slot is taken by c-0123456789, Old CA (expires 2027-01-01): not "
			"ldapsward's",
			"if no domain controller needs it: `aws ds deregister-certificate "
			"--directory-id d-0000000000 --certificate-id c-0123456789 --region "
			"eu-west-1`"},
		{"what a later generation stands beside goes with an approval",
			{.reason = REASON_SUPERSEDED_SLOT,
				.id = "c-0123456789",
				.certificate = root},
			"a slot is taken by c-0123456789, Corp Root CA (expires 2036-12-29, "
			"01010101): ldapsward's own, with a later generation beside it",
			"if every domain controller has a certificate of the later generation: say "
			"`approve: [{certificate: "
			"0101010101010101010101010101010101010101010101010101010101010101}]`, "
			"under `policy: sync`"},
		{"so does what is not ours to remove",
			{.reason = REASON_NOT_OWNED, .id = "c-0123456789"},
			"c-0123456789 is not ldapsward's to remove",
			"if no domain controller needs it: `aws ds deregister-certificate "
			"--directory-id d-0000000000 --certificate-id c-0123456789 --region "
			"eu-west-1`"},
		{"an entry that nobody knows is named by its id",
			{.reason = REASON_IN_FLIGHT,
				.id = "c-0123456789",
				.at = SCENE_NOW,
				.detail = "Registering"},
			"c-0123456789 is Registering since 2027-01-01T00:00:00Z", ""},
		{"a clock that is ahead", {.reason = REASON_CLOCK_SKEW, .number = 600},
			"this machine's clock is 10 m ahead of AWS's", NULL},
		{"a clock that is behind", {.reason = REASON_CLOCK_SKEW, .number = -3600},
			"this machine's clock is 1 h behind AWS's", NULL},
		{"replies without a date",
			{.reason = REASON_CLOCK_SKEW, .number = SITUATION_SKEW_UNKNOWN},
			"AWS's replies carry no date that this machine's clock could be held "
			"against",
			NULL},
		{"once is not one times",
			{.reason = REASON_REMOVED_ELSEWHERE, .certificate = root, .number = 1},
			"others have removed Corp Root CA (expires 2036-12-29, 01010101) once in "
			"24 "
			"hours",
			NULL},
		{"the stage is named",
			{.reason = REASON_NOT_ACTIVE,
				.number = DIRECTORY_STAGE_IMPAIRED,
				.detail = "x"},
			"is Impaired, not Active: x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_sentence(&cases[i]);
}

static void alarms(void **state)
{
	const struct certificate *root = &scene.certificates[SCENE_ROOT];
	const struct sentence cases[] = {
		{"an alarm has the days, the line and what to do",
			{.reason = REASON_SUCCESSOR_MISSING, .certificate = root, .days = 100},
			"Corp Root CA (expires 2036-12-29, 01010101) has 100 days left and no "
			"successor that is Registered or to be registered; after 2036-09-29 it "
			"cannot be registered again",
			"have its CA renewed and put the next generation into the file beside it, "
			"under a policy that registers it; if nothing needs it any more, take its "
			"authority out of `trust`"},
		{"one day is no days",
			{.reason = REASON_SUCCESSOR_MISSING, .certificate = root, .days = 1},
			"Corp Root CA (expires 2036-12-29, 01010101) has 1 day left and no "
			"successor that is Registered or to be registered; after 2036-09-29 it "
			"cannot be registered again",
			NULL},
		{"what is redundant and ours goes with an approval",
			{.reason = REASON_REDUNDANT_EXPIRING,
				.certificate = root,
				.id = "c-0123456789",
				.detail = "corp-root"},
			"Corp Root CA (expires 2036-12-29, 01010101) has less than a day left and "
			"is registered as c-0123456789 beside a successor of the same key: once "
			"expired it may stand in that one's way",
			"to have it removed now, say `approve: [{certificate: "
			"0101010101010101010101010101010101010101010101010101010101010101}]`; by "
			"itself it goes as `retire` of its authority says, by default a day after "
			"it has expired"},
		{"what is redundant and foreign by hand",
			{.reason = REASON_REDUNDANT_EXPIRING,
				.certificate = root,
				.id = "c-0123456789",
				.days = -1},
			"Corp Root CA (expires 2036-12-29, 01010101) has no time left and is "
			"registered as c-0123456789 beside a successor of the same key: once "
			"expired it may stand in that one's way",
			"if no domain controller needs it: `aws ds deregister-certificate "
			"--directory-id d-0000000000 --certificate-id c-0123456789 --region "
			"eu-west-1`"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_sentence(&cases[i]);
}

static void steps(void **state)
{
	const struct certificate *root = &scene.certificates[SCENE_ROOT];
	const struct {
		struct step step;
		const char *text, *why, *reversibility;
	} cases[] = {
		{{.kind = STEP_REGISTER, .reason = REASON_MISSING, .certificate = root},
			"register Corp Root CA (expires 2036-12-29, 01010101)",
			"it is wanted and not registered", "reversible"},
		{{.kind = STEP_DEREGISTER,
			 .reason = REASON_DROPPED,
			 .certificate = root,
			 .id = "c-0000000000"},
			"deregister c-0000000000, Corp Root CA (expires 2036-12-29, 01010101)",
			"it belongs to no authority in `trust` any more", "irreversible"},
		{{.kind = STEP_DEREGISTER,
			 .reason = REASON_MAKE_ROOM,
			 .certificate = root,
			 .id = "c-0000000000",
			 .reversible_until = SCENE_NOW},
			"deregister c-0000000000, Corp Root CA (expires 2036-12-29, 01010101)",
			"it has expired and its slot is needed", "reversible until 2027-01-01"},
		{{.kind = STEP_ENABLE, .reason = REASON_LDAPS_WANTED}, "enable client-side LDAPS",
			"client-side LDAPS is wanted and off", "reversible"},
		{{.kind = STEP_DISABLE, .reason = REASON_LDAPS_UNWANTED},
			"disable client-side LDAPS", "the file wants client-side LDAPS off",
			"reversible"},
		{{.kind = STEP_OBSERVE, .reason = REASON_NEVER_SEEN}, "look at the directory", "",
			""},
		{{.kind = STEP_WAIT, .reason = REASON_IN_FLIGHT, .until = SCENE_NOW},
			"wait until 2027-01-01T00:00:00Z: InFlight", "", ""},
		{{.kind = STEP_HELD, .reason = REASON_NO_FREE_SLOT, .until = SCENE_NOW},
			"held until 2027-01-01T00:00:00Z: NoFreeSlot", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		bool removal = cases[i].step.kind == STEP_DEREGISTER;
		struct buffer text;
		char act[200];

		buffer_init(&text, EXPLAIN_SIZE);
		assert_int_equal(explain_step(&cases[i].step, &text), 0);
		assert_string_equal(buffer_text(&text), cases[i].text);
		buffer_clear(&text);
		assert_int_equal(explain_why(&cases[i].step, &text), 0);
		assert_string_equal(buffer_text(&text), cases[i].why);
		buffer_clear(&text);
		assert_int_equal(explain_reversibility(&cases[i].step, &text), 0);
		assert_string_equal(buffer_text(&text), cases[i].reversibility);
		buffer_clear(&text);
		assert_int_equal(explain_act(&cases[i].step, &text), 0);
		snprintf(act, sizeof(act), removal ? "%s, %s" : "%s", cases[i].text,
			cases[i].reversibility);
		assert_string_equal(buffer_text(&text), act);
		buffer_done(&text);
	}
}

static void certificates(void **state)
{
	struct certificate nameless = scene.certificates[SCENE_ROOT];
	struct buffer text;

	(void)state;
	nameless.common_name[0] = '\0';
	buffer_init(&text, EXPLAIN_SIZE);
	assert_int_equal(explain_certificate(&nameless, &text), 0);
	assert_string_equal(buffer_text(&text), "(no common name) (expires 2036-12-29, 01010101)");
	buffer_clear(&text);
	assert_int_equal(explain_certificate(NULL, &text), 0);
	assert_string_equal(buffer_text(&text), "a certificate");
	buffer_done(&text);
}

static void a_full_buffer_is_an_error(void **state)
{
	struct condition condition = {.reason = REASON_CONVERGED};
	struct buffer text;

	(void)state;
	buffer_init(&text, 4);
	assert_true(explain_condition(&condition, &text) < 0);
	buffer_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_of_its_own),
		cmocka_unit_test(errors_and_warnings_have_advice),
		cmocka_unit_test_setup_teardown(every_placeholder_is_filled, begin, end),
		cmocka_unit_test_setup_teardown(the_longest_names_fit, begin, end),
		cmocka_unit_test_setup_teardown(what_is_held_back, begin, end),
		cmocka_unit_test_setup_teardown(sentences, begin, end),
		cmocka_unit_test_setup_teardown(alarms, begin, end),
		cmocka_unit_test_setup_teardown(steps, begin, end),
		cmocka_unit_test_setup_teardown(certificates, begin, end),
		cmocka_unit_test(a_full_buffer_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
