#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
The alarms of `run` over a year and more: each threshold is told once, whatever is restarted, killed or
away in between, and what is told is what `status` says.
"""

import glob
import os
import re

from harness import Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400

LEVELS = (365, 180, 120, 100, 90, 30, 14, 7, 1)


class Place(Ward):
    """One Managed AD that trusts a root of its own, which has so many days left."""

    def __init__(self, days=400, **terms):
        super().__init__()
        self.root = Authority("Corp Root", days=days)
        self.certificates = [self.root]
        self.terms = terms
        self.corp = self.service.create("corp.example.com")
        self.edit()

    def edit(self):
        self.configure(directories=[{"id": self.corp, "trust": ["root"]}], authorities={"root": self.certificates},
                       interval="1h", **self.terms)

    def renew(self, daemon, successor):
        """Puts a successor beside the root, and waits until a look has shown both Registered."""
        def both():
            report = self.report(self.corp)
            return [entry["state"] for entry in report["certificates"]] == ["Registered"] * 2
        self.certificates.append(successor)
        self.edit()
        daemon.hangs_up("taken: ")
        daemon.turn(both, "the successor")

    def goes_to(self, daemon, days):
        """Moves the clock to so many days before the root's end, and waits for the pass."""
        daemon.quiet()
        daemon.later(int(self.root.not_after - days * DAY + 60 - self.now()))

    def told(self, reason="SuccessorMissing"):
        """What all logs tell with this reason, in order."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.home, "log-*")), key=lambda name: int(name.rpartition("-")[2])):
            with open(path, errors="replace") as file:
                found += re.findall(r": %s: (.*)" % reason, file.read())
        return found

    def days(self):
        """Of each SuccessorMissing, how much was left."""
        return [re.search(r"has (.*) left and no successor", line).group(1) for line in self.told()]

    def level(self):
        """How much it matters by `status` and since when; None if it is not told there."""
        found = [condition for condition in self.report(self.corp)["conditions"]
                 if condition["reason"] == "SuccessorMissing"]
        return (found[0]["severity"], found[0]["since"]) if found else None

    def away(self, *words):
        """The API fails from now on."""
        self.service.fault(*(words or ("DescribeDirectories:*:ServiceException", "ListCertificates:*:ServiceException")))

    def back(self):
        self.service.control("fault", clear=True)


def left(days):
    """What is told a minute after a threshold."""
    return {1: "less than a day", 2: "1 day"}.get(days, "%d days" % (days - 1))


class Levels(Case):
    def test_each_once(self):
        """Each threshold is told once, with a stop before one and a kill -9 after the next; status has the severity."""
        with Place() as ward:
            daemon = ward.run()
            daemon.settles(ward.corp)
            self.assertIsNone(ward.level())
            since = None
            for number, level in enumerate(LEVELS):
                ward.goes_to(daemon, level)
                daemon.says("SuccessorMissing: .* has %s left" % left(level))
                daemon.quiet()
                severity, began = ward.level()
                self.assertEqual(severity, "note" if level > 120 else "warning" if level > 90 else "error")
                since = since or began
                self.assertEqual(began, since, "it holds without a break")
                daemon.later(2 * HOUR)
                if number % 2:
                    daemon.kill()
                else:
                    daemon.stop()
                daemon = ward.run()
                daemon.passes(1)
            daemon.stop()
            self.assertEqual(ward.days(), [left(level) for level in LEVELS])
            self.assertIn("after ", ward.told()[0])
            self.assertIn("to do: have its CA renewed", ward.told()[0])

    def test_first_sight(self):
        """A certificate with 95 days left is told of the threshold of 100 days alone."""
        with Place(days=95) as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            daemon.says("SuccessorMissing")
            for _ in range(3):
                daemon.later(HOUR)
            self.assertEqual(len(ward.told()), 1)
            self.assertEqual(ward.level()[0], "warning")

    def test_long_absence(self):
        """After an absence of two thresholds only the nearer is told."""
        with Place() as ward:
            with ward.run() as daemon:
                daemon.settles(ward.corp)
                ward.goes_to(daemon, 120)
            ward.move(100 * DAY)
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.says("SuccessorMissing")
            self.assertEqual(ward.days(), [left(120), "19 days"])

    def test_successor(self):
        """A successor ends the alarm; once it is Registered nothing is told any more of the one before."""
        with Place(days=130) as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.goes_to(daemon, 110)
            self.assertEqual(ward.level()[0], "warning")
            ward.renew(daemon, Authority("Corp Root", days=3650))
            self.assertIsNone(ward.level())
            for days in (90, 30, 7):
                ward.goes_to(daemon, days)
            self.assertEqual(ward.days(), ["129 days", "109 days"])
            self.assertEqual(ward.told("Expired"), [])


class Away(Case):
    def rises(self, ward, away, back):
        """Stale is told once, and thresholds rise from what is remembered, across a restart; then all is as it was."""
        with ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.goes_to(daemon, 120.5)
        away(ward)
        ward.move(HOUR)
        with ward.run() as daemon:
            daemon.passes(1)
            daemon.quiet()
            self.assertEqual(ward.told("Stale"), [])
            for _ in range(4):
                daemon.later(HOUR)
            daemon.says("Stale: the last complete look on record was at ")
            daemon.quiet()      # and it is in the ledger, where `status` finds it
            self.assertEqual(ward.condition(ward.corp, "Stale")["severity"], "error")
            ward.goes_to(daemon, 120)
            daemon.says("SuccessorMissing: .* has %s left" % left(120))
            daemon.quiet()
            daemon.kill()
        with ward.run() as daemon:
            daemon.passes(1)
            ward.goes_to(daemon, 100)
            daemon.says("SuccessorMissing: .* has %s left" % left(100))
            daemon.quiet()
            self.assertEqual(ward.level()[0], "warning")
        back(ward)
        ward.move(HOUR)
        with ward.run() as daemon:
            daemon.passes(1)
            daemon.settles(ward.corp)
            self.assertNotIn("Stale", ward.reasons(ward.corp))
            daemon.says("everything is as the file wants it")
        self.assertEqual(len(ward.told("Stale")), 1)
        self.assertEqual(ward.days(), ["149 days", left(120), left(100)])

    def test_sweep_fails(self):
        """The API is away for days."""
        with Place(days=150) as ward:
            self.rises(ward, Place.away, Place.back)

    def test_look_fails(self):
        """The sweep works, but the directory cannot be read."""
        with Place(days=150) as ward:
            self.rises(ward, lambda place: place.away("ListCertificates:*:ServiceException"), Place.back)

    def test_no_lane(self):
        """No endpoint can be told, so that nothing can even be asked."""
        with Place(days=150) as ward:
            self.rises(ward, lambda place: place.variables.update(AWS_USE_FIPS_ENDPOINT="true"),
                       lambda place: place.variables.clear())

    def test_redundant(self):
        """A same-key predecessor that is still there is told a month before its end, also while the API is away."""
        with Place(days=200) as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.renew(daemon, Authority("Corp Root", days=3650, key=ward.root))
            ward.goes_to(daemon, 31)
            self.assertEqual(ward.told("RedundantExpiring"), [])
            ward.away()
            ward.goes_to(daemon, 30)
            daemon.says("RedundantExpiring: Corp Root .* has 29 days left")
            ward.back()
            daemon.later(HOUR)
            advice = ward.condition(ward.corp, "RedundantExpiring")["advice"]
            self.assertIn("`approve: [{certificate: ", advice)
            self.assertEqual(len(ward.told("RedundantExpiring")), 1)


class Flapping(Case):
    def test_once_a_day(self):
        """An API that fails every other hour is told of once a day, and never again while nothing else happens."""
        with Place(days=3650) as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            for _ in range(20):
                ward.away("ListCertificates:*:AccessDeniedException")
                daemon.later(HOUR)
                ward.back()
                daemon.later(HOUR)
            self.assertEqual(len(ward.told("AccessDenied")), 2)


if __name__ == "__main__":
    main()
