"""The app: who may ask what, and how what goes wrong is answered. What a request does is in the answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as At
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from station.api.answers import Answers, Asked, told
from station.api.asked import MOST_BODY, OddRequest, body_of, query_of
from station.api.door import Door
from station.api.routes import ROUTES, Route
from station.api.streams import MOST_READERS, Stream, Told, news_of, trace_of
from station.api.tokens import ROLES
from station.ledger.errors import LedgerError, NoSuchRun
from station.service import RefusalError
from station.store import StoreError

BODY_WITHIN: Final = 10.0
"""Seconds in which a request's body must have come."""
_EVERY: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}


@dataclass(eq=False)
class App:
    """An ASGI application. `counted` are the answers by status; `over` ends the streams; `erred` is told what was asked, and
    why it could not be answered.
    """

    answers: Answers
    erred: Callable[[str, str], None] = lambda *_: None
    counted: Counter[int] = field(default_factory=Counter)
    readers: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def through(self, door: Door) -> "Callable[[Scope, Receive, Send], Awaitable[None]]":
        """The application as it is behind a door."""
        paths: dict[str, dict[str, Route]] = {}
        for route in ROUTES:
            paths.setdefault(route.path, {})[route.method] = route
        at = [At(path, partial(self._answer, door, methods), methods=list(_EVERY)) for path, methods in paths.items()]
        router = Router(at, redirect_slashes=False, default=self._nowhere)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await router(scope, receive, send)

        return application

    async def _answer(self, door: Door, methods: dict[str, Route], request: Request) -> "Response | Stream":
        try:
            answer: Response | Stream = await self._carry_out(door, methods, request)
        except OddRequest as odd:
            answer = told(odd.problem, odd.status)
            if odd.status == 405:
                answer.headers["allow"] = ", ".join(methods)
            if odd.status == 401:
                answer.headers["www-authenticate"] = "Bearer"
            if odd.status in {400, 408, 413}:
                answer.headers["connection"] = "close"  # what comes after it on this connection is anybody's guess
        except RefusalError as no:
            answer = told({"error": str(no), "field": "", "found": "", "allowed": ""}, 409)
        except (LedgerError, StoreError) as broken:
            answer = told({"error": str(broken), "field": "", "found": "", "allowed": ""}, 503)
        except ClientDisconnect:
            raise  # nobody is there to be answered
        except Exception as error:  # noqa: BLE001 (a mistake of ours in one answer ends neither the API nor the runs)
            self.erred(f"{request.method} {request.url.path[:80]}", f"{type(error).__name__}: {error}")
            ours = "the daemon made a mistake, which is in its log"
            answer = told({"error": ours, "field": "", "found": "", "allowed": ""}, 500)
        if isinstance(answer, Response):
            answer.headers["x-content-type-options"] = "nosniff"
            answer.headers["cache-control"] = "no-store"
            self.counted[answer.status_code] += 1
        return answer

    async def _carry_out(self, door: Door, methods: dict[str, Route], request: Request) -> "Response | Stream":
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if "transfer-encoding" in request.headers and "content-length" in request.headers:
            raise OddRequest(400, "a body has one length", "Content-Length")
        source = await door.enter(request, route.role if route else ROLES[0])
        if route is None:
            raise OddRequest(405, "not by this method", "method", request.method, ", ".join(methods))
        body = await _body(request)
        if body and route.method == "GET":
            raise OddRequest(400, "whoever only asks has no body")
        given = query_of(request.query_params, route.query) if route.method == "GET" else body_of(body, route.body)
        asked = Asked(dict(request.path_params), given, source)
        if route.answer == "text/event-stream":
            return await self._stream(route, asked, request.headers.get("last-event-id", ""))
        answer: Response = await getattr(self.answers, route.does)(asked)
        return answer

    async def _stream(self, route: Route, asked: Asked, last: str) -> "Counted":
        if self.readers >= MOST_READERS:
            raise OddRequest(503, f"{MOST_READERS} readers read already")
        line, ledger = self.answers.line, self.answers.ledger
        if route.does == "events":
            return Counted(self, news_of(line, last))
        run = asked.run
        try:
            return Counted(self, await trace_of(line, ledger, run, last))
        except NoSuchRun:
            raise OddRequest(404, "there is no such run", "run", run) from None

    async def _nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.counted[404] += 1
        await told(
            {
                "error": "there is nothing here",
                "field": "path",
                "found": scope["path"][:80],
                "allowed": "/v1/openapi.json",
            },
            404,
        )(scope, receive, send)


class Counted(Stream):
    """A stream whose reader is counted; it ends with the app."""

    def __init__(self, app: App, rest: AsyncGenerator[Told, None]) -> None:
        super().__init__(rest, app.over)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        self._app.readers += 1
        self._app.counted[200] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._app.readers -= 1


async def _body(request: Request) -> bytes:
    """The body. Raises OddRequest for one that is too long, or that does not come."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length[:12]) > MOST_BODY:
        raise OddRequest(413, "the body is too long", "Content-Length", length[:20], f"{MOST_BODY} bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BODY:
                    raise OddRequest(413, "the body is too long", allowed=f"{MOST_BODY} bytes")
    except TimeoutError:
        raise OddRequest(408, f"the body did not come within {BODY_WITHIN:g} s") from None
    return bytes(body)
