/* SPDX-License-Identifier: Apache-2.0 */
#include "core/selection-see.h"

#include "core/selection.h"

/* What will be known: where the sweep does not tell kind or name, those that were. */
static struct sighting filled(const struct sighting *told, const struct sighting *before)
{
	struct sighting sighting = *told;

	if (sighting.type == DIRECTORY_TYPE_UNKNOWN)
		sighting.type = before->type;
	if (!sighting.name || !*sighting.name)
		sighting.name = before->name;
	return sighting;
}

/* Whether a selector that has it would lose it for a tag that is not there. */
static bool lacks_tag(const struct fleet *fleet, const struct home *home,
	const struct sighting *before, const struct sighting *now)
{
	for (size_t i = 0; i < fleet->selectors_count; i++) {
		const struct selector *selector = &fleet->selectors[i];

		if (selector->id[0] == '\0' &&
			selector_looks_in(selector, home->account, home->region) &&
			selector_judge(selector, before, NULL) == SELECTOR_MATCHES &&
			selector_judge(selector, now, NULL) == SELECTOR_TAG_MISSING)
			return true;
	}
	return false;
}

int selection_see(const struct fleet *fleet, struct knowledge *knowledge, unsigned home,
	const struct sighting *sighting, int64_t at)
{
	const struct known *known = knowledge_at(knowledge, sighting->id, home);
	struct sighting now;

	if (!known || !known->picked || sighting->unread || known->missed + 1 >= KNOWLEDGE_MISSES)
		return knowledge_see(knowledge, home, sighting, at);
	now = filled(sighting, &known->seen);
	if (!lacks_tag(fleet, &knowledge->homes[home], &known->seen, &now))
		return knowledge_see(knowledge, home, sighting, at);
	return knowledge_miss(knowledge, home, sighting);
}
