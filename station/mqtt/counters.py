"""Counters: what publishing has done and has yet to do, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the daemon began, but for `outbox`, `aside` and `oldest`, which are now."""

    connected: bool = False
    connects: int = 0
    takeovers: int = 0
    outbox: int = 0
    aside: int = 0
    oldest: str = ""
    sent: int = 0
    received: int = 0
    odd_receipts: int = 0
    refused_receipts: int = 0
    dropped: int = 0
    taken_commands: int = 0
    refused_commands: int = 0
