"""The Evolve loop board: what is listed and why, for whom, and that nothing is done by itself."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.activity.services import record
from kcs.articles.models import Article
from kcs.database import db
from kcs.evolving import product, queries
from kcs.evolving.doubts import DoubtFinder
from kcs.evolving.pages import SHOWN
from kcs.improving.models import ArticleViews
from kcs.metrics.facts.models import FOREVER, SolvedFact
from kcs.people.models import Agent
from kcs.ports import AuthorKind, DeskUser
from kcs.search.duplicate_acts import keep_duplicates, look_for_duplicates
from kcs.search.models import Place, SearchLog
from kcs.solving.gaps import GapFinder
from kcs.solving.models import ExemptionReason, Link
from kcs.solving.services import exempt, link_article
from kcs.tickets.labels import LabelKind, ReportLabel
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_ticket, sign_in
from tests.fakes import START, FakeDesk
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

PRINTER = "The printer jams on tray {0} whenever duplex paper runs"
UNLIKE = [
    "Invoice shows the wrong currency",
    "Password mail never arrives",
    "Calendar sync loses birthdays",
    "Export to spreadsheet is empty",
    "Camera stays black in meetings",
    "Licence key is refused",
]


class Base:
    """A knowledge base with its people and a desk."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.asked = 0
        self.ana = make_agent(Licence.PUBLISHER, email="ana@example.com")
        self.ben = make_agent(Licence.PUBLISHER, email="ben@example.com")

    def ticket(self, subject: str, solver: Agent | None = None) -> Ticket:
        """A ticket solved today."""
        self.asked += 1
        who = DeskUser(f"u{self.asked}", AuthorKind.REQUESTER, "Someone", f"u{self.asked}@example.org")
        solved_by = solver.email if solver else ""
        ticket = make_ticket(
            self.desk,
            subject=subject,
            body=subject,
            solved_by=solved_by,
            requester=who,  # type: ignore[arg-type]
        )
        ticket.solved_at = database.now() - timedelta(hours=2)
        ticket.solver_id = solver.id if solver else None
        return ticket

    def uses(self, article: Article, subjects: list[str], by: Agent | None = None) -> list[Link]:
        """Tickets with these subjects that the article answered."""
        return [link_article(self.ticket(each, by), article, by=by or self.ana) for each in subjects]


@pytest.fixture
def base(app: Flask, desk: FakeDesk) -> Base:
    """An empty knowledge base."""
    return Base(desk)


def reopen(link: Link, hours: int) -> None:
    record(
        "ticket.reopen",
        authority="test",
        ticket_id=link.ticket_id,
        happened_at=link.created_at + timedelta(hours=hours),
    )


def unlike_and_back(base: Base, article: Article) -> None:
    links = base.uses(article, UNLIKE)
    reopen(links[0], 1)
    link_article(links[1].ticket, make_article(title="Another one"), by=base.ben)


def alike_and_back(base: Base, article: Article) -> None:
    for link in base.uses(article, [PRINTER.format(tray) for tray in range(6)])[:3]:
        reopen(link, 1)


def unlike_and_done(base: Base, article: Article) -> None:
    reopen(base.uses(article, UNLIKE)[0], -1)  # before the link: what it was reopened for


def few(base: Base, article: Article) -> None:
    for link in base.uses(article, UNLIKE[:4]):
        reopen(link, 1)


# what happened; the tickets, the most that are alike, reopened, another article, either; is it no answer
DOUBTS: list[tuple[Callable[[Base, Article], None], tuple[int, ...], bool]] = [
    (unlike_and_back, (6, 1, 1, 1, 2), True),
    (alike_and_back, (6, 6, 3, 0, 3), False),
    (unlike_and_done, (6, 1, 0, 0, 0), False),
    (few, (4, 1, 4, 0, 4), False),
]


@pytest.mark.parametrize(("happen", "figures", "no_answer"), DOUBTS, ids=[row[0].__name__ for row in DOUBTS])
def test_what_makes_an_article_no_answer(
    base: Base, happen: Callable[[Base, Article], None], figures: tuple[int, ...], no_answer: bool
) -> None:
    article = make_article(title="Restart and try again")
    happen(base, article)
    db.session.flush()
    since = database.now() - timedelta(7)
    found = DoubtFinder().doubts([article.id], since)[article.id]
    assert (found.tickets, found.alike, found.reopened, found.second, found.came_back) == figures
    assert found.is_no_answer is no_answer


def never(_base: Base, _article: Article) -> None:
    """Nothing happens to it."""


def linked(base: Base, article: Article) -> None:
    base.uses(article, ["Anything"])


def viewed(_base: Base, article: Article) -> None:
    db.session.add(ArticleViews(article_id=article.id, day=START, reader="visitor", number=1))


def opened(_base: Base, article: Article) -> None:
    db.session.add(
        SearchLog(
            nonce="n",
            place=Place.PAGE,
            words="x",
            results=1,
            shown=[article.key],
            opened_key=article.key,
            searched_at=START,
        )
    )


def reused_before(_base: Base, article: Article) -> None:
    article.earlier_reuse = 1


@pytest.mark.parametrize(
    ("happen", "days", "listed"),
    [(never, 400, True), (never, 300, False)]
    + [(act, 400, False) for act in (linked, viewed, opened, reused_before)],
)
def test_what_nobody_ever_needed_is_listed_and_stays_as_it_is(
    base: Base, happen: Callable[[Base, Article], None], days: int, listed: bool
) -> None:
    article = make_article(ArticleState.PUBLISHED, title="Old one")
    article.created_at = database.now() - timedelta(days)
    archived = make_article(ArticleState.ARCHIVED, title="Put away")
    archived.created_at = database.now() - timedelta(400)
    happen(base, article)
    db.session.flush()
    page = queries.archive_candidates(database.now(), page=1)
    assert [each.id for each in page.items] == ([article.id] if listed else [])
    assert article.state is ArticleState.PUBLISHED


def test_that_no_article_is_old_yet_is_not_said_to_be_need(app: Flask, base: Base) -> None:
    make_article(title="Begun today")
    page = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH])).get("/evolve/archive").text
    assert "No article is older than a year yet, or every one that is was needed." in page
    assert "Every older article was needed" not in page


def test_what_one_person_alone_holds(base: Base) -> None:
    mine, ours, rare = make_article(title="Mine"), make_article(title="Ours"), make_article(title="Rare")
    base.uses(mine, [PRINTER.format(tray) for tray in range(3)], base.ana)
    base.uses(ours, ["Password mail never arrives"] * 2, base.ana)
    base.uses(ours, ["Password mail never arrives"] * 2, base.ben)
    base.uses(rare, ["Camera stays black"] * 2, base.ben)
    db.session.commit()
    since = database.now() - timedelta(7)
    assert [each.title for each in queries.held_articles(since, page=1).items] == ["Mine"]
    assert queries.holders_of([mine.id, ours.id], since) == {mine.id: (base.ana, 3)}
    held = queries.held_subjects(GapFinder(), since)
    assert [(each.holder.email, each.gap.count, "printer" in each.gap.words) for each in held] == [
        ("ana@example.com", 3, True)
    ]


def test_a_subject_is_held_by_nobody_whose_answer_a_colleague_uses_too(base: Base) -> None:
    shared, own = make_article(title="Shared"), make_article(title="Own")
    base.uses(shared, [PRINTER.format(tray) for tray in range(3)], base.ana)
    base.uses(own, ["Camera stays black in the meeting"] * 3, base.ana)
    since = database.now() - timedelta(7)

    def subjects() -> list[str]:
        return sorted(min(each.gap.words) for each in queries.held_subjects(GapFinder(), since))

    alone = subjects()
    assert len(alone) == 2
    base.uses(shared, ["Paper"], base.ben)
    assert subjects() == [words for words in alone if words in {"black", "camera", "meeting", "stays"}]


def test_gaps_come_with_what_was_searched_for_and_their_product(base: Base) -> None:
    tickets = [base.ticket(PRINTER.format(tray), base.ana) for tray in range(4)]
    answered = base.ticket(PRINTER.format(5), base.ana)
    link_article(answered, make_article(), by=base.ana)
    for ticket in tickets[2:]:
        exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=base.ana)
    # Exempt, yet somebody had searched and found nothing: knowledge was missing all the same.
    searches = [(tickets[2], "paper jam", 0), (tickets[0], "tray stuck", 3), (tickets[1], "tray stuck", 2)]
    for number, (ticket, words, results) in enumerate(searches):
        db.session.add(
            SearchLog(
                nonce=str(number),
                place=Place.PANEL,
                words=words,
                results=results,
                shown=[],
                ticket_id=ticket.id,
                searched_at=START,
            )
        )
    product_of(tickets[0], "Printers")
    db.session.commit()
    (found,) = queries.lacking(GapFinder(), database.now() - timedelta(7))
    assert {ticket.id for ticket in found.gap.tickets} == {ticket.id for ticket in tickets[:3]}
    assert found.product == "Printers"
    assert sorted(found.searched) == ["paper jam", "tray stuck"]


def product_of(ticket: Ticket, name: str) -> None:
    """Say what a ticket is about, as its desk would."""
    label = db.session.query(ReportLabel).filter_by(name=name).first()
    if label is None:
        label = ReportLabel(kind=LabelKind.PRODUCT, name=name)
        db.session.add(label)
        db.session.flush()
    flags = dict.fromkeys(
        ("inferred", "reused", "created", "modified", "known", "new", "reopened", "contacted"), 0
    ) | dict.fromkeys(("one_contact", "rated", "satisfied"), 0)
    db.session.add(
        SolvedFact(
            ticket_id=ticket.id,
            known_from=START,
            known_to=FOREVER,
            solved_at=START,
            day=1,
            outcome="linked",
            product_id=label.id,
            **flags,
        )
    )


def test_the_product_hears_of_articles_by_part_of_it_and_no_formula_runs(base: Base) -> None:
    article = make_article(title="=HYPERLINK(1)", key="KB-A")
    links = base.uses(article, ["One", "Two", "Three", "Four", "Five"])
    for link in links[:4]:
        product_of(link.ticket, "Printers")
    db.session.commit()
    since = database.now() - timedelta(7)
    rows = list(product.with_examples(product.heard(since), since))
    assert [(row.product, row.key, row.reuse, row.tickets, len(row.examples)) for row in rows] == [
        ("Printers", "KB-A", 5, 4, 3),
        (None, "KB-A", 5, 1, 1),
    ]
    assert rows[1].examples == (f"acme #{links[4].ticket.remote_id}",)
    lines = list(csv.reader("".join(product.csv_of(rows)).splitlines()))
    assert lines[0] == list(product.HEADS)
    assert lines[1][:5] == ["Printers", "KB-A", "'=HYPERLINK(1)", "5", "4"]


PAGES = ("/evolve", "/evolve/gaps", "/evolve/archive", "/evolve/holders", "/evolve/product")


def test_the_pages_say_what_to_do_when_empty_and_show_what_there_is(app: Flask, base: Base) -> None:
    coach = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH]))
    for page in PAGES:
        assert 'class="empty' in coach.get(page).text, page
    article = make_article(title="Restart and try again")
    unlike_and_back(base, article)
    old = make_article(title="Fax numbers of 1998")
    old.created_at = database.now() - timedelta(400)
    held = make_article(title="Only Ben knows")
    base.uses(held, [PRINTER.format(tray) for tray in range(3)], base.ben)
    db.session.commit()
    for tray in range(2):
        base.ticket(PRINTER.format(tray + 7), base.ana)
    db.session.commit()
    board = " ".join(coach.get("/evolve").text.split())
    assert "Not an answer" in board
    assert "Of the latest 6 tickets" in board
    gaps = coach.get("/evolve/gaps").text
    assert ('class="bars"' in gaps, 'href="#gap-1"' in gaps, 'id="gap-1"' in gaps) == (True, True, True)
    assert "Fax numbers of 1998" in coach.get("/evolve/archive").text
    assert "Only Ben knows" in coach.get("/evolve/holders").text
    assert "Restart and try again" in coach.get("/evolve/product").text
    answer = coach.get("/evolve/product.csv?days=30")
    assert (answer.mimetype, "Restart and try again" in answer.text) == ("text/csv", True)


def test_every_article_that_is_drawn_has_its_name(app: Flask, base: Base) -> None:
    for number in range(SHOWN + 2):  # as many tickets each: more of them than are drawn
        base.uses(make_article(title=f"Restart printer {number}"), ["Printer"])
    db.session.commit()
    page = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH])).get("/evolve").text
    assert page.count("<th ") + page.count("<th>") > SHOWN
    assert "<bdi></bdi>" not in page


@pytest.mark.parametrize("page", ["", "/gaps", "/holders", "/product", "/product.csv"])
def test_a_period_that_is_none_of_the_choices_is_refused_with_words(app: Flask, page: str) -> None:
    coach = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH]))
    refused = coach.get(f"/evolve{page}?days=foo")
    assert (refused.status_code, "&#39;foo&#39; is no period" in refused.text) == (422, True)
    assert "30, 90, 365" in refused.text
    assert coach.get(f"/evolve{page}?days=30").status_code == 200


def test_every_list_of_the_board_tells_of_duplicates_and_they_lead_back(app: Flask, base: Base) -> None:
    for number in range(2):
        make_article(title=f"Camera stays black {number}", author=base.ana)
    keep_duplicates(look_for_duplicates())
    db.session.commit()
    coach = sign_in(app.test_client(), make_agent(None, roles=[Role.COACH]))
    for page in (*PAGES, "/evolve/patterns"):
        assert 'Duplicates <span class="count">1</span>' in coach.get(page).text, page
    assert 'href="/evolve"' in coach.get("/articles/duplicates").text
    agent = sign_in(app.test_client(), base.ben)
    assert 'href="/evolve"' not in agent.get("/articles/duplicates").text
