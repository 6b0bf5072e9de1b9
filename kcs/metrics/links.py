"""Links as the log tells them as of a moment: which stand, for which article each counts, who wrote that.

A link that was removed does not stand, nor one of a ticket that was left out. One of an article that went
into another counts for that other, from the moment the merge was recorded. A ticket counts once for an
article: with its answer rather than a background link, else with the older link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    column,
    exists,
    func,
    select,
    table,
    type_coerce,
)
from sqlalchemy.orm import aliased, outerjoin

from kcs.activity.models import Activity
from kcs.metrics.facts.article_models import ArticleBirth, LinkFact
from kcs.metrics.kinds import EXCLUDED, LINKING, MERGED, RESTORED, STANDING, UNLINKING
from kcs.metrics.model import Scope
from kcs.metrics.reach import within

Logged = type[Activity]

# Said once, when an article begins, and never changed: the log need not repeat it.
_articles = table(
    "articles", column("id", Integer), column("author_id", Integer), column("domain_id", Integer)
)


@dataclass(frozen=True)
class Origin:
    """Where an article comes from: `joined` is the rows asked about with it beside them.

    `author_id` and `team_id` are whoever began it and their team then; `ticket_id` where it was begun.
    """

    joined: FromClause
    author_id: ColumnElement[Any]
    team_id: ColumnElement[Any]
    ticket_id: ColumnElement[Any]
    domain_id: ColumnElement[Any]


def standing_links(scope: Scope) -> Subquery:
    """Select the links made in the window that stand as of the moment, answers and background reading.

    Columns: those of LinkFact.
    """
    fact = LinkFact.__table__.c
    return (
        select(LinkFact.__table__)
        .where(
            fact.happened_at >= scope.window.start,
            fact.happened_at < scope.window.end,
            fact.known_from < scope.as_of,
            fact.known_to >= scope.as_of,
        )
        .subquery("links")
    )


def happened(row: Logged, scope: Scope) -> ColumnElement[bool]:
    """Keep rows of the window that were recorded before the moment."""
    return and_(
        row.recorded_at < scope.as_of,
        row.happened_at >= scope.window.start,
        row.happened_at < scope.window.end,
    )


def standing_act(ticket_id: SQLColumnExpression[int | None], as_of: datetime) -> ScalarSelect[int]:
    """Select the row that says how a ticket stands: how it was last solved, reopened or left out."""
    last, standing = _last_standing(ticket_id, as_of)
    return standing.with_only_columns(last.id).scalar_subquery()


def _last_standing(ticket_id: SQLColumnExpression[int | None], as_of: datetime) -> tuple[Logged, Select[Any]]:
    """Select what stands of a ticket last; that it was left out stands until it is restored."""
    last, restored = aliased(Activity, name="last_standing"), aliased(Activity, name="taken_back")
    came_back = exists().where(
        restored.ticket_id == last.ticket_id,
        restored.id > last.id,
        restored.kind == RESTORED,
        restored.recorded_at < as_of,
    )
    standing = (
        select(last)
        .where(
            last.ticket_id == ticket_id,
            last.kind.in_(STANDING),
            last.recorded_at < as_of,
            ~and_(last.kind == EXCLUDED, came_back),
        )
        .order_by(last.id.desc())
        .limit(1)
    )
    return last, standing


def fates(as_of: datetime) -> CTE:
    """Select where merged articles went: rows of `source` from `after_id` to `until_id` count for `into_id`.

    An article that was restored after a merge counts for itself again from then on. One statement holds this
    once: make it there, and hand it to whatever asks.
    """
    row = aliased(Activity, name="merge_row")
    merged = (
        select(
            row.id.label("merge_id"),
            row.article_id.label("source"),
            row.detail["into_id"].as_integer().label("into_id"),
        )
        .where(
            row.kind == MERGED,
            row.recorded_at < as_of,
            row.detail["newer_id"].as_integer() == row.article_id,
        )
        .cte("merged")
        # Else SQLite reads the whole log in the order of its articles, to spare itself sorting these few.
        .prefix_with("MATERIALIZED")
    )
    before = func.lag(merged.c.merge_id).over(partition_by=merged.c.source, order_by=merged.c.merge_id)
    merges = select(merged, func.coalesce(before, 0).label("after_id")).cte("merges")
    steps = select(merges, merges.c.merge_id.label("last_id")).cte("steps", recursive=True)
    on = merges.alias("onward")
    onward = select(
        steps.c.merge_id, steps.c.source, on.c.into_id, steps.c.after_id, on.c.merge_id.label("last_id")
    ).join(
        on,
        and_(
            on.c.source == steps.c.into_id, on.c.after_id < steps.c.last_id, on.c.merge_id > steps.c.last_id
        ),
    )
    steps = steps.union_all(onward)
    order = func.row_number().over(partition_by=steps.c.merge_id, order_by=steps.c.last_id.desc())
    ranked = select(steps, order.label("place")).subquery("ranked_steps")
    return (
        select(ranked.c.source, ranked.c.after_id, ranked.c.merge_id.label("until_id"), ranked.c.into_id)
        .where(ranked.c.place == 1)
        .cte("fates")
    )


def counted_rows(row: Logged, fate: CTE) -> tuple[FromClause, ColumnElement[int | None]]:
    """Return rows of the log about articles, and for which article each of them counts."""
    return _with_fate(row, fate), _counted(row, fate)


def with_origin(found: FromClause | Logged, article_id: SQLColumnExpression[int | None], name: str) -> Origin:
    """Put beside each row where its article comes from."""
    birth = aliased(ArticleBirth, name=f"{name}_birth")
    article = _articles.alias(f"{name}_article")
    joined = outerjoin(
        outerjoin(found, birth, birth.article_id == article_id), article, article.c.id == article_id
    )
    return Origin(
        joined,
        func.coalesce(birth.agent_id, article.c.author_id),
        type_coerce(birth.team_id, Integer),
        type_coerce(birth.ticket_id, Integer),
        article.c.domain_id,
    )


def resolution_reuse(scope: Scope) -> Select[Any]:
    """Select the links as resolution to an article that was not created in their ticket.

    Columns: `happened_at`, `ticket_id`, `connection_id`, `article_id` for which it counts, `agent_id` its
    author, `team_id` the author's team then, `domain_id`. Only articles whose author is within reach.
    """
    links = standing_links(scope)
    origin = with_origin(links, links.c.article_id, "linked")
    return (
        select(
            links.c.happened_at,
            links.c.ticket_id,
            links.c.connection_id,
            links.c.article_id,
            origin.author_id.label("agent_id"),
            origin.team_id.label("team_id"),
            origin.domain_id.label("domain_id"),
        )
        .select_from(origin.joined)
        .where(links.c.reused == 1, within(scope.reach, origin.author_id))
    )


def _with_fate(row: Logged, fate: FromClause) -> FromClause:
    here = and_(fate.c.source == row.article_id, row.id > fate.c.after_id, row.id < fate.c.until_id)
    return outerjoin(row, fate, here)


def _counted(row: Logged, fate: FromClause) -> ColumnElement[int | None]:
    return func.coalesce(fate.c.into_id, row.article_id)


def stands(made: Logged, as_of: datetime, name: str) -> ColumnElement[bool]:
    """Say whether a row made a link that was not removed by then."""
    removed = aliased(Activity, name=name)
    taken_away = exists().where(
        removed.ticket_id == made.ticket_id,
        removed.link_id == made.link_id,
        removed.kind.in_(UNLINKING),
        removed.recorded_at < as_of,
    )
    return and_(made.kind.in_(LINKING), made.recorded_at < as_of, ~taken_away)
