#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A running daemon whose state directory gets full or read-only: told, nothing is sent unrecorded, and with room again all goes on.

In a mount namespace of its own, whose mounts vanish with it; skipped (77) where there is none to be had.
"""

import json
import os
import subprocess

from harness import Authority, need, own_mounts, wait_until
from ward import Case, Ward, main

need("openssl", "unshare", "mount", "umount")

# Smaller than what a file system wants at least; the ledger of two directories needs a third of it. Bytes.
ROOM = 1 << 20

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)


class Small(Ward):
    """A converged directory whose state has a small file system of its own."""

    def __init__(self, size=ROOM):
        super().__init__()
        self.mounts = 0
        self.mount("-t", "tmpfs", "-o", "mode=700,size=%d" % size, "state", self.state)
        self.runtime = os.path.join(self.home, "run")
        os.mkdir(self.runtime)
        self.variables["RUNTIME_DIRECTORY"] = self.runtime
        self.directory = self.service.create("corp.example.com")
        self.edit("root")

    def __exit__(self, kind, *unused):
        super().__exit__(kind, *unused)
        while self.mounts:
            self.umount()

    def mount(self, *words):
        subprocess.run(["mount", *words], check=True)
        self.mounts += 1

    def umount(self):
        subprocess.run(["umount", "-l", self.state], check=True)
        self.mounts -= 1

    def edit(self, *trust):
        self.configure([{"id": self.directory, "trust": list(trust)}], {"root": [ROOT], "issuing": [ISSUING]}, interval="1h")

    def fill(self):
        """Takes all the room that is left."""
        with open(os.path.join(self.state, "others"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        os.unlink(os.path.join(self.state, "others"))

    def readonly(self):
        """Whoever opens a file there from now on may only read it."""
        self.mount("--bind", self.state, self.state)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.state], check=True)

    def published(self):
        with open(os.path.join(self.runtime, "status.json")) as file:
            return json.load(file)


class State(Case):
    def goes_wrong(self, spoil, mend, words):
        with Small() as ward, ward.run() as daemon:
            daemon.settles(ward.directory)
            before = len(ward.service.writes())
            daemon.quiet()
            ward.move(60)   # no two looks are nearer than 15 s
            daemon.quiet()
            spoil(ward)
            ward.edit("root", "issuing")
            daemon.hangs_up("taken: 1 directory")
            daemon.says("could not be recorded, so nothing was sent: .*%s.*to do: see that the state directory" % words)
            daemon.quiet()
            for _ in range(3):
                daemon.later(3600)
            # it goes on looking, and sends nothing
            self.assertGreaterEqual(ward.calls()["ListCertificates"], 4)
            self.assertEqual(ward.service.writes()[before:], [])
            self.assertTrue(daemon.alive())
            # told once a pass, not once a second
            self.assertLess(daemon.log().count("could not be recorded"), 12)
            mend(ward)
            daemon.turn(lambda: len(ward.service.state(ward.directory)) == 2, "the registration", step=600)
            daemon.settles(ward.directory)
            self.assertEqual(ward.writes().count("RegisterCertificate"), 2)
            self.converged(ward, ward.directory, 2)
            wait_until(lambda: ward.published()["directories"][0]["standing"] == "ready", "status.json said so")
            self.assertNotIn("damaged", daemon.log())
            daemon.stop()

    def test_full(self):
        """Full: an intent that finds no room is not acted on; with room again the daemon goes on by itself."""
        self.goes_wrong(Small.fill, Small.empty, "full")

    def test_readonly(self):
        """Read-only, as after an error of the disk: the same."""
        self.goes_wrong(Small.readonly, Small.umount, "(it can only be read|readonly|unable to open)")

    def test_full_at_start(self):
        """Full when the daemon starts for the first time: it says so and ends with 1, so that it is tried again; nothing was asked."""
        with Small() as ward:
            ward.fill()
            with ward.run() as daemon:
                daemon.ends(1)
                self.assertIn(ward.state, daemon.log())
                self.assertRegex(daemon.log(), "full|No space left")
            self.assertEqual(ward.service.requests(), [])
            ward.empty()
            with ward.run() as daemon:
                daemon.settles(ward.directory)
            self.converged(ward, ward.directory, 1)


if __name__ == "__main__":
    own_mounts()
    main()
