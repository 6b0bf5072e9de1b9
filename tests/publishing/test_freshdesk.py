"""Publishing to Freshdesk's solutions over HTTP: who reads a folder, and articles made anew in another."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import PIL.Image
import pytest
from flask import Flask
from sqlalchemy import select

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.solutions import AGENT
from integrations.freshdesk.emulator.solutions_records import Folder
from integrations.freshdesk.provider import FreshdeskProvider
from kcs.admin.connection_checks import steps_of
from kcs.adopting.models import Taken
from kcs.adopting.queries import counts_of
from kcs.adopting.services import Adopter, begin
from kcs.articles import services as articles
from kcs.articles.addresses import keys_in
from kcs.articles.images import import_image
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.markup import IMAGE_LINK
from kcs.publishing.deciding import decide
from kcs.publishing.looking import Lookout
from kcs.publishing.models import (
    Decision,
    Drift,
    DriftKind,
    MovedArticle,
    Publication,
    PublicationState,
    Target,
)
from kcs.publishing.places import keep_offer
from kcs.publishing.placing import rules_of
from kcs.publishing.rules import Rule, remove_rule, save_rule
from kcs.publishing.services import look_again
from kcs.tickets.accounts import credentials_of
from kcs.tickets.services import add_connection
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, sign_in
from tests.publishing.conftest import Press, publication
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Role

PAGE = "/admin/connections/acme/publishing"


@pytest.fixture
def freshdesk() -> Emulator:
    """The account, which tells how many calls it allows."""
    made = Emulator()
    made.limits.on()
    return made


@pytest.fixture
def folder(freshdesk: Emulator) -> Folder:
    """Where every public article goes."""
    return freshdesk.solutions.add_folder("Answers")


@pytest.fixture
def app(make_app: AppMaker, freshdesk: Emulator, folder: Folder) -> Iterator[Flask]:
    """An app whose target is a folder of the account."""
    app = make_app({"freshdesk": FreshdeskProvider()})
    with EmulatorServer(freshdesk) as server, app.app_context():
        connection = add_connection(
            "acme", provider="freshdesk", subdomain="acme", token=freshdesk.key, api_base=server.api_base
        )
        settings = {"folder_id": str(folder.id)}
        target = Target(connection_id=connection.id, locale="en", settings=settings)
        db.session.add(target)
        db.session.commit()
        ask_anew(app)
        yield app


def ask_anew(app: Flask) -> None:
    """Ask the account what it offers, as saving the page does."""
    offered = app.extensions["kcs.publishing_places"].offered_by(
        the_target().connection, the_target(), anew=True
    )
    assert not offered.problem
    keep_offer(the_target(), offered)
    db.session.commit()


def the_target() -> Target:
    return db.session.execute(select(Target)).scalar_one()


def rule(app: Flask, audience: Audience, folder: Folder) -> int:
    """Have an administrator say that articles for an audience go to a folder; return the rule's number."""
    ask_anew(app)
    admin = make_agent(None, [Role.ADMIN])
    made = save_rule(the_target(), Rule("", audience, "", {"folder_id": str(folder.id)}), by=admin)
    db.session.commit()
    return made.id


def shown(freshdesk: Emulator) -> dict[str, str]:
    """Return, by title, the folder in which agents are shown an article."""
    solutions = freshdesk.solutions
    return {
        text[0]: solutions.folders[each.folder_id].name
        for each in solutions.articles.values()
        if (text := solutions.shown(each.id, viewer=AGENT)) is not None
    }


# Who may read it


def test_an_article_for_colleagues_goes_out_by_a_rule_of_its_own_alone(
    app: Flask, press: Press, freshdesk: Emulator
) -> None:
    inside = make_article(title="Restart the cluster")
    make_article(ArticleState.NOT_VALIDATED, title="Perhaps so")
    db.session.commit()
    inside_id = inside.id
    press.move(inside_id, Move.DOUBT)
    press.move(inside_id, Move.VALIDATE)
    press.work()
    assert freshdesk.solutions.articles == {}
    number = rule(app, Audience.INTERNAL, freshdesk.solutions.add_folder("Runbooks", visibility=3))
    for _ in range(2):
        press.work()
    assert shown(freshdesk) == {"Restart the cluster": "Runbooks"}
    assert freshdesk.solutions.shown(publication().remote_id or "") is None
    press.move(inside_id, Move.DOUBT)
    press.work()
    assert shown(freshdesk) == {}
    press.move(inside_id, Move.VALIDATE)
    press.work()
    assert shown(freshdesk) == {"Restart the cluster": "Runbooks"}
    remove_rule(the_target(), number, by=press.by)
    db.session.commit()
    for _ in range(2):
        press.work()
    assert shown(freshdesk) == {}
    assert "Perhaps so" not in str(freshdesk.solutions.sent)


@pytest.mark.parametrize("opened", ["before the first time", "a second ago"])
def test_an_article_for_colleagues_is_refused_where_everybody_reads(
    app: Flask, press: Press, freshdesk: Emulator, article: int, opened: str
) -> None:
    runbooks = freshdesk.solutions.add_folder("Runbooks", visibility=3)
    rule(app, Audience.INTERNAL, runbooks)
    if opened == "a second ago":
        for _ in range(2):
            press.work()
        assert shown(freshdesk) != {}
    sent = len(freshdesk.solutions.sent)
    freshdesk.solutions.show_folder_to(runbooks, 1)
    freshdesk.advance(timedelta(seconds=1))
    press.edit(article, "The password of the cluster is in the safe.")
    for _ in range(2):
        press.work()
    found = publication()
    assert (found.state, found.shown) == (PublicationState.FAILED, False)
    assert "Runbooks" in found.problem
    assert "All users" in found.problem
    assert "safe" not in str(freshdesk.solutions.sent)
    assert shown(freshdesk) == {}, "what they saw of it already is taken from them"
    assert all(set(body) == {"status"} for _, _, body in freshdesk.solutions.sent[sent:])
    freshdesk.solutions.show_folder_to(runbooks, 3)
    press.edit(article, "The password of the cluster is with Ann.")
    press.work()
    assert list(shown(freshdesk).values()) == ["Runbooks"]
    assert publication().state is PublicationState.LIVE


def test_the_hourly_look_takes_back_what_a_folder_shows_to_more_by_now(
    app: Flask, press: Press, freshdesk: Emulator, article: int
) -> None:
    runbooks = freshdesk.solutions.add_folder("Runbooks", visibility=3)
    rule(app, Audience.INTERNAL, runbooks)
    for _ in range(2):
        press.work()
    look_hourly(app, press)
    assert list(shown(freshdesk).values()) == ["Runbooks"]
    freshdesk.solutions.show_folder_to(runbooks, 1)
    freshdesk.advance(timedelta(seconds=1))
    look_hourly(app, press)
    assert shown(freshdesk) == {}
    found = publication()
    assert (found.state, found.shown) == (PublicationState.FAILED, False)
    assert "All users" in found.problem


def look_hourly(app: Flask, press: Press) -> None:
    app.extensions["kcs.lookout"].poll()
    for _ in range(2):
        press.work()


@pytest.mark.parametrize(
    ("visibility", "answers", "status", "says"),
    [
        (3, True, 303, ""),
        (1, True, 422, "All users"),
        (2, True, 422, "Logged in users"),
        (1, False, 303, ""),
    ],
)
def test_the_form_refuses_a_rule_whose_folder_shows_more_than_it_is_for(
    app: Flask, freshdesk: Emulator, visibility: int, answers: bool, status: int, says: str
) -> None:
    """Where the account cannot be asked the rule is kept: it is asked before anything is sent."""
    runbooks = freshdesk.solutions.add_folder("Runbooks", visibility=visibility)
    ask_anew(app)
    client = app.test_client()
    sign_in(client, make_agent(None, [Role.ADMIN]))
    if not answers:
        freshdesk.faults.add("/api/v2/solutions/", status=503, times=99)
    form = {"audience": "internal", "rule-set-folder_id": str(runbooks.id)}
    answer = client.post(f"{PAGE}/rules", data=form)
    assert answer.status_code == status
    assert says in answer.text
    assert len(rules_of(the_target())) == (status == 303)


@pytest.mark.parametrize("opened", [False, True])
def test_the_check_names_a_place_open_to_more_than_its_rule_is_for(
    app: Flask, freshdesk: Emulator, opened: bool
) -> None:
    runbooks = freshdesk.solutions.add_folder("Runbooks", visibility=3)
    rule(app, Audience.INTERNAL, runbooks)
    if opened:
        freshdesk.solutions.show_folder_to(runbooks, 1)
        freshdesk.advance(timedelta(seconds=1))
    known = (app.extensions["kcs.providers"], "https://kcs.example.com", app.extensions["kcs.arrived"])
    (readers,) = [each for each in steps_of(the_target().connection, *known) if ", readers " in each.name]
    db.session.rollback()
    seen = readers.take()
    assert (seen.ok, "All users" in seen.said) == (not opened, opened)


def test_a_rule_for_colleagues_needs_a_folder_and_a_help_centre_that_guards_it(
    app: Flask, press: Press
) -> None:
    admin = make_agent(None, [Role.ADMIN])
    with pytest.raises(InvalidInput):
        save_rule(the_target(), Rule("", Audience.INTERNAL, "", {}), by=admin)
    the_target().offered = {"readers": "folder_id"}
    with pytest.raises(InvalidInput) as refused:
        save_rule(the_target(), Rule("", Audience.INTERNAL, "", {"folder_id": "1"}), by=admin)
    assert "audience" in refused.value.errors


def test_the_page_offers_folders_with_who_reads_them_and_colleagues(app: Flask, freshdesk: Emulator) -> None:
    freshdesk.solutions.add_folder("Runbooks", visibility=3)
    ask_anew(app)
    the_target().settings = {}
    admin = make_agent(None, [Role.ADMIN])
    db.session.commit()
    client = app.test_client()
    sign_in(client, admin)
    page = client.get(PAGE).text
    for words in (
        "Folder, and with it who may read it there",
        "General &gt; Runbooks (Agents)",
        "Colleagues",
    ):
        assert words in page
    assert "Not chosen yet" in page


# Another folder


def test_an_article_made_anew_elsewhere_keeps_its_old_address_here(
    app: Flask, press: Press, freshdesk: Emulator, article: int
) -> None:
    press.publish(article)
    key = db.session.get_one(Article, article).key
    other = make_article(
        title="See the other",
        parts={"issue": "x", "environment": "y", "resolution": f"As [it](article:{key}) says."},
    )
    db.session.commit()
    other_id = other.id
    press.publish(other_id)
    press.work()
    old_url, old_id = of(article).url, of(article).remote_id
    assert old_url is not None
    assert old_url in str([each.texts["en"].description for each in freshdesk.solutions.articles.values()])
    rule(app, Audience.PUBLIC, freshdesk.solutions.add_folder("Elsewhere"))
    for _ in range(3):
        press.work()
    after = of(article)
    assert after.remote_id != old_id
    assert set(shown(freshdesk).values()) == {"Elsewhere"}
    assert len(shown(freshdesk)) == 2
    linking = freshdesk.solutions.shown(of(other_id).remote_id or "")
    assert linking is not None
    assert f'href="{after.url}"' in linking[1]
    assert [keys_in(f"See {url}-title.") for url in (old_url, after.url)] == [[key], [key]]
    kept = db.session.execute(select(MovedArticle).where(MovedArticle.article_id == article)).scalar_one()
    assert (kept.remote_id, kept.url) == (old_id, old_url)
    client = app.test_client()
    sign_in(client, press.by)
    assert old_url in client.get(f"/articles/{key}").text
    assert db.session.execute(select(Drift)).first() is None


def of(article_id: int) -> Publication:
    db.session.expire_all()
    query = select(Publication).where(Publication.article_id == article_id)
    return db.session.execute(query).scalar_one()


BROKEN_OFF = {
    "when it is made anew": ("POST", 0),
    "when the old one names the new one": ("PUT", 0),
    "when the new one is shown": ("PUT", 1),
    "when the old one is hidden": ("PUT", 2),
}


@pytest.mark.parametrize("when", BROKEN_OFF)
def test_a_move_broken_off_anywhere_ends_as_one_readable_article(
    app: Flask, press: Press, freshdesk: Emulator, article: int, when: str
) -> None:
    press.publish(article)
    press.work()
    rule(app, Audience.PUBLIC, freshdesk.solutions.add_folder("Elsewhere"))
    method, before = BROKEN_OFF[when]
    for _ in range(before):
        freshdesk.faults.add("/solutions/articles", method="PUT", status=200)
    freshdesk.faults.add("/solutions/", method=method, status=502, after_effect=True)
    press.work()
    press.work()
    assert len(shown(freshdesk)) >= 1
    freshdesk.faults.clear()
    for _ in range(2):
        press.work()
    assert list(shown(freshdesk).values()) == ["Elsewhere"]
    assert publication().state is PublicationState.LIVE
    assert db.session.execute(select(Drift)).first() is None


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.CUSTOMER])
def test_pictures_are_shown_from_here_to_everybody_and_to_nobody_else(
    app: Flask, press: Press, freshdesk: Emulator, article: int, audience: Audience
) -> None:
    rule(app, audience, freshdesk.solutions.add_folder("Guides", visibility=2))
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (3, 3), "red").save(buffer, "PNG")
    name = import_image(buffer.getvalue()).name
    db.session.commit()
    press.edit(article, f"![A red square]({IMAGE_LINK}{name})")
    press.publish(article, audience)
    for _ in range(2):
        press.work()
    if audience is Audience.PUBLIC:
        [text] = [each.texts["en"] for each in freshdesk.solutions.articles.values()]
        assert f'/help/images/{name}"' in text.description
    else:
        assert shown(freshdesk) == {}
        assert "keeps no pictures" in publication().problem


# Edits there, and taking over


def test_an_edit_there_is_found_and_not_written_over(
    app: Flask, press: Press, freshdesk: Emulator, article: int
) -> None:
    press.publish(article)
    press.work()
    lookout = Lookout({"freshdesk": FreshdeskProvider()})
    lookout.poll()
    freshdesk.advance(timedelta(hours=1))
    freshdesk.solutions.edit(publication().remote_id or "", "en", "Theirs", "<p>Theirs.</p>")
    lookout.poll()
    press.work()
    assert db.session.execute(select(Drift)).scalar_one().kind is DriftKind.EDITED
    press.edit(article, "Ours.")
    press.publish(article)
    press.work()
    assert shown(freshdesk) == {"Theirs": "Answers"}


@pytest.mark.parametrize("decision", [Decision.TAKE_THEIRS, Decision.KEEP_OURS])
def test_an_edit_of_an_article_for_colleagues_is_decided_like_any_other(
    app: Flask, press: Press, freshdesk: Emulator, article: int, decision: Decision
) -> None:
    rule(app, Audience.INTERNAL, freshdesk.solutions.add_folder("Runbooks", visibility=3))
    for _ in range(2):
        press.work()
    remote_id = publication().remote_id or ""
    held = freshdesk.solutions.articles[int(remote_id)].texts["en"]
    edited = held.description.replace("Allow pop-ups.", "Allow all windows.")
    freshdesk.solutions.edit(remote_id, "en", held.title, edited)
    look_again(the_target().connection_id, remote_id)
    db.session.commit()
    press.work()
    drift = db.session.execute(select(Drift)).scalar_one()
    decide(drift, decision, by=press.by, seen=drift.fingerprint)
    db.session.commit()
    for _ in range(2):
        press.work()
    words = "Allow all windows." if decision is Decision.TAKE_THEIRS else "Allow pop-ups."
    assert db.session.get_one(Article, article).current_version.parts["resolution"] == words
    shown_there = freshdesk.solutions.shown(remote_id, viewer=AGENT)
    assert shown_there is not None
    assert words in shown_there[1]
    assert publication().state is PublicationState.LIVE


def test_a_knowledge_base_is_taken_over_and_kept_in_step(
    app: Flask, press: Press, freshdesk: Emulator, folder: Folder
) -> None:
    solutions = freshdesk.solutions
    outside = solutions.add_article(
        folder, "For all", "<p>Allow pop-ups.</p>", tags=["export"], thumbs=(3, 1)
    )
    solutions.write_text(
        outside, "es", {"title": "Para todos", "description": "<p>Permita.</p>", "status": 2}
    )
    runbooks = solutions.add_folder("Runbooks", visibility=3)
    inside = solutions.add_article(runbooks, "For agents", "<p>Restart.</p>")
    solutions.add_article(folder, "Not yet", "<p>Draft.</p>", status=1)
    connection = the_target().connection
    credentials = credentials_of(connection, FreshdeskProvider())
    centre = FreshdeskProvider().help_centre(credentials, the_target().settings)
    adoption = begin(the_target(), in_background=False)
    db.session.commit()
    while not Adopter(adoption.id, centre).next_page():
        pass
    assert counts_of(the_target()) == {Taken.OUTSIDE: 2, Taken.INSIDE: 1, Taken.DRAFT: 1}
    assert solutions.sent == []
    by_title = {
        each.current_version.title: each for each in db.session.execute(select(Article)).scalars().all()
    }
    assert by_title["Para todos"].translation_of_id == by_title["For all"].id
    assert by_title["For agents"].audience is Audience.INTERNAL
    taken, agents_own = by_title["For all"].id, by_title["For agents"].id
    parts = dict(by_title["For all"].current_version.parts)
    press.work()
    assert solutions.sent == []
    rewrite(press, taken, {**parts, "body": "Restart the browser."})
    press.publish(taken)
    press.work()
    text = solutions.shown(outside.id)
    assert text is not None
    assert "Restart the browser." in text[1]
    rule(app, Audience.INTERNAL, runbooks)
    for _ in range(2):
        press.work()
    assert shown(freshdesk)["For agents"] == "Runbooks"
    assert f"kcs-{agents_own}" in inside.tags
    assert len(solutions.articles) == 3


def rewrite(press: Press, article_id: int, parts: dict[str, str]) -> None:
    """Write a new version."""
    article = db.session.get_one(Article, article_id)
    title, number = article.current_version.title, article.current_version.number
    articles.save_version(article, title, parts, by=press.by, base=number)
    db.session.commit()
