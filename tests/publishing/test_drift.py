"""A text changed in the help centre is never written over: it stops the work, and a person decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from kcs.activity.models import Activity
from kcs.articles.models import Article
from kcs.articles.services import save_version
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, StaleVersion, WorkflowError
from kcs.publishing.comparing import rows_of
from kcs.publishing.deciding import decide, decisions_open_to
from kcs.publishing.models import Decision, Drift, DriftKind, DriftState, PublicationState
from kcs.publishing.services import look_again
from tests.factories import make_agent
from tests.fakes import FakeHelpCentre
from tests.publishing.conftest import Press, publication
from workflow.article import ArticleState, Move
from workflow.permissions import Licence

THEIRS = "Allow pop-ups for our site."


@pytest.fixture
def live(press: Press, article: int) -> int:
    """An article readers see."""
    press.publish(article)
    press.work()
    return article


def drifts() -> list[Drift]:
    db.session.expire_all()
    return list(db.session.execute(select(Drift).order_by(Drift.id)).scalars())


def text(help_centre: FakeHelpCentre) -> str:
    return help_centre.texts["1", "en-us"].html


def edited(help_centre: FakeHelpCentre) -> None:
    help_centre.edit("1", "en-us", "Allow pop-ups.", THEIRS)


def look(press: Press) -> None:
    """Have it looked at, as a webhook does."""
    assert look_again(publication().target.connection_id, "1") == 1
    db.session.commit()
    press.work()


def settle(press: Press, decision: Decision, **more: object) -> Drift:
    [drift] = [each for each in drifts() if each.state in (DriftState.OPEN, DriftState.MERGING)]
    drift_id = drift.id
    decide(drift, decision, by=press.by, seen=drift.fingerprint, **more)  # type: ignore[arg-type]
    db.session.commit()
    press.work()
    return db.session.get_one(Drift, drift_id)


def test_an_edit_there_stops_the_next_write_and_survives(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    press.edit(live, "Use another browser.")
    press.publish(live)
    press.work()
    assert THEIRS in text(help_centre)
    [drift] = drifts()
    assert (drift.kind, drift.state, publication().state) == (
        DriftKind.EDITED,
        DriftState.OPEN,
        PublicationState.DRIFTED,
    )
    press.publish(live)
    press.work()
    assert (THEIRS in text(help_centre), len(drifts())) == (True, 1)


CHANGES: dict[str, tuple[Callable[[FakeHelpCentre], None], DriftKind]] = {
    "edited": (edited, DriftKind.EDITED),
    "turned into a draft": (lambda centre: centre.withdraw("1", "en-us"), DriftKind.UNPUBLISHED),
    "archived": (lambda centre: centre.archive("1"), DriftKind.GONE),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_look_finds_what_happened_there(
    press: Press, live: int, help_centre: FakeHelpCentre, change: str
) -> None:
    happens, kind = CHANGES[change]
    look(press)
    assert drifts() == []
    happens(help_centre)
    look(press)
    look(press)
    assert [each.kind for each in drifts()] == [kind]
    assert publication().state is PublicationState.DRIFTED
    assert help_centre.calls.count("publish") == 1


def test_what_the_help_centre_makes_of_our_html_is_no_edit(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    rewritten = text(help_centre).replace("<p>", '<p class="x">').replace(" ", "&nbsp;") + "<p>&nbsp;</p>"
    help_centre.put("1", "en-us", "Export button is grey, Reports 4.2", rewritten)
    look(press)
    assert (drifts(), publication().state) == ([], PublicationState.LIVE)


def test_taking_theirs_makes_their_text_ours_and_live(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    [row] = [each for each in rows_of(drifts()[0]) if each.by_them]
    assert (row.name, row.base, row.theirs, row.by_us) == ("resolution", "Allow pop-ups.", THEIRS, False)
    drift = settle(press, Decision.TAKE_THEIRS)
    article = db.session.get_one(Article, live)
    assert article.live_version_id == article.current_version_id == drift.taken_id
    assert article.current_version.parts == {
        "issue": "Cannot export",
        "environment": "Reports 4.2",
        "resolution": THEIRS,
    }
    assert article.current_version.author_id == press.by_id
    assert (publication().state, publication().version_id) == (PublicationState.LIVE, drift.taken_id)


def test_taking_theirs_keeps_what_we_changed_elsewhere(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    article = db.session.get_one(Article, live)
    parts = {**article.current_version.parts, "issue": "The button stays grey"}
    save_version(article, "A better title", parts, by=press.by, base=article.current_version.number)
    db.session.commit()
    edited(help_centre)
    look(press)
    settle(press, Decision.TAKE_THEIRS)
    present = db.session.get_one(Article, live).current_version
    assert (present.title, present.part("issue"), present.part("resolution")) == (
        "A better title",
        "The button stays grey",
        THEIRS,
    )


def test_keeping_ours_writes_over_what_was_seen(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    edited(help_centre)
    look(press)
    settle(press, Decision.KEEP_OURS)
    assert THEIRS not in text(help_centre)
    assert publication().state is PublicationState.LIVE


def test_keeping_ours_writes_over_nothing_that_was_not_seen(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    [drift] = drifts()
    decide(drift, Decision.KEEP_OURS, by=press.by, seen=drift.fingerprint)
    db.session.commit()
    help_centre.edit("1", "en-us", THEIRS, "Call us.")
    press.work()
    assert "Call us." in text(help_centre)
    assert [each.state for each in drifts()] == [DriftState.SETTLED, DriftState.OPEN]


def test_merging_by_hand_ends_with_the_next_publication(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    settle(press, Decision.BY_HAND)
    assert (drifts()[0].state, publication().state) == (DriftState.MERGING, PublicationState.DRIFTED)
    press.publish(live)
    press.work()
    assert THEIRS in text(help_centre)
    press.edit(live, "Allow pop-ups, then reload.")
    press.publish(live)
    press.work()
    assert "Allow pop-ups, then reload." in text(help_centre)
    assert (drifts()[0].state, publication().state) == (DriftState.SETTLED, PublicationState.LIVE)


WAYS_ON = {
    Decision.PUBLISH_ANEW: (ArticleState.PUBLISHED, PublicationState.LIVE),
    Decision.BACK_TO_DRAFT: (ArticleState.VALIDATED, PublicationState.WITHDRAWN),
    Decision.ARCHIVE_HERE: (ArticleState.ARCHIVED, PublicationState.WITHDRAWN),
}


@pytest.mark.parametrize("decision", WAYS_ON)
@pytest.mark.parametrize("change", ["turned into a draft", "archived"])
def test_what_was_taken_away_there_has_three_ways_on(
    press: Press, live: int, help_centre: FakeHelpCentre, decision: Decision, change: str
) -> None:
    CHANGES[change][0](help_centre)
    look(press)
    settle(press, decision)
    assert (db.session.get_one(Article, live).state, publication().state) == WAYS_ON[decision]
    assert bool(help_centre.live) == (decision is Decision.PUBLISH_ANEW)
    assert len(help_centre.articles) <= 1


def test_an_edit_undone_there_needs_nobody(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    edited(help_centre)
    look(press)
    help_centre.edit("1", "en-us", THEIRS, "Allow pop-ups.")
    look(press)
    assert (drifts()[0].state, publication().state) == (DriftState.OVER, PublicationState.LIVE)


def test_withdrawing_here_does_not_wait_for_a_decision(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    press.move(live, Move.WITHDRAW)
    press.work()
    assert help_centre.live == set()
    assert (drifts()[0].state, publication().state) == (DriftState.OVER, PublicationState.WITHDRAWN)
    press.publish(live)
    press.work()
    assert THEIRS in text(help_centre)
    assert publication().state is PublicationState.DRIFTED


def test_what_we_withdrew_does_not_come_back_there(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    press.move(live, Move.WITHDRAW)
    press.work()
    before = help_centre.texts["1", "en-us"]
    help_centre.put("1", "en-us", before.title, before.html)
    look(press)
    assert help_centre.live == set()


def test_a_decision_is_made_once(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    edited(help_centre)
    look(press)
    drift = settle(press, Decision.KEEP_OURS)
    decide(drift, Decision.KEEP_OURS, by=press.by, seen="")
    with pytest.raises(WorkflowError):
        decide(drift, Decision.TAKE_THEIRS, by=press.by, seen=drift.fingerprint)
    db.session.rollback()
    kinds = db.session.execute(select(Activity.kind).where(Activity.kind == "drift.decided")).all()
    assert (len(kinds), press.work()) == (1, 0)


def test_a_decision_about_another_text_is_refused_with_both_texts(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    [drift] = drifts()
    seen = drift.fingerprint
    help_centre.edit("1", "en-us", THEIRS, "Call us.")
    look(press)
    [drift] = drifts()
    cases: list[dict[str, Any]] = [{"seen": seen}, {"seen": drift.fingerprint, "base": 7}]
    for stale in cases:
        with pytest.raises(StaleVersion) as raised:
            decide(drift, Decision.TAKE_THEIRS, by=press.by, **stale)
        db.session.rollback()
        texts: dict[str, Any] = raised.value.errors
        assert (texts["theirs"]["resolution"], texts["ours"]["resolution"]) == (
            "Call us.",
            "Allow pop-ups.",
        )


def test_only_publishers_decide_and_only_what_is_offered(
    press: Press, live: int, help_centre: FakeHelpCentre
) -> None:
    edited(help_centre)
    look(press)
    [drift] = drifts()
    other = make_agent(Licence.CONTRIBUTOR)
    db.session.commit()
    assert decisions_open_to(other, drift) == []
    assert decisions_open_to(press.by, drift) == [
        Decision.TAKE_THEIRS,
        Decision.BY_HAND,
        Decision.KEEP_OURS,
    ]
    with pytest.raises(NotAllowed):
        decide(drift, Decision.KEEP_OURS, by=other, seen=drift.fingerprint)
    with pytest.raises(InvalidInput):
        decide(drift, Decision.ARCHIVE_HERE, by=press.by, seen=drift.fingerprint)


def test_their_text_passes_the_privacy_gate(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    help_centre.edit("1", "en-us", "Allow pop-ups.", "Write to maria.lopez@customer.example.org.")
    look(press)
    [drift] = drifts()
    with pytest.raises((InvalidInput, WorkflowError)):
        decide(drift, Decision.TAKE_THEIRS, by=press.by, seen=drift.fingerprint)
    db.session.rollback()
    press.work()
    assert publication().state is PublicationState.DRIFTED


def test_their_markup_is_read_as_text_and_links(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    evil = '<script>alert(1)</script><a href="javascript:x">Go</a> <img src="https://spy.example/x" alt="x">'
    help_centre.edit("1", "en-us", "Allow pop-ups.", f"Allow <b>all</b> pop-ups.{evil}")
    look(press)
    settle(press, Decision.TAKE_THEIRS)
    shown = text(help_centre)
    assert "<strong>all</strong>" in shown
    assert "javascript:" not in shown
    assert "<script" not in shown
    assert "<img" not in shown


def test_each_drift_and_decision_is_in_the_log(press: Press, live: int, help_centre: FakeHelpCentre) -> None:
    edited(help_centre)
    look(press)
    settle(press, Decision.KEEP_OURS)
    query = select(Activity.kind, Activity.agent_id, Activity.after).order_by(Activity.id)
    rows = [tuple(row) for row in db.session.execute(query) if "drift" in row.kind]
    assert rows == [("publication.drifted", None, "drifted"), ("drift.decided", press.by_id, "keep_ours")]
