"""Pictures: checked and drawn anew; visitors see those of the live text they read, and no others."""

from __future__ import annotations

import io

import PIL.Image
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kcs.articles import images
from kcs.articles.images import get_public_image, store_image
from kcs.articles.models import Image
from kcs.articles.rendering import reader_html
from kcs.articles.services import move_article, save_version
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, NotFound
from kcs.people.models import Agent
from tests.factories import make_agent, make_article, sign_in
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

PLACE = b"48.8584 N 2.2945 E"


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), *, frames: int = 1, shade: int = 1) -> bytes:
    """Draw a picture, with a hidden word where the format has room for one."""
    drawn = [PIL.Image.new("RGB", size, (shade, number * 9, 200)) for number in range(frames)]
    out = io.BytesIO()
    more: dict[str, object] = (
        {"save_all": True, "append_images": drawn[1:], "duration": 50} if frames > 1 else {}
    )
    if kind == "JPEG":
        exif = PIL.Image.Exif()
        exif[0x010E], exif[0x0112] = PLACE.decode(), 6
        more["exif"] = exif
    drawn[0].save(out, format=kind, **more)
    return out.getvalue()


@pytest.fixture
def ann(app: Flask) -> Agent:
    return make_agent(Licence.PUBLISHER)


@pytest.mark.parametrize(
    ("kind", "suffix", "media_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("GIF", "gif", "image/gif"),
        ("WEBP", "webp", "image/webp"),
    ],
)
def test_a_picture_is_drawn_anew_and_kept_once(ann: Agent, kind: str, suffix: str, media_type: str) -> None:
    first = store_image(picture(kind), by=ann)
    assert (first.name.rpartition(".")[2], first.media_type) == (suffix, media_type)
    assert store_image(picture(kind), by=ann) is first
    assert db.session.query(Image).count() == 1
    with PIL.Image.open(io.BytesIO(first.data)) as kept:
        assert (kept.format, kept.size) == (kind, (first.width, first.height))


def test_what_a_camera_writes_into_a_picture_is_left_out(ann: Agent) -> None:
    given = picture("JPEG")
    assert PLACE in given
    kept = store_image(given, by=ann)
    assert PLACE not in kept.data
    # Held upright, as the hidden word said.
    assert (kept.width, kept.height) == (6, 8)


def test_a_moving_picture_goes_on_moving(ann: Agent) -> None:
    kept = store_image(picture("GIF", frames=3), by=ann)
    with PIL.Image.open(io.BytesIO(kept.data)) as shown:
        assert getattr(shown, "n_frames", 1) == 3


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no picture"),
        (b"<html><script>alert(1)</script>", "no picture"),
        (b"%PDF-1.7", "no picture"),
        (picture()[:40], "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "no picture"),
        (b"\0" * (images.LARGEST + 1), "at most 5 MB"),
    ],
    ids=["empty", "svg", "html", "pdf", "cut off", "only a head", "too large"],
)
def test_what_is_no_picture_is_refused_in_words(ann: Agent, data: bytes, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        store_image(data, by=ann)
    assert db.session.query(Image).count() == 0


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(ann: Agent) -> None:
    out = io.BytesIO()
    PIL.Image.new("1", (20_000, 20_000)).save(out, format="PNG")
    assert len(out.getvalue()) < images.LARGEST
    with pytest.raises(InvalidInput):
        store_image(out.getvalue(), by=ann)


def test_adding_a_picture_needs_a_licence(app: Flask) -> None:
    with pytest.raises(NotAllowed):
        store_image(picture(), by=make_agent(None))


def test_a_visitor_sees_a_picture_with_the_live_text_it_stands_in_and_no_longer(ann: Agent) -> None:
    image = store_image(picture(), by=ann)
    parts = {"issue": "i", "resolution": f"Look: ![tray](image:{image.name})"}
    article = make_article(ArticleState.VALIDATED, parts=parts)
    with pytest.raises(NotFound):
        get_public_image(image.name)
    move_article(article, Move.PUBLISH, by=ann, audience=Audience.PUBLIC)
    assert get_public_image(image.name) is image
    save_version(article, "Without", {"issue": "i", "resolution": "r"}, by=ann, base=1)
    assert get_public_image(image.name) is image
    move_article(article, Move.PUBLISH, by=ann, audience=Audience.PUBLIC)
    with pytest.raises(NotFound):
        get_public_image(image.name)


def test_a_picture_in_internal_notes_stays_inside(ann: Agent) -> None:
    image = store_image(picture(), by=ann)
    parts = {"issue": "i", "resolution": "r", "notes": f"![](image:{image.name})"}
    article = make_article(ArticleState.PUBLISHED, parts=parts)
    assert image.name in reader_html(article.current_version, ann)
    assert image.name not in reader_html(article.current_version, Audience.PUBLIC)
    with pytest.raises(NotFound):
        get_public_image(image.name)


def test_a_picture_is_added_on_a_page_and_served_so_that_nothing_in_it_runs(
    client: FlaskClient, ann: Agent
) -> None:
    sign_in(client, ann)
    sent = client.post("/articles/images", data={"image": (io.BytesIO(picture()), "tray.png")})
    assert sent.status_code == 201
    name = sent.get_json()["name"]
    assert sent.get_json()["markdown"] == f"![](image:{name})"
    shown = client.get(f"/articles/images/{name}")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in shown.headers["Cache-Control"]
    assert client.get(f"/help/images/{name}").status_code == 404
    refused = client.post("/articles/images", data={"image": (io.BytesIO(b"<svg/>"), "a.svg")})
    assert refused.status_code == 422
    assert client.post("/articles/images").status_code == 422
