#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemon tells, as --log-format=json has it: the fields of each entry, every id in catalog and manual, changes once, a storm in one line."""

import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import unittest

from harness import REGION, Authority, need, scratch
from ward import Case, Ward, main

need("openssl")

HOUR = 3600
SOURCE = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
ROOT = Authority("Corp Root", days=3650)
MANY = 1000
# Of every entry about a directory.
ALWAYS = {"DIRECTORY_ID", "DIRECTORY_NAME", "REGION", "PASS_ID", "MESSAGE_ID", "PRIORITY", "MESSAGE", "TIME"}
FIELDS = ALWAYS | {"ACCOUNT", "ACTION", "REASON", "CERTIFICATE_ID", "CERTIFICATE_SHA256", "NOT_AFTER", "AWS_REQUEST_ID",
                   "CONFIG_REVISION", "REPEATED", "DIRECTORIES"}
ERROR, WARNING, NOTICE, INFO, DEBUG = 3, 4, 5, 6, 7


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


# {id: name}, as the catalog has them.
NAMES = dict(re.findall(r"(?m)^-- ([0-9a-f]{32})\nSubject: (\w+): ", read("systemd/ldapsward.catalog")))


class Scene(Ward):
    """A ward whose daemon tells JSON."""

    def told(self, daemon, up_to=INFO, **fields):
        """The entries of a log up to a priority that have these fields; each line that was written to its end must be an object."""
        entries = [json.loads(line) for line in daemon.log().splitlines(True) if line.endswith("\n")]
        return [entry for entry in entries if entry["PRIORITY"] <= up_to and
                all(entry.get(name) == value for name, value in fields.items())]

    def listen(self, *words, **variables):
        return self.run("run", "--debug", "--log-format", "json", *words, **variables)

    def commit(self):
        """The file as it is becomes a commit of Git, whose id this is."""
        for words in (("init", "-q"), ("add", "ldapsward.yaml"), ("commit", "-q", "--allow-empty", "-m", "x")):
            subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=self.home,
                           check=True, stdout=subprocess.DEVNULL)
        return subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.home, check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()


def about(entries, ward):
    """The entries about a directory without what is a matter of its own: (name of the id, REASON, ACTION)."""
    return [(NAMES[entry["MESSAGE_ID"]], entry.get("REASON"), entry.get("ACTION"))
            for entry in entries if entry.get("DIRECTORY_ID") == ward]


class Journal(Case):
    def check(self, ward, entries):
        """Holds entries to what the manual promises of all."""
        manual = read("man/ldapsward.8")
        requests = {line["request_id"] for line in ward.service.requests()}
        for entry in entries:
            self.assertLessEqual(set(entry), FIELDS)
            if entry["PRIORITY"] < DEBUG:
                self.assertIn("MESSAGE_ID", entry)
            if "MESSAGE_ID" in entry:
                self.assertIn(entry["MESSAGE_ID"], NAMES)
                self.assertIn(entry["MESSAGE_ID"], manual)
            if "DIRECTORY_ID" in entry and NAMES[entry["MESSAGE_ID"]] != "ConfigurationChanged":
                self.assertLessEqual(ALWAYS, set(entry), entry)
                self.assertRegex(entry["PASS_ID"], r"^[0-9a-f]{32}$")
                self.assertEqual(entry["REGION"], REGION)
            if "ACTION" in entry:
                self.assertIn(entry["ACTION"], ("register", "deregister", "enable", "disable"))
                self.assertIn("REASON", entry)
                self.assertEqual("CERTIFICATE_SHA256" in entry, entry["ACTION"].endswith("register"))
            if "CERTIFICATE_SHA256" in entry:
                self.assertIn("NOT_AFTER", entry)
            if "AWS_REQUEST_ID" in entry:
                self.assertIn(entry["AWS_REQUEST_ID"], requests)

    def test_life(self):
        """From nothing to converged, with a fault on the way: who, where, what, why, which certificate, which request."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "name": "corp.example.com", "trust": ["root"]}],
                           authorities={"root": [ROOT]})
            ward.service.fault("RegisterCertificate:1:ClientException@" + corp)
            with ward.listen() as daemon:
                daemon.passes(1)
                daemon.settles(corp, step=HOUR)
                daemon.quiet()
                entries = ward.told(daemon)
                self.check(ward, ward.told(daemon, DEBUG))
                acted = [entry for entry in entries if "ACTION" in entry]
                self.assertEqual([(NAMES[entry["MESSAGE_ID"]], entry["ACTION"], entry["REASON"], entry["PRIORITY"])
                                  for entry in acted],
                                 [("ChangeRefused", "register", "Missing", WARNING),
                                  ("ChangeAccepted", "register", "Missing", NOTICE),
                                  ("ChangeAccepted", "enable", "LdapsWanted", NOTICE)])
                with open(ROOT.path) as file:
                    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()
                self.assertEqual(acted[1]["CERTIFICATE_SHA256"], digest)
                self.assertEqual(acted[1]["CERTIFICATE_ID"], ward.service.certificates(corp)[0]["id"])
                self.assertEqual([line["request_id"] for line in ward.service.writes()],
                                 [entry["AWS_REQUEST_ID"] for entry in acted])
                names = [NAMES[entry["MESSAGE_ID"]] for entry in entries]
                self.assertEqual((names.count("Started"), names.count("FirstPass"), names.count("Converged")), (1, 1, 1))
            self.assertEqual(NAMES[ward.told(daemon)[-1]["MESSAGE_ID"]], "Stopped")

    def test_steady(self):
        """What is as it was is told at debug alone, and a restart tells nothing of a directory."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "name": "corp.example.com", "trust": ["root"]}],
                           authorities={"root": [ROOT]}, interval="1h")
            ward.apply()
            for _ in range(2):
                with ward.listen() as daemon:
                    daemon.passes(1)
                    for _ in range(3):
                        daemon.later(HOUR)
                    self.assertEqual(about(ward.told(daemon), corp), [])
                self.assertEqual([NAMES[entry["MESSAGE_ID"]] for entry in ward.told(daemon)],
                                 ["Rehearsal", "Started", "FirstPass", "Stopped"])
                self.assertEqual(len(ward.told(daemon, DEBUG, MESSAGE_ID=next(
                    number for number, name in NAMES.items() if name == "PassEnded"))), 4)

    def test_counted(self):
        """A fault that lasts is told, reminded of with a count, and its end is told; the request is the one that failed."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "name": "corp.example.com", "trust": ["root"]}],
                           authorities={"root": [ROOT]}, interval="1h")
            ward.apply()
            with ward.listen() as daemon:
                daemon.passes(1)
                ward.service.fault("ListCertificates:*:AccessDeniedException@" + corp)
                for _ in range(8):
                    daemon.later(HOUR)
                denied = ward.told(daemon, REASON="AccessDenied")
                self.assertEqual([int(entry.get("REPEATED", 1)) for entry in denied], [1, 2, 7])
                failed = [line["request_id"] for line in ward.service.requests("ListCertificates") if line["status"] != 200]
                self.assertIn(denied[0]["AWS_REQUEST_ID"], failed)
                ward.service.control("fault", clear=True)
                daemon.later(HOUR)
                daemon.settles(corp)
                over = ward.told(daemon, REASON="AccessDenied")[-1]
                self.assertEqual((NAMES[over["MESSAGE_ID"]], over["REPEATED"], over["PRIORITY"]), ("ConditionOver", "8", NOTICE))
                self.check(ward, ward.told(daemon, DEBUG))

    def test_storm(self):
        """The API goes away from under a thousand directories: one line, none at the next pass, and two when it is back."""
        seed = os.path.join(scratch(), "journal-seed.json")
        ids = ["d-%010x" % number for number in range(MANY)]
        with open(seed, "w") as file:
            json.dump([{"create": {"id": name, "name": name + ".example.com", "type": "MicrosoftAD"}} for name in ids], file)
        with Scene("--seed", seed) as ward:
            ward.configure(directories=[{"id": name, "name": name + ".example.com", "trust": "none"} for name in ids],
                           authorities={"root": [ROOT]}, interval="1h", policy="observe", client_ldaps=None)
            with ward.listen() as daemon:
                daemon.passes(1)
                self.assertEqual([entry.get("DIRECTORIES") for entry in ward.told(daemon, REASON="Converged")], [str(MANY)])
                ward.service.fault("DescribeDirectories:*:ServiceException")
                daemon.later(HOUR)
                daemon.later(10 * 60)
                away = ward.told(daemon, REASON="Unreadable")
                self.assertEqual([(entry["DIRECTORIES"], entry["REGION"], entry["PRIORITY"]) for entry in away],
                                 [(str(MANY), REGION, ERROR)])
                self.assertIn("%s and %d others" % (", ".join(ids[:3]), MANY - 3), away[0]["MESSAGE"])
                self.assertNotIn("DIRECTORY_ID", away[0])
                self.assertGreaterEqual(len(ward.told(daemon, DEBUG, REASON="Unreadable")), MANY + 1)
                ward.service.control("fault", clear=True)
                daemon.later(HOUR)
                back = ward.told(daemon)[len(ward.told(daemon)) - 2:]
                self.assertEqual([(NAMES[entry["MESSAGE_ID"]], entry["REASON"], entry["DIRECTORIES"]) for entry in back],
                                 [("ConditionOver", "Unreadable", str(MANY)), ("Converged", "Converged", str(MANY))])
                self.check(ward, ward.told(daemon, DEBUG))

    @unittest.skipUnless(shutil.which("git"), "no git")
    def test_revision(self):
        """In a Git work tree every entry about a directory names the commit in force; a change of the file names it too."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            terms = {"directories": [{"id": corp, "name": "corp.example.com", "trust": ["root"]}],
                     "authorities": {"root": [ROOT]}}

            ward.configure(policy="observe", **terms)
            one = ward.commit()
            with ward.listen() as daemon:
                daemon.passes(1)
                daemon.quiet()
                before = len(ward.told(daemon, DEBUG))
                self.assertEqual({entry["CONFIG_REVISION"] for entry in ward.told(daemon, DEBUG) if "DIRECTORY_ID" in entry}, {one})
                ward.configure(policy="sync", **terms)
                two = ward.commit()
                daemon.hangs_up("taken: 1 directory")
                daemon.settles(corp)
                entries = ward.told(daemon, DEBUG)[before:]
                self.assertEqual({entry["CONFIG_REVISION"] for entry in entries if "DIRECTORY_ID" in entry}, {two})
                changed = [entry for entry in entries if NAMES.get(entry.get("MESSAGE_ID")) == "ConfigurationChanged"]
                self.assertEqual([(entry["DIRECTORY_ID"], entry["REGION"], entry["PRIORITY"]) for entry in changed],
                                 [(corp, REGION, INFO)])
                three = ward.commit()
                with open(ward.path) as file:
                    ward.write("# as it was\n" + file.read())
                daemon.says("was read and asks for nothing else")
                ward.service.fault("ListCertificates:*:AccessDeniedException@" + corp)
                daemon.later(HOUR)
                self.assertEqual([entry["CONFIG_REVISION"] for entry in ward.told(daemon, REASON="AccessDenied")], [three])
                self.check(ward, ward.told(daemon, DEBUG))

    @unittest.skipUnless(shutil.which("git"), "no git")
    def test_revision_selected(self):
        """So does what a selector picks: the change itself, and every entry about the directory."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com", tags={"ldapsward": "managed"})
            ward.configure([{"select": {"tags": {"ldapsward": "managed"}}, "trust": ["root"]}], {"root": [ROOT]}, policy="observe")
            one = ward.commit()
            with ward.listen() as daemon:
                daemon.passes(1)
                daemon.settles(corp, "held")
                entries = [entry for entry in ward.told(daemon, DEBUG) if "DIRECTORY_ID" in entry]
                self.assertEqual({entry.get("CONFIG_REVISION") for entry in entries}, {one})
                self.assertIn("ConfigurationChanged", [NAMES[entry["MESSAGE_ID"]] for entry in entries])

    def test_apply(self):
        """Runs of apply tell the same, once: what an earlier run or the daemon has told is known."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "name": "corp.example.com", "trust": ["root"]}],
                           authorities={"root": [ROOT]})
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + corp)
            told = []
            for status in (1, 1, 0, 0):
                done = ward.expect(status, "apply", "--log-format=json")
                self.assertIn("Apply: ", done.out)
                entries = [json.loads(line) for line in done.err.splitlines()]
                self.check(ward, entries)
                told.append([name for name, _, _ in about(entries, corp)])
                self.assertEqual(NAMES[entries[-1]["MESSAGE_ID"]], "Applied")
                if len(told) == 2:
                    ward.service.control("fault", clear=True)
            self.assertEqual(told[:2], [["AccessDenied"], []])
            self.assertEqual([name for name in told[2] if name in ("ChangeAccepted", "ConditionOver", "Converged")],
                             ["ConditionOver", "ChangeAccepted", "ChangeAccepted", "Converged"])
            self.assertEqual(told[3], [])
            with ward.listen() as daemon:
                daemon.passes(1)
                self.assertEqual(about(ward.told(daemon), corp), [])

    def test_apply_refused(self):
        """A run of apply that cannot begin says so as an error with its own id, after each mistake; JSON alone is written."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "trust": ["root"]}], authorities={"root": [ROOT]})

            def refused(*words):
                entries = [json.loads(line) for line in ward.expect(1, "apply", "--log-format=json", *words).err.splitlines()]
                self.check(ward, entries)
                return [(NAMES[entry["MESSAGE_ID"]], entry["PRIORITY"], entry["MESSAGE"]) for entry in entries
                        if entry["PRIORITY"] <= ERROR]
            with ward.listen() as daemon:
                daemon.passes(1)
                (name, priority, text), = refused()
                self.assertEqual((name, priority), ("NotApplied", ERROR))
                self.assertIn("pid %d holds this state" % daemon.pid, text)
            (_, _, text), (name, _, _) = refused("--directory", "d-0000000000")
            self.assertEqual(name, "NotApplied")
            self.assertIn("no directory d-0000000000", text)
            ward.write("version: 1\npolcy: sync\n")
            mistakes = refused()
            self.assertEqual([found[:2] for found in mistakes], [("ConfigurationMistake", ERROR), ("NotApplied", ERROR)])
            self.assertIn("ldapsward.yaml:2:1:", mistakes[0][2])
            ward.write("version: 1\n")      # a warning: nothing is looked after
            for words, count in ((), 0), (("--debug",), 1):
                self.assertEqual(ward.expect(0, "apply", "--log-format=json", *words).err.count("no directories"), count)

    def test_refused(self):
        """A file with a mistake: where, as an error with its own id; at the start it is critical."""
        with Scene() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "trust": ["root"]}], authorities={"root": [ROOT]})
            with ward.listen() as daemon:
                daemon.passes(1)
                ward.write("version: 1\npolcy: sync\n")
                daemon.hangs_up("was not taken")
                told = [(NAMES[entry["MESSAGE_ID"]], entry["PRIORITY"]) for entry in ward.told(daemon, ERROR)]
                self.assertEqual(told[-1], ("ConfigurationRefused", ERROR))
                self.assertIn(("ConfigurationMistake", ERROR), told)
                self.assertIn("ldapsward.yaml:2:1:", ward.told(daemon, ERROR)[0]["MESSAGE"])
            with ward.listen() as daemon:
                daemon.ends(78)
            self.assertEqual((NAMES[ward.told(daemon)[-1]["MESSAGE_ID"]], ward.told(daemon)[-1]["PRIORITY"]), ("NotStarted", 2))


if __name__ == "__main__":
    main()
