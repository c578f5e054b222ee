"""Bringing a backup back: checked, migrated, cleared of what was erased since, then put in place.

All of that happens beside the registry; what goes wrong leaves it as it was. Docs: docs/backup.md.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from desk import dumps, erasure, rotation
from desk.backup import (
    ERASED,
    REGISTRY,
    BackupFault,
    Manifest,
    Places,
    read_manifest,
)
from desk.crypto import BlindIndex, Vault
from desk.database import Database, config, migrate
from desk.erased import ErasedList
from desk.models import Case, Contact, Counter, LoginAttempt, Staff, StaffSession, place
from desk.registry import Registry
from desk.restored_files import put_files_back
from desk.settings import Settings

_NUMBERS_AHEAD = 500
"""Case numbers skipped: some were given out since the backup, and clients hold them."""


@dataclass(frozen=True)
class Restored:
    """What restoring did."""

    made: datetime
    erased_again: int
    let_go: int
    letters: int
    audit_broken_at: int | None
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class _Live:
    """What the registry that is to be replaced still tells."""

    is_empty: bool
    numbers: Mapping[int, int]


def restore(
    settings: Settings,
    places: Places,
    folder: Path,
    now: datetime,
    *,
    replace: bool = False,
    lists: Collection[Path] = (),
) -> Restored:
    """Bring back the backup in `folder`. Raises `BackupFault`, `CannotCopy`.

    `lists` are further lists of erasures, as newer backups have them.
    """
    vault, index = Vault(settings.keys), BlindIndex(settings.index_key)
    manifest = read_manifest(folder, index)
    _check(manifest, settings, vault, folder, now)
    for each in lists:
        if not each.is_file():
            raise BackupFault(f"{each}: is missing. Give {ERASED} of a newer backup.")
    live = _look_at_live(settings.database_url)
    if not live.is_empty and not replace:
        raise BackupFault(
            "KOMPAS_DATABASE_URL: the registry there is not empty. Make a backup of it first, then "
            "give --replace (make restore FROM=… REPLACE=yes)."
        )
    erased = ErasedList(settings.erased)
    with tempfile.TemporaryDirectory(prefix="kompas-restore-") as scratch:
        for each in (folder / ERASED, *lists):
            if each.is_file():
                # a copy: looking into a backup must not change it
                dumps.copy_sqlite(each, Path(scratch) / "list.db")
                for token, day in ErasedList(Path(scratch) / "list.db").tokens().items():
                    erased.add([token], day)
        tokens = erased.tokens()
        with _staged(settings.database_url, folder, manifest, Path(scratch)) as staged:
            again, let_go, verdict, accounts = _settle(
                staged, settings, vault, index, tokens, live.numbers, now
            )
            _put_in_place(settings.database_url, staged)
    again += _erased_meanwhile(settings, index, erased, set(tokens), now)
    letters = put_files_back(places, folder, index, erased.tokens())
    return Restored(manifest.made, again, let_go, letters, verdict, accounts)


def _check(
    manifest: Manifest, settings: Settings, vault: Vault, folder: Path, now: datetime
) -> None:
    kind = sa.make_url(settings.database_url).get_backend_name()
    if manifest.database != kind:
        raise BackupFault(
            f"{folder}: is of {manifest.database}, KOMPAS_DATABASE_URL of {kind}. Restore it to "
            f"an address of {manifest.database}."
        )
    known = {each.revision for each in _history().walk_revisions()}
    if manifest.revision not in known:
        raise BackupFault(
            f"{folder}: is of a newer version of Kompas (revision {manifest.revision}). Install "
            "that version first."
        )
    missing = [key for key in manifest.keys if not vault.has(bytes.fromhex(key))]
    if missing:
        raise BackupFault(
            f"{folder}: {len(missing)} of its {len(manifest.keys)} keys are not in "
            "KOMPAS_DESK_KEYS. Set the keys of that time, the newest first (the copy of "
            "secrets.env kept apart from the backups)."
        )
    if manifest.made < now - timedelta(days=settings.backup_days):
        raise BackupFault(
            f"{folder}: is older than KOMPAS_BACKUP_DAYS ({settings.backup_days}), so it is not "
            "known any more what was erased since. Take a newer one. If there is none, set "
            "KOMPAS_BACKUP_DAYS higher for this command, and erase by hand what was asked since."
        )


def _history() -> ScriptDirectory:
    return ScriptDirectory.from_config(config("sqlite://"))


def _look_at_live(url: str) -> _Live:
    """Whether something would be lost, and which case numbers were given out."""
    database = Database(url)
    try:
        if database.is_sqlite and not Path(str(sa.make_url(url).database)).exists():
            return _Live(True, {})
        with database.reading() as session:
            tables = set(sa.inspect(session.connection()).get_table_names())
            if not {"staff", "cases", "contacts", "counters"} <= tables:
                return _Live(not tables, {})
            rows = [session.scalar(sa.select(each.id).limit(1)) for each in (Staff, Case, Contact)]
            numbers = {
                row.id: row.last for row in session.execute(sa.select(Counter.id, Counter.last))
            }
            return _Live(not any(rows), numbers)
    except SQLAlchemyError as error:
        raise BackupFault(
            f"KOMPAS_DATABASE_URL: what is there cannot be read ({type(error).__name__}). Start "
            "the server; a damaged file of SQLite is moved away first, with the desk stopped."
        ) from None
    finally:
        database.close()


@contextmanager
def _staged(url: str, folder: Path, manifest: Manifest, scratch: Path) -> Iterator[str]:
    """The registry of the backup beside the one that runs; its address."""
    file = folder / REGISTRY[manifest.database]
    if manifest.database == "postgresql":
        try:
            yield dumps.stage(url, file, scratch)
        finally:
            dumps.discard(url)
        return
    live = Path(str(sa.make_url(url).database)).resolve()
    live.parent.mkdir(parents=True, exist_ok=True)
    # on the same disk: that there is no room is found out before anything is replaced
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=live.parent) as beside:
        staged = Path(beside) / live.name
        shutil.copyfile(file, staged)
        staged.chmod(0o600)
        yield f"sqlite:///{staged}"


def _settle(
    url: str,
    settings: Settings,
    vault: Vault,
    index: BlindIndex,
    tokens: Collection[str],
    numbers: Mapping[int, int],
    now: datetime,
) -> tuple[int, int, int | None, tuple[str, ...]]:
    """Make what was restored fit to be used today."""
    migrate(url)
    database = Database(url)
    registry = Registry(database, vault, index, lambda: now)
    try:
        with database.writing() as session:
            _open_one_of_each(session, vault)
            # who was logged in then, and who failed to
            session.execute(sa.delete(StaffSession))
            session.execute(sa.delete(LoginAttempt))
            again = erasure.erase_again(session, index, tokens, now).total()
            _move_numbers_on(session, numbers)
            accounts = session.scalars(
                sa.select(Staff.name).where(Staff.active).order_by(Staff.name)
            ).all()
        let_go = sum(registry.retention(None, settings.retention_days, dry_run=False).values())
        verdict = registry.verify_audit().broken_at
        registry.note_backup("restore", erased_again=again, let_go=let_go)
        database.forget_traces()
    finally:
        database.close()
    return again, let_go, verdict, tuple(accounts)


def _open_one_of_each(session: Session, vault: Vault) -> None:
    """Raise `CannotOpen` now, not when a colleague needs a telephone number."""
    for model, column in rotation.sealed_columns():
        row = session.scalar(sa.select(model).where(getattr(model, column).is_not(None)).limit(1))
        if row is not None:
            vault.open(getattr(row, column), place(row, column))
    session.expunge_all()


def _move_numbers_on(session: Session, given_out: Mapping[int, int]) -> None:
    """No number that a client holds may be given to another case."""
    years = set(session.scalars(sa.select(Counter.id))) | set(given_out)
    for year in years:
        row = session.get(Counter, year)
        if row is None:
            session.add(Counter(id=year, last=given_out[year]))
        else:
            row.last = max(row.last + _NUMBERS_AHEAD, given_out.get(year, 0))


def _put_in_place(url: str, staged: str) -> None:
    if sa.make_url(url).get_backend_name() == "postgresql":
        dumps.swap(url)
        return
    live = Path(str(sa.make_url(url).database))
    # into the file, not over it: a desk that runs goes on with the new content
    os.close(os.open(live, os.O_CREAT | os.O_RDWR, 0o600))
    dumps.copy_sqlite(Path(str(sa.make_url(staged).database)), live)
    database = Database(url)
    database.forget_traces()
    database.close()


def _erased_meanwhile(
    settings: Settings, index: BlindIndex, erased: ErasedList, known: set[str], now: datetime
) -> int:
    """Rows of what was erased in the registry of before while the backup was being prepared."""
    late = set(erased.tokens()) - known
    if not late:
        return 0
    database = Database(settings.database_url)
    try:
        with database.writing() as session:
            removed = erasure.erase_again(session, index, late, now).total()
        database.forget_traces()
    finally:
        database.close()
    return removed
