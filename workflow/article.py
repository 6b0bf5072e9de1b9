"""The life of an article: confidence and audience are stored apart, the state people see is derived.

`TABLE` is the rule. A move is refused unless a row allows it and its guard holds; who may make it is the
table of `workflow.permissions`.
"""

from __future__ import annotations

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
    """What the guards ask about an article: which parts are there, and what the move was given."""

    has_issue: bool
    has_resolution: bool
    audience: Audience | None = None
    reason: str = ""


class RefusedMoveError(Exception):
    """No row allows the move, or its guard says no; the message says which."""

    def __init__(self, move: Move, state: ArticleState, why: str) -> None:
        super().__init__(why)
        self.move = move
        self.state = state


S = ArticleState

# move, from, to, guard
TABLE: list[tuple[Move, list[ArticleState], ArticleState, str | None]] = [
    (Move.COMPLETE, [S.WIP], S.NOT_VALIDATED, "has_resolution"),
    (Move.VALIDATE, [S.WIP, S.NOT_VALIDATED], S.VALIDATED, "is_complete"),
    (Move.PUBLISH, [S.VALIDATED, S.PUBLISHED], S.PUBLISHED, "goes_outside"),
    (Move.DOUBT, [S.VALIDATED], S.NOT_VALIDATED, "has_reason"),
    (Move.WITHDRAW, [S.PUBLISHED], S.VALIDATED, "has_reason"),
    (Move.ARCHIVE, [S.WIP, S.NOT_VALIDATED, S.VALIDATED, S.PUBLISHED], S.ARCHIVED, None),
    (Move.RESTORE, [S.ARCHIVED], S.NOT_VALIDATED, "has_resolution"),
    (Move.RESTORE, [S.ARCHIVED], S.WIP, "has_no_resolution"),
    (Move.DELETE, [S.WIP], S.DELETED, None),
]


def _text(event: EventData) -> Text:
    text: Text = event.kwargs["text"]
    return text


GUARDS = {
    "has_resolution": lambda event: _text(event).has_resolution,
    "has_no_resolution": lambda event: not _text(event).has_resolution,
    "is_complete": lambda event: _text(event).has_resolution and _text(event).has_issue,
    "goes_outside": lambda event: _text(event).audience not in (None, Audience.INTERNAL),
    "has_reason": lambda event: bool(_text(event).reason.strip()),
}

REFUSALS = {
    "has_resolution": "the article has no resolution yet: write one first",
    "has_no_resolution": "the article has a resolution",
    "is_complete": "an issue and a resolution are needed before an article can be validated",
    "goes_outside": "name the audience to publish to: partner, customer or public",
    "has_reason": "say why: a reason is needed",
}

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
            "conditions": [GUARDS[guard]] if guard else None,
        }
        for move, sources, dest, guard in TABLE
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
        guards = [guard for name, sources, _, guard in TABLE if name is move and state in sources and guard]
        raise RefusedMoveError(move, state, REFUSALS[guards[0]])
    return ArticleState(cursor.state)


def possible(state: ArticleState) -> frozenset[Move]:
    """Return the moves that have a row for `state`, guards and rights aside."""
    return frozenset(move for move, sources, _, _ in TABLE if state in sources)
