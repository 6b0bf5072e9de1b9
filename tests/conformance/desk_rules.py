"""What every help desk must keep to: `TicketSource`, `StaffDirectory` and `DeskWriter` as rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kcs.errors import RemoteError, TicketClosed
from kcs.ports import (
    AuthorKind,
    DeskStatus,
    Note,
    TicketGlimpse,
    TicketPage,
    TicketSource,
)
from tests.conformance.exceptions import Rules
from tests.conformance.harness import DeskHarness

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOTE = Note("suggestions", '<p>See <a href="https://kcs.example/articles/KB-1">KB-1</a>: čj 日本 🤷</p>')
LIFE = (DeskStatus.OPEN, DeskStatus.PENDING, DeskStatus.SOLVED, DeskStatus.OPEN, DeskStatus.SOLVED)
SUBJECTS = {
    "accents": "Señal débil",
    "Hebrew": "כפתור הייצוא אפור",
    "emoji": "Export 📤 does nothing 🤷🏽",
    "signs of HTML": 'Is 3 < 5 && "quoted" > plain?',
}


class DeskRules(Rules):
    """The rules; `harness` is a fixture of the subclass."""

    # Reading a ticket

    def test_a_ticket_comes_with_its_words_its_people_and_its_times(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.answer(number, "Turn it on.")
        harness.answer(number, "Third one today.", public=False)
        seen = harness.source.read_ticket(number)
        assert (seen.id, seen.subject, seen.status.is_solved) == (number, "No sound", False)
        assert [(each.body, each.public) for each in seen.messages] == [
            ("My speaker is mute.", True),
            ("Turn it on.", True),
            ("Third one today.", False),
        ]
        assert [seen.users[each.author_id].kind for each in seen.messages] == [
            AuthorKind.REQUESTER,
            AuthorKind.AGENT,
            AuthorKind.AGENT,
        ]
        assert seen.messages[1].author_id == harness.agent_id()
        assert seen.users[seen.requester_id].kind is AuthorKind.REQUESTER
        times = [seen.created_at, *(each.created_at for each in seen.messages), seen.updated_at]
        assert times == sorted(times)
        assert all(each.utcoffset() == timedelta() for each in times)
        assert seen.url

    def test_reading_twice_gives_the_same(self, harness: DeskHarness) -> None:
        number = harness.open()
        assert harness.source.read_ticket(number) == harness.source.read_ticket(number)

    @pytest.mark.parametrize("kind", SUBJECTS)
    def test_words_of_every_kind_arrive_whole(self, harness: DeskHarness, kind: str) -> None:
        number = harness.open(SUBJECTS[kind], SUBJECTS[kind] * 20)
        seen = harness.source.read_ticket(number)
        assert (seen.subject, seen.messages[0].body) == (SUBJECTS[kind], SUBJECTS[kind] * 20)

    def test_changes_of_the_status_come_in_order_each_with_who_made_it(self, harness: DeskHarness) -> None:
        number = harness.open()
        for status in LIFE:
            harness.set_status(number, status)
        seen = harness.source.read_ticket(number)
        made = [each for each in seen.changes if each.author_id == harness.agent_id()]
        assert tuple(each.after for each in made) == LIFE
        assert [each.before for each in made[1:]] == list(LIFE[:-1])
        assert [each.at for each in seen.changes] == sorted(each.at for each in seen.changes)
        assert len({each.id for each in seen.changes}) == len(seen.changes)
        assert seen.status is DeskStatus.SOLVED

    def test_a_desk_without_a_history_says_when_a_ticket_was_last_solved(self, harness: DeskHarness) -> None:
        number = harness.open()
        fresh = harness.source.read_ticket(number)
        for status in LIFE:
            harness.set_status(number, status)
        seen = harness.source.read_ticket(number)
        assert fresh.history == seen.history
        if seen.history:
            assert not seen.moments
            return
        assert (seen.changes, fresh.moments) == ((), {})
        assert seen.status is DeskStatus.SOLVED
        assert seen.created_at < seen.moments[DeskStatus.SOLVED] <= seen.updated_at
        assert seen.moments.get(DeskStatus.OPEN, seen.created_at) < seen.moments[DeskStatus.SOLVED]
        assert DeskStatus.CLOSED not in seen.moments

    def test_a_solved_ticket_comes_with_what_the_desk_measured(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.answer(number, "A note.", public=False)
        harness.answer(number, "Turn it on.")
        harness.set_status(number, DeskStatus.SOLVED)
        measures = harness.source.read_ticket(number).measures
        assert measures is not None
        assert (measures.worked_seconds, measures.satisfied) == (None, None)
        assert measures.first_reply_seconds in (None, *range(60))
        for seconds in (60, 3600):
            harness.track_time(number, seconds)
        said = []
        for good in (True, False, None):
            harness.rate(number, good=good)
            again = harness.source.read_ticket(number).measures
            assert again is not None
            assert (again.worked_seconds, again.first_reply_seconds) == (3660, measures.first_reply_seconds)
            said.append(again.satisfied)
        assert said == [True, False, None]

    def test_a_ticket_that_never_was_is_missing(self, harness: DeskHarness) -> None:
        with pytest.raises(RemoteError) as missing:
            harness.source.read_ticket("987654321")
        assert (missing.value.missing, missing.value.permanent) == (True, True)

    def test_a_deleted_ticket_is_missing_or_read_as_deleted(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.delete(number)
        try:
            status = harness.source.read_ticket(number).status
        except RemoteError as error:
            status = DeskStatus.DELETED if error.missing else DeskStatus.OPEN
        assert status is DeskStatus.DELETED

    def test_checking_says_who_we_are(self, harness: DeskHarness) -> None:
        assert "@" in harness.source.check()

    # The list of changes

    def test_the_list_of_changes_ends_and_holds_every_ticket_as_it_is(self, harness: DeskHarness) -> None:
        numbers = [harness.open(f"Question {n}") for n in range(3)]
        harness.set_status(numbers[1], DeskStatus.SOLVED)
        harness.delete(numbers[2])
        last = latest(glimpses(harness.source, LONG_AGO))
        assert [last[number].status.is_solved for number in numbers[:2]] == [False, True]
        assert last[numbers[2]].status is DeskStatus.DELETED
        assert last[numbers[0]].updated_at == harness.source.read_ticket(numbers[0]).updated_at

    def test_the_list_goes_on_from_its_end(self, harness: DeskHarness) -> None:
        harness.open()
        *_, last = pages(harness.source, LONG_AGO)
        later = harness.open("Later")
        assert later in latest(glimpses(harness.source, LONG_AGO, last.cursor))

    # Who works there

    def test_everybody_is_known_whoever_left_too(self, harness: DeskHarness) -> None:
        stays = harness.add_agent("Bo Stays", "bo@desk.example")
        leaves = harness.add_agent("Cy Leaves", "cy@desk.example")
        harness.part_with(leaves)
        known = {each.id: each for each in harness.staff.agents()}
        assert (known[stays].name, known[stays].email, known[stays].active) == (
            "Bo Stays",
            "bo@desk.example",
            True,
        )
        assert leaves not in known or not known[leaves].active
        assert len({group.id for group in harness.staff.groups()}) == len(list(harness.staff.groups()))

    # Notes

    def test_a_note_is_private_and_ours_when_it_is_read(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.writer.add_note(number, NOTE)
        assert harness.customer_sees(number) == ["My speaker is mute."]
        message = harness.source.read_ticket(number).messages[-1]
        assert (message.public, message.marker) == (False, NOTE.marker)
        assert "KB-1" in message.body

    def test_what_people_write_is_not_ours(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.answer(number, "See KB-1", public=False)
        assert {each.marker for each in harness.source.read_ticket(number).messages} == {""}

    def test_a_note_is_written_once_for_each_marker(self, harness: DeskHarness) -> None:
        number = harness.open()
        for marker in ("suggestions", "reminder-1", "suggestions", "reminder-1", "reminder-2"):
            harness.writer.add_note(number, Note(marker, f"<p>{marker}</p>"))
        assert notes(harness, number) == ["suggestions", "reminder-1", "reminder-2"]

    def test_a_note_whose_answer_was_lost_is_written_once(self, harness: DeskHarness) -> None:
        number = harness.open()
        with harness.answers_lost(), pytest.raises(RemoteError) as lost:
            harness.writer.add_note(number, NOTE)
        assert not lost.value.permanent
        harness.writer.add_note(number, NOTE)
        assert notes(harness, number) == [NOTE.marker]
        assert harness.customer_sees(number) == ["My speaker is mute."]

    def test_a_note_leaves_the_status_alone(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.set_status(number, DeskStatus.SOLVED)
        before = harness.source.read_ticket(number).changes
        harness.writer.add_note(number, NOTE)
        seen = harness.source.read_ticket(number)
        assert (seen.status, seen.changes) == (DeskStatus.SOLVED, before)

    # Tags and the field

    def test_tags_of_others_stay(self, harness: DeskHarness) -> None:
        number = harness.open()
        harness.tag(number, "vip", "kcs_training")
        harness.writer.set_tags(number, add=["kcs_reuse"], remove=["kcs_exempt"])
        for _ in range(2):
            harness.writer.set_tags(number, add=["kcs_answered"], remove=["kcs_reuse", "kcs_exempt"])
        assert sorted(harness.source.read_ticket(number).tags) == ["kcs_answered", "kcs_training", "vip"]
        harness.writer.set_tags(number, add=[], remove=["kcs_answered"])
        assert sorted(harness.source.read_ticket(number).tags) == ["kcs_training", "vip"]

    def test_a_field_is_set_and_emptied(self, harness: DeskHarness) -> None:
        number = harness.open()
        for value in ("kcs_reuse", "kcs_reuse", "kcs_answered", ""):
            harness.writer.set_field(number, harness.field_id, value)
            assert harness.source.read_ticket(number).fields.get(harness.field_id, "") == value

    def test_a_refusal_for_a_moment_may_be_tried_again(self, harness: DeskHarness) -> None:
        number = harness.open()
        with harness.busy(), pytest.raises(RemoteError) as busy:
            harness.writer.set_tags(number, add=["kcs_reuse"], remove=[])
        assert not busy.value.permanent
        harness.writer.set_tags(number, add=["kcs_reuse"], remove=[])
        assert harness.source.read_ticket(number).tags == ("kcs_reuse",)

    @pytest.mark.parametrize("end", ["closed", "deleted"])
    def test_what_nobody_may_change_is_told_from_a_fault(self, harness: DeskHarness, end: str) -> None:
        number = harness.open()
        if end == "closed":
            harness.shut(number)
        else:
            harness.delete(number)
        writes: tuple[Callable[[], None], ...] = (
            lambda: harness.writer.add_note(number, NOTE),
            lambda: harness.writer.set_tags(number, add=["kcs_reuse"], remove=[]),
            lambda: harness.writer.set_field(number, harness.field_id, "kcs_reuse"),
        )
        for write in writes:
            with pytest.raises(RemoteError) as refused:
                write()
            assert isinstance(refused.value, TicketClosed) if end == "closed" else refused.value.missing

    # Pins

    def test_an_article_is_pinned_once_and_unpinned_alone(self, harness: DeskHarness) -> None:
        number = harness.open()
        for _ in range(2):
            harness.writer.pin(number, "501", "en-us")
        harness.writer.pin(number, "502", "en-us")
        assert harness.writer.pinned(number) == frozenset({"501", "502"})
        for _ in range(2):
            harness.writer.unpin(number, "501")
        assert harness.writer.pinned(number) == frozenset({"502"})


def notes(harness: DeskHarness, number: str) -> list[str]:
    """Return the markers of our notes on a ticket, oldest first."""
    return [each.marker for each in harness.source.read_ticket(number).messages if each.marker]


def pages(source: TicketSource, since: datetime, cursor: str | None = None) -> Iterator[TicketPage]:
    """Yield every page of the list of changes. Fails when it never ends."""
    for _ in range(50):
        page = source.changed_tickets(since, cursor)
        yield page
        if page.at_end:
            return
        assert page.cursor != cursor, "the cursor leads back to where it came from"
        cursor = page.cursor
    pytest.fail("the list never ends")


def glimpses(source: TicketSource, since: datetime, cursor: str | None = None) -> list[TicketGlimpse]:
    """Return what the list of changes holds."""
    return [glimpse for page in pages(source, since, cursor) for glimpse in page.tickets]


def latest(seen: list[TicketGlimpse]) -> dict[str, TicketGlimpse]:
    """Return the last thing said of each ticket: lists may overlap."""
    return {glimpse.id: glimpse for glimpse in seen}
