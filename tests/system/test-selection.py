#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Directories that are selected, and all the Regions of one: picked up without an edit, let go without a write."""

import json
import time

from harness import PATIENCE, REGION, Authority, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400
REPLICA = "eu-central-1"
TAG = {"ldapsward": "managed"}
# Of each answer, where it matters how many are asked for at a time.
LATENCY_MS = 100

ROOT = Authority("Corp Root", days=3650)
NEXT = Authority("Next Root", days=3650)


class Fleet(Ward):
    """A file that selects by the tag."""

    def __init__(self, *options):
        super().__init__(*options)
        self.select({"select": {"tags": TAG}})

    def select(self, *entries, **authorities):
        authorities.setdefault("root", [ROOT])
        self.configure(directories=[{"trust": list(authorities), **entry} for entry in entries], authorities=authorities)

    def tagged(self, name, tags=None, **members):
        return self.service.create(name, tags=TAG if tags is None else tags, **members)

    def tag(self, directory, **tags):
        self.service.control("set", directory=directory, tags=tags)

    def known(self):
        """Directory -> where it stands, by Region, as `status` has it."""
        found = {}
        for report in self("status", "--json").json["directories"]:
            found.setdefault(report["directory"], {})[report["region"]] = report["standing"]
        return found

    def plan(self):
        return self("plan", "--json").json

    def region_writes(self, region):
        return [line["operation"] for line in self.service.writes() if line["executed"] and line["region"] == region]


class Selects(Case):
    def test_new_directory(self):
        """A directory that is made while the daemon runs is looked after from the next pass on; nothing else is touched."""
        with Fleet() as ward:
            first = ward.tagged("one.example.com")
            other = ward.tagged("other.example.com", {"ldapsward": "no"})
            with ward.run() as daemon:
                daemon.settles(first)
                self.converged(ward, first, 1)
                second = ward.tagged("two.example.com", {**TAG, "stage": "prod"}, type="ADConnector")
                daemon.later(15 * 60)
                daemon.says("selectors of .*ldapsward.yaml match otherwise: 2 directories; 1 directory added")
                daemon.settles(second)
                self.converged(ward, second, 1)
                before = len(ward.service.requests())
                daemon.later(15 * 60)
                calls = ward.calls(before)
                self.assertEqual(calls, {"DescribeDirectories": 1, "ListTagsForResource": 3, "ListCertificates": 2,
                                         "DescribeLDAPSSettings": 2})
            self.assertEqual(ward.writes(other), [])
            self.assertEqual(set(ward.known()), {first, second})
            self.assertEqual(ward.report(second)["selector"].rpartition(":")[0], ward.path)

    def test_tag_comes_off(self):
        """One whose tag comes off is released and said to be; nothing more is written to it, though there is much to do."""
        with Fleet() as ward:
            one, kept = ward.tagged("one.example.com"), ward.tagged("kept.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                daemon.settles(kept)
                ward.tag(one, owner="others")
                before = len(ward.writes(one))
                ward.select({"select": {"tags": TAG}}, next=[NEXT])
                daemon.says("ldapsward.yaml taken: ")
                # a pass that was under way and the one that the file began may both have missed it
                daemon.says("%s, %s\\): (Unconfirmed|Deselected): " % (one, REGION))
                daemon.settles(kept)
                self.assertEqual(len(ward.writes(one)), before)
                if "): Deselected" not in daemon.log():
                    self.assertEqual(ward.known()[one], {REGION: "held"}, "one look may err")
                    daemon.later(15 * 60)
                daemon.says("%s, %s\\): Deselected: .* as it has no tag ldapsward" % (one, REGION))
                daemon.settles(kept)
                for _ in range(3):
                    daemon.later(15 * 60)
                self.assertEqual(len(ward.writes(one)), before)
                self.assertEqual(ward.service.state(one), ["Registered"])
                condition = ward.condition(one, "Deselected")
                self.assertEqual((condition["severity"], ward.report(one)["standing"]), ("warning", "released"))
                self.assertIn("warning: Deselected", ward("status").out)
                self.assertRegex(ward("status").out, r"(?m)^%s .* Deselected$" % one)
                self.assertIn("no longer selected", ward("status").out)
                monitored = ward("status", "--monitor")
                self.assertEqual(monitored.status, 1, monitored)
                # its tag comes back, and all that waited begins to wait anew
                ward.tag(one, **TAG)
                daemon.later(15 * 60)
                daemon.settles(one)
                self.assertEqual(ward.service.state(one), ["Registered"] * 2)
                ward.tag(one)
                daemon.later(15 * 60)
                ward.tag(one, **TAG)
                daemon.later(15 * 60)
                daemon.settles(one)
                self.assertEqual(daemon.log().count("): Deselected"), 1, "one look is no loss")
                ward.tag(one)
                daemon.later(15 * 60)
                daemon.later(15 * 60)
                ward.only_condition(one, "Deselected")
                ward.move(31 * DAY)
                daemon.quiet()
            ward.apply("--directory", kept)
            self.assertEqual(ward.reasons(one), [])

    def test_failed_sweeps(self):
        """A sweep that fails, or a tag that cannot be read, releases nothing, and is told when it begins and ends."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                before = len(ward.writes())
                ward.service.fault("ListTagsForResource:*:AccessDeniedException")
                daemon.later(15 * 60)
                daemon.says("selectors in %s: .*ListTagsForResource.* stays selected" % REGION)
                daemon.later(15 * 60)
                self.assertEqual(ward.known(), {one: {REGION: "ready"}})
                ward.service.fault("DescribeDirectories:*:AccessDeniedException")
                for _ in range(5):
                    daemon.later(15 * 60)
                self.assertEqual(ward.known()[one][REGION], "held")
                self.assertNotIn("Deselected", daemon.log())
                ward.service.control("fault", clear=True)
                daemon.later(15 * 60)
                daemon.says("selectors in %s: everything could be asked again" % REGION)
                daemon.settles(one)
                self.assertEqual(len(ward.writes()), before)

    def test_tags_refused(self):
        """Directories whose tags may not be read, however many, keep none of those behind them from being selected."""
        with Fleet() as ward:
            found = sorted(ward.tagged("corp-%d.example.com" % number) for number in range(6))
            ward.service.fault(*["ListTagsForResource:*:AccessDeniedException@%s" % one for one in found[:5]])
            with ward.run() as daemon:
                daemon.says("selectors in %s: the tags of 5 directories could not be read: ListTagsForResource of %s in "
                            ".*AccessDenied.* stays selected" % (REGION, found[4]))
                daemon.settles(found[5])
                self.assertEqual(set(ward.known()), {found[5]})
                for _ in range(5):
                    daemon.later(15 * 60)
                self.assertEqual(ward.reasons(found[5]), ["Unproven"] if "Unproven" in ward.reasons(found[5]) else [])
                before = len(ward.service.requests())
                ward.service.control("fault", clear=True)
                ward.service.fault("ListTagsForResource:*:cut-before")
                daemon.later(15 * 60)
                asked = [line for line in ward.service.requests()[before:] if line["operation"] == "ListTagsForResource"]
                self.assertEqual({line["directory"] for line in asked}, set(found[:3]), "who does not answer is not asked for all")
                self.assertEqual(ward.known(), {found[5]: {REGION: "ready"}})

    def test_unconfirmed(self):
        """Where tags cannot be read for long nothing is written any more, but for what is told."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                ward.service.fault("ListTagsForResource:*:AccessDeniedException")
                for _ in range(5):
                    daemon.later(15 * 60)
                before = len(ward.writes())
                ward.select({"select": {"tags": TAG}}, next=[NEXT])
                daemon.says("ldapsward.yaml taken: ")
                daemon.quiet()
                ward.only_condition(one, "Unconfirmed")
                self.assertEqual(len(ward.writes()), before)
                ward.service.control("fault", clear=True)
                daemon.later(15 * 60)
                daemon.settles(one)
                self.converged(ward, one, 2)

    def test_gone(self):
        """A directory that is no longer listed is missing at first, and released after the second complete sweep."""
        with Fleet() as ward:
            one, kept = ward.tagged("one.example.com"), ward.tagged("kept.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                daemon.settles(kept)
                ward.service.call("DeleteDirectory", DirectoryId=one)
                daemon.turn(lambda: ward.known()[one][REGION] == "released", "its release", 15 * 60)
                daemon.says("Deselected: .* is listed no longer where selectors look")
                daemon.says("DirectoryMissing")
            self.assertEqual(ward.known()[kept], {REGION: "ready"})

    def test_gone_between_runs(self):
        """`apply` by a timer counts on where the run before stopped: a directory that is gone is released by the second."""
        with Fleet() as ward:
            one, kept = ward.tagged("one.example.com"), ward.tagged("kept.example.com")
            ward.apply()
            ward.service.call("DeleteDirectory", DirectoryId=one)
            ward("apply")
            self.assertEqual(ward.reasons(one), ["DirectoryMissing"])
            ward("plan")
            ward.apply()
            self.assertEqual(ward.known(), {one: {REGION: "released"}, kept: {REGION: "ready"}})

    def test_restart(self):
        """After a restart with the API away the selected directories are known and watched; back again, all goes on."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
            ward.service.kill()
            with ward.run() as daemon:
                daemon.says("with 1 directory")
                daemon.says("Unreadable")
                self.assertEqual(ward.known()[one][REGION], "held")
                self.assertEqual([row["state"] for row in ward.report(one)["certificates"]], ["Registered"])
                planned = ward("plan")
                self.assertEqual(planned.status, 1)
                self.assertIn("matches 1 of 1 directories", planned.out)
                self.assertIn("Unreadable", planned.out)
                ward.service.start()
                daemon.turn(lambda: ward.known()[one][REGION] == "ready", "its return", 60)

    def test_restart_after_tag(self):
        """A tag that came off while nobody ran: the first look of the next start writes nothing to it."""
        with Fleet() as ward:
            one, kept = ward.tagged("one.example.com"), ward.tagged("kept.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                daemon.settles(kept)
            before = len(ward.writes(one))
            ward.tag(one)
            ward.select({"select": {"tags": TAG}}, next=[NEXT])
            with ward.run() as daemon:
                daemon.says("Unconfirmed|Deselected")
                daemon.settles(kept)
                told = daemon.log()         # on a busy machine the next pass falls into this
            with ward.run() as daemon:      # how often it was missed is remembered
                if "Deselected" not in told:
                    daemon.says("Deselected")
                daemon.settles(kept)
            self.assertEqual(len(ward.writes(one)), before)
            self.converged(ward, kept, 2)

    def test_two_selectors(self):
        """One that two selectors match is held and not written to, until one lets it go; an entry of its own wins."""
        with Fleet() as ward:
            ward.select({"select": {"tags": TAG}}, {"select": {"name": "*.Example.com"}, "policy": "add-only"})
            both, alone = ward.tagged("both.example.com"), ward.tagged("alone.example.org")
            named = ward.tagged("named.example.com")
            ward.select({"select": {"tags": TAG}}, {"select": {"name": "*.Example.com"}, "policy": "add-only"},
                        {"id": named})
            with ward.run() as daemon:
                daemon.settles(alone)
                daemon.settles(named)
                daemon.settles(both, "held")
                condition = ward.condition(both, "SelectedTwice")
                self.assertEqual(condition["severity"], "error")
                self.assertRegex(condition["message"], r"ldapsward.yaml:\d+ and .*ldapsward.yaml:\d+$")
                self.assertEqual(ward.writes(both), [])
                self.assertIsNone(ward.report(named).get("selector"))
                ward.tag(both)
                daemon.later(15 * 60)
                daemon.settles(both, "held")
                daemon.later(15 * 60)
                daemon.settles(both)
                self.converged(ward, both, 1)

    def test_renamed(self):
        """A directory that has another name than when it was selected is not written to."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            with ward.run() as daemon:
                daemon.settles(one)
                before = len(ward.writes())
                ward.service.control("set", directory=one, name="other.example.com")
                ward.select({"select": {"tags": TAG}}, next=[NEXT])
                daemon.says("ldapsward.yaml taken: ")
                renamed = "Renamed: is named other.example.com by AWS, but was one.example.com"
                daemon.turn(lambda: renamed in daemon.log(), "the other name")
                self.assertEqual(len(ward.writes()), before)
                daemon.wait(lambda: ward.reasons(one)[:1] == ["Renamed"], "the other name stood first")

    def test_never_selected(self):
        """Types without client-side LDAPS of their own are never selected; `plan` says of each why not."""
        with Fleet() as ward:
            ward.select({"select": {"name": "*", "type": "MicrosoftAD"}})
            kinds = {kind: ward.tagged(kind.lower() + ".example.com", type=kind)
                     for kind in ("MicrosoftAD", "ADConnector", "SimpleAD", "SharedMicrosoftAD")}
            selector = ward.plan()["selectors"][0]
            self.assertEqual([row["directory"] for row in selector["matched"]], [kinds["MicrosoftAD"]])
            self.assertEqual({row["directory"]: row["why"] for row in selector["others"]},
                             {kinds["ADConnector"]: "is of type ADConnector",
                              kinds["SimpleAD"]: "is of type SimpleAD, which is never selected",
                              kinds["SharedMicrosoftAD"]: "is of type SharedMicrosoftAD, which is never selected"})
            self.assertNotIn("ListTagsForResource", ward.calls())

    def test_commands(self):
        """plan, apply, check, forecast and --directory know what is selected, or say that they cannot."""
        with Fleet() as ward:
            one, two = ward.tagged("one.example.com"), ward.tagged("two.example.com", {"ldapsward": "later"})
            planned = ward.expect(2, "plan", "--detailed-exitcode").out
            self.assertRegex(" ".join(planned.split()),
                             r"ldapsward.yaml:\d+: select \{tags: \{ldapsward: managed\}\} in %s matches 1 of 2 " % REGION)
            self.assertIn("\n  = %s (one.example.com) in %s\n" % (one, REGION), planned)
            self.assertIn('\n  - %s (two.example.com): has tag ldapsward "later"\n' % two, planned)
            self.assertEqual(ward.expect(0, "check").out.count("0 directories, 1 selector, "), 1)
            refused = ward.expect(1, "apply", "--directory", two)
            self.assertIn("no directory %s in it, and no selector has it" % two, refused.err)
            ward.apply("--directory", one)
            self.converged(ward, one, 1)
            self.assertEqual(ward.writes(two), [])
            self.assertEqual(ward.known(), {one: {REGION: "ready"}})
            self.assertIn(one, ward.expect(0, "forecast").out)
            offline = ward.expect(0, "forecast", "--offline")
            self.assertIn("the API alone knows", offline.err)
            ward.tag(one)
            ward.expect(2, "apply")
            self.assertEqual(ward.reasons(one), ["Unconfirmed"])
            ward.expect(0, "apply")
            self.assertEqual(ward.reasons(one), ["Deselected"])


    def test_one_sweep(self):
        """A command asks once what there is: what selectors go by is what the looks go by (N10)."""
        with Fleet() as ward:
            one, two = ward.tagged("one.example.com"), ward.tagged("two.example.com", {"ldapsward": "later"})
            once = {"DescribeDirectories": 1, "ListTagsForResource": 2, "ListCertificates": 1, "DescribeLDAPSSettings": 1}
            ward.apply()
            self.converged(ward, one, 1)
            for command in (["plan"], ["forecast"], ["adopt", "--dry-run"], ["apply"], ["plan", "--directory", one]):
                before = len(ward.service.requests())
                ward.expect(0, *command)
                self.assertEqual(ward.calls(before), once, command)
            # what is named needs no selectors, and those of another Region have a sweep of their own
            ward.select({"select": {"tags": TAG}, "regions": [REPLICA]}, {"id": two, "regions": [REGION]})
            before = len(ward.service.requests())
            ward.plan()
            self.assertEqual(ward.calls(before)["DescribeDirectories"], 2)

    def test_tags_by_all_workers(self):
        """The workers of a lane share the tags that are to be read: more than one is asked for at a time, each once."""
        with Fleet() as ward:
            ward.service.control("create", name="d#.example.com", count=40, tags=TAG)
            ward.service.settings(latency=str(LATENCY_MS))
            self.assertEqual(ward.plan()["summary"]["directories"], 40)
            asked = ward.service.requests("ListTagsForResource")
            self.assertEqual(len({line["directory"] for line in asked}), len(asked))
            self.assertEqual(len(asked), 40)
            at = sorted(line["monotonic_ms"] for line in asked)
            self.assertLess(min(later - one for one, later in zip(at, at[1:])), LATENCY_MS)

    def test_short_interval(self):
        """`apply` asks once what is selected, and goes by it to its end, however short the interval is."""
        with Fleet("--delay", "register=300") as ward:
            one = ward.tagged("one.example.com")
            ward.configure(interval="15s", directories=[{"trust": ["root"], "select": {"tags": TAG}}],
                           authorities={"root": [ROOT]})
            ward.apply()
            self.converged(ward, one, 1)

    def test_nobody_answers(self):
        """Where nobody answers and nothing is remembered, no command says that all is well."""
        with Fleet() as ward:
            ward.service.kill()
            for words in (("plan",), ("apply",), ("forecast",), ("adopt", "--dry-run")):
                done = ward.expect(1, *words)
                self.assertIn("DescribeDirectories", done.out + done.err, words)
            ward.service.start()

    def test_timeout(self):
        """`--timeout` of `apply` bounds the asking of selectors too, and ends in the words of any other; nothing is forgotten."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            for known in (False, True):
                ward.service.fault("*:*:hang")
                begun = time.monotonic()
                done = ward.expect(2, "apply", "--timeout", "1s", LDAPSWARD_DEMO_SKIP="")
                self.assertLess(time.monotonic() - begun, 20 * PATIENCE, "the requests end after thirty seconds")
                self.assertIn("Not finished in 1 s; the same command goes on where this one stopped.\n", done.out)
                self.assertEqual("%s: not looked at\n" % one in done.out, known, done)
                self.assertIn("0 steps done, 0 failed; 0 of %d directories ready.\n" % known, done.out)
                found = ward.expect(2, "apply", "--json", "--timeout", "1s", "--directory", one, LDAPSWARD_DEMO_SKIP="").json
                self.assertEqual((found["timed_out"], found["directories"]), (True, [None] * known))
                ward.service.control("fault", clear=True)
                ward.apply()
                self.converged(ward, one, 1)
                self.assertEqual(ward.known(), {one: {REGION: "ready"}})


class Regions(Case):
    def test_replica(self):
        """`regions: all`: a replica that is made amid a rotation gets both generations; one that goes is released."""
        with Fleet() as ward:
            one = ward.service.create("one.example.com")
            entry = {"id": one, "name": "one.example.com", "regions": "all", "home": [REGION]}
            ward.select(entry)
            with ward.run() as daemon:
                daemon.settles(one)
                self.assertEqual(set(ward.known()[one]), {REGION})
                ward.select(entry, root=[ROOT, ROOT.rekeyed(days=4000)])
                daemon.says("ldapsward.yaml taken: ")
                daemon.turn(lambda: ward.service.state(one) == ["Registered"] * 2, "the next generation")
                ward.service.control("replicate", directory=one, to=REPLICA)
                daemon.later(15 * 60)
                daemon.turn(lambda: ward.known()[one] == {REGION: "ready", REPLICA: "ready"}, "both Regions")
                self.assertEqual(ward.region_writes(REPLICA), ["RegisterCertificate"] * 2 + ["EnableLDAPS"])
                self.assertEqual(ward.region_writes(REGION), ["RegisterCertificate", "EnableLDAPS", "RegisterCertificate"])
                ward.service.offset = ward.shift
                ward.service.call("DeleteDirectory", region=REPLICA, DirectoryId=one)
                daemon.turn(lambda: ward.known()[one][REPLICA] == "released", "the release of the replica", 15 * 60)
                daemon.says("%s, %s\\): Deselected: .* as it is not in this Region any more" % (one, REPLICA))
                self.assertEqual(ward.known()[one][REGION], "ready")
            self.assertEqual(ward.region_writes(REPLICA)[3:], ["DeleteDirectory"])
            self.assertEqual(len(ward.writes()), 7)

    def test_restart_in_all_regions(self):
        """With the API away after a restart, every Region that was known is watched on."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            ward.service.control("replicate", directory=one, to=REPLICA)
            ward.select({"select": {"tags": TAG}, "regions": "all", "home": [REGION]})
            with ward.run() as daemon:
                daemon.turn(lambda: ward.known().get(one) == {REGION: "ready", REPLICA: "ready"}, "both Regions")
            ward.service.kill()
            with ward.run() as daemon:
                daemon.says("with 2 directories")
                daemon.says("Unreadable", 2)
            ward.service.start()

    def test_other_selectors(self):
        """What other selectors ask for in a Region is not what picked the directory: each lane sweeps once (N10)."""
        with Fleet() as ward:
            one = ward.tagged("one.example.com")
            ward.service.control("replicate", directory=one, to=REPLICA)
            ward.select({"select": {"tags": TAG}, "regions": "all", "home": [REGION]},
                        {"select": {"name": "*.example.org"}, "regions": [REPLICA]})
            with ward.run() as daemon:
                daemon.turn(lambda: ward.known().get(one) == {REGION: "ready", REPLICA: "ready"}, "both Regions")
                daemon.later(15 * 60)
                before, ended = len(ward.service.requests()), daemon.ended_passes()
                daemon.turn(lambda: daemon.ended_passes() >= ended + 2, "a pass in both Regions", 60)
                self.assertEqual(ward.calls(before), {"DescribeDirectories": 2, "ListTagsForResource": 1,
                                                      "ListCertificates": 2, "DescribeLDAPSSettings": 2})

    def test_not_covered(self):
        """A list that leaves out a Region of the directory is told; a Region in which it is not is held."""
        with Fleet() as ward:
            one = ward.service.create("one.example.com")
            ward.service.control("replicate", directory=one, to=REPLICA)
            ward.select({"id": one})
            ward.apply()
            condition = ward.condition(one, "RegionNotCovered")
            self.assertEqual(condition["severity"], "warning")
            self.assertIn(REPLICA, condition["message"])
            self.assertIn(REPLICA, ward.condition(one, "RegionNotCovered", "plan")["message"])
            self.assertEqual(ward.report(one)["standing"], "ready")
            ward.select({"id": one, "regions": [REGION, REPLICA]})
            ward.apply()
            self.assertEqual(ward.reasons(one), ["Unproven"] if "Unproven" in ward.reasons(one) else [])
            ward.select({"id": one, "regions": [REGION, REPLICA, "us-east-1"]})
            ward.apply(status=1)
            self.assertIn("DirectoryMissing", json.dumps(ward("status", "--json").json))


if __name__ == "__main__":
    main()
