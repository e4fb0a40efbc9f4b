/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "edge/clock.h"

/* How often the end of a program, and of ours, is looked for. Milliseconds. */
#define SLICE_MS 20
/* One read. Bytes. */
#define CHUNK 4096

/* ---- splitting ---- */

void process_words_done(struct process_words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		/* a command line may hold a secret, though it should not */
		if (words->words[i])
			explicit_bzero(words->words[i], strlen(words->words[i]));
		free(words->words[i]);
	}
	*words = (struct process_words){0};
}

/* Takes one word from `at` on; gives where it ends, NULL if a quote or an escape is left open. */
static const char *take_word(const char *at, struct buffer *word)
{
	char quote = '\0';

	for (; *at && (quote || !strchr(" \t\r\n", *at)); at++) {
		if (quote && *at == quote) {
			quote = '\0';
		} else if (*at == '\\' &&
			   (!quote || (quote == '"' && at[1] && strchr("\"\\", at[1])))) {
			if (!*++at)
				return NULL;
			buffer_append(word, at, 1);
		} else if (!quote && (*at == '"' || *at == '\'')) {
			quote = *at;
		} else {
			buffer_append(word, at, 1);
		}
	}
	return quote ? NULL : at;
}

static int add_word(struct process_words *words, const struct buffer *word)
{
	if (buffer_status(word) < 0)
		return buffer_status(word);
	if (words->count == PROCESS_WORDS_MAX)
		return -ERROR_LIMIT;
	words->words[words->count] = strdup(buffer_text(word));
	return words->words[words->count++] ? 0 : -ERROR_MEMORY;
}

int process_split(const char *command, struct process_words *ret_words, struct error *error)
{
	struct process_words words = {0};
	struct buffer word;
	int r = 0;

	buffer_init(&word, PROCESS_COMMAND_MAX);
	for (const char *at = command; r == 0 && *(at += strspn(at, " \t\r\n"));) {
		buffer_clear(&word);
		at = take_word(at, &word);
		r = at ? add_word(&words, &word)
		       : error_set(error, ERROR_INVALID, "a quotation or an escape is left open");
	}
	if (r == 0 && words.count == 0)
		r = error_set(error, ERROR_INVALID, "there is no command");
	else if (r == -ERROR_LIMIT)
		error_set(error, ERROR_LIMIT, "more than %d words or %d bytes", PROCESS_WORDS_MAX,
			PROCESS_COMMAND_MAX);
	else if (r == -ERROR_MEMORY)
		error_set(error, ERROR_MEMORY, "out of memory");
	buffer_wipe(&word);
	if (r < 0)
		process_words_done(&words);
	else
		*ret_words = words;
	return r;
}

/* ---- running ---- */

/* One of its outputs. */
struct stream {
	int fd; /* -1: ended */
	struct buffer *buffer;
	bool cut; /* what is beyond the limit is dropped; otherwise it is an error */
};

struct running {
	pid_t pid;
	struct stream streams[2]; /* standard output and error */
	int64_t end_ms;
	const atomic_bool *stop;
	struct error *error;
};

void process_result_done(struct process_result *result)
{
	buffer_wipe(&result->output);
	buffer_wipe(&result->errors);
	*result = (struct process_result){0};
}

/* A group of its own, none of our signals blocked or ignored, and no descriptor but these. */
static int spawn(const struct process_words *words, int output, int errors, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (r == 0)
		r = posix_spawnp(
			ret_pid, words->words[0], &actions, &attributes, words->words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int start(const struct process_words *words, struct running *running)
{
	int output[2], errors[2], r;

	if (pipe2(output, O_CLOEXEC) < 0)
		return error_set(running->error, ERROR_IO, "pipe: %s", strerror(errno));
	if (pipe2(errors, O_CLOEXEC) < 0) {
		r = error_set(running->error, ERROR_IO, "pipe: %s", strerror(errno));
		close(output[0]);
		close(output[1]);
		return r;
	}
	r = spawn(words, output[1], errors[1], &running->pid);
	close(output[1]);
	close(errors[1]);
	running->streams[0].fd = output[0];
	running->streams[1].fd = errors[0];
	if (r == 0)
		return 0;
	close(output[0]);
	close(errors[0]);
	return error_set(running->error, r == ENOENT ? ERROR_MISSING : ERROR_IO,
		"the program cannot be started: %s", strerror(r));
}

static int take_chunk(struct running *running, struct stream *stream)
{
	char bytes[CHUNK];
	ssize_t length = read(stream->fd, bytes, sizeof(bytes));
	size_t room = stream->buffer->limit - stream->buffer->length, taken;
	int r;

	if (length <= 0) {
		if (length < 0 && (errno == EINTR || errno == EAGAIN))
			return 0;
		close(stream->fd);
		stream->fd = -1;
		return 0;
	}
	taken = (size_t)length;
	if (stream->cut && taken > room)
		taken = room;
	r = buffer_append(stream->buffer, bytes, taken);
	explicit_bzero(bytes, sizeof(bytes));
	if (r == -ERROR_LIMIT)
		return error_set(running->error, ERROR_LIMIT,
			"it prints more than the %zu bytes that are read", stream->buffer->limit);
	return r < 0 ? error_set(running->error, ERROR_MEMORY, "out of memory") : 0;
}

/* Whether the time is up, or the program is to end. */
static int patience(const struct running *running)
{
	if (running->stop && atomic_load(running->stop))
		return error_set(running->error, ERROR_STOPPED, "asked to stop");
	if (clock_monotonic_ms() >= running->end_ms)
		return error_set(running->error, ERROR_TIMEOUT, "it did not end in time");
	return 0;
}

/* Whether it has ended; it is not reaped, so that its group keeps its number. */
static bool has_ended(const struct running *running)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)running->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == running->pid;
}

/* Reads until both streams end, or the program does: what it left running may hold them open. */
static int take_all(struct running *running)
{
	bool ended = false, quiet = false;
	int r = 0;

	while (r == 0 && !(ended && quiet)) {
		struct pollfd polled[2] = {{.fd = running->streams[0].fd, .events = POLLIN},
			{.fd = running->streams[1].fd, .events = POLLIN}};

		ended = has_ended(running);
		quiet = poll(polled, 2, ended ? 0 : SLICE_MS) <= 0;
		for (int i = 0; r == 0 && i < 2; i++)
			if (polled[i].fd >= 0 && polled[i].revents)
				r = take_chunk(running, &running->streams[i]);
		if (r == 0)
			r = patience(running);
	}
	return r;
}

/* Ends what is left of the group, and reaps it. Its exit status. */
static int finish(struct running *running)
{
	int status = 0;

	(void)kill(-running->pid, SIGKILL);
	while (waitpid(running->pid, &status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < 2; i++)
		if (running->streams[i].fd >= 0)
			close(running->streams[i].fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_run(const struct process_words *words, int64_t timeout_ms, const atomic_bool *stop,
	struct process_result *ret_result, struct error *error)
{
	struct running running = {
		.streams = {{-1, &ret_result->output, false}, {-1, &ret_result->errors, true}},
		.end_ms = clock_monotonic_ms() + timeout_ms,
		.stop = stop,
		.error = error};
	int r;

	*ret_result = (struct process_result){0};
	buffer_init(&ret_result->output, PROCESS_OUTPUT_MAX);
	buffer_init(&ret_result->errors, PROCESS_ERRORS_MAX);
	r = start(words, &running);
	if (r < 0)
		return r;
	r = take_all(&running);
	ret_result->status = finish(&running);
	if (ret_result->errors.data)
		text_clean(ret_result->errors.data);
	return r;
}
