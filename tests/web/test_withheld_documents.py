"""What is downloaded of the checklist when its words are past their day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from walks import FINISHED, WALKS

from bot import catalogue, reviews
from bot.checklist.result import result
from bot.languages import languages
from bot.nlg import answers
from bot.nlg.answers import AMSTERDAM
from web.deadlines import deadlines_ics
from web.summary import content, summary_pdf

LAST = max(each.valid_until for each in reviews.reviews().values() if each.valid_until)
TOO_LATE = datetime.combine(LAST + timedelta(days=1), datetime.min.time(), AMSTERDAM)


@pytest.fixture(autouse=True)
def the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "current_time", lambda: TOO_LATE)


def legal_texts(language: str) -> dict[str, str]:
    """The wording of the checklist that has a last day, without what is short or filled in."""
    return {
        key: text
        for key in catalogue.keys_of("checklist")
        if reviews.reviews()[key].valid_until
        and "{" not in (text := catalogue._translations(language)[key])
        and len(text) > 30
    }


@pytest.mark.parametrize("walk", ["finished", "from_belgium", "several_children", "led_elsewhere"])
@pytest.mark.parametrize("language", languages())
def test_the_summary_holds_no_text_past_its_day_and_all_of_its_parts(
    language: str, walk: str
) -> None:
    found = result(WALKS[walk], TOO_LATE.date())
    shown = content(found, [language, "nl"], TOO_LATE)
    said = json.dumps(shown, ensure_ascii=False)
    texts = {**legal_texts(language), **legal_texts("nl")}
    assert [
        key for key, text in texts.items() if json.dumps(text, ensure_ascii=False)[1:-1] in said
    ] == []
    assert [len(row) for part in shown["sections"] for row in part["rows"]].count(2) > 0
    assert "088-800 9000" in said or "116000" in said


def test_the_summary_is_still_made(tmp_path: Any) -> None:
    assert summary_pdf(FINISHED, ["tr", "nl"], TOO_LATE).startswith(b"%PDF")


@pytest.mark.parametrize("language", languages())
def test_the_calendar_keeps_its_days_and_says_that_the_rule_is_looked_at(language: str) -> None:
    day = (TOO_LATE - timedelta(days=30)).date().isoformat()
    made = deadlines_ics({**FINISHED, "q_date": [day, day]}, language, TOO_LATE)
    events = list(Calendar.from_ical(made).walk("VEVENT"))
    assert events
    for event in events:
        said = str(event["description"])
        assert catalogue.text(language, "ics_one_year") not in said
        assert catalogue.text(language, "ics_note") in said
        assert answers.said("ics_one_year", language, TOO_LATE, {}) in said
