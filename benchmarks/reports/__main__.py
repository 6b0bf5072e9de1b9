"""`python -m benchmarks.reports`: reports over a long log.

In one run, on SQLite and, where KCS_TEST_POSTGRES_URL names a server, on PostgreSQL: per agent and week the
link rate, reuse and participation by the product, by plain SQL over the sums of the day, and by
COUNT(DISTINCT) over the log; the pages; what keeping the facts in step costs beside writing the log; making
all facts anew.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import text

from benchmarks.reports import asking, filling
from kcs import config
from kcs.app import create_app
from kcs.collecting import keep_what_is_loaded
from kcs.database import db, is_postgresql
from kcs.progress import progress

EVENTS = 10_000_000
NAME = "kcs_bench_reports"
REPEATS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="leave the other database out")
    parser.add_argument("--folder", type=Path, help="make the database in this folder and keep it, or use it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        if given.only != "postgresql":
            _measure("SQLite", _app(folder, None), given.events)
        if given.only != "sqlite":
            server = os.environ.get("KCS_TEST_POSTGRES_URL")
            if server is None:
                print("PostgreSQL is left out: set KCS_TEST_POSTGRES_URL to a server of your own")
                return
            with _database(server, keep=given.folder is not None) as url:
                _measure("PostgreSQL", _app(folder, url), given.events)


def _measure(name: str, app: Flask, events: int) -> None:
    with app.app_context():
        rows = _prepared(events)
        print(f"\n{name}: {rows:,} rows of the log, {filling.AGENTS} people, a year")
        print(f"{'per agent and week':24}{'product':>10}{'sums':>10}{'log':>10}{'of sums':>10}{'of log':>10}")
        for what, ask in asking.QUESTIONS.items():
            _compare(what, ask)
    for what, path in asking.PAGES.items():
        times = asking.page_times(app, path)
        p95 = quantiles(times, n=20, method="inclusive")[-1]
        print(f"page {what:29}median {median(times):7.1f} ms   p95 {p95:7.1f} ms")
    for what, path in asking.LONG_PAGES.items():
        print(f"page {what:29}best {min(asking.page_times(app, path, REPEATS)):9.1f} ms")
    with app.app_context():
        bare, kept, number = asking.upkeep()
        each_kept, each_bare = (seconds * 1e6 / number for seconds in (kept, bare))
        said = f"{each_kept:.0f} µs a row beside {each_bare:.0f} µs to record it: {kept / bare:.2f} times"
        print(f"upkeep of {number:,} rows: {said}")
        db.session.remove()
        db.engine.dispose()


def _prepared(events: int) -> int:
    """Fill the log and make the facts, unless the folder has them."""
    found = asking.rows_there()
    if found:
        return found
    began = time.monotonic()
    tickets = int(events / filling.ROWS_A_TICKET)
    with progress("filling, tickets", tickets) as count:
        rows = filling.fill(events, count)
    _analyze()
    filled = time.monotonic()
    asking.rebuild()
    made = time.monotonic()
    _analyze()
    print(f"filled in {filled - began:.0f} s; all facts made anew in {made - filled:.0f} s")
    return rows


def _analyze() -> None:
    """What PostgreSQL does by itself some minutes later; SQLite has what the migrations wrote."""
    if is_postgresql():
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def _compare(what: str, ask: asking.Question) -> None:
    product = _best(ask.product)
    sums, log = _best(ask.sums), _best(ask.log, repeats=1)
    ratios = f"{product / sums:9.2f}×{f'1/{log / product:.0f}':>10}"
    print(f"{what:24}{product:9.3f}s{sums:9.3f}s{log:9.2f}s{ratios}")


def _best(work: Callable[[], object], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
        db.session.rollback()
    return min(times)


def _app(folder: Path, url: str | None) -> Flask:
    given = {"KCS_SECRET_KEY": "a-secret-for-measuring-that-is-long-enough"}
    app = create_app(config.load({**given, **({"KCS_DATABASE_URL": url} if url else {})}, instance=folder))
    with app.app_context():
        flask_migrate.upgrade()
    keep_what_is_loaded()  # as every server of ours does
    return app


@contextmanager
def _database(server: str, *, keep: bool) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not found:
            connection.execute(f'CREATE DATABASE "{NAME}"')
    try:
        yield urlsplit(server)._replace(path=f"/{NAME}").geturl()
    finally:
        if not keep:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


if __name__ == "__main__":
    main()
