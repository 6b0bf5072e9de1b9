"""Zendesk, as the application sees it."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.zendesk import deliveries, signature, visits
from integrations.zendesk.app.installed import ZendeskApp
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre import ZendeskHelpCentre
from integrations.zendesk.measures import TimeFields
from integrations.zendesk.oauth import SET_UP, ZendeskAuthorisation
from integrations.zendesk.source import ZendeskTickets
from integrations.zendesk.staff import ZendeskStaff
from integrations.zendesk.webhook_admin import ZendeskWebhooks
from integrations.zendesk.writer import ZendeskWriter
from kcs.ports import (
    Authorisation,
    Credentials,
    DeskWriter,
    HelpCentre,
    StaffDirectory,
    TicketSource,
    WebhookAdmin,
)


class ZendeskProvider:
    """Implements `kcs.ports.Provider`; which field holds tracked time is kept for all readers."""

    name = "zendesk"
    set_up = SET_UP

    def __init__(self) -> None:
        self._time_fields = TimeFields()

    def ticket_source(self, credentials: Credentials) -> TicketSource:
        """Return the ticket reader for an account. Raises ConfigError."""
        return ZendeskTickets(ZendeskClient(credentials), self._time_fields)

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> HelpCentre:
        """Return the writer for one section of the account's Help Center. Raises ConfigError."""
        return ZendeskHelpCentre(ZendeskClient(credentials), settings)

    def staff(self, credentials: Credentials) -> StaffDirectory:
        """Return who knows an account's agents. Raises ConfigError."""
        return ZendeskStaff(ZendeskClient(credentials))

    def writer(self, credentials: Credentials) -> DeskWriter:
        """Return the writer to an account's tickets. Raises ConfigError."""
        return ZendeskWriter(ZendeskClient(credentials))

    def webhooks(self, credentials: Credentials) -> WebhookAdmin:
        """Return what sets up an account's webhook. Raises ConfigError."""
        return ZendeskWebhooks(ZendeskClient(credentials))

    def authorisation(
        self, subdomain: str, api_base: str | None, *, client_id: str, client_secret: str
    ) -> Authorisation:
        """Return the OAuth client of an account. Raises ConfigError."""
        return ZendeskAuthorisation(subdomain, api_base, client_id=client_id, client_secret=client_secret)

    def lacking(self, credentials: Credentials) -> tuple[str, ...]:
        """Return nothing: what an authorisation may do is in its scopes."""
        del credentials
        return ()

    def app(self, credentials: Credentials) -> ZendeskApp:
        """Return our app within the account. Raises ConfigError."""
        return ZendeskApp(credentials)

    read_visit = staticmethod(visits.read_visit)
    verify = staticmethod(signature.verify)
    read_delivery = staticmethod(deliveries.read_delivery)
