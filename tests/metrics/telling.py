"""Short histories of articles and tickets, told line by line, and what a report says of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.database import db
from kcs.metrics.counting import Counted
from kcs.metrics.facts import keeping
from kcs.metrics.files.tables import Streaming
from kcs.metrics.model import EVERYTHING, Key, Number, Only, Report, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY, Reach
from tests.metrics.golden import ANA, BEN, CORA, EVA, NORTH, SOUTH, at

MADRID = ZoneInfo("Europe/Madrid")
# Two whole months: the second begins at 23:00 UTC and, summer time by then, ends at 22:00.
FEBRUARY = Window(at("2025-01-31T23:00"), at("2025-02-28T23:00"), MADRID)
MARCH = Window(at("2025-02-28T23:00"), at("2025-03-31T22:00"), MADRID)
BOTH = Window(FEBRUARY.start, MARCH.end, MADRID)
LATER = at("2025-12-01")
DOT, FLO = 11, 12
WHO = {
    "Ana": (ANA, NORTH),
    "Ben": (BEN, SOUTH),
    "Eva": (EVA, None),
    "Cora": (CORA, SOUTH),
    "Dot": (DOT, SOUTH),
    "Flo": (FLO, SOUTH),
}
ROLES = {"r": "resolution", "b": "reference"}


def tell(history: str) -> None:
    """Write a history down: each line is a moment (UTC), a kind of act, and words in any order.

    t1 ticket, a1 article, r1 link as resolution, b1 as background, Ana who did it, <wip the state before,
    >wip after, helpful=true a detail, @2025-05-01 when it was recorded, if not at once. A kind without a dot
    is a ticket's. Lines are recorded in the order of their moments of recording.
    """
    rows = [_row(line) for line in history.splitlines() if line.strip()]
    rows.sort(key=lambda row: row["recorded_at"])
    db.session.execute(insert(Activity), rows)
    db.session.commit()
    take_in()


def take_in() -> None:
    """Take what was told into the facts."""
    newest = db.session.execute(select(func.max(Activity.recorded_at))).scalar_one()
    keeping.catch_up(newest + timedelta(microseconds=1), MADRID, slices=1_000)


def _row(line: str) -> dict[str, Any]:
    moment, kind, *words = line.split()
    row: dict[str, Any] = {
        "kind": kind if "." in kind else f"ticket.{kind}",
        "happened_at": at(moment),
        "recorded_at": at(moment),
        "connection_id": 1,
        "authority": "system",
        "detail": {},
        **dict.fromkeys(
            ("agent_id", "team_id", "ticket_id", "article_id", "link_id", "role", "before", "after")
        ),
    }
    for word in words:
        _put(row, word)
    return row


def _put(row: dict[str, Any], word: str) -> None:
    if word in WHO:
        row["agent_id"], row["team_id"] = WHO[word]
    elif word[0] in "<>":
        row["before" if word[0] == "<" else "after"] = word[1:]
    elif word.startswith("licence:"):
        row["authority"] = word
    elif word[0] == "@":
        row["recorded_at"] = at(word[1:])
    elif "=" in word:
        name, value = word.split("=")
        row["detail"][name] = {"true": True, "false": False}.get(value) if not value.isdigit() else int(value)
    elif word[0] in ROLES:
        row["link_id"], row["role"] = int(word[1:]), ROLES[word[0]]
    else:
        row["ticket_id" if word[0] == "t" else "article_id"] = int(word[1:])


def articles(domains: dict[int, int | None]) -> None:
    """Add articles with these numbers, each in a domain or in none."""
    made = at("2025-01-01")
    for number in sorted({each for each in domains.values() if each is not None}):
        db.session.add(Domain(id=number, key=f"d{number}", name=f"Domain {number}"))
    db.session.flush()
    for number, domain in domains.items():
        db.session.add(
            Article(id=number, key=f"KB-{number}", domain_id=domain, created_at=made, changed_at=made)
        )
    db.session.commit()


def scope(
    window: Window = BOTH, as_of: datetime = LATER, reach: Reach = EVERYBODY, only: Only = EVERYTHING
) -> Scope:
    """Return what to ask for."""
    return Scope(window, as_of, reach, only)


def figures(report: Report, by: Segment, asked: Scope, *names: str) -> dict[Key, tuple[Number | None, ...]]:
    """Return the named figures of each row; those of periods in which nothing happened are left out."""
    rows = {row.key: tuple(row.figures[name] for name in names) for row in report.reader.rows(asked, by)}
    return {key: row for key, row in rows.items() if any(row)}


def total(report: Report, asked: Scope, *names: str) -> tuple[Number | None, ...]:
    """Return the named figures of everything."""
    found = report.reader.total(asked)
    return tuple(found[name] for name in names)


def check_cells(report: Report, asked: Scope) -> None:
    """Every cell that counts something opens as much, and the rows' parts are their own.

    Of the first segment all rows, of the others one each. Rows that are said to add up to the total do.
    """
    total = report.reader.total(asked)
    for by in report.segments:
        rows = [row for row in report.reader.rows(asked, by) if any(row.figures.values())]
        if isinstance(report.reader, Counted) and report.reader.adds_up(by):
            for count in report.counts:
                added = sum(row.figures[count.name] or 0 for row in rows)
                assert added == total[count.name], (report.name, by, count.name)
        for row in rows if by is report.segments[0] else rows[-1:]:
            part = Scope(row.window, asked.as_of, asked.reach, row.only)
            for count in report.counts:
                page = report.reader.items(part, count.name, limit=200, offset=0)
                told = (report.name, by, row.key, count.name)
                assert page.total == row.figures[count.name], told
                assert len(page.items) == page.total, told
    for count in report.counts:
        check_pages(report, asked, count.name)


def check_pages(report: Report, asked: Scope, count: str) -> None:
    """What a count opens is the same in pages of two, and in one go for a file, as at once."""
    whole = report.reader.items(asked, count, limit=200, offset=0)
    pages = [
        report.reader.items(asked, count, limit=2, offset=start) for start in range(0, whole.total + 1, 2)
    ]
    assert {page.total for page in pages} == {whole.total}, (report.name, count)
    assert [item for page in pages for item in page.items] == list(whole.items), (report.name, count)
    if isinstance(report.reader, Streaming):
        streamed = list(report.reader.every(asked, count, block=2))
        assert {page.total for page in streamed} == {whole.total}, (report.name, count)
        assert [item for page in streamed for item in page.items] == list(whole.items), (report.name, count)
