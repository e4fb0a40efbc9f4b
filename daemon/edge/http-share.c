/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-share.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct http_share {
	CURLSH *share;
	pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
	pthread_mutex_t mutex; /* guards what follows */
	char *bundle;	       /* owned; where they came from */
	X509_STORE *authorities;
	unsigned users; /* of the authorities */
};

static void share_lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *context)
{
	struct http_share *share = context;

	(void)easy;
	(void)access;
	pthread_mutex_lock(&share->locks[data]);
}

static void share_unlock(CURL *easy, curl_lock_data data, void *context)
{
	struct http_share *share = context;

	(void)easy;
	pthread_mutex_unlock(&share->locks[data]);
}

/* OpenSSL looks up the algorithms of TLS once, with the first handshake that is begun. */
static void begin_handshake(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *tls = context ? SSL_new(context) : NULL;

	if (tls) {
		SSL_set_bio(tls, BIO_new(BIO_s_null()), BIO_new(BIO_s_null()));
		(void)SSL_connect(tls); /* nobody hears it */
	}
	SSL_free(tls);
	SSL_CTX_free(context);
	ERR_clear_error();
}

struct http_share *http_share_new(void)
{
	struct http_share *share = calloc(1, sizeof(*share));

	if (!share)
		return NULL;
	begin_handshake(); /* while libcurl is still being loaded */
	share->share = curl_share_init();
	if (!share->share) {
		free(share);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(share->locks); i++)
		pthread_mutex_init(&share->locks[i], NULL);
	pthread_mutex_init(&share->mutex, NULL);
	curl_share_setopt(share->share, CURLSHOPT_LOCKFUNC, share_lock);
	curl_share_setopt(share->share, CURLSHOPT_UNLOCKFUNC, share_unlock);
	curl_share_setopt(share->share, CURLSHOPT_USERDATA, share);
	curl_share_setopt(share->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(share->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	return share;
}

void http_share_free(struct http_share *share)
{
	if (!share)
		return;
	curl_share_cleanup(share->share);
	for (size_t i = 0; i < ARRAY_LENGTH(share->locks); i++)
		pthread_mutex_destroy(&share->locks[i]);
	pthread_mutex_destroy(&share->mutex);
	X509_STORE_free(share->authorities);
	free(share->bundle);
	free(share);
}

void http_share_join(struct http_share *share, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SHARE, share->share);
}

/* ---- how TLS reads ---- */

/* Called for every connection, before its handshake; as is set_store. */
static CURLcode set_reading(CURL *easy, void *context, void *unused)
{
	(void)easy;
	(void)unused;
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT); /* a reply may hold keys */
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
	/* newer libcurl sets it, and what http_share_cut looks at would say nothing */
	SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
	return CURLE_OK;
}

void http_share_read_ahead(CURL *easy)
{
	/* not set where libcurl has another TLS library, which reads as it likes */
	(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_reading);
}

bool http_share_cut(CURL *easy)
{
	struct curl_tlssessioninfo *tls = NULL;

	return curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls &&
	       tls->backend == CURLSSLBACKEND_OPENSSL && tls->internals &&
	       !(SSL_get_shutdown(tls->internals) & SSL_RECEIVED_SHUTDOWN);
}

/* ---- CA certificates ---- */

/* As libcurl verifies: a chain may end at any certificate of the bundle. NULL if it has none. */
static X509_STORE *authorities_load(const char *bundle)
{
	X509_STORE *store = X509_STORE_new();

	if (store && X509_STORE_load_file(store, bundle) &&
		X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN))
		return store;
	X509_STORE_free(store);
	return NULL;
}

static CURLcode set_store(CURL *easy, void *context, void *share)
{
	SSL_CTX_set1_cert_store(context, ((struct http_share *)share)->authorities);
	return set_reading(easy, context, NULL);
}

bool http_share_trust(struct http_share *share, CURL *easy, const char *bundle)
{
	bool trusted;

	pthread_mutex_lock(&share->mutex);
	if (!share->authorities) {
		free(share->bundle);
		share->bundle = strdup(bundle);
		share->authorities = authorities_load(bundle);
	}
	trusted = share->authorities && share->bundle && strcmp(share->bundle, bundle) == 0 &&
		  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_store) == CURLE_OK &&
		  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, share) == CURLE_OK;
	share->users += trusted;
	pthread_mutex_unlock(&share->mutex);
	return trusted;
}

void http_share_distrust(struct http_share *share)
{
	if (!share)
		return;
	pthread_mutex_lock(&share->mutex);
	if (--share->users == 0) {
		X509_STORE_free(share->authorities);
		share->authorities = NULL;
	}
	pthread_mutex_unlock(&share->mutex);
}
