#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Turns what tests/demo.sh recorded into one NAME.txt per block, the same in every run.

    demo-record.py RECORD DIRECTORY

RECORD is one file in which a line "\\fNAME" begins a block. What differs from run to run is replaced
by stand-ins, the same for the same value: digests, request ids, ids of certificates, ports. Times of
day become five minutes more from one to the next.
"""

import hashlib
import pathlib
import re
import sys

FORMS = {
    # The digest that explain_certificate shows, where a line may break before it; or all of it.
    "digest": re.compile(r"(?<= )[0-9a-f]{8}(?=\))|\b[0-9a-f]{64}\b"),
    "request": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "certificate": re.compile(r"\bc-[0-9a-f]{10}\b"),
    "port": re.compile(r"(?<=127\.0\.0\.1:)[0-9]+"),
}
TIME = re.compile(r"(?<=\d\dT)\d\d:\d\d:\d\dZ")


def stand_in(form, number):
    """The stand-in for the number-th value of a form."""
    text = hashlib.sha256(f"{form} {number}".encode()).hexdigest()
    return {
        "digest": text,
        "request": "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32])),
        "certificate": "c-" + text[:10],
        "port": str(8080 + number),
    }[form]


def steady(text):
    """The text with stand-ins."""
    for form, pattern in FORMS.items():
        known = {}

        def put(match, form=form, known=known):
            found = match.group()
            # what a digest is known by is how it begins
            key = found[:8] if form == "digest" else found
            return known.setdefault(key, stand_in(form, len(known)))[:len(found)]
        text = pattern.sub(put, text)
    minutes = iter(range(9 * 60, 24 * 60, 5))

    def time(_match):
        now = next(minutes)
        return f"{now // 60:02d}:{now % 60:02d}:00Z"
    return TIME.sub(time, text)


def main():
    record, directory = map(pathlib.Path, sys.argv[1:3])
    for block in steady(record.read_text()).split("\f")[1:]:
        name, text = block.split("\n", 1)
        (directory / f"{name}.txt").write_text(text)


if __name__ == "__main__":
    main()
