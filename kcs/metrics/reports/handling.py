"""How tickets fare that were answered with knowledge, beside those that were not."""

from __future__ import annotations

from kcs.metrics.counting import Counted
from kcs.metrics.facts.source import MEASURED
from kcs.metrics.model import Count, Kind, Metric, Report, Segment, Shape, Unit
from kcs.metrics.reports.on_solved import (
    BY_DEPARTMENT,
    COUNTED_ONCE,
    LEFT_OUT,
    NEVER_ZERO,
    SEGMENTS,
    SOLVED,
    TAGS_OVERLAP,
)
from kcs.sentences import Sentence

_COUNTS = (
    SOLVED,
    Count(
        "reopened",
        Sentence("Reopened"),
        Sentence("solved tickets that had been solved before and were reopened"),
    ),
    Count(
        "contacted",
        Sentence("Replied to"),
        Sentence("solved tickets with at least one public reply by an agent"),
    ),
    Count("one_contact", Sentence("In one contact"), Sentence("solved tickets with exactly one such reply")),
    Count("rated", Sentence("Rated"), Sentence("solved tickets whose customer rated the support")),
    Count("satisfied", Sentence("Satisfied"), Sentence("of these, rated as good")),
    Count(
        "timed", Sentence("Timed"), Sentence("solved tickets whose desk tells how long was worked on them")
    ),
    Count(
        "work_seconds",
        Sentence("Work"),
        Sentence("time worked on the timed tickets"),
        items=None,
        unit=Unit.DURATION,
        listed=False,
    ),
)


def _share(name: str, title: Sentence, formula: Sentence, symbols: str, part: str, whole: str) -> Metric:
    return Metric(
        name,
        title,
        Kind.OUTCOME,
        Unit.SHARE,
        formula,
        symbols,
        Sentence("help desk practice"),
        numerator=(part,),
        denominator=(whole,),
    )


def _median(name: str, title: Sentence, formula: Sentence, symbols: str) -> Metric:
    return Metric(name, title, Kind.OUTCOME, Unit.DURATION, formula, symbols, Sentence("help desk practice"))


REPORT = Report(
    name="handling",
    title=Sentence("Handling, linked and not"),
    words=Sentence("How tickets fare that were answered with knowledge, beside those that were not."),
    counts=_COUNTS,
    metrics=(
        _share(
            "reopen_rate",
            Sentence("Reopen rate"),
            Sentence("reopened ÷ solved"),
            "R ÷ S",
            "reopened",
            "solved",
        ),
        _share(
            "first_contact_resolution",
            Sentence("First contact resolution"),
            Sentence("in one contact ÷ replied to"),
            "S₁ ÷ Sₐ",
            "one_contact",
            "contacted",
        ),
        _share(
            "satisfaction",
            Sentence("Satisfaction"),
            Sentence("satisfied ÷ rated"),
            "G ÷ C",
            "satisfied",
            "rated",
        ),
        Metric(
            "average_work_time",
            Sentence("Average work time"),
            Kind.OUTCOME,
            Unit.DURATION,
            Sentence("time worked ÷ timed tickets"),
            "Σw ÷ n",
            Sentence("KCS v6, average work time to resolve"),
            numerator=("work_seconds",),
            denominator=("timed",),
        ),
        _median(
            "time_to_relief",
            Sentence("Time to relief"),
            Sentence("median of the time from opening to the latest solving"),
            "med(s \u2212 o)",
        ),
        _median(
            "first_response",
            Sentence("First response"),
            Sentence("median of the time from opening to the first public reply"),
            "med(r \u2212 o)",
        ),
    ),
    segments=(Segment.OUTCOME, *SEGMENTS),
    reader=Counted(_COUNTS, MEASURED, medians={"time_to_relief": "relief", "first_response": "first_reply"}),
    shape=Shape.BARS,
    drawn=("reopen_rate", "first_contact_resolution", "satisfaction"),
    left_out=LEFT_OUT,
    notes=(
        Sentence("Times run by the clock, nights and weekends included."),
        Sentence(
            "Tickets of which the desk does not tell a figure are left out of that figure, not counted as "
            "zero."
        ),
        COUNTED_ONCE,
        BY_DEPARTMENT,
        NEVER_ZERO,
        TAGS_OVERLAP,
    ),
)
