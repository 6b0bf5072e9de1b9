"""Suggestions for a ticket: what may answer it, and how likely it is that nothing does."""

from __future__ import annotations

from dataclasses import dataclass

from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.no_article import no_article
from kcs.search.queries import Found, find_with_facts
from kcs.search.standing import Context
from kcs.search.vocabulary import expand
from kcs.search.wanted import Wanted


@dataclass(frozen=True)
class Suggestions:
    """Articles that may answer, best first, and the probability that none does."""

    found: list[Found]
    no_article: float


def suggest_for(
    index: SearchIndex,
    text: Wanted | str,
    *,
    reader: Agent | None,
    limit: int,
    context: Context | None = None,
) -> Suggestions:
    """Return what `reader` may read of the articles that may answer a ticket's text."""
    wanted = Wanted(text) if isinstance(text, str) else text
    found, facts = find_with_facts(index, expand(wanted), reader=reader, limit=limit, context=context)
    return Suggestions(found, no_article(facts) if found else 1.0)
