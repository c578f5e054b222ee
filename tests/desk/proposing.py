"""Proposals for texts, for the tests of the words."""

from __future__ import annotations

from cast import Desk

from bot.languages import SOURCE
from desk.texts.views import CONTENT, LANGUAGE, ChangeView, Proposal
from desk.texts.wordings import digest_of


def proposal(
    desk: Desk, key: str, language: str, *forms: str, reason: str = "Het leest beter."
) -> Proposal:
    """What the form of a text would send."""
    wording = desk.texts.book().get(key, language)
    assert wording is not None
    source = desk.texts.source(desk["tess"], key)[0]
    made_from = digest_of(source) if language != SOURCE else None
    return Proposal(forms, reason, wording.digest, made_from)


def propose(desk: Desk, name: str, key: str, language: str, *forms: str) -> str:
    """Propose another wording; the id of the change."""
    return desk.texts.propose(desk[name], key, language, proposal(desk, key, language, *forms))


def view(desk: Desk, change: str, name: str = "tess") -> ChangeView:
    """A change as a colleague sees it."""
    return desk.texts.change(desk[name], change)


def approve(desk: Desk, change: str, name: str, kind: str) -> None:
    """Approve a change as it is now."""
    desk.texts.approve(desk[name], change, kind, view(desk, change).digest)


def approved(desk: Desk, key: str, language: str, *forms: str) -> str:
    """A change by tom with both approvals."""
    change = propose(desk, "tom", key, language, *forms)
    approve(desk, change, "jan", CONTENT)
    approve(desk, change, "tess", LANGUAGE)
    return change
