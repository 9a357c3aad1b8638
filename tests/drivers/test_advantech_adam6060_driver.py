"""The ADAM-6060's driver, against the public facts of its coils, exchange by exchange."""

import pytest

from drivers.errors import BadReply, Declined, LinkError, LinkTimeout, Refused, Unsupported
from drivers.io.advantech_adam6060 import MODELS, AdvantechAdam6060
from drivers.links.functions import READ_COILS, WRITE_COIL
from drivers.links.scripted import RegisterExchange, scripted_registers
from drivers.roles import Identity, InputsOutputs
from tests.drivers.fake_wire import virtual

NONE = (False,) * 6
INPUTS: RegisterExchange = (READ_COILS, 0, 6, (True, False, False, False, False, True))


def relays(*on: int) -> RegisterExchange:
    """The relays read back: those that are on."""
    return (READ_COILS, 16, 6, tuple(number in on for number in range(6)))


ALL_OFF: tuple[RegisterExchange, ...] = tuple((WRITE_COIL, 16 + number, False, None) for number in range(6))


def test_it_is_inputs_and_outputs() -> None:
    """The catalogue's entry."""
    (model,) = MODELS
    with scripted_registers() as link:
        assert isinstance(model.connect(link), InputsOutputs)
    assert ("advantech-adam6060", (InputsOutputs,), "registers", ("modbus-tcp",)) == (
        model.name,
        model.roles,
        model.speaks,
        model.links,
    )
    assert not model.accuracy


@virtual
async def test_it_is_known_by_its_coils() -> None:
    """F046: 00001 is coil 0 and 00017 is coil 16; a device without them is not this one."""
    missing = Declined("io", "illegal data address", 2)
    with scripted_registers(INPUTS, relays(), INPUTS, (READ_COILS, 16, 6, missing)) as link:
        module = AdvantechAdam6060(link)
        assert Identity("Advantech", "ADAM-6060", "", "") == await module.identify()
        with pytest.raises(Declined):
            await module.self_check()


@virtual
async def test_inputs_and_relays_are_read_now() -> None:
    """Each time anew, in order."""
    with scripted_registers(INPUTS, (READ_COILS, 0, 6, NONE), relays(2)) as link:
        module = AdvantechAdam6060(link)
        assert (True, False, False, False, False, True) == await module.inputs()
        assert NONE == await module.inputs()
        assert (False, False, True, False, False, False) == await module.outputs()


@virtual
async def test_a_relay_is_switched_and_read_back() -> None:
    """F044: one that was acknowledged and has not moved is Refused, on or off; one that it has not is Unsupported."""
    with scripted_registers(
        (WRITE_COIL, 17, True, None),
        relays(1),
        (WRITE_COIL, 17, False, None),
        relays(),
        (WRITE_COIL, 21, True, None),
        relays(4),
        (WRITE_COIL, 16, False, None),
        relays(0),
    ) as link:
        module = AdvantechAdam6060(link)
        await module.set_output(1, on=True)
        await module.set_output(1, on=False)
        with pytest.raises(Refused, match="relay 5 was told to be on"):
            await module.set_output(5, on=True)
        with pytest.raises(Refused, match="relay 0 was told to be off"):
            await module.set_output(0, on=False)
        for number in (-1, 6):
            with pytest.raises(Unsupported):
                await module.set_output(number, on=True)


@virtual
async def test_made_safe_every_relay_is_off() -> None:
    """Told and read back; twice is as good as once; a broken connection is tried a second time, not a third."""
    lost = LinkError("io", "connection lost")
    with scripted_registers(*ALL_OFF, relays(), (WRITE_COIL, 16, False, lost), *ALL_OFF, relays()) as link:
        module = AdvantechAdam6060(link)
        await module.make_safe()
        await module.make_safe()
    silent: RegisterExchange = (WRITE_COIL, 16, False, LinkTimeout("io", "silent"))
    with scripted_registers(silent, silent) as link, pytest.raises(LinkTimeout):
        await AdvantechAdam6060(link).make_safe()


@virtual
async def test_a_relay_that_refuses_does_not_keep_the_others() -> None:
    """F044: all are told, all that are wrong are named."""
    script = list(ALL_OFF)
    script[1] = (WRITE_COIL, 17, False, Declined("io", "device failure", 4))
    named = "relay 1: device failure; relay 1 is still on; relay 3 is still on"
    with scripted_registers(*script, relays(1, 3)) as link, pytest.raises(Refused, match=named):
        await AdvantechAdam6060(link).make_safe()


@virtual
async def test_a_garbled_echo_does_not_keep_the_other_relays() -> None:
    """It may have heard: what is read back decides, for it and for all of them."""
    script = list(ALL_OFF)
    script[0] = (WRITE_COIL, 16, False, BadReply("io", "the reply echoes something else"))
    with scripted_registers(*script, relays()) as link:
        await AdvantechAdam6060(link).make_safe()
    with scripted_registers(*script, relays(0)) as link, pytest.raises(Refused, match="relay 0 is still on"):
        await AdvantechAdam6060(link).make_safe()
