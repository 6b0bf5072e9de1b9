"""Fixtures for every test: an app on an empty, migrated database, on SQLite and on PostgreSQL.

PostgreSQL runs where KCS_TEST_POSTGRES_URL names a server, Redis where KCS_TEST_REDIS_URL does. Where one is
missing its tests skip and say so; with CI set that is a failure instead.
"""

from __future__ import annotations

import copy
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import flask_migrate
import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from kcs import config
from kcs.app import create_app
from kcs.cli import main
from kcs.config import Settings
from kcs.database import Base, Encrypted, db
from kcs.extensions import ThreadBell, limiter
from kcs.improving.visiting import Waiting
from kcs.ports import Provider
from kcs.publishing.places import Catalogue
from kcs.search.index import SearchIndex
from kcs.tickets import budget
from tests.fakes import FakeDesk, FakeProvider

SECRET = "a-secret-for-tests-that-is-long-enough"
POSTGRES = os.environ.get("KCS_TEST_POSTGRES_URL")
REDIS = os.environ.get("KCS_TEST_REDIS_URL")
DATABASES = ("sqlite", "postgresql")
# Numbers count from 1 again also where every row was taken back.
RESTART_COUNTING = """
DO $$ DECLARE counter text; BEGIN
  FOR counter IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', counter);
  END LOOP;
END $$
"""
AppMaker = Callable[..., Flask]
# What `make test` runs on PostgreSQL too, by file or folder: the rest waits there for `make test-long`.
AT_ONCE_ON_POSTGRESQL = {
    "outbox",
    "test_database",
    "test_migrations",
    "test_whole_app",
    "test_worker",
    "test_worklist",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep `make test` short: most is tested on the second database by the long tests."""
    for item in items:
        at_once = {item.path.parent.name, item.path.stem} & AT_ONCE_ON_POSTGRESQL
        if "postgresql" in item.nodeid and not at_once:
            item.add_marker(pytest.mark.long)


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


@pytest.fixture(scope="session", autouse=True)
def _help_options() -> None:
    """A command keeps the help options it first saw: take those of `kcs`, also where one runs it alone."""
    context = click.Context(main, help_option_names=main.context_settings["help_option_names"])
    commands: list[click.Command] = [main]
    for command in commands:
        command.get_help_option(context)
        if isinstance(command, click.Group):
            commands += command.commands.values()


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
    name = f"kcs_test_{secrets.token_hex(6)}"  # a run that was killed left its own behind
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


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the apps that many tests share keep their files."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, shared_folder: Path) -> str:
    """An empty, migrated database on each kind."""
    if request.param == "sqlite":
        return empty_sqlite(request.getfixturevalue("sqlite_template"), shared_folder)
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
    return url


def empty_sqlite(template: Path, shared_folder: Path) -> str:
    """Put an empty, migrated SQLite file where the shared app has its own; return its address."""
    for file in shared_folder.glob("kcs.db*"):
        file.unlink()
    shutil.copy(template, shared_folder / "kcs.db")
    return f"sqlite:///{shared_folder / 'kcs.db'}"


def _empty(url: str) -> None:
    """Empty the tables that hold something: most tests touch a few of many."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        held = connection.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")"  # noqa: S608 -- names of our models
                for name in Base.metadata.tables
            )
        ).fetchall()
        if held:
            tables = ", ".join(f'"{name}"' for (name,) in held)
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        connection.execute(RESTART_COUNTING)


@pytest.fixture
def desk() -> FakeDesk:
    """The help desk behind the fake provider."""
    return FakeDesk()


class SharedApp:
    """An app made once for many tests, because making one takes longer than most tests do.

    What a test puts into it is taken out again.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._providers: dict[str, Provider] = {"zendesk": FakeProvider(FakeDesk())}
        self.app = create_app(settings_for(folder, DATABASE_URL=url), self._providers)
        with self.app.app_context():
            if db.engine.dialect.name == "sqlite":
                event.listen(db.engine, "connect", _never_sync)
        self._keys = Encrypted.keys
        self._config = dict(self.app.config)
        self._extensions = self._kept(self.app.extensions)
        self._views = dict(self.app.view_functions)

    def made_ready(self, providers: dict[str, Provider], folder: Path) -> Flask:
        """Return the app as it was made, with this test's providers and a search index of its own."""
        Encrypted.keys = self._keys
        self._providers.clear()
        self._providers.update(providers)
        for present, kept in (
            (self.app.config, self._config),
            (self.app.extensions, self._kept(self._extensions)),
            (self.app.view_functions, self._views),
        ):
            present.clear()
            present.update(kept)
        vars(self.app).pop("wsgi_app", None)
        budget.forget_everything()
        self.app.extensions["kcs.providers"] = self._providers
        self.app.extensions["kcs.publishing_places"] = Catalogue(self._providers)
        self.app.extensions["kcs.search"] = SearchIndex(folder / "search.db")
        self.app.extensions["kcs.bell"] = ThreadBell()
        self.app.extensions["kcs.visits"] = Waiting()
        return self.app

    @staticmethod
    def _kept(extensions: dict[str, Any]) -> dict[str, Any]:
        return {
            name: copy.copy(value) if isinstance(value, dict | list) else value
            for name, value in extensions.items()
        }


def _never_sync(connection: Any, _record: object) -> None:
    """What a test writes need not outlive this machine's power."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def shared_apps() -> dict[str, SharedApp]:
    """The apps that many tests share, by address of their database."""
    return {}


@pytest.fixture
def make_app(
    database_url: str,
    tmp_path: Path,
    desk: FakeDesk,
    shared_folder: Path,
    shared_apps: dict[str, SharedApp],
) -> Iterator[AppMaker]:
    """Make an app on the test's database; `providers` default to a fake desk.

    One without settings of its own is shared with other tests.
    """
    made: list[Flask] = []

    def shared(providers: dict[str, Provider]) -> Flask:
        if database_url not in shared_apps:
            shared_apps[database_url] = SharedApp(shared_folder, database_url)
        return shared_apps[database_url].made_ready(providers, tmp_path)

    def make(providers: dict[str, Provider] | None = None, **variables: str) -> Flask:
        own_file = database_url.startswith("sqlite") and str(shared_folder) not in database_url
        providers = providers or {"zendesk": FakeProvider(desk)}
        if variables or made or own_file:
            app = create_app(settings_for(tmp_path, DATABASE_URL=database_url, **variables), providers)
        else:
            app = shared(providers)
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
