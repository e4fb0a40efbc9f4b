#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Part of test-service-guest.sh: the end of the daemon in the middle of a request, in three ways. Each
# time another authority is trusted, whose registration AWS executes and never answers.
# shellcheck shell=bash disable=SC2154

# How many registrations the API was asked for.
registrations()
{
	grep -c '"operation": *"RegisterCertificate"' /run/requests
}

registered()
{
	[ "$(registrations)" -ge "$1" ]
}

# How many certificates the ledger knows as Registered.
certificates()
{
	[ "$(runuser -u ldapsward -- ldapsward status --json --state-dir /var/lib/ldapsward |
		grep -o '"state": *"Registered"' | wc -l)" = "$1" ]
}

# Trusts the authority $1 as well and waits until its registration, number $2, is on its way.
trust()
{
	install -m 0640 -g ldapsward "/test/certificates/$1.pem" "/etc/ldapsward/ca/$1.pem"
	swap /etc/ldapsward/ldapsward.yaml "s/^directories:/  $1: {certificates: [ca\\/$1.pem]}\\ndirectories:/; s/trust: \\[/trust: [$1, /"
	until_true registered "$2"
}

# It has found out by looking what became of it: $1 certificates, each registered once.
looked()
{
	until_true certificates "$1" && until_true told "1 converged"
	result "it finds the registration that was never answered" $?
	sleep 1
	[ "$(registrations)" = "$1" ]
	result "and decides the same: $1 certificates, $(registrations) registrations" $?
}

before=$(systemctl show -P NRestarts ldapsward)
trust lab-root 2
result "a registration is on its way" $?
kill -KILL "$(systemctl show -P MainPID ldapsward)"
until_true restarted $((before + 1))
result "kill -9 in the middle of it: systemd starts it again" $?
looked 2

before=$(systemctl show -P NRestarts ldapsward)
trust rsa 3
result "another is on its way" $?
kill -STOP "$(systemctl show -P MainPID ldapsward)"
until_true restarted $((before + 1))
result "a main loop that hangs is ended by the watchdog, and started again" $?
until_true journal_says "Watchdog timeout"
result "and the journal says why" $?
looked 3

trust ecdsa-p384 4
result "a third is on its way" $?
began=$(date +%s%N)
systemctl stop ldapsward
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -lt 2500 ]
result "it stops within two seconds in the middle of it (and systemd's own time): $took ms" $?
[ "$(systemctl show -P Result ldapsward)" = success ]
result "and the end is a success" $?
systemctl start ldapsward
looked 4
systemctl stop ldapsward
