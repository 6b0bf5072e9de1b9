"""Measure one engine on a made-up knowledge base, in a process of its own: what `speed` runs.

`python -m benchmarks.search.measuring WHAT FOLDER ARTICLES TICKETS` prints what it measured as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from benchmarks.search import corpora
from benchmarks.search.baselines import Bm25s, Engine, Fts5
from benchmarks.search.data import Text
from benchmarks.search.filling import fill
from benchmarks.search.installation import Suggester, installation
from kcs.articles.models import Article
from kcs.articles.services import save_version
from kcs.collecting import keep_what_is_loaded
from kcs.database import db, reading
from kcs.people.services import add_agent
from kcs.solving.suggestions import SUGGESTIONS
from workflow.permissions import Licence

# How many short and long tickets; fewer for the baselines, some of which take long.
OURS, THEIRS = (500, 200), (100, 30)
WARM_UP = 10
NEW_WORD = "xylophonist"
Measured = dict[str, float]


def main(what: str, folder: str, articles: str, tickets: str) -> None:
    """Measure and print."""
    measured = MEASURES[what](Path(folder), int(articles), int(tickets))
    print(json.dumps(measured))


def measure_ours(folder: Path, articles: int, tickets: int) -> Measured:
    """Fill an installation in `folder`, build its index, suggest, change one article."""
    with installation(folder) as app:
        writer = corpora.Writer()
        fill(corpora.articles(writer, articles), corpora.past_tickets(writer, tickets, articles))
        keep_what_is_loaded()
        start = time.process_time()
        with reading():
            app.extensions["kcs.search"].rebuild()
        built = time.process_time() - start
        costs = _costs(Suggester(app, most=SUGGESTIONS), OURS)
        return {"build_s": built, "disk_mb": _index_size(folder), **costs, "change_s": _change(app, articles)}


def measure_memory(folder: Path, _articles: int, _tickets: int) -> Measured:
    """Serve suggestions from an installation that is there, as a server does."""
    with installation(folder) as app:
        suggest = Suggester(app, most=SUGGESTIONS)
        for query in _queries((OURS[1], 0))[0]:
            suggest(query)
        return {"resident_mb": _resident()}


def measure_fts5(folder: Path, articles: int, tickets: int) -> Measured:
    """Build FTS5's tables in a file and search them."""
    file = folder / "fts5.db"
    start = time.process_time()
    engine = Fts5(_together(articles, tickets), path=str(file))
    built = time.process_time() - start
    return {"build_s": built, "disk_mb": file.stat().st_size / 1e6, **_costs(engine, THEIRS)}


def measure_bm25s(_folder: Path, articles: int, tickets: int) -> Measured:
    """Build bm25s's index in memory and search it."""
    start = time.process_time()
    engine = Bm25s(_together(articles, tickets))
    return {"build_s": time.process_time() - start, **_costs(engine, THEIRS)}


MEASURES: dict[str, Callable[[Path, int, int], Measured]] = {
    "ours": measure_ours,
    "memory": measure_memory,
    "fts5": measure_fts5,
    "bm25s": measure_bm25s,
}


def _together(articles: int, tickets: int) -> Iterator[Text]:
    """Yield the articles with their tickets in the body, made as ours are."""
    writer = corpora.Writer()
    written = list(corpora.articles(writer, articles))
    solved: defaultdict[str, list[str]] = defaultdict(list)
    for ticket in corpora.past_tickets(writer, tickets, articles):
        solved[ticket.article].append(ticket.body)
    for each in written:
        yield Text(each.id, each.title, "\n".join([each.body, *solved[each.id]]))


def _queries(counts: tuple[int, int]) -> list[list[Text]]:
    """Return short tickets and long ones, with some more of each to warm up."""
    writer = corpora.Writer(seed=corpora.SEED + 1)
    lengths = (corpora.SHORT_QUERY, corpora.LONG_QUERY)
    return [
        corpora.queries(writer, count + WARM_UP, length)
        for count, length in zip(counts, lengths, strict=True)
    ]


def _costs(search: Engine, counts: tuple[int, int]) -> Measured:
    """Return the CPU time of a suggestion in milliseconds, all threads of this process together."""
    costs: Measured = {}
    keep_what_is_loaded()
    for name, queries in zip(("short", "long"), _queries(counts), strict=True):
        for query in queries[:WARM_UP]:
            search(query)
        taken = sorted(_milliseconds(search, query) for query in queries[WARM_UP:])
        costs |= {f"{name}_p50_ms": taken[len(taken) // 2], f"{name}_p99_ms": taken[int(len(taken) * 0.99)]}
    return costs


def _milliseconds(search: Engine, query: Text) -> float:
    start = time.process_time()
    search(query)
    return (time.process_time() - start) * 1e3


def _change(app: Flask, articles: int) -> float:
    """Return the seconds from an article's change until a suggestion finds it by its new word."""
    by = add_agent("bench@example.com", "Bench", licence=Licence.PUBLISHER)
    article = db.session.get_one(Article, articles // 2 + 1)
    suggest = Suggester(app, most=SUGGESTIONS)
    start = time.perf_counter()
    save_version(article, f"The {NEW_WORD}", {"body": f"About the {NEW_WORD}."}, by=by, base=1)
    db.session.commit()
    while article.key not in suggest(Text("", NEW_WORD, "")).keys:
        time.sleep(0.01)
    return time.perf_counter() - start


def _index_size(folder: Path) -> float:
    """Return the megabytes of what lies beside the database."""
    files = (each for each in folder.rglob("*") if each.is_file() and not each.name.startswith("kcs.db"))
    return sum(each.stat().st_size for each in files) / 1e6


def _resident() -> float:
    """Return the megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
