"""Whatever happened, every report answers what a slow reading of the log, row by row, answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text

from kcs import database
from kcs.activity.models import Activity
from kcs.activity.services import record_many
from kcs.database import db
from kcs.metrics import services
from kcs.metrics.facts import keeping
from kcs.metrics.facts.models import DailyActs, DailySolved, SolvedFact, SolvedTag
from kcs.metrics.model import PERIODS, Key, Only, Report, Row, Scope, Segment
from kcs.metrics.periods import Window, moment
from kcs.metrics.reach import EVERYBODY, Reach
from kcs.metrics.reports import activity, handling, known, link_rate, participation
from kcs.metrics.services import Asked
from tests.metrics import golden
from tests.metrics.slowly import (
    BEGINNING,
    MADRID,
    MEDIANS,
    WINDOW,
    WINDOWS,
    Figures,
    Reading,
    history,
    read_slowly,
)

REPORTS: tuple[Report, ...] = tuple(
    module.REPORT for module in (link_rate, known, handling, participation, activity)
)
REACHES = (
    EVERYBODY,
    EVERYBODY,
    Reach(agent_id=golden.ANA, reader_id=golden.ANA),
    Reach(agent_id=golden.CORA, team_id=golden.SOUTH, reader_id=golden.CORA),
)
KEYS: dict[Segment, tuple[Key, ...]] = {
    Segment.AGENT: (golden.ANA, golden.BEN, "none"),
    Segment.TEAM: (golden.NORTH, "none"),
    Segment.DEPARTMENT: (1, "none"),
    Segment.LICENCE: ("candidate", "publisher", "none"),
    Segment.DESK: (1, "none"),
    Segment.DOMAIN: (1, "none"),
    Segment.PRODUCT: (5, "none"),
    Segment.TAG: (7, 8, "none"),
    Segment.OUTCOME: ("linked", "unanswered"),
}
FEW, MANY = 2, 15
anything = given(seed=st.integers(0, 2**32), acts=st.integers(0, 70))


def few(examples: int) -> settings:
    """Return how often a rule is tried: anew each time, with the database emptied in between.

    A failure is not made smaller, which would take minutes: with fewer acts a seed tells the beginning of the
    same history, so the last act needed is soon found.
    """
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.fixture
def log(app: Flask) -> None:
    """A log that may be emptied."""
    if not database.is_postgresql():
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'activity'"
        for name in list(db.session.execute(text(named)).scalars()):
            db.session.execute(text(f'DROP TRIGGER "{name}"'))
    golden.people()


def empty() -> None:
    """Forget everything that was told before."""
    if database.is_postgresql():
        db.session.execute(text("TRUNCATE activity RESTART IDENTITY CASCADE"))
    else:
        db.session.execute(delete(Activity))
    keeping.forget()
    db.session.commit()


def write(rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(Activity), rows)
    db.session.commit()


def keep_step(until: datetime, rows: int) -> None:
    """Take the log into the facts, so many rows at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "SLICE", rows)
        while not keeping.catch_up(until, MADRID, slices=3):
            pass


def make_anew(until: datetime, tickets: int) -> None:
    """Make the facts of the whole log, of so many tickets at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "AT_ONCE", tickets)
        keeping.begin(until, MADRID)
        keeping.go_on_to_the_end(lambda _tickets: None)


def after(rows: list[dict[str, Any]]) -> datetime:
    """Return a moment after all that was recorded, and before whatever may be recorded next."""
    recorded = [row["recorded_at"] for row in rows]
    return max(recorded) + timedelta(microseconds=1) if recorded else BEGINNING


def any_only(random: Random, report: Report) -> Only:
    offered = [segment for segment in report.segments if segment in KEYS]
    chosen = random.sample(offered, k=min(len(offered), random.choice((0, 0, 1, 2))))
    return Only({segment: random.choice(KEYS[segment]) for segment in chosen})


def told(report: Report, row: Row) -> Figures:
    names = [count.name for count in report.counts] + [
        metric.name for metric in report.metrics if metric.name in MEDIANS
    ]
    return {name: row.figures[name] for name in names}


def check(report: Report, scope: Scope, reading: Reading, segments: tuple[Segment, ...]) -> list[Row]:
    """Compare each row by each segment, and the total; return the rows of the last."""
    rows: list[Row] = []
    assert dict(report.reader.total(scope)) == reading.total(report.name, scope)
    for by in segments:
        rows = report.reader.rows(scope, by)
        expected = reading.rows(report.name, scope, by)
        assert {row.key: told(report, row) for row in rows} == expected, (report.name, by)
        assert len(rows) == len(expected)
        if by in PERIODS:
            assert [row.key for row in rows] == list(expected)
    return rows


def check_listed(report: Report, scope: Scope, reading: Reading, count: str) -> None:
    """Compare what a count opens with what it says, and with what it should."""
    page = report.reader.items(scope, count, limit=10_000, offset=0)
    expected = reading.listed(report.name, scope, count)
    if report is participation.REPORT:
        listed: list[object] = sorted(item.cells["id"] for item in page.items)  # type: ignore[type-var]  # ids
    else:
        listed = [(item.cells["happened_at"], item.cells["id"] or 0) for item in page.items]
    assert listed == expected, (report.name, count)
    if report.count(count).unit == "count":
        assert page.total == len(expected) == report.reader.total(scope)[count]


def check_reports(random: Random, scope: Scope, reading: Reading, *, segments: int | None = None) -> None:
    for report in REPORTS:
        narrowed = Scope(scope.window, scope.as_of, scope.reach, any_only(random, report), scope.latest)
        some = report.segments if segments is None else tuple(random.sample(report.segments, segments))
        rows = check(report, narrowed, reading, some)
        for row in [*random.sample(rows, k=min(1, len(rows))), None]:
            part = Scope(row.window, scope.as_of, scope.reach, row.only, scope.latest) if row else narrowed
            counts = [count.name for count in report.counts if count.items]
            check_listed(report, part, reading, random.choice(counts))


def grids(random: Random, scope: Scope, reading: Reading) -> None:
    """The grid has the rows of every week."""
    report = random.choice([each for each in REPORTS if each is not participation.REPORT])
    per = random.choice((Segment.WEEK, Segment.DAY))
    weeks = report.reader.rows(scope, per)
    expected = {}
    for place, week in enumerate(weeks):
        part = Scope(week.window, scope.as_of, scope.reach, scope.only)
        for key, row in reading.rows(report.name, part, Segment.AGENT).items():
            expected[None if key == "none" else key, place] = tuple(
                row[count.name] for count in report.counts
            )
    assert report.reader.grid(scope, Segment.AGENT, per) == expected  # type: ignore[attr-defined]  # Counted


def check_facts(rows: list[dict[str, Any]], moments: list[datetime]) -> None:
    """Compare each fact with what could be said of its ticket at moments."""
    kept = db.session.execute(select(SolvedFact.__table__)).mappings().all()
    tags: dict[int, list[int]] = {}
    for fact, tag in db.session.execute(select(SolvedTag.fact_id, SolvedTag.tag_id)):
        tags.setdefault(fact, []).append(tag)
    as_they_are_called = {
        "ticket_id": "ticket",
        "solved_at": "at",
        "agent_id": "agent",
        "team_id": "team",
        "connection_id": "desk",
        "domain_id": "domain",
        "product_id": "product",
    }
    of_the_keeping = ("id", "known_from", "known_to", "day")
    for as_of in moments:
        expected = {thing["ticket"]: thing for thing in read_slowly(rows, as_of).solved}
        then = [fact for fact in kept if fact["known_from"] < as_of <= fact["known_to"]]
        assert sorted(fact["ticket_id"] for fact in then) == sorted(expected)
        for row in then:
            thing = expected[row["ticket_id"]]
            assert row["day"] == row["solved_at"].astimezone(MADRID).date().toordinal()
            assert sorted(tags.get(row["id"], [])) == thing["tags"]
            for name in row.keys() - set(of_the_keeping):
                assert row[name] == thing[as_they_are_called.get(name, name)], (as_of, name, row)


def snapshot() -> list[list[str]]:
    """Return everything that is kept, without its numbers."""
    facts = {
        row["id"]: {name: value for name, value in row.items() if name != "id"}
        for row in db.session.execute(select(SolvedFact.__table__)).mappings()
    }
    tags = [
        (facts[fact]["ticket_id"], facts[fact]["known_from"], tag)
        for fact, tag in db.session.execute(select(SolvedTag.fact_id, SolvedTag.tag_id))
    ]
    daily = []
    for model in (DailySolved, DailyActs):
        keys = {"day", "agent_id", "team_id", "connection_id", "licence", "domain_id", "product_id"}
        rows = db.session.execute(select(model.__table__)).mappings()
        sums = [{name: value for name, value in row.items() if name != "id"} for row in rows]
        daily.append([tuple(row.values()) for row in sums if any(row[name] for name in row.keys() - keys)])
    db.session.rollback()
    return [sorted(map(repr, rows)) for rows in (facts.values(), tags, *daily)]


def in_rounds(random: Random, rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut a log into parts, each recorded after the one before."""
    moments = sorted({row["recorded_at"] for row in rows})
    ends = sorted(random.sample(moments, k=min(len(moments), random.randint(0, 4))))
    bounds = [datetime.min.replace(tzinfo=UTC), *ends, datetime.max.replace(tzinfo=UTC)]
    return [[row for row in rows if start <= row["recorded_at"] < end] for start, end in pairwise(bounds)]


def figures_are_those_of_a_slow_reading(
    seed: int, acts: int, *, tickets: int = 4, segments: int | None = None
) -> None:
    """Compare figures as of a moment and at present; by so many segments of each report, None: by all."""
    empty()
    random = Random(seed + 1)
    rows = history(seed, acts, tickets=tickets)
    write(rows)
    until = after(rows)
    make_anew(until, random.choice((1, 500)))
    earlier = random.choice([row["recorded_at"] for row in rows] or [until])
    with database.reading():
        for as_of, latest in ((until, True), (until, False), (earlier, False)):
            scope = Scope(random.choice(WINDOWS), as_of, random.choice(REACHES), latest=latest)
            reading = read_slowly(rows, as_of)
            check_reports(random, scope, reading, segments=segments)
            grids(random, scope, reading)


def facts_in_step_are_those_made_anew(seed: int, acts: int, *, tickets: int = 4, moments: int = 1000) -> None:
    """Compare what was kept in step with what is made anew, and with a slow reading as of some moments."""
    empty()
    random = Random(seed + 1)
    rows = history(seed, acts, tickets=tickets)
    answers = []
    recorded: list[dict[str, Any]] = []
    for part in in_rounds(random, rows):
        write(part)
        recorded += part
        until = after(recorded)
        keep_step(until, random.choice((2 + acts // 50, 9 + acts // 20, 5000)))
        report = random.choice(REPORTS)
        latest = Scope(WINDOW, until, EVERYBODY, any_only(random, report), latest=True)
        with database.reading():
            answers.append((report, latest, answer(report, latest)))
    recordings = sorted({row["recorded_at"] for row in rows})
    check_facts(rows, [*random.sample(recordings, k=min(len(recordings), moments)), after(rows)])
    db.session.rollback()
    kept = snapshot()
    with database.reading():
        for report, scope, then in answers:
            assert answer(report, replace(scope, latest=False)) == then, (report.name, scope)
    make_anew(after(rows), random.choice((1, 500)))
    assert snapshot() == kept


def answer(report: Report, scope: Scope) -> list[Any]:
    """Return all that a report answers, row by row."""
    by_segment = [
        sorted((str(row.key), row.window.start, told(report, row)) for row in report.reader.rows(scope, by))
        for by in report.segments
    ]
    return [dict(report.reader.total(scope)), *by_segment]


@pytest.mark.usefixtures("log")
@anything
@few(FEW)
def test_figures_are_those_of_a_slow_reading(seed: int, acts: int) -> None:
    figures_are_those_of_a_slow_reading(seed, acts, segments=1)


@pytest.mark.usefixtures("log")
@anything
@few(FEW)
def test_facts_kept_in_step_are_those_made_anew_and_answers_stay(seed: int, acts: int) -> None:
    facts_in_step_are_those_made_anew(seed, acts)


# From a day to a year: periods of one length and of several, the first longer than the second, cut ones.
SPANS = [
    ("2025-03-30", "2025-03-31"),
    ("2025-03-24", "2025-04-07"),
    ("2025-03-26", "2025-04-02"),
    ("2025-03-01", "2025-05-01"),
    ("2025-07-01", "2025-09-15"),
    ("2024-10-01", "2025-04-01"),
    ("2024-09-30", "2025-09-30"),
]


@pytest.mark.usefixtures("log")
def test_each_day_is_in_its_period_from_the_log_as_from_the_sums_by_day() -> None:
    """A ticket solved each day at midnight and one a minute before the next: two for each day of a period."""
    first, length = date(2024, 9, 25), 400
    days = [first + timedelta(days=number) for number in range(length)]
    edges = (time(0, 0), time(23, 59))
    moments = [moment(datetime.combine(day, edge), MADRID) for day in days for edge in edges]
    like = {**history(1, 1)[0], "kind": "ticket.solve", "after": "unanswered", "detail": {}}
    write(
        [
            {**like, "ticket_id": place + 1, "happened_at": at, "recorded_at": at}
            for place, at in enumerate(moments)
        ]
    )
    until = moments[-1] + timedelta(days=1)
    make_anew(until, 500)
    for start, end in SPANS:
        first_moment, last = (moment(date.fromisoformat(day), MADRID) for day in (start, end))
        scope = Scope(Window(first_moment, last, MADRID), until, EVERYBODY, latest=True)
        with database.reading():
            for by in PERIODS:
                rows = link_rate.REPORT.reader.rows(scope, by)
                days_of = [row.window.days for row in rows]
                assert [row.figures["solved"] for row in rows] == [
                    2 * (after - before) for before, after in days_of
                ], (start, end, by)
                assert link_rate.REPORT.reader.rows(replace(scope, latest=False), by) == rows


@pytest.mark.usefixtures("log")
def test_what_is_recorded_after_the_clock_was_set_back_is_taken_as_well() -> None:
    first, *_ = history(1, 1)
    about = {"ticket_id": 1, "happened_at": WINDOW.start, "agent_id": golden.ANA, "detail": {}}
    solve = {**first, **about, "kind": "ticket.solve", "recorded_at": WINDOW.end}
    link = {"kind": "ticket.link", "article_id": 1, "link_id": 1, "role": "resolution"}
    write([solve])
    keep_step(after([solve]), 1000)
    write([{**solve, **link, "recorded_at": WINDOW.end - timedelta(hours=1)}])
    until = after([solve]) + timedelta(seconds=1)
    keep_step(until, 1000)
    scope = Scope(WINDOW, until, EVERYBODY, latest=True)
    with database.reading():
        for report in (link_rate.REPORT, activity.REPORT):
            assert report.reader.total(scope)["linked"] == 1
    kept = snapshot()
    make_anew(until, 500)
    assert snapshot() == kept


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.long)])
def test_what_a_report_says_now_it_says_for_ever(seed: int) -> None:
    """Recorded by the clock, in several transactions: what was shown as of now is shown as of that moment."""
    told_then = []
    rows = history(seed, 60)
    for start in range(0, len(rows), 20):
        record_many([as_it_happens(row) for row in rows[start : start + 20]])
        db.session.commit()
        told_then += [services.compute(each, Asked(WINDOW, each.segments[0], EVERYBODY)) for each in REPORTS]
    for table in told_then:
        asked = Asked(WINDOW, table.by, EVERYBODY, table.as_of)
        again = services.compute(table.report, asked)
        assert (again.rows, again.total) == (table.rows, table.total), table.report.name
    assert len({str(table.rows) for table in told_then}) > len(REPORTS), "the log must change what is said"


def as_it_happens(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is recorded now; a licence is held from now on."""
    happened_at = None if row["kind"] == "agent.licence" else row["happened_at"]
    return {
        **{name: value for name, value in row.items() if name != "recorded_at"},
        "happened_at": happened_at,
    }


@pytest.mark.long
@pytest.mark.usefixtures("log")
@anything
@few(MANY)
def test_figures_are_those_of_a_slow_reading_many_times(seed: int, acts: int) -> None:
    figures_are_those_of_a_slow_reading(seed, acts)


@pytest.mark.long
@pytest.mark.usefixtures("log")
@anything
@few(MANY)
def test_facts_are_those_made_anew_and_answers_stay_many_times(seed: int, acts: int) -> None:
    facts_in_step_are_those_made_anew(seed, acts)


@pytest.mark.long
@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_history_is_read_and_kept_as_well(seed: int) -> None:
    figures_are_those_of_a_slow_reading(seed, 5_000, tickets=400)
    facts_in_step_are_those_made_anew(seed, 5_000, tickets=400, moments=5)
