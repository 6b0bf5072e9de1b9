"""One mail a person and week at most, in the first week too; without a mail server none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from kcs import database, worklist
from kcs.articles.flags import flag_article
from kcs.articles.services import save_version
from kcs.database import db
from kcs.errors import RemoteError
from kcs.improving.digest import MOST_ITEMS, plan_digests, sections_for, week_of
from kcs.improving.models import Digest
from kcs.improving.services import give_feedback, watch
from kcs.mail import Mailer
from kcs.outbox import services as outbox
from kcs.outbox.models import Effect
from kcs.people.models import Agent
from kcs.people.services import deactivate
from kcs.reviews.models import Asks, ReviewRequest, ReviewState
from kcs.worklist import WorkState
from tests.conftest import AppMaker
from tests.factories import make_agent, make_article


class MailServer:
    """A mail server that keeps what it is sent; `answer` is what it says to a mail's end."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.recipients: list[str] = []
        self.answer = "250 kept"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopped:
            caller, _ = self._listener.accept()
            with caller, caller.makefile("rwb") as wire:
                if not self._stopped:
                    self._talk(cast(BinaryIO, wire))

    def _talk(self, wire: BinaryIO) -> None:
        self._say(wire, "220 here")
        while line := wire.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say(wire, "354 go on")
                self._take(wire)
            elif verb == "QUIT":
                self._say(wire, "221 bye")
                return
            else:
                if verb == "RCPT":
                    self.recipients.append(line.partition("<")[2].rstrip(">"))
                self._say(wire, "250 fine")

    def _take(self, wire: BinaryIO) -> None:
        lines = list(iter(lambda: wire.readline().decode().rstrip("\r\n"), "."))
        self.mails.append("\n".join(lines))
        self._say(wire, self.answer)

    def _say(self, wire: BinaryIO, words: str) -> None:
        wire.write(f"{words}\r\n".encode())
        wire.flush()

    def stop(self) -> None:
        """Take no more callers."""
        if self._stopped:
            return
        self._stopped = True
        # Who waits for a caller holds the port open though it is closed: a last one lets it go.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server of the test's own."""
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def app(make_app: AppMaker, server: MailServer) -> Iterator[Flask]:
    """An app that sends mail."""
    made = make_app(SMTP_URL=f"smtp://127.0.0.1:{server.port}", MAIL_FROM="kcs@example.com")
    with made.app_context():
        yield made


def send_all(app: Flask) -> None:
    """Bring about what the outbox holds."""
    db.session.commit()
    worklist.drain(app.extensions["kcs.worklists"][outbox.NAME])


def busy(owner: Agent, articles: int) -> None:
    """Give somebody articles that nobody has checked for long."""
    for number in range(articles):
        article = make_article(author=owner, title=f"Title {number}")
        article.created_at = article.last_checked_at = database.now() - timedelta(days=1000)
    db.session.commit()


def test_the_first_run_over_many_articles_is_one_short_mail_a_person(app: Flask, server: MailServer) -> None:
    ana, ben = make_agent(email="ana@example.com"), make_agent(email="ben@example.com")
    idle, gone = make_agent(), make_agent(email="gone@example.com")
    expected = {ana.id: True, ben.id: True, idle.id: False}
    busy(ana, 40)
    busy(ben, 1)
    busy(gone, 5)
    deactivate(gone)
    db.session.commit()
    assert [plan_digests(limit=2), plan_digests(limit=2), plan_digests()] == [2, 1, 0]
    for _ in range(2):
        send_all(app)
    assert sorted(server.recipients) == ["ana@example.com", "ben@example.com"]
    (long,) = [mail for mail in server.mails if "ana@example.com" in mail]
    assert "Articles due for a check: 40" in long
    assert long.count("- Title") == MOST_ITEMS
    assert "and 30 more" in long
    assert "http://127.0.0.1:8080/articles?due=1" in long
    assert "From: kcs@example.com" in long
    assert "Subject: 40 things wait for you in the knowledge base" in long
    rows = db.session.execute(select(Digest)).scalars()
    assert {row.agent_id: row.sent_at is not None for row in rows} == expected


def test_a_mail_holds_everything_that_waits_and_nothing_of_others(app: Flask, server: MailServer) -> None:
    ana, ben = make_agent(email="ana@example.com"), make_agent(email="ben@example.com")
    mine, theirs = make_article(author=ana, title="Mine"), make_article(author=ben, title="Theirs")
    flag_article(mine, "wrong step", by=ben)
    give_feedback(mine, mine.current_version, comment="Which menu?", secret="s")
    watch(theirs, by=ana)
    watch(mine, by=ana)
    save_version(theirs, "Theirs anew", {"resolution": "New."}, by=ben, base=1)
    moment = database.now()
    db.session.add(
        ReviewRequest(
            article_id=mine.id,
            version_id=mine.current_version_id,
            asks=Asks.PUBLISH,
            state=ReviewState.RETURNED,
            asked_by_id=ana.id,
            created_at=moment,
            changed_at=moment,
            due_at=moment,
        )
    )
    db.session.commit()
    assert {each.heading: (each.count, each.titles) for each in sections_for(ana, moment) if each.count} == {
        "Flags for you to answer": (1, [f"Mine ({mine.key})"]),
        "Feedback for you to answer": (1, [f"Mine ({mine.key})"]),
        "Reviews that came back to you": (1, [f"Mine ({mine.key})"]),
        "Changes to articles you watch": (1, [f"Theirs anew ({theirs.key})"]),
    }
    assert [each for each in sections_for(ben, moment) if each.count] == []
    plan_digests()
    send_all(app)
    assert len(server.mails) == 1
    assert "4 things wait for you" in server.mails[0]


@pytest.mark.parametrize(
    ("answer", "state"), [("550 never", WorkState.PARKED), ("451 later", WorkState.WAITING)]
)
def test_what_the_server_refuses_is_tried_again_or_kept(
    app: Flask, server: MailServer, answer: str, state: WorkState
) -> None:
    ana = make_agent()
    busy(ana, 1)
    server.answer = answer
    plan_digests()
    send_all(app)
    effect = db.session.execute(select(Effect)).scalar_one()
    assert effect.state is state
    assert answer in effect.reason
    assert db.session.execute(select(Digest.sent_at)).scalar_one() is None


def test_what_was_settled_meanwhile_is_not_sent(app: Flask, server: MailServer) -> None:
    ana = make_agent()
    busy(ana, 1)
    plan_digests()
    deactivate(ana)
    send_all(app)
    assert server.mails == []
    assert db.session.execute(select(Effect.state)).scalar_one() is WorkState.DONE


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2026-03-02T00:00", "2026-03-02"),
        ("2026-03-08T23:59", "2026-03-02"),
        ("2027-01-01T12:00", "2026-12-28"),
    ],
)
def test_a_week_is_named_by_its_monday(moment: str, week: str) -> None:
    assert week_of(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == week


# On SQLite alone: the clock of PostgreSQL is not ours to set.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_next_mail_comes_with_the_next_week(app: Flask, server: MailServer) -> None:
    ana = make_agent()
    busy(ana, 1)
    week = timedelta(days=7)
    start = datetime(2030, 3, 4, 9, tzinfo=UTC)
    for moment, mails in ((start, 1), (start + week - timedelta(hours=10), 1), (start + week, 2)):
        with time_machine.travel(moment, tick=False):
            plan_digests()
            send_all(app)
        assert len(server.mails) == mails, moment


def test_a_password_is_not_sent_in_the_open(server: MailServer) -> None:
    mailer = Mailer(f"smtp://kcs:secret@127.0.0.1:{server.port}", "kcs@example.com")
    with pytest.raises(RemoteError) as refused:
        mailer.send("ana@example.com", "Hello", "Text", message_id="m1")
    assert refused.value.permanent
    assert "secret" not in refused.value.message
    assert server.mails == []


def test_a_server_that_is_away_is_asked_again_later(server: MailServer) -> None:
    server.stop()
    mailer = Mailer(f"smtp://127.0.0.1:{server.port}", "kcs@example.com")
    with pytest.raises(RemoteError) as failed:
        mailer.send("ana@example.com", "Hello", "Text", message_id="m1")
    assert not failed.value.permanent


def test_without_a_mail_server_nobody_plans_a_mail(make_app: AppMaker) -> None:
    planned = [chore.name for chore in make_app().extensions["kcs.chores"]]
    assert "digests" not in planned
    assert "flags.pass_on" in planned
