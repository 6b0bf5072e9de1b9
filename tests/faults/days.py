"""What the scripted days at both desks share: agents at work over the API, and waiting for the work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Protocol

import requests
from flask import Flask

from kcs import database, work_commands
from kcs.database import db
from kcs.demo.commands import open_rows
from kcs.errors import RemoteError
from kcs.syncing import services as syncing
from kcs.syncing.models import SyncRun
from kcs.tickets.models import Connection
from tests.processes import Product, until
from webhooks.models import Delivery

PATIENCE = 3600.0
PAUSE = 0.1


ACTS = {"link": ("POST", "links"), "draft": ("POST", "draft"), "exempt": ("POST", "exemption")}
Ask = Callable[[str, str, str, object], Any]


class Players(Protocol):
    """Who takes part in a day, as far as acts in the product go."""

    articles: list[str]
    dice: random.Random
    links: dict[int, Any]


def act_in_product(ask: Ask, cast: Players, email: str, connection: str, number: int, acts: str) -> None:
    """Let an agent act in the product on one ticket; the cast remembers which link was made."""
    path = f"/tickets/{connection}/{number}"
    for each in filter(None, acts.split(", ")):
        if each == "unlink":
            ask(email, "DELETE", f"{path}/links/{cast.links.pop(number)}", None)
            continue
        method, what = ACTS[each]
        content = {"link": {"article": cast.dice.choice(cast.articles)}, "exempt": {"reason": "no_knowledge"}}
        done = ask(email, method, f"{path}/{what}", content.get(each, {}))
        if each == "link":
            cast.links[number] = done["id"]


class Colleagues:
    """Agents at work: acts have one effect however often, so they try until the server answers."""

    def __init__(self, base_url: str, tokens: dict[str, str]) -> None:
        self._base, self._tokens = f"{base_url}/api/v1", tokens
        self._http = requests.Session()
        self._http.trust_env = False

    def ask(self, who: str, method: str, path: str, content: object = None) -> Any:
        """Make a call as somebody; fail the test when it is refused, or never answered."""
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self._http.request(method, self._base + path, json=content, headers=headers, timeout=30)
            if answer.status_code < 500:
                assert answer.ok, f"{method} {path} by {who}: {answer.status_code} {answer.text[:300]}"
                return answer.json() if answer.content else None
            time.sleep(PAUSE)
        raise AssertionError(f"{method} {path}: no answer within {PATIENCE:.0f} s")


def settle(app: Flask) -> None:
    """Wait until every row is worked on; what was parked in the storm gets its second chance."""
    until(lambda: not open_rows(app), PATIENCE, "the work")
    if work_commands.replay(Delivery, (), everything=True):
        until(lambda: not open_rows(app), PATIENCE, "the work that was parked")


def reconcile(app: Flask, connection_id: int) -> int:
    """Look for what was lost, as the hourly chore does; return how many tickets were behind."""
    run_id = syncing.begin_reconcile(db.session.get_one(Connection, connection_id)).id
    db.session.commit()
    until(lambda: _got_through(app, run_id), PATIENCE, "the reconcile")
    settle(app)
    with database.reading():
        return db.session.get_one(SyncRun, run_id).found


def start(product: Product) -> None:
    """Put the product to work."""
    product.start("serve")
    if product.redis_url:
        product.start("worker")
    product.wait_until_ready()


def _got_through(app: Flask, run_id: int) -> bool:
    """Go on with a reconcile; one that a fault stopped keeps its place for the next try."""
    try:
        return syncing.reconcile(app.extensions["kcs.desks"], run_id)
    except RemoteError:
        return False
