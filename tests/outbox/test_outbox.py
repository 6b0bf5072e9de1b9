"""Effects are written with the change that wants them, and brought about after it, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kcs import database, worklist
from kcs.database import db
from kcs.outbox import services
from kcs.outbox.models import Effect
from kcs.outbox.services import EffectClaim, Outbox
from kcs.worklist import LeaseLostError, Worklist, WorkState

PAYLOAD = {"article_id": 1}


class Bell:
    """Hears who is rung for, and sees what a woken worker would find."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, int]] = []

    def ring(self, name: str) -> None:
        """Count the rows another connection sees at this moment."""
        with db.engine.connect() as other:
            found = other.execute(select(Effect.id)).all()
        self.rung.append((name, len(found)))


def write(kind: str = "test", subject: str = "article 1") -> None:
    services.write(kind, subject=subject, payload=PAYLOAD)


def rows() -> list[Effect]:
    db.session.remove()
    found = list(db.session.execute(select(Effect).order_by(Effect.id)).scalars())
    db.session.remove()
    return found


def drain(outbox: Outbox) -> int:
    return worklist.drain(Worklist(Effect, outbox.work, lease_seconds=60, max_attempts=3))


def test_an_effect_is_there_when_its_change_is_committed(app: Flask) -> None:
    write()
    db.session.commit()
    [effect] = rows()
    assert (effect.kind, effect.subject, effect.payload) == ("test", "article 1", PAYLOAD)
    assert effect.state is WorkState.WAITING


def test_an_effect_goes_with_its_change(app: Flask) -> None:
    write()
    db.session.rollback()
    assert rows() == []


def test_the_bell_rings_once_a_commit_and_only_after_it(app: Flask) -> None:
    bell = app.extensions["kcs.bell"] = Bell()
    write()
    write()
    db.session.flush()
    assert bell.rung == []
    db.session.commit()
    assert bell.rung == [("outbox", 2)]
    db.session.commit()
    assert len(bell.rung) == 1


def test_each_kind_goes_to_its_handler_with_its_payload(app: Flask) -> None:
    seen: list[tuple[str, EffectClaim]] = []

    def handler(name: str) -> services.Handler:
        def handle(claim: EffectClaim) -> None:
            seen.append((name, claim))
            claim.finish("as told")
            db.session.commit()

        return handle

    outbox = Outbox()
    outbox.handle("one", handler("first"))
    outbox.handle("two", handler("second"))
    write("two", "a")
    write("one", "b")
    db.session.commit()
    assert drain(outbox) == 2
    assert [(name, claim.kind, claim.payload) for name, claim in seen] == [
        ("second", "two", PAYLOAD),
        ("first", "one", PAYLOAD),
    ]
    assert [(row.state, row.reason) for row in rows()] == [(WorkState.DONE, "as told")] * 2


def test_a_handler_holds_no_transaction_while_it_speaks_to_others(app: Flask) -> None:
    def handle(claim: EffectClaim) -> None:
        assert not db.session().in_transaction()
        claim.finish()
        db.session.commit()

    outbox = Outbox()
    outbox.handle("test", handle)
    write()
    db.session.commit()
    drain(outbox)
    assert [row.state for row in rows()] == [WorkState.DONE]


def test_a_handler_that_forgets_to_finish_is_not_taken_for_done(app: Flask) -> None:
    outbox = Outbox()
    outbox.handle("test", lambda _: None)
    write()
    db.session.commit()
    drain(outbox)
    assert [row.state for row in rows()] == [WorkState.LEASED]


def test_a_kind_this_version_does_not_know_is_kept_and_named(app: Flask) -> None:
    write("from.the.future")
    db.session.commit()
    drain(Outbox())
    [effect] = rows()
    assert effect.state is WorkState.WAITING
    assert "'from.the.future'" in effect.reason


def test_an_effect_lost_to_another_worker_can_neither_be_held_nor_finished(app: Flask) -> None:
    write()
    db.session.commit()
    work = Worklist(Effect, lambda _: None, lease_seconds=60, max_attempts=3)
    held = worklist.claim(work)
    assert held is not None
    claim = EffectClaim("test", dict(PAYLOAD), held)
    claim.hold()
    db.session.execute(update(Effect).values(lease_until=database.now() - timedelta(minutes=1)))
    db.session.commit()
    assert worklist.claim(work) is not None
    for act in (claim.hold, claim.finish):
        with pytest.raises(LeaseLostError):
            act()
        db.session.rollback()
