"""One's own work over HTTP: the page's counts and rows."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from kcs import database
from kcs.metrics.asking import organisation_zone
from kcs.my_work import queries, schemas
from kcs.my_work.figures import months_of
from kcs.my_work.licence import rules_of, way_of
from kcs.my_work.queries import Section
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("my_work_api", __name__, url_prefix="/api/v1", description="What waits for the caller")


@bp.get("/me/work")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.MyWorkIn, location="query")
@bp.response(200, schemas.MyWorkOut)
def my_work(args: dict[str, Any]) -> dict[str, Any]:
    """What waits for the caller, what their articles did, and what their next licence needs.

    Each list has at most `limit` rows; `counts` counts them all. Months are those of the
    organisation's time zone, the present one last.
    """
    agent, now = current_agent(), database.now()
    parts = queries.first_rows(agent, now, limit=args["limit"])
    reviews = parts[Section.REVIEWS].rows
    comments = queries.words_for(reviews, agent)
    return {
        "counts": {section.value: part.total for section, part in parts.items()},
        **{section.value: part.rows for section, part in parts.items()},
        "reviews": [{"review": each, "comments": comments[each.id]} for each in reviews],
        "months": months_of(agent, now, organisation_zone()),
        "licence": way_of(agent, rules_of(current_app.config["KCS"])),
    }
