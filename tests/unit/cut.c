/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cut.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* A wait that was told as a date shrinks while the same bytes are read again. Milliseconds. */
#define WAIT_TOLERANCE 60000

void cut_read(const char *bytes, size_t length, size_t piece, struct cut *ret_cut)
{
	struct http_message message;
	struct error error = {0};
	size_t taken = 0;

	*ret_cut = (struct cut){.reply.retry_after_ms = -1};
	buffer_init(&ret_cut->reply.body, CUT_REPLY_MAX);
	http_message_begin(&message, &ret_cut->reply);
	while (ret_cut->r == 0 && taken < length) {
		size_t more = piece && piece < length - taken ? piece : length - taken;

		ret_cut->r = http_message_take(&message, bytes + taken, more, &error);
		taken += more;
	}
	if (ret_cut->r == 0)
		ret_cut->r = http_message_end(&message, &error);
	ret_cut->keep = message.keep;
	http_message_done(&message);
	if (ret_cut->r < 0 && !error.message[0])
		abort();
}

void cut_done(struct cut *cut)
{
	http_reply_done(&cut->reply);
}

bool cut_equal(const struct cut *a, const struct cut *b)
{
	const struct http_reply *one = &a->reply, *other = &b->reply;

	if (a->r < 0 || b->r < 0)
		return a->r == b->r;
	return a->keep == b->keep && one->status == other->status && one->date == other->date &&
	       llabs(one->retry_after_ms - other->retry_after_ms) < WAIT_TOLERANCE &&
	       strcmp(one->request_id, other->request_id) == 0 &&
	       strcmp(one->error_type, other->error_type) == 0 &&
	       strcmp(one->content_type, other->content_type) == 0 &&
	       one->body.length == other->body.length &&
	       memcmp(buffer_text(&one->body), buffer_text(&other->body), one->body.length) == 0;
}

bool cut_same(const char *bytes, size_t length)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64};
	struct cut whole, cut;
	bool same = true;

	cut_read(bytes, length, 0, &whole);
	for (size_t i = 0; same && i < ARRAY_LENGTH(pieces); i++) {
		cut_read(bytes, length, pieces[i], &cut);
		same = cut_equal(&whole, &cut);
		cut_done(&cut);
	}
	cut_done(&whole);
	return same;
}
