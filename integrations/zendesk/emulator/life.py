"""What can happen to an emulated ticket besides being saved: merged, deleted, restored, redacted, archived.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

from datetime import datetime

from integrations.zendesk.emulator.desk import Desk
from integrations.zendesk.emulator.records import (
    MARKUP,
    SYSTEM,
    Audit,
    Change,
    Comment,
    NewComment,
    Ticket,
    stamp,
    via,
)

MERGED = "closed_by_merge"
BLOCK = "\N{LOWER SEVEN EIGHTHS BLOCK}"
SCRUBBED = "SCRUBBED"


def delete(desk: Desk, ticket: Ticket, author_id: int, at: datetime) -> Audit:
    """Delete softly: the API no longer shows the ticket, the export does [Tickets, Incremental Exports]."""
    with desk.lock:
        audit = desk.audit(ticket, author_id, at)
        desk.changed(audit, "status", "deleted", ticket.status)
        audit.signals.append(("ticket.soft_deleted", {}))
        ticket.deleted, ticket.updated_at = True, at
        desk.finish(ticket, audit)
        return audit


def undelete(desk: Desk, ticket: Ticket, author_id: int, at: datetime) -> Audit:
    """Restore a softly deleted ticket with the status it had [Tickets: Restore Deleted Ticket]."""
    with desk.lock:
        audit = desk.audit(ticket, author_id, at)
        desk.changed(audit, "status", ticket.status, "deleted")
        audit.signals.append(("ticket.undeleted", {}))
        ticket.deleted, ticket.updated_at = False, at
        desk.finish(ticket, audit)
        return audit


def delete_forever(desk: Desk, ticket: Ticket, author_id: int, at: datetime) -> Audit:
    """Delete for good: texts are scrubbed, the row stays in the export as deleted [Tickets] (unsure)."""
    with desk.lock:
        audit = desk.audit(ticket, author_id, at)
        audit.signals.append(("ticket.permanently_deleted", {}))
        ticket.deleted = ticket.gone = True
        ticket.updated_at = at
        ticket.subject = ticket.description = SCRUBBED
        ticket.custom_fields.clear()
        ticket.comments.clear()
        ticket.audits[:] = [audit]
        desk.finish(ticket, audit)
        return audit


def merge(
    desk: Desk,
    loser: Ticket,
    winner: Ticket,
    author_id: int,
    at: datetime,
    texts: tuple[str | None, str | None] = (None, None),
    *,
    public: bool = False,
) -> None:
    """Close a ticket into another, each with a comment (`texts`: loser's, winner's) [Tickets: Merge Tickets].

    The loser gets the tag `closed_by_merge` [Support: merging tickets]. The event's content is unsure.
    """
    with desk.lock:
        said, noted = texts
        said = said or f'This request was closed and merged into request #{winner.id} "{winner.subject}".'
        noted = noted or f'Request #{loser.id} "{loser.subject}" was closed and merged into this request.'
        source: dict[str, object] = {
            "rel": "merge",
            "from": {"ticket_id": loser.id, "subject": loser.subject},
        }
        audit = desk.audit(loser, author_id, at, Change(source=source))
        audit.signals.append(("ticket.merged", {"target_ticket_id": str(winner.id)}))
        desk.comment(loser, audit, NewComment(said, public))
        desk.set_value(loser, audit, "status", "closed")
        desk.set_value(loser, audit, "tags", [*loser.tags, MERGED])
        loser.merged_into, loser.updated_at = winner.id, at
        desk.finish(loser, audit)
        desk.save(winner, author_id, Change(comment=NewComment(noted, public), source=source), at)


def redact(
    desk: Desk, ticket: Ticket, comment: Comment, text: str | None, author_id: int, at: datetime
) -> Audit:
    """Black out a text, or all of it, wherever the comment is kept; it cannot be undone [Ticket Comments].

    Allowed in closed and archived tickets too [Ticket Comments: comment redactions]. No webhook event type
    tells of it in any list we know.
    """
    with desk.lock:
        before, markup = comment.body, comment.html_body
        comment.body = _blacked(before, text)
        comment.html_body = (
            f"<p>{comment.body}</p>" if text is None else markup.replace(text, BLOCK * len(text))
        )
        if comment is ticket.comments[0]:
            ticket.description = comment.body
        for event in (event for audit in ticket.audits for event in audit.events):
            if event["id"] == comment.id:
                event.update(body=comment.body, html_body=comment.html_body)
        audit = desk.audit(ticket, author_id, at)
        desk.event(audit, "CommentRedactionEvent", comment_id=comment.id)
        ticket.updated_at = at
        desk.finish(ticket, audit)
        return audit


def make_private(desk: Desk, ticket: Ticket, comment: Comment, author_id: int, at: datetime) -> Audit:
    """Turn a public comment into a note [Ticket Comments: Make Comment Private, Ticket Audits]."""
    with desk.lock:
        comment.public = False
        audit = desk.audit(ticket, author_id, at)
        desk.event(audit, "CommentPrivacyChange", comment_id=comment.id, public=False)
        audit.signals.append(("ticket.comment_made_private", {"comment": {"id": str(comment.id)}}))
        ticket.updated_at = at
        desk.finish(ticket, audit)
        return audit


def follow_up(desk: Desk, source: Ticket, requester_id: int, body: str, at: datetime, channel: str) -> Ticket:
    """Open a follow-up of a closed ticket, each knowing the other [Tickets: Creating follow-up tickets]."""
    if source.status != "closed":
        raise ValueError(f"ticket {source.id} is {source.status}: only a closed one has follow-ups")
    with desk.lock:
        more: dict[str, object] = {"via_followup_source_id": source.id}
        subject = f"Re: {source.subject}"
        ticket = desk.create(requester_id, subject, NewComment(body), at, channel=channel, values=more)
        origin = {"ticket_id": source.id, "subject": source.subject}
        ticket.via = via(channel, {"from": origin, "rel": "follow_up"})
        source.followup_ids.append(ticket.id)
        desk.touch(source, at)
        return ticket


def archive(desk: Desk, ticket: Ticket, at: datetime) -> None:
    """Archive, closing first by automation if need be: readable by id, in no list [Support: archiving]."""
    with desk.lock:
        if ticket.status != "closed":
            desk.save(ticket, SYSTEM, Change({"status": "closed"}, channel="rule"), at)
        ticket.archived = True


def deleted_as_json(ticket: Ticket) -> dict[str, object]:
    """Return a deleted ticket as `GET deleted_tickets` does [Tickets: List Deleted Tickets]."""
    audit = ticket.audits[-1]
    actor = {"id": audit.author_id, "name": str(audit.author_id)}
    shown = {"id": ticket.id, "subject": ticket.subject, "description": ticket.description}
    return {**shown, "actor": actor, "deleted_at": stamp(audit.created_at), "previous_state": ticket.status}


def _blacked(before: str, text: str | None) -> str:
    if text is None:
        return BLOCK * len(MARKUP.sub("", before))
    return before.replace(text, BLOCK * len(text))
