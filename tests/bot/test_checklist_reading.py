"""What typed answers say: children, days, and lines by the scores of the classifier."""

from __future__ import annotations

from datetime import date

import pytest
from checklist_walks import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checklist.examples import heads, labels_of, several
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.reading import Reading, children, date_ranges, is_no_answer, read
from bot.checklist.values import MOST_CHILDREN, parse
from bot.languages import languages

# language | text | what is read (children as in an answer line, or the problem)
CHILDREN = """
nl | 8 | 8
nl | acht | 8
nl | 8 jaar | 8
nl | 8 en 5 | 8 5
nl | hij is 8 en zij 5 | 8 5
nl | twee kinderen | ? ?
nl | 2 kinderen van 4 en 6 | 4 6
nl | tweeling van 7 | 7 7
nl | bijna 9 | 8
nl | anderhalf | 1y6m
nl | 8 maanden | 8m
nl | 3 weken | 0m
nl | 1 jaar en 2 maanden | 1y2m
nl | geboren op 12 maart 2018 | b2018-03-12/2018-03-12
nl | 12-03-2018 | b2018-03-12/2018-03-12
nl | geboren op 29 februari 2020 | b2020-02-29/2020-02-29
nl | 2018 | b2018-01-01/2018-12-31
nl | 15 | 15
nl | 16 | 16
nl | 17 | 17
nl | 18 | problem_age
nl | 45 | problem_age
nl | 99 | problem_age
nl | geboren op 31 februari 2018 | problem_date_impossible
nl | geboren op 1 januari 2027 | problem_birth_future
nl | 12 kinderen | ? ? ? ? ? ? ? ? ? ? ? ?
nl | 13 kinderen |
nl | we zijn 8 jaar getrouwd |
nl | geen idee |
tr | 8 yaşında | 8
tr | sekiz | 8
tr | 8 ve 5 | 8 5
tr | ikizler | ? ?
tr | iki çocuğum var | ? ?
tr | 6 aylık | 6m
pl | osiem | 8
pl | ma 8 lat | 8
pl | 8 i 5 lat | 8 5
pl | dwoje dzieci | ? ?
pl | bliźnięta | ? ?
pl | prawie 9 | 8
pl | półtora roku | 1y6m
pl | 6 miesięcy | 6m
en | 8 | 8
en | eight | 8
en | 8 years | 8
en | 8 yrs old | 8
en | 8yo | 8
en | 8 and 5 | 8 5
en | he is 8 and she is 5 | 8 5
en | he's 8, she's 5 | 8 5
en | my son is 8 and my daughter 5 | 8 5
en | two kids | ? ?
en | 2 children aged 4 and 6 | 4 6
en | i have 2 kids, 4 and 6 | 4 6
en | I've got three: 13, 9 and 2 | 13 9 2
en | we have two, 4 and 7 | 4 7
en | there are two of them, 3 and 5 | 3 5
en | twins of 7 | 7 7
en | twins | ? ?
en | nearly 9 | 8
en | almost 9 years old | 8
en | turns 9 next month | 8
en | she will be 9 in March | 8
en | 15, almost 16 | 15
en | nine, in May she turns ten | 9
en | she turned 3 last week | 3
en | just turned five | 5
en | one and a half | 1y6m
en | 1.5 years | 1y6m
en | two and a half years old | 2y6m
en | 8 months | 8m
en | eight months old | 8m
en | a baby of 3 months | 3m
en | 3 weeks | 0m
en | 3 weeks old | 0m
en | 1 year and 2 months | 1y2m
en | 1 year 2 months | 1y2m
en | 2 yrs 3 months | 2y3m
en | half a year | 6m
en | born on 12 March 2018 | b2018-03-12/2018-03-12
en | born March 12th, 2018 | b2018-03-12/2018-03-12
en | 12-03-2018 | b2018-03-12/2018-03-12
en | 12/03/2018 | b2018-03-12/2018-03-12
en | dob 12.03.2018 | b2018-03-12/2018-03-12
en | 2018 | b2018-01-01/2018-12-31
en | born in 2018 | b2018-01-01/2018-12-31
en | march 2018 | b2018-03-01/2018-03-31
en | 15 | 15
en | 16 | 16
en | 17 | 17
en | 18 | problem_age
en | 45 | problem_age
en | he is 45 | problem_age
en | 99 | problem_age
en | born on 31 February 2018 | problem_date_impossible
en | born on 1 January 2027 | problem_birth_future
en | 12 children | ? ? ? ? ? ? ? ? ? ? ? ?
en | 13 children |
en | no idea |
en | my child have 6 year | 6
en | the big one is 10 and the small one is 4 | 10 4
en | 4 and 6 years old | 4 6
en | 5, 7 and 11 | 5 7 11
en | 5 & 7 | 5 7
en | a girl of 6 and a boy of 3 | 6 3
en | Emma 6, Noah 3 | 6 3
en | one is 4, the other one is 9 | 4 9
en | he's in year 4 |
en | she is in group 3 |
en | he is six, in group 3 | 6
en | one child |
en | she's one | 1
en | she is one year old | 1
en | only one, she is 7 | 7
en | 5 yrs and 10 months | 5y10m
en | three years and a half | 3y6m
en | 3 1/2 | 3y6m
en | newborn |
en | 10 days old | 0m
en | she's 12 now | 12
en | they are 3, 5 and 8 | 3 5 8
en | a 3 year old and a 5 year old | 3 5
en | 3-year-old | 3
en | 11yrs | 11
en | age 9 | 9
en | aged 9 | 9
- | 8 | 8
- | eight | 8
- | sekiz | 8
- | osiem | 8
"""

# language | text | first and last day of each range
RANGES = """
nl | gisteren | 2026-11-21/2026-11-21
nl | vorige zomer | 2026-06-01/2026-08-31
tr | geçen yaz | 2026-06-01/2026-08-31
pl | zeszłego lata | 2026-06-01/2026-08-31
nl | juli | 2026-07-01/2026-07-31
tr | temmuzda | 2026-07-01/2026-07-31
pl | w lipcu | 2026-07-01/2026-07-31
nl | in december | 2025-12-01/2025-12-31
nl | 2025 | 2025-01-01/2025-12-31
nl | 12-3 | 2026-03-12/2026-03-12
nl | 31-12 | 2025-12-31/2025-12-31
nl | op vrijdag | 2026-11-20/2026-11-20
nl | 29 februari | 2024-02-29/2024-02-29
nl | 29-2-2024 | 2024-02-29/2024-02-29
nl | kerst | 2025-12-24/2025-12-27
tr | yılbaşı | 2026-01-01/2026-01-02
pl | w sylwestra | 2025-12-31/2025-12-31
nl | vorig jaar, op 3 mei | 2025-05-03/2025-05-03
nl | eind juli, begin augustus | 2026-07-21/2026-08-10
nl | al drie weken | 2026-10-29/2026-11-04
tr | 3 hafta oldu | 2026-10-29/2026-11-04
nl | 12 maart 2025 of 14 juni 2025 | 2025-03-12/2025-03-12 2025-06-14/2025-06-14
nl | 31 februari |
nl | weet ik niet |
en | yesterday | 2026-11-21/2026-11-21
en | last summer | 2026-06-01/2026-08-31
en | this summer | 2026-06-01/2026-08-31
en | july | 2026-07-01/2026-07-31
en | in July | 2026-07-01/2026-07-31
en | in december | 2025-12-01/2025-12-31
en | 2025 | 2025-01-01/2025-12-31
en | in 2025 | 2025-01-01/2025-12-31
en | 12/3 | 2026-03-12/2026-03-12
en | 31-12 | 2025-12-31/2025-12-31
en | on Friday | 2026-11-20/2026-11-20
en | last friday | 2026-11-20/2026-11-20
en | 29 February | 2024-02-29/2024-02-29
en | 29/2/2024 | 2024-02-29/2024-02-29
en | Christmas | 2025-12-24/2025-12-27
en | last year, on 3 May | 2025-05-03/2025-05-03
en | end of July, beginning of August | 2026-07-21/2026-08-10
en | for three weeks | 2026-10-29/2026-11-04
en | 3 weeks already | 2026-10-29/2026-11-04
en | since 3 weeks | 2026-10-29/2026-11-04
en | 12 March 2025 or 14 June 2025 | 2025-03-12/2025-03-12 2025-06-14/2025-06-14
en | between 3 and 5 May 2026 | 2026-05-03/2026-05-05
en | from 3 to 5 May | 2026-05-03/2026-05-05
en | 31 February |
en | I don't know |
en | march 12 | 2026-03-12/2026-03-12
en | March 12th 2025 | 2025-03-12/2025-03-12
en | the 12th of march | 2026-03-12/2026-03-12
en | 12th march 2025 | 2025-03-12/2025-03-12
en | 12.3.2025 | 2025-03-12/2025-03-12
en | 2025-03-12 | 2025-03-12/2025-03-12
en | two days ago | 2026-11-20/2026-11-20
en | the day before yesterday | 2026-11-20/2026-11-20
en | last night | 2026-11-21/2026-11-21
en | this morning | 2026-11-22/2026-11-22
en | last monday | 2026-11-16/2026-11-16
en | early September | 2026-09-01/2026-09-10
en | late august | 2026-08-21/2026-08-31
en | on the 15th |
en | 10 days ago | 2026-11-12/2026-11-12
en | since August | 2026-08-01/2026-08-31
en | august last year | 2025-08-01/2025-08-31
en | in sept 2025 | 2025-09-01/2025-09-30
en | 1.5 years ago | 2025-05-07/2025-06-06
en | mid october | 2026-10-11/2026-10-20
en | last winter | 2025-12-01/2026-02-28
en | new year | 2026-01-01/2026-01-02
en | a couple of weeks ago | 2026-11-01/2026-11-11
en | they left on 20 July, to be back on 15 August | 2026-07-20/2026-07-20 2026-08-15/2026-08-15
- | yesterday | 2026-11-21/2026-11-21
- | wczoraj | 2026-11-21/2026-11-21
- | dün | 2026-11-21/2026-11-21
"""


def table(text: str) -> list[tuple[str | None, str, str]]:
    rows = []
    for line in filter(None, text.splitlines()):
        language, said, expected = (part.strip() for part in line.split("|"))
        rows.append((language if language != "-" else None, said, expected))
    return rows


@pytest.mark.parametrize(("language", "text", "expected"), table(CHILDREN))
def test_it_reads_children(language: str | None, text: str, expected: str) -> None:
    values, problem = children(text, language, TODAY)
    assert (problem or " ".join(values)) == expected


@pytest.mark.parametrize(("language", "text", "expected"), table(RANGES))
def test_it_reads_when_something_happened(language: str | None, text: str, expected: str) -> None:
    found = date_ranges(text, language, TODAY)
    assert " ".join(f"{first}/{last}" for first, last in found) == expected


def test_between_two_days_is_a_range() -> None:
    assert date_ranges("tussen 3 en 5 mei 2026", "nl", TODAY) == [
        (date(2026, 5, 3), date(2026, 5, 5))
    ]


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("in februari", "2025-01-10", "2024-02-01/2024-02-29"),
        ("vorig jaar, in februari", "2025-11-10", "2024-02-01/2024-02-29"),
        ("op 31 december", "2027-01-01", "2026-12-31/2026-12-31"),
        ("gisteren", "2027-01-01", "2026-12-31/2026-12-31"),
        ("in december", "2027-01-01", "2026-12-01/2026-12-31"),
        ("op 29 februari", "2028-02-29", "2028-02-29/2028-02-29"),
        ("op 29 februari", "2028-02-28", "2024-02-29/2024-02-29"),
        ("vorige maand", "2028-03-31", "2028-02-01/2028-02-29"),
    ],
)
def test_it_reads_days_around_the_turn_of_the_year_and_leap_days(
    text: str, today: str, expected: str
) -> None:
    ((first, last),) = date_ranges(text, "nl", date.fromisoformat(today))
    assert f"{first}/{last}" == expected


def reading(
    item: str, text: str, scores: dict[str, float], language: str | None = "nl"
) -> Reading | None:
    question = checklist().questions[item.partition("/")[0]]
    return read(question, item, text, language, scores, TODAY)


# item, text, scores → the line that is noted
NOTED = [
    ("q_custody", "…", {"yes_joint": 0.9, "no": 0.05}, "q_custody=yes_joint"),
    ("q_custody", "…", {"unknown": 0.85, "no": 0.1}, "q_custody=unknown"),
    ("q_safety", "…", {"no": 0.95, "danger": 0.03}, "q_safety=no"),
    ("q_documents/d_birth", "…", {"have": 0.9, "can_get": 0.1}, "q_documents/d_birth=have"),
    ("q_proceedings", "…", {"none": 0.9, "case_here": 0.1}, "q_proceedings=none"),
    (
        "q_proceedings",
        "…",
        {"case_here": 0.9, "case_there": 0.85, "none": 0.1},
        "q_proceedings=case_here+case_there",
    ),
    ("q_documents", "…", {"all": 0.9, "d_birth": 0.1}, "q_documents=all"),
    # both sure by themselves, and one far surer: "ik heb alle papieren"
    ("q_documents", "…", {"all": 0.99, "none": 0.67}, "q_documents=all"),
    ("q_documents", "…", {"d_birth": 0.9, "d_form": 0.8}, "q_documents=d_birth+d_form"),
    ("q_home_country", "Turkije", {"_value": 0.9}, "q_home_country=TR"),
    ("q_home_country", "geen idee", {"unknown": 0.9}, "q_home_country=unknown"),
    ("q_child_where", "waar we wonen", {"same_as_home": 0.9}, "q_child_where=same_as_home"),
    ("q_date", "vorige zomer", {"_value": 0.9}, "q_date=2026-06-01/2026-08-31"),
    ("q_date", "nog niet gebeurd", {"not_yet": 0.9}, "q_date=not_yet"),
    ("q_date", "weet ik niet", {"unknown": 0.9}, "q_date=unknown"),
    ("q_age", "8 jaar en 5 jaar", {"_value": 0.9}, "q_age=8+5"),
    # a number alone needs no classifier
    ("q_age", "8", {"_other": 0.99}, "q_age=8"),
    ("q_age", "weet ik niet", {"unknown": 0.9}, "q_age=unknown"),
    ("q_age/2", "5", {"_value": 0.9}, "q_age/2=5"),
    # one child was asked for, and all are told
    ("q_age/2", "8 en 5", {"_value": 0.9}, "q_age=8+5"),
    # a country, day or age that was found stands against a small doubt
    ("q_home_country", "Polen", {"_other": 0.7, "_value": 0.5}, "q_home_country=PL"),
]


# the same in English
NOTED_IN_ENGLISH = [
    ("q_home_country", "the UK", {"_other": 0.99}, "q_home_country=GB"),
    ("q_home_country", "U.K.", {"_other": 0.99}, "q_home_country=GB"),
    ("q_home_country", "Holland", {"_other": 0.99}, "q_home_country=NL"),
    ("q_home_country", "brasil", {"_other": 0.99}, "q_home_country=BR"),
    ("q_home_country", "columbia", {"_other": 0.99}, "q_home_country=CO"),
    ("q_home_country", "in the U.S.", {"_value": 0.9}, "q_home_country=US"),
    ("q_home_country", "Germany, her mother is Polish", {"_value": 0.9}, "q_home_country=DE"),
    (
        "q_home_country",
        "we lived in Germany and now they are in Turkey",
        {"_value": 0.9},
        "q_home_country=DE",
    ),
    (
        "q_child_where",
        "we lived in Germany and now they are in Turkey",
        {"_value": 0.9},
        "q_child_where=TR",
    ),
    ("q_child_where", "in the phillipines", {"_value": 0.9}, "q_child_where=PH"),
    ("q_child_where", "where we live", {"same_as_home": 0.9}, "q_child_where=same_as_home"),
    ("q_date", "end of August", {"_value": 0.9}, "q_date=2026-08-21/2026-08-31"),
    # how long it lasts, and nothing to come
    ("q_date", "3 weeks already", {"_value": 0.9}, "q_date=2026-10-29/2026-11-04"),
    ("q_date", "it has not happened", {"not_yet": 0.9}, "q_date=not_yet"),
    ("q_age", "they are 3, 5 and 8", {"_value": 0.9}, "q_age=3+5+8"),
    ("q_age", "I've got three: 13, 9 and 2", {"_value": 0.9}, "q_age=13+9+2"),
    ("q_age", "2 yrs 3 months", {"_other": 0.99}, "q_age=2y3m"),
    ("q_age/2", "five", {"_value": 0.9}, "q_age/2=5"),
]


@pytest.mark.parametrize(("item", "text", "scores", "line"), NOTED_IN_ENGLISH)
def test_a_clear_answer_in_english_is_noted(
    item: str, text: str, scores: dict[str, float], line: str
) -> None:
    found = reading(item, text, scores, "en")
    assert found == Reading(item, line)
    assert parse(line, TODAY)


@pytest.mark.parametrize("text", ["with us", "she lives with us", "bring him back to us"])
def test_us_in_a_sentence_is_no_country(text: str) -> None:
    found = reading("q_child_where", text, {"_value": 0.9}, "en")
    assert found == Reading("q_child_where", None, "utter_checklist_no_country")


@pytest.mark.parametrize(("item", "text", "scores", "line"), NOTED)
def test_a_clear_answer_is_noted(item: str, text: str, scores: dict[str, float], line: str) -> None:
    found = reading(item, text, scores)
    assert found == Reading(item, line)
    assert parse(line, TODAY)


# item, text, scores → why it has to be asked again, and what is offered
ASKED_AGAIN = [
    ("q_documents", "…", {"all": 0.95, "none": 0.67}, "utter_checklist_unclear", ()),
    (
        "q_custody",
        "…",
        {"yes_joint": 0.7, "yes_sole": 0.2, "no": 0.1},
        "utter_checklist_unclear",
        ("q_custody=yes_joint", "q_custody=yes_sole"),
    ),
    # sure, but the second is near
    (
        "q_custody",
        "…",
        {"yes_joint": 0.8, "yes_sole": 0.5},
        "utter_checklist_unclear",
        ("q_custody=yes_joint", "q_custody=yes_sole"),
    ),
    ("q_custody", "…", {"_unclear": 0.9, "no": 0.05}, "utter_checklist_unclear", ()),
    (
        "q_safety",
        "…",
        {"danger": 0.5, "leaving_now": 0.45},
        "utter_checklist_which_danger",
        ("q_safety=danger", "q_safety=leaving_now"),
    ),
    (
        "q_safety",
        "…",
        {"_unclear": 0.9, "no": 0.05},
        "utter_checklist_which_danger",
        ("q_safety=danger", "q_safety=leaving_now"),
    ),
    ("q_proceedings", "…", {"none": 0.9, "case_here": 0.8}, "utter_checklist_unclear", ()),
    ("q_proceedings", "…", {"case_here": 0.9, "case_there": 0.5}, "utter_checklist_unclear", ()),
    ("q_proceedings", "…", {"case_here": 0.9, "_unclear": 0.6}, "utter_checklist_unclear", ()),
    ("q_proceedings", "…", {"case_here": 0.2}, "utter_checklist_unclear", ()),
    (
        "q_child_where",
        "Turkije of Duitsland",
        {"_value": 0.9},
        "problem_countries_several",
        ("q_child_where=TR", "q_child_where=DE"),
    ),
    (
        "q_child_where",
        "iets met Turkije",
        {"_value": 0.3},
        "utter_checklist_unclear",
        ("q_child_where=TR",),
    ),
    ("q_child_where", "ver weg", {"_value": 0.9}, "utter_checklist_no_country", ()),
    ("q_date", "31 februari", {"_value": 0.9}, "problem_date_impossible", ()),
    ("q_date", "volgende maand", {"not_yet": 0.7}, "problem_date_future", ()),
    ("q_date", "lang geleden", {"_value": 0.9}, "utter_checklist_no_date", ()),
    (
        "q_date",
        "12 maart 2025 of 14 juni 2025",
        {"_value": 0.9},
        "utter_checklist_unclear",
        ("q_date=2025-03-12/2025-03-12", "q_date=2025-06-14/2025-06-14"),
    ),
    ("q_age", "99", {"_value": 0.9}, "problem_age", ()),
    ("q_age", "jong", {"_value": 0.9}, "utter_checklist_no_age", ()),
]


@pytest.mark.parametrize(("item", "text", "scores", "reason", "candidates"), ASKED_AGAIN)
def test_an_unclear_answer_is_not_noted_but_asked_again(
    item: str, text: str, scores: dict[str, float], reason: str, candidates: tuple[str, ...]
) -> None:
    assert reading(item, text, scores) == Reading(item, None, reason, candidates)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("q_custody", "wat kost een advocaat?"),
        ("q_proceedings", "wat kost een advocaat?"),
        ("q_home_country", "wat kost een advocaat?"),
        ("q_date", "wat kost een advocaat?"),
        ("q_age", "wat kost een advocaat?"),
        ("q_documents/d_birth", "wat kost een advocaat?"),
        # the country is part of another question
        ("q_home_country", "is Turkije lid van het verdrag?"),
        ("q_home_country", "is Turkey a member of the convention?"),
        ("q_date", "how long have I got after a year?"),
        ("q_age", "what happens when she turns sixteen?"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_message_about_something_else_is_no_answer(item: str, text: str, language: str) -> None:
    scores = {"_other": 0.95, "yes_joint": 0.02, "have": 0.02, "_value": 0.02}
    assert is_no_answer(scores)
    assert reading(item, text, scores, language) is None


# --- properties -------------------------------------------------------------------------------

ITEMS = [*checklist().questions, "q_documents/d_birth", "q_age/2"]


def labels(item: str) -> tuple[str, ...]:
    head = item.partition("/")[0]
    return labels_of("document_status" if item.startswith("q_documents/") else head)


@settings(max_examples=200)
@given(st.data())
def test_whatever_the_scores_what_is_read_can_be_parsed(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(ITEMS))
    scores = {label: data.draw(st.floats(0, 1)) for label in labels(item)}
    words = ["8", "Turkije", "2018", "vorige", "zomer", "31-2-2020", "en", "kinderen", "Polska"]
    text = data.draw(
        st.one_of(st.text(max_size=20), st.lists(st.sampled_from(words)).map(" ".join))
    )
    language = data.draw(st.sampled_from([*languages(), None]))
    found = reading(item, text, scores, language)
    if found is None:
        return
    assert (found.line is None) != (found.reason is None)
    for line in [found.line] if found.line else found.candidates:
        assert parse(line, TODAY)[0] in (item, item.partition("/")[0])


@settings(max_examples=200)
@given(st.text(max_size=40), st.sampled_from([*languages(), None]))
def test_any_text_gives_children_and_days_that_can_be(text: str, language: str | None) -> None:
    values, problem = children(text, language, TODAY)
    assert len(values) <= max(MOST_CHILDREN, len(text))
    assert not (values and problem)
    for first, last in date_ranges(text, language, TODAY):
        assert first <= last


def test_what_has_several_labels_is_a_multiple_question() -> None:
    assert {head for head in heads() if several(head)} == {
        "q_proceedings",
        "q_defences",
        "q_documents",
    }
    assert UNKNOWN in labels_of("q_police")
