"""Reading the log by number: everything is told once, in whatever order transactions come to their end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from kcs.activity.models import Activity
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.live.log import GAPS, LATE, Change, Mark, Place, newest, news


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        (Mark(5), [], Mark(5)),
        (Mark(5), [6, 7], Mark(7)),
        (Mark(5), [7, 9], Mark(9, (6, 8))),
        (Mark(9, (6, 8)), [6], Mark(9, (8,))),
        (Mark(9, (6, 8)), [6, 8, 10], Mark(10)),
        (Mark(9, (6,)), [7 + LATE], Mark(7 + LATE, tuple(range(7 + LATE - GAPS, 7 + LATE)))),
    ],
)
def test_a_mark_remembers_the_numbers_that_were_missing(before: Mark, seen: list[int], after: Mark) -> None:
    assert before.after(seen) == after


def test_a_place_survives_the_browser() -> None:
    place = Place(Mark(120, (117, 119)), Mark(4))
    assert Place.read(str(place)) == place
    with pytest.raises(InvalidInput):
        Place.read("120.4;")


def test_what_happened_is_told_once(app: Flask) -> None:
    place = newest()
    record("ticket.link", authority="test", ticket_id=3, article_id=4)
    db.session.commit()
    read = news(place)
    assert read.changes == [Change("ticket.link", None, 3, 4)]
    assert news(read.place).changes == []
    assert newest() == read.place


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_committed_late_is_told_after_what_came_later(app: Flask) -> None:
    place = newest()
    with Session(db.engine) as slow, Session(db.engine) as quick:
        for session, kind in ((slow, "slow"), (quick, "quick")):
            session.add(_row(kind))
            session.flush()
        quick.commit()
        first = news(place)
        assert [change.kind for change in first.changes] == ["quick"]
        slow.commit()
    db.session.rollback()
    second = news(first.place)
    assert [change.kind for change in second.changes] == ["slow"]
    assert news(second.place).changes == []


def _row(kind: str) -> Activity:
    now = datetime.now(UTC)
    return Activity(kind=kind, happened_at=now, recorded_at=now, authority="test", detail={})
