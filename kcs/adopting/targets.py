"""Which help centre a connection's articles are in."""

from __future__ import annotations

from sqlalchemy import select

from kcs.database import db
from kcs.errors import InvalidInput
from kcs.publishing.models import Target
from kcs.tickets.models import Connection


def target_of(connection: Connection) -> Target:
    """Return the help centre that articles of a connection go to. Raises InvalidInput when there is none."""
    query = select(Target).where(Target.connection_id == connection.id, Target.active).order_by(Target.id)
    target = db.session.execute(query).scalars().first()
    if target is None:
        raise InvalidInput(
            "'%(name)s' publishes to no help centre: name its section first.", name=connection.name
        )
    return target
