#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`status` for people at a terminal, for scripts and for Nagios."""

import json
import os
import pty
import select
import signal
import subprocess
import time

from harness import DEADLINE, Authority, need, wait_until
from ward import Case, Ward, main

need("openssl")

ROOT = Authority("Corp Root", days=3650)
PAGE, LEAVE, HOME = "\033[?1049h\033[?7l", "\033[?7h\033[?1049l", "\033[H"


class Pair(Ward):
    def __init__(self, **terms):
        super().__init__()
        self.one = self.service.create("one.example.com")
        self.other = self.service.create("other.example.com")
        self.configure(directories=[{"id": directory, "trust": ["root"]} for directory in (self.one, self.other)],
                       authorities={"root": [ROOT]}, **{"interval": "1h", **terms})


def lead(program, command, environment, told):
    """The leader of a terminal's session. When it ends the terminal hangs up, and what nobody has read yet is gone:
    so it outlives the program, whose pid and exit status it tells, until the terminal is closed."""
    pid = os.fork()
    if pid == 0:
        os.execve(program, command, environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.write(told, b"%d\n" % pid)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    signal.pause()


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, ward, *words, rows=30, columns=80):
        self.seen = ""
        command, environment = ward.command(*words), ward.environment(TERM="xterm", NO_COLOR="1")
        told, tells = os.pipe()
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            try:
                lead(ward.program, command, environment, tells)
            finally:
                os._exit(127)
        os.close(tells)
        self.told = os.fdopen(told, "rb", buffering=0)
        self.pid = int(self.told.readline())
        subprocess.run(["stty", "rows", str(rows), "columns", str(columns)], stdin=self.master, check=True)

    def shows(self, condition, what):
        """Reads until the condition holds of all that was written."""
        end = time.monotonic() + DEADLINE
        while not condition(self.seen):
            if time.monotonic() > end:
                raise AssertionError("%s was not shown: %r" % (what, self.seen[-2000:]))
            self.read(0.1)

    def read(self, wait):
        """Whether there was something to read."""
        ready = select.select([self.master], [], [], wait)[0]
        if ready:
            self.seen += os.read(self.master, 65536).decode()
        return bool(ready)

    def ends(self):
        """Its exit status, once all that it wrote was read."""
        while not select.select([self.told], [], [], 0)[0]:
            self.read(0.1)
        status = int(self.told.readline())
        while self.read(0):
            pass
        self.told.close()
        os.close(self.master)
        os.waitpid(self.leader, 0)
        return status


class Status(Case):
    def test_table(self):
        """All directories at one glance, in 80 columns."""
        with Pair() as ward:
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.other)
            ward("apply")
            out = ward("status").out
            lines = out.splitlines()
            self.assertLessEqual(max(map(len, lines)), 80)
            at = next(number for number, line in enumerate(lines) if line.startswith("DIRECTORY"))
            rows = {line.split()[0]: line.split()[1:] for line in lines[at + 1:at + 3]}
            self.assertEqual(rows[ward.one][:2] + rows[ward.one][3:], ["eu-west-1", "on", "Ready"])
            self.assertIn(int(rows[ward.one][2]), (3649, 3650))
            self.assertEqual(rows[ward.other][:4], ["eu-west-1", "?", "-", "Unknown"])
            self.assertIn("%s, eu-west-1): ready" % ward.one, out)

    def test_config(self):
        """`status` tells what is in the ledger, whatever --config names."""
        with Pair() as ward:
            ward.apply()
            ward.path = "/nowhere/ldapsward.yaml"
            self.assertIn("Ready", ward.expect(0, "status").out)

    def test_unseen(self):
        """Of a directory that no pass has looked at nothing is said that the others contradict."""
        with Pair() as ward:
            ward.apply()
            out = ward.expect(3, "status", "--directory", "d-0000000000").out
            self.assertIn("no pass has looked at it", out)
            self.assertNotIn("neither", out)
            self.assertIn("Nothing that was asked for", ward.expect(0, "history", "--directory", "d-0000000000").out)

    def test_monitor(self):
        """Nagios gets its line, its performance data and its four statuses."""
        with Pair() as ward:
            self.assertEqual(ward.expect(3, "status", "--monitor").out, "LDAPSWARD UNKNOWN - no directory is known yet\n")
            ward.apply()
            line = ward.expect(0, "status", "--monitor").out
            self.assertRegex(line, r"^LDAPSWARD OK - 2 of 2 ready \| directories=2;;;0 ready=2;;;0 errors=0;;0;0 "
                                   r"warnings=0;0;;0 age=\d+s;;;0 days_left=36(49|50);;;\n$")
            ward.service.fault("ListCertificates:*:ThrottlingException@" + ward.one)
            ward.move(3600)
            ward("apply", "--timeout", "5s")
            self.assertRegex(ward.expect(1, "status", "--monitor").out, r"^LDAPSWARD WARNING - .*Throttled \| ")
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.other)
            ward.move(3600)
            ward("apply", "--timeout", "5s")
            self.assertRegex(ward.expect(2, "status", "--monitor").out,
                             r"^LDAPSWARD CRITICAL - .*other.example.com \(%s, eu-west-1\): AccessDenied" % ward.other)
            self.assertEqual(ward.expect(1, "status", "--monitor", "--directory", ward.one).out.count("\n"), 1)

    def test_monitor_unreadable(self):
        """A ledger that cannot be read is unknown, not an error of its own kind."""
        with Pair() as ward:
            ward.apply()
            with open(os.path.join(ward.state, "ledger.sqlite"), "r+b") as file:
                file.write(b"no database" * 100)
            self.assertRegex(ward.expect(3, "status", "--monitor").out, "^LDAPSWARD UNKNOWN - .*ledger")

    def test_watch(self):
        """On a terminal --watch follows the ledger, draws over what was there, and ends with Ctrl-C as if it had not been."""
        with Pair() as ward:
            terminal = Terminal(ward, "status", "--watch")
            terminal.shows(lambda seen: "Nothing is known yet" in seen, "that nothing is known")
            ward.apply()
            terminal.shows(lambda seen: seen.count("Ready") >= 2, "what apply did")
            os.write(terminal.master, b"\x03")
            self.assertEqual(terminal.ends(), 0)
            self.assertTrue(terminal.seen.startswith(PAGE))
            self.assertTrue(terminal.seen.rstrip("\r\n").endswith(LEAVE), repr(terminal.seen[-40:]))
            self.assertEqual(terminal.seen.count(PAGE), 1)
            self.assertNotIn("\033[2J", terminal.seen, "clearing first is what flickers")
            for page in terminal.seen.split(HOME)[1:]:
                self.assertLess(page.count("\n"), 30, "no page scrolls")

    def test_watch_small(self):
        """What does not fit the terminal is left out, not scrolled."""
        with Pair() as ward:
            ward.apply()
            terminal = Terminal(ward, "status", "--watch", rows=5)
            terminal.shows(lambda seen: "Ready" in seen, "the table")
            os.kill(terminal.pid, signal.SIGWINCH)      # stty may have come too late for the first page
            terminal.shows(lambda seen: seen.count(HOME) >= 2 and seen.endswith("\033[J"), "another page")
            os.kill(terminal.pid, signal.SIGTERM)
            self.assertEqual(terminal.ends(), 0)
            self.assertEqual(terminal.seen.split(HOME)[-1].count("\n"), 4)

    def test_watch_elsewhere(self):
        """Without a terminal --watch is refused, unless --json asks for it: then each change is a document."""
        with Pair() as ward:
            self.assertIn("draws on a terminal", ward.expect(1, "status", "--watch").err)
            with ward.run("status", "--watch", "--json") as watcher:
                watcher.wait(lambda: '"directories":[]' in watcher.log(), "the first document")
                ward.apply()
                def last():
                    return json.loads('{"version":' +
                                      watcher.log().rpartition('{"version":')[2])
                def both():
                    try:
                        return sorted(report["standing"] for report in last()["directories"]) == ["ready", "ready"]
                    except ValueError:      # half of it was written
                        return False
                watcher.wait(both, "the last document has both")
            wait_until(lambda: not watcher.alive(), "it ended")


if __name__ == "__main__":
    main()
