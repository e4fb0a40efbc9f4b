/* SPDX-License-Identifier: Apache-2.0 */
#include "core/step.h"

#include <string.h>

#include "core/threshold.h"

static const struct {
	const char *word;
	enum operation operation;
} kinds[STEPS] = {
	[STEP_OBSERVE] = {"observe", OPERATION_UNKNOWN},
	[STEP_REGISTER] = {"register", OPERATION_REGISTER_CERTIFICATE},
	[STEP_DEREGISTER] = {"deregister", OPERATION_DEREGISTER_CERTIFICATE},
	[STEP_ENABLE] = {"enable", OPERATION_ENABLE_LDAPS},
	[STEP_DISABLE] = {"disable", OPERATION_DISABLE_LDAPS},
	[STEP_WAIT] = {"wait", OPERATION_UNKNOWN},
	[STEP_SETTLED] = {"settled", OPERATION_UNKNOWN},
	[STEP_HELD] = {"held", OPERATION_UNKNOWN},
};

const char *step_kind_str(enum step_kind kind)
{
	return (unsigned)kind < STEPS ? kinds[kind].word : "unknown";
}

enum operation step_operation(enum step_kind kind)
{
	return (unsigned)kind < STEPS ? kinds[kind].operation : OPERATION_UNKNOWN;
}

bool step_writes(const struct step *step)
{
	return step_operation(step->kind) != OPERATION_UNKNOWN;
}

enum severity condition_severity(const struct condition *condition)
{
	return condition->level != 0 ? threshold_severity(condition->level)
				     : reason_severity(condition->reason);
}

/* Makes room for what is no note: the last note goes. */
static void displace_note(struct decision *decision)
{
	size_t i = decision->conditions_count;

	while (i > 0 && condition_severity(&decision->conditions[i - 1]) != SEVERITY_NOTE)
		i--;
	if (i == 0)
		return;
	decision->conditions_count--;
	memmove(&decision->conditions[i - 1], &decision->conditions[i],
		(decision->conditions_count - (i - 1)) * sizeof(decision->conditions[0]));
}

void decision_tell(struct decision *decision, const struct condition *condition)
{
	if (decision->conditions_count == DECISION_CONDITIONS_MAX &&
		condition_severity(condition) != SEVERITY_NOTE)
		displace_note(decision);
	if (decision->conditions_count < DECISION_CONDITIONS_MAX)
		decision->conditions[decision->conditions_count++] = *condition;
}

void decision_copy(const struct decision *decision, struct decision *ret_copy)
{
	ret_copy->step = decision->step;
	ret_copy->conditions_count = decision->conditions_count;
	memcpy(ret_copy->conditions, decision->conditions,
		decision->conditions_count * sizeof(decision->conditions[0]));
}
