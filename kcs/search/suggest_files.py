"""Suggestions for a file of tickets, one JSON object a line: read, answered and given back one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from kcs.articles.models import Article
from kcs.errors import InvalidInput
from kcs.lines import RemoteId, read
from kcs.text import LONG, clean


@dataclass(frozen=True)
class Asked:
    """A ticket as a line gives it: its id, subject and text."""

    id: str
    title: str
    body: str


class Suggested(Protocol):
    """An article that may answer, with its score and the reasons in words."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def score(self) -> float:
        """The higher the better."""

    @property
    def reasons(self) -> Sequence[str]:
        """Why, in words."""


class Answer(Protocol):
    """What is suggested for one ticket, best first."""

    @property
    def found(self) -> Sequence[Suggested]:
        """The articles."""

    @property
    def no_article(self) -> float:
        """The probability that none answers it, 0 to 1."""


@dataclass(frozen=True)
class Line:
    """What became of a line, counted from 1: the line to write, or why there is none."""

    number: int
    text: str | None = None
    problem: str | None = None


class TicketLine(Schema):
    """One line: a ticket's subject and text. What else it says, as that of a past ticket, is passed over."""

    class Meta:
        unknown = EXCLUDE

    id = RemoteId(required=True, validate=validate.Length(min=1))
    title = fields.String(load_default="", allow_none=True)
    body = fields.String(load_default="", allow_none=True, validate=validate.Length(max=LONG))

    @post_load
    def _asked(self, given: dict[str, str | None], **_: object) -> Asked:
        return Asked(clean(str(given["id"])), clean(given["title"] or ""), clean(given["body"] or ""))


_LINE = TicketLine()


def suggest_lines(lines: Iterable[str | bytes], answer: Callable[[str, str], Answer]) -> Iterator[Line]:
    """Answer each ticket, in order, as it comes; `answer` is given its subject and text.

    A line that is no ticket is told of and stops nothing; an empty one is passed over.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked: Asked = read(_LINE, line)
        except InvalidInput as error:
            yield Line(number, problem=error.message)
        else:
            yield Line(number, text=_written(asked.id, answer(asked.title, asked.body)))


def _written(ticket_id: str, answer: Answer) -> str:
    articles = [
        {"key": each.article.key, "score": round(each.score, 6), "reasons": list(each.reasons)}
        for each in answer.found
    ]
    line = {"id": ticket_id, "no_article": round(answer.no_article, 6), "articles": articles}
    return json.dumps(line, ensure_ascii=False)
