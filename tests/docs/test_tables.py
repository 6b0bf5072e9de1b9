"""The tables in the documentation are the tables in the code."""

from __future__ import annotations

import pytest

from kcs.activity.models import Activity
from kcs.articles.models import Article, PlannedMove, Version
from kcs.blueprints import BLUEPRINTS
from kcs.database import Base
from kcs.errors import KcsError
from kcs.experts.models import Question
from kcs.people.access import Permission
from kcs.reviews.models import ReviewRequest
from kcs.search.duplicate_models import DuplicatePair
from kcs.search.models import SearchLog
from kcs.solving.models import ExemptionReason, Link
from kcs.tickets.models import Ticket
from tests.docs.doc_pages import codes, rows, section, text_of
from workflow import article, solve
from workflow.permissions import COMPLIANCE_NEEDS_EXPERT, RIGHTS, Licence, Right, Role, Scope

GUARDS_OF_TICKETS = {
    "": None,
    "no resolution link remains": "last_link",
    "a resolution link remains": "links_left",
    "it is solved on the desk": "is_solved",
    "it was solved in `structure`": "came_from_structure",
    "it was solved in `improve`": "came_from_improve",
}
GUARDS_OF_ARTICLES = {
    "": (),
    "it has a resolution": ("has_answer",),
    "it has no resolution": ("has_no_answer",),
    "every required field is filled, and it is not one's own where the domain wants others": (
        "is_complete",
        "is_not_own",
    ),
    "an audience outside is named, and the text is not one's own where the domain wants others": (
        "goes_outside",
        "is_not_own",
    ),
    "a reason is given": ("has_reason",),
}
SCOPES = {"yes": Scope.ANY, "own": Scope.OWN, "": None}
HOLDERS = [
    Licence.CANDIDATE,
    Licence.CONTRIBUTOR,
    Licence.PUBLISHER,
    Role.COACH,
    Role.EXPERT,
    Role.MANAGER,
    Role.ADMIN,
]


def test_the_states_of_a_ticket_are_those_of_the_machine() -> None:
    told = rows(section(text_of("solve-loop.md"), "States"))
    assert [codes(row[0]) for row in told] == [[state.value] for state in solve.KnowledgeState]


def test_the_moves_of_a_ticket_are_those_of_the_machine_in_the_same_order() -> None:
    told = [
        (
            codes(act)[0],
            codes(sources),
            None if target == "stays" else codes(target)[0],
            GUARDS_OF_TICKETS[condition],
        )
        for act, sources, target, condition in rows(section(text_of("solve-loop.md"), "Moves"))
    ]
    assert told == [
        (act.value, [state.value for state in sources], target.value if target else None, guard)
        for act, sources, target, guard in solve.TABLE
    ]


def test_the_reasons_for_no_article_are_those_the_code_knows() -> None:
    told = rows(section(text_of("solve-loop.md"), "No article needed"))
    assert [codes(row[0]) for row in told] == [[reason.value] for reason in ExemptionReason]


def test_the_states_of_an_article_are_those_of_the_machine() -> None:
    told = rows(section(text_of("articles.md"), "States"))
    assert [codes(row[0]) for row in told] == [[state.value] for state in article.ArticleState]


def test_the_moves_of_an_article_are_those_of_the_machine_in_the_same_order() -> None:
    told = [
        (codes(move)[0], codes(sources), codes(target)[0], GUARDS_OF_ARTICLES[condition])
        for move, sources, target, condition in rows(section(text_of("articles.md"), "Moves"))
    ]
    assert told == [
        (move.value, [state.value for state in sources], target.value, guard)
        for move, sources, target, guard in article.TABLE
    ]


@pytest.mark.parametrize(
    ("heading", "kind"), [("Licences", Licence), ("Roles", Role)], ids=["licences", "roles"]
)
def test_licences_and_roles_are_those_of_the_code(heading: str, kind: type[Licence | Role]) -> None:
    told = rows(section(text_of("roles.md"), heading))
    assert [codes(row[0]) for row in told] == [[member.value] for member in kind]


def test_the_rights_are_those_of_the_code() -> None:
    told = {}
    for right, *cells in rows(section(text_of("roles.md"), "Rights over articles")):
        granted = {holder: SCOPES[cell] for holder, cell in zip(HOLDERS, cells[: len(HOLDERS)], strict=True)}
        told[codes(right)[0]] = {holder: scope for holder, scope in granted.items() if scope}
    assert told == {right.value: RIGHTS[right] for right in Right}


def test_the_rights_that_need_an_expert_are_those_of_the_code() -> None:
    told = {codes(row[0])[0]: row[-1] for row in rows(section(text_of("roles.md"), "Rights over articles"))}
    expected = {right.value: "expert" if right in COMPLIANCE_NEEDS_EXPERT else "" for right in Right}
    assert told == {**expected, Right.EDIT_INTERNAL.value: "expert, once validated"}


def test_the_permissions_of_addresses_are_those_of_the_code() -> None:
    told = rows(section(text_of("roles.md"), "Rights over addresses"))
    assert [codes(row[0]) for row in told] == [[permission.value] for permission in Permission]


def test_every_error_code_of_the_api_is_named_with_its_status() -> None:
    told = {codes(code)[0]: int(status) for status, code, _ in rows(section(text_of("api.md"), "Errors"))}
    for kind in KcsError.__subclasses__():
        if kind.status != KcsError.status:
            assert told.get(kind.code) == kind.status, kind.__name__


def test_every_table_of_the_database_is_described() -> None:
    assert BLUEPRINTS  # the application has imported every model
    told = rows(section(text_of("data-model.md"), "Tables"))
    named = [name for row in told for name in codes(row[0])]
    assert sorted(named) == sorted(Base.metadata.tables)


@pytest.mark.parametrize(
    "model",
    [
        Article,
        Version,
        Ticket,
        Link,
        Activity,
        ReviewRequest,
        PlannedMove,
        SearchLog,
        DuplicatePair,
        Question,
    ],
    ids=lambda model: model.__tablename__,
)
def test_the_columns_of_a_described_table_are_those_of_the_model(model: type[Base]) -> None:
    told = rows(section(text_of("data-model.md"), f"`{model.__tablename__}`"))
    named = [name for row in told for name in codes(row[0])]
    assert sorted(named) == sorted(column.name for column in model.__table__.columns)
