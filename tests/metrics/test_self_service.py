"""Self-service, feedback and the use of articles: by hand, as of moments, and what stands behind."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import NotFound
from kcs.improving.models import ArticleViews, Ended, HelpVisit
from kcs.metrics.model import Key, Number, Only, Report, Scope, Segment, with_metrics
from kcs.metrics.reach import Reach
from kcs.metrics.reports import feedback, self_service, usage
from kcs.metrics.services import Asked, compute
from tests.metrics import golden
from tests.metrics.golden import ANA, BEN, EVA, at
from tests.metrics.telling import (
    BOTH,
    FEBRUARY,
    LATER,
    MARCH,
    articles,
    check_pages,
    figures,
    scope,
    tell,
    total,
)

# What each visit was, by hand: s searches, n of these without a result, o opened from results, v views, + and
# - said that it helped or did not, asked: how often ("." the help centre led to nobody), where it ended.
VISITS = """
began            last             s n o v + - asked ended   article  it was
2025-02-03T10:00 2025-02-03T10:05 1 0 1 1 0 0 0     article 1        met, inferred
2025-02-03T11:00 2025-02-03T11:09 2 1 0 0 0 0 0     search  -        not met
2025-02-04T11:00 2025-02-04T11:01 1 0 0 1 0 0 1     article 1        not met, asked
2025-02-28T22:59 2025-02-28T23:10 0 0 0 1 0 1 .     article 2        not met, nobody to ask; still February
2025-02-28T23:00 2025-02-28T23:20 0 0 0 2 1 1 1     article 2        met, said; March in Madrid
2025-03-05T10:00 2025-03-05T10:00 0 0 0 0 1 0 0     -       -        no support visit
2025-03-06T10:00 2025-03-06T10:20 1 0 1 1 0 0 0     search  1        not met: went on searching
2025-03-30T00:30 2025-03-30T01:30 0 0 0 1 0 0 0     article 3        met, inferred; the clock went forward
"""
# Madrid's days begin at 23:00 UTC in winter.
VIEWS = [
    (1, "2025-02-02T23:00", "visitor", 3),
    (1, "2025-02-02T23:00", "publisher", 5),
    (1, "2025-02-02T23:00", "unlicensed", 1),
    (2, "2025-02-28T23:00", "visitor", 4),
    (3, "2025-03-29T23:00", "visitor", 2),
]
HISTORY = """
2025-02-03T12:00 link t1 a1 r1 Ana licence:publisher
2025-02-03T13:00 link t2 a1 b2 Ana
2025-02-04T12:00 feedback.given a1 helpful=true feedback_id=1 >closed
2025-02-28T22:59 feedback.given a2 helpful=false feedback_id=2 >new
2025-03-02T10:00 feedback.given a1 Ana licence:candidate helpful=true feedback_id=3 >new
2025-03-02T10:00 feedback.answered a2 Ben feedback_id=2
2025-03-02T10:01 feedback.closed a1 Ben feedback_id=3 @2025-03-10
2025-03-03T10:00 feedback.given a3 helpful=none feedback_id=4 >new
2025-03-04T10:00 feedback.taken a3 Ben feedback_id=4
2025-03-05T10:00 article.merged a2 newer_id=2 into_id=1
2025-03-05T10:00 article.merged a1 newer_id=2 into_id=1
2025-03-20T10:00 article.owned a1 owner_id=3
2025-04-20T10:00 article.owned a1 owner_id=2
"""
WROTE = {1: golden.ANA, 2: golden.BEN}


@pytest.fixture
def told(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: 1, 3: None})
    for number, person in WROTE.items():
        db.session.get_one(Article, number).author_id = person
    tell(HISTORY)
    db.session.execute(insert(HelpVisit), [_visit(line) for line in VISITS.strip().splitlines()[1:]])
    views = [{"article_id": a, "day": at(day), "reader": who, "number": n} for a, day, who, n in VIEWS]
    db.session.execute(insert(ArticleViews), views)
    db.session.commit()


def _visit(line: str) -> dict[str, Any]:
    began, last, *numbers, asked, ended, article = line.split()[:11]
    names = ("searches", "null_searches", "opened", "views", "helpful", "unhelpful")
    return {
        "began_at": at(began),
        "last_at": at(last),
        **dict(zip(names, map(int, numbers), strict=True)),
        "escalated": None if asked == "." else int(asked),
        "ended": None if ended == "-" else Ended(ended),
        "article_id": None if article == "-" else int(article),
    }


VISITED = ("visits", "met_said", "met_inferred", "unmet", "escalated", "searches", "nulls", "views", "opened")
SAID = ("helpful", "unhelpful", "comments")
# (visits, met said, inferred, not met, asked, searches, without result, views, from results), then feedback.
IN_FEBRUARY = (4, 0, 1, 3, 1, 4, 1, 3, 1, 1, 1, 1)
IN_MARCH = (3, 1, 1, 1, 1, 1, 0, 6, 1, 0, 0, 1)
BY_ARTICLE: dict[Key, tuple[int, ...]] = {
    1: (3, 0, 1, 2, 1, 3, 0, 3, 2, 1, 1, 1),  # what was said of article 2 counts for it since the merge
    2: (2, 1, 0, 1, 1, 0, 0, 4, 0, 0, 0, 0),
    3: (1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 1),
    "none": (1, 0, 0, 1, 0, 2, 1, 0, 0, 0, 0, 0),
}
BY_DOMAIN: dict[Key, tuple[int, ...]] = {
    1: (5, 1, 1, 3, 2, 3, 0, 7, 2, 1, 1, 1),
    "none": (2, 0, 1, 1, 0, 2, 1, 2, 0, 0, 0, 1),
}


@pytest.mark.usefixtures("told")
def test_self_service_counted_by_hand() -> None:
    report, names = self_service.REPORT, (*VISITED, *SAID)
    assert total(report, scope(FEBRUARY), *names) == IN_FEBRUARY
    assert total(report, scope(MARCH), *names) == IN_MARCH
    months = {"2025-02": IN_FEBRUARY, "2025-03": IN_MARCH}
    assert figures(report, Segment.MONTH, scope(), *names) == months
    assert figures(report, Segment.ARTICLE, scope(), *names) == BY_ARTICLE
    assert figures(report, Segment.DOMAIN, scope(), *names) == BY_DOMAIN
    weeks = figures(report, Segment.DAY, scope(), "visits")
    assert weeks == {f"2025-{day}": (n,) for day, n in _DAYS}


def _sum(*rows: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


NOBODYS = _sum(BY_ARTICLE[3], BY_ARTICLE["none"])
# Article 1 was Ana's, then Eva's, at last Ben's; by the moment of the report.
BY_OWNER: list[tuple[datetime, dict[Key, tuple[int, ...]]]] = [
    (LATER, {BEN: _sum(BY_ARTICLE[1], BY_ARTICLE[2]), "none": NOBODYS}),
    (at("2025-04-10"), {EVA: BY_ARTICLE[1], BEN: BY_ARTICLE[2], "none": NOBODYS}),
]


@pytest.mark.usefixtures("told")
def test_self_service_by_owner_and_by_creator() -> None:
    report, names = self_service.REPORT, (*VISITED, *SAID)
    for as_of, expected in BY_OWNER:
        assert figures(report, Segment.OWNER, scope(as_of=as_of), *names) == expected
    by_creator = {ANA: BY_ARTICLE[1], BEN: BY_ARTICLE[2], "none": NOBODYS}
    assert figures(report, Segment.CREATOR, scope(), *names) == by_creator
    bens_weeks = [row.figures["visits"] for row in report.reader.rows(scope(only=BENS), Segment.WEEK)]
    assert sum(int(visits or 0) for visits in bens_weeks) == BY_OWNER[0][1][BEN][0]


BENS = Only({Segment.OWNER: BEN})


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("by", [Segment.OWNER, Segment.CREATOR])
def test_whose_articles_helped_is_for_those_who_see_these_people(by: Segment) -> None:
    own = Reach(agent_id=BEN, reader_id=BEN)
    assert set(figures(self_service.REPORT, by, scope(reach=own), "visits")) == {BEN}
    for key in (ANA, "none"):
        asked = Asked(BOTH, Segment.MONTH, own, LATER, Only({by: key}))
        with pytest.raises(NotFound):
            compute(self_service.REPORT, asked)


_DAYS = (("02-03", 2), ("02-04", 1), ("02-28", 1), ("03-01", 1), ("03-06", 1), ("03-30", 1))

# Share met, visits not met that could ask, of these asked, tickets not opened: met by asked over could.
DEFLECTED = [
    (FEBRUARY, Fraction(1, 4), 2, 1, 1),  # 1 of 2, of 1 met: a half
    (MARCH, Fraction(2, 3), 1, 0, 0),  # none of 1, of 2 met
    (BOTH, Fraction(3, 7), 3, 1, 1),  # 1 of 3, of 3 met
]


@pytest.mark.usefixtures("told")
def test_success_and_deflection() -> None:
    report = self_service.REPORT
    for window, success, could, did, deflected in DEFLECTED:
        found = with_metrics(report, report.reader.total(scope(window)))
        assert (found["success"], found["could_ask"], found["did_ask"]) == (success, could, did)
        assert found["deflected"] == deflected
    by_article = figures(report, Segment.ARTICLE, scope(), "deflected")
    assert by_article == {1: (1,)}  # no others were not met and could ask
    nobody = report.reader.total(scope(as_of=at("2025-01-01")))
    assert nobody["deflected"] is None  # no input, no figure


AS_OF: list[tuple[str, int, int]] = [
    ("2025-02-03T12:00", 0, 0),  # the day is not over
    ("2025-02-03T23:30", 0, 0),
    ("2025-02-03T23:32", 2, 3),  # half an hour and a minute later nothing can change any more
    ("2025-02-28T23:41", 3, 3),  # the last visit of February may still go on
    ("2025-02-28T23:42", 4, 3),
    ("2025-03-01T23:51", 5, 7),
    ("2025-12-01", 7, 9),
]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("as_of", "visits", "views"), AS_OF)
def test_a_day_is_counted_when_it_is_over(as_of: str, visits: int, views: int) -> None:
    assert total(self_service.REPORT, scope(as_of=at(as_of)), "visits", "views") == (visits, views)


# (links, helped inside, outside, views inside, outside)
USED: dict[Key, tuple[int, ...]] = {1: (1, 1, 1, 6, 3), 2: (0, 0, 0, 0, 4), 3: (0, 0, 0, 0, 2)}
BY_READER: dict[Key, tuple[int, ...]] = {
    "visitor": (0, 0, 1, 0, 9),
    "publisher": (1, 0, 0, 5, 0),
    "candidate": (0, 1, 0, 0, 0),
    "unlicensed": (0, 0, 0, 1, 0),
}
IN_USE = ("links", "helped_inside", "helped_outside", "views_inside", "views_outside")


@pytest.mark.usefixtures("told")
def test_the_use_of_articles_by_article_reader_and_month() -> None:
    assert figures(usage.REPORT, Segment.ARTICLE, scope(), *IN_USE) == USED
    assert figures(usage.REPORT, Segment.READER, scope(), *IN_USE) == BY_READER
    months = {"2025-02": (1, 0, 1, 6, 3), "2025-03": (0, 1, 0, 0, 6)}
    assert figures(usage.REPORT, Segment.MONTH, scope(), *IN_USE) == months


HOUR, DAY = 3600, 86400
# (comments, by visitors, answered, closed, open, helped, did not, turnaround). Comment 2 took from 28
# February 22:59 to 2 March 10:00, comment 3 a minute; comment 4 waits.
TOOK = DAY + 11 * HOUR + 60
FEEDBACK: list[tuple[datetime, tuple[Number | None, ...]]] = [
    (at("2025-03-02T10:00"), (1, 1, 0, 0, 1, 1, 1, None)),
    (at("2025-03-02T12:00"), (2, 1, 1, 0, 1, 2, 1, TOOK)),
    (at("2025-03-09"), (3, 2, 1, 0, 2, 2, 1, TOOK)),
    (LATER, (3, 2, 1, 1, 1, 2, 1, (TOOK + 60) / 2)),
]
OF_FEEDBACK = ("comments", "outside", "answered", "closed", "open", "helpful", "unhelpful", "turnaround")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("as_of", "expected"), FEEDBACK, ids=[f"{each:%d %B}" for each, _ in FEEDBACK])
def test_feedback_and_its_turnaround(as_of: datetime, expected: tuple[Number | None, ...]) -> None:
    assert total(feedback.REPORT, scope(as_of=as_of), *OF_FEEDBACK) == expected


@pytest.mark.usefixtures("told")
def test_feedback_stands_where_and_by_whom_it_was_said() -> None:
    by_article = figures(feedback.REPORT, Segment.ARTICLE, scope(), "comments", "open")
    assert by_article == {1: (2, 0), 3: (1, 1)}
    by_reader = figures(feedback.REPORT, Segment.READER, scope(), "comments", "helpful")
    assert by_reader == {"visitor": (2, 1), "colleague": (1, 1)}


# Visits of one moment, to be added three times: some differ in what was done, some in nothing.
ALIKE = """
2025-03-07T10:00 2025-03-07T10:05 1 0 1 1 0 0 0     article 1        met, inferred
2025-03-07T10:00 2025-03-07T10:05 2 1 1 1 0 0 0     article 1        met, inferred
2025-03-07T10:00 2025-03-07T10:05 3 0 0 1 0 0 0     article 1        met, inferred
"""


@pytest.mark.usefixtures("told")
def test_pages_of_a_drill_down_and_its_file_hold_everything_once() -> None:
    lines = ALIKE.strip().splitlines()
    db.session.execute(insert(HelpVisit), [_visit(line) for line in (*lines, *lines, *lines)])
    db.session.commit()
    whole = self_service.REPORT.reader.items(scope(MARCH), "visits", limit=200, offset=0)
    assert whole.total == len(whole.items) == IN_MARCH[0] + 9
    for report in (self_service.REPORT, feedback.REPORT):
        for count in (each for each in report.counts if each.items):
            check_pages(report, scope(), count.name)


@pytest.mark.long
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "report", [each.REPORT for each in (self_service, usage, feedback)], ids=lambda r: r.name
)
def test_every_cell_opens_what_it_counts(report: Report) -> None:
    for by in report.segments:
        for row in report.reader.rows(scope(), by):
            part = Scope(row.window, LATER, scope().reach, row.only)
            for count in (each for each in report.counts if each.items):
                page = report.reader.items(part, count.name, limit=50, offset=0)
                assert page.total == len(page.items) == row.figures[count.name], (by, row.key, count.name)
