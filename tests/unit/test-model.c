/* SPDX-License-Identifier: Apache-2.0 */
/* The Directory Service as a state machine: every rule of its header, each switch both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/model.h"

#define NOW	  INT64_C(1800000000)
#define FAR	  (NOW + INT64_C(1000) * 86400)
#define STEPS_MAX 8

/* Certificates of the cases, by their index. */
enum {
	ROOT,
	ROOT_RENEWED,
	ROOT_REKEYED,
	ISSUING,
	OTHER,
	PSS,
	DOOR,
	BEYOND,
	NAMELESS,
	SIX,
	NONE
};

static struct certificate make(uint8_t identity, uint8_t subject, uint8_t key, uint8_t signer)
{
	struct certificate certificate = {.not_before = 1, .not_after = FAR, .ca = true};

	certificate.sha256.bytes[0] = identity;
	certificate.subject.bytes[0] = subject;
	certificate.key.bytes[0] = key;
	certificate.signer.bytes[0] = signer;
	certificate.self_signed = key == signer;
	snprintf(certificate.common_name, sizeof(certificate.common_name), "CA %d", subject);
	return certificate;
}

static struct certificate certificates[NONE];

static int set_up(void **state)
{
	(void)state;
	certificates[ROOT] = make(1, 1, 1, 1);
	certificates[ROOT_RENEWED] = make(2, 1, 1, 1);
	certificates[ROOT_REKEYED] = make(3, 1, 3, 3);
	certificates[ISSUING] = make(4, 4, 4, 1);
	certificates[OTHER] = make(5, 5, 5, 5);
	certificates[PSS] = make(6, 6, 6, 6);
	certificates[PSS].pss = true;
	certificates[DOOR] = make(7, 7, 7, 7);
	certificates[DOOR].not_after = NOW + CERTIFICATE_DOOR;
	certificates[BEYOND] = make(8, 8, 8, 8);
	certificates[BEYOND].not_after = NOW + CERTIFICATE_DOOR + 1;
	certificates[NAMELESS] = make(9, 9, 9, 9);
	certificates[NAMELESS].common_name[0] = '\0';
	certificates[SIX] = make(10, 10, 10, 10);
	return 0;
}

/*
 * A step of a case. Certificates are named by what REGISTER got: the n-th registration of the case
 * has id c-000000000n.
 */
enum action {
	END,
	REGISTER, /* argument: certificate */
	REGISTER_AUTH,
	DEREGISTER, /* argument: n */
	ENABLE,
	DISABLE,
	SETTLE, /* time passes until nothing is under way */
	FAIL,	/* argument: n; what is under way for it ends badly */
	FAIL_LDAPS,
	STATE, /* argument: n, state: what it shows; CERTIFICATE_STATE_UNKNOWN: not listed */
	LDAPS, /* argument: the status */
	KIND,  /* argument: type */
	STAGE, /* argument: stage */
};

struct step {
	enum action action;
	int argument;
	int expected; /* enum refusal of a write, or the state of STATE */
};

struct rule {
	const char *sentence;
	unsigned guards_off; /* mask of guards switched off */
	struct {
		enum model_point point;
		uint8_t answer;
	} open[3];
	struct step steps[STEPS_MAX];
};

#define OFF(guard)    (1u << MODEL_GUARD_##guard)
#define REFUSED(code) REFUSAL_##code
#define S(state)      CERTIFICATE_STATE_##state
#define P(point)      MODEL_POINT_##point

/* clang-format off */
static const struct rule rules[] = {
	{"a certificate is Registering, then Registered", 0, {{0}},
		{{REGISTER, ROOT, 0}, {STATE, 1, S(REGISTERING)}, {SETTLE, 0, 0}, {STATE, 1, S(REGISTERED)}}},
	{"a registration can fail and stays listed", 0, {{0}},
		{{REGISTER, ROOT, 0}, {FAIL, 1, 0}, {STATE, 1, S(REGISTER_FAILED)}}},
	{"or a failed one is gone", 0, {{P(FAILED_LISTED), 1}},
		{{REGISTER, ROOT, 0}, {FAIL, 1, 0}, {STATE, 1, S(UNKNOWN)}}},
	{"a failed entry is no duplicate", 0, {{0}},
		{{REGISTER, ROOT, 0}, {FAIL, 1, 0}, {REGISTER, ROOT, 0}}},
	{"or it is one", 0, {{P(FAILED_DUPLICATE), 1}},
		{{REGISTER, ROOT, 0}, {FAIL, 1, 0}, {REGISTER, ROOT, REFUSED(CertificateAlreadyExistsException)}}},
	{"a failed entry can be deregistered", 0, {{0}},
		{{REGISTER, ROOT, 0}, {FAIL, 1, 0}, {DEREGISTER, 1, 0}, {STATE, 1, S(DEREGISTERING)},
		 {SETTLE, 0, 0}, {STATE, 1, S(UNKNOWN)}}},
	{"the same bytes twice are refused", 0, {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER, ROOT, REFUSED(CertificateAlreadyExistsException)}}},
	{"the duplicate guard can be off", OFF(DUPLICATE), {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER, ROOT, 0}}},
	{"same key, other bytes: no duplicate by bytes", 0, {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER, ROOT_RENEWED, 0}}},
	{"same key is a duplicate by key", 0, {{P(DUPLICATE), MODEL_DUPLICATE_KEY}},
		{{REGISTER, ROOT, 0}, {REGISTER, ROOT_RENEWED, REFUSED(CertificateAlreadyExistsException)},
		 {REGISTER, ROOT_REKEYED, 0}}},
	{"same subject is a duplicate by subject", 0, {{P(DUPLICATE), MODEL_DUPLICATE_SUBJECT}},
		{{REGISTER, ROOT, 0}, {REGISTER, ROOT_REKEYED, REFUSED(CertificateAlreadyExistsException)},
		 {REGISTER, OTHER, 0}}},
	{"a smart-card certificate is another type: no duplicate", 0, {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER_AUTH, ROOT, 0}}},
	{"or duplicates are told across types", 0, {{P(DUPLICATE_TYPE), 1}},
		{{REGISTER, ROOT, 0}, {REGISTER_AUTH, ROOT, REFUSED(CertificateAlreadyExistsException)}}},
	{"RSASSA-PSS is refused", 0, {{0}}, {{REGISTER, PSS, REFUSED(InvalidCertificateException)}}},
	{"what is no certificate is refused", 0, {{0}}, {{REGISTER, NONE, REFUSED(InvalidCertificateException)}}},
	{"the certificate guard can be off", OFF(CERTIFICATE), {{0}},
		{{REGISTER, PSS, 0}, {REGISTER, NONE, 0}}},
	{"90 days to the second are refused, one more is taken", 0, {{0}},
		{{REGISTER, DOOR, REFUSED(InvalidCertificateException)}, {REGISTER, BEYOND, 0}}},
	{"90 days: by the other code", 0, {{P(NINETY_DAYS), MODEL_NINETY_PARAMETER}},
		{{REGISTER, DOOR, REFUSED(InvalidParameterException)}}},
	{"90 days: accepted and then failed", 0, {{P(NINETY_DAYS), MODEL_NINETY_FAILED}},
		{{REGISTER, DOOR, 0}, {SETTLE, 0, 0}, {STATE, 1, S(REGISTER_FAILED)}}},
	{"the 90-day guard can be off", OFF(NINETY_DAYS), {{0}},
		{{REGISTER, DOOR, 0}, {SETTLE, 0, 0}, {STATE, 1, S(REGISTERED)}}},
	{"an issuing CA alone is accepted", 0, {{0}},
		{{REGISTER, ISSUING, 0}, {SETTLE, 0, 0}, {STATE, 1, S(REGISTERED)}}},
	{"or it fails without its root", 0, {{P(PARTIAL_CHAIN), 1}},
		{{REGISTER, ISSUING, 0}, {SETTLE, 0, 0}, {STATE, 1, S(REGISTER_FAILED)}}},
	{"and not with its root", 0, {{P(PARTIAL_CHAIN), 1}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {REGISTER, ISSUING, 0}, {SETTLE, 0, 0},
		 {STATE, 2, S(REGISTERED)}}},
	{"deregistering ends off the list", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {DEREGISTER, 1, 0}, {STATE, 1, S(DEREGISTERING)},
		 {SETTLE, 0, 0}, {STATE, 1, S(UNKNOWN)}}},
	{"or listed as Deregistered, which cannot be deregistered again", 0, {{P(DEREGISTERED_LISTED), 1}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {DEREGISTER, 1, 0}, {SETTLE, 0, 0},
		 {STATE, 1, S(DEREGISTERED)}, {DEREGISTER, 1, REFUSED(CertificateDoesNotExistException)}}},
	{"a deregistration can fail and be tried again", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {DEREGISTER, 1, 0}, {FAIL, 1, 0},
		 {STATE, 1, S(DEREGISTER_FAILED)}, {DEREGISTER, 1, 0}, {SETTLE, 0, 0}, {STATE, 1, S(UNKNOWN)}}},
	{"an unknown certificate cannot be deregistered", 0, {{0}},
		{{DEREGISTER, 9, REFUSED(CertificateDoesNotExistException)}}},
	{"unless that guard is off", OFF(MISSING), {{0}}, {{DEREGISTER, 9, 0}}},
	{"what is under way is not deregistered", 0, {{0}},
		{{REGISTER, ROOT, 0}, {DEREGISTER, 1, REFUSED(DirectoryUnavailableException)}}},
	{"unless that guard is off", OFF(BUSY), {{0}},
		{{REGISTER, ROOT, 0}, {DEREGISTER, 1, 0}, {STATE, 1, S(DEREGISTERING)}}},
	{"LDAPS is not enabled without a certificate", 0, {{0}},
		{{ENABLE, 0, REFUSED(NoAvailableCertificateException)}}},
	{"nor with one that is still Registering", 0, {{0}},
		{{REGISTER, ROOT, 0}, {ENABLE, 0, REFUSED(NoAvailableCertificateException)}}},
	{"nor with a smart-card certificate", 0, {{0}},
		{{REGISTER_AUTH, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, REFUSED(NoAvailableCertificateException)}}},
	{"unless that guard is off", OFF(NO_CERTIFICATE), {{0}}, {{ENABLE, 0, 0}, {LDAPS, LDAPS_STATUS_ENABLING, 0}}},
	{"LDAPS is Enabling, then Enabled", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {LDAPS, LDAPS_STATUS_ENABLING, 0},
		 {SETTLE, 0, 0}, {LDAPS, LDAPS_STATUS_ENABLED, 0}}},
	{"enabling can fail and be tried again", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {FAIL_LDAPS, 0, 0},
		 {LDAPS, LDAPS_STATUS_ENABLE_FAILED, 0}, {ENABLE, 0, 0}, {SETTLE, 0, 0},
		 {LDAPS, LDAPS_STATUS_ENABLED, 0}}},
	{"a failed enable can be disabled", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {FAIL_LDAPS, 0, 0}, {DISABLE, 0, 0},
		 {SETTLE, 0, 0}, {LDAPS, LDAPS_STATUS_DISABLED, 0}}},
	{"enabling twice is refused", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {ENABLE, 0, REFUSED(InvalidLDAPSStatusException)},
		 {SETTLE, 0, 0}, {ENABLE, 0, REFUSED(InvalidLDAPSStatusException)}}},
	{"or accepted", 0, {{P(REPEAT), 1}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0},
		 {LDAPS, LDAPS_STATUS_ENABLED, 0}, {SETTLE, 0, 0}, {LDAPS, LDAPS_STATUS_ENABLED, 0}}},
	{"enabling while another is Registering is accepted", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {REGISTER, OTHER, 0}, {ENABLE, 0, 0}}},
	{"or refused", 0, {{P(ENABLE_REGISTERING), 1}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {REGISTER, OTHER, 0},
		 {ENABLE, 0, REFUSED(DirectoryUnavailableException)}}},
	{"disabling what was never enabled is refused", 0, {{0}},
		{{DISABLE, 0, REFUSED(InvalidLDAPSStatusException)}}},
	{"or accepted", 0, {{P(REPEAT), 1}}, {{DISABLE, 0, 0}, {LDAPS, LDAPS_STATUS_DISABLED, 0}}},
	{"disabling shows Enabled until it is Disabled", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {SETTLE, 0, 0}, {DISABLE, 0, 0},
		 {LDAPS, LDAPS_STATUS_ENABLED, 0}, {SETTLE, 0, 0}, {LDAPS, LDAPS_STATUS_DISABLED, 0}}},
	{"disabling twice is refused while the first is under way", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {SETTLE, 0, 0}, {DISABLE, 0, 0},
		 {DISABLE, 0, REFUSED(InvalidLDAPSStatusException)}}},
	{"what is Enabling is not disabled", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DISABLE, 0, REFUSED(InvalidLDAPSStatusException)}}},
	{"unless that guard is off", OFF(STATUS), {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DISABLE, 0, 0}, {SETTLE, 0, 0},
		 {LDAPS, LDAPS_STATUS_DISABLED, 0}}},
	{"the last certificate of an enabled LDAPS is in use", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DEREGISTER, 1, REFUSED(CertificateInUseException)},
		 {SETTLE, 0, 0}, {DEREGISTER, 1, REFUSED(CertificateInUseException)}}},
	{"unless that guard is off", OFF(LAST), {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DEREGISTER, 1, 0}, {SETTLE, 0, 0},
		 {STATE, 1, S(UNKNOWN)}}},
	{"one of two may go, the second may not", 0, {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER, OTHER, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DEREGISTER, 1, 0},
		 {DEREGISTER, 2, REFUSED(CertificateInUseException)}}},
	{"or not even one of two", 0, {{P(DEREGISTER_ENABLED), 1}},
		{{REGISTER, ROOT, 0}, {REGISTER, OTHER, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0},
		 {DEREGISTER, 1, REFUSED(CertificateInUseException)}}},
	{"a failed one is never in use", 0, {{P(DEREGISTER_ENABLED), 1}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {REGISTER, OTHER, 0}, {FAIL, 2, 0}, {ENABLE, 0, 0},
		 {SETTLE, 0, 0}, {DEREGISTER, 2, 0}}},
	{"another that is still Registering does not help the last", 0, {{0}},
		{{REGISTER, ROOT, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {REGISTER, OTHER, 0},
		 {DEREGISTER, 1, REFUSED(CertificateInUseException)}}},
	{"a smart-card certificate is never in use by LDAPS", 0, {{0}},
		{{REGISTER, ROOT, 0}, {REGISTER_AUTH, OTHER, 0}, {SETTLE, 0, 0}, {ENABLE, 0, 0}, {DEREGISTER, 2, 0}}},
	{"a directory that is not Active takes no write", 0, {{0}},
		{{STAGE, DIRECTORY_STAGE_IMPAIRED, 0}, {REGISTER, ROOT, REFUSED(DirectoryUnavailableException)},
		 {DEREGISTER, 1, REFUSED(DirectoryUnavailableException)}, {ENABLE, 0, REFUSED(DirectoryUnavailableException)},
		 {DISABLE, 0, REFUSED(DirectoryUnavailableException)}}},
	{"unless that guard is off", OFF(STAGE), {{0}},
		{{STAGE, DIRECTORY_STAGE_IMPAIRED, 0}, {REGISTER, ROOT, 0}}},
	{"SimpleAD supports nothing", 0, {{0}},
		{{KIND, DIRECTORY_TYPE_SIMPLE_AD, 0}, {REGISTER, ROOT, REFUSED(UnsupportedOperationException)},
		 {ENABLE, 0, REFUSED(UnsupportedOperationException)}}},
	{"a shared directory refuses in its own way", 0, {{0}},
		{{KIND, DIRECTORY_TYPE_SHARED_MICROSOFT_AD, 0}, {REGISTER, ROOT, REFUSED(ClientException)}}},
	{"unless that guard is off", OFF(KIND), {{0}},
		{{KIND, DIRECTORY_TYPE_SIMPLE_AD, 0}, {REGISTER, ROOT, 0}}},
};
/* clang-format on */

static enum refusal play_write(struct model_directory *directory,
	const struct model_options *options, const struct step *step, int64_t now)
{
	const struct certificate *certificate =
		step->argument < NONE ? &certificates[step->argument] : NULL;
	char id[SERVICE_ID_SIZE];

	snprintf(id, sizeof(id), "c-%010x", (unsigned)step->argument & 0xffu);
	switch (step->action) {
	case REGISTER:
		return model_register(
			directory, options, certificate, CERTIFICATE_TYPE_CLIENT_LDAPS, now, NULL);
	case REGISTER_AUTH:
		return model_register(directory, options, certificate,
			CERTIFICATE_TYPE_CLIENT_CERT_AUTH, now, NULL);
	case DEREGISTER:
		return model_deregister(directory, options, id, now);
	case ENABLE:
		return model_enable(directory, options, now);
	default:
		return model_disable(directory, options, now);
	}
}

/* Whether the step came out as the case says. */
static bool play(struct model_directory *directory, const struct model_options *options,
	const struct step *step, int64_t *now)
{
	struct model_certificate *entry;
	char id[SERVICE_ID_SIZE];

	snprintf(id, sizeof(id), "c-%010x", (unsigned)step->argument & 0xffu);
	switch (step->action) {
	case SETTLE:
		while (model_next(directory, options) != MODEL_NEVER) {
			*now = model_next(directory, options);
			model_advance(directory, options, *now);
		}
		return true;
	case FAIL:
		return model_finish(directory, options, id, false, *now);
	case FAIL_LDAPS:
		return model_finish(directory, options, NULL, false, *now);
	case STATE:
		entry = model_find(directory, id);
		return (entry ? (int)entry->state : 0) == step->expected;
	case LDAPS:
		return (int)directory->ldaps == step->argument;
	case KIND:
		directory->type = (enum directory_type)step->argument;
		return true;
	case STAGE:
		directory->stage = (enum directory_stage)step->argument;
		return true;
	default:
		return (int)play_write(directory, options, step, *now) == step->expected;
	}
}

static void every_rule_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];
		struct model_options options = model_options_default();
		struct model_directory directory;
		int64_t now = NOW;

		options.guards &= ~rule->guards_off;
		options.register_delay = options.deregister_delay = 60;
		options.enable_delay = options.disable_delay = 60;
		for (int j = 0; j < 3; j++)
			if (rule->open[j].answer > 0)
				options.points[rule->open[j].point] = rule->open[j].answer;
		model_init(&directory, "d-0000000001", "corp.example.com",
			DIRECTORY_TYPE_MICROSOFT_AD);
		for (int j = 0; j < STEPS_MAX && rule->steps[j].action != END; j++)
			if (!play(&directory, &options, &rule->steps[j], &now))
				fail_msg("%s: step %d", rule->sentence, j + 1);
		model_done(&directory);
	}
}

static struct model_directory fresh(void)
{
	struct model_directory directory;

	model_init(&directory, "d-0000000001", "corp.example.com", DIRECTORY_TYPE_AD_CONNECTOR);
	return directory;
}

static void slots_are_counted_per_type(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh();

	(void)state;
	options.guards &= ~OFF(DUPLICATE);
	for (int i = 0; i < SERVICE_AUTH_LIMIT; i++)
		assert_int_equal(model_register(&directory, &options, &certificates[ROOT],
					 CERTIFICATE_TYPE_CLIENT_CERT_AUTH, NOW, NULL),
			REFUSAL_NONE);
	for (int i = 0; i < SERVICE_LDAPS_LIMIT; i++)
		assert_int_equal(model_register(&directory, &options, &certificates[ROOT],
					 CERTIFICATE_TYPE_CLIENT_LDAPS, NOW, NULL),
			REFUSAL_NONE);
	assert_int_equal(directory.count, 105);
	for (int type = 1; type < CERTIFICATE_TYPES; type++)
		assert_int_equal(model_register(&directory, &options, &certificates[SIX],
					 (enum certificate_type)type, NOW, NULL),
			REFUSAL_CertificateLimitExceededException);
	options.guards &= ~OFF(LIMIT);
	assert_int_equal(model_register(&directory, &options, &certificates[SIX],
				 CERTIFICATE_TYPE_CLIENT_LDAPS, NOW, NULL),
		REFUSAL_NONE);
	model_done(&directory);
}

static void failed_and_deregistered_entries_hold_slots_as_told(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh();

	(void)state;
	options.points[MODEL_POINT_DEREGISTERED_LISTED] = 1;
	model_register(&directory, &options, &certificates[ROOT], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	model_finish(&directory, &options, "c-0000000001", false, NOW);
	assert_false(directory.certificates[0].fails);
	assert_int_equal(model_slots(&directory, &options, CERTIFICATE_TYPE_CLIENT_LDAPS), 1);
	options.points[MODEL_POINT_FAILED_SLOT] = 1;
	assert_int_equal(model_slots(&directory, &options, CERTIFICATE_TYPE_CLIENT_LDAPS), 0);
	model_deregister(&directory, &options, "c-0000000001", NOW);
	assert_int_equal(model_slots(&directory, &options, CERTIFICATE_TYPE_CLIENT_LDAPS), 1);
	model_advance(&directory, &options, NOW);
	assert_int_equal(directory.certificates[0].state, CERTIFICATE_STATE_DEREGISTERED);
	assert_int_equal(model_slots(&directory, &options, CERTIFICATE_TYPE_CLIENT_LDAPS), 0);
	options.points[MODEL_POINT_DEREGISTERED_SLOT] = 1;
	assert_int_equal(model_slots(&directory, &options, CERTIFICATE_TYPE_CLIENT_LDAPS), 1);
	model_done(&directory);
}

static void what_is_under_way_ends_at_its_second(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh();

	(void)state;
	options.register_delay = 30;
	model_register(&directory, &options, &certificates[ROOT], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	assert_int_equal(model_next(&directory, &options), NOW + 30);
	assert_false(model_advance(&directory, &options, NOW + 29));
	assert_true(model_advance(&directory, &options, NOW + 30));
	assert_int_equal(directory.certificates[0].state, CERTIFICATE_STATE_REGISTERED);
	assert_false(model_advance(&directory, &options, FAR));
	options.register_delay = MODEL_NEVER;
	model_register(&directory, &options, &certificates[OTHER], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	assert_false(model_advance(&directory, &options, MODEL_NEVER));
	assert_true(model_finish(&directory, &options, "c-0000000002", true, NOW));
	assert_false(model_finish(&directory, &options, "c-0000000002", true, NOW));
	assert_false(model_finish(&directory, &options, NULL, true, NOW));
	model_done(&directory);
}

static void an_expired_certificate_stays_or_goes_as_told(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh();

	(void)state;
	model_register(&directory, &options, &certificates[ROOT], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	model_advance(&directory, &options, FAR + 1);
	assert_int_equal(directory.count, 1);
	assert_int_equal(model_enable(&directory, &options, FAR + 1),
		REFUSAL_NoAvailableCertificateException);
	options.points[MODEL_POINT_EXPIRED] = 1;
	assert_false(model_advance(&directory, &options, FAR));
	assert_true(model_advance(&directory, &options, FAR + 1));
	assert_int_equal(directory.count, 0);
	model_done(&directory);
}

static void the_expiry_shown_is_rounded_as_told(void **state)
{
	static const int64_t shown[] = {FAR, FAR - 1, FAR + 1};

	(void)state;
	for (uint8_t answer = 0; answer < 3; answer++) {
		struct model_options options = model_options_default();
		struct model_directory directory = fresh();
		struct model_certificate *entry;

		options.points[MODEL_POINT_EXPIRY] = answer;
		assert_int_equal(model_register(&directory, &options, &certificates[ROOT],
					 CERTIFICATE_TYPE_CLIENT_LDAPS, NOW, &entry),
			REFUSAL_NONE);
		assert_int_equal(entry->expiry, shown[answer]);
		model_done(&directory);
	}
}

static void copies_are_equal_until_something_changes(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh(), copy;
	struct model_certificate *entry;

	(void)state;
	model_register(&directory, &options, &certificates[ROOT], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	assert_int_equal(model_copy(&directory, &copy), 0);
	assert_true(model_equal(&directory, &copy));
	assert_true(model_hash(&directory) == model_hash(&copy));
	copy.certificates[0].mark = 7;
	assert_false(model_equal(&directory, &copy));
	assert_false(model_hash(&directory) == model_hash(&copy));
	copy.certificates[0].mark = 0;
	copy.ldaps_due = 5;
	assert_false(model_equal(&directory, &copy));
	assert_false(model_hash(&directory) == model_hash(&copy));
	copy.ldaps_due = 0;
	assert_int_equal(model_register(&copy, &options, &certificates[OTHER],
				 CERTIFICATE_TYPE_CLIENT_LDAPS, NOW, &entry),
		REFUSAL_NONE);
	assert_string_equal(entry->id, "c-0000000002");
	assert_int_equal(directory.count, 1);
	assert_false(model_equal(&directory, &copy));
	model_done(&copy);
	model_done(&directory);
}

static void a_look_shows_the_model_and_makes_it_again(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh(), again;
	struct observed later, observed;

	(void)state;
	options.register_delay = options.enable_delay = 60;
	model_register(&directory, &options, &certificates[ROOT], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	model_advance(&directory, &options, NOW + 60);
	model_register(&directory, &options, &certificates[NAMELESS], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	model_finish(&directory, &options, "c-0000000002", false, NOW);
	directory.certificates[1].reason = "no";
	model_register(&directory, &options, &certificates[OTHER], CERTIFICATE_TYPE_CLIENT_LDAPS,
		NOW, NULL);
	assert_int_equal(model_observe(&directory, &options, NOW, &observed), 0);
	assert_true(observed.complete);
	assert_false(observed.ldaps_explicit);
	assert_int_equal(observed.listed_count, 3);
	assert_string_equal(observed.listed[0].common_name, "CA 1");
	assert_int_equal(observed.listed[0].expiry, FAR);
	assert_string_equal(observed.listed[1].state_reason, "no");
	assert_int_equal(observed.arrived, NOW);
	assert_int_equal(model_from_observed(&observed, directory.id, &options, NOW, &again), 0);
	assert_int_equal(again.certificates[2].due, NOW + 60);
	model_advance(&again, &options, NOW + 60);
	assert_int_equal(again.certificates[2].state, CERTIFICATE_STATE_REGISTERED);
	assert_int_equal(model_enable(&again, &options, NOW), REFUSAL_NONE);
	assert_int_equal(model_observe(&again, &options, NOW, &later), 0);
	assert_true(later.ldaps_explicit);
	assert_int_equal(later.ldaps, LDAPS_STATUS_ENABLING);
	model_done(&again);
	observed_done(&observed); /* `again` has borrowed its names */
	observed_done(&later);

	options.points[MODEL_POINT_NEVER_ENABLED] = 1;
	assert_int_equal(model_observe(&directory, &options, NOW, &observed), 0);
	assert_true(observed.ldaps_explicit);
	assert_int_equal(observed.ldaps, LDAPS_STATUS_DISABLED);
	observed_done(&observed);
	model_done(&directory);
}

static void a_look_at_the_wrong_kind_is_refused(void **state)
{
	struct model_options options = model_options_default();
	struct model_directory directory = fresh();
	struct observed observed;

	(void)state;
	directory.type = DIRECTORY_TYPE_SIMPLE_AD;
	assert_int_equal(model_observe(&directory, &options, NOW, &observed), 0);
	assert_false(observed.complete);
	assert_int_equal(observed.refusal, REFUSAL_UnsupportedOperationException);
	observed_done(&observed);
	model_done(&directory);
}

static void every_option_has_a_word_that_reads_back(void **state)
{
	(void)state;
	for (int i = 0; i < MODEL_GUARDS; i++) {
		enum model_guard guard;

		assert_int_equal(
			model_guard_parse(model_guard_str((enum model_guard)i), &guard), 0);
		assert_int_equal((int)guard, i);
	}
	for (int i = 0; i < MODEL_POINTS; i++) {
		enum model_point point;
		uint8_t answer;

		assert_int_equal(
			model_point_parse(model_point_str((enum model_point)i), &point), 0);
		assert_int_equal((int)point, i);
		assert_non_null(model_answer_str(point, 1));
		for (unsigned j = 0; model_answer_str(point, j); j++) {
			assert_int_equal(
				model_answer_parse(point, model_answer_str(point, j), &answer), 0);
			assert_int_equal(answer, j);
		}
		assert_int_equal(model_answer_parse(point, "never", &answer), -ERROR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_holds),
		cmocka_unit_test(slots_are_counted_per_type),
		cmocka_unit_test(failed_and_deregistered_entries_hold_slots_as_told),
		cmocka_unit_test(what_is_under_way_ends_at_its_second),
		cmocka_unit_test(an_expired_certificate_stays_or_goes_as_told),
		cmocka_unit_test(the_expiry_shown_is_rounded_as_told),
		cmocka_unit_test(copies_are_equal_until_something_changes),
		cmocka_unit_test(a_look_shows_the_model_and_makes_it_again),
		cmocka_unit_test(a_look_at_the_wrong_kind_is_refused),
		cmocka_unit_test(every_option_has_a_word_that_reads_back),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
