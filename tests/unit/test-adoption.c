/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an entry that was there before is one of the files' certificates, and what is said of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/adoption.h"
#include "core/explain.h"
#include "stage.h"

#define S(name) CERTIFICATE_STATE_##name
#define CARD	CERTIFICATE_TYPE_CLIENT_CERT_AUTH

static const struct {
	const char *sentence;
	enum adoption first; /* of the first entry */
	const char *words;   /* some of what is said of it */
	struct scene scene;
} cases[] = {
	/* clang-format off */
	{"exactly one for exactly one", ADOPTION_MATCH, "(expires", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	{"one that is being registered", ADOPTION_MATCH, "", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERING), true, 0}}}},
	{"the file's word on adoption is learn's to heed", ADOPTION_MATCH, "", {.trust = TRUST_ROOT, .adopt_never = true, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	{"it is ours", ADOPTION_OWNED, "(expires", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), false, 0}}}},
	{"ours, in whatever state", ADOPTION_OWNED, "", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTER_FAILED), false, 0}}}},
	{"for smart cards", ADOPTION_OTHER_TYPE, "ClientCertAuth", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, CARD}}}},
	{"failed", ADOPTION_STATE, "it is RegisterFailed", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTER_FAILED), true, 0}}}},
	{"on its way out", ADOPTION_STATE, "it is Deregistering", {.trust = TRUST_ROOT, .entries = {{ROOT, S(DEREGISTERING), true, 0}}}},
	{"of no file", ADOPTION_NO_FILE, "no trusted authority", {.trust = TRUST_ROOT, .entries = {{STRANGER, S(REGISTERED), true, 0}}}},
	{"of an authority that is not trusted", ADOPTION_NO_FILE, "no trusted authority", {.trust = TRUST_ROOT, .entries = {{OTHER, S(REGISTERED), true, 0}}}},
	{"two that look the same", ADOPTION_SEVERAL_ENTRIES, "another entry", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTERED), true, 0}}}},
	{"two of which one is ours", ADOPTION_SEVERAL_ENTRIES, "", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTERED), false, 0}}}},
	{"ours failed, and others' is there", ADOPTION_OTHER_ENTRY, "under another id", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTER_FAILED), false, 0}}}},
	{"others failed before", ADOPTION_MATCH, "", {.trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTER_FAILED), true, 0}}}},
	/* clang-format on */
};

static void entries_are_judged(void **state)
{
	static const struct fleet nothing;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *certificate;
		const struct listed *listed;
		struct buffer words;
		struct stage stage;
		enum adoption found;

		print_message("%s\n", cases[i].sentence);
		stage_set(&stage, &cases[i].scene);
		listed = &stage.observed.listed[0];
		found = adoption_judge(&stage.situation, listed, &certificate);
		assert_string_equal(adoption_str(found), adoption_str(cases[i].first));
		buffer_init(&words, EXPLAIN_SIZE);
		assert_int_equal(
			adoption_explain(&stage.situation, &nothing, listed, found, &words), 0);
		assert_non_null(strstr(buffer_text(&words), cases[i].words));
		buffer_done(&words);
		stage_done(&stage);
	}
}

/* What the file has under an authority that is not trusted here is told by that name. */
static void an_authority_that_is_not_trusted_is_named(void **state)
{
	static const struct scene scene = {
		.trust = TRUST_ROOT, .entries = {{OTHER, S(REGISTERED), true, 0}}};
	const struct certificate *others[] = {scene_certificate(OTHER)};
	char name[] = "elsewhere";
	struct authority authority = {.name = name, .certificates = others, .count = 1};
	struct fleet fleet = {.authorities = &authority, .authorities_count = 1};
	struct buffer words;
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	buffer_init(&words, EXPLAIN_SIZE);
	adoption_explain(
		&stage.situation, &fleet, &stage.observed.listed[0], ADOPTION_NO_FILE, &words);
	assert_string_equal(buffer_text(&words),
		"it looks like a certificate of elsewhere, which is not in `trust` here");
	buffer_done(&words);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_judged),
		cmocka_unit_test(an_authority_that_is_not_trusted_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
