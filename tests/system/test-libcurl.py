#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""libcurl is loaded by what connects, and by nothing else; one that cannot be loaded is told as what it is."""

import pathlib
import subprocess

from harness import PROGRAM, Authority, need, scratch
from ward import Case, Ward, main

need("openssl")

ROOT = Authority("Corp Root", days=3650)


class Library(Case):
    def setUp(self):
        self.broken = pathlib.Path(scratch())
        (self.broken / "libcurl.so.4").write_text("no library\n")
        self.ward = Ward()
        self.addCleanup(self.ward.__exit__, None, None, None)
        directory = self.ward.service.create("corp.example.com")
        self.ward.configure([{"id": directory, "trust": ["root"]}], {"root": [ROOT]})
        self.ward.apply()

    def broke(self, *words):
        return self.ward(*words, LD_LIBRARY_PATH=str(self.broken))

    def test_offline(self):
        """What asks nobody says the same without it."""
        for words in (("check",), ("status",), ("history",), ("forecast", "--offline")):
            with self.subTest(words):
                whole, broke = self.ward(*words), self.broke(*words)
                self.assertEqual((broke.status, broke.out, broke.err), (whole.status, whole.out, whole.err))

    def test_missing(self):
        """What asks AWS ends with a line that names it, its fault, and the remedy; nothing was asked."""
        before = len(self.ward.service.requests())
        for words in (("plan",), ("apply",), ("run",), ("adopt",), ("forecast",)):
            with self.subTest(words):
                broke = self.broke(*words)
                self.assertEqual(broke.status, 1)
                said = [line for line in broke.err.splitlines() if "libcurl" in line]
                self.assertEqual(len(said), 1, broke)
                self.assertRegex(said[0], r"^ldapsward: libcurl\.so\.4 cannot be used: .+; install the package .+libcurl4")
        self.assertEqual(len(self.ward.service.requests()), before)

    def test_not_linked(self):
        """The program is not linked with it."""
        linked = subprocess.run(["readelf", "-d", PROGRAM], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn("libcrypto", linked)
        self.assertNotIn("libcurl", linked)


if __name__ == "__main__":
    main()
