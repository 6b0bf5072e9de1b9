"""The radar: one person beside a team's average, worked out by hand, and for whom."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flask import Flask

from kcs.database import db
from kcs.errors import NotFound
from kcs.metrics.radar import Side, radar_of
from kcs.people.models import Agent, Team
from tests.metrics import golden
from tests.metrics.golden import ADA, ANA, BEN, CORA, LEO, MIA, SOUTH, at
from tests.metrics.telling import DOT, FEBRUARY, FLO, articles, tell

# Ben has 3 of 4 yes, Cora 4, Dot 2, Flo 1; Ben's article is cited twice by Ana, Cora's twice by Ben, nobody
# else's. He solved three tickets, Cora one, Dot two, Flo one.
HISTORY = """
2025-02-03T09:00 article.created a1 Ben >wip
2025-02-03T09:00 article.created a2 Cora >wip
2025-02-04T09:00 link t1 a1 r1 Ana
2025-02-04T10:00 link t2 a1 r2 Ana
2025-02-04T11:00 link t3 a2 r3 Ben
2025-02-04T12:00 link t4 a2 r4 Ben
2025-02-05T09:00 solve t3 Ben
2025-02-05T09:00 solve t4 Ben
2025-02-05T09:00 solve t5 Ben
2025-02-05T09:00 solve t6 Cora
2025-02-05T09:00 solve t7 Dot
2025-02-05T09:00 solve t8 Dot
2025-02-05T09:00 solve t9 Flo
2025-02-10T09:00 sample.article a1 Cora of=2 of_team=2 asked=4 yes=3 version_id=1
2025-02-10T09:00 sample.article a2 Ana of=4 of_team=2 asked=4 yes=4 version_id=2
2025-02-10T09:00 sample.article a2 Ana of=11 of_team=2 asked=4 yes=2 version_id=3
2025-02-10T09:00 sample.article a2 Ana of=12 of_team=2 asked=4 yes=1 version_id=4
"""


@pytest.fixture
def south(app: Flask) -> Team:
    """A team of four: Ben, Cora, Dot and Flo."""
    golden.people()
    made = at("2025-01-01")
    for number, name in ((DOT, "Dot"), (FLO, "Flo")):
        db.session.add(
            Agent(
                id=number,
                name=name,
                email=f"{name}@example.com",
                team_id=SOUTH,
                role_names=[],
                created_at=made,
            )
        )
    articles({1: None, 2: None})
    return db.session.get_one(Team, SOUTH)


def test_a_person_beside_their_team(south: Team) -> None:
    tell(HISTORY)
    ben, cora = (db.session.get_one(Agent, number) for number in (BEN, CORA))
    sides = (Side.CHECKLIST, Side.CITATIONS, Side.CONTRIBUTION, Side.TICKETS)
    found = radar_of(ben, south, FEBRUARY, reader=cora, sides=sides)
    assert [(skill.value, skill.other, skill.full) for skill in found] == [
        (Fraction(3, 4), Fraction(5, 8), 1),
        (2, None, 2),  # of the others only Cora is cited
        (None, None, 1),
        (3, Fraction(18, 10), 3),  # 1.75, as it is written
    ]


def test_the_average_of_few_who_have_a_figure_is_not_told(south: Team) -> None:
    tell("\n".join(line for line in HISTORY.splitlines() if "Flo" not in line and "of=12" not in line))
    ben = db.session.get_one(Agent, BEN)
    sides = (Side.CHECKLIST, Side.TICKETS, Side.LINK_RATE, Side.CREATED)
    assert [skill.other for skill in radar_of(ben, south, FEBRUARY, reader=ben, sides=sides)] == [None] * 4


@pytest.mark.parametrize(
    ("coached", "told"), [((BEN,), True), ((BEN, CORA), False), ((BEN, CORA, DOT, FLO), True)]
)
def test_whoever_knows_all_but_one_or_two_of_the_others_is_told_no_average(
    south: Team, coached: tuple[int, ...], told: bool
) -> None:
    """They could take off what they know: of the four with a figure three must be left, or none."""
    tell(HISTORY)
    leo = db.session.get_one(Agent, LEO)
    for number in coached:
        db.session.get_one(Agent, number).coach_id = leo.id
    db.session.commit()
    ben = db.session.get_one(Agent, BEN)
    sides = (Side.CHECKLIST, Side.TICKETS, Side.LINK_RATE)
    found = radar_of(ben, south, FEBRUARY, reader=leo, sides=sides)
    assert [skill.other is not None for skill in found] == [told] * 3


@pytest.mark.parametrize(
    ("reader", "sees"), [(BEN, True), (CORA, True), (ANA, False), (MIA, False), (ADA, False)]
)
def test_only_the_person_their_coach_and_their_manager_see_it(south: Team, reader: int, sees: bool) -> None:
    person, asking = db.session.get_one(Agent, BEN), db.session.get_one(Agent, reader)
    if sees:
        assert len(radar_of(person, south, FEBRUARY, reader=asking)) == 4
        return
    with pytest.raises(NotFound):
        radar_of(person, south, FEBRUARY, reader=asking)
