"""The console of the desk in a real browser, with the desk as a process of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_desk import PASSWORD, ConsoleDesk
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect
from stack import ROOT
from waiting import be_patient, close, wait_for

WIDTHS = [360, 1280]
SCREENSHOTS = ROOT / "build/screenshots/desk"
CONTACT = {"name": "Ayşe Yılmaz", "phone": "+31 6 12345678", "code_word": "appeltaart"}
HOSTILE = [
    "<script>document.title='gestolen'</script>",
    "<img src=x onerror=\"document.title='gestolen'\">",
    "{{ 7 * 7 }}{% raw %} ${7*7} %s",
    "'; DROP TABLE cases; --",
    "\u202eאבג مرحبا بالعالم\u202c rtl",
    "W" * 600,
    "👩‍👧‍👦🇹🇷 e\u0301\u0301\u0301\u0301\u0301",
    '&lt;b&gt;vet&lt;/b&gt; &amp; "aanhaling"',
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleDesk]:
    running = ConsoleDesk(tmp_path_factory.mktemp("desk"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@dataclass
class Office:
    """Opens the console as colleagues; each logs in once."""

    browser: Browser
    desk: ConsoleDesk
    kept: dict[str, Any]
    contexts: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(
        self,
        name: str | None,
        path: str = "/",
        *,
        width: int = 1280,
        script: bool = True,
        for_axe: bool = False,
    ) -> Page:
        """A page as a colleague who is logged in, or (None) as nobody."""
        if name is not None and name not in self.kept:
            page = self.open(None, "/login")
            log_in(page, self.desk, name)
            self.kept[name] = page.context.storage_state()
        context = self.browser.new_context(
            viewport={"width": width, "height": 740},
            java_script_enabled=script,
            locale="nl-NL",
            # axe is put into the page, which its policy rightly forbids
            bypass_csp=for_axe,
            storage_state=self.kept[name] if name is not None else None,
            permissions=["clipboard-write", "clipboard-read"] if script else [],
        )
        be_patient(context)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._note_request)
        page.goto(self.desk.address + path)
        return page

    def _note(self, message: Any) -> None:
        # a page that says "not found" comes with that status, which Chromium tells of
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.said.append(message.text)

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.desk.address, "data:", "blob:")):
            self.said.append(f"asked elsewhere: {request.url}")


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """Cookies of who has logged in."""
    return {}


@pytest.fixture
def office(browser: Browser, desk: ConsoleDesk, kept: dict[str, Any]) -> Iterator[Office]:
    """Afterwards no page has complained, run a script of its own or asked elsewhere."""
    opened = Office(browser, desk, kept)
    yield opened
    for context in opened.contexts:
        close(context)
    assert opened.said == []


def log_in(page: Page, desk: ConsoleDesk, name: str) -> None:
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(desk.colleagues[name].code())
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("button", name="Uitloggen")).to_be_visible()


def tab_to(page: Page, target: Locator) -> None:
    """Go there with the Tab key; where one is can be seen."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            outline = target.evaluate("element => getComputedStyle(element).outlineStyle")
            shadow = target.evaluate("element => getComputedStyle(element).boxShadow")
            assert outline != "none" or shadow != "none", "the focus cannot be seen"
            return
    raise AssertionError(f"the Tab key does not lead to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to a button, link or fold with the Tab key, and press."""
    tab_to(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str) -> None:
    tab_to(page, target)
    page.keyboard.type(text)


def choose(page: Page, target: Locator, label: str) -> None:
    """Choose from a list by typing what stands there."""
    tab_to(page, target)
    page.keyboard.type(label)
    chosen = target.evaluate("element => element.selectedOptions[0].textContent")
    assert label in chosen


def submit(page: Page, button: Locator) -> None:
    """Press, and wait for the page that comes: until then the old one stands there."""
    with page.expect_event("load"):
        button.click()


def told(page: Page) -> Locator:
    """The line that says what a form did."""
    return page.locator("main [role=status]").first


def assert_fits(page: Page) -> None:
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    try:
        # a page that has just come may still be laid out
        page.wait_for_function(fits)
    except TimeoutError:
        raise AssertionError(f"{page.url} runs out of the side of the screen") from None


def picture(page: Page, name: str, width: int) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)


def test_a_case_is_worked_on_with_the_keyboard_alone(office: Office, desk: ConsoleDesk):
    reference = desk.bring(CONTACT, urgent=True)
    page = office.open(None, f"/cases/{reference}")
    # who is not logged in logs in first, and arrives where they wanted to go
    write(page, page.get_by_label("Naam"), "Truus")
    write(page, page.get_by_label("Wachtwoord"), PASSWORD)
    write(page, page.get_by_label("Code", exact=True), desk.colleagues["Truus"].code())
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.address}/cases/{reference}")

    page.goto(f"{desk.address}/cases")
    press(page, page.locator("a.skip"))
    expect(page.locator("main")).to_be_focused()
    press(page, page.get_by_role("link", name=reference))
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)

    press(page, page.get_by_role("button", name="Op mij nemen"))
    expect(told(page)).to_be_visible()
    expect(page.locator("section[aria-labelledby=work]")).to_contain_text("Truus")

    press(page, page.get_by_role("button", name="Contactgegevens tonen"))
    expect(page.locator("main")).to_contain_text("+31 6 12345678")
    press(page, page.get_by_role("link", name="Terug naar de zaak"))

    write(page, page.locator("#note-text"), "Moeder belt morgen terug.")
    press(page, page.get_by_role("button", name="Notitie toevoegen"))
    expect(page.locator("section[aria-labelledby=notes]")).to_contain_text(
        "Moeder belt morgen terug."
    )

    moments = page.locator("section[aria-labelledby=moments]")
    press(page, moments.locator("summary"))
    choose(page, page.locator("#moment-channel"), "Telefoon")
    write(page, page.locator("#moment-note"), "Afgesproken hoe we bellen.")
    press(page, moments.get_by_role("button"))
    expect(moments).to_contain_text("Afgesproken hoe we bellen.")

    registration = page.locator("section[aria-labelledby=registration]")
    press(page, registration.locator("summary").first)
    choose(page, page.locator("#code-code"), "Preventie")
    write(page, page.locator("#code-reason"), "Het kind is nog in Nederland.")
    press(page, registration.locator("details[open]").get_by_role("button"))
    expect(page.locator("section[aria-labelledby=why]")).to_contain_text("Preventie")
    expect(page.locator("section[aria-labelledby=registration]")).to_contain_text(
        "Het kind is nog in Nederland."
    )

    ending = page.locator("section[aria-labelledby=ending]")
    press(page, ending.locator("summary").first)
    tab_to(page, page.locator("#close-reason"))
    page.keyboard.press("ArrowDown")
    press(page, ending.get_by_role("button", name="Zaak sluiten"))
    expect(page.locator("section[aria-labelledby=work]")).to_contain_text("gesloten")


def add_child(page: Page) -> None:
    """Name the child of the case."""
    people = page.locator("section[aria-labelledby=people]")
    people.locator("summary", has_text="Kind 1").click()
    form = people.locator("details[open]")
    form.get_by_label("Voornamen").fill("Elif")
    form.get_by_label("Achternaam").fill("Yılmaz")
    form.get_by_label("Geboortedatum").fill("2019-03-04")
    submit(page, form.get_by_role("button"))


def test_the_cases_of_both_parents_are_kept_apart(office: Office, desk: ConsoleDesk):
    mother = desk.bring(role="left_behind")
    father = desk.bring(role="taking", language="nl")
    jan = office.open("Jan", f"/cases/{mother}")
    submit(jan, jan.get_by_role("button", name="Op mij nemen"))
    add_child(jan)
    joke = office.open("Joke", f"/cases/{father}")
    submit(joke, joke.get_by_role("button", name="Op mij nemen"))
    add_child(joke)
    expect(joke.get_by_role("heading", level=1)).to_contain_text("conflict", ignore_case=True)

    for page, other in ((jan, father), (joke, mother)):
        gone = page.goto(f"{desk.address}/cases/{other}")
        assert gone is not None and gone.status == 404
        absent = page.locator("main").inner_text()
        page.goto(f"{desk.address}/cases/K-2026-9999-A")
        assert page.locator("main").inner_text() == absent
        page.goto(f"{desk.address}/cases?status=all")
        assert other not in page.content()
        page.goto(f"{desk.address}/conflicts")
        assert other not in page.content()

    cor = office.open("Cor", "/conflicts")
    cor.locator("tr", has_text=mother).get_by_role("link").click()
    expect(cor.locator("main")).to_contain_text(father)
    assert "Çocuğumu" not in cor.content()
    able = cor.locator("#assign-staff0 option, #assign-staff1 option").all_inner_texts()
    assert any("Jan" in each for each in able)
    submit(cor, cor.locator("section[aria-labelledby=decide]").get_by_role("button").first)
    expect(told(cor)).to_be_visible()
    cor.goto(f"{desk.address}/conflicts?state=confirmed")
    submit(cor, cor.locator("tr", has_text=mother).get_by_role("link"))
    # the mother's case goes to somebody who has read neither
    chosen = (
        "assign-staff0"
        if cor.locator("label[for=assign-staff0]").inner_text().find(mother) >= 0
        else "assign-staff1"
    )
    options = cor.locator(f"#{chosen} option").all_inner_texts()
    assert not any("Joke" in each for each in options)
    (truus,) = [each for each in options if "Truus" in each]
    cor.locator(f"#{chosen}").select_option(label=truus)
    submit(cor, cor.locator("section[aria-labelledby=assign]").get_by_role("button"))
    expect(told(cor)).to_be_visible()

    withheld = cor.goto(f"{desk.address}/cases/{mother}")
    assert withheld is not None and withheld.status == 200
    expect(cor.locator("section[aria-labelledby=work]")).to_contain_text("Truus")
    assert "Çocuğumu" not in cor.content()
    picture(cor, "case-withheld", 1280)


def test_figures_are_shown_and_exported(office: Office, desk: ConsoleDesk):
    for _ in range(6):
        desk.bring(code="preventie", language="pl", countries={"from": "NL", "to": "PL"})
    page = office.open("Jan", "/figures")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cijfers")
    assert page.locator("svg").count() >= 1
    assert page.locator("svg").first.bounding_box()["width"] > 200  # type: ignore[index]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert_fits(page)
        picture(page, "figures-full", width)
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("CSV")).click()
    assert saved.value.suggested_filename.endswith(".csv")
    text = saved.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    # read as the office reads it: a spreadsheet, in Dutch
    assert rows
    assert any("Preventie" in row.values() for row in rows)
    assert not any(str(value).startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_a_reply_is_chosen_copied_and_noted(office: Office, desk: ConsoleDesk):
    reference = desk.bring(
        {"channel": "email", "email": "ayse@example.org", "name": "Ayşe"}, language="tr"
    )
    page = office.open("Jan", f"/cases/{reference}")
    page.get_by_role("link", name="Antwoord kiezen").click()
    submit(page, page.get_by_role("link", name="Bericht ontvangen"))
    text = page.locator("textarea").first
    expect(text).to_have_attribute("lang", "tr")
    assert reference in text.input_value()
    page.get_by_role("button", name=re.compile("kopi", re.I)).first.click()
    shown = [each.input_value() for each in page.locator("textarea, input").all()]
    wait_for(
        page, lambda: (page.evaluate("navigator.clipboard.readText()").strip() or None) in shown
    )
    submit(page, page.get_by_role("button", name=re.compile("verstuurd", re.I)))
    expect(told(page)).to_be_visible()
    page.goto(f"{desk.address}/cases/{reference}")
    expect(page.locator("section[aria-labelledby=moments]")).to_contain_text("E-mail")


def test_the_auditor_reads_the_log_and_no_case(office: Office, desk: ConsoleDesk):
    reference = desk.bring()
    page = office.open("Aad")
    expect(page).to_have_url(f"{desk.address}/audit")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.locator("summary", has_text=re.compile("controle", re.I)).click()
    page.locator("details[open]").get_by_role("button").click()
    expect(page.locator("main")).to_contain_text(re.compile("klopt|heel|volledig", re.I))
    for path in (f"/cases/{reference}", "/cases", "/figures", "/conflicts"):
        reply = page.goto(desk.address + path)
        assert reply is not None and reply.status in (403, 404)
        assert reference not in page.locator("main").inner_text()


def test_a_session_ends_with_logging_out(office: Office, desk: ConsoleDesk):
    page = office.open(None, "/login")
    log_in(page, desk, "Wim")
    kept = page.context.cookies()
    page.get_by_role("button", name="Uitloggen").click()
    expect(page).to_have_url(re.compile("/login"))
    page.go_back()
    # nothing is kept for going back to
    expect(page.get_by_label("Wachtwoord")).to_be_visible()
    # the cookie that somebody copied is worth nothing any more
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.goto(f"{desk.address}/cases?status=all")
    expect(page.get_by_label("Wachtwoord")).to_be_visible()
    expect(page.locator("main [role=status], main .notice").first).to_be_visible()
    log_in(page, desk, "Wim")
    expect(page).to_have_url(f"{desk.address}/cases?status=all")


def test_what_is_wrong_at_logging_in_is_said(office: Office, desk: ConsoleDesk):
    page = office.open(None, "/login")
    page.get_by_label("Naam").fill("Niemand")
    page.get_by_label("Wachtwoord").fill("helemaal verkeerd")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Naam")).to_have_value("Niemand")
    expect(page.get_by_label("Wachtwoord")).to_have_value("")


def test_it_works_without_scripts(office: Office, desk: ConsoleDesk):
    reference = desk.bring()
    page = office.open("Jan", f"/cases/{reference}", script=False)
    page.locator("#note-text").fill("Zonder script.")
    page.get_by_role("button", name="Notitie toevoegen").click()
    expect(page.locator("section[aria-labelledby=notes]")).to_contain_text("Zonder script.")


def test_a_wording_is_proposed_approved_and_exported(office: Office, desk: ConsoleDesk):
    # without scripts
    page = office.open("Tess", "/texts?language=pl", script=False)
    page.get_by_role("link", name="Het gesprek zelf").click()
    page.get_by_role("link", name="utter_thank", exact=True).click()
    page.get_by_label("Tekst", exact=True).fill("Proszę {x}")
    page.get_by_label("Reden").fill("Krócej.")
    page.get_by_role("button", name="Voorstel indienen").click()
    expect(page.locator("#text-text0-error")).to_contain_text("{x}")
    expect(page.get_by_label("Reden")).to_have_value("Krócej.")
    page.get_by_label("Tekst", exact=True).fill("Proszę bardzo. W razie pytań proszę pisać.")
    page.get_by_role("button", name="Voorstel indienen").click()
    expect(told(page)).to_contain_text("ingediend")
    where = page.url.split("?")[0].removeprefix(desk.address)

    # with the keyboard alone
    page = office.open("Jan", where)
    press(page, page.get_by_role("button", name="Inhoud goedkeuren"))
    expect(told(page)).to_contain_text("goedkeuring")
    page = office.open("Tom", where)
    tab_to(page, page.get_by_label("Deze taal (Pools)"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Taal goedkeuren"))
    expect(page.locator("main")).to_contain_text("volgende export")

    page = office.open("Cor", "/texts/export")
    for _ in range(2):
        # a second time, too: a file can get lost
        with page.expect_download() as download:
            page.get_by_role("button", name="Patch downloaden").click()
        assert download.value.suggested_filename.endswith(".patch")
        assert "Proszę bardzo" in download.value.path().read_text(encoding="utf-8")
    page.reload()
    expect(page.locator("main")).to_contain_text("geëxporteerd")


@pytest.fixture(scope="module")
def hostile(desk: ConsoleDesk) -> str:
    """A case whose every text wants to be something else."""
    return desk.bring(
        {
            "name": HOSTILE[0],
            "phone": "+31 6 12345678",
            "if_someone_else_answers": HOSTILE[1],
            "code_word": HOSTILE[4],
        },
        transcript=[
            {"from": sender, "text": text, **({"id": "no_such_id"} if sender != "visitor" else {})}
            for text in HOSTILE
            for sender in ("visitor", "assistant")
        ],
        summary=[
            {"question_id": "q_of_last_year", "answer": text, "verdict": "unclear"}
            for text in HOSTILE
        ]
        + [{"question_id": "no_such_question", "answer": {"<b>": HOSTILE}, "verdict": "zzz"}],
        embed="site-with-a-name-that-has-no-end-" + "w" * 30,
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_texts_are_shown_as_they_are(
    office: Office, desk: ConsoleDesk, hostile: str, width: int
):
    page = office.open("Jan", f"/cases/{hostile}", width=width)
    for text in HOSTILE:
        page.locator("#note-text").fill(text)
        submit(page, page.get_by_role("button", name="Notitie toevoegen"))
    said = page.locator("section[aria-labelledby=talk]").inner_text()
    notes = page.locator("section[aria-labelledby=notes]").inner_text()
    for text in HOSTILE:
        assert text in said
        assert text in notes
    assert "gestolen" not in page.title()
    assert page.locator("main img, main script, main b").count() == 0
    assert_fits(page)
    picture(page, "case-hostile", width)
    submit(page, page.get_by_role("button", name="Contactgegevens tonen"))
    expect(page.locator("main")).to_contain_text(HOSTILE[0])
    expect(page.locator("main")).to_contain_text(HOSTILE[1])
    assert_fits(page)
    picture(page, "contact-hostile", width)
    page.goto(f"{desk.address}/cases")
    assert_fits(page)


PAGES = [
    (None, "login", "/login"),
    ("Jan", "queue", "/cases"),
    ("Jan", "queue-all", "/cases?status=all&line=2&urgent=yes"),
    ("Jan", "case", "/cases/{case}"),
    ("Jan", "transcript", "/cases/{long}/transcript"),
    ("Jan", "case-long", "/cases/{long}"),
    ("Jan", "withdraw", "/cases/{case}/conflict"),
    ("Jan", "reply-choice", "/cases/{case}/replies"),
    ("Jan", "reply", "/cases/{case}/replies/received"),
    ("Jan", "figures", "/figures"),
    ("Jan", "account", "/account"),
    ("Jan", "not-found", "/cases/K-2026-9999-A"),
    ("Cor", "conflicts", "/conflicts"),
    ("Cor", "conflict", "{conflict}"),
    ("Cor", "erase", "/cases/{case}/erase"),
    ("Cor", "case-coordinator", "/cases/{case}"),
    ("Tess", "replies", "/replies"),
    ("Tess", "forbidden", "/cases"),
    ("Tess", "texts", "/texts?language=tr"),
    ("Tess", "text-subject", "/texts/subjects/topic_safety?language=tr"),
    ("Tess", "text-outcome", "/texts/subjects/outcome_route_non_hague?language=tr"),
    ("Tess", "texts-due", "/texts/due?language=pl"),
    ("Tess", "text", "/texts/wordings/tr/utter_hague_costs"),
    ("Tess", "text-plural", "/texts/wordings/pl/age_years"),
    ("Jan", "text-changes", "/texts/changes"),
    ("Jan", "text-change", "/texts/changes/{change}"),
    ("Tess", "text-change-own", "/texts/changes/{change}"),
    ("Tom", "text-change-language", "/texts/changes/{change}"),
    ("Cor", "text-export", "/texts/export"),
    ("Aad", "audit", "/audit"),
]


@pytest.fixture(scope="module")
def places(desk: ConsoleDesk) -> dict[str, str]:
    """Cases for the pages below."""
    long = [
        {"from": "visitor" if number % 2 else "assistant", "text": f"Bericht nummer {number}"}
        for number in range(300)
    ]
    safe = [{"days": ["Mon", "Wed"], "from": "09:00", "to": "11:30"}]
    return {
        "case": desk.bring({**CONTACT, "safe_times": safe}, urgent=True),
        "long": desk.bring(transcript=long),
        "change": desk.propose(
            "Tess", "utter_thank", "tr", "Rica ederiz. Sorunuz olursa yine **yazabilirsiniz**."
        ),
    }


FOLDS = "open => document.querySelectorAll('main details').forEach(d => d.open = open)"


def fill(page: Page, desk: ConsoleDesk, path: str, places: dict[str, str]) -> str:
    if path != "{conflict}":
        return path.format(**places)
    page.goto(f"{desk.address}/conflicts?state=confirmed")
    if page.locator("tbody a").count() == 0:
        page.goto(f"{desk.address}/conflicts")
    return page.locator("tbody a").first.get_attribute("href") or "/conflicts"


@pytest.mark.parametrize(("name", "shown", "path"), PAGES, ids=[each[1] for each in PAGES])
def test_every_page_is_accessible_and_fits(
    office: Office,
    desk: ConsoleDesk,
    places: dict[str, str],
    name: str | None,
    shown: str,
    path: str,
):
    page = office.open(name, "/login" if name is None else "/account", for_axe=True)
    reply = page.goto(desk.address + fill(page, desk, path, places))
    assert reply is not None
    assert reply.status == {"not-found": 404, "forbidden": 403}.get(shown, 200)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"({FOLDS})(false)")
        assert_fits(page)
        picture(page, shown, width)
        page.evaluate(f"({FOLDS})(true)")
        assert_fits(page)
        picture(page, f"{shown}-open", width)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
