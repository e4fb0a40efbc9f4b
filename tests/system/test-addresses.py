#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The addresses at which AWS itself hands out keys, and those with a certificate.

The former are addresses of every network, so that they are tried in one of this test's own, where this machine lets us
have one (skipped where not, with a reason).
"""

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import DEADLINE   # noqa: E402
from keyless import World   # noqa: E402
from sources import Container, Instance, Pod   # noqa: E402
from tap import Tap   # noqa: E402
from ward import Case, main   # noqa: E402

# Set where a test runs in a network of its own.
INSIDE = "LDAPSWARD_TEST_INSIDE"
NO_IPV6 = "LDAPSWARD_TEST_NO_IPV6"


@unittest.skipUnless(INSIDE in os.environ, "only in a network of its own")
class Inside(Case):
    """The addresses of AWS themselves."""

    def test_relative(self):
        """ECS: a path at 169.254.170.2, before a full URI."""
        with World() as world, Tap(world.service.port, ("169.254.170.2", 80)) as agent:
            source = Container()
            source.prepare(world)
            world.variables.update(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/v2/credentials/emulator",
                                   AWS_CONTAINER_CREDENTIALS_FULL_URI="http://127.0.0.1:9/", http_proxy="http://127.0.0.1:9")
            world.works(self, source)
            request, = agent.requests()
            self.assertEqual((request.path, request.headers["host"]), ("/v2/credentials/emulator", "169.254.170.2"))
            world.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "v2/credentials/emulator"
            world.broken(self, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with")

    def test_pod(self):
        """EKS: its agent's own address, by plain http."""
        with World() as world, Tap(world.service.port, ("169.254.170.23", 80)) as agent:
            source = Pod()
            source.prepare(world)
            world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v2/credentials/emulator"
            world.works(self, source)
            self.assertEqual(len(agent.requests()), 1)

    @unittest.skipIf(NO_IPV6 in os.environ, "no IPv6 here")
    def test_ipv6(self):
        """The agent of EKS and the metadata service, where they are asked by IPv6."""
        with World() as world, Tap(world.service.port, ("fd00:ec2::23", 80)) as agent:
            source = Pod()
            source.prepare(world)
            world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://[fd00:ec2::23]/v2/credentials/emulator"
            world.works(self, source)
            request, = agent.requests()
            self.assertEqual(request.headers["host"], "[fd00:ec2::23]")
        with World() as world, Tap(world.service.port, ("fd00:ec2::254", 80)) as metadata:
            source = Instance()
            source.prepare(world)
            world.variables.update(AWS_EC2_METADATA_SERVICE_ENDPOINT="", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="IPv6",
                                   http_proxy="http://127.0.0.1:9")
            world.works(self, source)
            self.assertEqual([request.headers["host"] for request in metadata.requests()], ["[fd00:ec2::254]"] * 3)

    def test_instance(self):
        """An instance without any variable, and a machine that is none."""
        with World() as world:
            source = Instance()
            source.prepare(world)
            world.variables.update(AWS_EC2_METADATA_SERVICE_ENDPOINT="", http_proxy="http://127.0.0.1:9")
            world.broken(self, "no AWS credentials", "no instance role gives any")
            with Tap(world.service.port, ("169.254.169.254", 80)) as metadata:
                world.works(self, source)
                self.assertEqual([request.method for request in metadata.requests()], ["PUT", "GET", "GET"])


class Outside(Case):
    def test_a_network_of_its_own(self):
        """The addresses of AWS, where this machine lets us have a network."""
        if INSIDE in os.environ:
            return
        unshare = next((words for words in (["unshare", "-rn"], ["unshare", "-n"]) if shutil.which("unshare") and
                        subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0), None)
        if not unshare or not shutil.which("ip"):
            self.skipTest("no network of its own: unshare or ip is missing, or not allowed")
        script = ("ip link set lo up && for at in 169.254.170.2 169.254.170.23 169.254.169.254; do ip addr add $at/32 dev lo; done; "
                  "for at in fd00:ec2::23 fd00:ec2::254; do ip addr add $at/128 dev lo nodad || export %s=1; done; "
                  "exec \"$0\" \"$1\" Inside" % NO_IPV6)
        done = subprocess.run([*unshare, "sh", "-c", script, sys.executable, os.path.abspath(__file__)], check=False,
                              env={**os.environ, INSIDE: "1", "PATH": "/usr/sbin:/sbin:" + os.environ["PATH"]},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=2 * DEADLINE)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.count("ok  ") + done.stdout.count("no IPv6 here"), 4, done.stdout)

    @unittest.skipIf(INSIDE in os.environ, "outside")
    def test_https(self):
        """A container's endpoint at any host, by https: its certificate must be one of those that are trusted."""
        with World(tls=True) as world:
            source = Container()
            source.prepare(world)
            world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = world.service.url + source.path
            world.works(self, source)
            world.broken(self, source.part, "https://127.0.0.1:%d/: " % world.service.port, "certificate",
                         AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")


if __name__ == "__main__":
    main()
