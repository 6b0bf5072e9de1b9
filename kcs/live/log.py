"""What happened since a place in the log: the activity log and the desks' new messages, read by number.

Numbers are given out when a row is written but seen when its transaction commits, so on PostgreSQL a row may
appear behind one with a higher number. A place therefore remembers the numbers that were missing below it;
each is told once when it appears, however many processes answer one reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, or_, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.tickets.models import Message

MOST = 500
# How far below the newest number a row may still appear, and how many such gaps are remembered.
LATE, GAPS = 200, 20
MESSAGE = "message"

_MARK = re.compile(r"\d{1,15}(?:-\d{1,15})*", re.ASCII)


@dataclass(frozen=True)
class Mark:
    """How far one log was read: its highest number, and the numbers below that were not there (yet)."""

    high: int
    missing: tuple[int, ...] = ()

    def after(self, seen: list[int]) -> Mark:
        """Return the mark once these numbers are read as well."""
        high = max([self.high, *seen])
        gone = set(range(max(self.high + 1, high - LATE), high)) | set(self.missing)
        left = sorted(number for number in gone - set(seen) if number >= high - LATE)
        return Mark(high, tuple(left[-GAPS:]))

    def __str__(self) -> str:
        """Return the mark as it stands in a place."""
        return "-".join(map(str, (self.high, *self.missing)))


@dataclass(frozen=True)
class Place:
    """A place in both logs, as the reader's browser carries it."""

    activity: Mark
    messages: Mark

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the place a text stands for. Raises InvalidInput."""
        marks = text.split(".")
        if len(marks) != 2 or not all(map(_MARK.fullmatch, marks)):
            raise InvalidInput("This is no place in the log: reload the page.", errors={"after": ["unknown"]})
        numbers = [[int(number) for number in mark.split("-")] for mark in marks]
        return cls(*(Mark(high, tuple(missing[:GAPS])) for high, *missing in numbers))

    def __str__(self) -> str:
        """Return the place as a text."""
        return f"{self.activity}.{self.messages}"


@dataclass(frozen=True)
class Change:
    """One thing that happened: who (an agent's id), what, to which ticket or article."""

    kind: str
    agent_id: int | None
    ticket_id: int | None
    article_id: int | None = None


@dataclass(frozen=True)
class News:
    """What happened since a place, and the place to go on from; `cut` when there was more than one read."""

    changes: list[Change]
    place: Place
    cut: bool = False


def newest() -> Place:
    """Return the place where nothing has happened since."""
    return Place(_newest(Activity), _newest(Message))


def news(place: Place) -> News:
    """Return what happened since `place`, in order."""
    columns = (Activity.id, Activity.kind, Activity.agent_id, Activity.ticket_id, Activity.article_id)
    acts = db.session.execute(
        select(*columns).where(_since(Activity, place.activity)).order_by(Activity.id).limit(MOST)
    ).all()
    said = db.session.execute(
        select(Message.id, Message.agent_id, Message.ticket_id)
        .where(_since(Message, place.messages))
        .order_by(Message.id)
        .limit(MOST)
    ).all()
    changes = [Change(row.kind, row.agent_id, row.ticket_id, row.article_id) for row in acts]
    changes += [Change(MESSAGE, row.agent_id, row.ticket_id) for row in said]
    reached = Place(
        place.activity.after([row.id for row in acts]), place.messages.after([row.id for row in said])
    )
    return News(changes, reached, cut=MOST in (len(acts), len(said)))


def _newest(model: type[Activity] | type[Message]) -> Mark:
    query = select(model.id).order_by(model.id.desc()).limit(LATE)
    seen = list(db.session.execute(query).scalars())
    return Mark(max(0, min(seen) - 1)).after(seen) if seen else Mark(0)


def _since(model: type[Activity] | type[Message], mark: Mark) -> ColumnElement[bool]:
    return or_(model.id > mark.high, model.id.in_(mark.missing))
