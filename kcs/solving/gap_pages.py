"""The page with what knowledge is missing: groups of tickets that were solved without an article."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from kcs import database
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, may, requires
from kcs.sentences import Sentence
from kcs.solving.gaps import LOOKED_AT, GapFinder

bp = Blueprint("gaps", __name__, template_folder="templates")

SHOWN = 30
PERIODS = {30: Sentence("30 days"), 90: Sentence("90 days"), 365: Sentence("A year")}
USUAL = 90


def days_asked_for(usual: int = USUAL) -> int:
    """Return of how many days the address asks, the usual ones where of none. Raises InvalidInput."""
    asked = request.args.get("days", "").strip() or str(usual)
    found = next((days for days in PERIODS if str(days) == asked), None)
    if found is None:
        message = Sentence(
            "'%(value)s' is no period of this page. Choose one of %(choices)s days.",
            value=asked,
            choices=", ".join(map(str, PERIODS)),
        )
        raise InvalidInput(message, errors={"days": [message]})
    return found


@bp.get("/gaps")
@requires(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """List the largest groups of the period."""
    days = days_asked_for()
    finder: GapFinder = current_app.extensions["kcs.gaps"]
    found = finder.gaps(database.now() - timedelta(days=days), limit=SHOWN)
    return render_template(
        "tickets/gaps.html",
        found=found,
        days=days,
        periods=PERIODS,
        looked_at=LOOKED_AT,
        works=may(current_agent(), Permission.WORK),
    )
