#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Between two passes nothing wakes but for the watchdog, and what a reload or a pass took is given back."""

import os
import socket
import sys
import tempfile
import time

from harness import Authority, need, own_mounts, wait_until
from ward import Case, Ward, main

need("openssl", "unshare", "mount")

# Workers leave five seconds after their last job; then all that is left waits. Seconds.
SETTLED = 7
# What is watched, in seconds; nothing is due in it.
WATCHED = 30
# What one that wakes by itself would not get through once. The last of status.json comes up to twenty times as long
# after the pass as it takes to write, which on a busy machine is late.
WATCHES = 3

# A file system of its own: what others do in /tmp, where the scratch directory would be, is noticed by whoever watches
# the way to a configuration that is there.
HOME = "/mnt"

if os.environ.get("TESTS_EFFORT") == "small":
    print("a small effort was asked for, and an instrumented program wakes by itself")
    sys.exit(77)
own_mounts("-t", "tmpfs", "-o", "mode=700", "idle", HOME)
tempfile.tempdir = HOME
ROOT = Authority("Corp Root", days=3650)


class Sleeper(Ward):
    """Ten directories that are as the file wants them, and a service manager that listens."""

    def __init__(self):
        super().__init__()
        one = self.service.create("corp.example.com")
        found = self.service.control("create", name="d#.example.com", count=9)["directories"] + [one]
        self.configure([{"id": one, "trust": ["root"]} for one in found], {"root": [ROOT]})
        self.apply()
        self.runtime = os.path.join(self.home, "run")
        os.mkdir(self.runtime)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(os.path.join(self.home, "notify"))
        self.manager.settimeout(0.05)
        # the kernel's clock alone: that of demonstrations is read many times a second
        self.variables.update(LDAPSWARD_DEMO_CLOCK="", LDAPSWARD_DEMO_SKIP="", RUNTIME_DIRECTORY=self.runtime,
                              NOTIFY_SOCKET=os.path.join(self.home, "notify"))

    def __exit__(self, kind, *unused):
        self.manager.close()
        super().__exit__(kind, *unused)

    def told(self):
        """What the service manager has been told since."""
        found = []
        try:
            while True:
                found += self.manager.recv(4096).decode().split("\n")
        except socket.timeout:
            return found


def switches(pid):
    """How often each thread of a process went to sleep."""
    found = {}
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task)) as file:
            found[task] = sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches:"))
    return found


class Idle(Case):
    def settled(self, ward, daemon):
        """Waits until the first pass is over and all its workers have left."""
        daemon.passes(1)
        seen = {"at": time.monotonic(), "state": None}

        def still():
            try:
                state = (switches(daemon.pid), os.path.getsize(ward.service.log_path))
            except OSError:     # a thread has just ended
                state = None
            if state is None or state != seen["state"]:
                seen.update(at=time.monotonic(), state=state)
            return time.monotonic() - seen["at"] > SETTLED
        wait_until(still, "the end of the pass")

    def test_sleeps(self):
        """Between passes no thread wakes once."""
        with Sleeper() as ward, ward.run() as daemon:
            heard = []
            wait_until(lambda: heard.extend(ward.told()) or any("10 directories: 10 converged" in word for word in heard), "STATUS= said so")
            self.assertIn("READY=1", heard)
            self.settled(ward, daemon)

            def state():
                return switches(daemon.pid), len(ward.service.requests()), ward.told()

            def slept():
                ward.told()
                before = state()
                time.sleep(WATCHED)
                after = state()
                print("before and after: %s %s" % (before, after))
                return after == before and not after[2]
            self.assertTrue(any(slept() for _ in range(WATCHES)))
            self.assertLessEqual(len(switches(daemon.pid)), 2)    # who decides, and who writes status.json

    def test_watchdog(self):
        """With a watchdog it wakes to feed it, and for nothing else."""
        with Sleeper() as ward, ward.run(WATCHDOG_USEC="8000000") as daemon:
            wait_until(lambda: "READY=1" in ward.told(), "the daemon was ready")
            self.settled_fed(ward, daemon)

            def only_fed():
                ward.told()
                before, fed, end = sum(switches(daemon.pid).values()), 0, time.monotonic() + WATCHED
                while time.monotonic() < end:
                    fed += ward.told().count("WATCHDOG=1")
                    time.sleep(0.5)
                fed += ward.told().count("WATCHDOG=1")
                woken = sum(switches(daemon.pid).values()) - before
                print("fed %d times, woken %d times" % (fed, woken))
                self.assertGreaterEqual(fed, 2)
                return woken <= fed + 1
            self.assertTrue(any(only_fed() for _ in range(WATCHES)))

    def settled_fed(self, ward, daemon):
        daemon.passes(1)
        wait_until(lambda: len(os.listdir("/proc/%d/task" % daemon.pid)) <= 2, "the workers had left")
        status = os.path.join(ward.runtime, "status.json")      # is written a second after the last change
        wait_until(lambda: os.path.exists(status) and time.time() - os.stat(status).st_mtime > SETTLED, "status.json is as it is")


if __name__ == "__main__":
    main()
