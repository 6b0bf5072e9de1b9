"""What the customer was given, and what has changed in it since."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles.importing import import_article
from kcs.articles.models import Article, Significance
from kcs.articles.policy import TemplateRow
from kcs.articles.services import move_article, save_version
from kcs.articles.structure import DEFAULT, SHIPPED, Field, fields_to_json
from kcs.database import db, now
from kcs.people.models import Agent
from kcs.solving import services
from kcs.solving.delivered import changes_since, delivered_by
from kcs.solving.models import LinkRole
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_ticket, sign_in, token_for
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence, Role


@pytest.fixture
def ann(app: Flask) -> Agent:
    """A publisher."""
    return make_agent(Licence.PUBLISHER)


@pytest.fixture
def ticket(ann: Agent) -> Ticket:
    """A ticket Ann solved."""
    return make_ticket(solved_by=ann.email)


def rewrite(article: Article, by: Agent, resolution: str, weight: Significance | None) -> None:
    base = article.current_version.number
    parts = {**article.current_version.parts, "resolution": resolution}
    save_version(article, article.title, parts, by=by, base=base, significance=weight)


@pytest.mark.parametrize(
    ("weights", "heaviest"),
    [
        ([Significance.TYPO], Significance.TYPO),
        ([Significance.TYPO, Significance.WORDING], Significance.WORDING),
        ([Significance.FACT, Significance.TYPO], Significance.FACT),
        ([Significance.TYPO, None], None),
        ([Significance.FACT, None], Significance.FACT),
    ],
)
def test_the_heaviest_change_since_is_named(
    ticket: Ticket, ann: Agent, weights: list[Significance | None], heaviest: Significance | None
) -> None:
    article = make_article()
    link = services.link_article(ticket, article, by=ann)
    assert (delivered_by(link), changes_since(link, ann)) == (None, [])
    for number, weight in enumerate(weights):
        rewrite(article, ann, f"Step {number}", weight)
    delivered = delivered_by(link)
    assert delivered is not None
    assert (delivered.given.number, delivered.now.number) == (1, 1 + len(weights))
    assert (delivered.significance, delivered.is_corrected) == (heaviest, heaviest is Significance.FACT)
    assert [change.name for change in changes_since(link, ann)] == ["resolution"]


def test_a_published_article_gives_its_live_text(ticket: Ticket, ann: Agent) -> None:
    article = make_article(ArticleState.PUBLISHED)
    live = article.live_version_id
    rewrite(article, ann, "Not out yet", Significance.FACT)
    link = services.link_article(ticket, article, by=ann)
    assert (link.version_id, delivered_by(link)) == (live, None)
    move_article(article, Move.PUBLISH, by=ann, audience=Audience.PUBLIC)
    delivered = delivered_by(link)
    assert delivered is not None
    assert (delivered.now.number, delivered.is_corrected) == (2, True)


def test_another_role_keeps_the_version_that_was_given(ticket: Ticket, ann: Agent) -> None:
    article = make_article()
    first = services.link_article(ticket, article, by=ann)
    rewrite(article, ann, "Step", None)
    again = services.link_article(ticket, article, by=ann, role=LinkRole.REFERENCE)
    assert (again.id == first.id, again.version_id) == (False, first.version_id)


def test_the_page_and_the_api_say_both_versions_and_show_no_hidden_field(
    client: FlaskClient, ticket: Ticket, ann: Agent
) -> None:
    secret = Field("vault", "Vault", readers=("admin",))
    fields = fields_to_json((*SHIPPED[DEFAULT].fields, secret))
    db.session.add(TemplateRow(key="closed", name="Closed", description="", fields=fields, changed_at=now()))
    admin = make_agent(Licence.PUBLISHER, roles=[Role.ADMIN])
    parts = {"issue": "Grey", "resolution": "Allow pop-ups.", "vault": "planted-before"}
    article = import_article("Export is grey", parts, template="closed")
    link = services.link_article(ticket, article, by=ann)
    parts = {**parts, "resolution": "Allow all pop-ups.", "vault": "planted-after"}
    save_version(article, article.title, parts, by=admin, base=1, significance=Significance.FACT)
    db.session.commit()
    here = f"/tickets/acme/{ticket.remote_id}"
    shown = client.get(f"/api/v1{here}", headers=token_for(ann)).json
    assert shown is not None
    assert [(each["delivered_version"], each["current_version"]) for each in shown["links"]] == [(1, 2)]
    browser = sign_in(client, ann)
    page = browser.get(here).text
    assert "The customer was given version 1; version 2 is there now." in page
    assert "Corrected since" in page
    changes = browser.get(f"{here}/links/{link.id}/changes").text
    assert "</span> all<" in changes
    assert "planted" not in page + changes
    assert "planted" in sign_in(client, admin).get(f"{here}/links/{link.id}/changes").text
    assert browser.get(f"{here}/links/{link.id + 1}/changes").status_code == 404
