"""What every HTML page shares: navigation, one page of a list, choices read from the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_sqlalchemy.pagination import Pagination

from kcs.sentences import Sentence

Choice = TypeVar("Choice", bound=StrEnum)

# label, endpoint, blueprints that make it the present place, key
NAVIGATION = (
    (Sentence("My work"), "my_work.index", ("my_work",), "w"),
    (Sentence("Tickets"), "tickets.list_tickets", ("tickets",), "t"),
    (
        Sentence("Articles"),
        "articles.list_articles",
        ("articles", "authoring", "versions", "duplicates"),
        "a",
    ),
    (Sentence("Improve"), "improving.flags", ("improving",), "i"),
    (Sentence("Reviews"), "reviews.queue", ("reviews", "drifts", "samples"), "q"),
    (
        Sentence("Reports"),
        "reports.index",
        ("reports", "radar", "report_mails", "report_inputs", "gaps", "evolving"),
        "r",
    ),
    (Sentence("Help centre"), "help.index", ("help",), "h"),
)
FOR_ADMINS = (
    (
        Sentence("Admin"),
        "article_settings.index",
        (
            "article_settings",
            "search_settings",
            "search_sample",
            "sample_questions",
            "desk_people",
            "publishing_rules",
        ),
        "m",
    ),
)


# Whether charts are drawn: in the address, and kept in the session.
CHARTS = "charts"


@dataclass(frozen=True)
class Listing:
    """One page of a list as the templates want it."""

    pagination: Pagination

    @classmethod
    def asked_for(cls, load: Callable[[int], Pagination]) -> Listing:
        """Return the page the address names, the last one where the list is shorter than that.

        `load` returns a page by its number. A list may have become shorter since its address was given.
        """
        found = load(page_number())
        return cls(load(found.pages) if found.page > found.pages > 0 else found)

    @property
    def items(self) -> list[Any]:
        """The rows of this page."""
        return list(self.pagination.items)

    @property
    def number(self) -> int:
        """Which page this is, from 1."""
        return self.pagination.page

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self.pagination.pages

    @property
    def total(self) -> int:
        """How many rows there are on all pages."""
        return self.pagination.total or 0

    @property
    def has_prev(self) -> bool:
        """True when there is a page before."""
        return self.pagination.has_prev

    @property
    def has_next(self) -> bool:
        """True when there is a page after."""
        return self.pagination.has_next

    def url_for(self, number: int) -> str:
        """Return the address of another page of the same list."""
        given = {**request.args.to_dict(), **(request.view_args or {}), "page": number}
        return url_for(request.endpoint or "", **given)


def chosen(kind: type[Choice], name: str) -> Choice | None:
    """Return the value named in the address, None when it is missing or none of `kind`."""
    value = request.args.get(name, "")
    return kind(value) if value in list(kind) else None


def page_number() -> int:
    """Return the page asked for, 1 for anything that is no positive number."""
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))


def add_count(app: Flask, label: str, count: Callable[[Any], int]) -> None:
    """Show beside an entry of the navigation how much waits for the agent."""
    app.extensions.setdefault("kcs.counts", {})[label] = count


def wire(app: Flask) -> None:
    """Give every template what the layout needs."""
    app.context_processor(_layout)
    app.jinja_env.globals["charts_drawn"] = charts_drawn


def keep_choices(app: Flask) -> None:
    """Keep what readers choose in an address. Call it after the guard, which tells who reads."""
    app.before_request(_keep_charts)


def charts_drawn() -> bool:
    """Tell whether the reader wants charts drawn: their figures stand on every page all the same."""
    return not has_request_context() or session.get(CHARTS, "on") == "on"


def _keep_charts() -> ResponseReturnValue | None:
    """Remember `?charts=off` (or on) for as long as somebody is signed in, and go on without it."""
    choice = request.args.get(CHARTS)
    if choice not in ("on", "off") or request.endpoint is None or g.get("agent") is None:
        return None
    session[CHARTS] = choice
    rest: dict[str, Any] = {name: value for name, value in request.args.items() if name != CHARTS}
    return redirect(url_for(request.endpoint, **(request.view_args or {}), **rest))


def _nav_count(label: str) -> int:
    """Return the number beside an entry; asked for by the layout alone, so once a page."""
    count: Callable[[Any], int] | None = current_app.extensions.get("kcs.counts", {}).get(label)
    return count(g.agent) if count is not None else 0


def _layout() -> dict[str, Any]:
    agent = g.get("agent")
    if agent is None:
        visitor = {"site_name": Sentence("Help centre"), "home_url": url_for("help.index")}
        return {
            "current_agent": None,
            **(visitor if request.blueprint == "help" else {"site_name": "KCS engine"}),
        }
    shown = (*NAVIGATION, *(FOR_ADMINS if "admin" in agent.role_names else ()))
    return {
        "current_agent": agent,
        "site_name": "KCS engine",
        "nav_items": [
            (label, url_for(to), request.blueprint in places, key) for label, to, places, key in shown
        ],
        "nav_count": _nav_count,
        "search_url": url_for("search.show"),
        "account_url": url_for("people.account"),
        "sign_out_url": url_for("people.sign_out"),
    }
