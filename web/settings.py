"""What the visitor site reads from the environment; docs/settings.md lists every variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import shared_secrets, workers
from bot.sealing import BadKey, check_public_key
from web.proxies import Network, read_networks
from web.sites import FILE as SITES_FILE
from web.sites import is_origin

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(ValueError):
    """A variable cannot be used; the message names it, the fault and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Settings of the visitor site. Times are seconds, rates are per minute."""

    host: str
    port: int
    rasa_urls: tuple[str, ...]
    actions_url: str
    channel_secret: str
    token_secret: str
    seal_public: str
    outbox: str
    sites: Path
    counts: str
    public_url: str
    allowed_origins: frozenset[str]
    trusted_proxies: tuple[Network, ...]
    reply_timeout: float
    max_text: int
    messages_per_minute: int
    starts_per_minute: int
    codes_per_minute: int
    metrics_token: str
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read and check the variables. Raises `SettingsError` with every fault."""
        faults: list[str] = []

        def number(name: str, default: str, least: float, most: float) -> float:
            value = environment.get(name, default)
            try:
                parsed = float(value)
            except ValueError:
                parsed = least - 1
            if not least <= parsed <= most:
                faults.append(f"{name} is {value!r}. Give a number from {least:g} to {most:g}.")
            return parsed

        def secret(name: str) -> str:
            value = environment.get(name, "")
            if weakness := shared_secrets.weakness(name, value):
                faults.append(weakness)
            return value

        rasa: tuple[str, ...] = ()
        try:
            rasa = workers.addresses(environment)
        except workers.BadWorkers as error:
            faults.append(str(error))
        seal_public = environment.get("KOMPAS_DESK_SEAL_PUBLIC", "")
        try:
            check_public_key(seal_public)
        except BadKey as error:
            faults.append(f"KOMPAS_DESK_SEAL_PUBLIC: {error}")
        log_level = environment.get("KOMPAS_LOG_LEVEL", "INFO").upper()
        if log_level not in _LOG_LEVELS:
            faults.append(
                f"KOMPAS_LOG_LEVEL is {log_level!r}. Give one of {', '.join(_LOG_LEVELS)}."
            )
        public_url = environment.get("KOMPAS_PUBLIC_URL", "")
        if public_url and not is_origin(public_url):
            faults.append(
                f"KOMPAS_PUBLIC_URL is {public_url!r}. Write it as https://host, with nothing "
                "behind it."
            )
        settings = cls(
            host=environment.get("KOMPAS_WEB_HOST", "127.0.0.1"),
            port=int(number("KOMPAS_WEB_PORT", "8080", 1, 65535)),
            rasa_urls=tuple(f"{url}/webhooks/kompas" for url in rasa),
            actions_url=f"http://127.0.0.1:{int(number('KOMPAS_ACTIONS_PORT', '5055', 1, 65535))}",
            channel_secret=secret("KOMPAS_CHANNEL_SECRET"),
            token_secret=secret("KOMPAS_TOKEN_SECRET"),
            seal_public=seal_public,
            outbox=environment.get("KOMPAS_OUTBOX", "")
            or f"{environment.get('KOMPAS_VAR', 'var')}/outbox.db",
            counts=environment.get("KOMPAS_COUNTS", "")
            or f"{environment.get('KOMPAS_VAR', 'var')}/counts.db",
            public_url=public_url,
            sites=Path(environment.get("KOMPAS_SITES", "") or SITES_FILE),
            allowed_origins=frozenset(environment.get("KOMPAS_ALLOWED_ORIGINS", "").split()),
            trusted_proxies=read_networks(environment, faults),
            reply_timeout=number("KOMPAS_REPLY_TIMEOUT", "5", 0.1, 60),
            max_text=int(number("KOMPAS_MAX_TEXT", "2000", 100, 10000)),
            messages_per_minute=int(number("KOMPAS_MESSAGES_PER_MINUTE", "240", 1, 100000)),
            starts_per_minute=int(number("KOMPAS_STARTS_PER_MINUTE", "600", 1, 100000)),
            codes_per_minute=int(number("KOMPAS_CODES_PER_MINUTE", "10", 1, 100000)),
            metrics_token=environment.get("KOMPAS_METRICS_TOKEN", ""),
            log_level=log_level,
        )
        if faults:
            raise SettingsError("\n".join(faults))
        return settings
