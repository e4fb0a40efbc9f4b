/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decide.h"

static const struct {
	const char *name;
	int64_t begins, ends; /* days from SCENE_NOW */
	int issuer;
} facts[SCENE_CERTIFICATES] = {
	[SCENE_ROOT] = {"Corp Root CA", -365, 3650, SCENE_ROOT},
	[SCENE_ISSUING] = {"Corp Issuing CA", -365, 2920, SCENE_ROOT},
	[SCENE_OTHER] = {"Other CA", -365, 3650, SCENE_OTHER},
	[SCENE_TWIN] = {"Other CA", -365, 3650, SCENE_TWIN},
	[SCENE_SHORT] = {"Short CA", -365, 60, SCENE_SHORT},
	[SCENE_ENDED] = {"Ended CA", -365, -2, SCENE_ENDED},
	[SCENE_COMING] = {"Coming CA", 1, 3650, SCENE_COMING},
	[SCENE_CROSS] = {"Cross CA", -365, 3650, SCENE_ROOT},
};

static const char *const ids[SCENE_CERTIFICATES] = {"c-0000000000", "c-0000000001", "c-0000000002",
	"c-0000000003", "c-0000000004", "c-0000000005", "c-0000000006", "c-0000000007"};

static const char *const authority_names[SCENE_AUTHORITIES] = {
	"corp-root", "second", "third", "fourth"};

const char *scene_id(int certificate)
{
	return ids[certificate];
}

static void make_certificate(struct certificate *certificate, int number)
{
	uint8_t mark = (uint8_t)(number + 1), issuer = (uint8_t)(facts[number].issuer + 1);

	*certificate =
		(struct certificate){.not_before = SCENE_NOW + facts[number].begins * SCENE_DAY,
			.not_after = SCENE_NOW + facts[number].ends * SCENE_DAY,
			.version_certificate = -1,
			.version_key = -1,
			.pem_length = 1000,
			.ca = true,
			.cert_sign = true,
			.self_signed = mark == issuer,
			.self_issued = mark == issuer || number == SCENE_CROSS};
	memset(certificate->sha256.bytes, mark, sizeof(certificate->sha256));
	memset(certificate->subject.bytes, mark, sizeof(certificate->subject));
	memset(certificate->issuer.bytes, certificate->self_issued ? mark : issuer,
		sizeof(certificate->issuer));
	memset(certificate->key.bytes, mark, sizeof(certificate->key));
	memset(certificate->signer.bytes, issuer, sizeof(certificate->signer));
	snprintf(certificate->common_name, sizeof(certificate->common_name), "%s",
		facts[number].name);
}

static void make_directory(struct scene *scene)
{
	struct directory *directory = &scene->directory;

	*directory = (struct directory){.id = "d-0000000000",
		.trust = scene->trust,
		.policy = POLICY_SYNC,
		.client_ldaps = CLIENT_LDAPS_ENABLED,
		.adopt = ADOPT_MATCHING,
		.approvals = scene->approvals,
		.grace = 3 * SCENE_DAY,
		.reenable_after = 3600,
		.overlap = SCENE_DAY,
		.certificate_limit = SERVICE_LDAPS_LIMIT,
		.revision = 1};
}

void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	for (int i = 0; i < SCENE_CERTIFICATES; i++)
		make_certificate(&scene->certificates[i], i);
	make_directory(scene);
	scene->observed = (struct observed){.complete = true,
		.name = "corp.example.com",
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.stage = DIRECTORY_STAGE_ACTIVE,
		.ldaps = LDAPS_STATUS_DISABLED,
		.arrived = 1000};
	scene->memory.revision = 1;
	scene->situation = (struct situation){.wanted = &scene->directory,
		.observed = &scene->observed,
		.memory = &scene->memory,
		.proof = &scene->proof,
		.now = SCENE_NOW,
		.interval = 900,
		.place = {"", "eu-west-1", scene->directory.id}};
	scene->proof.removals = scene->removals;
	scene_trust(scene, SCENE_ROOT);
	scene_own(scene, SCENE_ROOT);
	scene_ldaps(scene, LDAPS_STATUS_ENABLED);
}

void scene_done(struct scene *scene)
{
	observed_done(&scene->observed);
	memory_done(&scene->memory);
}

void scene_trust(struct scene *scene, int certificate)
{
	size_t number = scene->directory.trust_count++;
	struct authority *authority = &scene->authorities[number];
	char *name = (char *)(uintptr_t)authority_names[number];

	scene->generations[number][0] = &scene->certificates[certificate];
	*authority = (struct authority){.name = name,
		.certificates = scene->generations[number],
		.count = 1,
		.rotation = {.overlap = SCENE_DAY}};
	scene->trust[number] = authority;
}

void scene_distrust(struct scene *scene)
{
	scene->directory.trust_count = 0;
	scene->directory.trust_none = true;
}

struct listed *scene_list(struct scene *scene, int certificate, enum certificate_state state)
{
	struct observed *observed = &scene->observed;
	struct listed *listed = realloc(
		observed->listed, (observed->listed_count + 1) * sizeof(observed->listed[0]));

	if (!listed)
		abort();
	observed->listed = listed;
	listed += observed->listed_count++;
	*listed = (struct listed){.type = CERTIFICATE_TYPE_CLIENT_LDAPS,
		.state = state,
		.expiry = scene->certificates[certificate].not_after};
	memcpy(listed->id, ids[certificate], sizeof(listed->id));
	memcpy(listed->common_name, scene->certificates[certificate].common_name,
		sizeof(listed->common_name));
	return listed;
}

void scene_record(struct memory_certificate *owned, const char *authority)
{
	snprintf(owned->authority, sizeof(owned->authority), "%s", authority);
}

struct memory_certificate *scene_own(struct scene *scene, int certificate)
{
	const struct authority *authority =
		directory_authority_of(&scene->directory, &scene->certificates[certificate].sha256);
	struct memory_certificate *owned =
		memory_add(&scene->memory, ids[certificate], &scene->certificates[certificate]);

	if (!owned)
		abort();
	scene_record(owned, authority ? authority->name : "former");
	scene_list(scene, certificate, CERTIFICATE_STATE_REGISTERED);
	owned->registered_at = SCENE_NOW - 30 * SCENE_DAY;
	return owned;
}

struct memory_certificate *scene_dropped(struct memory_certificate *owned)
{
	owned->leaving = LEAVING_DROPPED;
	owned->removable_since = SCENE_NOW - 4 * SCENE_DAY;
	return owned;
}

void scene_generation(struct scene *scene)
{
	struct certificate *next = &scene->certificates[SCENE_OTHER];
	const struct certificate *root = &scene->certificates[SCENE_ROOT];

	next->subject = next->issuer = root->subject;
	next->not_after = root->not_after + 1826 * SCENE_DAY;
	memcpy(next->common_name, root->common_name, sizeof(next->common_name));
	scene->generations[0][scene->authorities[0].count++] = next;
}

struct memory_certificate *scene_succeed(struct scene *scene)
{
	scene_generation(scene);
	return scene_own(scene, SCENE_OTHER);
}

void scene_ldaps(struct scene *scene, enum ldaps_status status)
{
	scene->observed.ldaps_explicit = true;
	scene->observed.ldaps = status;
}

bool scene_tells(const struct scene *scene, enum reason reason)
{
	struct decision decision;

	decide(&scene->situation, &decision);
	for (size_t i = 0; i < decision.conditions_count; i++)
		if (decision.conditions[i].reason == reason)
			return true;
	return decision.step.reason == reason;
}

void scene_follow(struct scene *scene, int64_t ready_since)
{
	scene->rollout = (struct rollout){.scope = "former",
		.certificate = scene->certificates[SCENE_OTHER].sha256,
		.region = "eu-west-1",
		.directory = "d-9999999999",
		.first = "d-9999999999 in eu-west-1",
		.begun = SCENE_NOW - SCENE_DAY,
		.used = SCENE_NOW - SCENE_DAY,
		.ready_since = ready_since,
		.ready_seen = ready_since};
	scene->rollouts = (struct rollouts){.rollouts = &scene->rollout, .count = 1};
	scene->situation.rollouts = &scene->rollouts;
}
