/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the services of AWS are, for a test that compares: reads lines "SERVICE REGION [URL]" (ds,
 * sts or sso; REGION may be "-" for what environment and profile say; URL is what our own file
 * names) and prints for each "URL REGION", what it is signed for being the latter, or "error:
 * MESSAGE". Variables and files are read as the program reads them.
 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "edge/endpoint.h"

/* A line. Bytes. */
#define LINE_SIZE 1024

static const char *const services[ENDPOINT_SERVICES] = {
	[ENDPOINT_DIRECTORY_SERVICE] = "ds", [ENDPOINT_STS] = "sts", [ENDPOINT_SSO] = "sso"};

static void answer(char *line)
{
	char *rest = line;
	const char *service = strsep(&rest, " \n"), *region = strsep(&rest, " \n");
	const char *url = strsep(&rest, " \n");
	struct endpoint_wish wish = {.region = region && strcmp(region, "-") != 0 ? region : NULL,
		.url = url && *url ? url : NULL};
	struct endpoint endpoint;
	struct error error = {0};

	for (size_t i = 0; i < ARRAY_LENGTH(services); i++)
		if (strcmp(services[i], service) == 0)
			wish.service = (enum endpoint_service)i;
	if (endpoint_resolve(&wish, &endpoint, &error) < 0)
		printf("error: %s\n", error.message);
	else
		printf("%s %s\n", endpoint.url, endpoint.region);
}

int main(void)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), stdin))
		answer(line);
	return 0;
}
