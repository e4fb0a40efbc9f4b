/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A CA certificate as the decisions see it: a plain value, filled by edge/x509 from DER, judged
 * here by rules that read nothing but the value and, for those of the second kind, an instant.
 * Rules that depend on the clock never decide whether a file is taken (design 2).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RegisterCertificate refuses a certificate that has 90 days or less to live (API page). Seconds.
 */
#define CERTIFICATE_DOOR (INT64_C(90) * 86400)
/* Our distance from that line: the service's day arithmetic is not published. Seconds. */
#define CERTIFICATE_MARGIN (INT64_C(1) * 86400)
/* A CN has at most 64 characters (RFC 5280 A.1, ub-common-name), so 256 bytes of UTF-8, and a NUL.
 */
#define CERTIFICATE_NAME_SIZE 257
/* ExpiryDateTime and notAfter may differ by rounding. Seconds. */
#define CERTIFICATE_EXPIRY_SLACK 1

/* A SHA-256. All zero means "none". */
struct digest {
	uint8_t bytes[32];
};

/* "64 hexadecimal digits" and the NUL. */
#define DIGEST_TEXT_SIZE 65

struct certificate {
	struct digest sha256; /* of the DER: its identity */
	struct digest
		subject; /* of the canonical subject name (RFC 5280, 7.1): generations share it */
	struct digest issuer; /* of the canonical issuer name */
	struct digest key;    /* of the SubjectPublicKeyInfo */
	struct digest signer; /* `key` of the known certificate that verifies this one's signature;
			       * equal to `key` if it is self-signed; zero if none is known */
	int64_t not_before;   /* UTC seconds */
	int64_t not_after;    /* UTC seconds */
	int32_t version_certificate; /* AD CS CA version, certificate index; -1 if absent */
	int32_t version_key;	     /* AD CS CA version, key index; -1 if absent */
	size_t pem_length;	     /* characters of the canonical PEM */
	bool ca;		     /* basicConstraints CA:TRUE */
	bool cert_sign;	  /* keyCertSign is set, or there is no keyUsage (RFC 5280, 4.2.1.3) */
	bool pss;	  /* RSASSA-PSS as the signature's or the key's algorithm */
	bool self_issued; /* subject equals issuer: says nothing about who signed
			     (cross-certificates) */
	bool self_signed; /* the signature verifies under its own key */
	char common_name[CERTIFICATE_NAME_SIZE]; /* UTF-8, the API's CommonName; "" if there is none
						  */
	const uint8_t
		*der;	   /* owned by whoever made the certificate; NULL where only facts matter */
	size_t der_length; /* bytes */
};

/* What can be wrong with a certificate. Those up to TOO_LONG no clock changes; the others it does.
 */
enum certificate_rule {
	CERTIFICATE_GOOD,
	CERTIFICATE_NOT_CA,	  /* basicConstraints is not CA:TRUE */
	CERTIFICATE_NO_CERT_SIGN, /* keyUsage without keyCertSign */
	CERTIFICATE_PSS,	  /* RSASSA-PSS, which the service does not support */
	CERTIFICATE_TOO_LONG,	  /* canonical PEM over SERVICE_PEM_MAX characters */
	CERTIFICATE_EXPIRED,
	CERTIFICATE_NOT_YET_VALID,
	CERTIFICATE_UNDER_DOOR, /* valid, but with 90 days and the margin or less left */
	CERTIFICATE_RULES,
};

bool digest_equal(const struct digest *a, const struct digest *b);
bool digest_is_zero(const struct digest *digest);
/* Order of the bytes: <0, 0, >0. */
int digest_cmp(const struct digest *a, const struct digest *b);
/* Lower-case hexadecimal; returns ret_text. */
char *digest_format(const struct digest *digest, char ret_text[static DIGEST_TEXT_SIZE]);
/* Reads 64 hexadecimal digits of either case, colons between bytes allowed. 0 or -ERROR_INVALID. */
int digest_parse(const char *text, struct digest *ret_digest);

/* The first rule that no clock changes and that `certificate` breaks, or CERTIFICATE_GOOD. */
enum certificate_rule certificate_judge(const struct certificate *certificate);
/* The first clock rule that it breaks at `now`, or CERTIFICATE_GOOD. */
enum certificate_rule certificate_judge_at(const struct certificate *certificate, int64_t now);
/* A sentence for people: what is wrong and what is allowed. Static, never NULL. */
const char *certificate_rule_str(enum certificate_rule rule);

/* Registrable (design 4.2): breaks no rule of either kind at `now`. */
bool certificate_registrable(const struct certificate *certificate, int64_t now);
/* Valid at `now`: not_before <= now <= not_after. */
bool certificate_valid(const struct certificate *certificate, int64_t now);
/* The last instant at which it could be registered (again): not_after less 90 days and the margin.
 */
int64_t certificate_reversible_until(const struct certificate *certificate);

/*
 * Whether `newer` is a later generation than `older` (design 4.2): by CA version where both have
 * one, otherwise by expiry; never by notBefore, which a same-key renewal keeps. 0 means no order
 * can be told (an ambiguity), <0 that `older` comes first.
 */
int certificate_generation_cmp(const struct certificate *older, const struct certificate *newer);

/* Same authority by name, and neither is a self-issued cross-certificate. */
bool certificate_same_line(const struct certificate *a, const struct certificate *b);
/* A self-issued cross-certificate: subject equals issuer, but the signature is another key's. */
bool certificate_is_cross(const struct certificate *certificate);

/* Whether the API would show the two alike: same CommonName, same expiry (within the slack). */
bool certificate_indistinguishable(const struct certificate *a, const struct certificate *b);
/* Whether an entry of the API with this CommonName and expiry can be `certificate`. */
bool certificate_matches(
	const struct certificate *certificate, const char *common_name, int64_t expiry);
