"""Any sequence of acts by anybody leaves the ticket where a plain model says, with one record each."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask, current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kcs import database
from kcs.activity.models import Activity
from kcs.articles import services as articles
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import KcsError
from kcs.people.models import Agent
from kcs.ports import DeskStatus
from kcs.solving import queries, services
from kcs.solving.measuring import MEASURED
from kcs.solving.models import ExemptionReason, LinkRole
from kcs.tickets.models import Ticket
from tests.factories import make_agent, make_article, make_connection, make_ticket, read_again
from tests.fakes import FakeDesk, desk_agent
from tests.workflow.test_solve import expected
from workflow.article import ArticleState, Move
from workflow.permissions import Licence, Role
from workflow.solve import Act, Facts, KnowledgeState, possible

# Many sequences, on both databases: a minute in all.
pytestmark = pytest.mark.long

S = KnowledgeState
PEOPLE = ("candidate", "contributor", "publisher", "coach", "nobody")
REASONS = (ExemptionReason.NO_KNOWLEDGE, ExemptionReason.CONFIDENTIAL)
DESK = {"solve": DeskStatus.SOLVED, "reopen": DeskStatus.OPEN}

# Article 0 and 1 can be linked, 2 is archived, 3 stands for the latest draft.
numbers = st.sampled_from((0, 0, 1, 1, 2, 3, 3))
events = st.one_of(
    st.tuples(st.just("link"), st.sampled_from(PEOPLE), numbers, st.sampled_from(LinkRole)),
    st.tuples(st.just("unlink"), st.sampled_from(PEOPLE), numbers, st.none()),
    st.tuples(st.just("paste"), st.sampled_from(PEOPLE), numbers, st.none()),
    st.tuples(st.just("flag"), st.sampled_from(PEOPLE), numbers, st.sampled_from(("Old", "Wrong"))),
    st.tuples(st.just("exempt"), st.sampled_from(PEOPLE), st.just(0), st.sampled_from(REASONS)),
    st.tuples(st.sampled_from(("draft", "discard", "grow")), st.sampled_from(PEOPLE), st.just(3), st.none()),
    st.tuples(st.sampled_from(("solve", "reopen")), st.just("contributor"), st.just(0), st.none()),
)
Event = tuple[str, str, int, object]


class RefusedByModelError(Exception):
    """The model says no."""


@dataclass
class Model:
    """A ticket in plain Python. `links`: article to (role, drafted here); `drafts`: wip article to author."""

    archived: int
    state: KnowledgeState = S.CAPTURE
    solved: bool = False
    came_from: KnowledgeState | None = None
    exemption: object = None
    links: dict[int, tuple[LinkRole, bool]] = field(default_factory=dict)
    drafts: dict[int, str] = field(default_factory=dict)
    detected: set[int] = field(default_factory=set)
    flags: set[tuple[int, str, object]] = field(default_factory=set)
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many resolution links there are."""
        return sum(role is LinkRole.RESOLUTION for role, _ in self.links.values())

    @property
    def drafted(self) -> int | None:
        """The article of the latest link that a draft made."""
        made = [article for article, (_, drafted) in self.links.items() if drafted]
        return made[-1] if made else None

    def refuse_if(self, condition: bool) -> None:
        """Say no."""
        if condition:
            raise RefusedByModelError

    def write(self, act: Act, to: KnowledgeState) -> None:
        """Move and remember."""
        self.rows.append((act.value, self.state.value, to.value))
        self.state = to

    def fire(self, act: Act) -> None:
        """Move by the written table."""
        to = expected(self.state, act, Facts(self.left, self.came_from, self.solved))
        if to is None:
            raise RefusedByModelError
        self.write(act, to)

    def answer(self, act: Act, came_from: KnowledgeState) -> None:
        """The ticket has knowledge."""
        before = self.state
        self.fire(act)
        if self.state is S.ANSWERED and before is not S.ANSWERED:
            self.came_from = came_from
        self.exemption = None

    def link(self, _who: str, article: int, role: object) -> None:
        """Link once; another role is another link."""
        assert isinstance(role, LinkRole)
        self.refuse_if(article == self.archived)
        if article in self.links:
            if self.links[article][0] is role:
                self.detected.discard(article)
                return
            self.unlink(_who, article, None)
        self.links[article] = (role, False)
        if role is LinkRole.REFERENCE:
            self.write(Act.LINK, self.state)
        else:
            self.answer(Act.LINK, S.REUSE)

    def unlink(self, _who: str, article: int, _: object) -> None:
        """Take away; a draft in the making is discarded instead."""
        self.detected.discard(article)
        role, drafted = self.links[article]
        in_making = drafted and self.state is S.STRUCTURE
        self.refuse_if(in_making and article in self.drafts)
        del self.links[article]
        if role is LinkRole.REFERENCE:
            self.write(Act.UNLINK, self.state)
        else:
            self.take_away(Act.DISCARD if in_making else Act.UNLINK)

    def paste(self, who: str, article: int, usable: bool) -> None:
        """The article's address in a reply: a link, where there is none, by those who may link."""
        if who == "nobody" or not usable or article in self.links:
            return
        self.links[article] = (LinkRole.RESOLUTION, False)
        self.detected.add(article)
        self.answer(Act.LINK, S.REUSE)

    def take_away(self, act: Act) -> None:
        """One link less."""
        self.fire(act)
        if not self.left:
            self.came_from = None
        elif self.came_from is S.STRUCTURE and self.drafted is None:
            self.came_from = S.REUSE

    def draft(self, who: str, article: int, _: object) -> None:
        """One draft in the making at most."""
        if self.drafted in self.drafts:
            return
        self.refuse_if(Act.DRAFT not in possible(self.state))
        self.drafts[article] = who
        self.links[article] = (LinkRole.RESOLUTION, True)
        self.answer(Act.DRAFT, S.STRUCTURE)

    def discard(self, who: str, _article: int, _: object) -> None:
        """Only a draft, and a candidate only their own."""
        drafted = self.drafted
        self.refuse_if(drafted is None or drafted not in self.drafts)
        assert drafted is not None
        self.refuse_if(who == "candidate" and self.drafts[drafted] != who)
        del self.drafts[drafted], self.links[drafted]
        self.take_away(Act.DISCARD)

    def flag(self, who: str, article: int, reason: object) -> None:
        """A linked article; the same flag again is none."""
        self.refuse_if(article not in self.links or Act.IMPROVE not in possible(self.state))
        if (article, who, reason) not in self.flags:
            self.flags.add((article, who, reason))
            self.fire(Act.IMPROVE)

    def exempt(self, _who: str, _article: int, reason: object) -> None:
        """The same reason again is none."""
        if self.exemption != reason:
            self.fire(Act.EXEMPT)
            self.exemption = reason

    def solve(self) -> None:
        """The desk solves: once."""
        if not self.solved:
            before = self.state
            self.fire(Act.SOLVE)
            self.solved = True
            self.came_from = before if before in (S.REUSE, S.STRUCTURE, S.IMPROVE) else None

    def reopen(self) -> None:
        """The desk reopens: once."""
        if self.solved:
            self.fire(Act.REOPEN)
            self.solved, self.came_from, self.exemption = False, None, None


@dataclass
class World:
    """The real thing beside the model."""

    desk: FakeDesk
    ticket: Ticket
    people: dict[str, Agent]
    articles: list[Article]
    model: Model

    def do(self, event: Event) -> None:
        """Let one thing happen to both, and compare."""
        name, who, number, extra = event
        article = self._article(number)
        if name != "draft" and article is None:
            return
        if name == "unlink" and article is not None and article.id not in self.model.links:
            return
        before, logged = copy.deepcopy(self.model), self._logged()
        try:
            self._act(name, self.people[who], article, extra)
            db.session.commit()
            refused = False
        except KcsError:
            db.session.rollback()
            refused = True
        try:
            self._model_act(name, who, self._article(number) or article, extra)
            assert not refused, event
        except RefusedByModelError:
            self.model = before
            assert refused, event
        self._compare(event, before, logged, who)

    def _article(self, number: int) -> Article | None:
        if number < 3:
            return self.articles[number]
        return self.articles[-1] if len(self.articles) > 3 else None

    def _act(self, name: str, by: Agent, article: Article | None, extra: object) -> None:
        ticket = self.ticket
        if name in DESK:
            if self.desk.tickets[ticket.remote_id].status is not DESK[name]:
                solver = self.people["contributor"]
                author = desk_agent(f"d{solver.id}", solver.email)
                self.desk.set_status(ticket.remote_id, DESK[name], author)
            for _ in range(2):
                read_again(self.desk, ticket.connection, ticket.remote_id)
        elif name == "draft":
            drafted = services.draft_article(ticket, by=by, parts={"resolution": "So."})
            if drafted not in self.articles:
                self.articles.append(drafted)
        elif name == "discard":
            services.discard_draft(ticket, by=by)
        elif name == "exempt":
            assert isinstance(extra, ExemptionReason)
            services.exempt(ticket, extra, by=by)
        else:
            assert article is not None
            self._act_on(name, by, article, extra)

    def _paste(self, by: Agent, article: Article) -> None:
        ticket, words = self.ticket, f"See {current_app.config['KCS'].base_url}/articles/{article.key}"
        self.desk.clock = database.now() - timedelta(minutes=1)
        self.desk.reply(ticket.remote_id, desk_agent(f"d{by.id}", by.email), words)
        for _ in range(2):
            read_again(self.desk, ticket.connection, ticket.remote_id)

    def _act_on(self, name: str, by: Agent, article: Article, extra: object) -> None:
        if name == "link":
            assert isinstance(extra, LinkRole)
            services.link_article(self.ticket, article, by=by, role=extra)
        elif name == "unlink":
            link = queries.present_link(self.ticket, article)
            assert link is not None
            services.unlink(link, by=by)
        elif name == "paste":
            self._paste(by, article)
        elif name == "flag":
            services.flag_in_ticket(self.ticket, article, str(extra), by=by)
        else:
            articles.move_article(article, Move.COMPLETE, by=by)

    def _model_act(self, name: str, who: str, article: Article | None, extra: object) -> None:
        model = self.model
        if name in DESK:
            getattr(model, name)()
            return
        if name == "paste":
            assert article is not None
            model.paste(who, article.id, article.confidence not in services.UNUSABLE)
            return
        model.refuse_if(who == "nobody")
        if article is None:
            # A first draft that was refused left no article: the model must refuse it too.
            model.draft(who, 0, extra)
            return
        if name == "grow":
            model.refuse_if(model.drafts.get(article.id) not in ((who,) if who == "candidate" else PEOPLE))
            del model.drafts[article.id]
            return
        model.refuse_if(name == "link" and article.state is ArticleState.DELETED)
        getattr(model, name)(who, article.id, extra)

    def _logged(self) -> int:
        return db.session.query(Activity).filter(Activity.kind != MEASURED).count()

    def _compare(self, event: Event, before: Model, logged: int, who: str) -> None:
        model, ticket = self.model, self.ticket
        db.session.expire_all()
        assert ticket.knowledge_state is model.state, event
        assert (ticket.solved_at is not None) is model.solved
        present = queries.present_links(ticket)
        assert {link.article_id: link.role for link in present} == {
            article: role for article, (role, _) in model.links.items()
        }
        assert len(present) == len(model.links)
        assert (model.state is S.ANSWERED) == (model.solved and model.left > 0)
        assert model.solved == (model.state in (S.ANSWERED, S.UNANSWERED)) or model.state is S.EXEMPT
        written = self._written()
        assert [(row.kind.removeprefix("ticket."), row.before, row.after) for row in written] == model.rows
        new = written[len(before.rows) :]
        if not new and event[0] != "grow":
            confirmed = len(before.detected - model.detected)
            assert self._logged() == logged + confirmed, "nothing happened, yet something was recorded"
        assert {link.article_id for link in present if link.detected} == model.detected
        for row in new:
            assert (row.agent_id, row.authority) == (self.people[who].id, self._authority(event[0], who))

    def _written(self) -> list[Activity]:
        of_ticket = (
            Activity.ticket_id == self.ticket.id,
            Activity.kind.like("ticket.%"),
            Activity.kind != MEASURED,
        )
        return list(db.session.execute(select(Activity).where(*of_ticket).order_by(Activity.id)).scalars())

    def _authority(self, name: str, who: str) -> str:
        if name in (*DESK, "paste"):
            return f"desk:{self.ticket.connection_id}"
        return "role:coach" if who == "coach" else f"licence:{who}"


def test_any_sequence_of_acts_follows_the_table(app: Flask) -> None:
    connection = make_connection()
    people = {each.value: make_agent(each, email=f"{each}@example.com") for each in Licence}
    people |= {"coach": make_agent(None, [Role.COACH]), "nobody": make_agent(None, [Role.ADMIN])}
    db.session.commit()

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(events, min_size=10, max_size=40))
    def run(sequence: list[Event]) -> None:
        desk = FakeDesk()
        ticket = make_ticket(desk, connection)
        made = [make_article(), make_article(), make_article(ArticleState.ARCHIVED)]
        db.session.commit()
        world = World(desk, ticket, people, made, Model(made[2].id))
        for event in sequence:
            world.do(event)

    run()
