/* SPDX-License-Identifier: Apache-2.0 */
/* The store: each certificate once, its bytes its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/store.h"

/* More than the first few allocations, so that the array has grown and moved. */
#define MANY 1000

static struct certificate numbered(unsigned number, const uint8_t *der, size_t length)
{
	struct certificate certificate = {.der = der, .der_length = length};

	memcpy(certificate.sha256.bytes, &number, sizeof(number));
	certificate.not_after = number;
	return certificate;
}

static void a_certificate_is_kept_once(void **state)
{
	uint8_t der[] = {0x30, 0x03, 0x01, 0x02, 0x03};
	struct certificate certificate = numbered(7, der, sizeof(der));
	const struct certificate *first, *second;
	struct store store = {0};

	(void)state;
	assert_int_equal(store_add(&store, &certificate, &first), 0);
	certificate.not_after = 99; /* the digest is the identity; what is known stays */
	assert_int_equal(store_add(&store, &certificate, &second), 0);
	assert_ptr_equal(first, second);
	assert_int_equal(store.count, 1);
	assert_int_equal(first->not_after, 7);
	store_done(&store);
}

static void the_bytes_are_copied(void **state)
{
	uint8_t der[] = {0x30, 0x03, 0x01, 0x02, 0x03};
	struct certificate certificate = numbered(7, der, sizeof(der));
	const struct certificate *kept;
	struct store store = {0};

	(void)state;
	assert_int_equal(store_add(&store, &certificate, &kept), 0);
	memset(der, 0, sizeof(der));
	assert_ptr_not_equal(kept->der, der);
	assert_int_equal(kept->der_length, sizeof(der));
	assert_int_equal(kept->der[0], 0x30);
	store_done(&store);
}

static void facts_alone_need_no_bytes(void **state)
{
	struct certificate certificate = numbered(7, NULL, 0);
	const struct certificate *kept;
	struct store store = {0};

	(void)state;
	assert_int_equal(store_add(&store, &certificate, &kept), 0);
	assert_null(kept->der);
	store_done(&store);
}

static void what_was_given_stays_where_it_is(void **state)
{
	const struct certificate *given[MANY];
	struct store store = {0};

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct certificate certificate = numbered(i + 1, NULL, 0);

		assert_int_equal(store_add(&store, &certificate, &given[i]), 0);
	}
	assert_int_equal(store.count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		struct certificate certificate = numbered(i + 1, NULL, 0);

		assert_ptr_equal(store_find(&store, &certificate.sha256), given[i]);
		assert_ptr_equal(store.certificates[i], given[i]);
	}
	store_done(&store);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct certificate certificate = numbered(7, NULL, 0);
	const struct certificate *kept;
	struct store store = {0};

	(void)state;
	assert_null(store_find(&store, &certificate.sha256));
	assert_int_equal(store_add(&store, &certificate, &kept), 0);
	certificate.sha256.bytes[31] = 1;
	assert_null(store_find(&store, &certificate.sha256));
	store_done(&store);
	store_done(&store); /* an empty one may be done with again */
	store_done(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_kept_once),
		cmocka_unit_test(the_bytes_are_copied),
		cmocka_unit_test(facts_alone_need_no_bytes),
		cmocka_unit_test(what_was_given_stays_where_it_is),
		cmocka_unit_test(what_is_not_there_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
