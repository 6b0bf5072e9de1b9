"""Every text stays: compare any two, restore an old one as a new one, and nobody reads more than they may."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs import database
from kcs.articles.history import FieldChange, changes_between, get_version, restore_version, taken_over
from kcs.articles.models import Article, Significance
from kcs.articles.policy import TemplateRow
from kcs.articles.queries import versions_of
from kcs.articles.services import save_version
from kcs.articles.structure import Field, fields_to_json
from kcs.articles.writing import append_version, prepare
from kcs.database import db
from kcs.errors import NotAllowed, NotFound, StaleVersion
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in, token_for
from workflow.article import ArticleState, Audience
from workflow.permissions import Licence

FIRST = {"issue": "It fails", "resolution": "Open tray 2."}
SECOND = {"issue": "It fails", "resolution": "Open tray 3.", "cause": "Dust"}


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.CONTRIBUTOR)


@pytest.fixture
def article(ann: Agent) -> Article:
    found = make_article(parts=FIRST, title="Printer jams")
    save_version(
        found, "Printer jams", SECOND, by=ann, base=1, note="tray moved", significance=Significance.FACT
    )
    return found


def told(changes: list[FieldChange]) -> dict[str, str]:
    """Write what changed as people read it."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return {
        each.label: "".join(signs[change.kind].format(change.text) for change in each.changes)
        for each in changes
    }


def test_any_two_versions_are_compared_field_by_field(article: Article, ann: Agent) -> None:
    one, two = get_version(article, 1), get_version(article, 2)
    assert told(changes_between(one, two, ann)) == {
        "Resolution": "Open tray [-2-]{+3+}.",
        "Cause": "{+Dust+}",
    }
    assert told(changes_between(two, one, ann)) == {
        "Resolution": "Open tray [-3-]{+2+}.",
        "Cause": "[-Dust-]",
    }
    assert changes_between(two, two, ann) == []
    with pytest.raises(NotFound, match="has no version 9"):
        get_version(article, 9)


def test_a_version_says_who_wrote_it_why_and_how_much_it_changes(article: Article, ann: Agent) -> None:
    latest = article.current_version
    assert (latest.author, latest.note, latest.significance) == (ann, "tray moved", Significance.FACT)
    assert latest.base is get_version(article, 1)


def test_an_old_text_is_restored_as_a_new_version(article: Article, ann: Agent) -> None:
    restored = restore_version(article, 1, by=ann, base=2)
    assert (restored.number, restored.parts, restored.note) == (3, FIRST, "restored version 1")
    assert article.current_version is restored
    assert [version.number for version in versions_of(article)] == [3, 2, 1]


def test_restoring_needs_what_an_edit_needs(article: Article, ann: Agent) -> None:
    with pytest.raises(StaleVersion):
        restore_version(article, 1, by=ann, base=1)
    with pytest.raises(NotAllowed):
        restore_version(article, 1, by=make_agent(Licence.CANDIDATE), base=2)


def test_a_proposed_text_is_told_from_those_that_were_taken_over(article: Article, ann: Agent) -> None:
    present = article.current_version
    written = prepare("Printer jams again", SECOND, by=ann, over=present)
    proposed = append_version(article, written, author=ann, note="", base=present)
    save_version(article, "Printer jams", FIRST, by=ann, base=2)
    versions = versions_of(article)
    taken = taken_over(article, versions)
    assert [version.number for version in versions if version.id not in taken] == [proposed.number]


def test_the_live_text_stays_when_an_old_one_is_restored(app: Flask) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    article = make_article(ArticleState.PUBLISHED, parts=FIRST)
    save_version(article, "New", SECOND, by=publisher, base=1)
    restore_version(article, 1, by=publisher, base=2)
    assert article.live_version is get_version(article, 1)
    assert article.current_version is get_version(article, 3)


def test_a_field_one_may_not_read_is_in_no_difference_and_survives_a_restore(app: Flask, ann: Agent) -> None:
    fields = (
        Field("resolution", "Resolution"),
        Field("secret", "For publishers", readers=("publisher",), audience=Audience.INTERNAL),
    )
    db.session.add(
        TemplateRow(key="guarded", name="Guarded", fields=fields_to_json(fields), changed_at=database.now())
    )
    database.forget_once(db.session())
    publisher = make_agent(Licence.PUBLISHER)
    article = make_article(parts=FIRST)
    texts = [{"resolution": "A", "secret": "S1"}, {"resolution": "B", "secret": "S2"}]
    save_version(article, "T", texts[0], by=publisher, base=1, template="guarded")
    save_version(article, "T", texts[1], by=publisher, base=2)
    one, two = get_version(article, 2), get_version(article, 3)
    assert set(told(changes_between(one, two, publisher))) == {"Resolution", "For publishers"}
    assert set(told(changes_between(one, two, ann))) == {"Resolution"}
    assert set(told(changes_between(one, two, Audience.PUBLIC))) == {"Resolution"}
    restore_version(article, 2, by=ann, base=3)
    assert article.current_version.parts == {"resolution": "A", "secret": "S2"}


def test_over_the_api_two_versions_are_compared_and_one_restored(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    headers = token_for(ann)
    address = f"/api/v1/articles/{article.key}"
    changed = client.get(f"{address}/changes", headers=headers).get_json()
    assert [each["name"] for each in changed] == ["resolution", "cause"]
    named = client.get(f"{address}/changes?from=2&to=1", headers=headers).get_json()
    assert named[0]["changes"][1:3] == [{"kind": "removed", "text": "3"}, {"kind": "added", "text": "2"}]
    assert client.get(f"{address}/changes?from=7", headers=headers).status_code == 404
    restored = client.post(f"{address}/versions/1/restore", headers={**headers, "If-Match": '"2"'})
    assert (restored.status_code, restored.get_json()["parts"]) == (200, FIRST)
    stale = client.post(f"{address}/versions/2/restore", headers={**headers, "If-Match": '"2"'})
    assert stale.status_code == 409


def test_the_pages_show_the_history_the_difference_and_the_way_back(
    client: FlaskClient, article: Article, ann: Agent
) -> None:
    sign_in(client, ann)
    listed = client.get(f"/articles/{article.key}/versions").text
    assert "tray moved" in listed
    assert "The present text" in listed
    shown = client.get(f"/articles/{article.key}/versions/2").text
    assert "<del>" in shown
    assert "Restore this text" not in shown
    back = client.post(f"/articles/{article.key}/versions/1/restore", data={"base": "2"})
    assert back.location == f"/articles/{article.key}"
    stale = client.post(
        f"/articles/{article.key}/versions/2/restore", data={"base": "1"}, follow_redirects=True
    )
    assert "you began from version 1, the present one is 3" in stale.text
