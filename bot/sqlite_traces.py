"""Files of SQLite from which what was deleted has to be gone, not only marked free.

`PRAGMA secure_delete` overwrites what is deleted, but not the copies that were left in the free
part of a page whenever its rows, or those of an index, were shared out among more pages or fewer.
"""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

MOST_BYTES = 64_000_000
"""A larger file is not written anew: this takes a third of a second, and nobody else can write."""


def forget(engine: sa.engine.Engine) -> bool:
    """Write the file of `engine` anew and empty its log; whether what was deleted is gone.

    False where the file is in use, too large, or cannot be written.
    """
    # not through SQLAlchemy, which may begin a transaction first
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        size = pages * cursor.execute("PRAGMA page_size").fetchone()[0]
        if size <= MOST_BYTES:
            # not beside the database, where nobody would look for it
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.execute("VACUUM")
        is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return not is_busy and bool(size <= MOST_BYTES)
