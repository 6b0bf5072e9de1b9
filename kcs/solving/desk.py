"""Following the desk: a ticket solved or reopened there moves its knowledge state here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kcs.ports import DeskStatus, Measures, StatusChange, TicketSnapshot
from kcs.solving.loop import Record, end_exemption, fire, write
from kcs.solving.measuring import measure
from kcs.solving.pasted import PastedAddresses
from kcs.solving.prepared import prepare_draft
from kcs.solving.queries import count_links
from kcs.solving.signals import left_unanswered
from kcs.tickets.desk_people import solver_of
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.retelling import last_solving
from kcs.tickets.services import mark_merged, solved_before_us
from workflow.solve import Act, Facts, KnowledgeState

# What a policy does at once. Under any but `nothing` the ticket also stands in its agent's unfinished list,
# read from its state (`kcs.tickets.queries`); what `prompt` and `require` ask, the desk's sidebar asks.
WITHOUT_KNOWLEDGE: dict[ClosePolicy, Callable[[Ticket], object]] = {
    ClosePolicy.REMIND: left_unanswered.send,
    ClosePolicy.DRAFT: prepare_draft,
}


def follow_desk(connection: Connection, ticket: Ticket, snapshot: TicketSnapshot) -> None:
    """Take the desk's news into account, in order: who solved, who reopened, which articles replies name.

    A ticket that ends up solved without knowledge is treated as its connection's policy says, unless it was
    solved before the desk was connected. One merged into another was solved by nobody.
    """
    # Of a reading older than the mirror the history counts, not the state the ticket was in.
    told = snapshot.measures if snapshot.updated_at >= ticket.desk_updated_at else None
    solved = _follow_changes(connection, ticket, snapshot, told)
    if not snapshot.history:
        _credit_rightly(connection, ticket, snapshot)
    if snapshot.merged and not ticket.merged:
        mark_merged(ticket)
    if ticket.solved_at is not None and not ticket.merged:
        measure(ticket, told, solved_at=ticket.solved_at)
    if solved and _asks_for_knowledge(ticket):
        react = WITHOUT_KNOWLEDGE.get(connection.closing)
        if react is not None:
            react(ticket)


def _follow_changes(
    connection: Connection, ticket: Ticket, snapshot: TicketSnapshot, told: Measures | None
) -> bool:
    """Follow what is new of the history, and the replies before each change; True when one solved it.

    What is known of the ticket is written down before the solving that reports count it by.
    """
    pasted, solved = PastedAddresses(connection, ticket, snapshot), False
    merging, standing = _merging(snapshot), _standing_solving(snapshot)
    for change in _unseen(ticket, snapshot):
        pasted.take_until(change.at)
        if change is standing and ticket.solved_at is None:
            measure(ticket, told, solved_at=change.at)
        if change is not merging:
            solved = _follow(connection, ticket, change, snapshot) or solved
        ticket.last_change_id, ticket.last_change_at = change.id, change.at
    pasted.take_rest()
    return solved


def _follow(connection: Connection, ticket: Ticket, change: StatusChange, snapshot: TicketSnapshot) -> bool:
    """Move the ticket as its desk moved it; True when that solved it. Deleting solves and reopens nothing."""
    solved_before = ticket.solved_at is not None
    if change.after is DeskStatus.DELETED or change.after.is_solved == solved_before:
        return False
    written = _record_of(connection, change, snapshot)
    if solved_before:
        _reopen(ticket, written)
        return False
    before = fire(ticket, Act.SOLVE, Facts(links_left=count_links(ticket)), written)
    linked = (KnowledgeState.REUSE, KnowledgeState.STRUCTURE, KnowledgeState.IMPROVE)
    ticket.came_from = before if before in linked else None
    _credit(ticket, change, written)
    return True


def _record_of(connection: Connection, change: StatusChange, snapshot: TicketSnapshot) -> Record:
    actor = solver_of(connection, snapshot.users.get(change.author_id))
    return Record(f"desk:{connection.id}", actor, happened_at=change.at, inferred=change.inferred)


def _credit_rightly(connection: Connection, ticket: Ticket, snapshot: TicketSnapshot) -> None:
    """Give the solving to whoever is known by now to have made it, where that was not told in time.

    The log only grows: the solving is written once more with its own time, and reports count the latest.
    """
    solving = last_solving(snapshot.changes)
    if solving is None or ticket.solved_at is None or ticket.merged:
        return
    known = (ticket.solved_at, ticket.solver_remote_id, ticket.solver_inferred)
    if known == (solving.at, solving.author_id, solving.inferred):
        return
    written = replace(_record_of(connection, solving, snapshot), reason="credited")
    _credit(ticket, solving, written)
    write(ticket, Act.SOLVE, ticket.knowledge_state, written)


def _standing_solving(snapshot: TicketSnapshot) -> StatusChange | None:
    """Return the change that solved the ticket for good, as far as is known; one into another counts not."""
    if snapshot.merged or not snapshot.status.is_solved:
        return None
    return last_solving(snapshot.changes)


def _merging(snapshot: TicketSnapshot) -> StatusChange | None:
    """Return the change by which a ticket was closed into another one."""
    closings = [change for change in snapshot.changes if change.after is DeskStatus.CLOSED]
    return closings[-1] if snapshot.merged and closings else None


def _asks_for_knowledge(ticket: Ticket) -> bool:
    unanswered = ticket.knowledge_state is KnowledgeState.UNANSWERED
    return unanswered and not ticket.merged and not solved_before_us(ticket)


def _credit(ticket: Ticket, solving: StatusChange, written: Record) -> None:
    ticket.solved_at = written.happened_at
    ticket.solver_id = written.agent.id if written.agent else None
    ticket.solver_remote_id, ticket.solver_inferred = solving.author_id, solving.inferred


def _reopen(ticket: Ticket, written: Record) -> None:
    fire(ticket, Act.REOPEN, Facts(came_from=ticket.came_from), written)
    end_exemption(ticket)
    ticket.solved_at = ticket.solver_id = ticket.solver_remote_id = ticket.came_from = None
    ticket.solver_inferred = False


def _unseen(ticket: Ticket, snapshot: TicketSnapshot) -> list[StatusChange]:
    """Return the changes after the last one taken into account; the desk's history only grows."""
    changes = list(snapshot.changes)
    for index, change in enumerate(changes):
        if change.id == ticket.last_change_id:
            return changes[index + 1 :]
    last = ticket.last_change_at
    return [change for change in changes if last is None or change.at > last]
