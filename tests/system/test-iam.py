#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The policies of conf/iam name exactly what the code calls: no action too few, and none too many.

What it calls is read from the sources: the operations that edge asks for, which of them write (core/vocabulary), which
step calls which (core/step), and which steps add (core/guard). The manual lists the same, and the README's samples are sound.
"""

import json
import os
import re
import unittest

from harness import SOURCE, Emulator, scratch

# Policy -> its file.
FILES = {"observe": "read-only.json", "add-only": "no-removal.json", "sync": "full.json"}
# Actions without resources: "*" alone allows them (Service Authorization Reference, list_ds).
EVERYWHERE = {"DescribeDirectories", "DescribeTrusts"}
DIRECTORY = re.compile(r"arn:aws:ds:\*:\d{12}:directory/d-[0-9a-f]{10}")


def source(*path):
    with open(os.path.join(SOURCE, *path)) as file:
        return file.read()


def body(text, start):
    """The text from `start` to the next line that closes a block at its left edge."""
    return text[text.index(start):].split("\n}", 1)[0]


OPERATIONS = dict(re.findall(r'X\((\w+), "(\w+)"\)', re.search(
    r"#define OPERATION_TABLE\(X\)(.*?)\n/\*", source("daemon", "core", "vocabulary.h"), re.DOTALL).group(1)))


def operations(text):
    return {OPERATIONS[name] for name in re.findall(r"\bOPERATION_(\w+)", text) if name in OPERATIONS}


def called():
    """Every operation that the daemon's edges name: each is asked for, as tables of operations are core's."""
    found = set()
    for layer in ("edge", "program"):
        top = os.path.join(SOURCE, "daemon", layer)
        for name in sorted(os.listdir(top)):
            if name.endswith(".c"):
                found |= operations(source("daemon", layer, name))
    return found


def expected():
    """Policy -> the actions that it takes."""
    calls = called()
    writes = operations(body(source("daemon", "core", "vocabulary.c"), "bool operation_writes("))
    steps = dict(re.findall(r"\[(STEP_\w+)\] = \{\"\w+\", (OPERATION_\w+)\}", source("daemon", "core", "step.c")))
    adds = re.search(r"bool adds = (.*?);", source("daemon", "core", "guard.c"), re.DOTALL).group(1)
    adding = operations(" ".join(steps[step] for step in re.findall(r"STEP_\w+", adds)))
    return {"observe": calls - writes, "add-only": calls - writes | calls & adding, "sync": calls}


class Policies(unittest.TestCase):
    maxDiff = None

    def statements(self, policy):
        document = json.loads(source("conf", "iam", FILES[policy]))
        self.assertEqual((set(document), document["Version"]), ({"Version", "Statement"}, "2012-10-17"))
        return document["Statement"]

    def actions(self, policy):
        found = []
        for statement in self.statements(policy):
            self.assertEqual(set(statement), {"Sid", "Effect", "Action", "Resource"})
            self.assertEqual(statement["Effect"], "Allow")
            for action in statement["Action"]:
                service, name = action.split(":")
                self.assertEqual(service, "ds")
                self.assertIn(name, OPERATIONS.values(), "wildcards and other services have no place here")
                found.append(name)
        self.assertEqual(len(found), len(set(found)), "an action is named twice")
        return set(found)

    def test_what_is_read_from_the_sources_is_not_nothing(self):
        found = expected()
        self.assertLessEqual({"ListCertificates", "DescribeDirectories"}, found["observe"])
        self.assertEqual(found["add-only"] - found["observe"], {"RegisterCertificate", "EnableLDAPS"})
        self.assertEqual(found["sync"] - found["add-only"], {"DeregisterCertificate", "DisableLDAPS"})

    def test_each_names_what_the_code_calls(self):
        for policy, wanted in expected().items():
            actions = self.actions(policy)
            for action in sorted(wanted - actions):
                self.fail("the code calls %s under policy %s: add ds:%s to conf/iam/%s" % (action, policy, action, FILES[policy]))
            for action in sorted(actions - wanted):
                self.fail("nothing calls %s under policy %s: take ds:%s out of conf/iam/%s" % (action, policy, action, FILES[policy]))

    def test_resources_are_as_narrow_as_they_can_be(self):
        for policy in FILES:
            for statement in self.statements(policy):
                everywhere = {action.split(":")[1] for action in statement["Action"]} & EVERYWHERE
                if everywhere:
                    self.assertEqual((statement["Resource"], len(everywhere)), ("*", len(statement["Action"])))
                elif statement["Action"] == ["ds:ListTagsForResource"]:
                    # which directories are selected is known only once their tags are
                    self.assertEqual(statement["Resource"], "arn:aws:ds:*:111122223333:directory/*")
                else:
                    self.assertRegex(statement["Resource"], DIRECTORY)

    def test_the_manual_says_the_same(self):
        manual = source("man", "ldapsward.8").split(".Sh AWS PERMISSIONS")[1].split(".Sh ")[0]
        words = set(re.findall(r"ds:(\w+)", manual.split(".Bd")[0]))
        self.assertEqual({word for word in words if word[0].isupper()}, self.actions("sync"))
        sample = json.loads(manual.split(".Bd -literal\n")[1].split(".Ed")[0])
        found = [action for statement in sample["Statement"] for action in
                 ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])]
        self.assertEqual({action.split(":")[1] for action in found}, self.actions("sync"))

    def test_the_samples_of_the_readme_are_sound(self):
        text = source("conf", "iam", "README.md")
        samples = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
        self.assertGreater(len(samples), 3)
        for sample in samples:
            json.loads(sample)
        seed, = [sample for sample in samples if json.loads(sample) and isinstance(json.loads(sample), list)]
        path = scratch("seed.json")
        with open(path, "w") as file:
            file.write(seed)
        with Emulator("--seed", path):
            pass
        for name in FILES.values():
            self.assertIn("[%s](%s)" % (name, name), text)


if __name__ == "__main__":
    unittest.main()
