"""The close-time step: what a ticket lacks, if that may be passed, and the quickest ways to finish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kcs.articles.models import Article
from kcs.people.access import Permission, may
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.solving.models import LinkRole, PreparedDraft
from kcs.solving.prepared import prepared_draft
from kcs.solving.queries import draft_in_making, present_links
from kcs.tickets.models import ClosePolicy, Ticket
from workflow.solve import KnowledgeState

S = KnowledgeState
LATE = "late"

# What is said of a ticket in each state.
LINES: dict[str, Sentence] = {
    S.CAPTURE: Sentence("Nothing is linked yet."),
    S.UNANSWERED: Sentence("Solved, and nothing is linked yet: what you do now counts as late."),
    S.REUSE: Sentence("An article answers it: nothing is missing."),
    S.IMPROVE: Sentence("An article answers it: nothing is missing."),
    S.STRUCTURE: Sentence("A draft from this ticket is in the making: nothing is missing."),
    S.EXEMPT: Sentence("It needs no article: nothing is missing."),
    S.ANSWERED: Sentence("Solved with its article: nothing is missing."),
    LATE: Sentence("Finished after it was solved, and counted as late: nothing is missing."),
}
MERGED = Sentence("Closed into another ticket on the desk: it counts for nobody, and nothing is missing.")
MISSING = (S.CAPTURE, S.UNANSWERED)


@dataclass(frozen=True)
class Choice:
    """One quick way on: an act, the key for it, and its words."""

    act: str
    key: str
    label: Sentence
    article: Article | None = None


@dataclass(frozen=True)
class Closing:
    """What a ticket lacks, and the ways on for this person, quickest first."""

    policy: ClosePolicy
    missing: bool
    late: bool
    line: Sentence
    choices: list[Choice] = field(default_factory=list)
    prepared: PreparedDraft | None = None

    @property
    def may_pass(self) -> bool:
        """False when the desk's sidebar must refuse to save the ticket as solved."""
        return self.policy is not ClosePolicy.REQUIRE or not self.missing


def closing_of(
    ticket: Ticket, agent: Agent, *, best: Sequence[Article], draft_first: bool = False
) -> Closing:
    """Return what `ticket` lacks. `best` are the suggestions, `draft_first` when none of them is likely."""
    missing, late = ticket.knowledge_state in MISSING and not ticket.merged, _is_late(ticket)
    prepared = prepared_draft(ticket)
    line = LATE if late and ticket.knowledge_state is S.ANSWERED else ticket.knowledge_state
    choices = _finishing(best, prepared, draft_first=draft_first) if missing else _leading_on(ticket)
    return Closing(
        ticket.connection.closing,
        missing,
        late,
        MERGED if ticket.merged else LINES[line],
        choices if may(agent, Permission.WORK) else [],
        prepared,
    )


def _finishing(best: Sequence[Article], prepared: PreparedDraft | None, *, draft_first: bool) -> list[Choice]:
    draft = Sentence("take the draft that is ready") if prepared else Sentence("draft an article from it")
    drafting = Choice("draft", "d", draft)
    linking = [Choice("link", "1", Sentence("link the best suggestion"), best[0])] if best else []
    ways = [drafting, *linking] if draft_first else [*linking, drafting]
    return [*ways, Choice("exempt", "x", Sentence("no article needed"))]


def _leading_on(ticket: Ticket) -> list[Choice]:
    editing = [Choice("edit", "e", Sentence("edit the draft"))] if draft_in_making(ticket) else []
    return [*editing, Choice("next", "n", Sentence("next unfinished ticket"))]


def _is_late(ticket: Ticket) -> bool:
    """True when whatever finishes the ticket came, or will come, after the desk called it solved."""
    if ticket.solved_at is None:
        return False
    made = [link.created_at for link in present_links(ticket) if link.role is LinkRole.RESOLUTION]
    return ticket.knowledge_state is S.UNANSWERED or (bool(made) and min(made) > ticket.solved_at)
