"""Who answers a prompt: a Honeywell-style serial scanner that is triggered by bytes, or a person at a terminal.

The scanner's trigger is SYN T CR (16 54 0D) on and SYN U CR (16 55 0D) off; a scan ends with CR. The scan is the answer
to the trigger, so what was scanned before the prompt, and any part of it that is still coming, is thrown away.
"""

import math
import re
from contextlib import suppress
from dataclasses import dataclass

from drivers.errors import BadReply, LinkError
from drivers.links.line import Lines
from drivers.model import Model
from drivers.roles import Identity, Operator

TRIGGER_ON, TRIGGER_OFF = "\x16T", "\x16U"
_ANSWER = re.compile(r"[ -~]{1,64}")


@dataclass(frozen=True, slots=True)
class BarcodeScanner:
    """The scanner on `link`."""

    link: Lines

    async def identify(self) -> Identity:
        """Nobody: a scanner has no way to say."""
        return Identity("", "", "", "")

    async def self_check(self) -> None:
        """It has no way to say how it is."""

    async def answer(self, prompt: str) -> str:  # noqa: ARG002 - it has no display
        """Light up, wait for a scan however long it takes, go dark again."""
        try:
            return _strict(self.link.name, await self.link.query(TRIGGER_ON, within=math.inf))
        finally:
            with suppress(LinkError):  # a broken link has been told of already, and a cancellation must get through
                await self.make_safe()

    async def make_safe(self) -> None:
        """Go dark."""
        await self.link.write(TRIGGER_OFF)


@dataclass(frozen=True, slots=True)
class Console:
    """A person at the terminal on `link`; a face shows the prompt."""

    link: Lines

    async def identify(self) -> Identity:
        """Nobody: a person is not asked."""
        return Identity("", "", "", "")

    async def self_check(self) -> None:
        """A person is not asked."""

    async def answer(self, prompt: str) -> str:  # noqa: ARG002 - a face shows it
        """Wait for one line, however long it takes."""
        return _strict(self.link.name, await self.link.listen())

    async def make_safe(self) -> None:
        """Nothing to do: a terminal energises nothing."""


def _strict(name: str, said: str) -> str:
    if _ANSWER.fullmatch(said):
        return said
    raise BadReply(name, f"an answer has 1 to 64 printable ASCII characters, this one has {len(said)}: {said[:80]!a}")


MODELS = (
    Model(
        name="barcode-scanner",
        title="Serial barcode scanner with trigger bytes (Honeywell style)",
        connect=BarcodeScanner,
        roles=(Operator,),
        ends_with=b"\r",
        replies_end_with=b"\r",
        within=0.5,
        identifies=False,
        links=("serial", "tcp"),
        source="Honeywell's serial trigger commands",
        gaps=("the trigger bytes 16 54 0D and 16 55 0D",),
    ),
    Model(
        name="console",
        title="A person at this terminal",
        connect=Console,
        roles=(Operator,),
        within=0.5,
        identifies=False,
        links=("console",),
        rung="scripted",
    ),
)
