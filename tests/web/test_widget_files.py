"""The files of the widget: how big, what they may not do; the pages that a site gets."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from babel.dates import format_date

from bot import catalogue
from bot.errors import ProjectFileError
from bot.languages import languages, locale_of
from web import sites, widget_files
from web.keys import METRICS, SITES
from web.metrics import Metrics
from web.routes import add_page_routes
from web.security import headers_and_log
from web.widget_files import FOLDER, WIDGET

Visitor = TestClient[web.Request, web.Application]

BUREN, ELDERS = "https://buren.example", "https://elders.example"
SITES_TEXT = f"""
exit: https://weer.example
colours:
  {{accent: "#14506e", on_accent: "#ffffff", accent_dark: "#8cc8e8", on_accent_dark: "#0b1a22"}}
sites:
  - id: buren
    origins: [{BUREN}]
    language: tr
    contact: {{name: "Vereniging <Buren>", phone: "020 123 45 67"}}
  - id: elders
    origins: [{ELDERS}, "http://localhost:3000"]
"""
MODULES = sorted(path.name for path in FOLDER.glob("*.js"))


@pytest.fixture
async def visitor(aiohttp_client: Callable[..., Awaitable[Visitor]]) -> Visitor:
    """A client of the pages alone."""
    app = web.Application(middlewares=[headers_and_log])
    app[METRICS] = Metrics()
    app[SITES] = sites.parse_sites(SITES_TEXT)
    app[WIDGET] = widget_files.build(app[SITES])
    add_page_routes(app)
    return await aiohttp_client(app)


def widget() -> widget_files.Widget:
    """As it is served."""
    return widget_files.build(sites.load())


def setup_of(html: str) -> dict[str, Any]:
    """What a page tells its scripts."""
    found = re.search(r'<script type="application/json" id="setup">(.*?)</script>', html, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


def ancestors(response: Any) -> str:
    """Who may show a page in a frame."""
    return str(response.headers["Content-Security-Policy"]).partition("frame-ancestors ")[2]


def test_the_tag_is_small() -> None:
    assert len(gzip.compress(widget().loader.body)) < 3_000


async def test_all_that_a_visitor_loads_is_small(visitor: Visitor) -> None:
    built = visitor.app[WIDGET] if visitor.app else widget()
    html = await (await visitor.get("/embed", params={"embed": "buren", "lang": "pl"})).read()
    parts = [len(file.packed) for name, file in built.files.items() if "/" not in name]
    parts += [len(file.packed) for name, file in built.files.items() if name.startswith("labels")]
    parts += [len(built.loader.packed), len(gzip.compress(html))]
    parts += [len(built.files["colours/site-buren.css"].packed)]
    assert sum(parts) < 30_000


def test_what_is_sent_of_a_script_is_its_code() -> None:
    for name, file in widget().files.items():
        if name.endswith(".js"):
            source = (FOLDER / name).read_text(encoding="utf-8")
            assert "`\n" not in source.replace("`;\n", "").replace("`,\n", ""), "a line in a text"
            assert b"/**" not in file.body
            assert file.body.count(b"{") <= source.count("{")


@pytest.mark.parametrize("name", MODULES)
def test_a_script_makes_no_html_of_text_and_calls_nobody_else(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    for forbidden in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "createContextualFragment",
        "eval(",
        "new Function",
        "localStorage",
        "document.cookie",
        "indexedDB",
        "Notification",
        "Audio(",
        "setTimeout('",
    ]:
        assert forbidden not in source, forbidden
    assert not re.search(r"https?://(?!\))", source.replace(r"https?:\/\/", "")), "an address"


def test_styles_load_nothing() -> None:
    source = (FOLDER / "kompas.css").read_text(encoding="utf-8")
    assert "url(" not in source
    assert "@import" not in source
    assert "@font-face" not in source


def test_styles_run_either_way() -> None:
    source = (FOLDER / "kompas.css").read_text(encoding="utf-8")
    assert not re.search(r"(margin|padding|border)-(left|right)|text-align: (left|right)", source)
    assert not re.search(r"^\s*(left|right|float):", source, re.M)


def test_the_colours_are_checked_against_the_papers_of_the_styles() -> None:
    source = (FOLDER / "kompas.css").read_text(encoding="utf-8")
    found = re.findall(r"--(paper|soft): (#[0-9a-f]{6});", source)
    assert found == list(zip(["paper", "soft"] * 2, [*sites.LIGHT, *sites.DARK]))


def test_no_sentence_for_a_visitor_stands_in_a_script() -> None:
    texts = {text for of in widget().labels.values() for text in of.values() if " " in text}
    for name in MODULES:
        source = (FOLDER / name).read_text(encoding="utf-8")
        assert [text for text in texts if text in source] == [], name


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_word_that_a_script_asks_for_is_there(language: str) -> None:
    labels = widget().labels[language]
    for name in MODULES:
        source = (FOLDER / name).read_text(encoding="utf-8")
        for key in re.findall(r'\blabel\(\s*"(\w+)"', source):
            assert labels[key], key
    for page in FOLDER.glob("*.html"):
        source = page.read_text(encoding="utf-8")
        for key in re.findall(r'data-(?:label|aria-label|placeholder)="(\w+)"', source):
            assert labels[key], key


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_date_is_written_as_the_language_does(language: str) -> None:
    labels = widget().labels[language]
    for month in range(1, 13):
        day = date(2026, month, 5)
        values = {"d": "5", "MMMM": labels["months"].split("|")[month - 1], "y": "2026"}
        assert labels["date"].format(**values) == format_date(
            day, "long", locale=locale_of(language)
        )


def test_a_missing_word_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_files, "PAGE_LABELS", (*widget_files.PAGE_LABELS, "nothing"))
    with pytest.raises(ProjectFileError) as refused:
        widget()
    assert len(refused.value.faults) == len(languages())
    assert "web.po: web_nothing has no text" in refused.value.faults[0]


def test_the_words_of_the_page_hold_for_every_hour() -> None:
    for code in languages():
        for name in widget_files.PAGE_LABELS:
            for placeholder in catalogue.wording_placeholders(code, f"web_{name}"):
                assert not placeholder.startswith("open_"), name


async def test_files_are_kept_long_under_their_version_only(visitor: Visitor) -> None:
    html = await (await visitor.get("/embed?embed=buren")).text()
    found = re.search(r'src="(/widget/\w+/main\.js)"', html)
    assert found is not None
    response = await visitor.get(found[1])
    assert response.status == 200
    assert response.content_type == "text/javascript"
    assert "immutable" in response.headers["Cache-Control"]
    old = await visitor.get("/widget/0000/main.js")
    assert await old.read() == await response.read()
    assert old.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/widget/x/nothing.js",
        "/widget/x/page.html",
        "/widget/x/loader.js",
        "/widget/x/../sites.yml",
        "/widget/x/..%2fsites.yml",
        "/widget/x/types.d.ts",
        "/widget/x/labels/xx.json",
    ],
)
async def test_nothing_else_is_served(visitor: Visitor, path: str) -> None:
    assert (await visitor.get(path)).status == 404


async def test_the_tag_may_be_used_anywhere_and_is_renewed_soon(visitor: Visitor) -> None:
    response = await visitor.get("/kompas.js")
    assert response.content_type == "text/javascript"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=600"
    text = await response.text()
    assert "SETUP" not in text
    assert all(f'"{code}"' in text for code in languages())


async def test_only_the_site_may_show_its_page(visitor: Visitor) -> None:
    response = await visitor.get("/embed?embed=elders")
    assert ancestors(response) == f"'self' {ELDERS} http://localhost:3000"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


async def test_the_full_page_is_in_no_frame(visitor: Visitor) -> None:
    response = await visitor.get("/?lang=pl&topic=threat_abduction")
    assert ancestors(response) == "'none'"
    setup = setup_of(await response.text())
    assert (setup["lang"], setup["topic"], setup["host"]) == ("pl", "threat_abduction", None)


@pytest.mark.parametrize(
    ("query", "headers", "faults"),
    [
        ("", {}, ["embed"]),
        ("embed=niemand", {}, ["embed"]),
        ("embed=buren&host=https://elders.example", {}, ["embed"]),
        ("embed=buren&host=null", {}, ["embed"]),
        ("embed=buren", {"Referer": "https://elders.example/pagina"}, ["embed"]),
        ("embed=buren&card=1", {}, []),
    ],
)
async def test_without_a_right_to_it_there_is_the_card_for_everybody(
    visitor: Visitor, query: str, headers: dict[str, str], faults: list[str]
) -> None:
    response = await visitor.get(f"/embed?{query}", headers=headers)
    html = await response.text()
    assert ancestors(response) == "*"
    assert setup_of(html)["faults"] == faults
    assert 'href="tel:112"' in html
    assert "main.js" not in html
    assert 'id="form"' not in html


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("embed=buren", {}),
        (f"embed=buren&host={BUREN}", {}),
        ("embed=buren", {"Referer": f"{BUREN}/pagina"}),
    ],
)
async def test_with_a_right_to_it_there_is_the_conversation(
    visitor: Visitor, query: str, headers: dict[str, str]
) -> None:
    html = await (await visitor.get(f"/embed?{query}", headers=headers)).text()
    assert setup_of(html)["faults"] == []
    assert 'id="form"' in html
    assert "Vereniging &lt;Buren&gt;" in html, "the site's own card, for who has no script"


@pytest.mark.parametrize(
    ("query", "language", "asked", "faults"),
    [
        ("embed=buren", "tr", True, []),
        ("embed=buren&lang=pl", "pl", True, []),
        ("embed=buren&lang=xx", "tr", True, ["lang"]),
        ("embed=elders", "nl", False, []),
        ("embed=elders&topic=nonsense", "nl", False, ["topic"]),
    ],
)
async def test_the_language_is_the_tags_then_the_sites_then_the_browsers(
    visitor: Visitor, query: str, language: str, asked: bool, faults: list[str]
) -> None:
    html = await (await visitor.get(f"/embed?{query}", headers={"Accept-Language": "nl"})).text()
    setup = setup_of(html)
    assert f'<html lang="{language}"' in html
    assert (setup["lang"], setup["asked"], setup["faults"]) == (language, asked, faults)
    assert setup["topic"] is None


@pytest.mark.parametrize("name", ["lang", "topic", "embed", "host", "card", "x"])
async def test_the_address_cannot_put_anything_into_the_page(visitor: Visitor, name: str) -> None:
    for path in ("/", "/embed"):
        for more in ({}, {"embed": "buren"}):
            query = {**more, name: "</script><script>alert(1)</script>\"'"}
            html = await (await visitor.get(path, params=query)).text()
            assert "<script>alert" not in html
            assert html.count("<script") == html.count("</script>")
            assert "alert(1)" not in json.dumps(setup_of(html))


@pytest.mark.parametrize("language", sorted(languages()))
async def test_without_a_script_the_numbers_and_the_exit_are_there(
    visitor: Visitor, language: str
) -> None:
    html = await (await visitor.get(f"/embed?embed=buren&lang={language}")).text()
    for found in [
        'class="emergency" href="tel:112"',
        'class="advice" href="tel:',
        'id="exit" href="https://weer.example" target="_top"',
        f'href="/help?lang={language}&amp;embed=buren"',
    ]:
        assert found in html
    assert len(set(re.findall(r'class="number" href="(tel:[^"]+)"', html))) >= 5
    assert "<style" not in html
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)


async def test_it_is_sent_plain_to_who_cannot_unpack(visitor: Visitor) -> None:
    plain = await visitor.get("/kompas.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packed = await visitor.get("/kompas.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert await packed.read() == await plain.read()
