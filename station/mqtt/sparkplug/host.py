"""The primary host: whether it is there, as its STATE messages say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_BYTES: Final = 1024


@dataclass(eq=False)
class PrimaryHost:
    """`online` is what its newest message said; `odd` counts those that said nothing."""

    online: bool = False
    odd: int = 0
    _newest: int | None = None

    def unknown(self) -> None:
        """On a new connection it is not there until it has said so."""
        self.online = False

    def hear(self, payload: bytes) -> bool:
        """Take note of a STATE message; whether it counts. One that is older than the last one does not."""
        said = _state(payload)
        if said is None:
            self.odd += 1
            return False
        online, timestamp = said
        if self._newest is not None and timestamp < self._newest:
            return False
        self.online, self._newest = online, timestamp
        return True


def _state(payload: bytes) -> tuple[bool, int] | None:
    if len(payload) > MOST_BYTES:
        return None
    try:
        match json.loads(payload, object_pairs_hook=_once):
            case {"online": bool(online), "timestamp": int(timestamp)} if not isinstance(timestamp, bool):
                return online, timestamp
    except (ValueError, RecursionError):
        pass
    return None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a key that comes twice")
    return named
