"""Strangers at the API: what hostile or broken clients send, row by row of the catalogue of bad inputs, and what becomes of it."""

import asyncio
import csv
import json
import ssl
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from station.api import app, serving
from station.api.asked import MOST_BODY
from station.api.tokens import LONGEST, Lockout, add_token, read_tokens
from tests.station.api_work import LATER, Answer, Network, Reached, answer_of, hang_up, over_api
from tests.station.test_api import UNIT

SHARED = Path(__file__).parents[3] / "shared" / "bad_inputs.csv"
GET = b"GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Certificates and tokens."""
    return Network.made(tmp_path)


async def b163_a_token_is_needed_on_the_loopback_too(api: Reached, tokens: dict[str, str]) -> None:
    """127.0.0.1 is a network."""
    del tokens
    said = await api.ask("POST", "/v1/abort", {"reason": "x"})
    assert (said.status, said.headers["www-authenticate"]) == (401, "Bearer")


async def b164_it_answers_to_its_own_names_alone(api: Reached, tokens: dict[str, str]) -> None:
    """DNS rebinding: whatever the token."""
    for host in ("evil.example", "127.0.0.1.evil.example", "line.example@evil", "", "a b", "[::1]", "x" * 300):
        said = await api.ask("GET", "/v1/status", token=tokens["watch"], headers={"Host": host})
        assert said.status == 421, host
        assert len(said.body) < 500
    for host in ("127.0.0.1", "line.example:8443", "LINE.example"):
        assert (await api.ask("GET", "/v1/status", token=tokens["watch"], headers={"Host": host})).status == 200


async def b166_no_page_of_others_reads_it(api: Reached, tokens: dict[str, str]) -> None:
    """No header of CORS, ever; a preflight is refused."""
    asked = {"Origin": f"https://127.0.0.1:{api.port}"}
    told = await api.ask("GET", "/v1/status", token=tokens["watch"], headers=asked)
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    asked_first = await api.ask("OPTIONS", "/v1/abort", headers=preflight)
    assert (told.status, asked_first.status) == (200, 403)
    assert not [name for each in (told, asked_first) for name in each.headers if name.startswith("access-control")]


async def b167_no_page_of_others_asks(api: Reached, tokens: dict[str, str]) -> None:
    """Whatever is to be upgraded, too: there are no web sockets."""
    for origin in ("https://evil.example", "null", f"https://127.0.0.1:{api.port}.evil.example"):
        said = await api.ask("POST", "/v1/abort", {"reason": "x"}, tokens["maintain"], {"Origin": origin})
        assert said.status == 403, origin
    upgrade = {"Connection": "Upgrade, close", "Upgrade": "websocket", "Sec-WebSocket-Key": "x"}
    assert (await api.ask("GET", "/v1/status", token=tokens["watch"], headers=upgrade)).status == 200


async def b169_there_are_no_sessions(api: Reached, tokens: dict[str, str]) -> None:
    """Nothing is remembered of who asks: no cookie is given, none is taken."""
    told = await api.ask("GET", "/v1/status", token=tokens["watch"])
    assert "set-cookie" not in told.headers
    assert (await api.ask("GET", "/v1/status", headers={"Cookie": f"token={tokens['watch']}"})).status == 401


async def b170_guessing_is_slowed_and_an_abort_never(api: Reached, tokens: dict[str, str]) -> None:
    """After some wrong tokens 429, and for longer each time; a right one from the same address is let in at once."""
    said = [(await api.ask("GET", "/v1/status", token=f"guess-{at}")).status for at in range(12)]
    assert (said[0], said[-1]) == (401, 429)
    assert (await api.ask("POST", "/v1/abort", {"reason": "fire"}, tokens["operate"])).status == 200


async def b172_limits_are_clamped(api: Reached, tokens: dict[str, str]) -> None:
    """What is no number is refused."""
    for limit, status in (
        ("1e9", 200),
        ("-5", 200),
        ("0", 200),
        ("9" * 18, 200),
        ("1e99", 200),
        ("1e400", 422),
        ("ten", 422),
    ):
        assert (await api.ask("GET", f"/v1/runs?limit={limit}", token=tokens["watch"])).status == status, limit


async def b175_a_body_has_one_length(api: Reached, tokens: dict[str, str]) -> None:
    """Request smuggling: refused, and nothing more is read from there."""
    head = f"POST /v1/abort HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens['maintain']}\r\n"
    for odd in (
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}  ",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 2_\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n",
    ):
        said = await api.raw((head + odd).encode() + GET)
        assert 400 <= answer_of(said).status < 502, odd
        assert said.count(b"HTTP/1.1 ") == 1, said


async def b176_each_path_has_its_methods(api: Reached, tokens: dict[str, str]) -> None:
    """405, and which ones."""
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        said = await api.ask(method, "/v1/abort", token=tokens["maintain"])
        assert (said.status, said.headers["allow"]) == (405, "POST"), method
    said = await api.ask("POST", "/v1/tickets/T", token=tokens["maintain"])
    assert (said.status, said.headers["allow"]) == (405, "GET, DELETE")
    assert (await api.ask("BREW", "/v1/abort", token=tokens["maintain"])).status == 405
    override = {"X-HTTP-Method-Override": "POST"}
    assert (await api.ask("GET", "/v1/abort", token=tokens["maintain"], headers=override)).status == 405


async def b178_runs_of_others_are_not_there(api: Reached, tokens: dict[str, str]) -> None:
    """There is one ledger; what is not in it, or is no id, is not there."""
    for run in ("01JT0FDZHY5DJA2ZK6KFW2S7GP", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1--", "%00", "x" * 5000):
        for path in (f"/v1/runs/{run}", f"/v1/runs/{run}/events", f"/v1/tickets/{run}"):
            said = await api.ask("GET", path, token=tokens["watch"])
            assert (said.status, len(said.body) < 500) == (404, True), path


async def b179_nothing_is_taken_for_a_page(api: Reached, tokens: dict[str, str]) -> None:
    """Whatever a unit is called, it is JSON, and no browser looks whether it is not."""
    said = await api.ask("POST", "/v1/tickets", UNIT | {"serial": "<script>alert(1)</script>"}, tokens["operate"])
    assert (said.status, said.headers["content-type"]) == (409, "application/json")
    assert said.headers["x-content-type-options"] == "nosniff"


async def b181_old_tls_is_refused(api: Reached, tokens: dict[str, str]) -> None:
    """TLS 1.1 and before; plain HTTP, too."""
    del tokens
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with warnings.catch_warnings(action="ignore"):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await api.connect(old)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(GET)
    assert b"HTTP/1.1 200" not in await reader.read()
    await hang_up(writer)


async def b182_nobody_is_known_before_he_was_made(api: Reached, tokens: dict[str, str]) -> None:
    """No user, no password, no empty token."""
    del tokens
    for shown in ("Basic YWRtaW46YWRtaW4=", "Bearer admin", "Bearer ", "Bearer", "bearer token", "Digest x"):
        assert (await api.ask("GET", "/v1/status", headers={"Authorization": shown})).status in {401, 429}, shown


ROWS: dict[str, Callable[[Reached, dict[str, str]], Awaitable[None]]] = {
    "B163": b163_a_token_is_needed_on_the_loopback_too,
    "B164": b164_it_answers_to_its_own_names_alone,
    "B166": b166_no_page_of_others_reads_it,
    "B167": b167_no_page_of_others_asks,
    "B169": b169_there_are_no_sessions,
    "B170": b170_guessing_is_slowed_and_an_abort_never,
    "B172": b172_limits_are_clamped,
    "B175": b175_a_body_has_one_length,
    "B176": b176_each_path_has_its_methods,
    "B178": b178_runs_of_others_are_not_there,
    "B179": b179_nothing_is_taken_for_a_page,
    "B181": b181_old_tls_is_refused,
    "B182": b182_nobody_is_known_before_he_was_made,
}
ELSEWHERE = {"B173": "test_who_dawdles_is_cut_off"}
"""Rows that need a door with less patience."""


@pytest.mark.parametrize("row", ROWS)
def test_what_strangers_try(row: str, network: Network) -> None:
    """Each row over TLS, with all three tokens at hand."""
    over_api(network.folder, lambda api: ROWS[row](api, network.tokens), network)


@pytest.mark.skipif(not SHARED.exists(), reason="the catalogue lies beside the project")
def test_every_row_of_the_surface_is_tried() -> None:
    """None of the catalogue's rows for an API is left out."""
    with SHARED.open(newline="") as file:
        rows = {row["id"] for row in csv.DictReader(file) if row["surface"] == "web dashboard / API"}
    assert rows == ROWS.keys() | ELSEWHERE.keys()
    assert all(name in globals() for name in ELSEWHERE.values())


def test_who_dawdles_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B173: a head that drips, a body that does not come, a connection that says nothing; others are served meanwhile."""
    monkeypatch.setattr(serving, "HEAD_WITHIN", 0.4)
    monkeypatch.setattr(app, "BODY_WITHIN", 0.4)

    async def use(api: Reached) -> list[bytes]:
        slow = (
            api.raw(*(bytes([each]) for each in GET), pause=0.05),
            api.raw(b"POST /v1/abort HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n", b"{", pause=0.1),
            api.raw(),
            api.raw(GET.replace(b"close", b"keep-alive"), *(bytes([each]) for each in GET), pause=0.05),
        )
        async with asyncio.timeout(5):
            said = await asyncio.gather(*slow, *(api.raw(GET) for _ in range(20)))
        return list(said)

    head, body, silent, second, *others = over_api(tmp_path, use)
    assert (head, silent) == (b"", b"")
    assert answer_of(body).status == 408
    assert second.count(b"HTTP/1.1 ") == 1
    assert {answer_of(each).status for each in others} == {200}


def test_strangers_do_not_use_up_its_files(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many who connect and say nothing only some are taken in, before TLS too; the others wait, and each has his turn."""
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 8)
    monkeypatch.setattr(serving, "HEAD_WITHIN", 0.5)

    async def files() -> int:
        fds = Path("/proc/self/fd")
        return await asyncio.get_running_loop().run_in_executor(None, lambda: len([*fds.iterdir()]))

    async def use(api: Reached) -> tuple[int, int]:
        before = await files()
        silent = [await asyncio.open_connection("127.0.0.1", api.port) for _ in range(30)]
        await asyncio.sleep(0.2)
        taken = await files() - before - len(silent)
        async with asyncio.timeout(10):
            status = (await api.ask("GET", "/v1/status", token=network.tokens["watch"])).status
        for _, writer in silent:
            await hang_up(writer)
        return taken, status

    taken, status = over_api(network.folder, use, network)
    assert taken <= 8
    assert status == 200


BODIES = {
    b"": (422, "reason is needed"),
    b"{": (400, "no JSON object"),
    b"[1]": (400, "no JSON object"),
    b"null": (400, "no JSON object"),
    b'"x"': (400, "no JSON object"),
    b"\xff\xfe{}": (400, "no JSON object"),
    b'{"reason":"a","reason":"b"}': (400, "twice"),
    b'{"reason":NaN}': (400, "NaN"),
    b'{"reason":-Infinity}': (400, "Infinity"),
    b'{"reason":1e999}': (400, "too large"),
    b'{"reason":"x","extra":1}': (422, "no such field"),
    b'{"reason":1}': (422, "reason"),
    b'{"reason":null}': (422, "reason"),
    b'{"reason":["x"]}': (422, "reason"),
    b'{"reason":""}': (422, "reason"),
    b'{"reason":"a\\u0000b"}': (422, "reason"),
    b'{"reason":"a\\nb"}': (422, "reason"),
    b'{"reason":"\\ud800"}': (422, "reason"),
    b'{"reason":"\\u009b2J"}': (422, "reason"),
    b'{"\\ud800":"x"}': (422, "no such field"),
    b'{"reason":"' + b"x" * 201 + b'"}': (422, "reason"),
    b"[" * 60_000: (400, "no JSON object"),
    b'{"reason":' + b"9" * 5000 + b"}": (400, "no JSON object"),
    b" " * (MOST_BODY + 1): (413, "too long"),
}


def test_a_body_that_is_not_understood_is_refused_with_what_is_allowed(tmp_path: Path) -> None:
    """Each with the status that it deserves, and a problem that a person can act on, never longer than a screen."""

    async def use(api: Reached) -> list[Answer]:
        return [await api.ask("POST", "/v1/abort", body) for body in BODIES]

    for (body, (status, why)), said in zip(BODIES.items(), over_api(tmp_path, use), strict=True):
        assert said.status == status, body[:40]
        assert set(said.document) == {"error", "field", "found", "allowed"}
        assert why in json.dumps(said.document), body[:40]
        assert len(said.body) < 600


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"operator": "x"}, "product, serial"),
    "priority too high": ({"priority": 10}, "0 to 9"),
    "priority as text": ({"priority": "5"}, "0 to 9"),
    "priority as float": ({"priority": 5.0}, "0 to 9"),
    "priority as bool": ({"priority": True}, "0 to 9"),
    "slot with a path": ({"slot": "../A"}, "fits"),
    "sequence with blanks": ({"sequence": "a b"}, "fits"),
    "serial as number": ({"serial": 7}, "fits"),
    "key too long": ({"key": "k" * 201}, "fits"),
}


def test_a_ticket_is_taken_in_only_as_it_must_be(tmp_path: Path) -> None:
    """422 with the field, what was found and what is allowed; nothing is kept."""

    async def use(api: Reached) -> tuple[list[Answer], int]:
        said = [await api.ask("POST", "/v1/tickets", UNIT | wrong) for wrong, _ in FIELDS.values()]
        return said, len(await api.line.tickets())

    said, kept = over_api(tmp_path, use)
    for (name, (_, allowed)), each in zip(FIELDS.items(), said, strict=True):
        assert each.status == 422, name
        assert allowed in each.document["allowed"], name
    assert kept == 0


def test_what_is_no_http_is_answered_and_forgotten(tmp_path: Path) -> None:
    """Garbage, a head without end, an endless path: refused or cut off; the next one is served."""

    async def use(api: Reached) -> list[bytes]:
        odd = (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/x\r\n\r\n", b"A" * 200_000,
               b"GET /v1/status HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000)  # fmt: skip
        return [*[await api.raw(each) for each in odd], await api.raw(GET)]

    *odd, good = over_api(tmp_path, use)
    assert {answer_of(each).status for each in odd} <= {400, 404}
    assert {answer_of(each).headers["content-type"] for each in odd} == {"application/json"}
    assert answer_of(good).status == 200


def test_nobody_is_let_in_while_the_file_of_tokens_is_bad(network: Network) -> None:
    """Others may read it, it is damaged or gone: 503, and why; mended, it is read again without a restart."""
    file = network.folder / "tokens.toml"
    good = file.read_text()

    async def use(api: Reached) -> list[Answer]:
        loop = asyncio.get_running_loop()
        said = []
        for spoil in (lambda: file.chmod(0o644), lambda: file.write_text("no toml"), file.unlink):
            await loop.run_in_executor(None, spoil)
            said.append(await api.ask("GET", "/v1/status", token=network.tokens["watch"]))
            await loop.run_in_executor(None, mend)
        return [*said, await api.ask("GET", "/v1/status", token=network.tokens["watch"])]

    def mend() -> None:
        file.write_text(good)
        file.chmod(0o600)

    *bad, mended = over_api(network.folder, use, network)
    assert [each.status for each in bad] == [503, 503, 503]
    assert "read by others" in bad[0].document["error"]
    assert mended.status == 200
    assert not [each for each in bad if network.tokens["watch"] in each.body.decode()]


def test_a_token_that_has_run_out_is_none(network: Network) -> None:
    """The day after its last."""
    add_token(network.folder / "tokens.toml", "late", "watch", LATER.replace(year=2020))
    text = (network.folder / "tokens.toml").read_text()
    assert not [token for token in network.tokens.values() if token in text]
    assert [each.name for each in read_tokens(network.folder / "tokens.toml")][-1] == "late"


def test_who_guesses_waits_longer_each_time() -> None:
    """From the sixth wrong one on, twice as long each, up to a bound; another address is not made to wait, a right one forgets all."""
    lockout = Lockout()
    waits = []
    for _ in range(20):
        waits.append(lockout.wait("a", 0.0))
        lockout.wrong("a", 0.0)
    assert waits[:8] == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0]
    assert max(waits) == LONGEST
    assert lockout.wait("b", 0.0) == 0.0
    lockout.right("a")
    assert lockout.wait("a", 0.0) == 0.0
    for at in range(5000):
        lockout.wrong(str(at), 0.0)
    assert len(lockout._bad) <= 1024
