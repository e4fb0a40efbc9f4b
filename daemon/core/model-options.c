/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the options: guards, open points and their answers. */
#include "core/model.h"

#include <string.h>

/* Every guard fits the mask. */
_Static_assert(MODEL_GUARDS < 32, "struct model_options: guards is too narrow");

static const char *const guard_words[] = {
#define X(name, word) [MODEL_GUARD_##name] = word,
	MODEL_GUARD_TABLE(X)
#undef X
};

static const struct {
	const char *word;
	const char *answers[MODEL_ANSWERS_MAX];
} points[] = {
#define X(name, word, first, second, third) [MODEL_POINT_##name] = {word, {first, second, third}},
	MODEL_POINT_TABLE(X)
#undef X
};

const char *model_guard_str(enum model_guard guard)
{
	return guard_words[guard];
}

const char *model_point_str(enum model_point point)
{
	return points[point].word;
}

const char *model_answer_str(enum model_point point, unsigned answer)
{
	return answer < MODEL_ANSWERS_MAX ? points[point].answers[answer] : NULL;
}

int model_guard_parse(const char *word, enum model_guard *ret_guard)
{
	for (int guard = 0; guard < MODEL_GUARDS; guard++)
		if (strcmp(guard_words[guard], word) == 0) {
			*ret_guard = (enum model_guard)guard;
			return 0;
		}
	return -ERROR_INVALID;
}

int model_point_parse(const char *word, enum model_point *ret_point)
{
	for (int point = 0; point < MODEL_POINTS; point++)
		if (strcmp(points[point].word, word) == 0) {
			*ret_point = (enum model_point)point;
			return 0;
		}
	return -ERROR_INVALID;
}

int model_answer_parse(enum model_point point, const char *word, uint8_t *ret_answer)
{
	const char *text;

	for (uint8_t answer = 0; (text = model_answer_str(point, answer)); answer++)
		if (strcmp(text, word) == 0) {
			*ret_answer = answer;
			return 0;
		}
	return -ERROR_INVALID;
}

struct model_options model_options_default(void)
{
	return (struct model_options){
		.guards = (1u << MODEL_GUARDS) - 1,
		.ldaps_limit = SERVICE_LDAPS_LIMIT,
		.auth_limit = SERVICE_AUTH_LIMIT,
	};
}

bool model_guarded(const struct model_options *options, enum model_guard guard)
{
	return options->guards & (1u << guard);
}
