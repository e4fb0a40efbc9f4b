#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The manuals are sound mdoc, and say what the program and the JSON Schema say: every option that a
# --help names and every key of the schema is in its manual, and no option is there that no --help
# names. Skipped (77) where there is no mandoc.

set -u
export LC_ALL=C

command -v mandoc >/dev/null || { echo "no mandoc"; exit 77; }

source=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-$source/build}
failed=0

# Says whether the list of complaints $2 about $1 is empty.
result()
{
	if [ -z "$2" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		sed 's/^/    /' <<<"$2"
		failed=1
	fi
}

for page in "$source"/man/*.[1-8]; do
	result "$(basename "$page") is sound mdoc" "$(mandoc -T lint -W warning "$page" 2>&1)"
done
result "an unsound one is noticed" "$(printf '.Dd x\n.Sh WRONG\n' | mandoc -T lint -W warning >/dev/null 2>&1 && echo "taken")"

# page: the long options of a manual, one a line.
options_of_manual()
{
	grep -oE 'Fl -[a-z][a-z-]*' "$source/man/$1" | sed 's/^Fl /-/' | sort -u
}

# program [command]...: the long options that its --help names, and those of its commands'.
options_of_help()
{
	local program=$1 command
	shift
	{
		"$program" --help
		for command in "$@"; do
			"$program" "$command" --help
		done
	} 2>&1 </dev/null | sed -nE 's/^ +(-[a-z], )?(--[a-z][a-z-]*).*/\2/p' | sort -u
}

# manual program [command]...
compare_options()
{
	local manual=$1
	shift
	[ -x "$1" ] || return 0
	result "$manual names the options of --help, all and no other" \
		"$(diff <(options_of_manual "$manual") <(options_of_help "$@") |
			sed -n "s/^< /in the manual alone: /p;s/^> /in --help alone: /p")"
}

compare_options ldapsward.8 "$build/ldapsward" run check plan apply status history
compare_options ldapsward-emulator.1 "$build/ldapsward-emulator"

schema=$source/conf/ldapsward.schema.json
if [ -f "$schema" ]; then
	manual=$(mandoc -T utf8 "$source/man/ldapsward.yaml.5" | sed 's/.\x08//g')
	result "ldapsward.yaml(5) names every key of the schema" "$(
		/usr/bin/python3 - "$schema" <<-'END' | while read -r key; do grep -qw -- "$key" <<<"$manual" || echo "$key"; done
			import json, sys
			def keys(node):
			    if isinstance(node, dict):
			        if isinstance(node.get("properties"), dict):
			            yield from node["properties"]
			        for value in node.values():
			            yield from keys(value)
			    elif isinstance(node, list):
			        for value in node:
			            yield from keys(value)
			print("\n".join(sorted(set(keys(json.load(open(sys.argv[1])))))))
		END
	)"
fi
exit $failed
