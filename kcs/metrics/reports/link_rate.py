"""The link rate: which share of solved tickets was answered with knowledge."""

from __future__ import annotations

from kcs.metrics.exemptions import WithReasons
from kcs.metrics.facts.source import SOLVED as SOURCE
from kcs.metrics.model import Kind, Metric, Report, Shape, Unit
from kcs.metrics.reports.on_solved import (
    BY_DEPARTMENT,
    COUNTED_ONCE,
    EXEMPT,
    INFERRED,
    INFERRED_NOTE,
    LEFT_OUT,
    LINKED,
    NEVER_ZERO,
    SEGMENTS,
    SELF_SERVICE_MOVES_IT,
    SOLVED,
    TAGS_OVERLAP,
    UNANSWERED,
)
from kcs.sentences import Sentence

_COUNTS = (SOLVED, LINKED, EXEMPT, UNANSWERED, INFERRED)
_SOURCE = Sentence("KCS v6, technique 7 / reference to linking (participation rate in v5)")

REPORT = Report(
    name="link-rate",
    title=Sentence("Link rate"),
    words=Sentence("Which share of solved tickets was answered with knowledge."),
    counts=_COUNTS,
    metrics=(
        Metric(
            "link_rate",
            Sentence("Link rate"),
            Kind.ACTIVITY,
            Unit.SHARE,
            Sentence("linked ÷ solved"),
            "L ÷ S",
            _SOURCE,
            numerator=("linked",),
            denominator=("solved",),
            aliases=(Sentence("participation rate"),),
            paired="link_accuracy",
        ),
        Metric(
            "link_rate_without_exempt",
            Sentence("Without exempt"),
            Kind.ACTIVITY,
            Unit.SHARE,
            Sentence("linked ÷ (solved \u2212 exempt)"),
            "L ÷ (S \u2212 E)",
            _SOURCE,
            numerator=("linked",),
            denominator=("solved", "-exempt"),
            paired="link_accuracy",
        ),
    ),
    segments=SEGMENTS,
    reader=WithReasons(_COUNTS, SOURCE),
    shape=Shape.TREND,
    drawn=("link_rate",),
    left_out=LEFT_OUT,
    notes=(
        Sentence("A link made after the solving counts as well."),
        COUNTED_ONCE,
        BY_DEPARTMENT,
        INFERRED_NOTE,
        NEVER_ZERO,
        TAGS_OVERLAP,
        Sentence("This is an activity: watch its trend, set no target on it."),
        SELF_SERVICE_MOVES_IT,
    ),
)
