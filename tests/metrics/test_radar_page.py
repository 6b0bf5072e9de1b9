"""The page of one person beside a team: for whom it is, and what it can be asked."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from kcs.database import db
from kcs.metrics.periods import DEFAULT_DAYS
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, EVA, MIA

DAY_FIELD = r'<input(?=[^>]*name="{}")[^>]*value="([0-9-]+)"'
SPAN = {"from": "2025-03-24", "to": "2025-04-07", "as_of": "2025-05-01"}

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
    answer = browser.get(f"/reports/people/{person}", query_string={**SPAN, **query})
    return answer.status_code, answer.text


@pytest.mark.parametrize(("reader", "person", "status"), READERS)
def test_it_is_for_the_person_their_coach_and_their_manager(
    client: FlaskClient, reader: int, person: int, status: int
) -> None:
    assert page(client, reader, person)[0] == status


def test_it_shows_the_sides_chosen_with_their_figures(client: FlaskClient) -> None:
    status, text = page(client, CORA, BEN, side=["link-rate", "tickets", "created"])
    assert status == 200
    for words in ("Ben beside South", "Link rate", "50.0 %", "Tickets solved", "South, on average"):
        assert words in text, words
    assert "Citations</text>" not in text


def test_the_form_names_the_period_that_is_shown(client: FlaskClient) -> None:
    browser = sign_in(client, db.session.get_one(Agent, BEN))
    for asked, days in ((SPAN, 14), ({}, DEFAULT_DAYS)):
        text = browser.get(f"/reports/people/{BEN}", query_string=asked).text
        first, end = (DAY_FIELD.format(name) for name in ("from", "to"))
        ends = [date.fromisoformat(re.findall(field, text)[0]) for field in (first, end)]
        assert (ends[1] - ends[0]).days == days


def test_whoever_is_in_no_team_is_asked_to_choose_one(client: FlaskClient) -> None:
    assert "Eva is in no team" in page(client, EVA, EVA)[1]
    assert "Eva beside North" in page(client, EVA, EVA, team=1)[1]


WRONG = [
    ({"side": ["tickets"]}, "Choose 3 to 8 sides"),
    ({"side": ["nonsense"]}, "Choose one of checklist, citations"),
    ({"team": "north"}, "team"),
    ({"from": "soon"}, "is no date"),
]


@pytest.mark.parametrize(("query", "words"), WRONG)
def test_what_cannot_be_asked_is_said_beside_the_form(
    client: FlaskClient, query: dict[str, object], words: str
) -> None:
    status, text = page(client, BEN, BEN, **query)
    assert (status, words in text) == (422, True)
