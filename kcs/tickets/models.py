"""The mirror of the desks: connections, tickets, messages, and the requesters apart."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base, Encrypted
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
    secret is who asks for the next. `app_installation` and `app_key` (PEM) are whom visits of the sidebar app
    must come from. `writes` holds what is written to tickets, `state_field` the field for their state.
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
    scopes: Mapped[list[str]] = mapped_column(default=list)
    webhook_id: Mapped[str | None]
    app_installation: Mapped[str | None]
    app_key: Mapped[str | None]
    writes: Mapped[list[str]] = mapped_column(default=list)
    state_field: Mapped[str] = mapped_column(default="")
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

    `solver_id` is who made the solving change, not the assignee. `came_from` is the state it was solved in.
    `last_change_id` and `last_change_at` mark how far the desk's status history has been taken into account.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("connection_id", "remote_id"),
        Index("ix_tickets_unfinished", "knowledge_state", "solved_at"),
        Index("ix_tickets_solver", "solver_id", "knowledge_state"),
        Index("ix_tickets_assignee", "assignee_id", "status"),
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
    solved_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    desk_updated_at: Mapped[datetime]
    url: Mapped[str]
    locale: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    fields: Mapped[dict[str, str]] = mapped_column(default=dict)
    last_change_id: Mapped[str | None]
    last_change_at: Mapped[datetime | None]

    connection: Mapped[Connection] = relationship(lazy="joined")
    requester: Mapped[Requester | None] = relationship()
    assignee: Mapped[Agent | None] = relationship(foreign_keys=[assignee_id])
    solver: Mapped[Agent | None] = relationship(foreign_keys=[solver_id])
    messages: Mapped[list[Message]] = relationship(
        order_by="Message.created_at, Message.id", back_populates="ticket"
    )


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
