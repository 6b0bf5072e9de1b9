"""The emulated REST API, Solutions part: categories, folders, languages, and the portal's pages.

A name in brackets is the part of developers.freshdesk.com that a behaviour follows; "(unsure)" marks what no
source shows plainly.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from integrations.emulation.serving import answer
from integrations.freshdesk.emulator.http import invalid, not_found, paged, sent
from integrations.freshdesk.emulator.solutions import SHOWN_TO, VISITOR
from integrations.freshdesk.emulator.solutions_api import check_language, store
from integrations.freshdesk.emulator.solutions_records import EVERYBODY, Category, Folder

PORTAL = "/support/solutions/"
FOLDER_FIELDS = frozenset({"name", "description", "visibility", "company_ids", "parent_folder_id"})

api = Blueprint("freshdesk_shelves", __name__)


@api.get("/api/v2/settings/helpdesk")
def show_settings() -> Response:
    """Names the account's languages [Settings: View Helpdesk Settings]."""
    primary, *others = store().languages
    return answer(
        {"primary_language": primary, "supported_languages": others, "portal_languages": list(others)}
    )


@api.get("/api/v2/solutions/categories")
def list_categories() -> Response:
    return paged([each.as_json() for each in list(store().categories.values())])


@api.post("/api/v2/solutions/categories")
def create_category() -> Response:
    content = sent({"name", "description"})
    return answer(store().add_category(_name(content)).as_json(), 201)


@api.get("/api/v2/solutions/categories/<int:number>")
def show_category(number: int) -> Response:
    return answer(_category(number).as_json())


@api.get("/api/v2/solutions/categories/<int:number>/<language>")
def show_category_in(number: int, language: str) -> Response:
    """Shows the name in a language [Solution Category: translations]."""
    check_language(language)
    return answer(_translated(_category(number), language).as_json(language))


@api.delete("/api/v2/solutions/categories/<int:number>")
def delete_category(number: int) -> Response:
    """Deletes what is in it too [Delete a Solution Category]."""
    del store().categories[_category(number).id]
    for folder in [each for each in store().folders.values() if each.category_id == number]:
        _remove(folder)
    return Response("", 204)


@api.get("/api/v2/solutions/categories/<int:number>/folders")
def list_folders(number: int) -> Response:
    """Shows the folders that lie in no other [View all Solution Folders in a Category]."""
    category = _category(number)
    inside = [each for each in list(store().folders.values()) if each.category_id == category.id]
    return paged([_shown(each) for each in inside if each.parent_id is None])


@api.post("/api/v2/solutions/categories/<int:number>/folders")
def create_folder(number: int) -> Response:
    content = sent(FOLDER_FIELDS)
    parent = _folder(content["parent_folder_id"]) if content.get("parent_folder_id") else None
    made = store().add_folder(
        _name(content), _category(number), parent=parent, visibility=content.get("visibility", EVERYBODY)
    )
    return answer(_shown(made), 201)


@api.get("/api/v2/solutions/folders/<int:number>")
def show_folder(number: int) -> Response:
    return answer(_shown(_folder(number)))


@api.put("/api/v2/solutions/folders/<int:number>")
def change_folder(number: int) -> Response:
    folder, content = _folder(number), sent(FOLDER_FIELDS)
    folder.name = content.get("name", folder.name)
    store().show_folder_to(folder, content.get("visibility", folder.visibility))
    return answer(_shown(folder))


@api.delete("/api/v2/solutions/folders/<int:number>")
def delete_folder(number: int) -> Response:
    """Deletes its articles and folders too [Delete a Solution Folder]."""
    _remove(_folder(number))
    return Response("", 204)


@api.get("/api/v2/solutions/folders/<int:number>/subfolders")
def list_subfolders(number: int) -> Response:
    folder = _folder(number)
    return paged([_shown(each) for each in list(store().folders.values()) if each.parent_id == folder.id])


@api.get("/api/v2/solutions/folders/<int:number>/<language>")
def show_folder_in(number: int, language: str) -> Response:
    """Shows the name in a language [Solution Folder: translations]."""
    check_language(language)
    return answer(_shown(_translated(_folder(number), language), language))


@api.get(PORTAL + "articles/<slug>", defaults={"language": ""})
@api.get("/<language>" + PORTAL + "articles/<slug>")
def show_page(language: str, slug: str) -> Response:
    """Show the portal's page as a visitor gets it, or whoever `viewer` names."""
    number = slug.partition("-")[0]
    viewer = request.args.get("viewer", VISITOR)
    known = number.isdecimal() and viewer in SHOWN_TO
    text = store().shown(number, language or None, viewer) if known else None
    if text is None:
        return Response("<h1>You are not authorised to view this page</h1>", 404, mimetype="text/html")
    store().articles[int(number)].hits += 1
    return Response(f"<h1>{html.escape(text[0])}</h1>{text[1]}", mimetype="text/html")


def _name(content: Mapping[str, Any]) -> str:
    name = content.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", "It should not be blank", "missing_field")
    return name


def _shown(folder: Folder, language: str | None = None) -> dict[str, object]:
    solutions = store()
    articles = sum(each.folder_id == folder.id for each in list(solutions.articles.values()))
    inside = sum(each.parent_id == folder.id for each in list(solutions.folders.values()))
    hierarchy = solutions.hierarchy_of(folder.id, whole=False)
    return folder.as_json(hierarchy, (articles, inside), language)


def _translated(shelf: Any, language: str) -> Any:
    if language != store().primary and language not in shelf.names:
        raise not_found()
    return shelf


def _category(number: int) -> Category:
    found = store().categories.get(number)
    if found is None:
        raise not_found()
    return found


def _folder(number: int) -> Folder:
    found = store().folders.get(number)
    if found is None:
        raise not_found()
    return found


def _remove(folder: Folder) -> None:
    solutions = g.emulator.solutions
    for article in [each for each in solutions.articles.values() if each.folder_id == folder.id]:
        solutions.delete(article.id)
    for inner in [each for each in solutions.folders.values() if each.parent_id == folder.id]:
        _remove(inner)
    solutions.folders.pop(folder.id, None)
