"""What is written to a connection's tickets: each kind is switched on by itself."""

from __future__ import annotations

import re
from collections.abc import Collection

from kcs.activity.services import record
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.tickets.models import Connection, WriteBack

NONE = "none"
_FIELD = re.compile(r"[A-Za-z0-9_]{0,64}", re.ASCII)
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)


def named(text: str) -> list[WriteBack]:
    """Return the kinds in a list with commas, 'none' for none. Raises InvalidInput for any other word."""
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if words == [NONE]:
        return []
    try:
        return [WriteBack(word) for word in words]
    except ValueError as error:
        kinds = ", ".join(WriteBack)
        raise InvalidInput(
            "'%(text)s' is nothing we write: name some of %(kinds)s, or 'none'.", text=text, kinds=kinds
        ) from error


def begin_writing(connection: Connection) -> None:
    """A new connection begins with what its policy at solving says: a reminder where nothing was linked."""
    set_writes(connection, [WriteBack.REMINDER])


def set_writes(
    connection: Connection,
    kinds: Collection[WriteBack],
    *,
    state_field: str | None = None,
    tag_prefix: str | None = None,
    by: Agent | None = None,
) -> None:
    """Say what is written from now on; None keeps a name as it is. Again changes nothing.

    Tags under a former prefix stay on their tickets. Raises InvalidInput.
    """
    field = connection.state_field if state_field is None else state_field.strip()
    prefix = connection.tag_prefix if tag_prefix is None else tag_prefix.strip()
    _check(kinds, field, prefix)
    wanted = [each.value for each in WriteBack if each in kinds]
    before = _told(connection)
    connection.writes, connection.state_field, connection.tag_prefix = wanted, field, prefix
    if WriteBack.PINS not in kinds:
        connection.no_pins_until = None
    if _told(connection) != before:
        record(
            "connection.writes_set",
            authority="admin" if by else "system",
            agent=by,
            connection_id=connection.id,
            before=before,
            after=_told(connection),
        )


def _told(connection: Connection) -> str:
    return f"{','.join(connection.writes) or NONE} {connection.tag_prefix} {connection.state_field}".strip()


def _check(kinds: Collection[WriteBack], field: str, prefix: str) -> None:
    errors: dict[str, object] = {}
    if not _FIELD.fullmatch(field):
        errors["state_field"] = [Sentence("this is no field's number or name")]
    elif WriteBack.FIELD in kinds and not field:
        errors["state_field"] = [Sentence("say which field holds the state")]
    if not _PREFIX.fullmatch(prefix):
        errors["tag_prefix"] = [Sentence("use small letters, digits and underscores, a letter first")]
    if errors:
        raise InvalidInput("What is to be written cannot be set like this.", errors=errors)
