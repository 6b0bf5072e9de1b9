"""One hard finding keeps a text inside on every path; the article's page and the API say what and where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kcs.articles import services as articles
from kcs.articles.importing import import_article
from kcs.articles.imports import import_lines
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.privacy.services import findings_for, mask_article
from tests.factories import make_agent, sign_in, token_for
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import Licence

HARD = "Ask somebody@customer.example for the file."
SOFT = "It was order number 4455667."
NOTES = "Called 030 23125 447."


def article_with(text: str, notes: str = "") -> Article:
    parts = {"issue": "Grey", "resolution": text, "notes": notes}
    article = import_article("Export", {name: each for name, each in parts.items() if each})
    db.session.commit()
    return article


def by_page(client: FlaskClient, texts: tuple[str, ...]) -> list[tuple[int, str]]:
    sign_in(client, make_agent(Licence.PUBLISHER))
    answers = [
        client.post(f"/articles/{article_with(text).key}/moves/publish", data={"audience": "public"})
        for text in texts
    ]
    return [(answer.status_code, unescape(answer.text)) for answer in answers]


def by_api(client: FlaskClient, texts: tuple[str, ...]) -> list[tuple[int, str]]:
    headers = token_for(make_agent(Licence.PUBLISHER))
    body = {"name": "publish", "audience": "customer"}
    answers = [
        client.post(f"/api/v1/articles/{article_with(text).key}/transitions", json=body, headers=headers)
        for text in texts
    ]
    return [(answer.status_code, answer.text) for answer in answers]


def by_import(_: FlaskClient, texts: tuple[str, ...]) -> list[tuple[int, str]]:
    lines = [json.dumps({"title": "Export", "body": text, "audience": "public"}) for text in texts]
    return [(422 if each.problem else 200, each.problem or "") for each in import_lines(lines)]


PATHS: dict[str, Callable[[FlaskClient, tuple[str, ...]], list[tuple[int, str]]]] = {
    "page": by_page,
    "api": by_api,
    "import": by_import,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_text_with_personal_data_goes_out_on_no_path(app: Flask, client: FlaskClient, path: str) -> None:
    hard, soft, clean = PATHS[path](client, (HARD, SOFT, "Allow pop-ups."))
    assert (hard[0], "somebody@customer.example" in hard[1]) == (422, True), hard
    assert (soft[0], "4455667" in soft[1]) == (422, True), soft
    assert clean[0] in (200, 303), clean
    live = db.session.execute(select(Article).where(Article.live_version_id.is_not(None))).scalars().all()
    assert [article.current_version.parts.get("resolution", "Allow pop-ups.") for article in live] == [
        "Allow pop-ups."
    ]


def test_saving_is_never_refused_and_the_page_shows_what_stands_where(
    app: Flask, client: FlaskClient
) -> None:
    article = article_with("Nothing")
    sign_in(client, make_agent())
    sent = {"title": "Export", "part-issue": "Grey", "part-resolution": f"{HARD}\n{SOFT}", "base": "1"}
    assert client.post(f"/articles/{article.key}/edit", data={**sent, "part-notes": NOTES}).status_code == 303
    page = client.get(f"/articles/{article.key}").text
    assert "These 2 values keep the article from going outside" in page
    assert "Ask <mark>somebody@customer.example</mark> for the file." in page
    assert re.search(r">Hard<.*>Soft<", page, re.DOTALL)
    assert "1 in a field for colleagues alone" in page
    assert "<mark>030 23125 447</mark>" in page
    assert 'data-key="q"' in page
    assert "It may go outside" not in page, "a contributor may not waive"
    assert "Personal data" not in client.get(f"/articles/{article_with('Allow pop-ups.').key}").text


def test_masking_and_waiving_on_the_page(app: Flask, client: FlaskClient) -> None:
    article = article_with(f"{HARD} {SOFT}")
    publisher = make_agent(Licence.PUBLISHER)
    sign_in(client, publisher)
    mask, waive = f"/articles/{article.key}/privacy/mask", f"/articles/{article.key}/privacy/waive"
    value = {"kind": "customer number", "value": "4455667"}
    assert "It may go outside" in client.get(f"/articles/{article.key}").text
    assert client.post(waive, data={**value, "reason": " "}).status_code == 422
    assert client.post(waive, data={**value, "reason": "a sample"}).status_code == 303
    assert client.post(mask, data={"base": "1"}).status_code == 303
    stale = client.post(mask, data={"base": "1", "value": "4455667"})
    assert (stale.status_code, "has changed since you looked" in unescape(stale.text)) == (409, True)
    present = get_article(article.key, publisher).current_version
    assert (present.number, present.part("resolution")) == (2, f"Ask [e-mail] for the file. {SOFT}")
    assert "1 may go outside" in client.get(f"/articles/{article.key}").text
    moved = client.post(f"/articles/{article.key}/moves/publish", data={"audience": "public"})
    assert moved.status_code == 303
    db.session.refresh(article)
    assert article.state is ArticleState.PUBLISHED


def test_the_api_lists_findings_and_takes_waivers(app: Flask, client: FlaskClient) -> None:
    article = article_with(f"{SOFT} Mail some**one**@customer.example")
    publisher, contributor = token_for(make_agent(Licence.PUBLISHER)), token_for(make_agent())
    address = f"/api/v1/articles/{article.key}"
    told = client.get(f"{address}/privacy", headers=contributor).get_json()
    assert told["version"] == 1
    assert [(each["kind"], each["severity"], each["value"], each["waived"]) for each in told["findings"]] == [
        ("customer number", "soft", "4455667", False),
        ("e-mail", "hard", "some**one**@customer.example", False),
    ]
    text = article.current_version.part("resolution")
    assert all(text[each["start"] : each["end"]] == each["value"] for each in told["findings"])
    body = {"kind": "customer number", "value": "4455667", "reason": "a sample"}
    assert client.post(f"{address}/waivers", json=body, headers=contributor).status_code == 403
    hard = {**body, "kind": "e-mail", "value": "someone@customer.example"}
    refused = client.post(f"{address}/waivers", json=hard, headers=publisher)
    assert (refused.status_code, refused.get_json()["errors"]) == (422, {"value": ["cannot be waived"]})
    made = client.post(f"{address}/waivers", json=body, headers=publisher)
    assert (made.status_code, made.get_json()["reason"]) == (201, "a sample")
    told = client.get(f"{address}/privacy", headers=contributor).get_json()
    assert [each["waived"] for each in told["findings"]] == [True, False]


def test_what_only_readers_see_has_no_place_in_the_markdown_and_blocks_all_the_same(app: Flask) -> None:
    article = article_with("some[one][1]@customer.example\n\n[1]: https://docs.example.com")
    publisher = make_agent(Licence.PUBLISHER)
    whole = findings_for(article, publisher)[-1]
    assert (whole.value, whole.start, whole.blocks) == ("one@customer.example", None, True)
    mask_article(article, by=publisher, base=1)
    with pytest.raises(InvalidInput):
        articles.move_article(article, Move.PUBLISH, by=publisher, audience=Audience.PUBLIC)
