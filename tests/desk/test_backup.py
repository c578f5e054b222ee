"""A backup brings everything back, but what was erased; and it is refused when it cannot."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from cast import INDEX_KEY, KEY, START, Desk, hire, open_desk, settings_for
from postgres import Cluster

from bot.outbox import CASE, CONTACT, DELIVERED, WAITING, Letter, Outbox
from desk import backup, rotation
from desk.backup import BackupFault, Places
from desk.crypto import Vault
from desk.database import config, make_engine, migrate
from desk.erased import ErasedList
from desk.errors import Erased, NotFound
from desk.models import StaffSession
from desk.registry import Filters, Registry
from desk.restore import Restored, restore
from desk.settings import Settings

ALL = Filters(status=("new", "open", "closed"))
GONE = "conversation-to-be-erased"
NAMES = ("Ayşe Yılmaz", "12345678", "Yardım edin", "a note of Jan", "Elif")


class Keeper:
    """A desk with the files beside it, and a disk for its backups."""

    def __init__(self, desk: Desk, tmp_path: Path) -> None:
        self.desk, self.disk, self.now = desk, tmp_path / "disk", START
        self.places = Places(
            tmp_path / "outbox.db", tmp_path / "counts.db", tmp_path / "withdrawn.json"
        )
        self.settings = settings_for(desk.url, KOMPAS_ERASED=f"{tmp_path}/erased.db")
        self.erased = ErasedList(self.settings.erased)
        desk.registry._erased = self.erased

    def back_up(self) -> Path:
        self.now += timedelta(seconds=1)
        return backup.make(self.settings, self.places, self.disk, self.now)

    def restore(
        self,
        folder: Path,
        settings: Settings | None = None,
        *,
        replace: bool = True,
        lists: tuple[Path, ...] = (),
    ) -> Restored:
        return restore(
            settings or self.settings, self.places, folder, self.now, replace=replace, lists=lists
        )

    def destroy(self) -> None:
        """What a disk does that fails: nothing of the registry is there any more."""
        if self.desk.database.is_sqlite:
            self.desk.database.close()
            for path in Path(self.desk.url.removeprefix("sqlite:///")).parent.glob("desk.db*"):
                path.unlink()
            return
        with self.desk.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        self.desk.database.close()

    def references(self) -> set[str]:
        return {row.reference for row in self.desk.registry.queue(self.desk["cor"], ALL)}


@pytest.fixture
def keeper(desk: Desk, tmp_path: Path) -> Keeper:
    return Keeper(desk, tmp_path)


def fill(desk: Desk, conversation: str = "c") -> str:
    reference = desk.bring(conversation=conversation)
    desk.contact(conversation=conversation)
    desk.registry.assign(desk["jan"], reference, desk["jan"].id)
    desk.registry.add_note(desk["jan"], reference, "a note of Jan")
    desk.registry.set_child(desk["jan"], reference, None, {"given": "Elif"})
    return reference


@pytest.mark.both_databases
def test_what_was_destroyed_is_read_again_in_the_console(keeper: Keeper):
    desk = keeper.desk
    reference = fill(desk)
    before = desk.registry.look(desk["jan"], reference)
    folder = keeper.back_up()
    keeper.destroy()
    done = keeper.restore(folder, replace=False)
    assert done.accounts == tuple(sorted(desk.members))
    assert done.audit_broken_at is None
    after = desk.registry.look(desk["jan"], reference)
    assert after.content is not None
    assert (after.row, after.content) == (before.row, before.content)
    assert desk.registry.verify_audit().whole


@pytest.mark.both_databases
def test_both_work_while_the_desk_does(keeper: Keeper):
    desk = keeper.desk
    kept = desk.bring()
    with desk.database.reading() as session:
        session.execute(sa.text("SELECT count(*) FROM cases"))
        folder = keeper.back_up()
    lost = desk.bring()
    keeper.restore(folder)
    assert keeper.references() == {kept}
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], lost)
    assert desk.bring() not in (kept, lost)


@pytest.mark.both_databases
@pytest.mark.parametrize("by", ["visitor", "staff"])
def test_what_was_erased_since_stays_erased(keeper: Keeper, by: str):
    desk = keeper.desk
    kept, erased = fill(desk, "kept"), fill(desk, GONE)
    desk.contact(contact_ref="a-form-before-its-case-0000")
    folder = keeper.back_up()
    # the case comes after the backup, which has its form alone
    desk.bring(conversation="late", contact_ref="a-form-before-its-case-0000")
    desk.registry.erase_conversation("late")
    if by == "visitor":
        desk.registry.erase_conversation(GONE)
    else:
        desk.registry.erase_case(desk["cor"], erased)
    keeper.destroy()
    assert keeper.restore(folder).erased_again > 5
    assert keeper.references() == {kept}
    with desk.database.reading() as session:
        forms = session.execute(sa.text("SELECT conversation, contact_ref FROM contacts")).all()
    assert [form.conversation for form in forms] == ["kept"]
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], erased)
    for conversation in (GONE, "late"):
        with pytest.raises(Erased):
            desk.bring_again(2, conversation=conversation)


def test_the_list_of_a_newer_backup_helps_when_the_disk_is_gone(keeper: Keeper):
    desk = keeper.desk
    desk.bring(conversation=GONE)
    older = keeper.back_up()
    desk.registry.erase_conversation(GONE)
    newer = keeper.back_up()
    Path(keeper.settings.erased).unlink()
    (newer / "registry.db").write_bytes(b"damaged")
    keeper.restore(older, lists=(newer / "erased.db",))
    assert keeper.references() == set()


def test_the_list_holds_no_id(keeper: Keeper):
    keeper.desk.bring(conversation=GONE)
    keeper.desk.registry.erase_conversation(GONE)
    content = Path(keeper.settings.erased).read_bytes()
    assert GONE.encode() not in content
    assert len(keeper.erased.tokens()) == 1


def test_an_erasure_that_cannot_be_remembered_is_not_done(keeper: Keeper, tmp_path: Path):
    reference = keeper.desk.bring(conversation=GONE)
    (tmp_path / "a file").touch()
    keeper.desk.registry._erased = ErasedList(tmp_path / "a file" / "erased.db")
    with pytest.raises(sa.exc.SQLAlchemyError, match="KOMPAS_ERASED"):
        keeper.desk.registry.erase_conversation(GONE)
    assert keeper.references() == {reference}


@pytest.mark.both_databases
def test_what_is_past_its_days_does_not_come_back(keeper: Keeper):
    desk = keeper.desk
    desk.bring()
    folder = keeper.back_up()
    keeper.settings = settings_for(
        desk.url, KOMPAS_ERASED=keeper.settings.erased, KOMPAS_DESK_DAYS_NEW="20"
    )
    keeper.now += timedelta(days=21)
    assert keeper.restore(folder).let_go == 1
    assert keeper.references() == set()


@pytest.mark.both_databases
def test_no_name_and_no_key_can_be_read_in_a_backup(keeper: Keeper):
    fill(keeper.desk)
    folder = keeper.back_up()
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    for text in (*NAMES, KEY, INDEX_KEY):
        assert text.encode() not in content
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_waits_for_the_desk_comes_back_and_what_was_withdrawn_does_not(keeper: Keeper):
    outbox = Outbox(keeper.places.outbox, "o" * 32)
    for number, conversation in enumerate(("delivered", "waits", "withdrawn", "erased")):
        outbox.put(Letter(f"{number}", conversation, CASE, {"number": number}))
    outbox.put(Letter("form", "waits", CONTACT, {"sealed": "…"}))
    outbox.put(Letter("before", "before", CASE, {}))
    outbox.delivered("before", {})
    folder = keeper.back_up()
    outbox.delivered("0", {"reference": "K-2026-0001-A"})
    outbox.withdraw("withdrawn")
    keeper.erased.add([backup.BlindIndex(INDEX_KEY).token("erased", "erased")], keeper.now.date())
    outbox.delivered("3", {})
    outbox.put(Letter("new", "new", CASE, {}))
    assert keeper.restore(folder).letters == 1
    waiting = {letter.key for letter in outbox.waiting()}
    assert waiting == {"0", "1", "form", "new", "withdrawn-erasure"}
    found = {key: outbox.receipt(key) for key in ("0", "3", "before")}
    assert [each and each.state for each in found.values()] == [WAITING, DELIVERED, DELIVERED]
    # on a new machine there is none yet
    keeper.places.outbox.unlink()
    keeper.restore(folder)
    assert {letter.key for letter in outbox.waiting()} == {"0", "1", "2", "form"}


def test_counts_and_withdrawn_texts_come_back_only_where_there_are_none(keeper: Keeper):
    with closing(sqlite3.connect(keeper.places.counts)) as counts, counts:
        counts.execute("CREATE TABLE counts (number INTEGER)")
        counts.execute("INSERT INTO counts VALUES (7)")
    keeper.places.withdrawn.write_text('["a wrong text"]')
    folder = keeper.back_up()
    keeper.places.counts.unlink()
    keeper.places.withdrawn.write_text('["another wrong text"]')
    keeper.restore(folder)
    with closing(sqlite3.connect(keeper.places.counts)) as counts:
        assert counts.execute("SELECT number FROM counts").fetchall() == [(7,)]
    assert "another" in keeper.places.withdrawn.read_text()


@pytest.mark.both_databases
def test_nobody_is_logged_in_after_a_restore(keeper: Keeper):
    desk = keeper.desk
    with desk.database.writing() as session:
        session.add(
            StaffSession(id="s", staff_id=desk["jan"].id, csrf="c", created=START, seen=START)
        )
    keeper.restore(keeper.back_up())
    with desk.database.reading() as session:
        assert session.scalars(sa.select(StaffSession.id)).all() == []


@pytest.mark.both_databases
def test_a_registry_with_cases_is_replaced_only_when_told(keeper: Keeper):
    desk = keeper.desk
    folder = keeper.back_up()
    reference = desk.bring()
    with pytest.raises(BackupFault, match="--replace"):
        keeper.restore(folder, replace=False)
    assert keeper.references() == {reference}


def half(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def damaged(folder: Path) -> None:
    path = next(folder.glob("registry.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def incomplete(folder: Path) -> None:
    next(folder.glob("registry.*")).unlink()


def changed(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["made"] = (START + timedelta(days=1)).isoformat()
    path.write_text(json.dumps(manifest))


def rubbish(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (half, "half of one"),
        (damaged, "damaged"),
        (incomplete, "is missing"),
        (changed, "was changed"),
        (rubbish, "is damaged"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused(
    keeper: Keeper, harm: Callable[[Path], None], said: str
):
    reference = fill(keeper.desk)
    folder = keeper.back_up()
    harm(folder)
    with pytest.raises(BackupFault, match=said) as raised:
        keeper.restore(folder)
    assert "another" in str(raised.value)
    assert keeper.references() == {reference}


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"KOMPAS_DESK_KEYS": "n" * 32}, "KOMPAS_DESK_KEYS"),
        ({"KOMPAS_DESK_INDEX_KEY": "n" * 32}, "KOMPAS_DESK_INDEX_KEY"),
    ],
)
def test_a_wrong_key_is_told_before_anything_is_touched(
    keeper: Keeper, changes: dict[str, str], said: str
):
    fill(keeper.desk)
    folder = keeper.back_up()
    later = keeper.desk.bring()
    with pytest.raises(BackupFault, match=said) as raised:
        keeper.restore(folder, settings_for(keeper.desk.url, **changes))
    assert "n" * 32 not in str(raised.value)
    assert later in keeper.references()


def test_a_backup_from_the_middle_of_a_rotation_needs_both_keys(keeper: Keeper):
    desk = keeper.desk
    fill(desk)
    Registry(desk.database, Vault(["n" * 32, KEY]), desk.index, desk.clock).add_note(
        desk["jan"], desk.bring(), "under the new key"
    )
    folder = keeper.back_up()
    rotation.rotate(desk.database, Vault(["n" * 32, KEY]))
    for keys in (KEY, "n" * 32):
        with pytest.raises(BackupFault, match="1 of its 2 keys"):
            keeper.restore(folder, settings_for(desk.url, KOMPAS_DESK_KEYS=keys))
    both = settings_for(
        desk.url, KOMPAS_DESK_KEYS=f"{'n' * 32},{KEY}", KOMPAS_ERASED=keeper.settings.erased
    )
    keeper.restore(folder, both)


def test_a_backup_past_its_days_is_refused_and_dropped(keeper: Keeper):
    keeper.desk.bring(conversation=GONE)
    folder = keeper.back_up()
    keeper.desk.registry.erase_conversation(GONE)
    keeper.now += timedelta(days=36)
    with pytest.raises(BackupFault, match="KOMPAS_BACKUP_DAYS"):
        keeper.restore(folder)
    (keeper.disk / "of somebody else").mkdir()
    newer = keeper.back_up()
    assert set(keeper.disk.iterdir()) == {newer, keeper.disk / "of somebody else"}
    assert keeper.erased.tokens() == {}


def test_a_half_that_a_power_cut_left_is_no_backup_and_goes(keeper: Keeper):
    folder = keeper.back_up()
    cut = keeper.disk / "kompas-20261001T000000Z.partial"
    shutil.copytree(folder, cut)
    (cut / "manifest.json").unlink()
    with pytest.raises(BackupFault, match="half of one"):
        keeper.restore(cut)
    newer = keeper.back_up()
    assert set(keeper.disk.iterdir()) == {folder, newer}


def test_a_failed_backup_leaves_nothing(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "write_manifest", full)
    with pytest.raises(BackupFault, match="cannot be written to"):
        keeper.back_up()
    assert list(keeper.disk.iterdir()) == []


@pytest.mark.both_databases
def test_an_older_registry_is_brought_to_this_version(keeper: Keeper):
    reference = keeper.desk.bring()
    keeper.desk.database.close()
    command.downgrade(config(keeper.desk.url), "0001")
    # as the version of that time would have made it
    settings, places = keeper.settings, keeper.places
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.database.newest_revision", lambda: "0001")
        folder = _of_then(patch, settings, places, keeper)
    keeper.destroy()
    keeper.restore(folder)
    assert keeper.references() == {reference}
    assert keeper.desk.database.answers()


def _of_then(patch: pytest.MonkeyPatch, settings: Settings, places: Places, keeper: Keeper) -> Path:
    # today's models know columns that the older tables have not
    patch.setattr(backup.rotation, "sealed_columns", lambda: iter(()))
    return backup.make(settings, places, keeper.disk, keeper.now)


def test_a_backup_of_a_newer_version_is_refused(keeper: Keeper):
    folder = keeper.back_up()
    index = backup.BlindIndex(INDEX_KEY)
    manifest = backup.read_manifest(folder, index)
    backup.write_manifest(folder, type(manifest)(**{**vars(manifest), "revision": "9999"}), index)
    with pytest.raises(BackupFault, match="newer version"):
        keeper.restore(folder)


def test_a_backup_of_the_other_database_is_refused(keeper: Keeper):
    folder = keeper.back_up()
    settings = settings_for("postgresql://kompas@127.0.0.1:1/none")
    with pytest.raises(BackupFault, match="is of sqlite"):
        keeper.restore(folder, settings)


@pytest.mark.both_databases
def test_a_restore_that_fails_leaves_the_registry(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    folder = keeper.back_up()
    reference = keeper.desk.bring()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("desk.restore.erasure.erase_again", fail)
    with pytest.raises(RuntimeError):
        keeper.restore(folder)
    assert keeper.references() == {reference}
    assert [path.name for path in folder.parents[1].glob(".restoring-*")] == []
    engine = make_engine(keeper.desk.url)
    if engine.dialect.name == "postgresql":
        assert "kompas_restored" not in sa.inspect(engine).get_schema_names()
    engine.dispose()


def test_the_registry_of_an_account_that_owns_no_more_than_its_database(
    cluster: Cluster, tmp_path: Path
):
    """As an organisation's own server gives it out, not as the tests' superuser."""
    cluster._client("createuser", "plain")
    cluster._client("createdb", "-O", "plain", "plain")
    url = cluster.url("plain").replace("kompas@", "plain:SECRET@")
    migrate(url)
    keeper = Keeper(open_desk(url, hire(url)), tmp_path)
    reference = fill(keeper.desk)
    folder = keeper.back_up()
    keeper.desk.bring()
    keeper.restore(folder)
    assert keeper.references() == {reference}
    assert b"SECRET" not in (folder / "manifest.json").read_bytes()
    keeper.desk.database.close()
    cluster.drop("plain")


def test_both_are_in_the_audit_log_and_colleagues_read_what_they_are(keeper: Keeper):
    keeper.restore(keeper.back_up())
    entries = keeper.desk.registry.audit_log(keeper.desk["aad"])
    assert {"backup", "restore"} <= {entry.action for entry in entries}


def test_looking_into_a_backup_does_not_change_it(keeper: Keeper):
    keeper.desk.bring(conversation=GONE)
    keeper.desk.registry.erase_conversation(GONE)
    folder = keeper.back_up()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in [*folder.iterdir(), folder]:
        os.chmod(path, 0o500 if path.is_dir() else 0o400)
    keeper.restore(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
