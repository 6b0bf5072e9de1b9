"""The page of one person beside a team: for whom it is, and what it can be asked."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from babel.dates import format_skeleton
from flask.testing import FlaskClient

from kcs import database
from kcs.database import db
from kcs.metrics.periods import day_of
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, MIA
from tests.metrics.telling import MADRID

CHOSEN = r'<option value="([0-9-]+)" selected>'

# Cora coaches South, where Ben is; Mia manages North, where Ana is.
READERS = [
    (BEN, BEN, 200),
    (CORA, BEN, 200),
    (ANA, BEN, 404),
    (MIA, BEN, 404),
    (ADA, BEN, 404),
    (MIA, ANA, 200),
]


@pytest.fixture(autouse=True)
def log(client: FlaskClient) -> None:
    golden.people()
    golden.tickets()
    golden.write(golden.rows())


def page(client: FlaskClient, reader: int, person: int, **query: object) -> tuple[int, str]:
    browser = sign_in(client, db.session.get_one(Agent, reader))
    answer = browser.get(f"/reports/people/{person}", query_string={"month": "2025-03", **query})
    return answer.status_code, answer.text


@pytest.mark.parametrize(("reader", "person", "status"), READERS)
def test_it_is_for_the_person_their_coach_and_their_manager(
    client: FlaskClient, reader: int, person: int, status: int
) -> None:
    assert page(client, reader, person)[0] == status


def test_it_shows_the_sides_chosen_with_their_figures(client: FlaskClient) -> None:
    status, text = page(client, CORA, BEN, side=["link-rate", "tickets", "created"])
    assert status == 200
    for words in ("Ben beside South, Mar 2025", "Link rate", "50.0 %", "Tickets solved"):
        assert words in text, words
    assert "Citations</text>" not in text


def test_the_form_names_the_month_that_is_shown(client: FlaskClient) -> None:
    """An address without one, as other pages have it, shows the last that is over."""
    browser = sign_in(client, db.session.get_one(Agent, BEN))
    last = day_of(database.now(), MADRID).replace(day=1) - timedelta(1)
    for asked, month in (({"month": "2025-04"}, date(2025, 4, 1)), ({}, last)):
        text = browser.get(f"/reports/people/{BEN}", query_string=asked).text
        assert re.findall(CHOSEN, text)[0] == f"{month:%Y-%m}"
        assert f"beside South, {format_skeleton('yMMM', month, locale='en_GB')}" in text
        assert "Only months that are over" in text


def test_whoever_is_in_no_team_is_asked_to_choose_one(client: FlaskClient) -> None:
    assert "Eva is in no team" in page(client, EVA, EVA)[1]
    assert "Eva beside North" in page(client, EVA, EVA, team=1)[1]


WRONG = [
    ({"side": ["tickets"]}, "Choose 3 to 8 sides"),
    ({"side": ["nonsense"]}, "Choose one of checklist, citations"),
    ({"team": "north"}, "team"),
    ({"month": "2025-02"}, "no such month"),  # the log began in March
    ({"month": "2025-03-24"}, "no such month"),
    ({"month": "2025-Q1"}, "no such month"),
    *(
        ({name: value}, "has more than this page takes")
        for name, value in (
            ("from", "2025-03-24"),
            ("to", "2025-04-07"),
            ("as_of", "2025-05-01"),
            ("department", "1"),
        )
    ),
]


@pytest.mark.parametrize(("query", "words"), WRONG)
def test_what_cannot_be_asked_is_said_beside_the_form(
    client: FlaskClient, query: dict[str, object], words: str
) -> None:
    status, text = page(client, BEN, BEN, **query)
    assert (status, words in text) == (422, True)


def test_where_no_average_is_told_none_is_named(client: FlaskClient) -> None:
    """Too few of South have any of it: neither a legend, a column nor a description is of an average."""
    text = page(client, BEN, BEN, side=["citations", "created", "modified"])[1]
    assert "on average" not in text
    assert "An average of fewer than three others" in text


# Who reads which report, and to whose pages it leads: by agent to all in it whose page may be seen.
LED = [
    (BEN, {"by": "agent"}, {BEN}),
    (BEN, {"by": "week", "agent": str(BEN)}, {BEN}),
    (BEN, {"by": "week"}, set()),
    (MIA, {"by": "agent"}, {ANA}),
    (MIA, {"by": "week", "agent": str(ANA)}, {ANA}),
    (MIA, {"by": "week", "agent": str(BEN)}, set()),
    (ADA, {"by": "agent"}, set()),
]


@pytest.mark.parametrize(("reader", "query", "people"), LED)
def test_reports_lead_to_the_pages_of_people_the_reader_may_see(
    client: FlaskClient, reader: int, query: dict[str, str], people: set[int]
) -> None:
    browser = sign_in(client, db.session.get_one(Agent, reader))
    asked = {"from": "2025-03-24", "to": "2025-04-07", **query}
    text = browser.get("/reports/link-rate", query_string=asked).text
    assert {int(number) for number in re.findall(r'href="/reports/people/(\d+)"', text)} == people
    assert ("From several sides:" in text) == bool(people)
