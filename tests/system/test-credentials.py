#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where keys come from: each source works, tells what is broken, is asked again in time, and no secret is seen.

The program against the emulator, with keys from a small server that shares no code with it (keygiver.py); the AWS
CLI, where it is there, is the witness that the same files mean the same identity.
"""

import hashlib
import itertools
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import AWS, DEADLINE, KEY, SECRET, Authority, scratch   # noqa: E402
from keygiver import Keygiver   # noqa: E402
from ward import Case, Ward, main   # noqa: E402

ROLE = "arn:aws:iam::111122223333:role/ward"
CA = Authority("Credentials Root")
_worlds = itertools.count(1)


class World(Ward):
    """A Ward without keys, whose HOME is its own, and who gives them."""

    def __init__(self, lifetime=3600, **more):
        super().__init__(**more)
        self.aws = os.path.join(scratch(), "aws-%d" % next(_worlds))
        os.makedirs(os.path.join(self.aws, ".aws", "sso", "cache"))
        self.giver = Keygiver(self.service, lifetime, shift=lambda: self.shift)
        self.variables = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": self.aws, **self.giver.sts(),
                          "AWS_ENDPOINT_URL_SSO": self.giver.url}
        self.directory = self.service.create("corp.example.com")
        self.configure(directories=[{"id": self.directory, "trust": ["root"]}], authorities={"root": [CA]})

    def __exit__(self, kind, *unused):
        self.giver.__exit__()
        super().__exit__(kind, *unused)
        if kind is None:
            self.secretless(*(open(os.path.join(at, name), encoding="latin-1").read()
                              for at, _, names in os.walk(self.home) for name in names))

    def secretless(self, *texts):
        for text in texts:
            for secret in self.giver.secrets:
                if secret in text:
                    raise AssertionError("a secret is seen: %s... in %s" % (secret[:12], text[:2000]))

    def write_aws(self, name, text):
        path = os.path.join(self.aws, ".aws", name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def config(self, text):
        return self.write_aws("config", text)

    def credentials(self, text):
        return self.write_aws("credentials", text)

    def __call__(self, *words, **more):
        done = super().__call__(*words, **more)
        self.secretless(done.out, done.err)
        return done

    def works(self, case, **variables):
        """One pass with what is there."""
        self.variables.update(variables)
        self.apply()
        case.converged(self, self.directory, 1)

    def broken(self, case, *words, reason="CredentialsInvalid", **variables):
        """A pass that reads nothing, and says why, in these words."""
        before = len(self.service.requests())
        done = self.expect(1, "plan", "--detailed-exitcode", **variables)
        text = " ".join(done.out.split())
        case.assertIn("held (%s)" % reason, text)
        for word in words:
            case.assertIn(word, text)
        case.assertEqual(self.service.requests()[before:], [])
        return text

    def account(self, **account):
        """Writes the file with an account for the directory."""
        self.configure(directories=[{"id": self.directory, "trust": ["root"], "account": "prod"}], authorities={"root": [CA]})
        with open(self.path) as file:
            found = json.load(file)
        self.write(json.dumps({**found, "accounts": {"prod": account}}))

    def cli(self, *words, **variables):
        """The identity that the AWS CLI has with the same environment."""
        environment = {**self.environment(**variables), "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
        environment = {name: value for name, value in environment.items() if value}
        done = subprocess.run([AWS, "sts", "get-caller-identity", "--endpoint-url", self.giver.url, "--output", "json", *words],
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=DEADLINE, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)


def process(script, directory, name="process"):
    """An executable that prints; its path has a blank."""
    path = os.path.join(directory, "the " + name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + script)
    os.chmod(path, 0o755)
    return path


class Files(Case):
    """Profiles: keys written down, or printed by a program."""

    def test_static(self):
        """Keys of the default profile."""
        with World() as world:
            world.credentials("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.works(self)

    def test_chosen(self):
        """AWS_PROFILE chooses; AWS_DEFAULT_PROFILE before it, as with the AWS CLI; files where the variables say."""
        with World() as world:
            world.credentials("[default]\naws_access_key_id = AKIDNOBODY\naws_secret_access_key = x\n"
                              "[good]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.works(self, AWS_PROFILE="good")
            world.works(self, AWS_PROFILE="bad", AWS_DEFAULT_PROFILE="good")
            world.broken(self, "no profile bad", AWS_DEFAULT_PROFILE="")
            os.rename(os.path.join(world.aws, ".aws", "credentials"), os.path.join(world.aws, "elsewhere"))
            world.works(self, AWS_PROFILE="good", AWS_DEFAULT_PROFILE="",
                        AWS_SHARED_CREDENTIALS_FILE=os.path.join(world.aws, "elsewhere"))

    def test_one_file_is_not_completed_from_the_other(self):
        """A token in `config` does not go with keys in `credentials`."""
        with World() as world:
            world.config("[default]\naws_access_key_id = AKIDOTHER\naws_session_token = wrong\n")
            world.credentials("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.works(self)

    def test_broken_files(self):
        """File and line are told, never the value."""
        with World() as world:
            for text, words in (("[default]\naws_access_key_id = AKID\n", "aws_secret_access_key is missing"),
                                ("[default]\naws_secret_access_key = %s\n" % SECRET, "aws_access_key_id is missing"),
                                ("[default]\n%s\n" % SECRET, "credentials:2: neither a section nor a key"),
                                ("[default]\naws_access_key_id = %s\naws_secret_access_key = %s x\n" % (KEY, SECRET),
                                 "aws_secret_access_key holds a space"),
                                ("[default]\na = 1\na = 2\n", "credentials:3: this key is there twice")):
                world.credentials(text)
                text = world.broken(self, words, "keys of the profile")
            world.config("[default]\nlogin_session = x\n")
            world.credentials("")
            world.broken(self, "login_session is not supported")

    def test_nothing(self):
        """Nobody has keys: all places that were looked at are told."""
        with World() as world:
            world.broken(self, "no AWS credentials")

    def test_process(self):
        """A program prints keys: split without a shell, its environment that of the service."""
        with World() as world:
            key, secret, token = world.giver.keys()
            printed = json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token,
                                  "Expiration": "2099-01-01T00:00:00+00:00"})
            path = process("[ \"$1\" = 'two words' ] && [ \"$2\" = '$HOME' ] && [ \"$AWS_PROFILE\" = p ] && echo '%s'\n" % printed,
                           world.aws)
            world.config("[profile p]\ncredential_process = \"%s\" 'two words' $HOME\n" % path)
            world.works(self, AWS_PROFILE="p")

    def test_process_broken(self):
        """What it says on standard error is told, what it prints is not."""
        with World() as world:
            secret = world.giver.secret("printed")
            for script, words in (
                    ("echo %s; echo no smart card >&2; exit 3" % secret, "exit status 3: no smart card"),
                    ("echo %s" % secret, "not JSON"),
                    ("echo '{\"AccessKeyId\": \"%s\"}'" % secret, "has no \"Version\": 1"),
                    ("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\"}'", "the second is missing"),
                    ("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"%s\", \"Expiration\": \"soon\"}'" % secret,
                     "Expiration is not an instant"),
                    ("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"%s\\\\nx\"}'" % secret,
                     "SecretAccessKey holds")):
                world.config("[default]\ncredential_process = \"%s\"\n" % process(script + "\n", world.aws))
                world.broken(self, "credential_process", words)
            world.config("[default]\ncredential_process = /nonexistent/program %s\n" % secret)
            world.broken(self, "credential_process /nonexistent/program", "cannot be started")
            world.config("[default]\ncredential_process = 'open %s\n" % secret)
            world.broken(self, "left open")

    def test_process_refreshes(self):
        """Keys that end are asked for again, ahead of their end; those without an end are not."""
        with World() as world:
            count = os.path.join(world.aws, "count")
            current = os.path.join(world.aws, "current")
            world.config("[default]\ncredential_process = \"%s\"\n" % process("echo x >>%s; cat %s\n" % (count, current), world.aws))

            def give(lifetime):
                key, secret, token = world.giver.keys()
                end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + world.shift + lifetime))
                with open(current, "w") as file:
                    json.dump({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token,
                               "Expiration": end}, file)

            def asked():
                with open(count) as file:
                    return len(file.readlines())
            give(7200)
            with world.run() as daemon:
                daemon.settles(world.directory)
                first = asked()
                self.assertEqual(first, 1)
                daemon.later(900)
                self.assertEqual(asked(), 1)
                give(20000)
                daemon.later(5500)      # less than 15 min are left: beside the work
                daemon.wait(lambda: asked() == 2, "it was asked again")
                world.giver.given = world.giver.given[:-1]
                world.giver.end_old()   # those of before serve no more, and nobody uses them
                daemon.later(900)
                self.assertEqual(asked(), 2)
            self.assertEqual(world.report(world.directory)["standing"], "ready")


class Roles(Case):
    """Roles of a profile, and web identity, by STS."""

    def test_source_profile(self):
        """A chain of two roles over static keys; external id, session name and duration are sent."""
        with World() as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = middle\nexternal_id = a b&c\nrole_session_name = me@ward\n"
                         "duration_seconds = 900\n[profile middle]\nrole_arn = %s2\nsource_profile = base\n" % (ROLE, ROLE))
            world.works(self)
            first, second = world.giver.calls("AssumeRole")[:2]
            self.assertEqual((first["RoleArn"], first["RoleSessionName"][:10], first["DurationSeconds"], first.get("ExternalId")),
                             (ROLE + "2", "ldapsward-", "3600", None))
            self.assertEqual((second["RoleArn"], second["RoleSessionName"], second["DurationSeconds"], second["ExternalId"]),
                             (ROLE, "me@ward", "900", "a b&c"))
            self.assertEqual((first["Version"], first["content-type"]),
                             ("2011-06-15", "application/x-www-form-urlencoded; charset=utf-8"))
            self.assertIn("Credential=%s/" % KEY, first["authorization"])
            self.assertIn("/eu-west-1/sts/aws4_request", first["authorization"])
            self.assertEqual(second["x-amz-security-token"], world.giver.secrets[1])
            self.assertEqual(len(world.giver.calls("AssumeRole")), 2)

    def test_credential_source(self):
        """The base keys come from the environment or the container."""
        with World() as world:
            world.config("[profile role]\nrole_arn = %s\ncredential_source = Environment\n" % ROLE)
            world.account(profile="role")
            world.works(self, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            self.assertIn("Credential=%s/" % KEY, world.giver.calls("AssumeRole")[0]["authorization"])
            world.config("[profile role]\nrole_arn = %s\ncredential_source = EcsContainer\n" % ROLE)
            world.works(self, AWS_CONTAINER_CREDENTIALS_FULL_URI=world.giver.url + "/container/x")
            self.assertIn("Credential=ASIAGIVEN", world.giver.calls("AssumeRole")[1]["authorization"])
            world.config("[profile role]\nrole_arn = %s\ncredential_source = Ec2InstanceMetadata\n" % ROLE)
            world.broken(self, "credential_source Ec2InstanceMetadata", "AWS_EC2_METADATA_DISABLED is true")

    def test_broken(self):
        """What is wrong in a profile of a role is told, with the profile and its place."""
        role = "[default]\nrole_arn = %s\n" % ROLE
        with World() as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            for text, words in (
                    (role, "found none"),
                    (role + "source_profile = base\ncredential_source = Environment\n", "found both"),
                    (role + "credential_source = Cloud\n", "Environment, EcsContainer and Ec2InstanceMetadata"),
                    (role + "source_profile = nobody\n", "names nobody, but there is no such profile"),
                    (role + "source_profile = default\n", "this is a loop"),
                    (role + "source_profile = b\n[profile b]\nrole_arn = %s\nsource_profile = default\n" % ROLE, "this is a loop"),
                    (role + "source_profile = empty\n[profile empty]\nregion = x\n", "holds no way to keys"),
                    (role + "source_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x\n", "mfa_serial"),
                    (role + "source_profile = base\nduration_seconds = 60\n", "from 900 to 43200")):
                world.config(text)
                world.broken(self, "profile default (", "config:1)", words)
            self.assertEqual(world.giver.seen, [])

    def test_itself(self):
        """A profile may be its own source if it holds keys."""
        with World() as world:
            world.config("[default]\nrole_arn = %s\nsource_profile = default\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (
                ROLE, KEY, SECRET))
            world.works(self)
            self.assertEqual(len(world.giver.calls("AssumeRole")), 1)

    def test_refused(self):
        """Codes of STS are told apart, with what can be done."""
        with World() as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = base\n" % ROLE)
            for status, code, words in ((403, "AccessDenied", "the trust policy of the role must allow"),
                                        (403, "RegionDisabledException", "activate it in IAM"),
                                        (400, "ExpiredToken", "have ended"),
                                        (403, "SomethingNew", "SomethingNew: said so")):
                world.giver.refuse["AssumeRole"] = (status, code, "said so")
                before = len(world.giver.seen)
                world.broken(self, "role " + ROLE, "AssumeRole of STS at 127.0.0.1", code + ": said so", words)
                self.assertEqual(len(world.giver.seen) - before, 1)
            world.giver.refuse["AssumeRole"] = (403, "AccessDenied", "your key is " + SECRET)
            world.broken(self, "AccessDenied (")
            world.giver.refuse = {}
            world.giver.raw["AssumeRole"] = "<AssumeRoleResponse/>"
            world.broken(self, "lacks keys")
            world.giver.raw["AssumeRole"] = "<html><body>hello"
            world.broken(self, "makes no sense")

    def test_tried_again(self):
        """What fails for a moment is asked again."""
        with World() as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = base\n" % ROLE)
            world.giver.refuse["AssumeRole"] = [(503, "ServiceUnavailable", "x"), (400, "Throttling", "x"), None]
            world.works(self)
            self.assertEqual(len(world.giver.calls("AssumeRole")), 3)

    def test_web_identity(self):
        """From the environment and from a profile; the token is read anew, and not signed."""
        with World() as world:
            token = os.path.join(world.aws, "token")

            def write():
                with open(token, "w") as file:
                    file.write(world.giver.secret("web") + "\n")
            write()
            world.works(self, AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=ROLE, AWS_ROLE_SESSION_NAME="pod")
            asked = world.giver.calls("AssumeRoleWithWebIdentity")
            self.assertEqual((asked[0]["WebIdentityToken"], asked[0]["RoleSessionName"], asked[0].get("authorization")),
                             (world.giver.secrets[0], "pod", None))
            write()
            world.broken(self, "AWS_ROLE_ARN is not", "keys of web identity", AWS_ROLE_ARN="")
            for name in ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"):
                del world.variables[name]
            world.config("[default]\nrole_arn = %s\nweb_identity_token_file = %s\n" % (ROLE, token))
            world.works(self)
            self.assertIn(world.giver.calls("AssumeRoleWithWebIdentity")[-1]["WebIdentityToken"], world.giver.secrets)
            os.unlink(token)
            world.broken(self, token)
            write()
            world.giver.refuse["AssumeRoleWithWebIdentity"] = (400, "InvalidIdentityToken", "x")
            world.broken(self, "check its audience")
            world.giver.refuse["AssumeRoleWithWebIdentity"] = [(400, "IDPCommunicationError", "x"), None]
            world.works(self)

    def test_refreshes(self):
        """A role's session is renewed ahead of its end; one that is refused is renewed once."""
        with World(lifetime=900) as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = base\nduration_seconds = 900\n" % ROLE)
            with world.run() as daemon:
                daemon.settles(world.directory)
                asked = len(world.giver.calls("AssumeRole"))
                self.assertEqual(asked, 1)
                for _ in range(3):
                    daemon.later(900)
                self.assertEqual(len(world.giver.calls("AssumeRole")), asked + 3)
                world.giver.end_old()
                world.service.control("settings")
                daemon.later(60 * 15)
                self.assertEqual(len(world.giver.calls("AssumeRole")), asked + 4)
            self.assertEqual(world.report(world.directory)["standing"], "ready")

    def test_refused_session_is_renewed_once(self):
        """ExpiredToken: new keys, and on with them."""
        with World(lifetime=43200) as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = base\n" % ROLE)
            with world.run() as daemon:
                daemon.settles(world.directory)
                world.giver.end_old()
                daemon.later(900)
                self.assertEqual(len(world.giver.calls("AssumeRole")), 2)
            self.assertEqual(world.report(world.directory)["standing"], "ready")

    def test_failed_refresh_keeps_what_is_valid(self):
        """STS is away while the keys are valid: told, and worked on; then nothing is read."""
        with World(lifetime=3600) as world:
            world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.config("[default]\nrole_arn = %s\nsource_profile = base\n" % ROLE)
            with world.run() as daemon:
                daemon.settles(world.directory)
                world.giver.refuse["AssumeRole"] = (403, "AccessDenied", "for a while")
                daemon.later(2750)
                daemon.says("those that there are serve on: .*for a while")
                self.assertEqual(world.report(world.directory)["standing"], "ready")
                daemon.later(900)
                daemon.says("CredentialsInvalid.*for a while")
                world.giver.refuse = {}
                daemon.later(900)
                daemon.settles(world.directory)


class Sso(Case):
    """IAM Identity Center, with the token that the AWS CLI left."""

    @staticmethod
    def token(world, key, seconds=3600):
        with open(os.path.join(world.aws, ".aws", "sso", "cache", hashlib.sha1(key.encode()).hexdigest() + ".json"), "w") as file:
            json.dump({"accessToken": world.giver.secret("sso"), "region": "eu-west-1", "expiresAt": time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))}, file)

    def test_session(self):
        """A session, and the older start URL."""
        with World() as world:
            profile = "sso_account_id = 111122223333\nsso_role_name = Ward Role\n"
            world.config("[profile s]\nsso_session = corp\n%s[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x\n"
                         "[profile old]\nsso_start_url = https://old.example.com\nsso_region = eu-west-1\n%s" % (profile, profile))
            self.token(world, "corp")
            world.works(self, AWS_PROFILE="s")
            asked = world.giver.calls("Portal")[0]
            self.assertEqual((asked["role_name"], asked["account_id"], asked["x-amz-sso_bearer_token"]),
                             ("Ward Role", "111122223333", world.giver.secrets[0]))
            self.token(world, "https://old.example.com")
            world.works(self, AWS_PROFILE="old")

    def test_broken(self):
        """A token that ended names the command to log in."""
        with World() as world:
            profile = "[profile s]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = r\n"
            session = "[sso-session corp]\nsso_region = eu-west-1\n"
            world.variables["AWS_PROFILE"] = "s"
            world.config(profile + session)
            world.broken(self, "there is no SSO token: run `aws sso login --profile s`")
            self.token(world, "corp", -10)
            world.broken(self, "the SSO token ended", "run `aws sso login --profile s`")
            self.token(world, "corp")
            world.giver.refuse["Portal"] = (401, "UnauthorizedException", "x")
            world.broken(self, "not taken any more: run `aws sso login --profile s`")
            world.giver.refuse["Portal"] = (403, "ForbiddenException", "No access")
            world.broken(self, "the SSO portal (role r, account 111122223333): HTTP status 403, ForbiddenException: No access")
            for text, words in ((profile, "there is no section [sso-session corp]"),
                                (profile + "[sso-session corp]\n", "sso_region is missing"),
                                ("[profile s]\nsso_session = corp\nsso_role_name = r\n" + session, "sso_account_id is missing")):
                world.config(text)
                world.broken(self, words)


class Machines(Case):
    """What the host of a container and an instance hand out."""

    def test_container(self):
        """The full URI, with the token of a file before that of the variable."""
        with World() as world:
            token = os.path.join(world.aws, "token")
            with open(token, "w") as file:
                file.write(world.giver.secret("file"))
            world.works(self, AWS_CONTAINER_CREDENTIALS_FULL_URI=world.giver.url + "/container/a?b=c",
                        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token,
                        AWS_CONTAINER_AUTHORIZATION_TOKEN=world.giver.secret("variable"))
            asked = world.giver.calls("Container")[0]
            self.assertEqual((asked["authorization"], asked["path"]), (world.giver.secrets[0], "/container/a?b=c"))
            del world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
            world.works(self)
            self.assertIn(world.giver.calls("Container")[-1]["authorization"], world.giver.secrets)

    def test_container_broken(self):
        """Hosts, tokens and replies that are not taken."""
        uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        with World() as world:
            path = world.giver.secret("/path")
            for value in ("http://example.com", "http://169.254.170.3", "http://169.254.170.2.example.com", "ftp://127.0.0.1"):
                world.broken(self, "keys of the container", uri + " is ", **{uri: value + path})
            world.broken(self, "not a URL", **{uri: "http://user:%s@127.0.0.1/" % path[1:]})
            world.variables[uri] = world.giver.url + "/container" + path
            for text in ("a\r\nX: y", "a\n"):
                world.broken(self, "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line break", AWS_CONTAINER_AUTHORIZATION_TOKEN=text)
            world.broken(self, "/nonexistent", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="/nonexistent")
            self.assertEqual(world.giver.seen, [])
            world.giver.refuse["Container"] = (403, "AccessDenied", "no role")
            world.broken(self, "HTTP status 403, AccessDenied: no role")
            world.giver.refuse = {}
            world.giver.raw["Container"] = "hello " + path
            world.broken(self, "not JSON")
            world.broken(self, "does not begin with", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="path")

    def test_container_again(self):
        """What fails for a moment is asked again, three times in all."""
        with World() as world:
            world.giver.refuse["Container"] = [(500, "x", "x"), (503, "x", "x"), None]
            world.works(self, AWS_CONTAINER_CREDENTIALS_FULL_URI=world.giver.url + "/container/a")

    def test_instance(self):
        """Version 2 alone, never through a proxy; its keys are renewed."""
        with World(lifetime=6 * 3600) as world:
            world.variables.update(AWS_EC2_METADATA_DISABLED="", AWS_EC2_METADATA_SERVICE_ENDPOINT=world.giver.url + "/",
                                   HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9")
            with world.run() as daemon:
                daemon.settles(world.directory)
                self.assertEqual(len(world.giver.calls("Instance")), 1)
                world.giver.end_old()
                daemon.later(900)
                self.assertEqual(len(world.giver.calls("Instance")), 2)
            self.assertEqual(world.report(world.directory)["standing"], "ready")

    def test_instance_static_stability(self):
        """Keys that are handed out after their end serve on."""
        with World(lifetime=-60) as world:
            world.works(self, AWS_EC2_METADATA_DISABLED="", AWS_EC2_METADATA_SERVICE_ENDPOINT=world.giver.url)
            self.assertEqual(len(world.giver.calls("Instance")), 1)

    def test_instance_broken(self):
        """No version 2, no role, a failure in a 200, an endpoint that is none."""
        with World() as world:
            world.variables.update(AWS_EC2_METADATA_DISABLED="", AWS_EC2_METADATA_SERVICE_ENDPOINT=world.giver.url)
            world.giver.refuse["Session"] = (403, "Forbidden", "x")
            world.broken(self, "keys of the instance metadata service", "no session with version 2")
            world.giver.refuse = {"Role": (404, "NotFound", "x")}
            world.broken(self, "no AWS credentials")
            world.giver.refuse = {}
            world.giver.raw["Instance"] = json.dumps({"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume"})
            world.broken(self, "AssumeRoleUnauthorizedAccess: EC2 cannot assume")
            world.broken(self, "neither this host nor an address of this link", AWS_EC2_METADATA_SERVICE_ENDPOINT="http://example.com")
            world.broken(self, "neither IPv4 nor IPv6", AWS_EC2_METADATA_SERVICE_ENDPOINT="", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="x")


class Chain(Case):
    """Their order: what is broken stops the chain, what is not there does not."""

    def test_order(self):
        """Each pair of neighbours: the earlier one wins."""
        with World() as world:
            token = os.path.join(world.aws, "token")
            with open(token, "w") as file:
                file.write("token")
            container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": world.giver.url + "/container/a"}
            instance = {"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": world.giver.url}
            web = {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": ROLE}
            keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
            world.works(self, **instance)
            self.assertEqual([call for call, _ in world.giver.seen], ["Session", "Role", "Instance"])
            world.works(self, **container)
            self.assertEqual([call for call, _ in world.giver.seen[3:]], ["Container"])
            world.credentials("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.works(self)
            self.assertEqual(world.giver.seen[4:], [])
            world.works(self, **web)
            self.assertEqual([call for call, _ in world.giver.seen[4:]], ["AssumeRoleWithWebIdentity"])
            world.works(self, AWS_PROFILE="nobody", **keys)
            self.assertEqual(world.giver.seen[5:], [])
            world.broken(self, "keys of the environment", AWS_SECRET_ACCESS_KEY="")

    def test_broken_stops(self):
        """A broken profile is an error though the container would give keys."""
        with World() as world:
            world.credentials("[default]\naws_access_key_id = x\n")
            world.broken(self, "keys of the profile", AWS_CONTAINER_CREDENTIALS_FULL_URI=world.giver.url + "/container/a")
            self.assertEqual(world.giver.seen, [])

class Accounts(Case):
    """What `accounts` of the file says."""

    def test_profile(self):
        """A profile of the file skips the environment, and is an error if it is not there."""
        with World() as world:
            world.account(profile="mine")
            world.variables.update(AWS_ACCESS_KEY_ID="AKIDNOBODY", AWS_SECRET_ACCESS_KEY="x", AWS_PROFILE="other")
            world.broken(self, "there is no profile mine, which was named by the configuration")
            world.credentials("[mine]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            world.works(self)

    def test_role(self):
        """A role over the chain, and over a profile that is a role itself."""
        with World() as world:
            world.account(role_arn=ROLE, external_id="directory-admins", session_name="ward@test", duration="15m")
            world.works(self, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            asked = world.giver.calls("AssumeRole")
            self.assertEqual([asked[0][name] for name in ("RoleArn", "ExternalId", "RoleSessionName", "DurationSeconds")],
                             [ROLE, "directory-admins", "ward@test", "900"])
            world.config("[profile base]\nrole_arn = %s-base\ncredential_source = Environment\n" % ROLE)
            world.account(role_arn=ROLE, profile="base")
            world.works(self)
            self.assertEqual([call["RoleArn"] for call in world.giver.calls("AssumeRole")[1:]], [ROLE + "-base", ROLE])
            self.assertEqual(world.giver.calls("AssumeRole")[2]["RoleSessionName"][:10], "ldapsward-")
            world.giver.refuse["AssumeRole"] = (403, "AccessDenied", "x")
            world.broken(self, "external id")

    def test_right_account(self):
        """Asked once for the keys, not for each request; and again for new ones."""
        with World(lifetime=43200) as world:
            world.account(role_arn=ROLE, account_id="111122223333")
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            with world.run() as daemon:
                daemon.settles(world.directory)
                daemon.later(900)
                self.assertEqual(len(world.giver.calls("GetCallerIdentity")), 1)
                self.assertIn("Credential=ASIAGIVEN", world.giver.calls("GetCallerIdentity")[0]["authorization"])
                world.giver.end_old()
                daemon.later(900)
                self.assertEqual(len(world.giver.calls("GetCallerIdentity")), 2)

    def test_wrong_account(self):
        """Keys of another account: nothing is read, nothing is written, and it is told as such (N9)."""
        with World() as world:
            world.account(account_id="444455556666")
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            world.broken(self, "the keys are those of account 111122223333, the file says 444455556666", reason="WrongAccount")
            with world.run() as daemon:
                daemon.says("WrongAccount.*111122223333")
                self.assertEqual(world.reasons(world.directory), ["WrongAccount"])
                self.assertEqual(world.service.requests(), [])
                world.account(account_id="111122223333")
                daemon.hangs_up("taken: 1 directory")
                daemon.settles(world.directory)
            self.converged(world, world.directory, 1)

    def test_wrong_account_after_a_while(self):
        """Keys that become another account's stop reads and writes."""
        with World(lifetime=3600) as world:
            world.account(role_arn=ROLE, account_id="111122223333")
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            with world.run() as daemon:
                daemon.settles(world.directory)
                world.giver.raw["GetCallerIdentity"] = (
                    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999</Account>"
                    "</GetCallerIdentityResult></GetCallerIdentityResponse>")
                world.giver.end_old()
                daemon.later(900)
                daemon.says("WrongAccount.*999999999999")
                before = len(world.service.requests())
                daemon.later(900)
                self.assertEqual(world.service.requests()[before:], [])

    def test_identity_unknown(self):
        """Where STS does not say whose the keys are, they are not used."""
        with World() as world:
            world.account(account_id="111122223333")
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            world.giver.refuse["GetCallerIdentity"] = (403, "AccessDenied", "not you")
            world.broken(self, "GetCallerIdentity of STS at 127.0.0.1", "not you")

    def test_an_account_that_is_dead_delays_no_other(self):
        """One account whose program hangs beside one that is well."""
        with World() as world:
            hangs = process("exec sleep 1000\n", world.aws)
            world.config("[profile hangs]\ncredential_process = \"%s\"\n" % hangs)
            other = world.service.create("other.example.com")
            world.write(json.dumps({
                "version": 1, "interval": "15m",
                "defaults": {"policy": "sync", "regions": ["eu-west-1"], "client_ldaps": "enabled"},
                "accounts": {"hangs": {"profile": "hangs"}}, "authorities": {"root": {"certificates": [CA.path]}},
                "directories": [{"id": world.directory, "trust": ["root"], "account": "hangs"}, {"id": other, "trust": ["root"]}]}))
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            with world.run() as daemon:
                daemon.settles(other)
                self.assertIsNone(world.report(world.directory))


class Signatures(Case):
    """The emulator's STS, which checks every signature."""

    def test_role(self):
        """A signed AssumeRole with an external id, then GetCallerIdentity with the session's token."""
        with World() as world:
            role = world.service.role("ward", external_id="directory-admins")
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_ENDPOINT_URL_STS=world.service.url)
            world.account(role_arn=role, external_id="directory-admins", account_id="111122223333")
            world.apply()
            self.converged(world, world.directory, 1)
            self.assertEqual({line["operation"] for line in world.service.requests()} & {"AssumeRole", "GetCallerIdentity"},
                             {"AssumeRole", "GetCallerIdentity"})
            self.assertEqual(len(world.service.issued("ward")), 1)
            world.account(role_arn=role, external_id="somebody-else")
            done = world.expect(1, "plan", "--detailed-exitcode")
            self.assertIn("AccessDenied", done.out)


@unittest.skipUnless(os.path.exists(AWS), "no AWS CLI")
class Witness(Case):
    """The AWS CLI reads the same files, and is the same identity."""

    def test_static_and_process(self):
        """Keys written down and printed; one file before the other; names with blanks."""
        with World() as world:
            path = process("echo '%s'\n" % json.dumps({"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET}), world.aws)
            world.config("[default]\nregion = eu-west-1\naws_access_key_id = AKIDOTHER\naws_secret_access_key = x\n"
                         "[profile \"two words\"]\ncredential_process = \"%s\" 'a b'\n" % path)
            world.credentials("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
            for profile in ("", "two words"):
                world.variables["AWS_PROFILE"] = profile
                world.works(self)
                self.assertEqual(world.cli()["Arn"], "arn:aws:iam::111122223333:user/x")
                self.assertIn("Credential=%s/" % KEY, world.giver.calls("GetCallerIdentity")[-1]["authorization"])

    def test_container(self):
        """The keys of a container."""
        with World() as world:
            world.works(self, AWS_CONTAINER_CREDENTIALS_FULL_URI=world.giver.url.replace("127.0.0.1", "localhost") + "/container/a")
            world.giver.seen.clear()
            self.assertEqual(world.cli()["Account"], "111122223333")
            self.assertEqual([call for call, _ in world.giver.seen], ["Container", "GetCallerIdentity"])


if __name__ == "__main__":
    main()
