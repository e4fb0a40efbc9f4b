#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where a line may live: each rule of the house that a machine can see, as a table.

Part of `make check`. Prints one TAP line a rule, and under a broken one each place as
`file:line: what was found: what to do`. First holds every rule against small samples (the table
SAMPLES), so that a rule which can no longer fail is noticed. Exit status: 0 all hold, 1 some do not.
"""

import fnmatch
import os
import re
import sys

TOP = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..")

# Include prefix of another's library -> the modules (file patterns) that may include it. One door to
# each outside thing: everyone else includes the module.
DOORS = {
    r"curl/": ["daemon/edge/http*"],
    r"openssl/": ["daemon/edge/digest*", "daemon/edge/http-share*", "daemon/edge/signature*", "daemon/edge/x509*", "emulator/sigv4*", "emulator/tls*"],
    r"yaml\.h": ["daemon/edge/yaml*"],
    r"jansson\.h": ["daemon/edge/json*"],
    r"expat\.h": ["daemon/edge/xml*"],
    r"sqlite3\.h": ["daemon/edge/ledger*"],
    r"systemd/sd-journal\.h": ["daemon/edge/journal*"],
    r"systemd/sd-daemon\.h": ["daemon/edge/notify*"],
    r"systemd/": ["daemon/program/*"],
    r"microhttpd\.h": ["emulator/*"],
    r"gnutls/": ["emulator/ticket*"],
    r"(resolv|netdb|arpa/nameser)\.h": ["daemon/edge/dns*"],
    r"(pthread|threads|semaphore)\.h": ["daemon/program/*", "daemon/edge/http*", "daemon/edge/ledger*", "emulator/*"],
    r"syslog\.h": ["daemon/edge/journal*"],
}

# Layer (directory) -> the include prefixes of this project that it may use: itself and those below.
LAYERS = {
    "daemon/base": ["base/"],
    "daemon/core": ["base/", "core/"],
    "daemon/edge": ["base/", "core/", "edge/", "config.h"],
    "daemon/program": ["base/", "core/", "edge/", "program/", "config.h"],
    "emulator": ["base/", "core/", "edge/", "emulator/", "config.h"],
}

# What the pure layers may not even include (base may allocate and format, core as well).
IMPURE_HEADERS = r"(unistd|fcntl|dirent|poll|signal|glob|sys/\w+|netinet/\w+|arpa/\w+|spawn|ftw|locale)\.h"
PURE = ["daemon/base/*", "daemon/core/*"]

# Functions -> the modules that may call them; the third column says what to do instead.
CALLS = [
    ("clock", ["time", "clock_gettime", "clock", "gettimeofday", "timespec_get", "ftime", "nanosleep", "sleep",
               "usleep", "clock_nanosleep"],
     ["daemon/edge/clock*", "emulator/clock*"],
     "take the instant as an argument; edge/clock reads it"),
    ("environment", ["getenv", "secure_getenv", "setenv", "putenv", "unsetenv"],
     ["daemon/edge/crash*", "daemon/edge/environment*",
      "daemon/program/*", "emulator/main*"],
     "take the value as an argument; the module that owns the variable reads it"),
    ("input and output in a pure layer",
     ["fopen", "fdopen", "fread", "fwrite", "fgets", "fputs", "puts", "printf", "fprintf", "vprintf",
      "vfprintf", "dprintf", "perror", "open", "openat", "creat", "read", "write", "close", "stat", "lstat", "fstat",
      "unlink", "rename", "mkdir", "opendir", "glob", "socket", "connect", "send", "recv", "poll",
      "fork", "execve", "execvp", "posix_spawn", "syslog", "exit", "_exit", "rand", "random", "getrandom",
      "arc4random"],
     ["!" + pattern for pattern in PURE],
     "return a value; an edge does the input and output"),
    ("end of the process", ["exit", "_exit", "quick_exit", "err", "errx"],
     ["daemon/edge/crash*", "daemon/edge/http-library*", "daemon/program/*", "emulator/main*"],
     "return an error; main ends the process"),
]

# Functions nobody calls -> why not, and what instead.
BANNED = {
    "strcpy": "no bound: snprintf or memcpy with a checked length",
    "strcat": "no bound: base/buffer",
    "stpcpy": "no bound: base/buffer",
    "strncpy": "may leave no NUL: snprintf",
    "strncat": "its bound is not the size: base/buffer",
    "sprintf": "no bound: snprintf or base/buffer",
    "vsprintf": "no bound: vsnprintf or base/buffer",
    "gets": "no bound",
    "scanf": "no bound, no errors", "sscanf": "overflow is undefined: strtol and a check",
    "fscanf": "no bound, no errors",
    "strtok": "static state: strtok_r or strcspn",
    "atoi": "no errors: strtol and a check", "atol": "no errors: strtol and a check",
    "atoll": "no errors: strtoll and a check", "atof": "no errors: strtod and a check",
    "system": "a shell", "popen": "a shell",
    "localtime": "local time and static state: base/calendar",
    "localtime_r": "local time: base/calendar",
    "gmtime": "static state: gmtime_r",
    "mktime": "local time: timegm",
    "ctime": "local time and static state: base/calendar", "asctime": "static state: base/calendar",
    "tmpnam": "a race: mkstemp", "tempnam": "a race: mkstemp", "mktemp": "a race: mkstemp",
    "alloca": "no bound", "setjmp": "no ownership", "longjmp": "no ownership",
    "rand": "predictable: a seeded generator of the module's own, or getrandom",
    "gethostbyname": "static state, IPv4 alone: getaddrinfo",
    "inet_ntoa": "static state, IPv4 alone: inet_ntop",
}

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 80

# Exceptions, each with its reason: (rule, file or file:function) -> why it is right there.
ALLOWED = {
}


class Text:
    """One source: `raw` lines, and `code` lines in which comments and literals are blanks."""

    def __init__(self, path, content):
        self.path = path
        self.raw = content.split("\n")
        self.code = blank(content).split("\n")
        self.line_count = content.count("\n")


def blank(content):
    """The same text with comments, strings and characters blanked out, line for line."""
    pattern = re.compile(
        r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)

    def replace(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return pattern.sub(replace, content)


def matches(path, patterns):
    """May this file? Patterns with "!" name those that may not; then all others may."""
    if any(pattern.startswith("!") for pattern in patterns):
        return not any(fnmatch.fnmatch(path, pattern[1:]) for pattern in patterns)
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def is_product(path):
    return path.startswith(("daemon/", "emulator/"))


def includes(text):
    for number, line in enumerate(text.raw, 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1), match.group(2)


def calls(text, names):
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(map(re.escape, names)))
    for number, line in enumerate(text.code, 1):
        for match in pattern.finditer(line):
            yield number, match.group(1)


def rule_doors(text):
    """a library's header is included by the module that owns it alone"""
    if not is_product(text.path):
        return
    for number, _, name in includes(text):
        for door, owners in DOORS.items():
            if re.match(door, name):
                if not matches(text.path, owners):
                    yield number, f"<{name}>", "include the module that owns it: " + ", ".join(owners)
                break


def rule_layers(text):
    """a layer includes itself and those below it"""
    layer = next((name for name in LAYERS if text.path.startswith(name + "/")), None)
    if not layer:
        return
    for number, quote, name in includes(text):
        if quote == '"' and not name.startswith(tuple(LAYERS[layer])):
            yield number, f'"{name}"', f"{layer} may use " + ", ".join(LAYERS[layer])


def rule_pure(text):
    """base and core include no header of the operating system"""
    if not matches(text.path, PURE):
        return
    for number, _, name in includes(text):
        if re.fullmatch(IMPURE_HEADERS, name):
            yield number, f"<{name}>", "it belongs at an edge"


def rule_calls(text):
    """clock, environment, input and output, exit stay in the module that owns them"""
    if not is_product(text.path):
        return
    for what, names, owners, instead in CALLS:
        if not matches(text.path, owners):
            for number, name in calls(text, names):
                yield number, f"{name}() ({what})", instead


def rule_banned(text):
    """no function that is unsafe by its nature"""
    for number, name in calls(text, BANNED):
        yield number, f"{name}()", BANNED[name]


def rule_spdx(text):
    """the first line names the licence"""
    if text.raw[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
        yield 1, text.raw[0][:60], "/* SPDX-License-Identifier: Apache-2.0 */ comes first"


def rule_contract(text):
    """a header starts with #pragma once and a paragraph that says what it is"""
    if not text.path.endswith(".h") or not is_product(text.path):
        return
    body = "\n".join(text.raw[1:]).lstrip("\n")
    if not body.startswith("#pragma once\n"):
        yield 2, body.split("\n")[0][:60], "#pragma once comes after the licence"
        return
    comment = re.match(r"/\*(.*?)\*/", body[len("#pragma once\n"):].lstrip("\n"), re.DOTALL)
    words = re.findall(r"\w+", comment.group(1)) if comment else []
    if len(words) < 5:
        yield 3, "no contract", "say what it is and what it may not do, before the includes"


def rule_file_size(text):
    """no file is longer than 600 lines"""
    if text.line_count > FILE_LINES_MAX:
        yield 1, f"{text.line_count} lines", f"at most {FILE_LINES_MAX}: does it still hold one noun?"


def rule_function_size(text):
    """no function is longer than 80 lines"""
    start, name = None, ""
    for number, line in enumerate(text.code, 1):
        if line == "{":
            first = number - 1
            while first > 1 and text.code[first - 2].strip() and not re.match(r"[}#]", text.code[first - 2]):
                first -= 1
            signature = " ".join(text.code[first - 1:number - 1])
            found = re.findall(r"(\w+)\s*\(", signature)
            names = [word for word in found if not word.startswith("__attribute")]
            start, name = first, (names[-1] if names else "?")
            plain = re.search(r"(\w+)\s*\((?!.*\b__attribute__)", signature)
            if plain:
                name = plain.group(1)
        elif line == "}" and start:
            length = number - start + 1
            if length > FUNCTION_LINES_MAX:
                yield start, f"{name}: {length} lines", f"at most {FUNCTION_LINES_MAX}: split it"
            start = None


def rule_promises(text):
    """no promise is left in the code"""
    for number, line in enumerate(text.raw, 1):
        match = re.search(r"\b(TODO|FIXME|XXX)\b", line)
        if match:
            yield number, match.group(1), "keep it or delete it"


RULES = [rule_doors, rule_layers, rule_pure, rule_calls, rule_banned, rule_spdx, rule_contract,
         rule_file_size, rule_function_size, rule_promises]

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"

# Rule, file, content, how often it must complain.
SAMPLES = [
    (rule_doors, "daemon/edge/ledger.c", "#include <sqlite3.h>\n", 0),
    (rule_doors, "daemon/program/status.c", "#include <sqlite3.h>\n", 1),
    (rule_doors, "emulator/server.c", "#include <curl/curl.h>\n", 1),
    (rule_doors, "daemon/edge/journal.c", "#include <systemd/sd-journal.h>\n", 0),
    (rule_doors, "daemon/program/loop.c", "#include <systemd/sd-journal.h>\n", 1),
    (rule_doors, "daemon/program/loop.c", "#include <systemd/sd-event.h>\n", 0),
    (rule_layers, "daemon/core/decide.c", '#include "base/error.h"\n#include "core/fleet.h"\n', 0),
    (rule_layers, "daemon/core/decide.c", '#include "edge/x509.h"\n', 1),
    (rule_layers, "daemon/edge/http.c", '#include "program/log.h"\n#include "buffer.h"\n', 2),
    (rule_layers, "emulator/main.c", '#include "program/log.h"\n', 1),
    (rule_pure, "daemon/core/decide.c", "#include <sys/socket.h>\n#include <string.h>\n", 1),
    (rule_calls, "daemon/core/decide.c", "now = time(NULL);\n", 1),
    (rule_calls, "daemon/core/decide.c", "/* time( */ call(clock->time(x), a.time(y), at_time(z));\n", 0),
    (rule_calls, "daemon/edge/clock.c", "now = time(NULL);\n", 0),
    (rule_calls, "daemon/edge/http.c", 'getenv("HOME");\n', 1),
    (rule_calls, "daemon/core/model.c", 'printf("%s", "open(");\n', 1),
    (rule_calls, "daemon/edge/file.c", "open(path, 0);\n", 0),
    (rule_banned, "tests/unit/test-x.c", "strcpy(a, b); x = atoi(c);\n", 2),
    (rule_banned, "daemon/base/x.c", "snprintf(a, 1, b); my_system(c); log(\"system(\");\n", 0),
    (rule_spdx, "daemon/base/x.c", SPDX, 0),
    (rule_spdx, "daemon/base/x.c", "\n" + SPDX, 1),
    (rule_contract, "daemon/base/x.h", SPDX + "#pragma once\n\n/* One noun, and what holds. */\n", 0),
    (rule_contract, "daemon/base/x.h", SPDX + "#pragma once\n\n#include <x.h>\n", 1),
    (rule_contract, "daemon/base/x.h", SPDX + "#ifndef X\n", 1),
    (rule_file_size, "daemon/base/x.c", "\n" * FILE_LINES_MAX, 0),
    (rule_file_size, "daemon/base/x.c", "\n" * (FILE_LINES_MAX + 1), 1),
    (rule_function_size, "daemon/base/x.c", "int f(void)\n{\n" + "x;\n" * (FUNCTION_LINES_MAX - 3) + "}\n", 0),
    (rule_function_size, "daemon/base/x.c", "int f(void)\n{\n" + "x;\n" * (FUNCTION_LINES_MAX - 2) + "}\n", 1),
    (rule_promises, "daemon/base/x.c", "/* TO" + "DO: later */\n", 1),
]


def check_samples():
    wrong = []
    for rule, path, content, times in SAMPLES:
        found = list(rule(Text(path, content)))
        if len(found) != times:
            wrong.append(f"{rule.__name__} on {path} {content[:60]!r}: {len(found)} complaints, not {times}")
    return wrong


def sources():
    for root in ("daemon", "emulator", "tests"):
        for directory, below, names in os.walk(os.path.join(TOP, root)):
            below.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(directory, name)
                    with open(path, encoding="utf-8") as file:
                        yield Text(os.path.relpath(path, TOP), file.read())


def unlisted(texts):
    """Sources that the makefile does not name: they would be in no library and in no tarball."""
    with open(os.path.join(TOP, "Makefile.am"), encoding="utf-8") as file:
        words = set(re.findall(r"[\w./-]+", file.read()))
    return [f"{text.path}:1: not in Makefile.am: add it to its library or program"
            for text in texts if text.path not in words]


def complaints(rule, texts):
    """What the rule finds, less what is allowed; also the keys of ALLOWED that were of use."""
    found, used = [], set()
    for text in texts:
        for number, what, instead in rule(text):
            key = (rule.__name__, text.path)
            function = (rule.__name__, f"{text.path}:{what.split(':')[0]}")
            hit = key if key in ALLOWED else function if function in ALLOWED else None
            if hit:
                used.add(hit)
            else:
                found.append(f"{text.path}:{number}: {what}: {instead}")
    return found, used


def main():
    texts = list(sources())
    results, used = [("every rule can fail", check_samples())], set()
    for rule in RULES:
        found, hits = complaints(rule, texts)
        used |= hits
        results.append((rule.__doc__, found))
    results.append(("every source is named in Makefile.am", unlisted(texts)))
    results.append(("every exception is still needed",
                    [f"ALLOWED {key}: no longer needed, delete it" for key in ALLOWED if key not in used]))
    results.append(("there are sources to read", [] if len(texts) > 10 else [f"only {len(texts)} in {TOP}"]))
    print(f"1..{len(results)}")
    for number, (name, found) in enumerate(results, 1):
        print(f"{'not ok' if found else 'ok'} {number} - {name}")
        for line in found:
            print(f"    {line}")
    return any(found for _, found in results)


if __name__ == "__main__":
    sys.exit(main())
