"""The roof: configuration, bench, engine, ledger and service, and the faces that people and machines see.

The import names are flat and plain, so a stranger's `drivers` or `sim` could come first on the path; that is said, not guessed.
"""

from importlib.util import find_spec
from pathlib import Path

_HOME = Path(__file__).resolve().parents[1]

for _sibling in ("drivers", "sequences", "sim"):
    _spec = find_spec(_sibling)
    _found = Path(_spec.origin).resolve().parents[1] if _spec is not None and _spec.origin else None
    if _found != _HOME:
        raise ImportError(
            f"the package {_sibling!r} beside rackproof's `station` is shadowed by one in {_found}: "
            "install rackproof into an environment of its own"
        )
