"""The language detector, trained on the project's own messages."""

from __future__ import annotations

import joblib
import pytest
from featurizer_checks import ODD_TEXTS
from nlu_parts import QUESTIONS, Parts, all_training_messages, development_set, message
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import fold, languages
from bot.nlu.language_detector import LANGUAGE, OTHER, LanguageDetector


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("language"))


@pytest.fixture(scope="module")
def detector(parts: Parts) -> LanguageDetector:
    created = parts.create(LanguageDetector)
    created.train(all_training_messages())
    return created


@pytest.mark.parametrize("text", [*QUESTIONS.values(), *ODD_TEXTS, ""])
def test_a_text_is_as_likely_in_each_language_as_the_trained_model_says(
    parts: Parts, detector: LanguageDetector, text: str
):
    with parts.storage.read_from(Resource("LanguageDetector")) as folder:
        model = joblib.load(folder / "language_detector.joblib")
    quick = detector._quick
    assert quick is not None
    assert quick.languages == list(model.classes_)
    expected = model.predict_proba([fold(text)])[0]
    assert quick.probabilities(fold(text)) == pytest.approx(expected, abs=1e-5)


ENGLISH = [
    "Can I travel to Poland with my daughter without her father's permission?",
    "Where is the nearest police station please, my son is missing",
    "my ex want take my kids to turkey what i can do",
    "he take my daughter and not come back",
    "may I go in Turkey with child if father not sign",
]
ENGLISH_IS_FOREIGN = [] if "en" in languages() else ENGLISH[:2]


@pytest.mark.skipif("en" not in languages(), reason="English is a draft")
@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_told_from_dutch_as_people_write_it(detector, text: str):
    assert detector.detect(text)["name"] == "en"


@pytest.mark.parametrize(
    "text",
    [
        "kan ik een meeting krijgen met een lawyer",
        "mijn ex is op schiphol airport bij de gate met de kids",
        "ik heb een one way ticket gevonden naar istanbul",
        "sorry ik bedoel het form voor consent",
        "my ex gaat met de kids naar airport, help",
    ],
)
def test_dutch_with_english_words_stays_dutch(detector, text: str):
    assert detector.detect(text)["name"] == "nl"


def rows(language: str, mixed: bool = False) -> list[str]:
    """Messages of four words or more; a mixed one has words of two languages."""
    return [
        row["text"]
        for row in development_set()
        if row["lang"] == language
        and len(row["text"].split()) >= 4
        and (row["style"] == "mixed") == mixed
    ]


@pytest.mark.parametrize("language", QUESTIONS)
@pytest.mark.parametrize("typed", [str, fold, str.upper])
def test_messages_of_four_words_or_more_are_recognised(detector, language: str, typed):
    texts = rows(language)
    assert len(texts) > 200
    right = [detector.detect(typed(text))["name"] == language for text in texts]
    assert sum(right) / len(right) >= 0.98


@pytest.mark.parametrize("language", QUESTIONS)
def test_most_messages_mixed_with_another_language_are_recognised(detector, language: str):
    right = [detector.detect(text)["name"] == language for text in rows(language, mixed=True)]
    assert sum(right) / len(right) >= 0.6


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_decisive_finding_is_hardly_ever_wrong(detector, language: str):
    found = [detector.detect(text) for text in rows(language)]
    decisive = [f["name"] == language for f in found if f["decisive"]]
    assert len(decisive) > 0.8 * len(found)
    assert sum(decisive) / len(decisive) >= 0.995


@pytest.mark.parametrize(
    "text",
    [
        *ENGLISH_IS_FOREIGN,
        "Darf ich mit meiner Tochter ohne Zustimmung des Vaters verreisen?",
        "Puis-je voyager avec ma fille sans l'autorisation de son père ?",
        "¿Puedo viajar con mi hija sin el permiso de su padre?",
        "هل يمكنني السفر مع ابنتي بدون إذن والدها؟",
        "Чи можу я поїхати з дочкою без дозволу батька?",
        "Мога ли да пътувам с дъщеря си без разрешение на бащата?",
        "我可以不经父亲同意带女儿旅行吗",
    ],
)
def test_a_sentence_of_another_language_is_noticed(detector, text: str):
    found = detector.detect(text)
    assert found["name"] == OTHER
    assert found["decisive"]


@pytest.mark.parametrize(
    "text",
    ["stop", "passport", "help me", "hello", "yes",
     "tak", "nee", "evet", "ja", "nie", "yok", "ok", "slm", "hallo", "Ankara", "hoi hoi", "merhaba",
     "pomocy", "7", "🙂", "???", "dzień dobry", "tak tak"],
)  # fmt: skip
def test_a_short_message_decides_nothing(detector, text: str):
    assert not detector.detect(text)["decisive"]
    found = detector.process([message(text)])[0]
    assert not found.get(ENTITIES)


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_decisive_finding_becomes_an_entity_over_the_whole_text(detector, language: str):
    [found] = detector.process([message(QUESTIONS[language])])
    assert found.get(LANGUAGE)["name"] == language
    [entity] = found.get(ENTITIES)
    assert (entity["entity"], entity["value"]) == ("detected_language", language)
    assert QUESTIONS[language][entity["start"] : entity["end"]] == QUESTIONS[language]


def test_another_language_fills_no_slot(detector):
    [found] = detector.process([message("Wo ist bitte die nächste Polizeiwache in der Stadt")])
    assert found.get(LANGUAGE)["name"] == OTHER
    assert not found.get(ENTITIES)


def test_entities_found_before_are_kept(detector):
    given = message(QUESTIONS["nl"])
    given.set(ENTITIES, [{"entity": "country", "value": "PL"}])
    [found] = detector.process([given])
    assert [e["entity"] for e in found.get(ENTITIES)] == ["country", "detected_language"]


@pytest.mark.parametrize("text", ["/menu", '/change_language{"language": "tr"}', ""])
def test_a_payload_and_an_empty_message_have_no_language(detector, text: str):
    [found] = detector.process([message(text)])
    assert found.get(LANGUAGE) is None


def test_a_stored_detector_finds_the_same(parts: Parts, detector):
    loaded = parts.load(LanguageDetector)
    for text in QUESTIONS.values():
        assert loaded.detect(text) == detector.detect(text)


def test_training_messages_get_the_language_of_their_file(detector):
    examples = [
        Message(data={TEXT: "tak", INTENT: "affirm", "metadata": {"intent": {"language": "pl"}}})
    ]
    data = detector.process_training_data(TrainingData(training_examples=examples))
    assert data.training_examples[0].get(LANGUAGE)["name"] == "pl"


@pytest.mark.parametrize("metadata", [None, {}, {"intent": {"language": "xx"}}, {"intent": None}])
def test_a_training_message_without_one_of_our_languages_is_refused(detector, metadata):
    examples = [Message(data={TEXT: "hi", INTENT: "greet", "metadata": metadata})]
    with pytest.raises(InvalidConfigException, match="data/nlu: .*greet.*Write `metadata"):
        detector.process_training_data(TrainingData(training_examples=examples))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("decisive_confidence", 1.1),
        ("decisive_confidence", "high"),
        ("other_confidence", -0.1),
        ("decisive_words", 0),
        ("decisive_words", "three"),
    ],
)
def test_a_wrong_option_is_refused(parts: Parts, option: str, value):
    with pytest.raises(InvalidConfigException, match=f"config.yml: LanguageDetector: {option} is"):
        parts.create(LanguageDetector, **{option: value})
