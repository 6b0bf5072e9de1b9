"""A view filled from nothing: everything is written once, at the end, in the order in which it is kept."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kcs.search.engine.columns import Column, ColumnWriter
from kcs.search.engine.new_words import NewWords
from kcs.search.engine.postings import BLOCK_BITS, low_bytes
from kcs.search.engine.preparing import IDENTITY_BITS, Prepared
from kcs.search.engine.runs import PLACE_BITS, Counts, Numbers, Runs
from kcs.search.engine.store import Field, View, packed, posting_key
from kcs.search.engine.writing import LENGTHS

# Mentions held before they are put aside: some 100 MB while they are sorted.
HELD = 1_000_000
_IDENTITY = (1 << IDENTITY_BITS) - 1


class Builder:
    """Fills an empty view. `folder` is where what does not fit into memory waits: the system's by default."""

    def __init__(self, view: View, folder: Path | None = None) -> None:
        self._view = view
        self._words = NewWords(view)
        self._known: dict[str, Numbers] = {}
        self._columns = ColumnWriter(view)
        self._totals: Counter[str] = Counter()
        self._runs = Runs(folder)
        self._mentions: list[tuple[Numbers, Numbers]] = []
        self._held = 0
        self._used = np.zeros(0, np.int64)
        self._sizes = np.zeros(0, np.int64)

    def put(self, batch: Prepared) -> None:
        """Add articles that are not in the view."""
        ids = self._ids(batch)
        self._used = _grown(self._used, len(self._words) + 1)
        self._used[ids[batch.own]] += batch.used  # each word is there once
        flat = ids[batch.flat]
        ends = np.cumsum(batch.lengths)
        self._keep_texts(batch, flat, ends)
        self._count(batch, flat, ends)
        mentioned = flat > 0
        self._mentions.append((flat[mentioned], np.repeat(batch.places, batch.lengths)[mentioned]))
        self._held += len(self._mentions[-1][0])
        if self._held > HELD:
            self._put_aside()

    def finish(self) -> None:
        """Write what was put."""
        self._put_aside()
        self._write_postings()
        self._words.write(self._used, self._sizes)
        self._totals.update({f"language {name}": count for name, count in self._words.added.items()})
        self._totals["revision"] += 1
        self._view.add_totals(dict(self._totals))
        self._columns.flush(self._view.totals()["revision"])

    def close(self) -> None:
        """Give back the room that was taken."""
        self._runs.close()

    def _ids(self, batch: Prepared) -> Numbers:
        """The ids of all words its preparer has told of, by its numbers."""
        known = self._known.get(batch.preparer, np.zeros(1, np.int64))
        self._known[batch.preparer] = np.concatenate([known, self._words.ids(batch.words)])
        return self._known[batch.preparer]

    def _keep_texts(self, batch: Prepared, flat: Numbers, ends: Numbers) -> None:
        content = flat.astype("<u4").tobytes()
        lengths, stops = batch.lengths.tolist(), ends.tolist()
        rows, section, start = [], 0, 0
        for key, article, count in batch.texts:
            after = section + count
            head = struct.pack(f"<{count + 1}I", count, *lengths[section:after])
            rows.append((key, article, packed(head + content[4 * start : 4 * stops[after - 1]])))
            section, start = after, stops[after - 1]
        self._view.execute_many("INSERT INTO {v}_texts VALUES (?, ?, ?)", rows)

    def _count(self, batch: Prepared, flat: Numbers, ends: Numbers) -> None:
        """Take in how long the fields are, and what statistics are made of."""
        counted = np.concatenate([np.zeros(1, np.int64), np.cumsum(flat > 0)])
        words = counted[ends] - counted[ends - batch.lengths]
        fields, identities = batch.places >> IDENTITY_BITS, batch.places & _IDENTITY
        for field, column in LENGTHS.items():
            own = fields == field
            length = words[own]
            self._columns.set_many(column, identities[own], length)
            if length.any():
                name = field.name.lower()
                self._totals[f"{name}_texts"] += int(np.count_nonzero(length))
                self._totals[f"{name}_tokens"] += int(length.sum())
                self._totals[f"{name}_squares"] += int((length**2).sum())
        written = (fields == Field.BODY) & (words > 0)
        if written.any():
            self._totals["passages"] += int((batch.lengths - words + 1)[written].sum())
        owners = [(key >> 1, article) for key, article, _ in batch.texts if key & 1]
        if owners:
            links, articles = np.array(owners, np.int64).T
            self._columns.set_many(Column.OWNER, links, articles)
        self._totals["articles"] += batch.articles

    def _put_aside(self) -> None:
        """Put the mentions that are held in order, and out of memory."""
        if not self._mentions:
            return
        words = np.concatenate([each[0] for each in self._mentions])
        places = np.concatenate([each[1] for each in self._mentions])
        self._mentions, self._held = [], 0
        terms = self._runs.add(self._words.terms()[words] << PLACE_BITS | places)
        sizes = np.bincount(terms)
        self._sizes = _grown(self._sizes, len(sizes))
        self._sizes[: len(sizes)] += sizes

    def _write_postings(self) -> None:
        for keys, counts in self._runs.merged(self._sizes):
            self._view.execute_many("INSERT INTO {v}_postings VALUES (?, ?)", _blocks(keys, counts))


def _blocks(mentions: Numbers, counts: Counts) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of postings of ascending mentions."""
    fields = mentions >> IDENTITY_BITS & ((1 << PLACE_BITS - IDENTITY_BITS) - 1)
    identities = mentions & _IDENTITY
    keys = posting_key(mentions >> PLACE_BITS, fields, identities >> BLOCK_BITS)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    ends = [*starts[1:].tolist(), len(keys)]
    low, numbers = low_bytes(identities), counts.tobytes()
    for key, start, end in zip(keys[starts].tolist(), starts.tolist(), ends, strict=True):
        yield key, low[2 * start : 2 * end] + numbers[start:end]


def _grown(values: Numbers, size: int) -> Numbers:
    """The values with room for at least `size`: more than that, so that growing is rare."""
    return values if len(values) >= size else np.pad(values, (0, size + size // 2 - len(values)))
