"""Counting what visitors of the help centre do, not knowing who they are: visits, views of articles by day.

A step costs one small transaction of its own that waits for nobody: it is lost rather than in the way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select, update

from kcs import database
from kcs.activity.visits import LATEST, QUIET, VISITOR
from kcs.articles.models import Article
from kcs.database import db
from kcs.improving.models import ArticleViews, Ended, HelpVisit


class Did(StrEnum):
    """What one step of a visit was; `READ` is a view of a colleague, who makes no visit."""

    SEARCHED = "searched"
    FOUND_NOTHING = "found nothing"
    OPENED = "opened"
    VIEWED = "viewed"
    FOUND_HELPFUL = "found helpful"
    FOUND_UNHELPFUL = "found unhelpful"
    ASKED = "asked"
    READ = "read"


# What each step adds to its visit.
ADDS: Mapping[Did, tuple[str, ...]] = {
    Did.SEARCHED: ("searches",),
    Did.FOUND_NOTHING: ("searches", "null_searches"),
    Did.OPENED: ("opened",),
    Did.VIEWED: ("views",),
    Did.FOUND_HELPFUL: ("helpful",),
    Did.FOUND_UNHELPFUL: ("unhelpful",),
    Did.ASKED: ("escalated",),
}
SUMS = ("searches", "null_searches", "views", "opened", "helpful", "unhelpful")
ENDS = {Did.SEARCHED: Ended.SEARCH, Did.FOUND_NOTHING: Ended.SEARCH, Did.VIEWED: Ended.ARTICLE}
VIEWS = (Did.VIEWED, Did.READ)


@dataclass(frozen=True)
class Step:
    """One thing that was done. `visit` is the digest of a visit's cookie, `noted` when, by this process."""

    did: Did
    visit: str | None = None
    article_key: str | None = None
    reader: str = VISITOR
    noted: float = field(default_factory=time.monotonic)


def keep_steps(steps: Sequence[Step], *, zone: ZoneInfo, asks: bool) -> None:
    """Write steps down; those that are too old by now are left out. Commits.

    `asks` says that the help centre leads to a person whom one can ask. Raises OperationalError where
    somebody else holds the rows for longer than the blink of an eye.
    """
    with database.reading():
        moment, ticks = database.now(), time.monotonic()
        articles = _articles({step.article_key for step in steps if step.article_key})
    timed = [(moment - timedelta(seconds=ticks - step.noted), step) for step in steps]
    fresh = [(at, step) for at, step in timed if moment - at < LATEST]
    visits = _visits(fresh, articles, asks)
    views = _views(fresh, articles, zone)
    if not visits and not views:
        return
    with database.at_once() as connection:
        if visits:
            over = HelpVisit.last_at <= moment - QUIET
            keys = [row["key"] for row in visits]
            connection.execute(update(HelpVisit).where(HelpVisit.key.in_(keys), over).values(key=None))
            connection.execute(_add_to_visit(), visits)
        if views:
            connection.execute(_add_to_views(), views)


def forget_keys() -> int:
    """Forget what the cookies of visits that are over looked like; return how many. Commits."""
    over = database.now() - QUIET
    ended = update(HelpVisit).where(HelpVisit.key.is_not(None), HelpVisit.last_at <= over).values(key=None)
    forgotten = len(db.session.execute(ended.returning(HelpVisit.id)).all())
    db.session.commit()
    return forgotten


def beginning_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return when the day of a moment began there."""
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _articles(keys: Iterable[str]) -> dict[str, int]:
    rows = db.session.execute(select(Article.key, Article.id).where(Article.key.in_(sorted(keys))))
    return {row.key: row.id for row in rows}


def _visits(
    timed: Iterable[tuple[datetime, Step]], articles: Mapping[str, int], asks: bool
) -> list[dict[str, Any]]:
    """Put the steps of each visit together, by key: no two processes then wait for one another."""
    rows: dict[str, dict[str, Any]] = {}
    for at, step in timed:
        if step.visit is None:
            continue
        row = rows.setdefault(
            step.visit,
            {
                "key": step.visit,
                "began_at": at,
                **dict.fromkeys(SUMS, 0),
                "escalated": 0 if asks else None,
                "ended": None,
                "article_id": None,
            },
        )
        row["last_at"] = at
        for name in ADDS[step.did]:
            row[name] = (row[name] or 0) + 1
        if step.did in ENDS:
            row["ended"] = ENDS[step.did]
        if step.did is Did.VIEWED:
            row["article_id"] = articles.get(step.article_key or "")
    return [rows[key] for key in sorted(rows)]


def _views(
    timed: Iterable[tuple[datetime, Step]], articles: Mapping[str, int], zone: ZoneInfo
) -> list[dict[str, Any]]:
    numbers: dict[tuple[int, datetime, str], int] = {}
    for at, step in timed:
        article_id = articles.get(step.article_key or "")
        if step.did in VIEWS and article_id is not None:
            counted = article_id, beginning_of_day(at, zone), step.reader
            numbers[counted] = numbers.get(counted, 0) + 1
    return [
        {"article_id": article_id, "day": day, "reader": reader, "number": number}
        for (article_id, day, reader), number in sorted(numbers.items())
    ]


def _add_to_visit() -> Any:
    adding = database.insert(HelpVisit)
    new, old = adding.excluded, HelpVisit.__table__.c
    later = new.last_at > old.last_at
    changed: dict[str, ColumnElement[Any]] = {name: old[name] + new[name] for name in SUMS}
    changed["escalated"] = case(
        (new.escalated.is_(None), old.escalated), else_=func.coalesce(old.escalated, 0) + new.escalated
    )
    changed["last_at"] = case((later, new.last_at), else_=old.last_at)
    for name in ("ended", "article_id"):
        latest, known = func.coalesce(new[name], old[name]), func.coalesce(old[name], new[name])
        changed[name] = case((later, latest), else_=known)
    return adding.on_conflict_do_update(index_elements=[old.key], set_=changed)


def _add_to_views() -> Any:
    adding = database.insert(ArticleViews)
    old = ArticleViews.__table__.c
    number = old.number + adding.excluded.number
    keys = [old.article_id, old.day, old.reader]
    return adding.on_conflict_do_update(index_elements=keys, set_={"number": number})
