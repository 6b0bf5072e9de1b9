"""Acts of the app in a desk's pages: let somebody in once per token, keep what passed unasked, set it up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.embedding.models import TOLD_WITHIN, PassedSave, PassReason, UsedVisit
from kcs.errors import InvalidInput, NotAllowed, NotSignedIn, RemoteError
from kcs.people.embedded import open_embedded
from kcs.people.identities import identify
from kcs.people.models import Agent, Decision
from kcs.ports import AppVisit, DeskAgent, SigningApp
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.models import Connection

KEPT = timedelta(days=90)
MOST_HOSTS = 5
# An origin as browsers write it: no path, no pattern. Whatever is in a list of them goes into a header.
_ORIGIN = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](?::[1-9][0-9]{0,4})?",
    re.ASCII,
)


@dataclass(frozen=True)
class PassedReport:
    """What a page tells of one save that passed unasked."""

    ticket: str
    reason: PassReason
    at: datetime


def use_visit(connection_id: int, visit: AppVisit) -> None:
    """Take a verified token; it is good for nothing more once this is committed. Raises NotSignedIn."""
    db.session.execute(delete(UsedVisit).where(UsedVisit.expires_at < database.now() - timedelta(hours=1)))
    db.session.add(
        UsedVisit(
            token_hash=hashlib.sha256(f"{connection_id}:{visit.token_id}".encode()).hexdigest(),
            connection_id=connection_id,
            expires_at=visit.expires_at,
        )
    )
    try:
        db.session.flush()
    except IntegrityError as error:
        raise NotSignedIn("This visit was used before: open the ticket again.") from error


def read_visitor(app: SigningApp, user_id: str) -> DeskAgent:
    """Return who visits, as the desk knows them now. Raises NotAllowed; RemoteError when it does not say."""
    try:
        visitor = app.visitor(user_id)
    except RemoteError as error:
        if not error.missing:
            raise
        raise NotAllowed("The desk does not know you as an agent.") from error
    if visitor.machine or not visitor.active:
        raise NotAllowed("The desk does not know you as an active agent.")
    return visitor


def sign_in_visitor(connection_id: int, visitor: DeskAgent) -> tuple[Agent, str]:
    """Open a session for whoever this is to us; return them and its token. Raises NotAllowed for nobody."""
    identity = identify(
        connection_id,
        visitor.id,
        name=visitor.name,
        email=visitor.email,
        email_verified=visitor.email_verified,
    )
    agent = db.session.get(Agent, identity.agent_id) if identity.agent_id is not None else None
    if agent is None or not agent.active or identity.decision in (Decision.MACHINE, Decision.NOBODY):
        raise NotAllowed("Nobody here is known by your address at the desk.")
    return agent, open_embedded(agent, connection_id)


def keep_passed(connection: Connection, reports: Iterable[PassedReport], *, by: Agent) -> int:
    """Keep which saves passed unasked, each once; return how many are new. Odd times are made ours."""
    moment, new = database.now(), 0
    db.session.execute(delete(PassedSave).where(PassedSave.happened_at < moment - KEPT))
    for each in reports:
        at = min(max(each.at, moment - TOLD_WITHIN), moment)
        row = {"connection_id": connection.id, "agent_id": by.id, "remote_ticket_id": each.ticket}
        told = select(PassedSave.id).filter_by(**row, happened_at=at)
        if db.session.execute(told.limit(1)).first() is None:
            db.session.add(PassedSave(**row, reason=each.reason, happened_at=at, reported_at=moment))
            new += 1
    db.session.flush()
    return new


def set_installation(
    connection: Connection, app: SigningApp, installation: str, key: str, *, by: Agent
) -> None:
    """Say which installation visits come from, and the key they are signed with; both empty takes it away.

    Raises InvalidInput.
    """
    installation, key = clean_line(installation), key.strip()
    if bool(installation) != bool(key):
        missing = "key" if installation else "installation"
        raise InvalidInput(
            "Give both the installation and its public key, or neither.",
            errors={missing: [Sentence("is needed with the other")]},
        )
    before = connection.app_installation
    connection.app_installation = app.audience(installation) if installation else None
    connection.app_key = app.check_key(key) if key else None
    record(
        "connection.app_set",
        authority="role:admin",
        agent=by,
        connection_id=connection.id,
        before=before,
        after=connection.app_installation,
    )


def set_hosts(connection: Connection, given: str, *, by: Agent) -> None:
    """Say which origins may hold our page beside those the provider names: one on each line.

    Raises InvalidInput for what is no https origin, and for more than five.
    """
    hosts = list(dict.fromkeys(line.strip().lower().rstrip("/") for line in given.split() if line.strip()))
    for host in hosts:
        if not _ORIGIN.fullmatch(host):
            raise InvalidInput(
                "'%(host)s' is no address of a host: write it as https://desk.example.com, without a path.",
                host=host[:100],
                errors={"hosts": [Sentence("an https address without a path")]},
            )
    if len(hosts) > MOST_HOSTS:
        raise InvalidInput("These are %(num)s hosts; %(most)s are the most.", num=len(hosts), most=MOST_HOSTS)
    before, connection.app_hosts = connection.app_hosts, hosts
    record(
        "connection.app_set",
        authority="role:admin",
        agent=by,
        connection_id=connection.id,
        before=" ".join(before) or None,
        after=" ".join(hosts) or None,
    )
