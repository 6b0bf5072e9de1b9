"""Where a report's counts come from: rows of the log or of facts made of it, one thing counted per row.

The same reading serves every such source: sums by segment, sums by period, and the things behind each sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Subquery

from kcs.metrics.model import Scope, Segment

# The column that tells each segment apart. A source has those of the segments its report offers.
COLUMNS: Mapping[Segment, str] = {
    Segment.AGENT: "agent_id",
    Segment.TEAM: "team_id",
    Segment.DEPARTMENT: "department_id",
    Segment.LICENCE: "licence",
    Segment.DESK: "connection_id",
    Segment.DOMAIN: "domain_id",
    Segment.PRODUCT: "product_id",
    Segment.TAG: "tag_id",
    Segment.OUTCOME: "outcome",
    Segment.ARTICLE: "article_id",
    Segment.OWNER: "owner_id",
    Segment.CREATOR: "creator_id",
    Segment.PLACE: "place",
    Segment.READER: "reader",
    Segment.WORDS: "gist",
    Segment.STATE: "state",
}


@dataclass(frozen=True)
class Source:
    """`rows` selects what a scope covers, one thing counted per row, with these columns:

    - one for each count of the report, 0 or 1 (or a number to be added up),
    - one for each segment of the report (COLUMNS), but for the department, which is that of its `team_id`,
    - `happened_at` (UtcDateTime), by which a thing falls into a period,
    - `ticket_id`, `article_id`, where there is one: what a drill-down shows.

    `sums`, where there is one, selects the same added up by `day` and segment (a column `day`, as
    `kcs.metrics.periods.day_number` counts them), for windows of whole days as of the present; None where it
    cannot answer this scope. `tagged` turns rows into one row per tag, for a segment that a thing may have
    several of.
    """

    rows: Callable[[Scope], Subquery]
    sums: Callable[[Scope], Subquery | None] | None = None
    tagged: Callable[[Subquery], Subquery] | None = None
