"""The emulated REST API, Help Center half: files of articles.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly. `g` holds the Help Center, the time of the call and the signed-in user.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.guide_api import article_of, site
from integrations.zendesk.emulator.guide_records import Attachment, Refused
from integrations.zendesk.emulator.http import ApiError, help_center_page, not_found

MOST_AT_ONCE = 20

api = Blueprint("help_center_files", __name__)


@api.post("/api/v2/help_center/articles/attachments")
def upload_unassociated() -> tuple[Response, int]:
    """Takes a file for no article yet; only staff see it until it has one [Article Attachments]."""
    return _upload(None)


@api.post("/api/v2/help_center/articles/<int:article_id>/attachments")
def upload(article_id: int) -> tuple[Response, int]:
    return _upload(article_of(article_id).id)


@api.get("/api/v2/help_center/articles/<int:article_id>/attachments")
def list_files(article_id: int) -> Response:
    return _files_of(article_id, None)


@api.get("/api/v2/help_center/articles/<int:article_id>/attachments/inline")
def list_inline(article_id: int) -> Response:
    """Lists pictures shown in the text [Article Attachments: List Article Inline Attachments]."""
    return _files_of(article_id, inline=True)


@api.get("/api/v2/help_center/articles/<int:article_id>/attachments/block")
def list_block(article_id: int) -> Response:
    return _files_of(article_id, inline=False)


@api.get("/api/v2/help_center/articles/attachments/<int:number>")
def show_file(number: int) -> Response:
    return answer({"article_attachment": _file(number).as_json(site())})


@api.delete("/api/v2/help_center/articles/attachments/<int:number>")
def delete_file(number: int) -> tuple[str, int]:
    del g.guide.attachments[_file(number).id]
    return "", 204


@api.post("/api/v2/help_center/articles/<int:article_id>/bulk_attachments")
def associate(article_id: int) -> Response:
    """Gives an article up to 20 files that have none [Articles: Associate Attachments in Bulk].

    What it answers is unsure: the files, as one public client reads.
    """
    article = article_of(article_id)
    numbers = (request.get_json(silent=True) or {}).get("attachment_ids")
    if not isinstance(numbers, list) or len(numbers) > MOST_AT_ONCE:
        raise ApiError(400, "BadRequest", f"attachment_ids must be a list of up to {MOST_AT_ONCE}")
    found = [_file(number) for number in numbers]
    if any(attachment.article_id not in (None, article.id) for attachment in found):
        raise Refused("attachment_ids", "belong to another article")
    for attachment in found:
        attachment.article_id = article.id
    return answer({"article_attachments": [attachment.as_json(site()) for attachment in found]})


@api.get("/hc/article_attachments/<int:number>")
@api.get("/hc/article_attachments/<int:number>/<_name>")
@api.get("/hc/<_locale>/article_attachments/<int:number>/<_name>")
def download(number: int, _name: str = "", _locale: str = "") -> Response:
    """Gives a file under its present and its older addresses [Article Attachments]."""
    attachment = _file(number)
    return Response(attachment.content, mimetype=attachment.content_type)


def _upload(article_id: int | None) -> tuple[Response, int]:
    file = request.files.get("file")
    if file is None:
        raise Refused("file", "cannot be blank")
    attachment = Attachment(
        id=g.guide.next_id(),
        file_name=file.filename or "",
        content_type=file.mimetype,
        content=file.read(),
        inline=request.form.get("inline") == "true",
        article_id=article_id,
        created_at=g.now,
    )
    g.guide.keep_file(attachment)
    return answer({"article_attachment": attachment.as_json(site())}), 201


def _files_of(article_id: int, inline: bool | None) -> Response:
    article = article_of(article_id)
    found = [
        attachment.as_json(site())
        for attachment in list(g.guide.attachments.values())
        if attachment.article_id == article.id and inline in (None, attachment.inline)
    ]
    return answer(help_center_page("article_attachments", found))


def _file(number: object) -> Attachment:
    attachment: Attachment | None = g.guide.attachments.get(number)
    if attachment is None:
        raise not_found()
    return attachment
