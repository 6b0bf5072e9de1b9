"""Reports are cut by the organisation's calendar: here Madrid's, which has summer time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def madrid(request: pytest.FixtureRequest) -> None:
    if "app" in request.fixturenames:
        app: Flask = request.getfixturevalue("app")
        app.config["KCS"] = replace(app.config["KCS"], timezone="Europe/Madrid")
