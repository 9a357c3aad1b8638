"""Signing: the one form of a command that is signed, and its signature. What a client needs, in any language, is this page."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

SCHEMA: Final = "rackproof.command/1"
Members = Mapping[str, str | int]


def canonical(command: Members) -> bytes:
    """A command without its `mac` as it is signed: JSON with sorted keys, without blanks, in UTF-8, as RFC 8785 has it.

    A command's values are printable text and whole numbers, so that only `"` and the backslash are ever escaped.
    """
    return _form({key: value for key, value in command.items() if key != "mac"})


def mac_of(command: Members, key: bytes) -> str:
    """HMAC-SHA256 over the canonical form, in base64."""
    return b64encode(hmac.new(key, canonical(command), sha256).digest()).decode()


def sign(command: Members, key: bytes) -> bytes:
    """The command with its `mac`, ready to be published."""
    return _form({**command, "mac": mac_of(command, key)})


def _form(command: Members) -> bytes:
    return json.dumps(command, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
