#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The unit as `make install` would install it: systemd takes it without a word, and its sandbox does
# not get weaker unnoticed. Skipped (77) where there is no systemd-analyze.

set -u
export LC_ALL=C

# What `systemd-analyze security` may say at most; 1.1 is what is left, see the unit.
exposure_max=1.2

command -v systemd-analyze >/dev/null || { echo "no systemd-analyze"; exit 77; }

source=${top_srcdir:-$(dirname "$0")/../..}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# words of the result..., said of the case $1
result()
{
	if [ "$2" = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failed=1
	fi
}

# verify wants the program to be there: any executable will do.
cp /bin/true "$scratch/ldapsward"
sed "s,@bindir@,$scratch,g;s,@sysconfdir@,/etc,g" "$source/systemd/ldapsward.service.in" >"$scratch/ldapsward.service"
! grep -n '@[a-z]*@' "$scratch/ldapsward.service"
result "every placeholder is known" $?

complaints=$(systemd-analyze verify --man=no "$scratch/ldapsward.service" 2>&1)
status=$?
# Its user comes with the sysusers file; units of the machine around it are not ours to judge.
complaints=$(grep ldapsward <<<"$complaints")
[ -z "$complaints" ] && [ $status -eq 0 ]
result "systemd takes the unit without a word" $?
[ -z "$complaints" ] || echo "$complaints"

sed 's/^WatchdogSec=.*/WatchdogSec=often/' "$scratch/ldapsward.service" >"$scratch/ldapsward-wrong.service"
systemd-analyze verify --man=no "$scratch/ldapsward-wrong.service" 2>&1 | grep -q "Failed to parse"
result "it would not take a wrong one" $?

if systemd-analyze --help | grep -q -- --offline; then
	report=$(systemd-analyze security --no-pager --offline=true "$scratch/ldapsward.service")
	level=$(sed -n 's/.*Overall exposure level for ldapsward.service: \([0-9.]*\).*/\1/p' <<<"$report")
	awk -v level="${level:-10}" -v most="$exposure_max" 'BEGIN { exit !(level <= most) }'
	result "exposure ${level:-unknown} is at most $exposure_max" $?
fi

if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$scratch/root"
	made=$(systemd-sysusers --dry-run --root="$scratch/root" "$(realpath "$source/systemd/ldapsward.sysusers")" 2>&1)
	grep -q "ldapsward" <<<"$made"
	result "the user is made" $?
fi
exit $failed
