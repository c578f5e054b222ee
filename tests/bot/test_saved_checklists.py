"""Checklists kept under words and a number: what opens them, and that nothing else does."""

from __future__ import annotations

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from checklist_walks import favourable
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import saved_checklists
from bot.languages import fold, languages
from bot.saved_checklists import (
    MOST_FAILURES,
    WORDS_IN_CODE,
    Code,
    NotOpened,
    SavedChecklists,
    current_time,
    is_number,
    words,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
NUMBER, WRONG = "271828", "314159"
CONTENT: dict[str, Any] = favourable({"q_custody": "no"})
SECRET = "s" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tracker.db"


@pytest.fixture
def saved(file: Path) -> SavedChecklists:
    return SavedChecklists(sa.create_engine(f"sqlite:///{file}"), SECRET, days=14)


def keep(saved: SavedChecklists, owner: str = "conversation-1", language: str = "nl") -> Code:
    return saved.keep(owner, CONTENT, NUMBER, language, NOW)


def rows(file: Path) -> list[Any]:
    with sa.create_engine(f"sqlite:///{file}").connect() as connection:
        return list(connection.execute(sa.text("select * from kompas_saved_checklists")))


def refused(saved: SavedChecklists, said: str, number: str, now: datetime = NOW) -> None:
    with pytest.raises(NotOpened) as caught:
        saved.open(said, number, now)
    # whatever the reason: nothing is said of it
    assert caught.value.args == ()
    assert caught.value.__cause__ is None


def test_words_and_number_together_open_it_once(saved: SavedChecklists, file: Path) -> None:
    code = keep(saved)
    said = " ".join(code.words)
    assert saved.open(said, NUMBER, NOW + timedelta(days=13)) == CONTENT
    assert rows(file) == []
    refused(saved, said, NUMBER)


@pytest.mark.parametrize("language", languages())
def test_the_words_come_from_the_list_of_the_language(
    language: str, saved: SavedChecklists
) -> None:
    code = keep(saved, language=language)
    assert len(code.words) == WORDS_IN_CODE
    assert set(code.words) <= set(words(language))
    assert saved.open(" ".join(code.words), NUMBER, NOW) == CONTENT


@pytest.mark.parametrize("language", languages())
def test_the_words_of_a_list_are_told_apart_and_can_be_typed(language: str) -> None:
    listed = words(language)
    assert len(listed) >= 1000
    folded = [fold(word) for word in listed]
    assert len(set(folded)) == len(folded)
    assert [word for word in folded if not re.fullmatch("[a-z]+", word)] == []


@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        fold,
        lambda said: said.replace(" ", ", "),
        lambda said: said.replace(" ", "-"),
        lambda said: f"  {said}\n",
        # decomposed letters, as some phones and PDFs have them
        lambda said: unicodedata.normalize("NFD", said),
        lambda said: said.replace(" ", " \u200b"),
    ],
)
def test_how_the_words_are_typed_does_not_matter(typed: Any, saved: SavedChecklists) -> None:
    chosen = tuple(word for word in words("tr") if fold(word) != word)[:WORDS_IN_CODE]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_checklists, "words", lambda language: chosen)
        code = keep(saved, language="tr")
    assert saved.open(typed(" ".join(code.words)), NUMBER, NOW) == CONTENT


def test_a_wrong_number_opens_nothing_and_the_right_one_still_does(saved: SavedChecklists) -> None:
    said = " ".join(keep(saved).words)
    for _ in range(MOST_FAILURES - 1):
        refused(saved, said, WRONG)
    assert saved.open(said, NUMBER, NOW) == CONTENT


def test_after_too_many_wrong_numbers_it_is_gone(saved: SavedChecklists, file: Path) -> None:
    said = " ".join(keep(saved).words)
    for _ in range(MOST_FAILURES):
        refused(saved, said, WRONG)
    assert rows(file) == []
    refused(saved, said, NUMBER)


def test_wrong_numbers_for_one_code_do_not_count_for_another(saved: SavedChecklists) -> None:
    mine, other = keep(saved, "one"), keep(saved, "two")
    for _ in range(MOST_FAILURES):
        refused(saved, " ".join(mine.words), WRONG)
    assert saved.open(" ".join(other.words), NUMBER, NOW) == CONTENT


@pytest.mark.parametrize(
    "said", ["", "kat", "kat hond muis", "a b c d e f", "' or 1=1 --", "\ud800", "𝕒 𝕓 𝕔 𝕕"]
)
def test_wrong_words_open_nothing(said: str, saved: SavedChecklists) -> None:
    keep(saved)
    refused(saved, said, NUMBER)


def test_the_words_in_another_order_open_nothing(saved: SavedChecklists) -> None:
    code = keep(saved)
    while len(set(code.words)) == 1:
        code = keep(saved)
    turned = code.words[1:] + code.words[:1]
    refused(saved, " ".join(turned), NUMBER)


def test_out_of_date_it_opens_nothing_and_is_erased(saved: SavedChecklists, file: Path) -> None:
    code = keep(saved)
    assert code.expires == NOW + timedelta(days=14)
    refused(saved, " ".join(code.words), NUMBER, code.expires)
    assert rows(file) == []


def test_a_second_before_it_still_opens(saved: SavedChecklists) -> None:
    code = keep(saved)
    moment = code.expires - timedelta(seconds=1)
    assert saved.open(" ".join(code.words), NUMBER, moment) == CONTENT


def test_what_is_out_of_date_is_erased_when_another_is_kept(
    saved: SavedChecklists, file: Path
) -> None:
    keep(saved, "one")
    saved.keep("two", CONTENT, NUMBER, "nl", NOW + timedelta(days=15))
    assert len(rows(file)) == 1


def test_withdrawn_it_opens_nothing(saved: SavedChecklists, file: Path) -> None:
    code, other = keep(saved, "one"), keep(saved, "two")
    saved.withdraw("one")
    saved.withdraw("nobody")
    refused(saved, " ".join(code.words), NUMBER)
    assert saved.open(" ".join(other.words), NUMBER, NOW) == CONTENT
    assert rows(file) == []


def test_a_new_code_of_a_conversation_replaces_the_one_before(saved: SavedChecklists) -> None:
    before, after = keep(saved), keep(saved)
    refused(saved, " ".join(before.words), NUMBER)
    assert saved.open(" ".join(after.words), NUMBER, NOW) == CONTENT


def test_the_database_says_nothing_of_content_words_number_or_conversation(
    saved: SavedChecklists, file: Path
) -> None:
    code = keep(saved)
    raw = file.read_bytes()
    told = [*CONTENT, "yes_joint", "left_behind", "2026-10-01", NUMBER, "conversation-1", SECRET]
    assert [text for text in told if text.encode() in raw] == []
    # short words may stand in random bytes by chance
    for word in (each for each in code.words if len(each) > 4):
        assert word.encode() not in raw
        assert fold(word).encode() not in raw
    refused(saved, " ".join(code.words), WRONG)
    saved.open(" ".join(code.words), NUMBER, NOW)
    assert [text for text in told if text.encode() in file.read_bytes()] == []


def test_the_same_content_is_never_stored_alike(saved: SavedChecklists, file: Path) -> None:
    keep(saved, "one")
    keep(saved, "two")
    first, second = rows(file)
    assert first.content != second.content
    assert first.salt != second.salt


def test_another_secret_finds_nothing(saved: SavedChecklists, file: Path) -> None:
    code = keep(saved)
    other = SavedChecklists(sa.create_engine(f"sqlite:///{file}"), "z" * 32, days=14)
    refused(other, " ".join(code.words), NUMBER)


def test_it_is_there_after_a_restart(saved: SavedChecklists, file: Path) -> None:
    code = keep(saved)
    again = SavedChecklists(sa.create_engine(f"sqlite:///{file}"), SECRET, days=14)
    assert again.open(" ".join(code.words), NUMBER, NOW) == CONTENT


def test_a_changed_row_opens_nothing(saved: SavedChecklists, file: Path) -> None:
    code = keep(saved)
    with sa.create_engine(f"sqlite:///{file}").begin() as connection:
        connection.execute(
            sa.text("update kompas_saved_checklists set content = :it"),
            {"it": rows(file)[0].content[:-1] + b"\0\0"},
        )
    refused(saved, " ".join(code.words), NUMBER)


def test_of_two_who_open_it_at_once_one_gets_it(saved: SavedChecklists) -> None:
    said = " ".join(keep(saved).words)
    together = Barrier(2)

    def attempt(_: int) -> Any:
        together.wait(10)
        try:
            return saved.open(said, NUMBER, NOW)
        except NotOpened:
            return None

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(attempt, range(2)))
    assert sorted(found, key=lambda each: each is None) == [CONTENT, None]


def test_as_much_work_is_done_for_a_code_that_does_not_exist(
    saved: SavedChecklists, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = " ".join(keep(saved).words)
    work = []
    stretched = saved_checklists._stretched

    def counted(*arguments: Any) -> bytes:
        work.append(arguments)
        return stretched(*arguments)

    monkeypatch.setattr(saved_checklists, "_stretched", counted)
    for tried in ("no such words here", said):
        refused(saved, tried, WRONG)
    assert len(work) == 2


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
@example("\ud800 \udfff")
def test_any_text_opens_nothing_and_breaks_nothing(saved: SavedChecklists, said: str) -> None:
    refused(saved, said, NUMBER)


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("1234", True),
        ("123456789012", True),
        ("123", False),
        ("1234567890123", False),
        ("12 34", False),
        ("12a4", False),
        ("", False),
        ("١٢٣٤", False),
        ("１２３４", False),
        ("²²²²", False),
        ("-1234", False),
        (1234, False),
        (None, False),
    ],
)
def test_a_number_is_four_to_twelve_digits(number: object, fits: bool) -> None:
    assert is_number(number) is fits


def test_the_clock_is_that_of_utc() -> None:
    assert current_time().utcoffset() == timedelta(0)
