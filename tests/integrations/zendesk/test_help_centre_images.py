"""Pictures reach the Help Center once, and belong to the article that shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator_guide import Section
from kcs.errors import RemoteError
from kcs.ports import HelpCentre
from tests.integrations.zendesk.conftest import DOCUMENT

NAME = "kcs-0f3a.png"


def test_a_picture_is_uploaded_once_and_read_at_its_address(
    emulator: Emulator, help_centre: HelpCentre
) -> None:
    article = help_centre.create_draft(DOCUMENT).id
    addresses = {help_centre.keep_image(NAME, b"PNG", "image/png", remote_id=article) for _ in range(3)}
    [kept] = emulator.guide.attachments.values()
    assert emulator.guide.uploads == 1
    assert (kept.file_name, kept.content_type, kept.content, kept.inline) == (NAME, "image/png", b"PNG", True)
    assert (kept.article_id, addresses.pop().endswith(f"/hc/article_attachments/{kept.id}")) == (
        int(article),
        True,
    )


@pytest.mark.parametrize(
    ("marker", "media_type", "name"),
    [
        ("kcs-1", "image/png", "kcs-1.png"),
        ("a.jpg", "image/jpeg", "a.jpg"),
        ("a.png", "image/webp", "a.png.webp"),
    ],
)
def test_a_picture_is_named_after_its_marker_and_kind(
    emulator: Emulator, help_centre: HelpCentre, marker: str, media_type: str, name: str
) -> None:
    help_centre.keep_image(marker, b"x", media_type)
    assert [kept.file_name for kept in emulator.guide.attachments.values()] == [name]


@pytest.mark.parametrize(
    "spoil",
    [{"status": 502, "after_effect": True}, {"drop": True, "after_effect": True}],
    ids=["bad gateway", "connection cut"],
)
def test_a_picture_whose_answer_was_lost_is_found_again(
    emulator: Emulator, help_centre: HelpCentre, spoil: dict[str, Any]
) -> None:
    article = help_centre.create_draft(DOCUMENT).id
    emulator.faults.add("/attachments$", method="POST", **spoil)
    with pytest.raises(RemoteError) as caught:
        help_centre.keep_image(NAME, b"PNG", "image/png", remote_id=article)
    address = help_centre.keep_image(NAME, b"PNG", "image/png", remote_id=article)
    assert (caught.value.permanent, emulator.guide.uploads) == (False, 1)
    assert address.endswith(str(next(iter(emulator.guide.attachments))))


@pytest.mark.parametrize(
    ("marker", "content", "media_type"),
    [
        (NAME, b"", "image/png"),
        (NAME, b"x" * (20 * 1024 * 1024 + 1), "image/png"),
        (NAME, b"<svg/>", "image/svg+xml"),
        (NAME, b"x", "text/html"),
        ("../a", b"x", "image/png"),
        ('a"; x=', b"x", "image/png"),
        ("", b"x", "image/png"),
    ],
    ids=["empty", "too big", "svg", "html", "path", "quote", "nameless"],
)
def test_what_can_be_no_picture_there_is_not_sent(
    emulator: Emulator, help_centre: HelpCentre, marker: str, content: bytes, media_type: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        help_centre.keep_image(marker, content, media_type)
    assert (caught.value.permanent, emulator.calls.total()) == (True, 0)


def test_publishing_gives_the_article_the_pictures_nobody_has(
    emulator: Emulator, help_centre: HelpCentre, section: Section
) -> None:
    other = emulator.guide.add_article(section, "Other", "")
    addresses = [help_centre.keep_image(f"kcs-{n}", b"x", "image/png") for n in range(25)]
    theirs = help_centre.keep_image("kcs-other", b"x", "image/png", remote_id=str(other.id))
    shown = [*addresses, theirs, "https://x.example/hc/article_attachments/4", "https://x.example/a.png"]
    document = replace(DOCUMENT, html="".join(f'<img src="{address}">' for address in shown))
    remote = help_centre.create_draft(document)
    for _ in range(2):
        help_centre.publish(remote.id, document)
    owners = [kept.article_id for kept in emulator.guide.attachments.values()]
    assert owners == [int(remote.id)] * 25 + [other.id]
    assert emulator.calls.total("/bulk_attachments", method="POST") == 2


def test_an_article_that_is_gone_keeps_no_picture(help_centre: HelpCentre) -> None:
    with pytest.raises(RemoteError) as caught:
        help_centre.keep_image(NAME, b"x", "image/png", remote_id="7")
    assert caught.value.missing
