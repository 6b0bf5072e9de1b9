"""Zendesk keeps to the rules, over real HTTP to the emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from integrations.zendesk import writer as writing
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.desk import Ticket
from integrations.zendesk.provider import ZendeskProvider
from kcs.ports import Credentials, DeskStatus
from tests.conformance.desk_rules import DeskRules
from tests.conformance.emulated import EmulatedAccount
from tests.conformance.help_centre_rules import HelpCentreRules


class Clock:
    """A time that passes between acts, a second at each: lists are read to a minute ago."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC) - timedelta(hours=1)

    def __call__(self) -> datetime:
        """Return the next second."""
        self.moment += timedelta(seconds=1)
        return self.moment


class Account(EmulatedAccount):
    """An emulated account and how to sign in to it; its search runs behind, as the real one's does."""

    def __init__(self, emulator: Emulator, server: EmulatorServer) -> None:
        self.emulator: Emulator = emulator
        self.provider = ZendeskProvider()
        self.credentials = Credentials(
            subdomain="acme", username="", token=emulator.token, api_base=server.api_base
        )


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(search_lag=3600, clock=Clock())


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(writing, "PAUSE", 0.0)
    with EmulatorServer(emulator) as server:
        yield Account(emulator, server)


class DeskSide(Account):
    """The ticketing side."""

    def __init__(self, account: Account) -> None:
        self.__dict__ = account.__dict__
        self.source = self.provider.ticket_source(self.credentials)
        self.staff = self.provider.staff(self.credentials)
        self.writer = self.provider.writer(self.credentials)
        self.agent = self.emulator.add_user("Ann Agent", "ann@acme.example", "agent")
        self.customer = self.emulator.add_user("Carl", "carl@home.example", "end-user")
        field = self.emulator.desk.add_ticket_field({"type": "text", "title": "Knowledge"})
        self.field_id = str(field["id"])

    def open(self, subject: str = "No sound", body: str = "My speaker is mute.") -> str:
        return str(self.emulator.create_ticket(self.customer, subject, body).id)

    def answer(self, ticket_id: str, body: str, *, public: bool = True) -> None:
        self.emulator.reply(self._ticket(ticket_id), self.agent, body, public)

    def set_status(self, ticket_id: str, status: DeskStatus) -> None:
        self.emulator.set_status(self._ticket(ticket_id), self.agent, status.value)

    def rate(self, ticket_id: str, *, good: bool | None) -> None:
        self.emulator.rate(self._ticket(ticket_id), self.customer, good=good)

    def track_time(self, ticket_id: str, seconds: int) -> None:
        self.emulator.track_time(self._ticket(ticket_id), self.agent, seconds)

    def tag(self, ticket_id: str, *tags: str) -> None:
        self.emulator.tag(self._ticket(ticket_id), self.agent, tags)

    def shut(self, ticket_id: str) -> None:
        self.set_status(ticket_id, DeskStatus.CLOSED)

    def delete(self, ticket_id: str) -> None:
        self.emulator.delete_ticket(self._ticket(ticket_id))

    def customer_sees(self, ticket_id: str) -> list[str]:
        return [comment.body for comment in self._ticket(ticket_id).comments if comment.public]

    def agent_id(self) -> str:
        return str(self.agent.id)

    def add_agent(self, name: str, email: str) -> str:
        return str(self.emulator.add_user(name, email, "agent").id)

    def part_with(self, agent_id: str) -> None:
        self.emulator.deactivate(self.emulator.desk.users[int(agent_id)])

    def _ticket(self, ticket_id: str) -> Ticket:
        return self.emulator.desk.tickets[int(ticket_id)]


class GuideSide(Account):
    """The Help Center side."""

    locales = ("en-us", "es")

    def __init__(self, account: Account) -> None:
        self.__dict__ = account.__dict__
        self.emulator.guide.locales = self.locales
        section = self.emulator.add_section("Answers")
        settings = {"section_id": str(section.id), "permission_group_id": "77"}
        self.centre = self.provider.help_centre(self.credentials, settings)

    def shown(self, remote_id: str, locale: str) -> str | None:
        article = self.emulator.guide.articles.get(int(remote_id))
        text = article.translations.get(locale) if article and not article.archived else None
        return None if text is None or text.draft else f"<h1>{text.title}</h1>{text.body}"

    def copies(self, marker: str) -> int:
        living = (each for each in self.emulator.guide.articles.values() if not each.archived)
        return sum(marker in article.label_names for article in living)

    def edit(self, remote_id: str, locale: str, title: str, html: str) -> None:
        self.emulator.guide.edit_text(int(remote_id), locale, title=title, body=html)

    def delete(self, remote_id: str) -> None:
        self.emulator.guide.delete(int(remote_id))


class TestDesk(DeskRules):
    @pytest.fixture
    def harness(self, account: Account) -> DeskSide:
        return DeskSide(account)


class TestHelpCenter(HelpCentreRules):
    EXCEPTIONS: ClassVar = {
        "a_place_open_to_everybody_is_refused_for_fewer": "who may read is written with each article",
    }

    @pytest.fixture
    def harness(self, account: Account) -> GuideSide:
        return GuideSide(account)
