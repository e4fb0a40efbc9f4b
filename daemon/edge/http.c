/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "edge/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/secret.h"
#include "base/text.h"
#include "edge/clock.h"
#include "edge/crash.h"
#include "edge/environment.h"
#include "edge/http-header.h"
#include "edge/http-proxy.h"
#include "edge/http-share.h"
#include "edge/http-url.h"
#include "edge/signature.h"

/* Where Debian keeps the hashed CA directory, should libcurl not know. */
#define CA_DIRECTORY "/etc/ssl/certs"
/* One for reads, and the one of a write while it lasts. */
#define CONNECTIONS_MAX 2L
/* libcurl's send buffer: requests have at most 12 kB. Its default of 64 kB is paid by every worker.
 */
#define SEND_BUFFER 16384L
/* And the one it reads into: a listing has 800 bytes; one that has more is read in pieces. */
#define READ_BUFFER 4096L
/* A header's name, and the value of Authorization, the longest but for the token. Bytes. */
#define HEADER_SIZE (64 + SIGNATURE_MAX)
/* AWS JSON 1.1, and the service's name in the scope of the signature. */
#define CONTENT_TYPE "application/x-amz-json-1.1"
#define SERVICE_NAME "ds"
/* A place in messages. Bytes. */
#define HTTP_WHERE_SIZE (320 + HTTP_PROXY_SIZE)
/* Characters of an application id that go into User-Agent (AWS SDKs). */
#define AGENT_ID_MAX 50

struct http {
	CURL *easy;
	struct http_share *share; /* borrowed; NULL if it trusts nothing that is shared */
	const atomic_bool *stop;  /* borrowed; may be NULL */
	struct http_limits limits;
	unsigned long connections;
	char reason[CURL_ERROR_SIZE]; /* libcurl's words for the last failure */
	struct signature_key key;     /* of the last request */
	char *bundle;		      /* owned; NULL: the system's CA certificates */

	/* of the request under way */
	const struct http_request *request;
	struct http_reply *reply;
	struct http_proxy proxy; /* that it goes through */
	size_t headers_length;	 /* bytes of header lines so far */
	bool headers_whole;	 /* the empty line after them came */
	unsigned issued;	 /* how often libcurl began to send it */
	bool late;		 /* its deadline passed before it could begin */
};

int http_start(struct error *error)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(error, ERROR_INTERNAL, "libcurl cannot be initialized");
	return 0;
}

/* ---- what libcurl calls during a request ---- */

static size_t take_body(char *bytes, size_t one, size_t length, void *context)
{
	struct http *http = context;

	(void)one;
	return buffer_append(&http->reply->body, bytes, length) < 0 ? 0 : length;
}

/* One line, with its line break. */
static size_t take_line(char *line, size_t one, size_t length, void *context)
{
	struct http *http = context;
	size_t end = length;

	(void)one;
	http->headers_length += length;
	if (http->headers_length > HTTP_HEADERS_MAX)
		return 0;
	while (end > 0 && isspace((unsigned char)line[end - 1]))
		end--;
	if (end == 0)
		http->headers_whole = true;
	else if (end > 5 && memcmp(line, "HTTP/", 5) == 0)
		http->headers_whole = false; /* another reply: the last was a 1xx */
	http_header_take(line, end, http->reply);
	return length;
}

/*
 * Runs after name, connection and TLS, before the first byte of the request: the one place that
 * knows what was provably not sent, and that can stop libcurl from sending a write twice.
 */
static int before_request(void *context, char *peer, char *local, int peer_port, int local_port)
{
	struct http *http = context;

	(void)local;
	(void)peer_port;
	(void)local_port;
	if (http->request->once && http->issued > 0)
		return CURL_PREREQFUNC_ABORT;
	if (http->request->loopback && !http_host_loopback(peer))
		return CURL_PREREQFUNC_ABORT;
	http->late = http->request->deadline != 0 && clock_elapsed() > http->request->deadline;
	if (http->late)
		return CURL_PREREQFUNC_ABORT;
	http->issued++;
	return CURL_PREREQFUNC_OK;
}

static int while_running(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct http *http = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	/* a write that has left is waited for: giving it up would only hide what became of it */
	return http->stop && atomic_load(http->stop) && !(http->request->once && http->issued > 0);
}

/* ---- one worker's connections ---- */

static bool is_directory(const char *path)
{
	struct stat status;

	return path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/*
 * The administrator's bundle alone, or the hashed directory alone: libcurl 7.88 given both reads
 * the whole bundle anew for every connection. A bundle that cannot be read is left to libcurl,
 * which says so. A proxy that is asked by TLS is verified by the same.
 */
static void set_authorities(struct http *http, struct http_share *share)
{
	CURL *easy = http->easy;
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
	const char *directory = is_directory(version->capath) ? version->capath : CA_DIRECTORY;
	const char *bundle = http->bundle;
	bool shared = bundle && share && http_share_trust(share, easy, bundle);

	if (shared)
		http->share = share;
	if (!bundle && !is_directory(directory))
		return;
	curl_easy_setopt(easy, CURLOPT_CAINFO, shared ? NULL : bundle);
	curl_easy_setopt(easy, CURLOPT_CAPATH, bundle ? NULL : directory);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, shared ? NULL : bundle);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, bundle ? NULL : directory);
}

static void set_agent(CURL *easy)
{
	const char *id = environment_text("AWS_SDK_UA_APP_ID");
	char agent[sizeof(PACKAGE_NAME "/" PACKAGE_VERSION " app/") + AGENT_ID_MAX];
	size_t length =
		(size_t)snprintf(agent, sizeof(agent), "%s", PACKAGE_NAME "/" PACKAGE_VERSION);

	if (id && strlen(id) <= AGENT_ID_MAX) {
		length += (size_t)snprintf(agent + length, sizeof(agent) - length, " app/");
		for (; *id; id++)
			agent[length++] =
				isalnum((unsigned char)*id) || strchr("!#$%&'*+-.^_`|~", *id) ? *id
											      : '-';
		agent[length] = '\0';
	}
	curl_easy_setopt(easy, CURLOPT_USERAGENT, agent);
}

static void set_constant(struct http *http, struct http_share *share)
{
	CURL *easy = http->easy;

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->reason);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, CONNECTIONS_MAX);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BUFFER);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, http->limits.connect_ms);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)http->limits.reply_max);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, http);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, while_running);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, http);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, http->stop ? 0L : 1L);
	if (share)
		http_share_join(share, easy);
	set_authorities(http, share);
	set_agent(easy);
}

static struct http_limits limits_of(const struct http_limits *wanted)
{
	struct http_limits limits = {HTTP_CONNECT_MS, HTTP_TOTAL_MS, HTTP_REPLY_MAX};

	if (wanted && wanted->connect_ms > 0 && wanted->connect_ms < limits.connect_ms)
		limits.connect_ms = wanted->connect_ms;
	if (wanted && wanted->total_ms > 0 && wanted->total_ms < limits.total_ms)
		limits.total_ms = wanted->total_ms;
	if (wanted && wanted->reply_max > 0 && wanted->reply_max < limits.reply_max)
		limits.reply_max = wanted->reply_max;
	return limits;
}

struct http *http_new(struct http_share *share, const struct http_limits *limits,
	const char *bundle, const atomic_bool *stop)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	http->easy = curl_easy_init();
	http->bundle = bundle && *bundle ? strdup(bundle) : NULL;
	if (!http->easy || (bundle && *bundle && !http->bundle)) {
		curl_easy_cleanup(http->easy);
		free(http);
		return NULL;
	}
	http->stop = stop;
	http->limits = limits_of(limits);
	set_constant(http, share);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	http_share_distrust(http->share);
	signature_key_done(&http->key);
	free(http->bundle);
	free(http);
}

unsigned long http_connections(const struct http *http)
{
	return http->connections;
}

/* ---- one request ---- */

static void headers_free(struct curl_slist *headers)
{
	for (struct curl_slist *header = headers; header; header = header->next)
		explicit_bzero(header->data, strlen(header->data));
	curl_slist_free_all(headers);
}

static int headers_add(struct curl_slist **headers, const char *name, const char *value)
{
	char line[HEADER_SIZE + SECRET_MAX];
	size_t name_length = strlen(name), length = name_length + 2 + strlen(value);
	struct curl_slist *grown;

	if (length >= sizeof(line))
		return -ERROR_LIMIT;
	text_copy(name, line, sizeof(line));
	text_copy(": ", line + name_length, sizeof(line) - name_length);
	text_copy(value, line + name_length + 2, sizeof(line) - name_length - 2);
	grown = curl_slist_append(*headers, line);
	explicit_bzero(line, length);
	if (!grown)
		return -ERROR_MEMORY;
	*headers = grown;
	return 0;
}

/* The value of Authorization, signed by OpenSSL, as the last header. */
static int headers_sign(struct signature_key *key, const struct signature_request *signing,
	struct curl_slist **headers)
{
	struct buffer authorization;
	int r;

	buffer_init(&authorization, SIGNATURE_MAX);
	r = signature_append(signing, key, &authorization);
	if (r == 0)
		r = headers_add(headers, "Authorization", buffer_text(&authorization));
	buffer_wipe(&authorization);
	return r;
}

static const char *content_type(const struct http_request *request)
{
	return request->content_type ? request->content_type : CONTENT_TYPE;
}

static int headers_date_and_sign(
	struct http *http, const struct http_request *request, struct curl_slist **headers)
{
	const char *token = secret_text(&request->credentials->token);
	char date[SIGNATURE_DATE_SIZE];
	const struct signature_request signing = {request->host, content_type(request),
		request->target, request->region,
		request->service ? request->service : SERVICE_NAME, date, request->body,
		request->body_length, request->credentials};
	int r = signature_date(request->date, date);

	if (r == 0 && *token)
		r = headers_add(headers, "X-Amz-Security-Token", token);
	if (r == 0)
		r = headers_add(headers, "X-Amz-Date", date);
	if (r == 0)
		r = headers_sign(&http->key, &signing, headers);
	return r;
}

static int headers_make(
	struct http *http, const struct http_request *request, struct curl_slist **ret_headers)
{
	struct curl_slist *headers = NULL;
	int r = headers_add(&headers, "Host", request->host);

	if (r == 0 && request->body)
		r = headers_add(&headers, "Content-Type", content_type(request));
	if (r == 0 && request->target)
		r = headers_add(&headers, "X-Amz-Target", request->target);
	for (size_t i = 0; r == 0 && i < request->headers_count; i++)
		if (request->headers[i].value)
			r = headers_add(
				&headers, request->headers[i].name, request->headers[i].value);
	if (r == 0 && request->credentials)
		r = headers_date_and_sign(http, request, &headers);
	if (r < 0)
		headers_free(headers);
	else
		*ret_headers = headers;
	return r;
}

/* A POST without a body is a POST still; a PUT is one with another name. */
static void set_method(CURL *easy, const struct http_request *request)
{
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method == HTTP_PUT ? "PUT" : NULL);
	if (request->method == HTTP_GET) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
}

static void set_request(
	struct http *http, const struct http_request *request, struct curl_slist *headers)
{
	CURL *easy = http->easy;
	bool local = request->loopback || request->link;
	int64_t total = http->limits.total_ms;

	if (request->wait_ms > 0 && request->wait_ms < total)
		total = request->wait_ms;
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, local ? "http,https" : "https");
	/* both said, so that libcurl looks at no variable */
	curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy.url ? http->proxy.url : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, local ? "*" : "");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	set_method(easy, request);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request->once ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total);
}

static enum error_code code_of(const struct http *http, CURLcode result)
{
	switch (result) {
	case CURLE_OUT_OF_MEMORY:
		return ERROR_MEMORY;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		return ERROR_INVALID;
	case CURLE_OPERATION_TIMEDOUT:
		return ERROR_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ERROR_DENIED;
	case CURLE_WRITE_ERROR: /* one of our callbacks had enough */
	case CURLE_FILESIZE_EXCEEDED:
		return ERROR_LIMIT;
	case CURLE_ABORTED_BY_CALLBACK:
		if (http->late)
			return ERROR_STALE;
		return http->stop && atomic_load(http->stop) ? ERROR_STOPPED : ERROR_NETWORK;
	default:
		return ERROR_NETWORK;
	}
}

/* Whether it failed for what the proxy's variable says: libcurl quotes that, password and all. */
static bool proxy_unusable(const struct http *http, CURLcode result)
{
	return http->proxy.variable &&
	       (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_UNSUPPORTED_PROTOCOL ||
		       result == CURLE_URL_MALFORMAT || result == CURLE_NOT_BUILT_IN ||
		       strcasestr(http->reason, "unsupported proxy"));
}

/* The status with which a proxy refused to connect; 0 if it did not. */
static long proxy_refused(const struct http *http)
{
	long status = 0;

	curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return http->proxy.variable && http->issued == 0 && status >= 300 ? status : 0;
}

/* libcurl's words, unless they quote what stands before an '@'. */
static const char *reason_of(const struct http *http, CURLcode result)
{
	return http->reason[0] && !strchr(http->reason, '@') ? http->reason
							     : curl_easy_strerror(result);
}

/* scheme://host[:port]/ alone: a path can be as good as a key, as a container's is. The proxy
 * without its password. */
static void where_of(const struct http *http, char ret_text[static HTTP_WHERE_SIZE])
{
	const struct http_proxy *proxy = &http->proxy;
	const char *url = http->request->url, *host = strstr(url, "://");
	size_t length = host ? strcspn(host + 3, "/?#") + (size_t)(host + 3 - url) : 0;

	length += host && url[length] == '/';
	snprintf(ret_text, HTTP_WHERE_SIZE, "%.*s%s%s%s%s", (int)length, url,
		proxy->variable ? " through the proxy of " : "",
		proxy->variable ? proxy->variable : "", proxy->shown[0] ? ", " : "", proxy->shown);
}

/* Why the CA certificates that were named cannot be used; NULL if it is not for them. */
static const char *bundle_reason(const struct http *http, CURLcode result)
{
	if (result != CURLE_SSL_CACERT_BADFILE || !http->bundle)
		return NULL;
	if (is_directory(http->bundle))
		return "it is a directory; name a file";
	return access(http->bundle, R_OK) < 0 ? strerror(errno)
					      : "it holds no certificate, or one that is broken";
}

/* What is trusted, where that was not enough. */
static const char *trusted_by(const struct http *http, CURLcode result)
{
	if (result != CURLE_PEER_FAILED_VERIFICATION)
		return "";
	return http->bundle ? "; trusted are the CA certificates of AWS_CA_BUNDLE (or ca_bundle of "
			      "the profile), "
			    : "; trusted are the system's CA certificates, unless AWS_CA_BUNDLE "
			      "names others";
}

static int proxy_failed(const struct http *http, const char *where, struct error *error)
{
	long status = proxy_refused(http);
	const char *hint = "";

	if (status == 0)
		return error_set(error, ERROR_NETWORK,
			"%s: the proxy cannot be used or its name not be found; allowed are "
			"http://, https:// and socks5h:// with a host and a port",
			where);
	if (status == 407)
		hint = http->proxy.user ? ": it does not take the name and password in it"
					: ": it asks for a name and password, as in "
					  "http://NAME:PASSWORD@HOST:PORT";
	return error_set(error, status >= 500 ? ERROR_NETWORK : ERROR_DENIED,
		"%s: the proxy refuses to connect, status %ld%s", where, status, hint);
}

static int failed(const struct http *http, CURLcode result, struct error *error)
{
	enum error_code code = code_of(http, result);
	const char *bundle = bundle_reason(http, result);
	char where[HTTP_WHERE_SIZE];

	where_of(http, where);
	if (code == ERROR_LIMIT)
		return error_set(error, code,
			"%s: the reply is larger than the %zu bytes (header: %zu) that are read",
			where, http->limits.reply_max, HTTP_HEADERS_MAX);
	if (code == ERROR_STOPPED)
		return error_set(error, code, "%s: asked to stop", where);
	if (code == ERROR_STALE)
		return error_set(error, code,
			"%s: not sent: what it was decided on grew too old while it connected",
			where);
	if (proxy_unusable(http, result) || proxy_refused(http) != 0)
		return proxy_failed(http, where, error);
	if (bundle)
		return error_set(error, code,
			"%s: the CA certificates of %s cannot be used: %s (AWS_CA_BUNDLE, or "
			"ca_bundle of the profile, names it)",
			where, http->bundle, bundle);
	return error_set(error, code, "%s: %s%s%s", where, reason_of(http, result),
		trusted_by(http, result),
		http->bundle && result == CURLE_PEER_FAILED_VERIFICATION ? http->bundle : "");
}

int http_post(struct http *http, const struct http_request *request, struct http_reply *ret_reply,
	struct error *error)
{
	struct curl_slist *headers = NULL;
	long opened = 0;
	CURLcode result;
	int r;

	*ret_reply = (struct http_reply){.retry_after_ms = -1};
	buffer_init(&ret_reply->body, http->limits.reply_max);
	r = headers_make(http, request, &headers);
	if (r < 0)
		return error_set(error, (enum error_code) - r, "the request cannot be made");
	http->request = request;
	http->reply = ret_reply;
	http->headers_length = 0;
	http->headers_whole = false;
	http->issued = 0;
	http->late = false;
	http->reason[0] = '\0';
	http->proxy = (struct http_proxy){0};
	if (!request->loopback && !request->link)
		http_proxy_find(request->url, &http->proxy);
	set_request(http, request, headers);
	crash_point(CRASH_REQUEST, true);
	result = curl_easy_perform(http->easy);
	crash_point(CRASH_REQUEST, false);
	ret_reply->arrived = clock_elapsed();
	ret_reply->skew = ret_reply->date ? ret_reply->date - clock_now() : 0;
	ret_reply->sent = http->issued > 0;
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &ret_reply->status);
	curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &opened);
	http->connections += opened > 0 ? (unsigned long)opened : 0;
	/* libcurl takes a header that ends with the connection for a whole reply */
	if (result == CURLE_OK && !http->headers_whole)
		result = CURLE_GOT_NOTHING;
	r = result == CURLE_OK ? 0 : failed(http, result, error);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
	headers_free(headers);
	return r;
}

void http_reply_done(struct http_reply *reply)
{
	buffer_wipe(&reply->body);
	*reply = (struct http_reply){0};
}
