/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "edge/http-connection.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/http-proxy.h"
#include "edge/http-share.h"
#include "edge/http-url.h"

/* Where hashed CA certificates are, should libcurl know neither a directory nor a bundle. */
#define CA_DIRECTORY "/etc/ssl/certs"
/* Nothing is uploaded by libcurl: the least it takes of a buffer that every worker pays for. */
#define SEND_BUFFER 16384L
#define READ_BUFFER 1024L
/* Who asks to stop need not wait longer for it. Milliseconds. */
#define STOP_SLICE_MS 1000

struct http_connection {
	CURL *easy;
	struct http_share *share; /* borrowed; NULL if it trusts nothing that is shared */
	const atomic_bool *stop;  /* borrowed; may be NULL */
	const char *bundle;	  /* borrowed; NULL: the system's CA certificates */
	char *url;		  /* owned: that it was made for */
	struct http_proxy proxy;  /* that it goes through */
	curl_socket_t socket;	  /* of libcurl */
	bool asked;		  /* something was sent, and nothing has come since */
	char reason[CURL_ERROR_SIZE];
};

/* ---- how it is made ---- */

static int while_connecting(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct http_connection *connection = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(connection->stop);
}

static bool is_directory(const char *path)
{
	struct stat status;

	return path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/*
 * The system's hashed directory; NULL: libcurl has a bundle instead, as Red Hat's, where a
 * directory of that name holds bundles, which no hash finds.
 */
static const char *system_directory(void)
{
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);

	if (is_directory(version->capath))
		return version->capath;
	return !version->cainfo && is_directory(CA_DIRECTORY) ? CA_DIRECTORY : NULL;
}

/*
 * The administrator's bundle alone, or the hashed directory alone: libcurl 7.88 given both reads
 * the whole bundle anew for every connection. A bundle that cannot be read is left to libcurl,
 * which says so. A proxy that is asked by TLS is verified by the same.
 */
static void set_authorities(struct http_connection *connection, struct http_share *share)
{
	CURL *easy = connection->easy;
	const char *directory = system_directory(), *bundle = connection->bundle;
	bool shared = bundle && share && http_share_trust(share, easy, bundle);

	if (shared)
		connection->share = share;
	if (!bundle && !directory)
		return;
	curl_easy_setopt(easy, CURLOPT_CAINFO, shared ? NULL : bundle);
	curl_easy_setopt(easy, CURLOPT_CAPATH, bundle ? NULL : directory);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, shared ? NULL : bundle);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, bundle ? NULL : directory);
}

static void set_constant(struct http_connection *connection, const struct http_dial *dial)
{
	CURL *easy = connection->easy;

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->reason);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BUFFER);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, while_connecting);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, connection);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, dial->stop ? 0L : 1L);
	if (dial->share)
		http_share_join(dial->share, easy);
	http_share_read_ahead(easy);
	set_authorities(connection, dial->share);
}

static void set_request(struct http_connection *connection, const struct http_dial *dial,
	const struct http_request *request, int64_t left_ms)
{
	CURL *easy = connection->easy;
	bool local = request->loopback || request->link;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, local ? "http,https" : "https");
	/* both said, so that libcurl looks at no variable */
	curl_easy_setopt(easy, CURLOPT_PROXY, connection->proxy.url ? connection->proxy.url : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, local ? "*" : "");
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(dial->connect_ms < left_ms ? dial->connect_ms : left_ms));
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
}

/* ---- why it failed ---- */

static enum error_code code_of(CURLcode result)
{
	switch (result) {
	case CURLE_OUT_OF_MEMORY:
		return ERROR_MEMORY;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_SSL_CACERT_BADFILE:
		return ERROR_INVALID;
	case CURLE_OPERATION_TIMEDOUT:
		return ERROR_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return ERROR_DENIED;
	case CURLE_ABORTED_BY_CALLBACK:
		return ERROR_STOPPED;
	default:
		return ERROR_NETWORK;
	}
}

/* Whether it failed for what the proxy's variable says: libcurl quotes that, password and all. */
static bool proxy_unusable(const struct http_connection *connection, CURLcode result)
{
	return connection->proxy.variable &&
	       (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_UNSUPPORTED_PROTOCOL ||
		       result == CURLE_URL_MALFORMAT || result == CURLE_NOT_BUILT_IN ||
		       strcasestr(connection->reason, "unsupported proxy"));
}

/* The status with which a proxy refused to connect; 0 if it did not. */
static long proxy_refused(const struct http_connection *connection)
{
	long status = 0;

	curl_easy_getinfo(connection->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return connection->proxy.variable && status >= 300 ? status : 0;
}

/* What OpenSSL says, by its version, where something else than TLS is answered. */
static bool speaks_no_tls(const struct http_connection *connection, CURLcode result)
{
	static const char *const words[] = {
		"wrong version number", "packet length too long", "record layer failure"};

	for (size_t i = 0; result == CURLE_SSL_CONNECT_ERROR && i < ARRAY_LENGTH(words); i++)
		if (strstr(connection->reason, words[i]))
			return true;
	return false;
}

/* libcurl's words, unless they quote what stands before an '@'. */
static const char *reason_of(const struct http_connection *connection, CURLcode result)
{
	if (speaks_no_tls(connection, result))
		return "it speaks no TLS there, as if it were plain http; name the port and the "
		       "scheme that it has";
	return connection->reason[0] && !strchr(connection->reason, '@')
		       ? connection->reason
		       : curl_easy_strerror(result);
}

/* Why the CA certificates that were named cannot be used; NULL if it is not for them. */
static const char *bundle_reason(const struct http_connection *connection, CURLcode result)
{
	if (result != CURLE_SSL_CACERT_BADFILE || !connection->bundle)
		return NULL;
	if (is_directory(connection->bundle))
		return "it is a directory; name a file";
	return access(connection->bundle, R_OK) < 0
		       ? strerror(errno)
		       : "it holds no certificate, or one that is broken";
}

/* What is trusted, where that was not enough. */
static const char *trusted_by(const struct http_connection *connection, CURLcode result)
{
	if (result != CURLE_PEER_FAILED_VERIFICATION)
		return "";
	return connection->bundle
		       ? "; trusted are the CA certificates of AWS_CA_BUNDLE (or ca_bundle of "
			 "the profile), "
		       : "; trusted are the system's CA certificates, unless AWS_CA_BUNDLE "
			 "names others";
}

static int proxy_failed(
	const struct http_connection *connection, CURLcode result, struct error *error)
{
	long status = proxy_refused(connection);
	const char *hint = "";

	/* libcurl says that too of what is no URL at all */
	if (status == 0 && result == CURLE_COULDNT_RESOLVE_PROXY && connection->proxy.shown[0])
		return error_set(error, ERROR_NETWORK, "the name of the proxy cannot be found");
	if (status == 0)
		return error_set(error, ERROR_INVALID,
			"the proxy cannot be used; allowed are http://, https:// and socks5h:// "
			"with a host and a port");
	if (status == 407)
		hint = connection->proxy.user ? ": it does not take the name and password in it"
					      : ": it asks for a name and password, as in "
						"http://NAME:PASSWORD@HOST:PORT";
	return error_set(error,
		status >= 500	? ERROR_NETWORK
		: status == 407 ? ERROR_INVALID
				: ERROR_DENIED,
		"the proxy refuses to connect, status %ld%s", status, hint);
}

static int open_failed(
	const struct http_connection *connection, CURLcode result, struct error *error)
{
	const char *bundle = bundle_reason(connection, result);
	enum error_code code = code_of(result);

	if (code == ERROR_STOPPED)
		return error_set(error, code, "asked to stop");
	if (proxy_unusable(connection, result) || proxy_refused(connection) != 0)
		return proxy_failed(connection, result, error);
	if (bundle)
		return error_set(error, code,
			"the CA certificates of %s cannot be used: %s (AWS_CA_BUNDLE, or "
			"ca_bundle of the profile, names it)",
			connection->bundle, bundle);
	return error_set(error, code, "%s%s%s", reason_of(connection, result),
		trusted_by(connection, result),
		connection->bundle && result == CURLE_PEER_FAILED_VERIFICATION ? connection->bundle
									       : "");
}

static int moved_failed(
	const struct http_connection *connection, CURLcode result, struct error *error)
{
	return error_set(error, result == CURLE_OUT_OF_MEMORY ? ERROR_MEMORY : ERROR_NETWORK, "%s",
		reason_of(connection, result));
}

/* ---- what is done with it ---- */

/* Whether the peer of a request to loopback is this host, whatever its name was resolved to. */
static bool peer_allowed(
	const struct http_connection *connection, const struct http_request *request)
{
	char *peer = NULL;

	return !request->loopback ||
	       (curl_easy_getinfo(connection->easy, CURLINFO_PRIMARY_IP, &peer) == CURLE_OK &&
		       peer && http_host_loopback(peer));
}

static int connect_now(
	struct http_connection *connection, const struct http_request *request, struct error *error)
{
	CURLcode result = curl_easy_perform(connection->easy);

	if (result != CURLE_OK)
		return open_failed(connection, result, error);
	connection->reason[0] = '\0'; /* of an address that was tried before */
	if (!peer_allowed(connection, request))
		return error_set(error, ERROR_NETWORK, "its name is not one of this host");
	result = curl_easy_getinfo(connection->easy, CURLINFO_ACTIVESOCKET, &connection->socket);
	if (result != CURLE_OK || connection->socket == CURL_SOCKET_BAD)
		return error_set(error, ERROR_NETWORK, "it ended as soon as it was made");
	return 0;
}

int http_connection_open(const struct http_dial *dial, const struct http_request *request,
	int64_t end_ms, struct http_connection **ret_connection, struct error *error)
{
	int64_t left_ms = end_ms - clock_monotonic_ms();
	struct http_connection *connection;
	int r;

	if (left_ms <= 0)
		return error_set(error, ERROR_TIMEOUT, "its time was used up");
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return error_set(error, ERROR_MEMORY, "out of memory");
	connection->easy = curl_easy_init();
	connection->url = strdup(request->url);
	connection->stop = dial->stop;
	connection->bundle = dial->bundle;
	if (!connection->easy || !connection->url) {
		http_connection_free(connection);
		return error_set(error, ERROR_MEMORY, "out of memory");
	}
	if (!request->loopback && !request->link && !request->direct)
		http_proxy_find(request->url, &connection->proxy);
	set_constant(connection, dial);
	set_request(connection, dial, request, left_ms);
	r = connect_now(connection, request, error);
	if (r < 0) {
		r = http_connection_prefix(connection, error);
		http_connection_free(connection);
		return r;
	}
	*ret_connection = connection;
	return 0;
}

void http_connection_free(struct http_connection *connection)
{
	if (!connection)
		return;
	curl_easy_cleanup(connection->easy);
	http_share_distrust(connection->share);
	if (connection->url) /* a container's is as good as a key */
		explicit_bzero(connection->url, strlen(connection->url));
	free(connection->url);
	free(connection);
}

bool http_connection_usable(struct http_connection *connection, const char *url)
{
	char byte;
	size_t length;

	/* a session ticket of TLS may be waiting, which is no byte of a reply */
	return connection && strcmp(connection->url, url) == 0 &&
	       curl_easy_recv(connection->easy, &byte, sizeof(byte), &length) == CURLE_AGAIN;
}

/* Until `events`, or a while that is up to STOP_SLICE_MS. */
static int wait_for(const struct http_connection *connection, short events, int64_t end_ms,
	const atomic_bool *stop, struct error *error)
{
	struct pollfd ready = {.fd = connection->socket, .events = events};
	int64_t left_ms = end_ms - clock_monotonic_ms();

	if (stop && atomic_load(stop))
		return error_set(error, ERROR_STOPPED, "asked to stop");
	if (left_ms <= 0)
		return error_set(
			error, ERROR_TIMEOUT, "timed out: no whole reply came within the time");
	(void)poll(&ready, 1, left_ms < STOP_SLICE_MS ? (int)left_ms : STOP_SLICE_MS);
	return 0;
}

int http_connection_send(struct http_connection *connection, const char *bytes, size_t length,
	int64_t deadline, int64_t end_ms, const atomic_bool *stop, struct error *error)
{
	while (length > 0) {
		size_t sent = 0;
		CURLcode result;
		int r;

		if (clock_past(deadline))
			return error_set(error, ERROR_STALE,
				"given up: what it was decided on grew too old while it was sent");
		result = curl_easy_send(connection->easy, bytes, length, &sent);
		r = result != CURLE_AGAIN ? 0 : wait_for(connection, POLLOUT, end_ms, stop, error);
		if (r < 0)
			return r;
		if (result != CURLE_OK && result != CURLE_AGAIN)
			return moved_failed(connection, result, error);
		bytes += sent;
		length -= sent;
	}
	connection->asked = true;
	return 0;
}

int http_connection_receive(struct http_connection *connection, char *bytes, size_t size,
	int64_t end_ms, const atomic_bool *stop, size_t *ret_length, struct error *error)
{
	CURLcode result = CURLE_AGAIN;
	size_t length = 0;
	int r;

	/* otherwise TLS, which reads ahead, may have what the socket has no more */
	if (!connection->asked)
		result = curl_easy_recv(connection->easy, bytes, size, &length);
	while (result == CURLE_AGAIN) {
		r = wait_for(connection, POLLIN, end_ms, stop, error);
		if (r < 0)
			return r;
		result = curl_easy_recv(connection->easy, bytes, size, &length);
	}
	connection->asked = false;
	if (result != CURLE_OK)
		return moved_failed(connection, result, error);
	if (length == 0 && http_share_cut(connection->easy))
		return error_set(error, ERROR_NETWORK, "the connection was cut");
	*ret_length = length;
	return 0;
}

/* scheme://host[:port]/ alone: a path can be as good as a key, as a container's is. */
int http_connection_prefix(const struct http_connection *connection, struct error *error)
{
	const struct http_proxy *proxy = &connection->proxy;
	const char *url = connection->url, *host = strstr(url, "://");
	size_t length = host ? strcspn(host + 3, "/?#") + (size_t)(host + 3 - url) : 0;

	length += host && url[length] == '/';
	return error_prefix(error, "%.*s%s%s%s%s", (int)length, url,
		proxy->variable ? " through the proxy of " : "",
		proxy->variable ? proxy->variable : "", proxy->shown[0] ? ", " : "", proxy->shown);
}
