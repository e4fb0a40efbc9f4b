#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What one read-only pass costs, side by side with what one would use instead.

    bench.py [--repetitions N] [--quick] [--only WORD] [--readme FILE]

One emulator on loopback with HTTPS serves everybody; directories have five certificates and nothing to
do. Clients take turns in one run, and only medians of ratios between them are judged: the machine is
noisy. Prints every measurement, and the table of goals; --readme puts that table between the markers
of a file. --quick is a small run that shows that all of this works; it judges nothing.

Debian: python3-boto3, awscli, golang-go and golang-github-aws-aws-sdk-go-v2-dev; without the last two the
AWS SDK for Go is left out.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
from harness import BUILD, PROGRAM, Authority, Emulator, need, scratch, wait_until  # noqa: E402

LAUNCH = os.path.join(BUILD, "tests/bench/launch")
# Where Debian has the sources of libraries for Go.
GOPATH = "/usr/share/gocode"
REGIONS = {20: "eu-west-1", 500: "eu-west-2", 1000: "eu-central-1", 10000: "us-east-1"}
LATENCY_MS = 50
# What the service allows in the measurement of throttling. Requests per second, and at once.
RATE, BURST = 50, 50
# A worker leaves after five seconds without work; only then the process is idle. Seconds.
SETTLE_S, WATCH_S = 7, 20
# Starts of each client that are compared: they differ by a third from one to the next.
STARTS = 15
# What a directory may keep in memory, by the goals. KiB.
DIRECTORY_KIB = 2


class Fleet:
    """`count` emulated directories in a Region of their own, and the files that name them."""

    def __init__(self, service, authorities, count):
        self.count, self.region, self.service = count, REGIONS[count], service
        self.home = scratch("fleet-%d" % count)
        os.mkdir(self.home)
        self.ids = service.control(
            "create", name="corp#.example.com", count=count, region=self.region, ldaps="Enabled",
            certificates=[{"pem": one.pem} for one in authorities])["directories"]
        for number, one in enumerate(authorities):
            with open(os.path.join(self.home, "ca%d.pem" % number), "w") as file:
                file.write(one.pem)
        self.trust = ", ".join("ca%d" % number for number in range(len(authorities)))
        self.authorities = len(authorities)
        self.environment = service.environment(region=self.region)

    def config(self, flight, interval="6h"):
        path = os.path.join(self.home, "in-flight-%d-%s.yaml" % (flight, interval))
        if os.path.exists(path):
            return path
        with open(path, "w") as file:
            file.write("version: 1\ninterval: %s\naccounts:\n  bench: {concurrency: %d}\n" % (interval, flight))
            # every certificate leaves a slot free for its successor: else the file is warned of
            file.write("defaults: {account: bench, regions: [%s], policy: sync, client_ldaps: enabled, certificate_limit: %d}\n"
                       % (self.region, 2 * self.authorities))
            file.write("authorities:\n")
            for number in range(self.authorities):
                file.write("  ca%d: {certificates: [ca%d.pem]}\n" % (number, number))
            file.write("directories:\n")
            for number, one in enumerate(self.ids, 1):
                file.write("  - {id: %s, name: corp%d.example.com, trust: [%s]}\n" % (one, number, self.trust))
        return path

    def command(self, verb, flight, *options):
        return [PROGRAM, verb, "--config", self.config(flight), "--state-dir", os.path.join(self.home, "state")] + list(options)

    def client(self, name, flight):
        """The command line of a client, and what it prints if it read everything."""
        if name == "ldapsward":
            return self.command("plan", flight), " in 0 of %d directories." % self.count
        if name == "boto3":
            return ["/usr/bin/python3", os.path.join(HERE, "peer.py"), str(flight)], "%d 0" % self.count
        if name == "go":
            return [scratch("peer-go"), str(flight)], "%d 0" % self.count
        return ["/bin/bash", os.path.join(HERE, "cli.sh")], "%d 0" % self.count


class Sample:
    """One run: wall_s, cpu_s, rss_kib, first_ms (start to first request), requests, throttled, output."""

    def __init__(self, fleet, command):
        log, self.result = fleet.service.log_path, scratch("result")
        os.truncate(log, 0)
        with open(scratch("output"), "w+") as output:
            subprocess.run([LAUNCH, self.result] + command, env=fleet.environment, stdin=subprocess.DEVNULL,
                           stdout=output, stderr=subprocess.STDOUT, check=True)
            output.seek(0)
            self.output = output.read()
        with open(self.result) as file:
            start, wall, cpu, self.rss_kib, self.status = (int(word) for word in file.read().split())
        with open(log) as file:
            lines = file.readlines()
        self.wall_s, self.cpu_s = wall / 1e6, cpu / 1e6
        self.first_ms = json.loads(lines[0])["monotonic_ms"] - start / 1e3
        self.requests = len(lines)
        self.throttled = sum("ThrottlingException" in line for line in lines)


class Bench:
    """All samples by (client, directories, latency, in flight)."""

    def __init__(self, service):
        self.service, self.samples = service, {}

    def run(self, fleet, name, flight, latency):
        command, expected = fleet.client(name, flight)
        self.service.settings(latency=str(latency))
        sample = Sample(fleet, command)
        if expected not in sample.output:
            sys.exit("%s did not read everything:\n%s" % (name, sample.output[-2000:]))
        self.samples.setdefault((name, fleet.count, latency, flight), []).append(sample)
        show(name, fleet.count, latency, flight, sample)

    def median(self, name, count, latency, flight, what):
        return statistics.median(getattr(one, what) for one in self.samples[name, count, latency, flight])

    def ratio(self, ours, theirs, what):
        return self.median("ldapsward", *ours, what) / self.median(*theirs, what)


def show(name, count, latency, flight, sample):
    print("%-10s %6d directories %3d ms %3d in flight: %8.2f s wall %8.1f us CPU/directory %6.1f MiB %7.0f ms to first, %d requests"
          % (name, count, latency, flight, sample.wall_s, sample.cpu_s * 1e6 / count, sample.rss_kib / 1024, sample.first_ms,
             sample.requests), flush=True)


# What takes turns: client, directories, latency, in flight, and in how many of the repetitions.
PLAN = [
    ("ldapsward", 20, LATENCY_MS, 4, 9), ("boto3", 20, LATENCY_MS, 1, 9), ("boto3", 20, LATENCY_MS, 10, 9),
    ("boto3", 20, LATENCY_MS, 50, 9), ("cli", 20, LATENCY_MS, 1, 1),
    ("ldapsward", 20, 0, 4, 9), ("boto3", 20, 0, 1, 9), ("boto3", 20, 0, 10, 9), ("boto3", 20, 0, 50, 9), ("cli", 20, 0, 1, 1),
    ("ldapsward", 1000, LATENCY_MS, 10, 9), ("boto3", 1000, LATENCY_MS, 10, 9),
    ("ldapsward", 1000, LATENCY_MS, 50, 9), ("boto3", 1000, LATENCY_MS, 50, 9), ("go", 1000, LATENCY_MS, 50, 9),
    ("ldapsward", 1000, 0, 10, 9), ("boto3", 1000, 0, 10, 9),
    ("ldapsward", 1000, 0, 50, 9), ("boto3", 1000, 0, 50, 9),
    ("ldapsward", 10000, LATENCY_MS, 10, 1), ("boto3", 10000, LATENCY_MS, 10, 1),
    ("ldapsward", 10000, LATENCY_MS, 50, 2), ("boto3", 10000, LATENCY_MS, 50, 1),
    ("ldapsward", 10000, 0, 10, 1), ("boto3", 10000, 0, 10, 1),
    ("ldapsward", 10000, 0, 50, 2), ("boto3", 10000, 0, 50, 1),
]
# The CLI reads one directory after the other: what it takes for this many is scaled to more.
CLI_COUNT = 20
QUICK = [("ldapsward", 500, 0, 4, 1), ("boto3", 500, 0, 4, 1)]


def build_go():
    """Whether there is a peer in Go now."""
    if not shutil.which("go") or not os.path.isdir(os.path.join(GOPATH, "src/github.com/aws/aws-sdk-go-v2")):
        print("no Go, or no AWS SDK for it: left out")
        return False
    subprocess.run(["go", "build", "-o", scratch("peer-go"), os.path.join(HERE, "peer.go")], check=True,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH, "GOCACHE": scratch("go-cache")})
    return True


def adopt(fleet):
    """The ledger knows every certificate, as after a first pass."""
    sample = Sample(fleet, fleet.command("apply", 50))
    if sample.status != 0:
        sys.exit("apply: exit status %d\n%s" % (sample.status, sample.output[-2000:]))
    print("adopted %d directories in %.1f s" % (fleet.count, sample.wall_s), flush=True)


# ---------------------------------------------------------------- between passes


def memory_kib(pid, kind="Private_Dirty"):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(kind + ":"))


def switches(pid):
    """Times that a thread of it went to sleep, which is how often one woke."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/status" % (pid, task)) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches:"))
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            pass
    return total


def idle(fleet, command):
    """(private dirty KiB, wake-ups in WATCH_S) of a process that has made its pass and waits."""
    os.truncate(fleet.service.log_path, 0)
    process = subprocess.Popen(command, env=fleet.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        seen = {"at": time.monotonic(), "switches": -1}

        def settled():
            if process.poll() is not None:
                sys.exit("%s ended with %d" % (command[0], process.returncode))
            now, count = time.monotonic(), switches(process.pid)
            requests = os.path.getsize(fleet.service.log_path)
            if (count, requests) != seen["switches"]:
                seen.update(at=now, switches=(count, requests))
            return requests > 0 and now - seen["at"] > SETTLE_S
        wait_until(settled, "the end of the pass", 600)
        os.sync()  # a freshly built binary counts as dirty until it is written back
        before = switches(process.pid)
        time.sleep(WATCH_S)
        return memory_kib(process.pid), switches(process.pid) - before
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


# ---------------------------------------------------------------- starting


def starts(bench, fleet):
    """Medians of the milliseconds from the start to the first request, by client."""
    bench.service.settings(latency=str(LATENCY_MS))
    commands = {"ldapsward": fleet.client("ldapsward", 4)[0], "boto3": fleet.client("boto3", 1)[0],
                "cli": ["/usr/bin/aws", "ds", "describe-directories", "--endpoint-url",
                        fleet.environment["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"]]}
    found = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            found[name].append(Sample(fleet, command).first_ms)
    for name, times in found.items():
        print("start to first request: %-10s %.1f ms (%.1f to %.1f)" % (name, statistics.median(times), min(times), max(times)), flush=True)
    return {name: statistics.median(times) for name, times in found.items()}


# ---------------------------------------------------------------- throttled


def throttled(bench, fleet):
    """(wall time by ideal time, wasted part of the requests, lost directories)."""
    bench.service.settings(rate=str(RATE), burst=str(BURST), latency=str(LATENCY_MS))
    sample = Sample(fleet, fleet.command("plan", 4, "--json"))
    bench.service.settings(rate="0")
    summary = json.loads(sample.output[sample.output.index("{"):])["summary"]
    ideal = (sample.requests - sample.throttled - BURST) / RATE
    show("throttled", fleet.count, LATENCY_MS, 4, sample)
    return sample.wall_s / ideal, sample.throttled / sample.requests, summary["unread"]


# ---------------------------------------------------------------- goals


def goals(bench, idles, limits, started):
    """Rows (goal, beside, must, measured, whether it is met; None: no goal): all of them, from the medians."""
    thousand, realistic = (1000, LATENCY_MS, 50), (20, LATENCY_MS, 4)
    cli, sequential = ("cli", CLI_COUNT, LATENCY_MS, 1), ("boto3", 20, LATENCY_MS, 1)
    cpu = bench.ratio(thousand, ("boto3",) + thousand, "cpu_s")
    cpu_cli = bench.ratio(thousand, cli, "cpu_s") * CLI_COUNT / 1000
    bound = bench.median("ldapsward", *thousand, "requests") * LATENCY_MS / 1000 / 50
    wall = bench.median("ldapsward", *thousand, "wall_s") / bound
    through = min(1 / bench.ratio((1000, 0, 50), ("boto3", 1000, 0, threads), "wall_s") for threads in (10, 50))
    one_shot = bench.ratio(realistic, sequential, "cpu_s")
    ten = (1000, LATENCY_MS, 10)
    rss = bench.ratio(ten, ("boto3",) + ten, "rss_kib")
    large = bench.median("ldapsward", 10000, LATENCY_MS, 50, "rss_kib") - 9000 * DIRECTORY_KIB
    growth = large / bench.median("ldapsward", *thousand, "rss_kib")
    dirty = idles["ldapsward"][0] / idles["boto3"][0]
    each = (idles["large"][0] - idles["ldapsward"][0]) / (10000 - 20)
    time_ratio, wasted, lost = limits

    def part(value, limit):
        return "1/{:,.{}f}".format(1 / value, 0 if limit < 0.01 else 1) if limit <= 0.5 else "%.2f" % value

    def row(goal, beside, limit, value):
        must = "<= " + ("1/{:,}".format(round(1 / limit)) if limit <= 0.5 else "%g" % limit)
        return goal, beside, must, part(value, limit), value <= limit
    return [
        row("CPU per directory; 1,000 directories, 50 ms, 50 in flight", "boto3, 50 threads", 1 / 10, cpu),
        row("the same", "AWS SDK for Go, 50 goroutines", 0.8, bench.ratio(thousand, ("go",) + thousand, "cpu_s"))
        if ("go",) + thousand in bench.samples else ("the same", "AWS SDK for Go, 50 goroutines", "<= 0.8", "not measured", None),
        row("the same", "a loop over the AWS CLI", 1 / 3000, cpu_cli),
        row("wall time; 1,000 directories, 50 ms, 50 in flight", "requests x latency / in flight", 1.1, wall),
        ("throughput without latency; 1,000 directories", "boto3, the better of 10 and 50 threads", ">= 5",
         "%.1f" % through, through >= 5),
        row("CPU of one `plan`; 20 directories, 4 in flight", "boto3, one by one", 1 / 12, one_shot),
        row("peak memory; 1,000 directories, 10 in flight", "boto3, 10 threads", 1 / 3, rss),
        row("peak memory; 10,000 directories, less 2 KiB for each; 50 in flight", "itself with 1,000", 1.2, growth),
        row("memory held between passes (private dirty); 20 directories", "boto3", 1 / 12, dirty),
        ("the same for each directory more, up to 10,000", "", "", "%.1f KiB" % each, None),
        row("start to first request; 20 directories", "boto3", 1 / 15, started["ldapsward"] / started["boto3"]),
        row("the same", "AWS CLI", 1 / 30, started["ldapsward"] / started["cli"]),
        ("wake-ups between passes, in %d s" % WATCH_S, "", "0", "%d" % idles["ldapsward"][1], idles["ldapsward"][1] == 0),
        row("throttled at 50 requests/s; 500 directories, 4 in flight (the default): time", "ideal time", 1.25, time_ratio),
        ("throttled: wasted requests", "", "<= 5 %", "%.1f %%" % (wasted * 100), wasted <= 0.05),
        ("throttled: directories lost", "", "0", "%d" % lost, lost == 0),
    ]


def share(value):
    return "1/{:,.{}f}".format(1 / value, 0 if value < 0.01 else 1) if value < 1 else "%.2f" % value


def sides(bench):
    """Rows (directories, latency, in flight, beside, and four ratios): ldapsward beside each client that was measured."""
    found = []
    for name, count, latency, flight in bench.samples:
        if name == "ldapsward":
            others = [one for one in bench.samples if one[0] == "boto3" and one[1:3] == (count, latency)
                      and (count == CLI_COUNT or one[3] == flight)]
            others += [one for one in bench.samples if one[0] == "go" and one[1:] == (count, latency, flight)]
            others += [one for one in bench.samples if one[0] == "cli" and one[2] == latency and (count == CLI_COUNT or flight == 50)]
            for other in others:
                scale = count / other[1]
                ratios = [bench.ratio((count, latency, flight), other, what) / (scale if what in ("wall_s", "cpu_s") else 1)
                          for what in ("wall_s", "cpu_s", "rss_kib", "first_ms")]
                beside = "boto3, " + ("%d threads" % other[3] if other[3] > 1 else "one by one")
                if other[0] == "go":
                    beside = "AWS SDK for Go, %d goroutines" % other[3]
                if other[0] == "cli":
                    beside = "AWS CLI in a loop" + (", scaled" if scale > 1 else "")
                found.append((count, latency, flight, beside, ratios))
    return found


def table(bench, rows):
    """Markdown, with the machine's size: absolute times would mean nothing elsewhere."""
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) / 1024 / 1024
    lines = ["| | beside | must be | is | |", "| --- | --- | --- | --- | --- |"]
    lines += ["| %s | %s | %s | %s | %s |" % (goal, beside, must, value, "" if good is None else "ok" if good else "MISSED")
              for goal, beside, must, value, good in rows]
    lines += ["", "And everything that was measured beside one another:", "",
              "| directories | latency | in flight | beside | wall time | CPU | peak memory | start to first request |",
              "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += ["| {:,} | {} | {} | {} | {} |".format(count, "%d ms" % latency if latency else "none", flight, beside,
                                                    " | ".join(share(one) for one in ratios))
              for count, latency, flight, beside, ratios in sides(bench)]
    lines += ["", "Medians of one interleaved run on %d cores and %.0f GiB, everybody against the emulator on loopback over HTTPS; five"
              % (os.cpu_count(), memory),
              "certificates in each directory. What the AWS CLI takes for %d directories is scaled to more." % CLI_COUNT,
              "The SDK for Node is not measured here."]
    return "\n".join(lines) + "\n"


def write_readme(path, text, mark="bench"):
    begin, end = "<!-- %s -->\n" % mark, "<!-- /%s -->\n" % mark
    with open(path) as file:
        head, rest = file.read().split(begin)
    with open(path, "w") as file:
        file.write(head + begin + text + end + rest.split(end)[1])


def measure(service, repetitions, plan, sizes):
    authorities = [Authority("Corp CA %d" % number) for number in range(1, 6)]
    fleets = {count: Fleet(service, authorities, count) for count in sizes}
    bench = Bench(service)
    for fleet in fleets.values():
        adopt(fleet)
    for repetition in range(repetitions):
        for name, count, latency, flight, times in plan:
            if repetition < times:
                bench.run(fleets[count], name, flight, latency)
    return bench, fleets


def judge(bench, fleets):
    service, idles = bench.service, {}
    started = starts(bench, fleets[20])
    limits = throttled(bench, fleets[500])
    idles["ldapsward"] = idle(fleets[20], fleets[20].command("run", 4))
    idles["boto3"] = idle(fleets[20], fleets[20].client("boto3", 1)[0] + ["--sleep"])
    idles["large"] = idle(fleets[10000], fleets[10000].command("run", 50))
    for name, (dirty, wakes) in idles.items():
        print("idle %-10s %8.2f MiB private dirty, %d wake-ups in %d s" % (name, dirty / 1024, wakes, WATCH_S))
    return table(bench, goals(bench, idles, limits, started))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", help="clients whose name contains this")
    parser.add_argument("--readme", metavar="FILE")
    arguments = parser.parse_args()
    need("openssl", "/usr/bin/python3")
    if subprocess.run(["/usr/bin/python3", "-c", "import boto3"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("no boto3")
        sys.exit(77)
    if not arguments.quick:
        need("/usr/bin/aws")
    plan = [one for one in (QUICK if arguments.quick else PLAN) if not arguments.only or arguments.only in one[0]]
    if any(one[0] == "go" for one in plan) and not build_go():
        plan = [one for one in plan if one[0] != "go"]
    with Emulator(tls=True, state=False) as service:
        whole = not arguments.quick and not arguments.only
        sizes = REGIONS if whole else sorted({one[1] for one in plan})
        bench, fleets = measure(service, 1 if arguments.quick else arguments.repetitions, plan, sizes)
        if not whole and any(one[0] == "ldapsward" for one in plan):
            for row in sides(bench):
                print("%6d directories %3d ms %3d in flight beside %-22s wall, CPU, memory, first: %s"
                      % (*row[:4], "  ".join(share(one) for one in row[4])))
        if whole:
            text = judge(bench, fleets)
            print("\n" + text)
            if arguments.readme:
                write_readme(arguments.readme, text)


if __name__ == "__main__":
    main()
