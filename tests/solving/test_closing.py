"""The close-time step: what each policy does, what is said, and where finishing leads."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from kcs.activity.models import Activity
from kcs.cli import main
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving import queries, services
from kcs.solving.models import ExemptionReason, PreparedDraft
from kcs.solving.prepared import prepared_draft
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.queries import TicketList, count_tickets, next_unfinished
from kcs.tickets.services import set_closing
from tests.factories import (
    make_agent,
    make_article,
    make_connection,
    make_ticket,
    read_again,
    sign_in,
    token_for,
)
from tests.fakes import FakeDesk, desk_agent
from workflow.article import Confidence
from workflow.permissions import Licence
from workflow.solve import KnowledgeState as S

EMAIL = "ann@example.com"
ANN = desk_agent("7", EMAIL)


@pytest.fixture
def ann(app: Flask) -> Agent:
    """A contributor."""
    return make_agent(Licence.CONTRIBUTOR, email=EMAIL)


@pytest.fixture
def connection(ann: Agent) -> Connection:
    """A desk that prepares drafts."""
    made = make_connection()
    set_closing(made, ClosePolicy.DRAFT)
    return made


def solved(desk: FakeDesk, connection: Connection, status: DeskStatus = DeskStatus.SOLVED) -> Ticket:
    if "1" not in desk.tickets:
        desk.open_ticket("1")
    desk.reply("1", ANN, "Hello Maria,\n\nallow pop-ups for the site.\n")
    desk.set_status("1", status, ANN)
    return read_again(desk, connection, "1")


def articles_made() -> int:
    return db.session.query(Activity).filter_by(kind="article.created").count()


@pytest.mark.parametrize("policy", ClosePolicy)
def test_what_a_policy_does_on_the_server(
    connection: Connection, desk: FakeDesk, ann: Agent, policy: ClosePolicy
) -> None:
    set_closing(connection, policy)
    ticket = solved(desk, connection)
    assert ticket.knowledge_state is S.UNANSWERED
    assert count_tickets(TicketList.UNFINISHED, ann) == (policy is not ClosePolicy.NOTHING)
    assert (prepared_draft(ticket) is not None) == (policy is ClosePolicy.DRAFT)


def figures(client: FlaskClient, ann: Agent) -> tuple[int, int, int]:
    report = client.get(
        "/api/v1/reports/link-rate?from=2026-03-01&to=2026-03-03", headers=token_for(ann)
    ).json
    assert report is not None
    return report["total"]["solved"], report["total"]["linked"], report["total"]["unanswered"]


def test_a_prepared_draft_counts_as_nothing_until_it_is_taken(
    client: FlaskClient, connection: Connection, desk: FakeDesk, ann: Agent
) -> None:
    ticket = solved(desk, connection)
    prepared = prepared_draft(ticket)
    assert prepared is not None
    assert (prepared.agent_id, prepared.parts["resolution"]) == (ann.id, "allow pop-ups for the site.")
    row = db.session.query(Activity).filter_by(kind="draft.prepared").one()
    assert (row.authority, row.agent_id, row.ticket_id) == (f"desk:{connection.id}", ann.id, ticket.id)
    assert (articles_made(), queries.present_links(ticket), ticket.knowledge_state) == (0, [], S.UNANSWERED)
    assert figures(client, ann) == (1, 0, 1)
    article = services.draft_article(ticket, by=ann)
    db.session.commit()
    assert figures(client, ann) == (1, 1, 0)
    assert article.current_version.part("resolution") == "allow pop-ups for the site."
    assert (articles_made(), ticket.knowledge_state, prepared_draft(ticket)) == (1, S.ANSWERED, None)
    assert (prepared.title, prepared.parts) == ("", {})


def test_it_is_prepared_once_and_anew_when_solved_again(connection: Connection, desk: FakeDesk) -> None:
    solved(desk, connection)
    for _ in range(2):
        read_again(desk, connection, "1")
    assert db.session.query(Activity).filter_by(kind="draft.prepared").count() == 1
    desk.set_status("1", DeskStatus.OPEN, ANN)
    ticket = read_again(desk, connection, "1")
    assert prepared_draft(ticket) is None
    desk.reply("1", ANN, "Clear the cache.")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    prepared = prepared_draft(read_again(desk, connection, "1"))
    assert prepared is not None
    assert prepared.parts["resolution"] == "Clear the cache."
    assert db.session.query(PreparedDraft).count() == 1


@pytest.mark.parametrize("how", ["discarded", "taken and discarded", "linked", "exempt", "nobody of ours"])
def test_when_none_is_prepared(connection: Connection, desk: FakeDesk, ann: Agent, how: str) -> None:
    desk.open_ticket("1")
    ticket = read_again(desk, connection, "1")
    if how == "discarded":
        services.draft_article(ticket, by=ann)
        services.discard_draft(ticket, by=ann)
    elif how == "linked":
        services.link_article(ticket, make_article(), by=ann)
    elif how == "exempt":
        services.exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=ann)
    elif how == "nobody of ours":
        ann.licence = None
    elif how == "taken and discarded":
        ticket = solved(desk, connection)
        services.draft_article(ticket, by=ann)
        services.discard_draft(ticket, by=ann)
        desk.set_status("1", DeskStatus.OPEN, ANN)
    ticket = solved(desk, connection)
    assert prepared_draft(ticket) is None


CASES = [
    ("open", "remind", True, True, False, ["link", "draft", "exempt"]),
    ("open", "require", True, False, False, ["link", "draft", "exempt"]),
    ("open", "prompt", True, True, False, ["link", "draft", "exempt"]),
    ("solved", "remind", True, True, True, ["link", "draft", "exempt"]),
    ("solved", "draft", True, True, True, ["link", "draft", "exempt"]),
    ("linked", "require", False, True, False, ["next"]),
    ("drafted", "require", False, True, False, ["edit", "next"]),
    ("drafted and grown", "require", False, True, False, ["next"]),
    ("exempt", "require", False, True, False, ["next"]),
    ("linked late", "remind", False, True, True, ["next"]),
    ("drafted late", "remind", False, True, True, ["edit", "next"]),
]


@pytest.mark.parametrize(("case", "policy", "missing", "may_pass", "late", "acts"), CASES)
def test_what_is_missing_and_the_quickest_ways(
    client: FlaskClient,
    connection: Connection,
    desk: FakeDesk,
    ann: Agent,
    case: str,
    policy: str,
    missing: bool,
    may_pass: bool,
    late: bool,
    acts: list[str],
) -> None:
    set_closing(connection, ClosePolicy(policy))
    article = make_article()
    desk.open_ticket("1")
    ticket = (
        solved(desk, connection)
        if case == "solved" or case.endswith("late")
        else read_again(desk, connection, "1")
    )
    if case.startswith("linked"):
        services.link_article(ticket, article, by=ann)
    elif case.startswith("drafted"):
        drafted = services.draft_article(ticket, by=ann)
        drafted.confidence = Confidence.NOT_VALIDATED if case.endswith("grown") else Confidence.WIP
    elif case == "exempt":
        services.exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=ann)
    headers = token_for(ann)
    said = client.get("/api/v1/tickets/acme/1/closing", headers=headers).json
    assert said is not None
    assert (said["policy"], said["missing"], said["may_pass"], said["late"]) == (
        policy,
        missing,
        may_pass,
        late,
    )
    assert [each["act"] for each in said["choices"]] == acts
    keys = {each["act"]: each["key"] for each in said["choices"]}
    expected = {"link": "1", "draft": "d", "exempt": "x", "edit": "e", "next": "n"}
    assert keys == {act: expected[act] for act in acts}
    assert ("late" in said["line"]) == late
    if "link" in acts:
        assert (
            next(each for each in said["choices"] if each["act"] == "link")["article"]["key"] == article.key
        )


@pytest.mark.parametrize("is_solved", [False, True])
def test_a_draft_is_edited_or_discarded_from_its_ticket_solved_or_not_until_it_has_grown(
    client: FlaskClient, connection: Connection, desk: FakeDesk, ann: Agent, is_solved: bool
) -> None:
    desk.open_ticket("1")
    ticket = solved(desk, connection) if is_solved else read_again(desk, connection, "1")
    before, article = ticket.knowledge_state, services.draft_article(ticket, by=ann)
    db.session.commit()
    browser = sign_in(client, ann)
    page = browser.get("/tickets/acme/1").text
    assert ("Discard the draft" in page, 'data-key="e"' in page, 'data-key="u"' in page) == (
        True,
        True,
        False,
    )
    article.confidence = Confidence.NOT_VALIDATED
    db.session.commit()
    page = browser.get("/tickets/acme/1").text
    assert ("Discard the draft" in page, 'data-key="e"' in page, 'data-key="u"' in page) == (
        False,
        False,
        True,
    )
    article.confidence = Confidence.WIP
    db.session.commit()
    assert browser.post("/tickets/acme/1/draft/discard").status_code == 303
    assert read_again(desk, connection, "1").knowledge_state is before


def test_who_may_not_work_on_knowledge_is_offered_nothing(
    client: FlaskClient, connection: Connection, desk: FakeDesk
) -> None:
    desk.open_ticket("1")
    read_again(desk, connection, "1")
    said = client.get("/api/v1/tickets/acme/1/closing", headers=token_for(make_agent(None))).json
    assert said is not None
    assert (said["missing"], said["choices"]) == (True, [])


def test_finishing_leads_to_the_next_unfinished_ticket_and_after_the_last_to_the_list(
    client: FlaskClient, ann: Agent
) -> None:
    desk = FakeDesk()
    tickets = [make_ticket(desk, solved_by=EMAIL) for _ in range(3)]
    make_ticket(desk, solved_by="somebody@example.com")
    browser = sign_in(client, ann)
    newest, middle, oldest = reversed(tickets)
    assert next_unfinished(ann) == newest
    assert next_unfinished(ann, newest) == middle
    assert next_unfinished(ann, middle) == oldest
    assert next_unfinished(ann, oldest) == newest
    asked = f"/tickets/next?after=acme/{newest.remote_id}"
    assert browser.get(asked).location == f"/tickets/acme/{middle.remote_id}"
    panel = f"/panel?connection=acme&ticket={middle.remote_id}"
    assert browser.get(f"{asked}&panel=1").location == panel
    for ticket in tickets:
        services.exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=ann)
    db.session.commit()
    for after in (f"acme/{middle.remote_id}", "acme/404", ""):
        answer = browser.get(f"/tickets/next?after={after}")
        assert answer.location == "/tickets?list=unfinished"
    assert "Nothing unfinished" in browser.get(answer.location).text


def test_the_policy_is_set_and_shown_on_the_command_line(app: Flask, connection: Connection) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["connection", *arguments], obj=app)

    db.session.commit()
    assert run("set", "acme", "--closing", "require").exit_code == 0
    assert '"closing": "require"' in run("list", "--json").output
    assert "require" in run("list").output
    assert run("set", "acme", "--closing", "lock").exit_code == 2
    row = (
        db.session.query(Activity)
        .filter_by(kind="connection.closing_set")
        .order_by(Activity.id.desc())
        .first()
    )
    assert row is not None
    assert (row.before, row.after, row.connection_id) == ("draft", "require", connection.id)
