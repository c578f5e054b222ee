"""Whether the convention applies with the country named, however the visitor names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stack import Visitor

from bot.languages import languages

Arrive = Callable[..., Visitor]

# What the answer begins with, and the table of states says of the country.
YES = {
    "nl": "{}: het Haags Kinderontvoeringsverdrag geldt tussen dit land en Nederland.",
    "tr": "{}: Bu ülke ile Hollanda arasında Lahey Çocuk Kaçırma Sözleşmesi geçerlidir.",
    "pl": "{}: między tym krajem a Holandią obowiązuje konwencja haska",
    "en": "{}: the Hague Child Abduction Convention applies between this country and",
}
NO = {
    "nl": "{}: dit land doet niet mee",
    "tr": "{}: Bilindiği kadarıyla bu ülke Lahey Çocuk Kaçırma Sözleşmesi'ne taraf değildir.",
    "pl": "{}: o ile wiadomo, ten kraj nie jest stroną",
    "en": "{}: this country does not take part",
}
UNKNOWN = {
    "nl": "{}: Kompas weet niet zeker",
    "tr": "{}: Kompas, Lahey Çocuk Kaçırma Sözleşmesi'nin bu ülke ile Hollanda arasında",
    "pl": "{}: Kompas nie wie na pewno",
    "en": "{}: Kompas is not certain whether",
}

CASES = [
    ("nl", "Is Turkije aangesloten bij het Haags Kinderontvoeringsverdrag?", YES, "Turkije"),
    ("nl", "geldt het haags verdrag ook met polen", YES, "Polen"),
    ("nl", "Doet Marokko mee aan het Haags Kinderontvoeringsverdrag?", YES, "Marokko"),
    ("nl", "Is Egypte aangesloten bij het Haags Kinderontvoeringsverdrag?", NO, "Egypte"),
    ("nl", "Is Andorra aangesloten bij het Haags Kinderontvoeringsverdrag?", UNKNOWN, "Andorra"),
    ("tr", "Almanya Lahey Sözleşmesi'ne taraf mı?", YES, "Almanya"),
    ("tr", "lahey sozlesmesi polonyada gecerli mi", YES, "Polonya"),
    ("tr", "Lahey Sözleşmesi Türkiye'de geçerli mi?", YES, "Türkiye"),
    ("tr", "Mısır Lahey Çocuk Kaçırma Sözleşmesi'ne taraf mı?", NO, "Mısır"),
    ("tr", "Andorra'da Lahey Sözleşmesi geçerli mi?", UNKNOWN, "Andorra"),
    ("pl", "Czy Turcja podpisała konwencję haską?", YES, "Turcja"),
    ("pl", "czy konwencja haska obowiazuje w turcji", YES, "Turcja"),
    ("pl", "Czy konwencja haska obowiązuje z Niemcami?", YES, "Niemcy"),
    ("pl", "Czy Egipt należy do konwencji haskiej?", NO, "Egipt"),
    ("pl", "Czy konwencja haska obowiązuje w Andorze?", UNKNOWN, "Andora"),
    ("en", "Is Turkey part of the Hague Child Abduction Convention?", YES, "Turkey"),
    ("en", "does the hague convention work with poland too", YES, "Poland"),
    ("en", "Has Morocco signed the Hague Convention on child abduction?", YES, "Morocco"),
    ("en", "Is Egypt a member of the Hague Child Abduction Convention?", NO, "Egypt"),
    ("en", "Does the Hague Convention apply in Andorra?", UNKNOWN, "Andorra"),
]


@pytest.mark.parametrize(("language", "question", "status", "country"), CASES)
def test_the_country_named_is_the_one_answered(
    arrive: Arrive, language: str, question: str, status: dict[str, str], country: str
) -> None:
    assert _answer(arrive(language), question).startswith(status[language].format(country))


@pytest.mark.parametrize(
    ("language", "question", "beginning"),
    [
        ("nl", "Geldt het Haags Kinderontvoeringsverdrag ook in België?", "Ja. Het Haags"),
        ("tr", "Belçika Lahey Sözleşmesi'ne taraf mı?", "Evet. Lahey"),
        ("pl", "Czy konwencja haska obowiązuje w Belgii?", "Tak. Między Belgią"),
        ("en", "Does the Hague Child Abduction Convention apply in Belgium?", "Yes. The Hague"),
    ],
)
def test_belgium_has_an_answer_of_its_own(
    arrive: Arrive, language: str, question: str, beginning: str
) -> None:
    assert _answer(arrive(language), question).startswith(beginning)


def test_two_countries_are_answered_both_and_between_them(arrive: Arrive) -> None:
    visitor = arrive("nl")
    visitor.say("Geldt het Haags Kinderontvoeringsverdrag in Turkije en Polen?")
    text = visitor.press("/hague_country").text
    for part in (YES["nl"].format("Turkije"), YES["nl"].format("Polen"), "Turkije en Polen: "):
        assert part in text


@pytest.mark.parametrize("language", languages())
def test_without_a_country_it_says_that_it_depends(arrive: Arrive, language: str) -> None:
    (message,) = arrive(language).press("/hague_country").messages
    assert message["kind"] == "question"


def test_the_country_stays_when_the_language_changes(arrive: Arrive) -> None:
    visitor = arrive("nl")
    _answer(visitor, "Is Egypte aangesloten bij het Haags Kinderontvoeringsverdrag?")
    for language, country in (("pl", "Egipt"), ("en", "Egypt")):
        *_, again = visitor.choose(language).messages
        assert again["text"].startswith(NO[language].format(country))


def test_the_next_country_replaces_the_one_before(arrive: Arrive) -> None:
    visitor = arrive("nl")
    _answer(visitor, "Is Egypte aangesloten bij het Haags Kinderontvoeringsverdrag?")
    text = _answer(visitor, "En is Turkije aangesloten bij het Haags Kinderontvoeringsverdrag?")
    assert "Turkije" in text
    assert "Egypte" not in text


def test_such_questions_are_understood_at_once_or_asked_about(arrive: Arrive) -> None:
    misread = []
    for language, question, _, _ in CASES:
        answer = arrive(language).say(question)
        if "utter_hague_country" not in answer.ids and "/hague_country" not in answer.payloads:
            misread.append((question, answer.ids))
    assert len(misread) <= 0.1 * len(CASES), misread


def _answer(visitor: Visitor, question: str) -> str:
    """Text of the answer; where the question is misread, that of the button after it."""
    answer = visitor.say(question)
    if answer.ids[0] != "utter_hague_country":
        answer = visitor.press("/hague_country")
    assert answer.ids[0] == "utter_hague_country", (question, answer.ids)
    return str(answer.messages[0]["text"])
