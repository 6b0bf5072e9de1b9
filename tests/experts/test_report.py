"""The report on experts: who was asked how much and answered how soon, as of a moment, with its questions."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask

from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.experts import services
from kcs.experts.drafting import make_draft
from kcs.experts.models import MayShow, Question
from kcs.experts.reminding import expire_due
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports.experts import REPORT
from kcs.metrics.services import Asked, compute
from tests.experts.conftest import ANSWER, OUTSIDE, Support
from tests.factories import make_agent, token_for
from workflow.permissions import Licence, Role

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
COUNTS = ("asked", "answered", "passed_on", "waiting", "ended", "drafted", "time_to_answer")
HOUR = 3600
# After the first day: Ben answered one in 2 h, and passed one on to Tamar; one he was asked waits.
FIRST_DAY = {
    "Ben": [3, 1, 1, 1, 0, 0, 2 * HOUR],
    OUTSIDE: [1, 0, 0, 1, 0, 0, None],
    "Total": [4, 1, 1, 2, 0, 0, 2 * HOUR],
}
# At the end: Tamar answered in 30 h, which became an article; what waited was taken back.
END = {
    "Ben": [3, 1, 1, 0, 1, 0, 2 * HOUR],
    OUTSIDE: [1, 1, 0, 0, 0, 1, 30 * HOUR],
    "Total": [4, 2, 1, 0, 1, 1, 16 * HOUR],
}

# PostgreSQL's clock is its own: what happened when cannot be played there.
played = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class History:
    """March 2026 of three questions."""

    def __init__(self, support: Support) -> None:
        self.support = support
        with time_machine.travel(START, tick=False) as clock:
            first, second, third = (self.ask(number) for number in range(3))
            clock.shift(timedelta(hours=2))
            self.answer(first)
            services.pass_on(second.turn, support.person(OUTSIDE), terms=support.terms)
            db.session.commit()
            clock.shift(timedelta(hours=1))
            self.first_day = datetime.now(UTC).isoformat()
            clock.shift(timedelta(hours=29))
            self.answer(second)
            make_draft(second, by=support.ana)
            services.withdraw(third, by=support.ana)
            db.session.commit()
        self.second = second

    def ask(self, number: int) -> Question:
        """Ask Ben something."""
        return self.support.ask(
            text=f"Question number {number} about billing", ticket=self.support.new_ticket()
        )

    def answer(self, question: Question) -> None:
        """Let whose turn it is answer."""
        services.answer(question.turn, ANSWER, may_show=MayShow.CUSTOMERS, terms=self.support.terms)
        db.session.commit()


@pytest.fixture
def history(support: Support) -> History:
    """What happened in March."""
    return History(support)


def figures(report: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the figures of a report by the row's name."""
    return {row["label"]: [row[name] for name in COUNTS] for row in (*report["rows"], report["total"])}


def call(history: History, path: str = "", **query: str) -> Any:
    """Ask the API as a manager."""
    manager = make_agent(None, [Role.MANAGER])
    client = history.support.browser()
    answer = client.get(f"/api/v1/reports/experts{path}", query_string=query, headers=token_for(manager))
    assert answer.status_code == 200, answer.text
    return answer.get_json() if answer.is_json else answer.text


@played
def test_every_figure_as_of_a_moment_stays_what_it_was(history: History) -> None:
    early = call(history, **MARCH, as_of=history.first_day)
    assert figures(early) == FIRST_DAY
    assert figures(call(history, **MARCH)) == END
    assert call(history, **MARCH, as_of=history.first_day) == early


@played
def test_a_question_counts_in_the_period_it_was_asked_in(history: History) -> None:
    assert call(history, **{"from": "2026-03-03", "to": "2026-03-04"})["rows"] == []
    assert call(history, **{"from": "2026-03-02", "to": "2026-03-03"})["total"]["asked"] == 4


@played
def test_what_expires_is_ended(history: History) -> None:
    with time_machine.travel(START + timedelta(days=1), tick=False) as clock:
        history.ask(9)
        clock.shift(timedelta(days=15))
        assert expire_due() == 1
    assert call(history, **MARCH)["total"]["ended"] == 2


@played
def test_each_figure_opens_its_questions(history: History) -> None:
    report = call(history, **MARCH, as_of=history.first_day)
    for row in (*report["rows"], report["total"]):
        for cell, address in row["opens"].items():
            path, _, query = address.removeprefix("/api/v1/reports/experts").partition("?")
            page = call(
                history, path, **dict(part.split("=") for part in query.replace("%3A", ":").split("&"))
            )
            assert len(page["items"]) == page["total"] == row[cell], (row["label"], cell)
    one = call(history, "/questions", **MARCH, cell="drafted")["items"]
    assert [(each["id"], each["agent"], each["outcome"]) for each in one] == [
        (history.second.id, OUTSIDE, "Answered")
    ]
    assert call(history, "/questions", **MARCH, per_page="3", page="2")["pages"] == 2


@played
def test_csv_and_command_give_the_same_digits(history: History, app: Flask) -> None:
    rows = list(csv.DictReader(io.StringIO(call(history, **MARCH, format="csv"))))
    assert {row["label"]: row["asked"] for row in rows} == {"Ben": "3", OUTSIDE: "1", "Total": "4"}
    options = [f"--{name}={value}" for name, value in MARCH.items()]
    runner = CliRunner()
    told = runner.invoke(main, ["report", "experts", "--json", *options], obj=app)
    assert figures(json.loads(told.output)) == END
    table = runner.invoke(main, ["report", "experts", *options], obj=app)
    assert [line.split() for line in table.output.splitlines() if line.startswith("Ben")] == [
        ["Ben", "3", "1", "1", "0", "1", "0", "2.0", "h"]
    ]
    assert runner.invoke(main, ["report", "experts", "--from=soon"], obj=app).exit_code == 2


# kind, hours after START it happened and was recorded, whose turn, further ids
LOG: list[tuple[str, float, float, int, dict[str, int]]] = [
    ("question.asked", 0, 0, 1, {"expert_id": 1}),
    ("question.asked", 0, 0, 2, {"expert_id": 1}),
    ("question.answered", 3, 3, 1, {"expert_id": 1}),
    ("question.answer_changed", 4, 4, 1, {"expert_id": 1}),
    ("question.forwarded", 2, 2, 3, {"expert_id": 2, "from_turn_id": 2}),
    ("question.answered", 6, 900, 3, {"expert_id": 2}),
    ("question.drafted", 7, 901, 3, {"expert_id": 2}),
    ("question.asked", 0, 0, 4, {"outside_id": 7}),
    ("question.expired", 300, 310, 4, {"outside_id": 7}),
    ("question.asked", -24 * 40, 0, 5, {"expert_id": 1}),
]
BY_LOG = {
    None: {
        "agent-1": [2, 1, 1, 0, 0, 0, 3 * HOUR],
        "agent-2": [1, 1, 0, 0, 0, 1, 4 * HOUR],
        "outside-7": [1, 0, 0, 0, 1, 0, None],
    },
    305: {
        "agent-1": [2, 1, 1, 0, 0, 0, 3 * HOUR],
        "agent-2": [1, 0, 0, 1, 0, 0, None],
        "outside-7": [1, 0, 0, 1, 0, 0, None],
    },
    1: {
        "agent-1": [2, 0, 0, 2, 0, 0, None],
        "outside-7": [1, 0, 0, 1, 0, 0, None],
    },
}


def test_the_same_log_gives_the_same_digits_on_both_databases(app: Flask) -> None:
    for kind, happened, recorded, turn, ids in LOG:
        detail = {"question_id": turn, "turn_id": turn, "expert_id": None, "outside_id": None, **ids}
        db.session.add(
            Activity(
                kind=kind,
                happened_at=START + timedelta(hours=happened),
                recorded_at=START + timedelta(hours=recorded),
                ticket_id=9,
                authority="test",
                detail=detail,
            )
        )
    db.session.commit()
    window = Window(START - timedelta(days=1), START + timedelta(days=1), ZoneInfo("UTC"))
    for hours, expected in BY_LOG.items():
        as_of = None if hours is None else START + timedelta(hours=hours)
        report = compute(REPORT, Asked(window, Segment.EXPERT, EVERYBODY, as_of))
        got = {row.key: [row.figures[name] for name in COUNTS] for row in report.rows}
        assert got == expected, hours


REACH = [("manager", 4), ("ben", 3), ("coach", 0), ("other", 0)]


@played
def test_whose_figures_are_seen(history: History) -> None:
    people = {
        "manager": make_agent(None, [Role.MANAGER]),
        "ben": history.support.ben,
        "coach": make_agent(None, [Role.COACH], team="T"),
        "other": make_agent(Licence.PUBLISHER),
    }
    client = history.support.browser()
    for name, asked in REACH:
        headers = token_for(people[name])
        got = client.get("/api/v1/reports/experts", query_string=MARCH, headers=headers).get_json()
        assert got["total"]["asked"] == asked, name
        page = client.get(
            "/api/v1/reports/experts/questions",
            query_string={**MARCH, "expert": "outside-1"},
            headers=headers,
        )
        assert page.status_code == (200 if name == "manager" else 404), name


WRONG = [
    ({"expert": "ben"}, 404, "no such expert"),
    ({"expert": "agent-99999999999"}, 422, "no code"),
    ({"cell": "liked"}, 404, "no such count"),
    ({"as_of": "2199-01-01"}, 422, "not over"),
]


@played
def test_what_cannot_be_asked_is_said(support: Support) -> None:
    headers = token_for(make_agent(None, [Role.MANAGER]))
    for query, status, words in WRONG:
        answer = support.browser().get(
            "/api/v1/reports/experts/questions", query_string={**MARCH, **query}, headers=headers
        )
        assert (answer.status_code, words in answer.text) == (status, True), query


@played
def test_the_page_shows_the_report_and_opens_it(history: History) -> None:
    browser = history.support.browser(make_agent(None, [Role.MANAGER]))
    page = browser.get("/reports/experts", query_string=MARCH).text
    for words in ("Questions to experts", "Ben", OUTSIDE, "16 h", "no ranking"):
        assert words in page, words
    listed = browser.get("/reports/experts/questions", query_string={**MARCH, "cell": "passed_on"}).text
    assert "1 in all" in listed
    assert browser.get("/reports/experts.csv", query_string=MARCH).mimetype == "text/csv"
    assert "Nothing to count" in browser.get("/reports/experts?from=2020-01-01&to=2020-02-01").text
    assert browser.get("/reports/experts?from=soon").status_code == 422
