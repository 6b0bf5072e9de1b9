"""Agents, teams, who they are on each desk, their licences, and how they sign in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base
from workflow.permissions import Licence, Role


class Team(Base):
    """A group of agents; reports are segmented by it."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Department(Base):
    """A part of the organisation, as support or engineering: its teams are told together in reports.

    Which team belongs to it is what the activity log said last (`kcs.people.departments`).
    """

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class TeamManager(Base):
    """A team and somebody who manages it. A manager may manage several, and a team have several managers."""

    __tablename__ = "team_managers"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True, index=True)


class Agent(Base):
    """A person inside the organisation. `licence` is the latest grant; the history is LicenceGrant.

    `language` and `theme` are how they want the pages; none of either: as their browser asks.
    """

    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    licence: Mapped[Licence | None]
    role_names: Mapped[list[str]] = mapped_column(default=list)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    active: Mapped[bool] = mapped_column(default=True)
    sample: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
    theme: Mapped[str | None]
    created_at: Mapped[datetime]

    team: Mapped[Team | None] = relationship(lazy="joined")

    @property
    def roles(self) -> frozenset[Role]:
        """The roles this person holds beside a licence."""
        return frozenset(Role(name) for name in self.role_names)


class Decision(StrEnum):
    """What an administrator said of a desk user; it stands whatever the desk says later.

    `STAYS`: they left the desk, and are still a colleague.
    """

    MAPPED = "mapped"
    STAYS = "stays"
    MACHINE = "machine"
    NOBODY = "nobody"


class Identity(Base):
    """Who an agent is on a desk; an unknown desk user gets a row without an agent until somebody maps it.

    `active` is false for one who left the desk. A `light` one may note but not answer; a `machine` is nobody.
    `group_names` are their groups there. `undo` holds agent and decision as they were before the last
    `decision`; empty when there is nothing to take back.
    """

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("connection_id", "remote_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    remote_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), index=True)
    email_verified: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    light: Mapped[bool] = mapped_column(default=False)
    machine: Mapped[bool] = mapped_column(default=False)
    group_names: Mapped[list[str]] = mapped_column(default=list)
    decision: Mapped[Decision | None]
    undo: Mapped[dict[str, Any]] = mapped_column(default=dict)

    agent: Mapped[Agent | None] = relationship()

    @property
    def is_machine(self) -> bool:
        """True when the desk says that no person acts under this name, or an administrator does."""
        return self.decision is Decision.MACHINE if self.decision is not None else self.machine


class LicenceGrant(Base):
    """One change of a licence: to what, by whom, when and on what evidence. Never edited."""

    __tablename__ = "licence_grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    licence: Mapped[Licence | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    granted_at: Mapped[datetime]
    evidence: Mapped[str] = mapped_column(default="")


class SignInKind(StrEnum):
    """How a session is carried: by a cookie, or in the memory of a page that a desk holds in a frame."""

    BROWSER = "browser"
    EMBEDDED = "embedded"


class SignIn(Base):
    """A session that can be ended at once; only a hash of its token is kept.

    An embedded one is good for the tickets of its connection alone. One that somebody opened from a browser's
    session (`opened_by_id`) ends with that.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SignInKind] = mapped_column(default=SignInKind.BROWSER)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ins.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiToken(Base):
    """A bearer token that acts as its agent; shown once, kept as a hash."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
