/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"
#include "program/options-private.h"

/* The configuration on the line, or the service's, with what is beside it, as "$f" and "$d". */
#define FIND_FILES                                                                                 \
	"f=" CONFIGURATION_FILE "; p=; "                                                           \
	"for w do "                                                                                \
	"case $p/$w in --config/* | check/[!-]*) f=$w ;; esac; "                                   \
	"case $w in --config=*) f=${w#*=} ;; esac; "                                               \
	"p=$w; "                                                                                   \
	"done; d=$(dirname -- \"$f\")/conf.d; "

/* What the user may mean is what stands there: whatever looks like an id (also where the daemon
 * told of it) or a Region, and the accounts where they are laid out as everywhere. Nothing is run
 * for it but grep and sed. */
static const char list_ids[] =
	FIND_FILES "grep -Eohsw -e \"d-[0-9a-f]{10}\" -- \"$f\" \"$d\"/*.yaml "
		   "/run/ldapsward/status.json | sort -u";
static const char list_regions[] =
	FIND_FILES "grep -Eohsw -e \"[a-z]{2}(-[a-z]+)+-[0-9]\" -- \"$f\" \"$d\"/*.yaml | sort -u";
static const char list_accounts[] =
	FIND_FILES "sed -En -s \"/^accounts:/,/^[a-z]/s/^  ([A-Za-z0-9_.-]+):.*/\\1/p\" -- \"$f\" "
		   "\"$d\"/*.yaml | sort -u";

static const char *const formats[JOURNAL_FORMATS + 1] = {"auto", "text", "json"};
static const char *const shells[COMPLETION_SHELLS + 1] = {"bash", "zsh", "fish"};

/* The words that the tables have for what follows; DURATION, N and WHEN only the user knows. */
static const struct completion_value values[] = {
	{"DIRECTORY", COMPLETION_FOLDER, NULL, NULL},
	{"FILE", COMPLETION_FILE, NULL, NULL},
	{"FORMAT", COMPLETION_WORDS, formats, NULL},
	{"ID", COMPLETION_LISTED, NULL, list_ids},
	{"NAME", COMPLETION_LISTED, NULL, list_accounts},
	{"REGION", COMPLETION_LISTED, NULL, list_regions},
	{"SHELL", COMPLETION_WORDS, shells, NULL},
};

int options_completion(enum completion_shell shell, struct buffer *buffer)
{
	struct completion_command commands[COMMANDS];
	struct completion_option options[OPTIONS_ROWS];

	for (size_t i = 0; i < COMMANDS; i++)
		commands[i] = (struct completion_command){
			command_rows[i].name, command_rows[i].operand, command_rows[i].summary};
	for (size_t i = 0; i < OPTIONS_ROWS; i++)
		options[i] = (struct completion_option){
			.name = option_rows[i].name,
			.letter = option_rows[i].letter,
			.argument = option_rows[i].argument,
			.help = option_rows[i].help,
			.commands = option_rows[i].commands,
		};
	return completion_write(&(struct completion){"ldapsward", commands, COMMANDS, options,
					OPTIONS_ROWS, values, ARRAY_LENGTH(values)},
		shell, buffer);
}
