"""What ends a browser session, what a new one keeps of the old, and where signing in leads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcs.people import services
from kcs.people.models import Agent
from tests.factories import PASSWORD
from tests.people.conftest import EMAIL, Site
from workflow.permissions import Licence


def post(browser: FlaskClient, **form: str) -> TestResponse:
    return browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, **form})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/tickets").status_code == 200


ENDS: dict[str, Callable[[Agent], object]] = {
    "left": services.deactivate,
    "licence changed": lambda ana: services.grant_licence(ana, Licence.CONTRIBUTOR),
    "licence lost": lambda ana: services.grant_licence(ana, None),
    "ended": services.end_sign_ins,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_every_session_of_a_person_ends_at_once(site: Site, end: Callable[[Agent], object]) -> None:
    browsers = [site.signed_in(), site.signed_in()]
    assert [is_in(browser) for browser in browsers] == [True, True]
    site.with_ana(end)
    assert [is_in(browser) for browser in browsers] == [False, False]


def test_each_signing_in_is_a_new_session_with_nothing_of_the_old(site: Site) -> None:
    browser = site.browser()
    with browser.session_transaction() as session:
        session["planted"] = "by an attacker"
        session["_user_id"] = "planted"
    cookies = [browser.get_cookie("kcs")]
    for _ in range(2):
        post(browser)
        cookies.append(browser.get_cookie("kcs"))
        with browser.session_transaction() as session:
            assert "planted" not in session
    assert len({cookie.value for cookie in cookies if cookie}) == 3
    assert is_in(browser)


# What `next` says, and where signing in leads.
NEXT = {
    "/articles?page=2": "/articles?page=2",
    "/articles/KB-1#top": "/articles/KB-1#top",
    "": "/",
    "articles": "/",
    "https://evil.example/": "/",
    "//evil.example/": "/",
    "///evil.example": "/",
    "/\\evil.example": "/",
    "\\\\evil.example": "/",
    "/a\\b": "/",
    "/\tevil": "/",
    "/\n/evil.example": "/",
    "\t//evil.example": "/",
    " //evil.example": "/",
    "javascript:alert(1)": "/",
    "/\u2028x": "/",
    "http:/evil.example": "/",
    "//[evil": "/",
    "\x00/articles": "/",
}


def test_signing_in_leads_to_our_own_pages_only(site: Site) -> None:
    browser = site.browser()
    for target, location in NEXT.items():
        form = site.browser().get("/sign-in", query_string={"next": target})
        carried = form.text.split('name="next" value="')[1].split('"')[0]
        assert carried == (location if location != "/" else ""), target
        assert post(browser, next=target).headers["Location"] == location, target


def test_a_post_without_a_session_leads_to_signing_in_and_is_not_repeated(site: Site) -> None:
    answer = site.browser().post("/articles/new", data={"title": "T"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
