#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Rotation by `run`: a CA is renewed, and the emulator's request log says what became of the old generation. Each
case asserts every call in order, and that LDAPS was never off from the first to the last.
"""

import os
import signal
import time

from harness import REGION, Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400
# A directory is looked at once in 15 s (N11), whatever is asked for.
LOOK = 20
ELSEWHERE = "eu-central-1"
# A wait has to be over within so many passes of one day.
DAYS = 60


class Place(Ward):
    """One Managed AD that trusts one root; `old` is registered and LDAPS is on."""

    def __init__(self, days=400, same_key=False, options=(), **rotation):
        super().__init__(*options)
        self.old = Authority("Corp Root", days=days)
        self.new = self.old.renewed(days=3650) if same_key else self.old.rekeyed(days=3650)
        self.rotation = rotation
        self.certificates = [self.old]
        self.terms = {}
        self.corp = self.service.create("corp.example.com", regions=[REGION, ELSEWHERE])
        self.names = {}
        self.edit()
        self.apply()
        self.witness()

    def edit(self, **terms):
        self.terms.update(terms)
        self.configure(directories=[{"id": self.corp, "trust": ["root"], **self.terms}],
                       authorities={"root": self.certificates}, interval="1h", rotation=self.rotation)

    def reload(self, daemon, **terms):
        """Edits the file, and waits for the pass that follows and for what it leads to."""
        self.edit(**terms)
        daemon.quiet()
        self.move(LOOK)
        passes = daemon.ended_passes()
        daemon.hangs_up("taken: ")
        daemon.passes(passes + 1)
        daemon.settles(self.corp)
        self.witness()

    def renew(self, daemon):
        """Puts the new generation beside the old one."""
        self.certificates = [self.old, self.new]
        self.reload(daemon)

    def entries(self, region=REGION):
        found = self.service.control("dump", directory=self.corp)["directories"]
        return [place for place in found if place["region"] == region][0]

    def learn(self):
        """Which entry is which certificate, as the service has them."""
        for region in (REGION, ELSEWHERE):
            for entry in self.entries(region)["certificates"]:
                self.names.setdefault((region, entry["id"]), "old" if entry["expiry"] == self.old.not_after else "new")

    def witness(self):
        """LDAPS must be on here."""
        self.learn()
        if self.entries()["ldaps"]["status"] != "Enabled":
            raise AssertionError("LDAPS is off")

    def settles(self, daemon):
        daemon.quiet()
        self.witness()

    def later(self, daemon, seconds):
        """Moves the clock on and waits for the pass."""
        daemon.later(seconds)
        self.witness()

    def goes_to(self, daemon, end):
        """Moves the clock to an instant by the end of the old one: "-119 d" as -119 * DAY."""
        daemon.quiet()
        self.later(daemon, int(self.old.not_after + end - self.now()))

    def stops_waiting(self, daemon, done, step=DAY):
        """Goes on by days until the service has executed so many calls."""
        for _ in range(DAYS):
            if len(self.done()) >= done:
                return
            self.later(daemon, step)
        raise AssertionError("after %d days only %r" % (DAYS, self.done()))

    def done(self, region=REGION):
        """What the service executed in a Region, in order: "register old", "enable", ..."""
        self.learn()
        words = {"RegisterCertificate": "register", "DeregisterCertificate": "deregister", "EnableLDAPS": "enable",
                 "DisableLDAPS": "disable"}
        return [" ".join([words[line["operation"]]] + ([self.names[region, line["certificate"]]]
                                                       if line["operation"].endswith("Certificate") else []))
                for line in self.service.writes() if line["executed"] and line["region"] == region]

    def when(self, number, region=REGION):
        """When the service executed the number-th of these."""
        return [line["time"] for line in self.service.writes() if line["executed"] and line["region"] == region][number]

    def gone(self, name):
        """Others remove one."""
        for entry in self.service.certificates(self.corp):
            if self.names[REGION, entry["id"]] == name:
                self.service.control("deregister", directory=self.corp, certificate=entry["id"])


BEGUN = ["register old", "enable"]
RENEWED = BEGUN + ["register new"]
ROTATED = RENEWED + ["deregister old"]


class Rotation(Case):
    def told(self, ward, reason):
        ward.condition(ward.corp, reason)

    def rests(self, ward, daemon, calls):
        """Nothing more is done, whatever passes are made."""
        for _ in range(3):
            ward.later(daemon, DAY)
        self.assertEqual(ward.done(), calls)
        self.assertEqual(ward.report(ward.corp)["standing"], "ready")

    def recorded(self, ward, words):
        """The removal is in the history, with whether it could be undone and what allowed it."""
        text = [entry["text"] for entry in ward.expect(0, "history", "--json").json["entries"]
                if entry["action"] == "deregister"][-1]
        self.assertTrue(text.endswith(", " + words), text)

    def test_threshold(self):
        """The same key, at_threshold: registered with 120 days left, not a day before; the old one goes a day after its end."""
        with Place(same_key=True, register="at_threshold") as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            self.told(ward, "AwaitsThreshold")
            ward.goes_to(daemon, -120 * DAY - HOUR)
            self.assertEqual(ward.done(), BEGUN)
            ward.goes_to(daemon, -120 * DAY + HOUR)
            self.assertEqual(ward.done(), RENEWED)
            ward.later(daemon, HOUR)
            self.told(ward, "Overlapping")
            ward.later(daemon, 2 * DAY)
            self.told(ward, "AwaitsProof")
            ward.goes_to(daemon, DAY - HOUR)
            self.assertEqual(ward.done(), RENEWED)
            ward.goes_to(daemon, DAY + HOUR)
            self.assertEqual(ward.done(), ROTATED)
            self.rests(ward, daemon, ROTATED)

    def test_unproven(self):
        """A new key, when_proven: unknown is no proof in a year; a day after its end the old one goes."""
        with Place() as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            self.assertEqual(ward.done(), RENEWED, "it is registered as soon as it is there")
            for left in (390, 300, 200, 120, 91, 89, 30, 1):
                ward.goes_to(daemon, -left * DAY)
                self.assertEqual(ward.done(), RENEWED)
            self.told(ward, "AwaitsProof")
            ward.goes_to(daemon, DAY + HOUR)
            self.rests(ward, daemon, ROTATED)

    def test_at_expiry(self):
        """A new key, at_expiry: the old one goes a day after its end."""
        with Place(days=200, retire="at_expiry") as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            ward.goes_to(daemon, DAY - HOUR)
            self.assertEqual(ward.done(), RENEWED)
            self.told(ward, "AwaitsExpiry")
            ward.goes_to(daemon, DAY + HOUR)
            self.rests(ward, daemon, ROTATED)
            self.recorded(ward, "irreversible, as it has expired")

    def test_after(self):
        """A new key, {after: 30d}: it goes 30 days after the overlap; three days without a look start them anew."""
        with Place(retire={"after": "30d"}) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            for _ in range(10):
                ward.later(daemon, DAY)
            self.told(ward, "AwaitsAge")
            ward.later(daemon, 3 * DAY)
            again = ward.now()
            ward.stops_waiting(daemon, len(ROTATED))
            self.assertEqual(ward.done(), ROTATED)
            self.assertGreaterEqual(ward.when(-1) - again, 30 * DAY - HOUR)
            self.assertLess(ward.when(-1) - again, 32 * DAY)
            self.rests(ward, daemon, ROTATED)

    def test_after_irreversible(self):
        """{after: 30d} that ends behind the 90-day line waits for the end of the certificate."""
        with Place(days=110, retire={"after": "30d"}) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            for _ in range(34):
                ward.later(daemon, DAY)
            self.assertEqual(ward.done(), RENEWED)
            self.told(ward, "AwaitsExpiry")
            ward.goes_to(daemon, DAY + HOUR)
            self.rests(ward, daemon, ROTATED)

    def test_manual(self):
        """A new key, manual: not even expired; approved it goes, with the next look."""
        with Place(days=100, retire="manual") as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            ward.later(daemon, 2 * DAY)
            advice = ward.condition(ward.corp, "RetiredByHand")["advice"]
            digest = [entry["sha256"] for entry in ward.service.certificates(ward.corp)
                      if entry["expiry"] == ward.old.not_after][0]
            self.assertIn("approve: [{certificate: %s}]" % digest, advice)
            ward.goes_to(daemon, 10 * DAY)
            self.assertEqual(ward.done(), RENEWED)
            ward.reload(daemon, approve=[{"certificate": digest}])
            self.assertEqual(ward.done(), ROTATED)
            self.rests(ward, daemon, ROTATED)

    def test_approved(self):
        """An approval ends no overlap, and then lets it go although nothing is proven."""
        with Place() as ward, ward.run() as daemon:
            daemon.passes(1)
            digest = ward.service.certificates(ward.corp)[0]["sha256"]
            ward.edit(approve=[{"certificate": digest, "reason": "all controllers moved"}])
            ward.renew(daemon)
            ward.later(daemon, 23 * HOUR)
            self.assertEqual(ward.done(), RENEWED)
            self.told(ward, "Overlapping")
            ward.later(daemon, 2 * HOUR)
            self.assertEqual(ward.done(), ROTATED)
            self.rests(ward, daemon, ROTATED)
            self.recorded(ward, time.strftime("reversible until %Y-%m-%d", time.gmtime(ward.old.not_after - 91 * DAY)) +
                          ", as its removal is approved in the file: all controllers moved")

    def test_region(self):
        """A Region that joins in mid-rotation gets both generations before LDAPS is enabled, and rotates apart."""
        with Place(days=200) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            ward.later(daemon, 2 * DAY)
            ward.reload(daemon, regions=[REGION, ELSEWHERE])
            daemon.turn(lambda: len(ward.entries(ELSEWHERE)["certificates"]) == 2 and
                        ward.entries(ELSEWHERE)["ldaps"]["status"] == "Enabled", "LDAPS in the new Region")
            daemon.quiet()
            ward.witness()
            self.assertEqual(ward.done(ELSEWHERE), ["register new", "register old", "enable"])
            ward.goes_to(daemon, DAY + HOUR)
            # one Region goes first (N12)
            daemon.turn(lambda: len(ward.service.writes()) == 8, "both removals", DAY)
            self.assertEqual(ward.done(), ROTATED)
            self.assertEqual(ward.done(ELSEWHERE), ["register new", "register old", "enable", "deregister old"])
            self.assertGreaterEqual(abs(ward.when(-1) - ward.when(-1, ELSEWHERE)), DAY)

    def test_successor_removed(self):
        """Others remove the successor in the overlap: it comes back, and the overlap begins anew."""
        with Place(retire={"after": "30d"}) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            ward.later(daemon, 20 * HOUR)
            ward.gone("new")
            ward.later(daemon, HOUR)
            daemon.turn(lambda: ward.service.state(ward.corp) == ["Registered"] * 2, "its return")
            ward.settles(daemon)
            self.assertIn("RemovedElsewhere", daemon.log())
            ward.later(daemon, 20 * HOUR)
            self.told(ward, "Overlapping")
            ward.stops_waiting(daemon, 5)
            self.assertEqual(ward.done(), RENEWED + ["register new", "deregister old"])
            self.assertGreaterEqual(ward.when(4) - ward.when(3), 31 * DAY - HOUR)

    def test_killed_in_overlap(self):
        """kill -9 in the overlap and while it waits: it goes on where it was, and no call is made twice."""
        with Place(retire={"after": "30d"}) as ward:
            with ward.run() as daemon:
                daemon.passes(1)
                ward.renew(daemon)
                ward.later(daemon, 12 * HOUR)
                daemon.kill()
            for days in (1, 10):
                with ward.run() as daemon:
                    daemon.passes(1)
                    for _ in range(days):
                        ward.later(daemon, DAY)
                    daemon.kill()
            with ward.run() as daemon:
                daemon.passes(1)
                ward.settles(daemon)
                ward.stops_waiting(daemon, len(ROTATED))
                self.assertGreaterEqual(ward.when(3) - ward.when(2), 31 * DAY)
                self.assertLess(ward.when(3) - ward.when(2), 34 * DAY)
                self.rests(ward, daemon, ROTATED)

    def test_killed_in_retirement(self):
        """kill -9 while the old one is being removed: it is removed once, and stays retired."""
        with Place(retire={"after": "30d"}, options=("--delay", "deregister=1800")) as ward:
            with ward.run() as daemon:
                daemon.passes(1)
                ward.renew(daemon)
                ward.stops_waiting(daemon, len(ROTATED))
                self.assertIn("Deregistering", ward.service.state(ward.corp))
                os.kill(daemon.pid, signal.SIGKILL)
                daemon.kill()
            with ward.run() as daemon:
                daemon.passes(1)
                ward.settles(daemon)
                self.assertIn("Deregistering", ward.service.state(ward.corp))
                ward.later(daemon, HOUR)
                self.rests(ward, daemon, ROTATED)
                self.converged(ward, ward.corp, 1)

    def test_retired(self):
        """The old one is not registered again; when its successor is gone both are, and the rotation is made anew."""
        with Place(retire={"after": "30d"}) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.renew(daemon)
            ward.stops_waiting(daemon, len(ROTATED))
            self.rests(ward, daemon, ROTATED)
            other = ward.service.control("register", directory=ward.corp, pem=Authority("Foreign").pem)["certificate"]
            ward.names[REGION, other] = "foreign"
            ward.gone("new")
            ward.later(daemon, HOUR)
            daemon.turn(lambda: len(ward.done()) == 6, "the return of both")
            ward.settles(daemon)
            again = ROTATED + ["register new", "register old"]
            self.rests(ward, daemon, again)
            ward.stops_waiting(daemon, len(again) + 1)
            self.rests(ward, daemon, again + ["deregister old"])


if __name__ == "__main__":
    main()
