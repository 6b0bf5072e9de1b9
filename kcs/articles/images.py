"""Pictures in articles: checked, encoded anew without what cameras write into them, kept by us."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from typing import TypeVar

import PIL.Image
from PIL import ImageOps, ImageSequence, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Image, ImageUse, Version
from kcs.articles.queries import readable_by_visitors
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.markup import images_shown
from kcs.people.models import Agent
from kcs.sentences import Sentence
from workflow.article import Audience
from workflow.permissions import Right

LARGEST = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_FRAMES = 300
JPEG_QUALITY = 88

# Pillow's name of a format: our suffix and media type.
FORMATS = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "GIF": ("gif", "image/gif"),
    "WEBP": ("webp", "image/webp"),
}

# What Pillow names of a picture that we have written, beside its pixels.
WRITTEN_BY_US = frozenset(
    {
        *("APP0", "jfif", "jfif_version", "jfif_unit", "jfif_density"),
        *("version", "background", "transparency", "duration", "loop", "extension", "timestamp"),
    }
)

Seen = TypeVar("Seen")


def store_image(data: bytes, *, by: Agent) -> Image:
    """Keep a picture; the same one again is kept once. Raises NotAllowed, InvalidInput.

    What is kept is drawn anew from the pixels: no place, camera or other hidden text comes along.
    """
    grant = rights.grant_for(by, Right.CREATE)
    if grant is None:
        raise NotAllowed("You may not add pictures: a licence is needed.")
    return _kept(*_looked_at(data, _encoded), grant, by)


def import_image(data: bytes, *, name: str = "") -> Image:
    """Keep a picture that comes with imported articles, on nobody's account. Raises InvalidInput.

    One that still bears the `name` we once gave it, and hides nothing, stays byte for byte as it is: drawn
    anew it would get another name, and the texts that show it would no longer be the same.
    """
    stem, _, suffix = name.partition(".")
    ours = hashlib.sha256(data).hexdigest()[:32] == stem and _looked_at(data, _hides_nothing) == suffix
    if ours:
        return _kept(*_looked_at(data, lambda picture: (data, picture.format or "", picture.size)), "system")
    return _kept(*_looked_at(data, _encoded), "system")


def get_image(name: str) -> Image:
    """Return a picture for colleagues. Raises NotFound."""
    found = _named(name)
    if found is None:
        raise NotFound("There is no such picture.")
    return found


def get_public_image(name: str) -> Image:
    """Return a picture that stands in the live text of an article visitors may read. Raises NotFound."""
    image = get_image(name)
    live = db.session.execute(
        select(Version)
        .join(ImageUse, ImageUse.version_id == Version.id)
        .join(Article, Article.live_version_id == Version.id)
        .where(ImageUse.image_id == image.id, readable_by_visitors())
    ).scalars()
    if any(name in _shown_in(version, Audience.PUBLIC) for version in live):
        return image
    raise NotFound("There is no such picture.")


def note_uses(version: Version) -> None:
    """Remember which pictures a version shows, in the transaction that writes it."""
    # Most texts show none; reading Markdown for that would take a third of an import's time.
    texts = [text for text in version.parts.values() if "![" in text]
    names = {name for text in texts for name in images_shown(text)}
    if names:
        ids = db.session.execute(select(Image.id).where(Image.name.in_(names))).scalars().all()
        db.session.add_all(ImageUse(image_id=image_id, version_id=version.id) for image_id in ids)


def _shown_in(version: Version, reader: Audience) -> set[str]:
    return {name for text in readable_parts(version, reader).values() for name in images_shown(text)}


def _named(name: str) -> Image | None:
    return db.session.execute(select(Image).where(Image.name == name)).scalar_one_or_none()


def _kept(encoded: bytes, kind: str, size: tuple[int, int], authority: str, by: Agent | None = None) -> Image:
    suffix, media_type = FORMATS[kind]
    name = f"{hashlib.sha256(encoded).hexdigest()[:32]}.{suffix}"
    present = _named(name)
    if present is not None:
        return present
    image = Image(
        name=name,
        media_type=media_type,
        width=size[0],
        height=size[1],
        data=encoded,
        agent_id=by.id if by else None,
        created_at=database.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(image)
    except IntegrityError:
        # Somebody else stored the same picture at the same moment.
        return get_image(name)
    record("image.stored", authority=authority, agent=by, detail={"image_id": image.id})
    return image


def _looked_at(data: bytes, look: Callable[[PIL.Image.Image], Seen]) -> Seen:
    if len(data) > LARGEST:
        raise _refused(
            Sentence(
                "The picture has %(value)s MB; at most 5 MB fit. Make it smaller.",
                value=f"{len(data) / 1024 / 1024:.1f}",
            )
        )
    try:
        with warnings.catch_warnings():
            # A picture that only claims to be huge is refused before its pixels are unpacked.
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(data), formats=list(FORMATS)) as picture:
                return look(picture)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        PIL.Image.DecompressionBombError,
        PIL.Image.DecompressionBombWarning,
    ) as error:
        raise _refused(Sentence("This is no picture we can show: use PNG, JPEG, GIF or WebP.")) from error


def _hides_nothing(picture: PIL.Image.Image) -> str | None:
    """Return the suffix of a picture that is nothing but pixels as we write them, None for another."""
    _refuse_too_large(picture)
    _frames(picture, picture.format or "")
    said = set(picture.info) | {name for name, _ in getattr(picture, "applist", ())}
    return FORMATS[picture.format or ""][0] if said <= WRITTEN_BY_US else None


def _refuse_too_large(picture: PIL.Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _refused(
            Sentence(
                "The picture is %(width)s × %(height)s; at most 40 million pixels fit.",
                width=picture.width,
                height=picture.height,
            )
        )


def _encoded(picture: PIL.Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    kind = picture.format or ""
    _refuse_too_large(picture)
    frames = _frames(picture, kind)
    out = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:], "loop": 0} if len(frames) > 1 else {}
    if len(frames) > 1:
        more["duration"] = [frame.info.get("duration", 100) for frame in frames]
    if kind == "JPEG":
        more["quality"] = JPEG_QUALITY
    frames[0].save(out, format=kind, **more)
    return out.getvalue(), kind, frames[0].size


def _frames(picture: PIL.Image.Image, kind: str) -> list[PIL.Image.Image]:
    if getattr(picture, "n_frames", 1) > MOST_FRAMES:
        raise _refused(
            Sentence(
                "The picture has more than %(most_frames)s frames: use a still one.", most_frames=MOST_FRAMES
            )
        )
    return [_bare(frame, kind) for frame in ImageSequence.Iterator(picture)]


def _bare(frame: PIL.Image.Image, kind: str) -> PIL.Image.Image:
    """Return the pixels, turned as the camera held them, with nothing written beside them."""
    upright = ImageOps.exif_transpose(frame)
    mode = "RGB" if kind == "JPEG" else "RGBA" if upright.has_transparency_data else "RGB"
    pixels = upright.convert(mode)
    bare = PIL.Image.new(mode, pixels.size)
    bare.paste(pixels)
    bare.info = {"duration": frame.info["duration"]} if "duration" in frame.info else {}
    return bare


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, errors={"image": [Sentence("cannot be used")]})
