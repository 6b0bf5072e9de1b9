"""A page with every chart there is, of made-up figures: to be looked at, and walked by the tests."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, render_template_string

from kcs.metrics.drawing.ages import Aged, ages
from kcs.metrics.drawing.bars import bars
from kcs.metrics.drawing.cohort import Started, cohort
from kcs.metrics.drawing.distribution import distribution
from kcs.metrics.drawing.drawn import Figure
from kcs.metrics.drawing.gaps import Gap, gaps
from kcs.metrics.drawing.pareto import pareto
from kcs.metrics.drawing.radar import Skill, radar
from kcs.metrics.drawing.stacked import stacked
from kcs.metrics.drawing.trend import trend
from kcs.metrics.model import EVERYTHING, Key, Kind, Number, Row, Segment, Unit
from kcs.metrics.period_names import called
from kcs.metrics.periods import GRAINS, Window, moment
from kcs.metrics.reports import activity, handling, known, link_rate, process
from kcs.metrics.writing import WRITING

ADDRESS = "/every-chart"
START = datetime(2026, 1, 5, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(84), ZoneInfo("UTC"))
NAMES = (
    "Ana Lima",
    "Bo Chen",
    "Bartholomew Featherstonehaugh-Cholmondeley",
    "Dina Okafor",
    "דנה לוי",
    "Zoë Ruiz",
)
ARTICLES = (
    "Calendar shows the wrong week",
    "Export never ends",
    "Reset the password",
    "Invoice without a tax number",
)
DAY = 86400

PAGE = """{% extends "base.html" %}
{% from "_charts.html" import draw %}
{% block title %}Every chart{% endblock %}
{% block head %}<link rel="stylesheet" href="{{ url_for('static', filename='charts.css') }}">{% endblock %}
{% block content %}<div class="page-head"><h1>Every chart</h1></div>
<div class="stack">{% for title, desc, chart in charts %}
<section class="card">
{{ draw(chart, title, "chart-" ~ loop.index, desc) }}</section>{% endfor %}</div>
{% endblock %}"""


def html(app: Flask, language: str) -> str:
    """Return the page in a language."""
    with app.test_request_context(ADDRESS, headers={"Accept-Language": language}):
        return render_template_string(PAGE, charts=charts())


def charts() -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return title, description and chart of each; the same ones every time."""
    chance = random.Random(8)  # figures to look at
    weeks = _called(Segment.WEEK, [_solved(f"2026-W{number:02}", chance, number) for number in range(2, 14)])
    weeks[5] = replace(weeks[5], figures={})
    earlier = {row.key: _solved("", chance, place) for place, row in enumerate(weeks)}
    accuracy = {
        row.key: None if place < 2 else Fraction(chance.randint(70, 95), 100)
        for place, row in enumerate(weeks)
    }
    days = _called(Segment.DAY, [_solved(f"day {number}", chance, number // 5) for number in range(60)])
    months = _called(Segment.MONTH, [_solved(f"month {number}", chance, number) for number in range(12)])
    years = _called(Segment.WEEK, [_solved(f"week {number}", chance, number // 9) for number in range(100)])
    people = [_solved(name, chance, number) for number, name in enumerate(NAMES)]
    before = {row.key: _solved("", chance, 3) for row in people}
    quality = {row.key: Fraction(chance.randint(60, 98), 100) for row in people}
    return [
        (
            "Link rate by week",
            "Beside the period before",
            _trend(link_rate.REPORT, weeks, _pair("link_accuracy", accuracy), earlier),
        ),
        (
            "Link rate with weeks of nothing",
            "",
            _trend(link_rate.REPORT, _zigzag(), _pair("link_accuracy", {})),
        ),
        ("Handling by week", "", _trend(handling.REPORT, weeks, {})),
        (
            "Time to relief by week",
            "",
            trend(handling.REPORT, weeks, ["time_to_relief", "first_response"], of="Week", writing=WRITING),
        ),
        ("What people did, by week", "", _trend(activity.REPORT, weeks, _pair("checklist_score", accuracy))),
        ("Link rate by day", "", _trend(link_rate.REPORT, days, _pair("link_accuracy", {}))),
        ("Handling by month", "", _trend(handling.REPORT, months, {})),
        ("Handling by week of two years", "", _trend(handling.REPORT, years, {})),
        (
            "New and known issues by week",
            "",
            stacked(
                known.REPORT,
                [*weeks[:-1], replace(weeks[-1], partial=True)],
                known.REPORT.drawn,
                of="Week",
                writing=WRITING,
            ),
        ),
        (
            "Link rate by agent",
            "Sorted by name: this is no ranking.",
            _bars(people, _pair("link_accuracy", quality), before),
        ),
        (
            "Link rate by agent",
            "Sorted by name: this is no ranking.",
            _bars(people, _pair("link_accuracy", quality), None),
        ),
        ("Process review by agent", "What was judged beside each", _judged(people)),
        ("Reuse of articles", "", _pareto(chance)),
        ("How often articles are reused", "", _distribution(chance)),
        ("Ana Lima beside her team", "", _radar()),
        ("How long articles stay in a state", "", _ages(chance)),
        ("Time to the first ticket solved alone", "", _cohort(chance)),
        ("Missing knowledge", "Tickets that found nothing", _gaps()),
    ]


def _zigzag() -> list[Row]:
    shares = (0.0, 0.455, 0.0, 0.0, 1.0, 0.62, 0.35, 0.0, 0.12, 0.88, 0.9, 0.0)
    return _called(
        Segment.WEEK,
        [_row(f"2026-W{place:02}", {"link_rate": share}) for place, share in enumerate(shares, 2)],
    )


def _solved(label: str, chance: random.Random, growth: int) -> Row:
    solved = chance.randint(140, 190)
    linked = min(int(solved * (0.4 + growth * 0.03)) + chance.randint(-8, 8), solved)
    old = int(linked * 0.7)
    figures: dict[str, Number | None] = {
        "solved": solved,
        "linked": linked,
        "known": old,
        "new": linked - old,
        "unknown": solved - linked,
        "link_rate": Fraction(linked, solved),
        "link_rate_without_exempt": Fraction(linked, solved - 9),
        "created": chance.randint(4, 20),
        "modified": chance.randint(10, 45),
        "flagged": chance.randint(0, 9),
        **{
            metric.name: 3600 * (5 + chance.random() * 20)
            for metric in handling.REPORT.metrics
            if metric.unit is Unit.DURATION
        },
        **{
            metric.name: chance.random() / 3
            for metric in handling.REPORT.metrics
            if metric.unit is Unit.SHARE
        },
    }
    return _row(label, figures)


def _called(by: Segment, rows: Sequence[Row]) -> list[Row]:
    """Return rows as those of the days, weeks or months from START on, called as a page calls them."""
    grain, day = GRAINS[by], START.date()
    windows = []
    for _ in rows:
        after = grain.next(day)
        windows.append(Window(moment(day, WINDOW.zone), moment(after, WINDOW.zone), WINDOW.zone))
        day = after
    return list(called((replace(row, window=each) for row, each in zip(rows, windows, strict=True)), by))


def _row(label: str, figures: Mapping[str, Number | None]) -> Row:
    return Row(label, label, figures, EVERYTHING, WINDOW)


def _pair(name: str, values: Mapping[Key, Number | None]) -> Mapping[str, Figure]:
    titles = {"link_accuracy": "Link accuracy", "checklist_score": "Checklist score"}
    judged = Figure(
        "judged", "Links judged", Unit.COUNT, values=dict.fromkeys(values, 12), total=12 * len(values)
    )
    return {name: Figure(name, titles[name], Unit.SHARE, Kind.QUALITY, values=values, of=judged)}


def _trend(
    report: Any, rows: Sequence[Row], pairs: Mapping[str, Figure], compared: Mapping[Key, Row] | None = None
) -> Any:
    return trend(report, rows, report.drawn, of="Week", writing=WRITING, compared=compared, pairs=pairs)


def _bars(rows: Sequence[Row], pairs: Mapping[str, Figure], compared: Mapping[Key, Row] | None) -> Any:
    report = link_rate.REPORT
    return bars(
        report,
        rows,
        report.drawn,
        of="Agent",
        writing=WRITING,
        compared=compared,
        pairs=pairs,
        url=lambda _: "#content",
    )


def _judged(people: Sequence[Row]) -> Any:
    """Return bars whose figures have the most beside them: what they were before, of how many they are."""
    report = process.REPORT
    figures: dict[str, Number | None] = dict.fromkeys((count.name for count in report.counts), 24)
    figures.update(dict.fromkeys((metric.name for metric in report.metrics), Fraction(2, 3)))
    rows = [replace(row, figures=figures) for row in people]
    before = {row.key: row for row in rows}
    return bars(report, rows, report.drawn, of="Agent", writing=WRITING, compared=before)


def _pareto(chance: random.Random) -> Any:
    counts = [max(1, int(140 / (place + 1) ** 0.9) + chance.randint(0, 3)) for place in range(44)]
    rows = [
        _row(f"KB-{place:03} {ARTICLES[place % 4]}", {"reused": count}) for place, count in enumerate(counts)
    ]
    return pareto(
        rows,
        "reused",
        of="Article",
        figure="Reused",
        writing=WRITING,
        marked={rows[1].key, rows[6].key},
        mark="not an answer",
        url=lambda _: "#content",
    )


def _distribution(chance: random.Random) -> Any:
    numbers = [int(chance.paretovariate(0.8)) for _ in range(600)]
    return distribution(numbers, of="Reused", figure="Articles", writing=WRITING)


def _radar() -> Any:
    skills = [
        Skill("Link rate", Unit.SHARE, 0.62, 0.55),
        Skill("Link accuracy", Unit.SHARE, 0.91, 0.84),
        Skill("Checklist score", Unit.SHARE, 0.78, 0.86),
        Skill("Process score", Unit.SHARE, None, 0.7),
        Skill("Contribution index", Unit.SHARE, 0.45, 0.6),
        Skill("Cited by others", Unit.COUNT, 14, 9, full=20),
    ]
    return radar(skills, of="Skill", who="Ana Lima", other="the team", writing=WRITING)


def _ages(chance: random.Random) -> Any:
    states = {"Work in progress": 9, "Not validated": 30, "Validated": 120, "Published": 200, "Archived": 0}
    groups = [
        Aged(state, [chance.expovariate(1 / days) * DAY for _ in range(40)] if days else (), "#content")
        for state, days in states.items()
    ]
    return ages(groups, of="State", writing=WRITING)


def _cohort(chance: random.Random) -> Any:
    named = _called(Segment.MONTH, [_row("", {})] * 12)
    months = [
        Started(
            row.label,
            [max(1, chance.gauss(70 - 3.5 * month, 14)) * DAY for _ in range(month % 5 + 2)],
            month // 5,
        )
        for month, row in enumerate(named, 1)
    ]
    return cohort(months, of="Began in", writing=WRITING)


def _gaps() -> Any:
    words = (
        "calendar sync outlook",
        "export csv umlauts",
        "two factor lost phone",
        "invoice tax number missing",
    )
    found = [Gap(each, 34 - 9 * place, "#content") for place, each in enumerate(words)]
    return gaps(found, of="What was asked", figure="Tickets", writing=WRITING)
