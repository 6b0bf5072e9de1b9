"""How articles reach readers of the Help Center, over real HTTP against the emulated account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.guide import Section
from integrations.zendesk.provider import ZendeskProvider
from kcs.errors import ConfigError, RemoteError
from kcs.ports import Credentials, HelpCentre
from tests.integrations.zendesk.conftest import DOCUMENT, MARKER


def test_a_new_article_is_a_labelled_draft_that_nobody_is_told_of(
    emulator: Emulator, help_centre: HelpCentre, section: Section
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    article = emulator.guide.articles[int(remote.id)]
    assert (remote.locale, remote.draft, article.live, emulator.guide.notified) == ("en-us", True, False, 0)
    assert remote.url.endswith(f"/hc/en-us/articles/{remote.id}")
    assert article.label_names == [MARKER, "audio"]
    assert (article.section_id, article.permission_group_id, article.user_segment_id) == (
        section.id,
        77,
        None,
    )
    assert (article.translations["en-us"].title, article.translations["en-us"].body) == (
        "No sound",
        "<p>Turn it on.</p>",
    )


def test_a_user_segment_limits_who_reads(
    emulator: Emulator, credentials: Credentials, section: Section
) -> None:
    settings = {"section_id": str(section.id), "permission_group_id": "77", "user_segment_id": "88"}
    remote = ZendeskProvider().help_centre(credentials, settings).create_draft(DOCUMENT)
    assert emulator.guide.articles[int(remote.id)].user_segment_id == 88


def test_publishing_writes_the_text_and_makes_it_live(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    shown = help_centre.publish(remote.id, replace(DOCUMENT, title="No sound at all", html="<p>Plug in.</p>"))
    text = emulator.guide.articles[int(remote.id)].translations["en-us"]
    assert (shown.id, shown.url, shown.locale, shown.draft) == (remote.id, remote.url, "en-us", False)
    assert (text.title, text.body, text.draft) == ("No sound at all", "<p>Plug in.</p>", False)


@pytest.mark.parametrize("locale", ["de", "pt-BR", "pt_BR"])
def test_a_new_locale_becomes_a_translation_beside_the_others(
    emulator: Emulator, help_centre: HelpCentre, locale: str
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    for _ in range(2):
        shown = help_centre.publish(remote.id, replace(DOCUMENT, title="Kein Ton", locale=locale))
    texts = emulator.guide.articles[int(remote.id)].translations
    remote_locale = locale.lower().replace("_", "-")
    assert (shown.locale, shown.draft) == (remote_locale, False)
    assert {code: (text.title, text.draft) for code, text in texts.items()} == {
        "en-us": ("No sound", True),
        remote_locale: ("Kein Ton", False),
    }


def test_withdrawing_takes_one_locale_away_from_readers(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.publish(remote.id, DOCUMENT)
    help_centre.publish(remote.id, replace(DOCUMENT, locale="de"))
    for _ in range(2):
        help_centre.withdraw(remote.id, "en-us")
    texts = emulator.guide.articles[int(remote.id)].translations
    assert (texts["en-us"].draft, texts["en-us"].title, texts["de"].draft) == (True, "No sound", False)


def test_withdrawing_what_is_gone_is_no_error(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.withdraw(remote.id, "fr")
    emulator.guide.articles[int(remote.id)].archived = True
    help_centre.withdraw(remote.id, "en-us")


def test_publishing_what_is_gone_says_so(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    emulator.guide.articles[int(remote.id)].archived = True
    with pytest.raises(RemoteError) as caught:
        help_centre.publish(remote.id, DOCUMENT)
    assert (caught.value.missing, caught.value.permanent) == (True, True)
    assert help_centre.find(MARKER) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda faults: faults.add("/articles$", method="POST", status=502, after_effect=True),
        lambda faults: faults.add("/articles$", method="POST", drop=True, after_effect=True),
    ],
    ids=["bad gateway", "connection cut"],
)
@pytest.mark.parametrize("lag", [0.0, 3600.0])
def test_an_article_whose_answer_was_lost_is_found_again(
    emulator: Emulator, help_centre: HelpCentre, spoil: Callable[[object], None], lag: float
) -> None:
    emulator.guide.search_lag = lag
    spoil(emulator.faults)
    with pytest.raises(RemoteError) as caught:
        help_centre.create_draft(DOCUMENT)
    found = help_centre.find(MARKER)
    assert not caught.value.permanent
    assert found is not None
    assert help_centre.publish(found.id, DOCUMENT).draft is False
    assert len(emulator.guide.articles) == 1


def test_publishing_again_after_a_lost_answer_has_no_second_effect(
    emulator: Emulator, help_centre: HelpCentre
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    german = replace(DOCUMENT, locale="de")
    emulator.faults.add("/translations$", method="POST", status=502, after_effect=True)
    with pytest.raises(RemoteError):
        help_centre.publish(remote.id, german)
    assert help_centre.publish(remote.id, german).draft is False
    assert set(emulator.guide.articles[int(remote.id)].translations) == {"en-us", "de"}


def test_a_live_article_is_found_wherever_an_editor_moved_it(
    emulator: Emulator, help_centre: HelpCentre
) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    help_centre.publish(remote.id, DOCUMENT)
    emulator.guide.articles[int(remote.id)].section_id = emulator.add_section("Elsewhere").id
    found = help_centre.find(MARKER)
    assert found is not None
    assert (found.id, found.draft) == (remote.id, False)


def test_a_draft_is_found_among_hundreds_of_newer_ones(emulator: Emulator, help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    for n in range(250):
        help_centre.create_draft(replace(DOCUMENT, marker=f"kcs-{n}"))
    found = help_centre.find(MARKER)
    assert found is not None
    assert found.id == remote.id


@pytest.mark.parametrize("marker", ["kcs-7f3a9", "kcs-7f3a91x", "KCS-7F3A91", "audio-", ""])
def test_only_the_exact_marker_finds(help_centre: HelpCentre, marker: str) -> None:
    help_centre.publish(help_centre.create_draft(DOCUMENT).id, DOCUMENT)
    assert help_centre.find(marker or "other") is None


def test_of_two_articles_with_one_marker_the_older_is_ours(help_centre: HelpCentre) -> None:
    first = help_centre.create_draft(DOCUMENT)
    help_centre.publish(help_centre.create_draft(DOCUMENT).id, DOCUMENT)
    found = help_centre.find(MARKER)
    assert found is not None
    assert found.id == first.id


def test_a_full_account_says_when_to_come_back(emulator: Emulator, help_centre: HelpCentre) -> None:
    emulator.faults.add(status=429, retry_after="9")
    with pytest.raises(RemoteError) as caught:
        help_centre.create_draft(DOCUMENT)
    assert (caught.value.permanent, caught.value.retry_after) == (False, 9.0)


def test_check_names_the_section(help_centre: HelpCentre) -> None:
    assert help_centre.check() == "Speakers"


@pytest.mark.parametrize("act", [lambda centre: centre.check(), lambda centre: centre.create_draft(DOCUMENT)])
def test_a_missing_section_is_not_taken_for_a_missing_article(
    credentials: Credentials, act: Callable[[HelpCentre], object]
) -> None:
    settings = {"section_id": "4", "permission_group_id": "77"}
    with pytest.raises(RemoteError, match="no section 4") as caught:
        act(ZendeskProvider().help_centre(credentials, settings))
    assert (caught.value.missing, caught.value.permanent) == (False, True)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"section_id": "36"}, "permission_group_id"),
        ({"section_id": " ", "permission_group_id": "77"}, "section_id"),
    ],
)
def test_a_new_article_needs_a_section_and_a_permission_group(
    emulator: Emulator, credentials: Credentials, settings: dict[str, str], missing: str
) -> None:
    centre = ZendeskProvider().help_centre(credentials, settings)
    with pytest.raises(RemoteError, match=missing) as caught:
        centre.create_draft(DOCUMENT)
    assert (caught.value.permanent, emulator.calls.total(method="POST")) == (True, 0)


def test_without_a_section_all_but_creating_works(credentials: Credentials, emulator: Emulator) -> None:
    article = emulator.guide.add_article(emulator.add_section("Theirs"), "T", "<p>B</p>", labels=[MARKER])
    centre = ZendeskProvider().help_centre(credentials, {})
    found = centre.find(MARKER)
    assert found is not None
    centre.publish(found.id, DOCUMENT)
    assert [shown.id for shown in centre.changed_articles(None).articles] == [str(article.id)]
    assert (article.translations["en-us"].title, centre.find("kcs-none")) == ("No sound", None)
    assert centre.places().choices["section_id"]
    with pytest.raises(RemoteError, match="section_id"):
        centre.check()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"section_id": "../users"}, "section_id"),
        ({"section_id": "5", "permission_group_id": "x"}, "permission_group_id"),
        ({"section_id": "5", "user_segment_id": "0"}, "user_segment_id"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        ZendeskProvider().help_centre(Credentials("acme", "", "token"), settings)


@pytest.mark.parametrize("remote_id", ["", "x", "../sections/1", "1/../2", "-1"])
def test_what_is_no_article_id_is_missing_and_asks_for_nothing(
    emulator: Emulator, help_centre: HelpCentre, remote_id: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        help_centre.publish(remote_id, DOCUMENT)
    assert (caught.value.missing, emulator.calls.total()) == (True, 0)


@pytest.mark.parametrize("locale", ["", "en/us", "../en", "english please", "en-us?x"])
def test_what_is_no_locale_asks_for_nothing(emulator: Emulator, help_centre: HelpCentre, locale: str) -> None:
    with pytest.raises(RemoteError, match="locale"):
        help_centre.publish("5", replace(DOCUMENT, locale=locale))
    assert emulator.calls.total() == 0


def test_a_locale_the_account_does_not_have_is_a_lasting_error(help_centre: HelpCentre) -> None:
    remote = help_centre.create_draft(DOCUMENT)
    with pytest.raises(RemoteError, match="locale") as caught:
        help_centre.publish(remote.id, replace(DOCUMENT, locale="tlh"))
    assert (caught.value.permanent, caught.value.missing) == (True, False)
