"""Where articles may go in a Help Center, who may edit and read them, and its languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.help_centre_schemas import LocalesIn, NamedIn, ShelfIn
from integrations.zendesk.schemas import read
from kcs.errors import RemoteError
from kcs.ports import Place, Places

# The setting that chooses, where its choices are listed, and the list's name in the answer.
GROUPS = {
    "permission_group_id": ("/guide/permission_groups", "permission_groups"),
    "user_segment_id": ("/help_center/user_segments", "user_segments"),
}


def places_of(client: ZendeskClient) -> Places:
    """Return what the account offers; what its plan does not have is an empty choice. Raises RemoteError."""
    choices = {name: _named(client, path, key) for name, (path, key) in GROUPS.items()}
    languages = read(LocalesIn, client.get("/help_center/locales"), "the languages")
    default = languages["default_locale"]
    others = [locale for locale in languages["locales"] or () if locale != default]
    return Places(
        choices={"section_id": _sections(client), **choices},
        locales=tuple([default, *others] if default else others),
        readers="user_segment_id",
    )


def _sections(client: ZendeskClient) -> tuple[Place, ...]:
    categories = {shelf["id"]: shelf for shelf in _shelves(client, "categories")}
    sections = {shelf["id"]: shelf for shelf in _shelves(client, "sections")}
    named = [
        Place(number, " > ".join(_path(shelf, sections, categories))) for number, shelf in sections.items()
    ]
    return tuple(sorted(named, key=lambda place: (place.name.casefold(), place.id)))


def _path(
    section: Mapping[str, Any], sections: Mapping[str, Any], categories: Mapping[str, Any]
) -> list[str]:
    """Return the names from the category down; sections that contain each other are named once."""
    names = [section["name"]]
    seen = {section["id"]}
    parent = sections.get(section["parent_section_id"] or "")
    while parent is not None and parent["id"] not in seen:
        seen.add(parent["id"])
        names.append(parent["name"])
        parent = sections.get(parent["parent_section_id"] or "")
    category = categories.get(section["category_id"] or "")
    return [*([category["name"]] if category else []), *reversed(names)]


def _shelves(client: ZendeskClient, kind: str) -> list[dict[str, Any]]:
    return [read(ShelfIn, item, f"one of the {kind}") for item in client.pages(f"/help_center/{kind}", kind)]


def _named(client: ZendeskClient, path: str, key: str) -> tuple[Place, ...]:
    try:
        items = [read(NamedIn, item, f"one of the {key}") for item in client.pages(path, key)]
    except RemoteError as exc:
        if not exc.missing:
            raise
        return ()
    return tuple(Place(item["id"], item["name"] or item["id"]) for item in items)
