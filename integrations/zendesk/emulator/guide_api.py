"""The emulated REST API, Help Center half: articles, their texts and votes.

A name in brackets is the part of developer.zendesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly. `g` holds the Help Center, the time of the call and the signed-in user.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.guide_records import Article, Section
from integrations.zendesk.emulator.http import (
    MAX_PAGE,
    ApiError,
    help_center_page,
    not_found,
    offset_page,
    sent,
)

Row = tuple[float | str, int]

SORTS: dict[str, Callable[[Article], float | str]] = {
    "position": lambda article: article.position,
    "title": lambda article: article.translations[article.source_locale].title,
    "created_at": lambda article: article.created_at.timestamp(),
    "updated_at": lambda article: article.updated_at.timestamp(),
    "edited_at": lambda article: article.edited_at.timestamp(),
}

api = Blueprint("help_center", __name__, url_prefix="/api/v2/help_center")


@api.post("/sections/<int:section_id>/articles")
def create_article(section_id: int) -> tuple[Response, int]:
    """Mails subscribers unless `notify_subscribers`, beside the article, is false [Articles: Create]."""
    section, content = _section(section_id), sent("article")
    notify = bool(request.get_json().get("notify_subscribers", True))
    article = g.guide.create(section, g.user.id, content, notify, g.now)
    return answer({"article": article.as_json(site())}), 201


@api.get("/sections/<int:section_id>/articles")
def list_section(section_id: int) -> Response:
    return answer(_listed(g.guide.newest(_section(section_id).id, _labels())))


@api.get("/categories/<int:category_id>/articles")
def list_category(category_id: int) -> Response:
    if category_id not in g.guide.categories:
        raise not_found()
    inside = {s.id for s in g.guide.sections.values() if s.category_id == category_id}
    return answer(_listed([a for a in g.guide.newest(labels=_labels()) if a.section_id in inside]))


@api.get("/articles")
def list_articles() -> Response:
    """Shows drafts to agents; with `label_names` what has all of them [Articles: List Articles]."""
    return answer(_listed(g.guide.newest(labels=_labels())))


@api.get("/<locale>/articles")
def list_locale(locale: str) -> Response:
    """Shows the articles that have the language, in it [Articles: List Articles]."""
    articles = [a for a in g.guide.newest(labels=_labels()) if locale in a.translations]
    return answer(_listed(articles, locale))


@api.get("/incremental/articles")
def list_changed() -> Response:
    """Shows what changed since `start_time`, oldest change first [Understanding incremental article exports].

    A page holds up to 1,000; `next_page` starts where the page ended and is null at the end, where an empty
    page says `end_time` 1, as recorded by others (dust-tt/dust pull request 8975). Whether the start itself
    belongs to the answer is unsure: `start_included` of the Help Center says it.
    """
    start = request.args.get("start_time", type=float)
    if start is None:
        raise ApiError(400, "BadRequest", "start_time is required")
    since = datetime.fromtimestamp(int(start) + (not g.guide.start_included), UTC)
    changed = sorted(
        (a for a in g.guide.newest(labels=_labels()) if a.updated_at >= since), key=lambda a: a.updated_at
    )
    shown = changed[: g.guide.incremental_page]
    end = int(shown[-1].updated_at.timestamp()) if shown else 1
    more = len(changed) > len(shown)
    link = f"{request.base_url}?{urlencode({**request.args.to_dict(), 'start_time': end})}"
    content = {
        "count": len(changed),
        "next_page": link if more else None,
        "end_time": end,
        "articles": [_shown(article) for article in shown],
    }
    return answer(content)


@api.get("/articles/search")
def search_articles() -> Response:
    """Needs one filter; finds no drafts, and nothing younger than the index's lag [Search]."""
    args = request.args
    if not any(args.get(name) for name in ("query", "category", "section", "label_names")):
        raise ApiError(400, "BadRequest", "One of query, category, section or label_names is required")
    section = args.get("section", type=int)
    found = g.guide.search(_labels(), args.get("query", ""), section, g.now)
    return answer(offset_page("results", [article.as_json(site()) for article in found]))


@api.get("/articles/<int:article_id>")
def show_article(article_id: int) -> Response:
    return answer({"article": _shown(article_of(article_id))})


@api.get("/<locale>/articles/<int:article_id>")
def show_in_locale(locale: str, article_id: int) -> Response:
    return answer({"article": _translated(article_id, locale).as_json(site(), locale)})


@api.put("/articles/<int:article_id>")
def change_article(article_id: int) -> Response:
    article, content = article_of(article_id), sent("article")
    g.guide.change_metadata(article, content, g.now)
    return answer({"article": article.as_json(site())})


@api.delete("/articles/<int:article_id>")
def archive_article(article_id: int) -> tuple[str, int]:
    g.guide.put_away(article_of(article_id), g.now)
    return "", 204


@api.get("/articles/<int:article_id>/votes")
def list_votes(article_id: int) -> Response:
    article = article_of(article_id)
    votes = [{"item_id": article.id, "item_type": "Article", "value": value} for value in article.votes]
    return answer(help_center_page("votes", votes))


@api.get("/articles/<int:article_id>/translations")
def list_translations(article_id: int) -> Response:
    article = article_of(article_id)
    texts = [article.text_as_json(site(), locale) for locale in article.translations]
    return answer(help_center_page("translations", texts))


@api.get("/articles/<int:article_id>/translations/missing")
def list_missing(article_id: int) -> Response:
    article = article_of(article_id)
    return answer({"locales": [locale for locale in g.guide.locales if locale not in article.translations]})


@api.post("/articles/<int:article_id>/translations")
def create_translation(article_id: int) -> tuple[Response, int]:
    article = article_of(article_id)
    text = g.guide.add_text(article, sent("translation"), g.user.id, g.now)
    return answer({"translation": article.text_as_json(site(), text.locale)}), 201


@api.get("/articles/<int:article_id>/translations/<locale>")
def show_translation(article_id: int, locale: str) -> Response:
    article = _translated(article_id, locale)
    return answer({"translation": article.text_as_json(site(), locale)})


@api.put("/articles/<int:article_id>/translations/<locale>")
def change_translation(article_id: int, locale: str) -> Response:
    article = _translated(article_id, locale)
    g.guide.change_text(article, locale, sent("translation"), g.user.id, g.now)
    return answer({"translation": article.text_as_json(site(), locale)})


@api.delete("/translations/<int:translation_id>")
def delete_translation(translation_id: int) -> tuple[str, int]:
    """Deletes by the translation's own id [Translations: Delete Translation]."""
    for article in g.guide.newest():
        for text in list(article.translations.values()):
            if text.id == translation_id:
                g.guide.remove_text(article, text.locale, g.now)
                return "", 204
    raise not_found()


def site() -> str:
    """Return the address of the account."""
    return request.host_url.rstrip("/")


def article_of(article_id: int) -> Article:
    """Return an article the API shows. Raises ApiError."""
    article: Article | None = g.guide.article(article_id)
    if article is None:
        raise not_found()
    return article


def _labels() -> list[str]:
    return list(filter(None, request.args.get("label_names", "").split(",")))


def _shown(article: Article, locale: str | None = None) -> dict[str, object]:
    """Return the article, with its texts when they are asked for and the account gives them [Articles]."""
    wanted = "translations" in request.args.get("include", "").split(",")
    if wanted and g.guide.sideloads:
        return article.with_texts(site())
    return article.as_json(site(), locale)


def _listed(articles: Sequence[Article], locale: str | None = None) -> dict[str, object]:
    """Return a page of articles, sorted as asked [Articles: List Articles]."""
    value = SORTS.get(request.args.get("sort_by", "position"), SORTS["position"])
    descending = request.args.get("sort_order") == "desc"
    rows: list[Row] = sorted(((value(a), a.id) for a in articles), reverse=descending)
    page: dict[str, Any] = (
        _by_cursor(rows, descending) if "page[size]" in request.args else offset_page("articles", rows)
    )
    return {**page, "articles": [_shown(g.guide.articles[number], locale) for _, number in page["articles"]]}


def _by_cursor(rows: list[Row], descending: bool) -> dict[str, object]:
    """Return a page of rows; cursors name the last row, so nothing is skipped when rows go [API basics]."""
    size = min(MAX_PAGE, int(request.args["page[size]"]))
    start = 0
    if after := request.args.get("page[after]"):
        seen = _position(after)
        start = sum(row >= seen if descending else row <= seen for row in rows)
    shown = rows[start : start + size]
    more = start + size < len(rows)
    cursor = _cursor(shown[-1]) if shown else None
    links: dict[str, object] = {"prev": None}
    if more:
        query = {**request.args.to_dict(), "page[after]": cursor}
        links["next"] = f"{request.base_url}?{urlencode(query)}"
    meta = {"has_more": more, "after_cursor": cursor, "before_cursor": None}
    return {"articles": shown, "meta": meta, "links": links}


def _cursor(row: Row) -> str:
    return base64.urlsafe_b64encode(json.dumps(row).encode()).decode()


def _position(cursor: str) -> Row:
    try:
        value, number = json.loads(base64.urlsafe_b64decode(cursor))
        return value, int(number)
    except (ValueError, TypeError) as exc:
        raise ApiError(400, "InvalidPaginationParameter", "page[after] is not valid") from exc


def _section(section_id: int) -> Section:
    section: Section | None = g.guide.sections.get(section_id)
    if section is None:
        raise not_found()
    return section


def _translated(article_id: int, locale: str) -> Article:
    article = article_of(article_id)
    if locale not in article.translations:
        raise not_found()
    return article
