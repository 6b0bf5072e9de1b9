"""What the log says of a solved ticket: once, whenever it changes, before the solving, in numbers alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from kcs.activity.models import Activity
from kcs.articles.policy_acts import DomainSettings, save_domain
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskStatus, DeskUser, Measures
from kcs.solving import measuring_again, services
from kcs.solving.measuring import MEASURED
from kcs.solving.measuring_again import Measuring, measure_earlier
from kcs.solving.past_tickets import import_past_tickets
from kcs.syncing.erasing import erase_deleted
from kcs.tickets.labels import LabelKind, ReportLabel
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.services import mark_deleted, set_product_field
from tests.factories import make_agent, make_article, make_connection, measure, read_again
from tests.fakes import START, FakeDesk, desk_agent
from workflow.permissions import Role

ANN = desk_agent("7", "ann@example.com")
MARIA = DeskUser("u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@example.com")
OPENED = (START + timedelta(minutes=1)).isoformat()


@pytest.fixture
def connection(app: Flask) -> Connection:
    make_agent(email="ann@example.com")
    return make_connection()


@pytest.fixture
def admin(app: Flask) -> Agent:
    return make_agent(roles=[Role.ADMIN])


def said() -> list[dict[str, Any]]:
    """Return the details of the rows, in the order in which they were written."""
    return [row.detail for row in db.session.query(Activity).filter_by(kind=MEASURED).order_by(Activity.id)]


def kinds() -> list[str]:
    """Return what the log has about tickets, in order."""
    rows = db.session.query(Activity).filter(Activity.ticket_id.is_not(None)).order_by(Activity.id)
    return [row.kind for row in rows]


def names(kind: LabelKind) -> dict[str, int]:
    """Return the numbers of the labels of one kind."""
    return {row.name: row.id for row in db.session.query(ReportLabel).filter_by(kind=kind)}


def solve(desk: FakeDesk, connection: Connection, *, by: DeskUser = ANN) -> Ticket:
    """Somebody solves the ticket, and we read it."""
    desk.set_status("1", DeskStatus.SOLVED, by)
    return read_again(desk, connection, "1")


def test_a_solved_ticket_is_measured_once_before_its_solving(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1", tags=("vip", "printer", "kcs_reuse"))
    desk.reply("1", ANN, "Which one?")
    desk.reply("1", MARIA, "The blue one.")
    desk.reply("1", ANN, "A note.", public=False)
    desk.reply("1", ANN, "Turn it on.")
    desk.change("1", fields={"product": "Speaker 4"})
    connection.product_field = "product"
    read_again(desk, connection, "1")
    assert kinds() == []
    desk.measure("1", first_reply_seconds=120, worked_seconds=900, satisfied=None)
    ticket = solve(desk, connection)
    read_again(desk, connection, "1")
    assert kinds() == [MEASURED, "ticket.solve"]
    tags = names(LabelKind.TAG)
    assert set(tags) == {"vip", "printer"}
    assert said() == [
        {
            "opened": OPENED,
            "contacts": 2,
            "first_reply": 120,
            "worked": 900,
            "satisfied": None,
            "domain": None,
            "product": names(LabelKind.PRODUCT)["Speaker 4"],
            "tags": sorted(tags.values()),
        }
    ]
    assert ticket.measured == said()[0]
    row = db.session.query(Activity).filter_by(kind=MEASURED).one()
    assert (row.agent_id, row.authority, row.connection_id, row.ticket_id, row.happened_at) == (
        None,
        f"desk:{connection.id}",
        connection.id,
        ticket.id,
        ticket.desk_updated_at,
    )


def test_a_rating_days_later_is_one_row_more_and_the_same_reading_none(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    solve(desk, connection)
    for satisfied in (True, True, False, None):
        desk.measure("1", satisfied=satisfied)
        for _ in range(2):
            read_again(desk, connection, "1")
    assert [each["satisfied"] for each in said()] == [None, True, False, None]
    assert kinds().count("ticket.solve") == 1


def test_an_older_reading_turns_nothing_back(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1", tags=("before",))
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    older = desk.tickets["1"]
    desk.tag("1", "after")
    desk.measure("1", satisfied=True, first_reply_seconds=60)
    read_again(desk, connection, "1")
    newer, desk.tickets["1"] = desk.tickets["1"], replace(older, measures=Measures(satisfied=False))
    read_again(desk, connection, "1")
    assert [(each["satisfied"], each["first_reply"]) for each in said()] == [(True, 60)]
    desk.tickets["1"] = newer
    read_again(desk, connection, "1")
    assert len(said()) == 1


def test_where_the_desk_cannot_tell_what_it_said_before_stays(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1")
    desk.measure("1", satisfied=True, worked_seconds=60)
    solve(desk, connection)
    desk.change("1", measures=None)
    read_again(desk, connection, "1")
    assert [(each["satisfied"], each["worked"]) for each in said()] == [(True, 60)]


def test_the_first_reply_is_the_desks_else_the_first_public_answer_we_mirrored(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.reply("1", ANN, "A note.", public=False)
    desk.reply("1", ANN, "An answer.")
    solve(desk, connection)
    desk.measure("1", first_reply_seconds=240)
    read_again(desk, connection, "1")
    assert [each["first_reply"] for each in said()] == [120, 240]


def test_contacts_are_answers_up_to_the_solving_that_stands(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1")
    desk.reply("1", ANN, "First.")
    solve(desk, connection)
    desk.reply("1", ANN, "You are welcome.")
    read_again(desk, connection, "1")
    desk.set_status("1", DeskStatus.OPEN, MARIA)
    read_again(desk, connection, "1")
    desk.reply("1", ANN, "Third.")
    solve(desk, connection)
    assert [each["contacts"] for each in said()] == [1, 3]
    assert kinds() == [MEASURED, "ticket.solve", "ticket.reopen", MEASURED, "ticket.solve"]


def test_a_history_read_at_once_is_measured_by_its_last_solving(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    desk.reply("1", ANN, "First.")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    desk.set_status("1", DeskStatus.OPEN, MARIA)
    desk.reply("1", ANN, "Second.")
    solve(desk, connection)
    assert kinds() == ["ticket.solve", "ticket.reopen", MEASURED, "ticket.solve"]
    assert [each["contacts"] for each in said()] == [2]


def test_an_agent_who_asks_the_desk_is_its_customer(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1", requester=ANN)
    desk.reply("1", ANN, "I forgot to say.")
    desk.reply("1", desk_agent("8", "bo@example.com"), "Ask Cy.")
    solve(desk, connection)
    assert [each["contacts"] for each in said()] == [1]


def test_what_is_open_merged_or_deleted_is_not_measured(connection: Connection, desk: FakeDesk) -> None:
    for number in ("1", "2", "3"):
        desk.open_ticket(number)
    desk.merge("2", ANN)
    desk.measure("2", satisfied=True)
    for number in ("1", "2", "3"):
        read_again(desk, connection, number)
    assert said() == []
    mark_deleted(read_again(desk, connection, "3"))
    assert (measure_earlier(), said()) == (0, [])


def test_the_domain_is_the_first_that_claims_it_else_the_linked_articles(
    connection: Connection, desk: FakeDesk, admin: Agent
) -> None:
    sound, light, other = (
        save_domain(key, DomainSettings(key.title(), claims=claims), by=admin).id
        for key, claims in (("sound", ("Speaker 4", "audio")), ("light", ("VIP", "audio")), ("other", ()))
    )
    connection.product_field = "product"
    article = make_article()
    article.domain_id = other
    cases: list[tuple[dict[str, str], tuple[str, ...], bool, int | None]] = [
        ({"product": "speaker 4"}, (), True, sound),
        ({}, ("vip",), True, light),
        ({}, ("vip", "audio"), False, sound),
        ({"else": "Speaker 4"}, ("none",), True, other),
        ({}, (), False, None),
    ]
    for number, (fields, tags, linked, domain) in enumerate(cases, start=1):
        desk.open_ticket(str(number), tags=tags)
        ticket = read_again(desk, connection, str(number))
        if linked:
            services.link_article(ticket, article, by=admin)
        desk.set_status(str(number), DeskStatus.SOLVED, ANN)
        desk.change(str(number), fields=fields)
        read_again(desk, connection, str(number))
        assert said()[-1]["domain"] == domain, fields


def test_a_link_made_after_the_solving_tells_the_domain_and_one_taken_away_takes_it_back(
    connection: Connection, desk: FakeDesk, admin: Agent
) -> None:
    domain = save_domain("sound", DomainSettings("Sound"), by=admin)
    article = make_article()
    article.domain_id = domain.id
    desk.open_ticket("1")
    desk.measure("1", satisfied=True)
    ticket = solve(desk, connection)
    link = services.link_article(ticket, article, by=admin)
    services.unlink(link, by=admin)
    assert [(each["domain"], each["satisfied"]) for each in said()] == [
        (None, True),
        (domain.id, True),
        (None, True),
    ]


def test_what_was_solved_before_is_measured_a_piece_at_a_time(
    connection: Connection, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_again, "AT_ONCE", 2)
    for number in ("1", "2", "3"):
        desk.open_ticket(number)
        desk.reply(number, ANN, "Hello.")
        desk.set_status(number, DeskStatus.SOLVED, ANN)
        read_again(desk, connection, number).measured = None
    desk.open_ticket("4")
    read_again(desk, connection, "4")
    db.session.commit()
    before = len(said())
    assert [measure_earlier() for _ in range(4)] == [2, 1, 0, 0]
    assert [each["contacts"] for each in said()[before:]] == [1, 1, 1]


def test_a_setting_that_tells_tickets_apart_has_them_measured_anew(
    connection: Connection, desk: FakeDesk, admin: Agent
) -> None:
    desk.open_ticket("1", tags=("audio",))
    desk.measure("1", satisfied=True)
    desk.change("1", fields={"product": "Speaker"})
    solve(desk, connection)
    db.session.commit()
    assert (measure_earlier(), measure_earlier()) == (0, 0)
    set_product_field(connection, "product", by=admin)
    set_product_field(connection, "product", by=admin)
    db.session.commit()
    assert (measure_earlier(), measure_earlier()) == (1, 0)
    domain = save_domain("sound", DomainSettings("Sound", claims=("audio",)), by=admin)
    db.session.commit()
    assert (measure_earlier(), measure_earlier()) == (1, 0)
    save_domain("sound", DomainSettings("Sounds", claims=("audio",)), by=admin)
    db.session.commit()
    assert db.session.query(Measuring).one().reached_id > 0
    speaker = names(LabelKind.PRODUCT)["Speaker"]
    assert [(each["product"], each["domain"], each["satisfied"]) for each in said()] == [
        (None, None, True),
        (speaker, None, True),
        (speaker, domain.id, True),
    ]


def test_erasing_a_ticket_leaves_the_log_and_measures_nothing_more(
    connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1", tags=("vip",))
    ticket = solve(desk, connection)
    mark_deleted(ticket)
    ticket.deleted_at = START
    db.session.commit()
    assert erase_deleted() == 1
    assert (measure_earlier(), len(said())) == (0, 1)
    assert ticket.tags == []


def test_the_log_holds_numbers_and_no_words_of_anybody(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1", tags=("maria-lopez",), requester=MARIA)
    desk.reply("1", ANN, "Dear Maria.")
    desk.change("1", fields={"product": "Maria's speaker"})
    connection.product_field = "product"
    solve(desk, connection)
    assert "aria" not in json.dumps(said())


def test_long_and_odd_tags_are_cut_and_told_once(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1", tags=("a" * 250, "a" * 250 + "b", "", " ", "é", "é"))
    solve(desk, connection)
    assert set(names(LabelKind.TAG)) == {"a" * 200, "é"}
    assert len(said()[0]["tags"]) == 2


def test_imported_tickets_are_measured_by_what_their_lines_tell(app: Flask, admin: Agent) -> None:
    domain = save_domain("sound", DomainSettings("Sound"), by=admin)
    make_article(key="KB-1").domain_id = domain.id
    line = {"id": "t1", "title": "Mute", "articles": ["KB-1"], "solved_at": "2026-01-05T10:00:00Z"}
    for _ in range(2):
        list(import_past_tickets([json.dumps(line)]))
    assert kinds() == [MEASURED, "ticket.link", "ticket.solve"]
    list(import_past_tickets([json.dumps({**line, "articles": []})]))
    assert [(each["domain"], each["opened"], each["contacts"], each["tags"]) for each in said()] == [
        (domain.id, None, None, []),
        (None, None, None, []),
    ]
    assert {row.authority for row in db.session.query(Activity).filter_by(kind=MEASURED)} == {"import"}


def test_a_row_for_other_tests(connection: Connection, desk: FakeDesk) -> None:
    desk.open_ticket("1")
    ticket = solve(desk, connection)
    detail = measure(ticket, product="Speaker", tags=["b", "a"], satisfied=True, contacts=2)
    assert said()[-1] == detail
    assert detail.keys() == said()[0].keys()
