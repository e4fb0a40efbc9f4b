#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A crash before and after every commit to the ledger and every request: the end is the same each time (design 5.3).

Runs the program built with crash points (daemon/edge/crash.h), which then ends as if the power had
failed. For n = 1, 2, 3 ... until an `apply` gets to its end, it is killed at the n-th point of a kind, and
the same command is run again without. The service's own protection against duplicates is off.
"""

import os
import sys

from harness import BUILD, Authority, need
from ward import Case, Ward, main

need("openssl")

PROGRAM = os.path.join(BUILD, "tests/system/ldapsward-crash")
if not os.access(PROGRAM, os.X_OK):
    print("no " + PROGRAM)
    sys.exit(77)

# Exit status of a crash on purpose (CRASH_STATUS), and a number that no pass reaches.
CRASHED, MOST = 70, 200
# Every point, unless a small effort was asked for.
STEP = 3 if os.environ.get("TESTS_EFFORT") == "small" else 1

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
OTHER = Authority("Other Root", days=3650)


class World(Ward):
    """A directory on the eve of the pass that will be cut short. Subclasses prepare it."""

    def __init__(self):
        super().__init__("--allow", "duplicate", "--open-point", "repeat=accepted", "--delay", "register=30",
                         "--delay", "deregister=30", "--delay", "enable=30", program=PROGRAM)
        self.directory = self.service.create("corp.example.com")
        self.prepare()

    def edit(self, *trust, **terms):
        self.configure([{"id": self.directory, "trust": "none" if trust == ("none",) else list(trust), **terms}],
                       {"root": [ROOT], "issuing": [ISSUING], "other": [OTHER]}, grace="0s")

    def end(self):
        """All that matters in the end: the entries, LDAPS, what is owned, and how often each write was executed."""
        dump = self.service.dump(self.directory)
        owners = sorted((entry["common_name"], entry["owner"]) for entry in self.report(self.directory)["certificates"])
        return {"certificates": sorted((entry["common_name"], entry["state"]) for entry in dump["certificates"]),
                "ldaps": dump["ldaps"]["status"] if dump["ldaps"]["explicit"] else None,
                "owners": owners, "writes": sorted(self.writes())}


class Install(World):
    """The first install."""

    def prepare(self):
        self.edit("root", "issuing")


class Failure(World):
    """An install whose first registration fails later."""

    def prepare(self):
        self.edit("root")
        self.service.control("outcome", directory=self.directory, call="register", count=1, reason="Not this time.")


class Change(World):
    """One authority is dropped while another comes."""

    def prepare(self):
        self.edit("root", "issuing")
        self.apply()
        self.edit("root", "other")
        self.move(60)


class Down(World):
    """LDAPS is to be off."""

    def prepare(self):
        self.edit("root", "issuing")
        self.apply()
        self.edit("root", "issuing", client_ldaps="disabled", approve=["disable"])
        self.move(60)


class Adoption(World):
    """What was made in the console is adopted, and one certificate is missing."""

    def prepare(self):
        self.service.control("register", directory=self.directory, pem=ROOT.pem)
        self.service.control("enable", directory=self.directory)
        self.edit("root", "issuing")


def converge(ward):
    """`apply` until it has converged; what was refused or failed is tried again hours later."""
    for _ in range(6):
        done = ward("apply")
        if done.status == 0:
            return
        ward.move(2 * 3600)
    raise AssertionError("it does not converge: %s" % done)


class Crash(Case):
    def everywhere(self, world, kind, when):
        with world() as ward:
            converge(ward)
            wanted = ward.end()
        for number in range(1, MOST, STEP):
            with world() as ward:
                done = ward("apply", LDAPSWARD_TEST_CRASH="%s:%d:%s" % (kind, number, when))
                if done.status != CRASHED:
                    break
                converge(ward)
                self.assertEqual(ward.end(), wanted, "%s:%d:%s" % (kind, number, when))
        print("# %s: a crash %s each of %d %ss%s" % (world.__name__, when, number - 1, kind, ", in steps of %d" % STEP if STEP > 1 else ""),
              flush=True)
        self.assertGreater(number, 3, "the pass has come to its points")
        self.assertLess(number, MOST - 1, "the pass ends")


def each_point():
    """A case for each world, kind of point and side of it."""
    for world in (Install, Failure, Change, Down, Adoption):
        for kind in ("request", "commit"):
            for when in ("before", "after"):
                def case(self, world=world, kind=kind, when=when):
                    self.everywhere(world, kind, when)
                case.__doc__ = "%s A crash %s each %s." % (world.__doc__, when, kind)
                setattr(Crash, "test_%s_%s_%s" % (world.__name__.lower(), when, kind), case)


each_point()

if __name__ == "__main__":
    main()
