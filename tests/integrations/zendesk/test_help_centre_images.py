"""Pictures reach the Help Center once, and belong to the article that shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator, EmulatorServer
from integrations.zendesk.emulator.guide import Section
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import RemoteError
from kcs.ports import Credentials, HelpCentre
from tests.integrations.conftest import Vendor
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


@pytest.mark.parametrize("path", ["", "/logo.png"])
def test_a_picture_kept_there_is_read_at_its_address(help_centre: HelpCentre, path: str) -> None:
    address = help_centre.keep_image(NAME, b"PNG", "image/png")
    assert help_centre.read_image(address + path) == b"PNG"
    old = address.replace("/hc/", "/hc/en-us/")
    assert help_centre.read_image(f"{old}/logo.png") == b"PNG"


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/a.png",
        "https://x.example/hc/article_attachments/360000000999",
        "$SITE/hc/article_attachments/360000000999",
        "$SITE/guide-media/01E86XPM9459S78F83VH8CD69H",
        "$SITE/api/v2/users/me",
        "$SITE/hc/../api/v2/users/me",
        "$SITE/hc/article_attachments/5/../../../api/v2/users/me",
        "//[x/hc/article_attachments/1",
        "data:image/png;base64,AAAA",
        "",
    ],
)
def test_a_picture_that_is_elsewhere_or_gone_is_none(
    server: EmulatorServer, help_centre: HelpCentre, address: str
) -> None:
    site = server.api_base.removesuffix("/api/v2")
    assert help_centre.read_image(address.replace("$SITE", site)) is None


def test_a_picture_under_a_name_of_the_help_center_s_own_is_asked_for_at_the_account(
    make_vendor: Callable[..., Vendor],
) -> None:
    address = "https://help.acme.example/hc/article_attachments/5"
    attachment = {"article_attachment": {"id": 5, "content_url": address}}
    vendor = make_vendor({"body": json.dumps(attachment).encode()}, {"body": b"PNG"})
    credentials = Credentials("acme", "", "token", api_base=f"{vendor.url}/api/v2")
    centre = ZendeskProvider().help_centre(credentials, {})
    assert centre.read_image(address) == b"PNG"
    assert [asked.path for asked in vendor.asked] == [
        "/api/v2/help_center/articles/attachments/5",
        "/hc/article_attachments/5",
    ]


def test_a_picture_somewhere_else_is_not_followed(make_vendor: Callable[..., Vendor]) -> None:
    vendor = make_vendor({"status": 302, "headers": {"Location": "http://127.0.0.1:9/a.png"}})
    credentials = Credentials("acme", "", "token", api_base=f"{vendor.url}/api/v2")
    centre = ZendeskProvider().help_centre(credentials, {})
    assert centre.read_image(f"{vendor.url}/hc/article_attachments/5") is None
    assert len(vendor.asked) == 1


def test_an_article_that_is_gone_keeps_no_picture(help_centre: HelpCentre) -> None:
    with pytest.raises(RemoteError) as caught:
        help_centre.keep_image(NAME, b"x", "image/png", remote_id="7")
    assert caught.value.missing
