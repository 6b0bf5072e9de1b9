"""Help centres follow: one remote article, the live text and nothing else, whatever goes wrong between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kcs import database, worklist
from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.cli import main
from kcs.database import db
from kcs.errors import ConfigError, RemoteError
from kcs.outbox.models import Effect
from kcs.ports import Credentials, Document, RemoteArticle
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.worklist import WorkState
from tests.conftest import AppMaker
from tests.factories import make_article, make_connection
from tests.fakes import FakeDesk, FakeHelpCentre, FakeProvider
from tests.publishing.conftest import SETTINGS, Press, effects, publication
from workflow.article import ArticleState, Audience, Move


def shown(help_centre: FakeHelpCentre) -> list[str]:
    """Return the texts readers see."""
    return [help_centre.articles[remote_id].html for remote_id in sorted(help_centre.live)]


def test_a_published_article_is_shown_once(press: Press, article: int, help_centre: FakeHelpCentre) -> None:
    press.publish(article)
    assert [effect.state for effect in effects()] == [WorkState.WAITING]
    assert publication().state is PublicationState.PENDING
    press.work()
    [document] = help_centre.articles.values()
    assert (document.marker, document.title, document.locale) == (
        f"kcs-{article}",
        "Export button is grey, Reports 4.2",
        "en-us",
    )
    assert "Allow pop-ups." in document.html
    assert help_centre.live == {"1"}
    found = publication()
    assert (found.state, found.remote_id, found.version_id) == (
        PublicationState.LIVE,
        "1",
        db.session.get_one(Article, article).live_version_id,
    )


def test_publishing_twice_is_one_remote_article(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.publish(article)
    press.work()
    press.work()
    press.publish(article)
    press.work()
    assert list(help_centre.articles) == ["1"]
    assert help_centre.calls.count("create_draft") == 1


def test_nothing_is_written_before_the_change_is_committed(press: Press, article: int) -> None:
    articles.move_article(
        db.session.get_one(Article, article), Move.PUBLISH, by=press.by, audience=Audience.PUBLIC
    )
    db.session.rollback()
    assert effects() == []


def test_the_same_effect_done_again_changes_nothing(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    before = dict(help_centre.articles)
    db.session.execute(update(Effect).values(state=WorkState.WAITING))
    db.session.commit()
    press.work()
    assert help_centre.articles == before
    assert publication().state is PublicationState.LIVE


def test_an_answer_lost_after_the_create_makes_no_second_article(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    help_centre.lose_next_answer = True
    press.work()
    assert (publication().state, publication().problem) == (PublicationState.PENDING, "the answer was lost")
    press.work()
    assert list(help_centre.articles) == ["1"]
    assert (publication().state, publication().problem) == (PublicationState.LIVE, "")


def test_a_withdrawn_article_is_taken_from_readers(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    press.move(article, Move.WITHDRAW)
    press.work()
    assert help_centre.live == set()
    assert publication().state is PublicationState.WITHDRAWN
    press.publish(article)
    press.work()
    assert help_centre.live == {"1"}
    assert list(help_centre.articles) == ["1"]


def test_an_archived_article_is_taken_from_readers(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    press.move(article, Move.ARCHIVE)
    press.work()
    assert help_centre.live == set()


def test_what_was_withdrawn_before_it_was_sent_is_never_sent(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.move(article, Move.WITHDRAW)
    press.work()
    assert help_centre.articles == {}
    assert publication().state is PublicationState.WITHDRAWN


def test_an_edit_reaches_readers_when_it_is_published_and_no_sooner(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    press.edit(article, "Use another browser.")
    press.work()
    assert "Allow pop-ups." in shown(help_centre)[0]
    press.publish(article)
    press.work()
    assert "Use another browser." in shown(help_centre)[0]
    assert len(help_centre.articles) == 1


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.CUSTOMER])
def test_what_is_not_for_everybody_is_never_sent(
    press: Press, article: int, help_centre: FakeHelpCentre, audience: Audience
) -> None:
    press.publish(article, audience)
    press.work()
    assert help_centre.calls == []
    assert db.session.execute(select(Publication)).first() is None


@pytest.mark.parametrize("state", [state for state in ArticleState if state not in ("published", "deleted")])
def test_what_is_not_published_is_never_sent(
    press: Press, help_centre: FakeHelpCentre, state: ArticleState
) -> None:
    make_article(state)
    db.session.commit()
    press.work()
    assert help_centre.calls == []


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.CUSTOMER])
def test_a_public_article_narrowed_to_fewer_readers_is_taken_from_the_public(
    press: Press, article: int, help_centre: FakeHelpCentre, audience: Audience
) -> None:
    press.publish(article)
    press.work()
    press.publish(article, audience)
    press.work()
    assert help_centre.live == set()
    assert publication().state is PublicationState.WITHDRAWN


def test_a_failure_for_good_is_shown_parked_and_can_be_retried(
    app: Flask, press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    help_centre.problem = RemoteError("no section 1", permanent=True)
    press.work()
    assert (publication().state, publication().problem) == (PublicationState.FAILED, "no section 1")
    [effect] = effects()
    assert (effect.state, effect.reason) == (WorkState.PARKED, "no section 1")
    help_centre.problem = None
    db.session.remove()
    ran = app.test_cli_runner().invoke(main, ["outbox", "retry", str(effect.id)], obj=app)
    assert (ran.exit_code, ran.output) == (0, "1 put back to work.\n")
    press.work()
    assert publication().state is PublicationState.LIVE
    assert len(help_centre.live) == 1


def test_a_failure_for_now_is_tried_again_until_it_counts_as_failed(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    help_centre.problem = RemoteError("busy", permanent=False)
    for _ in range(press.outbox.max_attempts - 1):
        press.work()
        assert publication().state is PublicationState.PENDING
    press.work()
    assert [effect.state for effect in effects()] == [WorkState.PARKED]
    assert (publication().state, publication().problem) == (PublicationState.FAILED, "busy")


def test_settings_no_provider_can_use_are_a_failure_for_good(make_app: AppMaker, desk: FakeDesk) -> None:
    class Strict(FakeProvider):
        def help_centre(self, credentials: Credentials, settings: object) -> FakeHelpCentre:
            raise ConfigError("section_id must be a number")

    app = make_app({"zendesk": Strict(desk)})
    with app.app_context():
        db.session.add(Target(connection_id=make_connection().id, locale="en-us", settings=SETTINGS))
        make_article(ArticleState.PUBLISHED)
        db.session.commit()
        worklist.drain(app.extensions["kcs.worklists"]["outbox"])
        assert (effects()[0].state, effects()[0].reason) == (WorkState.PARKED, "section_id must be a number")
        assert publication().state is PublicationState.FAILED


def test_a_target_switched_off_is_not_written_to(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    db.session.execute(update(Target).values(active=False))
    press.publish(article)
    press.work()
    assert help_centre.calls == []


def test_every_change_of_readers_is_in_the_log(press: Press, article: int) -> None:
    press.publish(article)
    press.work()
    press.move(article, Move.WITHDRAW)
    press.work()
    query = select(Activity.before, Activity.after).where(Activity.kind == "publication.synced")
    found = [(row.before, row.after) for row in db.session.execute(query.order_by(Activity.id))]
    assert found == [("pending", "live"), ("pending", "withdrawn")]


# ---- overtaken ---------------------------------------------------------------------------------------------


class Interrupted(FakeHelpCentre):
    """Stands still before one call, or once it has "looked", while `meanwhile` happens."""

    def __init__(self) -> None:
        super().__init__()
        self.at = ""
        self.meanwhile: Callable[[], None] = lambda: None

    def _called(self, name: str) -> None:
        if name == self.at:
            self.at = ""
            self.meanwhile()
        super()._called(name)

    def find(self, marker: str) -> RemoteArticle | None:
        """Look, and perhaps fall asleep over what was seen."""
        found = super().find(marker)
        if self.at == "looked":
            self.at = ""
            self.meanwhile()
        return found


@pytest.fixture
def help_centre() -> Interrupted:
    return Interrupted()


def overtake(press: Press) -> None:
    """Let the lease of whoever is at work run out, and another worker do what is due."""
    with press.app.app_context():
        leased = Effect.state == WorkState.LEASED
        past = database.now() - timedelta(minutes=1)
        db.session.execute(update(Effect).where(leased).values(lease_until=past))
        db.session.commit()
        press.work()


def withdraw_and_overtake(press: Press, article_id: int) -> Callable[[], None]:
    def meanwhile() -> None:
        with press.app.app_context():
            press.move(article_id, Move.WITHDRAW)
        overtake(press)

    return meanwhile


@pytest.mark.parametrize("call", ["find", "looked", "create_draft", "publish"])
def test_a_worker_overtaken_at_any_call_leaves_one_article_shown(
    press: Press, article: int, help_centre: Interrupted, call: str
) -> None:
    press.publish(article)
    help_centre.at, help_centre.meanwhile = call, lambda: overtake(press)
    press.work()
    press.work()
    assert len(help_centre.live) == 1
    assert publication().remote_id in help_centre.live
    assert publication().state is PublicationState.LIVE
    assert {effect.state for effect in effects()} == {WorkState.DONE}


@pytest.mark.parametrize("call", ["find", "looked", "create_draft", "publish"])
def test_an_overtaken_worker_never_brings_back_what_was_withdrawn_meanwhile(
    press: Press, article: int, help_centre: Interrupted, call: str
) -> None:
    press.publish(article)
    help_centre.at, help_centre.meanwhile = call, withdraw_and_overtake(press, article)
    press.work()
    press.work()
    assert help_centre.live == set()
    assert publication().state is PublicationState.WITHDRAWN


def test_a_worker_overtaken_while_it_looked_creates_nothing(
    press: Press, article: int, help_centre: Interrupted
) -> None:
    press.publish(article)
    help_centre.at, help_centre.meanwhile = "looked", lambda: overtake(press)
    press.work()
    assert help_centre.calls.count("create_draft") == 1


def test_an_overtaken_worker_that_failed_says_nothing_about_the_other_ones_success(
    press: Press, article: int, help_centre: Interrupted
) -> None:
    press.publish(article)

    def meanwhile() -> None:
        overtake(press)
        raise RemoteError("too late", permanent=True)

    help_centre.at, help_centre.meanwhile = "find", meanwhile
    press.work()
    assert (publication().state, publication().problem) == (PublicationState.LIVE, "")
    assert {effect.state for effect in effects()} == {WorkState.DONE}


def test_the_fake_answers_as_the_port_says(help_centre: FakeHelpCentre) -> None:
    made = help_centre.create_draft(Document("kcs-1", "Title", "<p>Text</p>", "en-us"))
    found = help_centre.find("kcs-1")
    assert (found and found.id, found and found.url) == (made.id, made.url)
    assert isinstance(made, RemoteArticle)
    assert help_centre.live == set()
