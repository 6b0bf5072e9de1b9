"""A fingerprint survives how help centres write HTML, and sees every change of the text."""

from __future__ import annotations

import html
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.publishing.fingerprint import fingerprint

WORDS = st.sampled_from(["card", "export", "über", "déjà", "a<b", "R&D", "‘quoted’", "中文", "שלום", "x"])
LINKS = st.sampled_from(["https://a.example/x", "https://a.example/é?q=1&r=2", "mailto:a@b.example"])
INLINE = st.one_of(
    st.tuples(st.just("text"), WORDS),
    st.tuples(st.sampled_from(["strong", "em", "code", "s"]), WORDS),
    st.tuples(st.just("a"), WORDS, LINKS),
    st.tuples(st.just("img"), WORDS, LINKS),
)
LINE = st.lists(INLINE, min_size=1, max_size=5)
BLOCK = st.one_of(
    st.tuples(st.sampled_from(["p", "h2", "h3", "blockquote"]), LINE),
    st.tuples(st.sampled_from(["ul", "ol"]), st.lists(LINE, min_size=1, max_size=3)),
    st.tuples(st.just("pre"), WORDS),
)
TEXT = st.lists(BLOCK, min_size=1, max_size=5)


Piece = tuple[Any, ...]


class Plain:
    """Writes the HTML that we send."""

    def text(self, words: str) -> str:
        return html.escape(words)

    def space(self) -> str:
        return " "

    def between(self) -> str:
        return "\n"

    def attributes(self, given: dict[str, str]) -> str:
        return "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())

    def tag(self, name: str) -> str:
        return name

    def image(self, given: dict[str, str]) -> str:
        return f"<img{self.attributes(given)}>"

    def item(self, inside: str) -> str:
        return f"<li>{inside}</li>"

    def paragraph(self, inside: str) -> str:
        return f"<p>{inside}</p>"


class Vendors(Plain):
    """Writes the same text as a help centre might."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def text(self, words: str) -> str:
        if self.dice.random() < 0.5:
            return "".join(f"&#{ord(sign)};" for sign in words)
        return html.escape(words, quote=False).replace("‘", "&lsquo;").replace("é", "&eacute;")

    def space(self) -> str:
        return self.dice.choice([" ", "  ", "\n", "&nbsp;", "\u00a0 "])

    def between(self) -> str:
        return self.dice.choice(["", "\n", "\n\n  ", "<p></p>", "<!-- x -->", "&nbsp;"])

    def attributes(self, given: dict[str, str]) -> str:
        more = {"rel": "noopener noreferrer", "target": "_blank", "class": "wysiwyg", "id": "h_01"}
        items = [*given.items(), *self.dice.sample(list(more.items()), 2)]
        self.dice.shuffle(items)
        return "".join(f" {name.upper()}='{html.escape(value)}'" for name, value in items)

    def tag(self, name: str) -> str:
        return self.dice.choice([name, {"strong": "b", "em": "i", "s": "del"}.get(name, name)])

    def image(self, given: dict[str, str]) -> str:
        return f"<IMG{self.attributes(given)} />"

    def item(self, inside: str) -> str:
        return self.dice.choice([f"<li>{inside}</li>", f"<li>\n<p>{inside}</p>\n</li>", f"<li>{inside}"])

    def paragraph(self, inside: str) -> str:
        # Bare text is told apart from what stands before it, which may be a paragraph nobody closed.
        return self.dice.choice(
            [f"<p>{inside}</p>", f"<div>{inside}</div>", f"<p>{inside}", f"<br/>{inside}<br/>"]
        )


def written(text: list[Piece], pen: Plain) -> str:
    """Return the HTML of a text."""
    return pen.between() + pen.between().join(block(each, pen) for each in text)


def block(each: Piece, pen: Plain) -> str:
    kind, content = each
    if kind == "p":
        return pen.paragraph(line(content, pen)) + pen.between()
    if kind in ("ul", "ol"):
        return f"<{kind}>{''.join(pen.item(line(item, pen)) for item in content)}</{kind}>"
    if kind == "pre":
        return f"<pre{pen.attributes({})}><code>{pen.text(content)}\n</code></pre>"
    return f"<{kind}{pen.attributes({})}>{line(content, pen)}</{kind}>"


def line(content: list[Piece], pen: Plain) -> str:
    return pen.space().join(inline(each, pen) for each in content)


def inline(each: Piece, pen: Plain) -> str:
    kind, words, *link = each
    if kind == "text":
        return pen.text(words)
    if kind == "a":
        return f"<a{pen.attributes({'href': link[0]})}>{pen.text(words)}</a>"
    if kind == "img":
        return pen.image({"src": link[0], "alt": words})
    return f"<{(name := pen.tag(kind))}>{pen.text(words)}</{name}>"


@settings(max_examples=150, deadline=None)
@given(TEXT, st.integers(0, 10_000))
def test_the_same_text_written_otherwise_has_the_same_fingerprint(text: list[Piece], seed: int) -> None:
    assert fingerprint("How to", written(text, Plain())) == fingerprint(
        " How\u00a0to ", written(text, Vendors(random.Random(seed)))
    )


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT)
def test_two_texts_that_differ_have_two_fingerprints(one: list[Piece], other: list[Piece]) -> None:
    same = fingerprint("How to", written(one, Plain())) == fingerprint("How to", written(other, Plain()))
    assert same == (one == other)


CHANGES = {
    "a word": ("<p>Allow pop-ups.</p>", "<p>Allow popups.</p>"),
    "a capital": ("<p>Allow.</p>", "<p>allow.</p>"),
    "a space within a word": ("<p>log in</p>", "<p>login</p>"),
    "the order": ("<p>first</p><p>second</p>", "<p>second</p><p>first</p>"),
    "emphasis": ("<p>do not</p>", "<p>do <em>not</em></p>"),
    "emphasis of another word": ("<p><b>do</b> not</p>", "<p>do <b>not</b></p>"),
    "emphasis within a word": ("<p>pop<b>up</b></p>", "<p><b>pop</b>up</p>"),
    "where a link leads": ("<a href='https://a.example'>x</a>", "<a href='https://b.example'>x</a>"),
    "a link taken away": ("<a href='https://a.example'>x</a>", "x"),
    "a picture": ("<img src='/1.png' alt='x'>", "<img src='/2.png' alt='x'>"),
    "a picture's words": ("<img src='/1.png' alt='x'>", "<img src='/1.png' alt='y'>"),
    "a heading's level": ("<h2>x</h2>", "<h3>x</h3>"),
    "a heading's end": ("<h2>x</h2>y", "<h2>x y</h2>"),
    "a list's kind": ("<ul><li>x</li></ul>", "<ol><li>x</li></ol>"),
    "items joined": ("<ul><li>x</li><li>y</li></ul>", "<ul><li>x y</li></ul>"),
    "paragraphs joined": ("<p>x</p><p>y</p>", "<p>x y</p>"),
    "where a list begins": ("<ol><li>x</li></ol>", "<ol start='3'><li>x</li></ol>"),
    "a table's cells": (
        "<table><tr><td>x</td><td>y</td></tr></table>",
        "<table><tr><td>x y</td></tr></table>",
    ),
    "white space in code": ("<pre>if x:\n  y</pre>", "<pre>if x:\ny</pre>"),
    "a rule": ("<p>x</p><hr><p>y</p>", "<p>x</p><p>y</p>"),
    "a video put in": ("<p>x</p>", "<p>x</p><iframe src='https://v.example/1'></iframe>"),
    "a letter that looks the same": ("<p>a</p>", "<p>\u0430</p>"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_the_text_is_seen(change: str) -> None:
    before, after = CHANGES[change]
    assert fingerprint("T", before) != fingerprint("T", after)


def test_the_title_counts() -> None:
    assert fingerprint("One", "<p>x</p>") != fingerprint("Two", "<p>x</p>")
    assert fingerprint("x", "y") != fingerprint("x y", "")


@pytest.mark.parametrize(
    "odd", ["", "<", "<p", "</p></p>", "<a href>x", "<![CDATA[x]]>", "&#x110000;", "\ud800"]
)
def test_no_text_is_too_odd(odd: str) -> None:
    assert fingerprint(odd, odd) == fingerprint(odd, odd)
