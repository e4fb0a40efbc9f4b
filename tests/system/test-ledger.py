#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The ledger damaged, lost, full, read-only or taken: nothing is removed for it, and nothing is done unrecorded."""

import glob
import os
import resource
import shutil
import signal
import sqlite3
import subprocess

from harness import DEADLINE, Authority, need
from ward import Case, Done, Ward, main, secretless

need("openssl")

HOUR, DAY = 3600, 86400

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)


class Place(Ward):
    """One directory, with the ledger of a converged world if `converged`."""

    def __init__(self, *options, converged=True):
        super().__init__(*options)
        self.directory = self.service.create("corp.example.com")
        self.edit("root", "issuing")
        self.ledger = os.path.join(self.state, "ledger.sqlite")
        if converged:
            self.apply()
            self.move(60)
        self.before = len(self.service.writes())

    def edit(self, *trust, **terms):
        self.configure([{"id": self.directory, "trust": list(trust), **terms}],
                       {"root": [ROOT], "issuing": [ISSUING]}, interval="1h")

    def owners(self):
        return {entry["common_name"]: entry["owner"] for entry in self.report(self.directory)["certificates"]}


def overwrite(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def noise(path):
    """Everything behind the first page."""
    size = os.path.getsize(path)
    overwrite(path, 4096, bytes(number * 37 % 251 for number in range(size - 4096)))


def impossible(path):
    """A good file with a value that cannot be."""
    with sqlite3.connect(path) as database:
        database.execute("UPDATE entry SET origin = 'stolen'")
    database.close()


DAMAGES = {
    "its beginning is overwritten": lambda path: overwrite(path, 0, b"\0" * 512),
    "it is cut short": lambda path: os.truncate(path, os.path.getsize(path) // 2 - 100),
    "it is text": lambda path: overwrite(path, 0, b"this is no ledger\n" * 1000),
    "it is noise behind its first page": noise,
    "a value in it cannot be": impossible,
}


class Damaged(Case):
    def damage(self, harm):
        """It is set aside and told; what is registered is adopted, and nothing is written or removed."""
        with Place() as ward:
            harm(ward.ledger)
            with open(ward.ledger, "rb") as file:
                found = file.read()
            done = ward.apply()
            aside = [path for path in glob.glob(ward.ledger + ".damaged-*") if not path.endswith("-journal")]
            self.assertEqual(len(aside), 1, os.listdir(ward.state))
            self.assertIn("damaged", done.err)
            self.assertIn(os.path.basename(aside[0]), done.err)
            with open(aside[0], "rb") as file:
                self.assertEqual(file.read(), found, "it is kept as it was")
            self.assertEqual(ward.writes(since=ward.before), [])
            self.assertEqual(ward.owners(), {"Corp Root": "adopted", "Corp Issuing": "adopted"})
            self.assertNotIn("damaged", ward.apply().err, "told once")

    def test_set_aside(self):
        """A damaged ledger is set aside, told, and leads to adoption."""
        for what, harm in DAMAGES.items():
            with self.subTest(what=what):
                self.damage(harm)

    def test_lost_and_dropped(self):
        """A lost ledger and a dropped authority: its certificate is foreign now, and stays."""
        with Place() as ward:
            os.unlink(ward.ledger)
            ward.edit("root")
            with ward.run() as daemon:
                for number in range(6):
                    daemon.passes(number + 1)
                    daemon.later(DAY)
                self.assertEqual(ward.owners(), {"Corp Root": "adopted", "Corp Issuing": "foreign"})
            self.assertEqual(ward.writes(since=ward.before), [])
            self.assertEqual(len(ward.service.state(ward.directory)), 2)

    def test_lost_while_removing(self):
        """A ledger that is lost in the midst of grace removes nothing."""
        with Place() as ward:
            ward.edit("root")
            with ward.run() as daemon:
                daemon.later(DAY)
            for path in glob.glob(ward.state + "/*"):
                os.unlink(path)
            with ward.run() as daemon:
                for number in range(5):
                    daemon.passes(number + 1)
                    daemon.later(DAY)
            self.assertEqual(len(ward.service.state(ward.directory)), 2)

    def test_newer(self):
        """A ledger of a newer version is left alone, and nothing is done."""
        with Place() as ward:
            with sqlite3.connect(ward.ledger) as database:
                database.execute("PRAGMA user_version = 99")
            database.close()
            before = len(ward.service.requests())
            for words in (("apply",), ("plan",), ("status",), ("history",)):
                self.assertIn("version 99", ward.expect(1, *words).err, words)
            with ward.run() as daemon:
                daemon.ends(1)
                self.assertIn("version 99", daemon.log())
            self.assertEqual(len(ward.service.requests()), before)
            self.assertEqual(glob.glob(ward.ledger + ".damaged-*"), [])

    def test_private(self):
        """What is kept is for its owner alone."""
        with Place() as ward:
            for path in glob.glob(ward.state + "/*"):
                self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)


class Unwritable(Case):
    def test_no_place(self):
        """A state directory that cannot be: a clear message, exit status 1, and no request."""
        with Place(converged=False) as ward:
            for state in ("/proc/self/fdinfo", os.path.join(ward.home, "ldapsward.yaml"), "/nonexistent/state"):
                ward.state = state
                done = ward.apply(status=1)
                self.assertIn(state, done.err)
                self.assertEqual(done.out, "")
                with ward.run() as daemon:
                    daemon.ends(1)
                    self.assertIn(state, daemon.log())
            self.assertEqual(ward.service.requests(), [])

    def limited(self, ward, most, *words):
        """A command that may write no file beyond `most` bytes, as on a full disk."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        done = subprocess.run(ward.command(*words), env=ward.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=DEADLINE, text=True, check=False, preexec_fn=limit,
                              restore_signals=False)
        secretless(done.stdout + done.stderr, "apply")
        return Done(done.returncode, done.stdout, done.stderr)

    def test_full(self):
        """A disk that is full: what cannot be recorded is not sent, and is told; with room again all goes on."""
        with Place(converged=False) as ward:
            ward.edit("root", "issuing", policy="observe")
            ward("apply")
            self.assertEqual(ward.service.writes(), [])
            ward.edit("root", "issuing")
            ward.move(60)
            done = self.limited(ward, os.path.getsize(ward.ledger) // 2, "apply")
            self.assertEqual(done.status, 1, done)
            self.assertRegex(done.out + done.err, "could not be recorded|cannot")
            self.assertEqual(ward.service.writes(), [])
            ward.move(60)
            ward.apply()
            self.converged(ward, ward.directory, 2)

    def test_full_midway(self):
        """A disk that gets full between any two commits: each certificate is there once in the end."""
        for extra in range(0, 5):
            with Place("--allow", "duplicate", converged=False) as ward:
                ward.edit("root", "issuing", policy="observe")
                ward("apply")
                ward.edit("root", "issuing")
                ward.move(60)
                self.limited(ward, os.path.getsize(ward.ledger) + extra * 4096, "apply")
                ward.move(60)
                ward.apply()
                self.converged(ward, ward.directory, 2)
                self.assertEqual(ward.writes().count("RegisterCertificate"), 2, extra)


class Closed(Case):
    """A standard descriptor that is closed is no number for a file of ours."""

    def test_apply(self):
        """What is printed goes nowhere, least of all into the ledger or its lock, and its loss is told."""
        with Place(converged=False) as ward:
            done = subprocess.run(["bash", "-c", 'exec "$@" >&-', "bash", *ward.command("apply")], env=ward.environment(),
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=DEADLINE, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the output could not be written: Bad file descriptor", done.stderr)
            self.assertEqual(len(ward.service.requests("RegisterCertificate")), 2)
            with open(os.path.join(ward.state, "ledger.lock")) as file:
                self.assertNotIn("Apply", file.read())
            ward.expect(0, "plan", "--detailed-exitcode")

    def test_run(self):
        """With all of them closed the daemon does its work."""
        with Place() as ward:
            looks = len(ward.service.requests("ListCertificates"))
            with ward.run(before=("bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash")) as daemon:
                daemon.wait(lambda: len(ward.service.requests("ListCertificates")) > looks, "its first look")
                for number in range(3):
                    self.assertEqual(os.readlink("/proc/%d/fd/%d" % (daemon.pid, number)), "/dev/null")
                daemon.process.send_signal(signal.SIGTERM)
                daemon.ends(0)


class Gone(Case):
    def goes(self, take):
        """A converged daemon whose ledger is taken away in a way ends and says so; the next one adopts, and writes nothing."""
        with Place() as ward:
            with ward.run() as daemon:
                daemon.passes(1)
                take(ward)
                ward.move(3600)
                daemon.ends(1)
                self.assertRegex(daemon.log(), "(?m)^ldapsward: %s was removed or moved away while it was in use; .* ends" % ward.ledger)
            self.assertEqual(ward.service.writes()[ward.before:], [])
            self.assertFalse(os.path.exists(ward.ledger) and os.path.getsize(ward.ledger))
            with ward.run() as daemon:
                daemon.passes(1)
                self.assertEqual(set(ward.owners().values()), {"adopted"})
            self.assertEqual(ward.service.writes()[ward.before:], [])

    def test_removed(self):
        """The state directory was removed."""
        self.goes(lambda ward: shutil.rmtree(ward.state))

    def test_moved(self):
        """The file was moved."""
        self.goes(lambda ward: os.rename(ward.ledger, ward.ledger + ".old"))

    def test_replaced(self):
        """Another file has its place, and is left alone."""
        def take(ward):
            os.rename(ward.ledger, ward.ledger + ".old")
            with open(ward.ledger, "wb"):
                pass
        self.goes(take)

    def test_unsent(self):
        """A change that cannot be recorded for that is not sent; the next run does it."""
        with Place(converged=False) as ward:
            ward.edit("root")
            with ward.run() as daemon:
                daemon.settles(ward.directory)
                before = len(ward.service.writes())
                shutil.rmtree(ward.state)
                ward.edit("root", "issuing")
                daemon.process.send_signal(signal.SIGHUP)
                ward.move(20)
                daemon.ends(1)
                self.assertRegex(daemon.log(), "the file was removed or moved away while it was in use: start ldapsward again")
            self.assertEqual(len(ward.service.writes()), before)
            ward.apply()
            self.converged(ward, ward.directory, 2)


class Taken(Case):
    def test_second(self):
        """A second daemon on the same state is refused and names the first; on another state it may run."""
        with Place() as ward, ward.run() as daemon:
            daemon.passes(1)
            requests = len(ward.service.requests())
            with ward.run() as second:
                second.ends(1)
                self.assertRegex(second.log(), r"ldapsward run.*\b%d\b" % daemon.pid)
            self.assertEqual(len(ward.service.requests()), requests)
            state, ward.state = ward.state, os.path.join(ward.home, "other")
            os.mkdir(ward.state)
            with ward.run() as other:
                other.passes(1)
            ward.state = state

    def test_after_a_kill(self):
        """A daemon that was killed leaves nothing that bars the next."""
        with Place() as ward:
            daemon = ward.run()
            daemon.passes(1)
            daemon.kill()
            with ward.run() as daemon:
                daemon.passes(1)

    def test_apply_bars_the_daemon(self):
        """While `apply` works, a daemon is refused, and the message says what runs."""
        with Place("--delay", "register=never", converged=False) as ward:
            with ward.run("apply", LDAPSWARD_DEMO_SKIP="") as applying:
                applying.wait(lambda: ward.service.requests("RegisterCertificate"), "the registration")
                with ward.run() as daemon:
                    daemon.ends(1)
                    self.assertRegex(daemon.log(), r"ldapsward apply.*\b%d\b" % applying.pid)
                applying.stop(status=1)


if __name__ == "__main__":
    main()
