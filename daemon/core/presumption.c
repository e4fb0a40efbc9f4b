/* SPDX-License-Identifier: Apache-2.0 */
#include "core/presumption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "core/learn.h"

void presumption_done(struct presumption *presumption)
{
	observed_done(&presumption->observed);
	memory_done(&presumption->memory);
}

static int64_t presumed_since(const struct presumption *presumption, int64_t earliest)
{
	int64_t since = presumption->situation.now - PRESUMPTION_AGE;

	return earliest > since ? earliest : since;
}

/* Whether the service would know two apart, and has this one not yet. */
static bool is_new(const struct presumption *presumption, const struct certificate *certificate)
{
	for (size_t i = 0; i < presumption->observed.listed_count; i++)
		if (certificate_matches(certificate, presumption->observed.listed[i].common_name,
			    presumption->observed.listed[i].expiry))
			return false;
	return true;
}

static int presume_registered(struct presumption *presumption, const struct authority *authority,
	const struct certificate *certificate)
{
	struct listed *listed = &presumption->observed.listed[presumption->observed.listed_count++];
	struct memory_certificate *owned;

	*listed = (struct listed){.type = CERTIFICATE_TYPE_CLIENT_LDAPS,
		.state = CERTIFICATE_STATE_REGISTERED,
		.expiry = certificate->not_after};
	snprintf(listed->id, sizeof(listed->id), "c-%010zx", presumption->observed.listed_count);
	text_copy(certificate->common_name, listed->common_name, sizeof(listed->common_name));
	owned = memory_add(&presumption->memory, listed->id, certificate);
	if (!owned)
		return -ERROR_MEMORY;
	owned->origin = ORIGIN_REGISTERED;
	owned->registered_at = presumed_since(presumption, certificate->not_before);
	text_copy(authority->name, owned->authority, sizeof(owned->authority));
	return 0;
}

/* The newest generation of every authority comes before the next of any. */
static int presume_certificates(struct presumption *presumption, const struct directory *wanted)
{
	struct observed *observed = &presumption->observed;

	observed->listed = calloc(wanted->certificate_limit, sizeof(observed->listed[0]));
	if (!observed->listed)
		return -ERROR_MEMORY;
	for (size_t rank = 0; rank < AUTHORITY_CERTIFICATES_MAX; rank++)
		for (size_t i = 0; i < wanted->trust_count; i++) {
			const struct authority *authority = wanted->trust[i];
			const struct certificate *certificate;

			if (rank >= authority->count ||
				observed->listed_count == wanted->certificate_limit)
				continue;
			certificate = authority->certificates[authority->count - 1 - rank];
			if (certificate_judge(certificate) != CERTIFICATE_GOOD ||
				certificate_is_cross(certificate) ||
				!certificate_valid(certificate, presumption->situation.now) ||
				!is_new(presumption, certificate))
				continue;
			if (presume_registered(presumption, authority, certificate) < 0)
				return -ERROR_MEMORY;
		}
	return 0;
}

static void presume_ldaps(struct presumption *presumption, const struct directory *wanted)
{
	bool on = wanted->client_ldaps != CLIENT_LDAPS_DISABLED;

	presumption->observed.ldaps_explicit = true;
	presumption->observed.ldaps = on ? LDAPS_STATUS_ENABLED : LDAPS_STATUS_DISABLED;
	presumption->memory.was_enabled = on;
	if (!on)
		presumption->memory.disabled_since = presumed_since(presumption, 0);
}

int presumption_make(const struct directory *wanted, int64_t interval, int64_t now,
	struct presumption *ret_presumption)
{
	struct presumption *presumption = ret_presumption;
	int r;

	*presumption = (struct presumption){
		.observed = {.complete = true,
			.type = DIRECTORY_TYPE_MICROSOFT_AD,
			.stage = DIRECTORY_STAGE_ACTIVE,
			.arrived = now},
		.memory = {.revision = wanted->revision, .looked = now},
	};
	presumption->situation = (struct situation){.wanted = wanted,
		.observed = &presumption->observed,
		.memory = &presumption->memory,
		.proof = &presumption->proof,
		.now = now,
		.interval = interval};
	if (wanted->name)
		text_copy(wanted->name, presumption->observed.name,
			sizeof(presumption->observed.name));
	presume_ldaps(presumption, wanted);
	r = presume_certificates(presumption, wanted);
	if (r == 0)
		r = learn(&presumption->situation, &presumption->memory);
	if (r < 0)
		presumption_done(presumption);
	return r;
}
