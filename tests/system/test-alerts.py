#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Whoever asks for a metric asks for one that exists, with labels that it has: the alert rules, their
tests and the dashboard; and the manual explains every one. Promtool runs the rules against their
tests, where it is there.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from harness import PATIENCE, SOURCE

RULES = os.path.join(SOURCE, "conf", "prometheus", "ldapsward.rules.yml")
TESTS = os.path.join(SOURCE, "conf", "prometheus", "ldapsward.rules.test.yml")
DASHBOARD = os.path.join(SOURCE, "conf", "grafana", "ldapsward.json")

# What a scrape adds, and what Prometheus's own words in a selector are.
SCRAPED = {"instance", "job"}


def text(*words):
    with open(os.path.join(SOURCE, *words)) as file:
        return file.read()


def families():
    """The names in the program's table."""
    return set(re.findall(r'^\tX\(\w+, "(\w+)"', text("daemon", "program", "metrics.h"), re.M))


def manual():
    """{family: its labels} of the manual."""
    section = text("man", "ldapsward.8").partition(".Sh METRICS\n")[2].partition("\n.Sh ")[0]
    return {name: set(re.findall(r"\w+", labels or "")) for name, labels in
            re.findall(r"^\.It Sy (\w+)\n(?:Labels:\n\.Sy ([\w ,]+) \.)?", section, re.M)}


def expressions(node):
    """Every query of a dashboard."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def dashboard():
    with open(DASHBOARD) as file:
        return [query for query in expressions(json.load(file)) if "ldapsward_" in query or "(" in query]


def rules():
    """Every query of the rules: those on one line and those that are folded."""
    return [" ".join(match.split()) for match in re.findall(
        r"^ +expr: (?:>-\n)?((?:.*\n)(?:^ {10}\S.*\n)*)", text("conf", "prometheus", "ldapsward.rules.yml"), re.M)]


def asked(query):
    """(family, the labels it is asked by) of a query."""
    for name, labels in re.findall(r"\b(ldapsward_\w+)(?:\{([^}]*)\})?", query):
        yield name, set(re.findall(r"(\w+)\s*[=!]~?", labels))


class Names(unittest.TestCase):
    def test_manual(self):
        """The manual explains every family of the program, and no other."""
        self.assertGreater(len(families()), 10)
        self.assertEqual(set(manual()), families())

    def test_queries(self):
        """Rules and dashboard ask for families and labels that exist."""
        labels = manual()
        for where, queries, least in (("rules", rules(), 10), ("dashboard", dashboard(), 10)):
            self.assertGreaterEqual(len(queries), least, where)
            for query in queries:
                found = list(asked(query))
                self.assertTrue(found, "%s: no metric in %s" % (where, query))
                for name, by in found:
                    self.assertIn(name, families(), where)
                    self.assertLessEqual(by, labels[name], "%s: %s" % (where, query))
                grouped = {word for words in re.findall(r"\b(?:by|on|without) \(([^)]*)\)", query)
                           for word in re.findall(r"\w+", words)}
                self.assertLessEqual(grouped - SCRAPED, set.union(*(labels[name] for name, _ in found)), query)

    def test_noticed(self):
        """A metric that does not exist would be noticed."""
        self.assertEqual(list(asked('rate(ldapsward_nonsense_total{a="b",c=~"d"}[1h])')),
                         [("ldapsward_nonsense_total", {"a", "c"})])

    def test_tested(self):
        """Every alert has a test in which it fires."""
        alerts = set(re.findall(r"^ +- alert: (\w+)", text("conf", "prometheus", "ldapsward.rules.yml"), re.M))
        fired = set(re.findall(r'alertname="(\w+)"', text("conf", "prometheus", "ldapsward.rules.test.yml")))
        self.assertGreaterEqual(len(alerts), 10)
        self.assertEqual(alerts, fired)


@unittest.skipUnless(shutil.which("promtool"), "no promtool (Debian: prometheus)")
class Promtool(unittest.TestCase):
    def run_promtool(self, *words):
        return subprocess.run(["promtool", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60 * PATIENCE, check=False)

    def test_check(self):
        """The rules are sound."""
        done = self.run_promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_rules(self):
        """Each alert fires where it should, and where all is well none does."""
        done = self.run_promtool("test", "rules", TESTS)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
