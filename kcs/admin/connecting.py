"""Connecting a desk: an administrator of the account agrees, then the webhook is set up.

Each act speaks with the desk between two transactions, so each commits by itself: first what was agreed on
here, then what the desk made of it. Done twice, each ends the same.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import BadRequest, NotAllowed
from kcs.people.models import Agent
from kcs.ports import Authorisation, ByHand, Credentials, Provider, Webhook
from kcs.tickets.accounts import credentials_of, keep_tokens
from kcs.tickets.models import AuthorisationRequest, Connection
from kcs.tickets.services import rotate_webhook_secret

LASTS = timedelta(minutes=15)
ADMIN = "role:admin"


@dataclass(frozen=True)
class Desk:
    """A connection, read once: what is needed to speak with its desk outside any transaction."""

    id: int
    name: str
    provider: Provider
    credentials: Credentials
    webhook_id: str | None


def desk_of(connection: Connection, provider: Provider) -> Desk:
    """Read what is needed of a connection."""
    credentials = credentials_of(connection, provider, interactive=True)
    return Desk(connection.id, connection.name, provider, credentials, connection.webhook_id)


def client_of(connection: Connection, provider: Provider) -> Authorisation:
    """Return the OAuth client of a connection. Raises ConfigError for an impossible subdomain."""
    return provider.authorisation(
        connection.subdomain,
        connection.api_base,
        client_id=connection.client_id,
        client_secret=connection.client_secret or "",
    )


def ask_to_agree(connection: Connection, client: Authorisation, *, by: Agent, back: str) -> tuple[str, str]:
    """Return the vendor's page where an administrator agrees, and the state that must come back from there.

    Good for a quarter of an hour, once, for this agent. Raises ConfigError without an OAuth client.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    address = client.address(redirect_uri=back, state=state, verifier=verifier)
    now = database.now()
    old = AuthorisationRequest.created_at < now - LASTS
    db.session.execute(delete(AuthorisationRequest).where(old).execution_options(synchronize_session=False))
    request = AuthorisationRequest(
        state_hash=_hash(state),
        connection_id=connection.id,
        agent_id=by.id,
        verifier=verifier,
        created_at=now,
    )
    db.session.add(request)
    record("connection.authorisation_asked", authority=ADMIN, agent=by, connection_id=connection.id)
    db.session.commit()
    return address, state


@dataclass(frozen=True)
class Returned:
    """An administrator came back from the vendor's page, for this connection."""

    connection_id: int
    name: str
    verifier: str


def take_up(state: str, *, by: Agent) -> Returned:
    """Return whom a state that comes back is for; it does not come back twice.

    Raises NotAllowed for one that is not this agent's, was used, or is too old.
    """
    query = select(AuthorisationRequest).where(
        AuthorisationRequest.state_hash == _hash(state), AuthorisationRequest.agent_id == by.id
    )
    request = db.session.execute(query.with_for_update()).scalar_one_or_none()
    if request is None or request.created_at < database.now() - LASTS:
        db.session.rollback()
        raise NotAllowed("This authorisation was not asked for here, is used up or too old. Begin again.")
    connection = db.session.get_one(Connection, request.connection_id)
    returned = Returned(connection.id, connection.name, request.verifier)
    db.session.delete(request)
    db.session.commit()
    return returned


def agree(returned: Returned, code: str, provider: Provider, *, by: Agent, back: str) -> None:
    """Exchange the code an administrator came back with; the connection works from now on.

    Raises BadRequest without a code, RemoteError, ConfigError.
    """
    if not code:
        raise BadRequest("Nobody agreed: the connection is as it was.")
    with database.reading():
        client = client_of(db.session.get_one(Connection, returned.connection_id), provider)
    tokens = client.tokens_for(code, redirect_uri=back, verifier=returned.verifier)
    connection = db.session.get_one(Connection, returned.connection_id, with_for_update={"key_share": True})
    keep_tokens(connection, tokens)
    connection.active = True
    record("connection.authorised", authority=ADMIN, agent=by, connection_id=connection.id)
    db.session.commit()


def install_webhook(connection_id: int, provider: Provider, base_url: str, *, by: Agent | None) -> Webhook:
    """Set up the webhook on the desk and keep its secret. Raises RemoteError, ConfigError.

    A secret of ours that was made before stays, and None is returned for it.
    """
    with database.reading():
        desk = desk_of(db.session.get_one(Connection, connection_id), provider)
    made = provider.webhooks(desk.credentials).install(*_named(desk.name, base_url))
    connection = db.session.get_one(Connection, connection_id, with_for_update={"key_share": True})
    connection.webhook_id = made.id or None
    if provider.set_up.secret_is_ours and connection.webhook_secret:
        made = replace(made, secret=None)
    if made.secret and made.secret != connection.webhook_secret:
        rotate_webhook_secret(connection, made.secret, by=by)
    record(
        "connection.webhook_installed",
        authority=ADMIN if by else "system",
        agent=by,
        connection_id=connection_id,
        detail={"kind": made.kind},
    )
    db.session.commit()
    return made


def steps_by_hand(connection: Connection, provider: Provider, base_url: str) -> tuple[ByHand, ...]:
    """Return how an administrator makes the webhook; none where the desk is asked to make it itself."""
    if not provider.set_up.secret_is_ours:
        return ()
    webhooks = provider.webhooks(desk_of(connection, provider).credentials)
    return webhooks.install(*_named(connection.name, base_url)).steps


def renew_webhook_secret(connection_id: int, provider: Provider, *, by: Agent | None) -> str:
    """Take a new secret, which the desk signs with or brings along, and return it.

    What comes with the one before stays valid. Raises RemoteError, BadRequest for a webhook made by hand
    whose secret is the desk's.
    """
    with database.reading():
        desk = desk_of(db.session.get_one(Connection, connection_id), provider)
    if desk.webhook_id is None and not provider.set_up.secret_is_ours:
        raise BadRequest("This webhook was made by hand: rotate its secret there, and enter the new one.")
    secret = provider.webhooks(desk.credentials).rotate(desk.webhook_id or "")
    connection = db.session.get_one(Connection, connection_id, with_for_update={"key_share": True})
    rotate_webhook_secret(connection, secret, by=by)
    db.session.commit()
    return secret


def _named(name: str, base_url: str) -> tuple[str, str]:
    """Return what a connection's webhook is called on the desk, and where it leads."""
    return f"KCS engine ({name})", f"{base_url}/webhooks/{name}"


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
