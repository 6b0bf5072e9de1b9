"""Past tickets taken over: with their links, once, counted where they are dated; bad lines named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from kcs.activity.models import Activity
from kcs.articles.merging import merge_articles
from kcs.articles.models import Article
from kcs.articles.services import move_article
from kcs.articles.taking import Done
from kcs.cli import main
from kcs.database import db
from kcs.people.models import Agent
from kcs.search.models import SearchChange
from kcs.solving import past_tickets, services
from kcs.solving.measuring import MEASURED
from kcs.solving.models import ExemptionReason, Link, LinkRole, LinkSource
from kcs.solving.past_tickets import Outcome, import_past_tickets
from kcs.solving.queries import present_exemption, present_links
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.queries import TicketList, count_tickets
from tests.factories import make_agent, make_article, make_connection, make_ticket, token_for
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Move
from workflow.permissions import Licence, Role
from workflow.solve import KnowledgeState

IN_MARCH = "2025-03-04T10:00:00Z"
BAD = {
    "{": "not JSON",
    "[]": "not a JSON object",
    '{"title": "T", "body": "b"}': "id",
    '{"id": "", "title": "T"}': "id",
    '{"id": "\\u0000", "title": "T"}': "empty",
    '{"id": true, "title": "T"}': "id",
    '{"id": "T-9", "title": "", "body": " "}': "no words",
    '{"id": "T-9", "title": 5}': "title",
    '{"id": "T-9", "title": "T", "articles": "A-1"}': "articles",
    '{"id": "T-9", "title": "T", "article": ["A-1"]}': "article",
    '{"id": "T-9", "title": "T", "agent": "me"}': "agent",
    '{"id": "T-9", "title": "T", "solved_at": "3000-01-01"}': "solved_at",
    "[" * 100_000: "not JSON",
}


@pytest.fixture(autouse=True)
def admin(app: Flask) -> Agent:
    admin = make_agent(None, [Role.ADMIN], email="admin@example.com")
    for key in ("A-1", "A-2"):
        make_article(key=key)
    db.session.commit()
    return admin


def line(number: int = 1, *articles: str, **more: Any) -> str:
    return json.dumps(
        {"id": f"T-{number}", "title": "Grey", "body": "It is grey", "articles": articles, **more}
    )


def take(*lines: str, **options: Any) -> list[Outcome]:
    outcomes = list(import_past_tickets(lines, **options))
    db.session.expire_all()
    return outcomes


def ticket(number: int = 1) -> Ticket:
    return db.session.query(Ticket).filter_by(remote_id=f"T-{number}").one()


def keys(number: int = 1) -> list[str]:
    return [link.article.key for link in present_links(ticket(number))]


def log_of(number: int = 1) -> list[tuple[str, str | None, str | None]]:
    told = (Activity.ticket_id == ticket(number).id, Activity.kind != MEASURED)
    rows = db.session.query(Activity).filter(*told).order_by(Activity.id)
    return [(row.kind.removeprefix("ticket."), row.before, row.after) for row in rows]


def test_a_ticket_comes_with_its_text_links_and_history(app: Flask) -> None:
    ana = make_agent(email="ana@example.com", team="North")
    [outcome] = take(line(1, "A-1", "A-2", solved_at=IN_MARCH, agent="Ana@example.com"))
    assert outcome == Outcome(1, "T-1", Done.TAKEN)
    taken, moment = ticket(), datetime(2025, 3, 4, 10, tzinfo=UTC)
    assert (taken.subject, [(each.body, each.public) for each in taken.messages]) == (
        "Grey",
        [("It is grey", True)],
    )
    assert (taken.knowledge_state, taken.came_from) == (KnowledgeState.ANSWERED, KnowledgeState.REUSE)
    assert (taken.solved_at, taken.solver_id, taken.status.is_solved) == (moment, ana.id, True)
    links = present_links(taken)
    said = (LinkRole.RESOLUTION, LinkSource.IMPORTED, ana.id, moment)
    assert keys() == ["A-1", "A-2"]
    assert {(link.role, link.source, link.agent_id, link.created_at) for link in links} == {said}
    assert all(link.version_id == link.article.current_version_id for link in links)
    assert {link.article.last_used_at for link in links} == {moment}
    assert log_of() == [
        ("link", "capture", "reuse"),
        ("link", "reuse", "reuse"),
        ("solve", "reuse", "answered"),
    ]
    of_lines = (Activity.ticket_id == taken.id, Activity.kind != MEASURED)
    rows = db.session.query(Activity).filter(*of_lines).all()
    assert {(row.happened_at, row.agent_id, row.team_id) for row in rows} == {(moment, ana.id, ana.team_id)}
    assert min(row.recorded_at for row in rows) > moment
    assert {row.link_id for row in rows if row.kind == "ticket.link"} == {link.id for link in links}
    fed = {change.article_id for change in db.session.query(SearchChange)}
    assert {link.article_id for link in links} <= fed
    connection = taken.connection
    assert (connection.name, connection.provider, connection.active) == ("imported", "import", False)


def test_without_articles_agent_or_date(app: Flask) -> None:
    take(line(1, solved_at=IN_MARCH), line(2, "A-1"))
    assert (ticket().knowledge_state, ticket().solver_id) == (KnowledgeState.UNANSWERED, None)
    assert log_of() == [("solve", "capture", "unanswered")]
    assert log_of(2) == [("link", "capture", "reuse"), ("imported", "reuse", "answered")]
    assert [link.agent.email for link in present_links(ticket(2))] == [past_tickets.NOBODY]
    assert ticket(2).solved_at is not None, "it can be reopened like any other"
    assert present_links(ticket(2))[0].article.last_used_at is None, "nobody says when"


def test_reports_count_dated_tickets_in_their_time_and_no_others(client: FlaskClient, admin: Agent) -> None:
    take(line(1, "A-1", solved_at=IN_MARCH), line(2, solved_at=IN_MARCH), line(3, "A-1"), line(4))
    this_month = (datetime.now(UTC) - timedelta(days=28), datetime.now(UTC) + timedelta(days=2))
    headers, counted = token_for(admin), []
    for since, until in (("2025-03-01", "2025-04-01"), (f"{each:%Y-%m-%d}" for each in this_month)):
        address = f"/api/v1/reports/link-rate?from={since}&to={until}"
        report = client.get(address, headers=headers).get_json()
        counted.append([(row["solved"], row["linked"]) for row in report["rows"]])
    assert counted == [[(2, 1)], []]


def test_nobody_is_asked_to_finish_a_past_ticket(app: Flask) -> None:
    ana = make_agent(email="ana@example.com")
    take(line(1, agent="ana@example.com", solved_at=IN_MARCH))
    assert ticket().solver_id == ana.id
    assert count_tickets(TicketList.UNFINISHED, ana) == 0
    assert count_tickets(TicketList.ALL, ana) == 1


def test_bad_lines_are_named_and_stop_nothing(app: Flask) -> None:
    outcomes = take(line(1, "A-1"), "", *BAD, line(2, "A-2"))
    assert [(each.line, each.done) for each in (outcomes[0], outcomes[-1])] == [
        (1, Done.TAKEN),
        (len(BAD) + 3, Done.TAKEN),
    ]
    for number, (outcome, (text, reason)) in enumerate(
        zip(outcomes[1:-1], BAD.items(), strict=True), start=3
    ):
        assert (outcome.line, outcome.done, outcome.id) == (number, Done.REFUSED, None)
        assert reason in outcome.remarks[0], (text[:80], outcome)
    assert db.session.query(Ticket).count() == 2


def test_what_is_unknown_is_named_and_the_rest_taken(app: Flask) -> None:
    gone = make_article(ArticleState.WIP, key="A-3", author=make_agent(Licence.PUBLISHER))
    move_article(gone, Move.DELETE, by=make_agent(Licence.PUBLISHER))
    db.session.commit()
    [outcome] = take(line(1, "A-9", "A-1", "A-3", agent="nobody@example.com"))
    assert outcome.done is Done.TAKEN
    assert outcome.remarks == (
        "there is no article A-9",
        "there is no article A-3",
        "there is nobody with the address nobody@example.com",
    )
    assert (keys(), ticket().solver_id) == (["A-1"], None)


def test_the_same_lines_again_change_nothing(app: Flask) -> None:
    make_agent(email="ana@example.com")
    lines = [
        line(1, "A-1", "A-1", solved_at=IN_MARCH, agent="ana@example.com"),
        line(2),
        line(3, "A-1", "A-2"),
        line(4, body="", title=" Two\nlines "),
        json.dumps({"id": 5, "body": "e\u0301 \ud800"}),
    ]
    assert {outcome.done for outcome in take(*lines)} == {Done.TAKEN}
    before = db.session.query(Activity).count(), db.session.query(SearchChange).count()
    assert {outcome.done for outcome in take(*lines)} == {Done.UNCHANGED}
    assert (db.session.query(Activity).count(), db.session.query(SearchChange).count()) == before


# A line, what it says later, and the ticket's state, its links and the end of its log then.
CHANGES: dict[str, tuple[str, str, KnowledgeState, list[str], list[str]]] = {
    "title": (line(1, "A-1"), line(1, "A-1", title="Green"), KnowledgeState.ANSWERED, ["A-1"], []),
    "text": (line(1, "A-1"), line(1, "A-1", body="Green"), KnowledgeState.ANSWERED, ["A-1"], []),
    "text where none was": (line(1, body=""), line(1), KnowledgeState.UNANSWERED, [], []),
    "first link": (line(1), line(1, "A-1"), KnowledgeState.ANSWERED, ["A-1"], ["link"]),
    "one link more": (
        line(1, "A-1"),
        line(1, "A-1", "A-2"),
        KnowledgeState.ANSWERED,
        ["A-1", "A-2"],
        ["link"],
    ),
    "another link": (
        line(1, "A-1"),
        line(1, "A-2"),
        KnowledgeState.ANSWERED,
        ["A-2"],
        ["link", "unlink"],
    ),
    "no link": (line(1, "A-1"), line(1), KnowledgeState.UNANSWERED, [], ["unlink"]),
    "date": (line(1), line(1, solved_at=IN_MARCH), KnowledgeState.UNANSWERED, [], ["solve"]),
    "another date": (
        line(1, "A-1", solved_at="2024-01-01T00:00:00Z"),
        line(1, "A-1", solved_at=IN_MARCH),
        KnowledgeState.ANSWERED,
        ["A-1"],
        ["solve"],
    ),
    "agent": (
        line(1, solved_at=IN_MARCH),
        line(1, solved_at=IN_MARCH, agent="admin@example.com"),
        KnowledgeState.UNANSWERED,
        [],
        ["solve"],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("together", [True, False])
def test_a_changed_line_changes_its_ticket(app: Flask, change: str, together: bool) -> None:
    first, second, state, links, acts = CHANGES[change]
    begun = len(acts) and -len(acts)
    outcomes = take(first, second) if together else take(first) + take(second)
    assert [outcome.done for outcome in outcomes] == [Done.TAKEN, Done.UPDATED]
    given = json.loads(second)
    assert (ticket().subject, [each.body for each in ticket().messages]) == (given["title"], [given["body"]])
    assert (ticket().knowledge_state, keys()) == (state, links)
    assert [kind for kind, _, _ in log_of()[begun:]] == acts or not acts
    if "solved_at" in given:
        assert ticket().solved_at == datetime(2025, 3, 4, 10, tzinfo=UTC)
    assert take(second)[0].done is Done.UNCHANGED


def test_a_link_taken_back_by_the_file_comes_back_with_it(app: Flask) -> None:
    take(line(1, "A-1"), line(1), line(1, "A-1"))
    assert (keys(), ticket().came_from) == (["A-1"], KnowledgeState.REUSE)


def test_what_a_person_said_here_stands(app: Flask) -> None:
    ana = make_agent(Licence.PUBLISHER)
    take(line(1, "A-1", "A-2"), line(2), line(3))
    services.unlink(present_links(ticket())[0], by=ana)
    own = make_article(key="A-3")
    services.link_article(ticket(), own, by=ana)
    services.exempt(ticket(2), ExemptionReason.NO_KNOWLEDGE, by=ana)
    services.exempt(ticket(3), ExemptionReason.NO_KNOWLEDGE, by=ana)
    db.session.commit()
    outcomes = take(line(1, "A-1", "A-2"), line(2), line(3, "A-1"))
    assert [each.done for each in outcomes] == [Done.UNCHANGED, Done.UNCHANGED, Done.UPDATED]
    assert keys() == ["A-2", "A-3"]
    assert ticket(2).knowledge_state is KnowledgeState.EXEMPT
    assert (ticket(3).knowledge_state, present_exemption(ticket(3))) == (KnowledgeState.ANSWERED, None)


def test_a_merged_article_stands_for_the_one_it_was_merged_into(app: Flask) -> None:
    older, newer = (db.session.query(Article).filter_by(key=key).one() for key in ("A-1", "A-2"))
    take(line(1, "A-2"))
    parts = older.current_version.parts
    merge_articles(newer, older, older.title, parts, by=make_agent(Licence.PUBLISHER), base=1)
    db.session.commit()
    assert [each.done for each in take(line(1, "A-2"), line(2, "A-1", "A-2"))] == [Done.UNCHANGED, Done.TAKEN]
    assert (keys(1), keys(2)) == (["A-1"], ["A-1"])


def test_a_ticket_read_from_the_desk_stays_as_the_desk_says(app: Flask, desk: FakeDesk) -> None:
    acme = make_connection()
    mirrored = make_ticket(desk, acme)
    db.session.commit()
    outcomes = take(
        json.dumps({"id": mirrored.remote_id, "title": "Other", "articles": ["A-1"]}),
        line(1, "A-1"),
        connection="acme",
    )
    assert [each.done for each in outcomes] == [Done.REFUSED, Done.TAKEN]
    assert "desk 'acme'" in outcomes[0].remarks[0]
    assert ticket().connection_id == acme.id
    assert db.session.query(Connection).count() == 1


def test_after_a_break_the_same_file_takes_the_rest(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_tickets, "BATCH", 2)
    lines = [line(number, "A-1") for number in range(5)]

    def breaking() -> Iterator[str]:
        yield from lines[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(import_past_tickets(breaking()))
    db.session.rollback()
    assert db.session.query(Ticket).count() == 2
    assert [each.done for each in take(*lines)] == [Done.UNCHANGED] * 2 + [Done.TAKEN] * 3


def test_a_large_text_ends_a_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_tickets, "BATCH_CHARACTERS", 150)
    lines = [line(1), line(2), line(3, body="b" * 900), line(4)]
    commits: list[object] = []
    note = commits.append
    event.listen(db.session, "after_commit", note)
    try:
        take(*lines)
    finally:
        event.remove(db.session, "after_commit", note)
    assert len(commits) == 3, "two small ones, the large one, and the rest"


def run(app: Flask, *words: str, typed: str | None = None) -> Result:
    db.session.rollback()  # lets go of the lock
    return app.test_cli_runner().invoke(main, ["tickets", "import", *words], input=typed, obj=app)


def test_the_command_says_what_it_did_and_fails_when_something_was_refused(
    app: Flask, tmp_path: Path
) -> None:
    file, report = tmp_path / "tickets.jsonl", tmp_path / "report.jsonl"
    file.write_text("\n".join([line(1, "A-1", "A-9"), "{", line(2)]))
    dry = run(app, str(file), "--dry-run")
    assert dry.stdout.startswith(
        "Nothing is changed; without --dry-run: 2 tickets taken over, 1 refused; of 1 "
    )
    assert (db.session.query(Ticket).count(), db.session.query(Connection).count()) == (0, 0)
    result = run(app, str(file), "--json", "--report", str(report))
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "taken": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "incomplete": 1,
    }
    assert [told.split(":")[0] for told in result.stderr.splitlines()] == ["line 1", "line 2"]
    told = [json.loads(each) for each in report.read_text().splitlines()]
    assert [(each["line"], each["id"], each["done"]) for each in told] == [
        (1, "T-1", "taken"),
        (2, None, "refused"),
    ]
    again = run(app, "-", typed=line(1, "A-1"))
    assert (again.exit_code, again.stdout) == (0, "0 tickets taken over, 1 unchanged, 0 refused.\n")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--connection", "nowhere"], "no connection 'nowhere'"),
        (["--as", "nobody@example.com"], "nobody with the address"),
    ],
)
def test_names_that_lead_nowhere_are_told(app: Flask, options: list[str], reason: str) -> None:
    result = run(app, "-", *options, typed=line(1))
    assert result.exit_code == 1
    assert reason in result.stderr


def test_links_are_made_by_whoever_is_named_or_by_nobody_who_can_sign_in(app: Flask) -> None:
    ben = make_agent()
    db.session.commit()
    assert run(app, "-", "--as", ben.email, typed=line(1, "A-1")).exit_code == 0
    assert run(app, "-", typed=line(2, "A-1")).exit_code == 0
    makers = [link.agent for link in db.session.query(Link).order_by(Link.id)]
    assert makers[0].id == ben.id
    assert (makers[1].active, makers[1].password_hash, makers[1].licence, makers[1].role_names) == (
        False,
        None,
        None,
        [],
    )


def test_imported_tickets_have_no_desk_to_ask(app: Flask) -> None:
    take(line(1))
    for words in (["check", "imported"], ["set", "imported", "--active"]):
        result = app.test_cli_runner().invoke(main, ["connection", *words], obj=app)
        assert "there is no desk to ask" in result.stderr, result.stderr
