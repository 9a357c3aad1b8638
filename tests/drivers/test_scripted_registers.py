"""The scripted registers fail a driver that says anything but its manual's exchanges."""

import asyncio

import pytest

from drivers.errors import Declined
from drivers.links.functions import (
    READ_COILS,
    READ_DISCRETE,
    READ_HOLDING,
    READ_INPUT,
    WRITE_COIL,
    WRITE_REGISTER,
    WRITE_REGISTERS,
)
from drivers.links.registers import Registers
from drivers.links.scripted import scripted_registers


def test_the_script_is_played_in_its_order() -> None:
    """Every function of the contract, and what was written is compared."""

    async def drive(link: Registers) -> list[object]:
        got = [
            await link.read_holding(0x4F),
            await link.read_input(0, 2),
            await link.read_coils(16, 3),
            await link.read_discrete(0, 1),
        ]
        await link.write_register(5, 0xFFFF)
        await link.write_registers(6, [1, 2])
        await link.write_coil(16, on=True)
        return [*got]

    with scripted_registers(
        (READ_HOLDING, 0x4F, 1, (51000,)),
        (READ_INPUT, 0, 2, (1, 2)),
        (READ_COILS, 16, 3, (True, False, True)),
        (READ_DISCRETE, 0, 1, (False,)),
        (WRITE_REGISTER, 5, 0xFFFF, None),
        (WRITE_REGISTERS, 6, (1, 2), None),
        (WRITE_COIL, 16, True, None),
        name="io",
    ) as link:
        assert "io" == link.name
        got = asyncio.run(drive(link))
    assert [(51000,), (1, 2), (True, False, True), (False,)] == got


def test_an_exception_is_raised_in_place_of_a_reply() -> None:
    """So a driver's way with a refusal can be typed from the manual too."""
    refusal = Declined("io", "illegal data address", 2)
    with scripted_registers((READ_INPUT, 9, 1, refusal)) as link, pytest.raises(Declined) as caught:
        asyncio.run(link.read_input(9))
    assert refusal is caught.value


def test_another_exchange_than_the_scripts_fails() -> None:
    """Another function, another address, another number; and after the script's end anything."""
    with scripted_registers((READ_HOLDING, 0x10, 2, (1, 2))) as link:
        with pytest.raises(AssertionError, match="has READ_HOLDING 0x0010 2, the driver says READ_INPUT 0x0010 2"):
            asyncio.run(link.read_input(0x10, 2))
        with pytest.raises(AssertionError, match="WRITE_COIL 0x0001 False is not in the script, which has ended"):
            asyncio.run(link.write_coil(1, on=False))


def test_what_is_not_played_fails() -> None:
    """A driver that stops early has not done what the manual says."""
    with (
        pytest.raises(AssertionError, match="never asked \\['WRITE_COIL 0x0001 True'\\]"),
        scripted_registers((WRITE_COIL, 1, True, None)),
    ):
        pass


def test_a_reply_of_the_wrong_length_is_a_mistake_of_the_script() -> None:
    """A link gives exactly as many values as were asked for, so a script cannot do otherwise."""
    with scripted_registers((READ_HOLDING, 0, 2, (1,))) as link, pytest.raises(AssertionError, match="2 asked"):
        asyncio.run(link.read_holding(0, 2))
