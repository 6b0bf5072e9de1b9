"""What happens in a help centre is noticed by event and by poll, each a bounded piece of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kcs import database, worklist
from kcs.database import db
from kcs.errors import RemoteError
from kcs.outbox.models import Effect
from kcs.publishing.looking import Lookout
from kcs.publishing.models import Drift, DriftKind, Publication, PublicationState, Target
from tests.fakes import FakeHelpCentre, fake_delivery
from tests.publishing.conftest import Press, publication
from webhooks.models import Delivery
from webhooks.services import receive


@pytest.fixture
def live(press: Press, article: int) -> int:
    """An article readers see."""
    press.publish(article)
    press.work()
    return article


def edit(help_centre: FakeHelpCentre) -> None:
    help_centre.edit("1", "en-us", "Allow pop-ups.", "Call us.")


def poll(press: Press) -> int:
    lookout: Lookout = press.app.extensions["kcs.lookout"]
    found = lookout.poll()
    press.work()
    return found


def kinds() -> list[DriftKind]:
    db.session.expire_all()
    return list(db.session.execute(select(Drift.kind)).scalars())


CHANGES: dict[str, tuple[Callable[[FakeHelpCentre], None], list[DriftKind]]] = {
    "nothing": (lambda _: None, []),
    "an edit": (edit, [DriftKind.EDITED]),
    "a draft": (lambda centre: centre.withdraw("1", "en-us"), [DriftKind.UNPUBLISHED]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_poll_finds_what_was_changed(
    press: Press, live: int, help_centre: FakeHelpCentre, change: str
) -> None:
    happens, expected = CHANGES[change]
    poll(press)
    happens(help_centre)
    assert poll(press) == len(expected)
    assert kinds() == expected
    reads = help_centre.calls.count("read")
    assert poll(press) == 0
    assert help_centre.calls.count("read") == reads


def test_what_was_archived_is_found_within_a_day_although_no_list_shows_it(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    help_centre.archive("1")
    assert poll(press) == 0
    yesterday = database.now() - timedelta(hours=25)
    db.session.execute(update(Publication).values(looked_at=yesterday))
    db.session.commit()
    assert poll(press) == 1
    assert kinds() == [DriftKind.GONE]


def test_a_poll_goes_on_where_the_last_one_ended(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    poll(press)
    cursor = db.session.execute(select(Target.cursor)).scalar_one()
    assert cursor
    help_centre.problem = RemoteError("busy", permanent=False)
    assert poll(press) == 0
    help_centre.problem = None
    assert db.session.execute(select(Target.cursor)).scalar_one() == cursor


def test_our_own_writes_look_suspicious_to_nobody(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    press.edit(live, "Use another browser.")
    press.publish(live)
    press.work()
    assert (poll(press), kinds()) == (0, [])


def test_an_event_has_the_article_read_again(
    app: Flask, press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edit(help_centre)
    headers, body = fake_delivery("d1", None, kind="article.published", article="1")
    assert receive(app.extensions["kcs.intake"], "acme", headers, body)
    worklist.drain(app.extensions["kcs.worklists"]["inbox"])
    press.work()
    assert (kinds(), publication().state) == ([DriftKind.EDITED], PublicationState.DRIFTED)


def test_an_event_about_an_article_of_others_asks_nothing(app: Flask, press: Press, live: int) -> None:
    before = len(list(db.session.execute(select(Effect.id))))
    headers, body = fake_delivery("d1", None, kind="article.published", article="77")
    receive(app.extensions["kcs.intake"], "acme", headers, body)
    worklist.drain(app.extensions["kcs.worklists"]["inbox"])
    assert db.session.execute(select(Delivery.reason)).scalar_one() == "no article of ours"
    assert len(list(db.session.execute(select(Effect.id)))) == before
