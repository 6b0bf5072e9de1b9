"""Several targets of one article: each follows by itself, and no two workers write to one at a time."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from kcs import worklist
from kcs.database import db
from kcs.errors import RemoteError
from kcs.publishing.models import Publication, PublicationState, Target
from kcs.publishing.services import ask_for_sync
from kcs.tickets.queries import get_connection
from kcs.worklist import Claim, WorkState
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press, effects
from workflow.article import Move


def add_target(locale: str) -> int:
    """Add a place to the connection; return its id."""
    settings = {"section_id": "2", "permission_group_id": "1"}
    target = Target(connection_id=get_connection("acme").id, locale=locale, settings=settings)
    db.session.add(target)
    db.session.commit()
    return target.id


def standing() -> dict[str, PublicationState]:
    """Return how the article stands in each locale."""
    db.session.expire_all()
    found = db.session.execute(select(Publication)).scalars()
    return {publication.locale: publication.state for publication in found}


def test_an_article_goes_to_every_target(press: Press, article: int) -> None:
    add_target("de")
    press.publish(article)
    press.work()
    assert standing() == {"en-us": PublicationState.LIVE, "de": PublicationState.LIVE}


def test_a_target_added_later_gets_the_article_when_it_is_published_again(
    press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    press.work()
    calls = len(help_centre.calls)
    add_target("de")
    press.publish(article)
    assert [effect.state for effect in effects()] == [WorkState.DONE, WorkState.WAITING]
    press.work()
    assert standing() == {"en-us": PublicationState.LIVE, "de": PublicationState.LIVE}
    assert len(help_centre.calls) > calls
    press.move(article, Move.WITHDRAW)
    press.work()
    assert set(standing().values()) == {PublicationState.WITHDRAWN}


def test_one_target_that_fails_holds_up_no_other(press: Press, article: int) -> None:
    broken = add_target("de")
    press.publish(article)

    def work(held: Claim) -> None:
        if held.subject.endswith(f":{broken}"):
            raise RemoteError("no such section", permanent=True)
        press.outbox.work(held)

    list_with_fault = worklist.Worklist(press.outbox.model, work, 60, 3)
    assert worklist.drain(list_with_fault) == 2
    assert standing() == {"en-us": PublicationState.LIVE, "de": PublicationState.PENDING}
    assert sorted(effect.state for effect in effects()) == [WorkState.DONE, WorkState.PARKED]


def test_two_effects_of_one_article_and_target_never_run_side_by_side(
    app: Flask, press: Press, article: int
) -> None:
    press.publish(article)
    [effect] = effects()
    first = effect.id
    ask_for_sync(article, effect.payload["target_id"])
    db.session.commit()
    seen: list[int] = []

    def work(held: Claim) -> None:
        seen.append(held.id)
        assert worklist.claim(press.outbox) is None
        worklist.finish(press.outbox.model, held)
        db.session.commit()

    assert worklist.drain(worklist.Worklist(press.outbox.model, work, 60, 3)) == 2
    assert seen == [first, first + 1]


def test_effects_for_two_targets_may_run_side_by_side(press: Press, article: int) -> None:
    add_target("de")
    press.publish(article)
    first, second = worklist.claim(press.outbox), worklist.claim(press.outbox)
    assert first is not None
    assert second is not None
    assert first.subject != second.subject
