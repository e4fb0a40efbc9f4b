/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/reply.h"
#include "edge/retry.h"

#define TARGET_PREFIX "DirectoryService_20150416."
/* Target: the prefix and the longest operation. Bytes. */
#define TARGET_SIZE 64
/* Characters of a secret by which a message that quotes it is known. */
#define SECRET_TELL 12

/* "ListCertificates of d-926708e4f1 in eu-west-1": where every message begins. */
int call_prefix(const struct call *call)
{
	return error_prefix(call->error, "%s%s%s in %s", operation_str(call->operation),
		call->subject ? " of " : "", call->subject ? call->subject : "",
		call->service->endpoint.region);
}

/* Takes the keys that are in force: who provides them knows when they are to be got anew. */
static int load_credentials(struct service *service, struct error *error)
{
	struct credentials fresh = {0};
	int r = service->provider->load(service->provider->context, &fresh, error);

	if (r < 0)
		return r;
	credentials_done(&service->credentials);
	service->credentials = fresh;
	return 0;
}

/* Whether there are other keys than those that were refused. Where their source fails, that is
 * what is told: it is what must be put right. */
static bool credentials_renewed(const struct call *call)
{
	struct service *service = call->service;
	const struct credentials_provider *provider = service->provider;
	struct credentials fresh = {0};
	struct error reason = {0};
	bool renewed;

	if (provider->refused)
		provider->refused(provider->context, &service->credentials);
	if (provider->load(provider->context, &fresh, &reason) < 0) {
		*call->error = reason;
		call->reply->refusal = REFUSAL_NONE;
		error_prefix(call->error, "after %s", call->reply->code);
		return false;
	}
	renewed = !credentials_equal(&fresh, &service->credentials);
	credentials_done(&fresh);
	return renewed;
}

/* Whether a request that was refused for its time was signed with a wrong one. */
static bool mistimed(const struct call *call, const struct http_reply *http)
{
	struct service *service = call->service;

	return retry_mistimed(service->retry, service->signed_at, http->date, http->skew);
}

/*
 * A read whose time was wrong, though our clock is right by now: it was set meanwhile, which says
 * nothing of the keys and passes by itself.
 */
static void excuse(const struct call *call, const struct http_reply *http)
{
	if (call->reply->status == 0 || call->reply->class != REFUSAL_CLOCK ||
		operation_writes(call->operation) || !mistimed(call, http) ||
		llabs(http->skew) >= RETRY_MISTIMED)
		return;
	call->reply->refusal = REFUSAL_NONE;
	call->reply->class = REFUSAL_TRANSIENT;
	call->error->code = -ERROR_SERVICE;
}

static int wait_before(const struct call *call, unsigned attempt)
{
	const struct service_hooks *hooks = &call->service->hooks;
	int64_t wait = retry_wait_random_ms(attempt, call->reply->retry_after_ms);

	if (clock_monotonic_ms() + wait >= call->end_ms)
		return -ERROR_TIMEOUT;
	if (hooks->wait)
		return hooks->wait(hooks->context, wait);
	clock_sleep_ms(wait);
	return 0;
}

/* A read that spent most of its time waiting for its turn was throttled: the network is well. */
static int time_used_up(const struct call *call)
{
	if (operation_writes(call->operation) ||
		call->service->paced_ms < call->service->call_ms / 2)
		return error_set(call->error, ERROR_TIMEOUT, "its time was used up");
	call->reply->refusal = REFUSAL_ThrottlingException;
	call->reply->class = REFUSAL_THROTTLE;
	return error_set(call->error, ERROR_SERVICE,
		"its time was used up by waiting, as the service throttles");
}

/* What may stand between a decision and its request: the lane's pace, the deadline, the keys. */
static int may_send(const struct call *call, int64_t *ret_left_ms)
{
	struct service *service = call->service;
	int r = 0;

	if (service->hooks.pace) {
		int64_t began = clock_monotonic_ms();

		r = service->hooks.pace(service->hooks.context);
		service->paced_ms += clock_monotonic_ms() - began;
	}
	if (r < 0)
		return error_set(call->error, ERROR_STOPPED, "asked to stop");
	r = load_credentials(service, call->error);
	if (r < 0) {
		call->reply->class = REFUSAL_CREDENTIALS;
		return r;
	}
	if (clock_past(call->deadline))
		return error_set(call->error, ERROR_STALE,
			"not sent: what it was decided on is too old by now");
	*ret_left_ms = call->end_ms - clock_monotonic_ms();
	return *ret_left_ms > 0 ? 0 : time_used_up(call);
}

/* The facts that every reply brings, whatever it says. */
static void take_facts(struct service_reply *reply, const struct http_reply *http)
{
	reply->status = http->status;
	reply->retry_after_ms = http->retry_after_ms;
	memcpy(reply->request_id, http->request_id, sizeof(reply->request_id));
	if (reply->arrived == 0) {
		reply->arrived = http->arrived;
		reply->dated = true;
	}
	if (http->date != 0) {
		reply->date = http->date;
		reply->date_arrived = http->arrived;
	}
	reply->dated = reply->dated && http->date != 0;
	if (llabs(http->skew) > llabs(reply->skew))
		reply->skew = http->skew;
}

/* A message that repeats a key or a token is dropped. */
static void hide(const struct service *service, struct service_reply *reply)
{
	const struct secret *secrets[] = {
		&service->credentials.secret, &service->credentials.token};
	char tell[SECRET_TELL + 1];

	for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++) {
		if (secrets[i]->length < SECRET_TELL)
			continue;
		memcpy(tell, secrets[i]->text, SECRET_TELL);
		tell[SECRET_TELL] = '\0';
		if (strstr(reply->message, tell))
			reply->message[0] = '\0';
		explicit_bzero(tell, sizeof(tell));
	}
}

/*
 * Whether a refused write has provably changed nothing: the service itself said no, in a code of
 * its own that is not one of a failure midway.
 */
static enum service_outcome outcome_of(const struct call *call)
{
	const struct service_reply *reply = call->reply;

	if (!operation_writes(call->operation))
		return SERVICE_NOT_EXECUTED;
	if (!reply->code[0] || reply->status < 400)
		return SERVICE_UNKNOWN;
	if (reply->refusal == REFUSAL_DirectoryUnavailableException)
		return SERVICE_NOT_EXECUTED;
	if (reply->class == REFUSAL_TRANSIENT)
		return SERVICE_UNKNOWN;
	if (reply->refusal == REFUSAL_OTHER && reply->status >= 500)
		return SERVICE_UNKNOWN;
	return SERVICE_NOT_EXECUTED;
}

/* "allow the identity ds:DescribeLDAPSSettings in IAM". Bytes. */
#define HINT_SIZE 80

/* What an administrator can do about a refusal; NULL: nothing that we know. */
static const char *hint_of(
	enum refusal refusal, enum operation operation, char text[static HINT_SIZE])
{
	switch (refusal) {
	case REFUSAL_DirectoryDoesNotExistException:
	case REFUSAL_EntityDoesNotExistException:
		return "wrong Region, account or role?";
	case REFUSAL_AccessDenied:
	case REFUSAL_AccessDeniedException:
	case REFUSAL_NotAuthorized:
		snprintf(text, HINT_SIZE, "allow the identity ds:%s in IAM",
			operation_str(operation));
		return text;
	case REFUSAL_ExpiredToken:
	case REFUSAL_ExpiredTokenException:
		return "the temporary credentials have ended: provide new ones";
	case REFUSAL_UnrecognizedClientException:
	case REFUSAL_InvalidClientTokenId:
	case REFUSAL_SignatureDoesNotMatch:
	case REFUSAL_IncompleteSignature:
		return "check the access key, its secret and the session token";
	case REFUSAL_InvalidSignatureException:
		return "check the secret access key, and the clock of this host";
	case REFUSAL_RequestExpired:
	case REFUSAL_RequestTimeTooSkewed:
	case REFUSAL_RequestInTheFuture:
		return "is the clock of this host right?";
	default:
		return NULL;
	}
}

static int refused(const struct call *call)
{
	const struct service_reply *reply = call->reply;
	bool failed = reply->class == REFUSAL_TRANSIENT || reply->class == REFUSAL_THROTTLE;
	char text[HINT_SIZE];
	const char *hint = hint_of(reply->refusal, call->operation, text), *source = NULL;

	if (hint && reply->class == REFUSAL_CREDENTIALS)
		source = call->service->credentials.source;
	if (!reply->code[0])
		return error_set(call->error, failed ? ERROR_SERVICE : ERROR_REFUSED,
			"HTTP status %ld without an error code%s%s%s", reply->status,
			reply->message[0] ? " (" : "", reply->message,
			reply->message[0] ? ")" : "");
	return error_set(call->error, failed ? ERROR_SERVICE : ERROR_REFUSED, "%s%s%s%s%s%s%s%s",
		reply->code, reply->message[0] ? ": " : "", reply->message, hint ? " (" : "",
		hint ? hint : "", source ? "; they come from " : "", source ? source : "",
		hint ? ")" : "");
}

/* One attempt. 0 if a reply with status 2xx came, which *ret_http then holds. */
static int attempt(const struct call *call, const struct buffer *body, struct http_reply *ret_http)
{
	struct service *service = call->service;
	struct service_reply *reply = call->reply;
	bool writes = operation_writes(call->operation);
	char target[TARGET_SIZE];
	int64_t left_ms = 0;
	int r = may_send(call, &left_ms);
	struct http_request request = {.url = service->endpoint.url,
		.host = service->endpoint.host,
		.loopback = service->endpoint.loopback,
		.region = service->endpoint.region,
		.credentials = &service->credentials,
		.target = target,
		.body = buffer_text(body),
		.body_length = body->length,
		.date = retry_date(service->retry),
		.once = writes,
		.deadline = call->deadline,
		.wait_ms = left_ms};

	if (r < 0)
		return r;
	service->signed_at = request.date;
	snprintf(target, sizeof(target), TARGET_PREFIX "%s", operation_str(call->operation));
	service->counters.requests++;
	service->counters.retries += reply->attempts > 0;
	reply->attempts++;
	reply->refusal = REFUSAL_NONE;
	reply->code[0] = reply->message[0] = '\0';
	r = http_post(service->http, &request, ret_http, call->error);
	if (r < 0) {
		reply->class = REFUSAL_TRANSIENT;
		reply->status = 0;
		reply->retry_after_ms = -1;
		reply->outcome = writes && ret_http->sent ? SERVICE_UNKNOWN : SERVICE_NOT_EXECUTED;
		return r;
	}
	take_facts(reply, ret_http);
	if (ret_http->status >= 200 && ret_http->status < 300)
		return 0;
	reply_refusal(ret_http->status, ret_http->error_type, buffer_text(&ret_http->body),
		ret_http->body.length, reply);
	hide(service, reply);
	reply->outcome = outcome_of(call);
	return refused(call);
}

/* What one request has already spent. */
struct patience {
	unsigned attempts;
	bool clock, keys; /* corrected, reloaded: each once */
	int cost;	  /* taken from the quota for the last attempt; a success gives it back */
};

/* A write that is throttled is one write all the same: N11 counts what is sent. */
static unsigned attempts_max(const struct call *call)
{
	unsigned attempts = atomic_load(&call->service->retry->attempts);

	return operation_writes(call->operation) && attempts > SERVICE_WRITE_ATTEMPTS
		       ? SERVICE_WRITE_ATTEMPTS
		       : attempts;
}

/* Whether what failed is tried again, and with a wait before. */
static bool again(const struct call *call, int r, const struct http_reply *http,
	struct patience *patience, bool *ret_wait)
{
	const struct service_reply *reply = call->reply;
	bool answered = reply->status != 0, writes = operation_writes(call->operation);
	bool left = ++patience->attempts < attempts_max(call);

	*ret_wait = true;
	/* a read is signed anew however few attempts are allowed: it was not looked at */
	if (!left && (writes || !answered || reply->class != REFUSAL_CLOCK))
		return false;
	if (reply->outcome == SERVICE_UNKNOWN)
		return false;
	if (!answered)
		return r == -ERROR_NETWORK || r == -ERROR_TIMEOUT;
	switch (reply->class) {
	case REFUSAL_THROTTLE:
		return true;
	case REFUSAL_TRANSIENT:
		return !writes;
	case REFUSAL_CLOCK:
		*ret_wait = false;
		return !patience->clock && (patience->clock = true) && mistimed(call, http);
	case REFUSAL_CREDENTIALS:
		*ret_wait = false;
		return !patience->keys && (patience->keys = true) && credentials_renewed(call);
	default:
		return false;
	}
}

/* A reply came: the lane's pace depends on it. */
static void tell_reply(const struct call *call, int r)
{
	struct service *service = call->service;
	bool throttled = r < 0 && call->reply->class == REFUSAL_THROTTLE;

	if (call->reply->status == 0)
		return;
	service->counters.throttled += throttled;
	if (service->hooks.replied)
		service->hooks.replied(service->hooks.context, throttled);
}

/* One request, with all its attempts. On 0 *ret_http holds a reply of status 2xx. */
int exchange(const struct call *call, const struct buffer *body, struct http_reply *ret_http)
{
	struct patience patience = {0};
	bool wait;

	for (;;) {
		unsigned before = call->reply->attempts;
		int r = attempt(call, body, ret_http), waited = 0;

		if (call->reply->attempts > before)
			tell_reply(call, r);
		if (r == 0) {
			retry_return(call->service->retry, patience.cost);
			return 0;
		}
		if (call->reply->attempts == before) /* nothing was sent */
			return call_prefix(call);
		if (!again(call, r, ret_http, &patience, &wait) ||
			(wait && !retry_take(call->service->retry, r == -ERROR_TIMEOUT,
					 &patience.cost))) {
			excuse(call, ret_http);
			http_reply_done(ret_http);
			return call_prefix(call);
		}
		http_reply_done(ret_http);
		if (wait)
			waited = wait_before(call, patience.attempts - 1);
		if (waited == -ERROR_STOPPED)
			return error_set(call->error, ERROR_STOPPED, "asked to stop");
		if (waited < 0)
			return call_prefix(call);
	}
}
