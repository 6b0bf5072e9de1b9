"""The emulated Help Center keeps to what is known of the real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.guide import Article, Guide, Section
from tests.integrations.zendesk.conftest import Call

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NEW = {"title": "T", "body": "<p>B</p>", "locale": "en-us", "permission_group_id": 77}


@pytest.fixture
def guide(emulator: Emulator) -> Guide:
    return emulator.guide


@pytest.fixture
def article(guide: Guide, section: Section) -> Article:
    return guide.add_article(section, "No sound", "<p>Plug in.</p>", labels=["audio"], at=T0)


def path_of(article: Article) -> str:
    return f"/help_center/articles/{article.id}"


def test_an_article_shows_every_recorded_field(call: Call, guide: Guide, article: Article) -> None:
    guide.translate(article, "de", "Kein Ton", "<p>Stecker!</p>")
    guide.vote(article, 1, 3)
    guide.vote(article, -1)
    shown = call("GET", path_of(article)).json()["article"]
    assert set(shown) == {
        *("id", "url", "html_url", "author_id", "comments_disabled", "content_tag_ids", "draft", "promoted"),
        *(
            "position",
            "vote_sum",
            "vote_count",
            "section_id",
            "created_at",
            "updated_at",
            "edited_at",
            "name",
        ),
        *("title", "body", "source_locale", "locale", "outdated", "outdated_locales", "permission_group_id"),
        *("user_segment_id", "user_segment_ids", "label_names"),
    }
    assert (shown["vote_sum"], shown["vote_count"], shown["locale"], shown["title"]) == (
        2,
        4,
        "en-us",
        "No sound",
    )
    assert call("GET", f"/help_center/de/articles/{article.id}").json()["article"]["title"] == "Kein Ton"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"permission_group_id": None}, "permission_group_id"),
        ({"permission_group_id": 5}, "permission_group_id"),
        ({"user_segment_id": 5}, "user_segment_id"),
        ({"locale": "tlh"}, "locale"),
        ({"title": ""}, "title"),
    ],
)
def test_an_article_that_cannot_be_names_the_field(
    call: Call, guide: Guide, section: Section, content: dict[str, Any], field: str
) -> None:
    body = {"article": {**NEW, **content}}
    reply = call("POST", f"/help_center/sections/{section.id}/articles", json=body)
    assert (reply.status_code, list(reply.json()["details"]), guide.articles) == (422, [field], {})


def test_metadata_and_texts_are_changed_apart(call: Call, guide: Guide, article: Article) -> None:
    elsewhere = guide.add_section("Elsewhere")
    metadata = {"section_id": elsewhere.id, "user_segment_id": 99, "promoted": True, "label_names": ["x"]}
    call("PUT", path_of(article), json={"article": {**metadata, "title": "X", "body": "X", "draft": True}})
    assert (article.section_id, article.user_segment_id, article.promoted) == (elsewhere.id, 99, True)
    assert (article.translations["en-us"].title, article.live) == ("No sound", True)
    text = {"title": "Mute", "body": "<b>on</b>", "draft": True, "outdated": True}
    reply = call("PUT", f"{path_of(article)}/translations/en-us", json={"translation": text}).json()
    kept = {**text, "body": "<strong>on</strong>"}
    assert {name: reply["translation"][name] for name in text} == kept
    assert call("GET", path_of(article)).json()["article"]["outdated_locales"] == ["en-us"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/translations", {"locale": "de", "title": "Kein Ton"}, 201),
        ("POST", "/translations", {"locale": "de"}, 422),
        ("POST", "/translations", {"title": "Kein Ton"}, 422),
        ("POST", "/translations", {"locale": "en-us", "title": "Again"}, 422),
        ("PUT", "/translations/en-us", {"title": ""}, 422),
        ("PUT", "/translations/de", {"title": "Kein Ton"}, 404),
        ("GET", "/translations/de", None, 404),
        ("GET", "/translations/en-us", None, 200),
        ("GET", "/translations/missing", None, 200),
    ],
)
def test_a_translation_needs_a_free_locale_and_a_title(
    call: Call, article: Article, method: str, path: str, body: object, status: int
) -> None:
    reply = call(method, path_of(article) + path, json={"translation": body})
    assert reply.status_code == status


def test_a_translation_is_deleted_by_its_own_id_and_the_source_stays(
    call: Call, guide: Guide, article: Article
) -> None:
    german = guide.translate(article, "de", "Kein Ton", "")
    source = article.translations["en-us"]
    statuses = [
        call("DELETE", f"/help_center/translations/{text.id}").status_code
        for text in (german, source, german)
    ]
    assert (statuses, list(article.translations)) == ([204, 422, 404], ["en-us"])


def test_what_is_archived_is_nowhere_until_it_is_restored(call: Call, guide: Guide, article: Article) -> None:
    reply = call("DELETE", path_of(article))
    assert (reply.status_code, reply.content) == (204, b"")
    paths = (path_of(article), f"{path_of(article)}/translations", f"{path_of(article)}/attachments")
    assert [call("GET", path).status_code for path in paths] == [404, 404, 404]
    assert call("GET", "/help_center/articles").json()["count"] == 0
    guide.restore(article)
    assert call("GET", path_of(article)).status_code == 200


@pytest.mark.parametrize(
    ("act", "live"),
    [
        (lambda guide, a: guide.unpublish(a, "en-us"), False),
        (lambda guide, a: guide.archive(str(a.id)), False),
        (lambda guide, a: guide.edit_text(a.id, "en-us", body="<p>New</p>"), True),
        (lambda guide, a: guide.delete(a), True),
    ],
)
def test_what_editors_do_there_shows_at_once(
    emulator: Emulator, article: Article, act: Callable[[Guide, Article], object], live: bool
) -> None:
    before = article.updated_at
    act(emulator.guide, article)
    gone = article.id not in emulator.guide.articles
    assert (article.live, gone or article.updated_at > before) == (live, True)


def test_the_end_and_the_begin_of_readers_sight_are_events(emulator: Emulator, section: Section) -> None:
    kinds = ("article.published", "article.unpublished")
    subscriptions = [f"zen:event-type:{kind}" for kind in kinds]
    emulator.webhooks.add("http://127.0.0.1:9/", subscriptions)
    article = emulator.guide.add_article(section, "T", "B", draft=True)
    emulator.guide.publish(article, "en-us")
    emulator.guide.edit_text(article, "en-us", title="U")
    emulator.guide.unpublish(article, "en-us")
    sent = [delivery for delivery in emulator.take_deliveries() if delivery.kind in kinds]
    assert [delivery.kind for delivery in sent] == list(kinds)
    assert f'"subject":"zen:article:{article.id}"'.encode() in sent[0].body


def test_texts_come_inside_the_list_when_asked_for_and_given(
    call: Call, guide: Guide, article: Article
) -> None:
    guide.translate(article, "de", "Kein Ton", "", draft=True)

    def locales() -> list[str] | None:
        shown = call("GET", "/help_center/articles?include=translations").json()["articles"][0]
        return [text["locale"] for text in shown["translations"]] if "translations" in shown else None

    assert locales() == ["en-us", "de"]
    guide.sideloads = False
    assert locales() is None


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_cursors_skip_nothing_when_articles_go_meanwhile(
    call: Call, guide: Guide, section: Section, order: str
) -> None:
    ids = [guide.add_article(section, f"T{n}", "", at=T0 + timedelta(minutes=n)).id for n in range(7)]
    path: str | None = f"/help_center/articles?page[size]=3&sort_by=created_at&sort_order={order}"
    seen: list[int] = []
    while path is not None:
        page = call("GET", path).json()
        if not seen:
            guide.archive(page["articles"][0]["id"])
        seen += [row["id"] for row in page["articles"]]
        link = page["links"].get("next")
        path = link and f"{urlsplit(link).path.removeprefix('/api/v2')}?{urlsplit(link).query}"
        assert page["meta"]["has_more"] is (link is not None)
    assert seen == (ids if order == "asc" else ids[::-1])


@pytest.mark.parametrize(("labels", "count"), [("a", 2), ("a,b", 1), ("c", 0)])
def test_the_list_filters_by_all_labels_and_shows_drafts(
    call: Call, guide: Guide, section: Section, labels: str, count: int
) -> None:
    guide.add_article(section, "T", "", labels=["a"], draft=True)
    guide.add_article(section, "T", "", labels=["a", "b"])
    assert call("GET", f"/help_center/articles?label_names={labels}").json()["count"] == count


def test_the_export_begins_at_a_second_and_leads_on_to_another(
    call: Call, guide: Guide, section: Section
) -> None:
    guide.incremental_page = 2
    ids = [guide.add_article(section, f"T{n}", "", at=T0 + timedelta(seconds=n)).id for n in range(5)]
    start = int(T0.timestamp())
    first = call("GET", f"/help_center/incremental/articles?start_time={start + 1}").json()
    assert ([row["id"] for row in first["articles"]], first["end_time"]) == (ids[1:3], start + 2)
    assert first["next_page"].endswith(f"start_time={start + 2}")
    last = call("GET", f"/help_center/incremental/articles?start_time={start + 4}").json()
    assert (last["count"], last["next_page"], last["end_time"]) == (1, None, start + 4)
    empty = call("GET", f"/help_center/incremental/articles?start_time={start + 99}").json()
    assert empty == {"count": 0, "next_page": None, "end_time": 1, "articles": []}
    assert call("GET", "/help_center/incremental/articles").status_code == 400


def test_shelves_readers_editors_and_languages_are_listed(call: Call, guide: Guide, section: Section) -> None:
    inner = guide.add_section("Bluetooth", parent=section)
    group, segment = guide.add_permission_group("Writers"), guide.add_user_segment("Partners")
    category = guide.categories[section.category_id]
    rows = {
        "/help_center/categories": ("categories", [category.id]),
        "/help_center/sections": ("sections", [section.id, inner.id]),
        f"/help_center/categories/{category.id}/sections": ("sections", [section.id, inner.id]),
        "/guide/permission_groups": ("permission_groups", [1, 77, group.id]),
        "/help_center/user_segments": ("user_segments", [88, 99, segment.id]),
    }
    for path, (key, ids) in rows.items():
        assert [row["id"] for row in call("GET", path).json()[key]] == ids, path
    shown = call("GET", f"/help_center/sections/{inner.id}").json()["section"]
    assert (shown["parent_section_id"], shown["category_id"]) == (section.id, category.id)
    locales = call("GET", "/help_center/locales").json()
    assert (locales["default_locale"], "de" in locales["locales"]) == ("en-us", True)


def test_a_missing_content_tag_is_answered_by_nothing(call: Call, guide: Guide) -> None:
    guide.content_tags["01A"] = "Audio"
    assert call("GET", "/guide/content_tags/01A").json()["content_tag"]["name"] == "Audio"
    reply = call("GET", "/guide/content_tags/01B")
    assert (reply.status_code, reply.content, "Content-Type" in reply.headers) == (404, b"", False)


def test_a_file_is_uploaded_found_given_and_read_by_anybody(
    call: Call, emulator: Emulator, article: Article
) -> None:
    form = {"files": {"file": ("a.png", b"PNG", "image/png")}, "data": {"inline": "true"}}
    made = [
        call("POST", path, **form).json()["article_attachment"]
        for path in (f"{path_of(article)}/attachments", "/help_center/articles/attachments")
    ]
    assert [row["article_id"] for row in made] == [article.id, None]
    found = call("GET", f"{path_of(article)}/attachments/inline").json()["article_attachments"]
    assert [(row["file_name"], row["size"]) for row in found] == [("a.png", 3)]
    assert call("GET", f"{path_of(article)}/attachments/block").json()["article_attachments"] == []
    call("POST", f"{path_of(article)}/bulk_attachments", json={"attachment_ids": [made[1]["id"]]})
    shown = call("GET", f"/help_center/articles/attachments/{made[1]['id']}").json()["article_attachment"]
    picture = call("GET", shown["content_url"], headers={})
    assert (shown["article_id"], picture.content, picture.headers["Content-Type"]) == (
        article.id,
        b"PNG",
        "image/png",
    )
    assert call("DELETE", f"/help_center/articles/attachments/{made[0]['id']}").status_code == 204
    assert list(emulator.guide.attachments) == [made[1]["id"]]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"files": {"file": ("a.png", b"x" * (20 * 1024 * 1024 + 1), "image/png")}}, 422),
        ({"data": {"a": "b"}}, 422),
    ],
    ids=["too big", "no file"],
)
def test_a_file_has_to_be_one_and_no_bigger_than_20_mb(
    call: Call, emulator: Emulator, article: Article, form: dict[str, Any], status: int
) -> None:
    assert call("POST", f"{path_of(article)}/attachments", **form).status_code == status
    assert emulator.guide.uploads == 0


def test_removing_a_section_archives_what_was_in_it(call: Call, guide: Guide, article: Article) -> None:
    guide.remove_section(guide.sections[article.section_id])
    assert call("GET", f"/help_center/sections/{article.section_id}").status_code == 404
    assert (article.archived, article.live) == (True, False)
