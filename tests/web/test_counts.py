"""What is counted for a site, what is kept of it, and what can be seen of it."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import signal
import sqlite3
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in import SEAL_PUBLIC, TOKEN_SECRET, Behind, MakeVisitor, Visitor, a_message, begin

from bot.languages import languages
from bot.nlg.answers import AMSTERDAM
from bot.small_numbers import LEAST
from bot.topics import topic_names
from web import counts, kit, kit_key
from web.counts import LANGUAGE, OPENING, TOPIC, Counts, past_months, shown
from web.keys import COUNTS
from web.tokens import Tokens

TOKENS = Tokens(TOKEN_SECRET)
ROOT = Path(__file__).parents[2]
SITES_FILE = """
exit: https://www.buienradar.nl
colours:
  {accent: "#14506e", on_accent: "#ffffff", accent_dark: "#8cc8e8", on_accent_dark: "#0b1a22"}
sites:
  - {id: buren, origins: ["https://buren.example"]}
  - {id: elders, origins: ["https://elders.example"]}
"""


def reply(*keys: str, lang: str = "nl", topic: str | None = None) -> dict[str, Any]:
    """A reply of these messages, of which the last is the first answer on `topic`."""
    messages = [a_message(key, lang) for key in keys]
    if topic:
        messages[-1]["topic"] = topic
    return {"lang": lang, "messages": messages}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "counts.db"


@pytest.fixture
async def site(make_visitor: MakeVisitor, tmp_path: Path) -> Visitor:
    """A client of a Kompas that knows the sites above."""
    (tmp_path / "sites.yml").write_text(SITES_FILE)
    return await make_visitor(sites=tmp_path / "sites.yml")


async def counted(visitor: Visitor) -> dict[tuple[str, str, str], int]:
    """Site, what, which → number, of what is on the disk."""
    assert visitor.app is not None
    await visitor.app[COUNTS].write()
    path = visitor.app[COUNTS]._path
    if not Path(path).exists():
        return {}
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT site, what, which, number FROM counts").fetchall()
    return {(place, what, which): number for place, what, which, number in rows}


async def test_a_conversation_is_counted_with_its_site_language_and_topic(
    site: Visitor, behind: Behind
) -> None:
    behind.reply = reply("utter_greet", "utter_threat_abduction", lang="tr", topic="threat")
    await begin(site, lang="tr", topic="threat_abduction", embed="buren")
    assert await counted(site) == {
        ("buren", "opening", ""): 1,
        ("buren", "language", "tr"): 1,
        ("buren", "topic", "threat"): 1,
    }


async def test_answers_later_on_are_counted_for_the_site_the_conversation_began_on(
    site: Visitor, behind: Behind
) -> None:
    headers = {"Authorization": await begin(site, embed="buren")}
    behind.reply = reply("utter_hague_costs", topic="return")
    await site.post("/api/chat/message", json={"text": "kosten"}, headers=headers)
    behind.reply = reply("utter_hague_duration")
    await site.post("/api/chat/message", json={"text": "duur"}, headers=headers)
    behind.reply = reply("utter_thank", lang="pl")
    await site.post("/api/chat/message", json={"lang": "pl"}, headers=headers)
    found = await counted(site)
    assert found["buren", "topic", "return"] == 1
    assert ("buren", "language", "pl") not in found, "a switch is no second language"


async def test_what_is_no_topic_is_not_counted(site: Visitor, behind: Behind) -> None:
    behind.reply = reply("utter_greet", topic="Roodkapje")
    await begin(site)
    assert await counted(site) == {("", "opening", ""): 1, ("", "language", "nl"): 1}


@pytest.mark.parametrize("key", ["utter_handover_done", "utter_handover_waiting"])
async def test_a_hand_off_is_counted_once(site: Visitor, behind: Behind, key: str) -> None:
    headers = {"Authorization": await begin(site, embed="buren")}
    form = {"channel": "phone", "phone": "0612345678", "language": "nl", "consent": True}
    behind.reply = reply(key)
    repeated = {**headers, "Idempotency-Key": "a" * 32}
    for _ in range(2):
        assert (await site.post("/api/contact", json=form, headers=repeated)).status == 200
    behind.reply = reply("utter_handover_known")
    await site.post("/api/chat/message", json={"text": "nog eens"}, headers=headers)
    assert (await counted(site))["buren", "handoff", ""] == 1


async def test_a_message_sent_again_is_counted_once(site: Visitor, behind: Behind) -> None:
    headers = {"Authorization": await begin(site), "Idempotency-Key": "b" * 32}
    behind.reply = reply("utter_lawyer", topic="return")
    for _ in range(3):
        await site.post("/api/chat/message", json={"text": "advocaat"}, headers=headers)
    assert (await counted(site))["", "topic", "return"] == 1


@pytest.mark.parametrize("embed", ["niemand", kit.PREVIEW, "-", "BUREN", "buren "])
async def test_who_comes_from_no_known_site_talks_and_is_not_counted(
    site: Visitor, behind: Behind, embed: str
) -> None:
    behind.reply = reply("utter_lawyer", topic="return")
    headers = {"Authorization": await begin(site, embed=embed)}
    response = await site.post("/api/chat/message", json={"text": "advocaat"}, headers=headers)
    assert response.status == 200
    assert await counted(site) == {}


async def test_nothing_but_numbers_is_kept(site: Visitor, behind: Behind) -> None:
    behind.reply = reply("utter_lawyer")
    headers = {"Authorization": await begin(site, embed="buren")}
    await site.post("/api/chat/message", json={"text": "Roodkapje"}, headers=headers)
    await counted(site)
    assert site.app is not None
    file = Path(site.app[COUNTS]._path)
    raw = b"".join(each.read_bytes() for each in file.parent.glob("counts.db*"))
    assert b"Roodkapje" not in raw
    assert headers["Authorization"].removeprefix("Bearer ").encode() not in raw
    assert behind.received[0]["sender"].encode() not in raw
    with sqlite3.connect(file) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(counts)")]
        months = {row[0] for row in connection.execute("SELECT month FROM counts")}
    assert columns == ["month", "site", "what", "which", "number"]
    assert months == {f"{datetime.now(AMSTERDAM):%Y-%m}"}
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"


async def test_numbers_of_several_processes_add_up(file: Path) -> None:
    both = Counts(file), Counts(file)
    for each in both:
        for _ in range(5):
            each.opening("buren", reply("utter_greet"))
    await asyncio.gather(*(each.write() for each in both))
    # who found the new file in use has kept its numbers
    for each in both:
        await each.write()
    assert both[0].month("buren", f"{datetime.now(AMSTERDAM):%Y-%m}").openings == 10


async def test_a_file_that_cannot_be_written_is_told_once_and_nothing_is_lost(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = Counts(file)
    found.opening("buren", reply("utter_greet"))
    await found.write()
    with sqlite3.connect(file) as locked:
        locked.execute("BEGIN EXCLUSIVE")
        for _ in range(4):
            found.opening("buren", reply("utter_greet"))
        await found.write()
        await found.write()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "KOMPAS_COUNTS" in caplog.text
    assert "buren" not in caplog.text
    await found.write()
    assert found.month("buren", f"{datetime.now(AMSTERDAM):%Y-%m}").openings == 5


async def test_a_full_disk_stops_no_reply(
    make_visitor: MakeVisitor, behind: Behind, tmp_path: Path
) -> None:
    # a folder stands where the file should be
    (tmp_path / "taken").mkdir()
    visitor = await make_visitor(counts=str(tmp_path / "taken"))
    behind.reply = reply("utter_greet")
    await begin(visitor)
    assert visitor.app is not None
    await visitor.app[COUNTS].write()
    await begin(visitor)


async def test_what_waits_is_written_when_the_site_stops(file: Path) -> None:
    found = Counts(file)
    async with found.writing(seconds=3600):
        for _ in range(6):
            found.opening("buren", reply("utter_greet"))
    assert found.month("buren", f"{datetime.now(AMSTERDAM):%Y-%m}").openings == 6


def test_a_killed_process_leaves_what_it_had_written(file: Path) -> None:
    script = f"""
import asyncio, sys
from web.counts import Counts
async def main():
    counts = Counts({str(file)!r})
    async with counts.writing(seconds=0.01):
        while True:
            counts.opening("buren", {{"lang": "nl", "messages": []}})
            await asyncio.sleep(0.002)
            if not counts._waiting:
                print("taken", flush=True)
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(20):
            assert process.stdout.readline() == "taken\n"
        process.send_signal(signal.SIGKILL)
    found = Counts(file).month("buren", f"{datetime.now(AMSTERDAM):%Y-%m}")
    assert found.openings is not None
    assert found.openings >= 5
    assert found.languages == {"nl": found.openings}


NUMBERS = st.integers(0, 12)


@given(
    languages=st.dictionaries(st.sampled_from(list(languages())), st.integers(1, 12)),
    topics=st.dictionaries(st.sampled_from(topic_names()), NUMBERS),
    handoffs=NUMBERS,
)
def test_no_small_number_can_be_read_or_worked_out(
    languages: dict[str, int], topics: dict[str, int], handoffs: int
) -> None:
    total = sum(languages.values())
    cells = {
        (OPENING, ""): total,
        (counts.HANDOFF, ""): handoffs,
        **{(LANGUAGE, code): number for code, number in languages.items()},
        **{(TOPIC, name): number for name, number in topics.items()},
    }
    found = shown("2026-10", cells)
    seen = [found.openings, found.handoffs, *found.languages.values(), *found.topics.values()]
    assert not [number for number in seen if number is not None and 0 < number < LEAST]
    hidden = [code for code, number in found.languages.items() if number is None]
    if found.openings is not None and hidden:
        assert len(hidden) > 1, "one alone follows from the sum"
        rest = found.openings - sum(number or 0 for number in found.languages.values())
        assert rest >= LEAST, "almost nothing left would tell each of them"
    if total < LEAST:
        assert found.is_quiet
        assert {found.handoffs, *found.topics.values()} == {None}


def test_months_end_before_they_are_shown() -> None:
    assert past_months(date(2026, 3, 1), most=4) == ["2026-02", "2026-01", "2025-12", "2025-11"]
    assert past_months(date(2026, 3, 31), most=1) == ["2026-02"]


# --- what an organisation sees of it


async def put(visitor: Visitor, month: str, site: str, **numbers: int) -> None:
    assert visitor.app is not None
    rows = [(month, site, *name.split("__"), number) for name, number in numbers.items()]
    with visitor.app[COUNTS]._connection() as connection:
        connection.executemany("INSERT INTO counts VALUES (?, ?, ?, ?, ?)", rows)


def query(site: str = "buren", **more: str) -> dict[str, str]:
    return {"embed": site, "key": TOKENS.counts_key(site), "lang": "nl", **more}


LAST = past_months(datetime.now(AMSTERDAM).date())[0]
MONTH = {
    "opening__": 30,
    "language__nl": 20,
    "language__tr": 8,
    "language__pl": 2,
    "topic__travel": 11,
    "handoff__": 3,
}


async def test_a_site_with_its_key_sees_its_last_month(site: Visitor) -> None:
    await put(site, LAST, "buren", **MONTH)
    await put(site, LAST, "elders", **{**MONTH, "opening__": 77})
    text = await (await site.get("/kit/counts", params=query())).text()
    assert ">30<" in text
    assert ">20<" in text
    assert ">11<" in text
    assert "&lt; 5" in text
    assert ">8<" not in text, "it would give the 2 away"
    assert "77" not in text
    assert "noindex" in text


async def test_without_the_right_key_there_is_no_such_page(site: Visitor) -> None:
    await put(site, LAST, "buren", **MONTH)
    wrong = [
        {"embed": "buren"},
        {"embed": "buren", "key": ""},
        {"embed": "buren", "key": TOKENS.counts_key("elders")},
        {"embed": "buren", "key": Tokens("z" * 32).counts_key("buren")},
        {"embed": "niemand", "key": TOKENS.counts_key("niemand")},
        {"embed": "buren", "key": "é\udce4"},
        {},
    ]
    bodies = set()
    for params in wrong:
        for path in ("/kit/counts", "/kit/counts.csv"):
            encoded = {name: value.encode("utf-8", "replace") for name, value in params.items()}
            response = await site.get(path, params={k: v.decode() for k, v in encoded.items()})
            assert response.status == 404
            bodies.add(await response.text())
    assert len(bodies) == 1


@pytest.mark.parametrize("month", ["2026-13", "1999-01", "", "nu", "2026-1"])
async def test_another_month_than_the_last_twelve_is_refused(site: Visitor, month: str) -> None:
    assert (await site.get("/kit/counts", params=query(month=month))).status == 400


async def test_the_month_that_runs_is_not_shown(site: Visitor) -> None:
    current = f"{datetime.now(AMSTERDAM):%Y-%m}"
    assert (await site.get("/kit/counts", params=query(month=current))).status == 400


async def test_few_conversations_tell_nothing_of_what_they_were_about(site: Visitor) -> None:
    await put(site, LAST, "buren", opening__=3, language__nl=3, topic__threat=9, handoff__=0)
    text = await (await site.get("/kit/counts", params=query())).text()
    assert ">9<" not in text
    assert "minder dan 5 gesprekken" in text


@pytest.mark.parametrize("lang", languages())
async def test_the_spreadsheet_says_the_same(site: Visitor, lang: str) -> None:
    await put(site, LAST, "buren", **MONTH)
    response = await site.get("/kit/counts.csv", params=query(lang=lang))
    assert response.content_type == "text/csv"
    body = (await response.read()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body), delimiter=";"))
    numbers = {(row["what"], row["which"]): row["number"] for row in rows}
    assert numbers["opening", ""] == "30"
    assert numbers["language", "pl"] == numbers["language", "tr"] == "<"
    assert numbers["handoff", ""] == "<"
    assert all(row["label"] and row["month"] == LAST and row["site"] == "buren" for row in rows)


async def test_the_own_page_of_kompas_has_counts_too(site: Visitor) -> None:
    await put(site, LAST, "", **MONTH)
    text = await (await site.get("/kit/counts", params=query(""))).text()
    assert "Kompas zelf" in text
    assert ">30<" in text


async def test_counts_that_cannot_be_read_say_so(make_visitor: MakeVisitor, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    visitor = await make_visitor(counts=str(tmp_path / "taken"))
    assert (await visitor.get("/kit/counts", params=query(""))).status == 503
    assert (await visitor.get("/kit/counts.csv", params=query(""))).status == 503


def test_the_command_prints_the_address_of_a_site(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "sites.yml").write_text(SITES_FILE)
    for name, value in {
        "KOMPAS_TOKEN_SECRET": TOKEN_SECRET,
        "KOMPAS_CHANNEL_SECRET": "c" * 32,
        "KOMPAS_DESK_SEAL_PUBLIC": SEAL_PUBLIC,
        "KOMPAS_SITES": str(tmp_path / "sites.yml"),
        "KOMPAS_PUBLIC_URL": "https://kompas.example",
    }.items():
        monkeypatch.setenv(name, value)
    kit_key.main(["buren"])
    said = capsys.readouterr().out
    assert (
        said == f"https://kompas.example/kit/counts?embed=buren&key={TOKENS.counts_key('buren')}\n"
    )
    with pytest.raises(SystemExit, match="niemand is no site of sites.yml. Give one of buren, el"):
        kit_key.main(["niemand"])
    monkeypatch.setenv("KOMPAS_TOKEN_SECRET", "short")
    with pytest.raises(SystemExit, match="KOMPAS_TOKEN_SECRET"):
        kit_key.main(["buren"])
