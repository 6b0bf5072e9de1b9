"""Reading people."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from kcs.database import db
from kcs.errors import NotFound
from kcs.people.models import Agent, ApiToken
from kcs.text import clean_line


def find_by_email(email: str) -> Agent | None:
    """Return the person with this address, in whatever case it is typed."""
    query = select(Agent).where(Agent.email == clean_line(email).lower())
    return db.session.execute(query).scalar_one_or_none()


def get_agent(email: str) -> Agent:
    """Return a person by address. Raises NotFound."""
    agent = find_by_email(email)
    if agent is None:
        raise NotFound("There is nobody with the address %(email)s.", email=email)
    return agent


def everybody() -> Iterator[Agent]:
    """Yield all people by address, those who have left too."""
    yield from db.session.execute(select(Agent).order_by(Agent.email)).scalars().yield_per(200)


def tokens_of(agent: Agent) -> list[ApiToken]:
    """Return a person's bearer tokens, latest first."""
    query = select(ApiToken).where(ApiToken.agent_id == agent.id).order_by(ApiToken.id.desc()).limit(200)
    return list(db.session.execute(query).scalars())


def has_sample_people() -> bool:
    """Return whether the demo's people are in this database and may sign in."""
    return db.session.execute(select(Agent.id).where(Agent.sample, Agent.active).limit(1)).first() is not None


def has_admin() -> bool:
    """Return whether somebody can administer."""
    active = db.session.execute(select(Agent).where(Agent.active)).scalars()
    return any("admin" in agent.role_names for agent in active)
