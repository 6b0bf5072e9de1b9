"""How looking for patterns stands: when it was done last, whether it goes on, when it comes round next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from kcs import database
from kcs.chores import ChoreRow
from kcs.database import db
from kcs.evolving.models import PatternLook
from kcs.evolving.pattern_queries import last_look
from kcs.evolving.patterns import EVERY

CHORE = "patterns"
# A look takes seconds, of a large base a minute or two: one that has not ended by then has broken off.
LONGEST = timedelta(minutes=30)
# The worker looks for what is due every few seconds.
PATIENCE = timedelta(minutes=10)


class Stage(StrEnum):
    """What looking is at, now."""

    WAITING = "waiting"
    GOING_ON = "going_on"
    BROKEN_OFF = "broken_off"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Looking:
    """How looking stands. `since` is when a look that has not ended began, or when an overdue one was due."""

    stage: Stage
    last: PatternLook | None
    since: datetime | None = None
    next_at: datetime | None = None


def looking() -> Looking:
    """Return how looking for patterns stands."""
    last, moment = last_look(), database.now()
    due = db.session.execute(select(ChoreRow.due_at).where(ChoreRow.name == CHORE)).scalar_one_or_none()
    if due is None:
        return Looking(Stage.WAITING, last)
    if due <= moment:
        late = moment - due > PATIENCE
        return Looking(Stage.OVERDUE if late else Stage.WAITING, last, since=due)
    begun = due - EVERY  # whoever takes the turn puts the next one so far ahead
    if last is not None and last.finished_at >= begun:
        return Looking(Stage.WAITING, last, next_at=due)
    stage = Stage.GOING_ON if moment - begun <= LONGEST else Stage.BROKEN_OFF
    return Looking(stage, last, since=begun, next_at=due)
