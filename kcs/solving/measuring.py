"""What is known of a solved ticket besides who solved it, in the activity log: that is what reports read.

A row `ticket.measured` is appended whenever what there is to say differs from what the log said last. Its
detail holds numbers alone: products and tags as rows of `report_labels`. docs/measures.md has the fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from kcs import database
from kcs.activity.services import record_many
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.database import db
from kcs.people.models import Identity
from kcs.ports import AuthorKind, DeskStatus, Measures
from kcs.solving.models import Link, LinkRole
from kcs.text import clean_line
from kcs.tickets.labels import LONGEST, Label, LabelKind, label_ids
from kcs.tickets.models import Message, Requester, Ticket

MEASURED = "ticket.measured"
IMPORTED = "import"
FROM_DESK = ("first_reply", "worked", "satisfied")


def measure(ticket: Ticket, told: Measures | None, *, solved_at: datetime) -> None:
    """Write down what is known of a ticket solved then, unless the log says just that.

    `told` None keeps what the desk said before.
    """
    db.session.flush()
    _write([ticket], {ticket.id: solved_at}, told, happened_at=ticket.desk_updated_at)


def follow_moved(ticket: Ticket) -> None:
    """A solved ticket's links changed here: it may be of another domain now."""
    if ticket.measured is not None and ticket.solved_at is not None and _counts(ticket):
        _write([ticket], {ticket.id: ticket.solved_at}, None, happened_at=None)


def measure_all(tickets: Sequence[Ticket]) -> int:
    """Write down what is known here of solved tickets; return how many differ from what the log said.

    What their desk said before is kept.
    """
    solved = {ticket.id: ticket.solved_at for ticket in tickets if ticket.solved_at and _counts(ticket)}
    counted = [ticket for ticket in tickets if ticket.id in solved]
    return _write(counted, solved, None, happened_at=None)


def _counts(ticket: Ticket) -> bool:
    gone = ticket.status is DeskStatus.DELETED or ticket.erased_at is not None
    return not (gone or ticket.merged)


def _write(
    tickets: Sequence[Ticket],
    solved: Mapping[int, datetime],
    told: Measures | None,
    *,
    happened_at: datetime | None,
) -> int:
    facts = _Facts(tickets)
    details = {ticket.id: facts.detail(ticket, told, solved[ticket.id]) for ticket in tickets}
    changed = [ticket for ticket in tickets if ticket.measured != details[ticket.id]]
    record_many(
        [
            {
                "kind": MEASURED,
                "authority": f"desk:{ticket.connection_id}" if _is_told(ticket) else IMPORTED,
                "happened_at": happened_at,
                "connection_id": ticket.connection_id,
                "ticket_id": ticket.id,
                "detail": details[ticket.id],
            }
            for ticket in changed
        ]
    )
    for ticket in changed:
        ticket.measured = details[ticket.id]
    return len(changed)


class _Facts:
    """What the mirror and the links say of some tickets, each kind of thing asked for once."""

    def __init__(self, tickets: Sequence[Ticket]) -> None:
        ids = [ticket.id for ticket in tickets]
        self._replies = _replies(ids)
        self._article_domains = _article_domains(ids)
        self._named = {ticket.id: _names(ticket) for ticket in tickets}
        self._labels = label_ids([label for names in self._named.values() for label in names])
        self._claims = database.once("domain claims", _load_claims)

    def detail(self, ticket: Ticket, told: Measures | None, solved_at: datetime) -> dict[str, Any]:
        """Return what the log is to say. Of a ticket no desk has told of, times and contacts are unknown."""
        replies, is_told = self._replies.get(ticket.id, ()), _is_told(ticket)
        labels, said = self._named[ticket.id], _said(ticket, told)
        if said["first_reply"] is None and replies:
            said["first_reply"] = int((min(replies) - ticket.opened_at).total_seconds())
        products = [self._labels[label] for label in labels if label[0] is LabelKind.PRODUCT]
        return {
            "opened": ticket.opened_at.astimezone(UTC).isoformat() if is_told else None,
            "contacts": sum(at <= solved_at for at in replies) if is_told else None,
            **said,
            "domain": self._domain(ticket.id),
            "product": products[0] if products else None,
            "tags": sorted(self._labels[label] for label in labels if label[0] is LabelKind.TAG),
        }

    def _domain(self, ticket_id: int) -> int | None:
        """Return the first domain that claims the product or a tag, else that of the first article linked."""
        words = {name.casefold() for _, name in self._named[ticket_id]}
        claimed = (domain_id for domain_id, claims in self._claims if claims & words)
        return next(claimed, self._article_domains.get(ticket_id))


def _is_told(ticket: Ticket) -> bool:
    """Say whether a desk has told of the ticket: one that was imported has no address."""
    return ticket.url != ""


def _said(ticket: Ticket, told: Measures | None) -> dict[str, Any]:
    if told is None:
        before = ticket.measured or {}
        return {name: before.get(name) for name in FROM_DESK}
    return dict(zip(FROM_DESK, (told.first_reply_seconds, told.worked_seconds, told.satisfied), strict=True))


def _names(ticket: Ticket) -> list[Label]:
    """Return the ticket's product, if any, and its tags, each once."""
    product = ticket.fields.get(ticket.connection.product_field, "")
    pairs = [(LabelKind.PRODUCT, product), *((LabelKind.TAG, tag) for tag in ticket.tags)]
    cut = [(kind, clean_line(name, limit=LONGEST).strip()) for kind, name in pairs]
    return list(dict.fromkeys((kind, name) for kind, name in cut if name))


def _replies(ids: Sequence[int]) -> dict[int, list[datetime]]:
    """Return when agents answered each ticket, in public; what it was opened with is no answer.

    An agent who asks the desk something is its customer there.
    """
    requester = and_(
        Identity.connection_id == Ticket.connection_id, Identity.remote_id == Requester.remote_id
    )
    query = (
        select(Message.ticket_id, Message.created_at)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Requester, Requester.id == Ticket.requester_id)
        .outerjoin(Identity, requester)
        .where(
            Message.ticket_id.in_(ids),
            Message.public,
            Message.author_kind == AuthorKind.AGENT,
            Message.created_at > Ticket.opened_at,
            or_(
                Identity.agent_id.is_(None),
                Message.agent_id.is_(None),
                Message.agent_id != Identity.agent_id,
            ),
        )
    )
    found: dict[int, list[datetime]] = {}
    for ticket_id, at in db.session.execute(query):
        found.setdefault(ticket_id, []).append(at)
    return found


def _article_domains(ids: Sequence[int]) -> dict[int, int | None]:
    """Return the domain of the article that each ticket's first standing link as its answer leads to."""
    query = (
        select(Link.ticket_id, Article.domain_id)
        .join(Article, Article.id == Link.article_id)
        .where(Link.ticket_id.in_(ids), Link.role == LinkRole.RESOLUTION, Link.removed_at.is_(None))
        .order_by(Link.id.desc())
    )
    return {row.ticket_id: row.domain_id for row in db.session.execute(query)}


def _load_claims() -> list[tuple[int, frozenset[str]]]:
    rows = db.session.execute(select(Domain.id, Domain.claims).order_by(Domain.id)).all()
    return [(row.id, frozenset(word.casefold() for word in row.claims)) for row in rows if row.claims]
