"""Whatever is typed: the rules and the components that read it first keep their promises."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from nlu_parts import Parts, message, training_messages
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.languages import fold
from bot.nlu.age_extractor import AgeExtractor
from bot.nlu.country_extractor import CountryExtractor
from bot.nlu.date_extractor import DateExtractor
from bot.nlu.extractor import RuleExtractor
from bot.nlu.language_detector import LANGUAGE, OTHER, LanguageDetector
from bot.nlu.language_request_extractor import LanguageRequestExtractor
from bot.nlu.normalizer import FOLDED, Normalizer
from fuzz import properties

BOUNDED = settings(
    max_examples=150,
    suppress_health_check=list(HealthCheck),
    # the same examples each time: what is new is looked for by hand, with `make fuzz`
    derandomize=True,
)
PIECES = [
    *("3 mei", "31 februari", "over 99999 jaar", "9999", "0000", "29 februari", "geleden", "jaar"),
    *("önce", "9" * 20, "lat", "8", "yaşında", "Türkiye'ye", "do Turcji", "²", "٣", "Ⅷ", "½", "Ǽ"),
    *("vorig", "najbliższy", "+", "/", ".", "-", ":", " ", "\n", "112", "İ", "ı", "\u0307", "ß"),
    *("\ud800", "\u202e", "\u200b", "\x00", "\ufeff", "ﬃ", "e\u0301", "👨‍👩‍👧", "𝒜", "1-1-1"),
    *("31.12.9999", "01.01.0001", "tussen 3 en 5 mei", "half", "bijna", "tweeling", "nu", "{", "}"),
]
ANSWERS = [
    *("q_age=", "q_age/2=", "q_age/12=", "q_date=", "q_home_country=", "q_child_where=", "ZZ"),
    *("q_documents=", "q_documents/", "d_birth", "q_custody=", "q_proceedings=", "same_as_home"),
    *("8y11m", "99", "0m", "23m", "b2020-01-01/2020-01-01", "b0001-01-01/0001-01-01", "?", "+1"),
    *("b9999-12-31/9999-12-31", "0001-01-01/0001-01-01", "9999-12-31/9999-12-31", "unknown", "+"),
    *("2026-02-30/2026-02-30", "not_yet", "none", "all", "one_by_one", "=", "/"),
]


def texts(pieces: list[str]) -> st.SearchStrategy[str]:
    # surrogates too: JSON can carry half a character
    letters = st.characters(blacklist_categories=())
    return st.one_of(
        st.text(letters, max_size=60),
        st.lists(st.sampled_from(pieces), max_size=6).map(" ".join),
        st.lists(st.sampled_from(pieces), max_size=6).map("".join),
    )


typed = texts(PIECES)
languages = st.sampled_from(properties.SPOKEN)


@pytest.mark.parametrize("target", ["normaliser", "extractors", "answers"])
@BOUNDED
@given(text=typed, language=languages)
@example(text="Ǣ Ǽ Ǿ \u1ffd", language=None)
@example(text="", language="nl")
def test_reading_a_text_keeps_its_promises(target: str, text: str, language: str | None):
    properties.TARGETS[target](text, language)


@BOUNDED
@given(line=texts(ANSWERS), language=languages)
def test_an_answer_is_refused_or_can_be_kept_shown_and_judged(line: str, language: str | None):
    properties.TARGETS["payloads"](line, language)


def test_every_sign_of_unicode_is_folded_to_one_that_stays():
    everything = "".join(map(chr, range(0x110000)))
    folded = fold(everything)
    assert len(folded) == len(everything)
    assert [hex(n) for n, (a, b) in enumerate(zip(folded, fold(folded))) if a != b] == []


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> LanguageDetector:
    created: LanguageDetector = Parts(tmp_path_factory.mktemp("language")).create(LanguageDetector)
    created.train(training_messages(["greet", "hague_costs", "threat_abduction"]))
    return created


EXTRACTORS: list[type[RuleExtractor]] = [
    CountryExtractor,
    DateExtractor,
    AgeExtractor,
    LanguageRequestExtractor,
]


@BOUNDED
@given(text=typed)
@example(text="\x00")
@example(text="\ud800" * 20)
@example(text="dag " * 500)
@example(text="שלום " * 400)
def test_a_message_goes_through_the_components(detector: LanguageDetector, text: str):
    read = message(text)
    [read] = detector.process([read])
    for extractor in EXTRACTORS:
        [read] = extractor.create({}, None, None, None).process([read])
    found = read.get(LANGUAGE)
    if read.get(TEXT) and not read.get(TEXT).startswith("/"):
        assert found["name"] in (*properties.SPOKEN, OTHER)
        assert 0 <= found["confidence"] <= 1
    for entity in read.get(ENTITIES, []):
        assert 0 <= entity["start"] < entity["end"] <= len(read.get(TEXT))
    # what a tracker keeps
    json.dumps(read.as_dict()).encode()


@BOUNDED
@given(text=typed)
def test_a_message_normalised_again_stays_as_it_is(text: str):
    once = message(text)
    kept = once.get(TEXT), once.get(FOLDED)
    [again] = Normalizer({}).process([Message(data={TEXT: kept[0]})])
    assert (again.get(TEXT), again.get(FOLDED)) == kept
