"""What a help centre offers and holds, read completely, in bounded calls, and resumed after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.guide import Guide, Section
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import RemoteError
from kcs.ports import Credentials, HelpCentre, Place, RemoteListing
from tests.integrations.conftest import Vendor

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def guide(emulator: Emulator) -> Guide:
    return emulator.guide


def fill(guide: Guide, section: Section, count: int, *, gap: float = 60.0) -> list[str]:
    """Write articles, one each `gap` seconds."""
    return [
        str(guide.add_article(section, f"T{n}", f"<p>{n}</p>", at=T0 + timedelta(seconds=n * gap)).id)
        for n in range(count)
    ]


def read_on(
    centre: HelpCentre, since: datetime | None, cursor: str | None = None
) -> tuple[list[RemoteListing], str]:
    """Read to the end and return what came, and where to go on."""
    found: list[RemoteListing] = []
    while True:
        page = centre.changed_articles(since, cursor)
        found += page.articles
        cursor = page.cursor
        if page.at_end:
            return found, cursor


def test_places_are_named_by_their_whole_path(
    guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    billing = guide.add_category("Billing")
    invoices = guide.add_section("Invoices", billing)
    guide.add_section("Old", parent=invoices)
    partners = guide.add_user_segment("Partners")
    places = help_centre.places()
    assert [place.name for place in places.choices["section_id"]] == [
        "Billing > Invoices",
        "Billing > Invoices > Old",
        "General > Speakers",
    ]
    assert places.choices["section_id"][2].id == str(section.id)
    assert places.choices["permission_group_id"] == (Place("1", "Admins"), Place("77", "Agents and admins"))
    assert Place(str(partners.id), "Partners") in places.choices["user_segment_id"]
    assert (places.locales[0], len(places.locales)) == ("en-us", len(guide.locales))


def test_many_places_are_read_to_the_last_page(guide: Guide, help_centre: HelpCentre) -> None:
    for n in range(205):
        guide.add_section(f"Section {n:03}")
    assert len(help_centre.places().choices["section_id"]) == 206


def test_sections_within_each_other_are_named_all_the_same(guide: Guide, help_centre: HelpCentre) -> None:
    one = guide.add_section("One")
    one.parent_section_id = guide.add_section("Two", parent=one).id
    names = [place.name for place in help_centre.places().choices["section_id"]]
    assert "General > Two > One" in names


@pytest.mark.parametrize("part", ["permission_groups", "user_segments"])
def test_what_the_plan_does_not_have_is_an_empty_choice(
    emulator: Emulator, help_centre: HelpCentre, part: str
) -> None:
    emulator.faults.add(part, status=404, body="empty", times=9)
    name = part.removesuffix("s") + "_id"
    choices = help_centre.places().choices
    assert (choices[name], len(choices["section_id"])) == ((), 1)


@pytest.mark.parametrize("sideloads", [True, False])
def test_an_article_is_listed_with_all_that_is_known_of_it(
    guide: Guide, help_centre: HelpCentre, section: Section, sideloads: bool
) -> None:
    guide.sideloads = sideloads
    article = guide.add_article(section, "No sound", "<b>On</b>", labels=["audio"], author_id=9, at=T0)
    guide.translate(article, "de", "Kein Ton", "<p>An</p>", draft=True, at=T0 + timedelta(hours=1))
    guide.vote(article, 1, 5)
    guide.vote(article, -1, 2)
    [[listed], _] = read_on(help_centre, None)
    assert (listed.id, listed.source_locale, listed.labels, listed.votes, listed.author_id) == (
        str(article.id),
        "en-us",
        ("audio",),
        (5, 2),
        "9",
    )
    assert listed.place == {
        "section_id": str(section.id),
        "permission_group_id": "77",
        "user_segment_id": "",
    }
    assert [(t.locale, t.title, t.html, t.draft, t.updated_at) for t in listed.texts] == [
        ("en-us", "No sound", "<strong>On</strong>", False, T0),
        ("de", "Kein Ton", "<p>An</p>", True, T0 + timedelta(hours=1)),
    ]
    assert (listed.created_at, listed.updated_at) == (T0, T0 + timedelta(hours=1))
    assert listed.url.endswith(f"/hc/en-us/articles/{article.id}")


@pytest.mark.parametrize(
    ("segment", "segments", "named"),
    [
        (None, [], ""),
        (99, [99], "99"),
        (None, [99], "99"),
        (88, [88, 99], "88,99"),
        (None, [88, 99], "88,99"),
    ],
)
def test_readers_are_named_by_their_segments_and_some_are_never_everyone(
    make_vendor: Callable[..., Vendor], segment: int | None, segments: list[int], named: str
) -> None:
    at = "2026-03-01T09:00:00Z"
    article = {
        "id": 5,
        "created_at": at,
        "updated_at": at,
        "user_segment_id": segment,
        "user_segment_ids": segments,
        "translations": [],
    }
    vendor = make_vendor({"body": json.dumps({"articles": [article], "meta": {"has_more": False}}).encode()})
    credentials = Credentials("acme", "", "token", api_base=f"{vendor.url}/api/v2")
    centre = ZendeskProvider().help_centre(credentials, {"section_id": "1"})
    [[listed], _] = read_on(centre, None)
    assert listed.place["user_segment_id"] == named


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_everything_is_listed_once_in_few_calls_and_then_only_what_changes(
    emulator: Emulator, guide: Guide, help_centre: HelpCentre, section: Section, count: int
) -> None:
    ids = fill(guide, section, count)
    found, cursor = read_on(help_centre, None)
    assert sorted(article.id for article in found) == sorted(ids)
    assert emulator.calls.total() == 1 + max(1, -(-count // 100))
    again, cursor = read_on(help_centre, None, cursor)
    assert {article.id for article in again} <= set(ids[-1:])
    late = str(guide.add_article(section, "Late", "", at=T0 + timedelta(days=9)).id)
    changed, _ = read_on(help_centre, None, cursor)
    assert late in {article.id for article in changed}


@pytest.mark.parametrize("included", [True, False], ids=["start included", "start excluded"])
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=1)], ids=["same second", "a day later"])
def test_what_changes_while_pages_are_turned_comes_afterwards(
    guide: Guide, help_centre: HelpCentre, section: Section, later: timedelta, included: bool
) -> None:
    guide.start_included = included
    ids = fill(guide, section, 250)
    first = help_centre.changed_articles(None)
    at = T0 + timedelta(minutes=249) + later
    new = guide.add_article(section, "New", "", at=at)
    for article in (ids[0], ids[-1]):
        guide.edit_text(article, "en-us", body="<p>Edited</p>", at=at)
    guide.archive(ids[150], at=at)
    rest, cursor = read_on(help_centre, None, first.cursor)
    changed, _ = read_on(help_centre, None, cursor)
    latest = {article.id: article for article in (*first.articles, *rest, *changed)}
    assert set(latest) == {*ids, str(new.id)} - {ids[150]}
    edited = {number for number, article in latest.items() if article.texts[0].html == "<p>Edited</p>"}
    assert edited == {ids[0], ids[-1]}


@pytest.mark.parametrize("included", [True, False], ids=["start included", "start excluded"])
@pytest.mark.parametrize(
    ("count", "gap", "page"),
    [(40, 60.0, 3), (40, 1.0, 3), (250, 60.0, 1000), (250, 0.25, 1000), (250, 0.0, 1000), (250, 0.0, 250)],
    ids=[
        "small pages",
        "seconds, small pages",
        "minutes",
        "four in a second",
        "all at once",
        "a full second",
    ],
)
def test_changes_since_a_moment_come_completely_and_end(
    guide: Guide, help_centre: HelpCentre, section: Section, count: int, gap: float, page: int, included: bool
) -> None:
    guide.incremental_page, guide.start_included = page, included
    ids = fill(guide, section, count, gap=gap)
    found, cursor = read_on(help_centre, T0 + timedelta(seconds=10 * gap))
    seen = [article.id for article in found]
    assert set(ids[10:]) <= set(seen)
    assert len(seen) <= 3 * len(ids)
    newest = found[-1].updated_at
    last = str(guide.add_article(section, "Last", "", at=newest).id)
    again, _ = read_on(help_centre, None, cursor)
    assert last in {article.id for article in again}
    assert min(article.updated_at for article in again) >= newest - timedelta(seconds=2)


def test_pieces_of_a_great_change_are_small_and_each_leads_on(
    guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    fill(guide, section, 450)
    page, sizes = help_centre.changed_articles(T0), []
    while not page.at_end:
        sizes.append(len(page.articles))
        page = help_centre.changed_articles(T0, page.cursor)
    assert max(sizes) == 100
    assert len(sizes) == 4


def test_an_empty_answer_does_not_lead_back_to_the_beginning(
    guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    fill(guide, section, 3)
    found, cursor = read_on(help_centre, T0 + timedelta(days=1))
    again, cursor = read_on(help_centre, None, cursor)
    assert (found, again, cursor) == ([], [], f"since {int((T0 + timedelta(days=1)).timestamp()) - 1}")


def test_a_reader_that_was_stopped_goes_on_where_it_was(
    emulator: Emulator, guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    ids = fill(guide, section, 250)
    page = help_centre.changed_articles(None)
    emulator.faults.add("/articles", status=500, times=1)
    with pytest.raises(RemoteError):
        help_centre.changed_articles(None, page.cursor)
    rest, _ = read_on(help_centre, None, page.cursor)
    assert sorted([a.id for a in page.articles] + [a.id for a in rest]) == sorted(ids)


@pytest.mark.parametrize("cursor", ["", "all", "all x", "since -1", "rest 5", "since ٣"])
def test_what_is_no_position_asks_for_nothing(
    emulator: Emulator, help_centre: HelpCentre, cursor: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        help_centre.changed_articles(None, cursor)
    assert (caught.value.permanent, emulator.calls.total()) == (True, 0)


def test_texts_that_do_not_fit_into_one_answer_are_asked_for_one_by_one(
    emulator: Emulator, guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    guide.rewriting = False
    huge = "x" * (17 * 1024 * 1024)
    guide.add_article(section, "Huge", huge, at=T0)
    [[listed], _] = read_on(help_centre, T0)
    assert [len(text.html) for text in listed.texts] == [len(huge)]
    assert emulator.calls.total("/translations$") == 1


def test_an_article_archived_between_list_and_text_is_left_out(
    emulator: Emulator, guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    ids = fill(guide, section, 2)
    guide.sideloads = False
    emulator.faults.add(f"/articles/{ids[0]}/translations", status=404)
    found, _ = read_on(help_centre, None)
    assert [article.id for article in found] == ids[1:]


@pytest.mark.long
def test_five_thousand_articles_take_a_call_for_each_hundred(
    emulator: Emulator, guide: Guide, help_centre: HelpCentre, section: Section
) -> None:
    ids = fill(guide, section, 5000)
    sizes, cursor, seen = [], None, set()
    while True:
        page = help_centre.changed_articles(None, cursor)
        sizes.append(len(page.articles))
        seen |= {article.id for article in page.articles}
        cursor = page.cursor
        if page.at_end:
            break
    assert (seen == set(ids), max(sizes), emulator.calls.total()) == (True, 100, 51)
