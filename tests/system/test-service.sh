#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The unit under a real systemd: ready, in the journal with its fields, reloaded by a good file and
# not by a bad one, kept by the sandbox from what it may not do, ended within two seconds. Boots a
# systemd of its own with boot-systemd.sh and runs test-service-guest.sh in it. Skipped (77) without
# root, namespaces or the packages that this needs.

set -u
export LC_ALL=C

source=$(realpath "${top_srcdir:-$(dirname "$0")/../..}")
build=$(realpath "${top_builddir:-.}")

skip()
{
	echo "skipped: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "booting a systemd needs root"
command -v systemd-nspawn >/dev/null || skip "no systemd-nspawn (package systemd-container)"
command -v mmdebstrap >/dev/null || skip "no mmdebstrap"
# Once a run is enough, and an instrumented program does not fit the sandbox.
[ "${TESTS_EFFORT:-}" != small ] || skip "a small effort was asked for"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Installed as a package would be, by the makefile of this build.
make -s -C "$build" install DESTDIR="$scratch/root" prefix=/usr sysconfdir=/etc localstatedir=/var \
	>"$scratch/install.log" 2>&1 || { cat "$scratch/install.log"; echo "not ok - make install"; exit 1; }
mkdir "$scratch/units"
cp "$source/systemd/credentials.conf" "$scratch/"
for unit in ldapsward.service ldapsward@.service ldapsward-apply.service; do
	sed 's,^\(Exec[A-Za-z]*=\)[^ ]*/ldapsward ,\1/usr/bin/ldapsward ,;s,[^ =-]*/etc/ldapsward,/etc/ldapsward,' \
		"$build/systemd/$unit" >"$scratch/units/$unit"
done
cp "$source/systemd/ldapsward-apply.timer" "$scratch/units/"
mkdir "$scratch/certificates"
/usr/bin/python3 "$source/tests/data/make-certificates.py" "$scratch/certificates" >/dev/null || exit 1
cp "$source/systemd/ldapsward.sysusers" "$source"/tests/system/{result,test-service-guest,service-crash,service-git,service-sandbox}.sh \
	"$build/tests/system/sandbox-probe" "$scratch/"

packages=libcurl4,libyaml-0-2,libexpat1,libjansson4,libsqlite3-0,libmicrohttpd12,libssl3,ca-certificates,git
"$source/tests/system/boot-systemd.sh" -m -p "$packages" \
	>"$scratch/tree.log" 2>&1 || skip "no tree for a systemd could be made: $(tail -1 "$scratch/tree.log")"
"$source/tests/system/boot-systemd.sh" -o "$scratch/out" -t 500 -p "$packages" \
	-s "$scratch:/test" -- bash /test/test-service-guest.sh
status=$?
[ $status != 125 ] || skip "no systemd could be booted here"
[ $status = 0 ] || tail -40 "$scratch/out/journal.txt"
exit $status
