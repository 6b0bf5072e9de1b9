"""Publishing to Zendesk's Help Center over real HTTP, with answers that get lost."""

from __future__ import annotations

import io
from collections.abc import Iterator

import PIL.Image
import pytest
from flask import Flask
from sqlalchemy import select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs.articles.images import import_image
from kcs.database import db
from kcs.publishing.comparing import rows_of
from kcs.publishing.deciding import decide
from kcs.publishing.looking import Lookout
from kcs.publishing.models import Decision, Drift, PublicationState, Target
from kcs.tickets.services import add_connection
from kcs.worklist import WorkState
from tests.conftest import AppMaker
from tests.publishing.conftest import Press, effects, publication
from workflow.article import Move

FAULTS = {
    "create: 502 after the effect": {
        "path": "/articles",
        "method": "POST",
        "status": 502,
        "after_effect": True,
    },
    "create: closed after the effect": {
        "path": "/articles",
        "method": "POST",
        "drop": True,
        "after_effect": True,
    },
    "create: 503 before": {"path": "/articles", "method": "POST", "status": 503},
    "publish: 502 after the effect": {
        "path": "/translations",
        "method": "PUT",
        "status": 502,
        "after_effect": True,
    },
    "publish: closed before": {"path": "/translations", "method": "PUT", "drop": True},
    "publish: 429": {"path": "/translations", "method": "PUT", "status": 429, "retry_after": "1"},
    "search: 500": {"path": "/search", "status": 500, "times": 9},
}
# What the client itself waits for: a second is less than its patience.
WAITED_OUT = {"publish: 429"}


@pytest.fixture
def zendesk() -> Emulator:
    """The account; its search runs behind, as the real one does."""
    return Emulator(search_lag=3600)


@pytest.fixture
def app(make_app: AppMaker, zendesk: Emulator) -> Iterator[Flask]:
    """An app whose target is a section of the account."""
    app = make_app({"zendesk": ZendeskProvider()})
    section = zendesk.add_section("Answers")
    with EmulatorServer(zendesk) as server, app.app_context():
        connection = add_connection(
            "acme", provider="zendesk", subdomain="acme", token=zendesk.token, api_base=server.api_base
        )
        settings = {"section_id": str(section.id), "permission_group_id": "1"}
        db.session.add(Target(connection_id=connection.id, locale="en-us", settings=settings))
        db.session.commit()
        yield app


def live(zendesk: Emulator) -> list[str]:
    """Return the texts readers see."""
    articles = zendesk.guide.articles.values()
    return [article.translations["en-us"].body for article in articles if article.live]


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_lost_on_the_way_it_ends_as_one_live_article(
    press: Press, article: int, zendesk: Emulator, fault: str
) -> None:
    press.publish(article)
    zendesk.faults.add(**FAULTS[fault])  # type: ignore[arg-type]
    press.work()
    expected = WorkState.DONE if fault in WAITED_OUT else WorkState.WAITING
    assert [effect.state for effect in effects()] == [expected]
    zendesk.faults.clear()
    press.work()
    assert len(zendesk.guide.articles) == 1
    assert len(live(zendesk)) == 1
    assert "Allow pop-ups." in live(zendesk)[0]
    assert publication().state is PublicationState.LIVE
    assert zendesk.guide.notified == 0


def test_withdraw_change_and_publish_again_is_still_one_article(
    press: Press, article: int, zendesk: Emulator
) -> None:
    press.publish(article)
    press.work()
    press.move(article, Move.WITHDRAW)
    press.work()
    assert live(zendesk) == []
    press.edit(article, "Use another browser.")
    press.publish(article)
    press.work()
    assert len(zendesk.guide.articles) == 1
    assert "Use another browser." in live(zendesk)[0]


def test_an_article_archived_over_there_is_created_anew_when_somebody_says_so(
    press: Press, article: int, zendesk: Emulator
) -> None:
    press.publish(article)
    press.work()
    next(iter(zendesk.guide.articles.values())).archived = True
    press.edit(article, "Use another browser.")
    press.publish(article)
    press.work()
    assert live(zendesk) == []
    assert publication().state is PublicationState.DRIFTED
    drift = db.session.execute(select(Drift)).scalar_one()
    decide(drift, Decision.PUBLISH_ANEW, by=press.by, seen=drift.fingerprint)
    db.session.commit()
    press.work()
    assert len(live(zendesk)) == 1
    assert publication().remote_id == str(max(zendesk.guide.articles))


def test_what_somebody_does_there_is_found_by_the_poll_and_what_we_did_is_not(
    press: Press, article: int, zendesk: Emulator
) -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (3, 3), "red").save(buffer, "PNG")
    name = import_image(buffer.getvalue()).name
    db.session.commit()
    press.edit(
        article, f"Allow **pop-ups**, then [reload](https://acme.example/r?a=1&b=2). ![Shot](image:{name})"
    )
    press.publish(article)
    press.work()
    [there] = zendesk.guide.articles.values()
    assert "/article_attachments/" in there.translations["en-us"].body
    lookout: Lookout = press.app.extensions["kcs.lookout"]
    lookout.poll()
    press.work()
    assert publication().state is PublicationState.LIVE
    zendesk.guide.edit_text(
        there, "en-us", body=there.translations["en-us"].body.replace("reload", "restart")
    )
    assert lookout.poll() == 1
    press.work()
    assert publication().state is PublicationState.DRIFTED
    drift = db.session.execute(select(Drift)).scalar_one()
    [row] = [each for each in rows_of(drift) if each.by_them]
    assert row.theirs == row.base.replace("reload", "restart")
    assert f"image:{name}" in row.theirs
    decide(drift, Decision.TAKE_THEIRS, by=press.by, seen=drift.fingerprint)
    db.session.commit()
    press.work()
    assert publication().state is PublicationState.LIVE
    assert "restart" in live(zendesk)[0]
    assert "/article_attachments/" in live(zendesk)[0]
    assert len(zendesk.guide.attachments) == 1


def test_a_section_that_is_not_there_fails_for_good(press: Press, article: int, zendesk: Emulator) -> None:
    zendesk.guide.sections.clear()
    press.publish(article)
    press.work()
    assert [effect.state for effect in effects()] == [WorkState.PARKED]
    assert publication().state is PublicationState.FAILED
    assert "section" in publication().problem
