"""Folders: who may read what is in one, read anew whenever it matters, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.help_centre_schemas import CategoryIn, FolderIn, SettingsIn
from integrations.freshdesk.schemas import read
from kcs.errors import RemoteError, ShownToMore
from kcs.ports import Audience, Place, Places
from kcs.sentences import Sentence

EVERYBODY, AGENTS = 1, 3
DEEPEST = 10  # folders within folders
A = Audience
# Visibility: what Freshdesk's own pages call it, and for whom it is not too wide [Solution Folder].
# A logged-in user is any customer; companies and segments are those an administrator chose. What bots tell
# reaches whoever asks them.
VISIBILITY: dict[int, tuple[str, frozenset[Audience]]] = {
    1: ("All users", frozenset({A.PUBLIC})),
    2: ("Logged in users", frozenset({A.PUBLIC, A.CUSTOMER})),
    3: ("Agents", frozenset(A)),
    4: ("Selected companies", frozenset({A.PUBLIC, A.CUSTOMER, A.PARTNER})),
    5: ("Bots", frozenset({A.PUBLIC})),
    6: ("Contact segments", frozenset({A.PUBLIC, A.CUSTOMER, A.PARTNER})),
    7: ("Company segments", frozenset({A.PUBLIC, A.CUSTOMER, A.PARTNER})),
}
FOR_WHOM = {
    A.INTERNAL: Sentence("colleagues"),
    A.PARTNER: Sentence("partners"),
    A.CUSTOMER: Sentence("customers"),
    A.PUBLIC: Sentence("everybody"),
}


def folder_for(client: FreshdeskClient, folder_id: str, audience: Audience) -> dict[str, Any]:
    """Return the folder as it is this moment. Raises ShownToMore where it is for more than the audience."""
    folder = folder_now(client, folder_id)
    if not fits(folder, audience):
        raise ShownToMore(
            Sentence(
                "The Freshdesk folder '%(folder)s' is shown to '%(visibility)s', and this is for "
                "%(audience)s: it is not shown there. Choose a folder for them alone, or change who sees "
                "this one.",
                folder=folder["name"],
                visibility=seen_by(folder["visibility"]),
                audience=FOR_WHOM[audience],
            )
        )
    return folder


def folder_now(client: FreshdeskClient, folder_id: str) -> dict[str, Any]:
    """Return the folder. Raises RemoteError, never `missing`: that is said of articles."""
    try:
        return read(FolderIn, client.get(f"/solutions/folders/{folder_id}"), f"folder {folder_id}")
    except RemoteError as exc:
        if not exc.missing:
            raise
        raise RemoteError(
            Sentence(
                "Freshdesk has no folder %(folder)s, or our agent may not see it: choose the folder again on "
                "the publishing page.",
                folder=folder_id,
            ),
            permanent=True,
        ) from exc


def fits(folder: Mapping[str, Any], audience: Audience) -> bool:
    """Return whether a folder is shown to no more than an audience; one of no known kind is everybody's."""
    _, audiences = VISIBILITY.get(folder["visibility"], VISIBILITY[EVERYBODY])
    return audience in audiences


def seen_by(visibility: int | None) -> str:
    """Return who a folder is shown to, as Freshdesk's own pages call it."""
    return VISIBILITY[visibility][0] if visibility in VISIBILITY else str(visibility)


def path_of(folder: Mapping[str, Any]) -> str:
    """Return a folder's whole name with who it is shown to, as far as its own record tells."""
    levels = sorted(folder["hierarchy"] or (), key=lambda each: each["level"] or 0)
    above = [each["data"]["name"] for each in levels if each["data"]]
    return f"{' > '.join([*above, folder['name']])} ({seen_by(folder['visibility'])})"


def languages_of(client: FreshdeskClient) -> tuple[str, ...]:
    """Return the account's languages, the primary one first. Raises RemoteError."""
    found = read(SettingsIn, client.get("/settings/helpdesk"), "the settings")
    return tuple(dict.fromkeys((found["primary_language"], *found["supported_languages"])))


def folders_of(client: FreshdeskClient) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every folder of the account with its whole name. Raises RemoteError."""
    for item in client.pages("/solutions/categories"):
        category = read(CategoryIn, item, "a category")
        yield from _within(client, f"/solutions/categories/{category['id']}/folders", category["name"], 1)


def places_of(client: FreshdeskClient) -> Places:
    """Return the folders with who sees them, and the languages. Raises RemoteError."""
    named = [
        Place(folder["id"], f"{name} ({seen_by(folder['visibility'])})")
        for folder, name in folders_of(client)
    ]
    return Places(
        choices={"folder_id": tuple(sorted(named, key=lambda place: (place.name.casefold(), place.id)))},
        locales=languages_of(client),
        readers="folder_id",
        readers_needed=True,
    )


def _within(
    client: FreshdeskClient, path: str, above: str, depth: int
) -> Iterator[tuple[dict[str, Any], str]]:
    for item in client.pages(path):
        folder = read(FolderIn, item, "a folder")
        name = f"{above} > {folder['name']}"
        yield folder, name
        if folder["sub_folders_count"] != 0 and depth < DEEPEST:
            yield from _within(client, f"/solutions/folders/{folder['id']}/subfolders", name, depth + 1)
