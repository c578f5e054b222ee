"""Sealing what is personal, and searching for it without opening it (blind indexes)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_ID = 4
_NONCE = 12


class CannotOpen(Exception):
    """What is stored cannot be opened: its key is gone, it was changed, or it was moved."""


class Vault:
    """Seals JSON values with AES-256-GCM under the first of `keys`; opens under any of them.

    A sealed value is bound to its place (table, column, row), so that whoever can write to the
    database still cannot show the details of one case in another.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("KOMPAS_DESK_KEYS is empty. Give at least one key.")
        derived = [hashlib.sha256(b"kompas desk seal:" + key.encode()).digest() for key in keys]
        self._keys = {hashlib.sha256(key).digest()[:_ID]: AESGCM(key) for key in derived}
        self._newest = next(iter(self._keys))

    def seal(self, value: Any, place: str) -> bytes:
        """`value` as bytes for the database."""
        nonce = os.urandom(_NONCE)
        # ASCII escapes keep every character a visitor can send, lone surrogates too
        plain = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
        sealed = self._keys[self._newest].encrypt(nonce, plain, place.encode())
        return _VERSION + self._newest + nonce + sealed

    def open(self, sealed: bytes, place: str) -> Any:
        """The value sealed for `place`. Raises `CannotOpen`, which says nothing of it."""
        key = self._keys.get(self.key_id(sealed))
        if key is None or sealed[:1] != _VERSION:
            raise CannotOpen(f"{place.split(':')[0]}: no key of KOMPAS_DESK_KEYS opens it.")
        start = 1 + _ID
        try:
            plain = key.decrypt(
                sealed[start : start + _NONCE], sealed[start + _NONCE :], place.encode()
            )
        except InvalidTag as error:
            raise CannotOpen(f"{place.split(':')[0]}: was changed or moved.") from error
        return json.loads(plain)

    @staticmethod
    def key_id(sealed: bytes) -> bytes:
        """Which key sealed it."""
        return sealed[1 : 1 + _ID]

    def has(self, key_id: bytes) -> bool:
        """Whether one of the keys has this id."""
        return key_id in self._keys

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return self.key_id(sealed) == self._newest


class BlindIndex:
    """Keyed hashes: equal values have equal tokens, and without the key a token says nothing."""

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(b"kompas desk index:" + key.encode()).digest()

    def token(self, purpose: str, value: str) -> str:
        """The token of `value`; tokens of different purposes have nothing in common."""
        message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]

    def chain(self, previous: str, content: str) -> str:
        """The next link of the audit log."""
        message = f"audit\0{previous}\0{content}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
