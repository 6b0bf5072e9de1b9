"""What every answer carries, what the cookie is like, and that nothing changes without the form's token."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import SignIn
from tests.conftest import AppMaker
from tests.factories import PASSWORD
from tests.people.conftest import EMAIL, Site

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RIGHT = {"email": EMAIL, "password": PASSWORD}
HTTPS = "https://kcs.example.com"

PRIVATE = ["/my-work", "/tickets", "/articles", "/articles/new", "/search?q=x", "/reports/link-rate", "/no"]
OPEN = ["/sign-in", "/help/", "/api/docs", "/healthz", "/static/app.css", "/help/articles/none"]
API = ["/api/v1/articles", "/api/v1/search?q=x", "/api/v1/articles/none", "/api/v1/openapi.json", "/metrics"]


def policy(answer: TestResponse) -> dict[str, str]:
    """Return the content security policy by directive."""
    pairs = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in pairs}


def asked(site: Site, address: str) -> TestResponse:
    """Ask as whoever may see the address."""
    if address in API:
        return site.browser().get(address, headers=site.token())
    browser = site.signed_in() if address in PRIVATE else site.browser()
    return browser.get(address, buffered=True)


@pytest.mark.parametrize("addresses", [PRIVATE, OPEN, API], ids=["private", "open", "api"])
def test_every_answer_carries_the_headers(site: Site, addresses: list[str]) -> None:
    for address in addresses:
        check_headers(asked(site, address))


def check_headers(answer: TestResponse) -> None:
    """Fail unless the answer says how a browser is to treat it."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])
    assert policy(answer) == {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_nothing_that_may_be_private_is_cached(site: Site) -> None:
    for address in (*PRIVATE, *API, "/sign-in", "/help/"):
        assert asked(site, address).headers["Cache-Control"] == "no-store", address


def test_what_never_changes_between_people_may_be_cached(site: Site) -> None:
    assert "no-store" not in asked(site, "/static/app.css").headers.get("Cache-Control", "")


def test_no_page_needs_a_script_or_style_within_it(site: Site) -> None:
    """What the policy forbids would silently not work."""
    for address in (*PRIVATE, *OPEN[:3]):
        page = asked(site, address).text
        found = re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+\s*=|javascript:|\sstyle\s*=", page)
        assert found is None, (address, found)
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page), address


def test_a_given_request_id_comes_back_when_it_is_plain(site: Site) -> None:
    browser = site.browser()
    given = "0123456789-abcdef"
    assert browser.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    odd = browser.get("/healthz", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert re.fullmatch("[0-9a-f]{16}", odd.headers["X-Request-Id"])


@pytest.fixture
def secure(make_app: AppMaker) -> Site:
    """The app as people reach it over https."""
    return Site(make_app(BASE_URL=HTTPS))


def kept(answer: TestResponse) -> SimpleCookie:
    """Return the cookies an answer sets."""
    return SimpleCookie("; ".join(answer.headers.getlist("Set-Cookie")))


def test_over_https_the_cookie_is_bound_to_this_host_and_unreadable(secure: Site) -> None:
    answer = secure.browser().post(
        "/sign-in",
        data=RIGHT,
        base_url=HTTPS,
    )
    assert answer.status_code == 302
    cookie = kept(answer)["__Host-kcs"]
    assert list(kept(answer)) == ["__Host-kcs"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_over_https_browsers_are_told_to_stay_there(secure: Site) -> None:
    answer = secure.browser().get("/sign-in", base_url=HTTPS)
    seconds = re.match(r"max-age=(\d+)", answer.headers["Strict-Transport-Security"])
    assert seconds is not None
    assert int(seconds[1]) >= 31_536_000


@pytest.mark.parametrize("address", ["/sign-in", "/tickets", "/api/v1/articles", "/help/"])
def test_under_https_plain_http_is_sent_over(secure: Site, address: str) -> None:
    answer = secure.browser().get(address, base_url="http://kcs.example.com")
    assert answer.status_code in (301, 302)
    assert answer.location == HTTPS + address


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_come_over_plain_http_all_the_same(secure: Site, address: str) -> None:
    assert secure.browser().get(address, base_url="http://kcs.example.com").status_code == 200


def test_on_a_loopback_address_the_cookie_works_without_https(site: Site) -> None:
    answer = site.browser().post("/sign-in", data=RIGHT)
    cookie = kept(answer)["kcs"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.fixture
def guarded(site: Site) -> tuple[Site, FlaskClient]:
    """The app with CSRF protection on, and Ana's browser from before."""
    browser = site.signed_in()
    site.app.config["WTF_CSRF_ENABLED"] = True
    return site, browser


def articles(site: Site) -> int:
    """Return how many articles there are."""
    return site.do(lambda: db.session.execute(select(func.count()).select_from(Article)).scalar_one())


def form_token(browser: FlaskClient, address: str) -> str:
    """Return the token in a page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(address).text)
    assert found is not None
    return found[1]


NEW = {"title": "Printer jams", "issue": "Paper jams"}
CHANGES = [
    "/embed/acme/tickets/1/hints",
    "/embed/acme/sign-in",
    "/embed/acme/renewals",
    "/embed/acme/passed-saves",
    "/admin/connections/acme/app",
    "/admin/connections/acme/app/hosts",
    "/admin/connections/acme/app/look-up",
    "/samples/article/1",
    "/admin/samples/article",
    "/admin/samples/article/title",
    "/reports/subscriptions",
    "/reports/subscriptions/1/stop",
    "/reports/roi/inputs",
    "/articles/new",
    "/articles/KB-1/edit",
    "/articles/KB-1/flags",
    "/articles/KB-1/moves/validate",
    "/articles/KB-1/confirm",
    "/articles/KB-1/feedback",
    "/articles/KB-1/watch",
    "/articles/merge",
    "/articles/preview",
    "/articles/assist",
    "/articles/images",
    "/articles/bulk",
    "/articles/KB-1/unsaved",
    "/articles/KB-1/unsaved/discard",
    "/articles/KB-1/versions/1/restore",
    "/articles/KB-1/privacy/mask",
    "/articles/KB-1/privacy/waive",
    "/articles/KB-1/plans",
    "/articles/KB-1/plans/1/cancel",
    "/articles/KB-1/reviews",
    "/articles/KB-1/propose",
    "/publishing/drifts/1/decisions",
    "/articles/KB-1/publications/1/send",
    "/admin/connections/new",
    "/admin/connections/acme/adoption",
    "/admin/connections/acme/sync",
    "/admin/connections/acme/authorise",
    "/admin/connections/acme/product",
    "/admin/connections/acme/check",
    "/admin/connections/acme/webhook",
    "/admin/connections/acme/secret",
    "/admin/connections/acme/secret/former",
    "/admin/connections/acme/key",
    "/admin/connections/acme/closing",
    "/admin/connections/acme/active",
    "/admin/connections/acme/people/1",
    "/admin/connections/acme/writes",
    "/admin/connections/acme/publishing",
    "/admin/connections/acme/publishing/rules",
    "/admin/connections/acme/publishing/rules/1/remove",
    "/admin/connections/acme/publishing/refresh",
    "/reviews/1/decisions",
    "/reviews/1/comments",
    "/reviews/1/fix",
    "/reviews/1/resubmit",
    "/admin/templates/KB-1",
    "/admin/templates/new",
    "/admin/domains/KB-1",
    "/admin/domains/new",
    "/admin/rights",
    "/my-work/checks/KB-1/confirm",
    "/writing-requests",
    "/writing-requests/1/dismiss",
    "/tickets/acme/1/draft/replace",
    "/flags/1/decline",
    "/feedback/1/take",
    "/feedback/1/answer",
    "/feedback/1/close",
    "/tickets/acme/1/links",
    "/tickets/acme/1/links/1/remove",
    "/tickets/acme/1/draft",
    "/tickets/acme/1/draft/discard",
    "/tickets/acme/1/exemption",
    "/tickets/acme/1/confirmations",
    "/tickets/acme/1/fix/KB-1",
    "/tickets/acme/1/flags",
    "/tickets/acme/1/suggestions",
    "/tickets/acme/1/searches",
    "/tickets/acme/1/send",
    "/tickets/acme/1/passed-over",
    "/tickets/acme/1/passed-over/undo",
    "/tickets/acme/1/ask",
    "/questions/1/answer",
    "/questions/1/pass-on",
    "/questions/1/draft",
    "/questions/1/withdraw",
    "/admin/search/meanings/1",
    "/admin/search/meanings/1/remove",
    "/admin/search/best-bets/1",
    "/admin/search/best-bets/1/remove",
    "/admin/search/sample/1",
    "/articles/duplicates/1/dismiss",
    "/articles/duplicates/1/put-back",
    "/sign-in",
    "/sign-out",
    "/account",
]


def test_the_list_of_changes_is_whole(site: Site) -> None:
    adapter = site.app.url_map.bind("localhost")
    tried = {adapter.match(address, method="POST")[0] for address in CHANGES}
    posts = {rule.endpoint for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    by_machines = {
        name for name in posts if name.partition(".")[0].endswith("_api") or name == "webhooks.take"
    }
    # Without a session: a form with a signed value of its own, three behind a link that nobody else knows,
    # and one with a token that the desk signs.
    by_visitors = {
        "help.give",
        "answers.give",
        "answers.pass_on",
        "embedding.show",
        "report_mail_stop.stop_by_link",
    }
    assert tried == posts - by_machines - by_visitors


@pytest.mark.parametrize("address", CHANGES)
def test_a_change_without_the_forms_token_is_refused(guarded: tuple[Site, FlaskClient], address: str) -> None:
    site, browser = guarded
    for sent in ({**NEW, **RIGHT}, {**NEW, **RIGHT, "csrf_token": "made up"}):
        answer = browser.post(address, data=sent)
        assert answer.status_code == 400
        assert "came from elsewhere" in answer.text
    assert articles(site) == 0
    assert browser.get("/tickets").status_code == 200, "still signed in"
    assert site.do(lambda: db.session.execute(select(func.count()).select_from(SignIn)).scalar_one()) == 1


def test_a_change_with_the_forms_token_is_made(guarded: tuple[Site, FlaskClient]) -> None:
    site, browser = guarded
    token = form_token(browser, "/articles/new")
    assert browser.post("/articles/new", data={**NEW, "csrf_token": token}).status_code == 303
    assert articles(site) == 1


def test_the_token_of_another_session_is_refused(guarded: tuple[Site, FlaskClient]) -> None:
    site, browser = guarded
    token = form_token(site.browser(), "/sign-in")
    assert browser.post("/articles/new", data={**NEW, "csrf_token": token}).status_code == 400
    assert articles(site) == 0


def test_the_api_takes_bearer_tokens_without_a_forms_token(guarded: tuple[Site, FlaskClient]) -> None:
    site, _ = guarded
    answer = site.browser().post("/api/v1/articles", headers=site.token(), json={"title": "Printer jams"})
    assert answer.status_code == 201


def test_over_https_a_form_sent_from_elsewhere_is_refused_even_with_its_token(secure: Site) -> None:
    secure.app.config["WTF_CSRF_ENABLED"] = True
    browser = secure.browser()
    page = browser.get("/sign-in", base_url=HTTPS).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    sent = {**RIGHT, "csrf_token": found[1]}
    for referrer, status in ((None, 400), ("https://evil.example/", 400), (f"{HTTPS}/sign-in", 302)):
        headers = {"Referer": referrer} if referrer else {}
        assert browser.post("/sign-in", data=sent, base_url=HTTPS, headers=headers).status_code == status
