"""The coaches of the sample team judge what is drawn for them, and leave something to be judged."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from kcs import database
from kcs.database import db
from kcs.demo import coaching
from kcs.sampling.drawing import draw, week_of
from kcs.sampling.models import Sample
from kcs.sampling.questions import Kind
from tests.fakes import FakeDesk
from tests.sampling.conftest import Desk

PER_MONTH = 3


def test_all_but_one_of_each_kind_is_judged_some_of_it_with_a_no(app: Flask, desk: FakeDesk) -> None:
    support = Desk(app, desk)
    for kind in Kind:
        for _ in range(PER_MONTH):
            support.thing(kind, support.ana)
    assert coaching.play(ZoneInfo("UTC"), PER_MONTH) > 0
    samples = db.session.execute(select(Sample).where(Sample.agent_id == support.ana.id)).scalars().all()
    assert Counter(sample.kind for sample in samples) == dict.fromkeys(Kind, PER_MONTH - 1)
    assert {sample.coach_id for sample in samples} == {support.cleo.id}
    assert {answer for sample in samples for answer in sample.answers.values()} == {True, False, None}
    now = database.now()
    left = draw([support.ana], week=week_of(now.date()), per_month=PER_MONTH, now=now)[support.ana.id]
    assert [len(due.to_do) for due in left.values()] == [1, 1, 1]
