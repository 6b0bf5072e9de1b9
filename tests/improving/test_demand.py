"""Use says what is worth validating, publishing and checking: reviews asked by demand, and "still right?"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.articles.services import move_article
from kcs.database import db
from kcs.people.models import Agent
from kcs.reviews.models import Asks, Cause, ReviewRequest
from kcs.solving.models import LinkRole
from kcs.solving.services import draft_article, link_article, unlink
from tests.factories import make_agent, make_article, make_ticket, sign_in, token_for
from workflow.article import ArticleState, Move
from workflow.permissions import Licence

# What each link is: a person, and "r" as resolution, "f" as reference, "u" a resolution taken away again.
USES = [
    ("wip", ["ana r", "ben r"], []),
    ("wip", ["ana r", "ben r", "cem r"], ["validate"]),
    ("not_validated", ["ana r", "ben r"], []),
    ("not_validated", ["ana r", "ben r", "cem r"], ["validate"]),
    ("not_validated", ["ana r", "ana r", "ana r", "ben r"], []),
    ("not_validated", ["ana r", "ben r", "cem f"], []),
    ("not_validated", ["ana u", "ben r", "cem r"], []),
    ("not_validated", ["ana u", "ben r", "cem r", "ana r"], ["validate"]),
    ("not_validated", ["ana r", "ben r", "cem r", "dan r", "eva r"], ["validate"]),
    ("validated", ["ana r", "ben r", "cem r", "dan r"], []),
    ("validated", ["ana r", "ben r", "cem r", "dan r", "eva r"], ["publish"]),
    ("published", ["ana r", "ben r", "cem r", "dan r", "eva r"], []),
]


def use(article: Article, uses: list[str]) -> None:
    """Let people resolve tickets with an article."""
    people: dict[str, Agent] = {}
    for name, how in (each.split() for each in uses):
        agent = people.setdefault(name, make_agent() if name not in people else people[name])
        role = LinkRole.REFERENCE if how == "f" else LinkRole.RESOLUTION
        link = link_article(make_ticket(), article, by=agent, role=role)
        if how == "u":
            unlink(link, by=agent)
    db.session.commit()


def asked(article: Article) -> list[str]:
    """Return which reviews demand asked for."""
    query = select(ReviewRequest).where(
        ReviewRequest.article_id == article.id, ReviewRequest.cause == Cause.DEMAND
    )
    return [row.asks.value for row in db.session.execute(query.order_by(ReviewRequest.id)).scalars()]


@pytest.mark.parametrize(("state", "uses", "expected"), USES)
def test_so_many_different_people_ask_for_a_review(
    app: Flask, state: str, uses: list[str], expected: list[str]
) -> None:
    article = make_article(ArticleState(state), author=make_agent())
    use(article, uses)
    assert asked(article) == expected


def test_a_wip_without_an_answer_and_a_domain_without_a_number_ask_for_nothing(app: Flask) -> None:
    many = [f"p{number} r" for number in range(6)]
    framed = make_article(ArticleState.WIP, parts={"issue": "Cannot export"})
    use(framed, many)
    silent = make_article(ArticleState.NOT_VALIDATED)
    silent.domain = Domain(key="quiet", name="Quiet", validate_after=None, publish_after=None)
    use(silent, many)
    assert (asked(framed), asked(silent)) == ([], [])


def test_each_kind_is_asked_once_in_an_articles_life(app: Flask) -> None:
    ana = make_agent(Licence.PUBLISHER)
    article = make_article(ArticleState.NOT_VALIDATED, author=ana)
    use(article, ["a r", "b r", "c r"])
    move_article(article, Move.VALIDATE, by=ana)
    use(article, ["d r", "e r"])
    assert asked(article) == [Asks.VALIDATE, Asks.PUBLISH]
    move_article(article, Move.DOUBT, by=ana, reason="hm")
    use(article, ["f r"])
    assert asked(article) == [Asks.VALIDATE, Asks.PUBLISH]


def test_drafting_from_a_ticket_is_no_use_of_the_article(app: Flask) -> None:
    article = draft_article(make_ticket(), by=make_agent())
    assert article.last_used_at is None


def old(article: Article, days: int = 500) -> Article:
    """Let nobody have checked it for so long."""
    article.created_at = article.last_checked_at = database.now() - timedelta(days=days)
    db.session.commit()
    return article


def test_use_in_a_ticket_asks_whether_it_is_still_right(app: Flask, client: FlaskClient) -> None:
    ana, cem = make_agent(Licence.CONTRIBUTOR), make_agent(Licence.CANDIDATE)
    article, ticket = old(make_article(key="KB-7")), make_ticket()
    link_article(ticket, article, by=ana)
    address = f"/tickets/acme/{ticket.remote_id}"
    assert article.last_used_at is not None
    assert "Still right?" not in sign_in(client, cem).get(address).text, "asked only of who may say so"
    browser = sign_in(client, ana)
    assert "Still right?" in browser.get(address).text
    assert browser.post(f"{address}/confirmations", data={"article": "KB-7"}).status_code == 303
    assert "Still right?" not in browser.get(address).text
    db.session.expire_all()
    (row,) = db.session.execute(select(Activity).where(Activity.kind == "article.confirmed")).scalars()
    assert (row.article_id, row.ticket_id, row.agent_id) == (article.id, ticket.id, ana.id)
    assert article.last_checked_by_id == ana.id


@pytest.mark.parametrize(
    ("state", "days", "role"),
    [
        (ArticleState.VALIDATED, 300, LinkRole.RESOLUTION),
        (ArticleState.NOT_VALIDATED, 500, LinkRole.RESOLUTION),
        (ArticleState.VALIDATED, 500, LinkRole.REFERENCE),
    ],
)
def test_when_nobody_is_asked(
    app: Flask, client: FlaskClient, state: ArticleState, days: int, role: LinkRole
) -> None:
    ana, ticket = make_agent(), make_ticket()
    link_article(ticket, old(make_article(state), days), by=ana, role=role)
    assert "Still right?" not in sign_in(client, ana).get(f"/tickets/acme/{ticket.remote_id}").text


@pytest.mark.parametrize(("licence", "status"), [(Licence.CANDIDATE, 403), (Licence.CONTRIBUTOR, 200)])
def test_it_is_said_over_http_too(app: Flask, client: FlaskClient, licence: Licence, status: int) -> None:
    article, agent = old(make_article(key="KB-7")), make_agent(licence)
    answer = client.post("/api/v1/articles/KB-7/confirmations", headers=token_for(agent))
    assert answer.status_code == status
    db.session.expire_all()
    checked = article.last_checked_at is not None and article.last_checked_at > database.now() - timedelta(1)
    assert checked == (status == 200)
    if status == 200:
        assert answer.get_json()["trust"]["checked_by"] == agent.name
    unlinked = sign_in(client, agent).post(
        f"/tickets/acme/{make_ticket().remote_id}/confirmations", data={"article": "KB-7"}
    )
    assert unlinked.status_code in (303, 404)
