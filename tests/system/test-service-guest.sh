#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What test-service.sh runs inside the booted systemd; /test is its scratch folder, read-only.

set -u
# shellcheck source=tests/system/result.sh
. /test/result.sh

# Whether the service's journal has an entry with all of these FIELD=value.
entry()
{
	[ -n "$(journalctl -u ldapsward -o json --no-pager "$@")" ]
}

# The state of the service is its own user's; status looks where the unit keeps it.
ready()
{
	runuser -u ldapsward -- ldapsward status --state-dir /var/lib/ldapsward
}

# Whether STATUS= is as it should be.
told()
{
	systemctl show -P StatusText ldapsward | grep -q "$1"
}

# Whether the journal says so; it may take it in a moment after it was sent.
journal_says()
{
	journalctl -u ldapsward --no-pager | grep -q "$1"
}

# Whether the instance $1 has taken another file.
taken()
{
	journalctl -u "ldapsward@$1" --no-pager | grep -q "yaml taken"
}

# Whether apply has told its end; not by its unit, which journald cannot tell of a process that has ended by then.
apply_told()
{
	journalctl -t ldapsward -o json --no-pager |
		grep -q '"MESSAGE":"apply: 0 steps done, 0 failed; 1 of 1 directories ready"'
}

# Whether apply has told, as an error, that it could not begin.
apply_refused()
{
	journalctl -t ldapsward -p err -o cat --no-pager | grep -q "^apply: .*holds this state"
}

# Edits a file as git does: another is put in its place, which belongs to whom the old one did.
swap()
{
	sed "$2" "$1" >"$1.new"
	chown --reference="$1" "$1.new" && chmod --reference="$1" "$1.new"
	mv "$1.new" "$1"
}

# How many registrations, removals and the like the API was asked for.
writes()
{
	grep -c '"operation": *"\(Register\|Deregister\|Enable\|Disable\)' /run/requests
}

# How often the service was restarted by systemd.
restarted()
{
	[ "$(systemctl show -P NRestarts ldapsward)" = "$1" ]
}

# Whether the unit's main process has ended with this status.
ended_with()
{
	[ "$(systemctl show -P ExecMainStatus "$1")" = "$2" ]
}

# Whether a unit runs no more.
over()
{
	[ "$(systemctl show -P ActiveState "$1")" = inactive ]
}

# Whether the journal says so, so many times.
entry_times()
{
	[ "$(journalctl -u ldapsward --no-pager | grep -c "$2")" = "$1" ]
}

# The tree is read-only below /test; what is installed is copied to where it belongs.
cp -r /test/root/usr/bin/. /usr/bin/
cp /test/root/usr/lib/systemd/catalog/* /usr/lib/systemd/catalog/ && journalctl --update-catalog
mkdir -p /etc/ldapsward/ca
cp /test/units/* /etc/systemd/system/
systemd-sysusers /test/ldapsward.sysusers
cp /test/certificates/corp-root.pem /etc/ldapsward/ca/
cat >/etc/ldapsward/ldapsward.yaml <<'Y'
version: 1
interval: 15s
metrics_file: /var/lib/node-exporter/ldapsward.prom
defaults: {regions: [eu-west-1], policy: sync, client_ldaps: enabled}
authorities:
  corp-root: {certificates: [ca/corp-root.pem]}
directories:
  - {id: d-926708e4f1, name: corp.example.com, trust: [corp-root]}
Y
cat >/run/seed.json <<'J'
[{"create": {"id": "d-926708e4f1", "name": "corp.example.com", "type": "MicrosoftAD"}}]
J
# The first registration is answered, the next three are executed and never are.
ldapsward-emulator --port 8999 --tls /run/tls --seed /run/seed.json --request-log /run/requests \
	--fault RegisterCertificate:3+1:hang >/run/emulator.log 2>&1 &
emulator=$!
until_true test -s /run/tls/ca.pem && install -m 0644 /run/tls/ca.pem /etc/ssl/certs/emulator.pem
secret=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
install -m 0600 /dev/stdin /etc/ldapsward/environment <<V
AWS_ACCESS_KEY_ID=AKIDEXAMPLE
AWS_SECRET_ACCESS_KEY=$secret
AWS_ENDPOINT_URL_DIRECTORY_SERVICE=https://localhost:8999
AWS_CA_BUNDLE=/etc/ssl/certs/emulator.pem
V
chown -R root:ldapsward /etc/ldapsward && chmod 0750 /etc/ldapsward /etc/ldapsward/ca
chmod 0640 /etc/ldapsward/ldapsward.yaml /etc/ldapsward/ca/*
install -d -o ldapsward -g ldapsward /var/lib/node-exporter
for service in ldapsward ldapsward-apply; do
	mkdir -p /etc/systemd/system/$service.service.d
	printf '[Service]\nReadWritePaths=/var/lib/node-exporter\n' >/etc/systemd/system/$service.service.d/metrics.conf
done
systemctl daemon-reload
# This build may have been configured for another place than a package's.
compiled=$(ldapsward run --help | grep -o '/.*/ldapsward.yaml' | xargs dirname)
[ -e "${compiled:-/etc/ldapsward}" ] || { mkdir -p "$(dirname "$compiled")" && ln -s /etc/ldapsward "$compiled"; }

systemctl enable --now --quiet ldapsward
result "it is enabled, starts and says that it is ready" $?
[ "$(systemctl is-enabled ldapsward)" = enabled ] && [ -L /etc/systemd/system/multi-user.target.wants/ldapsward.service ]
result "and would at the next boot" $?
until_true ready
result "it converges a directory over HTTPS, and status says so" $?

until_true entry DIRECTORY_ID=d-926708e4f1 ACTION=register
result "the journal has the registration under DIRECTORY_ID and ACTION" $?
entry ACTION=register REASON=Missing REGION=eu-west-1 DIRECTORY_NAME=corp.example.com
result "with REASON, REGION and DIRECTORY_NAME" $?
entry ACTION=register PRIORITY=5 && journalctl -u ldapsward -o json --no-pager ACTION=register |
	grep -q '"CERTIFICATE_SHA256":"[0-9a-f]\{64\}"'
result "with the certificate's digest, at priority notice" $?
journalctl -u ldapsward -o json --no-pager ACTION=register | grep -q '"AWS_REQUEST_ID":"[0-9a-f-]\{36\}"'
result "with the request id for AWS support" $?
# The id of ChangeAccepted, as the catalog has it.
accepted=$(sed -n 'x;/^-- /{G;s/^-- \([0-9a-f]*\)\nSubject: ChangeAccepted: .*/\1/p};' /usr/lib/systemd/catalog/ldapsward.catalog)
entry "MESSAGE_ID=$accepted" ACTION=register && journalctl -o json --no-pager "MESSAGE_ID=$accepted" ACTION=register |
	grep -q '"PASS_ID":"[0-9a-f]\{32\}"'
result "under the message id of a change that was accepted, with the pass" $?
journalctl -x --no-pager "MESSAGE_ID=$accepted" ACTION=register | tr '\n' ' ' |
	grep -q "Subject: ChangeAccepted: a change was sent to AWS and accepted.*AWS takes minutes for it.*Nothing is to be done"
result "journalctl -x says what that means, and what to do" $?
! journalctl -u ldapsward -o json --no-pager _COMM=ldapsward | grep -qv '"MESSAGE_ID"'
result "every entry of the daemon has an id" $?
until_true told "^1 directory: 1 converged"
result "STATUS= tells how many directories there are" $?
until_true grep -q 'ldapsward_directories{standing="ready"} 1' /var/lib/node-exporter/ldapsward.prom
result "metrics are written into the folder that a drop-in opens to it" $?
! systemd-analyze verify --man=no /etc/systemd/system/ldapsward{,@,-apply}.service 2>&1 | grep ldapsward
result "systemd-analyze verify has nothing to say" $?
for unit in ldapsward ldapsward@a ldapsward-apply; do
	level=$(systemd-analyze security --no-pager "$unit.service" | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
	awk -v level="${level:-10}" 'BEGIN { exit !(level <= 1.1) }'
	result "systemd-analyze security of $unit as it is here: ${level:-unknown}, at most 1.1" $?
done

sed -i 's/interval: 15s/interval: 20s/' /etc/ldapsward/ldapsward.yaml
systemctl reload ldapsward
result "it reloads a good file" $?
systemctl reload ldapsward
until_true journal_says "ldapsward.yaml taken: 1 directory; nothing has changed"
result "and one that nobody has edited, which it would not read by itself" $?
sed -i 's/^version: 1/version: 1\npolcy: sync/' /etc/ldapsward/ldapsward.yaml
systemctl reload ldapsward
[ $? -ne 0 ]
result "systemctl reload of a bad file fails" $?
systemctl is-active --quiet ldapsward
result "and the daemon runs on" $?
until_true journal_says "ldapsward.yaml:2:1: .*polcy"
result "the journal says where the mistake is" $?

sed -i '/^polcy/d' /etc/ldapsward/ldapsward.yaml
until_true journal_says "ldapsward.yaml taken: 1 directory; interval altered"
result "a good file is taken by itself, and the journal says what it changes" $?
swap /etc/ldapsward/ldapsward.yaml 's/interval: 20s/interval: 25s/'
until_true entry_times 2 "taken: 1 directory; interval altered"
result "so is one that is put in its place, as git does" $?
swap /etc/ldapsward/ldapsward.yaml 's/^version: 1/version: 1\nintervall: 1h/'
until_true journal_says "ldapsward.yaml was not taken; the last good configuration stays in force"
result "a file with a mistake that is put in its place is refused, without a signal" $?
until_true entry PRIORITY=3 _COMM=ldapsward && journal_says "ldapsward.yaml:2:1: .*intervall"
result "and the journal says where the mistake is, as an error" $?
until_true told "the file has mistakes"
result "and STATUS= says so" $?
touch /etc/ldapsward/ldapsward.yaml
sleep 4
entry_times 1 "ldapsward.yaml:2:1: .*intervall"
result "once, however often the file is touched" $?
swap /etc/ldapsward/ldapsward.yaml '/^intervall/d'
until_true told "1 converged, 0 rotating, 0 held; next pass at [0-9:]* UTC$"
result "until it is mended" $?

. /test/service-git.sh

pid=$(systemctl show -P MainPID ldapsward)
! grep -q wJalr "/proc/$pid/cmdline"
result "no secret in its command line" $?
! journalctl -u ldapsward --no-pager -o export | grep -q wJalr
result "no secret in the journal" $?
! grep -qr wJalr /var/lib/ldapsward
result "no secret in the state" $?
[ "$(stat -c %a:%U /var/lib/ldapsward)" = 700:ldapsward ]
result "the state is its own user's alone" $?
grep -q "^Max core file size *0 *0" "/proc/$pid/limits"
result "it leaves no core file" $?
grep -q "^NoNewPrivs:.*1" "/proc/$pid/status" && grep -q "^CapEff:.*0000000000000000" "/proc/$pid/status"
result "it has no capability and gets none" $?
nsenter -t "$pid" -m sh -c 'true >/etc/x || true >/usr/bin/x || true >/home/x' 2>/dev/null
[ $? -ne 0 ]
result "its file system is read-only but for its state" $?

! systemctl start ldapsward-apply
result "apply is refused beside the daemon" $?
until_true apply_refused
result "and tells the journal so, as an error" $?
for team in a b; do
	mkdir -m 0750 /etc/ldapsward/$team && chown root:ldapsward /etc/ldapsward/$team
	printf 'version: 1\n' | install -m 0640 -g ldapsward /dev/stdin /etc/ldapsward/$team/ldapsward.yaml
done
systemctl start ldapsward@a ldapsward@b && systemctl is-active --quiet ldapsward ldapsward@a ldapsward@b
result "two instances start beside it" $?
[ -e /var/lib/ldapsward/a/ledger.sqlite ] && [ -e /var/lib/ldapsward/b/ledger.sqlite ]
result "each with a state of its own" $?
until_true test -e /run/ldapsward/a/status.json -a -e /run/ldapsward/b/status.json -a -e /run/ldapsward/status.json
result "and a status.json" $?
sed -i 's/^version: 1/version: 1\ninterval: 1h/' /etc/ldapsward/a/ldapsward.yaml
systemctl reload ldapsward@a && until_true taken a && ! taken b
result "one is reloaded, the other is not" $?
systemctl stop ldapsward@a ldapsward@b
[ "$(systemctl show -P Result ldapsward@a)" = success ]
result "and they end well" $?

mkdir -p /run/systemd/system/ldapsward.service.d
printf '[Service]\nWatchdogSec=3s\nRestartSec=1s\n' >/run/systemd/system/ldapsward.service.d/fast.conf
systemctl daemon-reload
systemctl restart ldapsward
until_true told "1 converged"
pid=$(systemctl show -P MainPID ldapsward)
sleep 7
restarted 0 && [ "$(systemctl show -P MainPID ldapsward)" = "$pid" ]
result "a main loop that turns feeds the watchdog, also between passes" $?
. /test/service-crash.sh
done=$(writes)

systemctl start ldapsward-apply
result "without the daemon apply runs as a service" $?
[ "$(writes)" = "$done" ]
result "and has nothing to do" $?
until_true apply_told
result "and tells the journal so, not the journal's text" $?
rm /run/ldapsward/status.json /var/lib/node-exporter/ldapsward.prom
mkdir -p /run/systemd/system/ldapsward-apply.timer.d
printf '[Timer]\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=100ms\n' >/run/systemd/system/ldapsward-apply.timer.d/fast.conf
systemctl daemon-reload
systemctl start ldapsward-apply.timer
until_true test -e /run/ldapsward/status.json -a -e /var/lib/node-exporter/ldapsward.prom
result "its timer runs it, and it writes the same status and metrics as the daemon" $?
grep -q '"standing": *"ready"' /run/ldapsward/status.json && grep -q "^ldapsward_build_info" /var/lib/node-exporter/ldapsward.prom
result "with what it has found" $?
until_true over ldapsward-apply
[ "$(systemctl show -P Result ldapsward-apply)" = success ] && [ "$(writes)" = "$done" ]
result "and it has nothing to do either" $?
systemctl stop ldapsward-apply.timer

install -m 0600 /dev/stdin /etc/ldapsward/credentials <<V
[default]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = $secret
V
swap /etc/ldapsward/environment '/^AWS_.*ACCESS_KEY/d'
cp /test/credentials.conf /run/systemd/system/ldapsward.service.d/
systemctl daemon-reload
systemctl start ldapsward
until_true told "1 converged"
result "the drop-in hands it the keys from a file that only root can read" $?
credential=$(find /run/credentials/ldapsward.service -name aws-credentials)
[ -n "$credential" ] && ! runuser -u nobody -- cat "$credential" 2>/dev/null
result "and nobody else can read the copy" $?
. /test/service-sandbox.sh

swap /etc/ldapsward/ldapsward.yaml 's/^version: 1/version: 1\nintervall: 1h/'
systemctl start ldapsward
until_true ended_with ldapsward 78 && sleep 2 && restarted 0
result "a bad file at the start ends with 78 and is not tried again" $?
kill "$emulator"
exit $failed
