"""Opening the app's page: whoever visits gets a session of that page's own.

Either the desk's token is verified and used up, or the page opens empty and asks for our own sign-in, in a
window beside it (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.database import db
from kcs.embedding.services import read_visitor, sign_in_visitor, use_visit
from kcs.errors import ConfigError, NotFound, NotSignedIn
from kcs.people.embedded import open_embedded
from kcs.people.models import Agent
from kcs.ports import AppVisit, DeskAgent, DeskApp, Provider, SigningApp
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection

LONGEST_TOKEN = 8192


@dataclass(frozen=True)
class Opened:
    """Who opened the page, and the token it works with; nobody yet where our own sign-in says who it is."""

    agent: Agent | None = None
    token: str = ""


@dataclass(frozen=True)
class Holder:
    """What may hold the page in a frame, and the script that speaks with it."""

    origins: tuple[str, ...]
    script: str


def open_page(
    name: str, given: str, providers: Mapping[str, Provider], holds: Callable[[Holder], None]
) -> Opened:
    """Sign in whoever the desk's token names, where the desk gives one. Commits.

    `holds` is told who may hold the page as soon as it is known, so that refusals can be shown in its frame
    too. The token is looked at, and the desk asked, outside of any transaction that writes: nothing waits for
    either. Raises NotFound, ConfigError, NotSignedIn, NotAllowed, RemoteError.
    """
    with database.reading():
        connection = active_connection(name)
        app, connection_id = app_of(connection, providers), connection.id
        holds(Holder((*app.origins, *connection.app_hosts), app.script))
        if not isinstance(app, SigningApp):
            return Opened()
        visit = _visit(connection, given, providers[connection.provider])
    use_visit(connection_id, visit)
    db.session.commit()
    return Opened(*_signed_in(connection_id, read_visitor(app, visit.user_id)))


def hand_over(name: str, agent: Agent, opened_by: str, providers: Mapping[str, Provider]) -> str:
    """Open a session of the app's page for somebody signed in here, and return its token. Commits.

    `opened_by` is the token of their browser's session, with which it ends. Raises NotFound, also for a desk
    that says itself who visits; ConfigError, NotSignedIn.
    """
    token = open_embedded(agent, own_sign_in(name, providers).id, opened_by=opened_by)
    db.session.commit()
    return token


def own_sign_in(name: str, providers: Mapping[str, Provider]) -> Connection:
    """Return the connection, whose app has its visitors sign in here. Raises NotFound, ConfigError."""
    connection = active_connection(name)
    if isinstance(app_of(connection, providers), SigningApp):
        raise NotFound("This desk says itself who visits: open the app there.")
    return connection


def active_connection(name: str) -> Connection:
    """Return a connection that is switched on. Raises NotFound."""
    connection = get_connection(name)
    if not connection.active:
        raise NotFound(f"There is no connection '{name}'.")
    return connection


def app_of(connection: Connection, providers: Mapping[str, Provider]) -> DeskApp:
    """Return our app on the desk of a connection. Raises ConfigError."""
    if connection.provider not in providers:
        raise ConfigError(f"There is no provider '{connection.provider}'.")
    provider = providers[connection.provider]
    return provider.app(credentials_of(connection, provider, interactive=True))


def _visit(connection: Connection, given: str, provider: Provider) -> AppVisit:
    if not connection.app_installation or not connection.app_key:
        raise ConfigError("The app's installation and key are not entered yet.")
    if not given or len(given) > LONGEST_TOKEN:
        raise NotSignedIn("No token of the desk came with the visit.")
    return provider.read_visit(
        given, public_key=connection.app_key, audience=connection.app_installation, now=database.now()
    )


def _signed_in(connection_id: int, visitor: DeskAgent) -> tuple[Agent, str]:
    """Two tickets opened at once may both be somebody's first: the second try finds what the other made."""
    try:
        agent, token = sign_in_visitor(connection_id, visitor)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        agent, token = sign_in_visitor(connection_id, visitor)
        db.session.commit()
    return agent, token
