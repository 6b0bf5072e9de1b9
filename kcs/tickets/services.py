"""The mirror: bring a ticket in step with what the desk's API says it is now."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.people.services import identify
from kcs.ports import AuthorKind, Credentials, DeskStatus, DeskUser, TicketSnapshot
from kcs.text import clean, clean_line
from kcs.tickets.models import ClosePolicy, Connection, Message, Requester, Ticket


def add_connection(
    name: str,
    *,
    provider: str,
    subdomain: str,
    token: str,
    username: str = "",
    webhook_secret: str | None = None,
    api_base: str | None = None,
) -> Connection:
    """Add a desk account. Raises InvalidInput when the name is taken or cannot stand in an address."""
    if not name or not name.replace("-", "").isalnum() or not name.isascii():
        raise InvalidInput(f"'{name}' is no name for a connection: use letters, digits and hyphens.")
    if db.session.execute(select(Connection.id).where(Connection.name == name)).first():
        raise InvalidInput(f"There is a connection '{name}' already.")
    connection = Connection(
        name=name,
        provider=provider,
        subdomain=subdomain,
        username=username,
        token=token,
        webhook_secret=webhook_secret,
        api_base=api_base,
        created_at=database.now(),
    )
    db.session.add(connection)
    db.session.flush()
    record("connection.added", authority="system", connection_id=connection.id)
    return connection


def rotate_webhook_secret(connection: Connection, secret: str) -> None:
    """Accept `secret` from now on; the present one stays valid until the next rotation."""
    connection.previous_webhook_secret = connection.webhook_secret
    connection.webhook_secret = secret
    record("connection.secret_rotated", authority="system", connection_id=connection.id)


def set_closing(connection: Connection, policy: ClosePolicy) -> None:
    """Say what happens from now on when a ticket is solved without knowledge. Again changes nothing."""
    if connection.closing is policy:
        return
    before, connection.closing = connection.closing, policy
    record(
        "connection.closing_set",
        authority="system",
        connection_id=connection.id,
        before=before.value,
        after=policy.value,
    )


def credentials_of(connection: Connection) -> Credentials:
    """Return what the provider needs to sign in."""
    return Credentials(connection.subdomain, connection.username, connection.token, connection.api_base)


def lock_ticket(connection_id: int, remote_id: str) -> Ticket | None:
    """Return the mirrored ticket, held until the end of the transaction; None when there is none yet."""
    query = select(Ticket).where(Ticket.connection_id == connection_id, Ticket.remote_id == remote_id)
    return db.session.execute(
        query.with_for_update(key_share=True, of=Ticket), execution_options={"populate_existing": True}
    ).scalar_one_or_none()


def mirror_ticket(connection: Connection, snapshot: TicketSnapshot) -> Ticket:
    """Write what was read. A reading older than the mirror changes nothing but missing messages."""
    ticket = lock_ticket(connection.id, snapshot.id)
    people = _Directory(connection, snapshot)
    if ticket is None:
        ticket = Ticket(connection_id=connection.id, connection=connection, remote_id=snapshot.id)
        _copy(ticket, snapshot, people)
        db.session.add(ticket)
    elif snapshot.updated_at >= ticket.desk_updated_at:
        _copy(ticket, snapshot, people)
    db.session.flush()
    _mirror_messages(ticket, snapshot, people)
    return ticket


def mark_deleted(ticket: Ticket) -> None:
    """The desk has this ticket no more: it leaves lists and reports, its history stays."""
    if ticket.status is DeskStatus.DELETED:
        return
    before, ticket.status = ticket.status, DeskStatus.DELETED
    record(
        "ticket.excluded",
        authority=f"desk:{ticket.connection_id}",
        ticket_id=ticket.id,
        connection_id=ticket.connection_id,
        before=before.value,
        after=DeskStatus.DELETED.value,
        detail={"reason": "deleted"},
    )


class _Directory:
    """The people of one snapshot as rows of ours, each looked up once."""

    def __init__(self, connection: Connection, snapshot: TicketSnapshot) -> None:
        self._connection = connection
        self._users = snapshot.users
        self._agents: dict[str, int | None] = {}
        self.requester = self._requester(snapshot.requester_id)

    def agent_id(self, remote_id: str | None) -> int | None:
        """Return our agent behind a desk user, None for customers, machines and strangers."""
        user = self._users.get(remote_id) if remote_id else None
        if user is None or user.kind is not AuthorKind.AGENT:
            return None
        if user.id not in self._agents:
            identity = identify(
                self._connection.id,
                user.id,
                name=user.name,
                email=user.email,
                email_verified=user.email_verified,
            )
            self._agents[user.id] = identity.agent_id
        return self._agents[user.id]

    def kind(self, remote_id: str) -> AuthorKind:
        """Return what kind of author wrote something."""
        user = self._users.get(remote_id)
        return user.kind if user else AuthorKind.SYSTEM

    def _requester(self, remote_id: str) -> Requester | None:
        user = self._users.get(remote_id)
        if user is None:
            return None
        return _mirror_requester(self._connection, user)


def solver_of(connection: Connection, user: DeskUser | None) -> Agent | None:
    """Return the agent who made a change on the desk, None when it was nobody of ours."""
    if user is None or user.kind is not AuthorKind.AGENT:
        return None
    identity = identify(
        connection.id, user.id, name=user.name, email=user.email, email_verified=user.email_verified
    )
    return db.session.get(Agent, identity.agent_id) if identity.agent_id else None


def _mirror_requester(connection: Connection, user: DeskUser) -> Requester:
    found = db.session.execute(
        select(Requester).where(Requester.connection_id == connection.id, Requester.remote_id == user.id)
    ).scalar_one_or_none()
    requester = found or Requester(connection_id=connection.id, remote_id=user.id)
    requester.name = clean_line(user.name)
    requester.email = user.email and clean_line(user.email)
    requester.phone = user.phone and clean_line(user.phone)
    requester.address = user.address and clean(user.address, limit=2000)
    if found is None:
        db.session.add(requester)
        db.session.flush()
    return requester


def _copy(ticket: Ticket, snapshot: TicketSnapshot, people: _Directory) -> None:
    ticket.subject = clean_line(snapshot.subject, limit=1000)
    ticket.status = snapshot.status
    ticket.requester_id = people.requester.id if people.requester else None
    ticket.assignee_id = people.agent_id(snapshot.assignee_id)
    ticket.opened_at = snapshot.created_at
    ticket.desk_updated_at = snapshot.updated_at
    ticket.url = snapshot.url
    ticket.locale = snapshot.locale
    ticket.tags = [clean_line(tag) for tag in snapshot.tags]
    ticket.fields = {key: clean_line(value, limit=1000) for key, value in snapshot.fields.items()}


def _mirror_messages(ticket: Ticket, snapshot: TicketSnapshot, people: _Directory) -> None:
    present = {
        message.remote_id: message
        for message in db.session.execute(select(Message).where(Message.ticket_id == ticket.id)).scalars()
    }
    for read in snapshot.messages:
        message = present.get(read.id)
        if message is None:
            message = Message(
                ticket_id=ticket.id,
                remote_id=read.id,
                author_kind=people.kind(read.author_id),
                agent_id=people.agent_id(read.author_id),
                created_at=read.created_at,
            )
            db.session.add(message)
        # Redacted or made private on the desk: the mirror follows.
        message.body, message.public = clean(read.body), read.public
