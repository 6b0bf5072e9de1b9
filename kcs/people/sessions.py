"""Browser sessions: flask-login carries a random token, the database says whose it is and until when."""

from __future__ import annotations

from dataclasses import dataclass

from flask import session
from flask_login import login_user, logout_user

from kcs.people.models import Agent
from kcs.people.services import agent_of_sign_in, sign_out


@dataclass(frozen=True)
class Visit:
    """A signed-in browser, as flask-login wants it."""

    token: str
    agent: Agent

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return self.token


def agent_of_cookie(token: str) -> Visit | None:
    """Return whose session the cookie names, None when it is over."""
    agent = agent_of_sign_in(token)
    return Visit(token, agent) if agent else None


def open_visit(agent: Agent, token: str) -> None:
    """Put a new session into the browser; whatever was in the old cookie is gone (session fixation)."""
    session.clear()
    login_user(Visit(token, agent))


def close_visit(visit: Visit) -> None:
    """End the session here and in the browser."""
    sign_out(visit.token)
    logout_user()
    session.clear()
