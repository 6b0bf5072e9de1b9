"""Opening the app's page: the desk's token is verified, used up, and becomes a session of that page's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.database import db
from kcs.embedding.services import read_visitor, sign_in_visitor, use_visit
from kcs.errors import ConfigError, NotFound, NotSignedIn
from kcs.people.models import Agent
from kcs.ports import AppVisit, DeskAgent, DeskApp, Provider
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection

LONGEST_TOKEN = 8192


@dataclass(frozen=True)
class Opened:
    """Who opened the page, and the token it works with."""

    agent: Agent
    token: str
    app: DeskApp


def open_page(
    name: str, given: str, providers: Mapping[str, Provider], holds: Callable[[DeskApp], None]
) -> Opened:
    """Sign in whoever the desk's token names. Commits.

    `holds` is told of the app as soon as it is known, so that refusals can be shown in its frame too. The
    token is looked at, and the desk asked, outside of any transaction that writes: nothing waits for either.
    Raises NotFound, ConfigError, NotSignedIn, NotAllowed, RemoteError.
    """
    with database.reading():
        connection = get_connection(name)
        if not connection.active:
            raise NotFound(f"There is no connection '{name}'.")
        app, connection_id = app_of(connection, providers), connection.id
        holds(app)
        visit = _visit(connection, given, providers[connection.provider])
    use_visit(connection_id, visit)
    db.session.commit()
    agent, token = _signed_in(connection_id, read_visitor(app, visit.user_id))
    return Opened(agent, token, app)


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
