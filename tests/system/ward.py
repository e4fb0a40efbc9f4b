# SPDX-License-Identifier: Apache-2.0
"""ldapsward against an emulator, with a configuration, a state directory and a clock of its own.

    from ward import Case, Ward

    with Ward("--delay", "register=60") as ward:              # options of the emulator
        corp = ward.service.create("corp.example.com")
        ward.configure(directories=[{"id": corp, "trust": ["root"]}], authorities={"root": [root]})
        done = ward("apply", "--json")                        # done.status, done.out, done.err, done.json
        ward.move(86400)                                      # the clock of both; nothing must be on its way
        with ward.run() as daemon:                            # ends it at the end, and checks how it ended
            daemon.passes(1)                                  # waits until so many have ended, and what they led to
            daemon.later(86400)                               # moves the clock and waits for the pass that is due
            daemon.settles(corp)                              # turns the clock until `status` says ready
            daemon.says("Registered")                         # waits for a line of the log

`apply` skips what it would wait for, by moving the clock (LDAPSWARD_DEMO_SKIP). Nothing that the
program printed, logged or keeps may contain a secret: that is looked at when a command ends and when
the Ward ends (design N14).
"""

import concurrent.futures
import glob
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

from harness import DEADLINE, PATIENCE, PROGRAM, REGION, SECRET, Authority, Emulator, scratch, wait_until

_numbers = itertools.count(1)

# A program that is asked to end has ended after so long, whatever is in flight: two seconds are promised. Seconds.
END = 2 * PATIENCE
# The program reads its clock every 20 ms (SCHEDULER_DEMO_MS); where nothing was sent for longer than that, and all
# threads of program and service slept, the program waits. Seconds.
QUIET = 0.1
# Looked at so often in that time, at least: a test that was itself not run has seen nothing.
QUIET_LOOKS = 4
# Cases that run at once: they sleep more than they work.
PARALLEL = 6

# What no output may contain: the key, and what would give away a signature or a certificate's body.
SECRETS = (SECRET, "Signature=", "AWS4-HMAC", "BEGIN CERTIFICATE", "PRIVATE KEY")


def secretless(text, where):
    for secret in SECRETS:
        if secret in text:
            raise AssertionError("%s shows a secret (%s...)" % (where, secret[:9]))


class Done:
    """A command that ended: its exit `status`, `out` and `err`."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        found = json.loads(self.out)
        if found["version"] != 1:
            raise AssertionError("version %r of the JSON shape" % found["version"])
        return found

    def __repr__(self):
        return "exit status %d\n%s%s" % (self.status, self.out, self.err)


class Ward:
    """See the head of this file."""

    def __init__(self, *options, program=PROGRAM, tls=False):
        self.home = scratch("ward-%d" % next(_numbers))
        os.mkdir(self.home)
        self.program = program
        self.path = os.path.join(self.home, "ldapsward.yaml")
        self.state = os.path.join(self.home, "state")
        self.clock = os.path.join(self.home, "clock")
        self.variables = {}     # more for the program's environment
        self.daemons = 0
        os.mkdir(self.state, 0o700)
        self.shift = 0
        self.service = Emulator("--clock-file", self.clock, *options, tls=tls)

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        self.service.stop()
        if kind is None:
            self.check_secrets()

    def check_secrets(self):
        for name in glob.glob(self.home + "/**", recursive=True):
            if os.path.isfile(name):
                with open(name, "rb") as file:
                    secretless(file.read().decode("latin-1"), name)

    # The clock.

    @property
    def shift(self):
        with open(self.clock) as file:
            return int(file.read())

    @shift.setter
    def shift(self, seconds):
        with open(self.clock + ".new", "w") as file:
            file.write("%d\n" % seconds)
        os.rename(self.clock + ".new", self.clock)

    def now(self):
        return int(time.time()) + self.shift

    def move(self, seconds):
        self.shift += seconds

    # The file.

    def configure(self, directories, authorities, interval="15m", policy="sync", regions=(REGION,),
                  client_ldaps="enabled", **defaults):
        """Writes the configuration; authorities are lists of Authority or of paths. YAML takes JSON."""
        for word, value in (("policy", policy), ("regions", list(regions)), ("client_ldaps", client_ldaps)):
            if value is not None:
                defaults[word] = value
        self.write(json.dumps({
            "version": 1, "interval": interval, "defaults": defaults,
            "authorities": {name: {"certificates": [ca.path if isinstance(ca, Authority) else ca for ca in some]}
                            for name, some in authorities.items()},
            "directories": directories}, indent=1))

    def write(self, text):
        with open(self.path + ".new", "w") as file:
            file.write(text)
        os.rename(self.path + ".new", self.path)

    # Commands.

    def command(self, *words):
        return [self.program, *[str(word) for word in words], "--config", self.path] + (
            [] if words[0] == "check" else ["--state-dir", self.state])

    def environment(self, **more):
        return self.service.environment(**{"LDAPSWARD_DEMO_CLOCK": self.clock, "LDAPSWARD_DEMO_SKIP": "1",
                                           **self.variables, **more})

    def __call__(self, *words, deadline=DEADLINE, **variables):
        """Runs a command to its end."""
        done = subprocess.run(self.command(*words), env=self.environment(**variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=deadline, text=True, check=False)
        secretless(done.stdout + done.stderr, words[0])
        return Done(done.returncode, done.stdout, done.stderr)

    def expect(self, status, *words, **variables):
        """Runs a command that must end with this status."""
        done = self(*words, **variables)
        if done.status != status:
            raise AssertionError("`%s` was to end with %d: %s" % (" ".join(map(str, words)), status, done))
        return done

    def apply(self, *words, status=0):
        return self.expect(status, "apply", *words)

    def report(self, directory, *words):
        """What `status` (or `plan`) knows of one directory, whatever its exit status is; None if nothing."""
        found = self(*(words or ("status",)), "--json")
        for report in found.json["directories"] if found.out else []:
            if report["directory"] == directory:
                return report
        return None

    def reasons(self, directory, *words):
        """The names of the conditions that `status` tells of a directory."""
        report = self.report(directory, *words)
        return [condition["reason"] for condition in report["conditions"]] if report else []

    def condition(self, directory, reason, *words):
        """One condition of a directory, waited for: what a look or a write led to may yet be on its way to the ledger."""
        def told():
            report = self.report(directory, *words)
            return [condition for condition in report["conditions"] if condition["reason"] == reason] if report else []
        try:
            return wait_until(told, reason)[0]
        except AssertionError:
            raise AssertionError("no %s of %s in %s" % (reason, directory, json.dumps(self.report(directory, *words), indent=1)))

    def only_condition(self, directory, reason):
        """Waits until `status` tells this condition of a directory, and no other."""
        wait_until(lambda: self.reasons(directory) == [reason], "%s alone of %s" % (reason, directory))

    def history(self, directory=None):
        """(action, outcome) of all that was done, in order."""
        return [(entry["action"], entry["outcome"]) for entry in self.expect(0, "history", "--json").json["entries"]
                if directory in (None, entry["directory"])]

    def run(self, *words, **variables):
        """Starts the daemon."""
        return Daemon(self, *words, **variables)

    # What the service saw.

    def calls(self, since=0):
        """How many requests of each operation came after the first `since`."""
        found = {}
        for line in self.service.requests()[since:]:
            found[line["operation"]] = found.get(line["operation"], 0) + 1
        return found

    def writes(self, directory=None, since=0):
        """The operations of the executed writes, in order."""
        return [line["operation"] for line in self.service.writes()[since:]
                if line["executed"] and directory in (None, line["directory"])]


class Daemon:
    """`ldapsward run`, or another command in the background, run by the words of `before`; see the head of this file."""

    def __init__(self, ward, *words, before=(), **variables):
        self.ward = ward
        ward.daemons += 1
        self.log_path = os.path.join(ward.home, "log-%d" % ward.daemons)
        self.quiet_size = -1    # of the request log; -1 where more may be on its way
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen([*before, *ward.command(*(words or ("run", "--debug")))], env=ward.environment(**variables),
                                        stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        if kind is None:
            if not self.log_file.closed:
                self.stop()
        else:
            self.kill()
            print("".join("    | " + line for line in self.log().splitlines(True)[-60:]), flush=True)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self.log_file.close()

    def ends(self, status):
        """Waits for its end by itself, with this status."""
        ended = self.process.wait(DEADLINE)
        self.log_file.close()
        secretless(self.log(), "the log")
        if ended != status:
            raise AssertionError("it ended with %d:\n%s" % (ended, self.log()))

    def stop(self, status=0):
        """Asks it to end; it must within END seconds, with this status (None: any)."""
        with open("/proc/%d/cmdline" % self.pid) as file:
            secretless(file.read(), "the command line")
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            ended = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        took = time.monotonic() - begun
        self.log_file.close()
        secretless(self.log(), "the log")
        if took > END:
            raise AssertionError("it took %.2f s to end" % took)
        if status is not None and ended != status:
            raise AssertionError("it ended with %d:\n%s" % (ended, self.log()))
        return took

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def wait(self, condition, what):
        """Waits for a condition of the test's, while the daemon lives."""
        met = []
        def met_or_over():
            met.extend([True] if condition() else [])
            return met or not self.alive()
        wait_until(met_or_over, what)
        if not met and not condition():
            raise AssertionError("the daemon ended before %s:\n%s" % (what, self.log()))

    def says(self, text, times=1):
        """Waits until the log has a text (a regular expression), so many times at least."""
        self.wait(lambda: len(re.findall(text, self.log())) >= times, "the log said %r %d times" % (text, times))

    def ended_passes(self):
        return self.log().count("a pass over account")

    def passes(self, count):
        """Waits until so many passes have ended since the start, and what was found is in the ledger, for `status` to read."""
        self.wait(lambda: self.ended_passes() >= count, "pass %d had ended" % count)
        self.quiet()

    def still_quiet(self):
        """Whether nothing came since the last quiet(), and nothing was asked for that has yet to come."""
        return self.quiet_size == os.path.getsize(self.ward.service.log_path)

    def later(self, seconds):
        """Moves the clock on and waits for the end of the pass that is due then, and of what it led to."""
        if not self.still_quiet():
            self.quiet()
        before = self.ended_passes()
        self.ward.move(seconds)
        self.passes(before + 1)

    def quiet(self):
        """
        Waits until no request has come for a while, and neither program nor service had anything to
        do: then the clock may move. A request that is signed before it moves and taken after that is
        refused. On a busy machine one of the two may want to run for long before it does.
        """
        size, looks, since = -1, 0, 0.0
        def still():
            nonlocal size, looks, since
            now = os.path.getsize(self.ward.service.log_path)
            if now != size or not asleep(self.pid) or not asleep(self.ward.service.process.pid):
                size, looks, since = now, 0, time.monotonic()
            looks += 1
            return looks > QUIET_LOOKS and time.monotonic() - since > QUIET
        wait_until(still, "the requests ended")
        self.quiet_size = size

    def turn(self, condition, what, step=20):
        """Moves the clock on in steps until a condition holds: what is due at a look happens."""
        end = time.monotonic() + DEADLINE
        self.quiet()
        while not condition():
            if not self.alive() or time.monotonic() > end:
                raise AssertionError("%s did not come:\n%s" % (what, self.log()))
            self.ward.move(step)
            self.quiet()

    def settles(self, directory, standing="ready", step=20):
        """Turns the clock until the ledger says that a directory stands so."""
        def stands():
            report = self.ward.report(directory)
            return report and report["standing"] == standing
        self.turn(stands, "%s of %s" % (standing, directory), step)

    def hangs_up(self, text):
        """Asks it to read the file again and waits until the log says what became of that."""
        said = len(re.findall(text, self.log()))
        self.quiet_size = -1    # a pass follows
        self.process.send_signal(signal.SIGHUP)
        self.says(text, said + 1)


def asleep(pid):
    """Whether no thread of a process, or of one that it has started, runs, wants to or waits for the disk."""
    for path in glob.glob("/proc/%d/task/*" % pid):
        try:
            with open(path + "/stat") as file:
                if file.read().rpartition(")")[2].split()[0] in "RD":
                    return False
            with open(path + "/children") as file:
                if not all(asleep(int(child)) for child in file.read().split()):
                    return False
        except OSError:     # ended in between
            pass
    return True


def main():
    """Runs the cases of the test's file, several at once, or those named on the command line; exits."""
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(sys.argv[1:], module) if sys.argv[1:] else loader.loadTestsFromModule(module)
    scratch()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for line, well in pool.map(run_case, flatten(suite)):
            print(line, flush=True)
            failed += not well
    sys.exit(1 if failed else 0)


def flatten(suite):
    return [case for item in suite for case in (flatten(item) if isinstance(item, unittest.TestSuite) else [item])]


def run_case(case):
    """(what to print, whether it went well)."""
    result = unittest.TestResult()
    begun = time.monotonic()
    case.run(result)
    word = "skipped" if result.skipped else "ok" if result.wasSuccessful() else "FAILED"
    texts = [text for _, text in result.failures + result.errors] + [reason for _, reason in result.skipped]
    return "%-7s %5.1f s  %s: %s%s" % (word, time.monotonic() - begun, case.id().partition(".")[2],
                                       case.shortDescription(), "".join("\n" + text for text in texts)), not texts or (
                                           word == "skipped")


class Case(unittest.TestCase):
    """A test case with what most tests want to say."""

    maxDiff = None

    def converged(self, ward, directory, certificates):
        """So many certificates are Registered and nothing else is listed, and LDAPS is enabled."""
        self.assertEqual(ward.service.state(directory), ["Registered"] * certificates)
        self.assertEqual(ward.service.ldaps(directory), "Enabled")
