"""Why an article was found, in words and numbers."""

from __future__ import annotations

from kcs.articles.models import Article
from kcs.articles.trust import Trust
from kcs.search.index import Hit
from kcs.sentences import Sentence, counted
from workflow.article import ArticleState

MOST_WORDS_NAMED = 5
# A cosine from which two texts are about the same thing.
ALIKE = 0.5

_SAME = "same %(names)s"
_BETWEEN = ", "


def reasons_of(hit: Hit, article: Article, trust: Trust, *, inside: bool) -> tuple[str, ...]:
    """Return the reasons, the strongest first; readers outside learn nothing of tickets and people."""
    given = [
        _exact(hit),
        _words(hit),
        _near(hit),
        Sentence("in the title") if "title" in hit.fields else "",
        _meaning(hit),
    ]
    if inside:
        given += [_tickets(hit), _solved(trust), _state(article)]
    return tuple(reason for reason in given if reason)


def exact_names(reason: str) -> tuple[str, ...]:
    """Return the exact names (error codes, versions) a reason is about; none for any other reason."""
    if not isinstance(reason, Sentence) or reason.template != _SAME:
        return ()
    return tuple(str(reason.values["names"]).split(_BETWEEN))


def _named(names: tuple[str, ...]) -> str:
    return _BETWEEN.join(names[:MOST_WORDS_NAMED])


def _exact(hit: Hit) -> str:
    return Sentence("same %(names)s", names=_named(hit.exact)) if hit.exact else ""


def _words(hit: Hit) -> str:
    return Sentence("same words: %(words)s", words=_named(hit.words)) if hit.words else ""


def _near(hit: Hit) -> str:
    return Sentence("words like: %(words)s", words=_named(hit.near)) if hit.near else ""


def _meaning(hit: Hit) -> str:
    return Sentence("about the same thing") if hit.meaning is not None and hit.meaning >= ALIKE else ""


def _tickets(hit: Hit) -> str:
    if hit.tickets:
        return Sentence("solved %(tickets)s of the nearest past tickets", tickets=hit.tickets)
    return Sentence("customers of tickets it solved wrote the same") if "words" in hit.fields else ""


def _solved(trust: Trust) -> str:
    said = counted("solved %(num)s ticket", "solved %(num)s tickets", trust.solved)
    return said if trust.solved > 1 else ""


def _state(article: Article) -> str:
    return Sentence("still work in progress") if article.state is ArticleState.WIP else ""
