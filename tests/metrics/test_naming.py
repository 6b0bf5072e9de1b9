"""What files, texts and mails call what a report is narrowed to, and sums and pairs of its figures."""

from __future__ import annotations

import pytest

from kcs.metrics.model import Segment
from kcs.metrics.naming import paired_with, summed, word_of
from kcs.metrics.pages import SEGMENT_WORDS
from kcs.metrics.reports import REPORTS, link_rate


def test_a_segment_is_called_as_on_the_page() -> None:
    assert {segment: word_of(segment) for segment in Segment} == SEGMENT_WORDS


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), ""),
        (("solved",), "Solved"),
        (("linked", "exempt"), "Linked + Exempt"),
        (("solved", "-exempt"), "Solved \N{MINUS SIGN} Exempt"),
    ],
)
def test_a_sum_is_said_by_the_titles_of_its_counts(parts: tuple[str, ...], said: str) -> None:
    assert summed(link_rate.REPORT, parts) == said


def test_every_pair_there_is_has_a_name() -> None:
    for report in REPORTS.values():
        for metric in report.metrics:
            assert bool(paired_with(metric)) is bool(metric.paired), metric.name
