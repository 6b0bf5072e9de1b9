"""Intake and work of the inbox: verify, keep one durable row, later read the ticket and move its loop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from kcs import database, worklist
from kcs.database import db
from kcs.errors import NotSignedIn, RemoteError
from kcs.ports import Credentials, DeskStatus, Provider, TicketSnapshot, VerifiedDelivery
from kcs.publishing.services import look_again
from kcs.solving.desk import follow_desk
from kcs.text import clean_line
from kcs.tickets.accounts import credentials_of
from kcs.tickets.hearing import note_heard, note_refused
from kcs.tickets.history import keep_heard, with_history
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import lock_ticket, mark_deleted, mirror_ticket
from webhooks.body import parse
from webhooks.models import Delivery

NAME = "inbox"
LONGEST_KIND = 120
ARTICLE = "article:"


@dataclass(frozen=True)
class Intake:
    """What the providers and settings say about receiving."""

    providers: Mapping[str, Provider]
    window: int


def receive(intake: Intake, name: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Verify a webhook request and keep it; False when the same invocation or event was kept before.

    Raises NotSignedIn (also for a connection that does not exist: nobody learns which do), BadRequest.
    The row is committed on return: only then may the desk be told that we have it.
    """
    with database.reading():
        # All of it here: a forged request must not hold the write lock while it is checked.
        connection = db.session.execute(
            select(Connection).where(Connection.name == name, Connection.active)
        ).scalar_one_or_none()
        if connection is None:
            raise NotSignedIn("There is no such connection, or its signature is not right.")
        connection_id, provider = connection.id, intake.providers[connection.provider]
        secrets = [s for s in (connection.webhook_secret, connection.previous_webhook_secret) if s]
        verify = partial(provider.verify, headers, body, now=database.now(), window=intake.window)
    try:
        with_former = _prove(verify, secrets) > 0
    except NotSignedIn:
        note_refused(connection_id)
        raise
    read = provider.read_delivery(headers, parse(body))
    kept = _keep(connection_id, read, body)
    if read.ticket_id or read.article_id:  # one that names nothing does not prove that the rules are right
        note_heard(connection_id, kind=read.kind, with_former=with_former)
    return kept


def _prove(verify: Callable[..., None], secrets: list[str]) -> int:
    """Return the place of the secret that the request was made with. Raises NotSignedIn."""
    for place, secret in enumerate(secrets[:-1]):
        with suppress(NotSignedIn):
            verify(secrets=[secret])
            return place
    verify(secrets=secrets[-1:])
    return len(secrets) - 1


def _keep(connection_id: int, read: VerifiedDelivery, body: bytes) -> bool:
    moment = database.now()
    delivery = Delivery(
        connection_id=connection_id,
        delivery_hash=_hash(connection_id, "delivery", read.delivery_id),
        event_hash=_event_hash(connection_id, read),
        kind=clean_line(read.kind, limit=LONGEST_KIND),
        remote_ticket_id=read.ticket_id,
        happened_at=read.happened_at,
        body=body,
        subject=f"{connection_id}:{_about(read)}",
        created_at=moment,
        not_before=moment,
    )
    hashes = delivery.delivery_hash, delivery.event_hash
    db.session.add(delivery)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        if not _is_known(*hashes):
            raise
        return False
    if read.heard is not None and read.ticket_id is not None:
        keep_heard(connection_id, read.ticket_id, read.heard, told_at=moment)
    db.session.info.setdefault("ring", set()).add(NAME)
    db.session.commit()
    return True


def _about(read: VerifiedDelivery) -> str:
    """Return what a delivery is about: work on one thing is done one after the other."""
    return f"{ARTICLE}{read.article_id}" if read.article_id else read.ticket_id or read.delivery_id


def hint(connection_id: int, ticket_id: str, kind: str, key: str, *, background: bool = False) -> bool:
    """Put a ticket into the inbox to be read again, in the present transaction; the bell rings at its commit.

    `key` names the hint among those of its kind: the same one again has no effect. A row of the same ticket
    that nobody has begun to work on makes a hint needless, and so does one of its kind that is parked: what
    cannot be read gets no new row each hour. False in all these cases. `background` rows wait until
    nothing else is due.
    """
    subject, moment = f"{connection_id}:{ticket_id}", database.now()
    is_parked = and_(Delivery.state == worklist.WorkState.PARKED, Delivery.kind == kind)
    waits = select(Delivery.id).where(
        Delivery.subject == subject, or_(Delivery.state == worklist.WorkState.WAITING, is_parked)
    )
    if db.session.execute(waits.limit(1)).first() is not None:
        return False
    made = db.session.execute(
        database.insert(Delivery)
        .values(
            connection_id=connection_id,
            delivery_hash=_hash(connection_id, f"hint {kind}", key),
            kind=clean_line(kind, limit=LONGEST_KIND),
            remote_ticket_id=ticket_id,
            body=b"",
            subject=subject,
            background=background,
            created_at=moment,
            not_before=moment,
        )
        .on_conflict_do_nothing(index_elements=[Delivery.delivery_hash])
        .returning(Delivery.id)
    ).first()
    if made is not None:
        db.session.info.setdefault("ring", set()).add(NAME)
    return made is not None


def erase_payloads(ticket: Ticket) -> None:
    """Empty what deliveries brought about a ticket: the words in them are not to be kept any more."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.subject == f"{ticket.connection_id}:{ticket.remote_id}", Delivery.body != b"")
        .values(body=b"")
    )


def left(connection_id: int, kind: str) -> int:
    """Return how many rows of one kind wait or are being worked on."""
    states = (worklist.WorkState.WAITING, worklist.WorkState.LEASED)
    query = select(func.count()).select_from(Delivery)
    query = query.where(
        Delivery.state.in_(states), Delivery.connection_id == connection_id, Delivery.kind == kind
    )
    return db.session.execute(query).scalar_one()


def arrived(connection_id: int, since: datetime) -> bool:
    """Return whether a delivery of this connection was verified and kept since then; hints are none."""
    with database.reading():
        query = select(Delivery.id).where(
            Delivery.connection_id == connection_id, Delivery.created_at >= since, Delivery.body != b""
        )
        return db.session.execute(query.limit(1)).first() is not None


def _is_known(delivery_hash: str, event_hash: str | None) -> bool:
    same = or_(Delivery.delivery_hash == delivery_hash, Delivery.event_hash == event_hash)
    return db.session.execute(select(Delivery.id).where(same)).first() is not None


def _event_hash(connection_id: int, read: VerifiedDelivery) -> str | None:
    """Return the event's own key, or None when that event's row may have been read already.

    A trigger's key knows whole seconds only: a second change within one must not be taken for a repeat once
    work on the first has begun. Reading the ticket once more is harmless, missing a change is not.
    """
    if read.event_key is None:
        return None
    key = _hash(connection_id, "event", read.event_key)
    begun = select(Delivery.id).where(
        Delivery.event_hash == key, Delivery.state != worklist.WorkState.WAITING
    )
    return None if db.session.execute(begun).first() else key


def _hash(connection_id: int, kind: str, key: str) -> str:
    return hashlib.sha256(f"{connection_id}\0{kind}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()


class Inbox:
    """Works on deliveries: the webhook is a hint, the desk's API is the truth."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    def work(self, held: worklist.Claim) -> None:
        """Read the ticket a delivery hints at, mirror it and move its knowledge state, in one transaction.

        Raises RemoteError when the desk cannot be read now, LeaseLostError when another worker took over.
        """
        with database.reading():
            delivery = db.session.get_one(Delivery, held.id)
            connection = db.session.get_one(Connection, delivery.connection_id)
            remote_id, kind, subject = delivery.remote_ticket_id, delivery.kind, delivery.subject
            provider = self._providers[connection.provider]
            credentials = credentials_of(connection, provider)
            about, asked_at = subject.removeprefix(f"{connection.id}:"), database.now()
        if remote_id is None and about.startswith(ARTICLE):
            asked = look_again(connection.id, about.removeprefix(ARTICLE))
            worklist.finish(Delivery, held, reason="" if asked else "no article of ours")
            worklist.finish_others(Delivery, held)
            db.session.commit()
            return
        if remote_id is None:
            worklist.finish(Delivery, held, reason=f"kept; nothing to do for '{kind}'")
            db.session.commit()
            return
        snapshot = _read(provider, credentials, remote_id)
        connection = db.session.get_one(Connection, connection.id)
        # Before what they brought is looked up: what comes after that has work of its own to come.
        worklist.finish_others(Delivery, held)
        if snapshot is None:
            _forget(connection, remote_id)
        else:
            snapshot = with_history(connection, snapshot, asked_at=asked_at)
            follow_desk(connection, mirror_ticket(connection, snapshot), snapshot)
        worklist.finish(Delivery, held, reason="" if snapshot else "the desk has no such ticket")
        db.session.commit()


def _read(provider: Provider, credentials: Credentials, remote_id: str) -> TicketSnapshot | None:
    """Return the ticket as it is now, None when the desk has it no more."""
    try:
        snapshot = provider.ticket_source(credentials).read_ticket(remote_id)
    except RemoteError as error:
        if error.missing:
            return None
        raise
    return None if snapshot.status is DeskStatus.DELETED else snapshot


def _forget(connection: Connection, remote_id: str) -> None:
    ticket = lock_ticket(connection.id, remote_id)
    if ticket is not None:
        mark_deleted(ticket)
