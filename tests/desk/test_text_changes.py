"""Proposed wordings: two colleagues besides the author, and nothing that has moved since."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from cast import Desk
from proposing import approve, approved, proposal, propose, view

from bot import catalogue
from bot.languages import languages
from desk.errors import Malformed, NotAllowed, NotFound, NotPossible
from desk.models import AuditEntry
from desk.texts import changes, checks, views
from desk.texts.changes import WrongWording
from desk.texts.views import CONTENT, LANGUAGE

KEY, DUTCH = "utter_thank", "Graag gedaan. Hebt u nog een vraag?"
TURKISH = "Rica ederiz. Başka sorunuz var mı?"


@pytest.fixture
def own_catalogues(desk: Desk, tmp_path: Path) -> Path:
    """Catalogues that a test can change, as those in force."""
    desk.texts.locales = tmp_path / "locales"
    shutil.copytree(catalogue.LOCALES, desk.texts.locales)
    return desk.texts.locales


def bring_in(desk: Desk, key: str, language: str, text: str) -> None:
    """Let the catalogues in force hold another text, as after an update of the desk."""
    path = catalogue.po_file(language, desk.texts.book().keys[key], desk.texts.locales)
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    message = catalog.get(key)
    assert message is not None
    message.string = text
    with path.open("wb") as file:
        write_po(file, catalog, width=100)


@pytest.mark.both_databases
def test_a_proposal_needs_a_jurist_and_a_translator(desk: Desk):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    assert view(desk, change).state == views.OPEN
    approve(desk, change, "jan", CONTENT)
    assert view(desk, change).state == views.OPEN
    approve(desk, change, "tess", LANGUAGE)
    seen = view(desk, change)
    assert seen.state == views.APPROVED
    assert [(each.kind, each.name) for each in seen.approvals] == [
        (CONTENT, "jan"),
        (LANGUAGE, "tess"),
    ]


def test_nobody_approves_their_own_proposal(desk: Desk):
    mine = propose(desk, "tess", KEY, "tr", TURKISH)
    with pytest.raises(NotPossible):
        approve(desk, mine, "tess", LANGUAGE)
    theirs = propose(desk, "jan", KEY, "pl", "Proszę bardzo.")
    with pytest.raises(NotPossible):
        approve(desk, theirs, "jan", CONTENT)
    assert not set(views.KINDS) & view(desk, theirs, "jan").may


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tess", CONTENT), ("jan", LANGUAGE), ("cor", CONTENT), ("cor", LANGUAGE), ("wim", CONTENT)],
)
def test_a_role_stands_for_what_is_its_own(desk: Desk, name: str, kind: str):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    with pytest.raises(NotAllowed):
        approve(desk, change, name, kind)
    assert view(desk, change).approvals == ()


def test_one_kind_is_given_once(desk: Desk):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    approve(desk, change, "jan", CONTENT)
    for again in ("jan", "joke"):
        with pytest.raises(NotPossible):
            approve(desk, change, again, CONTENT)


def test_a_proposal_that_changes_loses_its_approvals(desk: Desk):
    change = approved(desk, KEY, "tr", TURKISH)
    desk.texts.edit(desk["tom"], change, proposal(desk, KEY, "tr", f"{TURKISH} Lütfen yazın."))
    seen = view(desk, change)
    assert (seen.state, seen.approvals) == (views.OPEN, ())
    with pytest.raises(NotPossible):
        desk.texts.export(desk["cor"])


def test_what_has_changed_since_it_was_read_is_not_approved(desk: Desk):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    seen = view(desk, change).digest
    desk.texts.edit(desk["tom"], change, proposal(desk, KEY, "tr", "Bir şey değil."))
    with pytest.raises(NotPossible):
        desk.texts.approve(desk["jan"], change, CONTENT, seen)


def test_only_the_author_edits_and_takes_back(desk: Desk):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    with pytest.raises(NotPossible):
        desk.texts.edit(desk["tess"], change, proposal(desk, KEY, "tr", "Bir şey değil."))
    with pytest.raises(NotPossible):
        desk.texts.withdraw(desk["tess"], change)
    desk.texts.withdraw(desk["tom"], change)
    assert view(desk, change).state == views.WITHDRAWN
    with pytest.raises(NotPossible):
        desk.texts.withdraw(desk["tom"], change)


def test_a_colleague_rejects_with_a_reason(desk: Desk):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    with pytest.raises(Malformed):
        desk.texts.reject(desk["jan"], change, "  ")
    with pytest.raises(NotPossible):
        desk.texts.reject(desk["tom"], change, "Toch niet.")
    desk.texts.reject(desk["jan"], change, "Te kort.")
    seen = view(desk, change)
    assert (seen.state, seen.closed_by, seen.closed_reason) == ("rejected", "jan", "Te kort.")
    with pytest.raises(NotPossible):
        approve(desk, change, "joke", CONTENT)


def test_of_a_text_one_proposal_is_under_way(desk: Desk):
    first = propose(desk, "tom", KEY, "tr", TURKISH)
    with pytest.raises(NotPossible):
        propose(desk, "tess", KEY, "tr", "Bir şey değil.")
    propose(desk, "tess", KEY, "pl", "Proszę bardzo.")
    desk.texts.withdraw(desk["tom"], first)
    propose(desk, "tess", KEY, "tr", "Bir şey değil.")


def test_an_author_has_only_so_many_proposals_open(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(changes, "_MOST_OPEN", 1)
    propose(desk, "tom", KEY, "tr", TURKISH)
    with pytest.raises(NotPossible):
        propose(desk, "tom", KEY, "pl", "Proszę bardzo.")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "missing"),
        ("x" * 6001, "too_long"),
        ("Bel {phone_centrum_iko} {", "brace"),
        ("Bel {phone_centrum_iko!r}", "brace"),
        ("Bel maar.", "placeholder_missing"),
        ("{phone_centrum_iko} {phone_nobody}", "placeholder_unknown"),
        ("{phone_centrum_iko} **vet", "bold"),
        ("{phone_centrum_iko}\n-geen spatie", "item"),
        ("{phone_centrum_iko}\n• punt", "item"),
        ("{phone_centrum_iko} <script>alert(1)</script>", "tag"),
        ("{phone_centrum_iko}\n\n\nverder", "paragraphs"),
        ("{phone_centrum_iko} \u202etxt", "character"),
        ("{phone_centrum_iko} \x07", "character"),
        ("{phone_centrum_iko} \u2028", "character"),
        ("{phone_centrum_iko} \ud800", "character"),
    ],
)
def test_a_wording_keeps_to_the_rules_of_the_catalogues(desk: Desk, text: str, kind: str):
    key = "handover_call_yourself"
    assert "{phone_centrum_iko}" in desk.texts.book().text(key, "nl")
    with pytest.raises(WrongWording) as refusal:
        propose(desk, "tom", key, "nl", text)
    assert kind in {fault.kind for fault in refusal.value.faults}
    assert refusal.value.fields[0] == "text0"


@pytest.mark.parametrize(
    "text", ["Merhaba 👩‍👧 “x”", "שלום \u2067abc\u2069", "a < b & c > d", "c:\\x"]
)
def test_what_is_only_unusual_is_taken(desk: Desk, text: str):
    change = propose(desk, "tom", KEY, "tr", text)
    assert view(desk, change).proposal == (text,)


def test_every_wording_in_force_would_pass_its_own_checks(desk: Desk):
    book = desk.texts.book()
    for key in book.keys:
        source = book.get(key, "nl")
        assert source is not None
        for language in languages():
            own = book.get(key, language)
            assert own is not None
            assert checks.faults(own.forms, source.forms, len(own.forms)) == [], (key, language)


def test_all_plural_forms_are_asked_for(desk: Desk):
    with pytest.raises(WrongWording):
        propose(desk, "tom", "age_years", "pl", "{count} rok")
    propose(desk, "tom", "age_years", "pl", "{count} roczek", "{count} lata", "{count} lat")


def test_what_is_in_force_already_is_no_proposal(desk: Desk):
    for language in ("nl", "tr"):
        with pytest.raises(WrongWording):
            propose(desk, "tom", KEY, language, desk.texts.book().text(KEY, language))


def test_a_text_that_is_not_there_cannot_be_changed(desk: Desk):
    sent = proposal(desk, KEY, "tr", TURKISH)
    for key, language in ((KEY, "xx"), ("utter_nothing", "tr"), ("desk_title", "nl")):
        with pytest.raises(NotFound):
            desk.texts.propose(desk["tom"], key, language, sent)
    with pytest.raises(NotFound):
        view(desk, "no\x00where")


@pytest.mark.usefixtures("own_catalogues")
def test_a_proposal_written_beside_an_earlier_text_is_sent_again(desk: Desk):
    sent = proposal(desk, KEY, "tr", TURKISH)
    bring_in(desk, KEY, "tr", "Bir şey değil.")
    with pytest.raises(Malformed) as refusal:
        desk.texts.propose(desk["tom"], KEY, "tr", sent)
    assert refusal.value.fields == ("base",)


@pytest.mark.usefixtures("own_catalogues")
def test_a_change_whose_text_has_moved_is_overtaken_until_it_is_renewed(desk: Desk):
    change = approved(desk, KEY, "tr", TURKISH)
    bring_in(desk, KEY, "tr", "Bir şey değil.")
    assert view(desk, change).state == views.OVERTAKEN
    with pytest.raises(NotPossible):
        desk.texts.export(desk["cor"])
    with pytest.raises(NotPossible):
        approve(desk, change, "joke", CONTENT)
    desk.texts.edit(desk["tom"], change, proposal(desk, KEY, "tr", TURKISH))
    seen = view(desk, change)
    assert (seen.state, seen.approvals, seen.before) == (views.OPEN, (), ("Bir şey değil.",))


@pytest.mark.usefixtures("own_catalogues")
def test_a_translation_is_overtaken_when_its_dutch_moves(desk: Desk):
    change = approved(desk, KEY, "tr", TURKISH)
    approved(desk, KEY, "nl", DUTCH)
    # the Dutch is approved: from now on it is what a translation is made from
    assert view(desk, change).state == views.OVERTAKEN
    desk.texts.edit(desk["tom"], change, proposal(desk, KEY, "tr", TURKISH))
    assert view(desk, change).state == views.OPEN


@pytest.mark.usefixtures("own_catalogues")
def test_a_stale_translation_can_be_found_right_again(desk: Desk):
    bring_in(desk, KEY, "nl", DUTCH)
    book = desk.texts.book()
    assert book.is_stale(KEY, "tr")
    change = approved(desk, KEY, "tr", book.text(KEY, "tr"))
    assert view(desk, change).state == views.APPROVED


@pytest.mark.usefixtures("own_catalogues")
def test_a_change_that_the_catalogues_hold_is_in_force(desk: Desk):
    change = approved(desk, KEY, "tr", TURKISH)
    bring_in(desk, KEY, "tr", TURKISH)
    seen = view(desk, change)
    assert (seen.state, seen.may) == (views.IN_FORCE, frozenset())


def test_every_act_is_in_the_audit_log_without_a_word_of_it(desk: Desk):
    change = approved(desk, KEY, "tr", TURKISH)
    desk.texts.export(desk["cor"])
    desk.texts.edit(
        desk["tom"], change, replace(proposal(desk, KEY, "tr", "Tabii."), reason="Geheim.")
    )
    desk.texts.reject(desk["jan"], change, "Nee.")
    other = propose(desk, "tom", KEY, "pl", "Proszę bardzo.")
    desk.texts.withdraw(desk["tom"], other)
    with desk.database.reading() as session:
        entries = [
            (entry.action, json.loads(entry.details))
            for entry in session.query(AuditEntry).order_by(AuditEntry.id)
            if entry.subject in (change, other)
        ]
        everything = " ".join(entry.details for entry in session.query(AuditEntry))
    assert [action for action, _ in entries] == [
        *("text_proposed", "text_approved", "text_approved", "text_exported", "text_edited"),
        *("text_rejected", "text_proposed", "text_withdrawn"),
    ]
    assert entries[0][1] == {"key": KEY, "language": "tr"}
    for word in (TURKISH, "Tabii", "Geheim", "Nee", "Proszę"):
        assert word not in everything
    assert desk.registry.verify_audit().whole


@pytest.mark.parametrize("name", ["wim", "aad"])
def test_who_has_nothing_to_do_with_texts_is_refused_and_it_is_noted(desk: Desk, name: str):
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    sent = proposal(desk, KEY, "pl", "Proszę bardzo.")
    texts, member = desk.texts, desk[name]
    for refused in (
        lambda: texts.changes(member),
        lambda: texts.change(member, change),
        lambda: texts.propose(member, KEY, "pl", sent),
        lambda: texts.reject(member, change, "Nee."),
        lambda: texts.withdraw(member, change),
        lambda: texts.export(member),
        lambda: texts.exportable(member),
    ):
        with pytest.raises(NotAllowed):
            refused()
    log = desk.registry.audit_log(desk["aad"], actor=member.id, action="refused")
    assert len(log) == 7


def test_a_jurist_does_not_export(desk: Desk):
    approved(desk, KEY, "tr", TURKISH)
    with pytest.raises(NotAllowed):
        desk.texts.export(desk["jan"])
