#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What bad input gets: each failure is one directory's condition with the API's own words, and the others go on."""

import os

from harness import Authority, Nobody, need
from ward import Case, Ward, main

need("openssl")

HOUR, DAY = 3600, 86400

ROOT = Authority("Corp Root", days=3650)
ISSUING = Authority("Corp Issuing", days=1825, issuer=ROOT)


class Pair(Ward):
    """Two directories that trust the same: `bad`, to which things happen, and `good`."""

    def __init__(self, *options, create=None, **terms):
        super().__init__(*options)
        self.bad = self.service.create("bad.example.com", **(create or {}))
        self.good = self.service.create("good.example.com")
        self.edit(**terms)

    def edit(self, **terms):
        # what only `bad` says
        own = {word: terms.pop(word) for word in ("id", "name", "trust", "certificate_limit") if word in terms}
        self.configure(directories=[{"id": self.bad, "name": "bad.example.com", "trust": ["root"], **own},
                                    {"id": self.good, "name": "good.example.com", "trust": ["root"]}],
                       authorities={"root": [ROOT], "issuing": [ISSUING]}, **{"interval": "1h", **terms})


class Look(Case):
    """What goes wrong while a directory is looked at."""

    def one_condition(self, ward, reason, text, stays=0, directory=None):
        """plan, apply, status and the log of run tell of it; nothing is written there; the other one converges."""
        bad = directory or ward.bad
        planned = ward("plan")
        self.assertIn(reason, planned.out)
        self.assertIn(text, planned.out)
        applied = ward("apply")
        self.assertIn(applied.status, (1, 2), applied)
        self.assertIn(text, applied.out)
        condition = ward.condition(bad, reason)
        self.assertIn(text, condition["message"])
        self.assertNotIn("<html", condition["message"].lower())
        self.converged(ward, ward.good, 1)
        with ward.run() as daemon:
            daemon.says("%s: .*%s" % (reason, text))
            daemon.passes(1)
            self.assertIn("%s" % bad, daemon.log())
        self.assertEqual(ward.report(bad)["standing"] in ("held", "waiting"), True)
        self.assertEqual([line for line in ward.service.writes() if line["directory"] == bad], [])
        self.converged(ward, ward.good, 1)
        return applied

    def fault(self, kind, reason, text, operation="ListCertificates"):
        with Pair() as ward:
            ward.service.fault("%s:*:%s@%s" % (operation, kind, ward.bad))
            applied = self.one_condition(ward, reason, text)
            self.assertEqual(applied.status, 1, applied)
            ward.service.control("fault", clear=True)
            ward.move(HOUR)
            ward.apply()
            self.converged(ward, ward.bad, 1)

    def test_access(self):
        """AccessDeniedException."""
        self.fault("AccessDeniedException", "AccessDenied", "AccessDeniedException")

    def test_access_settings(self):
        """AccessDeniedException on the settings alone: the look is not complete, so nothing is written."""
        self.fault("AccessDeniedException", "AccessDenied", "AccessDeniedException", "DescribeLDAPSSettings")

    def test_access_xml(self):
        """A refusal in XML."""
        self.fault("xml403", "AccessDenied", "AccessDenied")

    def test_throttled(self):
        """ThrottlingException for ever."""
        self.fault("ThrottlingException", "Throttled", "ThrottlingException")

    def test_signature(self):
        """InvalidSignatureException, while the clock is right, is a matter of the keys and not of the clock."""
        self.fault("InvalidSignatureException", "CredentialsInvalid", "InvalidSignatureException")

    def test_unavailable(self):
        """ServiceException, the API's own 500."""
        self.fault("ServiceException", "Unreadable", "ServiceException")

    def test_html(self):
        """Status 500 with HTML."""
        self.fault("html500", "Unreadable", "500")

    def test_bare(self):
        """Status 503 with no body."""
        self.fault("bare503", "Unreadable", "503")

    def test_redirect(self):
        """A redirection is not followed."""
        self.fault("redirect", "Unreadable", "307")

    def test_garbage(self):
        """Bytes that are no text."""
        self.fault("garbage", "Unreadable", "JSON")

    def test_truncated(self):
        """Half of the JSON."""
        self.fault("truncated", "Unreadable", "JSON")

    def test_empty(self):
        """No body at all is no empty listing."""
        self.fault("empty", "Unreadable", "")

    def test_wrong_json(self):
        """JSON of another shape is no empty listing."""
        self.fault("wrong-json", "Unreadable", "")

    def test_huge(self):
        """A reply of four MiB."""
        self.fault("huge", "Unreadable", "larger than")

    def test_cut(self):
        """A connection that is cut in the midst of the reply."""
        self.fault("cut-body", "Unreadable", "")

    def test_pages(self):
        """A listing without an end."""
        self.fault("endless-pages", "Unreadable", "")

    def test_missing(self):
        """A directory that does not exist."""
        with Pair() as ward:
            ward.edit(id="d-0123456789")
            self.one_condition(ward, "DirectoryMissing", "does not exist", directory="d-0123456789")

    def test_region(self):
        """A directory of another Region is not found, and the advice names the Region."""
        with Pair(create={"region": "eu-central-1"}) as ward:
            self.one_condition(ward, "DirectoryMissing", "does not exist")
            self.assertIn("Region", ward.condition(ward.bad, "DirectoryMissing")["advice"])

    def test_name(self):
        """A directory that is not the one that the file names."""
        with Pair() as ward:
            ward.edit(name="other.example.com")
            self.one_condition(ward, "WrongName", "bad.example.com")

    def test_simple(self):
        """Simple AD."""
        with Pair(create={"type": "SimpleAD"}) as ward:
            self.one_condition(ward, "WrongKind", "SimpleAD")

    def test_shared(self):
        """A directory that another account shares."""
        with Pair(create={"type": "SharedMicrosoftAD"}) as ward:
            self.one_condition(ward, "WrongKind", "SharedMicrosoftAD")

    def test_stages(self):
        """A directory that is not Active."""
        for stage in ("Creating", "Impaired", "Inoperable", "Deleting"):
            with Pair(create={"stage": stage}) as ward:
                self.one_condition(ward, "NotActive", stage)

    def test_unknown_words(self):
        """A state of LDAPS that nobody knows: nothing is written for an hour, then it is Stuck and nothing is enabled or removed."""
        with Pair(interval="15m") as ward:
            ward.service.control("enable", directory=ward.bad)
            ward.service.fault("DescribeLDAPSSettings:*:unknown-words@" + ward.bad)
            with ward.run() as daemon:
                daemon.settles(ward.good)
                ward.condition(ward.bad, "UnknownState")
                daemon.later(900)
                self.assertEqual(ward.writes(ward.bad), [])
                for _ in range(5):
                    daemon.later(900)
                ward.condition(ward.bad, "Stuck")
                self.assertEqual(ward.writes(ward.bad), ["RegisterCertificate"], "after an hour it no longer bars what only adds")

    def test_unknown_entries(self):
        """Entries of a type that nobody knows are foreign: nothing is removed, and nothing enabled over them."""
        with Pair() as ward:
            ward.service.control("register", directory=ward.bad, pem=ROOT.pem)
            ward.service.fault("ListCertificates:*:unknown-words@" + ward.bad)
            with ward.run() as daemon:
                daemon.settles(ward.good)
                for _ in range(3):
                    daemon.later(HOUR)
                self.assertEqual(ward.writes(ward.bad), [])
                ward.condition(ward.bad, "Foreign")

    def test_slow(self):
        """Replies that never come (hang) or come a byte at a time hold up one directory, not the others."""
        for kind in ("hang", "slow"):
            with Pair() as ward:
                ward.service.fault("ListCertificates:*:%s@%s" % (kind, ward.bad))
                with ward.run() as daemon:
                    daemon.turn(lambda: ward.service.requests("EnableLDAPS"), "the good one")
                    self.assertEqual({line["directory"] for line in ward.service.writes()}, {ward.good})

    def test_unreachable(self):
        """Nobody listens: told of every directory, and all goes on when the API is back."""
        with Nobody() as port, Pair() as ward:
            nobody = "http://127.0.0.1:%d" % port
            ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = nobody
            self.assertIn("Unreadable", ward.expect(1, "plan", "--detailed-exitcode").out)
            self.assertIn(nobody, ward.apply(status=1).out)
            for directory in (ward.bad, ward.good):
                ward.condition(directory, "Unreadable")
            self.assertEqual(ward.expect(1, "status", "--json").json["directories"][0]["ldaps"], "Unknown")
            ward.variables.clear()
            ward.move(60)
            ward.apply()
            self.converged(ward, ward.bad, 1)
            self.converged(ward, ward.good, 1)

    def test_credentials(self):
        """Keys that do not work, have ended or are not there: told as such, with no write."""
        for change, text in (({"AWS_SECRET_ACCESS_KEY": "x" * 40}, "InvalidSignature|SignatureDoesNotMatch"),
                             ({"AWS_ACCESS_KEY_ID": "AKIDUNKNOWN00000000"}, "UnrecognizedClientException|InvalidClientTokenId"),
                             ({"AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID"),
                             ({"AWS_SECRET_ACCESS_KEY": "x y"}, "AWS_SECRET_ACCESS_KEY holds")):
            with Pair() as ward:
                ward.variables.update(change)
                done = ward.expect(1, "plan", "--detailed-exitcode")
                self.assertRegex(done.out + done.err, text)
                self.assertIn("held (CredentialsInvalid)", done.out)
                done = ward.apply(status=1)
                self.assertRegex(done.out + done.err, text)
                self.assertEqual(ward.service.state(ward.good), [])

    def test_endpoint_misnamed(self):
        """An endpoint that may not be used: the variable is named, and what is to be looked at."""
        with Pair() as ward:
            ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = "http://ds.example.com"
            done = ward.expect(1, "plan", "--detailed-exitcode")
            self.assertIn("held (WrongSettings)", done.out)
            self.assertIn("AWS_ENDPOINT_URL_DIRECTORY_SERVICE is plain http", " ".join(done.out.split()))
            self.assertIn("to do: correct what is named there: in the service's environment", " ".join(done.out.split()))
            self.assertEqual(ward.service.requests(), [])

    def test_settings(self):
        """What is wrong on this host is no matter of the endpoint, and is told so, before anything is asked."""
        for variable, value, endpoint in (("AWS_MAX_ATTEMPTS", "abc", None), ("AWS_CA_BUNDLE", "/nonexistent/ca.pem", "here"),
                                          ("HTTPS_PROXY", "gopher://proxy.invalid", "https://ds.invalid")):
            with Pair() as ward:
                ward.variables[variable] = value
                if endpoint:
                    ward.variables["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"] = (
                        ward.service.url.replace("http:", "https:") if endpoint == "here" else endpoint)
                done = ward.expect(1, "plan", "--detailed-exitcode")
                with self.subTest(variable=variable):
                    self.assertRegex(" ".join(done.out.split()), r"held \(WrongSettings\).*%s.*to do: correct what is named" % variable)
                    self.assertEqual(ward.service.requests(), [])


class Rates(Case):
    """What fails is tried again, but at most so often (N11)."""

    def day_of_failure(self, kind, most, operation="ListCertificates"):
        with Pair() as ward, ward.run() as daemon:
            daemon.settles(ward.good)
            daemon.settles(ward.bad)
            writes = len(ward.service.writes())
            before = len(ward.service.requests())
            ward.service.fault("%s:*:%s@%s" % (operation, kind, ward.bad))
            for _ in range(24):
                daemon.later(HOUR)
            asked = [line for line in ward.service.requests()[before:]
                     if line["directory"] == ward.bad and line["operation"] == operation]
            self.assertLessEqual(len(asked), most)
            self.assertGreaterEqual(len(asked), 24, "each pass looks again")
            good = [line["time"] for line in ward.service.requests()[before:]
                    if line["directory"] == ward.good and line["operation"] == operation]
            self.assertGreaterEqual(len(good), 24, "the other directory is looked at in every pass")
            ward.service.control("fault", clear=True)
            daemon.later(HOUR)
            daemon.settles(ward.bad)
            self.assertEqual(len(ward.service.writes()), writes, "nothing was written for it")
            self.assertEqual([entry["owner"] for entry in ward.report(ward.bad)["certificates"]], ["ldapsward"],
                             "what was owned is owned")
            self.converged(ward, ward.bad, 1)

    def test_denied(self):
        """A day of refused reads: one request an interval."""
        self.day_of_failure("AccessDeniedException", 25)

    def test_empty(self):
        """A day of replies without a body."""
        self.day_of_failure("empty", 25)

    def test_wrong_json(self):
        """A day of JSON of another shape."""
        self.day_of_failure("wrong-json", 25)

    def test_settings(self):
        """A day of refused settings."""
        self.day_of_failure("AccessDeniedException", 25, "DescribeLDAPSSettings")

    def test_short(self):
        """No two looks at one directory are nearer than 15 s, though the daemon is asked again and again."""
        with Pair("--delay", "register=300") as ward, ward.run() as daemon:
            daemon.passes(1)
            for _ in range(30):
                daemon.hangs_up("taken: ")
                ward.move(5)
                daemon.quiet()
            times = [line["time"] for line in ward.service.requests("DescribeLDAPSSettings") if line["directory"] == ward.bad]
            self.assertGreaterEqual(len(times), 3)
            for one, next_one in zip(times, times[1:]):
                self.assertGreaterEqual(next_one - one, 14)     # whole seconds

    def refused_write(self, operation, code):
        """A write that is refused for ever: told with its code, at most 3 times in 24 h, later ever more rarely."""
        with Pair(interval="3h") as ward:
            ward.service.fault("%s:*:%s@%s" % (operation, code, ward.bad))
            begun = ward.now()
            with ward.run() as daemon:
                daemon.quiet()
                daemon.turn(lambda: ward.now() > begun + 8 * HOUR, "the first tries", HOUR)
                for _ in range(20):
                    daemon.later(3 * HOUR)
                times = [line["time"] for line in ward.service.requests(operation) if line["directory"] == ward.bad]
                self.assertGreaterEqual(len(times), 3)
                for first, fourth in zip(times, times[3:]):
                    self.assertGreater(fourth - first, DAY - 60, [time - begun for time in times])
                self.assertIn(code, daemon.log())
                self.assertIn(code, str(ward.report(ward.bad)))
            self.assertIn((operation[0].lower(), code), [(action[0], outcome) for action, outcome in ward.history(ward.bad)])
            self.converged(ward, ward.good, 1)

    def test_register_refused(self):
        """RegisterCertificate, refused for a directory that is unavailable."""
        self.refused_write("RegisterCertificate", "DirectoryUnavailableException")

    def test_register_denied(self):
        """RegisterCertificate, not allowed to us."""
        self.refused_write("RegisterCertificate", "AccessDeniedException")

    def test_enable_refused(self):
        """EnableLDAPS."""
        self.refused_write("EnableLDAPS", "NoAvailableCertificateException")


class Failed(Case):
    def test_enable_waits(self):
        """While one wanted certificate cannot be registered, LDAPS is not enabled with the other alone (N5)."""
        for kind in ("InvalidCertificateException", "CertificateLimitExceededException", "AccessDeniedException"):
            with Pair() as ward:
                ward.edit(trust=["root", "issuing"])
                ward.service.fault("RegisterCertificate:1000+1:%s@%s" % (kind, ward.bad))
                with ward.run() as daemon:
                    daemon.turn(lambda: ward.service.state(ward.bad) == ["Registered"], "the first certificate")
                    for _ in range(9):
                        daemon.later(HOUR)
                    ward.condition(ward.bad, "WaitsForCertificates")
                    self.assertIsNone(ward.service.ldaps(ward.bad), kind)
                    self.assertIn(kind, daemon.log())
                self.assertEqual(ward.service.requests("EnableLDAPS")[0]["directory"], ward.good)
                self.assertEqual(len(ward.service.requests("EnableLDAPS")), 1)

    def test_register_failed(self):
        """RegisterFailed: the reason is shown, our failed entry cleared away, and tried again after 1, 6 and 24 hours, then held until the file changes."""
        with Pair() as ward:
            ward.service.control("outcome", directory=ward.bad, call="register", count=20, reason="The CA is not trusted.")
            with ward.run() as daemon:
                daemon.turn(lambda: ward.service.requests("DeregisterCertificate"), "the clearing away")
                daemon.says("RegisterFailed: .*The CA is not trusted")
                for _ in range(40):
                    daemon.later(HOUR)
                times = [line["time"] for line in ward.service.requests("RegisterCertificate") if line["directory"] == ward.bad]
                gaps = [next_one - one for one, next_one in zip(times, times[1:])]
                self.assertEqual(len(times), 4, gaps)
                for gap, wanted in zip(gaps, (HOUR, 6 * HOUR, 24 * HOUR)):
                    self.assertGreaterEqual(gap, wanted - 60)
                    self.assertLessEqual(gap, wanted + 2 * HOUR)
                self.assertEqual(ward.service.state(ward.bad), [], "failed entries are cleared away")
                self.assertEqual(ward.report(ward.bad)["standing"], "held")
                self.assertIn("The CA is not trusted", ward.condition(ward.bad, "RegisterFailed")["message"])
                ward.service.control("outcome", directory=ward.bad, call="register", count=0)
                ward.edit(trust=["root", "issuing"])
                daemon.hangs_up("taken: ")
                daemon.turn(lambda: ward.service.state(ward.bad) == ["Registered"] * 2, "what the changed file asks for")
            self.converged(ward, ward.good, 1)

    def test_foreign_failure(self):
        """A foreign entry that failed is not ours to clear away."""
        with Pair() as ward:
            ward.service.control("register", directory=ward.bad, common_name="Foreign", expiry=ROOT.not_after, state="RegisterFailed")
            ward.apply()
            self.assertEqual(sorted(ward.service.state(ward.bad)), ["RegisterFailed", "Registered"])


class Full(Case):
    def fill(self, ward, count=5):
        return [ward.service.control("register", directory=ward.bad, common_name="Foreign %d" % number,
                                     expiry=ROOT.not_after - number)["certificate"] for number in range(count)]

    def test_no_slot(self):
        """A full directory: NoFreeSlot lists what takes the slots; nothing is removed; a slot that gets free is used."""
        with Pair() as ward:
            taken = self.fill(ward)
            done = ward.apply(status=2)
            self.assertIn("NoFreeSlot", done.out)
            self.assertIn("aws ds deregister-certificate --directory-id %s" % ward.bad, done.out)
            report = ward.report(ward.bad)
            self.assertEqual(sorted(condition["id"] for condition in report["conditions"] if condition["reason"] == "ForeignSlot"),
                             sorted(taken))
            for number in range(5):
                self.assertIn("Foreign %d" % number, done.out)
            self.assertEqual({line["directory"] for line in ward.service.writes()}, {ward.good})
            self.converged(ward, ward.good, 1)
            ward.service.control("deregister", directory=ward.bad, certificate=taken[0])
            ward.move(60)
            ward.apply()
            self.assertEqual(ward.service.ldaps(ward.bad), "Enabled")

    def test_limit(self):
        """A limit that is lower than we think: tried once, then held until the listing changes."""
        with Pair() as ward:
            ward.edit(certificate_limit=10)
            taken = self.fill(ward)
            with ward.run() as daemon:
                for number in range(6):
                    daemon.passes(number + 1)
                    daemon.later(6 * HOUR)
                tries = [line for line in ward.service.requests("RegisterCertificate") if line["directory"] == ward.bad]
                self.assertEqual([line["outcome"] for line in tries], ["CertificateLimitExceededException"])
                ward.condition(ward.bad, "NoFreeSlot")
                ward.service.control("deregister", directory=ward.bad, certificate=taken[0])
                daemon.later(6 * HOUR)
                daemon.turn(lambda: ward.service.ldaps(ward.bad) == "Enabled", "LDAPS")


class Skew(Case):
    def skewed(self, ward, seconds):
        """Sets the program's clock apart from the service's."""
        own = os.path.join(ward.home, "own-clock")
        with open(own, "w") as file:
            file.write("%d\n" % (ward.shift + seconds))
        ward.variables["LDAPSWARD_DEMO_CLOCK"] = own

    def test_skew(self):
        """A clock 10 minutes off registers, but neither enables, disables nor removes; and says so."""
        for seconds in (600, -600):
            with Pair() as ward:
                self.skewed(ward, seconds)
                ward.apply(status=2)
                self.assertRegex(ward.condition(ward.bad, "ClockSkew")["message"], "clock is (9 m|10 m)")
                self.assertEqual(ward.writes(ward.bad), ["RegisterCertificate"])
                ward.variables.clear()
                ward.move(60)
                ward.apply()
                before = len(ward.service.writes())
                ward.edit(trust=["issuing"], client_ldaps="disabled", grace="0s")
                self.skewed(ward, seconds)
                for _ in range(4):
                    ward.move(60)
                    self.skewed(ward, seconds)
                    ward("apply")
                self.assertEqual(ward.writes(ward.bad, since=before), ["RegisterCertificate"])
                ward.variables.clear()
                ward.move(60)
                ward("apply")
                self.assertIn("DisableLDAPS", ward.writes(since=before))   # one of the two, as they take turns

    def test_far_off(self):
        """A clock an hour off is refused by the API first, corrected from its Date, and then as above."""
        with Pair() as ward:
            self.skewed(ward, 3600)
            ward.apply(status=2)
            ward.condition(ward.bad, "ClockSkew")
            self.assertEqual(ward.writes(ward.bad), ["RegisterCertificate"])

    def test_unread(self):
        """A clock that is off and refused for ever: nothing can be read, so plan and apply end with 1."""
        with Pair() as ward:
            ward.service.fault("*:*:RequestExpired@" + ward.bad)
            self.skewed(ward, 600)
            planned = ward.expect(1, "plan")
            self.assertIn("ClockSkew", planned.out)
            ward.apply(status=1)
            ward.condition(ward.bad, "ClockSkew")

    def test_dateless(self):
        """Replies without a Date: the skew is unknown, so LDAPS is not enabled."""
        for kind in ("no-date", "bad-date"):
            with Pair() as ward:
                ward.service.fault("*:*:" + kind)
                ward.apply(status=2)
                self.assertEqual(ward.writes(ward.bad), ["RegisterCertificate"])
                self.assertIn("carry no date", ward.condition(ward.bad, "ClockSkew")["message"])


class Pace(Case):
    def test_rate(self):
        """An API that throttles at 20 requests a second: ten directories converge all the same."""
        with Ward("--rate", "20", "--burst", "10") as ward:
            found = ward.service.control("create", name="d#.example.com", count=10, type="ADConnector")["directories"]
            ward.configure(directories=[{"id": directory, "trust": ["root"]} for directory in found],
                           authorities={"root": [ROOT]})
            ward.apply()
            for directory in found:
                self.converged(ward, directory, 1)
            self.assertEqual(len(ward.writes()), 20)


if __name__ == "__main__":
    main()
