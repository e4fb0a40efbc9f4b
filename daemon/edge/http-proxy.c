/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-proxy.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "edge/environment.h"
#include "edge/http-url.h"

/* An entry of a list that is an address, and its bits. Longer ones are names. Bytes. */
#define ENTRY_SIZE (INET6_ADDRSTRLEN + 8)

/* An address of either family; false if it is none. */
static bool take_address(const char *text, int *ret_family, unsigned char ret_bytes[static 16])
{
	static const int families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < ARRAY_LENGTH(families); i++)
		if (inet_pton(families[i], text, ret_bytes) == 1) {
			*ret_family = families[i];
			return true;
		}
	return false;
}

static bool same_network(const unsigned char *a, const unsigned char *b, long bits)
{
	unsigned char mask = (unsigned char)(0xff << (8 - bits % 8));

	return memcmp(a, b, (size_t)bits / 8) == 0 &&
	       (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

/* "10.0.0.0/8", "::1", "[::1]" */
static bool network_holds(const char *text, size_t length, const char *host)
{
	char entry[ENTRY_SIZE], address[ENTRY_SIZE], *slash, *end;
	unsigned char network[16], bytes[16];
	int family, other;
	long bits, most;

	if (length >= sizeof(entry) || strlen(host) >= sizeof(address))
		return false;
	snprintf(entry, sizeof(entry), "%.*s", (int)length, text);
	snprintf(address, sizeof(address), "%.*s", (int)strcspn(host + (*host == '['), "]"),
		host + (*host == '['));
	slash = strchr(entry, '/');
	if (slash)
		*slash = '\0';
	if (entry[0] == '[')
		entry[strcspn(entry, "]")] = '\0';
	if (!take_address(entry + (entry[0] == '['), &family, network) ||
		!take_address(address, &other, bytes) || family != other)
		return false;
	most = family == AF_INET ? 32 : 128;
	bits = slash ? strtol(slash + 1, &end, 10) : most;
	if (slash && (end == slash + 1 || *end != '\0' || bits < 0 || bits > most))
		return false;
	return same_network(network, bytes, bits);
}

/* "example.com" and ".example.com" are the name and all below it. */
static bool name_holds(const char *text, size_t length, const char *host)
{
	size_t size = strlen(host);

	while (length > 0 && *text == '.') {
		text++;
		length--;
	}
	while (length > 0 && text[length - 1] == '.')
		length--;
	while (size > 0 && host[size - 1] == '.')
		size--;
	if (length == 0 || length > size || strncasecmp(host + size - length, text, length) != 0)
		return false;
	return length == size || host[size - length - 1] == '.';
}

bool http_proxy_excepts(const char *list, const char *host)
{
	unsigned char bytes[16];
	int family;
	bool address = *host == '[' || take_address(host, &family, bytes);

	if (strcmp(list, "*") == 0)
		return true;
	for (const char *at = list; *at;) {
		size_t length = strcspn(at, ", \t");

		if (length > 0 &&
			(address ? network_holds(at, length, host) : name_holds(at, length, host)))
			return true;
		at += length + (at[length] != '\0');
	}
	return false;
}

/* Schemes of a proxy, and the port where the URL has none (libcurl's). */
static const struct {
	const char *scheme, *port;
} schemes[] = {{"http", "1080"}, {"https", "443"}, {"socks4", "1080"}, {"socks4a", "1080"},
	{"socks5", "1080"}, {"socks5h", "1080"}};

/* What may be shown of the proxy's URL: nothing of one that cannot be used, which may be anything.
 */
static void take_shown(const char *text, struct http_proxy *proxy)
{
	CURLU *url = curl_url();
	char *host = NULL, *port = NULL, *user = NULL;
	const char *end = strstr(text, "://");
	const char *scheme = end ? text : "http"; /* curl's guess would go by the host's name */
	size_t length = end ? (size_t)(end - text) : strlen(scheme);

	if (url &&
		curl_url_set(url, CURLUPART_URL, text,
			CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		proxy->user = curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
		(void)curl_url_get(url, CURLUPART_PORT, &port, 0);
		for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++)
			if (strlen(schemes[i].scheme) == length &&
				strncasecmp(schemes[i].scheme, scheme, length) == 0)
				snprintf(proxy->shown, sizeof(proxy->shown), "%s://%s:%s",
					schemes[i].scheme, host, port ? port : schemes[i].port);
	}
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(url);
}

void http_proxy_find(const char *url, struct http_proxy *ret_proxy)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	const char *except = environment_text("no_proxy");
	struct http_proxy proxy = {0};
	struct http_url parts;

	for (size_t i = 0; i < ARRAY_LENGTH(names) && !proxy.variable; i++)
		if ((proxy.url = environment_text(names[i])))
			proxy.variable = names[i];
	if (!except)
		except = environment_text("NO_PROXY");
	if (proxy.variable && except && http_url_parse(url, &parts) == 0 &&
		http_proxy_excepts(except, parts.host))
		proxy = (struct http_proxy){0};
	if (proxy.variable)
		take_shown(proxy.url, &proxy);
	*ret_proxy = proxy;
}
