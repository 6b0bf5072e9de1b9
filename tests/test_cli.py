"""The `kcs` command: what each command does and says, and its exit status: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import delete, func, select, text

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.provider import ZendeskProvider
from kcs import database, worklist
from kcs.app import create_app
from kcs.articles.models import Article
from kcs.cli import main
from kcs.database import db
from kcs.errors import RemoteError
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people.models import Agent, ApiToken, LicenceGrant
from kcs.people.queries import find_by_email, get_agent
from kcs.people.services import add_agent, agent_of_token, sign_in
from kcs.publishing.models import Target
from kcs.search.queries import find
from kcs.tickets.models import Connection, Ticket
from kcs.tickets.queries import get_connection
from kcs.worklist import WorkState
from tests.conftest import AppMaker, settings_for
from tests.factories import PASSWORD, make_agent, make_article, make_connection
from tests.fakes import FakeDesk, fake_delivery
from webhooks.models import Delivery
from workflow.article import ArticleState
from workflow.permissions import Licence, Role

ADA = "ada@example.com"
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def zendesk() -> Emulator:
    """A Zendesk account."""
    return Emulator()


@pytest.fixture
def server(zendesk: Emulator) -> Iterator[EmulatorServer]:
    """The account on a port."""
    with EmulatorServer(zendesk) as running:
        yield running


@pytest.fixture
def real(make_app: AppMaker) -> Iterator[Flask]:
    """An app with the real provider."""
    app = make_app({"zendesk": ZendeskProvider()})
    with app.app_context():
        yield app


@contextmanager
def app_on(folder: Path, database_url: str) -> Iterator[Flask]:
    """An app on a database that is not ready."""
    app = create_app(settings_for(folder, DATABASE_URL=database_url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    """Run a command; what the test wrote is committed, what it reads afterwards is fresh."""
    db.session.commit()
    db.session.remove()
    return CliRunner().invoke(main, list(arguments), obj=app, input=typed)


def done(app: Flask, *arguments: str, typed: str | None = None) -> str:
    """Run a command that succeeds; return what it prints."""
    result = run(app, *arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def lines_of(app: Flask, *arguments: str) -> list[dict[str, Any]]:
    """Run a command that prints JSON, one object a line."""
    return [json.loads(line) for line in done(app, *arguments).splitlines()]


def count(model: type[database.Base]) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


# ---- help and wrong use ------------------------------------------------------------------------------------


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups included."""
    yield path
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, (*path, name))


ALL = list(commands(main))


def test_the_commands_are_the_ones_people_rely_on() -> None:
    assert {" ".join(path) for path in ALL} >= {
        *("serve", "worker", "demo", "db upgrade", "doctor", "search rebuild", "articles import"),
        *("user add", "user licence", "user remove", "token add", "token list", "token revoke"),
        *("connection add zendesk", "connection list", "connection check", "connection rotate-secret"),
        "connection set",
        *("user list", "user password", "user coach"),
        *("inbox list", "inbox replay", "outbox list", "outbox retry", "report link-rate"),
    }


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_needs_no_settings_and_no_database(
    monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], option: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["kcs", *path, option])
    monkeypatch.setenv("KCS_DATABASE_URL", "nonsense")
    result = CliRunner().invoke(main, [*path, option])
    assert (result.exit_code, result.stderr) == (0, "")
    command: click.Command = main
    for word in path:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    assert command.help
    assert command.help.splitlines()[0][:60] in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["brew"], "No such command 'brew'"),
        (["user", "add"], "Missing argument 'EMAIL'"),
        (["user", "add", ADA, "--password", PASSWORD], "Missing option '--name'"),
        (["user", "add", ADA, "--name", "Ada", "--licence", "wizard"], "'wizard' is not one of"),
        (["user", "add", ADA, "--name", "Ada", "--role", "wizard"], "'wizard' is not one of"),
        (["user", "licence", ADA, "wizard"], "'wizard' is not one of"),
        (["token", "add", ADA, "--days", "0"], "not in the range"),
        (["token", "revoke", "x"], "'x' is not a valid integer"),
        (["connection", "add", "zendesk", "acme"], "Missing option '--subdomain'"),
        (["articles", "import", "/no/such/file"], "does not exist"),
        (["inbox", "list", "--state", "lost"], "'lost' is not one of"),
        (["inbox", "list", "--limit", "0"], "not in the range"),
        (["inbox", "replay"], "Name the ids to replay, or --all."),
        (["outbox", "list", "--state", "lost"], "'lost' is not one of"),
        (["outbox", "retry"], "Name the ids to retry, or --all."),
        (["report", "link-rate", "--by", "mood"], "'mood' is not one of"),
        (["report", "link-rate", "--from", "soon"], "from: 'soon' is no date"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_ends_with_status_two(app: Flask, arguments: list[str], said: str) -> None:
    result = run(app, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Usage:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["user", "add", "ada", "--name", "Ada", "--password", PASSWORD], "'ada' is not an e-mail address."),
        (["user", "add", ADA, "--name", "Ada", "--password", "short"], "5 characters; use at least 12"),
        (["user", "licence", ADA, "publisher"], f"nobody with the address {ADA}"),
        (["user", "remove", ADA], f"nobody with the address {ADA}"),
        (["token", "add", ADA], f"nobody with the address {ADA}"),
        (["token", "list", ADA], f"nobody with the address {ADA}"),
        (["token", "revoke", "7"], "There is no token 7."),
        (["connection", "check", "acme"], "There is no connection 'acme'."),
        (["connection", "rotate-secret", "acme", "--secret", "s"], "There is no connection 'acme'."),
        (["inbox", "replay", "7"], "There is no parked row 7."),
        (["outbox", "retry", "7"], "There is no parked row 7."),
        (["worker"], "KCS_REDIS_URL is not set"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_failure_says_why_in_one_sentence_and_ends_with_status_one(
    app: Flask, arguments: list[str], said: str
) -> None:
    result = run(app, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_unsafe_settings_stop_every_command(tmp_path: Path) -> None:
    given = {"KCS_BASE_URL": "http://kcs.example.com", "KCS_INSTANCE": str(tmp_path)}
    result = CliRunner(env=given).invoke(main, ["user", "remove", ADA])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: KCS_BASE_URL is http://kcs.example.com")


@pytest.mark.parametrize(
    "url", ["sqlite:///{folder}/empty.db", "postgresql://kcs@127.0.0.1:1/kcs"], ids=["no tables", "away"]
)
def test_a_database_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path, url: str) -> None:
    with app_on(tmp_path, url.format(folder=tmp_path)) as app:
        result = CliRunner().invoke(main, ["user", "remove", ADA], obj=app)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "did you run 'kcs db upgrade'?" in result.stderr


def test_upgrading_makes_the_tables_and_may_be_repeated(tmp_path: Path) -> None:
    with app_on(tmp_path, f"sqlite:///{tmp_path / 'new.db'}") as app:
        for _ in range(2):
            result = CliRunner().invoke(main, ["db", "upgrade"], obj=app)
            assert (result.exit_code, result.stdout) == (0, "The database is up to date.\n")
        result = CliRunner().invoke(main, ["user", "remove", ADA], obj=app)
    assert "nobody with the address" in result.stderr


# ---- people and tokens -------------------------------------------------------------------------------------


def test_an_added_person_can_sign_in_with_what_was_given(app: Flask) -> None:
    said = done(
        app,
        *("user", "add", "Ada@Example.com", "--name", "Ada Li", "--password", PASSWORD, "--team", "North"),
        *("--licence", "contributor", "--role", "coach", "--role", "admin"),
    )
    assert said == f"Added Ada Li <{ADA}>.\n"
    agent, _ = sign_in(ADA, PASSWORD)
    assert (agent.licence, agent.roles) == (
        Licence.CONTRIBUTOR,
        frozenset({Role.COACH, Role.ADMIN}),
    )
    assert agent.team is not None
    assert agent.team.name == "North"


def test_a_password_is_asked_for_twice_and_not_shown(app: Flask) -> None:
    said = done(app, "user", "add", ADA, "--name", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in said
    assert sign_in(ADA, PASSWORD)[0].email == ADA


def test_a_password_typed_differently_the_second_time_adds_nobody(app: Flask) -> None:
    result = run(app, "user", "add", ADA, "--name", "Ada", typed=f"{PASSWORD}\nsomething else\n")
    assert result.exit_code == 1
    assert find_by_email(ADA) is None


def test_an_address_in_use_is_refused_and_its_person_unchanged(app: Flask) -> None:
    make_agent(email=ADA)
    result = run(app, "user", "add", ADA.upper(), "--name", "Other", "--password", PASSWORD)
    assert (result.exit_code, result.stderr) == (1, f"Error: {ADA} is already in use.\n")
    assert get_agent(ADA).name == "Ada"


def test_a_licence_is_set_with_its_evidence_and_taken_away(app: Flask) -> None:
    make_agent(Licence.CANDIDATE, email=ADA)
    said = done(app, "user", "licence", ADA, "publisher", "--evidence", "Ten good articles")
    assert said == f"{ADA} is now publisher.\n"
    assert get_agent(ADA).licence is Licence.PUBLISHER
    done(app, "user", "licence", ADA, "none")
    assert get_agent(ADA).licence is None
    kept = db.session.execute(select(LicenceGrant).order_by(LicenceGrant.id)).scalars()
    assert [(grant.licence, grant.evidence) for grant in kept] == [
        (Licence.CANDIDATE, ""),
        (Licence.PUBLISHER, "Ten good articles"),
        (None, ""),
    ]


def test_a_coach_is_named_and_taken_away(app: Flask) -> None:
    make_agent(Licence.CANDIDATE, email=ADA)
    coach = make_agent(email="cleo@example.com")
    assert done(app, "user", "coach", ADA, coach.email) == f"{ADA} has cleo@example.com as coach.\n"
    assert get_agent(ADA).coach_id == coach.id
    assert "cannot coach" in run(app, "user", "coach", ADA, ADA).output
    done(app, "user", "coach", ADA, "none")
    assert get_agent(ADA).coach_id is None


def test_a_removed_person_loses_sign_in_and_tokens_at_once(app: Flask) -> None:
    make_agent(email=ADA, password=PASSWORD)
    token = done(app, "token", "add", ADA).strip()
    assert agent_of_token(token) is not None
    assert done(app, "user", "remove", ADA) == f"{ADA} can no longer sign in.\n"
    assert agent_of_token(token) is None
    assert get_agent(ADA).active is False


@pytest.mark.parametrize("as_json", [False, True])
def test_a_new_token_is_printed_alone_and_acts_as_its_person(app: Flask, as_json: bool) -> None:
    make_agent(email=ADA)
    said = done(app, "token", "add", ADA, *(["--json"] if as_json else []))
    token = json.loads(said)["token"] if as_json else said.strip()
    agent = agent_of_token(token)
    assert agent is not None
    assert agent.email == ADA
    kept = db.session.execute(select(ApiToken)).scalar_one()
    assert token not in kept.token_hash


def test_tokens_are_listed_without_their_value_and_revoked_by_id(app: Flask) -> None:
    make_agent(email=ADA)
    for label in ("loader", "report"):
        token = done(app, "token", "add", ADA, "--label", label, "--days", "2").strip()
    listed = done(app, "token", "list", ADA)
    assert token not in listed
    newest, older = (line.split() for line in listed.splitlines())
    assert (newest[1], newest[-1], older[-1]) == ("until", "report", "loader")
    assert done(app, "token", "revoke", newest[0]) == f"Token {newest[0]} is revoked.\n"
    assert agent_of_token(token) is None
    newest, older = (line.split() for line in done(app, "token", "list", ADA).splitlines())
    assert (newest[1], older[1]) == ("revoked", "until")


# ---- connections -------------------------------------------------------------------------------------------

ADD = ("connection", "add", "zendesk")
SECRETS = ("--token", "secret-token", "--webhook-secret", "secret-signature")


def test_an_added_connection_says_where_its_webhook_goes_and_keeps_secrets_unreadable(real: Flask) -> None:
    said = done(real, *ADD, "acme-eu", "--subdomain", "acme", *SECRETS)
    assert said == "Added 'acme-eu'. Point the webhook to http://127.0.0.1:8080/webhooks/acme-eu\n"
    found = get_connection("acme-eu")
    assert (found.subdomain, found.token, found.webhook_secret) == (
        "acme",
        "secret-token",
        "secret-signature",
    )
    stored = db.session.execute(text("SELECT token, webhook_secret FROM connections")).one()
    assert "secret" not in stored.token + stored.webhook_secret
    assert count(Target) == 0


def test_secrets_are_asked_for_and_not_shown(real: Flask) -> None:
    dashes = ("--token", "-", "--webhook-secret", "-", "--client-id", "kcs")
    typed = "secret-token\nsecret-signature\nsecret-client\n"
    said = done(real, *ADD, "acme", "--subdomain", "acme", *dashes, typed=typed)
    assert "secret-" not in said
    found = get_connection("acme")
    kept = (found.token, found.webhook_secret, found.client_id, found.client_secret)
    assert kept == ("secret-token", "secret-signature", "kcs", "secret-client")


def test_without_a_token_it_rests_and_the_way_to_authorise_it_is_said(real: Flask) -> None:
    said = done(real, *ADD, "acme", "--subdomain", "acme")
    assert "OAuth clients" in said
    assert "Open http://127.0.0.1:8080/admin/connections/acme" in said
    assert said.endswith("The redirect URL is http://127.0.0.1:8080/admin/connections/oauth/callback\n")
    assert (get_connection("acme").active, get_connection("acme").token) == (False, "")
    result = run(real, "connection", "check", "acme")
    assert (result.exit_code, result.stdout) == (
        1,
        "PROBLEM  connection acme: not authorised yet: 'kcs connection authorise acme' says how\n",
    )
    assert "is not authorised yet" in run(real, "connection", "set", "acme", "--active").stderr
    said = done(real, "connection", "authorise", "acme", "--client-id", "kcs", "--client-secret", "secret-c")
    assert "secret-c" not in said
    assert get_connection("acme").client_secret == "secret-c"


def test_a_token_without_a_webhook_leads_on_to_it(
    real: Flask, zendesk: Emulator, server: EmulatorServer
) -> None:
    connect(real, zendesk, server, **{"webhook-secret": None})
    said = done(real, "connection", "webhook", "acme")
    assert said.startswith("The webhook of 'acme' is set up (events).")
    (made,) = zendesk.webhooks.all.values()
    found = get_connection("acme")
    assert (found.webhook_id, found.webhook_secret) == (made.id, made.secret)
    assert made.endpoint == "http://127.0.0.1:8080/webhooks/acme"
    done(real, "connection", "webhook", "acme")
    assert len(zendesk.webhooks.all) == 1
    assert get_connection("acme").previous_webhook_secret is None


def test_where_the_desk_refuses_a_webhook_the_way_by_hand_is_said(
    real: Flask, zendesk: Emulator, server: EmulatorServer
) -> None:
    zendesk.webhooks.allowed = False
    connect(real, zendesk, server)
    result = run(real, "connection", "webhook", "acme")
    assert result.exit_code == 1
    assert "create a webhook: endpoint http://127.0.0.1:8080/webhooks/acme" in result.stderr
    assert get_connection("acme").webhook_secret == zendesk.outbox.secret, "what is there stays"


def test_with_a_section_the_connection_gets_a_target(real: Flask) -> None:
    done(
        real,
        *(*ADD, "acme", "--subdomain", "acme", *SECRETS),
        *("--section", "36", "--permission-group", "7", "--locale", "de"),
    )
    target = db.session.execute(select(Target)).scalar_one()
    assert (target.locale, target.connection_id) == ("de", get_connection("acme").id)
    assert target.settings == {"section_id": "36", "permission_group_id": "7"}


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("acme", ("--subdomain", "acme.example.com/"), "'acme.example.com/' is not a subdomain"),
        ("acme", ("--subdomain", "https://acme"), "is not a subdomain"),
        ("acme", ("--subdomain", "localhost:1/"), "is not a subdomain"),
        ("acme", ("--subdomain", ""), "is not a subdomain"),
        ("acme", ("--subdomain", "acme", "--section", "answers"), "section_id"),
        ("acme", ("--subdomain", "acme", "--section", "5", "--permission-group", "x"), "permission_group_id"),
        ("acme", ("--subdomain", "acme", "--api-base", "http://198.51.100.7/api/v2"), "on this machine"),
        ("../acme", ("--subdomain", "acme"), "no name for a connection"),
        ("", ("--subdomain", "acme"), "no name for a connection"),
    ],
)
def test_what_cannot_be_a_connection_is_refused_and_nothing_stored(
    real: Flask, name: str, options: tuple[str, ...], said: str
) -> None:
    result = run(real, *ADD, name, *options, *SECRETS)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "secret-" not in result.output
    assert (count(Connection), count(Target)) == (0, 0)


def test_a_name_is_given_once(real: Flask) -> None:
    done(real, *ADD, "acme", "--subdomain", "acme", *SECRETS)
    result = run(real, *ADD, "acme", "--subdomain", "other", *SECRETS)
    assert (result.exit_code, result.stderr) == (1, "Error: There is a connection 'acme' already.\n")
    assert get_connection("acme").subdomain == "acme"


def test_connections_are_listed_without_secrets(app: Flask) -> None:
    make_connection("support")
    make_connection("billing")
    assert [line.split() for line in done(app, "connection", "list").splitlines()] == [
        ["billing", "zendesk", "remind", "acme"],
        ["support", "zendesk", "remind", "acme"],
    ]
    listed = lines_of(app, "connection", "list", "--json")
    assert [row["name"] for row in listed] == ["billing", "support"]
    assert set(listed[0]) == {"name", "provider", "subdomain", "active", "closing"}


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_where_no_desk_is_connected_the_list_says_what_to_do(app: Flask, options: tuple[str, ...]) -> None:
    result = run(app, "connection", "list", *options)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "kcs connection add --help" in result.stderr


def connect(app: Flask, zendesk: Emulator, server: EmulatorServer, **given: str | None) -> None:
    """Add the emulated account as people do; an option given as None is left out."""
    options = {"subdomain": "acme", "token": zendesk.token, "webhook-secret": zendesk.outbox.secret, **given}
    kept = {name: value for name, value in {**options, "api-base": server.api_base}.items() if value}
    done(app, *ADD, "acme", *(word for name, value in kept.items() for word in (f"--{name}", value)))


def test_a_check_proves_that_desk_and_help_centre_answer(
    real: Flask, zendesk: Emulator, server: EmulatorServer
) -> None:
    section = zendesk.add_section("Answers")
    connect(real, zendesk, server, section=str(section.id))
    said = done(real, "connection", "check", "acme").splitlines()
    assert said[0].startswith("ok       connection acme: signed in as ")
    assert [line.partition(":")[0] for line in said[1:]] == [
        "ok       connection acme, authorisation",
        "ok       connection acme, webhook",
        "ok       connection acme, reconcile",
        "ok       connection acme, answers",
        "ok       connection acme, target 1",
    ]
    assert "30 April 2027" in said[1]
    assert said[-1].endswith(": Answers")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"token": "wrong"}, "PROBLEM  connection acme: "),
        ({"section": "999"}, "PROBLEM  connection acme, target 1: Zendesk has no section 999"),
    ],
)
def test_a_check_that_fails_names_the_problem_and_ends_with_status_one(
    real: Flask, zendesk: Emulator, server: EmulatorServer, given: dict[str, str], said: str
) -> None:
    connect(real, zendesk, server, **given)
    result = run(real, "connection", "check", "acme")
    assert result.exit_code == 1
    assert said in result.stdout
    assert "wrong" not in result.stdout


def test_a_new_secret_is_accepted_beside_the_one_before(app: Flask) -> None:
    make_connection()
    said = done(app, "connection", "rotate-secret", "acme", typed="second\n")
    assert "'acme' accepts the new secret and the one before." in said
    db.session.remove()
    for secret, status in (("second", 202), ("fake-secret", 202), ("first", 401)):
        headers, body = fake_delivery(f"d-{secret}", "1")
        headers["X-Fake-Secret"] = secret
        assert app.test_client().post("/webhooks/acme", data=body, headers=headers).status_code == status


# ---- articles and search -----------------------------------------------------------------------------------


def test_articles_are_taken_over_and_what_is_refused_is_named(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    good = {"key": "KB-7", "title": "Zyzzyva is stuck", "body": "Turn it."}
    file.write_text(f"{json.dumps(good)}\nnot json\n\n{json.dumps({'title': 'x', 'colour': 'red'})}\n")
    result = run(app, "articles", "import", str(file))
    assert (result.exit_code, result.stdout) == (1, "1 articles taken over, 2 refused.\n")
    named = result.stderr.splitlines()
    assert [line.split(":")[0] for line in named] == ["line 2", "line 4"]
    assert "colour" in named[1]
    assert [article.key for article in db.session.execute(select(Article)).scalars()] == ["KB-7"]


def test_a_script_reads_how_many_were_taken(app: Flask) -> None:
    line = json.dumps({"title": "Zyzzyva is stuck", "body": "Turn it."})
    said = done(app, "articles", "import", "-", "--json", typed=f"{line}\n{line}\n")
    assert json.loads(said) == {"taken": 2, "updated": 0, "unchanged": 0, "refused": 0}


def test_a_rebuilt_index_finds_what_is_there(app: Flask) -> None:
    for number in range(3):
        make_article(title=f"Zyzzyva {number} is stuck")
    assert done(app, "search", "rebuild").endswith("3 articles indexed.\n")
    found = find(app.extensions["kcs.search"], "zyzzyva", reader=make_agent(), limit=9)
    assert len(found) == 3


# ---- inbox and outbox --------------------------------------------------------------------------------------


def parked_deliveries(app: Flask, desk: FakeDesk, tickets: list[str]) -> None:
    """Take in deliveries of tickets the desk will not show us."""
    make_connection()
    db.session.commit()
    db.session.remove()
    for ticket in tickets:
        headers, body = fake_delivery(f"d-{ticket}", ticket)
        assert app.test_client().post("/webhooks/acme", data=body, headers=headers).status_code == 202
    desk.problem = RemoteError("the token is not right", permanent=True)
    worklist.drain(app.extensions["kcs.worklists"]["inbox"])
    desk.problem = None


def test_parked_deliveries_are_listed_with_their_reason_and_replayed(app: Flask, desk: FakeDesk) -> None:
    parked_deliveries(app, desk, ["1", "2", "3"])
    rows = lines_of(app, "inbox", "list", "--state", "parked", "--json")
    assert [row["about"] for row in rows] == ["changed ticket 3", "changed ticket 2", "changed ticket 1"]
    assert {(row["state"], row["reason"]) for row in rows} == {("parked", "the token is not right")}
    assert "the token is not right" in done(app, "inbox", "list")
    for ticket in ("1", "2", "3"):
        desk.open_ticket(ticket)
    assert done(app, "inbox", "replay", str(rows[0]["id"])) == "1 put back to work.\n"
    assert done(app, "inbox", "replay", "--all") == "2 put back to work.\n"
    worklist.drain(app.extensions["kcs.worklists"]["inbox"])
    assert count(Ticket) == 3
    assert {row["state"] for row in lines_of(app, "inbox", "list", "--json")} == {"done"}


def test_a_replay_with_a_wrong_id_puts_nothing_back(app: Flask, desk: FakeDesk) -> None:
    parked_deliveries(app, desk, ["1"])
    result = run(app, "inbox", "replay", "1", "99")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no parked row 99.\n")
    assert db.session.execute(select(Delivery.state)).scalar_one() is WorkState.PARKED


@pytest.mark.parametrize("name", ["inbox", "outbox"])
def test_an_empty_list_says_so_to_people_and_nothing_to_scripts(app: Flask, name: str) -> None:
    assert done(app, name, "list") == "Nothing here.\n"
    assert done(app, name, "list", "--json") == ""


def test_lists_show_the_latest_first_and_no_more_than_asked(app: Flask) -> None:
    for number in range(4):
        outbox.write("test", subject=f"thing {number}", payload={})
    rows = lines_of(app, "outbox", "list", "--limit", "2", "--json")
    assert [row["about"] for row in rows] == ["test thing 3", "test thing 2"]
    assert lines_of(app, "outbox", "list", "--state", "parked", "--json") == []


def test_a_parked_effect_is_put_back_to_work(app: Flask) -> None:
    effect = outbox.write("test", subject="thing", payload={})
    effect.state, effect.attempts, effect.reason = WorkState.PARKED, 10, "no such section"
    assert done(app, "outbox", "retry", "--all") == "1 put back to work.\n"
    again = db.session.execute(select(Effect)).scalar_one()
    assert (again.state, again.attempts) == (WorkState.WAITING, 0)


# ---- reports -----------------------------------------------------------------------------------------------


def test_a_report_is_a_table_for_people_and_data_for_scripts(app: Flask) -> None:
    make_agent(email=ADA)
    assert "Link rate" in done(app, "report", "link-rate")
    data = json.loads(done(app, "report", "link-rate", "--by", "team", "--json"))
    assert data["total"]["solved"] == 0
    assert done(app, "report", "link-rate", "--csv").count("\n") == 2


# ---- doctor ------------------------------------------------------------------------------------------------


@pytest.fixture
def healthy(real: Flask, zendesk: Emulator, server: EmulatorServer) -> Flask:
    """An installation without a problem."""
    make_agent(None, [Role.ADMIN], email=ADA)
    section = zendesk.add_section("Answers")
    connect(real, zendesk, server, section=str(section.id))
    return real


def problems(app: Flask) -> dict[str, str]:
    """Run the doctor; return what it says is wrong, by name, and see that the exit status agrees."""
    result = run(app, "doctor", "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    wrong = {each["name"]: each["said"] for each in found if not each["ok"]}
    assert result.exit_code == (1 if wrong else 0), result.output
    return wrong


def test_a_healthy_installation_has_no_problem(healthy: Flask) -> None:
    said = done(healthy, "doctor")
    assert "PROBLEM" not in said
    for name in ("settings", "database", "redis", "people", "inbox", "outbox", "search", "connection acme"):
        assert f"ok       {name}: " in said


def test_an_installation_without_a_desk_is_none_the_worse(app: Flask) -> None:
    make_agent(None, [Role.ADMIN])
    assert problems(app) == {}


def test_the_doctor_misses_an_administrator(healthy: Flask) -> None:
    db.session.execute(delete(LicenceGrant))
    db.session.execute(select(Agent)).scalar_one().active = False
    assert "kcs user add" in problems(healthy)["people"]


def test_the_doctor_sees_sample_people_where_others_can_sign_in(make_app: AppMaker) -> None:
    for base_url, wrong in (("http://127.0.0.1:8080", set()), ("https://kcs.example.com", {"people"})):
        app = make_app(BASE_URL=base_url)
        with app.app_context():
            if find_by_email(ADA) is None:
                add_agent(ADA, "Ada", roles=[Role.ADMIN], sample=True)
            assert set(problems(app)) == wrong


def test_the_doctor_sees_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    with app_on(tmp_path, f"sqlite:///{tmp_path / 'new.db'}") as app, app.app_context():
        assert "run 'kcs db upgrade'" in problems(app)["database"]


def test_the_doctor_sees_that_redis_is_away(make_app: AppMaker) -> None:
    app = make_app(REDIS_URL=NOWHERE)
    with app.app_context():
        make_agent(None, [Role.ADMIN])
        assert "not reachable" in problems(app)["redis"]


def test_the_doctor_reaches_redis(make_app: AppMaker, redis_url: str) -> None:
    app = make_app(REDIS_URL=redis_url)
    with app.app_context():
        make_agent(None, [Role.ADMIN])
        assert "redis: reachable" in done(app, "doctor")


def test_the_doctor_sees_what_is_overdue_and_what_is_parked(healthy: Flask) -> None:
    late, parked = (outbox.write("test", subject=name, payload={}) for name in ("late", "parked"))
    late.not_before -= timedelta(minutes=3)
    parked.state = WorkState.PARKED
    assert problems(healthy) == {
        "outbox": "1 rows overdue by two minutes",
        "outbox, parked": "1 parked: see 'kcs outbox list --state parked', then 'kcs outbox retry --all'",
    }


def test_the_doctor_asks_every_desk(healthy: Flask, zendesk: Emulator) -> None:
    zendesk.token = "another"
    assert set(problems(healthy)) == {"connection acme", "connection acme, target 1"}


def test_the_doctor_sees_a_desk_that_cannot_sign_its_deliveries(healthy: Flask) -> None:
    get_connection("acme").webhook_secret = None
    assert set(problems(healthy)) == {"connection acme, webhook"}


def test_the_doctor_names_settings_no_provider_can_use_and_looks_at_the_rest(healthy: Flask) -> None:
    get_connection("acme").api_base = "http://198.51.100.7/"
    db.session.execute(select(Target)).scalar_one().settings = {"section_id": "answers"}
    found = problems(healthy)
    assert "on this machine" in found["connection acme"]
    assert set(found) == {"connection acme", "connection acme, target 1"}


def test_a_desk_that_was_switched_off_is_not_asked(healthy: Flask, zendesk: Emulator) -> None:
    get_connection("acme").active = False
    zendesk.calls.clear()
    assert problems(healthy) == {}
    assert zendesk.calls.total() == 0


def test_the_built_in_articles_need_no_desk(app: Flask) -> None:
    make_agent(None, [Role.ADMIN])
    make_article(ArticleState.PUBLISHED)
    assert problems(app) == {}


def test_of_a_connection_only_what_is_given_changes(app: Flask) -> None:
    make_connection()
    db.session.commit()
    done(
        app,
        "connection",
        "set",
        "acme",
        "--subdomain",
        "other",
        "--section",
        "7",
        "--inactive",
        "--product-field",
        "cf_product",
    )
    db.session.remove()
    found = get_connection("acme")
    assert (found.subdomain, found.active, found.token) == ("other", False, "token")
    db.session.remove()
    done(app, "connection", "set", "acme", "--permission-group", "3", "--token", "-", typed="fresh\n")
    db.session.remove()
    found = get_connection("acme")
    assert (found.subdomain, found.token) == ("other", "fresh")
    db.session.remove()
    done(app, "connection", "set", "acme", "--client-id", "kcs-2", "--client-secret", "-", typed="secret-2\n")
    db.session.remove()
    found = get_connection("acme")
    assert (found.client_id, found.client_secret, found.token) == ("kcs-2", "secret-2", "fresh")
    target = db.session.execute(db.select(Target)).scalar_one()
    assert target.settings == {"section_id": "7", "permission_group_id": "3"}


def test_people_are_listed_and_get_a_new_password(app: Flask) -> None:
    make_agent(email="ana@example.com", roles=[Role.COACH], team="Billing", password=PASSWORD)
    db.session.commit()
    assert [line.split() for line in done(app, "user", "list").splitlines()] == [
        ["ana@example.com", "contributor", "coach", "Billing"]
    ]
    done(app, "user", "password", "ana@example.com", "--password", "another long password")
    db.session.remove()
    assert sign_in("ana@example.com", "another long password")[0].email == "ana@example.com"
