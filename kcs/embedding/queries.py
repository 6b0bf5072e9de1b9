"""Reading what the app in a desk's pages needs to know and has told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from kcs import database
from kcs.database import db
from kcs.embedding.models import TOLD_WITHIN, PassedSave
from kcs.sentences import Sentence
from kcs.solving.closing import MISSING
from kcs.tickets.models import ClosePolicy, Connection, Ticket

SHOWN = 10

# What is said when somebody saves a ticket as solved and nothing is known for it, where the policy asks.
SAID = {
    ClosePolicy.PROMPT: Sentence(
        "No article is linked to this ticket yet. In the panel beside it: link one, draft one, or say that "
        "none is needed. Or save again within a minute, and it is solved without."
    ),
    ClosePolicy.REQUIRE: Sentence(
        "This ticket cannot be solved yet: no article is linked to it. In the panel beside it: link one, "
        "draft one, or say that none is needed. Then save again."
    ),
}


@dataclass(frozen=True)
class Asked:
    """What to do when a ticket is saved as solved: `pass`, `ask` once or `refuse`, and with which words."""

    act: str
    said: str = ""


ACTS = {ClosePolicy.PROMPT: "ask", ClosePolicy.REQUIRE: "refuse"}


def asked_at_save(ticket: Ticket) -> Asked:
    """Return what happens when this ticket is saved as solved. One that is solved already was asked about."""
    policy = ticket.connection.closing
    if policy not in ACTS or ticket.knowledge_state not in MISSING or ticket.status.is_solved:
        return Asked("pass")
    return Asked(ACTS[policy], SAID[policy])


def passed_lately(connection: Connection) -> tuple[int, Sequence[PassedSave]]:
    """Return how many saves passed unasked within a week, and the latest of all."""
    own = PassedSave.connection_id == connection.id
    since = database.now() - TOLD_WITHIN
    number = select(func.count(PassedSave.id)).where(own, PassedSave.happened_at >= since)
    latest = select(PassedSave).options(joinedload(PassedSave.agent)).where(own)
    rows = db.session.execute(
        latest.order_by(PassedSave.happened_at.desc(), PassedSave.id.desc()).limit(SHOWN)
    )
    return db.session.execute(number).scalar_one(), rows.scalars().all()
