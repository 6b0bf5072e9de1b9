"""Which work of the last 30 days is drawn to be judged: the same for everybody all week, and by chance.

Things are put in an order that hangs on the week and their id alone. Who judges one takes it off the front;
the others stay where they are.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from kcs.articles.models import Article, Version
from kcs.database import db
from kcs.people.models import Agent
from kcs.sampling.models import Sample
from kcs.sampling.questions import Kind
from kcs.sampling.things import JUDGEABLE
from kcs.solving.models import Link
from kcs.tickets.models import Ticket
from workflow.permissions import Licence

DAYS = 30


@dataclass(frozen=True)
class Drawn:
    """One thing to judge, as a list shows it."""

    kind: Kind
    id: int
    agent_id: int
    title: str
    at: datetime


@dataclass(frozen=True)
class Due:
    """What is asked of one person's work of one kind: how many were judged lately, and what is to do."""

    done: int
    to_do: tuple[Drawn, ...]

    @property
    def of(self) -> int:
        """How many it will be in all."""
        return self.done + len(self.to_do)


Dues = Mapping[int, Mapping[Kind, Due]]


def week_of(day: date) -> str:
    """Return the ISO week that seeds the draw, as 2026-W08."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def draw(people: Collection[Agent], *, week: str, per_month: int, now: datetime) -> Dues:
    """Return by person and kind what is done and what is to do.

    Of a candidate every article is judged; else `per_month` things of each kind.
    """
    since = now - timedelta(days=DAYS)
    done = _done(people, since)
    pool = _pool(people, since)
    return {
        person.id: {
            kind: _due(
                in_order(pool[person.id, kind], week),
                done.get((person.id, kind), 0),
                _quota(person, kind, per_month),
            )
            for kind in Kind
        }
        for person in people
    }


def in_order(things: Iterable[Drawn], week: str) -> list[Drawn]:
    """Return things in the order of the draw of a week."""
    return sorted(things, key=lambda each: _place(week, each))


def _due(ordered: list[Drawn], done: int, quota: int | None) -> Due:
    return Due(done, tuple(ordered if quota is None else ordered[: max(0, quota - done)]))


def _quota(person: Agent, kind: Kind, per_month: int) -> int | None:
    return None if kind is Kind.ARTICLE and person.licence is Licence.CANDIDATE else per_month


def _place(week: str, thing: Drawn) -> bytes:
    return hashlib.sha256(f"{week}:{thing.kind}:{thing.id}".encode()).digest()


def _done(people: Collection[Agent], since: datetime) -> dict[tuple[int, Kind], int]:
    """Count the things judged since; one that two coaches judged is one."""
    things = func.count(Sample.version_id.distinct()) + func.count(Sample.ticket_id.distinct())
    query = (
        select(Sample.agent_id, Sample.kind, things + func.count(Sample.link_id.distinct()))
        .where(Sample.agent_id.in_([each.id for each in people]), Sample.judged_at >= since)
        .group_by(Sample.agent_id, Sample.kind)
    )
    return {(agent_id, kind): number for agent_id, kind, number in db.session.execute(query)}


def _pool(people: Collection[Agent], since: datetime) -> Mapping[tuple[int, Kind], list[Drawn]]:
    """Return what nobody has judged yet, by whose work it is and kind."""
    ids = [each.id for each in people]
    found: dict[tuple[int, Kind], list[Drawn]] = defaultdict(list)
    for kind, query in _pools(ids, since).items():
        for thing_id, agent_id, title, at in db.session.execute(query):
            found[agent_id, kind].append(Drawn(kind, thing_id, agent_id, title, at))
    return found


def _pools(ids: list[int], since: datetime) -> dict[Kind, Select[*tuple[Any, ...]]]:
    return {
        Kind.ARTICLE: _versions(ids, since),
        Kind.TICKET: _tickets(ids, since),
        Kind.LINK: _links(ids, since),
    }


def _versions(ids: list[int], since: datetime) -> Select[*tuple[Any, ...]]:
    """Each person's latest text of each article, not every save on the way to it."""
    later = aliased(Version)
    overtaken = (
        select(later.id)
        .where(
            later.article_id == Version.article_id,
            later.author_id == Version.author_id,
            later.number > Version.number,
        )
        .exists()
    )
    judged = select(Sample.id).where(Sample.version_id == Version.id).exists()
    return (
        select(Version.id, Version.author_id, Version.title, Version.created_at)
        .join(Article, Article.id == Version.article_id)
        .where(Version.author_id.in_(ids), Version.created_at >= since, JUDGEABLE[Kind.ARTICLE])
        .where(~overtaken, ~judged)
    )


def _tickets(ids: list[int], since: datetime) -> Select[*tuple[Any, ...]]:
    judged = select(Sample.id).where(Sample.ticket_id == Ticket.id).exists()
    return select(Ticket.id, Ticket.solver_id, Ticket.subject, Ticket.solved_at).where(
        Ticket.solver_id.in_(ids), Ticket.solved_at >= since, JUDGEABLE[Kind.TICKET], ~judged
    )


def _links(ids: list[int], since: datetime) -> Select[*tuple[Any, ...]]:
    judged = select(Sample.id).where(Sample.link_id == Link.id).exists()
    return (
        select(Link.id, Link.agent_id, Version.title, Link.created_at)
        .join(Version, Version.id == Link.version_id)
        .where(Link.agent_id.in_(ids), Link.created_at >= since, JUDGEABLE[Kind.LINK], ~judged)
    )
