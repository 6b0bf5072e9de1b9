"""What the sample team's coaches find in the work that is drawn for them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.people.coaching import people_coached_by
from kcs.people.models import Agent
from kcs.sampling import queries, services
from kcs.sampling.drawing import Drawn, draw, week_of
from kcs.sampling.questions import Kind
from kcs.sampling.things import get_thing

# One of each kind is left, so that a coach who looks around has something to judge.
LEFT = 1
# Every so many answers, counted over all, is a no; and what cannot be told where it may be left open.
NO_EVERY, OPEN_EVERY = 6, 11
COMMENTS = {
    Kind.ARTICLE: "Well told. Put the name of the menu into the title: that is what people search for.",
    Kind.TICKET: "You searched before you answered, and it shows.",
    Kind.LINK: "It fits, but the steps are those of the phone app.",
}


def play(zone: ZoneInfo, per_month: int) -> int:
    """Let every coach judge what is drawn of the people they coach; return how many samples there are."""
    judged = 0
    for coach in _coaches():
        for thing in _drawn_for(coach, zone, per_month):
            _judge(thing, coach, judged)
            judged += 1
    db.session.commit()
    return judged


def _coaches() -> list[Agent]:
    people = db.session.execute(select(Agent).order_by(Agent.id)).scalars()
    return [person for person in people if people_coached_by(person)]


def _drawn_for(coach: Agent, zone: ZoneInfo, per_month: int) -> list[Drawn]:
    now = database.now()
    week = week_of(now.astimezone(zone).date())
    dues = draw(people_coached_by(coach), week=week, per_month=per_month, now=now)
    return [
        thing
        for person in dues.values()
        for due in person.values()
        for thing in due.to_do[: max(0, len(due.to_do) - LEFT)]
    ]


def _judge(drawn: Drawn, coach: Agent, place: int) -> None:
    answers: dict[str, bool | None] = {}
    for number, question in enumerate(queries.questions_of(drawn.kind)):
        turn = place * 5 + number + 1
        answers[question.code] = (
            None if question.skippable and turn % OPEN_EVERY == 0 else turn % NO_EVERY != 0
        )
    comment = COMMENTS[drawn.kind] if place % 4 == 0 else ""
    services.judge(get_thing(drawn.kind, drawn.id, coach), answers, by=coach, comment=comment)
