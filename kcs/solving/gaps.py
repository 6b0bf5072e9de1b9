"""What knowledge is missing: tickets solved without an article, in groups by what they share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import ColumnElement, select

from kcs.database import db
from kcs.language import words
from kcs.ports import AuthorKind, DeskStatus
from kcs.privacy.gate import mask
from kcs.search.clusters import Group, clusters
from kcs.search.ticket_text import ready
from kcs.tickets.models import Message, Requester, Ticket
from workflow.solve import KnowledgeState

LOOKED_AT = 2_000
# Of a ticket's text, what is compared: its beginning says what is wrong.
TEXT_CHARS = 1_500
LABEL_WORDS = 4
TICKETS_SHOWN = 25
_REMEMBERED = 4
_BATCH = 500

Mark = tuple[tuple[int, datetime, str], ...]


@dataclass(frozen=True)
class Gap:
    """Tickets about one thing that were solved without an article.

    `words` say what they share and name no customer. `tickets` are those closest to the middle, the most
    central first, of `count` in all.
    """

    words: tuple[str, ...]
    count: int
    tickets: tuple[Ticket, ...]

    @property
    def central(self) -> Ticket:
        """The ticket that has most in common with the others."""
        return self.tickets[0]


@dataclass(frozen=True)
class Gaps:
    """The largest groups among the tickets looked at; `groups` counts all, `alone` the tickets in none."""

    shown: tuple[Gap, ...]
    groups: int
    tickets: int
    alone: int

    @property
    def cut(self) -> bool:
        """Whether there were more tickets than were looked at."""
        return self.tickets == LOOKED_AT


class GapFinder:
    """Finds gaps, and remembers the groups: the page is looked at more often than the tickets change."""

    def __init__(self) -> None:
        self._known: dict[Mark, list[Labelled]] = {}
        self._turn = Lock()

    def gaps(self, since: datetime, *, limit: int) -> Gaps:
        """Return the `limit` largest groups of the latest LOOKED_AT tickets solved without one since then."""
        mark = latest(since, Ticket.knowledge_state == KnowledgeState.UNANSWERED)
        labelled = self.groups(mark)
        grouped = sum(len(each.ids) for each in labelled)
        return Gaps(loaded(labelled[:limit]), len(labelled), len(mark), len(mark) - grouped)

    def groups(self, mark: Mark) -> list[Labelled]:
        """Return the groups among these tickets, the largest first."""
        with self._turn:
            labelled = self._known.get(mark)
        if labelled is None:
            labelled = _labelled([ticket_id for ticket_id, *_ in mark])
            with self._turn:
                self._known[mark] = labelled
                while len(self._known) > _REMEMBERED:
                    del self._known[next(iter(self._known))]
        return labelled


@dataclass(frozen=True)
class Labelled:
    """Tickets about one thing, the most central first, and the words they share."""

    ids: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """What tickets say: their texts made ready, the words that name their customers, and who those are."""

    ready: list[tuple[int, str]]
    named: Mapping[int, frozenset[str]]
    asked_by: Mapping[int, int]


def latest(since: datetime, which: ColumnElement[bool]) -> Mark:
    """Return the latest LOOKED_AT of the tickets solved since then of which this holds."""
    query = (
        select(Ticket.id, Ticket.desk_updated_at, Ticket.subject)
        .where(
            which,
            Ticket.solved_at >= since,
            Ticket.status != DeskStatus.DELETED,
            Ticket.merged.is_(False),
        )
        .order_by(Ticket.solved_at.desc(), Ticket.id.desc())
        .limit(LOOKED_AT)
    )
    return tuple((row.id, row.desk_updated_at, row.subject) for row in db.session.execute(query))


def _labelled(ids: list[int]) -> list[Labelled]:
    texts = texts_of(ids)
    found = clusters(texts.ready, hidden=texts.named)
    return [Labelled(group.ids, _label(group, texts.named, texts.asked_by)) for group in found]


def texts_of(ids: Sequence[int]) -> Texts:
    """Return what these tickets say, by number."""
    texts: list[tuple[int, str]] = []
    named: dict[int, frozenset[str]] = {}
    asked_by: dict[int, int] = {}
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        bodies = _first_bodies(batch)
        query = (
            select(
                Ticket.id, Ticket.subject, Requester.id, Requester.name, Requester.email, Requester.address
            )
            .outerjoin(Requester, Requester.id == Ticket.requester_id)
            .where(Ticket.id.in_(batch))
        )
        for ticket_id, subject, requester_id, *told in db.session.execute(query):
            texts.append((ticket_id, ready(subject, bodies.get(ticket_id, ""))[:TEXT_CHARS]))
            named[ticket_id] = frozenset(words(" ".join(filter(None, told))))
            # Whoever is not known is nobody else's customer.
            asked_by[ticket_id] = requester_id or -ticket_id
    return Texts(sorted(texts), named, asked_by)


def _label(group: Group, named: Mapping[int, frozenset[str]], asked_by: Mapping[int, int]) -> tuple[str, ...]:
    """The words of more than one customer that are nobody's name."""
    names = frozenset[str]().union(*(named[ticket_id] for ticket_id in group.ids))
    kept = [
        word
        for word, ids in zip(group.words, group.shared, strict=True)
        if word not in names and len({asked_by[each] for each in ids}) > 1 and mask(word, None) == word
    ]
    return tuple(kept[:LABEL_WORDS])


def _first_bodies(ids: Collection[int]) -> dict[int, str]:
    """What the customer wrote first in each ticket."""
    query = (
        select(Message.ticket_id, Message.body)
        .where(Message.ticket_id.in_(ids), Message.public, Message.author_kind == AuthorKind.REQUESTER)
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    # The last one taken is the first one written.
    return {row.ticket_id: row.body for row in db.session.execute(query)}


def loaded(labelled: Collection[Labelled]) -> tuple[Gap, ...]:
    """Return groups with the tickets closest to their middle."""
    ids = [ticket_id for each in labelled for ticket_id in each.ids[:TICKETS_SHOWN]]
    query = select(Ticket).where(Ticket.id.in_(ids))
    tickets = {ticket.id: ticket for ticket in db.session.execute(query).scalars()}
    return tuple(
        Gap(each.words, len(each.ids), tuple(tickets[one] for one in each.ids[:TICKETS_SHOWN]))
        for each in labelled
    )
