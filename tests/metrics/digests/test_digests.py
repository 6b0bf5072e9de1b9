"""Reports by mail: each once, in the reader's language, within their reach of that day; stopped by a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_string, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kcs import worklist
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.metrics.digests import services
from kcs.metrics.digests.links import subscription_of, token_of
from kcs.metrics.digests.models import Every, ReportDigest, ReportSubscription
from kcs.metrics.digests.services import plan_digests, stop, subscribe, window_before
from kcs.metrics.model import Segment
from kcs.metrics.reports import REPORTS
from kcs.metrics.roi.models import Input
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.people.services import deactivate
from tests.conftest import SECRET, AppMaker
from tests.factories import sign_in
from tests.improving.test_digest import MailServer
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, MIA

MADRID = ZoneInfo("Europe/Madrid")
# A Wednesday in week 14; the Monday after it, in Madrid and not yet in London; the first of May.
WEDNESDAY = datetime(2025, 4, 2, 9, tzinfo=UTC)
MONDAY = datetime(2025, 4, 6, 22, 30, tzinfo=UTC)
FIRST = datetime(2025, 4, 30, 22, 30, tzinfo=UTC)
LINK_RATE = REPORTS["link-rate"]


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def app(make_app: AppMaker, server: MailServer) -> Iterator[Flask]:
    """An app in Madrid that sends mail, with the log written by hand."""
    made = make_app(
        SMTP_URL=f"smtp://127.0.0.1:{server.port}", MAIL_FROM="kcs@example.com", TIMEZONE="Europe/Madrid"
    )
    with made.app_context():
        golden.people()
        golden.tickets()
        golden.write(golden.rows())
        yield made


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


def wants(number: int, every: Every = Every.WEEK, by: Segment = Segment.AGENT, **filters: str) -> int:
    made = subscribe(person(number), LINK_RATE, by=by, filters=filters, every=every)
    made.created_at = WEDNESDAY
    db.session.commit()
    return made.id


def plan(moment: datetime) -> int:
    return plan_digests(MADRID, at=moment)


def send_all(app: Flask, server: MailServer) -> list[EmailMessage]:
    db.session.commit()
    worklist.drain(app.extensions["kcs.worklists"][outbox.NAME])
    return [message_from_string(mail, policy=policy.default) for mail in server.mails]


def bodies(mail: EmailMessage) -> tuple[str, str]:
    found = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (str(part.get_content()) if part else "" for part in found)
    return text, html


def test_a_mail_says_what_the_report_says_and_what_it_was_before(app: Flask, server: MailServer) -> None:
    wants(MIA)
    assert plan(MONDAY) == 1
    (mail,) = send_all(app, server)
    assert mail["Subject"] == "Link rate, 31 Mar 2025 to 7 Apr 2025"
    for body in bodies(mail):
        # Week 14 beside week 13, as of that Monday.
        assert re.search(r"Ana.*?0\.0 % \(", body, re.S)
        assert "Nobody of ours" in body
        assert "Total" in body
        assert "/reports/link-rate?" in body.replace("&amp;", "&")
        assert "as_of=2025-04-06T22%3A30%3A00Z" in body
    assert "<table" in bodies(mail)[1]


def test_a_mail_says_why_there_is_a_dash_for_a_figure(app: Flask, server: MailServer) -> None:
    made = subscribe(person(MIA), REPORTS["roi"], by=Segment.MONTH, filters={}, every=Every.WEEK)
    made.created_at = WEDNESDAY
    plan(MONDAY)
    (mail,) = send_all(app, server)
    text, html = bodies(mail)
    inputs = f"{app.config['KCS'].base_url}/reports/roi/inputs"
    for body in (text, html):
        assert body.count("Where a dash stands for a figure:") == 1
        assert body.count("KCS_HELP_CENTRE_CONTACT names no page") == 1
        assert body.count("Without Cost of a ticket there is no figure of what was saved") == 1
        assert body.count(inputs) == len(Input)


@pytest.mark.parametrize(("agent", "told"), [(ANA, 0), (CORA, 1)])
def test_a_reason_is_told_once_and_only_where_a_dash_is(
    app: Flask, server: MailServer, agent: int, told: int
) -> None:
    # Cora solves no tickets: in no week there is a rate.
    wants(MIA, by=Segment.WEEK, agent=str(agent))
    plan(MONDAY)
    (mail,) = send_all(app, server)
    for body in bodies(mail):
        assert body.count("Nothing was counted that the figure could be worked out of.") == told
        assert ("\N{EN DASH} (" in body) is bool(told)


def test_each_is_planned_once_a_period_and_never_for_the_one_it_was_asked_in(app: Flask) -> None:
    wants(MIA)
    wants(MIA)
    assert plan(WEDNESDAY) == 0
    assert [plan(MONDAY), plan(MONDAY)] == [1, 0]
    assert plan(datetime(2025, 4, 10, tzinfo=UTC)) == 0
    # After weeks of silence there is one, about the last week.
    assert plan(datetime(2025, 5, 7, tzinfo=UTC)) == 1
    periods = db.session.execute(select(ReportDigest.period).order_by(ReportDigest.id)).scalars().all()
    assert periods == ["2025-04-07", "2025-05-05"]


def test_a_month_is_told_on_the_first(app: Flask, server: MailServer) -> None:
    wants(MIA, Every.MONTH, Segment.WEEK)
    assert plan(MONDAY) == 0
    assert plan(FIRST) == 1
    (mail,) = send_all(app, server)
    assert mail["Subject"] == "Link rate, 1 Apr 2025 to 1 May 2025"


@pytest.mark.parametrize(
    ("every", "period", "start", "end"),
    [
        # Weeks with 167 hours, months with a day of 23.
        (Every.WEEK, "2025-03-31", "2025-03-23T23:00", "2025-03-30T22:00"),
        (Every.MONTH, "2025-04-01", "2025-02-28T23:00", "2025-03-31T22:00"),
        (Every.MONTH, "2025-01-01", "2024-11-30T23:00", "2024-12-31T23:00"),
    ],
)
def test_the_window_is_the_whole_period_before(every: Every, period: str, start: str, end: str) -> None:
    window = window_before(period, every, MADRID)
    assert (window.start, window.end) == (golden.at(start), golden.at(end))


def test_a_mail_shows_what_its_reader_may_see_on_that_day(app: Flask, server: MailServer) -> None:
    for number in (BEN, CORA):
        wants(number)
    plan(MONDAY)
    found = {mail["To"]: bodies(mail)[0] for mail in send_all(app, server)}
    assert "Ana" not in found[person(BEN).email]
    assert "Ben" in found[person(BEN).email]
    assert {name for name in ("Ana", "Ben", "Eva") if name in found[person(CORA).email]} == {"Ben"}


def test_whoever_lost_access_gets_nothing(app: Flask, server: MailServer) -> None:
    wants(CORA, agent=str(BEN))
    wants(ANA)
    gone = wants(MIA)
    plan(MONDAY)
    # Ben left Cora's team, Ana the house, and Mia no longer wants it.
    person(BEN).team_id = None
    deactivate(person(ANA), by=person(ADA))
    stop(gone)
    assert send_all(app, server) == []
    assert db.session.execute(select(Effect.state)).scalars().all() == [worklist.WorkState.DONE] * 3
    assert db.session.execute(select(ReportDigest.sent_at)).scalars().all() == [None] * 3


def test_a_mail_is_in_its_readers_language(app: Flask, server: MailServer) -> None:
    person(MIA).language = "es"
    wants(MIA)
    plan(MONDAY)
    (mail,) = send_all(app, server)
    text, html = bodies(mail)
    assert text.startswith("Hola,") or "Hola" in text
    assert 'lang="es"' in html


def test_a_mail_program_stops_it_in_one_click_without_signing_in(app: Flask, server: MailServer) -> None:
    number = wants(MIA)
    plan(MONDAY)
    (mail,) = send_all(app, server)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = str(mail["List-Unsubscribe"]).strip("<>").removeprefix(app.config["KCS"].base_url)
    assert path in bodies(mail)[0]
    client = app.test_client()
    assert "Stop this mail?" in client.get(path).text
    assert db.session.get_one(ReportSubscription, number).stopped_at is None
    # RFC 8058: what the program sends, with no cookie and no token of ours.
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "noindex" in answer.headers["X-Robots-Tag"]
    db.session.expire_all()
    assert db.session.get_one(ReportSubscription, number).stopped_at is not None
    assert plan(datetime(2025, 4, 14, 9, tzinfo=UTC)) == 0
    assert client.post(f"{path}x").status_code == 404


def test_only_a_token_of_ours_stops_anything() -> None:
    token = token_of(7, SECRET)
    assert subscription_of(token, SECRET) == 7
    for wrong in (token[:-1], token.replace(token[0], "9", 1), "", "7", "x" * 5000):
        assert subscription_of(wrong, SECRET) is None
    assert subscription_of(token, "another-key") is None


def test_asking_twice_is_one_and_there_is_an_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wants(BEN) == wants(BEN)
    monkeypatch.setattr(services, "MOST", 2)
    wants(BEN, Every.MONTH)
    with pytest.raises(InvalidInput, match="Stop one of them first"):
        wants(BEN, by=Segment.TEAM)
    with pytest.raises(NotFound):
        stop(wants(MIA), by=person(BEN))
    with pytest.raises(NotAllowed):
        subscribe(
            person(BEN),
            replace(LINK_RATE, everybody_only=True),
            by=Segment.AGENT,
            filters={},
            every=Every.WEEK,
        )


def test_the_page_takes_lists_and_stops(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app.test_client(), person(MIA))
    assert "You get no report by mail" in client.get("/reports/subscriptions").text
    form = {"report": "link-rate", "by": "week", "agent": str(ANA), "every": "month"}
    answer = client.post("/reports/subscriptions", data=form, follow_redirects=True)
    assert "You get Link rate by mail." in answer.text
    assert "Ana" in answer.text
    (made,) = services.subscriptions_of(person(MIA))
    assert (made.by, made.filters, made.every) == ("week", {"agent": str(ANA)}, Every.MONTH)
    for wrong in ({"report": "none"}, {"by": "article"}, {"every": "day"}, {"agent": "x"}):
        assert client.post("/reports/subscriptions", data={**form, **wrong}).status_code in (404, 422)
    assert client.post(f"/reports/subscriptions/{made.id}/stop", follow_redirects=True).status_code == 200
    assert services.subscriptions_of(person(MIA)) == []


def test_without_a_mail_server_nothing_is_promised(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        golden.people()
        db.session.commit()
        app.config["WTF_CSRF_ENABLED"] = False
        client = sign_in(app.test_client(), person(MIA))
        assert "mail is not set up" in client.get("/reports/subscriptions").text
        form = {"report": "link-rate", "by": "week", "every": "month"}
        assert client.post("/reports/subscriptions", data=form).status_code == 422
        assert "reports.mails" not in {chore.name for chore in app.extensions["kcs.chores"]}
