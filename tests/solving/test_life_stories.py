"""What can happen to a ticket on its desk, and how each of it ends: mirror, state, credit, reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.database import db
from kcs.metrics.model import Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports.link_rate import REPORT
from kcs.metrics.services import Asked, compute
from kcs.people.identities import known_identity
from kcs.people.models import Agent, Decision
from kcs.ports import AuthorKind, DeskStatus, DeskUser
from kcs.solving import services
from kcs.solving.models import PreparedDraft
from kcs.solving.queries import present_links
from kcs.tickets.models import ClosePolicy, Connection, Ticket
from kcs.tickets.queries import TicketList, count_tickets
from kcs.tickets.services import lock_ticket, mark_deleted, mirror_ticket
from tests.factories import make_agent, make_article, make_connection, read_again
from tests.fakes import START, FakeDesk, desk_agent
from webhooks.models import Delivery
from webhooks.services import hint
from workflow.solve import KnowledgeState as K

ANN = desk_agent("7", "ann@example.com")
BOB = desk_agent("8", "bob@example.com")
GONE = DeskUser("8", AuthorKind.REQUESTER, "Bob", "bob@example.com")
FORGOTTEN = DeskUser("8", AuthorKind.SYSTEM, "")
ROBOT = DeskUser("-1", AuthorKind.SYSTEM, "An automation")
S = DeskStatus


@dataclass
class Story:
    """One ticket's life on the desk, and what the mirror reads of it."""

    desk: FakeDesk
    connection: Connection

    def reads(self) -> Ticket:
        if self.desk.tickets["1"].status is S.DELETED:
            ticket = lock_ticket(self.connection.id, "1")
            assert ticket is not None
            mark_deleted(ticket)
            return ticket
        return read_again(self.desk, self.connection, "1")

    def status(self, status: DeskStatus, who: DeskUser = ANN) -> None:
        self.desk.set_status("1", status, who)

    def solve(self, who: DeskUser = ANN) -> None:
        self.status(S.SOLVED, who)

    def link(self) -> None:
        ticket = self.reads()
        services.link_article(ticket, make_article(), by=db.session.query(Agent).first())  # type: ignore[arg-type]

    def delete(self) -> None:
        self.desk.delete_ticket("1")

    def restore(self) -> None:
        self.desk.restore_ticket("1")

    def merge(self) -> None:
        self.desk.merge("1", BOB)


@pytest.fixture
def story(app: Flask, desk: FakeDesk) -> Story:
    """A desk with an open ticket 1, and two agents of ours."""
    for name in ("ann", "bob"):
        make_agent(email=f"{name}@example.com")
    desk.open_ticket("1")
    return Story(desk, make_connection())


Outcomes = dict[str, tuple[object, ...]]


def counted() -> Outcomes:
    """Return how many solved tickets a report says now, linked and not, by name of the solver."""
    db.session.commit()
    window = Window(START - timedelta(days=30), START + timedelta(days=30), ZoneInfo("UTC"))
    found = compute(REPORT, Asked(window, Segment.AGENT, EVERYBODY))
    return {
        row.label: (int(row.figures["linked"] or 0), int(row.figures["unanswered"] or 0))
        for row in found.rows
    }


NOTHING: Outcomes = {}
LINKED, WITHOUT = (1, 0), (0, 1)
Act = Callable[[Story], None]

solve: Act = Story.solve
link, delete, restore, merge = Story.link, Story.delete, Story.restore, Story.merge


def by(who: DeskUser) -> Act:
    return lambda story: story.solve(who)


def to(status: DeskStatus, who: DeskUser = ROBOT) -> Act:
    return lambda story: story.status(status, who)


# name: acts, then status, state, solver, whether Ann has it unfinished, and what a report counts.
STORIES: dict[str, tuple[list[Act], DeskStatus, K, str | None, int, Outcomes]] = {
    "solved, then closed by an automation": (
        [solve, to(S.CLOSED)], S.CLOSED, K.UNANSWERED, "Ann", 1, {"Ann": WITHOUT}),
    "solved with knowledge": ([link, solve], S.SOLVED, K.ANSWERED, "Ann", 0, {"Ann": LINKED}),
    "reopened by the customer": ([link, solve, to(S.OPEN, GONE)], S.OPEN, K.REUSE, None, 0, NOTHING),
    "reopened, solved by a colleague": (
        [solve, to(S.OPEN, GONE), by(BOB)], S.SOLVED, K.UNANSWERED, "Bob", 0, {"Bob": WITHOUT}),
    "solved by an automation": ([by(ROBOT)], S.SOLVED, K.UNANSWERED, None, 0, {"Nobody of ours": WITHOUT}),
    "deleted open": ([delete], S.DELETED, K.CAPTURE, None, 0, NOTHING),
    "deleted solved": ([solve, delete], S.DELETED, K.UNANSWERED, "Ann", 0, NOTHING),
    "deleted and restored": (
        [link, solve, delete, restore], S.SOLVED, K.ANSWERED, "Ann", 0, {"Ann": LINKED}),
    "deleted, restored, deleted": (
        [solve, delete, restore, delete], S.DELETED, K.UNANSWERED, "Ann", 0, NOTHING),
    "restored, then solved": (
        [delete, restore, by(BOB)], S.SOLVED, K.UNANSWERED, "Bob", 0, {"Bob": WITHOUT}),
    "merged while open": ([merge], S.CLOSED, K.CAPTURE, None, 0, NOTHING),
    "merged with knowledge": ([link, merge], S.CLOSED, K.REUSE, None, 0, NOTHING),
    "solved, then merged": ([solve, merge], S.CLOSED, K.UNANSWERED, None, 0, NOTHING),
    "merged, deleted, restored": ([solve, merge, delete, restore], S.CLOSED, K.UNANSWERED, None, 0, NOTHING),
}  # fmt: skip


@pytest.mark.parametrize("step_by_step", [True, False], ids=["each heard", "only the end heard"])
@pytest.mark.parametrize("name", STORIES)
def test_every_story_ends_right(story: Story, name: str, step_by_step: bool) -> None:
    acts, status, state, solver, unfinished, figures = STORIES[name]
    story.reads()
    for act in acts:
        if act is delete:
            story.reads()  # what happens before nobody hears of it is not known of a deleted ticket
        act(story)
        if step_by_step or act is delete:
            story.reads()
    for _ in range(2):
        ticket = story.reads()
        assert (ticket.status, ticket.knowledge_state) == (status, state)
        assert (ticket.solver.name if ticket.solver else None) == solver
        ann = db.session.execute(select(Agent).where(Agent.name == "Ann")).scalar_one()
        assert count_tickets(TicketList.UNFINISHED, ann) == unfinished
        assert counted() == figures


@pytest.mark.parametrize("left_as", [GONE, FORGOTTEN], ids=["a customer now", "deleted there"])
def test_who_left_the_desk_keeps_the_credit_for_what_they_solved(story: Story, left_as: DeskUser) -> None:
    story.desk.reply("1", BOB, "I look at it.")
    story.reads()
    story.solve(BOB)
    snapshot = story.desk.change("1", users={**story.desk.tickets["1"].users, "8": left_as})
    assert snapshot.users["8"] is left_as
    ticket = story.reads()
    assert (ticket.solver.name if ticket.solver else None, ticket.solver_remote_id) == ("Bob", "8")


def test_a_customer_who_solves_is_nobody_of_ours(story: Story) -> None:
    story.solve(story.desk.tickets["1"].users["u1"])
    ticket = story.reads()
    assert (ticket.solver, ticket.solver_remote_id) == (None, "u1")


def test_a_machine_gets_no_credit_and_says_nothing_as_a_person(story: Story) -> None:
    story.desk.reply("1", BOB, "Beep.")
    story.reads()
    bob = known_identity(story.connection.id, "8")
    assert bob is not None
    bob.decision = Decision.MACHINE
    story.desk.reply("1", BOB, "Beep again.")
    story.solve(BOB)
    ticket = story.reads()
    assert (ticket.solver, ticket.solver_remote_id) == (None, "8")
    assert [each.author_kind for each in ticket.messages][-1] is AuthorKind.SYSTEM


def test_a_redacted_message_is_redacted_everywhere_and_stays_so(story: Story, app: Flask) -> None:
    story.connection.closing = ClosePolicy.DRAFT
    hint(story.connection.id, "1", "comment", "c1")
    hint(story.connection.id, "2", "comment", "c2")
    db.session.execute(Delivery.__table__.update().values(body=b"my card is 4111"))  # type: ignore[attr-defined]
    before = story.desk.change_message("1", 0, body="My card is 4111 1111 1111 1111.")
    story.reads()
    story.link()
    links = present_links(story.reads())
    services.unlink(links[0], by=links[0].agent)
    story.solve()
    story.reads()
    story.desk.change_message("1", 0, body="My card is ████.")
    ticket = story.reads()
    mirror_ticket(story.connection, before)  # a reading that comes late
    assert ticket.messages[0].body == "My card is ████."
    bodies = db.session.execute(select(Delivery.remote_ticket_id, Delivery.body)).all()
    assert {row.remote_ticket_id: row.body for row in bodies} == {"1": b"", "2": b"my card is 4111"}
    prepared = db.session.query(PreparedDraft).one()
    assert "4111" not in f"{prepared.title} {prepared.parts}"


def test_a_message_made_private_is_private(story: Story) -> None:
    story.desk.reply("1", ANN, "Our discount is 40 %.")
    assert [each.public for each in story.reads().messages] == [True, True]
    story.desk.change_message("1", 1, public=False)
    assert [each.public for each in story.reads().messages] == [True, False]


def test_a_follow_up_is_a_ticket_of_its_own_that_knows_what_it_follows(story: Story) -> None:
    story.solve()
    story.status(S.CLOSED, ROBOT)
    story.reads()
    story.desk.open_ticket("2")
    story.desk.change("2", follows="1")
    second = read_again(story.desk, story.connection, "2")
    assert (second.follows, second.knowledge_state) == ("1", K.CAPTURE)
    assert counted() == {"Ann": WITHOUT}


def test_a_late_word_that_it_was_merged_takes_it_out_of_the_reports(story: Story) -> None:
    """The tag may come after the closing: until then it was somebody's."""
    story.status(S.CLOSED, ANN)
    story.reads()
    assert counted() == {"Ann": WITHOUT}
    story.desk.change("1", merged=True)
    ticket = story.reads()
    assert (ticket.merged, ticket.solver_id, counted()) == (True, None, NOTHING)
    kinds = [row.kind for row in db.session.query(Activity).filter(Activity.ticket_id == ticket.id)]
    assert kinds.count("ticket.excluded") == 1


def test_a_merge_prepares_no_draft(story: Story) -> None:
    story.connection.closing = ClosePolicy.DRAFT
    story.reads()
    story.merge()
    story.reads()
    assert db.session.query(PreparedDraft).count() == 0
    assert db.session.query(Article).count() == 0
