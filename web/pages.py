"""The pages of the visitor site: the chat, and the help page that needs no script."""

from __future__ import annotations

from pathlib import Path

import jinja2
from aiohttp import web

from bot import catalogue
from bot.languages import is_language, languages
from bot.nlg import answers
from web.errors import dumps, visitor_language

STATIC = Path(__file__).with_name("static")

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

# Texts that the chat page's script shows.
_SCRIPT_TEXTS = (
    "ended",
    "kompas",
    "new_conversation",
    "offline",
    "progress",
    "retry",
    "reviewed",
    "sources",
    "too_long",
    "typing",
    "you",
)


def _text(language: str, key: str) -> str:
    return answers.wording(f"web_{key}", language, answers.current_time(), _KEPT)


# Placeholders that the script fills in.
_KEPT = {"date": "{date}", "step": "{step}", "of": "{of}"}


def _render(template: str, request: web.Request) -> web.Response:
    language = visitor_language(request)
    html = _templates.get_template(template).render(
        language=languages()[language],
        languages=languages().values(),
        text=lambda key: _text(language, key),
        help=answers.help_card(language),
        paragraphs=answers.wording("utter_emergency", language, answers.current_time(), {}).split(
            "\n\n"
        ),
        script_texts=dumps({key: _text(language, key) for key in _SCRIPT_TEXTS}),
        asked=is_language(request.query.get("lang")),
    )
    return web.Response(text=html, content_type="text/html")


async def chat_page(request: web.Request) -> web.Response:
    """GET /: the chat."""
    return _render("chat.html", request)


async def help_page(request: web.Request) -> web.Response:
    """GET /help: whom to call, without any script."""
    return _render("help.html", request)


async def help_card(request: web.Request) -> web.Response:
    """GET /api/help.json: the static help card."""
    return web.json_response(answers.help_card(visitor_language(request)), dumps=dumps)


def check() -> None:
    """Render every text of the pages once, so that a missing one shows at start-up."""
    for code in languages():
        for key in catalogue.all_keys():
            if key.startswith("web_"):
                _text(code, key.removeprefix("web_"))
        answers.help_card(code)
