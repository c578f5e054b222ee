"""Pictures for the README, of what runs: `python tests/system/pictures.py SITE DESK NAME CODE`.

SITE and DESK are addresses of a Kompas with invented data, NAME a coordinator or jurist whose
password is in the environment as PASSWORD, CODE what the authenticator app shows now.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
QUESTIONS = {
    "nl": ("Uw vraag", "Mag ik met mijn dochter naar Turkije op vakantie?"),
    "tr": ("Sorunuz", "Kızımla Türkiye'ye tatile gidebilir miyim?"),
}
PHONE, DESKTOP = {"width": 360, "height": 720}, {"width": 1280, "height": 800}


def opened(browser: Browser, size: dict[str, int]) -> Page:
    """A page in a window of `size`."""
    return browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, ignore_https_errors=True
    ).new_page()


def widget(browser: Browser, site: str, language: str, size: dict[str, int], name: str) -> None:
    """A question and its answer."""
    page = opened(browser, size)
    page.goto(f"{site}/?lang={language}")
    answers = page.locator(".message:not(.visitor)")
    expect(answers).to_have_count(1, timeout=30_000)
    box = page.locator("form textarea, form input[type=text]").first
    box.fill(QUESTIONS[language][1])
    page.keyboard.press("Enter")
    expect(answers).to_have_count(2, timeout=30_000)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"{name}.png")


def console(browser: Browser, desk: str, name: str, password: str, code: str) -> None:
    """The queue and a case."""
    page = opened(browser, DESKTOP)
    page.goto(f"{desk}/login")
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_label("Code", exact=True).fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Wachtwoord")).to_have_count(0)
    page.goto(f"{desk}/cases")
    page.screenshot(path=PICTURES / "console-queue.png")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    page.screenshot(path=PICTURES / "console-case.png")
    page.set_viewport_size({"width": 360, "height": 720})
    page.screenshot(path=PICTURES / "console-phone.png")


def main() -> None:
    """Make all of them."""
    site, desk, name, code = sys.argv[1:]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        widget(browser, site, "tr", PHONE, "widget-phone")
        widget(browser, site, "nl", DESKTOP, "widget-desktop")
        console(browser, desk, name, os.environ["PASSWORD"], code)
        browser.close()


if __name__ == "__main__":
    main()
