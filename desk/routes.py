"""Every address of the desk."""

from __future__ import annotations

from aiohttp import web

from desk import api, openapi
from desk.console import (
    account,
    audit,
    case,
    case_forms,
    conflicts,
    figures,
    login,
    oidc,
    queue,
    replies,
    text_changes,
    texts,
)
from desk.console.rendering import STATIC


def add_routes(app: web.Application) -> None:
    """Add the routes to `app`."""
    router = app.router
    # for programs: the action server and the courier
    router.add_post("/api/cases", api.create_case, name="create_case")
    router.add_post("/api/contacts", api.store_contact, name="store_contact")
    router.add_delete(
        "/api/conversations/{conversation}", api.erase_conversation, name="erase_conversation"
    )
    router.add_get("/api/erasures", api.pending_erasures, name="pending_erasures")
    router.add_post("/api/erasures", api.report_erasures, name="report_erasures")
    router.add_get("/healthz", api.healthz, name="healthz")
    router.add_get("/readyz", api.readyz, name="readyz")
    router.add_get("/openapi.json", openapi.describe, name="describe")

    # for colleagues: the console
    router.add_static("/static/", STATIC, name="static")
    router.add_get("/", login.start, name="start")
    router.add_get("/login", login.login, name="login")
    router.add_post("/login", login.log_in, name="log_in")
    router.add_post("/logout", login.log_out, name="log_out")
    router.add_get("/account", account.account, name="account")
    router.add_post("/account/password", account.change_password, name="change_password")
    router.add_get("/cases", queue.queue, name="queue")
    router.add_post("/cases/search", queue.search, name="search")
    router.add_get("/cases/{reference}", case.case, name="case")
    router.add_get("/cases/{reference}/transcript", case.conversation, name="transcript")
    router.add_post("/cases/{reference}/contact", case.contact, name="contact")
    router.add_post("/cases/{reference}/take", case_forms.take, name="take_case")
    router.add_post("/cases/{reference}/assign", case_forms.assign, name="assign_case")
    router.add_post("/cases/{reference}/notes", case_forms.add_note, name="add_note")
    router.add_post("/cases/{reference}/moments", case_forms.add_moment, name="add_moment")
    router.add_post("/cases/{reference}/code", case_forms.change_code, name="change_code")
    router.add_post("/cases/{reference}/role", case_forms.set_role, name="set_role")
    router.add_post("/cases/{reference}/urgent", case_forms.set_urgent, name="set_urgent")
    router.add_post("/cases/{reference}/children", case_forms.set_child, name="set_child")
    router.add_post("/cases/{reference}/people", case_forms.set_person, name="set_person")
    router.add_post("/cases/{reference}/close", case_forms.close, name="close_case")
    router.add_post("/cases/{reference}/reopen", case_forms.reopen, name="reopen_case")
    router.add_get("/cases/{reference}/conflict", case.confirm_conflict, name="confirm_conflict")
    router.add_post(
        "/cases/{reference}/conflict", case_forms.declare_conflict, name="declare_conflict"
    )
    router.add_post("/cases/{reference}/release", case_forms.release, name="release_case")
    router.add_get("/cases/{reference}/erase", case.confirm_erasure, name="confirm_erasure")
    router.add_post("/cases/{reference}/erase", case_forms.erase, name="erase_case")

    # --- figures, audit log, conflicts, reply texts, OpenID (helper B; nobody else edits here) ---
    router.add_get("/figures", figures.figures, name="figures")
    router.add_get("/figures.csv", figures.figures_csv, name="figures_csv")
    router.add_get("/audit", audit.audit, name="audit")
    router.add_get("/audit.csv", audit.audit_csv, name="audit_csv")
    router.add_post("/audit/verify", audit.verify, name="audit_verify")
    router.add_get("/conflicts", conflicts.conflicts, name="conflicts")
    router.add_get("/conflicts/{conflict}", conflicts.conflict, name="conflict")
    router.add_post("/conflicts/{conflict}/resolve", conflicts.resolve, name="conflict_resolve")
    router.add_post("/conflicts/{conflict}/assign", conflicts.assign, name="conflict_assign")
    router.add_get("/replies", replies.replies, name="replies")
    router.add_get("/cases/{reference}/replies", replies.case_replies, name="case_replies")
    router.add_get("/cases/{reference}/replies/{reply}", replies.case_reply, name="case_reply")
    router.add_post("/cases/{reference}/replies/{reply}", replies.use_reply, name="use_reply")
    router.add_get("/login/oidc", oidc.start, name="oidc_start")
    router.add_get("/login/oidc/callback", oidc.finish, name="oidc_return")
    # --- end of that section ---

    # the words of the assistant: reading, proposing, exporting
    router.add_get("/texts", texts.texts, name="texts")
    router.add_get("/texts/due", texts.texts_due, name="texts_due")
    router.add_get("/texts/subjects/{subject}", texts.subject, name="text_subject")
    router.add_get("/texts/wordings/{language}/{key}", texts.wording, name="text_wording")
    router.add_post("/texts/wordings/{language}/{key}", text_changes.propose, name="propose_text")
    router.add_get("/texts/changes", text_changes.text_changes, name="text_changes")
    router.add_get("/texts/changes/{change}", text_changes.text_change, name="text_change")
    router.add_post("/texts/changes/{change}/edit", text_changes.edit, name="edit_text")
    router.add_post("/texts/changes/{change}/approve", text_changes.approve, name="approve_text")
    router.add_post("/texts/changes/{change}/reject", text_changes.reject, name="reject_text")
    router.add_post("/texts/changes/{change}/withdraw", text_changes.withdraw, name="withdraw_text")
    router.add_get("/texts/export", text_changes.export, name="text_export")
    router.add_post("/texts/export", text_changes.download, name="export_texts")
