"""Acts of administrators on the search's own words. Every change is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select

from kcs import database
from kcs.activity.services import record
from kcs.articles.queries import get_article
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.models import Agent
from kcs.search.models import BestBet, Meaning, MeaningKind
from kcs.search.vocabulary import LONGEST_TERM, term_words
from kcs.sentences import Sentence
from kcs.text import clean_line
from workflow.article import Confidence

ADMIN = "role:admin"
LONGEST = 100  # characters of a term
MOST_TERMS = 20
MOST_ROWS = 2000  # of a kind: what is read at every search

Row = TypeVar("Row", Meaning, BestBet)


def meanings() -> list[Meaning]:
    """Return every kept meaning, by its first term."""
    rows = db.session.execute(select(Meaning).order_by(Meaning.id)).scalars()
    return sorted(rows, key=lambda row: (row.terms[0].casefold(), row.id))


def bets() -> list[BestBet]:
    """Return every best bet, by its first term."""
    rows = db.session.execute(select(BestBet).order_by(BestBet.id)).scalars()
    return sorted(rows, key=lambda row: (row.terms[0].casefold(), row.id))


def get_meaning(number: int) -> Meaning:
    """Return a meaning by its number. Raises NotFound."""
    return _get(Meaning, number)


def get_bet(number: int) -> BestBet:
    """Return a best bet by its number. Raises NotFound."""
    return _get(BestBet, number)


def save_meaning(row: Meaning | None, kind: MeaningKind, terms: Sequence[str], *, by: Agent) -> Meaning:
    """Add a meaning, or change `row`. Raises InvalidInput naming what is at fault."""
    cleaned = _cleaned(terms)
    if len(cleaned) < 2:
        raise InvalidInput(
            "Words of the same meaning are at least two.",
            errors={"terms": [Sentence("write two terms or more")]},
        )
    moment = database.now()
    if row is None:
        _refuse_too_many(Meaning)
        row = Meaning()
    row.kind, row.terms, row.changed_by_id, row.changed_at = kind, cleaned, by.id, moment
    _saved("search.meaning_saved", row, by)
    return row


def save_bet(
    row: BestBet | None,
    terms: Sequence[str],
    key: str,
    starts_on: date | None,
    ends_on: date | None,
    *,
    by: Agent,
) -> BestBet:
    """Choose an article as the best answer for some words, or change `row`. Raises InvalidInput."""
    cleaned = _cleaned(terms)
    if not cleaned:
        raise InvalidInput("A best bet needs words.", errors={"terms": [Sentence("write one term or more")]})
    if starts_on and ends_on and ends_on < starts_on:
        raise InvalidInput(
            "It would end on %(ends_on)s before it begins on %(starts_on)s.",
            ends_on=ends_on,
            starts_on=starts_on,
            errors={"ends_on": [Sentence("not before the first day")]},
        )
    try:
        article = get_article(key, by)
    except NotFound as error:
        raise InvalidInput(
            error.message, errors={"article": [Sentence("no article has this key")]}
        ) from error
    if article.confidence is Confidence.ARCHIVED:
        raise InvalidInput(
            "%(key)s is archived: nobody is shown it. Restore it first, or choose another.",
            key=article.key,
            errors={"article": [Sentence("archived")]},
        )
    moment = database.now()
    if row is None:
        _refuse_too_many(BestBet)
        row = BestBet()
    row.terms, row.article_id, row.starts_on, row.ends_on = cleaned, article.id, starts_on, ends_on
    row.chosen_by_id, row.changed_at = by.id, moment
    _saved("search.best_bet_saved", row, by)
    return row


def remove_meaning(row: Meaning, *, by: Agent) -> None:
    """Forget a meaning."""
    _removed("search.meaning_removed", row, by)


def remove_bet(row: BestBet, *, by: Agent) -> None:
    """Forget a best bet."""
    _removed("search.best_bet_removed", row, by)


def _cleaned(terms: Sequence[str]) -> list[str]:
    """Return the terms without repetition. Raises InvalidInput for one that could never be met."""
    cleaned = list(
        {term.casefold(): term for term in reversed([clean_line(each) for each in terms]) if term}.values()
    )
    cleaned.reverse()
    if len(cleaned) > MOST_TERMS:
        raise InvalidInput(
            "%(num)s terms are too many: keep to %(most_terms)s.",
            num=len(cleaned),
            most_terms=MOST_TERMS,
            errors={"terms": [Sentence("at most %(most_terms)s", most_terms=MOST_TERMS)]},
        )
    for term in cleaned:
        if len(term) > LONGEST or not 0 < term_words(term) <= LONGEST_TERM:
            raise InvalidInput(
                "“%(term)s” cannot be a term: it has up to %(longest_term)s words and %(longest)s "
                "characters, and at least one letter or digit.",
                term=term[:LONGEST],
                longest_term=LONGEST_TERM,
                longest=LONGEST,
                errors={"terms": [Sentence("“%(term)s” is no term", term=term[:40])]},
            )
    return cleaned


def _refuse_too_many(model: type[Row]) -> None:
    if db.session.execute(select(func.count()).select_from(model)).scalar_one() >= MOST_ROWS:
        raise InvalidInput(
            "There are %(most_rows)s already, and each search looks at all: remove some first.",
            most_rows=MOST_ROWS,
        )


def _get(model: type[Row], number: int) -> Row:
    row = db.session.get(model, number)
    if row is None:
        raise NotFound("This entry is not there any more. Somebody may have removed it.")
    return row


def _saved(kind: str, row: Row, by: Agent) -> None:
    db.session.add(row)
    db.session.flush()
    database.forget_once(db.session())
    record(kind, authority=ADMIN, agent=by, detail={"entry_id": row.id})


def _removed(kind: str, row: Row, by: Agent) -> None:
    record(kind, authority=ADMIN, agent=by, detail={"entry_id": row.id})
    db.session.delete(row)
    db.session.flush()
    database.forget_once(db.session())
