"""People: licences and their history, passwords and tokens kept as hashes, desk users mapped by address."""

from __future__ import annotations

import hashlib

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotFound, NotSignedIn
from kcs.people import services
from kcs.people.identities import identify
from kcs.people.models import ApiToken, LicenceGrant, SignIn
from kcs.people.queries import find_by_email, get_agent, has_admin, tokens_of
from tests.factories import PASSWORD, make_agent, make_connection
from workflow.permissions import Licence, Role


def test_an_address_is_one_person_in_whatever_case(app: Flask) -> None:
    ann = services.add_agent(" Ann@Example.COM ", "Ann\nLee", roles=[Role.COACH, Role.ADMIN, Role.COACH])
    assert (ann.email, ann.name, ann.role_names) == ("ann@example.com", "Ann Lee", ["admin", "coach"])
    assert find_by_email("ANN@example.com\0 ") is ann
    with pytest.raises(InvalidInput, match="already in use"):
        services.add_agent("ann@EXAMPLE.com", "Ann")
    with pytest.raises(NotFound):
        get_agent("bob@example.com")
    assert has_admin()
    services.deactivate(ann)
    assert not has_admin()


def test_what_is_no_address_is_refused(app: Flask) -> None:
    for address in ("", "ann", "@example.com", "ann@", "ann lee@example.com", "a@b@c", "\0"):
        with pytest.raises(InvalidInput) as refusal:
            services.add_agent(address, "Ann")
        assert set(refusal.value.errors) == {"email"}, address


def test_a_password_is_long_and_kept_as_a_hash(app: Flask) -> None:
    with pytest.raises(InvalidInput, match="has 11 characters; use at least 12"):
        services.add_agent("ann@example.com", "Ann", password="x" * 11)
    ann = services.add_agent("ann@example.com", "Ann", password=PASSWORD)
    assert (ann.password_hash or "").startswith("$argon2id$")


def test_every_change_of_a_licence_is_kept_with_who_and_why(app: Flask) -> None:
    coach, ann = make_agent(None, [Role.COACH]), make_agent(Licence.CANDIDATE)
    services.grant_licence(ann, Licence.CONTRIBUTOR, by=coach, evidence="five articles")
    services.grant_licence(ann, None, by=coach)
    grants = db.session.query(LicenceGrant).filter_by(agent_id=ann.id).order_by(LicenceGrant.id)
    assert [(grant.licence, grant.granted_by_id, grant.evidence) for grant in grants] == [
        (Licence.CANDIDATE, None, ""),
        (Licence.CONTRIBUTOR, coach.id, "five articles"),
        (None, coach.id, ""),
    ]
    rows = db.session.query(Activity).filter_by(kind="agent.licence").order_by(Activity.id)
    assert [(row.before, row.after) for row in rows] == [
        (None, "candidate"),
        ("candidate", "contributor"),
        ("contributor", None),
    ]


def test_signing_in_fails_the_same_way_whatever_is_wrong(app: Flask) -> None:
    ann, gone = make_agent(password=PASSWORD), make_agent(password=PASSWORD)
    services.deactivate(gone)
    tries = {
        "wrong password": (ann.email, "wrong horse battery"),
        "unknown address": ("nobody@example.com", PASSWORD),
        "no password set": (make_agent().email, PASSWORD),
        "left": (gone.email, PASSWORD),
        "nothing": ("", ""),
        "nul": ("a\0b@example.com", "\0"),
    }
    answers = set()
    for email, password in tries.values():
        with pytest.raises(NotSignedIn) as refusal:
            services.sign_in(email, password)
        answers.add(refusal.value.message)
    assert answers == {"The e-mail address or the password is not right."}
    assert db.session.query(SignIn).count() == 0
    assert services.sign_in(f" {ann.email.upper()}", PASSWORD)[0] is ann


def test_tokens_are_kept_as_hashes_and_nowhere_else(app: Flask) -> None:
    ann = make_agent(password=PASSWORD)
    bearer = services.issue_token(ann, label="script", days=1)
    _, visit = services.sign_in(ann.email, PASSWORD)
    assert bearer.startswith("kcs_")
    assert min(len(bearer), len(visit)) >= 43, "256 random bits"
    for table, token in (("api_tokens", bearer), ("sign_ins", visit)):
        stored = db.session.execute(text(f"SELECT * FROM {table}")).mappings().one()  # noqa: S608
        assert stored["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
        assert token not in str(dict(stored))
    assert not [row for row in db.session.query(Activity) if bearer in str(row.detail)]
    assert (services.agent_of_token(bearer), services.agent_of_sign_in(visit)) == (ann, ann)
    assert (services.agent_of_token(visit), services.agent_of_sign_in(bearer)) == (None, None)


def test_what_is_no_token_matches_nobody(app: Flask) -> None:
    services.issue_token(make_agent(), label="", days=1)
    for token in ("", " ", "kcs_", "kcs_x", "\ud800", "0" * 100_000):
        assert services.agent_of_token(token) is None
        assert services.agent_of_sign_in(token) is None


def test_a_token_ends_by_revoking_once_and_for_all(app: Flask) -> None:
    ann = make_agent()
    token, other = (services.issue_token(ann, label=label, days=1) for label in ("one", "two"))
    (_, row) = tokens_of(ann)
    services.revoke_token(row.id)
    moment = row.revoked_at
    services.revoke_token(row.id)
    assert row.revoked_at == moment
    assert (services.agent_of_token(token), services.agent_of_token(other)) == (None, ann)
    with pytest.raises(NotFound):
        services.revoke_token(10**6)
    services.deactivate(ann)
    assert services.agent_of_token(other) is None


def test_tokens_and_sessions_end_by_themselves(app: Flask) -> None:
    ann = make_agent(password=PASSWORD)
    token = services.issue_token(ann, label="", days=1)
    _, visit = services.sign_in(ann.email, PASSWORD)
    if database.is_postgresql():
        past = "now() - interval '1 second'"
        db.session.execute(text(f"UPDATE api_tokens SET expires_at = {past}"))  # noqa: S608
        db.session.execute(text(f"UPDATE sign_ins SET expires_at = {past}"))  # noqa: S608
        assert (services.agent_of_token(token), services.agent_of_sign_in(visit)) == (None, None)
        return
    ends = db.session.query(SignIn).one().expires_at
    with time_machine.travel(ends, tick=False):
        assert services.agent_of_sign_in(visit) is None
        assert services.agent_of_token(token) is ann
    with time_machine.travel(db.session.query(ApiToken).one().expires_at, tick=False):
        assert services.agent_of_token(token) is None


def test_a_desk_user_is_one_of_us_by_a_verified_address_and_by_nothing_else(app: Flask) -> None:
    ann, connection = make_agent(email="ann@example.com"), make_connection()

    def who(remote_id: str, email: str | None, *, verified: bool) -> int | None:
        identity = identify(connection.id, remote_id, name="Ann", email=email, email_verified=verified)
        return identity.agent_id

    assert who("1", "ann@example.com", verified=False) is None
    assert who("2", None, verified=True) is None
    assert who("3", "other@example.com", verified=True) is None
    assert who("1", "ANN@example.com", verified=True) == ann.id, "verified later"
    assert who("1", "changed@example.com", verified=True) == ann.id, "mapped once, it stays"
    assert who("4", "ann@example.com", verified=True) is None, "one colleague is one user of a desk"
