"""Drafts got ready at solving: a text kept aside until somebody takes it, so no figure counts it before.

See docs/decisions/0017-a-prepared-draft-is-no-draft.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.database import db
from kcs.people.models import Agent
from kcs.solving import drafting
from kcs.solving.models import Link, LinkSource, PreparedDraft
from kcs.tickets.models import Ticket
from workflow.permissions import Right
from workflow.solve import KnowledgeState


def prepare_draft(ticket: Ticket) -> PreparedDraft | None:
    """Get a draft ready for whoever solved the ticket, or else for its assignee.

    None when a draft was made from this ticket before, whatever became of it, or when neither of them may
    create articles. A ticket solved again gets its text anew, never a second one.
    """
    who = ticket.solver_id or ticket.assignee_id
    person = db.session.get(Agent, who) if who else None
    if person is None or rights.grant_for(person, Right.CREATE) is None or _was_drafted(ticket):
        return None
    present = _of(ticket)
    title, parts = drafting.compose(ticket, ticket.messages)
    prepared = present or PreparedDraft(ticket_id=ticket.id)
    prepared.agent_id, prepared.created_at = person.id, database.now()
    prepared.title, prepared.parts = title, parts
    db.session.add(prepared)
    record(
        "draft.prepared",
        authority=f"desk:{ticket.connection_id}",
        agent=person,
        connection_id=ticket.connection_id,
        ticket_id=ticket.id,
    )
    return prepared


def prepare_anew(ticket: Ticket) -> None:
    """Make the text that waits to be taken out of the ticket's words as they are now."""
    prepared = _of(ticket)
    if prepared is None or prepared.taken_at is not None:
        return
    db.session.expire(ticket, ["messages"])
    prepared.title, prepared.parts = drafting.compose(ticket, ticket.messages)


def prepared_draft(ticket: Ticket) -> PreparedDraft | None:
    """Return the text that waits to be taken; none while the ticket is open again or has its knowledge."""
    waits = ticket.knowledge_state is KnowledgeState.UNANSWERED
    found = _of(ticket) if waits else None
    return found if found is not None and found.taken_at is None else None


def prepared_among(tickets: Iterable[Ticket]) -> set[int]:
    """Return the ids of those of `tickets` for which a draft waits to be taken."""
    waiting = [each.id for each in tickets if each.knowledge_state is KnowledgeState.UNANSWERED]
    query = select(PreparedDraft.ticket_id).where(
        PreparedDraft.ticket_id.in_(waiting), PreparedDraft.taken_at.is_(None)
    )
    return set(db.session.execute(query).scalars()) if waiting else set()


def take_prepared(ticket: Ticket) -> tuple[str, Mapping[str, str]] | None:
    """Return title and parts of the text that waits, and let it wait no more; None when there is none."""
    prepared = prepared_draft(ticket)
    if prepared is None:
        return None
    title, parts = prepared.title, prepared.parts
    # The article holds the text from now on.
    prepared.taken_at, prepared.title, prepared.parts = database.now(), "", {}
    return title, parts


def _of(ticket: Ticket) -> PreparedDraft | None:
    return db.session.execute(
        select(PreparedDraft).where(PreparedDraft.ticket_id == ticket.id)
    ).scalar_one_or_none()


def _was_drafted(ticket: Ticket) -> bool:
    drafted = select(Link.id).where(Link.ticket_id == ticket.id, Link.source == LinkSource.CREATED).limit(1)
    return db.session.execute(drafted).first() is not None
