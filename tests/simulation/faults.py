#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Deliberate faults, each one line: every one must be caught by the exploration or the simulation.

A fault changes one text in one source of the core; that source is compiled anew and linked before
the library, so that nothing else differs. `faults.py NAME...` tries only those; `make check` all.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

SOURCE = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("top_builddir", "."))
COMPILER = os.environ.get("CC", "cc").split()
WRAPS = "-Wl,--wrap=guard_check,--wrap=guard_check_but_waiting,--wrap=guard_forbids,--wrap=guard_stale"
# The slowest is caught within seconds; a fault that makes the search endless is caught as well.
LIMIT_SECONDS = 300
WORKERS = 2
# It only computes: tests beside it that are held to a time come first.
NICE = 10
SOAK = "soak"
SEEDS = "1..60"


class Fault(typing.NamedTuple):
    name: str  # what the code does then
    source: str  # of daemon/core
    old: str  # occurs once
    new: str
    world: str  # of the exploration, where it shows soon; SOAK: it takes a fleet
    budget: int = 1
    calm: bool = False  # it shows only where runs without disturbances end


FAULTS = (
    # ---- guard
    Fault("an entry in any state counts as Registered", "guard",
          "listed->state == CERTIFICATE_STATE_REGISTERED;",
          "listed->state != CERTIFICATE_STATE_DEREGISTERED;", "ended", 2),
    Fault("N1a asks for life, not for 7 days of it", "guard", "> GUARD_LIFE_LEFT)", "> 0)", "ended"),
    Fault("N1b counts what ends before the call is sent", "guard",
          "listed->expiry <= sent_by(situation))", "listed->expiry == 0)", "expiring", 2),
    Fault("N1c leaves the removed one on the path", "guard",
          "if (!is_registered(listed) || strcmp(listed->id, without) == 0)\n\t\t\tcontinue;\n\t\tsigner",
          "if (!is_registered(listed))\n\t\t\tcontinue;\n\t\tsigner", "adoption", 2),
    Fault("N3 asks at the look, not at the sending", "guard",
          "sent_by(situation) < certificate_reversible_until(removed)",
          "situation->now < certificate_reversible_until(removed)", "aging"),
    Fault("N3 takes an end for a day after it", "guard",
          "situation->now - removed->not_after >= expired", "situation->now >= removed->not_after",
          "ended"),
    Fault("N4 is a second too long", "guard", "clock > step->deadline;",
          "clock > step->deadline + 1;", "one"),
    # ---- decide
    Fault("a step may be sent two minutes after the look", "walk",
          "walk->observed->arrived + STEP_VIEW_MAX", "walk->observed->arrived + 2 * STEP_VIEW_MAX",
          "one"),
    Fault("own failures are not cleared away", "decide", "\t\t\trule_failed(&walk);", "\t\t\t(void)rule_failed;",
          "one", calm=True),
    Fault("what is held is called settled", "decide", "\t\tstep->kind = STEP_HELD;", "", "expiring",
          calm=True),
    Fault("the next look is two intervals away", "decide",
          "int64_t until = situation->now + situation->interval;",
          "int64_t until = situation->now + 2 * situation->interval;", "one"),
    Fault("the next look comes at once", "decide", "\t\tuntil = situation->now + DECIDE_LOOK_MIN;",
          "\t\tuntil = situation->now + 1;", "one"),
    # ---- learn: what looks teach, and matching
    Fault("one look that misses an entry loses it", "learn", "\t\tgone = gone && !owned->missed;", "",
          "half", 3),
    Fault("one look that misses an entry proves its removal", "learn",
          "return !owned || owned->missed; /* one look may be wrong */", "return true;", "adoption, third answers", 3),
    Fault("an entry is adopted though two look like it", "adoption",
          "entries_like(situation, certificate) != 1", "entries_like(situation, certificate) == 0", "adoption", 2),
    Fault("a wait goes on though its conditions broke", "learn", "\tif (!holds)\n\t\t*since = 0;\n\telse if (*since == 0)",
          "\tif (holds && *since == 0)", "leaving", 2),
    Fault("a drop inherits the wait of what was superseded", "learn",
          "\tif (owned->leaving != leaving)\n\t\towned->removable_since = 0;\n", "", "door"),
    Fault("an absence of two days breaks no wait", "learn",
          "if (lesson->memory->looked != 0 && (gap < 0 || gap > WAIT_GAP_MAX))", "if (gap < 0)",
          "leaving", 2),
    Fault("an old EnableFailed proves that ours was executed", "learn",
          "!lesson->memory->enable_failed));", "true));", "adoption, third answers", 3),
    Fault("retired stays retired though a controller needs it", "learn",
          "proof_without(lesson->situation->proof, sha256) == VERDICT_FAIL ||", "", "door", calm=True),
    # ---- memory: what is committed before and after a call
    Fault("an intent counts no try", "memory", "\t\tattempt_begin(attempt, now);\n\telse if",
          "\t\t(void)now;\n\telse if", "one"),
    Fault("the intent is not committed", "memory", ".phase = CHANGE_INTENDED,", ".phase = CHANGE_NONE,",
          "leaving", 2),
    Fault("an unknown outcome is taken for a failure", "memory",
          "\tcase OUTCOME_UNKNOWN:\n\t\treturn 0;",
          "\tcase OUTCOME_UNKNOWN:\n\t\tmemory_abandon(memory);\n\t\treturn 0;", "leaving", 2),
    Fault("a change is given up after ten minutes", "memory", "change->since + CHANGE_LIFETIME +",
          "change->since + 600 +", "half", 2),
    Fault("a failed write is tried again every minute", "memory", "last ? attempt->failures - 1 : last];",
          "last ? attempt->failures - 1 : last] / 60;", "one"),
    Fault("what is retired is not remembered", "memory", "\t\twish->retired = true;", "", "rotation"),
    # ---- matching and situation
    Fault("certificates are matched by name alone", "certificate",
          "\t       apart >= -CERTIFICATE_EXPIRY_SLACK && apart <= CERTIFICATE_EXPIRY_SLACK;",
          "\t       apart < INT64_MAX;", "rotation", 2),
    Fault("a PEM that vanishes is dropped", "situation",
          " &&\n\t       !directory_trusts(situation->wanted, owned->authority);", ";", "rotation"),
    Fault("Disabled is settled at once", "situation",
          "situation->now - since >= situation->wanted->overlap;", "situation->now >= since;", "leaving", 2),
    Fault("our own change does not count as in flight", "situation",
          "if (situation->memory->change.phase != CHANGE_NONE)", "if (false)", "one"),
    Fault("the name is not compared", "situation",
          "(!name || strcasecmp(name, observed->name) == 0);", "(!name || observed->name[0]);", "one"),
    # ---- rotation
    Fault("a successor supersedes at once", "rotation", "successor->registered_at + authority->rotation.overlap;",
          "successor->registered_at;", "rotation"),
    Fault("unknown is proof", "rotation", "== VERDICT_OK) ||", "!= VERDICT_FAIL) ||", "rotation"),
    Fault("`after` does not wait", "rotation", "(situation->now >= end && sent_by < door))", "sent_by < door)",
          "rotation"),
    Fault("`after` removes behind the 90-day line", "rotation",
          "(situation->now >= end && sent_by < door))", "situation->now >= end)", "door"),
    Fault("`at_expiry` goes at the end, not a day after it", "rotation",
          "situation->now - certificate->not_after >= ROTATION_EXPIRED_SINCE))",
          "situation->now >= certificate->not_after))", "ended"),
    Fault("`manual` retires by itself", "rotation", "\t\treturn REASON_RETIRED_BY_HAND;",
          "\t\treturn REASON_NONE;", "rotation"),
    Fault("a successor that may wait does not", "rotation", "return situation->now < until ? until : 0;",
          "return 0;", "threshold"),
    # ---- roll-out: of many
    Fault("all go at once", "rollout", "\tif (leads(rollouts, turn, true))\n", "\tif (true)\n", SOAK),
    Fault("the others do not wait for the first", "rollout",
          "rollout->ready_since != 0 && rollout->ready_seen - rollout->ready_since >= overlap;",
          "rollout->used != 0 || overlap == 0;", SOAK),
    Fault("a first that is not Ready counts as if it were", "rollout", "\tif (!ready) {", "\tif (now == 0) {", SOAK),
    Fault("the others go as many as they like", "rollout", "\treturn turns < parallel;",
          "\treturn parallel > 0;", SOAK),
)


def plant(fault: Fault, folder: pathlib.Path) -> pathlib.Path:
    """The source with the fault in it."""
    path = SOURCE / "daemon/core" / f"{fault.source}.c"
    text = path.read_text()
    if text.count(fault.old) != 1:
        raise ValueError(f"the text occurs {text.count(fault.old)} times in {path.name}, not once")
    planted = folder / path.name
    planted.write_text(text.replace(fault.old, fault.new))
    return planted


def build(fault: Fault, folder: pathlib.Path) -> pathlib.Path:
    planted, built = plant(fault, folder), folder / "program"
    name, wraps = ("soak", []) if fault.world == SOAK else ("explore", [WRAPS])
    objects = sorted(map(str, (BUILD / "tests/simulation").glob(f"{name}-*.o")))
    subprocess.run([*COMPILER, "-std=c17", "-D_GNU_SOURCE", "-O2", "-w", "-fPIE", f"-I{SOURCE}/daemon",
                    "-c", planted, "-o", folder / "fault.o"], check=True, capture_output=True, text=True)
    subprocess.run([*COMPILER, "-pie", *wraps, "-o", built, *objects, folder / "fault.o",
                    BUILD / "libcore.a", BUILD / "libbase.a"], check=True, capture_output=True, text=True)
    return built


def run(fault: Fault, program: pathlib.Path) -> str:
    """The first rule that was seen broken; empty if none was."""
    command = [program, "--budget", str(fault.budget), fault.world]
    if fault.world == SOAK:
        command = [program, "--seeds", SEEDS]
    elif not fault.calm:
        command.insert(1, "--quick")
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS).stdout
    except subprocess.TimeoutExpired:
        return ""
    broken = [line for line in told.splitlines() if line.startswith(("VIOLATION: ", "not ok"))]
    return broken[0].removeprefix("VIOLATION: ") if broken else ""


def attempt(fault: Fault) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            broken = run(fault, build(fault, pathlib.Path(folder)))
        except subprocess.CalledProcessError as error:
            return False, "does not build: " + error.stderr[-400:]
        except ValueError as error:
            return False, f"is out of date: {error}"
    return bool(broken), broken or f'is not caught in the worlds "{fault.world}"'


def main() -> int:
    if os.environ.get("TESTS_EFFORT") == "small" or os.environ.get("SANITIZE"):
        print("skipped: it is about logic alone, and a small effort was asked for")
        return 77
    os.nice(NICE)
    chosen = [fault for fault in FAULTS if not sys.argv[1:] or fault.name in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        results = list(workers.map(attempt, chosen))
    for fault, (caught, told) in zip(chosen, results):
        print(f"{'ok' if caught else 'not ok'} - {fault.source}: {fault.name}: {told}")
    caught = sum(result[0] for result in results)
    print(f"{caught} of {len(chosen)} faults caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
