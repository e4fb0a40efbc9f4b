#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`plan`, `apply`, `status` and `history` against the emulator: the first install, and the world afterwards."""

import glob
import json
import os
import re
import subprocess

from harness import AWS, DEADLINE, PATIENCE, Authority, need
from ward import Case, Ward, main

need("openssl")

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)


def install(ward, **terms):
    """One Managed AD that trusts two authorities and one AD Connector that trusts one."""
    corp = ward.service.create("corp.example.com")
    lab = ward.service.create("lab.example.com", type="ADConnector")
    ward.configure(directories=[{"id": corp, "name": "corp.example.com", "trust": ["root", "issuing"]},
                                {"id": lab, "name": "lab.example.com", "trust": ["root"]}],
                   authorities={"root": [ROOT], "issuing": [ISSUING]}, **terms)
    return corp, lab


class Regions(Case):
    def test_each_region_counts(self):
        """A directory in two Regions counts in each, and every sentence that counts says so; one in a single Region does not."""
        apart = "directories (each Region apart)"
        with Ward() as ward:
            regions = ["eu-west-1", "eu-central-1"]
            corp = ward.service.create("corp.example.com", regions=regions)
            lab = ward.service.create("lab.example.com")
            ward.configure(directories=[{"id": corp, "trust": ["root"], "regions": regions}, {"id": lab, "trust": ["root"]}],
                           authorities={"root": [ROOT]})
            self.assertIn(", in 3 of 3 %s.\n" % apart, ward.expect(0, "plan").out)
            self.assertIn(", in 1 of 1 directories.\n", ward.expect(0, "plan", "--directory", lab).out)
            self.assertIn("0 left alone; 3 %s.\n" % apart, ward.expect(0, "adopt", "--dry-run").out)
            self.assertIn("3 of 3 %s ready.\n" % apart, ward.apply().out)
            self.assertIn(" in 3 %s." % apart, " ".join(ward.expect(0, "forecast").out.split()))
            with ward.run() as daemon:
                daemon.says(re.escape("with 3 " + apart + " of"))
                daemon.says(re.escape("looked at all 3 " + apart))
                daemon.hangs_up(re.escape("taken: 3 " + apart))


class FirstInstall(Case):
    def test_converges(self):
        """Two directories of both kinds: every certificate Registered, then LDAPS Enabled, in that order."""
        with Ward("--delay", "register=60", "--delay", "enable=60") as ward:
            corp, lab = install(ward)
            planned = ward.expect(2, "plan", "--detailed-exitcode")
            self.assertIn("Plan: 3 to register, 0 to deregister, 2 to enable, 0 to disable, in 2 of 2 directories",
                          planned.out)
            self.assertEqual(ward.writes(), [], "plan writes nothing")
            self.assertEqual(os.listdir(ward.state), [], "plan leaves nothing behind")
            self.assertIn("2 of 2 directories ready", ward.apply().out)
            self.converged(ward, corp, 2)
            self.converged(ward, lab, 1)
            self.assertEqual(ward.writes(corp), ["RegisterCertificate", "RegisterCertificate", "EnableLDAPS"])
            self.assertEqual(ward.writes(lab), ["RegisterCertificate", "EnableLDAPS"])
            self.assertEqual(len(ward.service.writes()), 5, "nothing was refused or repeated")
            dump = ward.service.dump(corp)
            self.assertEqual({entry["common_name"] for entry in dump["certificates"]}, {"Corp Root", "Corp Issuing"})

    def test_order(self):
        """EnableLDAPS is sent only after a listing that shows every certificate Registered."""
        with Ward("--delay", "register=200") as ward:
            corp, _ = install(ward)
            ward.apply("--directory", corp)
            lines = [line for line in ward.service.requests() if line["directory"] == corp]
            names = [line["operation"] for line in lines]
            last = len(names) - 1 - names[::-1].index("RegisterCertificate")
            enable = names.index("EnableLDAPS")
            self.assertLess(last, enable)
            self.assertGreaterEqual(lines[enable]["time"] - lines[last]["time"], 200, "it was Registered by then")
            between = names[last + 1:enable]
            self.assertGreaterEqual(between.count("ListCertificates"), 2, between)

    def test_witness(self):
        """The AWS CLI, which is not ours, sees what apply has done."""
        if not os.access(AWS, os.X_OK):
            self.skipTest("no " + AWS)
        with Ward() as ward:
            corp, _ = install(ward)
            ward.apply(status=0)
            ward.shift = 0
            listed = ward.service.aws("list-certificates", "--directory-id", corp)["CertificatesInfo"]
            self.assertEqual({(entry["CommonName"], entry["State"]) for entry in listed},
                             {("Corp Root", "Registered"), ("Corp Issuing", "Registered")})
            settings = ward.service.aws("describe-ldaps-settings", "--directory-id", corp)["LDAPSSettingsInfo"]
            self.assertEqual([setting["LDAPSStatus"] for setting in settings], ["Enabled"])

    def test_one_directory(self):
        """--directory acts on that one alone, and on one that is not in the file not at all."""
        with Ward() as ward:
            corp, lab = install(ward)
            self.assertIn("1 of 1 directories ready", ward.apply("--directory", lab).out)
            self.assertEqual({line["directory"] for line in ward.service.writes()}, {lab})
            self.assertEqual(ward.service.state(corp), [])
            self.assertEqual([report["directory"] for report in ward("plan", "--json", "--directory", corp).json["directories"]],
                             [corp])
            done = ward.expect(1, "apply", "--directory", "d-0000000000")
            self.assertIn("no directory d-0000000000", done.err)


class Converged(Case):
    def test_nothing_more(self):
        """A converged world plans nothing, is not written to, and each pass asks one sweep, one listing and one setting (N10)."""
        with Ward() as ward:
            corp, lab = install(ward)
            # an AD Connector may hold a hundred certificates of users' smart cards beside ours: three pages
            for number in range(100):
                ward.service.control("register", directory=lab, common_name="User CA %d" % number, type="ClientCertAuth",
                                     expiry=ROOT.not_after)
            ward.apply()
            writes = len(ward.service.writes())
            for words, status in ((("plan", "--detailed-exitcode"), 0), (("apply",), 0)):
                ward.move(60)
                before = len(ward.service.requests())
                done = ward.expect(status, *words)
                self.assertEqual(ward.calls(before), {
                    "DescribeDirectories": 1, "ListCertificates": 1 + 3, "DescribeLDAPSSettings": 2}, words)
                if words[0] == "plan":
                    self.assertIn("nothing to do", done.out)
            with ward.run() as daemon:
                daemon.passes(1)
                for _ in range(4):
                    daemon.quiet()
                    before = len(ward.service.requests())
                    daemon.later(15 * 60)
                    self.assertEqual(ward.calls(before), {
                        "DescribeDirectories": 1, "ListCertificates": 1 + 3, "DescribeLDAPSSettings": 2}, "run")
            self.assertEqual(len(ward.service.writes()), writes, "no writes to a converged world")
            self.assertEqual(len(ward.service.certificates(lab, "ClientCertAuth")), 100, "users' certificates are not touched")

    def test_regions(self):
        """Each Region is a world of its own: one sweep, one listing and one setting there, and both converge."""
        with Ward() as ward:
            regions = ["eu-west-1", "eu-central-1"]
            corp = ward.service.create("corp.example.com", regions=regions)
            ward.configure([{"id": corp, "trust": ["root"]}], {"root": [ROOT]}, regions=regions)
            ward.apply()
            self.assertEqual({(line["region"], line["operation"]) for line in ward.service.writes()},
                             {(region, write) for region in regions for write in ("RegisterCertificate", "EnableLDAPS")})
            self.assertEqual(len(ward.service.writes()), 4)
            ward.move(60)
            before = len(ward.service.requests())
            ward.expect(0, "plan", "--detailed-exitcode")
            self.assertEqual(ward.calls(before), {
                "DescribeDirectories": 2, "ListCertificates": 2, "DescribeLDAPSSettings": 2})
            self.assertEqual([report["region"] for report in ward("status", "--json").json["directories"]], sorted(regions))

    def test_own_pages(self):
        """A listing is read to its last page before anything is decided, however small the pages are."""
        with Ward("--page", "1") as ward:
            corp, lab = install(ward)
            ward.apply()
            ward.move(60)
            before = len(ward.service.requests())
            ward.apply()
            self.assertEqual(ward.calls(before), {
                "DescribeDirectories": 2, "ListCertificates": 2 + 1, "DescribeLDAPSSettings": 2})
            self.converged(ward, corp, 2)
            self.converged(ward, lab, 1)


class ExitStatus(Case):
    def test_plan(self):
        """plan: 0, or with --detailed-exitcode 0 nothing to do, 2 changes, 1 error."""
        with Ward() as ward:
            corp, _ = install(ward)
            ward.expect(0, "plan")
            ward.expect(2, "plan", "--detailed-exitcode")
            ward.apply()
            ward.expect(0, "plan", "--detailed-exitcode")
            ward.service.fault("ListCertificates:*:AccessDeniedException@" + corp)
            ward.expect(1, "plan", "--detailed-exitcode")
            ward.write("version: 2\n")
            ward.expect(1, "plan")

    def test_apply(self):
        """apply: 0 converged, 1 error, 2 held back or not finished in time."""
        with Ward("--delay", "register=never") as ward:
            corp, _ = install(ward)
            done = ward("apply", "--timeout", "1s", LDAPSWARD_DEMO_SKIP="")
            self.assertEqual(done.status, 2, done)
            self.assertIn("Not finished in 1 s", done.out)
        with Ward() as ward:
            corp, _ = install(ward, policy="observe")
            held = ward.apply(status=2)
            self.assertIn("Observing", held.out)
            self.assertEqual(ward.writes(), [], "observe writes nothing")
            ward.service.fault("*:*:AccessDeniedException@" + corp)
            self.assertIn("AccessDeniedException", ward.apply(status=1).out)
            ward.write("directories: [")
            broken = ward.apply(status=1)
            self.assertRegex(broken.err, r"ldapsward\.yaml:\d+:\d+: ")

    def test_status(self):
        """status: 3 nothing known, 0 healthy, 1 not."""
        with Ward() as ward:
            corp, lab = install(ward)
            self.assertIn("Nothing is known yet", ward.expect(3, "status").out)
            ward.apply()
            self.assertIn("Registered", ward.expect(0, "status").out)
            ward.service.control("set", directory=corp, stage="Impaired")
            ward.apply(status=2)
            self.assertIn("NotActive", ward.expect(1, "status").out)
            ward.expect(0, "status", "--directory", lab)
            ward.expect(1, "status", "--directory", corp)

    def test_history(self):
        """history: every change with its outcome, reason and request id, and nothing else."""
        with Ward() as ward:
            corp, lab = install(ward)
            self.assertIn("Nothing has been done yet", ward.expect(0, "history").out)
            ward.apply()
            self.assertEqual(ward.history(corp), [("register", "accepted"), ("register", "accepted"), ("enable", "accepted")])
            entries = ward.expect(0, "history", "--json").json["entries"]
            self.assertEqual({entry["request_id"] for entry in entries},
                             {line["request_id"] for line in ward.service.writes()})
            self.assertEqual({entry["reason"] for entry in entries}, {"Missing", "LdapsWanted"})
            self.assertEqual(len(ward("history", "--json", "--limit", 1).json["entries"]), 1)
            self.assertEqual({entry["directory"] for entry in ward("history", "--json", "--directory", lab).json["entries"]}, {lab})


class Outputs(Case):
    def test_json(self):
        """Every --json parses, has its version, and says what the text says."""
        with Ward() as ward:
            corp, lab = install(ward)
            plan = ward.expect(0, "plan", "--json").json
            self.assertEqual(plan["summary"]["register"], 3)
            self.assertEqual([step["action"] for report in plan["directories"] if report["directory"] == corp
                              for step in report["steps"] if step["action"] != "wait"], ["register", "register", "enable"])
            applied = ward.expect(0, "apply", "--json").json
            self.assertEqual((applied["done"], applied["failed"], applied["timed_out"]), (5, 0, False))
            status = ward.expect(0, "status", "--json").json
            self.assertEqual(applied["directories"], status["directories"])
            self.assertEqual({(report["directory"], report["standing"], report["ldaps"]) for report in status["directories"]},
                             {(corp, "ready", "Enabled"), (lab, "ready", "Enabled")})
            for certificate in ward.report(corp)["certificates"]:
                self.assertEqual((certificate["owner"], certificate["state"]), ("ldapsward", "Registered"))
            self.assertEqual(len(ward.expect(0, "history", "--json").json["entries"]), 5)
            checked = json.loads(ward.expect(0, "check", "--json").out)
            self.assertEqual(checked["version"], 1)

    def test_colour(self):
        """On a terminal there are colours, never with NO_COLOR, and never elsewhere."""
        with Ward() as ward:
            install(ward)
            command = subprocess.list2cmdline(ward.command("plan"))
            seen = {}
            for name, variables in (("terminal", {"TERM": "xterm"}), ("NO_COLOR", {"TERM": "xterm", "NO_COLOR": "1"})):
                done = subprocess.run(["/usr/bin/script", "-qec", command, "/dev/null"], env=ward.environment(**variables),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=DEADLINE, check=False, text=True)
                seen[name] = "\x1b[" in done.stdout
                self.assertIn("3 to register", done.stdout)
            seen["pipe"] = "\x1b[" in ward("plan").out
            self.assertEqual(seen, {"terminal": True, "NO_COLOR": False, "pipe": False})


    def test_interrupted(self):
        """What was sent after the last look is told by `apply` and by `status`, until the next look; and that no look has ended."""
        before = "what follows was seen before that"
        with Ward() as ward:
            corp, _ = install(ward)
            with ward.run("apply", "--directory", corp, LDAPSWARD_DEMO_SKIP="") as run:
                run.says("accepted as c-")
                run.stop(1)
            sent = r"  register Corp \w+ \([^)]*\): accepted as c-\w+; %s client-side LDAPS: " % before
            for told in (run.log(), ward.expect(1, "status").out):
                self.assertRegex(" ".join(told.split()), sent.strip())
            self.assertRegex(ward.report(corp)["sent"], "^register Corp .*: accepted as c-")
            self.assertIn("Last look: none that went over all directories has ended yet.\n\n", ward("status").out)
            ward.move(20)
            ward.apply()
            self.assertNotIn("sent", ward.report(corp))
            self.assertIn("Last look: less than a minute ago.\n", ward("status").out)
        with Ward() as ward:
            corp, _ = install(ward)
            ward.service.fault("RegisterCertificate:*:hang")
            ward.expect(2, "apply", "--directory", corp, "--timeout", "1s", LDAPSWARD_DEMO_SKIP="")
            told = " ".join(ward.expect(1, "status").out.split())
            self.assertRegex(told, r"register Corp \w+ \([^)]*\): begun, and its outcome is not known yet; " + before)
        with Ward() as ward:
            corp, _ = install(ward)
            ward.service.fault("RegisterCertificate:*:ClientException")
            ward("apply", "--directory", corp, "--timeout", "2s", LDAPSWARD_DEMO_SKIP="")
            self.assertRegex(ward.report(corp)["sent"], "^register Corp .*: ClientException: ")

    def test_progress(self):
        """On a terminal `apply` shows what it waits for; elsewhere it shows no progress."""
        with Ward("--delay", "register=never") as ward:
            corp, _ = install(ward)
            command = subprocess.list2cmdline(ward.command("apply", "--timeout", "%ds" % (3 * PATIENCE)))
            done = subprocess.run(["/usr/bin/script", "-qec", command, "/dev/null"], stdin=subprocess.DEVNULL,
                                  env=ward.environment(TERM="xterm", LDAPSWARD_DEMO_SKIP=""), stdout=subprocess.PIPE,
                                  timeout=DEADLINE, check=False, text=True)
            self.assertRegex(done.stdout, "0 of 2 done, [0-9]+ s; %s since [0-9]+ s: register Corp" % corp)
            done = ward("apply", "--timeout", "2s", LDAPSWARD_DEMO_SKIP="")
            self.assertNotIn("\r", done.out + done.err)
            self.assertNotIn("2 done", done.out + done.err)


class Connection(Case):
    def test_https(self):
        """Over HTTPS, verified with AWS_CA_BUNDLE; without it nothing is sent."""
        with Ward(tls=True) as ward:
            corp, lab = install(ward)
            bundle = {"AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}
            done = ward.expect(1, "apply", **bundle)
            self.assertIn("Unreadable", done.out)
            self.assertRegex(done.out, "certificate")
            self.assertEqual(ward.service.requests(), [])
            ward.move(60)
            ward.apply()
            self.converged(ward, corp, 2)
            self.converged(ward, lab, 1)

    def test_token(self):
        """With temporary credentials: the token is sent, and shown no more than the key."""
        token = "IQoJb3JpZ2luX2VjEXAMPLETOKEN" * 10
        with Ward("--credentials", "ASIAEXAMPLE:temporarySecretKey/EXAMPLE:%s@111122223333" % token) as ward:
            corp, _ = install(ward)
            ward.variables.update(AWS_ACCESS_KEY_ID="ASIAEXAMPLE", AWS_SECRET_ACCESS_KEY="temporarySecretKey/EXAMPLE")
            refused = ward("apply")
            self.assertEqual(refused.status, 1, refused)
            ward.variables["AWS_SESSION_TOKEN"] = token
            ward.move(60)
            done = ward.apply()
            self.converged(ward, corp, 2)
            with ward.run() as daemon:
                daemon.passes(1)
            for text in (refused.out, refused.err, done.out, done.err, daemon.log()):
                self.assertNotIn(token[:28], text)
                self.assertNotIn("temporarySecretKey", text)
            for path in glob.glob(ward.home + "/*") + glob.glob(ward.state + "/*"):
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        kept = file.read()
                    self.assertNotIn(token[:28].encode(), kept, path)
                    self.assertNotIn(b"temporarySecretKey", kept, path)


class BesideADaemon(Case):
    def test_commands(self):
        """Beside a daemon `apply` is refused by name and pid; plan, status and history work."""
        with Ward() as ward:
            corp, _ = install(ward)
            with ward.run() as daemon:
                daemon.settles(corp)
                writes = len(ward.service.writes())
                refused = ward.expect(1, "apply")
                self.assertIn("ldapsward run", refused.err)
                self.assertIn(str(daemon.pid), refused.err)
                with ward.run() as second:
                    second.ends(1)
                    self.assertIn(str(daemon.pid), second.log())
                ward.expect(0, "plan", "--detailed-exitcode")
                ward.expect(0, "status")
                self.assertEqual(len(ward.history(corp)), 3)
                self.assertEqual(len(ward.service.writes()), writes)
            ward.apply()


if __name__ == "__main__":
    main()
