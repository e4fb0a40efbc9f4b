#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the client and the emulator know of the API, held against AWS's own service model.

The tables come from `ldapsward-emulator --shapes` (they are made of core/vocabulary's words), the
model ds/2015-04-16 from Debian's python3-botocore; and every reply of the emulator is held against
the model too. Skipped (77) without python3-botocore or openssl.
"""

import glob
import gzip
import json
import subprocess
import unittest

from harness import EMULATOR, ApiError, Authority, Emulator, need

need("openssl")
FOUND = sorted(glob.glob("/usr/lib/python3/dist-packages/botocore/data/ds/2015-04-16/service-2.json*"))
if not FOUND:
    print("no botocore")
    raise SystemExit(77)

# Where we differ from the model on purpose, and why.
NEWER_WORDS = {"Updating"}            # a stage that the service has and Debian 12's model has not yet
LATER_WORDS = {"Hybrid"}              # an edition of later models; the emulator makes none
LATER_MEMBERS = {"NetworkType"}       # of later models
OWN_PATTERNS = {"Password"}           # looks ahead, which POSIX expressions cannot: its length alone
NO_PATTERN = {"Description", "Key", "Value"}    # Unicode classes; nothing depends on them

# Errors that no operation models but every one can return (devguide, "Common errors", and SigV4).
COMMON = {"ValidationException", "SerializationException", "UnknownOperationException", "ThrottlingException",
          "MissingAuthenticationTokenException", "SignatureDoesNotMatch", "UnrecognizedClientException"}


def load(path):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        return json.load(file)


MODEL = load(FOUND[-1])
OURS = json.loads(subprocess.run([EMULATOR, "--shapes"], stdout=subprocess.PIPE, check=True).stdout)


def shape(name):
    return MODEL["shapes"][name]


def plain(pattern):
    """The model's expressions in the words of POSIX."""
    return pattern.replace("(?:", "(").replace("\\d", "[0-9]")


class Tables(unittest.TestCase):
    def check_words(self, place, ours, model):
        self.assertLessEqual(set(ours) - set(model), NEWER_WORDS, place)
        self.assertLessEqual(set(model) - set(ours), LATER_WORDS, place)

    def check_text(self, place, ours, model):
        name = place.split(".")[-1]
        self.assertEqual(ours["kind"], "string", place)
        self.assertEqual(ours["min"], model.get("min", 0), place)
        self.assertEqual(ours["max"], model.get("max", 0) if name != "Password" or "max" in model else 0, place)
        if "enum" in model:
            self.check_words(place, ours["enum"], model["enum"])
        elif name not in OWN_PATTERNS and name not in NO_PATTERN:
            self.assertEqual(ours.get("pattern"), plain(model["pattern"]) if "pattern" in model else None, place)

    def check(self, place, ours, model):
        kind = model["type"]
        if kind == "string":
            self.check_text(place, ours, model)
        elif kind == "integer":
            self.assertEqual((ours["kind"], ours["min"], ours["max"]),
                             ("integer", model.get("min", 0), model.get("max", 0)), place)
        elif kind in ("boolean", "timestamp"):
            self.assertEqual(ours["kind"], kind, place)
        elif kind == "structure":
            self.assertEqual(ours["kind"], "structure", place)
            self.check_members(place, ours["members"], model)
        elif kind == "list" and shape(model["member"]["shape"])["type"] == "structure":
            self.assertEqual(ours["kind"], "structures", place)
            self.check_members(place, ours["members"], shape(model["member"]["shape"]))
        else:
            self.assertEqual((kind, ours["kind"]), ("list", "strings"), place)
            self.check_text(place, dict(ours, kind="string"), shape(model["member"]["shape"]))

    def check_members(self, place, ours, model):
        for name, member in ours.items():
            self.assertIn(name, model["members"], "%s.%s is not in the model" % (place, name))
            self.check("%s.%s" % (place, name), member, shape(model["members"][name]["shape"]))
        self.assertEqual({name for name, member in ours.items() if member["required"]}, set(model.get("required", ())), place)

    def test_every_input_has_every_member_with_its_constraints(self):
        for operation, ours in OURS.items():
            with self.subTest(operation):
                model = shape(MODEL["operations"][operation]["input"]["shape"])
                self.check_members(operation, ours["input"], model)
                self.assertLessEqual(set(model["members"]) - set(ours["input"]), LATER_MEMBERS)

    def test_every_member_of_a_result_is_in_the_model(self):
        for operation, ours in OURS.items():
            with self.subTest(operation):
                self.check_members(operation, ours["output"], shape(MODEL["operations"][operation]["output"]["shape"]))

    def test_every_operation_models_the_same_errors(self):
        for operation, ours in OURS.items():
            with self.subTest(operation):
                self.assertEqual(set(ours["errors"]), {error["shape"] for error in MODEL["operations"][operation]["errors"]})

    def test_errors_are_spelt_as_written(self):
        for name in {error for ours in OURS.values() for error in ours["errors"]}:
            self.assertEqual(set(shape(name)["members"]), {"Message", "RequestId"}, name)
            self.assertEqual(bool(shape(name).get("fault")), name == "ServiceException")

    def test_the_protocol_is_what_it_was(self):
        metadata = MODEL["metadata"]
        self.assertEqual((metadata["targetPrefix"], metadata["protocol"], metadata["jsonVersion"], metadata["endpointPrefix"],
                          metadata["signatureVersion"]), ("DirectoryService_20150416", "json", "1.1", "ds", "v4"))
        for operation in OURS:
            self.assertEqual(MODEL["operations"][operation]["http"], {"method": "POST", "requestUri": "/"})


class Replies(unittest.TestCase):
    """Each operation once well, each refusal once: what comes is in the model, member by member."""

    TYPES = {"string": str, "integer": int, "boolean": bool, "timestamp": (int, float), "list": list, "structure": dict}

    def check(self, place, value, name):
        model = shape(name)
        self.assertIsInstance(value, self.TYPES[model["type"]], place)
        if model["type"] == "structure":
            for member, inner in value.items():
                self.assertIn(member, model["members"], place)
                self.check("%s.%s" % (place, member), inner, model["members"][member]["shape"])
        elif model["type"] == "list":
            for inner in value:
                self.check(place, inner, model["member"]["shape"])
        elif "enum" in model:
            self.assertIn(value, model["enum"], place)
        elif "\\p" not in model.get("pattern", "\\p") and model["type"] == "string":
            self.assertRegex(value, model["pattern"], place)

    def call(self, service, operation, **members):
        reply = service.call(operation, **members)
        self.check(operation, reply, MODEL["operations"][operation]["output"]["shape"])
        return reply

    def refused(self, service, operation, **members):
        with self.assertRaises(ApiError) as caught:
            service.call(operation, **members)
        error = caught.exception
        errors = {error["shape"] for error in MODEL["operations"][operation]["errors"]}
        self.assertIn(error.code, errors | COMMON, operation)
        self.assertEqual(error.status, 500 if error.code == "ServiceException" else 400)
        if error.code in errors:
            self.check(error.code, {key: value for key, value in error.body.items() if key != "__type"}, error.code)
            self.assertEqual(error.headers["x-amzn-requestid"], error.body["RequestId"])
            self.assertTrue(error.body["Message"].endswith(" : RequestId: " + error.body["RequestId"]))
        return error.code

    def test_results(self):
        root, second = Authority("Root"), Authority("Second")
        vpc = {"VpcId": "vpc-0a1b2c3d", "SubnetIds": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]}
        with Emulator() as service:
            made = self.call(service, "CreateMicrosoftAD", Name="corp.example.com", ShortName="CORP", Password="Passw0rd!",
                             VpcSettings=vpc, Edition="Enterprise", Description="head office",
                             Tags=[{"Key": "a", "Value": "b"}])["DirectoryId"]
            other = self.call(service, "ConnectDirectory", Name="corp.example.com", Password="x", Size="Large",
                              ConnectSettings=dict(vpc, CustomerDnsIps=["10.0.0.1"], CustomerUserName="j"))["DirectoryId"]
            service.create("shared.example.com", type="SharedMicrosoftAD", owner_account="999988887777",
                           owner_directory="d-aaaaaaaaaa", stage="Impaired", stage_reason="patching")
            first = self.call(service, "RegisterCertificate", DirectoryId=made, CertificateData=root.pem)["CertificateId"]
            self.call(service, "RegisterCertificate", DirectoryId=made, CertificateData=second.pem, Type="ClientCertAuth",
                      ClientCertAuthSettings={"OCSPUrl": "http://ocsp.example.com/"})
            for entry in self.call(service, "ListCertificates", DirectoryId=made, Limit=50)["CertificatesInfo"]:
                self.call(service, "DescribeCertificate", DirectoryId=made, CertificateId=entry["CertificateId"])
            self.call(service, "EnableLDAPS", DirectoryId=made, Type="Client")
            self.call(service, "DescribeLDAPSSettings", DirectoryId=made, Type="Client")
            self.call(service, "DisableLDAPS", DirectoryId=made, Type="Client")
            self.call(service, "DescribeLDAPSSettings", DirectoryId=made)
            self.call(service, "DeregisterCertificate", DirectoryId=made, CertificateId=first)
            service.control("trust", directory=made, remote="ad.example.com")
            self.call(service, "DescribeTrusts", DirectoryId=made)
            self.call(service, "ListTagsForResource", ResourceId=made)
            self.call(service, "DescribeRegions", DirectoryId=made)
            self.call(service, "DescribeDirectories")
            self.call(service, "DescribeDirectories", DirectoryIds=[made, other], Limit=0)
            self.call(service, "DeleteDirectory", DirectoryId=other)
            self.assertEqual({line["operation"] for line in service.requests()}, set(OURS))

    def test_states_that_failed(self):
        with Emulator() as service:
            directory = service.create(ldaps="EnableFailed", ldaps_reason="no controller answers", certificates=[
                {"common_name": "A", "expiry": 1900000000, "state": state, "reason": "because"}
                for state in shape("CertificateState")["enum"]])
            for entry in self.call(service, "ListCertificates", DirectoryId=directory)["CertificatesInfo"]:
                self.call(service, "DescribeCertificate", DirectoryId=directory, CertificateId=entry["CertificateId"])
            setting, = self.call(service, "DescribeLDAPSSettings", DirectoryId=directory)["LDAPSSettingsInfo"]
            self.assertEqual(setting["LDAPSStatusReason"], "no controller answers")

    def test_every_modelled_refusal_can_be_asked_for(self):
        with Emulator() as service:
            for operation, ours in OURS.items():
                for error in ours["errors"]:
                    service.fault("%s:1:%s" % (operation, error))
                    self.assertEqual(self.refused(service, operation), error)

    def test_requests_that_break_the_model_are_refused(self):
        directory = "d-0123456789"
        bad = [("ListCertificates", {}),
               ("ListCertificates", {"DirectoryId": "d-0123456789a"}),
               ("ListCertificates", {"DirectoryId": "D-0123456789"}),
               ("ListCertificates", {"DirectoryId": directory, "Limit": 0}),
               ("ListCertificates", {"DirectoryId": directory, "Limit": 51}),
               ("ListCertificates", {"DirectoryId": directory, "Limit": "5"}),
               ("ListCertificates", {"DirectoryId": directory, "NextToken": "forged"}),
               ("DescribeCertificate", {"DirectoryId": directory, "CertificateId": "c-xyz"}),
               ("RegisterCertificate", {"DirectoryId": directory, "CertificateData": ""}),
               ("RegisterCertificate", {"DirectoryId": directory, "CertificateData": "x" * 8193}),
               ("RegisterCertificate", {"DirectoryId": directory, "CertificateData": "x", "Type": "Client"}),
               ("RegisterCertificate", {"DirectoryId": directory, "CertificateData": "x",
                                        "ClientCertAuthSettings": {"OCSPUrl": "gopher://x"}}),
               ("EnableLDAPS", {"DirectoryId": directory}),
               ("EnableLDAPS", {"DirectoryId": directory, "Type": "Server"}),
               ("DescribeDirectories", {"DirectoryIds": []}),
               ("DescribeDirectories", {"DirectoryIds": directory}),
               ("DescribeDirectories", {"DirectoryIds": ["d-1"]}),
               ("DescribeDirectories", {"Limit": -1}),
               ("ListTagsForResource", {}),
               ("ListTagsForResource", {"ResourceId": "c-0123456789"}),
               ("ListTagsForResource", {"ResourceId": directory, "NextToken": "forged"}),
               ("DescribeRegions", {"RegionName": "eu-west-1"}),
               ("DescribeRegions", {"DirectoryId": directory, "RegionName": "eu"}),
               ("CreateMicrosoftAD", {"Name": "corp", "Password": "Passw0rd!"}),
               ("CreateMicrosoftAD", {"Name": "corp.example.com", "Password": "short", "VpcSettings": {}})]
        with Emulator() as service:
            service.create(id=directory)
            for operation, members in bad:
                with self.subTest("%s %s" % (operation, members)):
                    self.assertIn(self.refused(service, operation, **members),
                                  {"ValidationException", "SerializationException", "InvalidParameterException",
                                   "InvalidNextTokenException"})
            # The longest that is allowed is no error of length, and no secret is in a message.
            with self.assertRaises(ApiError) as caught:
                service.call("RegisterCertificate", DirectoryId=directory, CertificateData="x" * 8192)
            self.assertEqual(caught.exception.code, "InvalidCertificateException")
            with self.assertRaises(ApiError) as caught:
                service.call("CreateMicrosoftAD", Name="corp.example.com", Password="hunter2", VpcSettings={})
            self.assertNotIn("hunter2", caught.exception.message)


if __name__ == "__main__":
    unittest.main()
