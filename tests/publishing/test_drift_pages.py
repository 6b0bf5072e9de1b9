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


OURS = "Allow pop-ups.\n\nThen reload the page."
BOTH = "Allow no pop-ups.\n\nAllow **all** pop-ups."
BY_US = {
    "different passages": (OURS, "Allow **all** pop-ups.\n\nThen reload the page.", []),
    "the same passage": ("Allow no pop-ups.", BOTH, ["Allow no pop-ups."]),
}


@pytest.mark.parametrize("case", BY_US)
def test_the_editor_opens_with_both_changes(
    client: FlaskClient, press: Press, drift: int, article: int, case: str
) -> None:
    ours, together, clashing = BY_US[case]
    press.edit(article, ours)
    sign_in(client, press.by)
    by_hand = {**decision(drift, "by_hand"), "base": "2"}
    editor = client.get(client.post(f"/publishing/drifts/{drift}/decisions", data=by_hand).location).text
    assert f">\n{together}</textarea>" in editor
    assert [text for text in clashing if f'dir="auto">{text}</div>' not in editor] == []
    assert ("Both changed this passage" in editor) == bool(clashing)
    assert f'<div class="plain" dir="auto">{ours}</div>' in editor.split("Our text before")[1]
    other = make_agent(Licence.PUBLISHER)
    db.session.commit()
    sign_in(client, other)
    key = db.session.get_one(Article, article).key
    assert "Our text before" not in client.get(f"/articles/{key}/edit").text


def test_taking_theirs_says_which_passages_of_ours_go(
    client: FlaskClient, press: Press, drift: int, article: int
) -> None:
    sign_in(client, press.by)
    address = f"/publishing/drifts/{drift}"
    assert "drops no passage" in client.get(address).text
    press.edit(article, OURS)
    shown = client.get(address).text
    assert '<q dir="auto">Then reload the page.</q>' in shown
    assert '<q dir="auto">Allow pop-ups.</q>' not in shown
    assert "without the passages of ours" in shown
    preview = shown.split("What taking theirs changes in our text")[1].split("</details>")[0]
    assert "Then reload the page." in preview.split("<del>")[-1]


@pytest.mark.parametrize("name", ["take_theirs", "keep_ours"])
def test_a_decided_drift_shows_what_was_compared_then(
    client: FlaskClient, press: Press, drift: int, article: int, name: str
) -> None:
    sign_in(client, press.by)
    client.post(f"/publishing/drifts/{drift}/decisions", data=decision(drift, name))
    work(press)
    press.edit(article, "Written a week later.")
    shown = client.get(f"/publishing/drifts/{drift}").text
    assert "What was compared then" in shown
    assert "Written a week later." not in shown
    assert "both changed it" not in shown
    assert "**all**" in shown
    assert press.by.name in shown
    number = db.session.get_one(Article, article).current_version.number - 1
    assert (f'/versions/{number}">' in shown) == (name == "take_theirs")
    api = client.application.test_client().get("/api/v1/drifts?settled=1", headers=token_for(press.by))
    assert [each["ours"] for each in api.json["items"][0]["texts"]][-1] == "Allow pop-ups."  # type: ignore[index]


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
