"""Whose turn it is to answer what was said of an article: its owner, then their coach, then the experts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kcs.articles import rights
from kcs.articles.domains import domain_of
from kcs.articles.models import Article, FlagLevel
from kcs.database import db
from kcs.people.models import Agent
from workflow.permissions import Right


def _owner(article: Article) -> Agent | None:
    return article.owner or article.author


def _coach(article: Article) -> Agent | None:
    owner = _owner(article)
    return db.session.get(Agent, owner.coach_id) if owner and owner.coach_id else None


def _at_owner(article: Article) -> Iterable[Agent | None]:
    return [_owner(article)]


def _at_coach(article: Article) -> Iterable[Agent | None]:
    return [_coach(article)]


def _at_expert(article: Article) -> Iterable[Agent | None]:
    return domain_of(article).experts


_LEVELS: dict[FlagLevel, Callable[[Article], Iterable[Agent | None]]] = {
    FlagLevel.OWNER: _at_owner,
    FlagLevel.COACH: _at_coach,
    FlagLevel.EXPERT: _at_expert,
}


def next_in_line(
    article: Article, *, beyond: FlagLevel | None = None, skip: int | None = None
) -> tuple[FlagLevel, Agent] | None:
    """Return whose turn it is, with their level; None when nobody is left.

    Levels up to `beyond` had their turn; `skip` is the id of whoever spoke up. People who have left, and
    whoever had their turn at an earlier level, are passed over.
    """
    levels = list(FlagLevel)
    start = levels.index(beyond) + 1 if beyond else 0
    had = {agent.id for level in levels[:start] for agent in _LEVELS[level](article) if agent} | {skip}
    for level in levels[start:]:
        for agent in _LEVELS[level](article):
            if agent is not None and agent.active and agent.id not in had:
                return level, agent
    return None


def authority_to_answer(by: Agent, article: Article, assigned_to_id: int | None) -> str | None:
    """Return on what grounds `by` may answer what was said of the article, None without any."""
    if by.id == assigned_to_id:
        return "assigned"
    if rights.standing(by, article).owns:
        return "owner"
    return rights.authority_for(by, article, Right.VALIDATE)
