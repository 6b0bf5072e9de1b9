"""The list of changed tickets, against the emulated account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integrations.freshdesk import changes
from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.records import Agent, Contact, Ticket
from integrations.freshdesk.source import FreshdeskTickets
from kcs.ports import DeskStatus, TicketGlimpse
from tests.integrations.freshdesk.conftest import T0

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def source(client: FreshdeskClient) -> FreshdeskTickets:
    return FreshdeskTickets(client)


def everything(
    source: FreshdeskTickets, since: datetime, cursor: str | None = None
) -> tuple[list[TicketGlimpse], str, int]:
    """Return what the list holds to its end, the cursor there, and the number of pages."""
    found: list[TicketGlimpse] = []
    for pages in range(1, 1000):
        page = source.changed_tickets(since, cursor)
        found.extend(page.tickets)
        cursor = page.cursor
        if page.at_end:
            return found, cursor, pages
    raise AssertionError("the list never ends")


def test_the_list_reaches_back_beyond_thirty_days_and_names_deleted_and_spam(
    source: FreshdeskTickets, emulator: Emulator, customer: Contact, agent: Agent
) -> None:
    made = [emulator.create_ticket(customer, f"T{n}", "x", at=T0 - timedelta(days=200 * n)) for n in range(4)]
    emulator.delete(made[1], agent, at=T0 - timedelta(days=190))
    emulator.spam(made[2], agent, at=T0 - timedelta(days=390))
    found, _, pages = everything(source, LONG_AGO)
    assert {each.id: each.status for each in found} == {
        "1": DeskStatus.OPEN,
        "2": DeskStatus.DELETED,
        "3": DeskStatus.DELETED,
        "4": DeskStatus.OPEN,
    }
    assert pages == 3


def test_nothing_is_missed_when_tickets_change_while_pages_are_turned(
    source: FreshdeskTickets, emulator: Emulator, customer: Contact, agent: Agent
) -> None:
    made = [
        emulator.create_ticket(customer, f"T{n}", "x", at=T0 - timedelta(hours=10, seconds=-n))
        for n in range(350)
    ]
    seen: set[str] = set()
    cursor, turns = None, iter(range(1000))
    while True:
        page = source.changed_tickets(LONG_AGO, cursor)
        seen |= {each.id for each in page.tickets}
        if page.at_end:
            break
        cursor = page.cursor
        for ticket in made[next(turns) * 30 :][:30]:  # what was listed already moves to the end
            emulator.change(ticket, agent, priority=3)
    assert seen == {str(ticket.id) for ticket in made}


def test_a_second_that_fills_pages_is_turned_and_passed(
    source: FreshdeskTickets, emulator: Emulator, customer: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(330):
        at = T0 - timedelta(hours=1) if number < 310 else T0 - timedelta(minutes=1)
        emulator.create_ticket(customer, f"T{number}", "x", at=at)
    found, _, pages = everything(source, LONG_AGO)
    assert {each.id for each in found} == {str(number) for number in range(1, 331)}
    assert pages < 12
    monkeypatch.setattr(changes, "MAX_PAGES", 2)  # as if there were 300 full pages of one second
    found, _, _ = everything(source, LONG_AGO)
    assert "330" in {each.id for each in found}


def test_the_list_goes_on_from_its_end_with_an_overlap(
    source: FreshdeskTickets, emulator: Emulator, customer: Contact, agent: Agent
) -> None:
    old = emulator.create_ticket(customer, "old", "x", at=T0 - timedelta(hours=2))
    emulator.create_ticket(customer, "last", "x", at=T0)
    _, cursor, _ = everything(source, LONG_AGO)
    assert [each.id for each in everything(source, LONG_AGO, cursor)[0]] == ["2"]
    late = emulator.create_ticket(customer, "listed late", "x", at=T0 - timedelta(seconds=50))
    emulator.delete(old, agent, at=T0 + MINUTE)
    found, cursor, _ = everything(source, LONG_AGO, cursor)
    assert {each.id for each in found} == {str(late.id), "2", str(old.id)}
    assert everything(source, LONG_AGO, cursor)[1] == cursor  # a quiet desk stays where it is


@pytest.mark.parametrize(
    "cursor", ["", "x", "{}", "[]", '{"list": 9, "legs": {}}', '{"list": 0, "legs": {"living": [1, 2, 3]}}']
)
def test_a_cursor_that_cannot_be_read_begins_anew(
    source: FreshdeskTickets, ticket: Ticket, cursor: str
) -> None:
    assert [each.id for each in everything(source, LONG_AGO, cursor)[0]] == [str(ticket.id)]


def test_a_bin_that_heeds_neither_time_nor_order_is_read_as_it_comes(
    told: Callable[..., FreshdeskTickets],
) -> None:
    rows = [{"id": n, "status": 2, "updated_at": f"2026-0{n}-01T00:00:00Z"} for n in (5, 2, 4)]
    source = told([], rows)
    cursor = source.changed_tickets(datetime(2026, 3, 1, tzinfo=UTC)).cursor
    page = source.changed_tickets(datetime(2026, 3, 1, tzinfo=UTC), cursor)
    assert [(each.id, each.status) for each in page.tickets] == [
        ("5", DeskStatus.DELETED),
        ("4", DeskStatus.DELETED),
    ]
