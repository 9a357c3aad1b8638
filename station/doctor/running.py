"""The daemon that runs: asked over its socket, if it answers."""

import http.client
import json
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from station.asking import OverSocket
from station.condition import Condition, Level
from station.doctor.case import Case, alarm, warning, well
from station.lock import is_held

PATIENCE = 3.0
"""Seconds in which a daemon that is well answers."""
LONGEST = 2**20
"""Bytes of an answer that are read."""


def daemon(case: Case) -> Iterator[Condition]:
    """Whether it runs, answers, and what it says is not well."""
    path = case.socket
    if not path.exists():
        try:
            held = is_held(case.data / "line.lock")
        except OSError as error:
            yield warning(
                "daemon", f"whether one runs cannot be looked at ({error.strerror})", "ask as its user, or root"
            )
            return
        if held:
            text = f"one has this folder, and does not listen at {path}"
            yield warning(
                "daemon", text, "name its station file with --station; else restart it: its socket was removed"
            )
            return
        yield well("daemon", "none runs on this folder: its files were looked at")
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        yield warning(
            "daemon",
            f"everybody on this machine may command it by {path}",
            f"chmod o-rwx {path}, and see to the folder's mode",
        )
    try:
        told = asked(path)
    except ConnectionRefusedError:
        yield warning("daemon", f"it has ended without removing {path}", "start it again; its log says why it ended")
    except PermissionError:
        yield warning(
            "daemon", f"it runs, and this user may not ask it by {path}", "ask as a user of the socket's group"
        )
    except (OSError, http.client.HTTPException, ValueError) as error:
        yield alarm(
            "daemon",
            f"it does not answer ({str(error) or type(error).__name__})",
            "systemctl restart its service: the guardian makes safe what is on",
        )
    else:
        yield well("daemon", "it runs and answers")
        yield from told


def asked(path: Path) -> list[Condition]:
    """The conditions that a daemon tells. Raises OSError, HTTPException, or ValueError for what is no answer."""
    with closing(OverSocket(path, PATIENCE)) as connection:
        connection.request("GET", "/v1/conditions")
        answer = connection.getresponse()
        said = answer.read(LONGEST)
    if answer.status != http.client.OK:
        raise ValueError(f"it answers {answer.status}")
    document = json.loads(said)
    each = document.get("conditions") if isinstance(document, dict) else document
    if not isinstance(each, list):
        raise ValueError("it answers something else")  # noqa: TRY004 (what came over a wire is a bad value)
    return [_condition(one) for one in each]


def _condition(said: Any) -> Condition:  # noqa: ANN401 (whatever came over the wire)
    """A condition, whether its level is said by number or by name."""
    try:
        name, level, text = str(said["name"]), said["level"], str(said["text"])
        known = Level(level) if isinstance(level, int) else Level[str(level).upper()]
        return Condition(name, known, text, str(said.get("remedy", "")))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError("it tells a condition that is none") from None
