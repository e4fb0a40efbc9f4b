/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/ticket.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>

struct ticket {
	gnutls_datum_t key; /* owned by GnuTLS */
};

struct ticket *ticket_new(void)
{
	struct ticket *ticket = calloc(1, sizeof(*ticket));

	if (ticket && gnutls_session_ticket_key_generate(&ticket->key) < 0) {
		free(ticket);
		return NULL;
	}
	return ticket;
}

void ticket_free(struct ticket *ticket)
{
	if (!ticket)
		return;
	gnutls_memset(ticket->key.data, 0, ticket->key.size);
	gnutls_free(ticket->key.data);
	free(ticket);
}

void ticket_offer(void *ticket, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	(void)socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED && info && info->tls_session)
		(void)gnutls_session_ticket_enable_server(
			info->tls_session, &((struct ticket *)ticket)->key);
}
