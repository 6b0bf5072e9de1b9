"""The files of an export: lines in one file, or a folder of Markdown files or pages, with pictures beside."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO
from urllib.parse import unquote

from kcs.articles import exports
from kcs.articles.exports import Exported, Selection
from kcs.articles.formats import html, jsonl, markdown
from kcs.articles.formats.names import file_name
from kcs.articles.formats.pictures import IMAGES, OUR_NAME, names_in
from kcs.articles.rendering import html_of
from kcs.errors import InvalidInput
from workflow.article import state_of

LINES = "articles.jsonl"
# Marks the addresses that become relative ones; no text leads to this host.
_BASE = "https://export.invalid"
_LINK = re.compile(rf'href="{_BASE}/(?:help/)?articles/([^"/]*)"')
_PICTURE = re.compile(rf'src="{_BASE}/(?:articles|help)/images/({OUR_NAME})"')


class Format(StrEnum):
    """The formats articles are written in and read from."""

    JSONL = "jsonl"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True)
class Written:
    """What an export wrote: how many articles and how many pictures."""

    articles: int
    pictures: int


class _Writer(Protocol):
    def add(self, article: Exported) -> None: ...


def export(
    target: Path | None,
    form: Format,
    selection: Selection,
    *,
    images: bool = True,
    on_article: Callable[[int], None] = lambda _: None,
) -> Written:
    """Write the selected articles; `target` None is standard output, for lines alone.

    Lines replace an earlier file in one step, so that a break leaves the earlier one; a folder has to be new
    or empty. `on_article` is called with 1 for each article. Raises InvalidInput, OSError.
    """
    pictures = _Pictures(target) if images and target is not None else None
    articles = 0
    with _writer(target, form, selection) as writer:
        for article in exports.exported(selection):
            writer.add(article)
            if pictures is not None:
                pictures.add(article)
            articles += 1
            on_article(1)
    return Written(articles, pictures.count if pictures else 0)


def place_of(target: Path, form: Format) -> Path:
    """Return the file lines go to when a folder is named; other formats fill the folder."""
    return target / LINES if form is Format.JSONL and target.is_dir() else target


@contextmanager
def _writer(target: Path | None, form: Format, selection: Selection) -> Iterator[_Writer]:
    if target is None:
        yield _Lines(sys.stdout.buffer)
    elif form is Format.JSONL:
        target.parent.mkdir(parents=True, exist_ok=True)
        beginning = target.with_name(f"{target.name}.part")
        with beginning.open("wb") as file:
            yield _Lines(file)
        beginning.replace(target)
    else:
        _make_empty(target)
        if form is Format.MARKDOWN:
            yield _MarkdownFolder(target)
        else:
            with (target / html.INDEX).open("w", encoding="utf-8", newline="\n") as index:
                yield _Pages(target, selection, index)
                index.write(html.index_foot())


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput(
            f"{folder} is not empty: name a new folder, so that nothing of an earlier export stays in it."
        )


class _Lines:
    """One article a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, article: Exported) -> None:
        """Write the article's line."""
        self._file.write(jsonl.to_line(article.record))


class _MarkdownFolder:
    """One file an article."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, article: Exported) -> None:
        """Write the article's file."""
        labels = {part.field.name: part.field.label for part in article.parts}
        _write(self._folder / f"{_name(article)}.md", markdown.to_file(article.record, labels))


class _Pages:
    """One page an article, and a list of them."""

    def __init__(self, folder: Path, selection: Selection, index: TextIO) -> None:
        self._folder = folder
        self._selection = selection
        self._index = index
        index.write(html.index_head())

    def add(self, article: Exported) -> None:
        """Write the article's page and its line in the list."""
        record, name = article.record, f"{_name(article)}.html"
        body = self._relative(html_of(article.parts, self._selection.audience, base=_BASE))
        page = html.page(record.title, record.key or "", record.locale, self._facts(article), body)
        _write(self._folder / name, page)
        note = f"{record.key} · {self._state(article)}"
        self._index.write(html.index_row(record.title, record.locale, html.address(name), note))

    def _relative(self, body: str) -> str:
        """Let links lead to the pages of this export; those to other articles keep their words alone."""
        keys = {unquote(key) for key in _LINK.findall(body)}
        here = exports.keys_in(keys, self._selection) if keys else set()

        def page_of(match: re.Match[str]) -> str:
            key = unquote(match[1])
            return f'href="{html.address(file_name(key) + ".html")}"' if key in here else ""

        return _PICTURE.sub(rf'src="{IMAGES}/\1"', _LINK.sub(page_of, body))

    def _facts(self, article: Exported) -> dict[str, str]:
        record = article.record
        facts = {
            "Article": record.key,
            "State": None if self._selection.is_public else self._state(article),
            "Audience": record.audience.value,
            "Domain": record.domain,
            "Owner": record.owner,
            "Tags": ", ".join(record.tags),
            "Published": f"{record.published_at:%Y-%m-%d}" if record.published_at else None,
            "Last checked": f"{record.last_checked_at:%Y-%m-%d}" if record.last_checked_at else None,
            "Tickets solved": str(record.reuse) if record.reuse else None,
        }
        return {name: value for name, value in facts.items() if value}

    def _state(self, article: Exported) -> str:
        record = article.record
        state = state_of(record.confidence, record.audience) if record.confidence else ""
        return state.replace("_", " ")


class _Pictures:
    """The pictures the written texts show, each once, in a folder beside them."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.count = 0

    def add(self, article: Exported) -> None:
        """Write the pictures of an article that are not there yet."""
        folder = (self._target if self._target.is_dir() else self._target.parent) / IMAGES
        versions = [each.fields for each in article.record.versions]
        for fields in (article.record.fields, *versions):
            for name in sorted(name for text in fields.values() for name in names_in(text)):
                self._write(folder, name)

    def _write(self, folder: Path, name: str) -> None:
        path = folder / name
        data = None if path.exists() else exports.picture(name)
        if data is not None:
            folder.mkdir(exist_ok=True)
            path.write_bytes(data)
            self.count += 1


def _name(article: Exported) -> str:
    return file_name(article.record.key or "")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise InvalidInput(
            f"There is a file {path.name} already: the keys of two articles differ only in case. "
            "Export to a file system that tells upper and lower case apart, or as jsonl."
        ) from error
