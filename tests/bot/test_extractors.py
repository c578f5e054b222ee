"""The extractors as components; what is found in a text is tested with the rules in bot/."""

from __future__ import annotations

import pytest
from nlu_parts import Parts, message
from rasa.shared.nlu.constants import ENTITIES

from bot.nlu.age_extractor import AgeExtractor
from bot.nlu.country_extractor import CountryExtractor
from bot.nlu.date_extractor import DateExtractor
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.language_request_extractor import LanguageRequestExtractor

EXTRACTORS = [CountryExtractor, DateExtractor, AgeExtractor, LanguageRequestExtractor]


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("extractors"))


def extracted(extractor: type, text: str, language: str | None = None) -> list[dict]:
    given = message(text)
    if language is not None:
        given.set(LANGUAGE, {"name": language, "confidence": 1.0, "decisive": True})
    component = extractor.create({}, None, None, None)
    [found] = component.process([given])
    return found.get(ENTITIES) or []


@pytest.mark.parametrize(
    ("extractor", "text", "language", "entity", "value", "words"),
    [
        (CountryExtractor, "Mag ik naar Polen?", "nl", "country", "PL", "Polen"),
        (CountryExtractor, "Mogę jechać do Turcji?", "pl", "country", "TR", "Turcji"),
        (CountryExtractor, "Can I go to the UK with him?", "en", "country", "GB", "the UK"),
        (DateExtractor, "on 3 May 2026", "en", "date", "2026-05-03/2026-05-03", None),
        (DateExtractor, "in the summer of 2026", "en", "date", "2026-06-01/2026-08-31", None),
        (AgeExtractor, "my son is 8 years old", "en", "age", 8, None),
        (LanguageRequestExtractor, "Can we do this in Polish?", "en", "language", "pl", "Polish"),
        (DateExtractor, "op 3 mei 2026", "nl", "date", "2026-05-03/2026-05-03", None),
        (DateExtractor, "w marcu 2026", "pl", "date", "2026-03-01/2026-03-31", None),
        (AgeExtractor, "mijn zoon is 8 jaar", "nl", "age", 8, None),
        (AgeExtractor, "oğlum 8 yaşında", "tr", "age", 8, None),
        (LanguageRequestExtractor, "Kan het in het Turks?", "nl", "language", "tr", "Turks"),
    ],
)
def test_a_value_becomes_an_entity_with_its_place(extractor, text, language, entity, value, words):
    [found] = extracted(extractor, text, language)
    assert (found["entity"], found["value"]) == (entity, value)
    assert found["extractor"] == extractor.__name__
    assert 0 <= found["start"] < found["end"] <= len(text)
    assert words is None or text[found["start"] : found["end"]].startswith(words)


def test_several_countries_come_in_the_order_of_the_text():
    found = extracted(CountryExtractor, "van Nederland via Duitsland naar Turkije", "nl")
    assert [f["value"] for f in found] == ["NL", "DE", "TR"]


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("language", [None, "nl", "en", "other"])
def test_whatever_the_language_is_said_to_be_there_is_no_error(extractor, language):
    assert isinstance(extracted(extractor, "Poland, 3 May 2026, aged 8, English", language), list)


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("text", ["", "🙂", "{}", "中文", "a" * 2000, "1" * 2000, "- " * 1000])
def test_nothing_is_found_where_there_is_nothing(extractor, text: str):
    assert extracted(extractor, text, "nl") == []


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_buttons_payload_carries_its_own_entities(extractor):
    assert extracted(extractor, '/change_language{"language": "tr"}', "nl") == []
    assert extracted(extractor, "/polen 8 jaar 3 mei Turks", "nl") == []


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_entities_found_before_are_kept(extractor):
    given = message("Mag ik op 3 mei 2026 met mijn zoon van 8 naar Polen, in het Turks?")
    given.set(ENTITIES, [{"entity": "detected_language", "value": "nl"}])
    [found] = extractor().process([given])
    assert found.get(ENTITIES)[0]["entity"] == "detected_language"
    assert len(found.get(ENTITIES)) == 2
