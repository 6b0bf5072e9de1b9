"""One person's figures beside the average of a team, from several sides.

For them, their coach and their manager alone. It ranks nobody, has no total and is exported nowhere. Shares
lie on their axis as they are; a number of things lies in proportion to the greater of the two shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kcs.errors import NotFound
from kcs.metrics.drawing.radar import Skill
from kcs.metrics.model import NOBODY, Key, Number, Only, Report, Scope, Segment, Unit, with_metrics
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import accuracy, activity, checklist, citations, link_rate, process, publishing
from kcs.people.coaching import is_close
from kcs.people.models import Agent, Team
from kcs.sentences import Sentence

# An average of fewer would tell somebody's own figures.
FEWEST_PEOPLE = 3


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
    person: Agent, team: Team, scope: Scope, *, reader: Agent, sides: Collection[Side] = USUAL
) -> list[Skill]:
    """Return a person's figures and a team's average in the window and as of the scope's moment.

    The average is None where fewer than three people of the team besides the person have such a figure: a
    share is that of the whole team, a number is per person who has any. Raises NotFound unless the reader is
    the person, their coach or their manager.
    """
    if not is_close(reader, person):
        raise NotFound("There is no such person whose figures you may see.")
    whole = Scope(scope.window, scope.as_of, EVERYBODY, latest=scope.latest)
    return [_skill(FIGURES[side], whole, person, team) for side in sides]


def _skill(figure: _Figure, whole: Scope, person: Agent, team: Team) -> Skill:
    own = _value(figure, whole, Segment.AGENT, person.id)
    having = _having(figure, whole, team)
    average: Number | None = None
    if len(having - {person.id}) >= FEWEST_PEOPLE:
        average = _value(figure, whole, Segment.TEAM, team.id)
        if figure.unit is Unit.COUNT and average is not None:
            average = Fraction(average) / len(having)
    full = 1 if figure.unit is Unit.SHARE else max(own or 0, average or 0) or 1
    return Skill(figure.title, figure.unit, own, average, full)


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
