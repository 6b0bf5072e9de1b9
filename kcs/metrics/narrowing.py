"""What a report shows a reader at all, and whether there is within reach what it is narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Integer, Select, Text, column, exists, or_, select, table

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.metrics.labels import KNOWN_CODES, NONE
from kcs.metrics.model import NOBODY, PEOPLE, Key, Only, Report, Segment
from kcs.metrics.reach import Reach, own_teams, within
from kcs.metrics.turns import ExpertKey
from kcs.people.coaching import is_close
from kcs.people.departments import TEAM_DEPARTMENT
from kcs.people.models import Agent, Department, Team
from kcs.sentences import Sentence

_connections = table("connections", column("id", Integer))
_domains = table("domains", column("id", Integer))
_labels = table("report_labels", column("id", Integer), column("kind", Text))
# Who solved and who did anything for knowledge in which team: facts that every report brings up to date.
_WORK = tuple(
    table(name, column("agent_id", Integer), column("team_id", Integer))
    for name in ("solved_facts", "daily_acts")
)
_KNOWN: Mapping[Segment, Select[int]] = {
    Segment.TEAM: select(Team.id),
    Segment.DEPARTMENT: select(Department.id),
    Segment.DESK: select(_connections.c.id),
    Segment.DOMAIN: select(_domains.c.id),
    Segment.PRODUCT: select(_labels.c.id).where(_labels.c.kind == "product"),
    Segment.TAG: select(_labels.c.id).where(_labels.c.kind == "tag"),
}
_MISSING: Mapping[Segment, Sentence] = {
    **dict.fromkeys(PEOPLE, Sentence("There is no such agent. Choose one from the report.")),
    Segment.TEAM: Sentence("There is no such team. Choose one from the report."),
    Segment.DEPARTMENT: Sentence("There is no such department. Choose one from the report."),
    Segment.DESK: Sentence("There is no such desk. Choose one from the report."),
    Segment.DOMAIN: Sentence("There is no such domain. Choose one from the report."),
    Segment.PRODUCT: Sentence("There is no such product. Choose one from the report."),
    Segment.TAG: Sentence("There is no such tag. Choose one from the report."),
    Segment.EXPERT: Sentence("There is no such expert. Choose one from the report."),
}


def segments_for(report: Report, reach: Reach) -> tuple[Segment, ...]:
    """Return what a reader may tell a report apart by, and narrow it to."""
    kept = () if reach.everybody else report.everybody_segments
    return tuple(segment for segment in report.segments if segment not in kept)


def opens_judged(reach: Reach, only: Only) -> bool:
    """Return whether a reader may open how the work of all that is counted was judged.

    Whoever sees some people alone coaches or manages them; who sees everybody has to name a person of theirs.
    """
    if not reach.everybody or reach.reader_id is None:
        return True
    who = only.keys.get(Segment.AGENT)
    person = db.session.get(Agent, who) if isinstance(who, int) else None
    return person is not None and is_close(db.session.get_one(Agent, reach.reader_id), person)


def opened_by(report: Report, reach: Reach, only: Only) -> Report:
    """Return a report as a reader has it: its counts open nothing where that is not for them."""
    if not report.opens_judged or opens_judged(reach, only):
        return report
    return replace(report, counts=tuple(replace(count, items=None) for count in report.counts))


def refuse_beyond(report: Report, by: Segment, only: Only, reach: Reach) -> None:
    """Refuse what is for whoever sees everybody: a report (NotAllowed), a segment of it (InvalidInput)."""
    if report.everybody_only and not reach.everybody:
        raise NotAllowed("This report is about everybody: it is for whoever sees everybody's figures.")
    kept = set(report.segments) - set(segments_for(report, reach))
    for field, asked in (("by", by), *((segment.value, segment) for segment in only.keys)):
        if asked in kept:
            said = Sentence(
                "'%(report)s' by %(segment)s is for whoever sees everybody. Choose one of %(names)s.",
                report=report.title,
                segment=asked,
                names=", ".join(segments_for(report, reach)),
            )
            raise InvalidInput(said, errors={field: [said]})


def refuse_missing(only: Only, reach: Reach) -> None:
    """Raise NotFound where a report is narrowed to what there is not, or not within reach.

    A code that there never was is InvalidInput: it was mistyped, and those that there are can be told.
    """
    for segment, key in only.keys.items():
        if segment in KNOWN_CODES:
            _refuse_unknown_code(segment, key)
        elif not is_there(segment, key, reach):
            raise NotFound(_MISSING[segment])


def _refuse_unknown_code(segment: Segment, key: Key) -> None:
    if key not in (known := _codes_of(segment)):
        said = Sentence(
            "'%(value)s' is none of the values of %(field)s. Choose one of %(names)s.",
            value=key,
            field=segment,
            names=", ".join(known),
        )
        raise InvalidInput(said, errors={segment.value: [said]})


def _codes_of(segment: Segment) -> tuple[str, ...]:
    return (*KNOWN_CODES[segment], NOBODY) if segment in NONE else tuple(KNOWN_CODES[segment])


def is_there(segment: Segment, key: Key, reach: Reach) -> bool:
    """Return whether there is, within reach, what a key stands for; of some segments nobody needs to know."""
    if segment in PEOPLE:
        return _covers(reach, key)
    if segment in KNOWN_CODES:
        return key in _codes_of(segment)
    if segment is Segment.EXPERT:
        return _covers(reach, ExpertKey.read(str(key)).agent or NOBODY)
    if segment not in _KNOWN or not isinstance(key, int):
        return True  # what is of none
    known = _KNOWN[segment]
    query = known.where(known.selected_columns[0] == key)
    if segment is Segment.TEAM:
        query = query.where(_has_work_of(reach))
    if segment is Segment.DEPARTMENT and not reach.everybody:
        query = query.where(_ever_of(_has_work_of(reach)))
    return db.session.execute(query).first() is not None


def _covers(reach: Reach, who: Key) -> bool:
    if not isinstance(who, int):
        return reach.everybody
    person = db.session.get(Agent, who)
    return person is not None and reach.covers(person)


def _ever_of(teams: ColumnElement[bool]) -> ColumnElement[bool]:
    """Keep the departments that such a team is of or once was: a report may be as of then."""
    return exists().where(
        Activity.kind == TEAM_DEPARTMENT,
        Activity.detail["department_id"].as_integer() == Department.id,
        Activity.detail["team_id"].as_integer() == Team.id,
        teams,
    )


def _has_work_of(reach: Reach) -> ColumnElement[bool]:
    """Keep the teams of people within reach: those they are in, and those they were in when they worked."""
    once = [exists().where(work.c.team_id == Team.id, within(reach, work.c.agent_id)) for work in _WORK]
    return or_(own_teams(reach), *once)
