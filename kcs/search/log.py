"""The log of searches: what was looked for, what was shown, and what was opened; forgotten after a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.database import db
from kcs.search.models import Place, SearchLog
from kcs.text import clean_line

LONGEST = 200  # characters of what was typed
MOST_SHOWN = 20
BATCH = 5_000

# Takes personal data out of what was typed; the privacy gate lies above search and is wired in.
Mask = Callable[[str], str]


@dataclass(frozen=True)
class Searched:
    """One search as its links carry it. `nonce` tells it from every other; `agent_id` None is a visitor."""

    nonce: str
    place: Place
    agent_id: int | None
    words: str
    results: int
    shown: tuple[str, ...]

    @classmethod
    def of(
        cls, nonce: str, place: Place, agent_id: int | None, words: str, results: int, shown: Sequence[str]
    ) -> Searched:
        """Return a search cut to what is kept of it."""
        return cls(
            nonce, place, agent_id, clean_line(words, limit=LONGEST), results, tuple(shown)[:MOST_SHOWN]
        )

    def rank_of(self, key: str) -> int | None:
        """Return where the article stood among what was shown, counted from 1."""
        return self.shown.index(key) + 1 if key in self.shown else None


def keep_search(searched: Searched, mask: Mask) -> None:
    """Write a search down, once; commits."""
    if not searched.words:
        return
    try:
        _row_of(searched, mask)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # another process wrote it at the same moment


def keep_opening(searched: Searched, key: str, mask: Mask) -> None:
    """Write down which of the results was opened first; also a search nobody sent off. Commits."""
    rank = searched.rank_of(key)
    if rank is None:
        return
    keep_search(searched, mask)
    query = select(SearchLog).where(SearchLog.nonce == searched.nonce).with_for_update()
    row = db.session.execute(query).scalar_one_or_none()
    if row is not None and row.opened_at is None:
        row.opened_key, row.opened_rank, row.opened_at = key, rank, database.now()
    db.session.commit()


def forget_old(days: int) -> int:
    """Delete what is older than `days`, a bounded piece at a time; return how many rows. Commits."""
    oldest = database.now() - timedelta(days=days)
    old = select(SearchLog.id).where(SearchLog.searched_at < oldest).order_by(SearchLog.id).limit(BATCH)
    ids = list(db.session.execute(old).scalars())
    db.session.execute(delete(SearchLog).where(SearchLog.id.in_(ids)))
    db.session.commit()
    return len(ids)


def _row_of(searched: Searched, mask: Mask) -> None:
    present = select(SearchLog.id).where(SearchLog.nonce == searched.nonce)
    if db.session.execute(present).first() is not None:
        return
    db.session.add(
        SearchLog(
            nonce=searched.nonce,
            place=searched.place,
            agent_id=searched.agent_id,
            words=clean_line(mask(searched.words), limit=2 * LONGEST),
            results=searched.results,
            shown=list(searched.shown),
            searched_at=database.now(),
        )
    )
    db.session.flush()
