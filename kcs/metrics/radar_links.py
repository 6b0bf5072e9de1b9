"""From a report to the pages of the people in it, for whoever may see these."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from kcs.database import db
from kcs.metrics.model import Segment
from kcs.metrics.reach import within_close
from kcs.metrics.services import Table
from kcs.people.models import Agent


def pages_of_people(table: Table) -> list[tuple[str, str]]:
    """Return name and address of each person that a table has a row of, or is narrowed to, by name."""
    only = table.scope.only.keys.get(Segment.AGENT)
    keys = [row.key for row in table.rows] if table.by is Segment.AGENT else []
    people = [key for key in ([only] if only is not None else keys) if isinstance(key, int)]
    if not people:
        return []
    query = (
        select(Agent.id, Agent.name)
        .where(Agent.id.in_(people), within_close(table.scope.reach, Agent.id))
        .order_by(Agent.name, Agent.id)
    )
    return [(name, url_for("radar.show", agent_id=number)) for number, name in db.session.execute(query)]
