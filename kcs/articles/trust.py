"""Trust at a glance: when an article was last checked, what it has solved, and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    column,
    false,
    func,
    or_,
    select,
    table,
)

from kcs.articles.domains import domain_of, domains, general_domain
from kcs.articles.models import Article, Flag
from kcs.articles.policy import Domain, Expiry
from kcs.database import db
from kcs.people.models import Agent
from workflow.article import ArticleState, Confidence

CLOSED = (Confidence.ARCHIVED, Confidence.DELETED)

# Joined by id: links belong to the solve loop, which lies above.
_links = table(
    "links", column("article_id"), column("agent_id"), column("role"), column("source"), column("removed_at")
)
_SOLVED = and_(_links.c.role == "resolution", _links.c.source != "created", _links.c.removed_at.is_(None))
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Asked with every search: written once, they need no compiling.
_SOLVED_COUNTS = (
    select(_links.c.article_id, func.count().label("count"))
    .where(_links.c.article_id.in_(_IDS), _SOLVED)
    .group_by(_links.c.article_id)
)
_FLAG_COUNTS = (
    select(Flag.article_id, func.count().label("count"))
    .where(Flag.article_id.in_(_IDS), Flag.closed_at.is_(None))
    .group_by(Flag.article_id)
)


@dataclass(frozen=True)
class Trust:
    """What people look at before they rely on an article.

    `solved` counts tickets it resolves, those it was drafted from left out. `unchecked`: nobody checked or
    used it for its domain's interval; `warns`: the domain wants that shown.
    """

    state: ArticleState
    checked_at: datetime | None
    checked_by: str | None
    solved: int
    flags: int
    unchecked: bool
    warns: bool


def trust_of(articles: Iterable[Article], *, now: datetime) -> dict[int, Trust]:
    """Return the facts of each article by its id, with as many queries for a page as for one."""
    chosen = list(articles)
    ids = [article.id for article in chosen]
    solved, flags = solved_counts(ids), _counts(_FLAG_COUNTS, ids)
    names = _names({article.last_checked_by_id for article in chosen} - {None})
    return {
        article.id: Trust(
            state=article.state,
            checked_at=article.last_checked_at,
            checked_by=names.get(article.last_checked_by_id),
            solved=solved.get(article.id, 0) + article.earlier_reuse,
            flags=flags.get(article.id, 0),
            unchecked=is_unchecked(article, now),
            warns=is_unchecked(article, now) and domain_of(article).expiry is Expiry.SHOW_UNCHECKED,
        )
        for article in chosen
    }


def solved_counts(article_ids: Collection[int]) -> dict[int, int]:
    """Return how many tickets each article resolves here, those it was drafted from left out."""
    return _counts(_SOLVED_COUNTS, article_ids)


def count_demand(article: Article) -> int:
    """Return how many different people resolved tickets with this article, drafting aside."""
    query = select(func.count(_links.c.agent_id.distinct())).where(_links.c.article_id == article.id, _SOLVED)
    return db.session.execute(query).scalar_one()


def is_unchecked(article: Article, now: datetime) -> bool:
    """Return whether nobody checked or used the article for its domain's interval; use renews."""
    days = domain_of(article).check_days
    if days is None or article.confidence in CLOSED:
        return False
    moments = (article.created_at, article.last_checked_at, article.last_used_at)
    return max(moment for moment in moments if moment is not None) < now - timedelta(days=days)


def is_check_due(article: Article, now: datetime) -> bool:
    """Return whether a validated article's last check is older than its domain's interval, used or not."""
    days = domain_of(article).check_days
    if days is None or article.confidence is not Confidence.VALIDATED:
        return False
    return (article.last_checked_at or article.created_at) < now - timedelta(days=days)


def unchecked_articles(now: datetime, *expiries: Expiry) -> ColumnElement[bool]:
    """Return `is_unchecked` as a condition, of domains with one of `expiries` or, with none named, of all."""
    general = general_domain()
    conditions = [
        and_(_in_domain(domain, general), _older_than(now - timedelta(days=domain.check_days)))
        for domain in domains()
        if domain.check_days is not None and (not expiries or domain.expiry in expiries)
    ]
    return and_(Article.confidence.not_in(CLOSED), or_(false(), *conditions))


def _in_domain(domain: Domain, general: Domain) -> ColumnElement[bool]:
    if domain is not general:
        return Article.domain_id == domain.id
    return or_(Article.domain_id.is_(None), Article.domain_id == general.id)


def _older_than(limit: datetime) -> ColumnElement[bool]:
    return and_(
        Article.created_at < limit,
        or_(Article.last_checked_at.is_(None), Article.last_checked_at < limit),
        or_(Article.last_used_at.is_(None), Article.last_used_at < limit),
    )


def _counts(query: Select[int, int], article_ids: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(query, {"ids": list(article_ids)})
    return {row[0]: row[1] for row in rows}


def _names(agent_ids: Collection[int | None]) -> dict[int | None, str]:
    if not agent_ids:
        return {}
    rows = db.session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(agent_ids)))
    return {row.id: row.name for row in rows}
