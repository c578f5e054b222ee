"""The page of a case: safety first, why it is here, the conversation, reaching the client."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

SAFE_NOW = [{"days": ["Mon", "Tue"], "from": "09:00", "to": "17:00"}]
SAFE_LATER = [{"days": ["Sat"], "from": "19:00", "to": "21:00"}]


@pytest.fixture
async def jan(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    browser = Browser(await aiohttp_client(console_of(desk)), desk)
    await browser.log_in("jan")
    return browser


def in_order(page: str, *expected: str) -> bool:
    """Whether the page says these things one after the other."""
    places = [page.index(each) for each in expected]
    return places == sorted(places)


async def test_the_safety_instructions_come_before_everything_else(jan: Browser):
    reference = jan.desk.bring(contact_ref="r" * 32)
    jan.desk.contact(
        contact_ref="r" * 32,
        safe_times=SAFE_NOW,
        code_word="papatya",
        if_someone_else_answers="Dişçi",
        interpreter=True,
    )
    page = words(await jan.get(f"/cases/{reference}"))
    assert in_order(
        page.split("Afronden", 1)[1],
        "Veilig contact",
        "U kunt nu veilig contact opnemen",
        "ma, di: 09:00–17:00",
        "niet inspreken",
        "Dişçi",
        "papatya",
        "tolk gewenst",
        "Contactgegevens tonen",
        "Waarom deze zaak hier is",
        "Achtergebleven ouder",
        "van Nederland, naar Turkije",
        "geboren in 2019",
        "niet dringend",
        "Internationale Kinderontvoering, lijn 2",
        "Voorgesteld door de regels",
        "Antwoorden op de vragenlijst",
        "Het gesprek",
    )


class TestContactDetails:
    async def test_are_shown_on_demand_and_each_look_is_logged(self, jan: Browser, desk: Desk):
        reference = desk.bring(contact_ref="r" * 32)
        desk.contact(contact_ref="r" * 32, safe_times=SAFE_NOW, email="a@example.org")
        page = await jan.get(f"/cases/{reference}")
        for secret in ("Ayşe", "12345678", "a@example.org"):
            assert secret not in page
        looks = logged(desk, "look_contact")
        page = words(await jan.post(f"/cases/{reference}/contact", 200))
        for shown in ("Ayşe Yılmaz", "12345678", "a@example.org"):
            assert shown in page
        assert in_order(page, "U kunt nu veilig contact opnemen", "Ayşe Yılmaz")
        assert logged(desk, "look_contact") == looks + 1

    async def test_stay_away_outside_the_safe_hours(self, jan: Browser, desk: Desk):
        reference = desk.bring(contact_ref="r" * 32)
        desk.contact(contact_ref="r" * 32, safe_times=SAFE_LATER)
        page = words(await jan.get(f"/cases/{reference}"))
        assert "Nu geen contact opnemen. Weer veilig vanaf zaterdag 28 november, 19:00." in page
        assert "Contactgegevens tonen" not in page
        # asked for all the same, by an old page
        page = words(await jan.post(f"/cases/{reference}/contact", 200))
        assert "Nu geen contact opnemen." in page
        for secret in ("Ayşe", "12345678"):
            assert secret not in page
        desk.clock.turn(days=4, hours=8, minutes=20)
        await jan.log_in("jan")
        assert "12345678" in await jan.post(f"/cases/{reference}/contact", 200)

    async def test_are_not_shown_by_an_address(self, jan: Browser, desk: Desk):
        reference = desk.bring()
        await jan.get(f"/cases/{reference}/contact", 405)

    async def test_of_who_left_none(self, jan: Browser, desk: Desk):
        page = words(await jan.get(f"/cases/{desk.bring()}"))
        assert "Bij deze zaak is geen contactformulier ingevuld" in page


def logged(desk: Desk, action: str) -> int:
    return sum(entry.action == action for entry in desk.registry.audit_log(desk["aad"]))


async def test_the_answers_are_told_in_dutch_what_a_jurist_must_see_first(jan: Browser):
    reference = jan.desk.bring(
        summary=[
            {"question_id": "q_home_country", "answer": "NL", "verdict": "ok"},
            {"question_id": "q_residence_facts", "answer": "unknown", "verdict": "unknown"},
            {"question_id": "q_consent", "answer": "under_pressure", "verdict": "jurist"},
            {"question_id": "q_gone", "answer": {"a": ["<b>"]}},
        ]
    )
    page = words(await jan.get(f"/cases/{reference}"))
    assert in_order(
        page,
        "Hier moet een jurist naar kijken",
        "Toestemming vooraf",
        "jurist kijkt mee",
        "Nog niet duidelijk",
        "Dagelijks leven van het kind",
        "Lijkt in orde",
        "Land waar het kind woonde Nederland",
        "Verder verteld",
        'q_gone {"a": ["<b>"]} (zoals ontvangen)',
    )


async def test_the_assistant_is_read_in_dutch_beside_the_original(jan: Browser):
    reference = jan.desk.bring(
        transcript=[
            {"from": "visitor", "text": "Çocuğum  kaçırıldı\n!", "lang": "tr"},
            {"from": "assistant", "text": "Aslı", "id": "utter_child_abducted", "lang": "tr"},
            {
                "from": "assistant",
                "text": "Birleşik",
                "id": "utter_composed",
                "lang": "tr",
                "variables": {"nl": "Samengesteld in het Nederlands"},
            },
            {"from": "assistant", "text": "Bilinmeyen", "id": "utter_gone", "lang": "tr"},
            {"from": "assistant", "text": "Al in het Nederlands", "lang": "nl"},
        ]
    )
    page = await jan.get(f"/cases/{reference}")
    assert '<p class="said" lang="tr" dir="auto">Çocuğum  kaçırıldı\n!</p>' in page
    assert '<p class="said original" lang="tr" dir="auto">Aslı</p>' in page
    assert '<p class="said" lang="nl">Samengesteld in het Nederlands</p>' in page
    text = words(page)
    assert in_order(
        text,
        "Turks · niet vertaald",
        "Dit is heel zwaar.",
        "Aslı",
        "Samengesteld in het Nederlands",
        "Birleşik",
        "Van dit bericht is geen Nederlandse tekst",
        "Bilinmeyen",
        "Al in het Nederlands",
    )
    assert text.count("Van dit bericht is geen Nederlandse tekst") == 1


async def test_a_long_conversation_folds_and_has_pages(jan: Browser):
    entries = [{"from": "visitor", "text": f"number {n}."} for n in range(1, 5001)]
    reference = jan.desk.bring(transcript=entries)
    page = await jan.get(f"/cases/{reference}")
    assert len(page) < 300_000
    assert "number 4801." in page
    assert "number 4800." not in page
    assert "Berichten: 5000." in words(page)
    assert page.count("<details open>") == 1
    found: list[str] = []
    for number in range(1, 11):
        page = await jan.get(f"/cases/{reference}/transcript?page={number}")
        found += re.findall(r"number \d+\.", page)
    assert found == [entry["text"] for entry in entries]
    for beyond in ("0", "11", "x", "-1"):
        await jan.get(f"/cases/{reference}/transcript?page={beyond}")


async def test_other_cases_of_the_conversation_are_named(jan: Browser):
    first = jan.desk.bring(conversation="together")
    from cast import case_body

    from desk.intake import parse_case

    body = parse_case(case_body(conversation="together"))
    second = jan.desk.registry.create_case(body, "together-2")[0].reference
    for one, other in ((first, second), (second, first)):
        page = await jan.get(f"/cases/{one}")
        assert f'<a href="/cases/{other}">' in page


async def test_opening_a_case_is_in_the_audit_log_and_ends_the_wait(jan: Browser):
    reference = jan.desk.bring()
    jan.desk.clock.turn(minutes=10)
    page = words(await jan.get(f"/cases/{reference}"))
    assert "geopend na 10 minuten" in page
    view = await asyncio.to_thread(jan.desk.registry.look, jan.desk["joke"], reference)
    assert view.row.first_opened == jan.desk.clock()
