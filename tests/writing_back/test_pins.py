"""Pins mirror our links where the desk has them; nobody else's pin is touched."""

from __future__ import annotations

import pytest

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.publishing.signals import readers_changed
from kcs.solving.queries import present_links
from kcs.solving.services import link_article, unlink
from kcs.tickets.models import Ticket, WriteBack
from kcs.worklist import WorkState
from tests.factories import make_article, make_connection
from tests.writing_back.conftest import Floor, effects, here
from workflow.article import ArticleState


@pytest.fixture
def published(floor: Floor) -> Article:
    """An article that this desk's help centre shows as 501."""
    article = make_article(ArticleState.PUBLISHED)
    publish(floor, article, "501")
    return article


def publish(floor: Floor, article: Article, remote_id: str, *, shown: bool = True) -> Publication:
    target = db.session.query(Target).filter_by(connection_id=floor.connection_id).first()
    if target is None:
        target = Target(connection_id=floor.connection_id, locale="en-us")
        db.session.add(target)
        db.session.flush()
    publication = Publication(
        article_id=article.id,
        target_id=target.id,
        locale="en-us",
        state=PublicationState.LIVE,
        shown=shown,
        remote_id=remote_id,
        changed_at=database.now(),
    )
    db.session.add(publication)
    db.session.commit()
    return publication


def linked(floor: Floor, article: Article) -> Ticket:
    ticket = floor.opened()
    link_article(ticket, article, by=floor.agent)
    db.session.commit()
    return ticket


def take_away(floor: Floor, ticket: Ticket) -> None:
    unlink(present_links(here(ticket))[0], by=floor.agent)
    db.session.commit()


def test_a_published_article_is_pinned_while_it_is_linked(floor: Floor, published: Article) -> None:
    floor.write(WriteBack.PINS)
    ticket = linked(floor, published)
    floor.work()
    floor.again()
    assert floor.pen.pins == {"7": {"501": "en-us"}}
    take_away(floor, ticket)
    floor.work()
    assert floor.pen.pins == {"7": {}}


def test_a_pin_somebody_else_set_stays(floor: Floor, published: Article) -> None:
    floor.write(WriteBack.PINS)
    floor.pen.pins = {"7": {"501": "en-us", "9": "en-us"}}
    ticket = linked(floor, published)
    floor.work()
    take_away(floor, ticket)
    floor.work()
    assert floor.pen.pins == {"7": {"501": "en-us", "9": "en-us"}}


def test_a_pin_whose_answer_was_lost_is_ours_all_the_same(floor: Floor, published: Article) -> None:
    floor.write(WriteBack.PINS)
    floor.pen.loses = 1
    ticket = linked(floor, published)
    floor.work(times=2)
    assert floor.pen.pins == {"7": {"501": "en-us"}}
    take_away(floor, ticket)
    floor.work()
    assert floor.pen.pins == {"7": {}}


def test_only_what_this_desk_shows_now_is_pinned(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.PINS)
    elsewhere = Target(connection_id=make_connection("other").id, locale="en-us")
    db.session.add(elsewhere)
    db.session.flush()
    publish(floor, article, "502", shown=False)
    db.session.add(
        Publication(
            article_id=article.id,
            target_id=elsewhere.id,
            locale="en-us",
            state=PublicationState.LIVE,
            shown=True,
            remote_id="77",
            changed_at=database.now(),
        )
    )
    linked(floor, article)
    floor.work()
    assert floor.pen.pins == {}


def test_an_article_published_after_it_was_linked_is_pinned_then(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.PINS)
    linked(floor, article)
    floor.work()
    publication = publish(floor, here(article), "501")
    readers_changed.send(here(publication))
    floor.work()
    assert floor.pen.pins == {"7": {"501": "en-us"}}
    here(publication).shown = False
    readers_changed.send(here(publication))
    floor.work()
    assert floor.pen.pins == {"7": {}}


def test_an_account_without_pins_is_not_asked_for_every_link(floor: Floor, published: Article) -> None:
    floor.write(WriteBack.PINS)
    floor.pen.pins = None
    ticket = linked(floor, published)
    take_away(floor, ticket)
    floor.work()
    link_article(here(ticket), here(published), by=floor.agent)
    db.session.commit()
    floor.work()
    assert floor.pen.calls == ["pinned"]
    assert {(each.state, each.reason) for each in effects()} >= {
        (WorkState.DONE, "this account has no pins"),
    }
