"""Zendesk, as the application sees it."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.zendesk import deliveries, signature
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre import ZendeskHelpCentre
from integrations.zendesk.source import ZendeskTickets
from kcs.ports import Credentials, HelpCentre, TicketSource


class ZendeskProvider:
    """Implements `kcs.ports.Provider`."""

    name = "zendesk"

    def ticket_source(self, credentials: Credentials) -> TicketSource:
        """Return the ticket reader for an account. Raises ConfigError."""
        return ZendeskTickets(ZendeskClient(credentials))

    def help_centre(self, credentials: Credentials, settings: Mapping[str, str]) -> HelpCentre:
        """Return the writer for one section of the account's Help Center. Raises ConfigError."""
        return ZendeskHelpCentre(ZendeskClient(credentials), settings)

    verify = staticmethod(signature.verify)
    read_delivery = staticmethod(deliveries.read_delivery)
