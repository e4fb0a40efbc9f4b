/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The metadata of an instance, version 2 alone: PUT /latest/api/token gives a token for a time,
 * with it GET /latest/meta-data/iam/security-credentials/ names the role, and that path with the
 * role gives its keys. A request without a token, as version 1 sends it, is refused.
 */

#include "emulator/visit.h"

/* x-aws-ec2-metadata-token-ttl-seconds: at most six hours. */
#define METADATA_TTL_MAX 21600

extern const struct visit_host metadata_host;
