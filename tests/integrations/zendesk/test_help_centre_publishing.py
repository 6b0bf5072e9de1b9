"""What publishing changes of an article beside its text, what comes back, and what other people did there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.guide import Guide, Section
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import RemoteError
from kcs.ports import Credentials, HelpCentre
from tests.integrations.conftest import Vendor
from tests.integrations.zendesk.conftest import DOCUMENT, MARKER

SENT = '<h2>Fix</h2>\n<p>Go <a href="https://x.example/">there</a><br/>now</p>'
KEPT = (
    '<h2 id="h_0121F1595B614FFC31C2693545">Fix</h2><p>Go <a href="https://x.example/" '
    'rel="noopener noreferrer" target="_blank">there</a><br>now</p>'
)


def writes(emulator: Emulator) -> int:
    return sum(emulator.calls.total(method=method) for method in ("POST", "PUT", "DELETE"))


def test_what_comes_back_is_the_text_as_it_is_kept_there(help_centre: HelpCentre) -> None:
    document = replace(DOCUMENT, html=SENT)
    created = help_centre.create_draft(document)
    shown = help_centre.publish(created.id, document)
    for text, draft in ((created.text, True), (shown.text, False)):
        assert text is not None
        assert (text.locale, text.title, text.html, text.draft) == ("en-us", "No sound", KEPT, draft)
    assert help_centre.read(created.id, "en-us") == shown.text
    assert help_centre.publish(created.id, document).text is not None


def test_an_unwritten_text_comes_back_as_it_was_sent(emulator: Emulator, help_centre: HelpCentre) -> None:
    emulator.guide.rewriting = False
    text = help_centre.create_draft(replace(DOCUMENT, html=SENT)).text
    assert text is not None
    assert text.html == SENT


def told(make_vendor: Callable[..., Vendor], *answers: Mapping[str, object]) -> tuple[Vendor, HelpCentre]:
    """Return an account that gives these answers in turn, and our side of it."""
    vendor = make_vendor(*({"body": json.dumps(answer).encode()} for answer in answers))
    credentials = Credentials("acme", "", "token", api_base=f"{vendor.url}/api/v2")
    return vendor, ZendeskProvider().help_centre(credentials, {"section_id": "1", "permission_group_id": "7"})


def test_an_answer_without_the_text_is_asked_for_again(make_vendor: Callable[..., Vendor]) -> None:
    article = {"id": 5, "section_id": 1, "permission_group_id": 7, "label_names": [MARKER, "audio"]}
    written = {"locale": "en-us", "title": "No sound", "draft": False}
    vendor, centre = told(
        make_vendor,
        {"article": article},
        {"translation": written},
        {"translation": {**written, "body": "<p>Kept.</p>"}},
    )
    text = centre.publish("5", DOCUMENT).text
    assert [asked.method for asked in vendor.asked] == ["GET", "PUT", "GET"]
    assert text is not None
    assert (text.html, text.draft) == ("<p>Kept.</p>", False)


def test_readers_of_several_segments_are_not_taken_for_everyone(make_vendor: Callable[..., Vendor]) -> None:
    article = {"id": 5, "section_id": 1, "permission_group_id": 7, "label_names": [MARKER, "audio"]}
    several = {**article, "user_segment_id": None, "user_segment_ids": [8, 9]}
    text = {"translation": {"title": "No sound", "body": "<p>B</p>"}}
    vendor, centre = told(make_vendor, {"article": several}, text, {"article": article})
    centre.publish("5", DOCUMENT)
    assert [asked.path.rpartition("/")[2] for asked in vendor.asked] == ["5", "en-us", "5"]
    assert json.loads(vendor.asked[-1].body) == {"article": {"user_segment_id": None}}


def test_a_new_article_is_sent_whole_and_for_everyone_unless_said_otherwise(
    make_vendor: Callable[..., Vendor],
) -> None:
    vendor, centre = told(make_vendor, {"article": {"id": 5, "body": ""}})
    centre.create_draft(DOCUMENT)
    assert json.loads(vendor.asked[0].body) == {
        "article": {
            "title": "No sound",
            "body": "<p>Turn it on.</p>",
            "locale": "en-us",
            "draft": True,
            "label_names": [MARKER, "audio"],
            "permission_group_id": 7,
            "user_segment_id": None,
        },
        "notify_subscribers": False,
    }


def test_publishing_again_writes_the_text_and_nothing_else(
    emulator: Emulator, help_centre: HelpCentre
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.publish(remote.id, DOCUMENT)
    emulator.calls.clear()
    help_centre.publish(remote.id, DOCUMENT)
    assert (writes(emulator), emulator.calls.total("/translations/en-us$", method="PUT")) == (1, 1)
    assert emulator.guide.notified == 0


def test_labels_of_other_people_stay_and_ours_are_added(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    emulator.guide.label(remote.id, "theirs", "Bass")
    help_centre.publish(remote.id, replace(DOCUMENT, labels=("bass", "Audio", "mute")))
    labels = emulator.guide.articles[int(remote.id)].label_names
    assert labels == [MARKER, "audio", "theirs", "Bass", "mute"]


def test_an_adopted_article_gets_our_marker(
    emulator: Emulator, help_centre: HelpCentre, section: Section
) -> None:
    article = emulator.guide.add_article(section, "Theirs", "<p>Old</p>", labels=["theirs"])
    help_centre.publish(str(article.id), DOCUMENT)
    assert article.label_names == ["theirs", MARKER, "audio"]
    found = help_centre.find(MARKER)
    assert found is not None
    assert found.id == str(article.id)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (77, None)),
        ({"user_segment_id": ""}, (77, None)),
        ({"user_segment_id": "88"}, (77, 88)),
        ({"permission_group_id": "", "user_segment_id": "99"}, (77, 99)),
        ({"permission_group_id": "1"}, (1, None)),
    ],
)
def test_an_article_is_filed_and_shown_as_the_target_says(
    emulator: Emulator,
    credentials: Credentials,
    section: Section,
    settings: dict[str, str],
    expected: tuple[int, int | None],
) -> None:
    elsewhere = emulator.add_section("Elsewhere")
    article = emulator.guide.add_article(elsewhere, "T", "", user_segment_id=99)
    centre = ZendeskProvider().help_centre(credentials, {"section_id": str(section.id), **settings})
    centre.publish(str(article.id), DOCUMENT)
    assert article.section_id == section.id
    assert (article.permission_group_id, article.user_segment_id) == expected


@pytest.mark.parametrize(
    ("was", "becomes", "order"),
    [(None, "99", ["metadata", "text"]), (99, "", ["text", "metadata"]), (88, "99", ["metadata", "text"])],
    ids=["narrowed", "widened", "others"],
)
def test_no_text_is_ever_shown_to_more_people_than_it_is_meant_for(
    emulator: Emulator,
    credentials: Credentials,
    section: Section,
    was: int | None,
    becomes: str,
    order: list[str],
) -> None:
    """The second of the two writes is lost: what stands then must not be seen by too many."""
    article = emulator.guide.add_article(section, "Old", "<p>Old</p>", user_segment_id=was, labels=[MARKER])
    settings = {"section_id": str(section.id), "user_segment_id": becomes}
    centre = ZendeskProvider().help_centre(credentials, settings)
    second = {"text": "/translations/", "metadata": r"/articles/\d+$"}[order[1]]
    emulator.faults.add(second, method="PUT", status=500)
    with pytest.raises(RemoteError):
        centre.publish(str(article.id), replace(DOCUMENT, labels=()))
    wanted = int(becomes) if becomes else None
    done = {
        "metadata": article.user_segment_id == wanted,
        "text": article.translations["en-us"].title != "Old",
    }
    assert [name for name in order if done[name]] == order[:1]
    centre.publish(str(article.id), replace(DOCUMENT, labels=()))
    assert (article.user_segment_id, article.translations["en-us"].title) == (wanted, "No sound")


def test_a_section_that_went_is_not_taken_for_a_missing_article(
    emulator: Emulator, help_centre: HelpCentre, section: Section
) -> None:
    article = emulator.guide.add_article(emulator.add_section("Elsewhere"), "T", "")
    del emulator.guide.sections[section.id]
    emulator.faults.add(r"/articles/\d+$", method="PUT", status=404)
    with pytest.raises(RemoteError, match="no section") as caught:
        help_centre.publish(str(article.id), DOCUMENT)
    assert (caught.value.permanent, caught.value.missing) == (True, False)
    with pytest.raises(RemoteError, match="section_id") as refused:
        help_centre.publish(str(article.id), DOCUMENT)
    assert (refused.value.permanent, refused.value.missing) == (True, False)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (
            lambda guide, a: guide.edit_text(a, "en-us", body="<p>Ours no more</p>"),
            ("<p>Ours no more</p>", False),
        ),
        (lambda guide, a: guide.unpublish(a, "en-us"), ("<p>Turn it on.</p>", True)),
        (lambda guide, a: guide.move(a, guide.add_section("Elsewhere")), ("<p>Turn it on.</p>", False)),
        (lambda guide, a: guide.archive(a), None),
        (lambda guide, a: guide.delete(a), None),
    ],
    ids=["edited", "unpublished", "moved", "archived", "deleted"],
)
def test_reading_shows_what_was_done_to_a_text_there(
    emulator: Emulator,
    help_centre: HelpCentre,
    act: Callable[[Guide, str], object],
    expected: tuple[str, bool] | None,
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.publish(remote.id, DOCUMENT)
    act(emulator.guide, remote.id)
    text = help_centre.read(remote.id, "en-us")
    assert (text and (text.html, text.draft)) == expected
    assert help_centre.read(remote.id, "de") is None


@pytest.mark.parametrize("remote_id", ["", "x", "7"])
def test_what_is_no_article_reads_as_none_and_is_archived_already(
    help_centre: HelpCentre, remote_id: str
) -> None:
    assert help_centre.read(remote_id, "en-us") is None
    help_centre.archive(remote_id)
    help_centre.withdraw(remote_id, "en-us")


def test_archiving_takes_every_language_away_once(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.publish(remote.id, replace(DOCUMENT, locale="de"))
    for _ in range(2):
        help_centre.archive(remote.id)
    assert emulator.guide.articles[int(remote.id)].archived
    assert (help_centre.read(remote.id, "de"), help_centre.find(MARKER)) == (None, None)


def test_withdrawing_what_is_hidden_writes_nothing(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    emulator.calls.clear()
    help_centre.withdraw(remote.id, "en-us")
    assert writes(emulator) == 0


@pytest.mark.parametrize(
    "spoil",
    [
        {"path": "/articles$", "method": "POST", "status": 502, "after_effect": True},
        {"path": "/articles$", "method": "POST", "status": 503, "body": "html"},
        {"path": "/articles$", "method": "POST", "cut": True, "after_effect": True},
        {"path": "/translations/", "method": "PUT", "status": 502, "after_effect": True},
        {"path": "/translations/", "method": "PUT", "drop": True},
        {"path": r"/articles/\d+$", "status": 500, "body": "empty"},
    ],
    ids=["lost create", "refused create", "cut create", "lost write", "dropped write", "refused read"],
)
def test_one_article_however_often_it_is_sent(
    emulator: Emulator, help_centre: HelpCentre, spoil: dict[str, Any]
) -> None:
    """As the publisher does it: look for the marker, create when there is none, publish."""
    emulator.faults.add(**{"times": 2, **spoil})
    emulator.guide.search_lag = 3600
    failures: list[RemoteError] = []
    for _ in range(5):
        try:
            remote = help_centre.find(MARKER) or help_centre.create_draft(DOCUMENT)
            help_centre.publish(remote.id, DOCUMENT)
        except RemoteError as error:
            failures.append(error)
    [article] = emulator.guide.articles.values()
    assert [failure.permanent for failure in failures] == [False] * len(failures) != []
    assert (article.live, article.label_names) == (True, [MARKER, "audio"])


def test_a_create_into_a_section_the_article_left_is_found_all_the_same(
    emulator: Emulator, help_centre: HelpCentre
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    emulator.guide.move(remote.id, emulator.add_section("Elsewhere"))
    found = help_centre.find(MARKER)
    assert found is not None
    assert (found.id, found.draft) == (remote.id, True)
