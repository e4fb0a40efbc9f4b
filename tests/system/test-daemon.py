#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`run` as a service: which directories it manages, what it says of itself, and what it does when its state is damaged."""

import glob
import os
import re
import socket
import sqlite3

from harness import DEADLINE, Authority, need
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
            daemon.says("WrongSettings: .*AWS_USE_FIPS_ENDPOINT")
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
                daemon.passes(1)
                daemon.says("LDAPSWARD_DEMO_CLOCK moves the clock: for demonstrations only")
            with ward.run(LDAPSWARD_DEMO_CLOCK="") as daemon:
                daemon.passes(1)
                self.assertNotIn("DEMO", daemon.log())


class Manager(Case):
    def test_nothing(self):
        """With no directory, and with the first one, STATUS= tells how it is; each reload is begun and ended."""
        with Pair() as ward, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            path = os.path.join(ward.home, "notify")
            manager.bind(path)
            manager.settimeout(DEADLINE)

            def hears(pattern):
                """What was told on the way, up to a message that matches as a whole."""
                found = []
                while not found or not re.fullmatch(pattern, found[-1]):
                    found.append(manager.recv(4096).decode())
                return found
            ward.edit()
            with ward.run(NOTIFY_SOCKET=path) as daemon:
                hears("READY=1\nSTATUS=no directory is looked after")
                daemon.hangs_up("taken: ")
                told = hears("READY=1")
                self.assertRegex(told[0], "^RELOADING=1\nMONOTONIC_USEC=[0-9]+$")
                self.assertEqual(told[1:], ["STATUS=0 directories: 0 converged, 0 rotating, 0 held; no pass is due", "READY=1"])
                ward.edit(ward.one)
                daemon.hangs_up("taken: 1 directory")
                hears("STATUS=1 directory: [01] converged, 0 rotating, 0 held; next pass at [0-9]{2}:[0-9]{2} UTC")
                daemon.stop()
                hears("STOPPING=1\nEXTEND_TIMEOUT_USEC=[0-9]+")


class Status(Case):
    def test_age(self):
        """`status` tells how old it is, and that it is too old where a daemon should have looked again."""
        with Pair(interval="15m") as ward:
            ward.apply()
            ward.move(86400)
            status = ward.expect(0, "status", "--json").json
            self.assertEqual((status["interval"], status["stale"]), (0, False))
            self.assertIn("Last look: 1 d ago.\n", ward.expect(0, "status").out)
            ward.apply("--directory", ward.one)
            self.assertIn("Last look: 1 d ago.", ward.expect(0, "status").out, "one of two is not all")
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                self.assertIn("Last look: less than a minute ago.", ward.expect(0, "status").out)
                daemon.later(15 * 60)
                self.assertIn("Last look: less than a minute ago.", ward.expect(0, "status").out)
                self.assertEqual(ward.expect(0, "status", "--json").json["interval"], 15 * 60)
            ward.move(44 * 60)
            self.assertIn("Last look: 44 m ago.\n\n", ward.expect(0, "status").out)
            ward.move(2 * 60)
            self.assertIn("more than 3 intervals of 15 m", ward.expect(1, "status").out)
            self.assertTrue(ward.expect(1, "status", "--json").json["stale"])

    def test_released(self):
        """What has left the file is shown as released and is no reason for status 1; back in it, it is as before."""
        with Pair() as ward:
            ward.apply()
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.other)
            ward.move(HOUR)
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                ward.expect(1, "status")
                self.assertEqual(ward.report(ward.other)["standing"], "held")
                ward.edit(ward.one)
                daemon.hangs_up("taken: 1 directory")
                daemon.quiet()
                report = ward.report(ward.other)
                self.assertEqual((report["standing"], report["conditions"]), ("released", []))
                self.assertEqual(len(report["certificates"]), 1)
                self.assertIn("no longer in the file", ward.expect(0, "status").out)
                ward.edit(ward.one, ward.other)
                daemon.hangs_up("taken: 2 directories")
                daemon.later(HOUR)
                self.assertEqual(ward.report(ward.other)["reason"], "AccessDenied")
            ward.edit(ward.one)
            ward.apply()
            self.assertEqual(ward.report(ward.other)["standing"], "released")
            ward.edit(ward.one, ward.other)
            ward("apply", "--directory", ward.one)
            self.assertEqual(ward.report(ward.one)["standing"], "ready")

    def test_unreadable(self):
        """A look that fails leaves the certificates as they were last read, and says so."""
        with Pair() as ward:
            ward.apply()
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.one)
            for _ in range(2):
                ward.move(HOUR)
                ward("apply")
                report = ward.report(ward.one)
                self.assertEqual(report["reason"], "AccessDenied")
                self.assertEqual([entry["state"] for entry in report["certificates"]], ["Registered"])
                self.assertTrue(report["certificates_old"])
                self.assertIn("certificates as they were last read:", ward.expect(1, "status").out)
            self.assertFalse(ward.report(ward.other)["certificates_old"])
            ward.service.control("fault", clear=True)
            ward.apply()
            self.assertFalse(ward.report(ward.one)["certificates_old"])


class Damage(Case):
    def test_reload(self):
        """A ledger that is found damaged at a reload is told, set aside, and written again from what is remembered."""
        with Pair() as ward:
            ward.apply()
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                ledger = sqlite3.connect(os.path.join(ward.state, "ledger.sqlite"))
                # of those that are there nothing is read; of one that comes, what is remembered of it
                new = ward.service.create("new.example.com")
                names = [row[1] for row in ledger.execute("PRAGMA table_info(directory)")]
                values = ["'%s'" % new if name == "directory" else "-1" if name == "looked" else name for name in names]
                ledger.execute("INSERT INTO directory (%s) SELECT %s FROM directory WHERE directory = ?" %
                               (", ".join(names), ", ".join(values)), (ward.one,))
                ledger.commit()
                ledger.close()
                ward.edit(ward.one, ward.other, new)
                daemon.says("ledger is damaged .* was set aside")
                daemon.settles(new)
                daemon.later(HOUR)
            self.assertEqual(len(glob.glob(os.path.join(ward.state, "*.damaged-*"))), 1)
            for directory in (ward.one, ward.other, new):
                report = ward.report(directory)
                self.assertEqual(report["standing"], "ready")
                self.assertEqual([entry["owner"] for entry in report["certificates"]], ["ldapsward"])
            # what was registered is still known as registered, not adopted
            ledger = sqlite3.connect(os.path.join(ward.state, "ledger.sqlite"))
            self.assertEqual(ledger.execute("SELECT origin FROM entry").fetchall(), [("registered",)] * 3)
            ledger.close()
            self.assertEqual(len(ward.service.writes()), 6)


class Reload(Case):
    def test_amid_a_pass(self):
        """A file that is taken amid a slow pass holds for what that pass has looked at already, before the next is due."""
        with Ward("--latency", "150") as ward:
            ids = [ward.service.create("d%d.example.com" % number) for number in range(16)]
            terms = {"directories": [{"id": one, "trust": ["root"]} for one in ids], "authorities": {"root": [ROOT]},
                     "interval": "1h"}
            ward.configure(policy="observe", **terms)
            with ward.run() as daemon:
                daemon.wait(lambda: ward.calls().get("ListCertificates", 0) >= 8, "half of the pass had been made")
                ward.configure(policy="sync", **terms)
                daemon.hangs_up("taken: 16 directories")
                ward.service.settings(latency="0")
                began = ward.shift
                daemon.turn(lambda: ward.writes().count("RegisterCertificate") == 16, "16 registrations")
                self.assertLess(ward.shift - began, 600)

    def test_released_amid_a_step(self):
        """A directory that leaves the file while a step of it is under way stays released when that ends."""
        with Pair("--latency", "700") as ward, ward.run() as daemon:
            daemon.wait(lambda: any(line["directory"] == ward.one for line in ward.service.requests("RegisterCertificate")),
                        "a step was under way")
            ward.edit(ward.other)
            daemon.hangs_up("taken: 1 directory")
            daemon.says(r"%s \(eu-west-1\): register .*: accepted" % ward.one)
            daemon.quiet()
            daemon.wait(lambda: (ward.report(ward.one) or {}).get("standing") == "released", "it was released")


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
