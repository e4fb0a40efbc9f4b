/* SPDX-License-Identifier: Apache-2.0 */
/* Replies of HTTP/1.1, well formed and not, in one piece and in many (RFC 9112). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "tests/unit/cut.h"

#define OK    "HTTP/1.1 200 OK\r\n"
#define CHUNK OK "Transfer-Encoding: chunked\r\n\r\n"

struct row {
	const char *what;
	const char *bytes;
	int r;
	long status;
	bool keep;
	const char *body;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct cut cut;

		cut_read(row->bytes, strlen(row->bytes), 0, &cut);
		if (cut.r != row->r)
			fail_msg("%s: %d", row->what, cut.r);
		if (row->r == 0 && (cut.reply.status != row->status || cut.keep != row->keep ||
					   strcmp(buffer_text(&cut.reply.body), row->body) != 0))
			fail_msg("%s: status %ld, keep %d, body \"%s\"", row->what,
				cut.reply.status, cut.keep, buffer_text(&cut.reply.body));
		cut_done(&cut);
		if (!cut_same(row->bytes, strlen(row->bytes)))
			fail_msg("%s: pieces make a difference", row->what);
	}
}

static void bodies(void **state)
{
	static const struct row rows[] = {
		{"a length", OK "Content-Length: 2\r\n\r\n{}", 0, 200, true, "{}"},
		{"no body", OK "Content-Length: 0\r\n\r\n", 0, 200, true, ""},
		{"no reason, lines without CR", "HTTP/1.1 400\ncontent-length:2\n\n{}", 0, 400,
			true, "{}"},
		{"the length twice, and the same",
			OK "Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}", 0, 200, true, "{}"},
		{"until the end", OK "\r\n{}", 0, 200, false, "{}"},
		{"until the end, and empty", OK "\r\n", 0, 200, false, ""},
		{"a status that has none", "HTTP/1.1 204 No\r\nContent-Length: 7\r\n\r\n", 0, 204,
			true, ""},
		{"another that has none", "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
			0, 304, true, ""},
		{"the old version", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0, 200, false,
			"{}"},
		{"the peer closes", OK "Connection: close\r\nContent-Length: 2\r\n\r\n{}", 0, 200,
			false, "{}"},
		{"it closes, among others", OK "Connection: x, Close\r\nContent-Length: 0\r\n\r\n",
			0, 200, false, ""},
		{"more than the reply", OK "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n", 0,
			200, false, "{}"},
		{"interim replies before it",
			"HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n"
			"HTTP/1.1 103 Hints\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}",
			0, 200, true, "{}"},
		{"a line of blanks, which continues one and ends nothing",
			OK "X: y\r\n \t\r\nContent-Length: 2\r\n\r\n{}", 0, 200, true, "{}"},
		{"a blank before the colon hides no length", OK "Content-Length : 2\r\n\r\n{}", 0,
			200, true, "{}"},
		{"and no chunks", OK "Transfer-Encoding\t: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 0,
			200, true, "{}"},
	};

	(void)state;
	check(rows, ARRAY_LENGTH(rows));
}

static void chunks(void **state)
{
	static const struct row rows[] = {
		{"chunks", CHUNK "2\r\n{\"\r\n0A\r\na\":\"0123\"}\r\n0\r\n\r\n", 0, 200, true,
			"{\"a\":\"0123\"}"},
		{"extensions and trailers",
			CHUNK "2;a=\"b\"\r\n{}\r\n0 ;c\r\nDate: x\r\nX: y\r\n\r\n", 0, 200, true,
			"{}"},
		{"none", CHUNK "0\r\n\r\n", 0, 200, true, ""},
		{"a length beside them says nothing, and nobody trusts it",
			OK "Content-Length: 50\r\nTransfer-Encoding: "
			   "Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
			0, 200, false, "{}"},
		{"no size", CHUNK "\r\n{}\r\n0\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a negative size", CHUNK "-2\r\n{}\r\n0\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a size that no number holds", CHUNK "10000000000000002\r\n{}\r\n", -ERROR_NETWORK,
			0, false, NULL},
		{"a size with something behind it", CHUNK "2x\r\n{}\r\n0\r\n\r\n", -ERROR_NETWORK,
			0, false, NULL},
		{"more than the size says", CHUNK "2\r\n{}}\r\n0\r\n\r\n", -ERROR_NETWORK, 0, false,
			NULL},
		{"a size with a number behind it", CHUNK "2 2\r\n{}\r\n0\r\n\r\n", -ERROR_NETWORK,
			0, false, NULL},
		{"blanks behind it, and before an extension",
			CHUNK "1 \r\n{\r\n1 \t;a\r\n}\r\n0\r\n\r\n", 0, 200, true, "{}"},
		{"blanks where it ends", CHUNK "2\r\n{} \r\n0\r\n\r\n", -ERROR_NETWORK, 0, false,
			NULL},
		{"a trailer with a line of blanks", CHUNK "2\r\n{}\r\n0\r\n \r\n", -ERROR_NETWORK,
			0, false, NULL},
		{"no last one", CHUNK "2\r\n{}\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"no end of the trailer", CHUNK "2\r\n{}\r\n0\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"another coding", OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
			-ERROR_NETWORK, 0, false, NULL},
		{"too much", CHUNK "1001\r\n", 0 - ERROR_NETWORK, 0, false, NULL},
	};

	(void)state;
	check(rows, ARRAY_LENGTH(rows));
}

static void nonsense(void **state)
{
	static const struct row rows[] = {
		{"nothing", "", -ERROR_NETWORK, 0, false, NULL},
		{"a cut status", "HTTP/1.1 200", -ERROR_NETWORK, 0, false, NULL},
		{"a cut header", OK "Content-Len", -ERROR_NETWORK, 0, false, NULL},
		{"a cut body", OK "Content-Length: 3\r\n\r\n{}", -ERROR_NETWORK, 0, false, NULL},
		{"another protocol", "SSH-2.0-OpenSSH\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a version that is none", "HTTP/2 200\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a status that is none", "HTTP/1.1 20x OK\r\n\r\n", -ERROR_NETWORK, 0, false,
			NULL},
		{"a status too long", "HTTP/1.1 2000 OK\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a status beyond", "HTTP/1.1 600 OK\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"another protocol from here on", "HTTP/1.1 101 Switching\r\n\r\n", -ERROR_NETWORK,
			0, false, NULL},
		{"interim replies alone", "HTTP/1.1 100 Continue\r\n\r\n", -ERROR_NETWORK, 0, false,
			NULL},
		{"a negative length", OK "Content-Length: -1\r\n\r\n", -ERROR_NETWORK, 0, false,
			NULL},
		{"a length that is no number", OK "Content-Length: 0x2\r\n\r\n{}", -ERROR_NETWORK,
			0, false, NULL},
		{"an empty length", OK "Content-Length:\r\n\r\n", -ERROR_NETWORK, 0, false, NULL},
		{"a length that no number holds", OK "Content-Length: 99999999999999999999\r\n\r\n",
			-ERROR_NETWORK, 0, false, NULL},
		{"two lengths", OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
			-ERROR_NETWORK, 0, false, NULL},
		{"a length beyond the limit", OK "Content-Length: 4097\r\n\r\n", -ERROR_LIMIT, 0,
			false, NULL},
		{"lines that say nothing",
			OK ":\r\nno colon\r\n folded: x\r\n: y\r\n\tz\r\n"
			   "Content-Length: 2\r\n\r\n{}",
			0, 200, true, "{}"},
	};

	(void)state;
	check(rows, ARRAY_LENGTH(rows));
}

static void facts(void **state)
{
	static const char bytes[] =
		OK "DATE:  \tSun, 06 Nov 1994 08:49:37 GMT  \r\n"
		   "X-Amzn-RequestId: 11111111-2222\r\nx-amzn-errortype: A:b\x01"
		   "c\r\n"
		   "Content-Type: text/html\r\nRetry-After: 7\r\nx-amz-retry-after: 4500\r\n"
		   "Content-Length: 0\r\n\r\n";
	struct cut cut;

	(void)state;
	cut_read(bytes, strlen(bytes), 0, &cut);
	assert_int_equal(cut.r, 0);
	assert_int_equal(cut.reply.date, 784111777);
	assert_string_equal(cut.reply.request_id, "11111111-2222");
	assert_string_equal(cut.reply.error_type, "A:b?c");
	assert_string_equal(cut.reply.content_type, "text/html");
	assert_int_equal(cut.reply.retry_after_ms, 4500);
	cut_done(&cut);
	assert_true(cut_same(bytes, strlen(bytes)));
}

/* A text that ends before its field does may say something else than the field. */
static void nul(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t length;
	} rows[] = {
#define ROW(what, bytes) {what, bytes, sizeof(bytes) - 1}
		ROW("in a length", OK "Content-Length: 2\0"
				      "9\r\n\r\n{}"),
		ROW("in a name", OK "Transfer-Encoding\0: chunked\r\n\r\n0\r\n\r\n"),
		ROW("in the status", "HTTP/1.1 200\0 OK\r\nContent-Length: 0\r\n\r\n"),
		ROW("in the size of a chunk", CHUNK "2\0"
						    "9\r\n{}\r\n0\r\n\r\n"),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct cut cut;

		cut_read(rows[i].bytes, rows[i].length, 0, &cut);
		if (cut.r != -ERROR_NETWORK)
			fail_msg("%s: %d", rows[i].what, cut.r);
		cut_done(&cut);
		assert_true(cut_same(rows[i].bytes, rows[i].length));
	}
}

/* What an interim reply says is nothing of the reply. */
static void interim(void **state)
{
	static const char bytes[] =
		"HTTP/1.1 103 Hints\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 7\r\n"
		"X-Amzn-RequestId: 1\r\n\r\n" OK "Content-Length: 0\r\n\r\n";
	struct cut cut;

	(void)state;
	cut_read(bytes, strlen(bytes), 0, &cut);
	assert_int_equal(cut.r, 0);
	assert_int_equal(cut.reply.date, 0);
	assert_int_equal(cut.reply.retry_after_ms, -1);
	assert_string_equal(cut.reply.request_id, "");
	cut_done(&cut);
}

/* `count` times the same text, behind OK. */
static void check_many(const char *text, size_t count, const char *end, int r)
{
	struct buffer bytes;
	struct cut cut;

	buffer_init(&bytes, (size_t)1024 * 1024);
	(void)buffer_append_text(&bytes, OK);
	while (count-- > 0)
		(void)buffer_append_text(&bytes, text);
	(void)buffer_append_text(&bytes, end);
	assert_int_equal(buffer_status(&bytes), 0);
	cut_read(bytes.data, bytes.length, 0, &cut);
	assert_int_equal(cut.r, r);
	cut_done(&cut);
	assert_true(cut_same(bytes.data, bytes.length));
	buffer_done(&bytes);
}

static void limits(void **state)
{
	(void)state;
	check_many("X: y\r\n", 1000, "\r\n{}", 0);
	check_many("X: y\r\n", HTTP_HEADERS_MAX / 6 + 1, "\r\n{}", -ERROR_LIMIT);
	check_many("x", HTTP_HEADERS_MAX, "", -ERROR_LIMIT);
	check_many("\r\n", 1, "", 0);
	check_many("\r\n", CUT_REPLY_MAX / 2 + 2, "", -ERROR_LIMIT);
	check_many("Transfer-Encoding: chunked\r\n", 1, "\r\n1001\r\n", -ERROR_NETWORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(chunks),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(facts),
		cmocka_unit_test(nul),
		cmocka_unit_test(interim),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
