"""Visits of the help centre: what is counted of whom, what is kept and for how long, and what never fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from kcs import database
from kcs.activity.visits import QUIET
from kcs.database import db
from kcs.improving import visiting
from kcs.improving.models import ArticleViews, Ended, Feedback, HelpVisit
from kcs.improving.visits import Did, Step, forget_keys, keep_steps
from kcs.search.models import SearchLog
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, sign_in
from workflow.article import ArticleState
from workflow.permissions import Licence

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CONTACT = "https://acme.example.com/requests/new"
UTC = ZoneInfo("UTC")


@pytest.fixture
def site(make_app: AppMaker) -> Flask:
    """A help centre with two articles and a page where one asks a person."""
    app = make_app()
    app.config["KCS"] = replace(app.config["KCS"], help_centre_contact=CONTACT)
    with app.app_context():
        author = make_agent()
        make_article(ArticleState.PUBLISHED, title="Printer jams", key="KB-1", author=author)
        make_article(ArticleState.PUBLISHED, title="Export is grey", key="KB-2", author=author)
        db.session.commit()
    return app


def visitor(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = BROWSER
    return browser


def visits(app: Flask) -> list[HelpVisit]:
    with app.app_context():
        return list(db.session.execute(select(HelpVisit).order_by(HelpVisit.id)).scalars())


def views(app: Flask) -> list[tuple[int, str, int]]:
    with app.app_context():
        rows = db.session.execute(select(ArticleViews).order_by(ArticleViews.article_id, ArticleViews.reader))
        return [(row.article_id, row.reader, row.number) for row in rows.scalars()]


def get(browser: FlaskClient, path: str, **headers: str) -> TestResponse:
    """Ask for a page to its end: what is counted is written when the answer is sent."""
    return browser.get(path, buffered=True, headers=headers)


def link_in(page: str, path: str) -> str:
    found = re.search(rf'href="({path}[^"]*)"', page)
    assert found, page
    return found[1]


def form_of(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_what_one_visitor_does_is_one_visit(site: Flask) -> None:
    browser = visitor(site)
    get(browser, "/help/?q=nothing+like+that")
    results = get(browser, "/help/?q=printer").text
    plain = get(browser, link_in(results, "/help/articles/KB-1")).location
    page = get(browser, plain).text
    browser.post("/help/articles/KB-1/feedback", data={"form": form_of(page), "helpful": "no"}, buffered=True)
    answer = get(browser, link_in(results, r"/help/contact\?from="))
    assert (answer.status_code, answer.location) == (302, CONTACT)
    get(visitor(site), "/help/articles/KB-2")  # somebody else

    first, second = visits(site)
    assert (first.searches, first.null_searches, first.opened, first.views) == (2, 1, 1, 1)
    assert (first.helpful, first.unhelpful, first.escalated) == (0, 1, 1)
    assert (first.ended, first.article_id) == (Ended.ARTICLE, 1)
    assert (second.searches, second.views, second.escalated, second.article_id) == (0, 1, 0, 2)
    assert views(site) == [(1, "visitor", 1), (2, "visitor", 1)]
    with site.app_context():  # the search itself, too, is known to have led to a person
        asked = select(SearchLog.words).where(SearchLog.asked_at.is_not(None))
        assert list(db.session.execute(asked).scalars()) == ["printer"]


# Who comes to an article, what they send, and how many visits and views that makes.
WHO: list[tuple[str, dict[str, str], int]] = [
    ("a person", {}, 1),
    ("a telephone that is called like a robot", {"User-Agent": "Mozilla/5.0 (Linux; CUBOT KINGKONG)"}, 1),
    ("who sends DNT: 0", {"DNT": "0"}, 1),
    ("who does not want to be followed", {"DNT": "1"}, 0),
    ("whose browser says so", {"Sec-GPC": "1"}, 0),
    ("a browser that looks ahead", {"Sec-Purpose": "prefetch"}, 0),
    ("a search engine", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 0),
    ("another", {"User-Agent": "Mozilla/5.0 (compatible; YandexBot/3.0; +http://example.com)"}, 0),
    ("a program", {"User-Agent": "curl/8.5.0"}, 0),
    ("a library", {"User-Agent": "python-requests/2.32"}, 0),
    ("a browser without a face", {"User-Agent": "Mozilla/5.0 HeadlessChrome/140.0"}, 0),
    ("who does not say what it is", {"User-Agent": ""}, 0),
]


def test_whose_visit_is_counted(site: Flask) -> None:
    for who, headers, counted in WHO:
        before = len(visits(site)), sum(number for *_, number in views(site))
        answer = get(visitor(site), "/help/articles/KB-1", **headers)
        assert answer.status_code == 200, who
        after = len(visits(site)), sum(number for *_, number in views(site))
        assert after == (before[0] + counted, before[1] + counted), who
        assert len(answer.headers.getlist("Set-Cookie")) == counted, who


def test_a_colleague_is_no_visitor_but_their_reading_is_counted_inside(site: Flask) -> None:
    with site.app_context():
        ana = make_agent(Licence.PUBLISHER)
        bob = make_agent(None)
        browsers = [sign_in(visitor(site), each) for each in (ana, bob)]
    for browser in browsers:
        get(browser, "/help/articles/KB-1")
        get(browser, "/articles/KB-1")
    get(browsers[0], "/articles/KB-1")
    get(browsers[0], "/articles/KB-9")  # there is none
    assert visits(site) == []
    assert views(site) == [(1, "publisher", 2), (1, "unlicensed", 1)]


# Which page sets the cookie of a visit, asked for as the first.
SETS = {
    "/help/": False,
    "/help/?q=-printer": False,  # asks for nothing
    "/help/articles/none": False,
    "/help/?q=printer": True,
    "/help/articles/KB-1": True,
}


def test_no_cookie_before_there_is_something_to_count(site: Flask) -> None:
    for page, sets in SETS.items():
        assert bool(get(visitor(site), page).headers.getlist("Set-Cookie")) is sets, page


def test_the_cookie_is_random_short_lived_and_for_the_help_centre_alone(make_app: AppMaker) -> None:
    app = make_app(BASE_URL="https://kcs.example.com")
    with app.app_context():
        make_article(ArticleState.PUBLISHED, key="KB-1", author=make_agent())
        db.session.commit()
    values = set()
    for _ in range(2):
        answer = visitor(app).get("/help/articles/KB-1", base_url="https://kcs.example.com", buffered=True)
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Secure-kcs-visit"]
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/help", "", "1800")
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        values.add(cookie.value)
    assert len(values) == 2
    kept = {row.key for row in visits(app)}
    assert len(kept) == 2
    assert not kept & values  # a digest that needs our key


def test_nothing_of_a_visitor_is_kept(site: Flask) -> None:
    """The tables have no column for an address, a browser or a person."""
    assert {column.key for column in inspect(HelpVisit).columns} == {
        *("id", "key", "began_at", "last_at", "searches", "null_searches", "views", "opened"),
        *("helpful", "unhelpful", "escalated", "ended", "article_id"),
    }
    assert {column.key for column in inspect(ArticleViews).columns} == {
        *("id", "article_id", "day", "reader", "number")
    }


def quiet_for(app: Flask, time: timedelta) -> None:
    with app.app_context():
        db.session.execute(update(HelpVisit).values(last_at=database.now() - time))
        db.session.commit()


def test_after_half_an_hour_of_quiet_it_is_another_visit_and_the_first_cannot_be_found_again(
    site: Flask,
) -> None:
    browser = visitor(site)
    get(browser, "/help/articles/KB-1")
    quiet_for(site, QUIET - timedelta(minutes=1))
    get(browser, "/help/articles/KB-2")
    assert [row.views for row in visits(site)] == [2]
    quiet_for(site, QUIET)
    get(browser, "/help/articles/KB-2")  # a browser that kept the cookie for too long
    assert [(row.views, row.key is None) for row in visits(site)] == [(2, True), (1, False)]

    with site.app_context():
        assert forget_keys() == 0  # it is not over yet
    quiet_for(site, QUIET)
    chore = next(each for each in site.extensions["kcs.chores"] if each.name == "visits.forget")
    with site.app_context():
        assert (chore.work(), chore.work()) == (1, 0)
    assert [row.key for row in visits(site)] == [None, None]


def test_where_nobody_can_be_asked_nothing_is_said_of_asking(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        make_article(ArticleState.PUBLISHED, key="KB-1", author=make_agent())
        db.session.commit()
    browser = visitor(app)
    page = get(browser, "/help/articles/KB-1")
    assert "/help/contact" not in page.text
    assert get(browser, "/help/contact").status_code == 404
    assert [row.escalated for row in visits(app)] == [None]


def broken(*_steps: object, **_settings: object) -> None:
    raise OperationalError("INSERT", {}, OSError("database is locked"))


def test_a_page_is_read_although_it_cannot_be_counted_and_is_counted_later(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visitor(site)
    with monkeypatch.context() as patched:
        patched.setattr(visiting, "keep_steps", broken)
        page = get(browser, "/help/articles/KB-1")
        assert page.status_code == 200
        given = {"form": form_of(page.text), "helpful": "yes"}
        assert browser.post("/help/articles/KB-1/feedback", data=given, buffered=True).status_code == 303
    with site.app_context():
        assert [row.helpful for row in db.session.execute(select(Feedback)).scalars()] == [True]
    assert visits(site) == []
    get(browser, "/help/articles/KB-2")
    assert [(row.views, row.helpful, row.article_id) for row in visits(site)] == [(2, 1, 2)]


def test_a_step_waits_for_a_minute_at_most_and_for_nobody_who_writes(site: Flask) -> None:
    def hold(act: Callable[[], None]) -> None:
        """Act while another transaction holds the visit's row, or on SQLite the database."""
        with database.db.engine.connect() as other:
            other.execute(update(HelpVisit).values(views=HelpVisit.views))
            act()
            other.rollback()

    with site.app_context():
        steps = [Step(Did.VIEWED, "a", "KB-1")]
        keep_steps(steps, zone=UTC, asks=True)

        def refused() -> None:
            with pytest.raises(OperationalError):
                keep_steps(steps, zone=UTC, asks=True)

        hold(refused)
        old = Step(Did.VIEWED, "a", "KB-1", noted=steps[0].noted - 61)
        keep_steps([old], zone=UTC, asks=True)
    assert [row.views for row in visits(site)] == [1]


def test_steps_that_arrive_out_of_order_leave_what_was_looked_at_last(site: Flask) -> None:
    with site.app_context():
        now = Step(Did.SEARCHED, "a")
        keep_steps([now], zone=UTC, asks=True)
        keep_steps([Step(Did.VIEWED, "a", "KB-1", noted=now.noted - 5)], zone=UTC, asks=False)
    (row,) = visits(site)
    assert (row.searches, row.views, row.ended, row.article_id, row.escalated) == (1, 1, Ended.SEARCH, 1, 0)


def test_a_day_is_the_organisations(site: Flask) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    with site.app_context():
        keep_steps([Step(Did.VIEWED, "a", "KB-1")], zone=zone, asks=False)
        day = db.session.execute(select(ArticleViews.day)).scalar_one().astimezone(zone)
        assert (day.hour, day.minute, day.second) == (0, 0, 0)
        assert day.date() == database.now().astimezone(zone).date()
