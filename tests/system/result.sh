#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the tests in bash, also by those inside a booted systemd: how a case is said to be. `ran` is 1 once
# one was; a test ends with `exit $failed`.

# shellcheck disable=SC2034 # read by whoever sources this
failed=0 ran=0

# words of the result..., said of the case $1
result()
{
	ran=1
	if [ "$2" = 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failed=1
	fi
}

# what complaint: says whether there is none.
silent()
{
	[ -z "$2" ]
	result "$1" $?
	[ -z "$2" ] || sed 's/^/    /' <<<"$2"
}

# Waits until a command succeeds, 70 s at most: looks are 15 s apart.
until_true()
{
	for _ in $(seq 350); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	return 1
}
