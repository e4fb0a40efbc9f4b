#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What `make check` found, as one line: "N passed, N failed" and ", N skipped" if any.
#
#   tests/count.sh BUILD-DIRECTORY
#
# Counts the cases of each test, as cmocka, unittest and TAP name them in its log, and a test that
# names none as one. A test that failed without naming a failed case counts as one failure.
# Exit status: 0 nothing failed, 1 something did or no test has run.

set -eu

build=${1:?usage: tests/count.sh BUILD-DIRECTORY}

find "$build" -name '*.trs' ! -path '*/ldapsward-[0-9]*' ! -name test-suite.trs | sort | while read -r trs; do
	printf 'RESULT %s\n' "$(sed -n 's/^:global-test-result: *//p' "$trs")"
	grep -aE '^\[  (PASSED|FAILED|SKIPPED) *\] +[0-9]+ test|^Ran [0-9]+ test|^(OK|FAILED)( \(.*\))?$|^(not )?ok( |$)' "${trs%.trs}.log" || :
	printf 'END\n'
done | awk '
	function number(text, name,    at) {
		at = match(text, name "=[0-9]+")
		return at ? substr(text, RSTART + length(name) + 1, RLENGTH - length(name) - 1) + 0 : 0
	}
	/^RESULT / { result = $2; pass = fail = skip = 0; next }
	/^\[ *PASSED *\]/ { sub(/^\[[^]]*\] */, ""); pass += $1; next }
	/^\[ *FAILED *\] *[0-9]+ test/ { sub(/^\[[^]]*\] */, ""); fail += $1; next }
	/^\[ *SKIPPED *\] *[0-9]+ test/ { sub(/^\[[^]]*\] */, ""); skip += $1; next }
	/^Ran [0-9]+ test/ { pass += $2; next }
	/^(OK|FAILED)( \(.*\))?$/ {
		bad = number($0, "failures") + number($0, "errors"); out = number($0, "skipped")
		pass -= bad + out; fail += bad; skip += out; next
	}
	/^ok .*# *(SKIP|skip)/ { skip++; next }
	/^ok( |$)/ { pass++; next }
	/^not ok/ { fail++; next }
	/^END$/ {
		if (result == "SKIP") { if (!skip) skip = 1; pass = fail = 0 }
		else if (result == "PASS" || result == "XFAIL") { if (!pass && !skip) pass = 1 }
		else if (!fail) fail = 1
		passed += pass; failed += fail; skipped += skip; seen++
	}
	END {
		line = passed + 0 " passed, " failed + 0 " failed"
		if (skipped) line = line ", " skipped " skipped"
		print line
		exit failed > 0 || !seen
	}'
