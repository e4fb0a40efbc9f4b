# SPDX-License-Identifier: Apache-2.0
"""Every source of keys, as an administrator sets it up, with the emulator as who gives them.

    with World() as world:                      # see keyless.py
        source = SOURCES["a chain of roles"]()  # or any of them
        source.prepare(world)                   # files and variables
        for words in source.broken(world): ...  # spoils it in one way after the other
        source.fail(world); source.heal(world)  # who gives keys says no for a while
        source.caller                           # whose the requests are
"""

import hashlib
import json
import os

from harness import ACCOUNT, KEY, SECRET

USER = "arn:aws:iam::%s:user/operator" % ACCOUNT


class Source:
    """One of them. `operation`: what the request log calls a load (None: nobody is asked), `calls` times for each load."""

    operation, calls, part = None, 1, ""
    source_name = "the profile"     # in what --debug tells
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
    source_name = "the environment"

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
                ("source_profile = middle\ncredential_source = Environment\n", "exactly one of source_profile"),
                ("source_profile = middle\nmfa_serial = arn:aws:iam::1:mfa/x\n", "mfa_serial asks for a code"),
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
    source_name = "web identity"

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
    source_name = "the profile"

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
    source_name = "the container"

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
    source_name = "the instance metadata service"

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
        for variable in ("AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS"):
            world.variables[variable] = "often"
            yield variable + " is 'often'; it takes a number from 1 on"
            world.variables[variable] = ""

    def fail(self, world):
        world.service.settings(metadata_code="AssumeRoleUnauthorizedAccess")

    def heal(self, world):
        world.service.settings(metadata_code="Success")


class AccountRole(Source):
    """A role of our own file over the keys of the environment."""

    operation, part = "AssumeRole", "role arn:aws:iam::"
    source_name = "by those of the environment"

    def prepare(self, world, **more):
        Environment().prepare(world)
        role = world.service.role("ward", trust=[USER], external_id="directory-admins")
        world.account(**{"role_arn": role, "external_id": "directory-admins", "session_name": "here", "account_id": ACCOUNT,
                         **more})

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
