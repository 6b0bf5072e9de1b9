"""The tables of one view of the index, in an SQLite file: what is kept where, read and written row by row.

A view is what one kind of reader may find: colleagues ("inside") or visitors ("public"). Each has tables of
its own, so that nothing of the one can reach the other. The file is a container: it is read through SQLite
for its transactions, its checks against damage and its one writer, while what is searched are packed arrays.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.postings import Counts, Ids, size_of, unpack

VIEWS = ("inside", "public")
_MARKS_AT_ONCE = 500
_ONE = struct.Struct("<I")
# Bytes of a text that is kept as it is, and what zlib begins with.
_SHORT = 600
_PACKED = b"x"

Key = TypeVar("Key", int, NDArray[np.int64])


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
class Texts:
    """Stored texts of one kind, by id: of each its id and its article, and all of them in one array.

    In the array each text begins, at its place in `starts`, with the number of its sections (title, issue,
    body and properties; or the one of a ticket) and their lengths; then come its words, 0 between passages.
    """

    ids: Ids
    articles: Ids
    starts: Ids
    flat: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.ids)


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

    def sizes(self, terms: Iterable[int]) -> dict[int, dict[Field, int]]:
        """Return in how many texts each of these terms occurs, by field."""
        found: dict[int, dict[Field, int]] = {term: {} for term in terms}
        wanted = ((posting_key(term, 0, 0), posting_key(term + 1, 0, 0) - 1) for term in found)
        for key, length in self._in_ranges("SELECT key, length(content)", wanted):
            sizes, field = found[key >> 20], Field((key >> 16) & 0xF)
            sizes[field] = sizes.get(field, 0) + size_of(length)
        return found

    def postings(self, wanted: Collection[tuple[int, Field]]) -> dict[tuple[int, Field], tuple[Ids, Counts]]:
        """Return for each term in a field which texts hold it, ids ascending, and how often."""
        blocks: dict[tuple[int, Field], dict[int, bytes]] = {each: {} for each in wanted}
        ranges = ((posting_key(*each, 0), posting_key(*each, 0xFFFF)) for each in blocks)
        for key, content in self._in_ranges("SELECT key, content", ranges):
            blocks[key >> 20, Field((key >> 16) & 0xF)][key & 0xFFFF] = content
        return {each: _together(held) for each, held in blocks.items()}

    def _in_ranges(self, select: str, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[Any, ...]]:
        """Yield the postings whose keys are in one of the ranges, both ends included."""
        held = list(ranges)
        for start in range(0, len(held), _MARKS_AT_ONCE):
            some = held[start : start + _MARKS_AT_ONCE]
            marks = ", ".join(["(?, ?)"] * len(some))
            statement = (
                f"WITH wanted (low, high) AS (VALUES {marks}) {select} FROM wanted"
                f" CROSS JOIN {self.name}_postings WHERE key BETWEEN low AND high"
            )
            yield from self._connection.execute(statement, [end for each in some for end in each])

    def texts(self, kind: Kind, ids: Iterable[int]) -> Texts:
        """Return stored texts; those that are not there are left out."""
        rows = list(
            self.select_in(
                "SELECT key >> 1, article, content FROM {v}_texts WHERE key IN ({some}) ORDER BY key",
                sorted(text_key(kind, each) for each in ids),
            )
        )
        contents = [_unpacked(row[2]) for row in rows]
        ends = np.cumsum(np.array([0, *map(len, contents)], np.int64) // _ONE.size)
        flat = np.frombuffer(b"".join(contents), "<u4") if contents else np.empty(0, np.uint32)
        ids, articles = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
        return Texts(ids, articles, ends[:-1], flat)

    def texts_of(self, article: int) -> list[tuple[Kind, int, list[NDArray[np.uint32]]]]:
        """Return an article's own text and those of tickets it solved: kind, id, sections of each."""
        rows = self.execute("SELECT key, content FROM {v}_texts WHERE article = ?", (article,))
        return [(Kind(key & 1), key >> 1, _sections(_unpacked(content))) for key, content in rows]


def posting_key(term: Key, field: Key, block: Key) -> Key:
    """Return the key of a block of postings: term, field and block in one number; arrays give an array."""
    return term << 20 | field << 16 | block


def text_key(kind: Kind, identity: int) -> int:
    """Return the key of a stored text: an article by its id, a past ticket by its link's."""
    return identity << 1 | kind


def pack_text(sections: Iterable[NDArray[np.int64]]) -> bytes:
    """Return the bytes of a text's sections; a short one is not worth packing and unpacking."""
    parts = [section.astype("<u4") for section in sections]
    head = np.array([len(parts), *(len(part) for part in parts)], "<u4")
    return packed(np.concatenate([head, *parts]).tobytes())


def packed(held: bytes) -> bytes:
    """Return what is kept of a text's bytes."""
    return held if len(held) <= _SHORT else zlib.compress(held, 1)


def _unpacked(content: bytes) -> bytes:
    # A text begins with the number of its sections, which is never this.
    return zlib.decompress(content) if content[:1] == _PACKED else content


def _sections(held: bytes) -> list[NDArray[np.uint32]]:
    flat = np.frombuffer(held, "<u4")
    ends = 1 + int(flat[0]) + np.cumsum(flat[1 : 1 + int(flat[0])], dtype=np.int64)
    return np.split(flat[1 + int(flat[0]) :], (ends - 1 - int(flat[0]))[:-1])


def _together(blocks: dict[int, bytes]) -> tuple[Ids, Counts]:
    if not blocks:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    held = [unpack(block, blocks[block]) for block in sorted(blocks)]
    if len(held) == 1:
        return held[0]
    return np.concatenate([ids for ids, _ in held]), np.concatenate([counts for _, counts in held])
