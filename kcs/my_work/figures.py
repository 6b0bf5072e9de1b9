"""What one person's articles did, month by month, out of the activity log.

A citation is a resolution link to an article the person had written in by then: made by a colleague, or by
themselves (told apart). What was removed again does not count, nor does the ticket an article was drafted
from, nor a ticket that was deleted or marked as spam. Months are those of the organisation's time zone, as in
reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.metrics import periods
from kcs.metrics.kinds import EXCLUDED, RESOLUTION, RESTORED, STANDING, UNLINKING
from kcs.people.models import Agent
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.tickets.models import Ticket
from workflow.solve import Act

LINK = f"ticket.{Act.LINK}"
WRITING = ("article.created", "article.imported", "article.edited")
MONTHS = 6
ARTICLES_SHOWN = 5
_MONTH = periods.GRAINS["month"]


@dataclass(frozen=True)
class Month:
    """One person's figures of one month; `customers` are those whose tickets their articles resolved."""

    first: date
    by_others: int = 0
    by_me: int = 0
    customers: int = 0

    @property
    def name(self) -> str:
        """The month as in 2026-11."""
        return f"{self.first:%Y-%m}"

    @property
    def citations(self) -> int:
        """All citations of the month."""
        return self.by_others + self.by_me


@dataclass(frozen=True)
class Cited:
    """An article of this person's that was cited this month."""

    article: Article
    by_others: int
    by_me: int


def months_of(agent: Agent, moment: datetime, zone: ZoneInfo) -> list[Month]:
    """Return the figures of the last six months, the present one last, in one statement."""
    firsts = _firsts(moment, zone)
    cited = _citations(agent, periods.moment(firsts[0], zone)).subquery("cited")
    others = cited.c.agent_id.is_distinct_from(agent.id)
    columns = []
    for first in firsts:
        begins, ends = periods.moment(first, zone), periods.moment(_MONTH.next(first), zone)
        within = and_(cited.c.happened_at >= begins, cited.c.happened_at < ends)
        columns += [
            func.count().filter(within, others),
            func.count().filter(within, ~others),
            func.count(cited.c.requester_id.distinct()).filter(within),
        ]
    row = db.session.execute(select(*columns).select_from(cited)).one()
    return [Month(first, *row[3 * number : 3 * number + 3]) for number, first in enumerate(firsts)]


def cited_articles(agent: Agent, moment: datetime, zone: ZoneInfo) -> list[Cited]:
    """Return this person's articles that were cited this month, the latest used first."""
    cited = _citations(agent, periods.moment(_firsts(moment, zone)[-1], zone)).subquery("cited")
    others = cited.c.agent_id.is_distinct_from(agent.id)
    last = func.max(cited.c.happened_at)
    rows = db.session.execute(
        select(Article, func.count().filter(others), func.count().filter(~others))
        .join(cited, cited.c.article_id == Article.id)
        .where(readable_by(agent))
        .group_by(Article.id)
        .order_by(last.desc(), Article.id)
        .limit(ARTICLES_SHOWN)
    )
    return [Cited(*row) for row in rows]


def _citations(agent: Agent, start: datetime) -> Select[int | None, int | None, datetime, int | None]:
    """Select the citations since `start`: article, who linked it, when, and the ticket's customer."""
    made = aliased(Activity, name="made")
    return (
        select(made.article_id, made.agent_id, made.happened_at, Ticket.requester_id)
        .select_from(made)
        .outerjoin(Ticket, Ticket.id == made.ticket_id)
        .where(
            made.kind == LINK,
            made.role == RESOLUTION,
            made.happened_at >= start,
            or_(_wrote(agent, made), _proposed(agent, made)),
            ~_removed(made),
            ~_left_out(made),
        )
    )


def _wrote(agent: Agent, made: type[Activity]) -> ColumnElement[bool]:
    """Say whether the person had written in the article when it was linked."""
    written = aliased(Activity, name="written")
    return exists().where(
        written.article_id == made.article_id,
        written.agent_id == agent.id,
        written.kind.in_(WRITING),
        written.id < made.id,
    )


def _proposed(agent: Agent, made: type[Activity]) -> ColumnElement[bool]:
    """Say whether a text the person proposed had been taken over: the log names who took it over."""
    return exists().where(
        ReviewRequest.article_id == made.article_id,
        ReviewRequest.asked_by_id == agent.id,
        ReviewRequest.asks == Asks.CHANGE,
        ReviewRequest.state == ReviewState.ACCEPTED,
        ReviewRequest.decided_at <= made.happened_at,
    )


def _removed(made: type[Activity]) -> ColumnElement[bool]:
    removed = aliased(Activity, name="removed")
    return exists().where(
        removed.ticket_id == made.ticket_id,
        removed.link_id == made.link_id,
        removed.kind.in_(UNLINKING),
    )


def _left_out(made: type[Activity]) -> ColumnElement[bool]:
    """Say whether the ticket was last deleted, or closed into another one."""
    standing = aliased(Activity, name="standing")
    last = (
        select(standing.kind)
        .where(standing.ticket_id == made.ticket_id, standing.kind.in_((*STANDING, RESTORED)))
        .order_by(standing.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, "") == EXCLUDED


def _firsts(moment: datetime, zone: ZoneInfo) -> list[date]:
    """Return the first days of the last months there, the present one last."""
    first = _MONTH.first(periods.day_of(moment, zone))
    numbers = range(first.year * 12 + first.month - MONTHS, first.year * 12 + first.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]
