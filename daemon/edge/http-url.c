/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

bool http_host_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;
	char inner[INET6_ADDRSTRLEN];
	size_t length = strlen(host);

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	if (length >= sizeof(inner))
		return false;
	memcpy(inner, host, length);
	inner[length] = '\0';
	return inet_pton(AF_INET6, inner, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Copies one part, lower case. False if there is none, or it is too long. */
static bool url_part(CURLU *url, CURLUPart part, char *ret_text, size_t size)
{
	char *text = NULL;
	bool taken = curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK;

	if (taken && strlen(text) < size)
		for (size_t i = 0; i <= strlen(text); i++)
			ret_text[i] = (char)tolower((unsigned char)text[i]);
	else
		taken = false;
	curl_free(text);
	return taken;
}

static bool url_has(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return found;
}

static int url_take(CURLU *url, struct http_url *ret_url)
{
	char port[8], path[2];
	struct http_url taken = {0};

	if (!url_part(url, CURLUPART_SCHEME, taken.scheme, sizeof(taken.scheme)) ||
		!url_part(url, CURLUPART_HOST, taken.host, sizeof(taken.host)) ||
		!url_part(url, CURLUPART_PORT, port, sizeof(port)) ||
		url_has(url, CURLUPART_ZONEID) ||
		taken.host[strspn(taken.host, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")])
		return -ERROR_INVALID;
	taken.port = strtol(port, NULL, 10);
	taken.bare = url_part(url, CURLUPART_PATH, path, sizeof(path)) && path[0] == '/' &&
		     !url_has(url, CURLUPART_QUERY) && !url_has(url, CURLUPART_FRAGMENT);
	taken.user = url_has(url, CURLUPART_USER) || url_has(url, CURLUPART_PASSWORD);
	*ret_url = taken;
	return 0;
}

int http_url_parse(const char *text, struct http_url *ret_url)
{
	CURLU *url = curl_url();
	int r = -ERROR_INVALID;

	if (!url)
		return -ERROR_MEMORY;
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		r = url_take(url, ret_url);
	curl_url_cleanup(url);
	return r;
}
