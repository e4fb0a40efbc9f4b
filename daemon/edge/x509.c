/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/x509.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "edge/pem.h"
#include "edge/x509-facts.h"

_Static_assert(PEM_BLOCKS_MAX >= X509_FILE_CERTIFICATES_MAX, "each may have a block of its own");

static void x509_stack_free(STACK_OF(X509) * *stack)
{
	sk_X509_pop_free(*stack, X509_free);
}

static void openssl_free(void *pointer)
{
	void *owned;

	memcpy(&owned, pointer, sizeof(owned));
	OPENSSL_free(owned);
}

static int certificate_add(X509 *x509, struct store *store,
	const struct certificate **ret_certificate, struct error *error)
{
	CLEANUP(openssl_free) unsigned char *der = NULL;
	int length = i2d_X509(x509, &der);
	struct certificate certificate;
	int r;

	if (length < 0)
		return error_set(error, ERROR_MEMORY, "%s", error_str(-ERROR_MEMORY));
	r = x509_facts(x509, der, (size_t)length, &certificate, error);
	if (r < 0)
		return r;
	r = store_add(store, &certificate, ret_certificate);
	if (r == -ERROR_LIMIT)
		return error_set(error, ERROR_LIMIT,
			"would be certificate %d of all files: more than that is a mistake",
			STORE_CERTIFICATES_MAX + 1);
	return r < 0 ? error_set(error, (enum error_code) - r, "%s", error_str(r)) : 0;
}

/* ---------------------------------------------------------------- DER to certificates */

#define DER_IS(name, type)                                                                         \
	static bool der_is_##name(const uint8_t *der, size_t length)                               \
	{                                                                                          \
		type *object = d2i_##type(NULL, &der, (long)length);                               \
		bool good = object != NULL;                                                        \
                                                                                                   \
		type##_free(object);                                                               \
		return good;                                                                       \
	}

DER_IS(request, X509_REQ)
DER_IS(crl, X509_CRL)
DER_IS(public_key, X509_PUBKEY)
DER_IS(pkcs12, PKCS12)
DER_IS(pkcs8, PKCS8_PRIV_KEY_INFO)
DER_IS(pkcs8_encrypted, X509_SIG)

static bool der_is_traditional_key(const uint8_t *der, size_t length)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, (long)length);
	bool good = key != NULL;

	EVP_PKEY_free(key);
	return good;
}

/* What people hand over instead of a certificate; keys first, as the loosest match wins. */
static const struct {
	bool (*is)(const uint8_t *der, size_t length);
	enum error_code code;
	const char *text;
} others[] = {
	{der_is_pkcs8, ERROR_DENIED, "holds a private key"},
	{der_is_traditional_key, ERROR_DENIED, "holds a private key"},
	{der_is_pkcs8_encrypted, ERROR_DENIED, "holds an encrypted private key"},
	{der_is_pkcs12, ERROR_DENIED,
		"is PKCS#12 (.pfx, .p12), which carries a private key: export the certificate "
		"alone"},
	{der_is_request, ERROR_INVALID,
		"is a certificate request: name the certificate that the CA made of it"},
	{der_is_crl, ERROR_INVALID, "is a revocation list (CRL): name the certificate of its CA"},
	{der_is_public_key, ERROR_INVALID, "is a bare public key: name the certificate of its CA"},
};

/* Says what it is that is no certificate; never with a byte of it. */
static int refuse_other(const uint8_t *der, size_t length, struct error *error)
{
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		if (others[i].is(der, length))
			return error_set(error, others[i].code, "%s", others[i].text);
	return error_set(error, ERROR_INVALID,
		"is damaged: neither one whole certificate nor PKCS#7 (cut off, or is there "
		"something after it?)");
}

static int found_push(STACK_OF(X509) * found, X509 *x509, struct error *error)
{
	if (sk_X509_num(found) >= X509_FILE_CERTIFICATES_MAX)
		return error_set(error, ERROR_LIMIT,
			"holds more than %d certificates: split the file",
			X509_FILE_CERTIFICATES_MAX);
	if (!sk_X509_push(found, x509))
		return error_set(error, ERROR_MEMORY, "%s", error_str(-ERROR_MEMORY));
	X509_up_ref(x509);
	return 0;
}

static const STACK_OF(X509) * pkcs7_certificates(const PKCS7 *pkcs7)
{
	if (PKCS7_type_is_signed(pkcs7) && pkcs7->d.sign)
		return pkcs7->d.sign->cert;
	if (PKCS7_type_is_signedAndEnveloped(pkcs7) && pkcs7->d.signed_and_enveloped)
		return pkcs7->d.signed_and_enveloped->cert;
	return NULL;
}

static int pkcs7_read(const PKCS7 *pkcs7, STACK_OF(X509) * found, struct error *error)
{
	const STACK_OF(X509) *certificates = pkcs7_certificates(pkcs7);
	int count = certificates ? sk_X509_num(certificates) : 0, r;

	if (count == 0)
		return error_set(error, ERROR_INVALID, "is PKCS#7 without a certificate in it");
	for (int i = 0; i < count; i++) {
		r = found_push(found, sk_X509_value(certificates, i), error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One certificate (with OpenSSL's trust settings after it, which are dropped) or PKCS#7, whatever
 * the label around it said: AD CS and certutil call both CERTIFICATE. */
static int der_read(const uint8_t *der, size_t length, STACK_OF(X509) * found, struct error *error)
{
	const uint8_t *end = der;
	X509 *x509 = d2i_X509_AUX(NULL, &end, (long)length);
	PKCS7 *pkcs7;
	int r = -ERROR_INVALID;

	if (x509) {
		if (end == der + length)
			r = found_push(found, x509, error);
		else
			r = refuse_other(der, length, error);
		X509_free(x509);
		return r;
	}
	end = der;
	pkcs7 = d2i_PKCS7(NULL, &end, (long)length);
	if (pkcs7 && end == der + length)
		r = pkcs7_read(pkcs7, found, error);
	else
		r = refuse_other(der, length, error);
	PKCS7_free(pkcs7);
	return r;
}

/* ---------------------------------------------------------------- text to DER */

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_base64(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z') ||
			    (text[i] >= '0' && text[i] <= '9') || text[i] == '+' ||
			    text[i] == '/' || text[i] == '=' || is_space((unsigned char)text[i])))
			return false;
	return true;
}

/* Base64 with white space anywhere; `ret_der` is to be freed. */
static int base64_decode(
	const char *text, size_t length, uint8_t **ret_der, size_t *ret_length, struct error *error)
{
	EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
	uint8_t *der = malloc(length / 4 * 3 + 64);
	int decoded = 0, rest = 0;
	bool good = false;

	if (context && der && is_base64(text, length)) {
		EVP_DecodeInit(context);
		good = EVP_DecodeUpdate(context, der, &decoded, (const unsigned char *)text,
			       (int)length) >= 0 &&
		       EVP_DecodeFinal(context, der + decoded, &rest) == 1;
	}
	EVP_ENCODE_CTX_free(context);
	if (good) {
		*ret_length = (size_t)decoded + (size_t)rest;
		*ret_der = der;
		return 0;
	}
	free(der);
	if (!context || !der)
		return error_set(error, ERROR_MEMORY, "%s", error_str(-ERROR_MEMORY));
	return error_set(error, ERROR_INVALID, "is damaged: it is not base64");
}

static int base64_read(const char *text, size_t length, STACK_OF(X509) * found, struct error *error)
{
	CLEANUP(free_ptr) uint8_t *der = NULL;
	size_t der_length = 0;
	int r;

	r = base64_decode(text, length, &der, &der_length, error);
	if (r < 0)
		return r;
	r = der_read(der, der_length, found, error);
	OPENSSL_cleanse(der, der_length); /* it may have been a key */
	return r;
}

/* Labels that hold certificates, under all the names that are in use. */
static const char *const labels[] = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE",
	"PKCS7", "PKCS #7 SIGNED DATA", "CMS"};

static int block_read(
	const struct pem_block *block, size_t number, STACK_OF(X509) * found, struct error *error)
{
	size_t label_length = (size_t)block->label_length;

	for (size_t i = 0; i < ARRAY_LENGTH(labels); i++) {
		if (strlen(labels[i]) != label_length ||
			memcmp(labels[i], block->label, label_length) != 0)
			continue;
		if (base64_read(block->body, block->body_length, found, error) == 0)
			return 0;
		return error_prefix(error, "block %zu (line %zu)", number, block->line);
	}
	return error_set(error, ERROR_INVALID,
		"block %zu (line %zu) is \"%.*s\": only CERTIFICATE and PKCS7 blocks are read, so "
		"take it out",
		number, block->line, block->label_length, block->label);
}

/* UTF-16 with its mark, or the start of a marker in either order of bytes. */
static bool is_utf16(const uint8_t *bytes, size_t length)
{
	return (length >= 2 &&
		       (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) ||
	       memmem(bytes, length, "-\0-\0-\0B\0E", 9) != NULL ||
	       memmem(bytes, length, "\0-\0-\0-\0B", 8) != NULL;
}

/* A SEQUENCE of more than 127 bytes, as every certificate is one; no text starts like this. */
static bool is_der(const uint8_t *bytes, size_t length)
{
	return length >= 2 && bytes[0] == 0x30 && bytes[1] >= 0x80;
}

static int text_read(const char *text, size_t length, STACK_OF(X509) * found, struct error *error)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct pem_block blocks[PEM_BLOCKS_MAX];
	size_t count = 0, skip = length >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0;
	int r;

	r = pem_scan(text, length, blocks, &count, error);
	for (size_t i = 0; i < count && r == 0; i++)
		r = block_read(&blocks[i], i + 1, found, error);
	if (r < 0 || count > 0)
		return r;
	while (skip < length && is_space((unsigned char)text[skip]))
		skip++;
	if (skip == length)
		return error_set(error, ERROR_INVALID, "is empty");
	/* A SEQUENCE begins with 0x30, so its base64 with M; words alone would be base64 as well.
	 */
	if (text[skip] == 'M' && is_base64(text + skip, length - skip))
		return base64_read(text + skip, length - skip, found, error);
	return error_set(error, ERROR_INVALID,
		"holds no certificate: neither -----BEGIN CERTIFICATE----- nor base64 nor DER");
}

static int file_read(const void *bytes, size_t length, STACK_OF(X509) * found, struct error *error)
{
	if (length == 0)
		return error_set(error, ERROR_INVALID, "is empty");
	if (length > X509_FILE_MAX)
		return error_set(error, ERROR_LIMIT,
			"is longer than the %d bytes that a file of certificates may have",
			X509_FILE_MAX);
	if (is_der(bytes, length))
		return der_read(bytes, length, found, error);
	if (is_utf16(bytes, length))
		return error_set(error, ERROR_INVALID,
			"is text in UTF-16: save it as UTF-8, or export the certificate as "
			"\"Base-64 encoded X.509 (.CER)\"");
	return text_read(bytes, length, found, error);
}

/* ---------------------------------------------------------------- the door */

static int found_add(const STACK_OF(X509) * found, struct store *store,
	const struct certificate **ret_certificates, size_t *ret_count, struct error *error)
{
	const struct certificate *certificates[X509_FILE_CERTIFICATES_MAX] = {0};
	int count = sk_X509_num(found), r;

	for (int i = 0; i < count; i++) {
		r = certificate_add(sk_X509_value(found, i), store, &certificates[i], error);
		if (r < 0)
			return count == 1 ? r : error_prefix(error, "certificate %d", i + 1);
	}
	memcpy(ret_certificates, certificates, (size_t)count * sizeof(certificates[0]));
	*ret_count = (size_t)count;
	return 0;
}

int x509_read(const void *bytes, size_t length, struct store *store,
	const struct certificate **ret_certificates, size_t *ret_count, struct error *error)
{
	CLEANUP(x509_stack_free) STACK_OF(X509) *found = sk_X509_new_null();
	struct error ignored;
	int r;

	if (!error)
		error = &ignored;
	if (!found)
		return error_set(error, ERROR_MEMORY, "%s", error_str(-ERROR_MEMORY));
	r = file_read(bytes, length, found, error);
	if (r == 0)
		r = found_add(found, store, ret_certificates, ret_count, error);
	ERR_clear_error();
	return r;
}

int x509_read_der(const void *der, size_t length, struct store *store,
	const struct certificate **ret_certificate, struct error *error)
{
	const unsigned char *end = der;
	struct digest sha256;
	const struct certificate *known;
	X509 *x509;
	int r;

	/* most have been read from a file already: neither parsing nor verifying is done twice */
	if (EVP_Digest(der, length, sha256.bytes, NULL, EVP_sha256(), NULL) &&
		(known = store_find(store, &sha256)) != NULL) {
		*ret_certificate = known;
		return 0;
	}
	x509 = length <= X509_FILE_MAX ? d2i_X509(NULL, &end, (long)length) : NULL;
	if (x509 && end == (const unsigned char *)der + length)
		r = certificate_add(x509, store, ret_certificate, error);
	else
		r = error_set(error, ERROR_INVALID, "is not one whole certificate in DER");
	X509_free(x509);
	ERR_clear_error();
	return r;
}

/* ---------------------------------------------------------------- who signed whom */

static int by_subject(const void *a, const void *b)
{
	const struct certificate *const *left = a, *const *right = b;

	return digest_cmp(&(*left)->subject, &(*right)->subject);
}

/* The first of `sorted` whose subject is `name`, or `count`. */
static size_t lower_bound(
	struct certificate *const *sorted, size_t count, const struct digest *name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (digest_cmp(&sorted[middle]->subject, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static X509 *certificate_parse(const struct certificate *certificate)
{
	const unsigned char *der = certificate->der;

	return der ? d2i_X509(NULL, &der, (long)certificate->der_length) : NULL;
}

static bool verifies(const struct certificate *signer, X509 *x509)
{
	X509 *parsed = certificate_parse(signer);
	bool good = parsed && x509_signed_by(x509, parsed);

	X509_free(parsed);
	return good;
}

static void certificate_link(
	struct certificate *certificate, struct certificate *const *sorted, size_t count)
{
	X509 *x509 = certificate_parse(certificate);

	for (size_t i = lower_bound(sorted, count, &certificate->issuer);
		x509 && i < count && digest_equal(&sorted[i]->subject, &certificate->issuer); i++)
		if (verifies(sorted[i], x509)) {
			certificate->signer = sorted[i]->key;
			break;
		}
	X509_free(x509);
}

int x509_link(struct store *store)
{
	CLEANUP(free_ptr)
	struct certificate **sorted = calloc(store->count + 1, sizeof(sorted[0]));

	if (!sorted)
		return -ERROR_MEMORY;
	if (store->count > 0)
		memcpy(sorted, store->certificates, store->count * sizeof(sorted[0]));
	qsort(sorted, store->count, sizeof(sorted[0]), by_subject);
	/* A signature that verified once verifies always; only the others are tried (again). */
	for (size_t i = 0; i < store->count; i++)
		if (digest_is_zero(&store->certificates[i]->signer))
			certificate_link(store->certificates[i], sorted, store->count);
	ERR_clear_error();
	return 0;
}

char *x509_pem(const struct certificate *certificate)
{
	size_t length = x509_pem_length(certificate->der_length);
	char *pem = malloc(length + 1);
	BIO *bio = BIO_new(BIO_s_mem());
	bool good = pem && bio && certificate->der &&
		    PEM_write_bio(bio, PEM_STRING_X509, "", certificate->der,
			    (long)certificate->der_length) > 0 &&
		    BIO_read(bio, pem, (int)length) == (int)length && BIO_eof(bio);

	BIO_free(bio);
	if (!good) {
		free(pem);
		return NULL;
	}
	pem[length] = '\0';
	return pem;
}
