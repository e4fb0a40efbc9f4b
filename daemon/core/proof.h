/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What probing the domain controllers has shown, as decide takes it. Until something probes, every
 * verdict is UNKNOWN, and unknown is never proof (design 4.5). An all-zero struct proof knows
 * nothing.
 */

#include <stddef.h>

#include "core/certificate.h"

enum verdict {
	VERDICT_UNKNOWN,
	VERDICT_OK,
	VERDICT_FAIL,
};

/* Whether every controller of every trusted domain verifies without one certificate. */
struct proof_removal {
	struct digest certificate;
	enum verdict
		without; /* OK: proven for as long and as often as design 4.5 asks; FAIL: needed */
};

struct proof {
	enum verdict registered;	      /* against the Registered set as it is */
	const struct proof_removal *removals; /* borrowed */
	size_t removals_count;
};

/* The verdict on removing this certificate. */
enum verdict proof_without(const struct proof *proof, const struct digest *certificate);
