"""One act on many articles: each by itself, so that what refuses one leaves the others done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.models import Article
from kcs.articles.queries import readable_by
from kcs.articles.services import lock, move_article
from kcs.articles.signals import article_changed, article_going_outside
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, NotFound, WorkflowError
from kcs.people.models import Agent
from kcs.people.queries import get_agent
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.words import ARTICLE_IS
from workflow.article import Audience, Confidence, Move
from workflow.permissions import Right

MOST = 200


class Act(StrEnum):
    """What can be done with many articles at once."""

    MOVE = "move"
    ASK = "ask"
    OWNER = "owner"
    TAG = "tag"
    UNTAG = "untag"


# Asks for a review of an article ("validate" or "publish"); wired in `kcs.app`.
Asker = Callable[[Article, str, Agent], object]
Change = Callable[[Article, Agent], object]


@dataclass(frozen=True)
class Wish:
    """An act with what it needs: a move with its audience and reason, what to ask for, an owner, tags."""

    act: Act
    move: Move | None = None
    audience: Audience | None = None
    reason: str = ""
    asks: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """An article an act was refused for, and why."""

    key: str
    reason: str


@dataclass
class Outcome:
    """What came of it: the keys that are done, and the refused ones."""

    done: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def change_many(keys: Sequence[str], wish: Wish, *, by: Agent, ask: Asker) -> Outcome:
    """Do one act with up to 200 articles, each with the rights `by` has on it, in a savepoint of its own.

    Raises InvalidInput when the wish itself is not complete.
    """
    chosen = list(dict.fromkeys(clean_line(key) for key in keys))
    if not chosen or len(chosen) > MOST:
        raise InvalidInput(
            "Choose between one and %(most)s articles: these are %(num)s.",
            most=MOST,
            num=len(chosen),
            errors={"articles": [Sentence("1 to %(most)s", most=MOST)]},
        )
    change = _change_for(wish, ask)
    found = _find(chosen, by)
    outcome = Outcome()
    for key in sorted(chosen, key=lambda key: found[key].id if key in found else 0):
        try:
            with db.session.begin_nested():
                if key not in found:
                    raise NotFound("There is no article %(key)s.", key=key)
                change(found[key], by)
        except KcsError as error:
            outcome.refused.append(Refusal(key, error.message))
        else:
            outcome.done.append(key)
    return outcome


def set_owner(article: Article, owner: Agent, *, by: Agent) -> None:
    """Let somebody else look after an article. Raises NotAllowed, InvalidInput, WorkflowError."""
    lock(article)
    grant = _grant_to_describe(article, by)
    if not owner.active or rights.authority_for(owner, article, Right.PROPOSE) is None:
        raise InvalidInput(
            "%(name)s cannot look after an article: a licence is needed.",
            name=owner.name,
            errors={"owner": [Sentence("no licence")]},
        )
    if article.owner_id == owner.id:
        return
    article.owner_id, article.changed_at = owner.id, database.now()
    record(
        "article.owned",
        authority=grant,
        agent=by,
        article_id=article.id,
        detail={"owner_id": owner.id, "team_id": owner.team_id},
    )
    db.session.flush()
    article_changed.send(article)


def set_tags(article: Article, tags: Sequence[str], *, by: Agent) -> None:
    """Give an article these tags and no others. What readers outside get passes the gate first.

    Raises NotAllowed, InvalidInput, WorkflowError.
    """
    lock(article)
    grant = _grant_to_describe(article, by)
    wanted = list(dict.fromkeys(tag for each in tags if (tag := clean_line(each, limit=60))))
    if wanted == list(article.tags):
        return
    article.tags, article.changed_at = wanted, database.now()
    db.session.flush()
    if article.live_version_id is not None:
        article_going_outside.send(article)
    record("article.tagged", authority=grant, agent=by, article_id=article.id)
    article_changed.send(article)


def _grant_to_describe(article: Article, by: Agent) -> str:
    if article.confidence in (Confidence.ARCHIVED, Confidence.DELETED):
        raise WorkflowError(
            "An article that is %(confidence)s cannot be changed: restore it first.",
            confidence=ARTICLE_IS[article.confidence],
        )
    return rights.require(by, article, rights.edit_right(article))


def _change_for(wish: Wish, ask: Asker) -> Change:
    """Return what to do with each article. Raises InvalidInput naming what the wish lacks."""
    match wish:
        case Wish(act=Act.MOVE, move=Move() as move):
            return lambda article, by: move_article(
                article, move, by=by, audience=wish.audience, reason=wish.reason
            )
        case Wish(act=Act.ASK, asks=("validate" | "publish") as asks):
            return lambda article, by: ask(article, asks, by)
        case Wish(act=Act.OWNER, owner=str(owner)) if owner.strip():
            agent = get_agent(owner)
            return lambda article, by: set_owner(article, agent, by=by)
        case Wish(act=Act.TAG, tags=tags) if tags:
            return lambda article, by: set_tags(article, [*article.tags, *tags], by=by)
        case Wish(act=Act.UNTAG, tags=tags) if tags:
            gone = {clean_line(tag) for tag in tags}
            return lambda article, by: set_tags(article, [t for t in article.tags if t not in gone], by=by)
    missing = {Act.MOVE: "move", Act.ASK: "asks", Act.OWNER: "owner"}.get(wish.act, "tags")
    raise InvalidInput(
        "'%(act)s' needs '%(missing)s'.",
        act=wish.act,
        missing=missing,
        errors={missing: [Sentence("needed")]},
    )


def _find(keys: Sequence[str], by: Agent) -> dict[str, Article]:
    rows = db.session.execute(select(Article).where(Article.key.in_(keys), readable_by(by))).scalars()
    return {article.key: article for article in rows}
