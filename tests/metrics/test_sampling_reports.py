"""Checklist, process review and link accuracy: the latest of each thing and coach, and who may see whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from kcs.activity.models import Activity
from kcs.database import db
from kcs.metrics.missing import NOTHING_COUNTED, NOTHING_FOR_READER, missing_of
from kcs.metrics.model import EVERYTHING, NOBODY, Key, Number, Only, Report, Scope, Segment, with_metrics
from kcs.metrics.narrowing import opens_judged
from kcs.metrics.pairing import chart_of
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach, reach_of
from kcs.metrics.reports import accuracy, checklist, link_rate, process
from kcs.metrics.reports.checklist import KEPT_FOR
from kcs.metrics.services import Asked, compute
from kcs.people import services as people
from kcs.people.coaching import is_close
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, LEO, MIA, NORTH, SOUTH, at

# Week 13 of 2025 in Madrid ends at 22:00 UTC on 30 March, when summer time has come; week 14 on 6 April.
WEEKS = Window(at("2025-03-23T23:00"), at("2025-04-06T22:00"), ZoneInfo("Europe/Madrid"))
LATER = at("2025-12-01")
PEOPLE = {"Ana": (ANA, NORTH), "Ben": (BEN, SOUTH), "Eva": (EVA, None)}
COACHES = {"Cora": CORA, "Leo": LEO}
CODES = {
    "article": ("title", "complete", "links", "own_001"),
    "ticket": ("searched", "linked", "contributed", "kept"),
    "link": ("relevant", "specific", "actionable", "own_001"),
}
Expected = Mapping[Segment, Mapping[Key, tuple[int, ...]]]
UNSCORED = ("contributed", "kept")

# When (UTC), what, by which coach, whose work, thing (v version, t ticket, l link, a article), answers in the
# order of CODES (- not applicable, . not asked), and when it was recorded if not at once.
LOG = """
2025-03-24T09:00 article Cora Ben v11 a1    yyn-
2025-03-24T10:00 article Leo  Ben v11 a1    nnn.
2025-03-25T09:00 article Cora Ben v12 a1    yyyy
2025-03-26T09:00 article Cora Ana v21 a2    ynyn
2025-03-30T21:59 article Leo  Eva v31 a3    ----
2025-03-30T22:00 article Leo  Eva v32 a3    yn..
2025-04-01T09:00 article Cora Ana v21 a2    yyyn
2025-04-06T22:00 article Cora Ben v41 a4    nnnn
2025-04-02T09:00 article Cora Ana v51 a5    yyyy 2026-01-01

2025-03-24T09:00 ticket  Cora Ben t1        yyyy
2025-03-25T09:00 ticket  Cora Ben t2        nyny
2025-03-26T09:00 ticket  Cora Ben t3        nnnn
2025-03-27T09:00 ticket  Cora Ana t4        y---
2025-04-01T09:00 ticket  Leo  Eva t5        -nyn
2025-04-02T09:00 ticket  Cora Ben t3        ynyn

2025-03-24T09:00 link    Cora Ben l1 t1 a1  yyy.
2025-03-25T09:00 link    Cora Ben l2 t1 a2  yyny
2025-03-26T09:00 link    Cora Ana l3 t3 a1  nnnn
2025-04-01T09:00 link    Leo  Eva l4 t4 a1  yyyn
2025-04-02T09:00 link    Cora Ben l2 t1 a2  yyyy
2025-04-02T10:00 link    Cora Ana l5 t5 a2  ynyy
"""


def row(line: str) -> dict[str, Any]:
    """Return a row of the log."""
    moment, kind, coach, of, *things, answers = line.split()
    recorded = moment
    if answers[0].isdigit():
        recorded, answers = answers, things.pop()
    numbers = {each[0]: int(each[1:]) for each in things}
    given = {
        code: {"y": True, "n": False}.get(sign)
        for code, sign in zip(CODES[kind], answers, strict=True)
        if sign != "."
    }
    scored = [answer for code, answer in given.items() if code not in UNSCORED]
    return {
        "kind": f"sample.{kind}",
        "happened_at": at(moment),
        "recorded_at": at(recorded),
        "agent_id": COACHES[coach],
        "team_id": SOUTH,
        "connection_id": 1 if "t" in numbers else None,
        "ticket_id": numbers.get("t"),
        "article_id": numbers.get("a"),
        "link_id": numbers.get("l"),
        "authority": "role:coach",
        "detail": {
            "of": PEOPLE[of][0],
            "of_team": PEOPLE[of][1],
            "version_id": numbers.get("v"),
            "answers": given,
            "yes": scored.count(True),
            "asked": scored.count(True) + scored.count(False),
        },
    }


# Which team belonged to which department, from when. South went to that of North.
DEPARTMENTS = [("2025-01-01", NORTH, 1), ("2025-01-01", SOUTH, 2), ("2025-11-01", SOUTH, 1)]


def belongs(moment: str, team: int, department: int) -> dict[str, Any]:
    """Return a row of the log that gives a team its department."""
    return {
        "kind": "team.department",
        "happened_at": at(moment),
        "recorded_at": at(moment),
        "authority": "system",
        "detail": {"team_id": team, "department_id": department},
    }


@pytest.fixture(autouse=True)
def history(app: Flask) -> None:
    golden.people()
    db.session.execute(db.update(Agent).where(Agent.id == EVA).values(coach_id=LEO))
    db.session.execute(insert(Activity), [row(line) for line in LOG.splitlines() if line.strip()])
    db.session.execute(insert(Activity), [belongs(*each) for each in DEPARTMENTS])
    db.session.commit()


def scope(as_of: datetime = LATER, reach: Reach = EVERYBODY) -> Scope:
    return Scope(WEEKS, as_of, reach)


def figures(report: Report, by: Segment, asked: Scope) -> dict[Key, tuple[Number | None, ...]]:
    """Return what each row counts, in the order of the report."""
    names = [count.name for count in report.counts]
    return {row.key: tuple(row.figures[name] for name in names) for row in report.reader.rows(asked, by)}


# By hand. Ben: v11 by Cora 2 of 3, by Leo 0 of 3, v12 4 of 4; v41 lies outside, and v51 came too late.
# Ana: v21 as judged last, 3 of 4. Eva: v31 0 of 0, v32 1 of 2, in week 14 already.
CHECKLIST: Expected = {
    Segment.AGENT: {ANA: (1, 4, 3), BEN: (3, 10, 6), EVA: (2, 2, 1)},
    Segment.TEAM: {NORTH: (1, 4, 3), SOUTH: (3, 10, 6), NOBODY: (2, 2, 1)},
    Segment.DEPARTMENT: {1: (4, 14, 9), NOBODY: (2, 2, 1)},
    Segment.ARTICLE: {1: (3, 10, 6), 2: (1, 4, 3), 3: (2, 2, 1)},
    Segment.WEEK: {"2025-W13": (4, 10, 6), "2025-W14": (2, 6, 4)},
}
# samples, asked, yes; then something to do, right step, something new, lost. Ben's t3 as judged last.
PROCESS: Expected = {
    Segment.AGENT: {
        ANA: (1, 1, 1, 0, 0, 0, 0),
        BEN: (3, 6, 4, 3, 2, 3, 1),
        EVA: (1, 1, 0, 1, 1, 1, 1),
    },
    Segment.DEPARTMENT: {1: (4, 7, 5, 3, 2, 3, 1), NOBODY: (1, 1, 0, 1, 1, 1, 1)},
    Segment.WEEK: {"2025-W13": (3, 5, 4, 2, 1, 2, 0), "2025-W14": (2, 3, 1, 2, 2, 2, 2)},
}
# samples, accurate, relevant, specific, actionable; a question of their own makes none inaccurate.
ACCURACY: Expected = {
    Segment.AGENT: {ANA: (2, 0, 1, 0, 1), BEN: (2, 2, 2, 2, 2), EVA: (1, 1, 1, 1, 1)},
    Segment.DEPARTMENT: {1: (4, 2, 3, 2, 3), NOBODY: (1, 1, 1, 1, 1)},
    Segment.ARTICLE: {1: (3, 2, 2, 2, 2), 2: (2, 1, 2, 1, 2)},
    Segment.WEEK: {"2025-W13": (2, 1, 1, 1, 1), "2025-W14": (3, 2, 3, 2, 3)},
}
BY_HAND = [(checklist.REPORT, CHECKLIST), (process.REPORT, PROCESS), (accuracy.REPORT, ACCURACY)]


@pytest.mark.parametrize(("report", "expected"), BY_HAND, ids=lambda each: getattr(each, "name", ""))
def test_the_figures_are_those_worked_out_by_hand(report: Report, expected: Expected) -> None:
    assert {by: figures(report, by, scope()) for by in expected} == expected
    total = tuple(map(sum, zip(*expected[Segment.WEEK].values(), strict=True)))
    assert tuple(report.reader.total(scope()).values()) == total


def test_metrics_are_shares_of_what_applied() -> None:
    made = {
        report.name: {
            metric.name: with_metrics(report, report.reader.total(scope()))[metric.name]
            for metric in report.metrics
        }
        for report, _ in BY_HAND
    }
    assert made == {
        "checklist": {"checklist_score": Fraction(10, 16)},
        "par": {
            "process_score": Fraction(5, 8),
            "contribution_index": Fraction(3, 4),
            "knowledge_lost": Fraction(2, 4),
        },
        "link-accuracy": {
            "link_accuracy": Fraction(3, 5),
            "relevant_links": Fraction(4, 5),
            "specific_links": Fraction(3, 5),
            "actionable_links": Fraction(4, 5),
        },
    }


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (checklist.REPORT, {ANA: (1, 4, 2), BEN: (3, 10, 6), EVA: (2, 2, 1)}),
        (process.REPORT, {ANA: (1, 1, 1, 0, 0, 0, 0), BEN: (3, 6, 3, 3, 1, 3, 1)}),
        (accuracy.REPORT, {ANA: (1, 0, 0, 0, 0), BEN: (2, 1, 2, 2, 1)}),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_an_earlier_moment_knows_the_earlier_judgement(report: Report, expected: object) -> None:
    assert figures(report, Segment.AGENT, scope(as_of=at("2025-03-31T12:00"))) == expected


def test_a_department_is_that_of_the_moment_and_its_row_opens_what_it_counts() -> None:
    then = scope(as_of=at("2025-03-31T12:00"))
    rows: dict[Key, tuple[int, int, int]] = {1: (1, 4, 2), 2: (3, 10, 6), NOBODY: (2, 2, 1)}
    assert figures(checklist.REPORT, Segment.DEPARTMENT, then) == rows
    for key, (samples, _, _) in rows.items():
        part = replace(then, only=Only({Segment.DEPARTMENT: key}))
        page = checklist.REPORT.reader.items(part, "samples", limit=9, offset=0)
        assert page.total == len(page.items) == samples


# Whose rows each person gets: of the checklist and the process review, and of link accuracy.
SEEN = {
    ANA: ({ANA}, {ANA}),
    BEN: ({BEN}, {BEN}),
    EVA: ({EVA}, {EVA}),
    CORA: ({BEN}, {BEN}),
    LEO: ({EVA}, set()),
    MIA: ({ANA}, {ANA, BEN, EVA}),
    ADA: (set(), {ANA, BEN, EVA}),
}


@pytest.mark.parametrize("who", SEEN)
def test_a_checklist_is_for_the_person_their_coach_and_their_manager(who: int) -> None:
    asked = scope(reach=reach_of(db.session.get_one(Agent, who)))
    close, common = SEEN[who]
    assert set(figures(checklist.REPORT, Segment.AGENT, asked)) == close
    assert set(figures(process.REPORT, Segment.AGENT, asked)) == close
    assert set(figures(accuracy.REPORT, Segment.AGENT, asked)) == common
    # No total, period or drill-down tells of anybody else.
    for report, expected in ((checklist.REPORT, CHECKLIST), (process.REPORT, PROCESS)):
        samples = sum(expected[Segment.AGENT][person][0] for person in close)
        assert report.reader.total(asked)["samples"] == samples
        assert (
            sum(int(row.figures["samples"] or 0) for row in report.reader.rows(asked, Segment.WEEK))
            == samples
        )
        assert report.reader.items(asked, "samples", limit=50, offset=0).total == samples


# Mia and Ada see everybody's figures, and open what was judged of a person named, where they manage them.
OPENED: list[tuple[int, int | None, int]] = [
    (ANA, None, 200),
    (ANA, BEN, 404),
    (CORA, None, 200),
    (CORA, BEN, 200),
    (MIA, None, 404),
    (MIA, ANA, 200),
    (MIA, BEN, 404),
    (ADA, None, 404),
    (ADA, ANA, 404),
]


@pytest.mark.parametrize(("who", "of", "status"), OPENED)
def test_judged_links_open_for_the_person_their_coach_and_their_manager_alone(
    client: FlaskClient, who: int, of: int | None, status: int
) -> None:
    browser = sign_in(client, db.session.get_one(Agent, who))
    asked = "from=2025-03-24&to=2025-04-07&as_of=2025-12-01" + (f"&agent={of}" if of else "")
    counted = sum(ACCURACY[Segment.AGENT][person][0] for person in SEEN[who][1] if of in (None, person))
    report = browser.get(f"/reports/link-accuracy?{asked}&by=week")
    if counted:  # the figure stays for whoever has it by their reach
        assert ("/reports/link-accuracy/samples?" in report.text) is (status == 200)
        total = browser.get(f"/reports/link-accuracy.json?{asked}").get_json()["total"]
        assert (total["samples"], bool(total["opens"])) == (counted, status == 200)
    for kind in ("", ".csv"):
        listed = browser.get(f"/reports/link-accuracy/samples{kind}?{asked}&cell=accurate")
        assert listed.status_code == status


def test_a_manager_opens_the_judged_links_of_the_teams_they_were_named_for(client: FlaskClient) -> None:
    people.name_manager(db.session.get_one(Agent, MIA), ["South"])
    browser = sign_in(client, db.session.get_one(Agent, MIA))
    asked = f"from=2025-03-24&to=2025-04-07&as_of=2025-12-01&cell=accurate&agent={BEN}"
    page = browser.get(f"/reports/link-accuracy/samples?{asked}").text
    assert page.split("<tbody>")[1].split("</tbody>")[0].count("Ben") == 2


def test_whoever_sees_some_people_alone_is_close_to_all_of_them() -> None:
    """What may be opened hangs on this: people within reach are oneself, or coached or managed."""
    people.name_manager(db.session.get_one(Agent, MIA), ["South"])
    for who in (ANA, BEN, EVA, CORA, LEO, MIA):
        reader = db.session.get_one(Agent, who)
        reach = reach_of(reader)
        assert opens_judged(reach, EVERYTHING)
        for each in db.session.query(Agent):
            assert is_close(reader, each) or not reach.covers(each)


@pytest.mark.parametrize("report", [report for report, _ in BY_HAND], ids=lambda report: report.name)
def test_every_cell_opens_what_it_counts(report: Report) -> None:
    for by in report.segments:
        for found in report.reader.rows(scope(), by):
            part = Scope(found.window, LATER, EVERYBODY, found.only)
            for count in report.counts:
                if count.items is not None:
                    page = report.reader.items(part, count.name, limit=50, offset=0)
                    told = (by, found.key, count.name)
                    assert page.total == len(page.items) == found.figures[count.name], told


def test_what_a_cell_opens_says_how_it_was_judged() -> None:
    asked = Scope(WEEKS, LATER, EVERYBODY, Only({Segment.AGENT: ANA}))

    def shown(report: Report, *names: str) -> list[tuple[object, ...]]:
        page = report.reader.items(asked, "samples", limit=50, offset=0)
        assert all(name in dict(page.columns) for name in names)
        return [tuple(item.cells[name] for name in names) for item in page.items]

    assert shown(checklist.REPORT, "agent", "yes", "asked") == [("Ana", 3, 4)]
    assert shown(process.REPORT, "agent", "yes", "asked") == [("Ana", 1, 1)]
    assert shown(accuracy.REPORT, "relevant", "specific", "actionable") == [
        ("Yes", "No", "Yes"),
        ("No", "No", "No"),
    ]


@pytest.mark.parametrize("report", [checklist.REPORT, process.REPORT], ids=lambda report: report.name)
def test_whoever_sees_nobodys_judged_work_is_told_whose_it_is_and_not_whether_there_is_any(
    client: FlaskClient, report: Report
) -> None:
    browser = sign_in(client, db.session.get_one(Agent, ADA))
    with_some, with_none = "from=2025-03-24&to=2025-04-07", "from=2024-03-24&to=2024-04-07"
    for days in (with_some, with_none):
        page = browser.get(f"/reports/{report.name}?{days}").text
        assert "for the person whose work was judged, their coach and their manager. Of the people" in page
        assert "Nothing to count in this period" not in page
        told = browser.get(f"/reports/{report.name}.json?{days}").get_json()
        assert told["reasons"][NOTHING_FOR_READER]["words"] == KEPT_FOR
        assert all(why == [NOTHING_FOR_READER] for why in told["total"]["missing"].values())


def test_a_command_is_kept_from_no_judged_work(app: Flask) -> None:
    earlier = Window(at("2024-03-24"), at("2024-04-07"), WEEKS.zone)
    table = compute(checklist.REPORT, Asked(earlier, Segment.AGENT, EVERYBODY, LATER))
    assert missing_of(table).of(table.total) == {"checklist_score": (NOTHING_COUNTED,)}


def test_a_person_narrowed_to_is_still_kept_from_others() -> None:
    asked = Scope(WEEKS, LATER, reach_of(db.session.get_one(Agent, MIA)), Only({Segment.AGENT: BEN}))
    assert checklist.REPORT.reader.total(asked)["samples"] == 0


def test_how_many_links_were_judged_stands_beside_their_accuracy(app: Flask) -> None:
    with app.test_request_context("/"):
        by_week = compute(link_rate.REPORT, Asked(WEEKS, Segment.WEEK, EVERYBODY, LATER))
        _, chart = cast(Any, chart_of(by_week, by_week.rows, "Week"))
        assert [panel["of"] for panel in chart["panels"]] == ["", "Links judged: 5"]
        assert chart["table"]["heads"] == ["Link rate", "Link accuracy", "Links judged"]
        # Week 13: l1 and l3; week 14: l4, l5, and l2 as judged last.
        assert [each["texts"][1:] for each in chart["table"]["rows"]] == [["50.0 %", "2"], ["66.7 %", "3"]]


def test_the_page_says_of_each_quality_figure_how_many_were_judged(client: FlaskClient) -> None:
    agent = sign_in(client, db.session.get_one(Agent, ADA))
    page = agent.get("/reports/link-accuracy?from=2025-03-24&to=2025-04-07&as_of=2025-12-01&by=week").text
    cards = page.split('<ul class="cards stats">')[1].split("</ul>")[0]
    assert cards.count("Links judged: 5") == len(accuracy.REPORT.metrics)
