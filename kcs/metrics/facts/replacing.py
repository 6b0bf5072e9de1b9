"""Writing facts that were found anew: what is kept already stays, the rest goes or is added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Column, Table, delete, insert, select

from kcs.database import Base, db

Row = Mapping[str, Any]
_BATCH = 500


def replace(model: type[Base], owner: str, found: Mapping[int, Sequence[Row]]) -> None:
    """Make the rows of these owners what was found of each of them; `owner` is the column that names them."""
    table = cast(Table, model.__table__)
    (key,) = table.primary_key
    names = [column.name for column in table.c if column.name != "id"]
    kept: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in db.session.execute(select(table).where(table.c[owner].in_(list(found)))).mappings():
        kept[tuple(row[name] for name in names)].append(row[key])
    new = []
    for wanted in (row for rows in found.values() for row in rows):
        same = kept[tuple(wanted[name] for name in names)]
        if same:
            same.pop()
        else:
            new.append(wanted)
    _delete(table, key, [number for left in kept.values() for number in left])
    add(model, new)


def add(model: type[Base], rows: Sequence[Row]) -> None:
    """Write rows of owners that have none yet."""
    if rows:
        db.session.execute(insert(cast(Table, model.__table__)), [dict(row) for row in rows])


def _delete(table: Table, key: Column[Any], gone: Sequence[Any]) -> None:
    for start in range(0, len(gone), _BATCH):
        db.session.execute(delete(table).where(key.in_(gone[start : start + _BATCH])))
