"""Streams: what is heard and how soon, how many there may be, and that they hold nothing meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice

import pytest
from werkzeug.test import TestResponse

from kcs.database import db
from kcs.live import streams
from kcs.live.hub import SEATS_EACH
from kcs.solving import services as solving
from tests.factories import make_agent, sign_in
from tests.live.conftest import Office

LONG = 120.0  # seconds: so long nothing would come of itself
MOST = 50


def opened(office: Office, **headers: str) -> TestResponse:
    """Open a stream as Bea's browser does."""
    return office.browser.get(office.address(), headers=headers)


def heard(stream: TestResponse) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield id, event and data of each message; the first line says how soon to come again."""
    lines = stream.iter_encoded()
    assert next(lines) == b"retry: 500\n\n"
    for message in lines:
        place, event, data = (part.partition(": ")[2] for part in message.decode().split("\n")[:3])
        yield place, event, json.loads(data)


def test_a_stream_tells_what_happens_before_it_beats_again_and_holds_nothing_while_it_waits(
    office: Office,
) -> None:
    stream = opened(office)
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert (stream.headers["Cache-Control"], stream.headers["X-Accel-Buffering"]) == ("no-store", "no")
    messages = heard(stream)
    assert next(messages)[1] == "beat"
    db.session.rollback()
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    draft = solving.draft_article(office.first, by=office.ana)
    db.session.commit()
    place, event, data = next(messages)
    assert (event, data["who"], data["article"]) == ("capturing", "Ana", draft.key)
    assert office.poll(place)["events"] == []
    stream.close()
    assert office.hub.taken == 0


def test_what_was_missed_is_told_to_who_comes_back(office: Office) -> None:
    after = str(office.poll("")["after"])
    solving.link_article(office.second, office.known, by=office.ana)
    db.session.commit()
    stream = opened(office, **{"Last-Event-ID": after})
    _, event, data = next(heard(stream))
    stream.close()
    assert (event, data["act"], data["article"]) == ("ticket", "link", "KB-7")


def test_there_is_room_for_so_many_and_for_so_many_of_one_person(office: Office) -> None:
    mine = [opened(office) for _ in range(SEATS_EACH + 1)]
    assert [each.status_code for each in mine] == [200] * SEATS_EACH + [204]
    others = [
        sign_in(office.app.test_client(), make_agent(email=f"c{number}@example.com")).get(office.address())
        for number in range(2)
    ]
    assert [each.status_code for each in others] == [200, 204]
    mine[0].close()
    again = opened(office)
    assert again.status_code == 200
    for each in (*mine, *others, again):
        each.close()
    assert office.hub.taken == 0


def test_a_server_without_room_refuses_and_answers_who_asks(office: Office) -> None:
    office.hub.open(0)
    assert opened(office).status_code == 204
    assert office.poll("")["events"] == []


def test_a_stream_ends_in_time_and_at_once_when_the_server_stops(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TICK_SECONDS", "BEAT_SECONDS"):
        monkeypatch.setattr(streams, name, 0.1)
    monkeypatch.setattr(streams, "STREAM_SECONDS", 0.5)
    told = [event for _, event, _ in islice(heard(opened(office)), MOST)]
    assert len(told) < MOST
    assert set(told) <= {"beat"}
    for name in ("TICK_SECONDS", "STREAM_SECONDS"):
        monkeypatch.setattr(streams, name, LONG)
    messages = heard(opened(office))
    next(messages)
    office.hub.close()
    begun = time.monotonic()
    assert list(messages) == []
    assert time.monotonic() - begun < LONG
    assert opened(office).status_code == 204
