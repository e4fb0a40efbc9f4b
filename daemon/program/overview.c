/* SPDX-License-Identifier: Apache-2.0 */
#include "program/overview.h"

#include <string.h>

#include "edge/json.h"
#include "program/report.h"

const struct ledger_key overview_key = {"", "", ""};

struct overview overview_read(const char *saved, int64_t now)
{
	struct overview overview = {.written = now};
	json_t *value = NULL;
	int64_t looked;

	if (!saved || json_parse(saved, strlen(saved), &value, NULL) < 0)
		return overview;
	json_member_copy(value, "looked", overview.looked, sizeof(overview.looked));
	(void)json_member_instant(value, "interval", &overview.interval);
	overview.refused = json_is_true(json_object_get(value, "refused"));
	json_decref(value);
	if (instant_parse(overview.looked, &looked) < 0) {
		overview.looked[0] = '\0';
		return overview;
	}
	overview.age = now - looked;
	overview.stale =
		overview.interval > 0 && overview.age > OVERVIEW_INTERVALS * overview.interval;
	return overview;
}

int overview_save_text(int64_t looked, int64_t interval, bool refused, struct buffer *buffer)
{
	char at[INSTANT_SIZE];

	return buffer_printf(buffer, "{\"looked\":\"%s\",\"interval\":%lld,\"refused\":%s}",
		instant_format(looked, at), (long long)interval, refused ? "true" : "false");
}

int overview_begin(const struct overview *overview, struct buffer *buffer)
{
	const char *quote = overview->looked[0] != '\0' ? "\"" : "";
	char written[INSTANT_SIZE];

	return buffer_printf(buffer,
		"{\"version\":%d,\"written\":\"%s\",\"looked\":%s%s%s,\"interval\":%lld,"
		"\"stale\":%s,\"refused\":%s,\"directories\":[",
		REPORT_VERSION, instant_format(overview->written, written), quote,
		overview->looked[0] != '\0' ? overview->looked : "null", quote,
		(long long)overview->interval, overview->stale ? "true" : "false",
		overview->refused ? "true" : "false");
}
