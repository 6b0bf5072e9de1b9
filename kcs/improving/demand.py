"""Demand asks for reviews: an article that different people rely on is worth validating, then publishing."""

from __future__ import annotations

from collections.abc import Callable

from kcs.articles.domains import domain_of
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.articles.structure import Need
from kcs.articles.trust import count_demand
from kcs.articles.writing import missing
from kcs.reviews.models import Asks
from kcs.reviews.services import ask_by_demand
from workflow.article import ArticleState


def _wants_validation(article: Article) -> bool:
    waits = article.state in (ArticleState.WIP, ArticleState.NOT_VALIDATED)
    return waits and not missing(article.current_version, Need.ANSWER)


def _wants_publication(article: Article) -> bool:
    return article.state is ArticleState.VALIDATED


# What is asked, of which articles, and after how many different people.
RULES: tuple[tuple[Asks, Callable[[Article], bool], Callable[[Domain], int | None]], ...] = (
    (Asks.VALIDATE, _wants_validation, lambda domain: domain.validate_after),
    (Asks.PUBLISH, _wants_publication, lambda domain: domain.publish_after),
)


def follow_demand(article: Article) -> None:
    """Ask for the review that the demand for this article calls for; reviews see that it is asked once.

    Called when a ticket was resolved with it. Counts people, not tickets: one enthusiast is no demand.
    """
    domain = domain_of(article)
    for asks, wants, threshold in RULES:
        needed = threshold(domain)
        if needed is not None and wants(article) and count_demand(article) >= needed:
            ask_by_demand(article, asks)
