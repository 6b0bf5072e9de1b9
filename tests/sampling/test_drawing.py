"""What is drawn: by chance, the same all week, everything of a candidate, and nothing that was judged."""

from __future__ import annotations

from datetime import date, timedelta

from kcs import database
from kcs.articles.services import save_version
from kcs.database import db
from kcs.people.models import Agent
from kcs.sampling.drawing import DAYS, Due, draw, in_order, week_of
from kcs.sampling.models import Sample
from kcs.sampling.questions import Kind
from kcs.tickets.models import Ticket
from tests.sampling.conftest import Desk
from workflow.article import ArticleState


def due(person: Agent, kind: Kind, *, per_month: int = 2, week: str = "2026-W08") -> Due:
    """Return what is to do of one person."""
    return draw([person], week=week, per_month=per_month, now=database.now())[person.id][kind]


def ids(due: Due) -> list[int]:
    """Return what is to do."""
    return [each.id for each in due.to_do]


def test_a_week_is_that_of_the_calendar() -> None:
    days = {date(2026, 12, 31): "2026-W53", date(2027, 1, 3): "2026-W53", date(2027, 1, 4): "2027-W01"}
    assert {day: week_of(day) for day in days} == days


def test_the_draw_is_the_same_all_week_and_another_next_week(support: Desk) -> None:
    made = {support.ticket(support.ana).id for _ in range(12)}
    first = due(support.ana, Kind.TICKET, per_month=4)
    assert ids(due(support.ana, Kind.TICKET, per_month=4)) == ids(first)
    whole = due(support.ana, Kind.TICKET, per_month=12)
    assert set(ids(whole)) == made
    assert ids(whole)[:4] == ids(first)
    weeks = [in_order(whole.to_do, f"2026-W{week:02}") for week in range(1, 9)]
    assert len({tuple(each.id for each in order) for order in weeks}) == 8
    # By chance: over eight weeks the first is not always the same one, nor the newest.
    assert len({order[0].id for order in weeks}) > 2


def test_what_is_judged_comes_off_and_the_rest_stays(support: Desk) -> None:
    for _ in range(5):
        support.ticket(support.ana)
    before = due(support.ana, Kind.TICKET, per_month=3)
    support.judge(Kind.TICKET, before.to_do[1].id, support.cleo)
    after = due(support.ana, Kind.TICKET, per_month=3)
    assert (after.done, after.of) == (1, 3)
    assert ids(after) == [before.to_do[0].id, before.to_do[2].id]
    # A second coach of the same person is not asked for the same again, nor does it count twice.
    support.ana.coach_id = support.ola.id
    db.session.commit()
    support.judge(Kind.TICKET, before.to_do[1].id, support.ola)
    assert due(support.ana, Kind.TICKET, per_month=3) == after


def test_all_articles_of_a_candidate_and_some_of_others(support: Desk) -> None:
    for author in (support.ana, support.ben):
        for _ in range(3):
            support.article(author)
    assert [len(ids(due(who, Kind.ARTICLE))) for who in (support.ana, support.ben)] == [2, 3]
    assert [len(ids(due(who, Kind.ARTICLE, per_month=0))) for who in (support.ana, support.ben)] == [0, 3]


def test_what_is_drawn_is_finished_work_of_the_last_month(support: Desk) -> None:
    support.article(support.ana, ArticleState.WIP)
    edited = support.article(support.ana)
    for text in ("Allow pop-ups for it.", "Allow pop-ups for this site."):
        present = edited.current_version
        parts = {**present.parts, "resolution": text}
        save_version(edited, present.title, parts, by=support.ana, base=present.number)
    db.session.commit()
    link = support.link(support.ana)
    old = support.ticket(support.ana)
    old.solved_at = database.now() - timedelta(days=DAYS, minutes=1)
    merged = support.ticket(support.ana)
    merged.merged = True
    support.ticket(support.dan)
    solved = support.ticket(support.ana)
    db.session.commit()
    assert ids(due(support.ana, Kind.ARTICLE)) == [edited.current_version.id]
    assert ids(due(support.ana, Kind.LINK)) == [link.id]
    assert ids(due(support.ana, Kind.TICKET)) == [solved.id]
    assert db.session.get_one(Ticket, solved.id).solver_id == support.ana.id


def test_what_was_judged_long_ago_leaves_room_for_another(support: Desk) -> None:
    first, second = support.ticket(support.ana), support.ticket(support.ana)
    sample = support.judge(Kind.TICKET, first.id, support.cleo)
    assert due(support.ana, Kind.TICKET, per_month=1) == Due(1, ())
    db.session.get_one(Sample, sample.id).judged_at -= timedelta(days=DAYS, minutes=1)
    db.session.commit()
    assert ids(due(support.ana, Kind.TICKET, per_month=1)) == [second.id]
