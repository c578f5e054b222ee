"""Hard requests: what is said to each kind, where it is said, and that nothing is missing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from nlu_parts import ROOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_file

from bot import catalogue, hard_request_data, hard_requests
from bot.channel import BUTTON_INTENTS, BadRequest, to_rasa_text, with_emergency, with_front_texts
from bot.contacts import contacts
from bot.errors import ProjectFileError
from bot.hard_requests import ENTITY, INTENT, KINDS, RESPONSE
from bot.labelled_messages import NONE
from bot.languages import languages
from bot.nlg import answers
from bot.nlg.generator import CatalogueResponseGenerator
from bot.training_data import contract_intents

DOMAIN = Domain.from_yaml(read_file(str(ROOT / "domain.yml")))
LANGUAGES = list(languages())
WHOLE = [kind for kind in KINDS if hard_requests.own_answer(kind)]
# flight may stand behind these
SAFETY = KINDS[:5]


def said(kind: str, language: str) -> answers.Message:
    """What is said to a request of `kind`."""
    return answers.compose(f"utter_hard_{kind}", language)


# --- the texts ---------------------------------------------------------------------------------

# A text that names one of these tells somebody how. Stems, as they stand in any form of the word.
HINTS = {
    "nl": "nachts|bus|trein|veerboot|luchthaven|schiphol|brussel|duitsland|contant|spyware|airtag|"
    "12 jaar|één ouder|steekproef|schengen|geen vaste controle|douane|digid|vpn|simkaart|kluis",
    "tr": "gece vakti|otobüs|tren|feribot|havalimanı|schiphol|brüksel|almanya|nakit|casus|airtag|"
    "12 yaş|tek ebeveyn|schengen|düzenli bir kontrol|digid|vpn|sim kart|kasa",
    "pl": "w nocy jecha|autobus|pociąg|prom|lotnisk|schiphol|bruksel|niemcz|niemiec|gotówk|szpieg|"
    "airtag|12 lat|jeden rodzic|jednego rodzica|schengen|stałej kontroli|digid|vpn|sejf",
    "en": "at night|coach station|train|ferry|airport|schiphol|brussels|germany|in cash|spyware|"
    "airtag|12 years|one parent|schengen|spot check|no fixed check|digid|vpn|sim card",
}
# Nobody who asks is called any of these, and nobody is told what will happen.
BLAME = {
    "nl": "ontvoerder|dader|crimineel|illegaal|verdacht|schuld|bestraft|u liegt",
    "tr": "kaçıran|suçlu|fail|yasa dışı|şüpheli|kusurlusunuz|cezalandırılacak|yalan söylüyorsunuz",
    "pl": "porywacz|sprawca|przestępc|nielegaln|podejrzan|win[nay] |zostanie ukarany|kłamie",
    "en": r"abductor|offender|illegal|suspect|guilty|will be punished|\blying\b",
}
PROMISE = {
    "nl": r"\d+ ?%|procent|u wint|u krijgt gelijk|zeker terug|garande",
    "tr": r"%|yüzde\b|kazanırsınız|haklısınız|kesinlikle|garanti",
    "pl": r"\d+ ?%|procent|wygra|na pewno|gwarant",
    "en": r"\d+ ?%|per ?cent|will win|certainly|guarantee",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [HINTS, BLAME, PROMISE], ids=["hints", "blame", "promise"])
def test_no_text_helps_the_unlawful_way_nor_blames_nor_promises(
    words: dict[str, str], kind: str, language: str
):
    principle = answers.compose(hard_requests.principle(kind), language)["text"]
    text = f"{said(kind, language)['text']} {principle}".replace("İ", "i").lower()
    assert re.findall(words[language], text) == []


# What is said to somebody who perhaps asked in all fairness refuses nothing.
REFUSAL = {
    "nl": "helpt niet|daar helpt|niet bij",
    "tr": "yardımcı olmaz|yardım etmez",
    "pl": "nie pomaga",
    "en": "does not help",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_principle_is_short_and_refuses_nothing(kind: str, language: str):
    text = answers.compose(hard_requests.principle(kind), language)["text"]
    assert not re.search(REFUSAL[language], text)
    assert "\n" not in text
    assert len(text.split()) <= 55


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAFETY)
def test_who_is_afraid_reads_whom_to_call(kind: str, language: str):
    message = said(kind, language)
    for contact in ("emergency_112", "veilig_thuis", "centrum_iko"):
        assert str(contacts()[contact].phone) in message["text"], contact
        assert f"tel:{contacts()[contact].dial}" in [link["url"] for link in message["links"]]
    assert "/domestic_violence" in [button["payload"] for button in message["buttons"]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WHOLE)
def test_a_person_is_offered_and_112_named(kind: str, language: str):
    message = said(kind, language)
    assert "/ask_human" in [button["payload"] for button in message["buttons"]]
    assert "112" in message["text"]


_COURT = {"nl": "rechter|rechtbank", "tr": "mahkeme", "pl": r"sąd|sądu", "en": "court|judge"}
_JURIST = {
    "nl": "jurist|advocaat",
    "tr": "hukukçu|avukat",
    "pl": "prawnik|adwokat",
    "en": "jurist|lawyer|legal adviser",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in SAFETY if kind != "disable_phone"])
def test_the_lawful_way_through_the_court_is_named(kind: str, language: str):
    text = said(kind, language)["text"]
    assert re.search(_COURT[language], text, re.IGNORECASE)
    assert re.search(_JURIST[language], text, re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_begins_shortly_and_asks_nobody_for_details(kind: str, language: str):
    text = said(kind, language)["text"]
    # the no is one sentence or two, then comes what helps
    assert len(text.partition("\n")[0]) < 330
    assert len(text) < 1900


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prediction_gets_one_paragraph_without_buttons_of_its_own(language: str):
    message = said("prediction", language)
    assert "\n" not in message["text"]
    assert message["buttons"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_that_a_text_speaks_of_is_there(language: str):
    message = said("another_case", language)
    titles = [button["title"] for button in message["buttons"]]
    assert answers.button("ask_human", language)["title"] in titles
    assert answers.button("ask_human", language)["title"] in message["text"]


# --- where it is said --------------------------------------------------------------------------


def user(kind: str | None, intent: str = INTENT, **entities: str) -> UserUttered:
    """A message of the visitor, understood."""
    given = {**({ENTITY: kind} if kind else {}), **entities}
    found = [{"entity": name, "value": value} for name, value in given.items()]
    return UserUttered("…", intent={"name": intent, "confidence": 1.0}, entities=found)


async def generated(key: str, *events: Any) -> dict[str, Any] | None:
    """What the generator makes of `key` after `events`."""
    tracker = DialogueStateTracker.from_events("sender", list(events), slots=DOMAIN.slots)
    return await CatalogueResponseGenerator().generate(key, tracker, "kompas")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WHOLE)
async def test_a_hard_request_gets_the_text_of_its_kind(kind: str, language: str):
    message = await generated(RESPONSE, SlotSet("language", language), user(kind))
    assert message is not None
    assert message["custom"]["id"] == f"utter_hard_{kind}"
    assert message["text"] == said(kind, language)["text"]
    assert "front" not in message["custom"]


async def test_in_another_language_the_latest_is_said_again():
    message = await generated(
        RESPONSE,
        SlotSet("language", "tr"),
        user("another_case"),
        user("disable_phone"),
        user("prediction", "move_abroad_refused"),
        user(None, "change_language", language="pl"),
        SlotSet("language", "pl"),
    )
    assert message is not None
    assert message["text"] == said("disable_phone", "pl")["text"]


@pytest.mark.parametrize("kind", [None, "prediction", "dance"])
async def test_without_a_kind_it_asks_to_say_it_otherwise(kind: str | None):
    message = await generated(RESPONSE, user(kind))
    assert message is not None
    assert message["custom"]["id"] == "utter_rephrase"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_asks_for_a_prediction_gets_the_usual_answer_behind_the_text(language: str):
    message = await generated(
        "utter_move_abroad_refused",
        SlotSet("language", language),
        user("prediction", "move_abroad_refused"),
    )
    assert message is not None
    turn = with_front_texts([{**message["custom"], "text": message["text"], "buttons": []}])
    assert [m["id"] for m in turn] == ["utter_hard_prediction", "utter_move_abroad_refused"]
    assert {m["lang"] for m in turn} == {language}
    assert all("front" not in m for m in turn)


async def test_in_an_emergency_no_prediction_is_spoken_of():
    message = await generated(
        "utter_domestic_violence", user("prediction", "domestic_violence", emergency="violence")
    )
    assert message is not None
    turn = with_emergency(
        with_front_texts([{**message["custom"], "text": message["text"], "buttons": []}])
    )
    assert [m["id"] for m in turn] == ["utter_emergency", "utter_domestic_violence"]


async def test_the_text_is_said_once_however_many_messages_the_turn_has():
    turn = with_front_texts(
        [{"id": key, "lang": "nl", "front": ["utter_hard_prediction"]} for key in ("a", "b")]
    )
    assert [m["id"] for m in turn] == ["utter_hard_prediction", "a", "b"]


def test_no_payload_asks_for_what_no_button_asks():
    intents = frozenset(contract_intents()) | BUTTON_INTENTS
    for payload in (f"/{INTENT}", f'/{INTENT}{{"{ENTITY}": "disable_phone"}}', "/utter_hard_x"):
        with pytest.raises(BadRequest):
            to_rasa_text({"payload": payload}, intents)


def test_the_text_of_a_kind_holds_no_word_of_the_visitor():
    for language in LANGUAGES:
        for kind in KINDS:
            named = catalogue.wording_placeholders(language, f"utter_hard_{kind}")
            assert all(name.startswith(("phone_", "open_")) for name in named)


# --- the file ----------------------------------------------------------------------------------


def test_the_file_has_no_faults():
    assert list(hard_requests.faults()) == []


def test_every_kind_has_its_reasons_written_down():
    page = (ROOT / "docs" / "hard-requests.md").read_text(encoding="utf-8")
    for kind, found in hard_requests.hard_requests().items():
        assert f"| `{kind}`" in page
        assert len(found.reason.split()) > 15, kind


def test_facts_that_a_jurist_must_confirm_are_on_the_page():
    page = (ROOT / "docs" / "hard-requests.md").read_text(encoding="utf-8")
    for kind in KINDS:
        for fact in answers.answers().entries[f"utter_hard_{kind}"].check_facts:
            assert fact in page, (kind, fact)


def test_only_a_prediction_is_followed_by_the_usual_answer():
    found = hard_requests.hard_requests()
    assert [kind for kind in KINDS if found[kind].usual_answer] == ["prediction"]
    assert hard_requests.front_text("prediction") == "utter_hard_prediction"
    assert hard_requests.own_answer("prediction") is None
    assert hard_requests.front_text(None) is hard_requests.own_answer("dance") is None


def _entry(**changes: object) -> str:
    fields = {"response": "utter_x", "usual_answer": "false", "principle": "utter_y"}
    fields = {**fields, "reason": "so", **changes}
    rows = [f"  {name}: {value}" for name, value in fields.items() if value is not None]
    return "\n".join(["prediction:", *rows])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("prediction: [", r"bot/hard_requests\.yml: line \d+: is not YAML"),
        ("- a list", r"bot/hard_requests\.yml: holds no kinds"),
        ("{}", r"bot/hard_requests\.yml: leave_unnoticed is missing"),
        ("dance: {}", r"bot/hard_requests\.yml: dance: is none of leave_unnoticed"),
        (_entry(reason=None), r"bot/hard_requests\.yml: prediction: needs exactly response"),
        (_entry(reason="''"), r"bot/hard_requests\.yml: prediction: reason is no text"),
        (_entry(usual_answer="maybe"), r".*prediction: usual_answer is no yes or no"),
        (_entry(response="3"), r".*prediction: response is no text"),
    ],
)
def test_a_fault_of_the_file_is_named_with_its_remedy(text: str, fault: str):
    with pytest.raises(ProjectFileError) as caught:
        hard_requests.parse(text)
    found = [line for line in caught.value.faults if re.match(fault, line)]
    assert found, caught.value.faults
    assert re.search(r"\. [A-Z].*\.$", found[0])


def test_a_text_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch):
    entries = {**hard_requests.hard_requests()}
    for kind, response in (
        ("prediction", "utter_nowhere"),
        ("another_case", "utter_greet"),
        ("disable_phone", "utter_hard_papers_secretly"),
    ):
        entries[kind] = hard_requests.HardRequest(kind, response, False, "utter_lost", "so")
    monkeypatch.setattr(hard_requests, "hard_requests", lambda: entries)
    found = list(hard_requests.faults())
    assert any("prediction: utter_nowhere has no entry" in fault for fault in found)
    assert any("prediction: utter_lost has no entry" in fault for fault in found)
    assert any("another_case: utter_greet names no facts" in fault for fault in found)
    assert any("utter_hard_papers_secretly is the text of two kinds" in fault for fault in found)


# --- how people put it -------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(hard_request_data.DATA, tmp_path / "hard_requests"))


def test_the_messages_have_no_faults():
    assert list(hard_request_data.faults()) == []


def test_every_language_has_messages_of_every_kind_and_lawful_ones():
    found = {(message.language, message.kind) for message in hard_request_data.messages()}
    assert found == {(language, kind) for language in LANGUAGES for kind in (*KINDS, NONE)}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("prediction", "messages: [", "is not YAML"),
        ("prediction", "- a list", "needs exactly messages"),
        ("prediction", "messages: help", "is no list"),
        ("prediction", "messages: [no]", "message 1 is no text"),
        ("prediction", "messages: [help]", "has 1 messages"),
        ("dance", "messages: [help]", "is none of leave_unnoticed"),
        ("lawful", None, "is missing"),
    ],
)
def test_a_fault_of_the_messages_names_file_and_remedy(
    folder: Path, name: str, content: str | None, fault: str
):
    path = folder / "tr" / f"{name}.yml"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    found = [each for each in hard_request_data.faults(folder) if fault in each]
    assert found, list(hard_request_data.faults(folder))
    assert found[0].startswith(f"data/hard_requests/tr/{name}.yml: ")
    assert found[0].endswith(".")


def test_a_message_under_two_kinds_is_a_fault_that_does_not_repeat_it(folder: Path):
    message = hard_request_data.messages_of(folder / "pl" / "prediction.yml")[0]
    with (folder / "pl" / "lawful.yml").open("a", encoding="utf-8") as file:
        file.write(f"- {message.text.upper()!r}\n")
    [fault] = hard_request_data.faults(folder)
    assert "stands as prediction in prediction.yml too" in fault
    assert message.text.upper() not in fault
