"""What an administrator sees and sets: on the page of a connection, and on the command line."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kcs.cli import main
from kcs.database import db
from kcs.errors import RemoteError
from kcs.tickets.models import WriteBack
from tests.factories import make_agent, sign_in
from tests.writing_back.conftest import FIELD, Floor
from workflow.permissions import Licence, Role

PAGE = "/admin/connections/acme"


def signed_in(floor: Floor) -> FlaskClient:
    return sign_in(floor.app.test_client(), make_agent(Licence.PUBLISHER, [Role.ADMIN]))


@pytest.fixture
def admin(floor: Floor) -> FlaskClient:
    return signed_in(floor)


def test_the_page_of_the_connection_says_what_is_on(floor: Floor, admin: FlaskClient) -> None:
    floor.write(WriteBack.TAG, WriteBack.PINS)
    page = admin.get(PAGE).text
    assert "Tag, Pins" in page
    assert f'href="{PAGE}/writes"' in page


def test_the_page_says_what_is_written_and_how_a_note_looks(floor: Floor, admin: FlaskClient) -> None:
    floor.write(WriteBack.TAG)
    page = admin.get(f"{PAGE}/writes").text
    ticked = re.findall(r'id="field-([a-z]+)"[^>]* checked', page)
    assert ticked == ["tag"]
    assert "kcs_reuse" in page
    assert "These articles may answer the ticket:" in page
    assert "this ticket was solved without an article." in page
    assert "/panel?connection=acme&amp;ticket=4711" in page


def test_what_is_switched_on_there_holds(floor: Floor, admin: FlaskClient) -> None:
    form = {"reminder": "1", "field": "1", "state_field": FIELD, "tag_prefix": "knowledge_"}
    assert admin.post(f"{PAGE}/writes", data=form).headers["Location"].endswith(PAGE)
    db.session.expire_all()
    connection = floor.connection
    assert (connection.writes, connection.state_field) == (["reminder", "field"], FIELD)
    assert connection.tag_prefix == "knowledge_"


def test_what_cannot_be_is_refused_beside_its_field_and_changes_nothing(
    floor: Floor, admin: FlaskClient
) -> None:
    floor.write(WriteBack.TAG)
    form = {"field": "1", "state_field": "", "tag_prefix": "K c s"}
    answer = admin.post(f"{PAGE}/writes", data=form)
    assert answer.status_code == 422
    assert "say which field holds the state" in answer.text
    assert "use small letters" in answer.text
    assert 'value="K c s"' in answer.text
    db.session.expire_all()
    assert floor.connection.writes == ["tag"]


def test_what_could_not_be_written_is_shown_with_its_reason(floor: Floor) -> None:
    floor.write(WriteBack.REMINDER)
    floor.opened()
    floor.solved()
    floor.pen.problem = RemoteError("The token may not write tickets.", permanent=True)
    floor.work()
    admin = signed_in(floor)
    assert "1 thing could not be written." in admin.get(PAGE).text
    page = admin.get(f"{PAGE}/writes").text
    assert "The token may not write tickets." in page
    assert "kcs outbox retry --all" in page


@pytest.mark.parametrize(
    ("given", "writes", "field"),
    [
        (["--write", "suggestions,reminder"], ["suggestions", "reminder"], ""),
        (["--write", "field", "--state-field", FIELD], ["field"], FIELD),
        (["--write", "none"], [], ""),
        (["--tag-prefix", "knowledge_"], ["tag"], ""),
    ],
)
def test_the_command_line_sets_the_same(
    floor: Floor, given: list[str], writes: list[str], field: str
) -> None:
    floor.write(WriteBack.TAG)
    ran = floor.app.test_cli_runner().invoke(main, ["connection", "set", "acme", *given], obj=floor.app)
    assert ran.exit_code == 0, ran.output
    db.session.expire_all()
    assert (floor.connection.writes, floor.connection.state_field) == (writes, field)


def test_the_command_line_refuses_what_is_nothing(floor: Floor) -> None:
    asked = ["connection", "set", "acme", "--write", "public"]
    ran = floor.app.test_cli_runner().invoke(main, asked, obj=floor.app)
    assert ran.exit_code == 1
    assert "'public' is nothing we write" in ran.output


def test_a_new_connection_begins_with_the_reminder(floor: Floor) -> None:
    asked = ["connection", "add", "zendesk", "second", "--subdomain", "second", "--token", "t"]
    ran = floor.app.test_cli_runner().invoke(main, asked, obj=floor.app)
    assert ran.exit_code == 0, ran.output
    rows = db.session.execute(db.text("SELECT writes FROM connections WHERE name = 'second'")).scalar_one()
    assert "reminder" in str(rows)
