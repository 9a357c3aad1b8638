"""The API of a line: what can be asked, by whom, and that the document of it is true."""

import asyncio
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from station.api.openapi import document
from station.api.routes import ROUTES, Route
from station.api.tokens import ROLES
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.api_work import Answer, Network, Reached, over_api
from tests.station.lines import WHIP

PLAIN = ("/v1/status", "/v1/conditions", "/v1/slots", "/v1/tickets", "/v1/runs", "/v1/openapi.json")
UNIT = {"product": WHIP, "serial": "SN1"}


def recorded(folder: Path, serial: str = "SN1", *faults: str) -> dict[str, Any]:
    """The record of a run that a folder's ledger has from before."""
    setup = Setup(None, folder, Simulated(0, faults), real_time=False)
    (record,) = run_orders(prepare(setup, [Request(WHIP, serial)]), [lambda _: None])
    return record


async def until(api: Reached, ticket: str, stage: str) -> dict[str, Any]:
    """A ticket once it has come so far."""
    while True:
        known: dict[str, Any] = (await api.ask("GET", f"/v1/tickets/{ticket}")).document
        if known["stage"] == stage:
            return known
        await asyncio.sleep(0.02)


def test_a_unit_is_handed_in_tested_and_read(tmp_path: Path) -> None:
    """By HTTP alone: the ticket, the slot that it is in, its withdrawal, the abort and the run's record."""

    async def use(api: Reached) -> list[Any]:
        made = await api.ask("POST", "/v1/tickets", UNIT | {"slot": "A", "key": "job-7", "priority": 9})
        again = await api.ask("POST", "/v1/tickets", UNIT | {"slot": "A", "key": "job-7", "priority": 9})
        ticket = made.document["ticket"]
        known = await until(api, ticket, "running")
        slots = (await api.ask("GET", "/v1/slots")).document["slots"]
        late = await api.ask("DELETE", f"/v1/tickets/{ticket}", {"reason": "too late"})
        going = await api.ask("GET", f"/v1/runs/{known['run']}")
        await api.ask("POST", "/v1/slots/A/abort", {"reason": "wrong unit"})
        known = await until(api, ticket, "done")
        record = (await api.ask("GET", f"/v1/runs/{known['run']}")).document
        runs = (await api.ask("GET", "/v1/runs?serial=SN1")).document["runs"]
        return [made, again, slots[0], late, going, known, record, runs]

    made, again, slot, late, going, known, record, runs = over_api(tmp_path, use)
    assert (made.status, again.status) == (201, 200)
    assert made.document["ticket"] == again.document["ticket"]
    assert made.document["source"].startswith("api:uid-")
    assert (slot["mode"], slot["serial"], slot["ticket"]) == ("busy", "SN1", known["ticket"])
    assert (late.status, going.status) == (409, 409)
    assert (known["verdict"], record["verdict"], runs[0]["verdict"]) == ("ABORTED",) * 3
    assert "wrong unit (api:uid-" in record["reason"]


def test_what_waits_is_withdrawn_and_what_is_paused_goes_on(tmp_path: Path) -> None:
    """The line's words over HTTP, and each refusal with why."""

    async def use(api: Reached) -> list[Any]:
        said = [(await api.ask("POST", "/v1/pause")).document, (await api.ask("GET", "/v1/status")).document["mode"]]
        ticket = (await api.ask("POST", "/v1/tickets", UNIT)).document["ticket"]
        twin = await api.ask("POST", "/v1/tickets", UNIT)
        gone = await api.ask("DELETE", f"/v1/tickets/{ticket}", {"reason": "wrong unit"})
        tickets = (await api.ask("GET", "/v1/tickets?stage=withdrawn")).document["tickets"]
        await api.ask("POST", "/v1/go-on")
        await api.ask("POST", "/v1/slots/B/pause")
        slots = {each["name"]: each["mode"] for each in (await api.ask("GET", "/v1/slots")).document["slots"]}
        unlocked = await api.ask("POST", "/v1/slots/A/release", {"reason": "x"})
        nowhere = await api.ask("POST", "/v1/slots/Z/pause")
        reloaded = await api.ask("POST", "/v1/reload")
        return [*said, twin, gone.document, len(tickets), slots["B"], unlocked, nowhere, reloaded.document]

    done, mode, twin, gone, count, paused, unlocked, nowhere, reloaded = over_api(tmp_path, use)
    assert (done, mode, gone["stage"], count, paused) == ({}, "paused", "withdrawn", 1, "paused")
    assert "wrong unit (api:uid-" in gone["reason"]
    assert (twin.status, unlocked.status, nowhere.status) == (409, 409, 409)
    assert "SN1 is queued already" in twin.document["error"]
    assert "no slot 'Z'" in nowhere.document["error"]
    assert reloaded == {"problems": []}


def test_draining_by_http_takes_nothing_in_any_more(tmp_path: Path) -> None:
    """It says so, and when it takes units again."""

    async def use(api: Reached) -> tuple[Answer, Answer]:
        return await api.ask("POST", "/v1/drain"), await api.ask("POST", "/v1/tickets", UNIT)

    done, refused = over_api(tmp_path, use)
    assert (done.status, refused.status) == (200, 409)
    assert "draining" in refused.document["error"]


def test_metrics_are_there_where_somebody_counts(tmp_path: Path) -> None:
    """404 where nobody does."""

    async def use(api: Reached) -> Answer:
        return await api.ask("GET", "/metrics")

    assert over_api(tmp_path, use).status == 404
    told = over_api(tmp_path, use, metrics=lambda: (b"up 1\n", "text/plain; version=0.0.4"))
    assert (told.status, told.body) == (200, b"up 1\n")
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_a_mistake_of_ours_is_answered_as_a_problem(tmp_path: Path) -> None:
    """500 with a document that tells nothing of the inside; whoever asks next is answered."""

    def broken() -> tuple[bytes, str]:
        raise ZeroDivisionError("secret of the house")

    async def use(api: Reached) -> list[Answer]:
        return [await api.ask("GET", path) for path in ("/metrics", "/v1/status")]

    broke, after = over_api(tmp_path, use, metrics=broken)
    assert (broke.status, after.status) == (500, 200)
    assert broke.document["error"] == "the daemon made a mistake, which is in its log"
    assert b"secret" not in broke.body


def test_a_probe_asks_for_the_head_alone(tmp_path: Path) -> None:
    """HEAD: as GET, without a body; of a stream too, which then ends at once."""

    async def use(api: Reached) -> list[Answer]:
        return [await api.ask("HEAD", path) for path in ("/v1/status", "/v1/events", "/v1/drain")]

    status, events, drain = over_api(tmp_path, use)
    assert (status.status, status.body) == (200, b"")
    assert (events.status, events.body, events.headers["content-type"]) == (200, b"", "text/event-stream")
    assert (drain.status, drain.body, drain.headers["allow"]) == (405, b"", "POST")


def test_each_route_is_for_its_role_and_those_above(network: Network) -> None:
    """Who may less is told so with 403, whatever the rest of his request is; nobody at all, and who is not known, with 401."""

    async def use(api: Reached) -> list[tuple[Route, list[int]]]:
        found = []
        for route in [each for each in ROUTES if each.does != "drain"]:
            path = route.path.format(slot="A", ticket="T", run="R")
            method = "HEAD" if route.answer == "text/event-stream" else route.method
            asked = [api.ask(method, path, {}, token) for token in tokens]
            found.append((route, [(await each).status for each in asked]))
        return found

    tokens = ["", "admin", *(network.tokens[role] for role in ROLES)]
    for route, (nobody, unknown, *said) in over_api(network.folder, use, network):
        assert (nobody, unknown) in {(401, 401), (401, 429), (429, 429)}
        need = ROLES.index(route.role)
        assert [status == 403 for status in said] == [at < need for at in range(len(ROLES))], route


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Certificates and tokens."""
    return Network.made(tmp_path)


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    """Both are made of the same table; every reference in it leads somewhere, and every operation has its own name."""
    said = document()
    told = {(method.upper(), path) for path, each in said["paths"].items() for method in each}
    assert told == {(route.method, route.path) for route in ROUTES}
    names = [each["operationId"] for path in said["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    for reference in references(said):
        found: Any = said
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    for schema in said["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def references(node: object) -> list[str]:
    """Every $ref."""
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [each for value in node.values() for each in references(value)]
    return [each for value in node for each in references(value)] if isinstance(node, list) else []


def test_what_a_line_answers_is_as_the_document_says(tmp_path: Path) -> None:
    """Each answer of a line that is at work, and each refusal, against the schema of its route."""
    run = recorded(tmp_path)["run"]

    async def use(api: Reached) -> list[tuple[str, Answer]]:
        made = await api.ask("POST", "/v1/tickets", UNIT)
        ticket = made.document["ticket"]
        asked = [("/v1/tickets", made), *[(path, await api.ask("GET", path)) for path in PLAIN]]
        asked.append(("/v1/tickets/{ticket}", await api.ask("GET", f"/v1/tickets/{ticket}")))
        asked.append(("/v1/runs/{run}", await api.ask("GET", f"/v1/runs/{run}")))
        asked.append(("/v1/pause", await api.ask("POST", "/v1/pause")))
        asked.append(("/v1/reload", await api.ask("POST", "/v1/reload")))
        asked.append(("/v1/abort", await api.ask("POST", "/v1/abort", {})))
        return asked

    said = document()
    for path, answer in over_api(tmp_path, use):
        method = "post" if path in {"/v1/pause", "/v1/reload", "/v1/abort"} or answer.status == 201 else "get"
        responses = said["paths"][path][method]["responses"]
        schema = responses.get(str(answer.status), responses["default"])["content"]["application/json"]["schema"]
        jsonschema.validate(answer.document, schema | {"components": said["components"]})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
