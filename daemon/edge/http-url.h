/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * URLs as libcurl will understand them, for those who judge one before it is used: two parsers that
 * disagree on what the host is are a hole.
 */

#include <stdbool.h>

struct http_url {
	char scheme[8]; /* "http" or "https"; others are cut, and never taken */
	char host[256]; /* lower case; brackets of IPv6 kept */
	long port;	/* as written or the scheme's own */
	bool bare;	/* no path but "/", no query, no fragment */
	bool user;	/* holds a user name or a password */
};

/* Takes `text` apart as libcurl will. 0, -ERROR_INVALID or -ERROR_MEMORY. */
int http_url_parse(const char *text, struct http_url *ret_url);

/* Whether a host of a URL is this one: 127.0.0.0/8, [::1] or localhost. */
bool http_host_loopback(const char *host);
