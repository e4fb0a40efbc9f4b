#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Part of test-service-guest.sh: what the sandbox forbids is tried from inside, by sandbox-probe in the
# place where the unit starts the daemon (ExecStartPre), and outside of it, where it must work: then it
# is the sandbox that refuses. Inside once as the unit's user and once as root, whom no file mode stops.
# shellcheck shell=bash disable=SC2154

# A name of an attempt, of the line $1 of the probe.
name_of()
{
	sed 's/^[a-z]* //;s/: [A-Z].*//;s/: ended.*//' <<<"$1"
}

# Probes inside the unit, with the lines $2 of a drop-in, into the file $1.
probe_inside()
{
	printf '[Service]\n%s\nExecStartPre=/bin/sh -c "/usr/bin/sandbox-probe /var/lib/ldapsward >/var/lib/ldapsward/probe"\n' "$2" \
		>/run/systemd/system/ldapsward.service.d/probe.conf
	systemctl daemon-reload
	systemctl restart ldapsward
	mv /var/lib/ldapsward/probe "$1"
	rm /run/systemd/system/ldapsward.service.d/probe.conf
	systemctl daemon-reload
}

install -m 0755 /test/sandbox-probe /usr/bin/
mkdir -p /usr/lib/modules/probe
systemctl stop ldapsward
mkdir -p /run/ldapsward
sandbox-probe /var/lib/ldapsward >/run/outside
probe_inside /run/inside ""
probe_inside /run/inside-root User=root

# Nobody in a container may set the clock.
! grep "^refused" /run/outside | grep -v "set the clock"
result "outside of the sandbox all that is tried works" $?
[ "$(grep -vc needed /run/inside)" -ge 30 ] &&
	! grep "^allowed" /run/inside | grep -v needed
result "inside each of $(grep -vc needed /run/inside) things is refused" $?
while read -r line; do
	case $line in
	*needed*) grep -q "^allowed" <<<"$line" ;;
	*) grep -q "^refused" <<<"$line" ;;
	esac
	result "inside: $line" $?
done </run/inside
! grep "^allowed" /run/inside-root | grep -v needed
result "root inside is refused as much" $?
systemctl stop ldapsward
chown -R ldapsward: /var/lib/ldapsward /var/lib/node-exporter /run/ldapsward
systemctl start ldapsward

[ "$(stat -c %a:%U /etc/ldapsward/credentials)" = 600:root ] && grep -q "$secret" /run/credentials/ldapsward.service/aws-credentials
result "the credential is there for the service" $?
systemctl start ldapsward@a
pid=$(systemctl show -P MainPID ldapsward@a)
! nsenter -t "$pid" -m -- cat /run/credentials/ldapsward.service/aws-credentials 2>/dev/null
result "and not for another instance, though its user is the same" $?
systemctl stop ldapsward@a

rm /etc/ldapsward/credentials
systemctl restart ldapsward
result "without the file the service starts all the same" $?
until_true grep -q '"CredentialsInvalid", *"status": *"True"' /run/ldapsward/status.json
result "and its directories are CredentialsInvalid" $?
systemctl is-active --quiet ldapsward && [ "$(writes)" = "$done" ]
result "it runs on, and writes nothing" $?
systemctl stop ldapsward

# As with IAM Roles Anywhere: a program that prints keys, started by the daemon in its sandbox.
install -m 0755 /dev/stdin /usr/bin/print-keys <<V
#!/bin/sh
echo '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "$secret"}'
V
install -m 0640 -g ldapsward /dev/stdin /etc/ldapsward/aws-config <<V
[default]
credential_process = /usr/bin/print-keys
V
printf '[Service]\nEnvironment=AWS_CONFIG_FILE=/etc/ldapsward/aws-config\n' >/run/systemd/system/ldapsward.service.d/process.conf
systemctl daemon-reload
systemctl start ldapsward
until_true told "1 converged"
result "a credential_process runs in the sandbox" $?
systemctl stop ldapsward
rm /run/systemd/system/ldapsward.service.d/process.conf
systemctl daemon-reload
