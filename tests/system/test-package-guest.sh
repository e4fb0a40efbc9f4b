#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What test-package.sh runs inside the booted systemd: the life of the Debian packages on a machine. /test is
# its scratch folder, read-only.

set -u
# shellcheck source=tests/system/result.sh
. /test/result.sh

# action package...: dpkg, its words kept for a failure.
packages()
{
	DEBIAN_FRONTEND=noninteractive dpkg "$@" >/run/dpkg.log 2>&1 || { cat /run/dpkg.log; return 1; }
}

told()
{
	systemctl show -P StatusText "$1" | grep -q "$2"
}

# How many changes the API was asked for.
writes()
{
	grep -c '"operation": *"\(Register\|Deregister\|Enable\|Disable\)' /run/requests
}

# Mode and owner of a file.
mode()
{
	stat -c %a:%U:%G "$1"
}

# Which owner the certificate has in the eyes of status.
owner()
{
	ldapsward status --json --state-dir /var/lib/ldapsward | jq -r '.directories[].certificates[].owner' | sort -u
}

pid()
{
	systemctl show -P MainPID "$1"
}

# ---------------------------------------------------------------- installed

packages -i /test/older/*.deb
result "the packages are installed" $?
[[ $(getent passwd ldapsward) == *:/var/lib/ldapsward:*/nologin ]]
result "there is a user for the service, who cannot log in" $?
[ "$(mode /etc/ldapsward)" = 750:root:ldapsward ]
result "/etc/ldapsward is for root and that user alone" $?
! systemctl is-active --quiet ldapsward && ! systemctl is-enabled --quiet ldapsward && [ ! -e /var/lib/ldapsward ]
result "nothing runs without a configuration, and nothing is enabled" $?
[ -z "$(systemctl --failed --no-legend | grep ldapsward)" ]
result "and nothing has failed" $?
complaints=$(systemd-analyze verify --man=no ldapsward.service ldapsward@team.service ldapsward-apply.timer 2>&1 | grep ldapsward)
[ -z "$complaints" ]
result "systemd takes the installed units without a word" $?
[ -z "$complaints" ] || echo "$complaints"
journalctl --list-catalog "$(sed -n 's/^-- \([0-9a-f]*\)$/\1/p' /usr/lib/systemd/catalog/ldapsward.catalog | head -n 1)" 2>/dev/null | grep -q .
result "journalctl -x knows its catalog" $?
bash -c '. /usr/share/bash-completion/completions/ldapsward && complete -p ldapsward' >/dev/null
result "the completion of bash is in its place" $?
dpkg -L ldapsward | grep -qx /usr/share/zsh/vendor-completions/_ldapsward && dpkg -L ldapsward | grep -qx /usr/share/fish/vendor_completions.d/ldapsward.fish
result "so are those of zsh and fish" $?
ldapsward check 2>&1 | grep -q '^/etc/ldapsward/ldapsward.yaml: cannot '
result "a configuration is looked for in /etc/ldapsward" $?

# ---------------------------------------------------------------- configured

echo '[{"create": {"id": "d-926708e4f1", "name": "corp.example.com", "type": "MicrosoftAD"}},
	{"create": {"id": "d-926708e4f2", "name": "team.example.com", "type": "MicrosoftAD"}}]' >/run/seed.json
ldapsward-emulator --port 8999 --seed /run/seed.json --request-log /run/requests >/run/emulator.log 2>&1 &
emulator=$!

# directory id name: a configuration in this folder of /etc/ldapsward.
configure()
{
	mkdir -p "/etc/ldapsward/$1/ca"
	cp /test/certificates/corp-root.pem "/etc/ldapsward/$1/ca/"
	cat >"/etc/ldapsward/$1/ldapsward.yaml" <<-Y
		version: 1
		defaults: {regions: [eu-west-1], policy: sync, client_ldaps: enabled}
		authorities:
		  corp-root: {certificates: [ca/corp-root.pem]}
		directories:
		  - {id: $2, name: $3, trust: [corp-root]}
	Y
	chgrp -R ldapsward "/etc/ldapsward/$1"
	chmod -R g+rX,o= "/etc/ldapsward/$1"
	install -m 0600 /dev/stdin "/etc/ldapsward/$1/environment" <<-V
		AWS_ACCESS_KEY_ID=AKIDEXAMPLE
		AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
		AWS_ENDPOINT_URL_DIRECTORY_SERVICE=http://127.0.0.1:8999
	V
}
configure . d-926708e4f1 corp.example.com
configure team d-926708e4f2 team.example.com
runuser -u ldapsward -- ldapsward check >/dev/null
result "the service's user can read it" $?
! runuser -u nobody -- ldapsward check >/dev/null 2>&1 && ! runuser -u ldapsward -- cat /etc/ldapsward/environment 2>/dev/null
result "another cannot, and the keys are root's alone" $?

(
	set -a
	. /etc/ldapsward/environment
	timeout 60 ldapsward apply --timeout 50s >/run/apply.log 2>&1
)
result "root applies it once by hand, as README.md says" $?
systemctl enable --now ldapsward 2>/dev/null && systemctl start ldapsward@team
result "the service starts, and an instance beside it" $?
until_true told ldapsward "1 converged" && until_true told ldapsward@team "1 converged"
result "both converge" $?
[ -z "$(find /var/lib/ldapsward ! -user ldapsward)" ]
result "what root's run left is the service's now" $?
done=$(writes)
[ "$(owner)" = ldapsward ]
result "the certificate is known as its own" $?

# ---------------------------------------------------------------- upgraded

systemctl stop ldapsward
version=$(python3 -c 'import sqlite3; print(sqlite3.connect("/var/lib/ldapsward/ledger.sqlite").execute("PRAGMA user_version").fetchone()[0])')
python3 - <<'P'
# The ledger as the first version of its schema had it, with what it remembers now.
import os, shutil, sqlite3
path = "/var/lib/ldapsward/ledger.sqlite"
now, old = sqlite3.connect(path), sqlite3.connect("/run/old.sqlite")
old.executescript(open("/test/first.sql").read())
for table, in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    columns = ", ".join(row[1] for row in old.execute("PRAGMA table_info(%s)" % table))
    for row in now.execute("SELECT %s FROM %s" % (columns, table)):
        old.execute("INSERT INTO %s (%s) VALUES (%s)" % (table, columns, ", ".join("?" * len(row))), row)
old.execute("PRAGMA application_id = %d" % now.execute("PRAGMA application_id").fetchone()[0])
old.execute("PRAGMA user_version = 1")
old.commit()
old.close()
now.close()
with open("/run/old.sqlite", "rb") as source, open(path, "wb") as target:
    shutil.copyfileobj(source, target)
P
result "a ledger of the first version is put in the place of today's, version $version" $?
team=$(pid ldapsward@team)
packages -i /test/newer/*.deb && [ "$(dpkg-query -W -f '${Version}' ldapsward)" != 0.0.9-0upstream1 ]
result "the packages are upgraded" $?
! systemctl is-active --quiet ldapsward && systemctl is-enabled --quiet ldapsward
result "a stopped service stays stopped, and enabled" $?
systemctl is-active --quiet ldapsward@team && [ "$(pid ldapsward@team)" != "$team" ]
result "an instance that runs is restarted" $?
systemctl start ldapsward && until_true told ldapsward "1 converged"
result "the service starts on the old ledger" $?
[ "$(python3 -c 'import sqlite3; print(sqlite3.connect("/var/lib/ldapsward/ledger.sqlite").execute("PRAGMA user_version").fetchone()[0])')" = "$version" ] && [ "$version" -gt 1 ]
result "which is of today's version now" $?
[ "$(owner)" = ldapsward ] && ldapsward history --json --state-dir /var/lib/ldapsward | grep -q register
result "and still knows what is its own, and what was done" $?
[ "$(mode /var/lib/ldapsward)" = 700:ldapsward:ldapsward ] && [ "$(mode /var/lib/ldapsward/ledger.sqlite)" = 600:ldapsward:ldapsward ]
result "the state is its own user's alone" $?
before=$(pid ldapsward)
packages -i /test/newer/ldapsward_*.deb && systemctl is-active --quiet ldapsward && [ "$(pid ldapsward)" != "$before" ] && until_true told ldapsward "1 converged"
result "a service that runs is restarted by an upgrade" $?
[ "$(writes)" = "$done" ]
result "and nothing was written to the API through all of this ($done changes)" $?

# ---------------------------------------------------------------- removed, purged

packages -r ldapsward
result "the package is removed" $?
! pgrep -x ldapsward >/dev/null && ! systemctl cat ldapsward >/dev/null 2>&1
result "the service and its instance have ended, and their units are gone" $?
[ -s /etc/ldapsward/ldapsward.yaml ] && [ -s /var/lib/ldapsward/ledger.sqlite ]
result "configuration and state stay" $?
packages -i /test/newer/ldapsward_*.deb && systemctl start ldapsward && until_true told ldapsward "1 converged" && [ "$(writes)" = "$done" ]
result "installed again it goes on where it was" $?

packages -P ldapsward
result "the package is purged, while it runs" $?
! pgrep -x ldapsward >/dev/null && [ ! -e /var/lib/ldapsward ] && [ ! -e /run/ldapsward ]
result "the state is gone" $?
[ -z "$(find /etc/systemd /var/lib/systemd -name '*ldapsward*')" ]
result "and nothing is left enabled" $?
[ -s /etc/ldapsward/ldapsward.yaml ] && getent passwd ldapsward >/dev/null
result "what the administrator wrote stays, and the user" $?
[ -z "$(systemctl --failed --no-legend | grep ldapsward)" ]
result "nothing has failed" $?

packages -i /test/newer/ldapsward_*.deb && rm -rf /etc/ldapsward/* && packages -P ldapsward && [ ! -e /etc/ldapsward ]
result "an empty /etc/ldapsward goes with the purge" $?
packages -P ldapsward-emulator && [ -z "$(find /usr /lib /etc /var/lib -xdev -name '*ldapsward*' ! -path '/etc/group*' ! -path '/var/lib/dpkg/*')" ]
result "and no file of the packages is left" $?
kill "$emulator"
exit $failed
