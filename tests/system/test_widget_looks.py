"""The widget on the real stack for eyes, ears, fingers and old phones, in every state."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from checklist_steps import GOOD, ORDER, answer
from playwright.sync_api import Browser, Page, expect
from widget_steps import (
    MakeTab,
    assert_tidy,
    press,
    say,
    say_and_wait,
    set_letters,
    wait_for_answers,
)

from bot.languages import languages

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
EMERGENCIES = {
    "nl": "help hij slaat mij nu",
    "tr": "eşim şu anda çocukla havaalanında",
    "pl": "on mnie teraz bije, pomocy",
}
LONG_TASK = 50
SLOW_PHONE = 4


def assert_accessible(page: Page) -> None:
    """Axe finds nothing."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def to_every_state(page: Page, language: str) -> None:
    """One conversation that has brought a message of each kind, and trouble at its end."""
    press(page, "/hague_start_checklist")
    for name in ("q_home_country", "q_child_where"):
        if name in ORDER:
            press(page, answer(name, GOOD[name]))
    say(page, EMERGENCIES[language])
    expect(page.locator(".message.emergency").first).to_be_visible(timeout=30_000)
    wait_for_rest(page)
    press(page, "/checklist_save")
    expect(page.locator("form.code")).to_have_count(1)
    press(page, "/ask_human")
    press(page, '/handover{"handover": "yes"}')
    if not page.locator("form.contact").count():
        page.locator(".message").last.locator(".buttons button").first.click()
    expect(page.locator("form.contact")).to_have_count(1, timeout=30_000)
    wait_for_rest(page)
    page.locator("form.contact button[type=submit]").last.click()
    expect(page.locator("form.contact [aria-invalid]").first).to_be_visible()
    page.locator("#help").click()
    expect(page.locator("#numbers .card").first).to_be_visible()
    page.context.set_offline(True)
    say(page, "en nu")
    expect(page.locator("#trouble .card").first).to_be_visible()


def wait_for_rest(page: Page) -> None:
    """Nothing is under way."""
    expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true", timeout=30_000)


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_state_can_be_read_heard_and_pressed(make_tab: MakeTab, language: str) -> None:
    tab = make_tab(bypass_csp=True)
    page = tab.full_page(f"lang={language}&embed=buren")
    wait_for_answers(page, 1)
    assert_accessible(page)
    to_every_state(page, language)
    for box in page.locator(".message").all():
        assert box.get_attribute("lang") in languages()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page)
    for width, height, letters in [
        (320, 640, 100),
        (320, 640, 200),
        (360, 740, 100),
        (740, 360, 150),
        (1280, 800, 100),
        (1280, 800, 200),
    ]:
        page.set_viewport_size({"width": width, "height": height})
        set_letters(page, letters)
        assert_tidy(page)
        for part in (".emergency", ".advice", ".exit", "nav [data-language=tr]"):
            expect(page.locator(f"header {part}")).to_be_in_viewport(ratio=0.99)
