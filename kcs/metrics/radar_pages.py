"""One person beside a team's average, for them, their coach and their manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.i18n import translated
from kcs.metrics import asking
from kcs.metrics.drawing.radar import LEAST_AXES, MOST_AXES, radar
from kcs.metrics.model import Segment
from kcs.metrics.period_names import name_of
from kcs.metrics.periods import Window
from kcs.metrics.radar import FIGURES, USUAL, Side, radar_of
from kcs.metrics.radar_months import months_over
from kcs.metrics.schemas import ReportParameters
from kcs.metrics.settling import settled
from kcs.metrics.writing import WRITING
from kcs.people.access import Permission, current_agent, requires
from kcs.people.coaching import is_close
from kcs.people.models import Agent, Team
from kcs.sentences import Sentence

bp = Blueprint("radar", __name__, url_prefix="/reports/people", template_folder="templates")

_UNKNOWN = Sentence("Choose one of %(names)s.", names=", ".join(Side))
_NO_SUCH: dict[str, str] = {
    "unknown": Sentence("The address has more than this page takes: a month that is over, a team and sides.")
}
_NO_MONTH = Sentence("There is no such month that is over: choose one of the list.")
_SIDES = Sentence("Choose %(least)s to %(most)s sides.", least=LEAST_AXES, most=MOST_AXES)


class RadarQuery(ReportParameters):
    """What the page of a person is asked: in which month, beside which team, and from which sides."""

    class Meta:
        exclude = ("start", "end", "as_of")

    error_messages = _NO_SUCH

    month = fields.String()
    team = fields.Integer(validate=validate.Range(1))
    side = fields.List(
        fields.Enum(Side, by_value=True, error_messages={"unknown": _UNKNOWN}),
        validate=validate.Length(LEAST_AXES, MOST_AXES, error=_SIDES),
    )


@bp.get("/<int:agent_id>")
@requires(Permission.REPORTS)
def show(agent_id: int) -> ResponseReturnValue:
    """Show a person's figures beside a team's; wrong values stay in the form."""
    person, reader = db.session.get(Agent, agent_id), current_agent()
    if person is None or not is_close(reader, person):
        raise NotFound("There is no such person whose figures you may see.")
    form: dict[str, Any] = {**request.args.to_dict(), "side": request.args.getlist("side")}
    months = months_over(database.now(), asking.organisation_zone())
    try:
        query = RadarQuery().load({name: value for name, value in form.items() if value})
        found = _found(person, reader, query, months)
    except InvalidInput as error:
        return _page(person, form, months, errors=error.errors), 422
    return _page(person, form, months, **found)


def _found(
    person: Agent, reader: Agent, query: dict[str, Any], months: Mapping[str, Window]
) -> dict[str, Any]:
    name, sides = query.get("month") or next(iter(months), None), query.get("side") or USUAL
    if name is not None and name not in months:
        raise InvalidInput(_NO_MONTH, errors={"month": [_NO_MONTH]})
    team = _team(query.get("team") or person.team_id)
    if name is None or team is None:
        return {"month": name, "sides": sides, "team": team}
    month = months[name]
    with settled(month.end, month.zone):
        skills = radar_of(person, team, month, reader=reader, sides=sides)
    chart = radar(
        skills,
        of=translated(Sentence("Side")),
        who=person.name,
        other=translated(Sentence("%(team)s, on average", team=team.name)),
        writing=WRITING,
    )
    return {
        "month": name,
        "month_name": name_of(month, Segment.MONTH),
        "sides": sides,
        "team": team,
        "chart": chart,
    }


def _page(person: Agent, form: dict[str, Any], months: Mapping[str, Window], **found: Any) -> str:
    return render_template(
        "metrics/radar.html",
        person=person,
        form=form,
        months=[(name, name_of(month, Segment.MONTH)) for name, month in months.items()],
        teams=[
            (team.id, team.name) for team in db.session.execute(select(Team).order_by(Team.name)).scalars()
        ],
        choice={side.value: FIGURES[side].title for side in Side},
        **{"errors": {}, "chart": None, "month": None, "team": None, "sides": USUAL, **found},
    )


def _team(team_id: int | None) -> Team | None:
    return None if team_id is None else db.session.get(Team, team_id)
