"""One vendor: everything the application needs of it, made for one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kcs.ports.accounts import AppVisit, Authorisation, Credentials
from kcs.ports.apps import DeskApp
from kcs.ports.help_centre import HelpCentre
from kcs.ports.tickets import DeskWriter, StaffDirectory, TicketSource
from kcs.ports.webhooks import VerifiedDelivery, WebhookAdmin


class SignsIn(StrEnum):
    """How we come to what a connection signs in with."""

    AUTHORISATION = "authorisation"
    KEY = "key"


@dataclass(frozen=True)
class SetUp:
    """How an account of a vendor is connected, in words for the page that leads through it.

    `domain` follows the account's subdomain. `steps` are what an administrator does at the vendor's before
    they can agree. `pasted_token` is what to know of a token that came from no authorisation. `signs_in` says
    whether an account is agreed to or its key is typed; `secret_is_ours`, that the desk signs nothing and
    brings along what we made; `has_pins`, that articles can be pinned to a ticket.
    """

    label: str
    domain: str
    steps: tuple[str, ...]
    pasted_token: str
    signs_in: SignsIn = SignsIn.AUTHORISATION
    secret_is_ours: bool = False
    has_pins: bool = True


class Provider(Protocol):
    """One vendor: makes the parts for a connection, and reads its webhooks."""

    name: str
    set_up: SetUp

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
        """Return the OAuth client of an account. Raises ConfigError, also where one signs in with a key."""
        ...

    def lacking(self, credentials: Credentials) -> tuple[str, ...]:
        """Ask the desk what we may not do with a key, in words; of an authorisation its scopes tell.

        Raises RemoteError.
        """
        ...

    def app(self, credentials: Credentials) -> DeskApp:
        """Return our app inside the desk's pages of an account. Raises ConfigError."""
        ...

    def read_visit(self, token: str, *, public_key: str, audience: str, now: datetime) -> AppVisit:
        """Verify the token that the desk's app came with. Raises NotSignedIn."""
        ...

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, window: int
    ) -> None:
        """Check the signature over the raw bytes, or the secret that came along. Raises NotSignedIn.

        `window` is how old a signature may be, in seconds.
        """
        ...

    def read_delivery(self, headers: Mapping[str, str], payload: Mapping[str, object]) -> VerifiedDelivery:
        """Name the delivery and the ticket it hints at. Unknown events have `ticket_id` None."""
        ...
