"""Bearer tokens over HTTP: whom they act as, how they are read, and when they stop working."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.people import services
from kcs.people.models import ApiToken
from tests.people.conftest import Site

ADDRESS = "/api/v1/articles"


def status(site: Site, header: dict[str, str]) -> int:
    """Return how the API answers."""
    return site.browser().get(ADDRESS, headers=header).status_code


def token_ids(site: Site) -> list[int]:
    """Return the ids of all tokens."""
    return site.do(lambda: list(db.session.execute(select(ApiToken.id)).scalars()))


def test_a_token_acts_as_its_person(site: Site) -> None:
    header = site.token()
    made = site.browser().post(ADDRESS, headers=header, json={"title": "Printer jams"})
    assert made.status_code == 201
    query = select(Activity.agent_id).where(Activity.kind == "article.created")
    assert site.do(lambda: db.session.execute(query).scalar_one()) == site.with_ana(lambda ana: ana.id)


def test_a_token_ends_when_its_days_are_over(site: Site) -> None:
    header = site.token(days=90)
    (row,) = site.do(lambda: list(db.session.execute(select(ApiToken)).scalars()))
    assert row.expires_at - row.created_at == timedelta(days=90)
    site.do(lambda: _end_in(timedelta(hours=1)))
    assert status(site, header) == 200
    site.do(lambda: _end_in(timedelta(0)))
    assert status(site, header) == 401


def _end_in(left: timedelta) -> None:
    """Move the end of every token; the clock is the database's own."""
    db.session.execute(update(ApiToken).values(expires_at=database.now() + left))


def test_a_revoked_token_ends_at_once_and_the_others_go_on(site: Site) -> None:
    first, second = site.token(), site.token()
    site.do(lambda: services.revoke_token(min(token_ids(site))))
    assert (status(site, first), status(site, second)) == (401, 200)


def test_the_tokens_of_a_person_who_leaves_end_at_once(site: Site) -> None:
    header = site.token()
    site.with_ana(services.deactivate)
    assert status(site, header) == 401
    rows = site.do(lambda: list(db.session.execute(select(ApiToken)).scalars()))
    assert all(row.revoked_at is not None for row in rows)


def test_a_token_has_the_rights_its_person_has_now(site: Site) -> None:
    header = site.token()
    site.with_ana(lambda ana: services.grant_licence(ana, None))
    assert status(site, header) == 200
    answer = site.browser().post(ADDRESS, headers=header, json={"title": "Printer jams"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Basic {token}",
        "{token}",
        "Token {token}",
        "Bearer {token}x",
        "Bearer {half}",
        "Bearer \u00e9",
        "Bearer kcs_",
        "Bearer null",
        "Bearer '; --",
    ],
)
def test_what_is_not_exactly_the_token_is_nobody(site: Site, header: str) -> None:
    token = site.token()["Authorization"].removeprefix("Bearer ")
    sent = header.format(token=token, half=token[: len(token) // 2])
    assert status(site, {"Authorization": sent}) == 401


@pytest.mark.parametrize("header", ["Bearer {token}", "bearer {token}", "BEARER   {token} "])
def test_the_scheme_is_read_in_any_case(site: Site, header: str) -> None:
    token = site.token()["Authorization"].removeprefix("Bearer ")
    assert status(site, {"Authorization": header.format(token=token)}) == 200


def test_a_token_in_the_address_is_not_read(site: Site) -> None:
    token = site.token()["Authorization"].removeprefix("Bearer ")
    for name in ("token", "access_token", "api_key"):
        assert site.browser().get(ADDRESS, query_string={name: token}).status_code == 401
