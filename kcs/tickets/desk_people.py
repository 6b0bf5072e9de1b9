"""The people a reading of a ticket names, as rows of ours: requesters apart, agents by who they are to us."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.people.identities import identify, identify_former
from kcs.people.models import Agent, Identity
from kcs.ports import AuthorKind, DeskUser, TicketSnapshot
from kcs.text import clean, clean_line
from kcs.tickets.models import Connection, Requester


class Directory:
    """The people of one snapshot as rows of ours, each looked up once."""

    def __init__(self, connection: Connection, snapshot: TicketSnapshot) -> None:
        self._connection = connection
        self._users = snapshot.users
        self._requester_id = snapshot.requester_id
        self._identities: dict[str, Identity | None] = {}
        self.requester = self._requester(snapshot.requester_id)

    def agent_id(self, remote_id: str | None) -> int | None:
        """Return our agent behind a desk user, None for customers, machines and strangers."""
        identity = self._identity(remote_id) if remote_id else None
        return None if identity is None or identity.is_machine else identity.agent_id

    def kind(self, remote_id: str) -> AuthorKind:
        """Return what kind of author wrote something; who worked on the desk once did so as an agent."""
        identity = self._identity(remote_id)
        if identity is not None:
            return AuthorKind.SYSTEM if identity.is_machine else AuthorKind.AGENT
        user = self._users.get(remote_id)
        return user.kind if user else AuthorKind.SYSTEM

    def _identity(self, remote_id: str) -> Identity | None:
        if remote_id == self._requester_id and not self._is_agent(remote_id):
            return None
        if remote_id not in self._identities:
            user = self._users.get(remote_id)
            self._identities[remote_id] = identity_of(self._connection, user) if user else None
        return self._identities[remote_id]

    def _is_agent(self, remote_id: str) -> bool:
        user = self._users.get(remote_id)
        return user is not None and user.kind is AuthorKind.AGENT

    def _requester(self, remote_id: str) -> Requester | None:
        user = self._users.get(remote_id)
        if user is None:
            return None
        return _mirror_requester(self._connection, user)


def identity_of(connection: Connection, user: DeskUser) -> Identity | None:
    """Return who the author of something is to us; None for customers, and for rules and automations.

    One who has left the desk is a customer there from then on, or nobody: they stay who they were.
    """
    if user.kind is AuthorKind.AGENT:
        return identify(
            connection.id, user.id, name=user.name, email=user.email, email_verified=user.email_verified
        )
    verified = user.email if user.email_verified else None
    return identify_former(connection.id, user.id, name=user.name, email=verified)


def solver_of(connection: Connection, user: DeskUser | None) -> Agent | None:
    """Return the agent who made a change on the desk, None when it was a machine or nobody of ours."""
    identity = identity_of(connection, user) if user is not None else None
    if identity is None or identity.is_machine or identity.agent_id is None:
        return None
    return db.session.get(Agent, identity.agent_id)


def _mirror_requester(connection: Connection, user: DeskUser) -> Requester:
    query = select(Requester).where(Requester.connection_id == connection.id, Requester.remote_id == user.id)
    requester = db.session.execute(query).scalar_one_or_none()
    if requester is None:
        # Another worker may be mirroring another ticket of the same customer: whoever is later finds the row.
        new = {"connection_id": connection.id, "remote_id": user.id, "name": ""}
        db.session.execute(database.insert(Requester).values(new).on_conflict_do_nothing())
        requester = db.session.execute(query).scalar_one()
    requester.name = clean_line(user.name)
    requester.email = user.email and clean_line(user.email)
    requester.phone = user.phone and clean_line(user.phone)
    requester.address = user.address and clean(user.address, limit=2000)
    return requester
