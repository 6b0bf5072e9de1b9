"""`GET /api/v1/patterns`: one symptom with several causes, one cause with several symptoms."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from kcs import database
from kcs.evolving import pattern_queries
from kcs.evolving.patterns import YEAR
from kcs.evolving.schemas import PatternsIn, PatternsOut
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("evolving_api", __name__, url_prefix="/api/v1", description="What is worth work now")


@bp.get("/patterns")
@requires(Permission.EVOLVE)
@bp.arguments(PatternsIn, location="query")
@bp.response(200, PatternsOut)
def patterns(args: dict[str, Any]) -> dict[str, Any]:
    """Patterns of a kind, those of most tickets first, as of the latest look through the base."""
    page = pattern_queries.page_of_patterns(args["kind"], page=args["page"])
    last = pattern_queries.last_look()
    return {
        "total": page.total,
        "looked_at": last.finished_at if last is not None else None,
        "patterns": pattern_queries.told(page.items, current_agent(), database.now() - YEAR),
    }
