"""The augmenter: varied copies for training, nothing for visitors."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nlu_parts import QUESTIONS, Parts, message, training_messages
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT

from bot.languages import fold
from bot.nlu.augmenter import COPY_OF, Augmenter, misspell, vary
from bot.nlu.normalizer import FOLDED


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("augmenter"))


def augmented(parts: Parts, **options):
    return parts.create(Augmenter, **options).process_training_data(
        training_messages(["hague_costs", "greet"])
    )


def copies_in(data) -> list:
    return [m for m in data.training_examples if m.get(COPY_OF)]


def test_the_originals_stay_as_they_are_and_come_first(parts: Parts):
    before = [m.get(TEXT) for m in training_messages(["hague_costs", "greet"]).training_examples]
    after = [m.get(TEXT) for m in augmented(parts).training_examples]
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_a_copy_names_its_original_and_has_its_intent_and_language(parts: Parts):
    data = augmented(parts, copies=1)
    originals = {
        (m.get(TEXT), m.get(INTENT), m.get("metadata")["intent"]["language"])
        for m in data.training_examples
        if not m.get(COPY_OF)
    }
    copies = copies_in(data)
    assert copies
    for copy in copies:
        language = copy.get("metadata")["intent"]["language"]
        assert (copy.get(COPY_OF), copy.get(INTENT), language) in originals
        assert copy.get(TEXT) not in {text for text, _, _ in originals}


def test_a_copy_has_what_the_featurizers_read(parts: Parts):
    for copy in copies_in(augmented(parts)):
        assert copy.get(FOLDED) == fold(copy.get(TEXT))


def test_the_same_data_gives_the_same_copies(parts: Parts):
    first, second = ([m.get(TEXT) for m in augmented(parts).training_examples] for _ in range(2))
    assert first == second


def test_another_seed_gives_other_copies(parts: Parts):
    first, second = (
        {m.get(TEXT) for m in copies_in(augmented(parts, seed=seed))} for seed in (1, 2)
    )
    assert first != second


# a copy that came out like another message is left out; that befalls English more often, which has
# no diacritics to lose
@pytest.mark.parametrize(
    ("copies", "least", "most"), [(0, 0, 0), (0.5, 0.32, 0.6), (1, 0.65, 1), (2.5, 1.4, 2.5)]
)
def test_there_are_about_as_many_copies_as_asked(parts: Parts, copies, least, most):
    data = augmented(parts, copies=copies)
    made = len(copies_in(data))
    share = made / (len(data.training_examples) - made)
    assert least <= share <= most


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_visitors_message_is_left_alone(parts: Parts, language: str):
    before = message(QUESTIONS[language])
    [after] = parts.create(Augmenter).process([before])
    assert after.get(TEXT) == QUESTIONS[language]
    assert not after.get(COPY_OF)


@given(st.text(max_size=40), st.integers(0, 1000))
def test_a_misspelt_text_is_about_as_long(text: str, seed: int):
    slipped = misspell(text, random.Random(seed))
    assert len(text) // 2 - 3 <= len(slipped) <= 2 * len(text)


def test_without_slips_a_text_stays_the_same():
    assert misspell("Mag dat zomaar?", random.Random(1), rate=0) == "Mag dat zomaar?"


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_varied_text_has_no_diacritics(language: str):
    rng = random.Random(1)
    for _ in range(50):
        assert vary(QUESTIONS[language], rng).isascii()


@pytest.mark.parametrize(
    ("option", "value"),
    [("copies", -1), ("copies", 11), ("copies", "half"), ("copies", None), ("seed", "x")],
)
def test_a_wrong_option_is_refused(parts: Parts, option: str, value):
    with pytest.raises(InvalidConfigException, match=f"config.yml: Augmenter: {option} is .*give"):
        parts.create(Augmenter, **{option: value})
