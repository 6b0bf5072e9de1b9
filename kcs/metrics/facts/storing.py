"""Writing facts: what changed of a ticket's, and of the sums by day with them, in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, case, delete, func, insert, select, update

from kcs import database
from kcs.database import Base, db
from kcs.metrics.facts.models import FOREVER, NO_CODE, NO_ID, DailyActs, DailySolved, SolvedFact, SolvedTag
from kcs.metrics.facts.replaying import Fact, Version

KEYS = ("day", "agent_id", "team_id", "connection_id", "licence", "domain_id", "product_id")
FLAGS = (
    *("inferred", "reused", "created", "modified", "known", "new", "reopened"),
    *("contacted", "one_contact", "rated", "satisfied"),
)
SUMS = ("solved", "linked", "exempt", *FLAGS)
ACT_KEYS = ("day", "agent_id", "team_id")
ACTS = ("linked", "created", "modified", "flagged")
_BATCH = 500

Key = tuple[Any, ...]
Deltas = defaultdict[Key, Counter[str]]


def store_new(found: Mapping[int, Sequence[Version]]) -> None:
    """Write the facts of tickets that have none yet, and leave the sums by day to `sum_up`."""
    _write([], [], [(ticket, version) for ticket, versions in found.items() for version in versions])


def sum_up() -> None:
    """Make the sums by day anew of all facts that hold at present."""
    table = SolvedFact.__table__.c
    keys = [func.coalesce(table[name], NO_CODE if name == "licence" else NO_ID) for name in KEYS]
    outcomes = [
        func.sum(case((table.outcome == outcome, 1), else_=0)).label(outcome)
        for outcome in ("linked", "exempt")
    ]
    sums = [func.count().label("solved"), *outcomes, *(func.sum(table[name]).label(name) for name in FLAGS)]
    present = select(*keys, *sums).where(table.known_to == FOREVER).group_by(*keys)
    db.session.execute(delete(DailySolved))
    db.session.execute(insert(DailySolved).from_select([*KEYS, *SUMS], present, include_defaults=False))


def store(found: Mapping[int, Sequence[Version]]) -> None:
    """Make the facts of these tickets what was found, and the sums by day with them."""
    stored = _stored(list(found))
    deltas: Deltas = defaultdict(Counter)
    gone: list[int] = []
    ended: list[dict[str, Any]] = []
    new: list[tuple[int, Version]] = []
    for ticket, versions in found.items():
        old = {row["known_from"]: row for row in stored.get(ticket, [])}
        for version in versions:
            row = old.pop(version.known_from, None)
            if row is None or not _same(row, version.fact):
                new.append((ticket, version))
                gone += [row["id"]] if row else []
            elif row["known_to"] != version.known_to:
                ended.append({"fact": row["id"], "until": version.known_to})
            else:
                continue
            _count(deltas, version.fact._asdict(), 1 if version.known_to == FOREVER else 0)
            if row is not None:
                _count(deltas, row, -1 if row["known_to"] == FOREVER else 0)
        for left in old.values():
            gone.append(left["id"])
            _count(deltas, left, -1 if left["known_to"] == FOREVER else 0)
    _write(gone, ended, new)
    add(DailySolved, KEYS, SUMS, deltas)


def add(
    model: type[Base], keys: Sequence[str], sums: Sequence[str], deltas: Mapping[Key, Counter[str]]
) -> None:
    """Add to the sums of each key; a key that is new begins with them."""
    rows = [
        {**dict(zip(keys, key, strict=True)), **{name: sums_of[name] for name in sums}}
        for key, sums_of in sorted(deltas.items())
        if any(sums_of.values())
    ]
    if not rows:
        return
    table = model.__table__
    written = database.insert(model)
    db.session.execute(
        written.on_conflict_do_update(
            index_elements=list(keys),
            set_={name: table.c[name] + written.excluded[name] for name in sums},
        ),
        rows,
    )


def add_acts(acts: Mapping[Key, Counter[str]]) -> None:
    """Add to what people did, by (day, agent, team)."""
    add(DailyActs, ACT_KEYS, ACTS, acts)


def key_of(fact: Mapping[str, Any]) -> Key:
    """Return where a fact is added up: what is missing is 0, or an empty text."""
    return tuple(fact[name] or (NO_CODE if name == "licence" else NO_ID) for name in KEYS)


def _count(deltas: Deltas, fact: Mapping[str, Any], sign: int) -> None:
    if not sign:
        return
    sums = deltas[key_of(fact)]
    sums["solved"] += sign
    if fact["outcome"] != "unanswered":
        sums[fact["outcome"]] += sign
    for name in FLAGS:
        sums[name] += sign * fact[name]


def _stored(tickets: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    table = SolvedFact.__table__
    for row in db.session.execute(select(table).where(table.c.ticket_id.in_(tickets))).mappings():
        found[row["ticket_id"]].append({**row, "tags": ()})
    tags = db.session.execute(
        select(SolvedTag.fact_id, SolvedTag.tag_id)
        .join(SolvedFact, SolvedFact.id == SolvedTag.fact_id)
        .where(SolvedFact.ticket_id.in_(tickets))
        .order_by(SolvedTag.tag_id)
    )
    by_fact: defaultdict[int, list[int]] = defaultdict(list)
    for number, tag in tags:
        by_fact[number].append(tag)
    for facts in found.values():
        for fact in facts:
            fact["tags"] = tuple(by_fact.get(fact["id"], ()))
    return found


def _same(row: Mapping[str, Any], fact: Fact) -> bool:
    return all(row[name] == value for name, value in fact._asdict().items())


def _write(gone: list[int], ended: list[dict[str, Any]], new: Iterable[tuple[int, Version]]) -> None:
    for start in range(0, len(gone), _BATCH):
        some = gone[start : start + _BATCH]
        db.session.execute(delete(SolvedTag).where(SolvedTag.fact_id.in_(some)))
        db.session.execute(delete(SolvedFact).where(SolvedFact.id.in_(some)))
    for row in ended:
        db.session.execute(
            update(SolvedFact).where(SolvedFact.id == row["fact"]).values(known_to=row["until"]),
            execution_options={"synchronize_session": False},
        )
    tagged = [(_row(ticket, version), version.fact.tags) for ticket, version in new]
    plain = [row for row, tags in tagged if not tags]
    if plain:
        db.session.execute(insert(cast(Table, SolvedFact.__table__)), plain)
    with_tags = [(row, tags) for row, tags in tagged if tags]
    if with_tags:
        ids = db.session.execute(
            insert(SolvedFact).returning(SolvedFact.id, sort_by_parameter_order=True),
            [row for row, _ in with_tags],
        ).scalars()
        pairs = [
            {"fact_id": fact, "tag_id": tag}
            for fact, (_, tags) in zip(ids, with_tags, strict=True)
            for tag in tags
        ]
        db.session.execute(insert(cast(Table, SolvedTag.__table__)), pairs)


def _row(ticket: int, version: Version) -> dict[str, Any]:
    row = version.fact._asdict()
    del row["tags"]
    return {**row, "ticket_id": ticket, "known_from": version.known_from, "known_to": version.known_to}
