"""A day at a Freshdesk account with everything that happens there, played against the product at work.

Each ticket lives one of `LIVES`, act by act, all tickets together. Who is to be credited is worked out from
the account's own log (`tests.faults.freshdesk_truth`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle

from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.outbox import RULE
from integrations.freshdesk.emulator.records import CLOSED, PENDING, RESOLVED, Agent, Contact
from integrations.freshdesk.emulator.records import Ticket as DeskTicket
from tests.faults.days import Colleagues, act_in_product
from workflow.solve import KnowledgeState

S = KnowledgeState
BETWEEN_ACTS = timedelta(minutes=2)


@dataclass
class Scene:
    """One ticket, the people around it, and what may be done."""

    desk: Emulator
    ticket: DeskTicket
    customer: Contact
    agent: Agent
    colleague: Agent
    cast: Cast

    def solve(self, by: Agent | None = None) -> None:
        """Resolve it on the desk."""
        self.desk.set_status(self.ticket, by or self.agent, RESOLVED)


Step = Callable[[Scene], object]


@dataclass(frozen=True)
class Life:
    """What happens to a ticket, and the knowledge state it ends in.

    `noon` is what its agent does in the product, `evening` what happens on the desk, `night` what the agent
    does late.
    """

    name: str
    knowledge: KnowledgeState
    noon: str = ""
    evening: tuple[Step, ...] = ()
    night: str = ""


def _by_agent(scene: Scene) -> None:
    scene.solve()


def _by_colleague(scene: Scene) -> None:
    scene.solve(scene.colleague)


def _by_stranger(scene: Scene) -> None:
    scene.solve(scene.cast.stranger)


def _comes_back(scene: Scene) -> None:
    scene.desk.reopen(scene.ticket, scene.customer)


def _opened_by_hand(scene: Scene) -> None:
    scene.desk.reopen(scene.ticket, scene.agent)


def _to(status: int, *, by_rule: bool = False) -> Step:
    return lambda scene: scene.desk.set_status(scene.ticket, None if by_rule else scene.agent, status)


def _waits(scene: Scene) -> None:
    scene.desk.set_status(scene.ticket, scene.agent, scene.cast.waiting)


def _deleted(scene: Scene) -> None:
    scene.desk.delete(scene.ticket, scene.agent)


def _restored(scene: Scene) -> None:
    scene.desk.restore(scene.ticket, scene.agent)


def _spam(scene: Scene) -> None:
    scene.desk.spam(scene.ticket, scene.agent)


def _merged(scene: Scene) -> None:
    winner = scene.desk.create_ticket(scene.customer, "The same once more", "It is the same question.")
    scene.cast.others.append(winner)
    scene.desk.merge(scene.ticket, winner, scene.agent)


def _handed_over(scene: Scene) -> None:
    scene.desk.assign(scene.ticket, scene.agent, scene.colleague)


def _noted(scene: Scene) -> None:
    scene.desk.note(scene.ticket, scene.colleague, "Seen that before.")


def _tagged(scene: Scene) -> None:
    scene.desk.tag(scene.ticket, scene.agent, "vip", "late")


def _gone(scene: Scene) -> None:
    scene.cast.to_purge.append(scene.ticket)


def _archived(scene: Scene) -> None:
    scene.cast.to_archive.append(scene.ticket)


CLOSED_BY_RULE = _to(CLOSED, by_rule=True)
LIVES = (
    Life("stays open", S.CAPTURE),
    Life("waits for the customer", S.REUSE, "link", (_waits,)),
    Life("pending, with tags", S.REUSE, "link", (_to(PENDING), _tagged)),
    Life("linked", S.ANSWERED, "link", (_by_agent,)),
    Life("drafted", S.ANSWERED, "draft", (_by_agent,)),
    Life("no article needed", S.EXEMPT, "exempt", (_by_agent,)),
    Life("nothing done", S.UNANSWERED, "", (_by_agent,)),
    Life("linked late", S.ANSWERED, "", (_by_agent,), "link"),
    Life("linked, taken back", S.UNANSWERED, "link, unlink", (_by_agent,)),
    Life("the customer comes back", S.REUSE, "link", (_by_agent, _comes_back)),
    Life("opened by hand", S.REUSE, "link", (_by_agent, _opened_by_hand)),
    Life("solved twice", S.ANSWERED, "link", (_by_agent, _comes_back, _by_colleague)),
    Life(
        "solved three times",
        S.ANSWERED,
        "link",
        (_by_colleague, _comes_back, _by_agent, _comes_back, _by_colleague),
    ),
    Life("a colleague solves", S.ANSWERED, "link", (_by_colleague,)),
    Life("somebody without an account here", S.ANSWERED, "link", (_by_stranger,)),
    Life("closed at once", S.ANSWERED, "link", (_to(CLOSED),)),
    Life("closed by rule", S.ANSWERED, "link", (_by_agent, CLOSED_BY_RULE)),
    Life("solved by rule", S.UNANSWERED, "", (_to(RESOLVED, by_rule=True),)),
    Life(
        "closed, comes back, closed",
        S.ANSWERED,
        "link",
        (_to(CLOSED), _comes_back, _by_colleague, CLOSED_BY_RULE),
    ),
    Life("deleted", S.ANSWERED, "link", (_by_agent, _deleted)),
    Life("deleted for good", S.CAPTURE, "", (_deleted, _gone)),
    Life("deleted, restored", S.REUSE, "link", (_deleted, _restored)),
    Life("spam", S.CAPTURE, "", (_spam,)),
    Life("merged-like", S.UNANSWERED, "", (_merged,)),
    Life("noted by a colleague", S.ANSWERED, "link", (_noted, _by_agent)),
    Life("handed over", S.ANSWERED, "link", (_handed_over, _by_colleague)),
    Life("handed over when it was done", S.ANSWERED, "link", (_by_agent, _handed_over)),
    Life("archived", S.ANSWERED, "link", (_by_agent, CLOSED_BY_RULE, _archived)),
)


@dataclass
class Cast:
    """Everybody who takes part, and the tickets beside those whose life is told."""

    desk: Emulator
    connection: str
    emails: list[str]
    articles: list[str]
    dice: random.Random = field(default_factory=lambda: random.Random(6))
    others: list[DeskTicket] = field(default_factory=list)
    to_archive: list[DeskTicket] = field(default_factory=list)
    to_purge: list[DeskTicket] = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agents = [self.desk.add_agent(email.split("@")[0].title(), email) for email in self.emails]
        self.stranger = self.desk.add_agent("Sam Elsewhere", "sam@elsewhere.example")
        self.waiting = self.desk.add_status("Waiting on Customer", "Awaiting your Reply")

    def morning(self, count: int) -> list[tuple[Life, Scene]]:
        """Customers write, agents answer; every life comes in its turn."""
        played = [
            (life, self._opened(number)) for number, life in zip(range(count), cycle(LIVES), strict=False)
        ]
        self.desk.advance(BETWEEN_ACTS)
        for number, (_, scene) in enumerate(played):
            self.desk.assign(scene.ticket, scene.agent, scene.agent)
            self.desk.reply(scene.ticket, scene.agent, f"Please do step {number}.")
        self.desk.advance(BETWEEN_ACTS)
        return played

    def evening(self, played: list[tuple[Life, Scene]], number: int) -> bool:
        """Let the act of this number happen in every life; False when no life has so many."""
        having = [(life.evening[number], scene) for life, scene in played if number < len(life.evening)]
        for act, scene in having:
            act(scene)
        self.desk.advance(BETWEEN_ACTS)
        return bool(having)

    def put_away(self) -> None:
        """Archive, and empty the bin, as happens months later; a late webhook about each comes once more.

        Without one nobody would learn of either: no list has them any more.
        """
        for ticket in self.to_archive:
            self.desk.archive(ticket)
        for ticket in self.to_purge:
            self.desk.delete_forever(ticket)
        rule = self.desk.rules[-1]
        for ticket in (*self.to_archive, *self.to_purge):
            values = {"ticket.id": str(ticket.id), "triggered_event": "{ticket_action:updated}"}
            self.desk.outbox.put(RULE, rule.on, ticket.id, rule.url, rule.sent_headers(), rule.filled(values))

    def do(self, colleagues: Colleagues, scene: Scene, acts: str) -> None:
        """Let the agent act in the product."""
        act_in_product(colleagues.ask, self, scene.agent.email, self.connection, scene.ticket.id, acts)

    def _opened(self, number: int) -> Scene:
        agent, colleague = self.dice.sample(self.agents, 2)
        customer = self.desk.add_contact(f"Customer {number}", f"customer{number}@mail.example")
        ticket = self.desk.create_ticket(customer, f"Question {number}", f"What about {number}?")
        return Scene(self.desk, ticket, customer, agent, colleague, self)


def all_tickets(played: list[tuple[Life, Scene]], cast: Cast) -> Iterator[DeskTicket]:
    """Yield every ticket of the day."""
    yield from (scene.ticket for _, scene in played)
    yield from cast.others
