#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`ldapsward check`, offline: the generations that it lists, and what does not hang together.

The certificates are those of tests/data/make-certificates.py, made by the build or now; the
program's clock stands half a day before the instant from which they count, so that days left are the
days of the maker's table.
"""

import calendar
import json
import os
import pathlib
import subprocess
import time
import unittest

from harness import DEADLINE, PROGRAM, need, scratch

SOURCE = os.environ.get("top_srcdir") or str(pathlib.Path(__file__).parents[2])
BUILD = os.environ.get("top_builddir") or SOURCE
BIRTH = "2027-01-01T00:00:00Z"
NOW = calendar.timegm(time.strptime(BIRTH, "%Y-%m-%dT%H:%M:%SZ")) - 43200

NONE = "directories: [{id: d-0000000001, trust: none, client_ldaps: disabled}]\n"
HEAD = """version: 1
defaults: {policy: sync, regions: [eu-west-1], client_ldaps: enabled}
authorities:
"""


def zoo():
    built = pathlib.Path(BUILD, "tests", "data", "zoo")
    if built.with_suffix(".stamp").exists():
        return built.absolute()
    made = pathlib.Path(scratch("zoo"))
    if not made.exists():
        maker = os.path.join(SOURCE, "tests", "data", "make-certificates.py")
        subprocess.run([maker, "--now", BIRTH, str(made)], check=True)
    return made


class Check(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        need("openssl")
        cls.home = pathlib.Path(scratch("check"))
        cls.home.mkdir(parents=True)
        (cls.home / "ca").symlink_to(zoo())

    def check(self, status, authorities, *words, directories=NONE):
        """Checks a file; gives the lines that warn or fail, and the rest."""
        (self.home / "ldapsward.yaml").write_text(HEAD + authorities + directories)
        clock = self.home / "clock"
        clock.write_text("%d\n" % (NOW - int(time.time())))
        done = subprocess.run([os.path.abspath(PROGRAM), "check", "ldapsward.yaml", *words], cwd=self.home, stdin=subprocess.DEVNULL,
                              env={**os.environ, "LDAPSWARD_DEMO_CLOCK": str(clock)}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=DEADLINE, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        told = [line for line in lines if line.startswith("ldapsward.yaml:") and not line.startswith("ldapsward.yaml: ")]
        return told, "".join(line + "\n" for line in lines if line not in told)

    def test_generations(self):
        """Each authority's generations, oldest first, with what ties each to the one before."""
        _, text = self.check(0, """\
  renewed: {certificates: [ca/corp-root-renewed.pem]}
  root: {certificates: [ca/corp-root-new-key.pem, ca/corp-root-cross-0-1.pem, ca/corp-root.pem]}
  issuing: {certificates: ["ca/corp-issuing*.pem"]}
  near: {certificates: [ca/days-60.pem]}
  past: {certificates: [ca/expired.pem]}
""")
        self.assertEqual(text, """\
renewed:
  NAME             VERSION  EXPIRES     DAYS LEFT  LINK              REGISTRABLE UNTIL
  Corp Root CA     V1.0     2036-12-29  3650       first             2036-09-29
root:
  NAME             VERSION  EXPIRES     DAYS LEFT  LINK              REGISTRABLE UNTIL
  Corp Root CA     V0.0     2031-12-31  1825       first             2031-10-01
  Corp Root CA     V1.1     2031-12-31  1825       CrossCertificate  -
  Corp Root CA     V1.1     2038-12-29  4380       cross-signed      2038-09-29
issuing:
  NAME             VERSION  EXPIRES     DAYS LEFT  LINK              REGISTRABLE UNTIL
  Corp Issuing CA  V0.0     2030-12-31  1460       first             2030-10-01
  Corp Issuing CA  V1.1     2031-12-30  1824       new key           2031-09-30
near:
  NAME             VERSION  EXPIRES     DAYS LEFT  LINK              REGISTRABLE UNTIL
  Sixty Days CA    -        2027-03-02  60         first             no longer
past:
  NAME             VERSION  EXPIRES     DAYS LEFT  LINK              REGISTRABLE UNTIL
  Expired CA       -        2026-12-31  expired    first             no longer
ldapsward.yaml: good: 1 directory, 5 authorities
""")

    def test_stray(self):
        """A file beside those of conf.d that is not read is told: its directories would be missed."""
        stray = self.home / "conf.d" / "more.yml"
        stray.parent.mkdir()
        stray.write_text("no YAML: [")
        _, text = self.check(0, "  root: {certificates: [ca/corp-root.pem]}\n")
        self.assertIn("ldapsward.yaml: warning: conf.d/more.yml is not read: only conf.d/*.yaml is\n", text)
        self.check(1, "  root: {certificates: [ca/corp-root.pem]}\n", "--strict")
        stray.unlink()
        stray.parent.rmdir()
        stray.parent.write_text("no YAML: [")
        _, text = self.check(0, "  root: {certificates: [ca/corp-root.pem]}\n")
        self.assertIn("ldapsward.yaml: warning: conf.d is not read: it is no directory, and only conf.d/*.yaml is\n", text)
        stray.parent.unlink()

    def test_pipe(self):
        """Standard input is no file that could be looked at again: told so, by either name."""
        for name, said in (("-", "standard input is not read: name a regular file"), ("/dev/stdin", "pipes and devices are not read")):
            done = subprocess.run([os.path.abspath(PROGRAM), "check", name], cwd=self.home, input="version: 1\n",
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stdout)

    def test_json(self):
        """The same as one JSON document."""
        authorities = "  root: {certificates: [ca/corp-root.pem, ca/corp-root-renewed.pem, ca/shorter-root.pem]}\n"
        told, text = self.check(0, authorities, "--json")
        value = json.loads(text)
        self.assertEqual(told, [])
        self.assertEqual((value["version"], value["good"], value["authorities"]), (1, True, 1))
        found = [[row[key] for key in ("authority", "common_name", "version", "expires", "days_left", "link",
                                       "registrable_until", "rule")] for row in value["generations"]]
        self.assertEqual(found, [
            ["root", "Corp Root CA", "V0.0", "2031-12-31T00:00:00Z", 1825, "none", "2031-10-01T00:00:00Z", ""],
            ["root", "Corp Root CA", "V1.1", "2030-12-31T00:00:00Z", 1460, "none", None, "ShorterLife"],
            ["root", "Corp Root CA", "V1.0", "2036-12-29T00:00:00Z", 3650, "same key", "2036-09-29T00:00:00Z", ""]])
        self.assertEqual([len(row["certificate"]) for row in value["generations"]], [64] * 3)

    def test_what_does_not_hang_together(self):
        """Each is a warning at the file that is wrong, with what to do; --strict refuses it."""
        root = "  root: {certificates: [ca/corp-root.pem, ca/%s.pem]}\n"
        for authorities, place, words in (
                (root % "lab-root", "4:43", ("ca/lab-root.pem", "has another subject", "an authority of its own")),
                (root % "corp-root-cross-0-1", "4:43", ("ca/corp-root-cross-0-1.pem", "(n-m)", "leave it out")),
                (root % "shorter-root", "4:43", ("ca/shorter-root.pem", "does not outlive", "ca/corp-root.pem")),
                ("  odd: {certificates: [ca/no-order-a.pem, ca/no-order-b.pem]}\n", "4:43",
                 ("ca/no-order-b.pem", "no order", "ca/no-order-a.pem", "keep one of the two")),
                ("  issuing: {certificates: [ca/corp-issuing.pem]}\n", "4:28", ("ca/corp-issuing.pem", "issued", "trust"))):
            with self.subTest(authorities):
                told, _ = self.check(0, authorities)
                self.assertEqual(len(told), 1, told)
                self.assertTrue(told[0].startswith("ldapsward.yaml:%s: warning: " % place), told)
                for word in words:
                    self.assertIn(word, told[0])
                self.check(1, authorities, "--strict")

    def test_trusted_without_its_root(self):
        """The root is in the file, but not in `trust`: the directory is told."""
        both = "  root: {certificates: [ca/corp-root.pem]}\n  issuing: {certificates: [ca/corp-issuing.pem]}\n"
        told, _ = self.check(0, both, directories="directories: [{id: d-0000000001, trust: [issuing]}]\n")
        self.assertEqual(len(told), 1, told)
        self.assertIn(":6:41: warning: \"Corp Issuing CA\" is trusted without the CA that issued it (authority \"root\")", told[0])
        told, _ = self.check(0, both, directories="directories: [{id: d-0000000001, trust: [issuing, root]}]\n")
        self.assertEqual(told, [])

    def test_slots(self):
        """Too many authorities are an error; too many generations, or none free, a warning."""
        many = ("  root: {certificates: [ca/corp-root.pem, ca/corp-root-renewed.pem, ca/corp-root-cross-0-1.pem]}\n"
                "  lab: {certificates: [ca/lab-root.pem]}\n")
        for limit, status, word in ((1, 1, "each needs at least one"), (2, 0, "some will not be registered"),
                                    (3, 0, "no slot stays free"), (4, 0, None)):
            told, _ = self.check(status, many, directories="directories: [{id: d-0000000001, trust: [root, lab], "
                                                           "certificate_limit: %d}]\n" % limit)
            told = [line for line in told if "(n-m)" not in line]
            self.assertEqual(len(told), 1 if word else 0, told)
            if word:
                self.assertIn(word, told[0])
                self.assertEqual("warning" in told[0], status == 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
