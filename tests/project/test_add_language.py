"""`make add-language`, with a language that nobody offers, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message
from babel.messages.pofile import read_po, write_po

from bot.languages import has_words

ROOT = Path(__file__).parents[2]
LANGUAGE = "fy"
MARK = "fy-"
"""Before each word that the machine puts into the new language."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """What people edit, and the new language in it."""
    project = tmp_path_factory.mktemp("new") / "project"
    for name in ("bot", "data", "locales", "docs", "words"):
        shutil.copytree(
            ROOT / name,
            project / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.onnx", "tokenizer.json"),
        )
    shutil.copy(ROOT / "domain.yml", project)
    for path in ROOT.glob("tests/*/*nl*.csv"):
        target = project / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    done = run(project, "bot.add_language", LANGUAGE)
    assert (done.returncode, done.stderr) == (0, "")
    return project


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def line(project: Path) -> dict[str, object]:
    text = (project / "bot/languages.yml").read_text(encoding="utf-8")
    found: dict[str, object] = yaml.safe_load(text)[LANGUAGE]
    return found


def files_of(project: Path) -> Iterator[Path]:
    for path in project.rglob("*"):
        if path.is_file() and LANGUAGE in (path.stem, path.parent.name, path.parent.parent.name):
            yield path


def test_a_new_language_is_a_draft_and_stops_nothing(copy: Path):
    assert line(copy) == {
        "name": "Frysk",
        "spacy": line(copy)["spacy"],
        "dotted_i": False,
        "direction": "ltr",
        "draft": True,
    }
    done = run(copy, "bot.check")
    assert (done.returncode, done.stderr) == (0, "")


def test_it_has_a_file_for_everything_that_dutch_has(copy: Path):
    dutch = {
        str(path.relative_to(copy))
        for path in copy.rglob("*")
        if path.is_file() and path.suffix != ".mo" and "nl" in re.split(r"[/._]", str(path))
        if path.name != "desk.po"
        and not path.name.endswith(("unseen2.csv", "assessors.csv", "check.po"))
    }
    own = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    missing = {
        name for name in dutch if re.sub(r"(?<![a-z])nl(?![a-z])", LANGUAGE, name) not in own
    }
    assert missing == set()


def test_catalogues_have_headers_and_plural_forms_of_the_language(copy: Path):
    path = copy / "locales" / LANGUAGE / "LC_MESSAGES/answers.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGE)
    assert catalogue.num_plurals == 2
    assert not any(
        str(message.string) for message in catalogue if isinstance(message.id, str) and message.id
    )


def test_the_files_of_messages_say_what_the_intent_is(copy: Path):
    text = (copy / "data/nlu" / LANGUAGE / "child_retained.yml").read_text(encoding="utf-8")
    assert "# The visitor says the child was not brought back" in text
    assert "# child_abducted · child_retained · missing_child: " in text


def test_what_is_missing_is_listed_with_counts(copy: Path):
    said = run(copy, "bot.drafts", LANGUAGE).stdout.splitlines()
    assert any(
        re.match(rf"locales/{LANGUAGE}/LC_MESSAGES/answers\.po: \d{{3}} to do\.", each)
        for each in said
    )
    for place in ("bot/contacts.yml", f"data/nlu/{LANGUAGE}/lawyer.yml", f"bot/words/{LANGUAGE}/"):
        assert any(each.startswith(place) for each in said), place


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (LANGUAGE, "stands in bot/languages.yml already"),
        ("nl", "stands in bot/languages.yml already"),
        ("FR", "is no language code"),
        ("../x", "is no language code"),
        ("", "is no language code"),
        ("qqq", "is no language that Babel knows"),
    ],
)
def test_a_wrong_code_is_told_and_nothing_is_written(copy: Path, code: str, said: str):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    done = run(copy, "bot.add_language", code)
    assert done.returncode == 1
    assert said in done.stderr and "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_files_that_stand_already_are_not_overwritten(copy: Path, tmp_path: Path):
    project = Path(shutil.copytree(copy, tmp_path / "project"))
    own = project / "data/nlu/fr/greet.yml"
    own.parent.mkdir()
    own.write_text("mine", encoding="utf-8")
    done = run(project, "bot.add_language", "fr")
    assert done.returncode == 1
    assert "data/nlu/fr/greet.yml: stands already" in done.stderr
    assert own.read_text(encoding="utf-8") == "mine"
    assert not (project / "data/answers/fr").exists()


def test_filled_with_words_and_data_alone_it_can_be_offered(copy: Path, tmp_path: Path):
    project = Path(shutil.copytree(copy, tmp_path / "project"))
    fill(project)
    assert "is complete" in run(project, "bot.drafts", LANGUAGE).stdout
    languages = project / "bot/languages.yml"
    text = languages.read_text(encoding="utf-8")
    lines = [
        each.replace(", draft: true", "") if each.startswith(LANGUAGE) else each
        for each in text.splitlines()
    ]
    languages.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run(project, "bot.check")
    assert (done.returncode, done.stderr) == (0, "")
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from bot import catalogue; from bot.languages import languages;"
            f"print(list(languages()), catalogue.text({LANGUAGE!r}, 'error_malformed'))",
        ],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert f"'{LANGUAGE}'" in said.stdout and MARK in said.stdout


def fill(project: Path) -> None:
    """Words for everything that waits for a person: the Dutch ones with a mark."""
    for domain in ("answers", "checklist", "web", "replies"):
        fill_catalogue(project / "locales", domain)
    for folder in ("nlu", "answers", "emergency", "hard_requests"):
        for path in (project / "data" / folder / "nl").glob("*.yml"):
            target = project / "data" / folder / LANGUAGE / path.name
            target.write_text(marked(path.read_text(encoding="utf-8"), folder), encoding="utf-8")
    for path in (project / "bot/words/nl").glob("*.yml"):
        shutil.copy(path, project / "bot/words" / LANGUAGE)
    shutil.copy(
        project / "bot/checklist/words/nl.txt", project / f"bot/checklist/words/{LANGUAGE}.txt"
    )
    contacts = project / "bot/contacts.yml"
    text = contacts.read_text(encoding="utf-8")
    contacts.write_text(
        text.replace(f'{LANGUAGE}: ""', f'{LANGUAGE}: "{MARK}name"'), encoding="utf-8"
    )


def fill_catalogue(locales: Path, domain: str) -> None:
    path = locales / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"
    with (locales / "nl/LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        source = read_po(file, locale="nl")
    with path.open("rb") as file:
        own = read_po(file, locale=LANGUAGE)
    for message in own:
        if message.id:
            dutch = source.get(message.id)
            assert isinstance(dutch, Message)
            message.string = (
                MARK + dutch.string
                if isinstance(dutch.string, str)
                else tuple(MARK + each for each in dutch.string)
            )
    with path.open("wb") as file:
        write_po(file, own)


def marked(text: str, folder: str) -> str:
    if folder == "nlu":
        text = text.replace("language: nl", f"language: {LANGUAGE}")
        return re.sub(r"^    - ", f"    - {MARK}", text, flags=re.M)
    content = {
        # "?" stays as it is: under several labels it would be one answer with two meanings
        label: [MARK + each if has_words(each) else each for each in lines]
        for label, lines in yaml.safe_load(text).items()
    }
    return yaml.safe_dump(content, allow_unicode=True)


def test_the_checker_of_words_has_rules_to_begin_with(copy: Path):
    read = f"from words.checks import rules; print(rules({LANGUAGE!r}).most_words)"
    done = subprocess.run(
        [sys.executable, "-c", read],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("25\n", "")
