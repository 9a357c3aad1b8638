"""Keeping documents: what a unit was tested against, and by, stays beside the ledger, under its fingerprint."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from station.config.documents import Document
from station.ledger.errors import LedgerError


def kept(folder: Path, digest: str, suffix: str = ".toml") -> Path:
    """Where the document with a fingerprint is kept in a data folder."""
    return folder / "documents" / f"{digest}{suffix}"


def keep(folder: Path, documents: Mapping[str, Document]) -> None:
    """Put documents there, by their names as files, each whole or not at all; those that are there already are left.

    The disk is waited for at once for all, so that many cost little more than one. Raises LedgerError.
    """
    new: dict[Path, Path] = {}
    shelf = kept(folder, "").parent
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            file = kept(folder, document.digest, Path(name).suffix)
            if file not in new and not file.exists():
                with tempfile.NamedTemporaryFile("w", dir=shelf, suffix=".new", encoding="utf-8", delete=False) as each:
                    each.write(document.text)
                new[file] = Path(each.name)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_sync, new.values()))
        for file, written in new.items():
            written.replace(file)
    except OSError as error:
        raise LedgerError(f"{shelf} cannot be written: {error}") from error


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
