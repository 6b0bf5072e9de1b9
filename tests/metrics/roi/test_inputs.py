"""What the return is worked out with: one form, all that was changed or nothing, each from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kcs.activity.models import Activity
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import SET, Given, inputs_as_of, set_inputs
from kcs.people.models import Agent
from tests.factories import sign_in
from tests.metrics.golden import ADA, ANA, MIA

pytestmark = pytest.mark.usefixtures("people")

PATH = "/reports/roi/inputs"
FIELDS = ("low", "likely", "high", "source")
MINUTES, MINUTE, TICKET = Input.MINUTES_SAVED, Input.COST_PER_MINUTE, Input.COST_PER_TICKET
SENSE = Given(1, 2, 3, "payroll")


def person(number: int) -> Agent:
    return db.session.get_one(Agent, number)


def give(given: Mapping[Input, Given], by: int = MIA) -> None:
    set_inputs(given, by=person(by))
    db.session.commit()


def held() -> dict[Input, tuple[float, float, float, str]]:
    rows = inputs_as_of(datetime.now(UTC)).items()
    return {name: (row.low, row.likely, row.high, row.source) for name, row in rows}


def said() -> int:
    """Return how often an input was ever said to be something."""
    return db.session.execute(select(func.count()).select_from(ReportInput)).scalar_one()


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app.test_client(), person(MIA))


def form_of(page: str) -> dict[str, str]:
    """Return the fields of the form as a browser sends them."""
    inputs = re.findall(r"<input [^>]*>", page)
    return {
        name[1]: value[1]
        for each in inputs
        if (name := re.search(r'name="([a-z_]+-[a-z]+)"', each))
        and (value := re.search(r'value="(.*?)"', each))
    }


def typed(name: Input, *values: str) -> dict[str, str]:
    return {f"{name.value}-{field}": value for field, value in zip(FIELDS, values, strict=True)}


def test_an_input_holds_from_when_it_was_set_and_the_log_says_so() -> None:
    before = datetime.now(UTC)
    give({MINUTES: Given(1, 2, 3, " payroll ")})
    between = datetime.now(UTC)
    give({MINUTES: Given(4, 5, 6, "payroll")}, by=ADA)
    assert inputs_as_of(before) == {}
    assert inputs_as_of(between)[MINUTES].likely == 2
    assert held() == {MINUTES: (4, 5, 6, "payroll")}
    rows = db.session.execute(select(Activity).where(Activity.kind == SET)).scalars().all()
    assert [(row.agent_id, row.detail) for row in rows] == [
        (MIA, {"name": "minutes_saved"}),
        (ADA, {"name": "minutes_saved"}),
    ]


# what is said of two inputs, the fields that are wrong
REFUSED = [
    ({MINUTE: Given(1, 2, 3, "  ")}, ["cost_per_minute-source"]),
    ({MINUTE: Given(3, 2, 3, "x")}, ["cost_per_minute-likely"]),
    ({MINUTE: Given(1, 2, 1, "x")}, ["cost_per_minute-likely"]),
    ({MINUTE: Given(-1, 2, 3, "x")}, ["cost_per_minute-low"]),
    ({MINUTE: Given(1, 2, 1e12 + 1, "x")}, ["cost_per_minute-high"]),
    ({MINUTE: Given(1, float("nan"), float("inf"), "x")}, ["cost_per_minute-likely", "cost_per_minute-high"]),
    (
        {TICKET: SENSE, MINUTE: Given(-1, 2, 3, ""), MINUTES: Given(2, 1, 3, "x")},
        ["cost_per_minute-low", "cost_per_minute-source", "minutes_saved-likely"],
    ),
]


@pytest.mark.parametrize(("given", "fields"), REFUSED)
def test_where_one_makes_no_sense_all_is_named_and_nothing_is_set(
    given: Mapping[Input, Given], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        give(given)
    db.session.commit()
    assert list(refused.value.errors) == fields
    assert said() == 0


def test_who_does_not_see_everybody_sets_nothing(app: Flask, manager: FlaskClient) -> None:
    with pytest.raises(NotAllowed):
        give({MINUTES: SENSE}, by=ANA)
    agent = sign_in(app.test_client(), person(ANA))
    assert agent.get(PATH).status_code == 403
    assert agent.post(PATH, data=typed(MINUTES, "1", "2", "3", "x")).status_code == 403
    assert said() == 0


def test_one_save_sets_all_that_was_changed_and_nothing_else(manager: FlaskClient) -> None:
    page = manager.get(PATH).text
    assert (page.count("Not set: there is no figure"), page.count(f'action="{PATH}"')) == (4, 1)
    shown = manager.get("/reports/roi").text
    assert shown.count("a manager sets it, with where it comes from") == 4
    assert shown.count(f'href="{PATH}"') == 1  # one way to all that is missing
    form = {
        **form_of(page),
        **typed(MINUTE, "1", "2.5", "1,000", "payroll 2025"),
        **typed(TICKET, "4", "8", "10", "finance"),
    }
    done = manager.post(PATH, data=form, follow_redirects=True).text
    assert "Cost of a minute of work is set from now on: low 1, likely 2.5, high 1,000." in done
    assert "Cost of a ticket is set from now on: low 4, likely 8, high 10." in done
    assert done.count("Not set: there is no figure") == 2
    assert held() == {MINUTE: (1, 2.5, 1000, "payroll 2025"), TICKET: (4, 8, 10, "finance")}
    again = {**form_of(done), **typed(TICKET, "4", "9", "10", "finance")}
    manager.post(PATH, data=again)
    assert held()[TICKET] == (4, 9, 10, "finance")
    assert said() == 3


# what is typed over 1, 2, 1,000 and "payroll": the same in other words, or nothing
SAME = [
    ("1", "2", "1,000", "payroll"),
    (" 1 ", "2.0", "1000", " payroll "),
]


@pytest.mark.parametrize("values", SAME)
def test_what_says_the_same_is_not_set_again(manager: FlaskClient, values: tuple[str, ...]) -> None:
    give({MINUTE: Given(1, 2, 1000, "payroll")})
    form = {**form_of(manager.get(PATH).text), **typed(MINUTE, *values)}
    assert "Nothing was changed." in manager.post(PATH, data=form, follow_redirects=True).text
    assert said() == 1


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(manager: FlaskClient) -> None:
    give({MINUTES: SENSE})
    form = {
        **form_of(manager.get(PATH).text),
        **typed(MINUTES, "2", "3", "4", "a sample"),
        **typed(MINUTE, "1", "two", "1.000", ""),
        **typed(TICKET, "", "", "7", "finance"),
    }
    wrong = manager.post(PATH, data=form)
    assert wrong.status_code == 422
    assert {**form_of(wrong.text)} == form
    for words, field, title in [
        ("&#39;two&#39; is no number", "cost_per_minute-likely", "Cost of a minute of work, Likely"),
        ("&#39;1.000&#39; can be read as 1 or", "cost_per_minute-high", "Cost of a minute of work, High"),
        ("Say where", "cost_per_minute-source", "Cost of a minute of work, Where it comes from"),
        ("A number is missing", "cost_per_ticket-low", "Cost of a ticket, Low"),
        ("A number is missing", "cost_per_ticket-likely", "Cost of a ticket, Likely"),
    ]:
        assert re.search(rf'<p class="field-error" id="field-{field}-error">{re.escape(words)}', wrong.text)
        assert f'<a href="#field-{field}">{title}: {words}' in wrong.text
        assert f'id="field-{field}"' in wrong.text
    assert (said(), held()) == (1, {MINUTES: (1, 2, 3, "payroll")})


def test_an_input_that_was_set_is_not_taken_away(manager: FlaskClient) -> None:
    give({MINUTES: SENSE})
    form = {**form_of(manager.get(PATH).text), **typed(MINUTES, "", "", "", "")}
    wrong = manager.post(PATH, data=form)
    assert (wrong.status_code, wrong.text.count("A number is missing")) == (422, 6)


def test_what_somebody_else_set_meanwhile_is_kept_or_seen_first(manager: FlaskClient) -> None:
    give({MINUTES: SENSE, TICKET: SENSE})
    form = form_of(manager.get(PATH).text)
    give({MINUTES: Given(7, 8, 9, "theirs"), TICKET: Given(7, 8, 9, "theirs")}, by=ADA)
    mine = {**form, **typed(TICKET, "4", "5", "6", "mine")}
    refused = manager.post(PATH, data=mine)
    assert refused.status_code == 422
    assert "Ada set this meanwhile: low 7, likely 8, high 9." in refused.text
    assert '<a href="#field-cost_per_ticket">Cost of a ticket: Ada set this meanwhile' in refused.text
    shown = form_of(refused.text)
    assert {name: shown[name] for name in typed(TICKET, *FIELDS)} == typed(TICKET, "4", "5", "6", "mine")
    # Sent again in sight of it: mine is set, and what I did not touch stays theirs.
    assert manager.post(PATH, data=shown).status_code == 303
    assert held() == {TICKET: (4, 5, 6, "mine"), MINUTES: (7, 8, 9, "theirs")}


@pytest.mark.parametrize("shown", ["", "x", "²", "999", "-1", "9" * 5000])
def test_a_form_that_was_filled_from_nothing_we_know_changes_what_it_says(
    manager: FlaskClient, shown: str
) -> None:
    form = {**typed(MINUTES, "1", "2", "3", "x"), "minutes_saved-shown": shown}
    assert manager.post(PATH, data=form).status_code == 303
    assert held() == {MINUTES: (1, 2, 3, "x")}


def test_a_form_of_some_inputs_leaves_the_others_as_they_are(manager: FlaskClient) -> None:
    give({MINUTES: SENSE, TICKET: SENSE})
    assert manager.post(PATH, data=typed(TICKET, "4", "5", "6", "finance")).status_code == 303
    assert held() == {MINUTES: (1, 2, 3, "payroll"), TICKET: (4, 5, 6, "finance")}
    wrong = manager.post(PATH, data={"cost_per_ticket-low": "7"})
    assert (wrong.status_code, wrong.text.count('class="field-error"')) == (422, 3)
    assert said() == 3


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1", "1,000", "1,234,567.8912"]),
        ("es", ["1", "1.000", "1.234.567,8912"]),
        ("id", ["1", "1.000", "1.234.567,8912"]),
        ("he", ["1", "1,000", "1,234,567.8912"]),
    ],
)
def test_what_the_page_shows_is_read_as_what_it_was(
    manager: FlaskClient, language: str, written: list[str]
) -> None:
    person(MIA).language = language
    give({TICKET: Given(1, 1000, 1234567.8912, "x")})
    page = manager.get(PATH).text
    assert all(f'value="{figure}"' in page for figure in written)  # in the form
    assert all(f">{figure}</td>" in page for figure in written)  # among what was set before
    form = {**form_of(page), **typed(TICKET, *written, "y")}
    assert manager.post(PATH, data=form).status_code == 303
    assert held() == {TICKET: (1, 1000, 1234567.8912, "y")}
