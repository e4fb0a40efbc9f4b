/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded into ldapsward (test-wiped.py): writes a line to the file FREE_SPY for each piece of
 * memory that is given back with something of a secret in it, and who gave it back: "libssl.so.3
 * 0x1a2b3". What marks a secret are the words of FREE_SPY_MARKS, with blanks between them. What the
 * program starts is left alone.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKS_MAX 8

static void (*real_free)(void *memory);
static void *(*real_realloc)(void *memory, size_t size);
static const char *marks[MARKS_MAX];
static size_t lengths[MARKS_MAX];
static int fd = -1;

__attribute__((constructor)) static void spy_start(void)
{
	const char *path = getenv("FREE_SPY");
	char *words = getenv("FREE_SPY_MARKS"), *place;
	size_t count = 0;

	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	if (!path || !words || strcmp(program_invocation_short_name, "ldapsward") != 0)
		return;
	for (words = strtok_r(strdup(words), " ", &place); words && count < MARKS_MAX;
		words = strtok_r(NULL, " ", &place), count++) {
		lengths[count] = strlen(words);
		marks[count] = words;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void look(const void *memory, const void *caller)
{
	size_t size = memory ? malloc_usable_size((void *)(uintptr_t)memory) : 0;
	const char *name;
	char line[256];
	Dl_info info;
	int length;

	for (size_t i = 0; fd >= 0 && i < MARKS_MAX && marks[i]; i++) {
		if (!memmem(memory, size, marks[i], lengths[i]) || !dladdr(caller, &info))
			continue;
		name = strrchr(info.dli_fname, '/');
		length =
			snprintf(line, sizeof(line), "%s 0x%tx\n", name ? name + 1 : info.dli_fname,
				(const char *)caller - (const char *)info.dli_fbase);
		(void)!write(fd, line, (size_t)length);
	}
}

void free(void *memory)
{
	int saved = errno;

	if (!real_free)
		return;
	look(memory, __builtin_return_address(0));
	errno = saved;
	real_free(memory);
}

/* The old place is looked at: what moves leaves a copy behind. */
void *realloc(void *memory, size_t size)
{
	int saved = errno;

	if (!real_realloc)
		return NULL;
	if (memory && size > malloc_usable_size(memory))
		look(memory, __builtin_return_address(0));
	errno = saved;
	return real_realloc(memory, size);
}
