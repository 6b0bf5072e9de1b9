"""What waits for one person: each section's rule, what is in it and what is not, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.articles import services as articles
from kcs.articles.flags import decline_flag, flag_article
from kcs.articles.models import Article
from kcs.articles.policy import TemplateRow
from kcs.authoring.writing_requests import ask_to_write
from kcs.database import db
from kcs.my_work.queries import PER_PAGE, Section, count_waiting, first_rows
from kcs.people.models import Agent
from kcs.reviews import deciding
from kcs.reviews import services as reviews
from kcs.reviews.comments import Passage
from kcs.reviews.models import Asks, ReviewRequest
from kcs.solving.models import ExemptionReason
from kcs.solving.services import discard_draft, draft_article, exempt, link_article
from kcs.tickets.models import Ticket
from tests.articles.test_trust import aged, counting_queries
from tests.factories import make_agent, make_article, make_ticket, sign_in, token_for
from tests.fakes import FakeDesk
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence, Role

S = ArticleState
SECRET = "The code is 1234"


class Team:
    """The person whose page it is, a colleague, and a coach who judges."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.coach = make_agent(Licence.PUBLISHER, [Role.COACH], email="mia@example.com")
        self.me = make_agent(Licence.CONTRIBUTOR, email="ana@example.com")
        self.other = make_agent(Licence.CONTRIBUTOR, email="ben@example.com")
        self.me.coach_id = self.other.coach_id = self.coach.id

    def solved(self, by: Agent) -> Ticket:
        """A ticket this person solved without knowledge."""
        return make_ticket(self.desk, solved_by=by.email)

    def returned(self, by: Agent, *comments: Passage) -> ReviewRequest:
        """A review that came back to this person."""
        article = make_article(S.NOT_VALIDATED, author=by)
        review = reviews.ask_review(article, Asks.VALIDATE, by=by)
        return deciding.return_with_comments(
            review, by=self.coach, comments=comments or (Passage("Say which browser."),)
        )

    def waiting(self) -> dict[str, int]:
        """How much waits for me, without what is empty."""
        db.session.commit()
        counts = count_waiting(self.me, database.now())
        return {section.value: number for section, number in counts.items() if number}


@pytest.fixture
def team(app: Flask, desk: FakeDesk) -> Team:
    """People around one page."""
    return Team(desk)


def in_state(state: ArticleState, by: Agent, **moments: int) -> Article:
    """An article of somebody's that was written long ago unless `moments` say otherwise."""
    return aged(make_article(state, author=by), 900, **moments)


def given_away(team: Team) -> None:
    make_article(S.WIP, author=team.other).owner_id = team.me.id


def handed_over(team: Team) -> None:
    in_state(S.VALIDATED, team.me).owner_id = team.other.id


def passed_on(team: Team) -> None:
    flag = flag_article(make_article(author=team.me), "wrong", by=team.other)
    flag.assigned_to_id = team.coach.id


def declined(team: Team) -> None:
    flag = flag_article(make_article(author=team.me), "wrong", by=team.other)
    decline_flag(flag, by=team.me, answer="it is right")


def thrown_away(team: Team) -> None:
    ticket = team.solved(team.me)
    draft_article(ticket, by=team.me)
    discard_draft(ticket, by=team.me)
    exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=team.me)


def deleted_under_review(team: Team) -> None:
    articles.move_article(team.returned(team.me).article, Move.ARCHIVE, by=team.coach)


def resubmitted(team: Team) -> None:
    reviews.resubmit(team.returned(team.me), by=team.me)


def assigned(team: Team) -> None:
    """Solved by a colleague while it was mine: either of us can finish it."""
    team.solved(team.other).assignee_id = team.me.id


# what happened, what waits for me then
RULES: list[tuple[str, Callable[[Team], object], dict[str, int]]] = [
    ("nothing", lambda _: None, {}),
    ("solved without knowledge", lambda t: t.solved(t.me), {"tickets": 1}),
    ("assigned to me, solved by a colleague", assigned, {"tickets": 1}),
    ("solved by a colleague", lambda t: t.solved(t.other), {}),
    ("not solved yet", lambda t: make_ticket(t.desk), {}),
    ("linked late", lambda t: link_article(t.solved(t.me), make_article(), by=t.me), {}),
    ("exempt", lambda t: exempt(t.solved(t.me), ExemptionReason.NO_KNOWLEDGE, by=t.me), {}),
    ("drafted late", lambda t: draft_article(t.solved(t.me), by=t.me), {"drafts": 1}),
    ("asked to write", lambda t: ask_to_write("grey export", t.me, by=t.other), {"writing": 1}),
    ("asked a colleague to write", lambda t: ask_to_write("grey export", t.other, by=t.me), {}),
    ("draft thrown away", thrown_away, {}),
    ("a draft of a colleague", lambda t: make_article(S.WIP, author=t.other), {}),
    ("a draft I own now", given_away, {"drafts": 1}),
    ("no draft any more", lambda t: make_article(S.NOT_VALIDATED, author=t.me), {}),
    ("sent back", lambda t: t.returned(t.me), {"reviews": 1}),
    ("sent back to a colleague", lambda t: t.returned(t.other), {}),
    ("resubmitted", resubmitted, {}),
    ("sent back, then archived", deleted_under_review, {}),
    ("flagged", lambda t: flag_article(make_article(author=t.me), "wrong", by=t.other), {"flags": 1}),
    ("flagged, waits with my coach", passed_on, {"flags": 1}),
    ("flagged by me", lambda t: flag_article(make_article(author=t.other), "wrong", by=t.me), {}),
    ("flag answered", declined, {}),
    ("unchecked for long", lambda t: in_state(S.VALIDATED, t.me), {"checks": 1}),
    ("used lately", lambda t: in_state(S.VALIDATED, t.me, used=3), {}),
    ("checked lately", lambda t: in_state(S.PUBLISHED, t.me, checked=3), {}),
    ("of a colleague", lambda t: in_state(S.VALIDATED, t.other), {}),
    ("owned by a colleague", handed_over, {}),
    ("archived", lambda t: in_state(S.ARCHIVED, t.me), {}),
]


@pytest.mark.parametrize(("what", "happen", "waits"), RULES, ids=[rule[0] for rule in RULES])
def test_what_waits_for_me_and_what_does_not(
    team: Team, what: str, happen: Callable[[Team], object], waits: dict[str, int]
) -> None:
    happen(team)
    assert team.waiting() == waits


def test_the_rows_come_in_their_order_and_no_more_than_asked_for(team: Team) -> None:
    tickets = [team.solved(team.me) for _ in range(4)]
    drafts = [make_article(S.WIP, author=team.me) for _ in range(3)]
    for days, article in zip((1, 9, 4), drafts, strict=True):
        article.changed_at = database.now() - timedelta(days=days)
    db.session.commit()
    parts = first_rows(team.me, database.now(), limit=3)
    assert (parts[Section.TICKETS].total, parts[Section.TICKETS].rows) == (4, tickets[:0:-1])
    assert parts[Section.DRAFTS].rows == [drafts[1], drafts[2], drafts[0]]


def full(team: Team, rows: int) -> None:
    """Let `rows` wait in every section, and as many texts be judged."""
    for number in range(rows):
        ask_to_write(f"words {rows} {number}", team.me, by=team.other)
        team.solved(team.me)
        make_article(S.WIP, author=team.me)
        team.returned(team.me, Passage("Which one?"), Passage("Since when?", "resolution", "pop-ups"))
        flag_article(make_article(author=team.me), "wrong", by=team.other)
        in_state(S.VALIDATED, team.me)
        cited = make_article(author=team.me)
        link_article(make_ticket(team.desk), cited, by=team.other)
        review = reviews.ask_review(cited, Asks.PUBLISH, by=team.me)
        deciding.accept(review, by=team.coach, audience=Audience.PUBLIC)
    db.session.commit()


def test_many_rows_cost_as_many_statements_as_one(app: Flask, team: Team) -> None:
    browser, headers = sign_in(app.test_client(), team.me), token_for(team.me)
    pages = [("/my-work", 36), *((f"/my-work/{section}", 17) for section in Section)]
    asked: dict[int, dict[str, int]] = {}
    for rows in (1, 4):
        full(team, rows)
        asked[rows] = {}
        for path, most in pages:
            with counting_queries() as seen:
                assert browser.get(path).status_code == 200
            asked[rows][path] = len(seen)
            assert len(seen) <= most, (path, seen)
        with counting_queries() as seen:
            assert app.test_client().get("/api/v1/me/work", headers=headers).status_code == 200
        asked[rows]["api"] = len(seen)
    assert asked[1] == asked[4]


def test_a_long_section_has_pages(app: Flask, team: Team) -> None:
    for number in range(PER_PAGE + 2):
        make_article(S.WIP, author=team.me, title=f"Draft {number:02}")
    browser = sign_in(app.test_client(), team.me)
    first = browser.get("/my-work").text
    assert f"All {PER_PAGE + 2} of them" in first
    assert first.count("/edit") == 5
    assert browser.get("/my-work/drafts").text.count("/edit") == PER_PAGE
    for page in (2, 99):
        assert browser.get(f"/my-work/drafts?page={page}").text.count("/edit") == 2
    assert browser.get("/my-work/nonsense").status_code == 404


def test_comments_are_shown_where_they_belong_and_only_to_who_may_read_the_field(
    app: Flask, team: Team
) -> None:
    fields = [
        {"name": "resolution", "label": "Answer", "need": "answer"},
        {"name": "secret", "label": "For publishers", "readers": ["publisher"]},
    ]
    db.session.add(TemplateRow(key="split", name="Split", fields=fields, changed_at=database.now()))
    article = articles.create_article(
        "Reset", {"resolution": "Reload.", "secret": SECRET}, by=team.coach, template="split"
    )
    article.owner_id = article.author_id = team.me.id
    review = reviews.ask_review(article, Asks.VALIDATE, by=team.me)
    judge = make_agent(Licence.PUBLISHER, email="pia@example.com")
    said = (Passage("Is it still 1234?", "secret", SECRET), Passage("Which page?", "resolution", "Reload"))
    deciding.return_with_comments(review, by=judge, comments=said)
    reviews.answer(review, by=team.me, text="My own answer")
    browser, headers = sign_in(app.test_client(), team.me), token_for(team.me)
    shown = browser.get("/my-work").text
    assert "Which page?" in shown
    assert f"/reviews/{review.id}#comment-{review.comments[1].id}" in shown
    by_api = app.test_client().get("/api/v1/me/work", headers=headers)
    assert [each["text"] for each in by_api.get_json()["reviews"][0]["comments"]] == ["Which page?"]
    for text in (shown, browser.get("/my-work/reviews").text, by_api.text):
        assert "1234" not in text
        assert "My own answer" not in text


def test_other_peoples_things_never_appear(app: Flask, team: Team) -> None:
    for article in (make_article(S.WIP, author=team.other), in_state(S.VALIDATED, team.other)):
        flag_article(article, "Flagged elsewhere", by=team.coach)
    team.solved(team.other)
    ask_to_write("Searched elsewhere", team.other, by=team.coach)
    team.returned(team.other, Passage("Said elsewhere"))
    browser, headers = sign_in(app.test_client(), team.me), token_for(team.me)
    pages = ["/my-work", *(f"/my-work/{section}" for section in Section)]
    texts = [browser.get(path).text for path in pages]
    data = app.test_client().get("/api/v1/me/work", headers=headers).get_json()
    assert set(data["counts"].values()) == {0}
    for text in (*texts, str(data)):
        assert not any(word in text for word in ("elsewhere", "Export button", "Ben"))


def test_the_api_gives_the_counts_and_a_bounded_number_of_rows(app: Flask, team: Team) -> None:
    full(team, 3)
    headers, client = token_for(team.me), app.test_client()
    for query, rows in ((("limit", "2"), 2), (("limit", "25"), 3)):
        data = client.get("/api/v1/me/work", query_string=[query], headers=headers).get_json()
        assert data["counts"]["flags"] == len(data["flags"]) + 3 - rows
        assert {
            len(data[name]) for name in ("tickets", "reviews", "flags", "writing", "drafts", "checks")
        } == {rows}
    assert data["flags"][0]["reason"] == "wrong"
    assert data["licence"]["next"] == "publisher"
    for limit in ("0", "26", "many"):
        assert client.get(f"/api/v1/me/work?limit={limit}", headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("licence", "roles", "home", "says"),
    [
        (Licence.CANDIDATE, [], "/my-work", "Your way to contributor"),
        (Licence.CONTRIBUTOR, [], "/my-work", "Your way to publisher"),
        (Licence.PUBLISHER, [Role.ADMIN], "/my-work", "That is the highest licence"),
        (None, [Role.COACH], "/my-work", "You hold no licence"),
        (None, [Role.EXPERT], "/my-work", "Nothing waits for you"),
        (None, [Role.MANAGER], "/reports/link-rate", "This page fills for people who work on tickets"),
        (None, [Role.ADMIN], "/reports/link-rate", "This page fills for people who work on tickets"),
        (None, [], "/reports/link-rate", "This page fills for people who work on tickets"),
    ],
)
def test_everybody_has_a_sensible_page_and_home(
    app: Flask, licence: Licence | None, roles: list[Role], home: str, says: str
) -> None:
    browser = sign_in(app.test_client(), make_agent(licence, roles))
    assert browser.get("/").location == home
    answer = browser.get("/my-work")
    assert answer.status_code == 200
    assert says in answer.text


def test_still_right_counts_from_here_and_leads_back(app: Flask, team: Team) -> None:
    article = in_state(S.VALIDATED, team.me)
    unvalidated = in_state(S.NOT_VALIDATED, team.me)
    browser = sign_in(app.test_client(), team.me)
    shown = browser.get("/my-work").text
    assert shown.count("/confirm") == 1
    answer = browser.post(f"/my-work/checks/{article.key}/confirm")
    assert (answer.status_code, answer.location) == (303, "/my-work#checks")
    assert team.waiting() == {"checks": 1}
    assert article.last_checked_by_id == team.me.id
    assert browser.post(f"/my-work/checks/{unvalidated.key}/confirm").status_code == 409


def test_the_navigation_counts_what_waits(app: Flask, team: Team) -> None:
    browser = sign_in(app.test_client(), team.me)
    assert "for you" not in browser.get("/articles").text
    team.solved(team.me)
    flag_article(in_state(S.VALIDATED, team.me), "wrong", by=team.other)
    db.session.commit()
    text = browser.get("/articles").text
    assert 'href="/my-work"' in text
    assert '>My work <span class="nav-count">3<' in text
