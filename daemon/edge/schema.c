/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/schema.h"

#include "base/array.h"
#include "base/calendar.h"
#include "core/fleet.h"

#define FILE	  SECTION_BIT(SECTION_FILE)
#define DEFAULTS  SECTION_BIT(SECTION_DEFAULTS)
#define ROLLOUT	  SECTION_BIT(SECTION_ROLLOUT)
#define ACCOUNT	  SECTION_BIT(SECTION_ACCOUNT)
#define AUTHORITY SECTION_BIT(SECTION_AUTHORITY)
#define ROTATION  SECTION_BIT(SECTION_ROTATION)
#define RETIRE	  SECTION_BIT(SECTION_RETIRE)
#define DIRECTORY SECTION_BIT(SECTION_DIRECTORY)
#define APPROVAL  SECTION_BIT(SECTION_APPROVAL)
#define SELECT	  SECTION_BIT(SECTION_SELECT)

#define WORDS(list)    .words = (list), .words_count = ARRAY_LENGTH(list)
#define DEFAULT(value) .has_default = true, .fallback = (value)

static const char *const policies[] = {
	[POLICY_OBSERVE] = "observe", [POLICY_ADD_ONLY] = "add-only", [POLICY_SYNC] = "sync"};
static const char *const client_ldaps[] = {[CLIENT_LDAPS_UNMANAGED] = NULL,
	[CLIENT_LDAPS_ENABLED] = "enabled",
	[CLIENT_LDAPS_DISABLED] = "disabled"};
static const char *const adopts[] = {[ADOPT_MATCHING] = "matching", [ADOPT_NEVER] = "never"};
static const char *const retires[] = {[RETIRE_WHEN_PROVEN] = "when_proven",
	[RETIRE_AFTER] = NULL,
	[RETIRE_AT_EXPIRY] = "at_expiry",
	[RETIRE_MANUAL] = "manual"};
static const char *const registers[] = {"on_discovery", "at_threshold"};
static const char *const none[] = {"none"};
static const char *const all[] = {"all"};
static const char *const kinds[] = {[DIRECTORY_TYPE_AD_CONNECTOR] = "ADConnector",
	[DIRECTORY_TYPE_MICROSOFT_AD] = "MicrosoftAD"};
static const char *const disable[] = {"disable"};

static const struct schema_key keys[KEYS] = {
	[KEY_VERSION] = {"version", FILE, .required = true, .type = VALUE_NUMBER,
		.minimum = SCHEMA_VERSION, .maximum = SCHEMA_VERSION,
		.meaning = "The version of this format."},
	[KEY_INTERVAL] = {"interval", FILE, .type = VALUE_DURATION, .minimum = 15, .maximum = DAY,
		DEFAULT(FLEET_INTERVAL_DEFAULT),
		.meaning = "The time between two passes of one account and Region."},
	[KEY_METRICS_FILE] = {"metrics_file", FILE, .type = VALUE_PATH,
		.meaning = "The file for Prometheus's metrics, with its whole path, ending in "
			   ".prom; left out: none is written."},
	[KEY_DEFAULTS] = {"defaults", FILE, .shape = SHAPE_SECTION, .section = SECTION_DEFAULTS,
		.meaning = "What directories (and, for rotation, authorities) say unless they say "
			   "otherwise."},
	[KEY_ROLLOUT] = {"rollout", FILE, .shape = SHAPE_SECTION, .section = SECTION_ROLLOUT,
		.meaning = "How removals and disables spread over the directories."},
	[KEY_ACCOUNTS] = {"accounts", FILE, .shape = SHAPE_NAMED, .section = SECTION_ACCOUNT,
		.maximum = FLEET_ACCOUNTS_MAX, .meaning = "AWS accounts, each under its name."},
	[KEY_AUTHORITIES] = {"authorities", FILE, .shape = SHAPE_NAMED,
		.section = SECTION_AUTHORITY, .maximum = FLEET_AUTHORITIES_MAX,
		.meaning = "Certification authorities, each under its name with all its "
			   "generations."},
	[KEY_DIRECTORIES] = {"directories", FILE, .shape = SHAPE_SECTIONS,
		.section = SECTION_DIRECTORY, .maximum = FLEET_DIRECTORIES_MAX,
		.meaning = "The directories to look after."},

	[KEY_ID] = {"id", DIRECTORY, .type = VALUE_DIRECTORY_ID,
		.meaning = "The directory's id; in its place: select."},
	[KEY_SELECT] = {"select", DIRECTORY, .shape = SHAPE_SECTION, .section = SECTION_SELECT,
		.meaning = "Instead of an id: every directory of the account and Regions that has "
			   "what stands here, also one that is made later."},
	[KEY_NAME] = {"name", DIRECTORY, .type = VALUE_DOMAIN,
		.meaning = "The directory's DNS name, as the API must say it: guards against a "
			   "mistyped id."},
	[KEY_ACCOUNT] = {"account", DEFAULTS | DIRECTORY, .type = VALUE_NAME,
		.meaning = "The account it belongs to; left out: the standard AWS chain."},
	[KEY_REGIONS] = {"regions", DEFAULTS | DIRECTORY, .shape = SHAPE_LIST, .type = VALUE_REGION,
		.minimum = 1, .maximum = DIRECTORY_REGIONS_MAX, WORDS(all),
		.meaning = "The Regions in which it is looked after, each apart, or the word all: "
			   "every one that it is replicated to; left out everywhere: "
			   "AWS_REGION, or that of the profile."},
	[KEY_HOME] = {"home", DEFAULTS | DIRECTORY, .shape = SHAPE_LIST, .type = VALUE_REGION,
		.minimum = 1, .maximum = DIRECTORY_REGIONS_MAX,
		.meaning = "With all Regions: those in which it is looked for; left out "
			   "everywhere: AWS_REGION, or that of the profile."},
	[KEY_TRUST] = {"trust", DIRECTORY, .required = true, .shape = SHAPE_LIST,
		.type = VALUE_NAME, .minimum = 1, .maximum = DIRECTORY_TRUST_MAX, WORDS(none),
		.meaning = "The authorities that issue its domain controllers' certificates, or "
			   "the word none."},
	[KEY_POLICY] = {"policy", DEFAULTS | DIRECTORY, .type = VALUE_WORD, WORDS(policies),
		.meaning = "What may be done: observe never writes, add-only never removes or "
			   "disables, sync also removes what is ours."},
	[KEY_CLIENT_LDAPS] = {"client_ldaps", DEFAULTS | DIRECTORY, .type = VALUE_WORD,
		WORDS(client_ldaps), DEFAULT(CLIENT_LDAPS_UNMANAGED),
		.meaning = "Whether client-side LDAPS is to be on; left out: not managed."},
	[KEY_ADOPT] = {"adopt", DEFAULTS | DIRECTORY, .type = VALUE_WORD, WORDS(adopts),
		DEFAULT(ADOPT_MATCHING),
		.meaning = "Whether certificates that were there before become ours when they "
			   "match exactly one."},
	[KEY_APPROVE] = {"approve", DIRECTORY, .shape = SHAPE_SECTIONS, .section = SECTION_APPROVAL,
		.maximum = DIRECTORY_APPROVALS_MAX, WORDS(disable),
		.meaning = "What may be done although it cannot be undone."},
	[KEY_GRACE] = {"grace", DEFAULTS | DIRECTORY, .type = VALUE_DURATION, .maximum = 3650 * DAY,
		DEFAULT(FLEET_GRACE_DEFAULT),
		.meaning = "The wait before a dropped certificate goes or LDAPS is disabled."},
	[KEY_REENABLE_AFTER] = {"reenable_after", DEFAULTS | DIRECTORY, .type = VALUE_DURATION,
		.maximum = 3650 * DAY, DEFAULT(FLEET_REENABLE_DEFAULT),
		.meaning = "The wait before LDAPS that others disabled is enabled again."},
	[KEY_CERTIFICATE_LIMIT] = {"certificate_limit", DEFAULTS | DIRECTORY, .type = VALUE_NUMBER,
		.minimum = 1, .maximum = SERVICE_AUTH_LIMIT, DEFAULT(SERVICE_LDAPS_LIMIT),
		.meaning = "The directory's quota of CA certificates for client-side LDAPS."},

	[KEY_TAGS] = {"tags", SELECT, .shape = SHAPE_TEXTS, .type = VALUE_TAG, .minimum = 1,
		.maximum = SELECTOR_TAGS_MAX,
		.meaning = "Tags that it must have, all of them; the value * is any."},
	[KEY_TYPE] = {"type", SELECT, .type = VALUE_WORD, WORDS(kinds),
		.meaning = "Its type; left out: either of the two."},
	[KEY_PATTERN] = {"name", SELECT, .type = VALUE_PATTERN,
		.meaning = "What its DNS name must be; * stands for any characters, ? for one."},

	[KEY_CERTIFICATE] = {"certificate", APPROVAL, .required = true, .type = VALUE_DIGEST,
		.meaning = "The SHA-256 of the certificate whose removal is approved."},
	[KEY_REASON] = {"reason", APPROVAL, .type = VALUE_TEXT, .meaning = "Why, for the history."},
	[KEY_UNTIL] = {"until", APPROVAL, .type = VALUE_DATE,
		.meaning = "When the approval ends; left out: never."},

	[KEY_CERTIFICATES] = {"certificates", AUTHORITY, .required = true, .shape = SHAPE_LIST,
		.type = VALUE_PATH, .minimum = 1, .maximum = AUTHORITY_CERTIFICATES_MAX,
		.meaning = "Files or patterns, relative to the file that names them; every "
			   "certificate in them."},
	[KEY_ROTATION] = {"rotation", DEFAULTS | AUTHORITY, .shape = SHAPE_SECTION,
		.section = SECTION_ROTATION, .meaning = "How one generation follows another."},
	[KEY_REGISTER] = {"register", ROTATION, .type = VALUE_WORD, WORDS(registers), DEFAULT(0),
		.meaning = "When a new generation is registered; at_threshold is for successors "
			   "with the same key alone."},
	[KEY_ROTATE_BEFORE] = {"rotate_before", ROTATION, .type = VALUE_DURATION,
		.minimum = CERTIFICATE_DOOR + CERTIFICATE_MARGIN, .maximum = 3650 * DAY,
		DEFAULT(FLEET_ROTATE_BEFORE_DEFAULT),
		.meaning = "What the current generation has left when at_threshold registers the "
			   "next."},
	[KEY_OVERLAP] = {"overlap", ROTATION, .type = VALUE_DURATION, .minimum = 1,
		.maximum = 3650 * DAY, DEFAULT(FLEET_OVERLAP_DEFAULT),
		.meaning = "How long both generations are registered before the older one is "
			   "superseded."},
	[KEY_RETIRE] = {"retire", ROTATION, .shape = SHAPE_SECTION, .section = SECTION_RETIRE,
		WORDS(retires), DEFAULT(RETIRE_WHEN_PROVEN),
		.meaning = "What must hold before a superseded generation goes."},
	[KEY_AFTER] = {"after", RETIRE, .required = true, .type = VALUE_DURATION,
		.minimum = 30 * DAY, .maximum = 3650 * DAY,
		.meaning = "Superseded for this long: the administrator's word instead of proof."},

	[KEY_PARALLEL] = {"parallel", ROLLOUT, .type = VALUE_NUMBER, .minimum = 1, .maximum = 1000,
		DEFAULT(FLEET_PARALLEL_DEFAULT),
		.meaning = "Directories and Regions that change in one pass once the first "
			   "has stayed ready."},

	[KEY_CONCURRENCY] = {"concurrency", ACCOUNT, .type = VALUE_NUMBER, .minimum = 1,
		.maximum = 64, DEFAULT(ACCOUNT_CONCURRENCY_DEFAULT),
		.meaning = "Requests in flight in one Region."},
	[KEY_PROFILE] = {"profile", ACCOUNT, .type = VALUE_TEXT,
		.meaning = "A profile of the shared configuration files."},
	[KEY_ROLE_ARN] = {"role_arn", ACCOUNT, .type = VALUE_ROLE,
		.meaning = "The role to assume, with the keys of the profile or of the chain."},
	[KEY_ACCOUNT_ID] = {"account_id", ACCOUNT, .type = VALUE_ACCOUNT_ID,
		.meaning =
			"The account's id: with the keys of another nothing is read or changed."},
	[KEY_EXTERNAL_ID] = {"external_id", ACCOUNT, .type = VALUE_EXTERNAL_ID,
		.meaning = "The external id that the role asks for."},
	[KEY_SESSION_NAME] = {"session_name", ACCOUNT, .type = VALUE_SESSION,
		.meaning = "The name of the session, as CloudTrail shows it; left out: "
			   "ldapsward-HOST."},
	[KEY_DURATION] = {"duration", ACCOUNT, .type = VALUE_DURATION, .minimum = 900,
		.maximum = 43200, DEFAULT(3600),
		.meaning = "How long a session of the role lasts."},
	[KEY_ENDPOINT] = {"endpoint", ACCOUNT, .shape = SHAPE_REGIONAL, .type = VALUE_URL,
		.minimum = 1, .maximum = DIRECTORY_REGIONS_MAX,
		.meaning = "The URL at which the Directory Service is asked instead of the "
			   "Region's own: one, or one for each Region."},
	[KEY_STS_ENDPOINT] = {"sts_endpoint", ACCOUNT, .type = VALUE_URL,
		.meaning = "The URL at which STS is asked instead of the Region's own."},
};

static const char *const sections[SECTIONS] = {
	[SECTION_FILE] = "the file",
	[SECTION_DEFAULTS] = "\"defaults\"",
	[SECTION_ROLLOUT] = "\"rollout\"",
	[SECTION_ACCOUNT] = "an account",
	[SECTION_AUTHORITY] = "an authority",
	[SECTION_ROTATION] = "\"rotation\"",
	[SECTION_RETIRE] = "\"retire\"",
	[SECTION_DIRECTORY] = "a directory",
	[SECTION_APPROVAL] = "an approval",
	[SECTION_SELECT] = "\"select\"",
};

static const char *const types[VALUE_TYPES] = {
	[VALUE_NONE] = "nothing",
	[VALUE_WORD] = "a word",
	[VALUE_NUMBER] = "a whole number without quotes",
	[VALUE_DURATION] = "a duration such as 15m, 24h or 3d",
	[VALUE_DATE] = "a date such as 2027-05-01 or 2027-05-01T06:30:00Z",
	[VALUE_NAME] = "a name of 1 to 64 letters, digits, \".\", \"_\" or \"-\"",
	[VALUE_DIRECTORY_ID] = "a directory id: \"d-\" and ten hexadecimal digits in lower case",
	[VALUE_DOMAIN] = "a DNS name such as corp.example.com",
	[VALUE_REGION] = "a Region such as eu-west-1",
	[VALUE_DIGEST] = "a SHA-256 of 64 hexadecimal digits, with or without colons",
	[VALUE_PATH] = "the name of a file or a pattern, in one line",
	[VALUE_TEXT] = "a text of one line and at most 1000 bytes",
	[VALUE_ACCOUNT_ID] = "an account id: 12 digits in quotes",
	[VALUE_ROLE] = "the ARN of a role such as arn:aws:iam::111122223333:role/ldapsward",
	[VALUE_SESSION] = "a name of 2 to 64 letters, digits or any of \"_+=,.@-\"",
	[VALUE_PATTERN] = "a DNS name such as corp.example.com, in which * and ? may stand",
	[VALUE_TAG] = "a text of one line and at most 256 characters",
	[VALUE_EXTERNAL_ID] = "2 to 1224 letters, digits or any of \"_+=,.@:/-\"",
	[VALUE_URL] = "a URL such as https://vpce-0a1b2c.ds.eu-west-1.vpce.amazonaws.com",
};

const struct schema_key *schema_key(enum key key)
{
	return &keys[key];
}

const char *section_str(enum section section)
{
	return sections[section];
}

const char *value_type_str(enum value_type type)
{
	return types[type];
}
