"""The emulated REST API, Solutions part: articles and their languages.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly. Every write is kept as it came, in `g.emulator.solutions.sent`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.http import ApiError, invalid, not_found, paged, sent
from integrations.freshdesk.emulator.solutions import Solutions
from integrations.freshdesk.emulator.solutions_records import DRAFT, PUBLISHED, Article

SHARED = frozenset({"tags", "seo_data", "agent_id"})
WORDS = frozenset({"title", "description", "status"})
LONGEST_TAG = 32
NO_FEATURE = {
    "code": "require_feature",
    "message": "The Multi Language feature(s) is/are not supported in your plan. "
    "Please upgrade your account to use it.",
}

api = Blueprint("freshdesk_solutions", __name__, url_prefix="/api/v2")


@api.get("/solutions/folders/<int:folder_id>/articles")
def list_articles(folder_id: int) -> Response:
    """Shows drafts too, in the primary language [View all Solution Articles in a folder]."""
    solutions = store()
    _folder(folder_id)
    inside = [each for each in _all(solutions) if each.folder_id == folder_id]
    return paged([_listed(each, solutions.primary) for each in inside])


@api.get("/solutions/folders/<int:folder_id>/articles/<language>")
def list_articles_in(folder_id: int, language: str) -> Response:
    """Shows those that have the language (unsure) [View all Solution Articles in a folder]."""
    solutions = store()
    _folder(folder_id)
    check_language(language)
    having = [each for each in _all(solutions) if each.folder_id == folder_id and language in each.texts]
    return paged([_listed(each, language) for each in having])


@api.post("/solutions/folders/<int:folder_id>/articles")
def create_article(folder_id: int) -> Response:
    """Needs title, description and status [Create a Solution Article]."""
    solutions, folder = store(), _folder(folder_id)
    content = _sent(WORDS | SHARED, needed=WORDS)
    made = solutions.add_article(
        folder,
        content["title"],
        content["description"],
        status=content["status"],
        agent_id=g.agent.id,
    )
    solutions.change(made, content)
    response = answer(shown(made, solutions.primary), 201)
    response.headers["Location"] = f"{request.host_url}api/v2/solutions/articles/{made.id}"
    return response


@api.get("/solutions/articles/<int:article_id>")
def show_article(article_id: int) -> Response:
    return answer(shown(_article(article_id), store().primary))


@api.put("/solutions/articles/<int:article_id>")
def change_article(article_id: int) -> Response:
    """`status` 1 alone takes the article from readers [Update a Solution Article]."""
    solutions, article = store(), _article(article_id)
    content = _sent(WORDS | SHARED)
    if WORDS & set(content):
        solutions.write_text(article, solutions.primary, content)
    solutions.change(article, content)
    return answer(shown(article, solutions.primary))


@api.delete("/solutions/articles/<int:article_id>")
def delete_article(article_id: int) -> Response:
    """Deletes the article with its languages for good [Delete a Solution Article]."""
    _keep({})
    store().delete(_article(article_id).id)
    return Response("", 204)


@api.get("/solutions/articles/<int:article_id>/<language>")
def show_text(article_id: int, language: str) -> Response:
    article = _article(article_id)
    check_language(language)
    if language not in article.texts:
        raise not_found()
    return answer(shown(article, language))


@api.post("/solutions/articles/<int:article_id>/<language>")
def add_text(article_id: int, language: str) -> Response:
    """Adds a language [Create a Translated Solution Article]."""
    article = _article(article_id)
    check_language(language)
    content = _sent(WORDS | SHARED, needed=WORDS)
    if language in article.texts:
        raise invalid("language", "The article is already translated", "inconsistent_state")
    store().write_text(article, language, content)
    store().change(article, content)
    return answer(shown(article, language), 201)


@api.put("/solutions/articles/<int:article_id>/<language>")
def change_text(article_id: int, language: str) -> Response:
    """Changes a language that is there [Update a Translated Solution Article]."""
    article = _article(article_id)
    check_language(language)
    if language not in article.texts:
        raise not_found()
    content = _sent(WORDS | SHARED)
    store().write_text(article, language, content)
    store().change(article, content)
    return answer(shown(article, language))


@api.get("/search/solutions")
def search() -> Response:
    """Runs behind; drafts and folders of every visibility are found [Search Solution Articles]."""
    term = request.args.get("term", "")
    if not term:
        raise invalid("term", "It should be a String", "missing_field")
    solutions = store()
    rows = []
    for article in solutions.found(term):
        folder = solutions.folders[article.folder_id]
        row = shown(article, solutions.primary)
        more = {"folder_visibility": folder.visibility, "path": f"{article.id}", "language_id": 6}
        rows.append({**row, **more, "modified_at": row["updated_at"], "modified_by": article.agent_id})
    return paged(rows)


def store() -> Solutions:
    """Return the account's knowledge base."""
    found: Solutions = g.emulator.solutions
    return found


def shown(article: Article, language: str) -> dict[str, object]:
    """Return an article in a language as the API shows it."""
    solutions = store()
    folder = solutions.folders[article.folder_id]
    hierarchy = solutions.hierarchy_of(folder.id, whole=True)
    return article.as_json(language, folder.category_id, hierarchy)


def check_language(language: str) -> None:
    """Refuse a language the account does not have. Raises ApiError."""
    solutions = store()
    if len(solutions.languages) == 1:
        raise ApiError(403, NO_FEATURE)
    if language not in solutions.languages:
        raise not_found()


def _listed(article: Article, language: str) -> dict[str, object]:
    row = shown(article, language)
    if not store().lists_texts:
        del row["description"], row["description_text"]
    return row


def _all(solutions: Solutions) -> list[Article]:
    with solutions.lock:
        return list(solutions.articles.values())


def _article(article_id: int) -> Article:
    found = store().articles.get(article_id)
    if found is None:
        raise not_found()
    return found


def _folder(folder_id: int) -> Any:
    found = store().folders.get(folder_id)
    if found is None:
        raise not_found()
    return found


def _keep(content: Mapping[str, Any]) -> None:
    store().sent.append((request.method, request.path.removeprefix("/api/v2"), dict(content)))


def _sent(known: Collection[str], needed: Collection[str] = ()) -> dict[str, Any]:
    """Return what was sent, every field of the right kind. Raises ApiError."""
    content = sent(known)
    _keep(content)
    for name in sorted(needed):
        if name not in content:
            raise invalid(name, "It should be a/an String", "missing_field")
    for name in ("title", "description"):
        if name in content and (not isinstance(content[name], str) or not content[name].strip()):
            raise invalid(name, "It should not be blank", "invalid_value")
    if "status" in content and content["status"] not in (DRAFT, PUBLISHED):
        raise invalid("status", "It should be one of these values: '1,2'", "invalid_value")
    _check_tags(content.get("tags", []))
    return content


def _check_tags(tags: object) -> None:
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise invalid("tags", "It should be a/an Array", "datatype_mismatch")
    if any(len(tag) > LONGEST_TAG or "," in tag for tag in tags):
        raise invalid("tags", f"It should only contain elements of at most {LONGEST_TAG} characters")
