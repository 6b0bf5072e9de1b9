"""The emulated REST API, Help Center half: shelves, readers, editors and languages.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
`g` holds the Help Center, the time of the call and the signed-in user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.guide_api import site
from integrations.zendesk.emulator.http import help_center_page, not_found

api = Blueprint("help_center_places", __name__, url_prefix="/api/v2")


@api.get("/help_center/categories")
def list_categories() -> Response:
    return answer(help_center_page("categories", [c.as_json(site()) for c in _all(g.guide.categories)]))


@api.get("/help_center/categories/<int:number>")
def show_category(number: int) -> Response:
    return answer({"category": _one(g.guide.categories, number).as_json(site())})


@api.get("/help_center/sections")
def list_sections() -> Response:
    return answer(help_center_page("sections", [s.as_json(site()) for s in _all(g.guide.sections)]))


@api.get("/help_center/categories/<int:number>/sections")
def list_sections_of(number: int) -> Response:
    category = _one(g.guide.categories, number)
    inside = [s.as_json(site()) for s in _all(g.guide.sections) if s.category_id == category.id]
    return answer(help_center_page("sections", inside))


@api.get("/help_center/sections/<int:number>")
def show_section(number: int) -> Response:
    return answer({"section": _one(g.guide.sections, number).as_json(site())})


@api.get("/help_center/user_segments")
def list_user_segments() -> Response:
    return answer(help_center_page("user_segments", [s.as_json() for s in _all(g.guide.user_segments)]))


@api.get("/help_center/user_segments/<int:number>")
def show_user_segment(number: int) -> Response:
    return answer({"user_segment": _one(g.guide.user_segments, number).as_json()})


@api.get("/guide/permission_groups")
def list_permission_groups() -> Response:
    groups = [group.as_json() for group in _all(g.guide.permission_groups)]
    return answer(help_center_page("permission_groups", groups))


@api.get("/guide/permission_groups/<int:number>")
def show_permission_group(number: int) -> Response:
    return answer({"permission_group": _one(g.guide.permission_groups, number).as_json()})


@api.get("/help_center/locales")
def list_locales() -> Response:
    """Names the enabled languages and the default one [Translations: List All Enabled Locales]."""
    return answer({"locales": list(g.guide.locales), "default_locale": g.guide.locales[0]})


@api.get("/guide/content_tags")
def list_content_tags() -> Response:
    return answer(help_center_page("records", [_tag(number) for number in g.guide.content_tags]))


@api.get("/guide/content_tags/<number>")
def show_content_tag(number: str) -> Response:
    """Shows a tag; one that is not there is a 404 without body or content type, as recorded."""
    if number not in g.guide.content_tags:
        missing = Response(b"", 404)
        del missing.headers["Content-Type"]
        return missing
    return answer({"content_tag": _tag(number)})


def _tag(number: str) -> dict[str, object]:
    return {"id": number, "name": g.guide.content_tags[number]}


def _all(things: Mapping[Any, Any]) -> list[Any]:
    with g.guide.lock:
        return list(things.values())


def _one(things: Mapping[Any, Any], number: object) -> Any:
    if number not in things:
        raise not_found()
    return things[number]
