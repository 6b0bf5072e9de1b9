"""Self-service and the use of articles: figures worked out by hand, as of moments, and what stands behind them."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update

from kcs.activity.models import Activity
from kcs.database import db
from kcs.improving.models import ArticleViews, Ended, HelpVisit
from kcs.metrics.model import Key, Number, Report, Scope, Segment, with_metrics
from kcs.metrics.reports import feedback, self_service, usage
from tests.metrics import golden
from tests.metrics.golden import at
from tests.metrics.telling import BOTH, FEBRUARY, LATER, MARCH, articles, figures, scope, tell, total

# What each visit was, by hand: s searches, n of these without a result, o opened from results, v views, + and - said
# that it helped or did not, asked: how often ("." the help centre led to nobody), where it ended.
VISITS = """
began            last             s n o v + - asked ended   article  it was
2025-02-03T10:00 2025-02-03T10:05 1 0 1 1 0 0 0     article 1        met, inferred
2025-02-03T11:00 2025-02-03T11:09 2 1 0 0 0 0 0     search  -        not met
2025-02-04T11:00 2025-02-04T11:01 1 0 0 1 0 0 1     article 1        not met, asked
2025-02-28T22:59 2025-02-28T23:10 0 0 0 1 0 1 .     article 2        not met, nobody to ask; February in Madrid
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
2025-02-03T12:00 link t1 a1 r1 Ana
2025-02-03T13:00 link t2 a1 b2 Ana
2025-02-04T12:00 feedback.given a1 helpful=true feedback_id=1 >closed
2025-02-28T22:59 feedback.given a2 helpful=false feedback_id=2 >new
2025-03-02T10:00 feedback.given a1 Ana helpful=true feedback_id=3 >new
2025-03-02T10:00 feedback.answered a2 Ben feedback_id=2
2025-03-02T10:01 feedback.closed a1 Ben feedback_id=3 @2025-03-10
2025-03-03T10:00 feedback.given a3 helpful=none feedback_id=4 >new
2025-03-04T10:00 feedback.taken a3 Ben feedback_id=4
2025-03-05T10:00 article.merged a2 newer_id=2 into_id=1
2025-03-05T10:00 article.merged a1 newer_id=2 into_id=1
"""


@pytest.fixture
def told(app: Flask) -> None:
    golden.people()
    articles({1: 1, 2: 1, 3: None})
    tell(HISTORY)
    db.session.execute(
        update(Activity).where(Activity.kind == "ticket.link").values(authority="licence:publisher")
        if False
        else insert(HelpVisit),
        [_visit(line) for line in VISITS.strip().splitlines()[1:]],
    )
    db.session.execute(
        insert(ArticleViews),
        [{"article_id": a, "day": at(day), "reader": who, "number": n} for a, day, who, n in VIEWS],
    )
    db.session.commit()
