#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every Region that botocore knows, in every variant, has the endpoint here that it has there; and so has every
combination of variables and profile keys that name one.

botocore's endpoint rules are those of AWS themselves, and share no code with ours. What a version of botocore does not
know (Debian 12's is of 2022) is not compared. Skipped (77) without python3-botocore.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from harness import DEADLINE, sanitizers

try:
    import botocore.endpoint_provider
    import botocore.exceptions
    import botocore.loaders
    import botocore.session
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

LIST = os.path.join(os.environ.get("top_builddir", "."), "tests/system/endpoint-list")
SERVICES = ("ds", "sts", "sso")
# Regions that no list has yet: the pattern of their partition is enough.
FORMED = ["eu-moon-1", "ap-northwest-12", "cn-south-7", "us-gov-central-1", "us-iso-north-2", "us-isob-west-1"]
LOADER = botocore.loaders.Loader(include_default_search_paths=False,
                                 extra_search_paths=[os.path.join(os.path.dirname(botocore.__file__), "data")])
RULES = {service: LOADER.load_service_model(service, "endpoint-rule-set-1") for service in SERVICES}
PARTITIONS = LOADER.load_data("partitions")
PROVIDERS = {service: botocore.endpoint_provider.EndpointProvider(RULES[service], PARTITIONS) for service in SERVICES}


def regions():
    found = [region for partition in PARTITIONS["partitions"] for region in partition["regions"]
             if not region.endswith("-global")]
    return found + FORMED


def ours(lines, **variables):
    """What each line gets: (URL, Region) or (None, message)."""
    done = subprocess.run([LIST], input="".join(line + "\n" for line in lines), check=True, stdout=subprocess.PIPE,
                          env={"PATH": "/usr/bin:/bin", **sanitizers(), **variables}, timeout=DEADLINE, text=True)
    return [(None, line[7:]) if line.startswith("error: ") else tuple(line.split(" ")) for line in done.stdout.splitlines()]


def plain(url):
    """Without what says nothing: the port of https, a last slash."""
    return url.rstrip("/").removesuffix(":443")


class Rules(unittest.TestCase):
    """The hosts of AWS."""

    def theirs(self, service, region, fips, dual, legacy):
        """(URL, Region to sign for), or None where botocore has no such endpoint."""
        terms = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
        if service == "sts":
            terms["UseGlobalEndpoint"] = legacy
        try:
            found = PROVIDERS[service].resolve_endpoint(**terms)
        except botocore.exceptions.EndpointProviderError:
            return None
        schemes = found.properties.get("authSchemes", [{}])
        return found.url, schemes[0].get("signingRegion", region)

    def known(self, service, region, fips):
        """Whether botocore's rules are new enough: the portal of GovCloud was told of later."""
        return not (service == "sso" and fips and region.startswith("us-gov-") and "aws-us-gov" not in str(RULES["sso"]))

    def test_every_region_in_every_variant(self):
        compared = 0
        for fips, dual, legacy in itertools.product((False, True), repeat=3):
            cases = [(service, region) for service in SERVICES for region in regions() if service == "sts" or not legacy]
            found = ours(["%s %s" % case for case in cases], AWS_USE_FIPS_ENDPOINT=str(fips).lower(),
                         AWS_USE_DUALSTACK_ENDPOINT=str(dual).lower(),
                         AWS_STS_REGIONAL_ENDPOINTS="legacy" if legacy else "regional")
            self.assertEqual(len(found), len(cases))
            for (service, region), (url, signed) in zip(cases, found):
                expected = self.theirs(service, region, fips, dual, legacy)
                if expected is None or not self.known(service, region, fips):
                    continue
                compared += 1
                with self.subTest(service=service, region=region, fips=fips, dual=dual, legacy=legacy):
                    self.assertEqual((url and plain(url), signed), (plain(expected[0]), expected[1]))
        # all partitions, and nearly all variants: 27 Regions in aws alone
        self.assertGreater(compared, 27 * (4 * 3 + 4))

    def test_every_partition_is_known_by_its_suffix(self):
        for partition in PARTITIONS["partitions"]:
            for region in partition["regions"]:
                if region.endswith("-global"):
                    continue
                with self.subTest(region=region):
                    self.assertEqual(ours(["ds " + region])[0][0],
                                     "https://ds.%s.%s/" % (region, partition["outputs"]["dnsSuffix"]))


class Order(unittest.TestCase):
    """Who goes before whom: botocore makes a client with the same environment and the same file."""

    def setUp(self):
        self.home = tempfile.TemporaryDirectory()   # pylint: disable=consider-using-with
        self.addCleanup(self.home.cleanup)
        self.number = itertools.count(1)

    def theirs(self, service, variables):
        with mock.patch.dict(os.environ, {"PATH": "/usr/bin:/bin", **variables}, clear=True):
            try:
                return plain(botocore.session.Session().create_client(
                    service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").meta.endpoint_url)
            except (botocore.exceptions.BotoCoreError, ValueError):
                return None

    def compare(self, keys, section="", **variables):
        path = os.path.join(self.home.name, "config-%d" % next(self.number))
        with open(path, "w") as file:
            file.write("[default]\n" + "".join("%s = %s\n" % pair for pair in keys.items() if pair[1]) + section)
        variables = {name: value for name, value in variables.items() if value}
        variables.update(AWS_CONFIG_FILE=path, AWS_SHARED_CREDENTIALS_FILE="/nonexistent", HOME=self.home.name,
                         AWS_EC2_METADATA_DISABLED="true")
        for service in ("ds", "sts"):
            url, _ = ours([service + " eu-west-1"], AWS_STS_REGIONAL_ENDPOINTS="regional", **variables)[0]
            with self.subTest(service=service, keys=keys, section=section, variables=variables):
                self.assertEqual(url and plain(url), self.theirs(service, {"AWS_STS_REGIONAL_ENDPOINTS": "regional",
                                                                           **variables}))

    def test_variants(self):
        """FIPS and dual-stack, by variable and by profile."""
        said = (None, "true", "false")
        for fips, dual, own_fips, own_dual in itertools.product(said, said, (None, "true"), (None, "true")):
            self.compare({"use_fips_endpoint": own_fips, "use_dualstack_endpoint": own_dual},
                         AWS_USE_FIPS_ENDPOINT=fips, AWS_USE_DUALSTACK_ENDPOINT=dual)

    @unittest.skipUnless(hasattr(botocore.configprovider, "ConfiguredEndpointProvider"),
                         "this botocore reads no endpoint from variables and profiles")
    def test_endpoints(self):
        """Each place that can name one, with and without each of the others."""
        section = "[services s]\ndirectory_service =\n  endpoint_url = https://section\nsts =\n  endpoint_url = https://sts\n"
        for own, general, services, profile, ignore in itertools.product((False, True), repeat=5):
            self.compare({"endpoint_url": profile and "https://profile", "services": services and "s"}, section,
                         AWS_ENDPOINT_URL_DIRECTORY_SERVICE=own and "https://own", AWS_ENDPOINT_URL=general and "https://general",
                         AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=ignore and "true")
        self.compare({"services": "t"}, section)
        self.compare({"services": "t"}, section, AWS_ENDPOINT_URL="https://general")
        self.compare({"ignore_configured_endpoint_urls": "true"}, section, AWS_ENDPOINT_URL="https://general")
        self.compare({"ignore_configured_endpoint_urls": "true"}, section, AWS_ENDPOINT_URL="https://general",
                     AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="false")


if __name__ == "__main__":
    unittest.main(verbosity=2)
