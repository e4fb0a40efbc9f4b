#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the API is asked, through which proxy, and whose certificates vouch for it: by the program, over TLS.

The hosts are those of AWS by their real names; a proxy on loopback (gateway.py) brings each of them to the emulator.
"""

import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from gateway import Gateway   # noqa: E402
from harness import ACCOUNT, Authority, scratch   # noqa: E402
from ward import Case, Ward, main   # noqa: E402

CA = Authority("Endpoints Root")        # what directories trust
VOUCHES = Authority("Endpoints Gateway")  # what clients trust
HOSTS = ["ds%s.%s.%s" % parts for parts in (
    ("", "eu-west-1", "amazonaws.com"), ("", "eu-central-1", "amazonaws.com"), ("-fips", "eu-west-1", "amazonaws.com"),
    ("", "eu-west-1", "api.aws"), ("", "cn-north-1", "amazonaws.com.cn"), ("-fips", "us-gov-west-1", "amazonaws.com"))] + [
        "sts.eu-west-1.amazonaws.com", "sts.amazonaws.com", "*.ds.eu-west-1.vpce.amazonaws.com",
        "*.ds.eu-central-1.vpce.amazonaws.com", "*.sts.eu-west-1.vpce.amazonaws.com", "*.example.com"]
PLAIN = "ds.eu-west-1.amazonaws.com"
VPCE = "vpce-%s.%s.%s.vpce.amazonaws.com"
PASSWORD = "hunter2-of-the-proxy"


class World(Ward):
    """A Ward whose program knows no endpoint but those of AWS, and a gateway to them."""

    def __init__(self, account=None, regions=("eu-west-1",)):
        super().__init__()
        self.gateway = Gateway(self.service, *HOSTS, ca=VOUCHES)
        self.files = os.path.join(self.home, "aws")
        os.makedirs(os.path.join(self.files, ".aws"))
        self.variables = {"AWS_ENDPOINT_URL_DIRECTORY_SERVICE": "", "AWS_ENDPOINT_URL_STS": "", "AWS_ENDPOINT_URL_SSO": "",
                          "HTTPS_PROXY": self.gateway.url, "AWS_CA_BUNDLE": VOUCHES.path, "HOME": self.files,
                          "AWS_MAX_ATTEMPTS": "1"}
        self.regions = regions
        self.directory = self.service.create("corp.example.com", regions=list(regions)) if len(regions) > 1 else \
            self.service.create("corp.example.com", region=regions[0])
        self.account(account)

    def __exit__(self, kind, *unused):
        self.gateway.__exit__()
        super().__exit__(kind, *unused)

    def account(self, account):
        """Writes the file, with such an account for the directory."""
        self.configure(directories=[{"id": self.directory, "trust": ["root"], **({"account": "prod"} if account else {})}],
                       authorities={"root": [CA]}, regions=self.regions)
        with open(self.path) as file:
            found = json.load(file)
        self.write(json.dumps({**found, "accounts": {"prod": account}} if account else found))

    def profile(self, text):
        path = os.path.join(self.files, ".aws", "config")
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def __call__(self, *words, **more):
        done = super().__call__(*words, **more)
        if PASSWORD in done.out + done.err:
            raise AssertionError("the proxy's password is seen: %s" % done)
        return done

    def hosts(self):
        """Who was asked for since the last call, each once."""
        found = sorted({target.rpartition(":")[0] for target in self.gateway.targets})
        self.gateway.targets.clear()
        return found

    def asks(self, case, *hosts, **variables):
        """A plan reads, and asks these hosts alone."""
        self.hosts()
        self.expect(0, "plan", **variables)
        case.assertEqual(self.hosts(), sorted(hosts))

    def unread(self, case, *words, reason="Unreadable", **variables):
        """A plan that reads nothing, and says why in these words."""
        before = len(self.service.requests())
        done = self.expect(1, "plan", "--detailed-exitcode", **variables)
        text = " ".join(done.out.split())
        case.assertIn("held (%s)" % reason, text)
        for word in words:
            case.assertIn(word, text)
        case.assertEqual(self.service.requests()[before:], [])
        return text


class Proxies(Case):
    """HTTPS_PROXY and NO_PROXY."""

    def test_through(self):
        """All goes through it, end to end: it sees the name of the host, and nothing that is signed."""
        with World() as world:
            world.apply()
            self.converged(world, world.directory, 1)
            self.assertEqual(set(world.gateway.targets), {PLAIN + ":443"})
            for head in world.gateway.heads:
                self.assertTrue(head.startswith("CONNECT " + PLAIN + ":443 HTTP/1.1\r\n"), head)
                for word in ("authorization", "x-amz", "AKID"):
                    self.assertNotIn(word.lower(), head.lower())

    def test_variables(self):
        """Lower case goes before upper case; ALL_PROXY is one too; http_proxy is none for https."""
        with World() as world:
            url = world.gateway.url
            world.asks(self, PLAIN, https_proxy=url, HTTPS_PROXY="http://127.0.0.1:1")
            world.asks(self, PLAIN, HTTPS_PROXY="", ALL_PROXY=url)
            world.asks(self, PLAIN, HTTPS_PROXY="", all_proxy=url, http_proxy="http://127.0.0.1:1",
                       HTTP_PROXY="http://127.0.0.1:1")
            world.asks(self, PLAIN, HTTPS_PROXY=world.gateway.where)    # without a scheme

    def test_no_proxy(self):
        """What NO_PROXY excepts is asked straight away, and no proxy is blamed for it; this host always is."""
        with World({"endpoint": "https://ds.invalid"}) as world:
            for variable, value in (("NO_PROXY", "ds.invalid"), ("no_proxy", "localhost,.invalid"), ("NO_PROXY", "*")):
                text = world.unread(self, "https://ds.invalid:443/: Could not resolve host: ds.invalid", **{variable: value})
                self.assertNotIn("proxy", text)
            self.assertEqual(world.hosts(), [])
            world.unread(self, "through the proxy", NO_PROXY="ds.invalid", no_proxy="example.com")
            self.assertEqual(world.hosts(), ["ds.invalid"])
            world.account({"endpoint": world.service.url})
            world.asks(self)

    def test_login(self):
        """A name and password in its URL are told to it, and to nobody else; it may take them or not."""
        with World() as world:
            world.gateway.login = "me:" + PASSWORD
            where = "through the proxy of HTTPS_PROXY, " + world.gateway.url
            world.asks(self, PLAIN, HTTPS_PROXY="http://me:%s@%s" % (PASSWORD, world.gateway.where))
            world.unread(self, where, "status 407", "asks for a name and password", reason="WrongSettings")
            world.unread(self, where, "status 407", "does not take the name and password", reason="WrongSettings",
                         HTTPS_PROXY="http://you:%s@%s" % (PASSWORD, world.gateway.where))

    def test_refuses(self):
        """The proxy is named, and what it said."""
        with World() as world:
            for status in (403, 502):
                world.gateway.status = status
                world.unread(self, "https://%s/ through the proxy of https_proxy, %s: the proxy refuses to connect, status %d" % (
                    PLAIN, world.gateway.url, status), https_proxy="http://me:%s@%s" % (PASSWORD, world.gateway.where))

    def test_dead(self):
        """Nobody listens; its name does not exist; it is none that can be used."""
        with socket.create_server(("127.0.0.1", 0)) as listener, World() as world:
            port = listener.getsockname()[1]
            listener.close()
            world.unread(self, "https://%s/ through the proxy of HTTPS_PROXY, http://127.0.0.1:%d: Failed to connect" % (
                PLAIN, port), HTTPS_PROXY="http://me:%s@127.0.0.1:%d" % (PASSWORD, port))
            world.unread(self, "through the proxy of HTTPS_PROXY, http://proxy.invalid:3128: ", "the name of the proxy cannot be found",
                         HTTPS_PROXY="http://me:%s@proxy.invalid:3128" % PASSWORD)
            world.unread(self, "through the proxy of HTTPS_PROXY: ", "allowed are http://, https:// and socks5h://", reason="WrongSettings",
                         HTTPS_PROXY="gopher://me:%s@proxy.invalid:70" % PASSWORD)
            world.unread(self, "through the proxy of HTTPS_PROXY: the proxy cannot be used", reason="WrongSettings",
                         HTTPS_PROXY="proxy.invalid:%s" % PASSWORD)

    def test_keys_of_a_container(self):
        """Whoever hands them out is never asked through it."""
        with World() as world:
            text = world.unread(self, "keys of the container", "Could not resolve host: keys.invalid", reason="CredentialsInvalid",
                                AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="",
                                AWS_CONTAINER_CREDENTIALS_FULL_URI="https://keys.invalid/mine")
            self.assertNotIn("proxy", text)
            self.assertNotIn("keys.invalid", world.hosts())

    def test_others_go_through_it(self):
        """STS as well."""
        with World() as world:
            role = world.service.role(account=ACCOUNT)
            world.account({"role_arn": role, "account_id": ACCOUNT})
            world.asks(self, PLAIN, "sts.eu-west-1.amazonaws.com")
            world.gateway.status = 403
            world.unread(self, "role " + role, "STS at sts.eu-west-1.amazonaws.com",
                         "through the proxy of HTTPS_PROXY, " + world.gateway.url, reason="CredentialsInvalid")

    def test_same_sts(self):
        """Where nothing names a Region for STS, every command asks that of the same one: the first by name, not by the file."""
        with World(regions=("eu-west-1", "eu-central-1")) as world:
            world.account({"role_arn": world.service.role(account=ACCOUNT), "account_id": ACCOUNT})
            for words in (("plan",), ("apply",), ("forecast",)):
                world.hosts()
                world(*words, AWS_REGION="", AWS_DEFAULT_REGION="")
                self.assertEqual([host for host in world.hosts() if host.startswith("sts.")], ["sts.eu-central-1.amazonaws.com"], words)


class Bundles(Case):
    """AWS_CA_BUNDLE, and ca_bundle of the profile."""

    def test_order(self):
        """The variable, the profile; each is enough."""
        with World() as world:
            world.profile("[default]\nca_bundle = %s\n[profile other]\nca_bundle = %s\n" % (VOUCHES.path, CA.path))
            world.asks(self, PLAIN, AWS_CA_BUNDLE="")
            world.asks(self, PLAIN, AWS_PROFILE="other")
            world.unread(self, "; trusted are the CA certificates of AWS_CA_BUNDLE (or ca_bundle of the profile), " + CA.path,
                         AWS_PROFILE="other", AWS_CA_BUNDLE="")

    def test_unusable(self):
        """What is wrong with the file is told, with its name."""
        with World() as world:
            empty, broken = os.path.join(scratch(), "empty.pem"), os.path.join(scratch(), "broken.pem")
            for path, text in ((empty, "no certificate\n"), (broken, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")):
                with open(path, "w") as file:
                    file.write(text)
            for path, why in (("/nonexistent/ca.pem", "No such file or directory"), (scratch(), "it is a directory"),
                              (empty, "it holds no certificate"), (broken, "it holds no certificate, or one that is broken")):
                with self.subTest(path):
                    world.unread(self, "the CA certificates of %s cannot be used: %s" % (path, why), "AWS_CA_BUNDLE",
                                 AWS_CA_BUNDLE=path, reason="WrongSettings")

    def test_no_tls(self):
        """Nothing there speaks TLS: told so, not in the words of a library."""
        def answer(listener):
            with listener.accept()[0] as peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as listener, World() as world:
            thread = threading.Thread(target=answer, args=(listener,), daemon=True)
            thread.start()
            url = "https://127.0.0.1:%d" % listener.getsockname()[1]
            world.account({"endpoint": url})
            self.assertNotIn("SSL", world.unread(self, url + "/: it speaks no TLS there, as if it were plain http"))
            thread.join(10)

    def test_strangers(self):
        """Another CA, and another name; the bundle, and where the host is that it does not vouch for."""
        with World() as world:
            world.unread(self, "https://%s/ through the proxy" % PLAIN, "unable to get local issuer certificate",
                         "profile), " + CA.path, AWS_CA_BUNDLE=CA.path)
            world.unread(self, "unable to get local issuer certificate", "; trusted are the system's CA certificates, unless "
                         "AWS_CA_BUNDLE names others", AWS_CA_BUNDLE="")
            world.account({"endpoint": "https://ds.example.org"})
            world.unread(self, "https://ds.example.org:443/", "no alternative certificate subject name matches", "profile), " + VOUCHES.path)


class Hosts(Case):
    """Which host is asked."""

    def test_rules(self):
        """Variants and partitions, by variable and by profile."""
        with World() as world:
            world.asks(self, "ds-fips.eu-west-1.amazonaws.com", AWS_USE_FIPS_ENDPOINT="true")
            world.asks(self, "ds.eu-west-1.api.aws", AWS_USE_DUALSTACK_ENDPOINT="true")
            world.profile("[default]\nuse_fips_endpoint = true\n")
            world.asks(self, "ds-fips.eu-west-1.amazonaws.com")
            world.asks(self, PLAIN, AWS_USE_FIPS_ENDPOINT="false")
        for region, variables, host in (("cn-north-1", {}, "ds.cn-north-1.amazonaws.com.cn"),
                                        ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "ds-fips.us-gov-west-1.amazonaws.com")):
            with World(regions=(region,)) as world:
                world.asks(self, host, **variables)

    def test_profile(self):
        """Region, services and endpoint_url of the profile; a Region of its own for each account."""
        with World() as world:
            with open(world.path) as file:
                text = json.load(file)
            del text["defaults"]["regions"]
            world.write(json.dumps(text))
            nowhere = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
            done = world("check", **nowhere)
            self.assertEqual(done.status, 1)
            self.assertIn("or AWS_REGION or the profile says one", " ".join((done.out + done.err).split()))
            world.profile("[default]\nregion = eu-west-1\n")
            world.asks(self, PLAIN, **nowhere)
            world.profile("[default]\nregion = eu-west-1\nservices = s\nendpoint_url = https://all.example.com\n"
                          "[services s]\ndirectory_service =\n  endpoint_url = https://ds.example.com\n")
            world.asks(self, "ds.example.com", **nowhere)
            world.asks(self, "own.example.com", AWS_ENDPOINT_URL="https://own.example.com", **nowhere)
            world.asks(self, PLAIN, AWS_ENDPOINT_URL="https://own.example.com", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
                       **nowhere)
            world.profile("[default]\nregion = eu-west-1\nservices = t\n")
            world.unread(self, "services of the profile default names t, but there is no section [services t]", reason="WrongSettings", **nowhere)

    def test_private_link(self):
        """An endpoint for each Region and one for STS, before all variables; a Region without one has its own."""
        hosts = {"eu-west-1": VPCE % ("1", "ds", "eu-west-1"), "eu-central-1": VPCE % ("2", "ds", "eu-central-1")}
        sts = VPCE % ("3", "sts", "eu-west-1")
        with World(regions=("eu-west-1", "eu-central-1")) as world:
            account = {"endpoint": {region: "https://" + host for region, host in hosts.items()},
                       "role_arn": world.service.role(account=ACCOUNT), "sts_endpoint": "https://" + sts}
            world.account(account)
            world.asks(self, sts, *hosts.values(), AWS_ENDPOINT_URL="http://127.0.0.1:1",
                       AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")
            del account["endpoint"]["eu-central-1"], account["sts_endpoint"]
            world.account(account)
            world.asks(self, hosts["eu-west-1"], "ds.eu-central-1.amazonaws.com", "sts.eu-west-1.amazonaws.com")
            world.asks(self, hosts["eu-west-1"], "ds.eu-central-1.amazonaws.com", "sts.amazonaws.com",
                       AWS_STS_REGIONAL_ENDPOINTS="legacy")
            world.unread(self, "the endpoint of the file and AWS_USE_FIPS_ENDPOINT are both set", reason="WrongSettings",
                         AWS_USE_FIPS_ENDPOINT="true")

    def test_debug(self):
        """A plan says where it asks, who said so, and who vouches for it."""
        with World() as world:
            done = world.expect(0, "plan", "--debug")
            self.assertIn("account '', eu-west-1: asked at https://%s/, verified by %s" % (PLAIN, VOUCHES.path), done.err)
            done = world.expect(0, "plan", "--debug", AWS_ENDPOINT_URL="https://own.example.com")
            self.assertIn("asked at https://own.example.com:443/ (AWS_ENDPOINT_URL), verified by", done.err)
            self.assertEqual(world.expect(0, "plan").err.count("asked at"), 0)

    def test_reload(self):
        """A file that names another endpoint: the workers move at once."""
        first, second = VPCE % ("1", "ds", "eu-west-1"), VPCE % ("2", "ds", "eu-west-1")
        with World({"endpoint": "https://" + first}) as world:
            with world.run() as daemon:
                daemon.settles(world.directory)
                self.assertEqual(world.hosts(), [first])
                ended = daemon.ended_passes()
                world.account({"endpoint": {"eu-west-1": "https://" + second}})
                daemon.says("account prod altered: endpoint")
                daemon.says("account 'prod', eu-west-1: asked at https://%s:443/ \\(the endpoint of the file\\), verified by %s" % (
                    second, VOUCHES.path))
                daemon.passes(ended + 1)
                self.assertEqual(world.hosts(), [second])
                daemon.later(3600)
                self.assertNotIn(first, world.hosts())  # none at all while the connection is kept

    def test_profile_that_cannot_be_read(self):
        """Told as such; put right, the next pass goes on by itself."""
        with World() as world:
            world.profile("[default\n")
            with world.run() as daemon:
                daemon.passes(1)
                world.condition(world.directory, "CredentialsInvalid")
                self.assertEqual(world.hosts(), [])
                world.profile("[default]\nuse_dualstack_endpoint = true\n")
                daemon.later(1800)
                daemon.settles(world.directory)
                self.assertEqual(world.hosts(), ["ds.eu-west-1.api.aws"])


if __name__ == "__main__":
    main()
