"""What is taken in, what is refused, and what a 2xx promises."""

from __future__ import annotations

import gzip
import io
import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, update

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.deliveries import Delivery as Sent
from integrations.zendesk.emulator.desk import stamp
from integrations.zendesk.provider import ZendeskProvider
from integrations.zendesk.signature import PUBLIC_TEST_KEY, sign
from kcs.app import create_app
from kcs.cli import main
from kcs.database import db
from kcs.tickets.queries import get_connection
from kcs.tickets.services import rotate_webhook_secret
from kcs.worklist import Worklist, WorkState, drain
from tests.conftest import AppMaker, settings_for
from tests.factories import make_connection
from tests.fakes import FakeDesk, fake_delivery
from tests.locks import held, waiting_for_the_lock
from tests.processes import PATIENCE
from tests.webhooks.conftest import CONNECTION, ENDPOINT, count, new_ticket, post, rows
from webhooks.models import Delivery

LIMIT = 512 * 1024
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # one writer at a time
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a server to lose


def work(app: Flask) -> None:
    inbox: Worklist = app.extensions["kcs.worklists"]["inbox"]
    drain(inbox)


def signed(
    body: bytes, secret: str, *, at: datetime | None = None, invocation: str = "01JTEST"
) -> tuple[dict[str, str], bytes]:
    """Return a request as Zendesk would sign it."""
    timestamp = stamp(at or datetime.now(UTC))
    return {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Invocation-Id": invocation,
        "X-Zendesk-Webhook-Signature": sign(secret, timestamp, body),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }, body


# ---- what is kept ------------------------------------------------------------------------------------------


def test_both_shapes_are_kept_as_one_row_each(client: FlaskClient, zendesk: Emulator) -> None:
    sent = new_ticket(zendesk)
    assert {each.kind for each in sent} == {"ticket.created", "ticket.comment_added", "trigger"}
    for delivery in sent:
        answer = post(client, zendesk.sign(delivery))
        assert (answer.status_code, answer.json) == (202, {"status": "kept"})
    kept = rows()
    assert [row.kind for row in kept] == ["ticket.created", "ticket.comment_added", "ticket.updated"]
    assert {row.remote_ticket_id for row in kept} == {"1"}
    assert [row.body for row in kept] == [each.body for each in sent]
    assert {row.state for row in kept} == {WorkState.WAITING}


def test_the_same_invocation_again_is_a_202_and_no_second_row(client: FlaskClient, zendesk: Emulator) -> None:
    delivery = new_ticket(zendesk)[0]
    assert post(client, zendesk.sign(delivery)).json == {"status": "kept"}
    again = post(client, zendesk.sign(delivery, datetime.now(UTC) + timedelta(seconds=20)))
    assert (again.status_code, again.json) == (202, {"status": "known"})
    assert count() == 1


@pytest.mark.parametrize("state", WorkState)
def test_the_same_invocation_is_known_whatever_became_of_the_row(
    client: FlaskClient, zendesk: Emulator, state: WorkState
) -> None:
    delivery = new_ticket(zendesk)[0]
    post(client, zendesk.sign(delivery))
    stand(state)
    assert post(client, zendesk.sign(delivery)).json == {"status": "known"}
    assert count() == 1


def stand(state: WorkState) -> None:
    """Put every row into a state."""
    db.session.execute(update(Delivery).values(state=state))
    db.session.commit()


@pytest.mark.parametrize("place", [0, 2], ids=["event", "trigger"])
def test_the_same_event_under_another_invocation_is_no_second_row_while_the_first_waits(
    client: FlaskClient, zendesk: Emulator, place: int
) -> None:
    delivery = new_ticket(zendesk)[place]
    post(client, zendesk.sign(delivery))
    assert post(client, renamed(zendesk, delivery)).json == {"status": "known"}
    assert count() == 1


@pytest.mark.parametrize("state", [WorkState.LEASED, WorkState.DONE, WorkState.PARKED])
def test_once_the_first_may_have_been_read_a_change_within_the_same_second_is_not_missed(
    client: FlaskClient, zendesk: Emulator, state: WorkState
) -> None:
    """A trigger's key knows whole seconds: two changes within one look like one event sent twice."""
    delivery = new_ticket(zendesk)[2]
    post(client, zendesk.sign(delivery))
    stand(state)
    assert post(client, renamed(zendesk, delivery)).json == {"status": "kept"}
    assert count() == 2


def renamed(zendesk: Emulator, delivery: Sent) -> tuple[dict[str, str], bytes]:
    headers, body = zendesk.sign(delivery)
    return {**headers, "X-Zendesk-Webhook-Invocation-Id": "01JANOTHERINVOCATION"}, body


def test_the_same_ids_from_two_connections_are_two_deliveries(
    client: FlaskClient, zendesk: Emulator, app: Flask
) -> None:
    make_connection("other").webhook_secret = zendesk.outbox.secret
    db.session.commit()
    delivery = zendesk.sign(new_ticket(zendesk)[0])
    assert post(client, delivery).json == {"status": "kept"}
    assert post(client, delivery, "/webhooks/other").json == {"status": "kept"}
    assert count() == 2


def test_the_same_delivery_sent_by_many_at_once_is_one_row(app: Flask, zendesk: Emulator) -> None:
    delivery = zendesk.sign(new_ticket(zendesk)[0])
    answers: list[tuple[int, object]] = []
    gate = threading.Barrier(6)

    def send() -> None:
        gate.wait(PATIENCE)
        answer = post(app.test_client(), delivery)
        answers.append((answer.status_code, answer.json))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    kept = [answer for answer in answers if answer == (202, {"status": "kept"})]
    known = [answer for answer in answers if answer == (202, {"status": "known"})]
    assert (len(kept), len(known)) == (1, 5)
    assert count() == 1


def test_unknown_events_are_kept_finished_and_shown(app: Flask, zendesk: Emulator) -> None:
    body = json.dumps({"type": "zen:event-type:organization.created", "id": "e1", "novel": [1]}).encode()
    client = app.test_client()
    assert post(client, signed(body, zendesk.outbox.secret)).status_code == 202
    work(app)
    [row] = rows()
    assert (row.state, row.remote_ticket_id) == (WorkState.DONE, None)
    shown = app.test_cli_runner().invoke(main, ["inbox", "list", "--json"], obj=app)
    assert shown.exit_code == 0
    listed = json.loads(shown.output)
    assert listed["about"] == "organization.created ticket –"
    assert "nothing to do for 'organization.created'" in listed["reason"]


def test_a_provider_that_names_no_event_keeps_every_delivery(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        make_connection()
        db.session.commit()
        for number in range(3):
            headers, body = fake_delivery(f"d{number}", "7")
            assert post(app.test_client(), (headers, body)).status_code == 202
        assert count() == 3


def test_the_row_is_committed_before_the_answer_begins(
    app: Flask, zendesk: Emulator, database_url: str
) -> None:
    seen: list[tuple[str, int]] = []
    inner = app.wsgi_app

    def watch(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, *more: Any) -> Any:
            seen.append((status, rows_seen_from_outside(database_url)))
            return start_response(status, *more)

        return inner(environ, start)

    app.wsgi_app = watch  # type: ignore[method-assign]
    post(app.test_client(), zendesk.sign(new_ticket(zendesk)[0]))
    assert seen == [("202 ACCEPTED", 1)]


def rows_seen_from_outside(url: str) -> int:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            found = connection.execute("SELECT count(*) FROM deliveries").fetchone()
    else:
        with psycopg.connect(url) as server:
            found = server.execute("SELECT count(*) FROM deliveries").fetchone()
    assert found is not None
    return int(found[0])


# ---- who may send ------------------------------------------------------------------------------------------

BODY = b'{"ticket_id": "1", "status": "Open", "updated_at": "2026-03-02T09:00:00Z"}'
NOW = timedelta(0)

Request = tuple[dict[str, str], bytes]


def without(request: Request, name: str) -> Request:
    return {key: value for key, value in request[0].items() if key != name}, request[1]


def with_header(request: Request, name: str, value: str) -> Request:
    return {**request[0], name: value}, request[1]


def old_order(secret: str) -> Request:
    headers, body = signed(BODY, secret)
    timestamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    forged = sign(secret, "", body + timestamp.encode())
    return with_header((headers, body), "X-Zendesk-Webhook-Signature", forged)


FORGED: dict[str, Callable[[str], Request]] = {
    "the old order of body and time": old_order,
    "another secret": lambda _: signed(BODY, "another"),
    "the public test key": lambda _: signed(BODY, PUBLIC_TEST_KEY),
    "a changed byte": lambda secret: (signed(BODY, secret)[0], BODY.replace(b"1", b"2", 1)),
    "a byte more": lambda secret: (signed(BODY, secret)[0], BODY + b" "),
    "six minutes ago": lambda secret: signed(BODY, secret, at=datetime.now(UTC) - timedelta(minutes=6)),
    "in six minutes": lambda secret: signed(BODY, secret, at=datetime.now(UTC) + timedelta(minutes=6)),
    "no signature": lambda secret: without(signed(BODY, secret), "X-Zendesk-Webhook-Signature"),
    "no time": lambda secret: without(signed(BODY, secret), "X-Zendesk-Webhook-Signature-Timestamp"),
    "an empty signature": lambda secret: with_header(signed(BODY, secret), "X-Zendesk-Webhook-Signature", ""),
    "an unreadable time": lambda secret: with_header(
        signed(BODY, secret), "X-Zendesk-Webhook-Signature-Timestamp", "yesterday"
    ),
    "a signature beyond ASCII": lambda secret: with_header(
        signed(BODY, secret), "X-Zendesk-Webhook-Signature", "é" * 44
    ),
}


def test_a_request_signed_in_todays_order_is_taken(client: FlaskClient, zendesk: Emulator) -> None:
    assert post(client, signed(BODY, zendesk.outbox.secret)).status_code == 202
    assert count() == 1


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_may_be_off_by_minutes(client: FlaskClient, zendesk: Emulator, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert post(client, signed(BODY, zendesk.outbox.secret, at=at)).status_code == 202


@pytest.mark.parametrize("forged", FORGED)
def test_what_proves_nothing_is_a_401_and_no_row(client: FlaskClient, zendesk: Emulator, forged: str) -> None:
    answer = post(client, FORGED[forged](zendesk.outbox.secret))
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "not_signed_in"
    assert count() == 0


@pytest.mark.parametrize("name", ["nobody", "ACME", "acme2", "a" * 5000, "%00", "acme%00", "%ff%fe", "é"])
def test_a_connection_that_does_not_exist_is_a_401_like_any_forgery(
    client: FlaskClient, zendesk: Emulator, name: str
) -> None:
    answer = post(client, signed(BODY, zendesk.outbox.secret), f"/webhooks/{name}")
    assert answer.status_code in (400, 401)
    assert count() == 0


def test_a_forger_does_not_learn_which_connections_exist(client: FlaskClient) -> None:
    there, nowhere = post(client, signed(BODY, "x")), post(client, signed(BODY, "x"), "/webhooks/nobody")
    assert there.status_code == nowhere.status_code == 401
    assert there.json is not None
    assert nowhere.json is not None
    assert there.json.keys() == nowhere.json.keys()


def test_a_connection_switched_off_takes_nothing(client: FlaskClient, zendesk: Emulator) -> None:
    get_connection(CONNECTION).active = False
    db.session.commit()
    assert post(client, signed(BODY, zendesk.outbox.secret)).status_code == 401
    assert count() == 0


@pytest.mark.parametrize("secret", [None, ""])
def test_a_connection_without_a_secret_takes_nothing(client: FlaskClient, secret: str | None) -> None:
    get_connection(CONNECTION).webhook_secret = secret
    db.session.commit()
    assert post(client, signed(BODY, "")).status_code == 401
    assert count() == 0


def test_in_a_rotation_the_new_secret_and_the_one_before_count_and_no_older_one(
    client: FlaskClient, zendesk: Emulator
) -> None:
    rotate_webhook_secret(get_connection(CONNECTION), "second")
    db.session.commit()
    assert post(client, signed(BODY, zendesk.outbox.secret, invocation="a")).status_code == 202
    assert post(client, signed(BODY, "second", invocation="b")).status_code == 202
    rotate_webhook_secret(get_connection(CONNECTION), "third")
    db.session.commit()
    assert post(client, signed(BODY, "third", invocation="c")).status_code == 202
    assert post(client, signed(BODY, "second", invocation="d")).status_code == 202
    assert post(client, signed(BODY, zendesk.outbox.secret, invocation="e")).status_code == 401


@ON_SQLITE
def test_a_forged_request_does_not_wait_for_the_write_lock(app: Flask) -> None:
    statuses: list[int] = []

    def send() -> None:
        statuses.append(post(app.test_client(), signed(BODY, "forged")).status_code)

    sending = threading.Thread(target=send, daemon=True)
    with waiting_for_the_lock(5 * PATIENCE), held("connections"):
        sending.start()
        sending.join(PATIENCE)
        answered = list(statuses)
    sending.join(PATIENCE)
    assert answered == [401], "answered while another held the lock"


# ---- what can be read --------------------------------------------------------------------------------------

UNREADABLE = {
    "nothing": b"",
    "no JSON": b"ticket=1",
    "cut": b'{"ticket_id": "1"',
    "NaN": b'{"ticket_id": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a key twice": b'{"ticket_id": "1", "ticket_id": "2"}',
    "a key twice, deeper": b'{"detail": {"id": "1", "id": "2"}}',
    "33 levels": b'{"a":' * 33 + b"1" + b"}" * 33,
    "100000 levels": b"[" * 100_000,
    "Latin-1": '{"ticket_id": "é"}'.encode("latin-1"),
    "UTF-16": '{"ticket_id": "1"}'.encode("utf-16"),
    "an array": b'[{"ticket_id": "1"}]',
    "a string": b'"ticket"',
    "a number": b"1",
    "null": b"null",
    "a number of 5000 digits": b'{"ticket_id": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_body_that_is_not_the_json_we_read_is_a_400_and_no_row(
    client: FlaskClient, zendesk: Emulator, kind: str
) -> None:
    answer = post(client, signed(UNREADABLE[kind], zendesk.outbox.secret))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "bad_request"
    assert count() == 0


@pytest.mark.parametrize("kind", UNREADABLE)
def test_nothing_is_read_before_the_signature_holds(client: FlaskClient, kind: str) -> None:
    assert post(client, signed(UNREADABLE[kind], "forged")).status_code == 401


def test_32_levels_are_read(client: FlaskClient, zendesk: Emulator) -> None:
    body = b'{"a":' * 32 + b"1" + b"}" * 32
    assert post(client, signed(body, zendesk.outbox.secret)).status_code == 202


def test_brackets_inside_strings_are_no_levels(client: FlaskClient, zendesk: Emulator) -> None:
    body = json.dumps({"ticket_id": "1", "words": '[{"' * 200 + "\\"}).encode()
    assert post(client, signed(body, zendesk.outbox.secret)).status_code == 202


@pytest.mark.parametrize("value", ["", " ", "a b", "x" * 201, "é"])
def test_a_delivery_without_a_readable_invocation_is_a_400(
    client: FlaskClient, zendesk: Emulator, value: str
) -> None:
    request = with_header(signed(BODY, zendesk.outbox.secret), "X-Zendesk-Webhook-Invocation-Id", value)
    assert post(client, request).status_code == 400
    assert count() == 0


def padded(size: int) -> bytes:
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


def test_a_body_at_the_limit_is_taken(client: FlaskClient, zendesk: Emulator) -> None:
    assert post(client, signed(padded(LIMIT), zendesk.outbox.secret)).status_code == 202


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_body_over_the_limit_is_a_413_before_anything_is_checked(
    client: FlaskClient, zendesk: Emulator, chunked: bool
) -> None:
    headers, body = signed(padded(LIMIT + 1), zendesk.outbox.secret)
    if chunked:
        answer = client.post(
            ENDPOINT,
            headers=headers,
            input_stream=io.BytesIO(body),
            environ_overrides={"wsgi.input_terminated": True},
        )
    else:
        answer = client.post(ENDPOINT, data=body, headers=headers)
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "too_large"
    assert count() == 0


def test_a_chunked_body_within_the_limit_is_taken(client: FlaskClient, zendesk: Emulator) -> None:
    headers, body = signed(BODY, zendesk.outbox.secret)
    answer = client.post(
        ENDPOINT,
        headers=headers,
        input_stream=io.BytesIO(body),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 202


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "identity, gzip", "x"])
def test_a_compressed_body_is_a_400(client: FlaskClient, zendesk: Emulator, coding: str) -> None:
    headers, body = signed(gzip.compress(BODY), zendesk.outbox.secret)
    answer = client.post(ENDPOINT, data=body, headers={**headers, "Content-Encoding": coding})
    assert answer.status_code == 400
    assert count() == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_answered(client: FlaskClient, method: str) -> None:
    assert client.open(ENDPOINT, method=method).status_code == 405


# ---- fuzzing -----------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "type",
        "id",
        "time",
        "subject",
        "detail",
        "event",
        "ticket_id",
        "status",
        "updated_at",
        "current_user_id",
    ]
)
TYPES = st.sampled_from(
    [
        "zen:event-type:ticket.created",
        "zen:event-type:ticket.status_changed",
        "zen:event-type:article.published",
        "zen:event-type:",
        "x\0y",
    ]
)
PAYLOADS = st.dictionaries(FIELDS, JSON, max_size=6) | st.fixed_dictionaries(
    {
        "type": TYPES,
        "subject": st.text() | st.just("zen:ticket:1"),
        "detail": st.dictionaries(st.just("id"), JSON),
        "time": JSON | st.just("2026-03-02T09:00:00.123456789Z"),
    }
)
BODIES = st.binary(max_size=300) | PAYLOADS.map(lambda value: json.dumps(value).encode())
HEADER_TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(body=BODIES, invocation=HEADER_TEXT)
@example(body=b'{"type": "zen:event-type:ticket.\\u0000\\ud800", "detail": {"id": "1"}}', invocation="a")
@example(body=b'{"ticket_id": "1", "updated_at": "\\ud800\\u0000", "status": "\\udfff"}', invocation="b")
@example(body=b'{"type": "\\ud800", "id": "\\u0000"}', invocation="c")
@example(
    body=b'{"type": "zen:event-type:ticket.created", "time": "0001-01-01T00:00:00+23:59"}', invocation="d"
)
@example(body=b'{"ticket_id": 1e400}', invocation="e")
def test_a_signed_body_of_any_kind_never_breaks_the_intake(
    client: FlaskClient, zendesk: Emulator, body: bytes, invocation: str
) -> None:
    answer = post(client, signed(body, zendesk.outbox.secret, invocation=invocation))
    assert answer.status_code in (202, 400)


@FEW
@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "X-Zendesk-Webhook-Invocation-Id",
                "X-Zendesk-Webhook-Signature",
                "X-Zendesk-Webhook-Signature-Timestamp",
                "Content-Type",
                "Content-Encoding",
                "X-Request-Id",
                "X-Forwarded-For",
                "Accept",
            ]
        ),
        HEADER_TEXT,
    ),
    body=BODIES,
    path=st.sampled_from([ENDPOINT, "/webhooks/x", "/webhooks/%00", "/webhooks/%ED%A0%80", "/webhooks/a/b"]),
)
def test_headers_of_any_kind_never_break_the_intake(
    client: FlaskClient, headers: dict[str, str], body: bytes, path: str
) -> None:
    assert client.post(path, data=body, headers=headers).status_code in (400, 401, 404)


# ---- when the database is away -----------------------------------------------------------------------------


def expect_to_be_asked_again(app: Flask, request: Request) -> None:
    """The desk sends again only after a 503 that says when."""
    answer = post(app.test_client(), request)
    assert answer.status_code == 503
    assert 0 < int(answer.headers["Retry-After"]) < 60
    assert answer.json is not None
    assert answer.json["code"] == "database_away"


def test_a_server_whose_database_is_gone_asks_for_patience(tmp_path: Path, zendesk: Emulator) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"postgresql://kcs@127.0.0.1:{reserved.getsockname()[1]}/kcs"
        app = create_app(settings_for(tmp_path, DATABASE_URL=url), {"zendesk": ZendeskProvider()})
        expect_to_be_asked_again(app, signed(BODY, zendesk.outbox.secret))


@ON_SQLITE
def test_a_database_that_another_holds_asks_for_patience_and_keeps_nothing(
    app: Flask, zendesk: Emulator
) -> None:
    request = signed(BODY, zendesk.outbox.secret)
    with waiting_for_the_lock(0.1), held("connections"):
        expect_to_be_asked_again(app, request)
    assert count() == 0
    assert post(app.test_client(), request).status_code == 202
    assert count() == 1


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b""], ids=["garbage", "empty"])
def test_a_file_that_is_no_database_asks_for_patience(
    tmp_path: Path, zendesk: Emulator, content: bytes
) -> None:
    (tmp_path / "broken.db").write_bytes(content)
    url = f"sqlite:///{tmp_path / 'broken.db'}"
    app = create_app(settings_for(tmp_path, DATABASE_URL=url), {"zendesk": ZendeskProvider()})
    expect_to_be_asked_again(app, signed(BODY, zendesk.outbox.secret))
    with app.app_context():
        db.engine.dispose()


@ON_POSTGRESQL
def test_sessions_the_server_ended_do_not_lose_a_delivery(
    app: Flask, zendesk: Emulator, database_url: str
) -> None:
    assert count() == 0
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert post(app.test_client(), signed(BODY, zendesk.outbox.secret)).status_code == 202
    assert count() == 1


def test_a_row_that_cannot_be_kept_for_another_reason_is_never_called_known(
    app: Flask, zendesk: Emulator
) -> None:
    """A 2xx means a row: a violated rule that is not a repeat must not look like one."""

    def spoil(_mapper: object, _connection: object, target: Delivery) -> None:
        target.kind = None  # type: ignore[assignment]

    event.listen(Delivery, "before_insert", spoil)
    try:
        answer = post(app.test_client(), signed(BODY, zendesk.outbox.secret))
    finally:
        event.remove(Delivery, "before_insert", spoil)
    assert answer.status_code >= 500
    assert count() == 0


def test_the_fake_desks_deliveries_reach_the_inbox(make_app: AppMaker, desk: FakeDesk) -> None:
    app = make_app()
    with app.app_context():
        make_connection()
        db.session.commit()
        desk.open_ticket("7")
        assert post(app.test_client(), fake_delivery("d1", "7", event="e1")).json == {"status": "kept"}
        assert post(app.test_client(), fake_delivery("d2", "7", event="e1")).json == {"status": "known"}
        work(app)
        [row] = rows()
        assert row.state is WorkState.DONE
        assert desk.reads == ["7"]
