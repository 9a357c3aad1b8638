"""A real line at a real mosquitto: a unit that is handed in arrives at the receiver as soon as it has its verdict."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from station.bench import Bench
from station.condition import Level
from station.ledger.ledger import Ledger
from station.line.line import Line
from station.line.placing import Placing
from station.line.tickets import Tickets
from station.mqtt.publishing import Publishing
from station.opening import load_station
from station.seats import seats_of
from station.service import Service, Simulated
from station.serving import lay
from station.simulating import sim_wires, world_of
from station.walls import real_wall
from tests.station.line_work import ended, whip
from tests.station.mosquitto import mosquitto
from tests.station.mqtt_line import QUICK, station_at
from tests.station.results import Receiver, at_work, until


@pytest.mark.parametrize("payload", ["json", "sparkplug"])
def test_a_unit_is_tested_and_received(tmp_path: Path, payload: str) -> None:
    """In real time, with whatever a line tells meanwhile; everything about it is well afterwards."""
    where, library = load_station(None, simulated=True)
    laid = lay(None, ()).orders
    tickets = Tickets.open(tmp_path)

    async def main(ledger: Ledger) -> None:
        world = world_of(where, laid, Simulated(0, ()), asyncio.get_running_loop().time, labelled=False)
        bench = Bench(seats_of(where), sim_wires(where, world))
        service = Service(where, bench, ledger, real_wall, Simulated(0, ()))
        lies = {each.slot.name: each.product.name for each in laid}
        placing = Placing(where, library, partial(load_station, None, simulated=True), lies)
        line = Line(service, placing, tickets)
        async with mosquitto(tmp_path) as broker:
            entry = station_at(tmp_path, broker.url, payload=payload, telemetry_s=0.1).mqtt
            publishing = Publishing(replace(where, mqtt=entry), line, ledger, tmp_path, pace=QUICK)
            line.watched += publishing.conditions
            receiver = Receiver(broker.port, top=publishing.topics.top)
            async with at_work(line.run, publishing.run, receiver.run):
                (done,) = await ended(line, await line.submit(whip(), source="api"))
                await until(lambda: done.run in receiver.kept and not publishing.counters.outbox)
                assert receiver.kept[done.run]["record"]["verdict"] == done.verdict == "PASSED"
                assert [each for each in line.status().conditions if each.level is not Level.OK] == []
        bench.close()

    try:
        with Ledger.open(tmp_path) as ledger:
            asyncio.run(main(ledger))
    finally:
        tickets.close()
