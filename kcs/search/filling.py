"""What goes into the index file: a build of everything, or what the change feed tells since the last look."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import func, select

from kcs.database import db
from kcs.search.documents import documents, entries, entry_ids
from kcs.search.engine.building import Builder
from kcs.search.engine.store import VIEWS, View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.writing import Writer
from kcs.search.entries import Document
from kcs.search.models import SearchChange
from kcs.search.preparers import prepared

BATCH = 500
FORMAT = "3"
# 64 MB while a file is built: the words' own order is not the one they come in.
_CACHE = "cache_size = -64000"

Progress = Callable[[int, int], None]


def follow_feed(connection: sqlite3.Connection, vocabularies: Mapping[str, Vocabulary]) -> int:
    """Take in what changed since the file's position; return how many articles were looked at."""
    if position(connection) >= newest_change():
        return 0
    connection.execute("BEGIN IMMEDIATE")
    writers = {name: Writer(View(connection, name), vocabularies[name]) for name in VIEWS}
    place, seen = position(connection), 0
    while changes := _changes_after(place):
        ids = sorted({article_id for _, article_id in changes})
        for writer in writers.values():
            for article_id in ids:
                writer.erase(article_id)
        for entry in entries(ids):
            writers[entry.view].put(entry)
        for writer in writers.values():
            writer.flush()
        place, seen = changes[-1][0], seen + len(ids)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'position'", (place,))
    connection.execute("COMMIT")
    return seen


def build(
    connection: sqlite3.Connection,
    progress: Progress | None = None,
    source: Iterable[list[Document]] | None = None,
    *,
    folder: Path | None = None,
    processes: int = 1,
) -> int:
    """Fill an empty file from the database, or from `source`; return the number of articles.

    `folder` is where what does not fit into memory waits, `processes` in how many texts are prepared.
    """
    # Nobody reads the file before it is whole, and one that breaks off is thrown away: no journal is needed.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", _CACHE):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID")
    newest = newest_change()
    with ExitStack() as opened:
        builders = {}
        for name in VIEWS:
            view = View(connection, name)
            view.create()
            builders[name] = opened.enter_context(closing(Builder(view, folder)))
        count = _put_all(builders, progress, source, processes)
        for builder in builders.values():
            builder.finish()
    facts = {"source": source_name(), "position": newest, "format": FORMAT, "build": secrets.token_hex(8)}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
    connection.execute("COMMIT")
    return count


def _put_all(
    builders: Mapping[str, Builder],
    progress: Progress | None,
    source: Iterable[list[Document]] | None,
    processes: int,
) -> int:
    """Put in all there is; return the number of articles."""
    ids = entry_ids() if source is None else []
    parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    done, sizes = 0, iter(map(len, parts))
    with closing(prepared(map(documents, parts) if source is None else source, processes)) as batches:
        for views, articles in batches:
            for name, batch in views.items():
                builders[name].put(batch)
            # An article has a document for each kind of reader.
            done += next(sizes, articles)
            if progress is not None:
                progress(done, len(ids) or done)
    return done


def position(connection: sqlite3.Connection) -> int:
    """Return the number of the last change the file has taken in."""
    return int(str(meta(connection, "position")))


def meta(connection: sqlite3.Connection, name: str) -> object:
    """Return what the file says of itself. Raises sqlite3.DatabaseError when it does not."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise sqlite3.DatabaseError(f"the index does not say its {name}")
    return row[0]


def newest_change() -> int:
    """Return the number of the last change this transaction sees."""
    return db.session.execute(select(func.max(SearchChange.id))).scalar() or 0


def newest_change_of_all() -> int:
    """Look past the present transaction's snapshot: another process may have indexed what came after."""
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT max(id) FROM search_changes")
        row = cursor.fetchone()
        return int(row[0] or 0) if row else 0
    finally:
        connection.close()


def _changes_after(position: int) -> list[tuple[int, int]]:
    query = select(SearchChange.id, SearchChange.article_id).where(SearchChange.id > position)
    return [
        (row.id, row.article_id) for row in db.session.execute(query.order_by(SearchChange.id).limit(BATCH))
    ]


def source_name() -> str:
    """Name the database without its password."""
    return hashlib.sha256(db.engine.url.render_as_string(hide_password=True).encode()).hexdigest()
