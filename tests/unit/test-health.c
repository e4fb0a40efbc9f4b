/* SPDX-License-Identifier: Apache-2.0 */
/* The nine questions about a directory: a situation a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/explain.h"
#include "core/health.h"
#include "stage.h"

/* A row takes a usual scene and changes a member of it. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define S(name) CERTIFICATE_STATE_##name
#define GOOD                                                                                       \
	.entries = {{ROOT, S(REGISTERED), 0, 0}}, .trust = TRUST_ROOT, .policy = POLICY_SYNC,      \
	.client_ldaps = CLIENT_LDAPS_ENABLED, .ldaps = LDAPS_STATUS_ENABLED
#define EMPTY .entries = {{0}}

/* In the order of the questions: T, F or U. `reason` is that of the question `of`. */
static const struct {
	const char *sentence;
	const char *answers;
	enum health_kind of;
	const char *reason;
	bool refused;
	enum refusal refusal; /* of an incomplete look */
	struct scene scene;
} cases[] = {
	/* clang-format off */
	/*                                                      RDRHESSCC */
	{"all is well",                                        "TFFFFFFFF", HEALTH_READY, "Converged", false, 0, {GOOD}},
	{"a certificate is missing",                           "FTFFFFFFF", HEALTH_DRIFTED, "Missing", false, 0, {GOOD, EMPTY, .ldaps = LDAPS_STATUS_DISABLED}},
	{"observe: what is missing is not registered",         "FTFTFFFFF", HEALTH_DRIFTED, "Observing", false, 0, {GOOD, .policy = POLICY_OBSERVE, .ldaps = LDAPS_STATUS_DISABLED}},
	{"LDAPS is off and wanted",                            "FTFFFFFFF", HEALTH_DRIFTED, "LdapsWanted", false, 0, {GOOD, .ldaps = LDAPS_STATUS_DISABLED}},
	{"LDAPS is to be off: it waits for grace",             "FTFTFFFFF", HEALTH_HELD, "Grace", false, 0, {GOOD, .client_ldaps = CLIENT_LDAPS_DISABLED}},
	{"a registration is in flight",                        "FTFFFFFFF", HEALTH_READY, "InFlight", false, 0, {GOOD, .entries = {{ROOT, S(REGISTERING), 0, 0}}}},
	{"two generations, the earlier one not proven",        "TFTFFFFFF", HEALTH_ROTATING, "AwaitsProof", false, 0, {GOOD, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERED), 0, 0}}, .next = true}},
	{"the earlier one ends soon, its successor is there",  "TFTFFFFFF", HEALTH_EXPIRING_SOON, "FarFromExpiry", false, 0, {GOOD, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERED), 0, 0}}, .next = true, .left = {[ROOT] = 60 * DAY}}},
	{"120 days and a second are left: alarm, not soon",    "TFFFFTFFF", HEALTH_EXPIRING_SOON, "FarFromExpiry", false, 0, {GOOD, .left = {[ROOT] = 120 * DAY + 1}}},
	{"120 days are left",                                  "TFFFTTFFF", HEALTH_EXPIRING_SOON, "ExpiringSoon", false, 0, {GOOD, .left = {[ROOT] = 120 * DAY}}},
	{"another CA's that ends soon is no less an end",      "TFFFTFFFF", HEALTH_EXPIRING_SOON, "ExpiringSoon", false, 0, {GOOD, .entries = {{ROOT, S(REGISTERED), 0, 0}, {STRANGER, S(REGISTERED), true, 0}}, .left = {[STRANGER] = 30 * DAY}}},
	{"smart cards' certificates are none of our business", "TFFFFFFFF", HEALTH_EXPIRING_SOON, "FarFromExpiry", false, 0, {GOOD, .entries = {{ROOT, S(REGISTERED), 0, 0}, {STRANGER, S(REGISTERED), true, CERTIFICATE_TYPE_CLIENT_CERT_AUTH}}, .left = {[STRANGER] = 30 * DAY}}},
	{"a look that failed: what is not seen is not known",  "UUUTUUFUF", HEALTH_READY, "Unreadable", false, 0, {GOOD, .incomplete = true, .looked = 60}},
	{"credentials that do not work",                       "UUUTUUFTF", HEALTH_CREDENTIALS_INVALID, "CredentialsInvalid", false, REFUSAL_UnrecognizedClientException, {GOOD, .incomplete = true, .looked = 60}},
	{"access denied: the credentials are taken",           "UUUTUUFFF", HEALTH_CREDENTIALS_INVALID, "Accepted", false, REFUSAL_AccessDeniedException, {GOOD, .incomplete = true, .looked = 60}},
	{"a directory that is not there: the file is wrong",   "UUUTUUFFT", HEALTH_CONFIG_INVALID, "DirectoryMissing", false, REFUSAL_EntityDoesNotExistException, {GOOD, .incomplete = true, .looked = 60}},
	{"no look was ever complete",                         "UUUTUUUUF", HEALTH_STALE, "NeverSeen", false, 0, {GOOD, .incomplete = true}},
	{"no look for days",                                   "UUUTUUTUF", HEALTH_STALE, "Stale", false, 0, {GOOD, .incomplete = true, .looked = 3 * DAY}},
	{"another name than the file's",                       "FUUTFFFFT", HEALTH_CONFIG_INVALID, "WrongName", false, 0, {GOOD, .wrong_name = true}},
	{"not Active: what it lacks is not known",             "FUUTFFFFF", HEALTH_DRIFTED, "NotActive", false, 0, {GOOD, .impaired = true}},
	{"the file on the disk was refused",                   "TFFFFFFFT", HEALTH_CONFIG_INVALID, "FileRefused", true, 0, {GOOD}},
	/* clang-format on */
};

static char letter(enum truth truth)
{
	return truth_str(truth)[0];
}

static void each_question_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct health_past past = {0};
		struct decision decision;
		struct health health;
		struct stage stage;
		char answers[HEALTHS + 1] = "";

		stage_set(&stage, &cases[i].scene);
		stage.observed.refusal = cases[i].refusal;
		decide(&stage.situation, &decision);
		health_judge(&stage.situation, &decision, cases[i].refused, &past, &health);
		for (enum health_kind kind = 0; kind < HEALTHS; kind++)
			answers[kind] = letter(health.rows[kind].truth);
		if (strcmp(answers, cases[i].answers) != 0)
			fail_msg("%s: %s instead of %s (step %s %s)", cases[i].sentence, answers,
				cases[i].answers, step_kind_str(decision.step.kind),
				reason_str(decision.step.reason));
		if (strcmp(health.rows[cases[i].of].reason, cases[i].reason) != 0)
			fail_msg("%s: %s instead of %s", cases[i].sentence,
				health.rows[cases[i].of].reason, cases[i].reason);
		stage_done(&stage);
	}
}

/* Every answer of every case is a sentence, and none speaks of the next look, which moves. */
static void each_answer_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct health_past past = {0};
		struct decision decision;
		struct health health;
		struct stage stage;

		stage_set(&stage, &cases[i].scene);
		stage.observed.refusal = cases[i].refusal;
		decide(&stage.situation, &decision);
		health_judge(&stage.situation, &decision, cases[i].refused, &past, &health);
		for (enum health_kind kind = 0; kind < HEALTHS; kind++) {
			struct buffer text;

			buffer_init(&text, EXPLAIN_SIZE);
			assert_int_equal(health_explain(&health.rows[kind], &text), 0);
			if (buffer_text(&text)[0] == '\0' ||
				strncmp(buffer_text(&text), "waits until", 11) == 0)
				fail_msg("%s: %s: '%s'", cases[i].sentence, health_str(kind),
					buffer_text(&text));
			buffer_done(&text);
		}
		stage_done(&stage);
	}
}

static void since_moves_with_the_answer_alone(void **state)
{
	static const struct scene good = {GOOD}, drifting = {GOOD, .ldaps = LDAPS_STATUS_DISABLED};
	static const struct {
		const char *sentence;
		const struct scene *scene;
		int64_t at, since;
	} looks[] = {
		{"the first answer", &good, 0, 0},
		{"the same a day later", &good, DAY, 0},
		{"another answer", &drifting, 2 * DAY, 2 * DAY},
		{"the same again", &drifting, 3 * DAY, 2 * DAY},
		{"and back", &good, 4 * DAY, 4 * DAY},
	};
	struct health_past past = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(looks); i++) {
		struct decision decision;
		struct health health;
		struct stage stage;

		stage_set(&stage, looks[i].scene);
		stage.situation.now += looks[i].at;
		decide(&stage.situation, &decision);
		health_judge(&stage.situation, &decision, false, &past, &health);
		if (health.rows[HEALTH_DRIFTED].since != NOW + looks[i].since)
			fail_msg("%s: %lld", looks[i].sentence,
				(long long)(health.rows[HEALTH_DRIFTED].since - NOW));
		stage_done(&stage);
	}
}

static void names_are_read_as_they_are_written(void **state)
{
	(void)state;
	for (enum health_kind kind = 0; kind < HEALTHS; kind++)
		assert_int_equal(health_parse(health_str(kind)), kind);
	assert_int_equal(health_parse("Sane"), HEALTHS);
	for (enum truth truth = 0; truth < TRUTHS; truth++)
		assert_int_equal(truth_parse(truth_str(truth)), truth);
	assert_int_equal(truth_parse("yes"), TRUTH_UNKNOWN);
}

static void what_is_good(void **state)
{
	(void)state;
	assert_true(health_good(HEALTH_READY, TRUTH_TRUE));
	assert_false(health_good(HEALTH_READY, TRUTH_UNKNOWN));
	assert_true(health_good(HEALTH_STALE, TRUTH_FALSE));
	assert_false(health_good(HEALTH_STALE, TRUTH_TRUE));
	assert_true(health_good(HEALTH_ROTATING, TRUTH_TRUE));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_is_answered),
		cmocka_unit_test(each_answer_has_words),
		cmocka_unit_test(since_moves_with_the_answer_alone),
		cmocka_unit_test(names_are_read_as_they_are_written),
		cmocka_unit_test(what_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
