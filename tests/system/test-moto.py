#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Signatures are checked by code that is not ours: moto in server mode, which refuses what is not signed by a user of its IAM.

A user with keys, a role and a directory are made in it first; from then on it is strict. What the program asks for then, of
STS and of the Directory Service, is taken with the right keys, and refused with others. moto knows the directories and
their LDAPS settings, and no certificates: a look of the program ends there, so that the client alone
(tests/system/service-client) makes the other calls that moto has, writes among them.
Skipped (77) without moto_server, or without python3-botocore to set it up.
"""

import atexit
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import BUILD, DEADLINE, PROGRAM, REGION, Authority, need, sanitizers, scratch   # noqa: E402
from secrecy import Secrecy   # noqa: E402
from tap import Tap   # noqa: E402
from ward import Case, main   # noqa: E402

need("openssl", "moto_server")
try:
    import botocore.config
    import botocore.session
except ImportError:
    print("no botocore")
    sys.exit(77)

CLIENT = os.path.join(BUILD, "tests", "system", "service-client")
# The account of everything in it.
ACCOUNT = "123456789012"


class Moto:
    """The server on loopback: `port`, and clients for it."""

    def __init__(self):
        self.log = open(scratch("moto"), "wb")
        self.process = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", "0"], stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        atexit.register(self.stop)
        end = time.monotonic() + DEADLINE
        while True:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said())
            if found:
                self.port = int(found.group(1))
                break
            if self.process.poll() is not None or time.monotonic() > end:
                print("moto_server does not start: %s" % self.said()[-300:])
                sys.exit(77)
            time.sleep(0.1)
        self.url = "http://127.0.0.1:%d" % self.port

    def said(self):
        with open(scratch("moto"), errors="replace") as file:
            return file.read()

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)     # what a shim has started too
            self.process.wait(DEADLINE)

    def client(self, service):
        return botocore.session.Session(session_vars={"config_file": (None, None, os.devnull, None)}).create_client(
            service, region_name=REGION, endpoint_url=self.url, aws_access_key_id="AKIDSETUP", aws_secret_access_key="setup",
            config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def strict(self):
        """From now on every request must be signed by somebody who may."""
        request = urllib.request.Request(self.url + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        urllib.request.urlopen(request, timeout=DEADLINE).read()

    def furnish(self):
        """A user, a role that it may assume, and a directory: `keys`, `role`, `directory`."""
        iam, ec2, ds = self.client("iam"), self.client("ec2"), self.client("ds")
        allowed = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["ds:*", "sts:*"], "Resource": "*"}]})
        iam.create_user(UserName="operator")
        iam.put_user_policy(UserName="operator", PolicyName="all", PolicyDocument=allowed)
        made = iam.create_access_key(UserName="operator")["AccessKey"]
        self.keys = made["AccessKeyId"], made["SecretAccessKey"]
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::%s:user/operator" % ACCOUNT}}]})
        self.role = iam.create_role(RoleName="ward", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(RoleName="ward", PolicyName="all", PolicyDocument=allowed)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.%d.0/24" % number, AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
                   for number, zone in enumerate("ab")]
        self.directory = ds.create_microsoft_ad(Name="corp.example.com", Password="Passw0rd!", Edition="Standard", VpcSettings={
            "VpcId": vpc, "SubnetIds": subnets})["DirectoryId"]


MOTO = Moto()
MOTO.furnish()
MOTO.strict()
ROOT = Authority("Corp Root")


class Strict(Case):
    def run_with(self, keys, *words, **variables):
        """Runs a program with these keys: [(action, status, body)] of what was asked, and what was printed."""
        home = tempfile.mkdtemp(dir=scratch())
        with Tap(MOTO.port) as tap:
            done = subprocess.run(
                [word.replace("HOME", home) for word in words], check=False, timeout=DEADLINE, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={
                    "PATH": "/usr/bin:/bin", "HOME": home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": tap.url,
                    "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], **variables, **sanitizers()})
            found = [(action_of(request), status, body) for request, status, body in tap.exchanges()]
        secrecy = Secrecy(keys[1], *(text for _, _, body in found for text in
                                     re.findall("<(?:SecretAccessKey|SessionToken)>([^<]+)<", body)))
        secrecy.text(done.stdout + done.stderr, "what it printed")
        secrecy.tree(home)
        return found, done.stdout + done.stderr

    def look(self, keys, **account):
        """A look of the program."""
        path = os.path.join(tempfile.mkdtemp(dir=scratch()), "ldapsward.yaml")
        with open(path, "w") as file:
            json.dump({"version": 1, "accounts": {"moto": {"concurrency": 4, **account}},
                       "authorities": {"root": {"certificates": [ROOT.path]}},
                       "directories": [{"id": MOTO.directory, "account": "moto", "regions": [REGION], "policy": "observe",
                                        "client_ldaps": "enabled", "trust": ["root"]}]}, file)
        return self.run_with(keys, PROGRAM, "plan", "--config", path, "--state-dir", "HOME")

    def taken(self, found, said, *actions):
        """All of these were, and none was refused for who asked."""
        for action in actions:
            self.assertEqual({status for done, status, _ in found if done == action}, {200}, (action, said, found))
        self.assertNotRegex(" ".join(body for _, _, body in found), "SignatureDoesNotMatch|InvalidSignature|InvalidClientTokenId|"
                            "UnrecognizedClient|AccessDenied|not authorized")

    def test_right_keys(self):
        """What the program asks of STS and of the Directory Service is taken."""
        found, said = self.look(MOTO.keys, account_id=ACCOUNT)
        self.taken(found, said, "GetCallerIdentity", "DescribeDirectories")
        self.assertIn(MOTO.directory, next(body for action, _, body in found if action == "DescribeDirectories"))

    def test_role(self):
        """So is what is signed with the keys of a role, and their session token."""
        found, said = self.look(MOTO.keys, account_id=ACCOUNT, role_arn=MOTO.role, session_name="here")
        self.taken(found, said, "AssumeRole", "GetCallerIdentity", "DescribeDirectories")
        self.assertIn("arn:aws:sts::%s:assumed-role/ward/here" % ACCOUNT,
                      next(body for action, _, body in found if action == "GetCallerIdentity"))

    def test_client(self):
        """The other calls that moto has."""
        found, said = self.run_with(MOTO.keys, CLIENT, "--region", REGION, "directories", ",", "settings", MOTO.directory, ",",
                                    "enable", MOTO.directory, ",", "settings", MOTO.directory, ",", "disable", MOTO.directory)
        self.taken(found, said, "DescribeDirectories", "DescribeLDAPSSettings", "EnableLDAPS", "DisableLDAPS")
        self.assertIn('"LDAPSStatus": "Enabled"', [body for action, _, body in found if action == "DescribeLDAPSSettings"][-1])

    def test_wrong_secret(self):
        """One character differs: refused."""
        key, secret = MOTO.keys
        found, said = self.look((key, secret[:-1] + ("a" if secret[-1] != "a" else "b")), account_id=ACCOUNT)
        self.assertEqual({(action, status) for action, status, _ in found}, {("GetCallerIdentity", 403)})
        self.assertIn("SignatureDoesNotMatch", found[0][2])
        self.assertIn("CredentialsInvalid", said)

    def test_wrong_key(self):
        """Nobody's key."""
        found, said = self.look(("AKIDNOBODY", MOTO.keys[1]), account_id=ACCOUNT)
        self.assertEqual({(action, status) for action, status, _ in found}, {("GetCallerIdentity", 403)})
        self.assertIn("CredentialsInvalid", said)

    def test_wrong_secret_of_the_service(self):
        """The same by the Directory Service, whom the program asks first where the file names no account id."""
        found, said = self.look((MOTO.keys[0], "x" * 40))
        self.assertEqual({action for action, _, _ in found}, {"DescribeDirectories"}, said)
        self.assertTrue({status for _, status, _ in found} <= {400, 401, 403}, found)
        self.assertIn("CredentialsInvalid", said)


def action_of(request):
    """DescribeDirectories, AssumeRole, ..."""
    target = request.headers.get("x-amz-target")
    return target.rpartition(".")[2] if target else re.search("Action=([A-Za-z]+)", request.body).group(1)


if __name__ == "__main__":
    main()
