"""What comes round by the clock: one reminder to whoever has not answered, and an end to what nobody did."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from kcs import database
from kcs.database import db
from kcs.experts.links import Terms, hash_of
from kcs.experts.models import Question, QuestionState, Turn
from kcs.experts.services import REMINDER, mail, note, who

BATCH = 100


def remind_due(terms: Terms, *, limit: int = BATCH) -> int:
    """Remind once, where mail is set up, whoever has not answered for so long; return how many."""
    if not terms.mails:
        return 0
    moment = database.now()
    turns = _open_turns(
        Turn.reminded_at.is_(None),
        Turn.asked_at <= moment - terms.remind_after,
        Turn.expires_at > moment,
        limit=limit,
    )
    for turn in turns:
        turn.reminded_at = moment
        # After a change of the key the old link is dead: the one in this mail works.
        turn.token_hash = hash_of(terms.token_of(turn))
        mail(turn, REMINDER, terms)
    db.session.commit()
    return len(turns)


def expire_due(*, limit: int = BATCH) -> int:
    """Close open questions whose time is over; return how many."""
    turns = _open_turns(Turn.expires_at <= database.now(), limit=limit)
    for turn in turns:
        turn.question.state = QuestionState.EXPIRED
        note(
            "question.expired",
            turn.question,
            authority="system",
            happened_at=turn.expires_at,
            detail=who(turn),
        )
    db.session.commit()
    return len(turns)


def _open_turns(*conditions: ColumnElement[bool], limit: int) -> list[Turn]:
    """Hold the questions of these turns, so that no answer comes in between."""
    query = (
        select(Turn)
        .join(Turn.question)
        .where(Question.state == QuestionState.OPEN, Turn.ended_at.is_(None), *conditions)
        .order_by(Turn.id)
        .limit(limit)
        .with_for_update(of=Question, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())
