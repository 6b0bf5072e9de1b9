"""Articles that are reused without being an answer: their tickets are unlike one another, and came back.

An article about everything is linked to anything. Its tickets share no subject, and often come back or get
another article. Nothing here changes an article: a person reads and decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from threading import Lock

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.kinds import REOPEN
from kcs.search.clusters import clusters
from kcs.search.term_vectors import COMMON_TEXTS
from kcs.solving.gaps import texts_of
from kcs.solving.models import Link, LinkRole, LinkSource

# Of an article, its latest tickets: no more than may share a word before it counts as common to all
# (`kcs.search.clusters`), or what they share would not be seen. Fewer than the fewest say nothing.
MOST_TICKETS, FEWEST_TICKETS = COMMON_TEXTS, 5
ALIKE, CAME_BACK = Fraction(1, 2), Fraction(1, 5)
_REMEMBERED = 4

# article, ticket, reopened after the link, another article linked after it
Used = tuple[int, int, bool, bool]


@dataclass(frozen=True)
class Doubt:
    """What speaks for or against an article as the answer of its tickets.

    `alike` is how many of the `tickets` are about the same, the largest such group; `reopened` and `second`
    how many came back after the link, or got another article then; `came_back` either of the two.
    """

    tickets: int
    alike: int
    reopened: int
    second: int
    came_back: int

    @property
    def is_no_answer(self) -> bool:
        """True when less than half of the tickets are alike, and one in five or more came back."""
        return (
            self.tickets >= FEWEST_TICKETS
            and Fraction(self.alike, self.tickets) < ALIKE
            and Fraction(self.came_back, self.tickets) >= CAME_BACK
        )


class DoubtFinder:
    """Finds doubts, and remembers them: tickets are compared once, not for every look at the page."""

    def __init__(self) -> None:
        self._known: dict[tuple[Used, ...], Mapping[int, Doubt]] = {}
        self._turn = Lock()

    def doubts(self, articles: Collection[int], since: datetime) -> Mapping[int, Doubt]:
        """Return by article what its tickets of the time since then say of it; nothing of one without any."""
        used = uses(articles, since)
        with self._turn:
            found = self._known.get(used)
        if found is None:
            found = _doubts(used)
            with self._turn:
                self._known[used] = found
                while len(self._known) > _REMEMBERED:
                    del self._known[next(iter(self._known))]
        return found


def uses(articles: Collection[int], since: datetime) -> tuple[Used, ...]:
    """Return the latest tickets each article answered since then, no more than MOST_TICKETS of each."""
    place = func.row_number().over(
        partition_by=Link.article_id, order_by=(Link.created_at.desc(), Link.id.desc())
    )
    query = (
        select(
            Link.article_id,
            Link.ticket_id,
            _reopened().label("reopened"),
            _answered_again().label("second"),
            place.label("place"),
        )
        .where(
            Link.article_id.in_(articles),
            Link.role == LinkRole.RESOLUTION,
            Link.source != LinkSource.CREATED,
            Link.removed_at.is_(None),
            Link.created_at >= since,
        )
        .subquery("used")
    )
    rows = db.session.execute(
        select(query).where(query.c.place <= MOST_TICKETS).order_by(query.c.article_id, query.c.ticket_id)
    )
    return tuple((row.article_id, row.ticket_id, bool(row.reopened), bool(row.second)) for row in rows)


def _reopened() -> ColumnElement[bool]:
    act = aliased(Activity, name="reopening")
    return exists().where(
        act.ticket_id == Link.ticket_id, act.kind == REOPEN, act.happened_at > Link.created_at
    )


def _answered_again() -> ColumnElement[bool]:
    other = aliased(Link, name="other_link")
    return exists().where(
        other.ticket_id == Link.ticket_id,
        other.article_id != Link.article_id,
        other.role == LinkRole.RESOLUTION,
        other.removed_at.is_(None),
        other.created_at > Link.created_at,
    )


def _doubts(used: Sequence[Used]) -> Mapping[int, Doubt]:
    texts = texts_of(sorted({ticket for _, ticket, _, _ in used}))
    # All together: a word that only one article's tickets share tells them from the others.
    found = clusters(texts.ready, hidden=texts.named)
    group = {ticket: number for number, each in enumerate(found) for ticket in each.ids}
    by_article: defaultdict[int, list[Used]] = defaultdict(list)
    for each in used:
        by_article[each[0]].append(each)
    return {article: _doubt(rows, group) for article, rows in by_article.items()}


def _doubt(rows: Sequence[Used], group: Mapping[int, int]) -> Doubt:
    # A ticket in no group is a subject of its own.
    subjects = Counter(group.get(ticket, -ticket) for _, ticket, _, _ in rows)
    return Doubt(
        tickets=len(rows),
        alike=max(subjects.values()),
        reopened=sum(reopened for _, _, reopened, _ in rows),
        second=sum(second for _, _, _, second in rows),
        came_back=sum(reopened or second for _, _, reopened, second in rows),
    )
