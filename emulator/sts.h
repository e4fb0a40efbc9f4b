/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Security Token Service, by its query protocol: form-encoded POST / with Version=2011-06-15,
 * replies in XML. AssumeRole and GetCallerIdentity are signed, AssumeRoleWithWebIdentity is not.
 */

#include "emulator/visit.h"

#define STS_VERSION   "2011-06-15"
#define STS_NAMESPACE "https://sts.amazonaws.com/doc/2011-06-15/"

extern const struct visit_host sts_host;
