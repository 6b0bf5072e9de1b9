"""Replay real questions: every act follows from a written plan, so every figure can be worked out beforehand.

A data folder holds `corpus.jsonl` (articles), `dev/queries.jsonl` (what people wrote) and `dev/qrels.tsv`
(which article answers which question).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integrations.zendesk.emulator.desk import Ticket, User
from kcs.demo.stage import CONNECTION, Stage, in_groups

# One letter a ticket, agent by agent, in turns of fifty: L linked then solved, A solved then linked,
# R linked, solved, reopened and solved again, X linked, solved, then unlinked, D drafted, E exempt,
# U solved without, O left open.
PLAN = {
    "ada@replay.example": "LLLLLLLLDE",
    "ben@replay.example": "LLLLLLDDEU",
    "cho@replay.example": "LLLLLDUXEE",
    "dev@replay.example": "LLLLAUUUXE",
    "eva@replay.example": "LRRDAUUUOO",
}
LINKED, EXEMPT, UNANSWERED, OPEN = "LARD", "E", "UX", "O"
STATES = {
    **dict.fromkeys(LINKED, "answered"),
    **dict.fromkeys(EXEMPT, "exempt"),
    **dict.fromkeys(UNANSWERED, "unanswered"),
    **dict.fromkeys(OPEN, "capture"),
}
GROUP = 50
# How long after it came in an agent acts on a ticket, and by when it is solved, again if need be.
ACTED_AFTER, SOLVED_AFTER = timedelta(minutes=4), timedelta(minutes=8)


@dataclass(frozen=True)
class Question:
    """What somebody wrote, who works on it, what happens to it, and the article that answers it."""

    number: int
    title: str
    body: str
    agent: str
    life: str
    article: str | None


def read_questions(folder: Path, limit: int | None = None) -> list[Question]:
    """Return the questions of a data folder, each with its part of the plan."""
    answers = _answers(folder / "dev" / "qrels.tsv")
    agents = list(PLAN)
    questions = []
    lines = (folder / "dev" / "queries.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(lines[:limit]):
        row = json.loads(line)
        agent = agents[number % len(agents)]
        lives = PLAN[agent]
        life = lives[number // len(agents) % len(lives)]
        article = answers.get(row["id"])
        # Where the data knows no answer, the agent writes one instead of linking one.
        life = "D" if article is None and life in "LARX" else life
        questions.append(Question(number, row["title"], row["body"], agent, life, article))
    return questions


def expected_report(questions: list[Question]) -> dict[str, tuple[int, int, int, int]]:
    """Return solved, linked, exempt and unanswered by agent, counted from the plan alone."""
    counted = Counter((question.agent, question.life) for question in questions)

    def count(agent: str, lives: str) -> int:
        return sum(counted[agent, life] for life in lives)

    return {
        agent: (
            count(agent, LINKED + EXEMPT + UNANSWERED),
            count(agent, LINKED),
            count(agent, EXEMPT),
            count(agent, UNANSWERED),
        )
        for agent in PLAN
    }


class Replay:
    """Plays questions as tickets and remembers which ticket each became."""

    def __init__(self, stage: Stage, questions: list[Question]) -> None:
        self._stage = stage
        self._questions = questions
        self._customer = stage.desk.add_user("Jamie Replay", "jamie@replay.example", "end-user")
        self._agents: dict[str, User] = {
            email: stage.desk.add_user(email.split("@", maxsplit=1)[0].title(), email, "agent")
            for email in PLAN
        }
        self._begin = datetime.now(UTC) - timedelta(days=20)
        self.tickets: dict[int, Ticket] = {}

    def play(self, progress: Callable[[int], None]) -> None:
        """Play everything; `progress` hears how many questions are through."""
        for group in in_groups(self._questions, GROUP):
            for question in group:
                self._write(question)
            self._stage.deliver()
            for question in group:
                self._before_solving(question)
            for question in group:
                self._solve(question)
            self._stage.wait_until(self._began(group[-1]) + SOLVED_AFTER)
            self._stage.deliver()
            for question in group:
                self._after_solving(question)
            progress(len(group))
        self._stage.settle()

    def expected_states(self) -> dict[str, str]:
        """Return the knowledge state each desk ticket must end in."""
        return {str(self.tickets[question.number].id): STATES[question.life] for question in self._questions}

    def _write(self, question: Question) -> None:
        at = self._began(question)
        desk, agent = self._stage.desk, self._agents[question.agent]
        ticket = desk.create_ticket(self._customer, question.title, question.body or question.title, at=at)
        desk.assign(ticket, agent, agent, at=at + timedelta(minutes=1))
        desk.reply(ticket, agent, "Please see the steps below.", at=at + timedelta(minutes=2))
        self.tickets[question.number] = ticket

    def _began(self, question: Question) -> datetime:
        return self._begin + timedelta(minutes=10 * question.number)

    def _before_solving(self, question: Question) -> None:
        self._stage.wait_until(self._began(question) + ACTED_AFTER)
        if question.life in "LRX":
            self._act(question, "links", {"article": question.article})
        elif question.life == "D":
            self._act(question, "draft", {})
        elif question.life == "E":
            self._act(question, "exemption", {"reason": "no_knowledge"})

    def _solve(self, question: Question) -> None:
        if question.life == "O":
            return
        desk, agent, ticket = self._stage.desk, self._agents[question.agent], self.tickets[question.number]
        at = ticket.created_at + timedelta(minutes=5)
        desk.set_status(ticket, agent, "solved", at=at)
        if question.life == "R":
            desk.set_status(ticket, self._customer, "open", at=at + timedelta(minutes=1))
            desk.set_status(ticket, agent, "solved", at=at + timedelta(minutes=2))

    def _after_solving(self, question: Question) -> None:
        if question.life == "A":
            self._act(question, "links", {"article": question.article})
        elif question.life == "X":
            path = f"/tickets/{CONNECTION}/{self.tickets[question.number].id}"
            links = self._stage.api(question.agent, "GET", path)["links"]
            for link in links:
                self._stage.api(question.agent, "DELETE", f"{path}/links/{link['id']}")

    def _act(self, question: Question, what: str, content: object) -> None:
        path = f"/tickets/{CONNECTION}/{self.tickets[question.number].id}/{what}"
        self._stage.api(question.agent, "POST", path, content)


def _answers(path: Path) -> dict[str, str]:
    answers: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        query, article, _ = line.split("\t")
        answers.setdefault(query, article)
    return answers
