"""Two articles for one issue become one, and nothing that was counted, said or linked is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.flags import flag_article
from kcs.articles.merging import merge_articles
from kcs.articles.models import Article, Flag
from kcs.articles.queries import get_article
from kcs.articles.rendering import reader_html
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, MergedAway, NotAllowed, StaleVersion, WorkflowError
from kcs.improving.models import Feedback, Subscription
from kcs.improving.services import give_feedback, watch
from kcs.people.models import Agent
from kcs.search.models import SearchChange
from kcs.solving.models import Link, LinkRole
from kcs.solving.queries import present_links
from kcs.solving.services import draft_article, link_article, unlink
from tests.factories import make_agent, make_article, make_connection, make_ticket, sign_in, token_for
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Audience
from workflow.permissions import Governance, Licence, Role

R, F = LinkRole.RESOLUTION, LinkRole.REFERENCE
TEXT = {"issue": "Cannot export\nexport does nothing", "resolution": "Allow pop-ups. Then reload."}


@pytest.fixture
def publisher(app: Flask) -> Agent:
    """Somebody who may merge."""
    make_connection()
    return make_agent(Licence.PUBLISHER, email="pia@example.com")


def pair(
    newer: ArticleState = ArticleState.VALIDATED, older: ArticleState = ArticleState.VALIDATED
) -> tuple[Article, Article]:
    """Return a newer and an older article; ids grow with the newer being the first written here."""
    first, second = make_article(newer, key="KB-NEW"), make_article(older, key="KB-OLD")
    second.created_at = first.created_at - timedelta(days=2)
    db.session.commit()
    return first, second


def merge(newer: Article, older: Article, by: Agent) -> None:
    """Merge them under the text above."""
    base = older.current_version.number
    merge_articles(newer, older, "Export is grey", TEXT, by=by, base=base)
    db.session.commit()
    db.session.expire_all()


@pytest.mark.parametrize("turned", [False, True])
def test_the_newer_goes_into_the_older_whatever_the_order_given(publisher: Agent, turned: bool) -> None:
    newer, older = pair()
    ana = make_agent()
    newer.earlier_reuse, older.earlier_reuse = 2, 3
    newer.last_used_at = database.now()
    flag_article(newer, "wrong step", by=ana)
    give_feedback(newer, newer.current_version, comment="Which menu?", by=ana)
    watch(newer, by=ana)
    watch(newer, by=publisher)
    watch(older, by=publisher)
    db.session.commit()
    changes = db.session.execute(select(func.count()).select_from(SearchChange)).scalar_one()

    given = (older, newer) if turned else (newer, older)
    kept = merge_articles(*given, "Export is grey", TEXT, by=publisher, base=1)
    db.session.commit()
    db.session.expire_all()

    assert kept.id == older.id
    assert (older.title, older.current_version.parts["resolution"]) == ("Export is grey", TEXT["resolution"])
    assert older.current_version.note == "merged with KB-NEW"
    assert (newer.state, newer.merged_into_id) == (ArticleState.ARCHIVED, older.id)
    assert older.earlier_reuse == 5
    assert older.last_used_at is not None
    assert db.session.execute(select(Flag.article_id)).scalars().all() == [older.id]
    assert db.session.execute(select(Feedback.article_id)).scalars().all() == [older.id]
    watchers = db.session.execute(select(Subscription.article_id, Subscription.agent_id)).all()
    assert sorted(tuple(row) for row in watchers) == sorted([(older.id, ana.id), (older.id, publisher.id)])
    rows = db.session.execute(select(Activity).where(Activity.kind == "article.merged")).scalars().all()
    assert {row.article_id for row in rows} == {newer.id, older.id}
    assert {(row.detail["newer_id"], row.detail["into_id"], row.authority) for row in rows} == {
        (newer.id, older.id, "licence:publisher")
    }
    touched = db.session.execute(select(SearchChange.article_id).order_by(SearchChange.id)).scalars().all()
    assert set(touched[changes:]) == {newer.id, older.id}


# role of the present link to the newer, to the older; role of the one that is left, and which of them it is
LINKS = [
    (R, None, R, "newer"),
    (F, None, F, "newer"),
    (None, R, R, "older"),
    (R, R, R, "older"),
    (R, F, R, "newer"),
    (F, R, R, "older"),
    (F, F, F, "older"),
]


@pytest.mark.parametrize(("to_newer", "to_older", "left", "which"), LINKS)
def test_a_ticket_keeps_one_link_the_stronger_with_what_was_delivered(
    publisher: Agent,
    to_newer: LinkRole | None,
    to_older: LinkRole | None,
    left: LinkRole,
    which: str,
) -> None:
    newer, older = pair()
    ticket, other = make_ticket(solved_by="ana@example.com"), make_ticket()
    made: dict[str, Link] = {}
    for name, article, role in (("newer", newer, to_newer), ("older", older, to_older)):
        if role is not None:
            made[name] = link_article(ticket, article, by=publisher, role=role)
    removed = link_article(other, newer, by=publisher)
    unlink(removed, by=publisher)
    db.session.commit()
    state, delivered = ticket.knowledge_state, made[which].version_id

    merge(newer, older, publisher)

    (link,) = present_links(ticket)
    assert (link.id, link.article_id, link.role, link.version_id) == (
        made[which].id,
        older.id,
        left,
        delivered,
    )
    assert ticket.knowledge_state is state
    assert present_links(other) == []
    taken = db.session.execute(
        select(Activity).where(Activity.kind == "ticket.unlink", Activity.ticket_id == ticket.id)
    )
    assert [row.link_id for row in taken.scalars()] == [
        each.id for name, each in made.items() if name != which
    ]
    unlink(link, by=publisher)
    db.session.commit()
    assert present_links(ticket) == []


def test_the_figures_before_and_after_are_the_same_to_the_last_digit(
    publisher: Agent, client: FlaskClient, desk: FakeDesk
) -> None:
    newer, older = pair()
    ana = make_agent(email="ana@example.com")
    for links in (
        [(newer, R)],
        [(older, R)],
        [(newer, R), (older, R)],
        [(newer, F), (older, R)],
        [(newer, R), (older, F)],
        [(newer, F)],
        [],
    ):
        ticket = make_ticket(desk, solved_by=ana.email)
        for article, role in links:
            link_article(ticket, article, by=ana, role=role)
    drafted = draft_article(make_ticket(desk, solved_by=ana.email), by=ana)
    db.session.commit()
    headers = token_for(make_agent(None, [Role.MANAGER]))
    query = "/api/v1/reports/link-rate?from=2026-03-01&to=2026-03-31&by=agent"

    def figures(as_of: str) -> list[list[object]]:
        answer = client.get(f"{query}&as_of={as_of}" if as_of else query, headers=headers)
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        names = ("label", "solved", "linked", "exempt", "unanswered", "link_rate")
        return [[row[name] for name in names] for row in (*body["rows"], body["total"])]

    before = figures("")
    assert before[-1][1:3] == [8, 6]
    moment = client.get(query, headers=headers).get_json()["as_of"]
    merge(newer, older, publisher)
    merge(drafted, older, publisher)
    assert figures("") == before
    assert figures(moment.replace("+", "%2B")) == before
    assert trust_of([older], now=database.now())[older.id].solved == 5


# who, state of the newer, of the older, governance of the older, what refuses it
REFUSED: list[tuple[Licence | None, Role | None, ArticleState, ArticleState, str, type[KcsError]]] = [
    (Licence.CONTRIBUTOR, None, ArticleState.VALIDATED, ArticleState.VALIDATED, "experience", NotAllowed),
    (None, Role.COACH, ArticleState.VALIDATED, ArticleState.VALIDATED, "experience", NotAllowed),
    (Licence.PUBLISHER, None, ArticleState.VALIDATED, ArticleState.VALIDATED, "compliance", NotAllowed),
    (Licence.PUBLISHER, None, ArticleState.ARCHIVED, ArticleState.VALIDATED, "experience", WorkflowError),
    (Licence.PUBLISHER, None, ArticleState.VALIDATED, ArticleState.ARCHIVED, "experience", WorkflowError),
]


@pytest.mark.parametrize(("licence", "role", "newer_state", "older_state", "governance", "refused"), REFUSED)
def test_what_is_not_merged(
    app: Flask,
    licence: Licence | None,
    role: Role | None,
    newer_state: ArticleState,
    older_state: ArticleState,
    governance: str,
    refused: type[KcsError],
) -> None:
    newer, older = pair(newer_state, older_state)
    older.governance = Governance(governance)
    by = make_agent(licence, [role] if role else [])
    db.session.commit()
    with pytest.raises(refused):
        merge(newer, older, by)
    db.session.rollback()
    assert (newer.merged_into_id, older.current_version.number) == (None, 1)


def test_nobody_is_overwritten_and_nothing_merged_with_itself(publisher: Agent) -> None:
    newer, older = pair()
    for stale in ({"base": 0}, {"base": 1, "newer_base": 7}):
        with pytest.raises(StaleVersion):
            merge_articles(newer, older, "Title", TEXT, by=publisher, **stale)
        db.session.rollback()
    with pytest.raises(InvalidInput):
        merge_articles(older, older, "Title", TEXT, by=publisher, base=1)


def test_old_addresses_lead_to_where_the_text_is_now(publisher: Agent, client: FlaskClient) -> None:
    newest = make_article(ArticleState.VALIDATED, key="KB-NEWEST")
    newer, older = pair(ArticleState.PUBLISHED, ArticleState.PUBLISHED)
    newest.created_at = newer.created_at + timedelta(days=1)
    db.session.commit()
    merge(newest, newer, publisher)
    merge(newer, older, publisher)
    browser, headers = sign_in(client, publisher), token_for(publisher)
    linked = make_article(parts={"resolution": "See [there](article:KB-NEWEST)."})
    assert "/help/articles/KB-NEWEST" in reader_html(linked.current_version, Audience.PUBLIC)
    for key in ("KB-NEW", "KB-NEWEST"):
        for place in ("/articles/", "/help/articles/"):
            answer = browser.get(place + key)
            assert (answer.status_code, answer.headers["Location"]) == (301, f"{place}KB-OLD")
        answer = browser.get(f"/api/v1/articles/{key}", headers=headers)
        assert (answer.status_code, answer.get_json()["errors"]) == (404, {"merged_into": ["KB-OLD"]})
        with pytest.raises(MergedAway):
            get_article(key, publisher)
    assert older.live_version_id is not None
    assert newer.live_version_id is None
    assert TEXT["resolution"] not in browser.get("/help/articles/KB-OLD").text, (
        "published anew, not behind anyone's back"
    )


def test_the_page_shows_both_texts_and_merges_what_was_written(publisher: Agent, client: FlaskClient) -> None:
    _, older = pair()
    browser = sign_in(client, publisher)
    assert "Key of the article to merge it with" in browser.get("/articles/merge?left=KB-NEW").text
    address = "/articles/merge?left=KB-OLD&right=KB-NEW"
    page = browser.get(address).text
    assert "Merge KB-NEW into KB-OLD" in page
    sent = {"title": "Export is grey", "part-resolution": "Both.", "base": "1", "newer_base": "1"}
    stale = browser.post(address, data={**sent, "base": "0"})
    assert (stale.status_code, "Both." in stale.text) == (409, True)
    assert browser.post(address, data=sent).headers["Location"] == "/articles/KB-OLD"
    db.session.expire_all()
    assert older.current_version.parts["resolution"] == "Both."
