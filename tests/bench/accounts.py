#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One pass over 2,000 directories in 4 accounts and 3 Regions, beside boto3 on threads.

    accounts.py [--repetitions N] [--quick] [--readme FILE]

One emulator on loopback with HTTPS and 50 ms before each reply serves everybody; each account and Region has
a twelfth of the directories. Both sides take turns, first as fast as replies come, then where the service
throttles each account and Region. Told is the wall time by the least possible (replies one after the other in
each place in flight; when throttled, requests by the rate), how many requests were in vain, how many directories were
not read, and the peak memory. --readme puts the table between the markers of a file. --quick is a small run that
shows that all of this works.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bench import BURST, LATENCY_MS, RATE, Sample, write_readme  # noqa: E402
from harness import PROGRAM, Authority, Emulator, need, scratch  # noqa: E402

ACCOUNTS = {"a%d" % number: ("AKIDBENCH%d" % number, "secret-of-the-bench-%d" % number, "11112222333%d" % number) for number in range(1, 5)}
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
# Requests in flight in each account and Region, the default of `concurrency`; boto3 has as many threads in all.
FLIGHT = 4
# Directories of one page of DescribeDirectories.
PAGE = 50


class Estate:
    """All directories, and the files that name them and hold the keys."""

    def __init__(self, service, authorities, count):
        self.service, self.home = service, scratch("estate")
        os.mkdir(self.home)
        self.lanes = list(itertools.product(ACCOUNTS, REGIONS))
        each = count // len(self.lanes)
        for number, one in enumerate(authorities):
            with open(os.path.join(self.home, "ca%d.pem" % number), "w") as file:
                file.write(one.pem)
        trust, directories = ["ca%d" % number for number in range(len(authorities))], []
        for name, region in self.lanes:
            for directory in service.control(
                    "create", name="corp#.example.com", count=each, account=ACCOUNTS[name][2], region=region, ldaps="Enabled",
                    certificates=[{"pem": one.pem} for one in authorities])["directories"]:
                directories.append({"id": directory, "account": name, "regions": [region], "trust": trust})
        self.count = len(directories)
        self.needed = 2 * self.count + len(self.lanes) * -(-each // PAGE)
        self.flight = FLIGHT * len(self.lanes)
        self.config = os.path.join(self.home, "ldapsward.yaml")
        with open(self.config, "w") as file:  # YAML takes JSON
            json.dump({"version": 1, "interval": "6h",
                       "defaults": {"policy": "sync", "client_ldaps": "enabled", "certificate_limit": 2 * len(authorities)},
                       "accounts": {name: {"profile": name} for name in ACCOUNTS},
                       "authorities": {name: {"certificates": [name + ".pem"]} for name in trust},
                       "directories": directories}, file)
        keys = os.path.join(self.home, "credentials")
        with open(keys, "w") as file:
            for name, (key, secret, _) in ACCOUNTS.items():
                file.write("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (name, key, secret))
        self.environment = service.environment(AWS_SHARED_CREDENTIALS_FILE=keys, AWS_CONFIG_FILE=os.path.join(self.home, "config"))
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
            del self.environment[variable]

    def command(self, verb, *options):
        return [PROGRAM, verb, "--config", self.config, "--state-dir", os.path.join(self.home, "state"), *options]

    def clients(self):
        lanes = ",".join(":".join(lane) for lane in self.lanes)
        return {"ldapsward": self.command("plan", "--json"),
                "boto3": ["/usr/bin/python3", os.path.join(HERE, "peer.py"), str(self.flight), "--lanes", lanes]}


def unread(name, output):
    """Directories that the client says it could not read."""
    if name == "boto3":
        return int(output.split()[1])
    return json.loads(output[output.index("{"):])["summary"]["unread"]


def measure(estate, name, rate):
    """(wall time by the bound, part of the requests in vain, directories not read, peak MiB, wall time in seconds)."""
    estate.service.settings(rate=str(rate), burst=str(BURST), latency=str(LATENCY_MS))
    sample = Sample(estate, estate.clients()[name])
    lost = unread(name, sample.output)
    if not rate and lost:
        sys.exit("%s did not read everything:\n%s" % (name, sample.output[-2000:]))
    bound = estate.needed * LATENCY_MS / 1000 / estate.flight
    if rate:
        bound = max(bound, (estate.needed / len(estate.lanes) - BURST) / rate)
    found = (sample.wall_s / bound, max(0, sample.requests - min(sample.requests - sample.throttled, estate.needed)) / sample.requests, lost,
             sample.rss_kib / 1024, sample.wall_s)
    print("%-10s %s: %.2f of the bound of %.1f s, %.1f %% in vain, %d lost, %.1f MiB" % (
        name, "%d requests/s" % rate if rate else "no limit", found[0], bound, found[1] * 100, lost, found[3]), flush=True)
    return found


def goals(found, rates):
    """Rows of the table: what, must be, ldapsward, boto3, and whether it is so."""
    def median(name, rate, what):
        return statistics.median(one[what] for one in found[name, rate])

    rows = []
    for rate in rates:
        when = "at %d requests/s each" % rate if rate else "as fast as replies come"
        ours, theirs = ([median(name, rate, what) for what in range(4)] for name in ("ldapsward", "boto3"))
        most = 1.25 if rate else 1.1
        rows.append(("wall time by the least possible; " + when, "<= %g" % most, "%.2f" % ours[0], "%.2f" % theirs[0], ours[0] <= most))
        rows.append(("requests in vain", "<= 5 %", "%.1f %%" % (ours[1] * 100), "%.1f %%" % (theirs[1] * 100), ours[1] <= 0.05))
        rows.append(("directories not read", "0", "%d" % ours[2], "%d" % theirs[2], ours[2] == 0))
        rows.append(("peak memory", "<= 1/3 of boto3's", "1/%.1f of it" % (theirs[3] / ours[3]), "%.0f MiB" % theirs[3], ours[3] <= theirs[3] / 3))
    return rows


def table(estate, rows):
    lines = ["| | must be | ldapsward | boto3, %d threads | |" % estate.flight, "| --- | --- | --- | --- | --- |"]
    lines += ["| %s | %s | %s | %s | %s |" % (*row[:4], "ok" if row[4] else "MISSED") for row in rows]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--readme", metavar="FILE")
    arguments = parser.parse_args()
    need("openssl", "/usr/bin/python3")
    if subprocess.run(["/usr/bin/python3", "-c", "import boto3"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("no boto3")
        sys.exit(77)
    authorities = [Authority("Corp CA %d" % number) for number in range(1, 6)]
    credentials = itertools.chain.from_iterable(("--credentials", "%s:%s@%s" % one) for one in ACCOUNTS.values())
    rates, found = ((0,) if arguments.quick else (0, RATE)), {}
    with Emulator(*credentials, tls=True, state=False) as service:
        estate = Estate(service, authorities, 60 if arguments.quick else 2000)
        sample = Sample(estate, estate.command("apply"))  # the ledger knows every certificate, as after a first pass
        if sample.status != 0:
            sys.exit("apply: exit status %d\n%s" % (sample.status, sample.output[-2000:]))
        for _ in range(1 if arguments.quick else arguments.repetitions):
            for rate in rates:
                for name in estate.clients():
                    found.setdefault((name, rate), []).append(measure(estate, name, rate))
        text = table(estate, goals(found, rates))
    if not arguments.quick:
        print("\n" + text)
        if arguments.readme:
            write_readme(arguments.readme, text, "accounts")


if __name__ == "__main__":
    main()
