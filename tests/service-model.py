#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Our words against the service model of the AWS SDKs (python3-botocore, ds/2015-04-16).

Reads the tables of core/vocabulary.h, which client, model and emulator share, and the members that
the client names; holds each operation, member, error, enumeration and limit against the model, both
ways. What is newer than the model of Debian 12 stands in NEWER, with its reason. Exit status: 0 in step,
1 not, 77 no botocore.
"""

import os
import re
import sys

try:
    import botocore.retries.standard as standard
    import botocore.session
except ImportError:
    print("no botocore")
    sys.exit(77)

TOP = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

# Words that the service has and botocore 1.29 does not know yet.
NEWER = {("DirectoryStage", "Updating")}
# What no service says: our own words for keys of another account, and for settings that cannot be used.
OWN = {"WrongAccount", "WrongSettings"}
# Errors that no operation models: of the service's page of common errors, of other gateways of AWS,
# and of the SDKs' lists for clocks that are off.
COMMON = set("""
    AccessDenied AccessDeniedException ExpiredToken ExpiredTokenException IncompleteSignature InternalFailure
    InternalServerError InvalidClientTokenId InvalidSignatureException MalformedHttpRequestException
    MissingAuthenticationTokenException NotAuthorized OptInRequired RequestAbortedException
    RequestEntityTooLargeException RequestExpired RequestInTheFuture RequestTimeTooSkewed
    SerializationException ServiceUnavailable SignatureDoesNotMatch UnknownOperationException
    UnrecognizedClientException ValidationError ValidationException""".split())
# Members of error replies, which the model does not have.
ERROR_MEMBERS = {"__type", "message", "Message", "code", "RequestId", "requestId"}
# vocabulary.h's table -> the model's enumeration.
ENUMS = {"CERTIFICATE_TYPE": "CertificateType", "CERTIFICATE_STATE": "CertificateState",
         "LDAPS_STATUS": "LDAPSStatus", "DIRECTORY_TYPE": "DirectoryType", "DIRECTORY_STAGE": "DirectoryStage"}

failures = []
number = 0


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def check(what, wrong):
    """One TAP line; `wrong` lists what is out of step."""
    global number
    number += 1
    wrong = sorted(str(item) for item in wrong)
    print("%sok %d - %s%s" % ("not " if wrong else "", number, what, ": " + ", ".join(wrong) if wrong else ""))
    failures.extend(wrong)


def table(text, name):
    """The rows (lists of words) of `#define NAME_TABLE(X) X(a, b) ...`."""
    match = re.search(r"#define %s_TABLE\(X\)((?:.*\\\n)*.*\n)" % name, text)
    return [[word.strip().strip('"') for word in row.split(",")] for row in re.findall(r"\bX\(([^)]*)\)", match.group(1))]


def members(shape, into):
    """The names of all members of a shape and of those in it."""
    if shape is None:
        return into
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            into.add(name)
            members(member, into)
    elif shape.type_name == "list":
        members(shape.member, into)
    return into


def limit(text, name):
    return int(re.search(r"#define %s (\d+)" % name, text).group(1))


vocabulary = read("daemon/core/vocabulary.h")
model = botocore.session.get_session().get_service_model("ds")
words = dict(table(vocabulary, "OPERATION"))
operations = list(words.values())
# Those that the daemon asks for; the emulator serves them and some that make directories.
CLIENT = sorted({words[name] for name in re.findall(r"\bOPERATION_([A-Z_]+)", read("daemon/edge/service.c"))})
refusals = dict(table(vocabulary, "REFUSAL"))
shapes = {name: model.shape_for(name) for name in model.shape_names}

check("every operation exists", set(operations) - set(model.operation_names))
check("the client asks for what it lives on", {"DescribeDirectories", "ListCertificates", "RegisterCertificate"} - set(CLIENT))

for name, enum in ENUMS.items():
    ours = {row[1] for row in table(vocabulary, name)}
    check("%s has the words of the service" % enum,
          {(enum, word) for word in ours ^ set(shapes[enum].enum)} - NEWER)

errors = {error.name for name in operations if name in model.operation_names
          for error in model.operation_model(name).error_shapes}
check("every error of these operations is known", errors - set(refusals))
check("every code is one of the model, of the common errors or of the SDKs' lists",
      set(refusals) - errors - COMMON - OWN - set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
      - set(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES))
check("what the SDKs take for throttling is throttling, and no more",
      set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
      ^ {code for code, kind in refusals.items() if kind == "THROTTLE"})
check("what the SDKs take for transient is tried again",
      {code for code in standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES
       if refusals.get(code) not in ("TRANSIENT", "THROTTLE")})
check("faults of the service are transient",
      {name for name in errors if shapes[name]._shape_model.get("fault") and refusals.get(name) != "TRANSIENT"})

outputs, inputs = set(), set()
for name in CLIENT:
    members(model.operation_model(name).output_shape, outputs)
    members(model.operation_model(name).input_shape, inputs)
used = set(re.findall(r'"(\w+)"', " ".join(re.findall(
    r"(?:value_member(?:_\w+)?|id_of|words_of|list_of|member_either)\(([^;]*?)\)", read("daemon/edge/reply.c")))))
check("members that the client reads exist", used - outputs - ERROR_MEMBERS)
check("the client reads what it lives on", {"CertificateId", "CommonName", "State", "ExpiryDateTime", "Type", "NextToken",
                                            "StateReason", "LDAPSStatus", "Stage", "Name"} - used)
writer = read("daemon/edge/service.c") + read("daemon/edge/pages.c")
packs = " ".join(re.findall(r"json_pack\((.*?)\);", writer, re.DOTALL))
sent = (set(re.findall(r'"([A-Z]\w+)"', packs)) | set(re.findall(r'\\"([A-Z]\w+)\\":', writer))) - {"Client"}
check("members that the client sends exist", sent - inputs)
check("members that the service wants are sent", {member for name in CLIENT for member in
                                                  model.operation_model(name).input_shape.required_members} - sent)
check("Client is a type of LDAPS", {"Client"} - set(shapes["LDAPSType"].enum))

check("limits are the service's", {
    (ours, theirs) for ours, theirs in (
        (limit(vocabulary, "SERVICE_PEM_MAX"), shapes["CertificateData"].metadata["max"]),
        (limit(vocabulary, "SERVICE_PAGE_MAX"), shapes["PageLimit"].metadata["max"]),
    ) if ours != theirs})
check("ids have the pattern that we check", {
    (shape, pattern) for shape, pattern in (("DirectoryId", "^d-[0-9a-f]{10}$"), ("CertificateId", "^c-[0-9a-f]{10}$"))
    if shapes[shape].metadata["pattern"] != pattern})
check("the target is the service's", {model.metadata["targetPrefix"]} - set(
    re.findall(r'"(DirectoryService_\d+)\."', read("daemon/edge/exchange.c"))))
check("the scope of the signature is the service's",
      {model.signing_name} - set(re.findall(r'#define SERVICE_NAME "(\w+)"', read("daemon/edge/http.c"))))

print("1..%d" % number)
sys.exit(1 if failures else 0)
