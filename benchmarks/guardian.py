"""Guardian: the daemon or its guardian is killed or frozen, by seed, at every step of a burn-in; how long an output stays on.

`python -m benchmarks.guardian --seed 1 --rounds 40` takes some twenty minutes; each round has emulators on real sockets, a line
that burns in a rack PDU, and its guardian, each a process of its own. It ends with 1 where an output stayed on.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, Say
from benchmarks.table import lines
from station.guardian.guardian import PATIENCE
from tests.station.guarded_bay import Bay

STEPS = (
    "the_jig_has_its_cards", "the_operator_connects_the_unit", "the_cover_is_closed", "the_tester_reaches_the_jig",
    "every_outlet_is_earthed", "the_insulation_withstands", "the_insulation_resists", "the_unit_is_discharged",
    "the_tester_still_reaches_the_jig", "each_outlet_has_its_phase", "the_neutral_carries", "the_mains_are_right",
    "each_outlet_obeys_its_own_command", "no_contact_is_hot", "the_contacts_stay_cool", "the_contacts_settle",
)  # fmt: skip
KILLED_S, FROZEN_S = 1.0, 1.0 + 2 * PATIENCE
"""The targets: seconds until nothing is on; a frozen one must first be given up."""
REPLACED_S = 4.0
"""Seconds that a guardian has to be replaced before the daemon is lost too: two at once are not promised."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Who is lost, how, in which step, how many seconds after it began; and what came of it."""

    who: str
    how: signal.Signals
    step: str
    after: float
    was_on: int = 0
    seconds: float = 0.0
    left_on: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()


def drawn(seed: int, rounds: int) -> list[Loss]:
    """The losses of a seed: every step in turn, who and how by chance."""
    chance = random.Random(seed)  # noqa: S311 (the same seed must strike the same blows; nothing here is a secret)
    return [
        Loss(
            chance.choice(("daemon", "daemon", "guardian")),
            chance.choice((signal.SIGKILL, signal.SIGSTOP)),
            STEPS[(seed + number) % len(STEPS)],
            chance.uniform(0.0, 1.5),
        )
        for number in range(rounds)
    ]


def carried_out(loss: Loss) -> Loss:
    """One round."""
    with TemporaryDirectory(prefix="rackproof-guardian-") as folder:
        bay = Bay(Path(folder), 600.0)
        try:
            return _lost(bay, loss)
        finally:
            bay.end()


def _lost(bay: Bay, loss: Loss) -> Loss:
    bay.begin()
    guardian = bay.reach(loss.step)
    time.sleep(loss.after)
    assert bay.line is not None
    if loss.who == "guardian":
        with suppress(ProcessLookupError):
            os.kill(guardian, loss.how)
        time.sleep(REPLACED_S)
    on = bay.on()
    began = time.perf_counter()
    bay.line.send_signal(signal.SIGKILL if loss.who == "guardian" else loss.how)
    seconds = bay.seconds_on(began)
    (deed,) = bay.deeds()
    left = (*bay.on(), *bay.serial_on())
    return Loss(loss.who, loss.how, loss.step, loss.after, len(on), seconds, left, deed.refusals)


def measure(say: Say, *, seed: int = 1, rounds: int = 6) -> list[Figure]:
    """Seconds until the source and every relay are off, the longest of each kind."""
    done: list[Loss] = []
    for number, loss in enumerate(drawn(seed, rounds), 1):
        done.append(each := carried_out(loss))
        what = f"{each.who} {each.how.name} {each.after:.2f} s into {each.step}"
        say(f"{number} of {rounds}: {what}: {each.was_on} on, off after {each.seconds:.3f} s {each.unconfirmed or ''}")
    figures = []
    for who, how, most in (
        ("daemon", signal.SIGKILL, KILLED_S),
        ("daemon", signal.SIGSTOP, FROZEN_S),
        ("guardian", signal.SIGKILL, KILLED_S),
        ("guardian", signal.SIGSTOP, KILLED_S),
    ):
        times = [each.seconds for each in done if (each.who, each.how) == (who, how) and each.was_on]
        then = ", replaced, then the daemon killed" if who == "guardian" else ""
        if times:
            name = f"{who} {'killed' if how is signal.SIGKILL else 'frozen'}{then} ({len(times)} times)"
            figures.append(Figure(f"{name}: longest until all is off", max(times), "s", most))
    left = sum(bool(each.left_on) for each in done)
    doubtful = sum(bool(each.unconfirmed) for each in done)
    figures.append(Figure(f"rounds of {rounds} that left an output on", float(left), "", 0.0))
    figures.append(Figure(f"rounds of {rounds} in which something was not confirmed", float(doubtful), "", 0.0))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Rounds by seed, a table; the exit code."""
    parser = argparse.ArgumentParser("python -m benchmarks.guardian", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=len(STEPS))
    asked = parser.parse_args(arguments)
    figures = measure(lambda what: print(what, file=sys.stderr, flush=True), seed=asked.seed, rounds=asked.rounds)
    for line in lines({"guardian": figures}):
        print(line)
    return 1 if any(each.over for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
