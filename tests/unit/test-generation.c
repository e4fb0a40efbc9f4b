/* SPDX-License-Identifier: Apache-2.0 */
/* How the certificates of one authority hang together: tables of small authorities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/generation.h"

#define MEMBERS_MAX 4

/* One certificate in few words; a year counts from 2030, key and signer are numbers of keys. */
struct draft {
	int subject, begins, ends, key, signer;
	int index, version_key; /* the CA version; index -1: none */
	bool leaf;		/* no CA certificate */
};

#define NONE -1, -1
#define ROOT(b, e, key)                                                                            \
	{                                                                                          \
		1, b, e, key, key, NONE, false                                                     \
	}
#define V(b, e, key, i, k)                                                                         \
	{                                                                                          \
		1, b, e, key, key, i, k, false                                                     \
	}

static struct certificate make(const struct draft *draft, size_t number)
{
	struct certificate certificate = {
		.sha256.bytes = {(uint8_t)(number + 1)},
		.subject.bytes = {(uint8_t)draft->subject},
		.key.bytes = {(uint8_t)draft->key},
		.signer.bytes = {(uint8_t)draft->signer},
		.not_before = draft->begins * 365 * DAY,
		.not_after = draft->ends * 365 * DAY,
		.version_certificate = draft->index,
		.version_key = draft->version_key,
		.pem_length = 1200,
		.ca = !draft->leaf,
		.cert_sign = true,
		.self_signed = draft->key == draft->signer,
		.self_issued = draft->subject == 1,
		.common_name = "Corp Root CA",
	};

	certificate.issuer = certificate.subject;
	return certificate;
}

/* An authority of drafts; one with subject 0 ends the list. */
struct stand {
	struct certificate certificates[MEMBERS_MAX];
	const struct certificate *list[MEMBERS_MAX];
	struct authority authority;
};

static void stand_up(struct stand *stand, const struct draft drafts[static MEMBERS_MAX])
{
	*stand = (struct stand){.authority.certificates = stand->list};
	for (size_t i = 0; i < MEMBERS_MAX && drafts[i].subject != 0; i++) {
		stand->certificates[i] = make(&drafts[i], i);
		stand->list[stand->authority.count++] = &stand->certificates[i];
	}
}

static void what_is_wrong_with_a_member(void **state)
{
	static const struct {
		struct draft drafts[MEMBERS_MAX];
		enum generation_rule rules[MEMBERS_MAX];
		const char *why;
	} cases[] = {
		{{ROOT(0, 10, 1)}, {GENERATION_GOOD}, "one alone is a generation"},
		{{ROOT(0, 10, 1), ROOT(0, 20, 1)}, {GENERATION_GOOD, GENERATION_GOOD},
			"renewed with the same key: same start, later end"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2)}, {GENERATION_GOOD, GENERATION_GOOD},
			"renewed with a new key"},
		{{ROOT(0, 10, 1), {2, 9, 20, 2, 2, NONE, false}},
			{GENERATION_OTHER_SUBJECT, GENERATION_OTHER_SUBJECT},
			"two subjects: which of them is meant, nobody can say"},
		{{ROOT(0, 10, 1), {2, 9, 20, 2, 2, NONE, true}}, {GENERATION_GOOD, GENERATION_GOOD},
			"what is no CA certificate is told by its own rule, and mixes nothing up"},
		{{ROOT(0, 10, 1), {1, 9, 12, 2, 1, NONE, false}},
			{GENERATION_GOOD, GENERATION_CROSS},
			"a cross-certificate, and the root beside it is untouched"},
		{{ROOT(0, 10, 1), ROOT(5, 8, 2)}, {GENERATION_GOOD, GENERATION_SHORTER_LIFE},
			"made later, ends earlier"},
		{{ROOT(5, 8, 2), ROOT(0, 10, 1)}, {GENERATION_SHORTER_LIFE, GENERATION_GOOD},
			"in the other order of files, the same one"},
		{{V(0, 10, 1, 0, 0), V(0, 8, 1, 1, 0)}, {GENERATION_GOOD, GENERATION_SHORTER_LIFE},
			"the CA version says later, the end says earlier"},
		{{V(5, 10, 1, 0, 0), V(0, 12, 1, 1, 0)}, {GENERATION_GOOD, GENERATION_GOOD},
			"where versions tell, notBefore is not asked"},
		{{V(0, 10, 1, 0, 0), V(0, 10, 1, 1, 0)}, {GENERATION_GOOD, GENERATION_SHORTER_LIFE},
			"a later version with the same end does not outlive"},
		{{V(0, 10, 1, 0, 0), ROOT(5, 8, 2)}, {GENERATION_GOOD, GENERATION_SHORTER_LIFE},
			"only one has a version: notBefore tells"},
		{{ROOT(0, 10, 1), ROOT(5, 10, 2)},
			{GENERATION_AMBIGUOUS_ORDER, GENERATION_AMBIGUOUS_ORDER},
			"same end, no version: no order"},
		{{V(0, 10, 1, 1, 1), V(5, 10, 2, 1, 1)},
			{GENERATION_AMBIGUOUS_ORDER, GENERATION_AMBIGUOUS_ORDER},
			"same end, same version: no order"},
		{{ROOT(0, 10, 1), ROOT(5, 10, 2), ROOT(9, 20, 3)},
			{GENERATION_AMBIGUOUS_ORDER, GENERATION_AMBIGUOUS_ORDER, GENERATION_GOOD},
			"a third one after both is a good successor"},
		{{ROOT(0, 10, 1), ROOT(1, 5, 2), ROOT(2, 5, 3)},
			{GENERATION_GOOD, GENERATION_AMBIGUOUS_ORDER, GENERATION_AMBIGUOUS_ORDER},
			"of two faults the first in the list of rules"},
		{{{2, 0, 10, 2, 1, NONE, false}, {2, 5, 15, 3, 1, NONE, false}},
			{GENERATION_GOOD, GENERATION_GOOD},
			"issuing CAs are generations by the same rules"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct stand stand;

		stand_up(&stand, cases[i].drafts);
		for (size_t j = 0; j < stand.authority.count; j++) {
			const struct certificate *other = stand.list[j];
			enum generation_rule rule =
				generation_judge(&stand.authority, stand.list[j], &other);
			bool alone = rule == GENERATION_GOOD || rule == GENERATION_CROSS;

			if (rule != cases[i].rules[j])
				print_error("%s: member %zu\n", cases[i].why, j);
			assert_int_equal(rule, cases[i].rules[j]);
			assert_true(alone ? other == NULL : other && other != stand.list[j]);
		}
	}
}

static void two_subjects_hide_no_other_fault(void **state)
{
	static const struct draft drafts[MEMBERS_MAX] = {
		ROOT(0, 10, 1), ROOT(5, 8, 2), {2, 0, 10, 3, 3, NONE, false}};
	struct stand stand;
	const struct certificate *other = NULL;

	(void)state;
	stand_up(&stand, drafts);
	assert_int_equal(
		generation_judge(&stand.authority, stand.list[1], NULL), GENERATION_OTHER_SUBJECT);
	assert_int_equal(generation_judge_line(&stand.authority, stand.list[1], &other),
		GENERATION_SHORTER_LIFE);
	assert_ptr_equal(other, stand.list[0]);
	assert_int_equal(
		generation_judge_line(&stand.authority, stand.list[2], NULL), GENERATION_GOOD);
}

static void what_ties_two(void **state)
{
	static const struct {
		struct draft drafts[MEMBERS_MAX];
		bool succeeds;
		enum generation_link link;
		const char *why;
	} cases[] = {
		{{ROOT(0, 10, 1), ROOT(0, 20, 1)}, true, GENERATION_LINK_SAME_KEY,
			"renewed with the same key"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2)}, true, GENERATION_LINK_NEW_KEY,
			"renewed with a new key that nothing vouches for"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2), {1, 9, 10, 2, 1, NONE, false}}, true,
			GENERATION_LINK_CROSS_SIGNED, "the (0-1) file vouches for the new key"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2), {1, 9, 10, 1, 2, NONE, false}}, true,
			GENERATION_LINK_NEW_KEY,
			"the (1-0) file says that the new key knows the old one: no endorsement"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2), {1, 9, 10, 2, 3, NONE, false}}, true,
			GENERATION_LINK_NEW_KEY, "signed by a third key"},
		{{ROOT(0, 10, 1), ROOT(9, 20, 2), {2, 9, 10, 2, 1, NONE, false}}, true,
			GENERATION_LINK_NEW_KEY, "the old key signed the new one for another name"},
		{{ROOT(9, 20, 2), ROOT(0, 10, 1)}, false, GENERATION_LINK_NEW_KEY,
			"the older one succeeds nothing"},
		{{ROOT(5, 8, 2), ROOT(0, 10, 1)}, false, GENERATION_LINK_NEW_KEY,
			"ends later but was made earlier: the order is contradicted"},
		{{V(0, 10, 1, 0, 0), V(0, 8, 1, 1, 0)}, false, GENERATION_LINK_SAME_KEY,
			"a later version that ends earlier supersedes nothing"},
		{{V(0, 10, 1, 0, 0), V(9, 20, 2, 1, 1)}, true, GENERATION_LINK_NEW_KEY,
			"by version and by end"},
		{{ROOT(0, 10, 1), ROOT(5, 10, 2)}, false, GENERATION_LINK_NEW_KEY,
			"no order, no successor"},
		{{ROOT(0, 10, 1), {2, 9, 20, 1, 1, NONE, false}}, false, GENERATION_LINK_NONE,
			"another subject, though with the same key"},
		{{ROOT(0, 10, 1), {1, 9, 20, 2, 1, NONE, false}}, false, GENERATION_LINK_NONE,
			"a cross-certificate is no generation"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct stand stand;
		enum generation_link link;
		bool succeeds;

		stand_up(&stand, cases[i].drafts);
		succeeds = generation_succeeds(stand.list[0], stand.list[1]);
		link = generation_link(&stand.authority, stand.list[0], stand.list[1]);
		if (succeeds != cases[i].succeeds || link != cases[i].link)
			print_error("%s: %s\n", cases[i].why, generation_link_str(link));
		assert_int_equal(succeeds, cases[i].succeeds);
		assert_int_equal(link, cases[i].link);
	}
}

static void a_misfit_is_not_the_one_before(void **state)
{
	static const struct draft drafts[MEMBERS_MAX] = {
		V(0, 10, 1, 0, 0), V(5, 8, 2, 1, 1), V(9, 20, 3, 2, 2)};
	struct stand stand;

	(void)state;
	stand_up(&stand, drafts);
	assert_true(generation_succeeds(stand.list[1], stand.list[2]));
	assert_ptr_equal(generation_before(&stand.authority, stand.list[2]), stand.list[0]);
}

static void the_one_before(void **state)
{
	static const struct draft drafts[MEMBERS_MAX] = {
		ROOT(0, 30, 3), ROOT(0, 10, 1), ROOT(0, 20, 2), {1, 0, 25, 2, 3, NONE, false}};
	struct stand stand;

	(void)state;
	stand_up(&stand, drafts);
	assert_ptr_equal(generation_before(&stand.authority, stand.list[0]), stand.list[2]);
	assert_ptr_equal(generation_before(&stand.authority, stand.list[2]), stand.list[1]);
	assert_null(generation_before(&stand.authority, stand.list[1]));
	assert_null(generation_before(&stand.authority, stand.list[3]));
	assert_true(generation_newest(&stand.authority, stand.list[0]));
	assert_false(generation_newest(&stand.authority, stand.list[2]));
	assert_int_equal(
		generation_link(&stand.authority, NULL, stand.list[1]), GENERATION_LINK_NONE);
}

static void who_signed(void **state)
{
	static const struct draft root[MEMBERS_MAX] = {ROOT(0, 10, 1)},
				  issuing[MEMBERS_MAX] = {{2, 0, 10, 2, 1, NONE, false}};
	struct stand roots, issuers;

	(void)state;
	stand_up(&roots, root);
	stand_up(&issuers, issuing);
	assert_true(generation_signed_in(&issuers.authority, roots.list[0]));
	assert_true(generation_signed_in(&roots.authority, issuers.list[0]));
	assert_false(generation_signed_in(&issuers.authority, issuers.list[0]));
	issuers.certificates[0].signer = (struct digest){0};
	assert_false(generation_signed_in(&roots.authority, issuers.list[0]));
}

static void the_version_as_microsoft_writes_it(void **state)
{
	static const struct {
		int index, key;
		const char *text, *why;
	} cases[] = {
		{-1, -1, "", "no CA version"},
		{0, 0, "V0.0", "the first certificate"},
		{2, 1, "V2.1", "certificate index before key index"},
		{65535, 65535, "V65535.65535", "the longest"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct certificate certificate = {
			.version_certificate = cases[i].index, .version_key = cases[i].key};
		char text[GENERATION_VERSION_SIZE];

		assert_string_equal(generation_version(&certificate, text), cases[i].text);
	}
}

static void every_rule_says_what_to_do(void **state)
{
	(void)state;
	for (int rule = GENERATION_GOOD; rule < GENERATION_RULES; rule++) {
		assert_true(generation_rule_str((enum generation_rule)rule)[0] != '\0');
		assert_int_equal(generation_rule_advice((enum generation_rule)rule)[0] == '\0',
			rule == GENERATION_GOOD);
	}
	for (int link = 0; link < GENERATION_LINKS; link++)
		assert_true(generation_link_str((enum generation_link)link)[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_with_a_member),
		cmocka_unit_test(two_subjects_hide_no_other_fault),
		cmocka_unit_test(what_ties_two),
		cmocka_unit_test(a_misfit_is_not_the_one_before),
		cmocka_unit_test(the_one_before),
		cmocka_unit_test(who_signed),
		cmocka_unit_test(the_version_as_microsoft_writes_it),
		cmocka_unit_test(every_rule_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
