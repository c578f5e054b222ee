"""Logging in through the organisation's own identity provider (OpenID Connect).

Authorization code flow with PKCE. The provider says who somebody is and nothing else: accounts
and roles are made at the desk, and an account is linked to one subject of the provider.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from desk.settings import may_hold_secrets

ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""Signatures that count, with the kind of key each needs. Never `none`, never a shared secret."""
SKEW = 60
"""Seconds that the clocks of the two may differ."""
LONGEST = 600
"""Seconds that logging in at the provider may take."""
_METADATA_FOR = 3600.0
_KEYS_AGAIN = 10.0
_MOST_BYTES = 512 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=8)


class OidcError(Exception):
    """Logging in through the provider did not succeed. Messages hold nothing of a person."""


class ProviderAway(OidcError):
    """The provider cannot be reached, or does not answer as a provider does."""


class NotProven(OidcError):
    """What came back does not prove who it is; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Cancelled(OidcError):
    """The colleague, or the provider, said no."""


@dataclass(frozen=True)
class Pending:
    """A login that has begun: kept, sealed, in the browser that began it."""

    state: str
    nonce: str
    verifier: str
    began: float
    back: str

    def as_json(self) -> dict[str, Any]:
        """For sealing."""
        return asdict(self)

    @property
    def challenge(self) -> str:
        """What the provider learns of the verifier (PKCE, S256)."""
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


@dataclass(frozen=True)
class Proven:
    """Who it is: `identity` finds the account, `subject` is how the provider calls them."""

    identity: str
    subject: str


@dataclass(frozen=True)
class Endpoints:
    """What discovery tells of a provider."""

    authorization: str
    token: str
    keys: str
    says_issuer: bool
    secret_in_body: bool


def identity(issuer: str, subject: str) -> str:
    """What an account is linked by: one subject of one issuer."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


class Provider:
    """The provider of the settings; `clock` is for tests."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._endpoints: Endpoints | None = None
        self._endpoints_at = 0.0
        self._keys: list[RSAKey | ECKey] = []
        self._keys_at = float("-inf")
        self._lock = asyncio.Lock()
        self._used: dict[str, float] = {}

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def begin(self, back: str) -> tuple[str, Pending]:
        """Where to send the browser, and what it must keep. Raises `ProviderAway`."""
        endpoints = await self._discover()
        pending = Pending(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            began=self._clock(),
            back=back,
        )
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": pending.challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in endpoints.authorization else "?"
        return f"{endpoints.authorization}{joint}{urlencode(asked)}", pending

    async def finish(self, pending: Pending, reply: Mapping[str, str]) -> Proven:
        """Whom the provider vouches for; `reply` is the query it sent back.

        Raises `NotProven`, `Cancelled` or `ProviderAway`.
        """
        now = self._clock()
        if not secrets.compare_digest(
            pending.state.encode(), reply.get("state", "").encode("utf-8", "replace")
        ):
            raise NotProven("state")
        if not -SKEW <= now - pending.began <= LONGEST:
            raise NotProven("too late")
        self._use_once(pending.state, now)
        endpoints = await self._discover()
        # a reply of another provider must not be taken for one of ours (RFC 9207)
        if ("iss" in reply or endpoints.says_issuer) and reply.get("iss") != self.issuer:
            raise NotProven("issuer of the reply")
        if "error" in reply:
            raise Cancelled("refused at the provider")
        if not reply.get("code"):
            raise NotProven("no code")
        token = await self._exchange(endpoints, reply["code"], pending)
        claims = await self._verified(endpoints, token, pending, now)
        return Proven(identity(self.issuer, claims["sub"]), claims["sub"])

    def _use_once(self, state: str, now: float) -> None:
        self._used = {key: at for key, at in self._used.items() if now - at <= LONGEST + SKEW}
        if state in self._used:
            raise NotProven("used before")
        self._used[state] = now

    async def _discover(self) -> Endpoints:
        if self._endpoints is not None and self._clock() - self._endpoints_at < _METADATA_FOR:
            return self._endpoints
        found = await self._json(
            "GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        # from elsewhere, or for another tenant: its keys would vouch for strangers
        if found.get("issuer") != self.issuer:
            raise ProviderAway("The provider names another issuer than KOMPAS_DESK_OIDC_ISSUER.")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, keys = (str(found.get(name, "")) for name in names)
        if not all(may_hold_secrets(each) for each in (authorization, token, keys)):
            raise ProviderAway("The provider names no usable addresses.")
        ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        self._endpoints = Endpoints(
            authorization,
            token,
            keys,
            says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body="client_secret_basic" not in ways and "client_secret_post" in ways,
        )
        self._endpoints_at = self._clock()
        return self._endpoints

    async def _exchange(self, endpoints: Endpoints, code: str, pending: Pending) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": pending.verifier,
        }
        headers = {}
        if endpoints.secret_in_body:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        else:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        found = await self._json("POST", endpoints.token, data=form, headers=headers)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise NotProven("no token")
        return token

    async def _verified(
        self, endpoints: Endpoints, token: str, pending: Pending, now: float
    ) -> dict[str, Any]:
        algorithm, key_id = _header(token)
        if algorithm not in ALGORITHMS:
            raise NotProven("algorithm")
        if now - self._keys_at > _METADATA_FOR:
            # a key that the provider has withdrawn must not count for ever
            await self._fetch_keys(endpoints)
        claims = self._signed(token, algorithm, key_id)
        if claims is None:
            # the provider may have begun to sign with another key
            await self._fetch_keys(endpoints)
            claims = self._signed(token, algorithm, key_id)
        if claims is None:
            raise NotProven("signature")
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=SKEW,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": pending.nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise NotProven(f"claims ({type(error).__name__})") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if ("azp" in claims or several) and claims.get("azp") != self._client_id:
            raise NotProven("authorized party")
        if not claims["sub"]:
            raise NotProven("no subject")
        return claims

    def _signed(self, token: str, algorithm: str, key_id: str | None) -> dict[str, Any] | None:
        for key in self._keys:
            if key.key_type != ALGORITHMS[algorithm]:
                continue
            if key_id is not None and key.kid is not None and key.kid != key_id:
                continue
            try:
                return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
            except (JoseError, ValueError):
                continue
        return None

    async def _fetch_keys(self, endpoints: Endpoints) -> None:
        async with self._lock:
            # forged tokens must not make us call the provider again and again
            if abs(self._clock() - self._keys_at) < _KEYS_AGAIN:
                return
            found = (await self._json("GET", endpoints.keys)).get("keys")
            if not isinstance(found, list):
                raise ProviderAway("The provider gives no keys.")
            self._keys = [key for each in found if (key := _public_key(each)) is not None]
            self._keys_at = self._clock()

    async def _json(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        if self._session is None:
            # a session keeps no cookies of the provider, and follows it nowhere
            self._session = aiohttp.ClientSession(
                timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.request(
                method, url, allow_redirects=False, **options
            ) as response:
                status = response.status
                body = b""
                async for chunk in response.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise ProviderAway("The provider's answer is too long.")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ProviderAway(f"No answer ({type(error).__name__}).") from None
        if method == "POST" and 400 <= status < 500:
            raise NotProven("the provider refuses the code")
        if status != 200:
            raise ProviderAway(f"The provider answers {status}.")
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ProviderAway("The provider does not answer in JSON.")
        return found


def _header(token: str) -> tuple[str, str | None]:
    """Algorithm and key id that a token names, before any of it is believed."""
    try:
        part = token.split(".")[0]
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        key_id = header.get("kid")
        return str(header.get("alg")), key_id if isinstance(key_id, str) else None
    except (ValueError, AttributeError):
        raise NotProven("no token") from None


def _public_key(given: Any) -> RSAKey | ECKey | None:
    """A key for signatures, or None for what is none; never a shared secret."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig":
        return None
    kinds: dict[Any, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(given.get("kty"))
    if kind is None:
        return None
    try:
        return kind.import_key(given)
    except (JoseError, ValueError, TypeError):
        return None
