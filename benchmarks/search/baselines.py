"""What ours is held against: SQLite's FTS5 with title and body scored apart, and bm25s."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable

import bm25s
import snowballstemmer

from benchmarks.search.data import Text
from benchmarks.search.scoring import NOTHING, Ranked

Engine = Callable[[Text], Ranked]

# A title's score counts half as much again as a body's.
FIELDS = {"title": 1.5, "body": 1.0}
DEPTH = 300
TITLE_TIMES = 2
_WORD = re.compile(r"\w+")
_SMALL_WORDS = """
a an the of to in on at by for from with and or is are was be been it its this that i my me we our
you your am
"""
_COMMON_WORDS = """
about after all also any as because before being but can could did do does doing get got had has
have he her here him his how if into just more most no not off only out over she should so some such
than their them then there these they those through too under up very were what when where which who
why will would
"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())
STOP_WORDS = SMALL_WORDS | frozenset(_COMMON_WORDS.split())


class Fts5:
    """Two FTS5 tables, one a field, in which any of a query's words may match; their scores are added."""

    def __init__(self, articles: Iterable[Text], *, most: int = 10, path: str = ":memory:") -> None:
        self._most, self._keys = most, list[str]()
        self._database = sqlite3.connect(path)
        for name in FIELDS:
            self._run(
                "CREATE VIRTUAL TABLE {0} USING fts5(x, tokenize='porter unicode61 remove_diacritics 2')",
                name,
            )
        for article in articles:
            self._keys.append(article.id)
            for name in FIELDS:
                values = (len(self._keys), getattr(article, name))
                self._run("INSERT INTO {0} (rowid, x) VALUES (?, ?)", name, values)
        for name in FIELDS:
            self._run("INSERT INTO {0} ({0}) VALUES ('optimize')", name)
        self._database.commit()

    def __call__(self, query: Text) -> Ranked:
        """Return the best articles."""
        words = _words(query, SMALL_WORDS)
        wanted = " OR ".join(f'"{word}"' for word in words)
        scores: dict[int, float] = {}
        for name, weight in FIELDS.items() if words else ():
            statement = "SELECT rowid, bm25({0}) FROM {0} WHERE {0} MATCH ? ORDER BY 2 LIMIT ?"
            for number, score in self._run(statement, name, (wanted, DEPTH)):
                scores[number] = scores.get(number, 0.0) - weight * score
        best = sorted(scores, key=lambda number: (-scores[number], self._keys[number - 1]))[: self._most]
        return Ranked([self._keys[number - 1] for number in best], scores[best[0]]) if best else NOTHING

    def _run(self, statement: str, name: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        return self._database.execute(statement.format(name), values)


class Bm25s:
    """bm25s with English stems, the title counted twice."""

    def __init__(self, articles: Iterable[Text], *, most: int = 10) -> None:
        self._stems, self._keys = _Stems(), list[str]()
        self._index = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        indexed = []
        for article in articles:
            self._keys.append(article.id)
            indexed.append(self._stems.of(" ".join([article.title] * TITLE_TIMES + [article.body])))
        self._index.index(indexed, show_progress=False)
        self._most = min(most, len(self._keys))

    def __call__(self, query: Text) -> Ranked:
        """Return the best articles."""
        stems = dict.fromkeys(self._stems.of(f"{query.title} {query.body}"))
        words = [stem for stem in stems if stem in self._index.vocab_dict]
        if not words:
            return NOTHING
        found, scores = self._index.retrieve([words], k=self._most, show_progress=False, n_threads=1)
        pairs = zip(found[0], scores[0], strict=True)
        ranked = [self._keys[int(number)] for number, score in pairs if score > 0]
        return Ranked(ranked, float(scores[0][0])) if ranked else NOTHING


class _Stems:
    """English stems, each word stemmed once."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._known: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        return [self._stem(word) for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]

    def _stem(self, word: str) -> str:
        if word not in self._known:
            self._known[word] = self._stemmer.stemWord(word)
        return self._known[word]


def _words(query: Text, passed_over: frozenset[str]) -> list[str]:
    words = list(dict.fromkeys(_WORD.findall(f"{query.title} {query.body}".lower())))
    return [word for word in words if word not in passed_over] or words
