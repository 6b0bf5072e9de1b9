"""Content pins of the emulated account: which articles belong to a ticket [Ticket Content Pins].

Which of the two refusals means a double is unsure: the vendor's examples show 422 `ContentAlreadyPinned` for
it and 409 for an operation still in progress, so `double` says what this account does.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.events import ACCOUNT_ID, ulid
from integrations.zendesk.emulator.http import ApiError, not_found, sent
from integrations.zendesk.emulator.records import stamp

WANTED = ("ticket_id", "content_id", "content_type")

api = Blueprint("pins", __name__, url_prefix="/api/v2/ticket_content_pins")


class Pins:
    """Pins by id. `double` is the status for pinning twice, 422 or 409; `wrapped` puts a pin that is returned
    under its name (whether replies do is unsure)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.all: dict[str, dict[str, Any]] = {}
        self.double = 422
        self.wrapped = True

    def of(self, ticket_id: object) -> list[dict[str, Any]]:
        """Return a ticket's pins, oldest first."""
        return [pin for pin in list(self.all.values()) if pin["ticket_id"] == str(ticket_id)]


@api.get("")
def list_pins() -> Response:
    pins = _pins().of(request.args.get("ticket_id", ""))
    return answer({"ticket_content_pins": pins, "count": len(pins)})


@api.post("")
def create_pin() -> tuple[Response, int]:
    pins, content = _pins(), sent("ticket_content_pin")
    for name in WANTED:
        if not isinstance(content.get(name), str):
            error = {"title": "Invalid attribute", "message": f"{name} must be a string"}
            raise ApiError(400, error, error["message"])
    if content["content_type"] == "article" and not content.get("locale"):
        raise ApiError(422, "InvalidContentPin", "locale is required for articles")
    if content["ticket_id"] not in map(str, g.desk.tickets):
        raise not_found()
    with pins.lock:
        if any(pin["content_id"] == content["content_id"] for pin in pins.of(content["ticket_id"])):
            raise _double(pins, content["content_id"])
        number = ulid()
        shown = {name: content.get(name) for name in (*WANTED, "locale")}
        at = {"created_at": stamp(g.now), "url": f"{request.host_url}hc/articles/{content['content_id']}"}
        pins.all[number] = {"id": number, "account_id": str(ACCOUNT_ID), **shown, **at}
    return _one(pins.all[number]), 201


@api.delete("/<pin_id>")
def delete_pin(pin_id: str) -> Response:
    pin = _pins().all.pop(pin_id, None)
    if pin is None:
        raise not_found()
    return _one(pin)


def _pins() -> Pins:
    """Return the account's pins; where its plan has none the endpoint does not exist (unsure)."""
    if not g.emulator.account_has.content_pins:
        raise ApiError(404, "InvalidEndpoint", "Not found")
    pins: Pins = g.emulator.pins
    return pins


def _one(pin: dict[str, Any]) -> Response:
    return answer({"ticket_content_pin": pin} if g.emulator.pins.wrapped else pin)


def _double(pins: Pins, content_id: str) -> ApiError:
    if pins.double == 409:
        sentence = "A conflicting operation is in progress, please try again later"
        return ApiError(409, "ContentPinCreationConflict", sentence)
    sentence = f"The content with ID {content_id} is already pinned to this ticket."
    return ApiError(422, "ContentAlreadyPinned", sentence)
