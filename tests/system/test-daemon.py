#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`run` as a service: which directories it manages, what it says of itself, and what it does when its state is damaged."""

import glob
import os
import sqlite3

from harness import Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR = 3600

ROOT = Authority("Corp Root", days=3650)


class Pair(Ward):
    """Two directories that trust the same."""

    def __init__(self, *options, **terms):
        super().__init__(*options)
        self.one = self.service.create("one.example.com")
        self.other = self.service.create("other.example.com")
        self.edit(self.one, self.other, **terms)

    def edit(self, *directories, **terms):
        self.configure(directories=[{"id": directory, "trust": ["root"]} for directory in directories],
                       authorities={"root": [ROOT]}, **{"interval": "1h", **terms})


class Choice(Case):
    def test_directory(self):
        """--directory holds from the start, and after a reload."""
        with Pair() as ward, ward.run("run", "--debug", "--directory", ward.one) as daemon:
            daemon.says("with 1 directory of")
            daemon.settles(ward.one)
            self.converged(ward, ward.one, 1)
            daemon.hangs_up("taken: 1 directory")
            daemon.later(HOUR)
            self.assertEqual([line for line in ward.service.requests() if line["directory"] == ward.other], [])
            self.assertEqual(ward.service.state(ward.other), [])

    def test_no_endpoint(self):
        """Where no endpoint can be told every pass ends and says so; nothing is sent, and nothing breaks."""
        with Pair() as ward, ward.run(AWS_USE_FIPS_ENDPOINT="true") as daemon:
            daemon.passes(1)
            daemon.says("Unreadable: .*AWS_USE_FIPS_ENDPOINT")
            for count in range(2, 6):
                ward.move(HOUR)
                daemon.passes(count)
            self.assertEqual(ward.service.requests(), [])


    def test_demo_clock(self):
        """Whoever moves the clock is told, by every command that looks or acts."""
        with Pair() as ward:
            for words in (("plan",), ("apply",)):
                self.assertIn("LDAPSWARD_DEMO_CLOCK moves the clock: for demonstrations only", ward(*words).err)
                self.assertNotIn("DEMO", ward(*words, LDAPSWARD_DEMO_CLOCK="").err)
            with ward.run() as daemon:
                daemon.says("LDAPSWARD_DEMO_CLOCK moves the clock: for demonstrations only")
            with ward.run(LDAPSWARD_DEMO_CLOCK="") as daemon:
                daemon.says("with 2 directories of")
                self.assertNotIn("DEMO", daemon.log())


class Damage(Case):
    def test_reload(self):
        """A ledger that is found damaged at a reload is told, set aside, and written again from what is remembered."""
        with Pair() as ward:
            ward.apply()
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                ledger = sqlite3.connect(os.path.join(ward.state, "ledger.sqlite"))
                ledger.execute("UPDATE directory SET looked = -1")
                ledger.commit()
                ledger.close()
                daemon.hangs_up("taken: 2 directories")
                daemon.says("ledger is damaged .* was set aside")
                daemon.later(HOUR)
            self.assertEqual(len(glob.glob(os.path.join(ward.state, "*.damaged-*"))), 1)
            for directory in (ward.one, ward.other):
                report = ward.report(directory)
                self.assertEqual(report["standing"], "ready")
                self.assertEqual([entry["owner"] for entry in report["certificates"]], ["ldapsward"])
            # what was registered is still known as registered, not adopted
            ledger = sqlite3.connect(os.path.join(ward.state, "ledger.sqlite"))
            self.assertEqual(ledger.execute("SELECT origin FROM entry").fetchall(), [("registered",)] * 2)
            ledger.close()
            self.assertEqual(len(ward.service.writes()), 4)


class History(Case):
    def test_limit(self):
        """--limit counts what is selected."""
        with Pair() as ward:
            ward.apply("--directory", ward.one)
            ward.apply("--directory", ward.other)
            found = ward.expect(0, "history", "--json", "--limit", 1, "--directory", ward.one, "--directory",
                                "d-0123456789").json["entries"]
            self.assertEqual([(entry["directory"], entry["action"]) for entry in found], [(ward.one, "enable")])


if __name__ == "__main__":
    main()
