"""The pages of the console as a browser and a screen reader take them in."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cast import Desk
from console import Browser, Client, Refs, console_of
from proposing import propose

from bot import catalogue
from desk.access import ROLES
from desk.console import rendering, summary
from desk.models import STATUSES, Base

TEMPLATES = sorted((Path(rendering.__file__).parents[1] / "templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_that_a_template_names_is_there(path: Path):
    source = path.read_text(encoding="utf-8")
    keys = set(re.findall(r'"(desk_[a-z0-9_]*[a-z0-9])"', source))
    assert {key for key in keys if not catalogue.has_text("nl", key)} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_word_a_style_or_a_script_of_its_own(path: Path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script>|\|\s*safe\b", source)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.S)
    # attributes may stand in a macro of their own
    text = re.sub(r'<[^>]*>|[\w-]+="[^"]*"', " ", text)
    assert re.findall(r"[^\W\d_]{4,}", text) == []


def test_everything_that_is_named_by_kind_has_a_text():
    names = {
        "role": ROLES,
        "status": STATUSES,
        "verdict": ("ok", "met", "attention", "unclear", "unknown", "not_met", "jurist", "stop"),
        "channel": ("phone", "email", "whatsapp"),
        "contact": ("name", "phone", "email"),
        "day": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        "answers": summary.ORDER,
        # what a receipt can count
        "table": [
            table.name
            for table in Base.metadata.sorted_tables
            if "case_id" in table.columns or table.name in ("cases", "conflicts")
        ],
    }
    missing = {
        f"desk_{kind}_{value}"
        for kind, values in names.items()
        for value in values
        if not catalogue.has_text("nl", f"desk_{kind}_{value}")
    }
    assert missing == set()


@pytest.fixture
async def pages(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> dict[str, str]:
    """Every kind of page, by name."""
    browser = Browser(await aiohttp_client(console_of(desk)), desk)
    reference = desk.bring(contact_ref="r" * 32)
    desk.bring(urgent=True, contact_ref="s" * 32)
    desk.contact(
        contact_ref="r" * 32, safe_times=[{"days": ["Tue"], "from": "09:00", "to": "17:00"}]
    )
    desk.registry.add_note(desk["jan"], reference, "x")
    found = {"login": await browser.get("/login")}
    await browser.log_in("cor")
    for name, path in {
        "queue": "/cases",
        "filtered": "/cases?status=all&urgent=yes",
        "case": f"/cases/{reference}",
        "transcript": f"/cases/{reference}/transcript",
        "account": "/account",
        "withdraw": f"/cases/{reference}/conflict",
        "erase": f"/cases/{reference}/erase",
    }.items():
        found[name] = await browser.get(path)
    change = propose(desk, "tom", "utter_thank", "tr", "Rica ederiz.")
    for name, path in {
        "texts": "/texts",
        "texts in Dutch": "/texts?language=nl",
        "subject": "/texts/subjects/checklist_BE?language=pl",
        "labels": "/texts/subjects/rest_web?language=nl",
        "due": "/texts/due",
        "text": "/texts/wordings/tr/utter_lawyer",
        "plural text": "/texts/wordings/pl/age_years",
        "text with a proposal": "/texts/wordings/tr/utter_thank",
        "proposals": "/texts/changes",
        "proposal": f"/texts/changes/{change}",
        "export": "/texts/export",
    }.items():
        found[name] = await browser.get(path)
    found["wrong text"] = await browser.post("/texts/wordings/pl/age_years", 400, text0="{x}")
    found["no reason"] = await browser.post(f"/texts/changes/{change}/reject", 400)
    found["missing"] = await browser.get("/nowhere", 404)
    found["contact"] = await browser.post(f"/cases/{reference}/contact", 200)
    found["search"] = await browser.post("/cases/search", 200, text="Yılmaz")
    found["fault"] = await browser.post(f"/cases/{reference}/moments", 400, minutes="x")
    found["receipt"] = await browser.post(f"/cases/{reference}/erase", 200)
    return found


async def test_the_pages_are_sound(pages: dict[str, str]):
    for name, page in pages.items():
        refs = Refs(page)
        tags = refs.tags
        assert page.startswith('<!doctype html>\n<html lang="nl">'), name
        assert len(refs.ids) == len(set(refs.ids)), (name, sorted(refs.ids))
        assert [tag for tag, _ in tags].count("h1") == 1, name
        assert [tag for tag, _ in tags].count("main") == 1, name
        labels = {given.get("for") for tag, given in tags if tag == "label"}
        for tag, given in tags:
            for attribute in ("for", "aria-labelledby"):
                if given.get(attribute):
                    assert given[attribute] in refs.ids, (name, attribute, given)
            for described in (given.get("aria-describedby") or "").split():
                assert described in refs.ids, (name, given)
            if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
                assert given.get("id") in labels, (name, given)
            if tag == "a" and str(given.get("href", "")).startswith("#"):
                assert str(given["href"])[1:] in refs.ids, (name, given)
            if tag == "th":
                assert given.get("scope") in ("col", "row"), (name, given)
            if tag == "form" and given.get("method") == "post":
                assert str(given["action"]).startswith("/"), (name, given)
            assert not str(given.get("href", given.get("src", "/"))).startswith("http"), given
        assert page.count("<table") == page.count("<caption"), name
        forms = [given for tag, given in tags if tag == "form" and given.get("method") == "post"]
        assert page.count('name="csrf"') == len(forms), name


async def test_headings_skip_no_level(pages: dict[str, str]):
    for name, page in pages.items():
        levels = [int(tag[1]) for tag, _ in Refs(page).tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, name
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:])), name


async def test_passwords_and_codes_are_known_to_browsers(pages: dict[str, str]):
    assert 'autocomplete="current-password"' in pages["login"]
    assert 'autocomplete="one-time-code"' in pages["login"]
    assert 'autocomplete="new-password"' in pages["account"]
