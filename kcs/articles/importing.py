"""Articles that already have their state elsewhere enter with it, past the moves of the workflow."""

from __future__ import annotations

from collections.abc import Mapping

from kcs import database
from kcs.activity.services import record
from kcs.articles.beginning import new_article
from kcs.articles.models import Article, Version
from kcs.articles.services import enter
from kcs.articles.signals import article_changed, article_going_outside
from kcs.articles.structure import Need
from kcs.articles.writing import append_version, make_current, missing, prepare
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from workflow import article as table
from workflow.article import Audience, Confidence


def import_article(
    title: str,
    parts: Mapping[str, str],
    *,
    key: str | None = None,
    confidence: Confidence = Confidence.VALIDATED,
    audience: Audience = Audience.INTERNAL,
    locale: str = "en",
    tags: tuple[str, ...] = (),
    template: str | None = None,
    author: Agent | None = None,
) -> Article:
    """Take over an article that already has its state elsewhere. Raises InvalidInput."""
    written = prepare(title, parts, template=template)
    article = new_article(
        key=key, locale=locale, tags=tags, governance=written.template.governance, author=author
    )
    version = append_version(article, written, author=author, note="imported")
    finish_import(article, version, confidence, audience, author=author)
    return article


def finish_import(
    article: Article,
    current: Version,
    confidence: Confidence,
    audience: Audience,
    *,
    live: Version | None = None,
    author: Agent | None = None,
) -> None:
    """Give an article that was taken over its text and its state. Raises InvalidInput.

    `live` is the text readers outside get, `current` unless given. Only validated text may be readable
    outside, imported or not, and validated text answers something.
    """
    if audience is not Audience.INTERNAL and confidence is not Confidence.VALIDATED:
        raise InvalidInput(
            f"An article that is {confidence} cannot have the audience {audience}: only validated ones can.",
            errors={"audience": ["only validated articles go outside"]},
        )
    if confidence is Confidence.VALIDATED and missing(current, Need.ANSWER):
        raise InvalidInput(
            "A validated article needs a resolution, or a body.", errors={"resolution": ["needed"]}
        )
    # Who looks at what goes outside looks at the present text.
    make_current(article, live or current)
    if audience is not Audience.INTERNAL:
        article_going_outside.send(article)
    enter(article, table.state_of(confidence, audience), audience)
    make_current(article, current)
    article.last_checked_at = database.now() if confidence is Confidence.VALIDATED else None
    record(
        "article.imported",
        authority="system",
        agent=author,
        article_id=article.id,
        after=article.state.value,
        detail={"version_id": current.id},
    )
    article_changed.send(article)
