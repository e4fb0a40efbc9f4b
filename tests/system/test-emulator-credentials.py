#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where credentials come from, driven by clients that are not ours: STS, the SSO portal, the instance, the container.

The AWS CLI takes roles, follows profiles and asks the endpoints, and what it got signs calls that are verified; botocore
makes the many small calls. Skipped (77) without /usr/bin/aws or python3-botocore.
"""

import calendar
import hashlib
import http.client
import json
import os
import sys
import time
import unittest

from harness import ACCOUNT, AWS, DEADLINE, KEY, REGION, SECRET, ApiError, Emulator, need, sign

need(AWS)
try:
    import botocore.config
    import botocore.credentials
    import botocore.exceptions
    import botocore.parsers
    import botocore.session
except ImportError:
    print("no botocore")
    sys.exit(77)

BOTOCORE = botocore.session.Session(session_vars={"config_file": (None, None, os.devnull, None),
                                                  "credentials_file": (None, None, os.devnull, None)})
OTHER = "444455556666"
USER = "arn:aws:iam::%s:user/operator" % ACCOUNT


class Case(unittest.TestCase):
    options = ()

    def setUp(self):
        self.service = Emulator(*self.options)
        self.addCleanup(self.service.stop)
        self.aws = self.service.aws

    def role(self, name="reader", account=OTHER, **members):
        return self.service.role(name, account, **members)

    def cli(self, *words, **more):
        return self.aws(*words, service="sts", **more)

    def boto(self, service, operation, keys=None, region=REGION, **members):
        """A call by botocore with these keys (by their variables) or ours: the result, or ApiError."""
        keys = keys or {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        client = BOTOCORE.create_client(
            service, region_name=region, endpoint_url=self.service.url, aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"], aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}))
        try:
            reply = getattr(client, operation)(**members)
        except botocore.exceptions.ClientError as error:
            raise ApiError(error.response["Error"]["Code"], str(error)) from error
        except (botocore.exceptions.BotoCoreError, botocore.parsers.ResponseParserError) as error:
            raise ApiError("botocore", str(error)) from error
        del reply["ResponseMetadata"]
        return reply

    def who(self, keys=None, **more):
        return self.boto("sts", "get_caller_identity", keys, **more)

    def directories(self, keys=None, **more):
        return [one["DirectoryId"] for one in
                self.boto("ds", "describe_directories", keys, **more)["DirectoryDescriptions"]]

    def refused(self, code, call, *words, **more):
        with self.assertRaises(ApiError) as caught:
            call(*words, **more)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        return caught.exception.message

    def profiles(self, text, name="config"):
        """Variables that name a configuration of these profiles, and no keys."""
        path = os.path.join(self.service.home, name)
        with open(path, "w") as file:
            file.write(text)
        return {"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": ""}

    def variables(self, credentials):
        return {"AWS_ACCESS_KEY_ID": credentials["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": credentials["SessionToken"]}

    def exchange(self, method, path, headers=None, body=None):
        """One bare request: (status, headers, bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=DEADLINE)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def outcomes(self, operation):
        return self.service.counters()["calls"][operation]


class Sts(Case):
    def assume(self, arn, keys=None, name="test", **members):
        return self.boto("sts", "assume_role", keys, RoleArn=arn, RoleSessionName=name, **members)

    def test_who_signs(self):
        found = self.cli("get-caller-identity")
        self.assertEqual((found["Account"], found["Arn"]), (ACCOUNT, USER))
        self.assertRegex(found["UserId"], "^AIDA[A-Z2-7]{17}$")
        self.assertEqual(self.who(region="eu-central-1"), found)
        self.assertEqual(self.who(region="cn-north-1")["Arn"], USER.replace("aws", "aws-cn"))
        self.service.control("credential", credential="AKIDOTHER:secret@" + OTHER, user="alice")
        for again in (False, True):
            found = self.who({"AWS_ACCESS_KEY_ID": "AKIDOTHER", "AWS_SECRET_ACCESS_KEY": "secret"})
            self.assertEqual((found["Account"], found["Arn"]), (OTHER, "arn:aws:iam::%s:user/alice" % OTHER))
            if not again:
                self.service.restart()

    def test_the_reply_is_spelt_as_by_aws(self):
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        headers = {"host": "127.0.0.1:%d" % self.service.port, "x-amz-date": moment,
                   "content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        sign(SECRET, KEY, REGION, headers, body, service="sts")
        status, got, text = self.exchange("POST", "/", headers, body)
        self.assertEqual((status, got["content-type"]), (200, "text/xml"))
        identity = self.who()
        self.assertEqual(text.decode(), """\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>%s</Arn>
    <UserId>%s</UserId>
    <Account>%s</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>%s</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
""" % (identity["Arn"], identity["UserId"], identity["Account"], got["x-amzn-requestid"]))
        del headers["authorization"]
        status, got, text = self.exchange("POST", "/", headers, body)
        self.assertEqual(status, 403)
        self.assertEqual(text.decode(), """\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>MissingAuthenticationToken</Code>
    <Message>Request is missing Authentication Token</Message>
  </Error>
  <RequestId>%s</RequestId>
</ErrorResponse>
""" % got["x-amzn-requestid"])

    def test_a_role_is_another_account(self):
        here, there = self.service.create("here.example.com"), self.service.create("there.example.com", account=OTHER)
        found = self.cli("assume-role", "--role-arn", self.role(), "--role-session-name", "test")
        self.assertEqual(found["AssumedRoleUser"]["Arn"], "arn:aws:sts::%s:assumed-role/reader/test" % OTHER)
        self.assertRegex(found["AssumedRoleUser"]["AssumedRoleId"], "^AROA[A-Z2-7]{17}:test$")
        self.assertRegex(found["Credentials"]["AccessKeyId"], "^ASIA[A-Z2-7]{16}$")
        session = self.variables(found["Credentials"])
        for again in (False, True):
            self.assertEqual(self.directories(session), [there])
            self.assertEqual(self.directories(), [here])
            identity = self.who(session)
            self.assertEqual((identity["Account"], identity["Arn"], identity["UserId"]),
                             (OTHER, found["AssumedRoleUser"]["Arn"], found["AssumedRoleUser"]["AssumedRoleId"]))
            if not again:
                self.service.restart()
        self.assertEqual(os.stat(self.service.state_path).st_mode & 0o777, 0o600)
        line = self.service.requests("DescribeDirectories")[0]
        self.assertEqual((line["account"], line["caller"]), (OTHER, identity["Arn"]))
        self.assertEqual(self.outcomes("GetCallerIdentity"), {"OK": 1})

    def test_whom_a_role_trusts(self):
        self.service.control("credential", credential="AKIDALICE:secret@" + OTHER, user="alice")
        alice = {"AWS_ACCESS_KEY_ID": "AKIDALICE", "AWS_SECRET_ACCESS_KEY": "secret"}
        for number, (trust, us, her) in enumerate((
                (["*"], True, True), ([], False, False), ([ACCOUNT], True, False), ([KEY], True, False),
                (["arn:aws:iam::%s:root" % OTHER], False, True), (["arn:aws:iam::%s:user/alice" % OTHER], False, True),
                ([USER, "AKIDALICE"], True, True), (["arn:aws:iam::%s:user/bob" % ACCOUNT], False, False))):
            with self.subTest(trust):
                arn = self.role("role%d" % number, trust=trust)
                for keys, allowed in ((None, us), (alice, her)):
                    if allowed:
                        self.assume(arn, keys)
                    else:
                        message = self.refused("AccessDenied", self.assume, arn, keys)
                        self.assertIn("is not authorized to perform: sts:AssumeRole on resource: " + arn, message)

    def test_an_external_id_must_be_named(self):
        arn = self.role(external_id="us-and-them/1")
        self.refused("AccessDenied", self.assume, arn)
        self.refused("AccessDenied", self.assume, arn, ExternalId="other")
        self.service.restart()
        self.assume(arn, ExternalId="us-and-them/1")
        self.service.control("role", name="reader", account=OTHER, remove=True)
        self.service.restart()
        self.refused("AccessDenied", self.assume, arn, ExternalId="us-and-them/1")

    def test_a_role_has_a_path(self):
        arn = self.role("deep", path="team/identity/")
        self.assertEqual(arn, "arn:aws:iam::%s:role/team/identity/deep" % OTHER)
        self.assertEqual(self.assume(arn)["AssumedRoleUser"]["Arn"], "arn:aws:sts::%s:assumed-role/deep/test" % OTHER)
        self.refused("AccessDenied", self.assume, "arn:aws:iam::%s:role/deep" % OTHER)

    def test_a_role_assumes_another(self):
        first = self.role("first")
        second = self.role("second", account="777788889999", trust=[first], max_duration=7200)
        self.refused("AccessDenied", self.assume, second)
        session = self.variables(self.assume(first)["Credentials"])
        self.assertIn("1 hour session limit", self.refused("ValidationError", self.assume, second, session, DurationSeconds=7200))
        last = self.variables(self.assume(second, session)["Credentials"])
        self.assertEqual(self.who(last)["Arn"], "arn:aws:sts::777788889999:assumed-role/second/test")

    def test_what_sts_does_not_take(self):
        arn = self.role(max_duration=7200)
        message = self.refused("ValidationError", self.assume, arn, DurationSeconds=600)
        self.assertIn("Value '600' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or "
                      "equal to 900", message)
        self.assume(arn, DurationSeconds=7200)
        self.assertIn("MaxSessionDuration", self.refused("ValidationError", self.assume, arn, DurationSeconds=7201))
        self.refused("ValidationError", self.assume, arn, DurationSeconds=43201)
        self.refused("ValidationError", self.assume, "arn:aws:iam::%s:user/reader" % OTHER)
        self.refused("ValidationError", self.assume, "arn:aws:iam::1")
        self.refused("AccessDenied", self.assume, "arn:aws:iam::%s:role/other" % OTHER)
        self.refused("ValidationError", self.assume, arn, name="not this")
        self.refused("ValidationError", self.assume, arn, name="x")
        self.refused("ValidationError", self.assume, arn, ExternalId="no spaces")
        self.refused("ValidationError", self.boto, "sts", "assume_role", RoleArn=arn)
        self.refused("InvalidAction", self.boto, "sts", "get_session_token")

    def test_signatures_are_checked(self):
        ours = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        session = self.variables(self.assume(self.role())["Credentials"])
        token = session["AWS_SESSION_TOKEN"]
        cases = (("SignatureDoesNotMatch", "SignatureDoesNotMatch", {**ours, "AWS_SECRET_ACCESS_KEY": SECRET + "x"}),
                 ("InvalidClientTokenId", "UnrecognizedClientException", {**ours, "AWS_ACCESS_KEY_ID": "AKIDOTHER"}),
                 ("InvalidClientTokenId", "UnrecognizedClientException", {**ours, "AWS_SESSION_TOKEN": token}),
                 ("InvalidClientTokenId", "UnrecognizedClientException", {**session, "AWS_SESSION_TOKEN": None}),
                 ("InvalidClientTokenId", "UnrecognizedClientException", {**session, "AWS_SESSION_TOKEN": token[:-1] + "="}),
                 ("SignatureDoesNotMatch", "SignatureDoesNotMatch", {**session, "AWS_SECRET_ACCESS_KEY": SECRET}))
        for sts, service, keys in cases:
            self.refused(sts, self.who, keys)
            self.refused(service, self.directories, keys)
        self.service.advance(1000)
        self.refused("SignatureDoesNotMatch", self.who)

    def test_credentials_end(self):
        session = self.variables(self.assume(self.role())["Credentials"])
        self.service.issued("reader", expired=True)
        for again in (False, True):
            message = self.refused("ExpiredTokenException", self.directories, session)
            self.assertIn("The security token included in the request is expired", message)
            self.refused("ExpiredToken", self.who, session)
            if not again:
                self.service.restart()
        self.service.settings(credential_life=0)
        found = self.assume(self.role())["Credentials"]
        self.refused("ExpiredTokenException", self.directories, self.variables(found))

    def test_the_end_can_be_another_than_is_told(self):
        self.service.settings(shown_life=5, clock_window="2h")
        told = self.assume(self.role(), DurationSeconds=900)["Credentials"]
        left = calendar.timegm(told["Expiration"].utctimetuple()) - time.time()
        self.assertLess(left, 60)
        for seconds in (600, 200):
            self.service.advance(seconds)
            self.assertEqual(self.directories(self.variables(told)), [])
        self.service.advance(101)
        self.refused("ExpiredTokenException", self.directories, self.variables(told))
        self.service.advance(3700)
        self.assume(self.role())
        self.refused("UnrecognizedClientException", self.directories, self.variables(told))
        self.assertEqual([one["role"] for one in self.service.issued()], ["reader"])

    def test_a_web_identity(self):
        arn = self.role("web", trust=[], web_identity=True)
        token = "eyJhbGciOi.J9/+=&%.x y"
        words = ("assume-role-with-web-identity", "--role-arn", arn, "--role-session-name", "pod", "--web-identity-token")
        members = {"RoleSessionName": "pod", "WebIdentityToken": token}
        self.refused("InvalidIdentityToken", self.cli, *words, token)
        self.service.settings(web_identity_token=token)
        self.refused("InvalidIdentityToken", self.boto, "sts", "assume_role_with_web_identity", RoleArn=arn,
                     **{**members, "WebIdentityToken": token + "x"})
        found = self.cli(*words, token, AWS_ACCESS_KEY_ID="AKIDOTHER")
        self.assertEqual(found["Audience"], "sts.amazonaws.com")
        self.assertEqual(self.who(self.variables(found["Credentials"]))["Arn"],
                         "arn:aws:sts::%s:assumed-role/web/pod" % OTHER)
        message = self.refused("AccessDenied", self.boto, "sts", "assume_role_with_web_identity", RoleArn=self.role(), **members)
        self.assertIn("Not authorized to perform sts:AssumeRoleWithWebIdentity", message)
        self.refused("AccessDenied", self.assume, arn)

    def test_faults(self):
        arn = self.role()
        self.service.fault("AssumeRole:1:RegionDisabledException", "AssumeRoleWithWebIdentity:1:IDPCommunicationError",
                           "GetCallerIdentity:1:lost-500")
        self.assertIn("asked to refuse", self.refused("RegionDisabledException", self.assume, arn))
        self.refused("IDPCommunicationError", self.boto, "sts", "assume_role_with_web_identity", RoleArn=arn,
                     RoleSessionName="pod", WebIdentityToken="token")
        with self.assertRaises(ApiError):
            self.who()
        self.assume(arn)
        self.service.settings(latency=300)
        before = time.monotonic()
        self.who()
        self.assertGreater(time.monotonic() - before, 0.3)
        self.service.settings(latency=0)
        for kind in ("cut-before", "cut-body", "truncated", "garbage"):
            with self.subTest(kind):
                self.service.fault("GetCallerIdentity:1:" + kind)
                with self.assertRaises(ApiError):
                    self.who()
        self.assertEqual(self.outcomes("AssumeRole"), {"RegionDisabledException": 1, "OK": 1})
        # The word for any operation is one for those of the Directory Service.
        self.service.fault("*:1:ServiceException")
        self.who()
        self.refused("ServiceException", self.directories)
        with self.assertRaises(ApiError):
            self.service.fault("AssumeRole:1:NoSuchError")

    def test_profiles_with_roles(self):
        first, second = self.role("first", external_id="x1"), self.role("second", account="777788889999",
                                                                       trust=["arn:aws:iam::%s:role/first" % OTHER])
        variables = self.profiles("""
[profile keys]
aws_access_key_id = %s
aws_secret_access_key = %s
[profile one]
role_arn = %s
source_profile = keys
external_id = x1
role_session_name = here
[profile two]
role_arn = %s
source_profile = one
role_session_name = there
""" % (KEY, SECRET, first, second))
        found = self.service.create("there.example.com", account="777788889999")
        self.assertEqual(self.cli("get-caller-identity", **variables, AWS_PROFILE="one")["Arn"],
                         "arn:aws:sts::%s:assumed-role/first/here" % OTHER)
        shown, = self.aws("describe-directories", **variables, AWS_PROFILE="two")["DirectoryDescriptions"]
        self.assertEqual(shown["DirectoryId"], found)
        self.assertEqual(self.service.requests("DescribeDirectories")[-1]["caller"],
                         "arn:aws:sts::777788889999:assumed-role/second/there")

    def test_a_web_identity_of_the_environment(self):
        path = os.path.join(self.service.home, "token")
        with open(path, "w") as file:
            file.write("a.b.c")
        self.service.settings(web_identity_token="a.b.c")
        variables = self.profiles("")
        variables.update(AWS_ROLE_ARN=self.role("web", web_identity=True), AWS_WEB_IDENTITY_TOKEN_FILE=path,
                         AWS_ROLE_SESSION_NAME="pod")
        self.assertEqual(self.cli("get-caller-identity", **variables)["Arn"],
                         "arn:aws:sts::%s:assumed-role/web/pod" % OTHER)


class Portal(Case):
    def session(self):
        """Variables with a profile of each kind, and what `aws sso login` leaves behind."""
        cache = os.path.join(self.service.home, ".aws", "sso", "cache")
        os.makedirs(cache, exist_ok=True)
        for name in ("corp", "https://corp.example.com/start"):
            with open(os.path.join(cache, hashlib.sha1(name.encode()).hexdigest() + ".json"), "w") as file:
                json.dump({"startUrl": "https://corp.example.com/start", "region": REGION, "accessToken": "the/token",
                           "expiresAt": "2099-01-01T00:00:00Z"}, file)
        return {**self.profiles("""
[sso-session corp]
sso_region = %s
sso_start_url = https://corp.example.com/start
[profile new]
sso_session = corp
sso_account_id = %s
sso_role_name = reader
[profile old]
sso_region = %s
sso_start_url = https://corp.example.com/start
sso_account_id = %s
sso_role_name = missing
""" % (REGION, OTHER, REGION, OTHER)), "HOME": self.service.home}

    def test_a_session(self):
        self.role()
        self.service.settings(sso_token="the/token")
        found = self.cli("get-caller-identity", **self.session(), AWS_PROFILE="new")
        self.assertEqual(found["Arn"], "arn:aws:sts::%s:assumed-role/AWSReservedSSO_reader_0123456789abcdef/operator" % OTHER)
        self.refused("ForbiddenException", self.cli, "get-caller-identity", **self.session(), AWS_PROFILE="old")

    def portal(self, query, token="t", method="GET"):
        status, _, body = self.exchange(method, "/federation/credentials" + query, {"x-amz-sso_bearer_token": token})
        return status, json.loads(body)

    def test_the_exchange(self):
        self.role()
        self.service.settings(sso_token="t", shown_life=30)
        query = "?role_name=reader&account_id=" + OTHER
        status, body = self.portal(query)
        found = body["roleCredentials"]
        self.assertEqual((status, set(found)), (200, {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}))
        self.assertLess(abs(found["expiration"] / 1000 - time.time() - 30), DEADLINE)
        keys = {"AWS_ACCESS_KEY_ID": found["accessKeyId"], "AWS_SECRET_ACCESS_KEY": found["secretAccessKey"],
                "AWS_SESSION_TOKEN": found["sessionToken"]}
        self.assertEqual(self.who(keys)["Account"], OTHER)
        for refused, status, code in ((self.portal(query, "ended"), 401, "UnauthorizedException"),
                                      (self.portal("?role_name=other&account_id=" + OTHER), 403, "ForbiddenException"),
                                      (self.portal("?role_name=reader"), 400, "InvalidRequestException"),
                                      (self.portal(query, method="POST"), 400, "InvalidRequestException")):
            self.assertEqual((refused[0], refused[1]["__type"].split("#")[1]), (status, code))
        self.service.settings(sso_token="")
        self.assertEqual(self.portal(query)[0], 401)
        self.service.fault("GetRoleCredentials:1:TooManyRequestsException")
        self.assertEqual(self.portal(query)[0], 429)


class Instance(Case):
    PATH = "/latest/meta-data/iam/security-credentials/"

    def token(self, ttl="60", method="PUT", **headers):
        status, got, body = self.exchange(method, "/latest/api/token", {"x-aws-ec2-metadata-token-ttl-seconds": ttl, **headers})
        if status == 200:
            self.assertEqual(got["x-aws-ec2-metadata-token-ttl-seconds"], ttl)
        return status, body.decode()

    def get(self, path, token):
        status, _, body = self.exchange("GET", path, {"x-aws-ec2-metadata-token": token} if token else {})
        return status, body.decode()

    def test_the_cli(self):
        arn = self.role("target", trust=["arn:aws:iam::%s:role/machine" % ACCOUNT])
        self.service.settings(metadata_role="machine")
        variables = {**self.profiles("""
[profile there]
role_arn = %s
credential_source = Ec2InstanceMetadata
role_session_name = box
""" % arn), "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.service.url + "/"}
        found = self.cli("get-caller-identity", **variables, AWS_PROFILE="there")
        self.assertEqual(found["Arn"], "arn:aws:sts::%s:assumed-role/target/box" % OTHER)
        self.assertEqual([self.outcomes(word) for word in ("MetadataToken", "MetadataRole", "MetadataCredentials", "AssumeRole")],
                         [{"OK": 1}] * 4)

    def test_the_exchange(self):
        self.service.settings(metadata_role="machine@" + OTHER)
        self.assertEqual(self.get(self.PATH, None)[0], 401)
        self.assertEqual(self.get(self.PATH, "1.2==")[0], 401)
        for ttl in ("0", "21601", "", "x"):
            self.assertEqual(self.token(ttl)[0], 400, ttl)
        self.assertEqual(self.token(method="GET")[0], 405)
        self.assertEqual(self.token(**{"X-Forwarded-For": "10.0.0.1"})[0], 403)
        status, token = self.token()
        self.assertEqual((status, self.get(self.PATH, token)), (200, (200, "machine")))
        status, body = self.get(self.PATH + "machine", token)
        found = json.loads(body)
        self.assertEqual((status, found["Code"], found["Type"]), (200, "Success", "AWS-HMAC"))
        keys = {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
                "AWS_SESSION_TOKEN": found["Token"]}
        self.assertEqual(self.who(keys)["Arn"], "arn:aws:sts::%s:assumed-role/machine/i-0a1b2c3d4e5f67890" % OTHER)
        self.assertEqual(self.get(self.PATH + "other", token)[0], 404)
        self.assertEqual(self.get("/latest/meta-data/hostname", token)[0], 404)
        self.service.settings(metadata_code="AssumeRoleUnauthorizedAccess")
        found = json.loads(self.get(self.PATH + "machine", token)[1])
        self.assertEqual((found["Code"], "AccessKeyId" in found), ("AssumeRoleUnauthorizedAccess", False))
        self.assertIn("EC2 cannot assume the role machine", found["Message"])
        self.service.settings(metadata_role="")
        self.assertEqual(self.get(self.PATH, token)[0], 404)
        self.service.fault("MetadataToken:1:Forbidden", "MetadataRole:1:bare503")
        self.assertEqual((self.token()[0], self.get(self.PATH, token)[0]), (403, 503))
        self.service.advance(61)
        self.assertEqual(self.get(self.PATH, token)[0], 401)


class Options(Case):
    options = ("--role", "first", "--role", "second@" + OTHER, "--web-identity-token", "a.b.c", "--credential-life", "1h")

    def test_roles_of_the_command_line(self):
        for name, account in (("first", ACCOUNT), ("second", OTHER)):
            arn = "arn:aws:iam::%s:role/%s" % (account, name)
            found = self.boto("sts", "assume_role", RoleArn=arn, RoleSessionName="test")
            self.assertEqual(self.who(self.variables(found["Credentials"]))["Account"], account)
            self.boto("sts", "assume_role_with_web_identity", RoleArn=arn, RoleSessionName="test", WebIdentityToken="a.b.c")
        for bad in ("/x", "", "x@1", "x@" + OTHER + "0", "x@abcdefghijkl"):
            with self.assertRaises(AssertionError):
                Emulator("--role", bad)


class Container(Case):
    options = ("--container-role", "task", "--container-token", "Bearer x/1", "--container-path", "/v1/credentials")

    def test_the_cli(self):
        variables = {**self.profiles(""), "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.service.url + "/v1/credentials"}
        found = self.cli("get-caller-identity", **variables, AWS_CONTAINER_AUTHORIZATION_TOKEN="Bearer x/1")
        self.assertEqual(found["Arn"], "arn:aws:sts::%s:assumed-role/task/0123456789abcdef0123456789abcdef" % ACCOUNT)
        self.refused("cli", self.cli, "get-caller-identity", **variables)
        self.assertGreater(self.outcomes("ContainerCredentials")["Unauthorized"], 0)

    def test_a_client_refreshes(self):
        keys = botocore.credentials.ContainerProvider(environ={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.service.url + "/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x/1"}).load()
        first = keys.get_frozen_credentials()
        self.assertEqual(keys.get_frozen_credentials(), first)
        self.service.settings(shown_life=5)
        near = botocore.credentials.ContainerProvider(environ={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.service.url + "/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x/1"}).load()
        found = {near.get_frozen_credentials().access_key for _ in range(3)}
        self.assertEqual(len(found), 3)
        self.assertLessEqual(found, {one["access_key"] for one in self.service.issued("task")})

    def get(self, path="/v1/credentials", token="Bearer x/1", method="GET"):
        status, _, body = self.exchange(method, path, {"Authorization": token} if token else {})
        return status, json.loads(body)

    def test_the_exchange(self):
        self.service.settings(shown_life=0)
        status, found = self.get()
        self.assertEqual((status, found["RoleArn"]), (200, "arn:aws:iam::%s:role/task" % ACCOUNT))
        self.assertLess(abs(calendar.timegm(time.strptime(found["Expiration"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()), DEADLINE)
        self.assertEqual((self.get(token=None)[0], self.get(token="Bearer x")[0]), (401, 401))
        status, body = self.get("/v2/credentials/other")
        self.assertEqual((status, body["code"]), (400, "InvalidIdInRequest"))
        self.assertEqual(self.get(method="POST")[0], 405)
        self.service.settings(container_token="", container_path="/v2/credentials/1", container_role="task@" + OTHER)
        status, found = self.get("/v2/credentials/1", None)
        self.assertEqual((status, found["RoleArn"]), (200, "arn:aws:iam::%s:role/task" % OTHER))
        self.service.settings(container_role="")
        self.assertEqual(self.get("/v2/credentials/1")[0], 400)
        for bad in ("task@1", "@" + OTHER):
            with self.assertRaises(ApiError):
                self.service.settings(container_role=bad)


if __name__ == "__main__":
    unittest.main()
