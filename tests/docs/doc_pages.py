"""Reading the documentation: its pages, tables and code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_CELL = re.compile(r"(?<!\\)\|")
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Return the pages at the root and every page below docs."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def text_of(name: str) -> str:
    """Return a page of docs."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of the same or a higher level."""
    match = re.search(rf"^(#+) {re.escape(heading)}\n", text, re.M)
    assert match, f"no heading '{heading}'"
    rest = text[match.end() :]
    following = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.M)
    return rest[: following.start()] if following else rest


def rows(text: str) -> list[list[str]]:
    """Return the body rows of the first table in a text, cell by cell."""
    lines = [line.strip() for line in text.splitlines()]
    start = next((number for number, line in enumerate(lines) if line.startswith("|")), None)
    assert start is not None, "no table"
    body = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        body.append([cell.strip().replace("\\|", "|") for cell in _CELL.split(line[1:-1])])
    return body


def codes(cell: str) -> list[str]:
    """Return what a cell holds between backticks."""
    return _SPAN.findall(cell)


def code_lines(text: str) -> list[str]:
    """Return every line of the fenced blocks, continued lines joined, and every code span."""
    fenced = "\n".join(_FENCED.findall(text)).replace("\\\n", " ")
    return [*fenced.splitlines(), *_SPAN.findall(_FENCED.sub("", text))]
