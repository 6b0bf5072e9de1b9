"""The tag and the custom field: in step with the knowledge state, beside what others wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput, RemoteError
from kcs.ports import DeskStatus
from kcs.solving.models import ExemptionReason
from kcs.solving.queries import present_links
from kcs.solving.services import draft_article, exempt, flag_in_ticket, link_article, unlink
from kcs.tickets.models import Ticket, WriteBack
from kcs.worklist import WorkState
from kcs.writing_back.switches import named
from tests.fakes import desk_agent
from tests.writing_back.conftest import FIELD, Floor, effects, here

Act = Callable[[Floor, Ticket, Article], object]


def use(floor: Floor, ticket: Ticket, article: Article) -> None:
    link_article(ticket, article, by=floor.agent)


def flag(floor: Floor, ticket: Ticket, article: Article) -> None:
    flag_in_ticket(ticket, article, "step 2 is gone", by=floor.agent)


def take_away(floor: Floor, ticket: Ticket, _: Article) -> None:
    unlink(present_links(ticket)[0], by=floor.agent)


def need_none(floor: Floor, ticket: Ticket, _: Article) -> None:
    exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=floor.agent)


def draft(floor: Floor, ticket: Ticket, _: Article) -> None:
    draft_article(ticket, by=floor.agent)


def solve(floor: Floor, _: Ticket, __: Article) -> None:
    floor.solved()


LIFE: list[tuple[Act, str]] = [
    (use, "kcs_reuse"),
    (flag, "kcs_improve"),
    (take_away, ""),
    (need_none, "kcs_exempt"),
    (draft, "kcs_structure"),
    (solve, "kcs_answered"),
]


def test_tag_and_field_follow_the_state_and_leave_what_others_wrote(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.TAG, WriteBack.FIELD, state_field=FIELD)
    ticket = floor.opened()
    floor.desk.tickets["7"] = replace(
        floor.desk.tickets["7"], tags=("vip", "kcs_training"), fields={"1": "gold"}
    )
    for act, wanted in LIFE:
        act(floor, here(ticket), here(article))
        db.session.commit()
        floor.work()
        seen = floor.desk.tickets["7"]
        assert seen.tags == ("vip", "kcs_training", *([wanted] if wanted else [])), act
        assert dict(seen.fields) == {"1": "gold", **({FIELD: wanted} if wanted else {})}, act
    assert {each.state for each in effects()} == {WorkState.DONE}


def test_what_is_written_is_what_is_true_then_however_often_and_late(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.TAG)
    ticket = floor.opened()
    link_article(ticket, article, by=floor.agent)
    db.session.commit()
    unlink(present_links(ticket)[0], by=floor.agent)
    exempt(ticket, ExemptionReason.NO_KNOWLEDGE, by=floor.agent)
    db.session.commit()
    floor.pen.loses = 1
    floor.work(times=2)
    assert floor.tags() == ("kcs_exempt",)
    assert floor.pen.calls.count("set_tags") == 2, "one effect covers what was wanted before it"
    floor.again()
    assert floor.tags() == ("kcs_exempt",)


def test_the_mirror_keeps_our_own_words_out_so_that_drafts_do(floor: Floor) -> None:
    floor.write(WriteBack.TAG, WriteBack.FIELD, state_field="cf_knowledge")
    floor.opened(body="The export fails.")
    floor.desk.tickets["7"] = replace(
        floor.desk.tickets["7"],
        tags=("billing", "kcs_reuse"),
        fields={"cf_knowledge": "kcs_reuse", "product": "Reports"},
    )
    ticket = floor.read()
    assert (ticket.tags, ticket.fields) == (["billing"], {"product": "Reports"})
    assert draft_article(ticket, by=floor.agent).tags == ["billing"]


@pytest.mark.parametrize("end", ["closed", "deleted"])
def test_a_ticket_nobody_may_change_ends_the_effect_with_its_reason(
    floor: Floor, article: Article, end: str
) -> None:
    floor.write(WriteBack.TAG)
    ticket = floor.opened()
    link_article(ticket, article, by=floor.agent)
    db.session.commit()
    if end == "closed":
        floor.desk.set_status("7", DeskStatus.CLOSED, desk_agent("a1", floor.agent.email))
    else:
        del floor.desk.tickets["7"]
    [effect] = floor.work()
    assert effect.state is WorkState.DONE
    assert end in effect.reason or "no such ticket" in effect.reason


def test_a_refusal_is_parked_and_shown(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.FIELD, state_field=FIELD)
    link_article(floor.opened(), article, by=floor.agent)
    db.session.commit()
    floor.pen.problem = RemoteError("no such field", permanent=True)
    [effect] = floor.work()
    assert (effect.state, effect.reason) == (WorkState.PARKED, "no such field")


def test_another_prefix_names_other_tags(floor: Floor, article: Article) -> None:
    floor.write(WriteBack.TAG, tag_prefix="knowledge_")
    link_article(floor.opened(), article, by=floor.agent)
    db.session.commit()
    floor.work()
    assert floor.tags() == ("knowledge_reuse",)


@pytest.mark.parametrize(
    ("kinds", "names", "field"),
    [
        ([WriteBack.FIELD], {}, "state_field"),
        ([WriteBack.FIELD], {"state_field": "1/2"}, "state_field"),
        ([WriteBack.TAG], {"tag_prefix": ""}, "tag_prefix"),
        ([WriteBack.TAG], {"tag_prefix": "Kcs "}, "tag_prefix"),
    ],
)
def test_names_that_cannot_be_are_refused(
    floor: Floor, kinds: list[WriteBack], names: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        floor.write(*kinds, **names)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("none", []),
        ("", []),
        ("tag, Field", [WriteBack.TAG, WriteBack.FIELD]),
        ("tags", None),
        ("none,tag", None),
    ],
)
def test_switches_are_named_in_words(text: str, kinds: list[WriteBack] | None) -> None:
    if kinds is None:
        with pytest.raises(InvalidInput, match="nothing we write"):
            named(text)
    else:
        assert named(text) == kinds
