"""The guardian by itself: which order, which instruments, what it says of those it does not reach, what it writes down."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sequences.sequence import Pause
from sim.emulator import Emulator
from sim.makers import emulator_for
from sim.serving import serve
from station.bench import Bench, Seat
from station.catalog import models
from station.condition import Level
from station.guard import GuardError
from station.guardian import grammar, words
from station.guardian import guarding as guarding_module
from station.guardian import watch as watch_module
from station.guardian.chairs import chair_of, drives_nothing, model_of
from station.guardian.deeds import Deed, deeds, forget, record
from station.guardian.guarded import guarded
from station.guardian.guardian import Guardian
from station.guardian.merging import grouped, merged
from station.guardian.rescue import REACH, ready, rescue
from station.guardian.watch import Watch, relieve
from station.guardian.words import Arm, Chair, GrammarError
from station.pulse import Pulse
from station.safety import SafePlan
from tests.sim.fake_leads import FakeLeads
from tests.station.command_line import PROGRAM

ADAM = "advantech-adam6060"
AWAY = "modbus-tcp://127.0.0.1:1"
"""Where nobody is."""
RELAYS = models()[ADAM]


def arm(slot: str, *stages: tuple[str, ...] | Pause, links: dict[str, str] | None = None, identity: str = "") -> Arm:
    """A slot of relay modules."""
    names = dict.fromkeys(name for each in stages for name in (each.needs if isinstance(each, Pause) else each))
    at = links or {}
    chairs = tuple(Chair(name, ADAM, at.get(name, AWAY), 0.3, identity) for name in names)
    return Arm(slot, f"R{slot}", stages, chairs)


async def until(what: Callable[[], bool]) -> None:
    """Wait for something to have happened, on a machine that is busy with other things."""
    async with asyncio.timeout(20.0):
        while not what():  # noqa: ASYNC110 (a process of its own changes it, and sends no event)
            await asyncio.sleep(0.05)


def test_slots_that_share_nothing_are_apart() -> None:
    """And those that share one with one that shares are together."""
    a, b, c, d = arm("A", ("x", "s")), arm("B", ("s", "t")), arm("C", ("t",)), arm("D", ("y",))
    assert [["D"], ["A", "B", "C"]] == sorted(([each.slot for each in g] for g in grouped([a, b, d, c])), key=len)


def test_an_order_that_keeps_to_two() -> None:
    """Heaters, the longer pause that needs both, then the pumps; what is shared comes when the last slot comes to it."""
    one = (("heater1",), Pause(2.0, ("heater1",)), ("pump1", "chiller"), ("valves",))
    two = (("heater2",), Pause(3.0, ("heater2",)), ("pump2",), ("chiller",))
    assert (
        ("heater1", "heater2"), Pause(3.0, ("heater1", "heater2")), ("pump1", "pump2"), ("chiller", "valves"),
    ) == merged([one, two])  # fmt: skip


def test_what_a_pause_needs_is_made_safe_before_it() -> None:
    """Although the other slot would do it last; nothing is made safe twice, and nothing is left out."""
    joined = merged([(("shared",), Pause(1.0, ("shared",)), ("pump",)), (("a",), ("b",), ("shared",))])
    flat = [name for each in joined if not isinstance(each, Pause) for name in each]
    assert sorted(["shared", "pump", "a", "b"]) == sorted(flat)
    assert flat.index("shared") < flat.index("pump")


def test_what_drives_nothing_is_not_reached() -> None:
    """Meters that only look, and the unit itself; not one that has an output."""
    still = {name for name, model in models().items() if drives_nothing(model)}
    assert {"keller-33x", "eastron-sdm630", "raritan-xerus", "console"} == still


@asynccontextmanager
async def modules(folder: Path, *names: str) -> AsyncIterator[tuple[dict[str, str], FakeLeads]]:
    """Relay modules on real sockets, and what they are connected to."""
    leads = FakeLeads()
    emulators: dict[str, Emulator] = {name: emulator_for(ADAM, name, leads) for name in names}
    async with serve(emulators, folder) as links:
        yield links, leads


async def switch_on(links: dict[str, str]) -> None:
    """Energise relay 0 of each."""
    for name, link in links.items():
        bench = Bench({name: Seat(name, RELAYS, link, "", 0.3, None)})
        assert [] == await bench.open([name])
        await bench.instruments[name].set_output(0, on=True)  # type: ignore[attr-defined]  # a relay module
        bench.close()


async def are_on(links: dict[str, str]) -> dict[str, bool]:
    """Whether relay 0 of each is energised."""
    found = {}
    for name, link in links.items():
        bench = Bench({name: Seat(name, RELAYS, link, "", 0.3, None)})
        assert [] == await bench.open([name])
        found[name] = (await bench.instruments[name].outputs())[0]  # type: ignore[attr-defined]  # a relay module
        bench.close()
    return found


async def test_one_that_is_not_there_keeps_nobody_from_being_made_safe(tmp_path: Path) -> None:
    """It is named, with why, within its deadline; the others are off, in its slot and in the other one."""
    async with modules(tmp_path, "a", "b", "c") as (links, _):
        await switch_on(links)
        arms = [arm("A", ("gone",), ("a", "b"), links=links), arm("B", ("b",), ("c",), links=links), arm("D", ("d",))]
        loop = asyncio.get_running_loop()
        began = loop.time()
        said = await rescue([ready(each) for each in arms])
        assert loop.time() - began < 2 * (0.3 + REACH) + 1.0
        assert {"a": False, "b": False, "c": False} == await are_on(links)
    assert () == said["B"]
    (gone,), (d,) = said["A"], said["D"]
    assert gone.startswith("gone was not confirmed safe: gone: no connection")
    assert d.startswith("d was not confirmed safe")


async def test_one_that_comes_back_is_made_safe_when_the_others_are_through(tmp_path: Path) -> None:
    """Its power was gone for a moment, and its pause was longer: what is behind it follows, confirmed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    later = {"heater": f"modbus-tcp://127.0.0.1:{port}?unit=1"}
    async with modules(tmp_path, "pump") as (links, _):
        await switch_on(links)
        slot = ready(arm("A", ("heater",), Pause(0.05, ("heater",)), ("pump",), links=links | later))
        rescuing = asyncio.get_running_loop().create_task(rescue([slot]))
        await asyncio.sleep(REACH + 0.3)
        emulators: dict[str, Emulator] = {"heater": emulator_for(ADAM, "heater", FakeLeads())}
        async with serve(emulators, tmp_path, ports=port) as addresses:
            assert later == addresses
            assert {"A": ()} == await rescuing
        assert {"pump": False} == await are_on(links)


async def test_another_instrument_than_before_is_made_safe_and_not_confirmed(tmp_path: Path) -> None:
    """Whatever has taken its place is off too, and it is said who that is."""
    async with modules(tmp_path, "a") as (links, _):
        await switch_on(links)
        said = await rescue([ready(arm("A", ("a",), links=links, identity="Advantech ADAM-6060 SN17"))])
        assert {"a": False} == await are_on(links)
    assert "the run had Advantech ADAM-6060 SN17" in said["A"][0]


async def test_what_a_pause_needs_and_does_not_reach_is_waited_for(tmp_path: Path) -> None:
    """A pump runs on while its heater may be on: what comes behind the pause is left as it is, and named."""
    async with modules(tmp_path, "pump") as (links, _):
        await switch_on(links)
        said = await rescue([ready(arm("A", ("heater",), Pause(0.05, ("heater",)), ("pump",), links=links))])
        assert {"pump": True} == await are_on(links)
    assert 2 == len(said["A"])
    assert "pump is left as it is: heater is not confirmed safe" in said["A"]


def test_a_model_is_found_again_by_what_is_said_of_it(tmp_path: Path) -> None:
    """One of the catalogue, and one of a station's own code; of others it is said what is missing."""
    seat = Seat("io", RELAYS, "tcp://h:1", "", 0.3, None)
    assert RELAYS is model_of(chair_of(seat, ""))
    (tmp_path / "own_relays_of_a_test.py").write_text(
        "from dataclasses import replace\nfrom drivers.io.advantech_adam6060 import MODELS as KNOWN\n"
        "def connect(link): return KNOWN[0].connect(link)\n"
        "MODELS = (replace(KNOWN[0], name='own-relays', connect=connect),)\n"
    )
    chair = Chair("io", "own-relays", "modbus-tcp://h:1", 0.3, "", "", str(tmp_path), "own_relays_of_a_test")
    made = model_of(chair)
    assert chair == chair_of(Seat("io", made, "modbus-tcp://h:1", "", 0.3, None), "")
    for wrong in (
        Chair("io", "no-such", "tcp://h:1", 1.0, ""),
        replace(chair, module="no_such"),
        replace(chair, file="/x"),
    ):
        with pytest.raises(GrammarError):
            model_of(wrong)


def test_a_deed_is_kept_until_it_is_forgotten(tmp_path: Path) -> None:
    """The last word of each run counts; a line that was torn by a power cut costs itself only."""
    assert [] == deeds(tmp_path)
    begun = Deed("2026-01-01T00:00:00Z", "A", "R1", "the daemon has ended")
    ended = replace(begun, ended=True, fenced="killed", refusals=("x",), seconds=0.5)
    record(tmp_path, [begun, replace(begun, slot="B")])
    file = tmp_path / "guardian" / "deeds.jsonl"
    with file.open("ab") as lines:
        lines.write(b'{"at": "torn')
    record(tmp_path, [ended])
    with file.open("ab") as lines:
        lines.write(b'[]\n{"at": 1}\n\xff\n{"refusals": 3}\n')
    assert [ended, replace(begun, slot="B")] == deeds(tmp_path)
    forget(tmp_path)
    forget(tmp_path)
    assert [] == deeds(tmp_path)


async def test_the_next_daemon_waits_for_an_earlier_guardian(tmp_path: Path) -> None:
    """While it makes safe; nobody there, nothing is waited for."""
    assert not await relieve(tmp_path)
    watch = await asyncio.to_thread(Watch, tmp_path)
    assert watch.stand()
    watch.tell(60.0)
    loop = asyncio.get_running_loop()
    loop.call_later(0.3, watch.rest)
    began = loop.time()
    assert await relieve(tmp_path)
    assert 0.25 < loop.time() - began < 5.0
    watch.close()


async def test_an_earlier_guardian_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its plan's longest is over."""
    monkeypatch.setattr(watch_module, "MARGIN", 0.2)
    code = f"""
import sys, time
from pathlib import Path
from station.guardian.watch import Watch
watch = Watch(Path({str(tmp_path)!r}))
print(watch.stand(), flush=True)
watch.tell(0.1)
sys.stdin.read()
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert b"True\n" == await process.stdout.readline()
    assert await relieve(tmp_path)
    assert -9 == await process.wait()


async def test_a_slot_is_armed_only_by_a_guardian_that_is_ready(tmp_path: Path) -> None:
    """What it cannot make safe is refused, and the run with it; what it can is armed, and disarmed it goes."""
    seats = {name: Seat(name, RELAYS, link, "", 0.3, None) for name, link in (("a", AWAY), ("b", "sim:"))}
    lost: list[str] = []
    async with guarded(tmp_path, Bench(seats), Pulse(), lost.append) as guarding:
        await guarding.arm("A", "R1", SafePlan((("a",),), {}))
        level, pid = guarding.condition().level, guarding.pid
        await guarding.disarm("A")  # whoever leaves while something is armed is killed: nothing is asserted before
        with pytest.raises(GuardError, match="sim:"):
            await guarding.arm("B", "R2", SafePlan((("b",),), {}))
    assert (Level.OK, 1) == (level, guarding.lives)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert ([], []) == (lost, deeds(tmp_path))


@pytest.mark.parametrize("wrong", [OSError, ValueError, GrammarError])
async def test_a_guardian_that_cannot_be_had_lets_nothing_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: type[Exception]
) -> None:
    """And where slots are armed already, all runs are aborted after some seconds: told once."""
    lost: list[str] = []
    monkeypatch.setattr(guarding_module, "LOST_AFTER", 0.2)
    monkeypatch.setattr(guarding_module, "ARMS_WITHIN", 3.0)
    bench = Bench({"a": Seat("a", RELAYS, AWAY, "", 0.3, None)})
    plan = SafePlan((("a",),), {})
    async with guarded(tmp_path, bench, Pulse(), lost.append) as guarding:
        await guarding.arm("A", "R1", plan)

        async def nobody(_: Path) -> None:
            raise wrong("no process may be begun")

        monkeypatch.setattr(guarding_module, "begin", nobody)
        monkeypatch.setattr(guarding_module, "ARMS_WITHIN", 0.2)
        os.kill(guarding.pid, signal.SIGKILL)
        await until(lambda: bool(lost))
        with pytest.raises(GuardError, match="no guardian: no process may be begun"):
            await guarding.arm("B", "R2", plan)
        assert Level.ALARM is guarding.condition().level
        await guarding.disarm("A")
    assert ["nobody stands guard: no process may be begun"] == lost


async def test_a_frozen_guardian_is_killed_and_replaced(tmp_path: Path) -> None:
    """What is armed is armed again."""
    bench = Bench({"a": Seat("a", RELAYS, AWAY, "", 0.3, None)})
    async with guarded(tmp_path, bench, Pulse(), print) as guarding:
        await guarding.arm("A", "R1", SafePlan((("a",),), {}))
        first = guarding.pid
        os.kill(first, signal.SIGSTOP)
        await until(lambda: guarding.pid not in {first, 0})
        await guarding.arm("A", "R2", SafePlan((("a",),), {}))
        await guarding.disarm("A")
        assert (2, Level.WARNING) == (guarding.lives, guarding.condition().level)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


async def test_a_guardian_of_its_own_unit_is_found(tmp_path: Path) -> None:
    """`station guardian` waits in the data folder, however long its path; it is asked before one is begun. SIGTERM ends it."""
    data = tmp_path / ("long" * 30)
    waiting = await asyncio.create_subprocess_exec(
        *PROGRAM, "guardian", "--data", str(data), stderr=asyncio.subprocess.PIPE
    )
    assert waiting.stderr is not None
    assert b"standing guard over" in await waiting.stderr.readline()
    bench = Bench({"a": Seat("a", RELAYS, AWAY, "", 0.3, None)})
    for turn in ("R1", "R2"):
        async with guarded(data, bench, Pulse(), print) as guarding:
            await guarding.arm("A", turn, SafePlan((("a",),), {}))
            found = guarding.pid
            await guarding.disarm("A")
        assert waiting.pid == found
    second = await asyncio.create_subprocess_exec(
        *PROGRAM, "guardian", "--data", str(data), stderr=asyncio.subprocess.PIPE
    )
    _, err = await second.communicate()
    assert (3, True) == (second.returncode, b"another guardian waits" in err)
    waiting.terminate()
    await waiting.communicate()
    assert 0 == waiting.returncode


@asynccontextmanager
async def heard(folder: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A guardian in this process, and our end of its socket."""
    ours, theirs = socket.socketpair()
    for each in (ours, theirs):
        each.settimeout(0)
    guarding = asyncio.get_running_loop().create_task(Guardian(folder).guard(theirs))
    reader, writer = await asyncio.open_connection(sock=ours)
    assert isinstance(grammar.read(await reader.readline()), words.Here)
    try:
        yield reader, writer
    finally:
        writer.close()
        await guarding


async def test_two_guardians_do_not_guard_one_folder(tmp_path: Path) -> None:
    """The second says so of each slot that it is asked to guard, until the first has nothing to guard any more."""
    slot = arm("A", ("a",))
    async with heard(tmp_path) as (one, to_one), heard(tmp_path) as (other, to_other):
        to_one.write(grammar.line(slot))
        assert words.Armed("A", "RA") == grammar.read(await one.readline())
        to_other.write(grammar.line(slot))
        assert isinstance(unable := grammar.read(await other.readline()), words.Unable)
        assert "another guardian stands guard" in unable.why
        to_one.write(grammar.line(words.Disarm("A")) + grammar.line(words.Beat(1)))
        assert words.Heard(1) == grammar.read(await one.readline())
        to_other.write(grammar.line(slot))
        assert words.Armed("A", "RA") == grammar.read(await other.readline())
        to_other.write(grammar.line(words.Disarm("A")) + grammar.line(words.Leave()))


async def test_a_model_that_breaks_costs_its_own_slot_only(tmp_path: Path) -> None:
    """Others' code raises whatever it likes: that slot is not armed, and the guardian stands guard over all others."""
    text = (
        "from dataclasses import replace\nfrom drivers.io.advantech_adam6060 import MODELS as KNOWN\n"
        "def connect(link): raise RuntimeError('no licence')\n"
        "MODELS = (replace(KNOWN[0], name='broken-relays', connect=connect),)\n"
    )
    await asyncio.to_thread((tmp_path / "broken_relays_of_a_test.py").write_text, text)
    chair = Chair("b", "broken-relays", AWAY, 0.3, "", "", str(tmp_path), "broken_relays_of_a_test")
    await asyncio.to_thread(model_of, chair)
    async with heard(tmp_path) as (reader, writer):
        writer.write(grammar.line(arm("A", ("a",))))
        assert words.Armed("A", "RA") == grammar.read(await reader.readline())
        writer.write(grammar.line(Arm("B", "RB", (("b",),), (chair,))))
        assert words.Unable("B", "RB", "RuntimeError: no licence") == grammar.read(await reader.readline())
        writer.write(grammar.line(words.Disarm("A")) + grammar.line(words.Leave()))


async def test_who_does_not_speak_sense_is_given_up(tmp_path: Path) -> None:
    """A daemon whose words are no words is as good as dead; where nothing is armed nothing is done."""
    async with heard(tmp_path) as (reader, writer):
        writer.write(grammar.line(words.Beat(7)))
        assert words.Heard(7) == grammar.read(await reader.readline())
        writer.write(b"make me safe\n")
        assert b"" == await reader.readline()
    assert [] == deeds(tmp_path)
