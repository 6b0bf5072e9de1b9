"""The mirror: bring a ticket in step with what the desk's API says it is now."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.ports import DeskStatus, TicketSnapshot
from kcs.sentences import Sentence
from kcs.text import clean, clean_line
from kcs.tickets.accounts import paste_token
from kcs.tickets.desk_people import Directory
from kcs.tickets.hearing import take_as_former
from kcs.tickets.knowledge_tags import own_tags
from kcs.tickets.models import ClosePolicy, Connection, Message, Ticket
from kcs.tickets.signals import product_field_changed, ticket_opened, words_taken_back


def add_connection(
    name: str,
    *,
    provider: str,
    subdomain: str,
    token: str = "",
    username: str = "",
    webhook_secret: str | None = None,
    api_base: str | None = None,
    client_id: str = "",
    client_secret: str | None = None,
    by: Agent | None = None,
) -> Connection:
    """Add a desk account; without a token it rests until an administrator of the desk has agreed.

    Raises InvalidInput when the name is taken or cannot stand in an address.
    """
    refuse_name(name)
    connection = Connection(
        name=name,
        provider=provider,
        subdomain=subdomain,
        username=username,
        token=token,
        webhook_secret=webhook_secret,
        api_base=api_base,
        client_id=client_id,
        client_secret=client_secret,
        active=bool(token),
        created_at=database.now(),
    )
    db.session.add(connection)
    db.session.flush()
    _record("connection.added", connection, by)
    return connection


def refuse_name(name: str) -> None:
    """Raise InvalidInput when a connection's name is taken or cannot stand in an address."""
    if name == "new" or not name.replace("-", "").isalnum() or not name.isascii():
        raise InvalidInput(
            "'%(name)s' is no name for a connection: use letters, digits and hyphens.",
            name=name,
            errors={"name": [Sentence("letters, digits and hyphens")]},
        )
    if db.session.execute(select(Connection.id).where(Connection.name == name)).first():
        raise InvalidInput(
            "There is a connection '%(name)s' already.",
            name=name,
            errors={"name": [Sentence("already in use")]},
        )


def rotate_webhook_secret(connection: Connection, secret: str, *, by: Agent | None = None) -> None:
    """Accept `secret` from now on; the present one stays valid until the next rotation."""
    connection.previous_webhook_secret = connection.webhook_secret
    connection.webhook_secret = secret
    take_as_former(connection.id)
    _record("connection.secret_rotated", connection, by)


def end_former_secret(connection: Connection, *, by: Agent | None = None) -> None:
    """Refuse the secret before the present one from now on. Again changes nothing."""
    if connection.previous_webhook_secret is not None:
        connection.previous_webhook_secret = None
        _record("connection.former_secret_ended", connection, by)


def change_key(connection: Connection, key: str, *, by: Agent | None = None) -> None:
    """Sign in with another key from now on; the connection works from now on."""
    paste_token(connection, key)
    _record("connection.key_changed", connection, by)


def switch_connection(connection: Connection, *, active: bool, by: Agent | None = None) -> None:
    """Let a connection rest, or work again: a resting one's webhooks are refused, nothing is read or sent.

    Raises InvalidInput when nobody has authorised it yet.
    """
    if active and not connection.token:
        raise InvalidInput("'%(name)s' is not authorised yet.", name=connection.name)
    if connection.active is not active:
        connection.active = active
        _record("connection.switched_on" if active else "connection.switched_off", connection, by)


def set_closing(connection: Connection, policy: ClosePolicy, *, by: Agent | None = None) -> None:
    """Say what happens from now on when a ticket is solved without knowledge. Again changes nothing."""
    if connection.closing is policy:
        return
    before, connection.closing = connection.closing, policy
    _record("connection.closing_set", connection, by, before=before.value, after=policy.value)


def set_product_field(connection: Connection, field: str, *, by: Agent | None = None) -> None:
    """Say which ticket field names the product, by its number or name on the desk; empty for none.

    What was solved before is measured again. Again changes nothing.
    """
    field = clean_line(field, limit=100)
    if connection.product_field == field:
        return
    connection.product_field = field
    _record("connection.product_field_set", connection, by)
    product_field_changed.send(connection)


def _record(
    kind: str,
    connection: Connection,
    by: Agent | None,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Record what happened to a connection: by an administrator on a page, or from the command line."""
    record(
        kind,
        authority="role:admin" if by else "system",
        agent=by,
        connection_id=connection.id,
        before=before,
        after=after,
    )


def lock_ticket(connection_id: int, remote_id: str) -> Ticket | None:
    """Return the mirrored ticket, held until the end of the transaction; None when there is none yet."""
    query = select(Ticket).where(Ticket.connection_id == connection_id, Ticket.remote_id == remote_id)
    return db.session.execute(
        query.with_for_update(key_share=True, of=Ticket), execution_options={"populate_existing": True}
    ).scalar_one_or_none()


def mirror_ticket(connection: Connection, snapshot: TicketSnapshot) -> Ticket:
    """Write what was read. A reading older than the mirror changes nothing but missing messages.

    A ticket that was deleted and can be read again is back, with its state and its history.
    """
    ticket = lock_ticket(connection.id, snapshot.id)
    people, is_new = Directory(connection, snapshot), ticket is None
    if ticket is None:
        ticket = Ticket(connection_id=connection.id, connection=connection, remote_id=snapshot.id)
        _copy(ticket, snapshot, people)
        db.session.add(ticket)
        is_latest = True
    elif is_latest := snapshot.updated_at >= ticket.desk_updated_at:
        if ticket.status is DeskStatus.DELETED:
            _restore(ticket)
        _copy(ticket, snapshot, people)
    db.session.flush()
    changed = _mirror_messages(ticket, snapshot, people, rewrite=is_latest)
    if is_new:
        ticket_opened.send(ticket)
    elif changed:
        db.session.flush()
        words_taken_back.send(ticket)
    return ticket


def mark_deleted(ticket: Ticket) -> None:
    """The desk has this ticket no more: it leaves lists and reports, its history stays."""
    if ticket.status is DeskStatus.DELETED:
        return
    before, ticket.status = ticket.status, DeskStatus.DELETED
    ticket.deleted_at = database.now()
    _exclude(ticket, "deleted", before.value, DeskStatus.DELETED.value)


def mark_merged(ticket: Ticket) -> None:
    """Its matter goes on in another ticket, which is the one that counts: nobody solved this one."""
    ticket.merged, ticket.solver_id = True, None
    _exclude(ticket, "merged", ticket.status.value, ticket.status.value)


def solved_before_us(ticket: Ticket) -> bool:
    """True when the ticket was solved before its desk was connected: nobody is asked to make up for that."""
    return ticket.solved_at is not None and ticket.solved_at < ticket.connection.created_at


def _restore(ticket: Ticket) -> None:
    ticket.deleted_at = ticket.erased_at = None
    record(
        "ticket.restored",
        authority=f"desk:{ticket.connection_id}",
        ticket_id=ticket.id,
        connection_id=ticket.connection_id,
        before=DeskStatus.DELETED.value,
        after=ticket.knowledge_state.value,
    )
    if ticket.merged:
        mark_merged(ticket)  # back, but still no ticket to count


def _exclude(ticket: Ticket, reason: str, before: str, after: str) -> None:
    record(
        "ticket.excluded",
        authority=f"desk:{ticket.connection_id}",
        ticket_id=ticket.id,
        connection_id=ticket.connection_id,
        before=before,
        after=after,
        detail={"reason": reason},
    )


def _copy(ticket: Ticket, snapshot: TicketSnapshot, people: Directory) -> None:
    ticket.subject = clean_line(snapshot.subject, limit=1000)
    ticket.status = snapshot.status
    ticket.requester_id = people.requester.id if people.requester else None
    ticket.assignee_id = people.agent_id(snapshot.assignee_id)
    ticket.opened_at = snapshot.created_at
    ticket.desk_updated_at, ticket.read_at = snapshot.updated_at, database.now()
    ticket.url = snapshot.url
    ticket.locale = snapshot.locale
    ticket.follows = snapshot.follows
    tags, connection = map(clean_line, snapshot.tags), ticket.connection
    ticket.tags = [tag for tag in tags if tag not in own_tags(connection)]
    fields = {key: value for key, value in snapshot.fields.items() if key != connection.state_field}
    ticket.fields = {key: clean_line(value, limit=1000) for key, value in fields.items()}


def _mirror_messages(ticket: Ticket, snapshot: TicketSnapshot, people: Directory, *, rewrite: bool) -> bool:
    """Add what is missing and, with `rewrite`, follow what changed; True when words of a message did."""
    query = select(Message).where(Message.ticket_id == ticket.id)
    present = {message.remote_id: message for message in db.session.execute(query).scalars()}
    changed = False
    for read in snapshot.messages:
        if read.marker:
            continue  # our own note: nobody said it
        body, message = clean(read.body), present.get(read.id)
        if message is None:
            message = Message(
                ticket_id=ticket.id,
                remote_id=read.id,
                author_kind=people.kind(read.author_id),
                agent_id=people.agent_id(read.author_id),
                public=read.public,
                body=body,
                created_at=read.created_at,
            )
            db.session.add(message)
        elif rewrite:
            # Redacted or made private on the desk: the mirror follows.
            changed = changed or message.body != body
            message.body, message.public = body, read.public
    return changed
