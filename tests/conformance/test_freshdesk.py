"""Freshdesk keeps to the rules, over real HTTP to the emulated account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from integrations.freshdesk import writer as writing
from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.records import Ticket
from integrations.freshdesk.provider import FreshdeskProvider
from integrations.freshdesk.statuses import IDS
from kcs.ports import Credentials, DeskStatus
from tests.conformance.desk_rules import DeskRules
from tests.conformance.emulated import EmulatedAccount
from tests.conformance.help_centre_rules import HelpCentreRules


class Account(EmulatedAccount):
    """An emulated account and how to sign in to it."""

    def __init__(self, emulator: Emulator, server: EmulatorServer) -> None:
        self.emulator: Emulator = emulator
        self.provider = FreshdeskProvider()
        self.credentials = Credentials(
            subdomain="acme", username="", token=emulator.key, api_base=server.api_base
        )


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(writing, "PAUSE", 0.0)
    emulator = Emulator(start=datetime.now(UTC) - timedelta(hours=1))
    with EmulatorServer(emulator) as server:
        yield Account(emulator, server)


class DeskSide(Account):
    """The ticketing side; a second passes before each act, since the desk knows no smaller times."""

    field_id = "cf_knowledge"

    def __init__(self, account: Account) -> None:
        self.__dict__ = account.__dict__
        self.source = self.provider.ticket_source(self.credentials)
        self.staff = self.provider.staff(self.credentials)
        self.writer = self.provider.writer(self.credentials)
        self.agent = self.emulator.add_agent("Ann Agent", "ann@acme.example")
        self.customer = self.emulator.add_contact("Carl", "carl@home.example")
        self.emulator.add_field(self.field_id)

    def open(self, subject: str = "No sound", body: str = "My speaker is mute.") -> str:
        self._tick()
        return str(self.emulator.create_ticket(self.customer, subject, body).id)

    def answer(self, ticket_id: str, body: str, *, public: bool = True) -> None:
        say = self.emulator.reply if public else self.emulator.note
        say(self._ticket(ticket_id), self.agent, body)

    def set_status(self, ticket_id: str, status: DeskStatus) -> None:
        self.emulator.set_status(self._ticket(ticket_id), self.agent, IDS[status])

    def rate(self, ticket_id: str, *, good: bool | None) -> None:
        self.emulator.rate(self._ticket(ticket_id), good=good)

    def track_time(self, ticket_id: str, seconds: int) -> None:
        self.emulator.track_time(self._ticket(ticket_id), self.agent, seconds // 60)

    def tag(self, ticket_id: str, *tags: str) -> None:
        self.emulator.tag(self._ticket(ticket_id), self.agent, *tags)

    def shut(self, ticket_id: str) -> None:
        self.set_status(ticket_id, DeskStatus.CLOSED)
        self.emulator.archive(self._ticket(ticket_id))

    def delete(self, ticket_id: str) -> None:
        self.emulator.delete(self._ticket(ticket_id), self.agent)

    def customer_sees(self, ticket_id: str) -> list[str]:
        seen = self.source.read_ticket(ticket_id)
        private = {str(said.id) for said in self._ticket(ticket_id).conversations if said.private}
        return [each.body for each in seen.messages if each.id not in private]

    def agent_id(self) -> str:
        return str(self.agent.id)

    def add_agent(self, name: str, email: str) -> str:
        return str(self.emulator.add_agent(name, email).id)

    def part_with(self, agent_id: str) -> None:
        self.emulator.leave(self.emulator.desk.agents[int(agent_id)])

    def _ticket(self, ticket_id: str) -> Ticket:
        self._tick()
        return self.emulator.desk.tickets[int(ticket_id)]

    def _tick(self) -> None:
        self.emulator.advance(timedelta(seconds=1))


class SolutionsSide(Account):
    """The help centre; its search runs behind."""

    locales = ("en", "es")

    def __init__(self, account: Account) -> None:
        self.__dict__ = account.__dict__
        self.emulator.solutions.search_lag = 3600
        self.emulator.solutions.languages = self.locales
        folder = self.emulator.solutions.add_folder("Answers")
        self.centre = self.provider.help_centre(self.credentials, {"folder_id": str(folder.id)})

    def shown(self, remote_id: str, locale: str) -> str | None:
        text = self.emulator.solutions.shown(remote_id, locale)
        return None if text is None else f"<h1>{text[0]}</h1>{text[1]}"

    def copies(self, marker: str) -> int:
        return sum(marker in each.tags for each in self.emulator.solutions.articles.values())

    def edit(self, remote_id: str, locale: str, title: str, html: str) -> None:
        self.emulator.solutions.edit(remote_id, locale, title, html)

    def delete(self, remote_id: str) -> None:
        self.emulator.solutions.delete(remote_id)


class TestDesk(DeskRules):
    EXCEPTIONS: ClassVar[Mapping[str, str]] = {
        "changes_of_the_status_come_in_order_each_with_who_made_it": (
            "Freshdesk keeps no history that can be read; what its app hears is put together elsewhere"
        ),
        "an_article_is_pinned_once_and_unpinned_alone": "Freshdesk has no articles pinned to tickets",
    }

    @pytest.fixture
    def harness(self, account: Account) -> DeskSide:
        return DeskSide(account)


class TestSolutions(HelpCentreRules):
    EXCEPTIONS: ClassVar[Mapping[str, str]] = {
        "a_picture_is_kept_once_and_read_back": "its API keeps no pictures: they are shown from our address",
    }

    @pytest.fixture
    def harness(self, account: Account) -> SolutionsSide:
        return SolutionsSide(account)
