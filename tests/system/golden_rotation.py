# SPDX-License-Identifier: Apache-2.0
"""The golden cases of a CA that is renewed."""

import json
import os
import subprocess
import types

from golden import BEGIN, DAY, HEAD, HOUR, ID, World, case, directory, installed, sha256
from harness import BUILD, DEADLINE

# The generations of one root: the build's certificates hold two futures of it.
BOTH = "  corp-root: {certificates: ['ca/corp-root*.pem']%s}\n"
# corp-root ends 1825 days after midnight of the first day, BEGIN is at noon.
END = 1825 * DAY - BEGIN % DAY
# When its CA is renewed: with a year left.
RENEWAL = END - 365 * DAY


def renewed(name, successor, rotation="", trust="[corp-root]", more=""):
    """A world with corp-root alone, in which the PEM of its successor has just come beside it."""
    world = installed(name, authorities=rotating(rotation), files=("corp-root",), trust=trust, more=more)
    world.at(RENEWAL)
    world.put(successor)
    return world


def rotating(rotation=""):
    return BOTH % (", rotation: {%s}" % rotation if rotation else "")


def approved(world, name):
    """The lines of a directory that approve the removal of a certificate; steady() shows its name."""
    return "approve:\n  - {certificate: %s, reason: all controllers have enrolled anew}" % sha256(world.zoo / (name + ".pem"))


def plan_approved(world, name, sentence):
    world.plan(name, sentence)
    world.plans[name]["ldapsward.yaml"] = world.steady(world.plans[name]["ldapsward.yaml"])


@case
def same_key():
    with renewed("same-key", "corp-root-renewed") as world:
        world.plan("same-key", "A CA was renewed with its key, the PEM is beside the old one: it is registered.")
        world.apply()
        world.plan("same-key-overlap", "Both are Registered, the overlap has begun.")
        world.at(RENEWAL + 2 * DAY)
        world.plan("same-key-superseded", "The overlap is over: the old one stays, as nothing proves that it is not needed.")
        world.at(END - 30 * DAY + HOUR)
        world.plan("same-key-redundant", "The old one has 30 days left: an expired CA beside a valid one of the same key can lead astray.")
        world.at(END + 25 * HOUR)
        world.plan("same-key-expired", "It has been expired for a day: it goes.")
        return world


@case
def same_key_at_threshold():
    with renewed("threshold", "corp-root-renewed", "register: at_threshold") as world:
        world.plan("same-key-waits", "`register: at_threshold`: the current one has a year left.")
        world.at(END - 120 * DAY + HOUR)
        world.plan("same-key-threshold", "It has less than `rotate_before` left.")
        return world


@case
def new_key():
    with renewed("new-key", "corp-root-new-key") as world:
        world.plan("new-key", "A CA was renewed with a new key, a year before the old one ends: it is registered at once.")
        world.apply()
        world.at(RENEWAL + 12 * HOUR)
        world.plan("new-key-overlap", "Twelve hours later both serve.")
        world.at(RENEWAL + 90 * DAY)
        world.apply()
        world.plan("new-key-unproven", "Three months on controllers still move; without a probe nobody knows which.")
        world.at(END - 60 * DAY)
        world.apply()
        world.plan("new-key-door", "The 90-day line is passed: what goes now cannot come back.")
        world.at(END + HOUR)
        world.apply()
        world.plan("new-key-ended", "The old one has been expired for an hour.")
        world.at(END + 25 * HOUR)
        world.plan("new-key-over", "It has been expired for a day: it goes.")
        world.apply()
        world.plan("new-key-done", "The new generation is alone; the old PEM may stay in the file.")
        return world


@case
def new_key_by_hand():
    with renewed("by-hand", "corp-root-new-key", "retire: manual") as world:
        world.apply()
        world.at(RENEWAL + 2 * DAY)
        world.plan("new-key-manual", "`retire: manual`: the old generation stays until its removal is approved.")
        world.write(rotating("retire: manual"), directory("[corp-root]", approved(world, "corp-root")))
        plan_approved(world, "new-key-approved", "Its removal is approved.")
        world.at(END - 60 * DAY)
        plan_approved(world, "new-key-approved-door", "The same with 60 days left: it could not be undone.")
        return world


@case
def new_key_after():
    with renewed("after", "corp-root-new-key", "retire: {after: 30d}") as world:
        world.apply()
        world.plan("new-key-after-overlap", "`retire: {after: 30d}`, in the overlap.")
        for day in range(1, 32):
            world.at(RENEWAL + day * DAY)
            world.apply()
            if day == 2:
                world.plan("new-key-after", "The 30 days have begun.")
        world.at(RENEWAL + 32 * DAY + HOUR)
        world.plan("new-key-after-over", "They are over: it goes, while that can be undone.")
        return world


@case
def new_key_at_expiry():
    with renewed("at-expiry", "corp-root-new-key", "retire: at_expiry") as world:
        world.apply()
        world.at(RENEWAL + 2 * DAY)
        world.plan("new-key-at-expiry", "`retire: at_expiry`: the old generation stays until a day after its end.")
        return world


@case
def new_key_add_only():
    with renewed("new-key-add-only", "corp-root-new-key") as world:
        world.apply()
        world.write(rotating(), directory("[corp-root]"), HEAD.replace("sync", "add-only"))
        world.at(RENEWAL + 90 * DAY)
        world.plan("new-key-add-only", "`policy: add-only`, three months on.")
        world.at(END + 25 * HOUR)
        world.plan("new-key-add-only-over", "An expired generation is left where it is.")
        return world


@case
def new_region():
    with World("new-region") as world:
        world.create(regions=["eu-west-1", "eu-central-1"])
        world.put("corp-root")
        world.write(rotating(), directory("[corp-root]"))
        world.apply()
        world.at(RENEWAL)
        world.put("corp-root-new-key")
        world.apply()
        world.at(RENEWAL + 90 * DAY)
        world.write(rotating(), directory("[corp-root]", "regions: [eu-west-1, eu-central-1]"))
        world.plan("new-region", "A replica Region joins in mid-rotation: it gets both generations before LDAPS is enabled.")
        world.at(END - 60 * DAY)
        world.plan("new-region-door", "It joins when the older generation can no longer be registered.")
        return world


@case
def successor_removed():
    with renewed("successor-removed", "corp-root-new-key") as world:
        world.apply()
        world.at(RENEWAL + 2 * DAY)
        for entry in world.service.certificates(ID):
            if entry["expiry"] > BEGIN + END:
                world.service.control("deregister", directory=ID, certificate=entry["id"])
        world.apply()
        world.plan("successor-removed", "Others removed the new generation, it was registered again: the overlap begins anew.")
        return world


@case
def rotation_forgotten():
    with renewed("rotation-forgotten", "corp-root-new-key") as world:
        world.apply()
        world.at(RENEWAL + 2 * DAY)
        for path in (world.home / "state").iterdir():
            path.unlink()
        world.plan("lost-ledger-rotation", "The ledger is lost in mid-rotation: both are adopted, nothing is removed.")
        world.apply()
        world.at(RENEWAL + 4 * DAY)
        world.plan("lost-ledger-rotation-later", "Two days later the rotation goes on where it was.")
        return world


@case
def full_near():
    with renewed("full-near", "corp-root-new-key") as world:
        for number in range(1, 5):
            world.service.control("register", directory=ID, common_name="Old CA %d" % number,
                                  expiry=BEGIN + END + number * 400 * DAY, id="c-000000000%d" % number)
        world.plan("full-successor", "A successor has come, and others have taken every slot beside the one that is to be followed.")
        world.at(END - 20 * DAY)
        world.plan("full-near", "The current one has 20 days left.")
        world.at(END + HOUR)
        world.plan("full-ended", "It has expired: its slot goes to the successor.")
        return world


PROVEN = (
    ("overlap", "A probe verified every domain controller without the old generation, in the overlap: it stays for that."),
    ("unknown", "Three months on; a controller did not answer, so nothing is proven."),
    ("needed", "Three months on; a controller has a certificate of the old generation alone."),
    ("proven", "Eight months on every controller was verified without it: it goes, and could come back."),
    ("proven-door", "The same behind the 90-day line: it cannot come back, and proof allows it."),
    ("needed-approved", "Its removal is approved, but a controller needs it."),
    ("enable", "LDAPS is off, and the probe verified every controller against what is registered."),
    ("enable-fails", "LDAPS is off, and a controller does not chain to what is registered."),
)


@case
def proven():
    """What a probe will prove is a value that decide takes; here a program of the tests gives it."""
    plans = {}
    for name, sentence in PROVEN:
        text, value = (subprocess.run([os.path.join(BUILD, "tests", "system", "proven-plan"), name, form],
                                      stdout=subprocess.PIPE, timeout=DEADLINE, text=True, check=True).stdout
                       for form in ("text", "json"))
        plans["probe-" + name] = {"plan.txt": "# %s\n\n%s" % (sentence, text),
                                  "plan.json": json.dumps(json.loads(value), indent=2, ensure_ascii=False) + "\n"}
    return types.SimpleNamespace(plans=plans)
