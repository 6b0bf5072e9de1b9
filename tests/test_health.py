"""`/healthz`, `/readyz`, `/metrics`, and the way in over https behind a proxy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from kcs import database
from kcs.app import create_app
from kcs.database import db
from kcs.outbox import services as outbox
from kcs.people.queries import tokens_of
from kcs.people.services import revoke_token
from kcs.worklist import WorkState
from tests.conftest import POSTGRES, AppMaker, needed, settings_for
from tests.factories import make_agent, make_connection, sign_in, token_for
from tests.fakes import fake_delivery
from tests.processes import PATIENCE, Product, until
from workflow.permissions import Licence, Role

PUBLIC = "https://kcs.example.com"
PROBES = ("/healthz", "/readyz")


def test_a_server_that_can_work_says_so(app: Flask) -> None:
    alive, ready = (app.test_client().get(probe) for probe in PROBES)
    assert (alive.status_code, alive.json) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json) == (200, {"status": "ready"})


def test_probes_set_no_cookie_and_are_not_cached(client: FlaskClient) -> None:
    for probe in PROBES:
        answer = client.get(probe)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


UNUSABLE: dict[str, Callable[[Path], str]] = {
    "SQLite, not migrated": lambda folder: f"sqlite:///{folder}/new.db",
    "SQLite, in no folder": lambda folder: f"sqlite:///{folder}/missing/kcs.db",
    "SQLite, no database": lambda folder: f"sqlite:///{garbage(folder)}",
    "PostgreSQL, not migrated": lambda _: needed(POSTGRES, "PostgreSQL", "KCS_TEST_POSTGRES_URL"),
    "PostgreSQL, away": lambda _: "postgresql://kcs@127.0.0.1:1/kcs",
}


def garbage(folder: Path) -> Path:
    """Write a file that is no database."""
    file = folder / "garbage.db"
    file.write_bytes(b"not a database, " * 1000)
    return file


@pytest.mark.parametrize("kind", UNUSABLE)
def test_without_a_usable_database_the_server_is_alive_and_not_ready(tmp_path: Path, kind: str) -> None:
    app = create_app(settings_for(tmp_path, DATABASE_URL=UNUSABLE[kind](tmp_path)))
    alive, ready = (app.test_client().get(probe) for probe in PROBES)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    assert alive.status_code == 200
    assert (ready.status_code, ready.headers["Retry-After"]) == (503, "30")
    assert ready.json is not None
    assert ready.json["code"] == "database_away"
    assert "127.0.0.1" not in ready.text + ready.json["message"]


# ---- figures -----------------------------------------------------------------------------------------------


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An app of this test's own: what is counted here counts from its start."""
    app = make_app(TIMEZONE="UTC")
    with app.app_context():
        yield app


@pytest.fixture
def operator(app: Flask) -> dict[str, str]:
    """An administrator's bearer token."""
    return token_for(make_agent(None, [Role.ADMIN]))


def figures(app: Flask, operator: dict[str, str]) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    db.session.remove()
    answer = app.test_client().get("/metrics", headers=operator)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_of_the_worklists_are_those_of_the_database(app: Flask, operator: dict[str, str]) -> None:
    make_connection()
    for state in (WorkState.PARKED, WorkState.PARKED, WorkState.DONE, WorkState.WAITING):
        outbox.write("test", subject=f"{state}", payload={}).state = state
    later = outbox.write("test", subject="later", payload={})
    later.not_before = database.now().replace(year=2999)
    db.session.commit()
    db.session.remove()
    headers, body = fake_delivery("d-1", "1")
    assert app.test_client().post("/webhooks/acme", data=body, headers=headers).status_code == 202
    found = figures(app, operator)
    expected = {
        ("outbox", "waiting"): 2,
        ("outbox", "leased"): 0,
        ("outbox", "parked"): 2,
        ("outbox", "done"): 1,
        ("inbox", "waiting"): 1,
        ("inbox", "leased"): 0,
        ("inbox", "parked"): 0,
        ("inbox", "done"): 0,
    }
    assert {(n, s): found["kcs_work_rows", s, n] for n, s in expected} == expected
    assert (found["kcs_work_due", "outbox"], found["kcs_work_due", "inbox"]) == (1, 1)


def test_requests_are_counted_by_endpoint_and_never_by_address(app: Flask, operator: dict[str, str]) -> None:
    for key in ("KB-secret-1", "KB-secret-2"):
        app.test_client().get(f"/help/articles/{key}")
    found = figures(app, operator)
    assert found["flask_http_request_total", "GET", "404"] == 2
    assert [key for key in found if "help.article" in key]
    assert not [key for key in found if "secret" in str(key)]


@pytest.mark.parametrize(
    ("licence", "roles"),
    [
        (Licence.PUBLISHER, [Role.COACH, Role.EXPERT]),
        (None, [Role.MANAGER]),
        (None, []),
    ],
)
def test_figures_are_for_administrators(app: Flask, licence: Licence | None, roles: list[Role]) -> None:
    headers = token_for(make_agent(licence, roles))
    db.session.remove()
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "kcs_work" not in answer.text


def test_figures_need_a_bearer_token(app: Flask, operator: dict[str, str]) -> None:
    admin = make_agent(None, [Role.ADMIN])
    browser = sign_in(app.test_client(), admin)
    revoked = token_for(admin)
    revoke_token(tokens_of(admin)[0].id)
    db.session.commit()
    db.session.remove()
    wrong = {"Authorization": operator["Authorization"] + "x"}
    basic = {"Authorization": operator["Authorization"].replace("Bearer", "Basic")}
    for client, headers in [
        (browser, {}),
        *((app.test_client(), each) for each in ({}, revoked, wrong, basic)),
    ]:
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, "Bearer")
        assert "kcs_work" not in answer.text


# ---- behind a proxy ----------------------------------------------------------------------------------------

BY_PROXY = {
    "Host": "kcs.example.com",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "kcs.example.com",
}


@contextmanager
def https_server(folder: Path, template: Path, proxies: int) -> Iterator[Product]:
    """`kcs serve` for an address over https, with so many proxies in front that it trusts."""
    shutil.copy(template, folder / "kcs.db")
    settings = {"BASE_URL": PUBLIC, "TRUSTED_PROXIES": str(proxies)}
    product = Product(folder, f"sqlite:///{folder / 'kcs.db'}", settings=settings)
    product.start("serve", "--port", str(product.port))
    try:
        until(product.is_ready, what="the server's start")
        yield product
    finally:
        product.kill_all()


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Product]:
    """A server that trusts the proxy in front of it."""
    with https_server(tmp_path_factory.mktemp("behind"), sqlite_template, 1) as product:
        yield product


@pytest.fixture(scope="module")
def in_the_open(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Product]:
    """A server that trusts nobody in front of it."""
    with https_server(tmp_path_factory.mktemp("open"), sqlite_template, 0) as product:
        yield product


def ask(served: Product, path: str, headers: dict[str, str]) -> requests.Response:
    """Send one request as a proxy on this machine would, following nothing."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(
            f"{served.base_url}{path}", headers=headers, allow_redirects=False, timeout=PATIENCE
        )


@pytest.mark.long
def test_what_came_over_https_is_served_and_not_sent_round_again(behind_proxy: Product) -> None:
    answer = ask(behind_proxy, "/sign-in", BY_PROXY)
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    cookies = answer.headers["Set-Cookie"]
    assert cookies.startswith("__Host-kcs=")
    assert "Secure" in cookies


@pytest.mark.long
def test_the_way_to_the_sign_in_page_ends_there(behind_proxy: Product) -> None:
    path = "/tickets"
    for _ in range(5):
        answer = ask(behind_proxy, path, BY_PROXY)
        if not answer.is_redirect:
            break
        path = answer.headers["Location"].removeprefix(PUBLIC)
        assert path.startswith("/")
    assert (answer.status_code, path.partition("?")[0]) == (200, "/sign-in")


@pytest.mark.long
@pytest.mark.parametrize("path", ["/sign-in", "/help/", "/api/v1/search?q=x", "/metrics"])
def test_plain_http_is_sent_to_https_once(behind_proxy: Product, path: str) -> None:
    headers = {**BY_PROXY, "X-Forwarded-Proto": "http"}
    answer = ask(behind_proxy, path, headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PUBLIC}{path}")


@pytest.mark.long
def test_without_a_proxy_nobody_is_believed_to_come_over_https(in_the_open: Product) -> None:
    answer = ask(in_the_open, "/sign-in", BY_PROXY)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PUBLIC}/sign-in")


@pytest.mark.long
def test_without_a_proxy_nobody_can_name_another_host(in_the_open: Product) -> None:
    answer = ask(in_the_open, "/sign-in", {**BY_PROXY, "X-Forwarded-Host": "evil.example.net"})
    assert answer.headers["Location"] == f"{PUBLIC}/sign-in"


@pytest.mark.long
@pytest.mark.parametrize("probe", PROBES)
def test_probes_from_inside_need_no_https(behind_proxy: Product, probe: str) -> None:
    assert ask(behind_proxy, probe, {}).status_code == 200
