/* SPDX-License-Identifier: Apache-2.0 */
/* The API's words: each there and back, and none that we do not know fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/vocabulary.h"

/* Every word of an enumeration is read back as its value; what is none is UNKNOWN. */
#define CHECK_WORDS(prefix, count)                                                                 \
	do {                                                                                       \
		for (unsigned i = 1; i < (count); i++) {                                           \
			const char *word = prefix##_str(i);                                        \
                                                                                                   \
			assert_true(word[0] != '\0');                                              \
			assert_int_equal(prefix##_parse(word), i);                                 \
		}                                                                                  \
		assert_string_equal(prefix##_str(0), "Unknown");                                   \
		assert_string_equal(prefix##_str(count), "Unknown");                               \
		assert_int_equal(prefix##_parse("Unknown"), 0);                                    \
		assert_int_equal(prefix##_parse("no such word"), 0);                               \
		assert_int_equal(prefix##_parse(""), 0);                                           \
		assert_int_equal(prefix##_parse(NULL), 0);                                         \
	} while (0)

static void words_come_back(void **state)
{
	(void)state;
	CHECK_WORDS(certificate_type, CERTIFICATE_TYPES);
	CHECK_WORDS(certificate_state, CERTIFICATE_STATES);
	CHECK_WORDS(ldaps_status, LDAPS_STATUSES);
	CHECK_WORDS(directory_type, DIRECTORY_TYPES);
	CHECK_WORDS(directory_stage, DIRECTORY_STAGES);
	CHECK_WORDS(operation, OPERATIONS);
}

static void refusals_come_back(void **state)
{
	(void)state;
	for (unsigned i = REFUSAL_NONE + 1; i < REFUSAL_OTHER; i++) {
		const char *code = refusal_str((enum refusal)i);

		assert_true(code[0] != '\0');
		assert_int_equal(refusal_parse(code), i);
	}
	assert_string_equal(refusal_str(REFUSAL_NONE), "None");
	assert_string_equal(refusal_str(REFUSAL_OTHER), "Other");
	assert_string_equal(refusal_str(REFUSALS), "Other");
	assert_int_equal(refusal_parse("NewException"), REFUSAL_OTHER);
	assert_int_equal(refusal_parse("throttlingexception"), REFUSAL_OTHER);
	assert_int_equal(refusal_parse(""), REFUSAL_OTHER);
	assert_int_equal(refusal_parse(NULL), REFUSAL_OTHER);
}

static void refusals_have_a_class(void **state)
{
	static const struct {
		enum refusal refusal;
		enum refusal_class class;
	} cases[] = {
		{REFUSAL_DirectoryUnavailableException, REFUSAL_TRANSIENT},
		{REFUSAL_ThrottlingException, REFUSAL_THROTTLE},
		{REFUSAL_AccessDeniedException, REFUSAL_PERMANENT},
		{REFUSAL_CertificateLimitExceededException, REFUSAL_PERMANENT},
		{REFUSAL_CertificateInUseException, REFUSAL_STALE_VIEW},
		{REFUSAL_ExpiredToken, REFUSAL_CREDENTIALS},
		{REFUSAL_ExpiredTokenException, REFUSAL_CREDENTIALS},
		{REFUSAL_RequestExpired, REFUSAL_CLOCK},
		{REFUSAL_SerializationException, REFUSAL_BUG},
		{REFUSAL_OTHER, REFUSAL_PERMANENT},
		{REFUSALS, REFUSAL_PERMANENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(refusal_class(cases[i].refusal), cases[i].class);
}

static void reads_and_writes_are_told_apart(void **state)
{
	(void)state;
	for (unsigned i = 1; i < OPERATIONS; i++) {
		const char *name = operation_str((enum operation)i);
		bool reads = strncmp(name, "Describe", 8) == 0 || strncmp(name, "List", 4) == 0;

		assert_int_equal(operation_writes((enum operation)i), !reads);
	}
	assert_false(operation_writes(OPERATION_UNKNOWN));
}

static void ids(void **state)
{
	static const struct {
		const char *id;
		char kind;
		bool valid;
		const char *why;
	} cases[] = {
		{"d-926708e4f1", 'd', true, "a directory's"},
		{"c-0123456789", 'c', true, "a certificate's"},
		{"c-0123456789", 'd', false, "another kind"},
		{"d-926708E4F1", 'd', false, "upper case"},
		{"d-926708e4f", 'd', false, "a digit too few"},
		{"d-926708e4f12", 'd', false, "a digit too many"},
		{"d-926708e4g1", 'd', false, "no hexadecimal digit"},
		{"d_926708e4f1", 'd', false, "no hyphen"},
		{"", 'd', false, "nothing"},
		{"d", 'd', false, "a letter"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (service_id_valid(cases[i].id, cases[i].kind) != cases[i].valid)
			fail_msg("'%s': %s", cases[i].id, cases[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_back),
		cmocka_unit_test(refusals_come_back),
		cmocka_unit_test(refusals_have_a_class),
		cmocka_unit_test(reads_and_writes_are_told_apart),
		cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
