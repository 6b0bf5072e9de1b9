"""Real questions replayed over real HTTP: every state and figure is the one worked out by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import database
from kcs.activity.models import Activity
from kcs.activity.services import record
from kcs.database import db
from kcs.demo import comparison, questions
from kcs.demo.commands import open_rows
from kcs.demo.questions import Question, Replay
from kcs.demo.serving import serving
from kcs.tickets.models import Ticket
from tests.conftest import AppMaker
from tests.factories import make_agent, make_connection, make_ticket, read_again
from tests.fakes import FakeDesk
from tests.faults import plays
from tests.processes import DATA
from workflow.solve import KnowledgeState

pytestmark = pytest.mark.long

States = dict[str, str]
Report = dict[str, tuple[int, int, int, int]]

# Two whole turns of the fifty-ticket plan: 100 questions, 20 for each of the five agents, so every letter of
# an agent's plan is played twice. Solved, linked, exempt, unanswered:
FIGURES: Report = {
    # LLLLLLLL D E: all 10 solved, 8 linked + 1 drafted, 1 exempt; twice
    "ada@replay.example": (20, 18, 2, 0),
    # LLLLLL DD E U: 10 solved, 6 linked + 2 drafted, 1 exempt, 1 without
    "ben@replay.example": (20, 16, 2, 2),
    # LLLLL D U X EE: 10 solved, 5 linked + 1 drafted, 2 exempt, 1 without + 1 unlinked afterwards
    "cho@replay.example": (20, 12, 4, 4),
    # LLLL A UUU X E: 10 solved, 4 linked + 1 linked late, 1 exempt, 3 without + 1 unlinked afterwards
    "dev@replay.example": (20, 10, 2, 8),
    # L RR D A UUU OO: 8 solved and 2 left open; 1 linked + 2 linked, reopened and solved again + 1 drafted
    # + 1 linked late, 3 without
    "eva@replay.example": (16, 10, 0, 6),
}

# What the log holds for one ticket of each life: each act once, the reopened one solved once more; what is
# known of a solved one is said once, since nothing of it changes.
LOGS: dict[str, dict[str, int]] = {
    "L": {"ticket.measured": 1, "ticket.link": 1, "ticket.solve": 1},
    "A": {"ticket.measured": 1, "ticket.solve": 1, "ticket.link": 1},
    "R": {"ticket.measured": 1, "ticket.link": 1, "ticket.solve": 2, "ticket.reopen": 1},
    "X": {"ticket.measured": 1, "ticket.link": 1, "ticket.solve": 1, "ticket.unlink": 1},
    "D": {"ticket.measured": 1, "ticket.draft": 1, "article.created": 1, "ticket.solve": 1},
    "E": {"ticket.measured": 1, "ticket.exempt": 1, "ticket.solve": 1},
    "U": {"ticket.measured": 1, "ticket.solve": 1},
    "O": {},
}


@pytest.fixture
def banking() -> Path:
    """Real questions to a bank, each with the article that answers it."""
    folder = DATA / "banking77"
    if not (folder / "dev" / "queries.jsonl").exists():
        pytest.skip(f"{folder} is not there: set KCS_TEST_DATA to a folder with the data sets")
    return folder


def odd_logs(replay: Replay, asked: list[Question]) -> list[str]:
    """Return the tickets whose log is not exactly that of their life: an act lost or taken twice."""
    ids = {row.id: row.remote_id for row in db.session.execute(select(Ticket.id, Ticket.remote_id))}
    logs: dict[str, Counter[str]] = {remote_id: Counter() for remote_id in ids.values()}
    for ticket_id, kind in db.session.execute(
        select(Activity.ticket_id, Activity.kind).where(Activity.ticket_id.is_not(None))
    ):
        logs[ids[ticket_id]][kind] += 1
    return [
        f"ticket {remote_id} ({question.life}): {dict(logs[remote_id])}"
        for question in asked
        if logs[remote_id := str(replay.tickets[question.number].id)] != LOGS[question.life]
    ]


def test_a_hundred_questions_end_as_planned_though_a_fifth_arrives_twice_and_all_in_disorder(
    make_app: AppMaker, banking: Path
) -> None:
    asked = questions.read_questions(banking, 100)
    assert all(question.article for question in asked)
    app = make_app(providers={"zendesk": ZendeskProvider()})
    desk = Emulator(shapes=("event", "trigger"))
    with EmulatorServer(desk) as account, app.app_context(), serving(app) as base_url:
        tokens = plays.prepare(desk, account.api_base, banking)
        replay = plays.replay(desk, base_url, tokens, asked, lambda: open_rows(app))
        assert len(replay.tickets) == 100
        assert comparison.differences(replay.expected_states(), FIGURES) == []
        assert comparison.figures_by_agent() == FIGURES
        assert odd_logs(replay, asked) == []
    assert questions.expected_report(asked) == FIGURES


# ---- the comparison itself can fail ------------------------------------------------------------------------


class Played:
    """Three tickets as planned: one solved by Ada, one by Ben, both without an article, and one left open."""

    def __init__(self) -> None:
        self.desk = FakeDesk(clock=datetime.now(UTC) - timedelta(days=1))
        for email in ("ada@example.com", "ben@example.com"):
            make_agent(email=email)
        self.ada, self.ben, self.open = (
            make_ticket(self.desk, solved_by="ada@example.com"),
            make_ticket(self.desk, solved_by="ben@example.com"),
            make_ticket(self.desk),
        )
        self.states: States = {
            self.ada.remote_id: "unanswered",
            self.ben.remote_id: "unanswered",
            self.open.remote_id: "capture",
        }
        self.report: Report = {"ada@example.com": (1, 0, 0, 1), "ben@example.com": (1, 0, 0, 1)}


def wrong_state(played: Played) -> str:
    played.ada.knowledge_state = KnowledgeState.ANSWERED
    return f"ticket {played.ada.remote_id} is answered, planned unanswered"


def missing_ticket(played: Played) -> str:
    played.states["4711"] = "capture"
    return "ticket 4711 is missing, planned capture"


def unplanned_ticket(played: Played) -> str:
    del played.states[played.open.remote_id]
    return f"ticket {played.open.remote_id} is capture, planned none"


def doubled_ticket(played: Played) -> str:
    read_again(played.desk, make_connection("other"), played.open.remote_id)
    return "1 tickets are mirrored twice"


def wrong_figure(played: Played) -> str:
    played.report["ada@example.com"] = (1, 1, 0, 0)
    return "ada@example.com: the report says (1, 0, 0, 1), planned (1, 1, 0, 0)"


def unplanned_agent(played: Played) -> str:
    del played.report["ben@example.com"]
    return "ben@example.com: the report says (1, 0, 0, 1), planned (0, 0, 0, 0)"


def doubled_solve(played: Played) -> str:
    record("ticket.solve", authority="desk:1", ticket_id=played.open.id, happened_at=database.now())
    return f"ticket {played.open.remote_id} was solved 1 and reopened 0 times in the log"


def doubled_solve_of_a_solved_ticket(played: Played) -> str:
    record("ticket.solve", authority="desk:1", ticket_id=played.ada.id, happened_at=played.ada.solved_at)
    return f"ticket {played.ada.remote_id} was solved 2 and reopened 0 times in the log"


def test_what_is_as_planned_has_no_differences(app: Flask) -> None:
    played = Played()
    db.session.commit()
    assert comparison.differences(played.states, played.report) == []


@pytest.mark.parametrize(
    "plant",
    [
        wrong_state,
        missing_ticket,
        unplanned_ticket,
        doubled_ticket,
        wrong_figure,
        unplanned_agent,
        doubled_solve,
        doubled_solve_of_a_solved_ticket,
    ],
)
def test_a_planted_difference_is_found(app: Flask, plant: Callable[[Played], str]) -> None:
    played = Played()
    expected = plant(played)
    db.session.commit()
    assert expected in comparison.differences(played.states, played.report)
