"""Sealing what has to lie on a disk for a while to the public key of the desk (RFC 9180, HPKE).

The visitor site and the action server keep what the desk cannot take at once. They hold only
the public key, so that whoever takes their disk, or all they know, reads none of it.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")
_SEALED = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_PUBLIC, _PRIVATE = "KOMPAS_DESK_SEAL_PUBLIC", "KOMPAS_DESK_SEAL_KEYS"
_REMEDY = "Run `python -m desk newkeys` and take over what it prints for"


class BadKey(ValueError):
    """A key is not 32 bytes in base64url; the message says where a good one comes from."""


class CannotOpen(ValueError):
    """What is sealed was cut or changed, or is sealed to another key; it says nothing of it."""


def new_keys() -> tuple[str, str]:
    """A private key for the desk, and its public key for who sends to it."""
    private = X25519PrivateKey.generate()
    return _written(private.private_bytes_raw()), _written(private.public_key().public_bytes_raw())


def public_of(private_key: str) -> str:
    """The public key that belongs to a private one. Raises `BadKey`."""
    return _written(_private(private_key).public_key().public_bytes_raw())


def check_public_key(public_key: str) -> None:
    """Raise `BadKey` unless one can seal to it: at the start, not with a case in hand."""
    seal(public_key, b"")


def seal(public_key: str, data: bytes) -> str:
    """`data` for the desk alone; who sealed it cannot open it either. Raises `BadKey`."""
    key = X25519PublicKey.from_public_bytes(_read(public_key, _PUBLIC))
    try:
        return _written(_suite().encrypt(data, key))
    except ValueError:
        # 32 bytes, but no point of the curve to agree on a secret with
        raise BadKey(f"The public key of the desk is unusable. {_REMEDY} {_PUBLIC}.") from None


def open_sealed(private_key: str, sealed: str) -> bytes:
    """What was sealed to the public key of `private_key`. Raises `CannotOpen` or `BadKey`."""
    key = _private(private_key)
    if not _SEALED.fullmatch(sealed):
        raise CannotOpen("It is not base64url. Send what `seal` returned as it is.")
    try:
        return _suite().decrypt(base64.urlsafe_b64decode(_padded(sealed)), key)
    except (InvalidTag, ValueError, TypeError):
        raise CannotOpen(
            "It was cut or changed, or sealed to another key. Check that KOMPAS_DESK_SEAL_PUBLIC "
            "belongs to a key of KOMPAS_DESK_SEAL_KEYS."
        ) from None


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _private(key: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_read(key, _PRIVATE))


def _read(key: str, name: str) -> bytes:
    # the key is not repeated: an error can end in a log
    fault = f"A key of the desk is not 32 bytes in base64url. {_REMEDY} {name}."
    if not _KEY.fullmatch(key):
        raise BadKey(fault)
    try:
        return base64.urlsafe_b64decode(_padded(key))
    except binascii.Error:
        raise BadKey(fault) from None


def _padded(text: str) -> str:
    text = text.rstrip("=")
    return text + "=" * (-len(text) % 4)


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
