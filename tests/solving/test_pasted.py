"""Addresses pasted into replies become links, detected and correctable; nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs import database
from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.services import move_article, save_version
from kcs.database import db
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskStatus, DeskUser
from kcs.publishing.models import Publication, Target
from kcs.solving import queries, services
from kcs.solving.measuring import MEASURED
from kcs.solving.models import ExemptionReason, Link, LinkRole, LinkSource
from kcs.tickets.models import Connection, Ticket
from tests.factories import make_agent, make_article, make_connection, read_again, sign_in, token_for
from tests.fakes import FakeDesk, desk_agent
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence
from workflow.solve import KnowledgeState as S

HERE = "http://127.0.0.1:8080"
ANN = desk_agent("7", "ann@example.com")
NOBODY = desk_agent("9", "nobody@example.com")
CUSTOMER = DeskUser("u1", AuthorKind.REQUESTER, "Maria Lopez", "maria@example.com")
QUOTED = "Works now?\n\nOn Mon, 2 Mar 2026 at 09:00, Maria <maria@example.com> wrote:\n> see {url}\n"


@pytest.fixture
def ann(app: Flask) -> Agent:
    """An agent of ours who writes on the desk."""
    return make_agent(Licence.CONTRIBUTOR, email=ANN.email or "")


@pytest.fixture
def article(app: Flask) -> Article:
    """A published article, KB-1."""
    return make_article(ArticleState.PUBLISHED, key="KB-1")


@pytest.fixture
def connection(ann: Agent) -> Connection:
    """A desk."""
    return make_connection()


def after_reply(
    desk: FakeDesk, connection: Connection, body: str, author: DeskUser = ANN, *, public: bool = True
) -> Ticket:
    if "1" not in desk.tickets:
        desk.open_ticket("1")
    desk.reply("1", author, body, public=public)
    return read_again(desk, connection, "1")


@pytest.mark.parametrize(
    "body",
    [
        "See {here}/help/articles/KB-1.",
        "See [how to export]({here}/help/articles/KB-1), please.",
        '<p>See <a href="{here}/help/articles/KB-1?from=mail&amp;x=1#top">this</a></p>',
        "{here}/articles/KB-1/",
        "https://help.acme.example/hc/en-us/articles/360-Export-is-grey",
        "https://help.acme.example/hc/es/articles/360",
        "My words.\n\n" + QUOTED.replace("{url}", "nothing") + "\nAnd {here}/articles/KB-1",
    ],
)
def test_an_address_in_a_public_reply_is_a_detected_link(
    connection: Connection, desk: FakeDesk, ann: Agent, article: Article, body: str
) -> None:
    target = Target(connection_id=connection.id)
    db.session.add(target)
    db.session.flush()
    db.session.add(
        Publication(
            article_id=article.id,
            target_id=target.id,
            locale="en-us",
            remote_id="360",
            url="https://help.acme.example/hc/en-us/articles/360-Export",
            changed_at=database.now(),
        )
    )
    ticket = after_reply(desk, connection, body.replace("{here}", HERE))
    (link,) = queries.present_links(ticket)
    sent = desk.tickets["1"].messages[-1].created_at
    assert (link.article_id, link.role, link.source) == (article.id, LinkRole.RESOLUTION, LinkSource.PASTED)
    assert (link.agent_id, link.created_at, link.detected) == (ann.id, sent, True)
    assert ticket.knowledge_state is S.REUSE
    row = db.session.query(Activity).filter_by(kind="ticket.link").one()
    assert (row.authority, row.agent_id, row.happened_at) == (f"desk:{connection.id}", ann.id, sent)


@pytest.mark.parametrize(
    ("body", "author", "public"),
    [
        ("{here}/articles/KB-1", CUSTOMER, True),
        ("{here}/articles/KB-1", ANN, False),
        ("{here}/articles/KB-1", NOBODY, True),
        (QUOTED.replace("{url}", "{here}/articles/KB-1"), ANN, True),
        ("> {here}/articles/KB-1", ANN, True),
        ("{here}/articles/KB-404 {here}/articles/KB-9 {here}/articles/KB-8", ANN, True),
        ("{here}/articles {here}/articles/KB-1/edit {here}/help/", ANN, True),
        ("https://evil.example/articles/KB-1", ANN, True),
        ("https://help.acme.example/hc/en-us/articles/360", ANN, True),
    ],
    ids=["customer", "note", "no agent of ours", "quoted", "only quoted", "none to read", "no article",
         "elsewhere", "unknown help centre"],
)  # fmt: skip
def test_what_is_no_link(
    connection: Connection, desk: FakeDesk, article: Article, body: str, author: DeskUser, public: bool
) -> None:
    make_article(ArticleState.ARCHIVED, key="KB-9")
    gone = make_article(ArticleState.WIP, key="KB-8", author=make_agent())
    assert gone.author is not None
    move_article(gone, Move.DELETE, by=gone.author)
    ticket = after_reply(desk, connection, body.replace("{here}", HERE), author, public=public)
    assert queries.present_links(ticket) == []
    assert ticket.knowledge_state is S.CAPTURE


def test_words_that_lead_to_an_article_count_like_its_address(
    connection: Connection, desk: FakeDesk, article: Article
) -> None:
    desk.open_ticket("1")
    desk.reply("1", ANN, "See how to export.")
    *earlier, last = desk.tickets["1"].messages
    linked = replace(last, links=("mailto:x@example.com", f"{HERE}/help/articles/KB-1"))
    desk.tickets["1"] = replace(desk.tickets["1"], messages=(*earlier, linked))
    assert [each.detected for each in queries.present_links(read_again(desk, connection, "1"))] == [True]


def test_replies_and_status_changes_take_effect_in_the_order_they_happened(
    connection: Connection, desk: FakeDesk, article: Article
) -> None:
    desk.open_ticket("1")
    desk.reply("1", ANN, f"{HERE}/articles/KB-1")
    desk.set_status("1", DeskStatus.SOLVED, ANN)
    ticket = read_again(desk, connection, "1")
    assert (ticket.knowledge_state, ticket.came_from) == (S.ANSWERED, S.REUSE)
    desk.open_ticket("2")
    desk.set_status("2", DeskStatus.SOLVED, ANN)
    desk.reply("2", ANN, f"{HERE}/articles/KB-1")
    late = read_again(desk, connection, "2")
    acts = [
        (row.kind, row.before, row.after)
        for row in db.session.query(Activity).filter_by(ticket_id=late.id).order_by(Activity.id)
        if row.kind != MEASURED
    ]
    assert acts == [
        ("ticket.solve", "capture", "unanswered"),
        ("ticket.link", "unanswered", "answered"),
    ]


def test_reading_again_changes_nothing_and_never_overrules_a_person(
    connection: Connection, desk: FakeDesk, ann: Agent, article: Article
) -> None:
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-1 and {HERE}/help/articles/KB-1")
    (link,) = queries.present_links(ticket)
    read_again(desk, connection, "1")
    assert db.session.query(Link).count() == 1
    services.unlink(link, by=ann)
    ticket = after_reply(desk, connection, "Does it work?")
    assert (queries.present_links(ticket), ticket.knowledge_state) == ([], S.CAPTURE)
    desk.clock = database.now() + timedelta(minutes=5)
    ticket = after_reply(desk, connection, f"It was this after all: {HERE}/articles/KB-1")
    assert [each.detected for each in queries.present_links(ticket)] == [True]


def test_an_address_that_was_edited_away_keeps_its_link(
    connection: Connection, desk: FakeDesk, article: Article
) -> None:
    after_reply(desk, connection, f"{HERE}/articles/KB-1")
    *earlier, last = desk.tickets["1"].messages
    desk.tickets["1"] = replace(desk.tickets["1"], messages=(*earlier, replace(last, body="(removed)")))
    assert len(queries.present_links(read_again(desk, connection, "1"))) == 1


def test_a_ticket_said_to_need_none_stays_so_until_a_later_reply(
    connection: Connection, desk: FakeDesk, ann: Agent, article: Article
) -> None:
    desk.open_ticket("1")
    ticket = read_again(desk, connection, "1")
    services.exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=ann)
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-1")
    assert ticket.knowledge_state is S.EXEMPT
    desk.clock = database.now() + timedelta(minutes=5)
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-1")
    assert (ticket.knowledge_state, queries.present_exemption(ticket)) == (S.REUSE, None)


def test_the_version_is_the_one_that_was_live_when_the_reply_was_sent(
    connection: Connection, desk: FakeDesk, article: Article
) -> None:
    publisher = make_agent(Licence.PUBLISHER)
    moments = [database.now()]
    second = save_version(article, "Export is grey", {"resolution": "Restart."}, by=publisher, base=1)
    moments.append(database.now())
    move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
    moments.append(database.now())
    move_article(article, Move.WITHDRAW, by=publisher, reason="wrong")
    third = save_version(article, "Export is grey", {"resolution": "Reload."}, by=publisher, base=2)
    moments.append(database.now())
    given = []
    for number, sent in enumerate(moments):
        desk.open_ticket(str(number))
        desk.clock = sent - timedelta(minutes=1)
        desk.reply(str(number), ANN, f"{HERE}/articles/KB-1")
        (link,) = queries.present_links(read_again(desk, connection, str(number)))
        given.append(link.version.number)
    assert given == [1, 1, second.number, third.number]


def test_a_merged_articles_address_leads_to_where_its_text_went(
    connection: Connection, desk: FakeDesk, article: Article
) -> None:
    newer = make_article(key="KB-2")
    newer.merged_into_id = article.id
    db.session.flush()
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-2")
    assert [each.article.key for each in queries.present_links(ticket)] == ["KB-1"]


@pytest.mark.parametrize(
    ("detected", "role", "said"),
    [
        (True, "resolution", "KB-1 is confirmed."),
        (True, "reference", "KB-1 is kept as a reference."),
        (False, "resolution", "Linked KB-1."),
        (False, "reference", "KB-1 is kept as a reference."),
    ],
)
def test_what_is_said_of_a_link_is_what_was_done(
    client: FlaskClient,
    connection: Connection,
    desk: FakeDesk,
    ann: Agent,
    article: Article,
    detected: bool,
    role: str,
    said: str,
) -> None:
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-1" if detected else "Hello")
    address = f"/tickets/acme/{ticket.remote_id}/links"
    db.session.commit()
    form = {"article": "KB-1", "role": role}
    page = sign_in(client, ann).post(address, data=form, headers={"HX-Request": "true"}).text
    assert f'data-announce="{said}"' in page


def test_the_agent_confirms_corrects_or_drops_what_was_detected(
    client: FlaskClient, connection: Connection, desk: FakeDesk, ann: Agent, article: Article
) -> None:
    ticket = after_reply(desk, connection, f"{HERE}/articles/KB-1")
    db.session.commit()
    links = f"/api/v1/tickets/acme/{ticket.remote_id}/links"
    headers = token_for(ann)
    shown = client.get(f"/api/v1/tickets/acme/{ticket.remote_id}", headers=headers).json
    assert shown is not None
    assert [(each["source"], each["detected"]) for each in shown["links"]] == [("pasted", True)]
    page = sign_in(client, ann).get(f"/tickets/acme/{ticket.remote_id}").text
    assert "detected" in page
    assert "Not this one" in page
    right = client.post(links, json={"article": "KB-1"}, headers=headers).json
    assert right is not None
    assert (right["detected"], right["source"]) == (False, "pasted")
    assert db.session.query(Activity).filter_by(kind="link.confirmed").count() == 1
    reference = client.post(links, json={"article": "KB-1", "role": "reference"}, headers=headers).json
    assert reference is not None
    assert (reference["detected"], reference["delivered_version"]) == (False, right["delivered_version"])
    db.session.rollback()
    assert read_again(desk, connection, "1").knowledge_state is S.CAPTURE
