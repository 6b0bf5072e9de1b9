"""From what was found to less of it: searches with a filter more, or one less, as they would be typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from kcs.people.models import Agent
from kcs.search.answers import STATE_WORDS, Answer, read
from kcs.search.documents import PRODUCT, facet
from kcs.search.typed import Typed, written
from kcs.sentences import Sentence
from kcs.words import ARTICLE_IS

TAGS_OFFERED = 6
_SAID = {("state", state.value): ARTICLE_IS[state] for state in STATE_WORDS.values()}
_NAMES = {
    "product": Sentence("product"),
    "tag": Sentence("tag"),
    "domain": Sentence("domain"),
    "state": Sentence("state"),
    "language": Sentence("language"),
}


@dataclass(frozen=True)
class Step:
    """Another search, and what it does to this one."""

    label: str
    typed: str


def chosen(typed: Typed) -> list[Step]:
    """Return each filter of a search with the search that is without it."""
    return [
        Step(
            Sentence(
                "%(name)s: %(value)s", name=_NAMES.get(name, name), value=_SAID.get((name, value), value)
            ),
            written(_without(typed, name, value)),
        )
        for name, value in typed.only
    ]


def by_tag(answer: Answer, filters: Collection[str]) -> list[Step]:
    """Return the commonest tags of what was found, each with the search narrowed to it; only by `filters`."""
    present = {facet(*each) for each in answer.typed.only}
    counted = Counter(_filter_of(tag) for each in answer.found for tag in each.article.tags)
    # A tag of all results narrows nothing.
    telling = [
        (name, value)
        for (name, value), count in counted.most_common()
        if count < len(answer.found) and name in filters and facet(name, value) not in present
    ]
    return [
        Step(value, written(_with(answer.typed, (name, value)))) for name, value in telling[:TAGS_OFFERED]
    ]


def chosen_from_lists(words: str, added: str, reader: Agent) -> str:
    """Return the search with filters added; one of the same name takes the other's place."""
    typed, more = read(words, reader), read(added, reader)
    names = {name for name, _ in more.only}
    kept = tuple(each for each in typed.only if each[0] not in names)
    return written(_with(replace(typed, only=kept), *more.only))


def _filter_of(tag: str) -> tuple[str, str]:
    """Return the filter that means this tag: the tag `product:X` says which product an article is about."""
    product = tag.casefold().startswith(PRODUCT)
    return ("product", tag[len(PRODUCT) :].strip()) if product else ("tag", tag)


def _with(typed: Typed, *only: tuple[str, str]) -> Typed:
    return replace(typed, only=(*typed.only, *only))


def _without(typed: Typed, name: str, value: str) -> Typed:
    return replace(typed, only=tuple(each for each in typed.only if each != (name, value)))
