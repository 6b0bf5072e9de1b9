"""Moves planned for later: made once, for the planned text alone, with the rights their planner has then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from kcs import database, worklist
from kcs.activity.models import Activity
from kcs.articles import plan_pages, planning
from kcs.articles import services as articles
from kcs.articles.models import Article, PlannedMove, PlanState
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound, WorkflowError
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskUser
from kcs.solving.services import link_article
from kcs.worklist import WorkState
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, make_connection, read_again, sign_in, token_for
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

S = ArticleState
MARIA = DeskUser("u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@customer.example")
NAMING = {"issue": "Cannot export", "resolution": "As Maria Lopez did: reload."}


@pytest.fixture
def publisher(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER)


@pytest.fixture
def article(app: Flask) -> Article:
    return make_article(S.VALIDATED)


def soon() -> datetime:
    return database.now() + timedelta(days=1)


def plan(article: Article, by: Agent, move: Move = Move.PUBLISH) -> PlannedMove:
    made = planning.plan_move(
        article, move, soon(), by=by, audience=Audience.PUBLIC, reason="The offer is over"
    )
    db.session.commit()
    return made


def let_it_come(app: Flask) -> list[tuple[WorkState, str]]:
    """Bring the moment about, and work through what is due."""
    db.session.execute(db.update(Effect).values(not_before=database.now() - timedelta(seconds=1)))
    db.session.commit()
    worklist.drain(app.extensions["kcs.worklists"]["outbox"])
    query = db.select(Effect).where(Effect.kind == planning.EFFECT).order_by(Effect.id)
    rows = db.session.execute(query).scalars()
    return [(row.state, row.reason) for row in rows]


def again(plan: PlannedMove) -> PlannedMove:
    return db.session.get_one(PlannedMove, plan.id)


def test_a_planned_move_is_made_when_its_moment_comes(app: Flask, publisher: Agent, article: Article) -> None:
    made = plan(article, publisher)
    assert worklist.drain(app.extensions["kcs.worklists"]["outbox"]) == 0, "not before its moment"
    assert let_it_come(app) == [(WorkState.DONE, "")]
    made = again(made)
    assert (made.state, made.article.state, made.article.audience) == (
        PlanState.DONE,
        S.PUBLISHED,
        Audience.PUBLIC,
    )
    kinds = [row.kind for row in db.session.query(Activity).order_by(Activity.id)]
    assert kinds[-2:] == ["article.planned", "article.publish"]
    assert let_it_come(app) == [(WorkState.DONE, "")]


def test_the_same_plan_again_is_one(app: Flask, publisher: Agent, article: Article) -> None:
    at = soon()
    one = planning.plan_move(article, Move.ARCHIVE, at, by=publisher)
    assert planning.plan_move(article, Move.ARCHIVE, at, by=publisher) is one
    assert db.session.query(Effect).count() == 1


def test_an_effect_that_is_run_twice_moves_once(app: Flask, publisher: Agent, article: Article) -> None:
    made = plan(article, publisher)
    db.session.execute(db.update(Effect).values(not_before=database.now()))
    db.session.commit()
    let_it_come(app)
    db.session.execute(db.update(Effect).values(state=WorkState.WAITING, attempts=0))
    articles.move_article(again(made).article, Move.WITHDRAW, by=publisher, reason="Wrong")
    db.session.commit()
    let_it_come(app)
    assert again(made).article.state is S.VALIDATED, "it was not published a second time"


def edit(article: Article, publisher: Agent) -> None:
    articles.save_version(article, "Another title", {"resolution": "r", "issue": "i"}, by=publisher, base=1)


def lose_rights(_: Article, publisher: Agent) -> None:
    publisher.licence = Licence.CONTRIBUTOR


def leave(_: Article, publisher: Agent) -> None:
    publisher.active = False


def archive(article: Article, publisher: Agent) -> None:
    articles.move_article(article, Move.ARCHIVE, by=publisher)


MEANWHILE: dict[str, tuple[Callable[[Article, Agent], None], str]] = {
    "the text changed": (edit, "The text has changed since: version 1 was planned, the present one is 2"),
    "the planner lost the right": (lose_rights, "You may not publish this article"),
    "the planner left": (leave, "is no longer here"),
    "the article was archived": (archive, "not possible while the article is 'archived'"),
}


def test_what_stands_in_the_way_is_kept_in_words_and_never_tried_again(app: Flask) -> None:
    for event, (happens, words) in MEANWHILE.items():
        article, publisher = make_article(S.VALIDATED), make_agent(Licence.PUBLISHER)
        made = plan(article, publisher)
        happens(article, publisher)
        db.session.commit()
        state = article.state
        work, reason = let_it_come(app)[-1]
        made = again(made)
        assert (work, made.state) == (WorkState.DONE, PlanState.REFUSED), event
        assert words in made.problem
        assert reason == made.problem[:500]
        assert (made.article.state, made.article.live_version_id) == (state, None), event


def test_what_turns_out_to_be_personal_meanwhile_does_not_go_outside(app: Flask) -> None:
    """The text stayed the same: a ticket that was linked since says that it names a customer."""
    publisher, article = make_agent(Licence.PUBLISHER), make_article(S.VALIDATED, parts=NAMING)
    made = plan(article, publisher)
    desk = FakeDesk()
    desk.open_ticket("1", requester=MARIA)
    link_article(read_again(desk, make_connection(), "1"), article, by=publisher)
    db.session.commit()
    let_it_come(app)
    made = again(made)
    assert made.state is PlanState.REFUSED
    assert "Maria Lopez" in made.problem
    assert made.article.live_version_id is None


REFUSED: tuple[tuple[Move, int, Audience | None, str], ...] = (
    (Move.ARCHIVE, -1, None, "This moment is over"),
    (Move.VALIDATE, 1, None, "cannot be planned"),
    (Move.PUBLISH, 1, Audience.INTERNAL, "Name the audience"),
    (Move.PUBLISH, 1, None, "Name the audience"),
    (Move.WITHDRAW, 1, None, "Say why"),
)


def test_what_cannot_be_planned_is_refused_at_once(app: Flask, publisher: Agent, article: Article) -> None:
    for move, days, audience, words in REFUSED:
        at = database.now() + timedelta(days=days)
        with pytest.raises(InvalidInput, match=words):
            planning.plan_move(article, move, at, by=publisher, audience=audience)
    assert db.session.query(PlannedMove).count() == 0


def test_planning_needs_the_right_of_the_move(app: Flask, publisher: Agent, article: Article) -> None:
    with pytest.raises(NotAllowed):
        plan(article, make_agent(Licence.CONTRIBUTOR))
    archive(article, publisher)
    with pytest.raises(WorkflowError, match="archived"):
        plan(article, publisher)


def test_a_plan_that_was_called_off_does_nothing(app: Flask, publisher: Agent, article: Article) -> None:
    made = plan(article, publisher)
    with pytest.raises(NotAllowed):
        planning.cancel_plan(made, by=make_agent(Licence.CANDIDATE))
    with pytest.raises(NotFound):
        planning.get_plan(make_article(), made.id)
    planning.cancel_plan(made, by=make_agent(Licence.PUBLISHER))
    planning.cancel_plan(made, by=publisher)
    db.session.commit()
    let_it_come(app)
    assert (again(made).state, again(made).article.state) == (PlanState.CANCELLED, S.VALIDATED)
    assert [row.kind for row in db.session.query(Activity)].count("article.plan_cancelled") == 1
    done = plan(again(made).article, again(made).agent)
    let_it_come(app)
    with pytest.raises(WorkflowError, match="done already"):
        planning.cancel_plan(again(done), by=again(done).agent)


MOMENTS = {
    # what the browser sends, what the organisation's time is, what is meant
    "the browser's own time": ("2027-07-01T08:00", "120", "Asia/Tokyo", "2027-07-01T06:00"),
    "west of Greenwich": ("2027-07-01T08:00", "-300", "UTC", "2027-07-01T13:00"),
    "no script: the organisation's": ("2027-07-01T08:00", "", "Europe/Madrid", "2027-07-01T06:00"),
    "its winter": ("2027-01-01T08:00", "", "Europe/Madrid", "2027-01-01T07:00"),
    "an offset nobody has": ("2027-01-01T08:00", "99999", "UTC", "2027-01-01T08:00"),
}


def test_a_time_of_day_is_the_readers_own(make_app: AppMaker) -> None:
    for case, (local, offset, zone, meant) in MOMENTS.items():
        with make_app(TIMEZONE=zone).test_request_context():
            expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
            assert plan_pages.moment_of(local, offset) == expected, case
            for nonsense in ("", "tomorrow", "2027-13-01T00:00"):
                with pytest.raises(InvalidInput):
                    plan_pages.moment_of(nonsense, "")


def test_plans_are_made_seen_and_called_off_on_the_page_and_by_machines(app: Flask, publisher: Agent) -> None:
    article = make_article(S.VALIDATED)
    key, browser = article.key, sign_in(app.test_client(), publisher)
    at = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"move": "publish", "at": at, "audience": "public", "offset": "0"}
    assert browser.post(f"/articles/{key}/plans", data=form).status_code == 303
    page = browser.get(f"/articles/{key}").text
    assert "Publish for everybody" in page
    assert "Call it off" in page
    headers = token_for(publisher)
    sent = {"move": "archive", "at": "2099-01-01T00:00:00+01:00"}
    answer = app.test_client().post(f"/api/v1/articles/{key}/plans", json=sent, headers=headers)
    assert answer.status_code == 201
    [first, second] = app.test_client().get(f"/api/v1/articles/{key}/plans", headers=headers).get_json()
    assert (first["move"], second["move"], second["at"]) == (
        "publish",
        "archive",
        "2098-12-31T23:00:00+00:00",
    )
    address = f"/api/v1/articles/{key}/plans/{second['id']}"
    assert app.test_client().delete(address, headers=headers).status_code == 204
    assert browser.post(f"/articles/{key}/plans/{first['id']}/cancel").status_code == 303
    assert "Call it off" not in browser.get(f"/articles/{key}").text


def test_the_plan_knows_the_moment_it_was_made_for(app: Flask, publisher: Agent, article: Article) -> None:
    at = datetime(2100, 1, 1, tzinfo=UTC)
    planning.plan_move(article, Move.ARCHIVE, at, by=publisher)
    [effect] = db.session.query(Effect).filter(Effect.kind == planning.EFFECT)
    assert effect.not_before == at
    assert "ring" not in db.session.info, "nobody is woken before there is something to do"
