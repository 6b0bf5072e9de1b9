"""One vendor: everything the application needs of it, made for one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kcs.ports.accounts import AppVisit, Authorisation, Credentials
from kcs.ports.help_centre import HelpCentre
from kcs.ports.tickets import DeskWriter, StaffDirectory, TicketSource
from kcs.ports.webhooks import VerifiedDelivery, WebhookAdmin


class Provider(Protocol):
    """One vendor: makes the parts for a connection, and reads its webhooks."""

    name: str

    def ticket_source(self, credentials: Credentials) -> TicketSource:
        """Return the reader for a connection."""
        ...

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> HelpCentre:
        """Return the writer for one publishing target of a connection."""
        ...

    def staff(self, credentials: Credentials) -> StaffDirectory:
        """Return who knows the agents of a connection."""
        ...

    def writer(self, credentials: Credentials) -> DeskWriter:
        """Return the writer to tickets of a connection."""
        ...

    def webhooks(self, credentials: Credentials) -> WebhookAdmin:
        """Return what sets up the webhook of a connection."""
        ...

    def authorisation(
        self, subdomain: str, api_base: str | None, *, client_id: str, client_secret: str
    ) -> Authorisation:
        """Return the OAuth client of an account. Raises ConfigError."""
        ...

    def read_visit(self, token: str, *, public_key: str, audience: str, now: datetime) -> AppVisit:
        """Verify the token that the desk's app came with. Raises NotSignedIn."""
        ...

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
    ) -> None:
        """Check the signature over the raw bytes; `window` is in seconds. Raises NotSignedIn."""
        ...

    def read_delivery(self, headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
        """Name the delivery and the ticket it hints at. Unknown events have `ticket_id` None."""
        ...
