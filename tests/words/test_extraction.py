"""Where texts are used: what the extraction finds in code, templates and data."""

from __future__ import annotations

import io

import pytest
import yaml
from babel.messages.frontend import parse_mapping_cfg

from words import extraction
from words.extraction import COMPOSED, MENTIONED, USED, Reference


def test_every_text_is_used_and_every_used_text_is_there():
    assert extraction.faults() == []


def found_by(method, source: str, **options: str) -> set[tuple[str, str]]:
    listed = method(io.BytesIO(source.encode()), (), (), options)
    return {(key, how) for _, _, key, (how,) in listed}


def test_a_call_uses_the_key_at_its_place():
    found = found_by(extraction.python, 'text(language, "utter_greet")', functions="text:2")
    assert ("utter_greet", USED) in found


def test_a_choice_between_keys_uses_both():
    code = 't("desk_yes" if kept else "desk_no")'
    found = found_by(extraction.python, code, functions="t:1")
    assert {("desk_yes", USED), ("desk_no", USED)} <= found


def test_a_key_of_parts_is_told_as_its_pattern():
    found = found_by(extraction.python, 'f"button_{intent}"')
    assert ("button_{}", COMPOSED) in found


def test_a_word_that_code_lists_may_be_a_key():
    found = found_by(extraction.python, 'LABELS = ("send",)', mentions="web_")
    assert ("web_send", MENTIONED) in found


def test_a_function_of_another_module_gets_no_prefix_of_the_file():
    code = '_wording("title"); catalogue.text(language, "web_title")'
    found = found_by(extraction.python, code, functions="_wording:1 text:2", prefix="web_kit_")
    assert {("web_kit_title", USED), ("web_title", USED)} <= found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{ label("send") }}', ("web_send", USED)),
        ('{{ label("open" if closed else "close") }}', ("web_close", USED)),
        ('{{ label("topic_" ~ name) }}', ("web_topic_{}", COMPOSED)),
    ],
)
def test_a_template_uses_the_texts_it_shows(source: str, expected: tuple[str, str]):
    assert expected in found_by(extraction.template, source, functions="label", prefix="web_")


def test_a_script_uses_the_labels_it_shows():
    found = found_by(extraction.script, 'a = label("retry");', functions="label", prefix="web_")
    assert ("web_retry", MENTIONED) in found


def test_a_page_to_print_uses_the_words_it_is_given():
    found = found_by(extraction.typesetting, "#text(data.kit_qr)", prefix="web_")
    assert ("web_kit_qr", MENTIONED) in found


KEYS = {"utter_greet": "answers", "button_greet": "answers", "desk_menu_queue": "desk"}


def used(key: str, how: str = USED) -> Reference:
    return Reference(key, how, "bot/place.py", 7)


def test_a_text_that_nothing_uses_is_named_with_its_catalogue():
    found = extraction.faults([used("utter_greet"), used("desk_menu_queue")], KEYS)
    assert len(found) == 1
    assert found[0].startswith("locales/nl/LC_MESSAGES/answers.po: button_greet is used nowhere.")


def test_a_used_text_that_is_missing_is_named_with_its_place():
    found = extraction.faults([*map(used, KEYS), used("utter_nobody_wrote")], KEYS)
    assert len(found) == 1
    assert found[0].startswith("bot/place.py:7: utter_nobody_wrote has no Dutch text.")


def test_a_composed_key_that_no_family_knows_is_named():
    found = extraction.faults([*map(used, KEYS), used("{}_greet", COMPOSED)], KEYS)
    assert len(found) == 1
    assert "words/families.yml" in found[0]
    assert found[0].startswith("bot/place.py:7: ")


def test_the_console_may_compose_its_keys_without_a_family():
    found = [used("utter_greet"), used("button_greet"), used("desk_menu_{}", COMPOSED)]
    assert extraction.faults(found, KEYS) == []


def test_each_family_makes_keys_of_its_pattern():
    for family in yaml.safe_load((extraction._FAMILIES).read_text(encoding="utf-8")):
        assert family["pattern"].count("{}") == len(family["names"]), family
        for names in family["names"]:
            assert not isinstance(names, str) or names in extraction.sources(), names


def test_pybabel_reads_the_mapping():
    with extraction._MAPPING.open(encoding="utf-8") as file:
        methods, _ = parse_mapping_cfg(file)
    assert ("domain.yml", "words.extraction:domain") in methods
