"""The solve loop's acts: what each does, refuses and records, and that doing it twice does it once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.flags import flag_article
from kcs.articles.models import Article, Flag
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving import queries, services
from kcs.solving.measuring import MEASURED
from kcs.solving.models import Exemption, ExemptionReason, Link, LinkRole, LinkSource
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_connection, make_ticket, read_again
from tests.fakes import FakeDesk, desk_agent
from workflow.article import ArticleState, Move
from workflow.permissions import Licence, Role
from workflow.solve import KnowledgeState

S = KnowledgeState


@pytest.fixture
def ann(app: Flask) -> Agent:
    """A contributor."""
    return make_agent(email="ann@example.com")


@pytest.fixture
def ticket(ann: Agent, desk: FakeDesk) -> Ticket:
    """An open ticket."""
    return make_ticket(desk)


def state(ticket: Ticket) -> KnowledgeState:
    """Return the ticket's knowledge state as it is now."""
    return ticket.knowledge_state


def log(ticket: Ticket) -> list[tuple[str, str | None, str | None]]:
    """Return the ticket's activity: act, before, after."""
    rows = db.session.execute(
        select(Activity)
        .where(Activity.ticket_id == ticket.id, Activity.kind.like("ticket.%"), Activity.kind != MEASURED)
        .order_by(Activity.id)
    ).scalars()
    return [(row.kind.removeprefix("ticket."), row.before, row.after) for row in rows]


def set_status(desk: FakeDesk, ticket: Ticket, status: DeskStatus) -> None:
    """The desk's status changes, and we hear of it."""
    desk.set_status(ticket.remote_id, status, desk_agent("7", "ann@example.com"))
    read_again(desk, ticket.connection, ticket.remote_id)


def test_linking_twice_is_one_link_and_one_record(ticket: Ticket, ann: Agent) -> None:
    article = make_article()
    first = services.link_article(ticket, article, by=ann, source=LinkSource.API)
    assert services.link_article(ticket, article, by=make_agent()) is first
    assert state(ticket) is S.REUSE
    assert db.session.query(Link).count() == 1
    row = db.session.execute(select(Activity).where(Activity.kind == "ticket.link")).scalar_one()
    assert (row.agent_id, row.authority, row.article_id, row.link_id, row.role, row.before, row.after) == (
        ann.id,
        "licence:contributor",
        article.id,
        first.id,
        "resolution",
        "capture",
        "reuse",
    )


def test_a_link_keeps_the_version_the_customer_was_given(ticket: Ticket, ann: Agent) -> None:
    article = make_article()
    link = services.link_article(ticket, article, by=ann)
    articles.save_version(article, "Another title", {"body": "Anew."}, by=ann, base=1)
    assert (link.version.number, article.current_version.number) == (1, 2)


def test_a_reference_moves_no_state_and_may_become_the_resolution_and_back(
    ticket: Ticket, ann: Agent
) -> None:
    article = make_article()
    services.link_article(ticket, article, by=ann, role=LinkRole.REFERENCE)
    assert (ticket.knowledge_state, queries.count_links(ticket)) == (S.CAPTURE, 0)
    services.link_article(ticket, article, by=ann)
    assert (ticket.knowledge_state, queries.count_links(ticket)) == (S.REUSE, 1)
    services.link_article(ticket, article, by=ann, role=LinkRole.REFERENCE)
    assert (ticket.knowledge_state, queries.count_links(ticket)) == (S.CAPTURE, 0)
    assert [act for act, *_ in log(ticket)] == ["link", "unlink", "link", "unlink", "link"]
    assert [link.role for link in queries.present_links(ticket)] == [LinkRole.REFERENCE]


def test_unlinking_the_last_link_goes_back_unlinking_another_does_not(ticket: Ticket, ann: Agent) -> None:
    first = services.link_article(ticket, make_article(), by=ann)
    second = services.link_article(ticket, make_article(), by=ann)
    services.unlink(first, by=ann)
    assert state(ticket) is S.REUSE
    services.unlink(second, by=ann)
    services.unlink(second, by=ann)
    assert state(ticket) is S.CAPTURE
    assert log(ticket)[2:] == [("unlink", "reuse", "reuse"), ("unlink", "reuse", "capture")]
    assert second.removed_by_id == ann.id
    again = services.link_article(ticket, second.article, by=ann)
    assert (again.id != second.id, ticket.knowledge_state) == (True, S.REUSE)


def late_link(ticket: Ticket, by: Agent) -> None:
    services.link_article(ticket, make_article(), by=by)


def late_draft(ticket: Ticket, by: Agent) -> None:
    services.draft_article(ticket, by=by)


def no_article(ticket: Ticket, by: Agent) -> None:
    services.exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=by)


@pytest.mark.parametrize(
    ("acts", "reopened_to"),
    [
        ([late_link], S.REUSE),
        ([late_draft], S.STRUCTURE),
        ([no_article], S.CAPTURE),
        ([no_article, late_link], S.REUSE),
        ([no_article, late_draft], S.STRUCTURE),
    ],
)
def test_a_solved_ticket_is_answered_late_and_can_be_reopened(
    ticket: Ticket,
    desk: FakeDesk,
    ann: Agent,
    acts: list[Callable[[Ticket, Agent], None]],
    reopened_to: KnowledgeState,
) -> None:
    set_status(desk, ticket, DeskStatus.SOLVED)
    assert state(ticket) is S.UNANSWERED
    for act in acts:
        act(ticket, ann)
    assert state(ticket) is (S.EXEMPT if acts[-1] is no_article else S.ANSWERED)
    set_status(desk, ticket, DeskStatus.OPEN)
    assert (ticket.knowledge_state, ticket.solved_at) == (reopened_to, None)
    assert queries.present_exemption(ticket) is None


def test_drafting_twice_is_one_draft(ticket: Ticket, ann: Agent) -> None:
    article = services.draft_article(ticket, by=ann)
    assert services.draft_article(ticket, by=make_agent()) is article
    assert (ticket.knowledge_state, article.state) == (S.STRUCTURE, ArticleState.WIP)
    (link,) = queries.present_links(ticket)
    assert (link.source, link.role) == (LinkSource.CREATED, LinkRole.RESOLUTION)
    assert log(ticket) == [("draft", "capture", "structure")]


def test_a_draft_is_discarded_with_its_link_and_not_unlinked(ticket: Ticket, ann: Agent) -> None:
    article = services.draft_article(ticket, by=ann)
    with pytest.raises(WorkflowError, match="discard the draft instead"):
        services.unlink(queries.present_links(ticket)[0], by=ann)
    services.discard_draft(ticket, by=ann)
    assert (ticket.knowledge_state, article.state) == (S.CAPTURE, ArticleState.DELETED)
    assert queries.present_links(ticket) == []
    with pytest.raises(WorkflowError, match="No draft was made"):
        services.discard_draft(ticket, by=ann)


def test_what_is_no_draft_any_more_is_unlinked(ticket: Ticket, ann: Agent) -> None:
    article = services.draft_article(ticket, by=ann, parts={"resolution": "Do this."})
    articles.move_article(article, Move.COMPLETE, by=ann)
    reached = article.state
    with pytest.raises(WorkflowError, match="grown beyond a draft: unlink it"):
        services.discard_draft(ticket, by=ann)
    services.unlink(queries.present_links(ticket)[0], by=ann)
    assert (ticket.knowledge_state, article.state) == (S.CAPTURE, reached)


def test_a_reopened_ticket_does_not_come_back_to_a_draft_that_is_gone(
    ticket: Ticket, ann: Agent, desk: FakeDesk
) -> None:
    services.draft_article(ticket, by=ann)
    set_status(desk, ticket, DeskStatus.SOLVED)
    services.link_article(ticket, make_article(), by=ann)
    services.unlink(queries.created_link(ticket) or pytest.fail("no draft"), by=ann)
    set_status(desk, ticket, DeskStatus.OPEN)
    assert state(ticket) is S.REUSE


def test_no_article_needed_is_said_once_with_a_reason(ticket: Ticket, ann: Agent) -> None:
    for note in ("", " \n", "\0"):
        with pytest.raises(InvalidInput, match="few words"):
            services.exempt(ticket, ExemptionReason.OTHER, by=ann, note=note)
    made = services.exempt(ticket, ExemptionReason.OTHER, by=ann, note="A party invitation")
    assert services.exempt(ticket, ExemptionReason.OTHER, by=ann, note="A party invitation") is made
    assert log(ticket) == [("exempt", "capture", "exempt")]
    services.link_article(ticket, make_article(), by=ann)
    assert state(ticket) is S.REUSE
    assert db.session.query(Exemption).filter(Exemption.ended_at.is_(None)).count() == 0


def test_every_other_reason_stands_alone(ann: Agent, desk: FakeDesk) -> None:
    for reason in set(ExemptionReason) - {ExemptionReason.OTHER}:
        assert services.exempt(make_ticket(desk), reason, by=ann).reason is reason


def test_flagging_and_fixing_a_linked_article_is_improving_each_once(ticket: Ticket, ann: Agent) -> None:
    article, parts = make_article(), {"issue": "Grey", "resolution": "Allow pop-ups, then reload."}
    with pytest.raises(WorkflowError, match="link it first"):
        services.flag_in_ticket(ticket, article, "Old", by=ann)
    services.link_article(ticket, article, by=ann)
    for _ in range(2):
        services.flag_in_ticket(ticket, article, "The button moved", by=ann)
    for _ in range(2):
        services.fix_in_ticket(ticket, article, "A better title", parts, by=ann, base=1)
    assert state(ticket) is S.IMPROVE
    assert log(ticket)[1:] == [("improve", "reuse", "improve"), ("improve", "improve", "improve")]
    flag = db.session.query(Flag).one()
    assert (flag.ticket_id, flag.agent_id, article.current_version.number) == (ticket.id, ann.id, 2)
    with pytest.raises(StaleVersion):
        services.fix_in_ticket(ticket, article, "A third title", parts, by=ann, base=1)


@pytest.mark.parametrize("gone", [ArticleState.ARCHIVED, ArticleState.DELETED])
def test_what_is_archived_or_deleted_cannot_be_linked(ticket: Ticket, ann: Agent, gone: ArticleState) -> None:
    if gone is ArticleState.ARCHIVED:
        article = make_article(gone)
    else:
        article = make_article(ArticleState.WIP)
        articles.move_article(article, Move.DELETE, by=ann)
    with pytest.raises(WorkflowError, match=f"is {gone}"):
        services.link_article(ticket, article, by=ann)


Act = Callable[[Ticket, Article, Agent], object]
ACTS: dict[str, Act] = {
    "link": lambda ticket, article, by: services.link_article(ticket, article, by=by),
    "unlink": lambda ticket, _, by: services.unlink(queries.present_links(ticket)[0], by=by),
    "draft": lambda ticket, _, by: services.draft_article(ticket, by=by),
    "discard": lambda ticket, _, by: services.discard_draft(ticket, by=by),
    "exempt": lambda ticket, _, by: services.exempt(ticket, ExemptionReason.CONFIDENTIAL, by=by),
    "flag": lambda ticket, article, by: services.flag_in_ticket(ticket, article, "Old", by=by),
    "fix": lambda ticket, article, by: services.fix_in_ticket(
        ticket, article, "T", {"body": "b"}, by=by, base=1
    ),
}


@pytest.mark.parametrize("roles", [(), (Role.MANAGER, Role.ADMIN)], ids=["no role", "manager and admin"])
def test_without_a_licence_nothing_is_done(ticket: Ticket, ann: Agent, roles: tuple[Role, ...]) -> None:
    article, stranger = make_article(), make_agent(None, roles)
    services.link_article(ticket, article, by=ann)
    before = (ticket.knowledge_state, db.session.query(Activity).count())
    for name, act in ACTS.items():
        with pytest.raises(NotAllowed):
            act(ticket, article, stranger)
        assert (ticket.knowledge_state, db.session.query(Activity).count()) == before, name


def test_every_licence_and_the_coaching_roles_may_do_their_part(ann: Agent, desk: FakeDesk) -> None:
    people = [make_agent(licence) for licence in Licence]
    people += [make_agent(None, [role]) for role in (Role.COACH, Role.EXPERT)]
    for agent in people:
        ticket = make_ticket(desk)
        link = services.link_article(ticket, make_article(), by=agent)
        services.flag_in_ticket(ticket, link.article, "Old", by=agent)
        services.unlink(link, by=agent)
        services.draft_article(ticket, by=agent)
        services.discard_draft(ticket, by=agent)
        services.exempt(ticket, ExemptionReason.OUT_OF_SCOPE, by=agent)
        assert state(ticket) is S.EXEMPT


def test_a_refused_act_leaves_nothing_behind(ticket: Ticket, ann: Agent) -> None:
    candidate, article = make_agent(Licence.CANDIDATE), make_article(author=ann)
    services.link_article(ticket, article, by=candidate)
    db.session.commit()
    before = log(ticket)
    with pytest.raises(NotAllowed):
        services.fix_in_ticket(ticket, article, "T", {"body": "b"}, by=candidate, base=1)
    with pytest.raises(InvalidInput):
        services.flag_in_ticket(ticket, article, " ", by=candidate)
    with pytest.raises(WorkflowError):
        services.exempt(ticket, ExemptionReason.CONFIDENTIAL, by=candidate)
    db.session.rollback()
    assert (ticket.knowledge_state, log(ticket)) == (S.REUSE, before)


def test_the_same_article_serves_tickets_of_two_desks(ann: Agent) -> None:
    article = make_article()
    for name in ("north", "south"):
        ticket = make_ticket(FakeDesk(), make_connection(name))
        services.link_article(ticket, article, by=ann)
    assert {link.ticket.connection.name for link in db.session.query(Link)} == {"north", "south"}


# ---- what articles and tickets mean to each other ----------------------------------------------------------


def test_a_draft_a_ticket_rests_on_is_discarded_there_and_not_deleted_on_its_own(
    ann: Agent, ticket: Ticket
) -> None:
    draft = services.draft_article(ticket, by=ann)
    with pytest.raises(WorkflowError, match="linked"):
        articles.move_article(draft, Move.DELETE, by=ann)
    assert (draft.state, state(ticket)) == (ArticleState.WIP, S.STRUCTURE)
    services.discard_draft(ticket, by=ann)
    assert (draft.state, state(ticket)) == (ArticleState.DELETED, S.CAPTURE)


def test_an_edit_answers_the_open_flags(ann: Agent) -> None:
    article = make_article()
    flag = flag_article(article, "Step 2 is gone.", by=ann)
    articles.save_version(article, article.title, {"issue": "a", "resolution": "b"}, by=ann, base=1)
    assert flag.closed_at is not None
