"""The search index: a derived file beside each process, the same beside SQLite and PostgreSQL.

It follows the change feed before each search, may be deleted at any time, and is rebuilt from the database.
Colleagues' texts and visitors' texts are kept in tables of their own, so that a visitor's search can never
touch a word of a text that is not live. What is in the file and how it is searched: `kcs.search.engine`.
"""

from __future__ import annotations

import copy
import fcntl
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import structlog

from kcs.errors import ConfigError
from kcs.search.connections import Connections
from kcs.search.engine.columns import Columns
from kcs.search.engine.hints import completions, spelling
from kcs.search.engine.ranking import Hit, Ranking, rank
from kcs.search.engine.searcher import Searcher
from kcs.search.engine.store import VIEWS, View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.weights import Weights
from kcs.search.entries import Document
from kcs.search.files import clear_leftovers, is_whole, new_beside
from kcs.search.filling import (
    FORMAT,
    Progress,
    build,
    follow_feed,
    meta,
    newest_change,
    newest_change_of_all,
    position,
    source_name,
)
from kcs.search.wanted import Wanted
from kcs.semantic.semantic import Semantic

__all__ = ["Hit", "Ranking", "SearchIndex"]

_DAMAGE = (sqlite3.DatabaseError, zlib.error, ValueError, IndexError)

log = structlog.get_logger()

Answer = TypeVar("Answer")


class _Held:
    """What a process keeps in memory of one build of the file."""

    def __init__(self, build: str) -> None:
        self.build = build
        self.revisions = dict.fromkeys(VIEWS, 0)
        self.columns = {name: Columns() for name in VIEWS}
        self.vocabulary = {name: Vocabulary() for name in VIEWS}


class SearchIndex:
    """Finds articles by words. Safe for many threads and processes: writers take turns.

    `semantic` has a say beside the words. Raises ConfigError where a folder lies in the file's place.
    """

    def __init__(self, path: Path, semantic: Semantic | None = None) -> None:
        if path.is_dir():
            raise ConfigError(f"{path} is a folder; the search index is a file there: move it away.")
        self._path = path
        self.semantic = semantic
        self._connections = Connections(path)
        self._writing = threading.Lock()
        self._held: _Held | None = None

    def search(
        self, wanted: Wanted | str, *, public: bool = False, limit: int = 20, weights: Weights | None = None
    ) -> list[Hit]:
        """Bring the index up to date; return the best matches, best first, equal scores by article id."""
        return self.rank(wanted, public=public, limit=limit, weights=weights).hits

    def rank(
        self,
        wanted: Wanted | str,
        *,
        public: bool = False,
        limit: int = 20,
        weights: Weights | None = None,
        also_look_at: Iterable[int] = (),
        hidden: frozenset[int] = frozenset(),
    ) -> Ranking:
        """Return the best matches and what they say about whether there is an answer at all.

        `also_look_at` are ids of articles something else thinks near, which are scored too; `hidden` are
        links whose past tickets say nothing, for asking a solved ticket again.
        """
        asked = Wanted(wanted) if isinstance(wanted, str) else wanted
        extra = list(also_look_at)
        return self._ask(
            public,
            lambda searcher: rank(searcher, asked, limit, extra, hidden=hidden),
            weights=weights or Weights(),
        )

    def completions(self, beginning: str, *, public: bool = False, limit: int = 8) -> list[str]:
        """Return the words of readable texts that begin so, those in most articles first."""
        return self._ask(public, lambda searcher: completions(searcher.view, beginning, limit))

    def spelling(self, words: list[str], *, public: bool = False) -> dict[str, str]:
        """Return for each word that is in no readable text the nearest one that is."""
        return self._ask(public, lambda searcher: spelling(searcher.view, words))

    def refresh(self) -> int:
        """Take in what changed since the last look; return how many articles were looked at."""
        with self._turn():
            connection, seen = self._current()
            self._connections.give(connection)
            return seen

    def rebuild(
        self,
        progress: Progress | None = None,
        source: Iterable[list[Document]] | None = None,
        *,
        processes: int = 1,
    ) -> int:
        """Build the index anew beside the old one and swap it in; return the number of articles.

        `source` are batches of documents to build from instead of the database: for measuring. With more than
        one of `processes` texts are prepared in as many beside this one.
        """
        new, count = self._build_beside(progress, source, processes)
        with self._turn():
            self._swap_in(new)
        return count

    def lag(self) -> int | None:
        """Return how many changes the index has not taken in yet, None when there is no index."""
        with self._turn():
            usable = self._usable()
            if usable is None:
                return None
            connection, behind = usable
            self._connections.give(connection)
            return behind

    def _ask(
        self, public: bool, question: Callable[[Searcher], Answer], weights: Weights | None = None
    ) -> Answer:
        name = "public" if public else "inside"
        try:
            return self._answer(name, question, weights or Weights())
        except _DAMAGE as error:
            # Damaged where the refresh did not look: nothing in it is worth keeping.
            log.warning("search_index_damaged", path=str(self._path), problem=str(error))
            self.rebuild()
            return self._answer(name, question, weights or Weights())

    def _answer(self, name: str, question: Callable[[Searcher], Answer], weights: Weights) -> Answer:
        with self._turn():
            connection, _ = self._current()
            try:
                # What is read from here on is this file as it is now, whoever swaps in another meanwhile.
                connection.execute("BEGIN")
                searcher = self._searcher(connection, name, weights)
            except _DAMAGE:
                connection.close()
                raise
        try:
            answer = question(searcher)
        except BaseException:
            connection.close()
            raise
        self._connections.give(connection)
        return answer

    def _searcher(self, connection: sqlite3.Connection, name: str, weights: Weights) -> Searcher:
        held, view = self._memory(connection), View(connection, name)
        totals = view.totals()
        if held.revisions[name] != totals.get("revision"):
            held.columns[name].follow(view)
            held.vocabulary[name].follow(view)
            held.revisions[name] = totals.get("revision", 0)
        # Following replaces arrays and changes none: a copy keeps what is now.
        columns, vocabulary = held.columns[name].frozen(), copy.copy(held.vocabulary[name])
        return Searcher(view, columns, vocabulary, totals, weights)

    def _memory(self, connection: sqlite3.Connection) -> _Held:
        build = str(meta(connection, "build"))
        if self._held is None or self._held.build != build:
            self._held = _Held(build)
        return self._held

    def _current(self) -> tuple[sqlite3.Connection, int]:
        """Open the index as it should be: whole, of this database, and in step."""
        try:
            usable = self._usable()
            if usable is not None:
                connection, behind = usable
                try:
                    vocabulary = self._memory(connection).vocabulary
                    return connection, follow_feed(connection, vocabulary) if behind else 0
                except BaseException:
                    connection.close()
                    raise
        except _DAMAGE as error:
            log.warning("search_index_damaged", path=str(self._path), problem=str(error))
        new, count = self._build_beside()
        self._swap_in(new)
        return self._connections.take(), count

    def _usable(self) -> tuple[sqlite3.Connection, int] | None:
        """Open the file if it is whole, of this format, and of no later state of this database.

        Return with it how many changes it has not taken in.
        """
        if not is_whole(self._path):
            return None
        connection = self._connections.take()
        try:
            if meta(connection, "source") == source_name() and meta(connection, "format") == FORMAT:
                place, newest = position(connection), newest_change()
                if place <= newest or place <= newest_change_of_all():
                    return connection, max(0, newest - place)
        except sqlite3.DatabaseError:
            pass  # no index is in it: built anew like one that is not there
        connection.close()
        return None

    def _build_beside(
        self,
        progress: Progress | None = None,
        source: Iterable[list[Document]] | None = None,
        processes: int = 1,
    ) -> tuple[Path, int]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = new_beside(self._path)
        clear_leftovers(self._path)
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            return new, build(connection, progress, source, folder=self._path.parent, processes=processes)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        finally:
            connection.close()

    def _swap_in(self, new: Path) -> None:
        # A journal left by a process that died belongs to the old file and would spoil the new one.
        self._beside("-journal").unlink(missing_ok=True)
        new.replace(self._path)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep out every other writer, of this process and of others: SQLite cannot bear a swap meanwhile."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing, self._beside(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)
