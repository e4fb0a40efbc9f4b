/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/x509-facts.h"

#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/cleanup.h"

/* AD CS "CA version" (MS-WCCE 3.2.1.4.3.2.39): certificate index in the low, key index in the high
 * 16 bits of an INTEGER. */
#define CA_VERSION_OID "1.3.6.1.4.1.311.21.1"

static void name_free(X509_NAME **name)
{
	X509_NAME_free(*name);
}

static void openssl_free(void *pointer)
{
	void *owned;

	memcpy(&owned, pointer, sizeof(owned));
	OPENSSL_free(owned);
}

static int digest_bytes(const void *bytes, size_t length, struct digest *ret_digest)
{
	struct digest digest;

	if (EVP_Digest(bytes, length, digest.bytes, NULL, EVP_sha256(), NULL) != 1)
		return -ERROR_MEMORY;
	*ret_digest = digest;
	return 0;
}

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* In place: blanks at the ends go, those inside become one, ASCII letters become small. OpenSSL's
 * own canonical form (the one of X509_NAME_cmp) does the same, but nothing gives it out. */
static int text_canonical(unsigned char *text, int length)
{
	int out = 0;

	for (int i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (is_space(c)) {
			if (out > 0 && text[out - 1] != ' ')
				text[out++] = ' ';
			continue;
		}
		text[out++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
	}
	return out > 0 && text[out - 1] == ' ' ? out - 1 : out;
}

/* Adds `entry` to `name`, its value in canonical form. Types that are not text stay as they are. */
static int name_add_canonical(X509_NAME *name, const X509_NAME_ENTRY *entry)
{
	static const unsigned long texts =
		B_ASN1_UTF8STRING | B_ASN1_BMPSTRING | B_ASN1_UNIVERSALSTRING |
		B_ASN1_PRINTABLESTRING | B_ASN1_T61STRING | B_ASN1_IA5STRING | B_ASN1_VISIBLESTRING;
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
	X509_NAME_ENTRY *copy = X509_NAME_ENTRY_dup(entry);
	CLEANUP(openssl_free) unsigned char *text = NULL;
	int length, set = X509_NAME_ENTRY_set(entry), good = copy != NULL;

	if (good && (ASN1_tag2bit(ASN1_STRING_type(value)) & texts)) {
		length = ASN1_STRING_to_UTF8(&text, value);
		good = length >= 0 && X509_NAME_ENTRY_set_data(copy, V_ASN1_UTF8STRING, text,
					      text_canonical(text, length)) == 1;
	}
	/* Entries of one RDN are counted with one number; 0 appends to the RDN before. */
	if (good) {
		int last = X509_NAME_entry_count(name) - 1;
		bool same =
			last >= 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, last)) == set;

		good = X509_NAME_add_entry(name, copy, -1, same ? -1 : 0) == 1;
	}
	X509_NAME_ENTRY_free(copy);
	return good ? 0 : -ERROR_MEMORY;
}

/* The digest of a name such that names equal under RFC 5280, 7.1 have the same one; the encoder
 * sorts the entries of an RDN. */
static int name_digest(const X509_NAME *name, struct digest *ret_digest)
{
	CLEANUP(name_free) X509_NAME *canonical = X509_NAME_new();
	CLEANUP(openssl_free) unsigned char *der = NULL;
	int length;

	if (!canonical)
		return -ERROR_MEMORY;
	for (int i = 0; i < X509_NAME_entry_count(name); i++)
		if (name_add_canonical(canonical, X509_NAME_get_entry(name, i)) < 0)
			return -ERROR_MEMORY;
	length = i2d_X509_NAME(canonical, &der);
	if (length < 0)
		return -ERROR_MEMORY;
	return digest_bytes(der, (size_t)length, ret_digest);
}

static bool has_control(const unsigned char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] == 0x7f ||
			(text[i] == 0xc2 && i + 1 < length && text[i + 1] < 0xa0))
			return true;
	return false;
}

/* A name runs from the general to the specific: the last CN is the most specific. */
static int fill_common_name(const X509 *x509, struct certificate *certificate, struct error *error)
{
	const X509_NAME *subject = X509_get_subject_name(x509);
	CLEANUP(openssl_free) unsigned char *text = NULL;
	int at = -1, length;

	for (int next; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
		at = next;
	if (at < 0)
		return 0;
	length = ASN1_STRING_to_UTF8(
		&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (length < 0)
		return error_set(error, ERROR_INVALID, "has a common name that is not text");
	if ((size_t)length >= sizeof(certificate->common_name))
		return error_set(error, ERROR_LIMIT,
			"has a common name of %d bytes: RFC 5280 allows 64 characters", length);
	if (has_control(text, (size_t)length))
		return error_set(
			error, ERROR_INVALID, "has a common name with a control character in it");
	memcpy(certificate->common_name, text, (size_t)length);
	return 0;
}

static int fill_names(const X509 *x509, struct certificate *certificate, struct error *error)
{
	int r;

	r = name_digest(X509_get_subject_name(x509), &certificate->subject);
	if (r == 0)
		r = name_digest(X509_get_issuer_name(x509), &certificate->issuer);
	if (r < 0)
		return error_set(error, ERROR_MEMORY, "%s", error_str(r));
	certificate->self_issued = digest_equal(&certificate->subject, &certificate->issuer);
	return fill_common_name(x509, certificate, error);
}

static int time_read(const ASN1_TIME *time, int64_t *ret_instant)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return -ERROR_INVALID;
	*ret_instant = (int64_t)timegm(&tm);
	return 0;
}

static int fill_times(const X509 *x509, struct certificate *certificate, struct error *error)
{
	if (time_read(X509_get0_notBefore(x509), &certificate->not_before) < 0 ||
		time_read(X509_get0_notAfter(x509), &certificate->not_after) < 0)
		return error_set(error, ERROR_INVALID, "has a validity that is not a date");
	return 0;
}

/* Only these two extensions decide, so a fault in any other is not ours to judge. */
static void fill_uses(const X509 *x509, struct certificate *certificate)
{
	int found;
	BASIC_CONSTRAINTS *constraints =
		X509_get_ext_d2i(x509, NID_basic_constraints, &found, NULL);
	ASN1_BIT_STRING *usage;

	certificate->ca = constraints && constraints->ca;
	BASIC_CONSTRAINTS_free(constraints);
	usage = X509_get_ext_d2i(x509, NID_key_usage, &found, NULL);
	/* -1: no such extension; -2: more than one; bit 5: keyCertSign */
	certificate->cert_sign = usage ? ASN1_BIT_STRING_get_bit(usage, 5) == 1 : found == -1;
	ASN1_BIT_STRING_free(usage);
}

static void fill_version(const X509 *x509, struct certificate *certificate)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(CA_VERSION_OID, 1);
	const ASN1_OCTET_STRING *value;
	ASN1_INTEGER *integer = NULL;
	const unsigned char *der;
	int64_t version = -1;
	int at = oid ? X509_get_ext_by_OBJ(x509, oid, -1) : -1;

	certificate->version_certificate = -1;
	certificate->version_key = -1;
	if (at >= 0) {
		value = X509_EXTENSION_get_data(X509_get_ext(x509, at));
		der = ASN1_STRING_get0_data(value);
		integer = d2i_ASN1_INTEGER(NULL, &der, ASN1_STRING_length(value));
	}
	if (integer && ASN1_INTEGER_get_int64(&version, integer) == 1 && version >= 0 &&
		version <= UINT32_MAX) {
		certificate->version_certificate = (int32_t)(version & 0xffff);
		certificate->version_key = (int32_t)(version >> 16);
	}
	ASN1_INTEGER_free(integer);
	ASN1_OBJECT_free(oid);
}

static bool is_pss(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid = NULL;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2nid(oid) == NID_rsassaPss;
}

static int fill_key(const X509 *x509, struct certificate *certificate)
{
	X509_PUBKEY *key = X509_get_X509_PUBKEY(x509);
	CLEANUP(openssl_free) unsigned char *der = NULL;
	const X509_ALGOR *outer;
	X509_ALGOR *algorithm = NULL;
	int length = i2d_X509_PUBKEY(key, &der);

	if (length < 0 || digest_bytes(der, (size_t)length, &certificate->key) < 0)
		return -ERROR_MEMORY;
	X509_get0_signature(NULL, &outer, x509);
	X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, key);
	certificate->pss = is_pss(outer) || is_pss(X509_get0_tbs_sigalg(x509)) ||
			   (algorithm && is_pss(algorithm));
	return 0;
}

bool x509_signed_by(X509 *x509, X509 *signer)
{
	EVP_PKEY *key = X509_get0_pubkey(signer);

	return key && X509_verify(x509, key) == 1;
}

/* Marker lines of 28 and 26 characters, base64 in lines of 64. */
size_t x509_pem_length(size_t der_length)
{
	size_t base64 = (der_length + 2) / 3 * 4;

	return 28 + base64 + (base64 + 63) / 64 + 26;
}

int x509_facts(X509 *x509, const uint8_t *der, size_t length, struct certificate *ret_certificate,
	struct error *error)
{
	struct certificate certificate = {
		.der = der, .der_length = length, .pem_length = x509_pem_length(length)};
	int r;

	r = fill_names(x509, &certificate, error);
	if (r == 0)
		r = fill_times(x509, &certificate, error);
	if (r < 0)
		return r;
	if (digest_bytes(der, length, &certificate.sha256) < 0 || fill_key(x509, &certificate) < 0)
		return error_set(error, ERROR_MEMORY, "%s", error_str(-ERROR_MEMORY));
	fill_uses(x509, &certificate);
	fill_version(x509, &certificate);
	certificate.self_signed = certificate.self_issued && x509_signed_by(x509, x509);
	if (certificate.self_signed)
		certificate.signer = certificate.key;
	*ret_certificate = certificate;
	return 0;
}
