"""Whole walks through the checklist on the real stack: to every end, typed, corrected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from checklist_steps import (
    DETAILS,
    DOCUMENTS,
    NOTE,
    ORDER,
    QUESTION,
    RESTART,
    RESULT,
    START,
    answer,
    asked,
    correct,
    days_ago,
    detail,
    said,
    walk_all,
    walk_to,
)
from stack import LANGUAGES, Answer, Visitor, in_turn

from bot.checklist.questions import checklist
from bot.contacts import contacts

Arrive = Callable[..., Visitor]


def _progress(reply: Answer) -> tuple[int, int]:
    progress = reply.messages[-1]["progress"]
    return progress["step"], progress["of"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_the_first_buttons_one_comes_to_the_result(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    reply = visitor.press(START)
    steps, turns = [], 0
    while reply.ids[-1] == QUESTION:
        item = asked(reply)
        assert reply.messages[-1]["question_id"] == str(item).partition("/")[0]
        steps.append(_progress(reply))
        if item == "q_date":
            reply = visitor.press(answer("q_date", days_ago(40)))
        elif item == "q_age":
            reply = visitor.press(answer("q_age", "8"))
        else:
            # of the countries the first is home, the third is where the child is
            position = 2 if item == "q_child_where" else 0
            reply = visitor.press(reply.messages[-1]["buttons"][position]["payload"])
        turns += 1
        assert turns < 20, steps
    result = reply.messages[-1]
    assert result["id"] == RESULT
    assert result["verdict"] == "ok"
    assert [file["type"] for file in result["downloads"]] == ["application/pdf", "text/calendar"]
    assert [step for step, _ in steps] == list(range(1, len(ORDER) + 1))
    assert {of for _, of in steps} == {len(ORDER)}


TYPED = {
    "nl": {
        "q_safety": "nee, er is nu geen gevaar",
        "q_role": "ik ben de moeder en ik wil mijn kind terug",
        "q_home_country": "Nederland",
        "q_child_where": "in Turkije",
        "q_age": "ze is 8 jaar",
        "q_event": "ze is niet teruggebracht na de vakantie",
        "q_date": "zes weken geleden",
        "q_residence_facts": "ja, ze woonde hier al jaren, school en alles",
        "q_custody": "we hebben samen gezag",
        "q_custody_exercised": "ja, ik zorgde elke dag voor haar",
        "q_consent": "nee, nooit",
        "q_acquiescence": "nee, dat heb ik nooit gezegd",
        "q_whereabouts": "ja, ik weet het adres",
        "q_proceedings": "nee, er is geen zaak en geen uitspraak",
        "q_defences": "geen idee wat hij zal zeggen",
        "q_agreement": "ja, ik wil wel praten",
        "q_police": "nee, nog niet",
        "q_documents": "ik heb alle papieren",
    },
    "tr": {
        "q_safety": "hayır, şu anda tehlike yok",
        "q_role": "çocuğun annesiyim, çocuğumu geri istiyorum",
        "q_home_country": "Hollanda",
        "q_child_where": "Türkiye'de",
        "q_age": "8 yaşında",
        "q_event": "tatilden sonra geri getirmedi",
        "q_date": "altı hafta önce",
        "q_residence_facts": "evet, yıllardır orada yaşıyordu, okulu da oradaydı",
        "q_custody": "velayet ikimizde, ortak",
        "q_custody_exercised": "evet, her gün ben bakıyordum",
        "q_consent": "hayır, asla",
        "q_acquiescence": "hayır, öyle bir şey demedim",
        "q_whereabouts": "evet, adresini biliyorum",
        "q_proceedings": "hayır, dava da karar da yok",
        "q_defences": "ne diyeceğini bilmiyorum",
        "q_agreement": "evet, konuşabiliriz",
        "q_police": "hayır, henüz gitmedim",
        "q_documents": "bütün belgeler bende var",
    },
    "pl": {
        "q_safety": "nie, teraz nie ma zagrożenia",
        "q_role": "jestem matką i chcę odzyskać dziecko",
        "q_home_country": "Holandia",
        "q_child_where": "w Turcji",
        "q_age": "ma 8 lat",
        "q_event": "nie przywiózł jej z powrotem po wakacjach",
        "q_date": "sześć tygodni temu",
        "q_residence_facts": "tak, mieszkała tam od lat, chodziła do szkoły",
        "q_custody": "mamy wspólną władzę rodzicielską",
        "q_custody_exercised": "tak, codziennie się nią zajmowałam",
        "q_consent": "nie, nigdy",
        "q_acquiescence": "nie, nic takiego nie mówiłam",
        "q_whereabouts": "tak, znam adres",
        "q_proceedings": "nie, nie ma żadnej sprawy ani wyroku",
        "q_defences": "nie wiem, co powie",
        "q_agreement": "tak, możemy rozmawiać",
        "q_police": "nie, jeszcze nie",
        "q_documents": "mam wszystkie dokumenty",
    },
    "en": {
        "q_safety": "no, there is no danger right now",
        "q_role": "I'm the mother and I want my child back",
        "q_home_country": "the Netherlands",
        "q_child_where": "in Turkey",
        "q_age": "she's 8 years old",
        "q_event": "he didn't bring her back after the holiday",
        "q_date": "six weeks ago",
        "q_residence_facts": "yes, she had lived here for years, school and everything",
        "q_custody": "we have joint custody",
        "q_custody_exercised": "yes, I took care of her every day",
        "q_consent": "no, never",
        "q_acquiescence": "no, I never said anything like that",
        "q_whereabouts": "yes, I know the address",
        "q_proceedings": "no, there's no case and no decision",
        "q_defences": "no idea what he will say",
        "q_agreement": "yes, I'd be willing to talk",
        "q_police": "no, not yet",
        "q_documents": "I have all the papers",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_typed_walk_ends_within_twenty_turns(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    reply = visitor.press(START)
    turns, again = 1, []
    while reply.ids[-1] == QUESTION:
        item = str(asked(reply))
        reply = visitor.say(TYPED[language][item])
        turns += 1
        assert reply.lang == language
        if asked(reply) == item:
            again.append((TYPED[language][item], reply.ids))
            # as a parent does who is asked again with buttons
            reply = visitor.press(answer(item, _BUTTON_FOR[item]))
            turns += 1
        assert turns <= 40, again
    assert reply.messages[-1]["verdict"] == "ok"
    assert len(reply.messages[-1]["downloads"]) == 2
    assert turns < 20, again


_BUTTON_FOR = {
    "q_safety": "no",
    "q_role": "left_behind_parent",
    "q_home_country": "NL",
    "q_child_where": "TR",
    "q_age": "8",
    "q_event": "not_returned",
    "q_date": days_ago(42),
    "q_residence_facts": "yes_for_longer",
    "q_custody": "yes_joint",
    "q_custody_exercised": "yes",
    "q_consent": "no",
    "q_acquiescence": "no",
    "q_whereabouts": "address",
    "q_proceedings": "none",
    "q_defences": "unknown",
    "q_agreement": "yes",
    "q_police": "no",
    "q_documents": "all",
}

# route, the answers that lead to it (the last one does), kind of the message
ROUTES = [
    ("route_safety", {"q_safety": "danger"}, "emergency"),
    ("route_threat", {"q_safety": "leaving_now"}, "emergency"),
    ("route_taking_parent", {"q_role": "taking_parent"}, "card"),
    ("route_domestic", {"q_home_country": "NL", "q_child_where": "NL"}, "card"),
    ("route_domestic", {"q_home_country": "PL", "q_child_where": "same_as_home"}, "card"),
    ("route_incoming", {"q_home_country": "PL", "q_child_where": "NL"}, "card"),
    ("route_incoming", {"q_home_country": "TR", "q_child_where": "BE"}, "card"),
    ("route_non_hague_NL", {"q_home_country": "NL", "q_child_where": "IN"}, "card"),
    ("route_non_hague_BE", {"q_home_country": "BE", "q_child_where": "IN"}, "card"),
    ("route_non_hague_other", {"q_home_country": "PL", "q_child_where": "IN"}, "card"),
    ("route_sixteen", {"q_age": "16"}, "card"),
    ("route_sixteen", {"q_age": "16+17"}, "card"),
    ("route_threat", {"q_date": "not_yet"}, "emergency"),
]


@pytest.mark.parametrize(("route", "answers", "kind"), ROUTES)
def test_a_branch_leads_to_its_route_and_back(
    arrive: Arrive, route: str, answers: dict[str, str], kind: str
) -> None:
    visitor = arrive("nl")
    last = list(answers)[-1]
    walk_to(visitor, last, answers)
    for language in LANGUAGES:
        visitor.choose(language)
        reply = visitor.press(answer(last, answers[last]))
        result = reply.messages[-1]
        assert (result["id"], result["kind"], result["lang"]) == (RESULT, kind, language)
        assert said(route, language) in result["text"]
        assert ("/ask_human" in reply.payloads) and ("/correct_answer" in reply.payloads)
        assert any(link["url"].startswith("tel:") for link in result["links"])
        if kind == "emergency":
            assert result["links"][0]["url"] == "tel:112"
        texts = {said(route, each) for each in LANGUAGES}
        assert len(texts) == len(LANGUAGES)
    better = {"q_home_country": "NL", "q_child_where": "TR"}.get(last, _BUTTON_FOR[last])
    reply = visitor.press(answer(last, better))
    if answers.get("q_home_country") in (None, "NL"):
        assert asked(reply) == ORDER[ORDER.index(last) + 1], "an answer changed leads back"


def test_every_route_of_the_file_is_reached() -> None:
    tested = {route for route, _, _ in ROUTES}
    for route in checklist().routes:
        assert any(each.startswith(route) for each in tested), route


def test_the_verdict_follows_the_answers(arrive: Arrive) -> None:
    visitor = arrive("nl")
    reply = walk_all(visitor)
    assert reply.messages[-1]["verdict"] == "ok"
    for item, value, verdict in (
        ("q_consent", "yes", "jurist"),
        ("q_consent", "no", "ok"),
        ("q_date", days_ago(500), "attention"),
        ("q_date", days_ago(20), "ok"),
        ("q_custody", "unknown", "jurist"),
        ("q_custody", "yes_sole", "ok"),
        ("q_custody_exercised", "little", "attention"),
    ):
        reply = visitor.press(answer(item, value))
        assert reply.ids == [NOTE, RESULT]
        assert reply.messages[-1]["verdict"] == verdict, (item, value)


# --- children --------------------------------------------------------------------------------


TOGETHER = {"nl": "8 en 10", "tr": "8 ve 10", "pl": "8 i 10 lat", "en": "8 and 10"}
TWO = {
    "nl": "ik heb twee kinderen",
    "tr": "iki çocuğum var",
    "pl": "mam dwoje dzieci",
    "en": "I have two children",
}
ONE_CHILD = {"nl": "8 jaar", "tr": "8 yaşında", "pl": "8 lat", "en": "8 years old"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_children_are_told_at_once(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_age")
    reply = visitor.say(TOGETHER[language])
    assert asked(reply) == "q_event", reply.ids
    assert _progress(reply) == (7, len(ORDER) + 1)
    noted = reply.messages[0]["text"]
    assert "8" in noted and "10" in noted


@pytest.mark.parametrize("language", LANGUAGES)
def test_children_whose_number_is_told_are_asked_one_by_one(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_age")
    reply = visitor.say(TWO[language])
    assert asked(reply) == "q_age/1", reply.ids
    assert _progress(reply) == (5, len(ORDER) + 1)
    reply = visitor.say(ONE_CHILD[language])
    assert asked(reply) == "q_age/2"
    reply = visitor.say("15")
    assert asked(reply) == "q_event"
    near = said("q_age_tell_from_15_under_16", language)
    assert near in reply.messages[0]["text"]


def test_one_more_child_is_added_with_a_button(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_age")
    reply = visitor.say("8")
    assert answer("q_age", "+1") in reply.payloads
    reply = visitor.press(answer("q_age", "+1"))
    assert asked(reply) == "q_age/2"
    said_of_the_child_to_come = said("q_age_tell_unknown", "nl")
    assert said_of_the_child_to_come not in reply.text, "nobody has said 'I don't know' yet"
    reply = visitor.say("10")
    assert asked(reply) == "q_event"
    assert _progress(reply) == (7, len(ORDER) + 1)


# --- corrections -------------------------------------------------------------------------------


NAMED = [
    ("nl", "q_child_where", "ik wil het land waar het kind nu is veranderen"),
    ("nl", "q_date", "de datum klopt niet, die wil ik veranderen"),
    ("nl", "q_age", "mijn antwoord over de leeftijd was fout"),
    ("tr", "q_child_where", "çocuğun şimdi bulunduğu ülkeyi değiştirmek istiyorum"),
    ("tr", "q_date", "tarihi yanlış yazdım, değiştirmek istiyorum"),
    ("tr", "q_age", "çocuğun yaşını düzeltmek istiyorum"),
    ("pl", "q_child_where", "chcę zmienić kraj, w którym jest teraz dziecko"),
    ("pl", "q_date", "źle podałam datę, chcę ją zmienić"),
    ("pl", "q_age", "chcę poprawić wiek dziecka"),
    ("en", "q_child_where", "I want to change the country where my child is now"),
    ("en", "q_date", "the date I gave is wrong, I want to change it"),
    ("en", "q_age", "I made a mistake about my child's age"),
]


@pytest.mark.parametrize(("language", "item", "text"), NAMED)
def test_an_item_named_in_words_is_asked_again(
    arrive: Arrive, language: str, item: str, text: str
) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_custody")
    reply = visitor.say(text)
    assert NOTE not in reply.ids
    if asked(reply) != item:
        # not understood quite: then which one is asked, or offered; never another one
        assert "/correct_answer" in reply.payloads or correct(item) in reply.payloads, reply.ids
        assert asked(reply) in (None, "q_custody")
        reply = visitor.press(correct(item))
    reply = visitor.press(answer(item, _BUTTON_FOR[item]))
    assert reply.ids[0] == NOTE
    assert asked(reply) == "q_custody", reply.ids


COUNTRIES = {"nl": "Turkije", "tr": "Türkiye", "pl": "Turcja", "en": "Turkey"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("item", ["q_home_country", "q_child_where"])
def test_a_country_that_has_a_language_is_taken_as_a_country(
    arrive: Arrive, language: str, item: str
) -> None:
    visitor = arrive(language)
    walk_to(visitor, item)
    reply = visitor.say(COUNTRIES[language])
    assert reply.ids[0] == NOTE, reply.ids
    assert asked(reply) == ORDER[ORDER.index(item) + 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_item_is_chosen_from_the_list_of_answers(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_custody")
    reply = visitor.press("/correct_answer")
    assert reply.ids == ["utter_checklist_which_item"]
    assert [p for p in reply.payloads if "item" in p] == [
        correct(name) for name in ORDER[: ORDER.index("q_custody")]
    ]
    reply = visitor.press(START)
    assert asked(reply) == "q_custody", "or nothing is changed"
    visitor.press("/correct_answer")
    reply = visitor.press(correct("q_event"))
    assert asked(reply) == "q_event"
    reply = visitor.press(answer("q_event", "not_returned"))
    assert asked(reply) == "q_custody"
    title = said("q_event_title", language)
    assert title in reply.messages[0]["text"]


AT_ONCE = {
    "nl": "correctie: ze is 9, niet 8",
    "tr": "düzeltme: 9 yaşında, 8 değil",
    "pl": "poprawka: ma 9 lat, nie 8",
    "en": "correction: she's 9, not 8",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_with_its_value_is_not_lost(arrive: Arrive, language: str) -> None:
    visitor = arrive(language)
    walk_to(visitor, "q_event")
    reply = visitor.say(AT_ONCE[language])
    # noted at once, or the question comes again: never taken for an answer to another one
    ways = (asked(reply) == "q_age", NOTE in reply.ids and asked(reply) == "q_event")
    assert any(ways) or reply.ids == ["utter_checklist_which_item"], reply.ids


def test_what_depends_on_a_corrected_answer_is_told_anew(arrive: Arrive) -> None:
    visitor = arrive("nl")
    reply = walk_all(visitor)
    authority = contacts()["central_authority_nl"].names["nl"]
    assert authority in reply.messages[-1]["text"]
    reply = visitor.press(answer("q_home_country", "BE"))
    assert contacts()["federal_contact_point_be"].names["nl"] in reply.messages[-1]["text"]
    assert authority not in reply.messages[-1]["text"]
    reply = visitor.press(answer("q_home_country", "TR"))
    assert said("route_domestic", "nl") in reply.messages[-1]["text"], "both are Türkiye now"
    reply = visitor.press(answer("q_child_where", "NL"))
    assert said("route_incoming", "nl") in reply.messages[-1]["text"]
    visitor.press(answer("q_child_where", "TR"))
    reply = visitor.press(answer("q_home_country", "NL"))
    assert reply.messages[-1]["verdict"] == "ok", "what was answered further on is still there"


def test_a_button_further_up_changes_that_answer(arrive: Arrive) -> None:
    visitor = arrive("nl")
    reply = walk_to(visitor, "q_consent")
    before = _progress(reply)
    reply = visitor.press(answer("q_role", "professional"))
    assert reply.ids == [NOTE, QUESTION]
    assert said("q_role_option_professional", "nl") in reply.messages[0]["text"]
    assert (asked(reply), _progress(reply)) == ("q_consent", before)


def test_buttons_after_the_end_change_the_result(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_all(visitor)
    reply = visitor.press(answer("q_safety", "danger"))
    assert reply.ids == [NOTE, RESULT]
    assert reply.messages[-1]["kind"] == "emergency"
    reply = visitor.press(answer("q_safety", "no"))
    assert reply.messages[-1]["verdict"] == "ok"
    reply = visitor.press(answer("q_age", "+1"))
    assert asked(reply) == "q_age/2", "a child that is added is asked for"
    assert visitor.press(answer("q_age/2", "12")).ids == [RESULT]
    assert visitor.press(START).ids == [RESULT]


def test_a_new_beginning_forgets_everything(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_age")
    reply = visitor.press(RESTART)
    assert reply.ids == ["utter_checklist_restarted", QUESTION]
    assert asked(reply) == "q_safety"
    assert _progress(reply)[0] == 1
    assert visitor.press("/correct_answer").ids == ["utter_checklist_nothing_to_change", QUESTION]
    assert asked(visitor.press(answer("q_safety", "no"))) == "q_role"


@pytest.mark.parametrize("payload", [answer("q_safety", "no"), detail("conditions"), "/cancel"])
def test_buttons_of_a_list_that_was_not_begun_say_so(arrive: Arrive, payload: str) -> None:
    reply = arrive("nl").press(payload)
    assert reply.ids in (["utter_checklist_not_running"], ["utter_cancel"])


@pytest.mark.parametrize(
    "value",
    [
        "q_safety=maybe",
        "q_nothing=no",
        "q_age/99=8",
        "q_date=2026-02-31/2026-02-31",
        "q_age=b2031-01-01",
        "q_documents=d_none",
        "q_safety",
        "",
    ],
)
def test_an_answer_that_no_button_has_is_refused(arrive: Arrive, value: str) -> None:
    visitor = arrive("nl")
    visitor.press(START)
    refused = visitor.press(f'/checklist_answer{{"answer": "{value}"}}')
    assert (refused.status, refused.body["error"]) == (400, "malformed")
    assert asked(visitor.press("/why_ask")) == "q_safety"


# --- what cannot be ------------------------------------------------------------------------------


def _asked_again(visitor: Visitor, item: str, language: str, reply: Answer) -> Answer:
    """A friendly sentence, the same question, nothing noted."""
    assert NOTE not in reply.ids, reply.ids
    assert len(reply.ids) == 2, reply.ids
    assert asked(reply) == item, reply.ids
    assert reply.lang == language
    return reply


IMPOSSIBLE = [
    ("nl", "q_date", "31 februari", "problem_date_impossible"),
    ("nl", "q_date", "31-02-2026", "problem_date_impossible"),
    ("tr", "q_date", "31 şubat", "problem_date_impossible"),
    ("pl", "q_date", "31 lutego", "problem_date_impossible"),
    ("en", "q_date", "31 February", "problem_date_impossible"),
    ("en", "q_date", "31/02/2026", "problem_date_impossible"),
    ("nl", "q_date", "12 januari 2035", "problem_date_future"),
    ("tr", "q_date", "12 Ocak 2035", "problem_date_future"),
    ("pl", "q_date", "12 stycznia 2035", "problem_date_future"),
    ("en", "q_date", "12 January 2035", "problem_date_future"),
    ("nl", "q_date", "5 mei 1990", "problem_date_old"),
    ("en", "q_date", "May 5th 1990", "problem_date_old"),
    ("nl", "q_age", "99", "problem_age"),
    ("tr", "q_age", "99 yaşında", "problem_age"),
    ("pl", "q_age", "ma 99 lat", "problem_age"),
    ("en", "q_age", "he's 99 years old", "problem_age"),
    ("nl", "q_age", "geboren op 3 maart 2031", "problem_birth_future"),
    ("tr", "q_age", "3 Mart 2031 doğumlu", "problem_birth_future"),
    ("pl", "q_age", "urodzona 3 marca 2031", "problem_birth_future"),
    ("en", "q_age", "born on 3 March 2031", "problem_birth_future"),
    ("nl", "q_home_country", "Absurdistan", "utter_checklist_no_country"),
    ("tr", "q_home_country", "Absürdistan", "utter_checklist_no_country"),
    ("pl", "q_home_country", "Absurdystan", "utter_checklist_no_country"),
    ("en", "q_home_country", "Absurdistan", "utter_checklist_no_country"),
    ("nl", "q_child_where", "Duitsland of Frankrijk", "problem_countries_several"),
    ("en", "q_child_where", "Germany or France", "problem_countries_several"),
]


@pytest.mark.parametrize(("language", "item", "text", "reason"), IMPOSSIBLE)
def test_what_cannot_be_is_said_and_asked_again(
    arrive: Arrive, language: str, item: str, text: str, reason: str
) -> None:
    visitor = arrive(language)
    before = _progress(walk_to(visitor, item))
    reply = _asked_again(visitor, item, language, visitor.say(text))
    assert reply.ids[0] == reason
    assert _progress(reply) == before


def test_a_birth_after_the_event_is_not_noted(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_date", {"q_age": "3m"})
    reply = _asked_again(visitor, "q_date", "nl", visitor.say("twee jaar geleden"))
    assert reply.ids[0] == "problem_date_before_birth"
    assert "/correct_answer" in reply.payloads
    reply = visitor.press(answer("q_date", days_ago(20)))
    assert asked(reply) == "q_residence_facts"
    visitor.press(answer("q_age", "8"))
    visitor.press(answer("q_date", days_ago(700)))
    reply = _asked_again(visitor, "q_residence_facts", "nl", visitor.press(answer("q_age", "3m")))
    assert reply.ids[0] == "problem_age_event"


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("q_proceedings", "none+case_there"),
        ("q_defences", "nothing+settled"),
        ("q_defences", "child_objects+unknown"),
    ],
)
def test_none_and_something_else_do_not_go_together(arrive: Arrive, item: str, value: str) -> None:
    visitor = arrive("nl")
    walk_to(visitor, item)
    reply = _asked_again(visitor, item, "nl", visitor.press(answer(item, value)))
    assert reply.ids[0] == "problem_none_and_more"


def test_several_that_do_go_together_are_noted(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_proceedings")
    reply = visitor.press(answer("q_proceedings", "case_here+decision_before"))
    assert asked(reply) == "q_defences"
    assert said("q_proceedings_tell_case_here", "nl") in reply.text


# --- what is typed in need, and in another language --------------------------------------------


NOW = {
    "nl": "ik ben bang dat hij ze nu meeneemt naar het vliegveld",
    "tr": "şu anda havaalanındalar, götürüyor",
    "pl": "są teraz na lotnisku, zabiera dziecko",
    "en": "I'm scared he is taking them to the airport right now",
}
BEATEN = {
    "nl": "mijn man slaat mij en de kinderen",
    "tr": "kocam beni ve çocukları dövüyor",
    "pl": "mąż bije mnie i dzieci",
    "en": "my husband hits me and the kids",
}
CRIES = [
    pytest.param(language, item, cry, id=f"{language}-{item}-{name}")
    for start, (name, cry) in enumerate({"a departure": NOW, "violence": BEATEN}.items())
    for number, item in enumerate(["q_role", "q_date", "q_defences"], start)
    for language in in_turn(number)
]


@pytest.mark.parametrize(("language", "item", "said_in_need"), CRIES)
def test_a_cry_for_help_is_heard_whatever_is_asked(
    arrive: Arrive, language: str, item: str, said_in_need: dict[str, str]
) -> None:
    visitor = arrive(language)
    walk_to(visitor, item)
    reply = visitor.say(said_in_need[language])
    assert "112" in reply.text, reply.ids
    assert reply.ids[-1] != RESULT, "it says nothing of who one is"


IN_SPAIN = {"nl": "in Spanje", "tr": "İspanya'da", "pl": "w Hiszpanii", "en": "in Spain"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_typed_answer_is_confirmed_also_after_a_change_of_language(
    arrive: Arrive, language: str
) -> None:
    visitor = arrive(LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)])
    walk_to(visitor, "q_child_where")
    assert asked(visitor.choose(language)) == "q_child_where"
    reply = visitor.say(IN_SPAIN[language])
    assert asked(reply) == "q_age", reply.ids
    assert said("q_child_where_title", language) in reply.messages[0]["text"], "what was noted"


# --- documents and the result -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "have"), [("d_form+d_birth", 2), ("all", len(DOCUMENTS)), ("none", 0), ("unknown", 0)]
)
def test_documents_are_ticked_together(arrive: Arrive, value: str, have: int) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_documents")
    reply = visitor.press(answer("q_documents", value))
    assert reply.ids[-1] == RESULT
    shown = visitor.press(detail("documents")).text
    label = said("label_have", "nl")
    assert shown.count(f"– {label} ·") == have


def test_documents_are_gone_through_one_by_one(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_to(visitor, "q_documents")
    reply = visitor.press(answer("q_documents", "one_by_one"))
    states = ("have", "can_get", "not_available", "unknown")
    last = 0
    for number, document in enumerate(DOCUMENTS):
        assert asked(reply) == f"q_documents/{document}"
        step, of = _progress(reply)
        assert of == len(ORDER) + len(DOCUMENTS)
        assert step > last
        last = step
        assert said(f"{document}_name", "nl") in reply.messages[-1]["text"]
        reply = visitor.press(answer(f"q_documents/{document}", states[number % len(states)]))
    assert reply.ids[-1] == RESULT
    shown = visitor.press(detail("documents")).text
    for key in ("label_have", "label_get", "label_missing", "label_doc_unknown"):
        assert f"– {said(key, 'nl')} ·" in shown


@pytest.mark.parametrize("home", ["NL", "BE", "PL"])
def test_the_details_hold_what_they_name_in_every_language(arrive: Arrive, home: str) -> None:
    visitor = arrive("nl")
    walk_all(visitor, {"q_home_country": home, "q_documents": "none", "q_consent": "yes"})
    texts: dict[str, list[str]] = {part: [] for part in (*DETAILS, RESULT)}
    for language in LANGUAGES:
        visitor.choose(language)
        result = visitor.press(START).messages[-1]
        assert (result["id"], result["lang"]) == (RESULT, language)
        texts[RESULT].append(result["text"])
        for part in DETAILS:
            reply = visitor.press(detail(part))
            assert reply.ids == [f"utter_checklist_{part}"]
            assert reply.lang == language
            texts[part].append(reply.text)
            others = [p for p in reply.payloads if "part" in p]
            assert others == [detail(other) for other in DETAILS if other != part]
        _assert_details(home, language, {part: shown[-1] for part, shown in texts.items()})
    for part, shown in texts.items():
        assert len(set(shown)) == len(LANGUAGES), part


@pytest.mark.parametrize("part", DETAILS)
def test_a_detail_follows_a_change_of_language(arrive: Arrive, part: str) -> None:
    visitor = arrive("nl")
    walk_all(visitor, {"q_consent": "yes"})
    visitor.press(detail(part))
    for language in ("pl", "en"):
        reply = visitor.choose(language)
        assert reply.ids == ["utter_language_changed", f"utter_checklist_{part}"]
        assert reply.lang == language


def _assert_details(home: str, language: str, texts: dict[str, str]) -> None:
    side = home if home in ("NL", "BE") else "BE"
    for condition in checklist().conditions[side]:
        key = f"condition_{condition.id}"
        assert said(key, language) in texts["conditions"]
    assert said("q_consent_title", language) in texts["points"]
    for document in DOCUMENTS:
        assert said(f"{document}_name", language) in texts["documents"]
    for limit in ("t_one_year", "t_sixteen", "t_quick"):
        rule = said(f"{limit}_rule", language)
        assert rule in texts["deadlines"], limit
    submitted = {"NL": "central_authority_nl", "BE": "federal_contact_point_be"}.get(home)
    if submitted:
        contact = contacts()[submitted]
        assert contact.names[language] in texts["submission"]
        for value in (contact.address, contact.email):
            assert not value or value in texts["submission"]


def test_the_european_terms_are_told_only_within_europe(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_all(visitor, {"q_child_where": "PL"})
    rules = {
        limit: said(f"{limit}_rule", "nl")
        for limit in ("t_six_weeks", "t_six_weeks_eu", "t_three_months", "t_appeal_nl")
    }
    told = visitor.press(detail("deadlines")).text
    assert rules["t_six_weeks_eu"] in told and rules["t_three_months"] in told
    assert rules["t_appeal_nl"] not in told
    visitor.press(answer("q_child_where", "TR"))
    told = visitor.press(detail("deadlines")).text
    assert rules["t_six_weeks"] in told and rules["t_three_months"] not in told


def test_without_a_point_the_detail_says_so(arrive: Arrive) -> None:
    visitor = arrive("nl")
    walk_all(visitor)
    assert visitor.press(detail("points")).ids == ["utter_checklist_no_points"]
