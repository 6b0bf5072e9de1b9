"""Freshdesk's solutions: who reads a folder is asked anew each time, and `status` 1 is sent alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integrations.freshdesk.client import FreshdeskClient
from integrations.freshdesk.emulator import Emulator
from integrations.freshdesk.emulator.solutions import AGENT, CUSTOMER, VISITOR, Solutions
from integrations.freshdesk.emulator.solutions_records import DRAFT, Article, Folder
from integrations.freshdesk.help_centre import FreshdeskHelpCentre
from kcs.errors import ConfigError, RemoteError, ShownToMore
from kcs.ports import STAYS, Audience, Document, ListingPage

DOCUMENT = Document("kcs-7", "No sound", "<p>Turn it on.</p>", "en", ("audio",))
A = Audience
# Visibility of the folder: for whom an article in it may be, at least.
FITS = {
    1: {A.PUBLIC},
    2: {A.PUBLIC, A.CUSTOMER},
    3: {A.PUBLIC, A.CUSTOMER, A.PARTNER, A.INTERNAL},
    4: {A.PUBLIC, A.CUSTOMER, A.PARTNER},
    5: {A.PUBLIC},
    6: {A.PUBLIC, A.CUSTOMER, A.PARTNER},
    7: {A.PUBLIC, A.CUSTOMER, A.PARTNER},
    99: {A.PUBLIC},  # one we never heard of
}

Centre = Callable[..., FreshdeskHelpCentre]


@pytest.fixture
def solutions(emulator: Emulator) -> Solutions:
    return emulator.solutions


@pytest.fixture
def folder(solutions: Solutions) -> Folder:
    return solutions.add_folder("Answers", solutions.add_category("Help"))


@pytest.fixture
def centre_of(client: FreshdeskClient) -> Centre:
    return lambda folder, **more: FreshdeskHelpCentre(client, {"folder_id": str(folder.id), **more})


@pytest.fixture
def centre(centre_of: Centre, folder: Folder) -> FreshdeskHelpCentre:
    return centre_of(folder)


def published(centre: FreshdeskHelpCentre, document: Document = DOCUMENT) -> str:
    return centre.publish(centre.create_draft(document).id, document).id


def texts_sent(solutions: Solutions) -> list[str]:
    return [str(body["description"]) for _, _, body in solutions.sent if "description" in body]


def assert_status_one_came_alone(solutions: Solutions) -> None:
    """A draft that is created has no readers yet; everywhere else `status` 1 stands by itself."""
    sent = [body for method, path, body in solutions.sent if not path.endswith("/articles")]
    assert all(set(body) == {"status"} for body in sent if body.get("status") == DRAFT)


# Who may read it


@pytest.mark.parametrize(("visibility", "audience"), [*itertools.product(FITS, Audience)])
def test_an_article_goes_to_no_folder_that_shows_it_to_more(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder, visibility: int, audience: Audience
) -> None:
    solutions.show_folder_to(folder, visibility)
    document = replace(DOCUMENT, audience=audience)
    if audience in FITS[visibility]:
        assert not centre.publish(centre.create_draft(document).id, document).draft
        return
    with pytest.raises(ShownToMore) as refused:
        centre.create_draft(document)
    assert refused.value.permanent
    assert "Answers" in str(refused.value.message)
    assert solutions.sent == []


def test_the_folder_is_read_anew_a_second_after_it_changed(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder, emulator: Emulator
) -> None:
    solutions.show_folder_to(folder, 3)
    document = replace(DOCUMENT, audience=A.INTERNAL)
    remote_id = published(centre, document)
    solutions.show_folder_to(folder, 1)
    emulator.advance(timedelta(seconds=1))
    before = len(solutions.sent)
    with pytest.raises(ShownToMore):
        centre.publish(remote_id, replace(document, html="<p>For us alone.</p>"))
    assert len(solutions.sent) == before


def test_what_is_shown_in_the_same_moment_is_taken_back(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    solutions.show_folder_to(folder, 3)
    document = replace(DOCUMENT, audience=A.INTERNAL)
    remote_id = centre.create_draft(document).id
    write = solutions.write_text

    def opened(article: Article, language: str, content: Mapping[str, Any]) -> None:
        write(article, language, content)
        folder.visibility = 1

    monkeypatch.setattr(solutions, "write_text", opened)
    with pytest.raises(ShownToMore):
        centre.publish(remote_id, document)
    assert solutions.shown(remote_id) is None
    assert_status_one_came_alone(solutions)


def test_the_portal_shows_each_reader_what_the_folder_lets_them_see(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder
) -> None:
    remote_id = published(centre)
    seen = {}
    for visibility in (1, 2, 3):
        solutions.show_folder_to(folder, visibility)
        seen[visibility] = [
            who for who in (VISITOR, CUSTOMER, AGENT) if solutions.shown(remote_id, viewer=who)
        ]
    assert seen == {1: [VISITOR, CUSTOMER, AGENT], 2: [CUSTOMER, AGENT], 3: [AGENT]}


# Status


def test_status_one_is_never_sent_with_other_fields_once_published(
    centre: FreshdeskHelpCentre, centre_of: Centre, solutions: Solutions
) -> None:
    remote_id = published(centre)
    centre.publish(remote_id, replace(DOCUMENT, locale="es", title="Sin sonido"))
    centre.withdraw(remote_id, "en")
    centre.publish(remote_id, DOCUMENT)
    moved = centre_of(solutions.add_folder("Elsewhere")).publish(remote_id, DOCUMENT)
    centre.archive(moved.id)
    assert_status_one_came_alone(solutions)
    assert {"status": DRAFT} in [body for _, _, body in solutions.sent]
    assert [method for method, _, _ in solutions.sent if method == "DELETE"] == []


# Other folders


def test_for_another_folder_it_is_made_anew_with_every_language(
    centre: FreshdeskHelpCentre, centre_of: Centre, solutions: Solutions
) -> None:
    old = published(centre)
    centre.publish(old, replace(DOCUMENT, locale="es", title="Sin sonido"))
    elsewhere = centre_of(solutions.add_folder("Elsewhere"))
    new = elsewhere.publish(old, replace(DOCUMENT, title="Still no sound"))
    assert new.id != old
    assert new.url.endswith(f"/support/solutions/articles/{new.id}")
    assert [solutions.shown(old, language) for language in ("en", "es")] == [None, None]
    assert [(solutions.shown(new.id, each) or [""])[0] for each in ("en", "es")] == [
        "Still no sound",
        "Sin sonido",
    ]
    assert f"kcs-moved-{new.id}" in solutions.articles[int(old)].tags
    assert solutions.articles[int(new.id)].tags == ["kcs-7", "audio"]
    found = elsewhere.find("kcs-7")
    assert found is not None
    assert found.id == new.id


@pytest.mark.parametrize(("visibility", "audience"), [(1, A.PUBLIC), (3, A.INTERNAL)])
@pytest.mark.parametrize("survives", range(1, 9))
def test_wherever_a_move_is_broken_off_one_article_is_readable_after_it(
    centre: FreshdeskHelpCentre,
    centre_of: Centre,
    solutions: Solutions,
    emulator: Emulator,
    visibility: int,
    audience: Audience,
    survives: int,
) -> None:
    old = published(centre)
    centre.publish(old, replace(DOCUMENT, locale="es", title="Sin sonido"))
    elsewhere = centre_of(solutions.add_folder("Elsewhere", visibility=visibility))
    writes = len(solutions.sent)
    with pytest.MonkeyPatch.context() as patched:
        client = elsewhere._client
        for name in ("post", "put"):
            patched.setattr(client, name, breaking(getattr(client, name), solutions, writes + survives))
        try:
            elsewhere.publish(old, replace(DOCUMENT, audience=audience))
        except ConnectionError:
            text = elsewhere.read(old, "en")
            assert text is not None
            assert not text.draft, "nobody takes it for somebody's act"
    new = elsewhere.publish(old, replace(DOCUMENT, audience=audience)).id
    readable = [number for number in solutions.articles if solutions.shown(number, viewer=AGENT)]
    assert readable == [int(new)]
    assert solutions.shown(new, "es", AGENT) is not None
    assert sum("kcs-7" in each.tags for each in solutions.articles.values()) == 1
    assert_status_one_came_alone(solutions)


def breaking(call: Callable[..., Any], solutions: Solutions, at: int) -> Callable[..., Any]:
    """Return a call after which the process dies, once so many writes came through."""

    def made(*given: object) -> Any:
        answer = call(*given)
        if len(solutions.sent) >= at:
            raise ConnectionError("the process was killed")
        return answer

    return made


def test_a_narrower_folder_gets_the_text_after_the_wider_one_lost_it(
    centre: FreshdeskHelpCentre, centre_of: Centre, solutions: Solutions
) -> None:
    old = published(centre)
    inside = centre_of(solutions.add_folder("Inside", visibility=3))
    inside.publish(old, replace(DOCUMENT, html="<p>For us alone.</p>", audience=A.INTERNAL))
    hidden = next(n for n, (_, path, body) in enumerate(solutions.sent) if body == {"status": DRAFT})
    written = next(
        n for n, (_, _, body) in enumerate(solutions.sent) if "alone" in body.get("description", "")
    )
    assert hidden < written


def test_an_article_that_stays_keeps_its_folder_and_is_held_to_that_ones_readers(
    centre: FreshdeskHelpCentre, centre_of: Centre, solutions: Solutions
) -> None:
    there = published(centre)
    staying = centre_of(solutions.add_folder("Elsewhere", visibility=3), **{STAYS: "1"})
    assert staying.publish(there, DOCUMENT).id == there
    with pytest.raises(ShownToMore):
        staying.publish(there, replace(DOCUMENT, audience=A.PARTNER))


# Tags, languages, words


def test_nobodys_tag_is_taken_away_and_what_is_no_tag_there_is_left_out(
    centre: FreshdeskHelpCentre, solutions: Solutions
) -> None:
    remote_id = published(centre)
    solutions.articles[int(remote_id)].tags.append("theirs")
    centre.publish(remote_id, replace(DOCUMENT, labels=("a,b", "x" * 33, "Audio", "new")))
    assert solutions.articles[int(remote_id)].tags == ["kcs-7", "audio", "theirs", "new"]


@pytest.mark.parametrize("languages", [("en",), ("en", "fr")])
def test_a_language_the_account_does_not_have_is_refused_in_words(
    centre: FreshdeskHelpCentre, solutions: Solutions, languages: tuple[str, ...]
) -> None:
    solutions.languages = languages
    remote_id = published(centre)
    sent = len(solutions.sent)
    with pytest.raises(RemoteError, match="no language 'es'"):
        centre.publish(remote_id, replace(DOCUMENT, locale="es"))
    assert len(solutions.sent) == sent


def test_an_article_begins_in_the_primary_language(centre: FreshdeskHelpCentre) -> None:
    with pytest.raises(RemoteError, match="begins in 'en'"):
        centre.create_draft(replace(DOCUMENT, locale="es"))


def test_checking_names_the_folder_and_what_is_wrong_with_it(
    centre: FreshdeskHelpCentre,
    client: FreshdeskClient,
    emulator: Emulator,
    solutions: Solutions,
    folder: Folder,
) -> None:
    inner = solutions.add_folder("Sound", parent=folder, visibility=2)
    found = FreshdeskHelpCentre(client, {"folder_id": str(inner.id)})
    assert found.check() == "Help > Answers > Sound (Logged in users)"
    for settings, words in (({}, "No Freshdesk folder is chosen"), ({"folder_id": "9"}, "has no folder 9")):
        with pytest.raises(RemoteError, match=words):
            FreshdeskHelpCentre(client, settings).check()
    with pytest.raises(ConfigError, match="must be a number"):
        FreshdeskHelpCentre(client, {"folder_id": "Answers"})
    emulator.admin.denied.append("/solutions/")
    with pytest.raises(RemoteError, match="lacks the right"):
        centre.check()


def test_places_are_folders_with_who_sees_them(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder
) -> None:
    solutions.add_folder("Sound", parent=folder, visibility=3)
    places = centre.places()
    assert [place.name for place in places.choices["folder_id"]] == [
        "Help > Answers (All users)",
        "Help > Answers > Sound (Agents)",
    ]
    assert (places.locales, places.readers, places.readers_needed) == (("en", "es"), "folder_id", True)


# Finding and listing


def test_finding_needs_no_search_and_a_bounded_number_of_calls(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder, emulator: Emulator
) -> None:
    solutions.search_lag = 3600
    for number in range(250):
        solutions.add_article(folder, f"Answer {number}", "<p>x</p>", tags=[f"kcs-1{number}"])
    made = centre.create_draft(DOCUMENT)
    emulator.calls.clear()
    found = centre.find("kcs-7")
    assert found is not None
    assert found.id == made.id
    assert emulator.calls.total() <= 4


@pytest.mark.parametrize("lists_texts", [True, False])
def test_the_list_goes_through_every_folder_and_language_and_leaves_out_what_we_laid_aside(
    centre: FreshdeskHelpCentre, centre_of: Centre, solutions: Solutions, folder: Folder, lists_texts: bool
) -> None:
    solutions.lists_texts = lists_texts
    inner = solutions.add_folder("Inner", parent=folder, visibility=3)
    made = solutions.add_article(inner, "Inside", "<p>In.</p>", thumbs=(3, 1), tags=["sound"])
    solutions.write_text(made, "es", {"title": "Dentro", "description": "<p>De.</p>", "status": 1})
    old = published(centre)
    new = centre_of(inner).publish(old, DOCUMENT).id
    listed = {each.id: each for page in pages(centre) for each in page.articles}
    assert set(listed) == {str(made.id), new}
    inside = listed[str(made.id)]
    assert (inside.votes, inside.labels, inside.for_all) == ((3, 1), ("sound",), False)
    assert [(each.locale, each.title, each.html, each.draft) for each in inside.texts] == [
        ("en", "Inside", "<p>In.</p>", False),
        ("es", "Dentro", "<p>De.</p>", True),
    ]


def test_the_next_walk_brings_what_changed_behind_the_first_ones_back(
    centre: FreshdeskHelpCentre, solutions: Solutions, folder: Folder, emulator: Emulator
) -> None:
    articles = []
    for number in range(3):
        articles.append(solutions.add_article(folder, f"Answer {number}", "<p>x</p>"))
        emulator.advance(timedelta(hours=1))
    *_, first = pages(centre)
    *_, second = pages(centre, first.cursor)
    emulator.advance(timedelta(hours=1))
    solutions.edit(articles[1].id, "en", "Changed", "<p>y</p>")
    *_, third = pages(centre, second.cursor)
    assert [each.id for each in third.articles] == [str(each.id) for each in articles[1:]]  # the last: again
    with pytest.raises(RemoteError, match="no position"):
        centre.changed_articles(None, "elsewhere")


def pages(centre: FreshdeskHelpCentre, cursor: str | None = None) -> list[ListingPage]:
    found = [centre.changed_articles(None, cursor)]
    while not found[-1].at_end:
        found.append(centre.changed_articles(None, found[-1].cursor))
    return found


def test_no_picture_is_kept(centre: FreshdeskHelpCentre) -> None:
    assert centre.keep_image("a.png", b"x", "image/png") == ""
    assert centre.read_image("https://elsewhere.example/a.png") is None


def test_a_key_that_may_not_write_is_told_so(centre: FreshdeskHelpCentre, emulator: Emulator) -> None:
    emulator.admin.denied.append("/articles$")
    with pytest.raises(RemoteError, match="lacks the right") as refused:
        centre.create_draft(DOCUMENT)
    assert refused.value.permanent
