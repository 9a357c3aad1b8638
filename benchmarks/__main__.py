"""`python -m benchmarks`: measure, print a table, and exit with 1 if a target is missed."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from benchmarks import aborts, crowd, exchanges, harness, modbus, openhtf_peer, proofs, scpi, slots, soaks, steps, table
from benchmarks.figure import Figure, Say

BENCHMARKS: dict[str, Callable[[Say], list[Figure]]] = {
    "steps": steps.measure,
    "slots": slots.measure,
    "aborts": aborts.measure,
    "harness": harness.measure,
    "exchanges": exchanges.measure,
    "soaks": soaks.measure,
    "crowd": crowd.measure,
    "modbus": modbus.measure,
    "scpi": scpi.measure,
    "proofs": proofs.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that the command line names, or all; the exit code."""
    asked = _parser().parse_args(arguments)
    if not openhtf_peer.is_installed():
        _say("OpenHTF is not installed, so it is left out: `make bench` installs it")
    figures = {name: _measured(name) for name in asked.only or BENCHMARKS}
    for line in table.lines(figures):
        print(line)
    print(f"\n{_machine()}: trust the ratios more than the rest")
    if asked.json is not None:
        asked.json.write_bytes(orjson.dumps(_document(figures), option=orjson.OPT_INDENT_2))
    missed = [each.name for several in figures.values() for each in several if each.over]
    print(f"targets missed: {'; '.join(missed)}" if missed else "every target is met")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="only this one; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser


def _measured(name: str) -> list[Figure]:
    return BENCHMARKS[name](lambda what: _say(f"{name}: {what}"))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"ledgers in {tempfile.gettempdir()}"
    )


def _document(figures: dict[str, list[Figure]]) -> dict[str, object]:
    told = {name: [each.document() for each in several] for name, several in figures.items()}
    return {"schema": "rackproof.benchmarks/1", "machine": _machine(), "figures": told}


if __name__ == "__main__":
    sys.exit(main())
