"""Play the sample tickets: customers write, agents answer, link, draft and solve, over four weeks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.zendesk.emulator.desk import Ticket, User
from kcs.demo.stage import CONNECTION, PRODUCT, WORKED, Stage, field_number, in_groups
from kcs.demo.team import read_products, read_team, read_tickets

GROUP = 20
SPAN = timedelta(days=27)
HOUR = timedelta(hours=1)
LANGUAGES = {"lang_es": "es", "lang_id": "id", "lang_he": "he"}

# How far the drafts get, by turns: some stay rough, some are validated, some published.
DRAFT_LIVES = ((), ("complete",), ("complete", "validate"), ("complete", "validate", "publish"))

# What agents ask first in every fourth ticket, and what they are told.
ASKED = (
    ("Could you tell me which browser you use, and since when it happens?", "Firefox, since this morning."),
    ("Is it the same for your colleagues?", "Yes, for all three of us."),
    ("Does it say anything when it stops?", "Nothing at all. The page just stays as it is."),
)
ASKS_EVERY = 4

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
        self._product, self._worked = (field_number(stage.desk, title) for title in (PRODUCT, WORKED))
        self._products = {tag: product for product, tags in read_products().items() for tag in tags}

    def write(self, sample: Sample, at: datetime) -> Ticket:
        """The customer writes, the agent takes it and answers."""
        desk, agent = self._stage.desk, self._agents[sample["agent"]]
        tags = [tag for tag in sample["tags"] if tag not in LANGUAGES]
        ticket = desk.create_ticket(self._customer(sample), sample["subject"], sample["body"], tags, at=at)
        took = time_taken(sample)
        product = next((self._products[tag] for tag in tags if tag in self._products), None)
        fields = {self._product: product} if product else {}
        desk.change(ticket, agent, {"assignee_id": agent.id}, custom_fields=fields, at=at + took / 8)
        if asks_first(sample):
            question, told = ASKED[sample["n"] % len(ASKED)]
            desk.reply(ticket, agent, question, at=at + took / 6)
            desk.reply(ticket, self._customer(sample), told, at=at + took / 4)
        if sample.get("note"):
            desk.reply(ticket, agent, sample["note"], public=False, at=at + took / 3)
        if sample["reply"]:
            desk.reply(ticket, agent, sample["reply"], at=at + took / 2)
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
        """The agent solves the ticket; some come back and are solved again. Some customers rate it."""
        desk, agent = self._stage.desk, self._agents[sample["agent"]]
        if sample["outcome"] == "open":
            return
        took = time_taken(sample)
        at = ticket.created_at + took
        worked = {self._worked: str(int(took.total_seconds()) // 6)}
        desk.change(ticket, agent, {"status": "solved"}, custom_fields=worked, at=at)
        if sample.get("life") == "reopened":
            at += 2 * HOUR
            desk.set_status(ticket, self._customer(sample), "open", at=at - HOUR)
            desk.set_status(ticket, agent, "solved", at=at)
        good = rating(sample)
        if good is not None:
            desk.rate(ticket, self._customer(sample), good=good, at=at + HOUR / 2)

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


def time_taken(sample: Sample) -> timedelta:
    """Return how long a ticket takes: what there is an article for is solved sooner, by and large."""
    quick, n = sample["outcome"] in ("link", "exempt"), sample["n"]
    return timedelta(minutes=15 + n * 7 % 60 if quick else 60 + n * 13 % 120)


def asks_first(sample: Sample) -> bool:
    """Say whether the agent has to ask something before there is an answer."""
    is_english = not LANGUAGES.keys() & set(sample["tags"])
    return bool(sample["reply"]) and is_english and sample["n"] % ASKS_EVERY == 0


def rating(sample: Sample) -> bool | None:
    """Return what the customer says, None for most; solved without knowledge they are content less often."""
    n: int = sample["n"]
    if n % 5 not in (1, 3):
        return None
    return n % 2 == 0 if sample["outcome"] == "none" else n % 11 != 0
