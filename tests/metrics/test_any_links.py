"""Any history of links and articles: reports equal a slow reading of the log, as of any moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kcs.database import db
from kcs.metrics.counting import Counted
from kcs.metrics.facts.article_models import ArticleBirth, ArticleSpell, ArticleWriter, LinkFact
from kcs.metrics.model import Key, Report, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import citations, links, reuse, states
from tests.metrics.golden import at
from tests.metrics.slowly_linked import STEP, Reading, Row, history
from tests.metrics.telling import MADRID
from tests.metrics.test_any_history import after, empty, few, keep_step, log, make_anew, write

__all__ = ["log"]
FACTS = (LinkFact, ArticleBirth, ArticleWriter, ArticleSpell)
EVER = (at("2020-01-01"), at("2030-01-01"))
anything = given(seed=st.integers(0, 2**32), acts=st.integers(0, 60))
FEW, MANY = 6, 40


def asked(as_of: datetime) -> Scope:
    return Scope(Window(*EVER, MADRID), as_of, EVERYBODY)


def told(report: Report, as_of: datetime, counted: str, *names: str) -> Counter[tuple[Any, ...]]:
    """Return how often which of these a report counts."""
    reader = report.reader
    assert isinstance(reader, Counted)
    found = reader.source.rows(asked(as_of))
    rows = db.session.execute(select(*(found.c[name] for name in names)).where(found.c[counted] > 0))
    return Counter(tuple(row) for row in rows)


def kept() -> list[list[str]]:
    """Return all facts but for the numbers rows were given."""
    found = []
    for model in FACTS:
        columns = [column for column in model.__table__.columns if column.name != "id"]
        found.append(sorted(str(tuple(row)) for row in db.session.execute(select(*columns))))
    db.session.rollback()
    return found


def moments_of(rows: Sequence[Row], random: Random) -> Iterable[datetime]:
    """Return some moments just before and just after something was recorded, and one after all of it."""
    recorded = sorted({row["recorded_at"] for row in rows})
    some = random.sample(recorded, k=min(3, len(recorded)))
    return [*some, *(each + timedelta(microseconds=1) for each in some), after(list(rows))]


def check(rows: list[Row], as_of: datetime) -> None:
    """Compare what the reports say as of a moment with the slow reading."""
    reading = Reading.of(rows, as_of)
    answers = Counter(
        (row["ticket_id"], counted) for _, row, counted in reading.links() if row["role"] == "resolution"
    )
    background = Counter(
        (row["ticket_id"], counted) for _, row, counted in reading.links() if row["role"] != "resolution"
    )
    assert told(links.REPORT, as_of, "resolution", "ticket_id", "article_id") == answers
    assert told(links.REPORT, as_of, "reference", "ticket_id", "article_id") == background
    found = told(reuse.REPORT, as_of, "assisted", "ticket_id", "article_id", "agent_id")
    assert found == Counter(reading.reused())
    for name, own in (("citations", False), ("own", True)):
        found = told(citations.REPORT, as_of, name, "ticket_id", "article_id", "agent_id")
        assert found == Counter(each[:3] for each in reading.cited() if each[3] is own)
    check_states(reading)


def check_states(reading: Reading) -> None:
    """Compare how many articles are in each state, and how long they have been, with the slow reading."""
    reader = states.REPORT.reader
    assert isinstance(reader, states.States)
    scope = Scope(Window(EVER[0], reading.as_of, MADRID), reading.as_of, EVERYBODY)
    ages: dict[Key, list[int]] = {}
    for state, since in reading.states().values():
        ages.setdefault(state, []).append(int((reading.as_of - since).total_seconds()))
    found = reader.ages(scope, Segment.STATE)
    assert {state: sorted(each) for state, each in found.items()} == {
        state: sorted(each) for state, each in ages.items()
    }


def reports_are_those_of_the_log(
    seed: int, rows: list[Row], slices: Sequence[int], batches: Sequence[int]
) -> None:
    """Keep facts in step with a history and compare reports with it; make them anew and compare the facts."""
    random = Random(seed)
    empty()
    write(rows)
    keep_step(after(rows), random.choice(slices))
    in_step = kept()
    for as_of in moments_of(rows, random):
        check(rows, as_of)
    db.session.rollback()
    make_anew(after(rows), random.choice(batches))
    assert kept() == in_step


@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
@pytest.mark.usefixtures("log")
def test_reports_are_those_of_the_log_in_step_or_made_anew(examples: int) -> None:
    @few(examples)
    @anything
    def holds(seed: int, acts: int) -> None:
        reports_are_those_of_the_log(seed, history(seed, acts), slices=(3, 20, 500), batches=(1, 3, 500))

    holds()


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.usefixtures("log")
def test_reports_are_those_of_a_long_log(seed: int) -> None:
    rows = history(seed, 5_000, tickets=400, articles=150)
    reports_are_those_of_the_log(seed, rows, slices=(300, 5_000), batches=(500,))


@pytest.mark.usefixtures("log")
def test_what_was_said_once_stays_said_when_more_is_recorded() -> None:
    rows = history(11, 120)
    cut = rows[60]["recorded_at"] + STEP
    early = [row for row in rows if row["recorded_at"] < cut]
    empty()
    write(early)
    keep_step(cut, 10)
    before = told(citations.REPORT, cut, "citations", "ticket_id", "article_id", "agent_id")
    write([row for row in rows if row["recorded_at"] >= cut])
    keep_step(after(rows), 10)
    assert told(citations.REPORT, cut, "citations", "ticket_id", "article_id", "agent_id") == before
    assert told(citations.REPORT, after(rows), "citations", "ticket_id", "article_id", "agent_id") != before
