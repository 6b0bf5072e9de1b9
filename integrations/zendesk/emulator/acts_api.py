"""The emulated REST API: what happens to tickets besides being saved, bulk jobs, custom statuses and fields.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator import jobs, life
from integrations.zendesk.emulator.api import ids_asked
from integrations.zendesk.emulator.http import ApiError, cursor_page, invalid, not_found, offset_page, sent
from integrations.zendesk.emulator.records import STATUSES, Comment, Ticket
from integrations.zendesk.emulator.sent import changes_of, number_or_none, the_ticket

REDACTED = re.compile(r"<redact[^>]*>(.*?)</redact>", re.DOTALL)
MOST_MERGED = 5

api = Blueprint("ticket_acts", __name__, url_prefix="/api/v2")


@api.put("/tickets/update_many")
def update_many() -> Response:
    """Change many tickets by one job: the same for all `ids`, or each its own [Tickets: Update Many]."""
    body = request.get_json(silent=True) or {}
    if isinstance(body.get("tickets"), list):
        wanted = [(number_or_none(one.get("id")), one) for one in body["tickets"]]
    else:
        content = sent("ticket")
        wanted = [(number, content) for number in ids_asked()]
    return _job([_updated(number, content) for number, content in wanted])


@api.delete("/tickets/destroy_many")
def destroy_many() -> Response:
    """Delete many tickets softly by one job [Tickets: Bulk Delete Tickets]."""
    return _job([_each(number, "delete", _delete) for number in ids_asked()])


@api.get("/job_statuses/<job_id>")
def show_job(job_id: str) -> Response:
    job = g.emulator.jobs.ask(job_id.removesuffix(".json"))
    if job is None:
        raise not_found()
    return answer({"job_status": jobs.as_json(job, _site())})


@api.post("/tickets/<int:ticket_id>/merge")
def merge(ticket_id: int) -> Response:
    """Merge others into this one, by a job [Tickets: Merge Tickets into Target Ticket]."""
    content = request.get_json(silent=True) or {}
    ids = [number for number in map(number_or_none, content.get("ids") or ()) if number]
    if not ids or len(ids) > MOST_MERGED or ticket_id in ids:
        raise invalid("ids", f"must name one to {MOST_MERGED} other tickets")
    with g.desk.lock:
        winner, losers = the_ticket(ticket_id), [the_ticket(number) for number in ids]
        if any(ticket.status == "closed" for ticket in (winner, *losers)):
            raise invalid("status", "closed prevents merging")
        texts = content.get("source_comment"), content.get("target_comment")
        public = bool(content.get("target_comment_is_public", False))
        for loser in losers:
            life.merge(g.desk, loser, winner, g.user.id, g.now, texts, public=public)
    return _job([{"action": "merge", "success": True, "id": ticket_id}])


@api.get("/deleted_tickets")
def list_deleted() -> Response:
    """Shows what was deleted softly [Tickets: List Deleted Tickets]."""
    gone = [t for t in list(g.desk.tickets.values()) if t.deleted and not t.gone]
    return answer(offset_page("deleted_tickets", [life.deleted_as_json(t) for t in gone]))


@api.put("/deleted_tickets/<int:ticket_id>/restore")
def restore(ticket_id: int) -> Response:
    with g.desk.lock:
        life.undelete(g.desk, _deleted(ticket_id), g.user.id, g.now)
    return answer({})


@api.delete("/deleted_tickets/<int:ticket_id>")
def delete_forever(ticket_id: int) -> Response:
    """Delete for good, by a job [Tickets: Delete Ticket Permanently, recorded]."""
    with g.desk.lock:
        life.delete_forever(g.desk, _deleted(ticket_id), g.user.id, g.now)
    return _job([{"action": "delete", "success": True, "id": ticket_id}])


@api.put("/tickets/<int:ticket_id>/comments/<int:comment_id>/make_private")
def make_private(ticket_id: int, comment_id: int) -> Response:
    with g.desk.lock:
        ticket = the_ticket(ticket_id)
        life.make_private(g.desk, ticket, _comment(ticket, comment_id), g.user.id, g.now)
    return answer({})


@api.put("/tickets/<int:ticket_id>/comments/<int:comment_id>/redact")
def redact_text(ticket_id: int, comment_id: int) -> Response:
    """Black out a text; not in closed tickets [Ticket Comments: Redact String in Comment]."""
    text = (request.get_json(silent=True) or {}).get("text")
    with g.desk.lock:
        ticket = the_ticket(ticket_id)
        comment = _comment(ticket, comment_id)
        if ticket.status == "closed" or not text or text not in comment.body:
            raise ApiError(404, "RecordNotFound", "Not found")
        life.redact(g.desk, ticket, comment, str(text), g.user.id, g.now)
        return answer({"comment": comment.as_json()})


@api.put("/comment_redactions/<int:comment_id>")
def redact(comment_id: int) -> Response:
    """Black out what `<redact>` marks in `html_body`; in closed tickets too [Comment redactions]."""
    content = request.get_json(silent=True) or {}
    with g.desk.lock:
        ticket = the_ticket(number_or_none(content.get("ticket_id")) or 0)
        comment = _comment(ticket, comment_id)
        for part in REDACTED.findall(str(content.get("html_body") or content.get("text") or "")):
            text = html.unescape(re.sub(r"<[^>]*>", "", part))
            life.redact(g.desk, ticket, comment, text, g.user.id, g.now)
        return answer({"comment": comment.as_json()})


@api.get("/custom_statuses")
def list_statuses() -> Response:
    """All at once, active or not; `status_categories` filters [Custom Ticket Statuses]."""
    wanted = request.args.get("status_categories", ",".join(STATUSES)).split(",")
    known = [s for s in list(g.desk.custom_statuses.values()) if s.status_category in wanted]
    return answer({"custom_statuses": [status.as_json() for status in known]})


@api.get("/ticket_fields")
def list_fields() -> Response:
    return answer(cursor_page("ticket_fields", list(g.desk.ticket_fields.values()), keep_next=True))


@api.post("/ticket_fields")
def create_field() -> tuple[Response, int]:
    """Type and title are mandatory; so are options of a tagger [Ticket Fields: Create Ticket Field]."""
    content = sent("ticket_field")
    for name in ("type", "title"):
        if not content.get(name):
            raise invalid(name, "cannot be blank")
    if content["type"] == "tagger" and not content.get("custom_field_options"):
        raise invalid("custom_field_options", "cannot be blank")
    return answer({"ticket_field": g.desk.add_ticket_field(content)}), 201


@api.get("/ticket_fields/<int:field_id>")
def show_field(field_id: int) -> Response:
    field = g.desk.ticket_fields.get(field_id)
    if field is None:
        raise not_found()
    return answer({"ticket_field": field})


def _updated(number: int | None, content: dict[str, Any]) -> dict[str, object]:
    """Change one of many; a refusal is told in the job's results [Job Statuses]."""

    def change(ticket: Ticket) -> None:
        if ticket.status == "closed":
            raise invalid("status", "closed prevents ticket update")
        g.desk.save(ticket, g.user.id, changes_of(content, ticket), g.now)

    return _each(number or 0, "update", change)


def _each(number: int, action: str, act: Callable[[Ticket], object]) -> dict[str, object]:
    with g.desk.lock:
        try:
            act(the_ticket(number))
        except ApiError as error:
            return {"id": number, "action": action, "success": False, "error": error.content["error"]}
    return {"id": number, "action": action, "status": "Updated", "success": True}


def _delete(ticket: Ticket) -> object:
    return life.delete(g.desk, ticket, g.user.id, g.now)


def _job(results: list[dict[str, object]]) -> Response:
    job = g.emulator.jobs.add(results)
    return answer({"job_status": jobs.as_json(job, _site(), fresh=True)})


def _deleted(ticket_id: int) -> Ticket:
    ticket: Ticket | None = g.desk.tickets.get(ticket_id)
    if ticket is None or not ticket.deleted or ticket.gone:
        raise not_found()
    return ticket


def _comment(ticket: Ticket, comment_id: int) -> Comment:
    found = next((comment for comment in ticket.comments if comment.id == comment_id), None)
    if found is None:
        raise not_found()
    return found


def _site() -> str:
    return request.host_url.rstrip("/")
