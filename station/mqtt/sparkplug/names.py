"""Names: the topics of an edge node, of its devices and of its host, made of names that were looked at here."""

from dataclasses import dataclass
from typing import Final

NAMESPACE: Final = "spBv1.0"
REBIRTH: Final = "Node Control/Rebirth"
"""The metric by which a host asks for everything anew."""
DEATHS: Final = "bdSeq"
"""The metric that says which birth a death belongs to."""


def checked(name: str) -> str:
    """`name`, if it can be a level of a topic. Raises ValueError."""
    if not 1 <= len(name) <= 64 or not name.isprintable() or set(name) & set("+/#"):
        raise ValueError(f"{name[:80]!a} names nothing in Sparkplug: printable, at most 64, without + / and #")
    return name


@dataclass(frozen=True, slots=True)
class Names:
    """A group, an edge node, and the host application that data is held back for; empty: for none. Raises ValueError."""

    group: str
    node: str
    host: str = ""

    def __post_init__(self) -> None:
        for name in (self.group, self.node, *([self.host] if self.host else [])):
            checked(name)

    def topic(self, kind: str, device: str | None = None) -> str:
        """The topic of a kind of message, of the node or of one of its devices. Raises ValueError for a name that is none."""
        levels = [NAMESPACE, self.group, kind, self.node]
        return "/".join(levels if device is None else [*levels, checked(device)])

    @property
    def command(self) -> str:
        """Where hosts ask for a rebirth. To be subscribed at QoS 1."""
        return self.topic("NCMD")

    @property
    def state(self) -> str:
        """Where the host says whether it is there; empty without one. To be subscribed at QoS 1."""
        return f"{NAMESPACE}/STATE/{self.host}" if self.host else ""

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """All of that."""
        return (self.command, self.state) if self.host else (self.command,)
