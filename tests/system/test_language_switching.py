"""The language of a conversation: chosen, asked for, proposed, adopted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stack import LANGUAGES, Stack, Visitor

Arrive = Callable[..., Visitor]

PAIRS = [(a, b) for a in LANGUAGES for b in LANGUAGES if a != b]
LANGUAGE_BUTTONS = {f'/change_language{{"language": "{code}"}}' for code in LANGUAGES}

# Clearly of its language, and asking the same.
QUESTION = {
    "nl": "Mag ik met mijn kind op vakantie zonder toestemming van de vader?",
    "tr": "Babasının izni olmadan çocuğumla tatile gidebilir miyim?",
    "pl": "Czy mogę pojechać z dzieckiem na wakacje bez zgody ojca?",
    "en": "Can I take my child on holiday without the father's permission?",
}
REQUESTS = {
    "nl": ["Nederlands graag", "kunnen we in het Nederlands verder?"],
    "tr": ["türkçe konuşalım", "turkce lutfen"],
    "pl": ["po polsku proszę", "czy mozemy rozmawiac po polsku"],
    "en": ["in english please", "can we continue in English?"],
}


# Each language is left and come to in both ways.
WAYS = [
    (before, after, ("choice", "button")[(LANGUAGES.index(before) + LANGUAGES.index(after)) % 2])
    for before, after in PAIRS
]


@pytest.mark.parametrize(("before", "after", "way"), WAYS)
def test_the_last_answer_is_said_again_in_the_new_language(
    arrive: Arrive, before: str, after: str, way: str
) -> None:
    visitor = arrive(before)
    first = visitor.press("/hague_costs")
    if way == "choice":
        answer = visitor.choose(after)
    else:
        answer = visitor.press(f'/change_language{{"language": "{after}"}}')
    assert answer.ids == ["utter_language_changed", "utter_hague_costs"]
    assert {message["lang"] for message in answer.messages} == {answer.lang} == {after}
    assert answer.messages[1]["text"] != first.messages[0]["text"]
    assert visitor.press("/menu").lang == after


@pytest.mark.parametrize(
    ("before", "request_", "after"),
    [
        (before, request, after)
        for after, requests in REQUESTS.items()
        for request in requests
        for before in LANGUAGES
        if before != after
    ],
)
def test_a_visitor_may_ask_for_the_language_in_its_own_words(
    arrive: Arrive, before: str, request_: str, after: str
) -> None:
    visitor = arrive(before)
    visitor.press("/border_check")
    answer = visitor.say(request_)
    assert answer.ids == ["utter_language_changed", "utter_border_check"]
    assert {message["lang"] for message in answer.messages} == {after}


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("kunnen we in het Turks verder", "tr"),
        ("ik wil liever Pools praten", "pl"),
        ("kan dit ook in het Engels", "en"),
    ],
)
def test_asking_in_dutch_for_another_language_proposes_no_dutch(
    arrive: Arrive, words: str, after: str
) -> None:
    answer = arrive("nl").say(words)
    assert answer.ids[0] == "utter_language_changed"
    assert "utter_language_proposal" not in answer.ids
    assert answer.lang == after


def test_it_can_be_changed_at_any_turn_and_back(arrive: Arrive) -> None:
    visitor = arrive("nl")
    for after in ("tr", "pl", "nl", "en", "tr"):
        answer = visitor.choose(after)
        assert answer.ids == ["utter_language_changed", "utter_welcome"]
        assert answer.lang == after
    visitor.say(QUESTION["tr"])
    assert visitor.choose("pl").lang == "pl"
    assert visitor.press("/thank").lang == "pl"


def test_what_was_said_about_the_conversation_is_not_said_again(arrive: Arrive) -> None:
    visitor = arrive("nl")
    visitor.press("/lawyer")
    visitor.say("👀👀")
    visitor.press("/change_language")
    assert visitor.choose("pl").ids == ["utter_language_changed", "utter_lawyer"]


def test_the_question_which_language_offers_every_language(arrive: Arrive) -> None:
    answer = arrive("tr").press("/change_language")
    assert answer.ids == ["utter_change_language"]
    assert set(answer.payloads) == LANGUAGE_BUTTONS


@pytest.mark.parametrize(("chosen", "written"), PAIRS)
def test_a_message_in_another_of_our_languages_only_proposes_it(
    arrive: Arrive, chosen: str, written: str
) -> None:
    visitor = arrive(chosen)
    answer = visitor.say(QUESTION[written])
    *answers, proposal = answer.messages
    assert answer.lang == chosen
    assert answers
    assert {message["lang"] for message in answers} == {chosen}
    assert (proposal["id"], proposal["lang"]) == ("utter_language_proposal", written)
    (button,) = proposal["buttons"]
    changed = visitor.press(button["payload"])
    assert changed.lang == written
    assert changed.ids[0] == "utter_language_changed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_in_the_language_chosen_proposes_nothing(arrive: Arrive, language: str) -> None:
    assert "utter_language_proposal" not in arrive(language).say(QUESTION[language]).ids


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_choice_the_language_written_in_is_adopted(arrive: Arrive, language: str) -> None:
    visitor = arrive()
    answer = visitor.say(QUESTION[language])
    assert answer.lang == language
    assert "utter_language_proposal" not in answer.ids
    assert visitor.press("/menu").lang == language


@pytest.mark.parametrize("word", ["tak", "nee", "evet", "ok", "nie", "yes", "no", "112"])
def test_a_short_word_decides_nothing(arrive: Arrive, word: str) -> None:
    for chosen in LANGUAGES:
        answer = arrive(chosen).say(word)
        assert answer.lang == chosen
        assert "utter_language_proposal" not in answer.ids


@pytest.mark.parametrize(
    "text",
    [
        "¿Puedo viajar al extranjero con mi hija sin el permiso de su padre?",
        "Mein Mann hat unsere Tochter in sein Land gebracht, was soll ich jetzt tun?",
        "dove posso trovare il modulo di consenso per il viaggio",
        "Darf ich mit meinem Kind ohne Zustimmung des Vaters ins Ausland reisen?",
        "هل يمكنني السفر مع طفلي دون موافقة الأب؟",
        "Чи можу я поїхати з дитиною за кордон без згоди батька?",
        "Puis-je voyager avec mon enfant sans l'accord du père ?",
    ],
)
@pytest.mark.parametrize("chosen", ["nl", "pl", "en", None])
def test_a_language_it_does_not_speak_gets_the_language_buttons(
    arrive: Arrive, chosen: str | None, text: str
) -> None:
    answer = arrive(chosen).say(text)
    assert answer.ids == ["utter_language_unknown"]
    assert set(answer.payloads) == LANGUAGE_BUTTONS
    assert "112" in answer.text


def test_the_browsers_language_does_not_choose_for_the_visitor(stack: Stack) -> None:
    visitor = Visitor(stack, headers={"Accept-Language": "pl"})
    visitor.start()
    assert visitor.say(QUESTION["tr"]).lang == "tr"


@pytest.mark.parametrize("language", LANGUAGES)
def test_unsure_it_asks_back_with_two_or_three_options(arrive: Arrive, language: str) -> None:
    vague = {
        "nl": ["paspoort", "formulier", "Duitsland", "ik heb een vraag over mijn kind", "papieren"],
        "tr": ["pasaport", "form", "Almanya", "çocuğum hakkında bir sorum var", "kağıtlar"],
        "pl": ["paszport", "formularz", "Niemcy", "mam pytanie o moje dziecko", "papiery"],
        "en": ["passport", "form", "Germany", "I have a question about my child", "papers"],
    }
    asked_back = 0
    for text in vague[language]:
        answer = arrive(language).say(text)
        if answer.ids != ["utter_ask_back"]:
            continue
        asked_back += 1
        *options, other = answer.messages[0]["buttons"]
        assert 2 <= len(options) <= 3, text
        assert other["payload"] == "/menu"
        assert len({option["title"] for option in options}) == len(options)
    assert asked_back, "none of these can be understood for sure"
