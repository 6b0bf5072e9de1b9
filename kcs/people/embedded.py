"""Sessions of pages that a desk holds in a frame: a short-lived bearer token for one connection."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, column, delete, func, select, table

from kcs import database
from kcs.database import db
from kcs.errors import NotSignedIn
from kcs.people.models import Agent, SignIn, SignInKind
from kcs.people.services import TOKEN_BYTES, digest

LASTS = timedelta(hours=1)
AT_MOST = timedelta(hours=12)
# One for each ticket somebody has open; the oldest end first.
MOST_EACH = 200

# Joined by name: connections belong to tickets, which build on people.
_connections = table("connections", column("id"), column("name"), column("active"))


def open_embedded(agent: Agent, connection_id: int, *, opened_by: str | None = None) -> str:
    """Open a session for the pages of one connection; return its token, which is shown only now.

    `opened_by` is the token of the browser's session that it is opened from, and ends with. Raises
    NotSignedIn when that is over.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = database.now()
    parent = None if opened_by is None else _browsers(opened_by)
    db.session.execute(delete(SignIn).where(SignIn.expires_at < moment))
    db.session.execute(delete(SignIn).where(SignIn.id.in_(_too_many(agent))))
    db.session.add(
        SignIn(
            token_hash=digest(token),
            kind=SignInKind.EMBEDDED,
            connection_id=connection_id,
            opened_by_id=None if parent is None else parent.id,
            agent_id=agent.id,
            created_at=moment,
            expires_at=_until(moment, moment, parent),
        )
    )
    return token


def agent_of_embedded(token: str, connection: str) -> Agent | None:
    """Return whose session a token is, None when it is over, unknown or for another connection."""
    query = (
        select(Agent)
        .join(SignIn, SignIn.agent_id == Agent.id)
        .join(_connections, _connections.c.id == SignIn.connection_id)
        .where(*_living(token), _connections.c.name == connection, _connections.c.active)
    )
    agent = db.session.execute(query).scalar_one_or_none()
    return agent if agent is not None and agent.active else None


def extend_embedded(token: str) -> None:
    """Let a session last an hour from now, twelve in all, and no longer than the one it was opened from.

    Raises NotSignedIn when it is over.
    """
    found = db.session.execute(select(SignIn).where(*_living(token))).scalar_one_or_none()
    if found is None:
        raise NotSignedIn("This session is over: open the ticket again.")
    parent = None if found.opened_by_id is None else db.session.get_one(SignIn, found.opened_by_id)
    found.expires_at = _until(database.now(), found.created_at, parent)


def _until(moment: datetime, created_at: datetime, parent: SignIn | None) -> datetime:
    ends = [moment + LASTS, created_at + AT_MOST]
    return min(ends if parent is None else [*ends, parent.expires_at])


def _browsers(token: str) -> SignIn:
    query = select(SignIn).where(
        SignIn.token_hash == digest(token),
        SignIn.kind == SignInKind.BROWSER,
        SignIn.expires_at > database.now(),
    )
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotSignedIn("This session is over: sign in again.")
    return found


def _living(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        SignIn.token_hash == digest(token),
        SignIn.kind == SignInKind.EMBEDDED,
        SignIn.expires_at > database.now(),
    )


def _too_many(agent: Agent) -> list[int]:
    own = select(SignIn.id).where(SignIn.agent_id == agent.id, SignIn.kind == SignInKind.EMBEDDED)
    number = db.session.execute(select(func.count()).select_from(own.subquery())).scalar_one()
    oldest = own.order_by(SignIn.id).limit(max(0, number - MOST_EACH + 1))
    return list(db.session.execute(oldest).scalars())
