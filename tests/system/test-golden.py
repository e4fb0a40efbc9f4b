#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The plans and forecasts that every release shows, each made by the program from the emulator.

    test-golden.py [--update] [CASE...]

A case builds a world and asks for plans; tests/data/golden/PLAN/ holds each as an administrator
reads it (plan.txt), as a machine does (plan.json), and the file that it was made from
(ldapsward.yaml); forecasts likewise, in ASCII (forecast.txt), UTF-8 and JSON. --update writes them
anew: then read what changed. The clock stands at the same instant in every run; certificates are
named by their file instead of their SHA-256, ids and ports that are random by placeholders, and the
seconds that a run takes are cut off.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden_rotation  # noqa: E402, F401: its cases
from golden import (BEGIN, CASES, DAY, HEAD, HOUR, ID, ISSUING, ROOT, World, case, certificates, directory,  # noqa: E402
                    installed, sha256)
from harness import SOURCE, need  # noqa: E402

GOLDEN = pathlib.Path(SOURCE, "tests", "data", "golden")
# Worlds at one time: most of a case is waiting.
WORLDS = 4


# ---------------------------------------------------------------- the beginning


@case
def first_install():
    with World("first-install") as world:
        world.create()
        world.put("corp-root", "corp-issuing")
        world.write(ROOT + ISSUING, directory())
        world.plan("first-install", "An empty directory: both CAs, then LDAPS.")
        world.apply()
        world.plan("first-install-done", "The same after `apply`: there is nothing left to do.")
        return world


@case
def in_flight():
    with World("in-flight", "--delay", "register=1800") as world:
        world.create()
        world.put("corp-root", "corp-issuing")
        world.write(ROOT + ISSUING, directory())
        world.service.call("RegisterCertificate", DirectoryId=ID, CertificateData=world.pem("corp-root"))
        world.plan("in-flight", "Somebody has just registered one of the CAs: it is waited for.")
        return world


@case
def adoption():
    with World("adoption") as world:
        world.create()
        for name, id in (("corp-root", "c-0000000001"), ("corp-issuing", "c-0000000002"), ("lab-root", "c-0000000003")):
            world.register(name, id=id)
        world.service.control("enable", directory=ID)
        world.put("corp-root", "corp-issuing")
        world.write(ROOT + ISSUING, directory())
        world.plan("adoption", "Set up in the console before: what matches the file is adopted, what does not is left alone.")
        world.apply()
        world.plan("adoption-done", "The same after `apply`.")
        world.write(ROOT + ISSUING, directory(more="adopt: never"))
        shutil.rmtree(world.home / "state")
        world.plan("adopt-never", "The same set-up with `adopt: never`.")
        return world


@case
def pem_deleted():
    both = "  corp-root: {certificates: ['ca/corp-root*.pem']}\n"
    with installed("pem-deleted", trust="[corp-root]", authorities=both, files=("corp-root", "corp-root-renewed")) as world:
        (world.home / "ca" / "corp-root.pem").unlink()
        world.plan("pem-deleted", "A PEM was deleted by mistake, its authority is still trusted: nothing is removed.")
        world.apply(0, 2)
        world.at(10 * DAY)
        world.apply(0, 2)
        world.plan("pem-deleted-later", "Ten days later still nothing is removed.")
        world.put("corp-root")
        world.plan("pem-restored", "The PEM is back.")
        return world


@case
def directory_gone():
    with World("directory-gone") as world:
        world.create()
        world.create("lab.example.com", id="d-926708e4f2")
        world.put("corp-root")
        both = directory("[corp-root]") + directory("[corp-root]", name="lab.example.com", id="d-926708e4f2")
        world.write(ROOT, both)
        world.apply()
        world.write(ROOT, directory("[corp-root]"))
        world.plan("directory-gone", "A directory is gone from the file: it is released, not emptied.")
        world.apply()
        world.at(10 * DAY)
        world.write(ROOT, both)
        world.plan("directory-back", "Ten days later it is back in the file.")
        return world


@case
def ldaps_off():
    with installed("ldaps-off") as world:
        off = HEAD.replace("client_ldaps: enabled", "client_ldaps: disabled")
        world.write(ROOT + ISSUING, directory(), off)
        world.plan("ldaps-off", "LDAPS is to be off: it waits for `grace`.")
        world.apply(0, 2)
        world.write(ROOT + ISSUING, directory(more="approve: [disable]"), off)
        world.plan("ldaps-off-approved", "The same, approved.")
        world.write(ROOT + ISSUING, directory(), off)
        world.apply(0, 2)
        for day in (1, 2, 3):
            world.at(day * DAY)
            world.apply(0, 2)
        world.at(3 * DAY + HOUR)
        world.plan("ldaps-off-grace-over", "Three days later `grace` is over.")
        world.apply(0, 2)
        world.plan("ldaps-off-done", "LDAPS is off, the certificates are left.")
        world.write(ROOT + ISSUING, directory("none"), off)
        world.plan("trust-none", "Nothing is trusted any more: certificates wait for `grace`, the last also for `overlap`.")
        world.apply(0, 2)
        for day in (4, 5, 6):
            world.at(day * DAY + 2 * HOUR)
            world.apply(0, 2)
        world.plan("trust-none-last", "The issuing CA is gone, the root waits for its own `grace`.")
        world.at(7 * DAY + 3 * HOUR)
        world.plan("trust-none-over", "Both are over: the last one goes.")
        world.apply(0, 2)
        world.plan("trust-none-done", "All are gone.")
        return world


@case
def register_failed():
    with World("register-failed") as world:
        world.create()
        world.put("corp-root", "corp-issuing")
        world.service.control("outcome", directory=ID, call="register", count=100, reason="The certificate is malformed.")
        world.write(ROOT + ISSUING, directory("[corp-root]"), HEAD.replace("sync", "add-only"))
        world.apply(2)
        world.plan("register-failed-add-only", "A registration of ours ended RegisterFailed; `policy: add-only` cannot clear it away.")
        world.write(ROOT + ISSUING, directory("[corp-root]"))
        world.plan("register-failed", "Under `policy: sync` the entry is cleared away.")
        world.apply(2)
        world.plan("register-failed-cleared", "The failed entry is gone, the next try waits.")
        for hours in (2, 10, 40, 80):
            world.at(hours * HOUR)
            world.apply(2)
            world.apply(2)
        world.plan("register-failed-held", "After the last try it is held until the file changes.")
        return world


@case
def lost_ledger():
    with installed("lost-ledger") as world:
        world.register("lab-root", id="c-0000000009")
        shutil.rmtree(world.home / "state")
        world.write(ROOT + ISSUING, directory("[corp-root]"))
        world.plan("lost-ledger", "The ledger is lost and an authority was dropped: nothing is removed.")
        return world


@case
def twins():
    with World("twins") as world:
        world.create()
        world.put("corp-root", "twin-a", "twin-b")
        world.write(ROOT + "  twin-a: {certificates: [ca/twin-a.pem]}\n  twin-b: {certificates: [ca/twin-b.pem]}\n",
                    directory("[corp-root, twin-a, twin-b]"))
        world.plan("twins", "Two certificates with one name and one expiry: neither is registered.")
        world.register("twin-a", id="c-0000000001")
        world.plan("twins-listed", "One of them is there already: which one cannot be told.")
        return world


@case
def no_generations():
    files = "  corp-root: {certificates: ['ca/*.pem']}\n"
    with installed("no-generations", trust="[corp-root]", authorities=files, files=("corp-root",)) as world:
        for number, (other, name, sentence) in enumerate((
                ("shorter-root", "shorter-life", "A successor that ends before the one it follows: it is not registered."),
                ("lab-root", "other-subject", "Another CA in the authority of one that is registered: only that one goes on."))):
            world.at((1 + number) * DAY)
            world.put(other + ":other")
            world.plan(name, sentence)
        world.put("corp-root-renewed:renewed")
        world.plan("other-subject-renewed", "The same with a next generation of the CA that is registered.")
        return world


@case
def no_order():
    odd = "  odd: {certificates: ['ca/no-order-*.pem']}\n"
    with installed("no-order", trust="[odd]", authorities=odd, files=("no-order-a",)) as world:
        world.put("no-order-b")
        world.plan("ambiguous-order", "Nothing tells which of two generations comes later: what is there stays.")
        return world


@case
def two_subjects():
    with World("two-subjects") as world:
        world.create()
        world.put("corp-root", "lab-root")
        world.write("  both: {certificates: ['ca/*.pem']}\n", directory("[both]"))
        world.plan("two-subjects", "Two CAs in one authority and nothing registered: which of them is meant, the file does not say.")
        return world


@case
def clock_skew():
    with World("clock-skew") as world:
        world.create()
        world.put("corp-root")
        world.write(ROOT, directory("[corp-root]"))
        world.skew = 600
        world.plan("clock-skew", "This machine's clock is ten minutes ahead: certificates are registered, LDAPS is not enabled.")
        world.skew = -3600
        world.plan("clock-skew-hour", "It is an hour behind.")
        return world


@case
def throttled():
    with installed("throttled") as world:
        world.service.control("deregister", directory=ID, certificate=world.service.certificates(ID)[1]["id"])
        world.service.fault("ListCertificates:*:ThrottlingException", "DescribeDirectories:*:ThrottlingException")
        world.plan("throttled", "Everything is throttled.")
        world.at(DAY)
        world.apply(1, 2)
        world.plan("throttled-day", "A day later still.")
        world.service.control("fault", clear=True)
        world.plan("throttled-over", "It is over: what changed meanwhile is repaired.")
        return world


@case
def expired():
    issuing = "  corp-issuing: {certificates: ['ca/corp-issuing*.pem']}\n"
    with World("expired") as world:
        world.create()
        world.register("expired", id="c-0000000001")
        world.register("corp-root", id="c-0000000002")
        world.service.control("enable", directory=ID)
        world.put("corp-root", "expired")
        world.write(ROOT + "  old: {certificates: [ca/expired.pem]}\n", directory("[corp-root, old]"))
        world.plan("expired", "A certificate has expired while LDAPS is on; its authority has no other.")
        world.apply(0, 2)
        world.write(ROOT + issuing, directory("[corp-root]"))
        world.write(ROOT, directory("[corp-root]"))
        world.plan("expired-dropped", "Its authority is taken out of `trust`.")
        return world


@case
def sixty_days():
    short = "  short: {certificates: [ca/days-60.pem]}\n"
    with World("sixty-days") as world:
        world.create()
        world.put("corp-root", "days-60", "days-92")
        world.write(ROOT + short, directory("[corp-root, short]"))
        world.plan("days-60", "An authority's only certificate has 60 days left and is not registered: LDAPS cannot be enabled.")
        world.register("days-60", id="c-0000000001")
        world.plan("days-60-registered", "The same, registered before.")
        world.write("  near: {certificates: [ca/days-92.pem]}\n", directory("[near]"))
        world.plan("days-92", "92 days left: it can still be registered.")
        return world


@case
def connector():
    with World("connector") as world:
        world.create(type="ADConnector")
        for number in range(100):
            world.service.control("register", directory=ID, common_name="User CA %d" % number, expiry=BEGIN + 900 * DAY,
                                  type="ClientCertAuth", id="c-00000001%02x" % number)
        world.put("corp-root")
        world.write(ROOT, directory("[corp-root]"))
        world.plan("connector", "An AD Connector with 100 CAs for smart cards: they are none of our business.")
        return world


@case
def full():
    with World("full") as world:
        world.create()
        for number in range(1, 5):
            world.service.control("register", directory=ID, common_name="Old CA %d" % number,
                                  expiry=BEGIN + number * 100 * DAY, id="c-000000000%d" % number)
        world.put("corp-root", "corp-issuing")
        world.write(ROOT + ISSUING, directory())
        world.plan("full", "Four slots of five are taken by others, two are wanted.")
        world.register("expired", id="c-0000000005")
        world.put("expired")
        world.write(ROOT + "  old: {certificates: [ca/expired.pem]}\n", directory("[corp-root, old]"))
        world.plan("full-expired", "All are taken, one by an expired certificate that is adopted: it makes room.")
        return world


@case
def policies():
    with World("policies") as world:
        world.create()
        world.register("corp-root", id="c-0000000001")
        world.put("corp-root", "corp-issuing")
        world.write(ROOT + ISSUING, directory(), HEAD.replace("sync", "observe"))
        world.plan("observe", "`policy: observe` writes nothing.")
        add = HEAD.replace("sync", "add-only")
        world.write(ROOT + ISSUING, directory(), add)
        world.plan("add-only", "`policy: add-only` registers and enables.")
        world.apply()
        world.write(ROOT + ISSUING, directory("[corp-root]"), add)
        world.plan("add-only-dropped", "It removes nothing.")
        world.write(ROOT + ISSUING, directory(), add.replace("enabled", "disabled"))
        world.plan("add-only-off", "It disables nothing.")
        world.write(ROOT + ISSUING, directory("[corp-root]"), HEAD.replace("sync", "observe"))
        world.plan("observe-dropped", "Nor does `observe`.")
        return world


@case
def dropped():
    with installed("dropped") as world:
        world.write(ROOT + ISSUING, directory("[corp-root]"))
        world.plan("dropped", "An authority is taken out of `trust`: `grace` begins.")
        for day in (0, 1, 2, 3):
            world.at(day * DAY)
            if day < 3:
                world.apply(0, 2)
        world.at(3 * DAY + HOUR)
        world.plan("dropped-grace-over", "`grace` is over.")
        world.write(ROOT + ISSUING, directory("[corp-issuing]"))
        world.plan("dropped-root", "The root is dropped instead: the issuing CA's path ran through it.")
        return world


@case
def dropped_irreversible():
    near = "  near: {certificates: [ca/days-92.pem]}\n"
    with installed("irreversible", authorities=ROOT + near, files=("corp-root", "days-92"), trust="[corp-root, near]") as world:
        world.at(30 * DAY)
        world.write(ROOT + near, directory("[corp-root]"))
        world.apply(0, 2)
        world.plan("irreversible", "A dropped certificate can no longer be registered again: it stays until it has expired.")
        digest = sha256(world.zoo / "days-92.pem")
        world.write(ROOT + near, directory("[corp-root]", "approve:\n  - {certificate: %s, reason: replaced}" % digest))
        world.plan("irreversible-approved", "The same, approved.")
        world.plans["irreversible-approved"]["ldapsward.yaml"] = world.steady(
            world.plans["irreversible-approved"]["ldapsward.yaml"])
        return world


@case
def refused_directories():
    with World("refused") as world:
        world.put("corp-root")
        world.create("other.example.com")
        world.create("simple.example.com", id="d-9267000001", type="SimpleAD")
        world.create("shared.example.com", id="d-9267000002", type="SharedMicrosoftAD")
        world.create("making.example.com", id="d-9267000003", stage="Creating")
        world.create("broken.example.com", id="d-9267000005", stage="Inoperable")
        world.service.control("set", directory="d-9267000005", stage_reason="Cannot reach the domain controllers.")
        world.create("good.example.com", id="d-9267000006")
        world.write(ROOT, "".join(directory("[corp-root]", name=name, id=id) for name, id in (
            ("corp.example.com", ID), ("simple.example.com", "d-9267000001"), ("shared.example.com", "d-9267000002"),
            ("making.example.com", "d-9267000003"), ("missing.example.com", "d-9267000004"),
            ("broken.example.com", "d-9267000005"), ("good.example.com", "d-9267000006"))))
        world.plan("wrong-directories", "A wrong name, SimpleAD, a shared directory, one in the making, one that is not there, a broken one: the good one goes on.")
        return world


@case
def refusing():
    with World("refusing") as world:
        world.create()
        world.put("corp-root")
        world.write(ROOT, directory("[corp-root]"))
        world.service.fault("ListCertificates:*:AccessDeniedException")
        world.plan("access-denied", "The identity may not list certificates.")
        world.service.control("fault", clear=True)
        world.plan("credentials-invalid", "The access key is not known.", AWS_ACCESS_KEY_ID="AKIDUNKNOWN")
        world.plan("credentials-missing", "There are no credentials.", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        world.service.fault("ListCertificates:*:html500")
        world.plan("nonsense", "Something that is not the API answers.")
        world.plan("unreachable", "Nobody answers.", AWS_ENDPOINT_URL_DIRECTORY_SERVICE="http://127.0.0.1:9")
        return world


@case
def accounts():
    with World("accounts") as world:
        world.create()
        world.put("corp-root", "corp-issuing")
        role = world.service.role("ldapsward", external_id="directory-admins")
        for name, sentence, account in (
                ("wrong-account", "The keys are those of another account than the file names: nothing is read.",
                 "{account_id: \"444455556666\"}"),
                ("role-refused", "The role may not be assumed: the external id is another.",
                 "{account_id: \"111122223333\", role_arn: %s, external_id: directory-users}" % role),
                ("role-assumed", "The role may be assumed, and its keys are those of the account that the file names.",
                 "{account_id: \"111122223333\", role_arn: %s, external_id: directory-admins}" % role)):
            world.write(ROOT + ISSUING, directory(more="account: prod"), head=HEAD + "accounts:\n  prod: %s\n" % account)
            world.plan(name, sentence)
        return world


@case
def disturbed():
    with installed("disturbed") as world:
        first = world.service.certificates(ID)[0]["id"]
        world.service.control("disable", directory=ID)
        world.plan("disabled-elsewhere", "Others have disabled LDAPS.")
        world.service.control("enable", directory=ID)
        world.service.control("deregister", directory=ID, certificate=first)
        world.plan("removed-elsewhere", "Others have removed a certificate of ours.")
        for _ in range(4):
            world.apply(0, 2)
            for entry in world.service.certificates(ID):
                if entry["common_name"] == "Corp Root CA":
                    world.service.control("deregister", directory=ID, certificate=entry["id"])
        world.apply(0, 2)
        world.plan("contested", "They do so again and again.")
        return world


@case
def busy():
    with installed("busy", "--delay", "deregister=7200") as world:
        world.service.call("RegisterCertificate", DirectoryId=ID, CertificateData=world.pem("lab-root"))
        world.service.settings(delay=["register=never"])
        world.service.call("RegisterCertificate", DirectoryId=ID, CertificateData=world.pem("rsa"))
        world.plan("busy", "Somebody's certificate is Registering: it is waited for.")
        world.run("apply", "--timeout", "1s", LDAPSWARD_DEMO_SKIP="")
        world.at(2 * HOUR)
        world.plan("stuck", "It has been so for two hours.")
        return world


@case
def enable_failed():
    with World("enable-failed") as world:
        world.create()
        world.put("corp-root")
        world.write(ROOT, directory("[corp-root]"))
        world.service.control("outcome", directory=ID, call="enable", count=1, reason="No domain controller answers on port 636.")
        world.apply(2)
        world.plan("enable-failed", "EnableLDAPS failed.")
        return world


@case
def kinds_of_certificates():
    with World("kinds") as world:
        world.create()
        world.put("corp-issuing", "corp-root-new-key", "corp-root-cross-0-1", "not-yet-valid")
        world.write("  corp-root: {certificates: [ca/corp-root-new-key.pem, ca/corp-root-cross-0-1.pem]}\n" + ISSUING +
                    "  coming: {certificates: [ca/not-yet-valid.pem]}\n", directory("[corp-root, corp-issuing, coming]"))
        world.plan("kinds", "A cross-certificate, an issuing CA without its root, one that is not yet valid.")
        return world


# ---------------------------------------------------------------- the future


@case
def forecast_rotation():
    root = "  corp-root: {certificates: [ca/corp-root.pem, ca/corp-root-new-key.pem]}\n"
    with installed("forecast-rotation") as world:
        world.put("corp-root-new-key")
        world.write(root + ISSUING, directory())
        world.forecast("forecast-rotation", "Ten years of a root with its successor, and of an issuing CA without one.",
                       "--until", "3650d")
        return world


@case
def forecast_offline():
    with World("forecast-offline") as world:
        world.put("corp-root", "corp-issuing", "days-60")
        world.write(ROOT + ISSUING + "  short: {certificates: [ca/days-60.pem]}\n",
                    directory() + directory(name="eu.example.com", id="d-926708e4f2") +
                    directory("[short]", name="lab.example.com", id="d-926708e4f3"))
        world.forecast("forecast-offline", "The file alone: two directories alike, and one that comes to an end.", "--offline")
        return world


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the files anew")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these")
    arguments = parser.parse_args()
    need("openssl")
    chosen = [one for one in CASES if not arguments.cases or one.__name__ in arguments.cases]
    failed, seen = 0, set()
    certificates()
    pool = concurrent.futures.ThreadPoolExecutor(WORLDS)
    for one, made in [(one, pool.submit(one)) for one in chosen]:
        try:
            plans = made.result().plans
        except (AssertionError, subprocess.TimeoutExpired):
            print("%s:\n%s" % (one.__name__, traceback.format_exc()))
            failed += 1
            continue
        for name, files in plans.items():
            seen.add(name)
            failed += hold(name, files, arguments.update)
    for path in sorted(GOLDEN.iterdir()) if not arguments.cases else []:
        if path.name not in seen:
            print("tests/data/golden/%s: no case makes it" % path.name)
            failed += 1
    print("%d plans, %d differ" % (len(seen), failed))
    sys.exit(failed > 0)


def hold(name, files, update):
    """Compares the files of one plan with those kept, or keeps them; how many differ."""
    failed = 0
    for file, text in files.items():
        path = GOLDEN / name / file
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            continue
        kept = path.read_text() if path.exists() else ""
        if kept != text:
            failed = 1
            sys.stdout.writelines(difflib.unified_diff(
                kept.splitlines(True), text.splitlines(True), "tests/data/golden/%s/%s" % (name, file), "now"))
    return failed


if __name__ == "__main__":
    main()
