/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/* Ids have ten hexadecimal digits. */
#define MODEL_ID_MASK UINT64_C(0xffffffffff)

/* ---------------------------------------------------------------- the value */

void model_init(struct model_directory *directory, const char *id, const char *name,
	enum directory_type type)
{
	*directory = (struct model_directory){
		.name = name,
		.next_id = 1,
		.type = type,
		.stage = DIRECTORY_STAGE_ACTIVE,
		.ldaps = LDAPS_STATUS_DISABLED,
		.ldaps_next = LDAPS_STATUS_DISABLED,
	};
	snprintf(directory->id, sizeof(directory->id), "%s", id);
}

void model_done(struct model_directory *directory)
{
	if (!directory)
		return;
	free(directory->certificates);
	*directory = (struct model_directory){0};
}

int model_copy(const struct model_directory *directory, struct model_directory *ret_copy)
{
	struct model_directory copy = *directory;

	copy.certificates = NULL;
	copy.capacity = copy.count;
	if (copy.count > 0) {
		copy.certificates = calloc(copy.count, sizeof(copy.certificates[0]));
		if (!copy.certificates)
			return -ERROR_MEMORY;
		memcpy(copy.certificates, directory->certificates,
			copy.count * sizeof(copy.certificates[0]));
	}
	*ret_copy = copy;
	return 0;
}

/* Texts are borrowed: mostly the very same bytes. */
static bool text_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool certificate_equal(const struct certificate *a, const struct certificate *b)
{
	return a == b || (a && b && digest_equal(&a->sha256, &b->sha256));
}

static bool entry_equal(const struct model_certificate *a, const struct model_certificate *b)
{
	return strcmp(a->id, b->id) == 0 && a->type == b->type && a->state == b->state &&
	       a->due == b->due && a->fails == b->fails && a->mark == b->mark &&
	       a->expiry == b->expiry && a->registered_at == b->registered_at &&
	       certificate_equal(a->certificate, b->certificate) &&
	       text_equal(a->common_name, b->common_name) && text_equal(a->reason, b->reason);
}

bool model_equal(const struct model_directory *a, const struct model_directory *b)
{
	if (a->count != b->count || a->next_id != b->next_id || a->type != b->type ||
		a->stage != b->stage || a->ldaps != b->ldaps || a->ldaps_next != b->ldaps_next ||
		a->ldaps_due != b->ldaps_due || a->ldaps_updated != b->ldaps_updated ||
		a->ldaps_explicit != b->ldaps_explicit || strcmp(a->id, b->id) != 0 ||
		!text_equal(a->name, b->name) || !text_equal(a->ldaps_reason, b->ldaps_reason))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!entry_equal(&a->certificates[i], &b->certificates[i]))
			return false;
	return true;
}

/* The digest stands for the certificate, not its address: the same in every run. */
static uint64_t entry_hash(uint64_t hash, const struct model_certificate *entry)
{
	int64_t facts[] = {entry->expiry, entry->registered_at, entry->due, (int64_t)entry->type,
		(int64_t)entry->state, entry->mark, entry->fails};

	hash = hash_bytes(hash, facts, sizeof(facts));
	hash = hash_text(hash, entry->id);
	hash = hash_text(hash, entry->common_name);
	hash = hash_text(hash, entry->reason);
	return entry->certificate ? hash_bytes(hash, &entry->certificate->sha256,
					    sizeof(entry->certificate->sha256))
				  : hash_number(hash, 0);
}

uint64_t model_hash(const struct model_directory *directory)
{
	int64_t facts[] = {(int64_t)directory->next_id, directory->ldaps_due,
		directory->ldaps_updated, (int64_t)directory->ldaps, (int64_t)directory->ldaps_next,
		(int64_t)directory->type, (int64_t)directory->stage, directory->ldaps_explicit};
	uint64_t hash = hash_bytes(HASH_START, facts, sizeof(facts));

	hash = hash_text(hash, directory->id);
	hash = hash_text(hash, directory->name);
	hash = hash_text(hash, directory->ldaps_reason);
	for (size_t i = 0; i < directory->count; i++)
		hash = entry_hash(hash, &directory->certificates[i]);
	return hash;
}

struct model_certificate *model_find(struct model_directory *directory, const char *id)
{
	for (size_t i = 0; i < directory->count; i++)
		if (strcmp(directory->certificates[i].id, id) == 0)
			return &directory->certificates[i];
	return NULL;
}

/* ---------------------------------------------------------------- rules */

static bool holds_slot(const struct model_certificate *entry, const struct model_options *options)
{
	if (entry->state == CERTIFICATE_STATE_REGISTER_FAILED)
		return options->points[MODEL_POINT_FAILED_SLOT] == 0;
	if (entry->state == CERTIFICATE_STATE_DEREGISTERED)
		return options->points[MODEL_POINT_DEREGISTERED_SLOT] != 0;
	return true;
}

size_t model_slots(const struct model_directory *directory, const struct model_options *options,
	enum certificate_type type)
{
	size_t slots = 0;

	for (size_t i = 0; i < directory->count; i++)
		slots += directory->certificates[i].type == type &&
			 holds_slot(&directory->certificates[i], options);
	return slots;
}

enum refusal model_read(
	const struct model_directory *directory, const struct model_options *options)
{
	if (!model_guarded(options, MODEL_GUARD_KIND))
		return REFUSAL_NONE;
	if (directory->type == DIRECTORY_TYPE_SIMPLE_AD)
		return REFUSAL_UnsupportedOperationException;
	if (directory->type == DIRECTORY_TYPE_SHARED_MICROSOFT_AD)
		return REFUSAL_ClientException;
	return REFUSAL_NONE;
}

/* Refusals of every write: kind, then stage. */
static enum refusal write_refusal(
	const struct model_directory *directory, const struct model_options *options)
{
	enum refusal refusal = model_read(directory, options);

	if (refusal == REFUSAL_NONE && directory->stage != DIRECTORY_STAGE_ACTIVE &&
		model_guarded(options, MODEL_GUARD_STAGE))
		return REFUSAL_DirectoryUnavailableException;
	return refusal;
}

/* Whether an entry of another time stands in the way of registering `certificate` as `type`. */
static bool is_duplicate(const struct model_certificate *entry, const struct model_options *options,
	const struct certificate *certificate, enum certificate_type type)
{
	if (!entry->certificate || !certificate || entry->state == CERTIFICATE_STATE_DEREGISTERED ||
		(entry->state == CERTIFICATE_STATE_REGISTER_FAILED &&
			options->points[MODEL_POINT_FAILED_DUPLICATE] == 0) ||
		(entry->type != type && options->points[MODEL_POINT_DUPLICATE_TYPE] == 0))
		return false;
	switch (options->points[MODEL_POINT_DUPLICATE]) {
	case MODEL_DUPLICATE_KEY:
		return digest_equal(&entry->certificate->key, &certificate->key);
	case MODEL_DUPLICATE_SUBJECT:
		return digest_equal(&entry->certificate->subject, &certificate->subject);
	default:
		return digest_equal(&entry->certificate->sha256, &certificate->sha256);
	}
}

static bool under_door(const struct certificate *certificate, int64_t now)
{
	return certificate->not_after - now <= CERTIFICATE_DOOR;
}

static enum refusal certificate_refusal(
	const struct model_options *options, const struct certificate *certificate, int64_t now)
{
	if ((!certificate || certificate->pss) && model_guarded(options, MODEL_GUARD_CERTIFICATE))
		return REFUSAL_InvalidCertificateException;
	if (!certificate || !under_door(certificate, now) ||
		!model_guarded(options, MODEL_GUARD_NINETY_DAYS))
		return REFUSAL_NONE;
	switch (options->points[MODEL_POINT_NINETY_DAYS]) {
	case MODEL_NINETY_PARAMETER:
		return REFUSAL_InvalidParameterException;
	case MODEL_NINETY_FAILED:
		return REFUSAL_NONE;
	default:
		return REFUSAL_InvalidCertificateException;
	}
}

static enum refusal register_refusal(const struct model_directory *directory,
	const struct model_options *options, const struct certificate *certificate,
	enum certificate_type type, int64_t now)
{
	unsigned limit = type == CERTIFICATE_TYPE_CLIENT_CERT_AUTH ? options->auth_limit
								   : options->ldaps_limit;
	enum refusal refusal = write_refusal(directory, options);

	if (refusal == REFUSAL_NONE)
		refusal = certificate_refusal(options, certificate, now);
	if (refusal != REFUSAL_NONE)
		return refusal;
	for (size_t i = 0; i < directory->count && model_guarded(options, MODEL_GUARD_DUPLICATE);
		i++)
		if (is_duplicate(&directory->certificates[i], options, certificate, type))
			return REFUSAL_CertificateAlreadyExistsException;
	if (model_guarded(options, MODEL_GUARD_LIMIT) &&
		model_slots(directory, options, type) >= limit)
		return REFUSAL_CertificateLimitExceededException;
	return REFUSAL_NONE;
}

/* What the service itself would find wrong only after it has accepted: a reason, or NULL. */
static const char *late_fault(const struct model_directory *directory,
	const struct model_options *options, const struct certificate *certificate, int64_t now)
{
	if (certificate && under_door(certificate, now) &&
		model_guarded(options, MODEL_GUARD_NINETY_DAYS))
		return "Certificate must be more than 90 days from expiration.";
	if (!certificate || certificate->self_signed ||
		options->points[MODEL_POINT_PARTIAL_CHAIN] == 0)
		return NULL;
	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *entry = &directory->certificates[i];

		if (entry->state == CERTIFICATE_STATE_REGISTERED && entry->certificate &&
			digest_equal(&entry->certificate->key, &certificate->signer))
			return NULL;
	}
	return "Certificate chain is incomplete.";
}

/* ---------------------------------------------------------------- writes */

/* An instant after a delay, never past MODEL_NEVER. */
static int64_t due_at(int64_t now, int64_t delay)
{
	return delay > MODEL_NEVER - now ? MODEL_NEVER : now + delay;
}

static int64_t shown_expiry(
	const struct model_options *options, const struct certificate *certificate)
{
	if (!certificate)
		return 0;
	switch (options->points[MODEL_POINT_EXPIRY]) {
	case MODEL_EXPIRY_EARLIER:
		return certificate->not_after - 1;
	case MODEL_EXPIRY_LATER:
		return certificate->not_after + 1;
	default:
		return certificate->not_after;
	}
}

/* The next id that no entry has. */
static void assign_id(struct model_directory *directory, char ret_id[static SERVICE_ID_SIZE])
{
	do
		snprintf(ret_id, SERVICE_ID_SIZE, "c-%010" PRIx64,
			directory->next_id++ & MODEL_ID_MASK);
	while (model_find(directory, ret_id));
}

enum refusal model_register(struct model_directory *directory, const struct model_options *options,
	const struct certificate *certificate, enum certificate_type type, int64_t now,
	struct model_certificate **ret_entry)
{
	enum refusal refusal = register_refusal(directory, options, certificate, type, now);
	struct model_certificate entry = {
		.certificate = certificate,
		.common_name = certificate ? certificate->common_name : "",
		.reason = late_fault(directory, options, certificate, now),
		.expiry = shown_expiry(options, certificate),
		.registered_at = now,
		.due = due_at(now, options->register_delay),
		.type = type,
		.state = CERTIFICATE_STATE_REGISTERING,
	};

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (array_reserve(&directory->certificates, &directory->capacity, directory->count,
		    sizeof(entry), OBSERVED_CERTIFICATES_MAX) < 0)
		return REFUSAL_ServiceException;
	entry.fails = entry.reason != NULL;
	assign_id(directory, entry.id);
	directory->certificates[directory->count] = entry;
	if (ret_entry)
		*ret_entry = &directory->certificates[directory->count];
	directory->count++;
	return REFUSAL_NONE;
}

/* Whether removing `entry` is what CertificateInUseException protects from. */
static bool in_use(const struct model_directory *directory, const struct model_options *options,
	const struct model_certificate *entry)
{
	size_t others = 0;

	if (entry->type != CERTIFICATE_TYPE_CLIENT_LDAPS ||
		entry->state != CERTIFICATE_STATE_REGISTERED ||
		(directory->ldaps != LDAPS_STATUS_ENABLED &&
			directory->ldaps != LDAPS_STATUS_ENABLING) ||
		!model_guarded(options, MODEL_GUARD_LAST))
		return false;
	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *other = &directory->certificates[i];

		others += other != entry && other->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			  other->state == CERTIFICATE_STATE_REGISTERED;
	}
	return others == 0 || options->points[MODEL_POINT_DEREGISTER_ENABLED] != 0;
}

enum refusal model_deregister(struct model_directory *directory,
	const struct model_options *options, const char *id, int64_t now)
{
	enum refusal refusal = write_refusal(directory, options);
	struct model_certificate *entry = model_find(directory, id);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!entry || entry->state == CERTIFICATE_STATE_DEREGISTERED)
		return model_guarded(options, MODEL_GUARD_MISSING)
			       ? REFUSAL_CertificateDoesNotExistException
			       : REFUSAL_NONE;
	if (entry->due > 0 && model_guarded(options, MODEL_GUARD_BUSY))
		return REFUSAL_DirectoryUnavailableException;
	if (in_use(directory, options, entry))
		return REFUSAL_CertificateInUseException;
	entry->state = CERTIFICATE_STATE_DEREGISTERING;
	entry->due = due_at(now, options->deregister_delay);
	entry->fails = false;
	entry->reason = NULL;
	return REFUSAL_NONE;
}

static bool has_registered(const struct model_directory *directory, int64_t now)
{
	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *entry = &directory->certificates[i];

		if (entry->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			entry->state == CERTIFICATE_STATE_REGISTERED && entry->expiry >= now)
			return true;
	}
	return false;
}

static bool has_registering(const struct model_directory *directory)
{
	for (size_t i = 0; i < directory->count; i++)
		if (directory->certificates[i].type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			directory->certificates[i].state == CERTIFICATE_STATE_REGISTERING)
			return true;
	return false;
}

/* The answer to a call for what is already so. */
static enum refusal repeat_refusal(const struct model_options *options)
{
	return model_guarded(options, MODEL_GUARD_STATUS) &&
			       options->points[MODEL_POINT_REPEAT] == 0
		       ? REFUSAL_InvalidLDAPSStatusException
		       : REFUSAL_NONE;
}

enum refusal model_enable(
	struct model_directory *directory, const struct model_options *options, int64_t now)
{
	enum refusal refusal = write_refusal(directory, options);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (directory->ldaps == LDAPS_STATUS_ENABLED || directory->ldaps == LDAPS_STATUS_ENABLING)
		return repeat_refusal(options);
	if (!has_registered(directory, now) && model_guarded(options, MODEL_GUARD_NO_CERTIFICATE))
		return REFUSAL_NoAvailableCertificateException;
	if (options->points[MODEL_POINT_ENABLE_REGISTERING] != 0 && has_registering(directory))
		return REFUSAL_DirectoryUnavailableException;
	directory->ldaps = LDAPS_STATUS_ENABLING;
	directory->ldaps_next = LDAPS_STATUS_ENABLED;
	directory->ldaps_due = due_at(now, options->enable_delay);
	directory->ldaps_updated = now;
	directory->ldaps_explicit = true;
	directory->ldaps_reason = NULL;
	return REFUSAL_NONE;
}

enum refusal model_disable(
	struct model_directory *directory, const struct model_options *options, int64_t now)
{
	enum refusal refusal = write_refusal(directory, options);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (directory->ldaps == LDAPS_STATUS_DISABLED ||
		(directory->ldaps_due > 0 && directory->ldaps_next == LDAPS_STATUS_DISABLED))
		return repeat_refusal(options);
	if (directory->ldaps == LDAPS_STATUS_ENABLING && model_guarded(options, MODEL_GUARD_STATUS))
		return REFUSAL_InvalidLDAPSStatusException;
	directory->ldaps_next = LDAPS_STATUS_DISABLED;
	directory->ldaps_due = due_at(now, options->disable_delay);
	directory->ldaps_updated = now;
	return REFUSAL_NONE;
}

/* ---------------------------------------------------------------- time */

static void entry_remove(struct model_directory *directory, struct model_certificate *entry)
{
	size_t index = (size_t)(entry - directory->certificates);

	directory->count--;
	memmove(entry, entry + 1, (directory->count - index) * sizeof(*entry));
}

static void entry_end(struct model_directory *directory, const struct model_options *options,
	struct model_certificate *entry)
{
	bool registering = entry->state == CERTIFICATE_STATE_REGISTERING;
	bool gone = false;

	entry->due = 0;
	if (registering) {
		entry->state = entry->fails ? CERTIFICATE_STATE_REGISTER_FAILED
					    : CERTIFICATE_STATE_REGISTERED;
		gone = entry->fails && options->points[MODEL_POINT_FAILED_LISTED] != 0;
	} else {
		entry->state = entry->fails ? CERTIFICATE_STATE_DEREGISTER_FAILED
					    : CERTIFICATE_STATE_DEREGISTERED;
		gone = !entry->fails && options->points[MODEL_POINT_DEREGISTERED_LISTED] == 0;
	}
	if (!entry->fails)
		entry->reason = NULL;
	entry->fails = false;
	if (gone)
		entry_remove(directory, entry);
}

static void ldaps_end(struct model_directory *directory, int64_t now)
{
	directory->ldaps = directory->ldaps_next;
	directory->ldaps_due = 0;
	directory->ldaps_updated = now;
	if (directory->ldaps != LDAPS_STATUS_ENABLE_FAILED)
		directory->ldaps_reason = NULL;
}

/* When an entry changes by itself: its call ends, or it expires and goes. MODEL_NEVER: not. */
static int64_t entry_next(
	const struct model_certificate *entry, const struct model_options *options)
{
	if (entry->due > 0)
		return entry->due;
	if (entry->state == CERTIFICATE_STATE_REGISTERED &&
		options->points[MODEL_POINT_EXPIRED] != 0 && entry->expiry > 0)
		return entry->expiry + 1;
	return MODEL_NEVER;
}

/* What changes first: *ret_entry is NULL if that is LDAPS. */
static int64_t next_change(const struct model_directory *directory,
	const struct model_options *options, size_t *ret_entry)
{
	int64_t next = directory->ldaps_due > 0 ? directory->ldaps_due : MODEL_NEVER;

	*ret_entry = directory->count;
	for (size_t i = 0; i < directory->count; i++) {
		int64_t own = entry_next(&directory->certificates[i], options);

		if (own < next) {
			next = own;
			*ret_entry = i;
		}
	}
	return next;
}

int64_t model_next(const struct model_directory *directory, const struct model_options *options)
{
	size_t entry;

	return next_change(directory, options, &entry);
}

bool model_advance(
	struct model_directory *directory, const struct model_options *options, int64_t now)
{
	bool changed = false;
	size_t index;
	int64_t next;

	while ((next = next_change(directory, options, &index)) <= now && next != MODEL_NEVER) {
		changed = true;
		if (index == directory->count)
			ldaps_end(directory, next);
		else if (directory->certificates[index].due > 0)
			entry_end(directory, options, &directory->certificates[index]);
		else
			entry_remove(directory, &directory->certificates[index]);
	}
	return changed;
}

bool model_finish(struct model_directory *directory, const struct model_options *options,
	const char *id, bool ok, int64_t now)
{
	struct model_certificate *entry = id ? model_find(directory, id) : NULL;

	if (id) {
		if (!entry || entry->due == 0)
			return false;
		entry->fails = !ok;
		entry_end(directory, options, entry);
		return true;
	}
	if (directory->ldaps_due == 0)
		return false;
	/* A disable that fails leaves what was: there is no DisableFailed. */
	if (!ok)
		directory->ldaps_next = directory->ldaps == LDAPS_STATUS_ENABLING
						? LDAPS_STATUS_ENABLE_FAILED
						: directory->ldaps;
	ldaps_end(directory, now);
	return true;
}
