"""One budget of calls for everybody who uses an account: threads, processes, and those somebody waits for."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.ports import Allowance
from kcs.sentences import Sentence
from kcs.tickets import breaker, budget
from kcs.tickets.breaker import health_of
from kcs.tickets.budget import SharedBudget
from kcs.tickets.models import CallWindow, ConnectionHealth
from tests.factories import make_connection
from tests.processes import PATIENCE

API = Allowance("api", 200)


@pytest.fixture
def connection_id(app: Flask) -> int:
    budget.forget_everything()
    made = make_connection().id
    db.session.commit()
    return made


@pytest.fixture
def at_once(connection_id: int) -> SharedBudget:
    """What a web request has, when it does not want to wait."""
    return SharedBudget(connection_id, interactive=True, patience=0.0)


def taken(spender: SharedBudget, *allowances: Allowance, tries: int = 1000) -> int:
    """Take calls until one is refused; return how many there were."""
    for number in range(tries):
        refusal = refused(spender, *allowances)
        if refusal is not None:
            assert not refusal.permanent
            assert refusal.retry_after is not None
            assert 0 < refusal.retry_after <= max(each.seconds for each in allowances) * 14 / 12 + 3
            return number
    return tries


def refused(spender: SharedBudget, *allowances: Allowance) -> RemoteError | None:
    """Take one call; return why not, None when there was room."""
    try:
        spender.take(allowances)
    except RemoteError as error:
        return error
    return None


def grow_older(seconds: float) -> None:
    """Let what was counted have been counted so long ago."""
    for row in db.session.execute(select(CallWindow)).scalars():
        slot = 50 if row.name.startswith("ten") else 5
        row.slots = {str(int(key) - int(seconds // slot)): calls for key, calls in row.slots.items()}
        if row.paused_until:
            row.paused_until -= timedelta(seconds=seconds)
    for health in db.session.execute(select(ConnectionHealth)).scalars():
        if health.closed_until:
            health.closed_until -= timedelta(seconds=seconds)
    db.session.commit()
    budget.forget_everything()


@contextmanager
def writes() -> Iterator[list[str]]:
    """Collect the writing statements while it runs."""
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def counted() -> dict[str, int]:
    with database.reading():
        rows = db.session.execute(select(CallWindow)).scalars().all()
        return {row.name: sum(row.slots.values()) for row in rows}


@pytest.mark.parametrize(
    ("allowance", "interactive", "most"),
    [
        (Allowance("api", 200), True, 200),
        (Allowance("api", 200), False, 160),
        (Allowance("updates", 100), False, 80),
        (Allowance("incremental", 10), False, 10),
        (Allowance("ten-minutes", 30, 600), True, 30),
        (Allowance("ten-minutes", 30, 600), False, 24),
    ],
)
def test_no_more_calls_than_allowed_and_background_work_leaves_a_share(
    connection_id: int, allowance: Allowance, interactive: bool, most: int
) -> None:
    assert taken(SharedBudget(connection_id, interactive=interactive, patience=0.0), allowance) == most
    if not interactive and allowance.calls > 20:
        somebody_waits = SharedBudget(connection_id, interactive=True, patience=0.0)
        assert taken(somebody_waits, allowance) == allowance.calls - most


def test_a_call_counts_under_each_name_and_the_fullest_decides(at_once: SharedBudget) -> None:
    assert taken(at_once, API, Allowance("updates", 7)) == 7
    assert taken(at_once, API) == 193


def test_room_comes_back_when_the_window_has_slid_on_and_not_before(at_once: SharedBudget) -> None:
    few = Allowance("few", 10)
    assert taken(at_once, few) == 10
    grow_older(55)
    assert taken(at_once, few) == 0
    grow_older(20)
    assert taken(at_once, few) == 10


def test_a_call_waits_a_little_for_room(at_once: SharedBudget, connection_id: int) -> None:
    patient = SharedBudget(connection_id, interactive=True, patience=PATIENCE)
    at_once.pause("api", 0.5)
    patient.take([API])
    paused_until = db.session.execute(select(CallWindow.paused_until)).scalar_one()
    assert paused_until is not None
    assert paused_until <= database.now()


def test_a_pause_is_everybodys_and_a_shorter_one_does_not_end_it(
    at_once: SharedBudget, connection_id: int
) -> None:
    taken(at_once, API, tries=1)
    at_once.pause("api", 30)
    at_once.pause("api", 1)
    for other in (at_once, SharedBudget(connection_id, interactive=False, patience=0.0)):
        with pytest.raises(RemoteError) as caught:
            other.take([API])
        assert caught.value.retry_after == pytest.approx(30, abs=3)
    at_once.take([Allowance("other", 10)])
    grow_older(31)
    at_once.take([API])


def test_what_the_vendor_says_it_allows_counts_and_is_written_once(at_once: SharedBudget) -> None:
    at_once.learn("api", 12)
    with writes() as said:
        at_once.learn("api", 12)
    assert said == []
    budget.forget_everything()
    assert taken(at_once, API) == 12


def test_a_busy_process_writes_once_in_several_calls_and_an_idle_one_keeps_nothing(
    connection_id: int,
) -> None:
    busy = SharedBudget(connection_id, interactive=False, patience=0.0)
    busy.take([API])
    assert counted() == {"api": 1}
    with writes() as said:
        for _ in range(60):
            busy.take([API])
    assert len(said) <= 12
    assert counted()["api"] <= 61 + 10


def test_other_accounts_are_not_concerned(at_once: SharedBudget) -> None:
    assert taken(at_once, API) == 200
    other = make_connection("other").id
    db.session.commit()
    assert taken(SharedBudget(other, interactive=True, patience=0.0), API) == 200


def test_threads_together_take_no_more_than_allowed(app: Flask, connection_id: int) -> None:
    got: Counter[int] = Counter()

    def work(number: int) -> None:
        with app.app_context():
            got[number] = taken(SharedBudget(connection_id, interactive=True, patience=0.0), API)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 190 <= sum(got.values()) <= 200


PROCESS = """
import sys
from flask import Flask
from kcs import database
from kcs.database import db
from kcs.errors import RemoteError
from kcs.ports import Allowance
from kcs.tickets.budget import SharedBudget
app = Flask("other")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
with app.app_context():
    database.prepare_engine(db.engine)
    spender, number = SharedBudget(int(sys.argv[2]), interactive=False, patience=0.0), 0
    try:
        while True:
            spender.take([Allowance("api", 200)])
            number += 1
    except RemoteError:
        print(number)
"""


@pytest.mark.long
def test_processes_together_take_no_more_than_allowed(app: Flask, connection_id: int) -> None:
    given = [app.config["KCS"].database_url, str(connection_id)]
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS, *given], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    numbers = [int(process.communicate(timeout=PATIENCE)[0]) for process in running]
    # What one has counted and another would have needed is lost for the minute.
    assert 160 - 30 <= sum(numbers) <= 160


def test_within_a_transaction_that_writes_nobody_calls_a_desk(app: Flask, at_once: SharedBudget) -> None:
    db.session.execute(update(CallWindow).values(allowed=None))
    if database.is_postgresql():
        at_once.take([API])
    else:
        with pytest.raises(RuntimeError, match="commit or roll back first"):
            at_once.take([API])
    db.session.rollback()
    with database.reading():
        db.session.execute(select(CallWindow)).all()
        at_once.take([API])


# ---- the circuit breaker -----------------------------------------------------------------------------------


def fail(spender: SharedBudget, times: int) -> None:
    for number in range(times):
        spender.report(f"it is away ({number})")


def closed_for(spender: SharedBudget) -> float | None:
    """Return the seconds until the next try; None when calls are let through."""
    refusal = refused(spender, API)
    if refusal is None:
        return None
    assert "it is away" in refusal.message
    return refusal.retry_after


def test_after_failures_in_a_row_calls_fail_at_once_and_say_until_when(at_once: SharedBudget) -> None:
    at_once.take([API])
    fail(at_once, breaker.FAILURES - 1)
    assert closed_for(at_once) is None
    fail(at_once, 1)
    assert closed_for(at_once) == pytest.approx(15, abs=1)


def test_a_success_between_them_begins_the_count_anew(at_once: SharedBudget) -> None:
    fail(at_once, breaker.FAILURES - 1)
    at_once.report(None)
    fail(at_once, breaker.FAILURES - 1)
    assert closed_for(at_once) is None


def test_every_process_knows(at_once: SharedBudget, connection_id: int) -> None:
    fail(at_once, breaker.FAILURES)
    budget.forget_everything()
    assert closed_for(SharedBudget(connection_id, interactive=False, patience=0.0)) is not None


@pytest.mark.parametrize(
    "problem", [Sentence("%(vendor)s is away.", vendor="Acme"), "in its own words", '{"said": no JSON']
)
def test_the_reason_is_kept_so_that_it_can_be_translated(
    at_once: SharedBudget, connection_id: int, problem: str
) -> None:
    at_once.report(problem)
    with database.apart() as session:
        kept = session.get_one(ConnectionHealth, connection_id).problem
    assert kept == problem
    if isinstance(problem, Sentence):
        assert isinstance(kept, Sentence)
        assert (kept.template, kept.values) == (problem.template, problem.values)


@pytest.mark.parametrize(("outcome", "closed"), [("it is away", 30), (None, None)])
def test_afterwards_one_tries_alone_and_what_it_meets_decides(
    at_once: SharedBudget, outcome: str | None, closed: float | None
) -> None:
    fail(at_once, breaker.FAILURES)
    grow_older(16)
    assert closed_for(at_once) is None
    assert closed_for(at_once) == pytest.approx(15, abs=1), "the others wait for it"
    at_once.report(outcome)
    assert closed_for(at_once) == (closed and pytest.approx(closed, abs=1))


def test_who_checks_the_connection_need_not_wait_for_the_next_try(
    at_once: SharedBudget, connection_id: int
) -> None:
    fail(at_once, breaker.FAILURES)
    assert closed_for(at_once) is not None
    breaker.let_one_try(connection_id)
    assert closed_for(at_once) is None
    at_once.report(None)
    assert closed_for(at_once) is None


def test_a_success_that_follows_no_failure_writes_nothing(at_once: SharedBudget) -> None:
    at_once.take([API])
    with writes() as said:
        at_once.report(None)
    assert said == []


def test_warnings_are_kept_once_and_the_newest_ten(at_once: SharedBudget, connection_id: int) -> None:
    for number in [*range(12), 11, 5]:
        at_once.warn(f"dropped key{number}")
    budget.forget_everything()
    at_once.warn("dropped key5")
    health = health_of(connection_id)
    assert health is not None
    assert health.warnings == [f"dropped key{number}" for number in (2, 3, 4, 6, 7, 8, 9, 10, 11, 5)]


def test_windows_nobody_uses_any_more_are_dropped(at_once: SharedBudget) -> None:
    at_once.take([Allowance("ticket:1", 30, 600)])
    at_once.learn("api", 400)
    db.session.execute(update(CallWindow).values(touched_at=database.now() - timedelta(hours=2)))
    db.session.commit()
    at_once.take([Allowance("ticket:2", 30, 600)])
    assert set(counted()) == {"api", "ticket:2"}
