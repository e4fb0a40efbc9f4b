#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The unit as `make install` would install it: systemd takes it without a word, and its sandbox does
# not get weaker unnoticed. Skipped (77) where there is no systemd-analyze.

set -u
export LC_ALL=C

# What `systemd-analyze security` may say at most; what is left, sandbox.conf explains.
exposure_max=1.1

command -v systemd-analyze >/dev/null || { echo "no systemd-analyze"; exit 77; }

source=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-.}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/system/result.sh
. "$source/tests/system/result.sh"

# As this build makes them; verify wants the program to be there: any executable will do.
services=(ldapsward ldapsward@ ldapsward-apply)
cp /bin/true "$scratch/ldapsward"
for service in "${services[@]}"; do
	sed "s,^\(Exec[A-Za-z]*=\)[^ ]*/ldapsward ,\1$scratch/ldapsward ," "$build/systemd/$service.service" >"$scratch/$service.service"
done
cp "$source/systemd/ldapsward-apply.timer" "$scratch/"
! grep -n '@[a-z]*@' "$scratch"/*.service
result "every placeholder is known" $?
[ "$(grep -c "^ProtectSystem=strict$" "$scratch"/*.service | grep -c ":1$")" = ${#services[@]} ]
result "every service has the sandbox" $?

for unit in ldapsward.service ldapsward@team.service ldapsward-apply.service ldapsward-apply.timer; do
	[ -e "$scratch/$unit" ] || cp "$scratch/${unit/@*./@.}" "$scratch/$unit"
	complaints=$(systemd-analyze verify --man=no "$scratch/$unit" 2>&1)
	status=$?
	# Its user comes with the sysusers file; units of the machine around it are not ours to judge.
	complaints=$(grep ldapsward <<<"$complaints")
	[ -z "$complaints" ] && [ $status -eq 0 ]
	result "systemd takes $unit without a word" $?
	[ -z "$complaints" ] || echo "$complaints"
done

sed 's/^WatchdogSec=.*/WatchdogSec=often/' "$scratch/ldapsward.service" >"$scratch/ldapsward-wrong.service"
systemd-analyze verify --man=no "$scratch/ldapsward-wrong.service" 2>&1 | grep -q "Failed to parse"
result "it would not take a wrong one" $?

# Every point that is left is explained in the sandbox's comment, and none that is not left.
explained()
{
	sed -n 's/^#   \(.*\):.*/\1/p' "$source/systemd/sandbox.conf" |
		grep -o '[0-9]\.[0-9]' | awk '{ sum += $1 } END { printf "%.1f", sum }'
}

if systemd-analyze --help | grep -q -- --offline; then
	for service in "${services[@]}"; do
		report=$(systemd-analyze security --no-pager --offline=true "$scratch/$service.service")
		level=$(sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p' <<<"$report")
		awk -v level="${level:-10}" -v most="$exposure_max" 'BEGIN { exit !(level <= most) }'
		result "exposure ${level:-unknown} of $service.service is at most $exposure_max" $?
	done
	left=$(systemd-analyze security --json=short --offline=true "$scratch/ldapsward.service" |
		grep -o '"exposure":"[0-9.]*"' | tr -d '"' | awk -F: '{ sum += $2 } END { printf "%.1f", sum }')
	[ "$(explained)" = "$left" ]
	result "each of the $left points that are left is explained" $?
fi

if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$scratch/root"
	made=$(systemd-sysusers --dry-run --root="$scratch/root" "$(realpath "$source/systemd/ldapsward.sysusers")" 2>&1)
	grep -q "ldapsward" <<<"$made"
	result "the user is made" $?
fi
exit $failed
