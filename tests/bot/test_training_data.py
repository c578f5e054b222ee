"""The check of the training messages: what it finds in copies with a fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import training_data
from bot.languages import languages
from bot.training_data import DATA, examples_of, faults

INTENTS = ["greet", "thank", "hague_costs", "lawyer", "out_of_scope"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    """A copy of some of the training messages that a test may break."""
    for language in languages():
        (tmp_path / language).mkdir()
        for intent in INTENTS:
            shutil.copy(DATA / language / f"{intent}.yml", tmp_path / language)
    # a contract of these alone: all files take seconds to read
    monkeypatch.setattr(training_data, "contract_intents", lambda: INTENTS)
    return tmp_path


def changed(data: Path, name: str, change) -> None:
    path = data / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_the_projects_messages_have_no_fault():
    assert faults() == []


def test_there_are_ten_thousand_messages_and_more():
    assert sum(len(examples_of(path)) for path in DATA.glob("*/*.yml")) > 10_000


def test_the_copies_begin_without_a_fault(data: Path):
    assert faults(data) == []


def test_a_missing_file_is_named(data: Path):
    (data / "tr" / "thank.yml").unlink()
    assert faults(data) == [
        "data/nlu/tr/thank.yml: is missing; the contract has this intent. Write the file."
    ]


def test_a_missing_language_is_named_with_each_of_its_files(data: Path):
    shutil.rmtree(data / "pl")
    assert len(faults(data)) == len(INTENTS)


def test_a_file_of_no_intent_is_named(data: Path):
    shutil.copy(data / "nl" / "greet.yml", data / "nl" / "greeting.yml")
    [fault] = faults(data)
    assert fault.startswith("data/nlu/nl/greeting.yml: is no intent of bot/intents.yml.")


def test_too_few_messages_are_counted(data: Path):
    changed(data, "nl/greet.yml", lambda text: "".join(text.splitlines(keepends=True)[:25]))
    [fault] = faults(data)
    assert fault == "data/nlu/nl/greet.yml: has 20 messages. Write 60 or more."


def test_out_of_scope_needs_more_messages_than_the_others(data: Path):
    changed(data, "pl/out_of_scope.yml", lambda t: "".join(t.splitlines(keepends=True)[:104]))
    [fault] = faults(data)
    assert fault.startswith("data/nlu/pl/out_of_scope.yml: has ")
    assert fault.endswith("Write 250 or more.")


@pytest.mark.parametrize("again", ["{0}", "{0}!!", "  {0}"])
def test_a_message_that_stands_twice_in_a_language_is_named_with_both_places(data, again: str):
    first = examples_of(data / "nl" / "hague_costs.yml")[0]
    line = f"    - {again.format(first.text)}\n"
    changed(data, "nl/lawyer.yml", lambda text: text.rstrip("\n") + "\n" + line)
    [fault] = faults(data)
    line = len((data / "nl" / "lawyer.yml").read_text(encoding="utf-8").splitlines())
    assert fault.startswith(f"data/nlu/nl/lawyer.yml:{line}: stands again")
    assert f"hague_costs.yml:{first.line}" in fault


def test_diacritics_and_case_do_not_make_another_message(data: Path):
    changed(
        data,
        "tr/thank.yml",
        lambda text: (
            text.rstrip("\n") + "\n    - Şükranlarımı sunarım efendim\n"
            "    - SUKRANLARIMI SUNARIM EFENDIM\n"
        ),
    )
    [fault] = faults(data)
    assert fault.startswith("data/nlu/tr/thank.yml:")
    assert "stands again" in fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: t.replace("language: nl", "language: tr"), "lacks `metadata: {language: nl}`"),
        (lambda t: t.replace("  metadata: {language: nl}\n", ""), "lacks `metadata"),
        (lambda t: t.replace("intent: greet", "intent: hello"), "holds something else"),
        (lambda t: t.replace("nlu:", "nul:"), "has no list `nlu`"),
        (lambda t: "", "has no list `nlu`"),
        (lambda t: "nlu:\n", "has no list `nlu`"),
        (lambda t: "nlu: 3\n", "has no list `nlu`"),
        (lambda t: "nlu:\n- greet\n", "holds something else"),
        (lambda t: t.split("  examples:")[0], "has no `examples: |`"),
        (lambda t: t.replace("- intent", "\t- intent"), "line 3 is not YAML"),
        (lambda t: t + "    no dash\n", "has a line that is no message"),
    ],
)
def test_a_broken_file_is_named_with_the_remedy(data: Path, change, fault: str):
    changed(data, "nl/greet.yml", change)
    [found] = faults(data)
    assert found.startswith(f"data/nlu/nl/greet.yml: {fault}")
    assert found.endswith(".")


def test_a_file_in_another_encoding_is_named(data: Path):
    (data / "nl" / "greet.yml").write_bytes("nlu: é".encode("iso-8859-1"))
    [fault] = faults(data)
    assert fault.startswith("data/nlu/nl/greet.yml:")


def test_all_faults_are_told_together(data: Path):
    (data / "tr" / "thank.yml").unlink()
    (data / "pl" / "greet.yml").unlink()
    assert len(faults(data)) == 2
