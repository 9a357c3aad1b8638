"""The service: what may start, what is refused and why, and what the record says when something is not ready."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import LinkTimeout
from drivers.roles import Identity
from sequences.cabling.cable import Cable
from sim import clock
from station.config.instruments import StationInstrument
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.opening import Prepared, Setup, prepare, service_of
from station.orders import Request
from station.service import RefusalError, Service, Simulated
from station.trace import Event, MadeSafe, Measured, RunEnded, StepEnded, StepStarted
from tests.station.lines import HARNESS, WHIP, Record

TWO = (Request(WHIP, "SN1", "A"), Request(WHIP, "SN2", "D"))
"""Two slots that share an ohmmeter."""


def prepared(folder: Path, *requests: Request, faults: tuple[str, ...] = ()) -> Prepared:
    """Orders, looked up and checked."""
    return prepare(Setup(None, folder, Simulated(0, faults)), requests or TWO[:1])


def serve(ready: Prepared, use: Callable[[Service], Awaitable[Any]]) -> Any:
    """Use a service in virtual time, and close everything."""

    async def main(ledger: Ledger) -> Any:
        service = service_of(ready, ledger)
        try:
            return await use(service)
        finally:
            service.bench.close()

    with Ledger.open(ready.setup.data) as ledger:
        return clock.run(main(ledger))


def all_at_once(ready: Prepared, later: Callable[[Service], None] = lambda _: None, after: float = 1.0) -> list[Record]:
    """The records of all orders, run at once; `later` is done to the service meanwhile."""

    async def use(service: Service) -> list[Record]:
        asyncio.get_running_loop().call_later(after, later, service)
        return list(await asyncio.gather(*(service.run(order) for order in ready.orders)))

    records: list[Record] = serve(ready, use)
    return records


def test_slots_run_at_once_and_share_an_instrument(tmp_path: Path) -> None:
    """Both units pass, side by side: together they take less time than one after the other."""
    records = all_at_once(prepared(tmp_path, *TWO))
    assert ["PASSED", "PASSED"] == [each["verdict"] for each in records]
    assert 2 == len({each["run"] for each in records})
    assert max(each["line_time_s"] for each in records) < 1.6 * min(each["line_time_s"] for each in records)


def test_a_slot_in_use_and_a_serial_number_in_two_slots_are_refused(tmp_path: Path) -> None:
    """Before anything is opened and without a record; afterwards both may run again."""
    ready = prepared(tmp_path, *TWO)
    first, second = ready.orders
    twin = replace(second, serial=first.serial)

    async def use(service: Service) -> list[str]:
        going = asyncio.get_running_loop().create_task(service.run(first))
        await asyncio.sleep(0.5)
        with pytest.raises(RefusalError, match="slot A is in use"):
            await service.run(first)
        with pytest.raises(RefusalError, match="SN1 is being tested in another slot"):
            await service.run(twin)
        await going
        again = [await service.run(second), await service.run(first)]
        return [each["verdict"] for each in again] + [str(await service.ledger.count())]

    assert ["PASSED", "PASSED", "3"] == serve(ready, use)


def changed(ready: Prepared, name: str, **facts: object) -> Prepared:
    """The same with something else said of one instrument."""
    instruments: dict[str, StationInstrument] = dict(ready.station.instruments)
    instruments[name] = replace(instruments[name], **facts)  # type: ignore[arg-type]  # facts of an instrument
    return replace(ready, station=replace(ready.station, instruments=instruments))


def test_a_calibration_that_has_run_out_is_refused_and_recorded(tmp_path: Path) -> None:
    """Nothing is energised: no step, nothing made safe, and the reason names the instrument and the day."""
    ready = changed(prepared(tmp_path), "ohms", calibration_due=date(2025, 12, 31))
    (record,) = all_at_once(ready)
    assert ("REFUSED", [], None) == (record["verdict"], record["steps"], record["made_safe"])
    assert "the calibration of ohms ran out on 2025-12-31" == record["reason"]


def test_the_last_day_of_a_calibration_counts(tmp_path: Path) -> None:
    """Due means due on that day, and the simulated day is the first of 2026."""
    (record,) = all_at_once(changed(prepared(tmp_path), "ohms", calibration_due=date(2026, 1, 1)))
    assert "PASSED" == record["verdict"]


@pytest.mark.parametrize("nobody", ["", "  "])
def test_a_netlist_that_nobody_has_confirmed_is_refused_and_recorded(tmp_path: Path, nobody: str) -> None:
    """No unit can pass against it."""
    ready = prepared(tmp_path)
    (order,) = ready.orders
    cable = order.product.structure
    assert isinstance(cable, Cable)
    product = replace(order.product, structure=replace(cable, confirmed_by=nobody))
    (record,) = all_at_once(replace(ready, orders=(replace(order, product=product),)))
    assert ("REFUSED", []) == (record["verdict"], record["steps"])
    assert "nobody has confirmed it" in record["reason"]


def test_all_reasons_are_told_at_once(tmp_path: Path) -> None:
    """Two calibrations that have run out are one refusal with two reasons."""
    ready = changed(prepared(tmp_path), "ohms", calibration_due=date(2025, 1, 1))
    (record,) = all_at_once(changed(ready, "mux_a2", calibration_due=date(2025, 2, 1)))
    assert ("ohms" in record["reason"], "mux_a2" in record["reason"]) == (True, True)


def test_a_wrong_instrument_is_refused_and_what_answered_is_made_safe(tmp_path: Path) -> None:
    """The reason says who answered and who was expected."""
    (record,) = all_at_once(prepared(tmp_path, faults=("wrong-instrument:mux_a2",)))
    assert ("REFUSED", [], "PASSED") == (record["verdict"], record["steps"], record["made_safe"]["verdict"])
    assert "expected serial SIM-MUX_A2" in record["reason"]


def test_an_instrument_that_does_not_answer_is_an_error_and_the_others_are_made_safe(tmp_path: Path) -> None:
    """A disconnected instrument is no bad unit; what was reached does not stay as it was."""
    ready, safe = prepared(tmp_path, faults=("silent:ohms",)), list[str]()

    async def use(service: Service) -> Record:
        real = service.bench.open

        async def opened(*asked: Any) -> Any:
            troubles = await real(*asked)
            for name, each in service.bench.instruments.items():
                service.bench.instruments[name] = Watched(name, each, safe)
            return troubles

        service.bench.open = opened  # type: ignore[assignment,method-assign]  # to see what is made safe
        return await service.run(ready.orders[0])

    record = serve(ready, use)
    assert ("ERROR", []) == (record["verdict"], record["steps"])
    assert "ohms: no answer" in record["reason"]
    assert ["mux_a1", "mux_a2", "scan_a"] == sorted(safe)


class Watched:
    """An instrument of which is noted when it is made safe."""

    def __init__(self, name: str, instrument: Any, safe: list[str]) -> None:
        self._name, self._instrument, self._safe = name, instrument, safe

    async def identify(self) -> Identity:
        """Ask who it is."""
        identity: Identity = await self._instrument.identify()
        return identity

    async def make_safe(self) -> None:
        """Note it."""
        self._safe.append(self._name)
        await self._instrument.make_safe()

    async def self_check(self) -> None:
        """Ask whether it is well."""
        await self._instrument.self_check()


def test_an_instrument_that_dies_between_two_runs_is_noticed(tmp_path: Path) -> None:
    """A bench that is open already is asked again who it is, before the next unit."""
    ready = prepared(tmp_path, faults=("silent:ohms@4s",))

    async def use(service: Service) -> list[str]:
        verdicts = [(await service.run(ready.orders[0]))["verdict"]]
        await asyncio.sleep(5)
        return [*verdicts, (await service.run(ready.orders[0]))["verdict"]]

    assert ["PASSED", "ERROR"] == serve(ready, use)


def test_one_slot_is_aborted_and_the_other_goes_on(tmp_path: Path) -> None:
    """ABORTED with the reason; the other unit passes, though they share an instrument."""
    records = all_at_once(prepared(tmp_path, *TWO), lambda service: service.abort("door opened", "A"))
    assert [("ABORTED", "door opened"), ("PASSED", "")] == [(each["verdict"], each["reason"]) for each in records]
    assert "PASSED" == records[0]["made_safe"]["verdict"]


def test_all_slots_are_aborted_at_once(tmp_path: Path) -> None:
    """Without a slot's name it is the whole station, and asking twice changes nothing."""

    def twice(service: Service) -> None:
        service.abort("first")
        service.abort("second")

    records = all_at_once(prepared(tmp_path, *TWO), twice)
    assert [("ABORTED", "first")] * 2 == [(each["verdict"], each["reason"]) for each in records]


def test_stopping_lets_the_step_end(tmp_path: Path) -> None:
    """What is going on is ended in order, cleanup included; nothing after it is begun."""
    (record,) = all_at_once(prepared(tmp_path), lambda service: service.stop("end of shift"), after=0.3)
    verdicts = {each["name"]: each["verdict"] for each in record["steps"]}
    assert ("ABORTED", "end of shift") == (record["verdict"], record["reason"])
    assert ("SKIPPED", "PASSED") == (verdicts["every_conductor_conducts"], verdicts["the_panel_opens"])


@pytest.mark.parametrize("how", ["abort", "stop"])
def test_what_is_asked_while_the_bench_is_being_opened_is_not_forgotten(tmp_path: Path, how: str) -> None:
    """Ctrl-C before the first step: no step is begun, and the record says so."""
    ready, begun = prepared(tmp_path), list[Event]()

    async def use(service: Service) -> Record:
        going = asyncio.get_running_loop().create_task(service.run(ready.orders[0], begun.append))
        await asyncio.sleep(0.001)
        assert {"A": None} == service.running
        getattr(service, how)("not now")
        return await going

    record = serve(ready, use)
    assert ("ABORTED", "not now") == (record["verdict"], record["reason"])
    assert {"SKIPPED"} >= {each["verdict"] for each in record["steps"] if each["name"] != "the_panel_opens"}


def test_nothing_is_aborted_when_nothing_runs(tmp_path: Path) -> None:
    """And what was asked of one run does not reach the next one in its slot."""
    ready = prepared(tmp_path)

    async def use(service: Service) -> list[str]:
        service.abort("nobody")
        verdicts = []
        for reason in ("now", ""):
            if reason:
                asyncio.get_running_loop().call_later(1.0, service.abort, reason)
            verdicts.append((await service.run(ready.orders[0]))["verdict"])
        return verdicts

    assert ["ABORTED", "PASSED"] == serve(ready, use)


def test_a_listener_hears_everything_and_the_verdict_last(tmp_path: Path) -> None:
    """In order; the verdict is told once it is on the disk, and not before."""
    ready, heard = prepared(tmp_path), list[Event]()

    async def use(service: Service) -> list[bool]:
        known: list[bool] = []

        def listen(event: Event) -> None:
            heard.append(event)
            if isinstance(event, RunEnded):
                known.append(not service.ledger._writer.synced)

        await service.run(ready.orders[0], listen)
        return known

    assert [False] == serve(ready, use)
    assert isinstance(heard[-1], RunEnded)
    assert 1 == sum(isinstance(each, RunEnded) for each in heard)
    assert sum(isinstance(each, StepStarted) for each in heard) == 13


def test_a_verdict_that_cannot_be_kept_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails at the very end: the record and the listeners say ERROR, though the unit was good."""
    ready, heard = prepared(tmp_path), list[Event]()

    async def use(service: Service) -> Record:
        async def full(run: str | None = None) -> None:
            raise LedgerError("no space left on the device")

        monkeypatch.setattr(service.ledger, "sync", full)
        return await service.run(ready.orders[0], heard.append)

    record = serve(ready, use)
    assert ("ERROR", True) == (record["verdict"], "no space left" in record["reason"])
    assert "PASSED" == record["made_safe"]["verdict"]
    assert ["ERROR"] == [each.verdict for each in heard if isinstance(each, RunEnded)]


@pytest.mark.parametrize("kind", [StepStarted, Measured, RunEnded])
def test_an_event_that_cannot_be_kept_is_an_error_with_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    """From some event on the ledger refuses: ERROR, the bench is safe, and there is a record to show."""
    ready = prepared(tmp_path)

    async def use(service: Service) -> Record:
        keep, failed = service.ledger.append, list[bool]()

        def append(run: str, event: Event) -> None:
            if isinstance(event, kind) or failed:
                failed.append(True)
                raise LedgerError("no space left on the device")
            keep(run, event)

        monkeypatch.setattr(service.ledger, "append", append)
        return await service.run(ready.orders[0])

    record = serve(ready, use)
    assert ("ERROR", True) == (record["verdict"], "no space left" in record["reason"])
    assert "PASSED" == record["made_safe"]["verdict"]


@pytest.mark.parametrize("fault", ["", "silent:ohms"])
def test_a_run_has_an_end_though_the_ledger_complains_right_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The trouble with earlier events is told with MadeSafe: the run does not go on for ever in a process that lives."""
    ready = prepared(tmp_path, faults=(fault,) if fault else ())

    async def use(service: Service) -> tuple[Record, Record, list[str]]:
        keep = service.ledger.append

        def append(run: str, event: Event) -> None:
            keep(run, event)
            if isinstance(event, MadeSafe):
                raise LedgerError("the record could not be written: disk I/O error")

        monkeypatch.setattr(service.ledger, "append", append)
        record = await service.run(ready.orders[0])
        return record, await service.ledger.record(record["run"]), await service.ledger.verify()

    shown, kept, problems = serve(ready, use)
    assert ("ERROR", "ERROR", []) == (shown["verdict"], kept["verdict"], problems)
    assert fault or "the record could not be kept" in kept["reason"]


def test_a_ledger_that_complains_while_a_run_is_aborted_leaves_no_exception_that_nobody_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trouble comes with the end of the step that was cancelled; the loop has nothing to say of it."""
    ready = prepared(tmp_path)

    async def use(service: Service) -> list[str]:
        loop, keep, said = asyncio.get_running_loop(), service.ledger.append, list[str]()
        loop.set_exception_handler(lambda _, context: said.append(context["message"]))

        def append(run: str, event: Event) -> None:
            keep(run, event)
            if isinstance(event, StepEnded) and event.verdict == "ABORTED":
                said.append("it complained")
                raise LedgerError("the record could not be written: disk I/O error")

        monkeypatch.setattr(service.ledger, "append", append)
        loop.call_later(1.0, service.abort, "the operator aborts")
        await service.run(ready.orders[0])
        await asyncio.sleep(1.0)
        gc.collect()
        return said

    assert ["it complained"] == serve(ready, use)


def test_a_scanner_that_times_out_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever should scan the label is not there: ERROR, never FAILED."""
    ready = prepared(tmp_path)

    async def use(service: Service) -> Record:
        await service.bench.open(ready.orders[0].instruments)

        async def nobody(prompt: str) -> str:
            raise LinkTimeout("scan_a", f"nobody answered {prompt!r}")

        scanner: Any = service.bench.instruments["scan_a"]
        monkeypatch.setattr(type(scanner), "answer", lambda _, prompt: nobody(prompt))
        return await service.run(ready.orders[0])

    record = serve(ready, use)
    assert ("ERROR", []) == (record["verdict"], record["findings"])
    assert "nobody answered" in record["reason"]


def test_two_orders_never_get_the_same_slot(tmp_path: Path) -> None:
    """Any free slot that fits; when there is none left, the refusal says which are free."""
    ready = prepared(tmp_path, Request(WHIP, "SN1"), Request(WHIP, "SN2"), Request(HARNESS, "SN3"))
    assert ["A", "D", "B"] == [order.slot.name for order in ready.orders]
    with pytest.raises(RefusalError, match=r"no free slot .* free: B \(harness-panel-160\), C"):
        prepared(tmp_path, *(Request(WHIP, f"SN{n}") for n in range(3)))
