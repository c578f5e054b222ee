"""`python -m bot.evaluate_lanes`: what it reads, and what its tables count."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.emergency import KINDS
from bot.evaluate_lanes import (
    ASKS_FOR_DANGER,
    EMERGENCIES,
    HARD_REQUESTS,
    HARMLESS,
    LAWFUL,
    SEEN_BY,
    SEEN_HARD,
    Judged,
    LaneFileError,
    Row,
    faults,
    ordinary_rows,
    read_rows,
    report,
)
from bot.hard_requests import KINDS as HARD_KINDS
from bot.labelled_messages import NONE
from bot.languages import languages


def test_it_reads_every_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "nl_new.csv").write_text(
        'expected,text\nviolence,"help, hij slaat"\n,hoi\n', encoding="utf-8"
    )
    (tmp_path / "hard_tr.csv").write_text("expected,text\nnone,selam\n", encoding="utf-8-sig")
    assert read_rows(tmp_path, KINDS, HARMLESS) == [
        Row("tr", NONE, "selam", "harmless"),
        Row("nl", "violence", "help, hij slaat", "harmless"),
        Row("nl", NONE, "hoi", "harmless"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("xx.csv", "expected,text\nnone,hi\n", "must hold a language"),
        ("nl.csv", "expected,text\nfire,brand\n", "line 2: needs expected"),
        ("nl.csv", "expected,text\nnone\n", "line 2: needs expected"),
        ("nl.csv", "expected,text\n", "holds no lines"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(LaneFileError, match=said):
        read_rows(tmp_path, KINDS, HARMLESS)


def test_the_files_of_the_project_can_be_read() -> None:
    for rows in (
        read_rows(EMERGENCIES, KINDS, HARMLESS),
        read_rows(HARD_REQUESTS, HARD_KINDS, LAWFUL),
    ):
        found = {(row.language, row.kind != NONE) for row in rows}
        assert found == {(language, some) for language in languages() for some in (True, False)}


def test_ordinary_traffic_holds_no_answers_about_danger() -> None:
    rows = ordinary_rows()
    assert {row.kind for row in rows} == {NONE}
    assert {row.group for row in rows} == {"tests/nlu", "tests/answers", "data/nlu"}
    assert ASKS_FOR_DANGER == "q_safety"
    assert "hij slaat haar" not in {row.text for row in rows}


def test_the_table_counts_per_language_and_part() -> None:
    nobody = dict.fromkeys((*SEEN_BY, *SEEN_HARD), False)
    line = {**nobody, "or line": True}
    lane = {**line, "lane": True, "visitor": True}
    judged = [
        Judged(Row("nl", "violence", "a", "harmless"), lane, "violence"),
        Judged(Row("nl", "child", "b", "harmless"), lane, "violence"),
        Judged(Row("nl", "child", "c", "harmless"), line, None),
        Judged(Row("nl", NONE, "d", "harmless"), lane, "departure"),
        Judged(Row("nl", NONE, "e", "tests/nlu"), nobody, None),
    ]
    lines = {
        line[:34].strip(): [cell for cell in line[34:].split() if "/" in cell]
        for line in report(judged).splitlines()
    }
    assert lines["nl recognised"] == ["0/3", "0/3", "0/3", "2/3", "2/3", "3/3", "1/2"]
    assert lines["nl   child"][3] == "1/2"
    assert lines["nl false alarms, harmless"][4] == "1/1"
    assert lines["nl false alarms, ordinary together"][4] == "0/1"


def test_the_table_of_hard_requests_counts_what_its_step_saw() -> None:
    nobody = dict.fromkeys((*SEEN_BY, *SEEN_HARD), False)
    hard = {**nobody, "hard": True, "or principle": True}
    doubtful = {**nobody, "or principle": True}
    judged = [
        Judged(Row("tr", "prediction", "a", LAWFUL), hard, None, "prediction"),
        Judged(Row("tr", "prediction", "b", LAWFUL), hard, None, "another_case"),
        Judged(Row("tr", "disable_phone", "c", LAWFUL), doubtful, None),
        Judged(Row("tr", NONE, "d", LAWFUL), hard, None, "prediction"),
        Judged(Row("tr", NONE, "e", "tests/nlu"), nobody, None),
        # a set of its own: what is harmless there may be a hard request
        Judged(Row("tr", NONE, "f", HARMLESS), hard, None, "prediction"),
    ]
    lines = {
        line[:34].strip(): [cell for cell in line[34:].split() if "/" in cell]
        for line in report(judged, SEEN_HARD).splitlines()
    }
    assert lines["tr recognised"] == ["2/3", "3/3", "1/2"]
    assert lines["tr false alarms, lawful"] == ["1/1", "1/1"]
    assert lines["tr false alarms, ordinary together"] == ["0/1", "0/1"]
    assert not any("harmless" in name for name in lines)
    assert [line.split()[:3] for line in faults(judged)[:2]] == [
        ["tr", "disable_phone", "lawful"],
        ["tr", "none", "lawful"],
    ]
