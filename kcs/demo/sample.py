"""Play the sample tickets: customers write, agents answer, link, draft and solve, over four weeks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.zendesk.emulator.desk import Ticket, User
from kcs.demo.stage import CONNECTION, Stage, in_groups
from kcs.demo.team import read_team, read_tickets

GROUP = 20
SPAN = timedelta(days=27)
SOLVE_AFTER = timedelta(hours=3)
LANGUAGES = {"lang_es": "es", "lang_id": "id", "lang_he": "he"}

# How far the drafts get, by turns: some stay rough, some are validated, some published.
DRAFT_LIVES = ((), ("complete",), ("complete", "validate"), ("complete", "validate", "publish"))

Sample = dict[str, Any]


def play(stage: Stage, progress: Callable[[int], None]) -> int:
    """Play all sample tickets; `progress` hears how many are through. Returns how many there were."""
    samples = read_tickets()
    cast = _Cast(stage)
    begin = datetime.now(UTC) - SPAN
    step = SPAN / (len(samples) + 1)
    for group in in_groups(samples, GROUP):
        tickets = [(sample, cast.write(sample, begin + step * sample["n"])) for sample in group]
        stage.deliver()
        for sample, ticket in tickets:
            cast.before_solving(sample, ticket)
        for sample, ticket in tickets:
            cast.solve(sample, ticket)
        stage.deliver()
        for sample, ticket in tickets:
            cast.after_solving(sample, ticket)
        progress(len(group))
    stage.settle()
    return len(samples)


class _Cast:
    """The people of the play on both sides."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._customers: dict[str, User] = {}
        self._team = read_team()
        self._agents = {
            person["email"]: stage.desk.add_user(person["name"], person["email"], "agent")
            for person in self._team
            if person["desk_agent"]
        }
        self._drafts = 0

    def write(self, sample: Sample, at: datetime) -> Ticket:
        """The customer writes, the agent takes it and answers."""
        desk, agent = self._stage.desk, self._agents[sample["agent"]]
        tags = [tag for tag in sample["tags"] if tag not in LANGUAGES]
        ticket = desk.create_ticket(self._customer(sample), sample["subject"], sample["body"], tags, at=at)
        desk.assign(ticket, agent, agent, at=at + SOLVE_AFTER / 4)
        if sample.get("note"):
            desk.reply(ticket, agent, sample["note"], public=False, at=at + SOLVE_AFTER / 3)
        if sample["reply"]:
            desk.reply(ticket, agent, sample["reply"], at=at + SOLVE_AFTER / 2)
        return ticket

    def before_solving(self, sample: Sample, ticket: Ticket) -> None:
        """The agent links, drafts or says that no article is needed."""
        if sample["outcome"] == "link" and sample.get("life") != "late_link":
            self._link(sample, ticket)
        elif sample["outcome"] == "draft":
            self._draft(sample, ticket)
        elif sample["outcome"] == "exempt":
            self._act(sample, ticket, "exemption", {"reason": sample["exempt_reason"]})

    def solve(self, sample: Sample, ticket: Ticket) -> None:
        """The agent solves the ticket; some come back and are solved again."""
        desk, agent = self._stage.desk, self._agents[sample["agent"]]
        if sample["outcome"] == "open":
            return
        at = ticket.created_at + SOLVE_AFTER
        desk.set_status(ticket, agent, "solved", at=at)
        if sample.get("life") == "reopened":
            desk.set_status(ticket, self._customer(sample), "open", at=at + SOLVE_AFTER)
            desk.set_status(ticket, agent, "solved", at=at + 2 * SOLVE_AFTER)

    def after_solving(self, sample: Sample, ticket: Ticket) -> None:
        """What is done late."""
        if sample.get("life") == "late_link":
            self._link(sample, ticket)

    def _customer(self, sample: Sample) -> User:
        who = sample["requester"]
        if who["email"] not in self._customers:
            self._customers[who["email"]] = self._stage.desk.add_user(
                who["name"], who["email"], "end-user", phone=who.get("phone"), details=who.get("address")
            )
        return self._customers[who["email"]]

    def _link(self, sample: Sample, ticket: Ticket) -> None:
        self._act(sample, ticket, "links", {"article": sample["article"]})

    def _draft(self, sample: Sample, ticket: Ticket) -> None:
        article = self._act(sample, ticket, "draft", {})
        life = DRAFT_LIVES[self._drafts % len(DRAFT_LIVES)]
        self._drafts += 1
        by = {"complete": sample["agent"], "validate": self._who("coach"), "publish": self._who("publisher")}
        for move in life if "resolution" in article["parts"] else ():
            content = {"name": move, **({"audience": "public"} if move == "publish" else {})}
            self._stage.api(by[move], "POST", f"/articles/{article['key']}/transitions", content)

    def _who(self, part: str) -> str:
        return next(str(person["email"]) for person in self._team if person.get("sign_in_for") == part)

    def _act(self, sample: Sample, ticket: Ticket, what: str, content: object) -> Any:
        path = f"/tickets/{CONNECTION}/{ticket.id}/{what}"
        return self._stage.api(sample["agent"], "POST", path, content)
