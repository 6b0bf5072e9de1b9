"""What a replay needs of the database: a ticket's rows, articles' beginnings, licences over time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Integer, column, select, values
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.facts.replaying import KINDS, Birth, Logged
from kcs.metrics.kinds import LINKING

BEGINNINGS = ("article.created", "article.imported")
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
        """Read the beginnings that were not read yet: the first row of each article, if it tells one."""
        new = sorted(set(articles) - self._asked)
        if not new:
            return
        self._asked.update(new)
        wanted = (
            values(column("id", Integer), name="wanted").data([(number,) for number in new]).cte("wanted")
        )
        first = aliased(Activity, name="first")
        number = (
            select(first.id)
            .where(first.article_id == wanted.c.id)
            .order_by(first.id)
            .limit(1)
            .scalar_subquery()
        )
        rows = db.session.execute(
            select(Activity.article_id, Activity.happened_at, Activity.ticket_id)
            .join(wanted, Activity.id == number)
            .where(Activity.kind.in_(BEGINNINGS))
        )
        self.found.update({article: Birth(at, ticket) for article, at, ticket in rows if article is not None})


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


def histories(tickets: Sequence[int], until: datetime, births: Births) -> Iterator[tuple[int, list[Logged]]]:
    """Return each ticket's rows recorded before a moment, by number, and look up the articles' births."""
    rows = db.session.execute(
        select(Activity.ticket_id, *_COLUMNS)
        .where(Activity.ticket_id.in_(tickets), Activity.kind.in_(KINDS), Activity.recorded_at < until)
        .order_by(Activity.ticket_id, Activity.id)
    ).all()
    births.look_up(row.article_id for row in rows if row.kind in LINKING and row.article_id)
    for ticket, own in groupby(rows, attrgetter("ticket_id")):
        yield ticket, [Logged(*row[1:]) for row in own]
