"""What a page draws of a table: activities beside their quality, differences with their sign."""

from __future__ import annotations

from typing import Any, cast

import pytest
from flask import Flask

from kcs.metrics import services
from kcs.metrics.model import Number, Report, Segment, Unit
from kcs.metrics.pairing import chart_of
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import activity, cohort, known, link_rate, reuse, states
from kcs.metrics.services import Asked, Compare
from kcs.metrics.writing import changed, mark
from tests.metrics import golden
from tests.metrics.test_link_rate import IN_MAY, TWO_WEEKS


def drawn(report: Report, by: Segment, compare: Compare | None = None) -> Any:
    table = services.compute(report, Asked(TWO_WEEKS, by, EVERYBODY, IN_MAY, compare=compare))
    return cast(Any, chart_of(table, table.rows, "By"))


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


@pytest.mark.parametrize(
    ("figure", "before", "unit", "said"),
    [
        (0.625, 0.5, Unit.SHARE, "+12.5 points"),
        (0.4, 0.5, Unit.SHARE, "\u221210.0 points"),
        (0.5003, 0.5, Unit.SHARE, "+0.03 points"),
        (3, 3, Unit.COUNT, "unchanged"),
        (5, 17, Unit.COUNT, "\u221212"),
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
    [(0.25, Unit.SHARE, "25 %"), (0.025, Unit.SHARE, "2.5 %"), (7200, Unit.DURATION, "2 h")],
)
def test_marks_beside_an_axis_are_brief(app: Flask, figure: Number, unit: Unit, said: str) -> None:
    with app.test_request_context("/"):
        assert mark(figure, unit) == said
