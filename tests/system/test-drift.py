#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`run` over simulated days: what others change is repaired or told, and edits of the file are followed."""

import os

from harness import Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)
OTHER = Authority("Other Root", days=3650)
FOREIGN = Authority("Foreign Root", days=3650)
AUTHORITIES = {"root": [ROOT], "issuing": [ISSUING], "other": [OTHER]}


def names(ward, directory):
    """The common names that are Registered, sorted."""
    return sorted(entry["common_name"] for entry in ward.service.certificates(directory)
                  if entry["state"] == "Registered")


class Place(Ward):
    """One Managed AD, `corp`, that trusts what `edit` says."""

    def __init__(self, *options, **terms):
        super().__init__(*options)
        self.corp = self.service.create("corp.example.com")
        self.authorities = dict(AUTHORITIES)
        self.terms = {"interval": "1h", "grace": "3d", **terms}
        self.edit("root", "issuing")

    def edit(self, *trust, **terms):
        """Writes the file with another `trust` ("none" for none), or other terms of the directory."""
        directory = {"id": self.corp, "name": "corp.example.com", "trust": "none" if trust == ("none",) else list(trust)}
        self.configure(directories=[{**directory, **terms}], authorities=self.authorities, **self.terms)

    def names(self):
        return names(self, self.corp)

    def reload(self, daemon, *trust, **terms):
        self.edit(*trust, **terms)
        daemon.hangs_up("taken: ")
        daemon.quiet()
        self.move(20)       # no directory is looked at twice within 15 s
        daemon.quiet()


class OthersChange(Case):
    def test_removed(self):
        """A certificate that was removed behind our back is back after the next pass, and nothing else was done."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            before = len(ward.service.writes())
            gone = [entry["id"] for entry in ward.service.certificates(ward.corp) if entry["common_name"] == "Corp Issuing"][0]
            ward.service.control("deregister", directory=ward.corp, certificate=gone)
            self.assertEqual(ward.names(), ["Corp Root"])
            daemon.later(HOUR)
            daemon.turn(lambda: len(ward.names()) == 2, "the certificate")
            self.assertEqual(ward.writes(since=before), ["RegisterCertificate"])
            daemon.settles(ward.corp)
            self.converged(ward, ward.corp, 2)

    def test_never_seen(self):
        """One that others remove before any look saw it is said to be accepted and not listed, and is tried again when that is sure."""
        with Place() as ward:
            ward.edit("root")
            with ward.run("apply", LDAPSWARD_DEMO_SKIP="") as run:
                run.says("accepted as c-")
                run.stop(1)
            [gone] = [entry["id"] for entry in ward.service.certificates(ward.corp)]
            ward.service.control("deregister", directory=ward.corp, certificate=gone)
            told = ward.condition(ward.corp, "Unlisted", "plan")
            self.assertEqual((told["severity"], told["id"]), ("warning", gone))
            self.assertRegex(told["message"], "registering Corp Root .* was accepted as %s, but that is not listed" % gone)
            self.assertIn("warning: Unlisted: ", ward("plan").out)
            self.assertNotIn("Unresolved", ward.reasons(ward.corp, "plan"))
            ward.move(93 * 60)
            ward.apply(status=2)
            ward.condition(ward.corp, "BackingOff")
            ward.move(HOUR)
            ward.apply()
            self.converged(ward, ward.corp, 1)
            self.assertEqual(ward.writes(), ["RegisterCertificate", "RegisterCertificate", "EnableLDAPS"])

    def test_contested(self):
        """What others remove again and again is repaired three times in a day, then held and told."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            before = len(ward.service.writes())
            for number in range(1, 5):
                gone = [entry["id"] for entry in ward.service.certificates(ward.corp)
                        if entry["common_name"] == "Corp Issuing"][0]
                ward.service.control("deregister", directory=ward.corp, certificate=gone)
                daemon.later(HOUR)
                if number < 4:
                    daemon.settles(ward.corp)
            daemon.says("Contested")
            self.assertEqual(ward.writes(since=before), ["RegisterCertificate"] * 3)
            ward.condition(ward.corp, "Contested")
            for _ in range(5):
                daemon.later(6 * HOUR)
            daemon.turn(lambda: len(ward.names()) == 2, "the repair of the next day")

    def test_disabled(self):
        """LDAPS that others disabled is announced at once and restored after reenable_after, not before."""
        with Place(reenable_after="2h") as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            before = len(ward.service.writes())
            ward.service.control("disable", directory=ward.corp)
            daemon.later(HOUR)
            seen = ward.now()
            daemon.says("DisabledElsewhere")
            self.assertEqual(ward.condition(ward.corp, "DisabledElsewhere")["severity"], "error")
            ward.expect(1, "status")
            daemon.later(HOUR)
            self.assertEqual(ward.writes(since=before), [], "it waits")
            daemon.turn(lambda: ward.service.ldaps(ward.corp) == "Enabled", "LDAPS", 300)
            enabled = ward.service.writes()[before:]
            self.assertEqual([line["operation"] for line in enabled], ["EnableLDAPS"])
            self.assertGreaterEqual(enabled[0]["time"], seen + 2 * HOUR - 30)
            self.assertLessEqual(enabled[0]["time"], seen + 3 * HOUR)

    def test_foreign(self):
        """A foreign certificate is shown as such and never touched, whatever is trusted or removed beside it."""
        with Place() as ward:
            mine = ward.service.control("register", directory=ward.corp, pem=FOREIGN.pem)["certificate"]
            card = ward.service.control("register", directory=ward.corp, pem=ROOT.pem, type="ClientCertAuth")["certificate"]
            with ward.run() as daemon:
                daemon.settles(ward.corp)
                self.assertEqual([entry["owner"] for entry in ward.report(ward.corp)["certificates"] if entry["id"] == mine],
                                 ["foreign"])
                ward.reload(daemon, "root")
                for _ in range(5):
                    daemon.later(DAY)
                daemon.settles(ward.corp)
                self.assertEqual(ward.names(), ["Corp Root", "Foreign Root"])
            removed = [line["certificate"] for line in ward.service.writes() if line["operation"] == "DeregisterCertificate"]
            self.assertNotIn(mine, removed)
            self.assertNotIn(card, removed)
            self.assertEqual(len(ward.service.certificates(ward.corp, "ClientCertAuth")), 1)

    def test_adoption(self):
        """A set-up made in the console is adopted without a write, and looked after from then on."""
        with Place() as ward:
            for authority in (ROOT, ISSUING):
                ward.service.control("register", directory=ward.corp, pem=authority.pem)
            ward.service.control("enable", directory=ward.corp)
            ward.apply()
            self.assertEqual(ward.writes(), [])
            self.assertEqual({entry["owner"] for entry in ward.report(ward.corp)["certificates"]}, {"adopted"})
            with ward.run() as daemon:
                daemon.passes(1)
                gone = ward.service.certificates(ward.corp)[1]["id"]
                ward.service.control("deregister", directory=ward.corp, certificate=gone)
                daemon.later(HOUR)
                daemon.turn(lambda: len(ward.names()) == 2, "the certificate")
                ward.reload(daemon, "root")
                for _ in range(4):
                    daemon.later(DAY)
                self.assertEqual(ward.names(), ["Corp Root"])

    def test_no_adoption(self):
        """With `adopt: never` what was there before stays foreign: told, not registered twice, not removed."""
        with Place() as ward:
            ward.edit("root", "issuing", adopt="never")
            ward.service.control("register", directory=ward.corp, pem=ROOT.pem)
            ward.apply(status=0)
            ward.condition(ward.corp, "ForeignMatch")
            self.assertEqual(ward.names(), ["Corp Issuing", "Corp Root"])
            self.assertEqual(ward.writes(), ["RegisterCertificate", "EnableLDAPS"])


class Policies(Case):
    def test_observe(self):
        """policy observe writes nothing, whatever is missing or dropped."""
        with Place(policy="observe") as ward, ward.run() as daemon:
            daemon.passes(1)
            ward.condition(ward.corp, "Observing")
            ward.service.control("register", directory=ward.corp, pem=ROOT.pem)
            ward.reload(daemon, "other")
            for _ in range(5):
                daemon.later(DAY)
            self.assertEqual(ward.service.writes(), [])

    def test_add_only(self):
        """policy add-only registers and enables; what was dropped stays, and LDAPS stays on."""
        with Place(policy="add-only") as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            self.converged(ward, ward.corp, 2)
            ward.reload(daemon, "root", client_ldaps="disabled")
            for _ in range(5):
                daemon.later(DAY)
            ward.condition(ward.corp, "Policy")
            self.converged(ward, ward.corp, 2)
            self.assertEqual(ward.writes(), ["RegisterCertificate"] * 2 + ["EnableLDAPS"])


class Edits(Case):
    def test_dropped(self):
        """An authority taken out of trust goes after grace, and a revert starts that wait anew."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.reload(daemon, "root")
            daemon.later(HOUR)
            ward.condition(ward.corp, "Grace")
            for _ in range(2):
                daemon.later(DAY)
            ward.reload(daemon, "root", "issuing")
            daemon.later(HOUR)
            self.assertNotIn("Grace", ward.reasons(ward.corp))
            ward.reload(daemon, "root")
            again = ward.now()
            for _ in range(2):
                daemon.later(DAY)
                self.assertEqual(ward.names(), ["Corp Issuing", "Corp Root"], "grace was begun anew")
            daemon.later(DAY + HOUR)
            daemon.settles(ward.corp)
            self.assertEqual(ward.names(), ["Corp Root"])
            removal = ward.service.writes()[-1]
            self.assertEqual(removal["operation"], "DeregisterCertificate")
            self.assertGreaterEqual(removal["time"], again + 3 * DAY - 30)
            self.assertRegex(daemon.log(), "deregister.*reversible until")

    def test_restart_keeps_the_wait(self):
        """The wait is in the ledger: a restart in its midst neither shortens nor prolongs it."""
        with Place() as ward:
            ward.apply()
            ward.edit("root")
            with ward.run() as daemon:
                daemon.passes(1)
                since = ward.now()
            ward.move(DAY + 12 * HOUR)
            with ward.run() as daemon:
                daemon.passes(1)
                self.assertEqual(len(ward.names()), 2)
                daemon.later(DAY)
                self.assertEqual(len(ward.names()), 2)
                daemon.turn(lambda: len(ward.names()) == 1, "the removal", HOUR)
            self.assertGreaterEqual(ward.now(), since + 3 * DAY - 30)
            self.assertLessEqual(ward.now(), since + 3 * DAY + 3 * HOUR)

    def test_irreversible(self):
        """A dropped certificate that could not be registered again stays until it has expired."""
        short = Authority("Short Root", days=93)
        with Place() as ward:
            ward.authorities["short"] = [short]
            ward.edit("root", "short")
            with ward.run() as daemon:
                daemon.settles(ward.corp)
                self.assertEqual(ward.names(), ["Corp Root", "Short Root"])
                ward.reload(daemon, "root")
                for _ in range(5):
                    daemon.later(DAY)
                ward.condition(ward.corp, "Irreversible")
                self.assertEqual(ward.names(), ["Corp Root", "Short Root"])
                ward.move(short.not_after - ward.now())
                daemon.quiet()
                daemon.later(12 * HOUR)
                self.assertEqual(ward.names(), ["Corp Root", "Short Root"])
                daemon.later(13 * HOUR)
                daemon.turn(lambda: ward.names() == ["Corp Root"], "the removal")

    def test_last(self):
        """The only certificate of an enabled directory is not removed, however long it is dropped."""
        with Place() as ward:
            ward.edit("root")
            ward.apply()
            ward.edit("none")
            with ward.run() as daemon:
                for number in range(5):
                    daemon.passes(number + 1)
                    daemon.later(DAY)
                ward.condition(ward.corp, "LastCertificate")
                self.converged(ward, ward.corp, 1)

    def test_path(self):
        """A dropped root stays while a trusted issuing CA has its path to a root through it alone."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.reload(daemon, "issuing")
            for _ in range(5):
                daemon.later(DAY)
            ward.condition(ward.corp, "PathBroken")
            self.converged(ward, ward.corp, 2)

    def test_contradiction(self):
        """A look that misses what we own breaks the wait: nothing is removed soon after others have removed something."""
        with Place() as ward:
            ward.edit("root", "issuing", "other")
            with ward.run() as daemon:
                daemon.settles(ward.corp)
                ward.reload(daemon, "root")
                for _ in range(2):
                    daemon.later(DAY)
                gone = [entry["id"] for entry in ward.service.certificates(ward.corp) if entry["common_name"] == "Corp Issuing"][0]
                ward.service.control("deregister", directory=ward.corp, certificate=gone)
                for _ in range(3):
                    daemon.later(DAY)
                    self.assertEqual(ward.names(), ["Corp Root", "Other Root"])
                for _ in range(2):
                    daemon.later(DAY)
                self.assertEqual(ward.names(), ["Corp Root"])

    def test_rollout(self):
        """What is dropped in three directories at once goes from one of them in each pass (N12)."""
        with Place() as ward:
            found = [ward.service.create("d%d.example.com" % number) for number in range(3)]

            def edit(*trust):
                ward.configure([{"id": directory, "trust": list(trust)} for directory in found], ward.authorities, **ward.terms)
            edit("root", "other")
            ward.apply()
            edit("root")
            with ward.run() as daemon:
                daemon.passes(1)
                for _ in range(2):
                    daemon.later(DAY)
                for number in range(1, 30):
                    before = len(ward.service.writes())
                    daemon.later(12 * HOUR)
                    removed = ward.writes(since=before)
                    self.assertLessEqual(len(removed), 1)
                    if len(ward.service.requests("DeregisterCertificate")) == 3:
                        break
            for directory in found:
                self.assertEqual(names(ward, directory), ["Corp Root"])

    def test_disabled(self):
        """client_ldaps: disabled is announced at once and done after grace; the certificates stay."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.reload(daemon, "root", "issuing", client_ldaps="disabled")
            edited = ward.now()
            daemon.later(HOUR)
            ward.condition(ward.corp, "Grace")
            for _ in range(2):
                daemon.later(DAY)
                self.assertEqual(ward.service.ldaps(ward.corp), "Enabled")
            daemon.later(DAY)
            daemon.turn(lambda: ward.service.ldaps(ward.corp) == "Disabled", "LDAPS off", HOUR)
            self.assertGreaterEqual(ward.service.writes()[-1]["time"], edited + 3 * DAY - 30)
            daemon.settles(ward.corp)
            self.assertEqual(len(ward.names()), 2)
            self.assertNotIn("DisabledElsewhere", daemon.log())

    def test_approved(self):
        """With `approve: [disable]` it is done at once."""
        with Place() as ward:
            ward.apply()
            ward.edit("root", "issuing", client_ldaps="disabled", approve=["disable"])
            ward.apply()
            self.assertEqual(ward.service.ldaps(ward.corp), "Disabled")

    def test_taken_down(self):
        """client_ldaps: disabled and trust: none take a directory down; the last certificate goes a day after Disabled was seen."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.reload(daemon, "none", client_ldaps="disabled")
            for _ in range(40):
                daemon.later(6 * HOUR)
                if ward.service.ldaps(ward.corp) == "Enabled":
                    self.assertGreaterEqual(len(ward.names()), 1, "enabled with nothing registered")
                if not ward.names():
                    break
            self.assertEqual(ward.service.state(ward.corp), [])
            self.assertEqual(ward.service.ldaps(ward.corp), "Disabled")
            lines = {line["operation"]: line["time"] for line in ward.service.writes()}
            self.assertGreaterEqual(lines["DeregisterCertificate"], lines["DisableLDAPS"] + DAY)

    def test_never_enabled(self):
        """Where the API never said Disabled (an empty list of settings) the last certificate stays."""
        with Place() as ward:
            ward.service.control("register", directory=ward.corp, pem=ROOT.pem)
            ward.edit("root", client_ldaps="disabled")
            ward.apply()
            self.assertEqual({entry["owner"] for entry in ward.report(ward.corp)["certificates"]}, {"adopted"})
            ward.edit("none", client_ldaps="disabled")
            with ward.run() as daemon:
                for number in range(6):
                    daemon.passes(number + 1)
                    daemon.later(DAY)
                self.assertEqual(ward.names(), ["Corp Root"])
            self.assertEqual(ward.writes(), [])

    def test_released(self):
        """A directory that is gone from the file is not looked at, repaired or emptied; when it is back, its past is known."""
        with Place() as ward:
            lab = ward.service.create("lab.example.com")
            both = [{"id": ward.corp, "name": "corp.example.com", "trust": ["root", "issuing"]},
                    {"id": lab, "trust": ["root"]}]
            ward.configure(both, AUTHORITIES, **ward.terms)
            with ward.run() as daemon:
                daemon.settles(ward.corp)
                daemon.settles(lab)
                ward.configure(both[1:], AUTHORITIES, **ward.terms)
                daemon.hangs_up("taken: 1 director")
                daemon.quiet()
                before = len(ward.service.requests())
                ward.service.control("deregister", directory=ward.corp, certificate=ward.service.certificates(ward.corp)[0]["id"])
                ward.service.control("disable", directory=ward.corp)
                for _ in range(5):
                    daemon.later(DAY)
                daemon.quiet()
                self.assertEqual([line for line in ward.service.requests()[before:] if line["directory"] == ward.corp], [])
                self.assertEqual(len(ward.names()), 1)
                ward.configure(both, AUTHORITIES, **ward.terms)
                daemon.hangs_up("taken: 2 ")
                daemon.turn(lambda: ward.names() == ["Corp Issuing", "Corp Root"], "the repair")
                self.assertEqual({entry["owner"] for entry in ward.report(ward.corp)["certificates"]}, {"ldapsward"})

    def test_empty_file(self):
        """A file without directories removes nothing."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.write('{"version": 1}')
            daemon.hangs_up("taken: 0 |not taken")
            for _ in range(4):
                daemon.quiet()
                ward.move(DAY)
            daemon.quiet()
            self.converged(ward, ward.corp, 2)


class Reloads(Case):
    def test_good_and_bad(self):
        """SIGHUP takes a good file; on a bad one the last good one stays in force and the mistake is told by place."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            ward.write("version: 1\ndirectories:\n  - id: d-1\n    trsut: [root]\n")
            daemon.hangs_up("was not taken; the last good configuration stays in force")
            self.assertRegex(daemon.log(), r"ldapsward\.yaml:4:5: .*trsut.*trust")
            self.assertRegex(daemon.log(), r"ldapsward\.yaml:3:9: ")
            ward.service.control("deregister", directory=ward.corp, certificate=ward.service.certificates(ward.corp)[0]["id"])
            daemon.later(HOUR)
            daemon.turn(lambda: len(ward.names()) == 2, "the repair under the last good file")
            ward.reload(daemon, "root", "issuing", "other")
            daemon.turn(lambda: len(ward.names()) == 3, "what the good file adds")

    def test_vanished_certificate(self):
        """A certificate file that vanishes refuses the file; nothing is removed for it."""
        with Place() as ward, ward.run() as daemon:
            daemon.settles(ward.corp)
            gone = Authority("Gone Root")
            os.unlink(gone.path)
            ward.authorities["gone"] = [gone]
            ward.edit("root", "gone")
            daemon.hangs_up("not taken")
            self.assertIn(os.path.basename(gone.path), daemon.log())
            for _ in range(5):
                daemon.later(DAY)
            self.converged(ward, ward.corp, 2)

    def test_bad_start(self):
        """With a bad file the daemon does not start: exit status 78, and no request."""
        with Place() as ward:
            ward.write("version: 1\ndirectorys: []\n")
            with ward.run() as daemon:
                daemon.ends(78)
                self.assertRegex(daemon.log(), r"ldapsward\.yaml:2:1: .*directorys")
            self.assertEqual(ward.service.requests(), [])


if __name__ == "__main__":
    main()
