/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Through which proxy a host is asked, by the variables that curl and the AWS tools read:
 * https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, the first that is set; and no_proxy, or NO_PROXY,
 * of what is asked without one. libcurl reads them as well, but cannot tell what came of it, and
 * who cannot reach the service must be told that a proxy stands before it. For http-connection.c
 * alone.
 */

#include <stdbool.h>

/* "http://host:port", cut. Bytes. */
#define HTTP_PROXY_SIZE 300

struct http_proxy {
	const char *variable; /* that names it; NULL: there is none. Static */
	const char *url;      /* as it says; may hold a password: never shown. Borrowed */
	bool user;	      /* it holds a name */
	/* Scheme, host and port alone, for messages; "" if it is no URL. */
	char shown[HTTP_PROXY_SIZE];
};

/* The proxy of requests to a URL by https. */
void http_proxy_find(const char *url, struct http_proxy *ret_proxy);

/*
 * Whether `host` (of a URL, in lower case) is in a list of what needs no proxy: names, which mean
 * all below them too, with or without a dot before; addresses, and networks as 10.0.0.0/8; or "*"
 * alone for all. Commas or blanks are between them.
 */
bool http_proxy_excepts(const char *list, const char *host);
