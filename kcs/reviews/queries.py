"""Reading reviews: the queue of each person, one review, and what its text is compared with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import contains_eager

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.layout import may_read, template_of
from kcs.articles.models import Article, Version
from kcs.articles.queries import readable_by
from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent
from kcs.reviews.judging import decidable_by
from kcs.reviews.models import Asks, Cause, ReviewComment, ReviewRequest, ReviewState
from workflow.article import ArticleState

PER_PAGE = 25
ACTIVE = (ReviewState.OPEN, ReviewState.RETURNED)
TITLE = "title"  # the field a comment on the title is anchored to


class QueueList(StrEnum):
    """The lists of the queue page."""

    ME = "me"
    ANYONE = "anyone"
    RETURNED = "returned"
    MINE = "mine"


def get_review(review_id: int, reader: Agent) -> ReviewRequest:
    """Return a review by id. Raises NotFound, also when the reader may not see its article."""
    found = db.session.execute(_readable(reader).where(ReviewRequest.id == review_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no review %(review_id)s.", review_id=review_id)
    return found


def page_of_reviews(
    reader: Agent,
    *,
    page: int,
    queue: QueueList | None = None,
    state: ReviewState | None = None,
    asks: Asks | None = None,
    article: str | None = None,
) -> Pagination:
    """Return one page of reviews: a list of the queue by when they are due, else the latest first."""
    query = _readable(reader)
    if queue is not None:
        query = query.where(belongs(queue, reader, database.now()))
    if state is not None:
        query = query.where(ReviewRequest.state == state)
    if asks is not None:
        query = query.where(ReviewRequest.asks == asks)
    if article is not None:
        query = query.where(Article.key == article)
    by_due = queue in (QueueList.ME, QueueList.ANYONE)
    order = (ReviewRequest.due_at, ReviewRequest.id)
    latest = (ReviewRequest.changed_at.desc(), ReviewRequest.id.desc())
    query = query.order_by(*(order if by_due else latest))
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def count_by_list(reader: Agent) -> dict[QueueList, int]:
    """Return how many reviews are in each list of this person."""
    moment = database.now()
    return {queue: _count(reader, belongs(queue, reader, moment)) for queue in QueueList}


def count_for_me(reader: Agent) -> int:
    """Return how many reviews wait for this person."""
    return _count(reader, belongs(QueueList.ME, reader, database.now()))


def next_in_queue(review: ReviewRequest, reader: Agent, *, back: bool = False) -> ReviewRequest | None:
    """Return what this person may decide after (or before) `review`, by due date, and round."""
    columns = (ReviewRequest.due_at, ReviewRequest.id)
    here = tuple_(*columns)
    place = tuple_(
        literal(review.due_at, ReviewRequest.due_at.type), literal(review.id, ReviewRequest.id.type)
    )
    moment = database.now()
    waits = or_(belongs(QueueList.ME, reader, moment), belongs(QueueList.ANYONE, reader, moment))
    query = (
        _readable(reader)
        .where(waits, ReviewRequest.id != review.id)
        .order_by(
            (here > place).asc() if back else (here < place).asc(),
            *(each.desc() if back else each for each in columns),
        )
    )
    return db.session.execute(query.limit(1)).scalar_one_or_none()


def active_reviews(article: Article) -> list[ReviewRequest]:
    """Return the reviews of an article that are not settled, oldest first, as they are now."""
    query = select(ReviewRequest).where(
        ReviewRequest.article_id == article.id, ReviewRequest.state.in_(ACTIVE)
    )
    present = query.order_by(ReviewRequest.id).execution_options(populate_existing=True)
    return list(db.session.execute(present).scalars())


def was_asked_by_demand(article: Article, asks: Asks) -> bool:
    """Return whether demand has ever asked for this."""
    query = select(ReviewRequest.id).where(
        ReviewRequest.article_id == article.id,
        ReviewRequest.asks == asks,
        ReviewRequest.cause == Cause.DEMAND,
    )
    return db.session.execute(query.limit(1)).first() is not None


def compared_with(review: ReviewRequest) -> Version | None:
    """Return the text a reviewer compares with, None when there is no other.

    Before it is validated: what was validated before it, else the first version. Before it goes outside, or
    replaces a text: what readers see, else the present text; once that is settled, what stood there before.
    """
    if review.asks is Asks.VALIDATE:
        before = _moved_before(review, ArticleState.VALIDATED) or _version_numbered(review.article, 1)
    elif review.state not in ACTIVE:
        publishes = review.asks is Asks.PUBLISH
        before = _moved_before(review, ArticleState.PUBLISHED) if publishes else review.version.base
    else:
        present = review.article.current_version if review.asks is Asks.CHANGE else None
        before = review.article.live_version or present
    return before if before is not None and before.id != review.version_id else None


def ticket_count(article: Article) -> int:
    """Return how many tickets this article solved, those before its import included."""
    gone = select(Activity.link_id).where(
        Activity.article_id == article.id, Activity.kind.in_(("ticket.unlink", "ticket.discard"))
    )
    linked = select(func.count(Activity.ticket_id.distinct())).where(
        Activity.article_id == article.id,
        Activity.kind.in_(("ticket.link", "ticket.draft")),
        Activity.role == "resolution",
        Activity.link_id.not_in(gone.where(Activity.link_id.is_not(None))),
    )
    return db.session.execute(linked).scalar_one() + article.earlier_reuse


def readable_comments(review: ReviewRequest, reader: Agent) -> list[ReviewComment]:
    """Return what was said, without comments on fields the reader may not see."""
    return [each for each in review.comments if _may_read_comment(each, reader)]


def _readable(reader: Agent) -> Select[ReviewRequest]:
    return (
        select(ReviewRequest)
        .join(ReviewRequest.article)
        .join(ReviewRequest.version)
        .options(contains_eager(ReviewRequest.article), contains_eager(ReviewRequest.version))
        .where(readable_by(reader))
    )


def _count(reader: Agent, belongs: ColumnElement[bool]) -> int:
    query = (
        select(func.count())
        .select_from(ReviewRequest)
        .join(ReviewRequest.article)
        .join(Version, Version.id == ReviewRequest.version_id)
        .where(readable_by(reader), belongs)
    )
    return db.session.execute(query).scalar_one()


def belongs(queue: QueueList, reader: Agent, moment: datetime) -> ColumnElement[bool]:
    """Say which reviews are in a list; what is overdue with somebody else is anybody's."""
    me = ReviewRequest.assigned_to_id.is_not_distinct_from(reader.id)
    answers = or_(
        ReviewRequest.asked_by_id == reader.id,
        and_(
            ReviewRequest.asked_by_id.is_(None),
            func.coalesce(Article.owner_id, Article.author_id) == reader.id,
        ),
    )
    free = and_(
        ReviewRequest.assigned_to_id.is_distinct_from(reader.id),
        or_(
            ReviewRequest.assigned_to_id.is_(None),
            ReviewRequest.due_at < moment,
            ReviewRequest.assigned_to_id.in_(select(Agent.id).where(Agent.active.is_(False))),
        ),
    )
    match queue:
        case QueueList.ME:
            return and_(me, decidable_by(reader))
        case QueueList.ANYONE:
            return and_(free, decidable_by(reader))
        case QueueList.RETURNED:
            return and_(ReviewRequest.state == ReviewState.RETURNED, answers)
        case QueueList.MINE:
            return ReviewRequest.asked_by_id.is_not_distinct_from(reader.id)


def _moved_before(review: ReviewRequest, state: ArticleState) -> Version | None:
    """Return the last text before the review's own with which its article came to a state."""
    query = select(Activity.detail).where(
        Activity.article_id == review.article_id,
        Activity.kind.in_(("article.validate", "article.publish", "article.imported")),
        Activity.after == state,
    )
    moved = db.session.execute(query.order_by(Activity.id.desc())).scalars()
    # Articles imported by the first release do not say with which version.
    earlier = (
        each["version_id"] for each in moved if each.get("version_id", review.version_id) < review.version_id
    )
    found = next(earlier, None)
    return db.session.get(Version, found) if found is not None else None


def _version_numbered(article: Article, number: int) -> Version | None:
    query = select(Version).where(Version.article_id == article.id, Version.number == number)
    return db.session.execute(query).scalar_one_or_none()


def _may_read_comment(comment: ReviewComment, reader: Agent) -> bool:
    """Return whether the reader may read the field, in the text that was commented on."""
    field = template_of(db.session.get_one(Version, comment.version_id)).field(comment.field)
    return field is None or may_read(field, reader)
