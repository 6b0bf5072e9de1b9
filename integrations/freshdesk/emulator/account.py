"""A Freshdesk account in memory, spoken to over real HTTP: for tests, demonstrations and fault drills.

It speaks the part of the REST API that this provider uses, sends what its automation rules and our app send,
and fails on demand. `Emulator` is its control panel for scripts, `EmulatorServer` puts it on a port.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from integrations.emulation.clock import Clock
from integrations.emulation.faults import CallCount, Faults
from integrations.freshdesk.emulator.app_events import InstalledApp
from integrations.freshdesk.emulator.desk import Desk
from integrations.freshdesk.emulator.limits import Limits
from integrations.freshdesk.emulator.outbox import APP, RULE, Outbox, packed
from integrations.freshdesk.emulator.records import Act, Ticket
from integrations.freshdesk.emulator.rules import (
    AGENT,
    CREATION,
    OF_OURS,
    RECOMMENDED,
    REQUESTER,
    SYSTEM,
    UPDATE,
    Rule,
    performer_of,
    placeholders,
)
from integrations.freshdesk.emulator.server import EmulatorServer, create_app
from integrations.freshdesk.emulator.solutions import Solutions
from integrations.freshdesk.emulator.stories import Stories

__all__ = ["KEY", "Emulator", "EmulatorServer", "create_app"]

KEY = "emulator-api-key"


class Emulator(Stories):
    """One account. `key` signs in as its administrator; every agent has a key of their own.

    Changes made here and over HTTP are the same: each is kept in its ticket's `acts` and queues in `outbox`
    what `rules` and the installed app send, to be posted when a script calls `deliver`. `clock` is moved on
    with `advance`. `desk` and `solutions` hold what there is, `faults` what goes wrong next, `limits` how
    much is too much, `calls` what was asked for.
    """

    def __init__(
        self,
        account: str = "acme",
        key: str = KEY,
        *,
        start: datetime | None = None,
        plan: str = "enterprise",
    ) -> None:
        self.account = account
        self.key = key
        self.site = f"https://{account}.freshdesk.com"
        self.clock = Clock(start)
        self.limits = Limits(self.clock, plan)
        self.outbox = Outbox(self.clock, self.limits)
        self.desk = Desk(self._saved)
        self.solutions = Solutions(self.clock)
        self.faults = Faults()
        self.calls = CallCount()
        self.rules: list[Rule] = []
        self.app: InstalledApp | None = None
        self.deliver = self.outbox.deliver
        self._rule_ids = itertools.count(1)
        self.admin = self.add_agent("Desk Admin", f"admin@{account}.example", key=key, admin=True)

    def add_rule(
        self,
        url: str,
        *,
        on: str = UPDATE,
        body: str = RECOMMENDED,
        headers: Mapping[str, str] | None = None,
        user: str = "",
        password: str = "",
        events: Sequence[str] = (),
        performers: Sequence[str] = (),
    ) -> Rule:
        """Enter a rule that triggers a webhook, on "creation" or "update"; `Rule` says what narrows it."""
        number, own = next(self._rule_ids), dict(headers or {})
        rule = Rule(number, on, url, body, own, user, password, tuple(events), tuple(performers))
        self.rules.append(rule)
        return rule

    def add_rules(self, url: str, secret: str, *, body: str = RECOMMENDED) -> None:
        """Enter the three rules our instructions ask for, with our secret in its header."""
        headers = {"X-KCS-Secret": secret}
        self.add_rule(url, on=CREATION, body=body, headers=headers)
        for performers in ((AGENT, REQUESTER), (SYSTEM,)):
            self.add_rule(url, body=body, headers=headers, events=OF_OURS, performers=performers)

    def install_app(self, url: str, secret: str) -> InstalledApp:
        """Install our app, which forwards ticket events from now on."""
        self.app = InstalledApp(url, secret)
        return self.app

    def advance(self, by: timedelta) -> None:
        """Move the account's clock on."""
        self.clock.advance(by)

    def deliver_all(self, within: timedelta = timedelta(hours=30)) -> None:
        """Deliver, moving the clock on to each retry and each new hour until nothing waits.

        What lies further ahead than `within` is left waiting.
        """
        end = self.clock() + within
        self.deliver()
        while (due := self.outbox.next_due()) is not None and due <= end:
            self.clock.advance(max(timedelta(), due - self.clock()))
            self.deliver()

    def _saved(self, ticket: Ticket, act: Act) -> None:
        """Queue what an act sends: one body for each rule, and the app's event."""
        performer = performer_of(self.desk, act)
        for rule in self.rules:
            event = rule.triggered_by(act, performer)
            if event is not None:
                body = rule.filled(placeholders(self.desk, ticket, event, self.site))
                self.outbox.put(RULE, rule.on, ticket.id, rule.url, rule.sent_headers(), body)
        if self.app is not None and self.app.hears(act):
            body = packed(self.app.forwarded(self.desk, ticket, act))
            self.outbox.put(APP, act.kind, ticket.id, self.app.url, self.app.headers(), body)
