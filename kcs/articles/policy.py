"""What an organisation sets for its articles: knowledge domains, templates of its own, who may do what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kcs.database import Base, Json
from kcs.people.models import Agent
from workflow.permissions import Governance


class Expiry(StrEnum):
    """What happens when nobody used or checked an article for the length of its domain's interval."""

    ASK_OWNER = "ask_owner"
    SHOW_UNCHECKED = "show_unchecked"
    ARCHIVE = "archive"


class Domain(Base):
    """A knowledge domain: its experts, its default template, and how its articles are looked after.

    Days of None mean never; counts of None mean that demand asks for nothing. `tags` are the ticket tags
    whose drafts belong here; `claims` the words that, as a ticket's product or among its tags, make the
    ticket one of this domain in reports.
    """

    __tablename__ = "domains"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    template: Mapped[str] = mapped_column(default="issue-resolution")
    tags: Mapped[list[str]] = mapped_column(default=list)
    claims: Mapped[list[str]] = mapped_column(default=list)
    check_days: Mapped[int | None]
    expiry: Mapped[Expiry] = mapped_column(default=Expiry.ASK_OWNER)
    flag_days: Mapped[int] = mapped_column(default=7)
    review_days: Mapped[int] = mapped_column(default=5)
    validate_after: Mapped[int | None]
    publish_after: Mapped[int | None]
    others_validate: Mapped[bool] = mapped_column(default=False)

    experts: Mapped[list[Agent]] = relationship(secondary="domain_experts", order_by="Agent.id")


class DomainExpert(Base):
    """A knowledge domain expert of a domain."""

    __tablename__ = "domain_experts"

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)


class TemplateRow(Base):
    """A template an administrator made, or a shipped one they changed (same key)."""

    __tablename__ = "templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    governance: Mapped[Governance] = mapped_column(default=Governance.EXPERIENCE)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    offered: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]


class RightRow(Base):
    """Where the organisation's table of rights differs from the default: `scope` any, own or none."""

    __tablename__ = "rights"

    right: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
