"""One article a page, as HTML: written for people and archives, read from other help centres."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag

from kcs.articles.formats import hypertext
from kcs.articles.formats.folder import Folder, Source
from kcs.articles.formats.pictures import Pictures
from kcs.articles.formats.record import ArticleRecord
from kcs.articles.images import LARGEST, import_image
from kcs.errors import InvalidInput
from kcs.markup import ARTICLE_LINK, IMAGE_LINK

SUFFIXES = (".html", ".htm")
INDEX = "index.html"
WRITTEN_FROM_THE_RIGHT = frozenset({"ar", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"})

_KEY = "article-key"
_KEY_HEAD = re.compile(rf'<meta name="{_KEY}" content="([^"]*)">')
_LIST_HEAD = '<meta name="article-list" content="all">'
_HEAD_BYTES = 4096
_AROUND = ("nav", "header", "footer", "aside")
_DATA_PICTURE = re.compile(r"data:image/[a-z+.-]+;base64,", re.IGNORECASE)
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h2 { border-block-end: 1px solid #8886; margin-block-start: 2rem; padding-block-end: .25rem; }
img { block-size: auto; max-inline-size: 100%; }
pre { background: #8881; border-radius: .25rem; overflow-x: auto; padding: .75rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid #8886; padding: .35rem .6rem; text-align: start; }
dl { display: grid; font-size: .875rem; gap: .1rem 1rem; grid-template-columns: max-content 1fr; }
dd { margin: 0; overflow-wrap: anywhere; }
""".strip()


def page(title: str, key: str, locale: str, facts: Mapping[str, str], body: str) -> str:
    """Return an article's page; `body` is sanitised HTML, `facts` what stands below the title."""
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    head = f'<meta name="{_KEY}" content="{escape(key)}">\n'
    content = f'<p><a href="{INDEX}">All articles</a></p>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>'
    return _document(title, locale, head, f"{content}\n<dl>{told}</dl>")


def address(name: str) -> str:
    """Return the relative address of a page by its file's name."""
    return quote(name, safe="~")


def index_head() -> str:
    """Return the beginning of the list of articles."""
    return _document("Articles", "en", f"{_LIST_HEAD}\n", "<h1>Articles</h1>\n<ul>").rpartition("</body>")[0]


def index_row(title: str, locale: str, address: str, note: str) -> str:
    """Return an article's line in the list."""
    words = f'<a href="{escape(address)}"{_language(locale)}>{escape(title)}</a>'
    return f"<li>{words} <small>{escape(note)}</small></li>\n"


def index_foot() -> str:
    """Return the end of the list of articles."""
    return "</ul>\n</body>\n</html>\n"


def pages_in(folder: Folder) -> Iterator[Path]:
    """Yield the pages of a folder but for the list of articles that an export puts beside them."""
    for path in folder.files(*SUFFIXES):
        if path.name != INDEX or _LIST_HEAD not in _head_of(path):
            yield path


def sources(folder: Folder, files: Iterable[Path]) -> Iterator[Source]:
    """Yield the articles in these pages of `folder`."""
    pictures = Pictures(folder)
    for number, path in enumerate(files, start=1):
        yield Source(number, folder.name_of(path), partial(_read, folder, path, pictures))


def _read(folder: Folder, path: Path, pictures: Pictures) -> ArticleRecord:
    soup = BeautifulSoup(folder.text(path), "html.parser")
    content = soup.find("main") or soup.find("article") or soup.body or soup
    heading = content.find("h1") or soup.find("h1")
    title = _words(heading) or _words(soup.title) or path.stem
    if heading:
        heading.decompose()
    if content.name not in {"main", "article"}:
        _leave_out_what_is_around(content)
    hypertext.bare(content)
    for image in content.find_all("img"):
        _take_in(image, folder, path, pictures)
    for link in content.find_all("a", href=True):
        _lead_here(link, folder, path)
    text = hypertext.converted(content)
    return ArticleRecord(title=title, fields={"body": text}, key=_key_of(folder, path), locale=_locale(soup))


def _document(title: str, locale: str, head: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html{_language(locale)}>\n<head>\n<meta charset="utf-8">\n{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _language(locale: str) -> str:
    language = re.split("[-_]", locale)[0].lower()
    direction = "rtl" if language in WRITTEN_FROM_THE_RIGHT else "ltr"
    return f' lang="{escape(locale)}" dir="{direction}"'


def _locale(soup: BeautifulSoup) -> str:
    """Return the page's language; a script written from the right belongs to it only when it is named."""
    named = soup.find(["html", "body", "main", "article"], lang=True)
    return str(named["lang"]).strip() or "en" if named else "en"


def _words(tag: Tag | None) -> str:
    return " ".join(tag.get_text(" ").split()) if tag else ""


def _leave_out_what_is_around(content: Tag) -> None:
    """Of a whole page, leave out what stands around its text."""
    for tag in content.find_all(_AROUND):
        tag.extract()


def _take_in(image: Tag, folder: Folder, page_path: Path, pictures: Pictures) -> None:
    """Let an image show our copy of its picture; one on another server keeps its address."""
    address = str(image.get("src") or "")
    if _DATA_PICTURE.match(address):
        image["src"] = IMAGE_LINK + import_image(_decoded(address)).name
        return
    path = folder.beside(page_path, address)
    if path is not None and path.suffix.lower() == ".svg":
        image.extract()
    elif path is not None:
        image["src"] = IMAGE_LINK + pictures.take_in(path)


def _decoded(address: str) -> bytes:
    encoded = address.partition(",")[2]
    if len(encoded) > LARGEST * 2:
        raise InvalidInput("A picture within the page is larger than 5 MB.")
    try:
        return base64.b64decode(encoded)
    except binascii.Error as error:
        raise InvalidInput("A picture within the page cannot be decoded.") from error


def _lead_here(link: Tag, folder: Folder, page_path: Path) -> None:
    path = folder.linked(page_path, str(link["href"]), SUFFIXES)
    if path is not None:
        link["href"] = ARTICLE_LINK + quote(_key_of(folder, path), safe="")


@lru_cache(maxsize=1024)
def _key_of(folder: Folder, path: Path) -> str:
    """Return the key a page says in its head, else the one its path gives it."""
    named = _KEY_HEAD.search(_head_of(path))
    return unescape(named[1]) if named else folder.key_of(path)


def _head_of(path: Path) -> str:
    """Return the beginning of a page, nothing of one that is refused when its turn comes."""
    try:
        if path.resolve() != path or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).decode("utf-8", errors="ignore")
    except OSError:
        return ""
