"""Every address of the desk."""

from __future__ import annotations

from aiohttp import web

from desk import api


def add_routes(app: web.Application) -> None:
    """Add the routes to `app`."""
    app.router.add_post("/api/cases", api.create_case, name="create_case")
    app.router.add_post("/api/contacts", api.store_contact, name="store_contact")
    app.router.add_delete(
        "/api/conversations/{conversation}", api.erase_conversation, name="erase_conversation"
    )
    app.router.add_get("/healthz", api.healthz, name="healthz")
    app.router.add_get("/readyz", api.readyz, name="readyz")
