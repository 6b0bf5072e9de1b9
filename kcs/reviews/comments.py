"""Words on a text, anchored to a passage of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from kcs import database
from kcs.articles.layout import readable_parts, template_of
from kcs.articles.models import Version
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.reviews.models import ReviewComment, ReviewRequest
from kcs.reviews.queries import TITLE
from kcs.sentences import Sentence
from kcs.text import clean

LONGEST_COMMENT = 4000
LONGEST_QUOTE = 1000


@dataclass(frozen=True)
class Passage:
    """What is said, and about which words of which field; both empty: about the whole."""

    text: str
    field: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Stretch:
    """A piece of a field's text, with the numbers of the comments on it."""

    text: str
    comments: tuple[int, ...] = ()


def add_comment(review: ReviewRequest, passage: Passage, *, by: Agent) -> bool:
    """Write a comment on the review's text; the same again is none. Return whether it was new.

    Raises InvalidInput naming the field at fault: a quote must stand in its field's text.
    """
    text = clean(passage.text, limit=LONGEST_COMMENT).strip()
    if not text:
        raise InvalidInput(
            "A comment needs words.", errors={"text": [Sentence("write what you want to say")]}
        )
    quote = " ".join(clean(passage.quote).split())[:LONGEST_QUOTE]
    _refuse_unless_there(review.version, passage.field, quote, by)
    said = {"version_id": review.version_id, "agent_id": by.id, "field": passage.field, "quote": quote}
    for each in review.comments:
        if each.text == text and all(getattr(each, name) == value for name, value in said.items()):
            return False
    review.comments.append(ReviewComment(text=text, created_at=database.now(), **said))
    db.session.flush()
    return True


def commentable(version: Version, reader: Agent) -> dict[str, tuple[str, str]]:
    """Return the fields of a text that a reader can comment on: name to label and text."""
    labels = {field.name: field.label for field in template_of(version).fields}
    shown = readable_parts(version, reader)
    return {
        TITLE: (Sentence("Title"), version.title),
        **{name: (labels.get(name, name.capitalize()), text) for name, text in shown.items()},
    }


def marked(text: str, comments: Iterable[ReviewComment]) -> list[Stretch]:
    """Return the text cut where passages begin and end, each piece with the comments on it."""
    spans = [(found.start(), found.end(), each.id) for each in comments if (found := find(each.quote, text))]
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        Stretch(text[a:b], tuple(number for start, end, number in spans if start <= a and b <= end))
        for a, b in pairwise(cuts)
    ]


def find(quote: str, text: str) -> re.Match[str] | None:
    """Return where a quote stands in a text; line breaks and runs of spaces count as one space."""
    words = quote.split()
    return re.search(r"\s+".join(map(re.escape, words)), text) if words else None


def _refuse_unless_there(version: Version, field: str, quote: str, by: Agent) -> None:
    if not field and not quote:
        return
    fields = commentable(version, by)
    if field not in fields:
        named = f"'{field}'" if field else "no field"
        raise InvalidInput(
            "The comment names %(named)s. Choose one of %(fields)s.",
            named=named,
            fields=", ".join(fields),
            errors={"field": [Sentence("unknown field")]},
        )
    label, text = fields[field]
    if quote and find(quote, text) is None:
        raise InvalidInput(
            "'%(quote)s' does not stand in %(label)s. Copy the words as they are there.",
            quote=quote,
            label=label,
            errors={"quote": [Sentence("not in this field")]},
        )
