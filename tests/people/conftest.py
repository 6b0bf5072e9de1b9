"""An app whose context is not pushed: each request looks for its person anew, as in service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs.database import db
from kcs.people import services
from kcs.people.models import Agent
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent
from workflow.permissions import Licence, Role

EMAIL = "ana@example.com"
Result = TypeVar("Result")


class Site:
    """An app with Ana, a publisher who is an administrator too."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.do(self._add_ana)

    def _add_ana(self) -> None:
        make_agent(Licence.PUBLISHER, [Role.ADMIN], email=EMAIL, password=PASSWORD)

    def do(self, act: Callable[[], Result]) -> Result:
        """Do something in a transaction of its own, as another process would."""
        with self.app.app_context():
            result = act()
            db.session.commit()
        return result

    def with_ana(self, act: Callable[[Agent], Result]) -> Result:
        """Do something to Ana, as another process would."""
        return self.do(
            lambda: act(db.session.execute(select(Agent).where(Agent.email == EMAIL)).scalar_one())
        )

    def browser(self) -> FlaskClient:
        """Return a new browser."""
        return self.app.test_client()

    def signed_in(self) -> FlaskClient:
        """Return a browser in which Ana has signed in."""
        browser = self.browser()
        answer = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return browser

    def token(self, days: int = 1) -> dict[str, str]:
        """Return the header of a new bearer token of Ana's."""
        token = self.with_ana(lambda ana: services.issue_token(ana, label="script", days=days))
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def site(make_app: AppMaker) -> Site:
    """An app without its context pushed."""
    return Site(make_app())
