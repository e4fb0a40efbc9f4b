#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The AWS CLI and ldapsward read the same files in the same environment, and are the same identity.

The witness is `aws sts get-caller-identity`; what we are is what the service saw who asked. This CLI knows no variable
for the endpoints of STS and of the SSO portal: Emulator.data_path gives it rules that lead to the emulator instead.
Skipped (77) without /usr/bin/aws.
"""

import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import ACCOUNT, AWS, KEY, SECRET, SOURCE, ApiError, need, scratch   # noqa: E402
from keyless import World   # noqa: E402
from sources import SOURCES, USER   # noqa: E402
from ward import Case, main   # noqa: E402

need("openssl", AWS)

OTHER = "444455556666"


class Both(World):
    """Directories in two accounts, and files with every kind of profile."""

    def __init__(self):
        super().__init__()
        service = self.service
        alice, bob = self.secret("alice"), self.secret("bob")
        service.control("credential", credential="AKIDALICE:%s@%s" % (alice, ACCOUNT), user="alice")
        service.control("credential", credential="AKIDBOB:%s@%s" % (bob, OTHER), user="bob")
        first = service.role("first", trust=[USER], external_id="us-and-them/1")
        second = service.role("second", account=OTHER, trust=[first])
        web = service.role("web", trust=[], web_identity=True)
        plain = service.role("plain", trust=["*"])
        service.role("reader", trust=[])
        token, text = self.token("web")
        service.settings(web_identity_token=text, container_role="task", metadata_role="machine", credential_life="1h")
        self.sso_token("corp")
        self.sso_token_again("https://corp.example.com/start")
        printing = self.executable("#!/bin/sh\necho '%s'\n" % json.dumps(
            {"Version": 1, "AccessKeyId": "AKIDALICE", "SecretAccessKey": alice}))
        keys = "aws_access_key_id = %s\naws_secret_access_key = %s\n"
        self.credentials("[default]\n" + keys % (KEY, SECRET) + "[static]\n" + keys % ("AKIDALICE", alice) +
                         "[both]\n" + keys % ("AKIDBOB", bob) + "[printed-first]\n" + keys % ("AKIDBOB", bob) +
                         "[source]\n" + keys % (KEY, SECRET) + "[itself]\n" + keys % (KEY, SECRET))
        self.config("""
[default]
region = eu-west-1
[profile static]
region = eu-west-1
[profile in-config]
%(bob)s
[profile both]
%(alice)s
[profile "two words"]
%(bob)s
[profile printed]
credential_process = "%(printing)s" 'a b'
[profile printed-first]
credential_process = "%(printing)s"
[profile printed-then-config]
%(bob)s
credential_process = "%(printing)s"
[profile role]
role_arn = %(first)s
external_id = us-and-them/1
role_session_name = here
source_profile = source
[profile chain]
role_arn = %(second)s
role_session_name = there
source_profile = role
[profile long]
role_arn = %(plain)s
role_session_name = long
duration_seconds = 900
source_profile = chain
[profile role-without-a-name]
role_arn = %(plain)s
source_profile = source
[profile itself]
role_arn = %(plain)s
role_session_name = itself
source_profile = itself
[profile source-with-a-role]
role_arn = %(plain)s
role_session_name = over
source_profile = itself
[profile over-sso]
role_arn = %(plain)s
role_session_name = over
source_profile = sso
[profile over-a-program]
role_arn = %(plain)s
role_session_name = over
source_profile = printed
[profile of-environment]
role_arn = %(plain)s
role_session_name = environment
credential_source = Environment
[profile of-instance]
role_arn = %(plain)s
role_session_name = instance
credential_source = Ec2InstanceMetadata
[profile of-container]
role_arn = %(plain)s
role_session_name = container
credential_source = EcsContainer
[profile web]
role_arn = %(web)s
role_session_name = pod
web_identity_token_file = %(token)s
[profile over-web]
role_arn = %(plain)s
role_session_name = over
source_profile = web
[profile sso]
sso_session = corp
sso_account_id = %(account)s
sso_role_name = reader
[profile sso-of-old]
sso_start_url = https://corp.example.com/start
sso_region = eu-west-1
sso_account_id = %(account)s
sso_role_name = reader
[profile sso-and-keys]
sso_session = corp
sso_account_id = %(account)s
sso_role_name = reader
%(alice)s
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example.com/start
[profile half]
role_arn = %(plain)s
[profile loop]
role_arn = %(plain)s
source_profile = pool
[profile pool]
role_arn = %(plain)s
source_profile = loop
[profile nowhere]
role_arn = %(plain)s
source_profile = nobody
[profile two-sources]
role_arn = %(plain)s
source_profile = source
credential_source = Environment
[profile half-web]
web_identity_token_file = %(token)s
[profile half-sso]
sso_session = corp
sso_account_id = %(account)s
[profile failing]
credential_process = /bin/false
""" % {"alice": keys % ("AKIDALICE", alice), "bob": keys % ("AKIDBOB", bob), "printing": printing, "first": first,
            "second": second, "plain": plain, "web": web, "token": token, "account": ACCOUNT})

    def sso_token_again(self, key):
        """The token of `corp` for another name too."""
        cache = os.path.join(self.aws, ".aws", "sso", "cache")
        name = {word: os.path.join(cache, hashlib.sha1(word.encode()).hexdigest() + ".json") for word in ("corp", key)}
        with open(name["corp"]) as file, open(name[key], "w") as copy:
            copy.write(file.read())

    def theirs(self, *words, **variables):
        """The CLI's ARN, or None where it says what is wrong."""
        try:
            return self.service.aws("get-caller-identity", *words, service="sts", **{**self.variables, **variables})["Arn"]
        except ApiError:
            return None

    def ours(self, **variables):
        """The ARN of who read, or None where we say what is wrong."""
        before = len(self.reads())
        done = self("plan", "--detailed-exitcode", **variables)
        self.planned = " ".join(done.out.split())
        callers = {line["caller"] for line in self.reads()[before:]}
        if len(callers) > 1:
            raise AssertionError("several identities: %s" % callers)
        return callers.pop() if callers else None


# Profile -> who it is; None: neither takes it.
PROFILES = {
    "": USER,
    "static": "arn:aws:iam::%s:user/alice" % ACCOUNT,
    "in-config": "arn:aws:iam::%s:user/bob" % OTHER,
    "both": "arn:aws:iam::%s:user/bob" % OTHER,
    "two words": "arn:aws:iam::%s:user/bob" % OTHER,
    "printed": "arn:aws:iam::%s:user/alice" % ACCOUNT,
    "printed-first": "arn:aws:iam::%s:user/bob" % OTHER,
    "printed-then-config": "arn:aws:iam::%s:user/alice" % ACCOUNT,
    "role": "arn:aws:sts::%s:assumed-role/first/here" % ACCOUNT,
    "chain": "arn:aws:sts::%s:assumed-role/second/there" % OTHER,
    "long": "arn:aws:sts::%s:assumed-role/plain/long" % ACCOUNT,
    "itself": "arn:aws:sts::%s:assumed-role/plain/itself" % ACCOUNT,
    "source-with-a-role": "arn:aws:sts::%s:assumed-role/plain/over" % ACCOUNT,
    "over-sso": "arn:aws:sts::%s:assumed-role/plain/over" % ACCOUNT,
    "over-a-program": "arn:aws:sts::%s:assumed-role/plain/over" % ACCOUNT,
    "over-web": "arn:aws:sts::%s:assumed-role/plain/over" % ACCOUNT,
    "of-environment": "arn:aws:sts::%s:assumed-role/plain/environment" % ACCOUNT,
    "of-instance": "arn:aws:sts::%s:assumed-role/plain/instance" % ACCOUNT,
    "of-container": "arn:aws:sts::%s:assumed-role/plain/container" % ACCOUNT,
    "web": "arn:aws:sts::%s:assumed-role/web/pod" % ACCOUNT,
    "sso": "arn:aws:sts::%s:assumed-role/AWSReservedSSO_reader_0123456789abcdef/operator" % ACCOUNT,
    "sso-of-old": "arn:aws:sts::%s:assumed-role/AWSReservedSSO_reader_0123456789abcdef/operator" % ACCOUNT,
    "sso-and-keys": "arn:aws:sts::%s:assumed-role/AWSReservedSSO_reader_0123456789abcdef/operator" % ACCOUNT,
    "half": None, "loop": None, "nowhere": None, "two-sources": None, "half-web": None, "half-sso": None, "failing": None,
    "nobody": None,
}


class Identity(Case):
    def compare(self, *profiles):
        """Chosen by AWS_PROFILE; container and instance would give keys to whoever passes on to them."""
        with Both() as world:
            for profile in profiles:
                variables = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": world.tap.url + "/",
                             "AWS_CONTAINER_CREDENTIALS_FULL_URI": world.tap.url + "/v2/credentials/emulator"}
                if profile:
                    variables["AWS_PROFILE"] = profile
                with self.subTest(profile):
                    arn = PROFILES[profile]
                    self.assertEqual(world.theirs(**variables), arn)
                    self.assertEqual(world.ours(**variables), arn, world.planned)
                    if not arn:
                        self.assertIn("held (CredentialsInvalid)", world.planned)
                        self.assertIn("keys of the profile", world.planned)

    def test_keys_of_profiles(self):
        """Written down in one file or the other, and printed."""
        self.compare("", "static", "in-config", "both", "two words", "printed", "printed-first", "printed-then-config")

    def test_roles_of_profiles(self):
        """Over everything that they can stand on."""
        self.compare("role", "chain", "long", "itself", "source-with-a-role", "over-a-program", "of-instance", "of-container")

    def test_others(self):
        """Web identities and IAM Identity Center."""
        self.compare("web", "over-web", "sso", "sso-of-old", "sso-and-keys", "over-sso")

    def test_broken(self):
        """What neither takes."""
        self.compare(*(profile for profile, arn in PROFILES.items() if not arn))

    def test_chosen_by_us(self):
        """A profile of our own file is what --profile is to the CLI: the environment's keys do not count."""
        with Both() as world:
            world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
            for profile in ("static", "chain", "of-environment", "sso", "nobody"):
                with self.subTest(profile):
                    world.account(profile=profile)
                    self.assertEqual((world.theirs("--profile", profile), world.ours()), (PROFILES[profile],) * 2)

    def test_session_names_differ(self):
        """A role without a session name: the same role; the session says whose it is."""
        with Both() as world:
            theirs, ours = world.theirs(AWS_PROFILE="role-without-a-name"), world.ours(AWS_PROFILE="role-without-a-name")
            self.assertEqual(theirs.rpartition("/")[0], ours.rpartition("/")[0])
            self.assertIn("/botocore-session-", theirs)
            self.assertIn("/ldapsward-", ours)

    def test_sources_of_the_environment(self):
        """What needs no file: the same variables."""
        for word in ("the environment", "web identity", "a container", "a pod", "an instance"):
            with self.subTest(word), World() as world:
                source = SOURCES[word]()
                source.prepare(world)
                if word == "a pod":
                    # this CLI is older than the file: it gets what stands in it by the variable
                    with open(world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]) as file:
                        world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = file.read()
                if word == "an instance":
                    world.variables["AWS_EC2_METADATA_DISABLED"] = "false"
                found = world.service.aws("get-caller-identity", service="sts", **world.variables)["Arn"]
                world.works(self, source)
                self.assertEqual(found, source.caller)

    def test_instance_of_a_profile(self):
        """Where its metadata service is, and how patiently it is asked, as the profile says."""
        with World() as world:
            source = SOURCES["an instance"]()
            source.prepare(world)
            del world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
            profile = "[profile box]\nec2_metadata_service_endpoint = %s/\n" % world.tap.url
            world.config(profile + "metadata_service_num_attempts = 2\n")
            world.variables.update(AWS_PROFILE="box", AWS_EC2_METADATA_DISABLED="false")
            found = world.service.aws("get-caller-identity", service="sts", **world.variables)["Arn"]
            world.works(self, source)
            self.assertEqual(found, source.caller)
            world.service.fault("MetadataToken:*:bare503")
            before = len(world.asked("MetadataToken"))
            world.broken(self, source.part, "HTTP status 503")
            world.broken(self, source.part, "HTTP status 503", AWS_METADATA_SERVICE_NUM_ATTEMPTS="1")
            self.assertEqual(len(world.asked("MetadataToken")) - before, 2 + 1)
            for key, words in (("metadata_service_timeout", "is 'often'; it takes a number from 1 on"),
                               ("ec2_metadata_service_endpoint", "is not scheme, host and port alone"),
                               ("ec2_metadata_service_endpoint_mode", "is neither IPv4 nor IPv6")):
                world.config((profile if key.startswith("metadata") else "[profile box]\n") + key + " = often\n")
                world.broken(self, source.part, "%s of the profile box %s" % (key, words))

    def test_keys_before_a_profile(self):
        """AWS_PROFILE alone does not skip the keys of the environment."""
        with Both() as world:
            variables = {"AWS_PROFILE": "role", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
            self.assertEqual((world.theirs(**variables), world.ours(**variables)), (USER, USER))

    def test_readme(self):
        """The profile of conf/iam/README.md over a host's program, and its account of ldapsward.yaml."""
        with open(os.path.join(SOURCE, "conf", "iam", "README.md")) as file:
            blocks = re.findall(r"```(\w+)\n(.*?)```", file.read(), re.DOTALL)
        seed, = [text for kind, text in blocks if kind == "json" and text.startswith("[")]
        profile, = [text for kind, text in blocks if kind == "ini" and "[profile directories]" in text]
        account, = [text for kind, text in blocks if kind == "yaml"]
        arn = "arn:aws:sts::%s:assumed-role/ldapsward-directories/ldapsward" % ACCOUNT
        with open(scratch("seed.json"), "w") as file:
            file.write(seed)
        with World("--seed", scratch("seed.json"), "--container-role", "ldapsward@" + OTHER) as world:
            program = SOURCES["a program"]()
            script = world.executable(program.script.replace('"two words", "$HOME"', "").replace('"p"', '""') % world.service.url)
            world.config("[default]\ncredential_process = \"%s\"\n%s" % (script, profile))
            world.variables["AWS_PROFILE"] = ""
            found = world.service.aws("get-caller-identity", "--profile", "directories", service="sts", **world.variables)["Arn"]
            self.assertEqual(found, arn)
            world.account(profile="directories", account_id=ACCOUNT)
            world.works(self)
            said = dict(re.findall(r"^    (\w+): \"?([^\"\n]+)", account, re.MULTILINE))
            self.assertEqual(set(said), {"account_id", "role_arn", "external_id", "session_name"})
            world.account(**said)
            world.works(self)
            self.assertEqual({line["caller"] for line in world.reads()}, {arn})


if __name__ == "__main__":
    main()
