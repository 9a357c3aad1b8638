"""A small line with a guardian, for tests: emulators in a process of their own, and a daemon-like process that runs one order.

`python -m tests.station.guarded_line STATION DATA PRODUCT SERIAL SEQUENCE` is that process: it prints a line of JSON when a
step begins, and one when the run has ended.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path

from station.guardian.guarded import guarded
from station.ledger.ledger import Ledger
from station.opening import Setup, own, prepare, service_of
from station.orders import Request
from station.trace import Event, StepStarted


def tell(**said: object) -> None:
    """A line for whoever watches."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def run(station: str, data: Path, product: str, serial: str, sequence: str) -> None:
    """One order, guarded as a daemon guards it."""
    prepared = prepare(Setup(station, data), [Request(product, serial, sequence=sequence)])
    ledger = Ledger.open(data)
    service = service_of(prepared, ledger)
    (order,) = prepared.orders
    with own(prepared.station, order.instruments, "guarded line", data):
        async with guarded(data, service.bench, service.pulse, service.abort) as guarding:
            service.guard = guarding

            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, service.stop, "asked to stop")

            def listen(event: Event) -> None:
                if isinstance(event, StepStarted):
                    tell(step=event.step, guardian=guarding.pid)

            record = await service.run(order, listen)
            tell(verdict=record["verdict"], reason=record["reason"], lives=guarding.lives)
        service.bench.close()
    ledger.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]))
