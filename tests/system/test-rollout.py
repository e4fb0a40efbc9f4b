#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Removals and disables roll out (N12): one directory first, the others when it has stayed Ready, so many in an interval."""

import json
import os

from harness import BUILD, PROGRAM, Authority, need
from ward import Case, Ward, main

need("openssl")

MINUTE, HOUR, DAY = 60, 3600, 86400
HOURS = 72      # more than any roll-out here takes between two turns

# The program with crash points (daemon/edge/crash.h), its exit status there, and more points than a pass has.
CRASHING, CRASHED, MOST = os.path.join(BUILD, "tests/system/ldapsward-crash"), 70, 60

ROOT = Authority("Corp Root", days=3650)
OTHER = Authority("Other Root", days=3650)
TAG = {"ldapsward": "managed"}
AUTHORITIES = {"root": [ROOT], "other": [OTHER]}


class Fleet(Ward):
    """Directories that trust two authorities, with LDAPS on; then the file drops `other`, with an hour of grace."""

    def __init__(self, count, parallel=1, program=PROGRAM):
        super().__init__(program=program)
        self.parallel = parallel
        self.found = [self.service.create("d%d.example.com" % number) for number in range(count)]
        self.edit("root", "other")
        self.apply()
        self.edit("root")

    def edit(self, *trust, without=(), **terms):
        self.configure([{"id": directory, "trust": list(trust)} for directory in self.found if directory not in without],
                       AUTHORITIES, **{"interval": "1h", "grace": "1h", **terms})
        with open(self.path) as file:
            text = json.load(file)
        text["rollout"] = {"parallel": self.parallel}
        self.write(json.dumps(text))

    def turns(self, operation="DeregisterCertificate"):
        """(time, directory) of every removal, in order."""
        return [(line["time"], line["directory"]) for line in self.service.writes()
                if line["executed"] and line["operation"] == operation]

    def until(self, daemon, count, operation="DeregisterCertificate"):
        """Goes on by hours, which are the interval, until so many turns were taken; never too many in one."""
        for _ in range(HOURS):
            before = len(self.turns(operation))
            if before >= count:
                return
            daemon.later(HOUR)
            if len(self.turns(operation)) - before > self.parallel:
                raise AssertionError("in one interval: %r" % self.turns(operation)[before:])
        raise AssertionError("only %d turns in %d hours" % (len(self.turns(operation)), HOURS))

    def waits(self, directory):
        """The condition that tells that a directory awaits its turn; None without one."""
        report = self.report(directory)
        for condition in report["conditions"] if report else []:
            if condition["reason"] in ("AwaitsTurn", "AwaitsFirst"):
                return condition
        return None


class Selected(Fleet):
    """The same, picked by a tag."""

    def edit(self, *trust, **terms):
        for directory in self.found:
            self.service.control("set", directory=directory, tags=TAG)
        self.configure([{"select": {"tags": TAG}, "trust": list(trust)}], AUTHORITIES, interval="1h", grace="1h", **terms)


def reload(daemon):
    daemon.hangs_up("taken: ")
    daemon.quiet()


class Removals(Case):
    def first(self, ward, daemon):
        """Runs until the first has gone; who it is, and when it went."""
        ward.until(daemon, 1)
        self.assertEqual(len(ward.turns()), 1)
        return ward.turns()[0]

    def test_first_deselected(self):
        """A first whose tag comes off stays the first for two intervals of AWS's clock, whoever starts anew meanwhile; then another goes."""
        with Selected(3) as ward:
            with ward.run() as daemon:
                daemon.passes(1)
                began, first = self.first(ward, daemon)
                ward.service.control("set", directory=first, tags={})
                daemon.later(HOUR)
                daemon.later(HOUR)
                ward.only_condition(first, "Deselected")
                daemon.kill()
            ahead = os.path.join(ward.home, "ahead")
            with open(ahead, "w") as file:
                file.write("%d\n" % (ward.shift + 5 * HOUR))
            ward("apply", "--timeout", "10s", LDAPSWARD_DEMO_CLOCK=ahead, LDAPSWARD_DEMO_SKIP="")
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                self.assertEqual(ward.turns(), [(began, first)])
            ward.move(HOUR)
            ward("apply", "--timeout", "10s")
            self.assertEqual(ward.turns(), [(began, first)])
            with ward.run() as daemon:
                daemon.passes(1)
                ward.until(daemon, 2)
                self.assertLess(ward.turns()[1][0] - began, DAY, "it waited for the first to be proven")

    def test_order(self):
        """One of six goes first, the others after it was Ready for a day, two an hour; kill -9 changes nothing about it."""
        with Fleet(6, parallel=2) as ward:
            with ward.run() as daemon:
                daemon.passes(1)
                began, first = self.first(ward, daemon)
                for _ in range(8):
                    daemon.later(HOUR)
                for directory in ward.found:
                    waits = ward.waits(directory)
                    self.assertEqual(waits is None, directory == first)
                    if waits:
                        self.assertEqual(waits["reason"], "AwaitsTurn")
                        self.assertIn(first, waits["message"])
                daemon.kill()
            with ward.run() as daemon:
                daemon.passes(1)
                for _ in range(14):
                    daemon.later(HOUR)
                self.assertEqual(ward.turns(), [(began, first)])
                ward.until(daemon, 2)
                daemon.kill()
            with ward.run() as daemon:
                daemon.passes(1)
                daemon.quiet()
                self.assertLessEqual(len(ward.turns()), 3, "the interval is not over")
                ward.until(daemon, 6)
                for directory in ward.found:
                    daemon.settles(directory)
            turns = ward.turns()
            self.assertEqual(sorted(directory for _, directory in turns), sorted(ward.found))
            self.assertGreaterEqual(turns[1][0], began + DAY)
            self.assertLess(turns[1][0], began + DAY + 6 * HOUR)

    def test_broken(self):
        """While the first is not Ready nobody follows; then its day begins anew."""
        with Fleet(3) as ward, ward.run() as daemon:
            daemon.passes(1)
            began, first = self.first(ward, daemon)
            for _ in range(20):
                daemon.later(HOUR)
            ward.service.control("disable", directory=first)
            for _ in range(6):
                daemon.later(HOUR)
            second = [directory for directory in ward.found if directory != first][0]
            self.assertEqual(ward.service.ldaps(first), "Enabled")
            for _ in range(17):
                daemon.later(HOUR)
            self.assertEqual(ward.turns(), [(began, first)])
            self.assertIn(first, ward.waits(second)["message"])
            ward.until(daemon, 3)
            self.assertGreater(ward.turns()[1][0], began + 44 * HOUR)

    def test_left(self):
        """When the first leaves the file another one goes first, and the third waits for that one."""
        with Fleet(3) as ward, ward.run() as daemon:
            daemon.passes(1)
            began, first = self.first(ward, daemon)
            for _ in range(3):
                daemon.later(HOUR)
            ward.edit("root", without=[first])
            reload(daemon)
            ward.until(daemon, 2)
            for _ in range(20):
                daemon.later(HOUR)
            self.assertEqual(len(ward.turns()), 2)
            self.assertLess(ward.turns()[1][0], began + 8 * HOUR)
            ward.until(daemon, 3)
            self.assertGreaterEqual(ward.turns()[2][0], ward.turns()[1][0] + DAY)

    def test_refused(self):
        """A removal that AWS refuses has not happened: the turn is another's, and once it is let, one goes first."""
        with Fleet(3) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.service.fault("DeregisterCertificate:*:AccessDeniedException")
            for _ in range(6):
                daemon.later(HOUR)
            tried = {line["directory"] for line in ward.service.requests("DeregisterCertificate")}
            self.assertEqual(tried, set(ward.found))
            self.assertEqual(ward.turns(), [])
            ward.service.control("fault", clear=True)
            _, first = self.first(ward, daemon)
            for _ in range(6):
                daemon.later(HOUR)
            self.assertEqual(len(ward.turns()), 1)
            for directory in ward.found:
                self.assertEqual(ward.waits(directory) is None, directory == first)

    def test_parallel(self):
        """A reload with another `parallel` counts at once."""
        with Fleet(5) as ward, ward.run() as daemon:
            daemon.passes(1)
            self.first(ward, daemon)
            ward.until(daemon, 2)
            self.assertEqual(len(ward.turns()), 2)
            ward.parallel = 3
            ward.edit("root")
            reload(daemon)
            daemon.later(HOUR)
            daemon.turn(lambda: len(ward.turns()) == 5, "all the others", HOUR)
            self.assertLess(ward.turns()[4][0] - ward.turns()[2][0], HOUR)

    def test_apply(self):
        """`apply` waits for no turn: it says so and ends with 2; the next ones go on from the ledger."""
        with Fleet(3) as ward:
            ward.expect(2, "apply")         # grace begins
            ward.move(2 * HOUR)
            done = ward.expect(2, "apply")
            self.assertEqual(len(ward.turns()), 1)
            first = ward.turns()[0][1]
            self.assertIn("%s in %s goes first" % (first, "eu-west-1"), " ".join(done.out.split()))
            ward.move(HOUR)
            ward.expect(2, "apply")
            self.assertEqual(len(ward.turns()), 1)
            ward.move(DAY)
            for _ in range(4):
                before = len(ward.turns())
                done = ward("apply")
                self.assertLessEqual(len(ward.turns()), before + 1)
                ward.move(2 * HOUR)
            self.assertEqual(len(ward.turns()), 3)
            self.assertEqual(done.status, 0)

    def test_plan(self):
        """`plan` shows the step of the one that would go first, and that the others await their turn."""
        with Fleet(3) as ward:
            ward.expect(2, "apply")
            ward.move(2 * HOUR)
            plan = ward.expect(0, "plan", "--json").json
            self.assertEqual(plan["summary"]["deregister"], 1)
            ends = [[condition["reason"] for condition in directory["conditions"]] for directory in plan["directories"]]
            self.assertEqual(sum("AwaitsFirst" in reasons for reasons in ends), 2)
            self.assertEqual(ward.turns(), [])


class Crashes(Case):
    def everywhere(self, kind, when):
        """Kills an `apply` at each point of a kind; then and in the hours after it one directory alone loses its certificate."""
        if not os.access(CRASHING, os.X_OK):
            self.skipTest("no " + CRASHING)
        for number in range(1, MOST):
            with Fleet(3, program=CRASHING) as ward:
                ward.expect(2, "apply")         # grace begins
                ward.move(2 * HOUR)
                status = ward("apply", LDAPSWARD_TEST_CRASH="%s:%d:%s" % (kind, number, when)).status
                for _ in range(3):
                    ward.move(5 * HOUR)
                    ward.expect(2, "apply")
                self.assertEqual(len(ward.turns()), 1, "%s:%d:%s" % (kind, number, when))
                if status != CRASHED:
                    self.assertGreater(number, 3, "the pass has come to its points")
                    return
        self.fail("the pass does not end")

    def test_before_commit(self):
        """A crash before each commit."""
        self.everywhere("commit", "before")

    def test_after_commit(self):
        """A crash after each commit."""
        self.everywhere("commit", "after")

    def test_before_request(self):
        """A crash before each request."""
        self.everywhere("request", "before")

    def test_after_request(self):
        """A crash after each request."""
        self.everywhere("request", "after")


class Disables(Case):
    def test_account(self):
        """LDAPS goes off in one directory first."""
        with Fleet(3) as ward:
            ward.edit("root", "other", client_ldaps="disabled")
            with ward.run() as daemon:
                daemon.passes(1)
                ward.until(daemon, 1, "DisableLDAPS")
                for _ in range(22):
                    daemon.later(HOUR)
                self.assertEqual(len(ward.turns("DisableLDAPS")), 1)
                ward.until(daemon, 3, "DisableLDAPS")
            off = ward.turns("DisableLDAPS")
            self.assertGreaterEqual(off[1][0], off[0][0] + DAY)
            self.assertGreater(off[2][0], off[1][0] + HOUR - MINUTE)


if __name__ == "__main__":
    main()
