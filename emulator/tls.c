/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/tls.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"

/* An extension as OpenSSL's configuration writes it. */
struct extension {
	int nid;
	const char *value;
};

static const struct extension authority_extensions[] = {
	{NID_basic_constraints, "critical,CA:TRUE"},
	{NID_key_usage, "critical,keyCertSign,cRLSign"},
	{NID_subject_key_identifier, "hash"},
};
static const struct extension server_extensions[] = {
	{NID_basic_constraints, "critical,CA:FALSE"},
	{NID_key_usage, "critical,digitalSignature"},
	{NID_ext_key_usage, "serverAuth"},
	{NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"},
	{NID_subject_key_identifier, "hash"},
	{NID_authority_key_identifier, "keyid"},
};

static bool add_extensions(
	X509 *certificate, X509 *issuer, const struct extension *extensions, size_t count)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	for (size_t i = 0; i < count; i++) {
		X509_EXTENSION *extension =
			X509V3_EXT_conf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
		int added = extension ? X509_add_ext(certificate, extension, -1) : 0;

		X509_EXTENSION_free(extension);
		if (!added)
			return false;
	}
	return true;
}

/* A name, a serial number, the times and the key. */
static bool set_facts(X509 *certificate, const char *name, EVP_PKEY *key)
{
	unsigned char serial[16];
	BIGNUM *number;
	bool good;

	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return false;
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
	       X509_set_version(certificate, 2) &&
	       X509_time_adj_ex(X509_getm_notBefore(certificate), -TLS_BACKDATE, 0, NULL) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), TLS_DAYS, 0, NULL) &&
	       X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
		       (const unsigned char *)name, -1, -1, 0) &&
	       X509_set_pubkey(certificate, key);
	BN_free(number);
	return good;
}

/* A certificate for `key`, signed by `issuer_key`; `issuer` NULL: by itself, as a CA. */
static X509 *make(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *certificate = X509_new();
	const struct extension *extensions = issuer ? server_extensions : authority_extensions;
	size_t count =
		issuer ? ARRAY_LENGTH(server_extensions) : ARRAY_LENGTH(authority_extensions);

	if (certificate && set_facts(certificate, name, key) &&
		X509_set_issuer_name(
			certificate, X509_get_subject_name(issuer ? issuer : certificate)) &&
		add_extensions(certificate, issuer ? issuer : certificate, extensions, count) &&
		X509_sign(certificate, issuer_key, EVP_sha256()))
		return certificate;
	X509_free(certificate);
	return NULL;
}

/* What a memory BIO holds, as a text of its own; frees the BIO. */
static char *take_text(BIO *bio)
{
	char *bytes;
	long length = bio ? BIO_get_mem_data(bio, &bytes) : 0;
	char *text = length > 0 ? strndup(bytes, (size_t)length) : NULL;

	BIO_free(bio);
	return text;
}

static char *certificate_text(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio)
		PEM_write_bio_X509(bio, certificate);
	return take_text(bio);
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio)
		PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return take_text(bio);
}

static int write_authority(const char *directory, const char *text, struct error *error)
{
	CLEANUP(free_ptr) char *path = NULL;
	FILE *file;
	int r = 0;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return error_set(error, ERROR_IO, "%s: %s", directory, strerror(errno));
	if (asprintf(&path, "%s/ca.pem", directory) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	file = fopen(path, "we");
	if (!file || fputs(text, file) == EOF)
		r = error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	if (file && fclose(file) == EOF && r == 0)
		r = error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	return r;
}

int tls_make(const char *directory, char **ret_certificate, char **ret_key, struct error *error)
{
	EVP_PKEY *authority_key = EVP_EC_gen("P-256"), *server_key = EVP_EC_gen("P-256");
	X509 *authority = authority_key ? make("ldapsward-emulator throw-away CA", authority_key,
						  NULL, authority_key)
					: NULL;
	X509 *server = authority && server_key
			       ? make("localhost", server_key, authority, authority_key)
			       : NULL;
	CLEANUP(free_ptr) char *authority_pem = server ? certificate_text(authority) : NULL;
	CLEANUP(free_ptr) char *server_pem = server ? certificate_text(server) : NULL;
	CLEANUP(free_ptr) char *key_pem = server ? key_text(server_key) : NULL;
	int r = authority_pem && server_pem && key_pem
			? write_authority(directory, authority_pem, error)
			: error_set(error, ERROR_INTERNAL, "OpenSSL could not make certificates");

	if (r == 0) {
		*ret_certificate = steal_ptr(&server_pem);
		*ret_key = steal_ptr(&key_pem);
	}
	X509_free(server);
	X509_free(authority);
	EVP_PKEY_free(server_key);
	EVP_PKEY_free(authority_key);
	return r;
}
