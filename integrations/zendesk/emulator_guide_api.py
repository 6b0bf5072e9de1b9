"""The emulated REST API, Help Center half.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
`g` holds the Help Center, the time of the call and the signed-in user.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, g, request

from integrations.zendesk.emulator_guide import Article, Section
from integrations.zendesk.emulator_http import (
    ApiError,
    answer,
    help_center_page,
    not_found,
    offset_page,
    sent,
)

METADATA = ("label_names", "permission_group_id", "user_segment_id", "section_id")


api = Blueprint("help_center", __name__, url_prefix="/api/v2/help_center")


@api.get("/sections")
def list_sections() -> Response:
    return answer(help_center_page("sections", [s.as_json(_site()) for s in list(g.guide.sections.values())]))


@api.get("/sections/<int:section_id>")
def show_section(section_id: int) -> Response:
    return answer({"section": _section(section_id).as_json(_site())})


@api.post("/sections/<int:section_id>/articles")
def create_article(section_id: int) -> tuple[Response, int]:
    """Mails subscribers unless `notify_subscribers`, beside the article, is false [Help Center]."""
    section, content = _section(section_id), sent("article")
    notify = bool(request.get_json().get("notify_subscribers", True))
    article = g.guide.create(section, g.user.id, content, notify, g.now)
    return answer({"article": article.as_json(_site())}), 201


@api.get("/sections/<int:section_id>/articles")
def list_section(section_id: int) -> Response:
    return answer(_listed(g.guide.newest(_section(section_id).id)))


@api.get("/articles")
def list_articles() -> Response:
    return answer(_listed(g.guide.newest()))


@api.get("/articles/search")
def search_articles() -> Response:
    """Needs one filter; finds no drafts, and nothing younger than the index's lag [Help Center]."""
    args = request.args
    if not any(args.get(name) for name in ("query", "category", "section", "label_names")):
        raise ApiError(400, "BadRequest", "One of query, category, section or label_names is required")
    labels = list(filter(None, args.get("label_names", "").split(",")))
    section = args.get("section", type=int)
    found = g.guide.search(labels, args.get("query", ""), section, g.now)
    return answer(offset_page("results", [article.as_json(_site()) for article in found]))


@api.get("/articles/<int:article_id>")
def show_article(article_id: int) -> Response:
    return answer({"article": _article(article_id).as_json(_site())})


@api.put("/articles/<int:article_id>")
def change_article(article_id: int) -> Response:
    """Changes metadata only: title, body and draft are silently left alone [Help Center]."""
    article, content = _article(article_id), sent("article")
    with g.guide.lock:
        for name in METADATA:
            if name in content:
                setattr(article, name, content[name])
    return answer({"article": article.as_json(_site())})


@api.delete("/articles/<int:article_id>")
def archive_article(article_id: int) -> tuple[str, int]:
    _article(article_id).archived = True
    return "", 204


@api.get("/articles/<int:article_id>/translations")
def list_translations(article_id: int) -> Response:
    article = _article(article_id)
    texts = [article.text_as_json(_site(), locale) for locale in article.translations]
    return answer(help_center_page("translations", texts))


@api.post("/articles/<int:article_id>/translations")
def create_translation(article_id: int) -> tuple[Response, int]:
    article = _article(article_id)
    text = g.guide.add_text(article, sent("translation"), g.now)
    return answer({"translation": article.text_as_json(_site(), text.locale)}), 201


@api.get("/articles/<int:article_id>/translations/<locale>")
def show_translation(article_id: int, locale: str) -> Response:
    article = _translated(article_id, locale)
    return answer({"translation": article.text_as_json(_site(), locale)})


@api.put("/articles/<int:article_id>/translations/<locale>")
def change_translation(article_id: int, locale: str) -> Response:
    article = _translated(article_id, locale)
    g.guide.change_text(article, locale, sent("translation"), g.now)
    return answer({"translation": article.text_as_json(_site(), locale)})


def _listed(newest: Iterable[Article]) -> dict[str, object]:
    """Return a page of articles, drafts too, sorted as asked [Help Center]."""
    articles = [article.as_json(_site()) for article in newest]
    if request.args.get("sort_order", "asc") != "desc":
        articles.reverse()
    return help_center_page("articles", articles)


def _site() -> str:
    return request.host_url.rstrip("/")


def _section(section_id: int) -> Section:
    section: Section | None = g.guide.sections.get(section_id)
    if section is None:
        raise not_found()
    return section


def _article(article_id: int) -> Article:
    article: Article | None = g.guide.article(article_id)
    if article is None:
        raise not_found()
    return article


def _translated(article_id: int, locale: str) -> Article:
    article = _article(article_id)
    if locale not in article.translations:
        raise not_found()
    return article
