"""Why an article was found, in words and numbers."""

from __future__ import annotations

from kcs.articles.models import Article
from kcs.articles.trust import Trust
from kcs.search.index import Hit
from workflow.article import ArticleState

MOST_WORDS_NAMED = 5
# A cosine from which two texts are about the same thing.
ALIKE = 0.5


def reasons_of(hit: Hit, article: Article, trust: Trust, *, inside: bool) -> tuple[str, ...]:
    """Return the reasons, the strongest first; readers outside learn nothing of tickets and people."""
    given = [
        _exact(hit),
        _words(hit),
        _near(hit),
        "in the title" if "title" in hit.fields else "",
        _meaning(hit),
    ]
    if inside:
        given += [_tickets(hit), _solved(trust), _state(article)]
    return tuple(reason for reason in given if reason)


def _exact(hit: Hit) -> str:
    return f"same {', '.join(hit.exact[:MOST_WORDS_NAMED])}" if hit.exact else ""


def _words(hit: Hit) -> str:
    return f"same words: {', '.join(hit.words[:MOST_WORDS_NAMED])}" if hit.words else ""


def _near(hit: Hit) -> str:
    return f"words like: {', '.join(hit.near[:MOST_WORDS_NAMED])}" if hit.near else ""


def _meaning(hit: Hit) -> str:
    return "about the same thing" if hit.meaning is not None and hit.meaning >= ALIKE else ""


def _tickets(hit: Hit) -> str:
    if hit.tickets:
        return f"solved {hit.tickets} of the nearest past tickets"
    return "customers of tickets it solved wrote the same" if "words" in hit.fields else ""


def _solved(trust: Trust) -> str:
    return f"solved {trust.solved} tickets" if trust.solved > 1 else ""


def _state(article: Article) -> str:
    return "still work in progress" if article.state is ArticleState.WIP else ""
