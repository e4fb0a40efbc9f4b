#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The emulator itself: signatures, faults, rates, waits, pages, open points, state, log and control path.

Skipped (77) without openssl.
"""

import email.utils
import http.client
import json
import os
import signal
import subprocess
import threading
import time
import unittest

from harness import (ACCOUNT, DEADLINE, EMULATOR, KEY, PATIENCE, REGION, SECRET, ApiError, Authority, Emulator, need, scratch, sign)

need("openssl")
ROOT, OTHER = Authority("Corp Root"), Authority("Other Root")
DIRECTORY = "d-0123456789"


class Case(unittest.TestCase):
    def service(self, *options, **more):
        service = Emulator(*options, **more)
        self.addCleanup(service.stop)
        service.create("corp.example.com", id=DIRECTORY)
        return service

    def refused(self, code, call, *arguments, **members):
        with self.assertRaises(ApiError) as caught:
            call(*arguments, **members)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        return caught.exception


class Signatures(Case):
    def headers(self, service, **changed):
        found = {"host": "127.0.0.1:%d" % service.port, "content-type": "application/x-amz-json-1.1",
                 "x-amz-target": "DirectoryService_20150416.DescribeDirectories",
                 "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
        found.update(changed)
        return found

    def status(self, service, headers, body=b"{}"):
        status, _, reply = service.post("/", body, headers)
        return status, json.loads(reply).get("__type", "").split("#")[-1] if status != 200 else ""

    def test_only_the_signed_request_passes(self):
        service = self.service()

        def signed(body=b"{}", service_name="ds", secret=SECRET, **changed):
            headers = self.headers(service, **changed)
            sign(secret, KEY, REGION, headers, body, service_name)
            return headers
        mismatch = (403, "SignatureDoesNotMatch")
        self.assertEqual(self.status(service, signed()), (200, ""))
        self.assertEqual(self.status(service, signed(), b"{ }"), mismatch)
        self.assertEqual(self.status(service, dict(signed(), **{"x-amz-target": "DirectoryService_20150416.DescribeTrusts"})),
                         mismatch)
        self.assertEqual(self.status(service, dict(signed(), **{"x-amz-extra": "not signed"})), mismatch)
        self.assertEqual(self.status(service, signed(service_name="s3")), mismatch)
        self.assertEqual(self.status(service, signed(secret="x")), mismatch)
        self.assertEqual(self.status(service, signed(**{"x-amz-content-sha256": "0" * 64})), mismatch)
        self.assertEqual(self.status(service, self.headers(service)), (403, "MissingAuthenticationTokenException"))
        self.assertEqual(self.status(service, self.headers(service, authorization="AWS4-HMAC-SHA256 x")),
                         (403, "IncompleteSignature"))
        undated = signed()
        del undated["x-amz-date"]
        self.assertEqual(self.status(service, undated), (403, "IncompleteSignature"))

    def test_time_may_be_off_by_so_much(self):
        service = self.service("--clock-window", "3600")
        for seconds, status in ((-3500, (200, "")), (-3700, (400, "RequestExpired")), (3500, (200, "")),
                                (3700, (400, "RequestExpired"))):     # the machine may be slow
            headers = self.headers(service, **{"x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + seconds))})
            sign(SECRET, KEY, REGION, headers, b"{}")
            self.assertEqual(self.status(service, headers), status, seconds)
        service.settings(clock_refusal="RequestTimeTooSkewed")
        self.assertEqual(self.status(service, headers), (400, "RequestTimeTooSkewed"))

    def test_what_is_no_request_of_the_api(self):
        service = self.service()
        self.assertEqual(service.raw("Nonsense", "{}")[0], 404)
        self.assertEqual(service.raw("DescribeDirectories", "{}", headers={"content-type": "text/plain"})[0], 404)
        self.assertEqual(service.post("/elsewhere", b"{}", {})[0], 404)
        for body in ("", "[]", "{", "null", '{"a":1,"a":2}', "[" * 2000):
            self.assertEqual(service.raw("DescribeDirectories", body)[0], 400, body[:10])
        self.assertEqual(service.raw("DescribeDirectories", b"x" * (2 << 20))[0], 413)
        self.assertEqual(len(service.call("DescribeDirectories")["DirectoryDescriptions"]), 1)

    def test_no_secret_is_written_anywhere(self):
        service = self.service("--credentials", "AKIDTEMP:verysecret:tokentoken@444455556666")
        service.call("DescribeDirectories", key="AKIDTEMP", secret="verysecret", token="tokentoken")
        self.refused("SignatureDoesNotMatch", service.call, "DescribeDirectories", key="AKIDTEMP", secret="verysecret2",
                     token="tokentoken")
        service.control("dump")
        for path in (service.log_path, service.state_path, os.path.join(service.home, "errors")):
            with open(path) as file:
                text = file.read()
            for secret in ("verysecret", "tokentoken", SECRET, "Signature="):
                self.assertNotIn(secret, text, path)


class Faults(Case):
    """What each kind does to the client, and whether the write was executed."""

    def register(self, service):
        return service.raw("RegisterCertificate", json.dumps({"DirectoryId": DIRECTORY, "CertificateData": ROOT.pem}))

    def test_connections_that_are_cut(self):
        service = self.service("--allow", "duplicate", "--limit", "ldaps=100")
        for kind, executed in (("lost-reply", True), ("cut-before", False), ("cut-body", True)):
            before = len(service.state(DIRECTORY))
            service.fault("RegisterCertificate:1:" + kind)
            with self.assertRaises((http.client.HTTPException, ConnectionError), msg=kind):
                self.register(service)
            self.assertEqual(len(service.state(DIRECTORY)) - before, executed, kind)
            self.assertEqual(service.requests()[-1]["executed"], executed, kind)
            self.assertEqual(service.requests()[-1]["fault"], kind)
            self.assertEqual(self.register(service)[0], 200)

    def test_replies_that_are_wrong(self):
        service = self.service("--allow", "duplicate", "--limit", "ldaps=100")
        for kind, status, executed in (("html500", 500, False), ("lost-500", 500, True), ("bare503", 503, False),
                                       ("xml403", 403, False), ("redirect", 307, False), ("garbage", 200, True),
                                       ("truncated", 200, True), ("empty", 200, True), ("wrong-json", 200, True),
                                       ("huge", 200, True), ("bad-date", 200, True), ("no-date", 200, True),
                                       ("slow", 200, True), ("ThrottlingException", 400, False),
                                       ("ServiceException", 500, False), ("AccessDeniedException", 403, False)):
            before = len(service.state(DIRECTORY))
            service.fault("RegisterCertificate:1:" + kind)
            got, headers, body = self.register(service)
            self.assertEqual(got, status, kind)
            self.assertEqual(len(service.state(DIRECTORY)) - before, executed, kind)
            self.assertEqual("date" in headers, kind != "no-date", kind)
            if kind == "huge":
                self.assertGreater(len(body), 4 << 20)
            if kind in ("truncated", "garbage"):
                self.assertRaises(ValueError, json.loads, body)

    def test_a_fault_strikes_whom_it_is_meant_for(self):
        service = self.service()
        other = service.create("other.example.com")
        service.fault("ListCertificates:2+1:ServiceException@" + DIRECTORY, "*:1+4:ClientException")
        outcomes = []
        for directory in (DIRECTORY, other, DIRECTORY, DIRECTORY, DIRECTORY, DIRECTORY, DIRECTORY):
            try:
                service.call("ListCertificates", DirectoryId=directory)
                outcomes.append("OK")
            except ApiError as error:
                outcomes.append(error.code)
        self.assertEqual(outcomes, ["OK", "OK", "ServiceException", "ServiceException", "OK", "OK", "ClientException"])
        service.fault("*:*:ServiceUnavailable")
        self.refused("ServiceUnavailable", service.call, "DescribeDirectories")
        service.control("fault", clear=True)
        service.call("DescribeDirectories")

    def test_words_nobody_knows_and_pages_without_end(self):
        service = self.service()
        service.control("register", directory=DIRECTORY, pem=ROOT.pem)
        service.fault("ListCertificates:1:unknown-words", "ListCertificates:1:endless-pages")
        entry, = service.call("ListCertificates", DirectoryId=DIRECTORY)["CertificatesInfo"]
        self.assertEqual((entry["State"], entry["Type"]), ("Quarantined", "ClientFuture"))
        token = service.call("ListCertificates", DirectoryId=DIRECTORY)["NextToken"]
        self.assertNotIn("NextToken", service.call("ListCertificates", DirectoryId=DIRECTORY, NextToken=token))

    def test_it_ends_though_replies_hang(self):
        service = self.service()
        service.fault("DescribeDirectories:*:hang")
        ended = []

        def call():
            try:
                service.raw("DescribeDirectories", "{}")
            except (http.client.HTTPException, ConnectionError) as error:
                ended.append(error)
        threads = [threading.Thread(target=call) for _ in range(3)]
        for thread in threads:
            thread.start()
        service.wait(lambda: service.counters()["calls"]["DescribeDirectories"].get("OK") == 3)
        service.stop()
        for thread in threads:
            thread.join(DEADLINE)
        self.assertEqual(len(ended), 3)


class Rates(Case):
    def test_what_comes_too_fast_is_throttled_per_account_and_region(self):
        service = self.service("--rate", "0.001", "--burst", "3")
        for _ in range(3):
            service.call("DescribeDirectories")
        self.refused("ThrottlingException", service.call, "DescribeDirectories")
        service.call("DescribeDirectories", region="us-east-1")
        service.settings(rate=0)
        service.call("DescribeDirectories")

    def test_waiting_replies_hold_no_thread(self):
        service = self.service("--latency", int(1000 * PATIENCE))
        threads = [threading.Thread(target=service.call, args=("DescribeDirectories",)) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
        # Four threads that each held a reply would have but four in flight.
        self.assertGreater(service.counters()["in_flight_max"], 8)


class Pages(Case):
    def test_a_token_is_good_for_its_own_listing_and_for_a_time(self):
        service = self.service("--token-life", "60", "--page", "10")
        other = service.create("other.example.com")
        for number in range(25):
            service.control("register", directory=DIRECTORY, common_name="C%d" % number, expiry=1900000000)
        first = service.call("ListCertificates", DirectoryId=DIRECTORY, Limit=3)
        self.assertEqual(len(first["CertificatesInfo"]), 3)
        token = first["NextToken"]
        second = service.call("ListCertificates", DirectoryId=DIRECTORY, NextToken=token)
        self.assertEqual(len(second["CertificatesInfo"]), 10)
        for members in ({"DirectoryId": other}, {"DirectoryId": DIRECTORY, "region": "us-east-1"}):
            with self.assertRaises(ApiError):
                service.call("ListCertificates", NextToken=token, **members)
        self.refused("InvalidNextTokenException", service.call, "ListCertificates", DirectoryId=DIRECTORY, NextToken=token[:-2] + "ff")
        self.refused("InvalidNextTokenException", service.call, "DescribeLDAPSSettings", DirectoryId=DIRECTORY, NextToken=token)
        # What is removed meanwhile is skipped, nothing is shown twice.
        service.control("deregister", directory=DIRECTORY, certificate=second["CertificatesInfo"][0]["CertificateId"])
        again = service.call("ListCertificates", DirectoryId=DIRECTORY, NextToken=token)
        self.assertEqual(again["CertificatesInfo"][0], second["CertificatesInfo"][1])
        service.advance(61)
        self.refused("InvalidNextTokenException", service.call, "ListCertificates", DirectoryId=DIRECTORY, NextToken=token)
        self.assertEqual(len(service.pages("ListCertificates", "CertificatesInfo", DirectoryId=DIRECTORY)), 24)


class Points(Case):
    """Options of the model arrive: one refusal and each kind of answer, seen through the API."""

    def register(self, service, authority=ROOT, **members):
        return service.call("RegisterCertificate", DirectoryId=DIRECTORY, CertificateData=authority.pem, **members)["CertificateId"]

    def test_answers_that_replies_show(self):
        service = self.service("--open-point", "never-enabled=disabled", "--open-point", "expiry=later",
                               "--open-point", "no-common-name=missing")
        self.assertEqual(service.call("DescribeLDAPSSettings", DirectoryId=DIRECTORY)["LDAPSSettingsInfo"],
                         [{"LDAPSStatus": "Disabled"}])
        self.register(service)
        self.register(service, Authority("", subject="/O=Nameless"))
        first, second = service.call("ListCertificates", DirectoryId=DIRECTORY)["CertificatesInfo"]
        self.assertEqual(first["ExpiryDateTime"], ROOT.not_after + 1)
        self.assertNotIn("CommonName", second)

    def test_refusals_are_switched_by_name(self):
        service = self.service("--allow", "all", "--refuse", "limit", "--limit", "ldaps=2")
        self.register(service, Authority("Short", days=3))
        self.register(service, Authority("Short", days=3))
        self.refused("CertificateLimitExceededException", self.register, service)
        service.call("EnableLDAPS", DirectoryId=DIRECTORY, Type="Client")
        service.settings(refuse=["all"], open_point=["repeat=accepted"])
        service.call("EnableLDAPS", DirectoryId=DIRECTORY, Type="Client")

    def test_duplicates_and_late_failures(self):
        renewed = ROOT.renewed(days=4000)
        service = self.service("--open-point", "duplicate=key", "--open-point", "ninety-days=failed")
        self.register(service)
        self.refused("CertificateAlreadyExistsException", self.register, service, renewed)
        service.settings(open_point="duplicate=bytes")
        self.register(service, renewed)
        late = self.register(service, Authority("Short", days=80))
        shown = service.call("DescribeCertificate", DirectoryId=DIRECTORY, CertificateId=late)["Certificate"]
        self.assertEqual((shown["State"], shown["StateReason"]),
                         ("RegisterFailed", "Certificate must be more than 90 days from expiration."))

    def test_outcomes_that_were_asked_for(self):
        service = self.service()
        service.control("outcome", directory=DIRECTORY, call="register", reason="the controllers said no")
        service.control("outcome", directory=DIRECTORY, call="enable", reason="no trust")
        service.control("outcome", directory=DIRECTORY, call="deregister")
        failed, good = self.register(service), self.register(service, OTHER)
        shown = service.call("DescribeCertificate", DirectoryId=DIRECTORY, CertificateId=failed)["Certificate"]
        self.assertEqual((shown["State"], shown["StateReason"]), ("RegisterFailed", "the controllers said no"))
        service.call("EnableLDAPS", DirectoryId=DIRECTORY, Type="Client")
        setting, = service.call("DescribeLDAPSSettings", DirectoryId=DIRECTORY)["LDAPSSettingsInfo"]
        self.assertEqual((setting["LDAPSStatus"], setting["LDAPSStatusReason"]), ("EnableFailed", "no trust"))
        service.call("EnableLDAPS", DirectoryId=DIRECTORY, Type="Client")
        self.assertEqual(service.ldaps(DIRECTORY), "Enabled")
        service.call("DeregisterCertificate", DirectoryId=DIRECTORY, CertificateId=failed)
        self.assertEqual(service.state(DIRECTORY), ["DeregisterFailed", "Registered"])
        self.assertEqual([entry["id"] for entry in service.certificates(DIRECTORY)], [failed, good])

    def test_time_passes_by_the_file_and_by_the_path(self):
        clock = scratch("clock")
        with open(clock, "w") as file:
            file.write("0\n")
        service = self.service("--clock-file", clock, "--delay", "register=1d", "--delay", "enable=10m",
                               "--clock-window", "never")
        self.register(service)
        self.assertEqual(service.state(DIRECTORY), ["Registering"])
        with open(clock, "w") as file:
            file.write("86340\n")  # a minute before: the machine may be slow
        self.assertEqual(service.state(DIRECTORY), ["Registering"])
        service.advance(61)
        self.assertEqual(service.state(DIRECTORY), ["Registered"])
        status, headers, _ = service.raw("DescribeDirectories", "{}")
        self.assertEqual(status, 200)
        told = email.utils.parsedate_to_datetime(headers["date"]).timestamp()
        self.assertAlmostEqual(told, time.time() + 86401, delta=DEADLINE)


class World(Case):
    def test_the_state_outlives_the_process(self):
        service = self.service("--delay", "register=1h", "--delay", "enable=1h")
        service.control("register", directory=DIRECTORY, pem=ROOT.pem)
        service.call("RegisterCertificate", DirectoryId=DIRECTORY, CertificateData=OTHER.pem, Type="ClientCertAuth",
                     ClientCertAuthSettings={"OCSPUrl": "http://ocsp.example.com/"})
        service.call("EnableLDAPS", DirectoryId=DIRECTORY, Type="Client")
        service.control("trust", directory=DIRECTORY, remote="ad.example.com")
        gone = service.create("gone.example.com")
        service.create("two.example.com", regions=["eu-west-1", "us-east-1"])
        service.control("remove", directory=gone)
        before = service.control("dump")["directories"]
        with open(service.state_path, "a") as file:
            file.write('{"kind":"directory","acc')       # a write that was cut off
        service.restart()
        self.assertEqual(service.control("dump")["directories"], before)
        service.advance(3600)
        self.assertEqual((service.state(DIRECTORY), service.ldaps(DIRECTORY)), (["Registered"], "Enabled"))
        self.refused("CertificateAlreadyExistsException", service.call, "RegisterCertificate", DirectoryId=DIRECTORY,
                     CertificateData=ROOT.pem)
        self.assertNotIn(service.create("new.example.com"), [one["id"] for one in before])

    def test_a_file_that_is_no_state_is_left_alone(self):
        path = scratch("nonsense")
        with open(path, "w") as file:
            file.write("my thesis\n")
        done = subprocess.run([EMULATOR, "--state", path], capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nonsense:1: ", done.stderr)
        with open(path) as file:
            self.assertEqual(file.read(), "my thesis\n")

    def test_every_request_leaves_a_line(self):
        service = self.service()
        made = service.call("RegisterCertificate", DirectoryId=DIRECTORY, CertificateData=ROOT.pem)["CertificateId"]
        self.refused("CertificateAlreadyExistsException", service.call, "RegisterCertificate", DirectoryId=DIRECTORY,
                     CertificateData=ROOT.pem)
        self.refused("UnrecognizedClientException", service.call, "ListCertificates", key="AKIDOTHER", DirectoryId=DIRECTORY)
        first, second, third = service.requests()
        self.assertEqual({key: first[key] for key in ("operation", "directory", "certificate", "outcome", "account", "region",
                                                      "status", "executed")},
                         {"operation": "RegisterCertificate", "directory": DIRECTORY, "certificate": made, "outcome": "OK",
                          "account": ACCOUNT, "region": REGION, "status": 200, "executed": True})
        self.assertEqual((second["outcome"], second["executed"]), ("CertificateAlreadyExistsException", False))
        self.assertEqual((third["outcome"], third["account"]), ("UnrecognizedClientException", ""))
        self.assertLess(abs(first["time"] - time.time()), DEADLINE)
        counters = service.counters(reset=True)["calls"]
        self.assertEqual(counters["RegisterCertificate"], {"OK": 1, "CertificateAlreadyExistsException": 1})
        self.assertEqual(service.counters()["calls"]["RegisterCertificate"], {})
        self.assertEqual(len(service.writes()), 2)

    def test_behind_the_services_back(self):
        service = self.service()
        only = service.control("register", directory=DIRECTORY, pem=ROOT.pem, id="c-aaaaaaaaaa")["certificate"]
        self.assertEqual(only, "c-aaaaaaaaaa")
        service.control("enable", directory=DIRECTORY)
        service.control("deregister", directory=DIRECTORY, certificate=only)
        self.assertEqual((service.state(DIRECTORY), service.ldaps(DIRECTORY)), ([], "Enabled"))
        service.control("disable", directory=DIRECTORY)
        service.control("set", directory=DIRECTORY, stage="Inoperable", stage_reason="on fire", name="other.example.com")
        shown = service.call("DescribeDirectories")["DirectoryDescriptions"][0]
        self.assertEqual((shown["Stage"], shown["StageReason"], shown["Name"]), ("Inoperable", "on fire", "other.example.com"))
        service.control("set", directory=DIRECTORY, ldaps="never")
        self.assertIsNone(service.ldaps(DIRECTORY))

    def test_commands_that_make_no_sense_change_nothing(self):
        service = self.service()
        before = service.control("dump")["directories"]
        for command, members in (("nonsense", {}), ("create", {"id": "x"}), ("create", {"id": DIRECTORY}),
                                 ("create", {"count": 0}), ("create", {"regions": []}), ("create", {"type": "Fancy"}),
                                 ("create", {"certificates": [{"pem": "x"}]}), ("register", {"directory": "d-ffffffffff"}),
                                 ("register", {"directory": DIRECTORY, "pem": "x"}), ("set", {"directory": DIRECTORY, "stage": "x"}),
                                 ("deregister", {"directory": DIRECTORY, "certificate": "c-ffffffffff"}),
                                 ("fault", {"fault": "x"}), ("fault", {"fault": "ListCertificates:0:slow"}),
                                 ("fault", {"fault": "List:1:slow"}), ("fault", {"fault": "*:1:sloww"}),
                                 ("settings", {"latency": 5, "nonsense": 1}), ("outcome", {"directory": DIRECTORY, "call": "x"}),
                                 ("credential", {"credential": "onlyakey"}),
                                 ("create", {"nmae": "corp.example.com"}), ("create", {"certificates": [{"pme": ROOT.pem}]}),
                                 ("dump", {"dirctory": DIRECTORY}),
                                 ("clock", {"advance": "x"}), ("clock", {"advance": 1.5}), ("create", {"id": 1}),
                                 ("create", {"tags": []}), ("create", {"count": True}), ("fault", {"faults": "x"}),
                                 ("create", {"regions": "eu-west-1"}), ("issued", {"expired": "no"}),
                                 ("role", {"name": "reader", "trust": "*"}), ("create", {"certificates": [{"pem": 1}]})):
            with self.subTest("%s %s" % (command, members)):
                with self.assertRaises(ApiError):
                    service.control(command, **members)
        self.assertEqual(service.control("dump")["directories"], before)

    def test_a_seed_and_the_options(self):
        seed = scratch("seed.json")
        with open(seed, "w") as file:
            json.dump([{"create": {"name": "seed#.example.com", "count": 3, "certificates": [{"pem": ROOT.pem}]}},
                       {"settings": {"latency": 1}}], file)
        service = self.service("--seed", seed)
        self.assertEqual(len(service.call("DescribeDirectories")["DirectoryDescriptions"]), 4)
        with open(scratch("misspelt.json"), "w") as file:
            json.dump([{"create": {"nmae": "corp.example.com"}}], file)
        for status, words, said in (
                (64, ["--port", "x"], "port: "), (64, ["--open-point", "repeat=maybe"], "repeat"), (64, ["--delay", "register=soon"], "soon"),
                (64, ["--fault", "x"], "emulator: fault: expected OPERATION"), (64, ["--fault", "*:1:sloww"], "emulator: fault: 'sloww'"),
                (64, ["--credentials", "k"], "emulator: credentials: expected KEY"), (64, ["nonsense"], "nonsense"),
                (64, ["--nonsense"], "see --help"), (64, ["--tls-cert", "x"], "--tls-key"), (64, ["--role", "a/b"], "role: "),
                (1, ["--seed", scratch("misspelt.json")], "'nmae' is none of its members"), (1, ["--seed", "/nonexistent"], "/nonexistent"),
                (1, ["--port", str(service.port)], "cannot listen"), (1, ["--port-file", "/nonexistent/port"], "/nonexistent/port")):
            done = subprocess.run([EMULATOR] + words, capture_output=True, text=True, timeout=DEADLINE, check=False)
            self.assertEqual((done.returncode, done.stdout), (status, ""), words)
            self.assertIn(said, done.stderr)
        done = subprocess.run([EMULATOR, "--help"], capture_output=True, text=True, timeout=DEADLINE, check=True)
        for word in ("--open-point", "never-enabled", "lost-reply", "ninety-days", "counters"):
            self.assertIn(word, done.stdout)

    def test_it_says_where_it_listens_and_ends_at_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = subprocess.Popen([EMULATOR], stdout=subprocess.PIPE, text=True)
            line = process.stdout.readline()
            self.assertRegex(line, r"^listening on http://127\.0\.0\.1:[0-9]+\n$")
            process.send_signal(number)
            self.assertEqual(process.wait(DEADLINE), 0)
            process.stdout.close()

    def test_it_says_what_the_command_line_made(self):
        words = [EMULATOR, "--tls", scratch("tls"), "--role", "reader", "--role", "other@444455556666", "--clock-file", scratch("later")]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=DEADLINE)
        self.assertRegex(lines[0], "^listening on https:")
        self.assertEqual(lines[1:], ["its CA is %s/ca.pem\n" % scratch("tls"), "role arn:aws:iam::111122223333:role/reader\n",
                                     "role arn:aws:iam::444455556666:role/other\n"])
        self.assertIn("clock-file: %s: No such file or directory; until it is there" % scratch("later"), told)


if __name__ == "__main__":
    unittest.main()
