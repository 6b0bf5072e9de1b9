"""The reviewer's acts: take over, accept, mend on the way, send back with comments.

As in `kcs.reviews.services`. Accepting does what was asked for and nothing more: what readers outside see
changes by publishing alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles import services as articles
from kcs.articles.models import Version
from kcs.articles.signals import article_changed
from kcs.database import db
from kcs.errors import InvalidInput, WorkflowError
from kcs.people.models import Agent
from kcs.reviews import acts, judging
from kcs.reviews.acts import ASKED_MOVE
from kcs.reviews.comments import Passage, add_comment
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.sentences import Sentence
from workflow.article import Audience
from workflow.permissions import Right


@dataclass(frozen=True)
class Amendment:
    """The text a reviewer accepts instead of the one before them, written on top of version number `base`."""

    title: str
    parts: Mapping[str, str]
    base: int


def take(review: ReviewRequest, *, by: Agent) -> ReviewRequest:
    """Take a review over, from the queue or from somebody. Raises NotAllowed, WorkflowError."""
    acts.hold(review)
    grant = acts.require_judge(review, by)
    if review.assigned_to_id != by.id:
        review.assigned_to_id, review.changed_at = by.id, database.now()
        acts.write_down("taken", review, by, grant)
    return review


def accept(
    review: ReviewRequest,
    *,
    by: Agent,
    seen: int | None = None,
    audience: Audience | None = None,
    amendment: Amendment | None = None,
) -> ReviewRequest:
    """Do what is asked: validate, publish to `audience`, or make the proposed text the present one.

    `seen` is the number of the version that was judged; a later one is refused. With an amendment that text
    is saved first, by the reviewer and under their name, and accepted in its place. Raises NotAllowed,
    InvalidInput, WorkflowError, and StaleVersion with both texts when the article changed since.
    """
    acts.hold(review)
    if review.state is ReviewState.ACCEPTED and review.decided_by_id == by.id:
        return review
    grant = acts.require_judge(review, by)
    if seen is not None and seen != review.version.number:
        raise acts.stale(review.article, by, began_from=seen, proposed=review.version)
    review.assigned_to_id = by.id
    if amendment is not None:
        _amend(review, amendment, by)
    acts.settle(review, ReviewState.ACCEPTED, by)
    if review.asks is not Asks.CHANGE:
        articles.move_article(review.article, ASKED_MOVE[review.asks], by=by, audience=audience)
    elif amendment is None:
        _make_present(review, by)
    acts.write_down("accepted", review, by, grant)
    return review


def mend(review: ReviewRequest, amendment: Amendment, *, by: Agent) -> Version:
    """Fix the text on the way, and keep the review. Raises as saving does; a proposal is amended instead."""
    acts.hold(review)
    acts.require_judge(review, by)
    if review.asks is Asks.CHANGE:
        raise WorkflowError("A proposal is amended as it is accepted: its own text stays the proposer's.")
    take(review, by=by)
    _amend(review, amendment, by)
    return review.version


def return_with_comments(
    review: ReviewRequest, *, by: Agent, comments: tuple[Passage, ...] = ()
) -> ReviewRequest:
    """Send the text back with what is to be done about it; at least one comment on it is needed.

    Raises NotAllowed, InvalidInput, WorkflowError.
    """
    acts.hold(review)
    if review.state is ReviewState.RETURNED and review.assigned_to_id == by.id:
        return review
    grant = acts.require_judge(review, by)
    for passage in comments:
        add_comment(review, passage, by=by)
    db.session.refresh(review, ["comments"])
    if not any(each.agent_id == by.id and each.version_id == review.version_id for each in review.comments):
        raise InvalidInput(
            "Say what is to be done before you send it back.",
            errors={"comments": [Sentence("write a comment")]},
        )
    review.assigned_to_id = by.id
    review.state, review.changed_at = ReviewState.RETURNED, database.now()
    acts.write_down("returned", review, by, grant)
    return review


def comment(review: ReviewRequest, passage: Passage, *, by: Agent) -> ReviewRequest:
    """Say something about the text: its reviewer to its author, or its author in answer.

    Raises NotAllowed, InvalidInput, WorkflowError.
    """
    acts.hold(review)
    acts.refuse_settled(review)
    answers = judging.may_answer(by, review)
    if answers:
        grant = rights.require(by, review.article, Right.PROPOSE)
    else:
        grant = rights.require(by, review.article, judging.deciding_right(review.article, review.asks))
    if add_comment(review, passage, by=by):
        review.changed_at = database.now()
        acts.write_down("answered" if answers else "commented", review, by, grant)
    return review


def _amend(review: ReviewRequest, amendment: Amendment, by: Agent) -> None:
    """Save the reviewer's own text on top of the present one."""
    proposed = review.asks is Asks.CHANGE
    version = articles.save_version(
        review.article,
        amendment.title,
        amendment.parts,
        by=by,
        base=amendment.base,
        note=f"from the proposal in version {review.version.number}" if proposed else "fixed in review",
    )
    review.version = version
    db.session.flush()


def _make_present(review: ReviewRequest, by: Agent) -> None:
    article, version = review.article, review.version
    if version.base_id != article.current_version_id:
        began = version.base.number if version.base else 0
        raise acts.stale(article, by, began_from=began, proposed=version)
    before = article.state
    grant = rights.require(by, article, rights.edit_right(article))
    articles.enter_text(article, version, by=by)
    record(
        "article.edited",
        authority=grant,
        agent=by,
        article_id=article.id,
        before=before.value,
        after=article.state.value,
        detail={"version_id": version.id, "review_id": review.id},
    )
    article_changed.send(article)
