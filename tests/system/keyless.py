# SPDX-License-Identifier: Apache-2.0
"""A Ward without keys, and with eyes for what becomes of those that it is given.

    with World(count=3) as world:               # HOME is its own; the endpoints of who gives keys lead through a Tap
        world.config("[default]\n...")          # and credentials(), token(), executable(), sso_token(): files below HOME
        world.variables["AWS_PROFILE"] = "x"
        world.account(role_arn=role)            # writes the configuration, with an account for all directories
        world.works(case, source)               # one pass, and whose its requests were (source: see sources.py)
        world.broken(case, "words of the error")
        world.loads(source)                     # how often keys were got

Nothing that it leaves behind may hold a secret that was given out: see secrecy.py.
"""

import hashlib
import itertools
import json
import os
import time

from harness import SECRET, Authority, scratch
from secrecy import Secrecy
from tap import Tap
from ward import Daemon, Ward

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
        known = set(self.secrecy.forms.values())
        return any(secret in value for value in self.variables.values() for secret in known)

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
        return [line for line in self.service.requests()
                if line["operation"].startswith(("Describe", "List", "Register", "Enable"))]

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
