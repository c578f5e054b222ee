"""`python -m desk`: serve the desk, or run one of its commands (`--help` lists them)."""

from __future__ import annotations

import argparse
import getpass
import logging
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics, sealing
from bot.errors import ProjectFileError
from bot.logs import leave_out_words
from desk import audit, backup, restore, rotation
from desk.access import ROLES
from desk.app import create_app, make_login, open_stores
from desk.backup import BackupFault
from desk.crypto import CannotOpen
from desk.database import NewerTables, migrate
from desk.dumps import CannotCopy
from desk.errors import Refused
from desk.keys import REGISTRY
from desk.metrics import VARIABLE, Queue
from desk.oidc import identity
from desk.registry import Registry
from desk.settings import Settings, SettingsError
from desk.texts.changes import TextChanges

_TOLD = (
    SettingsError,
    ProjectFileError,
    Refused,
    CannotOpen,
    BackupFault,
    CannotCopy,
    NewerTables,
)
"""Faults whose text is meant for who gave the command."""


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks; say what is wrong when it cannot be done."""
    asked = _parser().parse_args(arguments)
    if asked.command == "newkeys":
        _new_keys()
        return
    try:
        settings = Settings.from_environment()
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        # tells of every migration at length
        logging.getLogger("alembic").setLevel(logging.WARNING)
        _COMMANDS[asked.command or "serve"](settings, asked)
    except _TOLD as error:
        sys.exit(str(error))
    except SQLAlchemyError as error:
        # its text could hold what is stored
        sys.exit(
            f"The database does not answer as it should ({type(error).__name__}). Check "
            "KOMPAS_DATABASE_URL and that it runs, then `python -m desk migrate`."
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m desk", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve the desk (the default)")
    commands.add_parser("migrate", help="bring the database to this version")
    commands.add_parser("newkeys", help="print new secrets, for a file of settings")
    user = commands.add_parser("createuser", help="make an account")
    user.add_argument("name")
    user.add_argument("--role", required=True, choices=ROLES)
    user.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    user.add_argument(
        "--oidc-subject", help="subject at the identity provider by which it is entered, too"
    )
    link = commands.add_parser("link", help="let an account log in through the identity provider")
    link.add_argument("name")
    link.add_argument("--oidc-subject", required=True, help="subject at the provider")
    unlink = commands.add_parser("unlink", help="take that back")
    unlink.add_argument("name")
    for name, text in (("disable", "close an account"), ("enable", "open an account again")):
        commands.add_parser(name, help=text).add_argument("name")
    commands.add_parser("rotate-keys", help="seal everything under the newest key")
    commands.add_parser("verify-audit", help="check the chain of the audit log")
    commands.add_parser("textpatch", help="print the approved wordings as a patch for git apply")
    making = commands.add_parser("backup", help="make a backup while everything runs")
    making.add_argument("folder", type=Path, help="where it gets a folder of its own")
    restoring = commands.add_parser("restore", help="bring a backup back")
    restoring.add_argument("folder", type=Path, help="the folder that `backup` named")
    restoring.add_argument(
        "--replace", action="store_true", help="let it take the place of a registry with cases"
    )
    restoring.add_argument(
        "--erased",
        action="append",
        default=[],
        type=Path,
        help="a further list of erasures: erased.db of a newer backup",
    )
    retention = commands.add_parser("retention", help="count what is past its days")
    retention.add_argument("--apply", action="store_true", help="erase it, not only count it")
    return parser


def _new_keys() -> None:
    """Needs no settings: it makes them."""
    private, public = sealing.new_keys()
    for name, value in (
        ("KOMPAS_DESK_SERVICE_TOKEN", secrets.token_urlsafe(32)),
        ("KOMPAS_DESK_KEYS", secrets.token_urlsafe(32)),
        ("KOMPAS_DESK_INDEX_KEY", secrets.token_urlsafe(32)),
        ("KOMPAS_DESK_SEAL_KEYS", private),
        ("KOMPAS_DESK_SEAL_PUBLIC", public),
    ):
        print(f"{name}={value}")


def _serve(settings: Settings, _: argparse.Namespace) -> None:
    leave_out_words()
    migrate(settings.database_url)
    app = create_app(settings)
    metrics.REGISTRY.register(Queue(app[REGISTRY].database))
    metrics.expose(VARIABLE)
    web.run_app(
        app,
        host=settings.host,
        port=settings.port,
        access_log=None,
        print=lambda *_: None,
        handle_signals=True,
        keepalive_timeout=30,
    )


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    migrate(settings.database_url)


def _create_user(settings: Settings, asked: argparse.Namespace) -> None:
    migrate(settings.database_url)
    if asked.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            sys.exit("The passwords differ. Start again.")
    linked = _identity(settings, asked.oidc_subject) if asked.oidc_subject else None
    login = make_login(settings, *open_stores(settings))
    account = login.create_account(asked.name, asked.role, password)
    if linked is not None:
        login.link(asked.name, linked)
    print("Add this to an authenticator app; it is not shown again:")
    print(account.totp_uri)


def _identity(settings: Settings, subject: str) -> str:
    if settings.oidc is None:
        sys.exit("There is no identity provider. Set KOMPAS_DESK_OIDC_ISSUER and its kind first.")
    return identity(settings.oidc.issuer, subject)


def _link(settings: Settings, asked: argparse.Namespace) -> None:
    migrate(settings.database_url)
    linked = _identity(settings, asked.oidc_subject) if asked.command == "link" else None
    make_login(settings, *open_stores(settings)).link(asked.name, linked)


def _set_active(settings: Settings, asked: argparse.Namespace) -> None:
    login = make_login(settings, *open_stores(settings))
    login.set_active(asked.name, asked.command == "enable")


def _rotate(settings: Settings, _: argparse.Namespace) -> None:
    database, vault, _index = open_stores(settings)
    print(f"{rotation.rotate(database, vault)} values sealed anew.")


def _verify(settings: Settings, _: argparse.Namespace) -> None:
    verdict = Registry(*open_stores(settings)).verify_audit()
    if not verdict.whole:
        sys.exit(f"The audit log is broken at entry {verdict.broken_at}.")
    print(f"{verdict.entries} entries, whole. Head: {verdict.head}")


def _text_patch(settings: Settings, _: argparse.Namespace) -> None:
    database, _vault, index = open_stores(settings)
    # bytes as they are: the locale of a terminal has no say in a patch
    sys.stdout.buffer.write(TextChanges(database, index).export(audit.SYSTEM).encode())


def _retention(settings: Settings, asked: argparse.Namespace) -> None:
    registry = Registry(*open_stores(settings))
    numbers = registry.retention(None, settings.retention_days, dry_run=not asked.apply)
    for status, number in numbers.items():
        print(f"{status}: {number}")
    if not asked.apply:
        print("Nothing was erased. Add --apply to erase.")


def _backup(settings: Settings, asked: argparse.Namespace) -> None:
    made = backup.make(settings, backup.Places.from_environment(), asked.folder, datetime.now(UTC))
    print(made)


def _restore(settings: Settings, asked: argparse.Namespace) -> None:
    places, now = backup.Places.from_environment(), datetime.now(UTC)
    done = restore.restore(
        settings, places, asked.folder, now, replace=asked.replace, lists=asked.erased
    )
    print(f"The registry is as it was at {done.made:%Y-%m-%d %H:%M} UTC.")
    print(f"Erased again: {done.erased_again} rows of what was erased since.")
    print(f"Past their days and erased: {done.let_go}. Letters back in the outbox: {done.letters}.")
    if done.audit_broken_at is not None:
        print(f"The audit log is broken at entry {done.audit_broken_at}.")
    print(f"Accounts that can log in, look at each: {', '.join(done.accounts)}.")
    print("Start the desk anew if it runs.")


_COMMANDS = {
    "backup": _backup,
    "restore": _restore,
    "serve": _serve,
    "migrate": _migrate,
    "createuser": _create_user,
    "link": _link,
    "unlink": _link,
    "disable": _set_active,
    "enable": _set_active,
    "rotate-keys": _rotate,
    "verify-audit": _verify,
    "textpatch": _text_patch,
    "retention": _retention,
}

if __name__ == "__main__":
    main()
