"""The cluster: a proof on the machines of a Dask cluster. The one door to `distributed` (extra `cluster`)."""

from collections.abc import Iterator, Sequence

from station.proving.case import Case
from station.proving.hands import HandsLostError, parts_of
from station.proving.outcome import Outcome
from station.proving.worker import ForeignWorkerError, Task, carry_out, unpacked

RETRIES = 5
"""How often a part is tried again elsewhere when the worker that had it is lost."""


class Cluster:
    """The workers of a scheduler at an address such as `tcp://host:8786`; each needs this program, the same version.

    Within `patience` seconds the scheduler must answer and a first worker be there.
    """

    def __init__(self, address: str, patience: float = 10.0) -> None:
        self._address, self._patience = address, patience

    def carry_out(self, task: Task, cases: Sequence[Case]) -> Iterator[Outcome]:
        """What comes of every case; a worker that is lost loses nothing. Raises HandsLostError."""
        try:
            from distributed import Client, as_completed
        except ModuleNotFoundError:
            raise HandsLostError("--scheduler needs the extra `cluster`: pip install 'rackproof[cluster]'") from None
        try:
            client = Client(self._address, timeout=self._patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as odd:
            raise HandsLostError(f"no scheduler at {self._address}: {odd}") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=self._patience)
            except TimeoutError:
                raise HandsLostError(f"the scheduler at {self._address} has no workers") from None
            parts = client.map(carry_out, parts_of(task, cases), pure=False, retries=RETRIES)
            try:
                for part in as_completed(parts, loop=client.loop):
                    yield from unpacked(part.result())
            except ForeignWorkerError as foreign:
                raise HandsLostError(f"a worker of {self._address} would prove something else: {foreign}") from None
            finally:
                client.cancel(parts)
