"""Whose articles the rows of a report are about: who looks after them as of a moment, who began them.

The log says whom an article was given to; one that was never given to anybody is its creator's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.links import with_origin
from kcs.metrics.model import Scope, Segment
from kcs.metrics.reach import within
from kcs.metrics.source import COLUMNS

OWNED = "article.owned"
SEGMENTS = (Segment.OWNER, Segment.CREATOR)


def owners(as_of: datetime, *, until: datetime | None = None) -> Subquery:
    """Select whom each article was last given to, as the log said before a moment: one row for each article.

    Columns: `article_id`, `owner_id`, `team_id` of the owner then. `until` leaves out what happened then or
    later. Articles that were never given to anybody are not among them: they are their creator's.
    """
    given = aliased(Activity, name="given")
    known = [given.kind == OWNED, given.recorded_at < as_of]
    if until is not None:
        known.append(given.happened_at < until)
    place = func.row_number().over(partition_by=given.article_id, order_by=given.id.desc())
    ranked = (
        select(
            given.article_id,
            given.detail["owner_id"].as_integer().label("owner_id"),
            given.detail["team_id"].as_integer().label("team_id"),
            place.label("place"),
        )
        .where(*known)
        .subquery("given")
    )
    last = select(ranked.c.article_id, ranked.c.owner_id, ranked.c.team_id).where(ranked.c.place == 1)
    return last.subquery("owners")


def with_owners(found: Subquery, scope: Scope, by: Segment | None) -> Subquery:
    """Add to rows with an `article_id` whose article it is, where rows by owner or by creator are asked.

    Those who see but some people's figures get the rows of these people's articles alone.
    """
    asked = [segment for segment in SEGMENTS if segment in (by, *scope.only.keys)]
    if not asked:
        return found
    given = owners(scope.as_of)
    origin = with_origin(found, found.c.article_id, "owned")
    people: Mapping[Segment, ColumnElement[int | None]] = {
        Segment.OWNER: func.coalesce(given.c.owner_id, origin.author_id),
        Segment.CREATOR: origin.author_id,
    }
    return (
        select(found, *(people[segment].label(COLUMNS[segment]) for segment in asked))
        .select_from(origin.joined.outerjoin(given, given.c.article_id == found.c.article_id))
        .where(*(within(scope.reach, people[segment]) for segment in asked))
        .subquery("with_owners")
    )
