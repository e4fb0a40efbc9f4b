#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The API client against a server on loopback that answers as each case says, well or badly.

Runs the client alone (tests/system/service-client) in a clean environment. What is sent is checked
with botocore's signer, an independent implementation of SigV4; what comes back is cut, slow, huge,
redirected, throttled and worse. Skipped (77) without python3-botocore or openssl.
"""

import datetime
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

from harness import DEADLINE, PATIENCE, Nobody

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
except ImportError:
    print("no botocore")
    sys.exit(77)
if not shutil.which("openssl"):
    print("no openssl")
    sys.exit(77)

CLIENT = os.path.join(os.environ.get("top_builddir", "."), "tests/system/service-client")
KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luTOKEN/+=" * 20
DIRECTORY, CERTIFICATE = "d-926708e4f1", "c-0123456789"
EMPTY = {"CertificatesInfo": []}
# Two clocks that are compared were read within so long. Seconds; what is looked for is an hour.
DELTA = 60 * PATIENCE


def ms(plain):
    """A limit for the client, in milliseconds: time enough that what is to come within it comes."""
    return str(int(plain * PATIENCE))


class Request:
    """One request as it came over the wire: header names in lower case."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, self.version = lines[0].split(" ")
        self.headers = {}
        for name, value in (line.split(":", 1) for line in lines[1:] if line):
            assert name.lower() not in self.headers, "%s is sent twice" % name
            self.headers[name.lower()] = value.strip()
        self.body = body

    @property
    def operation(self):
        return self.headers["x-amz-target"].split(".")[1]

    @property
    def json(self):
        return json.loads(self.body)


def reply(body=b"", status=200, headers=None, date=0, length=None):
    """The bytes of a reply. A dict becomes JSON; `date` moves the Date header, None leaves it out."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    head = {"x-amzn-RequestId": "11111111-2222-3333-4444-555555555555",
            "Content-Type": "application/x-amz-json-1.1",
            "Content-Length": str(len(body) if length is None else length)}
    if date is not None:
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=date)
        head["Date"] = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    head.update(headers or {})
    lines = ["HTTP/1.1 %d Words" % status] + ["%s: %s" % pair for pair in head.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def refuse(code, status=400, message="No.", **more):
    return reply({"__type": code, "message": message}, status, **more)


class Server:
    """Answers each request with `answer(request, number)`: bytes (sent, connection kept), or a
    function that gets the socket and after which the connection is closed, unless it returns True."""

    def __init__(self, answer, tls=None):
        self.answer, self.requests, self.connections, self.tls = answer, [], 0, tls
        self.lock, self.open = threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        # wakes accept(), which close() alone does not
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % ("https" if self.tls else "http", self.port)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            pending = b""
            while True:
                while b"\r\n\r\n" not in pending:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    pending += piece
                head, pending = pending.split(b"\r\n\r\n", 1)
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if not length:
                    return  # a CONNECT: this is no proxy
                size = int(length.group(1))
                while len(pending) < size:
                    pending += connection.recv(65536)
                request, pending = Request(head, pending[:size]), pending[size:]
                with self.lock:
                    self.requests.append(request)
                    number = len(self.requests)
                answer = self.answer(request, number)
                if callable(answer):
                    if not answer(connection):
                        return
                    continue
                connection.sendall(answer)
        except OSError:
            pass
        finally:
            connection.close()


def run(arguments, **environment):
    """Runs the client. Returns (exit status, list of what it printed, standard error)."""
    variables = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                 "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            variables[name] = os.environ[name]
    variables.update(environment)
    variables = {name: value for name, value in variables.items() if value is not None}
    done = subprocess.run([CLIENT, "--wait-ms", "5"] + arguments, env=variables,
                          capture_output=True, text=True, timeout=2 * DEADLINE, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def call(server, *arguments, **environment):
    environment.setdefault("AWS_ENDPOINT_URL", server.url)
    status, printed, errors = run(list(arguments), **environment)
    assert status == 0 and len(printed) == 1, (status, printed, errors)
    return printed[0]


def verify(request, token=None, secret=SECRET, region="eu-west-1"):
    """Signs what arrived once more with botocore; raises if its signature is another one."""
    authorization = request.headers["authorization"]
    signed = re.search(r"SignedHeaders=([^,]+)", authorization).group(1).split(";")
    stamp = request.headers["x-amz-date"]
    copy = botocore.awsrequest.AWSRequest(
        method=request.method, url="http://" + request.headers["host"] + request.path,
        data=request.body, headers={name: request.headers[name] for name in signed})
    copy.context["timestamp"] = stamp
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(KEY, secret, token), "ds", region)
    signer._modify_request_before_signing = lambda unused: None
    canonical = signer.canonical_request(copy)
    signature = signer.signature(signer.string_to_sign(copy, canonical), copy)
    expected = ("AWS4-HMAC-SHA256 Credential=%s/%s/%s/ds/aws4_request, SignedHeaders=%s, Signature=%s"
                % (KEY, stamp[:8], region, ";".join(signed), signature))
    assert authorization == expected, "sent %s\nexpected %s" % (authorization, expected)
    return signed


class Wire(unittest.TestCase):
    """What is sent."""

    def test_request_is_signed_as_botocore_signs_it(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            result = call(server, "list", DIRECTORY)
        request = server.requests[0]
        self.assertEqual(result["result"], "")
        self.assertEqual((request.method, request.path), ("POST", "/"))
        self.assertEqual(verify(request), ["content-type", "host", "x-amz-date", "x-amz-target"])
        self.assertEqual(request.headers["content-type"], "application/x-amz-json-1.1")
        self.assertEqual(request.headers["x-amz-target"], "DirectoryService_20150416.ListCertificates")
        self.assertRegex(request.headers["user-agent"], r"^ldapsward/\d")
        self.assertEqual(request.json, {"DirectoryId": DIRECTORY, "Limit": 50})
        for absent in ("expect", "x-amz-content-sha256", "x-amz-security-token"):
            self.assertNotIn(absent, request.headers)

    def test_session_token_is_sent_and_signed(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            call(server, "list", DIRECTORY, AWS_SESSION_TOKEN=TOKEN)
        self.assertEqual(server.requests[0].headers["x-amz-security-token"], TOKEN)
        self.assertIn("x-amz-security-token", verify(server.requests[0], TOKEN))

    def test_signing_date_follows_the_demonstration_clock(self):
        with tempfile.NamedTemporaryFile("w") as file, \
                Server(lambda request, number: reply(EMPTY, date=30 * 86400)) as server:
            file.write("%d\n" % (30 * 86400))
            file.flush()
            result = call(server, "list", DIRECTORY, LDAPSWARD_DEMO_CLOCK=file.name)
        verify(server.requests[0])
        stamp = datetime.datetime.strptime(server.requests[0].headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        ahead = (stamp - datetime.datetime.utcnow()).total_seconds()
        self.assertAlmostEqual(ahead, 30 * 86400, delta=60)
        self.assertLess(abs(result["skew"]), 60)

    def test_every_operation_and_its_body(self):
        pem = "-----BEGIN CERTIFICATE-----\n\"\\/\u00e9\n-----END CERTIFICATE-----\n"
        directory = {"DirectoryId": DIRECTORY}
        cases = [
            (["certificate", DIRECTORY, CERTIFICATE], "DescribeCertificate",
             dict(directory, CertificateId=CERTIFICATE)),
            (["settings", DIRECTORY], "DescribeLDAPSSettings", dict(directory, Type="Client")),
            (["directories"], "DescribeDirectories", {}),
            (["directories", DIRECTORY], "DescribeDirectories", {"DirectoryIds": [DIRECTORY]}),
            (["register", DIRECTORY, None], "RegisterCertificate",
             dict(directory, CertificateData=pem, Type="ClientLDAPS")),
            (["deregister", DIRECTORY, CERTIFICATE], "DeregisterCertificate",
             dict(directory, CertificateId=CERTIFICATE)),
            (["enable", DIRECTORY], "EnableLDAPS", dict(directory, Type="Client")),
            (["disable", DIRECTORY], "DisableLDAPS", dict(directory, Type="Client")),
        ]
        with tempfile.NamedTemporaryFile("w") as file, \
                Server(lambda request, number: reply({"CertificateId": CERTIFICATE})) as server:
            file.write(pem)
            file.flush()
            for number, (words, operation, body) in enumerate(cases):
                result = call(server, *[word or file.name for word in words])
                request = server.requests[number]
                with self.subTest(operation):
                    self.assertEqual(result["result"], "", result)
                    self.assertEqual((request.operation, request.json), (operation, body))
                    verify(request)

    def test_application_id_joins_the_agent(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            call(server, "list", DIRECTORY, AWS_SDK_UA_APP_ID="my app\r\n")
        self.assertRegex(server.requests[0].headers["user-agent"], r"^ldapsward/\S+ app/my-app--$")

    def test_reads_reuse_a_connection_and_writes_have_their_own(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            _, printed, _ = run(["--repeat", "4", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
            self.assertEqual(printed[-1]["connections"], 1)
            _, printed, _ = run(["--repeat", "4", "enable", DIRECTORY], AWS_ENDPOINT_URL=server.url)
            self.assertEqual(printed[-1]["connections"], 4)
        self.assertEqual(server.connections, 5)

    def test_no_proxy_for_loopback(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            result = call(server, "list", DIRECTORY, http_proxy="http://127.0.0.1:1",
                          HTTPS_PROXY="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1")
        self.assertEqual(result["result"], "")

    def test_proxy_of_the_environment_elsewhere(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            _, printed, _ = run(["list", DIRECTORY], HTTPS_PROXY=server.url,
                                AWS_ENDPOINT_URL="https://ds.invalid")
        self.assertGreater(server.connections, 0)
        self.assertEqual((printed[0]["status"], printed[0]["outcome"]), (0, "not-executed"))

    def test_a_password_of_the_proxy_is_never_shown(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            where = "127.0.0.1:%d" % server.port
            for proxy in ("sock5://user:hunter2@" + where, "user:hunter2:x@" + where, "http://user:hunter2@ds.invalid",
                          "http://user:hun/hunter2@" + where, "http://user:hunter2#@" + where, "http://hunter2 @" + where,
                          "sock5://hunter2", "https://user:hunter2@" + where, "socks5h://user:hunter2@" + where,
                          "http://user:hunter2@" + where, "http://user:hunter2@127.0.0.1:1"):
                for variable in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY") if proxy.startswith("sock5") else ("all_proxy",):
                    _, printed, errors = run(["--call-ms", "500", "list", DIRECTORY], **{
                        variable: proxy, "AWS_ENDPOINT_URL": "https://ds.example.com"})
                    with self.subTest(proxy=proxy, variable=variable):
                        self.assertNotIn("hunter2", json.dumps(printed) + errors)
                        self.assertNotEqual(printed[0]["result"], "")
                        if proxy.startswith("sock5"):
                            self.assertIn("the proxy of " + variable, printed[0]["message"])


    def test_a_proxy_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = "http://127.0.0.1:%d" % silent.getsockname()[1]
            _, printed, _ = run(["--connect-ms", "200", "enable", DIRECTORY], HTTPS_PROXY=url,
                                AWS_ENDPOINT_URL="https://ds.example.com")
        self.assertEqual((printed[0]["outcome"], printed[0]["attempts"], printed[0]["result"]),
                         ("not-executed", 3, "took too long"))
        self.assertIn("https://ds.example.com:443/ through the proxy of HTTPS_PROXY, %s: " % url, printed[0]["message"])


class Reading(unittest.TestCase):
    """What comes back to a read."""

    def test_every_page_is_read(self):
        def entry(number):
            return {"CertificateId": "c-%010x" % number, "CommonName": "CA %d" % number, "State": "Registered",
                    "ExpiryDateTime": 1.8E9 + number, "Type": "ClientCertAuth" if number % 2 else "ClientLDAPS"}

        def answer(request, number):
            begin = int(request.json.get("NextToken", "0"))
            page = {"CertificatesInfo": [entry(i) for i in range(begin, min(begin + 40, 105))]}
            if begin + 40 < 105:
                page["NextToken"] = str(begin + 40)
            return reply(page)

        with Server(answer) as server:
            result = call(server, "list", DIRECTORY)
        self.assertEqual(len(result["certificates"]), 105)
        self.assertEqual((len(server.requests), server.connections), (3, 1))
        self.assertEqual(result["certificates"][104]["expiry"], 1800000104)

    def test_a_token_that_comes_again_is_refused(self):
        for tokens in (["a", "a"], ["a", "b", "a"]):
            with Server(lambda request, number, tokens=tokens: reply(
                    {"NextToken": tokens[(number - 1) % len(tokens)]})) as server:
                result = call(server, "list", DIRECTORY)
            self.assertIn("NextToken came twice", result["message"])
            self.assertLess(len(server.requests), 5)

    def test_pages_without_end_are_left(self):
        with Server(lambda request, number: reply({"NextToken": "t%d" % number})) as server:
            result = call(server, "list", DIRECTORY)
        self.assertIn("more than 64 pages", result["message"])
        self.assertEqual(len(server.requests), 65)

    def test_a_stale_token_restarts_the_listing_once(self):
        def answer(request, number):
            if "NextToken" in request.json:
                return refuse("InvalidNextTokenException")
            if number > 2:
                return reply({"CertificatesInfo": [{"CertificateId": "c-00000000ff"}]})
            return reply({"CertificatesInfo": [{"CertificateId": CERTIFICATE}], "NextToken": "x"})

        with Server(answer) as server:
            result = call(server, "list", DIRECTORY)
        self.assertEqual([entry["id"] for entry in result["certificates"]], ["c-00000000ff"])
        with Server(lambda request, number: refuse("InvalidNextTokenException") if "NextToken" in request.json
                    else reply({"NextToken": "t%d" % number})) as server:
            result = call(server, "list", DIRECTORY)
        self.assertEqual((result["refusal"], len(server.requests)), ("InvalidNextTokenException", 4))

    def test_throttling_is_tried_three_times(self):
        with Server(lambda request, number: refuse("ThrottlingException")) as server:
            result = call(server, "list", DIRECTORY)
        self.assertEqual(len(server.requests), 3)
        self.assertEqual((result["refusal"], result["class"], result["throttled"]),
                         ("ThrottlingException", "throttle", 3))
        self.assertEqual(result["paced"], 3)
        self.assertTrue(0 <= result["waits"][0] <= 1000 and 0 <= result["waits"][1] <= 2000, result["waits"])

    def test_attempts_are_as_many_as_the_tools_make(self):
        for attempts in (1, 2, 5):
            with Server(lambda request, number: refuse("ThrottlingException")) as server:
                result = call(server, "--wait-ms", "0", "list", DIRECTORY, AWS_MAX_ATTEMPTS=str(attempts))
            self.assertEqual((len(server.requests), len(result["waits"])), (attempts, attempts - 1))
        # N11: a write is sent three times at most, whatever is set
        for attempts, most in ((1, 1), (2, 2), (5, 3)):
            with Server(lambda request, number: refuse("ThrottlingException")) as server:
                call(server, "--wait-ms", "0", "enable", DIRECTORY, AWS_MAX_ATTEMPTS=str(attempts))
            self.assertEqual(len(server.requests), most)

    def test_what_is_tried_again_and_how_it_is_told(self):
        throttling = ("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
                      "TooManyRequestsException", "ProvisionedThroughputExceededException",
                      "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
                      "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
                      "EC2ThrottledException")
        transient = ("RequestTimeout", "RequestTimeoutException", "InternalFailure", "ServiceUnavailable",
                     "ServiceException")
        cases = [(refuse(code), code, "throttle") for code in throttling]
        cases += [(refuse(code), code, "transient") for code in transient]
        cases += [(reply(b"", status), status, "transient") for status in (500, 502, 503, 504)]
        cases += [(reply(b"", status), status, "throttle") for status in (429, 509)]
        for answer, what, kind in cases:
            with Server(lambda request, number, answer=answer: answer) as server:
                result = call(server, "--wait-ms", "0", "list", DIRECTORY)
            with self.subTest(what):
                self.assertEqual((len(server.requests), result["class"]), (3, kind))
                self.assertEqual(result["throttled"], 3 if kind == "throttle" else 0)

    def test_a_service_that_is_down_is_not_asked_three_times_by_every_call(self):
        # 500 tokens pay for 100 further attempts: 50 calls of three, then one each
        with Server(lambda request, number: reply(b"", 503)) as server:
            run(["--repeat", "60", "--wait-ms", "0", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual(len(server.requests), 160)
        # a success gives back what it took
        with Server(lambda request, number: reply(b"", 503) if number % 2 else reply(EMPTY)) as server:
            _, printed, _ = run(["--repeat", "120", "--wait-ms", "0", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual({p["result"] for p in printed}, {""})

    def test_a_passing_failure_is_not_seen(self):
        for failure in (refuse("ServiceException", 500), reply(b"<html><title>Bad</title></html>", 502),
                        reply(b"", 503), lambda connection: None):
            with Server(lambda request, number, failure=failure: failure if number == 1 else reply(EMPTY)) as server:
                result = call(server, "list", DIRECTORY)
            self.assertEqual((result["result"], result["attempts"]), ("", 2))

    def test_waits_as_the_service_asks(self):
        for headers, wanted in (({"Retry-After": "7"}, 7000), ({"x-amz-retry-after": "4500"}, 4500),
                                ({"Retry-After": "3600"}, 20000), ({"Retry-After": "-5"}, None),
                                ({"Retry-After": "99999999999999999999"}, None)):
            with Server(lambda request, number, headers=headers: refuse(
                    "SlowDown", 503, headers=headers) if number == 1 else reply(EMPTY)) as server:
                result = call(server, "list", DIRECTORY)
            with self.subTest(headers):
                if wanted:
                    self.assertEqual(result["waits"], [wanted])
                else:
                    self.assertLessEqual(result["waits"][0], 1000)

    def test_what_is_final_is_asked_once(self):
        for code, status, kind in (("AccessDeniedException", 400, "permanent"), ("ClientException", 400, "permanent"),
                                   ("CertificateLimitExceededException", 400, "permanent"),
                                   ("SomethingNew", 400, "permanent"), ("ValidationError", 400, "permanent"),
                                   ("UnknownOperationException", 404, "bug"),
                                   ("ExpiredToken", 400, "credentials"), ("ExpiredTokenException", 400, "credentials")):
            with Server(lambda request, number, code=code, status=status: refuse(
                    "com.amazonaws.directoryservice#" + code, status)) as server:
                result = call(server, "list", DIRECTORY)
            self.assertEqual((len(server.requests), result["code"], result["class"]), (1, code, kind))
            self.assertIn(code, result["message"])

    def test_redirects_are_not_followed(self):
        with Server(lambda request, number: reply(EMPTY)) as elsewhere:
            for status in (301, 302, 307, 308):
                with Server(lambda request, number, status=status: reply(
                        b"", status, {"Location": elsewhere.url + "/"})) as server:
                    result = call(server, "list", DIRECTORY)
                self.assertEqual((result["status"], result["class"], len(server.requests)), (status, "permanent", 1))
            self.assertEqual(elsewhere.connections, 0)

    def test_a_reply_beyond_its_limit_is_not_read(self):
        large = b" " * (1024 * 1024) + b"{}"
        with Server(lambda request, number: reply(large)) as server:
            self.assertIn("larger than", call(server, "list", DIRECTORY)["message"])
        with Server(lambda request, number: (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                             (b"10000\r\n" + b" " * 65536 + b"\r\n") * 20 + b"0\r\n\r\n")) as server:
            self.assertIn("larger than", call(server, "list", DIRECTORY)["message"])
        with Server(lambda request, number: reply(large[1026:])) as server:
            self.assertEqual(call(server, "list", DIRECTORY)["result"], "")
        with Server(lambda request, number: reply(b"{}", headers={"X-%d" % i: "v" * 1000 for i in range(80)})) as server:
            self.assertIn("larger than", call(server, "list", DIRECTORY)["message"])

    def test_slow_replies_end(self):
        def drip(connection):
            try:
                connection.sendall(reply(b"", length=1000))
                while True:
                    connection.sendall(b" ")
                    time.sleep(0.05)
            except OSError:
                pass

        begun = time.monotonic()
        with Server(lambda request, number: drip) as server:
            result = call(server, "--total-ms", ms(500), "list", DIRECTORY)
        self.assertEqual((result["result"], len(server.requests)), ("took too long", 3))
        self.assertLess(time.monotonic() - begun, 20 * PATIENCE)     # without the limit it never ends

    def test_a_cut_reply_is_no_reply(self):
        for cut in (b"HTTP/1.1 200", reply(EMPTY)[:-5]):
            with Server(lambda request, number, cut=cut: lambda connection: connection.sendall(cut)) as server:
                result = call(server, "list", DIRECTORY)
            self.assertEqual((result["result"], result["class"], result["status"]),
                             ("the network failed", "transient", 0))

    def test_interim_replies_are_passed_over(self):
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
        with Server(lambda request, number: interim + reply(EMPTY)) as server:
            _, printed, _ = run(["--repeat", "2", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual(([p["result"] for p in printed], server.connections), (["", ""], 1))

    def test_what_comes_behind_a_reply_answers_nothing(self):
        """Whatever it is, and whenever it comes: the next request does not take it for its reply."""
        late = reply({"CertificatesInfo": [{"CertificateId": "c-00000000ee"}]})

        def behind(connection):
            connection.sendall(reply(EMPTY))
            connection.sendall(b"junk")
            return True
        for answer in (reply(EMPTY) + late, reply(EMPTY) + b"\r\n", behind):
            with Server(lambda request, number, answer=answer: answer) as server:
                _, printed, _ = run(["--repeat", "3", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
            with self.subTest(str(answer)[-20:]):
                self.assertEqual([(p["result"], p["certificates"]) for p in printed], [("", [])] * 3)
                self.assertGreater(server.connections, 1)

    def test_a_kept_connection_that_is_closed_is_not_used(self):
        with Server(lambda request, number: lambda connection: connection.sendall(reply(EMPTY))) as server:
            _, printed, _ = run(["--repeat", "3", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual([(p["result"], p["attempts"]) for p in printed], [("", 1)] * 3)
        self.assertEqual((len(server.requests), server.connections), (3, 3))

    def test_a_reply_without_sense_is_an_error(self):
        for body in (b"", b"[]", b"nonsense", b"{", b"<html>login</html>", b'{"CertificatesInfo":{}}',
                     b'{"CertificatesInfo":[{"State":"Registered"}]}', b'{"NextToken":7}', b'{"a":1,"a":2}',
                     b"[" * 100000, b'{"CertificatesInfo":[{"CertificateId":"c-0123456789"},'
                     b'{"CertificateId":"c-0123456789"}]}'):
            with Server(lambda request, number, body=body: reply(body)) as server:
                result = call(server, "list", DIRECTORY)
            with self.subTest(body[:40]):
                self.assertIn(result["result"], ("damaged", "a limit was exceeded"))
                self.assertEqual((result["class"], len(server.requests)), ("transient", 1))

    def test_a_wrong_clock_is_corrected_once(self):
        def answer(request, number):
            stamp = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
            late = (stamp - datetime.datetime.utcnow()).total_seconds() < 3000
            return refuse("RequestExpired", date=3600) if late else reply(EMPTY, date=3600)

        with Server(answer) as server:
            _, printed, _ = run(["--repeat", "2", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual([p["result"] for p in printed], ["", ""])
        self.assertEqual(len(server.requests), 3)  # the second call keeps the correction
        self.assertAlmostEqual(printed[1]["skew"], 3600, delta=DELTA)
        for request in server.requests:
            verify(request)
        for date in (0, None):  # nothing to correct
            with Server(lambda request, number, date=date: refuse("RequestExpired", date=date)) as server:
                result = call(server, "list", DIRECTORY)
            self.assertEqual((len(server.requests), result["class"]), (1, "clock"))

    def test_a_clock_that_is_set_meanwhile(self):
        """Signed before, and there after: the clock is right by then, and what was signed is not."""
        with tempfile.NamedTemporaryFile("w") as file:
            def answer(request, number):
                if number > 1:
                    return reply(EMPTY, date=3600)
                file.write("3600\n")
                file.flush()
                return refuse("RequestExpired", date=3600)

            with Server(answer) as server:
                result = call(server, "list", DIRECTORY, LDAPSWARD_DEMO_CLOCK=file.name)
        self.assertEqual((result["result"], len(server.requests)), ("", 2), result)
        self.assertLess(abs(result["skew"]), DELTA)

    def test_one_attempt_is_signed_anew_too(self):
        with Server(lambda request, number: refuse("RequestExpired", date=3600) if number == 1 else reply(EMPTY, date=3600)) as server:
            result = call(server, "list", DIRECTORY, AWS_MAX_ATTEMPTS="1")
        self.assertEqual((result["result"], len(server.requests)), ("", 2), result)

    def test_a_clock_that_is_set_again_and_again(self):
        """The corrected time is wrong as well, as the clock was set since: that passes, and is nothing of the keys."""
        dates = {1: 3600, 2: 0}
        for code in ("RequestExpired", "InvalidSignatureException"):
            with Server(lambda request, number: refuse(code, date=dates.get(number, 0))) as server:
                result = call(server, "list", DIRECTORY)
            self.assertEqual((result["result"], result["class"], result["refusal"], len(server.requests)),
                             ("the service failed", "transient", "None", 2), result)
        # a write that was refused stays refused
        with Server(lambda request, number: refuse("RequestExpired", date=dates.get(number, 0))) as server:
            result = call(server, "enable", DIRECTORY)
        self.assertEqual((result["class"], result["refusal"], len(server.requests)), ("clock", "RequestExpired", 2), result)

    def test_the_date_may_be_missing(self):
        with Server(lambda request, number: reply(EMPTY, date=None)) as server:
            result = call(server, "list", DIRECTORY)
        self.assertEqual((result["result"], result["dated"], result["date"]), ("", False, 0))
        self.assertAlmostEqual(result["arrived"], time.clock_gettime(time.CLOCK_BOOTTIME), delta=DELTA)

    def test_waiting_for_its_turn_is_no_failure_of_the_network(self):
        with Server(lambda request, number: reply({**EMPTY, "NextToken": "n%d" % number})) as server:
            result = call(server, "--call-ms", ms(600), "--pace-ms", ms(400), "list", DIRECTORY)
            self.assertEqual((result["result"], result["class"], result["refusal"]),
                             ("the service failed", "throttle", "ThrottlingException"), result)
            self.assertIn("throttles", result["message"])
        # a time that the network used up is the network's
        with Server(lambda request, number: lambda connection: time.sleep(60)) as server:
            result = call(server, "--call-ms", ms(600), "--total-ms", ms(300), "list", DIRECTORY)
            self.assertEqual((result["result"], result["refusal"]), ("took too long", "None"), result)

    def test_the_time_is_that_of_the_newest_reply(self):
        """A clock that steps between sweep and look fakes no elapsed time, but is seen (N4)."""
        bodies = {
            "DescribeDirectories": {"DirectoryDescriptions": [{
                "DirectoryId": DIRECTORY, "Name": "corp.example.com", "Type": "MicrosoftAD", "Stage": "Active"}]},
            "ListCertificates": EMPTY, "DescribeLDAPSSettings": {"LDAPSSettingsInfo": []}}
        for odd in bodies:
            for step in (3600, -3600):
                with Server(lambda request, number, odd=odd, step=step: reply(
                        bodies[request.operation], date=step if request.operation == odd else 0)) as server:
                    result = call(server, "observe", DIRECTORY)
                with self.subTest(odd=odd, step=step):
                    self.assertTrue(result["complete"], result)
                    self.assertAlmostEqual(result["skew"], step, delta=DELTA)
                    newest = step if odd == "DescribeLDAPSSettings" else 0
                    self.assertAlmostEqual(result["now"], time.time() + newest, delta=DELTA)
        with Server(lambda request, number: reply(bodies[request.operation], date=None)) as server:
            result = call(server, "observe", DIRECTORY)
        self.assertFalse(result["dated"])
        self.assertAlmostEqual(result["now"], time.time(), delta=DELTA)

    def test_asked_to_stop_it_stops(self):
        begun = time.monotonic()
        with Server(lambda request, number: lambda connection: time.sleep(60)) as server:
            result = call(server, "--stop-ms", "200", "list", DIRECTORY)
        self.assertEqual(result["result"], "asked to stop")
        self.assertLess(time.monotonic() - begun, 10 * PATIENCE)     # of itself it takes half a minute

    def test_secrets_in_a_message_are_not_repeated(self):
        text = "The signature does not match. The Canonical String for this request should have been 'POST\n/\n" + TOKEN
        for message in (text, "key " + SECRET, "token " + TOKEN):
            with Server(lambda request, number, message=message: refuse(
                    "SignatureDoesNotMatch", message=message)) as server:
                result = call(server, "list", DIRECTORY, AWS_SESSION_TOKEN=TOKEN)
            self.assertNotIn(SECRET[:12], json.dumps(result))
            self.assertNotIn(TOKEN[:12], json.dumps(result))
            self.assertEqual(result["class"], "credentials")

    def test_one_look_is_whole_or_says_why(self):
        certificates = [
            {"CertificateId": "c-0000000002", "State": "RegisterFailed", "CommonName": "B", "Type": "ClientLDAPS"},
            {"CertificateId": "c-0000000001", "State": "Registered", "CommonName": "A"},
            {"CertificateId": "c-0000000003", "State": "RegisterFailed", "Type": "ClientCertAuth"}]
        bodies = {
            "DescribeDirectories": {"DirectoryDescriptions": [{
                "DirectoryId": DIRECTORY, "Name": "corp.example.com", "Type": "MicrosoftAD", "Stage": "Active"}]},
            "ListCertificates": {"CertificatesInfo": certificates},
            "DescribeLDAPSSettings": {"LDAPSSettingsInfo": [{"LDAPSStatus": "Enabled"}]},
            "DescribeCertificate": {"Certificate": {"State": "RegisterFailed", "StateReason": "No good."}}}
        with Server(lambda request, number: reply(bodies[request.operation])) as server:
            result = call(server, "observe", DIRECTORY)
            self.assertEqual([request.operation for request in server.requests],
                             ["DescribeDirectories", "ListCertificates", "DescribeLDAPSSettings", "DescribeCertificate"])
            self.assertEqual((result["complete"], result["ldaps"], result["explicit"], result["name"]),
                             (True, "Enabled", True, "corp.example.com"))
            self.assertEqual([entry["id"][-1] for entry in result["certificates"]], ["1", "2", "3"])
            self.assertEqual([entry["reason"] for entry in result["certificates"]], [None, "No good.", None])
            result = call(server, "observe", "d-0000000000")
            self.assertEqual((result["complete"], result["observed_refusal"]), (False, "EntityDoesNotExistException"))
            self.assertEqual(len(server.requests), 5)
        with Server(lambda request, number: refuse("AccessDeniedException") if request.operation == "DescribeLDAPSSettings"
                    else reply(bodies[request.operation])) as server:
            result = call(server, "observe", DIRECTORY)
        self.assertEqual((result["complete"], result["observed_refusal"]), (False, "AccessDeniedException"))
        self.assertIn("DescribeLDAPSSettings of d-926708e4f1 in eu-west-1: AccessDeniedException", result["reason"])
        # the service's words are cut at a character, or JSON would lose them
        for before in range(4):
            with Server(lambda request, number, before=before: refuse(
                    "AccessDeniedException", message="x" * before + "\U0001f512" * 60) if request.operation == "ListCertificates"
                        else reply(bodies[request.operation])) as server:
                result = call(server, "observe", DIRECTORY)
            self.assertIn("\U0001f512" * 20, result["reason"])


class Writing(unittest.TestCase):
    """A write is sent once, and again only if it was provably not executed."""

    def test_a_lost_reply_is_not_resent(self):
        for answer in (lambda connection: None,  # cut without a byte
                       lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n"),
                       lambda connection: time.sleep(60),
                       refuse("ServiceException", 500), refuse("InternalFailure", 500), refuse("SomethingNew", 500),
                       refuse("RequestTimeoutException", 408), refuse("RequestAbortedException"),
                       reply(b"<html></html>", 503), reply(b"", 500), reply(b"", 429), reply(b"", 403),
                       reply(b"", 307, {"Location": "/"}), reply(b"<html>hotel wifi</html>")):
            with Server(lambda request, number, answer=answer: answer) as server:
                result = call(server, "--total-ms", ms(1000), "enable", DIRECTORY)
            with self.subTest(str(answer)[:60]):
                self.assertEqual((len(server.requests), result["outcome"]), (1, "unknown"), result)
                self.assertNotEqual(result["result"], "")

    def test_a_kept_connection_that_is_cut_sends_no_write_twice(self):
        # the read leaves a connection open; libcurl sends again by itself what a cut one did not answer
        def answer(request, number):
            return (lambda connection: None) if request.operation == "EnableLDAPS" else reply(EMPTY)

        words = ["list", DIRECTORY, ",", "enable", DIRECTORY, ",", "list", DIRECTORY]
        with Server(answer) as server:
            _, printed, _ = run(["--repeat", "3"] + words, AWS_ENDPOINT_URL=server.url)
        self.assertEqual([p["outcome"] for p in printed], ["not-executed", "unknown", "not-executed"] * 3)
        writes = [request for request in server.requests if request.operation == "EnableLDAPS"]
        self.assertEqual((len(writes), server.connections), (3, 4))

    def test_a_read_on_a_kept_connection_that_is_cut_is_sent_again(self):
        served = []

        def answer(request, number):
            served.append(number)
            return reply(EMPTY) if number != 2 else lambda connection: None

        with Server(answer) as server:
            _, printed, _ = run(["--repeat", "2", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url)
        self.assertEqual(([p["result"] for p in printed], len(served)), (["", ""], 3))

    def test_what_was_not_executed_is_sent_again(self):
        for refusal in (refuse("ThrottlingException"), refuse("RequestLimitExceeded"), refuse("SlowDown", 503)):
            with Server(lambda request, number, refusal=refusal: refusal if number < 3 else reply()) as server:
                result = call(server, "enable", DIRECTORY)
            self.assertEqual((result["outcome"], len(server.requests)), ("executed", 3))
        with Server(lambda request, number: refuse("ThrottlingException")) as server:
            result = call(server, "enable", DIRECTORY)
        self.assertEqual((result["outcome"], len(server.requests)), ("not-executed", 3))

    def test_a_connection_that_fails_is_tried_again(self):
        with Nobody() as port:
            _, printed, _ = run(["enable", DIRECTORY], AWS_ENDPOINT_URL="http://127.0.0.1:%d" % port)
        self.assertEqual((printed[0]["attempts"], printed[0]["outcome"], printed[0]["result"]),
                         (3, "not-executed", "the network failed"))
        self.assertIn("onnect", printed[0]["message"])

    def test_a_refusal_is_final_and_changes_nothing(self):
        for code in ("InvalidCertificateException", "CertificateAlreadyExistsException",
                     "CertificateLimitExceededException", "DirectoryUnavailableException", "SomethingNew"):
            with tempfile.NamedTemporaryFile("w") as file, \
                    Server(lambda request, number, code=code: refuse(code)) as server:
                file.write("x")
                file.flush()
                result = call(server, "register", DIRECTORY, file.name)
            self.assertEqual((result["code"], result["outcome"], len(server.requests)), (code, "not-executed", 1))

    def test_a_clock_refusal_is_corrected(self):
        with Server(lambda request, number: refuse("RequestExpired", date=7200) if number == 1
                    else reply(date=7200)) as server:
            result = call(server, "disable", DIRECTORY)
        self.assertEqual((result["outcome"], len(server.requests)), ("executed", 2))

    def test_nothing_leaves_after_the_deadline(self):
        with Server(lambda request, number: reply()) as server:
            for deadline in ("-1", "0"):    # its last second may be over: what has begun of it is not told
                result = call(server, "--deadline", deadline, "enable", DIRECTORY)
                self.assertEqual((result["result"], result["attempts"]), ("too old to act on", 0))
            self.assertEqual(call(server, "--deadline", "60", "enable", DIRECTORY)["outcome"], "executed")
        self.assertEqual(len(server.requests), 1)

    def test_empty_results_in_every_form(self):
        for body in (b"", b"{}", b" \r\n\t", b'{"Future":1}'):
            with Server(lambda request, number, body=body: reply(body)) as server:
                self.assertEqual(call(server, "deregister", DIRECTORY, CERTIFICATE)["outcome"], "executed")

    def test_what_is_gone_is_deregistered(self):
        with Server(lambda request, number: refuse("CertificateDoesNotExistException")) as server:
            result = call(server, "deregister", DIRECTORY, CERTIFICATE)
        self.assertEqual((result["result"], result["outcome"]), ("", "executed"))

    def test_a_refusal_before_all_was_read_is_heard(self):
        """The server answers after the first bytes and leaves, with a reset, as the rest is unread."""
        def refuse_early(listener):
            connection = listener.accept()[0]
            connection.recv(10)
            connection.sendall(refuse("AccessDeniedException", headers={"Connection": "close"}))
            connection.close()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=refuse_early, args=(listener,), daemon=True).start()
            _, printed, _ = run(["enable", DIRECTORY], AWS_ENDPOINT_URL="http://127.0.0.1:%d" % listener.getsockname()[1])
        self.assertEqual((printed[0]["code"], printed[0]["outcome"], printed[0]["attempts"]),
                         ("AccessDeniedException", "not-executed", 1), printed)

    def test_a_registration_without_an_id_is_looked_for(self):
        with tempfile.NamedTemporaryFile("w") as file, Server(lambda request, number: reply({})) as server:
            file.write("x")
            file.flush()
            result = call(server, "register", DIRECTORY, file.name)
        self.assertEqual((result["outcome"], result["id"], len(server.requests)), ("unknown", "", 1))

    def test_bad_arguments_are_not_sent(self):
        with Server(lambda request, number: reply()) as server:
            for words in (["enable", "d-123"], ["enable", "c-0123456789"], ["deregister", DIRECTORY, "d-0123456789"],
                          ["register", DIRECTORY, "/dev/null"], ["enable", "d-0123456789\r\nX: y"]):
                self.assertEqual(call(server, *words)["result"], "not valid")
        self.assertEqual(server.requests, [])


class Tls(unittest.TestCase):
    """Whom the client talks to."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp()
        for name, subject in (("good", "IP:127.0.0.1,DNS:localhost"), ("other", "DNS:ds.example.com")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name,
                            "-addext", "subjectAltName=" + subject, "-days", "30", "-keyout", cls.path(name + ".key"),
                            "-out", cls.path(name + ".pem")], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.scratch, name)

    def server(self, name, answer=None, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        for option, value in options.items():
            setattr(context, option, value)
        return Server(answer or (lambda request, number: reply(EMPTY)), context)

    def test_a_bundle_of_ones_own(self):
        with self.server("good") as server:
            result = call(server, "list", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"))
        self.assertEqual(result["result"], "", result)
        verify(server.requests[0])

    def test_sessions_are_resumed(self):
        with self.server("good") as server:
            _, printed, _ = run(["--repeat", "3", "enable", DIRECTORY], AWS_ENDPOINT_URL=server.url,
                                AWS_CA_BUNDLE=self.path("good.pem"))
            self.assertEqual([p["outcome"] for p in printed], ["executed"] * 3)
            self.assertGreater(server.tls.session_stats()["hits"], 0)

    def test_a_reply_in_pieces(self):
        """Records of any size, some of which come together: nothing waits for what TLS has read already."""
        listing = reply({"CertificatesInfo": [{"CertificateId": "c-%010x" % i} for i in range(100)]})

        def pieces(size, pause):
            def send(connection):
                for begin in range(0, len(listing), size):
                    connection.sendall(listing[begin:begin + size])
                    time.sleep(pause)
                return True
            return send
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for size, pause in ((1, 0), (7, 0), (1000, 0.02), (4096, 0), (len(listing), 0)):
                with self.server("good", lambda request, number, size=size, pause=pause: pieces(size, pause),
                                 minimum_version=version, maximum_version=version) as server:
                    _, printed, _ = run(["--repeat", "3", "list", DIRECTORY], AWS_ENDPOINT_URL=server.url,
                                        AWS_CA_BUNDLE=self.path("good.pem"))
                with self.subTest(version=version, size=size):
                    self.assertEqual([(p["result"], len(p["certificates"])) for p in printed], [("", 100)] * 3)
                    self.assertEqual((len(server.requests), server.connections), (3, 1))

    def test_an_end_that_anybody_can_fake_is_none(self):
        """A body without a length ends with TLS; where only the connection ends, it was cut."""
        endless = b"HTTP/1.1 200 OK\r\n\r\n{}"

        def end(connection):
            connection.sendall(endless)
            connection.unwrap()
        with self.server("good", lambda request, number: end) as server:
            result = call(server, "list", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"))
        self.assertEqual(result["result"], "", result)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.server("good", lambda request, number: lambda connection: connection.sendall(endless),
                             minimum_version=version, maximum_version=version) as server:
                result = call(server, "enable", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"))
            self.assertEqual((result["result"], result["outcome"], len(server.requests)),
                             ("the network failed", "unknown", 1), result)

    def test_strangers_are_refused(self):
        cases = (("good", {}, None, "system store"), ("good", {}, "other.pem", "other authority"),
                 ("other", {}, "other.pem", "other name"), ("good", {}, "missing.pem", "no bundle"))
        for name, options, bundle, why in cases:
            said = "not valid" if bundle == "missing.pem" else "permission denied"
            with self.server(name, **options) as server:
                result = call(server, "enable", DIRECTORY, AWS_CA_BUNDLE=bundle and self.path(bundle))
            with self.subTest(why):
                self.assertEqual((result["result"], result["outcome"]), (said, "not-executed"), result)
                self.assertEqual((server.requests, result["attempts"]), ([], 1))

    def test_old_tls_is_refused(self):
        """Also where the system's OpenSSL would take it."""
        lax = self.path("openssl.cnf")
        with open(lax, "w") as file:
            file.write("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = lax\n"
                       "[lax]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # which is what is tested
            server = self.server("good", maximum_version=ssl.TLSVersion.TLSv1_1)
        with server:
            server.tls.set_ciphers("ALL:@SECLEVEL=0")
            result = call(server, "list", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"), OPENSSL_CONF=lax)
        self.assertEqual((result["status"], server.requests), (0, []))
        with self.server("good", maximum_version=ssl.TLSVersion.TLSv1_2) as server:
            result = call(server, "list", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"))
        self.assertEqual(result["result"], "")

    def test_nothing_leaves_when_the_deadline_passes_while_it_connects(self):
        server, clock = self.server("good"), self.path("clock")
        handshake = server.tls.wrap_socket

        def slow(*arguments, **terms):
            with open(clock, "w") as file:
                file.write("61\n")
            return handshake(*arguments, **terms)
        server.tls.wrap_socket = slow
        with server:
            result = call(server, "--deadline", "60", "enable", DIRECTORY, AWS_CA_BUNDLE=self.path("good.pem"),
                          LDAPSWARD_DEMO_CLOCK=clock)
        self.assertEqual((result["result"], result["outcome"], result["attempts"]),
                         ("too old to act on", "not-executed", 1), result)
        self.assertEqual((server.connections, server.requests), (1, []))

    def test_a_handshake_that_hangs_ends(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = "https://127.0.0.1:%d" % silent.getsockname()[1]
            _, printed, _ = run(["--connect-ms", "200", "enable", DIRECTORY], AWS_ENDPOINT_URL=url)
        self.assertEqual((printed[0]["outcome"], printed[0]["attempts"]), ("not-executed", 3))


class Setting(unittest.TestCase):
    """What is wrong before anything is sent."""

    def test_plain_http_goes_to_this_host_alone(self):
        for url in ("http://ds.example.com", "http://10.0.0.1:8080", "http://[2001:db8::1]", "http://127.0.0.1.example.com"):
            status, printed, errors = run(["list", DIRECTORY], AWS_ENDPOINT_URL=url)
            self.assertEqual((status, printed), (1, []))
            self.assertIn("plain http", errors)

    def test_credentials_are_asked_for_and_never_shown(self):
        with Server(lambda request, number: reply(EMPTY)) as server:
            for change, word in (({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "set AWS_ACCESS_KEY_ID"),
                                 ({"AWS_SECRET_ACCESS_KEY": None}, "AWS_SECRET_ACCESS_KEY is not"),
                                 ({"AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID is not"),
                                 ({"AWS_SECRET_ACCESS_KEY": SECRET + "\r\nX: y"}, "AWS_SECRET_ACCESS_KEY holds"),
                                 ({"AWS_SESSION_TOKEN": TOKEN + "\n"}, "AWS_SESSION_TOKEN holds")):
                result = call(server, "list", DIRECTORY, **change)
                self.assertIn(word, result["message"])
                self.assertNotIn(SECRET[:8], json.dumps(result))
                self.assertNotIn(TOKEN[:8], json.dumps(result))
        self.assertEqual(server.requests, [])

    def test_a_name_that_does_not_exist_is_said_so(self):
        _, printed, _ = run(["enable", DIRECTORY], AWS_ENDPOINT_URL="https://ds.invalid")
        self.assertIn("ds.invalid", printed[0]["message"])
        self.assertEqual(printed[0]["outcome"], "not-executed")


if __name__ == "__main__":
    unittest.main()
