#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How requests are sent again, how fast, and that nobody waits for another: what a service sees of it."""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

import silence
from harness import DEADLINE, KEY, PATIENCE, REGION, SECRET, Authority, Nobody, need, scratch
from ward import Case, Ward, main

need("openssl")

MINUTE = 60
# What name, TCP and TLS may take together (HTTP_CONNECT_MS). Seconds.
CONNECT = 5
OTHER = "eu-central-1"

ROOT = Authority("Corp Root", days=3650)


class Crowd(Ward):
    """`count` directories that trust the same, and have all that they are to have unless `bare`."""

    def __init__(self, count, *options, bare=False, accounts=None, concurrency=4, **terms):
        super().__init__(*options)
        have = {} if bare else {"ldaps": "Enabled", "certificates": [{"pem": ROOT.pem}]}
        self.ids = self.service.control("create", name="d#.example.com", count=count, **have)["directories"]
        self.write(json.dumps({
            "version": 1, "accounts": {"lane": {"concurrency": concurrency, **(accounts or {})}},
            "defaults": {"account": "lane", "regions": [REGION], "policy": "sync", "client_ldaps": "enabled"},
            "authorities": {"root": {"certificates": [ROOT.path]}},
            "directories": [{"id": directory, "trust": ["root"]} for directory in self.ids], **{"interval": "15m", **terms}}))


def refused(lines, outcome="ThrottlingException"):
    return sum(line["outcome"] == outcome for line in lines)


class Door:
    """`with Door(port) as door`: a port that leads to another, or, to 0, one where connections end; counts them and what was sent there."""

    def __init__(self, port, hears=False):
        self.port, self.count, self.known = port, 0, None
        self.hears, self.heard = hears, 0   # whether it takes a request before the end, and how many it took
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=20)

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def url(self, scheme):
        return "%s://127.0.0.1:%d" % (scheme, self.listener.getsockname()[1])

    def serve(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:     # the end
                return
            self.count += 1
            if self.known:
                open(self.known, "w").close()
            if not self.port:
                self.heard += self.hears and near.recv(65536) != b""
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.port))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Early(Case):
    """`plan` connects before it has anything to ask."""

    def test_used(self):
        """While the keys are still being got; and what it asks then goes over that connection."""
        with Crowd(1, accounts={"profile": "slow"}) as ward, Door(ward.service.port) as door:
            door.known = os.path.join(ward.home, "connected")
            giver, config = os.path.join(ward.home, "giver"), os.path.join(ward.home, "config")
            with open(giver, "w") as file:
                file.write("#!/bin/sh\nfor i in $(seq %d); do [ -e %s ] && break; sleep 0.1; done\n[ -e %s ] && exec cat <<END\n%s\nEND\n" % (
                    10 * DEADLINE, door.known, door.known, json.dumps({"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET})))
            os.chmod(giver, 0o700)
            with open(config, "w") as file:
                file.write("[profile slow]\ncredential_process = %s\n" % giver)
            ward.expect(0, "plan", AWS_CONFIG_FILE=config, AWS_ENDPOINT_URL_DIRECTORY_SERVICE=door.url("http"))
            self.assertEqual(door.count, 1)
            self.assertEqual(ward.calls(), {"DescribeDirectories": 1, "DescribeLDAPSSettings": 1, "ListCertificates": 1})
            os.unlink(giver)    # the key is in it

    def test_failed(self):
        """A connection that fails is the first attempt of what was to go over it, not one more."""
        for attempts in (1, 3):
            with Crowd(1) as ward, Door(0) as door:
                done = ward.expect(1, "plan", AWS_ENDPOINT_URL_DIRECTORY_SERVICE=door.url("https"), AWS_MAX_ATTEMPTS=str(attempts))
                self.assertIn("Unreadable", done.out)
                self.assertEqual(door.count, attempts)

    def test_silent(self):
        """Nor is a request that was sent over it, and had no answer, sent once more than any other."""
        for attempts in (1, 3):
            with Crowd(1) as ward, Door(0, hears=True) as door:
                ward.expect(1, "plan", AWS_ENDPOINT_URL_DIRECTORY_SERVICE=door.url("http"), AWS_MAX_ATTEMPTS=str(attempts))
                self.assertEqual((door.heard, door.count), (attempts, attempts))

    def test_needed(self):
        """Only where something will be asked."""
        with Crowd(2) as ward, Door(0) as door:
            def connections(status, *words):
                before = door.count
                ward.expect(status, *words)
                return door.count - before
            with open(ward.path) as file:
                terms = json.load(file)
            terms["directories"][1]["regions"] = [OTHER]
            ward.write(json.dumps(terms))
            ward.variables.update(AWS_ENDPOINT_URL_DIRECTORY_SERVICE=door.url("https"), AWS_MAX_ATTEMPTS="1")
            self.assertEqual(connections(0, "forecast", "--offline"), 0)
            self.assertEqual(connections(1, "plan", "--directory", "d-0123456789"), 0)
            self.assertEqual(connections(1, "plan", "--directory", ward.ids[0]), 1)
            self.assertEqual(connections(1, "plan"), 2)


class Attempts(Case):
    """How often the real program sends what fails."""

    def sent(self, fault, operation="ListCertificates", **variables):
        with Crowd(1) as ward:
            ward.service.fault("%s:*:%s" % (operation, fault))
            ward.expect(1, "plan", **variables)
            return len(ward.service.requests(operation))

    def test_standard(self):
        """What may pass is sent three times, what is final once, a page or the sweep as well."""
        for fault, count in (("bare503", 3), ("ThrottlingException", 3), ("InternalFailure", 3),
                             ("AccessDeniedException", 1), ("ClientException", 1), ("empty", 1)):
            with self.subTest(fault):
                self.assertEqual(self.sent(fault), count)
        self.assertEqual(self.sent("bare503", "DescribeDirectories"), 3)

    def test_settings(self):
        """AWS_MAX_ATTEMPTS, before max_attempts of the account's profile."""
        self.assertEqual(self.sent("bare503", AWS_MAX_ATTEMPTS="1"), 1)
        self.assertEqual(self.sent("bare503", AWS_MAX_ATTEMPTS="2"), 2)
        with Crowd(1, accounts={"profile": "ops"}) as ward:
            config = os.path.join(ward.home, "config")
            with open(config, "w") as file:
                file.write("[profile ops]\nmax_attempts = 2\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            ward.service.fault("ListCertificates:*:bare503")
            ward.expect(1, "plan", AWS_CONFIG_FILE=config)
            self.assertEqual(len(ward.service.requests("ListCertificates")), 2)
            ward.expect(1, "plan", AWS_CONFIG_FILE=config, AWS_MAX_ATTEMPTS="1")
            self.assertEqual(len(ward.service.requests("ListCertificates")), 3)
            os.unlink(config)   # the key is in it

    def test_nonsense(self):
        """A setting that is none is told of every directory, and nothing is sent."""
        with Crowd(1) as ward:
            done = ward.expect(1, "plan", "--detailed-exitcode", AWS_MAX_ATTEMPTS="often")
            self.assertIn("AWS_MAX_ATTEMPTS is 'often'; it takes a number from 1 on", " ".join(done.out.split()))
            self.assertEqual(ward.service.requests(), [])

    def test_quota(self):
        """60 directories that fail are not asked three times each: 500 tokens pay for 100 further attempts of all workers."""
        with Crowd(60, concurrency=20) as ward:
            ward.service.fault("ListCertificates:*:bare503")
            ward.expect(1, "plan")
            self.assertEqual(len(ward.service.requests("ListCertificates")), 60 + 500 // 5)

    def test_clock(self):
        """A clock that is an hour off is corrected once for all workers, by the time that a reply tells."""
        with Crowd(60) as ward:
            own = os.path.join(ward.home, "own-clock")
            with open(own, "w") as file:
                file.write("3600\n")
            summary = ward.expect(0, "plan", "--json", LDAPSWARD_DEMO_CLOCK=own).json["summary"]
            lines = ward.service.requests()
            self.assertEqual(summary["unread"], 0)
            # the sweep, by one worker, finds it out
            self.assertEqual([line["operation"] for line in lines if line["outcome"] != "OK"], ["DescribeDirectories"], lines[:3])


class BackOff(Case):
    """What failed and may pass is looked at again soon, then ever more rarely."""

    def times(self, fault, operation, count):
        """When the first `count` tries of an operation came, in seconds since the first of them."""
        with Crowd(2) as ward, ward.run(AWS_MAX_ATTEMPTS="1") as daemon:
            daemon.passes(1)
            # the next pass of itself is then 14 minutes away at least, and does not come amid the tries
            daemon.turn(lambda: daemon.ended_passes() > 1, "a pass when it is due", 30)
            ward.move(MINUTE)
            before = len(ward.service.requests())
            ward.service.fault("%s:*:%s" % (operation, fault))

            def seen():
                return [line["time"] for line in ward.service.requests()[before:]
                        if line["operation"] == operation and line["directory"] in ("", ward.ids[0])]
            daemon.hangs_up("taken: ")
            daemon.turn(lambda: len(seen()) >= count, "%d tries" % count, 5)
            times = seen()
            ward.service.control("fault", clear=True)
            daemon.turn(lambda: ward.report(ward.ids[0])["standing"] == "ready", "the first that succeeds", 60)
            return [one - times[0] for one in times]

    def grows(self, times):
        for number, (one, other) in enumerate(zip(times, times[1:])):
            least = 15 * 2 ** number
            # whole seconds, steps of 5 s, and what a busy machine adds
            self.assertGreaterEqual(other - one, least - 2, times)
            self.assertLessEqual(other - one, 2 * least + 10 * PATIENCE, times)

    def test_directory(self):
        """One directory, by itself."""
        self.grows(self.times("bare503", "ListCertificates", 5))

    def test_region(self):
        """The list of directories: one request tries for all of them."""
        self.grows(self.times("ThrottlingException", "DescribeDirectories", 5))

    def test_final(self):
        """What only somebody can mend waits for the interval."""
        with Crowd(1) as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.service.fault("ListCertificates:*:AccessDeniedException")
            before = len(ward.service.requests("ListCertificates"))
            for _ in range(3):
                daemon.later(15 * MINUTE)
            self.assertEqual(len(ward.service.requests("ListCertificates")) - before, 3)


class Pace(Case):
    def test_throttled(self):
        """500 directories at 50 requests a second: in about the ideal time, hardly one in vain, and none is lost."""
        ratio = self.throttled()
        for _ in range(2):      # something else may keep the machine busy
            if ratio > 1.25 * PATIENCE:
                ratio = self.throttled()
        self.assertLessEqual(ratio, 1.25 * PATIENCE)

    def throttled(self):
        """How many times the ideal time it takes."""
        rate = burst = 50
        with Crowd(500, "--latency", "50", "--rate", rate, "--burst", burst) as ward:
            begun = time.monotonic()
            summary = ward.expect(0, "plan", "--json", LDAPSWARD_DEMO_CLOCK="").json["summary"]
            took, lines = time.monotonic() - begun, ward.service.requests()
        wasted = refused(lines)
        ratio = took / ((len(lines) - wasted - burst) / rate)
        print("# %.2f of the ideal time, %.1f %% wasted" % (ratio, 100 * wasted / len(lines)), flush=True)
        self.assertEqual(summary["unread"], 0)
        self.assertGreaterEqual(len(lines) - wasted, 1000)
        self.assertLessEqual(wasted, 0.05 * len(lines))
        return ratio

    def test_unsteady(self):
        """A service that saves up no burst, with many in flight: none is lost."""
        with Crowd(60, "--rate", "40", "--burst", "1", concurrency=32) as ward:
            self.assertEqual(ward.expect(0, "plan", "--json").json["summary"]["unread"], 0)

    def test_fairness(self):
        """Under throttling, and beside some that fail, the slowest directory completes as many passes as the others."""
        passes, bad = 6, 4
        with Crowd(40, "--rate", "60", "--burst", "20", "--latency", "10") as ward:
            for directory, fault in zip(ward.ids, ("bare503", "InternalFailure", "AccessDeniedException", "cut-body")):
                ward.service.fault("ListCertificates:*:%s@%s" % (fault, directory))
            with ward.run() as daemon:
                daemon.passes(1)
                for count in range(2, passes + 1):
                    daemon.quiet()
                    ward.move(15 * MINUTE)
                    daemon.passes(count)
            lines = ward.service.requests()
            looks = [min(sum(line["directory"] == directory and line["operation"] == operation and line["outcome"] == "OK"
                             for line in lines) for operation in ("ListCertificates", "DescribeLDAPSSettings"))
                     for directory in ward.ids[bad:]]
            self.assertGreater(refused(lines), 0, "it was throttled")
            self.assertGreaterEqual(statistics.median(looks), passes)
            self.assertGreaterEqual(min(looks), 0.8 * statistics.median(looks))


class Lanes(Case):
    """An account in a Region is a lane; what is dead delays no other."""

    PASSES, PASSES_MAX = 5, 25
    SLOWER = 1.3 * PATIENCE

    def dead(self, mute, closed):
        """Accounts that are dead, each in its own way."""
        accounts = {"hangs": {"endpoint": "http://127.0.0.1:%d" % mute},
                    "refuses": {"endpoint": "http://127.0.0.1:%d" % closed},
                    "keyless": {"role_arn": "arn:aws:iam::111122223333:role/x", "sts_endpoint": "http://127.0.0.1:%d" % mute}}
        if "SILENT" in os.environ:
            accounts["nameless"] = {"endpoint": "https://hang.invalid"}
        return accounts

    def crowd(self, dead):
        """60 directories of one account, beside 20 of each account that is dead."""
        ward = Crowd(60, "--latency", "20")
        with open(ward.path) as file:
            config = json.load(file)
        for number, (name, terms) in enumerate(dead.items()):
            config["accounts"][name] = terms
            config["directories"] += [{"id": "d-00000%x%04x" % (number + 1, one), "trust": ["root"], "account": name}
                                      for one in range(20)]
        ward.write(json.dumps(config))
        return ward

    def time(self, ward, daemon, count):
        """How long pass `count` over the 60 took, from the moment when it was due. Seconds."""
        begun, before = time.monotonic(), len(ward.service.requests())
        ward.move(15 * MINUTE)
        daemon.says("a pass over account 'lane'", count)
        lines = [line for line in ward.service.requests()[before:] if line["region"] == REGION]
        self.assertEqual(sum(line["operation"] == "DescribeLDAPSSettings" for line in lines), 60)
        return lines[-1]["monotonic_ms"] / 1000 - begun

    def times(self, dead):
        """
        How long passes took alone and beside accounts that are dead, in turns, so that both see the same machine: five of
        each, and more while these do not tell, as something else may keep the machine busy.
        """
        alone, beside, begun = [], [], time.monotonic()
        with self.crowd({}) as quiet, self.crowd(dead) as loud, quiet.run() as one, loud.run() as other:
            for daemon in (one, other):
                daemon.says("a pass over account 'lane'")
            for count in range(2, self.PASSES_MAX + 2):
                alone.append(self.time(quiet, one, count))
                beside.append(self.time(loud, other, count))
                if count > self.PASSES and min(beside) <= self.SLOWER * min(alone):
                    break
            # all of them were tried, and are still being tried; but for a name, which is given up after three attempts
            other.says("account 'refuses'")
            with open("/proc/%d/net/udp" % other.pid) as file:
                asked = [line.split()[2] for line in file.readlines()[1:]]
            log, trying = other.log(), set(dead) - {"refuses"}
            if time.monotonic() - begun > 3 * CONNECT:
                trying -= {"nameless"}
            for name in trying:
                self.assertNotIn("a pass over account '%s'" % name, log)
            if "nameless" in trying:
                self.assertIn(":0035", "".join(asked), "a name is asked for")
        return alone, beside

    def test_dead(self):
        """One that hangs, one that refuses, one without keys and one with a dead name server, beside one that keeps its time."""
        if "SILENT" not in os.environ and silence.possible(scratch("silence")):
            done = subprocess.run(silence.command(scratch("silence"), sys.executable, os.path.abspath(__file__), self.id().partition(".")[2]),
                                  env={**os.environ, "SILENT": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=4 * DEADLINE, check=False)
            print("".join(line for line in done.stdout.splitlines(True) if line.startswith("#")), end="", flush=True)
            self.assertEqual(done.returncode, 0, done.stdout)
            return
        if "SILENT" not in os.environ:
            print("# without the dead name server: this machine lets us have no network and mounts of our own", flush=True)
        with Nobody() as closed, socket.create_server(("127.0.0.1", 0), backlog=200) as mute:
            dead = self.dead(mute.getsockname()[1], closed)
            alone, beside = self.times(dead)
        print("# a pass takes %.2f s (%.2f to %.2f), beside %d dead accounts %.2f s (%.2f to %.2f)" % (
            statistics.median(alone), min(alone), max(alone), len(dead), statistics.median(beside), min(beside), max(beside)), flush=True)
        self.assertLessEqual(min(beside), self.SLOWER * min(alone))
        self.assertLessEqual(statistics.median(beside), 2 * PATIENCE * statistics.median(alone))


if __name__ == "__main__":
    main()
