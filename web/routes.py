"""Every address of the visitor site."""

from __future__ import annotations

from aiohttp import web

from web import chat, checklist, contact, documents, health, kit, pages, widget_files, widget_pages


def add_routes(app: web.Application) -> None:
    """Add the routes to `app`."""
    add_page_routes(app)
    app.router.add_post("/api/chat/start", chat.start, name="chat_start")
    app.router.add_post("/api/chat/message", chat.message, name="chat_message")
    app.router.add_post("/api/chat/end", chat.end, name="chat_end")
    app.router.add_post("/api/contact", contact.submit, name="contact")
    app.router.add_post("/api/checklist/code", checklist.keep, name="checklist_keep")
    app.router.add_delete("/api/checklist/code", checklist.withdraw, name="checklist_withdraw")
    app.router.add_post("/api/checklist/open", checklist.go_on, name="checklist_open")
    app.router.add_get("/api/summary.pdf", documents.summary, name="summary")
    app.router.add_get("/api/deadlines.ics", documents.deadlines, name="deadlines")
    app.router.add_get("/kit/counts", kit.count_page, name="kit_counts")
    app.router.add_get("/kit/counts.csv", kit.count_csv, name="kit_counts_csv")
    app.router.add_get("/healthz", health.healthz, name="healthz")
    app.router.add_get("/readyz", health.readyz, name="readyz")
    app.router.add_get("/metrics", health.metrics, name="metrics")


def add_page_routes(app: web.Application) -> None:
    """Add what works with nothing behind the site: the pages, their files, the numbers."""
    app.router.add_get("/", widget_pages.full_page, name="chat_page")
    app.router.add_get("/embed", widget_pages.embedded_page, name="embedded_page")
    app.router.add_get("/help", widget_pages.help_page, name="help_page")
    app.router.add_get("/api/help.json", widget_pages.help_card, name="help_card")
    app.router.add_get("/kompas.js", widget_files.loader, name="loader")
    app.router.add_get("/widget/{version}/{name:.+}", widget_files.file, name="widget_file")
    app.router.add_get("/kit", kit.page, name="kit")
    app.router.add_get("/kit/preview", kit.preview, name="kit_preview")
    app.router.add_get("/kit/colours.css", kit.colours, name="kit_colours")
    app.router.add_get("/kit/{kind:poster|card}.pdf", kit.printed, name="kit_printed")
    app.router.add_static("/static/", pages.STATIC, name="static")
