"""What is printed: its code can be scanned, a card tells nothing, and everybody can read it."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in import MakeVisitor, Visitor

from bot.languages import languages
from bot.nlg.answers import current_time
from web import poster, sites
from web.poster import KINDS, address, printed, qr
from web.sites import Site, SiteContact

HOME = "https://kompas.example"
COLOURS = sites.load().colours
OWN = Site("", (), None, COLOURS, None)
LONG = SiteContact(
    name="Vereniging voor Turkse en Poolse ouders in Noord-Holland en Flevoland",
    phone="020 123 45 67",
    email="ouders.en.kinderen@vereniging-noord-holland.example",
    web="https://www.vereniging-noord-holland.example/contact",
    hours={
        "nl": "maandag, dinsdag en donderdag, 9.00 tot 17.00 uur, en op zaterdagochtend",
        "tr": "pazartesi, salı ve perşembe, 9.00-17.00, cumartesi sabahları da",
        "pl": "poniedziałek, wtorek i czwartek, 9.00–17.00, a w sobotę rano",
        "en": "Monday, Tuesday and Thursday, 9:00 to 17:00, and on Saturday morning",
    },
)
BUREN = Site("buren", ("https://buren.example",), None, COLOURS, LONG)
CASES = [(kind, code, site) for kind in KINDS for code in languages() for site in (OWN, BUREN)]


@cache
def made(kind: str, code: str, site: str, home: str = HOME) -> bytes:
    return printed(kind, home, code, BUREN if site else OWN, current_time())


def scanned(body: bytes, scale: float = 3) -> list[str]:
    """What a phone reads on the first page."""
    page = pypdfium2.PdfDocument(body)[0]
    picture = page.render(scale=scale, grayscale=True)
    pixels = memoryview(bytes(picture.buffer)).cast("B", (picture.height, picture.stride))
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


def text(body: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(body)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.parametrize(("kind", "code", "site"), CASES)
def test_the_code_on_paper_leads_to_kompas_in_its_language(
    kind: str, code: str, site: Site
) -> None:
    found = scanned(made(kind, code, site.id))
    embed = "&embed=buren" if site.id else ""
    assert found == [f"{HOME}/?lang={code}{embed}"] * (10 if kind == "card" else 1)


@pytest.mark.parametrize(("kind", "code", "site"), CASES)
def test_it_is_one_page_of_a4_that_everybody_can_read(kind: str, code: str, site: Site) -> None:
    reader = pypdf.PdfReader(io.BytesIO(made(kind, code, site.id)))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (210, 297)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == code
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Kompas", "an open window tells nothing"


@pytest.mark.parametrize("code", languages())
def test_a_code_has_words_for_who_cannot_see_it(code: str) -> None:
    for kind in KINDS:
        body = made(kind, code, "")
        tree = pypdf.PdfReader(io.BytesIO(body)).trailer["/Root"]["/StructTreeRoot"]
        assert alternatives(tree) == [poster.content(kind, HOME, code, OWN)["alt"]]


def alternatives(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [found for child in node for found in alternatives(child)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + (alternatives(node["/K"]) if "/K" in node else [])


@pytest.mark.parametrize("code", languages())
def test_a_card_holds_a_name_and_an_address_and_nothing_else(code: str) -> None:
    body = made("card", code, "buren")
    one = f"Kompas kompas.example {languages()[code].name}"
    assert text(body).split() == one.split() * 10
    raw = pypdf.PdfReader(io.BytesIO(body))
    assert set(raw.metadata or {}) <= {"/Title", "/Creator", "/CreationDate", "/ModDate"}


@pytest.mark.parametrize("code", languages())
def test_a_poster_names_the_number_for_danger_and_who_hung_it(code: str) -> None:
    said = text(made("poster", code, "buren"))
    assert "112" in said
    assert "kompas.example" in said
    assert LONG.name in said
    assert LONG.hours[code] in said
    assert LONG.name not in text(made("poster", code, ""))


@pytest.mark.parametrize("code", languages())
def test_a_long_address_fits(code: str) -> None:
    home = "https://kompas.eenheellangenaam-van-een-gemeente.voorbeeld.example:8443"
    for kind in KINDS:
        body = made(kind, code, "buren", home)
        assert len(pypdf.PdfReader(io.BytesIO(body)).pages) == 1
        assert set(scanned(body, 4)) == {f"{home}/?lang={code}&embed=buren"}


@settings(max_examples=25)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=60))
def test_no_site_id_breaks_the_address(site: str) -> None:
    aim = address(HOME, "tr", Site(site, (), None, COLOURS, None))
    assert aim == f"{HOME}/?lang=tr&embed={site}"
    assert "<path" in qr(aim)


# --- fetched from the site


async def test_the_site_makes_them_for_the_address_it_was_asked_at(visitor: Visitor) -> None:
    response = await visitor.get("/kit/poster.pdf", params={"lang": "pl", "embed": "voorbeeld"})
    assert response.content_type == "application/pdf"
    assert response.headers["Content-Disposition"] == 'inline; filename="kompas-poster-pl.pdf"'
    host = f"{visitor.host}:{visitor.port}"
    assert scanned(await response.read()) == [f"http://{host}/?lang=pl&embed=voorbeeld"]


async def test_the_setting_decides_what_the_code_leads_to(make_visitor: MakeVisitor) -> None:
    visitor = await make_visitor(public_url="https://kompas.example")
    body = await (await visitor.get("/kit/card.pdf?lang=tr&embed=niemand")).read()
    assert set(scanned(body)) == {"https://kompas.example/?lang=tr"}


async def test_asking_often_sets_it_once(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(poster, "printed", lambda *told: calls.append(told) or b"%PDF")
    for _ in range(40):
        assert (await visitor.get("/kit/card.pdf?lang=tr")).status == 200
    assert len(calls) == 1


async def test_who_asks_for_ever_other_ones_waits(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster, "printed", lambda *told: b"%PDF")
    statuses = [
        (await visitor.get("/kit/card.pdf", headers={"Host": f"h{number}.example"})).status
        for number in range(35)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


@pytest.mark.parametrize("path", ["/kit/leaflet.pdf", "/kit/.pdf", "/kit/poster"])
async def test_there_is_nothing_else(visitor: Visitor, path: str) -> None:
    assert (await visitor.get(path)).status == 404
