"""An article as it is offered for a ticket: what it answers in one line, and why it is offered, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_timedelta
from markupsafe import Markup, escape

from kcs import database
from kcs.articles.layout import shown_parts
from kcs.articles.models import Article, Version
from kcs.articles.structure import Need
from kcs.i18n import translated
from kcs.markup import to_text
from kcs.people.models import Agent
from kcs.search.queries import Found
from kcs.search.reasons import exact_names
from kcs.sentences import Sentence
from kcs.solving.handing_over import is_public

LINE = 160  # characters of an answer in one line
LOOKED_AT = 1_500  # characters of a part that are rendered to find its first sentence
ASKS = ("issue", "environment")  # what these hold is no answer

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])")
_HEADING = re.compile(r"^\s*#{1,6}\s.*$", re.MULTILINE)


@dataclass(frozen=True)
class Offer:
    """One article as it is offered: `answer` is what it says in one line; exact names are marked."""

    article: Article
    found: Found
    title: Markup
    answer: Markup
    why: tuple[str, ...]
    public: bool


def offers_of(found: Iterable[Found], reader: Agent) -> list[Offer]:
    """Return what was found as it is shown to `reader`."""
    now = database.now()
    return [_offer(each, reader, now) for each in found]


def answer_in_one_line(version: Version, reader: Agent) -> str:
    """Return the first sentence of the answer `reader` may read, as plain text, cut at a word."""
    parts = shown_parts(version, reader)
    answers = [part for part in parts if part.field.need is Need.ANSWER or part.field.name == "body"]
    others = [part for part in parts if part.field.name not in ASKS]
    text = next((part.text for part in (*answers, *others)), "")
    plain = " ".join(to_text(_HEADING.sub("", text[:LOOKED_AT])).split("\n"))
    plain = " ".join(plain.split())
    return shortened(_SENTENCE_ENDS.split(plain, maxsplit=1)[0])


def shortened(text: str, limit: int = LINE) -> str:
    """Return the text, cut at a word where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    end = kept.rfind(" ")
    return f"{kept[:end] if end > limit // 2 else kept} …"


def marked(text: str, names: Iterable[str]) -> Markup:
    """Return `text`, escaped, with these exact names in a <mark> however they are written."""
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    if not pattern:
        return escape(text)
    pieces = re.split(f"({pattern})", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def _offer(found: Found, reader: Agent, now: datetime) -> Offer:
    article, version = found.article, found.article.current_version
    names = {name for reason in found.reasons for name in exact_names(reason)}
    return Offer(
        article,
        found,
        marked(version.title, names),
        marked(answer_in_one_line(version, reader), names),
        (*map(translated, found.reasons), *_checked(found, now)),
        is_public(article),
    )


def _checked(found: Found, now: datetime) -> tuple[str, ...]:
    checked_at = found.trust.checked_at
    if checked_at is None:
        return ()
    if now - checked_at < timedelta(days=1):
        return (translated(Sentence("checked today")),)
    ago = format_timedelta(checked_at - now, granularity="day", add_direction=True)
    return (translated(Sentence("checked %(ago)s", ago=ago)),)
