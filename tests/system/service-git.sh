#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Part of test-service-guest.sh: /etc/ldapsward is a work tree, and `git pull` is all that is done.
# shellcheck shell=bash

git_quietly()
{
	git -c user.name=admin -c user.email=admin@example.com -c init.defaultBranch=main -c advice.detachedHead=false "$@" >>/run/git.log 2>&1
}

# Edits, commits and pushes in a colleague's clone; prints the commit.
push()
{
	sed -i "$1" /srv/colleague/ldapsward.yaml
	git_quietly -C /srv/colleague commit -am "$1" && git_quietly -C /srv/colleague push
	git -C /srv/colleague rev-parse HEAD
}

printf '%s\n' /environment /credentials /a /b >/etc/ldapsward/.gitignore
git_quietly init --bare /srv/ldapsward.git
git_quietly -C /etc/ldapsward init
git_quietly -C /etc/ldapsward add .gitignore ldapsward.yaml ca
git_quietly -C /etc/ldapsward commit -m "as it is"
git_quietly -C /etc/ldapsward remote add origin /srv/ldapsward.git
git_quietly -C /etc/ldapsward push -u origin main
git_quietly clone /srv/ldapsward.git /srv/colleague

reloads=$(journalctl -u ldapsward --no-pager | grep -c "Reload")
commit=$(push 's/interval: 25s/interval: 24s/')
git_quietly -C /etc/ldapsward pull
until_true entry CONFIG_REVISION="$commit"
result "git pull is all it takes: the file is taken, and the journal has the commit" $?
commit=$(push 's/^version: 1/version: 1\npolcy: sync/')
git_quietly -C /etc/ldapsward pull
until_true told "the file has mistakes"
result "a commit with a mistake that is pulled is refused" $?
until_true told "1 converged, 0 rotating, 0 held" && systemctl is-active --quiet ldapsward
result "and the last good file stays in force" $?
until_true grep -q '^ldapsward_config_last_reload_successful 0' /var/lib/node-exporter/ldapsward.prom
result "which the metrics tell" $?
commit=$(push '/^polcy/d')
git_quietly -C /etc/ldapsward pull
until_true told "held; next pass at [0-9:]* UTC$" && entry CONFIG_REVISION="$commit"
result "until a commit mends it" $?
[ "$(journalctl -u ldapsward --no-pager | grep -c "Reload")" = "$reloads" ]
result "without a reload by anybody" $?
