"""Letters: what is sent to a broker and heard from it, and what can become of them.

* Unsent   it may or may not have arrived: there is no connection, or no answer in time
* Denied   the broker has it and says no; asking again will not help before somebody mends it
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """To be sent. `qos` 1 is acknowledged by the broker, 0 by nobody. `expiry` is in seconds; 0: none."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    expiry: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in. `retained`: the broker had kept it, so nobody sent it now."""

    topic: str
    payload: bytes
    retained: bool


class Unsent(Exception):
    """It may or may not have arrived. `lost`: the connection was lost over it; `blamed`: for a packet of ours, says the broker."""

    def __init__(self, why: str, *, lost: bool = False, blamed: bool = False) -> None:
        super().__init__(why)
        self.lost, self.blamed = lost, blamed


class Denied(Exception):
    """The broker says no, and why. `for_ever`: it is this letter that it does not take, whoever sends it, as one too large."""

    def __init__(self, why: str, *, for_ever: bool = False) -> None:
        super().__init__(why)
        self.for_ever = for_ever


class Lost(Exception):
    """There is no connection, or none any more, and why.

    `taken`: somebody else is connected by the same name. `mute`: it was closed at the other end, without a word, while it owed
    us nothing; that is what some brokers do then.
    """

    def __init__(self, why: str, *, taken: bool = False, mute: bool = False) -> None:
        super().__init__(why)
        self.taken, self.mute = taken, mute
