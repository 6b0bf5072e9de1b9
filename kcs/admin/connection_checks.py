"""Proving one connection: signing in, what it may do, the loop of the webhook, how the desk answers, targets.

Each look is a step of its own, so that a page can show them one after the other. Steps are named within one
reading of the database and made outside of it, since most of them ask the desk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from kcs import database
from kcs.admin.connecting import Desk, client_of, desk_of
from kcs.database import db
from kcs.errors import ConfigError, KcsError
from kcs.ports import Provider, SignsIn
from kcs.publishing.models import Target
from kcs.publishing.placing import guarded_settings
from kcs.sentences import Sentence, listed, packed, unpacked
from kcs.syncing.standing import reconcile_health
from kcs.tickets import breaker
from kcs.tickets.hearing import SELDOM, heard_from
from kcs.tickets.models import Connection
from workflow.article import Audience

ARRIVAL_SECONDS = 8.0
ARRIVAL_PAUSE = 0.2
Arrived = Callable[[int, datetime], bool]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    said: str


@dataclass(frozen=True)
class Step:
    """Something to look at: the look may ask the desk and must not be made within a transaction."""

    name: str
    look: Callable[[], tuple[bool, str]]

    def take(self) -> Check:
        """Look, and say what was seen; an error of ours or of the desk is what was seen."""
        try:
            return Check(self.name, *self.look())
        except KcsError as error:
            return Check(self.name, False, error.message)


def steps_of(
    connection: Connection,
    providers: Mapping[str, Provider],
    base_url: str,
    arrived: Arrived,
    *,
    wait: float = 0.0,
) -> list[Step]:
    """Return what there is to look at. Raises ConfigError for imported tickets: there is no desk to ask.

    `wait` is for how many seconds a delivery is awaited from a desk that cannot be asked to send one.
    """
    provider = provider_of(connection, providers)
    name = f"connection {connection.name}"
    if not connection.token:
        return [Step(name, partial(_not_signed_in, connection.name, provider))]
    desk, reconciled = desk_of(connection, provider), reconcile_health(connection)
    return [
        Step(name, partial(_sign_in, desk)),
        Step(f"{name}, rights", partial(_rights, desk))
        if by_key(provider)
        else Step(f"{name}, authorisation", partial(_authorisation, connection.id, provider)),
        Step(f"{name}, webhook", _webhook(connection, desk, base_url, arrived, wait)),
        Step(f"{name}, reconcile", lambda: reconciled),
        Step(f"{name}, answers", partial(_answers, connection.id)),
        *(
            Step(f"{name}, target {target.id}", partial(_help_centre, desk, dict(target.settings or {})))
            for target in targets_of(connection)
        ),
        *(
            Step(f"{name}, readers {target.id}", partial(_readers, desk, guarded))
            for target in targets_of(connection)
            if (guarded := guarded_settings(target))
        ),
    ]


def refuse_unusable(connection: Connection, providers: Mapping[str, Provider]) -> None:
    """Raise ConfigError when the account's host or a target cannot be built from what was given."""
    provider = provider_of(connection, providers)
    if not by_key(provider):
        client_of(connection, provider)
    if not connection.token:
        return
    credentials = desk_of(connection, provider).credentials
    provider.ticket_source(credentials)
    for target in targets_of(connection):
        provider.help_centre(credentials, target.settings)


def keep(connection_id: int, checks: list[Check], *, finished: bool = True) -> None:
    """Keep what a check has seen so far; when it is finished, the vendor's warnings have been told."""
    rows = [{"name": each.name, "ok": each.ok, **packed(each.said)} for each in checks]
    breaker.keep_checks(connection_id, rows, finished=finished)


def kept(rows: list[dict[str, Any]]) -> list[Check]:
    """Return what was kept, in words that can be translated."""
    return [Check(str(row["name"]), bool(row["ok"]), unpacked(row)) for row in rows]


def provider_of(connection: Connection, providers: Mapping[str, Provider]) -> Provider:
    """Return who can ask the desk. Raises ConfigError for tickets that were imported."""
    if connection.provider not in providers:
        raise ConfigError("'%(name)s' holds imported tickets: there is no desk to ask.", name=connection.name)
    return providers[connection.provider]


def by_key(provider: Provider) -> bool:
    """True where one signs in with a key that is typed, and there is nobody to ask to agree."""
    return provider.set_up.signs_in is SignsIn.KEY


def targets_of(connection: Connection) -> list[Target]:
    """Return where the connection's articles are published."""
    query = select(Target).where(Target.connection_id == connection.id, Target.active)
    return list(db.session.execute(query.order_by(Target.id)).scalars())


def _not_signed_in(name: str, provider: Provider) -> tuple[bool, str]:
    if by_key(provider):
        return False, Sentence("no key yet: 'kcs connection set %(name)s --token -' asks for it", name=name)
    return False, Sentence("not authorised yet: 'kcs connection authorise %(name)s' says how", name=name)


def _sign_in(desk: Desk) -> tuple[bool, str]:
    breaker.let_one_try(desk.id)
    who = desk.provider.ticket_source(desk.credentials).check()
    return True, Sentence("signed in as %(who)s", who=who)


def _rights(desk: Desk) -> tuple[bool, str]:
    """Ask what the key may do: nothing but its agent's rights at the desk says so."""
    lacking = desk.provider.lacking(desk.credentials)
    if lacking:
        return False, Sentence(
            "not allowed: %(what)s. Give its agent these rights at the desk, or enter another agent's key.",
            what=listed("; ", lacking),
        )
    return True, desk.provider.set_up.pasted_token


def _authorisation(connection_id: int, provider: Provider) -> tuple[bool, str]:
    """Say what is allowed as it is now: signing in, just before, may have found that it has ended."""
    with database.reading():
        connection = db.session.get_one(Connection, connection_id, populate_existing=True)
        if connection.refresh_token is None:
            return True, provider.set_up.pasted_token
        if not connection.refresh_token:
            return False, Sentence("it has ended or was taken away: authorise the connection again")
        lacking = client_of(connection, provider).lacking(connection.scopes) if connection.scopes else ()
    if lacking:
        return False, Sentence(
            "not allowed: %(what)s. Let the OAuth client have these scopes, then authorise again.",
            what=listed("; ", lacking),
        )
    return True, Sentence("given, with all it needs; it is renewed by itself")


def _webhook(
    connection: Connection, desk: Desk, base_url: str, arrived: Arrived, wait: float
) -> Callable[[], tuple[bool, str]]:
    if not connection.webhook_secret:
        missing = Sentence(
            "no signing secret: deliveries are refused. 'kcs connection webhook %(name)s' sets it up.",
            name=connection.name,
        )
        return lambda: (False, missing)
    if desk.provider.set_up.secret_is_ours:
        return partial(_heard, desk, arrived, wait)
    if connection.webhook_id is None:
        by_hand = Sentence("made by hand: it has a signing secret, and cannot be tested from here")
        return lambda: (True, by_hand)
    return partial(_loop, desk, connection.webhook_id, f"{base_url}/webhooks/{connection.name}", arrived)


def _heard(desk: Desk, arrived: Arrived, wait: float) -> tuple[bool, str]:
    """Say when a delivery last came with the present secret; with `wait`, await one more."""
    with database.reading():
        since = database.now()
    deadline = time.monotonic() + wait
    while wait and not (arrived(desk.id, since) and _is_noted(desk.id, since)):
        if time.monotonic() > deadline:
            return False, Sentence(
                "no delivery came within %(seconds)s s. Was a ticket changed at the desk, and are the rules "
                "there switched on? 'kcs connection webhook %(name)s' says how they are made.",
                seconds=f"{wait:.0f}",
                name=desk.name,
            )
        time.sleep(ARRIVAL_PAUSE)
    with database.reading():
        heard = heard_from(desk.id)
    if heard.at is not None:
        return True, Sentence(
            "a delivery came with the right secret %(when)s: %(what)s", when=_when(heard.at), what=heard.kind
        )
    if heard.former_at is not None:
        return False, Sentence(
            "the desk still brings along the secret before (last %(when)s): enter the present one in each "
            "rule there",
            when=_when(heard.former_at),
        )
    return False, Sentence(
        "no delivery has come yet: make the rules at the desk ('kcs connection webhook %(name)s' says how), "
        "then change a ticket there",
        name=desk.name,
    )


def _is_noted(connection_id: int, since: datetime) -> bool:
    """Say whether it is noted yet with which secret a delivery came: that is written after the delivery."""
    with database.reading():
        heard = heard_from(connection_id)
    return any(at is not None and at >= since - SELDOM for at in (heard.at, heard.former_at))


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _loop(desk: Desk, webhook_id: str, endpoint: str, arrived: Arrived) -> tuple[bool, str]:
    """Have a test delivery sent, and wait until its row is here: signed, verified, kept."""
    with database.reading():
        since = database.now()
    begun = time.monotonic()
    said = desk.provider.webhooks(desk.credentials).test(webhook_id)
    while not arrived(desk.id, since):
        if time.monotonic() - begun > ARRIVAL_SECONDS:
            return False, Sentence(
                "the test delivery did not arrive (%(said)s). Can the desk reach %(endpoint)s, and is the "
                "signing secret the webhook's own? 'kcs connection webhook %(name)s' sets both anew.",
                said=said,
                endpoint=endpoint,
                name=desk.name,
            )
        time.sleep(ARRIVAL_PAUSE)
    seconds = f"{time.monotonic() - begun:.1f}"
    return True, Sentence("a test delivery came back, signed, in %(seconds)s s", seconds=seconds)


def _answers(connection_id: int) -> tuple[bool, str]:
    """Say how the desk has answered lately, and what it warned of since the last check."""
    with database.reading():
        health = breaker.health_of(connection_id)
        failures = health.failures if health else 0
        problem = health.problem if health else ""
        warnings = list(health.warnings) if health else []
        lost = db.session.get_one(Connection, connection_id, populate_existing=True).refresh_token == ""
    if failures:
        return False, Sentence(
            "the last %(number)s calls failed: %(problem)s", number=failures, problem=problem
        )
    if warnings:
        return False, Sentence(
            "since the last check the desk ignored parts of what we sent: %(what)s", what="; ".join(warnings)
        )
    if lost:
        return False, Sentence("nothing can be asked until the connection is authorised again")
    return True, Sentence("the desk answers, and ignored nothing of what we sent")


def _help_centre(desk: Desk, settings: Mapping[str, str]) -> tuple[bool, str]:
    return True, desk.provider.help_centre(desk.credentials, settings).check()


def _readers(desk: Desk, guarded: Sequence[tuple[Audience, Mapping[str, str]]]) -> tuple[bool, str]:
    """See that no place of a rule is open to more people than its articles are for. Raises RemoteError."""
    for audience, settings in guarded:
        desk.provider.help_centre(desk.credentials, settings).refuse_wider(audience)
    return True, Sentence("what is not for everybody is shown to no others")
