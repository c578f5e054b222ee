"""The contact form on the chat page in a real browser; what the site replies, each test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect
from stack import Stack, Watch
from test_page import WIDTHS, assert_fits, picture
from waiting import wait_for

from bot import catalogue
from bot.languages import languages
from bot.nlg import answers, handover_messages
from web import contact_form

Open = Callable[..., Page]

TOKEN = "a" * 43
NAME, NUMBER, EMAIL = "Marieke Zonderland", "06 12 34 56 78", "marieke@voorbeeld.nl"
ANSWERED, WORD = "Zeg dat het de tandarts is", "zeehond"
TYPED = (NAME, NUMBER, EMAIL, ANSWERED, WORD)
ACCEPTED = {
    "contact_ref": "c" * 32,
    "lang": "nl",
    "messages": [
        {
            "id": "utter_handover_done",
            "text": "Uw nummer is **K-2026-0001**.",
            "lang": "nl",
            "kind": "card",
            "buttons": [],
            "links": [],
        }
    ],
}


class _Site(Stack):
    """The visitor site alone."""

    def _wait_until_ready(self) -> None:
        self.wait_until_there("web", "/healthz")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """In place of everything: these tests are about the page."""
    site = _Site(tmp_path_factory.mktemp("site"))
    try:
        site.start("web")
        yield site
    finally:
        site.stop()


class Form:
    """The page with the form on it, and what was sent."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.sent: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []
        self.replies: list[tuple[int, Any] | str] = []
        self.held: list[Route] | None = None

    @property
    def shown(self) -> Locator:
        """The form that waits."""
        return self.page.locator("form.contact").last

    def text(self, key: str) -> str:
        """A text of the form as the page has it."""
        return catalogue.text(self.language, f"contact_{key}")

    def word(self, name: str) -> str:
        """One of the words that come with the form."""
        return str(handover_messages.contact_form(self.language)["words"][name])

    def field(self, name: str) -> Locator:
        """What is filled in or ticked for a field."""
        return self.shown.locator(f"[id$='-{name}']")

    def choose(self, channel: str) -> None:
        """Say how to be reached."""
        self.shown.locator(f"input[type=radio][value={channel}]").check()

    def submit(self) -> None:
        """Press the button."""
        self.shown.locator("button[type=submit]").click()

    @property
    def outcome(self) -> Locator:
        """What the form says about sending."""
        return self.shown.locator(".outcome")

    def fault(self, name: str) -> Locator:
        """What the form says about a field."""
        return self.shown.locator(f"[id$='-{name}-fault']")

    def on_contact(self, route: Route) -> None:
        """Reply as the test said; once nothing is left to say, accept."""
        self.sent.append(route.request.post_data_json)
        self.tokens.append(route.request.headers.get("authorization"))
        if self.held is not None:
            self.held.append(route)
            return
        self.reply(route)

    def waiting(self) -> Route:
        """The first request that is held, once it is there."""
        return wait_for(self.page, lambda: self.held)[0]

    def reply(self, route: Route) -> None:
        """Give the next reply."""
        next_one = self.replies.pop(0) if self.replies else (200, ACCEPTED)
        if isinstance(next_one, str):
            route.abort(next_one)
        else:
            status, body = next_one
            route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


@pytest.fixture
def open_form(open_page: Open) -> Callable[..., Form]:
    """Opens a conversation that has come to the form."""

    def make(language: str = "nl", width: int = 360, forms: int = 1) -> Form:
        # a page without a script, to say what the other one is told
        page = open_page(f"/help?lang={language}", width=width)
        form = Form(page, language)
        message = handover_messages.form(language)
        opening = {"token": TOKEN, "lang": language, "messages": [message] * forms}
        page.route(
            "**/api/chat/start",
            lambda route: route.fulfill(
                status=201, content_type="application/json", body=json.dumps(opening)
            ),
        )
        page.route("**/api/chat/end", lambda route: route.fulfill(status=204))
        page.route("**/api/contact", form.on_contact)
        page.goto(page.url.replace("/help", "/"))
        expect(page.locator("form.contact")).to_have_count(forms)
        return form

    return make


def _fill(form: Form) -> None:
    form.choose("phone")
    form.field("phone").fill(NUMBER)
    form.field("name").fill(NAME)
    form.field("if_someone_else_answers").fill(ANSWERED)
    form.field("code_word").fill(WORD)
    form.field("interpreter").check()
    time = form.shown.locator(".time")
    time.locator("input[value=Mon]").check()
    time.locator("input[value=Sun]").check()
    time.locator("input[type=time]").nth(0).fill("09:00")
    time.locator("input[type=time]").nth(1).fill("12:30")
    form.field("consent").check()


def _body(language: str = "nl") -> dict[str, Any]:
    return {
        "channel": "phone",
        "phone": NUMBER,
        "name": NAME,
        "safe_times": [{"days": ["Mon", "Sun"], "from": "09:00", "to": "12:30"}],
        "voicemail_allowed": False,
        "if_someone_else_answers": ANSWERED,
        "code_word": WORD,
        "language": language,
        "interpreter": True,
        "consent": True,
    }


def _assert_nowhere(page: Page) -> None:
    """Neither shown, nor in a field, nor kept by the page."""
    fields = page.locator("input, textarea").all()
    left = [field.input_value() for field in fields if field.get_attribute("type") != "checkbox"]
    kept = page.evaluate("JSON.stringify([sessionStorage, localStorage, history.state])")
    for text in TYPED:
        assert text not in left
        assert text not in page.content()
        assert text not in kept


def _assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def _pictured(form: Form, name: str, width: int) -> None:
    """The form as a whole: it is longer than a screen."""
    picture(form.page, f"contact-{name}", width)
    tall = form.shown.bounding_box()
    assert tall
    form.page.set_viewport_size({"width": width, "height": int(tall["height"]) + 500})
    form.shown.scroll_into_view_if_needed()
    picture(form.page, f"contact-{name}-whole", width)
    form.page.set_viewport_size({"width": width, "height": 740})


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", list(languages()))
def test_it_is_filled_in_and_goes_past_the_conversation(
    open_form: Callable[..., Form], language: str, width: int
) -> None:
    form = open_form(language, width)
    _assert_accessible(form.page)
    assert_fits(form.page)
    _pictured(form, f"empty-{language}", width)
    _fill(form)
    _assert_accessible(form.page)
    _pictured(form, f"filled-{language}", width)
    form.submit()
    reply = form.page.locator(".message").last
    expect(reply.locator("strong")).to_have_text("K-2026-0001")
    expect(reply).to_be_focused()
    assert form.sent == [_body(language)]
    assert isinstance(contact_form.parse(form.sent[0]), contact_form.ContactForm)
    assert form.tokens == [f"Bearer {TOKEN}"]
    expect(form.page.locator("form.contact")).to_have_count(0)
    expect(form.page.locator(".sent")).to_have_text(form.word("sent"))
    expect(form.page.locator(".message.visitor")).to_have_count(0)
    _assert_nowhere(form.page)
    _assert_accessible(form.page)
    picture(form.page, f"contact-sent-{language}", width)


def test_whoever_uses_the_phone_next_is_offered_nothing_of_it(
    open_form: Callable[..., Form],
) -> None:
    form = open_form()
    for field in form.shown.locator("input").all():
        assert field.get_attribute("autocomplete") == "off"
    for name in ("name", "phone", "email", "if_someone_else_answers", "code_word"):
        assert form.field(name).get_attribute("spellcheck") == "false"
    expect(form.field("phone")).to_have_attribute("inputmode", "tel")
    expect(form.field("email")).to_have_attribute("inputmode", "email")


def test_everything_has_a_name_and_what_helps_is_tied_to_it(
    open_form: Callable[..., Form],
) -> None:
    form = open_form()
    for field in form.shown.locator("input").all():
        assert field.evaluate("field => [...field.labels].map(l => l.textContent.trim()).join('')")
    help_of = "if_someone_else_answers"
    expect(form.field(help_of)).to_have_accessible_description(form.text(f"{help_of}_help"))
    expect(form.shown.get_by_role("radiogroup").first).to_have_accessible_name(
        f"{form.text('channel')} {form.word('required')}"
    )
    expect(form.shown.locator("fieldset.times")).to_have_accessible_description(
        form.text("safe_times_help")
    )
    expect(form.field("consent")).to_have_accessible_name(
        f"{form.text('consent')} {form.word('required')}"
    )


@pytest.mark.parametrize(
    ("channel", "shown", "hidden"),
    [
        ("phone", ["phone", "voicemail_allowed", "code_word"], ["email"]),
        ("whatsapp", ["phone", "code_word"], ["email", "voicemail_allowed"]),
        ("email", ["email"], ["phone", "voicemail_allowed", "code_word"]),
    ],
)
def test_what_the_channel_does_not_need_is_out_of_the_way(
    open_form: Callable[..., Form], channel: str, shown: list[str], hidden: list[str]
) -> None:
    form = open_form()
    for name in ("phone", "email"):
        expect(form.field(name)).to_be_visible()
    form.choose(channel)
    for name in shown:
        expect(form.field(name)).to_be_visible()
    for name in hidden:
        expect(form.field(name)).to_be_hidden()
    needed = "email" if channel == "email" else "phone"
    expect(form.field(needed)).to_have_attribute("aria-required", "true")
    expect(form.shown.get_by_label(f"{form.text(needed)} {form.word('required')}")).to_be_visible()


def test_what_is_hidden_is_not_sent_and_not_lost(open_form: Callable[..., Form]) -> None:
    form = open_form()
    _fill(form)
    form.choose("email")
    form.field("email").fill(EMAIL)
    form.choose("phone")
    expect(form.field("phone")).to_have_value(NUMBER)
    form.choose("email")
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent[0]["email"] == EMAIL
    assert not {"phone", "voicemail_allowed", "if_someone_else_answers"} & set(form.sent[0])
    assert isinstance(contact_form.parse(form.sent[0]), contact_form.ContactForm)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_sent_before_what_must_be_there_is_there(
    open_form: Callable[..., Form], width: int
) -> None:
    form = open_form(width=width)
    form.submit()
    expect(form.outcome).to_have_text(form.word("check"))
    expect(form.shown.get_by_role("radio").first).to_be_focused()
    expect(form.fault("channel")).to_have_text(form.word("choose"))
    expect(form.fault("consent")).to_have_text(form.word("consent"))
    expect(form.field("consent")).to_have_attribute("aria-invalid", "true")
    _assert_accessible(form.page)
    assert_fits(form.page)
    _pictured(form, "faults", width)
    form.choose("whatsapp")
    form.submit()
    expect(form.field("phone")).to_be_focused()
    expect(form.field("phone")).to_have_accessible_description(form.word("missing"))
    expect(form.fault("channel")).to_be_hidden()
    form.field("phone").fill(NUMBER)
    form.submit()
    expect(form.field("consent")).to_be_focused()
    assert form.sent == []
    form.field("consent").check()
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()
    assert len(form.sent) == 1


def test_times_are_added_taken_away_and_left_empty(open_form: Callable[..., Form]) -> None:
    form = open_form()
    _fill(form)
    add = form.shown.get_by_role("button", name=form.word("add_time"))
    times = form.shown.locator(".time")
    for number in range(2, 6):
        add.click()
        expect(times).to_have_count(number)
        expect(times.last.locator("input").first).to_be_focused()
    expect(add).to_be_hidden()
    times.nth(2).locator("input[value=Tue]").check()
    times.nth(2).locator("input[type=time]").nth(0).fill("20:00")
    form.submit()
    wrong = times.nth(2).locator("input[type=time]").nth(1)
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description(form.word("safe_times"))
    expect(form.shown.locator(".time.wrong")).to_have_count(1)
    assert form.sent == []
    wrong.fill("22:15")
    remove = form.word("remove_time").replace("{number}", "2")
    form.shown.get_by_role("button", name=remove).click()
    expect(times).to_have_count(4)
    expect(add).to_be_focused()
    expect(times.nth(1).locator("legend")).to_have_text(form.word("time").replace("{number}", "2"))
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent[0]["safe_times"] == [
        {"days": ["Mon", "Sun"], "from": "09:00", "to": "12:30"},
        {"days": ["Tue"], "from": "20:00", "to": "22:15"},
    ]


def test_nobody_has_to_choose_a_time(open_form: Callable[..., Form]) -> None:
    form = open_form()
    form.choose("email")
    form.field("email").fill(EMAIL)
    form.field("consent").check()
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent == [
        {
            "channel": "email",
            "email": EMAIL,
            "language": "nl",
            "interpreter": False,
            "consent": True,
        }
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", list(languages()))
def test_the_fields_that_the_site_names_are_marked_and_nothing_is_lost(
    open_form: Callable[..., Form], watch: Watch, language: str, width: int
) -> None:
    watch.errors_expected = True
    form = open_form(language, width)
    _fill(form)
    said = "Kijk deze velden na."
    refusal = {"error": "malformed", "message": said, "fields": ["phone", "safe_times.0.to"]}
    form.replies = [(400, refusal)]
    form.submit()
    expect(form.outcome).to_have_text(said)
    expect(form.field("phone")).to_be_focused()
    expect(form.field("phone")).to_have_attribute("aria-invalid", "true")
    expect(form.field("phone")).to_have_accessible_description(form.word("phone"))
    expect(form.shown.locator(".time.wrong .fault")).to_have_text(form.word("safe_times"))
    expect(form.field("name")).not_to_have_attribute("aria-invalid", "true")
    _assert_accessible(form.page)
    assert_fits(form.page)
    _pictured(form, f"refused-{language}", width)
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent == [_body(language)] * 2


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("failure", ["nothing", "unavailable", "garbage"])
def test_when_sending_fails_the_numbers_are_there_and_it_can_be_sent_again(
    open_form: Callable[..., Form], watch: Watch, failure: str, width: int
) -> None:
    watch.errors_expected = True
    form = open_form(width=width)
    _fill(form)
    unavailable = {
        "error": "unavailable",
        "message": answers.wording("error_unavailable", "nl", answers.current_time(), {}),
        "help": answers.help_card("nl"),
    }
    failures: dict[str, tuple[int, Any] | str] = {
        "nothing": "connectionrefused",
        "unavailable": (503, unavailable),
        "garbage": (200, "<html>"),
    }
    form.replies = [failures[failure]] * 2
    retry = form.shown.get_by_role("button", name=form.word("retry"))
    form.submit()
    expect(form.outcome).to_contain_text(form.word("failed"))
    numbers = form.shown.locator(".numbers a[href^='tel:']")
    expect(numbers.first).to_have_attribute("href", "tel:112")
    assert numbers.count() >= 5
    _assert_accessible(form.page)
    assert_fits(form.page)
    _pictured(form, f"failed-{failure}", width)
    with form.page.expect_request("**/api/contact"):
        retry.click()
    expect(form.outcome).to_contain_text(form.word("failed"))
    retry.click()
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent == [_body()] * 3, "the same each time: the desk can see that it is one"


def test_a_double_click_sends_once(open_form: Callable[..., Form]) -> None:
    form = open_form()
    _fill(form)
    form.held = []
    form.shown.locator("button[type=submit]").dblclick()
    form.field("name").press("Enter")
    expect(form.outcome).to_have_text(form.word("sending"))
    expect(form.shown.locator("button[type=submit]")).to_have_attribute("aria-disabled", "true")
    # the form says so before the request is there
    first, form.held = form.waiting(), None
    form.reply(first)
    expect(form.page.locator(".sent")).to_be_visible()
    assert len(form.sent) == 1


def test_forms_of_earlier_turns_rest_once_one_is_sent(open_form: Callable[..., Form]) -> None:
    form = open_form(forms=3)
    form.page.locator("form.contact").first.locator("[id$='-name']").fill(NAME)
    _fill(form)
    form.submit()
    for again in range(2):
        expect(form.page.locator("form.contact")).to_have_count(0)
        expect(form.page.locator(".sent")).to_have_count(3)
        expect(form.page.locator(".buttons button")).to_have_count(0)
        _assert_nowhere(form.page)
        if not again:
            form.page.reload()


def test_a_reload_brings_the_form_back_empty(open_form: Callable[..., Form]) -> None:
    form = open_form()
    _fill(form)
    form.page.reload()
    expect(form.shown).to_be_visible()
    _assert_nowhere(form.page)
    _fill(form)
    form.submit()
    expect(form.page.locator(".sent")).to_be_visible()


def test_the_quick_exit_empties_the_fields(open_form: Callable[..., Form], watch: Watch) -> None:
    watch.exit_expected = True
    form = open_form()
    _fill(form)
    left = form.page.evaluate(
        """() => {
          document.getElementById("exit").click();
          return [...document.querySelectorAll("input")].map((field) => field.value);
        }"""
    )
    assert not set(left) & set(TYPED)
    form.page.wait_for_url("https://www.buienradar.nl/**")


def test_an_answer_that_comes_after_the_end_is_not_shown(open_form: Callable[..., Form]) -> None:
    form = open_form()
    _fill(form)
    form.held = []
    form.submit()
    first = form.waiting()
    form.page.locator("#end").click()
    with form.page.expect_response("**/api/contact"):
        form.reply(first)
    expect(form.page.locator("#form button")).to_be_enabled()
    expect(form.page.locator("#conversation")).to_be_empty()
    assert "K-2026" not in form.page.evaluate("JSON.stringify(sessionStorage)")


def test_a_conversation_that_is_gone_can_begin_anew(
    open_form: Callable[..., Form], watch: Watch
) -> None:
    watch.errors_expected = True
    form = open_form()
    _fill(form)
    form.replies = [(401, {"error": "unauthorized", "message": "Dit gesprek is er niet meer."})]
    form.submit()
    expect(form.outcome).to_contain_text("Dit gesprek is er niet meer.")
    expect(form.field("phone")).to_have_value(NUMBER)
    form.outcome.get_by_role("button").click()
    expect(form.page.locator("form.contact")).to_have_count(1)
    _assert_nowhere(form.page)


@pytest.mark.parametrize("language", list(languages()))
def test_it_fits_a_small_phone_with_large_letters(
    open_form: Callable[..., Form], language: str
) -> None:
    form = open_form(language, width=320)
    assert_fits(form.page)
    form.page.evaluate("document.documentElement.style.fontSize = '200%'")
    form.submit()
    assert_fits(form.page)
    form.choose("phone")
    form.submit()
    for name in ("phone", "consent"):
        box = form.field(name).bounding_box()
        assert box
        assert 0 <= box["x"] < box["x"] + box["width"] <= 320
    phone = form.field("phone")
    expect(phone).to_be_focused()
    # what has the focus is in sight
    in_sight = """phone => {
      const top = phone.getBoundingClientRect().top;
      return document.querySelector("header").getBoundingClientRect().bottom <= top && top <= 740;
    }"""
    wait_for(form.page, lambda: phone.evaluate(in_sight))
    _pictured(form, f"large-{language}", 320)


def test_the_keyboard_is_enough(open_form: Callable[..., Form]) -> None:
    form = open_form()
    keys = form.page.keyboard

    def focus_on(target: Locator, most: int = 40) -> None:
        for _ in range(most):
            if target.evaluate("field => field === document.activeElement"):
                return
            keys.press("Tab")
        raise AssertionError("the Tab key does not come there")

    focus_on(form.shown.get_by_role("radio").first)
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    expect(form.shown.locator("input[value=phone]")).to_be_checked()
    focus_on(form.field("phone"))
    keys.type(NUMBER)
    focus_on(form.shown.locator(".time input[value=Wed]"))
    keys.press("Space")
    # with "am" where the browser counts to twelve
    focus_on(form.shown.locator("input[type=time]").first)
    keys.type("0930a")
    focus_on(form.shown.locator("input[type=time]").nth(1))
    keys.type("1100a")
    focus_on(form.field("consent"))
    keys.press("Space")
    focus_on(form.shown.locator("button[type=submit]"))
    keys.press("Enter")
    expect(form.page.locator(".sent")).to_be_visible()
    assert form.sent[0]["safe_times"] == [{"days": ["Wed"], "from": "09:30", "to": "11:00"}]
    assert form.sent[0]["phone"] == NUMBER
