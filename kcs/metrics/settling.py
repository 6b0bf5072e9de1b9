"""One moment for a whole report: all that was recorded before it is committed and stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from kcs import database
from kcs.activity import services as activity
from kcs.database import db
from kcs.errors import InvalidInput, NotReady
from kcs.metrics.facts import keeping
from kcs.sentences import Sentence

# So much of the log is taken into the facts while somebody waits; more is left to the chore.
SLICES_WHILE_WAITING = 4


@dataclass(frozen=True)
class Settled:
    """The moment a report is as of; `latest` says that it is the present, as the sums by day have it."""

    as_of: datetime
    latest: bool


@contextmanager
def settled(as_of: datetime | None, zone: ZoneInfo) -> Iterator[Settled]:
    """Let running transactions end, take what they recorded into the facts, then read as of the moment.

    One snapshot for all that is read within. The caller's mode comes back at the end. Raises InvalidInput
    when `as_of` is not over yet, NotReady while the facts are being made.
    """
    with database.reading():
        latest = activity.settle()
        if as_of is not None and as_of > latest:
            message = Sentence(
                "A report as of %(moment)s would change later: that moment is not over. "
                "Leave 'as_of' empty for now, or give a moment in the past.",
                moment=f"{as_of:%Y-%m-%d %H:%M:%S %Z}",
            )
            raise InvalidInput(message, errors={"as_of": [message]})
        if not keeping.catch_up(latest, zone, slices=SLICES_WHILE_WAITING):
            raise NotReady(_being_made())
        database.begin_reading()
        if database.is_postgresql():
            db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            # Compiling these queries takes several times as long as running them.
            db.session.execute(text("SET LOCAL jit = off"))
        kept = keeping.state()
        # Another process may have taken in more meanwhile: then the present is as of what it took.
        present = max(kept.until, latest) if kept else latest
        yield Settled(as_of or present, latest=as_of is None)


def _being_made() -> Sentence:
    kept = keeping.state()
    if kept is not None and kept.ticket_id is not None:
        return Sentence(
            "The figures are being made anew from the log, %(tickets)s tickets in all. Come back in a few "
            "minutes.",
            tickets=kept.tickets,
        )
    return Sentence("The figures are being brought up to date with the log. Come back in a minute.")
