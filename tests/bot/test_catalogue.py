"""The catalogues: those of the project, and what is said about broken ones."""

from __future__ import annotations

import gettext
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot import catalogue
from bot.catalogue import (
    DOMAINS,
    LOCALES,
    compile_catalogues,
    domains,
    forms,
    placeholders,
    po_file,
)
from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """A copy of the catalogues that a test may break."""
    return Path(shutil.copytree(LOCALES, tmp_path / "locales"))


def faults_of(locales: Path) -> list[str]:
    with pytest.raises(ProjectFileError) as caught:
        compile_catalogues(locales)
    return caught.value.faults


def read(language: str, domain: str):
    with po_file(language, domain).open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", [code for code in languages() if code != SOURCE])
def test_a_language_has_the_keys_and_placeholders_of_the_source(language: str, domain: str):
    source, own = read(SOURCE, domain), read(language, domain)
    assert {m.id for m in own if m.id} == {m.id for m in source if m.id}
    different = [
        m.id
        for m in source
        if m.id and placeholders(" ".join(forms(m))) != placeholders(" ".join(forms(own.get(m.id))))
    ]
    assert different == []


@pytest.mark.parametrize(
    ("language", "domain"), [(code, domain) for code in languages() for domain in domains(code)]
)
def test_no_text_is_empty_or_stale(language: str, domain: str):
    messages = [m for m in read(language, domain) if m.id]
    assert messages
    assert [m.id for m in messages if m.fuzzy or not all(f.strip() for f in forms(m))] == []


def test_the_projects_catalogues_compile(locales: Path):
    for compiled in locales.rglob("*.mo"):
        compiled.unlink()
    count = compile_catalogues(locales)
    assert count > 200
    assert len(list(locales.rglob("*.mo"))) == sum(len(domains(code)) for code in languages())
    assert not list(locales.rglob("*.new"))


def test_a_missing_catalogue_is_named(locales: Path):
    po_file("tr", "web", locales).unlink()
    assert faults_of(locales) == ["locales/tr/LC_MESSAGES/web.po: is missing. Restore the file."]


def test_a_catalogue_that_is_no_catalogue_is_named_with_its_line(locales: Path):
    file = po_file("pl", "answers", locales)
    lines = file.read_text(encoding="utf-8").splitlines()
    place = lines.index('msgid "utter_greet"')
    lines.insert(place, "<<<<<<< half a merge")
    file.write_text("\n".join(lines), encoding="utf-8")
    [fault] = faults_of(locales)
    assert fault.startswith(f"locales/pl/LC_MESSAGES/answers.po: line {place + 1}:")
    assert "Mend" in fault


def test_a_quote_left_open_is_named_with_its_key(locales: Path):
    file = po_file("pl", "answers", locales)
    text = file.read_text(encoding="utf-8")
    text = text.replace('msgid "utter_greet"', 'msgid "utter_greet')
    file.write_text(text, encoding="utf-8")
    faults = faults_of(locales)
    assert any("utter_greet" in fault for fault in faults)
    assert all(fault.startswith("locales/pl/LC_MESSAGES/answers.po:") for fault in faults)


def test_a_catalogue_in_another_encoding_is_named(locales: Path):
    file = po_file("tr", "answers", locales)
    file.write_bytes(file.read_text(encoding="utf-8").encode("iso-8859-9", "replace"))
    [fault] = faults_of(locales)
    assert fault.startswith("locales/tr/LC_MESSAGES/answers.po:")


def entry(locales: Path, language: str, key: str, change) -> None:
    """Rewrite the block of `key` in the answers of `language` by `change`."""
    file = po_file(language, "answers", locales)
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    place = next(n for n, block in enumerate(blocks) if f'msgid "{key}"\n' in block)
    blocks[place] = change(blocks[place])
    file.write_text("\n\n".join(blocks), encoding="utf-8")


def with_text(text: str):
    return lambda block: block.split("msgstr")[0] + f'msgstr "{text}"'


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (with_text(""), "utter_greet has no text. Add it"),
        (lambda block: "", "utter_greet is missing. Add it"),
        (lambda block: "#, fuzzy\n" + block, "utter_greet is marked fuzzy"),
        (with_text("Cześć {"), "utter_greet has a brace out of place"),
        (with_text("Cześć }"), "utter_greet has a brace out of place"),
        (with_text("Cześć {0}"), "utter_greet has a brace out of place"),
        (with_text("Cześć {imię!r}"), "utter_greet has a brace out of place"),
        (with_text("Cześć {name.x}"), "utter_greet has a brace out of place"),
        (with_text("Cześć {name}"), r"utter_greet has the placeholders {name}"),
    ],
)
def test_a_fault_in_one_text_is_named_with_its_remedy(locales: Path, change, fault: str):
    entry(locales, "pl", "utter_greet", change)
    [found] = faults_of(locales)
    assert found.startswith(f"locales/pl/LC_MESSAGES/answers.po: {fault}")
    assert found.rstrip().endswith(".")


def test_a_text_without_a_dutch_one_is_named(locales: Path):
    file = po_file("tr", "answers", locales)
    extra = '\n\nmsgid "utter_nowhere"\nmsgstr "Fazla"\n'
    file.write_text(file.read_text(encoding="utf-8") + extra, encoding="utf-8")
    assert faults_of(locales) == [
        "locales/tr/LC_MESSAGES/answers.po: utter_nowhere has no Dutch text. "
        "Remove it or add the Dutch one."
    ]


def test_all_faults_are_told_together_and_nothing_is_compiled(locales: Path):
    for compiled in locales.rglob("*.mo"):
        compiled.unlink()
    entry(locales, "pl", "utter_greet", with_text(""))
    entry(locales, "tr", "utter_thank", with_text("{oops"))
    assert len(faults_of(locales)) == 2
    assert not list(locales.rglob("*.mo"))


def test_an_uncompiled_catalogue_is_told(tmp_path: Path):
    with pytest.raises(ProjectFileError, match="is not compiled. Run `make strings`"):
        catalogue._translations("nl", tmp_path)


@pytest.mark.parametrize("length", [0, 3, 20, 1000, -1])
def test_half_a_compiled_catalogue_leaves_no_visitor_without_words(
    locales: Path, length: int, caplog: pytest.LogCaptureFixture
):
    whole = catalogue._translations("tr", locales)
    file = po_file("tr", "answers", locales).with_suffix(".mo")
    file.write_bytes(file.read_bytes()[:length])
    catalogue._translations.cache_clear()
    # gettext keeps what it has read, too
    gettext._translations.clear()  # type: ignore[attr-defined]
    assert catalogue._translations("tr", locales) == whole
    assert "locales/tr/LC_MESSAGES/answers.mo cannot be read" in caplog.text
    assert "make strings" in caplog.text


def test_without_the_source_of_a_damaged_catalogue_the_file_is_named(locales: Path):
    file = po_file("tr", "answers", locales)
    file.with_suffix(".mo").write_bytes(b"")
    file.unlink()
    with pytest.raises(ProjectFileError, match="locales/tr/LC_MESSAGES/answers.po"):
        catalogue._translations("tr", locales)


def test_an_unknown_key_is_told_with_its_language():
    with pytest.raises(catalogue.MissingText, match="utter_nowhere has no text in tr"):
        catalogue.text("tr", "utter_nowhere")
    assert not catalogue.has_text("tr", "utter_nowhere")


def test_a_placeholder_without_a_value_is_an_error():
    with pytest.raises(KeyError):
        catalogue.text("nl", "hours_open_today")


def test_braces_in_a_value_stay_as_they_are():
    said = catalogue.text("nl", "hours_open_today", **{"from": "{x}", "to": "<b>"})
    assert "{x}" in said
    assert "<b>" in said
