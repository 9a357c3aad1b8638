"""The registry: numbers under the names of the table, as Prometheus reads them. prometheus_client's only door."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from station.watching.names import COUNTER, HISTOGRAM, METRICS, Metric

disable_created_metrics()  # type: ignore[no-untyped-call]  # a line more for each counter, which says when this process began to count

MOST: Final = 256
"""Different values of one label; one that comes later is told as `other`."""
OTHER: Final = "other"
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,63}")

Numbers = float | Mapping[str, float] | Mapping[tuple[str, str], float]
"""One number, or some by the value of the metric's only label, or by the values of its labels in their order."""


class Registry:
    """What was counted, and what is asked of the rooms when somebody looks. Everything in the loop's thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._table = {each.name: each for each in METRICS}
        self._made: dict[str, MetricWrapperBase] = {}
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._asked: dict[str, Callable[[], Numbers | None]] = {}
        self._followed: list[tuple[str, Callable[[], Numbers | None], dict[tuple[str, ...], float]]] = []
        self._registry.register(_Asked(self._asked, self._table))

    def count(self, name: str, by: float = 1.0, /, **labels: str) -> None:
        """Count `by` more of a counter."""
        self._one(name, Counter, labels).inc(by)

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Put a value into a histogram."""
        self._one(name, Histogram, labels).observe(value)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Say what a gauge is."""
        self._one(name, Gauge, labels).set(value)

    def ask(self, name: str, what: Callable[[], Numbers | None]) -> None:
        """Ask this whenever somebody looks: it must be cheap. None, or an error, is told as no number at all.

        Of a counter several may be asked, and each may be counted too: what one says is how many there were in all.
        """
        kind = self._table[name].kind
        if kind == HISTOGRAM:
            raise ValueError(f"{name} is a histogram")
        if kind == COUNTER:
            self._followed.append((name, what, {}))
        else:
            self._asked[name] = what

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """All of it, and its content type: OpenMetrics for those who accept that, else Prometheus' text."""
        for name, what, told in self._followed:
            for values, number in _numbers(what).items():
                labels = dict(zip(self._table[name].labels, values, strict=True))
                self.count(name, max(number - told.get(values, 0.0), 0.0), **labels)
                told[values] = number
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind

    def _one(self, name: str, kind: type[MetricWrapperBase], labels: Mapping[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN202 (of that kind)
        if name not in self._made:
            metric = self._table[name]
            more = {"buckets": metric.buckets} if metric.kind == HISTOGRAM else {}
            self._made[name] = kind(name, metric.meaning, metric.labels, registry=self._registry, **more)  # type: ignore[arg-type] # only a histogram has buckets
        made = self._made[name]
        return (
            made.labels(**{key: self._bounded(name, key, value) for key, value in labels.items()}) if labels else made
        )

    def _bounded(self, name: str, label: str, value: str) -> str:
        """The value of a label, if it is a word and there are not too many of them."""
        seen = self._seen.setdefault((name, label), set())
        if value not in seen:
            if len(seen) >= MOST or not _WORD.fullmatch(value):
                return OTHER
            seen.add(value)
        return value


class _Asked(Collector):
    """The gauges that are asked for when somebody looks."""

    def __init__(self, asked: Mapping[str, Callable[[], Numbers | None]], table: Mapping[str, Metric]) -> None:
        self._asked, self._table = asked, table

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As prometheus_client wants it."""
        for name, what in self._asked.items():
            if found := _numbers(what):
                metric = self._table[name]
                told = GaugeMetricFamily(name, metric.meaning, labels=metric.labels)
                for values, number in found.items():
                    told.add_metric(values, number)
                yield told


def _numbers(what: Callable[[], Numbers | None]) -> dict[tuple[str, ...], float]:
    """What a room says, by the values of labels; nothing when it cannot: it must not hide the others."""
    try:
        found = what()
        if found is None or isinstance(found, int | float):
            return {} if found is None else {(): float(found)}
        return {(each,) if isinstance(each, str) else each: float(number) for each, number in found.items()}
    except Exception:  # noqa: BLE001 (a room that cannot say its number must not hide those of the others)
        return {}
