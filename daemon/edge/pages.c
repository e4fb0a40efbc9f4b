/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "edge/json.h"
#include "edge/reply.h"

/* A request's body: a NextToken with its escapes. Bytes. */
#define BODY_MAX ((size_t)4 * REPLY_TOKEN_MAX)

/* Marks of the tokens seen so far: one that comes again would lead round for ever. */
struct pages {
	uint64_t *marks; /* owned */
	size_t count, capacity, limit;
};

static int pages_next(struct pages *pages, const char *token, struct error *error)
{
	uint64_t mark = hash_text(HASH_START, token);
	int r = array_reserve(&pages->marks, &pages->capacity, pages->count,
		sizeof(pages->marks[0]), pages->limit);

	if (r < 0)
		return error_set(error, (enum error_code) - r, "more than %zu pages", pages->limit);
	for (size_t i = 0; i < pages->count; i++)
		if (pages->marks[i] == mark)
			return error_set(error, ERROR_CORRUPT,
				"the reply makes no sense: a NextToken came twice");
	pages->marks[pages->count++] = mark;
	return 0;
}

/*
 * The body of a request for a page, without a value for each member of it: there are two for every
 * directory. Ids are checked, so that only the token can need escapes.
 */
static int page_ask(
	const struct call *call, const struct pager *pager, const char *token, struct buffer *body)
{
	json_t *text = token ? json_string(token) : NULL;
	int r = token && !text ? -ERROR_MEMORY : 0;

	buffer_init(body, BODY_MAX);
	buffer_append_text(body, "{");
	pager->ask(call, body);
	if (text) {
		buffer_append_text(body, body->length > 1 ? ",\"NextToken\":" : "\"NextToken\":");
		r = json_append(body, text);
	}
	json_decref(text);
	if (r == 0)
		r = buffer_append_text(body, "}");
	return r < 0 ? error_set(call->error, (enum error_code) - r, "the request cannot be made")
		     : 0;
}

static int page(
	const struct call *call, const struct pager *pager, const char *token, char **ret_token)
{
	struct http_reply http = {0};
	struct buffer body;
	int r = page_ask(call, pager, token, &body);

	if (r == 0)
		r = exchange(call, &body, &http);
	else
		call_prefix(call);
	buffer_done(&body);
	if (r < 0)
		return r;
	r = pager->take(
		pager->result, buffer_text(&http.body), http.body.length, ret_token, call->error);
	http_reply_done(&http);
	if (r < 0) {
		call->reply->class = REFUSAL_TRANSIENT;
		call_prefix(call);
	}
	return r;
}

static int pages_walk(const struct call *call, const struct pager *pager)
{
	struct pages pages = {.limit = pager->limit};
	char *token = NULL, *next;
	int r;

	do {
		next = NULL;
		r = page(call, pager, token, &next);
		free(token);
		token = next;
		if (r == 0 && token) {
			r = pages_next(&pages, token, call->error);
			if (r < 0)
				call_prefix(call);
		}
	} while (r == 0 && token);
	free(token);
	free(pages.marks);
	return r;
}

int pages_read(const struct call *call, const struct pager *pager)
{
	int r = pages_walk(call, pager);

	if (r < 0 && call->reply->refusal == REFUSAL_InvalidNextTokenException) {
		pager->clear(pager->result);
		*call->reply = (struct service_reply){
			.retry_after_ms = -1, .attempts = call->reply->attempts};
		r = pages_walk(call, pager);
	}
	if (r < 0)
		pager->clear(pager->result);
	return r;
}
