"""The export: a patch that git takes, and catalogues as `make strings` writes them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cast import Desk
from proposing import approve, approved, propose, view
from test_commands import Run, run  # noqa: F401

from bot import catalogue, strings
from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages
from desk.errors import NotPossible
from desk.texts import views
from desk.texts.patch import NewWording, patch
from desk.texts.wordings import book

KEY, DUTCH = "utter_thank", "Graag gedaan.\n\n- Hebt u nog een **vraag**?\n- Stel hem gerust."
TURKISH = 'Rica ederiz "x" \\ 👩‍👧 مرحبا.\n\nBaşka sorunuz var mı?'


@pytest.fixture
def checkout(desk: Desk, tmp_path: Path) -> Path:
    """The catalogues under git, those in force."""
    root = tmp_path / "checkout"
    shutil.copytree(catalogue.LOCALES, root / "locales")
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.email", "t@example.org")
    git(root, "config", "user.name", "t")
    git(root, "config", "core.autocrlf", "false")
    git(root, "add", *(str(path) for path in root.rglob("*.po")))
    git(root, "commit", "-q", "-m", "x")
    desk.texts.locales = root / "locales"
    return root


def git(root: Path, *arguments: str, given: str | None = None, fails: bool = False) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        input=given.encode() if given is not None else None,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode != 0) == fails, done.stderr.decode()
    return done.stdout.decode()


def test_the_patch_brings_the_wordings_into_the_catalogues(desk: Desk, checkout: Path):
    ids = [
        approved(desk, KEY, "tr", TURKISH),
        approved(desk, "age_years", "pl", "{count} roczek", "{count} lata", "{count} lat"),
        approved(desk, "web_send", "pl", "Wyślij teraz"),
    ]
    git(checkout, "apply", given=desk.texts.export(desk["cor"]))
    now = book(checkout / "locales")
    assert now.text(KEY, "tr") == TURKISH
    assert now.text("web_send", "pl") == "Wyślij teraz"
    assert [view(desk, each).state for each in ids] == [views.IN_FORCE] * 3
    # nothing is stale, missing or misspelt, and `make strings` has nothing left to do
    assert catalogue.compile_catalogues(checkout / "locales") > 0
    assert strings.update(checkout / "locales") == []
    touched = git(checkout, "diff", "--name-only").split()
    assert touched == [
        "locales/pl/LC_MESSAGES/checklist.po",
        "locales/pl/LC_MESSAGES/web.po",
        "locales/tr/LC_MESSAGES/answers.po",
    ]


def test_a_dutch_change_makes_its_translations_stale(desk: Desk, checkout: Path):
    approved(desk, KEY, "nl", DUTCH)
    git(checkout, "apply", given=desk.texts.export(desk["cor"]))
    now = book(checkout / "locales")
    assert {code for code in languages() if now.is_stale(KEY, code)} == set(languages()) - {SOURCE}
    with pytest.raises(ProjectFileError) as faults:
        catalogue.compile_catalogues(checkout / "locales")
    assert all(KEY in fault for fault in faults.value.faults)
    assert strings.update(checkout / "locales") == []


def test_a_dutch_change_and_its_translations_travel_together(desk: Desk, checkout: Path):
    approved(desk, KEY, "nl", DUTCH)
    for code in languages():
        if code != SOURCE:
            approved(desk, KEY, code, f"{TURKISH} ({code})")
    git(checkout, "apply", given=desk.texts.export(desk["cor"]))
    now = book(checkout / "locales")
    assert not any(now.is_stale(KEY, code) for code in languages())
    assert catalogue.compile_catalogues(checkout / "locales") > 0
    assert strings.update(checkout / "locales") == []


def test_importing_twice_does_nothing_more(desk: Desk, checkout: Path):
    approved(desk, KEY, "tr", TURKISH)
    exported = desk.texts.export(desk["cor"])
    git(checkout, "apply", given=exported)
    git(checkout, "commit", "-q", "-a", "-m", "x")
    # the plain way refuses, the three-way one finds it done
    git(checkout, "apply", given=exported, fails=True)
    git(checkout, "apply", "--3way", given=exported)
    assert git(checkout, "status", "--porcelain", "--untracked-files=no") == ""


def test_the_patch_finds_its_place_in_catalogues_that_have_moved_on(desk: Desk, checkout: Path):
    approved(desk, KEY, "tr", TURKISH)
    exported = desk.texts.export(desk["cor"])
    path = catalogue.po_file("tr", "answers", checkout / "locales")
    path.write_text("# another line\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    git(checkout, "commit", "-q", "-a", "-m", "x")
    git(checkout, "apply", "--3way", given=exported)
    assert book(checkout / "locales").text(KEY, "tr") == TURKISH


def test_what_was_exported_and_never_came_is_exported_again(desk: Desk, checkout: Path):
    change = approved(desk, KEY, "tr", TURKISH)
    first = desk.texts.export(desk["cor"])
    seen = view(desk, change)
    assert (seen.state, seen.exported_by) == (views.EXPORTED, "cor")
    assert desk.texts.export(desk["tess"]) == first
    git(checkout, "apply", given=first)
    with pytest.raises(NotPossible):
        desk.texts.export(desk["cor"])


def test_what_is_not_approved_is_not_exported(desk: Desk):

    change = propose(desk, "tom", KEY, "tr", TURKISH)
    approve(desk, change, "jan", views.CONTENT)
    with pytest.raises(NotPossible):
        desk.texts.export(desk["cor"])
    assert view(desk, change).state == views.OPEN


def test_the_patch_names_texts_and_dates_and_nobody(desk: Desk):
    approved(desk, KEY, "tr", TURKISH)
    head = desk.texts.export(desk["cor"]).split("diff --git")[0]
    assert head == f"# answers {KEY} tr: content 2026-11-24, language 2026-11-24\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b",
        'msgid "utter_menu"\nmsgstr "x"',
        '"\n\nmsgid "utter_menu"',
        "#, fuzzy\n\\n\\",
        "\u00a0x\u0085y",
        "W" * 5000,
        "x " * 2500,
    ],
)
def test_no_text_breaks_out_of_its_place(tmp_path: Path, text: str):
    shutil.copytree(catalogue.LOCALES, tmp_path / "locales")
    (tmp_path / "new.patch").write_bytes(
        patch([NewWording(KEY, "answers", "nl", (text,))], tmp_path / "locales").encode()
    )
    before = book(tmp_path / "locales")
    git(tmp_path, "apply", "new.patch")
    now = book(tmp_path / "locales")
    assert now.text(KEY, "nl") == text
    assert [key for key in now.keys if now.text(key, "nl") != before.text(key, "nl")] == [KEY]


def test_the_command_prints_the_patch(desk: Desk, run: Run):  # noqa: F811
    status, said = run(desk.url, "textpatch")
    assert status == 1
    assert "nothing to export" in said
    change = approved(desk, KEY, "tr", TURKISH)
    status, said = run(desk.url, "textpatch")
    assert status == 0
    assert said.splitlines()[2].startswith("diff --git a/locales/tr/LC_MESSAGES/answers.po ")
    seen = view(desk, change)
    assert (seen.state, seen.exported_by) == (views.EXPORTED, None)
