"""The page with what knowledge is missing: groups of tickets that were solved without an article."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from kcs import database
from kcs.people.access import Permission, current_agent, may, requires
from kcs.sentences import Sentence
from kcs.solving.gaps import LOOKED_AT, GapFinder

bp = Blueprint("gaps", __name__, template_folder="templates")

SHOWN = 30
PERIODS = {30: Sentence("30 days"), 90: Sentence("90 days"), 365: Sentence("A year")}
USUAL = 90


@bp.get("/gaps")
@requires(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """List the largest groups of the period."""
    days = request.args.get("days", USUAL, type=int)
    if days not in PERIODS:
        days = USUAL
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
