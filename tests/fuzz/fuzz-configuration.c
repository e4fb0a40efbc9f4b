/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as ldapsward.yaml: a fleet that keeps its promises, or errors that say why not. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "edge/configuration.h"

#define NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of its own for the life of the process, in a directory where `ca` is the certificates. */
static const char *place(void)
{
	static char directory[] = "/tmp/fuzz-configuration.XXXXXX", path[64], link[64];

	if (path[0])
		return path;
	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/ldapsward.yaml", directory);
	snprintf(link, sizeof(link), "%s/ca", directory);
	if (symlink(ZOO, link) < 0)
		abort();
	return path;
}

static void clean(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s", place());
	unlink(path);
	memcpy(strrchr(path, '/'), "/ca", 4);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void check_directory(const struct fleet *fleet, const struct directory *directory)
{
	assert(service_id_valid(directory->id, 'd'));
	assert(fleet_directory(fleet, directory->id) == directory); /* defined once */
	assert(directory->regions_count > 0 && directory->account);
	assert(directory->trust_none == (directory->trust_count == 0));
	assert(directory->trust_count <= directory->certificate_limit);
	assert(directory->certificate_limit > 0 && directory->overlap > 0);
	for (size_t i = 0; i < directory->trust_count; i++) {
		const struct authority *authority = directory->trust[i];

		assert(authority->count > 0);
		assert(fleet_authority(fleet, authority->name) == authority);
		for (size_t j = 0; j < authority->count; j++)
			assert(certificate_judge(authority->certificates[j]) == CERTIFICATE_GOOD);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct configuration_options options = {.now = NOW, .region = "eu-west-1"};
	struct diagnostics diagnostics = {0};
	struct store store = {0};
	struct fleet fleet = {0};
	FILE *file;
	int r;

	if (access(place(), F_OK) < 0)
		atexit(clean);
	file = fopen(place(), "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
	r = configuration_load(place(), &options, &store, &fleet, &diagnostics);
	assert((r == 0) == (diagnostics.totals[SEVERITY_ERROR] == 0));
	for (size_t i = 0; i < fleet.directories_count; i++)
		check_directory(&fleet, &fleet.directories[i]);
	fleet_done(&fleet);
	store_done(&store);
	diagnostics_done(&diagnostics);
	return 0;
}
