"""A Zendesk account in memory, spoken to over real HTTP: for tests, demonstrations and fault drills.

It speaks the part of the REST API that this provider uses, signs and sends webhooks as Zendesk does, and
fails on demand. `Emulator` is its control panel for scripts, `EmulatorServer` puts it on a port.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.emulation.faults import CallCount, Faults
from integrations.zendesk.emulator.apps import Apps
from integrations.zendesk.emulator.deliveries import Outbox
from integrations.zendesk.emulator.desk import Desk
from integrations.zendesk.emulator.guide import Guide, Section
from integrations.zendesk.emulator.jobs import Jobs
from integrations.zendesk.emulator.limits import Limits
from integrations.zendesk.emulator.oauth import OAuth
from integrations.zendesk.emulator.pins import Pins
from integrations.zendesk.emulator.server import EmulatorServer, create_app
from integrations.zendesk.emulator.stories import Stories

__all__ = ["SECRET", "TOKEN", "AccountHas", "Emulator", "EmulatorServer", "create_app"]

TOKEN = "emulator-token"
SECRET = "emulator-signing-secret"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class AccountHas:
    """What the account's plan and settings include; the API answers 404 for what they do not."""

    content_pins: bool = True


class Emulator(Stories):
    """One account. `shapes` says which webhooks it begins with: "event", "trigger", both or none.

    Changes made here and over HTTP are the same: each makes an audit and queues deliveries in `outbox`, to be
    taken and sent by the script (`take_deliveries`, `sign`) or posted as Zendesk would (`deliver`).
    `desk` and `guide` hold what there is, `webhooks` what was made over the API, `oauth` who may call,
    `faults` what goes wrong next, `limits` how much is too much, `calls` what was asked for.
    """

    def __init__(
        self,
        account: str = "acme",
        token: str = TOKEN,
        secret: str = SECRET,
        *,
        shapes: Sequence[str] = ("event",),
        search_lag: float = 0.0,
        clock: Callable[[], datetime] = _now,
        plan: str = "enterprise",
    ) -> None:
        self.account = account
        self.token = token
        self.clock = clock
        self.account_has = AccountHas()
        self.outbox = Outbox(secret, shapes, self._time)
        self.webhooks = self.outbox.webhooks
        self.desk = Desk(self.outbox.saved)
        self.guide = Guide(search_lag, clock=self._time, publish=self.outbox.publish)
        self.faults = Faults()
        self.limits = Limits(self._time, plan)
        self.calls = CallCount()
        self.jobs = Jobs()
        self.pins = Pins()
        self.apps = Apps()
        self.pending_deliveries = self.outbox.pending
        self.take_deliveries = self.outbox.take
        self.sign = self.outbox.sign
        self.deliver = self.outbox.deliver
        self.admin = self.add_user("Desk Admin", f"admin@{account}.example", "admin")
        self.oauth = OAuth(self._time, self.admin)

    def add_section(self, name: str) -> Section:
        """Add a Help Center section."""
        return self.guide.add_section(name)

    def _time(self) -> datetime:
        """Return the time of whichever clock the account has now: scripts may replace it."""
        return self.clock()
