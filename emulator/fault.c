/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const struct {
	const char *word;
	const char *help;
	bool executed;
} kinds[FAULT_KINDS] = {[FAULT_NONE] = {"none", "", true},
#define X(name, word, executed, help) [FAULT_##name] = {word, help, executed},
	FAULT_TABLE(X)
#undef X
};

bool fault_executes(enum fault_kind kind)
{
	return kinds[kind].executed;
}

const char *fault_kind_str(enum fault_kind kind)
{
	return kinds[kind].word;
}

const char *fault_kind_help(enum fault_kind kind)
{
	return kinds[kind].help;
}

static int parse_kind(const char *word, struct fault *fault, struct error *error)
{
	for (int kind = FAULT_REFUSE + 1; kind < FAULT_KINDS; kind++)
		if (strcmp(kinds[kind].word, word) == 0) {
			fault->kind = (enum fault_kind)kind;
			return 0;
		}
	fault->kind = FAULT_REFUSE;
	if (fault->served != SERVED_NONE) {
		fault->trouble = trouble_parse(word);
		return fault->trouble != TROUBLE_NONE
			       ? 0
			       : error_set(error, ERROR_INVALID,
					 "'%s' is neither a kind of fault (see --help) nor "
					 "an error code of '%s'",
					 word, served_str(fault->served));
	}
	fault->refusal = refusal_parse(word);
	if (fault->refusal == REFUSAL_OTHER)
		return error_set(error, ERROR_INVALID,
			"'%s' is neither a kind of fault (see --help) nor an error code of "
			"the API",
			word);
	return 0;
}

/* "3", "3+2" or "*". */
static int parse_count(const char *text, struct fault *fault)
{
	char *end;

	if (strcmp(text, "*") == 0) {
		fault->count = FAULT_ENDLESS;
		return 0;
	}
	errno = 0;
	fault->count = strtol(text, &end, 10);
	if (*end == '+')
		fault->skip = strtol(end + 1, &end, 10);
	return end == text || *end || errno || fault->count < 1 || fault->skip < 0 ? -ERROR_INVALID
										   : 0;
}

static int parse(char *text, struct fault *fault, struct error *error)
{
	char *rest = text, *operation = strsep(&rest, ":"), *count = strsep(&rest, ":"),
	     *directory = rest ? strchr(rest, '@') : NULL;

	if (!rest)
		return error_set(error, ERROR_INVALID, "expected OPERATION:COUNT:KIND");
	if (directory) {
		*directory++ = '\0';
		if (!service_id_valid(directory, 'd'))
			return error_set(error, ERROR_INVALID, "'%s' is not the id of a directory",
				directory);
		memcpy(fault->directory, directory, sizeof(fault->directory));
	}
	fault->served = served_parse(operation);
	if (fault->served == SERVED_NONE && strcmp(operation, "*") != 0) {
		fault->operation = operation_parse(operation);
		if (fault->operation == OPERATION_UNKNOWN)
			return error_set(error, ERROR_INVALID,
				"'%s' is not an operation, and not '*'", operation);
	}
	if (parse_count(count, fault) < 0)
		return error_set(error, ERROR_INVALID,
			"'%s' is not a number of calls (N, N+SKIP or '*')", count);
	return parse_kind(rest, fault, error);
}

int faults_add(struct faults *faults, const char *text, struct error *error)
{
	struct fault fault = {0};
	char *copy = strdup(text);
	int r;

	if (!copy)
		return error_set(error, ERROR_MEMORY, "out of memory");
	r = parse(copy, &fault, error);
	free(copy);
	if (r < 0)
		return r;
	r = array_reserve(
		&faults->faults, &faults->capacity, faults->count, sizeof(fault), FAULTS_MAX);
	if (r < 0)
		return error_set(error, ERROR_LIMIT, "at most %d can wait", FAULTS_MAX);
	faults->faults[faults->count++] = fault;
	return 0;
}

/* What a call is, as faults see it. */
struct target {
	enum served served;
	enum operation operation;
	const char *directory;
};

static bool strikes(const struct fault *fault, const struct target *target)
{
	return fault->served == target->served &&
	       (fault->operation == OPERATION_UNKNOWN || fault->operation == target->operation) &&
	       (!fault->directory[0] || strcmp(fault->directory, target->directory) == 0);
}

static struct fault take(struct faults *faults, const struct target *target)
{
	for (size_t i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->faults[i], taken;

		if (!strikes(fault, target))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		taken = *fault;
		if (fault->count != FAULT_ENDLESS && --fault->count == 0) {
			faults->count--;
			memmove(fault, fault + 1, (faults->count - i) * sizeof(*fault));
		}
		return taken;
	}
	return (struct fault){0};
}

struct fault faults_take(struct faults *faults, enum operation operation, const char *directory)
{
	return take(faults, &(struct target){SERVED_NONE, operation, directory});
}

struct fault faults_take_served(struct faults *faults, enum served served)
{
	return take(faults, &(struct target){served, OPERATION_UNKNOWN, ""});
}

void faults_clear(struct faults *faults)
{
	free(faults->faults);
	*faults = (struct faults){0};
}
