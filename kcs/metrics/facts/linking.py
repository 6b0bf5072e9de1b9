"""One ticket's rows of the log, replayed: which links stood when, and for which article each counted.

Pure: rows in, facts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from kcs.metrics.facts.merges import Merges
from kcs.metrics.facts.over_time import over_time
from kcs.metrics.facts.replaying import Birth, Logged, standing, standing_links
from kcs.metrics.kinds import EXCLUDED, LINK, LINKING, RESOLUTION, RESTORED, STANDING, UNLINKING

MATTERING = (*LINKING, *UNLINKING, *STANDING, RESTORED)


class Link(NamedTuple):
    """A link that stands; the columns of LinkFact."""

    made_id: int
    happened_at: datetime
    linked_id: int
    article_id: int
    agent_id: int | None
    team_id: int | None
    connection_id: int | None
    authority: str
    resolution: int
    drafted: int
    reused: int


def links_over_time(
    ticket_id: int, rows: Sequence[Logged], merged: Merges, births: Mapping[int, Birth]
) -> list[tuple[datetime, datetime, Link]]:
    """Return the links of a ticket with the moments of recording from and to which they stood.

    `rows` are all of the ticket's, by number.
    """
    linked = {row.article_id for row in rows if row.kind in LINKING and row.article_id}
    if not linked:
        return []
    moments = {row.recorded_at for row in rows if row.kind in MATTERING}
    moments.update(merge.recorded_at for merge in merged.after(linked))
    return over_time((moment, _at(moment, ticket_id, rows, merged, births)) for moment in sorted(moments))


def _at(
    moment: datetime, ticket_id: int, rows: Iterable[Logged], merged: Merges, births: Mapping[int, Birth]
) -> list[Link]:
    known = [row for row in rows if row.recorded_at <= moment]
    last = standing(known)
    if last is not None and last.kind == EXCLUDED:
        return []
    best: dict[int, Link] = {}
    for row in sorted(standing_links(known), key=lambda row: (row.role != RESOLUTION, row.id)):
        if row.article_id:
            counted = merged.counted(row.article_id, row.id, moment)
            best.setdefault(counted, _link(row, counted, ticket_id, births))
    return list(best.values())


def _link(row: Logged, counted: int, ticket_id: int, births: Mapping[int, Birth]) -> Link:
    answers = row.role == RESOLUTION
    elsewhere = all(_begun_in(article, births) != ticket_id for article in (row.article_id, counted))
    return Link(
        made_id=row.id,
        happened_at=row.happened_at,
        linked_id=row.article_id or 0,
        article_id=counted,
        agent_id=row.agent_id,
        team_id=row.team_id,
        connection_id=row.connection_id,
        authority=row.authority,
        resolution=int(answers),
        drafted=int(row.kind != LINK),
        reused=int(answers and row.kind == LINK and elsewhere),
    )


def _begun_in(article: int | None, births: Mapping[int, Birth]) -> int | None:
    born = births.get(article or 0)
    return born.ticket_id if born else None
