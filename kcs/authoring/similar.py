"""Articles that may already say what somebody is writing: found by search, measured by shared words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kcs.articles.layout import readable_parts
from kcs.articles.models import Article
from kcs.authoring.typed import Draft
from kcs.people.models import Agent
from kcs.search.index import SearchIndex
from kcs.search.queries import Found, find
from kcs.text import clean_line

SHOWN = 5
LOOKED_AT = 15
# From this likeness on two articles are taken for the same one; see tests/authoring/test_similar.py.
SAME = 0.6
PIECE = 4
LONGEST = 2000

_SIGNS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Similar:
    """An article close to a draft. `likeness`: 0, no words in common, to 1, the same words."""

    found: Found
    likeness: float

    @property
    def article(self) -> Article:
        """The article."""
        return self.found.article

    @property
    def looks_same(self) -> bool:
        """Whether the author is asked before they save another one."""
        return self.likeness >= SAME


def similar_to(index: SearchIndex, draft: Draft, reader: Agent, *, limit: int = SHOWN) -> list[Similar]:
    """Return the articles `reader` may read that are closest to the draft, the closest first."""
    text = "\n".join([draft.title, *draft.parts.values()]).strip()
    if not text:
        return []
    own = draft.article.id if draft.article else None
    found = [each for each in find(index, text, reader=reader, limit=LOOKED_AT) if each.article.id != own]
    best = max((each.score for each in found), default=0.0) or 1.0
    close = []
    for each in found:
        title, parts = each.article.title, readable_parts(each.article.current_version, reader)
        # What the search says of rare words, and how much of the draft stands there already: measured, both
        # together find more than either.
        rank = each.score / best + _share(_about(draft.title, draft.parts), _about(title, parts))
        close.append((rank, Similar(each, likeness(draft.title, draft.parts, title, parts))))
    return [each for _, each in sorted(close, key=lambda pair: -pair[0])][:limit]


def likeness(title: str, parts: Mapping[str, str], other_title: str, other_parts: Mapping[str, str]) -> float:
    """Return how alike two articles are by their titles, or by titles and issues: the greater of the two.

    Measured as the share of common runs of four characters (Dice), which sees past endings of words and
    holds for scripts without spaces.
    """
    return max(
        _dice(_pieces(title), _pieces(other_title)),
        _dice(_about(title, parts), _about(other_title, other_parts)),
    )


def _about(title: str, parts: Mapping[str, str]) -> frozenset[str]:
    """Return what an article is about in pieces: its title and issue, or title and first field."""
    return _pieces(f"{title} {parts.get('issue') or next(iter(parts.values()), '')}")


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one) if one else 0.0


def _pieces(text: str) -> frozenset[str]:
    words = _SIGNS.sub(" ", clean_line(text.lower(), limit=LONGEST)).split()
    spaced = f" {' '.join(words)} "
    return frozenset(spaced[place : place + PIECE] for place in range(len(spaced) - PIECE + 1))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
