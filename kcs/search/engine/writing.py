"""Putting articles into a view and taking them out again: each change touches just the rows that hold its words."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kcs.language import identifiers, words
from kcs.search.documents import Entry
from kcs.search.engine.columns import Column, ColumnWriter
from kcs.search.engine.postings import BLOCK, BLOCK_BITS, changed, pack
from kcs.search.engine.store import Field, Kind, Text, View, pack_text, posting_key, text_key
from kcs.search.engine.vocabulary import EXACT, FACET, Vocabulary, Words

# Postings held before they are written: some 50 MB.
HELD = 2_000_000
_AT_ONCE = 20_000
_SECTIONS = (Field.TITLE, Field.ISSUE, Field.BODY)
_LENGTHS = {Field.TITLE: Column.TITLE, Field.ISSUE: Column.ISSUE, Field.BODY: Column.BODY}
_IDEOGRAPHS = {"ja": True, "zh": False}

Numbers = NDArray[np.int64]


class Writer:
    """Changes one view. What is put is only there after `flush`; `fresh` is a view that was empty at the start."""

    def __init__(self, view: View, vocabulary: Vocabulary, *, fresh: bool = False) -> None:
        self._view = view
        self._vocabulary = vocabulary
        self._fresh = fresh
        self._words = Words(view, fresh=fresh)
        self._columns = ColumnWriter(view)
        self._totals: Counter[str] = Counter()
        self._added: list[Numbers] = []
        self._gone: list[Numbers] = []
        self._texts: list[tuple[int, int, int, bytes]] = []
        self._uses: Counter[int] = Counter()
        self._held = 0

    def put(self, entry: Entry) -> None:
        """Add an article that is not in the view."""
        sections = [self._ids(text, entry.language) for text in (entry.title, entry.issue, entry.body)]
        facets = np.array(
            self._words.ids([f"{name}:{value}" for name, value in entry.facets], FACET), np.int64
        )
        self._texts.append(
            (text_key(Kind.ARTICLE, entry.article_id), entry.article_id, 0, pack_text([*sections, facets]))
        )
        for field, section in zip(_SECTIONS, sections, strict=True):
            self._count(field, entry.article_id, section)
        self._add(Field.FACET, entry.article_id, facets)
        self._use(sections, 1)
        self._totals["articles"] += 1
        solved = [self._put_ticket(entry.article_id, *each, entry.language) for each in entry.tickets]
        pooled = np.concatenate(solved) if solved else np.empty(0, np.int64)
        self._columns.set(Column.WORDS, entry.article_id, int(np.count_nonzero(pooled)))
        self._tell(Field.WORDS, np.count_nonzero(pooled), 1)
        self._add(Field.WORDS, entry.article_id, pooled)
        if self._held > HELD:
            self._write_postings()

    def erase(self, article_id: int) -> None:
        """Take an article and the tickets it solved out of the view, if it is there."""
        texts = self._view.texts_of(article_id)
        pooled: list[Numbers] = []
        for text in texts:
            if text.key & 1 == Kind.TICKET:
                self._take_ticket(text)
                pooled.append(text.sections[0])
            else:
                self._take_article(text)
        if texts:
            words_ = np.concatenate(pooled) if pooled else np.empty(0, np.int64)
            self._drop(Field.WORDS, article_id, words_)
            self._tell(Field.WORDS, np.count_nonzero(words_), -1)
            self._columns.set(Column.WORDS, article_id, 0)
        self._view.execute("DELETE FROM {v}_texts WHERE article = ?", (article_id,))

    def flush(self) -> None:
        """Write everything that was put and taken."""
        self._words.flush()
        self._write_postings()
        self._view.execute_many(
            "UPDATE {v}_words SET used = used + ? WHERE id = ?",
            [(change, word) for word, change in self._uses.items() if change],
        )
        self._uses.clear()
        self._totals["revision"] += 1
        self._totals.update({f"language {name}": count for name, count in self._words.added.items()})
        self._words.added.clear()
        self._view.add_totals(dict(self._totals))
        self._totals.clear()
        self._columns.flush(self._view.totals()["revision"])

    def _ids(self, text: str, language: str) -> Numbers:
        """The word ids of a text, exact names after the words of their passage, 0 between passages."""
        parts: list[list[int]] = []
        for passage in text.split("\n"):
            found = self._words.ids(words(passage, japanese=_IDEOGRAPHS.get(language)), language)
            exact = identifiers(passage)
            if exact:
                found = found + self._words.ids(exact, EXACT)
            if found:
                parts.append(found)
        return np.array(list(chain.from_iterable([*part, 0] for part in parts))[:-1], np.int64)

    def _put_ticket(self, article_id: int, link_id: int, text: str, language: str) -> Numbers:
        ids = self._ids(text, language)
        mark = zlib.crc32(text.encode("utf-8", "surrogatepass"))
        self._texts.append((text_key(Kind.TICKET, link_id), article_id, mark, pack_text([ids])))
        length = np.count_nonzero(ids)
        self._columns.set(Column.TICKET, link_id, int(length))
        self._columns.set(Column.OWNER, link_id, article_id)
        self._tell(Field.TICKET, length, 1)
        self._add(Field.TICKET, link_id, ids)
        return np.append(ids, 0)

    def _take_ticket(self, text: Text) -> None:
        link_id, ids = text.key >> 1, text.sections[0]
        self._columns.set(Column.TICKET, link_id, 0)
        self._columns.set(Column.OWNER, link_id, 0)
        self._tell(Field.TICKET, np.count_nonzero(ids), -1)
        self._drop(Field.TICKET, link_id, ids)

    def _take_article(self, text: Text) -> None:
        article_id = text.key >> 1
        for field, section in zip(_SECTIONS, text.sections, strict=False):
            self._count(field, article_id, section, sign=-1)
        self._drop(Field.FACET, article_id, text.sections[len(_SECTIONS)])
        self._use(text.sections[: len(_SECTIONS)], -1)
        self._totals["articles"] -= 1

    def _count(self, field: Field, article_id: int, ids: Numbers, sign: int = 1) -> None:
        length = np.count_nonzero(ids)
        self._columns.set(_LENGTHS[field], article_id, int(length) if sign > 0 else 0)
        self._tell(field, length, sign)
        if field is Field.BODY and length:
            self._totals["passages"] += sign * int(len(ids) - length + 1)
        (self._add if sign > 0 else self._drop)(field, article_id, ids)

    def _tell(self, field: Field, length: np.intp | int, sign: int) -> None:
        if length:
            name = field.name.lower()
            self._totals[f"{name}_texts"] += sign
            self._totals[f"{name}_tokens"] += sign * int(length)
            self._totals[f"{name}_squares"] += sign * int(length) ** 2

    def _use(self, sections: Iterable[Numbers], sign: int) -> None:
        for word in np.unique(np.concatenate(list(sections))):
            if word:
                self._uses[int(word)] += sign

    def _add(self, field: Field, identity: int, ids: Numbers) -> None:
        held, counts = np.unique(ids[ids > 0], return_counts=True)
        self._added.append(_rows(field, identity, held, counts))
        self._held += len(held)

    def _drop(self, field: Field, identity: int, ids: Numbers) -> None:
        held = np.unique(ids[ids > 0])
        self._gone.append(_rows(field, identity, held, np.zeros(len(held), np.int64)))

    def _write_postings(self) -> None:
        """Write what is held; word ids become terms here, when every word is known."""
        self._words.flush()
        self._vocabulary.follow(self._view)
        added = _sorted(self._added, self._vocabulary.terms)
        gone = _sorted(self._gone, self._vocabulary.terms)
        self._added, self._gone, self._held = [], [], 0
        self._write_texts()
        keys = np.union1d(added[0], gone[0])
        places = [
            np.searchsorted(rows[0], keys, side) for rows in (added, gone) for side in ("left", "right")
        ]
        for start in range(0, len(keys), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            rows = [
                (int(key), self._content(int(key), added[1][a:b], added[2][a:b], gone[1][c:d]))
                for key, a, b, c, d in zip(keys[some], *(each[some] for each in places), strict=True)
            ]
            self._view.execute_many(
                "INSERT OR REPLACE INTO {v}_postings VALUES (?, ?)", [row for row in rows if row[1]]
            )
            self._view.execute_many(
                "DELETE FROM {v}_postings WHERE key = ?", [row[:1] for row in rows if not row[1]]
            )
        self._fresh = False

    def _content(self, key: int, low: Numbers, counts: Numbers, gone: Numbers) -> bytes:
        if self._fresh:
            return pack(low, counts)
        row = self._view.execute("SELECT content FROM {v}_postings WHERE key = ?", (key,)).fetchone()
        return changed(row[0] if row else b"", gone, low, counts)

    def _write_texts(self) -> None:
        self._view.execute_many("INSERT INTO {v}_texts VALUES (?, ?, ?, ?)", self._texts)
        self._texts = []


def _rows(field: Field, identity: int, ids: Numbers, counts: Numbers) -> Numbers:
    place = np.full(len(ids), posting_key(0, field, identity >> BLOCK_BITS))
    return np.stack([ids, place, np.full(len(ids), identity & (BLOCK - 1)), counts])


def _sorted(parts: list[Numbers], terms: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """(key, low id, count) by key and id; words of one term are added up."""
    if not parts:
        empty = np.empty(0, np.int64)
        return empty, empty, empty
    word, place, low, count = np.concatenate(parts, axis=1)
    key = terms[word] << 20 | place
    order = np.lexsort((low, key))
    key, low, count = key[order], low[order], count[order]
    starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (low[1:] != low[:-1])])
    return key[starts], low[starts], np.add.reduceat(count, starts)
