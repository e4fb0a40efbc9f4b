# SPDX-License-Identifier: Apache-2.0
"""Every source of keys, as an administrator sets it up, with the emulator as who gives them.

    with World(count=3) as world:               # a Ward without keys: HOME is its own, the endpoints lead through a Tap
        source = SOURCES["a role"]()            # or any of them
        source.prepare(world)                   # files and variables
        world.works(case, source)
        source.fail(world); source.heal(world)  # who gives keys says no for a while
        world.loads(source)                     # how often keys were got

Nothing that a World leaves behind may hold a secret that was given out: see secrecy.py.
"""

import hashlib
import itertools
import json
import os
import time

from harness import ACCOUNT, KEY, SECRET, Authority, scratch
from secrecy import Secrecy
from tap import Tap
from ward import Daemon, Ward

USER = "arn:aws:iam::%s:user/operator" % ACCOUNT
CA = Authority("Credentials Root")
_worlds = itertools.count(1)


class World(Ward):
    """See the head of this file."""

    def __init__(self, *options, count=1, **more):
        super().__init__(*options, **more)
        self.aws = scratch("aws-%d" % next(_worlds))      # beside what is searched: it holds secrets by right
        self.folder = os.path.join(self.home, "written")
        for path in (os.path.join(self.aws, ".aws", "sso", "cache"), os.path.join(self.folder, "run")):
            os.makedirs(path)
        self.tap = Tap(self.service.port)
        self.secrecy, self.kept = Secrecy(SECRET), []
        self.variables = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": self.aws,
                          "AWS_ENDPOINT_URL_STS": self.tap.url, "AWS_ENDPOINT_URL_SSO": self.tap.url,
                          "RUNTIME_DIRECTORY": os.path.join(self.folder, "run")}
        self.directories = [self.service.create("corp-%d.example.com" % number) for number in range(count)]
        self.directory = self.directories[0]
        self.account()

    def __exit__(self, kind, *unused):
        if kind is None:
            self.collect()
            self.secrecy.tree(self.home)
        self.tap.__exit__()
        super().__exit__(kind, *unused)

    # What must never be seen.

    def secret(self, word):
        """A secret of the test's making, with what is special in a URL, a form and Base64."""
        number = next(_worlds)
        found = "%s/S3cret+%d=%s%d" % (word, number, "~Zz9" * 7, 10 ** 9 + number)
        self.secrecy.add(found)
        return found

    def collect(self):
        """Learns what was given out since."""
        for one in self.service.issued():
            self.secrecy.add(one["secret"], one["token"])
        for request in self.tap.requests():
            for name in ("x-aws-ec2-metadata-token", "authorization", "x-amz-sso_bearer_token"):
                if len(request.headers.get(name, "")) > 20:
                    self.secrecy.add(request.headers[name])

    def environment_secret(self):
        """Whether we hand over a secret in the environment."""
        return any(SECRET in value or "S3cret" in value for value in self.variables.values())

    def __call__(self, *words, **more):
        done = super().__call__(*words, **more)
        self.collect()
        self.secrecy.text(done.out, "what %s printed" % words[0])
        self.secrecy.text(done.err, "what %s said" % words[0])
        return done

    def run(self, *words, **variables):
        """With all fields of what is told."""
        return Watched(self, *(words or ("run", "--debug", "--log-format", "json")), **variables)

    def everything(self, case):
        """What every command prints, and that there is what is searched at the end."""
        for words in (("status", "--json"), ("status",), ("history", "--json"), ("forecast", "--json"), ("plan", "--json")):
            self(*words)
        for path in (os.path.join(self.folder, "run", "status.json"), os.path.join(self.folder, "ldapsward.prom"),
                     os.path.join(self.state, "ledger.sqlite")):
            case.assertTrue(os.path.exists(path), path)

    # Files and variables.

    def write_aws(self, name, text):
        path = os.path.join(self.aws, ".aws", name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)
        return path

    def config(self, text):
        return self.write_aws("config", text)

    def credentials(self, text):
        return self.write_aws("credentials", text)

    def token(self, word):
        """A file with a new secret: (path, secret)."""
        secret = self.secret(word)
        return self.write_aws(word, secret), secret

    def executable(self, script, name="program"):
        """An executable; its path has a blank."""
        path = self.write_aws("the " + name, script)
        os.chmod(path, 0o755)
        return path

    def sso_token(self, key, seconds=10 ** 8):
        """What `aws sso login` leaves, and the portal takes it."""
        secret = self.secret("sso")
        self.service.settings(sso_token=secret)
        with open(os.path.join(self.aws, ".aws", "sso", "cache", hashlib.sha1(key.encode()).hexdigest() + ".json"), "w") as file:
            json.dump({"accessToken": secret, "region": "eu-west-1", "startUrl": "https://corp.example.com/start",
                       "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))}, file)

    def account(self, **account):
        """Writes the configuration, with an account for all directories if anything is said of it."""
        named = {"account": "prod"} if account else {}
        self.configure(directories=[{"id": directory, "trust": ["root"], **named} for directory in self.directories],
                       authorities={"root": [CA]}, interval="5m")
        with open(self.path) as file:
            found = json.load(file)
        self.write(json.dumps({**found, "metrics_file": os.path.join(self.folder, "ldapsward.prom"),
                               **({"accounts": {"prod": account}} if account else {})}))

    # What was asked.

    def asked(self, operation):
        return self.service.requests(operation)

    def reads(self):
        """The requests of the Directory Service."""
        return [line for line in self.service.requests() if line["operation"].startswith(("Describe", "List", "Register", "Enable"))]

    def loads(self, source):
        return len(self.asked(source.operation)) // source.calls if source.operation else 0

    def works(self, case, source=None, **variables):
        """One pass with what is there; all its requests are of the identity that is due."""
        self.variables.update(variables)
        before = len(self.reads())
        self.apply()
        for directory in self.directories:
            case.converged(self, directory, 1)
        if source:
            case.assertEqual({line["caller"] for line in self.reads()[before:]}, {source.caller})

    def broken(self, case, *words, reason="CredentialsInvalid", **variables):
        """A pass that reads nothing, and says why, in these words."""
        before = len(self.reads())
        done = self.expect(1, "plan", "--detailed-exitcode", **variables)
        text = " ".join(done.out.split())
        for word in ("held (%s)" % reason, *words):
            case.assertIn(word, text)
        case.assertEqual(self.reads()[before:], [])
        return text


class Watched(Daemon):
    """A daemon of a World: its process is looked at before it ends."""

    def stop(self, status=0):
        self.look()
        took = super().stop(status)
        self.ward.secrecy.text(self.log(), "the log")
        return took

    def look(self):
        self.ward.collect()
        self.ward.secrecy.process(self.pid, environment=not self.ward.environment_secret())

    def later(self, seconds):
        super().later(seconds)
        self.ward.collect()


class Source:
    """One of them. `operation`: what the request log calls a load (None: nobody is asked), `calls` times for each load."""

    operation, calls, part = None, 1, ""
    caller = "arn:aws:sts::%s:assumed-role/ward/here" % ACCOUNT

    def prepare(self, world):
        """Sets it up."""

    def broken(self, world):
        """Spoils it in one way after the other; yields words of the error."""

    def fail(self, world):
        """Who gives keys says no from now on."""
        world.service.fault(self.operation + ":*:" + self.refusal)

    def heal(self, world):
        world.service.control("fault", clear=True)

    refusal = "AccessDenied"


class Environment(Source):
    caller, part = USER, "keys of the environment"

    def prepare(self, world):
        world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)

    def broken(self, world):
        world.variables["AWS_SECRET_ACCESS_KEY"] = ""
        yield "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"
        world.variables.update(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=SECRET)
        yield "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"
        world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET + "\n")
        yield "AWS_SECRET_ACCESS_KEY holds a space, a line break"
        world.variables.update(AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=world.secret("a b"))
        yield "AWS_SESSION_TOKEN holds a space"
        world.variables.update(AWS_SESSION_TOKEN="", AWS_CREDENTIAL_EXPIRATION="soon")
        yield "AWS_CREDENTIAL_EXPIRATION is not an instant"


class Static(Source):
    caller, part = USER, "keys of the profile: profile default ("
    text = "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET)

    def prepare(self, world):
        world.credentials(self.text)

    def broken(self, world):
        world.credentials("[default]\naws_access_key_id = %s\n" % KEY)
        yield "aws_secret_access_key is missing"
        world.credentials("[default]\naws_secret_access_key = %s\n" % SECRET)
        yield "aws_access_key_id is missing"
        world.credentials(self.text.replace(SECRET, SECRET + " x"))
        yield "aws_secret_access_key holds a space"


class Role(Source):
    """With a chain of two over keys that are written down."""

    operation, calls, part = "AssumeRole", 2, "profile default ("
    profile = "[default]\nrole_arn = %s\nrole_session_name = here\n"
    source = "source_profile = middle\nexternal_id = us-and-them/1\n"
    rest = "[profile middle]\nrole_arn = %s\nsource_profile = base\n"

    def arns(self, world):
        middle = world.service.role("middle", trust=[USER])
        return world.service.role("ward", trust=[middle], external_id="us-and-them/1"), middle

    def prepare(self, world, source=None):
        self.role, self.middle = self.arns(world)
        world.credentials("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (KEY, SECRET))
        world.config(self.profile % self.role + (source or self.source) + self.rest % self.middle)

    def broken(self, world):
        for source, words in (
                ("source_profile = middle\nexternal_id = wrong\n", "the external id must be the one it asks for"),
                ("source_profile = nobody\n", "source_profile names nobody, but there is no such profile"),
                ("source_profile = default\n", "source_profile leads back here: this is a loop"),
                ("source_profile = middle\ncredential_source = Environment\n", "exactly one of source_profile and credential_source"),
                ("source_profile = middle\nmfa_serial = arn:aws:iam::1:mfa/x\n", "mfa_serial asks for a code, which a daemon cannot"),
                ("source_profile = middle\nduration_seconds = 60\n", "duration_seconds is not a number from 900 to 43200")):
            self.prepare(world, source)
            yield words
        self.prepare(world)
        world.config("[default]\nrole_arn = %s\nsource_profile = b\n[profile b]\nrole_arn = %s\nsource_profile = c\n"
                     "[profile c]\nrole_arn = %s\nsource_profile = b\n" % ((self.role,) * 3))
        yield "profile b (", "this is a loop"


class RoleOfEnvironment(Role):
    calls, source, word = 1, "credential_source = Environment\n", "Environment"

    def arns(self, world):
        return world.service.role("ward", trust=[USER]), "-"

    def prepare(self, world, source=None):
        super().prepare(world, source)
        world.account(profile="default")        # else the environment's own keys would come first
        world.variables.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)

    def broken(self, world):
        world.variables["AWS_SECRET_ACCESS_KEY"] = ""
        yield "credential_source Environment: AWS_ACCESS_KEY_ID is set but"
        world.variables["AWS_ACCESS_KEY_ID"] = ""
        yield "credential_source Environment: no AWS credentials"
        self.prepare(world, "credential_source = Cloud\n")
        yield "Environment, EcsContainer and Ec2InstanceMetadata are allowed"


class RoleOfContainer(RoleOfEnvironment):
    source = "credential_source = EcsContainer\n"

    def arns(self, world):
        return world.service.role("ward", trust=["arn:aws:iam::%s:role/task" % ACCOUNT]), "-"

    def prepare(self, world, source=None):
        Role.prepare(self, world, source)
        world.service.settings(container_role="task")
        world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = world.tap.url + "/v2/credentials/emulator"

    def broken(self, world):
        world.service.settings(container_role="")
        yield "credential_source EcsContainer: 127.0.0.1", "HTTP status 400, InvalidIdInRequest"
        world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = ""
        yield "credential_source EcsContainer: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"


class RoleOfInstance(RoleOfContainer):
    source = "credential_source = Ec2InstanceMetadata\n"

    def arns(self, world):
        return world.service.role("ward", trust=["arn:aws:iam::%s:role/machine" % ACCOUNT]), "-"

    def prepare(self, world, source=None):
        Role.prepare(self, world, source)
        world.service.settings(metadata_role="machine")
        world.variables.update(AWS_EC2_METADATA_DISABLED="", AWS_EC2_METADATA_SERVICE_ENDPOINT=world.tap.url)

    def broken(self, world):
        world.service.settings(metadata_role="")
        yield "credential_source Ec2InstanceMetadata: the instance has no role"
        world.variables["AWS_EC2_METADATA_DISABLED"] = "true"
        yield "credential_source Ec2InstanceMetadata: AWS_EC2_METADATA_DISABLED is true"


class WebIdentity(Source):
    operation, part = "AssumeRoleWithWebIdentity", "keys of web identity"
    refusal = "IDPRejectedClaim"

    def prepare(self, world):
        path, token = world.token("web")
        world.service.settings(web_identity_token=token)
        self.set_up(world, path, world.service.role("ward", trust=[], web_identity=True))

    def set_up(self, world, path, role):
        world.variables.update(AWS_WEB_IDENTITY_TOKEN_FILE=path, AWS_ROLE_ARN=role, AWS_ROLE_SESSION_NAME="here")

    def heal(self, world):
        """With another token, which is read anew."""
        _, token = world.token("web")
        world.service.settings(web_identity_token=token)
        super().heal(world)

    def broken(self, world):
        world.token("web")
        yield "InvalidIdentityToken", "check its audience and the identity provider"
        world.write_aws("web", "\n")
        yield "the token is empty"
        os.unlink(os.path.join(world.aws, ".aws", "web"))
        yield os.path.join(world.aws, ".aws", "web")
        self.prepare(world)
        world.service.fault("AssumeRoleWithWebIdentity:*:ExpiredTokenException")
        yield "ExpiredTokenException", "the token has ended: provide a new one"
        self.half(world)
        yield "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not"

    def half(self, world):
        world.variables["AWS_ROLE_ARN"] = ""


class WebIdentityOfProfile(WebIdentity):
    part = "keys of the profile: profile default ("

    def set_up(self, world, path, role):
        self.config = "[default]\nrole_session_name = here\nweb_identity_token_file = %s\n" % path
        world.config(self.config + "role_arn = %s\n" % role)

    def half(self, world):
        world.config(self.config)

    def broken(self, world):
        for words in super().broken(world):
            yield "web_identity_token_file needs role_arn" if "AWS_ROLE_ARN is not" in words else words


class Program(Source):
    """It asks a container's endpoint: so it has new keys each time."""

    operation, part = "ContainerCredentials", "credential_process"
    caller = "arn:aws:sts::%s:assumed-role/ward/0123456789abcdef0123456789abcdef" % ACCOUNT
    script = """#!/usr/bin/python3
import json, os, sys, urllib.request
if sys.argv[1:] != ["two words", "$HOME"] or os.environ["AWS_PROFILE"] != "p":
    sys.exit("wrong words")
try:
    given = json.load(urllib.request.urlopen("%s/v2/credentials/emulator"))
except Exception as error:
    sys.exit("no smart card: %%s" %% error)
given.update(Version=1, SessionToken=given.pop("Token"))
print(json.dumps(given))
"""

    def prepare(self, world):
        world.service.settings(container_role="ward")
        self.write(world, self.script % world.service.url)
        world.variables["AWS_PROFILE"] = "p"

    def write(self, world, script):
        world.config("[profile p]\ncredential_process = \"%s\" 'two words' $HOME\n" % world.executable(script))

    def broken(self, world):
        secret = world.secret("printed")
        keys = {"Version": 1, "AccessKeyId": "AKID", "SecretAccessKey": secret}
        for script, words in (
                ("echo '%s'; echo no smart card >&2; exit 3" % secret, "exit status 3: no smart card"),
                ("echo '%s'" % secret, "what it printed (not shown): not JSON"),
                ("echo '%s'" % json.dumps({**keys, "Version": 2}), "has no \"Version\": 1"),
                ("echo '%s'" % json.dumps({"Version": 1, "AccessKeyId": "AKID"}), "SecretAccessKey"),
                ("echo '%s'" % json.dumps({**keys, "Expiration": "soon"}), "Expiration is not an instant"),
                ("printf '%%s' '%s'" % json.dumps({**keys, "SecretAccessKey": secret + "\nx"}), "SecretAccessKey holds")):
            self.write(world, "#!/bin/sh\n" + script + "\n")
            yield words
        world.config("[profile p]\ncredential_process = /nonexistent/program %s\n" % secret)
        yield "credential_process /nonexistent/program", "cannot be started"
        world.config("[profile p]\ncredential_process = 'open %s\n" % secret)
        yield "credential_process", "left open"

    def fail(self, world):
        world.service.settings(container_role="")

    def heal(self, world):
        world.service.settings(container_role="ward")


class Sso(Source):
    operation, part = "GetRoleCredentials", "profile s ("
    caller = "arn:aws:sts::%s:assumed-role/AWSReservedSSO_ward_0123456789abcdef/operator" % ACCOUNT
    key = "corp"
    profile = "[profile s]\nsso_session = corp\nsso_account_id = %s\nsso_role_name = ward\n" % ACCOUNT
    session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example.com/start\n"
    log_in = "run `aws sso login --profile s`"

    def prepare(self, world):
        world.service.role("ward", trust=[])
        world.config(self.profile + self.session)
        world.sso_token(self.key)
        world.variables["AWS_PROFILE"] = "s"

    def broken(self, world):
        world.sso_token(self.key, -10)
        yield "the SSO token ended", self.log_in
        world.sso_token(self.key)
        world.service.settings(sso_token="another")
        yield "the SSO token is not taken any more: " + self.log_in
        os.unlink(os.path.join(world.aws, ".aws", "sso", "cache", hashlib.sha1(self.key.encode()).hexdigest() + ".json"))
        yield "there is no SSO token: " + self.log_in
        world.sso_token(self.key)
        world.config(self.profile.replace("= ward", "= nobody") + self.session)
        yield "the SSO portal (role nobody, account %s): HTTP status 403" % ACCOUNT
        world.config(self.profile + self.session.replace("sso_region", "region"))
        yield "sso_region is missing"
        world.config(self.profile.replace("sso_role_name = ward\n", "") + self.session)
        yield "sso_role_name is missing"
        world.config(self.profile.replace("sso_session = corp\nsso_account_id", "sso_account_id").replace("sso_start_url", "x"))
        yield "sso_session is missing"

    def fail(self, world):
        world.service.settings(sso_token="another")

    def heal(self, world):
        world.sso_token(self.key)


class SsoOfOld(Sso):
    key = "https://corp.example.com/start"
    profile = ("[profile s]\nsso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\nsso_account_id = %s\n"
               "sso_role_name = ward\n" % ACCOUNT)
    session = ""

    def broken(self, world):
        world.sso_token(self.key, -10)
        yield "the SSO token ended", self.log_in
        world.config(self.profile.replace("sso_region", "region"))
        yield "sso_region is missing"


class Container(Source):
    """The full URI with the token of a variable."""

    operation, part = "ContainerCredentials", "keys of the container"
    caller = Program.caller
    path = "/v2/credentials/emulator"

    def prepare(self, world):
        world.service.settings(container_role="ward")
        world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = world.tap.url + self.path
        self.authorize(world)

    def authorize(self, world):
        token = "Bearer " + world.secret("task")
        world.service.settings(container_token=token)
        world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = token

    def broken(self, world):
        uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        world.service.settings(container_token="another")
        yield "127.0.0.1", "HTTP status 401"
        self.authorize(world)
        world.service.settings(container_role="")
        yield "HTTP status 400, InvalidIdInRequest"
        world.service.settings(container_role="ward")
        for fault in ("garbage", "truncated", "empty", "wrong-json", "html500"):
            world.service.fault("ContainerCredentials:*:" + fault)
            yield {"html500": "HTTP status 500", "wrong-json": "reply"}.get(fault, "not JSON")
            self.heal(world)
        for value in ("http://example.com", "http://169.254.170.3", "http://169.254.170.2.example.com", "ftp://127.0.0.1"):
            world.variables[uri] = value + "/" + world.secret("path")
            yield uri + " is ", "plain http is allowed to"
        world.variables.update({uri: world.tap.url + self.path, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nX: y"})
        yield "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line break"
        world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/nonexistent/token"
        yield "/nonexistent/token"

    def fail(self, world):
        world.service.settings(container_role="")

    def heal(self, world):
        world.service.control("fault", clear=True)
        world.service.settings(container_role="ward")


class Pod(Container):
    """EKS Pod Identity: the token is in a file, which comes before the variable and is read anew each time."""

    def authorize(self, world):
        path, token = world.token("pod")
        world.service.settings(container_token=token)
        world.variables.update(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=path, AWS_CONTAINER_AUTHORIZATION_TOKEN="Bearer wrong-one")

    def broken(self, world):
        world.token("pod")
        yield "HTTP status 401"
        world.write_aws("pod", "a\nb")
        yield "holds a line break"
        world.write_aws("pod", "")
        yield "the token is empty"
        os.unlink(os.path.join(world.aws, ".aws", "pod"))
        yield os.path.join(world.aws, ".aws", "pod")

    def fail(self, world):
        world.token("pod")

    def heal(self, world):
        self.authorize(world)


class Instance(Source):
    operation, part = "MetadataCredentials", "keys of the instance metadata service"
    caller = "arn:aws:sts::%s:assumed-role/ward/i-0a1b2c3d4e5f67890" % ACCOUNT

    def prepare(self, world):
        world.service.settings(metadata_role="ward")
        world.variables.update(AWS_EC2_METADATA_DISABLED="", AWS_EC2_METADATA_SERVICE_ENDPOINT=world.tap.url + "/")

    def broken(self, world):
        world.service.fault("MetadataToken:*:Forbidden")
        yield "no session with version 2 (the only one used): HTTP status 403"
        world.service.control("fault", clear=True)
        world.service.fault("MetadataRole:*:bare503")
        yield "HTTP status 503"
        world.service.control("fault", clear=True)
        world.service.settings(metadata_code="AssumeRoleUnauthorizedAccess")
        yield "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role ward"
        world.service.settings(metadata_code="Success")
        world.service.fault("MetadataCredentials:*:truncated")
        yield "not JSON"
        world.service.control("fault", clear=True)
        world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://example.com"
        yield "neither this host nor an address of this link"
        world.variables.update(AWS_EC2_METADATA_SERVICE_ENDPOINT="", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="x")
        yield "neither IPv4 nor IPv6"

    def fail(self, world):
        world.service.settings(metadata_code="AssumeRoleUnauthorizedAccess")

    def heal(self, world):
        world.service.settings(metadata_code="Success")


class AccountRole(Source):
    """A role of our own file over the keys of the environment."""

    operation, part = "AssumeRole", "role arn:aws:iam::"

    def prepare(self, world, **more):
        Environment().prepare(world)
        role = world.service.role("ward", trust=[USER], external_id="directory-admins")
        world.account(**{"role_arn": role, "external_id": "directory-admins", "session_name": "here", "account_id": ACCOUNT, **more})

    def broken(self, world):
        self.prepare(world, external_id="somebody-else")
        yield "AssumeRole of STS at 127.0.0.1", "AccessDenied", "the external id must be the one it asks for"
        self.prepare(world, role_arn="arn:aws:iam::%s:role/nobody" % ACCOUNT)
        yield "AccessDenied"
        self.prepare(world)
        world.service.fault("AssumeRole:*:RegionDisabledException")
        yield "STS is not activated in this Region"
        world.service.control("fault", clear=True)
        for fault, words in (("html500", "HTTP status 500 without an error code"), ("empty", "makes no sense"),
                             ("truncated", "makes no sense"), ("garbage", "makes no sense")):
            world.service.fault("AssumeRole:*:" + fault)
            yield words
            world.service.control("fault", clear=True)


SOURCES = {
    "the environment": Environment,
    "web identity": WebIdentity,
    "a static profile": Static,
    "a chain of roles": Role,
    "a role of the environment": RoleOfEnvironment,
    "a role of the container": RoleOfContainer,
    "a role of the instance": RoleOfInstance,
    "web identity of a profile": WebIdentityOfProfile,
    "a program": Program,
    "sso": Sso,
    "sso by start url": SsoOfOld,
    "a container": Container,
    "a pod": Pod,
    "an instance": Instance,
    "a role of the account": AccountRole,
}
