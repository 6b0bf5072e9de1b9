"""Where a play happens: the stand-in desk on one side, a server on the other, signed webhooks between.

The server may be in this process or elsewhere, and may be killed in between: what the desk sends is sent
again until the server says that it has it, as a desk would.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from integrations.emulation.clock import Clock
from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.deliveries import Delivery
from kcs.database import db
from kcs.errors import KcsError
from kcs.publishing.models import Target
from kcs.tickets.services import add_connection

CONNECTION = "demo"
# The titles of the ticket fields that name the product, and hold the seconds agents worked.
PRODUCT, WORKED = "Product", "Total time spent (sec)"
PATIENCE_SECONDS = 180.0
PAUSE_SECONDS = 0.1
PLAYED = timedelta(days=365)


class PlayError(KcsError):
    """The play cannot go on; the message says what the server answered."""


@dataclass
class Stage:
    """Sends deliveries, does what agents do over the API, and waits until the work is done.

    `open_rows` returns how many inbox and outbox rows are not finished; `between` is called before each
    send, for whoever wants to disturb the play. `clock` is what the desk and the server go by: one that lags
    behind, where the past is played in it, or that of this machine.
    """

    desk: Emulator
    base_url: str
    tokens: dict[str, str]
    open_rows: Callable[[], int]
    twice: float = 0.2
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    between: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        self.sent = self.repeats = 0

    def deliver(self) -> None:
        """Send everything the desk has queued, shuffled, some of it twice; wait until it is worked on."""
        waiting = self.desk.take_deliveries()
        again = [delivery for delivery in waiting if self.dice.random() < self.twice]
        self.sent, self.repeats = self.sent + len(waiting) + len(again), self.repeats + len(again)
        mixed = waiting + again
        self.dice.shuffle(mixed)
        for delivery in mixed:
            self.between()
            self._send(delivery)
        self.settle()

    def settle(self) -> None:
        """Wait until every row is done. Raises PlayError when that takes three minutes."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.open_rows():
            if time.monotonic() > until:
                raise PlayError(f"{self.open_rows()} rows are still open: see 'kcs inbox list'.")
            time.sleep(PAUSE_SECONDS)

    def wait_until(self, moment: datetime) -> None:
        """Move the clock on to a moment of what is played, once all work is done; to the present at most.

        Where it is later already nothing happens: a clock that shows the present never moves.
        """
        if min(moment, datetime.now(UTC)) <= self.clock():
            return
        self.settle()
        ahead = min(moment, datetime.now(UTC)) - self.clock()
        self.clock.advance(max(ahead, timedelta()))

    def api(self, agent: str, method: str, path: str, content: object = None, **headers: str) -> Any:
        """Make an API call as `agent`, again while the server is away; acts have one effect however often."""
        until = time.monotonic() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {self.tokens[agent]}", **headers}
        while True:
            self.between()
            try:
                answer = self._http.request(
                    method, f"{self.base_url}/api/v1{path}", json=content, headers=headers, timeout=30
                )
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code < 500:
                break
            if time.monotonic() > until:
                raise PlayError(f"The server did not answer {method} {path} for three minutes.")
            time.sleep(PAUSE_SECONDS)
        if not answer.ok:
            raise PlayError(f"{method} {path} by {agent}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def _send(self, delivery: Delivery) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        endpoint = f"{self.base_url}/webhooks/{CONNECTION}"
        while time.monotonic() < until:
            headers, body = self.desk.sign(delivery)
            try:
                answer = self._http.post(endpoint, data=body, headers=headers, timeout=12)
            except requests.RequestException:
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code == 202:
                return
            if answer.status_code != 503:
                raise PlayError(f"The webhook answered {answer.status_code}: {answer.text[:300]}")
            time.sleep(PAUSE_SECONDS)
        raise PlayError("The server did not take a webhook for three minutes.")


def field_number(desk: Emulator, title: str) -> int:
    """Return the number of the ticket field of this title."""
    fields = desk.desk.ticket_fields
    return next(number for number, field in fields.items() if field["title"] == title)


def in_groups(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Cut a list into pieces of `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def connect(desk: Emulator, api_base: str) -> None:
    """Add the connection to the stand-in desk, and the help centre of its account as a target."""
    section = desk.add_section("Answers")
    connection = add_connection(
        CONNECTION,
        provider="zendesk",
        subdomain=desk.account,
        token=desk.token,
        webhook_secret=desk.outbox.secret,
        api_base=api_base,
    )
    # What is played happened in the months before: as if the desk had been connected all along.
    connection.created_at -= PLAYED
    connection.product_field = str(desk.desk.add_ticket_field({"type": "tagger", "title": PRODUCT})["id"])
    desk.desk.add_ticket_field({"type": "integer", "title": WORKED})
    settings = {"section_id": str(section.id), "permission_group_id": "1"}
    db.session.add(Target(connection_id=connection.id, locale="en-us", settings=settings))
