"""The log of searches: what was looked for, what was shown, and what was opened; forgotten after a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from kcs import database
from kcs.database import db
from kcs.language.folding import fold
from kcs.search.models import Place, SearchDay, SearchLog
from kcs.text import clean_line

LONGEST = 200  # characters of what was typed
MOST_SHOWN = 20
BATCH = 5_000
SUMS = ("searches", "nulls", "abandoned", "clicked", "rank_sum", "linked", "asked")

# Takes personal data out of what was typed; the privacy gate lies above search and is wired in.
Mask = Callable[[str], str]


@dataclass(frozen=True)
class Searched:
    """One search as its links carry it. `nonce` tells it from every other; `agent_id` None is a visitor.

    `ticket_id` is the ticket it was made for, if any.
    """

    nonce: str
    place: Place
    agent_id: int | None
    words: str
    results: int
    shown: tuple[str, ...]
    ticket_id: int | None = None

    @classmethod
    def of(
        cls,
        nonce: str,
        place: Place,
        agent_id: int | None,
        words: str,
        results: int,
        shown: Sequence[str],
        ticket_id: int | None = None,
    ) -> Searched:
        """Return a search cut to what is kept of it."""
        kept = tuple(shown)[:MOST_SHOWN]
        return cls(nonce, place, agent_id, clean_line(words, limit=LONGEST), results, kept, ticket_id)

    def rank_of(self, key: str) -> int | None:
        """Return where the article stood among what was shown, counted from 1."""
        return self.shown.index(key) + 1 if key in self.shown else None


def keep_search(searched: Searched, mask: Mask) -> None:
    """Write a search down, once; commits."""
    if not searched.words and searched.place is not Place.SUGGESTED:
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
    row = _kept(searched, mask)
    if row is not None:
        _open(row, key, rank)
    db.session.commit()


def keep_linking(searched: Searched, key: str, mask: Mask) -> None:
    """Write down which of the results was linked to the ticket last: it was opened, too. Commits."""
    rank = searched.rank_of(key)
    if rank is None:
        return
    row = _kept(searched, mask)
    if row is not None:
        _open(row, key, rank)
        row.linked_key, row.linked_rank, row.linked_at = key, rank, database.now()
    db.session.commit()


def keep_asking(searched: Searched, mask: Mask) -> None:
    """Write down that whoever searched went on to ask a person. Commits."""
    row = _kept(searched, mask)
    if row is not None and row.asked_at is None:
        row.asked_at = database.now()
    db.session.commit()


def searches_in(ticket_id: int, *, limit: int) -> list[SearchLog]:
    """Return the latest searches made for a ticket, newest first."""
    query = select(SearchLog).where(SearchLog.ticket_id == ticket_id).order_by(SearchLog.id.desc())
    return list(db.session.execute(query.options(joinedload(SearchLog.agent)).limit(limit)).scalars())


def forget_old(days: int, zone: ZoneInfo) -> int:
    """Delete what is older than `days`, a bounded piece at a time; return how many rows. Commits.

    What was searched in a ticket stays with it. Of the rest the sums of each day there stay.
    """
    oldest = database.now() - timedelta(days=days)
    old = select(SearchLog).where(SearchLog.searched_at < oldest, SearchLog.ticket_id.is_(None))
    rows = list(db.session.execute(old.order_by(SearchLog.id).limit(BATCH)).scalars())
    sums = _sums(rows, zone)
    if sums:
        adding = database.insert(SearchDay)
        added = {name: getattr(SearchDay, name) + adding.excluded[name] for name in SUMS}
        keys = [SearchDay.day, SearchDay.place]
        db.session.execute(adding.on_conflict_do_update(index_elements=keys, set_=added), sums)
    db.session.execute(delete(SearchLog).where(SearchLog.id.in_([row.id for row in rows])))
    db.session.commit()
    return len(rows)


def _sums(rows: Iterable[SearchLog], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Add searches up by day and place."""
    sums: dict[tuple[datetime, Place], dict[str, Any]] = {}
    for row in rows:
        day = row.searched_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        sum_ = sums.setdefault((day, row.place), {"day": day, "place": row.place, **dict.fromkeys(SUMS, 0)})
        for name, number in zip(SUMS, _numbers(row), strict=True):
            sum_[name] += number
    return list(sums.values())


def _numbers(row: SearchLog) -> tuple[int, ...]:
    """Return what a search adds to each of `SUMS`."""
    clicked = row.opened_at is not None
    abandoned = row.results > 0 and not clicked and row.place is not Place.API
    linked, asked = row.linked_at is not None, row.asked_at is not None
    return 1, row.results == 0, abandoned, clicked, row.opened_rank or 0, linked, asked


def _kept(searched: Searched, mask: Mask) -> SearchLog | None:
    """Return the search's row, written if it was not there; nobody else changes it meanwhile."""
    keep_search(searched, mask)
    query = select(SearchLog).where(SearchLog.nonce == searched.nonce).with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def _open(row: SearchLog, key: str, rank: int) -> None:
    if row.opened_at is None:
        row.opened_key, row.opened_rank, row.opened_at = key, rank, database.now()


def _row_of(searched: Searched, mask: Mask) -> None:
    present = select(SearchLog.id).where(SearchLog.nonce == searched.nonce)
    if db.session.execute(present).first() is not None:
        return
    words = clean_line(mask(searched.words), limit=2 * LONGEST)
    db.session.add(
        SearchLog(
            nonce=searched.nonce,
            place=searched.place,
            agent_id=searched.agent_id,
            words=words,
            gist=" ".join(fold(words).split()),
            results=searched.results,
            shown=list(searched.shown),
            ticket_id=searched.ticket_id,
            searched_at=database.now(),
        )
    )
    db.session.flush()
