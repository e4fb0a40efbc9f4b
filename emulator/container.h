/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The endpoint of a container: GET /v2/credentials/ID, or the path of --container-path, gives the
 * keys of --container-role to who sends --container-token as Authorization.
 */

#include "emulator/visit.h"

extern const struct visit_host container_host;
