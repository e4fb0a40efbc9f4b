#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The packages, as a distribution would make them of this tree, and what they do to a machine: `make
# check-package` runs this in a configured build directory. Each part is skipped with a reason where its tools
# are not installed (./bootstrap packages package); the status is 77 if every part was.
#
#   1. packaging/build-deb makes the Debian packages; lintian has no error and no warning
#   2. packaging/build-rpm makes the RPM packages; rpmlint has none for these and the spec
#   3. the Debian packages in a booted systemd: installed, upgraded, removed, purged (test-package-guest.sh)
#   4. autopkgtest runs the demonstration against the installed programs, as debian/tests says

set -u
export LC_ALL=C

source=$(realpath "${top_srcdir:-$(dirname "$0")/../..}")
build=$(realpath "${top_builddir:-.}")
system=$source/tests/system
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/system/result.sh
. "$system/result.sh"

# reason: a part that cannot run here.
skip()
{
	echo "ok - # SKIP $*"
}

# command...: whether all are installed; says which is not.
have()
{
	local command
	for command in "$@"; do
		command -v "$command" >/dev/null || { skip "$command is not installed"; return 1; }
	done
}

# file: the end of a log, where its part failed.
tell()
{
	tail -n 40 "$1" | sed 's/^/    /'
}

# ---------------------------------------------------------------- 1. Debian

packages=$scratch/deb

test_debian()
{
	local status missing

	have dpkg-buildpackage dh lintian || return
	if ! missing=$(dpkg-checkbuilddeps "$source/packaging/debian/control" 2>&1); then
		skip "${missing##*: }"
		return
	fi
	DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(getconf _NPROCESSORS_ONLN)" \
		"$source/packaging/build-deb" "$build" "$packages" >"$scratch/deb.log" 2>&1
	status=$?
	result "the Debian packages are built" $status
	[ $status = 0 ] || { tell "$scratch/deb.log"; return; }
	! grep -n "warning:" "$scratch/deb.log"
	result "without a warning" $?
	lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$packages"/*.changes >"$scratch/lintian.log" 2>&1
	status=$?
	result "lintian has no error and no warning" $status
	[ $status = 0 ] || tell "$scratch/lintian.log"
}

# ---------------------------------------------------------------- 2. RPM

test_rpm()
{
	local status

	have rpmbuild rpmlint || return
	rpmlint -c "$source/packaging/rpmlint.toml" "$source/packaging/ldapsward.spec" >"$scratch/rpmlint.log" 2>&1 &&
		grep -q " 0 errors, 0 warnings" "$scratch/rpmlint.log"
	status=$?
	result "rpmlint has no word about the spec" $status
	[ $status = 0 ] || tell "$scratch/rpmlint.log"
	# Debian's packages were built with all optimization; once is enough
	"$source/packaging/build-rpm" "$build" "$scratch/rpm" --nocheck --define 'optflags -O0' >"$scratch/rpm.log" 2>&1
	status=$?
	result "the RPM packages are built" $status
	[ $status = 0 ] || { tell "$scratch/rpm.log"; return; }
	rpmlint -c "$source/packaging/rpmlint.toml" "$scratch"/rpm/*.rpm >"$scratch/rpmlint.log" 2>&1 &&
		grep -q " 0 errors, 0 warnings" "$scratch/rpmlint.log"
	status=$?
	result "rpmlint has no word about them" $status
	[ $status = 0 ] || tell "$scratch/rpmlint.log"
}

# ---------------------------------------------------------------- 3. on a machine

# What the packages, the guest's test and autopkgtest want there.
tree_packages=libcurl4,libyaml-0-2,libexpat1,libjansson4,libsqlite3-0,libmicrohttpd12,libssl3,ca-certificates
tree_packages+=,apt-utils,curl,dpkg-dev,jq,openssl,python3

make_tree()
{
	tree=$("$system/boot-systemd.sh" -m -p "$tree_packages" 2>"$scratch/tree.log") && [ -d "$tree" ]
}

# An older package: the same files under an older version.
make_older()
{
	local package

	for package in "$packages"/*.deb; do
		rm -rf "$scratch/older"
		dpkg-deb -R "$package" "$scratch/older" &&
			sed -i 's/^Version: .*/Version: 0.0.9-0upstream1/' "$scratch/older/DEBIAN/control" &&
			dpkg-deb --root-owner-group -b "$scratch/older" "$scratch/guest/older/" >/dev/null || return 1
	done
}

test_machine()
{
	local status

	mkdir -p "$scratch/guest/older" "$scratch/guest/newer" "$scratch/guest/certificates"
	make_older || { result "an older package is made" 1; return; }
	cp "$packages"/*.deb "$scratch/guest/newer/"
	cp "$system"/{result,test-package-guest}.sh "$scratch/guest/"
	/usr/bin/python3 "$source/tests/data/make-certificates.py" "$scratch/guest/certificates" >/dev/null || exit 1
	# the first step of the ledger's schema, as SQL
	sed -n '/^	\/\* 0: /,/^	\/\* 1: /p' "$source/daemon/edge/ledger-statement.c" |
		grep -o '"[^"]*"' | tr -d '"' >"$scratch/guest/first.sql"
	"$system/boot-systemd.sh" -o "$scratch/out" -t 300 -p "$tree_packages" -s "$scratch/guest:/test" -- \
		bash /test/test-package-guest.sh
	status=$?
	[ $status != 125 ] || { skip "no systemd could be booted here"; return; }
	[ $status = 0 ] || { tail -40 "$scratch/out/journal.txt"; failed=1; }
	ran=1
}

# ---------------------------------------------------------------- 4. autopkgtest

# In a copy of the tree that ends with its mount namespace.
in_copy()
{
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -c '
		tree=$1 work=$2
		shift 2
		mount -t tmpfs copy "$work" && mkdir "$work/upper" "$work/work" "$work/root" &&
			mount -t overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" copy "$work/root" &&
			mount -t proc proc "$work/root/proc" && mount --rbind /dev "$work/root/dev" || exit 125
		: >"$work/root/etc/apt/sources.list"
		"$@" -- chroot "$work/root"
	' in_copy "$@"
}

test_autopkgtest()
{
	local status

	have autopkgtest || return
	mkdir "$scratch/copy"
	in_copy "$tree" "$scratch/copy" autopkgtest -q "$packages"/*.deb "$packages"/*.dsc >"$scratch/autopkgtest.log" 2>&1
	status=$?
	[ $status != 125 ] || { skip "no copy of the tree can be mounted"; return; }
	[ $status = 0 ] && grep -qE '^demo +PASS' "$scratch/autopkgtest.log"
	status=$?
	result "autopkgtest runs the demonstration against the installed programs" $status
	[ $status = 0 ] || tell "$scratch/autopkgtest.log"
}

test_debian
test_rpm
if [ "$(id -u)" != 0 ]; then
	skip "booting a systemd needs root"
elif ls "$packages"/*.deb >/dev/null 2>&1 && have systemd-nspawn mmdebstrap; then
	if make_tree; then
		test_machine
		test_autopkgtest
	else
		skip "no tree for a systemd could be made: $(tail -n 1 "$scratch/tree.log")"
	fi
fi
[ $ran = 1 ] || exit 77
exit $failed
