"""Lines: where in a TOML text a key, a table or an element stands. The one door to tree-sitter."""

from collections.abc import Iterator
from functools import cached_property

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from station.config.problems import Place

_KEYS = {"bare_key", "quoted_key", "dotted_key"}
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


class Lines:
    """The lines of a TOML text that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def line(self, where: Place) -> int:
        """The line of a place, counted from 1; of what is missing, the line of the table that misses it."""
        known = self._known
        for length in range(len(where), 0, -1):
            if where[:length] in known:
                return known[where[:length]]
        return 1

    @cached_property
    def _known(self) -> dict[Place, int]:
        root = Parser(Language(tree_sitter_toml.language())).parse(self._text).root_node
        known: dict[Place, int] = {}
        counts: dict[Place, int] = {}
        for node in root.named_children:
            match node.type:
                case "pair":
                    self._pair(node, (), known)
                case "table" | "table_array_element":
                    self._table(node, known, counts)
                case _:
                    pass
        return known

    def _table(self, node: Node, known: dict[Place, int], counts: dict[Place, int]) -> None:
        head, *rest = node.named_children
        *above, last = self._key(head)
        here: Place = ()
        for key in above:
            here = self._latest((*here, key), counts)
            known.setdefault(here, _line(head))
        here = (*here, last)
        if node.type == "table_array_element":
            known.setdefault(here, _line(head))
            counts[here] = counts.get(here, -1) + 1
            here = (*here, counts[here])
        known[here] = _line(head)
        for child in rest:
            if child.type == "pair":
                self._pair(child, here, known)

    @staticmethod
    def _latest(here: Place, counts: dict[Place, int]) -> Place:
        """A table array's key, with the index of the element that was begun last."""
        return (*here, counts[here]) if here in counts else here

    def _pair(self, node: Node, here: Place, known: dict[Place, int]) -> None:
        head, *rest = node.named_children
        for key in self._key(head):
            here = (*here, key)
            known.setdefault(here, _line(head))
        for value in rest:
            self._value(value, here, known)

    def _value(self, node: Node, here: Place, known: dict[Place, int]) -> None:
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, here, known)
        elif node.type == "array":
            elements = [child for child in node.named_children if child.type != "comment"]
            for at, child in enumerate(elements):
                known[*here, at] = _line(child)
                self._value(child, (*here, at), known)

    def _key(self, node: Node) -> tuple[str, ...]:
        return tuple(self._keys(node))

    def _keys(self, node: Node) -> Iterator[str]:
        if node.type == "dotted_key":
            for child in node.named_children:
                yield from self._keys(child)
        else:
            text = self._text[node.start_byte : node.end_byte].decode()
            yield text if node.type == "bare_key" else _unquoted(text)


def _unquoted(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1]
    plain, rest = "", text[1:-1]
    while rest:
        if rest[0] != "\\":
            plain, rest = plain + rest[0], rest[1:]
        elif rest[1] in _ESCAPES:
            plain, rest = plain + _ESCAPES[rest[1]], rest[2:]
        else:
            digits = 4 if rest[1] == "u" else 8
            plain, rest = plain + chr(int(rest[2 : 2 + digits], 16)), rest[2 + digits :]
    return plain


def _line(node: Node) -> int:
    return node.start_point[0] + 1
