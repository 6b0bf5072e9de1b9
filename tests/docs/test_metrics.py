"""docs/metrics.md is what the definitions say: every report, count and metric, in words and symbols."""

from __future__ import annotations

import pytest

from kcs.metrics.model import Report
from kcs.metrics.reference import as_markdown
from kcs.metrics.reports import REPORTS
from tests.docs.doc_pages import codes, rows, section, text_of

each_report = pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)


def test_the_page_is_the_definitions() -> None:
    assert text_of("metrics.md") == as_markdown(), "run make metrics-page"


@each_report
def test_every_count_and_metric_of_a_report_is_told_with_its_formula(report: Report) -> None:
    told = section(text_of("metrics.md"), str(report.title))
    assert [codes(row[0])[0] for row in rows(told)] == [count.name for count in report.counts]
    for metric in report.metrics:
        assert f"`{metric.name}`" in told
        for said in (metric.formula, metric.symbols, metric.source, metric.kind.value, *metric.aliases):
            assert said in told, metric.name
        for name in (*metric.numerator, *metric.denominator):
            assert f"`{name.lstrip('-')}`" in told, metric.name


@each_report
def test_every_symbol_is_of_counts_the_report_has(report: Report) -> None:
    """What a metric is made of, and what a chart draws, is defined in the same report."""
    counts = {count.name for count in report.counts}
    figures = counts | {metric.name for metric in report.metrics}
    assert set(report.drawn) <= figures
    for metric in report.metrics:
        assert {name.lstrip("-") for name in (*metric.numerator, *metric.denominator)} <= counts
