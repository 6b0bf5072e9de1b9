"""Who wrote in articles within a window.

Whoever began, edited or brought in an article wrote in it, and whoever proposed a text that was taken over.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Subquery, and_, literal, select, union_all
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.metrics.kinds import EDITED, PROPOSED, WRITING
from kcs.metrics.periods import Window


def written(as_of: datetime, window: Window | None = None) -> Subquery:
    """Select who wrote in which article by which row of the log, in the window if one is given.

    Columns: `written_id`, `article_id`, `agent_id`, `team_id` then, `happened_at`, `proposed`. A proposal
    that was taken over names two people: whoever took it over, and whoever proposed it.
    """
    row, asked = aliased(Activity, name="row"), aliased(Activity, name="asked")
    known = [row.kind.in_(WRITING), row.recorded_at < as_of]
    if window is not None:
        known += [row.happened_at >= window.start, row.happened_at < window.end]
    themselves = select(
        row.id.label("written_id"),
        row.article_id,
        row.agent_id,
        row.team_id,
        row.happened_at,
        literal(0).label("proposed"),
    ).where(*known, row.agent_id.is_not(None))
    proposed = (
        select(
            row.id.label("written_id"),
            row.article_id,
            asked.agent_id,
            asked.team_id,
            row.happened_at,
            literal(1).label("proposed"),
        )
        .join(
            asked,
            and_(
                asked.article_id == row.article_id,
                asked.kind == PROPOSED,
                asked.recorded_at < as_of,
                asked.detail["review_id"].as_integer() == row.detail["review_id"].as_integer(),
            ),
        )
        .where(*known, row.kind == EDITED, asked.agent_id.is_not(None))
    )
    return union_all(themselves, proposed).subquery("written")
