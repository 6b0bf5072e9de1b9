"""Freshdesk, as the application sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from integrations.freshdesk import deliveries, rights, secret
from integrations.freshdesk.app.installed import FreshdeskApp
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre import FreshdeskHelpCentre
from integrations.freshdesk.measures import Lacking
from integrations.freshdesk.people import People
from integrations.freshdesk.set_up import SET_UP
from integrations.freshdesk.source import FreshdeskTickets
from integrations.freshdesk.staff import FreshdeskStaff
from integrations.freshdesk.webhook_admin import FreshdeskWebhooks
from integrations.freshdesk.writer import FreshdeskWriter
from kcs.errors import ConfigError, NotSignedIn
from kcs.ports import (
    AppVisit,
    Authorisation,
    Credentials,
    DeskWriter,
    HelpCentre,
    StaffDirectory,
    TicketSource,
    WebhookAdmin,
)


class FreshdeskProvider:
    """Implements `kcs.ports.Provider`; what the readers of an account asked for is kept for all of them."""

    name = "freshdesk"
    set_up = SET_UP

    def __init__(self) -> None:
        self._people: dict[str, People] = {}
        self._lacking: dict[str, Lacking] = {}

    def ticket_source(self, credentials: Credentials) -> TicketSource:
        """Return the ticket reader for an account. Raises ConfigError."""
        client = FreshdeskClient(credentials)
        people = self._people.setdefault(client.site, People())
        return FreshdeskTickets(client, people, self._lacking.setdefault(client.site, Lacking()))

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> HelpCentre:
        """Return the writer for one folder of the account's solutions. Raises ConfigError."""
        return FreshdeskHelpCentre(FreshdeskClient(credentials), settings)

    def staff(self, credentials: Credentials) -> StaffDirectory:
        """Return who knows an account's agents. Raises ConfigError."""
        return FreshdeskStaff(FreshdeskClient(credentials))

    def writer(self, credentials: Credentials) -> DeskWriter:
        """Return the writer to an account's tickets. Raises ConfigError."""
        return FreshdeskWriter(FreshdeskClient(credentials))

    def webhooks(self, credentials: Credentials) -> WebhookAdmin:
        """Return what says how an account's rules are made. Raises ConfigError."""
        FreshdeskClient(credentials)
        return FreshdeskWebhooks()

    def authorisation(
        self, subdomain: str, api_base: str | None, *, client_id: str, client_secret: str
    ) -> Authorisation:
        """Raise ConfigError: one signs in with an agent's API key."""
        del subdomain, api_base, client_id, client_secret
        raise ConfigError("Freshdesk is not authorised by OAuth: enter the API key of an agent.")

    def lacking(self, credentials: Credentials) -> tuple[str, ...]:
        """Ask what the agent whose key it is may not do, in words. Raises RemoteError."""
        return rights.lacking(FreshdeskClient(credentials))

    def app(self, credentials: Credentials) -> FreshdeskApp:
        """Return our app within the account. Raises ConfigError."""
        return FreshdeskApp(credentials)

    def read_visit(self, token: str, *, public_key: str, audience: str, now: datetime) -> AppVisit:
        """Raise NotSignedIn: the app brings no token of the desk's along; who visits signs in with us."""
        del token, public_key, audience, now
        raise NotSignedIn("Freshdesk signs no visits of its app: sign in here.")

    verify = staticmethod(secret.verify)
    read_delivery = staticmethod(deliveries.read_delivery)
