"""The people of a desk: who works there, in which groups, who has left, and who of us they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import RemoteError
from kcs.people.identities import map_by_address, normal
from kcs.people.models import Agent, Identity
from kcs.people.services import deactivate
from kcs.ports import DeskAgent
from kcs.syncing.credit import settle_credit
from kcs.syncing.hints import Desks
from kcs.syncing.models import PROBLEM, SyncKind, SyncRun
from kcs.syncing.people_queries import count_standings, needs_attention
from kcs.text import clean_line, clean_words
from kcs.tickets.accounts import credentials_of
from kcs.tickets.models import Connection
from workflow.permissions import Role

AT_ONCE = 200
LONGEST_GROUPS = 50


def sync_people(desks: Desks, connection_id: int) -> SyncRun:
    """Read who works on a desk, map them by verified address, and credit what they solved.

    Whoever the desk names no more has left it. Raises RemoteError; the reason is kept.
    """
    run_id = _begin(connection_id)
    try:
        seen = _read_all(desks, connection_id)
    except RemoteError as error:
        db.session.rollback()
        _end(run_id, 0, clean_words(error.message, limit=PROBLEM))
        raise
    _leave_out(connection_id, seen)
    _map_all(connection_id)
    settle_credit(connection_id)
    _deactivate_leavers(connection_id)
    return _end(run_id, len(seen), "")


def _begin(connection_id: int) -> int:
    moment = database.now()
    run = SyncRun(connection_id=connection_id, kind=SyncKind.PEOPLE, since=moment, started_at=moment)
    db.session.add(run)
    db.session.commit()
    return run.id


def _end(run_id: int, looked_at: int, problem: str) -> SyncRun:
    run = db.session.get_one(SyncRun, run_id)
    run.looked_at, run.problem, run.finished_at = looked_at, problem, database.now()
    run.found = needs_attention(count_standings(run.connection_id))
    db.session.commit()
    return run


def _read_all(desks: Desks, connection_id: int) -> set[str]:
    """Take over who the desk names; nothing of the database is held while it is asked."""
    with database.reading():
        connection = db.session.get_one(Connection, connection_id)
        provider = desks.providers[connection.provider]
        credentials = credentials_of(connection, provider)
    directory = provider.staff(credentials)
    names = {group.id: clean_line(group.name) for group in directory.groups()}
    seen: set[str] = set()
    agents = directory.agents()
    while batch := list(islice(agents, AT_ONCE)):
        _take(connection_id, batch, names)
        db.session.commit()
        seen.update(each.id for each in batch)
    return seen


def _take(connection_id: int, batch: Sequence[DeskAgent], names: Mapping[str, str]) -> None:
    query = select(Identity).where(
        Identity.connection_id == connection_id, Identity.remote_id.in_([each.id for each in batch])
    )
    known = {each.remote_id: each for each in db.session.execute(query).scalars()}
    for agent in batch:
        identity = known.get(agent.id)
        if identity is None:
            identity = known[agent.id] = Identity(connection_id=connection_id, remote_id=agent.id)
            db.session.add(identity)
        identity.name = clean_line(agent.name)
        identity.email, identity.email_verified = normal(agent.email), agent.email_verified
        identity.active, identity.light, identity.machine = agent.active, agent.light, agent.machine
        groups = [names[each] for each in agent.group_ids if each in names]
        identity.group_names = sorted(groups)[:LONGEST_GROUPS]
    db.session.flush()


def _leave_out(connection_id: int, seen: set[str]) -> None:
    """Whoever is named no more has left; a desk that names nobody has not told us who works there."""
    if not seen:
        return
    query = select(Identity.id, Identity.remote_id)
    query = query.where(Identity.connection_id == connection_id, Identity.active)
    gone = [row.id for row in db.session.execute(query) if row.remote_id not in seen]
    for start in range(0, len(gone), AT_ONCE):
        db.session.execute(
            update(Identity).where(Identity.id.in_(gone[start : start + AT_ONCE])).values(active=False)
        )
    db.session.commit()


def _map_all(connection_id: int) -> None:
    for identity in _unmapped(connection_id):
        if map_by_address(identity):
            record(
                "identity.mapped",
                authority=f"desk:{connection_id}",
                connection_id=connection_id,
                after="by_address",
                detail={"identity_id": identity.id, "agent_id": identity.agent_id},
            )
    db.session.commit()


def _unmapped(connection_id: int) -> Iterator[Identity]:
    last = 0
    while True:
        query = select(Identity).where(
            Identity.connection_id == connection_id,
            Identity.agent_id.is_(None),
            Identity.decision.is_(None),
            Identity.email_verified,
            Identity.id > last,
        )
        found = list(db.session.execute(query.order_by(Identity.id).limit(AT_ONCE)).scalars())
        if not found:
            return
        last = found[-1].id
        yield from found


def _deactivate_leavers(connection_id: int) -> None:
    """Where the connection says so: whoever left the desk, and is on no other, loses their access here.

    Never an administrator: somebody must be there to undo it.
    """
    connection = db.session.get_one(Connection, connection_id)
    if not connection.deactivate_leavers:
        db.session.rollback()
        return
    other = aliased(Identity)
    elsewhere = exists().where(other.agent_id == Agent.id, other.active)
    query = (
        select(Agent)
        .join(Identity, Identity.agent_id == Agent.id)
        .where(Identity.connection_id == connection_id, ~Identity.active, Agent.active, ~elsewhere)
    )
    for agent in list(db.session.execute(query).scalars().unique()):
        if Role.ADMIN not in agent.roles:
            deactivate(agent)
    db.session.commit()
