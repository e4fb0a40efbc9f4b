#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The status file and the metrics: what `run` and `apply` write for others, as those read it."""

import json
import os
import re
import shutil
import stat
import subprocess
import time

from harness import PATIENCE, Authority, need, wait_until
from ward import Case, Ward, main

need("openssl")

HOUR = 3600
QUESTIONS = ["Ready", "Drifted", "Rotating", "Held", "ExpiringSoon", "SuccessorMissing", "Stale", "CredentialsInvalid",
             "ConfigInvalid"]

ROOT = Authority("Corp Root", days=3650)


class Published(Ward):
    """A directory (or several), a runtime directory as systemd makes it, and a folder for metrics."""

    def __init__(self, count=1, metrics=True):
        super().__init__()
        self.runtime = os.path.join(self.home, "run")
        self.folder = os.path.join(self.home, "textfile")
        os.mkdir(self.runtime)
        os.mkdir(self.folder)
        self.status_file = os.path.join(self.runtime, "status.json")
        self.metrics_file = os.path.join(self.folder, "ldapsward.prom")
        self.variables["RUNTIME_DIRECTORY"] = self.runtime + ":/nowhere"
        self.directories = [self.service.create("corp-%d.example.com" % number) for number in range(count)]
        self.one = self.directories[0]
        self.edit(*self.directories, metrics=metrics)

    def edit(self, *directories, metrics=True):
        self.configure(directories=[{"id": directory, "trust": ["root"]} for directory in directories],
                       authorities={"root": [ROOT]}, interval="1h")
        if metrics:
            with open(self.path) as file:
                self.write(json.dumps({**json.load(file), "metrics_file": self.metrics_file}))

    def published(self):
        with open(self.status_file) as file:
            return json.load(file)

    def metrics(self):
        """{sample with its labels: value}; AssertionError where a series stands twice."""
        with open(self.metrics_file) as file:
            lines = [line for line in file.read().splitlines() if not line.startswith("#")]
        found = dict(line.rpartition(" ")[::2] for line in lines)
        if len(found) != len(lines):
            raise AssertionError("a series stands twice")
        return {name: float(value) for name, value in found.items()}

    def shows(self, name, value):
        wait_until(lambda: os.path.exists(self.metrics_file) and self.metrics().get(name) == value,
                   "%s was %s" % (name, value))

    def answers(self, directory):
        report = next(report for report in self.published()["directories"] if report["directory"] == directory)
        return {row["type"]: row for row in report["health"]}

    def sample(self, family, directory, **labels):
        terms = {"account": "", "region": "eu-west-1", "directory": directory, **labels}
        return "%s{%s}" % (family, ",".join('%s="%s"' % term for term in terms.items()))


class Publishing(Case):
    def test_apply(self):
        """`apply` writes both once more at its end: the same as `status --json`, and sound metrics."""
        with Published() as ward:
            ward.apply()
            found, told = ward.published(), ward.expect(0, "status", "--json").json
            for document in (found, told):
                self.assertRegex(document.pop("written"), r"^20..-..-..T..:..:..Z$")
            self.assertEqual(found, told)
            self.assertFalse(found["refused"])
            self.assertEqual(list(ward.answers(ward.one)), QUESTIONS)
            ready = ward.answers(ward.one)["Ready"]
            self.assertEqual((ready["status"], ready["reason"]), ("True", "Converged"))
            self.assertRegex(ready["since"], "^20..-")
            metrics = ward.metrics()
            self.assertEqual(metrics[ward.sample("ldapsward_directory_condition", ward.one, condition="Ready")], 1)
            self.assertEqual(metrics['ldapsward_steps_total{action="register",outcome="accepted"}'], 1)
            self.assertEqual(metrics['ldapsward_directories{standing="ready"}'], 1)
            self.assertEqual(metrics[ward.sample("ldapsward_directory_ldaps_enabled", ward.one)], 1)
            expiry = [name for name in metrics if name.startswith("ldapsward_certificate_expiry_timestamp_seconds{")]
            self.assertEqual(len(expiry), 1)
            self.assertRegex(expiry[0], r'common_name="Corp Root",sha256="[0-9a-f]{8}"}$')
            self.assertAlmostEqual(metrics[expiry[0]], time.time() + 3650 * 86400, delta=3 * 86400)
            self.assertEqual(sorted(os.listdir(ward.folder)), ["ldapsward.prom"])
            self.assertEqual(sorted(os.listdir(ward.runtime)), ["status.json"])
            for path in (ward.status_file, ward.metrics_file):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)

    def test_run(self):
        """`run` follows every change, across restarts: what stays has the same `since`."""
        with Published() as ward:
            ward.apply()
            since = ward.answers(ward.one)["Ready"]["since"]
            looked = ward.answers(ward.one)["Stale"]["since"]
            ward.move(HOUR)
            with ward.run() as daemon:
                daemon.passes(1)
                ward.shows('ldapsward_passes_total{account="",region="eu-west-1"}', 1)
                self.assertEqual(ward.published()["interval"], HOUR)
                self.assertEqual(ward.answers(ward.one)["Ready"]["since"], since)
                ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.one)
                daemon.later(HOUR)
                ward.shows(ward.sample("ldapsward_directory_condition", ward.one, condition="Ready"), -1)
                answers = ward.answers(ward.one)
                self.assertEqual((answers["Ready"]["status"], answers["Ready"]["reason"]), ("Unknown", "AccessDenied"))
                self.assertGreater(answers["Ready"]["since"], since)
                self.assertEqual(answers["CredentialsInvalid"]["status"], "False")
                self.assertEqual(ward.metrics()[ward.sample("ldapsward_directory_problems", ward.one, severity="error")], 1)
                self.assertEqual(answers["Stale"]["since"], looked)

    def test_refused(self):
        """A file that is refused shows in both, for the program at once and for a directory with its next look."""
        with Published() as ward, ward.run() as daemon:
            daemon.settles(ward.one)
            ward.shows("ldapsward_config_last_reload_successful", 1)
            ward.write("version: 2\n")
            daemon.hangs_up("was not taken")
            ward.shows("ldapsward_config_last_reload_successful", 0)
            self.assertTrue(ward.published()["refused"])
            daemon.later(HOUR)
            ward.shows(ward.sample("ldapsward_directory_condition", ward.one, condition="ConfigInvalid"), 1)
            ward.edit(ward.one)
            daemon.hangs_up("taken: 1 directory")
            daemon.quiet()
            ward.shows("ldapsward_config_last_reload_successful", 1)
            ward.shows(ward.sample("ldapsward_directory_condition", ward.one, condition="ConfigInvalid"), 0)

    def test_reload(self):
        """A directory that leaves the file leaves the metrics; one can begin and cease to write metrics."""
        with Published(count=2, metrics=False) as ward, ward.run() as daemon:
            daemon.settles(ward.directories[1])
            self.assertFalse(os.path.exists(ward.metrics_file))
            ward.edit(ward.one)
            daemon.hangs_up("taken: 1 directory")
            daemon.quiet()
            ward.shows('ldapsward_directories{standing="released"}', 1)
            self.assertFalse([name for name in ward.metrics() if ward.directories[1] in name])

    def test_unwritable(self):
        """A folder that is not there is told once, and is in nobody's way; once there it is written to."""
        with Published() as ward:
            os.rmdir(ward.folder)
            with ward.run() as daemon:
                daemon.settles(ward.one)
                daemon.later(HOUR)
                daemon.says(r"ldapsward\.prom: cannot be written: No such file or directory")
                self.assertEqual(len(re.findall("cannot be written", daemon.log())), 1)
                wait_until(lambda: os.path.exists(ward.status_file), "the status was written")
                os.mkdir(ward.folder)
                daemon.later(HOUR)
                daemon.says("ldapsward.prom: is written again")
                self.assertEqual(ward.metrics()['ldapsward_directories{standing="ready"}'], 1)

    def test_rate(self):
        """Many changes in a pass are few writes."""
        with Published(count=40) as ward:
            seen = set()
            begun = time.monotonic()
            with ward.run() as daemon:
                def looks():
                    if os.path.exists(ward.status_file):
                        seen.add(os.stat(ward.status_file).st_ino)
                    return daemon.ended_passes() >= 1
                daemon.wait(looks, "a pass had ended")
            took = time.monotonic() - begun
            self.assertLessEqual(len(seen), took + 2)
            told = ward("status", "--json").json["directories"]
            self.assertEqual(ward.published()["directories"], told, "the end writes what is still to be written")
            self.assertGreater(len(told), 1)

    def test_promtool(self):
        """Prometheus finds nothing to say against them."""
        if not shutil.which("promtool"):
            self.skipTest("no promtool (Debian: prometheus)")
        with Published(count=2) as ward:
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + ward.directories[1])
            ward("apply")
            with open(ward.metrics_file) as file:
                done = subprocess.run(["promtool", "check", "metrics"], stdin=file, capture_output=True, text=True,
                                      timeout=60 * PATIENCE, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    main()
