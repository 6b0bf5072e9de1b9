"""Taking articles over: good lines are taken, bad ones named with their reason, and none stops the others."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from kcs import progress
from kcs.articles import imports
from kcs.articles.formats import jsonl
from kcs.articles.images import LARGEST
from kcs.articles.imports import import_lines, import_sources
from kcs.articles.models import Article, Image, Version
from kcs.articles.policy import Domain
from kcs.articles.rendering import reader_html
from kcs.articles.services import create_article, move_article, save_version
from kcs.articles.taking import Done, Taker
from kcs.database import Base, db
from kcs.search.models import SearchChange
from tests.articles.running import invoke
from tests.articles.test_images import picture
from tests.factories import make_agent, make_article
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

GOOD: list[dict[str, str | list[str]]] = [
    {"key": "A-1", "title": "Plain", "body": "All of it"},
    {"title": "Structured", "issue": "i", "environment": "e", "resolution": "r", "cause": "c"},
    {"key": "A-2", "title": "Outside", "body": "b", "audience": "public"},
    {"key": "A-3", "title": "Draft", "issue": "i", "confidence": "wip", "locale": "es", "tags": ["a", "b"]},
    {"key": "Ä 4: x.y", "title": "nul\u0000 and \ud800", "body": "b\u0000"},
]
BAD = {
    "{": "not JSON",
    "[]": "not a JSON object",
    "null": "not a JSON object",
    '{"body": "b"}': "title",
    '{"title": 5, "body": "b"}': "title",
    '{"title": "T", "body": "b", "author": "me"}': "author",
    '{"title": "T", "body": "b", "audience": "everybody"}': "audience",
    '{"title": "T", "body": "b", "confidence": "not_validated", "audience": "public"}': "only validated",
    '{"title": "T", "body": "write to someone@customer.example", "audience": "public"}': "personal data",
    '{"title": "T", "issue": "i", "confidence": "validated"}': "needs a resolution",
    '{"key": "A-1", "title": "T", "body": "b"}': "already",
    '{"key": " A-1\\n", "title": "T", "body": "b"}': "already",
    '{"key": "", "title": "T", "body": "b"}': "key",
    '{"key": " \\u0000", "title": "T", "body": "b"}': "cannot be an article's key",
    '{"key": "a/b", "title": "T", "body": "b"}': "cannot be an article's key",
    '{"key": "new", "title": "T", "body": "b"}': "cannot be an article's key",
    '{"key": "N-1", "title": "T", "issue": "i", "fields": {"issue": "j"}}': "Differs from the same field in",
    '{"key": "N-1", "title": "T", "fields": {"colour": "red"}}': "no field called colour",
    '{"key": "N-1", "title": "T", "body": "b", "template": "poem"}': "no template 'poem'",
    '{"key": "N-1", "title": "T", "body": "b", "domain": "mail"}': "no domain 'mail'",
    '{"key": "N-1", "title": "T", "body": "b", "created_at": "0001-01-01T00:00:00+14:00"}': "created_at",
    '{"key": "N-1", "title": "T", "body": "b", "published_at": "2400-01-01T00:00:00Z"}': "published_at",
    '{"key": "N-1", "title": "T", "body": "b", "reuse": -1}': "reuse",
    json.dumps({"key": "N-1", "title": "T", "body": "b" * 2_000_001}): "Longer than maximum length",
    '{"key": "N-1", "title": "T", "fields": {"a\\nb": "x"}}': "Not a field's name",
    '{"key": "N-1", "title": "T", "body": "b", "versions": [{"number": 1}]}': "versions",
    **{
        json.dumps({"key": "N-1", "title": "T", "body": "b", **more, "versions": versions}): reason
        for more, versions, reason in (
            ({}, [{"number": 1, "title": "T", "fields": {"body": "c"}}], "not that of its current version"),
            ({"current": 2}, [{"number": 1, "title": "T", "fields": {"body": "b"}}], "no version 2"),
            ({}, [{"number": 1, "title": "T", "fields": {"body": "b"}}] * 2, "two versions 1"),
            ({}, [{"number": 1, "title": "T", "fields": {}, "template": "poem"}], "no template 'poem'"),
        )
    },
    "[" * 100_000: "not JSON",
    '{"a":' * 100_000: "not JSON",
}


def imported(app: Flask, path: Path, *options: str) -> Result:
    return invoke(app, "import", str(path), *options)


def test_good_lines_are_taken_and_bad_ones_named(app: Flask) -> None:
    lines = [json.dumps(line) for line in GOOD] + ["", "  \n", *BAD]
    outcomes = list(import_lines(lines))
    taken, refused = outcomes[: len(GOOD)], outcomes[len(GOOD) :]
    assert [outcome.problem for outcome in taken] == [None] * len(GOOD)
    assert [outcome.line for outcome in refused] == [8 + number for number in range(len(BAD))]
    for outcome, (line, reason) in zip(refused, BAD.items(), strict=True):
        assert outcome.problem is not None
        assert reason in outcome.problem, (line[:80], outcome.problem)
    articles = {article.key: article for article in db.session.query(Article)}
    assert len(articles) == len(GOOD)
    assert {key: articles[key].state for key in ("A-1", "A-2", "A-3")} == {
        "A-1": ArticleState.VALIDATED,
        "A-2": ArticleState.PUBLISHED,
        "A-3": ArticleState.WIP,
    }
    assert articles["A-2"].live_version is articles["A-2"].current_version
    assert (articles["A-3"].locale, articles["A-3"].tags) == ("es", ["a", "b"])
    assert articles["Ä 4: x.y"].title == "nul and"
    fed = {change.article_id for change in db.session.query(SearchChange)}
    assert fed == {article.id for article in articles.values()}, (
        "search learns of what was taken, nothing else"
    )


def test_the_same_file_again_takes_nothing(app: Flask) -> None:
    lines = [json.dumps(line) for line in GOOD if "key" in line]
    list(import_lines(lines))
    assert [outcome.done for outcome in import_lines(lines)] == [Done.UNCHANGED] * len(lines)
    assert db.session.query(Article).count() == len(lines)


def test_the_command_names_refused_lines_and_fails(app: Flask, tmp_path: Path) -> None:
    file, report = tmp_path / "articles.jsonl", tmp_path / "report.jsonl"
    file.write_text(json.dumps(GOOD[0]) + "\n{\n")
    result = imported(app, file, "--json", "--report", str(report))
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"taken": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert "line 2: not JSON" in result.stderr
    (refused,) = map(json.loads, report.read_text().splitlines())
    assert (refused["line"], refused["place"]) == (2, "line 2")
    assert "not JSON" in refused["reason"]


def change(key: str, text: str, **more: object) -> str:
    return json.dumps({"key": key, "title": "Plain", "body": text, **more})


def take(lines: list[str], *, update: bool = False, make_domains: bool = False) -> list[tuple[Done, str]]:
    taker = Taker(update=update, make_domains=make_domains)
    outcomes = list(import_sources(jsonl.sources(lines), taker))
    return [(outcome.done, outcome.problem or "") for outcome in outcomes]


def test_a_changed_text_comes_in_as_a_new_version_when_that_is_asked_for(app: Flask) -> None:
    take([change("A-1", "one"), change("A-2", "one", audience="public")])
    again = [change("A-1", "two"), change("A-2", "two", audience="public")]
    for done, problem in take(again):
        assert (done, "--update" in problem) == (Done.REFUSED, True)
    assert take(again, update=True) == [(Done.UPDATED, "")] * 2
    assert take(again, update=True) == [(Done.UNCHANGED, "")] * 2
    inside, outside = db.session.query(Article).order_by(Article.key)
    for article in (inside, outside):
        version = article.current_version
        assert (version.number, version.part("body"), version.note) == (2, "two", "imported again")
        assert (version.base and version.base.number, version.author) == (1, None)
    assert outside.live_version is not None
    assert (outside.live_version.part("body"), outside.state) == ("one", ArticleState.PUBLISHED)
    assert take([change("A-1", "three", confidence="not_validated")], update=True) == [(Done.UPDATED, "")]
    assert inside.state is ArticleState.NOT_VALIDATED


def test_nothing_written_here_is_overwritten(app: Flask) -> None:
    ann = make_agent(Licence.PUBLISHER)
    written = create_article("Plain", {"body": "written here"}, by=ann)
    take([change("A-1", "one"), change("A-2", "one"), change("A-3", "one")])
    edited, archived = (db.session.query(Article).filter_by(key=key).one() for key in ("A-1", "A-2"))
    save_version(edited, "Plain", {"body": "edited here"}, by=ann, base=1)
    move_article(archived, Move.ARCHIVE, by=ann)
    before = [article.current_version_id for article in (edited, archived)]
    outcomes = take([change(key, "two") for key in ("A-1", "A-2", written.key, "A-3")], update=True)
    assert [done for done, _ in outcomes] == [Done.REFUSED, Done.REFUSED, Done.REFUSED, Done.UPDATED]
    assert "changed here since" in outcomes[0][1]
    assert "archived here" in outcomes[1][1]
    assert [article.current_version_id for article in (edited, archived)] == before
    assert take([change("A-1", "edited here")], update=True) == [(Done.UNCHANGED, "")]


def test_a_domain_has_to_be_here_or_is_made_when_that_is_asked_for(app: Flask) -> None:
    lines = [
        change("A-1", "b", domain="mail"),
        change("A-2", "b", domain="mail"),
        change("A-3", "b", domain="general"),
    ]
    assert [done for done, _ in take(lines)] == [Done.REFUSED, Done.REFUSED, Done.TAKEN]
    assert [done for done, _ in take(lines, make_domains=True)] == [Done.TAKEN, Done.TAKEN, Done.UNCHANGED]
    (domain,) = db.session.query(Domain).filter_by(key="mail")
    assert {article.key for article in db.session.query(Article) if article.domain is domain} == {
        "A-1",
        "A-2",
    }


def test_articles_are_merged_in_whatever_order_they_come(app: Flask) -> None:
    old = {"confidence": "archived"}
    lines = [
        change("A-1", "b", merged_into="A-2", **old),
        change("A-2", "b", merged_into="A-3", **old),
        change("A-3", "b"),
        change("A-4", "b", merged_into="gone", **old),
        change("A-5", "b", merged_into="A-5", **old),
        change("A-6", "b", merged_into="A-3"),
    ]
    outcomes = take(lines)
    assert [done for done, _ in outcomes] == [Done.TAKEN] * 5 + [Done.REFUSED] * 3
    assert "has to be archived" in outcomes[5][1]
    assert "not merged into gone" in outcomes[6][1]
    db.session.expire_all()
    into = {article.key: article.merged_into for article in db.session.query(Article)}
    assert {key: other.key for key, other in into.items() if other} == {"A-1": "A-3", "A-2": "A-3"}


def test_a_dry_run_says_what_an_import_would_do_and_changes_no_row(app: Flask, tmp_path: Path) -> None:
    take([change("A-1", "one"), change("A-2", "one")])
    file = tmp_path / "articles.jsonl"
    lines = [
        change("A-1", "one"),
        change("A-2", "two"),
        change("A-3", "b", domain="mail"),
        change("A-3", "c"),
        "{",
    ]
    file.write_text("\n".join(lines))
    before = rows_of_every_table()
    options = ["--update", "--make-domains", "--json"]
    tried = imported(app, file, *options, "--dry-run")
    assert rows_of_every_table() == before
    done = imported(app, file, *options)
    assert json.loads(tried.stdout) == {"taken": 1, "updated": 2, "unchanged": 1, "refused": 1}
    assert (tried.stdout, tried.stderr) == (done.stdout, done.stderr)
    assert rows_of_every_table() != before


def rows_of_every_table() -> dict[str, list[str]]:
    return {
        name: sorted(map(repr, db.session.execute(table.select())))
        for name, table in Base.metadata.tables.items()
    }


def test_a_broken_import_is_completed_by_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "COMMIT_EVERY", 2)
    lines = [change(f"A-{number}", "b") for number in range(7)]

    def breaking() -> Iterator[str]:
        yield from lines[:5]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(import_lines(breaking()))
    db.session.rollback()
    assert db.session.query(Article).count() == 4
    assert [done for done, _ in take(lines)] == [Done.UNCHANGED] * 4 + [Done.TAKEN] * 3
    assert db.session.query(Version).count() == 7


def test_a_line_too_long_is_refused_without_being_read_whole(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kcs.lines.LONGEST_LINE", 100)
    file = tmp_path / "articles.jsonl"
    file.write_bytes(
        change("A-1", "b" * 500).encode() + b"\n" + change("A-2", "b").encode() + b'\n{"title": "\xff"}\n'
    )
    result = imported(app, file)
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 1", "line 3"]
    assert "longer than" in result.stderr
    assert "not UTF-8" in result.stderr
    assert result.stdout == "1 articles taken over, 2 refused.\n"


PAGE = (
    '<!doctype html><html lang="ar" dir="rtl"><head><title>Site – {title}</title><style>p {{}}</style></head>'
    "<body><nav>Menu</nav><main><h1>{title}</h1>{text}</main><footer>Imprint</footer></body></html>"
)


def test_pages_become_articles_with_their_pictures_and_links(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "guide").mkdir()
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / "a b.png").write_bytes(picture())
    inline = base64.b64encode(picture("GIF")).decode()
    text = (
        "<p>Do <b>this</b><!-- not this --><script>alert(1)</script><svg><text>no</text></svg>, then "
        '<a href="guide/set%20up.html#top">that</a>, <a href="https://example.com/x.html">there</a> '
        '<a href="gone.html">or there</a> <a href="../../etc/passwd.html">out</a></p>'
        f'<p><img src="pics/a%20b.png" alt="One"> <img src="data:image/gif;base64,{inline}" alt="Two"></p>'
        "<table><tr><td>1</td></tr></table><pre><code>x = *1*\n</code></pre>"
    )
    (tmp_path / "Start.html").write_text(PAGE.format(title="البداية", text=text))
    (tmp_path / "guide" / "set up.html").write_text(
        '<title>Set up</title><body><header>Menu</header><p>Go <a href="../Start.html">back</a></p></body>'
    )
    result = imported(app, tmp_path)
    assert (result.exit_code, result.stdout) == (0, "2 articles taken over, 0 refused.\n"), result.stderr
    start, guide = (db.session.query(Article).filter_by(key=key).one() for key in ("Start", "guide-set up"))
    assert (start.title, start.locale, guide.title, guide.locale) == ("البداية", "ar", "Set up", "en")
    assert guide.current_version.parts == {"body": "Go [back](article:Start)"}
    body = start.current_version.part("body")
    names = {image.media_type: image.name for image in db.session.query(Image)}
    for expected in (
        "Do **this**, then [that](article:guide-set%20up), [there](https://example.com/x.html)",
        f"![One](image:{names['image/png']})",
        f"![Two](image:{names['image/gif']})",
        "x = *1*",
    ):
        assert expected in body
    for dropped in ("alert", "not this", "no</text>", "Menu", "Imprint", "# "):
        assert dropped not in body
    assert imported(app, tmp_path).stdout == "0 articles taken over, 2 unchanged, 0 refused.\n"


def test_what_a_folder_may_not_hold_is_a_refused_file(app: Flask, tmp_path: Path) -> None:
    folder, secret = tmp_path / "in", tmp_path / "secret.png"
    folder.mkdir()
    secret.write_bytes(picture())
    (folder / "link.png").symlink_to(secret)
    (folder / "large.png").write_bytes(b"\0" * (LARGEST + 1))
    (folder / "text.png").write_text("no picture")
    (folder / "sub").symlink_to(tmp_path)
    pages = {
        "a.md": ("![x](../secret.png)", "leads out of"),
        "b.md": ("![x](/etc/passwd)", "not a file in"),
        "c.md": ("![x](link.png)", "symbolic link"),
        "d.md": ("![x](gone.png)", "no file 'gone.png'"),
        "e.md": ("![x](large.png)", "larger than 5 MB"),
        "f.md": ("![x](text.png)", "no picture we can show"),
        "g.md": ("![x](sub/secret.png)", "symbolic link"),
        "h.md": ("![x](%00)", "not a file in"),
        "i.md": ("---\ntitle: [\n---\nx", "not YAML"),
        "j.md": (f"---\ntitle: {'[' * 50_000}\n---\nx", "nested too deeply"),
        "k.md": ("---\ncolour: red\n---\nx", "colour"),
        "l.md": ("x\n<!-- field: issue -->\ny", "before the first"),
        "m.md": ("<!-- field: issue -->\nx\n<!-- field: issue -->\ny", "stands there twice"),
        "n.md": (f"![x]({'n' * 300}.png)", "cannot be read"),
        "o.md": ("", "needs a title"),
    }
    for name, (text, _) in pages.items():
        (folder / name).write_text(text)
    (folder / "p.md").symlink_to(folder / "a.md")
    (folder / "q.md").write_bytes(b"\xff\xfe")
    (folder / "r.md").mkdir()
    result = imported(app, folder)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    said = dict(line.split(": ", 1) for line in result.stderr.splitlines())
    assert {name: reason for name, (_, reason) in pages.items() if reason not in said.get(name, "")} == {}, (
        said
    )
    assert ("symbolic link" in said["p.md"], said["q.md"]) == (True, "not UTF-8")
    assert (db.session.query(Article).count(), db.session.query(Image).count()) == (0, 0)


def test_markdown_from_elsewhere_is_one_text_with_its_pictures_and_links(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "One.md").write_text(
        "---\nlocale: no\ntags: [x, 7]\n---\n\n# First steps\n\n![A](a.png) [two](Two.md)\n"
    )
    (tmp_path / "Two.md").write_text("---\ntitle: 2024-05-01\nkey: 12\n---\nText")
    assert imported(app, tmp_path).exit_code == 0
    first, second = (db.session.query(Article).filter_by(key=key).one() for key in ("One", "12"))
    (image,) = db.session.query(Image)
    assert (first.title, first.locale, first.tags) == ("First steps", "no", ["x", "7"])
    assert first.current_version.parts == {"body": f"![A](image:{image.name}) [two](article:Two)"}
    assert (second.title, second.current_version.parts) == ("2024-05-01", {"body": "Text"})


def test_long_imports_say_how_far_they_are(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PROGRESS_FROM", 2)
    monkeypatch.setattr(progress, "LINE_EVERY_SECONDS", 0.0)
    file = tmp_path / "articles.jsonl"
    file.write_text(change("A-1", "b") + "\n" + change("A-2", "b") + "\n")
    said = imported(app, file).stderr.splitlines()
    assert [line.partition(" after")[0] for line in said] == ["Importing: 1 of 2", "Importing: 2 of 2"]
    piped = invoke(app, "import", "-", typed=file.read_bytes())
    assert [line.partition(" after")[0] for line in piped.stderr.splitlines()] == [
        "Importing: 1",
        "Importing: 2",
    ]


@pytest.mark.parametrize("options", [["--format", "jsonl"], []])
def test_a_folder_without_articles_is_wrong_use(app: Flask, tmp_path: Path, options: list[str]) -> None:
    assert imported(app, tmp_path, *options).exit_code == 2


@pytest.mark.parametrize(
    ("parts", "html"),
    [
        (
            {"resolution": "1. *Do*", "issue": "It <fails>"},
            "<h2>Issue</h2><p>It &lt;fails&gt;</p>\n\n<h2>Resolution</h2><ol>\n<li><em>Do</em></li>\n</ol>\n",
        ),
        ({"body": "# Top\n\n[x](javascript:alert(1))"}, "<h2>Top</h2>\n<p>[x](javascript:alert(1))</p>\n"),
    ],
)
def test_readers_get_each_part_under_its_heading(app: Flask, parts: dict[str, str], html: str) -> None:
    article = make_article(ArticleState.WIP, parts=parts)
    assert reader_html(article.current_version, Audience.INTERNAL) == html
