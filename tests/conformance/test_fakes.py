"""The fakes that all other tests use keep to the rules, so that what is proved with them holds elsewhere."""

from __future__ import annotations

from typing import ClassVar, cast

import pytest

from kcs.ports import DeskStatus, DeskWriter, HelpCentre, Measures, Places, StaffDirectory
from tests.conformance.desk_rules import DeskRules
from tests.conformance.faulty import Faults, Spoilt
from tests.conformance.help_centre_rules import HelpCentreRules
from tests.fakes import FakeDesk, FakeHelpCentre, FakeWriter, desk_agent

WRITES = ("create_draft", "publish", "withdraw", "archive")


class CentreSide(Faults):
    """The help centre in memory."""

    locales = ("en-us", "es")

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeHelpCentre(offered=Places({}, self.locales))
        self.centre = cast("HelpCentre", Spoilt(self.fake, self, WRITES))

    def shown(self, remote_id: str, locale: str) -> str | None:
        text = self.fake.texts.get((remote_id, locale))
        return None if text is None or text.draft else f"{text.title} {text.html}"

    def copies(self, marker: str) -> int:
        return sum(document.marker == marker for document in self.fake.articles.values())

    def edit(self, remote_id: str, locale: str, title: str, html: str) -> None:
        self.fake.put(remote_id, locale, title, html)

    def delete(self, remote_id: str) -> None:
        self.fake.delete(remote_id)


class DeskSide(Faults):
    """The desk in memory."""

    field_id = "cf_knowledge"
    staff: StaffDirectory

    def __init__(self) -> None:
        super().__init__()
        self.source = FakeDesk(per_page=2)
        self.writer = cast(
            "DeskWriter", Spoilt(FakeWriter(self.source), self, ("add_note", "set_tags", "set_field"))
        )
        self.agent = desk_agent("a1", "ann@example.com")
        self.opened = 0

    def open(self, subject: str = "No sound", body: str = "My speaker is mute.") -> str:
        self.opened += 1
        return self.source.open_ticket(str(self.opened), subject, body).id

    def answer(self, ticket_id: str, body: str, *, public: bool = True) -> None:
        self.source.reply(ticket_id, self.agent, body, public=public)

    def set_status(self, ticket_id: str, status: DeskStatus) -> None:
        self.source.set_status(ticket_id, status, self.agent)

    def rate(self, ticket_id: str, *, good: bool | None) -> None:
        self.source.measure(ticket_id, satisfied=good)

    def track_time(self, ticket_id: str, seconds: int) -> None:
        before = self.source.tickets[ticket_id].measures or Measures()
        self.source.measure(ticket_id, worked_seconds=(before.worked_seconds or 0) + seconds)

    def tag(self, ticket_id: str, *tags: str) -> None:
        self.source.tag(ticket_id, *tags)

    def shut(self, ticket_id: str) -> None:
        self.set_status(ticket_id, DeskStatus.CLOSED)

    def delete(self, ticket_id: str) -> None:
        self.source.delete_ticket(ticket_id)

    def customer_sees(self, ticket_id: str) -> list[str]:
        return [message.body for message in self.source.tickets[ticket_id].messages if message.public]

    def agent_id(self) -> str:
        return self.agent.id

    def add_agent(self, name: str, email: str) -> str:
        raise NotImplementedError

    def part_with(self, agent_id: str) -> None:
        raise NotImplementedError


class TestDesk(DeskRules):
    EXCEPTIONS: ClassVar = {
        "everybody_is_known_whoever_left_too": "the fake desk has no directory: its people stand in tickets",
    }

    @pytest.fixture
    def harness(self) -> DeskSide:
        return DeskSide()


class TestHelpCentre(HelpCentreRules):
    EXCEPTIONS: ClassVar = {
        "a_place_open_to_everybody_is_refused_for_fewer": "who may read is written with each article",
    }

    @pytest.fixture
    def harness(self) -> CentreSide:
        return CentreSide()
