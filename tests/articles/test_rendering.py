"""Links to articles and pictures lead each reader where they may go, and nowhere else."""

from __future__ import annotations

import pytest
from flask import Flask

from kcs.articles.models import Article
from kcs.articles.rendering import reader_html
from kcs.markup import images_shown, keys_linked, to_html
from tests.factories import make_agent, make_article
from workflow.article import ArticleState, Audience

NAME = "0123456789abcdef0123456789abcdef.png"


@pytest.fixture
def linking(app: Flask) -> Article:
    make_article(ArticleState.PUBLISHED, key="OPEN")
    make_article(ArticleState.VALIDATED, key="IN SIDE", title="A secret plan")
    text = f"[a](article:OPEN) [b](article:IN%20SIDE) [c](article:GONE) ![d](image:{NAME})"
    return make_article(ArticleState.PUBLISHED, parts={"body": text})


def test_a_colleague_is_led_to_every_article_there_is(linking: Article) -> None:
    html = reader_html(linking.current_version, make_agent())
    assert '<a href="/articles/OPEN" rel="noopener noreferrer">a</a>' in html
    assert '<a href="/articles/IN%20SIDE" rel="noopener noreferrer">b</a> c ' in html
    assert f'<img src="/articles/images/{NAME}" alt="d">' in html


def test_a_visitor_is_led_to_public_articles_alone(linking: Article) -> None:
    html = reader_html(linking.current_version, Audience.PUBLIC)
    assert '<a href="/help/articles/OPEN" rel="noopener noreferrer">a</a> b c ' in html
    assert f'<img src="/help/images/{NAME}" alt="d">' in html


def test_a_text_shown_elsewhere_leads_back_to_us(linking: Article) -> None:
    html = reader_html(linking.current_version, Audience.PUBLIC, base="https://kcs.example.com")
    assert 'href="https://kcs.example.com/help/articles/OPEN"' in html
    assert f'src="https://kcs.example.com/help/images/{NAME}"' in html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("![x](https://evil.example/pixel.png)", "<p>x</p>\n"),
        (f"![x](https://evil.example/help/images/{NAME})", "<p>x</p>\n"),
        ("![x](image:../../etc)", "<p>x</p>\n"),
        ("[a [nested](article:X) b](https://ok.example)", "<p>[a nested b](https://ok.example)</p>\n"),
        ("[**bold** and `code`](article:X)", "<p><strong>bold</strong> and <code>code</code></p>\n"),
        ("![*alt*](image:x)", "<p>alt</p>\n"),
    ],
)
def test_what_leads_nowhere_stays_as_words(markdown: str, html: str) -> None:
    rendered = to_html(markdown)
    assert "<img" not in rendered
    assert "evil" not in rendered
    assert rendered == html


def test_what_a_text_names_is_found_outside_code() -> None:
    text = "[a](article:KB-1) <article:KB-2>\n\n`[b](article:KB-3)`\n\n- ![c](image:x.png) ![d](image:x.png)"
    assert keys_linked(text) == ["KB-1", "KB-2"]
    assert images_shown(text) == ["x.png"]


TO_OPEN = '<a href="/help/articles/OPEN" rel="noopener noreferrer">'
LED = {
    "a path": ("[a](/articles/OPEN)", f"{TO_OPEN}a</a>"),
    "the help centre's path": ("[a](/help/articles/OPEN#top)", f"{TO_OPEN}a</a>"),
    "an address": ("[a]({base}/articles/OPEN)", f"{TO_OPEN}a</a>"),
    "an address by reference": ("[a][1]\n\n[1]: {base}/help/articles/OPEN", f"{TO_OPEN}a</a>"),
    "in angles": ("<{base}/articles/OPEN>", f"<p>{TO_OPEN}OPEN</a></p>"),
    "among the words": ("See {base}/articles/OPEN.", f"<p>See {TO_OPEN}OPEN</a>.</p>"),
    "in code it stays": ("`{base}/articles/OPEN`", "<code>{base}/articles/OPEN</code>"),
    "one inside": ("[a](/articles/HID) b", "<p>a b</p>"),
    "one inside, among the words": ("{base}/articles/HID b", "<p>HID b</p>"),
    "one that is not there": ("[a]({base}/articles/GONE)", "<p>a</p>"),
    "another page of ours": ("[*a*]({base}/tickets/5) [b](/tickets/5) [c](x)", "<p><em>a</em> b c</p>"),
    "a page below an article": ("[a]({base}/articles/OPEN/versions/1)", "<p>a</p>"),
    "one that hides": ("[a]({base}//articles/OPEN)", "<p>a</p>"),
    "elsewhere": ("[a](https://a.example/articles/OPEN?x=%2F)", '"https://a.example/articles/OPEN?x=%2F"'),
    "a part of the page": ("[a](#b)", 'href="#b"'),
}  # fmt: skip


@pytest.mark.parametrize("case", LED)
def test_an_address_of_ours_leads_a_visitor_as_a_link_by_key_does(app: Flask, case: str) -> None:
    make_article(ArticleState.PUBLISHED, key="OPEN")
    make_article(ArticleState.VALIDATED, key="HID")
    base = app.config["KCS"].base_url
    text, expected = (each.replace("{base}", base) for each in LED[case])
    version = make_article(ArticleState.PUBLISHED, parts={"body": text}).current_version
    assert expected in reader_html(version, Audience.PUBLIC)
    assert f'href="{base}' not in reader_html(version, Audience.PUBLIC)


def test_a_colleague_follows_addresses_as_they_are_written(app: Flask) -> None:
    base = app.config["KCS"].base_url
    version = make_article(parts={"body": f"[a]({base}/tickets/5) {base}/articles/HID"}).current_version
    html = reader_html(version, make_agent())
    assert f'href="{base}/tickets/5"' in html
    assert f"{base}/articles/HID" in html
