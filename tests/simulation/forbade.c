/* SPDX-License-Identifier: Apache-2.0 */
#include "forbade.h"

uint64_t forbade[GUARD_ALL + 1];

enum guard_rule __real_guard_check(const struct situation *situation, const struct step *step,
	struct condition *ret_condition);
enum guard_rule __wrap_guard_check(const struct situation *situation, const struct step *step,
	struct condition *ret_condition);

enum guard_rule __wrap_guard_check(
	const struct situation *situation, const struct step *step, struct condition *ret_condition)
{
	enum guard_rule rule = __real_guard_check(situation, step, ret_condition);

	forbade[rule]++;
	return rule;
}

enum guard_rule __real_guard_check_but_waiting(
	const struct situation *situation, const struct step *step);
enum guard_rule __wrap_guard_check_but_waiting(
	const struct situation *situation, const struct step *step);
bool __real_guard_forbids(
	const struct situation *situation, enum guard_rule rule, enum step_kind kind);
bool __wrap_guard_forbids(
	const struct situation *situation, enum guard_rule rule, enum step_kind kind);
bool __real_guard_stale(const struct step *step, int64_t clock);
bool __wrap_guard_stale(const struct step *step, int64_t clock);

enum guard_rule __wrap_guard_check_but_waiting(
	const struct situation *situation, const struct step *step)
{
	enum guard_rule rule = __real_guard_check_but_waiting(situation, step);

	forbade[rule]++;
	return rule;
}

bool __wrap_guard_forbids(
	const struct situation *situation, enum guard_rule rule, enum step_kind kind)
{
	bool forbids = __real_guard_forbids(situation, rule, kind);

	forbade[rule] += forbids;
	return forbids;
}

bool __wrap_guard_stale(const struct step *step, int64_t clock)
{
	bool stale = __real_guard_stale(step, clock);

	forbade[GUARD_N4_AGE] += stale;
	return stale;
}
