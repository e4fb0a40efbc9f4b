#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where keys come from: each source works, tells what is broken, is asked again in time, and no secret is seen.

The program against the emulator, which hands out keys as STS, the SSO portal, an instance and a container do, and checks
what they sign. The sources are in sources.py, and what is looked for in secrecy.py.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import ACCOUNT, DEADLINE, KEY, PATIENCE, SECRET, scratch, wait_until   # noqa: E402
from keyless import World   # noqa: E402
from secrecy import Secrecy, forms, undumpable   # noqa: E402
from sources import (SOURCES, USER, AccountRole, Container, Environment, Instance, Pod, Program, Role,   # noqa: E402
                     WebIdentity)
from tap import Tap   # noqa: E402
from ward import Case, main   # noqa: E402

OTHER = "444455556666"
# How many directories share the keys of one account.
MANY = 24
# What is sent at once of an account in a Region, unless the file says otherwise.
WIDTH = 4


def each(test):
    """A test for each source."""
    def add(word):
        def one(self):
            test(self, SOURCES[word]())
        one.__doc__ = "%s %s" % (word, test.__doc__)
        return one
    return {"test_%s_%s" % (test.__name__, word.replace(" ", "_")): add(word) for word in SOURCES}


def works(self, source):
    """gives keys, and its requests are of the right identity."""
    with World() as world:
        source.prepare(world)
        world.works(self, source)
        self.assertEqual(world.loads(source), 1 if source.operation else 0)
        said = world.expect(0, "plan", "--debug").err
        self.assertRegex(said, "keys of .*(until 20|without an end)")
        self.assertIn(source.source_name, said)
        world.everything(self)


def tells(self, source):
    """is named where it is broken, and nobody else is asked."""
    with World() as world:
        source.prepare(world)
        if not isinstance(source, (Container, Instance, AccountRole)):     # which comes later in the chain, and would give keys
            world.service.settings(container_role=world.service.role("task").rpartition("/")[2])
            world.variables.setdefault("AWS_CONTAINER_CREDENTIALS_FULL_URI", world.service.url + "/v2/credentials/emulator")
        count = 0
        for words in source.broken(world):
            world.broken(self, source.part, *([words] if isinstance(words, str) else words))
            count += 1
        self.assertGreater(count, 1)


def lives(self, source):
    """is asked ahead of the end, once for all directories; what is valid serves while it says no."""
    if not source.operation:
        return
    with World("--credential-life", "1h", count=MANY) as world:
        source.prepare(world)
        with world.run() as daemon:
            for directory in world.directories:
                daemon.settles(directory)
            self.assertEqual(world.loads(source), 1)
            daemon.later(900)                       # 45 minutes are left: nothing is due
            self.assertEqual(world.loads(source), 1)

            source.fail(world)                      # ahead of the end: it fails, and what there is serves
            daemon.later(1860)
            daemon.says("those that there are serve on: .*" + source.part[:12].replace("(", ""))
            source.heal(world)

            before = world.loads(source)            # ahead of the end: it works, beside the work
            daemon.later(300)
            wait_until(lambda: world.loads(source) == before + 1, "the keys were renewed")
            daemon.says("there are new keys")       # and have arrived: a program takes its time to end
            daemon.quiet()

            daemon.later(3700)                      # the end has passed, nobody has looked before it
            self.assertEqual(world.loads(source), before + 2)
            self.assertEqual({line["outcome"] for line in world.reads()}, {"OK"})

            world.collect()
            world.service.issued(expired=True)      # the service knows better: refreshed once, and sent again
            seen = len(world.reads())
            daemon.later(900)
            self.assertEqual(world.loads(source), before + 3)
            refused = [line for line in world.reads()[seen:] if line["outcome"] != "OK"]
            self.assertEqual({line["outcome"] for line in refused}, {"ExpiredTokenException"})
            self.assertLessEqual(len(refused), WIDTH)
            self.assertEqual({line["caller"] for line in world.reads()} - {""}, {source.caller})
        for directory in world.directories:
            self.assertEqual(world.report(directory)["standing"], "ready")


class Works(Case):
    """Each of them."""


class Tells(Case):
    """What is broken is an error that names it, not a reason to ask the next."""


class Lives(Case):
    """A daemon over hours."""


# Whose hours are like those of others, as far as code is concerned: left out where a small effort was asked for.
ALIKE = () if os.environ.get("TESTS_EFFORT") != "small" else (
    "a pod", "a role of the container", "a role of the environment", "a role of the instance", "sso by start url",
    "web identity of a profile")

for _case, _test in ((Works, works), (Tells, tells), (Lives, lives)):
    for _name, _one in each(_test).items():
        _word = _one.__doc__.split(" %s" % _test.__doc__)[0]
        if _test is not lives or (SOURCES[_word].operation and _word not in ALIKE):
            setattr(_case, _name, _one)
del _case   # whose cases would be found under this name too, and run twice


class Time(Case):
    """Refreshing that no clock of the test's brings about."""

    def test_seconds(self):
        """Keys of four seconds, through passes that take longer: refreshed ahead, never one request too late."""
        with World("--credential-life", int(4 * PATIENCE), "--latency", "100", count=MANY) as world:
            source = AccountRole()
            source.prepare(world)
            world.apply()
            daemon_asks = world.loads(source)
            self.assertGreater(daemon_asks, 0)
            with world.run() as daemon:
                daemon.passes(1)
                wait_until(lambda: self.turn(world, daemon) > daemon_asks + 3, "keys were got four times")
            late = [line for line in world.reads() if line["outcome"] != "OK"]
            self.assertLessEqual(len(late), WIDTH * (world.loads(source) - daemon_asks))
            self.assertEqual({line["outcome"] for line in late} | {"ExpiredTokenException"}, {"ExpiredTokenException"})
            # many requests for each set of keys: it is not got for each of them
            self.assertGreater(len(world.reads()), 3 * world.loads(source))

    @staticmethod
    def turn(world, daemon):
        passes = daemon.ended_passes()
        world.move(900)
        daemon.passes(passes + 1)
        world.collect()
        return world.loads(AccountRole())

    def test_clock_of_the_end(self):
        """One that is told to end before it does is used until then, and not longer."""
        with World("--credential-life", "1h", "--shown-life", "30m") as world:
            source = AccountRole()
            source.prepare(world)
            with world.run() as daemon:
                daemon.settles(world.directory)
                daemon.later(1860)
                self.assertEqual(world.loads(source), 2)

    def test_a_wrong_clock(self):
        """An hour off throughout, or set right while STS is asked: signed anew, and no fault of the keys."""
        for meanwhile in (False, True):
            with World() as world:
                Environment().prepare(world)
                world.account(account_id=ACCOUNT)
                clock = world.write_aws("clock", "0\n")
                world.variables["LDAPSWARD_DEMO_CLOCK"] = clock
                world.service.advance(3600)
                if meanwhile:
                    world.tap.change = lambda reply, world=world: (world.write_aws("clock", "3600\n"), reply)[1]
                done = world.expect(0, "plan")
                self.assertNotIn("CredentialsInvalid", done.out)
                self.assertEqual("ClockSkew" in done.out, not meanwhile, done)
                self.assertEqual([line["outcome"] for line in world.asked("GetCallerIdentity")],
                                 ["SignatureDoesNotMatch", "OK"])

    def test_no_worker_is_held(self):
        """While keys are got there is no thread that waits for them, and the other account goes on."""
        with World(count=MANY) as world:
            gate = os.path.join(world.aws, "gate")
            os.mkfifo(gate)
            world.executable("#!/bin/sh\nread line <'%s'\necho '%s'\n" % (gate, json.dumps(
                {"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET})))
            world.config("[profile slow]\ncredential_process = \"%s\"\n" % os.path.join(world.aws, ".aws", "the program"))
            other = world.service.create("other.example.com")
            Environment().prepare(world)
            world.account(profile="slow")
            with open(world.path) as file:
                found = json.load(file)
            found["directories"].append({"id": other, "trust": ["root"]})
            found["accounts"]["prod"]["concurrency"] = 16
            world.write(json.dumps(found))
            with world.run() as daemon:
                daemon.settles(other)
                self.assertIsNone(world.report(world.directory))
                # main, who writes status.json, and who asks the program; the worker of the other account leaves when idle
                with open(world.program, "rb") as file:
                    allowed = 3 + (b"__tsan_init" in file.read())   # which has a thread of its own
                wait_until(lambda: len(os.listdir("/proc/%d/task" % daemon.pid)) <= allowed, "all workers had left")
                self.assertEqual(set(world.service.counters()["calls"].get("ListCertificates", {})), {"OK"})
                with open(gate, "w") as file:
                    file.write("go\n")
                for directory in world.directories:
                    daemon.settles(directory)

    def test_regions(self):
        """The lanes of an account share its keys: two that need them at once ask once."""
        regions = ["eu-west-1", "eu-central-1"]
        with World("--credential-life", "1h") as world:
            world.directories = [world.service.create("both-%d.example.com" % number, regions=regions) for number in range(8)]
            AccountRole().prepare(world)
            with open(world.path) as file:
                found = json.load(file)
            found["defaults"]["regions"] = regions
            world.write(json.dumps(found))
            with world.run() as daemon:
                for directory in world.directories:
                    daemon.settles(directory)
                self.assertEqual({line["region"] for line in world.reads()}, set(regions))
                self.assertEqual((world.loads(AccountRole()), len(world.asked("GetCallerIdentity"))), (1, 1))
                daemon.later(3700)
                self.assertEqual((world.loads(AccountRole()), len(world.asked("GetCallerIdentity"))), (2, 2))

    def test_files_are_read_anew(self):
        """Keys that are replaced in the file are used before the old ones are switched off."""
        with World() as world:
            source = SOURCES["a static profile"]()
            source.prepare(world)
            with world.run() as daemon:
                daemon.settles(world.directory)
                secret = world.secret("new")
                world.service.control("credential", credential="AKIDNEW:%s@%s" % (secret, ACCOUNT), user="newcomer")
                world.credentials(source.text.replace(KEY, "AKIDNEW").replace(SECRET, secret))
                daemon.later(900)
                before = len(world.reads())
                daemon.later(900)
                self.assertEqual({line["caller"] for line in world.reads()[before:]},
                                 {"arn:aws:iam::%s:user/newcomer" % ACCOUNT})
                world.credentials("[default]\nhalf a f")
                daemon.later(900)
                daemon.says("those that there are serve on: .*credentials:2: neither a section nor a key")
            self.assertEqual({line["outcome"] for line in world.reads()}, {"OK"})

    def test_refused_amid_a_write(self):
        """A write that is refused for keys that have ended was not executed: it is sent once more, with new ones."""
        with World() as world:
            source = AccountRole()
            source.prepare(world)
            world.service.fault("RegisterCertificate:1:ExpiredTokenException", "EnableLDAPS:1:ExpiredToken")
            world.works(self, source)
            for operation, refusal in (("RegisterCertificate", "ExpiredTokenException"), ("EnableLDAPS", "ExpiredToken")):
                self.assertEqual([line["outcome"] for line in world.asked(operation)], [refusal, "OK"])
            self.assertEqual(world.loads(source), 3)

    def test_the_end_of_keys_without_a_source(self):
        """Keys of the environment that end: nobody gives others, and the service is who says that they are none any more."""
        with World("--credential-life", "1h") as world:
            role = world.service.role("ward", trust=[USER])
            given = world.service.aws("assume-role", "--role-arn", role, "--role-session-name", "here", service="sts")["Credentials"]
            world.secrecy.add(given["SecretAccessKey"], given["SessionToken"])
            world.variables.update(AWS_ACCESS_KEY_ID=given["AccessKeyId"], AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
                                   AWS_SESSION_TOKEN=given["SessionToken"], AWS_CREDENTIAL_EXPIRATION=given["Expiration"])
            with world.run() as daemon:
                daemon.settles(world.directory)
                daemon.later(3700)
                daemon.says("CredentialsInvalid.*ExpiredTokenException.*they come from the environment")
                world.condition(world.directory, "CredentialsInvalid")

    def test_refused_for_good(self):
        """Keys that are refused, and no others to be had: asked for once more in a pass, not for each directory."""
        with World(count=MANY) as world:
            AccountRole().prepare(world)
            with world.run() as daemon:
                daemon.settles(world.directory)
                world.service.settings(credential_life="0", shown_life="1h")
                world.service.issued(expired=True)
                before = len(world.asked("AssumeRole"))
                daemon.later(900)
                daemon.says("CredentialsInvalid.*ExpiredTokenException")
                self.assertLessEqual(len(world.asked("AssumeRole")) - before, 3)
                world.service.settings(credential_life="1h")
                for _ in range(2):
                    daemon.later(900)
                for directory in world.directories:
                    daemon.settles(directory)


class Requests(Case):
    """What is asked, byte for byte."""

    def test_roles(self):
        """Session name, duration and external id; the second role is asked for with the keys of the first."""
        with World() as world:
            source = Role()
            source.prepare(world, "source_profile = middle\nexternal_id = us-and-them/1\nduration_seconds = 900\n")
            world.works(self, source)
            first, second = [request for request in world.tap.requests() if "Action=AssumeRole&" in request.body]
            self.assertIn("Version=2011-06-15", first.body)
            self.assertIn("RoleSessionName=ldapsward-", first.body)
            self.assertIn("DurationSeconds=3600", first.body)
            self.assertNotIn("ExternalId", first.body)
            for word in ("RoleSessionName=here", "DurationSeconds=900", "ExternalId=us-and-them%2F1"):
                self.assertIn(word, second.body)
            self.assertEqual(first.headers["content-type"], "application/x-www-form-urlencoded; charset=utf-8")
            self.assertIn("Credential=%s/" % KEY, first.headers["authorization"])
            self.assertIn("/eu-west-1/sts/aws4_request", first.headers["authorization"])
            self.assertIn("Credential=ASIA", second.headers["authorization"])
            self.assertIn("x-amz-security-token", second.headers)
            ends = {one["role"]: one["until"] for one in world.service.issued()}
            self.assertLess(abs(ends["middle"] - ends["ward"] - 2700), DEADLINE)

    def test_role_of_an_account(self):
        """Its words; without a session name, that of this host."""
        with World() as world:
            AccountRole().prepare(world, duration="15m", session_name="ward@test")
            world.works(self)
            AccountRole().prepare(world, session_name=None)
            with open(world.path) as file:
                found = json.load(file)
            del found["accounts"]["prod"]["session_name"]
            world.write(json.dumps(found))
            world.works(self)
            first, second = [request.body for request in world.tap.requests() if "Action=AssumeRole&" in request.body]
            for word in ("RoleSessionName=ward%40test", "DurationSeconds=900", "ExternalId=directory-admins"):
                self.assertIn(word, first)
            self.assertRegex(second, "RoleSessionName=ldapsward-%s" % os.uname().nodename[:20])
            self.assertIn("DurationSeconds=3600", second)

    def test_web_identity_is_not_signed(self):
        """The token is all that is shown, whole."""
        with World() as world:
            WebIdentity().prepare(world)
            world.works(self)
            request, = world.tap.requests()
            self.assertFalse({"authorization", "x-amz-date", "x-amz-security-token"} & set(request.headers))
            self.assertIn("WebIdentityToken=web%2FS3cret%2B", request.body)

    def test_only_version_2(self):
        """An instance is asked for a session first, and for nothing without one; no proxy sees it."""
        with World() as world, Tap(1) as proxy:
            Instance().prepare(world)
            for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
                world.variables[name] = proxy.url
            world.works(self, Instance())
            first, *others = world.tap.requests()
            self.assertEqual((first.method, first.path, first.headers["x-aws-ec2-metadata-token-ttl-seconds"]),
                             ("PUT", "/latest/api/token", "21600"))
            self.assertEqual([(request.method, request.path) for request in others],
                             [("GET", "/latest/meta-data/iam/security-credentials/"),
                              ("GET", "/latest/meta-data/iam/security-credentials/ward")])
            for request in others:
                self.assertIn("x-aws-ec2-metadata-token", request.headers)
            for fault in ("Forbidden", "bare503", "cut-before", "MethodNotAllowed"):
                world.service.fault("MetadataToken:*:" + fault)
                before = len(world.tap.requests())
                world.broken(self, Instance.part)
                self.assertEqual({request.method for request in world.tap.requests()[before:]}, {"PUT"})
                world.service.control("fault", clear=True)
            self.assertEqual(proxy.connections(), 0)

    def test_what_fails_for_a_moment(self):
        """Is asked again, and a refusal is not."""
        for source, operation, faults in (
                (AccountRole(), "AssumeRole", ("ServiceUnavailable", "Throttling")),
                (AccountRole(), "GetCallerIdentity", ("cut-before", "bare503")),
                (WebIdentity(), "AssumeRoleWithWebIdentity", ("IDPCommunicationError", "html500")),
                (Container(), "ContainerCredentials", ("bare503", "cut-before")),
                (SOURCES["sso"](), "GetRoleCredentials", ("bare503", "cut-before")),
                (SOURCES["sso"](), "GetRoleCredentials", ("TooManyRequestsException",) * 2),
                (Pod(), "ContainerCredentials", ("TooManyRequestsException",) * 2)):
            with self.subTest(operation), World() as world:
                source.prepare(world)
                world.service.fault(*("%s:1:%s" % (operation, fault) for fault in faults))
                world.works(self, source)
                self.assertEqual(len(world.asked(operation)), 3)
                world.service.fault(operation + ":*:" + ("AccessDenied" if "Role" in operation else "Forbidden"))
                world.expect(1, "plan", "--detailed-exitcode")
                self.assertEqual(len(world.asked(operation)), 4)

    def test_who_never_answers(self):
        """Is waited for as long as the AWS tools do, and as often asked."""
        for source, operation, times, variables in (
                (Container(), "ContainerCredentials", 3, {}), (Instance(), "MetadataToken", 1, {}),
                (Instance(), "MetadataToken", 2, {"AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2"})):
            with self.subTest(operation), World() as world:
                source.prepare(world)
                world.variables.update(variables)
                world.service.fault(operation + ":*:hang")
                world.broken(self, source.part)
                self.assertEqual(len(world.asked(operation)), times)

    def test_old_keys_of_an_instance(self):
        """Keys that are handed out after their end serve on, and are asked for again later, not each time."""
        with World("--shown-life", "0") as world:
            source = Instance()
            source.prepare(world)
            with world.run() as daemon:
                daemon.settles(world.directory)
                self.assertEqual(world.loads(source), 1)
                daemon.later(900)
                self.assertEqual(world.loads(source), 2)

    def test_a_refusal_that_quotes_a_secret(self):
        """What STS says is not told then."""
        with World() as world:
            Role().prepare(world)
            world.service.fault("AssumeRole:*:AccessDenied")
            world.tap.change = lambda data: data.replace(b"The emulator was asked to refuse.", SECRET[:33].encode())
            world.broken(self, "AccessDenied (the trust policy")
            self.assertIn(SECRET[:33].encode(), world.tap.replies())


class Chain(Case):
    """Their order: what is broken stops the chain (Tells), what is not there does not."""

    def test_order(self):
        """Each pair of neighbours at once: the earlier one wins."""
        with World() as world:
            asked = []
            for source in (Instance(), Container(), SOURCES["a static profile"](), WebIdentity(), Environment()):
                source.prepare(world)
                world.works(self, source)
                asked.append(world.loads(source))
            self.assertEqual(asked, [1, 1, 0, 1, 0])
            world.works(self, Environment(), AWS_PROFILE="nobody")
            world.credentials("[mine]\naws_access_key_id = AKIDNOBODY\naws_secret_access_key = x\n")
            world.account(profile="mine")
            done = world.expect(1, "plan", "--detailed-exitcode")
            self.assertEqual(world.reads()[-1]["outcome"], "UnrecognizedClientException")
            self.assertIn("; they come from the profile)", " ".join(done.out.split()))

    def test_nothing(self):
        """Nobody has keys: all places that were looked at are told."""
        with World() as world:
            world.broken(self, "no AWS credentials", "AWS_ACCESS_KEY_ID", "name a profile")

    def test_chosen(self):
        """AWS_PROFILE chooses; AWS_DEFAULT_PROFILE before it, as with the AWS CLI; files where the variables say."""
        with World() as world:
            text = SOURCES["a static profile"].text
            world.credentials("[default]\naws_access_key_id = AKIDNOBODY\naws_secret_access_key = x\n" +
                              text.replace("default", "good"))
            world.works(self, AWS_PROFILE="good")
            world.works(self, AWS_PROFILE="bad", AWS_DEFAULT_PROFILE="good")
            world.broken(self, "no profile bad", AWS_DEFAULT_PROFILE="")
            os.rename(os.path.join(world.aws, ".aws", "credentials"), os.path.join(world.aws, "elsewhere"))
            world.works(self, AWS_PROFILE="good", AWS_DEFAULT_PROFILE="",
                        AWS_SHARED_CREDENTIALS_FILE=os.path.join(world.aws, "elsewhere"))


class Accounts(Case):
    """What `accounts` of the file says."""

    def test_asked_once(self):
        """Whose keys they are is asked once for the keys, before the first write, and again for new ones."""
        with World("--credential-life", "12h", count=MANY) as world:
            AccountRole().prepare(world)
            with world.run() as daemon:
                daemon.settles(world.directory)
                daemon.later(900)
                self.assertEqual(len(world.asked("GetCallerIdentity")), 1)
                self.assertEqual(world.asked("GetCallerIdentity")[0]["caller"], AccountRole.caller)
                self.assertLess(world.asked("GetCallerIdentity")[0]["monotonic_ms"], world.reads()[0]["monotonic_ms"] + 1)
                world.service.issued(expired=True)
                daemon.later(900)
                self.assertEqual(len(world.asked("GetCallerIdentity")), 2)

    def test_wrong_account(self):
        """Keys of another account: nothing is read, nothing is written, and it is told as such (N9)."""
        with World() as world:
            Environment().prepare(world)
            world.account(account_id=OTHER)
            world.broken(self, "the keys are those of account %s, the file says %s" % (ACCOUNT, OTHER), reason="WrongAccount")
            with world.run() as daemon:
                daemon.says("WrongAccount.*" + ACCOUNT)
                world.only_condition(world.directory, "WrongAccount")
                self.assertEqual(world.reads(), [])
                world.account(account_id=ACCOUNT)
                daemon.hangs_up("taken: 1 directory")
                daemon.settles(world.directory)
            self.converged(world, world.directory, 1)

    def test_wrong_account_after_a_while(self):
        """Keys that become another account's stop reads and writes."""
        with World() as world:
            Container().prepare(world)
            world.account(account_id=ACCOUNT)
            with world.run() as daemon:
                daemon.settles(world.directory)
                world.service.settings(container_role="ward@" + OTHER)
                world.service.issued(expired=True)
                daemon.later(900)
                daemon.says("WrongAccount.*" + OTHER)
                before = len(world.reads())
                daemon.later(900)
                self.assertEqual(world.reads()[before:], [])

    def test_identity_unknown(self):
        """Where STS does not say whose the keys are, they are not used."""
        with World() as world:
            Environment().prepare(world)
            world.account(account_id=ACCOUNT)
            world.service.fault("GetCallerIdentity:*:AccessDenied")
            world.broken(self, "GetCallerIdentity of STS at 127.0.0.1", "asked to refuse")

    def test_role_over_a_profile(self):
        """A role of our own file over a profile that is a role itself."""
        with World() as world:
            base = world.service.role("base", trust=[USER])
            role = world.service.role("ward", trust=[base])
            Environment().prepare(world)
            world.config("[profile base]\nrole_arn = %s\ncredential_source = Environment\n" % base)
            world.account(role_arn=role, profile="base", session_name="here")
            world.works(self, Role())


class Seen(Case):
    """That the search would find a secret, and that nobody can look into the process."""

    def test_planted(self):
        """Each form of a secret, in each place, is found."""
        text = "Se/cr+et=%s~" % ("a1Z" * 9)
        for number, form in enumerate(sorted(forms(text))):
            path = scratch("planted-%d" % number)
            os.mkdir(path)
            with open(os.path.join(path, "ledger.db-wal"), "wb") as file:
                file.write(b"\0" * 5000 + form + b"\n")
            with self.assertRaises(AssertionError) as caught:
                Secrecy(text).tree(path)
            self.assertNotIn(text[:8], str(caught.exception))
        import base64
        for before in ("", "a", "ab", "abc:"):
            with self.assertRaises(AssertionError):
                Secrecy(text).text(base64.b64encode((before + text + "rest").encode()).decode(), "a header")
        for part in (text[:20], text[-20:]):
            with self.assertRaises(AssertionError):
                Secrecy(text).text("invalid: %s..." % part, "a message")
        looked = Secrecy(text)
        looked.text("nothing of the kind " * 100, "a message")
        self.assertEqual(looked.looked, 2000)
        with subprocess.Popen(["sleep", "60"], env={"KEY": text}) as process:
            wait_until(lambda: open("/proc/%d/comm" % process.pid).read() == "sleep\n", "it has begun")
            with self.assertRaises(AssertionError):
                Secrecy(text).process(process.pid)
            Secrecy(text).process(process.pid, environment=False)
            self.assertFalse(undumpable(process.pid))
            process.kill()

    def test_a_world_looks(self):
        """A secret that was given out by each service is known to who searches."""
        for source, count in ((Role(), 5), (SOURCES["sso"](), 4), (Pod(), 4), (Instance(), 4), (Program(), 3)):
            with World() as world:
                source.prepare(world)
                world.works(self, source)
                self.assertGreaterEqual(len(set(world.secrecy.forms.values())), count)
                for secret in set(world.secrecy.forms.values()):
                    with self.assertRaises(AssertionError):
                        world.secrecy.text("x" + secret, "a message")

    def test_dump(self):
        """No core file, nobody of the same user traces it: not even what it is given in its environment is seen."""
        with World() as world:
            Environment().prepare(world)
            user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
            if user:
                for at, _, names in os.walk(scratch()):
                    os.chmod(at, 0o777)
                    for name in names:
                        os.chmod(os.path.join(at, name), 0o666)
            with world.run(before=user) as daemon:
                daemon.passes(1)
                self.assertTrue(undumpable(daemon.pid))
                for name in ("environ", "maps", "mem"):
                    self.assertNotEqual(subprocess.run(
                        [*user, "head", "-c", "1", "/proc/%d/%s" % (daemon.pid, name)], stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL, check=False).returncode, 0, name)


if __name__ == "__main__":
    main()
