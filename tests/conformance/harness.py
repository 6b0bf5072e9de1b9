"""What a provider gives to run the rules: its ports, and the vendor's side as tests reach it past them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from kcs.ports import DeskStatus, DeskWriter, HelpCentre, StaffDirectory, TicketSource


class DeskHarness(Protocol):
    """The vendor's side, as tests reach it past the ports."""

    source: TicketSource
    staff: StaffDirectory
    writer: DeskWriter
    field_id: str

    def open(self, subject: str = "No sound", body: str = "My speaker is mute.") -> str:
        """A customer writes; return the ticket's id."""
        ...

    def answer(self, ticket_id: str, body: str, *, public: bool = True) -> None:
        """The agent answers, or notes."""
        ...

    def set_status(self, ticket_id: str, status: DeskStatus) -> None:
        """The agent changes the status."""
        ...

    def rate(self, ticket_id: str, *, good: bool | None) -> None:
        """The customer says how it was; None is neither well nor badly."""
        ...

    def track_time(self, ticket_id: str, seconds: int) -> None:
        """The agent says how long they worked on it; whole minutes."""
        ...

    def tag(self, ticket_id: str, *tags: str) -> None:
        """The agent sets the tags."""
        ...

    def shut(self, ticket_id: str) -> None:
        """Close the ticket for good: from now on nobody may change it."""
        ...

    def delete(self, ticket_id: str) -> None:
        """Somebody deletes the ticket."""
        ...

    def customer_sees(self, ticket_id: str) -> list[str]:
        """Return what the customer is shown of the ticket, message by message."""
        ...

    def agent_id(self) -> str:
        """Return the id of the agent."""
        ...

    def add_agent(self, name: str, email: str) -> str:
        """Somebody joins."""
        ...

    def part_with(self, agent_id: str) -> None:
        """Somebody leaves."""
        ...

    def answers_lost(self) -> AbstractContextManager[None]:
        """Within, writes take effect and their answers get lost."""
        ...

    def busy(self) -> AbstractContextManager[None]:
        """Within, writes are refused, as one refuses for a moment, and have no effect."""
        ...


class HelpCentreHarness(Protocol):
    """The vendor's side, as tests reach it past the port."""

    centre: HelpCentre
    locales: tuple[str, str]

    def shown(self, remote_id: str, locale: str) -> str | None:
        """Return the page a reader is shown, as HTML or text; None when they are shown none."""
        ...

    def copies(self, marker: str) -> int:
        """Return how many articles carry a marker."""
        ...

    def edit(self, remote_id: str, locale: str, title: str, html: str) -> None:
        """Somebody over there changes the text."""
        ...

    def delete(self, remote_id: str) -> None:
        """Somebody over there takes the whole article away."""
        ...

    def answers_lost(self) -> AbstractContextManager[None]:
        """Within, writes take effect and their answers get lost."""
        ...

    def busy(self) -> AbstractContextManager[None]:
        """Within, writes are refused, as one refuses for a moment, and have no effect."""
        ...
