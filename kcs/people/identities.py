"""Who a desk user is to us: mapped by a verified address, or as an administrator said; never by a guess."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, or_, select

from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, WorkflowError
from kcs.people.models import Agent, Decision, Identity
from kcs.people.queries import find_by_email
from kcs.people.services import activate, add_agent, deactivate
from kcs.text import clean_line

OURS = (Decision.MAPPED, Decision.STAYS)


def identify(
    connection_id: int, remote_id: str, *, name: str, email: str | None, email_verified: bool
) -> Identity:
    """Return who a desk user is to us; one nobody has mapped yet is mapped by a verified address."""
    identity = known_identity(connection_id, remote_id)
    if identity is None:
        identity = Identity(
            connection_id=connection_id,
            remote_id=remote_id,
            name=clean_line(name),
            email=normal(email),
            email_verified=email_verified,
        )
        db.session.add(identity)
        db.session.flush()
    if identity.agent_id is None and email_verified:
        identity.email, identity.email_verified = normal(email), True
        map_by_address(identity)
    return identity


def identify_former(connection_id: int, remote_id: str, *, name: str, email: str | None) -> Identity | None:
    """Return who a desk user is to us who is no agent there: one we knew, or who has a colleague's address.

    `email` is verified by the desk, or None.
    """
    known = known_identity(connection_id, remote_id)
    if known is not None or email is None or find_by_email(email) is None:
        return known
    identity = Identity(
        connection_id=connection_id,
        remote_id=remote_id,
        name=clean_line(name),
        email=normal(email),
        email_verified=True,
        active=False,
    )
    db.session.add(identity)
    db.session.flush()
    map_by_address(identity)
    return identity


def known_identity(connection_id: int, remote_id: str) -> Identity | None:
    """Return what we know of a desk user who is or was a colleague there."""
    return db.session.execute(
        select(Identity).where(Identity.connection_id == connection_id, Identity.remote_id == remote_id)
    ).scalar_one_or_none()


def map_by_address(identity: Identity) -> bool:
    """Map a desk user by their verified address; False where that would be a guess.

    It is one where an administrator or the desk has said who they are, where two desk users have the
    address, where the person is somebody else on this desk already, and where they have left us.
    """
    settled = identity.agent_id is not None or identity.decision is not None or identity.is_machine
    if settled or not identity.email or not identity.email_verified:
        return False
    agent = find_by_email(identity.email)
    if agent is None or not _may_be(agent, identity) or _is_shared(identity):
        return False
    if _other_of(agent, identity) is not None:
        return False
    identity.agent_id = agent.id
    db.session.flush()
    return True


def map_to(identity: Identity, agent: Agent, *, by: Agent) -> None:
    """Say who a desk user is. Raises InvalidInput for somebody who has left or is another user there."""
    if not _may_be(agent, identity):
        raise InvalidInput("%(email)s has left: choose an active colleague.", email=agent.email)
    other = _other_of(agent, identity)
    if other is not None:
        raise InvalidInput(
            "%(email)s is %(name)s on this desk already: one colleague is one user of a desk.",
            email=agent.email,
            name=other.name,
        )
    _decide(identity, Decision.MAPPED, agent.id, by)


def create_agent(identity: Identity, *, by: Agent) -> Agent:
    """Add a desk user as a colleague without a licence. Raises InvalidInput for a bad or taken address."""
    if not identity.email:
        raise InvalidInput("%(name)s has no e-mail address on the desk.", name=identity.name)
    agent = add_agent(identity.email, identity.name, by=by)
    _decide(identity, Decision.MAPPED, agent.id, by, created=agent.id)
    return agent


def mark_machine(identity: Identity, *, by: Agent) -> None:
    """Say that no person acts under this name: what it solves is nobody's."""
    _decide(identity, Decision.MACHINE, None, by)


def mark_nobody(identity: Identity, *, by: Agent) -> None:
    """Say that this person is nobody of ours."""
    _decide(identity, Decision.NOBODY, None, by)


def say_stays(identity: Identity, *, by: Agent) -> None:
    """Say that somebody who left the desk is still a colleague. Raises WorkflowError for nobody of ours."""
    if identity.agent_id is None:
        raise WorkflowError("%(name)s is no colleague of ours: choose one first.", name=identity.name)
    _decide(identity, Decision.STAYS, identity.agent_id, by)


def let_go(identity: Identity, *, by: Agent) -> None:
    """Take the access of a colleague away who has left the desk. Raises WorkflowError for nobody of ours."""
    agent = db.session.get(Agent, identity.agent_id) if identity.agent_id else None
    if agent is None or agent.id == by.id:
        raise WorkflowError("Nobody of ours, or you yourself: there is no access to take away.")
    deactivate(agent, by=by)
    identity.undo = {**_as_it_is(identity), "deactivated": agent.id}
    db.session.flush()
    _record("identity.let_go", identity, None, by)


def undo_decision(identity: Identity, *, by: Agent) -> None:
    """Take the last word about a desk user back; a colleague added by it has no access any more, one whose
    access it took has it again.

    Raises WorkflowError when there is none.
    """
    if not identity.undo:
        raise WorkflowError("There is nothing to take back for %(name)s.", name=identity.name)
    before = identity.undo
    created = db.session.get(Agent, before["created"]) if before.get("created") else None
    if created is not None:
        deactivate(created, by=by)
    if before.get("deactivated"):
        activate(db.session.get_one(Agent, before["deactivated"]), by=by)
    said = identity.decision
    identity.agent_id = before["agent_id"]
    identity.decision = Decision(before["decision"]) if before["decision"] else None
    identity.undo = {}
    db.session.flush()
    _record("identity.undone", identity, said.value if said else None, by)


ACTS: dict[str, Callable[..., object]] = {
    "create": create_agent,
    "machine": mark_machine,
    "nobody": mark_nobody,
    "stays": say_stays,
    "leave": let_go,
    "undo": undo_decision,
}


def normal(email: str | None) -> str | None:
    """Return an address as addresses are compared, None for an empty one."""
    return clean_line(email).lower() or None if email else None


def _decide(
    identity: Identity, decision: Decision, agent_id: int | None, by: Agent, created: int | None = None
) -> None:
    before = identity.decision
    identity.undo = {**_as_it_is(identity), "created": created}
    identity.decision, identity.agent_id = decision, agent_id
    db.session.flush()
    _record(f"identity.{decision}", identity, before.value if before else None, by)


def _as_it_is(identity: Identity) -> dict[str, object]:
    said = identity.decision
    return {"agent_id": identity.agent_id, "decision": said.value if said else None}


def _record(kind: str, identity: Identity, before: str | None, by: Agent) -> None:
    record(
        kind,
        authority="role:admin",
        agent=by,
        connection_id=identity.connection_id,
        before=before,
        after=identity.decision.value if identity.decision else None,
        detail={"identity_id": identity.id, "agent_id": identity.agent_id},
    )


def _may_be(agent: Agent, identity: Identity) -> bool:
    """Somebody who has left us is nobody who works on the desk; they may be who worked there once."""
    return agent.active or not identity.active


def _is_shared(identity: Identity) -> bool:
    """Return whether another user of the desk has the same verified address."""
    twins = select(func.count()).select_from(Identity)
    twins = twins.where(
        Identity.connection_id == identity.connection_id,
        Identity.email == identity.email,
        Identity.email_verified,
        Identity.id != identity.id,
        or_(Identity.decision.is_(None), Identity.decision.in_(OURS)),
    )
    return db.session.execute(twins).scalar_one() > 0


def _other_of(agent: Agent, identity: Identity) -> Identity | None:
    """Return which other user of the desk this colleague is."""
    query = select(Identity).where(
        Identity.connection_id == identity.connection_id,
        Identity.agent_id == agent.id,
        Identity.id != identity.id,
    )
    return db.session.execute(query.limit(1)).scalars().first()
