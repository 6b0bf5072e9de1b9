"""The clock keeps the facts in step with the log, and goes on with what was begun."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kcs.activity import services as activity
from kcs.database import db
from kcs.errors import NotReady
from kcs.metrics.facts import keeping
from kcs.metrics.facts.models import DailyActs, DailySolved, SolvedFact
from kcs.metrics.facts.reading import Births
from kcs.metrics.settling import settled
from tests.metrics import golden

MADRID, UTC = ZoneInfo("Europe/Madrid"), ZoneInfo("UTC")
Contents = dict[str, list[tuple[object, ...]]]


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def contents() -> Contents:
    """Return all that is kept, but for the numbers rows were given."""
    kept: Contents = {}
    for model in (SolvedFact, DailySolved, DailyActs):
        columns = [column for column in model.__table__.columns if column.name != "id"]
        rows = db.session.execute(select(*columns)).all()
        kept[model.__tablename__] = sorted((tuple(row) for row in rows), key=str)
    db.session.rollback()
    return {**kept, "daily_solved": [row for row in kept["daily_solved"] if row[7]]}


def test_what_was_recorded_is_taken_in_once() -> None:
    assert keeping.keep_up(MADRID) > 0
    held = contents()
    assert len(held["solved_facts"]) > 20
    assert keeping.keep_up(MADRID) == 0
    assert contents() == held


def test_a_long_log_never_read_is_made_anew_with_the_same_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keep_up(MADRID)
    held = contents()
    keeping.forget()
    db.session.commit()
    monkeypatch.setattr(keeping, "LONG_LOG", 10)
    keeping.keep_up(MADRID)
    assert contents() == held


def test_what_was_begun_and_left_is_gone_on_with() -> None:
    keeping.keep_up(MADRID)
    held = contents()
    keeping.begin(activity.settle(), MADRID)
    with pytest.raises(NotReady, match="made anew"), settled(None, MADRID):
        pass
    keeping.keep_up(MADRID)
    assert contents() == held
    assert keeping.go_on(Births()) is None


def test_a_change_of_the_time_zone_counts_the_days_anew() -> None:
    keeping.keep_up(MADRID)
    in_madrid = {row[4] for row in contents()["solved_facts"]}
    keeping.keep_up(UTC)
    found = keeping.state()
    assert found is not None
    assert found.zone == "UTC"
    assert {row[4] for row in contents()["solved_facts"]} != in_madrid


def test_a_turn_that_has_no_time_left_is_gone_on_with_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keep_up(MADRID)
    held = contents()
    keeping.begin(activity.settle(), MADRID)
    monkeypatch.setattr(keeping, "TURN_SECONDS", 0.0)
    assert keeping.keep_up(MADRID) == 0
    monkeypatch.setattr(keeping, "TURN_SECONDS", 30.0)
    assert keeping.keep_up(MADRID) > 0
    assert contents() == held
