/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The look is as old as its oldest reply, as skewed as its most skewed one, and its time is that of
 * its newest. */
static void merge(struct service_reply *all, const struct service_reply *one)
{
	bool older = all->arrived == 0 || (one->arrived != 0 && one->arrived < all->arrived);
	struct service_reply merged = *one;

	merged.arrived = older ? one->arrived : all->arrived;
	merged.date = one->date != 0 ? one->date : all->date;
	merged.date_arrived = one->date != 0 ? one->date_arrived : all->date_arrived;
	merged.skew = llabs(one->skew) > llabs(all->skew) ? one->skew : all->skew;
	merged.dated = one->dated && all->dated;
	merged.attempts += all->attempts;
	*all = merged;
}

static int describe(
	const struct service_directory *directory, struct observed *observed, struct error *error)
{
	observed->type = directory->type;
	observed->stage = directory->stage;
	text_copy(directory->name, observed->name, sizeof(observed->name));
	text_copy(directory->stage_reason, observed->reason, sizeof(observed->reason));
	return observed_take_regions(observed, directory->regions) < 0
		       ? error_set(error, ERROR_MEMORY, "out of memory")
		       : 0;
}

static int read_listing(struct service *service, const char *directory, struct observed *observed,
	struct service_reply *all, struct error *error)
{
	struct service_listing listing = {0};
	struct service_reply reply;
	int r = service_list_certificates(service, directory, &listing, &reply, error);

	merge(all, &reply);
	observed->listed = listing.certificates;
	observed->listed_count = listing.count;
	return r;
}

static int read_settings(struct service *service, const char *directory, struct observed *observed,
	struct service_reply *all, struct error *error)
{
	struct service_settings settings = {0};
	struct service_reply reply;
	int r = service_describe_ldaps_settings(service, directory, &settings, &reply, error);

	merge(all, &reply);
	if (r < 0)
		return r;
	observed->ldaps_explicit = settings.found;
	observed->ldaps = settings.found ? settings.status : LDAPS_STATUS_DISABLED;
	memcpy(observed->ldaps_reason, settings.reason, sizeof(observed->ldaps_reason));
	return 0;
}

/*
 * The reason of one failed entry. An entry that went meanwhile has none; what else fails is not
 * worth the look: the reason is for people, no decision reads it.
 */
static int read_reason(struct service *service, const char *directory, struct listed *listed,
	struct service_reply *all, struct error *error)
{
	struct service_certificate certificate = {0};
	struct service_reply reply;
	struct error ignored = {0};
	int r = service_describe_certificate(
		service, directory, listed->id, &certificate, &reply, &ignored);

	all->attempts += reply.attempts;
	if (r == -ERROR_STOPPED || r == -ERROR_MEMORY) {
		*error = ignored;
		return r;
	}
	if (r == 0 && certificate.state == listed->state && certificate.state_reason[0])
		listed->state_reason = strdup(certificate.state_reason);
	return 0;
}

static int read_reasons(struct service *service, const char *directory, struct observed *observed,
	struct service_reply *all, struct error *error)
{
	size_t asked = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < observed->listed_count; i++) {
		struct listed *listed = &observed->listed[i];

		if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS ||
			(listed->state != CERTIFICATE_STATE_REGISTER_FAILED &&
				listed->state != CERTIFICATE_STATE_DEREGISTER_FAILED))
			continue;
		if (asked++ < OBSERVE_REASONS_MAX)
			r = read_reason(service, directory, listed, all, error);
	}
	return r;
}

enum refusal observe_refusal(const struct error *error, const struct service_reply *reply)
{
	if (error->code == -ERROR_ACCOUNT)
		return REFUSAL_WrongAccount;
	if (reply->refusal == REFUSAL_NONE && reply->class == REFUSAL_CREDENTIALS &&
		error->code != -ERROR_MEMORY)
		return REFUSAL_MissingAuthenticationTokenException;
	if (error->code == -ERROR_INVALID && reply->status == 0)
		return REFUSAL_WrongSettings;
	return reply->refusal;
}

static int incomplete(int r, struct observed *observed, const struct service_reply *reply,
	const struct error *error)
{
	observed->complete = false;
	observed->refusal = observe_refusal(error, reply);
	text_copy(error->message, observed->reason, sizeof(observed->reason));
	return r;
}

int observe(struct service *service, const struct service_sweep *sweep, const char *directory,
	struct observed *ret_observed, struct service_reply *ret_reply, struct error *error)
{
	const struct service_directory *known = service_sweep_find(sweep, directory);
	struct error reason = {0};
	int r = 0;

	*ret_observed = (struct observed){.ldaps = LDAPS_STATUS_DISABLED};
	*ret_reply = (struct service_reply){.arrived = sweep->arrived,
		.date = sweep->date,
		.date_arrived = sweep->date_arrived,
		.skew = sweep->skew,
		.dated = sweep->dated,
		.retry_after_ms = -1};
	if (known) {
		r = describe(known, ret_observed, &reason);
		if (r == 0)
			r = read_listing(service, directory, ret_observed, ret_reply, &reason);
	} else {
		ret_reply->refusal = REFUSAL_EntityDoesNotExistException;
		ret_reply->class = refusal_class(ret_reply->refusal);
		r = error_set(&reason, ERROR_REFUSED,
			"there is no directory %s here: wrong Region, account or role?", directory);
	}
	if (r == 0)
		r = read_settings(service, directory, ret_observed, ret_reply, &reason);
	if (r == 0)
		r = read_reasons(service, directory, ret_observed, ret_reply, &reason);
	ret_observed->arrived = ret_reply->arrived;
	if (r == 0)
		ret_observed->complete = true;
	else
		incomplete(r, ret_observed, ret_reply, &reason);
	if (r < 0 && error)
		*error = reason;
	return r;
}
