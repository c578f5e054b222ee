"""The answers of one parent are seen by nobody else, erased at the end, and in no log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from checklist_steps import (
    GOOD,
    ORDER,
    RESULT,
    START,
    answer,
    asked,
    detail,
    said,
    today,
    walk_all,
    walk_to,
)
from dateutil.relativedelta import relativedelta
from stack import LANGUAGES, Answer, Stack, Visitor, fetch

from bot.checklist.wording import days

Arrive = Callable[..., Visitor]

# Two parents who differ in every answer that a message shows.
_MOTHER = {
    "q_home_country": "NL",
    "q_child_where": "TR",
    "q_age": "b2019-03-07/2019-03-07",
    "q_consent": "holiday_only",
    "q_police": "notification",
}
_FATHER = {
    "q_home_country": "BE",
    "q_child_where": "PL",
    "q_age": "b2015-08-21/2015-08-21",
    "q_consent": "under_pressure",
    "q_police": "formal_complaint",
}


def test_two_interleaved_parents_never_see_each_others_values(arrive: Arrive) -> None:
    mother, father = arrive("nl"), arrive("nl")
    day = today() - relativedelta(days=31)
    earlier = day - relativedelta(days=60)
    dates = {"mother": f"{day}/{day}", "father": f"{earlier}/{earlier}"}
    seen: dict[str, list[Answer]] = {"mother": [mother.press(START)], "father": []}
    seen["father"].append(father.press(START))
    for item in ORDER:
        for name, visitor, own in (("mother", mother, _MOTHER), ("father", father, _FATHER)):
            assert asked(seen[name][-1]) == item, (name, item)
            value = dates[name] if item == "q_date" else {**GOOD, **own}[item]
            seen[name].append(visitor.press(answer(item, value)))
    for part in ("points", "documents", "submission", "deadlines", "conditions"):
        for name, visitor in (("mother", mother), ("father", father)):
            seen[name].append(visitor.press(detail(part)))
    texts = {name: "\n".join(reply.text for reply in replies) for name, replies in seen.items()}
    marks = {
        "mother": (_sixteenth(2019, 3, 7), _year_after(day), "holiday_only"),
        "father": (_sixteenth(2015, 8, 21), _year_after(earlier), "under_pressure"),
    }
    for name, other in (("mother", "father"), ("father", "mother")):
        for own, strange in zip(marks[name][:2], marks[other][:2]):
            assert own in texts[name]
            assert strange not in texts[name]
        own, strange = (said(f"q_consent_tell_{marks[each][2]}", "nl") for each in (name, other))
        assert own in texts[name]
        assert strange not in texts[name]


def _year_after(day: date) -> str:
    end = day + relativedelta(years=1)
    return days(end, end, "nl")


def _sixteenth(year: int, month: int, day: int) -> str:
    birthday = today().replace(year=year + 16, month=month, day=day)
    return days(birthday, birthday, "nl")


def test_many_walks_at_once_each_keep_their_own_answers(arrive: Arrive) -> None:
    def walk(number: int) -> None:
        language = LANGUAGES[number % len(LANGUAGES)]
        visitor = arrive(language)
        years = 3 + number
        walk_to(visitor, "q_event", {"q_age": str(years)})
        reply = visitor.press('/correct_answer{"item": "q_age"}')
        assert asked(reply) == "q_age"
        reply = visitor.press(answer("q_age", f"{years}+{years}"))
        shown = re.findall(r"\d+", reply.messages[0]["text"])
        assert shown == [str(years)] * 2, shown

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(walk, range(6)))


def test_ending_erases_the_answers_from_the_database_files(stack: Stack, arrive: Arrive) -> None:
    # a range of days that no other test uses is its own marker
    hers, his = "2025-12-03/2025-12-19", "2025-12-04/2025-12-20"
    visitor, other = arrive("pl"), arrive("nl")
    walk_to(visitor, "q_date")
    visitor.press(answer("q_date", hers))
    visitor.say("Zwaluwtongetje to moje dziecko, nie wiem co napisać")
    walk_to(other, "q_date")
    other.press(answer("q_date", his))
    kept = _database(stack)
    for mark in ("2025-12-03", "2025-12-19", "2025-12-04", "Zwaluwtongetje"):
        assert mark.encode() in kept, "else this test would prove nothing"
    assert visitor.end().status == 204
    left = _database(stack)
    for mark in ("2025-12-03", "2025-12-19", "Zwaluwtongetje"):
        assert mark.encode() not in left
    assert b"2025-12-04" in left, "another's answers stay"
    assert asked(other.press("/why_ask")) == "q_residence_facts"
    assert visitor.press(START).status == 401


def test_a_new_beginning_of_the_list_shows_nothing_of_before(arrive: Arrive) -> None:
    visitor = arrive("tr")
    walk_all(visitor, {"q_age": "b2019-03-07/2019-03-07"})
    visitor.press('/hague_start_checklist{"checklist": "restart"}')
    reply = walk_all(visitor)
    assert reply.ids[-1] == RESULT
    assert _sixteenth(2019, 3, 7) not in visitor.press(detail("deadlines")).text


def test_no_log_holds_an_answer_a_code_word_or_a_number(stack: Stack, arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_date", {"q_custody": "yes_sole"})
    visitor.press(answer("q_date", "2025-11-05/2025-11-17"))
    visitor.say("Goudhaantje is sinds 5 december 2025 in Antalya")
    visitor.press('/checklist_answer{"answer": "q_custody=Goudhaantje"}')
    number = "80412637"
    headers = {"Authorization": f"Bearer {visitor.token}"}
    made = fetch(stack, "POST", "/api/checklist/code", {"number": number}, headers)
    words = re.findall(r"\*\*(.+?)\*\*", made.text)[0]
    opened = fetch(
        stack, "POST", "/api/checklist/open", {"words": words, "number": "80412638"}, headers
    )
    assert opened.ids == ["utter_checklist_code_refused"]
    opened = fetch(
        stack, "POST", "/api/checklist/open", {"words": words, "number": number}, headers
    )
    assert opened.ids[0] == "utter_checklist_code_opened"
    visitor.end()
    marks = [
        "Goudhaantje",
        "Antalya",
        "2025-11-05",
        "2025-11-17",
        "q_date=",
        "q_role",
        "left_behind_parent",
        number,
        "80412638",
        words,
        json.dumps(words),
        visitor.token,
    ]
    for name in ("rasa", "actions", "web"):
        log = stack.log(name).read_text(errors="replace")
        for mark in marks:
            assert mark not in log, (name, mark)
        assert not re.search(r"\b[0-9a-f]{64}\b", log), name


def _database(stack: Stack) -> bytes:
    files = sorted(stack.folder.glob("tracker.db*"))
    assert files
    return b"".join(path.read_bytes() for path in files)
