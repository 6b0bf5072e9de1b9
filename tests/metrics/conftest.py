"""An application whose calendar is Madrid's, and a log written row by row."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs import config
from kcs.app import create_app
from kcs.database import Base, db


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    environment = {"KCS_DATABASE_URL": f"sqlite:///{tmp_path / 'kcs.db'}", "KCS_SECRET_KEY": "s" * 40}
    if request.param == "postgresql":
        if "KCS_TEST_POSTGRES_URL" not in os.environ:
            pytest.skip("KCS_TEST_POSTGRES_URL is not set")
        environment["KCS_DATABASE_URL"] = os.environ["KCS_TEST_POSTGRES_URL"]
    made = create_app(config.load(environment, instance=tmp_path))
    with made.app_context():
        Base.metadata.drop_all(db.engine)
        Base.metadata.create_all(db.engine)
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(autouse=True)
def madrid(request: pytest.FixtureRequest) -> None:
    """Reports are cut by the organisation's calendar, here one with summer time."""
    if "app" in request.fixturenames:
        app = request.getfixturevalue("app")
        app.config["KCS"] = replace(app.config["KCS"], timezone="Europe/Madrid")
