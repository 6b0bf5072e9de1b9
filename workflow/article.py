"""The life of an article: confidence and audience are stored apart, the state people see is derived.

`TABLE` is the rule. A move is refused unless a row allows it and its guard holds; who may make it is the
table of `workflow.permissions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from transitions import EventData, Machine, MachineError

from workflow.permissions import Right


class Confidence(StrEnum):
    """How sure we are of the text. `DELETED` keeps the record of a wip draft that was thrown away."""

    WIP = "wip"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    ARCHIVED = "archived"
    DELETED = "deleted"


class Audience(StrEnum):
    """Who may read the article, narrowest first."""

    INTERNAL = "internal"
    PARTNER = "partner"
    CUSTOMER = "customer"
    PUBLIC = "public"


class ArticleState(StrEnum):
    """The workflow state people see."""

    WIP = "wip"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    DELETED = "deleted"


class Move(StrEnum):
    """The moves of an article; each is also a right in `workflow.permissions`."""

    COMPLETE = "complete"
    VALIDATE = "validate"
    PUBLISH = "publish"
    DOUBT = "doubt"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"

    @property
    def right(self) -> Right:
        """The right this move needs."""
        return Right(self.value)


@dataclass(frozen=True)
class Text:
    """What the guards ask about an article: which fields are filled, and what the move was given.

    `has_answer`: the fields that make it more than work in progress (the resolution, the steps, the answer);
    `has_required`: every other field its template requires; `own_refused`: it is the text of whoever moves
    it, and its domain wants another pair of eyes.
    """

    has_answer: bool
    has_required: bool
    audience: Audience | None = None
    reason: str = ""
    own_refused: bool = False


class RefusedMoveError(Exception):
    """No row allows the move, or its guard says no: `guard` names it, and the message says it in words."""

    def __init__(self, move: Move, state: ArticleState, why: str, *, guard: str | None = None) -> None:
        super().__init__(why)
        self.move = move
        self.state = state
        self.guard = guard


S = ArticleState

# move, from, to, guards
TABLE: list[tuple[Move, list[ArticleState], ArticleState, tuple[str, ...]]] = [
    (Move.COMPLETE, [S.WIP], S.NOT_VALIDATED, ("has_answer",)),
    (Move.VALIDATE, [S.WIP, S.NOT_VALIDATED], S.VALIDATED, ("is_complete", "is_not_own")),
    (Move.PUBLISH, [S.VALIDATED, S.PUBLISHED], S.PUBLISHED, ("goes_outside", "is_not_own")),
    (Move.DOUBT, [S.VALIDATED], S.NOT_VALIDATED, ("has_reason",)),
    (Move.WITHDRAW, [S.PUBLISHED], S.VALIDATED, ("has_reason",)),
    (Move.ARCHIVE, [S.WIP, S.NOT_VALIDATED, S.VALIDATED, S.PUBLISHED], S.ARCHIVED, ()),
    (Move.RESTORE, [S.ARCHIVED], S.NOT_VALIDATED, ("has_answer",)),
    (Move.RESTORE, [S.ARCHIVED], S.WIP, ("has_no_answer",)),
    (Move.DELETE, [S.WIP], S.DELETED, ()),
]


GUARDS: dict[str, Callable[[Text], bool]] = {
    "has_answer": lambda text: text.has_answer,
    "has_no_answer": lambda text: not text.has_answer,
    "is_complete": lambda text: text.has_answer and text.has_required,
    "goes_outside": lambda text: text.audience not in (None, Audience.INTERNAL),
    "has_reason": lambda text: bool(text.reason.strip()),
    "is_not_own": lambda text: not text.own_refused,
}


def said(sentence: str) -> str:
    """Mark a sentence for the translators; pages say it in the reader's language."""
    return sentence


REFUSALS = {
    "has_answer": said("The article answers nothing yet: write the resolution first."),
    "has_no_answer": said("The article has a resolution."),
    "is_complete": said("Every required field is needed before an article can be validated."),
    "goes_outside": said("Name the audience to publish to: partner, customer or public."),
    "has_reason": said("Say why: a reason is needed."),
    "is_not_own": said("Nobody validates their own article in this domain: ask a colleague."),
}


def _condition(guard: str) -> Callable[[EventData], bool]:
    return lambda event: GUARDS[guard](event.kwargs["text"])


_MACHINE = Machine(
    model=None,
    states=[state.value for state in ArticleState],
    initial=ArticleState.WIP.value,
    auto_transitions=False,
    send_event=True,
    transitions=[
        {
            "trigger": move.value,
            "source": [state.value for state in sources],
            "dest": dest.value,
            "conditions": [_condition(guard) for guard in guards],
        }
        for move, sources, dest, guards in TABLE
    ],
)


class _Cursor:
    """The object the machine moves, so that the article changes only through its service."""

    __slots__ = ("state",)

    def __init__(self, state: ArticleState) -> None:
        self.state = state.value


def state_of(confidence: Confidence, audience: Audience) -> ArticleState:
    """Derive the state people see: published is validated and readable outside."""
    if confidence is Confidence.VALIDATED and audience is not Audience.INTERNAL:
        return ArticleState.PUBLISHED
    return ArticleState(confidence.value)


def facets_of(state: ArticleState, audience: Audience | None) -> tuple[Confidence, Audience]:
    """Return what to store for a state reached by a move; only publishing takes an article outside."""
    if state is ArticleState.PUBLISHED:
        return Confidence.VALIDATED, audience or Audience.PUBLIC
    return Confidence(state.value), Audience.INTERNAL


def after(state: ArticleState, move: Move, text: Text) -> ArticleState:
    """Return the state `move` leads to. Raises RefusedMoveError with the reason in words."""
    cursor = _Cursor(state)
    try:
        moved = _MACHINE.events[move.value].trigger(cursor, text=text)
    except MachineError as error:
        raise RefusedMoveError(
            move, state, f"'{move}' is not possible while the article is '{state}'"
        ) from error
    if not moved:
        rows = [guards for name, sources, _, guards in TABLE if name is move and state in sources]
        failed = [guard for guard in rows[0] if not GUARDS[guard](text)]
        raise RefusedMoveError(move, state, REFUSALS[failed[0]], guard=failed[0])
    return ArticleState(cursor.state)


def possible(state: ArticleState) -> frozenset[Move]:
    """Return the moves that have a row for `state`, guards and rights aside."""
    return frozenset(move for move, sources, _, _ in TABLE if state in sources)
