"""A day at a Zendesk account with everything that happens there, played against the product at work.

Each ticket lives one of `LIVES`. What a life should come to here is written beside it, by what the words
mean; the desk itself (`integrations.zendesk.emulator`) says what its tickets hold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.desk import Ticket, User
from kcs.demo.stage import CONNECTION, Stage
from kcs.ports import DeskStatus
from tests.faults.days import act_in_product
from workflow.solve import KnowledgeState

S, D = KnowledgeState, DeskStatus


@dataclass
class Scene:
    """One ticket, the people around it, and what may be done."""

    desk: Emulator
    ticket: Ticket
    customer: User
    agent: User
    colleague: User
    cast: Cast

    def solve(self, by: User | None = None) -> None:
        """Solve it on the desk."""
        self.desk.set_status(self.ticket, by or self.agent, "solved")


Act = Callable[[Scene], object]


@dataclass(frozen=True)
class Life:
    """What happens to a ticket, and what it comes to.

    `noon` is what its agent does in the product, `evening` what happens on the desk, `night` what the agent
    does late. `credit` names who solved it: the agent, the colleague, or nobody of ours.
    """

    name: str
    knowledge: KnowledgeState
    status: DeskStatus
    credit: str | None = None
    noon: str = ""
    evening: tuple[Act, ...] = ()
    night: str = ""


def _reopened(scene: Scene) -> None:
    scene.desk.reopen(scene.ticket, scene.customer)


def _by_rule(status: str) -> Act:
    return lambda scene: scene.desk.run_rule(scene.ticket, status=status)


def _merged(scene: Scene) -> None:
    winner = scene.desk.create_ticket(scene.customer, "The same once more", "It is the same question.")
    scene.cast.others.append(winner)
    scene.desk.merge(scene.ticket, winner, scene.agent)


def _redacted(scene: Scene) -> None:
    scene.desk.redact(scene.ticket, scene.ticket.comments[0])


def _made_private(scene: Scene) -> None:
    scene.desk.make_private(scene.ticket, scene.ticket.comments[-1])


def _solved_by_custom_status(scene: Scene) -> None:
    scene.desk.set_custom_status(scene.ticket, scene.agent, scene.cast.solved_elsewhere)


def _followed_up(scene: Scene) -> None:
    scene.desk.set_status(scene.ticket, scene.agent, "closed")
    scene.cast.others.append(scene.desk.follow_up(scene.ticket, scene.customer))


def _suspended(scene: Scene) -> None:
    scene.desk.suspend(scene.customer)


LIVES = (
    Life("stays open", S.CAPTURE, D.OPEN),
    Life("linked", S.ANSWERED, D.SOLVED, "agent", "link", (Scene.solve,)),
    Life("drafted", S.ANSWERED, D.SOLVED, "agent", "draft", (Scene.solve,)),
    Life("no article needed", S.EXEMPT, D.SOLVED, "agent", "exempt", (Scene.solve,)),
    Life("nothing done", S.UNANSWERED, D.SOLVED, "agent", "", (Scene.solve,)),
    Life("linked late", S.ANSWERED, D.SOLVED, "agent", "", (Scene.solve,), "link"),
    Life("linked, taken back", S.UNANSWERED, D.SOLVED, "agent", "link, unlink", (Scene.solve,)),
    Life("reopened", S.REUSE, D.OPEN, None, "link", (Scene.solve, _reopened)),
    Life(
        "solved twice",
        S.ANSWERED,
        D.SOLVED,
        "colleague",
        "link",
        (Scene.solve, _reopened, lambda scene: scene.solve(scene.colleague)),
    ),
    Life("a colleague solves", S.ANSWERED, D.SOLVED, "colleague", "link", (lambda s: s.solve(s.colleague),)),
    Life("closed by rule", S.ANSWERED, D.CLOSED, "agent", "link", (Scene.solve, _by_rule("closed"))),
    Life("solved by rule", S.UNANSWERED, D.SOLVED, None, "", (_by_rule("solved"),)),
    Life("solved by a bot", S.UNANSWERED, D.SOLVED, None, "", (lambda s: s.solve(s.cast.bot),)),
    Life(
        "deleted",
        S.ANSWERED,
        D.DELETED,
        "agent",
        "link",
        (Scene.solve, lambda s: s.desk.delete_ticket(s.ticket)),
    ),
    Life(
        "deleted for good",
        S.CAPTURE,
        D.DELETED,
        None,
        "",
        (lambda s: s.desk.delete_ticket(s.ticket), lambda s: s.desk.delete_forever(s.ticket)),
    ),
    Life(
        "deleted, restored",
        S.REUSE,
        D.OPEN,
        None,
        "link",
        (lambda s: s.desk.delete_ticket(s.ticket), lambda s: s.desk.undelete(s.ticket)),
    ),
    Life("merged", S.CAPTURE, D.CLOSED, None, "", (_merged,)),
    Life("redacted", S.ANSWERED, D.SOLVED, "agent", "link", (Scene.solve, _redacted)),
    Life("made private", S.ANSWERED, D.SOLVED, "agent", "link", (Scene.solve, _made_private)),
    Life("custom status", S.ANSWERED, D.SOLVED, "agent", "link", (_solved_by_custom_status,)),
    Life("followed up", S.ANSWERED, D.CLOSED, "agent", "link", (Scene.solve, _followed_up)),
    Life(
        "archived", S.ANSWERED, D.CLOSED, "agent", "link", (Scene.solve, lambda s: s.desk.archive(s.ticket))
    ),
    Life("customer suspended", S.REUSE, D.OPEN, None, "link", (_suspended,)),
    Life(
        "noted by a light agent",
        S.ANSWERED,
        D.SOLVED,
        "agent",
        "link",
        (lambda s: s.desk.reply(s.ticket, s.cast.light, "Seen that before.", public=False), Scene.solve),
    ),
)


@dataclass
class Cast:
    """Everybody who takes part, and the tickets beside those whose life is told."""

    desk: Emulator
    emails: list[str]
    articles: list[str]
    dice: random.Random = field(default_factory=lambda: random.Random(6))
    others: list[Ticket] = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agents: list[User] = [
            self.desk.add_user(email.split("@")[0].title(), email, "agent") for email in self.emails
        ]
        self.bot: User = self.desk.add_bot("Answer bot", "bot@machines.example")
        self.light: User = self.desk.add_light_agent("Expert", "expert@example.com")
        self.solved_elsewhere = self.desk.add_custom_status("Done by partner", "solved")

    def morning(self, count: int) -> list[tuple[Life, Scene]]:
        """Customers write, agents answer; every life comes in its turn."""
        return [
            (life, self._opened(number)) for number, life in zip(range(count), cycle(LIVES), strict=False)
        ]

    def _opened(self, number: int) -> Scene:
        agent, colleague = self.dice.sample(self.agents, 2)
        customer = self.desk.add_user(f"Customer {number}", f"customer{number}@mail.example", "end-user")
        ticket = self.desk.create_ticket(customer, f"Question {number}", f"What about {number}?")
        self.desk.assign(ticket, agent, agent)
        self.desk.reply(ticket, agent, f"Please do step {number}.")
        self.desk.set_status(ticket, agent, "open")
        return Scene(self.desk, ticket, customer, agent, colleague, self)

    def do(self, stage: Stage, scene: Scene, acts: str) -> None:
        """Let the agent act in the product."""
        act_in_product(stage.api, self, scene.agent.email, CONNECTION, scene.ticket.id, acts)


def all_tickets(played: list[tuple[Life, Scene]], cast: Cast) -> Iterator[Ticket]:
    """Yield every ticket of the day."""
    yield from (scene.ticket for _, scene in played)
    yield from cast.others
