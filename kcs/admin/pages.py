"""The API's description: as OpenAPI for tools, as a page for people."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api

from kcs.people.access import Permission, requires

bp = Blueprint("admin", __name__, template_folder="templates")


@bp.get("/api/v1/openapi.json")
@requires(Permission.PUBLIC)
def openapi() -> ResponseReturnValue:
    """Give the OpenAPI description."""
    return jsonify(_description())


@bp.get("/api/docs")
@requires(Permission.PUBLIC)
def api_docs() -> ResponseReturnValue:
    """Show the API as a page to read."""
    spec = _description()
    calls = [
        (path, method.upper(), call)
        for path, methods in spec["paths"].items()
        for method, call in methods.items()
        if method != "parameters"
    ]
    return render_template("admin/api_docs.html", calls=calls, schemas=spec["components"].get("schemas", {}))


def _description() -> dict[str, dict[str, dict[str, object]]]:
    api: Api = current_app.extensions["kcs.api"]
    described: dict[str, dict[str, dict[str, object]]] = api.spec.to_dict()
    return described
