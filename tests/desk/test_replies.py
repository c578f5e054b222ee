"""Approved reply texts: the file, the words, and the pages."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

from bot import catalogue, withdraw
from bot.catalogue import text
from bot.errors import ProjectFileError
from bot.languages import languages
from bot.nlg.answers import current_time
from bot.training_data import contract_intents
from desk import replies
from desk.codes import codebook

ROOT = Path(__file__).parents[2]
ALL = sorted(replies.replies())
# what tells a reader over the shoulder what it is about
TELLING = {
    "nl": r"ontvoer|kind|ouder|gezag|rechter|advocaat|geweld|toestemming|teruggeleid|\bIKO\b",
    "tr": r"kaçır|çocu[kğ]|ebeveyn|velayet|mahkeme|avukat|şiddet|muvafakat|\biade|\bIKO\b",
    "pl": r"uprowadz|dzieck|rodzic|opiek|\bsąd|adwokat|przemoc|\bzgod[aęy]\b|\bIKO\b",
    "en": r"abduct|child|parent|custody|\bcourt|lawyer|violence|\bconsent\b|\breturn\b|\bIKO\b",
}


@pytest.mark.parametrize("language", list(languages()))
@pytest.mark.parametrize("name", ALL)
def test_every_text_can_be_sent_in_every_language(name: str, language: str):
    mail = replies.mail(replies.replies()[name], language, "K-2026-0042-P", current_time())
    assert "{" not in mail.body + mail.subject
    assert "K-2026-0042-P" in mail.body + mail.subject
    assert mail.body.startswith(text(language, "reply_greeting"))
    assert mail.body.endswith(text(language, "reply_closing"))


@pytest.mark.parametrize("language", list(languages()))
@pytest.mark.parametrize("name", ALL)
def test_no_subject_gives_the_topic_away(name: str, language: str):
    mail = replies.mail(replies.replies()[name], language, "K-2026-0042-P", current_time())
    assert not re.search(TELLING[language], mail.subject, re.IGNORECASE)


@pytest.mark.parametrize("language", list(languages()))
@pytest.mark.parametrize("name", [name for name in ALL if replies.replies()[name].discreet])
def test_a_discreet_text_gives_it_away_nowhere(name: str, language: str):
    mail = replies.mail(replies.replies()[name], language, "K-2026-0042-P", current_time())
    assert re.findall(TELLING[language], mail.body, re.IGNORECASE) == []


@pytest.mark.parametrize("name", ALL)
def test_polish_addresses_nobody_as_sir_or_madam(name: str):
    assert not re.search(r"\bPa(n|ni|na|nią|nu|nem)\b", text_of("pl", name))


@pytest.mark.parametrize("name", ALL)
def test_sentences_are_short(name: str):
    for sentence in re.split(r"[.?!:]\s|\n", text_of("nl", name)):
        assert len(sentence.split()) <= 22, sentence


def text_of(language: str, name: str) -> str:
    return replies.mail(replies.replies()[name], language, "K-2026-0042-P", current_time()).body


def test_every_text_of_the_catalogue_belongs_to_a_reply():
    keys = {key for key in catalogue.all_keys() if key.startswith("reply_")}
    frame = {"reply_greeting", "reply_closing"} | {f"reply_subject_{s}" for s in replies.SUBJECTS}
    assert keys == {f"reply_{name}" for name in ALL} | frame


@pytest.mark.parametrize("name", ALL)
def test_every_reply_has_a_name_for_colleagues_and_names_its_facts(name: str):
    assert text("nl", f"desk_reply_name_{name}")
    assert replies.replies()[name].facts


def test_topics_of_replies_are_intents():
    topics = {topic for reply in replies.replies().values() for topic in reply.topics}
    assert topics <= set(contract_intents()), topics - set(contract_intents())


@pytest.mark.parametrize(
    "fault",
    ["subject: shouting", "subject: call\n    codes: [nothing]", "subject: call\n    size: 3"],
)
def test_a_fault_of_the_file_is_named(fault: str):
    with pytest.raises(ProjectFileError, match=r"desk/replies\.yml: received: "):
        replies.parse(
            "defaults: {reviewed: 2026-11-22, valid_until: 2027-11-22}\n"
            f"replies:\n  received:\n    {fault}\n"
        )


@pytest.mark.parametrize("code", list(codebook().codes))
@pytest.mark.parametrize("role", list(codebook().roles))
def test_for_every_case_some_suit_and_none_is_lost(code: str, role: str):
    suited, others = replies.suited_first(code, role)
    assert {reply.name for reply in suited + others} == set(ALL)
    assert "received" in {reply.name for reply in suited}


def test_what_was_talked_of_comes_first():
    suited, _ = replies.suited_first("kinderontvoering", "left_behind", ["mediation"])
    assert suited[0].name == "mediation"


def test_the_parent_who_took_a_child_is_not_offered_a_return_request_first():
    suited, others = replies.suited_first("kinderontvoering", "taking")
    assert suited[0].name == "taking_parent"
    assert {"return_next", "return_papers"} <= {reply.name for reply in others}


def test_terms_follow_the_glossary():
    with (ROOT / "locales" / "glossary.csv").open(encoding="utf-8") as file:
        terms = {row["nl"].split(";")[0]: row for row in csv.DictReader(file)}
    for dutch, name in (
        ("verzoek tot teruggeleiding", "return_next"),
        ("spiegelovereenkomst", "mediation"),
    ):
        for language in ("tr", "pl"):
            wanted = [form.split("(")[0].strip() for form in terms[dutch][language].split(";")]
            said = text_of(language, name).replace("İ", "i").lower()
            assert any(form.lower()[:10] in said for form in wanted), (dutch, language)


# The pages ----------------------------------------------------------------------------------


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


async def test_a_translator_reads_all_texts_in_all_languages(browser: Browser):
    await browser.log_in("tess")
    page = await browser.get("/replies")
    for name in ALL:
        for language in languages():
            key = f"reply_{name}"
            names = catalogue.wording_placeholders(language, key)
            shown = text(language, key, **{each: f"{{{each}}}" for each in names})
            assert html.escape(shown, quote=False) in html.unescape(page).replace("&", "&amp;")
    assert text("nl", "desk_replies_change") in words(page)
    assert "<textarea" not in page


async def test_an_auditor_does_not(browser: Browser):
    await browser.log_in("aad")
    await browser.get("/replies", 403)


async def test_suited_texts_come_before_the_others(desk: Desk, browser: Browser):
    reference = desk.bring(code="toestemming_vakantie", transcript=[])
    await browser.log_in("wim")
    page = await browser.get(f"/cases/{reference}/replies")
    suited, others = page.split(text("nl", "desk_reply_others"))
    assert "/replies/travel_papers" in suited and "/replies/return_next" in others


async def test_a_text_stands_in_the_clients_language_beside_the_dutch(desk: Desk, browser: Browser):
    reference = desk.bring(language="pl")
    await browser.log_in("jan")
    page = await browser.get(f"/cases/{reference}/replies/return_next")
    fields = re.findall(r'<textarea[^>]*readonly lang="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert [language for language, _ in fields] == ["pl", "nl"]
    reply = replies.replies()["return_next"]
    for language, shown in fields:
        assert html.unescape(shown) == replies.mail(reply, language, reference, current_time()).body


async def test_a_dutch_client_gets_dutch_once(desk: Desk, browser: Browser):
    reference = desk.bring(language="nl")
    await browser.log_in("jan")
    assert (await browser.get(f"/cases/{reference}/replies/received")).count("<textarea") == 1


async def test_sent_it_is_a_contact_by_email_in_the_case(desk: Desk, browser: Browser):
    reference = desk.bring()
    await browser.log_in("jan")
    await browser.get(f"/cases/{reference}/replies/received")
    where = await browser.post(f"/cases/{reference}/replies/received", language="tr", minutes="10")
    assert where == f"/cases/{reference}?done=reply_sent"
    content = desk.registry.look(desk["jan"], reference).content
    assert content is not None
    moment = content.moments[-1]
    assert (moment.channel, moment.incoming, moment.minutes, moment.author) == (
        "email",
        False,
        10,
        "jan",
    )
    assert text("nl", "desk_reply_name_received") in (moment.note or "")
    logged = desk.registry.audit_log(desk["aad"], action="use_reply")
    assert [entry.details for entry in logged] == [{"key": "reply_received"}]


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        (None, "no_form"),
        ({"channel": "phone", "email": "a@example.org"}, "not_email"),
        ({"channel": "email", "email": "a@example.org"}, "safe"),
        (
            {
                "channel": "email",
                "email": "a@example.org",
                "safe_times": [{"days": ["Sat"], "from": "10:00", "to": "12:00"}],
            },
            "not_now",
        ),
    ],
)
async def test_whether_an_email_is_safe_stands_on_top_and_no_address_does(
    desk: Desk, browser: Browser, contact: dict[str, object] | None, says: str
):
    reference = desk.bring(conversation="conversation-of-a-client", contact_ref=None)
    if contact is not None:
        desk.contact(conversation="conversation-of-a-client", **contact)
    await browser.log_in("jan")
    for path in ("", "/received"):
        page = await browser.get(f"/cases/{reference}/replies{path}")
        top = page.split("<h1>")[1].split("</section>")[0]
        assert text("nl", f"desk_reply_{says}") in words(top)
        assert "example.org" not in page
        assert (text("nl", "desk_reply_address") in words(page)) == (says == "safe")


async def test_a_text_that_nobody_has_read_for_long_is_not_shown(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    reference = desk.bring()
    later = current_time().replace(year=2028)
    monkeypatch.setattr("desk.console.replies.current_time", lambda: later)
    await browser.log_in("jan")
    page = await browser.get(f"/cases/{reference}/replies/received")
    assert "<textarea" not in page and text("nl", "desk_reply_expired") in words(page)


async def test_a_text_that_is_taken_back_is_not_shown(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("KOMPAS_WITHDRAWN", str(tmp_path / "withdrawn.json"))
    reference = desk.bring()
    await browser.log_in("jan")
    address = f"/cases/{reference}/replies/received?language=tr"
    assert "<textarea" in await browser.get(address)
    withdraw.withdraw("reply_received", "tr", "een proef", current_time())
    page = await browser.get(address)
    assert "<textarea" not in page and text("nl", "desk_reply_expired") in words(page)


async def test_a_case_that_is_not_there_has_no_texts(desk: Desk, browser: Browser):
    reference = desk.bring()
    desk.registry.declare_conflict(desk["jan"], reference)
    await browser.log_in("jan")
    for path in ("/replies", "/replies/received"):
        walled = await browser.get(f"/cases/{reference}{path}", 404)
        assert walled == await browser.get(f"/cases/K-2026-9999-A{path}", 404)
    await browser.post(f"/cases/{reference}/replies/received", 404, language="tr", minutes="1")


@pytest.mark.parametrize(
    ("reply", "fields", "status"),
    [
        ("nothing", {"language": "tr", "minutes": "1"}, 404),
        ("received", {"language": "xx", "minutes": "1"}, 400),
        ("received", {"language": "tr", "minutes": "-1"}, 400),
        ("received", {"language": "tr", "minutes": "1", "more": "x"}, 400),
    ],
)
async def test_what_is_no_text_is_not_sent(
    desk: Desk, browser: Browser, reply: str, fields: dict[str, str], status: int
):
    reference = desk.bring()
    await browser.log_in("jan")
    await browser.get(f"/cases/{reference}/replies")
    await browser.post(f"/cases/{reference}/replies/{reply}", status, **fields)
    content = desk.registry.look(desk["jan"], reference).content
    assert content is not None and len(content.moments) == 1
