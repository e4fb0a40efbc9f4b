/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate files of every form, over what tests/data/make-certificates.py makes at ZOO_NOW. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/cleanup.h"
#include "core/certificate.h"
#include "edge/x509.h"

/* 2027-01-01T00:00:00Z, as Makefile.am says to the script. */
#define ZOO_NOW INT64_C(1798761600)

static char *file_read(const char *name, size_t *ret_length)
{
	char path[4096];
	char *bytes = malloc(X509_FILE_MAX);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", ZOO, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is missing", path);
	assert_non_null(bytes);
	*ret_length = fread(bytes, 1, X509_FILE_MAX, file);
	fclose(file);
	return bytes;
}

static int zoo_read(const char *name, struct store *store, const struct certificate **certificates,
	size_t *count, struct error *error)
{
	size_t length;
	CLEANUP(free_ptr) char *bytes = file_read(name, &length);

	return x509_read(bytes, length, store, certificates, count, error);
}

/* The one certificate of a file that has to be good. */
static const struct certificate *zoo_one(struct store *store, const char *name)
{
	const struct certificate *certificates[X509_FILE_CERTIFICATES_MAX];
	struct error error = {0};
	size_t count = 0;

	if (zoo_read(name, store, certificates, &count, &error) < 0)
		fail_msg("%s: %s", name, error.message);
	assert_int_equal(count, 1);
	return certificates[0];
}

static void every_form_gives_the_same_certificates(void **state)
{
	static const struct {
		const char *file;
		size_t count; /* certificates, of which the first is corp-root */
		const char *why;
	} cases[] = {
		{"corp-root.pem", 1, "plain PEM"},
		{"form-der.cer", 1, "DER"},
		{"form-base64.cer", 1, "base64 without markers"},
		{"form-pkcs7.p7b", 2, "PKCS#7 in PEM"},
		{"form-pkcs7-der.p7b", 2, "PKCS#7 in DER"},
		{"form-pkcs7-adcs.p7b", 2, "PKCS#7 that AD CS labels CERTIFICATE"},
		{"form-crlf.pem", 1, "CR LF"},
		{"form-cr.pem", 1, "CR alone"},
		{"form-bom.pem", 1, "a BOM in front"},
		{"form-joined-boms.pem", 2, "two files with BOMs joined: the same one twice"},
		{"form-text.pem", 1, "the text of openssl x509 -text in front"},
		{"form-trusted.pem", 1, "TRUSTED CERTIFICATE: the trust settings go"},
		{"bundle.pem", 3, "several blocks with comments between"},
	};
	struct store store = {0};
	const struct certificate *root = zoo_one(&store, "corp-root.pem");

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
		struct error error = {0};
		size_t count = 0;

		if (zoo_read(cases[i].file, &store, found, &count, &error) < 0)
			fail_msg("%s: %s", cases[i].why, error.message);
		if (count != cases[i].count || found[0] != root)
			fail_msg("%s: %zu certificates", cases[i].why, count);
	}
	assert_int_equal(store.count, 3); /* root, issuing, new key: each kept once */
	store_done(&store);
}

static void what_is_no_certificate_is_refused_by_name(void **state)
{
	static const struct {
		const char *file;
		int result;
		const char *says; /* part of the message */
	} cases[] = {
		{"bad-key-and-certificate.pem", -ERROR_DENIED, "holds a private key (line "},
		{"bad-key.pem", -ERROR_DENIED, "holds a private key (line 1)"},
		{"bad-key-traditional.pem", -ERROR_DENIED, "holds a private key (line 1)"},
		{"bad-key-encrypted.pem", -ERROR_DENIED, "holds a private key (line 1)"},
		{"bad-key-mislabelled.pem", -ERROR_DENIED, "block 1 (line 1): holds a private key"},
		{"bad-key.der", -ERROR_DENIED, "holds a private key"},
		{"bad-key-base64.cer", -ERROR_DENIED, "holds a private key"},
		{"bad-pkcs12.pfx", -ERROR_DENIED, "PKCS#12"},
		{"bad-request.pem", -ERROR_INVALID, "block 1 (line 1) is \"CERTIFICATE REQUEST\""},
		{"bad-request.der", -ERROR_INVALID, "is a certificate request"},
		{"bad-public-key.pem", -ERROR_INVALID, "block 1 (line 1) is \"PUBLIC KEY\""},
		{"bad-crl.pem", -ERROR_INVALID, "is \"X509 CRL\""},
		{"bad-utf16.pem", -ERROR_INVALID, "UTF-16"},
		{"bad-utf16-no-bom.pem", -ERROR_INVALID, "UTF-16"},
		{"bad-truncated.pem", -ERROR_INVALID, "block 1 (line 1) is cut off"},
		{"bad-truncated-second.pem", -ERROR_INVALID, "block 2 (line "},
		{"bad-truncated-der.cer", -ERROR_INVALID, "is damaged"},
		{"bad-top-missing.pem", -ERROR_INVALID, "ends a block that never began"},
		{"bad-garbage.pem", -ERROR_INVALID, "is damaged: it is not base64"},
		{"bad-trailing.cer", -ERROR_INVALID, "is damaged"},
		{"bad-marker.pem", -ERROR_INVALID, "line 1 begins a block"},
		{"bad-empty.pem", -ERROR_INVALID, "is empty"},
		{"bad-text.pem", -ERROR_INVALID, "holds no certificate"},
	};
	struct store store = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
		struct error error = {0};
		size_t count = 77;
		int r = zoo_read(cases[i].file, &store, found, &count, &error);

		if (r != cases[i].result || !strstr(error.message, cases[i].says))
			fail_msg("%s gives %d: %s", cases[i].file, r, error.message);
		assert_int_equal(count, 77);
	}
	store_done(&store);
}

static void a_private_key_shows_none_of_its_bytes(void **state)
{
	static const char *const files[] = {"bad-key-and-certificate.pem", "bad-key.pem",
		"bad-key.der", "bad-key-base64.cer", "bad-key-mislabelled.pem", "bad-pkcs12.pfx"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
		struct store store = {0};
		struct error error = {0};
		size_t length, count;
		CLEANUP(free_ptr) char *bytes = file_read(files[i], &length);

		assert_int_equal(
			x509_read(bytes, length, &store, found, &count, &error), -ERROR_DENIED);
		/* No eight bytes of the file may be in the message; markers are not in it either.
		 */
		for (size_t at = 0; at + 8 <= length; at++)
			if (memmem(error.message, strlen(error.message), bytes + at, 8) &&
				!memmem(bytes + at, 8, "PRIVATE", 4))
				fail_msg("%s shows its byte %zu", files[i], at);
		assert_int_equal(store.count, 0);
		store_done(&store);
	}
}

static void markers_that_only_texts_can_show(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *says;
	} cases[] = {
		{"", -ERROR_INVALID, "is empty"},
		{"\xef\xbb\xbf", -ERROR_INVALID, "is empty"},
		{"-----BEGIN RSA PRIVATE KEY----", -ERROR_DENIED, "line 1"},
		{"\n  ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", -ERROR_DENIED, "line 2"},
		{"never put a PRIVATE KEY here", -ERROR_INVALID, "holds no certificate"},
		{"-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", -ERROR_INVALID,
			"block 1 (line 1) is cut off: the next one begins in line 2"},
		{"\r\n\r\n-----BEGIN CERTIFICATE-----\r\nMII=\r\n-----END X-----\r\n",
			-ERROR_INVALID, "block 1 (line 3) ends in line 5 with another marker"},
		{"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", -ERROR_INVALID,
			"block 1 (line 1): is damaged"},
		{"-----BEGIN -----\n-----END -----", -ERROR_INVALID, "line 1 begins a block"},
		{"-----BEGIN \x1b[2J-----\n", -ERROR_INVALID, "line 1 begins a block"},
		{"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----",
			-ERROR_INVALID, "is \"EC PARAMETERS\": only CERTIFICATE and PKCS7"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
		struct store store = {0};
		struct error error = {0};
		size_t count = 0;
		int r = x509_read(
			cases[i].text, strlen(cases[i].text), &store, found, &count, &error);

		if (r != cases[i].result || !strstr(error.message, cases[i].says))
			fail_msg("case %zu gives %d: %s", i, r, error.message);
		assert_int_equal(x509_read(cases[i].text, strlen(cases[i].text), &store, found,
					 &count, NULL),
			cases[i].result);
		store_done(&store);
	}
}

static void a_file_has_its_limits(void **state)
{
	const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
	struct store store = {0};
	struct error error = {0};
	size_t length, count = 0;
	CLEANUP(free_ptr) char *pem = file_read("corp-root.pem", &length);
	CLEANUP(free_ptr) char *many = calloc(1, X509_FILE_MAX + 1);

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i <= X509_FILE_CERTIFICATES_MAX; i++)
		memcpy(many + i * length, pem, length);
	assert_int_equal(
		x509_read(many, X509_FILE_CERTIFICATES_MAX * length, &store, found, &count, &error),
		0);
	assert_int_equal(count, X509_FILE_CERTIFICATES_MAX);
	assert_int_equal(x509_read(many, (X509_FILE_CERTIFICATES_MAX + 1) * length, &store, found,
				 &count, &error),
		-ERROR_LIMIT);
	assert_int_equal(
		x509_read(many, X509_FILE_MAX + 1, &store, found, &count, &error), -ERROR_LIMIT);
	assert_non_null(strstr(error.message, "1048576"));
	store_done(&store);
}

static void every_rule_has_its_certificate(void **state)
{
	static const struct {
		const char *file;
		enum certificate_rule rule;
		enum certificate_rule rule_now;
	} cases[] = {
		{"corp-root.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"corp-issuing.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"rsa.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"ecdsa-p384.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"no-key-usage.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"days-92.pem", CERTIFICATE_GOOD, CERTIFICATE_GOOD},
		{"days-91.pem", CERTIFICATE_GOOD, CERTIFICATE_UNDER_DOOR},
		{"days-60.pem", CERTIFICATE_GOOD, CERTIFICATE_UNDER_DOOR},
		{"expired.pem", CERTIFICATE_GOOD, CERTIFICATE_EXPIRED},
		{"not-yet-valid.pem", CERTIFICATE_GOOD, CERTIFICATE_NOT_YET_VALID},
		{"leaf.pem", CERTIFICATE_NOT_CA, CERTIFICATE_GOOD},
		{"no-cert-sign.pem", CERTIFICATE_NO_CERT_SIGN, CERTIFICATE_GOOD},
		{"pss-signature.pem", CERTIFICATE_PSS, CERTIFICATE_GOOD},
		{"pss-key.pem", CERTIFICATE_PSS, CERTIFICATE_GOOD},
		{"too-long.pem", CERTIFICATE_TOO_LONG, CERTIFICATE_GOOD},
	};
	struct store store = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *certificate = zoo_one(&store, cases[i].file);

		if (certificate_judge(certificate) != cases[i].rule ||
			certificate_judge_at(certificate, ZOO_NOW) != cases[i].rule_now)
			fail_msg("%s: %s; %s", cases[i].file,
				certificate_rule_str(certificate_judge(certificate)),
				certificate_rule_str(certificate_judge_at(certificate, ZOO_NOW)));
	}
	store_done(&store);
}

static void facts_are_those_of_the_certificate(void **state)
{
	static const struct {
		const char *file;
		const char *common_name;
		int64_t not_before, not_after; /* from ZOO_NOW */
		int32_t version_certificate, version_key;
		bool self_issued, self_signed;
	} cases[] = {
		{"corp-root.pem", "Corp Root CA", -1825 * DAY, 1825 * DAY, 0, 0, true, true},
		{"corp-root-renewed.pem", "Corp Root CA", -1825 * DAY, 3650 * DAY, 1, 0, true,
			true},
		{"corp-root-new-key.pem", "Corp Root CA", -1 * DAY, 4380 * DAY, 1, 1, true, true},
		{"corp-root-cross-0-1.pem", "Corp Root CA", -1 * DAY, 1825 * DAY, 1, 1, true,
			false},
		{"corp-root-cross-1-0.pem", "Corp Root CA", -1 * DAY, 1825 * DAY, 0, 0, true,
			false},
		{"corp-issuing.pem", "Corp Issuing CA", -1 * DAY, 1460 * DAY, 0, 0, false, false},
		{"lab-root.pem", "Lab Root CA", -1 * DAY, 3650 * DAY, -1, -1, true, true},
		{"utf8-name.pem", "Prüfstelle Köln 認証局", -1 * DAY, 3650 * DAY, -1, -1, true,
			true},
		{"no-name.pem", "", -1 * DAY, 3650 * DAY, -1, -1, true, true},
		{"two-names.pem", "Specific CA", -1 * DAY, 3650 * DAY, -1, -1, true, true},
		{"pss-key.pem", "PSS Key CA", -1 * DAY, 3650 * DAY, -1, -1, true, true},
	};
	struct store store = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *certificate = zoo_one(&store, cases[i].file);

		print_message("%s\n", cases[i].file);
		assert_string_equal(certificate->common_name, cases[i].common_name);
		assert_int_equal(certificate->not_before, ZOO_NOW + cases[i].not_before);
		assert_int_equal(certificate->not_after, ZOO_NOW + cases[i].not_after);
		assert_int_equal(certificate->version_certificate, cases[i].version_certificate);
		assert_int_equal(certificate->version_key, cases[i].version_key);
		assert_int_equal(certificate->self_issued, cases[i].self_issued);
		assert_int_equal(certificate->self_signed, cases[i].self_signed);
		assert_int_equal(digest_equal(&certificate->signer, &certificate->key),
			cases[i].self_signed);
	}
	store_done(&store);
}

static void a_pem_goes_out_as_it_came_in(void **state)
{
	static const char *const files[] = {"corp-root.pem", "rsa.pem", "utf8-name.pem",
		"no-key-usage.pem", "lab-root.pem", "too-long.pem"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		struct store store = {0}, other = {0};
		const struct certificate *certificate = zoo_one(&store, files[i]), *again;
		size_t length;
		CLEANUP(free_ptr) char *file = file_read(files[i], &length);
		CLEANUP(free_ptr) char *pem = x509_pem(certificate);

		assert_non_null(pem);
		assert_int_equal(strlen(pem), certificate->pem_length);
		assert_int_equal(strlen(pem), length);
		assert_memory_equal(pem, file, length);
		assert_int_equal(x509_read_der(certificate->der, certificate->der_length, &other,
					 &again, NULL),
			0);
		assert_true(digest_equal(&again->sha256, &certificate->sha256));
		assert_int_equal(x509_read_der(certificate->der, certificate->der_length - 1,
					 &other, &again, NULL),
			-ERROR_INVALID);
		store_done(&store);
		store_done(&other);
	}
}

static void signers_are_found_by_signature(void **state)
{
	static const struct {
		const char *file;
		const char *signer; /* NULL: none known */
		const char *why;
	} cases[] = {
		{"corp-root.pem", "corp-root.pem", "a root signs itself"},
		{"corp-root-renewed.pem", "corp-root.pem", "the same key is the same signer"},
		{"corp-root-cross-0-1.pem", "corp-root.pem", "a cross-certificate, by the old key"},
		{"corp-root-cross-1-0.pem", "corp-root-new-key.pem", "a cross one, by the new key"},
		{"corp-issuing.pem", "corp-root.pem", "one of two roots with one name"},
		{"leaf.pem", "corp-issuing.pem", "a leaf, by the issuing CA"},
		{"lab-root.pem", "lab-root.pem", "another company's"},
	};
	struct store store = {0};
	const struct certificate *orphan;

	(void)state;
	orphan = zoo_one(&store, "leaf.pem");
	assert_int_equal(x509_link(&store), 0);
	assert_true(digest_is_zero(&orphan->signer));
	/* The new key first, so that the right one is not merely the first with that name. */
	zoo_one(&store, "corp-root-new-key.pem");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		zoo_one(&store, cases[i].file);
	assert_int_equal(x509_link(&store), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct certificate *certificate = zoo_one(&store, cases[i].file);
		const struct certificate *signer = zoo_one(&store, cases[i].signer);

		if (!digest_equal(&certificate->signer, &signer->key))
			fail_msg("%s", cases[i].why);
	}
	store_done(&store);
}

static void generations_of_the_zoo_are_told_apart_and_ordered(void **state)
{
	struct store store = {0};
	const struct certificate *root = zoo_one(&store, "corp-root.pem");
	const struct certificate *renewed = zoo_one(&store, "corp-root-renewed.pem");
	const struct certificate *new_key = zoo_one(&store, "corp-root-new-key.pem");
	const struct certificate *cross = zoo_one(&store, "corp-root-cross-0-1.pem");

	(void)state;
	assert_true(digest_equal(&root->key, &renewed->key));
	assert_false(digest_equal(&root->key, &new_key->key));
	assert_true(certificate_same_line(root, renewed));
	assert_true(certificate_same_line(root, new_key));
	assert_false(certificate_same_line(root, cross));
	assert_true(certificate_is_cross(cross));
	assert_true(certificate_generation_cmp(root, renewed) < 0);
	assert_true(certificate_generation_cmp(new_key, root) > 0);
	assert_true(certificate_indistinguishable(
		zoo_one(&store, "twin-a.pem"), zoo_one(&store, "twin-b.pem")));
	store_done(&store);
}

/* ---------------------------------------------------------------- names */

struct attribute {
	int nid, type;
	const char *text;
	int set; /* 0: a new RDN; -1: the RDN before */
};

static X509_NAME *name_of(const struct attribute attributes[static 4])
{
	X509_NAME *name = X509_NAME_new();

	for (size_t i = 0; i < 4 && attributes[i].text; i++)
		assert_int_equal(
			X509_NAME_add_entry_by_NID(name, attributes[i].nid, attributes[i].type,
				(const unsigned char *)attributes[i].text, -1, -1,
				attributes[i].set),
			1);
	return name;
}

/* Puts a name into a certificate (unsigned: nobody asks) and gives its digest. */
static struct digest digest_of(X509_NAME *name, const char *template)
{
	const struct certificate *found;
	struct store store = {0};
	const struct certificate *certificate = zoo_one(&store, template);
	const unsigned char *in = certificate->der;
	X509 *x509 = d2i_X509(NULL, &in, (long)certificate->der_length);
	unsigned char *der = NULL;
	struct digest digest;
	struct error error = {0};
	int length;

	assert_int_equal(X509_set_subject_name(x509, name), 1);
	length = i2d_re_X509_tbs(x509, &der);
	OPENSSL_free(der);
	der = NULL;
	length = i2d_X509(x509, &der);
	assert_true(length > 0);
	if (x509_read_der(der, (size_t)length, &store, &found, &error) < 0)
		fail_msg("%s", error.message);
	digest = found->subject;
	OPENSSL_free(der);
	X509_free(x509);
	store_done(&store);
	return digest;
}

static void names_that_are_equal_have_one_digest(void **state)
{
	enum {
		UTF8 = V_ASN1_UTF8STRING,
		PRINTABLE = V_ASN1_PRINTABLESTRING,
		T61 = V_ASN1_T61STRING,
		IA5 = V_ASN1_IA5STRING,
		BITS = V_ASN1_BIT_STRING
	};
	static const struct {
		struct attribute a[4], b[4];
		bool equal;
		const char *why;
	} cases[] = {
		{{{NID_commonName, UTF8, "Corp CA", 0}},
			{{NID_commonName, PRINTABLE, "Corp CA", 0}}, true,
			"the type of string does not count"},
		{{{NID_organizationName, UTF8, "Corp CA", 0}},
			{{NID_organizationName, UTF8, " cORP  \t cA ", 0}}, true,
			"nor do case and white space"},
		{{{NID_commonName, UTF8, "Corp CA", 0}}, {{NID_commonName, UTF8, "CorpCA", 0}},
			false, "but one blank is one"},
		{{{NID_commonName, UTF8, "K\xc3\xb6ln", 0}}, {{NID_commonName, T61, "K\xf6ln", 0}},
			true, "Latin-1 and UTF-8 are one text"},
		{{{NID_commonName, UTF8, "x", 0}}, {{NID_organizationName, UTF8, "x", 0}}, false,
			"the attribute counts"},
		{{{NID_commonName, UTF8, "a", 0}, {NID_commonName, UTF8, "b", 0}},
			{{NID_commonName, UTF8, "b", 0}, {NID_commonName, UTF8, "a", 0}}, false,
			"RDNs have an order"},
		{{{NID_commonName, UTF8, "a", 0}, {NID_organizationName, UTF8, "b", -1}},
			{{NID_organizationName, UTF8, "B", 0}, {NID_commonName, UTF8, "A", -1}},
			true, "the attributes of one RDN have none"},
		{{{NID_commonName, UTF8, "a", 0}, {NID_organizationName, UTF8, "b", -1}},
			{{NID_commonName, UTF8, "a", 0}, {NID_organizationName, UTF8, "b", 0}},
			false, "one RDN of two is not two RDNs"},
		{{{NID_commonName, UTF8, "", 0}}, {{NID_commonName, UTF8, "  ", 0}}, true,
			"blanks alone are an empty text"},
		{{{NID_organizationName, UTF8, "a", 0}}, {{NID_organizationName, BITS, "a", 0}},
			false, "what is not text is not compared as text"},
		{{{0}}, {{NID_commonName, UTF8, "", 0}}, false, "no RDN is not an empty one"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		X509_NAME *a = name_of(cases[i].a), *b = name_of(cases[i].b);
		struct digest left = digest_of(a, "corp-root.pem");
		struct digest right = digest_of(b, "corp-root.pem");

		/* OpenSSL's own comparison is the witness. */
		assert_int_equal(X509_NAME_cmp(a, b) == 0, cases[i].equal);
		if (digest_equal(&left, &right) != cases[i].equal)
			fail_msg("%s", cases[i].why);
		X509_NAME_free(a);
		X509_NAME_free(b);
	}
}

static void a_name_that_would_trick_a_reader_is_refused(void **state)
{
	static const struct {
		const char *text;
		int length;
		int result;
	} cases[] = {
		{"Corp\0CA", 7, -ERROR_INVALID},
		{"Corp\nCA", 7, -ERROR_INVALID},
		{"\x1b[2J", 4, -ERROR_INVALID},
		{"Corp\xc2\x9b"
		 "2J",
			8, -ERROR_INVALID},
		{"\xc2\xa0", 2, 0},
	};
	char longest[CERTIFICATE_NAME_SIZE];
	struct store store = {0};
	const struct certificate *certificate = zoo_one(&store, "corp-root.pem"), *found;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < ARRAY_LENGTH(cases) + 2; i++) {
		bool table = i < ARRAY_LENGTH(cases);
		const char *text = table ? cases[i].text : longest;
		int length = table ? cases[i].length
				   : CERTIFICATE_NAME_SIZE - 1 + (int)(i - ARRAY_LENGTH(cases));
		int result = table			      ? cases[i].result
			     : length < CERTIFICATE_NAME_SIZE ? 0
							      : -ERROR_LIMIT;
		const unsigned char *in = certificate->der;
		X509 *x509 = d2i_X509(NULL, &in, (long)certificate->der_length);
		X509_NAME *name = X509_NAME_new();
		ASN1_STRING *value = ASN1_STRING_type_new(V_ASN1_UTF8STRING);
		X509_NAME_ENTRY *entry;
		unsigned char *der = NULL;
		int der_length;

		ASN1_STRING_set(value, text, length);
		entry = X509_NAME_ENTRY_create_by_NID(NULL, NID_commonName, V_ASN1_UTF8STRING,
			(const unsigned char *)text, length);
		assert_int_equal(X509_NAME_add_entry(name, entry, -1, 0), 1);
		assert_int_equal(X509_set_subject_name(x509, name), 1);
		der_length = i2d_re_X509_tbs(x509, &der);
		OPENSSL_free(der);
		der = NULL;
		der_length = i2d_X509(x509, &der);
		assert_int_equal(
			x509_read_der(der, (size_t)der_length, &store, &found, NULL), result);
		OPENSSL_free(der);
		ASN1_STRING_free(value);
		X509_NAME_ENTRY_free(entry);
		X509_NAME_free(name);
		X509_free(x509);
	}
	store_done(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_gives_the_same_certificates),
		cmocka_unit_test(what_is_no_certificate_is_refused_by_name),
		cmocka_unit_test(a_private_key_shows_none_of_its_bytes),
		cmocka_unit_test(markers_that_only_texts_can_show),
		cmocka_unit_test(a_file_has_its_limits),
		cmocka_unit_test(every_rule_has_its_certificate),
		cmocka_unit_test(facts_are_those_of_the_certificate),
		cmocka_unit_test(a_pem_goes_out_as_it_came_in),
		cmocka_unit_test(signers_are_found_by_signature),
		cmocka_unit_test(generations_of_the_zoo_are_told_apart_and_ordered),
		cmocka_unit_test(names_that_are_equal_have_one_digest),
		cmocka_unit_test(a_name_that_would_trick_a_reader_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
