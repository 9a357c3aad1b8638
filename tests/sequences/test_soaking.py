"""A load that is not fed any more, and the witnesses without whom no rack PDU is failed for it."""

import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.power.soaking import Soaking

WANTED = 8.0


def volts(value: float) -> Reading:
    """What the load, or a channel at the inlet, reads."""
    return Reading(value, "V", 0.5, 0.0, "load")


def amps(value: float, by: str, state: State = State.OK) -> Reading:
    """What somebody says that flows."""
    return Reading(value, "A", 0.05, 0.0, by, state)


async def carries(at_load: Reading, delivered: Reading) -> bool:
    """Whether two outlets still feed the load, by what the load and the source say; mains and cover are good."""
    structure: Any = SimpleNamespace(volts=230.0, soak=SimpleNamespace(amps=WANTED / 2), phase=lambda _: 1)
    wiring: Any = SimpleNamespace(inlets="101-103", agree=5.0)
    bay: Any = SimpleNamespace(must_be_closed=AsyncMock())
    load: Any = Mock(volts=AsyncMock(return_value=at_load), amps=AsyncMock(return_value=amps(WANTED, "load")))
    source: Any = Mock(amps=AsyncMock(return_value=delivered))
    sensors: Any = Mock(scan_ac_volts=AsyncMock(return_value=[volts(230.0)] * 3))
    return await Soaking(structure, wiring, bay).carries(load, source, sensors, Mock(), (1, 2))


async def test_a_load_without_volts_and_a_source_without_amperes_are_two_witnesses() -> None:
    """Then, and only then, the outlets have stopped feeding the load."""
    assert await carries(volts(230.0), amps(WANTED, "source"))
    assert not await carries(volts(0.0), amps(0.0, "source"))


async def test_a_source_that_gives_no_number_witnesses_nothing() -> None:
    """No unit is failed on the word of the load alone."""
    with pytest.raises(InstrumentError, match=r"source.*over-range"):
        await carries(volts(0.0), amps(math.nan, "source", State.OVER_RANGE))


async def test_a_source_that_delivers_contradicts_the_load() -> None:
    """One of both is wrong, and neither is believed."""
    with pytest.raises(InstrumentError, match=r"load and source.*disagree"):
        await carries(volts(0.0), amps(WANTED, "source"))
