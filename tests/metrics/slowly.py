"""Any history, and a slow reading of it: the log row by row in plain Python, with nothing of the engine's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from kcs.metrics.model import PERIODS, Key, Number, Only, Scope, Segment
from kcs.metrics.periods import Window
from tests.metrics.golden import ANA, BEN, CORA, EVA, NORTH, SOUTH, at

MADRID = ZoneInfo("Europe/Madrid")
# Four days: Sunday the 30th has 23 hours, Tuesday begins another month and quarter.
WINDOW = Window(at("2025-03-28T23:00"), at("2025-04-01T22:00"), MADRID)
WINDOWS = (
    WINDOW,
    Window(at("2025-03-29T23:00"), at("2025-03-30T22:00"), MADRID),
    Window(at("2025-03-29T01:30"), at("2025-04-01T12:34"), MADRID),
    # Two months, two quarters: the first longer than the second.
    Window(at("2025-02-28T23:00"), at("2025-04-30T22:00"), MADRID),
    Window(at("2024-09-30T22:00"), at("2025-03-31T22:00"), MADRID),
    Window(at("2024-12-31T23:00"), at("2025-05-31T22:00"), MADRID),
)
# The windows' ends, the ends of the days inside, and moments around them.
EDGES = [
    at(moment) + timedelta(seconds=seconds)
    for moment in (
        *("2025-03-28T23:00", "2025-03-29T23:00", "2025-03-30T22:00", "2025-03-31T22:00"),
        *("2025-04-01T22:00", "2025-02-28T23:00", "2024-09-30T22:00"),
    )
    for seconds in (-1, 0, 1)
]
BEGINNING = at("2025-03-28T20:00")
SPAN = timedelta(days=5)
PEOPLE = (ANA, BEN, EVA, CORA)
TEAMS = (NORTH, SOUTH)
SOUTH_NOW = (BEN, CORA)
STATES = ("capture", "reuse", "structure", "improve", "exempt", "exempt", "answered", "unanswered")
ON_TICKETS = (
    *["ticket.solve"] * 5,
    *["ticket.link"] * 4,
    *["ticket.measured"] * 3,
    *["ticket.exempt"] * 2,
    *["ticket.draft"] * 2,
    *["ticket.unlink"] * 2,
    "ticket.discard",
    "ticket.improve",
    "ticket.reopen",
    "ticket.excluded",
    "ticket.restored",
    "ticket.commented",
)
ELSEWHERE = ("article.edited", "article.edited", "article.flagged", "agent.licence", "team.department")
DEPARTMENTS = (1, 2, None)
BIRTHS = ("here", "here", "in another ticket", "outside", "imported", "before the log")
CODES = ("candidate", "contributor", "publisher", None)

NOT_TOLD = dict.fromkeys(
    ("opened", "contacts", "first_reply", "worked", "satisfied", "domain", "product", "tags")
)

WRITTEN = {Segment.DAY: "%Y-%m-%d", Segment.WEEK: "%G-W%V", Segment.MONTH: "%Y-%m"}

Row = dict[str, Any]
Thing = dict[str, Any]
Figures = dict[str, Number | None]


@dataclass
class Teller:
    """Tells a history act by act; the history of fewer acts is the beginning of that of more."""

    random: Random
    tickets: int
    step: timedelta
    moment: datetime = BEGINNING
    rows: list[Row] = field(default_factory=list)
    born: set[int] = field(default_factory=set)

    def go_on(self) -> None:
        """Tell one act more; time passes since the one before, or it does not."""
        self.moment += self.step * self.random.choice((0, 0, 1, 2, 2))
        kind = self.random.choice((*ON_TICKETS, *ELSEWHERE))
        if kind == "agent.licence":
            detail = {"agent_id": self.random.choice(PEOPLE)}
            self._add(kind, happened_at=self.moment, after=self.random.choice(CODES), detail=detail)
            return
        if kind == "team.department":
            told = {"team_id": self.random.choice(TEAMS), "department_id": self.random.choice(DEPARTMENTS)}
            self._add(kind, happened_at=self.moment, detail=told)
            return
        ticket = self.random.randint(1, self.tickets)
        if kind.startswith("article."):
            self._add(kind, ticket_id=self.random.choice((None, ticket)), **self._article(ticket))
        elif kind == "ticket.measured":
            self._add(kind, ticket_id=ticket, agent_id=None, team_id=None, detail=self._measured())
        else:
            self._add(kind, ticket_id=ticket, **self._of_the_loop(kind, ticket))

    def _of_the_loop(self, kind: str, ticket: int) -> Row:
        about: Row = {"after": self.random.choice(STATES)}
        if kind in ("ticket.link", "ticket.draft", "ticket.unlink", "ticket.discard", "ticket.improve"):
            about |= {"link_id": 10 * ticket + self.random.randint(1, 4), **self._article(ticket)}
            about["role"] = self.random.choice(("resolution", "resolution", "reference"))
        if kind == "ticket.solve" and self.random.random() < 0.2:
            about["detail"] = {"inferred": True}
        return about

    def _article(self, ticket: int) -> Row:
        """Choose an article; the first that is told of it is how it began, unless that was before the log."""
        article = self.random.randint(1, self.tickets + 3)
        if article not in self.born:
            self.born.add(article)
            how = self.random.choice(BIRTHS)
            inside = {"here": ticket, "in another ticket": ticket % self.tickets + 1}.get(how)
            kind = "article.imported" if how == "imported" else "article.created"
            if how != "before the log":
                self._add(kind, article_id=article, ticket_id=inside)
        return {"article_id": article}

    def _measured(self) -> Row:
        choice = self.random.choice
        return {
            "opened": choice((None, *(edge.isoformat() for edge in EDGES), "2025-03-01T10:00:00+00:00")),
            "contacts": choice((None, 0, 1, 1, 2, 3)),
            "first_reply": choice((None, 0, 59, 600, 601)),
            "worked": choice((None, 0, 61, 600, 86_401)),
            "satisfied": choice((None, True, False)),
            "domain": choice((None, 1, 2)),
            "product": choice((None, 5, 6)),
            "tags": choice(([], [], [7], [8], [7, 8], [7, 8, 9])),
        }

    def _add(self, kind: str, **about: Any) -> None:
        happened = self.random.choice((self.moment, self.moment, self.random.choice(EDGES)))
        self.rows.append(
            {
                "kind": kind,
                "happened_at": happened,
                "recorded_at": self.moment,
                "agent_id": self.random.choice((None, *PEOPLE)),
                "team_id": self.random.choice((None, *TEAMS)),
                "connection_id": self.random.choice((None, 1, 2)),
                "authority": "test",
                "detail": {},
                **dict.fromkeys(("ticket_id", "article_id", "link_id", "role", "before", "after")),
                **about,
            }
        )


def history(seed: int, acts: int, *, tickets: int = 4) -> list[Row]:
    """Return a history of so many acts, in the order of the log."""
    step = timedelta(seconds=SPAN // timedelta(seconds=20 * tickets))
    teller = Teller(Random(seed), tickets, step)
    for _ in range(acts):
        teller.go_on()
    return teller.rows


@dataclass(frozen=True)
class Reading:
    """What the log says as of a moment: tickets that stand solved, and what people did."""

    solved: list[Thing]
    acts: list[Thing]

    def of(self, report: str, scope: Scope) -> list[Thing]:
        """Return what a report counts within a scope."""
        things = self.acts if report == "activity" else self.solved
        return [thing for thing in things if _is_within(thing, scope)]

    def rows(self, report: str, scope: Scope, by: Segment) -> dict[Key, Figures]:
        """Return the figures of a report by the keys of its rows."""
        if report == "participation":
            return self._participation(scope, by)
        found: dict[Key, list[Thing]] = {label: [] for label in _labels(scope.window, by)}
        for thing in self.of(report, scope):
            for key in _keys(thing, by):
                if scope.only.keys.get(by, key) == key:
                    found.setdefault(key, []).append(thing)
        return {key: figures(report, things) for key, things in found.items()}

    def total(self, report: str, scope: Scope) -> Figures:
        """Return the figures of everything within a scope."""
        if report == "participation":
            return _taking_part(*self._people(scope))
        return figures(report, self.of(report, scope))

    def listed(self, report: str, scope: Scope, count: str) -> list[Any]:
        """Return what a count opens: tickets or acts, latest first; people."""
        if report == "participation":
            closers, acting = self._people(scope)
            return sorted(closers if count == "closers" else closers & acting)
        things = [thing for thing in self.of(report, scope) if thing[count]]
        return sorted(((thing["at"], thing["ticket"] or 0) for thing in things), reverse=True)

    def _people(self, scope: Scope) -> tuple[set[int], set[int]]:
        alone = Scope(scope.window, scope.as_of, scope.reach, Only())
        closers = {thing["agent"] for thing in self.of("link-rate", scope)}
        return closers - {None}, {thing["agent"] for thing in self.of("activity", alone)}

    def _participation(self, scope: Scope, by: Segment) -> dict[Key, Figures]:
        if by in PERIODS:
            found: dict[Key, Figures] = {}
            for label in _labels(scope.window, by):
                of_then = Reading(
                    [thing for thing in self.solved if _keys(thing, by) == [label]],
                    [thing for thing in self.acts if _keys(thing, by) == [label]],
                )
                found[label] = of_then.total("participation", scope)
            return found
        keys = {key for thing in self.of("link-rate", scope) if thing["agent"] for key in _keys(thing, by)}
        return {
            key: self.total(
                "participation", Scope(scope.window, scope.as_of, scope.reach, scope.only.and_(by, key))
            )
            for key in keys
        }


def _taking_part(closers: set[int], acting: set[int]) -> Figures:
    return {"closers": len(closers), "active": len(closers & acting)}


COUNTS = {
    "link-rate": ("solved", "linked", "exempt", "unanswered", "inferred"),
    "known": ("solved", "known", "new", "unknown", "reused", "created"),
    "handling": (
        *("solved", "reopened", "contacted", "one_contact", "rated", "satisfied", "timed", "work_seconds"),
    ),
    "activity": ("linked", "created", "modified", "flagged"),
}
MEDIANS = {"time_to_relief": "relief", "first_response": "first_reply"}


def figures(report: str, things: Iterable[Thing]) -> Figures:
    """Add things up."""
    things = list(things)
    found: Figures = {name: sum(int(thing[name]) for thing in things) for name in COUNTS[report]}
    if report == "handling":
        for name, measure in MEDIANS.items():
            values = [thing[measure] for thing in things if thing[measure] is not None]
            found[name] = median(values) if values else None
    return found


def _is_within(thing: Thing, scope: Scope) -> bool:
    window, reach = scope.window, scope.reach
    if not window.start <= thing["at"] < window.end:
        return False
    if not reach.everybody:
        people = {reach.agent_id, *(SOUTH_NOW if reach.team_id == SOUTH else ())}
        if thing["agent"] is None or thing["agent"] not in people:
            return False
    return all(key in _keys(thing, segment) for segment, key in scope.only.keys.items())


def _keys(thing: Thing, by: Segment) -> list[Key]:
    if by in PERIODS:
        return [_label(thing["at"], by)]
    if by is Segment.TAG:
        return list(thing["tags"]) or ["none"]
    return ["none" if thing[by.value] is None else thing[by.value]]


def _label(moment: datetime, by: Segment) -> str:
    day = moment.astimezone(MADRID)
    if by is Segment.QUARTER:
        return f"{day.year}-Q{(day.month - 1) // 3 + 1}"
    return day.strftime(WRITTEN[by])


@lru_cache
def _labels(window: Window, by: Segment) -> list[str]:
    """Return the periods of a window, hour by hour; none for what is no period."""
    if by not in PERIODS:
        return []
    hours = int((window.end - window.start) / timedelta(hours=1))
    moments = [window.start + timedelta(hours=hour) for hour in range(hours)]
    return list(dict.fromkeys(_label(moment, by) for moment in [*moments, window.end - timedelta(seconds=1)]))


def read_slowly(rows: list[Row], as_of: datetime) -> Reading:
    """Return what the rows recorded before a moment say."""
    first: dict[int, Row] = {}
    for row in rows:
        first.setdefault(row["article_id"], row)
    recorded = [row for row in rows if row["recorded_at"] < as_of]
    granted = [row for row in recorded if row["kind"] == "agent.licence"]
    by_ticket: defaultdict[int, list[Row]] = defaultdict(list)
    for row in recorded:
        by_ticket[row["ticket_id"]].append(row)
    solved = []
    for ticket, mine in by_ticket.items():
        standing = [row for place, row in enumerate(mine) if _stands(row, mine[place + 1 :])]
        if standing and standing[-1]["kind"] == "ticket.solve":
            solved.append(_said_of(ticket, standing[-1], mine, granted, first))
    begun = {_whose(row) for row in rows if row["kind"] == "article.created"}
    acts = [act for row in recorded if (act := _act(row, begun)) is not None]
    told = [row["detail"] for row in recorded if row["kind"] == "team.department"]
    departments = {each["team_id"]: each["department_id"] for each in told}
    for thing in (*solved, *acts):
        thing["department"] = departments.get(thing["team"])
    return Reading(solved, acts)


def _stands(row: Row, later: list[Row]) -> bool:
    """A ticket left out stands so until it is restored; then what was before it holds."""
    if row["kind"] == "ticket.excluded":
        return all(each["kind"] != "ticket.restored" for each in later)
    return row["kind"] in ("ticket.solve", "ticket.reopen")


def _said_of(ticket: int, solve: Row, mine: list[Row], granted: list[Row], first: Mapping[int, Row]) -> Thing:
    links = _links(mine)
    measured = [row["detail"] for row in mine if row["kind"] == "ticket.measured"]
    told = measured[-1] if measured else NOT_TOLD
    opened = told["opened"] and datetime.fromisoformat(told["opened"])
    reused, older = False, False
    for link in links:
        begun = first[link["article_id"]]
        tells = begun["kind"] in ("article.created", "article.imported")
        if link["kind"] == "ticket.draft" or (tells and begun["ticket_id"] == ticket):
            continue
        reused = True
        if not tells or opened is None or begun["happened_at"] < opened:
            older = True
    outcome = "linked" if links else "exempt" if _last_state(mine) == "exempt" else "unanswered"
    return {
        "ticket": ticket,
        "at": solve["happened_at"],
        "agent": solve["agent_id"],
        "team": solve["team_id"],
        "desk": solve["connection_id"],
        "licence": _licence(solve, granted),
        "domain": told["domain"],
        "product": told["product"],
        "tags": told["tags"] or [],
        "outcome": outcome,
        "solved": True,
        "linked": outcome == "linked",
        "exempt": outcome == "exempt",
        "unanswered": outcome == "unanswered",
        "unknown": outcome != "linked",
        "inferred": "inferred" in solve["detail"],
        "reused": reused,
        "created": any(link["kind"] == "ticket.draft" for link in links),
        "modified": any(row["kind"] == "ticket.improve" for row in mine),
        "known": older,
        "new": bool(links) and not older,
        "reopened": any(row["kind"] == "ticket.reopen" for row in mine),
        "contacted": (told["contacts"] or 0) >= 1,
        "one_contact": told["contacts"] == 1,
        "rated": told["satisfied"] in (True, False),
        "satisfied": told["satisfied"] is True,
        "timed": told["worked"] is not None,
        "work_seconds": told["worked"] or 0,
        "worked": told["worked"],
        "first_reply": told["first_reply"],
        "relief": max(0, int((solve["happened_at"] - opened).total_seconds())) if opened else None,
    }


def _links(mine: list[Row]) -> list[Row]:
    removed = {row["link_id"] for row in mine if row["kind"] in ("ticket.unlink", "ticket.discard")}
    return [
        row
        for row in mine
        if row["kind"] in ("ticket.link", "ticket.draft")
        and row["role"] == "resolution"
        and row["link_id"] not in removed
    ]


# What is no act of the solve loop changes no state.
_NO_STATE = ("ticket.measured", "ticket.commented")


def _last_state(mine: list[Row]) -> str:
    of_the_loop = [row for row in mine if row["kind"].startswith("ticket.") and row["kind"] not in _NO_STATE]
    return str(of_the_loop[-1]["after"])


def _licence(solve: Row, granted: list[Row]) -> str | None:
    """Return the licence of whoever solved, when it was solved, or recorded should the desk be fast."""
    moment = min(solve["happened_at"], solve["recorded_at"])
    codes = [
        row["after"]
        for row in granted
        if row["detail"]["agent_id"] == solve["agent_id"] and row["happened_at"] <= moment
    ]
    return codes[-1] if codes else None


def _whose(row: Row) -> tuple[int | None, ...]:
    return row["article_id"], row["agent_id"], row["ticket_id"]


def _act(row: Row, begun: set[tuple[int | None, ...]]) -> Thing | None:
    if row["agent_id"] is None:
        return None
    kind = row["kind"]
    still_creating = row["ticket_id"] is not None and _whose(row) in begun
    did = {
        "linked": kind == "ticket.link" and row["role"] == "resolution",
        "created": kind == "article.created",
        "modified": kind == "article.edited" and not still_creating,
        "flagged": kind == "article.flagged",
    }
    if not any(did.values()):
        return None
    # Articles of this history are in no domain.
    about = {"agent": row["agent_id"], "team": row["team_id"], "ticket": row["ticket_id"], "domain": None}
    return {"at": row["happened_at"], **about, **did}
