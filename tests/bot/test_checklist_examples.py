"""The typed answers: those of the project, and what is said about broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.checklist import examples
from bot.checklist.examples import Example, faults, heads, labels_of, several
from bot.checklist.questions import checklist


def write(folder: Path, name: str, text: str, language: str = "nl") -> Path:
    path = folder / language / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_projects_typed_answers_have_no_fault() -> None:
    assert list(faults()) == []


@pytest.mark.parametrize("head", heads())
def test_every_head_has_labels_and_its_answers_use_no_others(head: str) -> None:
    allowed = set(labels_of(head))
    found = examples.examples(head)
    assert {label for example in found for label in example.labels} <= allowed
    assert several(head) or all(len(example.labels) == 1 for example in found)


@pytest.mark.parametrize(
    ("head", "labels"),
    [
        ("q_police", {"no", "notification", "formal_complaint", "unknown", "_other", "_unclear"}),
        ("q_home_country", {"_value", "unknown", "_other", "_unclear"}),
        ("q_child_where", {"_value", "same_as_home", "unknown", "_other", "_unclear"}),
        ("q_date", {"_value", "not_yet", "unknown", "_other", "_unclear"}),
        ("q_age", {"_value", "unknown", "_other", "_unclear"}),
        (
            "document_status",
            {"have", "can_get", "not_available", "unknown", "_other", "_unclear"},
        ),
        ("items", {*checklist().questions, "_none"}),
        (
            "q_documents",
            {*checklist().documents, "all", "none", "one_by_one", "unknown", "_other", "_unclear"},
        ),
    ],
)
def test_the_labels_follow_from_the_questions(head: str, labels: set[str]) -> None:
    assert set(labels_of(head)) == labels


def test_a_line_has_its_language_and_labels(tmp_path: Path) -> None:
    write(tmp_path, "q_proceedings", "none: [geen zaak]\ncase_here + asylum: [hier, en asiel]\n")
    write(tmp_path, "q_proceedings", "none: [brak]\n", "pl")
    assert examples.examples("q_proceedings", tmp_path) == [
        Example("nl", frozenset(["none"]), "geen zaak"),
        Example("nl", frozenset(["case_here", "asylum"]), "hier"),
        Example("nl", frozenset(["case_here", "asylum"]), "en asiel"),
        Example("pl", frozenset(["none"]), "brak"),
    ]


def test_a_question_without_a_file_has_no_lines(tmp_path: Path) -> None:
    assert examples.examples("q_police", tmp_path) == []
    assert list(faults(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "text", "fault", "remedy"),
    [
        ("q_new", "yes: [ja]", "q_new.yml: is no question", "Rename the file"),
        ("q_police", "perhaps: [misschien]", "perhaps is no option", "Correct the name"),
        ("q_police", "no: [nee]", "no label with a list", "Put yes and no in quotes"),
        ("q_police", "'no': nee", "no label with a list", "Put yes and no in quotes"),
        ("q_police", "'no': [nee, no]", "False is no text", "Put it in quotes"),
        ("q_police", "'no': ['  ']", "is no text", "Put it in quotes"),
        ("q_police", "'no': [", "line 2 is not YAML", "Mend the indentation or the quotes"),
        ("q_police", "- nee", "maps no labels", "Write it like its neighbours"),
        ("q_police", "", "maps no labels", "Write it like its neighbours"),
        (
            "q_police",
            "'no + notification': [nee]",
            "one answer at a time",
            "Mend the label",
        ),
        (
            "q_police",
            "'no': [Nee hoor!]\nnotification: [nee hoor]",
            "'nee hoor' stands under two labels",
            "Keep it under the right one",
        ),
    ],
)
def test_a_broken_file_names_place_fault_and_remedy(
    name: str, text: str, fault: str, remedy: str, tmp_path: Path
) -> None:
    (said,) = faults(write(tmp_path, name, text + "\n"))
    assert said.startswith(f"data/answers/nl/{name}.yml: ")
    assert fault in said
    assert remedy in said


def test_what_is_not_text_at_all_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "q_police", "") / "nl" / "q_police.yml"
    path.write_bytes(b"'no': [\xff\xfe]")
    (said,) = faults(tmp_path)
    assert "q_police.yml: the file is not YAML" in said


def test_all_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, "q_new", "yes: [ja]")
    write(tmp_path, "q_police", "perhaps: [a]\nsometimes: [b]", "tr")
    write(tmp_path, "q_event", "- x", "pl")
    assert len(list(faults(tmp_path))) == 4


def test_the_same_line_twice_under_one_label_is_no_fault(tmp_path: Path) -> None:
    write(tmp_path, "q_police", "'no': [nee, Nee., '?', '!']\nnotification: ['...']\n")
    assert list(faults(tmp_path)) == []
