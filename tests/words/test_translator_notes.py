"""What stands above each text for translators, and that Poedit and Weblate can read the files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from translate.storage import pypo

from bot import catalogue, strings, translator_notes
from bot.catalogue import DOMAINS, LOCALES, po_file
from bot.languages import SOURCE, languages

FILES = [(language, domain) for language in languages() for domain in DOMAINS]


def read(language: str, domain: str, locales: Path = LOCALES) -> Catalog:
    with po_file(language, domain, locales).open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """A copy of the catalogues that a test may change."""
    return Path(shutil.copytree(LOCALES, tmp_path / "locales"))


@pytest.mark.parametrize(("language", "domain"), FILES)
def test_each_text_says_where_it_is_shown(language: str, domain: str):
    for message in read(language, domain):
        if message.id:
            assert any(c.startswith("Shown: ") for c in message.auto_comments), message.id


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_placeholder_is_explained(domain: str):
    for message in read(SOURCE, domain):
        for name in catalogue.placeholders(" ".join(catalogue.forms(message))):
            assert translator_notes.placeholder(name), (message.id, name)


@pytest.mark.parametrize(("language", "domain"), FILES)
def test_a_translation_shows_its_dutch_and_the_agreed_words(language: str, domain: str):
    if language == SOURCE:
        return
    dutch = read(SOURCE, domain)
    for message in read(language, domain):
        if not message.id:
            continue
        shown = [c.removeprefix("nl: ") for c in message.auto_comments if c.startswith("nl: ")]
        # plural forms that are the same are shown once
        source = " ".join(dict.fromkeys(catalogue.forms(dutch.get(message.id))))
        assert " ".join(shown).split() == source.split(), message.id


def test_the_agreed_word_stands_beside_the_term():
    found = translator_notes.comments("utter_x", "Hebt u het gezag? Vraag een jurist.", "tr")
    assert "Term: gezag = velayet" in found
    assert "Term: jurist = hukukçu" in found


def test_a_button_says_how_long_it_may_be():
    found = translator_notes.comments("button_lawyer", "Een advocaat", "pl")
    assert "At most 32 characters." in found


def test_a_number_says_whose_it_is():
    (found,) = [
        c
        for c in translator_notes.comments("utter_x", "Bel {phone_veilig_thuis}.", SOURCE)
        if c.startswith("Placeholder")
    ]
    assert found == "Placeholder {phone_veilig_thuis}: telephone number of Veilig Thuis."


def test_make_strings_changes_nothing_the_second_time(locales: Path):
    strings.update(locales)
    assert strings.update(locales) == []


def test_a_comment_of_somebody_else_stays(locales: Path):
    path = po_file("tr", "web", locales)
    own = read("tr", "web", locales)
    own.get("web_send").user_comments = ["Ayşe: kısa kalsın"]
    path.write_bytes(strings.as_file(own))
    strings.update(locales)
    assert read("tr", "web", locales).get("web_send").user_comments == ["Ayşe: kısa kalsın"]


def test_a_comment_in_the_dutch_reaches_every_language(locales: Path):
    dutch = read(SOURCE, "web", locales)
    dutch.get("web_send").auto_comments.append("The arrow stands beside it.")
    po_file(SOURCE, "web", locales).write_bytes(strings.as_file(dutch))
    strings.update(locales)
    for language in languages():
        found = read(language, "web", locales).get("web_send").auto_comments
        assert "The arrow stands beside it." in found, language


def test_the_note_of_the_source_still_marks_a_stale_translation(locales: Path):
    dutch = read(SOURCE, "web", locales)
    dutch.get("web_send").string = "Versturen maar"
    po_file(SOURCE, "web", locales).write_bytes(strings.as_file(dutch))
    strings.update(locales)
    stale = read("pl", "web", locales).get("web_send")
    assert stale.fuzzy
    # the translator sees the new Dutch
    assert "nl: Versturen maar" in stale.auto_comments


def change_dutch(wording: str, locales: Path) -> None:
    dutch = read(SOURCE, "web", locales)
    dutch.get("web_send").string = wording
    po_file(SOURCE, "web", locales).write_bytes(strings.as_file(dutch))


def translate(wording: str, locales: Path, *, still_fuzzy: bool = False) -> None:
    """What Poedit and Weblate do: the text, and no mark; comments stay as they are."""
    own = read("pl", "web", locales)
    own.get("web_send").string = wording
    if not still_fuzzy:
        own.get("web_send").flags.discard("fuzzy")
    po_file("pl", "web", locales).write_bytes(strings.as_file(own))


def test_a_translation_made_anew_is_no_longer_stale(locales: Path):
    change_dutch("Versturen maar", locales)
    strings.update(locales)
    translate("Wysłać", locales)
    strings.update(locales)
    made = read("pl", "web", locales).get("web_send")
    assert not made.fuzzy
    assert made.auto_comments[-1] == f"source {catalogue.digest('Versturen maar')}"


def test_a_text_changed_without_taking_the_mark_away_stays_stale(locales: Path):
    change_dutch("Versturen maar", locales)
    strings.update(locales)
    translate("Wysłać", locales, still_fuzzy=True)
    strings.update(locales)
    assert read("pl", "web", locales).get("web_send").fuzzy


def test_a_translation_of_a_dutch_that_changed_once_more_is_stale_again(locales: Path):
    change_dutch("Versturen maar", locales)
    strings.update(locales)
    translate("Wysłać", locales)
    change_dutch("Nu versturen", locales)
    strings.update(locales)
    assert read("pl", "web", locales).get("web_send").fuzzy


@pytest.mark.parametrize(("language", "domain"), FILES)
def test_the_parser_that_weblate_uses_reads_the_file(language: str, domain: str):
    file = pypo.pofile.parsefile(str(po_file(language, domain)))
    texts = {unit.source: str(unit.target) for unit in file.units if unit.source}
    assert texts.keys() == {
        m.id if isinstance(m.id, str) else m.id[0] for m in read(language, domain) if m.id
    }
    assert all(texts.values())


@pytest.mark.parametrize(("language", "domain"), FILES)
def test_the_headers_are_those_of_the_language(language: str, domain: str):
    header = pypo.pofile.parsefile(str(po_file(language, domain))).parseheader()
    assert header["Language"] == header["Language-Team"] == language
    assert header["Plural-Forms"] == Catalog(locale=language).plural_forms
    assert header["Content-Type"] == "text/plain; charset=utf-8"
    assert "YEAR" not in header["PO-Revision-Date"]
    assert "ADDRESS" not in header["Report-Msgid-Bugs-To"] + header["Last-Translator"]
    assert "X-Generator" not in header


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs the package gettext")
@pytest.mark.parametrize(("language", "domain"), FILES)
def test_msgfmt_has_nothing_to_say(language: str, domain: str, tmp_path: Path):
    done = subprocess.run(
        ["msgfmt", "-c", "-o", str(tmp_path / "out.mo"), str(po_file(language, domain))],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
