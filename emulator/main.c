/* SPDX-License-Identifier: Apache-2.0 */
/* ldapsward-emulator: the AWS Directory Service on loopback, for rehearsals and tests. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "edge/clock.h"
#include "edge/file.h"
#include "emulator/completion.h"
#include "emulator/control.h"
#include "emulator/issue.h"
#include "emulator/role.h"
#include "emulator/server.h"
#include "emulator/shape.h"
#include "emulator/state.h"
#include "emulator/tls.h"

/* Largest file of a certificate or a key. Bytes. */
#define PEM_FILE_MAX (256 * 1024)
/* Values of getopt_long above those of letters; settings come after the options. */
#define OPTION_BASE 256

/* What the command line asks for at the start. */
struct startup {
	struct world *world;
	uint16_t port;
	const char *port_file;
	const char *tls_directory;
	const char *tls_certificate;
	const char *tls_key;
	const char *state;
	const char *seed;
	const char *log;
	const char *clock;
	size_t roles; /* how many of the world's roles the command line made: the first */
};

static int set_port(struct startup *startup, const char *value, struct error *error)
{
	char *end;
	long port = strtol(value, &end, 10);

	if (end == value || *end || port < 0 || port > 65535)
		return error_set(error, ERROR_INVALID, "'%s' is not a port from 0 to 65535", value);
	startup->port = (uint16_t)port;
	return 0;
}

static int add_credential(struct startup *startup, const char *value, struct error *error)
{
	return world_add_credential(startup->world, value, error);
}

/* A role that whoever has keys, and every web identity, may assume; others are made by a seed. */
static int add_role(struct startup *startup, const char *value, struct error *error)
{
	char name[WORLD_NAME_SIZE], account[ACCOUNT_SIZE];
	struct role *role;
	json_t *object;
	int r;

	if (!issue_whose(startup->world, value, name, account))
		return error_set(error, ERROR_INVALID, "'%s' is not ROLE[@ACCOUNT]", value);
	object = json_pack("{s:s s:s s:b s:[s]}", "name", name, "account", account, "web_identity",
		true, "trust", "*");
	r = role_put(startup->world, object, account, &role, error);
	startup->roles = startup->world->roles_count;
	json_decref(object);
	return r;
}

static int add_fault(struct startup *startup, const char *value, struct error *error)
{
	return faults_add(&startup->world->faults, value, error);
}

/* clang-format off */
/* An option is a path that is kept, or has a function that takes it. */
static const struct {
	const char *word;
	const char *argument;
	const char *help;
	size_t path; /* offset of the member of struct startup; used without `apply` */
	int (*apply)(struct startup *startup, const char *value, struct error *error);
} options[] = {
	{"port", "N", "listen on 127.0.0.1:N; 0 is any free one (the default)", 0, set_port},
	{"port-file", "FILE", "write the port there once it listens", offsetof(struct startup, port_file), NULL},
	{"tls", "DIRECTORY", "HTTPS with throw-away keys; their CA goes to DIRECTORY/ca.pem", offsetof(struct startup, tls_directory), NULL},
	{"tls-cert", "FILE", "HTTPS with this certificate chain", offsetof(struct startup, tls_certificate), NULL},
	{"tls-key", "FILE", "and this key", offsetof(struct startup, tls_key), NULL},
	{"credentials", "KEY:SECRET[:TOKEN][@ACCOUNT]", "who may sign; may be repeated; "
		"without it the key of the AWS documentation, " WORLD_KEY, 0, add_credential},
	{"role", "ROLE[@ACCOUNT]", "who has keys or a web identity may assume it; may be repeated; see also the command role", 0, add_role},
	{"fault", "OPERATION:COUNT[+SKIP]:KIND[@DIRECTORY]", "what goes wrong; may be repeated; OPERATION and COUNT may be *", 0, add_fault},
	{"state", "FILE", "load the world from FILE and keep it there", offsetof(struct startup, state), NULL},
	{"seed", "FILE", "run the control commands of FILE: [{\"create\": {...}}, ...]", offsetof(struct startup, seed), NULL},
	{"request-log", "FILE", "append a JSON line for each request", offsetof(struct startup, log), NULL},
	{"clock-file", "FILE", "add the seconds in FILE to the clock, read anew at each look", offsetof(struct startup, clock), NULL},
};
/* clang-format on */

/* What is printed instead of doing anything; after these come the options and settings. */
enum {
	FLAG_COMPLETION,
	FLAG_HELP,
	FLAG_SHAPES,
	FLAG_VERSION,
	FLAGS,
};

static const struct completion_option flags[FLAGS] = {
	[FLAG_COMPLETION] = {.name = "completion",
		.argument = "SHELL",
		.help = "print what completes the command line in bash, zsh or fish, and exit"},
	[FLAG_HELP] = {.name = "help", .help = "print this, and exit"},
	[FLAG_SHAPES] = {.name = "shapes",
		.help = "print what is known of the service model, and exit"},
	[FLAG_VERSION] = {.name = "version", .help = "print the version, and exit"},
};

static void print_help(void)
{
	char form[96];

	printf("Usage: ldapsward-emulator [OPTION]...\n\n"
	       "Emulates the AWS Directory Service (client-side LDAPS) on loopback: point a "
	       "client\n"
	       "there with --endpoint-url, AWS_ENDPOINT_URL_DIRECTORY_SERVICE and "
	       "AWS_ENDPOINT_URL_STS.\n\n");
	for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
		snprintf(form, sizeof(form), "--%s %s", options[i].word, options[i].argument);
		printf("  %-28s %s\n", form, options[i].help);
	}
	for (int i = 0; i < FLAGS; i++) {
		snprintf(form, sizeof(form), "--%s %s", flags[i].name,
			flags[i].argument ? flags[i].argument : "");
		printf("  %-28s %s\n", form, flags[i].help);
	}
	printf("\nHow the service behaves:\n");
	settings_help(stdout);
	control_help(stdout);
}

static struct option *long_options(void)
{
	struct option *list =
		calloc(FLAGS + ARRAY_LENGTH(options) + settings_count + 1, sizeof(struct option));
	size_t at = 0;

	if (!list)
		return NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(options); i++, at++)
		list[at] = (struct option){
			options[i].word, required_argument, NULL, OPTION_BASE + (int)at};
	for (size_t i = 0; i < settings_count; i++, at++)
		list[at] = (struct option){
			settings_table[i].word, required_argument, NULL, OPTION_BASE + (int)at};
	for (int i = 0; i < FLAGS; i++, at++)
		list[at] = (struct option){flags[i].name,
			flags[i].argument ? required_argument : no_argument, NULL, i};
	return list;
}

static int apply(struct startup *startup, size_t index, const char *value, struct error *error)
{
	if (index >= ARRAY_LENGTH(options))
		return settings_apply(&startup->world->settings,
			settings_table[index - ARRAY_LENGTH(options)].word, value, error);
	if (!options[index].apply) {
		memcpy((char *)startup + options[index].path, &value, sizeof(value));
		return 0;
	}
	return options[index].apply(startup, value, error) < 0
		       ? error_prefix(error, "%s", options[index].word)
		       : 0;
}

static int print_completion(const char *name, struct error *error)
{
	enum completion_shell shell = completion_shell_parse(name);
	struct completion_option rows[FLAGS + ARRAY_LENGTH(options)];
	CLEANUP(buffer_done) struct buffer buffer;
	int r;

	if (shell == COMPLETION_SHELLS)
		return error_set(error, ERROR_INVALID,
			"completion: '%s' is none of bash, zsh and fish", name);
	memcpy(rows, flags, sizeof(flags));
	for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
		rows[FLAGS + i] = (struct completion_option){.name = options[i].word,
			.argument = options[i].argument,
			.help = options[i].help};
	buffer_init(&buffer, COMPLETION_MAX);
	r = emulator_completion(rows, ARRAY_LENGTH(rows), shell, &buffer);
	if (r < 0)
		return error_set(error, (enum error_code) - r, "completion: %s", error_str(r));
	fputs(buffer_text(&buffer), stdout);
	return 0;
}

/* Prints what was asked for; 1, or negative with the reason. */
static int print_flag(int flag, struct error *error)
{
	if (flag == FLAG_COMPLETION)
		return print_completion(optarg, error) < 0 ? error->code : 1;
	if (flag == FLAG_HELP)
		print_help();
	else if (flag == FLAG_SHAPES)
		shape_print(stdout);
	else
		printf("ldapsward-emulator %s\n", PACKAGE_VERSION);
	return 1;
}

/* 0 to go on; 1 to leave well; negative with the reason. */
static int parse_options(struct startup *startup, int argc, char *argv[], struct error *error)
{
	CLEANUP(free_ptr) struct option *list = long_options();
	int found, r = list ? 0 : error_set(error, ERROR_MEMORY, "out of memory");

	while (r == 0 && (found = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (found >= OPTION_BASE)
			r = apply(startup, (size_t)(found - OPTION_BASE), optarg, error);
		else if (found < FLAGS)
			return print_flag(found, error);
		else
			return error_set(error, ERROR_INVALID, "see --help");
	}
	if (r == 0 && optind < argc)
		r = error_set(error, ERROR_INVALID, "'%s': there are options only; see --help",
			argv[optind]);
	if (r == 0 && !startup->tls_certificate != !startup->tls_key)
		r = error_set(error, ERROR_INVALID, "--tls-cert and --tls-key go together");
	return r;
}

static int read_file(const char *path, char **ret_text, struct error *error)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, PEM_FILE_MAX + 1);
	size_t length = file && text ? fread(text, 1, PEM_FILE_MAX, file) : 0;
	bool good = file && text && !ferror(file) && length > 0;

	if (file)
		fclose(file);
	if (!good) {
		free(text);
		return error_set(error, ERROR_IO, "%s: cannot be read", path);
	}
	*ret_text = text;
	return 0;
}

/* The certificate and key of HTTPS; both NULL for plain HTTP. */
static int prepare_tls(
	const struct startup *startup, char **ret_certificate, char **ret_key, struct error *error)
{
	int r;

	if (startup->tls_directory)
		return tls_make(startup->tls_directory, ret_certificate, ret_key, error);
	if (!startup->tls_certificate)
		return 0;
	r = read_file(startup->tls_certificate, ret_certificate, error);
	return r < 0 ? r : read_file(startup->tls_key, ret_key, error);
}

static int prepare_world(struct startup *startup, struct error *error)
{
	struct world *world = startup->world;
	int r = 0;

	if (startup->clock && setenv(CLOCK_DEMO_VARIABLE, startup->clock, 1) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (world->credentials_count == 0)
		r = world_add_credential(world, WORLD_KEY ":" WORLD_SECRET, error);
	if (r == 0 && startup->log)
		r = world_open_log(world, startup->log, error);
	if (r == 0 && startup->state)
		r = state_open(world, startup->state, error);
	return r < 0 || !startup->seed ? r : control_seed(world, startup->seed, error);
}

/* The port file appears whole. */
static int write_port(
	const struct startup *startup, const struct server *server, struct error *error)
{
	CLEANUP(free_ptr) char *fresh = NULL;
	FILE *file;
	bool written;

	if (!startup->port_file)
		return 0;
	if (asprintf(&fresh, "%s.new", startup->port_file) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	file = fopen(fresh, "we");
	written = file && fprintf(file, "%u\n", server_port(server)) > 0;
	if (file && fclose(file) == EOF)
		written = false;
	if (!written || rename(fresh, startup->port_file) < 0)
		return error_set(error, ERROR_IO, "%s: %s", startup->port_file, strerror(errno));
	return 0;
}

/* Where it listens, and what the command line made. */
static void announce(const struct startup *startup, const struct server *server, bool tls)
{
	struct world *world = startup->world;
	char arn[ROLE_ARN_SIZE];

	printf("listening on %s://127.0.0.1:%u\n", tls ? "https" : "http", server_port(server));
	if (startup->tls_directory)
		printf("its CA is %s/ca.pem\n", startup->tls_directory);
	pthread_mutex_lock(&world->lock);
	for (size_t i = 0; i < startup->roles && i < world->roles_count; i++) {
		role_arn(&world->roles[i], "aws", arn);
		printf("role %s\n", arn);
	}
	pthread_mutex_unlock(&world->lock);
	fflush(stdout);
	/* it may come later; whoever misspelt it would wait for ever */
	if (startup->clock && access(startup->clock, R_OK) < 0)
		fprintf(stderr,
			"ldapsward-emulator: clock-file: %s: %s; until it is there the clock is "
			"the system's\n",
			startup->clock, strerror(errno));
}

static int run(struct startup *startup, struct error *error)
{
	CLEANUP(free_ptr) char *certificate = NULL;
	CLEANUP(free_ptr) char *key = NULL;
	struct server *server;
	sigset_t signals;
	int received, r = prepare_world(startup, error);

	if (r == 0)
		r = prepare_tls(startup, &certificate, &key, error);
	if (r < 0)
		return r;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* Before any thread: only sigwait shall see them. */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	r = server_start(startup->world, startup->port, certificate, key, &server, error);
	if (r < 0)
		return r;
	r = write_port(startup, server, error);
	if (r == 0) {
		announce(startup, server, certificate != NULL);
		sigwait(&signals, &received);
	}
	server_stop(server);
	return r;
}

int main(int argc, char *argv[])
{
	struct world world;
	struct startup startup = {.world = &world};
	struct error error = {0};
	int r, status;

	file_take_standard();
	json_start();
	if (world_init(&world) < 0 || shape_start() < 0) {
		fprintf(stderr, "ldapsward-emulator: out of memory\n");
		return EXIT_FAILURE;
	}
	r = parse_options(&startup, argc, argv, &error);
	status = r < 0 && r != -ERROR_MEMORY ? EX_USAGE : EXIT_FAILURE;
	if (r == 0)
		r = run(&startup, &error);
	if (r < 0)
		fprintf(stderr, "ldapsward-emulator: %s\n", error.message);
	state_close(&world);
	shape_stop();
	world_done(&world);
	return r < 0 ? status : EXIT_SUCCESS;
}
