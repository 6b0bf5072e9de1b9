"""The search index: a derived FTS5 file beside each process, the same beside SQLite and PostgreSQL.

It follows the change feed before each search, may be deleted at any time, and is rebuilt from the database.
Colleagues' texts and visitors' texts are kept in tables of their own, so that a visitor's search can never
touch a word of a text that is not live. Title, body and the words of tickets an article solved are scored as
fields of their own: measured, that finds far more than one table does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import func, select

from kcs.database import db
from kcs.search.documents import Entry, entries, entry_ids
from kcs.search.models import SearchChange
from kcs.search.words import choose, match_any, tokens

VIEWS = ("inside", "public")
FIELDS = {"title": 1.5, "body": 1.0, "words": 1.0}
CANDIDATES = 200
BATCH = 500
PATIENCE = 15.0

log = structlog.get_logger()

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Hit:
    """An article that matches: the higher the score the better; `fields` says where, `words` which."""

    article_id: int
    score: float
    fields: tuple[str, ...]
    words: tuple[str, ...]


class SearchIndex:
    """Finds articles by words. Safe for many threads and processes: writers take turns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()

    def search(self, text: str, *, public: bool = False, limit: int = 20) -> list[Hit]:
        """Bring the index up to date; return the best matches, best first, equal scores by article id."""
        view = "public" if public else "inside"
        try:
            return self._search(view, text, limit)
        except sqlite3.DatabaseError:
            # Damaged where the refresh did not look: nothing in it is worth keeping.
            self.rebuild()
            return self._search(view, text, limit)

    def refresh(self) -> int:
        """Take in what changed since the last look; return how many articles were looked at."""
        with self._turn():
            return self._refresh()

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build the index anew beside the old one and swap it in; return the number of articles."""
        new, count = self._build_beside(progress)
        with self._turn():
            self._swap_in(new)
        return count

    def _search(self, view: str, text: str, limit: int) -> list[Hit]:
        with self._turn():
            self._refresh()
            connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
            try:
                # What is read from here on is this file as it is now, whoever swaps in another meanwhile.
                connection.execute("BEGIN")
                _position(connection)
            except sqlite3.DatabaseError:
                connection.close()
                raise
        with closing(connection):
            return _ranked(connection, view, text, limit)

    def _refresh(self) -> int:
        try:
            if self._path.exists() and self._fits():
                with self._open() as connection:
                    return _follow_feed(connection)
        except sqlite3.DatabaseError:
            log.warning("search_index_damaged", path=str(self._path))
        new, count = self._build_beside(None)
        self._swap_in(new)
        return count

    def _build_beside(self, progress: Progress | None) -> tuple[Path, int]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}.new")
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            return new, _build(connection, progress)

    def _swap_in(self, new: Path) -> None:
        # A journal left by a process that died belongs to the old file and would spoil the new one.
        self._beside("-journal").unlink(missing_ok=True)
        new.replace(self._path)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep out every other writer, of this process and of others: SQLite cannot bear a swap meanwhile."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing, self._beside(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)

    def lag(self) -> int | None:
        """Return how many changes the index has not taken in yet, None when there is no index."""
        with self._turn():
            if not self._path.exists() or not self._fits():
                return None
            with self._open() as connection:
                return max(0, _newest_change() - _position(connection))

    def _fits(self) -> bool:
        """Tell whether the file was built from this database and not from a later state of it."""
        try:
            with self._open() as connection:
                source = connection.execute("SELECT value FROM meta WHERE name = 'source'").fetchone()
                if source != (_source(),):
                    return False
                position = _position(connection)
                return position <= _newest_change() or position <= _newest_change_of_all()
        except sqlite3.DatabaseError:
            return False

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()


def _build(connection: sqlite3.Connection, progress: Progress | None) -> int:
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID")
    for view in VIEWS:
        for field in FIELDS:
            connection.execute(
                f"CREATE VIRTUAL TABLE {view}_{field} USING "
                "fts5(text, tokenize = 'porter unicode61 remove_diacritics 2')"
            )
    position = _newest_change()
    ids = entry_ids()
    for start in range(0, len(ids), BATCH):
        _write(connection, entries(ids[start : start + BATCH]))
        if progress is not None:
            progress(min(start + BATCH, len(ids)), len(ids))
    connection.execute("INSERT INTO meta VALUES ('source', ?)", (_source(),))
    connection.execute("INSERT INTO meta VALUES ('position', ?)", (position,))
    connection.execute("COMMIT")
    return len(ids)


def _follow_feed(connection: sqlite3.Connection) -> int:
    if _position(connection) >= _newest_change():
        return 0
    connection.execute("BEGIN IMMEDIATE")
    position, seen = _position(connection), 0
    while changes := _changes_after(position):
        ids = sorted({article_id for _, article_id in changes})
        _erase(connection, ids)
        _write(connection, entries(ids))
        position, seen = changes[-1][0], seen + len(ids)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'position'", (position,))
    connection.execute("COMMIT")
    return seen


def _write(connection: sqlite3.Connection, batch: list[Entry]) -> None:
    for entry in batch:
        for field, text in entry.fields.items():
            connection.execute(
                f"INSERT INTO {entry.view}_{field} (rowid, text) VALUES (?, ?)",  # noqa: S608 -- our own names
                (entry.article_id, text),
            )


def _erase(connection: sqlite3.Connection, ids: list[int]) -> None:
    for view in VIEWS:
        for field in FIELDS:
            connection.executemany(
                f"DELETE FROM {view}_{field} WHERE rowid = ?",  # noqa: S608 -- our own names
                [(article_id,) for article_id in ids],
            )


def _ranked(connection: sqlite3.Connection, view: str, text: str, limit: int) -> list[Hit]:
    articles = connection.execute(f"SELECT count(*) FROM {view}_title").fetchone()[0]  # noqa: S608
    chosen = choose(tokens(text), lambda word: _frequency(connection, view, word), articles)
    if not chosen:
        return []
    scores: dict[int, float] = {}
    fields: dict[int, list[str]] = {}
    for field, weight in FIELDS.items():
        for article_id, score in _matches(connection, f"{view}_{field}", match_any(chosen)):
            scores[article_id] = scores.get(article_id, 0.0) + weight * score
            fields.setdefault(article_id, []).append(field)
    best = sorted(scores, key=lambda article_id: (-scores[article_id], article_id))[:limit]
    shared = {word: _having(connection, view, word, best) for word in chosen}
    return [
        Hit(
            article_id,
            round(scores[article_id], 6),
            tuple(fields[article_id]),
            tuple(word for word in chosen if article_id in shared[word]),
        )
        for article_id in best
    ]


def _matches(connection: sqlite3.Connection, table: str, query: str) -> list[tuple[int, float]]:
    rows = connection.execute(
        f"SELECT rowid, -rank FROM {table} WHERE {table} MATCH ? ORDER BY rank, rowid LIMIT ?",  # noqa: S608
        (query, CANDIDATES),
    )
    return list(rows)


def _frequency(connection: sqlite3.Connection, view: str, word: str) -> int:
    return max(
        int(
            connection.execute(
                f"SELECT count(*) FROM {view}_{field} WHERE {view}_{field} MATCH ?",  # noqa: S608 -- our own names
                (match_any([word]),),
            ).fetchone()[0]
        )
        for field in FIELDS
    )


def _having(connection: sqlite3.Connection, view: str, word: str, ids: list[int]) -> set[int]:
    """Return which of `ids` hold the word in any field."""
    marks = ", ".join("?" * len(ids))
    found: set[int] = set()
    for field in FIELDS:
        table = f"{view}_{field}"
        rows = connection.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid IN ({marks})",  # noqa: S608 -- our own names
            (match_any([word]), *ids),
        )
        found.update(row[0] for row in rows)
    return found


def _position(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE name = 'position'").fetchone()
    return int(row[0])


def _newest_change() -> int:
    return db.session.execute(select(func.max(SearchChange.id))).scalar() or 0


def _newest_change_of_all() -> int:
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


def _source() -> str:
    """Name the database without its password."""
    return hashlib.sha256(db.engine.url.render_as_string(hide_password=True).encode()).hexdigest()
