"""Acts on what readers say: give feedback, take it on, answer it; and who wants to hear of changes."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article, Version
from kcs.articles.routing import authority_to_answer, next_in_line
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.improving.models import Feedback, FeedbackState, Subscription
from kcs.improving.queries import OPEN_STATES, hash_of, watches
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean
from kcs.words import FEEDBACK_IS
from workflow.permissions import Right

LONGEST = 2000


def give_feedback(
    article: Article,
    version: Version,
    *,
    helpful: bool | None = None,
    comment: str = "",
    by: Agent | None = None,
    secret: str | None = None,
) -> Feedback:
    """Rate an article, say something of it, or both. `version` is the text they read.

    Words wait for an answer with the owner first, as flags do; a bare rating is counted and closed. `by`
    None is a visitor, whose `secret` shows them what became of it; the same secret again is the same
    feedback. A colleague's open words are not taken twice either. Raises InvalidInput.
    """
    comment = clean(comment, limit=LONGEST).strip()
    if helpful is None and not comment:
        raise InvalidInput(
            "Say whether it helped, or what could be better.",
            errors={"comment": [Sentence("rate it, or write a word")]},
        )
    present = _given_already(article, comment, helpful, by, secret)
    if present is not None:
        return present
    moment = database.now()
    turn = next_in_line(article, skip=by.id if by else None) if comment else None
    feedback = Feedback(
        article_id=article.id,
        version_id=version.id,
        agent_id=by.id if by else None,
        helpful=helpful,
        comment=comment,
        token_hash=hash_of(secret) if secret else None,
        state=FeedbackState.NEW if comment else FeedbackState.CLOSED,
        assigned_to_id=turn[1].id if turn else None,
        created_at=moment,
        changed_at=moment,
    )
    try:
        with db.session.begin_nested():
            db.session.add(feedback)
    except IntegrityError:
        # The same click twice, and the other one was through first.
        return _given_already(article, comment, helpful, by, secret) or feedback
    grant = (rights.authority_for(by, article, Right.FLAG) or "signed_in") if by else "visitor"
    record(
        "feedback.given",
        authority=grant,
        agent=by,
        article_id=article.id,
        after=feedback.state.value,
        detail={"feedback_id": feedback.id, "version_id": version.id, "helpful": helpful},
    )
    return feedback


def take_feedback(feedback: Feedback, *, by: Agent) -> None:
    """Take feedback on: others see who works on it. Raises NotAllowed, WorkflowError."""
    grant = _grant(feedback, by)
    if feedback.state is FeedbackState.IN_PROGRESS and feedback.assigned_to_id == by.id:
        return
    _refuse_closed(feedback)
    feedback.assigned_to_id = by.id
    _move(feedback, FeedbackState.IN_PROGRESS, "feedback.taken", grant, by)


def answer_feedback(feedback: Feedback, answer: str, *, by: Agent) -> None:
    """Tell the giver what came of it. Again with the same words is no error.

    Raises NotAllowed, InvalidInput, WorkflowError.
    """
    grant = _grant(feedback, by)
    answer = clean(answer, limit=LONGEST).strip()
    if not answer:
        raise InvalidInput("Write what came of it.", errors={"answer": [Sentence("write an answer")]})
    if feedback.state is FeedbackState.ANSWERED and feedback.answer == answer:
        return
    _refuse_closed(feedback)
    feedback.answer = answer
    _move(feedback, FeedbackState.ANSWERED, "feedback.answered", grant, by)
    feedback.answered_by_id, feedback.answered_at = by.id, feedback.changed_at


def close_feedback(feedback: Feedback, *, by: Agent) -> None:
    """Close what needs no answer, as advertising. Again is no error. Raises NotAllowed, WorkflowError."""
    grant = _grant(feedback, by)
    if feedback.state is FeedbackState.CLOSED:
        return
    _refuse_closed(feedback)
    _move(feedback, FeedbackState.CLOSED, "feedback.closed", grant, by)


def watch(article: Article, *, by: Agent) -> None:
    """Hear of changes to this article in the weekly digest. Again is no error."""
    if watches(by, article):
        return
    db.session.add(Subscription(article_id=article.id, agent_id=by.id, created_at=database.now()))
    record("article.watched", authority="signed_in", agent=by, article_id=article.id)


def unwatch(article: Article, *, by: Agent) -> None:
    """Hear of it no more. Again is no error."""
    subscription = db.session.get(Subscription, (article.id, by.id))
    if subscription is None:
        return
    db.session.delete(subscription)
    record("article.unwatched", authority="signed_in", agent=by, article_id=article.id)


def follow_merge(newer: Article, *, into: Article, **_sent: object) -> None:
    """What was said of an article that was merged, and who watches it, goes over to the other."""
    db.session.execute(update(Feedback).where(Feedback.article_id == newer.id).values(article_id=into.id))
    there = select(Subscription.agent_id).where(Subscription.article_id == into.id)
    moved = update(Subscription).where(
        Subscription.article_id == newer.id, Subscription.agent_id.not_in(there)
    )
    db.session.execute(moved.values(article_id=into.id).execution_options(synchronize_session=False))
    db.session.execute(delete(Subscription).where(Subscription.article_id == newer.id))


def _given_already(
    article: Article, comment: str, helpful: bool | None, by: Agent | None, secret: str | None
) -> Feedback | None:
    query = select(Feedback).where(Feedback.article_id == article.id)
    if by is None:
        query = query.where(Feedback.token_hash == hash_of(secret or ""))
    else:
        rating = Feedback.helpful.is_(helpful) if helpful is not None else Feedback.helpful.is_(None)
        query = query.where(Feedback.agent_id == by.id, Feedback.comment == comment, rating)
        query = query.where(Feedback.state.in_(OPEN_STATES))
    return db.session.execute(query.order_by(Feedback.id).limit(1)).scalar_one_or_none()


def _grant(feedback: Feedback, by: Agent) -> str:
    db.session.flush()
    db.session.refresh(feedback, with_for_update={"key_share": True, "of": Feedback})
    grant = authority_to_answer(by, feedback.article, feedback.assigned_to_id)
    if grant is None:
        raise NotAllowed(
            "You may not answer this: the article's owner, or somebody who may validate it, can."
        )
    return grant


def _refuse_closed(feedback: Feedback) -> None:
    if feedback.state not in OPEN_STATES:
        raise WorkflowError("This feedback is %(state)s already.", state=FEEDBACK_IS[feedback.state])


def _move(feedback: Feedback, state: FeedbackState, kind: str, grant: str, by: Agent) -> None:
    before, feedback.state, feedback.changed_at = feedback.state, state, database.now()
    record(
        kind,
        authority=grant,
        agent=by,
        article_id=feedback.article_id,
        before=before.value,
        after=state.value,
        detail={"feedback_id": feedback.id},
    )
