# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets in everything that a program leaves behind (design N14).

    secrecy = Secrecy("the whole text of a secret", "another")
    secrecy.add(token)                          # what has been given out meanwhile
    secrecy.text(done.out, "what plan printed") # AssertionError where one is seen
    secrecy.tree(directory)                     # every byte of every file below: log, ledger with its -wal, status, metrics
    secrecy.process(pid)                        # its command line and environment, and that it cannot be dumped
    secrecy.looked                              # bytes that were looked at

A secret is looked for as it stands, in Base64 wherever it begins (also in that of URLs), in hexadecimal, percent-encoded
as in a form or a URL, and as JSON may escape it. A message shows where it was found, and no secret.
"""

import base64
import os
import re
import string
import urllib.parse

# A shorter text occurs by chance.
SHORTEST = 10
# Of a secret, this much at either end gives it away too.
PART = 16


def base64_cores(data):
    """The characters of its Base64 that are the same wherever it stands in a longer text, for each of three places."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).rstrip(b"=")
        first = -(-before * 8 // 6)
        whole = (before + len(data)) * 8 // 6
        yield coded[first:whole]


def forms(text):
    """Every way in which it may be written, as bytes."""
    data = text.encode()
    found = {data, data.hex().encode(), data.hex().upper().encode(), text.replace("/", "\\/").encode()}
    for safe in ("", "/", "/=+", "-_.~"):
        quoted = urllib.parse.quote(text, safe=safe)
        found |= {quoted.encode(), urllib.parse.quote_plus(text, safe=safe).encode(),
                  re.sub("%..", lambda match: match.group().lower(), quoted).encode()}
    for core in base64_cores(data):
        found |= {core, core.replace(b"+", b"-").replace(b"/", b"_"), core.replace(b"/", b"\\/")}
    return found


class Secrecy:
    """See the head of this file."""

    def __init__(self, *secrets):
        self.forms, self.looked = {}, 0
        self.add(*secrets)

    def add(self, *secrets):
        for secret in secrets:
            if len(secret) < SHORTEST:
                raise AssertionError("a secret of %d characters is too short to be looked for" % len(secret))
            for part in {secret, secret[:PART], secret[-PART:]}:
                if len(part) >= SHORTEST:
                    for form in forms(part):
                        self.forms[form] = secret
        return self

    def bytes(self, data, where):
        self.looked += len(data)
        found = [(data.find(form), len(secret)) for form, secret in self.forms.items() if form in data]
        if found:
            at, length = min(found)
            around = data[max(0, at - 60):at].decode("latin-1")
            raise AssertionError("a secret of %d characters is seen in %s at byte %d, behind %r" % (
                length, where, at, "".join(one if one in string.printable else "?" for one in around)))

    def text(self, text, where):
        self.bytes(text.encode("utf-8", "surrogateescape"), where)

    def file(self, path):
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError:   # -wal and -shm come and go
            return
        self.bytes(data, path)

    def tree(self, top, but=()):
        """All files below, and their names; `but` are names of files that hold secrets by right."""
        for at, _, names in os.walk(top):
            for name in names:
                path = os.path.join(at, name)
                self.text(path, "a file's name")
                if name not in but and os.path.isfile(path):
                    self.file(path)

    def process(self, pid, environment=True):
        """What others see of a process: unless it is given secrets in its environment, that is looked at too."""
        for name in ["cmdline", "comm"] + (["environ"] if environment else []):
            try:
                self.file("/proc/%d/%s" % (pid, name))
            except PermissionError:     # not dumpable, and we are not root: then nobody of its user sees it
                pass


def undumpable(pid):
    """Whether a process leaves no core file and is nobody's to trace: its files in /proc are root's, its limit is 0."""
    with open("/proc/%d/limits" % pid) as file:
        core = re.search(r"^Max core file size +(\S+) +(\S+)", file.read(), re.MULTILINE)
    return core.groups() == ("0", "0") and os.stat("/proc/%d/mem" % pid).st_uid == 0
