"""The soak: a daemon over emulators on real sockets, with a real broker; each of them is killed and frozen in turn, by seed.

`python -m benchmarks.soak --seed 1 --minutes 5`. At the end every unit that was handed in has one record in the ledger and one at
the receiver, no output stayed on longer than its deadline, and memory is flat. It ends with 1 where that is not so.
"""

import argparse
import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, Say
from benchmarks.site import Site, bay
from benchmarks.table import lines
from station.guardian.guardian import PATIENCE
from station.ledger.ledger import Ledger
from tests.station.mosquitto import Mosquitto

BLOWS = [
    (who, how) for who in ("daemon", "guardian", "broker", "emulators") for how in (signal.SIGKILL, signal.SIGSTOP)
]
KILLED_S, FROZEN_S = 1.0, 1.0 + 2 * PATIENCE
"""The targets: seconds until nothing is on; a frozen daemon must first be given up."""
GROWN_MIB, WARM_S = 4.0, 20.0
"""What a life of the daemon may grow by, once it has been at work for so many seconds."""
LONG_MIN = 2.0
"""Minutes from which on a soak is long enough to end with work that nobody disturbs, so that memory can be told."""


async def soak(seed: int, minutes: float, folder: Path, say: Say) -> tuple[Site, int]:
    """One soak: what is known of it then, and the daemon's exit code."""
    chance = random.Random(seed)  # noqa: S311 (the same seed must bring the same blows; nothing here is a secret)
    station = bay(folder)
    site = Site(folder, say, Mosquitto(folder))
    await site.broker.start()
    try:
        await site.serve(station)
        await site.start()
        around = [asyncio.get_running_loop().create_task(each) for each in (site.receive(), site.weigh())]
        feeding = asyncio.get_running_loop().create_task(site.feed(chance))
        end, blows = time.perf_counter() + minutes * 60, list[tuple[str, signal.Signals]]()
        while time.perf_counter() < end:
            await asyncio.sleep(chance.uniform(1.0, 7.0))
            if not blows:
                blows = chance.sample(BLOWS, len(BLOWS))
            who, how = blows.pop()
            say(f"{len(site.given)} units handed in, {len(site.received)} results received; {how.name} to the {who}")
            await site.stands()
            await site.blow(who, how, station)
        if minutes >= LONG_MIN:
            say("the line works on, and nobody disturbs it")
            await asyncio.sleep(4 * WARM_S)
        feeding.cancel()
        say("everything is left alone, and comes to its end")
        code = await site.end()
        for task in (feeding, *around):
            task.cancel()
        await asyncio.wait({feeding, *around})
    finally:
        for process in (site.daemon, site.emulators):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
        await site.broker.kill()
    return site, code


def _figures(site: Site, code: int) -> list[Figure]:
    with Ledger.open(site.data) as ledger:
        rows = asyncio.run(ledger.runs(limit=100_000))
    by_unit = Counter(row.serial for row in rows)
    verdicts = Counter(row.verdict for row in rows)
    site.say(
        f"blows: {dict(site.blows)}; lives of the daemon: {site.lives}; verdicts: {dict(verdicts)}; locked slots: {site.locked}"
    )
    return [
        Figure("units handed in", float(len(site.given)), ""),
        Figure("units without a record in the ledger", len([u for u in site.given if not by_unit[u]]), "", 0),
        Figure("units with more than one", len([u for u in site.given if by_unit[u] > 1]), "", 0),
        Figure("runs that have no end", len([row for row in rows if row.verdict is None]), "", 0),
        Figure("results that the receiver has not", len({row.id for row in rows} - site.received.keys()), "", 0),
        Figure("results that the ledger has not", len(site.received.keys() - {row.id for row in rows}), "", 0),
        Figure("results that came with other bytes", site.changed, "", 0),
        Figure(
            "the daemon killed: longest until nothing was on", max(site.on_for.get("SIGKILL", [0.0])), "s", KILLED_S
        ),
        Figure(
            "the daemon frozen: longest until nothing was on", max(site.on_for.get("SIGSTOP", [0.0])), "s", FROZEN_S
        ),
        Figure("blows to the daemon while something was on", sum(map(len, site.on_for.values())), ""),
        Figure("times that the daemon ended by itself", float(len(site.fell)), "", 0),
        *_grown(site.memory),
        Figure("exit code of the daemon in the end", code, "", 0),
    ]


def _grown(memory: list[tuple[float, float]]) -> list[Figure]:
    """What the last life of the daemon has grown by once it was warm; nothing where it was too short to say."""
    warm = [mib for at, mib in memory if memory[0][0] + WARM_S <= at < memory[0][0] + 2 * WARM_S]
    late = [mib for at, mib in memory if at >= memory[-1][0] - WARM_S] if memory else []
    if not warm or memory[-1][0] - memory[0][0] < 3 * WARM_S:
        return []
    return [Figure("memory grown in the last life", max(late) - max(warm), "MiB", GROWN_MIB)]


def main(arguments: Sequence[str]) -> int:
    """Soak; 1 where something was lost, doubled, left on, or grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        site, code = asyncio.run(
            soak(given.seed, given.minutes, Path(folder), lambda text: print(text, file=sys.stderr, flush=True))
        )
        figures = _figures(site, code)
    for line in lines({"soak": figures}):
        print(line)
    return 1 if any(each.over for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
