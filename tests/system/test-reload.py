#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Edited files are taken by themselves: every way in which Git and editors change them, and what must not happen then."""

import itertools
import os
import shutil
import subprocess
import time

from harness import REGION, Authority, need, scratch
from ward import Case, Ward, main

need("openssl")

HOUR = 3600
# Without git at work a change is read so long after the last (LOOKOUT_SETTLE_MS). Seconds.
SETTLE = 2

_numbers = itertools.count(1)

ROOT = Authority("Corp Root", days=3650)
OTHER = Authority("Other Root", days=3650)

TAKEN = "ldapsward.yaml taken: "
REFUSED = "was not taken; the last good configuration stays in force"


class Folder(Ward):
    """A folder `conf` of its own for the configuration, as a work tree would be; two directories."""

    def __init__(self, *options):
        super().__init__(*options)
        self.place = scratch("place-%d" % next(_numbers))   # certificates may be there
        self.folder = os.path.join(self.place, "conf")
        os.makedirs(os.path.join(self.folder, "ca"))
        self.path = os.path.join(self.folder, "ldapsward.yaml")
        shutil.copy(ROOT.path, os.path.join(self.folder, "ca", "root.pem"))
        self.one = self.service.create("one.example.com")
        self.other = self.service.create("other.example.com")
        self.edit()

    def text(self, *directories, policy="sync", interval="1h"):
        found = ["version: 1", "interval: " + interval,
                 "defaults: {policy: %s, regions: [%s], client_ldaps: enabled}" % (policy, REGION),
                 "authorities: {root: {certificates: [ca/*.pem]}}", "directories:"]
        return "\n".join(found + ["- {id: %s, trust: [root]}" % one for one in directories or (self.one, self.other)]) + "\n"

    def edit(self, *directories, **terms):
        self.write(self.text(*directories, **terms))

    def git(self, *words, folder=None):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words],
                              cwd=folder or self.folder, env={"PATH": "/usr/bin:/bin", "HOME": self.home}, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout.strip()




def health(ward, kind):
    """One answer about the first directory, as `status` has it."""
    return {row["type"]: row["status"] for row in ward.report(ward.one)["health"]}[kind]


class Edits(Case):
    def test_editor(self):
        """A file that is put in the place of the old one is taken without a signal, and what it changes is told."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            ward.edit(ward.other, policy="observe", interval="2h")
            daemon.says(TAKEN + "1 directory; 1 directory removed, 1 altered; interval altered")
            daemon.says("directory %s removed" % ward.one)
            daemon.says("directory %s altered: policy observe instead of sync" % ward.other)
            self.assertEqual(daemon.log().count("taken: "), 1)

    def test_in_place(self):
        """A file that is written in place, slowly, is read when it is whole."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            with open(ward.path, "w") as file:
                for line in ward.text(ward.one).splitlines(True):
                    file.write(line)
                    file.flush()
            daemon.says(TAKEN + "1 directory; 1 directory removed")
            self.assertNotIn(REFUSED, daemon.log())

    def test_certificate(self):
        """A certificate that comes into the folder of a pattern is registered."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            daemon.settles(ward.other)
            shutil.copy(ROOT.renewed(days=7300).path, os.path.join(ward.folder, "ca", "renewed.pem"))
            daemon.says("authority root altered: certificates 1 added")
            daemon.turn(lambda: ward.service.state(ward.one) == ["Registered"] * 2, "the registration")

    def test_part(self):
        """A part in conf.d is taken, also where there was no conf.d; and its end is noticed."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            part = os.path.join(ward.folder, "conf.d")
            third = ward.service.create("third.example.com")
            os.mkdir(part)
            with open(os.path.join(part, "10.yaml"), "w") as file:
                file.write("version: 1\ndirectories: [{id: %s, trust: [root]}]\n" % third)
            daemon.says(TAKEN + "3 directories; 1 directory added")
            shutil.rmtree(part)
            daemon.says(TAKEN + "2 directories; 1 directory removed")

    def test_link(self):
        """The link that leads to the whole folder is swapped, as deployments do; and what it leads to then is watched."""
        with Folder() as ward:
            current = os.path.join(ward.place, "current")
            os.symlink("conf", current)
            ward.path = os.path.join(current, "ldapsward.yaml")
            with ward.run() as daemon:
                daemon.settles(ward.one)
                shutil.copytree(ward.folder, ward.folder + "2")
                with open(ward.folder + "2/ldapsward.yaml", "w") as file:
                    file.write(ward.text(ward.one))
                os.symlink("conf2", current + ".new")
                os.rename(current + ".new", current)
                daemon.says(TAKEN + "1 directory; 1 directory removed")
                with open(ward.folder + "2/ldapsward.yaml", "w") as file:
                    file.write(ward.text(ward.one, ward.other))
                daemon.says(TAKEN + "2 directories; 1 directory added")

    def test_vanished(self):
        """A folder that vanishes and comes back: refused meanwhile and told once, nothing touched, and taken again."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            writes = len(ward.service.writes())
            os.rename(ward.folder, ward.folder + ".away")
            daemon.says("ldapsward.yaml: cannot be read: No such file or directory")
            daemon.says(REFUSED)
            os.rename(ward.folder + ".away", ward.folder)
            daemon.says(TAKEN + "2 directories; nothing has changed")
            self.assertEqual(daemon.log().count(REFUSED), 1)
            self.assertEqual(len(ward.service.writes()), writes)

    def test_nothing(self):
        """What asks for nothing else is not taken, and leads to no request."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            daemon.settles(ward.other)
            requests = len(ward.service.requests())
            ward.write("# a comment\n" + ward.text())
            daemon.says("was read and asks for nothing else")
            daemon.quiet()
            self.assertNotIn("taken: ", daemon.log())
            self.assertEqual(len(ward.service.requests()), requests)


class Mistakes(Case):
    def test_told_once(self):
        """A mistake is told with its place, once however often the file is touched; status and health show it until it is mended."""
        with Folder() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            daemon.settles(ward.other)
            ward.write("polcy: sync\n" + ward.text())
            daemon.says("ldapsward.yaml:1:1: .*polcy")
            daemon.says(REFUSED)
            daemon.quiet()
            daemon.turn(lambda: health(ward, "ConfigInvalid") == "True", "ConfigInvalid")
            os.utime(ward.path)
            daemon.says("has the same mistakes still")
            self.assertEqual(daemon.log().count(REFUSED), 1)
            daemon.hangs_up(REFUSED)
            ward.write(ward.text() + "polcy: sync\n")
            daemon.says("ldapsward.yaml:8:1: .*polcy")
            ward.edit()
            daemon.says(TAKEN + "2 directories; nothing has changed")
            daemon.quiet()
            daemon.turn(lambda: health(ward, "ConfigInvalid") == "False", "the end of ConfigInvalid")

    def test_waits_anew(self):
        """A refused file starts every waiting time anew, however its mistake was noticed."""
        with Folder() as ward:
            shutil.copy(OTHER.path, os.path.join(ward.place, "other.pem"))
            two = ward.text(ward.one, interval="1h").replace("root: {certificates: [ca/*.pem]}", "root: {certificates: [ca/*.pem]}, "
                                              "other: {certificates: [%s/other.pem]}" % ward.place)
            ward.write(two.replace("trust: [root]", "trust: [root, other]"))
            with ward.run() as daemon:
                daemon.settles(ward.one)
                ward.write(two)     # dropped: removed after the grace of three days
                daemon.says(TAKEN)
                daemon.turn(lambda: "Grace" in ward.reasons(ward.one), "the wait")
                for _ in range(3):      # a longer absence would itself start the wait anew
                    daemon.later(20 * HOUR)
                ward.write("nonsense: 1\n" + two)
                daemon.says(REFUSED)
                daemon.turn(lambda: health(ward, "ConfigInvalid") == "True", "ConfigInvalid")
                ward.write(two)
                daemon.says(TAKEN, 2)
                daemon.turn(lambda: health(ward, "ConfigInvalid") == "False", "the end of ConfigInvalid")
                daemon.later(20 * HOUR)
                self.assertNotIn("DeregisterCertificate", ward.writes())
                for _ in range(3):
                    daemon.later(20 * HOUR)
                daemon.turn(lambda: "DeregisterCertificate" in ward.writes(), "the removal three days after the mend")


class Git(Case):
    def test_pull(self):
        """`git pull` is taken as a whole, with its revision; while git is at work nothing is read."""
        if not shutil.which("git"):
            self.skipTest("no git")
        with Folder() as ward:
            origin = os.path.join(ward.place, "origin")
            ward.git("init", "-q", "-b", "main")
            ward.git("add", "-A")
            ward.git("commit", "-q", "-m", "one")
            ward.git("clone", "-q", ".", origin)
            ward.git("remote", "add", "origin", origin)
            ward.git("fetch", "-q")
            ward.git("branch", "-q", "--set-upstream-to=origin/main")
            with ward.run() as daemon:
                daemon.says("ldapsward.yaml at revision %s of main" % ward.git("rev-parse", "HEAD")[:12])
                daemon.settles(ward.one)
                with open(os.path.join(origin, "ldapsward.yaml"), "w") as file:
                    file.write(ward.text(ward.one))
                shutil.copy(ROOT.renewed(days=7300).path, os.path.join(origin, "ca", "renewed.pem"))
                ward.git("add", "-A", folder=origin)
                ward.git("commit", "-q", "-m", "two", folder=origin)
                ward.git("pull", "-q")
                daemon.says(TAKEN + "1 directory at revision %s of main; 1 directory removed, 1 altered; 1 authority altered" %
                            ward.git("rev-parse", "HEAD")[:12])
                lock = os.path.join(ward.folder, ".git", "index.lock")
                with open(lock, "w"):
                    ward.write("version: 1\nhalf of a checkout\n")
                    time.sleep(2 * SETTLE)
                    ward.edit(ward.one, ward.other)
                os.unlink(lock)
                daemon.says(TAKEN + "2 directories at revision")
                self.assertEqual(daemon.log().count("taken: "), 2)
                self.assertNotIn(REFUSED, daemon.log())


class Peace(Case):
    def test_back_off(self):
        """A directory that did not change keeps its back-off through every reload."""
        with Folder("--delay", "register=0") as ward:
            ward.service.fault("RegisterCertificate:*:ClientException@" + ward.one)
            with ward.run() as daemon:
                daemon.settles(ward.other)
                daemon.quiet()
                tried = len([line for line in ward.service.writes() if line["directory"] == ward.one])
                self.assertGreaterEqual(tried, 1)
                for count, terms in enumerate(({"interval": "2h"}, {"interval": "3h"}), 1):
                    ward.edit(ward.one, ward.other, **terms)
                    daemon.says(TAKEN, count)
                    daemon.quiet()
                    ward.move(60)
                    daemon.quiet()
                self.assertEqual(len([line for line in ward.service.writes() if line["directory"] == ward.one]), tried)

    def test_in_flight(self):
        """A step that is under way when a file is taken is ended and recorded, and sent once."""
        with Folder("--latency", "700") as ward, ward.run() as daemon:
            daemon.wait(lambda: "register" in daemon.log() or ward.calls().get("RegisterCertificate", 0) > 0, "a step was under way")
            ward.edit(ward.one, ward.other, interval="2h")
            daemon.says(TAKEN)
            ward.service.settings(latency="0")
            daemon.settles(ward.one)
            daemon.settles(ward.other)
            self.assertEqual(sorted(ward.writes()), ["EnableLDAPS"] * 2 + ["RegisterCertificate"] * 2)


if __name__ == "__main__":
    main()
