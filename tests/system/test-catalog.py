#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the journal is told: the ids in the code, the message catalog and ldapsward(8) are the same.

    test-catalog.py --update        # writes the catalog and the manual's lists anew from the code's table
    test-catalog.py --missing       # prints a row with a fresh id for every reason that has none yet

The program that is built in tests/system/catalog prints what is to be there, from daemon/core/message.h.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
BUILD = os.environ.get("top_builddir") or SOURCE
CATALOG = os.path.join(SOURCE, "systemd/ldapsward.catalog")
MANUAL = os.path.join(SOURCE, "man/ldapsward.8")
# What stands between these comments in the manual is made.
PARTS = ("events", "conditions")
FIELDS = re.compile(r"@([A-Z0-9_]+)@")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def printed(*words):
    return subprocess.run([os.path.join(BUILD, "tests/system/catalog"), *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def part(text, name):
    """The lines of the manual from the comment that begins a part to the one that ends it."""
    return re.search(r'(?ms)^\.\\" %s, made by .*?^\.\\" end of %s$' % (name, name), text)


def entries(text):
    """The entries of a catalog as journald reads them: {id: lines}."""
    found, here = {}, None
    lines = text.split("\n")
    for before, line in zip([""] + lines, lines):
        if line.startswith("-- ") and before == "":
            here = found.setdefault(line[3:35], [])
        elif here is not None:
            here.append(line)
    return found


def reasons():
    return re.findall(r"(?m)^\tX\(([A-Z_]+), [A-Za-z]+, (?:NOTE|WARNING|ERROR), ", read(os.path.join(SOURCE, "daemon/core/reason.h")))


def table(name):
    """The codes of one table of core/message.h, in order, and the ids."""
    text = read(os.path.join(SOURCE, "daemon/core/message.h"))
    rows = re.search(r"(?ms)^#define %s\(X\).*?(?=^\s*$)" % name, text).group(0)
    return re.findall(r'X\(([A-Z_]+),[^"]*"([^"]*)"', rows)


class Table(unittest.TestCase):
    def test_reasons(self):
        """Every reason has an id, in the order of its own table."""
        self.assertEqual([code for code, _ in table("MESSAGE_REASONS")], reasons(),
                         "see CONTRIBUTING.md, A new reason")

    def test_ids(self):
        """An id is what systemd-id128 makes, and nobody else's."""
        ids = [number for name in ("MESSAGE_REASONS", "MESSAGE_EVENTS") for _, number in table(name)]
        self.assertGreater(len(ids), 100)
        self.assertEqual(len(set(ids)), len(ids))
        for number in ids:
            self.assertRegex(number, r"^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$")


    def test_told(self):
        """What is told above debug has an id: journal_event gives it, or who calls journal_send does."""
        calls = 0
        for folder, _, names in os.walk(os.path.join(SOURCE, "daemon")):
            for name in (name for name in names if name.endswith(".c") and name != "journal.c"):
                text = read(os.path.join(folder, name))
                for call in re.findall(r"journal_send\(\s*(.*?);", text, re.DOTALL):
                    calls += 1
                    self.assertTrue(call.startswith("LOG_DEBUG") or "MESSAGE_ID" in text or "fields" in call,
                                    "%s: journal_send(%s: use journal_event" % (name, call))
        self.assertGreater(calls, 3)

    def test_used(self):
        """Every event of the table is told somewhere."""
        texts = "".join(read(os.path.join(folder, name)) for folder, _, names in os.walk(os.path.join(SOURCE, "daemon"))
                        for name in names if name.endswith(".c"))
        for code, _ in table("MESSAGE_EVENTS"):
            self.assertIn("EVENT_%s" % code, texts)


class Catalog(unittest.TestCase):
    def test_same(self):
        """The catalog is what the code says."""
        self.assertEqual(read(CATALOG), printed(), "make it anew: tests/system/test-catalog.py --update")

    def test_read_back(self):
        """journald finds every entry, with a subject, why it matters and what to do."""
        found = entries(read(CATALOG))
        ids = {number for name in ("MESSAGE_REASONS", "MESSAGE_EVENTS") for _, number in table(name)}
        self.assertEqual(set(found), ids)
        for number, lines in found.items():
            self.assertRegex(lines[0], r"^Subject: [A-Z][A-Za-z]+: .*[^.]$")
            text = "\n".join(lines)
            self.assertRegex(text, r"\n\n(?s:.+)\.\n\n(To do: (?s:.+)\.|Nothing is to be done\.)\n?$", number)
            self.assertNotIn("{", re.sub(r"`[^`]*`", "", text), "a placeholder that the catalog does not know")
            for line in lines[1:]:
                self.assertLessEqual(len(line), 100 if "`" in line else 77, line)
            self.assertLessEqual(set(FIELDS.findall(text)), {"CERTIFICATE_ID", "DIRECTORY_ID", "REGION"})

    def test_journalctl(self):
        """journalctl takes it, and gives back every entry."""
        if not shutil.which("journalctl"):
            self.skipTest("no journalctl")
        with tempfile.TemporaryDirectory() as root:
            for place in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
                os.makedirs(os.path.join(root, place))
            shutil.copy(CATALOG, os.path.join(root, "usr/lib/systemd/catalog"))
            done = subprocess.run(["journalctl", "--root=" + root, "--update-catalog"], text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            dumped = subprocess.run(["journalctl", "--root=" + root, "--dump-catalog"], text=True, check=True,
                                    stdout=subprocess.PIPE).stdout
            found = entries("\n" + dumped)
            self.assertEqual({number: [line for line in lines if line] for number, lines in found.items()},
                             {number: [line for line in lines if line] for number, lines in entries(read(CATALOG)).items()})


def fields_of_code():
    """The fields that entries are given anywhere."""
    found = set()
    for folder, _, names in os.walk(os.path.join(SOURCE, "daemon")):
        for name in (name for name in names if name.endswith(".c")):
            text = read(os.path.join(folder, name))
            found |= set(re.findall(r'entry_add\([^,"]+, "(\w+)"', text))
            for made in re.findall(r"struct journal_field\b[^;]*;", text):
                found |= set(re.findall(r'\{"(\w+)",', made))
    return found


class Manual(unittest.TestCase):
    def test_fields(self):
        """ldapsward(8) lists every field that entries are given, and no other."""
        section = read(MANUAL).partition(".Ss Fields\n")[2].partition("\n.Ss ")[0]
        listed = {word for line in re.findall(r"(?m)^\.It Sy (.+)$", section) for word in line.split(" , ")}
        self.assertGreater(len(listed), 10)
        self.assertEqual(fields_of_code(), listed)

    def test_ids(self):
        """ldapsward(8) lists every id."""
        for name in PARTS:
            self.assertEqual(part(read(MANUAL), name).group(0), part(printed("--manual"), name).group(0),
                             "make it anew: tests/system/test-catalog.py --update")


def update():
    text, made = read(MANUAL), printed("--manual")
    for name in PARTS:
        there = part(text, name)
        text = text[:there.start()] + part(made, name).group(0) + text[there.end():]
    for path, content in ((CATALOG, printed()), (MANUAL, text)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)


def missing():
    known = {code for code, _ in table("MESSAGE_REASONS")}
    for code in reasons():
        if code not in known:
            number = subprocess.run(["systemd-id128", "new"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
            print('\tX(%s, "%s", "what happened", "Why it matters.") \\' % (code, number))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    elif sys.argv[1:] == ["--missing"]:
        missing()
    else:
        unittest.main(verbosity=2)
