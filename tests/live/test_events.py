"""What a ticket's page is told of what colleagues do, and what it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kcs.articles.flags import flag_article
from kcs.articles.services import move_article
from kcs.database import db
from kcs.solving import services as solving
from kcs.solving.models import ExemptionReason
from tests.factories import make_agent, read_again
from tests.fakes import desk_agent
from tests.live.conftest import Office
from workflow.article import Move
from workflow.permissions import Licence, Role

Act = Callable[[Office], object]


def _archived(office: Office) -> object:
    coach = make_agent(Licence.PUBLISHER, [Role.COACH], email="coach@example.com")
    return move_article(office.known, Move.ARCHIVE, by=coach, reason="gone")


def _message(office: Office) -> object:
    office.desk.reply(office.second.remote_id, desk_agent("a-1", "ana@example.com"), "Please wait.")
    return read_again(office.desk, office.second.connection, office.second.remote_id)


def _drafted_and_gone(office: Office) -> None:
    solving.draft_article(office.first, by=office.ana)
    solving.discard_draft(office.first, by=office.ana)


# What happens, and the events that the page of the second ticket is told: kind, who, act, article.
RULES: dict[str, tuple[Act, list[tuple[str | None, ...]]]] = {
    "a colleague captures the same issue": (
        lambda office: solving.draft_article(office.first, by=office.ana),
        [("capturing", "Ana", None, "KB-1")],
    ),
    "a colleague captures another issue": (
        lambda office: solving.draft_article(office.third, by=office.ana),
        [],
    ),
    "I capture it from another ticket": (
        lambda office: solving.draft_article(office.first, by=office.bea),
        [],
    ),
    "a draft was thrown away before I looked": (_drafted_and_gone, [("done", None, None, None)]),
    "a colleague links here": (
        lambda office: solving.link_article(office.second, office.known, by=office.ana),
        [("ticket", "Ana", "link", "KB-7")],
    ),
    "I link here": (lambda office: solving.link_article(office.second, office.known, by=office.bea), []),
    "a colleague links elsewhere": (
        lambda office: solving.link_article(office.third, office.known, by=office.ana),
        [],
    ),
    "a colleague exempts": (
        lambda office: solving.exempt(office.second, ExemptionReason.NO_KNOWLEDGE, by=office.ana),
        [("ticket", "Ana", "exempt", None)],
    ),
    "a message comes": (_message, [("ticket", "Ana", "message", None)]),
    "an article shown is flagged": (
        lambda office: flag_article(office.known, "Step 2 is gone", by=office.ana),
        [("articles", None, "flagged", "KB-7")],
    ),
    "an article shown is archived": (
        _archived,
        [("done", None, None, "KB-7"), ("articles", None, "archive", "KB-7")],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_who_is_told_what(office: Office, rule: str) -> None:
    act, expected = RULES[rule]
    events = office.told(lambda: act(office), shown="KB-7,KB-8")
    said = [tuple(event.get(name) for name in ("event", "who", "act", "article")) for event in events]
    assert [(kind, who, what, bool(key)) for kind, who, what, key in said] == [
        (kind, who, what, bool(key)) for kind, who, what, key in expected
    ]
    assert {key for *_, key in said if key == "KB-7"} == {key for *_, key in expected if key == "KB-7"}


def test_the_notice_names_who_captures_the_issue_until_they_stop(office: Office) -> None:
    article = solving.draft_article(office.first, by=office.ana)
    db.session.commit()
    for path in ("/live/acme/{}/notice", "/tickets/acme/{}"):
        same, other = (
            office.browser.get(path.format(ticket.remote_id)).text for ticket in (office.second, office.third)
        )
        assert f'data-capture="{article.key}"' in same
        assert "Ana" in same
        assert "data-capture" not in other
    solving.discard_draft(office.first, by=office.ana)
    db.session.commit()
    assert "data-capture" not in office.browser.get(office.address("/notice")).text


def test_what_a_reader_may_not_read_is_named_nowhere(office: Office) -> None:
    """A draft that was thrown away is read by nobody: neither its key nor its title is told, shown or not."""
    after = str(office.poll("")["after"])
    article = solving.draft_article(office.first, by=office.ana, title="Sesame opens it")
    solving.discard_draft(office.first, by=office.ana)
    db.session.commit()
    answers = [
        office.browser.get(office.address("/poll"), query_string={"after": after, "shown": article.key}).text,
        office.browser.get(office.address("/notice")).text,
        office.browser.get(f"/tickets/acme/{office.second.remote_id}").text,
    ]
    for answer in answers:
        assert article.key not in answer
        assert "Sesame" not in answer


def test_a_place_that_is_none_is_refused(office: Office) -> None:
    for after in ("x", "1", "1.2.3", "1.-2", "1.", "9" * 16 + ".1", "١.١"):
        assert office.browser.get(office.address("/poll"), query_string={"after": after}).status_code == 422
    assert office.browser.get("/live/acme/none/poll").status_code == 404
