"""Reports by mail: each once, in the reader's language, within their reach of that day; stopped by a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_string, policy
from email.message import EmailMessage
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import insert, select

from kcs import worklist
from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.metrics.digests import services
from kcs.metrics.digests.links import subscription_of, token_of
from kcs.metrics.digests.models import Every, ReportDigest, ReportSubscription
from kcs.metrics.digests.services import plan_digests, stop, subscribe, window_before
from kcs.metrics.model import Report, Segment
from kcs.metrics.reports import REPORTS
from kcs.metrics.reports.checklist import KEPT_FOR
from kcs.metrics.roi.models import Input
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people.models import Agent, Team
from kcs.people.services import deactivate
from tests.conftest import SECRET, AppMaker
from tests.factories import sign_in
from tests.improving.test_digest import MailServer
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, MIA
from tests.metrics.test_sampling_reports import row as sampled

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


def wants(
    number: int,
    every: Every = Every.WEEK,
    by: Segment = Segment.AGENT,
    report: Report = LINK_RATE,
    **filters: str,
) -> int:
    made = subscribe(person(number), report, by=by, filters=filters, every=every)
    made.created_at = WEDNESDAY
    db.session.commit()
    return made.id


def judge() -> None:
    """Let Cora judge a link of Ben's in each week: not accurate, and accurate."""
    lines = ["2025-03-24T09:00 link Cora Ben l1 t1 a1 nnn.", "2025-04-01T09:00 link Cora Ben l2 t1 a2 yyy."]
    db.session.execute(insert(Activity), [sampled(line) for line in lines])
    db.session.commit()


def plan(moment: datetime) -> int:
    return plan_digests(MADRID, at=moment)


def send_all(app: Flask, server: MailServer) -> list[EmailMessage]:
    db.session.commit()
    worklist.drain(app.extensions["kcs.worklists"][outbox.NAME])
    # A line that begins with a dot has one more while it is on its way (RFC 5321).
    mails = [re.sub(r"(?m)^\.\.", ".", mail) for mail in server.mails]
    return [message_from_string(mail, policy=policy.default) for mail in mails]


def bodies(mail: EmailMessage) -> tuple[str, str]:
    found = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (str(part.get_content()) if part else "" for part in found)
    return text, html


def test_a_mail_says_what_the_report_says_and_what_it_was_before(app: Flask, server: MailServer) -> None:
    wants(MIA)
    assert plan(MONDAY) == 1
    (mail,) = send_all(app, server)
    assert mail["Subject"] == "Link rate, 31 Mar 2025 to 6 Apr 2025"
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
        assert body.count("Without Cost of a ticket there is no figure of ") == 1
        assert body.count(inputs) == len(Input)


@pytest.mark.parametrize(("agent", "told"), [(BEN, 0), (CORA, 1)])
def test_a_reason_is_told_once_and_only_where_a_dash_is(
    app: Flask, server: MailServer, agent: int, told: int
) -> None:
    # Cora solves no tickets, and no link of hers was judged: in no week there is a share.
    judge()
    wants(CORA, by=Segment.WEEK, agent=str(agent))
    plan(MONDAY)
    (mail,) = send_all(app, server)
    for body in bodies(mail):
        assert body.count("Nothing was counted that the figure could be worked out of.") == told
        assert ("\N{EN DASH} (" in body) is bool(told)


def test_a_mail_has_every_figure_of_the_page_and_the_kind_of_each_metric(
    app: Flask, server: MailServer
) -> None:
    several = [LINK_RATE, REPORTS["handling"], REPORTS["activity"], REPORTS["self-service"]]
    for report in several:
        wants(MIA, by=Segment.WEEK, report=report)
    plan(MONDAY)
    for report, mail in zip(several, send_all(app, server), strict=True):
        text, html = bodies(mail)
        for metric in report.metrics:
            assert f"\n- {metric.title} ({metric.kind.capitalize()}): " in text
            assert f"{metric.title}<br><small>{metric.kind.capitalize()}</small></th>" in html
        for count in report.counts:
            assert (f"\n- {count.title}: " in text) is count.listed
            assert (f">{count.title}</th>" in html) is count.listed


def test_an_activity_stands_beside_its_quality_figure_and_how_many_were_judged(
    app: Flask, server: MailServer
) -> None:
    judge()
    wants(CORA)
    plan(MONDAY)
    (mail,) = send_all(app, server)
    text, html = bodies(mail)
    ben, total = text.split("\nBen\n")[1].split("\nTotal\n")
    for part in (ben, total):
        told = [line.removeprefix("- ") for line in part.split("\n\n")[0].splitlines()]
        assert [line.split(":")[0] for line in told[:4]] == [
            "Link rate (Activity)",
            "Without exempt (Activity)",
            "Link accuracy (Quality)",
            "Links judged",
        ]
        assert told[2:4] == ["Link accuracy (Quality): 100.0 % (0.0 %)", "Links judged: 1 (1)"]
    assert "<td>100.0 % (0.0 %)</td><td>1 (1)</td>" in html
    assert all("No goal can be set on an activity" in body for body in (text, html))


@pytest.mark.parametrize(
    ("report", "by", "title", "why"),
    [
        # Nothing was judged; judged work is kept for others; checklists are not told apart by domain.
        (
            LINK_RATE,
            Segment.AGENT,
            "Link accuracy",
            "Nothing was counted that the figure could be worked out of.",
        ),
        (REPORTS["activity"], Segment.AGENT, "Checklist score", str(KEPT_FOR)),
        (
            REPORTS["activity"],
            Segment.DOMAIN,
            "Checklist score",
            "Checklist score is not told apart by these rows.",
        ),
    ],
)
def test_a_quality_figure_that_is_missing_says_why(
    app: Flask, server: MailServer, report: Report, by: Segment, title: str, why: str
) -> None:
    wants(MIA, by=by, report=report)
    plan(MONDAY)
    (mail,) = send_all(app, server)
    text, html = bodies(mail)
    assert f"\n- {title} (Quality): \N{EN DASH} (\N{EN DASH})" in text
    for body in (text, html):
        assert unescape(body).count(why) == 1


def test_a_mail_says_what_it_is_narrowed_to_its_zone_and_its_moment(app: Flask, server: MailServer) -> None:
    wants(MIA, team=str(golden.SOUTH), agent=str(BEN))
    wants(BEN, team=str(golden.SOUTH))
    plan(MONDAY)
    mails = {mail["To"]: mail for mail in send_all(app, server)}
    mine, his = (mails[person(number).email] for number in (MIA, BEN))
    assert mine["Subject"] == "Link rate (Agent: Ben; Team: South), 31 Mar 2025 to 6 Apr 2025"
    assert his["Subject"] == "Link rate (Team: South: yours alone), 31 Mar 2025 to 6 Apr 2025"
    for body, said in zip(
        bodies(mine),
        ("Narrowed to Agent: Ben; Team: South\n", "<strong><bdi>Agent: Ben; Team: South</bdi></strong>"),
        strict=True,
    ):
        assert said in body
        assert "from 31 Mar 2025 to 6 Apr 2025, that day included" in body
        assert "As of 7 Apr 2025, 00:30, on the clock of Europe/Madrid." in body


def test_a_name_breaks_no_line_of_a_mail(app: Flask, server: MailServer) -> None:
    db.session.get_one(Team, golden.SOUTH).name = "So\r\nBcc: x@example.com"
    wants(MIA, team=str(golden.SOUTH))
    plan(MONDAY)
    (mail,) = send_all(app, server)
    assert mail["Bcc"] is None
    assert "\nBcc" not in bodies(mail)[0]


def test_a_period_that_is_cut_is_marked(app: Flask, server: MailServer) -> None:
    wants(MIA, by=Segment.MONTH)
    plan(MONDAY)
    (mail,) = send_all(app, server)
    for body in bodies(mail):
        assert "Mar 2025 (in part)" in body
        assert "Apr 2025 (in part)" in body


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
    assert mail["Subject"] == "Link rate, 1 Apr 2025 to 30 Apr 2025"


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


# What a report answers with is answered when it is asked for by mail.
REFUSED = [
    (
        ANA,
        {"report": "link-rate", "agent": str(BEN)},
        404,
        "There is no such agent. Choose one from the report.",
    ),
    (ANA, {"report": "link-rate", "by": "team", "team": "2"}, 404, "There is no such team."),
    (CORA, {"report": "link-rate", "agent": str(ANA)}, 404, "There is no such agent."),
    (MIA, {"report": "link-rate", "agent": "4711"}, 404, "There is no such agent."),
    (MIA, {"report": "link-rate", "by": "licence", "licence": "king"}, 422, "Choose one of candidate,"),
    (ANA, {"report": "usage", "by": "reader"}, 422, "by reader is for whoever sees everybody."),
    (
        ANA,
        {"report": "usage", "by": "day", "reader": "publisher"},
        422,
        "by reader is for whoever sees everybody.",
    ),
    (ANA, {"report": "roi", "by": "month"}, 403, "This report is about everybody"),
]


@pytest.mark.parametrize("who", [ANA, CORA, MIA])
def test_what_the_report_refuses_is_refused_by_mail(app: Flask, who: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app.test_client(), person(who))
    for reader, form, status, said in REFUSED:
        if reader != who:
            continue
        name, query = form["report"], {key: value for key, value in form.items() if key != "report"}
        for answer in (
            client.get(f"/reports/{name}", query_string=query),
            client.post("/reports/subscriptions", data={"by": "week", **form, "every": "week"}),
        ):
            assert (answer.status_code, said in unescape(answer.text)) == (status, True), (form, answer.text)
    assert services.subscriptions_of(person(who)) == []


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
