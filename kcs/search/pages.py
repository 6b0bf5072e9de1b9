"""The search page."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from kcs.extensions import limiter
from kcs.people.access import Permission, current_agent, requires
from kcs.search.queries import find

bp = Blueprint("search", __name__, template_folder="templates")

RESULTS = 20


@bp.get("/search")
@requires(Permission.SIGNED_IN)
@limiter.limit("300 per minute")
def show() -> ResponseReturnValue:
    """Find articles by words."""
    words = request.args.get("q", "").strip()
    index = current_app.extensions["kcs.search"]
    found = find(index, words, reader=current_agent(), limit=RESULTS) if words else []
    return render_template("search/show.html", words=words, found=found)
