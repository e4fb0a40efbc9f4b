#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No memory is given back with a key in it, and keys that are needed no longer are nowhere in the daemon.

free-spy.c, preloaded, looks into every piece of memory before it is given back, by our code or a library's. What the
daemon holds is looked at from outside, which root alone may. Skipped (77) without a compiler, and for programs with
sanitizers, which have an allocator of their own.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from gateway import Gateway   # noqa: E402
from harness import KEY, SECRET, need, preload, wait_until   # noqa: E402
from keyless import World   # noqa: E402
from sources import SOURCES   # noqa: E402
from ward import Case, main   # noqa: E402

need("openssl")
SPY = preload("free-spy")
# In each secret of keyless.World.secret, and at the beginning of each session token of the emulator.
MARKS = "S3cret+ IQoJb3JpZ2lu"
# Of a secret, this much gives it away where it is looked for from outside.
PART = 24
HOSTS = ["%s.eu-west-1.amazonaws.com" % name for name in ("ds", "sts")]


def memory(pid):
    """All that the process can write: (name of the mapping, bytes)."""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            at, rights, _, _, _, *name = line.split()
            begin, end = (int(word, 16) for word in at.split("-"))
            if rights.startswith("rw"):
                mem.seek(begin)
                yield " ".join(name) or "memory without a name", mem.read(end - begin)


class Wiped(Case):
    def spied(self, world, **variables):
        """A daemon whose memory is looked at when it is given back; `given_back` tells what was found."""
        self.path = os.path.join(world.aws, "spied")
        return world.run(LD_PRELOAD=SPY, FREE_SPY=self.path, FREE_SPY_MARKS=MARKS, **variables)

    def given_back(self):
        """By whom, each once."""
        with open(self.path) as file:       # made when the spy is there
            return sorted(set(file.read().splitlines()))

    def seen(self, daemon, secrets):
        """In which memory each of these is."""
        return ["%s: a secret of %d characters" % (name, len(secret))
                for name, data in memory(daemon.pid) for secret in secrets if secret in data]

    def settle(self, world, daemon):
        for directory in world.directories:
            daemon.settles(directory)

    def check(self, world, daemon):
        """Keys that are replaced by others are given back wiped, and are nowhere any more."""
        self.settle(world, daemon)
        before = {text for one in world.service.issued() for text in (one["secret"], one["token"])}
        daemon.later(3700)
        world.collect()
        now = {text for one in world.service.issued() for text in (one["secret"], one["token"])} - before
        self.assertTrue(before and now)
        self.assertEqual(self.given_back(), [])
        if os.geteuid() != 0:
            return
        handed = " ".join(world.variables.values())     # what we give in the environment stays there
        # of a request, Authorization is public but for the token of a container
        gone = {secret for secret in world.secrecy.forms.values()
                if secret not in now and secret not in handed and not secret.startswith("AWS4-")}
        self.assertLessEqual(before, gone)
        self.assertTrue(self.seen(daemon, {secret[-PART:].encode() for secret in now}), "the search would find some")
        parts, seen = {secret[-PART:].encode() for secret in gone}, []

        def forgotten():
            seen[:] = self.seen(daemon, parts)
            return not seen
        try:    # a worker knows what it signed with last until it signs again, or leaves
            wait_until(forgotten, "keys of the past are forgotten")
        except AssertionError:
            self.fail("seen in memory: %s" % seen[:5])

    def test_sources(self):
        """Replies of JSON and of XML, files, headers and what a program prints."""
        for word in ("a role of the account", "a chain of roles", "web identity", "sso", "a pod", "an instance", "a program"):
            with self.subTest(word), World("--credential-life", "1h", count=8) as world:
                SOURCES[word]().prepare(world)
                with self.spied(world) as daemon:
                    self.check(world, daemon)

    def test_files(self):
        """Keys of a file, and the whole file."""
        with World() as world:
            for number in range(2):
                secret = world.secret("written")
                world.service.control("credential", credential="AKID%d:%s" % (number, secret))
                world.credentials("[default]\naws_access_key_id = AKID%d\naws_secret_access_key = %s\n[other]\n"
                                  "aws_access_key_id = %s\naws_secret_access_key = %s\n" % (number, secret, KEY, SECRET))
                if number == 0:
                    daemon = self.spied(world).__enter__()
                    self.settle(world, daemon)
            daemon.later(900)
            world.write_aws("credentials", "[default]\naws_secret_access_key = %s\nhalf a f" % secret)
            daemon.later(900)
            daemon.says("neither a section nor a key")
            daemon.__exit__(None, None, None)
            self.assertEqual(self.given_back(), [])

    def test_command_line(self):
        """The words of a program that ought to print keys."""
        with World() as world:
            world.config("[default]\ncredential_process = /bin/false %s\n" % world.secret("word"))
            with self.spied(world) as daemon:
                daemon.says("CredentialsInvalid.*exit status 1: it wrote nothing to standard error")
            self.assertEqual(self.given_back(), [])

    def test_tls(self):
        """Neither OpenSSL nor libcurl keeps a reply that came encrypted, or what was sent."""
        with World("--credential-life", "1h", count=8) as world, Gateway(world.service, *HOSTS) as gateway:
            SOURCES["a role of the account"]().prepare(world)
            world.variables.update(AWS_ENDPOINT_URL_DIRECTORY_SERVICE="", AWS_ENDPOINT_URL_STS="", HTTPS_PROXY=gateway.url,
                                   AWS_CA_BUNDLE=gateway.ca.path)
            with self.spied(world) as daemon:
                self.check(world, daemon)
            self.assertEqual({target.rpartition(":")[0] for target in gateway.targets}, set(HOSTS))

    def test_what_libcurl_copies(self):
        """A proxy's password, as the manual says: it is libcurl alone that gives it back as it was."""
        with World() as world, Gateway(world.service, *HOSTS) as gateway:
            password = world.secret("proxy").replace("/", "%2F")    # as in a URL
            gateway.login = "me:" + password.replace("%2F", "/")
            world.secrecy.add(password)
            SOURCES["the environment"]().prepare(world)
            world.variables.update(AWS_ENDPOINT_URL_DIRECTORY_SERVICE="", AWS_CA_BUNDLE=gateway.ca.path,
                                   HTTPS_PROXY="http://me:%s@%s" % (password, gateway.where))
            with self.spied(world) as daemon:
                self.settle(world, daemon)
            self.assertEqual({line[:7] for line in self.given_back()}, {"libcurl"})


if __name__ == "__main__":
    main()
