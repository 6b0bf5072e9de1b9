"""The solve loop: what a ticket's knowledge state is and which moves it may make.

One shared machine for every ticket (`transitions` machines per row cost 13.7 kB each); the ticket only
needs a `knowledge_state` attribute. The table is the rule: a move that is not in it is refused, and
`None` as destination means the act is allowed and the state stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from transitions import EventData, Machine, MachineError


class KnowledgeState(StrEnum):
    """The KCS practice a ticket is in."""

    CAPTURE = "capture"
    REUSE = "reuse"
    STRUCTURE = "structure"
    IMPROVE = "improve"
    EXEMPT = "exempt"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


class Act(StrEnum):
    """What can happen to a ticket's knowledge."""

    LINK = "link"
    UNLINK = "unlink"
    DRAFT = "draft"
    DISCARD = "discard"
    IMPROVE = "improve"
    EXEMPT = "exempt"
    SOLVE = "solve"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Facts:
    """What the guards ask about the ticket at the moment of the act.

    `links_left` counts the resolution links that remain once the act is done; `came_from` is the state
    the ticket was solved in, None when it was solved without knowledge; `solved` says how it stands on the
    desk.
    """

    links_left: int = 0
    came_from: KnowledgeState | None = None
    solved: bool = False


class Ticket(Protocol):
    """Anything that carries a knowledge state."""

    knowledge_state: KnowledgeState


class RefusedMoveError(Exception):
    """The table has no such move from the present state, or its guard says no."""

    def __init__(self, act: Act, state: KnowledgeState) -> None:
        super().__init__(f"'{act}' is not possible while the ticket is in '{state}'")
        self.act = act
        self.state = state


def _last_link(event: EventData) -> bool:
    return _facts(event).links_left == 0


def _links_left(event: EventData) -> bool:
    return _facts(event).links_left > 0


def _is_solved(event: EventData) -> bool:
    return _facts(event).solved


def _came_from_improve(event: EventData) -> bool:
    return _facts(event).came_from is KnowledgeState.IMPROVE


def _came_from_structure(event: EventData) -> bool:
    return _facts(event).came_from is KnowledgeState.STRUCTURE


def _facts(event: EventData) -> Facts:
    facts: Facts = event.kwargs["facts"]
    return facts


S = KnowledgeState
LINKED = [S.REUSE, S.IMPROVE]

# act, from, to, guard. The first row whose guard holds decides.
TABLE: list[tuple[Act, list[KnowledgeState], KnowledgeState | None, str | None]] = [
    (Act.LINK, [S.EXEMPT], S.ANSWERED, "is_solved"),
    (Act.LINK, [S.CAPTURE, S.STRUCTURE, S.EXEMPT], S.REUSE, None),
    (Act.LINK, [S.UNANSWERED], S.ANSWERED, None),
    (Act.LINK, [*LINKED, S.ANSWERED], None, None),
    (Act.UNLINK, LINKED, S.CAPTURE, "last_link"),
    (Act.UNLINK, [S.ANSWERED], S.UNANSWERED, "last_link"),
    (Act.UNLINK, [*LINKED, S.STRUCTURE, S.ANSWERED], None, "links_left"),
    (Act.DRAFT, [S.EXEMPT], S.ANSWERED, "is_solved"),
    (Act.DRAFT, [S.CAPTURE, *LINKED, S.EXEMPT], S.STRUCTURE, None),
    (Act.DRAFT, [S.UNANSWERED], S.ANSWERED, None),
    (Act.DISCARD, [S.STRUCTURE], S.REUSE, "links_left"),
    (Act.DISCARD, [S.STRUCTURE], S.CAPTURE, "last_link"),
    (Act.DISCARD, [S.ANSWERED], None, "links_left"),
    (Act.DISCARD, [S.ANSWERED], S.UNANSWERED, "last_link"),
    (Act.IMPROVE, [S.REUSE], S.IMPROVE, None),
    (Act.IMPROVE, [S.IMPROVE, S.ANSWERED], None, None),
    (Act.EXEMPT, [S.CAPTURE, S.UNANSWERED], S.EXEMPT, None),
    (Act.SOLVE, [S.CAPTURE], S.UNANSWERED, None),
    (Act.SOLVE, [*LINKED, S.STRUCTURE], S.ANSWERED, None),
    (Act.SOLVE, [S.EXEMPT], None, None),
    (Act.REOPEN, [S.ANSWERED], S.STRUCTURE, "came_from_structure"),
    (Act.REOPEN, [S.ANSWERED], S.IMPROVE, "came_from_improve"),
    (Act.REOPEN, [S.ANSWERED], S.REUSE, None),
    (Act.REOPEN, [S.UNANSWERED, S.EXEMPT], S.CAPTURE, None),
]

GUARDS = {
    "last_link": _last_link,
    "links_left": _links_left,
    "is_solved": _is_solved,
    "came_from_improve": _came_from_improve,
    "came_from_structure": _came_from_structure,
}

_MACHINE = Machine(
    model=None,
    states=[state.value for state in KnowledgeState],
    initial=KnowledgeState.CAPTURE.value,
    auto_transitions=False,
    send_event=True,
    model_attribute="state",
    transitions=[
        {
            "trigger": act.value,
            "source": [state.value for state in sources],
            "dest": dest.value if dest else None,
            "conditions": [GUARDS[guard]] if guard else None,
        }
        for act, sources, dest, guard in TABLE
    ],
)


class _Cursor:
    """The object the machine moves; the ticket itself changes only when the database agrees."""

    __slots__ = ("state",)

    def __init__(self, state: KnowledgeState) -> None:
        self.state = state.value


def after(state: KnowledgeState, act: Act, facts: Facts) -> KnowledgeState:
    """Return the state `act` leads to. Raises RefusedMoveError when the table does not allow it."""
    cursor = _Cursor(state)
    try:
        moved = _MACHINE.events[act.value].trigger(cursor, facts=facts)
    except MachineError:
        moved = False
    if not moved:
        raise RefusedMoveError(act, state)
    return KnowledgeState(cursor.state)


def possible(state: KnowledgeState) -> frozenset[Act]:
    """Return the acts that have a row for `state`, guards aside: what a page may offer."""
    return frozenset(act for act, sources, _, _ in TABLE if state in sources)
