"""The registry: numbers under the names of the table, as Prometheus reads them. prometheus_client's only door."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from station.watching.names import COUNTER, GAUGE, HISTOGRAM, METRICS, Metric

MOST: Final = 256
"""Different values of one label; one that comes later is told as `other`."""
OTHER: Final = "other"
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,63}")

Numbers = float | Mapping[str, float]
"""One number, or some by the value of the metric's only label."""


class Registry:
    """What was counted, and what is asked of the rooms when somebody looks. Everything in the loop's thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._table = {each.name: each for each in METRICS}
        self._made: dict[str, MetricWrapperBase] = {}
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._asked: dict[str, Callable[[], Numbers | None]] = {}
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
        """Ask this whenever somebody looks: it must be cheap. None, or an error, is told as no number at all."""
        if self._table[name].kind == HISTOGRAM:
            raise ValueError(f"{name} is a histogram")
        self._asked[name] = what

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """All of it, and its content type: OpenMetrics for those who accept that, else Prometheus' text."""
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
    """Those that are asked for when somebody looks."""

    def __init__(self, asked: Mapping[str, Callable[[], Numbers | None]], table: Mapping[str, Metric]) -> None:
        self._asked, self._table = asked, table

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """As prometheus_client wants it."""
        for name, what in self._asked.items():
            try:
                found = what()
            except Exception:  # noqa: BLE001, S112 (a room that cannot say how it is must not hide the others)
                continue
            if found is None:
                continue
            metric = self._table[name]
            family = {COUNTER: CounterMetricFamily, GAUGE: GaugeMetricFamily}[metric.kind]
            told = family(name, metric.meaning, labels=metric.labels)
            for value, number in found.items() if isinstance(found, Mapping) else [(None, found)]:
                told.add_metric([value] if value is not None else [], number)
            yield told
