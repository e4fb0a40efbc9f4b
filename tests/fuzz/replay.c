/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main of every fuzz target in `make check`: runs LLVMFuzzerTestOneInput over each file of the
 * directories given as arguments (without arguments: those compiled in as FUZZ_CORPUS, joined by
 * ':'), once as it is, then cut short and with single bytes changed, the same ones in every run.
 * A target fails by crashing: assert, abort or a sanitizer.
 *
 * A new target is tests/fuzz/fuzz-NOUN.c with that one function, a directory
 * tests/fuzz/corpus/NOUN/ of small inputs, and its lines in Makefile.am beside those of fuzz-x509.
 * A real fuzzer runs the same file, without this one:
 *	clang -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz-NOUN.c ...
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A longer file is read to here. Bytes. */
#define INPUT_MAX (1024 * 1024)
/* Cuts, and changed bytes, of one file: enough to meet each kind of line, few enough for CI. */
#define VARIANTS  48
#define PATH_SIZE 4096

#ifndef FUZZ_CORPUS
#define FUZZ_CORPUS ""
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
	size_t files, inputs;
};

/* A copy of exactly `size` bytes, so that a sanitizer sees the first byte read beyond. */
static void run(const uint8_t *data, size_t size, struct tally *tally)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	tally->inputs++;
}

/* xorshift64: a fixed seed and a fixed algorithm give every machine the same variants. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void run_variants(uint8_t *data, size_t size, struct tally *tally)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

	run(data, size, tally);
	for (size_t i = 0; i < VARIANTS && i < size; i++) {
		size_t at = (size_t)(next(&seed) % size);
		uint8_t was = data[at];

		run(data, i * size / VARIANTS, tally);
		data[at] = (uint8_t)next(&seed);
		run(data, size, tally);
		data[at] = was;
	}
}

static int run_file(const char *path, uint8_t *data, struct tally *tally)
{
	struct stat status;
	FILE *file;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return 0;
	file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	run_variants(data, fread(data, 1, INPUT_MAX, file), tally);
	fclose(file);
	tally->files++;
	return 0;
}

static int run_directory(const char *directory, uint8_t *data)
{
	struct tally tally = {0};
	DIR *entries = opendir(directory);
	char path[PATH_SIZE];
	int r = 0;

	if (!entries) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		return -1;
	}
	for (struct dirent *entry; r == 0 && (entry = readdir(entries));)
		if (snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) < PATH_SIZE)
			r = run_file(path, data, &tally);
	closedir(entries);
	printf("%s: %zu files, %zu inputs\n", directory, tally.files, tally.inputs);
	if (tally.files == 0)
		fprintf(stderr, "%s: an empty corpus tests nothing\n", directory);
	return tally.files > 0 ? r : -1;
}

int main(int argc, char **argv)
{
	static char corpus[] = FUZZ_CORPUS;
	uint8_t *data = malloc(INPUT_MAX);
	char *rest = corpus;
	int failed = argc < 2 && corpus[0] == '\0';

	if (!data || failed) {
		fprintf(stderr, "usage: %s DIRECTORY...\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (int i = 1; i < argc; i++)
		failed |= run_directory(argv[i], data) < 0;
	for (char *word; argc < 2 && (word = strsep(&rest, ":"));)
		failed |= run_directory(word, data) < 0;
	free(data);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
