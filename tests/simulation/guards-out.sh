#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Each guard taken out, one at a time: core/guard.c is built without the rule, the exploration is
# linked with it and must find a story that breaks what the rule protects. A guard whose absence
# nothing notices is dead, or the invariants lack something. `make check` runs it.

set -u
export LC_ALL=C

# It is about logic alone: once a run is enough, and instrumented code only makes it slow.
[ "${TESTS_EFFORT:-}" != small ] || { echo "skipped: a small effort was asked for"; exit 77; }

# It only computes: tests beside it that are held to a time come first.
renice -n 10 $$ >/dev/null

source=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-.}
compiler=${CC:-cc}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# rule, what it protects (design 4, Never), a world in which its absence shows soon, disturbances
rules='
POLICY    policies                     one        1
N9        N9,_rule_1                   one        1
N7        N7                           one        1
N11       N11                          one        1
N4_CLOCK  N4,_clock                    one        1
N4_VIEW   4.5,_contradictory_views     adoption   3
N2        N2                           full       1
N8        N8                           adoption   2
RETIRE    4.5,_retire                  rotation   1
N1A       N1a                          adoption   2
N1B       N1b                          aging      2
N1C       N1c                          adoption   2
N3        N3                           aging      1
NEEDED    4.5,_StillNeeded             adoption   3
GRACE     4.5,_grace                   adoption   2
N5        N5                           one        1
REENABLE  rule_4,_reenable_after       adoption   2
N6_FILE   N6,_the_file                 adoption   2
N6_GRACE  N6,_grace                    adoption   2
N12       N12                          leaving    1
N4_AGE    N4,_60_s                     one        1
'

# builds the exploration without the rule $1 as $2
build_without()
{
	# shellcheck disable=SC2086 # flags are words
	$compiler -std=c17 -D_GNU_SOURCE -O2 -fPIE -I"$source/daemon" ${SANITIZE:-} \
		-DGUARD_WITHOUT="GUARD_$1" -c "$source/daemon/core/guard.c" -o "$2.o" &&
	$compiler -pie ${SANITIZE:-} \
		-Wl,--wrap=guard_check,--wrap=guard_check_but_waiting,--wrap=guard_forbids,--wrap=guard_stale \
		-o "$2" "$build"/tests/simulation/explore-*.o "$2.o" "$build/libcore.a" "$build/libbase.a"
}

while read -r rule protects world budget; do
	[ -n "$rule" ] || continue
	if ! build_without "$rule" "$scratch/$rule"; then
		echo "not ok - $rule: does not build"
		failed=1
		continue
	fi
	"$scratch/$rule" --quick --budget "$budget" "$world" >"$scratch/out" 2>&1
	broken=$(sed -n 's/^VIOLATION: //p' "$scratch/out" | head -n 1)
	if [ -n "$broken" ]; then
		echo "ok - without $rule (${protects//_/ }): $broken"
	else
		echo "not ok - without $rule (${protects//_/ }): no violation in the worlds \"$world\" within $budget disturbances"
		tail -n 5 "$scratch/out"
		failed=1
	fi
	rm -f "$scratch/$rule" "$scratch/$rule.o"
done <<<"$rules"

exit $failed
