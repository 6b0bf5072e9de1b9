"""The emulated knowledge base: what it refuses, in the words of the API, and whom the portal shows what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from integrations.freshdesk.emulator import Emulator, EmulatorServer
from integrations.freshdesk.emulator.solutions_records import Article, Folder
from tests.processes import PATIENCE

NEW = {"title": "No sound", "description": "<p>On.</p>", "status": 1}


class Caller:
    """Calls the API as the administrator."""

    def __init__(self, server: EmulatorServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (server.emulator.key, "X")

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.server.api_base + path, timeout=PATIENCE, **more)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def call(emulator: Emulator) -> Iterator[Caller]:
    with EmulatorServer(emulator) as server:
        yield Caller(server)


@pytest.fixture
def folder(emulator: Emulator) -> Folder:
    return emulator.solutions.add_folder("Answers")


@pytest.fixture
def article(emulator: Emulator, folder: Folder) -> Article:
    return emulator.solutions.add_article(folder, "No sound", "<p>On.</p>", tags=["audio"])


REFUSED = {
    "no description": ({"title": "x", "status": 1}, "description", "missing_field"),
    "no status": ({"title": "x", "description": "y"}, "status", "missing_field"),
    "an unknown status": ({**NEW, "status": 3}, "status", "invalid_value"),
    "an unknown field": ({**NEW, "folder_id": 7}, "folder_id", "invalid_field"),
    "a blank title": ({**NEW, "title": " "}, "title", "invalid_value"),
    "tags as text": ({**NEW, "tags": "a,b"}, "tags", "datatype_mismatch"),
    "a long tag": ({**NEW, "tags": ["x" * 33]}, "tags", "invalid_field"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_article_is_refused_with_the_field_that_is_wrong(call: Caller, folder: Folder, what: str) -> None:
    sent, field, code = REFUSED[what]
    answer = call("POST", f"/solutions/folders/{folder.id}/articles", json=sent)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_an_article_is_created_changed_and_deleted(call: Caller, folder: Folder) -> None:
    made = call("POST", f"/solutions/folders/{folder.id}/articles", json={**NEW, "tags": ["a"]})
    assert made.status_code == 201
    path = f"/solutions/articles/{made.json()['id']}"
    assert made.headers["Location"].endswith(path)
    changed = call("PUT", path, json={"status": 2, "tags": ["b"]}).json()
    assert (changed["status"], changed["tags"], changed["description_text"]) == (2, ["b"], "On.")
    assert [level["data"]["name"] for level in changed["hierarchy"]] == ["General", "Answers"]
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404


def test_languages_need_the_feature_and_are_apart(call: Caller, emulator: Emulator, article: Article) -> None:
    path = f"/solutions/articles/{article.id}/es"
    assert call("GET", path).status_code == 404
    assert call("PUT", path, json={"status": 2}).status_code == 404
    assert call("POST", path, json={**NEW, "title": "Sin sonido"}).status_code == 201
    assert (call("GET", path).json()["title"], article.texts["en"].title) == ("Sin sonido", "No sound")
    emulator.solutions.languages = ("en",)
    refused = call("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "require_feature")


def test_status_one_beside_a_text_leaves_readers_the_published_one(
    call: Caller, emulator: Emulator, article: Article
) -> None:
    path = f"/solutions/articles/{article.id}"
    call("PUT", path, json={"description": "<p>New.</p>", "status": 1})
    assert emulator.solutions.shown(article.id) == ("No sound", "<p>On.</p>")
    call("PUT", path, json={"status": 1})
    assert emulator.solutions.shown(article.id) is None


def test_search_runs_behind(call: Caller, emulator: Emulator, folder: Folder) -> None:
    emulator.solutions.search_lag = 60
    emulator.solutions.add_article(folder, "Echo", "<p>x</p>", tags=["kcs-9"])
    assert call("GET", "/search/solutions", params={"term": "kcs-9"}).json() == []
    emulator.advance(timedelta(seconds=61))
    [found] = call("GET", "/search/solutions", params={"term": "kcs-9"}).json()
    assert found["folder_visibility"] == 1


def test_folders_are_made_nested_and_taken_away(call: Caller, emulator: Emulator, folder: Folder) -> None:
    category = emulator.solutions.folders[folder.id].category_id
    made = call(
        "POST",
        f"/solutions/categories/{category}/folders",
        json={"name": "Inner", "visibility": 3, "parent_folder_id": folder.id},
    ).json()
    assert (made["visibility"], made["parent_folder_id"]) == (3, folder.id)
    assert [each["id"] for each in call("GET", f"/solutions/folders/{folder.id}/subfolders").json()] == [
        made["id"]
    ]
    [outer] = call("GET", f"/solutions/categories/{category}/folders").json()
    assert (outer["id"], outer["sub_folders_count"]) == (folder.id, 1)
    changed = call("PUT", f"/solutions/folders/{made['id']}", json={"visibility": 2})
    assert changed.json()["visibility"] == 2
    assert call("DELETE", f"/solutions/folders/{folder.id}").status_code == 204
    assert emulator.solutions.folders == {}


@pytest.mark.parametrize(
    ("viewer", "visible"), [("visitor", [1]), ("customer", [1, 2, 4, 6, 7]), ("agent", [1, 2, 3, 4, 6, 7])]
)
def test_the_portal_shows_a_page_to_those_the_folder_is_for(
    call: Caller, emulator: Emulator, folder: Folder, article: Article, viewer: str, visible: list[int]
) -> None:
    shown = []
    for visibility in range(1, 8):
        emulator.solutions.show_folder_to(folder, visibility)
        page = requests.get(
            f"{call.server.site}/support/solutions/articles/{article.id}-no-sound?viewer={viewer}",
            timeout=PATIENCE,
        )
        if page.status_code == 200:
            assert "<p>On.</p>" in page.text
            shown.append(visibility)
    assert shown == visible
    assert article.hits == len(visible)
