"""Sealing everything anew under the newest key, so that an old one can be thrown away."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from desk.crypto import Vault
from desk.database import Database
from desk.models import Base, place

_BATCH = 200


def rotate(database: Database, vault: Vault) -> int:
    """Seal what an older key sealed; how many values. It can be stopped and started again."""
    changed = 0
    for model, column in sealed_columns():
        last = ""
        while True:
            with database.writing() as session:
                rows = session.scalars(
                    sa.select(model).where(model.id > last).order_by(model.id).limit(_BATCH)
                ).all()
                for row in rows:
                    value = getattr(row, column)
                    if value is not None and not vault.is_newest(value):
                        where = place(row, column)
                        setattr(row, column, vault.seal(vault.open(value, where), where))
                        changed += 1
            if not rows:
                break
            last = rows[-1].id
    # else what the old key opens lives on beside the tables
    database.forget_traces()
    return changed


def sealed_columns() -> Iterator[tuple[type[Base], str]]:
    """Every column of the models that holds sealed values."""
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__tablename__):
        for column in mapper.columns:
            if column.info.get("sealed"):
                yield mapper.class_, column.key
