"""Keeping the list under a code of words and a number, and going on with it elsewhere."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from checklist_steps import QUESTION, answer, asked, days_ago, walk_all, walk_to
from stack import LANGUAGES, ROOT, Answer, Stack, Visitor, fetch

Arrive = Callable[..., Visitor]

NUMBER = "73914682"
MADE, OPENED = "utter_checklist_code_made", "utter_checklist_code_opened"
REFUSED, WITHDRAWN = "utter_checklist_code_refused", "utter_checklist_code_withdrawn"
WORDS = ROOT / "bot/checklist/words"


def _api(visitor: Visitor, method: str, path: str, body: object = None) -> Answer:
    headers = {"Authorization": f"Bearer {visitor.token}"} if visitor.token else {}
    return fetch(visitor.stack, method, f"/api/checklist/{path}", body, headers)


def _keep(visitor: Visitor, number: object = NUMBER) -> Answer:
    return _api(visitor, "POST", "code", {"number": number})


def _open(visitor: Visitor, words: object, number: object = NUMBER) -> Answer:
    return _api(visitor, "POST", "open", {"words": words, "number": number})


def _code(reply: Answer) -> str:
    assert reply.ids == [MADE]
    return re.findall(r"\*\*(.+?)\*\*", reply.text)[0]


@dataclass
class Kept:
    """A code with its row in the database."""

    words: str
    row: str


@pytest.fixture
def kept(stack: Stack, arrive: Arrive) -> Kept:
    before = set(_rows(stack))
    visitor = arrive("nl")
    walk_to(visitor, "q_event")
    words = _code(_keep(visitor))
    (row,) = set(_rows(stack)) - before
    return Kept(words, row)


@contextlib.contextmanager
def _database(stack: Stack):
    connection = sqlite3.connect(stack.folder / "tracker.db", timeout=20)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _rows(stack: Stack) -> list[str]:
    with _database(stack) as connection:
        tables = connection.execute("select name from sqlite_master").fetchall()
        if ("kompas_saved_checklists",) not in tables:
            return []
        found = connection.execute("select id from kompas_saved_checklists").fetchall()
        return [row for (row,) in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_is_four_words_of_the_parents_language(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_custody")
    offered = visitor.press("/checklist_save")
    assert offered.messages[0]["form"]["kind"] == "keep"
    assert [field["name"] for field in offered.messages[0]["form"]["fields"]] == ["number"]
    made = _keep(visitor)
    assert made.lang == language
    words = _code(made).split()
    assert len(words) == 4
    assert set(words) <= set((WORDS / f"{language}.txt").read_text(encoding="utf-8").split())
    assert NUMBER not in made.text
    assert asked(visitor.press("/hague_start_checklist")) == "q_custody", "the list goes on"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_opens_once_in_a_new_conversation(arrive: Arrive, language: str) -> None:
    visitor, elsewhere, third = arrive(language), arrive(language), arrive(language)
    walk_to(visitor, "q_custody")
    words = _code(_keep(visitor))
    asks = elsewhere.press("/checklist_open").messages[0]["form"]
    assert asks["kind"] == "open"
    assert [field["name"] for field in asks["fields"]] == ["words", "number"]
    opened = _open(elsewhere, words)
    assert (opened.ids[0], opened.ids[-1]) == (OPENED, QUESTION)
    assert opened.lang == language
    assert asked(opened) == "q_custody"
    assert asked(elsewhere.press(answer("q_custody", "yes_joint"))) == "q_custody_exercised"
    assert _open(third, words).ids == [REFUSED], "a code works once"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.replace("ł", "l").replace("ı", "i"))
    return "".join(c for c in folded if not unicodedata.combining(c))


TYPED: dict[str, Callable[[str], str]] = {
    "without diacritics": _plain,
    "in capitals": lambda words: words.upper(),
    "in capitals without diacritics": lambda words: _plain(words).upper(),
    "with commas": lambda words: ", ".join(words.split()),
    "with spaces around": lambda words: f"  {words.replace(' ', '   ')} \n",
    "composed otherwise": lambda words: unicodedata.normalize("NFD", words),
}


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_may_be_typed_as_a_phone_types_them(
    arrive: Arrive, language: str, typed: str
) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_role")
    words = TYPED[typed](_code(_keep(visitor)))
    # the other person's telephone may well speak another language
    elsewhere = arrive(LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)])
    opened = _open(elsewhere, words)
    assert opened.ids[0] == OPENED, (language, words)
    assert asked(opened) == "q_role"
    assert opened.lang == elsewhere.choose(opened.lang).lang


def test_a_finished_list_opens_with_its_result(arrive: Arrive) -> None:
    visitor, elsewhere = arrive("pl"), arrive("tr")
    before = walk_all(visitor, {"q_custody": "unknown"})
    opened = _open(elsewhere, _code(_keep(visitor)))
    assert opened.ids == [OPENED, "utter_checklist_result"]
    assert opened.messages[-1]["verdict"] == before.messages[-1]["verdict"] == "jurist"
    assert opened.lang == "tr"


@pytest.mark.parametrize(
    "number", ["123", "1234567890123", "12a4", "", "１２３４", " 1234", None, 1234]
)
def test_a_number_of_four_to_twelve_digits_is_asked(arrive: Arrive, number: object) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_role")
    for reply in (_keep(visitor, number), _open(visitor, "een twee drie vier", number)):
        assert (reply.status, reply.body["error"]) == (400, "malformed")


@pytest.mark.parametrize("number", ["1234", "123456789012", "0000"])
def test_the_shortest_and_the_longest_number_work(arrive: Arrive, number: str) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_role")
    words = _code(_keep(visitor, number))
    assert _open(arrive("nl"), words, number).ids[0] == OPENED


def test_a_code_that_does_not_open_says_the_same_whatever_the_reason(
    stack: Stack, arrive: Arrive, kept: Kept
) -> None:
    owner = arrive("nl")
    walk_to(owner, "q_role")
    withdrawn = _code(_keep(owner))
    gone = _api(owner, "DELETE", "code")
    assert gone.ids == [WITHDRAWN]
    owner = arrive("nl")
    walk_to(owner, "q_role")
    used = _code(_keep(owner))
    assert _open(arrive("nl"), used).ids[0] == OPENED
    before = set(_rows(stack))
    owner = arrive("nl")
    walk_to(owner, "q_role")
    expired = _code(_keep(owner))
    (row,) = set(_rows(stack)) - before
    with _database(stack) as connection:
        connection.execute("update kompas_saved_checklists set expires = 1 where id = ?", (row,))
    visitor = arrive("nl")
    replies = {
        "wrong number": _open(visitor, kept.words, "73914683"),
        "wrong words": _open(visitor, "aap noot mies wim"),
        "no words": _open(visitor, ""),
        "three words": _open(visitor, " ".join(kept.words.split()[:3])),
        "withdrawn": _open(visitor, withdrawn),
        "used": _open(visitor, used),
        "expired": _open(visitor, expired),
    }
    first = replies["wrong number"]
    assert first.ids == [REFUSED]
    assert "/checklist_open" in first.payloads
    for why, reply in replies.items():
        assert (reply.status, reply.body) == (first.status, first.body), why
    assert row not in _rows(stack), "what is out of date is erased"
    assert _open(visitor, kept.words).ids[0] == OPENED, "one wrong number does not end it"


def test_five_wrong_numbers_end_a_code(stack: Stack, arrive: Arrive, kept: Kept) -> None:
    visitor = arrive("nl")
    for number in range(5):
        assert _open(visitor, kept.words, f"1000{number}").ids == [REFUSED]
    assert _open(visitor, kept.words).ids == [REFUSED]
    assert kept.row not in _rows(stack)


def test_four_wrong_numbers_do_not(arrive: Arrive, kept: Kept) -> None:
    visitor = arrive("nl")
    for number in range(4):
        _open(visitor, kept.words, f"1000{number}")
    assert _open(visitor, kept.words).ids[0] == OPENED


def test_a_second_code_ends_the_first(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_role")
    first, second = _code(_keep(visitor)), _code(_keep(visitor))
    assert _open(arrive("nl"), first).ids == [REFUSED]
    assert _open(arrive("nl"), second).ids[0] == OPENED


def test_the_code_of_one_parent_is_not_withdrawn_by_another(arrive: Arrive, kept: Kept) -> None:
    other = arrive("nl")
    assert _api(other, "DELETE", "code").ids == [WITHDRAWN]
    assert _open(other, kept.words).ids[0] == OPENED


def test_a_code_outlives_the_conversation_it_was_made_in(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_role")
    words = _code(_keep(visitor))
    assert visitor.end().status == 204
    assert asked(_open(arrive("tr"), words)) == "q_role"


def test_without_an_answer_there_is_nothing_to_keep(arrive: Arrive) -> None:
    visitor = arrive("nl")
    assert _keep(visitor).status == 404
    visitor.press("/hague_start_checklist")
    reply = _keep(visitor)
    assert (reply.status, reply.body["error"]) == (404, "not_found")


def test_without_a_conversation_nothing_is_kept_or_opened(stack: Stack, arrive: Arrive) -> None:
    nobody = Visitor(stack)
    ended = arrive("nl")
    ended.press("/menu")
    ended.end()
    for visitor in (nobody, Visitor(stack, token="made-up"), ended):
        for method, path, body in (
            ("POST", "code", {"number": NUMBER}),
            ("DELETE", "code", None),
            ("POST", "open", {"words": "een twee drie vier", "number": NUMBER}),
        ):
            reply = _api(visitor, method, path, body)
            assert (reply.status, reply.body["error"]) == (401, "unauthorized"), (path, method)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": NUMBER, "words": "een twee drie vier", "more": "1"},
        {"words": ["een"], "number": NUMBER},
        {"words": "woord " * 50, "number": NUMBER},
        [NUMBER],
        "1234",
    ],
)
def test_a_body_of_another_form_is_refused(arrive: Arrive, body: object) -> None:
    reply = _api(arrive("nl"), "POST", "open", body)
    assert (reply.status, reply.body["error"]) == (400, "malformed")


def test_the_database_holds_no_word_number_or_answer_in_clear(stack: Stack, arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_date")
    mark = days_ago(123)
    visitor.press(answer("q_date", mark))
    number = "918273645546"
    words = _code(_keep(visitor, number))
    assert mark.encode() in _bytes(stack.folder), "it stands in the conversation, till that ends"
    visitor.end()
    kept = _bytes(stack.folder)
    with _database(stack) as connection:
        table = repr(connection.execute("select * from kompas_saved_checklists").fetchall())
    for text in (words, number, mark, mark[:10]):
        assert text.encode() not in kept
        assert text not in table
    for word in words.split():
        # a short word may stand in an event of another conversation by chance
        assert word not in table
    assert asked(_open(arrive("nl"), words, number)) == "q_residence_facts"


def test_a_code_opens_after_the_rasa_server_was_started_again(
    stack: Stack, arrive: Arrive, kept: Kept
) -> None:
    stack.kill("rasa")
    reply = _open(Visitor(stack, token="made-up"), kept.words)
    assert reply.status == 401
    stack.start("rasa")
    assert asked(_open(arrive("pl"), kept.words)) == "q_event"


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("tracker.db*")))
