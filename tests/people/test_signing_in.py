"""Browser sessions: what opens them, what ends them, what their cookie says, and where they lead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcs.database import db
from kcs.extensions import limiter
from kcs.people import services
from kcs.people.models import Agent, SignIn
from tests.conftest import AppMaker
from tests.factories import PASSWORD, make_agent, make_article, sign_in, token_for
from workflow.permissions import Licence, Role

SECURE = "https://kcs.example.com"


@pytest.fixture
def ann(app: Flask) -> Agent:
    agent = make_agent(password=PASSWORD, email="ann@example.com")
    db.session.commit()
    return agent


def post(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/sign-in", data={"email": "ann@example.com", "password": PASSWORD, **form})


def inside(client: FlaskClient) -> bool:
    """Return whether this browser is signed in."""
    return client.get("/tickets").status_code == 200


def test_signing_in_opens_a_session_signing_out_ends_it_for_good(client: FlaskClient, ann: Agent) -> None:
    assert not inside(client)
    answer = post(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert inside(client)
    kept = client.get_cookie("kcs")
    assert kept is not None
    assert client.post("/sign-out").status_code == 302
    assert not inside(client)
    client.set_cookie("kcs", kept.value)
    assert not inside(client), "the old cookie is worth nothing"
    assert db.session.query(SignIn).count() == 0


@pytest.mark.parametrize(
    "end",
    [
        services.deactivate,
        lambda ann: services.grant_licence(ann, Licence.PUBLISHER),
        lambda ann: services.grant_licence(ann, None),
        services.end_sign_ins,
    ],
    ids=["left", "licence changed", "licence lost", "ended"],
)
def test_a_session_ends_at_once(client: FlaskClient, ann: Agent, end: Callable[[Agent], object]) -> None:
    post(client)
    assert inside(client)
    end(ann)
    db.session.commit()
    assert not inside(client)


def test_two_browsers_are_two_sessions(app: Flask, ann: Agent) -> None:
    first, second = app.test_client(), app.test_client()
    post(first)
    post(second)
    first.post("/sign-out")
    assert (inside(first), inside(second)) == (False, True)


def test_each_signing_in_is_a_new_session_with_nothing_of_the_old(client: FlaskClient, ann: Agent) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by an attacker"
        session["_user_id"] = "planted"
    cookies = [client.get_cookie("kcs")]
    for _ in range(2):
        post(client)
        cookies.append(client.get_cookie("kcs"))
        with client.session_transaction() as session:
            assert "planted" not in session
    assert len({cookie.value for cookie in cookies if cookie}) == 3
    assert db.session.query(SignIn).count() == 2


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: FlaskClient, ann: Agent) -> None:
    answers = [
        post(client, **form).text.replace(form.get("email", "ann@example.com"), "…")
        for form in (
            {"password": "wrong"},
            {"email": "bob@example.com"},
            {"email": "bob@example.com", "password": ""},
        )
    ]
    assert answers[0] == answers[1] == answers[2]
    assert "is not right" in answers[0]
    assert PASSWORD not in answers[1]
    assert not inside(client)


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
    " //evil.example": "/",
    "javascript:alert(1)": "/",
    "/\u2028x": "/",
    "http:/evil.example": "/",
    "\x00/articles": "/",
}


def test_signing_in_leads_to_our_own_pages_only(client: FlaskClient, ann: Agent) -> None:
    for target, location in NEXT.items():
        assert post(client, next=target).headers["Location"] == location, target
        form = client.get("/sign-in", query_string={"next": target}).text
        assert "evil.example" not in form, target
        assert "javascript:" not in form, target


def test_who_must_sign_in_comes_back_to_what_they_asked_for(client: FlaskClient, ann: Agent) -> None:
    answer = client.get("/articles?state=wip")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/articles?state%3Dwip")
    assert post(client, next="/articles?state=wip").headers["Location"] == "/articles?state=wip"
    assert client.application.test_client().post("/articles/new").headers["Location"] == "/sign-in"


def test_tries_are_limited(make_app: AppMaker) -> None:
    app = make_app()
    app.config["RATELIMIT_ENABLED"] = True
    limiter.enabled = True
    limiter.reset()
    try:
        client = app.test_client()
        answers = [post(client, password="wrong").status_code for _ in range(12)]
    finally:
        limiter.reset()
        limiter.enabled = False
    assert answers == [401] * 10 + [429] * 2


@pytest.mark.parametrize(("base", "name", "secure"), [("", "kcs", False), (SECURE, "__Host-kcs", True)])
def test_the_cookies_flags(make_app: AppMaker, base: str, name: str, secure: bool) -> None:
    app = make_app(BASE_URL=base)
    with app.app_context():
        make_agent(password=PASSWORD, email="ann@example.com")
        db.session.commit()
        client = app.test_client()
        answer = client.post(
            "/sign-in", data={"email": "ann@example.com", "password": PASSWORD}, base_url=base or None
        )
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure
    assert "Domain" not in cookie


def test_without_the_forms_token_nothing_is_changed(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        client = sign_in(app.test_client(), make_agent(Licence.PUBLISHER))
        article = make_article()
        db.session.commit()
        app.config["WTF_CSRF_ENABLED"] = True
        key = article.key
        posts = {
            f"/articles/{key}/moves/archive": {},
            f"/articles/{key}/edit": {"title": "Mine", "base": "1"},
            f"/articles/{key}/flags": {"reason": "Old"},
            "/articles/new": {"title": "T"},
            "/sign-out": {},
        }
        for url, form in posts.items():
            for token in ({}, {"csrf_token": ""}, {"csrf_token": "forged"}):
                answer = client.post(url, data={**form, **token})
                assert answer.status_code == 400, url
                assert "came from elsewhere" in answer.text
        db.session.expire_all()
        assert (article.state, article.current_version.number) == ("validated", 1)
        assert inside(client)
        token = client.get(f"/articles/{key}").text.split('name="csrf_token" value="')[1].split('"')[0]
        assert client.post(f"/articles/{key}/moves/archive", data={"csrf_token": token}).status_code == 303
        other = sign_in_with_csrf_off(app)
        assert other.post("/sign-out", data={"csrf_token": token}).status_code == 400, (
            "another session's token"
        )


def sign_in_with_csrf_off(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app.test_client(), make_agent())
    app.config["WTF_CSRF_ENABLED"] = True
    return client


@pytest.mark.parametrize("base", ["", SECURE], ids=["plain", "https"])
def test_every_answer_bears_the_security_headers(make_app: AppMaker, base: str) -> None:
    app = make_app(BASE_URL=base)
    with app.app_context():
        admin, key = make_agent(roles=[Role.ADMIN]), make_article().key
        auth = token_for(admin)
        client = sign_in(app.test_client(), admin) if not base else app.test_client()
        answers = [
            ("page", client.get("/tickets", base_url=base or None)),
            ("public page", client.get("/help/", base_url=base or None)),
            ("redirect", client.get("/", base_url=base or None)),
            ("missing page", client.get("/nowhere", base_url=base or None)),
            ("missing thing", client.get("/help/articles/none", base_url=base or None)),
            ("wrong method", client.put("/sign-in", base_url=base or None)),
            ("refused form", client.post("/sign-in", data={}, base_url=base or None)),
            ("static", client.get("/static/app.css", base_url=base or None)),
            ("api", client.get(f"/api/v1/articles/{key}", headers=auth, base_url=base or None)),
            ("api without token", client.get("/api/v1/articles", base_url=base or None)),
            ("api wrong input", client.get("/api/v1/search", headers=auth, base_url=base or None)),
            ("webhook", client.post("/webhooks/none", data=b"x", base_url=base or None)),
            ("probe", client.get("/healthz", base_url=base or None)),
            ("metrics", client.get("/metrics", headers=auth, base_url=base or None)),
        ]
    for name, answer in answers:
        headers = answer.headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'self'", name
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'", name
        assert "unsafe" not in headers["Content-Security-Policy"], name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["X-Frame-Options"] == "DENY", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert ("Strict-Transport-Security" in headers) is bool(base), name
        assert headers["X-Request-Id"], name
        assert name == "static" or headers["Cache-Control"] == "no-store", name
