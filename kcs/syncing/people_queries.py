"""How a desk's users stand to us: mapped, unknown, in conflict, gone; told by the database as of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from kcs.database import db
from kcs.errors import NotFound
from kcs.people.identities import OURS
from kcs.people.models import Agent, Decision, Identity
from kcs.tickets.models import Connection

PER_PAGE = 25
LARGEST_ID = 2**31 - 1


class Standing(StrEnum):
    """How a desk user stands to us; the first four want an administrator's word."""

    SHARED = "shared"
    MOVED = "moved"
    INACTIVE = "inactive"
    LEFT = "left"
    UNMAPPED = "unmapped"
    MAPPED = "mapped"
    MACHINE = "machine"
    NOBODY = "nobody"
    GONE = "gone"


ATTENTION = (Standing.SHARED, Standing.MOVED, Standing.INACTIVE, Standing.LEFT)


@dataclass(frozen=True)
class DeskPerson:
    """A desk user with how they stand."""

    identity: Identity
    standing: Standing


def count_standings(connection_id: int) -> dict[Standing, int]:
    """Return how many of a desk's users stand how."""
    standing = _standing()
    query = (
        select(standing, func.count())
        .select_from(Identity)
        .outerjoin(Agent, Agent.id == Identity.agent_id)
        .where(Identity.connection_id == connection_id)
        .group_by(standing)
    )
    return {Standing(name): count for name, count in db.session.execute(query)}


def needs_attention(counts: Mapping[Standing, int]) -> int:
    """Return how many want an administrator's word."""
    return sum(counts.get(each, 0) for each in ATTENTION)


def page_of_people(connection: Connection, standing: Standing | None, *, page: int) -> Pagination:
    """Return one page of a desk's users, those who want a word first."""
    told = _standing()
    query = (
        select(Identity.id)
        .outerjoin(Agent, Agent.id == Identity.agent_id)
        .where(Identity.connection_id == connection.id)
    )
    if standing is not None:
        query = query.where(told == standing.value)
    place = case(
        (told.in_([each.value for each in ATTENTION]), 0), (told == Standing.UNMAPPED.value, 1), else_=2
    )
    query = query.order_by(place, func.lower(Identity.name), Identity.id)
    return db.paginate(query, page=page, per_page=PER_PAGE, error_out=False)


def people_named(ids: list[int]) -> list[DeskPerson]:
    """Return desk users by their numbers, in that order."""
    query = (
        select(Identity, _standing())
        .outerjoin(Agent, Agent.id == Identity.agent_id)
        .where(Identity.id.in_(ids))
        .options(joinedload(Identity.agent))
    )
    found = {row[0].id: DeskPerson(row[0], Standing(row[1])) for row in db.session.execute(query)}
    return [found[each] for each in ids if each in found]


def get_identity(connection: Connection, identity_id: int) -> Identity:
    """Return a user of this desk. Raises NotFound."""
    found = db.session.get(Identity, identity_id) if identity_id <= LARGEST_ID else None
    if found is None or found.connection_id != connection.id:
        raise NotFound("This desk has no user %(number)s.", number=identity_id)
    return found


def _standing() -> ColumnElement[str]:
    """Say how an identity stands, joined with its agent if it has one. The first that fits holds."""
    said = Identity.decision
    machine = or_(said == Decision.MACHINE, and_(said.is_(None), Identity.machine))
    namesake = _agent_of_address()
    rules: list[tuple[ColumnElement[bool], Standing]] = [
        (said == Decision.NOBODY, Standing.NOBODY),
        (machine, Standing.MACHINE),
        (and_(said == Decision.STAYS, Agent.active.is_(True)), Standing.MAPPED),
        (and_(~Identity.active, Agent.active.is_(True)), Standing.LEFT),
        (~Identity.active, Standing.GONE),
        (Agent.active.is_(False), Standing.INACTIVE),
        (said.in_(OURS), Standing.MAPPED),
        (or_(_has_twin(), _is_taken()), Standing.SHARED),
        (and_(Identity.agent_id.is_not(None), namesake != Identity.agent_id), Standing.MOVED),
        (Identity.agent_id.is_not(None), Standing.MAPPED),
        (namesake.is_not(None), Standing.INACTIVE),
    ]
    return case(*((rule, name.value) for rule, name in rules), else_=Standing.UNMAPPED.value)


def _agent_of_address() -> ColumnElement[int | None]:
    """Whose address of ours a verified address is."""
    namesake = aliased(Agent)
    verified = case((Identity.email_verified, Identity.email))
    return select(namesake.id).where(namesake.email == verified).correlate(Identity).scalar_subquery()


def _has_twin() -> ColumnElement[bool]:
    """Another person of the desk has the same verified address."""
    twin = aliased(Identity)
    return and_(
        Identity.email_verified,
        exists()
        .where(
            twin.connection_id == Identity.connection_id,
            twin.email == Identity.email,
            twin.email_verified,
            twin.id != Identity.id,
            _is_open(twin.decision),
        )
        .correlate(Identity),
    )


def _is_open(decision: InstrumentedAttribute[Decision | None]) -> ColumnElement[bool]:
    return or_(decision.is_(None), decision.in_(OURS))


def _is_taken() -> ColumnElement[bool]:
    """The colleague whose address it is, or who it is mapped to, is another user of this desk."""
    other = aliased(Identity)
    whom = func.coalesce(Identity.agent_id, _agent_of_address())
    return (
        exists()
        .where(
            other.connection_id == Identity.connection_id,
            other.agent_id == whom,
            other.id != Identity.id,
        )
        .correlate(Identity)
    )
