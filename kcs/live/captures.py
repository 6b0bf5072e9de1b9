"""Who is capturing an issue now: drafts in the making, from other tickets, that would answer this one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import func, select

from kcs import database
from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.models import SearchChange
from kcs.search.suggesting import suggest_for
from kcs.solving.models import Link, LinkSource
from kcs.solving.passing_over import passed_over_ids
from kcs.solving.queries import present_links
from kcs.solving.suggestions import query_of
from kcs.tickets.models import Ticket
from workflow.article import Confidence

# A draft nobody has touched for so long is left lying, not being written.
IN_THE_MAKING = timedelta(hours=8)
# So many drafts are looked at, the latest first.
MOST = 50
NEAR = 10
REMEMBERED = 500
# From this likeness on two tickets are of one issue: docs/live.md has the figures.
SAME = 0.25


@dataclass(frozen=True)
class Capture:
    """Somebody writes an article about this issue, since when."""

    by: Agent
    article: Article
    since: datetime


class Nearness:
    """Which articles lie near a ticket, remembered until the ticket or the index changes."""

    def __init__(self, index: SearchIndex) -> None:
        self.index = index
        self._known: OrderedDict[tuple[object, ...], dict[int, float]] = OrderedDict()
        self._turn = Lock()

    def near(self, ticket: Ticket, reader: Agent) -> Mapping[int, float]:
        """Return the articles that may answer a ticket, best first, each with its score."""
        return self._kept(_now(ticket, reader), ticket, reader)

    def knows(self, ticket: Ticket, reader: Agent) -> bool:
        """Return whether `near` has its answer without a search."""
        return _now(ticket, reader) in self._known

    def own(self, draft: Link, reader: Agent) -> float:
        """Return what a draft scores for the ticket it was made of, 0 when it is not found for it.

        That hardly changes with the articles around it: it is looked up once for each of its versions.
        """
        version = (draft.article_id, draft.article.current_version_id)
        return self._kept(version, draft.ticket, reader).get(draft.article_id, 0.0)

    def _kept(self, key: tuple[object, ...], ticket: Ticket, reader: Agent) -> Mapping[int, float]:
        with self._turn:
            known = self._known.get(key)
        if known is None:
            found = suggest_for(self.index, query_of(ticket), reader=reader, limit=NEAR).found
            known = {each.article.id: each.score for each in found}
            with self._turn:
                self._known[key] = known
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return known


def _now(ticket: Ticket, reader: Agent) -> tuple[object, ...]:
    newest = db.session.execute(select(func.max(SearchChange.id))).scalar()
    return (ticket.id, ticket.desk_updated_at, reader.id, newest)


def captures(nearness: Nearness, ticket: Ticket, reader: Agent, drafts: Sequence[Link]) -> list[Capture]:
    """Return who else is capturing this ticket's issue, the earliest first, of what `reader` may read.

    `drafts` are those of `drafts_elsewhere`.
    """
    near = nearness.near(ticket, reader) if drafts else {}
    same = [
        link
        for link in drafts
        if link.article_id in near and _likeness(link.article_id, near, nearness.own(link, reader)) >= SAME
    ]
    if not same:
        return []
    allowed = articles_by_id([link.article_id for link in same], reader)
    settled = {link.article_id for link in present_links(ticket)} | passed_over_ids(ticket)
    return [
        Capture(link.agent, allowed[link.article_id], link.created_at)
        for link in same
        if link.article_id in allowed.keys() - settled
    ]


def _likeness(draft: int, near: Mapping[int, float], own: float) -> float:
    """Return how likely a draft from another ticket answers this one, from 0 to 1.

    Its score here as a share of the best here, times the share of what it scores for its own ticket: the
    first says that nothing answers better, the second that enough is the same.
    """
    return near[draft] / max(near.values()) * min(1.0, near[draft] / own) if own else 0.0


def drafts_elsewhere(ticket: Ticket, reader: Agent) -> list[Link]:
    """Return the drafts that others are making from other tickets; one cheap look."""
    query = (
        select(Link)
        .join(Article, Article.id == Link.article_id)
        .where(
            Link.source == LinkSource.CREATED,
            Link.removed_at.is_(None),
            Link.agent_id != reader.id,
            Link.ticket_id != ticket.id,
            Article.confidence == Confidence.WIP,
            Article.changed_at > database.now() - IN_THE_MAKING,
        )
        .order_by(Link.id.desc())
        .limit(MOST)
    )
    return list(reversed(db.session.execute(query).scalars().all()))
