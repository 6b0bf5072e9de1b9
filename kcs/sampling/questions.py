"""What is asked of a sample: one set of questions for each kind of thing, as shipped.

Every question is put so that yes is good. An organisation may switch those off that are not fixed and add its
own (`kcs.sampling.queries.questions_of`); the figures of reports are made of the fixed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kcs.sentences import Sentence


class Kind(StrEnum):
    """What is looked at."""

    ARTICLE = "article"
    TICKET = "ticket"
    LINK = "link"


@dataclass(frozen=True)
class Question:
    """One question. `scored` ones make the score; a fixed one is always asked.

    One that is not `skippable` takes yes or no alone. `own` ones were added by the organisation.
    """

    code: str
    text: str
    hint: str = ""
    scored: bool = True
    fixed: bool = False
    skippable: bool = True
    own: bool = False


RELEVANT, SPECIFIC, ACTIONABLE = "relevant", "specific", "actionable"
CONTRIBUTED, KEPT = "contributed", "kept"

SHIPPED: Mapping[Kind, tuple[Question, ...]] = {
    Kind.ARTICLE: (
        Question(
            "title",
            Sentence("The title says what it is about"),
            Sentence("What goes wrong or is wanted, and with what."),
        ),
        Question(
            "one_topic",
            Sentence("It is about one thing, and no other article says the same"),
        ),
        Question(
            "complete",
            Sentence("Everything a reader needs is there"),
            Sentence("Nothing of a particular customer is."),
        ),
        Question(
            "understandable",
            Sentence("It is easy to follow, in the words of those who ask"),
        ),
        Question(
            "formatting",
            Sentence("It looks as our articles look"),
            Sentence("Each thing in its field, steps as steps."),
        ),
        Question(
            "properties",
            Sentence("Its properties are right"),
            Sentence("Domain, tags, state, and who may read it."),
        ),
        Question("links", Sentence("Its links lead where they should")),
    ),
    Kind.TICKET: (
        Question("searched", Sentence("Knowledge was searched before the answer was given")),
        Question("customer_words", Sentence("The search was made with the customer's words")),
        Question("linked", Sentence("The article that was there is linked")),
        Question("link_accurate", Sentence("What is linked answers this ticket")),
        Question(
            "improved",
            Sentence("What was wrong or missing in it was mended or flagged"),
        ),
        Question("created", Sentence("Where there was no article, one was written")),
        Question("no_duplicate", Sentence("No second article was written about the same thing")),
        Question(
            "context",
            Sentence("What the customer said of their situation is written down"),
        ),
        Question("standing", Sentence("Confidence and audience are set rightly")),
        Question(
            CONTRIBUTED,
            Sentence("The right step was taken for the knowledge"),
            Sentence("Linked, mended, flagged or written. Not applicable: there was nothing to do."),
            scored=False,
            fixed=True,
        ),
        Question(
            KEPT,
            Sentence("Nothing that was found out here is lost"),
            Sentence("No: the next person has to find it out again. Not applicable: nothing was new."),
            scored=False,
            fixed=True,
        ),
    ),
    Kind.LINK: (
        Question(
            RELEVANT,
            Sentence("The article is about what the customer asked"),
            fixed=True,
            skippable=False,
        ),
        Question(
            SPECIFIC,
            Sentence("It fits their case"),
            Sentence("Their product, their version, what they did."),
            fixed=True,
            skippable=False,
        ),
        Question(
            ACTIONABLE,
            Sentence("With it one could act"),
            Sentence("The customer, or the agent for them."),
            fixed=True,
            skippable=False,
        ),
    ),
}
