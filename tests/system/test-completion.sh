#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What completes the command lines in bash, zsh and fish: each shell that is installed reads what the
# programs print and is asked for real lines. A shell that is not there is said to be skipped; without
# any but bash the test itself still runs, as it needs bash.

set -u
export LC_ALL=C

build=$(realpath "${top_builddir:-.}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/system/result.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/system/result.sh"

mkdir -p "$scratch/conf/conf.d" "$scratch/conf/ca"
cat >"$scratch/conf/ldapsward.yaml" <<'END'
defaults:
  regions: [eu-west-1, us-gov-east-1]
accounts:
  prod:
    account_id: "111122223333"
  lab-2: {profile: lab}
directories:
  - {id: d-926708e4f1, name: corp.example.com}
  - id: d-926708e4f2   # no id: d-926708e4f2f is longer, and xd-926708e4f3 as well
END
echo '- id: d-0000000001' >"$scratch/conf/conf.d/more.yaml"
cd "$scratch/conf" || exit 1

# The lines, "|" where the cursor is, and what must be offered, sorted; the first column is for whom: "e"
# the emulator's, "d" the daemon's. "..." at the end: these, and others beside them.
lines='
d  |                                            adopt apply check export forecast history plan run status
d p|                                            plan
d --v|                                          --version
d plan --d|                                     --debug --detailed-exitcode --directory
d check --|                                     --config --directory --help --json --strict --version
d status --m|                                   --monitor
d run --strict|                                 -
d history --json --li|                          --limit
d plan --config ldap|                           ldapsward.yaml
d check ldap|                                   ldapsward.yaml
d apply --state-dir c|                          ca conf.d
d plan --config ldapsward.yaml --directory |    d-0000000001 d-926708e4f1 d-926708e4f2
d check ldapsward.yaml --directory d-9|         d-926708e4f1 d-926708e4f2
d plan --config=ldapsward.yaml --directory d-0| d-0000000001
d export --config ldapsward.yaml --account |    lab-2 prod
d export --config ldapsward.yaml --region eu|   eu-west-1
d --completion |                                bash fish zsh
d apply --timeout |                             -
e --type-form |                                 bare header namespace url
e --type-form u|                                url
e --allow ni|                                   ninety-days
e --open-point repeat|                          repeat=accepted repeat=refused
e --tls c|                                      ca conf.d
e --seed ldap|                                  ldapsward.yaml
e --po|                                         --port --port-file
e --no-such|                                    -
'

# shell program: asks for every line and says which were answered otherwise. `ask LINE` prints the words.
compare()
{
	local shell=$1 program line who text wanted got count=0

	while IFS= read -r line; do
		[ -n "$line" ] || continue
		who=${line%% *} text=${line#* }
		wanted=$(xargs <<<"${text#*|}") text=${text%%|*}
		[ "$wanted" != - ] || wanted=
		program=ldapsward
		[ "$who" = d ] || program=ldapsward-emulator
		text="$program ${text# }"
		got=$("ask_$shell" "$program" "$text" 2>&1 | sed 's,[/ ]*$,,' | sort -u | xargs)
		count=$((count + 1))
		[ "$got" = "$wanted" ] || printf '"%s" gives "%s", expected "%s"\n' "$text" "$got" "$wanted"
	done <<<"$lines"
	[ $count -ge 20 ] || echo "only $count lines were tried"
}

# The words of a line as bash itself takes them apart, "=" for itself.
# shellcheck disable=SC2034
ask_bash()
{
	(
		# shellcheck disable=SC1090
		source "$scratch/$1.bash" || exit 1
		# shellcheck disable=SC2206
		COMP_WORDS=(${2//=/ = })
		[[ $2 != *" " && $2 != *= ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
		function=$(complete -p "$1" | sed 's/.*-F \([^ ]*\) .*/\1/')
		"$function" "$1"
		printf '%s\n' "${COMPREPLY[@]}"
	)
}

# The same, of a shell whose words do not end at "=".
ask_bash_whole()
{
	(
		# shellcheck disable=SC1090
		source "$scratch/$1.bash" || exit 1
		# shellcheck disable=SC2206,SC2034
		COMP_WORDS=($2) COMP_WORDBREAKS=$' \t\n'
		# shellcheck disable=SC2034
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"$(complete -p "$1" | sed 's/.*-F \([^ ]*\) .*/\1/')" "$1"
		echo "${COMPREPLY[*]}"
	)
}

ask_fish()
{
	HOME=$scratch fish --no-config -c "source $scratch/$1.fish; complete -C \"\$argv[1]\"" "$2" | cut -f 1
}

# zsh completes on a terminal alone: it runs on one of its own, and its completion system tells all that
# it would have offered instead of showing it.
ask_zsh()
{
	/usr/bin/python3 - "$scratch" "$2" <<-'END'
		import os, pty, select, sys, time
		scratch, line = sys.argv[1:]
		pid, terminal = pty.fork()
		if pid == 0:
		    os.environ.update(HOME=scratch, TERM="dumb", PS1="READY>", ZDOTDIR=scratch)
		    os.execvp("zsh", ["zsh", "-f", "-i"])
		seen, end = b"", time.monotonic() + 30 * int(os.environ.get("TESTS_PATIENCE", "1"))
		def until(mark):
		    global seen
		    while mark not in seen:
		        if time.monotonic() > end or not select.select([terminal], [], [], 30)[0]:
		            sys.exit("zsh says nothing: %r" % seen)
		        try:
		            seen += os.read(terminal, 65536)
		        except OSError:
		            sys.exit("zsh ended: %r" % seen)
		    before, _, seen = seen.partition(mark)
		    return before
		until(b"READY>")
		os.write(terminal, b"source %s/probe.zsh; PS1=; print -r -- SOUR''CED\n" % scratch.encode())
		until(b"SOURCED")
		os.write(terminal, line.encode() + b"\t")
		until(b"<BEGIN>")
		sys.stdout.write(until(b"<END>").decode().replace("\r", ""))
		os.close(terminal)
		os.waitpid(pid, 0)
	END
}

# compadd is what every completion of zsh ends in; -O leaves the matches in an array.
cat >"$scratch/probe.zsh" <<END
fpath=($scratch/zsh \$fpath)
autoload -Uz compinit && compinit -u -D
unsetopt list_beep
zstyle ':completion:*' verbose no
compadd() {
	local -a offered_here
	if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "\$@"
		return
	fi
	builtin compadd -O offered_here "\$@"
	all+=("\${offered_here[@]}")
	builtin compadd "\$@"
}
probe() {
	typeset -ga all=()
	zle complete-word
	print -r -- "<BEGIN>"
	print -rl -- "\${all[@]}"
	print -r -- "<END>"
}
zle -C complete-word complete-word _main_complete
zle -N probe
bindkey '^I' probe
END

mkdir "$scratch/zsh"
for program in ldapsward ldapsward-emulator; do
	for shell in bash fish zsh; do
		"$build/$program" --completion $shell >"$scratch/$program.$shell" || failed=1
	done
	cp "$scratch/$program.zsh" "$scratch/zsh/_$program"
done

for shell in bash fish zsh; do
	command -v $shell >/dev/null || { echo "ok - $shell completes # SKIP not installed"; continue; }
	complaints=
	for program in ldapsward ldapsward-emulator; do
		complaints+=$("$shell" -n "$scratch/$program.$shell" 2>&1)
	done
	silent "$shell takes the scripts" "$complaints"
	silent "$shell completes commands, options, words, files, and what the configuration names" "$(compare $shell)"
done

silent "bash completes words that hold their =, too" "$(
	[ "$(ask_bash_whole ldapsward "ldapsward check --config=ldap")" = --config=ldapsward.yaml ] || echo "a file is not"
	[ "$(ask_bash_whole ldapsward "ldapsward plan --config=ldapsward.yaml --directory=d-0")" = --directory=d-0000000001 ] || echo "an id is not"
	[ "$(ask_bash_whole ldapsward-emulator "ldapsward-emulator --open-point=repeat=r")" = --open-point=repeat=refused ] || echo "a word is not"
)"

# The installed ones are these.
for program in ldapsward ldapsward-emulator; do
	for file in bash/$program zsh/_$program fish/$program.fish; do
		[ ! -e "$build/completion/$file" ] || cmp -s "$build/completion/$file" "$scratch/$program.${file%%/*}" ||
			silent "completion/$file is what $program prints" "it differs"
	done
done
silent "another shell is refused with the names of those there are" "$("$build/ldapsward" --completion tcsh 2>&1 |
	grep -vxF "ldapsward: --completion: 'tcsh' is none of bash, zsh and fish")"
exit $failed
