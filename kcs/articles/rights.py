"""A person in front of an article: which rights they have, and on whose authority."""

from __future__ import annotations

from sqlalchemy import select

from kcs.articles.models import Article
from kcs.articles.policy import RightRow
from kcs.database import db, once
from kcs.errors import NotAllowed
from kcs.people.models import Agent
from kcs.sentences import Sentence
from workflow.article import ArticleState, Confidence, Move, possible
from workflow.permissions import RIGHTS, Holder, Licence, Matrix, Right, Role, Scope, Standing, authority

_REFUSALS = {
    Right.VALIDATE: Sentence("You may not validate this article: ask a coach, a contributor or a publisher."),
    Right.PUBLISH: Sentence("You may not publish this article: ask a publisher."),
    Right.EDIT_INTERNAL: Sentence(
        "You may not edit this article: flag it, or ask its owner or a contributor."
    ),
    Right.EDIT_PUBLISHED: Sentence("You may not edit a published article: propose your text, or flag it."),
    Right.WAIVE: Sentence("You may not let this value go outside: ask a publisher."),
    Right.CONFIRM: Sentence(
        "You may not say that this article is still right: ask a contributor or a publisher."
    ),
    Right.CREATE: Sentence("You may not create this article."),
    Right.PROPOSE: Sentence("You may not propose this article."),
    Right.FLAG: Sentence("You may not flag this article."),
    Right.LINK: Sentence("You may not link this article."),
    Right.MERGE: Sentence("You may not merge this article."),
    Right.COMPLETE: Sentence("You may not complete this article."),
    Right.DOUBT: Sentence("You may not doubt this article."),
    Right.WITHDRAW: Sentence("You may not withdraw this article."),
    Right.ARCHIVE: Sentence("You may not archive this article."),
    Right.RESTORE: Sentence("You may not restore this article."),
    Right.DELETE: Sentence("You may not delete this article."),
}


def matrix() -> Matrix:
    """Return the organisation's table of rights: the default with what an administrator changed."""
    return once("rights", _load_matrix)


def grant_for(agent: Agent, right: Right) -> str | None:
    """Return the grant that gives a right that is about no article in particular, None without one."""
    return authority(Standing(agent.licence, agent.roles), right, matrix=matrix())


def standing(agent: Agent, article: Article) -> Standing:
    """Return how `agent` stands to `article`; an article without owner is its author's."""
    owner = article.owner_id if article.owner_id is not None else article.author_id
    return Standing(agent.licence, agent.roles, owns=owner is not None and owner == agent.id)


def authority_for(agent: Agent, article: Article, right: Right) -> str | None:
    """Return the grant that lets `agent` do this to `article`, None without one."""
    validated = article.confidence is Confidence.VALIDATED
    return authority(
        standing(agent, article), right, article.governance, validated=validated, matrix=matrix()
    )


def require(agent: Agent, article: Article, right: Right) -> str:
    """Return the grant, or raise NotAllowed saying whom to ask."""
    grant = authority_for(agent, article, right)
    if grant is None:
        raise NotAllowed(_REFUSALS[right])
    return grant


def edit_right(article: Article) -> Right:
    """Return the right that editing the article needs in its present state."""
    published = article.state is ArticleState.PUBLISHED
    return Right.EDIT_PUBLISHED if published else Right.EDIT_INTERNAL


def may_edit(agent: Agent, article: Article) -> bool:
    """Return whether `agent` may write a new version now."""
    closed = article.confidence in (Confidence.ARCHIVED, Confidence.DELETED)
    return not closed and authority_for(agent, article, edit_right(article)) is not None


def may_confirm(agent: Agent, article: Article) -> bool:
    """Return whether `agent` may say now that the article is still right."""
    validated = article.confidence is Confidence.VALIDATED
    return validated and authority_for(agent, article, Right.CONFIRM) is not None


def may_merge(agent: Agent, article: Article) -> bool:
    """Return whether `agent` may merge this article with another."""
    closed = article.confidence in (Confidence.ARCHIVED, Confidence.DELETED)
    return not closed and authority_for(agent, article, Right.MERGE) is not None


def open_moves(agent: Agent, article: Article) -> list[Move]:
    """Return the moves `agent` may try now, in the order of the workflow; guards may still refuse."""
    return [
        move
        for move in Move
        if move in possible(article.state) and authority_for(agent, article, move.right) is not None
    ]


def _load_matrix() -> Matrix:
    table: dict[Right, dict[Holder, Scope]] = {right: dict(held) for right, held in RIGHTS.items()}
    for row in db.session.execute(select(RightRow)).scalars():
        if row.right not in list(Right):
            continue  # written by another release
        holder = Licence(row.holder) if row.holder in list(Licence) else Role(row.holder)
        table[Right(row.right)].pop(holder, None)
        if row.scope in list(Scope):
            table[Right(row.right)][holder] = Scope(row.scope)
    return table
