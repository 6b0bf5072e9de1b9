"""One article a file, as Markdown under a YAML head: for editors, and for other systems.

Each field stands under a line `<!-- field: NAME -->`; the same line within a text gets a backslash, so that
what was written comes back to the letter. A file without such lines is one text from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt

from kcs.articles.formats.folder import Folder, Source
from kcs.articles.formats.jsonl import from_data, to_data
from kcs.articles.formats.pictures import IMAGES, OUR_NAME, Pictures
from kcs.articles.formats.record import ArticleRecord
from kcs.errors import InvalidInput
from kcs.markup import ARTICLE_LINK, IMAGE_LINK

SUFFIXES = (".md", ".markdown")
PLAIN_FIELD = "body"
LONGEST_HEAD = 100_000

_YAML = YAMLHandler()
_MARKER = re.compile(r"^<!-- field: ([^\n]+?) -->\n", re.MULTILINE)
_LIKE_MARKER = re.compile(r"^(<!-- \\*)(?=field: )", re.MULTILINE)
_ESCAPED = re.compile(r"^(<!-- \\*)\\(?=field: )", re.MULTILINE)
_HEADING = re.compile(r"## [^\n]*\n\n")
_LIKE_PICTURE = re.compile(rf"\]\(((?:\./)*)(?={IMAGES}/{OUR_NAME})")
_ESCAPED_PICTURE = re.compile(rf"\]\(\./((?:\./)*)(?={IMAGES}/{OUR_NAME})")
_PICTURE = re.compile(rf"\]\({IMAGE_LINK}(?={OUR_NAME})")
_OUR_PICTURE = re.compile(rf"\]\({IMAGES}/(?={OUR_NAME})")
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def to_file(record: ArticleRecord, labels: Mapping[str, str]) -> str:
    """Return an article's file; `labels` are what people call its fields."""
    head = _YAML.export(to_data(record), sort_keys=False, width=10_000)
    sections = [
        f"<!-- field: {name} -->\n{_heading(name, labels.get(name, name))}{_escaped(text)}\n\n"
        for name, text in record.fields.items()
    ]
    return f"---\n{head}\n---\n\n{''.join(sections)}"


def from_file(text: str) -> ArticleRecord:
    """Read the file of an exported article. Raises InvalidInput, ValidationError, YAMLError."""
    if text.startswith("---\r\n"):
        text = text.replace("\r\n", "\n")
    head, content = _split(text)
    pieces = _MARKER.split(content)
    if len(pieces) == 1:
        plain = {PLAIN_FIELD: content.strip()} if content.strip() else {}
        return from_data({"title": "", **head, "fields": plain})
    if pieces[0].strip():
        raise InvalidInput("There is text before the first '<!-- field: … -->' line, in no field.")
    names = pieces[1::2]
    if len(set(names)) < len(names):
        raise InvalidInput("A field stands there twice.")
    texts = {name: _text(name, piece) for name, piece in zip(names, pieces[2::2], strict=True)}
    return from_data({**head, "fields": texts})


def sources(folder: Folder, files: Iterable[Path]) -> Iterator[Source]:
    """Yield the articles in these files of `folder`."""
    pictures = Pictures(folder)
    for number, path in enumerate(files, start=1):
        yield Source(number, folder.name_of(path), partial(_read, folder, path, pictures))


def _read(folder: Folder, path: Path, pictures: Pictures) -> ArticleRecord:
    text = folder.text(path)
    record = from_file(text)
    if _MARKER.search(text) or PLAIN_FIELD not in record.fields:
        return pictures.bring(record)
    body, title = _titled(record.fields[PLAIN_FIELD], record.title)
    return replace(
        record,
        key=record.key or folder.key_of(path),
        title=title or path.stem,
        fields={PLAIN_FIELD: _led_here(body, folder, path, pictures)},
    )


def _split(text: str) -> tuple[dict[str, Any], str]:
    """Return what the head says, every value as it is written, and what follows it."""
    if not _YAML.detect(text):
        return {}, text
    try:
        head, content = _YAML.split(text)
    except ValueError:
        return {}, text
    if len(head) > LONGEST_HEAD:
        raise InvalidInput("The lines between '---' are too many to be an article's head.")
    # Every value stays text: `no` is a language, and 2024-05-01 a title. Not the loader in C: nested deeply
    # enough, a head would bring the process down.
    said = _YAML.load(head, Loader=yaml.BaseLoader)
    if not isinstance(said, dict):
        raise InvalidInput("The lines between '---' are no list of names and values.")
    return said, content


def _heading(name: str, label: str) -> str:
    return "" if name == PLAIN_FIELD else f"## {' '.join(label.split())}\n\n"


def _escaped(text: str) -> str:
    text = _LIKE_MARKER.sub(r"\1\\", text)
    return _PICTURE.sub(f"]({IMAGES}/", _LIKE_PICTURE.sub(r"](./\1", text))


def _text(name: str, section: str) -> str:
    if name != PLAIN_FIELD:
        section = _HEADING.sub("", section, count=1) if _HEADING.match(section) else section
    text = section.removesuffix("\n").removesuffix("\n")
    text = _OUR_PICTURE.sub(f"]({IMAGE_LINK}", text)
    return _ESCAPED.sub(r"\1", _ESCAPED_PICTURE.sub(r"](\1", text))


def _titled(text: str, title: str) -> tuple[str, str]:
    """Return a text and its title: without another, its first line when that is a heading."""
    first, _, rest = text.partition("\n")
    if title or not first.startswith("# "):
        return text, title
    return rest.strip(), first.removeprefix("# ").strip(" #")


def _led_here(text: str, folder: Folder, page: Path, pictures: Pictures) -> str:
    """Return a text from elsewhere with its pictures taken in and its links leading to our articles."""
    for token in (child for block in _MARKDOWN.parse(text) for child in block.children or ()):
        if token.type not in ("image", "link_open"):
            continue
        address = str(token.attrGet("src" if token.type == "image" else "href") or "")
        if token.type == "image":
            path = folder.beside(page, address)
            if path is not None:
                text = text.replace(f"]({address}", f"]({IMAGE_LINK}{pictures.take_in(path)}")
            continue
        linked = folder.linked(page, address, SUFFIXES)
        if linked is not None:
            text = text.replace(f"]({address}", f"]({ARTICLE_LINK}{quote(folder.key_of(linked), safe='')}")
    return text
