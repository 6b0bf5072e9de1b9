"""Histories of links and articles, and what the log says of them, read slowly: no SQL, no facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from tests.metrics.golden import at

BEGINNING = at("2025-03-03T08:00")
STEP = timedelta(hours=7)
PEOPLE = (1, 2, 3, None)
STATES = ("wip", "not_validated", "validated", "published", None)
KINDS = (
    *("ticket.link",) * 5,
    *("ticket.draft", "ticket.unlink", "ticket.unlink", "ticket.discard"),
    *("ticket.excluded", "ticket.restored", "ticket.solve"),
    *("article.edited", "article.edited", "article.validate", "review.asked", "article.merged"),
)
Row = dict[str, Any]


def history(seed: int, acts: int, *, tickets: int = 4, articles: int = 5) -> list[Row]:
    """Return a history of so many acts, in the order of the log; the facts of fewer are its beginning."""
    random, moment, rows = Random(seed), BEGINNING, list[Row]()
    known: set[int] = set()
    for _ in range(acts):
        moment += STEP * random.choice((0, 0, 1, 1, 3))
        kind, article = random.choice(KINDS), random.randint(1, articles)
        if article not in known:
            known.add(article)
            how = random.choice(("article.created", "article.imported", "article.flagged"))
            inside = random.choice((None, random.randint(1, tickets)))
            rows.append(_row(random, how, moment, article_id=article, ticket_id=inside, after="wip"))
        ticket = random.randint(1, tickets)
        into = random.choice([each for each in range(1, articles + 1) if each != article])
        rows.append(_row(random, kind, moment, **_about(random, kind, ticket, article, into)))
    return rows


def _about(random: Random, kind: str, ticket: int, article: int, into: int) -> Row:
    if kind.startswith("ticket."):
        about: Row = {"ticket_id": ticket}
        if kind not in ("ticket.excluded", "ticket.restored", "ticket.solve"):
            about |= {"article_id": article, "link_id": 10 * ticket + random.randint(1, 5)}
            about["role"] = random.choice(("resolution", "resolution", "reference"))
        return about
    about = {"article_id": article, "after": random.choice(STATES)}
    if kind == "review.asked" or (kind == "article.edited" and random.random() < 0.5):
        about["detail"] = {"review_id": 10 * article + random.randint(1, 2)}
    if kind == "article.merged":
        about |= {"article_id": random.choice((article, article, into))}
        about["detail"] = {"newer_id": article, "into_id": into}
    return about


def _row(random: Random, kind: str, moment: datetime, **about: Any) -> Row:
    return {
        "kind": kind,
        "happened_at": random.choice((moment, moment, moment - STEP, moment - 9 * STEP)),
        "recorded_at": moment,
        "agent_id": random.choice(PEOPLE),
        "team_id": random.choice((1, 2, None)),
        "connection_id": 1,
        "authority": "test",
        "detail": {},
        **dict.fromkeys(("ticket_id", "article_id", "link_id", "role", "before", "after")),
        **about,
    }


@dataclass(frozen=True)
class Reading:
    """What the log said before a moment. Rows are numbered as the log does: from 1, in their order."""

    rows: list[tuple[int, Row]]
    as_of: datetime

    @classmethod
    def of(cls, rows: list[Row], as_of: datetime) -> Reading:
        """Number the rows."""
        return cls(list(enumerate(rows, start=1)), as_of)

    @cached_property
    def known(self) -> list[tuple[int, Row]]:
        """What was recorded by then."""
        return [(number, row) for number, row in self.rows if row["recorded_at"] < self.as_of]

    def links(self) -> list[tuple[int, Row, int]]:
        """Return the links that stand, each with the article it counts for; a ticket counts once for that."""
        found: dict[tuple[int, int], tuple[bool, int, Row, int]] = {}
        for number, row in self.known:
            made = row["kind"] in ("ticket.link", "ticket.draft")
            if not made or self._is_removed(row) or self._is_left_out(row["ticket_id"]):
                continue
            counted = self._counted(row["article_id"], number)
            candidate = (row["role"] != "resolution", number, row, counted)
            other = found.get((row["ticket_id"], counted))
            if other is None or candidate[:2] < other[:2]:
                found[row["ticket_id"], counted] = candidate
        return [(number, row, counted) for _, number, row, counted in found.values()]

    def reused(self) -> Iterator[tuple[int, int, int | None]]:
        """Yield ticket, article and its author of each link that is reuse."""
        for _, row, counted in self.links():
            begun_here = row["ticket_id"] in (self._birth(row["article_id"])[0], self._birth(counted)[0])
            if row["role"] == "resolution" and row["kind"] == "ticket.link" and not begun_here:
                yield row["ticket_id"], counted, self._birth(counted)[1]

    def cited(self) -> Iterator[tuple[int, int, int, bool]]:
        """Yield ticket, article, writer and whether they linked it themselves, of each citation."""
        for number, row, counted in self.links():
            if row["role"] == "resolution" and row["kind"] == "ticket.link":
                for writer in self._writers(row["article_id"], number):
                    yield row["ticket_id"], counted, writer, row["agent_id"] == writer

    def states(self) -> dict[int, tuple[str, datetime]]:
        """Return each article's state, and since when."""
        moves: dict[int, list[tuple[datetime, int, str]]] = {}
        for number, row in self.known:
            moving = row["kind"].startswith("article.") and row["kind"] != "article.flagged"
            if moving and row["after"] and row["happened_at"] < self.as_of:
                moves.setdefault(row["article_id"], []).append((row["happened_at"], number, row["after"]))
        found = {}
        for article, told in moves.items():
            *before, (since, _, state) = sorted(told)
            while before and before[-1][2] == state:
                since = before.pop()[0]
            found[article] = state, since
        return found

    def _is_removed(self, made: Row) -> bool:
        return any(
            row["kind"] in ("ticket.unlink", "ticket.discard")
            and (row["ticket_id"], row["link_id"]) == (made["ticket_id"], made["link_id"])
            for _, row in self.known
        )

    def _is_left_out(self, ticket: int) -> bool:
        told = [row["kind"] for _, row in self.known if row["ticket_id"] == ticket]
        while "ticket.restored" in told:
            place = told.index("ticket.restored")
            told = [kind for kind in told[:place] if kind != "ticket.excluded"] + told[place + 1 :]
        standing = [kind for kind in told if kind in ("ticket.solve", "ticket.excluded")]
        return standing[-1:] == ["ticket.excluded"]

    def _counted(self, article: int, number: int) -> int:
        for later, row in self.known:
            went = row["kind"] == "article.merged" and row["article_id"] == row["detail"]["newer_id"]
            if went and later > number and row["article_id"] == article:
                article = row["detail"]["into_id"]
        return article

    def _birth(self, article: int) -> tuple[int | None, int | None]:
        first = next((row for _, row in self.rows if row["article_id"] == article), None)
        if first is None or first["kind"] not in ("article.created", "article.imported"):
            return None, None
        return first["ticket_id"], first["agent_id"]

    def _writers(self, article: int, before: int) -> set[int]:
        found: set[int | None] = set()
        for number, row in self.known:
            if row["article_id"] != article or number >= before:
                continue
            if row["kind"] in ("article.created", "article.imported", "article.edited"):
                found.add(row["agent_id"])
            if row["kind"] == "article.edited" and row["detail"]:
                found |= {
                    asked["agent_id"]
                    for _, asked in self.known
                    if (asked["kind"], asked["article_id"]) == ("review.asked", article)
                    and asked["detail"]["review_id"] == row["detail"]["review_id"]
                }
        return {each for each in found if each is not None}
