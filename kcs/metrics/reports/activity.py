"""What people do for knowledge: counts to be seen beside what they are worth, never ranked."""

from __future__ import annotations

from kcs.metrics.counting import Counted
from kcs.metrics.facts.source import ACTS_OF_PEOPLE
from kcs.metrics.model import Count, Items, Kind, Metric, Report, Segment, Shape, Unit
from kcs.sentences import Sentence

_COUNTS = (
    Count("linked", Sentence("Links"), Sentence("articles linked as the resolution of a ticket"), Items.ACTS),
    Count("created", Sentence("Created"), Sentence("articles begun"), Items.ACTS),
    Count(
        "modified",
        Sentence("Modified"),
        Sentence("texts saved over another, but for one's own in the ticket the article was created in"),
        Items.ACTS,
    ),
    Count(
        "flagged", Sentence("Flagged"), Sentence("articles flagged for somebody else to improve"), Items.ACTS
    ),
)

REPORT = Report(
    name="activity",
    title=Sentence("Activity"),
    words=Sentence(
        "Linking, creating, modifying and flagging, as signs of a habit: no goal is set on any of it."
    ),
    counts=_COUNTS,
    metrics=(
        Metric(
            "acts",
            Sentence("In all"),
            Kind.ACTIVITY,
            Unit.COUNT,
            Sentence("links + created + modified + flagged"),
            "L + C + M + F",
            Sentence("KCS v6, technique 7.3"),
            numerator=("linked", "created", "modified", "flagged"),
            paired="checklist_score",
        ),
    ),
    segments=(Segment.AGENT, Segment.TEAM, Segment.DAY, Segment.WEEK, Segment.MONTH, Segment.QUARTER),
    reader=Counted(_COUNTS, ACTS_OF_PEOPLE),
    shape=Shape.TREND,
    drawn=("linked", "created", "modified", "flagged"),
    left_out=(
        Sentence("what machines and people without an account did"),
        Sentence("links as background reading"),
        Sentence("articles that were imported"),
    ),
    notes=(
        Sentence(
            "An act counts when it was done, also where it was undone later: this is what was done, not "
            "what stands."
        ),
        Sentence(
            "Goals on counts of acts are met by acts, not by knowledge: ten articles a month give ten "
            "empty articles. "
            "So none can be set here, and nobody is ranked."
        ),
    ),
)
