#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The tools that read the sources without running them; `make lint` calls this.
#
#   CPPFLAGS=... tests/lint.sh SOURCE-DIRECTORY [format|tidy|cppcheck|analyzer|man|shell]...
#
# Without a name all of them. One line each: "ok NAME", "FAILED NAME" after its findings, or
# "skipped NAME: reason" where the tool is not installed. Exit status: 0 nothing found, 1 something.

set -u
export LC_ALL=C

cd -- "${1:?usage: tests/lint.sh SOURCE-DIRECTORY [NAME]...}" || exit 1
shift
# Without -r: make hands over backslashes before the quotes of string macros.
# shellcheck disable=SC2162
read -a cppflags <<<"${CPPFLAGS-}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
readonly skipped=77
# clang-format lays out code differently from release to release: the one that counts.
readonly format_version=14

directories=()
for directory in daemon emulator tests; do
	[ ! -d "$directory" ] || directories+=("$directory")
done
mapfile -t headers < <(find "${directories[@]}" -name '*.h' | sort)
mapfile -t sources < <(find "${directories[@]}" -name '*.c' | sort)
# Test programs may be as plain as they like for the slow analysers, which follow every path.
mapfile -t program_sources < <(printf '%s\n' "${sources[@]}" | grep -v '^tests/')

need()
{
	command -v "$1" >/dev/null || { echo "$1 is not installed"; return "$skipped"; }
}

lint_format()
{
	need clang-format || return
	clang-format --version | grep -q "version $format_version\." || {
		echo "clang-format $format_version is the one that counts; this is $(clang-format --version)"
		return "$skipped"
	}
	clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}"
}

lint_tidy()
{
	need clang-tidy || return
	# The same flags as a compilation has, as clang's tools read them: one a line.
	printf '%s\n' -std=c17 "${cppflags[@]}" >"$scratch/compile_flags.txt"
	printf '%s\0' "${program_sources[@]}" |
		xargs -0 -n 4 -P "$jobs" clang-tidy --quiet -p "$scratch" 2>/dev/null
}

lint_cppcheck()
{
	need cppcheck || return
	local flags=() flag
	for flag in "${cppflags[@]}"; do
		# Directories of other libraries stay out: cppcheck knows their functions better unparsed.
		[[ $flag == -I/usr/* ]] || flags+=("$flag")
	done
	cppcheck -q -j "$jobs" --std=c11 --enable=warning,portability,performance --inline-suppr \
		--error-exitcode=1 --library=posix --suppressions-list=tests/data/cppcheck.txt \
		"${flags[@]}" "${program_sources[@]}"
}

# gcc 12 loses sight of memory and files that a struct owns: leaks are left to clang-tidy and to the run under
# the address sanitizer.
lint_analyzer()
{
	need gcc || return
	printf '%s\0' "${program_sources[@]}" |
		xargs -0 -n 1 -P "$jobs" gcc -std=c17 -O1 -fanalyzer -fanalyzer-verbosity=1 -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Werror -c -o /dev/null "${cppflags[@]}"
}

lint_man()
{
	need mandoc || return
	local pages=() page
	for page in man/*.[1-8]; do
		[ ! -f "$page" ] || pages+=("$page")
	done
	[ ${#pages[@]} -gt 0 ] || return 0
	mandoc -T lint -W warning "${pages[@]}"
}

lint_shell()
{
	need shellcheck || return
	local scripts=() file
	while read -r file; do
		! head -n 1 "$file" | grep -qE '^#!.*\b(ba|da)?sh$' || scripts+=("$file")
	done < <(find bootstrap .ci tests systemd conf -type f 2>/dev/null | sort)
	shellcheck -S warning "${scripts[@]}"
}

status=0
[ $# -gt 0 ] || set -- format tidy cppcheck analyzer man shell
for name in "$@"; do
	output=$("lint_$name" 2>&1)
	case $? in
	0) echo "ok $name" ;;
	"$skipped") echo "skipped $name: $output" ;;
	*)
		printf '%s\n' "$output"
		echo "FAILED $name"
		status=1
		;;
	esac
done
exit $status
