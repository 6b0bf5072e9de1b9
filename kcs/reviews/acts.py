"""What every act of a review begins and ends with: hold it, check, settle or renew it, write it down."""

from __future__ import annotations

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles import services as articles
from kcs.articles.domains import domain_of
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.database import db
from kcs.errors import NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.reviews import judging
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.reviews.queries import ACTIVE
from kcs.sentences import Sentence
from kcs.words import ARTICLE_IS, REVIEW_IS
from workflow.article import ArticleState, Move, possible

ASKED_MOVE = {Asks.VALIDATE: Move.VALIDATE, Asks.PUBLISH: Move.PUBLISH}


def hold(review: ReviewRequest) -> None:
    """Lock the article, then the review, until the end of the transaction; see their present state."""
    articles.lock(review.article)
    db.session.execute(select(ReviewRequest.id).where(ReviewRequest.id == review.id).with_for_update())
    db.session.refresh(review)


def require_judge(review: ReviewRequest, by: Agent) -> str:
    """Return the grant `by` decides with. Raises NotAllowed, WorkflowError."""
    grant = rights.require(by, review.article, judging.deciding_right(review.article, review.asks))
    if judging.is_own(review, by):
        raise NotAllowed("Nobody decides on their own text: a colleague does.")
    refuse_settled(review)
    if review.state is ReviewState.RETURNED:
        raise WorkflowError("It was sent back, and waits for its author to resubmit it.")
    return grant


def refuse_settled(review: ReviewRequest) -> None:
    """Raise WorkflowError when the review is over."""
    if review.state in ACTIVE:
        return
    state = REVIEW_IS[review.state]
    if review.decided_by is None:
        raise WorkflowError(
            "This review was %(state)s already, overtaken by what happened since.", state=state
        )
    raise WorkflowError(
        "This review was %(state)s already by %(name)s.", state=state, name=review.decided_by.name
    )


def settle(review: ReviewRequest, state: ReviewState, by: Agent | None) -> None:
    """End the review; `by` None when events overtook it."""
    moment = database.now()
    review.state, review.changed_at, review.decided_at = state, moment, moment
    review.decided_by_id = by.id if by else None
    db.session.flush()


def renew(review: ReviewRequest, version: Version, note: str, by: Agent, grant: str) -> ReviewRequest:
    """Put a text before its reviewer (again): nothing happens when nothing is new."""
    returned = review.state is ReviewState.RETURNED
    new_text, new_note = review.version_id != version.id, bool(note) and note != review.note
    if not (returned or new_text or new_note):
        return review
    moment = database.now()
    review.version, review.note = version, note or review.note
    review.state, review.changed_at = ReviewState.OPEN, moment
    if returned:
        review.due_at = judging.working_days_later(moment, domain_of(review.article).review_days)
    db.session.flush()
    write_down("resubmitted" if returned or new_text else "asked", review, by, grant)
    return review


def stale(
    article: Article, reader: Agent, *, began_from: int, proposed: Version | None = None
) -> StaleVersion:
    """Say that the article changed, with the present text and, where there is one, the proposed."""
    present = article.current_version
    texts = {"present": present, **({"proposed": proposed} if proposed else {})}
    return StaleVersion(
        "%(key)s has changed: this began from version %(began_from)s, the present one is %(present)s. Put "
        "both texts together into one.",
        key=article.key,
        began_from=began_from,
        present=present.number,
        errors={
            name: {"number": text.number, "title": text.title, **readable_parts(text, reader)}
            for name, text in texts.items()
        },
    )


def why_not(article: Article, asks: Asks) -> str:
    """Return in words why this cannot be asked for now, empty when it can."""
    if asks is Asks.CHANGE:
        return Sentence("A change is asked for by proposing a text.")
    if ASKED_MOVE[asks] not in possible(article.state):
        state = ARTICLE_IS[article.state]
        if asks is Asks.VALIDATE:
            return Sentence(
                "%(key)s is %(state)s: there is nothing to validate.", key=article.key, state=state
            )
        return Sentence("%(key)s is %(state)s: there is nothing to publish.", key=article.key, state=state)
    if article.state is ArticleState.PUBLISHED and not article.has_unpublished_changes:
        return Sentence("Readers outside see the present text of %(key)s already.", key=article.key)
    return ""


def write_down(act: str, review: ReviewRequest, by: Agent | None, grant: str) -> None:
    """Write down who did what, on whose authority."""
    record(
        f"review.{act}",
        authority=grant,
        agent=by,
        article_id=review.article_id,
        detail={"review_id": review.id, "version_id": review.version_id, "asks": review.asks.value},
    )
