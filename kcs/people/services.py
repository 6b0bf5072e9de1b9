"""Acts on people: add them, grant licences, sign in and out, issue and revoke tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Select, delete, select, update

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotFound, NotSignedIn
from kcs.people.departments import no_team
from kcs.people.models import Agent, ApiToken, LicenceGrant, SignIn, SignInKind, Team, TeamManager
from kcs.people.queries import find_by_email
from kcs.sentences import Sentence
from kcs.text import clean_line
from workflow.permissions import Licence, Role

SIGN_IN_LASTS = timedelta(hours=12)
SHORTEST_PASSWORD = 12
TOKEN_BYTES = 32

_HASHER = PasswordHasher()
# Checked when the address is unknown, so that the answer takes as long as for a known one.
_NOBODYS_HASH = _HASHER.hash(secrets.token_urlsafe())


def add_agent(
    email: str,
    name: str,
    *,
    password: str | None = None,
    licence: Licence | None = None,
    roles: Iterable[Role] = (),
    team: str | None = None,
    by: Agent | None = None,
    sample: bool = False,
) -> Agent:
    """Add a person. Raises InvalidInput for a bad or taken address or a short password."""
    email = _email(email)
    if find_by_email(email) is not None:
        raise InvalidInput(
            "%(email)s is already in use.", email=email, errors={"email": [Sentence("already in use")]}
        )
    agent = Agent(
        email=email,
        name=clean_line(name) or email,
        password_hash=None if password is None else hash_password(password),
        role_names=sorted({Role(role).value for role in roles}),
        team=None if team is None else team_named(team),
        created_at=database.now(),
        sample=sample,
    )
    db.session.add(agent)
    db.session.flush()
    authority = "role:admin" if by else "system"
    record(
        "agent.added", authority=authority, agent=by, detail={"agent_id": agent.id, "roles": agent.role_names}
    )
    if licence is not None:
        grant_licence(agent, licence, by=by)
    return agent


def grant_licence(
    agent: Agent, licence: Licence | None, *, by: Agent | None = None, evidence: str = ""
) -> LicenceGrant:
    """Set a licence and keep who did it, when and why; every session of the person ends."""
    before = agent.licence
    agent.licence = licence
    grant = LicenceGrant(
        agent_id=agent.id,
        licence=licence,
        granted_by_id=by.id if by else None,
        granted_at=database.now(),
        evidence=clean_line(evidence, limit=1000),
    )
    db.session.add(grant)
    end_sign_ins(agent)
    record(
        "agent.licence",
        authority="role:admin" if by else "system",
        agent=by,
        before=before.value if before else None,
        after=licence.value if licence else None,
        detail={"agent_id": agent.id},
    )
    return grant


def set_coach(agent: Agent, coach: Agent | None) -> None:
    """Name who coaches a person. Raises InvalidInput for themself or somebody who has left."""
    if coach is not None and (coach.id == agent.id or not coach.active):
        raise InvalidInput(
            "%(email)s cannot coach %(email2)s: name an active colleague.",
            email=coach.email,
            email2=agent.email,
            errors={"coach": [Sentence("an active colleague")]},
        )
    agent.coach_id = coach.id if coach else None
    record("agent.coach_set", authority="system", detail={"agent_id": agent.id, "coach_id": agent.coach_id})


def set_password(agent: Agent, password: str) -> None:
    """Set a new password and end every session. Raises InvalidInput when it is too short."""
    agent.password_hash = hash_password(password)
    end_sign_ins(agent)
    record("agent.password_set", authority="system", detail={"agent_id": agent.id})


def deactivate(agent: Agent, *, by: Agent | None = None) -> None:
    """Take a person's access away at once; what they did stays."""
    agent.active = False
    end_sign_ins(agent)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.agent_id == agent.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=database.now())
    )
    record("agent.deactivated", authority="system", agent=by, detail={"agent_id": agent.id})


def activate(agent: Agent, *, by: Agent | None = None) -> None:
    """Let a person sign in again; tokens that were revoked stay so."""
    agent.active = True
    record("agent.activated", authority="system", agent=by, detail={"agent_id": agent.id})


def team_named(name: str) -> Team:
    """Return the team of that name, made if there is none."""
    name = clean_line(name)
    team = db.session.execute(select(Team).where(Team.name == name)).scalar_one_or_none()
    if team is None:
        team = Team(name=name)
        db.session.add(team)
        db.session.flush()
    return team


def name_manager(agent: Agent, teams: Sequence[str], *, by: Agent | None = None) -> None:
    """Make somebody the manager of exactly these teams, whose reports they see; of none: of everybody.

    Raises InvalidInput for whoever has not the role of a manager, NotFound for a team that is not there.
    """
    if teams and Role.MANAGER not in agent.roles:
        raise InvalidInput("%(email)s is no manager: give them that role first.", email=agent.email)
    found = db.session.execute(select(Team).where(Team.name.in_(teams))).scalars().all()
    missing = sorted(set(teams) - {team.name for team in found})
    if missing:
        raise no_team(missing[0])
    db.session.execute(delete(TeamManager).where(TeamManager.agent_id == agent.id))
    db.session.add_all(TeamManager(team_id=team.id, agent_id=agent.id) for team in found)
    record(
        "agent.manages",
        authority="role:admin" if by else "system",
        agent=by,
        detail={"agent_id": agent.id, "teams": sorted(team.id for team in found)},
    )


def hash_password(password: str) -> str:
    """Return the argon2id hash. Raises InvalidInput when the password is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(
            "The password has %(num)s characters; use at least %(shortest_password)s.",
            num=len(password),
            shortest_password=SHORTEST_PASSWORD,
            errors={
                "password": [
                    Sentence("at least %(shortest_password)s characters", shortest_password=SHORTEST_PASSWORD)
                ]
            },
        )
    return _HASHER.hash(password)


def sign_in(email: str, password: str) -> tuple[Agent, str]:
    """Check a password and open a session; return the person and the session's token.

    Raises NotSignedIn with one sentence for every cause, so that nobody learns which addresses exist.
    """
    agent = find_by_email(email)
    usable = agent is not None and agent.active and agent.password_hash is not None
    kept = agent.password_hash if agent is not None and usable else None
    if not _password_fits(kept or _NOBODYS_HASH, password) or agent is None or not usable:
        raise NotSignedIn("The e-mail address or the password is not right.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = database.now()
    db.session.execute(delete(SignIn).where(SignIn.expires_at < moment))
    db.session.add(
        SignIn(
            token_hash=digest(token), agent_id=agent.id, created_at=moment, expires_at=moment + SIGN_IN_LASTS
        )
    )
    record("agent.signed_in", authority="password", agent=agent)
    return agent, token


def sign_out(token: str) -> None:
    """End one session at once."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == digest(token)))


def end_sign_ins(agent: Agent) -> None:
    """End every session of a person at once: role or licence changed, or they left."""
    db.session.execute(delete(SignIn).where(SignIn.agent_id == agent.id))


def agent_of_sign_in(token: str) -> Agent | None:
    """Return who a session token belongs to, None when it is unknown, over, or its person has left."""
    return _agent_of(
        select(Agent)
        .join(SignIn, SignIn.agent_id == Agent.id)
        .where(
            SignIn.token_hash == digest(token),
            SignIn.kind == SignInKind.BROWSER,
            SignIn.expires_at > database.now(),
        )
    )


def issue_token(agent: Agent, *, label: str, days: int, by: Agent | None = None) -> str:
    """Make a bearer token that acts as `agent` for `days` days; it can be read only now."""
    token = "kcs_" + secrets.token_urlsafe(TOKEN_BYTES)
    moment = database.now()
    row = ApiToken(
        token_hash=digest(token),
        label=clean_line(label, limit=100),
        agent_id=agent.id,
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    db.session.add(row)
    db.session.flush()
    record("token.issued", authority="system", agent=by, detail={"agent_id": agent.id, "token_id": row.id})
    return token


def revoke_token(token_id: int, *, by: Agent | None = None) -> None:
    """End a token at once. Raises NotFound."""
    row = db.session.get(ApiToken, token_id)
    if row is None:
        raise NotFound("There is no token %(token_id)s.", token_id=token_id)
    row.revoked_at = row.revoked_at or database.now()
    record("token.revoked", authority="system", agent=by, detail={"token_id": row.id})


def agent_of_token(token: str) -> Agent | None:
    """Return who a bearer token acts as, None when it is unknown, expired or revoked."""
    return _agent_of(
        select(Agent)
        .join(ApiToken, ApiToken.agent_id == Agent.id)
        .where(
            ApiToken.token_hash == digest(token),
            ApiToken.expires_at > database.now(),
            ApiToken.revoked_at.is_(None),
        )
    )


def _agent_of(query: Select[Agent]) -> Agent | None:
    agent = db.session.execute(query).scalar_one_or_none()
    return agent if agent is not None and agent.active else None


def _password_fits(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _email(value: str) -> str:
    email = clean_line(value).lower()
    name, at, domain = email.partition("@")
    if not (name and at and domain) or " " in email or "@" in domain:
        raise InvalidInput(
            "'%(value)s' is not an e-mail address.",
            value=value,
            errors={"email": [Sentence("not an e-mail address")]},
        )
    return email


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
