"""The author's acts of a review: ask, propose, answer, resubmit, take back; and following the article.

Every act locks the article, then the review, checks, changes and records in the caller's transaction, and has
one effect however often it is repeated. The reviewer's are in `kcs.reviews.deciding`.
"""

from __future__ import annotations

from collections.abc import Mapping

from kcs import database
from kcs.articles import rights
from kcs.articles import services as articles
from kcs.articles.domains import domain_of
from kcs.articles.models import Article, Significance, Version
from kcs.articles.structure import Need
from kcs.articles.writing import append_version, missing, prepare
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.people.models import Agent
from kcs.reviews import acts, judging, queries
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import comment
from kcs.reviews.models import Asks, Cause, ReviewRequest, ReviewState
from kcs.text import clean
from kcs.words import ARTICLE_IS
from workflow.article import ArticleState
from workflow.permissions import Right

LONGEST_NOTE = 2000
CLOSED = (ArticleState.ARCHIVED, ArticleState.DELETED)


def ask_review(article: Article, asks: Asks, *, by: Agent, note: str = "") -> ReviewRequest:
    """Ask for the article to be validated or published; asking again renews the one that waits.

    For its author, its owner and who wrote its present text. Raises NotAllowed, InvalidInput, WorkflowError.
    """
    articles.lock(article)
    grant = _require_asker(article, by)
    _refuse_unless_possible(article, asks)
    for need in (Need.ANSWER, Need.REQUIRED) if asks is Asks.VALIDATE else ():
        if empty := missing(article.current_version, need):
            raise WorkflowError(
                "%(key)s is not complete yet: fill in %(empty)s first.",
                key=article.key,
                empty=", ".join(empty),
            )
    note = clean(note, limit=LONGEST_NOTE).strip()
    present = next((each for each in queries.active_reviews(article) if each.asks is asks), None)
    if present is not None:
        return acts.renew(present, article.current_version, note, by, grant)
    return _open(article, article.current_version, asks, note=note, writer=by, asked_by=by, grant=grant)


def ask_by_demand(article: Article, asks: Asks) -> ReviewRequest | None:
    """Ask because tickets do: once for each kind ever. None when it was asked before, or cannot be."""
    articles.lock(article)
    waits = any(each.asks is asks for each in queries.active_reviews(article))
    if waits or queries.was_asked_by_demand(article, asks) or acts.why_not(article, asks):
        return None
    version = article.current_version
    return _open(article, version, asks, writer=version.author or article.author, grant="system")


def propose(
    article: Article,
    title: str,
    parts: Mapping[str, str],
    *,
    by: Agent,
    base: int,
    note: str = "",
    significance: Significance | None = None,
) -> ReviewRequest:
    """Write a version that is not current, and ask for it to be taken over.

    One proposal a person and article waits; the next replaces its text. Raises NotAllowed, InvalidInput,
    WorkflowError, and StaleVersion with the present text when somebody saved since version number `base`.
    """
    articles.lock(article)
    if article.state in CLOSED:
        raise WorkflowError(
            "%(key)s is %(state)s: there is nothing to change in it.",
            key=article.key,
            state=ARTICLE_IS[article.state],
        )
    grant = rights.require(by, article, Right.PROPOSE)
    present = article.current_version
    if present.number != base:
        raise acts.stale(article, by, began_from=base)
    written = prepare(title, parts, by=by, over=present)
    if written.is_text_of(present):
        raise InvalidInput(
            "This is word for word the present text of %(key)s: change something, then propose it.",
            key=article.key,
        )
    note = clean(note, limit=LONGEST_NOTE).strip()
    waiting = proposal_of(article, by)
    if waiting is not None and written.is_text_of(waiting.version) and waiting.version.base_id == present.id:
        return acts.renew(waiting, waiting.version, note, by, grant)
    version = append_version(
        article, written, author=by, note=note or "proposed", significance=significance, base=present
    )
    if waiting is not None:
        return acts.renew(waiting, version, note, by, grant)
    return _open(article, version, Asks.CHANGE, note=note, writer=by, asked_by=by, grant=grant)


def answer(review: ReviewRequest, *, by: Agent, text: str) -> ReviewRequest:
    """Answer the reviewer, about the whole text. Raises NotAllowed, InvalidInput, WorkflowError."""
    if not judging.may_answer(by, review):
        raise NotAllowed("Only who asked for the review, or the article's author or owner, answers.")
    return comment(review, Passage(text=text), by=by)


def resubmit(review: ReviewRequest, *, by: Agent, version: Version | None = None) -> ReviewRequest:
    """Put a returned text before the same reviewer again: the present one, or a proposal's `version`.

    Raises NotAllowed, WorkflowError.
    """
    acts.hold(review)
    if not judging.may_answer(by, review):
        raise NotAllowed("Only who asked for the review, or the article's author or owner, resubmits.")
    grant = rights.require(by, review.article, Right.PROPOSE)
    acts.refuse_settled(review)
    if version is not None and version.article_id != review.article_id:
        raise InvalidInput(
            "Version %(number)s is not a text of %(key)s.", number=version.number, key=review.article.key
        )
    own = version or review.version
    text = own if review.asks is Asks.CHANGE else review.article.current_version
    return acts.renew(review, text, "", by, grant)


def drop(review: ReviewRequest, *, by: Agent) -> ReviewRequest:
    """Take back what one asked for. Raises NotAllowed, WorkflowError."""
    acts.hold(review)
    if review.state is ReviewState.DROPPED:
        return review
    if not judging.may_answer(by, review):
        raise NotAllowed("Only who asked for the review, or the article's author or owner, takes it back.")
    grant = rights.require(by, review.article, Right.PROPOSE)
    acts.refuse_settled(review)
    acts.settle(review, ReviewState.DROPPED, by)
    acts.write_down("dropped", review, by, grant)
    return review


def follow(article: Article) -> None:
    """Bring an article's reviews in step with it: the newest text, or settled where nothing is left to do."""
    for review in queries.active_reviews(article):
        if article.state in CLOSED or (review.asks is not Asks.CHANGE and acts.why_not(article, review.asks)):
            acts.settle(review, ReviewState.DROPPED, None)
            acts.write_down("dropped", review, None, "system")
        elif review.asks is not Asks.CHANGE and review.version_id != article.current_version_id:
            review.version, review.changed_at = article.current_version, database.now()
            db.session.flush()


def askable(article: Article, by: Agent) -> list[Asks]:
    """Return what this person may ask for now."""
    if not _may_ask(article, by):
        return []
    return [asks for asks in acts.ASKED_MOVE if not acts.why_not(article, asks)]


def _may_ask(article: Article, by: Agent) -> bool:
    """Return whether the article is theirs, or nobody's and theirs to edit."""
    theirs = {article.author_id, article.owner_id, article.current_version.author_id}
    return by.id in theirs or (theirs == {None} and rights.may_edit(by, article))


def _require_asker(article: Article, by: Agent) -> str:
    grant = rights.require(by, article, Right.PROPOSE)
    if not _may_ask(article, by):
        raise NotAllowed("Only the author and the owner of %(key)s ask for its review.", key=article.key)
    return grant


def _refuse_unless_possible(article: Article, asks: Asks) -> None:
    if why := acts.why_not(article, asks):
        raise WorkflowError(why)


def _open(
    article: Article,
    version: Version,
    asks: Asks,
    *,
    grant: str,
    writer: Agent | None,
    asked_by: Agent | None = None,
    note: str = "",
) -> ReviewRequest:
    moment = database.now()
    review = ReviewRequest(
        article=article,
        version=version,
        asks=asks,
        cause=Cause.AUTHOR if asked_by else Cause.DEMAND,
        state=ReviewState.OPEN,
        asked_by_id=asked_by.id if asked_by else None,
        note=note,
        created_at=moment,
        changed_at=moment,
        due_at=judging.working_days_later(moment, domain_of(article).review_days),
    )
    db.session.add(review)
    db.session.flush()
    reviewer = judging.reviewer_for(review, writer)
    review.assigned_to_id = reviewer.id if reviewer else None
    db.session.flush()
    acts.write_down("asked", review, asked_by, grant)
    return review


def proposal_of(article: Article, by: Agent) -> ReviewRequest | None:
    """Return this person's proposal that waits or was sent back, None without one."""
    return next(
        (
            each
            for each in queries.active_reviews(article)
            if each.asks is Asks.CHANGE and each.asked_by_id == by.id
        ),
        None,
    )
