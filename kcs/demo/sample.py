"""Play the sample tickets: customers write, agents answer, link, draft and solve, over four weeks."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from integrations.zendesk.emulator.desk import Ticket, User
from kcs.demo.stage import CONNECTION, PRODUCT, WORKED, Stage, field_number
from kcs.demo.team import read_products, read_team

SPAN = timedelta(days=27)
# How long before the first ticket the team and its articles were there: within what reports show unasked.
BEFORE = timedelta(days=1, hours=12)
HOUR = timedelta(hours=1)
# After what an agent links late.
LATE = 20 * HOUR
LANGUAGES = {"lang_es": "es", "lang_id": "id", "lang_he": "he"}

# How far the drafts get, by turns: some stay rough, some are validated, some published.
DRAFT_LIVES = ((), ("complete",), ("complete", "validate"), ("complete", "validate", "publish"))
# How long each further step is waited for, by turns: none, so that it is out before its ticket is solved.
DRAFT_WAITS = (timedelta(), 5 * HOUR, 20 * HOUR)

# What agents ask first in every fourth ticket, and what they are told.
ASKED = (
    ("Could you tell me which browser you use, and since when it happens?", "Firefox, since this morning."),
    ("Is it the same for your colleagues?", "Yes, for all three of us."),
    ("Does it say anything when it stops?", "Nothing at all. The page just stays as it is."),
)
ASKS_EVERY = 4

Sample = dict[str, Any]


def play(stage: Stage, samples: Sequence[Sample], progress: Callable[[int], None]) -> None:
    """Play sample tickets, spread over the weeks before now; `progress` hears how many are through."""
    timetable = _Timetable(stage)
    cast = _Cast(stage, timetable, progress)
    begin = datetime.now(UTC) - SPAN
    step = SPAN / (len(samples) + 1)
    for place, sample in enumerate(samples, 1):
        cast.expect(sample, begin + step * place)
    timetable.play()
    stage.deliver()


class _Timetable:
    """What is to happen and when, of all tickets: what is played later may add to it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._turns = count()
        self._acts: list[tuple[datetime, int, Callable[[], object]]] = []

    def add(self, at: datetime, act: Callable[[], object]) -> None:
        """Let something happen at a moment, after what was added before for the same."""
        heapq.heappush(self._acts, (at, next(self._turns), act))

    def play(self) -> None:
        """Do everything in the order of its time, with the clock moved on to it."""
        while self._acts:
            at, _, act = heapq.heappop(self._acts)
            self._stage.wait_until(at)
            act()


class _Cast:
    """The people of the play on both sides."""

    def __init__(self, stage: Stage, timetable: _Timetable, progress: Callable[[int], None]) -> None:
        self._stage = stage
        self._timetable = timetable
        self._progress = progress
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

    def expect(self, sample: Sample, at: datetime) -> None:
        """Let a customer write at a moment, and have it answered."""
        self._timetable.add(at + time_taken(sample) / 2, partial(self._write, sample, at))

    def _write(self, sample: Sample, at: datetime) -> None:
        """The customer wrote, the agent took it and answers now; what follows has its time."""
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
        solved = at + took + (2 * HOUR if sample.get("life") == "reopened" else timedelta())
        self._timetable.add(at + took * 3 / 4, partial(self._before_solving, sample, ticket))
        self._timetable.add(solved + HOUR / 2, partial(self._solve, sample, ticket))
        if sample.get("life") == "late_link":
            self._timetable.add(solved + LATE, partial(self._link, sample, ticket))

    def _before_solving(self, sample: Sample, ticket: Ticket) -> None:
        """The agent links, drafts or says that no article is needed."""
        if sample["outcome"] == "link" and sample.get("life") != "late_link":
            self._link(sample, ticket)
        elif sample["outcome"] == "draft":
            self._draft(sample, ticket)
        elif sample["outcome"] == "exempt":
            self._act(sample, ticket, "exemption", {"reason": sample["exempt_reason"]})

    def _solve(self, sample: Sample, ticket: Ticket) -> None:
        """The agent has solved the ticket; some came back and were solved again. Some customers rate it."""
        desk, agent = self._stage.desk, self._agents[sample["agent"]]
        self._progress(1)
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
        wait = DRAFT_WAITS[self._drafts % len(DRAFT_WAITS)]
        self._drafts += 1
        by = {"complete": sample["agent"], "validate": self._who("coach"), "publish": self._who("publisher")}
        drafted = self._stage.clock()
        for place, move in enumerate(life if "resolution" in article["parts"] else ()):
            content = {"name": move, **({"audience": "public"} if move == "publish" else {})}
            path = f"/articles/{article['key']}/transitions"
            self._timetable.add(
                drafted + wait * place, partial(self._stage.api, by[move], "POST", path, content)
            )

    def _who(self, part: str) -> str:
        return next(str(person["email"]) for person in self._team if person.get("sign_in_for") == part)

    def _act(self, sample: Sample, ticket: Ticket, what: str, content: object) -> Any:
        self._stage.deliver()  # so that the ticket is known
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
