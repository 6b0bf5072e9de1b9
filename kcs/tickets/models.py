"""The mirror of the desks: connections, tickets, messages, and the requesters apart."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base, Encrypted, Json, Said
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskStatus
from workflow.solve import KnowledgeState


class ClosePolicy(StrEnum):
    """What happens when a ticket of a connection is solved without knowledge."""

    REMIND = "remind"
    DRAFT = "draft"
    PROMPT = "prompt"
    REQUIRE = "require"
    NOTHING = "nothing"


class WriteBack(StrEnum):
    """What is written to the desk's tickets; each is switched on for a connection by itself."""

    SUGGESTIONS = "suggestions"
    REMINDER = "reminder"
    TAG = "tag"
    FIELD = "field"
    PINS = "pins"


class Connection(Base):
    """One account at a help desk. Secrets are encrypted; two webhook secrets are valid in a rotation.

    With `refresh_token` the token is one of OAuth's, valid until `token_expires_at`, and `client_id` with its
    secret is who asks for the next; until `renewing_until` somebody is asking. Without a token nobody has
    agreed to the connection yet. `app_installation` and `app_key` (PEM) are whom visits of the sidebar app
    must come from, `app_hosts` the origins that may hold our page beside those the provider names. `writes`
    holds what is written to tickets, `state_field` the field for their state, `tag_prefix` what our tags
    begin with; the desk has no pins, as far as we know, before `no_pins_until`. `product_field` is the
    ticket field that says which product a ticket is about.
    """

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    subdomain: Mapped[str]
    username: Mapped[str] = mapped_column(default="")
    api_base: Mapped[str | None]
    token: Mapped[str] = mapped_column(Encrypted)
    webhook_secret: Mapped[str | None] = mapped_column(Encrypted)
    previous_webhook_secret: Mapped[str | None] = mapped_column(Encrypted)
    active: Mapped[bool] = mapped_column(default=True)
    closing: Mapped[ClosePolicy] = mapped_column(default=ClosePolicy.REMIND)
    client_id: Mapped[str] = mapped_column(default="")
    client_secret: Mapped[str | None] = mapped_column(Encrypted)
    refresh_token: Mapped[str | None] = mapped_column(Encrypted)
    token_expires_at: Mapped[datetime | None]
    renewing_until: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    webhook_id: Mapped[str | None]
    app_installation: Mapped[str | None]
    app_key: Mapped[str | None]
    app_hosts: Mapped[list[str]] = mapped_column(default=list)
    writes: Mapped[list[str]] = mapped_column(default=list)
    state_field: Mapped[str] = mapped_column(default="")
    tag_prefix: Mapped[str] = mapped_column(default="kcs_")
    product_field: Mapped[str] = mapped_column(default="")
    no_pins_until: Mapped[datetime | None]
    deactivate_leavers: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class CallWindow(Base):
    """How many calls to a desk were made lately under one name, by everybody.

    `slots` maps numbers of slots of time to calls counted in them. `allowed` is how many the vendor says it
    allows, instead of what we assume; until `paused_until` it wants none.
    """

    __tablename__ = "call_windows"
    __table_args__ = (Index("ix_call_windows_touched_at", "touched_at"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    allowed: Mapped[int | None]
    paused_until: Mapped[datetime | None]
    touched_at: Mapped[datetime]


class ConnectionHealth(Base):
    """How a desk has answered lately. After several `failures` in a row nobody calls until `closed_until`.

    `warnings` is what the vendor warned of, newest last; `checks` what the last check of the connection saw.
    `heard_at` is when a delivery last came with the present webhook secret, `heard_kind` what it told,
    `former_heard_at` when one last came with the secret before,
    `refused_at` when something came that proved none.
    """

    __tablename__ = "connection_health"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Said, default="")
    warnings: Mapped[list[str]] = mapped_column(default=list)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    checked_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    heard_kind: Mapped[str] = mapped_column(default="")
    former_heard_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class AuthorisationRequest(Base):
    """An administrator was sent to the vendor to agree; who comes back with the state may go on, once."""

    __tablename__ = "authorisation_requests"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    verifier: Mapped[str] = mapped_column(Encrypted)
    created_at: Mapped[datetime]


class Requester(Base):
    """The customer who asked: the only table with customers' names and addresses."""

    __tablename__ = "requesters"
    __table_args__ = (UniqueConstraint("connection_id", "remote_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    remote_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]


class Ticket(Base):
    """A ticket as last read from the desk, and its knowledge state.

    `solver_id` is who made the solving change, not the assignee; `solver_remote_id` is that author on the
    desk, whoever they are to us. Of a desk that keeps no history it may be `solver_inferred`: then it is the
    assignee. `came_from` is the state it was solved in. `merged` says that its matter
    went on in another ticket; `follows` is the desk's id of the closed ticket it takes up again. `deleted_at`
    is when we found it deleted there, `erased_at` when its words were taken out of the mirror; `read_at`
    when the mirror last took it over.
    `last_change_id` and `last_change_at` mark how far the desk's status history has been taken into account.
    `measured` is what the log last said of it as a solved one (`kcs.solving.measuring`).
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("connection_id", "remote_id"),
        Index("ix_tickets_unfinished", "knowledge_state", "solved_at"),
        Index("ix_tickets_solver", "solver_id", "knowledge_state"),
        Index("ix_tickets_assignee", "assignee_id", "status"),
        Index("ix_tickets_solver_remote_id", "connection_id", "solver_remote_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    remote_id: Mapped[str]
    subject: Mapped[str]
    status: Mapped[DeskStatus]
    knowledge_state: Mapped[KnowledgeState] = mapped_column(default=KnowledgeState.CAPTURE)
    came_from: Mapped[KnowledgeState | None]
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("requesters.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    solver_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    solver_remote_id: Mapped[str | None]
    solver_inferred: Mapped[bool] = mapped_column(default=False)
    solved_at: Mapped[datetime | None]
    merged: Mapped[bool] = mapped_column(default=False)
    follows: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    desk_updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    url: Mapped[str]
    locale: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    fields: Mapped[dict[str, str]] = mapped_column(default=dict)
    last_change_id: Mapped[str | None]
    last_change_at: Mapped[datetime | None]
    measured: Mapped[dict[str, Any] | None]

    connection: Mapped[Connection] = relationship(lazy="joined")
    requester: Mapped[Requester | None] = relationship()
    assignee: Mapped[Agent | None] = relationship(foreign_keys=[assignee_id])
    solver: Mapped[Agent | None] = relationship(foreign_keys=[solver_id])
    messages: Mapped[list[Message]] = relationship(
        order_by="Message.created_at, Message.id", back_populates="ticket"
    )


class StatusMark(Base):
    """One thing known of a ticket's status, of a desk that keeps no history (`kcs.tickets.history`).

    A change that was `heard` when it happened, with its author, or else a status the ticket was in `at` some
    moment; `exact` says that it was solved just then. Name and address are kept of agents alone. `told_at` is
    when we learnt of it. The ticket need not be mirrored yet.
    """

    __tablename__ = "status_marks"
    __table_args__ = (
        UniqueConstraint("connection_id", "remote_ticket_id", "at", "heard", "after", "author_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    remote_ticket_id: Mapped[str]
    at: Mapped[datetime]
    heard: Mapped[bool]
    exact: Mapped[bool] = mapped_column(default=False)
    before: Mapped[DeskStatus | None]
    after: Mapped[DeskStatus]
    author_id: Mapped[str] = mapped_column(default="")
    author_kind: Mapped[AuthorKind | None]
    author_name: Mapped[str] = mapped_column(default="")
    author_email: Mapped[str | None]
    email_verified: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime]


class Message(Base):
    """A public reply or private note. Agents are named by id; customers only through the requester."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("ticket_id", "remote_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    remote_id: Mapped[str]
    author_kind: Mapped[AuthorKind]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    public: Mapped[bool]
    body: Mapped[str]
    created_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(back_populates="messages")
    agent: Mapped[Agent | None] = relationship()
