"""The list of work in the database: who may do what, when, and how often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kcs import database, worklist
from kcs.database import db
from kcs.errors import RemoteError
from kcs.outbox.models import Effect
from kcs.tickets.models import Connection
from kcs.worklist import LONGEST_GAP, Claim, LeaseLostError, Worklist, WorkState
from tests.factories import make_connection
from tests.processes import PATIENCE

LEASE = 60
TRIES = 4
THREADS = 6
MINUTE = timedelta(minutes=1)


def add(subject: str = "ticket 1", *, due: timedelta = timedelta(0)) -> int:
    """Write a row that is due after `due`, which may lie in the past; return its id."""
    moment = database.now()
    row = Effect(kind="test", subject=subject, created_at=moment, not_before=moment + due)
    db.session.add(row)
    db.session.commit()
    return row.id


def row(row_id: int) -> Effect:
    """Return the row as the database has it now."""
    db.session.rollback()
    found = db.session.get_one(Effect, row_id)
    db.session.rollback()
    db.session.refresh(found)
    return found


def change(row_id: int, **values: object) -> None:
    db.session.execute(update(Effect).where(Effect.id == row_id).values(**values))
    db.session.commit()


def expire(row_id: int) -> None:
    """Let the lease run out."""
    change(row_id, lease_until=database.now() - MINUTE)


def claim() -> Claim:
    held = worklist.claim(list_of(finish))
    assert held is not None
    return held


def nothing_to_claim() -> bool:
    return worklist.claim(list_of(finish)) is None


def list_of(work: Callable[[Claim], None]) -> Worklist:
    return Worklist(Effect, work, LEASE, TRIES)


def finish(held: Claim) -> None:
    worklist.finish(Effect, held)
    db.session.commit()


def refuse(error: Exception) -> Callable[[Claim], None]:
    def work(_held: Claim) -> None:
        raise error

    return work


# ---- claiming ----------------------------------------------------------------------------------------------


def test_the_row_that_is_due_longest_comes_first(app: Flask) -> None:
    late, early, middle = add("a", due=-MINUTE), add("b", due=-3 * MINUTE), add("c", due=-2 * MINUTE)
    assert [claim().id, claim().id, claim().id] == [early, middle, late]
    assert nothing_to_claim()


def test_rows_due_at_the_same_moment_come_in_the_order_they_were_written(app: Flask) -> None:
    moment = database.now() - MINUTE
    ids = [add(f"ticket {number}") for number in range(4)]
    for row_id in ids:
        change(row_id, not_before=moment)
    assert [claim().id for _ in ids] == ids


def test_a_row_that_is_not_due_yet_is_left_alone(app: Flask) -> None:
    add(due=MINUTE)
    assert nothing_to_claim()
    assert worklist.due_count(Effect) == 0


def test_a_claim_leases_the_row_and_counts_the_attempt(app: Flask) -> None:
    row_id = add()
    held = claim()
    found = row(row_id)
    assert (found.state, found.attempts, found.fence) == (WorkState.LEASED, 1, 1)
    assert (held.attempts, held.fence, held.subject) == (1, 1, "ticket 1")
    assert found.lease_until == held.claimed_at + timedelta(seconds=LEASE)
    assert nothing_to_claim()


def test_a_lease_that_ran_out_is_taken_over_with_a_higher_fence(app: Flask) -> None:
    row_id = add()
    first = claim()
    expire(row_id)
    assert worklist.due_count(Effect) == 1
    second = claim()
    assert (second.id, second.fence, second.attempts) == (row_id, first.fence + 1, 2)


def test_of_one_subject_only_one_row_is_worked_on_at_a_time(app: Flask) -> None:
    first, second, other = add("ticket 1"), add("ticket 1"), add("ticket 2")
    held = claim()
    assert held.id == first
    assert claim().id == other
    assert nothing_to_claim()
    finish(held)
    assert claim().id == second


def test_the_database_itself_refuses_a_second_lease_of_a_subject(app: Flask) -> None:
    add("ticket 1")
    second = add("ticket 1")
    claim()
    with pytest.raises(IntegrityError):
        change(second, state=WorkState.LEASED)
    db.session.rollback()


def race(app: Flask, act: Callable[[], None]) -> None:
    """Do `act` in many threads at once, each with a session of its own; an error in one fails the test."""
    gate, errors = threading.Barrier(THREADS), []

    def run() -> None:
        with app.app_context():
            try:
                gate.wait(PATIENCE)
                act()
            except Exception as error:  # noqa: BLE001 -- handed to the test's own thread
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not errors


def test_threads_that_race_never_share_a_subject_and_leave_nothing_behind(app: Flask) -> None:
    subjects = [f"ticket {number % 5}" for number in range(40)]
    ids = [add(subject) for subject in subjects]
    lock, busy, done, clashes = threading.Lock(), set[str](), list[int](), list[str]()

    def work(held: Claim) -> None:
        with lock:
            if held.subject in busy:
                clashes.append(held.subject)
            busy.add(held.subject)
        worklist.finish(Effect, held)
        with lock:
            # Not busy any more before the commit: only then may another thread have the subject.
            busy.remove(held.subject)
            done.append(held.id)
        db.session.commit()

    def drain_all() -> None:
        while worklist.due_count(Effect):
            worklist.drain(list_of(work))

    race(app, drain_all)
    worklist.drain(list_of(work))
    assert clashes == []
    assert sorted(done) == ids
    states = db.session.execute(select(Effect.state, Effect.attempts)).all()
    assert {tuple(each) for each in states} == {(WorkState.DONE, 1)}


def test_threads_that_race_for_one_row_claim_it_once(app: Flask) -> None:
    add()
    claims: list[Claim | None] = []
    race(app, lambda: claims.append(worklist.claim(list_of(finish))))
    assert len([held for held in claims if held is not None]) == 1


# ---- finishing ---------------------------------------------------------------------------------------------


def test_a_worker_that_was_overtaken_cannot_commit_anything(app: Flask) -> None:
    row_id = add()
    slow = claim()
    expire(row_id)
    quick = claim()
    make_connection("half-done")
    with pytest.raises(LeaseLostError):
        worklist.finish(Effect, slow)
    db.session.rollback()
    finish(quick)
    assert row(row_id).state is WorkState.DONE
    assert db.session.execute(select(Connection)).first() is None


def test_what_an_overtaken_worker_did_is_rolled_back_by_the_run(app: Flask) -> None:
    row_id = add()
    slow = claim()
    expire(row_id)
    quick = claim()

    def work(held: Claim) -> None:
        make_connection("half-done")
        finish(held)

    worklist.run(list_of(work), slow)
    assert db.session.execute(select(Connection)).first() is None
    found = row(row_id)
    assert (found.state, found.fence) == (WorkState.LEASED, quick.fence)


def test_the_failure_of_an_overtaken_worker_does_not_touch_the_row(app: Flask) -> None:
    row_id = add()
    slow = claim()
    expire(row_id)
    claim()
    worklist.run(list_of(refuse(RemoteError("too late", permanent=True))), slow)
    found = row(row_id)
    assert (found.state, found.reason) == (WorkState.LEASED, "")


def test_a_row_that_is_done_cannot_be_finished_again(app: Flask) -> None:
    add()
    held = claim()
    finish(held)
    with pytest.raises(LeaseLostError):
        worklist.finish(Effect, held)


def test_a_lease_can_be_held_on_to_by_its_holder_alone(app: Flask) -> None:
    row_id = add()
    slow = claim()
    expire(row_id)
    worklist.hold(Effect, slow)
    db.session.commit()
    assert nothing_to_claim()
    expire(row_id)
    claim()
    with pytest.raises(LeaseLostError):
        worklist.hold(Effect, slow)


def test_one_reading_covers_the_rows_that_came_before_its_claim_and_no_later_one(app: Flask) -> None:
    held_id, before, other = add(), add(), add("ticket 2")
    held = claim()
    after = add()
    worklist.finish(Effect, held)
    assert worklist.finish_others(Effect, held) == 1
    db.session.commit()
    assert row(before).state is WorkState.DONE
    assert row(before).reason == f"covered by {held_id}"
    assert row(after).state is WorkState.WAITING
    assert row(other).state is WorkState.WAITING


# ---- failing -----------------------------------------------------------------------------------------------


def test_the_gap_grows_is_jittered_and_capped() -> None:
    for attempts in range(1, 30):
        longest = min(LONGEST_GAP, 5.0 * 2 ** (attempts - 1))
        gaps = [worklist.gap(attempts, None) for _ in range(200)]
        assert all(longest / 2 <= gap <= longest for gap in gaps)
        assert len(set(gaps)) > 100


@pytest.mark.parametrize(("wished", "attempts"), [(30.0, 1), (7200.0, 20)])
def test_a_wish_for_a_longer_gap_is_obeyed(wished: float, attempts: int) -> None:
    assert worklist.gap(attempts, wished) == wished


def test_a_wish_for_a_shorter_gap_shortens_nothing() -> None:
    assert worklist.gap(5, 0.0) >= 40


def test_what_may_work_later_waits_and_keeps_its_reason(app: Flask) -> None:
    row_id = add()
    error = RemoteError("the desk is down", permanent=False, retry_after=90)
    assert worklist.drain(list_of(refuse(error))) == 1
    found = row(row_id)
    assert (found.state, found.reason, found.attempts) == (WorkState.WAITING, "the desk is down", 1)
    assert found.not_before >= database.now() + timedelta(seconds=80)


def test_what_can_never_work_is_parked_at_once_with_its_reason(app: Flask) -> None:
    row_id = add()
    worklist.drain(list_of(refuse(RemoteError("no such section", permanent=True))))
    found = row(row_id)
    assert (found.state, found.reason, found.attempts) == (WorkState.PARKED, "no such section", 1)


def test_after_the_last_attempt_a_row_is_parked(app: Flask) -> None:
    row_id = add()
    for attempt in range(1, TRIES + 1):
        assert row(row_id).state is WorkState.WAITING
        change(row_id, not_before=database.now() - MINUTE)
        worklist.drain(list_of(refuse(RemoteError("down", permanent=False))))
        assert row(row_id).attempts == attempt
    assert row(row_id).state is WorkState.PARKED
    assert row(row_id).reason == "down"


def test_a_row_that_kills_its_worker_each_time_is_parked_too(app: Flask) -> None:
    """Nobody reports such a failure: the lease just runs out, again and again."""
    row_id = add()
    for _ in range(TRIES):
        claim()
        expire(row_id)
    tried: list[Claim] = []
    assert worklist.drain(list_of(tried.append)) == 1
    assert tried == []
    found = row(row_id)
    assert found.state is WorkState.PARKED
    assert "worker" in found.reason


def test_an_error_nobody_foresaw_keeps_its_row_and_stops_no_other(app: Flask) -> None:
    poison, good = add("ticket 1", due=-MINUTE), add("ticket 2")

    def work(held: Claim) -> None:
        if held.id == poison:
            raise ValueError("poison")
        finish(held)

    assert worklist.drain(list_of(work)) == 2
    assert row(good).state is WorkState.DONE
    assert (row(poison).state, row(poison).reason) == (WorkState.WAITING, "ValueError: poison")
    change(poison, not_before=database.now() - MINUTE, attempts=TRIES - 1)
    worklist.drain(list_of(work))
    assert (row(poison).state, row(poison).reason) == (WorkState.PARKED, "ValueError: poison")


def test_a_failed_attempt_leaves_none_of_its_changes(app: Flask) -> None:
    add()

    def work(_held: Claim) -> None:
        make_connection("half-done")
        raise RemoteError("broken off", permanent=False)

    worklist.drain(list_of(work))
    assert db.session.execute(select(Connection)).first() is None


@pytest.mark.parametrize("reason", ["nul \0 here", "lone \ud800 surrogate", "x" * 5000, "two\nlines"])
def test_a_reason_of_any_kind_can_be_stored(app: Flask, reason: str) -> None:
    row_id = add()
    worklist.drain(list_of(refuse(RemoteError(reason, permanent=True))))
    found = row(row_id)
    assert found.state is WorkState.PARKED
    assert len(found.reason) <= 500
    assert "\n" not in found.reason


# ---- replay and drain --------------------------------------------------------------------------------------


def test_a_parked_row_can_be_put_back_to_work(app: Flask) -> None:
    row_id = add()
    worklist.drain(list_of(refuse(RemoteError("no", permanent=True))))
    assert worklist.replay(Effect, row_id)
    db.session.commit()
    assert (row(row_id).state, row(row_id).attempts) == (WorkState.WAITING, 0)
    assert worklist.drain(list_of(finish)) == 1
    assert row(row_id).state is WorkState.DONE


def test_only_a_parked_row_can_be_put_back(app: Flask) -> None:
    row_id = add()
    assert not worklist.replay(Effect, row_id)
    held = claim()
    assert not worklist.replay(Effect, row_id)
    finish(held)
    assert not worklist.replay(Effect, row_id)
    assert not worklist.replay(Effect, 999)


def test_a_drain_takes_no_more_than_its_limit(app: Flask) -> None:
    for number in range(5):
        add(f"ticket {number}")
    assert worklist.drain(list_of(finish), limit=3) == 3
    assert worklist.due_count(Effect) == 2
    assert worklist.drain(list_of(finish), limit=3) == 2
    assert worklist.drain(list_of(finish), limit=3) == 0


def test_a_drain_stops_between_two_rows_when_told_to(app: Flask) -> None:
    for number in range(5):
        add(f"ticket {number}")
    done: list[int] = []

    def work(held: Claim) -> None:
        finish(held)
        done.append(held.id)

    assert worklist.drain(list_of(work), go_on=lambda: len(done) < 2) == 2
    assert worklist.due_count(Effect) == 3


def test_counting_what_is_due_goes_no_further_than_asked(app: Flask) -> None:
    for number in range(4):
        add(f"ticket {number}")
    assert worklist.due_count(Effect, limit=3) == 3
