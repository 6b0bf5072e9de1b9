"""Packs an app for a desk into a zip: the same files give the same bytes."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from kcs.errors import InvalidInput

# The format knows no earlier day; a fixed one keeps the bytes the same.
DAY = (1980, 1, 1, 0, 0, 0)


def as_json(content: object) -> bytes:
    """Return a document as an app's files have it."""
    return (json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def write_into(folder: str, name: str, pack: Callable[[], bytes]) -> Path:
    """Write what `pack` makes into a folder; end the program with the reason where it refuses."""
    target = Path(folder) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.write_bytes(pack())
    except InvalidInput as error:
        sys.exit(str(error))
    return target


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the zip of these files, by their paths in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, DAY)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()
