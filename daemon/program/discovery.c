/* SPDX-License-Identifier: Apache-2.0 */
#include "program/discovery.h"

#include <string.h>

int discover(struct keyring **keyrings, const struct account *account, const char *region,
	struct service_sweep *ret_sweep, struct error *error)
{
	struct keyring *keyring = keyring_of(keyrings, account, region, NULL);
	struct service_options options = {0};
	struct service_reply reply;
	struct endpoint endpoint;
	struct service *service;
	int r;

	if (!keyring)
		return error_set(error, ERROR_MEMORY, "out of memory");
	r = endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_DIRECTORY_SERVICE,
				     .region = region,
				     .url = account_endpoint(account, region),
				     .profile = account->profile},
		&endpoint, error);
	if (r < 0)
		return r;
	options.endpoint = &endpoint;
	options.provider = keyring_provider(keyring);
	service = service_new(&options);
	if (!service)
		return error_set(error, ERROR_MEMORY, "out of memory");
	r = service_describe_directories(service, NULL, ret_sweep, &reply, error);
	service_free(service);
	return r;
}

int discover_region(const struct account *account, char ret_region[static ENDPOINT_REGION_SIZE],
	struct error *error)
{
	struct endpoint endpoint;
	int r = endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_DIRECTORY_SERVICE,
					 .profile = account->profile},
		&endpoint, error);

	if (r == 0)
		memcpy(ret_region, endpoint.region, sizeof(endpoint.region));
	return r;
}
