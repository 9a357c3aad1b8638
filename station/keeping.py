"""Keeping documents: what a unit was tested against, and by, stays beside the ledger, under its fingerprint."""

import os
import tempfile
from pathlib import Path

from station.config.documents import Document
from station.ledger.errors import LedgerError


def kept(folder: Path, digest: str, suffix: str = ".toml") -> Path:
    """Where the document with a fingerprint is kept in a data folder."""
    return folder / "documents" / f"{digest}{suffix}"


def keep(folder: Path, document: Document, suffix: str = ".toml") -> None:
    """Put a document there, whole or not at all; one that is there already is left. Raises LedgerError."""
    file = kept(folder, document.digest, suffix)
    if file.exists():
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".new", encoding="utf-8", delete=False) as new:
            new.write(document.text)
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(file)
    except OSError as error:
        raise LedgerError(f"{file} cannot be written: {error}") from error
