/* SPDX-License-Identifier: Apache-2.0 */
#include "core/adoption.h"

#include <string.h>

#include "base/calendar.h"
#include "core/explain.h"

static const char *const names[ADOPTIONS] = {
	[ADOPTION_MATCH] = "matches",
	[ADOPTION_OWNED] = "owned",
	[ADOPTION_OTHER_TYPE] = "other_type",
	[ADOPTION_STATE] = "state",
	[ADOPTION_NO_FILE] = "no_file",
	[ADOPTION_SEVERAL_FILES] = "several_files",
	[ADOPTION_CROSS] = "cross_certificate",
	[ADOPTION_SEVERAL_ENTRIES] = "several_entries",
	[ADOPTION_OTHER_ENTRY] = "other_entry",
};

const char *adoption_str(enum adoption adoption)
{
	return names[adoption];
}

/* How many live entries, owned or not, look like the certificate. */
static size_t entries_like(const struct situation *situation, const struct certificate *certificate)
{
	const struct observed *observed = situation->observed;
	size_t count = 0;

	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *listed = &observed->listed[i];

		count += listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			 listed->state != CERTIFICATE_STATE_DEREGISTERED &&
			 listed->state != CERTIFICATE_STATE_REGISTER_FAILED &&
			 certificate_matches(certificate, listed->common_name, listed->expiry);
	}
	return count;
}

/* Whether any trusted certificate looks like the entry. */
static bool in_files(const struct situation *situation, const struct listed *listed)
{
	const struct directory *wanted = situation->wanted;

	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++)
			if (certificate_matches(wanted->trust[i]->certificates[j],
				    listed->common_name, listed->expiry))
				return true;
	return false;
}

enum adoption adoption_judge(const struct situation *situation, const struct listed *listed,
	const struct certificate **ret_certificate)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);
	const struct certificate *certificate;

	*ret_certificate = owned ? owned->certificate : NULL;
	if (owned)
		return ADOPTION_OWNED;
	if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS)
		return ADOPTION_OTHER_TYPE;
	if (listed->state != CERTIFICATE_STATE_REGISTERED &&
		listed->state != CERTIFICATE_STATE_REGISTERING)
		return ADOPTION_STATE;
	*ret_certificate = certificate = situation_certificate(situation, listed);
	if (!certificate)
		return in_files(situation, listed) ? ADOPTION_SEVERAL_FILES : ADOPTION_NO_FILE;
	if (certificate_is_cross(certificate))
		return ADOPTION_CROSS;
	if (entries_like(situation, certificate) != 1)
		return ADOPTION_SEVERAL_ENTRIES;
	if (memory_find_certificate(situation->memory, &certificate->sha256))
		return ADOPTION_OTHER_ENTRY;
	return ADOPTION_MATCH;
}

/* ---- words ---- */

/* An authority of the file that is not trusted here and has the certificate; NULL if none has. */
static const struct authority *untrusted(
	const struct situation *situation, const struct fleet *fleet, const struct listed *listed)
{
	for (size_t i = 0; i < fleet->authorities_count; i++) {
		const struct authority *authority = &fleet->authorities[i];

		if (directory_trusts(situation->wanted, authority->name))
			continue;
		for (size_t j = 0; j < authority->count; j++)
			if (certificate_matches(authority->certificates[j], listed->common_name,
				    listed->expiry))
				return authority;
	}
	return NULL;
}

/* The trusted certificate with the name alone that ends last; NULL if none has that name. */
static const struct certificate *namesake(
	const struct situation *situation, const struct listed *listed)
{
	const struct directory *wanted = situation->wanted;
	const struct certificate *found = NULL;

	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			const struct certificate *one = wanted->trust[i]->certificates[j];

			if (strcmp(one->common_name, listed->common_name) == 0 &&
				(!found || one->not_after > found->not_after))
				found = one;
		}
	return found;
}

static int explain_no_file(const struct situation *situation, const struct fleet *fleet,
	const struct listed *listed, struct buffer *buffer)
{
	const struct authority *authority = untrusted(situation, fleet, listed);
	const struct certificate *certificate = namesake(situation, listed);

	if (authority)
		return buffer_printf(buffer,
			"it looks like a certificate of %s, which is not in `trust` here",
			authority->name);
	buffer_append_text(buffer, "no trusted authority has a certificate with this name and "
				   "expiry");
	if (certificate) {
		buffer_append_text(buffer, "; of this name there is ");
		explain_certificate(certificate, buffer);
	}
	return buffer_status(buffer);
}

/* "of corp-root", or of no authority of the file any more. */
static int explain_known(const struct situation *situation, const struct certificate *certificate,
	struct buffer *buffer)
{
	const struct authority *authority =
		directory_authority_of(situation->wanted, &certificate->sha256);

	explain_certificate(certificate, buffer);
	return authority ? buffer_printf(buffer, " of %s", authority->name)
			 : buffer_append_text(buffer, ", which is in no trusted file");
}

int adoption_explain(const struct situation *situation, const struct fleet *fleet,
	const struct listed *listed, enum adoption adoption, struct buffer *buffer)
{
	const struct certificate *certificate = situation_certificate(situation, listed);

	switch (adoption) {
	case ADOPTION_MATCH:
	case ADOPTION_OWNED:
		return explain_known(situation, certificate, buffer);
	case ADOPTION_STATE:
		return buffer_printf(buffer,
			"it is %s: only what is Registered or Registering can be adopted",
			certificate_state_str(listed->state));
	case ADOPTION_NO_FILE:
		return explain_no_file(situation, fleet, listed, buffer);
	case ADOPTION_SEVERAL_FILES:
		return buffer_append_text(buffer,
			"several trusted certificates have this name and expiry: which one it is "
			"cannot be told");
	case ADOPTION_CROSS:
		return buffer_append_text(buffer,
			"the certificate with this name and expiry is a cross-certificate, which "
			"is never registered");
	case ADOPTION_SEVERAL_ENTRIES:
		return buffer_append_text(buffer,
			"another entry has the same name and expiry: which one is the file's "
			"cannot be told");
	case ADOPTION_OTHER_ENTRY:
		return buffer_append_text(buffer, "ldapsward has its certificate under another id");
	default:
		return buffer_printf(buffer, "it is of type %s: never ldapsward's",
			certificate_type_str(listed->type));
	}
}
