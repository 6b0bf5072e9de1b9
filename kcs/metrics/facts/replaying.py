"""One ticket's rows of the log, replayed: what could be said of it at each moment something was recorded.

Pure: rows in, facts out. The rules are those of the link rate's definition; numbers (`id`) give the order of
what happened, `recorded_at` when it could be known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from kcs.metrics.facts.models import FOREVER
from kcs.metrics.facts.over_time import over_time
from kcs.metrics.kinds import (
    DRAFT,
    EXCLUDED,
    IMPROVE,
    LINK,
    LINKING,
    MEASURED,
    REOPEN,
    RESOLUTION,
    RESTORED,
    SOLVE,
    SOLVE_LOOP,
    STANDING,
    UNLINKING,
)
from kcs.metrics.periods import day_number
from workflow.solve import KnowledgeState

KINDS = (*SOLVE_LOOP, MEASURED)


class Logged(NamedTuple):
    """What a replay reads of one row of the log."""

    id: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    agent_id: int | None
    team_id: int | None
    connection_id: int | None
    article_id: int | None
    link_id: int | None
    role: str | None
    after: str | None
    authority: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Birth:
    """When an article began, and in which ticket, if in one."""

    at: datetime
    ticket_id: int | None


@dataclass(frozen=True)
class Known:
    """What a replay asks beside the ticket: when articles began, and who had which licence when."""

    births: Mapping[int, Birth]
    licence: Callable[[int | None, datetime], str | None]
    zone: ZoneInfo


class Fact(NamedTuple):
    """What could be said of a solved ticket; the columns of SolvedFact, and its tags."""

    solved_at: datetime
    day: int
    agent_id: int | None
    team_id: int | None
    connection_id: int | None
    licence: str | None
    domain_id: int | None
    product_id: int | None
    tags: tuple[int, ...]
    outcome: str
    inferred: int
    reused: int
    created: int
    modified: int
    known: int
    new: int
    reopened: int
    contacted: int
    one_contact: int
    rated: int
    satisfied: int
    relief: int | None
    first_reply: int | None
    worked: int | None


class Version(NamedTuple):
    """A fact and for how long it was what the log said."""

    known_from: datetime
    known_to: datetime
    fact: Fact


def versions(ticket_id: int, rows: Sequence[Logged], known: Known) -> list[Version]:
    """Return what could be said of a ticket, one after the other; nothing while it does not count as solved.

    `rows` are all of the ticket's, by number.
    """
    solved = min((row.recorded_at for row in rows if row.kind == SOLVE), default=FOREVER)
    moments = sorted({row.recorded_at for row in rows if row.recorded_at >= solved})
    facts = ((at, _fact(ticket_id, [row for row in rows if row.recorded_at <= at], known)) for at in moments)
    told = ((at, () if fact is None else (fact,)) for at, fact in facts)
    return [Version(*held) for held in over_time(told)]


def _fact(ticket_id: int, rows: Sequence[Logged], known: Known) -> Fact | None:
    solve = standing(rows)
    if solve is None or solve.kind != SOLVE:
        return None
    links = [row for row in standing_links(rows) if row.role == RESOLUTION]
    said: Mapping[str, Any] = next((row.detail for row in reversed(rows) if row.kind == MEASURED), {})
    opened = _moment(said.get("opened"))
    older = [link for link in links if _is_older(link, opened, ticket_id, known)]
    contacts, satisfied = said.get("contacts"), said.get("satisfied")
    return Fact(
        solved_at=solve.happened_at,
        day=day_number(solve.happened_at, known.zone),
        agent_id=solve.agent_id,
        team_id=solve.team_id,
        connection_id=solve.connection_id,
        licence=known.licence(solve.agent_id, min(solve.happened_at, solve.recorded_at)),
        domain_id=said.get("domain"),
        product_id=said.get("product"),
        tags=tuple(said.get("tags") or ()),
        outcome=_outcome(rows, links),
        inferred=int(bool(solve.detail.get("inferred"))),
        reused=int(any(_is_reuse(link, ticket_id, known) for link in links)),
        created=int(any(link.kind == DRAFT for link in links)),
        modified=int(any(row.kind == IMPROVE for row in rows)),
        known=int(bool(older)),
        new=int(bool(links) and not older),
        reopened=int(any(row.kind == REOPEN for row in rows)),
        contacted=int(contacts is not None and contacts > 0),
        one_contact=int(contacts == 1),
        rated=int(satisfied is not None),
        satisfied=int(satisfied is True),
        relief=None if opened is None else max(0, int((solve.happened_at - opened).total_seconds())),
        first_reply=_whole(said.get("first_reply")),
        worked=_whole(said.get("worked")),
    )


def standing(rows: Iterable[Logged]) -> Logged | None:
    """Return how the ticket stands: the last solving, reopening or leaving out that was not taken back."""
    stood: list[Logged] = []
    for row in rows:
        if row.kind in STANDING:
            stood.append(row)
        elif row.kind == RESTORED:
            stood = [each for each in stood if each.kind != EXCLUDED]
    return stood[-1] if stood else None


def standing_links(rows: Sequence[Logged]) -> list[Logged]:
    """Return what made each link that was not removed, answers and background reading."""
    removed = {row.link_id for row in rows if row.kind in UNLINKING} - {None}
    return [row for row in rows if row.kind in LINKING and row.link_id not in removed]


def _outcome(rows: Sequence[Logged], links: Sequence[Logged]) -> str:
    if links:
        return "linked"
    state = next((row.after for row in reversed(rows) if row.kind in SOLVE_LOOP), None)
    return "exempt" if state == KnowledgeState.EXEMPT else "unanswered"


def _is_reuse(link: Logged, ticket_id: int, known: Known) -> bool:
    """A link to an article that was not created in this very ticket."""
    born = known.births.get(link.article_id or 0)
    return link.kind == LINK and (born is None or born.ticket_id != ticket_id)


def _is_older(link: Logged, opened: datetime | None, ticket_id: int, known: Known) -> bool:
    """A link to an article that was there before the ticket was."""
    born = known.births.get(link.article_id or 0)
    return _is_reuse(link, ticket_id, known) and (born is None or opened is None or born.at < opened)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _whole(seconds: object) -> int | None:
    return int(seconds) if isinstance(seconds, int | float) else None
