"""A folder that articles come from: its files, and the pictures they show; nothing outside it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kcs.articles.formats.record import ArticleRecord
from kcs.articles.images import LARGEST
from kcs.errors import InvalidInput

LARGEST_TEXT = 16 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """One article in a file, not read yet. `read` raises what a file can do wrong."""

    line: int
    place: str
    read: Callable[[], ArticleRecord]


class Folder:
    """A folder and everything below it; a symbolic link in it leads nowhere."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def files(self, *suffixes: str) -> Iterator[Path]:
        """Yield the files with one of these suffixes, folder by folder in order."""
        for place, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if name.lower().endswith(suffixes):
                    yield Path(place) / name

    def count(self, *suffixes: str) -> int:
        """Return how many files `files` yields."""
        return sum(1 for _ in self.files(*suffixes))

    def name_of(self, path: Path) -> str:
        """Return a file's path from the folder's root, as people read it."""
        return path.relative_to(self.root).as_posix()

    def key_of(self, path: Path) -> str:
        """Return the key of the article in a file that does not say it: its path without the suffix."""
        return "-".join(path.relative_to(self.root).with_suffix("").parts)

    def beside(self, page: Path, address: str) -> Path | None:
        """Return the file a relative address in `page` names, None for an address elsewhere.

        Raises InvalidInput for one that leads out of the folder.
        """
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if parts.scheme or parts.netloc or not parts.path:
            return None
        named = unquote(parts.path)
        if "\0" in named or named.startswith("/"):
            raise InvalidInput(f"'{address}' is not a file in the imported folder.")
        path = Path(os.path.normpath(page.parent / named))
        if not path.is_relative_to(self.root):
            raise InvalidInput(f"'{address}' leads out of the imported folder.")
        return path

    def linked(self, page: Path, address: str, suffixes: tuple[str, ...]) -> Path | None:
        """Return the file of an article that `page` links to, None for whatever else an address leads to."""
        try:
            path = self.beside(page, address)
            found = path is not None and path.name.lower().endswith(suffixes) and path.is_file()
        except (InvalidInput, OSError):
            return None  # A link to nowhere, or out of the folder, stays what it is: nothing is read there.
        return path if found else None

    def text(self, path: Path) -> str:
        """Return what a text file holds. Raises InvalidInput, UnicodeDecodeError, OSError."""
        return self._read(path, LARGEST_TEXT).decode("utf-8-sig")

    def picture(self, path: Path) -> bytes:
        """Return the bytes of a picture. Raises InvalidInput, OSError."""
        return self._read(path, LARGEST)

    def _read(self, path: Path, largest: int) -> bytes:
        name = self.name_of(path)
        if path.resolve() != path:
            raise InvalidInput(f"'{name}' is a symbolic link, and those are not followed.")
        if not path.is_file():
            raise InvalidInput(f"There is no file '{name}' in the imported folder.")
        if path.stat().st_size > largest:
            raise InvalidInput(f"'{name}' is larger than {largest // 1024 // 1024} MB.")
        return path.read_bytes()
