#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""conf/ldapsward.schema.json says what the program's own table says, and takes what it takes.

The table comes from `test-configuration --keys`. Every configuration of
tests/data/configuration/good, and the sample, must pass the schema; every one of bad must not, save
those whose comment says `The JSON Schema cannot see this`, which must pass, so that the comment
stays true. Skipped (77) without python3-jsonschema, python3-yaml or the test program.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

TOP = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).parents[2])
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
PROGRAM = BUILD / "tests/unit/test-configuration"
SCHEMA = json.loads((TOP / "conf/ldapsward.schema.json").read_text())
SAMPLE = TOP / "conf/ldapsward.yaml"
CASES = TOP / "tests/data/configuration"
BLIND = "# The JSON Schema cannot see this"

# The order of the enumerations in edge/schema.h.
SECTIONS = ["file", "defaults", "rollout", "account", "authority", "rotation", "retire",
            "directory", "approval", "select"]
SHAPES = ["one", "list", "section", "sections", "named", "regional", "texts"]
TYPES = ["none", "word", "number", "duration", "date", "name", "directory_id", "domain", "region",
         "digest", "path", "text", "account_id", "role", "session", "external_id", "url", "pattern",
         "tag"]
COLUMNS = ["section", "key", "required", "shape", "type", "below", "minimum",
           "maximum", "words", "default", "meaning"]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Loader(yaml.SafeLoader):  # pylint: disable=too-many-ancestors
    """YAML as the program and YAML 1.2 read it: no dates, no "yes" and "no" as booleans."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def table():
    """The rows of the program's table."""
    out = subprocess.run([PROGRAM, "--keys"], check=True, capture_output=True, text=True).stdout
    rows = [dict(zip(COLUMNS, line.split("\t"))) for line in out.splitlines()]
    for row in rows:
        row["section"] = SECTIONS[int(row["section"])]
        row["below"] = SECTIONS[int(row["below"])]
        row["shape"] = SHAPES[int(row["shape"])]
        row["type"] = TYPES[int(row["type"])]
        row["words"] = [word for word in row["words"].split(",") if word]
        for name in ("required", "minimum", "maximum"):
            row[name] = int(row[name])
    return rows


def section(name):
    """The part of the schema that describes a section."""
    return SCHEMA if name == "file" else SCHEMA["$defs"][name]


def seconds(duration):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", duration))


def reference(name):
    return {"$ref": f"#/$defs/{name}"}


def value_of(row):
    """What the schema must say of a single value."""
    if row["type"] == "word":
        return {"enum": row["words"]}
    if row["type"] != "number":
        return reference(row["type"])
    if row["minimum"] == row["maximum"]:
        return {"const": row["minimum"]}
    return {"type": "integer", "minimum": row["minimum"], "maximum": row["maximum"]}


def or_words(row, description):
    return {"oneOf": [{"enum": row["words"]}, description]} if row["words"] else description


def property_of(row):
    """What the schema must say of a key, without its description and default."""
    if row["shape"] == "one":
        return value_of(row)
    if row["shape"] == "list":
        return or_words(row, {"type": "array", "items": value_of(row), "uniqueItems": True,
                              "minItems": row["minimum"], "maxItems": row["maximum"]})
    if row["shape"] == "section":
        return or_words(row, reference(row["below"]))
    if row["shape"] == "sections":
        return {"type": "array", "items": or_words(row, reference(row["below"])),
                "maxItems": row["maximum"]}
    if row["shape"] == "regional":
        return {"oneOf": [value_of(row), {"type": "object", "propertyNames": reference("region"),
                                          "additionalProperties": value_of(row),
                                          "minProperties": row["minimum"],
                                          "maxProperties": row["maximum"]}]}
    if row["shape"] == "texts":
        return {"type": "object", "propertyNames": reference(row["type"] + "_key"),
                "additionalProperties": reference(row["type"]),
                "minProperties": row["minimum"], "maxProperties": row["maximum"]}
    return {"type": "object", "propertyNames": reference("name"),
            "additionalProperties": reference(row["below"]), "maxProperties": row["maximum"]}


def mistakes(text):
    """What a validator says against a text; [] if it takes it."""
    try:
        document = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        return [str(error)]
    return [error.message
            for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


class TableTest(unittest.TestCase):
    """The schema and the table, key by key."""

    def setUp(self):
        self.rows = table()

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_key_of_one_is_in_the_other(self):
        for name in SECTIONS:
            with self.subTest(section=name):
                keys = {row["key"] for row in self.rows if row["section"] == name}
                required = {row["key"] for row in self.rows
                            if row["section"] == name and row["required"]}
                self.assertEqual(set(section(name)["properties"]), keys)
                self.assertEqual(set(section(name).get("required", [])), required)
                self.assertIs(section(name)["additionalProperties"], False)

    def test_every_key_means_the_same(self):
        for row in self.rows:
            with self.subTest(section=row["section"], key=row["key"]):
                found = dict(section(row["section"])["properties"][row["key"]])
                self.assertEqual(found.pop("description"), row["meaning"])
                found.pop("default", None)
                self.assertEqual(found, property_of(row))

    def test_every_default_is_the_same(self):
        for row in self.rows:
            with self.subTest(section=row["section"], key=row["key"]):
                found = section(row["section"])["properties"][row["key"]].get("default", "-")
                if row["type"] == "duration" and found != "-":
                    found = seconds(found)
                self.assertEqual(str(found), row["default"])


class SampleTest(unittest.TestCase):
    """conf/ldapsward.yaml, which users begin with."""

    def setUp(self):
        self.text = SAMPLE.read_text()

    def test_it_passes(self):
        self.assertEqual(mistakes(self.text), [])

    def test_it_names_every_key(self):
        for row in table():
            with self.subTest(key=row["key"]):
                self.assertRegex(self.text, rf"\b{row['key']}\b")

    def test_it_shows_the_defaults(self):
        document = yaml.load(self.text, Loader)
        shown = {"file": document, "defaults": document["defaults"],
                 "rollout": document["rollout"], "rotation": document["defaults"]["rotation"],
                 "account": document["accounts"]["prod"]}
        for name, values in shown.items():
            for key, description in section(name)["properties"].items():
                with self.subTest(section=name, key=key):
                    if "default" in description:
                        self.assertEqual(values[key], description["default"])


class CasesTest(unittest.TestCase):
    """The configurations that the program takes and refuses."""

    def test_good_ones_pass(self):
        files = sorted(CASES.glob("good/**/*.yaml"))
        self.assertGreater(len(files), 5)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(mistakes(file.read_text()), [])

    def test_bad_ones_do_not(self):
        files = sorted(CASES.glob("bad/*.yaml"))
        self.assertGreater(len(files), 10)
        for file in files:
            text = file.read_text()
            with self.subTest(file=file.name):
                if BLIND not in text:
                    self.assertNotEqual(mistakes(text), [])
                elif "it is not YAML" not in text and "a key twice" not in text:
                    self.assertEqual(mistakes(text), [])


if __name__ == "__main__":
    if not PROGRAM.exists():
        print(f"skipped: no {PROGRAM}")
        sys.exit(77)
    unittest.main(verbosity=2)
