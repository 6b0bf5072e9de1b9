"""Known, new and unknown issues: was the answer there before the ticket was?"""

from __future__ import annotations

from kcs.metrics.counting import Counted
from kcs.metrics.facts.source import SOLVED as SOURCE
from kcs.metrics.model import PERIODS, Count, Kind, Metric, Report, Shape, Unit
from kcs.metrics.reports.on_solved import (
    BY_DEPARTMENT,
    COUNTED_ONCE,
    LEFT_OUT,
    NEVER_ZERO,
    PARTS,
    SELF_SERVICE_MOVES_IT,
    SOLVED,
    TAGS_OVERLAP,
)
from kcs.sentences import Sentence

_COUNTS = (
    SOLVED,
    Count(
        "known",
        Sentence("Known"),
        Sentence("solved tickets linked to an article that was there before the ticket was opened"),
    ),
    Count(
        "new",
        Sentence("New"),
        Sentence(
            "solved tickets linked only to articles made after the ticket was opened, as from this ticket"
        ),
    ),
    Count("unknown", Sentence("Unknown"), Sentence("solved tickets without a link: nobody can tell")),
    Count(
        "reused",
        Sentence("With reuse"),
        Sentence("solved tickets linked to an article that was not created in this very ticket"),
    ),
    Count(
        "created", Sentence("With an article created"), Sentence("solved tickets linked to a draft made here")
    ),
)

READER = Counted(_COUNTS, SOURCE)
REPORT = Report(
    name="known",
    title=Sentence("New and known issues"),
    words=Sentence("How many of the solved tickets ask what was answered before."),
    counts=_COUNTS,
    metrics=(
        Metric(
            "known_share",
            Sentence("Share known"),
            Kind.OUTCOME,
            Unit.SHARE,
            Sentence("known ÷ (known + new)"),
            "K ÷ (K + N)",
            Sentence("HDAA, new versus known; inferred from links"),
            numerator=("known",),
            denominator=("known", "new"),
        ),
    ),
    segments=(*PERIODS, *PARTS),
    reader=READER,
    shape=Shape.STACKED,
    drawn=("known", "new", "unknown"),
    left_out=LEFT_OUT,
    notes=(
        Sentence(
            "Where the desk does not tell when a ticket was opened, an article made from it is new, any "
            "other known."
        ),
        Sentence(
            "Inferred from links: an issue that was known but not linked counts as unknown. Samples tell "
            "how many those are."
        ),
        COUNTED_ONCE,
        BY_DEPARTMENT,
        NEVER_ZERO,
        TAGS_OVERLAP,
        SELF_SERVICE_MOVES_IT,
    ),
)
