"""List and replay the rows of a worklist: the same for the inbox and the outbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from kcs import worklist
from kcs.database import db
from kcs.errors import NotFound
from kcs.worklist import WorkItem, WorkState


def rows_of(model: type[WorkItem], state: str | None, limit: int) -> list[WorkItem]:
    """Return the latest rows, of one state when given."""
    query = select(model).order_by(model.id.desc()).limit(limit)
    if state is not None:
        query = query.where(model.state == WorkState(state))
    return list(db.session.execute(query).scalars())


def show(rows: list[WorkItem], about: Callable[[Any], str], *, as_json: bool) -> None:
    """Print rows, one a line."""
    for row in rows:
        if as_json:
            click.echo(json.dumps(_as_data(row, about), ensure_ascii=False))
        else:
            when = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
            line = f"{row.id:>8}  {row.state:<8} {row.attempts:>3}×  {when}  {about(row)}  {row.reason}"
            click.echo(line.rstrip())
    if not rows and not as_json:
        click.echo("Nothing here.")


def replay(model: type[WorkItem], ids: tuple[int, ...], *, everything: bool) -> int:
    """Put parked rows back to work, in one transaction. Raises NotFound naming the row that is not parked."""
    if everything:
        parked = select(model.id).where(model.state == WorkState.PARKED)
        ids = tuple(db.session.execute(parked).scalars())
    for row_id in ids:
        if not worklist.replay(model, row_id):
            raise NotFound(f"There is no parked row {row_id}.")
    db.session.commit()
    return len(ids)


def _as_data(row: WorkItem, about: Callable[[Any], str]) -> dict[str, object]:
    moments: dict[str, datetime | None] = {
        "created_at": row.created_at,
        "not_before": row.not_before,
        "finished_at": row.finished_at,
    }
    return {
        "id": row.id,
        "state": row.state.value,
        "attempts": row.attempts,
        "about": about(row),
        "reason": row.reason,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
    }
