#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`adopt` shows which certificates that were there before match files, records them, and sends AWS nothing."""

import os

from harness import Authority, need
from ward import Case, Ward, main

need("openssl")

DAY = 86400

ROOT = Authority("Corp Root", days=3650)
RENEWED = ROOT.renewed(days=5000)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
ENDED = Authority("Old Root", seconds=-3600)
OTHER = Authority("Other Root", days=3650)
FOREIGN = Authority("Foreign Root", days=3650)
# Two CAs that the API shows alike.
TWIN = Authority("Twin", seconds=1000 * DAY)
SECOND = Authority("Twin", seconds=1000 * DAY)
SECOND_SAME = abs(TWIN.not_after - SECOND.not_after) <= 1


class Place(Ward):
    """One Managed AD, `corp`, set up in the console."""

    def __init__(self, *options, trust=("root", "issuing"), **terms):
        super().__init__(*options)
        self.corp = self.service.create("corp.example.com")
        self.edit(*trust, **terms)

    def edit(self, *trust, name="corp.example.com", **terms):
        self.configure(directories=[{"id": self.corp, "name": name, "trust": list(trust), **terms}],
                       authorities={"root": [ROOT], "issuing": [ISSUING], "other": [OTHER], "old": [ENDED],
                                    "twin": [TWIN], "second": [SECOND]})

    def register(self, authority, **terms):
        return self.service.control("register", directory=self.corp, pem=authority.pem, **terms)["certificate"]

    def adopt(self, status, *words):
        """What `adopt` says of each entry, by its id."""
        found = self.expect(status, "adopt", "--json", *words).json
        return {entry["id"]: entry["adoption"] for report in found["directories"] for entry in report["certificates"]}

    def owners(self):
        return {entry["id"]: entry["owner"] for entry in self.report(self.corp)["certificates"]}


class Adopt(Case):
    def test_what_matches_is_recorded(self):
        """Before the daemon ever ran and with `adopt: never`: shown, recorded once, told by history, kept from then on."""
        with Place(adopt="never") as ward:
            root, issuing, foreign = [ward.register(authority) for authority in (ROOT, ISSUING, FOREIGN)]
            card = ward.register(ROOT, type="ClientCertAuth")
            ward.service.control("enable", directory=ward.corp)
            dry = ward.expect(2, "adopt", "--dry-run")
            self.assertIn("Adopt: 2 to be recorded, 0 ldapsward's already, 1 left alone; 1 directory.", dry.out)
            self.assertIn("+ adopt %s: Corp Root (expires" % root, dry.out)
            self.assertIn("leave 1 for smart cards (ClientCertAuth)", dry.out)
            self.assertEqual(ward.history(), [])
            wanted = {root: "adopted", issuing: "adopted", foreign: "no_file", card: "other_type"}
            self.assertEqual(ward.adopt(2), wanted)
            entries = ward.expect(0, "history", "--json").json["entries"]
            self.assertEqual([(entry["action"], entry["outcome"], entry["reason"], entry["id"]) for entry in entries],
                             [("adopt", "recorded", "Adopted", name) for name in sorted([root, issuing])])
            self.assertIn("as root", " ".join(entry["text"] for entry in entries))
            self.assertEqual(ward.adopt(2), {**wanted, root: "owned", issuing: "owned"})
            self.assertEqual(len(ward.history()), 2, "nothing is recorded twice")
            ward.apply()
            self.assertEqual(ward.owners(), {root: "adopted", issuing: "adopted", foreign: "foreign", card: "foreign"})
            self.assertEqual(ward.writes(), [], "nothing was written to the API")

    def test_why_not(self):
        """Each entry that matches nothing says why."""
        with Place(trust=("root", "issuing", "old"), certificate_limit=10) as ward:
            renewed, other, ended = ward.register(RENEWED), ward.register(OTHER), ward.register(ENDED)
            failed = ward.register(ISSUING, state="RegisterFailed", reason="no")
            going = ward.register(ROOT, state="Deregistering")
            self.assertEqual(ward.adopt(2), {renewed: "no_file", other: "no_file", ended: "adopted", failed: "state",
                                             going: "state"})
            shown = " ".join(ward.expect(2, "adopt").out.split())
            self.assertRegex(shown, "leave %s, Corp Root .*no trusted authority has a certificate with this name and expiry;"
                             " of this name there is Corp Root" % renewed)
            self.assertIn("it looks like a certificate of other, which is not in `trust` here", shown)
            self.assertIn("it is RegisterFailed: only what is Registered or Registering can be adopted", shown)
            self.assertIn("it is Deregistering", shown)
            self.assertIn("= %s is ldapsward's already: Old Root" % ended, shown)

    def test_names_of_others(self):
        """Whoever may register a certificate chooses a name: on no terminal does it end a line or tell it something."""
        with Place(policy="observe") as ward:
            for number, name in enumerate(["x\nPlan: 0 to deregister", "\x1b[31mred\x1b[2K\r", "\x9b1m\x07", "\u202eesrever", ""]):
                ward.service.control("register", directory=ward.corp, common_name=name, expiry=ward.now() + (1000 + number) * DAY)
            ward("apply")
            for command in ("adopt", "plan", "status", "forecast", "apply"):
                shown = ward(command).out
                self.assertIn("[31mred?[2K?", shown, command)
                self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]|(?m:^Plan: 0 to deregister$)", command)
            self.assertIn("(no common name) (expires", ward("plan").out)

    def test_by_hand(self):
        """What root records in the state of the service's user does not lock the service out."""
        if os.geteuid() != 0:
            self.skipTest("not root")
        with Place() as ward:
            ward.register(ROOT)
            os.chown(ward.state, 65534, 65534)
            ward.adopt(0)
            names = os.listdir(ward.state)
            self.assertIn("ledger.sqlite", names)
            self.assertEqual({os.stat(os.path.join(ward.state, name)).st_uid for name in names}, {65534})

    def test_registering(self):
        """One that is still being registered is adopted as well."""
        with Place() as ward:
            root = ward.register(ROOT, state="Registering")
            self.assertEqual(ward.adopt(0), {root: "adopted"})
            self.assertEqual(ward.history(), [("adopt", "recorded")])

    def test_alike(self):
        """Of two that look the same neither is adopted: two files, or two entries."""
        if not SECOND_SAME:
            self.skipTest("openssl took more than a second")
        with Place(trust=("twin", "second")) as ward:
            one = ward.register(TWIN)
            self.assertEqual(ward.adopt(2), {one: "several_files"})
            two = ward.register(SECOND)
            ward.edit("twin")
            self.assertEqual(ward.adopt(2), {one: "several_entries", two: "several_entries"})
            self.assertEqual(ward.history(), [])

    def test_guards(self):
        """Another name, another kind, another account or no answer: nothing is recorded."""
        with Place() as ward:
            ward.register(ROOT)
            ward.edit("root", "issuing", name="other.example.com")
            self.assertEqual(ward.adopt(2), {})
            self.assertIn("nothing can be adopted (WrongName)", ward.expect(2, "adopt").out)
            ward.edit("root", "issuing")
            ward.service.control("set", directory=ward.corp, stage="Impaired")
            self.assertEqual(ward.adopt(2), {})
            ward.service.control("set", directory=ward.corp, stage="Active")
            ward.service.control("fault", fault="ListCertificates:*:AccessDeniedException")
            self.assertEqual(ward.adopt(1), {})
            self.assertIn("0 left alone; 1 directory, 1 not read.", ward("adopt").out)
            ward.service.control("fault", clear=True)
            with open(ward.path) as file:
                text = file.read()
            ward.write(text.replace('"version": 1,', '"version": 1, "accounts": {"prod": {"account_id": "999988887777"}},')
                       .replace('"trust"', '"account": "prod", "trust"'))
            self.assertEqual(ward.adopt(1), {})
            self.assertIn("WrongAccount", ward("adopt").out)
            self.assertEqual(ward.history(), [])
            self.assertEqual(ward.writes(), [])

    def test_one_writer(self):
        """Refused beside a running daemon, by name and pid; --dry-run looks beside it."""
        with Place(adopt="never", policy="observe") as ward:
            ward.register(ROOT)
            with ward.run() as daemon:
                daemon.passes(1)
                refused = ward.expect(1, "adopt")
                self.assertIn("ldapsward run", refused.err)
                self.assertIn(str(daemon.pid), refused.err)
                self.assertIn("Adopt: 1 to be recorded", ward.expect(0, "adopt", "--dry-run").out)
            self.assertEqual(ward.history(), [])

    def test_no_sooner(self):
        """What is adopted and dropped waits as long as what was always ours: adoption shortens nothing."""
        with Place(grace="3d") as ward:
            ward.register(ROOT)
            ward.register(ISSUING)
            ward.register(OTHER)
            ward.service.control("enable", directory=ward.corp)
            ward.edit("root", "issuing", "other")
            self.assertEqual(set(ward.adopt(0).values()), {"adopted"})
            ward.edit("root", "issuing")
            ward.apply(status=2)
            ward.move(DAY)
            self.assertEqual(set(ward.adopt(0).values()), {"owned"})
            ward.apply(status=2)
            self.assertEqual(ward.writes(), [], "three days of grace are not over")
            for _ in range(3):
                ward.move(DAY)
                ward("apply")
            self.assertEqual(ward.writes(), ["DeregisterCertificate"])

    def test_the_daemon_tells_it_too(self):
        """What `run` adopts by itself is in the history as well, before what follows from it."""
        with Place() as ward:
            ward.register(ROOT)
            with ward.run() as daemon:
                daemon.settles(ward.corp)
            done = ward.history()
            self.assertEqual(done[0], ("adopt", "recorded"))
            self.assertEqual([action for action, _ in done], ["adopt", "register", "enable"])

    def test_a_look_that_is_too_old_to_act_on(self):
        """What it adopts is in the history too, though the step that it asks for waits for another look."""
        with Place("--latency", "700") as ward:
            ward.register(ROOT)
            with ward.run() as daemon:
                daemon.wait(lambda: ward.calls().get("ListCertificates"), "the listing")
                ward.move(100)
                daemon.wait(lambda: ward.calls().get("DescribeLDAPSSettings"), "the settings")
                ward.service.settings(latency="0")
                daemon.settles(ward.corp)
            self.assertEqual([action for action, _ in ward.history()], ["adopt", "register", "enable"])


if __name__ == "__main__":
    main()
