"""A backup of what Kompas must not lose, made while everything runs; docs/backup.md says more.

In it: the registry, what waits for the desk, the monthly counts, the withdrawn texts and the list
of erasures. Not in it: the keys, without which nobody reads the names in a backup; and
conversations and kept checklists, which a backup would make live longer than visitors were told.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from bot.outbox import WAITING
from desk import dumps, rotation
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.erased import ErasedList
from desk.models import AuditHead
from desk.registry import Registry
from desk.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
REGISTRY = {"sqlite": "registry.db", "postgresql": "registry.dump"}
OUTBOX, COUNTS, WITHDRAWN, ERASED = "outbox.db", "counts.db", "withdrawn.json", "erased.db"
_NAME = "kompas-%Y%m%dT%H%M%SZ"
_PARTIAL = ".partial"


class BackupFault(Exception):
    """A backup cannot be made or used; the message names it, the fault and the remedy."""


@dataclass(frozen=True)
class Places:
    """Files of other processes that a backup takes along."""

    outbox: Path
    counts: Path
    withdrawn: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Places:
        """Where the settings say that they are."""
        var = Path(environment.get("KOMPAS_VAR", "var"))
        return cls(
            Path(environment.get("KOMPAS_OUTBOX") or var / "outbox.db"),
            Path(environment.get("KOMPAS_COUNTS") or var / "counts.db"),
            Path(environment.get("KOMPAS_WITHDRAWN") or var / "withdrawn.json"),
        )


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `keys`: ids of the keys that seal something in it."""

    made: datetime
    database: str
    revision: str | None
    keys: tuple[str, ...]
    entries: int
    head: str
    files: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": FORMAT,
            "made": self.made.isoformat(timespec="seconds"),
            "database": self.database,
            "revision": self.revision,
            "keys": sorted(self.keys),
            "audit": {"entries": self.entries, "head": self.head},
            "files": dict(sorted(self.files.items())),
        }


def make(settings: Settings, places: Places, folder: Path, now: datetime) -> Path:
    """Make a backup in a folder of its own under `folder`, and drop those past their days."""
    vault, index = Vault(settings.keys), BlindIndex(settings.index_key)
    database = Database(settings.database_url)
    if not database.answers():
        raise BackupFault(
            "KOMPAS_DATABASE_URL: the registry is away or of another version. Start it, or run "
            "`python -m desk migrate`."
        )
    # copied to a disk that is full or gone, it would be found out on the worst day
    target = folder / now.astimezone(UTC).strftime(_NAME)
    partial = target.with_name(target.name + _PARTIAL)
    try:
        if target.exists():
            raise BackupFault(f"{target}: is there already. Try again in a second.")
        folder.mkdir(parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        Registry(database, vault, index, lambda: now).note_backup("backup")
        _copy_small_files(settings, places, partial)
        found = _copy_registry(settings, partial, database.is_sqlite)
        files = {path.name: _digest(path) for path in sorted(partial.iterdir())}
        manifest = Manifest(now, *found, files)
        write_manifest(partial, manifest, index)
        for path in [*partial.iterdir(), partial]:
            _to_disk(path)
        partial.rename(target)
        _to_disk(folder)
    except OSError as error:
        raise BackupFault(
            f"{folder}: cannot be written to ({type(error).__name__}). Give a folder with room on "
            "a disk that this process may write to."
        ) from None
    finally:
        database.close()
        shutil.rmtree(partial, ignore_errors=True)
    _let_go(folder, now, settings.backup_days)
    ErasedList(settings.erased).forget((now - timedelta(days=settings.backup_days)).date())
    return target


def _copy_small_files(settings: Settings, places: Places, partial: Path) -> None:
    # before the registry: a letter on its way is then in one of the two, or in both
    if places.outbox.is_file():
        dumps.copy_sqlite(places.outbox, partial / OUTBOX)
        with closing(sqlite3.connect(partial / OUTBOX)) as connection, connection:
            connection.execute("DELETE FROM letters WHERE state != ?", (WAITING,))
        dumps.close_sqlite(partial / OUTBOX)
    for name, path in ((COUNTS, places.counts), (ERASED, Path(settings.erased))):
        if path.is_file():
            dumps.copy_sqlite(path, partial / name)
            dumps.close_sqlite(partial / name)
    if places.withdrawn.is_file():
        shutil.copyfile(places.withdrawn, partial / WITHDRAWN)


_Found = tuple[str, str | None, tuple[str, ...], int, str]


def _copy_registry(settings: Settings, partial: Path, is_sqlite: bool) -> _Found:
    """Copy it; what the manifest says of it, read from the very state that is copied."""
    if is_sqlite:
        copy = partial / REGISTRY["sqlite"]
        dumps.copy_sqlite(Path(str(sa.make_url(settings.database_url).database)), copy)
        dumps.close_sqlite(copy)
        engine = sa.create_engine(f"sqlite:///{copy}")
        with engine.connect() as connection:
            found = _look_at(connection)
        engine.dispose()
        return "sqlite", *found
    with dumps.frozen(settings.database_url) as (connection, snapshot):
        found = _look_at(connection)
        dumps.dump(settings.database_url, partial / REGISTRY["postgresql"], snapshot)
    return "postgresql", *found


def _look_at(connection: sa.Connection) -> tuple[str | None, tuple[str, ...], int, str]:
    revision = MigrationContext.configure(connection).get_current_revision()
    entries, head = connection.execute(sa.select(AuditHead.position, AuditHead.hash)).one()
    return revision, tuple(sorted(sealing_keys(connection))), entries, head


def sealing_keys(connection: sa.Connection) -> set[str]:
    """Ids of the keys under which something is sealed."""
    found: set[str] = set()
    for model, column in rotation.sealed_columns():
        value = getattr(model, column)
        heads = sa.select(sa.func.substr(value, 1, 5)).where(value.is_not(None)).distinct()
        found.update(Vault.key_id(bytes(head)).hex() for head in connection.scalars(heads))
    return found


def _fingerprint(index: BlindIndex) -> str:
    return index.token("backup", "key")


def write_manifest(folder: Path, manifest: Manifest, index: BlindIndex) -> None:
    """Write the manifest with a mark that only who has KOMPAS_DESK_INDEX_KEY can make."""
    plain = manifest.plain()
    content = json.dumps(plain, sort_keys=True)
    marked = {**plain, "index_key": _fingerprint(index), "mark": index.token("backup", content)}
    (folder / MANIFEST).write_text(json.dumps(marked, indent=1) + "\n")


def read_manifest(folder: Path, index: BlindIndex) -> Manifest:
    """The manifest of the backup in `folder`, whose files are all as they were written.

    Raises `BackupFault` for what is half-written, damaged, or of another desk.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BackupFault(
            f"{folder}: is no backup, or half of one: {MANIFEST} is missing. Give the folder that "
            "`make backup` named, or take another."
        )
    another = "Take another backup."
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        mark, key = written.pop("mark"), written.pop("index_key")
        number = written["format"]
    except (ValueError, KeyError, AttributeError):
        raise BackupFault(f"{path}: is damaged. {another}") from None
    if key != _fingerprint(index):
        raise BackupFault(
            f"{path}: was made with another KOMPAS_DESK_INDEX_KEY. Set the keys of the desk it "
            "comes from (the copy of secrets.env kept apart from the backups)."
        )
    if mark != index.token("backup", json.dumps(written, sort_keys=True)):
        raise BackupFault(f"{path}: was changed after it was made. {another}")
    if number != FORMAT:
        raise BackupFault(
            f"{path}: is of format {number}, this version reads {FORMAT}. Restore with the version "
            "of Kompas that made it, then upgrade."
        )
    for name, digest in written["files"].items():
        file = folder / name
        if not file.is_file():
            raise BackupFault(f"{file}: is missing. {another}")
        if _digest(file) != digest:
            raise BackupFault(f"{file}: is damaged: its digest is another. {another}")
    return Manifest(
        datetime.fromisoformat(written["made"]),
        written["database"],
        written["revision"],
        tuple(written["keys"]),
        written["audit"]["entries"],
        written["audit"]["head"],
        written["files"],
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _let_go(folder: Path, now: datetime, days: int) -> None:
    """Drop backups past their days, and halves that a power cut left: erased means erased."""
    for path in sorted(folder.glob("kompas-*Z*")):
        is_half = path.name.endswith(_PARTIAL)
        try:
            made = datetime.strptime(path.name.removesuffix(_PARTIAL), _NAME).replace(tzinfo=UTC)
        except ValueError:
            continue
        if made < now - timedelta(days=1 if is_half else days):
            shutil.rmtree(path)
