"""Counting calls to a desk: one budget for all threads, processes and machines, kept in the database.

A window slides in slots of a twelfth of its length. A process takes calls from the database one, two, four, …
at a time, as long as it keeps asking within one slot, and spends them within that slot: a busy process writes
a few times in a slot, an idle one keeps nothing from others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.ports import Allowance
from kcs.sentences import Sentence
from kcs.tickets import breaker
from kcs.tickets.models import CallWindow

SLOTS = 12
LATENESS = 2.0  # a call may arrive this many seconds after it was counted
LARGEST_BATCH = 10
SHARED_FROM = 21  # of fewer calls nothing is left to those that somebody waits for
WARNED_AGAIN = 300.0
FORGOTTEN = timedelta(hours=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class _Batch:
    """Calls counted already and not made yet; worth nothing after `until` (monotonic seconds)."""

    left: int = 0
    size: int = 0
    until: float = 0.0


@dataclass
class _Known:
    """What one process knows of one account; `closed_until` in monotonic seconds."""

    batches: dict[tuple[str, bool], _Batch] = field(default_factory=dict)
    allowed: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    closed_until: float = 0.0
    warned: dict[str, float] = field(default_factory=dict)


_known: WeakKeyDictionary[Engine, dict[int, _Known]] = WeakKeyDictionary()
_lock = threading.Lock()


def forget_everything() -> None:
    """What this process knows of accounts is as if it had just begun."""
    with _lock:
        _known.clear()


class SharedBudget:
    """Implements `kcs.ports.CallBudget` for one connection."""

    def __init__(self, connection_id: int, *, interactive: bool, patience: float) -> None:
        self.patience = patience
        self._id = connection_id
        self._interactive = interactive

    def take(self, allowances: Sequence[Allowance]) -> None:
        """Count one call under each name, waiting up to `patience` for room. Raises RemoteError."""
        database.refuse_own_lock()
        deadline = time.monotonic() + self.patience
        while not self._spend(allowances):
            wait = self._reserve(allowances)
            if wait > 0 and time.monotonic() + wait > deadline:
                raise RemoteError(
                    Sentence(
                        "The calls that this account allows are used up for the moment (%(names)s); we go on "
                        "by ourselves as soon as there is room.",
                        names=", ".join(each.name for each in allowances),
                    ),
                    permanent=False,
                    retry_after=wait,
                )
            time.sleep(wait)

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody call under this name for so long; a longer pause that was set stays."""
        with database.apart() as session:
            now = database.now(session)
            row = _rows(session, self._id, [name], now)[name]
            until = now + timedelta(seconds=seconds)
            row.paused_until = max(until, row.paused_until or until)
            row.touched_at = now
        with _lock:
            for interactive in (True, False):
                self._known().batches.pop((name, interactive), None)

    def learn(self, name: str, calls: int) -> None:
        """Remember what the vendor allows; written when it differs from what is known."""
        known = self._known()
        if known.allowed.get(name) == calls:
            return
        with database.apart() as session:
            _rows(session, self._id, [name], database.now(session))[name].allowed = calls
        known.allowed[name] = calls

    def report(self, problem: str | None) -> None:
        """Count failures in a row; after several nobody calls for a while, then one tries."""
        known = self._known()
        if problem is None and not known.failures:
            return
        known.failures, closed = breaker.note(self._id, problem)
        with _lock:
            known.closed_until = time.monotonic() + closed
            if closed:
                known.batches.clear()

    def warn(self, said: str) -> None:
        """Keep a warning; one that comes again soon is not written again."""
        known, moment = self._known(), time.monotonic()
        if moment - known.warned.get(said, -WARNED_AGAIN) >= WARNED_AGAIN:
            known.warned[said] = moment
            breaker.keep_warning(self._id, said)

    def _known(self) -> _Known:
        return _known.setdefault(db.engine, {}).setdefault(self._id, _Known())

    def _spend(self, allowances: Sequence[Allowance]) -> bool:
        """Take the call from what this process holds; False when it does not hold enough."""
        known, moment = self._known(), time.monotonic()
        with _lock:
            batches = [known.batches.get((each.name, self._interactive)) for each in allowances]
            held = [batch for batch in batches if batch and batch.left and batch.until > moment]
            if len(held) < len(allowances) or known.closed_until > moment:
                return False
            for batch in held:
                batch.left -= 1
            return True

    def _reserve(self, allowances: Sequence[Allowance]) -> float:
        """Count a batch of calls under each name that lacks one; else return the seconds until there is room.

        Raises RemoteError while the circuit is open.
        """
        known, moment = self._known(), time.monotonic()
        wanted = {each.name: each for each in allowances if self._lacks(known, each.name, moment)}
        with database.apart() as session:
            now = database.now(session)
            known.failures = breaker.pass_through(session, self._id, now)
            known.closed_until = 0.0
            rows = _rows(session, self._id, sorted(wanted), now)
            wait = max((self._wait(rows[name], wanted[name], now) for name in wanted), default=0.0)
            if wait > 0:
                return wait
            counted = {name: self._count(known, rows[name], wanted[name], now) for name in wanted}
        with _lock:
            for name, (calls, seconds) in counted.items():
                batch = known.batches.setdefault((name, self._interactive), _Batch())
                kept = batch.left if batch.until > moment else 0  # another thread's, meanwhile
                batch.left, batch.size, batch.until = kept + calls, calls, moment + seconds
            known.allowed.update({name: row.allowed for name, row in rows.items() if row.allowed})
        return 0.0

    def _lacks(self, known: _Known, name: str, moment: float) -> bool:
        batch = known.batches.get((name, self._interactive))
        return batch is None or not batch.left or batch.until <= moment

    def _wait(self, row: CallWindow, allowance: Allowance, now: datetime) -> float:
        """Return the seconds until one more call has room, 0 when it has."""
        if row.paused_until is not None and row.paused_until > now:
            return (row.paused_until - now).total_seconds()
        slots = _live(row.slots, allowance, now)
        over = sum(slots.values()) - self._ceiling(row, allowance) + 1
        for slot, calls in sorted(slots.items()):
            if over <= 0:
                break
            over -= calls
            ends = (slot + 1) * _length(allowance) + LATENESS + allowance.seconds
            if over <= 0:
                return ends - _since_epoch(now)
        return 0.0

    def _count(
        self, known: _Known, row: CallWindow, allowance: Allowance, now: datetime
    ) -> tuple[int, float]:
        """Count a batch in the row; return its size and how many seconds it is good for."""
        slots = _live(row.slots, allowance, now)
        room = self._ceiling(row, allowance) - sum(slots.values())
        calls = max(1, min(room, self._batch_size(known, row, allowance)))
        slot = int(_since_epoch(now) // _length(allowance))
        slots[slot] = slots.get(slot, 0) + calls
        row.slots = {str(number): count for number, count in slots.items()}
        row.touched_at = now
        return calls, (slot + 1) * _length(allowance) - _since_epoch(now) + LATENESS / 4

    def _batch_size(self, known: _Known, row: CallWindow, allowance: Allowance) -> int:
        """Double what was taken last time when that was used up within its slot."""
        last = known.batches.get((allowance.name, self._interactive))
        asked = 2 * last.size if last and not last.left and last.until > time.monotonic() else 1
        return min(asked, LARGEST_BATCH, max(1, _allowed(row, allowance) // 20))

    def _ceiling(self, row: CallWindow, allowance: Allowance) -> int:
        calls = _allowed(row, allowance)
        return calls if self._interactive or calls < SHARED_FROM else calls - calls // 5


def _allowed(row: CallWindow, allowance: Allowance) -> int:
    return row.allowed or allowance.calls


def _length(allowance: Allowance) -> float:
    return allowance.seconds / SLOTS


def _since_epoch(now: datetime) -> float:
    return (now - EPOCH).total_seconds()


def _live(slots: Mapping[str, int], allowance: Allowance, now: datetime) -> dict[int, int]:
    """Return the slots whose calls may still stand in the vendor's window."""
    begin = _since_epoch(now) - allowance.seconds - LATENESS
    return {int(slot): calls for slot, calls in slots.items() if (int(slot) + 1) * _length(allowance) > begin}


def _rows(session: Session, connection_id: int, names: Sequence[str], now: datetime) -> dict[str, CallWindow]:
    """Return the windows under these names, locked in this order, made where they are not there yet."""
    found = _locked(session, connection_id, names)
    missing = [name for name in names if name not in found]
    if not missing:
        return found
    rows = [
        {"connection_id": connection_id, "name": name, "slots": {}, "touched_at": now} for name in missing
    ]
    session.execute(database.insert(CallWindow).on_conflict_do_nothing(), rows)
    _forget(session, now)
    return _locked(session, connection_id, names)


def _locked(session: Session, connection_id: int, names: Iterable[str]) -> dict[str, CallWindow]:
    query = select(CallWindow).where(CallWindow.connection_id == connection_id, CallWindow.name.in_(names))
    rows = session.execute(query.order_by(CallWindow.name).with_for_update()).scalars()
    return {row.name: row for row in rows}


def _forget(session: Session, now: datetime) -> None:
    """Windows of single tickets come and go: drop those nobody has used for long."""
    old = CallWindow.touched_at < now - FORGOTTEN, CallWindow.allowed.is_(None)
    session.execute(delete(CallWindow).where(*old).execution_options(synchronize_session=False))
