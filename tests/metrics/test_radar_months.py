"""What the page of one person tells, whatever it is asked, is of nobody else alone."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.metrics.figures import written
from kcs.metrics.model import NO_FIGURE, Number, Unit
from kcs.metrics.radar import FEWEST_PEOPLE, Side, radar_of
from kcs.metrics.radar_months import months_over
from kcs.people.models import Agent, Team
from tests.factories import sign_in
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, EVA, SOUTH, at
from tests.metrics.telling import DOT, FLO, MADRID, WHO, articles, tell

SIDES = ("tickets", "created", "checklist")
MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")
OPTION = r'<option value="([0-9]{4}-[0-9]{2})"'
CELL = re.compile(r"<td[^>]*>([^<]*)</td>")
MAY = at("2025-05-02")
Others = dict[tuple[str, int, str], set[int]]


def history(random: Random) -> tuple[str, Others]:
    """Return four months told line by line, and who has which figure in which month and team."""
    lines, having = [], defaultdict(set)
    for number in range(1, 90):
        month, who = random.choice(MONTHS), random.choice(list(WHO))
        person, team = WHO[who]
        moment = f"{month}-{random.randint(2, 27):02}T10:00"
        side = random.choice(SIDES)
        lines.append(
            {
                "tickets": f"{moment} solve t{number} {who}",
                "created": f"{moment} article.created a{number} {who} >wip",
                "checklist": f"{moment} sample.article a1 Eva of={person} of_team={team or 0} asked=4"
                f" yes={random.randint(0, 4)} version_id={number}",
            }[side]
        )
        having[month, team or 0, side].add(person)
    return "\n".join(lines), having


def told_to(number: int) -> dict[tuple[str, int], list[tuple[Number | None, Number | None]]]:
    """Return what somebody is told of each side, their own and the average, by month and team."""
    reader = db.session.get_one(Agent, number)
    sides = tuple(Side(side) for side in SIDES)
    return {
        (month, team.id): [
            (skill.value, skill.other) for skill in radar_of(reader, team, window, reader=reader, sides=sides)
        ]
        for month, window in months_over(MAY, MADRID).items()
        for team in db.session.scalars(select(Team))
    }


@pytest.fixture
def people(app: Flask) -> None:
    """Ana in North; Ben, Cora, Dot and Flo in South; Eva in no team."""
    golden.people()
    made = at("2025-01-01")
    for number, name in ((DOT, "Dot"), (FLO, "Flo")):
        email = f"{name.lower()}@example.com"
        db.session.add(
            Agent(id=number, name=name, email=email, team_id=SOUTH, role_names=[], created_at=made)
        )
    articles(dict.fromkeys(range(1, 90)))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("seed", range(3))
def test_no_month_tells_an_average_of_fewer_than_three_others(seed: int) -> None:
    told, having = history(Random(seed))
    tell(told)
    seen = set()
    for reader in (ANA, BEN, DOT, FLO, EVA):
        found = told_to(reader)
        assert {month for month, _ in found} == set(MONTHS)
        for (month, team), skills in found.items():
            for side, (_, average) in zip(SIDES, skills, strict=True):
                others = having[month, team, side] - {reader}
                assert (average is not None) == (len(others) >= FEWEST_PEOPLE), (reader, month, team, side)
                seen.add(average is not None)
    assert seen == {True, False}


@pytest.mark.usefixtures("people")
def test_what_becomes_known_later_changes_nothing() -> None:
    """Else the page of yesterday could be taken off that of today."""
    tell(history(Random(3))[0])
    before = told_to(BEN)
    for number, who in enumerate(WHO, start=100):
        tell(f"2025-03-10T09:00 solve t{number} {who} @2025-06-01")
        tell(f"2025-03-10T09:00 article.created a{number} {who} >wip @2025-06-01")
    tell("\n".join(f"2025-06-02T09:00 excluded t{number}" for number in range(1, 90)))
    assert told_to(BEN) == before


@pytest.mark.usefixtures("people")
def test_the_page_offers_these_months_and_writes_the_same_averages(client: FlaskClient) -> None:
    tell(history(Random(3))[0])
    told = told_to(BEN)
    browser, address = sign_in(client, db.session.get_one(Agent, BEN)), f"/reports/people/{BEN}"
    months = re.findall(OPTION, browser.get(address).text)
    assert months == list(months_over(database.now(), MADRID))
    for month in MONTHS:
        page = browser.get(address, query_string={"month": month, "side": list(SIDES)}).text
        units = (Unit.COUNT, Unit.COUNT, Unit.SHARE)
        expected = [
            written(average, unit) for (_, average), unit in zip(told[month, SOUTH], units, strict=True)
        ]
        cells = CELL.findall(page)
        if "on average" in page:
            assert cells[1::2] == expected
        else:
            assert (len(cells), set(expected)) == (len(SIDES), {NO_FIGURE})


@pytest.mark.usefixtures("people")
def test_before_a_month_is_over_there_is_nothing_to_choose(client: FlaskClient) -> None:
    browser = sign_in(client, db.session.get_one(Agent, BEN))
    answer = browser.get(f"/reports/people/{BEN}")
    assert (answer.status_code, "No month is over yet" in answer.text) == (200, True)
    assert "<select" not in answer.text
    assert browser.get(f"/reports/people/{BEN}", query_string={"month": "2025-01"}).status_code == 422


LONDON = ZoneInfo("Europe/London")
# When the log began, when it is now, whose months these are, and which are over.
OVER: list[tuple[str, str, ZoneInfo, list[str]]] = [
    ("2025-01-15T12:00", "2025-04-10T12:00", MADRID, ["2025-03", "2025-02", "2025-01"]),
    ("2025-01-15T12:00", "2025-03-31T21:59", MADRID, ["2025-02", "2025-01"]),
    ("2025-01-15T12:00", "2025-03-31T22:00", MADRID, ["2025-03", "2025-02", "2025-01"]),
    ("2025-01-15T12:00", "2025-03-31T22:00", LONDON, ["2025-02", "2025-01"]),
    ("2024-12-31T22:59", "2025-02-01T12:00", MADRID, ["2025-01", "2024-12"]),
    ("2024-12-31T23:00", "2025-02-01T12:00", MADRID, ["2025-01"]),
    ("2025-04-01T12:00", "2025-04-30T12:00", MADRID, []),
]


@pytest.mark.parametrize(("began", "now", "zone", "expected"), OVER)
def test_months_that_are_over_neither_overlap_nor_reach_into_the_present(
    app: Flask, began: str, now: str, zone: ZoneInfo, expected: list[str]
) -> None:
    tell(f"2020-01-01T12:00 solve t1 @{began}")
    found = months_over(at(now), zone)
    assert list(found) == expected
    assert all(window.end <= at(now) for window in found.values())
    assert all(earlier.end == later.start for later, earlier in pairwise(found.values()))
    months = [(window.start + timedelta(hours=3)).astimezone(zone) for window in found.values()]
    assert [f"{month:%Y-%m-%d}" for month in months] == [f"{name}-01" for name in expected]


def test_of_an_empty_log_no_month_is_over(app: Flask) -> None:
    assert months_over(datetime.now(MADRID), MADRID) == {}
