#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the service costs between passes, beside other daemons that mostly wait.

    idle.py [--quick] [--counts N,N...] [--no-day] [--readme FILE]

`ldapsward run` with fleets of 10, 1,000 and 10,000 directories against one emulator on loopback, over HTTPS, chronyd with
one server on loopback, and certmonger without a request (both Debian's packages). Of each: how often it wakes in a
minute, its proportional set size and what of its memory is its own; of ldapsward also the time from start to ready, that
of a reload, and the memory after a day of passes, which a clock that is moved on makes short. Prints the table; --readme
puts it between the markers of a file. --quick is a small run that shows that all of this works.

Everything runs as it is, with private files and no privilege that is used: chronyd never touches the clock (-x).
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bench import REGIONS, SETTLE_S, Fleet, memory_kib, switches, write_readme  # noqa: E402
from harness import Authority, Emulator, need, own_mounts, scratch, wait_until  # noqa: E402

COUNTS = (10, 1000, 10000)
REGIONS[10] = "eu-north-1"
# A file system of its own.
HOME = "/mnt"
# Wake-ups are counted for so long. Seconds.
WATCH_S = 60
# Passes of a day, and how far apart.
DAY, INTERVAL_S = 96, 900
# Starts and reloads of which the median is told.
TIMES = 5
# A pass over the largest fleet, on a busy machine. Seconds.
PATIENCE_S = 600
# Requests in flight: with the default of 4 a day of the largest fleet would take an hour.
FLIGHT = 50


class Manager:
    """The end of NOTIFY_SOCKET that a service manager holds."""

    def __init__(self, name):
        self.path = scratch(name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE_S)

    def wait(self, word):
        """Waits for a message with a line that begins so."""
        while not any(line.startswith(word) for line in self.socket.recv(4096).decode().split("\n")):
            pass

    def drain(self):
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            pass
        self.socket.settimeout(PATIENCE_S)


class Service:
    """A process that waits most of its time."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.pid = self.process.pid

    def settle(self, busy=lambda: 0):
        """Waits until it has slept for SETTLE_S without a break, and `busy` stayed the same."""
        seen = {"at": time.monotonic(), "state": None}

        def settled():
            if self.process.poll() is not None:
                sys.exit("%s ended with %d" % (self.process.args[0], self.process.returncode))
            state = (switches(self.pid), busy())
            if state != seen["state"]:
                seen.update(at=time.monotonic(), state=state)
            return time.monotonic() - seen["at"] > SETTLE_S
        wait_until(settled, "the end of what %s does" % self.process.args[0], PATIENCE_S)

    def memory(self):
        """(PSS, private dirty) in MiB."""
        os.sync()  # a freshly built binary counts as dirty until it is written back
        return memory_kib(self.pid, "Pss") / 1024, memory_kib(self.pid) / 1024

    def wakes(self, seconds):
        before = switches(self.pid)
        time.sleep(seconds)
        return switches(self.pid) - before

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Ward(Service):
    """`ldapsward run` over a fleet, as under a service manager."""

    numbers = iter(range(1000))

    def __init__(self, fleet, config, **variables):
        self.fleet, self.config = fleet, config
        self.manager = Manager("manager-%d" % next(self.numbers))
        runtime = os.path.join(fleet.home, "run")
        os.makedirs(runtime, exist_ok=True)
        began = time.monotonic()
        command = fleet.command("run", FLIGHT)
        command[command.index("--config") + 1] = config
        super().__init__(command, {**fleet.environment, "NOTIFY_SOCKET": self.manager.path, "RUNTIME_DIRECTORY": runtime,
                                   **variables})
        self.manager.wait("READY=1")
        self.ready_ms = (time.monotonic() - began) * 1000

    def requests(self):
        return os.path.getsize(self.fleet.service.log_path)

    def rest(self):
        """Waits until a pass has been made and nothing more comes of it."""
        self.settle(self.requests)
        # the status file of thousands is written once more, twenty times its time later
        time.sleep(self.fleet.count / 500)
        self.manager.drain()

    def reload_ms(self, number):
        """Another file of the same size that differs in what every directory has."""
        with open(self.config) as file:
            text = file.read()
        with open(self.config + ".new", "w") as file:
            file.write(text.replace("policy: sync", "policy: sync, grace: %dd" % (3 + number)) if number else text)
        os.rename(self.config + ".new", self.config)
        self.manager.drain()
        began = time.monotonic()
        self.process.send_signal(signal.SIGHUP)
        self.manager.wait("READY=1")
        return (time.monotonic() - began) * 1000


def passed(ward):
    """Waits for the end of a pass, which the service manager is told, and that every directory was looked at in it."""
    log = ward.fleet.service.log_path
    ward.manager.wait("STATUS=")
    with open(log, "rb") as file:
        found = file.read().count(b'"ListCertificates"')
    os.truncate(log, 0)
    if found != ward.fleet.count:
        sys.exit("a pass looked at %d of %d directories" % (found, ward.fleet.count))


def simulated(fleet, config, clock, passes):
    """(PSS, private dirty) after one pass and after a day of them. PSS depends on who shares the libraries just then."""
    os.truncate(fleet.service.log_path, 0)
    ward = Ward(fleet, config, LDAPSWARD_DEMO_CLOCK=clock)
    found = []
    try:
        passed(ward)
        time.sleep(SETTLE_S)
        found.append(ward.memory())
        for _ in range(passes):
            ward.manager.drain()
            advance(clock, INTERVAL_S)
            passed(ward)
        time.sleep(SETTLE_S)
        found.append(ward.memory())
        return found
    finally:
        ward.end()


def advance(clock, seconds):
    with open(clock) as file:
        value = int(file.read())
    with open(clock + ".new", "w") as file:
        file.write("%d\n" % (value + seconds))
    os.rename(clock + ".new", clock)


def measure(fleet, clock, quick, day):
    """What the table tells of a fleet, by name."""
    config = fleet.config(FLIGHT, "6h")
    found, starts = {}, []
    os.truncate(fleet.service.log_path, 0)
    ward = Ward(fleet, config)  # the ledger knows every directory from now on
    ward.rest()
    ward.end()
    for _ in range(1 if quick else TIMES):
        ward = Ward(fleet, config)
        starts.append(ward.ready_ms)
        ward.end()
    ward = Ward(fleet, config)
    ward.rest()
    found["wakes"] = ward.wakes(10 if quick else WATCH_S) * (6 if quick else 1)
    found["pss"], found["dirty"] = ward.memory()
    with open(config) as file:
        original = file.read()
    reloads = [ward.reload_ms(number) for number in range(1, 2 if quick else TIMES + 1)]
    ward.rest()
    found["reloaded"] = ward.memory()[0]
    ward.end()
    with open(config, "w") as file:
        file.write(original)
    found["ready"], found["reload"] = statistics.median(starts), statistics.median(reloads)
    if day:
        first, last = simulated(fleet, fleet.config(FLIGHT, "15m"), clock, 4 if quick else DAY)
        found["day"] = last[1] / first[1]
    print("%6d directories: %s" % (fleet.count, ", ".join("%s %.2f" % item for item in found.items())), flush=True)
    return found


def free_port():
    """A UDP port of loopback that nobody has at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


def chrony(home, name, *lines_):
    """The command line of a chronyd that touches neither the clock (-x) nor a place of the system's."""
    os.mkdir(os.path.join(home, name))
    path = os.path.join(home, name, "chrony.conf")
    with open(path, "w") as file:
        file.write("\n".join(["cmdport 0", "bindcmdaddress /", "pidfile %s/%s/pid" % (home, name), "user root", *lines_]) + "\n")
    return ["chronyd", "-d", "-x", "-U", "-f", path]


def peers(quick):
    """The same of other daemons, where they are installed."""
    home = scratch("peers")
    for name in ("requests", "cas"):
        os.makedirs(os.path.join(home, name))
    port = free_port()
    served = chrony(home, "served", "port %d" % port, "bindaddress 127.0.0.1", "local stratum 8", "allow 127.0.0.1")
    commands = {
        "chronyd": chrony(home, "client", "port 0", "server 127.0.0.1 port %d iburst" % port),
        "certmonger": ["certmonger", "-s", "-L", "-n", "-P", home + "/socket", "-p", home + "/certmonger.pid"]}
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin", "HOME": home, "CERTMONGER_CONFIG_DIR": home, "CERTMONGER_TMPDIR": home,
                   "CERTMONGER_REQUESTS_DIR": home + "/requests", "CERTMONGER_CAS_DIR": home + "/cas",
                   "CERTMONGER_LOCAL_CA_DIR": home}

    def start(command):
        path = shutil.which(command[0], path=environment["PATH"])
        return Service([path] + command[1:], environment) if path else None
    found, server = {}, start(served)
    for name, command in commands.items():
        service = start(command)
        if not service:
            print("no " + name, flush=True)
            continue
        try:
            time.sleep(2 * SETTLE_S)  # what it does at its start; chronyd never sleeps for long
            wakes = service.wakes(10 if quick else WATCH_S) * (6 if quick else 1)
            pss, dirty = service.memory()
            found[name] = {"wakes": wakes, "pss": pss, "dirty": dirty}
            print("%s: %d wake-ups a minute, PSS %.1f MiB, private dirty %.1f MiB" % (name, wakes, pss, dirty), flush=True)
        finally:
            service.end()
    if server:
        server.end()
    return found


# What a row is called, of what it tells, and how it is written.
ROWS = [
    ("wake-ups a minute between passes", "wakes", "%d"),
    ("proportional set size after a pass, MiB", "pss", "%.1f"),
    ("of that its own (private dirty), MiB", "dirty", "%.1f"),
    ("its own after a day of passes, as a ratio", "day", "%.2f"),
    ("start to ready, ms", "ready", "%.0f"),
    ("reload, ms", "reload", "%.0f"),
]


def table(columns):
    """Markdown: a column for each thing measured."""
    out = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name, key, form in ROWS:
        out.append("| %s | %s |" % (name, " | ".join(form % found[key] if key in found else "" for found in columns.values())))
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--counts", default=None, help="directories of the fleets, such as 10,1000")
    parser.add_argument("--no-day", action="store_true", help="without the day of passes, which takes longest")
    parser.add_argument("--readme", metavar="FILE")
    arguments = parser.parse_args()
    need("openssl", "unshare", "mount")
    # Whoever has its files below /tmp is woken by what others do there.
    own_mounts("-t", "tmpfs", "-o", "mode=700", "idle", HOME)
    tempfile.tempdir = HOME
    counts = [int(word) for word in arguments.counts.split(",")] if arguments.counts else COUNTS[:1] if arguments.quick else COUNTS
    clock = scratch("clock")
    with open(clock, "w") as file:
        file.write("0\n")
    columns = {}
    authorities = [Authority("Corp CA %d" % number) for number in range(1, 6)]
    with Emulator("--clock-file", clock, tls=True, state=False) as service:
        for count in counts:
            columns["%s directories" % format(count, ",")] = measure(Fleet(service, authorities, count), clock, arguments.quick, not arguments.no_day)
    columns.update(peers(arguments.quick))
    text = table(columns)
    print("\n" + text)
    if arguments.readme:
        write_readme(arguments.readme, text, "idle")


if __name__ == "__main__":
    main()
