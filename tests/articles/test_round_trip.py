"""What is exported comes back: the same words, the same history, the same life."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kcs import database
from kcs.app import create_app
from kcs.articles.formats import jsonl, markdown
from kcs.articles.formats.record import ArticleRecord
from kcs.articles.images import import_image, store_image
from kcs.articles.imports import import_lines
from kcs.articles.models import Article, Image, ImageUse, Significance, Version
from kcs.articles.policy import Domain
from kcs.articles.services import create_article, move_article, save_version
from kcs.articles.taking import Done
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.solving.services import link_article
from kcs.text import clean, clean_line
from tests.articles.running import invoke
from tests.articles.test_images import PLACE, picture
from tests.conftest import settings_for
from tests.factories import make_agent, make_ticket
from tests.fakes import FakeDesk, FakeProvider
from workflow.article import Audience, Move
from workflow.permissions import Governance, Licence, Role

HASH = "0123456789abcdef0123456789abcdef.png"
NASTY = [
    "---\ntitle: no\n---\n",
    "<!-- field: resolution -->\n## Resolution\n\ntext",
    "<!-- \\field: resolution -->\n<!-- \\\\field: x -->",
    "\r\nline\r\n\r\n",
    "lone\rreturn\r",
    "مرحبا بالعالم",
    "日本語 中文 한국어",
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "```\n## Issue\n<!-- field: x -->\n```\n",
    "## Issue\n\n## Issue\n\n",
    f"![a](image:{HASH}) ![b](images/{HASH}) ![c](./images/{HASH}) ![d](././images/{HASH})",
    "\u2028\u2029\x85\x1c\ufeff\t ",
    "{% raw %} {{ x }} {0} %s \\N{DASH}",
    "  - indented\n\n\n\n",
    "",
]
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)), max_size=5).map("".join)
titles = st.one_of(st.sampled_from([line.strip() for line in NASTY if line.strip()]), st.text(min_size=1))
records = st.builds(
    lambda title, fields, tags, locale: ArticleRecord(
        title=f"T {title}", fields=fields, key="A-1", tags=tags, locale=locale, template="issue-resolution"
    ),
    titles,
    st.dictionaries(
        st.sampled_from(["issue", "environment", "resolution", "cause", "notes"]), texts, min_size=1
    ),
    st.lists(st.sampled_from(["no", "1.0", "a: b", "- c", "'", '"', "#x", "null", "~", "日本"]), max_size=3),
    st.sampled_from(["en", "no", "ar-EG"]),
)
FORMATS: dict[str, Callable[[ArticleRecord], ArticleRecord]] = {
    "jsonl": lambda record: jsonl.from_line(jsonl.to_line(record)),
    "markdown": lambda record: markdown.from_file(markdown.to_file(record, {"issue": "What  is\nwrong"})),
}


@pytest.mark.parametrize("form", FORMATS)
@given(record=records)
@example(record=ArticleRecord(title="Long", fields={"resolution": "".join(NASTY) * 500}, key="A-1"))
@example(record=ArticleRecord(title="Plain", fields={"body": "\n---\n" + "".join(NASTY)}, key="A-1"))
@example(record=ArticleRecord(title="Empty", fields={}, key="A-1"))
@settings(max_examples=60, deadline=None)
def test_a_kept_text_comes_back_to_the_letter(form: str, record: ArticleRecord) -> None:
    # What is kept is what a version holds: cleaned once, never again.
    title, fields = _kept(record)
    kept = replace(record, title=title, fields=fields)
    assert FORMATS[form](kept) == kept


def _kept(record: ArticleRecord) -> tuple[str, dict[str, str]]:
    cleaned = {name: clean(text).replace("\r\n", "\n") for name, text in record.fields.items()}
    return clean_line(record.title, limit=250), {name: text for name, text in cleaned.items() if text.strip()}


@pytest.fixture
def origin(sqlite_template: Path, tmp_path: Path) -> Flask:
    """Another installation, empty."""
    folder = tmp_path / "origin"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "kcs.db")
    return create_app(settings_for(folder), {"zendesk": FakeProvider(FakeDesk())})


def run(app: Flask, *words: str) -> dict[str, int]:
    """Run an export or import that refuses nothing; return what it counted."""
    if has_app_context():
        db.session.rollback()  # lets go of the database
    with app.app_context():
        result = invoke(app, *words, "--json")
    assert result.exit_code == 0, result.output
    counts: dict[str, int] = json.loads(result.stdout)
    return counts


def make_rich_article() -> None:
    """Write three versions, the second one live, a picture in the first, four tickets solved."""
    ann = make_agent(Licence.PUBLISHER, [Role.COACH], email="ann@acme.example")
    bob = make_agent(Licence.CONTRIBUTOR, email="bob@acme.example")
    domain = Domain(key="mail", name="Mail")
    db.session.add(domain)
    db.session.flush()
    shown = store_image(picture("JPEG"), by=ann)
    article = create_article(
        "First title",
        {"issue": f"![Screen](image:{shown.name})", "resolution": "One", "environment": "4.2"},
        by=bob,
        locale="de",
        tags=("export", "no"),
        domain_id=domain.id,
        governance=Governance.EXPERIENCE,
    )
    article.owner_id = ann.id
    save_version(
        article,
        "Second title",
        {"issue": "Grey", "resolution": "Two", "environment": "4.2", "notes": "for us alone"},
        by=ann,
        base=1,
        note="clearer",
        significance=Significance.FACT,
    )
    move_article(article, Move.VALIDATE, by=ann)
    move_article(article, Move.PUBLISH, by=ann, audience=Audience.PUBLIC)
    save_version(article, "Third title", {"issue": "Grey", "resolution": "Three"}, by=ann, base=2)
    for _ in range(4):
        link_article(make_ticket(), article, by=ann)
    article.earlier_reuse = 7
    gone = create_article("Old", {"resolution": "x"}, by=bob)
    move_article(gone, Move.ARCHIVE, by=ann)
    gone.merged_into = article
    db.session.commit()


def life_of(article: Article) -> dict[str, Any]:
    """Return everything people see of an article and of its history."""
    versions = db.session.query(Version).filter_by(article_id=article.id).order_by(Version.number)
    same = ("key", "confidence", "audience", "governance", "locale", "tags", "created_at", "changed_at")
    moments = ("published_at", "last_checked_at", "last_used_at")
    text = ("number", "title", "parts", "template", "note", "significance", "created_at")
    return {
        **{name: getattr(article, name) for name in (*same, *moments)},
        "people": [
            person and person.email for person in (article.author, article.owner, article.last_checked_by)
        ],
        "domain": article.domain and article.domain.key,
        "merged_into": article.merged_into and article.merged_into.key,
        "current": article.current_version.number,
        "live": article.live_version and article.live_version.number,
        "solved": trust_of([article], now=database.now())[article.id].solved,
        "pictures": [
            image.data
            for image in db.session.query(Image)
            .join(ImageUse, ImageUse.image_id == Image.id)
            .join(Version, Version.id == ImageUse.version_id)
            .where(Version.article_id == article.id)
        ],
        "versions": [
            {
                **{name: getattr(version, name) for name in text},
                "author": version.author and version.author.email,
                "base": version.base and version.base.number,
            }
            for version in versions
        ],
    }


def test_an_article_comes_back_with_its_history_its_reuse_its_live_text_and_its_picture(
    origin: Flask, app: Flask, tmp_path: Path
) -> None:
    file = str(tmp_path / "out" / "articles.jsonl")
    with origin.app_context():
        make_rich_article()
        before = {article.key: life_of(article) for article in db.session.query(Article)}
    assert run(origin, "export", file) == {"articles": 2, "pictures": 1}
    for name in ("ann", "bob"):
        make_agent(email=f"{name}@acme.example")
    db.session.commit()
    counts = run(app, "import", file, "--make-domains")
    assert counts == {"taken": 2, "updated": 0, "unchanged": 0, "refused": 0}
    after = {article.key: life_of(article) for article in db.session.query(Article)}
    assert after == before
    (rich,) = (life for life in after.values() if life["live"])
    assert (rich["solved"], rich["live"], rich["current"], len(rich["pictures"])) == (11, 2, 3, 1)
    again = run(app, "import", file, "--update")
    assert again == {"taken": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert {article.key: life_of(article) for article in db.session.query(Article)} == before


def test_whom_nobody_here_knows_is_left_out(origin: Flask, app: Flask, tmp_path: Path) -> None:
    file = str(tmp_path / "articles.jsonl")
    with origin.app_context():
        make_rich_article()
    run(origin, "export", file)
    run(app, "import", file, "--make-domains")
    for article in db.session.query(Article):
        life = life_of(article)
        assert life["people"] == [None, None, None]
        assert {version["author"] for version in life["versions"]} == {None}


@pytest.mark.parametrize("form", ["jsonl", "markdown"])
def test_present_texts_come_back_to_the_letter(origin: Flask, app: Flask, tmp_path: Path, form: str) -> None:
    place = str(tmp_path / "out.jsonl" if form == "jsonl" else tmp_path / "out")
    long = "Some words, 200 kB of them.\n" * 7500
    with origin.app_context():
        ann = make_agent(Licence.PUBLISHER)
        name = import_image(picture("WEBP")).name
        for nasty in (*NASTY, long):
            text = nasty.replace(HASH, name)
            words = f"{text}\n\n![x](image:{name}) `![gone](image:{HASH})`"
            create_article(f"T {text}", {"resolution": words, "notes": text}, by=ann)
        create_article("Plain", {"body": "".join(NASTY).replace(HASH, name)}, by=ann)
        db.session.commit()
        before = present_texts()
    run(origin, "export", place, "--format", form, "--no-history")
    assert run(app, "import", place)["taken"] == len(before) == len(NASTY) + 2
    assert present_texts() == before
    assert run(app, "import", place, "--update")["unchanged"] == len(before)


def present_texts() -> dict[str, tuple[str, dict[str, str], str | None]]:
    articles = db.session.query(Article)
    versions = {article.key: article.current_version for article in articles}
    return {key: (version.title, version.parts, version.template) for key, version in versions.items()}


@pytest.mark.parametrize("form", ["jsonl", "markdown", "html"])
def test_no_import_brings_outside_what_nobody_published(
    origin: Flask, app: Flask, tmp_path: Path, form: str
) -> None:
    place = str(tmp_path / "out.jsonl" if form == "jsonl" else tmp_path / "out")
    with origin.app_context():
        make_rich_article()
    run(origin, "export", place, "--format", form, "--state", "published")
    run(app, "import", place, "--make-domains")
    (article,) = db.session.query(Article)
    live = article.live_version
    if form == "jsonl":
        assert live is not None
        assert live.part("resolution") == "Two"
    else:
        assert (article.audience, live) == (Audience.INTERNAL, None)


def test_the_gate_looks_at_the_text_that_goes_outside(app: Flask) -> None:
    private, clean_text = {"body": "write to someone@customer.example"}, {"body": "b"}

    def line(key: str, live: int) -> bytes:
        versions = [
            {"number": 1, "title": "T", "fields": private},
            {"number": 2, "title": "T", "fields": clean_text, "base": 1},
        ]
        told = {"key": key, "title": "T", "audience": "public", "live": live, "current": 2}
        return json.dumps({**told, **clean_text, "versions": versions}).encode()

    outcomes = list(import_lines([line("A-1", 1), line("A-2", 2)]))
    assert [outcome.done for outcome in outcomes] == [Done.REFUSED, Done.TAKEN]
    assert "personal data" in (outcomes[0].problem or "")


def test_a_picture_whose_name_lies_is_drawn_anew(app: Flask) -> None:
    with_place = picture("JPEG")
    name = hashlib.sha256(with_place).hexdigest()[:32] + ".jpg"
    kept = import_image(with_place, name=name)
    assert kept.name != name
    assert PLACE not in kept.data
    # One of ours has nothing to hide and keeps its bytes, so that texts which show it stay the same.
    assert import_image(kept.data, name=kept.name) is kept
