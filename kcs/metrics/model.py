"""What a report is: named counts, the metrics made of them, and the rows they stand in.

A count is a named query; a metric is worked out of counts. Every report states both once, as data, and the
page, the API, the command, the files and the documentation show what is stated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from kcs.metrics.periods import Window
from kcs.metrics.reach import Reach
from kcs.sentences import Sentence

NO_FIGURE = "\u2013"
Number = int | float | Fraction
Key = int | str


class Kind(StrEnum):
    """What a metric tells: what people do (leading), how well by samples, what came of it (lagging)."""

    ACTIVITY = "activity"
    QUALITY = "quality"
    OUTCOME = "outcome"


class Unit(StrEnum):
    """How a figure is read: a share is 0 to 1, a duration in seconds, money in one's own currency."""

    COUNT = "count"
    SHARE = "share"
    RATIO = "ratio"
    DURATION = "duration"
    MONEY = "money"


class Items(StrEnum):
    """What stands behind a count, one by one."""

    TICKETS = "tickets"
    ARTICLES = "articles"
    PEOPLE = "people"
    LINKS = "links"
    ACTS = "acts"
    SAMPLES = "samples"
    SEARCHES = "searches"
    VISITS = "visits"
    FEEDBACK = "feedback"
    QUESTIONS = "questions"


class Segment(StrEnum):
    """By what the rows of a report are told apart."""

    AGENT = "agent"
    TEAM = "team"
    DEPARTMENT = "department"
    LICENCE = "licence"
    DESK = "desk"
    DOMAIN = "domain"
    PRODUCT = "product"
    TAG = "tag"
    OUTCOME = "outcome"
    ARTICLE = "article"
    OWNER = "owner"
    CREATOR = "creator"
    PLACE = "place"
    READER = "reader"
    WORDS = "words"
    EXPERT = "expert"
    STATE = "state"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


# Segments whose rows stand for people: each is seen by whoever sees that person.
PEOPLE = (Segment.AGENT, Segment.OWNER, Segment.CREATOR)
PERIODS = (Segment.DAY, Segment.WEEK, Segment.MONTH, Segment.QUARTER)
NOBODY = "none"


@dataclass(frozen=True)
class Count:
    """A named query: `words` say what it counts; `items` what it opens, None where it opens nothing.

    `listed` False keeps it off pages, mails and terminals: there it is only for a metric to be made of.
    """

    name: str
    title: Sentence
    words: Sentence
    items: Items | None = Items.TICKETS
    unit: Unit = Unit.COUNT
    listed: bool = True


@dataclass(frozen=True)
class Metric:
    """A figure worked out of counts: `numerator` ÷ `denominator`, sums of counts ("-exempt" is taken off).

    Without a denominator it is the sum; with neither it is worked out by its report (a median, say), and
    `formula` tells how. `paired` names the quality figure that an activity is drawn beside.
    """

    name: str
    title: Sentence
    kind: Kind
    unit: Unit
    formula: Sentence
    symbols: str
    source: Sentence
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    aliases: tuple[Sentence, ...] = ()
    left_out: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()
    paired: str | None = None

    def of(self, counts: Mapping[str, Number | None]) -> Number | None:
        """Return the figure made of these counts; None when there is nothing to divide by."""
        if not self.denominator:
            return _sum(self.numerator, counts)
        whole = _sum(self.denominator, counts)
        return Fraction(_sum(self.numerator, counts), whole) if whole else None


def _sum(names: tuple[str, ...], counts: Mapping[str, Number | None]) -> int:
    """Add counts up; a name with a minus before it is taken off."""
    return sum(int(counts[name.lstrip("-")] or 0) * (-1 if name.startswith("-") else 1) for name in names)


@dataclass(frozen=True)
class Only:
    """Which part of a window a row stands for: at most one key for each segment. No key: all of it."""

    keys: Mapping[Segment, Key] = field(default_factory=dict)

    def and_(self, segment: Segment, key: Key) -> Only:
        """Return this part's part of one key more."""
        return Only({**self.keys, segment: key})


EVERYTHING = Only()


@dataclass(frozen=True)
class Scope:
    """What every query of a report holds fixed: its window and part, its moment, whose work it may count.

    `latest` says that `as_of` is the present: sums kept for the present state may then answer.
    """

    window: Window
    as_of: datetime
    reach: Reach
    only: Only = EVERYTHING
    latest: bool = False


@dataclass(frozen=True)
class Row:
    """The figures of one agent, team, period …; by the names of the report's counts and metrics.

    `key` is an id, a code or the name of a period, "none" for nobody and nothing. `partial` says that the
    window cuts the period, or that it was not over as of the report. A figure of None is no figure, never
    zero.
    """

    key: Key
    label: str
    figures: Mapping[str, Number | None]
    only: Only
    window: Window
    partial: bool = False


@dataclass(frozen=True)
class Item:
    """One thing behind a count: `cells` by the names of the page's columns, `url` leads to it, if any."""

    cells: Mapping[str, object]
    url: str | None = None


@dataclass(frozen=True)
class ItemPage:
    """Some of the things behind a count, latest first, and how many there are in all: the count itself.

    `columns` are (name, title) in the order they are shown.
    """

    columns: tuple[tuple[str, Sentence], ...]
    items: tuple[Item, ...]
    total: int


class Shape(StrEnum):
    """How the page draws a report."""

    TREND = "trend"
    BARS = "bars"
    STACKED = "stacked"
    PARETO = "pareto"
    DISTRIBUTION = "distribution"
    RADAR = "radar"
    COHORT = "cohort"
    NONE = "none"


class Reader(Protocol):
    """How a report gets its figures: as of `scope.as_of`, inside one reading transaction."""

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the rows, unordered; for a period also those in which nothing happened."""

    def total(self, scope: Scope) -> Mapping[str, Number | None]:
        """Return the figures of everything within the scope."""

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return a page of what a count counts within the scope, latest first; its total is that count."""


@dataclass(frozen=True)
class Report:
    """A report: its one definition. `segments` are what its rows may stand for, the first unless asked.

    `drawn` names the figures the chart shows. `everybody_only` keeps it from whoever sees but some people's
    figures, `everybody_segments` these rows and this narrowing. `kept_for` says for whom alone its figures
    are, where these are fewer than whoever may open it. With `opens_judged` what is behind the counts is how
    people's work was judged: for those close to them alone.
    """

    name: str
    title: Sentence
    words: Sentence
    counts: tuple[Count, ...]
    metrics: tuple[Metric, ...]
    segments: tuple[Segment, ...]
    reader: Reader
    shape: Shape = Shape.TREND
    drawn: tuple[str, ...] = ()
    left_out: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()
    everybody_only: bool = False
    everybody_segments: tuple[Segment, ...] = ()
    opens_judged: bool = False
    kept_for: Sentence | None = None

    def count(self, name: str) -> Count:
        """Return a count by name. Raises KeyError."""
        return {count.name: count for count in self.counts}[name]


def with_metrics(report: Report, counts: Mapping[str, Number | None]) -> dict[str, Number | None]:
    """Return the counts of a row together with the metrics that are made of them."""
    made = {metric.name: metric.of(counts) for metric in report.metrics if metric.numerator}
    return {**counts, **made}
