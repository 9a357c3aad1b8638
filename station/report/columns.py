"""Columns: which connector stands beside which, so that wires run from one column to the next."""

from collections.abc import Iterable, Mapping, Sequence

Links = Mapping[str, Mapping[str, int]]
"""For each connector the others it is joined to, and by how many wires."""


def columns_of(names: Sequence[str], links: Links) -> list[list[list[str]]]:
    """The islands of connectors that hang together, each as columns from left to right.

    A wire never skips a column. The left one is the connector that leaves the fewest wires inside columns.
    """
    islands, seen = [], set[str]()
    for name in names:
        if name in seen:
            continue
        island = {each for layer in _layers(name, links) for each in layer}
        seen |= island
        members = [each for each in names if each in island]
        islands.append(min((_layers(root, links) for root in members), key=lambda layers: _inside(layers, links)))
    return islands


def links_of(joined: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Links from pairs of connectors and their numbers of wires."""
    links: dict[str, dict[str, int]] = {}
    for one, two, count in joined:
        if one != two:
            for a, b in ((one, two), (two, one)):
                links.setdefault(a, {})[b] = links.get(a, {}).get(b, 0) + count
    return links


def _layers(root: str, links: Links) -> list[list[str]]:
    layers, seen = [[root]], {root}
    while layers[-1]:
        found = dict.fromkeys(other for name in layers[-1] for other in links.get(name, {}) if other not in seen)
        seen |= found.keys()
        layers.append(list(found))
    return layers[:-1]


def _inside(layers: list[list[str]], links: Links) -> tuple[int, int]:
    """Wires that would run inside a column, and then the columns."""
    within = sum(
        count for layer in layers for name in layer for other, count in links.get(name, {}).items() if other in layer
    )
    return within, len(layers)
