"""One person's figures beside the average of a team, from several sides.

For them, their coach and their manager alone. It ranks nobody, has no total and is exported nowhere. Shares
lie on their axis as they are; a number of things lies in proportion to the greater of the two shown. Which
months may be asked is for `radar_months` to say: no two averages may tell together what neither tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import select

from kcs.database import db
from kcs.errors import NotFound
from kcs.metrics.drawing.radar import Skill
from kcs.metrics.figures import rounded
from kcs.metrics.model import NOBODY, Key, Number, Only, Report, Scope, Segment, Unit, with_metrics
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import accuracy, activity, checklist, citations, link_rate, process, publishing
from kcs.people.coaching import close_to, is_close
from kcs.people.models import Agent, Team
from kcs.sentences import Sentence

# An average of fewer would tell somebody's own figures.
FEWEST_PEOPLE = 3
# An average lies where it is written, no more exactly than that.
DECIMALS = {Unit.SHARE: 3, Unit.COUNT: 1}


class Side(StrEnum):
    """From where a person is looked at."""

    CHECKLIST = "checklist"
    CITATIONS = "citations"
    LINK_RATE = "link-rate"
    CONTRIBUTION = "contribution"
    ACCURACY = "accuracy"
    TICKETS = "tickets"
    CREATED = "created"
    MODIFIED = "modified"
    PUBLISHED = "published"


@dataclass(frozen=True)
class _Figure:
    """A figure of a report; a share is that of the whole team, a number is per person."""

    report: Report
    name: str
    title: Sentence
    unit: Unit = Unit.SHARE


FIGURES: Mapping[Side, _Figure] = {
    Side.CHECKLIST: _Figure(checklist.REPORT, "checklist_score", Sentence("Checklist score")),
    Side.CITATIONS: _Figure(citations.REPORT, "citations", Sentence("Citations"), Unit.COUNT),
    Side.LINK_RATE: _Figure(link_rate.REPORT, "link_rate", Sentence("Link rate")),
    Side.CONTRIBUTION: _Figure(process.REPORT, "contribution_index", Sentence("Contribution index")),
    Side.ACCURACY: _Figure(accuracy.REPORT, "link_accuracy", Sentence("Link accuracy")),
    Side.TICKETS: _Figure(link_rate.REPORT, "solved", Sentence("Tickets solved"), Unit.COUNT),
    Side.CREATED: _Figure(activity.REPORT, "created", Sentence("Articles created"), Unit.COUNT),
    Side.MODIFIED: _Figure(activity.REPORT, "modified", Sentence("Articles modified"), Unit.COUNT),
    Side.PUBLISHED: _Figure(publishing.REPORT, "published", Sentence("Articles published"), Unit.COUNT),
}
USUAL = (Side.CHECKLIST, Side.CITATIONS, Side.CONTRIBUTION, Side.ACCURACY)


def radar_of(
    person: Agent, team: Team, month: Window, *, reader: Agent, sides: Collection[Side] = USUAL
) -> list[Skill]:
    """Return a person's figures and a team's average in a month that is over, as it stood when it ended.

    The average is None where it would tell the reader of fewer than three people: see `_is_told`. A share is
    that of the whole team, a number is per person who has any. Raises NotFound unless the reader is the
    person, their coach or their manager.
    """
    if not is_close(reader, person):
        raise NotFound("There is no such person whose figures you may see.")
    whole = Scope(month, month.end, EVERYBODY)
    close = set(db.session.scalars(select(Agent.id).where(close_to(reader))))
    return [_skill(FIGURES[side], whole, person, team, close) for side in sides]


def _skill(figure: _Figure, whole: Scope, person: Agent, team: Team, close: Set[Key]) -> Skill:
    own = _value(figure, whole, Segment.AGENT, person.id)
    having = _having(figure, whole, team)
    average: Number | None = None
    if _is_told(having - {person.id}, close):
        average = _value(figure, whole, Segment.TEAM, team.id)
        if figure.unit is Unit.COUNT and average is not None:
            average = Fraction(average) / len(having)
    if average is not None:
        average = Fraction(rounded(average, DECIMALS[figure.unit]))
    full = 1 if figure.unit is Unit.SHARE else max(own or 0, average or 0) or 1
    return Skill(figure.title, figure.unit, own, average, full)


def _is_told(others: Set[Key], close: Set[Key]) -> bool:
    """Return whether there are enough others, and none or enough whose figures the reader does not see.

    A coach of some of a team knows theirs, and could take them off.
    """
    unseen = others - close
    return len(others) >= FEWEST_PEOPLE and (not unseen or len(unseen) >= FEWEST_PEOPLE)


def _having(figure: _Figure, whole: Scope, team: Team) -> set[Key]:
    """Return who of a team has such a figure: something a share is of, or any of what is counted."""
    rows = figure.report.reader.rows(_part(whole, Segment.TEAM, team.id), Segment.AGENT)
    figures = {row.key: with_metrics(figure.report, row.figures)[figure.name] for row in rows}
    least = 0 if figure.unit is Unit.SHARE else 1
    return {key for key, value in figures.items() if key != NOBODY and value is not None and value >= least}


def _value(figure: _Figure, whole: Scope, segment: Segment, key: int) -> Number | None:
    total = figure.report.reader.total(_part(whole, segment, key))
    return with_metrics(figure.report, total)[figure.name]


def _part(whole: Scope, segment: Segment, key: int) -> Scope:
    return Scope(whole.window, whole.as_of, whole.reach, Only({segment: key}), whole.latest)
