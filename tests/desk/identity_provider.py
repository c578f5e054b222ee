"""An identity provider of the tests' own, which can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID = "kompas-desk"
CLIENT_SECRET = "a secret: with colon & space"


@dataclass
class Grant:
    """A code that was given out."""

    subject: str
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class IdentityProvider:
    """Keeps to the standard unless one of the fields below says otherwise."""

    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims to put in the place of the right ones; None takes one out."""
    metadata: dict[str, Any] = field(default_factory=dict)
    reply: dict[str, str] = field(default_factory=dict)
    """What to add to the reply through the browser."""
    status: int = 200
    signs_with: Any = None
    """Another key than the one that is published; bytes are a shared secret."""
    keys: list[RSAKey | ECKey] = field(default_factory=lambda: [_first_key()])
    asked_for_keys: int = 0
    grants: dict[str, Grant] = field(default_factory=dict)
    server: TestServer | None = None

    @property
    def issuer(self) -> str:
        assert self.server is not None
        return str(self.server.make_url("")).rstrip("/")

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is not published any more."""
        parameters = {"kid": secrets.token_hex(4), "use": "sig"}
        if self.algorithm == "ES256":
            self.keys = [ECKey.generate_key("P-256", parameters)]
        else:
            self.keys = [RSAKey.generate_key(2048, parameters)]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        self.server = TestServer(app)
        await self.server.start_server()

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()

    def authorize(self, query: dict[str, str], subject: str) -> str:
        """What a browser does that logs in as `subject`: the query it comes back with."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID
        assert "openid" in query["scope"].split() and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(
            subject, query["nonce"], query["code_challenge"], query["redirect_uri"]
        )
        return urlencode({"code": code, "state": query["state"], **self.reply})

    async def _discovery(self, request: web.Request) -> web.Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.metadata,
        }
        return web.json_response(found, status=self.status)

    async def _keys(self, request: web.Request) -> web.Response:
        self.asked_for_keys += 1
        return web.json_response(KeySet(self.keys).as_dict(private=False))

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        pair = f"{CLIENT_ID}:a%20secret%3A%20with%20colon%20%26%20space"
        if scheme != "Basic" or base64.b64decode(given).decode() != pair:
            return web.json_response({"error": "invalid_client"}, status=401)
        grant = self.grants.pop(str(form["code"]), None)
        hashed = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = _coded(hashed)
        if (
            grant is None
            or grant.redirect_uri != form["redirect_uri"]
            or grant.challenge != challenge
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"token_type": "Bearer", "access_token": "x", "id_token": self._id_token(grant)}
        )

    def _id_token(self, grant: Grant) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": grant.subject,
            "aud": CLIENT_ID,
            "nonce": grant.nonce,
            "iat": now,
            "exp": now + 300,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.keys[0].kid or ""}
        if self.algorithm in ("none", "HS256"):
            # by hand: the library refuses to do it
            said = f"{_coded(json.dumps(header).encode())}.{_coded(json.dumps(claims).encode())}"
            if self.algorithm == "none":
                return f"{said}."
            return f"{said}.{_coded(hmac.digest(self.signs_with, said.encode(), 'sha256'))}"
        key = self.signs_with or self.keys[0]
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])


@cache
def _first_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
