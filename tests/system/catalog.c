/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what is made from the table of messages: the catalog for journald, or with --manual the
 * lists of ids in ldapsward(8). For tests/system/test-catalog.py. */
#include <stdio.h>
#include <string.h>

#include "core/message.h"

/* A hundred entries of a kilobyte. Bytes. */
#define OUTPUT_MAX (512 * 1024)

static void print_catalog(struct buffer *buffer)
{
	buffer_append_text(buffer,
		"# SPDX-License-Identifier: Apache-2.0\n"
		"# What `journalctl -x` says of ldapsward's entries. Made from "
		"daemon/core/message.h and\n"
		"# daemon/core/reason.h by tests/system/test-catalog.py --update.\n");
	for (int reason = REASON_NONE + 1; reason < REASONS; reason++) {
		struct message message = message_of_reason((enum reason)reason);

		if (message.id)
			message_catalog(&message, buffer);
	}
	for (int event = 0; event < EVENTS; event++) {
		struct message message = message_of_event((enum event)event);

		message_catalog(&message, buffer);
	}
}

static const char *urgency_str(enum urgency urgency)
{
	static const char *const words[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

	return words[urgency];
}

static void print_manual(struct buffer *buffer)
{
	buffer_append_text(buffer, ".\\\" events, made by tests/system/test-catalog.py --update\n"
				   ".Bl -tag -width Ds -compact\n");
	for (int event = 0; event < EVENTS; event++) {
		struct message message = message_of_event((enum event)event);

		buffer_printf(buffer, ".It Sy %s Pq %s\n%s:\n.Li %s\n", message.name,
			urgency_str(message.urgency), message.subject, message.id);
	}
	buffer_append_text(buffer, ".El\n.\\\" end of events\n");
	buffer_append_text(buffer,
		".\\\" conditions, made by tests/system/test-catalog.py --update\n"
		".Bl -column -compact \"SuccessorMissingSuccessor\" "
		"\"0123456789abcdef0123456789abcdef\"\n");
	for (int reason = REASON_NONE + 1; reason < REASONS; reason++) {
		struct message message = message_of_reason((enum reason)reason);

		if (message.id)
			buffer_printf(buffer, ".It Sy %s Ta Li %s\n", message.name, message.id);
	}
	buffer_append_text(buffer, ".El\n.\\\" end of conditions\n");
}

int main(int argc, char **argv)
{
	struct buffer buffer;
	int r;

	buffer_init(&buffer, OUTPUT_MAX);
	if (argc == 2 && strcmp(argv[1], "--manual") == 0)
		print_manual(&buffer);
	else
		print_catalog(&buffer);
	fputs(buffer_text(&buffer), stdout);
	r = buffer_status(&buffer);
	buffer_done(&buffer);
	return r < 0;
}
