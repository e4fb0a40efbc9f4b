# SPDX-License-Identifier: Apache-2.0
"""What the golden cases are made of: worlds, and the plans and forecasts that are kept of them.

    from golden import case, World, installed, ROOT, directory

    @case
    def first_install():
        with World("first-install") as world:           # or installed(NAME): `apply` is done
            world.create()                              # a directory in the emulator
            world.put("corp-root")                      # a PEM into ca/
            world.write(ROOT, directory("[corp-root]")) # the file
            world.plan("first-install", "A sentence.")  # keeps what `plan` says, as NAME
            world.at(DAY)                               # the clock, from the beginning
            return world
"""

import calendar
import hashlib
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import time

from harness import BUILD, DEADLINE, PROGRAM, SOURCE, Emulator, scratch

# Certificates count from the instant in tests/data/make-certificates.py --now; the cases begin at
# noon and 10 s, so that the seconds of a run stay within its minute.
BIRTH = "2027-01-01T00:00:00Z"
BEGIN = calendar.timegm(time.strptime("2027-01-01T12:00:10Z", "%Y-%m-%dT%H:%M:%SZ"))
MINUTE, HOUR, DAY = 60, 3600, 86400
ID = "d-926708e4f1"
CASES = []

HEAD = """version: 1
defaults:
  regions: [eu-west-1]
  policy: sync
  client_ldaps: enabled
"""
ROOT = "  corp-root: {certificates: [ca/corp-root.pem]}\n"
ISSUING = "  corp-issuing: {certificates: [ca/corp-issuing.pem]}\n"


def case(function):
    CASES.append(function)
    return function


def certificates():
    """The directory with certificates of every kind: the build's, or one made now."""
    zoo = pathlib.Path(BUILD, "tests", "data", "zoo")
    if pathlib.Path(BUILD, "tests", "data", "zoo.stamp").exists():
        return zoo
    zoo = pathlib.Path(scratch("zoo"))
    if not zoo.exists():
        maker = os.path.join(SOURCE, "tests", "data", "make-certificates.py")
        subprocess.run([maker, "--now", BIRTH, str(zoo)], check=True)
    return zoo


class World:
    """One emulator, one file, one state directory, and the clock that they share."""

    def __init__(self, name, *options):
        self.zoo = certificates()
        self.home = pathlib.Path(scratch(name))
        (self.home / "ca").mkdir(parents=True)
        self.clock = self.home / "clock"
        self.skew = 0
        self.now = BEGIN - MINUTE
        self.plans = {}
        self.service = None
        self.at(0)
        self.service = Emulator("--clock-file", self.clock, *options)
        self.service.offset = self.offset

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.service.stop()

    def at(self, seconds):
        """Sets the clock to so long after the beginning; every run moves on by a minute."""
        self.now = max(self.now + MINUTE, BEGIN + seconds)
        self.offset = self.now - int(time.time())
        self.clock.write_text("%d\n" % self.offset)
        if self.service:
            self.service.offset = self.offset

    def write(self, authorities, directories, head=HEAD):
        text = head + ("authorities:\n" + authorities if authorities else "") + "directories:\n" + directories
        (self.home / "ldapsward.yaml").write_text(text)

    def put(self, *names):
        """Copies certificates into ca/, "NAME" or "NAME:AS"."""
        for name in names:
            name, _, other = name.partition(":")
            shutil.copy(self.zoo / (name + ".pem"), self.home / "ca" / ((other or name) + ".pem"))

    def pem(self, name):
        return (self.zoo / (name + ".pem")).read_text()

    def create(self, name="corp.example.com", **members):
        members.setdefault("id", ID)
        return self.service.create(name, **members)

    def register(self, name, directory=ID, **members):
        return self.service.control("register", directory=directory, pem=self.pem(name), **members)["certificate"]

    def environment(self):
        own = self.clock
        if self.skew:
            own = self.home / "own-clock"
            own.write_text("%d\n" % (int(self.clock.read_text()) + self.skew))
        return self.service.environment(LDAPSWARD_DEMO_CLOCK=str(own), LDAPSWARD_DEMO_SKIP="1")

    def run(self, command, *words, **more):
        """Runs one command, and moves the clock on: (status, standard output, standard error)."""
        done = subprocess.run(
            [PROGRAM, command, "--config", str(self.home / "ldapsward.yaml"), "--state-dir", str(self.home / "state"),
             *words], env={**self.environment(), **more}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=DEADLINE, text=True, check=False)
        self.at(0)
        told = "".join(line for line in done.stderr.splitlines(True) if "DEMO_CLOCK" not in line)
        return done.returncode, done.stdout, told

    def apply(self, *expected):
        """One `apply`, whose exit status must be one of those given (0)."""
        status, out, errors = self.run("apply")
        assert status in (expected or (0,)), "apply ended with %d:\n%s%s" % (status, out, errors)

    def plan(self, name, sentence, **more):
        """Keeps what `plan` says here, as text and as JSON. Both see the same instant."""
        before = self.now
        status, text, errors = self.run("plan", "--detailed-exitcode", **more)
        self.now = before - MINUTE
        self.at(0)
        _, value, _ = self.run("plan", "--json", **more)
        head = "# %s\n# exit status with --detailed-exitcode: %d\n\n" % (sentence, status)
        config = (self.home / "ldapsward.yaml").read_text()
        assert name not in self.plans
        self.plans[name] = {"plan.txt": head + self.steady(errors + text), "ldapsward.yaml": config,
                            "plan.json": self.steady(json.dumps(json.loads(value), indent=2, ensure_ascii=False)) + "\n"}

    def forecast(self, name, sentence, *words):
        """Keeps what `forecast` says here: in ASCII, in UTF-8, and as JSON. All see the same instant."""
        files, before = {"ldapsward.yaml": (self.home / "ldapsward.yaml").read_text()}, self.now
        for file, locale in (("forecast.txt", "C"), ("forecast-utf8.txt", "C.UTF-8")):
            status, text, errors = self.run("forecast", *words, LC_ALL=locale)
            files[file] = "# %s\n# exit status: %d\n\n%s" % (sentence, status, self.steady(errors + text))
            self.now = before - MINUTE
            self.at(0)
        _, value, _ = self.run("forecast", "--json", *words)
        files["forecast.json"] = self.steady(json.dumps(json.loads(value), indent=2, ensure_ascii=False)) + "\n"
        assert name not in self.plans
        self.plans[name] = files

    def steady(self, text):
        """Takes out what is random."""
        for path in self.zoo.glob("*.pem"):
            if path.name.startswith(("bad-", "form-", "bundle")):
                continue
            digest = sha256(path)
            text = text.replace(digest, "SHA-256-of-" + path.name)
            text = text.replace(digest[:16], path.name).replace(digest[:8], path.name)
        text = text.replace(str(self.home), "/etc/ldapsward")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        text = re.sub(r"127\.0\.0\.1 port \d+", "127.0.0.1 port PORT", text)
        text = re.sub(r"after\s+\d+\s+ms", "after N ms", text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REQUEST-ID", text)
        return re.sub(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\dZ", r"\1:00Z", text)


def sha256(path):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text())).hexdigest()


def directory(trust="[corp-root, corp-issuing]", more="", name="corp.example.com", id=ID):
    return "  - id: %s\n    name: %s\n    trust: %s\n%s" % (
        id, name, trust, "".join("    %s\n" % line for line in more.splitlines()))


def installed(name, *options, trust="[corp-root, corp-issuing]", more="", authorities=ROOT + ISSUING,
              files=("corp-root", "corp-issuing")):
    """A world in which `apply` has done all there was to do."""
    world = World(name, *options)
    world.create()
    world.put(*files)
    world.write(authorities, directory(trust, more))
    world.apply()
    return world
