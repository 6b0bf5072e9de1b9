"""Personal data in articles over HTTP: what there is, and waiving what only looks so."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from kcs.articles.queries import get_article
from kcs.database import db
from kcs.people.access import Permission, current_agent, requires
from kcs.privacy import schemas, services
from kcs.privacy.models import Waiver

bp = Blueprint(
    "privacy_api", __name__, url_prefix="/api/v1", description="Personal data in articles, and waivers"
)


@bp.route("/articles/<key>/privacy")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.FindingsOut)
def read_findings(key: str) -> dict[str, object]:
    """List the personal values of the present text that you may see."""
    article = get_article(key, current_agent())
    contacts = current_app.config["KCS"].public_contacts
    found = services.findings_for(article, current_agent(), own_contacts=contacts)
    return {"version": article.current_version.number, "findings": found}


@bp.route("/articles/<key>/waivers", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.WaiverIn)
@bp.response(201, schemas.WaiverOut)
def waive(args: dict[str, Any], key: str) -> Waiver:
    """Let a soft finding go outside: 403 without the right, 422 for a hard one or one that is not there."""
    article = get_article(key, current_agent())
    contacts = current_app.config["KCS"].public_contacts
    waiver = services.waive(article, **args, by=current_agent(), own_contacts=contacts)
    db.session.commit()
    return waiver
