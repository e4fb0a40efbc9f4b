#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What README.md shows of the program is what the demonstration says.

    test-readme.py              runs tests/demo.sh and compares its record with README.md
    test-readme.py --update     writes the record into README.md instead

A block of README.md is <!-- demo: NAME --> on a line of its own and the fenced block after it. The
demonstration runs twice, so that what is compared is the same in every run. Links to files of the
tree must lead somewhere, and the table of commands must name those of `ldapsward --help`.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import harness

SOURCE = pathlib.Path(harness.SOURCE)
README = SOURCE / "README.md"
BLOCK = re.compile(r"(<!-- demo: ([a-z-]+) -->\n+```[a-z]*\n)(.*?)(```\n)", re.S)


def record(name):
    """Runs the demonstration: {name of a block: text}."""
    directory = pathlib.Path(harness.scratch(name))
    done = subprocess.run(["bash", SOURCE / "tests" / "demo.sh", "--record", directory, harness.BUILD],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=10 * harness.DEADLINE, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError("demo.sh ended with %d:\n%s" % (done.returncode, done.stdout[-2000:]))
    return {path.stem: path.read_text() for path in directory.iterdir()}


def blocks(text):
    """[(name, content)] of the demonstration's blocks in README.md."""
    return [(match.group(2), match.group(3)) for match in BLOCK.finditer(text)]


def updated(text, known):
    return BLOCK.sub(lambda match: match.group(1) + known[match.group(2)] + match.group(4), text)


class Readme(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.text = README.read_text()
        cls.record = record("one")

    def test_blocks(self):
        """Every block of output is what the demonstration says."""
        shown = blocks(self.text)
        self.assertGreater(len(shown), 4)
        self.assertEqual(len(shown), self.text.count("<!-- demo:"), "a block without its fence")
        for name, content in shown:
            with self.subTest(name):
                self.assertIn(name, self.record)
                self.assertEqual(content, self.record[name], "mend it with tests/system/test-readme.py --update")

    @unittest.skipIf(os.environ.get("TESTS_EFFORT") == "small", "a small effort was asked for")
    def test_steady(self):
        """Two runs of the demonstration leave the same record."""
        self.assertEqual(record("two"), self.record)

    def test_notices(self):
        """A block that says something else is noticed."""
        name = blocks(self.text)[0][0]
        changed = updated(self.text, {**self.record, name: "$ something else\n"})
        self.assertNotEqual(dict(blocks(changed))[name], self.record[name])
        self.assertEqual(updated(changed, self.record), updated(self.text, self.record))

    def test_no_other_output(self):
        """Output of ldapsward stands in such blocks alone."""
        rest = BLOCK.sub("", self.text)
        self.assertNotRegex(rest, r"(?m)^\s*\$ ldapsward")

    def test_links(self):
        """Links lead to files of the tree."""
        for target in re.findall(r"\]\(([^)#]+)", self.text):
            if not target.startswith("http"):
                self.assertTrue((SOURCE / target).exists(), target)

    def test_commands(self):
        """The table of commands names those of --help, all and no other."""
        said = subprocess.run([harness.PROGRAM, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        known = re.findall(r"(?m)^  ([a-z]+)  ", said.split("Options:")[0])
        shown = re.findall(r"(?m)^\| `ldapsward ([a-z]+)", self.text)
        self.assertEqual(sorted(known), sorted(shown))


if __name__ == "__main__":
    harness.need("openssl", "curl", "jq", harness.AWS)
    if sys.argv[1:] == ["--update"]:
        README.write_text(updated(README.read_text(), record("update")))
        sys.exit()
    unittest.main(verbosity=2)
