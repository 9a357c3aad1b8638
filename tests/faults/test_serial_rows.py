"""Rows of the layer `bus-serial`, over ptys: real descriptors, real time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.errors import BadReply, InstrumentError, LinkError, LinkTimeout, WrongInstrument
from drivers.links.dialogue import LineLink
from tests.faults.adapters import Adapter, forget, link_to

WITHIN = 0.3


@asynccontextmanager
async def plugged(folder: Path) -> AsyncIterator[tuple[LineLink, Adapter, Path]]:
    """An adapter behind its name, and a link that knows who is there."""
    far, name = Adapter(), folder / "usb-HIOKI"
    await far.plug(name)
    link = link_to(name, WITHIN)
    try:
        await link.open()
        await link.query("*IDN?")
        yield link, far, name
    finally:
        link.close()
        far.put_away()


async def once_more(link: LineLink, question: str) -> str:
    """The answer, after whatever errors the link still owes; no answer but the right one may come."""
    for _ in range(4):
        try:
            return await link.query(question)
        except (LinkTimeout, BadReply):
            raise
        except LinkError:
            continue
    return await link.query(question)


async def test_f027_the_adapter_is_pulled_out(tmp_path: Path) -> None:
    """An error at once; plugged in again, it is found by its name, whatever number the system gives it."""
    async with plugged(tmp_path) as (link, far, name):
        began = link.now()
        asyncio.get_running_loop().call_later(0.05, far.unplug)
        far.says["1"] = b""
        with pytest.raises(LinkError, match="connection lost"):
            await link.query("1")
        assert link.now() - began < WITHIN
        await forget(name)
        with pytest.raises(LinkError, match="no connection"):
            await link.query("1")
        again = Adapter()
        await again.plug(name)
        try:
            assert again.device != far.device
            assert "14" == await link.query("7")
        finally:
            link.close()
            again.put_away()


async def test_f028_adapters_come_back_with_each_others_names(tmp_path: Path) -> None:
    """Who answers must be who answered before: no measurement of the other instrument."""
    async with plugged(tmp_path) as (link, far, name):
        far.unplug()
        other = Adapter("2")
        await other.plug(name)
        try:
            with pytest.raises(LinkError):
                await link.query("1")
            for _ in range(2):
                with pytest.raises(WrongInstrument, match="another instrument than before"):
                    await link.query("1")
        finally:
            link.close()
            other.put_away()


async def flood(link: LineLink) -> None:
    """More than any line holds."""
    for _ in range(1000):
        await link.write("9" * 1000)


async def test_f029_writing_blocks(tmp_path: Path) -> None:
    """A full line is an error within the deadline, and the loop goes on; letting go of it takes no time."""
    async with plugged(tmp_path) as (link, far, _):
        far.ignore()
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        counting = asyncio.get_running_loop().create_task(count())
        try:
            with pytest.raises(LinkTimeout, match="could not be told"):
                await flood(link)
            began = link.now()
            link.close()
            assert link.now() - began < WITHIN
            assert turns > 10
        finally:
            counting.cancel()
            await asyncio.wait({counting})


async def test_f030_two_at_one_port(tmp_path: Path) -> None:
    """The second is refused, and steals nothing from the first."""
    async with plugged(tmp_path) as (link, far, name):
        for device in (name, far.device):
            second = link_to(device)
            with pytest.raises(LinkError, match="no connection"):
                await second.open()
            second.close()
        assert ["2", "4", "6"] == [await link.query(str(n)) for n in (1, 2, 3)]


@pytest.mark.parametrize("noise", [b"\xf8\x80\x00\xff\xe6\r\n", b"\x00\x00\x00", b"\xff" * 300 + b"\r\n"])
async def test_f031_garbage_by_a_wrong_baud_rate(tmp_path: Path, noise: bytes) -> None:
    """However often it comes: an error each time, and never a guess. When the rate is right again, so are the answers."""
    async with plugged(tmp_path) as (link, far, _):
        far.says = {"*IDN?": noise, "1": noise}
        for _ in range(3):
            with pytest.raises(InstrumentError):
                await link.query("1")
        far.says.clear()
        assert "2" == await once_more(link, "1")


@pytest.mark.parametrize("half", [b"1", b"-1.", b"2\r"])
async def test_f032_half_an_answer_then_silence(tmp_path: Path, half: bytes) -> None:
    """A timeout, and what came is no number; the next question has its own answer."""
    async with plugged(tmp_path) as (link, far, _):
        far.says["1"] = half
        with pytest.raises(LinkTimeout):
            await link.query("1")
        assert "14" == await once_more(link, "7")


async def test_f033_noise_before_an_answer(tmp_path: Path) -> None:
    """Before the question it is forgotten; in the answer it spoils that one, and not the next."""
    async with plugged(tmp_path) as (link, far, _):
        far.say(b"\x00\xfe\x00")
        assert "14" == await link.query("7")
        far.says["1"] = b"\xfe\xff2\r\n"
        with pytest.raises(BadReply):
            await link.query("1")
        assert "14" == await once_more(link, "7")


async def test_f035_late_bytes_after_reopening(tmp_path: Path) -> None:
    """What the adapter has kept is no answer to whoever opens it again."""
    async with plugged(tmp_path) as (link, far, _):
        far.says["1"] = b""
        with pytest.raises(LinkTimeout):
            await link.query("1")
        link.close()
        far.say(b"99\r\n")
        await link.open()
        assert "14" == await link.query("7")
        link.close()
        await link.open()
        far.say(b"99\r\n")
        assert "16" == await link.query("8")
