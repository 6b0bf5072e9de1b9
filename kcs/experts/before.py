"""Whether a question was asked before: an earlier question much alike, or an article that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.queries import readable_by as articles_readable_by
from kcs.database import db
from kcs.experts.models import Question, QuestionState
from kcs.experts.queries import readable_by
from kcs.language import words
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.suggesting import suggest_for
from kcs.solving.queries import present_links
from kcs.solving.services import UNUSABLE
from kcs.tickets.models import Ticket

LOOKED_AT = 500  # the latest questions that are compared
LIKENESS = 0.7  # the share of their words that two questions have in common to be the same
FEWEST_WORDS = 4  # a shorter question says too little to be compared without what is quoted
SURE = 0.25  # an article is shown when "none answers it" is at most so likely


@dataclass(frozen=True)
class Before:
    """What is there already: an earlier question, or an article, or both (what the answer became)."""

    question: Question | None = None
    article: Article | None = None

    def __bool__(self) -> bool:
        return self.question is not None or self.article is not None


def asked_before(index: SearchIndex, ticket: Ticket, text: str, quote: str, *, by: Agent) -> Before:
    """Return what the asker is to see before anybody is asked; empty when there is nothing."""
    linked = {link.article_id for link in present_links(ticket)}
    earlier = _earlier(text, quote, by)
    if earlier is not None:
        article = _usable(earlier.article, by)
        return Before(earlier, None if article and article.id in linked else article)
    given = suggest_for(index, f"{text}\n{quote}", reader=by, limit=1)
    sure = given.found and given.no_article <= SURE
    article = given.found[0].article if sure else None
    return Before(article=None if article is None or article.id in linked else article)


def _earlier(text: str, quote: str, by: Agent) -> Question | None:
    """Return the question most alike, an answered one before one that waits."""
    query = select(Question).where(
        Question.state.in_((QuestionState.ANSWERED, QuestionState.OPEN)), readable_by(by)
    )
    rows = db.session.execute(query.order_by(Question.id.desc()).limit(LOOKED_AT)).scalars()
    own, whole = _words(text), _words(f"{text}\n{quote}")
    alike = [
        (each.state is QuestionState.ANSWERED, likeness, each.id, each)
        for each in rows
        if (likeness := _likeness(own, whole, each)) >= LIKENESS
    ]
    return max(alike)[-1] if alike else None


def _likeness(own: frozenset[str], whole: frozenset[str], other: Question) -> float:
    long_enough = len(own) >= FEWEST_WORDS
    asked = _jaccard(own, _words(other.text)) if long_enough else 0.0
    return max(asked, _jaccard(whole, _words(f"{other.text}\n{other.quote}")))


def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _usable(article: Article | None, reader: Agent) -> Article | None:
    """Return what may be linked of it: the article it was merged into, None for one that is gone."""
    while article is not None and article.merged_into is not None:
        article = article.merged_into
    if article is None or article.confidence in UNUSABLE:
        return None
    query = select(Article).where(Article.id == article.id, articles_readable_by(reader))
    return db.session.execute(query).scalar_one_or_none()
