"""What the reports on solved tickets have in common: their counts, segments and what they leave out."""

from __future__ import annotations

from kcs.metrics.model import PERIODS, Count, Segment
from kcs.sentences import Sentence

SOLVED = Count("solved", Sentence("Solved"), Sentence("tickets whose latest solving lies in the period"))
LINKED = Count(
    "linked",
    Sentence("Linked"),
    Sentence("solved tickets with at least one article linked as their resolution, reused or drafted here"),
)
EXEMPT = Count(
    "exempt",
    Sentence("Exempt"),
    Sentence("solved tickets without such a link where an agent said why no article is needed"),
)
UNANSWERED = Count(
    "unanswered",
    Sentence("Unanswered"),
    Sentence("solved tickets with neither a linked article nor a reason why none is needed"),
)
INFERRED = Count(
    "inferred", Sentence("Inferred"), Sentence("solved tickets whose desk does not tell who solved them")
)
PARTS = (
    Segment.AGENT,
    Segment.TEAM,
    Segment.DEPARTMENT,
    Segment.LICENCE,
    Segment.DESK,
    Segment.DOMAIN,
    Segment.PRODUCT,
    Segment.TAG,
)
SEGMENTS = (*PARTS, *PERIODS)
LEFT_OUT = (
    Sentence("links as background reading"),
    Sentence("links that were removed"),
    Sentence("tickets reopened and not solved again"),
    Sentence("tickets deleted on the desk and not restored"),
    Sentence("tickets closed into another one, which is the one that counts"),
)
COUNTED_ONCE = Sentence("A ticket counts once: for whoever solved it last, in the team they were in then.")
BY_DEPARTMENT = Sentence(
    "A department is that of the team as of the moment of the report, whenever the work was done."
)
INFERRED_NOTE = Sentence(
    "Some desks do not always tell who solved a ticket: then it is taken to be the assignee, and "
    "counted as inferred besides."
)
NEVER_ZERO = Sentence("A ratio of nothing is left empty, never zero.")
TAGS_OVERLAP = Sentence(
    "A ticket with several tags stands in the row of each: those rows do not add up to the total."
)
SELF_SERVICE_MOVES_IT = Sentence(
    "As customers help themselves more, the tickets that remain are newer and the rate may fall."
)
