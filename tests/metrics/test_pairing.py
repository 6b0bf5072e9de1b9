"""What a page draws of a table: activities beside their quality, differences with their sign."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

import pytest
from flask import Flask

from kcs.metrics import services
from kcs.metrics.axes import HOUR, MINUTE
from kcs.metrics.comparing import Compare
from kcs.metrics.figures import written
from kcs.metrics.model import Number, Report, Segment, Unit
from kcs.metrics.pairing import also_of, chart_of
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS, activity, cohort, known, link_rate, publishing, reuse, states
from kcs.metrics.services import Asked
from kcs.metrics.writing import changed, mark
from tests.metrics import golden
from tests.metrics.test_link_rate import IN_MAY, TWO_WEEKS


def drawn(report: Report, by: Segment, compare: Compare | None = None) -> Any:
    table = services.compute(report, Asked(TWO_WEEKS, by, EVERYBODY, IN_MAY, compare=compare))
    found = chart_of(table, table.rows, "By")
    return found and cast(Any, found[1])


def test_each_report_is_drawn_in_its_shape_and_no_activity_alone(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
    with app.test_request_context("/"):
        over_time = drawn(link_rate.REPORT, Segment.WEEK, Compare.NOW)
        assert [panel["kind"] for panel in over_time["panels"]] == ["activity", "quality"]
        assert [line["name"] for line in over_time["panels"][0]["lines"]] == ["Link rate", "Link rate, now"]
        by_desk = drawn(link_rate.REPORT, Segment.DESK)
        assert [(column["title"], column["kind"]) for column in by_desk["columns"]] == [
            ("Link rate", "activity"),
            ("Link accuracy", "quality"),
        ]
        assert [column["kind"] for column in drawn(activity.REPORT, Segment.TEAM)["columns"]][-1] == "quality"
        assert drawn(known.REPORT, Segment.WEEK)["shape"] == "stacked"
        assert drawn(reuse.REPORT, Segment.ARTICLE)["shape"] == "pareto"
        assert drawn(cohort.REPORT, Segment.MONTH)["shape"] == "cohort"
        # Each state has its articles and no other: its ages are drawn instead.
        assert drawn(states.REPORT, Segment.STATE) is None


def test_how_many_articles_have_how_many_is_told_of_those_that_have_any(app: Flask) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
    with app.test_request_context("/"):
        table = services.compute(reuse.REPORT, Asked(TWO_WEEKS, Segment.ARTICLE, EVERYBODY, IN_MAY))
        title, spread = cast(Any, also_of(table, "Article"))
        reused = [row for row in table.rows if row.figures["assisted"]]
        assert title == "Articles with at least one, by how many: Reused in tickets"
        assert sum(int(row["texts"][0]) for row in spread["table"]["rows"]) == len(reused) > 0
        none = replace(table, rows=tuple(row for row in table.rows if row not in reused))
        assert also_of(none, "Article") is None


# Of one figure alone the title names it; several are named where they are drawn.
HEADED = [
    (publishing.REPORT, Segment.WEEK, "Published by closure: By"),
    (cohort.REPORT, Segment.MONTH, "Time to the first solo solve: By"),
    (reuse.REPORT, Segment.ARTICLE, "Reused in tickets: By"),
    (activity.REPORT, Segment.TEAM, "Activity: By"),
    (known.REPORT, Segment.WEEK, "New and known issues: By"),
]


@pytest.mark.parametrize(("report", "by", "title"), HEADED, ids=lambda each: getattr(each, "name", None))
def test_a_chart_of_one_figure_is_headed_with_it(app: Flask, report: Report, by: Segment, title: str) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
    with app.test_request_context("/"):
        table = services.compute(report, Asked(TWO_WEEKS, by, EVERYBODY, IN_MAY))
        assert cast(Any, chart_of(table, table.rows, "By"))[0] == title


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda each: each.name)
def test_every_figure_of_every_chart_is_named_in_it(app: Flask, report: Report) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
    with app.test_request_context("/"):
        for by in (report.segments[0], report.segments[-1]):
            table = services.compute(report, Asked(TWO_WEEKS, by, EVERYBODY, IN_MAY))
            found = cast(Any, chart_of(table, table.rows, "By"))
            if found is None:
                continue
            title, chart = found
            columns = [column["title"] for column in chart.get("columns", ()) if "title" in column]
            lines = [[line["name"] for line in panel["lines"]] for panel in chart.get("panels", ())]
            alone = columns if len(columns) == 1 else lines[0] if len(lines) == 1 == len(lines[0]) else []
            assert all(title == f"{name}: By" for name in alone), by


@pytest.mark.parametrize(
    ("figure", "before", "unit", "said"),
    [
        (0.625, 0.5, Unit.SHARE, "+12.5 points"),
        (0.4, 0.5, Unit.SHARE, "\u221210.0 points"),
        (0.5003, 0.5, Unit.SHARE, "+0.03 points"),
        (0.1004, 0.0806, Unit.SHARE, "+1.9 points"),  # 10.0 % and 8.1 %
        (0.500001, 0.5, Unit.SHARE, "hardly changed"),
        (3, 3, Unit.COUNT, "unchanged"),
        (5, 17, Unit.COUNT, "\u221212"),
        (Fraction(7, 3), Fraction(5, 3), Unit.COUNT, "+0.6"),  # 2.3 and 1.7
        (9.6 * MINUTE, 7.9 * MINUTE, Unit.DURATION, "+2 min"),
        (9.6 * MINUTE, 8.4 * MINUTE, Unit.DURATION, "+2 min"),
        (7.6 * MINUTE, 8.4 * MINUTE, Unit.DURATION, "hardly changed"),
        (4.16 * HOUR, 5.34 * HOUR, Unit.DURATION, "\u22121.1 h"),  # 4.2 h and 5.3 h
        (126 * MINUTE, 95 * MINUTE, Unit.DURATION, "+31 min"),
        (-26 * MINUTE, 10 * MINUTE, Unit.DURATION, "\u221236 min"),
        (None, 3, Unit.COUNT, ""),
        (3, None, Unit.COUNT, ""),
    ],
)
def test_a_difference_has_a_sign_and_a_word(
    app: Flask, figure: Number | None, before: Number | None, unit: Unit, said: str
) -> None:
    with app.test_request_context("/"):
        assert changed(figure, before, unit) == said


@pytest.mark.parametrize(
    ("figure", "unit", "said"),
    [
        (-26 * MINUTE, Unit.DURATION, "\u221226 min"),
        (-20, Unit.DURATION, "0 min"),
        (-3.5 * HOUR, Unit.DURATION, "\u22123.5 h"),
        (-0.05, Unit.SHARE, "\u22125.0 %"),
        (-4, Unit.COUNT, "\u22124"),
        (-1.5, Unit.RATIO, "\u22121.5"),
        (-1200, Unit.MONEY, "\u22121,200"),
    ],
)
def test_less_than_nothing_has_a_true_minus(app: Flask, figure: Number, unit: Unit, said: str) -> None:
    with app.test_request_context("/"):
        assert written(figure, unit) == said


@pytest.mark.parametrize(
    ("figure", "unit", "said"),
    [(0.25, Unit.SHARE, "25 %"), (0.025, Unit.SHARE, "2.5 %"), (7200, Unit.DURATION, "2 h")],
)
def test_marks_beside_an_axis_are_brief(app: Flask, figure: Number, unit: Unit, said: str) -> None:
    with app.test_request_context("/"):
        assert mark(figure, unit) == said
