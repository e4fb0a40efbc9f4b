/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TLS session tickets, as the service's own endpoints hand them out: a client that comes back shows
 * its ticket, and both sides are spared certificate and signature. libmicrohttpd has no option for
 * them, so that they are switched on in its GnuTLS sessions. One key for the life of the server.
 */

#include <microhttpd.h>

struct ticket;

/* A fresh key. NULL without memory or random numbers. */
struct ticket *ticket_new(void);
/* After the server has stopped. Accepts NULL. */
void ticket_free(struct ticket *ticket);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the ticket as its closure: each TLS connection, before its
 * handshake. */
void ticket_offer(void *ticket, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code);
