#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`export` writes a configuration of what AWS has. With the certificates that it names put in their places `check`
takes it, `plan` finds nothing to do and `adopt` records all, whatever names the API tells.
"""

import itertools
import json
import os
import subprocess
import time

from harness import DEADLINE, KEY, PROGRAM, REGION, SECRET, Authority, need, scratch
from ward import Case, Done, Ward, main, secretless

need("openssl")

DAY = 86400
_places = itertools.count(1)
OTHER = "eu-central-1"
SECOND_ACCOUNT, SECOND_KEY, SECOND_SECRET = "444455556666", "AKIDSECONDEXAMPLE", "bPxRfiCYEXAMPLEKEYwJalrXUtnFEMIK7MDENG"

ROOT = Authority("Corp Root", days=3650)
RENEWED = ROOT.rekeyed(days=5000)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
# Names that are other things in YAML, in a pattern of files or on a terminal. "/" and "+" are openssl's own.
NASTY = ["it's \"quoted\" # no comment", "key: value", "- item", "none", "2024", "~", "*[a]?{b}", "back\\\\slash %n ${HOME}",
         "Größe Ж 東京", "\U0001f512", "corp root", "CORP-ROOT", "!!tag &a *a | >", "a" * 64]
# What no certificate of a file may have, but what the API might tell all the same.
HOSTILE = ["a\nauthorities: {}\n", "a\r- b", "bell\x07\x1b[31m", "a\u2028policy: sync", "a\u0085policy: sync", "\ufeffbom",
           "\u202eesrever", "\x7f", ""]


class Place(Ward):
    """A service whose set-up was made in the console, and no file."""

    def __init__(self, *options):
        super().__init__(*options)
        self.pems = {}      # (common name, expiry) -> PEM
        self.place = scratch("export-%d" % next(_places))     # apart from what is searched for secrets
        os.makedirs(os.path.join(self.place, "ca"))
        self.path = os.path.join(self.place, "ldapsward.yaml")

    def register(self, directory, *authorities, **terms):
        for authority in authorities:
            self.pems[authority.name.replace("\\\\", "\\"), authority.not_after] = authority.pem
            self.service.control("register", directory=directory, pem=authority.pem, **terms)

    def export(self, *words, status=0, **variables):
        """Runs `export`, which is told of no configuration and no state unless `words` do."""
        done = subprocess.run([PROGRAM, "export", *words], env=self.environment(**variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE, check=False)
        done = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
        secretless(done.out + done.err, "export")
        if done.status != status:
            raise AssertionError("`export` was to end with %d: %s" % (status, done))
        return done

    def supply(self, *words, **variables):
        """Takes the exported file for the configuration, and puts the certificates where it names them."""
        told = self.export("--json", *words, **variables).json
        self.write(self.export(*words, **variables).out)
        for authority in told["authorities"]:
            for generation in authority["generations"]:
                ends = time.mktime(time.strptime(generation["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
                pem = self.pems[authority["common_name"], int(ends)]
                with open(os.path.join(self.place, generation["file"]), "w") as file:
                    file.write(pem)
        return told

    def round_trip(self, case, adopted, *words, **variables):
        """Exports, supplies, checks, plans and adopts; gives what was told."""
        told = self.supply(*words, **variables)
        with open(self.path) as file:
            case.assertIn("\n  policy: observe\n", file.read())
        case.assertIn("good", self.expect(0, "check").out)
        planned = self.expect(0, "plan", "--detailed-exitcode", "--json", **variables)
        case.assertEqual(planned.json["summary"]["changing"], 0)
        case.assertEqual({report["standing"] for report in planned.json["directories"]}, {"ready"}, planned)
        recorded = self.expect(0, "adopt", "--json", **variables).json
        case.assertEqual(recorded["summary"]["adopted"], adopted)
        case.assertEqual([entry for report in recorded["directories"] for entry in report["missing"]], [])
        case.assertEqual(self.writes(), [], "nothing was written to AWS")
        return told


class Export(Case):
    def test_round_trip(self):
        """A Managed AD in two Regions and an AD Connector, with nothing but the keys of the environment."""
        with Place() as ward:
            corp = ward.service.create("corp.example.com", regions=[REGION, OTHER])
            lab = ward.service.create("lab.example.com", type="ADConnector")
            for region in (REGION, OTHER):
                ward.register(corp, ROOT, RENEWED, ISSUING, region=region)
                ward.service.control("enable", directory=corp, region=region)
            ward.register(lab, ROOT, RENEWED)
            ward.register(lab, ISSUING, type="ClientCertAuth")
            told = ward.round_trip(self, 8)
            self.assertEqual([(one["name"], one["common_name"], len(one["generations"])) for one in told["authorities"]],
                             [("corp-issuing", "Corp Issuing", 1), ("corp-root", "Corp Root", 2)])
            self.assertEqual({one["directory"]: (one["name"], one["regions"], one["client_ldaps"], one["trust"], one["why_not"])
                              for one in told["directories"]},
                             {corp: ("corp.example.com", [OTHER, REGION], "enabled", ["corp-issuing", "corp-root"], ""),
                              lab: ("lab.example.com", [REGION], None, ["corp-root"], "")})
            shown = ward.export("--directory", lab).out
            self.assertNotIn(corp, shown)
            self.assertIn("# %s: 1 for smart cards (ClientCertAuth): never touched" % REGION, shown)
            ward.expect(0, "apply")
            with open(ward.path) as file:
                text = file.read()
            ward.write(text.replace("policy: observe", "policy: sync"))
            ward.expect(0, "apply")
            self.assertEqual(ward.writes(), [], "what was exported is what is there")

    def test_accounts(self):
        """Two accounts of a configuration: both in one file, with all that the configuration says of them."""
        with Place("--credentials", "%s:%s" % (KEY, SECRET), "--credentials",
                   "%s:%s@%s" % (SECOND_KEY, SECOND_SECRET, SECOND_ACCOUNT)) as ward:
            keys = os.path.join(scratch(), "export-keys")
            with open(keys, "w") as file:
                file.write("[one]\naws_access_key_id = %s\naws_secret_access_key = %s\n[the 'second' # one]\n"
                           "aws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET, SECOND_KEY, SECOND_SECRET))
            ward.variables = {"AWS_SHARED_CREDENTIALS_FILE": keys, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
            ward.write(json.dumps({"version": 1, "accounts": {
                "prod": {"profile": "one", "concurrency": 7, "endpoint": ward.service.url},
                "lab": {"profile": "the 'second' # one", "account_id": SECOND_ACCOUNT, "sts_endpoint": ward.service.url,
                        "endpoint": {OTHER: ward.service.url, REGION: ward.service.url}}}}))
            corp = ward.service.create("corp.example.com")
            lab = ward.service.create("lab.example.com", account=SECOND_ACCOUNT, region=OTHER)
            ward.register(corp, ROOT)
            ward.register(lab, ROOT)
            words = ["--account", "prod", "--account", "lab", "--region", REGION, "--region", OTHER, "--config", ward.path]
            ward.export(*words)
            self.assertEqual(ward.calls()["GetCallerIdentity"], 1, "keys are got once")
            told = ward.round_trip(self, 2, *words)
            self.assertEqual({one["directory"]: (one["account"], one["regions"]) for one in told["directories"]},
                             {corp: ("prod", [REGION]), lab: ("lab", [OTHER])})
            # of the file that it wrote, an account is looked for where its directories are
            self.assertEqual(ward.export("--account", "lab", "--config", ward.path, "--json").json["directories"][0]["directory"], lab)
            with open(ward.path) as file:
                text = file.read()
            self.assertIn("    concurrency: 7\n", text)
            for line in ("    endpoint: ", "      %s: " % OTHER, "      %s: " % REGION, "    sts_endpoint: "):
                self.assertIn('%s"%s"\n' % (line, ward.service.url), text)
            self.assertIn('    account_id: "%s"\n' % SECOND_ACCOUNT, text)
            ward.write(text.replace(SECOND_ACCOUNT, "999999999999"))
            wrong = ward.export("--account", "lab", "--config", ward.path, status=1)
            self.assertEqual(wrong.out, "", "the keys of another account read nothing")
            self.assertIn("999999999999", wrong.err)

    def test_where_selectors_look(self):
        """Of a file with selectors, an account is looked for where they look."""
        with Place() as ward:
            here, there = ward.service.create("corp.example.com"), ward.service.create("lab.example.com", region=OTHER)
            for wish in ({"select": {"name": "*.example.com"}, "regions": [REGION, OTHER], "trust": "none"},
                         {"id": there, "regions": "all", "home": [OTHER], "trust": "none"}):
                ward.write(json.dumps({"version": 1, "defaults": {"policy": "observe"}, "accounts": {"prod": {}},
                                       "directories": [{"account": "prod", **wish}]}))
                told = ward.export("--account", "prod", "--config", ward.path, "--json").json
                self.assertEqual({one["directory"] for one in told["directories"]},
                                 {here, there} if "select" in wish else {there})

    def test_nasty_names(self):
        """Names that mean something in YAML, to a shell or to a terminal make no other file, and no other name."""
        with Place("--limit", "ldaps=100") as ward:
            some = [Authority(name.replace("\\\\", "\\"), subject="/CN=" + name.replace("/", "\\/").replace("+", "\\+"))
                    for name in NASTY]
            directories = [ward.service.create("nasty%d.example.com" % number) for number in range(0, len(some), 5)]
            for number, authority in enumerate(some):
                ward.register(directories[number // 5], authority)
            told = ward.round_trip(self, len(some))
            names = [one["name"] for one in told["authorities"]]
            self.assertEqual(len(set(names)), len(some))
            for name in names:
                self.assertRegex(name, r"\A[a-z][a-z0-9-]{0,58}\Z")
            self.assertEqual({one["common_name"] for one in told["authorities"]}, {authority.name for authority in some})

    def test_hostile_names(self):
        """What no certificate can be called stays in its comment, on one line, without a control character."""
        with Place("--limit", "ldaps=100") as ward:
            corp = ward.service.create("corp.example.com")
            for number, name in enumerate(HOSTILE):
                ward.service.control("register", directory=corp, common_name=name, expiry=int(time.time()) + (1000 + number) * DAY)
            text = ward.export().out
            self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
            told = ward.export("--json").json
            self.assertEqual({one["common_name"] for one in told["authorities"]}, set(HOSTILE))
            self.assertNotIn("\n  policy: sync", text)
            ward.write(text)
            mistakes = ward.expect(1, "check").out.splitlines()
            for line in mistakes[:-1]:
                self.assertRegex(line, r": cannot read \S+/ca/[a-z0-9-]+\.pem: No such file", "the files are all that is missing")
            self.assertEqual(len(mistakes) - 1, len(HOSTILE))

    def test_what_a_file_cannot_have(self):
        """Other kinds, failures, what ends and what is alike: told in comments, and the file is good all the same."""
        with Place("--limit", "ldaps=100") as ward:
            ended = Authority("Old Root", seconds=-3600)
            many = [Authority("Many %d" % number, days=1000 + number) for number in range(7)]
            simple = ward.service.create("simple.example.com", type="SimpleAD")
            shared = ward.service.create("shared.example.com", type="SharedMicrosoftAD")
            ill = ward.service.create("ill.example.com", stage="Impaired")
            empty = ward.service.create("empty.example.com")
            corp = ward.service.create("corp.example.com", regions=[REGION, OTHER])
            ward.register(ill, *many)
            ward.register(corp, ROOT, ended, region=REGION)
            ward.register(corp, ROOT, RENEWED, region=OTHER)
            ward.register(corp, ISSUING, region=OTHER, state="RegisterFailed", reason="no")
            ward.service.control("enable", directory=corp, region=REGION)
            told = ward.supply()
            self.assertEqual({one["directory"]: one["why_not"] != "" for one in told["directories"]},
                             {simple: True, shared: True, ill: False, empty: False, corp: False})
            text = ward.export().out
            for line in ("# not %s, simple.example.com (%s): Simple AD has no client-side LDAPS" % (simple, REGION),
                         "# not %s, shared.example.com (%s): shared by another account, where it is looked after" % (shared, REGION),
                         "# %s: is Impaired: nothing is written until it is Active" % REGION,
                         "certificate_limit: 7\n", "trust: none\n", "# client_ldaps: is not the same in all Regions",
                         "Corp Issuing, is RegisterFailed: left out", "# Old Root, has expired on ",
                         "# %s: ca/old-root-%s.pem is not registered\n" % (
                             OTHER, time.strftime("%Y-%m-%d", time.gmtime(ended.not_after))),
                         "# %s: ca/corp-root-%s.pem is not registered: add-only and sync would do it\n" % (
                             REGION, time.strftime("%Y-%m-%d", time.gmtime(RENEWED.not_after)))):
                self.assertIn(line, text)
            self.assertIn("good", ward.expect(0, "check").out)
            self.assertIn("Adopt: 4 recorded", ward.expect(0, "adopt", "--directory", corp).out)

    def test_what_cannot_be_read(self):
        """What is missing is told on standard error, in the file and by the status; nothing at all is no file."""
        with Place() as ward:
            corp = ward.service.create("corp.example.com", regions=[REGION, OTHER])
            lab = ward.service.create("lab.example.com")
            ward.register(corp, ROOT, region=REGION)
            ward.service.control("fault", fault="ListCertificates:*:AccessDeniedException@" + lab)
            found = ward.export(status=1)
            self.assertIn("# not %s, lab.example.com (%s): " % (lab, REGION), found.out)
            self.assertIn("- id: " + corp, found.out)
            self.assertIn("AccessDeniedException", found.err)
            ward.service.control("fault", clear=True)
            ward.service.control("fault", fault="DescribeDirectories:1:AccessDeniedException")
            found = ward.export("--region", OTHER, "--region", REGION, status=1)
            self.assertIn("# NOT COMPLETE: %s: " % OTHER, found.out)
            ward.service.control("fault", fault="DescribeDirectories:*:AccessDeniedException")
            self.assertEqual(ward.export(status=1).out, "")
            ward.service.control("fault", clear=True)
            self.assertIn("there is no directory d-0000000001", ward.export("--directory", "d-0000000001", status=1).err)
            with open(os.path.join(ward.place, "profile"), "w") as file:
                file.write("[default]\nregion = %s\n" % OTHER)
            chosen = {"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": file.name}
            self.assertIn("regions: [%s, %s]" % (OTHER, REGION), ward.export(**chosen).out, "the profile has a Region")
            self.assertIn("no Region to look in: name one with --region, or in AWS_REGION",
                          ward.export(status=1, AWS_REGION="", AWS_DEFAULT_REGION="").err)
            ward.write('{"version": 1}')
            self.assertIn("`accounts` alone if need be", ward.export(
                "--account", "prod", "--config", "no-such-file", status=1).err)
            with open("/dev/full", "w") as full:
                unwritten = subprocess.run([PROGRAM, "export"], env=ward.environment(), stdout=full, stderr=subprocess.PIPE,
                                           timeout=DEADLINE, check=False)
            self.assertEqual(unwritten.returncode, 1)
            self.assertIn(b"could not be written: No space left", unwritten.stderr)
            self.assertIn("no account prod in it", ward.export("--account", "prod", "--config", ward.path, status=1).err)
            self.assertIn("no-such-file", ward.export("--account", "prod", "--config", "no-such-file", status=1).err)
            self.assertIn("is no Region", ward.export("--region", "Europe", status=64).err)
            self.assertEqual(ward.export(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", status=1).out, "")
            self.assertEqual(ward.writes(), [])

    def test_pages(self):
        """Every page of every listing is read."""
        with Place("--page", "2", "--limit", "ldaps=100", "--limit", "directories=100") as ward:
            for number in range(9):
                directory = ward.service.create("corp%d.example.com" % number)
                ward.register(directory, ROOT, RENEWED, ISSUING)
            told = ward.round_trip(self, 27)
            self.assertEqual(len(told["directories"]), 9)
            self.assertEqual({len(generation["entries"]) for one in told["authorities"] for generation in one["generations"]}, {9})


if __name__ == "__main__":
    main()
