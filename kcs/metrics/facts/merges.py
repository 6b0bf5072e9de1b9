"""Merged articles: for which article a link counts, by when it was made and what was known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.kinds import MERGED


class Merge(NamedTuple):
    """A row of the log that put one article into another."""

    id: int
    recorded_at: datetime
    source: int
    into: int


class Merges:
    """Every merge recorded so far."""

    def __init__(self, rows: Iterable[Merge]) -> None:
        self._of: defaultdict[int, list[Merge]] = defaultdict(list)
        self._into: defaultdict[int, set[int]] = defaultdict(set)
        for row in sorted(rows):
            self._of[row.source].append(row)
            self._into[row.into].add(row.source)

    def counted(self, article_id: int, made_id: int, known: datetime) -> int:
        """Return for which article something said of one counts, by the merges recorded up to a moment.

        What was said before a merge goes with the article. An article that was restored after a merge
        counts for itself again from then on.
        """
        number = made_id
        while True:
            later = (m for m in self._of.get(article_id, ()) if m.id > number and m.recorded_at <= known)
            merge = next(later, None)
            if merge is None:
                return article_id
            article_id, number = merge.into, merge.id

    def after(self, articles: Iterable[int]) -> list[Merge]:
        """Return the merges that what is said of these articles may go through."""
        found: list[Merge] = []
        ways, met = list(articles), set()
        while ways:
            article = ways.pop()
            if article not in met:
                met.add(article)
                found += self._of.get(article, ())
                ways += [merge.into for merge in self._of.get(article, ())]
        return found

    def before(self, articles: Iterable[int]) -> set[int]:
        """Return these articles and all that ever went into them, in one step or several."""
        found: set[int] = set()
        ways = list(articles)
        while ways:
            article = ways.pop()
            if article not in found:
                found.add(article)
                ways += self._into.get(article, ())
        return found


def merges(until: datetime) -> Merges:
    """Read every merge recorded before a moment."""
    rows = db.session.execute(
        select(Activity.id, Activity.recorded_at, Activity.article_id, Activity.detail).where(
            Activity.kind == MERGED, Activity.recorded_at < until
        )
    )
    return Merges(
        Merge(number, recorded_at, article_id, detail["into_id"])
        for number, recorded_at, article_id, detail in rows
        # Said once of each of the two articles; it is the newer one that goes.
        if article_id is not None and detail["newer_id"] == article_id
    )
