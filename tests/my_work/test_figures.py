"""What one's articles did: which links are citations, of which month, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kcs import database
from kcs.activity.services import record
from kcs.articles.models import Article
from kcs.articles.services import save_version
from kcs.config import Settings
from kcs.database import db
from kcs.metrics.facts import keeping
from kcs.metrics.model import Only, Scope, Segment
from kcs.metrics.periods import Window
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import citations
from kcs.my_work.figures import MONTHS, Month, cited_articles, months_of
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskUser
from kcs.reviews import deciding, services
from kcs.solving.models import LinkRole
from kcs.solving.services import draft_article, link_article, unlink
from kcs.tickets.models import Ticket
from kcs.tickets.services import mark_deleted
from tests.factories import make_agent, make_article, make_ticket, sign_in, token_for
from tests.fakes import FakeDesk
from workflow.permissions import Licence

UTC_ZONE, MADRID, MONTREAL = ZoneInfo("UTC"), ZoneInfo("Europe/Madrid"), ZoneInfo("America/Montreal")


class Team:
    """The person whose figures they are, and a colleague."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.me = make_agent(Licence.PUBLISHER, email="ana@example.com")
        self.other = make_agent(Licence.PUBLISHER, email="ben@example.com")
        self.candidate = make_agent(Licence.CANDIDATE, email="cem@example.com")

    def article(self, author: Agent | None = None) -> Article:
        """Somebody's article, mine unless said."""
        return make_article(author=author or self.me)

    def ticket(self, customer: str = "u1") -> Ticket:
        """A customer's ticket."""
        requester = DeskUser(customer, AuthorKind.REQUESTER, customer.title(), f"{customer}@example.org")
        return make_ticket(self.desk, requester=requester)  # type: ignore[arg-type]

    def edit(self, article: Article, by: Agent, text: str = "Press F5.") -> None:
        """Somebody improves an article."""
        parts = {**article.current_version.parts, "resolution": text}
        number = article.current_version.number
        save_version(article, article.title, parts, by=by, base=number)

    def figures(self, agent: Agent | None = None) -> tuple[int, int, int]:
        """This month's: citations by others, by oneself, customers."""
        db.session.commit()
        month = months_of(agent or self.me, database.now(), UTC_ZONE)[-1]
        return month.by_others, month.by_me, month.customers


@pytest.fixture
def team(app: Flask, desk: FakeDesk) -> Team:
    """People around some articles."""
    return Team(desk)


def two_customers(team: Team) -> None:
    article = team.article()
    for customer in ("u1", "u1", "u2"):
        link_article(team.ticket(customer), article, by=team.other)


def linked_again(team: Team) -> None:
    link = link_article(team.ticket(), article := team.article(), by=team.other)
    unlink(link, by=team.other)
    link_article(link.ticket, article, by=team.other)


def edited_before(team: Team) -> None:
    team.edit(article := team.article(team.other), team.me)
    link_article(team.ticket(), article, by=team.other)


def edited_after(team: Team) -> None:
    link_article(team.ticket(), article := team.article(team.other), by=team.other)
    team.edit(article, team.me)


def proposed(team: Team, *, taken: bool) -> None:
    article = team.article(team.other)
    parts = {**article.current_version.parts, "resolution": "Press F5."}
    review = services.propose(article, article.title, parts, by=team.candidate, base=1)
    if taken:
        deciding.accept(review, by=team.other)
    link_article(team.ticket(), article, by=team.other)
    team.me = team.candidate


def deleted_ticket(team: Team) -> None:
    link = link_article(team.ticket(), team.article(), by=team.other)
    mark_deleted(link.ticket)


def link(team: Team, by: Agent, role: LinkRole = LinkRole.RESOLUTION) -> None:
    link_article(team.ticket(), team.article(), by=by, role=role)


# what happened; this month's citations by others, by me, and customers helped
RULES: list[tuple[str, Callable[[Team], object], tuple[int, int, int]]] = [
    ("nothing", lambda _: None, (0, 0, 0)),
    ("linked by a colleague", lambda t: link(t, t.other), (1, 0, 1)),
    ("linked by me", lambda t: link(t, t.me), (0, 1, 1)),
    ("as a reference", lambda t: link(t, t.other, LinkRole.REFERENCE), (0, 0, 0)),
    ("an article of a colleague", lambda t: link_article(t.ticket(), t.article(t.other), by=t.me), (0, 0, 0)),
    ("the ticket it was drafted from", lambda t: draft_article(t.ticket(), by=t.me), (0, 0, 0)),
    (
        "removed again",
        lambda t: unlink(link_article(t.ticket(), t.article(), by=t.other), by=t.other),
        (0, 0, 0),
    ),
    ("removed, linked again", linked_again, (1, 0, 1)),
    ("two customers, three tickets", two_customers, (3, 0, 2)),
    ("I had edited it before", edited_before, (1, 0, 1)),
    ("I edited it only afterwards", edited_after, (0, 0, 0)),
    ("my proposal was taken over", lambda t: proposed(t, taken=True), (1, 0, 1)),
    ("my proposal waits", lambda t: proposed(t, taken=False), (0, 0, 0)),
    ("the ticket was deleted", deleted_ticket, (0, 0, 0)),
]


@pytest.mark.parametrize(("what", "happen", "figures"), RULES, ids=[rule[0] for rule in RULES])
def test_what_counts_as_a_citation(
    team: Team, what: str, happen: Callable[[Team], object], figures: tuple[int, int, int]
) -> None:
    happen(team)
    assert team.figures() == figures
    # The report that coaches read goes by the same rule.
    now = database.now() + timedelta(seconds=1)
    keeping.catch_up(now, UTC_ZONE, slices=10)
    month = Window(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0), now, UTC_ZONE)
    asked = Scope(month, now, EVERYBODY, Only({Segment.AGENT: team.me.id}))
    told = citations.REPORT.reader.total(asked)
    assert (told["citations"], told["own"]) == figures[:2]


# The organisation's zone; when its October and February begin and its March ends, in UTC.
ZONES = [
    (UTC_ZONE, "2025-10-01T00:00", "2026-02-01T00:00", "2026-04-01T00:00"),
    (MADRID, "2025-09-30T22:00", "2026-01-31T23:00", "2026-03-31T22:00"),
    (MONTREAL, "2025-10-01T04:00", "2026-02-01T05:00", "2026-04-01T04:00"),
]


@pytest.mark.parametrize(("zone", "october", "february", "april"), ZONES)
def test_months_begin_and_end_where_the_organisation_is_and_the_last_six_are_shown(
    team: Team, zone: ZoneInfo, october: str, february: str, april: str
) -> None:
    article, ticket = team.article(), team.ticket()
    boundaries = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (october, february, april)]
    moments = [boundary + timedelta(seconds=by) for boundary in boundaries for by in (-1, 0)]
    for number, moment in enumerate(moments):
        record(
            "ticket.link",
            authority="licence:publisher",
            agent=team.other,
            happened_at=moment,
            ticket_id=ticket.id,
            article_id=article.id,
            link_id=1000 + number,
            role="resolution",
        )
    months = months_of(team.me, datetime(2026, 3, 15, 12, tzinfo=UTC), zone)
    assert len(months) == MONTHS
    assert [(each.name, each.by_others) for each in months] == [
        ("2025-10", 1),
        ("2025-11", 0),
        ("2025-12", 0),
        ("2026-01", 1),
        ("2026-02", 1),
        ("2026-03", 1),
    ]
    assert months[0] == Month(date(2025, 10, 1), by_others=1, by_me=0, customers=1)
    last = boundaries[-1] - timedelta(seconds=1)
    assert months_of(team.me, last, zone)[-1].name == "2026-03"
    assert months_of(team.me, boundaries[-1], zone)[-1].name == "2026-04"
    assert [each.by_others for each in cited_articles(team.me, last, zone)] == [2]


def test_the_page_and_the_api_have_the_months_of_the_organisations_zone(app: Flask, team: Team) -> None:
    settings: Settings = app.config["KCS"]
    now = database.now()
    # They are a day apart.
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        app.config["KCS"] = replace(settings, timezone=name)
        data = app.test_client().get("/api/v1/me/work", headers=token_for(team.me)).get_json()
        assert data["months"][-1]["month"] == f"{now.astimezone(ZoneInfo(name)):%Y-%m}"
        assert name in sign_in(app.test_client(), team.me).get("/my-work").text


def test_a_removed_link_takes_its_citation_out_of_the_month_it_was_in(team: Team) -> None:
    made = link_article(team.ticket(), team.article(), by=team.other)
    assert team.figures() == (1, 0, 1)
    unlink(made, by=team.me)
    assert team.figures() == (0, 0, 0)


def test_the_page_and_the_api_name_no_other_persons_figures(app: Flask, team: Team) -> None:
    mine, theirs = team.article(), make_article(title="Printer jams, Press 7", author=team.other)
    for _ in range(3):
        link_article(team.ticket(), mine, by=team.other)
    for number in range(17):
        link_article(team.ticket(f"c{number}"), theirs, by=team.me)
    db.session.commit()
    assert team.figures(team.other) == (17, 0, 17)
    text = " ".join(sign_in(app.test_client(), team.me).get("/my-work").text.split())
    data = app.test_client().get("/api/v1/me/work", headers=token_for(team.me)).get_json()
    assert re.findall(r'stat-value">(\d+)<', text) == ["3", "0", "1"]
    assert data["months"][-1] == {
        "month": f"{database.now():%Y-%m}",
        "citations_by_others": 3,
        "citations_by_me": 0,
        "customers_helped": 1,
    }
    main = text[text.index("<main") : text.index("</main>")]
    said = re.sub(r"<[^>]*>", " ", main).replace("There is no target and no comparison", "")
    for words in ("Printer jams", "Ben", "target", "rank", "average"):
        assert words not in said, words
        assert words not in str(data), words
    # A day or an hour may be the same number; a figure may not.
    assert "17" not in re.findall(r"\d+", re.sub(r"\d+ [A-Z][a-z]+ \d{4}", "", said))
    assert 17 not in {each for each in _leaves(data) if isinstance(each, int)}


def _leaves(data: object) -> Iterator[object]:
    """Yield every value of a JSON document that holds no others."""
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _leaves(each)
    else:
        yield data
