"""Views of the index without a database: entries in, rankings out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing

from kcs.search.engine.building import Builder
from kcs.search.engine.columns import Columns
from kcs.search.engine.preparing import Preparer
from kcs.search.engine.ranking import Ranking, rank
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.weights import Weights
from kcs.search.entries import Entry
from kcs.search.wanted import Wanted


def entry(number: int, title: str, body: str = "", *tickets: str, **given: object) -> Entry:
    """Return an English article; its tickets have link ids of their own."""
    links = tuple((number * 100 + place, text) for place, text in enumerate(tickets))
    fields: dict[str, object] = {"language": "en", "issue": "", "facets": ()} | given
    return Entry(number, "inside", title=title, body=body, tickets=links, **fields)  # type: ignore[arg-type]


def empty_view() -> View:
    """Return a view with tables and nothing in them."""
    view = View(sqlite3.connect(":memory:", isolation_level=None), "inside")
    view.create()
    return view


def built(entries: Iterable[Entry]) -> View:
    """Return a view built in one go."""
    view = empty_view()
    with closing(Builder(view)) as builder:
        for batch in Preparer().prepare(entries).values():
            builder.put(batch)
        builder.finish()
    return view


def searcher(view: View, weights: Weights | None = None) -> Searcher:
    """Return a view as it is now, ready to be searched."""
    columns, vocabulary = Columns(), Vocabulary()
    columns.follow(view)
    vocabulary.follow(view)
    return Searcher(view, columns, vocabulary, view.totals(), weights or Weights())


def ranked(view: View, wanted: Wanted | str, **given: object) -> Ranking:
    """Return what is found in a view, up to ten."""
    asked = Wanted(wanted) if isinstance(wanted, str) else wanted
    return rank(searcher(view), asked, 10, **given)  # type: ignore[arg-type]


def found(view: View, wanted: Wanted | str, **given: object) -> list[int]:
    """Return the ids of what is found."""
    return [hit.article_id for hit in ranked(view, wanted, **given).hits]
