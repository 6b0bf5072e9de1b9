"""Signing in and out as strangers try it: guessed passwords, copied and made-up cookies, many tries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.extensions import limiter
from kcs.people import services
from kcs.people.models import SignIn
from tests.factories import PASSWORD, make_agent
from tests.people.conftest import EMAIL, Site

RIGHT = {"email": EMAIL, "password": PASSWORD}


def is_in(browser: FlaskClient) -> bool:
    """Tell whether this browser has a session that counts."""
    return browser.get("/tickets").status_code == 200


def cookie(browser: FlaskClient, name: str = "kcs") -> str:
    """Return what the browser keeps for us."""
    kept = browser.get_cookie(name)
    return kept.value if kept else ""


@pytest.mark.parametrize("email", [EMAIL, "ANA@Example.COM", "  ana@example.com\n", "ana\x00@example.com"])
def test_the_right_address_and_password_open_a_session(site: Site, email: str) -> None:
    browser = site.browser()
    assert not is_in(browser)
    answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(browser)


def test_signing_in_is_on_record(site: Site) -> None:
    site.signed_in()
    query = select(Activity.authority).where(Activity.kind == "agent.signed_in")
    assert site.do(lambda: db.session.execute(query).scalars().all()) == ["password"]


WRONG: dict[str, dict[str, str | bytes]] = {
    "wrong password": {"email": EMAIL, "password": "something else entirely"},
    "unknown address": {"email": "nobody@example.com", "password": PASSWORD},
    "empty password": {"email": EMAIL, "password": ""},
    "empty address": {"email": "", "password": PASSWORD},
    "nothing": {},
    "without a password of one's own": {"email": "desk-only@example.com", "password": PASSWORD},
    "deactivated": {"email": "left@example.com", "password": PASSWORD},
    "odd characters": {
        "email": "ana@example.com\x00'; --",
        "password": "\x00\ud800".encode("utf-8", "replace"),
    },
    "huge": {"email": "a" * 10_000, "password": "p" * 100_000},
}


def test_every_wrong_try_gets_the_same_answer(site: Site) -> None:
    site.do(lambda: make_agent(email="desk-only@example.com"))
    site.do(lambda: services.deactivate(make_agent(email="left@example.com", password=PASSWORD)))
    for case, sent in WRONG.items():
        browser = site.browser()
        answer = browser.post("/sign-in", data=sent)
        email = str(sent.get("email", ""))
        page = unescape(answer.text).replace(f'value="{email}"', 'value=""').replace(" autofocus", "")
        assert answer.status_code == 401, case
        assert "The e-mail address or the password is not right." in page, case
        assert PASSWORD not in page, case
        assert not is_in(browser), case
    assert site.do(lambda: db.session.execute(select(func.count()).select_from(SignIn)).scalar_one()) == 0


def test_an_unknown_address_takes_a_password_check_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    fits = services._password_fits

    def watched(kept: str, given: str) -> bool:
        checked.append(kept)
        return fits(kept, given)

    monkeypatch.setattr(services, "_password_fits", watched)
    site.browser().post("/sign-in", data={"email": "nobody@example.com", "password": PASSWORD})
    assert [kept.split("$")[1] for kept in checked] == ["argon2id"]


def test_signing_out_ends_this_session_and_a_copied_cookie_too(site: Site) -> None:
    browser, other, thief = site.signed_in(), site.signed_in(), site.browser()
    thief.set_cookie("kcs", cookie(browser))
    assert is_in(thief)
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert not is_in(browser)
    assert not is_in(thief)
    assert is_in(other)


def test_signing_out_takes_a_post(site: Site) -> None:
    browser = site.signed_in()
    assert browser.get("/sign-out").status_code == 405
    assert is_in(browser)


def test_a_session_that_is_over_counts_no_more_and_is_thrown_away_at_the_next_sign_in(site: Site) -> None:
    browser = site.signed_in()
    site.do(lambda: _end_in(timedelta(hours=1)))
    assert is_in(browser)
    site.do(lambda: _end_in(timedelta(0)))
    assert not is_in(browser)
    site.signed_in()
    assert site.do(lambda: db.session.execute(select(func.count()).select_from(SignIn)).scalar_one()) == 1


def _end_in(left: timedelta) -> None:
    """Move the end of every session; the clock is the database's own."""
    db.session.execute(update(SignIn).values(expires_at=database.now() + left))


@pytest.mark.parametrize("value", ["", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "\u00e9\u00e9"])
def test_a_made_up_cookie_is_nobody(site: Site, value: str) -> None:
    browser = site.browser()
    browser.set_cookie("kcs", value)
    assert not is_in(browser)


def test_one_is_led_back_to_where_one_was_going(site: Site) -> None:
    browser = site.browser()
    asked = browser.get("/search?q=grey+button&x=1")
    form = browser.get(asked.location)
    assert 'name="next" value="/search?q=grey+button&x=1"' in unescape(form.text)


@pytest.fixture
def limited(site: Site) -> Iterator[Site]:
    """The app with its limits on, counting from nothing."""
    with site.app.app_context():
        limiter.reset()
    limiter.enabled = True
    yield site
    limiter.enabled = False
    with site.app.app_context():
        limiter.reset()


def statuses(site: Site, tries: int, email: str, **headers: str) -> list[int]:
    """Try to sign in again and again with a wrong password."""
    wrong = {"email": email, "password": "not this one at all"}
    return [
        site.browser().post("/sign-in", data=wrong, environ_base=headers).status_code for _ in range(tries)
    ]


def test_the_eleventh_try_on_an_account_within_a_minute_is_refused(limited: Site) -> None:
    with time_machine.travel("2026-03-02 09:00:01", tick=False) as clock:
        assert statuses(limited, 11, EMAIL) == [401] * 10 + [429]
        answer = limited.browser().post(
            "/sign-in",
            data={"email": " ANA@example.com", "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "10.0.0.9"},
        )
        assert answer.status_code == 429, "from anywhere, in whatever case, right password or not"
        assert "Too many tries" in answer.text
        clock.shift(61)
        limited.signed_in()


def test_the_twenty_first_try_from_an_address_within_a_minute_is_refused(limited: Site) -> None:
    with time_machine.travel("2026-03-02 09:00:01", tick=False):
        tried = [statuses(limited, 1, f"guess{number}@example.com")[0] for number in range(21)]
        assert tried == [401] * 20 + [429]
        assert statuses(limited, 1, "guess99@example.com", REMOTE_ADDR="10.0.0.9") == [401]


def test_a_forwarded_address_is_believed_only_from_a_proxy_we_named(limited: Site) -> None:
    """Else each guess could claim to come from elsewhere."""
    with time_machine.travel("2026-03-02 09:00:01", tick=False):
        tried = [
            limited.browser()
            .post(
                "/sign-in",
                data={"email": f"guess{number}@example.com", "password": "not this one at all"},
                headers={"X-Forwarded-For": f"10.0.0.{number}"},
            )
            .status_code
            for number in range(21)
        ]
        assert tried[-1] == 429
