"""What the figures of a report were worked out with besides the log: what people stated, and from where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from babel import Locale
from flask_babel import get_locale

from kcs import i18n
from kcs.metrics.model import Scope
from kcs.metrics.roi import numbers
from kcs.metrics.services import Table
from kcs.sentences import Sentence


@dataclass(frozen=True)
class Stated:
    """A figure that people stated as a range: what it is counted in, where it comes from, who said so, when.

    `beside` says that only what stands beside the figures was worked out with it.
    """

    name: str
    title: Sentence
    low: float
    likely: float
    high: float
    unit: Sentence
    source: str
    stated_by: str
    since: datetime
    beside: bool = False


class Line(NamedTuple):
    """Something stated as pages, files and terminals tell it."""

    name: str
    value: str
    source: str


@runtime_checkable
class Stating(Protocol):
    """A reader that works figures out with what people stated."""

    def stated(self, scope: Scope) -> tuple[Stated, ...]:
        """Return what figures as of the scope's moment are worked out with."""


def stated_of(table: Table) -> tuple[Stated, ...]:
    """Return what a table was worked out with; then, where another moment stands beside, what that was."""
    reader = table.report.reader
    if not isinstance(reader, Stating):
        return ()
    here = reader.stated(table.scope)
    if table.compared_scope is None:
        return here
    there = reader.stated(table.compared_scope)
    return (*here, *(replace(each, beside=True) for each in there if each not in here))


def stated_lines(table: Table) -> tuple[Line, ...]:
    """Return what a table was worked out with in words, numbers as the reader's language writes them."""
    locale, zone = get_locale() or Locale.parse(i18n.LOCALES[i18n.ENGLISH]), table.scope.window.zone
    return tuple(
        Line(
            Sentence("%(input)s, of the figures beside", input=each.title) if each.beside else each.title,
            Sentence(
                "low %(low)s, likely %(likely)s, high %(high)s (%(unit)s)",
                low=numbers.written(each.low, locale),
                likely=numbers.written(each.likely, locale),
                high=numbers.written(each.high, locale),
                unit=each.unit,
            ),
            Sentence(
                "%(source)s (%(name)s, %(day)s)",
                source=each.source,
                name=each.stated_by,
                day=i18n.day(each.since.astimezone(zone)),
            ),
        )
        for each in stated_of(table)
    )
