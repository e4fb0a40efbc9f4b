/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof.h"

enum verdict proof_without(const struct proof *proof, const struct digest *certificate)
{
	for (size_t i = 0; i < proof->removals_count; i++)
		if (digest_equal(&proof->removals[i].certificate, certificate))
			return proof->removals[i].without;
	return VERDICT_UNKNOWN;
}
