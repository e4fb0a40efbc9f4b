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
# shellcheck source=tests/system/result.sh
. "$source/tests/system/result.sh"

for page in "$source"/man/*.[1-8]; do
	silent "$(basename "$page") is sound mdoc" "$(mandoc -T lint -W warning "$page" 2>&1)"
done
silent "an unsound one is noticed" "$(printf '.Dd x\n.Sh WRONG\n' | mandoc -T lint -W warning >/dev/null 2>&1 && echo "taken")"

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
	silent "$manual names the options of --help, all and no other" \
		"$(diff <(options_of_manual "$manual") <(options_of_help "$@") |
			sed -n "s/^< /in the manual alone: /p;s/^> /in --help alone: /p")"
}

# The commands that --help names.
commands_of_help()
{
	"$build/ldapsward" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# The synopsis of ldapsward(8), "command option" a line.
synopsis()
{
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$source/man/ldapsward.8" |
		awk '$1 == ".Cm" { command = $2; print command, "" } /^\.Op Fl -/ { print command, "-" $3 }' | sort
}

# The same of what each command's --help says; --help and --version are everybody's.
synopsis_of_help()
{
	local command
	for command in $(commands_of_help); do
		echo "$command "
		"$build/ldapsward" "$command" --help | sed -nE 's/^  (-[a-z], |    )(--[a-z][a-z-]*).*/\2/p' |
			grep -vxE -e '--(help|version)' | sed "s/^/$command /"
	done | sort
}

if [ -x "$build/ldapsward" ]; then
	# shellcheck disable=SC2046
	compare_options ldapsward.8 "$build/ldapsward" $(commands_of_help)
	silent "its synopsis has every command with its options, all and no other" \
		"$(diff <(synopsis) <(synopsis_of_help) | sed -n "s/^< /in the manual alone: /p;s/^> /in --help alone: /p")"
fi
compare_options ldapsward-emulator.1 "$build/ldapsward-emulator"

# The control commands of the emulator, each with the first of its members.
if [ -x "$build/ldapsward-emulator" ]; then
	silent "ldapsward-emulator.1 has the control commands with their members as --help writes them" "$(
		diff <(sed -n '/^\.Ss Control/,/^\.Sh/p' "$source/man/ldapsward-emulator.1" |
			awk '/^\.It Cm / { command = $3; getline; sub(/[,.:;]+$/, "", $1); print command, $1 }') \
			<("$build/ldapsward-emulator" --help | sed -n '/^Commands of POST/,$p' |
				awk '/^  [a-z]/ { sub(/[,.:;]+$/, "", $2); print $1, $2 }') |
			sed -n "s/^< /in the manual alone: /p;s/^> /in --help alone: /p"
	)"
fi

# What texts tell to type, "command" or "command --option" a line: between backquotes, and where a
# line of an example begins with the program's name.
typed()
{
	(
		cd "$source" || exit
		grep -ohE '`ldapsward [^`]+`' README.md daemon/*/*.[ch] conf/*.* conf/*/* \
			systemd/ldapsward.catalog systemd/*.in
		sed -nE '/^(```|\.Bd)/,/^(```$|\.Ed)/s/^([$#] )?(sudo (-u ldapsward )?)?(ldapsward [a-z].*)/\4/p' \
			README.md man/ldapsward.*[58]
	) | /usr/bin/python3 -c '
import re, sys
for line in sys.stdin:
    words = re.sub(r"[`|>#].*", "", line.strip("`\n")).split()[1:]
    if words and re.fullmatch("[a-z]+", words[0]):
        print(words[0], "")
        for word in words[1:]:
            if word.startswith("--"):
                print(words[0], re.match("--[a-z-]*", word).group())
' | sort -u
}

if [ -x "$build/ldapsward" ]; then
	silent "no text names a command or an option that there is not" \
		"$(typed | comm -23 - <({ synopsis_of_help
			for command in $(commands_of_help); do echo "$command --help"; done; } | sort -u))"
	silent "many are found" "$([ "$(typed | wc -l)" -gt 20 ] || typed)"
fi

schema=$source/conf/ldapsward.schema.json
if [ -f "$schema" ]; then
	manual=$(mandoc -T utf8 "$source/man/ldapsward.yaml.5" | sed 's/.\x08//g')
	silent "ldapsward.yaml(5) names every key of the schema" "$(
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

# What the program says by name is in ldapsward(8), all and no other: conditions, members of JSON,
# fields of the journal, variables of the environment.
silent "ldapsward(8) names every condition, and no other" "$(
	diff <(sed -n '/^\.Sh CONDITIONS/,/^\.Sh JSON/s/^\.It Sy \([A-Za-z]*\)$/\1/p' "$source/man/ldapsward.8" | sort) \
		<(sed -n 's/^\tX([A-Z_]*, \([A-Za-z]*\), .*/\1/p' "$source/daemon/core/reason.h" | sort) |
		sed -n "s/^< /in the manual alone: /p;s/^> /in core\/reason.h alone: /p"
)"
silent "ldapsward(8) names every member, field and variable" "$(
	/usr/bin/python3 - "$source" <<-'END'
		import pathlib, re, sys
		source = pathlib.Path(sys.argv[1])
		manual = (source / "man/ldapsward.8").read_text()

		def section(name):
		    return re.search(r"(?ms)^\.Sh %s$(.*?)^\.Sh " % name, manual).group(1)

		def arguments(call):
		    """The arguments of a call in C, apart at the commas that are not inside anything."""
		    depth, found, start = 0, [], 0
		    for at, quoted in [(m.start(), m.group()) for m in re.finditer(r'"(?:\\.|[^"\\])*"|[(),]', call)]:
		        depth += (quoted == "(") - (quoted == ")")
		        if quoted == "," and depth == 0:
		            found.append(call[start:at].strip())
		            start = at + 1
		    return found + [call[start:].strip()]

		members, fields, variables = set(), set(), set()
		for path in sorted((source / "daemon").glob("*/*.c")):
		    text = path.read_text()
		    variables |= set(re.findall(r'environment_(?:text|true)\(\s*"([A-Z_0-9]+)"', text))
		    if path.parent.name != "program":
		        continue
		    for call in re.findall(r"(?s)json_pack\((.*?)\);", text):
		        members |= {word.strip('"') for word in arguments(call)[1::2]}
		    members |= set(re.findall(r'json_object_set_new\(\s*\w+, "([a-z_]+)"', text))
		    members |= set(re.findall(r'\\"([a-z_]+)\\":', text))
		    if "journal_field" in text or "entry_add(" in text:
		        fields |= set(re.findall(r'(?:\{|entry_add\(&?\w+, )"([A-Z_0-9]+)",', text))
		for kind, names, name in (("member", members, "JSON OUTPUT"), ("field", fields, "JOURNAL"),
		                          ("variable", variables - {"JOURNAL_STREAM", "INVOCATION_ID"}, "ENVIRONMENT")):
		    if len(names) < 8:
		        print("only %d of kind %s were found" % (len(names), kind))
		    words = set(re.findall(r"\w+", section(name)))
		    print("".join("%s %s\n" % (kind, word) for word in sorted(names - words)), end="")
	END
)"
exit $failed
