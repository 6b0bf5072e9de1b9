"""The editor's pages: templates, exact text, text kept until it is saved, look-alikes asked about once."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kcs.articles import services
from kcs.articles.models import Article, Significance
from kcs.articles.policy import Domain, TemplateRow
from kcs.articles.structure import Field, fields_to_json
from kcs.authoring.models import UnsavedText
from kcs.database import db, now
from kcs.people.models import Agent
from kcs.solving import services as solving
from tests.factories import make_agent, make_article, make_ticket, sign_in
from workflow.article import ArticleState
from workflow.permissions import Licence

NEW = {
    "title": "Export button stays grey in Reports",
    "part-issue": "It is grey.",
    "template": "issue-resolution",
}


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.CONTRIBUTOR)


@pytest.fixture
def browser(client: FlaskClient, ann: Agent) -> FlaskClient:
    return sign_in(client, ann)


def newest() -> Article:
    return db.session.execute(select(Article).order_by(Article.id.desc()).limit(1)).scalar_one()


def shown(page: str) -> dict[str, str]:
    """Return what the text areas of a page hold, by field."""
    found = re.findall(r'<textarea id="[^"]*" name="part-(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


# ---- Templates --------------------------------------------------------------------------------------


def test_a_new_article_has_the_fields_of_the_template_it_was_begun_with(browser: FlaskClient) -> None:
    assert list(shown(browser.get("/articles/new").text)) == [
        "issue",
        "environment",
        "resolution",
        "cause",
        "notes",
    ]
    page = browser.post("/articles/new", data={**NEW, "template": "how-to", "layout": "1"})
    assert (page.status_code, db.session.query(Article).count()) == (200, 0)
    assert list(shown(page.text)) == ["issue", "environment", "before", "resolution", "result", "notes"]
    assert shown(page.text)["issue"] == "It is grey."
    details = {"tags": "export, reports,, export", "locale": "de"}
    saved = browser.post(
        "/articles/new", data={**NEW, "template": "how-to", "part-before": "Sign in.", **details}
    )
    assert saved.status_code == 303
    article = newest()
    assert (article.current_version.template, article.locale, article.tags) == (
        "how-to",
        "de",
        ["export", "reports"],
    )
    assert article.current_version.parts == {"issue": "It is grey.", "before": "Sign in."}


def test_a_domain_brings_its_template_and_is_kept(browser: FlaskClient) -> None:
    db.session.add(Domain(key="mail", name="Mail", template="question-answer"))
    db.session.commit()
    asked = {**NEW, "domain": "mail", "shown_domain": "general", "shown_template": "issue-resolution"}
    page = browser.post("/articles/new", data={**asked, "layout": "1"})
    assert list(shown(page.text)) == ["issue", "resolution", "environment", "notes"]
    browser.post("/articles/new", data={**asked, "template": "question-answer"})
    assert newest().domain is not None
    assert (
        newest().domain_id == db.session.execute(select(Domain.id).where(Domain.key == "mail")).scalar_one()
    )


def test_text_in_a_field_the_new_template_lacks_stays_in_sight(browser: FlaskClient) -> None:
    typed = {**NEW, "part-cause": "Pop-ups are blocked.", "template": "how-to"}
    page = browser.post("/articles/new", data={**typed, "layout": "1"})
    assert shown(page.text)["cause"] == "Pop-ups are blocked."
    refused = browser.post("/articles/new", data=typed)
    assert (refused.status_code, shown(refused.text)["cause"]) == (422, "Pop-ups are blocked.")
    assert browser.post("/articles/new", data={**typed, "part-cause": ""}).status_code == 303


def test_an_edit_says_what_it_was_and_may_change_the_template(browser: FlaskClient) -> None:
    article = make_article(parts={"issue": "a", "resolution": "b", "cause": "c"})
    db.session.commit()
    change = {"title": "T", "base": "1", "note": "Steps", "significance": "fact", "template": "how-to"}
    answer = browser.post(f"/articles/{article.key}/edit", data={**change, "part-result": "It works."})
    assert answer.status_code == 303
    version = article.current_version
    assert (version.note, version.significance, version.template) == ("Steps", Significance.FACT, "how-to")
    assert version.parts == {"issue": "a", "resolution": "b", "result": "It works.", "cause": "c"}
    assert shown(browser.get(f"/articles/{article.key}/edit").text)["cause"] == "c"


def test_a_template_that_is_gone_keeps_no_text_from_being_read_or_saved(
    browser: FlaskClient, ann: Agent
) -> None:
    row = TemplateRow(
        key="own", name="Own", fields=fields_to_json((Field("what", "What"),)), changed_at=now()
    )
    db.session.add(row)
    db.session.flush()
    article = services.create_article("In words of their own", {"what": "text"}, by=ann, template="own")
    typed = {"title": "T", "base": "1", "template": "own", "part-what": "Anew"}
    browser.post(f"/articles/{article.key}/unsaved", data=typed)
    browser.post("/articles/new/unsaved", data=typed)
    db.session.delete(row)
    db.session.commit()
    for url in (f"/articles/{article.key}/edit", "/articles/new"):
        assert shown(browser.get(f"{url}?unsaved=1").text)["what"] == "Anew"
    assert browser.post(f"/articles/{article.key}/edit", data=typed).status_code == 303
    assert article.current_version.parts == {"what": "Anew"}


# ---- Exactness --------------------------------------------------------------------------------------

FAMILY = "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽"
EXACT = {
    "long": "\n".join(f"{number}. Press the button number {number}, then wait." for number in range(4500)),
    "right to left": "هذا النص من اليمين إلى اليسار.\nשלום, כיתוב מעורב with English 123.",
    "cjk": "日本語のテキスト。「エクスポート」ボタン\n中文，繁體與简体。한국어 텍스트",
    "emoji": f"{FAMILY} end",
    "code": "    indented first line  \n\n```\n\ttab  \n\n\n  two blanks   \n```\n",
    "blank lines": "\n\n\nafter three\n\n\n",
    "marks": "</textarea><script>alert(1)</script> {{ 7*7 }} &amp; &lt; \\* ` `` \"'",
}


def test_text_is_stored_and_shown_again_as_it_was_typed(browser: FlaskClient) -> None:
    assert len(EXACT["long"]) > 200_000
    article = make_article()
    db.session.commit()
    for number, (what, text) in enumerate(EXACT.items(), start=1):
        sent = {"title": "T", "base": str(number), "part-resolution": text.replace("\n", "\r\n")}
        answer = browser.post(f"/articles/{article.key}/edit", data=sent)
        assert answer.status_code == 303, what
        assert article.current_version.part("resolution") == text, what
        assert shown(browser.get(f"/articles/{article.key}/edit").text)["resolution"] == text, what


def test_composed_and_decomposed_letters_are_stored_as_one(browser: FlaskClient) -> None:
    article = make_article()
    db.session.commit()
    sent = {"title": "T", "base": "1", "part-resolution": "Cafe\u0301"}
    browser.post(f"/articles/{article.key}/edit", data=sent)
    assert article.current_version.part("resolution") == "Caf\u00e9"


def test_readers_get_code_blocks_as_typed(browser: FlaskClient) -> None:
    article = make_article(parts={"issue": "a", "resolution": EXACT["code"]})
    db.session.commit()
    page = browser.get(f"/articles/{article.key}").text
    assert "<pre><code>indented first line  \n</code></pre>" in page
    assert "<pre><code>\ttab  \n\n\n  two blanks   \n</code></pre>" in page


# ---- Preview, content standard, similar articles --------------------------------------------------------


def test_the_preview_is_what_readers_get(browser: FlaskClient) -> None:
    make_article(key="KB-IN")
    typed = {
        **NEW,
        "subject": "new",
        "part-resolution": "**Press** [it](article:KB-IN)\n\n<b>x</b>",
        "part-notes": "Inside.",
    }
    inside = browser.post("/articles/preview", data=typed).text
    for words in (
        "<h2>Issue</h2>",
        "<strong>Press</strong>",
        'href="/articles/KB-IN"',
        "&lt;b&gt;",
        "Inside.",
    ):
        assert words in inside, words
    outside = browser.post("/articles/preview", data={**typed, "reader": "public"}).text
    assert "<strong>Press</strong> it" in outside
    assert "Inside." not in outside
    assert browser.post("/articles/preview", data={"subject": "KB-GONE"}).status_code == 404


def test_while_typing_the_standard_and_similar_articles_are_told(browser: FlaskClient) -> None:
    make_article(key="KB-12", title="Export button is grey in Reports")
    db.session.commit()
    page = browser.post("/articles/assist", data={**NEW, "subject": "new"}).text
    assert 'href="#field-resolution"' in page
    assert "looks the same" in page
    assert "KB-12" in page
    assert "Link this one instead" not in page
    rows = browser.get("/articles/titles?q=export grey").json
    assert rows == [{"key": "KB-12", "title": "Export button is grey in Reports", "state": "validated"}]
    assert browser.get("/articles/titles?q=KB-12").json == rows
    assert browser.get("/articles/titles?q=").json == []


def test_the_articles_page_says_what_the_standard_misses_to_whoever_may_mend_it(browser: FlaskClient) -> None:
    article = make_article(title="Export", author=make_agent())
    sealed = make_article(ArticleState.PUBLISHED, title="Export", author=make_agent())
    db.session.commit()
    assert f"/articles/{article.key}/edit#field-title" in browser.get(f"/articles/{article.key}").text
    assert "#field-title" not in browser.get(f"/articles/{sealed.key}").text


# ---- Text that is not saved yet ---------------------------------------------------------------------------


def test_text_is_kept_until_it_is_saved_and_offered_again(browser: FlaskClient, ann: Agent) -> None:
    article = make_article()
    db.session.commit()
    for subject, url in ((article.key, f"/articles/{article.key}/edit"), ("new", "/articles/new")):
        typed = {**NEW, "base": "1", "part-issue": "Half a thou", "note": "N", "tags": "one, two"}
        for words in ("Half a", "Half a thou"):
            kept = browser.post(f"/articles/{subject}/unsaved", data={**typed, "part-issue": words})
            assert kept.status_code == 200
        assert db.session.query(UnsavedText).count() == 1
        fresh = browser.get(url).text
        assert "You have unsaved text" in fresh
        assert shown(fresh)["issue"] != "Half a thou"
        again = browser.get(f"{url}?unsaved=1").text
        assert shown(again)["issue"] == "Half a thou"
        assert 'value="N"' in again or 'value="one, two"' in again
        assert browser.post(url, data={**typed, "seen": "1"}).status_code == 303
        assert db.session.query(UnsavedText).count() == 0
        assert "You have unsaved text" not in browser.get(url).text


def test_a_refused_save_loses_nothing_and_thrown_away_is_gone(browser: FlaskClient) -> None:
    article = make_article()
    db.session.commit()
    url = f"/articles/{article.key}"
    browser.post(f"{url}/unsaved", data={**NEW, "base": "1"})
    assert browser.post(f"{url}/edit", data={**NEW, "title": "", "base": "1"}).status_code == 422
    assert db.session.query(UnsavedText).count() == 1
    services.save_version(article, "Theirs", {"issue": "Theirs", "resolution": "b"}, by=make_agent(), base=1)
    db.session.commit()
    assert "begun from version 1" in browser.get(f"{url}/edit").text
    assert 'name="base" value="1"' in browser.get(f"{url}/edit?unsaved=1").text
    assert browser.post(f"{url}/edit", data={**NEW, "base": "1"}).status_code == 409
    assert db.session.query(UnsavedText).count() == 1
    assert browser.post(f"{url}/unsaved/discard").status_code == 303
    assert db.session.query(UnsavedText).count() == 0


def test_what_somebody_types_is_theirs_alone(browser: FlaskClient, app: Flask) -> None:
    article = make_article()
    db.session.commit()
    browser.post(f"/articles/{article.key}/unsaved", data={**NEW, "base": "1"})
    other = sign_in(app.test_client(), make_agent())
    assert "unsaved" not in other.get(f"/articles/{article.key}/edit").text.split("data-keep")[0]
    other.post(f"/articles/{article.key}/unsaved/discard")
    assert db.session.query(UnsavedText).count() == 1


# ---- The same article already ---------------------------------------------------------------------------


def test_an_article_like_another_is_asked_about_once(browser: FlaskClient, ann: Agent) -> None:
    make_article(key="KB-12", title=NEW["title"])
    db.session.commit()
    asked = browser.post("/articles/new", data=NEW)
    assert (asked.status_code, db.session.query(Article).count()) == (409, 1)
    for words in ("KB-12 looks the same", "Save mine all the same", "It is grey."):
        assert words in asked.text, words
    assert browser.post("/articles/new", data={**NEW, "seen": "1"}).status_code == 303
    mine = newest()
    again = browser.post(f"/articles/{mine.key}/edit", data={**NEW, "base": "1", "part-issue": "b"})
    assert again.status_code == 409
    second = browser.post(
        f"/articles/{mine.key}/edit", data={**NEW, "base": "1", "part-issue": "b", "seen": "1"}
    )
    third = browser.post(f"/articles/{mine.key}/edit", data={**NEW, "base": "2", "part-issue": "c"})
    assert (second.status_code, third.status_code) == (303, 303)


def test_a_draft_from_a_ticket_gives_way_to_the_article_that_says_it_already(
    browser: FlaskClient, ann: Agent
) -> None:
    make_article(key="KB-12", title="Export button is grey")
    ticket = make_ticket()
    draft = solving.draft_article(ticket, by=ann)
    db.session.commit()
    asked = browser.post(
        f"/articles/{draft.key}/edit", data={"title": draft.title, "base": "1", "part-cause": "x"}
    )
    url = f"/tickets/{ticket.connection.name}/{ticket.remote_id}/draft/replace"
    assert asked.status_code == 409
    assert f'action="{url}"' in asked.text
    browser.post(f"/articles/{draft.key}/unsaved", data=NEW)
    assert browser.post(url, data={"article": "KB-12"}).status_code == 303
    assert draft.state is ArticleState.DELETED
    assert db.session.execute(select(func.count()).select_from(UnsavedText)).scalar_one() == 0


# ---- Two at once, side by side -----------------------------------------------------------------------------


def test_what_both_changed_in_different_places_is_put_together(browser: FlaskClient) -> None:
    article = make_article(parts={"issue": "one\ntwo\nthree", "resolution": "b"})
    db.session.commit()
    services.save_version(
        article, article.title, {"issue": "ONE\ntwo\nthree", "resolution": "theirs"}, by=make_agent(), base=1
    )
    db.session.commit()
    mine = {"title": article.title, "base": "1", "part-issue": "one\ntwo\nTHREE", "part-resolution": "mine"}
    page = browser.post(f"/articles/{article.key}/edit", data=mine)
    assert page.status_code == 409
    assert shown(page.text)["issue"] == "ONE\ntwo\nTHREE"
    assert shown(page.text)["resolution"] == "mine"
    assert "You both changed the same place" in page.text
    assert 'name="base" value="2"' in page.text
    assert "Title" not in re.findall(r"<legend>(.*?)</legend>", page.text)


def test_two_articles_are_shown_side_by_side_and_saved_one_by_one(browser: FlaskClient) -> None:
    one, other = make_article(key="KB-1"), make_article(ArticleState.PUBLISHED, key="KB-2", title="Other one")
    db.session.commit()
    page = browser.get("/articles/compare?left=KB-1&right=KB-2").text
    assert page.count("data-beside") == 1, "a published article is not a contributor's to edit"
    assert "Other one" in page
    as_json = {"Accept": "application/json"}
    url = "/articles/KB-1/edit"
    saved = browser.post(url, data={"title": "T", "base": "1"}, headers=as_json)
    assert saved.json is not None
    assert (saved.status_code, saved.json["number"], one.title) == (200, 2, "T")
    stale = browser.post(url, data={"title": "U", "base": "1"}, headers=as_json)
    wrong = browser.post(url, data={"title": "", "base": "2"}, headers=as_json)
    assert stale.json is not None
    assert wrong.json is not None
    assert (stale.status_code, "you began from version 1" in stale.json["message"]) == (409, True)
    assert (wrong.status_code, wrong.json["errors"]) == (422, {"title": ["write a title"]})
    assert "Compare two articles" in browser.get("/articles/compare?left=KB-1").text
    assert browser.get("/articles/compare?left=KB-1&right=KB-0").status_code == 404
    assert other.current_version.number == 1


def test_two_windows_of_one_person_never_take_each_others_kept_text(browser: FlaskClient) -> None:
    article = make_article()
    address = f"/articles/{article.key}"
    one, two = ({**NEW, "base": "1", "window": name, "part-cause": name} for name in ("one", "two"))
    assert browser.post(f"{address}/unsaved", data=one).status_code == 200
    refused = browser.post(f"{address}/unsaved", data=two)
    assert (refused.status_code, "another window" in refused.text) == (409, True)
    # What the second saves takes nothing from what the first keeps.
    assert browser.post(f"{address}/edit", data=two).status_code == 303
    assert "You have unsaved text" in browser.get(f"{address}/edit").text
    again = browser.get(f"{address}/edit?unsaved=1").text
    assert 'name="window" value="one"' in again
    assert browser.post(f"{address}/unsaved", data=one).status_code == 200
