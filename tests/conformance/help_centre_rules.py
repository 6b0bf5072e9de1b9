"""What every help centre must keep to, whoever made it: the contract of `kcs.ports.HelpCentre` as rules."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from kcs.errors import RemoteError, ShownToMore
from kcs.ports import Document, HelpCentre, ListingPage
from tests.conformance.exceptions import Rules
from tests.conformance.harness import HelpCentreHarness
from workflow.article import Audience

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)
TITLES = {
    "accents": "Señal débil: el botón está gris",
    "Hebrew": "כפתור הייצוא אפור",
    "Japanese": "エクスポートボタンが灰色",
    "emoji": "Export 📤 does nothing 🤷🏽",
    "signs of HTML": 'Is 3 < 5 && "quoted" > plain?',
    "long": "Why does the export of a report with many columns take so long? " * 3,
}


class HelpCentreRules(Rules):
    """The rules; `harness` is a fixture of the subclass."""

    @pytest.fixture
    def document(self, harness: HelpCentreHarness) -> Document:
        """An article ready for readers."""
        html = (
            "<p>Allow <strong>pop-ups</strong> for this site.</p><ol><li>Open settings</li><li>Save</li></ol>"
        )
        return Document("kcs-101", "Export button is grey", html, harness.locales[0], ("reports",))

    @pytest.fixture
    def second(self, harness: HelpCentreHarness, document: Document) -> Document:
        """The same article in another language."""
        return replace(
            document, locale=harness.locales[1], title="El botón está gris", html="<p>Permita.</p>"
        )

    # Creating

    def test_a_draft_is_shown_to_nobody(self, harness: HelpCentreHarness, document: Document) -> None:
        created = harness.centre.create_draft(document)
        assert created.draft
        assert harness.shown(created.id, document.locale) is None

    def test_a_draft_is_found_by_its_marker_at_once(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        created = harness.centre.create_draft(document)
        harness.centre.create_draft(replace(document, marker="kcs-1010", title="Another one"))
        found = harness.centre.find(document.marker)
        assert found is not None
        assert found.id == created.id

    def test_a_marker_nobody_carries_finds_nothing(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        harness.centre.create_draft(document)
        assert harness.centre.find("kcs-1") is None
        assert harness.centre.find("kcs-102") is None

    def test_a_draft_whose_answer_was_lost_is_found_again(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        with harness.answers_lost(), pytest.raises(RemoteError) as lost:
            harness.centre.create_draft(document)
        assert not lost.value.permanent
        found = harness.centre.find(document.marker)
        assert found is not None
        harness.centre.publish(found.id, document)
        assert harness.copies(document.marker) == 1

    # Publishing

    def test_what_is_published_is_shown(self, harness: HelpCentreHarness, document: Document) -> None:
        remote_id = published(harness, document)
        page = harness.shown(remote_id, document.locale)
        assert page is not None
        assert all(words in page for words in (document.title, "pop-ups", "Open settings"))
        assert document.marker not in page

    def test_publishing_again_is_one_article_with_the_latest_text(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        changed = replace(document, title="Export stays grey", html="<p>Restart it.</p>")
        for _ in range(3):
            assert harness.centre.publish(remote_id, changed).id == remote_id
        page = harness.shown(remote_id, document.locale) or ""
        assert ("Export stays grey" in page, "pop-ups" in page) == (True, False)
        assert harness.copies(document.marker) == 1

    def test_publishing_whose_answer_was_lost_may_be_repeated(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = harness.centre.create_draft(document).id
        with harness.answers_lost(), pytest.raises(RemoteError) as lost:
            harness.centre.publish(remote_id, document)
        assert not lost.value.permanent
        harness.centre.publish(remote_id, document)
        assert document.title in (harness.shown(remote_id, document.locale) or "")
        assert harness.copies(document.marker) == 1

    def test_publishing_what_is_gone_says_that_it_is_missing(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        harness.delete(remote_id)
        with pytest.raises(RemoteError) as gone:
            harness.centre.publish(remote_id, document)
        assert gone.value.missing

    @pytest.mark.parametrize("kind", TITLES)
    def test_titles_of_every_kind_arrive_whole(
        self, harness: HelpCentreHarness, document: Document, kind: str
    ) -> None:
        title = TITLES[kind].strip()
        remote_id = published(harness, replace(document, title=title, html=f"<p>{escaped(title)}</p>"))
        text = harness.centre.read(remote_id, document.locale)
        assert text is not None
        assert text.title == title
        assert words_of(text.html) == words_of(escaped(title))

    # Reading back

    def test_what_is_read_is_what_readers_see(self, harness: HelpCentreHarness, document: Document) -> None:
        remote_id = published(harness, document)
        text = harness.centre.read(remote_id, document.locale)
        assert text is not None
        assert (text.title, text.draft) == (document.title, False)
        assert words_of(text.html) == words_of(document.html)
        page = words_of(harness.shown(remote_id, document.locale) or "")
        assert words_of(text.html) in page

    def test_a_draft_is_read_as_a_draft(self, harness: HelpCentreHarness, document: Document) -> None:
        created = harness.centre.create_draft(document)
        text = harness.centre.read(created.id, document.locale)
        assert text is not None
        assert text.draft

    def test_what_somebody_changed_over_there_is_read(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        harness.edit(remote_id, document.locale, "Changed over there", "<p>By an editor.</p>")
        text = harness.centre.read(remote_id, document.locale)
        assert text is not None
        assert (text.title, words_of(text.html)) == ("Changed over there", words_of("By an editor."))

    def test_what_is_gone_is_read_as_nothing(self, harness: HelpCentreHarness, document: Document) -> None:
        remote_id = published(harness, document)
        harness.delete(remote_id)
        assert harness.centre.read(remote_id, document.locale) is None

    def test_a_language_it_does_not_have_is_read_as_nothing(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        assert harness.centre.read(remote_id, harness.locales[1]) is None

    # Taking away

    def test_what_is_withdrawn_is_shown_no_more_and_may_come_back(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        for _ in range(2):
            harness.centre.withdraw(remote_id, document.locale)
        assert harness.shown(remote_id, document.locale) is None
        harness.centre.publish(remote_id, document)
        assert harness.shown(remote_id, document.locale) is not None
        assert harness.copies(document.marker) == 1

    def test_withdrawing_what_is_gone_is_no_error(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        harness.delete(remote_id)
        harness.centre.withdraw(remote_id, document.locale)

    def test_an_archived_article_is_shown_no_more_and_is_missing(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = published(harness, document)
        for _ in range(2):
            harness.centre.archive(remote_id)
        assert harness.shown(remote_id, document.locale) is None
        assert harness.centre.read(remote_id, document.locale) is None
        with pytest.raises(RemoteError) as gone:
            harness.centre.publish(remote_id, document)
        assert gone.value.missing

    # Languages

    def test_languages_are_apart(
        self, harness: HelpCentreHarness, document: Document, second: Document
    ) -> None:
        remote_id = published(harness, document)
        harness.centre.publish(remote_id, second)
        assert second.title in (harness.shown(remote_id, second.locale) or "")
        assert document.title in (harness.shown(remote_id, document.locale) or "")
        harness.centre.withdraw(remote_id, second.locale)
        assert harness.shown(remote_id, second.locale) is None
        assert document.title in (harness.shown(remote_id, document.locale) or "")
        assert harness.copies(document.marker) == 1

    # The list of changes

    def test_the_list_of_changes_ends_and_holds_each_article(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        made = {published(harness, replace(document, marker=f"kcs-{900 + n}")) for n in range(3)}
        listed = [listing for page in pages_of(harness.centre, None) for listing in page.articles]
        assert {listing.id for listing in listed} >= made
        texts = {listing.id: {text.locale: text.title for text in listing.texts} for listing in listed}
        assert all(texts[remote_id][document.locale] == document.title for remote_id in made)

    def test_the_list_goes_on_from_its_end(self, harness: HelpCentreHarness, document: Document) -> None:
        published(harness, document)
        *_, last = pages_of(harness.centre, None)
        later = published(harness, replace(document, marker="kcs-999", title="Later"))
        more = [each.id for page in pages_of(harness.centre, None, last.cursor) for each in page.articles]
        assert later in more

    # Pictures and places

    def test_a_picture_is_kept_once_and_read_back(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        remote_id = harness.centre.create_draft(document).id
        addresses = {
            harness.centre.keep_image("image-1", PNG, "image/png", remote_id=remote_id) for _ in range(2)
        }
        assert len(addresses) == 1
        kept = harness.centre.read_image(addresses.pop())
        assert kept is not None  # drawn anew, perhaps, but a picture
        assert kept.startswith(PNG[:8])
        assert harness.centre.read_image("https://elsewhere.example/image-1") is None

    def test_the_places_name_the_languages(self, harness: HelpCentreHarness) -> None:
        assert set(harness.locales) <= set(harness.centre.places().locales)

    def test_nothing_is_wider_than_for_everybody(self, harness: HelpCentreHarness) -> None:
        harness.centre.refuse_wider(Audience.PUBLIC)

    def test_a_place_open_to_everybody_is_refused_for_fewer(self, harness: HelpCentreHarness) -> None:
        for audience in set(Audience) - {Audience.PUBLIC}:
            with pytest.raises(ShownToMore):
                harness.centre.refuse_wider(audience)

    # Everything

    def test_checking_names_the_place(self, harness: HelpCentreHarness) -> None:
        assert harness.centre.check().strip()

    def test_a_refusal_for_a_moment_may_be_tried_again(
        self, harness: HelpCentreHarness, document: Document
    ) -> None:
        with harness.busy(), pytest.raises(RemoteError) as busy:
            harness.centre.create_draft(document)
        assert not busy.value.permanent
        assert harness.centre.create_draft(document).id
        assert harness.copies(document.marker) == 1


def published(harness: HelpCentreHarness, document: Document) -> str:
    """Return the id of an article that readers are shown."""
    created = harness.centre.create_draft(document)
    assert not harness.centre.publish(created.id, document).draft
    return created.id


def pages_of(centre: HelpCentre, since: datetime | None, cursor: str | None = None) -> Iterator[ListingPage]:
    """Yield every page of the list of changes. Fails when it never ends."""
    for _ in range(50):
        page = centre.changed_articles(since, cursor)
        yield page
        if page.at_end:
            return
        assert page.cursor != cursor, "the cursor leads back to where it came from"
        cursor = page.cursor
    pytest.fail("the list never ends")


def escaped(text: str) -> str:
    """Return text as it stands in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def words_of(html: str) -> str:
    """Return what a reader sees: a vendor may write the same HTML in its own way."""
    text = entities.unescape(re.sub(r"<[^>]*>", " ", html))
    return " ".join(re.findall(r"\w+", text))
