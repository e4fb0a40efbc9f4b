#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The emulator, driven by a client that is not ours: the AWS CLI does every operation and meets its refusals.

Skipped (77) without /usr/bin/aws or openssl.
"""

import socket
import ssl
import unittest

from harness import AWS, DEADLINE, SECRET, ApiError, Authority, Emulator, need

need("openssl", AWS)

VPC = "VpcId=vpc-0a1b2c3d,SubnetIds=subnet-0a1b2c3d,subnet-1a2b3c4d"
CONNECT = VPC + ",CustomerDnsIps=10.1.0.5,CustomerUserName=joiner"


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Authority("Corp Root")
        cls.issuing = Authority("Corp Issuing", issuer=cls.root, days=800)
        cls.short = Authority("Short", days=89)

    def setUp(self):
        self.service = Emulator()
        self.addCleanup(self.service.stop)
        self.aws = self.service.aws
        self.directory = self.service.create("corp.example.com", id="d-0123456789")

    def about(self, operation, *words):
        return self.aws(operation, "--directory-id", self.directory, *words)

    def refused(self, code, *words, **more):
        with self.assertRaises(ApiError) as caught:
            self.aws(*words, **more)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        return caught.exception.message

    def register(self, authority, *words):
        return self.about("register-certificate", "--certificate-data", "file://" + authority.path, *words)["CertificateId"]

    def test_a_certificate_from_registration_to_removal(self):
        self.service.settings(delay=["register=1h", "deregister=1h"])
        self.assertEqual(self.about("list-certificates"), {"CertificatesInfo": []})
        first = self.register(self.root)
        entry, = self.about("list-certificates")["CertificatesInfo"]
        self.assertEqual((entry["CertificateId"], entry["State"], entry["CommonName"], entry["Type"]),
                         (first, "Registering", "Corp Root", "ClientLDAPS"))
        # The service's clock cannot run ahead of the CLI's: let the model end it instead.
        self.service.control("certificate", directory=self.directory, certificate=first, finish=True)
        shown = self.about("describe-certificate", "--certificate-id", first)["Certificate"]
        self.assertEqual((shown["State"], shown["StateReason"]), ("Registered", "Certificate registered successfully."))
        self.assertIn(".657000", shown["RegisteredDateTime"])
        self.assertEqual(self.about("deregister-certificate", "--certificate-id", first), {})
        self.assertEqual(self.service.state(self.directory), ["Deregistering"])
        self.service.control("certificate", directory=self.directory, certificate=first, finish=True)
        self.assertEqual(self.about("list-certificates"), {"CertificatesInfo": []})

    def test_ldaps_on_and_off(self):
        self.assertEqual(self.about("describe-ldaps-settings", "--type", "Client"), {"LDAPSSettingsInfo": []})
        self.refused("NoAvailableCertificateException", "enable-ldaps", "--directory-id", self.directory, "--type", "Client")
        self.refused("InvalidLDAPSStatusException", "disable-ldaps", "--directory-id", self.directory, "--type", "Client")
        only = self.register(self.root)
        self.assertEqual(self.about("enable-ldaps", "--type", "Client"), {})
        setting, = self.about("describe-ldaps-settings", "--type", "Client")["LDAPSSettingsInfo"]
        self.assertEqual(setting["LDAPSStatus"], "Enabled")
        self.refused("InvalidLDAPSStatusException", "enable-ldaps", "--directory-id", self.directory, "--type", "Client")
        self.refused("CertificateInUseException", "deregister-certificate", "--directory-id", self.directory,
                     "--certificate-id", only)
        self.assertEqual(self.about("disable-ldaps", "--type", "Client"), {})
        setting, = self.about("describe-ldaps-settings", "--type", "Client")["LDAPSSettingsInfo"]
        self.assertEqual(setting["LDAPSStatus"], "Disabled")
        self.about("deregister-certificate", "--certificate-id", only)
        self.assertEqual(self.service.state(self.directory), [])

    def test_what_the_service_refuses_to_register(self):
        data = ("register-certificate", "--directory-id", self.directory, "--certificate-data")
        self.register(self.root)
        self.refused("CertificateAlreadyExistsException", *data, "file://" + self.root.path)
        self.assertIn("90 days", self.refused("InvalidCertificateException", *data, "file://" + self.short.path))
        self.refused("InvalidCertificateException", *data, "nothing of the kind")
        self.refused("InvalidCertificateException", *data, self.root.pem + self.issuing.pem)
        self.refused("ValidationException", *data, "x" * 8193)
        self.service.settings(limit="ldaps=1")
        message = self.refused("CertificateLimitExceededException", *data, "file://" + self.issuing.path)
        self.assertIn(" : RequestId: ", message)

    def test_a_smart_card_certificate_keeps_its_address(self):
        found = self.register(self.root, "--type", "ClientCertAuth", "--client-cert-auth-settings", "OCSPUrl=http://ocsp.example.com")
        shown = self.about("describe-certificate", "--certificate-id", found)["Certificate"]
        self.assertEqual((shown["Type"], shown["ClientCertAuthSettings"]),
                         ("ClientCertAuth", {"OCSPUrl": "http://ocsp.example.com"}))

    def test_directories_are_made_and_deleted(self):
        managed = self.aws("create-microsoft-ad", "--name", "new.example.com", "--password", "Passw0rd!",
                           "--vpc-settings", VPC, "--edition", "Standard")["DirectoryId"]
        connector = self.aws("connect-directory", "--name", "old.example.com", "--password", "Passw0rd!", "--size", "Small",
                             "--connect-settings", CONNECT)["DirectoryId"]
        found = {one["DirectoryId"]: one for one in self.aws("describe-directories")["DirectoryDescriptions"]}
        self.assertEqual(set(found), {self.directory, managed, connector})
        self.assertEqual((found[managed]["Type"], found[managed]["Edition"], found[managed]["Stage"]),
                         ("MicrosoftAD", "Standard", "Active"))
        self.assertEqual((found[connector]["Type"], found[connector]["Size"]), ("ADConnector", "Small"))
        self.assertEqual(self.aws("delete-directory", "--directory-id", managed), {"DirectoryId": managed})
        self.refused("EntityDoesNotExistException", "describe-directories", "--directory-ids", managed)
        self.refused("EntityDoesNotExistException", "delete-directory", "--directory-id", managed)
        self.service.settings(limit="directories=1")
        self.refused("DirectoryLimitExceededException", "connect-directory", "--name", "a.example.com", "--password", "x",
                     "--size", "Small", "--connect-settings", CONNECT)

    def test_trusts_are_listed(self):
        trust = self.service.control("trust", directory=self.directory, remote="ad.corp.example.com")["trust"]
        shown, = self.aws("describe-trusts", "--directory-id", self.directory)["Trusts"]
        self.assertEqual((shown["TrustId"], shown["RemoteDomainName"], shown["TrustState"]),
                         (trust, "ad.corp.example.com", "Verified"))
        self.refused("EntityDoesNotExistException", "describe-trusts", "--directory-id", "d-ffffffffff")

    def test_pages_are_followed_to_the_end(self):
        for number in range(105):
            self.service.control("register", directory=self.directory, common_name="Card %d" % number,
                                 expiry=1900000000 + number, type="ClientCertAuth")
        self.assertEqual(len(self.about("list-certificates")["CertificatesInfo"]), 105)
        self.service.create("many#.example.com", count=120)
        self.assertEqual(len(self.aws("describe-directories")["DirectoryDescriptions"]), 121)
        self.assertEqual(len(self.service.requests("DescribeDirectories")), 3)

    def test_every_form_of_a_refusal_is_understood(self):
        # Those that this CLI knows: not the URL behind a colon, not the header alone.
        for form, message in (("namespace", "service"), ("namespace", "lower"), ("bare", "upper"), ("bare", "none")):
            self.service.settings(type_form=form, message_form=message)
            self.refused("DirectoryDoesNotExistException", "list-certificates", "--directory-id", "d-ffffffffff")
        self.service.settings(empty_result="nothing", instants="plain")
        self.service.control("register", directory=self.directory, pem=self.root.pem)
        self.assertEqual(self.about("enable-ldaps", "--type", "Client"), {})
        self.about("describe-ldaps-settings")

    def test_kinds_and_stages_refuse(self):
        simple = self.service.create("simple.example.com", type="SimpleAD")
        shared = self.service.create("shared.example.com", type="SharedMicrosoftAD", owner_account="999988887777",
                                     owner_directory="d-aaaaaaaaaa")
        impaired = self.service.create("ill.example.com", stage="Impaired")
        message = self.refused("UnsupportedOperationException", "list-certificates", "--directory-id", simple)
        self.assertIn("LDAPS operations are not supported for this Directory Type.", message)
        self.refused("ClientException", "describe-ldaps-settings", "--directory-id", shared)
        self.assertEqual(self.aws("list-certificates", "--directory-id", impaired), {"CertificatesInfo": []})
        self.refused("DirectoryUnavailableException", "register-certificate", "--directory-id", impaired,
                     "--certificate-data", "file://" + self.root.path)

    def test_a_signature_is_checked(self):
        self.refused("SignatureDoesNotMatch", "describe-directories", AWS_SECRET_ACCESS_KEY=SECRET + "x")
        self.refused("UnrecognizedClientException", "describe-directories", AWS_ACCESS_KEY_ID="AKIDOTHER")
        self.refused("UnrecognizedClientException", "describe-directories", AWS_SESSION_TOKEN="token")
        self.service.control("credential", credential="AKIDTEMP:secret:the/token+=@444455556666")
        temporary = {"AWS_ACCESS_KEY_ID": "AKIDTEMP", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "the/token+="}
        self.assertEqual(self.aws("describe-directories", **temporary), {"DirectoryDescriptions": []})
        self.service.control("credential", access_key="AKIDTEMP", expired=True)
        self.refused("ExpiredTokenException", "describe-directories", **temporary)
        self.service.advance(1000)
        self.refused("RequestExpired", "describe-directories")

    def test_accounts_and_regions_are_worlds_of_their_own(self):
        self.service.create("two.example.com", id="d-2222222222", regions=["eu-west-1", "eu-central-1"])
        here = self.aws("describe-directories", "--directory-ids", "d-2222222222")["DirectoryDescriptions"][0]
        self.assertEqual(here["RegionsInfo"], {"PrimaryRegion": "eu-west-1", "AdditionalRegions": ["eu-central-1"]})
        self.aws("register-certificate", "--directory-id", "d-2222222222", "--certificate-data", "file://" + self.root.path)
        self.assertEqual(self.aws("list-certificates", "--directory-id", "d-2222222222", region="eu-central-1"),
                         {"CertificatesInfo": []})
        self.refused("DirectoryDoesNotExistException", "list-certificates", "--directory-id", self.directory,
                     region="us-east-1")

    def test_tags_are_listed_and_kept(self):
        self.assertEqual(self.aws("list-tags-for-resource", "--resource-id", self.directory), {"Tags": []})
        self.service.control("set", directory=self.directory, tags={"team": "identity", "stage": "a/b c"})
        made = self.aws("connect-directory", "--name", "old.example.com", "--password", "Passw0rd!", "--size", "Small",
                        "--connect-settings", CONNECT, "--tags", "Key=team,Value=sites")["DirectoryId"]
        self.service.restart()
        found = {name: {tag["Key"]: tag["Value"] for tag in
                        self.aws("list-tags-for-resource", "--resource-id", name)["Tags"]} for name in (self.directory, made)}
        self.assertEqual(found, {self.directory: {"team": "identity", "stage": "a/b c"}, made: {"team": "sites"}})
        self.service.control("set", directory=self.directory, tags={"team": "none"})
        self.assertEqual(self.aws("list-tags-for-resource", "--resource-id", self.directory),
                         {"Tags": [{"Key": "team", "Value": "none"}]})
        with self.assertRaises(ApiError):
            self.service.control("set", directory=self.directory, tags={"n%d" % number: "" for number in range(51)})
        self.refused("EntityDoesNotExistException", "list-tags-for-resource", "--resource-id", "d-ffffffffff")

    def test_regions_are_described(self):
        self.service.control("replicate", directory=self.directory, to="eu-central-1")
        for region in ("eu-west-1", "eu-central-1"):
            shown = self.aws("describe-regions", "--directory-id", self.directory, region=region)["RegionsDescription"]
            self.assertEqual([(one["RegionName"], one["RegionType"], one["Status"]) for one in shown],
                             [("eu-west-1", "Primary", "Active"), ("eu-central-1", "Additional", "Active")])
            one, = self.aws("describe-directories", region=region)["DirectoryDescriptions"]
            self.assertEqual(one["RegionsInfo"], {"PrimaryRegion": "eu-west-1", "AdditionalRegions": ["eu-central-1"]})
        only, = self.about("describe-regions", "--region-name", "eu-central-1")["RegionsDescription"]
        self.assertEqual(only["RegionType"], "Additional")
        self.service.restart()
        self.assertEqual(len(self.about("describe-regions")["RegionsDescription"]), 2)
        self.service.control("remove", directory=self.directory, region="eu-central-1")
        self.assertEqual(len(self.about("describe-regions")["RegionsDescription"]), 1)
        connector = self.service.create("old.example.com", type="ADConnector")
        self.refused("UnsupportedOperationException", "describe-regions", "--directory-id", connector)
        self.refused("DirectoryDoesNotExistException", "describe-regions", "--directory-id", "d-ffffffffff")

    def test_https_with_its_own_ca(self):
        with Emulator(tls=True) as service:
            service.create()
            self.assertEqual(len(service.aws("describe-directories")["DirectoryDescriptions"]), 1)
            with self.assertRaises(ApiError):
                service.aws("describe-directories", AWS_CA_BUNDLE=self.root.path)

    def test_who_comes_back_with_a_ticket_resumes_the_session(self):
        with Emulator(tls=True) as service:
            context, session = ssl.create_default_context(cafile=service.ca), None
            for resumed in (False, True, True):
                with socket.create_connection(("127.0.0.1", service.port), DEADLINE) as plain, \
                        context.wrap_socket(plain, server_hostname="localhost", session=session) as connection:
                    self.assertEqual(connection.session_reused, resumed)
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    while connection.recv(4096):
                        pass
                    session = connection.session


if __name__ == "__main__":
    unittest.main()
