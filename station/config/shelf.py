"""A shelf: the documents of one kind in some folders, known by what stands in them and not by their files' names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from station.config.documents import MOST_BYTES, Document, read
from station.config.problems import BadDocuments, Flaw, Problem, nearest, shown


class UnknownName(LookupError):
    """Nothing has that name. `args` are a sentence, and the names that were perhaps meant."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no {kind} {shown(name)}", nearest(name, known))

    def __str__(self) -> str:
        return f"{self.args[0]}; allowed: {self.args[1]}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents with a `[section]`; its `keys` identify them, the first being the name people say.

    Of the same document in two folders the one in the first folder counts. Twice in one folder is a problem.
    """

    folders: tuple[Path, ...]
    section: str
    keys: tuple[str, ...]

    def named(self, name: str) -> list[Document]:
        """The documents of that name. Raises UnknownName, or BadDocuments where the only ones cannot be read."""
        documents, problems = self._read(file for file in self._files() if mentions(file, name))
        found = [each for each in documents if each.said(self.section, self.keys[0]) == name]
        unique, twins = self._unique(found)
        if twins or (problems and not found):
            raise BadDocuments([*twins, *problems])
        if not found:
            everything, _ = self._read(self._files())
            raise UnknownName(self.section, name, {each.said(self.section, self.keys[0]) for each in everything} - {""})
        return unique

    def every(self) -> tuple[list[Document], list[Problem]]:
        """All documents, and what is wrong with those that cannot be read or are there twice."""
        documents, problems = self._read(self._files())
        unique, twins = self._unique(documents)
        return unique, [*problems, *twins]

    def _files(self) -> Iterator[Path]:
        for folder in dict.fromkeys(self.folders):
            if folder.is_dir():
                yield from sorted(folder.glob("*.toml"))

    def _read(self, files: Iterable[Path]) -> tuple[list[Document], list[Problem]]:
        documents: list[Document] = []
        problems: list[Problem] = []
        for file in files:
            try:
                documents.append(read(file))
            except BadDocuments as bad:
                problems += bad.problems
        return documents, problems

    def _unique(self, documents: Iterable[Document]) -> tuple[list[Document], list[Problem]]:
        first: dict[tuple[str, ...], Document] = {}
        twins: list[Problem] = []
        for each in documents:
            identity = tuple(each.said(self.section, key) for key in self.keys)
            if identity not in first or not all(identity):
                first[identity if all(identity) else (str(each.file),)] = each
            elif first[identity].file.parent == each.file.parent:
                flaw = Flaw((self.section, self.keys[-1]), f"{'@'.join(identity)} is in {first[identity].name} too")
                twins += each.problems([flaw])
        return list(first.values()), twins


def mentions(file: Path, name: str) -> bool:
    """Whether a file can be about `name`; to know it without parsing all."""
    try:
        with file.open("rb") as opened:
            return name.encode(errors="surrogateescape") in opened.read(MOST_BYTES)
    except OSError:
        return True
