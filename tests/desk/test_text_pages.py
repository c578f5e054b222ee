"""The pages of texts: reading them as a conversation, proposing, approving, exporting."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable
from datetime import date

import pytest
import sqlalchemy as sa
from cast import Desk
from console import Browser, Client, Refs, console_of, words
from proposing import approved, propose, view
from test_console_text import HOSTILE, is_shown

from bot import catalogue
from bot.languages import languages
from bot.reviews import State
from desk.console import texts as pages
from desk.models import Base
from desk.texts import samples, views
from desk.texts.difference import ADDED, REMOVED, SAME, difference
from desk.texts.standing import due
from desk.texts.subjects import subject_of, subjects
from desk.texts.wordings import book

KEY, TURKISH = "utter_thank", "Rica ederiz. Başka sorunuz var mı?"
Open = Callable[[str], Awaitable[Browser]]


@pytest.fixture
async def log_in(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Open:
    async def opened(name: str) -> Browser:
        browser = Browser(await aiohttp_client(console_of(desk)), desk)
        await browser.log_in(name)
        return browser

    return opened


def test_every_text_stands_in_a_subject():
    keys = book().keys
    assert {key for key in keys if subject_of(key, keys) is None} == set()
    assert {key for each in subjects(keys).values() for key in each.keys} == set(keys)


@pytest.mark.parametrize("language", list(languages()))
def test_every_placeholder_is_shown_filled(language: str):
    now = pages.current_time()
    for key in book().keys:
        for text in pages.shown(book().get(key, language), now):
            # a few belong to a page for webmasters, which fills them in itself
            assert "{" not in text or key.startswith(("web_kit_", "utter_checklist_code")), key


def test_plural_forms_are_shown_with_numbers_that_take_them():
    wording = book().get("age_years", "pl")
    assert wording is not None
    shown = pages.shown(wording, pages.current_time())
    assert [text.split()[0] for text in shown] == ["1", "2", "5"]


async def test_a_translator_begins_at_the_texts(desk: Desk, log_in: Open):
    browser = await log_in("tess")
    page = await browser.get("/texts?language=pl")
    for name in subjects(book().keys):
        assert f'href="/texts/subjects/{name}?language=pl"' in page


@pytest.mark.parametrize("name", list(subjects(book().keys)))
async def test_a_subject_is_read_in_a_language_beside_dutch(log_in: Open, name: str):
    browser = await log_in("tess")
    page = await browser.get(f"/texts/subjects/{name}?language=tr")
    refs = Refs(page)
    assert len(refs.ids) == len(set(refs.ids))
    for key in subjects(book().keys)[name].keys:
        assert f'href="/texts/wordings/tr/{key}"' in page
    spoken = {given.get("lang") for _, given in refs.tags}
    assert {"tr", "nl"} <= spoken


async def test_a_question_is_read_with_its_options_and_what_is_said_to_them(log_in: Open):
    browser = await log_in("jan")
    page = words(await browser.get("/texts/subjects/checklist_BE?language=pl"))
    place = -1
    for key in ("q_consent_ask", "q_consent_option_yes", "q_consent_why", "q_consent_tell_yes"):
        text = words(catalogue.text("pl", key).split("\n")[0].replace("**", ""))
        place = page.index(text, place + 1)


async def test_a_text_is_shown_with_its_papers(log_in: Open):
    browser = await log_in("tess")
    page = words(await browser.get("/texts/wordings/pl/utter_hague_costs"))
    for said in ("✓ actueel", "juristen", "22 november 2027", "OR-79", "juridischloket.nl"):
        assert said in page


async def test_what_expires_is_listed_the_most_urgent_first(
    log_in: Open, monkeypatch: pytest.MonkeyPatch
):
    day = date(2027, 10, 1)
    found = due(book(), book().keys, "tr", day)
    assert found
    assert {each.state for _, each in found} == {State.EXPIRING}
    later = pages.current_time().replace(year=2027, month=10, day=1)
    monkeypatch.setattr(pages, "current_time", lambda: later)
    browser = await log_in("tess")
    page = words(await browser.get("/texts/due?language=tr"))
    assert f"Turks: {len(found)} teksten" in page
    assert "verloopt binnenkort" in page
    page = words(await browser.get("/texts/subjects/topic_travel?language=tr"))
    assert "◷ verloopt binnenkort" in page
    expired = due(book(), book().keys, "tr", date(2028, 1, 1))
    assert expired[0][1].state is State.EXPIRED
    assert not expired[0][1].said


async def test_a_proposal_goes_from_its_form_to_a_patch(desk: Desk, log_in: Open):
    tom, jan, tess, cor = [await log_in(name) for name in ("tom", "jan", "tess", "cor")]
    page = await tom.get(f"/texts/wordings/tr/{KEY}")
    fields = dict(re.findall(r'name="(base|source)" value="(\w+)"', page))
    where = await tom.post(
        f"/texts/wordings/tr/{KEY}", text0=TURKISH, reason="Vriendelijker.", **fields
    )
    path = where.split("?")[0]
    assert "Uw voorstel is ingediend." in words(await tom.get(where))
    page = await jan.get(path)
    assert "<ins>" in page
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    await jan.post(f"{path}/approve", kind="content", seen=seen)
    await tess.get("/texts")
    page = await tess.get(path)
    # a native reader says so
    await tess.post(f"{path}/approve", 400, kind="language", seen=seen)
    await tess.post(f"{path}/approve", kind="language", seen=seen, native="yes")
    assert "goedgekeurd" in words(await cor.get("/texts/changes?state=approved"))
    await cor.get("/texts/export")
    answer = await cor.client.post("/texts/export", data={"csrf": cor.csrf})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/x-diff; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert TURKISH in await answer.text()
    assert view(desk, path.rsplit("/", 1)[1]).state == views.EXPORTED


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(log_in: Open):
    browser = await log_in("tom")
    page = await browser.get("/texts/wordings/pl/age_years")
    fields = dict(re.findall(r'name="(base|source)" value="(\w+)"', page))
    page = await browser.post(
        "/texts/wordings/pl/age_years",
        400,
        text0="jeden <b>rok</b>",
        text1="{count} lata",
        text2="{count} lat",
        reason="Want.",
        **fields,
    )
    assert 'id="text-text0-error"' in page
    assert 'aria-describedby="text-text0-error' in page
    for kept in ("jeden <b>rok</b>", "Want."):
        assert is_shown(page, kept)
    assert "HTML kan hier niet: <b>" in words(page)
    assert "<b>" not in page
    page = await browser.post(
        "/texts/wordings/pl/age_years",
        400,
        **{"text0": "{count} r", "text1": "{count} lata", "text2": "{count} lat", **fields},
    )
    assert "Schrijf op waarom" in words(page)
    assert is_shown(page, "{count} r")


async def test_a_text_that_moved_meanwhile_is_shown_beside_what_was_typed(log_in: Open):
    browser = await log_in("tom")
    await browser.get(f"/texts/wordings/tr/{KEY}")
    page = await browser.post(
        f"/texts/wordings/tr/{KEY}", 400, text0=TURKISH, reason="x", base="00000000"
    )
    assert "intussen veranderd" in words(page)
    assert is_shown(page, TURKISH)


async def test_a_second_proposal_for_a_text_is_refused_and_kept_on_the_page(
    desk: Desk, log_in: Open
):
    browser = await log_in("tom")
    page = await browser.get(f"/texts/wordings/tr/{KEY}")
    fields = dict(re.findall(r'name="(base|source)" value="(\w+)"', page))
    propose(desk, "tess", KEY, "tr", "Bir şey değil.")
    page = await browser.post(f"/texts/wordings/tr/{KEY}", 409, text0=TURKISH, reason="x", **fields)
    assert "loopt al een voorstel" in words(page)
    assert is_shown(page, TURKISH)


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_reason_is_shown_as_it_is(desk: Desk, log_in: Open, kind: str):
    browser = await log_in("tom")
    page = await browser.get(f"/texts/wordings/tr/{KEY}")
    fields = dict(re.findall(r'name="(base|source)" value="(\w+)"', page))
    status = 400 if kind in ("right to left", "controls") else 303
    answer = await browser.post(
        f"/texts/wordings/tr/{KEY}", status, text0=TURKISH, reason=HOSTILE[kind], **fields
    )
    if status == 303:
        answer = await browser.get(answer.split("?")[0])
    assert is_shown(answer, HOSTILE[kind])
    assert "<script>alert" not in answer
    assert "<img" not in answer


@pytest.mark.parametrize(
    "text", ['" onmouseover="alert(1)', "&lt;b&gt; &amp;amp;", "a < b", "שלום עולם", "👩‍👧 'x'"]
)
async def test_a_proposal_is_shown_as_it_is(desk: Desk, log_in: Open, text: str):
    change = propose(desk, "tom", KEY, "tr", text)
    page = await (await log_in("tom")).get(f"/texts/changes/{change}")
    # in the form, and as a visitor would see it
    assert html.unescape(page).count(text) >= 2
    assert ' onmouseover="' not in page


async def test_the_difference_is_told_by_more_than_colour(desk: Desk, log_in: Open):
    change = propose(desk, "tom", KEY, "tr", book().text(KEY, "tr") + " Yazabilirsiniz.")
    page = await (await log_in("jan")).get(f"/texts/changes/{change}")
    assert "Yazabilirsiniz" in re.findall(r"<ins>(.*?)</ins>", page, re.S)[0]
    assert "[nieuw:" in words(page)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a b c", "a x c", [(SAME, "a "), (REMOVED, "b"), (ADDED, "x"), (SAME, " c")]),
        ("a", "a b", [(SAME, "a"), (ADDED, " b")]),
        ("a b", "c d", [(REMOVED, "a b"), (ADDED, "c d")]),
        ("een\ntwee", "een\n\ntwee", None),
        ("", "x", [(ADDED, "x")]),
        ("zelf", "zelf", [(SAME, "zelf")]),
    ],
)
def test_a_difference_is_told_word_by_word(
    before: str, after: str, expected: list[tuple[str, str]] | None
):
    pieces = difference(before, after)
    assert "".join(each.text for each in pieces if each.kind != ADDED) == before
    assert "".join(each.text for each in pieces if each.kind != REMOVED) == after
    if expected is not None:
        assert [(each.kind, each.text) for each in pieces] == expected


async def test_what_the_checker_of_words_says_stands_beside_a_proposal(desk: Desk, log_in: Open):
    change = propose(desk, "tom", KEY, "nl", "Wij garanderen dat u de zaak wint.")
    page = await (await log_in("jan")).get(f"/texts/changes/{change}")
    assert "De controle van de woorden" in words(page)
    change = propose(desk, "tom", "button_thank", "nl", "Dank u")
    page = await (await log_in("jan")).get(f"/texts/changes/{change}")
    assert "De controle van de woorden" not in words(page)


async def test_a_translation_is_made_from_the_dutch_that_is_coming(desk: Desk, log_in: Open):
    approved(desk, KEY, "nl", "Graag gedaan. Tot ziens.")
    page = await (await log_in("tess")).get(f"/texts/wordings/tr/{KEY}")
    assert "Tot ziens." in words(page)
    assert "nog niet in gebruik" in words(page)


async def test_an_export_warns_of_translations_left_behind(desk: Desk, log_in: Open):
    approved(desk, KEY, "nl", "Graag gedaan. Tot ziens.")
    browser = await log_in("cor")
    assert 'href="/texts/wordings/tr/utter_thank"' in await browser.get("/texts/export")
    approved(desk, KEY, "tr", TURKISH)
    page = await browser.get("/texts/export")
    assert 'href="/texts/wordings/tr/utter_thank"' not in page
    assert 'href="/texts/wordings/pl/utter_thank"' in page


async def test_nothing_to_export_is_said(log_in: Open):
    browser = await log_in("tess")
    assert "niets om te exporteren" in words(await browser.get("/texts/export"))
    assert "niets om te exporteren" in words(await browser.post("/texts/export", 409))


@pytest.mark.parametrize(
    "path",
    [
        "/texts/subjects/nothing",
        "/texts/wordings/xx/utter_thank",
        "/texts/wordings/tr/nothing",
        "/texts/wordings/nl/desk_title",
        "/texts/changes/nothing",
        "/texts/changes/%00",
    ],
)
async def test_what_is_not_there_is_not_found(log_in: Open, path: str):
    await (await log_in("tess")).get(path, 404)


async def test_no_page_of_texts_asks_for_a_case(desk: Desk, log_in: Open):
    desk.bring()
    change = propose(desk, "tom", KEY, "tr", TURKISH)
    browser = await log_in("tess")
    asked: list[str] = []
    cases = {
        table.name
        for table in Base.metadata.sorted_tables
        if "case_id" in table.columns or table.name in ("cases", "contacts", "people")
    }

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        asked.append(statement)

    sa.event.listen(desk.database.engine, "before_cursor_execute", note)
    for path in (
        *("/texts", "/texts/due", "/texts/subjects/handover", f"/texts/wordings/tr/{KEY}"),
        *("/texts/changes", f"/texts/changes/{change}", "/texts/export"),
    ):
        await browser.get(path)
    await browser.post(f"/texts/changes/{change}/reject", reason="Nee.")
    sa.event.remove(desk.database.engine, "before_cursor_execute", note)
    named = {word for statement in asked for word in re.findall(r"[a-z_]+", statement)}
    assert "text_changes" in named
    assert named & cases == set()


def test_a_number_nobody_can_guess_stands_as_it_is():
    wording = book().get("web_kit_counts_title", "nl")
    assert wording is not None
    assert "{site}" in samples.shown(wording, 0, pages.current_time())
