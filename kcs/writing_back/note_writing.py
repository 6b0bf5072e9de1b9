"""Private notes: what may answer a new ticket, and a reminder when one was solved without knowledge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import force_locale

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import NoteMadePublic
from kcs.i18n import LOCALES
from kcs.outbox.services import EffectClaim
from kcs.people.models import Agent
from kcs.ports import DeskWriter, Note
from kcs.search.index import SearchIndex
from kcs.solving.queries import count_links, present_exemption
from kcs.solving.suggestions import suggest
from kcs.tickets.models import ClosePolicy, Connection, Ticket, WriteBack
from kcs.writing_back.asking import wants
from kcs.writing_back.desks import UNWRITABLE, Writers, end, recorded, unless_gone
from kcs.writing_back.notes import Places, Suggested, reader_language, reminder_html, suggestions_html
from workflow.solve import KnowledgeState

MOST = 3
MARKER = "suggestions"
NOTES = (WriteBack.SUGGESTIONS, WriteBack.REMINDER)
# Every colleague reads the same articles, so it need not be a certain one.
ANY_COLLEAGUE = Agent(email="", name="a note on a ticket", role_names=[])


class _NothingToWriteError(Exception):
    """There is nothing to write; the message says why."""


@dataclass(frozen=True)
class Advice:
    """What suggestions are made with: the index, and from what probability on none is likely to answer."""

    index: Callable[[], SearchIndex]
    no_article: float


class NoteWriter:
    """Carries out `desk.suggestions` and `desk.reminder` effects."""

    def __init__(self, writers: Writers, advice: Advice, base_url: str) -> None:
        self._writers, self._advice, self._base_url = writers, advice, base_url

    def suggest(self, claim: EffectClaim) -> None:
        """Note what may answer a ticket, once. Raises RemoteError, LeaseLostError."""
        self._write(claim, self._suggestions)

    def remind(self, claim: EffectClaim) -> None:
        """Remind whoever solved a ticket without knowledge, once per solve. Raises as `suggest`."""
        self._write(claim, lambda ticket: self._reminder(ticket, claim.payload.get("change")))

    def _write(self, claim: EffectClaim, written: Callable[[Ticket], Note]) -> None:
        ticket_id = claim.payload["ticket_id"]
        try:
            with database.reading():
                ticket = db.session.get_one(Ticket, ticket_id)
                remote_id, connection_id = ticket.remote_id, ticket.connection_id
                note, writer = written(ticket), self._writers.of(ticket.connection)
        except _NothingToWriteError as reason:
            end(claim, str(reason))
            return
        # Held anew, so that nobody else writes it; the database is let go of while the desk is asked.
        claim.hold()
        db.session.commit()
        gone = _put(writer, remote_id, note, connection_id)
        if not gone:
            recorded(claim.kind, ticket_id)
        end(claim, gone)

    def _suggestions(self, ticket: Ticket) -> Note:
        _refuse_unless(wants(ticket, WriteBack.SUGGESTIONS), "switched off")
        _refuse_unless(ticket.status not in UNWRITABLE, UNWRITABLE.get(ticket.status, ""))
        _refuse_unless(not ticket.status.is_solved, "solved meanwhile")
        _refuse_unless(ticket.knowledge_state is KnowledgeState.CAPTURE, "its knowledge is there already")
        with force_locale(_locale(ticket.assignee)):
            given = suggest(self._advice.index(), ticket, reader=ANY_COLLEAGUE, limit=MOST)
            _refuse_unless(bool(given.found), "nothing was found")
            _refuse_unless(given.no_article < self._advice.no_article, "probably no article answers it")
            suggested = [Suggested.of(each) for each in given.found]
            html = suggestions_html(suggested, Places.of(ticket, self._base_url))
        return Note(marker=MARKER, html=html)

    def _reminder(self, ticket: Ticket, change: str | None) -> Note:
        _refuse_unless(wants(ticket, WriteBack.REMINDER), "switched off")
        _refuse_unless(ticket.connection.closing is ClosePolicy.REMIND, "the policy is another one now")
        _refuse_unless(ticket.status not in UNWRITABLE, UNWRITABLE.get(ticket.status, ""))
        _refuse_unless(not ticket.merged, "merged into another ticket meanwhile")
        _refuse_unless(ticket.solved_at is not None, "reopened meanwhile")
        _refuse_unless(ticket.last_change_id == change, "reopened and solved again meanwhile")
        unanswered = ticket.knowledge_state is KnowledgeState.UNANSWERED
        settled = not unanswered or count_links(ticket) > 0 or present_exemption(ticket) is not None
        _refuse_unless(not settled, "its knowledge is there meanwhile")
        with force_locale(_locale(ticket.solver)):
            solver = ticket.solver.name if ticket.solver else ""
            html = reminder_html(solver, Places.of(ticket, self._base_url))
        return Note(marker=f"reminder-{change}", html=html)


def _put(writer: DeskWriter, remote_id: str, note: Note, connection_id: int) -> str:
    try:
        return unless_gone(lambda: writer.add_note(remote_id, note))
    except NoteMadePublic:
        _stop_notes(connection_id)
        raise


def _stop_notes(connection_id: int) -> None:
    """The desk shows our notes to customers: write no more until an administrator switches them on again."""
    connection = db.session.get_one(Connection, connection_id, with_for_update=True)
    connection.writes = [each for each in connection.writes if each not in NOTES]
    record("connection.notes_stopped", authority="system", connection_id=connection_id)
    db.session.commit()


def _refuse_unless(condition: bool, reason: str) -> None:
    if not condition:
        raise _NothingToWriteError(reason)


def _locale(reader: Agent | None) -> str:
    language = reader_language(reader)
    return LOCALES.get(language, language)
