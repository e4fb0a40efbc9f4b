#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`forecast`: tells what comes, changes nothing, ends as a pipeline needs it, and comes true."""

import calendar
import json
import os
import re
import subprocess
import time

from harness import DEADLINE, PROGRAM, Authority, need
from ward import Case, Ward, main

need("openssl")

DAY = 86400
ROOT = Authority("Corp Root", days=3650)
SHORT = Authority("Short Root", days=200)
NEXT = SHORT.renewed(days=3000)
LOST = Authority("Lost Root", days=3650)


def date(instant):
    return time.strftime("%Y-%m-%d", time.gmtime(instant))


def instant(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def kinds(report):
    return [event["kind"] for event in report["events"]]


def event(report, kind):
    found = [one for one in report["events"] if one["kind"] == kind]
    assert len(found) == 1, "%d events %s in %s" % (len(found), kind, json.dumps(report, indent=1))
    return found[0]


class Forecast(Case):
    def offline(self, ward, *words, **variables):
        """The program without a service, credentials or a state directory."""
        environment = {"PATH": os.environ["PATH"], **variables}
        done = subprocess.run([PROGRAM, "forecast", "--offline", "--config", ward.path, *words], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.stderr.replace("ldapsward: ", ""), done.stderr, done.stderr)
        return done

    def test_live(self):
        """An end without a successor is an outage on that day; nothing is changed, also beside a daemon."""
        with Ward() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure([{"id": corp, "trust": ["root", "short"]}], {"root": [ROOT], "short": [SHORT]})
            with ward.run() as daemon:
                daemon.settles(corp)
                daemon.quiet()
                before = len(ward.service.writes())
                report = ward.expect(2, "forecast", "--json").json["directories"][0]
                self.assertEqual(kinds(report)[-2:], ["expiry", "outage"])
                outage = event(report, "outage")
                self.assertEqual(instant(outage["at"]), SHORT.not_after + 1)
                self.assertEqual(outage["authority"], "short")
                self.assertEqual(report["first_outage"], outage["at"])
                self.assertEqual(instant(event(report, "door")["at"]), SHORT.not_after - 91 * DAY + 1)
                self.assertEqual(len(report["certificates"]), 2)
                text = ward.expect(2, "forecast").out
                self.assertIn("OUTAGE on " + date(SHORT.not_after + 1), text)
                self.assertIn("Forecast: 1 outage ahead, the first on %s" % date(SHORT.not_after + 1), text)
                self.assertEqual(len(ward.service.writes()), before)
                ward.expect(0, "forecast", "--until", "190d")

    def test_successor(self):
        """With its successor in the file: registered at once, no outage, and the old one goes after its end."""
        with Ward() as ward:
            corp = ward.service.create("corp.example.com")
            directories = [{"id": corp, "trust": ["root", "short"]}]
            ward.configure(directories, {"root": [ROOT], "short": [SHORT]})
            ward.apply()
            ward.configure(directories, {"root": [ROOT], "short": [SHORT, NEXT]})
            report = ward.expect(0, "forecast", "--json").json["directories"][0]
            self.assertLess(instant(event(report, "register")["at"]), ward.now() + 60)
            removal = event(report, "deregister")
            self.assertGreaterEqual(instant(removal["at"]), SHORT.not_after + DAY)
            self.assertIsNone(removal["reversible_until"])
            self.assertIn("irreversible", removal["message"])
            self.assertEqual([], [line["operation"] for line in ward.service.writes() if "Deregister" in line["operation"]])

    def test_comes_true(self):
        """A dropped certificate goes on the day that was told, and not before."""
        with Ward() as ward:
            corp = ward.service.create("corp.example.com")
            authorities = {"root": [ROOT], "lost": [LOST]}
            ward.configure([{"id": corp, "trust": ["root", "lost"]}], authorities, grace="3d")
            with ward.run() as daemon:
                daemon.settles(corp)
                daemon.quiet()
                ward.configure([{"id": corp, "trust": ["root"]}], authorities, grace="3d")
                daemon.hangs_up("taken: ")
                daemon.later(900)
                report = ward.expect(0, "forecast", "--json").json["directories"][0]
                removal = event(report, "deregister")
                self.assertIn("reversible until " + date(LOST.not_after - 91 * DAY), removal["message"])
                while ward.now() + 6 * 3600 < instant(removal["at"]):
                    daemon.later(6 * 3600)
                    self.assertNotIn("DeregisterCertificate", ward.writes(corp))
                daemon.later(instant(removal["at"]) - ward.now() + 900)
                daemon.wait(lambda: "DeregisterCertificate" in ward.writes(corp), "it was removed")

    def test_merge_request(self):
        """The gate of a merge request: no service, no credentials, no state; the status says it."""
        with Ward() as ward:
            for authorities, until, status in (({"root": [ROOT]}, "730d", 0), ({"root": [SHORT]}, "730d", 2),
                                               ({"root": [SHORT, NEXT]}, "730d", 0), ({"root": [SHORT]}, "30d", 0)):
                ward.configure([{"id": "d-926708e4f1", "trust": ["root"]}], authorities)
                done = self.offline(ward, "--until", until)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn("from the file alone", done.stdout)
            before = len(ward.service.requests())
            ward.write("version: 2\n")
            self.assertEqual(self.offline(ward).returncode, 1)
            self.assertEqual(len(ward.service.requests()), before)

    def test_unread(self):
        """A directory that cannot be read has no forecast: an error, and the reason."""
        with Ward() as ward:
            ward.configure([{"id": "d-926708e4f1", "trust": ["root"]}], {"root": [ROOT]})
            done = ward.expect(1, "forecast", "--json")
            self.assertFalse(done.json["directories"][0]["read"])
            self.assertEqual(done.json["directories"][0]["events"][0]["reason"], "DirectoryMissing")
            self.assertIn("1 not read", ward.expect(1, "forecast").out)

    def test_folding(self):
        """Directories that go the same way are one block; the one with an outage comes first."""
        with Ward() as ward:
            many = ["d-%010x" % number for number in range(1000)]
            ward.configure([{"id": one, "trust": ["root"]} for one in many[1:]] + [{"id": many[0], "trust": ["short"]}],
                           {"root": [ROOT], "short": [SHORT]})
            done = self.offline(ward)
            self.assertEqual(done.returncode, 2)
            heads = [line for line in done.stdout.splitlines() if re.search(r": (OUTAGE|no outage|nothing)", line)]
            self.assertEqual(heads, ["%s (eu-west-1): OUTAGE on %s" % (many[0], date(SHORT.not_after + 1)),
                                     "999 directories alike: nothing happens"])
            for one in many:
                self.assertIn(one, done.stdout)
            only = self.offline(ward, "--directory", many[7])
            self.assertEqual(only.returncode, 0)
            self.assertIn("no outage until", only.stdout)

    def test_drawing(self):
        """Fits the width; UTF-8 only where the locale says so; no colours in a file; JSON of one shape."""
        with Ward() as ward:
            ward.configure([{"id": "d-926708e4f1", "trust": ["root", "short"]}], {"root": [ROOT], "short": [SHORT]})
            for columns in (60, 80, 132):
                for locale, ascii_only in (("C.UTF-8", False), ("C", True), ("POSIX", True), ("en_US.utf8", False)):
                    text = self.offline(ward, "--until", "3650d", COLUMNS=str(columns), LC_ALL=locale).stdout
                    self.assertEqual(text.isascii(), ascii_only, locale)
                    self.assertNotIn("\033", text)
                    self.assertFalse([line for line in text.splitlines() if len(line) > columns or line != line.rstrip()],
                                     text)
            found = json.loads(self.offline(ward, "--json").stdout)
            self.assertEqual(found["version"], 1)
            self.assertTrue(found["offline"])
            self.assertEqual(found["summary"]["outages"], 1)
            self.assertEqual(found["summary"]["first_outage"], found["directories"][0]["first_outage"])
            self.assertEqual({one["id"] for one in found["directories"][0]["events"]}, {""})


if __name__ == "__main__":
    main()
