"""A lease: the right of one step to talk to instruments, which the engine can take back.

The engine gives every step a lease and revokes it when it gives the step up. Whatever is left of that step, in its
task or in tasks that it started, can then say nothing more to any instrument. Who has no lease (making safe) may talk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from drivers.errors import Revoked


class Lease:
    """One step's right to talk. Revoking it is final."""

    __slots__ = ("_revoked",)

    def __init__(self) -> None:
        self._revoked = False

    @property
    def revoked(self) -> bool:
        """Whether the right has been taken back."""
        return self._revoked

    def revoke(self) -> None:
        """Take the right back: the next exchange under this lease raises Revoked. Idempotent."""
        self._revoked = True

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Run the body, and every task that is started in it, under this lease."""
        token = LEASE.set(self)
        try:
            yield
        finally:
            LEASE.reset(token)


LEASE: ContextVar[Lease | None] = ContextVar("lease", default=None)


def is_leased() -> bool:
    """Whether a step is asking; else somebody makes safe, or opens the bench."""
    return LEASE.get() is not None


def insist(instrument: str) -> None:
    """Raise Revoked if the lease of the current context has been taken back."""
    lease = LEASE.get()
    if lease is not None and lease.revoked:
        raise Revoked(instrument, "the step that asks has been given up")
