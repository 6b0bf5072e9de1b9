"""Which help centre a connection's articles are in."""

from __future__ import annotations

from sqlalchemy import select

from kcs.database import db
from kcs.errors import InvalidInput
from kcs.publishing.models import Target
from kcs.tickets.models import Connection


def present_target(connection: Connection) -> Target | None:
    """Return the help centre that articles of a connection go to, None where nobody has said so yet."""
    query = select(Target).where(Target.connection_id == connection.id, Target.active).order_by(Target.id)
    return db.session.execute(query).scalars().first()


def target_of(connection: Connection) -> Target:
    """Return the help centre that articles of a connection go to. Raises InvalidInput when there is none."""
    target = present_target(connection)
    if target is None:
        raise InvalidInput(
            "'%(name)s' publishes to no help centre yet: say first where articles go.", name=connection.name
        )
    return target
