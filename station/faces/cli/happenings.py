"""Happenings: the events of a line and of its runs in people's words."""

from collections.abc import Callable
from typing import Any

from station.faces.cli.progress import MARKS, spoken

Body = dict[str, Any]


def in_words(kind: str, body: Body) -> str:
    """An event of a stream as a line for people; empty for what would tell them nothing, such as each single measurement."""
    if kind == "event":
        text = in_words(body["type"], body["event"])
        return text and f"{body['slot']}  {body['serial']}  {text}"
    words = _WORDS.get(kind)
    return words(body) if words is not None else ""


def _why(body: Body) -> str:
    return f": {body['reason']}" if body.get("reason") else ""


def _ticket(body: Body) -> str:
    ticket = body["ticket"]
    verdict = f" {ticket['verdict']}" if ticket["verdict"] else ""
    return f"{ticket['serial']}  {ticket['product']} is {ticket['stage']}{verdict}{_why(ticket)}  (ticket {ticket['ticket']})"


def _slot(body: Body) -> str:
    slot = body["slot"]
    return f"{slot['name']}  is {slot['mode']}{' with ' if slot['serial'] else ''}{slot['serial']}{_why(slot)}"


def _snapshot(body: Body) -> str:
    status = body["status"]
    return f"{status['station']} is {status['mode']}: {status['running']} run, {status['queued']} wait"


def _condition(body: Body) -> str:
    condition = body["condition"]
    return f"{condition['name']} is {condition['level']}: {condition['text']}"


def _step_ended(body: Body) -> str:
    if body["verdict"] == "SKIPPED":
        return ""
    return f"{body['at']:9.3f} s  {MARKS[body['verdict']]:8} {spoken(body['step'])}{_why(body)}"


def _made_safe(body: Body) -> str:
    when = f" ({body['why']})" if body["why"] else ""
    return f"{body['at']:9.3f} s  made safe{when}: {'; '.join([body['verdict'], *body['refusals']])}"


_WORDS: dict[str, Callable[[Body], str]] = {
    "snapshot": _snapshot,
    "ticket": _ticket,
    "slot": _slot,
    "mode": lambda body: f"the line is {body['mode']}",
    "released": lambda body: f"{body['slot']}  is released: {body['reason']}",
    "trouble": lambda body: f"nothing begins: {body['text']}",
    "condition": _condition,
    "RunStarted": lambda body: f"{body['part_number']}@{body['revision']} begins: run {body['run']}",
    "Prompted": lambda body: f">>> {body['text']}",
    "Found": lambda body: f"    {body['text']}",
    "StepEnded": _step_ended,
    "MadeSafe": _made_safe,
    "Resumed": lambda body: f"goes on after {body['gap']:.0f} s{_why(body)}",
    "RunEnded": lambda body: f"{body['at']:9.3f} s  {body['verdict']}{_why(body)}",
}
