"""HTML from elsewhere as Markdown: what it says stays; what cannot come along is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment
from markdownify import MarkdownConverter

# What goes without a word: it says nothing that a reader would miss.
UNSEEN = ("script", "style", "noscript", "template", "link", "meta")
# What a reader would miss, by the name it is told under.
LOST = {
    "iframe": "video or embedded page",
    "video": "video or embedded page",
    "audio": "sound",
    "object": "embedded object",
    "embed": "embedded object",
    "form": "form",
    "svg": "drawing",
    "math": "formula",
}
PICTURE = "picture from elsewhere"
_CONVERTER = MarkdownConverter(
    heading_style="ATX",
    bullets="-",
    table_infer_header=True,
    keep_inline_images_in=["td", "th", "h1", "h2", "h3", "h4", "h5", "h6"],
)

# Takes the address of a picture or link and returns the one it has here, None to leave it as it is.
Readdress = Callable[[str], str | None]


@dataclass(frozen=True)
class Converted:
    """A text as Markdown, and what of it could not come along, in words."""

    text: str
    lost: tuple[str, ...] = ()


def to_markdown(html: str, *, picture: Readdress, link: Readdress) -> Converted:
    """Convert a fragment of a page.

    A picture that `picture` has no address for becomes a link to where it is: pictures from elsewhere are
    never shown (`kcs.markup`).
    """
    content = BeautifulSoup(html, "html.parser")
    lost = bare(content)
    for image in content.find_all("img"):
        if not _take_in(image, picture):
            lost.add(PICTURE)
    for anchor in content.find_all("a", href=True):
        anchor["href"] = link(str(anchor["href"])) or anchor["href"]
    return Converted(converted(content), tuple(sorted(lost)))


def bare(content: Tag) -> set[str]:
    """Drop what is no text; return what a reader will miss."""
    lost = set()
    for tag in content.find_all([*UNSEEN, *LOST]):
        if tag.name in LOST:
            lost.add(LOST[tag.name])
        tag.extract()
    for comment in content.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    return lost


def converted(content: Tag) -> str:
    """Return parsed HTML as Markdown."""
    return str(_CONVERTER.convert_soup(content)).strip()


def _take_in(image: Tag, picture: Readdress) -> bool:
    address = str(image.get("src") or "")
    ours = picture(address)
    if ours is not None:
        image["src"] = ours
        return True
    if not address.startswith(("https://", "http://")):
        image.extract()
        return False
    words = str(image.get("alt") or "") or address.rpartition("/")[2] or address
    image.name = "a"
    image.attrs = {"href": address}
    image.string = words
    return False
