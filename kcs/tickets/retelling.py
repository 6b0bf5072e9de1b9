"""A ticket's status history put together from what was heard and what was seen; no database, no desk.

A *mark* is one thing known of a ticket: a change that its desk told, or a status it was seen in. Put in order
of time they are a history, whatever order they became known in; what no change explains is inferred.
Decision 0020 has the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from kcs.ports import DeskStatus, StatusChange

# How far apart a desk may tell one change: once when it happens, once in whole seconds when it is read.
TOLERANCE = timedelta(minutes=1)
JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Mark:
    """A change that was `heard`, or else a status the ticket was in `at` some moment, as far as was seen.

    `exact` says that it was solved at that very moment. The author of what was only seen is a guess.
    """

    id: str
    at: datetime
    after: DeskStatus
    author_id: str
    heard: bool = False
    before: DeskStatus | None = None
    exact: bool = False


@dataclass
class Retold:
    """The history that marks make. `place` says which change of it each mark stands for, if any.

    `telling` names what was seen and explained by nothing else; `unseen` holds solvings that a later change
    speaks of, and nobody saw.
    """

    changes: list[StatusChange] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    telling: set[str] = field(default_factory=set)
    unseen: list[Mark] = field(default_factory=list)

    @property
    def status(self) -> DeskStatus:
        """The status the history ends in."""
        return self.changes[-1].after if self.changes else DeskStatus.NEW


def retell(marks: Iterable[Mark], assignee_id: str) -> Retold:
    """Return the history that marks make; solvings nobody saw are taken to be the assignee's."""
    telling = _Telling(assignee_id)
    ordered = list(_in_order(marks))
    heard_next: Mark | None = None
    following: list[Mark | None] = []
    for mark in reversed(ordered):
        following.append(heard_next)
        heard_next = mark if mark.heard else heard_next
    awaited: dict[str, list[str]] = {}
    for mark, after in zip(ordered, reversed(following), strict=True):
        if mark.heard:
            telling.hear(mark)
            telling.retold.place |= dict.fromkeys(awaited.pop(mark.id, ()), telling.last)
        elif after is not None and _explains(after, mark):
            awaited.setdefault(after.id, []).append(mark.id)
        else:
            telling.see(mark)
    return telling.retold


def last_solving(changes: Iterable[StatusChange]) -> StatusChange | None:
    """Return the change that solved the ticket last; closing a solved one is none."""
    found, solved = None, False
    for change in changes:
        if change.after.is_solved and not solved:
            found = change
        solved = change.after.is_solved
    return found


def phase(status: DeskStatus) -> DeskStatus:
    """Return a status reduced to what is inferred: open, solved, closed."""
    return status if status.is_solved else DeskStatus.OPEN


def _in_order(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Yield by time; of several at one moment first the one that leads on from where the ticket is."""
    status = DeskStatus.NEW
    for _, together in groupby(sorted(marks, key=lambda each: each.at), key=lambda each: each.at):
        waiting = list(together)
        while waiting:
            chosen = min(waiting, key=lambda each: _distance(each.before, status))
            waiting.remove(chosen)
            status = chosen.after
            yield chosen


def _distance(before: DeskStatus | None, status: DeskStatus) -> int:
    """How badly a change from `before` would follow on a status; what was only seen comes after what fits."""
    if before is None:
        return 2
    if before is status:
        return 0
    return 1 if phase(before) is phase(status) else 3


def _explains(heard: Mark, seen: Mark) -> bool:
    """Say whether the change heard next is what was seen: told a little later than it was read."""
    leads_there = heard.before is None or heard.before.is_solved is not heard.after.is_solved
    return leads_there and phase(heard.after) is phase(seen.after) and heard.at - seen.at <= TOLERANCE


class _Telling:
    """The history so far, going through the marks in order."""

    def __init__(self, assignee_id: str) -> None:
        self.retold = Retold()
        self._assignee_id = assignee_id
        self._solved_at: datetime | None = None

    @property
    def last(self) -> int:
        """The place of the last change."""
        return len(self.retold.changes) - 1

    def hear(self, mark: Mark) -> None:
        """Go on with a change that was told, and with what it says about the status before."""
        before = mark.before
        if self._is_repeated(mark):
            self.retold.place[mark.id] = self.last
            return
        if before is not None and before.is_solved is not self.retold.status.is_solved:
            unseen = replace(mark, after=before, at=mark.at - JUST_BEFORE, heard=False, before=None)
            if before.is_solved:
                unseen = replace(unseen, id=f"{mark.id}-", author_id=self._assignee_id)
                self.retold.unseen.append(unseen)
                self._add(unseen)
            else:
                self._reopen(unseen)
        self._add(mark)

    def see(self, mark: Mark) -> None:
        """Go on with a status the ticket was in, unless it is known to have been in it."""
        status = self.retold.status
        is_another = mark.exact and self._solved_at is not None and mark.at - self._solved_at > TOLERANCE
        if status.is_solved and is_another:
            self._reopen(replace(mark, after=DeskStatus.OPEN, at=mark.at - JUST_BEFORE, exact=False))
        elif phase(status) is phase(mark.after) or (status is DeskStatus.CLOSED and mark.exact):
            if self.retold.changes:
                self.retold.place[mark.id] = self.last
            return
        self.retold.telling.add(mark.id)
        self._add(mark)

    def _is_repeated(self, mark: Mark) -> bool:
        """Say whether the same change is told once more, by another way or with another time."""
        last = self.retold.changes[-1] if self.retold.changes else None
        told = (mark.author_id, mark.before, mark.after, False)
        is_same = last is not None and (last.author_id, last.before, last.after, last.inferred) == told
        return is_same and last is not None and mark.at - last.at <= TOLERANCE

    def _reopen(self, mark: Mark) -> None:
        """Nobody is known to have reopened it, but somebody did."""
        self._add(replace(mark, id=f"{mark.id}-", author_id=""))

    def _add(self, mark: Mark) -> None:
        was, changes = self.retold.status, self.retold.changes
        at = max(mark.at, changes[-1].at) if changes else mark.at
        before = mark.before if mark.heard else was
        changes.append(StatusChange(mark.id, at, mark.author_id, before, mark.after, not mark.heard))
        self.retold.place[mark.id] = self.last
        if mark.after.is_solved and not was.is_solved:
            self._solved_at = at
