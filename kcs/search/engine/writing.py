"""Putting articles into a view and taking them out: a change touches just the rows that hold its words."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.columns import Column, ColumnWriter
from kcs.search.engine.postings import BLOCK, BLOCK_BITS, changed
from kcs.search.engine.preparing import IDENTITY_BITS, OWN_FIELDS, names_of, passages, properties_of
from kcs.search.engine.runs import PLACE_BITS, Numbers, distinct
from kcs.search.engine.store import Field, Kind, View, pack_text, text_key
from kcs.search.engine.vocabulary import EXACT, FACET, Vocabulary, Words
from kcs.search.entries import Entry

# Words held before they are written: some 100 MB while they are sorted.
HELD = 2_000_000
_AT_ONCE = 20_000
LENGTHS = {
    Field.TITLE: Column.TITLE,
    Field.ISSUE: Column.ISSUE,
    Field.BODY: Column.BODY,
    Field.WORDS: Column.WORDS,
    Field.TICKET: Column.TICKET,
}

Rows = tuple[Numbers, Numbers, Numbers]


class Writer:
    """Changes one view. What is put is there after `flush`."""

    def __init__(self, view: View, vocabulary: Vocabulary) -> None:
        self._view = view
        self._vocabulary = vocabulary
        self._words = Words(view)
        self._columns = ColumnWriter(view)
        self._totals: Counter[str] = Counter()
        self._added = _Mentions()
        self._gone = _Mentions()
        self._texts: list[tuple[int, int, bytes]] = []

    def put(self, entry: Entry) -> None:
        """Add an article that is not in the view."""
        sections = [self._ids(text, entry.language) for text in (entry.title, entry.issue, entry.body)]
        names = np.array(self._words.ids(names_of(entry), EXACT), np.int64)
        sections[0] = np.concatenate([sections[0], names])
        facets = np.array(self._words.ids(properties_of(entry), FACET), np.int64)
        key = text_key(Kind.ARTICLE, entry.article_id)
        self._texts.append((key, entry.article_id, pack_text([*sections, facets])))
        for field, section in zip(OWN_FIELDS, sections, strict=True):
            self._count(field, entry.article_id, section, self._added)
        self._added.add(Field.FACET, entry.article_id, facets)
        self._totals["articles"] += 1
        solved = [self._put_ticket(entry.article_id, *each, entry.language) for each in entry.tickets]
        pooled = np.concatenate(solved) if solved else np.empty(0, np.int64)
        self._count(Field.WORDS, entry.article_id, pooled, self._added)
        if len(self._added) > HELD:
            self._write()

    def erase(self, article_id: int) -> None:
        """Take an article and the tickets it solved out of the view, if it is there."""
        pooled: list[NDArray[np.uint32]] = []
        for kind, identity, sections in self._view.texts_of(article_id):
            if kind is Kind.TICKET:
                self._take_ticket(identity, sections[0])
                pooled.append(sections[0])
            else:
                self._take_article(identity, sections)
        if pooled:
            self._count(Field.WORDS, article_id, np.concatenate(pooled), self._gone)
        self._view.execute("DELETE FROM {v}_texts WHERE article = ?", (article_id,))

    def flush(self) -> None:
        """Write everything that was put and taken."""
        self._write()
        self._totals["revision"] += 1
        self._totals.update({f"language {name}": count for name, count in self._words.added.items()})
        self._words.added.clear()
        self._view.add_totals(dict(self._totals))
        self._totals.clear()
        self._columns.flush(self._view.totals()["revision"])

    def _ids(self, text: str, language: str) -> Numbers:
        """The word ids of a text, exact names after the words of their passage, 0 between passages."""
        held: list[int] = []
        for found, exact in passages(text, language):
            held += self._words.ids(found, language)
            held += self._words.ids(exact, EXACT)
            held.append(0)
        return np.array(held[:-1], np.int64)

    def _put_ticket(self, article_id: int, link_id: int, text: str, language: str) -> Numbers:
        ids = self._ids(text, language)
        self._texts.append((text_key(Kind.TICKET, link_id), article_id, pack_text([ids])))
        self._columns.set(Column.OWNER, link_id, article_id)
        self._count(Field.TICKET, link_id, ids, self._added)
        return ids

    def _take_ticket(self, link_id: int, ids: NDArray[np.uint32]) -> None:
        self._columns.set(Column.OWNER, link_id, 0)
        self._count(Field.TICKET, link_id, ids, self._gone)

    def _take_article(self, article_id: int, sections: list[NDArray[np.uint32]]) -> None:
        for field, section in zip(OWN_FIELDS, sections, strict=False):
            self._count(field, article_id, section, self._gone)
        self._gone.add(Field.FACET, article_id, sections[len(OWN_FIELDS)])
        self._totals["articles"] -= 1

    def _count(self, field: Field, identity: int, ids: NDArray[Any], mentions: _Mentions) -> None:
        """Take the words of a field in or out: their mentions, their number, what statistics are made of."""
        length = int(np.count_nonzero(ids))
        sign = 1 if mentions is self._added else -1
        self._columns.set(LENGTHS[field], identity, length if sign > 0 else 0)
        if not length:
            return
        mentions.add(field, identity, ids)
        name = field.name.lower()
        self._totals[f"{name}_texts"] += sign
        self._totals[f"{name}_tokens"] += sign * length
        self._totals[f"{name}_squares"] += sign * length**2
        if field is Field.BODY:
            self._totals["passages"] += sign * (len(ids) - length + 1)

    def _write(self) -> None:
        """Write what is held; word ids become terms here, when every word is known."""
        self._words.flush()
        self._vocabulary.follow(self._view)
        self._view.execute_many("INSERT INTO {v}_texts VALUES (?, ?, ?)", self._texts)
        self._texts = []
        added, gone = (each.by_key(self._vocabulary.terms) for each in (self._added, self._gone))
        self._write_uses("words", self._added.articles_by_word(), self._gone.articles_by_word())
        self._write_uses("terms", distinct(added[0] >> 20), distinct(gone[0] >> 20))
        self._added.clear()
        self._gone.clear()
        self._write_postings(added, gone)

    def _write_uses(self, table: str, added: tuple[Numbers, Numbers], gone: tuple[Numbers, Numbers]) -> None:
        """Tell of each word in how many articles' texts it is, of each term in how many fields of texts."""
        changes: Counter[int] = Counter(dict(zip(added[0].tolist(), added[1].tolist(), strict=True)))
        changes.subtract(dict(zip(gone[0].tolist(), gone[1].tolist(), strict=True)))
        self._view.execute_many(
            f"UPDATE {{v}}_{table} SET used = used + ? WHERE id = ?",  # noqa: S608 -- our own names
            [(change, number) for number, change in changes.items() if change],
        )

    def _write_postings(self, added: Rows, gone: Rows) -> None:
        keys = np.union1d(added[0], gone[0])
        places = [
            np.searchsorted(rows[0], keys, side) for rows in (added, gone) for side in ("left", "right")
        ]
        for start in range(0, len(keys), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            columns = (keys[some].tolist(), *(each[some].tolist() for each in places))
            rows = [
                (key, self._content(key, added[1][a:b], added[2][a:b], gone[1][c:d]))
                for key, a, b, c, d in zip(*columns, strict=True)
            ]
            self._view.execute_many(
                "INSERT OR REPLACE INTO {v}_postings VALUES (?, ?)", [row for row in rows if row[1]]
            )
            self._view.execute_many(
                "DELETE FROM {v}_postings WHERE key = ?", [row[:1] for row in rows if not row[1]]
            )

    def _content(self, key: int, low: Numbers, counts: Numbers, gone: Numbers) -> bytes:
        row = self._view.execute("SELECT content FROM {v}_postings WHERE key = ?", (key,)).fetchone()
        return changed(row[0] if row else b"", gone, low, counts)


class _Mentions:
    """Words of texts, held until they are written: each mention is its word, its field and its text."""

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return self._size

    def clear(self) -> None:
        """Forget what is held."""
        self._ids: list[NDArray[Any]] = []
        self._places: list[int] = []
        self._size = 0

    def add(self, field: Field, identity: int, ids: NDArray[Any]) -> None:
        """Hold the words of a field of a text; 0 is none."""
        self._ids.append(ids)
        self._places.append(field << IDENTITY_BITS | identity)
        self._size += len(ids)

    def by_key(self, terms: Numbers) -> Rows:
        """Return (key, low id, count) for each term in each field of each text, by key and id."""
        words_, places = self._flat()
        held, counts = distinct(terms[words_] << PLACE_BITS | places)
        identity = held & ((1 << IDENTITY_BITS) - 1)
        field = held >> IDENTITY_BITS & 0xF
        key = held >> PLACE_BITS << 20 | field << 16 | identity >> BLOCK_BITS
        return key, identity & (BLOCK - 1), counts

    def articles_by_word(self) -> tuple[Numbers, Numbers]:
        """Return the words of articles' own texts, and in how many articles each is."""
        words_, places = self._flat()
        own = places >> IDENTITY_BITS <= Field.BODY
        identity = places[own] & ((1 << IDENTITY_BITS) - 1)
        held, _ = distinct(words_[own] << IDENTITY_BITS | identity)
        return distinct(held >> IDENTITY_BITS)

    def _flat(self) -> tuple[Numbers, Numbers]:
        if not self._ids:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        words_ = np.concatenate(self._ids).astype(np.int64)
        places = np.repeat(np.array(self._places, np.int64), [len(each) for each in self._ids])
        return words_[words_ > 0], places[words_ > 0]
