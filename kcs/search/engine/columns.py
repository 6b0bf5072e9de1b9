"""One number for each text, by id, as arrays: lengths by field, and the article that solved a past ticket."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kcs.search.engine.postings import BLOCK, BLOCK_BITS
from kcs.search.engine.store import View


class Column(IntEnum):
    """What is kept for each id: words in a field of an article or in a ticket, or the ticket's article."""

    TITLE = 0
    ISSUE = 1
    BODY = 2
    WORDS = 3
    TICKET = 4
    OWNER = 5


# Ids of articles, and ids of links: columns of the same ids are as long as one another.
_KIN = ((Column.TITLE, Column.ISSUE, Column.BODY, Column.WORDS), (Column.TICKET, Column.OWNER))


class Columns:
    """The columns of a view in memory; `follow` takes in what was written since."""

    def __init__(self) -> None:
        self._revision = 0
        self._arrays = {column: np.zeros(0, np.uint32) for column in Column}

    def follow(self, view: View) -> None:
        """Read the blocks written since the last look."""
        rows = view.execute(
            "SELECT key, revision, content FROM {v}_columns WHERE revision > ? ORDER BY key",
            (self._revision,),
        )
        newest = self._revision
        for key, revision, content in rows:
            self._take(Column(key >> BLOCK_BITS), key & (BLOCK - 1), content)
            newest = max(newest, revision)
        self._revision = newest
        for kin in _KIN:
            longest = max(len(self._arrays[column]) for column in kin)
            self._arrays.update({column: _as_long(self._arrays[column], longest) for column in kin})

    def frozen(self) -> Columns:
        """Return the columns as they are now, whatever is followed later."""
        same = Columns()
        same._revision, same._arrays = self._revision, dict(self._arrays)
        return same

    def __getitem__(self, column: Column) -> NDArray[np.uint32]:
        """Return a column; the id is the place."""
        return self._arrays[column]

    def _take(self, column: Column, block: int, content: bytes) -> None:
        values = np.frombuffer(content, "<u4")
        start = block << BLOCK_BITS
        whole = _as_long(self._arrays[column], start + len(values)).copy()
        whole[start : start + len(values)] = values
        self._arrays[column] = whole


class ColumnWriter:
    """Changes to columns, held until `flush`."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._blocks: dict[int, NDArray[np.uint32]] = {}

    def set(self, column: Column, identity: int, value: int) -> None:
        """Set the number of one id."""
        self._block(column << BLOCK_BITS | identity >> BLOCK_BITS)[identity & (BLOCK - 1)] = value

    def set_many(self, column: Column, identities: NDArray[np.int64], values: NDArray[np.int64]) -> None:
        """Set the numbers of many ids."""
        blocks = identities >> BLOCK_BITS
        for block in np.unique(blocks).tolist():
            own = blocks == block
            self._block(column << BLOCK_BITS | block)[identities[own] & (BLOCK - 1)] = values[own]

    def flush(self, revision: int) -> None:
        """Write what changed, as of `revision`."""
        self._view.execute_many(
            "INSERT OR REPLACE INTO {v}_columns VALUES (?, ?, ?)",
            [(key, revision, _trimmed(values)) for key, values in self._blocks.items()],
        )
        self._blocks.clear()

    def _block(self, key: int) -> NDArray[np.uint32]:
        if key not in self._blocks:
            row = self._view.execute("SELECT content FROM {v}_columns WHERE key = ?", (key,)).fetchone()
            block = np.zeros(BLOCK, np.uint32)
            if row is not None:
                held = np.frombuffer(row[0], "<u4")
                block[: len(held)] = held
            self._blocks[key] = block
        return self._blocks[key]


def _trimmed(values: NDArray[np.uint32]) -> bytes:
    used = np.flatnonzero(values)
    return values[: used[-1] + 1 if len(used) else 0].astype("<u4").tobytes()


def _as_long(values: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    return values if len(values) >= length else np.pad(values, (0, length - len(values)))
