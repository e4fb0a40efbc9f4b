/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"

static struct certificate certificates[SCENE_CERTIFICATES];
static char names[SCENE_CERTIFICATES][10] = {"root", "issuing", "other", "stranger", "root"};
static char directory_name[] = "corp.example.com";

const struct certificate *scene_certificate(enum scene_who who)
{
	return &certificates[who];
}

static void make_certificates(const struct scene *scene)
{
	for (int who = ROOT; who < SCENE_CERTIFICATES; who++) {
		struct certificate *certificate = &certificates[who];

		*certificate = (struct certificate){.not_before = 1,
			.not_after = NOW + (scene->left[who] ? scene->left[who]
							     : (who == NEXT ? 7300 : 3650) * DAY),
			.version_certificate = -1,
			.version_key = -1,
			.ca = true,
			.cert_sign = true,
			.self_signed = who != ISSUING,
			.self_issued = who != ISSUING};
		certificate->sha256.bytes[0] = certificate->key.bytes[0] =
			certificate->subject.bytes[0] = (uint8_t)(1 + who);
		certificate->signer.bytes[0] = (uint8_t)(1 + (who == ISSUING ? ROOT : who));
		if (who == NEXT) {
			certificate->subject = certificates[ROOT].subject;
			certificate->not_before += scene->next_made;
		}
		if (who == NEXT && scene->same_key)
			certificate->key = certificate->signer = certificates[ROOT].key;
		snprintf(certificate->common_name, sizeof(certificate->common_name), "%s",
			names[who]);
	}
}

static void make_directory(struct stage *stage, const struct scene *scene)
{
	struct directory *directory = &stage->directory;

	*directory = (struct directory){.name = directory_name,
		.trust = stage->trust,
		.policy = scene->policy,
		.client_ldaps = scene->client_ldaps,
		.adopt = scene->adopt_never ? ADOPT_NEVER : ADOPT_MATCHING,
		.approvals = stage->approvals,
		.grace = FLEET_GRACE_DEFAULT,
		.overlap = FLEET_OVERLAP_DEFAULT,
		.reenable_after = FLEET_REENABLE_DEFAULT,
		.certificate_limit = scene->limit ? scene->limit : SERVICE_LDAPS_LIMIT};
	for (int who = ROOT; who < STRANGER; who++) {
		stage->lists[who] = &certificates[who];
		stage->authorities[who] = (struct authority){.name = names[who],
			.certificates = &stage->lists[who],
			.count = 1,
			.rotation = scene->rotation};
		if (scene->rotation.overlap == 0)
			stage->authorities[who].rotation.overlap = FLEET_OVERLAP_DEFAULT;
		if (scene->trust >> who & 1)
			stage->trust[directory->trust_count++] = &stage->authorities[who];
	}
	if (scene->next) {
		stage->roots[0] = &certificates[ROOT];
		stage->roots[1] = &certificates[NEXT];
		stage->authorities[ROOT].certificates = stage->roots;
		stage->authorities[ROOT].count = 2;
		authority_sort(&stage->authorities[ROOT]);
	}
	directory->trust_none = directory->trust_count == 0 && !scene->unsaid;
	if (scene->approve_root)
		stage->approvals[directory->approvals_count++].certificate =
			certificates[ROOT].sha256;
	if (scene->approve_disable)
		stage->approvals[directory->approvals_count++].disable = true;
	directory->revision = directory_revision(directory);
}

static void make_observed(struct stage *stage, const struct scene *scene)
{
	struct observed *observed = &stage->observed;

	*observed = (struct observed){.complete = !scene->incomplete,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.stage = scene->impaired ? DIRECTORY_STAGE_IMPAIRED : DIRECTORY_STAGE_ACTIVE,
		.listed = stage->listed,
		.ldaps_explicit = scene->ldaps != LDAPS_STATUS_UNKNOWN,
		.ldaps =
			scene->ldaps != LDAPS_STATUS_UNKNOWN ? scene->ldaps : LDAPS_STATUS_DISABLED,
		.arrived = NOW};
	snprintf(observed->name, sizeof(observed->name), "%s",
		scene->wrong_name ? "other.example.com" : directory_name);
	for (int i = 0; i < 5 && scene->entries[i].state != CERTIFICATE_STATE_UNKNOWN; i++) {
		const struct scene_entry *entry = &scene->entries[i];
		struct listed *listed = &stage->listed[observed->listed_count++];

		*listed = (struct listed){
			.type = entry->type ? entry->type : CERTIFICATE_TYPE_CLIENT_LDAPS,
			.state = entry->state,
			.expiry = certificates[entry->who].not_after};
		snprintf(listed->id, sizeof(listed->id), "c-%010d", i + 1);
		snprintf(listed->common_name, sizeof(listed->common_name), "%s",
			certificates[entry->who].common_name);
	}
}

static int64_t ago(int64_t seconds)
{
	return seconds ? NOW - seconds : 0;
}

static void make_memory(struct stage *stage, const struct scene *scene)
{
	struct memory *memory = &stage->memory;

	*memory = (struct memory){.revision = stage->directory.revision,
		.looked = ago(scene->looked),
		.busy_since = ago(scene->busy),
		.disable_since = ago(scene->disable_wished),
		.disabled_since = ago(scene->disabled),
		.disabled_elsewhere_since = ago(scene->disabled_elsewhere),
		.was_enabled = scene->was_enabled,
		.vanished = scene->vanished,
		.change = scene->change};
	for (size_t i = 0; i < stage->observed.listed_count; i++) {
		struct memory_certificate *owned;

		if (scene->entries[i].foreign)
			continue;
		owned = memory_add(
			memory, stage->listed[i].id, &certificates[scene->entries[i].who]);
		snprintf(owned->authority, sizeof(owned->authority), "%s",
			names[scene->entries[i].who]);
		owned->registered_at = NOW - 100 * DAY;
		if (scene->entries[i].who == NEXT && scene->overlapped)
			owned->registered_at = ago(scene->overlapped);
		owned->removable_since = ago(scene->removable);
		if (scene->removable)
			owned->leaving = scene->leaving ? scene->leaving : LEAVING_DROPPED;
	}
}

/* Another directory went first with everything, and is not Ready. */
static void make_rollouts(struct stage *stage)
{
	for (int i = 0; i <= SCENE_CERTIFICATES; i++) {
		struct rollout *rollout = &stage->elsewhere[i];
		bool removal = i < SCENE_CERTIFICATES;

		*rollout = (struct rollout){.directory = "d-9999999999",
			.region = "eu-west-1",
			.account = "prod",
			.first = "d-9999999999 in eu-west-1",
			.begun = NOW,
			.used = NOW};
		snprintf(rollout->scope, sizeof(rollout->scope), "%s", removal ? names[i] : "prod");
		if (removal)
			rollout->certificate = certificates[i].sha256;
	}
	stage->rollouts = (struct rollouts){
		.rollouts = stage->elsewhere, .count = ARRAY_LENGTH(stage->elsewhere)};
}

void stage_set(struct stage *stage, const struct scene *scene)
{
	*stage = (struct stage){0};
	make_certificates(scene);
	make_directory(stage, scene);
	make_observed(stage, scene);
	make_memory(stage, scene);
	stage->removal = (struct proof_removal){certificates[ROOT].sha256, scene->without_root};
	stage->proof = (struct proof){scene->registered, &stage->removal, 1};
	stage->situation = (struct situation){.wanted = &stage->directory,
		.observed = &stage->observed,
		.memory = &stage->memory,
		.proof = &stage->proof,
		.now = NOW,
		.skew = scene->skew,
		.interval = FLEET_INTERVAL_DEFAULT,
		.place = {"prod", "eu-west-1", stage->directory.id}};
	if (scene->out_of_turn) {
		make_rollouts(stage);
		stage->situation.rollouts = &stage->rollouts;
	}
}

void stage_done(struct stage *stage)
{
	memory_done(&stage->memory);
}
