"""Past tickets from elsewhere, with the articles that solved them: taken from lines, committed in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate
from sqlalchemy import select

from kcs.articles.taking import Done
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.lines import Moment, RemoteId, person, read
from kcs.people.models import Agent
from kcs.people.queries import find_by_email
from kcs.people.services import add_agent
from kcs.solving.past_tickets_rows import PastTicket
from kcs.solving.past_tickets_taking import take
from kcs.text import LONG, clean, clean_line
from kcs.tickets.models import Connection
from kcs.tickets.queries import get_connection
from kcs.tickets.services import add_connection

BATCH = 500
BATCH_CHARACTERS = 4_000_000
LONGEST_TITLE = 1000
LONGEST_ID = 120

# Where tickets live that no desk of ours has: nothing is asked of it and nothing sent to it.
PROVIDER = "import"
CONNECTION = "imported"
# Who makes the links of tickets that name no agent of ours: nobody who can sign in, or gets credit for it.
NOBODY = "import@kcs.invalid"


@dataclass(frozen=True)
class Outcome:
    """What became of a line, counted from 1. `remarks` say why it was refused, or what of it was left out."""

    line: int
    id: str | None
    done: Done
    remarks: tuple[str, ...] = ()


class PastTicketLine(Schema):
    """One line: a ticket's subject and text, and the keys of the articles that solved it."""

    id = RemoteId(required=True, validate=validate.Length(1, LONGEST_ID))
    title = fields.String(load_default="", allow_none=True)
    body = fields.String(load_default="", allow_none=True, validate=validate.Length(max=LONG))
    articles = fields.List(RemoteId(), load_default=list, allow_none=True)
    solved_at = Moment()
    agent = person()

    @post_load
    def _ticket(self, given: dict[str, Any], **_: object) -> PastTicket:
        made = PastTicket(
            id=clean_line(given["id"], limit=LONGEST_ID),
            title=clean_line(given["title"] or "", limit=LONGEST_TITLE),
            body=clean(given["body"] or ""),
            articles=_distinct(given["articles"] or ()),
            solved_at=given.get("solved_at"),
            agent=given.get("agent"),
        )
        if not made.id:
            raise ValidationError({"id": ["It is empty."]})
        if not made.title and not made.body.strip():
            raise ValidationError({"title": ["There are no words: title and body are empty."]})
        return made


_LINE = PastTicketLine()


def import_past_tickets(
    lines: Iterable[str | bytes],
    *,
    by: Agent | None = None,
    connection: str | None = None,
    dry_run: bool = False,
) -> Iterator[Outcome]:
    """Take each line over, in batches that are committed as a whole; yield what became of each, in order.

    A line that is refused changes nothing and does not stop the others. The same lines again change nothing,
    so after a break they take the rest. `by` makes the links of tickets without a known agent, by default
    nobody in particular. `connection` names a desk of ours that the tickets belong to. `dry_run` takes all of
    it back at the end. Raises NotFound, InvalidInput for the connection.
    """
    tried = db.session.begin_nested() if dry_run else None
    try:
        into, by = _connection(connection), by or _nobody()
        for batch in _batches(lines):
            outcomes = _take(batch, into, by)
            if not dry_run:
                db.session.commit()
            yield from outcomes
    finally:
        if tried is not None:
            tried.rollback()


def _take(batch: list[_Line], into: Connection, by: Agent) -> list[Outcome]:
    taken = iter(take([read for _, read in batch if isinstance(read, PastTicket)], into=into, by=by))
    outcomes = []
    for number, read_line in batch:
        if isinstance(read_line, PastTicket):
            done, remarks = next(taken)
            outcomes.append(Outcome(number, read_line.id, done, remarks))
        else:
            outcomes.append(Outcome(number, None, Done.REFUSED, (read_line,)))
    return outcomes


# A line's number, and the ticket it holds or why it is refused.
_Line = tuple[int, PastTicket | str]


def _batches(lines: Iterable[str | bytes]) -> Iterator[list[_Line]]:
    """Yield the lines in batches, a ticket once in each: its second line changes the first."""
    batch: list[_Line] = []
    ids: set[str] = set()
    size = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        size += len(line)
        ticket = _read(line)
        again = isinstance(ticket, PastTicket) and ticket.id in ids
        if batch and (again or len(batch) == BATCH or size > BATCH_CHARACTERS):
            yield batch
            batch, ids, size = [], set(), len(line)
        batch.append((number, ticket))
        if isinstance(ticket, PastTicket):
            ids.add(ticket.id)
    if batch:
        yield batch


def _read(line: str | bytes) -> PastTicket | str:
    try:
        ticket: PastTicket = read(_LINE, line)
    except InvalidInput as error:
        return error.message
    return ticket


def _connection(name: str | None) -> Connection:
    if name is not None:
        return get_connection(name)
    found = db.session.execute(select(Connection).where(Connection.name == CONNECTION)).scalar_one_or_none()
    if found is None:
        found = add_connection(CONNECTION, provider=PROVIDER, subdomain="", token="")
        found.active = False
    if found.provider != PROVIDER:
        raise InvalidInput(
            f"The connection '{CONNECTION}' is a desk: name the one to import into with --connection."
        )
    return found


def _nobody() -> Agent:
    found = find_by_email(NOBODY)
    if found is None:
        found = add_agent(NOBODY, "Import")
        found.active = False
        db.session.flush()
    return found


def _distinct(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean_line(key, limit=LONGEST_ID) for key in keys))
