"""The product's processes on a database of a test's own, and real questions to play against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from tests.conftest import AppMaker
from tests.processes import DATA, Product, own_redis_url

QUICK = {"LEASE_SECONDS": "3", "SWEEP_SECONDS": "1"}
Starter = Callable[..., Product]


@pytest.fixture
def banking() -> Path:
    """Real questions to a bank, each with the article that answers it."""
    folder = DATA / "banking77"
    if not (folder / "dev" / "queries.jsonl").exists():
        pytest.skip(f"{folder} is not there: set KCS_TEST_DATA to a folder with the data sets")
    return folder


@pytest.fixture
def desk() -> Emulator:
    """The help desk; it lives in this process and is never killed."""
    return Emulator(shapes=("event", "trigger"))


@pytest.fixture
def desk_server(desk: Emulator) -> Iterator[EmulatorServer]:
    """The desk on a port."""
    with EmulatorServer(desk) as running:
        yield running


@pytest.fixture
def app(make_app: AppMaker) -> Iterator[Flask]:
    """The same database, looked at from this process."""
    app = make_app({"zendesk": ZendeskProvider()})
    with app.app_context():
        yield app


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A Redis database of this test run's own, empty before and after."""
    url = own_redis_url()
    connection = redis.Redis.from_url(url)
    connection.flushdb()
    yield url
    connection.flushdb()
    connection.close()


@pytest.fixture
def product(
    request: pytest.FixtureRequest, app: Flask, database_url: str, tmp_path: Path
) -> Iterator[Product]:
    """`kcs serve` alone on SQLite, `kcs serve` and `kcs worker` on PostgreSQL; not yet started."""
    redis_url = None if app.config["KCS"].is_sqlite else request.getfixturevalue("own_redis")
    folder = tmp_path / "processes"
    folder.mkdir()
    made = Product(folder, database_url, redis_url, QUICK)
    yield made
    made.kill_all()
