"""Fixtures for every test: an app on an empty, migrated database, on SQLite and on PostgreSQL.

PostgreSQL runs where KCS_TEST_POSTGRES_URL names a server, Redis where KCS_TEST_REDIS_URL does. Where one is
missing its tests skip and say so; with CI set that is a failure instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import flask_migrate
import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from kcs import config
from kcs.app import create_app
from kcs.config import Settings
from kcs.database import Base, db
from kcs.extensions import limiter
from kcs.ports import Provider
from tests.fakes import FakeDesk, FakeProvider

SECRET = "a-secret-for-tests-that-is-long-enough"
POSTGRES = os.environ.get("KCS_TEST_POSTGRES_URL")
REDIS = os.environ.get("KCS_TEST_REDIS_URL")
DATABASES = ("sqlite", "postgresql")
AppMaker = Callable[..., Flask]


def needed(value: str | None, what: str, variable: str) -> str:
    """Return `value`; without one skip loudly, and in CI, where nothing may be skipped, fail."""
    if value is not None:
        return value
    message = f"{what} is not there: set {variable} to a server of your own for tests"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def settings_for(folder: Path, **variables: str) -> Settings:
    """Return settings for an instance folder of a test's own."""
    given = {"KCS_SECRET_KEY": SECRET, **{f"KCS_{name}": value for name, value in variables.items()}}
    return config.load(given, instance=folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    folder = tmp_path_factory.mktemp("template")
    with create_app(settings_for(folder)).app_context():
        flask_migrate.upgrade()
        db.session.execute(text("SELECT 1"))
        db.session.remove()
        db.engine.dispose()
    return folder / "kcs.db"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty PostgreSQL database of this test run's own."""
    server_url = needed(POSTGRES, "PostgreSQL", "KCS_TEST_POSTGRES_URL")
    name = f"kcs_test_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    url = urlsplit(server_url)._replace(path=f"/{name}").geturl()
    with create_app(settings_for(tmp_path_factory.mktemp("pg"), DATABASE_URL=url)).app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()
    yield url
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis of the tests' own; its test keys are gone afterwards."""
    url = needed(REDIS, "Redis", "KCS_TEST_REDIS_URL")
    connection = redis.Redis.from_url(url)
    yield url
    for key in connection.scan_iter("kcs:bell:*"):
        connection.delete(key)
    for key in connection.scan_iter("rq:*"):
        connection.delete(key)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database on each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "kcs.db")
        return f"sqlite:///{tmp_path / 'kcs.db'}"
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
    return url


def _empty(url: str) -> None:
    tables = ", ".join(f'"{name}"' for name in Base.metadata.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@pytest.fixture
def desk() -> FakeDesk:
    """The help desk behind the fake provider."""
    return FakeDesk()


@pytest.fixture
def make_app(database_url: str, tmp_path: Path, desk: FakeDesk) -> Iterator[AppMaker]:
    """Make an app on the test's database; `providers` default to a fake desk."""
    made: list[Flask] = []

    def make(providers: dict[str, Provider] | None = None, **variables: str) -> Flask:
        settings = settings_for(tmp_path, DATABASE_URL=database_url, **variables)
        app = create_app(settings, providers or {"zendesk": FakeProvider(desk)})
        app.config["WTF_CSRF_ENABLED"] = False
        limiter.enabled = False
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """An app with its context pushed."""
    app = make_app()
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()
