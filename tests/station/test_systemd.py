"""What systemd is told, on a socket like its own; and the units: hardened, and with what a line must have all the same."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from station.systemd import Systemd
from station.units import DRAIN, STARTS, WITHIN, Installation, doctor_unit, guardian_unit, service_unit
from tests.station.command_line import Captured, station
from tests.strangers.needed import program, said_by

LINE = Installation(
    program=Path(sys.executable).with_name("station"),
    station=Path("/etc/rackproof/station.toml"),
    data=Path("/var/lib/rackproof"),
    user="rackproof",
    writes=(Path("/srv/jobs in"),),
    reaches=frozenset({"serial", "net"}),
    safe=300.0,
)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket like systemd's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(tmp_path / "notify"))
        one.setblocking(False)
        yield one


def heard(listener: socket.socket) -> list[str]:
    """All that was told so far."""
    said: list[str] = []
    with suppress(BlockingIOError):
        while True:
            said.append(listener.recv(4096).decode())
    return said


def environment(listener: socket.socket, **more: str) -> dict[str, str]:
    """What systemd gives its service."""
    return {"NOTIFY_SOCKET": str(listener.getsockname()), **more}


def test_systemd_is_told_of_every_turn(listener: socket.socket) -> None:
    """Ready with a status, a reload with systemd's own time, and the end."""
    systemd = Systemd.of(environment(listener))
    systemd.ready("8 slots")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    systemd.reloading()
    systemd.stopping("draining")
    systemd.close()
    systemd.status("nobody hears this")
    ready, reloading, stopping = heard(listener)
    assert "READY=1\nSTATUS=8 slots" == ready
    assert "STOPPING=1\nSTATUS=draining" == stopping
    first, second = reloading.split("\n")
    assert "RELOADING=1" == first
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_a_status_is_one_line_whatever_was_scanned(listener: socket.socket) -> None:
    """A status that quotes what came from outside cannot say anything else to systemd."""
    systemd = Systemd.of(environment(listener))
    systemd.status("SN1\nMAINPID=1\x1b[2J\udcff" + "x" * 1000)
    systemd.close()
    (said,) = heard(listener)
    assert said.startswith("STATUS=SN1 MAINPID=1 [2J x")
    assert 1 == len(said.splitlines())
    assert len(said) < 500


def test_an_abstract_socket_is_told_too() -> None:
    """Its name begins with @."""
    name = f"rackproof-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(f"\0{name}")
        one.setblocking(False)
        systemd = Systemd.of({"NOTIFY_SOCKET": f"@{name}"})
        systemd.ready("")
        systemd.close()
        assert ["READY=1\nSTATUS="] == heard(one)


@pytest.mark.parametrize("place", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
async def test_outside_systemd_nothing_happens(place: dict[str, str]) -> None:
    """Nothing is told, no watchdog is fed, and nothing goes wrong."""
    systemd = Systemd.of({**place, "WATCHDOG_USEC": "1000"})
    systemd.ready("")
    await systemd.feed(lambda: True)
    systemd.close()


def test_one_who_does_not_listen_holds_nothing_up(listener: socket.socket) -> None:
    """A full socket, or one that is gone: what cannot be told is not told."""
    systemd = Systemd.of(environment(listener))
    for _ in range(5000):
        systemd.status("full")
    assert heard(listener)
    listener.close()
    systemd.status("gone")
    systemd.close()


async def fed(systemd: Systemd, seconds: float, alive: list[bool], after: float = 0.0) -> None:
    """Feed for a while; `after` some of it the first answer gives way to the next."""
    feeding = asyncio.get_running_loop().create_task(systemd.feed(lambda: alive[0]))
    await asyncio.sleep(after)
    if len(alive) > 1:
        alive.pop(0)
    await asyncio.sleep(seconds - after)
    feeding.cancel()
    with suppress(asyncio.CancelledError):
        await feeding
    systemd.close()


async def test_the_watchdog_is_fed_each_half_of_its_time(listener: socket.socket) -> None:
    """As sd_watchdog_enabled(3) asks for."""
    systemd = Systemd.of(environment(listener, WATCHDOG_USEC="100000", WATCHDOG_PID=str(os.getpid())))
    assert 0.1 == systemd.watchdog
    await fed(systemd, 0.5, [True])
    assert 5 <= heard(listener).count("WATCHDOG=1") <= 11


async def test_work_that_makes_no_progress_feeds_nothing(listener: socket.socket) -> None:
    """It says so, once, and feeds again when it goes on."""
    systemd = Systemd.of(environment(listener, WATCHDOG_USEC="40000"))
    await fed(systemd, 0.3, [False, True], after=0.1)
    said = heard(listener)
    assert "STATUS=makes no progress: the watchdog is not fed any more" == said[0]
    assert "WATCHDOG=1\nSTATUS=makes progress again" == said[1]
    assert {"WATCHDOG=1"} == set(said[2:])


async def test_it_is_known_when_the_watchdog_was_fed_last(listener: socket.socket) -> None:
    """Work that makes no progress leaves it as old as it is; before the first time there is no age."""
    systemd = Systemd.of(environment(listener, WATCHDOG_USEC="20000"))
    before = systemd.fed
    assert before is None
    begun = asyncio.get_running_loop().time()
    await fed(systemd, 0.3, [True, False], after=0.05)
    assert systemd.fed is not None
    assert begun <= systemd.fed <= begun + 0.25


def hold_up(seconds: float) -> None:
    """Block the loop, as a step must not."""
    time.sleep(seconds)


async def test_a_loop_that_is_held_up_starves_the_watchdog(
    listener: socket.socket, no_blocking_calls: BlockBuster
) -> None:
    """F088: while a step blocks the loop nothing is fed, so systemd kills the process."""
    no_blocking_calls.deactivate()
    systemd = Systemd.of(environment(listener, WATCHDOG_USEC="40000"))
    feeding = asyncio.get_running_loop().create_task(systemd.feed(lambda: True))
    await asyncio.sleep(0.05)
    heard(listener)
    hold_up(0.2)
    assert [] == heard(listener)
    feeding.cancel()
    with suppress(asyncio.CancelledError):
        await feeding
    systemd.close()
    no_blocking_calls.activate()


@pytest.mark.parametrize(("microseconds", "pid"), [("1000000", "1"), ("x", ""), ("", ""), ("²", "")])
def test_a_watchdog_of_somebody_else_is_not_ours(microseconds: str, pid: str) -> None:
    """It was meant for another process, or is no number."""
    named = {"WATCHDOG_PID": pid} if pid else {}
    assert 0.0 == Systemd.of({"WATCHDOG_USEC": microseconds, **named}).watchdog


def settings(unit: str) -> dict[str, list[str]]:
    """The settings of a unit."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_guardian_outlives_the_daemon() -> None:
    """It is a unit of its own that comes before the daemon and ends after it, and one that a daemon has begun is not killed."""
    unit, guardian = settings(service_unit(LINE)), settings(guardian_unit(LINE))
    assert "rackproof-guardian.service" in unit["After"][0]
    assert "rackproof-guardian.service" in unit["Wants"][0]
    assert (["always"], ["0"]) == (guardian["Restart"], guardian["StartLimitIntervalSec"])
    assert int(guardian["TimeoutStopSec"][0]) > LINE.safe
    assert {"BindsTo", "PartOf", "Requires"}.isdisjoint({*unit, *guardian})
    assert [["process"], ["continue"], ["main"], ["notify"]] == [
        unit[each] for each in ("KillMode", "OOMPolicy", "NotifyAccess", "Type")
    ]


def test_the_journal_outlives_the_daemon() -> None:
    """The user is a fixed one, and what it leaves in shared memory is not removed."""
    unit = settings(service_unit(LINE))
    assert (["rackproof"], ["no"]) == (unit["User"], unit["RemoveIPC"])
    assert "DynamicUser" not in unit
    assert "PrivateDevices" not in unit


def test_a_crash_loop_ends() -> None:
    """F096: five starts in 300 s, then it stays down, and what is wrong is told."""
    unit = settings(service_unit(LINE))
    assert (5, 300) == (STARTS, WITHIN)
    assert [["300"], ["5"], ["on-failure"], ["rackproof-doctor.service"]] == [
        unit[each] for each in ("StartLimitIntervalSec", "StartLimitBurst", "Restart", "OnFailure")
    ]
    assert 5 * 5 < 300 == int(unit["StartLimitIntervalSec"][0])


def test_stopping_waits_longer_than_making_safe_takes() -> None:
    """After draining for as long as the daemon is told to."""
    unit = settings(service_unit(LINE))
    (command,) = unit["ExecStart"]
    assert command.endswith(
        f"station daemon --station /etc/rackproof/station.toml --data /var/lib/rackproof --drain-within {DRAIN}"
    )
    assert int(unit["TimeoutStopSec"][0]) > DRAIN + LINE.safe
    assert ["/bin/kill -HUP $MAINPID"] == unit["ExecReload"]


def test_a_unit_reaches_its_own_instruments_only() -> None:
    """Serial ports where there are some; the folders that it writes, quoted."""
    unit = settings(service_unit(LINE))
    assert ["char-ttyUSB rw", "char-ttyACM rw", "char-ttyS rw"] == unit["DeviceAllow"]
    assert (["rackproof"], ['"-/srv/jobs in"', "-/run/lock"]) == (unit["StateDirectory"], unit["ReadWritePaths"])
    alone = Installation(LINE.program, LINE.station, Path("/srv/100%"), "line", reaches=frozenset({"net"}))
    unit = settings(service_unit(alone))
    assert {"DeviceAllow", "SupplementaryGroups", "StateDirectory"}.isdisjoint(unit)
    assert (["-/srv/100%%", "-/run/lock"], ["closed"]) == (unit["ReadWritePaths"], unit["DevicePolicy"])


@pytest.mark.parametrize("user", ["root", "", "Line", "a b", "x\nUser=root", "a" * 40])
def test_a_user_that_will_not_do_is_refused(user: str) -> None:
    """By what was found and what is allowed."""
    with pytest.raises(ValueError, match="not root"):
        Installation(LINE.program, LINE.station, LINE.data, user)


@pytest.mark.parametrize("path", ["relative", "/a\nUser=root", "/a:b"])
def test_a_path_that_would_say_something_else_is_refused(path: str) -> None:
    """One with a line of its own in it."""
    with pytest.raises(ValueError, match="absolute and printable"):
        Installation(LINE.program, LINE.station, Path(path), "line")


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The files of all units."""
    made = {"": service_unit(LINE), "-guardian": guardian_unit(LINE), "-doctor": doctor_unit(LINE)}
    for name, unit in made.items():
        (tmp_path / f"rackproof{name}.service").write_text(unit)
    return [str(tmp_path / f"rackproof{name}.service") for name in made]


@pytest.fixture
def analyze() -> str:
    """Systemd's own judge of units."""
    return program("systemd-analyze")


async def test_systemd_finds_the_units_sound_and_hardened(units: list[str], analyze: str) -> None:
    """`systemd-analyze verify` finds nothing, and `security` an exposure of 2.0 at most."""
    assert "" == await said_by(analyze, "verify", "--man=no", *units)
    for each in units:
        said = await said_by(analyze, "security", "--offline=true", "--no-pager", "--threshold=20", each)
        assert float(said.partition("Overall exposure level for")[2].split(":")[1].split()[0]) <= 2.0


def test_the_command_prints_the_units_or_writes_them(capsys: Captured, tmp_path: Path) -> None:
    """With what the station file names."""
    printed = station(capsys, "unit", "--station", "cell-2")
    names = ["rackproof.service", "rackproof-guardian.service", "rackproof-doctor.service"]
    assert (0, [f"# {name}" for name in names]) == (
        printed.code,
        [line for line in printed.out.splitlines() if line.startswith("# rackproof")],
    )
    assert 0 == station(capsys, "unit", "--station", "cell-2", "--folder", tmp_path).code
    assert sorted(names) == sorted(each.name for each in tmp_path.iterdir())
    assert [2, 2] == [
        station(capsys, "unit", "--station", "cell-2", "--user", "root").code,
        station(capsys, "unit", "--station", "nothing-such").code,
    ]
