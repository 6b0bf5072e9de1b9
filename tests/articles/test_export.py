"""What an export holds: everything for inside; for visitors what they may read, and no person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from kcs.articles import exports
from kcs.articles.formats.names import file_name
from kcs.articles.images import store_image
from kcs.articles.models import Article
from kcs.articles.policy import Domain
from kcs.articles.services import create_article, save_version
from kcs.database import db
from kcs.people.models import Agent
from tests.articles.running import invoke
from tests.articles.test_images import picture
from tests.factories import make_agent, make_article
from workflow.article import ArticleState
from workflow.permissions import Licence

ADDRESS = "ann.writer@acme.example"
INSIDE = ("INTERNAL WORDS", "Title inside", "KB-INSIDE", ADDRESS, "Ann.Writer", "unpublished", "imported")


def export(app: Flask, *words: str) -> Result:
    return invoke(app, "export", *words)


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER, email=ADDRESS)


@pytest.fixture
def public(ann: Agent) -> Article:
    """A published article with a field for inside, a link inside, a picture and an unpublished change."""
    make_article(key="KB-INSIDE", title="Title inside")
    make_article(ArticleState.PUBLISHED, key="KB 2", title="Also public")
    shown, hidden = store_image(picture(), by=ann), store_image(picture(shade=9), by=ann)
    article = make_article(
        ArticleState.PUBLISHED,
        key="KB-1",
        title="Export <fails>",
        author=ann,
        parts={
            "issue": "See [it](article:KB-INSIDE), <article:KB-INSIDE> and [that](article:KB%202)",
            "resolution": f"![Here](image:{shown.name})",
            "notes": f"INTERNAL WORDS ![x](image:{hidden.name})",
        },
    )
    texts = {"issue": "unpublished", "resolution": "unpublished", "notes": "INTERNAL WORDS"}
    save_version(article, "unpublished", texts, by=ann, base=1, note="INTERNAL WORDS")
    db.session.commit()
    return article


@pytest.mark.parametrize("form", ["jsonl", "markdown", "html"])
def test_an_export_for_visitors_holds_what_they_may_read_and_no_person(
    public: Article, app: Flask, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "out"
    place = target / "articles.jsonl" if form == "jsonl" else target
    result = export(app, str(place), "--format", form, "--audience", "public", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"articles": 2, "pictures": 1}), result.output
    files = {path: path.read_text(errors="replace") for path in target.rglob("*") if path.is_file()}
    assert any("Here" in text for text in files.values())
    for path, text in files.items():
        for word in INSIDE:
            assert word not in text, (path.name, word)
    assert len(list((target / "images").iterdir())) == 1


@pytest.mark.parametrize("form", ["jsonl", "markdown", "html"])
def test_an_export_for_inside_holds_everything(
    public: Article, app: Flask, tmp_path: Path, form: str
) -> None:
    place = tmp_path / "out" / "articles.jsonl" if form == "jsonl" else tmp_path / "out"
    assert export(app, str(place), "--format", form).exit_code == 0
    told = (
        "\n".join(path.read_text(errors="replace") for path in (tmp_path / "out").rglob("*"))
        if False
        else "\n".join(
            path.read_text(errors="replace") for path in (tmp_path / "out").rglob("*") if path.is_file()
        )
    )
    for word in ("INTERNAL WORDS", "Title inside", "KB-INSIDE", ADDRESS, "unpublished"):
        assert word in told, word


def test_pages_lead_to_one_another_and_to_their_pictures(public: Article, app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert export(app, str(target), "--format", "html", "--audience", "public").exit_code == 0
    page = (target / "KB-1.html").read_text()
    (image,) = (target / "images").iterdir()
    assert '<a href="KB%202.html"' in page
    assert f'<img src="images/{image.name}" alt="Here">' in page
    assert "<h1>Export &lt;fails&gt;</h1>" in page
    assert "See it" in page
    assert "export.invalid" not in page
    index = (target / "index.html").read_text()
    for name in ("KB-1.html", "KB%202.html"):
        assert f'href="{name}"' in index


def test_an_arabic_page_is_written_from_the_right(app: Flask, tmp_path: Path) -> None:
    create_article("عنوان", {"body": "نص"}, by=make_agent(), locale="ar-EG")
    db.session.commit()
    assert export(app, str(tmp_path / "out"), "--format", "html").exit_code == 0
    (page,) = (tmp_path / "out").glob("KB-*.html")
    assert '<html lang="ar-EG" dir="rtl">' in page.read_text()


def test_an_export_is_narrowed_by_state_and_domain(app: Flask, ann: Agent) -> None:
    mail = Domain(key="mail", name="Mail")
    db.session.add(mail)
    db.session.flush()
    states = {
        f"A-{state}": make_article(state, key=f"A-{state}") for state in ArticleState if state != "deleted"
    }
    states["A-wip"].domain_id = mail.id
    db.session.commit()
    chosen = {
        (): {*states},
        ("--state", "archived"): {"A-archived"},
        ("--state", "published"): {"A-published"},
        ("--domain", "mail"): {"A-wip"},
        ("--domain", "general"): {*states} - {"A-wip"},
        ("--domain", "mail", "--state", "validated"): set(),
        ("--audience", "public"): {"A-published"},
    }
    for words, keys in chosen.items():
        result = export(app, *words)
        assert {json.loads(line)["key"] for line in result.stdout.splitlines()} == keys, words
        assert f"{len(keys)} articles" in result.stderr
    assert "no domain 'post'" in str(export(app, "--domain", "post").exception)


def test_an_export_reads_a_batch_at_a_time_and_misses_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 3)
    made = [make_article(key=f"A-{number}") for number in range(7)]
    made[0].merged_into = made[6]
    db.session.commit()
    keys = [json.loads(line)["key"] for line in export(app).stdout.splitlines()]
    # What was merged comes after what it was merged into.
    assert keys == ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-0"]


def test_lines_without_history_keep_the_live_text(public: Article, app: Flask) -> None:
    lines = [json.loads(line) for line in export(app, "--no-history").stdout.splitlines()]
    numbers = {line["key"]: [each["number"] for each in line.get("versions", [])] for line in lines}
    assert numbers == {"KB-INSIDE": [], "KB 2": [], "KB-1": [1, 2]}


def test_an_export_never_mixes_with_an_earlier_one(app: Flask, tmp_path: Path) -> None:
    make_article(key="A-1")
    db.session.commit()
    folder, file = tmp_path / "out", tmp_path / "out" / "articles.jsonl"
    folder.mkdir()
    file.write_text("earlier")
    for form in ("markdown", "html"):
        assert "is not empty" in str(export(app, str(folder), "--format", form).exception)
    assert export(app, str(folder)).exit_code == 0
    assert json.loads(file.read_text())["key"] == "A-1"
    assert list(folder.iterdir()) == [file]


@pytest.mark.parametrize(
    "words", [["--format", "html"], ["-", "--format", "markdown"], ["--audience", "partner"]]
)
def test_wrong_use_is_said(app: Flask, words: list[str]) -> None:
    assert export(app, *words).exit_code == 2


def test_a_place_that_cannot_be_written_is_named(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = export(app, str(tmp_path / "file" / "out.jsonl"))
    assert result.exit_code == 1
    assert "Error" in result.stderr
    assert "file" in result.stderr


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("KB-1001", "KB-1001"),
        ("Ä 4: x.y", "Ä 4%3A x.y"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("100%~", "100%25%7E"),
        ("CON", "%43ON"),
        ("index", "%69ndex"),
        ("a\\b|c?", "a%5Cb%7Cc%3F"),
    ],
)
def test_file_names_are_safe_whatever_the_key(key: str, name: str) -> None:
    assert file_name(key) == name


def test_long_keys_get_names_that_fit_and_stay_apart() -> None:
    names = {file_name("語" * 119 + end) for end in "甲乙"}
    assert len(names) == 2
    assert all(len(name.encode()) < 200 for name in names)
