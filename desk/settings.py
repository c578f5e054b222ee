"""What the desk reads from the environment; docs/desk.md explains every variable."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import shared_secrets
from bot.sealing import BadKey, public_of
from web.proxies import Network, read_networks

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_DIALECTS = ("sqlite", "postgresql")


class SettingsError(ValueError):
    """A variable cannot be used; the message names it, the fault and the remedy."""


@dataclass(frozen=True)
class OidcSettings:
    """The organisation's own identity provider."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True)
class Settings:
    """Settings of the desk. `retention_days`: days without activity after which a case goes."""

    host: str
    port: int
    url: str
    database_url: str
    erased: str
    backup_days: int
    service_token: str
    keys: tuple[str, ...]
    index_key: str
    seal_keys: tuple[str, ...]
    session_idle_minutes: int
    session_hours: int
    login_failures: int
    trusted_proxies: tuple[Network, ...]
    oidc: OidcSettings | None
    retention_days: Mapping[str, int]
    alarm_minutes: int
    smtp_host: str
    smtp_port: int
    smtp_from: str
    smtp_to: tuple[str, ...]
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read and check the variables. Raises `SettingsError` with every fault."""
        faults: list[str] = []

        def number(name: str, default: str, least: int, most: int) -> int:
            value = environment.get(name, default)
            if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
                faults.append(f"{name} is {value!r}. Give a whole number from {least} to {most}.")
                return least
            return int(value)

        def secret(name: str, value: str) -> str:
            if weakness := shared_secrets.weakness(name, value):
                faults.append(weakness)
            return value

        def addresses(name: str) -> tuple[str, ...]:
            found = tuple(environment.get(name, "").replace(",", " ").split())
            if any(not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", each) for each in found):
                faults.append(f"{name} is no e-mail address. Give name@example.org.")
            return found

        var = environment.get("KOMPAS_VAR", "var")
        url = environment.get("KOMPAS_DATABASE_URL") or f"sqlite:///{var}/desk.db"
        dialect = ""
        with contextlib.suppress(ArgumentError):
            dialect = make_url(url).get_backend_name()
        if dialect not in _DIALECTS:
            # the address can hold a password, so it is not repeated
            faults.append(
                "KOMPAS_DATABASE_URL is no address of SQLite or PostgreSQL. Give "
                "sqlite:///path/desk.db or postgresql://user@host/name."
            )
        log_level = environment.get("KOMPAS_LOG_LEVEL", "INFO").upper()
        if log_level not in _LOG_LEVELS:
            faults.append(
                f"KOMPAS_LOG_LEVEL is {log_level!r}. Give one of {', '.join(_LOG_LEVELS)}."
            )
        host = environment.get("KOMPAS_DESK_HOST", "127.0.0.1")
        port = number("KOMPAS_DESK_PORT", "8081", 1, 65535)
        origin = environment.get("KOMPAS_DESK_URL") or (
            f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        )
        if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", origin):
            faults.append(
                f"KOMPAS_DESK_URL is {origin!r}. Give scheme, host and port of the console as "
                "colleagues open it, without a path: https://desk.example.org."
            )
        oidc = _oidc(environment, faults)
        keys = environment.get("KOMPAS_DESK_KEYS", "").replace(",", " ").split() or [""]
        seal_keys = tuple(
            environment.get("KOMPAS_DESK_SEAL_KEYS", "").replace(",", " ").split() or [""]
        )
        try:
            for key in seal_keys:
                public_of(key)
        except BadKey as error:
            faults.append(f"KOMPAS_DESK_SEAL_KEYS: {error}")
        sender = addresses("KOMPAS_SMTP_FROM")
        smtp_to = addresses("KOMPAS_SMTP_TO")
        smtp_host = environment.get("KOMPAS_SMTP_HOST", "")
        if smtp_host and not (len(sender) == 1 and smtp_to):
            faults.append(
                "KOMPAS_SMTP_HOST is set without one address in KOMPAS_SMTP_FROM and at least "
                "one in KOMPAS_SMTP_TO. Set both."
            )
        settings = cls(
            host=host,
            port=port,
            url=origin.lower(),
            database_url=url,
            erased=environment.get("KOMPAS_ERASED") or f"{var}/erased.db",
            backup_days=number("KOMPAS_BACKUP_DAYS", "35", 1, 3650),
            service_token=secret(
                "KOMPAS_DESK_SERVICE_TOKEN", environment.get("KOMPAS_DESK_SERVICE_TOKEN", "")
            ),
            keys=tuple(secret("KOMPAS_DESK_KEYS", key) for key in keys),
            index_key=secret("KOMPAS_DESK_INDEX_KEY", environment.get("KOMPAS_DESK_INDEX_KEY", "")),
            seal_keys=seal_keys,
            session_idle_minutes=number("KOMPAS_DESK_IDLE_MINUTES", "30", 1, 1440),
            session_hours=number("KOMPAS_DESK_SESSION_HOURS", "10", 1, 168),
            login_failures=number("KOMPAS_DESK_LOGIN_FAILURES", "5", 1, 100),
            trusted_proxies=read_networks(environment, faults),
            oidc=oidc,
            retention_days={
                "new": number("KOMPAS_DESK_DAYS_NEW", "365", 1, 3650),
                "open": number("KOMPAS_DESK_DAYS_OPEN", "730", 1, 3650),
                "closed": number("KOMPAS_DESK_DAYS_CLOSED", "730", 1, 3650),
                # a contact form whose case never came
                "unlinked": number("KOMPAS_DESK_DAYS_UNLINKED", "7", 1, 3650),
            },
            alarm_minutes=number("KOMPAS_DESK_ALARM_MINUTES", "30", 1, 10080),
            smtp_host=smtp_host,
            smtp_port=number("KOMPAS_SMTP_PORT", "25", 1, 65535),
            smtp_from=sender[0] if sender else "",
            smtp_to=smtp_to,
            log_level=log_level,
        )
        if faults:
            raise SettingsError("\n".join(faults))
        return settings


def _oidc(environment: Mapping[str, str], faults: list[str]) -> OidcSettings | None:
    """The settings of the identity provider: all of them, or none."""
    names = (
        "KOMPAS_DESK_OIDC_ISSUER",
        "KOMPAS_DESK_OIDC_CLIENT_ID",
        "KOMPAS_DESK_OIDC_CLIENT_SECRET",
    )
    values = [environment.get(name, "") for name in names]
    if not any(values):
        return None
    faults.extend(
        f"{name} is not set, though others of its kind are. Set it."
        for name, value in zip(names, values)
        if not value
    )
    if values[0] and not may_hold_secrets(values[0]):
        faults.append(
            "KOMPAS_DESK_OIDC_ISSUER is no https address. Give the issuer of the provider as its "
            "/.well-known/openid-configuration names it."
        )
    issuer, client_id, client_secret = values
    name = environment.get("KOMPAS_DESK_OIDC_NAME", "")
    return OidcSettings(issuer, client_id, client_secret, name)


def may_hold_secrets(url: str) -> bool:
    """Whether secrets may travel to `url`: over TLS, or inside this machine."""
    try:
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))
