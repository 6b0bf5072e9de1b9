"""What files, texts and mails call what a report is narrowed to, and sums and pairs of its figures."""

from __future__ import annotations

import pytest

from kcs.metrics.model import Segment
from kcs.metrics.naming import SEGMENT_WORDS, paired_with, summed
from kcs.metrics.reports import REPORTS, link_rate


def test_every_segment_there_is_has_a_word() -> None:
    assert set(SEGMENT_WORDS) == set(Segment)


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
