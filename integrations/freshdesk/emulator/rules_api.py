"""What an administrator does in the product's pages, not over REST: automation rules, and moving the clock.

REST shows no action that calls a webhook, so these routes are the stand-in's own and need no key. They are
for whoever tries a connection by hand.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.http import invalid
from integrations.freshdesk.emulator.rules import CREATION, RECOMMENDED, UPDATE

PATH = "/stand-in/"

api = Blueprint("freshdesk_stand_in", __name__, url_prefix=PATH.rstrip("/"))


@api.post("/rules")
def add_rule() -> tuple[Response, int]:
    """Enter one rule, or with `"on": "both"` the two our instructions ask for; the body is a string."""
    content = request.get_json(silent=True) or {}
    if not str(content.get("url", "")).startswith("http"):
        raise invalid("url", "It should be a valid URL", "invalid_value")
    on = str(content.get("on", "both"))
    kinds = (CREATION, UPDATE) if on == "both" else (on,)
    if not set(kinds) <= {CREATION, UPDATE}:
        raise invalid("on", f"It should be one of these values: '{CREATION},{UPDATE},both'", "invalid_value")
    made = [
        g.emulator.add_rule(
            str(content["url"]),
            on=kind,
            body=str(content.get("body") or RECOMMENDED),
            headers=content.get("headers") or {},
            user=str(content.get("user", "")),
            password=str(content.get("password", "")),
        )
        for kind in kinds
    ]
    return answer({"rules": [rule.id for rule in made]}), 201


@api.post("/app")
def install_app() -> tuple[Response, int]:
    """Install our app with its settings: `url` and `secret`."""
    content = request.get_json(silent=True) or {}
    g.emulator.install_app(str(content.get("url", "")), str(content.get("secret", "")))
    return answer({"installed": True}), 201


@api.post("/advance")
def advance() -> Response:
    """Move the account's clock on by so many `minutes`."""
    content = request.get_json(silent=True) or {}
    g.emulator.advance(timedelta(minutes=float(content.get("minutes", 0))))
    return answer({"now": g.emulator.clock().isoformat()})


@api.get("/sent")
def list_sent() -> Response:
    """Tell what became of all that was to be sent."""
    rows = [
        {
            "kind": sent.delivery.kind,
            "ticket_id": sent.delivery.ticket_id,
            "statuses": sent.statuses,
            "end": sent.end,
        }
        for sent in g.emulator.outbox.all
    ]
    return answer({"sent": rows})
