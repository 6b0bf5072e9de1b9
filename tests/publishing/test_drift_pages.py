"""What was changed in a help centre, on pages and over the API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from kcs.publishing.models import Drift, DriftState, PublicationState
from kcs.publishing.services import look_again
from tests.factories import make_agent, sign_in, token_for
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press, publication
from workflow.permissions import Licence


@pytest.fixture
def drift(press: Press, article: int, help_centre: FakeHelpCentre) -> int:
    """A published article that somebody edited there; the drift's id."""
    press.publish(article)
    press.work()
    help_centre.edit("1", "en-us", "Allow pop-ups.", "Allow <b>all</b> pop-ups.")
    look_again(publication().target.connection_id, "1")
    db.session.commit()
    press.work()
    return db.session.execute(select(Drift.id)).scalar_one()


def found(drift_id: int) -> Drift:
    db.session.expire_all()
    return db.session.get_one(Drift, drift_id)


def work(press: Press) -> None:
    """Let the outbox work as a process of its own does: with a session of its own."""
    db.session.rollback()
    with press.app.app_context():
        press.work()


def decision(drift_id: int, name: str) -> dict[str, str]:
    return {"decision": name, "seen": found(drift_id).fingerprint, "base": "1"}


def test_it_is_listed_shown_word_by_word_and_decided(
    client: FlaskClient, press: Press, drift: int, help_centre: FakeHelpCentre
) -> None:
    sign_in(client, press.by)
    assert "Export button is grey" in client.get("/publishing/drifts").text
    shown = client.get(f"/publishing/drifts/{drift}").text
    assert "<ins>" in shown
    assert "**all**" in shown
    assert "<b>all</b>" not in shown
    answer = client.post(f"/publishing/drifts/{drift}/decisions", data=decision(drift, "take_theirs"))
    assert answer.status_code == 303
    work(press)
    assert publication().state is PublicationState.LIVE
    assert "theirs was taken" in client.get(f"/publishing/drifts/{drift}").text
    assert "Nobody changed anything there" in client.get("/publishing/drifts").text


def test_merging_by_hand_opens_the_editor_with_theirs_put_in(
    client: FlaskClient, press: Press, drift: int
) -> None:
    sign_in(client, press.by)
    answer = client.post(f"/publishing/drifts/{drift}/decisions", data=decision(drift, "by_hand"))
    assert answer.status_code == 303
    assert "Allow **all** pop-ups." in client.get(answer.location).text
    assert found(drift).state is DriftState.MERGING


def test_a_text_changed_again_meanwhile_is_shown_before_anything_is_decided(
    client: FlaskClient, press: Press, drift: int, help_centre: FakeHelpCentre
) -> None:
    sign_in(client, press.by)
    stale = decision(drift, "keep_ours")
    help_centre.edit("1", "en-us", "all", "most")
    answer = client.post(f"/publishing/drifts/{drift}/decisions", data=stale)
    assert (answer.status_code, "**most**" in answer.text) == (409, True)
    assert "<b>most</b>" in help_centre.texts["1", "en-us"].html


def test_the_articles_page_says_how_it_stands_and_sends_again(
    client: FlaskClient, press: Press, article: int, help_centre: FakeHelpCentre
) -> None:
    press.publish(article)
    work(press)
    sign_in(client, press.by)
    key, row = db.session.get_one(Article, article).key, publication()
    page = client.get(f"/articles/{key}").text
    assert "In help centres" in page
    assert row.url is not None
    assert row.url in page
    assert client.post(f"/articles/{key}/publications/{row.id}/send").status_code == 303
    assert publication().state is PublicationState.PENDING
    work(press)
    assert help_centre.calls.count("publish") == 2
    assert client.post(f"/articles/{key}/publications/99/send").status_code == 404


def test_the_api_lists_and_decides_with_rights_and_both_texts(
    app: Flask, press: Press, drift: int, help_centre: FakeHelpCentre
) -> None:
    client = app.test_client()
    reader = token_for(make_agent(Licence.CONTRIBUTOR))
    [row] = client.get("/api/v1/drifts", headers=reader).json["items"]  # type: ignore[index]
    assert (row["kind"], row["connection"], row["locale"], row["version"]) == ("edited", "acme", "en-us", 1)
    [part] = [each for each in row["texts"] if each["base"] != each["theirs"]]
    assert (part["name"], part["theirs"]) == ("resolution", "Allow **all** pop-ups.")
    address = f"/api/v1/drifts/{drift}/decisions"
    body = {"decision": "keep_ours", "seen": row["fingerprint"], "base": 1}
    assert client.post(address, json=body, headers=reader).status_code == 403
    publisher = token_for(db.session.get_one(Agent, press.by_id))
    stale = client.post(address, json={**body, "seen": "another"}, headers=publisher)
    assert stale.status_code == 409
    assert set(stale.json["errors"]) == {"theirs", "ours"}  # type: ignore[index]
    for _ in range(2):
        assert client.post(address, json=body, headers=publisher).json["state"] == "settled"  # type: ignore[index]
    other = client.post(address, json={**body, "decision": "take_theirs"}, headers=publisher)
    assert other.status_code == 409
    assert client.get("/api/v1/drifts", headers=publisher).json["total"] == 0  # type: ignore[index]
    assert client.get("/api/v1/drifts?settled=1", headers=publisher).json["total"] == 1  # type: ignore[index]
    work(press)
    assert "all" not in help_centre.texts["1", "en-us"].html.split("<h2>Resolution</h2>")[1]
