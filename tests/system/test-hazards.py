#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What happens to a host under a running daemon: its clock jumps, or the keys of one account are not there."""

import json
import os
import shutil
import subprocess
import unittest

from harness import KEY, SECRET, Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR = 3600

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)


class Host(Ward):
    """One directory with two authorities; the clock of the host is its own."""

    def __init__(self):
        self.own, self.off = None, 0
        super().__init__()
        self.own = os.path.join(self.home, "own-clock")
        self.variables["LDAPSWARD_DEMO_CLOCK"] = self.own
        self.jump(0)
        self.directory = self.service.create("corp.example.com")
        self.edit("root", "issuing")

    def edit(self, *trust, interval="1h", **terms):
        self.configure([{"id": self.directory, "trust": list(trust), **terms}], {"root": [ROOT], "issuing": [ISSUING]}, interval=interval)

    def jump(self, seconds):
        """From now on the host is so far ahead of the API."""
        self.off = seconds
        with open(self.own + ".new", "w") as file:
            file.write("%d\n" % (self.shift + seconds))
        os.rename(self.own + ".new", self.own)

    def set(self, seconds):
        """The same, for a daemon that goes by libfaketime."""
        with open(self.own + ".new", "w") as file:
            file.write("%+d\n" % seconds)
        os.rename(self.own + ".new", self.own)

    def move(self, seconds):
        super().move(seconds)
        self.jump(self.off)


class Clock(Case):
    def jumps(self, seconds):
        with Host() as ward, ward.run() as daemon:
            daemon.settles(ward.directory)
            daemon.quiet()
            ward.move(HOUR)
            daemon.quiet()
            ward.jump(seconds)
            ward.edit("root", grace="0s")
            daemon.hangs_up("taken: 1 directory")
            daemon.turn(lambda: "ClockSkew" in ward.reasons(ward.directory), "ClockSkew", step=HOUR)
            daemon.says("ClockSkew: ")
            for _ in range(3):
                ward.move(2 * HOUR)
                daemon.quiet()
            self.assertEqual(ward.writes().count("DeregisterCertificate"), 0)
            self.assertEqual(ward.service.state(ward.directory), ["Registered"] * 2)
            ward.jump(0)
            daemon.turn(lambda: ward.writes().count("DeregisterCertificate") == 1, "the removal", step=HOUR)
            daemon.turn(lambda: ward.service.state(ward.directory) == ["Registered"], "its end")

    def test_ahead(self):
        """Two hours ahead: told, and nothing is removed until host and API agree; then what was dropped goes."""
        self.jumps(2 * HOUR)

    def test_behind(self):
        """Two hours behind: the same."""
        self.jumps(-2 * HOUR)


class Set(Case):
    """The clock that the kernel would give to the daemon, by libfaketime: only there it can be told from time that has passed."""

    def fake(self, ward):
        """Variables of a daemon that goes by `ward.own` for a wall clock; what has passed is the kernel's word."""
        library = subprocess.run(["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], stdout=subprocess.PIPE, text=True, check=True)
        return {"LDAPSWARD_DEMO_CLOCK": "", "LDAPSWARD_DEMO_SKIP": "", "LD_PRELOAD": library.stdout.strip(),
                "FAKETIME_TIMESTAMP_FILE": ward.own, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    @unittest.skipUnless(shutil.which("faketime"), "no faketime")
    @unittest.skipIf(os.environ.get("TESTS_EFFORT") == "small", "an instrumented program goes by its own library first")
    def test_set(self):
        """Somebody sets the clock: that is told, each time; nothing is removed until it is set right, and then what was dropped goes."""
        with Host() as ward:
            ward.apply()
            ward.edit("root", "issuing", interval="15s")
            ward.set(0)
            with ward.run(**self.fake(ward)) as daemon:
                daemon.passes(1)
                self.assertNotIn("clock was set", daemon.log())
                ward.set(2 * HOUR)
                ward.edit("root", interval="15s", grace="0s")
                daemon.says("this machine's clock was set forward by (2 h|1 h 59 m)")
                daemon.says("taken: 1 directory")
                daemon.says("ClockSkew: ")
                daemon.passes(daemon.ended_passes() + 1)
                self.assertEqual(ward.service.state(ward.directory), ["Registered"] * 2)
                self.assertEqual(ward.writes().count("DeregisterCertificate"), 0)
                ward.set(0)
                daemon.says("this machine's clock was set back by (2 h|1 h 59 m)")  # whole seconds are compared
                daemon.wait(lambda: ward.writes().count("DeregisterCertificate") == 1, "the removal")
            self.assertEqual(daemon.log().count("clock was set"), 2)


class Keys(Case):
    def test_missing(self):
        """The file of one account's keys is not there: its directories are CredentialsInvalid, the others are looked after; it heals by itself."""
        with Host() as ward:
            other = ward.service.create("other.example.com")
            credentials = os.path.join(ward.home, "credentials")
            ward.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SHARED_CREDENTIALS_FILE=credentials,
                                  AWS_CONFIG_FILE="/nonexistent", RUNTIME_DIRECTORY=ward.home)
            with open(ward.path, encoding="utf-8") as file:
                text = json.load(file)
            text["accounts"] = {"late": {"profile": "late"}}
            text["directories"] = [{"id": ward.directory, "trust": ["root"], "account": "late"}, {"id": other, "trust": ["root"]}]
            ward.write(json.dumps(text))
            with ward.run() as daemon:
                daemon.settles(other)
                daemon.says("CredentialsInvalid: .*late")

                def answer(directory):
                    with open(os.path.join(ward.home, "status.json"), encoding="utf-8") as published:
                        for report in json.load(published)["directories"]:
                            if report["directory"] == directory:
                                return next(row["status"] for row in report["health"] if row["type"] == "CredentialsInvalid")
                    return None
                daemon.wait(lambda: answer(ward.directory) == "True" and answer(other) == "False", "status.json said whose keys")
                self.assertEqual(ward.writes(ward.directory), [])
                self.converged(ward, other, 1)
                self.assertTrue(daemon.alive())
                with open(credentials, "w", encoding="utf-8") as file:
                    file.write("[late]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
                daemon.settles(ward.directory, step=900)
                self.converged(ward, ward.directory, 1)
            os.unlink(credentials)   # no secret may be left in a Ward's home


if __name__ == "__main__":
    main()
