"""The editor by keyboard alone: write, look, be told, lose nothing, settle two texts, compare two."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Dialog, expect

from kcs import database
from kcs.articles.models import Article
from kcs.database import db
from kcs.people.models import Agent
from tests.browser.conftest import PersonMaker
from tests.browser.person import Person
from tests.browser.test_everywhere import AXE, VIEWS, _flaws
from tests.factories import PASSWORD, make_agent, make_article
from workflow.article import ArticleState
from workflow.permissions import Licence

pytestmark = [pytest.mark.browser, pytest.mark.long]

PASTE = """(bytes) => {
  const area = document.getElementById("field-resolution");
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([new Uint8Array(bytes)], "grey button.png", { type: "image/png" }));
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
PARTS = {"issue": "The export is grey.", "environment": "Reports 4.2", "resolution": "Allow pop-ups."}


@pytest.fixture
def ana(base: str) -> Agent:
    return make_agent(Licence.PUBLISHER, email="ana@example.com", password=PASSWORD)


def _saved(key: str) -> tuple[int, dict[str, str]]:
    """Return the number and the parts of the present version."""
    with database.reading():  # SQLite has one writer at a time: the server
        version = db.session.query(Article).filter_by(key=key).one().current_version
        return version.number, version.parts


def _kept(somebody: Person) -> None:
    expect(somebody.page.locator("[data-kept]").first).to_contain_text("Kept")


def test_an_article_is_written_by_keyboard_with_preview_standard_and_similar_ones(
    person: PersonMaker, ana: Agent
) -> None:
    make_article(key="KB-7", title="Export of reports stays grey", parts=PARTS)
    author = person(ana)
    author.press_to_leave("a")
    author.press_to_leave("n")
    expect(author.focused).to_have_attribute("name", "title")
    standard = author.page.locator("[data-fill=checks] .checks")
    expect(standard).to_contain_text("It answers something")
    author.write("Export of reports stays grey")
    expect(author.page.locator("[data-fill=similar]")).to_contain_text("KB-7")
    author.hears("KB-7 looks the same")

    author.tab_to("Resolution")
    field = author.page.get_by_label("Resolution", exact=True)
    author.press("Control+b")
    expect(field).to_have_value("****")
    author.press("Control+z")
    expect(field).to_have_value("")
    author.press("Control+Shift+8")
    author.write("Open the settings")
    author.press("Enter")
    author.write("Press ")
    author.press("Control+b")
    author.write("Export")
    for _ in range(2):
        author.press("ArrowRight")
    author.press("Enter", "Enter")
    author.press("Alt+F10", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(author.focused).to_have_attribute("aria-label", "Table")
    author.press("Enter")
    author.write("Plan")
    expect(field).to_be_focused()
    text = field.input_value()
    assert text.startswith("- Open the settings\n- Press **Export**\n"), text
    assert "| Plan | Column |" in text
    expect(standard).not_to_contain_text("It answers something")

    author.press("Control+k")
    author.write("stays grey")
    expect(author.page.locator(".link-found button")).to_have_count(1)
    author.press("Enter")
    expect(field).to_have_value(
        text.replace("| Plan |", "| Plan[Export of reports stays grey](article:KB-7) |")
    )
    author.press("F8")
    preview = author.page.locator("[data-fill=preview]")
    expect(preview.locator("li strong")).to_have_text("Export")
    expect(preview.locator("th a")).to_have_attribute("href", "/articles/KB-7")

    author.press("Control+Enter")
    author.sees("KB-7 looks the same")
    expect(author.focused).to_have_text("Save mine all the same")
    author.press_to_leave("Enter")
    author.sees_badge("Work in progress")
    author.sees("Open the settings")


def test_what_is_typed_survives_the_page_and_the_session(person: PersonMaker, ana: Agent) -> None:
    make_article(key="KB-7", parts=PARTS)
    author = person(ana)
    author.open("/articles/KB-7/edit")
    author.tab_to("Resolution")
    author.press("Control+End")
    author.write(" Then reload.")
    _kept(author)
    author.page.close()

    author = person(ana)
    author.open("/articles/KB-7/edit")
    author.hears("You have unsaved text")
    expect(author.focused).to_contain_text("Go on with it")
    expect(author.page.locator("#field-resolution")).to_have_value("Allow pop-ups.")
    author.press_to_leave("Enter")
    expect(author.page.get_by_label("Resolution", exact=True)).to_have_value("Allow pop-ups. Then reload.")

    author.page.context.clear_cookies()
    author.tab_to("Cause")
    author.write("Blocked")
    author.press("Control+Enter")
    expect(author.page.get_by_role("alert")).to_contain_text("You are signed out")
    expect(author.page.get_by_label("Cause", exact=True)).to_have_value("Blocked")
    other = Person(author.page.context.new_page(), author.base)
    other.sign_in("ana@example.com")
    other.page.close()
    author.press_to_leave("Control+Enter")
    author.sees("Saved")
    assert _saved("KB-7")[1]["cause"] == "Blocked"
    author.open("/articles/KB-7/edit")
    expect(author.page.locator("main")).not_to_contain_text("unsaved text")


def test_leaving_with_text_that_is_not_kept_asks_first(person: PersonMaker, ana: Agent) -> None:
    make_article(key="KB-7", parts=PARTS)
    author = person(ana)
    author.open("/articles/KB-7/edit")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    author.page.on("dialog", answer)
    author.page.route("**/unsaved", lambda route: route.abort())
    author.page.locator("details.layout > summary").press("Enter")
    author.tab_to("Template")
    template = author.focused.input_value()
    author.press("ArrowDown")
    expect(author.focused).not_to_have_value(template)
    author.page.goto(author.base + "/articles")
    assert asked == [], "a template that is only chosen is no text"
    author.open("/articles/KB-7/edit")
    author.press("End")
    author.page.keyboard.type("x")
    author.page.goto(author.base + "/articles")
    assert asked == ["beforeunload"]
    author.problems.clear()  # the request we cut off


def test_two_editors_settle_their_texts_by_keyboard(person: PersonMaker, ana: Agent) -> None:
    ben = make_agent(Licence.PUBLISHER, email="ben@example.com", password=PASSWORD)
    make_article(key="KB-7", parts={**PARTS, "issue": "One\n\nTwo\n\nThree"})
    first, second = person(ana), person(ben)
    for somebody in (first, second):
        somebody.open("/articles/KB-7/edit")
    for somebody, name, line in ((second, "Ben", "Control+Home"), (first, "Ana", "Control+End")):
        somebody.tab_to("Issue")
        somebody.press(line)
        somebody.write(f"{name} here. ")
        for field in ("Environment", "Resolution"):
            somebody.tab_to(field)
            somebody.press("Control+End")
            somebody.write(f" {name}'s words.")
        somebody.press_to_leave("Control+Enter")
    second.sees("Saved")
    first.sees("Nothing is lost")
    assert first.page.locator("legend").all_inner_texts() == ["Issue", "Environment", "Resolution"]
    expect(first.page.locator("[name=part-issue]")).to_have_value("Ben here. One\n\nTwo\n\nThreeAna here. ")
    _kept(first)
    first.open("/articles/KB-7/edit?unsaved=1")
    first.press_to_leave("Control+Enter")  # what was not settled is asked again
    first.sees("Nothing is lost")
    first.press("2")
    first.hears("Environment is settled. Next: Resolution.")
    first.press("3")
    first.hears("Everything is settled: save.")
    first.press_to_leave("s")
    first.sees("Saved")
    assert _saved("KB-7")[1] == {
        "issue": "Ben here. One\n\nTwo\n\nThreeAna here. ",
        "environment": "Reports 4.2 Ben's words.",
        "resolution": "Allow pop-ups. Ben's words. Ana's words.",
    }


def test_two_articles_side_by_side_are_edited_one_by_one(person: PersonMaker, ana: Agent) -> None:
    for key in ("KB-7", "KB-8"):
        make_article(key=key, title=f"Export of {key} is grey", parts=PARTS)
    author = person(ana)
    author.open("/articles/compare?left=KB-7&right=KB-8")
    left, right = (author.page.locator(".compare-side").nth(place) for place in (0, 1))
    author.press("2")
    author.tab_to("Cause")
    author.write("Right and not sent")
    author.press("Escape")
    left.locator("summary").focus()
    author.press("Enter")
    author.tab_to("Cause")
    author.write("Left")
    author.press("Control+Enter")
    author.hears("KB-7 is saved as version 2.")
    expect(left.locator(".prose")).to_contain_text("Left")
    expect(right.locator("[name=part-cause]")).to_have_value("Right and not sent")
    assert (_saved("KB-7")[0], _saved("KB-8")[0]) == (2, 1)
    expect(right.locator("[data-kept]")).to_contain_text("Kept")


def test_a_picture_is_pasted_or_chosen_and_a_broken_one_is_refused_in_words(
    person: PersonMaker, ana: Agent
) -> None:
    make_article(key="KB-7", parts=PARTS)
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    author = person(ana)
    author.open("/articles/KB-7/edit")
    author.page.evaluate(PASTE, list(picture.getvalue()))
    resolution = author.page.get_by_label("Resolution", exact=True)
    expect(resolution).to_have_value(re.compile(r"!\[grey button\]\(image:[0-9a-f]{32}\.png\)"))
    author.page.set_input_files(
        "[data-image-file]", files={"name": "x.png", "mimeType": "image/png", "buffer": b"nonsense"}
    )
    expect(author.page.get_by_role("alert")).to_contain_text("picture")
    author.press("F8")
    expect(author.page.locator("[data-fill=preview] img")).to_have_js_property("naturalWidth", 40)


def test_a_long_text_does_not_freeze_the_page(person: PersonMaker, ana: Agent) -> None:
    long = "\n\n".join(f"{number}. Press **the button** and wait a little." for number in range(5000))
    make_article(key="KB-7", parts={**PARTS, "resolution": long})
    author = person(ana)
    author.open("/articles/KB-7/edit")
    author.press("F8")
    author.tab_to("Environment")
    slowest = "(async () => { let worst = 0, last = performance.now(); for (let i = 0; i < 60; i++) {"
    slowest += "await new Promise((go) => setTimeout(go, 25)); const now = performance.now();"
    slowest += "worst = Math.max(worst, now - last); last = now; } return worst; })()"
    author.page.keyboard.type("and so on")
    assert author.page.evaluate(slowest) < 2000
    expect(author.page.get_by_label("Environment", exact=True)).to_have_value("and so onReports 4.2")


def test_the_editors_pages_are_accessible_and_fit(person: PersonMaker, ana: Agent) -> None:
    make_article(ArticleState.WIP, key="KB-7", title="Export", parts={"issue": "Mail maria@example.com"})
    make_article(ArticleState.PUBLISHED, key="KB-8", title="Export of reports stays grey", parts=PARTS)
    author = person(ana)
    author.page.add_init_script(AXE)
    found = [problem for path in _places(author) for problem in _looks(author, path)]
    assert found == [], "\n".join(found)


def _places(author: Person) -> Iterator[str]:
    """Bring each page up, in the state in which it has most to show."""
    author.open("/articles/KB-7/edit")
    author.page.locator("#field-resolution").fill(
        "See [it](article:KB-8).\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )
    _kept(author)
    yield "editor"
    author.press("F8")
    expect(author.page.locator("[data-fill=preview] table")).to_be_visible()
    yield "preview"
    author.open("/articles/KB-7/edit")
    yield "unsaved"
    author.open("/articles/compare?left=KB-7&right=KB-8")
    author.press("2")
    yield "compare"
    author.open("/articles/compare")
    yield "choose"
    author.open("/articles/new")
    author.page.locator("#field-title").fill("Export of reports stays grey")
    author.press_to_leave("Control+Enter")
    yield "looks the same"
    author.page.locator("#field-issue").focus()
    author.press("Control+k")
    yield "link"
    author.press("Escape")
    author.open("/articles/KB-8/edit")
    author.page.evaluate("document.querySelector('[name=base]').value = '0'")
    author.page.locator("#field-issue").fill("Mine alone")
    author.press_to_leave("Control+Enter")
    yield "merge"


def _looks(author: Person, path: str) -> Iterator[str]:
    for (width, height), theme, checks in VIEWS:
        author.page.set_viewport_size({"width": width, "height": height})
        author.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        yield from (f"{path} at {width} px, {theme}: {problem}" for problem in _flaws(author, checks))
    author.problems.clear()  # axe tries inline styles, which the policy refuses
    author.page.set_viewport_size({"width": 1280, "height": 800})
