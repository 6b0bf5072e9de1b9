"""What is worth work in the knowledge base: reuse, what nobody needs, what one person alone holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Subquery, exists, func, or_, select

from kcs.articles.models import Article
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.improving.models import ArticleViews, Feedback
from kcs.metrics.facts.models import FOREVER, SolvedFact
from kcs.metrics.model import EVERYTHING, Row
from kcs.metrics.periods import Window
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.search.models import SearchLog
from kcs.solving.gaps import Gap, GapFinder, Mark, latest, loaded
from kcs.solving.models import Link, LinkRole, LinkSource
from kcs.tickets.labels import ReportLabel
from kcs.tickets.models import Ticket
from workflow.solve import KnowledgeState

PER_PAGE = 25
OLD = timedelta(days=365)
# So many uses by one person alone, or tickets of one subject, make knowledge that only they hold.
FEWEST_USES = 3
SEARCHES_SHOWN = 6


@dataclass(frozen=True)
class Held:
    """A subject whose tickets one person alone solved."""

    holder: Agent
    gap: Gap


@dataclass(frozen=True)
class Lacking:
    """A gap with the product most of its tickets are about, and what was searched for in them."""

    gap: Gap
    product: str | None
    searched: tuple[str, ...]


def used_since(since: datetime) -> Subquery:
    """Select the links as answers that stand now and were made since then, of tickets that count."""
    return (
        select(Link.article_id, Link.ticket_id, Link.created_at)
        .join(Ticket, Ticket.id == Link.ticket_id)
        .where(
            Link.role == LinkRole.RESOLUTION,
            Link.source != LinkSource.CREATED,
            Link.removed_at.is_(None),
            Link.created_at >= since,
            Ticket.status != DeskStatus.DELETED,
            Ticket.merged.is_(False),
        )
        .subquery("used")
    )


def reused(since: datetime, window: Window) -> list[Row]:
    """Return how many tickets each article answered since then, and how many readers outside it helped."""
    used = used_since(since)
    answered = db.session.execute(select(used.c.article_id, func.count()).group_by(used.c.article_id))
    helped = db.session.execute(
        select(Feedback.article_id, func.count())
        .where(Feedback.helpful.is_(True), Feedback.agent_id.is_(None), Feedback.created_at >= since)
        .group_by(Feedback.article_id)
    )
    readers: dict[int, int] = {row[0]: row[1] for row in helped}
    return [
        Row(article, "", {"assisted": number, "self_service": readers.get(article, 0)}, EVERYTHING, window)
        for article, number in answered
    ]


def keys_of(articles: Collection[int]) -> dict[int, str]:
    """Return the keys of articles by number."""
    rows = db.session.execute(select(Article.id, Article.key).where(Article.id.in_(articles)))
    return {row.id: row.key for row in rows}


def archive_candidates(moment: datetime, *, page: int) -> Pagination:
    """Return one page of the articles older than a year that nobody ever used or opened, the oldest first."""
    query = select(Article).where(never_needed(moment)).order_by(Article.created_at, Article.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def never_needed(moment: datetime) -> ColumnElement[bool]:
    """Say of an article that it is old, in use, and was never linked, rated helpful, viewed or opened."""
    linked = exists().where(
        Link.article_id == Article.id, Link.source != LinkSource.CREATED, Link.removed_at.is_(None)
    )
    helped = exists().where(Feedback.article_id == Article.id, Feedback.helpful.is_(True))
    viewed = exists().where(ArticleViews.article_id == Article.id)
    opened = select(SearchLog.opened_key).where(SearchLog.opened_key.is_not(None))
    needed = or_(
        Article.earlier_reuse > 0,
        Article.earlier_helpful > 0,
        Article.last_used_at.is_not(None),
        linked,
        helped,
        viewed,
        Article.key.in_(opened),
    )
    return (Article.created_at < moment - OLD) & Article.confidence.not_in(CLOSED) & ~needed


def held_articles(since: datetime, *, page: int) -> Pagination:
    """Return one page of the articles that several tickets used since then and one person alone, by key."""
    held = _held(since)
    query = (
        select(Article)
        .join(held, held.c.article_id == Article.id)
        .where(Article.confidence.not_in(CLOSED))
        .order_by(Article.key)
    )
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def holders_of(articles: Collection[int], since: datetime) -> dict[int, tuple[Agent, int]]:
    """Return who alone used each article, and how often."""
    held = _held(since)
    rows = db.session.execute(
        select(held.c.article_id, Agent, held.c.uses)
        .join(Agent, Agent.id == held.c.agent_id)
        .where(held.c.article_id.in_(articles))
    )
    return {article: (agent, uses) for article, agent, uses in rows}


def held_subjects(finder: GapFinder, since: datetime) -> list[Held]:
    """Return the subjects whose tickets one person alone solved, those with most tickets first.

    Where one of them was answered with an article that a colleague uses too, others know.
    """
    mark = latest(since, Ticket.solver_id.is_not(None))
    solvers, known = _solvers(mark), _known_to_others(since)
    alone = [
        group
        for group in finder.groups(mark)
        if len(group.ids) >= FEWEST_USES
        and len({solvers[ticket] for ticket in group.ids}) == 1
        and known.isdisjoint(group.ids)
    ]
    return [Held(_solver(gap), gap) for gap in loaded(alone[:PER_PAGE])]


def lacking(finder: GapFinder, since: datetime) -> list[Lacking]:
    """Return the largest groups of tickets that no article answered, unanswered or with nothing found."""
    searched = exists().where(SearchLog.ticket_id == Ticket.id, SearchLog.results == 0)
    unanswered = Ticket.knowledge_state == KnowledgeState.UNANSWERED
    found_nothing = (Ticket.knowledge_state == KnowledgeState.EXEMPT) & searched
    gaps = loaded(finder.groups(latest(since, or_(unanswered, found_nothing)))[:PER_PAGE])
    tickets = [ticket.id for gap in gaps for ticket in gap.tickets]
    products, words = products_of(tickets), _searched(tickets)
    return [_lacking(gap, products, words) for gap in gaps]


def products_of(tickets: Collection[int]) -> dict[int, str]:
    """Return the product each ticket is about, where its desk tells one."""
    rows = db.session.execute(
        select(SolvedFact.ticket_id, ReportLabel.name)
        .join(ReportLabel, ReportLabel.id == SolvedFact.product_id)
        .where(SolvedFact.ticket_id.in_(tickets), SolvedFact.known_to == FOREVER)
    )
    return {row.ticket_id: row.name for row in rows}


def _held(since: datetime) -> Subquery:
    return (
        select(Link.article_id, func.min(Link.agent_id).label("agent_id"), func.count().label("uses"))
        .where(
            Link.role == LinkRole.RESOLUTION,
            Link.source != LinkSource.CREATED,
            Link.removed_at.is_(None),
            Link.created_at >= since,
        )
        .group_by(Link.article_id)
        .having(func.count() >= FEWEST_USES, func.count(Link.agent_id.distinct()) == 1)
        .subquery("held")
    )


def _known_to_others(since: datetime) -> set[int]:
    """Return the tickets answered since then with an article that several people used as an answer."""
    answers = select(Link.article_id, Link.ticket_id, Link.agent_id).where(
        Link.role == LinkRole.RESOLUTION, Link.removed_at.is_(None), Link.created_at >= since
    )
    used = answers.subquery("used")
    shared = (
        select(used.c.article_id)
        .group_by(used.c.article_id)
        .having(func.count(used.c.agent_id.distinct()) > 1)
    )
    return set(db.session.execute(select(used.c.ticket_id).where(used.c.article_id.in_(shared))).scalars())


def _solvers(mark: Mark) -> dict[int, int | None]:
    ids = [ticket_id for ticket_id, *_ in mark]
    rows = db.session.execute(select(Ticket.id, Ticket.solver_id).where(Ticket.id.in_(ids)))
    return {row.id: row.solver_id for row in rows}


def _solver(gap: Gap) -> Agent:
    solver = gap.central.solver
    if solver is None:
        raise LookupError(f"Ticket {gap.central.id} has no solver any more.")
    return solver


def _searched(tickets: Collection[int]) -> dict[int, list[str]]:
    """Return by ticket what was searched for in it, latest first; personal data was masked as it was kept."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(SearchLog.ticket_id, SearchLog.words)
        .where(SearchLog.ticket_id.in_(tickets), SearchLog.words != "")
        .order_by(SearchLog.id.desc())
    )
    for ticket, words in rows:
        found.setdefault(ticket or 0, []).append(words)
    return found


def _lacking(gap: Gap, products: Mapping[int, str], searched: Mapping[int, Sequence[str]]) -> Lacking:
    named = [products[ticket.id] for ticket in gap.tickets if ticket.id in products]
    words = [each for ticket in gap.tickets for each in searched.get(ticket.id, ())]
    return Lacking(gap, _most(named), tuple(dict.fromkeys(words))[:SEARCHES_SHOWN])


def _most(names: Sequence[str]) -> str | None:
    return max(sorted(set(names)), key=names.count, default=None)
