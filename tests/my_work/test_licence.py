"""The way to the next licence: which reviews count, what they are worth, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from kcs import database
from kcs.articles import services as articles
from kcs.database import db
from kcs.my_work.licence import Outcome, Rules, missing_reviews, way_of
from kcs.people.models import Agent, LicenceGrant
from kcs.people.services import grant_licence
from kcs.reviews import deciding, services
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import Amendment
from kcs.reviews.models import Asks, Cause, ReviewRequest
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article, sign_in
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence, Role

RULES = Rules({Licence.CONTRIBUTOR: 4, Licence.PUBLISHER: 2}, 75)
Y, N = Outcome.AS_WRITTEN, Outcome.REWORKED

# reviews so far, newest first; how many are looked at; percent; how many more that stand are missing
MISSING = [
    ((), 10, 90, 10),
    ((Y,) * 9, 10, 90, 1),
    ((Y,) * 10, 10, 90, 0),
    ((N, *(Y,) * 9), 10, 90, 0),
    ((*(Y,) * 9, N), 10, 90, 0),
    ((N, N, *(Y,) * 8), 10, 90, 9),
    ((*(Y,) * 8, N, N), 10, 90, 1),
    ((N,), 10, 90, 9),
    ((N, N), 10, 90, 9),
    ((Y, N, Y, Y), 4, 75, 0),
    ((Y, N, Y), 4, 75, 1),
    ((N, N, Y, Y), 4, 75, 3),
    ((N,) * 4, 4, 100, 4),
    ((N,) * 4, 4, 1, 1),
]


@pytest.mark.parametrize(("outcomes", "needed", "percent", "missing"), MISSING)
def test_what_is_missing_is_the_fewest_further_reviews_that_do(
    outcomes: tuple[Outcome, ...], needed: int, percent: int, missing: int
) -> None:
    assert missing_reviews(outcomes, needed, percent) == missing


class Path:
    """A candidate with a coach."""

    def __init__(self) -> None:
        self.coach = make_agent(Licence.PUBLISHER, [Role.COACH], email="mia@example.com")
        self.me = make_agent(Licence.CANDIDATE, email="cem@example.com")
        self.me.coach_id = self.coach.id
        db.session.flush()

    def asked(self, by: Agent | None = None) -> ReviewRequest:
        """A draft of somebody's that waits for validation."""
        author = by or self.me
        article = make_article(ArticleState.NOT_VALIDATED, author=author)
        return services.ask_review(article, Asks.VALIDATE, by=author)

    def accepted(self, by: Agent | None = None) -> ReviewRequest:
        """Accepted as it was written."""
        return deciding.accept(self.asked(by), by=self.coach)


def returned_first(path: Path) -> None:
    review = path.asked()
    deciding.return_with_comments(review, by=path.coach, comments=(Passage("Which browser?"),))
    services.resubmit(review, by=path.me)
    deciding.accept(review, by=path.coach)


def mended(path: Path) -> None:
    text = Amendment("Better", {"issue": "Cannot export", "resolution": "Press F5."}, 1)
    deciding.accept(path.asked(), by=path.coach, amendment=text)


def proposed(path: Path) -> None:
    article = make_article(author=path.coach)
    article.owner_id = None
    parts = {**article.current_version.parts, "resolution": "Press F5."}
    review = services.propose(article, article.title, parts, by=path.me, base=1)
    deciding.accept(review, by=path.coach)


def by_demand(path: Path) -> None:
    review = path.asked()
    review.asked_by_id, review.cause = None, Cause.DEMAND
    deciding.accept(review, by=path.coach)


def before_the_licence(path: Path) -> None:
    path.accepted().decided_at = database.now() - timedelta(days=400)


def thrown_away(path: Path) -> None:
    article = path.accepted().article
    articles.move_article(article, Move.ARCHIVE, by=path.coach)


def to_publish(path: Path) -> None:
    review = services.ask_review(make_article(author=path.me), Asks.PUBLISH, by=path.me)
    deciding.accept(review, by=path.coach, audience=Audience.PUBLIC)


# what happened; the outcomes that count for a candidate, and how many wait
HISTORIES: list[tuple[str, Callable[[Path], object], list[Outcome], int]] = [
    ("nothing yet", lambda _: None, [], 0),
    ("waits", lambda path: path.asked(), [], 1),
    ("taken back", lambda path: services.drop(path.asked(), by=path.me), [], 0),
    ("accepted", lambda path: path.accepted(), [Y], 0),
    ("accepted, archived since", thrown_away, [Y], 0),
    ("sent back first", returned_first, [N], 0),
    ("mended by the reviewer", mended, [N], 0),
    ("a proposal taken over", proposed, [Y], 0),
    ("asked for by tickets", by_demand, [Y], 0),
    ("of a colleague", lambda path: path.accepted(make_agent(Licence.CANDIDATE)), [], 0),
    ("before the present licence", before_the_licence, [], 0),
    ("for publishing: counts later", to_publish, [], 0),
]


@pytest.mark.parametrize(
    ("what", "happen", "outcomes", "waiting"), HISTORIES, ids=[each[0] for each in HISTORIES]
)
def test_which_reviews_count(
    app: Flask, what: str, happen: Callable[[Path], object], outcomes: list[Outcome], waiting: int
) -> None:
    path = Path()
    happen(path)
    db.session.flush()
    way = way_of(path.me, RULES)
    assert ([each.outcome for each in way.judged], way.waiting) == (outcomes, waiting)
    assert (way.next, way.needed, way.coach) == (Licence.CONTRIBUTOR, 4, path.coach)


def test_the_way_begins_anew_with_each_licence_and_ends_with_the_last(app: Flask) -> None:
    path = Path()
    for _ in range(5):
        path.accepted()
    way = way_of(path.me, RULES)
    assert (len(way.judged), way.passed, way.missing) == (4, 4, 0)
    assert path.me.licence is Licence.CANDIDATE, "nothing is granted by itself"
    assert db.session.query(LicenceGrant).filter_by(agent_id=path.me.id).count() == 1

    grant_licence(path.me, Licence.CONTRIBUTOR)
    way = way_of(path.me, RULES)
    assert (way.next, way.missing, way.judged) == (Licence.PUBLISHER, 2, ())
    to_publish(path)
    assert way_of(path.me, RULES).missing == 1

    grant_licence(path.me, Licence.PUBLISHER)
    way = way_of(path.me, RULES)
    assert (way.next, way.missing, way.judged) == (None, 0, ())
    grant_licence(path.me, None)
    assert way_of(path.me, RULES).licence is None


def test_the_page_says_what_is_missing_and_who_decides(make_app: AppMaker) -> None:
    app = make_app(CONTRIBUTOR_REVIEWS="3", REVIEW_PASS_PERCENT="66")
    with app.app_context():
        path = Path()
        path.accepted()
        returned_first(path)
        browser = sign_in(app.test_client(), path.me)
        text = " ".join(browser.get("/my-work").text.split())
        assert "1 more review accepted as written is missing." in text
        assert "Of your latest 3 reviews, at least 66 % must stand as you wrote them; so far 1 of 2" in text
        assert "Your coach, Mia, looks at more than these numbers and proposes it." in text
        assert text.count("After changes<") == text.count("As written<") == 1

        path.coach.active = False
        path.accepted()
        browser = sign_in(app.test_client(), path.me)
        text = browser.get("/my-work").text
        assert "Your reviews are enough." in text
        assert "You have no coach yet" in text
