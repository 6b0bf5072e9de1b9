"""What is played of the past is dated in the past: by people, by the desk, and in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from integrations.emulation.clock import Clock
from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import database
from kcs.activity.models import Activity
from kcs.database import db
from kcs.demo import sample, team
from kcs.demo.commands import open_rows
from kcs.demo.serving import serving
from kcs.demo.stage import Stage, connect
from kcs.metrics import asking
from kcs.metrics.model import Segment
from kcs.metrics.reach import EVERYBODY
from kcs.metrics.reports import REPORTS
from kcs.people.models import LicenceGrant
from kcs.tickets.models import Ticket
from tests.conftest import AppMaker

pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),  # as the demo has it
]

MINUTES = timedelta(minutes=10)
# Linked; drafted, which is completed at most; linked late.
PLAYED = {
    "link": lambda told: told["outcome"] == "link" and "life" not in told,
    "draft": lambda told: told["outcome"] == "draft",
    "late": lambda told: told.get("life") == "late_link",
}


@pytest.fixture
def clock() -> Iterator[Clock]:
    lagging = Clock(datetime.now(UTC) - sample.SPAN - sample.BEFORE)
    with database.following(lagging):
        yield lagging


def happened(kind: str) -> list[datetime]:
    query = select(Activity.happened_at).where(Activity.kind == kind).order_by(Activity.happened_at)
    return list(db.session.execute(query).scalars())


def test_acts_are_dated_when_their_ticket_was_worked_on_and_the_log_never_goes_back(
    make_app: AppMaker, clock: Clock
) -> None:
    told = [next(filter(fits, team.read_tickets())) for fits in PLAYED.values()]
    app = make_app(providers={"zendesk": ZendeskProvider()})
    desk = Emulator(shapes=("event",), clock=clock)
    with EmulatorServer(desk) as account, app.app_context(), serving(app) as base_url:
        tokens = team.issue_tokens(team.add_team())
        connect(desk, account.api_base)
        db.session.commit()
        team.add_articles(team.CONTENT / "articles.jsonl")
        stage = Stage(desk, base_url, tokens, lambda: open_rows(app), clock=clock)
        sample.play(stage, told, lambda _: None)
        past = clock()
        stage.wait_until(datetime.now(UTC))
        assert abs(database.now() - datetime.now(UTC)) < MINUTES

        tickets = db.session.execute(select(Ticket).order_by(Ticket.opened_at)).scalars().all()
        begun = [ticket.opened_at for ticket in tickets]
        solved = [ticket.solved_at for ticket in tickets if ticket.solved_at]
        assert len(begun) == len(solved) == len(told)
        granted = db.session.execute(select(func.max(LicenceGrant.granted_at))).scalar_one()
        assert max(granted, *happened("article.imported")) < begun[0]

        link, late = happened("ticket.link")
        (draft,) = happened("ticket.draft")
        assert begun[0] < link < solved[0]
        assert begun[1] < draft < solved[1]
        assert solved[2] < late <= past + MINUTES

        log = db.session.execute(select(Activity).order_by(Activity.id)).scalars().all()
        recorded = [row.recorded_at for row in log]
        assert recorded == sorted(recorded)
        assert all(row.happened_at <= row.recorded_at for row in log)

        by_licence = asking.table(REPORTS["link-rate"], {"by": Segment.LICENCE}, EVERYBODY)
        assert "No licence" not in [str(row.label) for row in by_licence.rows]
