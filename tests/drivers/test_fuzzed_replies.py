"""Whatever an instrument says, a driver makes a value of its grammar of it or a BadReply with the bytes; it never crashes."""

import asyncio
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadReply, InstrumentError
from drivers.links.scripted import scripted
from drivers.loads.chroma_63800 import Chroma63800
from drivers.orders import drained, self_test
from drivers.power_meters.yokogawa_wt310 import items
from drivers.reading import State
from drivers.safety.gwinstek_gpt9804 import GwInstekGpt9804
from drivers.sources.chroma_61800 import Chroma61800, switched
from drivers.switches.keysight_daq970a import KeysightDaq970a
from tests.drivers.fake_wire import virtual
from tests.drivers.one_reading import METERS, QUIET, Answering, over_a_link

NUMBERS = st.sampled_from(
    ["1.0", "+2.30E+02", "NAN", "INF", "nan", "9.91E+37", "-9.9E37", "1e400", "", "1_0", " 1", "0x1"]
)
LINES = st.one_of(
    st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=60),
    st.lists(NUMBERS, max_size=6).map(",".join),
)


@given(LINES)
def test_values_of_one_update(text: str) -> None:
    """Four values, finite or a state, or none at all."""
    try:
        values = items(text)
    except ValueError:
        return
    assert 4 == len(values) == text.count(",") + 1
    assert all(math.isfinite(value) == (state is State.OK) for value, state in values)


@given(LINES)
def test_on_and_off(text: str) -> None:
    """Four words, and no others."""
    if text in {"ON", "OFF", "0", "1"}:
        assert (text in {"ON", "1"}) is switched(text)
    else:
        with pytest.raises(ValueError, match="neither on nor off"):
            switched(text)


@given(LINES)
def test_identities_errors_self_tests_and_cards(text: str) -> None:
    """An instrument's error that can be shown, or a value; nothing else comes out."""

    async def ask() -> None:
        for connect in (Chroma61800, Chroma63800, GwInstekGpt9804, KeysightDaq970a):
            with suppress(InstrumentError), scripted(("*IDN?", text)) as link:
                assert str(await connect(link).identify()).isprintable()
        with suppress(InstrumentError), scripted(*[("SYST:ERR?", text)] * 32) as link:
            await drained(link)
            link._left.clear()
        with suppress(InstrumentError), scripted(("*TST?", text)) as link:
            await self_test(link)
            assert int(text) == 0
        with suppress(InstrumentError), scripted(*[(f"SYST:CTYP? {slot}00", text) for slot in (1, 2, 3)]) as link:
            assert 3 == len(await KeysightDaq970a(link).cards())

    asyncio.run(ask())


@given(st.binary(max_size=40), st.sampled_from(sorted(METERS)))
def test_bytes_in_place_of_a_number(payload: bytes, model: str) -> None:
    """Over the real link: a reading whose value those bytes spell, a state, or an error of the instrument."""

    @virtual
    async def one() -> None:
        answering = Answering(METERS[model])
        _, _, driver = await over_a_link(answering)
        answering.pieces = [(QUIET, answering.whole(payload) + METERS[model].model.replies_end_with)]
        why: InstrumentError | None = None
        try:
            read = await METERS[model].read(driver)
        except InstrumentError as error:
            why = error
        else:
            assert not read.is_number or read.value == pytest.approx(float(payload) * METERS[model].value, rel=1e-9)
        assert not isinstance(why, BadReply) or str(why).isprintable()

    one()
