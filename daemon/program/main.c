/* SPDX-License-Identifier: Apache-2.0 */
/* ldapsward: keeps client-side LDAPS right on AWS Directory Service directories. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/commands.h"
#include "program/setup.h"

static int (*const commands[COMMANDS])(const struct options *options) = {
	[COMMAND_RUN] = command_run,
	[COMMAND_CHECK] = command_check,
	[COMMAND_PLAN] = command_plan,
	[COMMAND_APPLY] = command_apply,
	[COMMAND_ADOPT] = command_adopt,
	[COMMAND_STATUS] = command_status,
	[COMMAND_FORECAST] = command_forecast,
	[COMMAND_HISTORY] = command_history,
	[COMMAND_EXPORT] = command_export,
};

int main(int argc, char **argv)
{
	struct options options;
	int status;

	if (!options_parse(argc, argv, &options, &status))
		return status;
	if (setup_process() < 0)
		return EXIT_FAILURE;
	status = commands[options.command](&options);
	/* a worker may hang in a name server: nothing that it holds must be saved (design 5) */
	if (fflush(stdout) != 0) {
		if (errno != EPIPE) /* who reads no further knows it */
			fprintf(stderr, "ldapsward: the output could not be written: %s\n",
				strerrordesc_np(errno));
		status = EXIT_FAILURE;
	} else if (ferror(stdout)) {
		status = EXIT_FAILURE;
	}
	_exit(status);
}
