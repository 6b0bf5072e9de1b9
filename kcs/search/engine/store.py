"""The tables of one view of the index, in an SQLite file: what is kept where, read and written row by row.

A view is what one kind of reader may find: colleagues ("inside") or visitors ("public"). Each has tables of
its own, so that nothing of the one can reach the other. The file is a container: it is read through SQLite
for its transactions, its checks against damage and its one writer, while what is searched are packed arrays.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.postings import Counts, Ids, size_of, unpack

VIEWS = ("inside", "public")
_MARKS_AT_ONCE = 500
_ONE = struct.Struct("<I")


class Field(IntEnum):
    """Where a word stands: in an article, in a past ticket of its own (TICKET), or as a property (FACET)."""

    TITLE = 0
    ISSUE = 1
    BODY = 2
    WORDS = 3
    TICKET = 4
    FACET = 5


ARTICLE_FIELDS = (Field.TITLE, Field.ISSUE, Field.BODY, Field.WORDS)


class Kind(IntEnum):
    """What a stored text is of."""

    ARTICLE = 0
    TICKET = 1


_SCHEMA = """
CREATE TABLE {v}_terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE {v}_words (id INTEGER PRIMARY KEY, word TEXT NOT NULL, language TEXT NOT NULL,
  term INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, UNIQUE (word, language));
CREATE TABLE {v}_postings (key INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE {v}_texts (key INTEGER PRIMARY KEY, article INTEGER NOT NULL, content BLOB NOT NULL);
CREATE INDEX {v}_texts_of ON {v}_texts (article);
CREATE TABLE {v}_columns (key INTEGER PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE {v}_vocabulary (first INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE {v}_grams (gram INTEGER PRIMARY KEY, words BLOB NOT NULL);
CREATE TABLE {v}_totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Text:
    """A stored text: the ids of its words, 0 between passages, in sections (title, issue, body; or one)."""

    key: int
    article: int
    sections: tuple[NDArray[np.uint32], ...]


class View:
    """One view's tables over an open connection."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        if name not in VIEWS:
            raise ValueError(f"There is no view '{name}': use one of {', '.join(VIEWS)}.")
        self._connection = connection
        self.name = name

    def create(self) -> None:
        """Make the tables."""
        for statement in _SCHEMA.format(v=self.name).split(";"):
            self._connection.execute(statement)

    def execute(self, statement: str, values: Iterable[object] = ()) -> sqlite3.Cursor:
        """Run a statement with `{v}` for the view's tables."""
        return self._connection.execute(statement.format(v=self.name), tuple(values))

    def execute_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each row."""
        self._connection.executemany(statement.format(v=self.name), rows)

    def totals(self) -> dict[str, int]:
        """Return the counts the statistics are made of."""
        return dict(self.execute("SELECT name, value FROM {v}_totals"))

    def add_totals(self, changes: dict[str, int]) -> None:
        """Add to the counts."""
        self.execute_many(
            "INSERT INTO {v}_totals VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            changes.items(),
        )

    def select_in(
        self, statement: str, values: Iterable[object], *first: object
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement with `IN ({some})`, asked for a few hundred values at a time.

        `first` are the values of the marks before it.
        """
        held = list(values)
        for start in range(0, len(held), _MARKS_AT_ONCE):
            some = held[start : start + _MARKS_AT_ONCE]
            marks = ", ".join("?" * len(some))
            yield from self._connection.execute(statement.format(v=self.name, some=marks), (*first, *some))

    def term_ids(self, terms: Iterable[str]) -> dict[str, int]:
        """Return the ids of those terms that are known."""
        return dict(self.select_in("SELECT term, id FROM {v}_terms WHERE term IN ({some})", terms))

    def uses(self, terms: Iterable[int]) -> dict[int, int]:
        """Return in how many fields of texts each of these terms is: quicker than `sizes`, for choosing."""
        return dict(self.select_in("SELECT id, used FROM {v}_terms WHERE id IN ({some})", terms))

    def sizes(self, term: int) -> dict[Field, int]:
        """Return in how many texts a term occurs, by field."""
        found: dict[Field, int] = {}
        rows = self.execute(
            "SELECT key, length(content) FROM {v}_postings WHERE key BETWEEN ? AND ?",
            (posting_key(term, 0, 0), posting_key(term + 1, 0, 0) - 1),
        )
        for key, length in rows:
            field = Field((key >> 16) & 0xF)
            found[field] = found.get(field, 0) + size_of(length)
        return found

    def postings(self, term: int, field: Field) -> tuple[Ids, Counts]:
        """Return the ids of the texts that hold a term in a field, ascending, and how often they do."""
        rows = self.execute(
            "SELECT key & 65535, content FROM {v}_postings WHERE key BETWEEN ? AND ? ORDER BY key",
            (posting_key(term, field, 0), posting_key(term, field, 0xFFFF)),
        )
        blocks = [unpack(block, content) for block, content in rows]
        if not blocks:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.concatenate([ids for ids, _ in blocks]), np.concatenate([counts for _, counts in blocks])

    def texts(self, kind: Kind, ids: Iterable[int]) -> dict[int, Text]:
        """Return stored texts by id; those that are not there are left out."""
        rows = self.select_in(
            "SELECT key, article, content FROM {v}_texts WHERE key IN ({some})",
            (text_key(kind, each) for each in ids),
        )
        return {row[0] >> 1: _read(row) for row in rows}

    def texts_of(self, article: int) -> list[Text]:
        """Return everything stored of an article: its own text, and the tickets it solved."""
        rows = self.execute("SELECT key, article, content FROM {v}_texts WHERE article = ?", (article,))
        return [_read(row) for row in rows]


def posting_key(term: int, field: int, block: int) -> int:
    """Return the key of a block of postings: term, field and block in one number."""
    return term << 20 | field << 16 | block


def text_key(kind: Kind, identity: int) -> int:
    """Return the key of a stored text: an article by its id, a past ticket by its link's."""
    return identity << 1 | kind


def pack_text(sections: Iterable[NDArray[np.int64]]) -> bytes:
    """Return the bytes of a text's sections."""
    parts = [section.astype("<u4") for section in sections]
    head = np.array([len(parts), *(len(part) for part in parts)], "<u4")
    return zlib.compress(np.concatenate([head, *parts]).tobytes(), 1)


def _read(row: tuple[int, int, bytes]) -> Text:
    key, article, content = row
    held = zlib.decompress(content)
    (count,) = _ONE.unpack_from(held)
    sizes = struct.unpack_from(f"<{count}I", held, 4)
    sections, start = [], 4 + 4 * count
    for size in sizes:
        sections.append(np.frombuffer(held, "<u4", size, start))
        start += 4 * size
    return Text(key, article, tuple(sections))
