"""Signing in at a connection's desk: what its client needs; tokens are renewed once for everybody."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from kcs import database
from kcs.errors import RemoteError
from kcs.ports import Credentials, Provider, Tokens
from kcs.sentences import Sentence
from kcs.tickets.budget import SharedBudget
from kcs.tickets.models import Connection

log = logging.getLogger(__name__)

RENEWAL_LASTS = timedelta(seconds=90)  # longer than the longest call, so that two never ask with one token
RENEWAL_PATIENCE = 15.0
RENEWAL_PAUSE = 0.25
LOST_PAUSE = 300.0
INTERACTIVE_PATIENCE, PATIENCE = 3.0, 10.0


def credentials_of(
    connection: Connection,
    provider: Provider,
    *,
    interactive: bool = False,
    patience: float | None = None,
) -> Credentials:
    """Return what the provider's parts need to sign in to this account.

    `interactive` is for calls that a person waits for: others leave them a share of what the vendor allows.
    `patience` is how many seconds a call may wait for room. The calls themselves must not be made within a
    transaction that writes: read the connection in `database.reading()`, or commit first.
    """
    if patience is None:
        patience = INTERACTIVE_PATIENCE if interactive else PATIENCE
    return Credentials(
        connection.subdomain,
        connection.username,
        connection.token,
        connection.api_base,
        budget=SharedBudget(connection.id, interactive=interactive, patience=patience),
        renew=partial(renew, connection.id, provider) if connection.refresh_token is not None else None,
        expires_at=connection.token_expires_at,
    )


def keep_tokens(connection: Connection, tokens: Tokens) -> None:
    """Put both tokens of an authorisation into the connection."""
    connection.token = tokens.access
    connection.refresh_token = tokens.refresh
    connection.token_expires_at = tokens.expires_at
    connection.renewing_until = None
    connection.username = ""
    if tokens.scopes:
        connection.scopes = sorted(tokens.scopes)


def paste_token(connection: Connection, token: str) -> None:
    """Sign in with a token from elsewhere; an authorisation there was is given up."""
    connection.token, connection.active = token, bool(token)
    connection.refresh_token = connection.token_expires_at = connection.renewing_until = None
    connection.scopes = []


def renew(connection_id: int, provider: Provider, old: str) -> str:
    """Return the access token that follows `old`: asked for by one caller, waited for by all others.

    No lock of the database is held while the vendor is asked; a claim that ends by itself is. Raises
    RemoteError when the vendor refuses: then an administrator has to authorise the connection again.
    """
    deadline = time.monotonic() + RENEWAL_PATIENCE
    while True:
        held = _claim(connection_id, old)
        if held.token != old:
            return held.token
        if held.claimed:
            return _ask(held, provider)
        if time.monotonic() > deadline:
            raise RemoteError(
                Sentence("The access token is being renewed, and the vendor is slow to answer."),
                permanent=False,
                retry_after=RENEWAL_LASTS.total_seconds(),
            )
        time.sleep(RENEWAL_PAUSE)


@dataclass(frozen=True)
class _Held:
    """A connection as it was claimed, or found claimed by somebody else."""

    id: int
    name: str
    subdomain: str
    api_base: str | None
    client_id: str
    client_secret: str
    token: str
    refresh_token: str
    claimed: bool


def _claim(connection_id: int, old: str) -> _Held:
    with database.apart() as session:
        now = database.now(session)
        found = session.get_one(Connection, connection_id, with_for_update={"key_share": True})
        free = found.renewing_until is None or found.renewing_until < now
        claimed = free and found.token == old
        if claimed:
            if not found.refresh_token:
                raise _lost(found.name)
            found.renewing_until = now + RENEWAL_LASTS
        return _Held(
            found.id,
            found.name,
            found.subdomain,
            found.api_base,
            found.client_id,
            found.client_secret or "",
            found.token,
            found.refresh_token or "",
            claimed,
        )


def _ask(held: _Held, provider: Provider) -> str:
    """Ask the vendor, and replace both tokens in one transaction before anybody uses the new one.

    Killed between the answer and the commit, both old tokens are dead and the new ones unknown: the next
    renewal is refused, and the administrator is told to authorise again. There is no way round that.
    """
    client = provider.authorisation(
        held.subdomain, held.api_base, client_id=held.client_id, client_secret=held.client_secret
    )
    try:
        tokens = client.refreshed(held.refresh_token)
    except RemoteError as error:
        _give_up(held, lost=error.permanent)
        if error.permanent:
            raise _lost(held.name) from error
        raise
    with database.apart() as session:
        keep_tokens(session.get_one(Connection, held.id, with_for_update={"key_share": True}), tokens)
    log.info("connection %s: the access token was renewed", held.name)
    return tokens.access


def _give_up(held: _Held, *, lost: bool) -> None:
    """Let the next caller ask again; after a refusal there is nothing left to ask with."""
    with database.apart() as session:
        found = session.get_one(Connection, held.id, with_for_update={"key_share": True})
        found.renewing_until = None
        if lost and found.refresh_token == held.refresh_token:
            found.refresh_token = ""


def _lost(name: str) -> RemoteError:
    return RemoteError(
        Sentence(
            "The authorisation of '%(name)s' has ended, or was taken away. An administrator has to give it "
            "again: '%(command)s', or the page of this connection.",
            name=name,
            command=f"kcs connection authorise {name}",
        ),
        permanent=False,
        retry_after=LOST_PAUSE,
    )
