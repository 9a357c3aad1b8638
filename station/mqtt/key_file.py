"""The key file of a station: read again whenever it has changed, so that who is taken out of it may not command any more."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from station.condition import Condition, Level
from station.mqtt.keys import Keys, KeysError

LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at it, at the least."""


@dataclass(eq=False)
class KeyFile:
    """`keys` are those that it has now; none at all while it cannot be used, and `trouble` says why."""

    path: Path
    keys: Keys = field(default_factory=Keys)
    trouble: str = ""
    _looked: float = float("-inf")
    _seen: tuple[int, ...] | None = None

    async def refresh(self) -> Keys:
        """The keys, looked at anew if that is due."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._looked >= LOOK_AGAIN:
            self.keys, self.trouble, self._seen = await loop.run_in_executor(None, self._look)
            self._looked = loop.time()
        return self.keys

    def condition(self) -> Condition:
        """Whether it can be used."""
        if self.trouble:
            text = f"nobody may command over MQTT: {self.trouble}"
            return Condition("commands", Level.ALARM, text, "mend the file; it is read again by itself")
        return Condition("commands", Level.OK, f"{len(self.keys.of)} may command over MQTT")

    def _look(self) -> tuple[Keys, str, tuple[int, ...] | None]:
        try:
            found = self.path.stat()
            seen = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
            if seen == self._seen:
                return self.keys, self.trouble, seen
            return Keys.read(self.path), "", seen
        except (OSError, KeysError) as wrong:
            why = f"{self.path.name}: {wrong.strerror}" if isinstance(wrong, OSError) else str(wrong)
            return Keys(), why, None
