"""One search as somebody typed it, answered: what was found, what else could be meant, what could not be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select

from kcs import database
from kcs.articles.domains import domains
from kcs.articles.models import Article
from kcs.articles.queries import articles_by_id, readable_by, readable_by_visitors
from kcs.articles.trust import CLOSED, trust_of
from kcs.database import db, once
from kcs.language import primary
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.models import BestBet
from kcs.search.queries import Found, find
from kcs.search.typed import FILTERS, Typed, folded, parse, written
from kcs.search.vocabulary import best_bets, expand, is_kept
from kcs.sentences import Sentence
from workflow.article import ArticleState

FOR_VISITORS = ("tag", "language")
COMPLETIONS = 6
STATE_WORDS = {
    "work in progress": ArticleState.WIP,
    "not validated": ArticleState.NOT_VALIDATED,
    "validated": ArticleState.VALIDATED,
    "published": ArticleState.PUBLISHED,
}


@dataclass(frozen=True)
class Answer:
    """What a search gives. `did_you_mean` and `completions` are searches as they would be typed."""

    typed: Typed
    found: list[Found]
    did_you_mean: str = ""
    completions: tuple[str, ...] = ()


def answer(
    index: SearchIndex, text: str, *, reader: Agent | None, limit: int, typing: bool = False
) -> Answer:
    """Answer a typed search with what `reader` may read; None is a visitor. Never raises for what was typed.

    `typing`: the last word is still being typed.
    """
    typed = read(text, reader, typing=typing)
    if typed.is_empty:
        return Answer(typed, [])
    found = find(index, expand(typed.wanted), reader=reader, limit=limit)
    found = _with_bets(typed, found, reader)[:limit]
    completions = tuple(complete(index, typed, reader))
    # A last word that no word goes on from is not begun but misspelt.
    meant = typed if completions else read(text, reader)
    return Answer(typed, found, did_you_mean=_respelt(index, meant, reader), completions=completions)


@dataclass(frozen=True)
class Hints:
    """What can be said of a search without searching."""

    completions: tuple[str, ...]
    did_you_mean: str | None
    not_understood: tuple[str, ...]


def hints(index: SearchIndex, text: str, *, reader: Agent | None) -> Hints:
    """Return how a search could go on, how it may be meant, and what of it was not understood."""
    sent, typing = read(text, reader), read(text, reader, typing=True)
    return Hints(
        tuple(complete(index, typing, reader)), _respelt(index, sent, reader) or None, sent.not_understood
    )


def read(text: str, reader: Agent | None, *, typing: bool = False) -> Typed:
    """Take a typed search apart with the filters and values this reader has."""
    filters = FILTERS if reader is not None else FOR_VISITORS
    return parse(text, values=partial(_values, reader), filters=filters, typing=typing)


def complete(index: SearchIndex, typed: Typed, reader: Agent | None) -> list[str]:
    """Return the search with its last word finished in the ways the readable texts know."""
    if not typed.beginning:
        return []
    ends = index.completions(typed.beginning, public=reader is None, limit=COMPLETIONS)
    return [written(replace(typed, beginning=end)) for end in ends if end != typed.beginning.lower()]


def languages(reader: Agent | None) -> list[str]:
    """Return the languages of what this reader may read."""
    return list(dict.fromkeys(_languages(reader).values()))


def _values(reader: Agent | None, name: str) -> Mapping[str, str] | None:
    """Return what a filter takes where that is a list; looked up only for a filter that was typed."""
    if name == "language":
        return _languages(reader)
    if name == "state":
        short = {folded(state): state.value for state in STATE_WORDS.values()}
        return {words: state.value for words, state in STATE_WORDS.items()} | short
    if name == "domain":
        known = domains()
        return {folded(each.name): each.key for each in known} | {
            folded(each.key): each.key for each in known
        }
    return None


def _languages(reader: Agent | None) -> dict[str, str]:
    """Return the languages there are, without their regions, by every way in which they are written."""
    readable = readable_by_visitors() if reader is None else readable_by(reader)
    query = select(Article.locale).where(readable).distinct()
    locales = once(f"search languages {reader is None}", lambda: sorted(db.session.execute(query).scalars()))
    short = {primary(locale): primary(locale) for locale in locales}
    return short | {folded(locale): primary(locale) for locale in locales}


def _respelt(index: SearchIndex, typed: Typed, reader: Agent | None) -> str:
    """Return the search with words that occur nowhere replaced, empty when there is nothing to replace."""
    unsure = [word for word in typed.words if not is_kept(word)]
    nearest = index.spelling(unsure, public=reader is None) if unsure else {}
    if not nearest:
        return ""
    return written(replace(typed, words=tuple(nearest.get(word, word) for word in typed.words)))


def _with_bets(typed: Typed, found: list[Found], reader: Agent | None) -> list[Found]:
    """Put the chosen articles first, each once, and only what the reader may read and the search allows."""
    chosen: dict[int, str] = {}
    for bet, term in best_bets(typed.free_text, today=database.now().date()):
        chosen.setdefault(bet.article.merged_into_id or bet.article_id, _reason(bet, term, reader))
    by_id = {each.article.id: each for each in found}
    # What was narrowed is not widened again by a bet.
    narrowed = typed.only or typed.without or typed.phrases
    missing = [] if narrowed else [article_id for article_id in chosen if article_id not in by_id]
    by_id |= _as_found(missing, reader, score=found[0].score if found else 0.0)
    first = [
        replace(by_id[article_id], reasons=(reason, *by_id[article_id].reasons))
        for article_id, reason in chosen.items()
        if article_id in by_id
    ]
    return [*first, *(each for each in found if each.article.id not in chosen)]


def _as_found(ids: Collection[int], reader: Agent | None, *, score: float) -> dict[int, Found]:
    readable = articles_by_id(ids, reader) if ids else {}
    shown = [article for article in readable.values() if article.confidence not in CLOSED]
    trust = trust_of(shown, now=database.now())
    return {
        article.id: Found(article=article, score=score, reasons=(), trust=trust[article.id])
        for article in shown
    }


def _reason(bet: BestBet, term: str, reader: Agent | None) -> str:
    # A visitor learns neither who works here nor which other words were thought of.
    return (
        Sentence("chosen as the best answer")
        if reader is None
        else Sentence("chosen by %(name)s: best answer for “%(term)s”", name=bet.chosen_by.name, term=term)
    )
