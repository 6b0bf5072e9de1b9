"""Pictures that articles show, kept as attachments of the articles.

Only an article's own attachments can be listed, and visitors see an attachment only when it belongs to an
article they may read; one that belongs to none is deleted by Zendesk some day
(developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre_schemas import AttachmentIn
from integrations.zendesk.schemas import read
from kcs.errors import RemoteError

LARGEST = 20 * 1024 * 1024
MOST_AT_ONCE = 20
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
MARKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}", re.ASCII)
SHOWN = re.compile(r"/hc/(?:[a-z-]{2,12}/)?article_attachments/([0-9]{1,19})\b", re.ASCII)
KEPT = re.compile(SHOWN.pattern + r"(?:/[^/\\]{1,255})?")
MEDIA = re.compile(r"/guide-media/[0-9A-Za-z]{1,40}", re.ASCII)
ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
REDIRECTS = range(300, 400)
UPLOADS = "/help_center/articles/attachments"


def keep(client: ZendeskClient, marker: str, content: bytes, media_type: str, article: str | None) -> str:
    """Return where the picture is, uploading it unless the article at this path has it already.

    Raises RemoteError, permanent for what can be no picture there.
    """
    name = _file_name(marker, content, media_type)
    if article is not None:
        for attachment in _attachments(client, article):
            if attachment["file_name"] == name:
                return _address(attachment["content_url"])
    path = UPLOADS if article is None else f"{article}/attachments"
    answer = client.upload(path, {"inline": "true"}, {"file": (name, content, media_type)})
    attachment = read(AttachmentIn, answer.get("article_attachment"), f"the picture {name}")
    return _address(attachment["content_url"])


def fetch(client: ZendeskClient, address: str) -> bytes | None:
    """Return the picture at an address of the Help Center, None for one that is elsewhere or gone.

    A Help Center may be read under a host name of its own; the picture is then asked for at the account's,
    once the account says that the address is the picture's. Raises RemoteError.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    attachment = KEPT.fullmatch(parts.path)
    if attachment is None and not MEDIA.fullmatch(parts.path):
        return None
    try:
        own = f"{parts.scheme}://{parts.netloc}".lower() == client.site
        if not own and not (attachment and _is_at(client, attachment[1], address)):
            return None
        return client.download(parts.path)
    except RemoteError as exc:
        if exc.missing or (exc.answered or 0) in REDIRECTS:
            return None
        raise


def _is_at(client: ZendeskClient, number: str, address: str) -> bool:
    answer = client.get(f"{UPLOADS}/{number}")
    attachment = read(AttachmentIn, answer.get("article_attachment"), f"attachment {number}")
    return str(attachment["content_url"]) == address


def give_to(client: ZendeskClient, article: str, html: str) -> None:
    """Make pictures that the text shows and no article has yet the article's own. Raises RemoteError."""
    shown = set(SHOWN.findall(html))
    if not shown:
        return
    missing = shown - {attachment["id"] for attachment in _attachments(client, article)}
    homeless = [int(number) for number in sorted(missing, key=int) if _belongs_to_none(client, number)]
    for start in range(0, len(homeless), MOST_AT_ONCE):
        client.act(f"{article}/bulk_attachments", {"attachment_ids": homeless[start : start + MOST_AT_ONCE]})


def _attachments(client: ZendeskClient, article: str) -> Iterator[dict[str, str]]:
    for item in client.pages(f"{article}/attachments", "article_attachments"):
        yield read(AttachmentIn, item, "an attachment")


def _belongs_to_none(client: ZendeskClient, number: str) -> bool:
    """A picture of another article stays there; one that is gone cannot be helped here."""
    try:
        answer = client.get(f"{UPLOADS}/{number}")
    except RemoteError as exc:
        if not exc.missing:
            raise
        return False
    attachment = read(AttachmentIn, answer.get("article_attachment"), f"attachment {number}")
    return attachment["article_id"] is None


def _file_name(marker: str, content: bytes, media_type: str) -> str:
    suffix = SUFFIXES.get(media_type)
    if suffix is None:
        raise RemoteError(
            f"{media_type!r} is no kind of picture for Zendesk: send {', '.join(SUFFIXES)}.", permanent=True
        )
    if not 0 < len(content) <= LARGEST:
        raise RemoteError(
            f"A picture of {len(content)} bytes cannot be kept by Zendesk: 1 byte to 20 MB fit.",
            permanent=True,
        )
    if not MARKER.fullmatch(marker):
        raise RemoteError(f"{marker!r} cannot name a picture.", permanent=True)
    return marker if marker.endswith(suffix) else marker + suffix


def _address(url: str | None) -> str:
    if not ADDRESS.fullmatch(url or ""):
        raise RemoteError("Zendesk kept a picture and does not say where.", permanent=False)
    return str(url)
