"""Every report is defined once and whole: what it counts, how each figure is made of it, and its source."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from kcs.metrics.figures import plain, rounded
from kcs.metrics.model import Kind, Metric, Number, Report, Unit
from kcs.metrics.reports import REPORTS
from kcs.metrics.reports.link_rate import REPORT as LINK_RATE
from kcs.metrics.reports.on_solved import EXEMPT, LINKED, SOLVED

ALL = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
NAME = re.compile(r"[a-z][a-z0-9_]*")
# Nothing is set on what people do, and nobody is put in an order; the words of a report may say just that.
AIMS = re.compile(r"\b(target|goal|quota|ranking|leaderboard|best|worst|top)s?\b", re.IGNORECASE)


def metrics() -> dict[str, Metric]:
    return {metric.name: metric for report in REPORTS.values() for metric in report.metrics}


@ALL
def test_a_report_says_what_it_shows(report: Report) -> None:
    assert re.fullmatch(r"[a-z-]+", report.name)
    assert report.title
    assert report.words.endswith(".")
    assert report.segments
    assert len(set(report.segments)) == len(report.segments)


@ALL
def test_the_names_of_its_figures_are_unique(report: Report) -> None:
    names = [count.name for count in report.counts] + [metric.name for metric in report.metrics]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) for name in names)
    assert set(report.drawn) <= set(names)


@ALL
def test_each_count_and_each_metric_is_defined(report: Report) -> None:
    for count in report.counts:
        assert count.title
        assert count.words
    for metric in report.metrics:
        assert metric.title
        assert metric.formula, metric.name
        assert metric.symbols, metric.name
        assert metric.source, metric.name
        assert metric.kind in Kind


@ALL
def test_a_metric_is_made_of_counts_that_there_are(report: Report) -> None:
    counts = {count.name for count in report.counts}
    for metric in report.metrics:
        parts = [name.removeprefix("-") for name in (*metric.numerator, *metric.denominator)]
        assert set(parts) <= counts, metric.name
        assert metric.numerator or not metric.denominator, metric.name
        if metric.unit is Unit.SHARE and metric.numerator:
            assert metric.denominator, f"{metric.name} is a share of something"


@ALL
def test_each_activity_is_seen_beside_what_it_is_worth(report: Report) -> None:
    for metric in report.metrics:
        if metric.kind is Kind.ACTIVITY:
            assert metric.paired, metric.name
            assert metrics()[metric.paired].kind is Kind.QUALITY, metric.paired


@ALL
def test_no_figure_is_an_aim(report: Report) -> None:
    said = [report.name, report.title]
    for count in report.counts:
        said += [count.name.replace("_", " "), count.title, count.words]
    for metric in report.metrics:
        said += [metric.name.replace("_", " "), metric.title, metric.formula]
    assert [words for words in said if AIMS.search(words)] == []


def test_every_report_has_a_name_and_a_title_of_its_own() -> None:
    assert all(name == report.name for name, report in REPORTS.items())
    assert len({report.title for report in REPORTS.values()}) == len(REPORTS)


@pytest.mark.parametrize(
    ("linked", "exempt", "unanswered", "rate", "without_exempt"),
    [
        (0, 0, 0, None, None),
        (1, 0, 0, 1, 1),
        (0, 0, 1, 0, 0),
        (0, 1, 0, 0, None),
        (1, 1, 0, Fraction(1, 2), 1),
        (3, 2, 5, Fraction(3, 10), Fraction(3, 8)),
    ],
)
def test_link_rate_is_linked_by_solved_and_empty_where_nothing_divides(
    linked: int, exempt: int, unanswered: int, rate: Number | None, without_exempt: Number | None
) -> None:
    counts: dict[str, Number | None] = {
        SOLVED.name: linked + exempt + unanswered,
        LINKED.name: linked,
        EXEMPT.name: exempt,
    }
    assert [metric.of(counts) for metric in LINK_RATE.metrics] == [rate, without_exempt]


@pytest.mark.parametrize(
    ("figure", "unit", "shown"),
    [
        (None, Unit.SHARE, "\u2013"),
        (0, Unit.SHARE, "0.0 %"),
        (1, Unit.SHARE, "100.0 %"),
        (Fraction(2, 3), Unit.SHARE, "66.7 %"),
        (Fraction(1, 16), Unit.SHARE, "6.3 %"),
        (Fraction(9, 16), Unit.SHARE, "56.3 %"),
        (Fraction(1, 2000), Unit.SHARE, "0.1 %"),
        (Fraction(1, 2001), Unit.SHARE, "0.0 %"),
        (0, Unit.COUNT, "0"),
        (Fraction(1, 8), Unit.RATIO, "0.13"),
        (90, Unit.DURATION, "2 min"),
        (7199, Unit.DURATION, "120 min"),
        (7200, Unit.DURATION, "2.0 h"),
        (Fraction(8100), Unit.DURATION, "2.3 h"),
        (2 * 86_400, Unit.DURATION, "2.0 d"),
        (-90, Unit.DURATION, "-2 min"),
        (-3 * 86_400, Unit.DURATION, "-3.0 d"),
        (None, Unit.DURATION, "\u2013"),
        (Fraction(5, 1000), Unit.MONEY, "0.01"),
    ],
)
def test_a_figure_is_written_by_its_unit_halves_up(figure: Number | None, unit: Unit, shown: str) -> None:
    assert plain(figure, unit) == shown


def test_a_half_is_rounded_as_it_is_not_as_the_nearest_binary_number() -> None:
    assert str(rounded(Fraction(1005, 1000), 2)) == "1.01"
    assert str(rounded(1.005, 2)) == "1.00", "this binary number is less than a half"
