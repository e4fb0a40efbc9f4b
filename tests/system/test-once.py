#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes are sent once (N7): whatever becomes of a request or its reply, what it asks for is executed once.

The service's own protections are off here: it registers the same certificate twice, and enables what is
enabled, if it is asked to.
"""

import glob
import os

from harness import Authority, need
from ward import Case, Ward, main

need("openssl")

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
OTHER = Authority("Other Root", days=3650)

# The reply is lost in one way or another, but the write was executed.
EXECUTED = ("lost-reply", "cut-body", "lost-500", "garbage", "truncated", "empty", "wrong-json", "huge")
# The write was not executed, but who sent it cannot know.
DOUBTFUL = ("cut-before", "html500", "bare503")
# Refused by name: not executed, and known to be.
REFUSED = ("ThrottlingException", "DirectoryUnavailableException", "AccessDeniedException", "ServiceException", "xml403")

# What a write of ours is sent at most while it is throttled (SERVICE_WRITE_ATTEMPTS).
ATTEMPTS = 3


class World(Ward):
    """A directory in the state before one write of an operation, and the file that asks for it."""

    def __init__(self, operation):
        super().__init__("--allow", "all", "--open-point", "repeat=accepted")
        self.operation = operation
        self.directory = self.service.create("corp.example.com")
        self.edit("root", "issuing")
        if operation in ("DeregisterCertificate", "DisableLDAPS"):
            self.apply()
        if operation == "DeregisterCertificate":
            self.edit("root")
        if operation == "DisableLDAPS":
            self.edit("root", "issuing", client_ldaps="disabled", approve=["disable"])
        self.before = len(self.service.requests())

    def edit(self, *trust, **terms):
        self.configure([{"id": self.directory, "trust": list(trust), **terms}],
                       {"root": [ROOT], "issuing": [ISSUING]}, grace="0s")

    @property
    def wanted(self):
        """How many writes of the operation the file asks for."""
        return 2 if self.operation == "RegisterCertificate" else 1

    def sent(self):
        return [line for line in self.service.requests()[self.before:] if line["operation"] == self.operation]

    def end(self):
        """What the world looks like when all is done."""
        dump = self.service.dump(self.directory)
        return (sorted((entry["common_name"], entry["state"]) for entry in dump["certificates"]),
                dump["ldaps"]["status"] if dump["ldaps"]["explicit"] else None)

    def expected(self):
        names = [("Corp Root", "Registered")]
        if self.operation != "DeregisterCertificate":
            names = [("Corp Issuing", "Registered")] + names
        return names, "Disabled" if self.operation == "DisableLDAPS" else "Enabled"


class Once(Case):
    def strikes(self, operation, kinds, count, most):
        for kind in kinds:
            with self.subTest(kind=kind), World(operation) as ward:
                ward.service.fault("%s:%d:%s" % (operation, count, kind))
                for _ in range(4):  # an `apply` does not wait for the next try of what was refused
                    if ward("apply").status == 0:
                        break
                    ward.move(6 * 3600)
                self.assertEqual(ward.end(), ward.expected(), kind)
                sent = ward.sent()
                self.assertEqual(len([line for line in sent if line["executed"]]), ward.wanted, (kind, sent))
                self.assertLessEqual(len(sent), ward.wanted + most, (kind, sent))
                if kind in DOUBTFUL:
                    self.assertGreaterEqual(sent[1]["time"] - sent[0]["time"], 900, "a signed request lives that long")
                if kind in ("lost-reply", "cut-body", "lost-500"):
                    self.assertIn("unknown", [outcome for _, outcome in ward.history()])

    def test_always_lost(self):
        """Every reply of RegisterCertificate is lost: each certificate is there once."""
        with World("RegisterCertificate") as ward:
            ward.service.fault("RegisterCertificate:*:lost-reply")
            ward.apply()
            self.assertEqual(ward.end(), ward.expected())
            self.assertEqual(len(ward.sent()), 2)
            self.assertEqual({entry["owner"] for entry in ward.report(ward.directory)["certificates"]}, {"ldapsward"})

    def test_throttled(self):
        """A write that is throttled for ever is sent at most three times in one step."""
        with World("RegisterCertificate") as ward:
            ward.service.fault("RegisterCertificate:*:ThrottlingException")
            ward("apply", "--timeout", "20s")
            self.assertLessEqual(len(ward.sent()), ATTEMPTS * 2)    # two certificates are missing
            self.assertGreaterEqual(len(ward.sent()), ATTEMPTS)
            self.assertEqual(ward.writes(), [])

    def test_restarts(self):
        """The daemon ends while the reply is lost, again and again: still each certificate is there once."""
        with World("RegisterCertificate") as ward:
            ward.service.fault("RegisterCertificate:*:hang")
            for number in range(1, 3):
                with ward.run() as daemon:
                    daemon.turn(lambda: len(ward.sent()) >= number, "the request")
            with ward.run() as daemon:
                daemon.settles(ward.directory)
            self.assertEqual(ward.end(), ward.expected())
            self.assertEqual(len(ward.sent()), 2)

    def test_lost_ledger(self):
        """The ledger is lost with a registration on its way: it is adopted, not made twice."""
        with World("RegisterCertificate") as ward:
            ward.service.settings(delay=["register=600"])
            with ward.run() as daemon:
                daemon.turn(lambda: ward.service.state(ward.directory) == ["Registering"], "the registration")
            for path in glob.glob(ward.state + "/*"):
                os.unlink(path)
            ward.apply()
            self.assertEqual(ward.end(), ward.expected())
            self.assertEqual(len(ward.sent()), 2)


def each_write():
    """A case for each write and each kind of loss."""
    for operation in ("RegisterCertificate", "DeregisterCertificate", "EnableLDAPS", "DisableLDAPS"):
        for name, kinds, most, says in (("executed", EXECUTED, 0, "executed, with its reply lost: not sent again."),
                                        ("doubtful", DOUBTFUL, 1, "lost on its way: not sent again while it may be executed."),
                                        ("refused", REFUSED, 1, "refused by name: tried again, executed once.")):
            def case(self, operation=operation, kinds=kinds, most=most):
                self.strikes(operation, kinds, 1, most)
            case.__doc__ = "%s, %s" % (operation, says)
            setattr(Once, "test_%s_%s" % (operation, name), case)


each_write()

if __name__ == "__main__":
    main()
