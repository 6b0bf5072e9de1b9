"""One article's rows of the log, replayed: how it began, who first wrote in it when, which states it was in.

Pure: rows in, facts out.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from kcs.metrics.facts.models import FOREVER
from kcs.metrics.facts.over_time import over_time
from kcs.metrics.kinds import EDITED, MOVING, PROPOSED, WRITING

KINDS = (*MOVING, PROPOSED)
_moment = attrgetter("recorded_at")


class Logged(NamedTuple):
    """What a replay reads of one row of the log."""

    id: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    agent_id: int | None
    team_id: int | None
    after: str | None
    detail: Mapping[str, Any]


class Writer(NamedTuple):
    """Somebody and the row by which they first wrote in the article; columns of ArticleWriter."""

    agent_id: int
    team_id: int | None
    written_id: int


class Spell(NamedTuple):
    """A state and how long the article was in it; columns of ArticleSpell."""

    state: str
    since: datetime
    until: datetime


def writers_over_time(rows: Sequence[Logged]) -> list[tuple[datetime, datetime, Writer]]:
    """Return who had written in an article, with the moments of recording from and to which that was known.

    Whoever began or edited it, and whoever proposed a text that was taken over. `rows` are all of the
    article's, by number.
    """
    return over_time(_told_of_writers(rows))


def spells_over_time(rows: Sequence[Logged]) -> list[tuple[datetime, datetime, Spell]]:
    """Return the states an article was in, with the moments of recording from and to which that was known.

    An act that leaves it in its state begins nothing. `rows` are all of the article's, by number.
    """
    return over_time(_told_of_states(rows))


def _told_of_writers(rows: Sequence[Logged]) -> Iterator[tuple[datetime, list[Writer]]]:
    first: dict[int, Writer] = {}
    for moment, wrote in groupby(sorted(_written(rows), key=itemgetter(0)), key=itemgetter(0)):
        for _, writer in wrote:
            known = first.get(writer.agent_id, writer)
            first[writer.agent_id] = min(known, writer, key=attrgetter("written_id"))
        yield moment, list(first.values())


def _written(rows: Sequence[Logged]) -> Iterator[tuple[datetime, Writer]]:
    proposals: defaultdict[Any, list[Logged]] = defaultdict(list)
    for row in rows:
        if row.kind == PROPOSED:
            proposals[row.detail.get("review_id")].append(row)
    for row in rows:
        if row.kind in WRITING:
            number = row.detail.get("review_id") if row.kind == EDITED else None
            for wrote in (row, *(proposals[number] if number is not None else ())):
                if wrote.agent_id is not None:
                    known = max(row.recorded_at, wrote.recorded_at)
                    yield known, Writer(wrote.agent_id, wrote.team_id, row.id)


def _told_of_states(rows: Sequence[Logged]) -> Iterator[tuple[datetime, list[Spell]]]:
    told: list[tuple[datetime, int, str]] = []
    moved = [row for row in rows if row.kind in MOVING and row.after is not None]
    for moment, recorded in groupby(sorted(moved, key=_moment), key=_moment):
        for row in recorded:
            insort(told, (row.happened_at, row.id, row.after or ""))
        yield moment, list(_spells(told))


def _spells(told: Iterable[tuple[datetime, int, str]]) -> Iterator[Spell]:
    begun = [next(rows) for _, rows in groupby(told, key=itemgetter(2))]
    ends = [since for since, _, _ in begun[1:]]
    for (since, _, state), until in zip(begun, [*ends, FOREVER], strict=True):
        if since < until:
            yield Spell(state, since, until)
