"""What `kcs connection` takes about writing to tickets."""

from __future__ import annotations

from kcs.tickets.models import Connection, WriteBack
from kcs.writing_back.switches import named, set_writes

WRITE = f"What is written to its tickets: some of {', '.join(WriteBack)}, with commas, or none."
STATE_FIELD = "The ticket field that holds the knowledge state: its number or name there."
TAG_PREFIX = "What the tags with the knowledge state begin with."


def change_writes(
    connection: Connection,
    write: str | None,
    *,
    state_field: str | None = None,
    tag_prefix: str | None = None,
) -> None:
    """Change what is given; None stays as it is. Raises InvalidInput."""
    kinds = [WriteBack(kind) for kind in connection.writes] if write is None else named(write)
    set_writes(connection, kinds, state_field=state_field, tag_prefix=tag_prefix)
