#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The main scenario in every world that the API's documentation leaves possible.

An install with a registration that fails once, a certificate removed and LDAPS disabled by others, an
authority dropped: under each other answer to each open point, and with all of the service's protective
refusals off. The end is the same in all of them, or what stands in its way is held and told.
"""

import re
import subprocess

from harness import EMULATOR, Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
OTHER = Authority("Other Root", days=3650)
FOREIGN = Authority("Foreign Root", days=3650)

# The removal that one world does not allow while LDAPS is enabled, and what is told then.
HELD = {"deregister-enabled=refused": ("BackingOff", "CertificateInUseException")}
# Registrations more than elsewhere: there an issuing CA fails as well while its root has failed.
MORE = {"partial-chain=failed": 1}


def open_points():
    """{point: its other answers} as the emulator tells them."""
    text = subprocess.run([EMULATOR, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    part = text[text.index("Open points and their answers"):].split("\n\n")[0]
    return {words[0]: words[2:] for words in map(str.split, part.splitlines()[1:])}


class World(Ward):
    def __init__(self, *options):
        super().__init__("--delay", "register=30", "--delay", "deregister=30", "--delay", "enable=30", *options)
        self.directory = self.service.create("corp.example.com")
        self.foreign = self.service.control("register", directory=self.directory, pem=FOREIGN.pem)["certificate"]
        self.authorities = {"root": [ROOT], "issuing": [ISSUING], "other": [OTHER]}

    def edit(self, *trust, **terms):
        self.configure([{"id": self.directory, "trust": list(trust)}], self.authorities, grace="1d", interval="1h", **terms)

    def names(self):
        return sorted(entry["common_name"] for entry in self.service.certificates(self.directory)
                      if entry["state"] == "Registered")

    def gone(self, name):
        entry = [entry for entry in self.service.certificates(self.directory)
                 if entry["common_name"] == name and entry["state"] == "Registered"][0]
        self.service.control("deregister", directory=self.directory, certificate=entry["id"])


class Worlds(Case):
    def scenario(self, *options):
        world = options[1] if options else ""
        reason, code = HELD.get(world, (None, None)) if "--allow" not in options else (None, None)
        with World(*options) as ward:
            ward.edit("root", "issuing", "other")
            ward.service.control("outcome", directory=ward.directory, call="register", count=1, reason="Not this time.")
            everything = ["Corp Issuing", "Corp Root", "Foreign Root", "Other Root"]
            with ward.run() as daemon:
                daemon.turn(lambda: ward.names() == everything and ward.service.ldaps(ward.directory) == "Enabled",
                            "the install", 300)
                daemon.settles(ward.directory)
                # where failed entries are not listed, nobody can tell the reason
                self.assertIn("BackingOff" if world == "failed-listed=gone" else "Not this time.", daemon.log())
                ward.gone("Corp Issuing")
                daemon.later(HOUR)
                daemon.turn(lambda: ward.names() == everything, "the repair", 60)
                daemon.settles(ward.directory)
                ward.service.control("disable", directory=ward.directory)
                daemon.later(HOUR)
                daemon.turn(lambda: ward.service.ldaps(ward.directory) == "Enabled", "LDAPS again", 600)
                daemon.settles(ward.directory)
                ward.edit("root", "issuing")
                daemon.hangs_up("taken: ")
                daemon.turn(lambda: "Grace" in ward.reasons(ward.directory), "the wait")
                for _ in range(2):
                    daemon.later(13 * HOUR)
                if reason:
                    daemon.turn(lambda: reason in ward.reasons(ward.directory), "what holds it")
                    self.assertIn(code, ward.condition(ward.directory, reason)["message"])
                    self.assertEqual(ward.names(), everything)
                else:
                    daemon.turn(lambda: ward.names() == everything[:3], "the removal", 60)
                    daemon.settles(ward.directory)
                    writes = len(ward.service.writes())
                    for _ in range(3):
                        daemon.later(HOUR)
                    self.assertEqual(len(ward.service.writes()), writes, "and then there is peace")
            done = ward.writes()
            self.assertEqual(ward.service.ldaps(ward.directory), "Enabled")
            self.assertEqual(done.count("EnableLDAPS"), 2, done)
            self.assertEqual(done.count("RegisterCertificate"), 3 + 1 + 1 + MORE.get(world, 0), done)
            self.assertNotIn("DisableLDAPS", done)
            self.assertNotIn(ward.foreign, [line["certificate"] for line in ward.service.writes()])


def each_world():
    """A case for each answer, with and without refusals, beside the world as we think it is."""
    worlds = [()] + [("--open-point", "%s=%s" % (point, answer)) for point, answers in open_points().items()
                     for answer in answers]
    for options in worlds:
        for allow in ((), ("--allow", "all")):
            def case(self, options=options + allow):
                self.scenario(*options)
            words = " ".join(options[1:] + (allow and ("without refusals",))) or "as documented"
            case.__doc__ = "The same end: %s." % words
            setattr(Worlds, "test_" + re.sub("[^a-z]+", "_", words), case)


each_world()

if __name__ == "__main__":
    main()
