/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worlds of the exploration: each beginning of the table with the service's protective refusals
 * on and off, and with the first, second and third answer to every open point of its API at once.
 * (The full product of the options would be some ten thousand worlds.)
 */
#include "world.h"

#include "base/array.h"

#define BIT(who) (1U << (who))
#define REGISTERED(who)                                                                            \
	{                                                                                          \
		who, CERTIFICATE_TYPE_CLIENT_LDAPS, CERTIFICATE_STATE_REGISTERED                   \
	}
#define FILE_OF_(p, ldaps, trusted)                                                                \
	.policy = POLICY_##p, .client_ldaps = CLIENT_LDAPS_##ldaps, .adopt = ADOPT_MATCHING,       \
	.trust = trusted
#define FILE_OF(p, ldaps, trusted)                                                                 \
	{                                                                                          \
		FILE_OF_(p, ldaps, trusted)                                                        \
	}

/* clang-format off */
#define SETTING(label, off, answers, ...) \
	{.name = label, .unprotected = off, .answer = answers, __VA_ARGS__}
/* One beginning in the five services. */
#define SERVICES(label, ...) \
	SETTING(label "", false, 0, __VA_ARGS__), \
	SETTING(label ", unprotected", true, 0, __VA_ARGS__), \
	SETTING(label ", second answers", false, 1, __VA_ARGS__), \
	SETTING(label ", third answers", false, 2, __VA_ARGS__), \
	SETTING(label ", unprotected, second answers", true, 1, __VA_ARGS__)

const struct setting settings[] = {
	SERVICES("one",
		.sentence = "one root, an empty directory",
		.left_out = BIT(A2) | BIT(B), .file = FILE_OF(SYNC, ENABLED, TRUST_ROOT),
		.budget = 1, .families = FAMILY_ALL),
	SETTING("install", false, 0,
		.sentence = "two generations of a root and its issuing CA, an empty directory",
		.file = FILE_OF(SYNC, ENABLED, TRUST_ROOT | TRUST_ISSUING),
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("half",
		.sentence = "the root is registered by hand, its issuing CA is not, LDAPS is off",
		.left_out = BIT(A2), .file = FILE_OF(SYNC, ENABLED, TRUST_ROOT | TRUST_ISSUING),
		.beginning = {REGISTERED(A1)}, .beginning_count = 1,
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("adoption",
		.sentence = "set up in the console before: root and issuing CA registered, LDAPS on",
		.left_out = BIT(A2), .file = FILE_OF(SYNC, ENABLED, TRUST_ROOT | TRUST_ISSUING),
		.beginning = {REGISTERED(A1), REGISTERED(B)}, .beginning_count = 2, .enabled = true,
		.budget = 2, .families = FAMILY_ALL),
	SERVICES("aging",
		.sentence = "the root's first generation has 94 days left, a second root is there",
		.second_root = true, .same_key = true, .mortal = BIT(A1), .days = {[A1] = 94},
		.file = FILE_OF(SYNC, ENABLED, TRUST_ROOT | TRUST_ISSUING),
		.beginning = {REGISTERED(A1), REGISTERED(B)}, .beginning_count = 2, .enabled = true,
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("rotation",
		.sentence = "a root and its successor with a new key are in the file, the first is registered",
		.left_out = BIT(B), .file = FILE_OF(SYNC, ENABLED, TRUST_ROOT),
		.beginning = {REGISTERED(A1)}, .beginning_count = 1, .enabled = true,
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("door",
		.sentence = "the root, with 96 days left, and its successor overlap; it goes after three days",
		.left_out = BIT(B), .same_key = true, .mortal = BIT(A1), .days = {[A1] = 96},
		.file = {FILE_OF_(SYNC, ENABLED, TRUST_ROOT), .retire = RETIRE_AFTER},
		.beginning = {REGISTERED(A1), REGISTERED(A2)}, .beginning_count = 2, .enabled = true,
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("ended",
		.sentence = "the root, with five days left, and its successor overlap; it goes at expiry",
		.left_out = BIT(B), .mortal = BIT(A1), .days = {[A1] = 5},
		.file = {FILE_OF_(SYNC, ENABLED, TRUST_ROOT), .retire = RETIRE_AT_EXPIRY},
		.beginning = {REGISTERED(A1), REGISTERED(A2)}, .beginning_count = 2, .enabled = true,
		.budget = 1, .families = FAMILY_ALL),
	SETTING("threshold", false, 0,
		.sentence = "a successor with the same key waits until the root has 100 days left",
		.left_out = BIT(B), .same_key = true, .at_threshold = true, .mortal = BIT(A1),
		.days = {[A1] = 102}, .file = FILE_OF(SYNC, ENABLED, TRUST_ROOT),
		.beginning = {REGISTERED(A1)}, .beginning_count = 1, .enabled = true,
		.budget = 1, .families = FAMILY_ALL),
	SERVICES("expiring",
		.sentence = "LDAPS is on with one certificate, which has 3 days left",
		.left_out = BIT(A2) | BIT(B), .mortal = BIT(A1), .days = {[A1] = 3},
		.file = FILE_OF(SYNC, ENABLED, TRUST_ROOT),
		.beginning = {REGISTERED(A1)}, .beginning_count = 1, .enabled = true,
		.budget = 2, .families = FAMILY_ALL),
	SERVICES("full",
		.sentence = "three slots are taken: by a foreign one with a day left, by one with two days, by one that lives",
		.second_root = true, .mortal = BIT(A1) | BIT(F), .days = {[A1] = 2, [F] = 1}, .limit = 3,
		.file = FILE_OF(SYNC, ENABLED, TRUST_ROOT | TRUST_ISSUING),
		.beginning = {REGISTERED(F), REGISTERED(A1), REGISTERED(B)}, .beginning_count = 3,
		.enabled = true, .budget = 1, .families = FAMILY_ALL),
	SERVICES("leaving",
		.sentence = "LDAPS is to be off and nothing trusted; root and issuing CA registered",
		.left_out = BIT(A2), .file = FILE_OF(SYNC, DISABLED, 0),
		.beginning = {REGISTERED(A1), REGISTERED(B)}, .beginning_count = 2, .enabled = true,
		.budget = 2, .families = FAMILY_ALL),
};
/* clang-format on */

const size_t settings_count = ARRAY_LENGTH(settings);
