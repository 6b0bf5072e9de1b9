"""Who may use which address: deny by default, one permission for each route.

What a person may not know of answers 404, what they see but may not do answers 403. Rights over articles are
finer and live in `workflow.permissions`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user

from kcs.errors import NotAllowed, NotSignedIn
from kcs.extensions import bearer
from kcs.people.embedded import agent_of_embedded
from kcs.people.models import Agent
from kcs.people.services import agent_of_token
from workflow.permissions import Role


class Permission(StrEnum):
    """What a route needs."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    WORK = "work"
    REPORTS = "reports"
    EVOLVE = "evolve"
    OPERATE = "operate"


def may(agent: Agent, permission: Permission) -> bool:
    """Return whether a person in good standing holds `permission`."""
    return _RULES[permission](agent)


def _works(agent: Agent) -> bool:
    return agent.licence is not None or bool(agent.roles & {Role.COACH, Role.EXPERT})


_RULES: dict[Permission, Callable[[Agent], bool]] = {
    Permission.PUBLIC: lambda _: True,
    Permission.SIGNED_IN: lambda _: True,
    Permission.WORK: _works,
    # Everybody has a report on themselves; how far it reaches is decided in kcs.metrics.
    Permission.REPORTS: lambda _: True,
    # The board of the whole knowledge base, for whoever looks after it or after people.
    Permission.EVOLVE: lambda agent: bool(agent.roles),
    Permission.OPERATE: lambda agent: Role.ADMIN in agent.roles,
}

MACHINE_PATHS = ("/api/", "/metrics")
# Where the app keeps the endpoints that a page within a desk's frame may use.
EMBEDDED = "kcs.embedded"

View = TypeVar("View", bound=Callable[..., object])


def requires(permission: Permission) -> Callable[[View], View]:
    """Name the permission a view needs. A view without one answers nobody."""

    def mark(view: View) -> View:
        view.__dict__["permission"] = permission
        return view

    return mark


def permission_of(endpoint: str) -> Permission | None:
    """Return the permission an endpoint names, None when it names none."""
    view = current_app.view_functions[endpoint]
    found = getattr(view, "permission", None) or getattr(
        getattr(view, "view_class", None), "permission", None
    )
    return found if isinstance(found, Permission) else None


def current_agent() -> Agent:
    """Return who makes this request. Raises NotSignedIn."""
    agent: Agent | None = g.get("agent")
    if agent is None:
        raise NotSignedIn("Sign in, or send a bearer token.")
    return agent


def is_embedded() -> bool:
    """True when this request comes from a page that a desk holds in its frame."""
    return bool(g.get("embedded", False))


def guard(app: Flask) -> None:
    """Check every request before its view runs."""
    app.before_request(_check)
    app.jinja_env.globals["is_embedded"] = is_embedded


def _check() -> None:
    if request.endpoint is None:
        # Nothing is there; that is said in the language of whoever asks, and leads back to their pages.
        g.agent = _who()
        return
    permission = permission_of(request.endpoint)
    if permission is Permission.PUBLIC:
        return
    g.agent = _who()
    if g.agent is None:
        raise NotSignedIn("Sign in, or send a bearer token.")
    if permission is None or not may(g.agent, permission):
        raise NotAllowed("This needs a right that you do not have. An administrator can grant it.")


def _who() -> Agent | None:
    """A bearer token counts where machines call and within a desk's frame, a browser session only elsewhere.

    Whoever sends a bearer token is known by it alone: a cookie that came along counts for nothing.
    """
    token = bearer()
    g.embedded = False
    if request.path.startswith(MACHINE_PATHS):
        return agent_of_token(token) if token else None
    if token:
        return _embedded(token)
    return current_user.agent if current_user.is_authenticated else None


def _embedded(token: str) -> Agent | None:
    """Return who works in a desk's frame, where only the panel's routes are open, for that desk's tickets."""
    connection = (request.view_args or {}).get("connection")
    if connection is None or request.endpoint not in current_app.extensions.get(EMBEDDED, ()):
        return None
    agent = agent_of_embedded(token, connection)
    g.embedded = agent is not None
    return agent
