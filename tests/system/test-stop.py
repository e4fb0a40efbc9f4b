#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGTERM ends `run` and `apply` within two seconds, whatever is in flight (ward.END, checked by every stop)."""

import signal
import socket

import silence
from harness import Authority, need
from ward import Case, Daemon, Ward, main

need("openssl")

ROOT = Authority("Corp Root", days=3650)


class Place(Ward):
    def __init__(self, *options):
        super().__init__(*options)
        self.directory = self.service.create("corp.example.com")
        self.configure([{"id": self.directory, "trust": ["root"]}], {"root": [ROOT]})

    def both(self, condition, prepare=None):
        """Starts `run` and `apply`, waits until the condition holds, and stops them: run with 0, apply with 1."""
        for words, status in ((("run", "--debug"), 0), (("apply",), 1)):
            if prepare:
                prepare()
            before = len(self.service.requests())
            with self.run(*words, LDAPSWARD_DEMO_SKIP="") as daemon:
                daemon.wait(lambda: condition(daemon, before), "what is in flight")
                daemon.stop(status=status)


class Stop(Case):
    def test_idle(self):
        """With nothing in flight; SIGINT is the same."""
        with Place() as ward:
            ward.apply()
            for number in (signal.SIGTERM, signal.SIGINT):
                ward.move(60)
                with ward.run() as daemon:
                    daemon.passes(1)
                    daemon.quiet()
                    daemon.process.send_signal(number)
                    daemon.ends(0)

    def test_at_once(self):
        """In the first moments."""
        with Place("--latency", "100") as ward:
            for _ in range(5):
                with ward.run() as daemon:
                    daemon.says("ldapsward .* with 1 director")

    def test_waiting(self):
        """While `apply` waits for a registration."""
        with Place("--delay", "register=never") as ward, ward.run("apply", LDAPSWARD_DEMO_SKIP="") as applying:
            applying.wait(lambda: ward.service.requests("RegisterCertificate"), "the registration")
            applying.stop(status=1)
            self.assertIn("0 of 1", applying.log())

    def test_slow(self):
        """An API that takes ten seconds for each reply."""
        with Place("--latency", "10000") as ward:
            ward.both(lambda daemon, before: connected(daemon.pid, ward.service.port))

    def test_hanging(self):
        """An API that takes the request and never answers."""
        with Place() as ward:
            ward.service.fault("*:*:hang")
            ward.both(lambda daemon, before: len(ward.service.requests()) > before)

    def test_mute(self):
        """An API that takes the connection and reads nothing."""
        with Place() as ward, socket.create_server(("127.0.0.1", 0)) as server:
            ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = "http://127.0.0.1:%d" % server.getsockname()[1]
            ward.both(lambda daemon, before: connected(daemon.pid, server.getsockname()[1]))

    def test_handshake(self):
        """An API that never answers the TLS handshake."""
        with Place() as ward, socket.create_server(("127.0.0.1", 0)) as server:
            ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = "https://127.0.0.1:%d" % server.getsockname()[1]
            ward.both(lambda daemon, before: connected(daemon.pid, server.getsockname()[1]))

    def test_unreachable(self):
        """While a throttled or unreachable API is waited for before the next attempt."""
        for fault in ("ThrottlingException", "bare503", "cut-before"):
            with Place() as ward:
                ward.service.fault("*:*:" + fault)
                ward.both(lambda daemon, before: len(ward.service.requests()) > before)

    def test_write(self):
        """During a write whose reply never comes: its outcome is found by looking at the next start."""
        for words, status in ((("run", "--debug"), 0), (("apply",), 1)):
            with Place("--allow", "duplicate") as ward:
                ward.service.fault("RegisterCertificate:1:hang")
                with ward.run(*words, LDAPSWARD_DEMO_SKIP="") as daemon:
                    daemon.wait(lambda: ward.service.requests("RegisterCertificate"), "the write")
                    daemon.stop(status=status)
                    self.assertEqual("Stopped; the same command goes on" in daemon.log(), words == ("apply",))
                ward.move(60)
                ward.apply()
                self.converged(ward, ward.directory, 1)
                self.assertEqual(ward.writes(), ["RegisterCertificate", "EnableLDAPS"])
                self.assertEqual(len(ward.service.requests("RegisterCertificate")), 1)

    def test_many(self):
        """With looks at a hundred directories queued behind one that hangs."""
        with Place() as ward:
            found = ward.service.control("create", name="d#.example.com", count=100,
                                         type="ADConnector")["directories"]
            ward.configure([{"id": directory, "trust": ["root"]} for directory in found], {"root": [ROOT]})
            ward.service.fault("ListCertificates:*:hang")
            ward.both(lambda daemon, before: len(ward.service.requests()) >= before + 5)

    def test_name_server(self):
        """A name server that never answers."""
        with Place() as ward:
            if not silence.possible(ward.home):
                self.skipTest("no network and mount namespaces to put a silent name server into")
            ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = "https://hang.invalid"
            for words, status in ((("run", "--debug"), 0), (("apply",), 1)):
                with Daemon(ward, *words, before=silence.command(ward.home)) as daemon:
                    daemon.wait(lambda: asks_for_a_name(daemon.pid), "the question to the name server")
                    daemon.stop(status=status)


def connected(pid, port):
    """Whether a connection to a port of this host is established, as /proc/PID/net/tcp tells it."""
    with open("/proc/%d/net/tcp" % pid) as file:
        return any(line.split()[2].endswith(":%04X" % port) and line.split()[3] == "01" for line in file.readlines()[1:])


def asks_for_a_name(pid):
    """Whether a socket of its network is connected to a name server: it waits for the answer."""
    try:
        with open("/proc/%d/net/udp" % pid) as file:
            return any(line.split()[2].endswith(":0035") for line in file.readlines()[1:])
    except OSError:
        return False


if __name__ == "__main__":
    main()
