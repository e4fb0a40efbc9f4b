#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration: every command as one would type it, and what it really says, on an emulated
# Directory Service and CA certificates made for the occasion. Nothing leaves this machine, and nothing is
# left on it: one temporary directory, loopback alone, and every process is ended by its number.
#
#   tests/demo.sh [BUILD]                   the programs of BUILD (default: build beside this tree)
#   tests/demo.sh --record DIRECTORY [BUILD]
#       the same, and each block goes to DIRECTORY/NAME.txt with stand-ins for what differs from run to
#       run (ids, digests, times of day, request ids, ports): what README.md shows
#
# The rehearsal begins at one fixed instant, so that dates and days left are the same in every run; where
# there is nothing to do but wait, its clock is moved on.
#
# Exit status: 0 every command ended as it should, 1 one did not, 2 wrong usage.

# Backquotes in what it says are meant as they stand.
# shellcheck disable=SC2016
set -u
export LC_ALL=C.UTF-8

# When the rehearsal begins.
begin=2027-03-01T09:00:00Z
# No step takes longer on a slow machine. Seconds.
deadline=$((60 * ${TESTS_PATIENCE:-1}))

record=
if [ "${1-}" = --record ]; then
	[ $# -ge 2 ] || { echo "demo.sh: --record needs a directory" >&2; exit 2; }
	record=$2
	shift 2
	mkdir -p "$record" && record=$(cd -- "$record" && pwd) || exit 2
fi
[ $# -le 1 ] || { echo "usage: demo.sh [--record DIRECTORY] [BUILD]" >&2; exit 2; }

source=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd -- "${1:-$source/build}" 2>/dev/null && pwd) || { echo "demo.sh: there is no directory ${1:-$source/build}" >&2; exit 2; }
for program in ldapsward ldapsward-emulator; do
	[ -x "$build/$program" ] || { echo "demo.sh: $build/$program is not built; ./bootstrap demo builds it" >&2; exit 2; }
done

home=$(mktemp -d "${TMPDIR:-/tmp}/ldapsward-demo-XXXXXX") || exit 1
emulator=''
daemon=''

# Ends what was started, by its number, and takes everything away.
finish()
{
	local process
	for process in $daemon $emulator; do
		kill "$process" 2>/dev/null && wait "$process" 2>/dev/null
	done
	rm -rf "$home"
}
trap finish EXIT
trap 'exit 1' INT TERM

# ---------------------------------------------------------------- how it is shown

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$'\033[1m' plain=$'\033[0m'
fi
started=$SECONDS
chapters=0

chapter()
{
	chapters=$((chapters + 1))
	printf '\n%s%d. %s%s\n' "$bold" "$chapters" "$1" "$plain"
}

say()
{
	printf '\n%s\n\n' "$1" | fold -s -w 79 | sed 's/ *$//'
}

fail()
{
	printf '\ndemo.sh: %s\n' "$1" >&2
	exit 1
}

# Standard input goes to the record.
keep()
{
	[ -z "$record" ] || cat >>"$home/record"
}

# name status command: shows the command, runs it, and insists on its exit status.
show()
{
	local name=$1 wanted=$2 command=$3 status

	printf '%s$ %s%s\n' "$bold" "$command" "$plain"
	printf '\f%s\n$ %s\n' "$name" "$command" | keep
	if [ -n "$record" ]; then
		eval "$command" >"$home/output" 2>&1
		status=$?
		# on a terminal the program says so at every start
		sed -i '/LDAPSWARD_DEMO_CLOCK moves the clock/d' "$home/output"
		cat "$home/output"
		keep <"$home/output"
	else
		eval "$command" 2>&1
		status=$?
	fi
	[ "$status" -eq "$wanted" ] || fail "this ended with status $status and should have ended with $wanted: $command"
}

# condition...: polls until the command succeeds.
await()
{
	local end=$((SECONDS + deadline))

	until "$@"; do
		[ $SECONDS -lt $end ] || fail "this did not come true within $deadline s: $*"
		sleep 0.05
	done
}

# seconds: moves the clock of service and daemon on.
move_clock()
{
	echo $(($(cat "$LDAPSWARD_DEMO_CLOCK") + $1)) >"$home/clock.new"
	mv "$home/clock.new" "$LDAPSWARD_DEMO_CLOCK"
}

# ---------------------------------------------------------------- what it runs on

# A whole environment of its own: nothing of the user's AWS settings is used.
for variable in $(compgen -e | grep -E '^(AWS|LDAPSWARD)_'); do
	unset "$variable"
done
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' HOME=$home
export LDAPSWARD_DEMO_CLOCK=$home/clock STATE_DIRECTORY=$home/state
ldapsward() { "$build/ldapsward" "$@"; }
unset JOURNAL_STREAM NOTIFY_SOCKET

mkdir "$home/ca" "$home/state"
cd "$home" || exit 1
# A minute later than the certificates were made: within their first second one has a day more left than ever after.
echo $(($(date -d $begin +%s) + 60 - $(date +%s))) >clock
/usr/bin/python3 "$source/tests/data/make-certificates.py" --now $begin zoo || fail "the certificates could not be made"
cp zoo/corp-root.pem zoo/corp-issuing.pem ca/
cp zoo/leaf.pem ca/dc1.pem
cat zoo/bad-key.pem zoo/lab-root.pem >ca/lab-root.pem

cat >draft.yaml <<'END'
version: 1

defaults:
  regions: [eu-west-1]
  client_ldap: enabled

authorities:
  corp-root: {certificates: [ca/corp-root.pem]}
  corp-issuing: {certificates: [ca/corp-isuing.pem]}
  controllers: {certificates: [ca/dc1.pem]}
  lab-root: {certificates: [ca/lab-root.pem]}

directories:
  - id: d-926708e4f1
    name: corp.example.com
    trust: [corp-root, corp-issuin]
  - id: d-926708e4f
    name: lab.example.com
    trust: []
END
cat >ldapsward.yaml <<'END'
version: 1
interval: 15m

defaults:
  regions: [eu-west-1]
  policy: sync
  client_ldaps: enabled

authorities:
  corp-root: {certificates: [ca/corp-root.pem]}
  corp-issuing: {certificates: [ca/corp-issuing.pem]}

directories:
  - id: d-926708e4f1            # AWS Managed Microsoft AD
    name: corp.example.com
    trust: [corp-root, corp-issuing]
  - id: d-926708e4f2            # AD Connector
    name: lab.example.com
    trust: [corp-root]
END
cat >seed.json <<'END'
[{"create": {"id": "d-926708e4f1", "name": "corp.example.com", "type": "MicrosoftAD"}},
 {"create": {"id": "d-926708e4f2", "name": "lab.example.com", "type": "ADConnector"}}]
END

# The AWS CLI signs with the machine's clock, so the service takes a signature of any age.
"$build/ldapsward-emulator" --port 0 --port-file port --seed seed.json --clock-file clock --clock-window 36500d \
	--delay register=4m --delay enable=2m --request-log requests >emulator.log 2>&1 &
emulator=$!
await test -s port
AWS_ENDPOINT_URL_DIRECTORY_SERVICE=http://127.0.0.1:$(cat port)
export AWS_ENDPOINT_URL_DIRECTORY_SERVICE

# ---------------------------------------------------------------- the demonstration

printf '%sldapsward: client-side LDAPS of AWS directories, kept right%s\n' "$bold" "$plain"
say 'Two new directories stand in an emulated AWS Directory Service on this machine: an AWS Managed Microsoft AD and an AD Connector. The CA certificates of their domain controllers have just been made. Nothing here reaches AWS.'

chapter 'A file with mistakes'
say 'This is a first draft of the configuration.'
show draft 0 'cat -n draft.yaml'
say '`check` needs no network and no credentials. It finds every mistake at once and says where each is and what is allowed. The last of the certificate files holds a private key: not a byte of it is shown.'
show check-mistakes 1 'ldapsward check draft.yaml'

chapter 'The good file'
say 'All of them are mended; the certificates are the right ones.'
show configuration 0 'cat ldapsward.yaml'
echo
show check 0 'ldapsward check ldapsward.yaml'

chapter 'What would be done'
say '`plan` reads the API and changes nothing. With --detailed-exitcode its exit status is 2 when there is something to do, so a pipeline can tell.'
show plan 2 'ldapsward plan --config ldapsward.yaml --detailed-exitcode'

chapter 'Doing it'
say 'One directory first. `apply` registers each certificate, waits until AWS says Registered, and only then enables LDAPS. The waiting would be some minutes; the clock of this rehearsal is moved on instead.'
export LDAPSWARD_DEMO_SKIP=1
show apply-one 0 'ldapsward apply --config ldapsward.yaml --directory d-926708e4f2'
say 'It went well, so now all the others.'
show apply 0 'ldapsward apply --config ldapsward.yaml'
say 'A second `apply`, or a `plan`, finds nothing left to do.'
show plan-again 0 'ldapsward plan --config ldapsward.yaml --detailed-exitcode'
unset LDAPSWARD_DEMO_SKIP

chapter 'How it stands'
say '`status` asks nobody: it tells what the last pass saw. Below each certificate stands until when its removal could be undone: one with 90 days or less to live can never be registered again.'
show status 0 'ldapsward status --config ldapsward.yaml'

chapter 'What will happen'
say '`forecast` lets the same decisions meet the years to come: every threshold, one-way door and end, and the outages if nobody does anything. One ahead ends it with 2. The issuing CA has no successor yet:'
show forecast 2 'ldapsward forecast --config ldapsward.yaml --until 1500d --directory d-926708e4f1'
say 'A colleague proposes a file with the next generation of that CA. A pipeline needs no network and no credentials to judge it.'
cp zoo/corp-issuing-new-key.pem ca/
sed 's|ca/corp-issuing.pem|ca/corp-issuing.pem, ca/corp-issuing-new-key.pem|' ldapsward.yaml >proposed.yaml
show forecast-offline 0 'ldapsward forecast --config proposed.yaml --offline --until 1500d'

chapter 'Somebody removes a certificate'
say 'The daemon is started, as systemd would start it.'
printf '%s$ %s%s\n' "$bold" 'ldapsward run --config ldapsward.yaml 2>run.log &' "$plain"
: >run.log
"$build/ldapsward" run --config ldapsward.yaml 2>run.log &
daemon=$!

# times text: has the daemon said it so often?
has_said()
{
	[ "$(grep -c -- "$2" run.log)" -ge "$1" ]
}

# The entries of corp.example.com as the service has them: "ID STATE" lines.
entries()
{
	curl -sS -d '{"directory": "d-926708e4f1"}' "$AWS_ENDPOINT_URL_DIRECTORY_SERVICE/_control/dump" |
		jq -r '.directories[0].certificates[] | "\(.id) \(.state)"'
}

is_restored()
{
	[ "$(entries | grep -c ' Registered$')" -eq 2 ]
}

await has_said 1 'for the first time'
certificate=$(entries | sed -n '2s/ .*//p')
if [ -x /usr/bin/aws ]; then
	say 'Now a colleague cleans up with the AWS CLI.'
	aws() { /usr/bin/aws --endpoint-url "$AWS_ENDPOINT_URL_DIRECTORY_SERVICE" "$@"; }
	show removal 0 "aws ds deregister-certificate --directory-id d-926708e4f1 --certificate-id $certificate"
else
	say 'Now a colleague cleans up (the AWS CLI is not installed here; the emulator does it by itself).'
	curl -sS -o removed -d "{\"directory\": \"d-926708e4f1\", \"certificate\": \"$certificate\"}" \
		"$AWS_ENDPOINT_URL_DIRECTORY_SERVICE/_control/deregister" || fail "the certificate could not be removed"
fi
say 'Within the interval, here 15 minutes, the daemon looks again, and once more to be sure, and registers it anew. This is what it told the journal:'
is_removed() { [ "$(entries | wc -l)" -eq 1 ]; }
await is_removed
move_clock 900
await has_said 1 Missed
move_clock 20
await has_said 1 'accepted as'
move_clock 300
await is_restored
move_clock 300
await has_said 1 'everything is as the file wants it'
show run 0 'grep corp.example.com run.log'

chapter 'What happened'
say '`history` says what was done, when, why, and by which request, to be found again in CloudTrail.'
show history 0 'ldapsward history --config ldapsward.yaml'
echo
show status-again 0 'ldapsward status --config ldapsward.yaml'

# Ends the daemon as systemd would.
stop_daemon()
{
	kill -TERM "$daemon"
	wait "$daemon" || fail "the daemon did not end well"
	daemon=''
}
stop_daemon

chapter 'Certificates that are there already'
say 'In another Region somebody has set up LDAPS by hand, and nobody has a file. `export` writes one of what is there.'
aws_control()
{
	curl -sS -o controlled -d "$2" "$AWS_ENDPOINT_URL_DIRECTORY_SERVICE/_control/$1" || fail "the emulator refused $1: $(cat controlled)"
}
aws_control create '{"id": "d-926708e4f3", "name": "hand.example.com", "region": "eu-central-1"}'
for file in corp-root corp-issuing lab-root; do
	aws_control register "$(jq -n --rawfile pem zoo/$file.pem '{directory: "d-926708e4f3", pem: $pem}')"
done
aws_control enable '{"directory": "d-926708e4f3"}'
mkdir -p hand/ca
show export 0 'ldapsward export --region eu-central-1'
ldapsward export --region eu-central-1 >hand/ldapsward.yaml 2>/dev/null || fail "export ended with $?"
say 'The certificates are put where it names them: two are what it says they are. The third is not at hand, so it is taken out of the file.'
cp zoo/corp-root.pem "$(sed -n 's|.*- \(ca/corp-root-ca.*\)|hand/\1|p' hand/ldapsward.yaml)"
cp zoo/corp-issuing.pem "$(sed -n 's|.*- \(ca/corp-issuing-ca.*\)|hand/\1|p' hand/ldapsward.yaml)"
sed -i '/^  lab-root-ca:/,/\.pem$/d; s/, lab-root-ca]/]/' hand/ldapsward.yaml
show adopt 2 'ldapsward adopt --config hand/ldapsward.yaml'
aws_control remove '{"directory": "d-926708e4f3"}'

# ---------------------------------------------------------------- the second half: a year of rotation

# format: what the clock of the rehearsal says, as date(1) writes it.
clock_says() { date -u -d "@$(($(date +%s) + $(cat "$LDAPSWARD_DEMO_CLOCK")))" "$1"; }

# How often the daemon has asked how LDAPS is set: once for each directory in a pass.
count_looks() { grep -c '"operation":"DescribeLDAPSSettings"' requests; }

# number: whether so many looks were made, no request came for a while, and daemon and service sleep.
is_quiet()
{
	local size

	size=$(stat -c %s requests)
	if [ "$size" -ne "$seen" ] || grep -qs ') [RD] ' /proc/"$daemon"/task/*/stat /proc/"$emulator"/task/*/stat; then
		seen=$size still=0
	fi
	still=$((still + 1))
	[ $still -gt 2 ] && [ "$(count_looks)" -ge "$1" ]
}

# days [step]: so many days go by, step (1) at a time. Each time a pass is made, whoever asks is told whether LDAPS
# is on (ldaps.log), and what the daemon says goes into year.log with its date, as the journal would show it.
pass_days()
{
	local day step=${2:-1} lines looks

	seen=-1 still=0
	await is_quiet 0
	for ((day = 0; day < $1; day += step)); do
		looks=$(count_looks)
		move_clock $((step * 86400))
		seen=-1 still=0
		await is_quiet $((looks + 2))
		curl -sS -d '{}' "$AWS_ENDPOINT_URL_DIRECTORY_SERVICE/_control/dump" |
			jq -r '.directories[].ldaps.status' >>ldaps.log
		lines=$(wc -l <run.log)
		sed -n "$((told + 1)),${lines}s/^ldapsward:/$(clock_says +%F)/p" run.log | grep -v DEMO_CLOCK >>year.log
		told=$lines
	done
}

# file: what the colleagues merge into ldapsward.yaml, and the daemon reads.
merge()
{
	local reloaded
	reloaded=$(grep -c ' taken: ' run.log)

	move_clock 60 # a directory is looked at once in 15 s
	cp "$1" ldapsward.yaml
	kill -HUP "$daemon"
	await has_said $((reloaded + 1)) ' taken: '
}

chapter 'A CA nears its end'
say 'Three years later. By now the domain controllers of the lab have certificates of the issuing CA as well. It has a year to live, and nobody has thought of a successor. The daemon says so once when a year is left, once at half a year, and then ever louder:'
sed '/name: lab/,$ s/\[corp-root\]/[corp-root, corp-issuing]/' ldapsward.yaml >lab.yaml
sed 's|ca/corp-issuing.pem|ca/corp-issuing.pem, ca/corp-issuing-new-key.pem|' lab.yaml >renewed.yaml
cp lab.yaml ldapsward.yaml
LDAPSWARD_DEMO_SKIP=1 ldapsward apply --config ldapsward.yaml >apply.log 2>&1 || fail "apply ended with $?"
move_clock $((1093 * 86400))
: >run.log
told=0
"$build/ldapsward" run --config ldapsward.yaml 2>run.log &
daemon=$!
await has_said 1 'for the first time'
told=$(wc -l <run.log)
pass_days 4
pass_days 180 20
pass_days 4 4
show nearing 0 'grep corp.example.com year.log'

chapter 'It is renewed, with a new key'
say 'The new certificate is put beside the old one, into Git and the file. The domain controllers will enrol with the new key one by one, for months; nobody sees which has. Both certificates are needed until the last one has.'
show renewed 1 'diff ldapsward.yaml renewed.yaml'
show renewed-plan 2 'ldapsward plan --config renewed.yaml --directory d-926708e4f1 --detailed-exitcode'
: >year.log
merge renewed.yaml
await has_said 2 'accepted as'
pass_days 3
say 'Three days later both are registered everywhere, and the old one is superseded. What becomes of it?'
show superseded 0 'ldapsward plan --config ldapsward.yaml --directory d-926708e4f2'

chapter 'One directory need not wait'
say 'In the lab, all controllers were enrolled anew in an afternoon, and looked at. So its old certificate is approved to go:'
digest=$(openssl x509 -in ca/corp-issuing.pem -outform DER | sha256sum | cut -d ' ' -f 1)
sed "/name: lab/,\$ s|trust:.*|&\n    approve:\n      - certificate: $digest\n        reason: all controllers of the lab have enrolled anew|" ldapsward.yaml >approved.yaml
show approved 1 'diff ldapsward.yaml approved.yaml'
merge approved.yaml
await has_said 1 'deregister'
pass_days 2

chapter 'Half a year goes by'
say 'In the other directory the old certificate stays: through the 90-day line, from which on a removal could not be undone, and until a day after its end. This is what the daemon told the journal of it since the renewal:'
pass_days 169 13
pass_days 7
show year 0 'grep corp.example.com year.log'

chapter 'Was LDAPS ever off?'
say 'Nobody ever asked the service to disable it, in its log of requests; and whenever the clock had moved, both directories were asked how it is set:'
show disables 1 'grep -c DisableLDAPS requests'
show ldaps 0 'sort ldaps.log | uniq -c'
say 'These are all the changes since the renewal:'
show changes 0 'ldapsward history --config ldapsward.yaml --directory d-926708e4f1 --since 2030-08-01'
echo
show changes-approved 0 'ldapsward history --config ldapsward.yaml --directory d-926708e4f2 --since 2030-08-01'
echo
show rotated 0 'ldapsward status --config ldapsward.yaml'
stop_daemon

if [ -n "$record" ]; then
	/usr/bin/python3 "$source/tests/demo-record.py" "$home/record" "$record" || fail "the record could not be written"
fi
printf '\n%sThat was all, in %d s.%s Your own file: conf/ldapsward.yaml explains every key; README.md goes on from here.\n' \
	"$bold" $((SECONDS - started)) "$plain"
