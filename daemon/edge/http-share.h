/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the workers of one lane have in common (struct http_share of http.h), as http-connection.c
 * uses it: TLS sessions, resolved names, and the CA certificates of a bundle, which each of them
 * would otherwise read and parse for itself: 20 ms for the bundle of a distribution.
 */

#include <curl/curl.h>
#include <stdbool.h>

#include "edge/http.h"

/*
 * Makes the TLS of a handle read what has come at once, not the five bytes before each record
 * apart: who waits for the socket must first have taken all that TLS has.
 */
void http_share_read_ahead(CURL *easy);

/*
 * Whether a connection that has ended was cut, and not ended by its peer: anybody on the way can
 * close a connection, but not make TLS say so. libcurl takes both for the end. False without TLS.
 */
bool http_share_cut(CURL *easy);

/* Makes a handle use the sessions and names. */
void http_share_join(struct http_share *share, CURL *easy);

/*
 * Makes a handle trust what `bundle` holds; it is read with the first handle and forgotten after
 * the last, so that a new file is seen in the next pass. The handle must be gone before its
 * http_share_distrust. False, and nothing to be undone, if it cannot be read, if handles trust
 * another bundle still, or libcurl was built with another TLS library.
 */
bool http_share_trust(struct http_share *share, CURL *easy, const char *bundle);
/* One handle fewer. Accepts NULL. */
void http_share_distrust(struct http_share *share);
