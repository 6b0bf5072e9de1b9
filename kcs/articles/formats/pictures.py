"""The pictures of imported texts: found in the folder beside them and taken in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from kcs.articles.formats.folder import Folder
from kcs.articles.formats.record import ArticleRecord
from kcs.articles.images import import_image
from kcs.articles.models import Image
from kcs.database import db
from kcs.markup import images_shown

IMAGES = "images"
OUR_NAME = r"[0-9a-f]{32}\.(?:png|jpg|gif|webp)"
_NAMED = re.compile(rf"\bimage:({OUR_NAME})")


def names_in(text: str) -> set[str]:
    """Return the names of our pictures in a Markdown text."""
    return set(_NAMED.findall(text)) if "image:" in text else set()


class Pictures:
    """Takes in the pictures of a folder. Raises InvalidInput for one that is missing or cannot be shown."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._place = folder.root / IMAGES

    def bring(self, record: ArticleRecord) -> ArticleRecord:
        """Take in the pictures an exported article names; without a folder of them leave it as it is."""
        texts = [record.fields, *(version.fields for version in record.versions)]
        names = {name for fields in texts for text in fields.values() for name in names_in(text)}
        if not names or not self._place.is_dir():
            return record
        here = set(db.session.execute(select(Image.name).where(Image.name.in_(names))).scalars())
        shown = {name for fields in texts for text in fields.values() for name in images_shown(text)}
        wanted = {name for name in names - here if name in shown or (self._place / name).exists()}
        renamed = {name: self.take_in(self._place / name) for name in sorted(wanted)}
        changed = {old: new for old, new in renamed.items() if old != new}
        return _renamed(record, changed) if changed else record

    def take_in(self, path: Path) -> str:
        """Keep the picture in a file; return its name here."""
        return import_image(self._folder.picture(path), name=path.name).name


def _renamed(record: ArticleRecord, names: dict[str, str]) -> ArticleRecord:
    def change(fields: dict[str, str]) -> dict[str, str]:
        return {
            name: _NAMED.sub(lambda match: f"image:{names.get(match[1], match[1])}", text)
            for name, text in fields.items()
        }

    versions = [replace(each, fields=change(each.fields)) for each in record.versions]
    return replace(record, fields=change(record.fields), versions=versions)
