"""What a replay needs of the database: rows of tickets and articles, beginnings, licences over time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.facts import articles as on_articles
from kcs.metrics.facts.article_models import ArticleBirth
from kcs.metrics.facts.merges import Merges
from kcs.metrics.facts.replaying import KINDS, Birth, Logged
from kcs.metrics.kinds import BEGINNINGS, LINKING

LICENCE = "agent.licence"
_COLUMNS = (
    Activity.id,
    Activity.kind,
    Activity.happened_at,
    Activity.recorded_at,
    Activity.agent_id,
    Activity.team_id,
    Activity.connection_id,
    Activity.article_id,
    Activity.link_id,
    Activity.role,
    Activity.after,
    Activity.authority,
    Activity.detail,
)
_OF_ARTICLES = (
    Activity.id,
    Activity.kind,
    Activity.happened_at,
    Activity.recorded_at,
    Activity.agent_id,
    Activity.team_id,
    Activity.after,
    Activity.detail,
)


@dataclass
class Licences:
    """Who had which licence when, read once."""

    changes: dict[int, list[tuple[datetime, str | None]]]

    def at(self, agent_id: int | None, moment: datetime) -> str | None:
        """Return the licence somebody had at a moment, None without one."""
        changes = self.changes.get(agent_id or 0, [])
        place = bisect_right(changes, moment, key=lambda change: change[0])
        return changes[place - 1][1] if place else None


@dataclass
class Births:
    """When articles began, asked for once each."""

    found: dict[int, Birth] = field(default_factory=dict)
    _asked: set[int] = field(default_factory=set)

    def look_up(self, articles: Iterable[int]) -> None:
        """Read the beginnings that were not read yet."""
        new = sorted(set(articles) - self._asked)
        if not new:
            return
        self._asked.update(new)
        rows = db.session.execute(
            select(ArticleBirth.article_id, ArticleBirth.happened_at, ArticleBirth.ticket_id).where(
                ArticleBirth.article_id.in_(new)
            )
        )
        self.found.update({article: Birth(at, ticket) for article, at, ticket in rows})


def licences() -> Licences:
    """Read every change of a licence."""
    rows = db.session.execute(
        select(Activity.happened_at, Activity.after, Activity.detail)
        .where(Activity.kind == LICENCE)
        .order_by(Activity.happened_at, Activity.id)
    )
    changes: defaultdict[int, list[tuple[datetime, str | None]]] = defaultdict(list)
    for happened_at, after, detail in rows:
        changes[detail["agent_id"]].append((happened_at, after))
    return Licences(dict(changes))


def histories(
    tickets: Sequence[int], until: datetime, merged: Merges, births: Births
) -> Iterator[tuple[int, list[Logged]]]:
    """Return each ticket's rows recorded before a moment, by number, and look up the articles' births."""
    rows = db.session.execute(
        select(Activity.ticket_id, *_COLUMNS)
        .where(Activity.ticket_id.in_(tickets), Activity.kind.in_(KINDS), Activity.recorded_at < until)
        .order_by(Activity.ticket_id, Activity.id)
    ).all()
    linked = {row.article_id for row in rows if row.kind in LINKING and row.article_id}
    births.look_up(linked | {merge.into for merge in merged.after(linked)})
    for ticket, own in groupby(rows, attrgetter("ticket_id")):
        yield ticket, [Logged(*row[1:]) for row in own]


def article_histories(
    articles: Sequence[int], until: datetime
) -> Iterator[tuple[int, list[on_articles.Logged]]]:
    """Return each article's rows recorded before a moment that say who wrote and how it stands, by number."""
    rows = db.session.execute(
        select(Activity.article_id, *_OF_ARTICLES)
        .where(
            Activity.article_id.in_(articles),
            Activity.kind.in_(on_articles.KINDS),
            Activity.recorded_at < until,
        )
        .order_by(Activity.article_id, Activity.id)
    ).all()
    for article, own in groupby(rows, attrgetter("article_id")):
        yield article, [on_articles.Logged(*row[1:]) for row in own]


def beginnings(articles: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Return how articles began, as rows of ArticleBirth: by the first row of each, if that tells it."""
    first = (
        select(func.min(Activity.id)).where(Activity.article_id.in_(articles)).group_by(Activity.article_id)
    )
    names = ("article_id", "happened_at", "agent_id", "team_id", "ticket_id")
    rows = db.session.execute(
        select(*(getattr(Activity, name) for name in names)).where(
            Activity.id.in_(first), Activity.kind.in_(BEGINNINGS)
        )
    )
    return (dict(zip(names, row, strict=True)) for row in rows)
