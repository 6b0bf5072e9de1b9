"""What was changed in help centres, over HTTP: list, and decide."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from kcs.database import db
from kcs.people.access import Permission, current_agent, requires
from kcs.publishing import queries, schemas
from kcs.publishing.models import Drift
from kcs.publishing.settling import LOOKOUT, settle
from kcs.views import Listing

bp = Blueprint(
    "drifts_api", __name__, url_prefix="/api/v1", description="Texts that somebody changed in a help centre"
)


@bp.route("/drifts")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.DriftListIn, location="query")
@bp.response(200, schemas.DriftPageOut)
def list_drifts(args: dict[str, Any]) -> Listing:
    """List what waits for a decision, longest first, or what was settled, latest first."""
    found = queries.page_of_drifts(current_agent(), page=args["page"], settled=args["settled"])
    return Listing(found)


@bp.route("/drifts/<int:drift_id>/decisions", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.DriftDecisionIn)
@bp.response(200, schemas.DriftOut)
def decide(args: dict[str, Any], drift_id: int) -> Drift:
    """Decide about a drift; 409 with both texts when theirs or ours has changed since `seen` and `base`."""
    drift = queries.get_drift(drift_id, current_agent())
    settled = settle(
        drift,
        args["decision"],
        by=current_agent(),
        lookout=current_app.extensions[LOOKOUT],
        seen=args["seen"],
        base=args.get("base"),
    )
    db.session.commit()
    return settled
