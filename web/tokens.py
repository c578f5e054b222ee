"""Conversation tokens: what a visitor's page holds, and what the inside knows it by.

A token is 256 random bits and a tag that proves it was issued here, so no table of tokens
exists that could be stolen. Behind them stands the site it was issued for, if any: what is counted
for a site needs no memory of conversations. Rasa knows a conversation by an HMAC of the token and
cannot make the token from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

_RANDOM_BYTES = 32
_TAG_BYTES = 16


class Tokens:
    """Issues and checks tokens under one secret."""

    def __init__(self, secret: str) -> None:
        self._tag_key = hashlib.sha256(b"tag:" + secret.encode()).digest()
        self._sender_key = hashlib.sha256(b"sender:" + secret.encode()).digest()
        self._reference_key = hashlib.sha256(b"reference:" + secret.encode()).digest()
        self._counts_key = hashlib.sha256(b"counts:" + secret.encode()).digest()

    def issue(self, site: str = "") -> str:
        """A new token for a page of `site`: 64 characters or more, safe in a header."""
        random = secrets.token_bytes(_RANDOM_BYTES)
        named = site.encode()
        return base64.urlsafe_b64encode(random + self._tag(random + named) + named).decode()

    def sender(self, token: str) -> str | None:
        """The id of the token's conversation, 64 hexadecimal digits; None for one not issued."""
        parts = self._parts(token)
        if parts is None:
            return None
        return hmac.new(self._sender_key, parts[0], hashlib.sha256).hexdigest()

    def site(self, token: str) -> str | None:
        """The site that the token was issued for, "" for none; None for one not issued."""
        parts = self._parts(token)
        return None if parts is None else parts[1].decode()

    def _parts(self, token: str) -> tuple[bytes, bytes] | None:
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        random, tag = raw[:_RANDOM_BYTES], raw[_RANDOM_BYTES : _RANDOM_BYTES + _TAG_BYTES]
        site = raw[_RANDOM_BYTES + _TAG_BYTES :]
        if not hmac.compare_digest(tag, self._tag(random + site)):
            return None
        return random, site

    def reference(self, sender: str, content: str) -> str:
        """A name for what a conversation sends: the same for the same content, 43 characters."""
        parts = f"{sender}:{content}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._reference_key, parts, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def counts_key(self, site: str) -> str:
        """What opens the counts of `site`, 32 characters; a new secret makes a new one."""
        digest = hmac.new(self._counts_key, site.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def opens_counts(self, site: str, key: str) -> bool:
        """Whether `key` is the key of `site`."""
        # an address can hold half a character
        given = key.encode("utf-8", "surrogatepass")
        expected = self.counts_key(site.encode("utf-8", "replace").decode())
        return hmac.compare_digest(given, expected.encode())

    def _tag(self, content: bytes) -> bytes:
        return hmac.new(self._tag_key, content, hashlib.sha256).digest()[:_TAG_BYTES]
