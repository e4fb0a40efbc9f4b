/* SPDX-License-Identifier: Apache-2.0 */
/* ldapsward: keeps client-side LDAPS right on AWS Directory Service directories. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/file.h"
#include "edge/http-library.h"
#include "program/commands.h"
#include "program/setup.h"

static const struct {
	int (*execute)(const struct options *options);
	bool asks; /* the API, unless told to stay offline */
} commands[COMMANDS] = {
	[COMMAND_RUN] = {command_run, true},
	[COMMAND_CHECK] = {command_check, false},
	[COMMAND_PLAN] = {command_plan, true},
	[COMMAND_APPLY] = {command_apply, true},
	[COMMAND_ADOPT] = {command_adopt, true},
	[COMMAND_STATUS] = {command_status, false},
	[COMMAND_FORECAST] = {command_forecast, true},
	[COMMAND_HISTORY] = {command_history, false},
	[COMMAND_EXPORT] = {command_export, true},
};

int main(int argc, char **argv)
{
	struct options options;
	int status;

	file_take_standard();
	if (!options_parse(argc, argv, &options, &status))
		return status;
	setup_process();
	if (commands[options.command].asks && !options.offline)
		http_library_begin();
	status = commands[options.command].execute(&options);
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
