"""Recovery over real sockets: a process killed while high currents flow, and what the next one finds there."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from station.ledger.ledger import Ledger
from station.opening import Setup, prepare, service_of
from station.orders import Request, order_again
from station.recovering import Recovered, recover
from tests.station.command_line import process
from tests.station.lines import SERIAL
from tests.station.test_served import Server, wait_for

PDU = "PDU-3P-24"
DURING = "every_outlet_is_earthed"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The shipped line, with a PDU on its bench, behind real ports."""
    served = Server(tmp_path)
    yield served
    said = served.end()
    assert (0, False) == (said.code, "Traceback" in said.err)


def test_killed_while_a_bond_current_flows(tmp_path: Path, server: Server) -> None:
    """The next process reaches every instrument, makes it safe, and measures that nothing flows and nothing is charged."""
    data = tmp_path / "data"
    run = process("run", "--station", server.file, "--product", PDU, "--serial", SERIAL, "--data", data)
    wait_for(data, DURING)
    time.sleep(1.0)
    run.kill()
    run.communicate()
    prepared = prepare(Setup(server.file, data), [Request(PDU, SERIAL)])

    async def main(ledger: Ledger) -> tuple[Recovered, str]:
        service = service_of(prepared, ledger)
        found = await recover(service, partial(order_again, prepared.station, prepared.library))
        service.bench.close()
        return found, (await ledger.record(found.ended[0]))["reason"]

    with Ledger.open(data, adopting=True) as ledger:
        found, reason = asyncio.run(main(ledger))
    assert {} == found.locked
    assert f"the station's process ended during {DURING}; found at the next start; " in reason
    assert reason.endswith("pdu-check does not allow it")
