#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What test-service.sh runs inside the booted systemd; /test is its scratch folder, read-only.

set -u
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

# Waits until a command succeeds, 70 s at most: looks are 15 s apart.
until_true()
{
	for _ in $(seq 350); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	return 1
}

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

# The tree is read-only below /test; what is installed is copied to where it belongs.
cp -r /test/root/usr/bin/. /usr/bin/
mkdir -p /etc/ldapsward/ca
cp /test/ldapsward.service /etc/systemd/system/
systemd-sysusers /test/ldapsward.sysusers
cp /test/certificates/corp-root.pem /etc/ldapsward/ca/
cat >/etc/ldapsward/ldapsward.yaml <<'Y'
version: 1
interval: 15s
defaults: {regions: [eu-west-1], policy: sync, client_ldaps: enabled}
authorities:
  corp-root: {certificates: [ca/corp-root.pem]}
directories:
  - {id: d-926708e4f1, name: corp.example.com, trust: [corp-root]}
Y
cat >/run/seed.json <<'J'
[{"create": {"id": "d-926708e4f1", "name": "corp.example.com", "type": "MicrosoftAD"}}]
J
ldapsward-emulator --port 8999 --seed /run/seed.json >/run/emulator.log 2>&1 &
emulator=$!
secret=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
install -m 0600 /dev/stdin /etc/ldapsward/environment <<V
AWS_ACCESS_KEY_ID=AKIDEXAMPLE
AWS_SECRET_ACCESS_KEY=$secret
AWS_ENDPOINT_URL_DIRECTORY_SERVICE=http://127.0.0.1:8999
V
chown -R root:ldapsward /etc/ldapsward && chmod 0750 /etc/ldapsward /etc/ldapsward/ca
chmod 0640 /etc/ldapsward/ldapsward.yaml /etc/ldapsward/ca/*
systemctl daemon-reload
# This build may have been configured for another place than a package's.
compiled=$(ldapsward run --help | grep -o '/.*/ldapsward.yaml' | xargs dirname)
[ -e "${compiled:-/etc/ldapsward}" ] || { mkdir -p "$(dirname "$compiled")" && ln -s /etc/ldapsward "$compiled"; }

systemctl start ldapsward
result "it starts and says that it is ready" $?
until_true ready
result "it converges a directory over HTTP, and status says so" $?

until_true entry DIRECTORY_ID=d-926708e4f1 ACTION=register
result "the journal has the registration under DIRECTORY_ID and ACTION" $?
entry ACTION=register REASON=Missing REGION=eu-west-1 DIRECTORY_NAME=corp.example.com
result "with REASON, REGION and DIRECTORY_NAME" $?
entry ACTION=register PRIORITY=5 && journalctl -u ldapsward -o json --no-pager ACTION=register |
	grep -q '"CERTIFICATE_SHA256":"[0-9a-f]\{64\}"'
result "with the certificate's digest, at priority notice" $?
journalctl -u ldapsward -o json --no-pager ACTION=register | grep -q '"AWS_REQUEST_ID":"[0-9a-f-]\{36\}"'
result "with the request id for AWS support" $?
until_true told "^1 directory: 1 converged"
result "STATUS= tells how many directories there are" $?

sed -i 's/interval: 15s/interval: 20s/' /etc/ldapsward/ldapsward.yaml
systemctl reload ldapsward
result "it reloads a good file" $?
sed -i 's/^version: 1/version: 1\npolcy: sync/' /etc/ldapsward/ldapsward.yaml
systemctl reload ldapsward
[ $? -ne 0 ]
result "systemctl reload of a bad file fails" $?
systemctl is-active --quiet ldapsward
result "and the daemon runs on" $?
until_true journal_says "ldapsward.yaml:2:1: .*polcy"
result "the journal says where the mistake is" $?

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
nsenter -t "$pid" -m sh -c ': >/etc/x || : >/usr/bin/x || : >/home/x' 2>/dev/null
[ $? -ne 0 ]
result "its file system is read-only but for its state" $?

kill -STOP "$emulator"
sleep 1
began=$(date +%s%N)
systemctl stop ldapsward
took=$((($(date +%s%N) - began) / 1000000))
kill -CONT "$emulator"
[ "$took" -lt 2500 ]
result "it stops within two seconds of a hanging API (and systemd's own time): $took ms" $?
[ "$(systemctl show -P Result ldapsward)" = success ]
result "and the end is a success" $?

systemctl start ldapsward
sleep 0.5
[ "$(systemctl show -P ExecMainStatus ldapsward)" = 78 ] || until_true test "$(systemctl show -P ExecMainStatus ldapsward)" = 78
[ "$(systemctl show -P NRestarts ldapsward)" = 0 ]
result "a bad file at the start ends with 78 and is not tried again" $?
kill "$emulator"
exit $failed
