"""What a report may be narrowed to from its form: names by segment, where they are few enough."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Integer, Select, Text, column, select, table

from kcs.database import db
from kcs.metrics.labels import KNOWN_CODES, NONE, names_within
from kcs.metrics.model import NOBODY, PEOPLE, Report, Segment
from kcs.metrics.narrowing import is_there, segments_for
from kcs.metrics.reach import Reach, own_teams, within
from kcs.metrics.schemas import read_key
from kcs.people.departments import departments_as_of
from kcs.people.models import Agent, Department, Team
from kcs.sentences import Sentence

# More than this nobody looks through; a row's name in the table narrows to it all the same.
MOST = 500
NOTHING: Mapping[str, str] = MappingProxyType({})
Options = list[tuple[str, str]]

_connections = table("connections", column("id", Integer), column("name", Text))
_domains = table("domains", column("id", Integer), column("name", Text))
_labels = table("report_labels", column("id", Integer), column("kind", Text), column("name", Text))
_NAMES: Mapping[Segment, Select[int, str]] = {
    **dict.fromkeys(PEOPLE, select(Agent.id, Agent.name)),
    Segment.TEAM: select(Team.id, Team.name),
    Segment.DEPARTMENT: select(Department.id, Department.name),
    Segment.DESK: select(_connections.c.id, _connections.c.name),
    Segment.DOMAIN: select(_domains.c.id, _domains.c.name),
    Segment.PRODUCT: select(_labels.c.id, _labels.c.name).where(_labels.c.kind == "product"),
}


def choices_of(report: Report, reach: Reach, form: Mapping[str, str] = NOTHING) -> Mapping[Segment, Options]:
    """Return what may be chosen for each segment, by name; people, teams and departments within reach alone.

    What `form` has chosen already is among them, so that sending it again does not lose it.
    """
    mine = segments_for(report, reach)
    found = {segment: _named(segment, reach) for segment in mine if segment in _NAMES}
    found |= {segment: list(KNOWN_CODES[segment].items()) for segment in mine if segment in KNOWN_CODES}
    offered = {
        segment: [*options, *_none(segment, reach)]
        for segment, options in found.items()
        if 0 < len(options) <= MOST
    }
    # What a link has chosen of others' stands there to be taken back.
    offered |= {segment: [] for segment in report.segments if segment not in mine and form.get(segment.value)}
    return {
        segment: _with_chosen(segment, options, form.get(segment.value, ""), reach)
        for segment, options in offered.items()
    }


def _with_chosen(segment: Segment, options: Options, chosen: str, reach: Reach) -> Options:
    """Begin with all; end with what was chosen elsewhere, as in the row of a team that was once one's own."""
    found = [("", Sentence("all")), *options]
    if all(value != chosen for value, _ in found):
        found.append((chosen, _name_of(segment, chosen, reach)))
    return found


def _name_of(segment: Segment, chosen: str, reach: Reach) -> str:
    """Return what is chosen by name; what there is not within reach stays as it was written."""
    key = read_key(segment, chosen)
    if key is None or not is_there(segment, key, reach):
        return chosen
    return names_within(reach, segment, [key])[key]


def _named(segment: Segment, reach: Reach) -> Options:
    query = _NAMES[segment]
    if segment in PEOPLE:
        query = query.where(within(reach, Agent.__table__.c.id))
    if segment is Segment.TEAM:
        query = query.where(own_teams(reach))
    if segment is Segment.DEPARTMENT and not reach.everybody:
        query = query.where(Department.id.in_(_own_departments(reach)))
    rows = db.session.execute(query.limit(MOST + 1))
    return sorted(((str(key), name) for key, name in rows), key=lambda option: option[1].casefold())


def _own_departments(reach: Reach) -> Select[int | None]:
    told = departments_as_of()
    return select(told.c.department_id).join(Team, Team.id == told.c.team_id).where(own_teams(reach))


def _none(segment: Segment, reach: Reach) -> Options:
    """Offer what has no such thing; what nobody did is within the reach of those who see everybody."""
    offered = segment in NONE and (segment not in PEOPLE or reach.everybody)
    return [(NOBODY, NONE[segment])] if offered else []
