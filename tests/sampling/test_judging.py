"""What a coach answers is kept in the log, once; who may answer and who may look is decided by closeness."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kcs.activity.models import Activity, Remark
from kcs.database import db
from kcs.errors import InvalidInput, KcsError, NotAllowed, NotFound, WorkflowError
from kcs.people.coaching import people_coached_by
from kcs.sampling import queries, services
from kcs.sampling.models import Sample
from kcs.sampling.questions import SHIPPED, Kind
from kcs.sampling.things import require_judge
from kcs.solving.services import unlink
from tests.sampling.conftest import Desk
from workflow.article import ArticleState


@pytest.mark.parametrize("kind", Kind)
def test_a_finished_sample_is_one_row_of_the_log(support: Desk, kind: Kind) -> None:
    thing_id = support.thing(kind, support.ana)
    first = SHIPPED[kind][0].code
    sample = support.judge(kind, thing_id, support.cleo, "Look at the title", **{first: False})
    (row,) = support.log()
    scored = [question for question in SHIPPED[kind] if question.scored]
    assert row.kind == f"sample.{kind}"
    assert (row.agent_id, row.detail["of"], row.detail["of_team"]) == (
        support.cleo.id,
        support.ana.id,
        support.ana.team_id,
    )
    assert row.detail["answers"] == {q.code: q.code != first for q in SHIPPED[kind]}
    assert (row.detail["yes"], row.detail["asked"]) == (len(scored) - 1, len(scored))
    assert {
        Kind.ARTICLE: row.detail.get("version_id"),
        Kind.TICKET: row.ticket_id,
        Kind.LINK: row.link_id,
    }[kind] == thing_id
    assert "Look" not in str(row.detail)
    assert queries.comment_on(sample) == "Look at the title"


def test_the_same_answers_again_change_nothing_and_others_take_their_place(support: Desk) -> None:
    thing_id = support.thing(Kind.ARTICLE, support.ana)
    first = support.judge(Kind.ARTICLE, thing_id, support.cleo, "Good")
    again = support.judge(Kind.ARTICLE, thing_id, support.cleo, "Good ")
    assert (again.id, again.activity_id) == (first.id, first.activity_id)
    other = support.judge(Kind.ARTICLE, thing_id, support.cleo, "Nearly", title=False, links=None)
    assert (other.id, other.yes, other.asked) == (first.id, 5, 6)
    assert queries.comment_on(other) == "Nearly"
    assert len(support.log()) == 2
    assert db.session.execute(select(func.count(Remark.id))).scalar_one() == 2


def test_two_coaches_judge_the_same_thing_each_for_themselves(support: Desk) -> None:
    thing_id = support.thing(Kind.TICKET, support.ana)
    support.ana.coach_id = support.ola.id
    db.session.commit()
    assert support.judge(Kind.TICKET, thing_id, support.cleo) != support.judge(
        Kind.TICKET, thing_id, support.ola, linked=False
    )
    assert db.session.execute(select(func.count(Sample.id))).scalar_one() == 2


# Whose work, and what comes of it when each person judges it: "yes", "sees" but may not judge, or "nothing".
JUDGES = """
person  of:ana  of:dan  of:ben
ana     sees    nothing nothing
dan     nothing sees    nothing
cleo    yes     yes     nothing
max     sees    sees    nothing
ben     nothing nothing sees
ola     nothing nothing yes
mia     nothing nothing nothing
una     nothing nothing nothing
adam    nothing nothing nothing
"""
HEAD, *LINES = [line.split() for line in JUDGES.strip().splitlines()]


@pytest.mark.parametrize("kind", Kind)
def test_only_a_coach_judges_and_only_who_is_close_sees(support: Desk, kind: Kind) -> None:
    things = {of: support.thing(kind, getattr(support, of.removeprefix("of:"))) for of in HEAD[1:]}

    def came_of(who: str, of: str) -> str:
        by = getattr(support, who)
        try:
            require_judge(support.open(kind, things[of], by), by)
        except NotFound:
            return "nothing"
        except NotAllowed:
            return "sees"
        return "yes"

    assert [[line[0], *(came_of(line[0], of) for of in HEAD[1:])] for line in LINES] == LINES


def test_a_coach_has_the_people_they_were_given_and_those_of_their_team(support: Desk) -> None:
    support.ben.active = False
    support.ana.coach_id = support.ola.id
    db.session.commit()
    assert [each.name for each in people_coached_by(support.cleo)] == ["Adam", "Ana", "Dan", "Max"]
    assert [each.name for each in people_coached_by(support.ola)] == ["Ana", "Mia"]
    assert people_coached_by(support.una) == []


def test_what_is_not_finished_is_not_judged(support: Desk) -> None:
    wip = support.article(support.ana, ArticleState.WIP).current_version.id
    removed = support.link(support.ana)
    unlink(removed, by=support.ana)
    db.session.commit()
    for kind, thing_id in ((Kind.ARTICLE, wip), (Kind.LINK, removed.id)):
        with pytest.raises(WorkflowError):
            support.judge(kind, thing_id, support.cleo)
    assert support.log() == []


@pytest.mark.parametrize(
    ("kind", "answers", "missing"),
    [
        (Kind.ARTICLE, {}, {question.code for question in SHIPPED[Kind.ARTICLE]}),
        (Kind.LINK, {"relevant": True, "specific": None, "actionable": False}, {"specific"}),
    ],
)
def test_every_question_needs_an_answer(
    support: Desk, kind: Kind, answers: dict[str, bool | None], missing: set[str]
) -> None:
    thing = support.open(kind, support.thing(kind, support.ana), support.cleo)
    with pytest.raises(InvalidInput) as refused:
        services.judge(thing, answers, by=support.cleo)
    assert set(refused.value.errors) == missing


def test_an_organisation_asks_its_own_questions(support: Desk) -> None:
    thing_id = support.thing(Kind.ARTICLE, support.ana)
    services.ask_question(Kind.ARTICLE, "formatting", asked=False, by=support.adam)
    own = services.add_question(Kind.ARTICLE, " Its  pictures are readable ", by=support.adam)
    db.session.commit()
    sample = support.judge(Kind.ARTICLE, thing_id, support.cleo, **{own.code: False})
    assert (own.code, own.text) == ("own_001", "Its pictures are readable")
    assert "formatting" not in sample.answers
    assert (sample.answers[own.code], sample.yes, sample.asked) == (False, 6, 7)
    services.ask_question(Kind.ARTICLE, own.code, asked=False, by=support.adam)
    services.ask_question(Kind.ARTICLE, "formatting", asked=True, by=support.adam)
    services.ask_question(Kind.ARTICLE, "formatting", asked=True, by=support.adam)  # changes nothing
    assert services.add_question(Kind.ARTICLE, "Another", by=support.adam).code == "own_002"
    assert services.add_question(Kind.LINK, "Another", by=support.adam).code == "own_001"
    db.session.commit()
    codes = [question.code for question in queries.questions_of(Kind.ARTICLE)]
    assert codes == [*(question.code for question in SHIPPED[Kind.ARTICLE]), "own_002"]
    kinds = select(func.count(Activity.id)).where(Activity.kind == "sample_question.changed")
    assert db.session.execute(kinds).scalar_one() == 6


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        (Kind.LINK, "relevant", InvalidInput),
        (Kind.TICKET, "contributed", InvalidInput),
        (Kind.TICKET, "kept", InvalidInput),
        (Kind.TICKET, "title", NotFound),
    ],
)
def test_what_figures_are_made_of_is_always_asked(
    support: Desk, kind: Kind, code: str, error: type[KcsError]
) -> None:
    with pytest.raises(error):
        services.ask_question(kind, code, asked=False, by=support.adam)


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * 201, "The title says what it is about", "THE TITLE says what it is about"]
)
def test_a_question_is_said_once_and_shortly(support: Desk, text: str) -> None:
    with pytest.raises(InvalidInput):
        services.add_question(Kind.ARTICLE, text, by=support.adam)
