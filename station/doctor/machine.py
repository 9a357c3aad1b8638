"""The machine: its clock, its Python, its service, and who has the bench."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from station.condition import Condition
from station.doctor.case import Case, alarm, warning, well
from station.ledger.errors import LedgerError
from station.ledger.history import ANY
from station.reporting import runs
from station.walls import iso

SYNCHRONISED = "run/systemd/timesync/synchronized"
OTHERS = ("run/chrony", "run/chrony.d", "run/ntpd.pid", "run/ntpd")
BUILT = "2026-01-01"
"""The program is not older than that, and no record can be."""
LONGEST = 4096


def clock(case: Case) -> Iterator[Condition]:
    """Whether the time of day can be true, and whether somebody keeps it so."""
    now = iso(case.now)
    newest = ""
    with suppress(LedgerError):
        newest = max((row.started for row in runs(case.data, ANY, 20) if not row.simulated), default="")
    if now < BUILT or now < newest:
        than = f"the newest run ({newest[:19]})" if newest > BUILT else f"this program ({BUILT})"
        yield alarm(
            "clock",
            f"it says {now[:19]}, which is before {than}",
            "set the clock; see to the battery of the board, and to NTP",
        )
    elif (case.root / SYNCHRONISED).exists():
        yield well("clock", f"{now[:19]} UTC, synchronised by systemd-timesyncd")
    elif found := next((each for each in OTHERS if (case.root / each).exists()), None):
        yield well("clock", f"{now[:19]} UTC; {Path(found).name.removesuffix('.pid').removesuffix('.d')} keeps it")
    else:
        yield warning(
            "clock",
            f"{now[:19]} UTC, and nobody is known to keep it right",
            "run systemd-timesyncd or chrony, on the site's own time server",
        )


def python(case: Case) -> Iterator[Condition]:
    """Whether it is the Python that this program is tested with."""
    del case
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        yield well("python", said)
    else:
        yield warning("python", f"{said}, and the program is tested with 3.11", "install it under Python 3.11")


def unit(case: Case) -> Iterator[Condition]:
    """Whether the services that were installed run (`station unit`); the doctor's own runs when it is called."""
    for file in sorted((case.root / "etc/systemd/system").glob("rackproof*.service")):
        if file.stem == "rackproof-doctor":
            continue
        named = f"{file.stem}*.service" if file.stem.endswith("@") else file.name
        if any((case.root / "sys/fs/cgroup/system.slice").glob(named)):
            yield well("service", f"{file.name} runs")
        else:
            remedy = f"systemctl status {file.stem}; journalctl -u {file.stem}"
            yield warning("service", f"{file.name} is installed and does not run", remedy)


def locks(case: Case) -> Iterator[Condition]:
    """Who has instruments of this machine now."""
    folder = Path(os.environ.get("RACKPROOF_LOCKS") or case.root / "run/lock/rackproof")
    held: dict[tuple[int, str], int] = {}
    with suppress(OSError):
        for file in sorted(folder.iterdir()):
            with suppress(OSError, ValueError, TypeError, AttributeError):
                if said := _holder(file):
                    held[said] = held.get(said, 0) + 1
    for (pid, command), count in held.items():
        yield well("bench", f"{count} instruments are in use by process {pid} ({command})")


def _holder(file: Path) -> tuple[int, str] | None:
    """Whose a lock is; None where nobody holds it. Asking does not disturb who does."""
    fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        said = json.loads(os.read(fd, LONGEST).split(b"\n")[0] or b"{}")
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(said.get("pid", 0)), str(said.get("command", "?"))[:40]
    finally:
        os.close(fd)
    return None
