"""The emulated REST API, ticketing half.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
`g` holds the desk, the time of the call and the signed-in user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.zendesk.emulator_desk import STATUSES, Change, NewComment, Ticket, User, stamp
from integrations.zendesk.emulator_http import ApiError, answer, cursor_page, not_found, sent

SETTABLE = ("status", "subject", "assignee_id", "tags")
SHOW_MANY = 100

api = Blueprint("ticketing", __name__, url_prefix="/api/v2")


@api.get("/tickets")
def list_tickets() -> Response:
    shown = [ticket.as_json() for ticket in list(g.desk.tickets.values()) if not ticket.deleted]
    return answer(cursor_page("tickets", shown, keep_next=True))


@api.post("/tickets")
def create_ticket() -> tuple[Response, int]:
    content = sent("ticket")
    with g.desk.lock:
        requester_id = _requester(content) or g.user.id
        comment = _comment(content) or NewComment(str(content.get("description", "")))
        tags = [str(tag) for tag in content.get("tags") or ()]
        ticket = g.desk.create(requester_id, str(content.get("subject", "")), comment, g.now, tags)
    return answer({"ticket": ticket.as_json(), "audit": ticket.audits[-1].as_json()}), 201


@api.get("/tickets/<int:ticket_id>")
def show_ticket(ticket_id: int) -> Response:
    return answer({"ticket": _ticket(ticket_id).as_json()})


@api.put("/tickets/<int:ticket_id>")
def change_ticket(ticket_id: int) -> Response:
    """Answers 409 to a safe update that comes too late, 422 for a closed ticket [Ticketing]."""
    content = sent("ticket")
    with g.desk.lock:
        ticket = _ticket(ticket_id)
        if content.get("safe_update") and content.get("updated_stamp") != stamp(ticket.updated_at):
            raise ApiError(409, "UpdateConflict", "Safe Update prevented the update")
        if ticket.status == "closed":
            raise _invalid("status", "closed prevents ticket update")
        audit = g.desk.save(ticket, g.user.id, _change(content), g.now)
        return answer({"ticket": ticket.as_json(), "audit": audit.as_json()})


@api.delete("/tickets/<int:ticket_id>")
def delete_ticket(ticket_id: int) -> tuple[str, int]:
    with g.desk.lock:
        g.desk.delete(_ticket(ticket_id), g.user.id, g.now)
    return "", 204


@api.get("/tickets/<int:ticket_id>/comments")
def list_comments(ticket_id: int) -> Response:
    """Oldest first, or the other way with `sort=-created_at` [Ticketing]."""
    with g.desk.lock:
        comments = [comment.as_json() for comment in _ticket(ticket_id).comments]
    if request.args.get("sort") == "-created_at":
        comments.reverse()
    return answer(cursor_page("comments", comments, keep_next=True))


@api.get("/tickets/<int:ticket_id>/audits")
def list_audits(ticket_id: int) -> Response:
    with g.desk.lock:
        audits = [audit.as_json() for audit in _ticket(ticket_id).audits]
    return answer(cursor_page("audits", audits, keep_next=True))


@api.get("/users/me")
def show_me() -> Response:
    return answer({"user": {**g.user.as_json(), "authenticity_token": "never-log-this"}})


@api.get("/users/<int:user_id>")
def show_user(user_id: int) -> Response:
    user = g.desk.users.get(user_id)
    if user is None:
        raise not_found()
    return answer({"user": user.as_json()})


@api.get("/users/show_many")
def show_users() -> Response:
    """Unknown ids are left out; over a hundred is too many [API basics]."""
    ids = request.args.get("ids", "").split(",")
    if len(ids) > SHOW_MANY:
        raise ApiError(400, "TooManyValues", f"ids can contain at most {SHOW_MANY} values")
    known = [g.desk.users.get(int(text)) for text in ids if text.isascii() and text.isdigit()]
    users = [user.as_json() for user in known if user is not None]
    return answer({"users": users, "next_page": None, "previous_page": None, "count": len(users)})


def _ticket(ticket_id: int) -> Ticket:
    ticket: Ticket | None = g.desk.tickets.get(ticket_id)
    if ticket is None or ticket.deleted:
        raise not_found()
    return ticket


def _change(content: Mapping[str, Any]) -> Change:
    if content.get("status", "open") not in STATUSES:
        raise _invalid("status", "is not a status")
    custom = {int(item["id"]): item.get("value") for item in content.get("custom_fields") or ()}
    values = {name: content[name] for name in SETTABLE if name in content}
    return Change(values=values, custom_fields=custom, comment=_comment(content))


def _comment(content: Mapping[str, Any]) -> NewComment | None:
    """Return the comment to add; staff may name another author [Ticketing]."""
    comment = content.get("comment")
    if not isinstance(comment, dict):
        return None
    body = comment.get("body") or comment.get("html_body") or ""
    return NewComment(str(body), bool(comment.get("public", True)), comment.get("author_id"))


def _requester(content: Mapping[str, Any]) -> int | None:
    requester = content.get("requester")
    if isinstance(requester, dict):
        email = str(requester.get("email", ""))
        known: User | None = g.desk.user_by_email(email)
        if known is None:
            known = g.desk.add_user(str(requester.get("name", email)), email, "end-user", verified=False)
        return known.id
    number = content.get("requester_id")
    if number is not None and number not in g.desk.users:
        raise _invalid("requester", "is invalid")
    return number


def _invalid(field: str, description: str) -> ApiError:
    return ApiError(
        422, "RecordInvalid", "Record validation errors", {field: [{"description": f"{field} {description}"}]}
    )
