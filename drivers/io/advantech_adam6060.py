"""Advantech ADAM-6060: six digital inputs and six relays, Modbus TCP.

The maker counts coils from 1: inputs are 00001 to 00006, relays 00017 to 00022; on the wire they are 0 to 5 and 16 to 21.
Whatever is switched is read back: a relay is believed when the module says that it has moved, not when it says that it
has heard. It has no way to say who it is that is public for this model, so it is known by having both blocks of coils,
whatever stands in them: an input that has changed while the connection was lost does not keep the relays from being released.
"""

from dataclasses import dataclass

from drivers.errors import AGAIN, BadReply, Refused, Unsupported
from drivers.links.registers import Registers
from drivers.model import Model
from drivers.roles import Identity, InputsOutputs

INPUTS, RELAYS = 0, 16
"""The first coil of each block, on the wire."""
CHANNELS = 6
"""Of each."""


@dataclass(frozen=True, slots=True)
class AdvantechAdam6060:
    """The module on `link`."""

    link: Registers

    async def identify(self) -> Identity:
        """It is there, and has inputs and relays where they are expected; more it cannot say."""
        await self.inputs()
        await self.outputs()
        return Identity("Advantech", "ADAM-6060", "", "")

    async def self_check(self) -> None:
        """It has no way to say how it is, but it must still be itself."""
        await self.identify()

    async def inputs(self) -> tuple[bool, ...]:
        """Every input, in order, read now."""
        return await self.link.read_coils(INPUTS, CHANNELS)

    async def outputs(self) -> tuple[bool, ...]:
        """Every relay as the module says it is, read now."""
        return await self.link.read_coils(RELAYS, CHANNELS)

    async def set_output(self, number: int, *, on: bool) -> None:
        """Switch one relay and read it back."""
        if number not in range(CHANNELS):
            raise Unsupported(self.link.name, f"it has relays 0 to {CHANNELS - 1}, {number} is asked")
        await self.link.write_coil(RELAYS + number, on=on)
        if (await self.outputs())[number] is not on:
            raise Refused(self.link.name, f"relay {number} was told to be {_word(on=on)} and is not")

    async def make_safe(self) -> None:
        """Release every relay, read back. One that refuses does not keep the others; what did not get through is tried again."""
        try:
            await self._release()
        except AGAIN:
            await self._release()

    async def _release(self) -> None:
        refusals: list[str] = []
        for number in range(CHANNELS):
            try:
                await self.link.write_coil(RELAYS + number, on=False)
            except Refused as refused:
                refusals.append(f"relay {number}: {refused.what}")
            except BadReply:
                continue  # it may have heard: what is read back tells
        refusals += [f"relay {number} is still on" for number, on in enumerate(await self.outputs()) if on]
        if refusals:
            raise Refused(self.link.name, "; ".join(refusals))


def _word(*, on: bool) -> str:
    return "on" if on else "off"


MODELS = (
    Model(
        name="advantech-adam6060",
        title="Advantech ADAM-6060 inputs and relays",
        connect=AdvantechAdam6060,
        roles=(InputsOutputs,),
        within=1.0,
        speaks="registers",
        steady=False,
        links=("modbus-tcp",),
        rung="simulated",
        source="Advantech ADAM-4000 manual, appendix G (coils of the family); WilmaOlcho/VG; Nodel recipe ADAM-6060",
        gaps=(
            "name and serial number: the registers of the module's name are public for the ADAM-4000 only",
            "whether it drops its relays when nobody speaks to it (its watchdog) is a setting of the module",
        ),
    ),
)
