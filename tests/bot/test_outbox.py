"""The outbox: what is put in it is kept until it is delivered, and read by nobody else."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outbox import (
    CASE,
    CONTACT,
    DELIVERED,
    ERASED,
    ERASURE,
    WAITING,
    CannotRead,
    Letter,
    Misplaced,
    Outbox,
    Receipt,
    case_key,
    erasure_key,
)

ROOT = Path(__file__).parents[2]
SECRET = "k" * 64
CONVERSATION = "0a" * 32
OTHER = "0b" * 32
DAY = 24 * 3600.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Outbox:
    return Outbox(path, SECRET)


def a_case(number: int = 1, conversation: str = CONVERSATION, **body: Any) -> Letter:
    said = {"transcript": [{"from": "visitor", "text": "mijn geheim ığüşöç"}], **body}
    return Letter(case_key(conversation, number), conversation, CASE, said)


def a_form(conversation: str = CONVERSATION, reference: str = "r" * 43) -> Letter:
    return Letter(reference, conversation, CONTACT, {"sealed": "abc"})


def keys(outbox: Outbox, now: float | None = None) -> list[str]:
    return [letter.key for letter in outbox.waiting(now=now)]


def written(path: Path) -> bytes:
    """Every byte that the outbox has on the disk, its journal included."""
    return b"".join(file.read_bytes() for file in path.parent.glob("outbox.db*"))


def test_what_is_put_in_comes_out(outbox: Outbox):
    for letter in (a_case(), a_form()):
        outbox.put(letter)
    assert sorted(outbox.waiting(), key=lambda each: each.kind) == [a_case(), a_form()]
    assert outbox.count() == 2


def test_put_twice_it_is_one_letter_as_it_was_at_first(outbox: Outbox):
    outbox.put(a_case(urgent=True))
    outbox.put(a_case(urgent=False))
    assert outbox.waiting() == [a_case(urgent=True)]


def test_put_again_after_delivery_it_is_not_sent_again(outbox: Outbox):
    outbox.put(a_case())
    outbox.delivered(a_case().key, {"reference": "K-2026-1"})
    outbox.put(a_case())
    assert outbox.waiting() == []
    assert outbox.receipt(a_case().key) == Receipt(DELIVERED, {"reference": "K-2026-1"})


def test_the_oldest_comes_first_and_not_all_at_once(outbox: Outbox):
    for number in (3, 1, 2):
        outbox.put(a_case(number), now=1000.0 + number)
    assert keys(outbox) == [case_key(CONVERSATION, number) for number in (1, 2, 3)]
    assert len(outbox.waiting(most=2)) == 2


@pytest.mark.parametrize(
    "text", ["", "ığüşöç łąę 😢", "half a character \ud83d", "\x00", "x" * 10**6]
)
def test_any_words_are_kept_as_they_are(outbox: Outbox, text: str):
    outbox.put(a_case(text=text))
    assert outbox.waiting() == [a_case(text=text)]


@settings(max_examples=40)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_any_body_comes_out_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, body: Any):
    outbox = Outbox(tmp_path_factory.mktemp("outbox") / "outbox.db", SECRET)
    outbox.put(a_case(body=body))
    assert outbox.waiting() == [a_case(body=body)]


PUT = """
import sys
from bot.outbox import CASE, Letter, Outbox
outbox = Outbox(sys.argv[1], sys.argv[2])
for number in range(1, 1000):
    outbox.put(Letter(f"{'0a' * 32}-{number}", "0a" * 32, CASE, {"n": number}))
    print(number, flush=True)
"""


def test_what_was_put_survives_the_end_of_its_process(path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", PUT, str(path), SECRET],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        accepted = [int(process.stdout.readline()) for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        accepted += [int(line) for line in process.stdout]
    found = Outbox(path, SECRET).waiting(most=1000)
    numbers = {letter.body["n"] for letter in found}
    # one may have been put without having been told
    assert numbers - {max(accepted) + 1} == set(accepted)


def test_words_are_not_readable_on_the_disk(outbox: Outbox, path: Path):
    outbox.put(a_case())
    assert b"geheim" not in written(path)
    assert b"transcript" not in written(path)


def blob(path: Path, key: str) -> bytes:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT body FROM letters WHERE key = ?", (key,)).fetchone()
    connection.close()
    return bytes(found)


GONE: dict[str, Callable[[Outbox], None]] = {
    "delivered": lambda outbox: outbox.delivered(a_case().key, {"reference": "K-2026-1"}),
    "erased": lambda outbox: outbox.delivered(a_case().key, {}, state=ERASED),
    "withdrawn": lambda outbox: outbox.withdraw(CONVERSATION),
}


@pytest.mark.parametrize("way", GONE)
@pytest.mark.parametrize("size", [10, 100_000])
def test_what_is_gone_leaves_no_bytes(outbox: Outbox, path: Path, way: str, size: int):
    outbox.put(a_case(text="x" * size))
    body = blob(path, a_case().key)
    assert body[-16:] in written(path)
    GONE[way](outbox)
    for start in (0, len(body) // 2, len(body) - 16):
        assert body[start : start + 16] not in written(path)


def test_another_key_reads_nothing_and_loses_nothing(outbox: Outbox, path: Path):
    outbox.put(a_case(), now=1000.0)
    with pytest.raises(CannotRead, match="KOMPAS_OUTBOX_KEY") as raised:
        Outbox(path, "another" * 10).waiting(now=1000.0)
    assert "geheim" not in str(raised.value)
    assert outbox.waiting(now=2000.0) == [a_case()]


def test_what_cannot_be_read_does_not_hold_up_the_rest(outbox: Outbox, path: Path):
    for number in range(30):
        outbox.put(a_case(number), now=1000.0)
    other = Outbox(path, "another" * 10)
    other.put(a_form(), now=1001.0)
    for _ in range(2):
        with pytest.raises(CannotRead):
            other.waiting(now=1001.0)
    assert other.waiting(now=1001.0) == [a_form()]
    assert len(outbox.waiting(now=2000.0, most=100)) == 31


def test_a_letter_put_under_another_key_is_not_taken_for_it(outbox: Outbox, path: Path):
    outbox.put(a_case(1))
    outbox.put(a_case(2))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE letters SET body = (SELECT body FROM letters WHERE key LIKE '%-2')")
    connection.commit()
    connection.close()
    with pytest.raises(CannotRead):
        outbox.waiting()


def test_the_visitor_site_can_neither_read_nor_put_a_case(outbox: Outbox, path: Path):
    outbox.put(a_case())
    site = Outbox(path)
    with pytest.raises(CannotRead, match="KOMPAS_OUTBOX_KEY"):
        site.waiting()
    with pytest.raises(CannotRead):
        site.one(a_case().key)
    with pytest.raises(CannotRead):
        site.put(a_case(2))
    site.put(a_form())
    assert {letter.kind for letter in outbox.waiting(now=9e9)} == {CASE, CONTACT}


def test_a_letter_is_held_for_who_puts_it(outbox: Outbox):
    outbox.put(a_case(), now=1000.0, hold=4)
    assert keys(outbox, now=1003.9) == []
    assert outbox.one(a_case().key) == a_case()
    assert keys(outbox, now=1004.0) == [a_case().key]


PAUSES = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_pause_grows_to_five_minutes_and_no_further(outbox: Outbox):
    outbox.put(a_case(), now=0.0)
    now = 0.0
    for pause in PAUSES:
        outbox.later(a_case().key, now=now)
        assert keys(outbox, now=now + pause - 0.1) == []
        now += pause
        assert keys(outbox, now=now) == [a_case().key]


def test_after_weeks_of_tries_it_is_still_tried(outbox: Outbox, path: Path):
    outbox.put(a_case(), now=0.0)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE letters SET tries = 100000")
    connection.commit()
    connection.close()
    outbox.later(a_case().key, now=0.0)
    assert keys(outbox, now=300.0) == [a_case().key]


def test_a_delivered_letter_has_its_reply(outbox: Outbox):
    assert outbox.receipt(a_case().key) is None
    outbox.put(a_case())
    assert outbox.receipt(a_case().key) == Receipt(WAITING, {})
    reply = {"reference": "K-2026-7", "urgent": False, "next_reading": None}
    outbox.delivered(a_case().key, reply)
    assert outbox.receipt(a_case().key) == Receipt(DELIVERED, reply)
    assert (outbox.waiting(now=9e9), outbox.one(a_case().key), outbox.count()) == ([], None, 0)


def test_delivering_what_was_taken_back_meanwhile_brings_nothing_back(outbox: Outbox):
    outbox.put(a_case())
    outbox.withdraw(CONVERSATION)
    outbox.delivered(a_case().key, {"reference": "K-2026-1"})
    outbox.later(a_case().key)
    assert outbox.receipt(a_case().key) is None
    assert keys(outbox, now=9e9) == [erasure_key(CONVERSATION)]


def test_taking_back_removes_the_conversations_letters_and_asks_for_erasure(outbox: Outbox):
    outbox.put(a_case(1))
    outbox.delivered(a_case(1).key, {"reference": "K-2026-1"})
    outbox.put(a_case(2))
    outbox.put(a_form())
    outbox.put(a_case(1, OTHER))
    outbox.withdraw(CONVERSATION)
    found = {letter.key: letter for letter in outbox.waiting()}
    assert set(found) == {case_key(OTHER, 1), erasure_key(CONVERSATION)}
    assert found[erasure_key(CONVERSATION)].kind == ERASURE
    assert outbox.receipt(a_case(1).key) is None


def test_taking_back_again_asks_again(outbox: Outbox):
    outbox.withdraw(CONVERSATION)
    outbox.delivered(erasure_key(CONVERSATION), {"receipt": "W-1"})
    outbox.withdraw(CONVERSATION)
    assert keys(outbox) == [erasure_key(CONVERSATION)]


def test_ending_a_conversation_forgets_what_is_delivered_and_keeps_what_waits(outbox: Outbox):
    outbox.put(a_case(1))
    outbox.delivered(a_case(1).key, {"reference": "K-2026-1"})
    outbox.put(a_case(2))
    outbox.put(a_case(1, OTHER))
    outbox.delivered(case_key(OTHER, 1), {"reference": "K-2026-2"})
    outbox.forget(CONVERSATION)
    assert outbox.receipt(a_case(1).key) is None
    assert outbox.receipt(a_case(2).key) == Receipt(WAITING, {})
    assert outbox.receipt(case_key(OTHER, 1)) is not None


def test_receipts_are_swept_two_days_after_delivery(outbox: Outbox):
    outbox.put(a_case(1), now=0.0)
    outbox.put(a_case(2), now=0.0)
    # the desk was away over a long weekend
    outbox.delivered(a_case(1).key, {"reference": "K-2026-1"}, now=4 * DAY)
    outbox.sweep(now=5 * DAY)
    assert outbox.receipt(a_case(1).key) is not None
    outbox.sweep(now=6 * DAY + 1)
    assert outbox.receipt(a_case(1).key) is None
    assert keys(outbox) == [a_case(2).key]


def test_a_full_disk_is_said_and_keeps_what_was_there(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    outbox.put(a_case(1))
    connect = sqlite3.connect

    def small(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **more)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            outbox.put(a_case(2, text="x" * 100_000))
    assert outbox.waiting() == [a_case(1)]
    outbox.put(a_case(2))
    assert outbox.count() == 2


def test_a_file_that_is_no_database_is_said(outbox: Outbox, path: Path):
    for file in path.parent.glob("outbox.db*"):
        file.write_bytes(b"no database" * 500)
    with pytest.raises(sqlite3.DatabaseError):
        outbox.put(a_case())
    with pytest.raises(sqlite3.DatabaseError):
        outbox.count()


def test_it_is_opened_again_with_what_was_in_it(outbox: Outbox, path: Path):
    outbox.put(a_case())
    assert Outbox(path, SECRET).waiting() == [a_case()]


def test_on_a_full_disk_it_is_made_and_used_as_soon_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("bot.outbox.os.open", full)
        outbox = Outbox(tmp_path / "outbox.db", "k" * 32)
        with pytest.raises(sqlite3.OperationalError):
            outbox.count()
    assert outbox.count() == 0


def test_a_place_where_no_file_can_be_is_told_apart(tmp_path: Path):
    with pytest.raises(Misplaced):
        Outbox(tmp_path).count()


def test_letters_that_nobody_takes_are_noticed_after_a_minute(outbox: Outbox):
    outbox.put(Letter("k-1", "c", CASE, {"code": "x"}), now=1000)
    assert not outbox.unattended(now=1050)
    assert outbox.unattended(now=1100)
    outbox.later("k-1", now=1100)
    assert not outbox.unattended(now=1150), "a courier has tried"
