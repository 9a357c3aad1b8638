"""The door: who comes in, and what he may do there."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from starlette.requests import Request

from station.api.asked import OddRequest
from station.api.tokens import ROLES, Lockout, Token, TokenError, read_tokens, who
from station.walls import real_wall

_HOST: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Door:
    """How requests come in. `hosts` are the names that this host is called by; over a Unix socket, whatever is written there.

    Without a file of tokens whoever can open the socket may do everything: its permissions are the lock.
    """

    hosts: frozenset[str] = frozenset()
    tokens: Path | None = None
    today: Callable[[], date] = lambda: real_wall().date()
    lockout: Lockout = field(default_factory=Lockout)

    async def enter(self, request: Request, role: str) -> str:
        """Who asks. Raises OddRequest where he may not."""
        if self.tokens is None:
            return f"api:{request.client.host if request.client else 'nobody'}"
        self._called(request)
        now, address = asyncio.get_running_loop().time(), request.client.host if request.client else ""
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        token = await self._token(self.tokens, shown) if scheme.lower() == "bearer" and shown else None
        if token is None:
            wait = self.lockout.wait(address, now)
            self.lockout.wrong(address, now)
            if wait:
                raise OddRequest(429, f"too many wrong tokens: try again in {wait:.0f} s")
            raise OddRequest(401, "who are you?", "Authorization", allowed="Bearer TOKEN, of one that has not run out")
        self.lockout.right(address)
        if ROLES.index(token.role) < ROLES.index(role):
            raise OddRequest(403, f"{token.name} may not do that", "Authorization", token.role, f"the role {role}")
        return f"api:{token.name}"

    async def _token(self, file: Path, shown: str) -> Token | None:
        try:
            known = await asyncio.get_running_loop().run_in_executor(None, read_tokens, file)
        except TokenError as odd:
            raise OddRequest(503, str(odd)) from None
        return who(known, shown, self.today())

    def _called(self, request: Request) -> None:
        """Whether it was meant for this host, and comes from no page of another's."""
        host = _HOST.fullmatch(request.headers.get("host", ""))
        if host is None or host[1].lower().strip("[]") not in self.hosts:
            raise OddRequest(
                421,
                "this host is not called that",
                "Host",
                request.headers.get("host", "")[:80],
                ", ".join(sorted(self.hosts)),
            )
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("//")[2] != request.headers["host"]:
            raise OddRequest(403, "a page of somebody else's may not ask", "Origin", origin[:80])
