"""Bodies: an event as JSON, and back. What is not finite is refused here, before it is anywhere."""

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, get_args, get_type_hints

import orjson

from station.ledger import waveform
from station.ledger.errors import LedgerError
from station.trace import Event, RunStarted, Sampled

KINDS: Final[dict[str, Callable[..., Event]]] = {each.__name__: each for each in get_args(Event)}


def _named(kind: type, *annotations: object) -> tuple[str, ...]:
    hints = get_type_hints(kind)
    return tuple(each.name for each in fields(kind) if hints[each.name] in annotations)


def _reader(names: tuple[str, ...]) -> Callable[[Event], Iterable[Any]]:
    """What reads these attributes at once; attrgetter gives a tuple only for two or more."""
    return attrgetter(*names, names[0]) if names else lambda _: ()


_NUMBERS: Final = {each: _reader(_named(each, float, float | None)) for each in get_args(Event)}
_TUPLES: Final = {
    each.__name__: _named(each, tuple[str, ...], tuple[float, ...], tuple[float | None, ...])
    for each in get_args(Event)
}


def encode(event: Event) -> bytes:
    """The whole event as JSON. Raises LedgerError when JSON cannot say it: NaN, an infinity, half a surrogate pair."""
    try:
        for number in _NUMBERS[type(event)](event):
            if number is not None and not math.isfinite(number):
                raise LedgerError(f"{type(event).__name__} holds {number}, which is not a number: {event}")
        if isinstance(event, Sampled):
            _check_samples(event)
        elif isinstance(event, RunStarted):
            _check_tree(event.simulated)
        return orjson.dumps(event)
    except (TypeError, KeyError) as error:
        raise LedgerError(f"this cannot be kept as JSON ({error}): {event!r}") from error


def stem(event: Sampled) -> bytes:
    """The body of a Sampled in the ledger: all but the samples, which live in its chunk."""
    named = {"at": event.at, "step": event.step, "name": event.name, "point": event.point, "unit": event.unit}
    return orjson.dumps(named | ({"verdict": event.verdict} if event.verdict else {}))


def decode(kind: str, body: str | bytes, chunk: bytes | None = None) -> Event:
    """The event again. `chunk` holds the samples when they are not in the body. Raises LedgerError on anything else."""
    try:
        known = orjson.loads(body)
        if chunk is not None:
            known["times"], known["values"] = waveform.decode(chunk)
        for name in _TUPLES[kind]:
            known[name] = tuple(known[name])
        return KINDS[kind](**known)
    except (TypeError, KeyError, ValueError) as error:
        raise LedgerError(f"this is no {kind} event ({type(error).__name__}: {error}): {body!r:.200}") from error


def _check_samples(event: Sampled) -> None:
    if len(event.times) != len(event.values):
        raise LedgerError(f"{len(event.times)} times for {len(event.values)} values of {event.name}")
    # A sum that is finite has finite parts; only when it is not must each be looked at.
    if not math.isfinite(sum(event.times) + sum(filter(None, event.values))):
        for number in (*event.times, *filter(None, event.values)):
            if not math.isfinite(number):
                raise LedgerError(f"a sample of {event.name} is {number}, which is not a number")


def _check_tree(value: object) -> None:
    match value:
        case float() if not math.isfinite(value):
            raise LedgerError(f"RunStarted holds {value}, which is not a number")
        case dict():
            for each in value.values():
                _check_tree(each)
        case list() | tuple():
            for each in value:
                _check_tree(each)
        case _:
            pass
