"""What the site reads from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sealing import new_keys
from web.app import main
from web.settings import Settings, SettingsError

SEAL_KEY, SEAL_PUBLIC = new_keys()
SECRETS = {
    "KOMPAS_CHANNEL_SECRET": "c" * 32,
    "KOMPAS_TOKEN_SECRET": "t" * 32,
    "KOMPAS_DESK_SEAL_PUBLIC": SEAL_PUBLIC,
}


def test_the_secrets_are_all_it_needs() -> None:
    settings = Settings.from_environment(SECRETS)
    assert (settings.host, settings.port, settings.max_text) == ("127.0.0.1", 8080, 2000)
    assert settings.rasa_urls == ("http://127.0.0.1:5005/webhooks/kompas",)
    assert settings.allowed_origins == frozenset()
    assert (settings.seal_public, settings.outbox) == (SEAL_PUBLIC, "var/outbox.db")


def test_origins_are_separated_by_spaces() -> None:
    settings = Settings.from_environment(
        {**SECRETS, "KOMPAS_ALLOWED_ORIGINS": "https://a.example  https://b.example"}
    )
    assert settings.allowed_origins == {"https://a.example", "https://b.example"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOMPAS_WEB_PORT", "eighty"),
        ("KOMPAS_WEB_PORT", "0"),
        ("KOMPAS_RASA_PORT", "70000"),
        ("KOMPAS_ACTIONS_PORT", ""),
        ("KOMPAS_REPLY_TIMEOUT", "nan"),
        ("KOMPAS_REPLY_TIMEOUT", "-1"),
        ("KOMPAS_MAX_TEXT", "1e9"),
        ("KOMPAS_MESSAGES_PER_MINUTE", "0"),
        ("KOMPAS_STARTS_PER_MINUTE", "many"),
        ("KOMPAS_CHANNEL_SECRET", "short"),
        ("KOMPAS_TOKEN_SECRET", ""),
        ("KOMPAS_LOG_LEVEL", "LOUD"),
        ("KOMPAS_DESK_SEAL_PUBLIC", ""),
        ("KOMPAS_DESK_SEAL_PUBLIC", "short"),
        ("KOMPAS_DESK_SEAL_PUBLIC", SEAL_PUBLIC[:-1]),
        ("KOMPAS_DESK_SEAL_PUBLIC", "A" * 43),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**SECRETS, name: value})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({"KOMPAS_WEB_PORT": "x", "KOMPAS_MAX_TEXT": "x"})
    for name in ("WEB_PORT", "MAX_TEXT", "CHANNEL_SECRET", "TOKEN_SECRET", "DESK_SEAL_PUBLIC"):
        assert f"KOMPAS_{name}" in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"KOMPAS_VAR": "/srv/kompas"}, "/srv/kompas/outbox.db"),
        ({"KOMPAS_VAR": "/srv/kompas", "KOMPAS_OUTBOX": "/srv/out.db"}, "/srv/out.db"),
        ({"KOMPAS_OUTBOX": ""}, "var/outbox.db"),
    ],
)
def test_the_outbox_lies_where_it_is_told_or_with_the_rest(
    changes: dict[str, str], path: str
) -> None:
    assert Settings.from_environment({**SECRETS, **changes}).outbox == path


def test_a_key_that_cannot_be_used_comes_with_its_remedy_and_is_not_shown() -> None:
    wrong = SEAL_KEY + "x"
    with pytest.raises(SettingsError, match="newkeys") as raised:
        Settings.from_environment({**SECRETS, "KOMPAS_DESK_SEAL_PUBLIC": wrong})
    assert SEAL_KEY not in str(raised.value)


def test_a_secret_too_short_is_not_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({**SECRETS, "KOMPAS_TOKEN_SECRET": "hunter2"})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("place", ["", "file/outbox.db"])
def test_an_outbox_that_cannot_be_opened_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    for name, value in {**SECRETS, "KOMPAS_OUTBOX": str(tmp_path / place)}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="KOMPAS_OUTBOX"):
        main()
